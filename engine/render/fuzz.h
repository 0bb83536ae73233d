/*
 * fuzz.h: what the fuzz targets of this room share: a tree of fixed files in which one is made of
 * the input, built as `reckon render` builds it. Included by fuzz targets only.
 */
#ifndef RK_RENDER_FUZZ_H
#define RK_RENDER_FUZZ_H

#include <stdlib.h>

#include "render/render.h"

struct fuzz_file {
    const char *path;
    rk_str text;
};
struct fuzz_tree {
    struct fuzz_file files[8];
    size_t n;
};

#define FUZZ_OBJECTS \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\n" \
    "spec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: web:1\n" \
    "        ports: [{containerPort: 80}]\n        env: [{name: A, value: b}]\n" \
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: b, c: 'd'}\n"

static inline const struct fuzz_file *fuzz_find(const struct fuzz_tree *t, const char *path)
{
    for (size_t i = 0; i < t->n; i++)
        if (rk_streq(t->files[i].path, path))
            return &t->files[i];
    return NULL;
}

static inline enum render_kind fuzz_stat(struct rk_arena *a, const char *path, const char **real,
                                         void *ctx, struct rk_err *err)
{
    const struct fuzz_tree *t = ctx;
    size_t n = strlen(path);

    (void)a;
    (void)err;
    *real = path;
    if (fuzz_find(t, path))
        return RENDER_FILE;
    for (size_t i = 0; i < t->n; i++)
        if (n == 0 || (strncmp(t->files[i].path, path, n) == 0 && t->files[i].path[n] == '/'))
            return RENDER_DIR;
    return RENDER_ABSENT;
}

static inline int fuzz_read(struct rk_arena *a, const char *path, rk_str *out, void *ctx,
                            struct rk_err *err)
{
    const struct fuzz_file *f = fuzz_find(ctx, path);

    (void)a;
    if (!f)
        return rk_fail(err, RK_NOT_FOUND, "%s", path);
    *out = f->text;
    return 0;
}

static inline int fuzz_id(const char *path, char out[65], void *ctx, struct rk_err *err)
{
    (void)path;
    (void)ctx;
    (void)err;
    out[0] = 0;
    return 0;
}

/* 0: it was built, and printed into out. */
static inline int fuzz_build(struct fuzz_tree *t, struct rk_buf *out)
{
    struct render_files files = {.stat = fuzz_stat, .read = fuzz_read, .id = fuzz_id, .ctx = t};
    struct render_opts opts = {.path = "k", .max_nodes = 20000};
    struct render_result *r = NULL;
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};
    int rc = render_build(&files, &opts, &r, &err) || render_print(r, out, &err) ? -1 : 0;

    if (rc && !err.text[0])
        abort(); /* every failure says why */
    if (rc == 0)
        render_provenance(r, &json);
    render_free(r);
    return rc;
}

/* Built twice, it is the same. */
static inline void fuzz_tree_run(struct fuzz_tree *t)
{
    struct rk_buf one rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf two rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (fuzz_build(t, &one) == 0 &&
        (fuzz_build(t, &two) || !rk_str_eq(rk_buf_view(&one), rk_buf_view(&two))))
        abort();
}

#endif
