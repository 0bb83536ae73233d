/*
 * merge_int.h: between merge.c (the walk) and merge_list.c (lists whose items have keys).
 */
#ifndef RK_KUBE_MERGE_INT_H
#define RK_KUBE_MERGE_INT_H

#include "kube/kube_int.h"

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

#endif
