/*
 * namespace.c: the `namespace` field. In: all objects of the accumulator. Out: metadata.namespace
 * on each that is not known to be cluster-scoped (reference/kustomize.md section 4), the name of a
 * v1 Namespace, subjects named default, and the fieldspecs' other fields.
 */
#include "render/render_int.h"

static int set_text(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    if (doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST)
        return rk_fail(err, RK_INVALID, "namespace fieldspecs must lead to a text");
    edit_text(c, n, rk_str_c(c->ctx));
    return 0;
}

static bool is_binding(const struct res *r)
{
    return rk_str_is(r->kind, "RoleBinding") || rk_str_is(r->kind, "ClusterRoleBinding");
}

static int set_default_subjects(struct spec_call *c, struct rk_err *err)
{
    const struct doc_node *subjects = doc_get(c->res->doc, "subjects");

    if (doc_is_null(subjects))
        return 0;
    if (doc_type(subjects) != DOC_LIST)
        return rk_fail(err, RK_INVALID, "%s: subjects is a list", ids_text(c->b, c->res));
    for (size_t i = 0; i < doc_count(subjects); i++) {
        struct doc_node *one = doc_at(subjects, i);

        if (rk_str_is(doc_get_text(one, "name"), "default"))
            edit_entry(c, one, RK_STR("namespace"), rk_str_c(c->ctx));
    }
    return 0;
}

/* Specs that have code of their own above. */
static bool is_skipped(const struct res *r, const struct spec *s)
{
    if (rk_streq(s->path, "metadata/namespace"))
        return true;
    if (rk_streq(s->path, "metadata/name"))
        return r->group.n || !rk_str_is(r->version, "v1");
    return is_binding(r) && rk_streq(s->path, "subjects/namespace") && s->kind &&
           (rk_streq(s->kind, "RoleBinding") || rk_streq(s->kind, "ClusterRoleBinding"));
}

static int set_one(struct spec_call *c, struct specs specs, struct rk_err *err)
{
    static const struct spec own = {.path = "metadata/namespace", .create = true};

    if (!c->res->cluster && spec_apply(c, &own, err))
        return -1;
    if (is_binding(c->res) && set_default_subjects(c, err))
        return -1;
    for (size_t i = 0; i < specs.n; i++)
        if (!is_skipped(c->res, &specs.v[i]) && spec_apply(c, &specs.v[i], err))
            return -1;
    return 0;
}

int namespace_set(struct build *b, const struct kust *k, struct acc *acc,
                  const struct doc_node *value, struct rk_err *err)
{
    struct spec_call c = {.b = b, .make = SPEC_MAKE_SCALAR, .set = set_text, .at = value->mark,
                          .by = DOC_BY_NAMESPACE,
                          .ctx = rk_arena_dup(b->a, value->text.p, value->text.n)};

    for (size_t i = 0; i < acc->n; i++) {
        c.res = acc->items[i];
        ids_store_previous(b, c.res);
        if (set_one(&c, acc->config->list[CONFIG_NAMESPACE], err))
            return rk_wrap(err, "%s:%u: namespace", k->file, mark_line(b, value->mark));
        ids_refresh(b, acc, c.res);
        if (ids_count_current(acc, c.res) != 1)
            return rk_fail_at(err, RK_INVALID, k->file, mark_line(b, value->mark), 0,
                              "namespace: two objects become %s: rename one of them",
                              ids_text(b, c.res));
    }
    return 0;
}
