/*
 * test_repo.h: for the tests of this room: real repositories in a temporary folder, made with the
 * git program. Commit times are counted up by a second each, so that ids and orders are the same on
 * every run.
 */
#ifndef RK_GIT_TEST_REPO_H
#define RK_GIT_TEST_REPO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "git/git.h"

static char test_dir[] = "/tmp/reckon-git-XXXXXX";
static int64_t test_clock = 1790000000;

static inline void test_begin(void)
{
    static const char *const fixed[][2] = {
        {"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_AUTHOR_NAME", "operator"},    {"GIT_AUTHOR_EMAIL", "operator@example.org"},
        {"GIT_COMMITTER_NAME", "operator"}, {"GIT_COMMITTER_EMAIL", "operator@example.org"},
    };
    for (size_t i = 0; i < RK_LEN(fixed); i++)
        setenv(fixed[i][0], fixed[i][1], 1);
    memcpy(test_dir + sizeof test_dir - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(test_dir));
}

static inline void test_end(void)
{
    assert_int_equal(rk_remove_tree(test_dir, NULL), 0);
}

static inline char *test_path(const char *name)
{
    return rk_path_join(test_dir, name);
}

/* git -C <name> words...; the output without its last newline, free() it. */
#define test_git(name, ...) test_git_words(name, (const char *const[]){__VA_ARGS__, NULL})
static inline char *test_git_words(const char *name, const char *const *words)
{
    char when[40];
    struct rk_buf out = RK_BUF_INIT;
    struct rk_err err = {0};
    rk_auto(rk_free_str) char *dir = test_path(name);
    snprintf(when, sizeof when, "%lld +0000", (long long)test_clock);
    setenv("GIT_AUTHOR_DATE", when, 1);
    setenv("GIT_COMMITTER_DATE", when, 1);
    if (gitcmd_run(dir, words, &out, &err) < 0)
        fail_msg("git %s: %s", words[0], err.text);
    if (out.n && out.p[out.n - 1] == '\n')
        out.p[--out.n] = 0;
    return rk_buf_take(&out);
}

#define test_do(name, ...) free(test_git(name, __VA_ARGS__))

static inline void test_put(const char *repo, const char *path, const char *text)
{
    rk_auto(rk_free_str) char *dir = test_path(repo);
    rk_auto(rk_free_str) char *file = rk_path_join(dir, path);
    rk_auto(rk_free_str) char *folder = rk_strndup(file, (size_t)(strrchr(file, '/') - file));
    assert_int_equal(rk_mkdirs(folder, 0755, NULL), 0);
    assert_int_equal(rk_file_write(file, rk_str_c(text), 0644, NULL), 0);
}

/* Everything in the work tree as one commit; its id, free() it. */
static inline char *test_commit(const char *repo, const char *message)
{
    test_clock++;
    test_do(repo, "add", "-A");
    test_do(repo, "commit", "-q", "--allow-empty", "-m", message);
    return test_git(repo, "rev-parse", "HEAD");
}

/* A work tree `name` with an empty branch main. */
static inline void test_init(const char *name)
{
    rk_auto(rk_free_str) char *dir = test_path(name);
    assert_int_equal(rk_mkdirs(dir, 0755, NULL), 0);
    test_do(name, "init", "-q", "-b", "main");
}

static inline struct git_view *test_view(const char *name)
{
    struct git_view *v = NULL;
    struct rk_err err = {0};
    rk_auto(rk_free_str) char *dir = test_path(name);
    if (git_view_open(dir, &v, &err) < 0)
        fail_msg("%s", err.text);
    return v;
}

#endif
