/*
 * table.c: objects in the two reduced forms that clients ask for by Accept: a Table with the
 * server's columns, and metadata only. In: objects. Out: documents in the arena given. Pure.
 */
#include "sandbox/sandbox_int.h"

/* ---- paths of columns: .a.b[0].c[?(@.k=="v")].d ---- */

static const struct doc_node *filter(const struct doc_node *list, const char *at, size_t n)
{
    const rk_str text = {at, n};        /* ?(@.key=="value") */
    rk_str rest;
    rk_str key = rk_str_cut(text, '=', &rest);
    if (!rk_str_starts(key, "?(@.") || rest.n < 2)
        return NULL;
    key = rk_str_trim((rk_str){key.p + 4, key.n - 4});
    rk_str_cut(rest, '"', &rest);
    const rk_str want = rk_str_cut(rest, '"', NULL);
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *item = doc_at(list, i);
        if (rk_str_eq(doc_text(doc_get_n(item, key)), want))
            return item;
    }
    return NULL;
}

static const struct doc_node *walk(const struct doc_node *node, const char *path)
{
    while (node && *path) {
        if (*path == '.') {
            path++;
            const size_t n = strcspn(path, ".[");
            if (n)
                node = doc_get_n(node, (rk_str){path, n});
            path += n;
            continue;
        }
        const size_t n = *path == '[' ? strcspn(path, "]") : 0;
        int64_t index = 0;
        if (n < 2)
            return NULL;
        if (path[1] == '?')
            node = filter(node, path + 1, n - 1);
        else
            node = rk_str_int((rk_str){path + 1, n - 1}, &index) && index >= 0
                       ? doc_at(node, (size_t)index) : NULL;
        path += n + (path[n] == ']');
    }
    return node;
}

static void put(struct rk_buf *out, const struct doc_node *v)
{
    if (doc_type(v) == DOC_BOOL)
        rk_buf_c(out, v->boolean ? "true" : "false");
    else if (doc_type(v) == DOC_STRING || doc_type(v) == DOC_NUMBER)
        rk_buf_str(out, doc_text(v));
    else if (v && doc_type(v) != DOC_NULL)
        doc_json_write(out, v);
}

void sb_cell_path(struct rk_buf *out, const struct doc_node *object, const char *path)
{
    put(out, walk(object, path));
}

/* ---- cells and rows ---- */

static struct doc_node *cell(struct rk_arena *a, const struct sb_column *c,
                             const struct doc_node *object, int64_t now)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (c->cell)
        c->cell(&text, object, now);
    else
        sb_cell_path(&text, object, c->path);
    if (rk_streq(c->type, "date")) {        /* custom dates are printed as an age */
        const rk_str since = rk_arena_str(a, rk_buf_view(&text));
        if (rk_streq(c->name, "Created At"))
            return doc_string_ref(a, since);
        rk_buf_clear(&text);
        sb_age(&text, since, now);
    }
    int64_t number;
    if (rk_streq(c->type, "integer") && rk_str_int(rk_buf_view(&text), &number))
        return doc_int(a, number);
    if (rk_streq(c->type, "boolean"))
        return doc_bool(a, rk_str_is(rk_buf_view(&text), "true"));
    return doc_string(a, rk_buf_view(&text));
}

struct doc_node *sb_partial(struct rk_arena *a, const struct doc_node *object)
{
    struct doc_node *p = doc_map(a);
    doc_set_c(a, p, "kind", doc_string_c(a, "PartialObjectMetadata"));
    doc_set_c(a, p, "apiVersion", doc_string_c(a, "meta.k8s.io/v1"));
    doc_set_c(a, p, "metadata", doc_copy(a, doc_get(object, "metadata")));
    return p;
}

static struct doc_node *row(struct rk_arena *a, const struct sb_type *t, const struct sb_object *o,
                            bool whole, int64_t now)
{
    struct doc_node *r = doc_map(a), *cells = doc_list(a);
    for (size_t i = 0; i < t->columns.n; i++)
        doc_push(a, cells, cell(a, &t->columns.rows[i], o->doc, now));
    doc_set_c(a, r, "cells", cells);
    doc_set_c(a, r, "object", whole ? doc_copy(a, o->doc) : sb_partial(a, o->doc));
    return r;
}

static struct doc_node *definitions(struct rk_arena *a, const struct sb_type *t)
{
    struct doc_node *list = doc_list(a);
    for (size_t i = 0; i < t->columns.n; i++) {
        const struct sb_column *c = &t->columns.rows[i];
        struct doc_node *d = doc_map(a);
        doc_set_c(a, d, "name", doc_string_c(a, c->name));
        doc_set_c(a, d, "type", doc_string_c(a, c->type));
        doc_set_c(a, d, "format", doc_string_c(a, i == 0 && rk_streq(c->name, "Name") ? "name" :
                                               ""));
        doc_set_c(a, d, "description", doc_string_c(a, c->name));
        doc_set_c(a, d, "priority", doc_int(a, c->priority));
        doc_push(a, list, d);
    }
    return list;
}

struct doc_node *sb_table(struct rk_arena *a, const struct sb_type *t, struct sb_object *const *o,
                          size_t n, bool whole, int64_t now_ms)
{
    struct doc_node *table = doc_map(a), *rows = doc_list(a);
    doc_set_c(a, table, "kind", doc_string_c(a, "Table"));
    doc_set_c(a, table, "apiVersion", doc_string_c(a, "meta.k8s.io/v1"));
    doc_set_c(a, table, "metadata", doc_map(a));
    doc_set_c(a, table, "columnDefinitions", definitions(a, t));
    for (size_t i = 0; i < n; i++)
        doc_push(a, rows, row(a, t, o[i], whole, now_ms));
    doc_set_c(a, table, "rows", rows);
    return table;
}
