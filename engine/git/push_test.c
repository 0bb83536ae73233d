/*
 * push_test.c: writes against real bare repositories by path: plain, to an empty remote, nothing to
 * do, lost race, race lost for ever, refused by a hook, to a branch, remote away and back, restart
 * while away, conflict with what came first, signatures.
 */
#include "git/test_mirror.h"

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
    rk_auto(rk_free_str) char *who = test_git(
        "remote.git", "log", "-1", "main",
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
    assert_int_equal(r.err.code, RK_INVALID);
    assert_string_equal(r.err.text, "not on this tip");
    assert_int_equal(r.how, GIT_NOTHING);
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
                                                "echo 'main needs a review' >&2; exit 1\n"
                                                "fi; done\n"),
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
    rk_auto(rk_free_str) char *refs = test_git("state/mirror.git", "for-each-ref",
                                               "refs/reckon/pending");
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
    rk_auto(rk_free_str) char *who = test_git("remote.git", "log", "-1", "main",
                                              "--format=%an %cn %s");
    assert_string_equal(who, "operator Reckon promote shop");
}

static void pending_conflicts(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    git_on_pushed(mirror, on_pushed, &told);
    free(push_other("a", "1\n"));
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
    test_do("state/mirror.git", "push", "-q", "../../remote.git",
            "refs/reckon/pending/op-1:refs/heads/main");
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

/* Nothing was ever there, and then not even the remote. */
static void first_commit_while_away(void **state)
{
    (void)state;
    char id[GIT_ID];
    memset(&told, 0, sizeof told);
    rename_remote("remote.git", "away.git");
    struct edit e = {.path = "a", .text = "1\n"};
    struct git_write w = write_of(&e);
    w.pending = "op-1";
    struct wrote r = commit(w); /* not even the branch's name is known */
    assert_int_equal(r.err.code, RK_UNAVAILABLE);
    rename_remote("away.git", "remote.git");
    poll_ok();
    rename_remote("remote.git", "away.git");
    r = write_pending("a", "1\n", "op-1");
    git_mirror_head(mirror, id);
    assert_string_equal(id, r.id);
    close_mirror();
    open_with(NULL, NULL);
    git_on_pushed(mirror, on_pushed, &told);
    rename_remote("away.git", "remote.git");
    assert_string_equal(poll_ok().id, r.id);
    assert_int_equal(told.n, 1);
    expect_file("main", "a", "1");
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
    rk_auto(rk_free_str) char *good = test_git("remote.git", "-c", setting, "log", "-1",
                                               "--format=%G? %GS", "main");
    assert_string_equal(good, "G reckon@example.org");
    close_mirror();
    open_with("main", "/nonexistent/key");
    e = (struct edit){.path = "a", .text = "2\n"};
    w = commit(write_of(&e));
    assert_int_not_equal(w.err.code, RK_OK);
    expect_file("main", "a", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(write_plain), TEST(write_to_an_empty_remote), TEST(write_that_cannot_be_made),
        TEST(lost_race), TEST(gate_shuts_after_a_lost_race), TEST(race_lost_for_ever),
        TEST(refused_by_a_rule), TEST(away_and_back),
        TEST(restart_while_away_then_others_came_first), TEST(pending_conflicts),
        TEST(pending_that_had_landed), TEST(write_with_others_waiting),
        TEST(first_commit_while_away), TEST(signed_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
