/*
 * diffedits_test.c: what a revert's plan shows of its commit: runs of lines with their place in the
 * file, every file by name, and no secret.
 */
#include "core/core_test.h"

static struct sync_edit *edits;
static size_t n_edits;

static void diff(const char *from, const char *to)
{
    struct git_view *v = view_of_w();
    struct rk_err err = {0};
    if (core_diff_edits(v, from, to, arena, &edits, &n_edits, &err))
        fail_msg("%s", err.text);
    git_view_free(v);
}

static void is(size_t i, const char *file, uint32_t line, const char *before, const char *after)
{
    assert_true(i < n_edits);
    assert_string_equal(edits[i].file, file);
    assert_int_equal(edits[i].line, line);
    assert_string_equal(edits[i].before, before);
    assert_string_equal(edits[i].after, after);
}

static void test_runs(void **state)
{
    (void)state;
    test_put("w/a.yaml", "one\ntwo\nthree\nfour\nfive\n-- six\nseven\n");
    test_put("w/gone.yaml", "old: 1\n");
    const char *from = commit_all();
    test_put("w/a.yaml", "one\nTWO\nthree\nfour\nfive\nseven\neight\n");
    test_put("w/new.yaml", "new: 1\nmore: 2\n");
    assert_int_equal(unlink(test_path("w/gone.yaml")), 0);
    diff(from, commit_all());
    assert_int_equal(n_edits, 5);
    is(0, "a.yaml", 2, "two\n", "TWO\n");
    is(1, "a.yaml", 6, "-- six\n", "");
    is(2, "a.yaml", 8, "", "eight\n");
    is(3, "gone.yaml", 1, "old: 1\n", "");
    is(4, "new.yaml", 1, "", "new: 1\nmore: 2\n");
}

static void test_secrets(void **state)
{
    (void)state;
    test_put("w/secret.yaml", "kind: Secret\n#\n#\n#\n#\n#\n#\nstringData:\n  a: hunter1\n");
    test_put("w/env.txt", "DB_PASSWORD=hunter1\nMODE=a\n");
    const char *from = commit_all();
    test_put("w/secret.yaml", "kind: Secret\n#\n#\n#\n#\n#\n#\nstringData:\n  a: hunter2\n");
    test_put("w/env.txt", "DB_PASSWORD=hunter2\nMODE=b\n");
    diff(from, commit_all());
    assert_int_equal(n_edits, 2);
    assert_string_equal(edits[0].file, "env.txt");
    assert_string_equal(edits[1].file, "secret.yaml");
    for (size_t i = 0; i < n_edits; i++) {
        assert_null(strstr(edits[i].before, "hunter"));
        assert_null(strstr(edits[i].after, "hunter"));
    }
    assert_part(edits[0].after, "MODE=b");
}

static void test_too_much(void **state)
{
    struct rk_buf big rk_auto(rk_buf_release) = RK_BUF_INIT;
    (void)state;
    test_put("w/a.bin", "x");
    const char *from = commit_all();
    for (int i = 0; i < 20000; i++)
        rk_buf_f(&big, "line: %d\n", i);
    assert_int_equal(rk_file_write(test_path("w/a.bin"), RK_STR("\0\1\2"), 0644, NULL), 0);
    test_put("w/b.yaml", big.p);
    test_put("w/c.yaml", "small: 1\n");
    diff(from, commit_all());
    assert_int_equal(n_edits, 3);
    is(0, "a.bin", 0, "", "(no text to show)");
    is(1, "b.yaml", 1, "", "(too long to show)");
    is(2, "c.yaml", 1, "", "small: 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_runs), TEST(test_secrets), TEST(test_too_much)};
    return cmocka_run_group_tests_name("edits of a difference", tests, NULL, NULL);
}
