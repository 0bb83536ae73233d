/*
 * kube_int.h: what the files of this room share and no other room sees.
 */
#ifndef RK_KUBE_INT_H
#define RK_KUBE_INT_H

#include "kube/kube.h"

/* ---- text of scalars as Go's YAML nodes carry it ("true", "80", "null"; "" for others) ---- */
rk_str kube_scalar_text(const struct doc_node *n);

/* ---- schema table: schema_table.c holds the rows, schema.c walks them ---- */
enum kube_node_kind {
    KUBE_N_PLAIN,   /* known, nothing special: scalar, granular map, atomic list */
    KUBE_N_STRUCT,  /* named fields; those not listed are plain */
    KUBE_N_MAP,     /* string map whose values are `item` */
    KUBE_N_LIST,    /* list of `item` */
    KUBE_N_QUANTITY,
};
enum kube_view { KUBE_V_BOTH, KUBE_V_SSA, KUBE_V_KUSTOMIZE };

struct kube_schema_field_row {
    const char *name;
    uint16_t node;
    uint8_t view;       /* enum kube_view */
};
struct kube_schema_node {
    uint8_t kind;       /* enum kube_node_kind */
    uint8_t list;       /* enum kube_list */
    bool atomic;        /* SSA: struct or string map replaced whole */
    uint16_t item;
    uint8_t n_keys, n_fields;
    const char *keys[4];
    const char *key_default[4];
    const struct kube_schema_field_row *fields;
};
struct kube_schema_root {
    const char *group, *versions, *kind; /* versions: blank-separated */
    uint16_t node;
    uint8_t view;
};
extern const struct kube_schema_node kube_schema_nodes[];
extern const size_t kube_schema_nodes_n;
extern const struct kube_schema_root kube_schema_roots[];
extern const size_t kube_schema_roots_n;
struct kube_schema_name {
    const char *name;           /* of a definition that is no type of its own */
    uint16_t node;
};
extern const struct kube_schema_name kube_schema_names[];
extern const size_t kube_schema_names_n;
/* A definition of kustomize's built-in schema by its name there; unknown when it has none. */
struct kube_schema kube_schema_named(rk_str name);
/* ---- schema_own.c: the same steps over a schema of the user's ---- */
struct kube_schema kube_own_field(struct kube_schema s, rk_str field);
struct kube_schema kube_own_item(struct kube_schema s);
enum kube_list kube_own_list(struct kube_schema s);
/* What stands at a built-in definition's place: the user's of that name, where it counts. */
struct kube_schema kube_own_instead(struct kube_schema s, rk_str name);
size_t kube_own_keys(struct kube_schema s, const char *keys[4]);

#define KUBE_NODE_UNKNOWN 0
#define KUBE_NODE_PLAIN 1

/* ---- field sets: set.c holds the trie, set_walk.c walks documents beside it ---- */
enum kube_pe_type { KUBE_PE_FIELD, KUBE_PE_KEY, KUBE_PE_VALUE, KUBE_PE_INDEX };
struct kube_pe {
    enum kube_pe_type type;
    rk_str text;                    /* name, or canonical JSON of value: equal means equal */
    const struct doc_node *value;   /* KEY: map, VALUE: scalar; else NULL */
};
struct kube_set_item {
    struct kube_pe pe;
    bool member;
    struct kube_set *child;         /* NULL = none */
};
struct kube_set {
    struct rk_arena *arena;
    struct kube_set_item *items;    /* sorted by pe */
    size_t n, cap;
};
int kube_pe_cmp(const struct kube_pe *a, const struct kube_pe *b);
struct kube_pe kube_pe_field(rk_str name);
/* The element that names item i of a MAP or SET list; false when it has no key, or is no map. */
bool kube_pe_item(struct rk_arena *a, struct kube_schema list, const struct doc_node *item,
                  struct kube_pe *out);
/* Is this the item that k:/v: names? Missing "protocol" counts as TCP, the only key default. */
bool kube_pe_matches(const struct kube_pe *pe, const struct doc_node *item);
/* Appends ".name", "[name=\"app\"]", "[=\"v\"]" or "[3]". */
void kube_pe_text(struct rk_buf *out, const struct kube_pe *pe);
struct kube_set_item *kube_set_find(const struct kube_set *s, const struct kube_pe *pe);
struct kube_set_item *kube_set_insert(struct kube_set *s, const struct kube_pe *pe, bool member);
struct kube_set *kube_set_child(struct kube_set *s, const struct kube_pe *pe); /* made if missing */
/* Does the schema, or its absence, say that this value is owned and replaced whole? */
bool kube_owned_whole(struct kube_schema s, const struct doc_node *value);

/* ---- strategic merge: merge.c walks, merge_list.c does lists whose items have keys ---- */
struct merge {
    struct rk_arena *arena;
    struct doc_marks *marks;
    struct rk_err *err;
    int depth;
};

enum directive { SMP_MERGE, SMP_REPLACE, SMP_DELETE };

/* Which items of a list are meant: fields with values. keys[0] empty: the item's own text. */
struct merge_match {
    const rk_str *keys, *values;
    size_t n_keys, n_values;
};

bool merge_missing(const struct doc_node *n);   /* absent or null */
bool merge_empty_map(const struct doc_node *n); /* absent, null or {} */
/* The keys of both maps, each once. */
rk_str *merge_keys(struct rk_arena *a, const struct doc_node *x, const struct doc_node *y,
                   size_t *n);
int merge_walk(struct merge *m, struct doc_node *dest, struct doc_node *origin,
               struct kube_schema schema, struct doc_node **out) RK_MUST_CHECK;
/* kyaml's ElementSetter: replaces every matching item, or appends; element NULL deletes them. */
int merge_set_item(const struct merge *m, struct doc_node *list, struct doc_node *element,
                   const struct merge_match *match) RK_MUST_CHECK;
/* Merges the items of an associative list by its keys; dest may be origin itself. */
int merge_items(struct merge *m, struct doc_node *dest, struct doc_node *origin,
                struct kube_schema schema, struct doc_node **out) RK_MUST_CHECK;

/* ---- defaults: rows in defaults_table.c, read by defaults.c ---- */
/* A condition looks at the map that would get the field. */
typedef bool (*kube_when)(const struct doc_node *map);

struct kube_default {
    const char *at;     /* "spec.containers[].ports[]": maps to visit; "" = the start */
    const char *field;
    const char *value;  /* "{}", "true", "false", digits = number, else a string; "\"0\"" too */
    kube_when when;     /* NULL = always */
};
struct kube_default_set {
    const struct kube_default *rows;
    size_t n;
};
struct kube_default_kind {
    const char *group, *kind;
    const char *pod_spec;   /* where a pod spec lies, or NULL */
    struct kube_default_set rows;
    void (*more)(struct rk_arena *a, struct doc_node *doc);  /* what no row can say; may be NULL */
};
extern const struct kube_default_set kube_defaults_pod;
extern const struct kube_default_kind kube_defaults_kinds[];
extern const size_t kube_defaults_kinds_n;

/* Sets field unless it is there; the field's value. */
struct doc_node *kube_default_to(struct rk_arena *a, struct doc_node *map, const char *field,
                                 const char *value);

#endif
