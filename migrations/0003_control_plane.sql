-- The control plane: rules of passwords and logins, tokens, what manifests own, and the record of what was done.

ALTER TABLE settings ADD COLUMN control_plane_basic_authentication INTEGER NOT NULL DEFAULT 1 CHECK (control_plane_basic_authentication IN (0, 1));
ALTER TABLE settings ADD COLUMN password_complexity INTEGER NOT NULL DEFAULT 0 CHECK (password_complexity IN (0, 1));
ALTER TABLE settings ADD COLUMN password_min_length INTEGER NOT NULL DEFAULT 8 CHECK (password_min_length BETWEEN 8 AND 256);
ALTER TABLE settings ADD COLUMN password_expiration_duration INTEGER NOT NULL DEFAULT 0 CHECK (password_expiration_duration >= 0); -- days

-- /v1/cluster/policy

CREATE TABLE cluster_policy (
  id                                INTEGER PRIMARY KEY CHECK (id = 1),
  login_lockout_threshold           INTEGER NOT NULL DEFAULT 5 CHECK (login_lockout_threshold >= 0),
  login_lockout_counter_reset_after INTEGER NOT NULL DEFAULT 900 CHECK (login_lockout_counter_reset_after >= 0), -- seconds
  login_lockout_duration            INTEGER NOT NULL DEFAULT 1800 CHECK (login_lockout_duration >= 0),           -- seconds
  inert                             TEXT NOT NULL DEFAULT '',
  origin                            TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision                          INTEGER NOT NULL
) STRICT;
INSERT INTO cluster_policy (id, origin, revision) VALUES (1, 'builtin', (SELECT number FROM revision));

-- Passwords. `users.verifier` holds all that are valid now, one a line; here are those that were valid before, the newest first.

ALTER TABLE users ADD COLUMN former_verifiers TEXT NOT NULL DEFAULT '';

-- Failed password logins, of a user from one network ('' for the user from anywhere). Written outside any revision.
CREATE TABLE login_failures (
  user_uid     INTEGER NOT NULL REFERENCES users (uid) ON DELETE CASCADE,
  network      TEXT NOT NULL,
  failures     INTEGER NOT NULL,
  last_failure INTEGER NOT NULL, -- seconds since the epoch
  locked_until INTEGER NOT NULL, -- seconds since the epoch; 0: not locked
  PRIMARY KEY (user_uid, network)
) STRICT, WITHOUT ROWID;

-- Secrets of the cluster's own: what signs tokens, what digests a manifest's secrets.
CREATE TABLE keys (
  name  TEXT PRIMARY KEY NOT NULL,
  value BLOB NOT NULL CHECK (length(value) >= 32)
) STRICT;

-- A database's own certificate, and the passwords of its default user.

CREATE TABLE database_certificates (
  bdb         INTEGER PRIMARY KEY REFERENCES databases (uid) ON DELETE CASCADE,
  certificate TEXT NOT NULL CHECK (certificate <> ''), -- PEM
  key         TEXT NOT NULL CHECK (key <> '')          -- PEM
) STRICT;

CREATE TABLE database_passwords (
  bdb       INTEGER PRIMARY KEY REFERENCES databases (uid) ON DELETE CASCADE,
  verifiers TEXT NOT NULL CHECK (verifiers <> ''), -- PHC strings, one a line
  revision  INTEGER NOT NULL
) STRICT;

-- What a manifest wrote last, and at which revision: a row that was written later has drifted.
CREATE TABLE manifest_rows (
  kind     TEXT NOT NULL CHECK (kind IN ('cluster', 'cluster_policy', 'certificate', 'role', 'redis_acl', 'bdb', 'user')),
  key      TEXT NOT NULL, -- the uid; of a certificate its name; of the others ''
  revision INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- What manifests own already, as if written as it is now: whether REST has changed it since is not known.
INSERT INTO manifest_rows (kind, key, revision)
  SELECT 'cluster', '', revision FROM settings WHERE origin = 'manifest'
  UNION ALL SELECT 'certificate', name, revision FROM certificates WHERE origin = 'manifest'
  UNION ALL SELECT 'role', CAST(uid AS TEXT), revision FROM roles WHERE origin = 'manifest'
  UNION ALL SELECT 'redis_acl', CAST(uid AS TEXT), revision FROM redis_acls WHERE origin = 'manifest'
  UNION ALL SELECT 'bdb', CAST(uid AS TEXT), revision FROM databases WHERE origin = 'manifest'
  UNION ALL SELECT 'user', CAST(uid AS TEXT), revision FROM users WHERE origin = 'manifest';

-- HMAC of each secret that a manifest brought: tells that it changed without hashing it again.
CREATE TABLE manifest_secrets (
  kind   TEXT NOT NULL CHECK (kind IN ('certificate', 'user', 'bdb')),
  key    TEXT NOT NULL,
  field  TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (kind, key, field)
) STRICT, WITHOUT ROWID;

-- What was done and decided, for /v1/logs. Written with the change itself.
CREATE TABLE audit (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  time        INTEGER NOT NULL, -- seconds since the epoch
  type        TEXT NOT NULL,    -- 'user_created'
  severity    TEXT NOT NULL CHECK (severity IN ('INFO', 'WARNING', 'ERROR')),
  who         TEXT NOT NULL,
  peer        TEXT NOT NULL,    -- where it came from; '' for a start
  kind        TEXT NOT NULL,    -- of the object; '' where there is none
  uid         INTEGER NOT NULL, -- 0: none
  name        TEXT NOT NULL,
  fields      TEXT NOT NULL,    -- names, one a line; never values
  revision    INTEGER NOT NULL, -- 0: none was made
  description TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (time, id);

-- One more kind of thing that REST takes away.

CREATE TABLE new_holds (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('user', 'role', 'certificate', 'cluster', 'cluster_policy', 'redis_acl', 'bdb')),
  name         TEXT NOT NULL,
  folded_name  TEXT NOT NULL,
  email        TEXT NOT NULL,
  folded_email TEXT NOT NULL,
  subject_key  TEXT NOT NULL, -- hex
  field        TEXT NOT NULL, -- empty: the whole row
  revision     INTEGER NOT NULL,
  who          TEXT NOT NULL
) STRICT;
INSERT INTO new_holds (id, kind, name, folded_name, email, folded_email, subject_key, field, revision, who)
  SELECT id, kind, name, folded_name, email, folded_email, subject_key, field, revision, who FROM holds;
DROP TABLE holds;
ALTER TABLE new_holds RENAME TO holds;
CREATE INDEX holds_by_name ON holds (kind, folded_name);
CREATE INDEX holds_by_email ON holds (kind, folded_email);
CREATE INDEX holds_by_subject ON holds (kind, subject_key);
