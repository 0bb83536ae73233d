/*
 * mirror_test.c: a mirror against real bare repositories by path: polls (empty remote, first
 * commit, no change, force push, branch gone, remote away), writes (plain, empty remote, nothing,
 * lost race, race lost for ever, refused by a hook, by a branch, away and back, restart while away,
 * conflict with what came first), signatures, linear logs with two writers, and the end at any
 * moment. Every wait has a limit.
 */
#include "git/test_repo.h"

#include <sys/stat.h>

#include "reckon/run.h"

enum { LIMIT_MS = 30000 };

static struct rk_arena *arena;
static struct run_loop *loop;
static struct git_mirror *mirror;

/* ---- the loop until something came ---- */

static void too_long(void *ctx)
{
    (void)ctx;
    fail_msg("nothing came within %d ms", LIMIT_MS);
}

static void run(void)
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

static void on_poll(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    struct polled *p = ctx;
    p->head = *head;
    p->err = err ? *err : (struct rk_err){0};
    p->calls++;
    run_loop_stop(loop);
}

static struct polled poll_once(void)
{
    struct polled p = {0};
    git_mirror_poll(mirror, on_poll, &p);
    run();
    assert_int_equal(p.calls, 1);
    return p;
}

static struct git_head poll_ok(void)
{
    struct polled p = poll_once();
    if (p.err.code)
        fail_msg("%s", p.err.text);
    return p.head;
}

/* ---- a remote with a clone that others work in ---- */

static void open_with(const char *branch, const char *key)
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

static void stop(void *ctx)
{
    (void)ctx;
    run_loop_stop(loop);
}

static void drain(void)
{
    struct run_timer *t = run_timer_start(loop, 1, 0, stop, NULL);
    run();
    run_timer_stop(t);
}

static void close_mirror(void)
{
    git_mirror_free(mirror);
    mirror = NULL;
    drain();
}

static int begin(void **state)
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

static int end(void **state)
{
    (void)state;
    if (mirror)
        close_mirror();
    run_loop_free(loop);
    rk_arena_free(arena);
    test_end();
    return 0;
}

static char *push_other(const char *path, const char *text)
{
    test_put("w", path, text);
    char *id = test_commit("w", "by somebody else");
    test_do("w", "push", "-q", "origin", "HEAD:main");
    return id;
}

static char *remote_id(const char *rev)
{
    return test_git("remote.git", "rev-parse", rev);
}

static void rename_remote(const char *from, const char *to)
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

static int make(struct git_view *v, const char *tip, struct rk_arena *a, struct git_file **files,
                size_t *n, void *ctx, struct rk_err *err)
{
    struct edit *e = ctx;
    (void)v, (void)err;
    memcpy(e->tips[e->made++], tip, GIT_ID);
    *files = rk_arena_array(a, 1, sizeof **files);
    (*files)[0] = (struct git_file){.path = e->path, .bytes = rk_str_c(e->text)};
    *n = e->text ? 1 : 0;
    return e->meanwhile ? e->meanwhile(e) : 0;
}

static int again(const char *tip, void *ctx, struct rk_err *err)
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

static void on_write(enum git_landed how, const char *id, const char *branch,
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

static struct git_write write_of(struct edit *e)
{
    return (struct git_write){.author = {"operator", "operator@example.org"},
                              .message = "promote shop\n\nReckon-Kind: promote",
                              .make = make, .again = again, .ctx = e};
}

static struct wrote commit(struct git_write w)
{
    struct wrote r = {0};
    git_commit_push(mirror, &w, on_write, &r);
    run();
    assert_int_equal(r.calls, 1);
    return r;
}

static void expect_file(const char *rev, const char *path, const char *want)
{
    rk_auto(rk_free_str) char *spec = rk_asprintf("%s:%s", rev, path);
    rk_auto(rk_free_str) char *got = test_git("remote.git", "show", spec);
    assert_string_equal(got, want);
}

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

/* ---- writes ---- */

static void write_plain(void **state)
{
    (void)state;
    char id[GIT_ID];
    rk_auto(rk_free_str) char *one = push_other("a", "1\n");
    poll_ok();
    struct edit e = {.path = "a", .text = "2\n"};
    struct wrote r = commit(write_of(&e));
    if (r.err.code)
        fail_msg("%s", r.err.text);
    assert_int_equal(r.how, GIT_PUSHED);
    assert_string_equal(r.branch, "main");
    rk_auto(rk_free_str) char *tip = remote_id("main");
    assert_string_equal(r.id, tip);
    expect_file("main", "a", "2");
    git_mirror_head(mirror, id);
    assert_string_equal(id, tip);
    assert_string_equal(e.tips[0], one);
    assert_int_equal(e.gated, 0);
    rk_auto(rk_free_str) char *who = test_git("remote.git", "log", "-1", "main",
                                              "--format=%an %ae %cn %ce %s %(trailers:key=Reckon-Kind,valueonly)");
    assert_string_equal(who, "operator operator@example.org Reckon reckon@example.org promote shop "
                             "promote\n");
    assert_false(poll_ok().changed);
    e = (struct edit){.path = "a", .text = "2\n"}; /* the same bytes */
    r = commit(write_of(&e));
    assert_int_equal(r.how, GIT_NOTHING);
    assert_string_equal(r.id, tip);
    assert_int_equal(r.err.code, RK_OK);
    test_do("remote.git", "fsck", "--strict");
}

static void write_to_an_empty_remote(void **state)
{
    (void)state;
    struct edit e = {.path = "reckon.yaml", .text = "x\n"};
    struct wrote r = commit(write_of(&e)); /* not even polled */
    assert_int_equal(r.err.code, RK_OK);
    assert_int_equal(r.how, GIT_PUSHED);
    assert_string_equal(e.tips[0], "");
    expect_file("main", "reckon.yaml", "x");
    assert_string_equal(poll_ok().id, r.id);
}

static int fails(struct edit *e)
{
    (void)e;
    return -1;
}

static void write_that_cannot_be_made(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    rk_auto(rk_free_str) char *tip = remote_id("main");
    struct edit e = {.path = "a", .text = "2\n", .meanwhile = fails};
    struct wrote r = commit(write_of(&e));
    assert_int_equal(r.calls, 1);
    e = (struct edit){.path = "../a", .text = "2\n"};
    r = commit(write_of(&e));
    assert_int_equal(r.err.code, RK_INVALID);
    rk_auto(rk_free_str) char *still = remote_id("main");
    assert_string_equal(tip, still);
}

static int race_once(struct edit *e)
{
    if (e->made == 1)
        free(push_other("b", "theirs\n"));
    return 0;
}

static void lost_race(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    poll_ok();
    struct edit e = {.path = "a", .text = "2\n", .meanwhile = race_once};
    struct wrote r = commit(write_of(&e));
    if (r.err.code)
        fail_msg("%s", r.err.text);
    assert_int_equal(r.how, GIT_PUSHED);
    assert_int_equal(e.made, 2);
    assert_int_equal(e.gated, 1);
    rk_auto(rk_free_str) char *theirs = test_git("w", "rev-parse", "HEAD");
    assert_string_equal(e.tips[1], theirs);
    expect_file("main", "a", "2");
    expect_file("main", "b", "theirs");
    rk_auto(rk_free_str) char *parent = remote_id("main~1");
    assert_string_equal(parent, theirs);
}

static void gate_shuts_after_a_lost_race(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    poll_ok();
    struct edit e = {.path = "a", .text = "2\n", .meanwhile = race_once, .gate = RK_DENIED};
    struct wrote r = commit(write_of(&e));
    assert_int_equal(r.err.code, RK_DENIED);
    assert_string_equal(r.err.text, "the gate is shut");
    expect_file("main", "a", "1");
}

static int race_always(struct edit *e)
{
    rk_auto(rk_free_str) char *text = rk_asprintf("%d\n", e->made);
    free(push_other("b", text));
    return 0;
}

static void race_lost_for_ever(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    poll_ok();
    struct edit e = {.path = "a", .text = "2\n", .meanwhile = race_always};
    struct wrote r = commit(write_of(&e));
    assert_int_equal(e.made, 5);
    assert_int_equal(r.err.code, RK_CONFLICT);
    rk_auto(rk_free_str) char *theirs = test_git("w", "rev-parse", "--short=12", "HEAD");
    assert_non_null(strstr(r.err.text, theirs));
    assert_non_null(strstr(r.err.text, "operator: by somebody else"));
    expect_file("main", "a", "1");
}

static void refuse_main(void)
{
    rk_auto(rk_free_str) char *hook = test_path("remote.git/hooks/pre-receive");
    rk_auto(rk_free_str) char *hooks = test_path("remote.git/hooks");
    assert_int_equal(rk_mkdirs(hooks, 0755, NULL), 0);
    assert_int_equal(rk_file_write(hook, RK_STR("#!/bin/sh\nwhile read a b ref; do\n"
                                                "if [ $ref = refs/heads/main ]; then\n"
                                                "echo 'main needs a review' >&2; exit 1; fi; done\n"),
                                   0755, NULL), 0);
}

static void refused_by_a_rule(void **state)
{
    (void)state;
    free(push_other("a", "1\n"));
    poll_ok();
    refuse_main();
    struct edit e = {.path = "a", .text = "2\n"};
    struct git_write w = write_of(&e);
    w.pending = "op-1"; /* a refusal is not an absence */
    struct wrote r = commit(w);
    assert_int_equal(r.err.code, RK_DENIED);
    assert_non_null(strstr(r.err.text, "main needs a review"));
    assert_non_null(strstr(r.err.text, "`via: branch`"));
    struct git_commit *waiting;
    assert_int_equal(git_pending(mirror, arena, &waiting), 0);
    w.via_branch = "reckon/promote/op-1";
    r = commit(w);
    assert_int_equal(r.err.code, RK_OK);
    assert_int_equal(r.how, GIT_ON_BRANCH);
    assert_string_equal(r.branch, "reckon/promote/op-1");
    expect_file("reckon/promote/op-1", "a", "2");
    expect_file("main", "a", "1");
    assert_false(poll_ok().changed);
}

/* ---- the remote is away ---- */

static struct {
    char names[4][16], old[4][GIT_ID], now[4][GIT_ID];
    int n;
} told;

static void on_pushed(const char *name, const char *old_id, const char *new_id, void *ctx)
{
    assert_ptr_equal(ctx, &told);
    snprintf(told.names[told.n], sizeof told.names[0], "%s", name);
    memcpy(told.old[told.n], old_id, GIT_ID);
    memcpy(told.now[told.n++], new_id, GIT_ID);
}

static struct wrote write_pending(const char *path, const char *text, const char *name)
{
    struct edit e = {.path = path, .text = text};
    struct git_write w = write_of(&e);
    w.pending = name;
    struct wrote r = commit(w);
    if (r.err.code)
        fail_msg("%s", r.err.text);
    assert_int_equal(r.how, GIT_PENDING);
    return r;
}

static void away_and_back(void **state)
{
    (void)state;
    char id[GIT_ID];
    struct git_commit *waiting;
    memset(&told, 0, sizeof told);
    git_on_pushed(mirror, on_pushed, &told);
    rk_auto(rk_free_str) char *one = push_other("a", "1\n");
    poll_ok();
    rename_remote("remote.git", "away.git");
    struct edit e = {.path = "a", .text = "2\n"};
    struct wrote r = commit(write_of(&e)); /* pending not wished */
    assert_int_equal(r.err.code, RK_UNAVAILABLE);
    git_mirror_head(mirror, id);
    assert_string_equal(id, one);
    struct wrote first = write_pending("a", "2\n", "op-1");
    struct wrote second = write_pending("c", "3\n", "op-2");
    git_mirror_head(mirror, id);
    assert_string_equal(id, second.id);
    assert_int_equal(git_pending(mirror, arena, &waiting), 2);
    assert_string_equal(waiting[0].id, first.id);
    assert_string_equal(waiting[1].parent, first.id);
    struct polled p = poll_once();
    assert_int_equal(p.err.code, RK_UNAVAILABLE);
    assert_string_equal(p.head.id, second.id);
    assert_int_equal(told.n, 0);
    rename_remote("away.git", "remote.git");
    struct git_head h = poll_ok();
    assert_string_equal(h.id, second.id); /* nobody else came: pushed as they are */
    assert_false(h.changed);
    rk_auto(rk_free_str) char *tip = remote_id("main");
    assert_string_equal(tip, second.id);
    assert_int_equal(git_pending(mirror, arena, &waiting), 0);
    assert_int_equal(told.n, 2);
    assert_string_equal(told.names[0], "op-1");
    assert_string_equal(told.old[0], first.id);
    assert_string_equal(told.now[0], first.id);
    rk_auto(rk_free_str) char *refs = test_git("state/mirror.git", "for-each-ref", "refs/reckon/pending");
    assert_string_equal(refs, "");
}

static void restart_while_away_then_others_came_first(void **state)
{
    (void)state;
    char id[GIT_ID];
    memset(&told, 0, sizeof told);
    free(push_other("a", "1\n"));
    poll_ok();
    rename_remote("remote.git", "away.git");
    struct wrote first = write_pending("a", "2\n", "z-first");
    struct wrote second = write_pending("c", "3\n", "a-second");
    close_mirror();
    open_with(NULL, NULL);
    git_on_pushed(mirror, on_pushed, &told);
    git_mirror_head(mirror, id);
    assert_string_equal(id, second.id);
    struct git_commit *waiting;
    assert_int_equal(git_pending(mirror, arena, &waiting), 2);
    assert_string_equal(waiting[0].id, first.id); /* by age, not by name */
    rename_remote("away.git", "remote.git");
    rk_auto(rk_free_str) char *theirs = push_other("b", "theirs\n");
    struct git_head h = poll_ok();
    assert_true(h.changed);
    assert_false(h.forced);
    assert_int_equal(told.n, 2);
    assert_string_equal(told.names[0], "z-first");
    assert_string_equal(told.old[0], first.id);
    assert_string_not_equal(told.now[0], first.id);
    assert_string_equal(told.now[1], h.id);
    rk_auto(rk_free_str) char *base = remote_id("main~2");
    assert_string_equal(base, theirs);
    expect_file("main", "a", "2");
    expect_file("main", "b", "theirs");
    expect_file("main", "c", "3");
    rk_auto(rk_free_str) char *who = test_git("remote.git", "log", "-1", "main", "--format=%an %cn %s");
    assert_string_equal(who, "operator Reckon promote shop");
}

static void pending_conflicts(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    git_on_pushed(mirror, on_pushed, &told);
    rk_auto(rk_free_str) char *one = push_other("a", "1\n");
    poll_ok();
    rename_remote("remote.git", "away.git");
    struct wrote mine = write_pending("a", "2\n", "op-1");
    rename_remote("away.git", "remote.git");
    free(push_other("a", "3\n"));
    struct polled p = poll_once();
    assert_int_equal(p.err.code, RK_CONFLICT);
    assert_string_equal(p.head.id, mine.id); /* still pinned to it */
    assert_int_equal(told.n, 0);
    /* somebody takes the other change back: then ours goes through */
    free(push_other("a", "1\n"));
    assert_true(poll_ok().changed);
    assert_int_equal(told.n, 1);
    expect_file("main", "a", "2");
}

static void pending_that_had_landed(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    git_on_pushed(mirror, on_pushed, &told);
    free(push_other("a", "1\n"));
    poll_ok();
    rename_remote("remote.git", "away.git");
    struct wrote mine = write_pending("a", "2\n", "op-1");
    rename_remote("away.git", "remote.git");
    /* as if the push had been taken and its answer lost */
    test_do("state/mirror.git", "push", "-q", "../../remote.git", "refs/reckon/pending/op-1:refs/heads/main");
    test_do("w", "pull", "-q", "origin", "main");
    rk_auto(rk_free_str) char *later = push_other("b", "later\n");
    assert_string_equal(poll_ok().id, later);
    assert_int_equal(told.n, 1);
    assert_string_equal(told.now[0], mine.id);
}

static void write_with_others_waiting(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    git_on_pushed(mirror, on_pushed, &told);
    free(push_other("a", "1\n"));
    poll_ok();
    rename_remote("remote.git", "away.git");
    write_pending("a", "2\n", "op-1");
    rename_remote("away.git", "remote.git");
    struct edit e = {.path = "c", .text = "3\n"};
    struct wrote r = commit(write_of(&e));
    assert_int_equal(r.how, GIT_PUSHED);
    assert_int_equal(told.n, 1); /* the older first */
    expect_file("main", "a", "2");
    expect_file("main", "c", "3");
}

/* ---- signatures ---- */

static void signed_commits(void **state)
{
    (void)state;
    rk_auto(rk_free_str) char *key = test_path("key");
    rk_auto(rk_free_str) char *allowed = test_path("allowed");
    rk_auto(rk_free_str) char *pub = rk_asprintf("%s.pub", key);
    const char *const keygen[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, NULL};
    struct run_child_opts o = {.argv = keygen};
    struct run_child_result r = {0};
    assert_int_equal(run_child_wait(&o, &r, NULL), 0);
    assert_int_equal(r.exit_code, 0);
    run_child_result_release(&r);
    struct rk_buf line = RK_BUF_INIT, text = RK_BUF_INIT;
    assert_int_equal(rk_file_read(pub, 4096, &text, NULL), 0);
    rk_buf_f(&line, "reckon@example.org %s", text.p);
    assert_int_equal(rk_file_write(allowed, rk_buf_view(&line), 0600, NULL), 0);
    rk_buf_release(&line);
    rk_buf_release(&text);
    close_mirror();
    open_with("main", key);
    struct edit e = {.path = "a", .text = "1\n"};
    struct wrote w = commit(write_of(&e));
    if (w.err.code)
        fail_msg("%s", w.err.text);
    rk_auto(rk_free_str) char *setting = rk_asprintf("gpg.ssh.allowedSignersFile=%s", allowed);
    rk_auto(rk_free_str) char *good = test_git("remote.git", "-c", setting, "log", "-1", "--format=%G? %GS", "main");
    assert_string_equal(good, "G reckon@example.org");
    close_mirror();
    open_with("main", "/nonexistent/key");
    e = (struct edit){.path = "a", .text = "2\n"};
    w = commit(write_of(&e));
    assert_int_not_equal(w.err.code, RK_OK);
    expect_file("main", "a", "1");
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
        if (!git_is_ancestor(v, log[i].id, remote_tip) && git_log_append(v, branch, &e, id, err) < 0)
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
    rk_auto(rk_free_str) char *seen = test_git("state/mirror.git", "rev-parse", "refs/reckon/seen/" LOG);
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
    rk_auto(rk_free_str) char *kept = test_git("state/mirror.git", "log", "-1", "--format=%s", "refs/reckon/log/" LOG);
    assert_string_equal(kept, "six");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(polls), TEST(head_is_the_remotes), TEST(branch_gone_and_remote_away),
        TEST(polls_join), TEST(bad_options), TEST(write_plain), TEST(write_to_an_empty_remote),
        TEST(write_that_cannot_be_made), TEST(lost_race), TEST(gate_shuts_after_a_lost_race),
        TEST(race_lost_for_ever), TEST(refused_by_a_rule), TEST(away_and_back),
        TEST(restart_while_away_then_others_came_first), TEST(pending_conflicts),
        TEST(pending_that_had_landed), TEST(write_with_others_waiting), TEST(signed_commits),
        TEST(logs), TEST(end_at_any_moment), TEST(end_inside_a_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
