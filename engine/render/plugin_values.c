/*
 * plugin_values.c: the plugins ValueAddTransformer and IAMPolicyGenerator, which no field stands
 * for. In: their configurations. Out: a value in fields of objects, alone or as a part of a path;
 * a ServiceAccount bound to one of the cloud.
 */
#include "render/render_int.h"

/* ---- ValueAddTransformer ---- */

struct adding {
    struct plugging *p;
    struct doc_node *value;
    rk_str path;
    int64_t position;
};

/* The value as part number `at` of a file path; a leading slash stays in front. */
static rk_str inserted(struct build *b, rk_str path, int64_t at, rk_str value)
{
    struct rk_buf out = RK_BUF_INIT;
    bool absolute = rk_str_starts(path, "/"), put = false;
    rk_str rest = absolute ? (rk_str){path.p + 1, path.n - 1} : path, made;
    int64_t i = 0;

    while (rest.n) {
        rk_str part = rk_str_cut(rest, '/', &rest);

        if (!part.n)
            continue;
        if (i++ == at) {
            rk_buf_f(&out, "%s%.*s", out.n ? "/" : "", RK_ARG_STR(value));
            put = true;
        }
        rk_buf_f(&out, "%s%.*s", out.n ? "/" : "", RK_ARG_STR(part));
    }
    if (!put)
        rk_buf_f(&out, "%s%.*s", out.n ? "/" : "", RK_ARG_STR(value));
    made = rk_str_c(rk_arena_f(b->a, "%s%.*s", absolute ? "/" : "", RK_ARG_STR(rk_buf_view(&out))));
    rk_buf_release(&out);
    return made;
}

static int set_value(const struct adding *x, struct res *r, struct doc_node *n, struct rk_err *err)
{
    struct build *b = x->p->b;
    struct spec_call c = {.b = b, .res = r, .at = x->value->mark, .by = DOC_BY_REPLACEMENT};
    rk_str text = x->value->text;
    struct doc_node *made;

    if (is_tree(n))
        return rk_fail(err, RK_INVALID, "%s: %.*s is no text", ids_text(b, r),
                       RK_ARG_STR(x->path));
    if (x->position > 0)
        text = inserted(b, doc_is_null(n) ? RK_STR("") : doc_source(n), x->position - 1, text);
    made = n->flags & DOC_QUOTED ? doc_string(b->a, text) : doc_plain(b->a, text);
    made->flags |= n->flags & DOC_QUOTED;
    if (n->mark == x->value->mark) /* it was made for this value */
        n->mark = 0;
    edit_scalar(&c, n, made);
    return 0;
}

/* a/b\/c with slashes is a.b/c with dots. */
static rk_str with_dots(struct build *b, rk_str path)
{
    struct rk_buf out = RK_BUF_INIT;
    rk_str copy;

    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '\\' && i + 1 < path.n && path.p[i + 1] == '/')
            rk_buf_ch(&out, path.p[++i]);
        else if (path.p[i] == '.')
            rk_buf_c(&out, "\\.");
        else
            rk_buf_ch(&out, path.p[i] == '/' ? '.' : path.p[i]);
    }
    copy = rk_arena_str(b->a, rk_buf_view(&out));
    rk_buf_release(&out);
    return copy;
}

static int add_to(const struct adding *x, struct res *r, struct rk_err *err)
{
    struct plugging *p = x->p;
    struct fieldpath_hits h = {.b = p->b, .make = true, .leaf = DOC_STRING, .at = x->value->mark};
    struct namespace_how how = {.value = x->value};
    struct fieldpath path;
    int rc;

    if (rk_str_is(x->path, "metadata/namespace"))
        return namespace_put(p->b, p->acc, r, &how, err);
    if (fieldpath_new(p->b, with_dots(p->b, x->path), &path, err))
        return -1;
    rc = fieldpath_match(&path, r->doc, &h, err);
    fieldpath_free(&path);
    for (size_t i = 0; rc == 0 && i < h.n; i++)
        rc = set_value(x, r, h.v[i], err);
    ids_refresh(p->b, p->acc, r);
    return rc;
}

static int add_target(struct adding *x, const struct doc_node *target, struct rk_err *err)
{
    const struct doc_node *select = doc_get(target, "selector");
    struct plugging *p = x->p;
    rk_auto(selector_free) struct selector *s = NULL;

    x->path = doc_get_text(target, "fieldPath");
    x->position = doc_get_int(target, "filePathPosition", 0);
    if (!x->path.n || x->position < 0)
        return plugin_wrong(p, err, !x->path.n ? "a target needs fieldPath"
                                               : "filePathPosition is not negative");
    if (!doc_is_null(select) && selector_new(p->b, p->k, select, &s, err))
        return -1;
    for (size_t i = 0; i < p->acc->n; i++)
        if ((!s || selector_match(s, p->acc->items[i])) && add_to(x, p->acc->items[i], err))
            return rk_wrap(err, "%s:%u", p->k->file, mark_line(p->b, target->mark));
    return 0;
}

/* Targets that several configurations share may stand in a file. */
static int more_targets(struct plugging *p, struct doc_node *targets, struct rk_err *err)
{
    const struct doc_node *path = doc_get(p->doc, "targetFilePath");
    struct asked by = load_asked(p->b, p->k, path, "targetFilePath");
    struct fields_where where = {.lenient = true};
    struct doc_node *doc;

    if (!doc_text(path).n)
        return 0;
    if (load_named(p->b, p->k, doc_text(path), by, &where.file, &where.text, err) ||
        kust_read_config(p->b, where.text, where.file, &doc, err) ||
        fields_check_as(p->b, doc, FIELDS_VALUES, &where, err))
        return -1;
    for (size_t i = 0; i < doc_count(doc_get(doc, "targets")); i++)
        doc_push(p->b->a, targets, doc_at(doc_get(doc, "targets"), i));
    return 0;
}

int plugin_values(struct plugging *p, struct rk_err *err)
{
    struct adding x = {.p = p};
    struct doc_node *targets = doc_list(p->b->a), *value = doc_get(p->doc, "value");
    const char *slash = strrchr(p->k->dir, '/');
    rk_str text = rk_str_trim(doc_text(value));

    for (size_t i = 0; i < doc_count(doc_get(p->doc, "targets")); i++)
        doc_push(p->b->a, targets, doc_at(doc_get(p->doc, "targets"), i));
    if (more_targets(p, targets, err))
        return -1;
    if (!doc_count(targets))
        return plugin_wrong(p, err, "it needs a target");
    if (!text.n) /* the name of the folder */
        text = rk_str_c(slash ? slash + 1 : p->k->dir);
    if (!text.n)
        return plugin_wrong(p, err, "it needs a value");
    x.value = doc_string(p->b->a, text);
    x.value->mark = value ? value->mark : p->doc->mark;
    for (size_t i = 0; i < doc_count(targets); i++)
        if (add_target(&x, doc_at(targets, i), err))
            return -1;
    return 0;
}

/* ---- IAMPolicyGenerator ---- */

static void put(struct plugging *p, struct doc_node *map, const char *key, const char *text)
{
    struct doc_node *n = doc_plain(p->b->a, rk_str_c(text));

    n->mark = doc_marks_chain(p->b->marks, p->doc->mark, DOC_BY_GENERATOR, 0);
    doc_set_c(p->b->a, map, key, n);
}

static const char *text_of(struct plugging *p, const char *dotted)
{
    rk_str s = doc_text(doc_walk(p->doc, dotted));

    return rk_arena_dup(p->b->a, s.n ? s.p : "", s.n);
}

int plugin_iam(struct plugging *p, struct rk_err *err)
{
    const char *name = text_of(p, "kubernetesService.name");
    const char *ns = text_of(p, "kubernetesService.namespace");
    struct doc_node *doc = doc_map(p->b->a), *meta;
    struct res *made;

    if (!rk_str_is(doc_get_text(p->doc, "cloud"), "gke"))
        return plugin_wrong(p, err, "cloud has to be gke");
    if (!name[0])
        return plugin_wrong(p, err, "kubernetesService.name is missing");
    doc->mark = doc_marks_chain(p->b->marks, p->doc->mark, DOC_BY_GENERATOR, 0);
    put(p, doc, "apiVersion", "v1");
    put(p, doc, "kind", "ServiceAccount");
    meta = doc_make(p->b->a, doc, "metadata");
    put(p, doc_make(p->b->a, meta, "annotations"), "iam.gke.io/gcp-service-account",
        rk_arena_f(p->b->a, "%s@%s.iam.gserviceaccount.com", text_of(p, "serviceAccount.name"),
                   text_of(p, "serviceAccount.projectId")));
    put(p, meta, "name", name);
    if (ns[0])
        put(p, meta, "namespace", ns);
    made = res_new(p->b, doc);
    made->origin = p->k->maker;
    return acc_append(p->b, p->acc, made, err);
}
