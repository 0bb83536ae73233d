/*
 * page.c: values as wholes and in pages. A shape with the members `offset` and `total` is paged: its
 * first list holds the rows [offset, offset + n) of total. In: values and their shapes. Out: a page
 * that fits into a line; a copy; a whole that takes in a page. Keeps nothing.
 */
#include <stdlib.h>

#include "wire/wire_int.h"

static void *at(void *value, size_t offset)
{
    return (char *)value + offset;
}

static const void *in(const void *value, size_t offset)
{
    return (const char *)value + offset;
}

/* ---- copies ---- */
static const char **copy_texts(struct rk_arena *a, const char *const *v, size_t n)
{
    const char **out = rk_arena_array(a, n + 1, sizeof *out);

    for (size_t i = 0; i < n; i++)
        out[i] = v[i] ? rk_arena_strdup(a, v[i]) : NULL;
    return out;
}

static void *copy_rows(struct rk_arena *a, const struct wire_shape *row, const void *v, size_t n)
{
    void *out = rk_arena_array(a, n + 1, row->size);

    for (size_t i = 0; i < n; i++)
        wire_copy(a, row, in(v, i * row->size), at(out, i * row->size));
    return out;
}

static void copy_member(struct rk_arena *a, const struct wire_member *m, const void *from, void *to)
{
    const void *p = in(from, m->offset);
    void *q = at(to, m->offset);

    switch (m->type) {
    case WIRE_TEXT:
        *(const char **)q = *(const char *const *)p ? rk_arena_strdup(a, *(const char *const *)p)
                                                    : NULL;
        break;
    case WIRE_STRUCT:
        wire_copy(a, m->shape, p, q);
        break;
    case WIRE_LIST:
        *(void **)q = copy_rows(a, m->shape, *(const void *const *)p,
                                *(const size_t *)in(from, m->count_offset));
        break;
    case WIRE_TEXTS:
        *(const char ***)q = copy_texts(a, *(const char *const *const *)p,
                                        *(const size_t *)in(from, m->count_offset));
        break;
    case WIRE_JSON:
        *(rk_str *)q = rk_arena_str(a, *(const rk_str *)p);
        break;
    case WIRE_INT:
    case WIRE_BOOL:
        break;
    }
}

void wire_copy(struct rk_arena *a, const struct wire_shape *shape, const void *from, void *to)
{
    memcpy(to, from, shape->size);
    for (size_t i = 0; i < shape->n; i++)
        copy_member(a, &shape->members[i], from, to);
}

/* ---- pages ---- */
static const struct wire_member *member(const struct wire_shape *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->members[i].type == WIRE_INT && strcmp(s->members[i].name, name) == 0)
            return &s->members[i];
    return NULL;
}

bool wire_paging(const struct wire_shape *s, struct wire_paging *out)
{
    const struct wire_member *offset = member(s, "offset"), *total = member(s, "total");
    const struct wire_member *more = member(s, "more");

    for (size_t i = 0; offset && total && i < s->n; i++)
        if (s->members[i].type == WIRE_LIST) {
            *out = (struct wire_paging){offset->offset, total->offset, more ? more->offset : 0,
                                        &s->members[i]};
            return true;
        }
    return false;
}

size_t wire_rows(const struct wire_shape *s, const void *value)
{
    struct wire_paging p;

    return wire_paging(s, &p) ? *(const size_t *)in(value, p.rows->count_offset) : 0;
}

size_t wire_print_page(struct rk_buf *out, const struct wire_shape *shape, const void *value,
                       size_t most)
{
    struct wire_paging paging;
    void *page = rk_alloc(shape->size);

    memcpy(page, value, shape->size);
    size_t none = 0, *n = wire_paging(shape, &paging) ? at(page, paging.rows->count_offset) : &none;
    rk_buf_clear(out);
    wire_print(out, shape, page);
    while (out->n > most && *n > 1) {
        *n /= 2;
        rk_buf_clear(out);
        wire_print(out, shape, page);
    }
    size_t printed = *n;
    free(page);
    return printed;
}

void wire_merge(struct rk_arena *a, const struct wire_shape *shape, void *whole, const void *page)
{
    struct wire_paging p;

    if (!wire_paging(shape, &p)) {
        wire_copy(a, shape, page, whole);
        return;
    }
    size_t from = (size_t)*(const int64_t *)in(page, p.offset), size = p.rows->shape->size;
    size_t more = *(const size_t *)in(page, p.rows->count_offset);
    size_t had = *(size_t *)at(whole, p.rows->count_offset);
    size_t n = from + more > had ? from + more : had;
    char *rows = *(char **)at(whole, p.rows->offset);

    if (n > had) {
        char *longer = rk_arena_array(a, n, size);
        if (had)
            memcpy(longer, rows, had * size);
        rows = longer;
    }
    wire_copy(a, shape, page, whole);
    if (more)
        memcpy(rows + from * size, *(void **)at(whole, p.rows->offset), more * size);
    *(void **)at(whole, p.rows->offset) = rows;
    *(size_t *)at(whole, p.rows->count_offset) = n;
    *(int64_t *)at(whole, p.offset) = 0;
}
