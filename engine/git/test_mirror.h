/*
 * test_mirror.h: for the tests of this room: a mirror of remote.git in a temporary folder, a work
 * tree `w` that stands for everybody else, the loop run until a callback came, with a limit, and
 * writes of one file.
 */
#ifndef RK_GIT_TEST_MIRROR_H
#define RK_GIT_TEST_MIRROR_H

#include "git/test_repo.h"
#include "reckon/run.h"

enum { LIMIT_MS = 30000 };

static struct rk_arena *arena;
static struct run_loop *loop;
static struct git_mirror *mirror;

/* ---- the loop until something came ---- */

static inline void too_long(void *ctx)
{
    (void)ctx;
    fail_msg("nothing came within %d ms", LIMIT_MS);
}

static inline void run(void)
{
    struct run_timer *limit = run_timer_start(loop, LIMIT_MS, 0, too_long, NULL);
    run_loop_run(loop);
    run_timer_stop(limit);
}

struct polled {
    struct git_head head;
    struct rk_err err;
    int calls;
};

static inline void on_poll(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    struct polled *p = ctx;
    p->head = *head;
    p->err = err ? *err : (struct rk_err){0};
    p->calls++;
    run_loop_stop(loop);
}

static inline struct polled poll_once(void)
{
    struct polled p = {0};
    git_mirror_poll(mirror, on_poll, &p);
    run();
    assert_int_equal(p.calls, 1);
    return p;
}

static inline struct git_head poll_ok(void)
{
    struct polled p = poll_once();
    if (p.err.code)
        fail_msg("%s", p.err.text);
    return p.head;
}

/* ---- a remote with a clone that others work in ---- */

static inline void open_with(const char *branch, const char *key)
{
    rk_auto(rk_free_str) char *dir = test_path("state/mirror.git");
    rk_auto(rk_free_str) char *url = test_path("remote.git");
    struct rk_err err = {0};
    struct git_mirror_opts o = {.dir = dir, .remote = {.url = url, .time_limit_ms = 20000},
                                .branch = branch, .committer_name = "Reckon",
                                .committer_email = "reckon@example.org", .signing_key = key};
    if (git_mirror_open(loop, &o, &mirror, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void stop(void *ctx)
{
    (void)ctx;
    run_loop_stop(loop);
}

static inline void drain(void)
{
    struct run_timer *t = run_timer_start(loop, 1, 0, stop, NULL);
    run();
    run_timer_stop(t);
}

static inline void close_mirror(void)
{
    git_mirror_free(mirror);
    mirror = NULL;
    drain();
}

static inline int begin(void **state)
{
    (void)state;
    arena = rk_arena_new();
    loop = run_loop_new();
    test_begin();
    rk_auto(rk_free_str) char *remote = test_path("remote.git");
    rk_auto(rk_free_str) char *kept = test_path("state");
    assert_int_equal(rk_mkdirs(remote, 0755, NULL), 0);
    assert_int_equal(rk_mkdirs(kept, 0755, NULL), 0);
    test_do("remote.git", "init", "-q", "--bare", "-b", "main");
    test_init("w");
    test_do("w", "remote", "add", "origin", "../remote.git");
    open_with(NULL, NULL);
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    if (mirror)
        close_mirror();
    run_loop_free(loop);
    rk_arena_free(arena);
    test_end();
    return 0;
}

static inline char *push_other(const char *path, const char *text)
{
    test_put("w", path, text);
    char *id = test_commit("w", "by somebody else");
    test_do("w", "push", "-q", "origin", "HEAD:main");
    return id;
}

static inline char *remote_id(const char *rev)
{
    return test_git("remote.git", "rev-parse", rev);
}

static inline void rename_remote(const char *from, const char *to)
{
    rk_auto(rk_free_str) char *a = test_path(from);
    rk_auto(rk_free_str) char *b = test_path(to);
    assert_int_equal(rename(a, b), 0);
}

/* ---- writes ---- */

struct edit {
    const char *path, *text;
    int made, gated;
    int (*meanwhile)(struct edit *e);   /* what others do while we make */
    enum rk_code gate;
    char tips[8][GIT_ID];
};

static inline int make(struct git_view *v, const char *tip, struct rk_arena *a,
                       struct git_file **files, size_t *n, void *ctx, struct rk_err *err)
{
    struct edit *e = ctx;
    (void)v;
    memcpy(e->tips[e->made++], tip, GIT_ID);
    *files = rk_arena_array(a, 1, sizeof **files);
    (*files)[0] = (struct git_file){.path = e->path, .bytes = rk_str_c(e->text)};
    *n = e->text ? 1 : 0;
    if (e->meanwhile && e->meanwhile(e) < 0)
        return rk_fail(err, RK_INVALID, "not on this tip");
    return 0;
}

static inline int again(const char *tip, void *ctx, struct rk_err *err)
{
    struct edit *e = ctx;
    assert_string_equal(tip, e->tips[e->made - 1]);
    e->gated++;
    return e->gate ? rk_fail(err, e->gate, "the gate is shut") : 0;
}

struct wrote {
    enum git_landed how;
    char id[GIT_ID], branch[64];
    struct rk_err err;
    int calls;
};

static inline void on_write(enum git_landed how, const char *id, const char *branch,
                     const struct rk_err *err, void *ctx)
{
    struct wrote *w = ctx;
    w->how = how;
    snprintf(w->id, sizeof w->id, "%s", id);
    snprintf(w->branch, sizeof w->branch, "%s", branch);
    w->err = err ? *err : (struct rk_err){0};
    w->calls++;
    run_loop_stop(loop);
}

static inline struct git_write write_of(struct edit *e)
{
    return (struct git_write){.author = {"operator", "operator@example.org"},
                              .message = "promote shop\n\nReckon-Kind: promote",
                              .make = make, .again = again, .ctx = e};
}

static inline struct wrote commit(struct git_write w)
{
    struct wrote r = {0};
    git_commit_push(mirror, &w, on_write, &r);
    run();
    assert_int_equal(r.calls, 1);
    return r;
}

static inline void expect_file(const char *rev, const char *path, const char *want)
{
    rk_auto(rk_free_str) char *spec = rk_asprintf("%s:%s", rev, path);
    rk_auto(rk_free_str) char *got = test_git("remote.git", "show", spec);
    assert_string_equal(got, want);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
