/* source_test.h: Applications over trees in memory, for the tests of this room. */
#ifndef RK_RENDER_SOURCE_TEST_H
#define RK_RENDER_SOURCE_TEST_H

#include "render/test_int.h"

/* An Application whose spec.source is a text that begins in line 9 of apps/a.yaml. */
struct app {
    struct rk_arena *a;
    struct doc_marks *marks;
    struct render_source source;
};

static inline void app_read(struct app *app, const char *spec)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = "apps/a.yaml", .line_offset = 8};
    struct doc_node *doc = NULL;
    struct rk_err err = {0};

    *app = (struct app){.a = rk_arena_new()};
    how.marks = app->marks = doc_marks_new(app->a);
    if (doc_yaml_read_one(app->a, rk_str_c(spec), &how, &doc, &err))
        fail_msg("%s: %s", spec, err.text);
    app->source = (struct render_source){
        .spec = doc, .marks = app->marks, .field = "spec.source", .app = "shop-dev",
        .project = "shop", .namespace = "dev", .revision = "0123456789abcdef",
    };
}

/* Builds folder k; NULL: err says why. */
static inline struct render_result *app_build(struct app *app, const struct render_files *files,
                                              struct rk_err *err)
{
    struct render_opts opts = {.path = "k", .source = &app->source};
    struct render_result *r = NULL;

    rk_err_clear(err);
    if (render_build(files, &opts, &r, err) == 0)
        assert_non_null(r);
    return r;
}

static inline bool has_dep(const struct render_result *r, const char *path)
{
    for (size_t i = 0; i < r->n_deps; i++)
        if (rk_streq(r->deps[i].path, path))
            return true;
    return false;
}

/* "kind/name ..." in the order of the output. */
static inline void check_objects(const struct render_result *r, const char *expected)
{
    struct rk_buf names = RK_BUF_INIT;

    for (size_t i = 0; i < r->n_objects; i++)
        rk_buf_f(&names, "%s%.*s/%.*s", i ? " " : "", RK_ARG_STR(r->objects[i].key.kind),
                 RK_ARG_STR(r->objects[i].key.name));
    assert_string_equal(names.n ? names.p : "", expected);
    rk_buf_release(&names);
}

#endif
