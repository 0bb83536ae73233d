/*
 * cluster.h: one Kubernetes API: kubeconfig, discovery, list and watch into a live store,
 * server-side apply, delete, logs, events. All calls on the loop's thread.
 *
 * Live objects are immutable, reference-counted, and own their arena: a reader keeps one across
 * turns with cluster_ref. Secret values are masked while parsed. What changes is told through an
 * observer. Facts: reference/kubernetes.md sections 1, 2, 6; design.md section 9.
 */
#ifndef RK_CLUSTER_H
#define RK_CLUSTER_H

#include "kube/kube.h"
#include "reckon/run.h"

/* ---- where: kubeconfig ---- */
struct cluster_config {     /* one context, resolved; owned by its arena; secrets wiped with it */
    struct rk_arena *arena;     /* wiping */
    const char *context, *server, *namespace, *proxy, *tls_server_name;
    rk_str ca, cert, key;       /* PEM */
    const char *token, *token_file, *username, *password;
    const char *cert_file, *key_file;   /* where cert and key were read: looked at again */
    bool insecure, disable_compression;
    const struct doc_node *exec;        /* user.exec, run with interactive=false */
    const struct doc_node *exec_cluster; /* extension client.authentication.k8s.io/exec */
    const char *const *headers;         /* "Impersonate-User: ..." and so on; NULL-terminated */
    const char *cluster_name, *user_name;
};
/*
 * paths: a colon list as KUBECONFIG; NULL: KUBECONFIG, else ~/.kube/config, else in-cluster.
 * context NULL: current-context. INVALID with file, NOT_FOUND.
 */
int cluster_config_load(const char *paths, const char *context, struct cluster_config **out,
                        struct rk_err *err) RK_MUST_CHECK;
void cluster_config_free(struct cluster_config *c);

/* ---- live objects ---- */
struct cluster_object {
    struct kube_object object;  /* stripped of what no one reads; managed_fields kept as bytes */
    struct rk_arena *arena;
    unsigned refs;              /* loop thread only */
    uint64_t seen_ms;           /* monotonic: when this version arrived */
    bool deleting;
};
struct cluster_object *cluster_ref(struct cluster_object *o);
void cluster_unref(struct cluster_object *o);   /* NULL is fine */

/* ---- a connection ---- */
enum cluster_state { CLUSTER_CONNECTING, CLUSTER_OK, CLUSTER_UNREACHABLE, CLUSTER_DENIED };
struct cluster;
struct cluster_observer {
    /* old NULL: added; now NULL: gone. Both are borrowed. */
    void (*changed)(struct cluster *c, struct cluster_object *old, struct cluster_object *now,
                    void *ctx);
    /* every object of a watched kind is known (again); or the kind cannot be watched: why */
    void (*kind_ready)(struct cluster *c, rk_str group, rk_str kind, const struct rk_err *why,
                       void *ctx);
    void (*state)(struct cluster *c, enum cluster_state s, const struct rk_err *why, void *ctx);
    /* what is stored of a ready kind may be old from now on, until kind_ready (see cluster_since) */
    void (*behind)(struct cluster *c, rk_str group, rk_str kind, void *ctx);
};
struct cluster_opts {
    const char *name;
    const struct cluster_config *config;        /* must outlive the cluster */
    const uint8_t *mask_key;                    /* 32 bytes, for Secrets */
    unsigned parallel;                          /* requests at once; 0: 8 */
    uint64_t request_ms;                        /* 0: 60 s */
};
int cluster_open(struct run_loop *loop, const struct cluster_opts *opts,
                 const struct cluster_observer *ob, void *ctx, struct cluster **out,
                 struct rk_err *err) RK_MUST_CHECK;
void cluster_close(struct cluster *c);
const char *cluster_name(const struct cluster *c);
enum cluster_state cluster_state(const struct cluster *c);
const char *cluster_version(const struct cluster *c);   /* "v1.35.4"; NULL before discovery */
const char *cluster_uid(const struct cluster *c);       /* of kube-system; NULL until known */
int64_t cluster_latency_ms(const struct cluster *c);
int64_t cluster_seen_ms(const struct cluster *c);       /* wall: last answer */

/* ---- discovery ---- */
struct cluster_kind { const char *group, *version, *kind, *plural; bool namespaced; };
/* NULL: not served (or not discovered yet: see cluster_discovered). */
const struct cluster_kind *cluster_kind(const struct cluster *c, rk_str group, rk_str kind);
bool cluster_discovered(const struct cluster *c);
/* Every kind that is served, in no order. */
void cluster_each_kind(const struct cluster *c,
                       void (*fn)(const struct cluster_kind *k, void *ctx), void *ctx);

/* ---- the live store ---- */
/*
 * Watches a kind while somebody holds it. An unknown kind is looked up again when a CRD appears.
 * With the last hold its objects leave the store without a word. While a list arrives its objects
 * are told one by one (changed), kind_ready comes when it is whole.
 */
void cluster_hold_kind(struct cluster *c, rk_str group, rk_str kind);
void cluster_drop_kind(struct cluster *c, rk_str group, rk_str kind);
bool cluster_kind_ready(const struct cluster *c, rk_str group, rk_str kind);
/*
 * The store keeps what it has while a stream is broken. 0: it follows the server; else until when
 * it did (wall ms). A watch that goes on where it ended is counted as following once it is answered.
 */
int64_t cluster_since(const struct cluster *c, rk_str group, rk_str kind);
/* Why it is not watched; of a ready kind: the last object that could not be read; or NULL. */
const struct rk_err *cluster_kind_error(const struct cluster *c, rk_str group, rk_str kind);
struct cluster_object *cluster_find(struct cluster *c, const struct kube_key *key); /* borrowed */
/* fn of this and the next two must not hold, drop or close. */
void cluster_each(struct cluster *c, rk_str group, rk_str kind,
                  void (*fn)(struct cluster_object *o, void *ctx), void *ctx);
/* Every stored object that names application in its tracking id. */
void cluster_each_tracked(struct cluster *c, rk_str application,
                          void (*fn)(struct cluster_object *o, void *ctx), void *ctx);
/* Children by ownerReferences uid, from the store. */
void cluster_each_owned(struct cluster *c, rk_str uid,
                        void (*fn)(struct cluster_object *o, void *ctx), void *ctx);
size_t cluster_objects(const struct cluster *c);

/*
 * ---- effects and single reads; each done exactly once, never after cluster_close ----
 * done is never called inside; the call is gone after it. out may be NULL. What an apply or a read
 * returned is in the store before its done, when its kind is watched.
 */
struct cluster_call;
void cluster_cancel(struct cluster_call *k);    /* done is not called */
struct cluster_field_conflict { const char *manager, *field; };  /* field: SMD path */
struct cluster_answer {
    int status;
    struct cluster_object *object;  /* the answer, borrowed; NULL when there is none */
    const char *reason, *message;   /* of a refusal; foreign */
    const char *warning;            /* Warning headers, a line each; safe; NULL: none */
    const struct cluster_field_conflict *conflicts; size_t n_conflicts;
    bool created;
    uint64_t elapsed_us;
};
/* err: UNAVAILABLE and TIMEOUT after the retries of section 2.7; DENIED 401/403; NOT_FOUND 404;
 * CONFLICT 409 (answer tells the owners); INVALID 400/422; the answer is given with err too. */
typedef void (*cluster_done_fn)(const struct cluster_answer *answer, const struct rk_err *err,
                                void *ctx);
struct cluster_apply {
    const struct kube_object *object;   /* its clear document is sent when it has one */
    const char *manager;                /* NULL: "reckon" */
    bool dry_run, force;
    const char *resource_version;       /* precondition; NULL: none */
    const char *tracking_application;   /* adds annotation and label; NULL: none */
    bool argo_tracking;
};
/* The bytes are made before this returns. NOT_FOUND when the kind is not served. */
int cluster_apply(struct cluster *c, const struct cluster_apply *what, cluster_done_fn done,
                  void *ctx, struct cluster_call **out, struct rk_err *err) RK_MUST_CHECK;
/*
 * Without a request: what such an apply would conflict on if it went out without force while `live`
 * is what lives; in a. UNSUPPORTED where live's managedFields do not tell it for certain.
 */
int cluster_foresee(struct cluster *c, const struct cluster_apply *what,
                    const struct cluster_object *live, struct rk_arena *a,
                    struct cluster_field_conflict **out, size_t *n, struct rk_err *err)
    RK_MUST_CHECK;
enum cluster_propagation { CLUSTER_FOREGROUND, CLUSTER_BACKGROUND, CLUSTER_ORPHAN };
/* uid is required: deletes that object or none. 404 counts as done. */
int cluster_delete(struct cluster *c, const struct kube_key *key, const char *uid,
                   enum cluster_propagation how, cluster_done_fn done, void *ctx,
                   struct cluster_call **out, struct rk_err *err) RK_MUST_CHECK;
/* One object read from the server now. */
int cluster_read(struct cluster *c, const struct kube_key *key, cluster_done_fn done, void *ctx,
                 struct cluster_call **out, struct rk_err *err) RK_MUST_CHECK;
struct cluster_event {
    int64_t time, count; const char *type, *reason, *message, *source, *object;
};
typedef void (*cluster_events_fn)(const struct cluster_event *v, size_t n,
                                  const struct rk_err *err, void *ctx);
/* Events about one object (uid) or, uid NULL, of a namespace. Newest last. Texts are foreign. */
int cluster_events(struct cluster *c, const char *ns, const char *uid, cluster_events_fn done,
                   void *ctx, struct cluster_call **out, struct rk_err *err) RK_MUST_CHECK;
struct cluster_logs {
    const char *ns, *pod, *container;
    int64_t tail; bool follow, previous;
};
/* Bytes as they come (foreign text); done when the stream ends. */
int cluster_logs(struct cluster *c, const struct cluster_logs *what,
                 void (*on_bytes)(rk_str bytes, void *ctx),
                 void (*done)(const struct rk_err *err, void *ctx), void *ctx,
                 struct cluster_call **out, struct rk_err *err) RK_MUST_CHECK;

#endif
