/*
 * cluster_int.h: what the files of this room share. One struct cluster owns everything: the HTTP
 * client, the credentials, the queue of short requests, the table of kinds, the store and one
 * watcher for each kind that is held. Nothing outside engine/cluster includes it.
 *
 * Ending while a callback runs: every entry from the loop is framed by cluster_enter and
 * cluster_leave; cluster_close and cluster_drop_kind stop what runs at once, and the memory that
 * frames on the stack still use goes when the outermost one leaves.
 */
#ifndef RK_CLUSTER_INT_H
#define RK_CLUSTER_INT_H

#include "cluster/cluster.h"
#include "net/net.h"
#include "reckon/map.h"

#define STATUS_CONFLICTS_MAX ((size_t)1000)

/* ---- json.c: members of a JSON object without parsing it ---- */
struct json_member {
    rk_str key, value; /* raw; key without its quotes */
};
struct json_members {
    const char *p, *end;
    bool bad, begun;
};
void json_members_init(struct json_members *m, rk_str object);
/* false at the end or when the text is none (then bad is set). */
bool json_member_next(struct json_members *m, struct json_member *out);
rk_str json_member_find(rk_str object, const char *key);
rk_str json_unquote(rk_str value); /* of a string without escapes; else none */

/* ---- strip.c ---- */
/*
 * The object's text without what nobody reads, kind and apiVersion put in when they are missing.
 * *managed is the value of managedFields, a view into json. false: not an object.
 */
bool strip_object(rk_str json, const char *kind, const char *api_version, struct rk_buf *out,
                  rk_str *managed);

/* ---- pack.c ---- */
struct pool;
struct pool *pool_new(void) RK_MUST_CHECK;
struct pool *pool_ref(struct pool *p);
void pool_unref(struct pool *p);
struct doc_node *pack_copy(struct pool *pool, struct rk_arena *a, const struct doc_node *root);

/* ---- object.c ---- */
/* kind and version fill what list items leave out; NULL: the text says it. One reference. */
int object_read(struct cluster *c, rk_str json, const struct cluster_kind *kind,
                struct cluster_object **out, struct rk_err *err) RK_MUST_CHECK;
/* <0, 0, >0; *known is false when they cannot be ordered. */
int object_version_cmp(rk_str a, rk_str b, bool *known);

/* ---- status.c: what a server says when it refuses ---- */
struct status {
    int code;
    rk_str reason, message;
    int64_t retry_after_ms; /* details.retryAfterSeconds; -1: none */
    bool is_status;         /* the body was a Status, not a proxy's page */
    bool malformed;         /* what was sent is wrong, whatever the code says */
    bool too_large_version; /* cause ResourceVersionTooLarge */
    struct cluster_field_conflict *conflicts;
    size_t n_conflicts;
    const struct doc_node *doc;
};
/* Never fails: a body that is no Status gives the code's usual reason. */
void status_read(struct rk_arena *a, int code, rk_str content_type, rk_str body,
                 struct status *out);
enum rk_code status_code(const struct status *s);
int status_fail(struct rk_err *err, const struct status *s, bool secret);
/* The texts of Warning headers, one a line; NULL when there is none. */
const char *status_warning(struct rk_arena *a, rk_str headers);

/* ---- retry.c ---- */
struct retry_case {
    const struct status *status;    /* NULL: no answer came */
    const struct rk_err *transport; /* with status NULL */
    int64_t header_ms;              /* Retry-After, -1: none */
    unsigned tries;                 /* already done, >= 1 */
};
/* ms until the next try; -1: final. */
int64_t retry_after(const struct retry_case *k, uint64_t *random);
uint64_t retry_random(uint64_t *state);
/* Uniform in [ms, 2 ms). */
uint64_t retry_jitter(uint64_t ms, uint64_t *random);

/* ---- auth.c, config_exec.c ---- */
struct exec_answer {
    char *token, *cert, *key; /* malloc'd, wiped by exec_answer_release; may be NULL */
    int64_t expires_ms;       /* wall; 0: never */
};
typedef void (*exec_done_fn)(struct exec_answer *answer, const struct rk_err *err, void *ctx);
struct exec_run;
/* done is never called inside; the run is gone after it. */
int exec_run_start(struct run_loop *loop, const struct cluster_config *cfg, exec_done_fn done,
                   void *ctx, struct exec_run **out, struct rk_err *err) RK_MUST_CHECK;
void exec_run_cancel(struct exec_run *r); /* done is not called */
void exec_answer_release(struct exec_answer *a);
int exec_parse(const struct cluster_config *cfg, rk_str out, struct exec_answer *answer,
               struct rk_err *err) RK_MUST_CHECK;

struct auth {
    bool https, ready, exec;
    uint64_t changed_ms;        /* monotonic: when the credential last changed */
    uint64_t token_ms, cert_ms; /* when files were last looked at */
    uint64_t again_ms;          /* a failed plugin is not run again before this */
    int64_t expires_ms;         /* wall; 0: never */
    char *header;               /* the Authorization value, wiped */
    char *cert, *key;           /* from the plugin or re-read from files */
    struct exec_run *run;
    struct rk_err error;        /* why there is no credential */
};
int auth_init(struct cluster *c, struct rk_err *err) RK_MUST_CHECK;
void auth_release(struct cluster *c);
/*
 * 1: a request may go. 0: wait, queue_pump and watch_pump come when it may. -1: there is no
 * credential now, why in *err.
 */
int auth_ready(struct cluster *c, struct rk_err *err);
/* After a 401 for a request begun at begun_ms: is it worth another try? */
bool auth_refresh(struct cluster *c, uint64_t begun_ms);

/* ---- queue.c: short requests, a bounded number at once ---- */
struct call_result {
    const struct net_response *response; /* NULL: no answer came */
    const struct status *status;         /* of an answer that is not 2xx */
    const struct rk_err *err;            /* NULL: 2xx */
    struct rk_arena *arena;              /* for the length of the call */
};
typedef void (*call_finish_fn)(struct cluster_call *k, const struct call_result *r);
struct cluster_call {
    struct cluster *c;
    struct cluster_call *prev, *next;   /* all of them */
    struct cluster_call *later;         /* waiting, in order */
    const char *method;
    struct rk_buf path, body;
    const char *accept, *content_type;
    bool waiting, counted, reauthed, stream, secret, opened;
    bool once;                          /* never tried again */
    struct rk_err *failed;              /* told on the next turn */
    unsigned tries;
    uint64_t begun_us, begun_ms, timeout_ms;
    struct net_request *request;
    struct run_timer *timer;
    call_finish_fn finish;
    void (*bytes)(rk_str bytes, void *ctx);
    char *what;                         /* "apply Deployment/x", for errors */
    char *object;                       /* the key's text, for errors */
    const struct cluster_kind *kind;
    bool dry_run, not_found_ok;
    union {
        cluster_done_fn answer;
        cluster_events_fn events;
        void (*ended)(const struct rk_err *err, void *ctx);
    } done;
    void *ctx;
};
struct queue {
    struct cluster_call *all, *first, *last;
    unsigned parallel, running;
};
struct cluster_call *call_new(struct cluster *c, const char *method, call_finish_fn finish,
                              void *ctx) RK_MUST_CHECK;
void call_submit(struct cluster_call *k);
void queue_pump(struct cluster *c);
void queue_release(struct cluster *c);
/* The HTTP client is about to be replaced: what runs waits again. */
void queue_suspend(struct cluster *c);

/* ---- discovery.c ---- */
struct disco_kind {
    struct cluster_kind pub; /* first */
    struct disco_kind *next; /* in its slot */
    unsigned seen, rank;     /* the round that found it last; how preferred the version is */
    bool served, stale, watchable;
};
struct discovery {
    struct rk_arena *arena;
    struct disco_kind **slots;
    size_t n_slots, n;
    unsigned round, pending;
    bool done, running, old, denied, again, settled;
    struct rk_err error;    /* of the round that runs or ran last; RK_OK: none */
    uint64_t finished_ms;
    unsigned lookups; /* refreshes in a row that did not find a kind that is held */
    struct run_timer *timer;
};
void discovery_init(struct cluster *c);
void discovery_release(struct cluster *c);
/* Reads the table anew unless it is being read; discovery_done follows. */
void discovery_start(struct cluster *c);
/* Reads it again after ms, or earlier. */
void discovery_soon(struct cluster *c, uint64_t ms);
struct disco_kind *discovery_find(const struct cluster *c, rk_str group, rk_str kind);
/* discovery_old.c: one request a group and version, where the aggregated form is not offered. */
void discovery_old_start(struct cluster *c);
struct disco_version { /* of a group; rank 0 is the preferred one */
    rk_str group, version;
    unsigned rank;
};
/* NULL when a preferred version has the kind. */
struct disco_kind *discovery_note(struct cluster *c, const struct disco_version *v, rk_str kind,
                                  rk_str plural, bool namespaced);
void discovery_note_stale(struct cluster *c, rk_str group, rk_str version);
bool discovery_watchable(const struct doc_node *verbs);
/* The list of CRDs is known (again): what was missed while it was not watched? */
void discovery_settle(struct cluster *c);
void discovery_missed(struct cluster *c); /* a kind is held that is not in the table */
void discovery_part_done(struct cluster *c, const struct rk_err *err);

/* ---- path.c ---- */
void path_collection(struct rk_buf *out, const struct cluster_kind *k, rk_str namespace);
void path_item(struct rk_buf *out, const struct cluster_kind *k, rk_str namespace, rk_str name);
/* The kind and whether key fits it (a namespace or none); NOT_FOUND, INVALID. */
int path_kind(const struct cluster *c, const struct kube_key *key, const struct cluster_kind **out,
              struct rk_err *err) RK_MUST_CHECK;

/* ---- answer.c ---- */
/* Reads the object of an answer, offers it to the store, calls done. */
void answer_finish(struct cluster_call *k, const struct call_result *r);
/* "apply Deployment shop/web" and the key, for errors. */
void answer_name(struct cluster_call *k, const char *verb, const struct kube_key *key);

/* ---- store.c ---- */
struct watcher;
struct entry;
struct link { /* an entry under one text of one index */
    struct link *prev, *next;
    struct entry *entry;
    rk_str text; /* a view into the entry's object */
    uint32_t hash;
    uint8_t index;
};
struct entry {
    struct cluster_object *o;
    struct watcher *w;
    struct entry *next;             /* in its slot */
    struct entry *before, *after;   /* of its kind */
    struct link *links;
    uint32_t n_links, hash, round;
};
enum store_index { STORE_OWNER, STORE_APPLICATION, STORE_INDEXES };
struct links {
    struct link **slots;
    size_t n_slots, n;
};
struct store {
    struct entry **slots;
    size_t n_slots, n;
    struct links links[STORE_INDEXES];
};
void store_init(struct store *s);
void store_release(struct store *s);
struct entry *store_find(const struct store *s, const struct kube_key *key);
/* Takes the reference to o. The caller tells the observer. */
struct entry *store_add(struct store *s, struct watcher *w, struct cluster_object *o);
struct cluster_object *store_replace(struct store *s, struct entry *e, struct cluster_object *o);
struct cluster_object *store_remove(struct store *s, struct entry *e); /* reference to the caller */

/* ---- reflector.c (streams), watch.c (which kinds, when) ---- */
enum watcher_state {
    WATCHER_UNKNOWN,    /* the kind is not served (yet) */
    WATCHER_QUEUED,     /* wants to open a stream */
    WATCHER_LISTING,    /* LIST, or the first part of a streaming list */
    WATCHER_WATCHING,
    WATCHER_WAITING,    /* back-off */
};
struct watcher {
    struct cluster *c;
    struct watcher *next, *want; /* all of them; those that want to open */
    char *group, *kind;
    unsigned holds;
    bool crds;              /* the room's own: only metadata, nothing stored */
    bool dead, ready, told; /* told: the observer knows the error */
    enum watcher_state state;
    const struct disco_kind *served;
    struct entry *first;
    struct rk_err error;    /* why it is not watched; code RK_OK: none */
    struct rk_err left_out; /* the last object that could not be read, since the last list */
    struct run_timer *tell;
    /* where the stream is */
    const char *url_version; /* the API version it was opened at */
    char *version;          /* last resourceVersion; NULL: none */
    char *more;             /* continue token of a list in pages */
    bool version_bad;       /* 410 or too large: the next list asks for the newest */
    bool listed;            /* the store holds a whole list: a watch may go on from version */
    int64_t since, came;    /* wall: until when it followed, 0 = it does; bytes came last */
    bool slot;              /* holds one of the limiter's */
    bool bookmarks;         /* this server sends them */
    uint32_t round;         /* of lists: what a list did not name is gone */
    /* the open stream */
    struct doc_split *split;
    struct net_request *request;
    struct rk_buf backlog;  /* came and is not read yet, from fed on */
    size_t fed;
    bool draining;          /* the rest is read on the next turn */
    bool feeding, cut;      /* being read; stopped while being read */
    bool over;              /* the stream ended meanwhile, with this: */
    int over_status;        /* 0: over_err */
    struct rk_err over_err;
    bool streaming, opened, reauthed;
    uint64_t begun_ms, events;
    struct rk_err why;      /* what an ERROR event said; code RK_OK: none */
    int why_status;
    int64_t why_after_ms;
    /* between streams */
    struct run_timer *timer;
    uint64_t backoff_ms, failed_ms;
    unsigned shorts;        /* very short watches in a row */
};
struct watchers {
    struct watcher *all;
    struct watcher *want, *want_last;
    uint32_t round;
    unsigned graves;        /* dropped while a callback ran */
    unsigned listing;       /* limiter: lists under way */
    unsigned behind;        /* watchers whose `since` is set */
    bool no_streaming;      /* this server refused a streaming list */
};
#define WATCH_LISTS 8u
void watch_open(struct cluster *c);     /* the room's own watcher of CRDs */
void watch_bury(struct cluster *c);     /* frees dropped watchers */
void watch_pump(struct cluster *c);     /* opens what may be opened */
void watch_kinds_changed(struct cluster *c); /* after discovery */
void watch_kick(struct cluster *c);     /* the server is back: nobody waits on */
void watch_suspend(struct cluster *c);  /* the client is about to be replaced */
void watch_release(struct cluster *c);
void watch_want(struct watcher *w);
void watch_slot_free(struct watcher *w);
/* Offers an object that an effect returned; kept when its kind is watched and it is newer. */
void watch_offer(struct cluster *c, struct cluster_object *o);
void watcher_forget(struct watcher *w); /* its objects leave the store and the observer hears */
void watcher_problem(struct watcher *w, const struct rk_err *why); /* kind_ready with why */
void watcher_behind(struct watcher *w, int64_t since);  /* its stream broke: told once */
void watcher_follows(struct watcher *w);        /* it goes on: told when it was behind */
void watcher_current(struct watcher *w);        /* the same, untold */
void watcher_open(struct watcher *w);   /* LIST or WATCH, by what is known */
void watcher_stop(struct watcher *w);   /* the stream and the timer */
void watcher_wait(struct watcher *w, uint64_t least_ms); /* back-off, then watch_want */
/* watch_event.c: what one event or item does to the store. -1 ends the stream. */
int watcher_event(rk_str text, void *watcher, struct rk_err *err) RK_MUST_CHECK;
int watcher_item(rk_str text, void *watcher, struct rk_err *err) RK_MUST_CHECK;
/* The list is whole as of version: what it did not name is gone. */
void watcher_list_end(struct watcher *w, rk_str version);
void watcher_version(struct watcher *w, rk_str version);
/* Takes the reference. round 0: no list named it. */
void watcher_upsert(struct watcher *w, struct cluster_object *o, uint32_t round);

/* ---- cluster.c ---- */
struct cluster {
    struct run_loop *loop;
    struct net_client *net;
    char *name;
    const struct cluster_config *config;
    uint8_t mask_key[32];
    struct cluster_observer ob;
    void *ctx;
    uint64_t request_ms;
    enum cluster_state state;
    char *version, *uid;
    int64_t latency_ms, seen_ms;
    unsigned depth;
    bool dead;
    uint64_t random;
    bool unreachable, denied, uid_known, version_known;
    unsigned asking;        /* requests of the first contact under way */
    unsigned contact_tries;
    struct rk_err why;      /* of the state */
    bool probing;
    struct run_timer *probe;
    uint64_t probe_ms;
    struct auth auth;
    struct queue queue;
    struct discovery disco;
    struct store store;
    struct watchers watch;
    struct pool *pool;
    struct rk_buf strip; /* scratch of object_read */
};
void cluster_enter(struct cluster *c);
/* false: the cluster was closed meanwhile; it may be gone. */
bool cluster_leave(struct cluster *c);
/* An answer came: the server is there. elapsed_us 0: not measured. */
void cluster_heard(struct cluster *c, int status, uint64_t elapsed_us);
/* No answer came: find out whether the server is gone. */
void cluster_trouble(struct cluster *c, const struct rk_err *why);
void cluster_denied(struct cluster *c, const struct rk_err *why);
void cluster_discovered_now(struct cluster *c, const struct rk_err *why);
/* A new HTTP client (a client certificate rotated). */
int cluster_renew_client(struct cluster *c, struct rk_err *err) RK_MUST_CHECK;
/* Asks for /version after about ms: is the server there? */
void cluster_probe_in(struct cluster *c, uint64_t ms);
/* The request headers: accept, content type, impersonation. out holds n pointers. */
size_t cluster_headers(const struct cluster *c, const char *accept, const char *content_type,
                       const char **out, size_t n);

#endif
