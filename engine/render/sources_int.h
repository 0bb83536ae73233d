/*
 * sources_int.h: for golden_test.c. Has every field of a result a chain of places, and are they
 * real? In: a result and the files it was made of. Out: the first fields that have none, or one
 * that cannot be: a line behind the end of its file, another text than the field's.
 */
#ifndef RECKON_RENDER_SOURCES_INT_H
#define RECKON_RENDER_SOURCES_INT_H

#include "render/render.h"

struct sources {
    const struct render_files *files;
    const struct render_result *r;
    struct rk_arena *a;
    struct rk_buf *wrong;       /* a line each */
    struct rk_buf pointer;
    size_t fields;
};

static bool sources_file(const struct sources *s, const struct doc_mark *m, rk_str *text)
{
    const char *file = doc_marks_file(s->r->marks, m->file);

    return file && s->files->read(s->a, file, text, s->files->ctx, NULL) == 0;
}

static size_t sources_lines(rk_str text)
{
    size_t n = 1;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* A plain or simply quoted text of one line stands in its range as it is. What was a number or a
 * date in the file, and became a text, is spelled anew. */
static bool sources_holds(const struct doc_mark *m, const struct doc_node *n, rk_str text)
{
    rk_str at;

    if (doc_type(n) != DOC_STRING || (n->flags & DOC_TIMESTAMP) || m->end > text.n ||
        m->start >= m->end)
        return true;
    at = (rk_str){text.p + m->start, m->end - m->start};
    if (!doc_plain_is_text(at, DOC_RESOURCE) || memchr(at.p, '\n', at.n) ||
        memchr(at.p, '\\', at.n) || strchr("*|>!", at.p[0]) || memmem(at.p, at.n, "''", 2))
        return true;
    if (m->start > 9 && memcmp(at.p - 9, "!!binary ", 9) == 0)
        return true;
    return n->text.n <= at.n && (!n->text.n || memmem(at.p, at.n, n->text.p, n->text.n));
}

static const char *sources_wrong(const struct sources *s, const struct doc_node *n)
{
    const struct doc_mark *m = doc_marks_get(s->r->marks, n->mark);
    const bool file_only = m && m->by == DOC_BY_FILE && !m->prev;
    rk_str text;

    if (!m)
        return "has no place";
    for (; m; m = doc_marks_get(s->r->marks, m->prev)) {
        if (!sources_file(s, m, &text))
            return "comes from no file";
        if (!m->line || m->line > sources_lines(text))
            return "comes from a line that is not there";
        if (file_only && !sources_holds(m, n, text))
            return "comes from another text";
    }
    return NULL;
}

/* Depth is bounded by the reader (100). */
static void sources_walk(struct sources *s, const struct doc_node *n)
{
    const size_t at = s->pointer.n;
    const bool tree = (doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST) && doc_count(n);
    const char *wrong = tree ? NULL : sources_wrong(s, n);

    s->fields += !tree;
    if (wrong)
        rk_buf_f(s->wrong, "%s %s\n", s->pointer.p ? s->pointer.p : "", wrong);
    for (size_t i = 0; tree && i < doc_count(n); i++) {
        const struct doc_pair *p = doc_type(n) == DOC_MAP ? doc_pair_at(n, i) : NULL;

        if (p)
            doc_pointer_add(&s->pointer, p->key);
        else
            rk_buf_f(&s->pointer, "/%zu", i);
        sources_walk(s, p ? p->value : doc_at(n, i));
        s->pointer.n = at;
        s->pointer.p[at] = 0;
    }
}

static size_t sources_check(const struct render_files *files, const struct render_result *r,
                            struct rk_buf *wrong)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct sources s = {.files = files, .r = r, .a = a, .wrong = wrong};

    for (size_t i = 0; i < r->n_objects; i++) {
        rk_buf_clear(&s.pointer);
        rk_buf_f(&s.pointer, "%s %s", r->objects[i].key.kind.p ? r->objects[i].key.kind.p : "",
                 r->objects[i].key.name.p ? r->objects[i].key.name.p : "");
        sources_walk(&s, r->objects[i].doc);
    }
    rk_buf_release(&s.pointer);
    return s.fields;
}

#endif
