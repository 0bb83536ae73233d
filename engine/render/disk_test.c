/*
 * disk_test.c: a folder on disk as a tree: where links lead, what is not there, links that leave,
 * ids. The same questions in another order have the same answers: a folder is looked up once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "render/render.h"

static char top[] = "/tmp/reckon-disk-XXXXXX";
static struct rk_arena *arena;
static struct render_files *files;

static const char *in_top(const char *name)
{
    return rk_arena_f(arena, "%s/%s", top, name);
}

static void put(const char *name, const char *text)
{
    assert_int_equal(rk_file_write(in_top(name), rk_str_c(text), 0644, NULL), 0);
}

static int begin(void **state)
{
    (void)state;
    arena = rk_arena_new();
    memcpy(top + sizeof top - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(top));
    assert_int_equal(rk_mkdirs(in_top("tree/a/b"), 0755, NULL), 0);
    put("outside", "no");
    put("tree/a/b/f", "text");
    put("tree/g", "other");
    assert_int_equal(symlink("a/b", in_top("tree/folder")), 0);
    assert_int_equal(symlink("b/f", in_top("tree/a/file")), 0);
    assert_int_equal(symlink("../outside", in_top("tree/out")), 0);
    assert_int_equal(symlink("..", in_top("tree/up")), 0);
    assert_int_equal(symlink("loop", in_top("tree/loop")), 0);
    assert_int_equal(symlink("tree", in_top("way")), 0);
    assert_int_equal(mkfifo(in_top("tree/pipe"), 0644), 0);
    files = render_disk(in_top("way")); /* itself by a link */
    return 0;
}

static int end(void **state)
{
    (void)state;
    render_disk_free(files);
    assert_int_equal(rk_remove_tree(top, NULL), 0);
    rk_arena_free(arena);
    return 0;
}

/* "file a/b/f", "dir a/b", "absent", "denied" */
static const char *look(const char *path)
{
    const char *real = NULL;
    struct rk_err err = {0};
    enum render_kind kind = files->stat(arena, path, &real, files->ctx, &err);
    if (kind == RENDER_ABSENT)
        return err.code == RK_DENIED ? "denied" : "absent";
    return rk_arena_f(arena, "%s %s", kind == RENDER_FILE ? "file" : "dir", real);
}

static const struct { const char *path, *want; } rows[] = {
    {"a/b/f", "file a/b/f"},      {"a/b", "dir a/b"},         {"", "dir "},
    {"g", "file g"},              {"folder", "dir a/b"},      {"folder/f", "file a/b/f"},
    {"a/file", "file a/b/f"},     {"a/none", "absent"},       {"none/f", "absent"},
    {"g/f", "absent"},            {"out", "denied"},          {"up", "denied"},
    {"up/outside", "denied"},     {"loop", "absent"},         {"loop/f", "absent"},
    {"pipe", "denied"},
};

static void where_links_lead(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(look(rows[i].path), rows[i].want);
    for (size_t i = RK_LEN(rows); i-- > 0;)
        assert_string_equal(look(rows[i].path), rows[i].want);
}

static const char *id(const char *path)
{
    char out[65];
    assert_int_equal(files->id(path, out, files->ctx, NULL), 0);
    return rk_arena_strdup(arena, out);
}

static void ids(void **state)
{
    (void)state;
    const char *before = id("g");
    assert_string_not_equal(before, "");
    assert_string_equal(id("g"), before);
    assert_string_equal(id("a/file"), id("a/b/f"));
    put("tree/g", "longer than it was");
    assert_string_not_equal(id("g"), before);
    assert_string_equal(id("none"), "");
    assert_string_equal(id("loop"), "");
}

static void reading(void **state)
{
    (void)state;
    rk_str text;
    struct rk_err err = {0};
    assert_int_equal(files->read(arena, "a/file", &text, files->ctx, &err), 0);
    assert_true(rk_str_is(text, "text"));
    assert_int_equal(files->read(arena, "none", &text, files->ctx, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
}

static void build_fails(const char *entry, const char *words)
{
    struct render_opts opts = {.path = "k"};
    struct render_result *r = NULL;
    struct rk_err err = {0};

    put("tree/k/kustomization.yaml", rk_arena_f(arena, "resources: [%s]\n", entry));
    assert_int_equal(render_build(files, &opts, &r, &err), -1);
    assert_string_equal(err.text, rk_arena_f(arena, "k/kustomization.yaml:1: resources: %s", words));
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    assert_int_equal(rk_mkdirs(in_top("tree/k"), 0755, NULL), 0);
    assert_int_equal(symlink("self", in_top("tree/k/self")), 0);
    assert_int_equal(mkfifo(in_top("tree/k/pipe"), 0644), 0);
    build_fails("self", "self is a link that leads nowhere");
    build_fails("pipe", "k/pipe is neither a file nor a folder");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(where_links_lead), TEST(ids), TEST(reading),
                                       TEST(what_cannot_be_read_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
