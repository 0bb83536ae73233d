/*
 * kube.h: the Kubernetes object that render, cluster, drift and the sandbox share, and what is
 * known about its types. Pure: no I/O, no clock, no state beyond const tables.
 * Rules and sources: reference/kubernetes.md sections 2.8 and 3, reference/kustomize.md section 5.
 */
#ifndef RK_KUBE_H
#define RK_KUBE_H

#include "reckon/doc.h"

/* ---- identity ---- */
struct kube_key { /* views; owned by the object that holds the key */
    rk_str group, kind, namespace, name; /* group and namespace may be empty */
};
bool kube_key_eq(const struct kube_key *a, const struct kube_key *b);
int kube_key_cmp(const struct kube_key *a, const struct kube_key *b);
void kube_key_text(struct rk_buf *out, const struct kube_key *k);   /* "group/kind/ns/name" */
/* Parses that text; also accepts "kind/name" and "kind/ns/name" (core group). */
bool kube_key_parse(rk_str text, struct kube_key *out);
struct kube_key kube_key_copy(struct rk_arena *a, const struct kube_key *k);

/* ---- objects ---- */
struct kube_object {
    struct kube_key key;
    rk_str version;             /* of apiVersion */
    struct doc_node *doc;       /* secret values masked (kube_mask_secret) */
    rk_str uid, resource_version;
    rk_str managed_fields;      /* JSON of metadata.managedFields, cut from doc; empty = none */
    struct doc_node *clear;     /* desired Secrets only: the clear document, in a wiping arena of
                                 * its maker; only cluster's apply reads it; else NULL */
};
/* Fills key, version, uid and resource_version (views into doc). INVALID when apiVersion, kind,
 * metadata, or both name and generateName are missing (a hook may have only generateName). */
int kube_object_init(struct kube_object *o, struct doc_node *doc, struct rk_err *err) RK_MUST_CHECK;
/* Moves metadata.managedFields out of doc into managed_fields, as JSON in the arena. */
void kube_object_cut_managed(struct rk_arena *a, struct kube_object *o);
void kube_split_api_version(rk_str api_version, rk_str *group, rk_str *version);
rk_str kube_annotation(const struct kube_object *o, const char *name); /* none when absent */
rk_str kube_label(const struct kube_object *o, const char *name);

/*
 * Secrets: every value of data and stringData (folded into data) and the last-applied annotation
 * become "rk1:<16 hex of HMAC(key, namespace/name/item + value)>:<length>". Idempotent. The same
 * value in live and desired gives the same text: set the namespace before masking.
 */
bool kube_is_secret(const struct kube_key *k);
void kube_mask_secret(struct rk_arena *a, struct doc_node *doc, const uint8_t key[32]);
/* stringData becomes data, as the API server stores it: applied so, its fields have an owner. What
 * is no text stays, so that the server refuses it. a: an arena that wipes, for a clear document. */
void kube_fold_string_data(struct rk_arena *a, struct doc_node *doc);

/* ---- types: one row a kind in types.c ---- */
enum kube_scope { KUBE_SCOPE_UNKNOWN, KUBE_NAMESPACED, KUBE_CLUSTER };
struct kube_type {
    const char *group, *version, *kind, *plural;
    enum kube_scope scope;
    int sync_rank;              /* order inside a wave, reference/argocd.md section 1.3 */
};
const struct kube_type *kube_type_find(rk_str group, rk_str kind);  /* any version; NULL unknown */
const struct kube_type *kube_type_rows(size_t *n);
int kube_sync_rank(rk_str group, rk_str kind);                      /* unknown kinds last */
/* Known cluster-scoped in the schema that kustomize v5.7.1 embeds (exact apiVersion). */
bool kube_kustomize_cluster_scoped(rk_str group, rk_str version, rk_str kind);
/* Does that schema have the type at all (exact apiVersion)? */
bool kube_kustomize_knows(rk_str group, rk_str version, rk_str kind);

/* ---- schema facts ---- */
enum kube_list { KUBE_LIST_ATOMIC, KUBE_LIST_MAP, KUBE_LIST_SET };
/*
 * A position in a type's schema while walking a document. Start with kube_schema_of, step with
 * kube_schema_field and kube_schema_item. node 0 = nothing known (CRD): lists atomic, maps
 * granular. A known type's unremarkable fields are known too, but not told from misspelled ones.
 */
struct kube_own_schema;
struct kube_schema {
    uint16_t node;
    const struct kube_own_schema *own;  /* a schema of the user's; else NULL */
    const struct doc_node *place;       /* in it; NULL = nothing known */
};
enum kube_schema_use {
    KUBE_SSA,       /* what a v1.35 API server uses for server-side apply */
    KUBE_KUSTOMIZE, /* what kustomize v5.7.1 embeds (v1.21.2), for strategic merge */
};
struct kube_schema kube_schema_of(enum kube_schema_use use, rk_str group, rk_str version,
                                  rk_str kind);
/* A schema of the user's, an OpenAPI v2 document that outlives it (kustomize's field openapi). */
int kube_own_schema_new(struct rk_arena *a, const struct doc_node *document,
                        struct kube_own_schema **out, struct rk_err *err) RK_MUST_CHECK;
/* Whether kustomize's built-in types are known beside it, and whose word counts for both's. */
enum kube_beside { KUBE_ALONE, KUBE_OVER_BUILT_IN, KUBE_UNDER_BUILT_IN };
void kube_own_schema_beside(struct kube_own_schema *own, enum kube_beside beside);
struct kube_schema kube_own_schema_of(const struct kube_own_schema *own, rk_str group,
                                      rk_str version, rk_str kind);
/* Do its paths say that the type is of the cluster? */
bool kube_own_cluster_scoped(const struct kube_own_schema *own, rk_str group, rk_str version,
                             rk_str kind);
struct kube_schema kube_schema_field(struct kube_schema s, rk_str field);
struct kube_schema kube_schema_item(struct kube_schema s);          /* of a list or string map */
enum kube_list kube_schema_list(struct kube_schema s);
size_t kube_schema_keys(struct kube_schema s, const char *keys[4]); /* of a KUBE_LIST_MAP */
const char *kube_schema_key_default(struct kube_schema s, const char *key); /* "TCP" or NULL */
bool kube_schema_atomic_map(struct kube_schema s);                  /* a struct replaced whole */
bool kube_schema_quantity(struct kube_schema s);                    /* the scalar is a Quantity */
bool kube_schema_known(struct kube_schema s);

/* ---- defaults ---- */
/* Adds to a copy of a desired document what the API server would add (section 3.1). */
void kube_defaults(struct rk_arena *a, struct doc_node *doc);
/* Is this live-only field one the server allocates or always adds (section 3.1, 3.2)? */
bool kube_ignored_live(rk_str group, rk_str kind, rk_str pointer);

/* ---- quantities: exact, in nano units with saturation; canonical spelling ---- */
__extension__ typedef __int128 kube_nano;
bool kube_quantity_parse(rk_str text, kube_nano *nano);
bool kube_quantity_equal(rk_str a, rk_str b);           /* false when either is not a quantity */
bool kube_quantity_canonical(struct rk_buf *out, rk_str text);

/* ---- managedFields ---- */
struct kube_set;
struct kube_owner {
    rk_str manager, operation, subresource, time, api_version; /* views into the bytes given */
};
struct kube_fields;             /* parsed managedFields; in the arena */
int kube_fields_parse(struct rk_arena *a, rk_str managed_fields, struct kube_fields **out,
                      struct rk_err *err) RK_MUST_CHECK;
size_t kube_fields_entries(const struct kube_fields *f);
struct kube_owner kube_fields_entry(const struct kube_fields *f, size_t i);
/*
 * Who owns the field at a JSON pointer of doc (section 2.8's algorithm). false: nobody (a default,
 * a stripped path, or before tracking). Apply owners before Update owners, newest first.
 */
bool kube_fields_owner(const struct kube_fields *f, const struct doc_node *doc, rk_str pointer,
                       struct kube_schema root, struct kube_owner *out);
/* Calls fn for every leaf that entry i owns, as a JSON pointer into doc; what doc has not is
 * skipped. */
void kube_fields_each(const struct kube_fields *f, size_t i, const struct doc_node *doc,
                      void (*fn)(rk_str pointer, void *ctx), void *ctx);
/* What entry i owns, for the arithmetic below. */
const struct kube_set *kube_fields_set(const struct kube_fields *f, size_t i);
/* The entry whose manager and operation ("Apply") match; SIZE_MAX none. */
size_t kube_fields_find(const struct kube_fields *f, rk_str manager, rk_str operation);
/* The FieldsV1 of a whole document, without the paths that are never tracked. */
struct doc_node *kube_fields_of(struct rk_arena *a, const struct doc_node *doc,
                                struct kube_schema root);
/* ".spec.template.spec.containers[name=\"app\"].image" (an SMD path, as a 409 names it) -> JSON
 * pointer into doc; false when doc has no such place. */
bool kube_fields_pointer(const struct doc_node *doc, rk_str smd_path, struct rk_buf *pointer);

/*
 * ---- field sets: what a FieldsV1 says, with the arithmetic of server-side apply ----
 * Immutable once made; every operation returns a new set in the arena given and may share parts
 * of its inputs, which must live as long. A path is a member, or only leads to members.
 */
struct kube_set *kube_set_new(struct rk_arena *a);
int kube_set_read(struct rk_arena *a, const struct doc_node *fields_v1, struct kube_set **out,
                  struct rk_err *err) RK_MUST_CHECK;
struct doc_node *kube_set_write(struct rk_arena *a, const struct kube_set *s); /* FieldsV1 */
struct kube_set *kube_set_of(struct rk_arena *a, const struct doc_node *doc,
                             struct kube_schema root);              /* as kube_fields_of */
struct kube_set *kube_set_union(struct rk_arena *a, const struct kube_set *x,
                                const struct kube_set *y);
struct kube_set *kube_set_intersection(struct rk_arena *a, const struct kube_set *x,
                                       const struct kube_set *y);
struct kube_set *kube_set_difference(struct rk_arena *a, const struct kube_set *x,
                                     const struct kube_set *y);
bool kube_set_empty(const struct kube_set *s);
bool kube_set_equal(const struct kube_set *x, const struct kube_set *y);
/* Is the place at a JSON pointer of doc a member? */
bool kube_set_has(const struct kube_set *s, const struct doc_node *doc, rk_str pointer,
                  struct kube_schema root);
/* Every member in order, as the path a 409 names: ".spec.containers[name=\"app\"].image". */
void kube_set_each(const struct kube_set *s, void (*fn)(rk_str smd_path, void *ctx), void *ctx);
/*
 * Takes the members of `gone` out of doc, except those that are in `keep` (NULL = none) or lead to
 * a member of it; a map that becomes empty by it goes too.
 */
void kube_set_remove(struct doc_node *doc, const struct kube_set *gone,
                     const struct kube_set *keep, struct kube_schema root);
/* What an update changed: members only in after, with another value, only in before. */
struct kube_change {
    struct kube_set *added, *modified, *removed;
};
struct kube_change kube_set_compare(struct rk_arena *a, const struct doc_node *before,
                                    const struct doc_node *after, struct kube_schema root);
/* Server-side apply's merge: live with everything that config sets; list order as SMD v6.
 * INVALID when a list map of config has two items with one key, or one without. */
int kube_apply_merge(struct rk_arena *a, const struct doc_node *live,
                     const struct doc_node *config, struct kube_schema root,
                     struct doc_node **out, struct rk_err *err) RK_MUST_CHECK;
/*
 * What the server would refuse an apply of config by manager for: fn for every field that it would
 * change and another entry of live's managedFields owns, entry by entry. UNSUPPORTED where that is
 * not certain (no managedFields, another API version, unknown kind): then fn was not called. Scratch in a.
 */
typedef void (*kube_conflict_fn)(rk_str manager, rk_str smd_path, void *ctx);
int kube_apply_conflicts(struct rk_arena *a, const struct kube_object *live,
                         const struct doc_node *config, rk_str manager, kube_conflict_fn fn,
                         void *ctx, struct rk_err *err) RK_MUST_CHECK;

/* ---- strategic merge, as kustomize v5.7.1 does it (reference/kustomize.md section 5) ---- */
struct kube_merge {
    struct rk_arena *arena;
    struct doc_marks *marks;    /* may be NULL */
    struct kube_schema schema;  /* KUBE_KUSTOMIZE */
};
/* *dest is changed; it becomes NULL when the patch deletes the object. */
int kube_strategic_merge(const struct kube_merge *m, struct doc_node **dest,
                         const struct doc_node *patch, struct rk_err *err) RK_MUST_CHECK;

/* ---- selectors: "a=b,c in (x,y),!d" ---- */
struct kube_selector;
int kube_selector_parse(struct rk_arena *a, rk_str text, struct kube_selector **out,
                        struct rk_err *err) RK_MUST_CHECK;
bool kube_selector_match(const struct kube_selector *s, const struct doc_node *labels);

/* ---- names of Reckon's own marks on objects (design.md section 9) ---- */
#define KUBE_MANAGER "reckon"
#define KUBE_TRACKING_ID "reckon.dev/tracking-id"
#define KUBE_APPLICATION_LABEL "reckon.dev/application"
#define KUBE_ARGO_TRACKING_ID "argocd.argoproj.io/tracking-id"
/* "<application>:<group>/<kind>:<namespace>/<name>" */
void kube_tracking_id(struct rk_buf *out, rk_str application, const struct kube_key *k);
/* The application named by an object's tracking id, if the id names this very object. */
bool kube_tracked_by(const struct kube_object *o, rk_str *application);
/* Does metadata show another automation (Argo CD, Flux, Helm)? Its name, else none. */
rk_str kube_foreign(const struct kube_object *o, const struct kube_fields *fields);
rk_str kube_foreign_live(const struct kube_object *live);   /* by its own managedFields */

#endif
