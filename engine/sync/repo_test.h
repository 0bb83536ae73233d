/*
 * repo_test.h: for the tests of this room: real git repositories in the world's folder: remote.git,
 * a work tree `w` that stands for everybody else, and the engine's mirror of it with its audit log.
 */
#ifndef RK_SYNC_REPO_TEST_H
#define RK_SYNC_REPO_TEST_H

#include "sync/sync_test.h"

/* git -C <name> words...; its output without the last newline. */
#define test_git(name, ...) test_git_words(name, (const char *const[]){__VA_ARGS__, NULL})
static inline const char *test_git_words(const char *name, const char *const *words)
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
    if (gitcmd_run(test_path(name), words, &out, &err) < 0)
        fail_msg("git %s: %s", words[0], err.text);
    return rk_arena_dup(w.a, out.p ? out.p : "", out.n && out.p[out.n - 1] == '\n' ? out.n - 1
                                                                                    : out.n);
}

static inline void test_put(const char *path, const char *text)
{
    const char *file = test_path(path);
    const char *folder = rk_arena_dup(w.a, file, (size_t)(strrchr(file, '/') - file));
    assert_int_equal(rk_mkdirs(folder, 0755, NULL), 0);
    assert_int_equal(rk_file_write(file, rk_str_c(text), 0644, NULL), 0);
}

/* A work tree `w` without a remote. */
static inline void init_tree(void)
{
    assert_int_equal(rk_mkdirs(test_path("w"), 0755, NULL), 0);
    test_git("w", "init", "-q", "-b", "main");
}

/* All of the work tree as one commit; its id. */
static inline const char *commit_all(void)
{
    test_git("w", "add", "-A");
    test_git("w", "commit", "-q", "--allow-empty", "-m", "by somebody else");
    return test_git("w", "rev-parse", "HEAD");
}

static inline struct git_view *view_of(const char *name)
{
    struct git_view *v = NULL;
    struct rk_err err = {0};
    if (git_view_open(test_path(name), &v, &err))
        fail_msg("%s", err.text);
    return v;
}

/* ---- the mirror ---- */
static int polled;

static inline void on_poll(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    (void)head, (void)ctx;
    if (err)
        fail_msg("%s", err->text);
    polled++;
}

/* remote.git with one commit of files, mirrored in state/mirror.git. */
static inline void open_mirror(void)
{
    struct rk_err err = {0};
    assert_int_equal(rk_mkdirs(test_path("remote.git"), 0755, NULL), 0);
    test_git("remote.git", "init", "-q", "--bare", "-b", "main");
    init_tree();
    test_put("w/shop.yaml", "tag: \"1.0\"\n");
    commit_all();
    test_git("w", "push", "-q", test_path("remote.git"), "HEAD:main");
    const struct git_mirror_opts o = {
        .dir = test_path("state/mirror.git"), .committer_name = "Reckon",
        .committer_email = "reckon@example.org",
        .remote = {.url = test_path("remote.git"), .time_limit_ms = 20000},
    };
    if (git_mirror_open(w.loop, &o, &w.mirror, &err) ||
        record_log_open(w.mirror, test_path("state"), &w.log, &err))
        fail_msg("%s", err.text);
    polled = 0;
    git_mirror_poll(w.mirror, on_poll, NULL);
    WAIT(polled == 1);
}

static inline void take_remote_away(void)
{
    assert_int_equal(rename(test_path("remote.git"), test_path("away.git")), 0);
}

#endif
