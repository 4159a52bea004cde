/* plugin_abi.h 0.1: the whole contract between Gatehouse and a plugin.
 * C11 and C++20; needs <stddef.h> and <stdint.h> only.
 *
 * INSIDE. Plugin code runs only inside a call from the host, and makes no thread. A host function works only
 * inside a call that its first argument belongs to, on that call's thread; anywhere else it answers GH_GONE,
 * which is a fault. A plugin therefore cannot be late.
 *
 * ONE CALL. The calls of one session come from one thread, one at a time, never nested: no host function
 * calls a plugin. What a host function causes comes after the present call has returned. Other sessions of
 * the instance, and verify, run in parallel.
 *
 * BORROWED. A pointer lives as long as the call that passes it, in either direction. Who needs the bytes
 * longer, copies them. Nobody frees what the other made.
 *
 * TOKENS. A request that takes a token answers GH_OK, and then exactly one completion carries that token:
 * for a refusal, an overload and a time-out too. Any other status is the caller's mistake, a fault, and
 * brings no completion. The end of a session drops what is pending.
 *
 * SIZES. Structs and tables begin with `size`, set by whoever fills them in (in out-parameters by the
 * caller), and grow at their end only. A reader copies the smaller of both sizes into a zeroed struct of its
 * own. An array of structs comes with the size of one element.
 *
 * MARKS. The host feeds a session only while the queues it writes to are below their marks, so back-pressure
 * needs no code. Only a plugin that makes bytes from nothing looks at GH_FULL (these bytes were taken; stop
 * here) and goes on at GH_EVENT_ROOM.
 *
 * FAULTS. Whatever this file does not allow (a value it does not name, more consumed than given, HOLD with
 * nothing to wait for, a limit passed) ends that session, or refuses that login; is logged with the plugin's
 * name; never lets anyone in.
 */
#ifndef GATEHOUSE_SDK_PLUGIN_ABI_H
#define GATEHOUSE_SDK_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define GH_EXPORT __attribute__((visibility("default")))
#else
#define GH_EXPORT
#endif

#ifdef __cplusplus
#define GH_NOEXCEPT noexcept /* part of the pointer's type: a function that may throw does not fit */
extern "C" {
#else
#define GH_NOEXCEPT
#endif

/* Major must be equal. While it is 0, minor too; from 1.0 on a plugin's minor must not be above the host's.
 */
#define GH_ABI_MAJOR 0u
#define GH_ABI_MINOR 1u

/* Bytes, or UTF-8 text; no NUL at the end. size 0: data may be NULL. Frozen: never grows. */
typedef struct gh_bytes {
  const char* data;
  size_t size;
} gh_bytes;

typedef struct gh_instance gh_instance;         /* the plugin's own, one for each configured use */
typedef struct gh_conversation gh_conversation; /* the plugin's own, one for each session */

typedef uint64_t gh_self;     /* the host's name for an instance, from configure on; never used again */
typedef uint64_t gh_session;  /* the host's name for a session; never used again */
typedef uint64_t gh_view;     /* the user directory as it stands; lives inside one verify */
typedef uint64_t gh_identity; /* lives in one session, until forgotten */
typedef uint64_t gh_link; /* lives in one session, until closed or until the feed of its end has returned */
typedef uint64_t gh_op;   /* lives in one session, until dropped or until its last piece was given */

enum { /* a status, uint32_t */
       GH_OK = 0,
       GH_FULL = 1,
       GH_GONE = 2,
       GH_INVALID = 3,
       GH_DENIED = 4,
       GH_NOT_FOUND = 5,
       GH_LIMIT = 6,
       GH_UNAVAILABLE = 7,
       GH_UNSUPPORTED = 8,
       GH_FAILED = 9,
       GH_REFUSED = 10 /* known, and not allowed here: final for the connection (R3) */
};

#define GH_LENGTH_UNKNOWN UINT64_MAX
/* A question, not a fact: "whom does this connection prove?" It is asked anew at every use. */
#define GH_IDENTITY_CONNECTION UINT64_C(0)
/* Nobody, whoever the connection belongs to: an operation answers 401, a login must fail. */
#define GH_IDENTITY_NOBODY UINT64_MAX

/* ---- authenticators: evidence in, verdict out
 * ------------------------------------------------------------------------------- */

enum { /* kinds of evidence; certificate and local come from the host alone */
       GH_EVIDENCE_PASSWORD = 1,
       GH_EVIDENCE_TOKEN = 2,
       GH_EVIDENCE_CERTIFICATE = 3,
       GH_EVIDENCE_LOCAL = 4
};
enum { /* where verify and enroll run; only on io may they block, until the evidence's deadline. 0.1 has loop
          and cpu */
       GH_RUNS_ON_LOOP = 1,
       GH_RUNS_ON_CPU = 2,
       GH_RUNS_ON_IO = 3
};
enum {                    /* by what a user is looked up */
       GH_KEY_LOGIN = 1,  /* name or e-mail */
       GH_KEY_SUBJECT = 2 /* subject key, as evidence carries it */
};
enum { /* NEXT and UNKNOWN ask the next authenticator; everything else ends the chain; 0 and unnamed values
          refuse */
       GH_VERDICT_ACCEPT = 1,
       GH_VERDICT_NEXT = 2,     /* not mine */
       GH_VERDICT_UNKNOWN = 3,  /* mine to know, but there is no such user */
       GH_VERDICT_MISMATCH = 4, /* a known user, and the proof is wrong */
       GH_VERDICT_DISABLED = 5,
       GH_VERDICT_EXPIRED = 6,
       GH_VERDICT_FAILURE = 7 /* could not find out */
};

typedef struct gh_evidence {
  uint32_t size, kind;
  gh_bytes login, secret; /* password: both; token: secret */
  gh_bytes subject_key;   /* certificate, verified by the host: the key of its subject... */
  gh_bytes leaf;          /* ...its DER... */
  gh_bytes issuer_key;    /* ...SHA-256 of its issuer's public key */
  uint64_t deadline;      /* ms of GH_CLOCK_STEADY; a later verdict is dropped. Set by the host, 0 in `ask` */
} gh_evidence;

typedef struct gh_user { /* out */
  uint32_t size, reserved;
  uint64_t user;   /* means something in this view only */
  gh_bytes method; /* auth_method */
  /* What enroll made: one for each password that is valid, a line each (a line feed between two); or empty.
   * The secret of any one proves the user. Both live until verify returns. */
  gh_bytes verifier;
} gh_user;

typedef struct gh_proposal { /* out */
  uint32_t size, reserved;
  uint64_t user; /* one that lookup gave in this view */
} gh_proposal;

typedef struct gh_authenticator {
  uint32_t size, runs_on;
  const uint32_t* kinds;      /* the evidence it reads; at least one */
  const char* const* methods; /* the auth_method values it serves; an ACCEPT of any other user is a fault */
  uint32_t kind_count, method_count;
  /* -> a verdict. ACCEPT is a proposal: the host reads the user again and decides. */
  uint32_t (*verify)(const gh_instance*, gh_view, const gh_evidence*, gh_proposal*) GH_NOEXCEPT;
  /* Makes the verifier of a new secret, at most `capacity` bytes of printable text. OK; INVALID: no such
   * secret is allowed; LIMIT: secret too long; UNSUPPORTED: not this method; FAILED. NULL: this plugin enrols
   * nothing. */
  uint32_t (*enroll)(const gh_instance*, gh_bytes method, gh_bytes secret, char* out, size_t capacity,
                     size_t* used) GH_NOEXCEPT;
} gh_authenticator;

/* ---- protocols: bytes in, bytes out
 * ----------------------------------------------------------------------------------------- */

enum { /* flow: what every call of a conversation answers. It is about the client's bytes, and holds until the
          next answer */
       GH_FLOW_SAME = 0, /* as before; after open: NEXT */
       GH_FLOW_NEXT = 1, /* feed me; I stand between messages: the idle limit counts, a drain may close */
       GH_FLOW_MORE = 2, /* feed me; I stand inside a message: ceiling and minimum rate count. Left-over bytes
                            mean this too */
       GH_FLOW_HOLD = 3, /* do not feed me; a completion or a link's feed still to come will
                            answer NEXT or MORE */
       GH_FLOW_CLOSE = 4, /* close is called at once, then what was emitted is flushed */
       GH_FLOW_ABORT = 5  /* the same without the flush */
};
enum { /* what stands behind GH_IDENTITY_CONNECTION when the session opens */
       GH_PROOF_NONE = 0,
       GH_PROOF_CERTIFICATE = 1,
       GH_PROOF_LOCAL = 2,
       GH_PROOF_DEFAULT = 3, /* nobody; the database's default user until a login is tried */
       GH_PROOF_REFUSED = 4  /* it showed a certificate that gives nothing here: say so once, and close */
};
enum {                     /* events; answer SAME to one that you do not know */
       GH_EVENT_DRAIN = 1, /* finish what is at hand; nothing new */
       GH_EVENT_ROOM = 2   /* the queue that was FULL is below its mark */
};
enum { /* why close is called */
       GH_CLOSED_BY_PLUGIN = 1,
       GH_CLOSED_BY_PEER = 2,
       GH_CLOSED_BY_DEADLINE = 3,
       GH_CLOSED_BY_DRAIN = 4,
       GH_CLOSED_BY_POLICY = 5,
       GH_CLOSED_BY_FAULT = 6,
       GH_CLOSED_BY_HOST = 7
};
#define GH_SOURCE_CLIENT UINT64_C(0) /* else a link's handle */

typedef struct gh_peer {
  uint32_t size, proof;
  gh_bytes address, local;      /* "192.0.2.1:5000", "[::1]:5000", "unix" */
  gh_bytes listener, sni, alpn; /* the listener's name; empty where there is none */
  uint32_t tls;                 /* 0x0303, 0x0304; 0: none */
  uint32_t input_limit;         /* so many bytes may be left unconsumed */
  uint64_t database, node;      /* 0: none */
} gh_peer;

typedef struct gh_field {
  gh_bytes name, value;
} gh_field;

typedef struct gh_completion {
  uint32_t size;
  uint32_t status;     /* OK; DENIED; REFUSED; UNAVAILABLE: overload, failure, time-out, engine down; LIMIT;
                          UNSUPPORTED */
  uint64_t token;      /* of the request */
  uint64_t handle;     /* of ask: an identity; of open: a link */
  uint32_t code, last; /* of end: the HTTP status; of pull: 1 with the last piece */
  const gh_field* fields; /* of end: header fields */
  uint32_t field_count, field_size;
  uint64_t length; /* of end: the body's, or GH_LENGTH_UNKNOWN */
  gh_bytes piece;  /* of pull */
} gh_completion;

typedef struct gh_protocol {
  uint32_t size, reserved;
  /* May already emit, ask and open links. *out left NULL, with CLOSE or ABORT: there is no conversation, and
   * close is not called. */
  uint32_t (*open)(gh_instance*, gh_session, const gh_peer*, gh_conversation** out) GH_NOEXCEPT;
  /* `in` is one piece, bytes left over before come first. What is left comes again: at once if any were
   * consumed, else with the next byte or after any other call. last: no byte follows these; it is said again
   * where left-over bytes of the end come again. Once these are consumed, or none of them is, NEXT and MORE
   * mean CLOSE. source: the client, or an INSPECTED link. Of a TRANSPARENT link only its end is fed, after
   * all its bytes have gone to the client: size 0, last. A link's handle is dead once the feed of its end has
   * returned. */
  uint32_t (*feed)(gh_conversation*, uint64_t source, gh_bytes in, uint32_t last,
                   size_t* consumed) GH_NOEXCEPT;
  uint32_t (*completed)(gh_conversation*, const gh_completion*) GH_NOEXCEPT;
  uint32_t (*event)(gh_conversation*, uint32_t event) GH_NOEXCEPT;
  /* Once for each conversation; frees it. May emit last words, and log. */
  void (*close)(gh_conversation*, uint32_t reason) GH_NOEXCEPT;
} gh_protocol;

/* ---- services: tables found by name and version. A table grows at its end; a changed meaning is a new
 * version beside the old --- */

enum { GH_LOG_ERROR = 1, GH_LOG_WARNING = 2, GH_LOG_INFO = 3, GH_LOG_DEBUG = 4 };
enum { GH_CLOCK_STEADY = 1, GH_CLOCK_WALL = 2 }; /* milliseconds */

#define GH_CORE "gatehouse.core"
typedef struct gh_core { /* version 1: everyone */
  uint32_t size, version;
  void (*log)(gh_self, uint32_t level,
              gh_bytes text) GH_NOEXCEPT; /* never reaches a peer; the host adds plugin and session */
  uint64_t (*clock)(gh_self, uint32_t which) GH_NOEXCEPT;
  void (*count)(gh_self, gh_bytes name, uint64_t add) GH_NOEXCEPT; /* name: [a-z0-9_]{1,64} */
  uint32_t (*emit)(gh_session,
                   gh_bytes) GH_NOEXCEPT; /* to the client, copied: OK or FULL; LIMIT is a fault */
} gh_core;

#define GH_AUTHENTICATE "gatehouse.authenticate"
typedef struct gh_authenticate { /* version 1: protocols */
  uint32_t size, version;
  /* Password or token, copied; a token is the host's own to verify, at most 4096 bytes. Its completion: OK
   * with an identity, at a database's listener already
   * projected there; DENIED without a reason; REFUSED: the login was right, and its user may not be here;
   * UNAVAILABLE. */
  uint32_t (*ask)(gh_session, const gh_evidence*, uint64_t token) GH_NOEXCEPT;
  uint32_t (*forget)(gh_session, gh_identity) GH_NOEXCEPT;
} gh_authenticate;

#define GH_DIRECTORY "gatehouse.directory"
typedef struct gh_directory { /* version 1: authenticators, inside verify */
  uint32_t size, version;
  uint32_t (*lookup)(gh_view, uint32_t key_kind, gh_bytes key,
                     gh_user* out) GH_NOEXCEPT; /* OK, NOT_FOUND, UNSUPPORTED, UNAVAILABLE */
} gh_directory;

#define GH_MANAGE "gatehouse.manage"
typedef struct gh_request {
  uint32_t size, reserved;
  gh_bytes method, path, query;
  const gh_field* fields;
  uint32_t field_count, field_size;
  uint64_t length; /* the body's, or GH_LENGTH_UNKNOWN; 0: there is none */
} gh_request;
typedef struct gh_admission { /* out */
  uint32_t size, want_body;
  gh_op op;
  uint64_t limit; /* bytes of body that are taken */
} gh_admission;
typedef struct gh_manage { /* version 1: protocols */
  uint32_t size, version;
  /* Judges identity, route and length. A refusal is an operation too: it wants no body, and its answer is the
   * refusal. */
  uint32_t (*begin)(gh_session, gh_identity, const gh_request*, gh_admission*) GH_NOEXCEPT;
  uint32_t (*body)(gh_session, gh_op,
                   gh_bytes) GH_NOEXCEPT; /* OK, FULL; LIMIT, DENIED: send no more, the answer says why */
  uint32_t (*end)(gh_session, gh_op,
                  uint64_t token) GH_NOEXCEPT; /* -> the answer's head. A body short of `length` is refused */
  uint32_t (*pull)(gh_session, gh_op,
                   uint64_t token) GH_NOEXCEPT; /* -> one piece, once the client's queue is below its mark */
  uint32_t (*drop)(gh_session, gh_op) GH_NOEXCEPT; /* what was committed stays */
} gh_manage;

#define GH_ENGINE "gatehouse.engine"
enum { /* share */
       GH_LINK_OWN = 1,
       GH_LINK_SHARED = 2 /* UNSUPPORTED in version 1 */
};
enum {                          /* modes of a link, from the next byte that the host takes from it */
       GH_LINK_TRANSPARENT = 1, /* the host passes the engine's bytes to the client itself */
       GH_LINK_INSPECTED = 2    /* they are fed to the conversation, with the link as their source */
};
typedef struct gh_engine { /* version 1: protocols, at a database's listener */
  uint32_t size, version;
  /* -> handle: a link to the database's engine, logged in there as that identity, TRANSPARENT. DENIED:
   * nobody, or not at this database; final for the connection (R3). UNAVAILABLE: the engine is down, starting
   * or loading: ask again with the next command. node 0: any. */
  uint32_t (*open)(gh_session, gh_identity, uint32_t share, uint64_t node, uint64_t token) GH_NOEXCEPT;
  /* Copied: OK or FULL; LIMIT is a fault. flags 0 on OWN. To a link that has ended: OK, the bytes go nowhere.
   */
  uint32_t (*send)(gh_session, gh_link, gh_bytes, uint32_t flags) GH_NOEXCEPT;
  /* Writes two bulk strings, user and secret, into the command that is being sent; no plugin ever sees them.
   * For NOBODY, for CONNECTION, and for an identity that no longer stands, two that must fail. From here on
   * the session answers for that identity (R15). */
  uint32_t (*login)(gh_session, gh_link, gh_identity) GH_NOEXCEPT;
  uint32_t (*mode)(gh_session, gh_link, uint32_t mode) GH_NOEXCEPT;
  uint32_t (*close)(gh_session, gh_link) GH_NOEXCEPT;
} gh_engine;

/* ---- settings, the descriptor, the one exported symbol
 * ---------------------------------------------------------------------- */

enum { /* types; a list is one of text */
       GH_SETTING_BOOL = 1,
       GH_SETTING_INT = 2,
       GH_SETTING_TEXT = 3,
       GH_SETTING_LIST = 4,
       GH_SETTING_SECRET = 5
};
typedef struct gh_setting {
  const char* name;     /* [a-z][a-z0-9_]* */
  const char* preset;   /* as one writes it in YAML; NULL: the setting must be given */
  const char* unit;     /* "bytes", "ms"; NULL: none */
  const char* sentence; /* what it is for */
  uint32_t type, reserved;
  int64_t min, max; /* of an int; of the length of the others; both 0: no limits */
} gh_setting;
typedef struct gh_value {
  uint32_t type, given; /* given 0: the preset */
  int64_t number;       /* int; bool as 0 and 1 */
  gh_bytes text;        /* text, secret */
  const gh_bytes* items;
  size_t item_count;
} gh_value;
typedef struct gh_need {
  const char* service;
  uint32_t version, optional;
} gh_need;

typedef struct gh_host {
  uint32_t size, abi_major, abi_minor, reserved;
  /* A table that lives as long as the host; NULL: not here, or not declared among `needs`. */
  const void* (*service)(gh_self, const char* name, uint32_t version)GH_NOEXCEPT;
  /* Inside configure, as often as needed; the host adds file, line and column. setting NULL: none in
   * particular. */
  void (*problem)(gh_self, const char* setting, gh_bytes text) GH_NOEXCEPT;
} gh_host;

typedef struct gh_plugin { /* size, abi_major, abi_minor: frozen, read before anything else */
  uint32_t size, abi_major, abi_minor, reserved;
  const char *name, *version, *summary; /* name: [a-z][a-z0-9_]*, the file's name without .so */
  const gh_need* needs;                 /* every service that it will look for */
  const gh_setting* settings;
  uint32_t need_count, need_size, setting_count, setting_size;
  /* values[i] belongs to settings[i]: checked, presets filled in. No side effect: a dry check calls it too.
   * Returns NULL where it cannot run, after saying why by `problem`. */
  gh_instance* (*configure)(const gh_host*, gh_self, const gh_value* values, uint32_t count,
                            uint32_t value_size)GH_NOEXCEPT;
  uint32_t (*start)(gh_instance*) GH_NOEXCEPT; /* once, before any session or verify; -> status. Or NULL */
  void (*stop)(gh_instance*)
      GH_NOEXCEPT; /* once, started or not, after the last session and verify; frees it */
  const gh_authenticator* authenticator; /* exactly one of these two */
  const gh_protocol* protocol;
} gh_plugin;

/* No side effect. NULL: the plugin declines such a host. */
typedef const gh_plugin* (*gh_plugin_entry_fn)(uint32_t host_major, uint32_t host_minor)GH_NOEXCEPT;
GH_EXPORT const gh_plugin* gh_plugin_entry(uint32_t host_major, uint32_t host_minor) GH_NOEXCEPT;
#define GH_PLUGIN_ENTRY "gh_plugin_entry"

#ifdef __cplusplus
}
#endif
#endif
