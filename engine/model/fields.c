/*
 * fields.c: checks a map against a table of known fields. In: a document, its table, its marks.
 * Out: findings: unknown names (with the nearest known one), wrong types, fields that are known
 * and not implemented. What a finding means (lint, refusal) is the caller's business. Also the
 * small readers of texts, lists and paths that application, project and configuration share. Owns
 * nothing.
 */
#include <ctype.h>

#include "model/model_int.h"

static const char *const type_words[] = {
    [FIELD_ANY] = "anything",       [FIELD_TEXT] = "a text",
    [FIELD_BOOL] = "true or false", [FIELD_INT] = "a whole number",
    [FIELD_TEXTS] = "a list of texts", [FIELD_TEXT_MAP] = "a map of texts",
    [FIELD_MAP] = "a map",          [FIELD_LIST] = "a list",
};
static const char *const found_words[DOC_TYPE_MAX] = {
    [DOC_NULL] = "null",     [DOC_BOOL] = "true or false", [DOC_NUMBER] = "a number",
    [DOC_STRING] = "a text", [DOC_LIST] = "a list",        [DOC_MAP] = "a map",
};

uint32_t reader_line(const struct reader *r, const struct doc_node *node)
{
    const struct doc_mark *mark = node ? doc_marks_get(r->marks, node->mark) : NULL;

    return mark ? mark->line : 0;
}

const char *reader_text(const struct reader *r, const struct doc_node *map, const char *key)
{
    rk_str s = doc_get_text(map, key);

    return s.n ? rk_arena_dup(r->arena, s.p, s.n) : "";
}

const char **reader_texts(const struct reader *r, const struct doc_node *list, size_t *n)
{
    size_t count = doc_type(list) == DOC_LIST ? doc_count(list) : 0;
    const char **texts = rk_arena_array(r->arena, count + 1, sizeof(*texts));

    for (size_t i = 0; i < count; i++) {
        rk_str s = doc_text(doc_at(list, i));

        texts[i] = rk_arena_dup(r->arena, s.n ? s.p : "", s.n);
    }
    if (n)
        *n = count;
    return texts;
}

const char *reader_path(const struct reader *r, const char *path)
{
    rk_str rest = rk_str_c(path);
    char *out = rk_arena_alloc(r->arena, rest.n + 1), *end = out;

    if (*path == '/')
        return NULL;
    while (rest.n) {
        rk_str part = rk_str_cut(rest, '/', &rest);

        if (rk_str_is(part, ".."))
            return NULL;
        if (!part.n || rk_str_is(part, "."))
            continue;
        if (end != out)
            *end++ = '/';
        memcpy(end, part.p, part.n);
        end += part.n;
    }
    return out;
}

void *array_more(struct rk_arena *a, void *array, size_t n, size_t size)
{
    size_t cap = n;

    if (n & (n - 1))
        return array;
    return rk_arena_grow(a, array, n, &cap, size);
}

void model_lint_add(struct rk_arena *a, struct model_lints *l, const char *file, uint32_t line,
              const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    l->v = array_more(a, l->v, l->n, sizeof(*l->v));
    l->v[l->n++] = (struct model_lint){.text = rk_arena_vf(a, fmt, ap), .file = file, .line = line};
    va_end(ap);
}

/* ---- the nearest name ---- */
enum { NAME_MAX = 48 };

/* Edits between two names, letters' case not counted; NAME_MAX when one is too long to be meant. */
static size_t name_distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    size_t row[NAME_MAX + 1];

    if (na >= NAME_MAX || nb >= NAME_MAX)
        return NAME_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t best = diagonal + !same;

            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[nb];
}

const char *name_nearest(const char *name, const char *(*at)(size_t i, const void *ctx), size_t n,
                         const void *ctx)
{
    size_t limit = strlen(name) / 3 + 1;
    const char *found = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t d = name_distance(name, at(i, ctx));

        if (d >= NAME_MAX || d > limit)
            continue;
        found = at(i, ctx);
        if (d == 0)
            break;
        limit = d - 1;
    }
    return found;
}

/* ---- the check ---- */
static void find(const struct reader *r, struct findings *out, enum finding_kind kind,
                 uint32_t line, const char *text)
{
    out->v = array_more(r->arena, out->v, out->n, sizeof(*out->v));
    out->v[out->n++] = (struct finding){.kind = kind, .text = text, .line = line};
}

static const char *row_name(size_t i, const void *ctx)
{
    const struct field *rows = ctx;

    return rows[i].name;
}

static const struct field *row_find(const struct field *rows, rk_str key)
{
    for (; rows->name; rows++)
        if (rk_str_is(key, rows->name))
            return rows;
    return NULL;
}

static void find_unknown(const struct reader *r, const struct field *rows,
                         const struct doc_pair *pair, const char *path, struct findings *out)
{
    const char *key = rk_arena_dup(r->arena, pair->key.p, pair->key.n), *near;
    const struct doc_mark *mark = doc_marks_get(r->marks, pair->mark);
    const char *in = *path ? rk_arena_f(r->arena, " in %s", path) : "";
    size_t n = 0;

    while (rows[n].name)
        n++;
    near = name_nearest(key, row_name, n, rows);
    find(r, out, FINDING_UNKNOWN, mark ? mark->line : reader_line(r, pair->value),
         near ? rk_arena_f(r->arena, "unknown field '%s'%s; did you mean '%s'?", key, in, near)
              : rk_arena_f(r->arena, "unknown field '%s'%s", key, in));
}

static bool all_texts(const struct doc_node *node)
{
    for (size_t i = 0; i < doc_count(node); i++) {
        const struct doc_node *value =
            doc_type(node) == DOC_MAP ? doc_pair_at(node, i)->value : doc_at(node, i);

        if (doc_type(value) != DOC_STRING)
            return false;
    }
    return true;
}

static bool type_fits(enum field_type type, const struct doc_node *value)
{
    int64_t ignored;

    switch (type) {
    case FIELD_TEXT:
        return doc_type(value) == DOC_STRING;
    case FIELD_BOOL:
        return doc_type(value) == DOC_BOOL;
    case FIELD_INT:
        return doc_type(value) == DOC_NUMBER && doc_as_int(value, &ignored);
    case FIELD_TEXTS:
        return doc_type(value) == DOC_LIST && all_texts(value);
    case FIELD_TEXT_MAP:
        return doc_type(value) == DOC_MAP && all_texts(value);
    case FIELD_MAP:
        return doc_type(value) == DOC_MAP;
    case FIELD_LIST:
        return doc_type(value) == DOC_LIST;
    case FIELD_ANY:
    default:
        return true;
    }
}

/* A value that changes nothing needs no word about not being implemented. */
static bool is_empty(const struct doc_node *value)
{
    switch (doc_type(value)) {
    case DOC_NULL:
        return true;
    case DOC_BOOL:
        return !value->boolean;
    case DOC_STRING:
        return value->text.n == 0;
    case DOC_LIST:
    case DOC_MAP:
        return doc_count(value) == 0;
    case DOC_NUMBER:
    case DOC_TYPE_MAX:
    default:
        return false;
    }
}

static void check_items(const struct reader *r, const struct field *row,
                        const struct doc_node *list, const char *path, struct findings *out)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *item = doc_at(list, i);
        const char *at = rk_arena_f(r->arena, "%s[%zu]", path, i);

        if (doc_type(item) == DOC_MAP)
            fields_check(r, row->fields, item, at, out);
        else
            find(r, out, FINDING_TYPE, reader_line(r, item),
                 rk_arena_f(r->arena, "%s must be a map, not %s", at, found_words[doc_type(item)]));
    }
}

static void check_field(const struct reader *r, const struct field *row,
                        const struct doc_node *value, const char *path, struct findings *out)
{
    uint32_t line = reader_line(r, value);

    if (!type_fits(row->type, value)) {
        bool number = row->type == FIELD_TEXT && doc_type(value) == DOC_NUMBER;
        bool items = row->type == FIELD_TEXTS && doc_type(value) == DOC_LIST;

        find(r, out, FINDING_TYPE, line,
             rk_arena_f(r->arena, "%s must be %s%s%s%s", path, type_words[row->type],
                        items ? "" : ", not ", items ? "" : found_words[doc_type(value)],
                        number ? " (quote it)" : ""));
        return;
    }
    if (row->not_done && !is_empty(value))
        find(r, out, row->refuse ? FINDING_REFUSED : FINDING_NOT_DONE, line,
             rk_arena_f(r->arena, "%s is not implemented: %s", path, row->not_done));
    if (row->type == FIELD_MAP && row->fields)
        fields_check(r, row->fields, value, path, out);
    if (row->type == FIELD_LIST && row->fields)
        check_items(r, row, value, path, out);
}

void fields_check(const struct reader *r, const struct field *rows, const struct doc_node *map,
                  const char *path, struct findings *out)
{
    for (size_t i = 0; i < doc_count(map); i++) {
        const struct doc_pair *pair = doc_pair_at(map, i);
        const struct field *row = row_find(rows, pair->key);

        if (!row)
            find_unknown(r, rows, pair, path, out);
        else if (!doc_is_null(pair->value))
            check_field(r, row, pair->value,
                        *path ? rk_arena_f(r->arena, "%s.%s", path, row->name) : row->name, out);
    }
}
