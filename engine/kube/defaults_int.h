/*
 * defaults_int.h: the rows of defaults_table.c, read by defaults.c.
 */
#ifndef RK_KUBE_DEFAULTS_INT_H
#define RK_KUBE_DEFAULTS_INT_H

#include "kube/kube_int.h"

/* A condition looks at the map that would get the field. */
typedef bool (*kube_when)(const struct doc_node *map);

struct kube_default {
    const char *at;     /* "spec.containers[].ports[]": maps to visit; "" = the start */
    const char *field;
    const char *value;  /* "{}", "true", "false", digits = number, other text = string */
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
