/*
 * conflicts.c: what a server-side apply without force would be refused for. In: the live object
 * with its managedFields, and the configuration as it would be sent. Out: each field that another
 * entry owns and that the apply would change: structured-merge-diff's rule. Where managedFields do
 * not say it for certain, it is an error and nothing is told.
 */
#include "kube/kube_int.h"

static bool is_ours(const struct kube_owner *o, rk_str manager)
{
    return rk_str_eq(o->manager, manager) && rk_str_is(o->operation, "Apply") &&
           o->subresource.n == 0;
}

struct telling {
    rk_str manager;
    kube_conflict_fn fn;
    void *ctx;
};

static void tell(rk_str smd_path, void *ctx)
{
    const struct telling *t = ctx;
    t->fn(t->manager, smd_path, t->ctx);
}

/* A path of another API version may be another field there. */
static int check_version(const struct kube_owner *o, rk_str api_version, struct rk_err *err)
{
    if (rk_str_eq(o->api_version, api_version))
        return 0;
    return rk_fail(err, RK_UNSUPPORTED, RK_FMT_STR " wrote it as " RK_FMT_STR,
                   RK_ARG_STR(o->manager), RK_ARG_STR(o->api_version));
}

int kube_apply_conflicts(struct rk_arena *a, const struct kube_object *live,
                         const struct doc_node *config, rk_str manager, kube_conflict_fn fn,
                         void *ctx, struct rk_err *err)
{
    const rk_str version = doc_get_text(config, "apiVersion");
    const struct kube_schema root =
        kube_schema_of(KUBE_SSA, live->key.group, live->version, live->key.kind);
    struct kube_fields *fields;
    struct doc_node *merged;
    if (!kube_schema_known(root)) /* its lists may have keys that only the server knows */
        return rk_fail(err, RK_UNSUPPORTED, "the schema of this kind is not known here");
    if (live->managed_fields.n == 0 || !rk_str_eq(version, doc_get_text(live->doc, "apiVersion")))
        return rk_fail(err, RK_UNSUPPORTED, "nothing says who owns what in this API version");
    if (kube_fields_parse(a, live->managed_fields, &fields, err) ||
        kube_apply_merge(a, live->doc, config, root, &merged, err))
        return -1;
    const size_t n = kube_fields_entries(fields);
    for (size_t i = 0; i < n; i++) {
        const struct kube_owner o = kube_fields_entry(fields, i);
        if (check_version(&o, version, err))
            return -1;
    }
    const struct kube_change change = kube_set_compare(a, live->doc, merged, root);
    const struct kube_set *changed = kube_set_union(a, change.added, change.modified);
    for (size_t i = 0; i < n; i++) {
        const struct kube_owner o = kube_fields_entry(fields, i);
        struct telling t = {o.manager, fn, ctx};
        if (!is_ours(&o, manager))
            kube_set_each(kube_set_intersection(a, kube_fields_set(fields, i), changed), tell, &t);
    }
    return 0;
}
