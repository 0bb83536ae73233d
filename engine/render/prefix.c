/*
 * prefix.c: namePrefix and nameSuffix. In: all objects. Out: their names, with the old id on each
 * object's stack, and the chain of prefixes and suffixes that references are matched by.
 * CustomResourceDefinition, Namespace and APIService keep their names.
 */
#include "render/render_int.h"

struct affix {
    rk_str text;
    bool front;
};

static const struct spec kept[] = {
    {.kind = "CustomResourceDefinition"},
    {.kind = "APIService", .group = "apiregistration.k8s.io"},
    {.kind = "Namespace"},
};

static int set_name(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    const struct affix *x = c->ctx;
    rk_str old = doc_source(n);

    if (edit_needs_scalar(c, n, err))
        return -1;
    edit_plain(c, n, rk_str_c(x->front ? rk_arena_f(c->b->a, "%.*s%.*s", RK_ARG_STR(x->text),
                                                   RK_ARG_STR(old))
                                      : rk_arena_f(c->b->a, "%.*s%.*s", RK_ARG_STR(old),
                                                   RK_ARG_STR(x->text))));
    return 0;
}

/* The kind that the object was loaded with decides. */
static rk_str first_kind(const struct res *r)
{
    return r->n_prev ? r->prev[0].kind : r->kind;
}

static bool keeps_name(const struct res *r)
{
    for (size_t i = 0; i < RK_LEN(kept); i++)
        if (gvk_selected(&kept[i], r->group, r->version, first_kind(r)))
            return true;
    return false;
}

static void remember(struct build *b, struct res_texts *t, rk_str text)
{
    t->v = rk_arena_grow(b->a, t->v, t->n, &t->cap, sizeof(*t->v));
    t->v[t->n++] = text;
}

static int affix_one(struct spec_call *c, struct specs specs, struct rk_err *err)
{
    const struct affix *x = c->ctx;
    struct res *r = c->res;

    for (size_t i = 0; i < specs.n; i++) {
        if (!gvk_selected(&specs.v[i], r->group, r->version, first_kind(r)))
            continue;
        if (rk_streq(specs.v[i].path, "metadata/name")) {
            remember(c->b, x->front ? &r->prefixes : &r->suffixes, x->text);
            if (x->text.n)
                ids_store_previous(c->b, r);
        }
        if (spec_apply(c, &specs.v[i], err))
            return -1;
    }
    return 0;
}

static int affix_all(struct build *b, const struct kust *k, struct acc *acc,
                     const struct doc_node *value, bool front, struct rk_err *err)
{
    struct affix x = {.text = value->text, .front = front};
    struct spec_call c = {.b = b, .make = SPEC_MAKE_SCALAR, .set = set_name, .ctx = &x,
                          .at = value->mark, .by = DOC_BY_PREFIX};
    struct specs specs = acc->config->list[front ? CONFIG_NAME_PREFIX : CONFIG_NAME_SUFFIX];

    for (size_t i = 0; i < acc->n; i++) {
        c.res = acc->items[i];
        if (keeps_name(c.res))
            continue;
        if (affix_one(&c, specs, err))
            return rk_wrap(err, "%s:%u", mark_file(b, k, value->mark), mark_line(b, value->mark));
        ids_refresh(b, acc, c.res);
    }
    return 0;
}

int prefix_add(struct build *b, const struct kust *k, struct acc *acc,
               const struct doc_node *value, struct rk_err *err)
{
    return affix_all(b, k, acc, value, true, err);
}

int suffix_add(struct build *b, const struct kust *k, struct acc *acc,
               const struct doc_node *value, struct rk_err *err)
{
    return affix_all(b, k, acc, value, false, err);
}
