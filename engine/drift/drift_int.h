/*
 * drift_int.h: what the files of this room share and no other room sees.
 *
 * One walker (walk.c) compares two documents beside each other. It is used three ways: quick (only
 * "is there anything?", no memory), local (desired completed with defaults against live) and both
 * ways (the server's prediction against live). A place is a chain of stack frames, made text only
 * where something differs.
 */
#ifndef RK_DRIFT_INT_H
#define RK_DRIFT_INT_H

#include "drift/drift.h"

/* ---- values: same.c ---- */
bool same_absent(const struct doc_node *n);     /* NULL or null */
/* Says nothing: null, and maps and lists that hold nothing else. */
bool same_vacant(const struct doc_node *n);
bool same_scalar(const struct doc_node *x, const struct doc_node *y, struct kube_schema s);
bool same_bytes(rk_str in, rk_str field, const struct doc_node *x, const struct doc_node *y);
/* Does an empty map at this field mean something ("emptyDir: {}")? */
bool same_empty_counts(rk_str field);
/* A false, 0 or "" that the server drops when it is written: `in` names the map's field. */
bool same_zero(rk_str in, rk_str field, const struct doc_node *value);
/* Quick walk: is this live-only field a default of built-in types? */
bool same_added(rk_str in, rk_str field, const struct doc_node *live);
/* The item of a MAP or SET list that has the key of `like`; hint: where it probably is. */
size_t same_item(const struct doc_node *list, const struct doc_node *like, struct kube_schema s,
                 size_t hint);
bool same_has_key(const struct doc_node *item, struct kube_schema list);

/* ---- places ---- */
#define NOWHERE SIZE_MAX
struct place {
    const struct place *up;     /* NULL: the root */
    bool item;
    rk_str key;                 /* of a map */
    size_t d, f, l;             /* index in a list of each document; NOWHERE: not there */
};
enum view { VIEW_DESIRED, VIEW_FULL, VIEW_LIVE };
/* false: the document of that view has no such place. up_to: stop there (NULL: whole). */
bool place_pointer(const struct place *at, enum view view, struct rk_buf *out);
/* In desired where it has one, else in live, else in the full document: item by item. */
void place_path(const struct place *at, struct rk_buf *out);
rk_str place_field(const struct place *at);     /* nearest map key */
rk_str place_parent(const struct place *at);    /* nearest map key above the item or map it is in */

/* ---- sets of nodes that a rule takes out: ignore.c ---- */
struct nodes {
    const struct doc_node **v;
    size_t n, cap;
    bool sorted;
};
void nodes_add(struct rk_arena *a, struct nodes *s, const struct doc_node *n);
bool nodes_have(struct nodes *s, const struct doc_node *n);
bool ignore_matches(const struct model_ignore *rule, const struct kube_key *key);
/* All expressions of all rules, so that a bad one is told whatever differs. */
int ignore_check(const struct drift_rules *rules, struct rk_err *err) RK_MUST_CHECK;
/* What the rules of this object take out of doc. */
void ignore_nodes(struct rk_arena *a, const struct drift_rules *rules, const struct kube_key *key,
                  const struct doc_node *doc, struct nodes *out);

/* ---- jq of the common form: jq.c ---- */
struct jq;
int jq_parse(struct rk_arena *a, const char *text, struct jq **out, struct rk_err *err)
    RK_MUST_CHECK;
void jq_select(const struct jq *q, struct rk_arena *a, const struct doc_node *doc,
               struct nodes *out);

/* ---- the walk ---- */
struct triple {
    const struct doc_node *d;   /* desired as git says it */
    const struct doc_node *f;   /* the full one: with defaults, or predicted; quick: d */
    const struct doc_node *l;   /* live */
};
struct found {
    struct drift_field field;
    bool made;                  /* field.desired is a default, from a copy that will go */
    const char *live, *full;    /* pointers; NULL: that document has no such place */
    const char *live_whole, *full_whole;    /* of the value replaced whole that it lies in */
};
struct walk {
    struct rk_arena *a;
    const struct drift_rules *rules;
    const struct kube_key *key;
    bool quick, dirty;          /* quick: stop at the first difference */
    bool both;                  /* fields of live count too: full is a prediction */
    bool common;                /* only fields that both have: versions differ */
    bool known;                 /* the type's schema */
    struct nodes ignored;
    unsigned ignoring;          /* depth of ignored nodes above */
    const struct place *whole;  /* the outermost value above that is replaced whole */
    /* both: is this difference ours? NULL: every one */
    bool (*ours)(const struct walk *w, const struct found *f);
    const void *ours_ctx;
    struct found *found;
    size_t n, cap;
};
void walk_object(struct walk *w, struct triple docs, struct kube_schema root);
/* Records a difference unless it is noise (same.c's and kube's lists). */
void walk_record(struct walk *w, const struct found *f);
/* Server's bookkeeping and Reckon's own marks, whatever git says of them. */
bool walk_noise(const struct walk *w, rk_str path, const struct doc_node *desired,
                const struct doc_node *live);
struct kube_schema walk_schema(const struct kube_object *o);

/* ---- fields that we applied before and git no longer sets ---- */
/* false: surely none. Reads the bytes beside the documents, without memory. */
bool owned_beyond(rk_str managed_fields, const char *manager, const struct doc_node *desired,
                  const struct doc_node *live, struct kube_schema root);
/* full: desired with defaults. fields: live's, or NULL. */
void removed_find(struct walk *w, const struct kube_object *desired, const struct doc_node *full,
                  const struct kube_object *live, const struct kube_fields *fields);
bool removed_has_last_applied(const struct kube_object *live);

/* ---- copies that compare needs: prepare.c ---- */
/* The object itself, or *room: a copy in a, made for clear Secrets and for Endpoints. */
const struct kube_object *prepare_object(struct rk_arena *a, const struct kube_object *o,
                                         rk_str namespace, struct kube_object *room);

#endif
