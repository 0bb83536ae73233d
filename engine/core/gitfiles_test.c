/*
 * gitfiles_test.c: a revision's tree as render reads it: links are followed inside, refused
 * outside, and a chain of them ends.
 */
#include "core/core_test.h"

static struct git_view *view;
static struct render_files files;
static void *files_state;

static void link_to(const char *name, const char *target)
{
    assert_int_equal(symlink(target, test_path(rk_arena_f(arena, "w/%s", name))), 0);
}

static void open_files(void)
{
    const char *id = commit_all();
    view = view_of_w();
    files = core_git_files(view, id, &files_state);
}

static int close_files(void **state)
{
    if (view) {
        core_git_files_end(files_state);
        git_view_free(view);
        view = NULL;
    }
    return end(state);
}

static const char *real_of(const char *path, enum render_kind want)
{
    const char *real = NULL;
    struct rk_err err = {0};
    enum render_kind kind = files.stat(arena, path, &real, files.ctx, &err);
    if (kind != want)
        fail_msg("%s is %d, not %d: %s", path, kind, want, err.text);
    return real;
}

static const char *text_of(const char *path)
{
    rk_str text;
    struct rk_err err = {0};
    if (files.read(arena, path, &text, files.ctx, &err))
        fail_msg("%s: %s", path, err.text);
    return rk_arena_dup(arena, text.p, text.n);
}

static struct rk_err read_error(const char *path)
{
    rk_str text;
    struct rk_err err = {0};
    assert_int_equal(files.read(arena, path, &text, files.ctx, &err), -1);
    return err;
}

static struct rk_err stat_error(const char *path)
{
    const char *real = NULL;
    struct rk_err err = {0};
    assert_int_equal(files.stat(arena, path, &real, files.ctx, &err), RENDER_ABSENT);
    return err;
}

static void test_plain(void **state)
{
    (void)state;
    test_put("w/k8s/app/a.yaml", "a: 1\n");
    test_put("w/k8s/app/b/c.yaml", "c: 1\n");
    open_files();
    const char **names = NULL;
    size_t n = 0;
    assert_string_equal(real_of("k8s/app/a.yaml", RENDER_FILE), "k8s/app/a.yaml");
    assert_string_equal(real_of("k8s/app", RENDER_DIR), "k8s/app");
    assert_string_equal(real_of("", RENDER_DIR), "");
    assert_int_equal(stat_error("k8s/none").code, RK_OK); /* absent is no error */
    assert_int_equal(stat_error("k8s/app/a.yaml/x").code, RK_OK);
    assert_string_equal(text_of("k8s/app/a.yaml"), "a: 1\n");
    assert_int_equal(read_error("k8s/app").code, RK_NOT_FOUND);
    assert_int_equal(read_error("none").code, RK_NOT_FOUND);
    assert_int_equal(files.list(arena, "k8s/app", &names, &n, files.ctx, NULL), 0);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "a.yaml");
    assert_string_equal(names[1], "b");
}

/* The revision counts, not what the work tree says now. */
static void test_the_revision(void **state)
{
    (void)state;
    test_put("w/a.yaml", "a: 1\n");
    open_files();
    test_put("w/a.yaml", "a: 2\n");
    test_put("w/b.yaml", "b: 1\n");
    commit_all();
    assert_string_equal(text_of("a.yaml"), "a: 1\n");
    assert_int_equal(read_error("b.yaml").code, RK_NOT_FOUND);
}

static void test_links_inside(void **state)
{
    (void)state;
    test_put("w/base/a.yaml", "a: 1\n");
    test_put("w/overlays/dev/x.yaml", "x: 1\n");
    link_to("overlays/dev/a.yaml", "../../base/a.yaml");
    link_to("overlays/base", "../base");
    link_to("overlays/prod", "dev");
    link_to("overlays/twice", "./prod/");
    link_to("overlays/dev/..data", "x.yaml"); /* two dots, yet inside */
    link_to("top", "..top");
    test_put("w/..top", "t: 1\n");
    link_to("root", ".");
    open_files();
    assert_string_equal(real_of("overlays/dev/a.yaml", RENDER_FILE), "base/a.yaml");
    assert_string_equal(text_of("overlays/dev/a.yaml"), "a: 1\n");
    assert_string_equal(real_of("overlays/base", RENDER_DIR), "base");
    assert_string_equal(text_of("overlays/base/a.yaml"), "a: 1\n");
    assert_string_equal(real_of("overlays/twice/a.yaml", RENDER_FILE), "base/a.yaml");
    assert_string_equal(text_of("overlays/twice/x.yaml"), "x: 1\n");
    assert_string_equal(text_of("overlays/dev/..data"), "x: 1\n");
    assert_string_equal(text_of("top"), "t: 1\n");
    assert_string_equal(text_of("root/root/base/a.yaml"), "a: 1\n");
    assert_int_equal(read_error("overlays/prod/none.yaml").code, RK_NOT_FOUND);
}

static void test_links_out(void **state)
{
    (void)state;
    test_put("w/a.yaml", "a: 1\n");
    test_put("outside.yaml", "geheim: 1\n");
    link_to("up", "../outside.yaml");
    link_to("folder", "..");
    link_to("absolute", "/etc/passwd");
    test_put("w/deep/er/x.yaml", "");
    link_to("deep/er/far", "../../../outside.yaml");
    open_files();
    static const char *const paths[] = {"up", "folder", "folder/outside.yaml", "absolute",
                                        "deep/er/far"};
    for (size_t i = 0; i < RK_LEN(paths); i++) {
        struct rk_err err = stat_error(paths[i]);
        assert_int_equal(err.code, RK_DENIED);
        assert_part(err.text, "is a link out of the repository");
        err = read_error(paths[i]);
        assert_int_equal(err.code, RK_DENIED);
        assert_part(err.text, "is a link out of the repository");
    }
    char id[65] = "x";
    assert_int_equal(files.id("up", id, files.ctx, NULL), 0);
    assert_string_equal(id, "");
}

static void test_loops(void **state)
{
    (void)state;
    test_put("w/a.yaml", "a: 1\n");
    link_to("self", "self");
    link_to("one", "two");
    link_to("two", "one");
    link_to("grow", "grow/x");
    link_to("nowhere", "none.yaml");
    open_files();
    static const char *const paths[] = {"self", "one", "grow", "one/x.yaml"};
    for (size_t i = 0; i < RK_LEN(paths); i++) {
        struct rk_err err = stat_error(paths[i]);
        assert_int_equal(err.code, RK_LIMIT);
        assert_part(err.text, "more than 16 links");
        assert_int_equal(read_error(paths[i]).code, RK_LIMIT);
    }
    assert_int_equal(stat_error("nowhere").code, RK_OK);
    assert_int_equal(read_error("nowhere").code, RK_NOT_FOUND);
}

static void test_a_chain_that_ends(void **state)
{
    (void)state;
    test_put("w/l0", "end\n");
    for (int i = 1; i <= 16; i++)
        link_to(rk_arena_f(arena, "l%d", i), rk_arena_f(arena, "l%d", i - 1));
    open_files();
    assert_string_equal(text_of("l15"), "end\n");
    assert_int_equal(read_error("l16").code, RK_LIMIT);
}

/* Equal content, equal id; what is not there has an empty one. */
static void test_ids(void **state)
{
    (void)state;
    char a[65], b[65], c[65], d[65], none[65] = "x";
    test_put("w/one/a.yaml", "a: 1\n");
    test_put("w/two/a.yaml", "a: 1\n");
    test_put("w/three.yaml", "a: 2\n");
    link_to("link.yaml", "one/a.yaml");
    open_files();
    assert_int_equal(files.id("one/a.yaml", a, files.ctx, NULL), 0);
    assert_int_equal(files.id("two/a.yaml", b, files.ctx, NULL), 0);
    assert_int_equal(files.id("three.yaml", c, files.ctx, NULL), 0);
    assert_int_equal(files.id("link.yaml", d, files.ctx, NULL), 0);
    assert_int_equal(files.id("none.yaml", none, files.ctx, NULL), 0);
    assert_int_equal(strlen(a), 40);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_string_equal(a, d);
    assert_string_equal(none, "");
    assert_int_equal(files.id("one", a, files.ctx, NULL), 0);
    assert_int_equal(files.id("two", b, files.ctx, NULL), 0);
    assert_string_equal(a, b);
}

#define ON_GIT(name) cmocka_unit_test_setup_teardown(name, begin, close_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GIT(test_plain),
        ON_GIT(test_the_revision),
        ON_GIT(test_links_inside),
        ON_GIT(test_links_out),
        ON_GIT(test_loops),
        ON_GIT(test_a_chain_that_ends),
        ON_GIT(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
