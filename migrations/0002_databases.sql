-- Redis databases, and the ACLs that they give to roles.

ALTER TABLE settings ADD COLUMN min_data_TLS_version TEXT NOT NULL DEFAULT '1.2' CHECK (min_data_TLS_version IN ('1.2', '1.3'));

-- /v1/redis_acls

CREATE TABLE redis_acls (
  uid      INTEGER PRIMARY KEY AUTOINCREMENT CHECK (uid > 0),
  name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
  acl      TEXT NOT NULL,
  inert    TEXT NOT NULL DEFAULT '', -- JSON, kept and returned
  origin   TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO redis_acls (uid, name, acl, origin, revision) VALUES
  (1, 'Full Access', '+@all ~*', 'builtin', (SELECT number FROM revision)),
  (2, 'Read Only', '+@read ~*', 'builtin', (SELECT number FROM revision)),
  (3, 'Not Dangerous', '+@all -@dangerous ~*', 'builtin', (SELECT number FROM revision));

-- /v1/bdbs

CREATE TABLE databases (
  uid                                 INTEGER PRIMARY KEY AUTOINCREMENT CHECK (uid > 0),
  name                                TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
  port                                INTEGER NOT NULL UNIQUE CHECK (port BETWEEN 1 AND 65535),
  memory_size                         INTEGER NOT NULL CHECK (memory_size > 0), -- bytes
  tls_mode                            TEXT NOT NULL CHECK (tls_mode IN ('enabled', 'disabled')),
  enforce_client_authentication       TEXT NOT NULL CHECK (enforce_client_authentication IN ('enabled', 'disabled')),
  has_client_certs                    INTEGER NOT NULL CHECK (has_client_certs IN (0, 1)), -- R9: 1 with no row in
                                        -- database_client_certs is an empty list (nobody); 0 is none (mtls_trusted_ca)
  client_cert_subject_validation_type TEXT NOT NULL CHECK (client_cert_subject_validation_type IN ('disabled', 'san_cn', 'full_subject')),
  mtls_allow_outdated_certs           INTEGER NOT NULL CHECK (mtls_allow_outdated_certs IN (0, 1)),
  default_user                        INTEGER NOT NULL CHECK (default_user IN (0, 1)),
  data_persistence                    TEXT NOT NULL CHECK (data_persistence IN ('aof', 'snapshot', 'disabled')),
  aof_policy                          TEXT NOT NULL CHECK (aof_policy IN ('appendfsync-every-sec', 'appendfsync-always')),
  eviction_policy                     TEXT NOT NULL CHECK (eviction_policy IN ('volatile-lru', 'noeviction', 'allkeys-lru',
    'allkeys-lfu', 'allkeys-random', 'volatile-lfu', 'volatile-random', 'volatile-ttl')),
  created_time                        TEXT NOT NULL,
  last_changed_time                   TEXT NOT NULL,
  engine_id                           TEXT NOT NULL UNIQUE CHECK (engine_id <> ''), -- names the directory of its files
  action_uid                          TEXT NOT NULL,             -- of the last change
  inert                               TEXT NOT NULL DEFAULT '',
  origin                              TEXT NOT NULL CHECK (origin IN ('builtin', 'manifest', 'api')),
  revision                            INTEGER NOT NULL
) STRICT;

CREATE TABLE database_client_certs (
  bdb         INTEGER NOT NULL REFERENCES databases (uid) ON DELETE CASCADE,
  position    INTEGER NOT NULL, -- in authentication_ssl_client_certs, from 0
  client_cert TEXT NOT NULL,    -- PEM
  PRIMARY KEY (bdb, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE database_authorized_subjects (
  bdb      INTEGER NOT NULL REFERENCES databases (uid) ON DELETE CASCADE,
  position INTEGER NOT NULL, -- in authorized_subjects, from 0
  CN       TEXT NOT NULL,
  O        TEXT NOT NULL,
  L        TEXT NOT NULL,
  ST       TEXT NOT NULL,
  C        TEXT NOT NULL,
  PRIMARY KEY (bdb, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE database_authorized_subject_units (
  bdb      INTEGER NOT NULL,
  subject  INTEGER NOT NULL,
  position INTEGER NOT NULL, -- in OU, from 0
  OU       TEXT NOT NULL,
  PRIMARY KEY (bdb, subject, position),
  FOREIGN KEY (bdb, subject) REFERENCES database_authorized_subjects (bdb, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE roles_permissions (
  bdb           INTEGER NOT NULL REFERENCES databases (uid) ON DELETE CASCADE,
  position      INTEGER NOT NULL, -- in roles_permissions, rising
  role_uid      INTEGER NOT NULL REFERENCES roles (uid) ON DELETE RESTRICT,
  redis_acl_uid INTEGER NOT NULL REFERENCES redis_acls (uid) ON DELETE RESTRICT,
  PRIMARY KEY (bdb, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX databases_of_role ON roles_permissions (role_uid, bdb);
CREATE INDEX databases_of_redis_acl ON roles_permissions (redis_acl_uid, bdb);

-- Two more kinds of things that have uids, and that REST takes away.

CREATE TABLE new_retired_uids (
  kind TEXT NOT NULL CHECK (kind IN ('user', 'role', 'redis_acl', 'bdb')),
  uid  INTEGER NOT NULL,
  PRIMARY KEY (kind, uid)
) STRICT, WITHOUT ROWID;
INSERT INTO new_retired_uids (kind, uid) SELECT kind, uid FROM retired_uids;
DROP TABLE retired_uids;
ALTER TABLE new_retired_uids RENAME TO retired_uids;

CREATE TABLE new_holds (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('user', 'role', 'certificate', 'cluster', 'redis_acl', 'bdb')),
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
