/*
 * steps_test.c: the order of an operation's steps, with a real mirror where a step needs git:
 * intent before the first write, the commit and its four ends, what is checked after it, and
 * answers that come too late.
 */
#include "sync/repo_test.h"

/* ---- without git ---- */
static void test_one_at_a_time(void **state)
{
    (void)state;
    struct rk_err err = {0};
    const struct sync_operation *other = NULL, *listed[4];
    size_t total = 0;
    open_cluster();
    w.healthy = "";
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    WAIT(op->tasks[0].state == SYNC_TASK_APPLIED);
    struct sync_work *work = work_of(CM("a", "0", "2"), NULL, REV_2);
    struct sync_request r = request_of("promote", work);
    assert_int_equal(sync_start(w.sync, &r, &other, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_string_equal(err.text, rk_arena_f(w.a, APP ": operation %.8s (sync) runs", op->id));
    r.kind = "revert";
    r.supersede = true;
    other = start_request(&r);
    assert_int_equal(op->state, SYNC_SUPERSEDED);
    assert_string_equal(op->message, "a revert by operator takes its place");
    assert_ptr_equal(sync_running(w.sync, APP), other);
    /* those that run, and their number: what has ended takes no place on the page */
    assert_int_equal(sync_list(w.sync, NULL, true, listed, 0, 4, &total), 1);
    assert_int_equal(total, 1);
    assert_ptr_equal(listed[0], other);
    assert_int_equal(sync_list(w.sync, NULL, true, listed, 1, 4, &total), 0);
    w.healthy = NULL;
    WAIT(other->state != SYNC_RUNNING);
    assert_int_equal(other->state, SYNC_SUCCEEDED);
    assert_int_equal(sync_list(w.sync, APP, false, listed, 0, 4, &total), 2);
    assert_int_equal(total, 2);
    assert_ptr_equal(listed[0], other); /* newest first */
    assert_int_equal(sync_list(w.sync, APP, false, listed, 1, 4, &total), 1);
    assert_ptr_equal(listed[0], op);
    assert_int_equal(sync_list(w.sync, "another", false, listed, 0, 4, &total), 0);
    assert_int_equal(total, 0);
    assert_ptr_equal(sync_find(w.sync, op->id), op);
    assert_null(sync_find(w.sync, "none"));
}

static void test_what_moved_is_not_applied(void **state)
{
    (void)state;
    open_cluster();
    w.stale = true;
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_string_equal(w.told.p, "still\nclosed sync Failed: the policy changed: plan again\n");
    assert_int_equal(op->tasks[0].state, SYNC_TASK_SKIPPED);
}

static void test_freed_while_its_entry_is_written(void **state)
{
    (void)state;
    start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    sync_free(w.sync);
    w.sync = NULL;
    assert_int_equal(w.alive, 0);
    WAIT(strstr(journal_words(), "opened"));
    turn(); /* its answer comes now, and finds nothing */
    assert_null(w.told.p);
}

/* ---- the intent of a locked environment ---- */
static bool audit_has(const char *repo, const char *branch, const char *part)
{
    const char *refs = test_git(repo, "for-each-ref", "--format=%(refname)", branch);
    return refs[0] && strstr(test_git(repo, "log", "--format=%B", branch), part);
}

static size_t audit_entries(struct record_audit **v)
{
    struct rk_err err = {0};
    size_t n = 0, total = 0;
    struct git_view *view = view_of("state/mirror.git");
    if (record_log_list(view, test_path("state"), "dev", 0, 0, 10, w.a, v, &n, &total, &err))
        fail_msg("%s", err.text);
    git_view_free(view);
    return n;
}

static void test_intent_is_pushed_first(void **state)
{
    (void)state;
    struct record_audit *entries = NULL;
    open_mirror();
    open_cluster();
    w.locked = true;
    w.hold = true;
    struct sync_request r = request_of("sync", work_of(CM("a", "0", "1"), LIVE("a", "7"), REV_1));
    r.reason = "because of the shop";
    const struct sync_operation *op = start_request(&r);
    WAIT(w.n_held == 1); /* the first write is on its way: the intent is at the remote */
    assert_true(audit_has("remote.git", "refs/heads/reckon/audit/dev", op->id));
    assert_int_equal(audit_entries(&entries), 1);
    assert_string_equal(entries[0].stage, "intent");
    assert_string_equal(entries[0].reason, "because of the shop");
    assert_string_equal(entries[0].actor, "operator");
    assert_string_equal(entries[0].cluster_uid, "cluster-1");
    assert_string_equal(entries[0].plan, op->fingerprint);
    assert_false(entries[0].break_glass);
    assert_int_equal(entries[0].n_values, 0);
    release_held();
    WAIT(op->state == SYNC_SUCCEEDED);
    assert_int_equal(audit_entries(&entries), 2);
    assert_string_equal(entries[0].stage, "outcome");
    assert_string_equal(entries[0].result, "Succeeded");
    assert_string_equal(entries[0].from, REV_2);
    assert_string_equal(entries[0].to, REV_1);
    assert_int_equal(entries[0].n_values, 1);
    assert_string_equal(entries[0].values[0].path, "/data/x");
    WAIT(audit_has("remote.git", "refs/heads/reckon/audit/dev", "Succeeded"));
}

static void test_break_glass(void **state)
{
    (void)state;
    struct record_audit *entries = NULL;
    open_mirror();
    open_cluster();
    w.locked = true;
    take_remote_away();
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    WAIT(op->state == SYNC_SUCCEEDED); /* recorded here, flagged */
    assert_int_equal(audit_entries(&entries), 2);
    assert_string_equal(entries[0].stage, "outcome");
    assert_true(entries[0].break_glass);
    assert_false(entries[0].pushed);
    assert_string_equal(entries[1].stage, "intent");
}

static void test_unlocked_has_no_intent(void **state)
{
    (void)state;
    struct record_audit *entries = NULL;
    open_mirror();
    open_cluster();
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    WAIT(op->state == SYNC_SUCCEEDED);
    assert_int_equal(audit_entries(&entries), 1);
    assert_string_equal(entries[0].stage, "outcome");
}

/* Numbers, booleans and images stand in clear, secrets nowhere, all else as keyed hashes. */
static void test_values_in_the_audit(void **state)
{
    (void)state;
    struct record_audit *entries = NULL;
    open_mirror();
    open_cluster();
    const struct sync_operation *op = start("sync", work_of(
        CM("a", "0", "git") "  password: one\n",
        LIVE("a", "hand") "  password: two\n", REV_1));
    WAIT(op->state == SYNC_SUCCEEDED);
    assert_int_equal(audit_entries(&entries), 1);
    assert_int_equal(entries[0].n_values, 1);
    const struct record_value *v = &entries[0].values[0];
    assert_string_equal(v->path, "/data/x");
    assert_string_equal(v->object, "/ConfigMap/n/a");
    assert_false(v->clear);
    assert_int_equal(strncmp(v->before, "keyed:", 6), 0);
    assert_int_equal(strlen(v->before), 6 + 16);
    assert_string_not_equal(v->before, v->after);
}

/* ---- the commit ---- */
static int makes, freed;
static const char *made_text;

static int make_file(struct git_view *v, const char *tip, struct rk_arena *a,
                     struct git_file **files, size_t *n, void *ctx, struct rk_err *err)
{
    (void)v, (void)tip, (void)ctx, (void)err;
    makes++;
    *files = rk_arena_array(a, 1, sizeof **files);
    (*files)[0] = (struct git_file){.path = "shop.yaml", .bytes = rk_str_c(made_text)};
    *n = 1;
    return 0;
}

static void commit_freed(const struct sync_commit *c)
{
    (void)c;
    freed++;
}

static struct sync_commit commit;

static const struct sync_operation *start_commit(const char *kind, struct sync_work *reviewed)
{
    makes = freed = 0;
    made_text = "tag: \"2.0\"\n";
    commit.write.author = (struct git_identity){"operator", "operator@example.org"};
    commit.write.message = "promote shop\n\nReckon-Kind: promote";
    commit.write.make = make_file;
    struct sync_request r = request_of(kind, reviewed);
    r.commit = &commit;
    r.commit_free = commit_freed;
    return start_request(&r);
}

static void test_commit_pushed(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    w.fresh = work_of(CM("a", "0", "1"), NULL, REV_2);
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(op->state != SYNC_RUNNING);
    const char *head = test_git("remote.git", "rev-parse", "main");
    assert_string_equal(w.told.p, rk_arena_f(w.a,
        "committed pushed\nwork at %.7s\nstill\n"
        "PATCH a [opened note commit pushed started:0]\napplied a u-a\n"
        "closed promote Succeeded: 1 task\n", head));
    assert_string_equal(op->commit, head);
    assert_string_equal(op->revision, head);
    assert_true(op->pushed && !op->pinned);
    assert_string_equal(test_git("remote.git", "show", "main:shop.yaml"), "tag: \"2.0\"");
    assert_int_equal(makes, 1);
    sync_free(w.sync);
    w.sync = NULL;
    assert_int_equal(freed, 1);
}

static void test_commit_pinned(void **state)
{
    (void)state;
    struct record_audit *entries = NULL;
    open_mirror();
    open_cluster();
    take_remote_away();
    commit = (struct sync_commit){.write.pending = "revert-1"};
    w.fresh = work_of(CM("a", "0", "1"), NULL, REV_2);
    const struct sync_operation *op = start_commit("revert", work_of(CM("a", "0", "1"), NULL,
                                                                     REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(op->pinned && !op->pushed);
    assert_true(told("committed pinned\n"));
    assert_true(told("PATCH a [opened note commit note started:0]"));
    assert_string_equal(op->message, "1 task, pinned to a revert that waits for the remote");
    assert_int_equal(audit_entries(&entries), 1);
    assert_true(entries[0].break_glass);
}

static void test_commit_fails(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    take_remote_away();
    commit = (struct sync_commit){0}; /* may not wait for the remote */
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_int_equal(strncmp(op->message, "commit: ", 8), 0);
    assert_string_equal(op->commit, "");
    assert_false(told("PATCH"));
    assert_false(told("work at"));
}

static void test_commit_on_a_branch(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    test_put("remote.git/hooks/update",
             "#!/bin/sh\n[ \"$1\" != refs/heads/main ] || { echo protected; exit 1; }\n");
    assert_int_equal(chmod(test_path("remote.git/hooks/update"), 0755), 0);
    commit = (struct sync_commit){.write.via_branch = "reckon/promote/1"};
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_string_equal(op->message, "pushed as branch reckon/promote/1; the sync follows when it "
                                     "is merged");
    assert_string_equal(op->commit, test_git("remote.git", "rev-parse", "reckon/promote/1"));
    assert_string_equal(op->revision, REV_1); /* nothing runs it yet */
    assert_false(told("committed"));
    assert_false(told("PATCH"));
    WAIT(strstr(journal_words(), "closed"));
    assert_string_equal(journal_words(), "opened note commit pushed note closed");
}

static void test_commit_of_nothing(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    made_text = "tag: \"1.0\"\n"; /* as it is */
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_string_equal(op->message, "nothing to commit: git says it already");
    assert_false(told("work at"));
}

static void test_commit_without_a_repository(void **state)
{
    (void)state;
    commit = (struct sync_commit){0};
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_string_equal(op->message, "no commit was made: no repository");
    assert_int_equal(makes, 0);
}

/* The commit stands, but what it renders to is not what was reviewed: nothing is applied. */
static void test_another_fingerprint_after_the_commit(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    w.fresh = work_of(CM("a", "0", "1") "---\n" CM("z", "0", "1"), NULL, REV_2);
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_part(op->message, "is not what was reviewed: nothing was applied; plan again");
    assert_true(told("committed pushed"));
    assert_false(told("PATCH"));
    assert_int_equal(op->applied, 0);
}

static void test_fresh_work_after_the_end(void **state)
{
    (void)state;
    struct rk_err err = {0};
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(w.ready);
    assert_int_equal(sync_stop(w.sync, op->id, true, &err), 0);
    w.ready(work_of(CM("a", "0", "1"), NULL, REV_2), NULL, w.octx);
    assert_int_equal(w.alive, 1); /* the late one is freed at once */
    assert_int_equal(op->state, SYNC_STOPPED);
    assert_false(told("still"));
    assert_false(told("PATCH"));
}

static void test_a_render_that_fails_after_the_commit(void **state)
{
    (void)state;
    struct rk_err err = {0};
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    const struct sync_operation *op = start_commit("promote", work_of(CM("a", "0", "1"), NULL,
                                                                      REV_1));
    WAIT(w.ready);
    (void)rk_fail(&err, RK_INVALID, "k8s/kustomization.yaml:3: no such field 'foo'");
    w.ready(NULL, &err, w.octx);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_string_equal(op->message, "k8s/kustomization.yaml:3: no such field 'foo'");
}

/* ---- one commit for several applications ---- */
#define OTHER "cart-dev"

static const struct sync_operation *start_after(const struct sync_operation *first,
                                                struct sync_work *reviewed)
{
    struct sync_request r = request_of("revert", reviewed);
    r.app = OTHER;
    r.after = first->id;
    const struct sync_operation *op = start_request(&r);
    assert_int_equal(op->state, SYNC_WAITING);
    assert_int_equal(first->n_followers, 1);
    assert_string_equal(first->followers[0], op->id);
    return op;
}

static void test_one_commit_for_two(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    w.fresh = work_of(CM("a", "0", "1"), NULL, REV_2);
    const struct sync_operation *op = start_commit("revert", work_of(CM("a", "0", "1"), NULL,
                                                                     REV_1));
    const struct sync_operation *next = start_after(op, work_of(CM("b", "0", "1"), NULL, REV_1));
    WAIT(w.ready);
    assert_string_equal(next->commit, test_git("remote.git", "rev-parse", "main"));
    assert_true(next->pushed);
    w.ready(work_of(CM("b", "0", "1"), NULL, REV_2), NULL, w.octx);
    WAIT(op->finished && next->finished);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_int_equal(next->state, SYNC_SUCCEEDED);
    assert_string_equal(next->revision, op->commit);
    assert_true(told("PATCH a ") && told("PATCH b "));
    assert_int_equal(makes, 1);
    assert_string_equal(test_git("remote.git", "rev-list", "--count", "main"), "2");
}

/* What the commit renders to for the second is not what was reviewed: the first goes on. */
static void test_each_checks_its_own_fingerprint(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    w.fresh = work_of(CM("a", "0", "1"), NULL, REV_2);
    const struct sync_operation *op = start_commit("revert", work_of(CM("a", "0", "1"), NULL,
                                                                     REV_1));
    const struct sync_operation *next = start_after(op, work_of(CM("b", "0", "1"), NULL, REV_1));
    WAIT(w.ready);
    w.ready(work_of(CM("b", "0", "2"), NULL, REV_2), NULL, w.octx);
    WAIT(op->finished && next->finished);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_int_equal(next->state, SYNC_FAILED);
    assert_part(next->message, "is not what was reviewed: nothing was applied; plan again");
    assert_false(told("PATCH b"));
}

static void test_no_commit_for_either(void **state)
{
    (void)state;
    open_mirror();
    open_cluster();
    take_remote_away();
    commit = (struct sync_commit){0};
    const struct sync_operation *op = start_commit("revert", work_of(CM("a", "0", "1"), NULL,
                                                                     REV_1));
    const struct sync_operation *next = start_after(op, work_of(CM("b", "0", "1"), NULL, REV_1));
    WAIT(op->finished);
    assert_int_equal(next->state, SYNC_FAILED);
    assert_string_equal(next->message, op->message);
    assert_false(told("work at"));
    assert_false(told("PATCH"));
}

static void test_the_first_is_stopped(void **state)
{
    (void)state;
    struct rk_err err = {0};
    open_mirror();
    open_cluster();
    commit = (struct sync_commit){0};
    const struct sync_operation *op = start_commit("revert", work_of(CM("a", "0", "1"), NULL,
                                                                     REV_1));
    const struct sync_operation *next = start_after(op, work_of(CM("b", "0", "1"), NULL, REV_1));
    assert_int_equal(sync_stop(w.sync, op->id, true, &err), 0);
    assert_int_equal(next->state, SYNC_STOPPED);
    assert_int_equal(sync_running_count(w.sync), 0);
    WAIT(strstr(journal_words(), "closed"));
    assert_int_equal(makes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_at_a_time),
        TEST(test_what_moved_is_not_applied),
        TEST(test_freed_while_its_entry_is_written),
        TEST(test_intent_is_pushed_first),
        TEST(test_break_glass),
        TEST(test_unlocked_has_no_intent),
        TEST(test_values_in_the_audit),
        TEST(test_commit_pushed),
        TEST(test_commit_pinned),
        TEST(test_one_commit_for_two),
        TEST(test_each_checks_its_own_fingerprint),
        TEST(test_no_commit_for_either),
        TEST(test_the_first_is_stopped),
        TEST(test_commit_fails),
        TEST(test_commit_on_a_branch),
        TEST(test_commit_of_nothing),
        TEST(test_commit_without_a_repository),
        TEST(test_another_fingerprint_after_the_commit),
        TEST(test_fresh_work_after_the_end),
        TEST(test_a_render_that_fails_after_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
