/*
 * sandbox_int.h: what the files of this room share and no other room sees. Internal names start
 * with sb_. One thread owns everything here.
 */
#ifndef RK_SANDBOX_INT_H
#define RK_SANDBOX_INT_H

#include "kube/kube.h"
#include "net/net.h"
#include "reckon/map.h"
#include "reckon/time.h"
#include "sandbox/sandbox.h"

struct sb_object;
struct sb_type;
struct sb_watch;

/* ---- failures: what becomes a Status (status.c) ---- */
struct sb_failure {
    struct rk_arena *arena;         /* of the request; texts lie there */
    int code;
    const char *reason;             /* "NotFound"; NULL when there is no failure */
    const char *message;
    const char *name, *group, *kind, *uid;
    struct doc_node *causes;
    int retry_after_s;              /* 0: none */
};
int sb_fail(struct sb_failure *f, int code, const char *reason, const char *fmt, ...)
    RK_PRINTF(4, 5);
/* The wordings of the real server. All return -1. */
int sb_fail_not_found(struct sb_failure *f, const struct sb_type *t, rk_str name);
int sb_fail_exists(struct sb_failure *f, const struct sb_type *t, rk_str name);
int sb_fail_modified(struct sb_failure *f, const struct sb_type *t, rk_str name);
/* An option of the request is wrong (422): options "PatchOptions". */
int sb_fail_option(struct sb_failure *f, const char *options, const char *reason, const char *field,
                   const char *fmt, ...) RK_PRINTF(5, 6);
int sb_fail_bad(struct sb_failure *f, const char *fmt, ...) RK_PRINTF(2, 3);
int sb_fail_forbidden(struct sb_failure *f, const struct sb_type *t, rk_str name, const char *fmt,
                      ...) RK_PRINTF(4, 5);
/* One field is wrong (422): field "spec.replicas", what "Invalid value: -1: must be ...". Several
 * calls gather; sb_invalid_end makes the failure when there was one. */
struct sb_invalid {
    struct sb_failure *failure;
    struct doc_node *causes;
};
void sb_invalid_add(struct sb_invalid *v, const char *reason, const char *field, const char *fmt,
                    ...) RK_PRINTF(4, 5);
int sb_invalid_end(struct sb_invalid *v, const struct sb_type *t, rk_str name);
struct doc_node *sb_status_doc(struct rk_arena *a, const struct sb_failure *f);
const char *sb_resource(struct rk_arena *a, const struct sb_type *t);   /* "deployments.apps" */
const char *sb_qualified_kind(struct rk_arena *a, const struct sb_type *t); /* "Deployment.apps" */

/* ---- kinds: kinds.c has a row a kind, crd.c adds types at run time ---- */
struct sb_column {
    const char *name, *type;        /* "string", "integer", "boolean", "date" */
    int priority;                   /* 0: always, 1: -o wide */
    const char *path;               /* ".spec.type" of the object; or: */
    void (*cell)(struct rk_buf *out, const struct doc_node *object, int64_t now_ms);
};
struct sb_columns {
    const struct sb_column *rows;
    size_t n;
};
enum sb_flags {
    SB_STATUS = 1u << 0,            /* has /status: spec and status are written apart */
    SB_SCALE = 1u << 1,
    SB_GENERATION = 1u << 2,        /* metadata.generation counts changes of spec */
};
struct sandbox;
struct sb_change;
struct sb_kind {
    const char *group, *kind;
    const char *short_names, *categories;   /* blank-separated; NULL none */
    unsigned flags;
    struct sb_columns columns;
    const char *status;             /* of a new object, JSON; NULL none */
    /* on every write of the object itself, after defaulting: allocate, check. May be NULL */
    int (*admit)(struct sb_change *c, struct sb_failure *f);
    /* after every change of the object: make the world follow. May be NULL */
    void (*control)(struct sandbox *sb, const struct sb_object *o);
};
extern const struct sb_kind sb_kinds[];
extern const size_t sb_kinds_n;

struct sb_type {
    struct rk_arena *arena;         /* owns the texts */
    const char *group, *version, *kind, *plural, *singular, *list_kind;
    const char *short_names, *categories;
    unsigned flags;
    bool namespaced, custom;
    struct sb_columns columns;
    const struct sb_kind *row;      /* NULL for custom types */
    struct kube_schema schema;
    struct rk_map *spaces;          /* namespace ("" = none) -> rk_map of name -> sb_object */
    struct sb_watch *watches;
};
struct sb_type *sb_type_new(const char *group, const char *version, const char *kind,
                            const char *plural);
void sb_type_free(struct sb_type *t);
void sb_types_make(struct sandbox *sb);
struct sb_type *sb_type_of_plural(const struct sandbox *sb, rk_str group, rk_str version,
                                  rk_str plural);
struct sb_type *sb_type_of_kind(const struct sandbox *sb, rk_str group, rk_str kind);
struct sb_type *sb_type_of(const struct sandbox *sb, const char *group, const char *kind);
rk_str sb_type_api_version(struct rk_arena *a, const struct sb_type *t);    /* "apps/v1" */

/* ---- objects and the store (store.c) ---- */
struct sb_object {                  /* immutable, reference-counted */
    unsigned refs;
    struct sb_type *type;
    struct rk_arena *arena;
    struct doc_node *doc;           /* with managedFields, and Secrets in clear */
    rk_str ns, name, uid;
    uint64_t rv;
};
struct sb_object *sb_object_new(struct sb_type *t, const struct doc_node *doc, uint64_t rv);
struct sb_object *sb_ref(struct sb_object *o);
void sb_unref(struct sb_object *o);             /* NULL is fine */

enum sb_event_type { SB_ADDED, SB_MODIFIED, SB_DELETED };
struct sb_event {                   /* one past change */
    uint64_t rv;
    enum sb_event_type type;
    struct sb_object *now;          /* DELETED: the last state, at the deletion's rv */
    struct sb_object *before;       /* NULL for ADDED */
};
struct sb_store {
    uint64_t rv, oldest;            /* newest given; changes up to oldest are forgotten */
    struct sb_event *ring;
    size_t cap, first, n;
    struct rk_map *by_uid;          /* uid -> sb_object */
};
struct sb_object *sb_find(const struct sb_type *t, rk_str ns, rk_str name);     /* borrowed */
struct sb_object *sb_find_uid(const struct sandbox *sb, rk_str uid);
uint64_t sb_next_rv(struct sandbox *sb);
void sb_store_put(struct sandbox *sb, struct sb_object *o);     /* takes the reference */
void sb_store_delete(struct sandbox *sb, struct sb_object *o);
/* Borrowed objects of one namespace, or of all (ns.p NULL), sorted by namespace and name. */
struct sb_object **sb_list(struct rk_arena *a, const struct sb_type *t, rk_str ns, size_t *n);
void sb_store_open(struct sandbox *sb, size_t history);
void sb_store_close(struct sandbox *sb);

/* ---- the sandbox ---- */
struct sb_due;
struct sandbox {
    struct run_loop *loop;
    struct sandbox_opts opts;
    struct net_server *server;
    char *url, *token;
    struct rk_buf ca, cert, key;                /* of the server, PEM */
    struct rk_buf seal_key, seal_cert;          /* empty until made */
    struct sb_type **types;
    size_t n_types, cap_types;
    struct sb_type **retired;                   /* of deleted definitions */
    size_t n_retired, cap_retired;
    struct sb_store store;
    /* controllers' queue (queue.c) */
    struct rk_map *queued;
    struct sb_due *due, *due_last;
    struct run_timer *due_timer, *bookmark_timer, *cron_timer, *save_timer, *restore_timer;
    bool queue_soon, stopping, dirty;
    struct run_job *seal_job;
    uint32_t next_ip, next_port, next_pod_ip;
    bool restoring;                             /* the first look at objects of a state folder */
    struct sb_late *late;                       /* answers held back by the latency fault */
};

/* ---- requests (route.c) ---- */
enum sb_form { SB_JSON, SB_TABLE, SB_METADATA };
struct sb_request {
    struct sandbox *sb;
    struct net_exchange *x;
    struct rk_arena *arena;
    struct sb_failure failure;
    struct sb_type *type;
    rk_str ns, name, sub, rest;     /* ns.p NULL: none in the path; rest: behind the subresource */
    enum sb_form form;              /* from Accept */
    bool dry_run;
    rk_str manager;                 /* query, else User-Agent's part before '/' */
    rk_str validation;              /* "Strict", "Warn", "Ignore" */
    struct rk_buf warning;          /* header line, may be empty */
};
void sb_handle(struct net_exchange *x, void *ctx);
void sb_reply_doc(struct sb_request *r, int code, const struct doc_node *doc);
void sb_reply_object(struct sb_request *r, int code, const struct sb_object *o);
void sb_reply_failure(struct sb_request *r);
void sb_reply_text(struct sb_request *r, int code, const char *content_type, rk_str text);
rk_str sb_query(const struct sb_request *r, const char *name);
/* The body as a document; JSON, and YAML where the content type says so. */
int sb_read_body(struct sb_request *r, struct doc_node **out);
/* All of these answer the exchange. */
void sb_discover(struct sb_request *r, rk_str path);            /* discovery.c: /api, /apis... */
void sb_openapi(struct sb_request *r, rk_str path);             /* openapi.c: behind /openapi */
void sb_get(struct sb_request *r);                              /* read.c */
void sb_list_reply(struct sb_request *r);
void sb_watch(struct sb_request *r);                            /* watch.c */
void sb_create(struct sb_request *r);                           /* create.c */
void sb_update(struct sb_request *r);                           /* update.c */
void sb_patch(struct sb_request *r);                            /* patch.c */
void sb_delete(struct sb_request *r);                           /* delete.c */
void sb_delete_collection(struct sb_request *r);
void sb_scale(struct sb_request *r);                            /* scale.c */
void sb_logs(struct sb_request *r);                             /* logs.c */
void sb_proxy(struct sb_request *r);                            /* proxy.c */
bool sb_review(struct sb_request *r);                           /* review.c; false: no review */
/* What the exchange of an open stream points to: a watch, a followed log. */
struct sb_stream {
    void (*gone)(struct sb_stream *s);      /* the client left; the exchange is gone after it */
    void *owner;
};
void sb_watch_bookmarks(void *ctx);
void sb_events_forget(struct sandbox *sb);      /* control.c: those older than an hour */
void sb_watch_end_all(struct sb_type *t);
void sb_late_stop(struct sandbox *sb);

/* ---- selection: label and field selectors of a list or watch (select.c) ---- */
struct sb_selection {
    struct rk_arena *arena;
    rk_str ns;
    struct kube_selector *labels;   /* NULL: all */
    rk_str fields;                  /* "a=b,c!=d" */
    bool any;                       /* something is asked for */
};
int sb_selection_read(const struct sb_request *r, struct rk_arena *a, struct sb_selection *out,
                      struct sb_failure *f) RK_MUST_CHECK;
bool sb_selected(const struct sb_selection *s, const struct sb_object *o);

/* ---- forms (table.c) ---- */
struct doc_node *sb_table(struct rk_arena *a, const struct sb_type *t, struct sb_object *const *o,
                          size_t n, bool whole, int64_t now_ms);
struct doc_node *sb_partial(struct rk_arena *a, const struct doc_node *object);
extern const struct sb_columns sb_columns_plain;                /* Name, Age */
void sb_cell_path(struct rk_buf *out, const struct doc_node *object, const char *path);
void sb_age(struct rk_buf *out, rk_str since, int64_t now_ms);  /* "5m10s", "<unknown>" */

/* ---- writing (write.c): the one way by which objects change ---- */
struct sb_change {
    struct sandbox *sb;
    struct rk_arena *arena;         /* scratch */
    struct sb_type *type;
    const struct sb_object *old;    /* NULL: it is being made */
    struct doc_node *doc;           /* the wanted state, changed in place */
    rk_str manager;
    const char *sub;                /* "", "status", "scale" */
    bool applied;                   /* managedFields are already right (apply.c) */
    bool dry_run, created, no_op;
    int64_t now_ms;
};
/* Defaults, admission, managedFields, versions; stores and tells. *out is borrowed from the store;
 * with dry_run it is a new reference of the caller. */
int sb_commit(struct sb_change *c, struct sb_failure *f, struct sb_object **out) RK_MUST_CHECK;
const char *sb_time(struct rk_arena *a, int64_t ms);
/* Namespace exists and is not ending, else a failure. */
int sb_check_namespace(struct sb_change *c, struct sb_failure *f) RK_MUST_CHECK;
void sb_keep_status(struct sb_change *c);       /* main resource: status of old;
    /status: the rest */

void sb_drop_nulls(struct doc_node *n);         /* null is absent to a typed server */
/* The body of a write to r's target: kind, version, name and namespace fit, or a failure. */
int sb_check_body(struct sb_request *r, struct doc_node *doc) RK_MUST_CHECK;
/* resourceVersion and uid that the writer names are those of old (NULL: none must be named). */
int sb_check_versions(struct sb_request *r, const struct doc_node *doc,
                      const struct sb_object *old) RK_MUST_CHECK;
struct sb_change sb_change_of(struct sb_request *r, const struct sb_object *old);
/* Commits and answers; code of success 200, or 201 when the object was made. */
void sb_finish(struct sb_request *r, struct sb_change *c);

/* managedFields (managed.c) */
struct sb_manager {
    rk_str manager, operation, sub, api_version, time;
    struct kube_set *set;
};
struct sb_managers {
    struct sb_manager *rows;
    size_t n, cap;
};
int sb_managers_read(struct rk_arena *a, const struct doc_node *doc, struct sb_managers *out,
                     struct sb_failure *f) RK_MUST_CHECK;
void sb_managers_write(struct rk_arena *a, const struct sb_managers *m, struct doc_node *doc);
struct sb_manager *sb_managers_add(struct rk_arena *a, struct sb_managers *m);
void sb_managers_drop_empty(struct sb_managers *m);
/* What an Update by c->manager makes of the entries that c->doc (or old) has. */
int sb_managed_update(struct sb_change *c, struct sb_failure *f) RK_MUST_CHECK;
/* apply.c: server-side apply of config into c->doc. */
int sb_apply(struct sb_change *c, struct doc_node *config, bool force, struct sb_failure *f)
    RK_MUST_CHECK;
/* strict.c: fields that the type does not have. */
int sb_check_fields(struct sb_request *r, struct doc_node *doc, bool apply) RK_MUST_CHECK;

/* admit*.c */
int sb_admit(struct sb_change *c, struct sb_failure *f) RK_MUST_CHECK;
int sb_admit_workload(struct sb_change *c, struct sb_failure *f);
int sb_admit_statefulset(struct sb_change *c, struct sb_failure *f);
int sb_admit_job(struct sb_change *c, struct sb_failure *f);
int sb_admit_pod(struct sb_change *c, struct sb_failure *f);
int sb_admit_service(struct sb_change *c, struct sb_failure *f);
int sb_admit_namespace(struct sb_change *c, struct sb_failure *f);
int sb_admit_data(struct sb_change *c, struct sb_failure *f);
int sb_admit_binding(struct sb_change *c, struct sb_failure *f);
int sb_admit_claim(struct sb_change *c, struct sb_failure *f);
int sb_admit_crd(struct sb_change *c, struct sb_failure *f);
int sb_check_name(struct sb_change *c, struct sb_failure *f) RK_MUST_CHECK;

/* delete.c: what a controller or a client wants gone */
enum sb_propagation { SB_BACKGROUND, SB_FOREGROUND, SB_ORPHAN };
/* true: gone at once; false: it is only marked. */
bool sb_remove(struct sandbox *sb, const struct sb_object *o, enum sb_propagation how,
               int64_t grace_s);
/* gc.c: owners, finalizers of deletion */
void sb_collect(struct sandbox *sb, const struct sb_object *o);
void sb_drop_finalizer(struct sandbox *sb, const struct sb_object *o, const char *name);
void sb_collect_dependents(struct sandbox *sb, const struct sb_object *gone);

/* ---- controllers ---- */
/* queue.c */
void sb_touch(struct sandbox *sb, const struct sb_object *o);
/* fn with the object as it is then, if it still is (NULL: its controller). */
void sb_later(struct sandbox *sb, const struct sb_object *o, uint64_t ms,
              void (*fn)(struct sandbox *sb, const struct sb_object *o));
void sb_queue_stop(struct sandbox *sb);
/* control.c: what the controllers share */
struct sb_edit {                    /* one write of a controller */
    struct sb_change change;
    struct doc_node *doc;
};
struct sb_edit sb_edit_begin(struct sandbox *sb, const struct sb_object *o, const char *manager,
                             const char *sub);
struct sb_edit sb_edit_new(struct sandbox *sb, struct sb_type *t, rk_str ns, const char *manager);
/* Borrowed result, NULL when it failed (a lost race: the next turn repairs it). */
struct sb_object *sb_edit_end(struct sb_edit *e);
void sb_edit_drop(struct sb_edit *e);
void sb_own(struct rk_arena *a, struct doc_node *doc, const struct sb_object *owner);
bool sb_owned_by(const struct sb_object *o, const struct sb_object *owner);
/* Objects of a kind in the owner's namespace that it controls; borrowed. */
struct sb_object **sb_owned(struct rk_arena *a, const struct sb_object *owner, struct sb_type *t,
                            size_t *n);
void sb_event(struct sandbox *sb, const struct sb_object *about, const char *component,
              const char *type, const char *reason, const char *fmt, ...) RK_PRINTF(6, 7);
/* Sets a condition unless it has that status and reason; lastTransitionTime moves with status. */
struct sb_condition {
    const char *type, *status, *reason, *message;
    bool updates;                   /* has lastUpdateTime */
    bool renew;                     /* written also when status and reason are the same */
};
bool sb_condition_set(struct rk_arena *a, struct doc_node *status, const struct sb_condition *c,
                      int64_t now_ms);
struct doc_node *sb_condition(const struct doc_node *status, const char *type);
bool sb_holds(rk_str text, const char *part);
int64_t sb_int(const struct doc_node *doc, const char *dotted, int64_t otherwise);
rk_str sb_str(const struct doc_node *doc, const char *dotted);
void sb_set_int(struct rk_arena *a, struct doc_node *map, const char *key, int64_t v);
void sb_set_str(struct rk_arena *a, struct doc_node *map, const char *key, const char *v);
bool sb_ending(const struct sb_object *o);      /* has a deletionTimestamp */
void sb_suffix(char out[6]);                    /* five letters as generateName makes them */
void sb_hash_name(const struct doc_node *doc, char out[11]);    /* pod-template-hash */
bool sb_pod_ready(const struct sb_object *pod);
bool sb_pod_available(struct sandbox *sb, const struct sb_object *pod, int64_t min_ready_s,
                      const struct sb_object *owner);
/* A pod from a template for an owner; name NULL: generated. */
struct sb_edit sb_pod_from(struct sandbox *sb, const struct sb_object *owner,
                           const struct doc_node *template, const char *manager, const char *name);
#define SB_CONTROLLER "kube-controller-manager"
#define SB_CLAIM_FINALIZER "kubernetes.io/pvc-protection"
#define SB_NODE "sandbox-node"

void sb_control_deployment(struct sandbox *sb, const struct sb_object *o);
void sb_control_replicaset(struct sandbox *sb, const struct sb_object *o);
void sb_control_pod(struct sandbox *sb, const struct sb_object *o);
void sb_control_statefulset(struct sandbox *sb, const struct sb_object *o);
void sb_control_daemonset(struct sandbox *sb, const struct sb_object *o);
void sb_control_job(struct sandbox *sb, const struct sb_object *o);
void sb_control_cronjob(struct sandbox *sb, const struct sb_object *o);
void sb_control_claim(struct sandbox *sb, const struct sb_object *o);
void sb_control_volume(struct sandbox *sb, const struct sb_object *o);
void sb_control_service(struct sandbox *sb, const struct sb_object *o);
void sb_control_ingress(struct sandbox *sb, const struct sb_object *o);
void sb_control_namespace(struct sandbox *sb, const struct sb_object *o);
void sb_control_sealed(struct sandbox *sb, const struct sb_object *o);
void sb_control_crd(struct sandbox *sb, const struct sb_object *o);
void sb_control_budget(struct sandbox *sb, const struct sb_object *o);
void sb_crd_gone(struct sandbox *sb, const struct sb_object *crd);
void sb_cron_tick(void *ctx);

/* seed.c: what a new cluster holds; state.c: the folder */
void sb_seed(struct sandbox *sb);
void sb_seed_key(struct sandbox *sb);           /* the Secret of the sealing key, once it is made */
int sb_state_load(struct sandbox *sb, struct rk_err *err) RK_MUST_CHECK;
int sb_state_save(struct sandbox *sb, struct rk_err *err) RK_MUST_CHECK;

#endif
