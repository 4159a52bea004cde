-- The first schema. Columns bear the names of the REST API's fields; `revision` is the number of the write that made the row what it is.

CREATE TABLE revision (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  number       INTEGER NOT NULL CHECK (number > 0), -- of the stored state
  changed_at   INTEGER NOT NULL,                    -- seconds since the epoch, never falling (R12)
  created_at   INTEGER NOT NULL,                    -- seconds since the epoch
  commits      INTEGER NOT NULL DEFAULT 0           -- by manifests and callers: 0 means empty, to be seeded
) STRICT;
INSERT INTO revision (id, number, changed_at, created_at) VALUES (1, 1, unixepoch(), unixepoch());

-- /v1/cluster

CREATE TABLE settings (
  id                                       INTEGER PRIMARY KEY CHECK (id = 1),
  mtls_certificate_authentication          INTEGER NOT NULL DEFAULT 0 CHECK (mtls_certificate_authentication IN (0, 1)),
  mtls_client_cert_subject_validation_type TEXT NOT NULL DEFAULT 'disabled'
    CHECK (mtls_client_cert_subject_validation_type IN ('disabled', 'san_cn', 'full_subject')),
  min_control_TLS_version                  TEXT NOT NULL DEFAULT '1.2' CHECK (min_control_TLS_version IN ('1.2', '1.3')),
  control_cipher_suites                    TEXT NOT NULL DEFAULT 'DEFAULT:!3DES',
  created_time                             TEXT NOT NULL,
  inert                                    TEXT NOT NULL DEFAULT '', -- JSON, kept and returned
  origin                                   TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision                                 INTEGER NOT NULL
) STRICT;
INSERT INTO settings (id, created_time, origin, revision) VALUES (1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'builtin', 1);

CREATE TABLE authorized_subjects (
  position INTEGER PRIMARY KEY, -- in mtls_authorized_subjects, from 0
  CN       TEXT NOT NULL,
  O        TEXT NOT NULL,
  L        TEXT NOT NULL,
  ST       TEXT NOT NULL,
  C        TEXT NOT NULL
) STRICT;

CREATE TABLE authorized_subject_units (
  subject  INTEGER NOT NULL REFERENCES authorized_subjects (position) ON DELETE CASCADE,
  position INTEGER NOT NULL, -- in OU, from 0
  OU       TEXT NOT NULL,
  PRIMARY KEY (subject, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE certificates (
  name        TEXT PRIMARY KEY NOT NULL,
  certificate TEXT NOT NULL,    -- PEM
  key         TEXT NOT NULL,    -- PEM; empty for mtls_trusted_ca
  generated   INTEGER NOT NULL CHECK (generated IN (0, 1)),
  origin      TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision    INTEGER NOT NULL
) STRICT;

-- /v1/roles

CREATE TABLE roles (
  uid        INTEGER PRIMARY KEY AUTOINCREMENT CHECK (uid > 0),
  name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
  management TEXT NOT NULL CHECK (management IN
    ('none', 'db_viewer', 'db_member', 'cluster_viewer', 'cluster_member', 'user_manager', 'admin')),
  inert      TEXT NOT NULL DEFAULT '',
  origin     TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision   INTEGER NOT NULL
) STRICT;
INSERT INTO roles (uid, name, management, origin, revision) VALUES
  (1, 'Admin', 'admin', 'builtin', 1),
  (2, 'Cluster Member', 'cluster_member', 'builtin', 1),
  (3, 'Cluster Viewer', 'cluster_viewer', 'builtin', 1),
  (4, 'DB Member', 'db_member', 'builtin', 1),
  (5, 'DB Viewer', 'db_viewer', 'builtin', 1),
  (6, 'None', 'none', 'builtin', 1),
  (7, 'User Manager', 'user_manager', 'builtin', 1);

-- /v1/users

CREATE TABLE users (
  uid                      INTEGER PRIMARY KEY AUTOINCREMENT CHECK (uid > 0),
  name                     TEXT NOT NULL CHECK (name <> ''),
  email                    TEXT NOT NULL,
  auth_method              TEXT NOT NULL CHECK (auth_method IN ('regular', 'certificate')),
  certificate_subject_line TEXT NOT NULL,
  subject_key              BLOB UNIQUE, -- SHA-256 of the subject (R7); who has one comes in by certificate, and no one else does
  verifier                 TEXT,        -- PHC string
  password_issue_date      TEXT,
  status                   TEXT NOT NULL CHECK (status IN ('active', 'locked', 'password_expired')),
  inert                    TEXT NOT NULL DEFAULT '',
  origin                   TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision                 INTEGER NOT NULL,
  CHECK ((auth_method = 'certificate') = (subject_key IS NOT NULL)),
  CHECK (subject_key IS NULL OR (length(subject_key) = 32 AND subject_key <> zeroblob(32))),
  CHECK (auth_method <> 'certificate' OR verifier IS NULL), -- R4
  CHECK (verifier <> '')                                    -- none is NULL, never empty
) STRICT;

-- R8: what anyone logs in as, name or e-mail, stands here once, folded.
CREATE TABLE logins (
  folded   TEXT PRIMARY KEY NOT NULL,
  user_uid INTEGER NOT NULL REFERENCES users (uid) ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('name', 'email', 'both'))
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_of_user ON logins (user_uid);

CREATE TABLE user_roles (
  user_uid INTEGER NOT NULL REFERENCES users (uid) ON DELETE CASCADE,
  position INTEGER NOT NULL, -- in role_uids, from 0
  role_uid INTEGER NOT NULL REFERENCES roles (uid) ON DELETE RESTRICT,
  PRIMARY KEY (user_uid, position),
  UNIQUE (user_uid, role_uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX users_of_role ON user_roles (role_uid, user_uid);

-- Written at logins, outside any revision.
CREATE TABLE last_logins (
  user_uid   INTEGER PRIMARY KEY REFERENCES users (uid) ON DELETE CASCADE,
  last_login INTEGER NOT NULL -- seconds since the epoch
) STRICT;

-- R8: uids that were somebody's. AUTOINCREMENT never comes back to one; this refuses it to whoever asks for it by number.
CREATE TABLE retired_uids (
  kind TEXT NOT NULL CHECK (kind IN ('user', 'role')),
  uid  INTEGER NOT NULL,
  PRIMARY KEY (kind, uid)
) STRICT, WITHOUT ROWID;

-- R22: what REST took away, by every key that could bring it back. Empty: no such key.
CREATE TABLE holds (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('user', 'role', 'certificate', 'cluster')),
  name         TEXT NOT NULL,
  folded_name  TEXT NOT NULL,
  email        TEXT NOT NULL,
  folded_email TEXT NOT NULL,
  subject_key  TEXT NOT NULL, -- hex
  field        TEXT NOT NULL, -- empty: the whole row
  revision     INTEGER NOT NULL,
  who          TEXT NOT NULL
) STRICT;
CREATE INDEX holds_by_name ON holds (kind, folded_name);
CREATE INDEX holds_by_email ON holds (kind, folded_email);
CREATE INDEX holds_by_subject ON holds (kind, subject_key);
