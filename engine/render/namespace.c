/*
 * namespace.c: the `namespace` field, and what the plugin may say beyond it. In: all objects of the accumulator. Out: metadata.namespace
 * on each that is not known to be cluster-scoped (reference/kustomize.md section 4), the name of a
 * v1 Namespace, subjects named default, and the fieldspecs' other fields.
 */
#include "render/render_int.h"

static int set_text(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    const struct namespace_how *how = c->ctx;

    if (is_tree(n))
        return rk_fail(err, RK_INVALID, "namespace fieldspecs must lead to a text");
    if (!how->unset_only || doc_is_null(n) || (doc_type(n) == DOC_STRING && !n->text.n))
        edit_text(c, n, how->value->text);
    return 0;
}

static bool is_binding(const struct res *r)
{
    return rk_str_is(r->kind, "RoleBinding") || rk_str_is(r->kind, "ClusterRoleBinding");
}

static bool is_subject(const struct namespace_how *how, const struct doc_node *one)
{
    if (how->subjects == SUBJECTS_ACCOUNTS)
        return rk_str_is(doc_get_text(one, "kind"), "ServiceAccount");
    return rk_str_is(doc_get_text(one, "name"), "default");
}

static int set_subjects(struct spec_call *c, struct rk_err *err)
{
    const struct namespace_how *how = c->ctx;
    const struct doc_node *subjects = doc_get(c->res->doc, "subjects");

    if (doc_is_null(subjects) || how->subjects == SUBJECTS_NONE)
        return 0;
    if (doc_type(subjects) != DOC_LIST)
        return rk_fail(err, RK_INVALID, "%s: subjects is a list", ids_text(c->b, c->res));
    for (size_t i = 0; i < doc_count(subjects); i++) {
        struct doc_node *one = doc_at(subjects, i);
        enum doc_type name = doc_type(doc_get(one, "name"));

        if (name == DOC_MAP || name == DOC_LIST)
            return rk_fail(err, RK_INVALID, "%s: subjects[%zu].name is a text",
                           ids_text(c->b, c->res), i);
        if (is_subject(how, one) &&
            !(how->unset_only && doc_get_text(one, "namespace").n))
            edit_entry(c, one, RK_STR("namespace"), how->value->text);
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
    if (is_binding(c->res) && set_subjects(c, err))
        return -1;
    for (size_t i = 0; i < specs.n; i++)
        if (!is_skipped(c->res, &specs.v[i]) && spec_apply(c, &specs.v[i], err))
            return -1;
    return 0;
}

int namespace_put(struct build *b, struct acc *acc, struct res *r,
                  const struct namespace_how *how, struct rk_err *err)
{
    struct spec_call c = {.b = b, .res = r, .make = SPEC_MAKE_SCALAR, .set = set_text, .ctx = how,
                          .at = how->value->mark, .by = DOC_BY_NAMESPACE};

    if (set_one(&c, how->specs, err))
        return -1;
    ids_refresh(b, acc, r);
    return 0;
}

int namespace_set_as(struct build *b, const struct kust *k, struct acc *acc,
                     const struct namespace_how *how, struct rk_err *err)
{
    const char *file = mark_file(b, k, how->value->mark);
    uint32_t line = mark_line(b, how->value->mark);

    for (size_t i = 0; i < acc->n; i++) {
        struct res *r = acc->items[i];

        ids_store_previous(b, r);
        if (namespace_put(b, acc, r, how, err))
            return rk_wrap(err, "%s:%u: namespace", file, line);
        if (ids_count_current(acc, r) != 1)
            return rk_fail_at(err, RK_INVALID, file, line, 0,
                              "namespace: two objects become %s: rename one of them",
                              ids_text(b, r));
    }
    return 0;
}

int namespace_set(struct build *b, const struct kust *k, struct acc *acc,
                  const struct doc_node *value, struct rk_err *err)
{
    struct namespace_how how = {.value = value, .specs = acc->config->list[CONFIG_NAMESPACE]};

    return namespace_set_as(b, k, acc, &how, err);
}
