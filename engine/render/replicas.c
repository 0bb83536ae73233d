/*
 * replicas.c: the `replicas` field. In: names and counts. Out: spec.replicas of the workloads that
 * have, or had, the name. A name that fits nothing is an error, as in the real tool.
 */
#include "render/render_int.h"

static int set_count(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    struct doc_node *count = doc_int(c->b->a, *(const int64_t *)c->ctx);

    if (edit_needs_scalar(c, n, err))
        return -1;
    edit_scalar(c, n, n->flags & DOC_QUOTED ? doc_string(c->b->a, count->text) : count);
    return 0;
}

static int set_one(struct build *b, const struct kust *k, struct acc *acc,
                   const struct doc_node *entry, struct rk_err *err)
{
    const struct doc_node *count_node = doc_get(entry, "count");
    int64_t count = doc_get_int(entry, "count", 0);
    struct spec_call c = {.b = b, .make = SPEC_MAKE_SCALAR, .set = set_count, .ctx = &count,
                          .at = count_node ? count_node->mark : entry->mark,
                          .by = DOC_BY_REPLICAS};
    struct specs specs = acc->config->list[CONFIG_REPLICAS];
    rk_str name = doc_get_text(entry, "name");
    bool found = false;

    for (size_t s = 0; s < specs.n; s++)
        for (size_t i = 0; i < acc->n; i++) {
            c.res = acc->items[i];
            if (!ids_any_named(c.res, name, &specs.v[s]))
                continue;
            found = true;
            c.res->counted = load_asked(b, k, entry, "replicas");
            if (spec_apply(&c, &specs.v[s], err))
                return -1;
        }
    if (!found)
        return rk_fail_at(err, RK_INVALID, mark_file(b, k, entry->mark),
                          mark_line(b, entry->mark), 0,
                          "replicas: no Deployment, StatefulSet, ReplicaSet or "
                          "ReplicationController is named '%.*s'", RK_ARG_STR(name));
    return 0;
}

int replicas_set(struct build *b, const struct kust *k, struct acc *acc,
                 const struct doc_node *value, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++)
        if (set_one(b, k, acc, doc_at(value, i), err))
            return -1;
    return 0;
}
