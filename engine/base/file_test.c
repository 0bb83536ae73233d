/*
 * file_test.c: whole files, folders, paths, in a scratch folder.
 */
#include "base/test_int.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_and_read(void **state)
{
    rk_auto(rk_free_str) char *path = rk_path_join(*state, "a.txt");
    struct rk_buf out = RK_BUF_INIT;
    struct rk_err err;
    struct stat st;
    char **names;
    size_t n;

    assert_int_equal(rk_file_write(path, RK_STR("first"), 0600, &err), 0);
    assert_int_equal(rk_file_write(path, RK_STR("se\0cond"), 0640, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    rk_buf_c(&out, "old");
    assert_int_equal(rk_file_read(path, 7, &out, &err), 0);
    assert_int_equal(out.n, 7);
    assert_memory_equal(out.p, "se\0cond", 8);
    assert_int_equal(rk_file_read(path, 6, &out, &err), -1);
    assert_int_equal(err.code, RK_LIMIT);
    assert_int_equal(out.n, 7);
    assert_int_equal(rk_dir_names(*state, &names, &n, &err), 0); /* no temporary file is left */
    assert_int_equal(n, 1);
    rk_names_free(names, n);
    rk_buf_release(&out);
}

static void read_more(void **state)
{
    rk_auto(rk_free_str) char *path = rk_path_join(*state, "big");
    rk_auto(rk_free_str) char *gone = rk_path_join(*state, "gone");
    rk_auto(rk_free_str) char *below = rk_path_join(*state, "gone/x");
    struct rk_buf bytes = RK_BUF_INIT, out = RK_BUF_INIT;
    struct rk_err err;

    for (int i = 0; i < 30000; i++)
        rk_buf_f(&bytes, "%d\n", i);
    assert_int_equal(rk_file_write(path, rk_buf_view(&bytes), 0600, &err), 0);
    assert_int_equal(rk_file_read(path, bytes.n, &out, &err), 0);
    assert_true(rk_str_eq(rk_buf_view(&out), rk_buf_view(&bytes)));
    assert_int_equal(rk_file_write(path, RK_STR(""), 0600, &err), 0);
    assert_int_equal(rk_file_read(path, 0, &out, &err), 0);
    assert_int_equal(out.n, 0);
    assert_int_equal(rk_file_read("/proc/self/maps", 1 << 20, &out, &err), 0); /* size unknown */
    assert_true(out.n > 100);
    assert_int_equal(rk_file_read("/dev/zero", 100000, &out, &err), -1); /* never ends */
    assert_int_equal(err.code, RK_LIMIT);
    assert_int_equal(rk_file_read(gone, 10, &out, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_non_null(strstr(err.text, "No such file or directory"));
    assert_int_equal(rk_file_read(*state, 10, &out, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_int_equal(rk_file_write(below, RK_STR("x"), 0600, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    rk_buf_release(&bytes);
    rk_buf_release(&out);
}

static void folders(void **state)
{
    rk_auto(rk_free_str) char *deep = rk_path_join(*state, "t/b/a/../c");
    rk_auto(rk_free_str) char *top = rk_path_join(*state, "t");
    rk_auto(rk_free_str) char *file = rk_path_join(*state, "t/a.txt");
    rk_auto(rk_free_str) char *under = rk_path_join(*state, "t/a.txt/x");
    rk_auto(rk_free_str) char *link = rk_path_join(*state, "t/link");
    rk_auto(rk_free_str) char *other = rk_path_join(*state, "other");
    rk_auto(rk_free_str) char *kept = rk_path_join(*state, "other/kept");
    struct rk_err err;
    char **names;
    size_t n;

    assert_int_equal(rk_mkdirs(deep, 0700, &err), 0);
    assert_int_equal(rk_mkdirs(deep, 0700, &err), 0);
    assert_true(rk_path_is_dir(deep));
    assert_int_equal(rk_mkdirs(other, 0700, &err), 0);
    assert_int_equal(rk_file_write(kept, RK_STR("x"), 0600, &err), 0);
    assert_int_equal(rk_file_write(file, RK_STR("x"), 0600, &err), 0);
    assert_false(rk_path_is_dir(file));
    assert_int_equal(rk_mkdirs(under, 0700, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_int_equal(symlink(other, link), 0);
    assert_int_equal(rk_dir_names(top, &names, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_string_equal(names[0], "a.txt");
    assert_string_equal(names[1], "b");
    assert_string_equal(names[2], "link");
    rk_names_free(names, n);
    assert_int_equal(rk_dir_names(file, &names, &n, &err), -1);
    assert_int_equal(rk_remove_tree(top, &err), 0);
    assert_false(rk_path_exists(top));
    assert_true(rk_path_exists(kept)); /* the link was not followed */
    assert_int_equal(rk_remove_tree(top, &err), 0);
    assert_int_equal(rk_remove_tree(kept, &err), 0);
    assert_int_equal(rk_dir_names(other, &names, &n, &err), 0);
    assert_int_equal(n, 0);
    rk_names_free(names, n);
}

static void paths(void **state)
{
    static const struct {
        const char *dir, *rel, *want;
    } rows[] = {
        {"a", "b", "a/b"},        {"a/", "/b", "a/b"},     {"a", "../b", "b"},
        {"a", "../../b", "../b"}, {"a", "..", "."},        {"", "", "."},
        {"", "b", "b"},           {"/", "b", "/b"},        {"/a", "../..", "/.."},
        {"/a", "../../b", "/../b"}, {".", "./a//b/.", "a/b"}, {"../x", "../../y", "../../y"},
        {"a/b/c", "../../..", "."}, {"k8s/overlays/dev", "../../base", "k8s/base"},
        {"/a/b", "..", "/a"},     {"/", "", "/"},          {"a..b", "..c", "a..b/..c"},
        {"../a", "..", ".."},     {"..", "a/../..", "../.."},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_free_str) char *got = rk_path_join(rows[i].dir, rows[i].rel);

        assert_string_equal(got, rows[i].want);
    }
}

static int set_up(void **state)
{
    *state = scratch_new();
    return 0;
}

static int tear_down(void **state)
{
    scratch_end(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(write_and_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders, set_up, tear_down),
        cmocka_unit_test(paths),
    };

    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
