/*
 * drift.h: (desired, live, rules[, the server's prediction]) -> changed fields with owner and
 * source, verdict, or NEEDS_SERVER. Pure. Rules: design.md section 10, reference/kubernetes.md
 * section 3, reference/argocd.md sections 2 and 6.
 */
#ifndef RK_DRIFT_H
#define RK_DRIFT_H

#include "kube/kube.h"
#include "model/model.h"

enum drift_verdict {
    DRIFT_SAME, DRIFT_CHANGED,
    DRIFT_NEEDS_SERVER,     /* the local compare differs or cannot tell: ask for a dry-run apply */
    DRIFT_MISSING,          /* not live: would be created */
    DRIFT_EXTRA,            /* live, ours, not in git any more: would be pruned */
};

struct drift_field {
    const char *path;                   /* JSON pointer, in the desired document where it has one */
    const struct doc_node *desired, *live;      /* NULL = absent; borrowed from the documents */
    bool have_owner; struct kube_owner owner;   /* of the live value */
    uint32_t mark;                      /* of the desired value (desired's marks); 0 = none */
    bool secret;                        /* values are hash forms: say changed/same and length */
    bool ignored;                       /* by a rule: shown on request, not counted */
    bool removed;                       /* we applied it before; git no longer sets it */
};
struct drift_object {
    const struct kube_key *key;
    enum drift_verdict verdict;
    bool by_server;                     /* decided by a prediction, else locally */
    const char *note;                   /* "local compare: namespace is missing", or NULL */
    struct drift_field *fields; size_t n_fields;
};
struct drift_rules {
    const struct model_ignore *ignore; size_t n_ignore;
    const char *manager;                /* our field manager: "reckon" */
    bool aggregate_roles;               /* ignore rules of aggregated ClusterRoles */
    bool final;                         /* never NEEDS_SERVER: the local verdict, noted as such */
};
/*
 * desired NULL: EXTRA; live NULL: MISSING. predicted: the answer of the dry-run apply, or NULL.
 * Result in a; it borrows the documents given. A difference without a visible field is
 * RK_INTERNAL, never CHANGED.
 */
int drift_compare(struct rk_arena *a, const struct kube_object *desired,
                  const struct kube_object *live, const struct kube_object *predicted,
                  const struct drift_rules *rules, struct drift_object *out, struct rk_err *err)
    RK_MUST_CHECK;

/*
 * Calls fn for every field that a compare looks at, with live's value (NULL: absent): what desired
 * names, and all that lies in a value that is replaced whole; without what rules ignore, status and
 * the server's bookkeeping. Paths as in drift_field. For the fingerprint of a plan.
 */
typedef void (*drift_each_fn)(rk_str path, const struct doc_node *live, void *ctx);
int drift_each_compared(const struct kube_object *desired, const struct kube_object *live,
                        const struct drift_rules *rules, drift_each_fn fn, void *ctx,
                        struct rk_err *err) RK_MUST_CHECK;

/* JSON text of a value for people and protocol: Secrets as "changed (1f3a..., 12 bytes)". */
void drift_value(struct rk_buf *out, const struct drift_field *f, const struct doc_node *value);
/* "last written by M no later than T", or "nobody (default)". */
void drift_owner_text(struct rk_buf *out, const struct drift_field *f);

#endif
