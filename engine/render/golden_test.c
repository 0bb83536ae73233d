/*
 * golden_test.c: builds every tree under tests/golden/render and compares the bytes with what
 * kustomize v5.7.1 printed for it (expected.yaml; tests/golden/render/update makes them). A case
 * builds in/overlay where that is there, else in. RK_GOLDEN names another folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "render/render.h"

struct golden {
    char *dir;
};

static void build(const char *dir, struct rk_buf *out)
{
    struct render_files *files = render_disk(dir);
    rk_auto(rk_free_str) char *overlay = rk_path_join(dir, "in/overlay");
    struct render_opts opts = {.path = rk_path_is_dir(overlay) ? "in/overlay" : "in"};
    struct render_result *r = NULL;
    struct rk_err err = {0};

    if (render_build(files, &opts, &r, &err) || render_print(r, out, &err))
        fail_msg("%s: %s", dir, err.text);
    render_free(r);
    render_disk_free(files);
}

static void same_bytes(void **state)
{
    const struct golden *g = *state;
    rk_auto(rk_free_str) char *expected = rk_path_join(g->dir, "expected.yaml");
    struct rk_buf want = RK_BUF_INIT, have = RK_BUF_INIT;
    struct rk_err err = {0};

    if (rk_file_read(expected, 1 << 24, &want, &err))
        fail_msg("%s", err.text);
    build(g->dir, &have);
    if (!rk_str_eq(rk_buf_view(&want), rk_buf_view(&have)))
        fail_msg("%s differs:\n%s", g->dir, have.p);
    rk_buf_release(&want);
    rk_buf_release(&have);
}

int main(void)
{
    const char *root = getenv("RK_GOLDEN") ? getenv("RK_GOLDEN") : "tests/golden/render";
    struct CMUnitTest *tests;
    struct golden *cases;
    size_t n_names, n = 0;
    struct rk_err err = {0};
    char **names;
    int rc;

    if (rk_dir_names(root, &names, &n_names, &err)) {
        print_error("%s (run from the repository's root, or set RK_GOLDEN)\n", err.text);
        return 2;
    }
    tests = rk_calloc(n_names + 1, sizeof(*tests));
    cases = rk_calloc(n_names + 1, sizeof(*cases));
    for (size_t i = 0; i < n_names; i++) {
        rk_auto(rk_free_str) char *dir = rk_path_join(root, names[i]);

        if (!rk_path_is_dir(dir))
            continue;
        cases[n].dir = rk_strdup(dir);
        tests[n] = (struct CMUnitTest){.name = names[i], .test_func = same_bytes,
                                       .initial_state = &cases[n]};
        n++;
    }
    rc = n ? _cmocka_run_group_tests("render golden", tests, n, NULL, NULL) : 2;
    for (size_t i = 0; i < n; i++)
        free(cases[i].dir);
    free(tests);
    free(cases);
    rk_names_free(names, n_names);
    return rc;
}
