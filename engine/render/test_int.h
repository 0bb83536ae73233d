/* test_int.h: trees held in memory, for the tests of this room. */
#ifndef RK_RENDER_TEST_INT_H
#define RK_RENDER_TEST_INT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "render/render.h"

/* ---- a tree in memory: rows of path and text, ended by a NULL path ---- */

struct row { const char *path, *text, *link; };

static inline const struct row *row_of(const struct row *rows, const char *path)
{
    for (; rows->path; rows++)
        if (rk_streq(rows->path, path))
            return rows;
    return NULL;
}

static inline enum render_kind tree_stat(struct rk_arena *a, const char *path, const char **real,
                                  void *ctx, struct rk_err *err)
{
    const struct row *r = row_of(ctx, path);
    size_t n = strlen(path);

    (void)a;
    if (r && r->link && rk_streq(r->link, "OUT")) {
        rk_fail(err, RK_DENIED, "%s leads out", path);
        return RENDER_ABSENT;
    }
    *real = r && r->link ? r->link : path;
    if (r)
        return RENDER_FILE;
    for (r = ctx; r->path; r++)
        if (n == 0 || (strncmp(r->path, path, n) == 0 && r->path[n] == '/'))
            return RENDER_DIR;
    return RENDER_ABSENT;
}

static inline int tree_read(struct rk_arena *a, const char *path, rk_str *out, void *ctx,
                     struct rk_err *err)
{
    const struct row *r = row_of(ctx, path);

    (void)a;
    if (!r)
        return rk_fail(err, RK_NOT_FOUND, "%s", path);
    *out = rk_str_c(r->text);
    return 0;
}

static inline int tree_list(struct rk_arena *a, const char *path, const char ***names, size_t *n,
                     void *ctx, struct rk_err *err)
{
    const struct row *rows = ctx;
    size_t len = strlen(path);

    (void)err;
    *n = 0;
    *names = rk_arena_array(a, 64, sizeof(**names));
    for (; rows->path; rows++) {
        const char *rest = rows->path + (len ? len + 1 : 0), *slash;
        char *name;

        if (len && (strncmp(rows->path, path, len) != 0 || rows->path[len] != '/'))
            continue;
        slash = strchr(rest, '/');
        name = rk_arena_dup(a, rest, slash ? (size_t)(slash - rest) : strlen(rest));
        if (*n == 0 || !rk_streq((*names)[*n - 1], name))
            (*names)[(*n)++] = name;
    }
    return 0;
}

static inline int tree_id(const char *path, char out[65], void *ctx, struct rk_err *err)
{
    const char *real;

    out[0] = 0;
    if (tree_stat(NULL, path, &real, ctx, err) != RENDER_ABSENT)
        snprintf(out, 65, "id-of-%s", path);
    return 0;
}

static inline struct render_files tree(const struct row *rows)
{
    return (struct render_files){.stat = tree_stat, .read = tree_read, .list = tree_list,
                                 .id = tree_id, .ctx = (void *)(uintptr_t)rows};
}

static inline struct render_result *built(const struct row *rows, const struct render_opts *opts)
{
    struct render_files files = tree(rows);
    struct render_result *r = NULL;
    struct rk_err err = {0};

    if (render_build(&files, opts, &r, &err))
        fail_msg("%s", err.text);
    return r;
}

static inline void refused_with(const struct row *rows, const struct render_opts *opts, enum rk_code code,
                         const char *text)
{
    struct render_files files = tree(rows);
    struct render_result *r = NULL;
    struct rk_err err = {0};

    assert_int_equal(render_build(&files, opts, &r, &err), -1);
    assert_null(r);
    assert_string_equal(err.text, text);
    assert_int_equal(err.code, code);
}

static inline void refused(const struct row *rows, const char *path, enum rk_code code, const char *text)
{
    struct render_opts opts = {.path = path};

    refused_with(rows, &opts, code, text);
}

static inline const struct kube_object *object(const struct render_result *r, const char *kind)
{
    for (size_t i = 0; i < r->n_objects; i++)
        if (rk_str_is(r->objects[i].key.kind, kind))
            return &r->objects[i];
    fail_msg("no %s", kind);
    return r->objects; /* not reached */
}

/* The chain of a field as "file:line by < file:line by". */
static inline void check_source(const struct render_result *r, const char *kind, const char *pointer,
                         const char *expected)
{
    const struct doc_node *n = doc_pointer(object(r, kind)->doc, rk_str_c(pointer));
    struct rk_buf text = RK_BUF_INIT;

    assert_non_null(n);
    for (const struct doc_mark *m = doc_marks_get(r->marks, n ? n->mark : 0); m;
         m = doc_marks_get(r->marks, m->prev))
        rk_buf_f(&text, "%s%s:%u %s", text.n ? " < " : "", doc_marks_file(r->marks, m->file),
                 m->line, doc_by_name[m->by]);
    assert_string_equal(text.p, expected);
    rk_buf_release(&text);
}

#endif
