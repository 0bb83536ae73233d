/*
 * order.c: the order of the output. In: objects in load order and sortOptions of the root. Out:
 * the same objects, by kind rank, then type, then namespace and name (the legacy order, which is
 * the default), or untouched (fifo). Keys are made once an object, so the cost is n log n.
 */
#include <stdlib.h>

#include "render/render_int.h"

static const char *const first[] = {
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount",
    "PodSecurityPolicy", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap",
    "Secret", "Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume",
    "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget",
};
static const char *const last[] = {
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
};

struct key {
    struct res *res;
    const char *gvk, *id;
    int rank;
};

int order_rank(const char *kind)
{
    int rank = 0;

    for (size_t i = 0; kind && i < RK_LEN(first); i++)
        if (rk_streq(kind, first[i]))
            rank = (int)i - (int)RK_LEN(first);
    for (size_t i = 0; kind && i < RK_LEN(last); i++)
        if (rk_streq(kind, last[i]))
            rank = 1 + (int)i;
    return rank;
}

static rk_str or_else(rk_str s, const char *otherwise)
{
    return s.n ? s : rk_str_c(otherwise);
}

const char *order_gvk(struct build *b, rk_str group, rk_str version, rk_str kind)
{
    return rk_arena_f(b->a, "%.*s_%.*s_%.*s", RK_ARG_STR(or_else(group, "~G")),
                      RK_ARG_STR(or_else(version, "~V")), RK_ARG_STR(or_else(kind, "~K")));
}

static bool core_namespace(const struct res *a, const struct res *b)
{
    return rk_str_is(a->kind, "Namespace") && rk_str_is(b->kind, "Namespace") &&
           (!a->group.n || !b->group.n);
}

static int key_cmp(const void *x, const void *y)
{
    const struct key *a = x, *b = y;
    int cmp;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    cmp = strcmp(a->gvk, b->gvk);
    if (cmp)
        return core_namespace(a->res, b->res) ? -cmp : cmp;
    return strcmp(a->id, b->id);
}

static int listed_rank(const struct doc_node *orders, rk_str kind)
{
    const struct doc_node *head = doc_get(orders, "orderFirst"), *tail = doc_get(orders, "orderLast");
    int rank = 0;

    for (size_t i = 0; i < doc_count(head); i++)
        if (rk_str_eq(doc_text(doc_at(head, i)), kind))
            rank = (int)i - (int)doc_count(head);
    for (size_t i = 0; i < doc_count(tail); i++)
        if (rk_str_eq(doc_text(doc_at(tail, i)), kind))
            rank = 1 + (int)i;
    return rank;
}

static int built_in_rank(rk_str kind)
{
    char text[64];

    if (kind.n >= sizeof(text))
        return 0;
    memcpy(text, kind.p ? kind.p : "", kind.n);
    text[kind.n] = 0;
    return order_rank(text);
}

static void sort_legacy(struct build *b, struct acc *acc, const struct doc_node *orders)
{
    struct key *keys = rk_arena_array(b->a, acc->n + 1, sizeof(*keys));

    for (size_t i = 0; i < acc->n; i++) {
        struct res *r = acc->items[i];

        keys[i] = (struct key){
            .res = r,
            .rank = orders ? listed_rank(orders, r->kind) : built_in_rank(r->kind),
            .gvk = order_gvk(b, r->group, r->version, r->kind),
            .id = rk_arena_f(b->a, "%.*s|%.*s", RK_ARG_STR(or_else(r->ns, "~X")),
                             RK_ARG_STR(or_else(r->name, "~N"))),
        };
    }
    qsort(keys, acc->n, sizeof(*keys), key_cmp);
    for (size_t i = 0; i < acc->n; i++)
        acc->items[i] = keys[i].res;
}

int order_sort(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
{
    const struct doc_node *options = k->field[KUST_SORT_OPTIONS];
    const struct doc_node *legacy = doc_get(options, "legacySortOptions");
    rk_str order = doc_get_text(options, "order");
    uint32_t line = options ? mark_line(b, options->mark) : 0;

    if (!options || rk_str_is(order, "legacy")) {
        sort_legacy(b, acc, doc_is_null(legacy) ? NULL : legacy);
        return ids_check_unique(b, acc, err);
    }
    if (!rk_str_is(order, "fifo"))
        return rk_fail_at(err, RK_INVALID, k->file, line, 0,
                          "sortOptions.order: '%.*s' has to be legacy or fifo",
                          RK_ARG_STR(order));
    if (!doc_is_null(legacy))
        return rk_fail_at(err, RK_INVALID, k->file, line, 0,
                          "sortOptions.legacySortOptions needs order: legacy");
    return 0;
}
