/*
 * select.c: which objects a list or watch means: namespace, name, label and field selectors. In:
 * the query. Out: a test. Field selectors are taken on any scalar field by its path, a little more
 * than the real server allows; one on a kind that cannot have the field selects nothing.
 */
#include "sandbox/sandbox_int.h"

int sb_selection_read(const struct sb_request *r, struct rk_arena *a, struct sb_selection *out,
                      struct sb_failure *f)
{
    const rk_str labels = sb_query(r, "labelSelector"), fields = sb_query(r, "fieldSelector");
    struct rk_err err;
    *out = (struct sb_selection){.arena = a};
    if (r->ns.p)
        out->ns = rk_arena_str(a, r->ns);
    if (labels.n && kube_selector_parse(a, rk_arena_str(a, labels), &out->labels, &err) < 0)
        return sb_fail_bad(f, "unable to parse requirement: %s", err.text);
    if (r->name.n)
        out->fields = rk_str_c(rk_arena_f(a, "metadata.name=" RK_FMT_STR "%s" RK_FMT_STR,
                                          RK_ARG_STR(r->name), fields.n ? "," : "",
                                          RK_ARG_STR(fields)));
    else
        out->fields = rk_arena_str(a, fields);
    out->any = out->labels || out->fields.n;
    return 0;
}

static rk_str field_of(const struct doc_node *doc, rk_str path)
{
    const struct doc_node *n = doc;
    while (path.n)
        n = doc_get_n(n, rk_str_cut(path, '.', &path));
    if (doc_type(n) == DOC_BOOL)
        return n->boolean ? RK_STR("true") : RK_STR("false");
    return doc_text(n);
}

static bool term(rk_str one, const struct doc_node *doc)
{
    rk_str want, path = rk_str_cut(one, '=', &want);
    const bool differs = path.n && path.p[path.n - 1] == '!';
    if (differs)
        path.n--;
    if (want.n && want.p[0] == '=')
        want = (rk_str){want.p + 1, want.n - 1};
    return rk_str_eq(field_of(doc, rk_str_trim(path)), want) != differs;
}

bool sb_selected(const struct sb_selection *s, const struct sb_object *o)
{
    if (s->ns.p && !rk_str_eq(s->ns, o->ns))
        return false;
    if (s->labels && !kube_selector_match(s->labels, doc_walk(o->doc, "metadata.labels")))
        return false;
    rk_str rest = s->fields;
    while (rest.n) {
        if (!term(rk_str_cut(rest, ',', &rest), o->doc))
            return false;
    }
    return true;
}
