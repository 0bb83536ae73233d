/*
 * mirror_test.c: a mirror of a real bare repository by path: polls (empty remote, first commit, no
 * change, force push, branch gone, remote away), linear logs with two writers and a rewritten
 * remote, and the end at any moment.
 */
#include "git/test_mirror.h"

#include <fcntl.h>
#include <sys/stat.h>

/* ---- polls ---- */

static void polls(void **state)
{
    (void)state;
    char id[GIT_ID];
    assert_null(git_mirror_branch(mirror));
    struct git_head h = poll_ok(); /* an empty remote is an ordinary state */
    assert_string_equal(h.id, "");
    assert_false(h.changed);
    assert_string_equal(git_mirror_branch(mirror), "main");
    rk_auto(rk_free_str) char *one = push_other("a", "1\n");
    h = poll_ok();
    assert_string_equal(h.id, one);
    assert_string_equal(h.previous, "");
    assert_true(h.changed);
    assert_false(h.forced);
    h = poll_ok();
    assert_false(h.changed);
    rk_auto(rk_free_str) char *two = push_other("a", "2\n");
    h = poll_ok();
    assert_string_equal(h.id, two);
    assert_string_equal(h.previous, one);
    assert_true(h.changed);
    test_do("w", "reset", "-q", "--hard", one);
    test_put("w", "b", "forced\n");
    rk_auto(rk_free_str) char *three = test_commit("w", "forced");
    test_do("w", "push", "-q", "-f", "origin", "HEAD:main");
    h = poll_ok();
    assert_string_equal(h.id, three);
    assert_string_equal(h.previous, two);
    assert_true(h.forced);
    git_mirror_head(mirror, id);
    assert_string_equal(id, three);
    /* another branch and a tag come along, without a change of ours */
    test_do("w", "push", "-q", "origin", "HEAD:refs/heads/reckon/x", "HEAD:refs/tags/v1");
    h = poll_ok();
    assert_false(h.changed);
    struct git_view *v = test_view("state/mirror.git");
    assert_int_equal(git_resolve(v, "reckon/x", id, NULL), 0);
    assert_int_equal(git_resolve(v, "v1", id, NULL), 0);
    test_do("w", "push", "-q", "origin", ":refs/heads/reckon/x", ":refs/tags/v1");
    h = poll_ok();
    assert_int_equal(git_resolve(v, "reckon/x", id, NULL), -1);
    assert_int_equal(git_resolve(v, "v1", id, NULL), -1);
    git_view_free(v);
}

static void head_is_the_remotes(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    test_do("w", "push", "-q", "origin", "HEAD:trunk");
    test_do("remote.git", "symbolic-ref", "HEAD", "refs/heads/trunk");
    poll_ok();
    assert_string_equal(git_mirror_branch(mirror), "trunk");
    close_mirror();
    rename_remote("remote.git", "away.git");
    open_with(NULL, NULL); /* known again without the remote */
    assert_string_equal(git_mirror_branch(mirror), "trunk");
    char id[GIT_ID];
    git_mirror_head(mirror, id);
    assert_int_equal(strlen(id), 40);
}

static void branch_gone_and_remote_away(void **state)
{
    (void)state;
    char id[GIT_ID];
    rk_auto(rk_free_str) char *one = push_other("a", "1\n");
    poll_ok();
    test_do("w", "push", "-q", "origin", "HEAD:other");
    test_do("remote.git", "update-ref", "-d", "refs/heads/main");
    struct polled p = poll_once();
    assert_int_equal(p.err.code, RK_NOT_FOUND);
    assert_string_equal(p.err.text, "the remote has no branch \"main\"; it has other");
    assert_string_equal(p.head.id, one); /* the last good one stays */
    rename_remote("remote.git", "away.git");
    p = poll_once();
    assert_int_equal(p.err.code, RK_UNAVAILABLE);
    assert_string_equal(p.head.id, one);
    close_mirror();
    open_with("main", NULL);
    git_mirror_head(mirror, id);
    assert_string_equal(id, one);
    rename_remote("away.git", "remote.git");
    test_do("w", "push", "-q", "origin", "HEAD:main");
    assert_string_equal(poll_ok().id, one);
}

static void polls_join(void **state)
{
    (void)state;
    struct polled a = {0}, b = {0};
    free(push_other("a", "1\n"));
    git_mirror_poll(mirror, on_poll, &a);
    git_mirror_poll(mirror, on_poll, &b);
    run();
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 1);
    assert_string_equal(a.head.id, b.head.id);
    assert_true(b.head.changed);
}

/* What the git program is asked for: one word a call. */
static char *words_of(struct git_head (*what)(void))
{
    rk_auto(rk_free_str) char *path = rk_strdup(getenv("PATH"));
    rk_auto(rk_free_str) char *bin = test_path("bin");
    rk_auto(rk_free_str) char *script = test_path("bin/git");
    rk_auto(rk_free_str) char *log = test_path("log");
    rk_auto(rk_free_str) char *body = rk_asprintf(
        "#!/bin/sh\nfor w; do case $w in ls-remote|fetch|push|init|gc) printf '%%s ' $w >>%s;; "
        "esac; done\nPATH=%s exec git \"$@\"\n", log, path);
    rk_auto(rk_free_str) char *first = rk_asprintf("%s:%s", bin, path);
    struct rk_buf said = RK_BUF_INIT;
    assert_int_equal(rk_mkdirs(bin, 0755, NULL), 0);
    assert_int_equal(rk_file_write(script, rk_str_c(body), 0755, NULL), 0);
    assert_int_equal(rk_file_write(log, RK_STR(""), 0644, NULL), 0);
    setenv("PATH", first, 1);
    what();
    setenv("PATH", path, 1);
    assert_int_equal(rk_file_read(log, 4096, &said, NULL), 0);
    return rk_buf_take(&said);
}

static void a_poll_asks_once(void **state)
{
    (void)state;
    rk_auto(rk_free_str) char *empty = words_of(poll_ok);
    assert_string_equal(empty, "ls-remote ");
    free(push_other("a", "1\n"));
    test_do("w", "tag", "-a", "-m", "t", "v1/x");
    test_do("w", "push", "-q", "origin", "HEAD:refs/heads/reckon/a/b", "v1/x");
    rk_auto(rk_free_str) char *moved = words_of(poll_ok);
    assert_string_equal(moved, "ls-remote fetch ");
    rk_auto(rk_free_str) char *still = words_of(poll_ok);
    assert_string_equal(still, "ls-remote ");
    test_do("w", "push", "-q", "origin", ":refs/heads/reckon/a/b");
    rk_auto(rk_free_str) char *gone = words_of(poll_ok);
    assert_string_equal(gone, "ls-remote fetch ");
}

static void bad_options(void **state)
{
    (void)state;
    struct git_mirror *m = NULL;
    struct rk_err err = {0};
    rk_auto(rk_free_str) char *work = test_path("w/.git");
    struct git_mirror_opts o = {.dir = work, .remote = {.url = "x"}, .branch = "a..b"};
    assert_int_equal(git_mirror_open(loop, &o, &m, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    o.branch = NULL;
    assert_int_equal(git_mirror_open(loop, &o, &m, &err), -1); /* not bare */
    assert_int_equal(err.code, RK_INVALID);
    assert_null(m);
}

/* ---- linear logs ---- */

#define LOG "reckon/audit/production"

static void append(const char *dir, const char *json)
{
    struct git_view *v = test_view(dir);
    char id[GIT_ID];
    struct rk_err err = {0};
    struct git_entry e = {.message = json, .entry_json = rk_str_c(json),
                          .author = {"operator", "operator@example.org"},
                          .time = test_clock++ * 1000};
    if (git_log_append(v, LOG, &e, id, &err) < 0)
        fail_msg("%s", err.text);
    git_view_free(v);
}

/* Appends each commit that only the local tip has again, oldest first. */
static int remake(struct git_view *v, const char *branch, const char *remote_tip,
                  const char *local_tip, void *ctx, struct rk_err *err)
{
    struct git_commit *log;
    size_t n;
    (void)ctx;
    if (git_log(v, arena, local_tip, NULL, 0, 0, 100, &log, &n, err) < 0)
        return -1;
    for (size_t i = n; i-- > 0;) {
        char id[GIT_ID];
        rk_auto(rk_free_str) char *text = rk_asprintf("%s again", log[i].subject);
        struct git_entry e = {.message = text, .entry_json = rk_str_c(text), .author = {"r", "r"},
                              .time = log[i].time};
        if (!git_is_ancestor(v, log[i].id, remote_tip) &&
            git_log_append(v, branch, &e, id, err) < 0)
            return -1;
    }
    return 0;
}

static struct rk_err push_err;

static void on_log(const struct rk_err *err, void *ctx)
{
    (void)ctx;
    push_err = err ? *err : (struct rk_err){0};
    run_loop_stop(loop);
}

static enum rk_code log_push(void)
{
    git_log_push(mirror, LOG, remake, on_log, NULL);
    run();
    return push_err.code;
}

static char *remote_log(void)
{
    return test_git("remote.git", "log", "--format=%s", LOG);
}

static void logs(void **state)
{
    (void)state;
    assert_int_equal(log_push(), RK_OK); /* nothing there */
    append("state/mirror.git", "one");
    append("state/mirror.git", "two");
    assert_int_equal(log_push(), RK_OK);
    rk_auto(rk_free_str) char *first = remote_log();
    assert_string_equal(first, "two\none");
    rk_auto(rk_free_str) char *tip = remote_id(LOG);
    rk_auto(rk_free_str) char *seen = test_git("state/mirror.git", "rev-parse",
                                               "refs/reckon/seen/" LOG);
    assert_string_equal(seen, tip);
    /* another engine appends meanwhile */
    test_do("remote.git", "clone", "-q", "--bare", ".", "../other.git");
    append("other.git", "stray"); /* of its own making: no history of the remote's */
    test_do("other.git", "update-ref", "refs/reckon/log/" LOG, tip);
    append("other.git", "theirs");
    test_do("other.git", "push", "-q", "../remote.git", "refs/reckon/log/" LOG ":refs/heads/" LOG);
    append("state/mirror.git", "three");
    append("state/mirror.git", "four");
    assert_int_equal(log_push(), RK_OK);
    rk_auto(rk_free_str) char *both = remote_log();
    assert_string_equal(both, "four again\nthree again\ntheirs\ntwo\none");
    assert_int_equal(log_push(), RK_OK);
    /* away: kept; back: pushed */
    rename_remote("remote.git", "away.git");
    append("state/mirror.git", "five");
    assert_int_equal(log_push(), RK_UNAVAILABLE);
    rename_remote("away.git", "remote.git");
    assert_int_equal(log_push(), RK_OK);
    /* rewritten on the remote: not built upon, whether it is known yet or not */
    append("state/mirror.git", "six");
    test_do("remote.git", "update-ref", "refs/heads/" LOG, tip);
    assert_int_equal(log_push(), RK_CONFLICT);
    assert_non_null(strstr(push_err.text, "was rewritten on the remote"));
    poll_once();
    assert_int_equal(log_push(), RK_CONFLICT);
    test_do("remote.git", "update-ref", "-d", "refs/heads/" LOG);
    poll_once();
    assert_int_equal(log_push(), RK_CONFLICT);
    rk_auto(rk_free_str) char *kept = test_git("state/mirror.git", "log", "-1", "--format=%s",
                                               "refs/reckon/log/" LOG);
    assert_string_equal(kept, "six");
}

static void on_kept(const struct rk_err *err, void *ctx)
{
    assert_null(err);
    ++*(int *)ctx;
    run_loop_stop(loop);
}

static char *log_ref(void)
{
    return test_git("state/mirror.git", "rev-parse", "refs/reckon/log/" LOG);
}

static void write_over(const char *path, const char *text)
{
    rk_auto(rk_free_str) char *full = test_path(path);
    struct rk_err err = {0};
    if (rk_file_write(full, rk_str_c(text), 0644, &err) < 0)
        fail_msg("%s", err.text);
}

static void reopen(void)
{
    git_mirror_free(mirror);
    drain();
    open_with(NULL, NULL);
}

static void logs_after_a_power_cut(void **state)
{
    (void)state;
    int kept = 0;
    append("state/mirror.git", "one");
    append("state/mirror.git", "two");
    git_log_sync(mirror, LOG, on_kept, &kept);
    assert_int_equal(kept, 0);
    run();
    assert_int_equal(kept, 1);
    rk_auto(rk_free_str) char *two = log_ref();
    append("state/mirror.git", "three");
    rk_auto(rk_free_str) char *three = log_ref();
    reopen(); /* nothing was lost */
    rk_auto(rk_free_str) char *now = log_ref();
    assert_string_equal(now, three);
    rk_auto(rk_free_str) char *blob = test_git("state/mirror.git", "rev-parse",
                                               "refs/reckon/log/" LOG ":entry.json");
    rk_auto(rk_free_str) char *path = rk_asprintf("state/mirror.git/objects/%.2s/%s", blob,
                                                  blob + 2);
    write_over(path, ""); /* what a file system leaves of a file that was not synced */
    reopen();
    rk_auto(rk_free_str) char *back = log_ref();
    assert_string_equal(back, two);
    write_over("state/mirror.git/refs/reckon/log/" LOG, "");
    reopen();
    rk_auto(rk_free_str) char *again = log_ref();
    assert_string_equal(again, two);
    assert_int_equal(log_push(), RK_OK);
    rk_auto(rk_free_str) char *there = remote_log();
    assert_string_equal(there, "two\none");
}

static void on_cancelled(const struct rk_err *err, void *ctx)
{
    assert_non_null(err);
    assert_int_equal(err->code, RK_CANCELLED);
    ++*(int *)ctx;
}

static void logs_to_the_disk_in_rounds(void **state)
{
    (void)state;
    int kept = 0;
    git_log_sync(mirror, LOG, on_kept, &kept); /* nothing there */
    run();
    assert_int_equal(kept, 1);
    for (int i = 0; i < 5; i++) {
        append("state/mirror.git", "entry");
        git_log_sync(mirror, LOG, on_kept, &kept);
    }
    while (kept < 6)
        run();
    append("state/mirror.git", "last");
    git_log_sync(mirror, LOG, on_cancelled, &kept);
    git_log_sync(mirror, LOG, on_cancelled, &kept); /* the round after it */
    git_log_push(mirror, LOG, remake, on_log, NULL);
    git_mirror_free(mirror);
    mirror = NULL;
    drain();
    assert_int_equal(kept, 8);
    open_with(NULL, NULL);
}

/* ---- what a killed process left ---- */

static bool there(const char *name)
{
    rk_auto(rk_free_str) char *path = test_path(name);
    return rk_path_exists(path);
}

static void locks_of_the_dead(void **state)
{
    (void)state;
    const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    rk_auto(rk_free_str) char *packed = test_path("state/mirror.git/packed-refs.lock");
    free(push_other("a", "1\n"));
    poll_ok();
    append("state/mirror.git", "entry");
    close_mirror();
    test_put("state/mirror.git", "refs/reckon/log/" LOG ".lock", "");
    test_put("state/mirror.git", "packed-refs.lock", "");
    test_put("state/mirror.git", "refs/remotes/origin/main.lock", "");
    assert_int_equal(utimensat(AT_FDCWD, packed, long_ago, 0), 0);
    open_with(NULL, NULL);
    assert_false(there("state/mirror.git/refs/reckon/log/" LOG ".lock"));
    assert_false(there("state/mirror.git/packed-refs.lock"));
    append("state/mirror.git", "the next entry");
    /* a git that runs may own this one: it stays until a fetch of ours failed by it */
    assert_true(there("state/mirror.git/refs/remotes/origin/main.lock"));
    char *id = push_other("a", "2\n");
    assert_int_not_equal(poll_once().err.code, 0);
    assert_string_equal(poll_ok().id, id);
    free(id);
}

/* ---- the end ---- */

static void end_at_any_moment(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    for (uint64_t ms = 0; ms < 40; ms += 2) {
        struct edit e = {.path = "a", .text = "2\n"};
        struct git_write w = write_of(&e);
        struct polled p = {0};
        struct wrote r = {0};
        git_mirror_poll(mirror, on_poll, &p);
        git_commit_push(mirror, &w, on_write, &r);
        struct run_timer *t = run_timer_start(loop, ms, 0, stop, NULL);
        run();
        run_timer_stop(t);
        int polled = p.calls, wrote = r.calls;
        git_mirror_free(mirror);
        mirror = NULL;
        alarm(LIMIT_MS / 1000);
        run_loop_run(loop); /* until no handle is left */
        alarm(0);
        assert_int_equal(p.calls, polled);
        assert_int_equal(r.calls, wrote);
        open_with(NULL, NULL);
    }
}

static void free_inside(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    (void)head, (void)err, (void)ctx;
    git_mirror_free(mirror);
    mirror = NULL;
    run_loop_stop(loop);
}

static void end_inside_a_callback(void **state)
{
    (void)state;
    struct polled p = {0};
    git_mirror_poll(mirror, free_inside, NULL);
    git_mirror_poll(mirror, on_poll, &p);
    run();
    drain();
    assert_int_equal(p.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(polls), TEST(head_is_the_remotes), TEST(branch_gone_and_remote_away),
        TEST(polls_join), TEST(a_poll_asks_once), TEST(bad_options), TEST(logs),
        TEST(logs_after_a_power_cut), TEST(logs_to_the_disk_in_rounds), TEST(locks_of_the_dead), TEST(end_at_any_moment),
        TEST(end_inside_a_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
