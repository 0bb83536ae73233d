/*
 * vars.c: the deprecated `vars`. In: names, each for a field of one object. Out: $(NAME) replaced
 * in the fields that varReference lists, once, at the root, after names have got their last form.
 * A value that is nothing but $(NAME) takes the type of the source; $$ is a dollar.
 */
#include "render/render_int.h"

#define VARS_MAX 10000

struct var {
    rk_str name;
    const struct kust *k;
    const struct doc_node *entry;
    struct res *res;            /* NULL: nothing has the id */
    struct doc_node *value;     /* at the end; NULL: no scalar */
    rk_str text;                /* of value, inside of other texts */
    bool used;
};

static int fail(const struct build *b, const struct var *v, struct rk_err *err, const char *what)
{
    return rk_fail_at(err, RK_INVALID, v->k->file, mark_line(b, v->entry->mark), 0,
                      "vars: %.*s: %s", RK_ARG_STR(v->name), what);
}

/* ---- collecting ---- */

/* Type and name exactly; the namespace only when one is written. Any id, current or former. */
static bool is_meant(const struct res *want, const struct res *r)
{
    if (!rk_str_eq(want->group, r->group) || !rk_str_eq(want->version, r->version))
        return false;
    if (rk_str_eq(want->kind, r->kind) && rk_str_eq(want->name, r->name) &&
        (!want->ns.n || rk_str_eq(want->ns, ids_effective_ns(r))))
        return true;
    for (size_t i = 0; i < r->n_prev; i++)
        if (rk_str_eq(want->kind, r->prev[i].kind) && rk_str_eq(want->name, r->prev[i].name) &&
            (!want->ns.n || rk_str_eq(want->ns, r->prev[i].ns)))
            return true;
    return false;
}

static struct res wanted(const struct doc_node *ref)
{
    struct res w = {.group = doc_get_text(ref, "group"), .version = doc_get_text(ref, "version"),
                    .kind = doc_get_text(ref, "kind"), .name = doc_get_text(ref, "name"),
                    .ns = doc_get_text(ref, "namespace")};
    rk_str api = doc_get_text(ref, "apiVersion"), rest = RK_STR_NONE, first;

    if (!api.n)
        return w;
    first = rk_str_cut(api, '/', &rest);
    if (first.n == api.n) {
        w.version = first;
    } else if (!memchr(rest.p, '/', rest.n)) {
        w.group = first;
        w.version = rest;
    }
    return w;
}

static int find_object(struct build *b, const struct acc *acc, struct var *v, struct rk_err *err)
{
    struct res w = wanted(doc_get(v->entry, "objref"));

    for (size_t i = 0; i < acc->n; i++) {
        if (!is_meant(&w, acc->items[i]))
            continue;
        if (v->res)
            return fail(b, v, err, "its objref fits several objects; write its namespace");
        v->res = acc->items[i];
    }
    return 0;
}

static int add(struct build *b, struct acc *acc, struct var *v, struct rk_err *err)
{
    if (acc->n_vars == VARS_MAX)
        return rk_fail_at(err, RK_LIMIT, v->k->file, mark_line(b, v->entry->mark), 0,
                          "more than %d vars (limit: vars)", VARS_MAX);
    for (size_t i = 0; i < acc->n_vars; i++)
        if (rk_str_eq(acc->vars[i]->name, v->name))
            return fail(b, v, err, "there is a var of this name already");
    acc->vars = rk_arena_grow(b->a, acc->vars, acc->n_vars, &acc->cap_vars, sizeof(struct var *));
    acc->vars[acc->n_vars++] = v;
    return 0;
}

int vars_collect(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
{
    const struct doc_node *list = k->field[KUST_VARS];

    for (size_t i = 0; i < doc_count(list); i++) {
        struct var *v = rk_arena_alloc(b->a, sizeof(*v));

        *v = (struct var){.k = k, .entry = doc_at(list, i),
                          .name = doc_get_text(doc_at(list, i), "name")};
        if (find_object(b, acc, v, err) || add(b, acc, v, err))
            return -1;
    }
    return 0;
}

int vars_merge(struct build *b, struct acc *acc, const struct acc *sub, struct rk_err *err)
{
    for (size_t i = 0; i < sub->n_vars; i++)
        if (add(b, acc, sub->vars[i], err))
            return -1;
    return 0;
}

/* ---- values ---- */

/* ports[0] is ports.0 here. */
static rk_str with_dots(struct build *b, rk_str path)
{
    struct rk_buf out = RK_BUF_INIT;
    rk_str copy;

    for (size_t i = 0; i < path.n; i++) {
        bool index = path.p[i] == '[' && i && path.p[i - 1] != '.' && i + 1 < path.n &&
                     path.p[i + 1] >= '0' && path.p[i + 1] <= '9';
        const char *end = index ? memchr(path.p + i, ']', path.n - i) : NULL;

        if (!end) {
            rk_buf_ch(&out, path.p[i]);
            continue;
        }
        rk_buf_f(&out, ".%.*s", (int)(end - (path.p + i) - 1), path.p + i + 1);
        i = (size_t)(end - path.p);
    }
    copy = rk_arena_str(b->a, rk_buf_view(&out));
    rk_buf_release(&out);
    return copy;
}

static rk_str value_text(struct build *b, const struct doc_node *n)
{
    struct rk_buf out = RK_BUF_INIT;
    rk_str text;

    if (doc_type(n) == DOC_NUMBER)
        doc_number_canonical(&out, n->text);
    else if (doc_type(n) == DOC_BOOL)
        rk_buf_c(&out, n->boolean ? "true" : "false");
    else
        rk_buf_str(&out, n->text);
    text = rk_arena_str(b->a, rk_buf_view(&out));
    rk_buf_release(&out);
    return text;
}

static bool is_float(rk_str text)
{
    return memchr(text.p, '.', text.n) ||
           (!rk_str_starts(text, "0x") && (memchr(text.p, 'e', text.n) || memchr(text.p, 'E', text.n)));
}

static int take_value(struct build *b, struct var *v, struct doc_node *found, struct rk_err *err)
{
    int64_t whole;

    if (!found)
        return fail(b, v, err, "its object has no such field");
    if (is_tree(found)) {
        render_lint_add(b, RENDER_IGNORED, v->k->file, mark_line(b, v->entry->mark),
                        "vars: %.*s is a list or a map: $(%.*s) stays as it is",
                        RK_ARG_STR(v->name), RK_ARG_STR(v->name));
        return 0;
    }
    v->value = doc_copy(b->a, found);
    if (doc_type(found) == DOC_NULL || (found->flags & DOC_TIMESTAMP)) {
        v->value = doc_string(b->a, doc_source(found));
    } else if (doc_type(found) == DOC_NUMBER && !is_float(found->text) &&
               !rk_str_int(found->text, &whole)) {
        return fail(b, v, err, "its number is not written in decimal digits");
    }
    v->text = value_text(b, v->value);
    /* a value, not a spelling: True is inserted as true, 1.50 as 1.5 */
    if (doc_type(found) == DOC_BOOL)
        v->value = doc_bool(b->a, found->boolean);
    else if (doc_type(found) == DOC_NUMBER)
        v->value = doc_number(b->a, v->text);
    v->value->mark = found->mark;
    return 0;
}

static int read_value(struct build *b, struct var *v, struct rk_err *err)
{
    rk_str text = doc_get_text(doc_get(v->entry, "fieldref"), "fieldPath");
    struct doc_node *found = NULL;
    struct fieldpath path;
    int rc;

    if (!v->res || v->res->gone)
        return fail(b, v, err, "no object fits its objref (apiVersion, kind, name)");
    if (fieldpath_new(b, with_dots(b, text.n ? text : RK_STR("metadata.name")), &path, err))
        return rk_wrap(err, "%s:%u: vars", v->k->file, mark_line(b, v->entry->mark));
    rc = fieldpath_find(&path, v->res->doc, &found, err);
    fieldpath_free(&path);
    if (rc)
        return rk_wrap(err, "%s:%u: vars", v->k->file, mark_line(b, v->entry->mark));
    return take_value(b, v, found, err);
}

/* ---- replacing ---- */

struct filling {
    struct rk_map *by_name;
    struct var *last;           /* the last one that was put in */
};

static struct var *var_named(struct filling *f, rk_str name)
{
    struct var *v = rk_map_get_n(f->by_name, name);

    if (!v || !v->value)
        return NULL;
    v->used = true;
    f->last = v;
    return v;
}

/* What follows a dollar: *used bytes of rest. */
static void expand(struct filling *f, rk_str rest, struct rk_buf *out,
                   size_t *used)
{
    const char *end = rest.p[0] == '(' ? memchr(rest.p, ')', rest.n) : NULL;
    rk_str name;
    struct var *v;

    *used = 1;
    if (rest.p[0] == '$') {
        rk_buf_ch(out, '$');
        return;
    }
    if (!end) {
        rk_buf_f(out, "$%c", rest.p[0]);
        return;
    }
    *used = (size_t)(end - rest.p) + 1;
    name = (rk_str){rest.p + 1, *used - 2};
    v = var_named(f, name);
    if (v)
        rk_buf_str(out, v->text);
    else
        rk_buf_f(out, "$(%.*s)", RK_ARG_STR(name));
}

static int replaced(struct build *b, struct filling *f, rk_str text, rk_str *made,
                    struct rk_err *err)
{
    struct rk_buf out = RK_BUF_INIT;
    size_t used;
    int rc;

    for (size_t i = 0; i < text.n && b->n_made + out.n <= MADE_MAX; i++) {
        if (text.p[i] != '$' || i + 1 == text.n) {
            rk_buf_ch(&out, text.p[i]);
            continue;
        }
        expand(f, (rk_str){text.p + i + 1, text.n - i - 1}, &out, &used);
        i += used;
    }
    rc = build_count_made(b, out.n, err);
    *made = rc ? RK_STR_NONE : rk_arena_str(b->a, rk_buf_view(&out));
    rk_buf_release(&out);
    return rc;
}

/* The name when the text is $(name) and nothing else. */
static struct var *whole(struct filling *f, rk_str text)
{
    if (!rk_str_starts(text, "$(") || memchr(text.p, ')', text.n) != text.p + text.n - 1)
        return NULL;
    return var_named(f, (rk_str){text.p + 2, text.n - 3});
}

static int fill_text(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    struct filling *f = (struct filling *)(uintptr_t)c->ctx;
    struct doc_node *value;
    struct var *v;
    rk_str text;

    n->flags &= (uint8_t)~DOC_STYLE; /* the real tool writes every text here anew */
    if (!memchr(n->text.p, '$', n->text.n))
        return 0;
    v = whole(f, n->text);
    if (v) {
        c->at = v->value->mark;
        value = doc_copy(c->b->a, v->value);
        if (doc_type(value) == DOC_BOOL)
            value->n = 0; /* its source may have said True */
        edit_scalar(c, n, value);
        return build_count_made(c->b, v->text.n, err);
    }
    f->last = NULL;
    if (replaced(c->b, f, n->text, &text, err))
        return -1;
    if (rk_str_eq(text, n->text))
        return 0;
    c->at = f->last ? f->last->value->mark : n->mark;
    edit_text(c, n, text);
    return 0;
}

static bool is_text(const struct doc_node *n)
{
    return doc_type(n) == DOC_STRING && !(n->flags & DOC_TIMESTAMP) && n->text.n;
}

static int fill(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    if (is_text(n) && fill_text(c, n, err))
        return -1;
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++)
        if (is_text(doc_pair_at(n, i)->value) && fill_text(c, doc_pair_at(n, i)->value, err))
            return -1;
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++) {
        if (doc_type(doc_at(n, i)) != DOC_STRING || (doc_at(n, i)->flags & DOC_TIMESTAMP))
            return rk_fail(err, RK_INVALID, "%s: vars are looked for in a list that holds more "
                           "than texts: put quotes around its items", ids_text(c->b, c->res));
        if (is_text(doc_at(n, i)) && fill_text(c, doc_at(n, i), err))
            return -1;
    }
    return 0;
}

static int fill_all(struct build *b, struct acc *acc, struct filling *f, struct rk_err *err)
{
    struct spec_call c = {.b = b, .set = fill, .ctx = f, .by = DOC_BY_REPLACEMENT};

    for (size_t i = 0; i < acc->n; i++) {
        c.res = acc->items[i];
        if (spec_apply_all(&c, acc->config->list[CONFIG_VAR_REFERENCE], err))
            return -1;
        ids_refresh(b, acc, c.res);
    }
    return build_cancelled(b, err);
}

int vars_resolve(struct build *b, struct acc *acc, struct rk_err *err)
{
    struct filling f = {0};
    int rc = 0;

    for (size_t i = 0; i < acc->n_vars; i++)
        if (read_value(b, acc->vars[i], err))
            return -1;
    if (!acc->n_vars)
        return 0;
    f.by_name = rk_map_new();
    for (size_t i = 0; i < acc->n_vars; i++)
        rk_map_set(f.by_name, rk_arena_dup(b->a, acc->vars[i]->name.p, acc->vars[i]->name.n),
                   acc->vars[i]);
    rc = fill_all(b, acc, &f, err);
    rk_map_free(f.by_name, NULL);
    for (size_t i = 0; rc == 0 && i < acc->n_vars; i++)
        if (!acc->vars[i]->used && acc->vars[i]->value)
            render_lint_add(b, RENDER_UNMATCHED, acc->vars[i]->k->file,
                            mark_line(b, acc->vars[i]->entry->mark),
                            "vars: nothing uses $(%.*s)", RK_ARG_STR(acc->vars[i]->name));
    return rc;
}
