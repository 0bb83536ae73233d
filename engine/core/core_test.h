/*
 * core_test.h: what the tests of this room share: cmocka, an arena, a temporary folder, and a real
 * git repository in it, made with the git program.
 */
#ifndef RK_CORE_TEST_H
#define RK_CORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/core_int.h"

static char test_dir[] = "/tmp/reckon-core-XXXXXX";
static struct rk_arena *arena;

static inline int begin(void **state)
{
    (void)state;
    arena = rk_arena_new();
    memcpy(test_dir + sizeof test_dir - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(test_dir));
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    rk_arena_free(arena);
    assert_int_equal(rk_remove_tree(test_dir, NULL), 0);
    return 0;
}

static inline const char *test_path(const char *name)
{
    return rk_arena_f(arena, "%s/%s", test_dir, name);
}

static inline void test_put(const char *path, const char *text)
{
    const char *file = test_path(path);
    const char *folder = rk_arena_dup(arena, file, (size_t)(strrchr(file, '/') - file));
    assert_int_equal(rk_mkdirs(folder, 0755, NULL), 0);
    assert_int_equal(rk_file_write(file, rk_str_c(text), 0644, NULL), 0);
}

/* ---- a repository ---- */
#define test_git(...) test_git_words((const char *const[]){__VA_ARGS__, NULL})
static inline const char *test_git_words(const char *const *words)
{
    static const char *const fixed[][2] = {
        {"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_AUTHOR_NAME", "operator"},    {"GIT_AUTHOR_EMAIL", "operator@example.org"},
        {"GIT_COMMITTER_NAME", "operator"}, {"GIT_COMMITTER_EMAIL", "operator@example.org"},
    };
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};
    for (size_t i = 0; i < RK_LEN(fixed); i++)
        setenv(fixed[i][0], fixed[i][1], 1);
    if (gitcmd_run(test_path("w"), words, &out, &err) < 0)
        fail_msg("git %s: %s", words[0], err.text);
    return rk_arena_dup(arena, out.p ? out.p : "", out.n ? out.n - 1 : 0);
}

/* The files put below w/ so far as one commit; its id. */
static inline const char *commit_all(void)
{
    if (!rk_path_exists(test_path("w/.git"))) {
        assert_int_equal(rk_mkdirs(test_path("w"), 0755, NULL), 0);
        test_git("init", "-q", "-b", "main");
    }
    test_git("add", "-A");
    test_git("commit", "-q", "--allow-empty", "-m", "by somebody");
    return test_git("rev-parse", "HEAD");
}

static inline struct git_view *view_of_w(void)
{
    struct git_view *v = NULL;
    struct rk_err err = {0};
    if (git_view_open(test_path("w"), &v, &err))
        fail_msg("%s", err.text);
    return v;
}

#define assert_part(text, part)                                                                    \
    do {                                                                                           \
        if (!(text) || !strstr((text), (part)))                                                    \
            fail_msg("\"%s\" has no \"%s\"", (text) ? (text) : "(null)", (part));                  \
    } while (0)

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
