/*
 * trace_test.c: a journal that operations wrote, read by the next engine: what is closed is listed,
 * what is open goes on with what is left of what was planned, or is reported. Nothing is done
 * twice.
 */
#include "sync/sync_test.h"

/* Entries as an operation writes them, without one that runs. */
static void note(const char *id, enum record_kind kind, int64_t task, const char *data)
{
    const struct record_entry e = {.kind = kind, .operation = id, .task = task,
                                   .data = rk_str_c(data), .time = 1790000000000};
    record_journal_add(w.journal, &e, NULL, NULL);
}

#define ID_1 "00000000-0000-7000-8000-000000000001"
#define ID_2 "00000000-0000-7000-8000-000000000002"
#define OPENED(kind, commits, tasks)                                                               \
    "{\"kind\":\"" kind "\",\"app\":\"" APP "\",\"environment\":\"dev\",\"actor\":\"operator\","   \
    "\"email\":\"operator@example.org\",\"reason\":\"why\",\"automatic\":false,"                   \
    "\"prune\":true,\"commits\":" commits ",\"revision\":\"" REV_1 "\",\"from\":\"" REV_2 "\","    \
    "\"fingerprint\":\"f1\",\"started\":1780000000000,\"tasks\":[" tasks "]}"
#define TASK(action, key) "{\"action\":" action ",\"key\":\"" key "\"}" /* 0 create, 3 prune */

/* The engine ends and another begins with what is on disk. */
static void restart(void)
{
    sync_free(w.sync);
    record_journal_close(w.journal);
    open_journal();
    open_sync();
}

static const struct sync_operation *recovered(const char *id)
{
    const struct sync_operation *op = sync_find(w.sync, id);
    assert_non_null(op);
    return op;
}

static void test_closed_ones_are_listed(void **state)
{
    (void)state;
    const struct sync_operation *listed[4];
    struct rk_err err = {0};
    size_t total = 0;
    open_cluster();
    struct sync_request r = request_of("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    r.reason = "of a shop \"\xc3\xa4\"";
    r.automatic = true;
    const struct sync_operation *op = start_request(&r);
    WAIT(op->state == SYNC_SUCCEEDED);
    const char *id = rk_arena_strdup(w.a, op->id), *print = rk_arena_strdup(w.a, op->fingerprint);
    int64_t started = op->started;
    op = start("heal", work_of(CM("a", "0", "1"), NULL, REV_1));
    assert_int_equal(sync_stop(w.sync, op->id, true, &err), 0);
    WAIT(strstr(journal_words(), "opened note closed"));
    turn(); /* the journal's answers are taken */
    restart();
    assert_int_equal(sync_list(w.sync, APP, false, listed, 0, 4, &total), 2);
    assert_string_equal(listed[0]->kind, "heal");
    assert_int_equal(listed[0]->state, SYNC_STOPPED);
    assert_string_equal(listed[0]->message, "stopped at once; what was applied stays");
    op = listed[1];
    assert_string_equal(op->id, id);
    assert_string_equal(op->kind, "sync");
    assert_string_equal(op->app, APP);
    assert_string_equal(op->environment, "dev");
    assert_string_equal(op->actor, "operator");
    assert_string_equal(op->email, "operator@example.org");
    assert_string_equal(op->reason, "of a shop \"\xc3\xa4\"");
    assert_true(op->automatic);
    assert_string_equal(op->revision, REV_1);
    assert_string_equal(op->from, REV_2);
    assert_string_equal(op->fingerprint, print);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_string_equal(op->message, "1 task");
    assert_false(op->pinned);
    assert_int_equal(op->started, started);
    assert_true(op->finished >= started && op->applied >= started);
    assert_false(sync_unrecovered(w.sync, APP));
    assert_int_equal(sync_running_count(w.sync), 0);
    sync_recover(w.sync, APP); /* nothing to do */
    assert_null(w.ready);
}

static void test_goes_on_with_what_is_left(void **state)
{
    (void)state;
    open_cluster();
    w.healthy = "a ";
    const struct sync_operation *op = start("sync", work_of(
        CM("a", "0", "1") "---\n" CM("b", "1", "1") "---\n" CM("c", "2", "1"), NULL, REV_1));
    WAIT(op->tasks[1].state == SYNC_TASK_APPLIED);
    const char *id = rk_arena_strdup(w.a, op->id);
    restart();
    op = recovered(id);
    assert_true(sync_unrecovered(w.sync, APP));
    assert_false(sync_unrecovered(w.sync, "another"));
    assert_ptr_equal(sync_running(w.sync, APP), op); /* nothing else may start */
    rk_buf_clear(&w.told);
    w.healthy = NULL;
    /* b was created before the restart: to apply it is to go on with it */
    w.fresh = work_of(CM("b", "1", "1") "---\n" CM("c", "2", "1"), LIVE("b", "9"), REV_1);
    sync_recover(w.sync, APP);
    assert_false(sync_unrecovered(w.sync, APP));
    assert_true(op->resumed);
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("work at 1111111\nstill\nPATCH b ["));
    assert_true(told("PATCH c ["));
    assert_false(told("PATCH a"));
    restart(); /* closed once and for all */
    assert_int_equal(recovered(id)->state, SYNC_SUCCEEDED);
    assert_false(sync_unrecovered(w.sync, APP));
}

static void expect_reported(struct sync_work *fresh)
{
    w.fresh = fresh;
    restart();
    sync_recover(w.sync, APP);
    const struct sync_operation *op = recovered(ID_1);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_string_equal(op->message, "the engine restarted, and what is to do now is not what was "
                                     "planned: plan again");
    assert_false(told("PATCH"));
    assert_false(told("DELETE"));
    assert_null(op->work);
}

static void test_another_object_is_reported(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("sync", "false", TASK("0", "/ConfigMap/n/a")));
    open_cluster();
    expect_reported(work_of(CM("a", "0", "1") "---\n" CM("z", "0", "1"), NULL, REV_1));
}

static void test_another_prune_is_reported(void **state)
{
    (void)state; /* planned: to apply x, never to delete it */
    note(ID_1, RECORD_OPENED, -1, OPENED("sync", "false", TASK("1", "/ConfigMap/n/x")));
    open_cluster();
    expect_reported(work_of(NULL, LIVE("x", "1"), REV_1));
}

static void test_a_create_that_was_an_apply_is_reported(void **state)
{
    (void)state; /* somebody deleted it meanwhile */
    note(ID_1, RECORD_OPENED, -1, OPENED("sync", "false", TASK("1", "/ConfigMap/n/a")));
    open_cluster();
    expect_reported(work_of(CM("a", "0", "1"), NULL, REV_1));
}

static void test_a_planned_prune_goes_on(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("sync", "false", TASK("3", "/ConfigMap/n/x")));
    w.stored = event("ADDED", stored_json("x", 5, "1"));
    open_cluster();
    restart();
    assert_true(recovered(ID_1)->prune);
    w.fresh = work_of(NULL, LIVE("x", "1"), REV_1);
    sync_recover(w.sync, APP);
    WAIT(told("pruned x"));
}

static void test_nothing_left(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("sync", "false", TASK("0", "/ConfigMap/n/a")));
    note(ID_1, RECORD_TASK_STARTED, 0, "");
    note(ID_1, RECORD_TASK_DONE, 0, "");
    open_cluster();
    restart();
    assert_int_equal(recovered(ID_1)->applied, 1790000000000);
    w.fresh = work_of(NULL, NULL, REV_1);
    sync_recover(w.sync, APP);
    assert_int_equal(recovered(ID_1)->state, SYNC_SUCCEEDED);
    assert_false(told("PATCH"));
}

/* ---- commits ---- */
static void test_a_commit_that_was_begun_is_reported(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("promote", "true", TASK("0", "/ConfigMap/n/a")));
    note(ID_1, RECORD_NOTE, -1, "commit");
    restart();
    assert_true(sync_unrecovered(w.sync, APP));
    sync_recover(w.sync, APP);
    const struct sync_operation *op = recovered(ID_1);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_part(op->message, "the engine was cut off while its commit was made");
    assert_false(told("work at"));
    assert_null(w.ready);
}

static void test_a_commit_that_was_made_goes_on_with_it(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("promote", "true", TASK("0", "/ConfigMap/n/a")));
    note(ID_1, RECORD_NOTE, -1, "commit");
    note(ID_1, RECORD_COMMIT, -1, REV_2);
    note(ID_1, RECORD_PUSHED, -1, "main");
    open_cluster();
    restart();
    const struct sync_operation *op = recovered(ID_1);
    assert_string_equal(op->commit, REV_2);
    assert_string_equal(op->revision, REV_2);
    assert_true(op->pushed);
    w.fresh = work_of(CM("a", "0", "1"), NULL, REV_2);
    sync_recover(w.sync, APP);
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("work at 2222222\nstill\nPATCH a "));
}

static void test_a_branch_that_waits_to_be_merged_is_not_applied(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("promote", "true", TASK("0", "/ConfigMap/n/a")));
    note(ID_1, RECORD_NOTE, -1, "commit");
    note(ID_1, RECORD_COMMIT, -1, REV_2);
    note(ID_1, RECORD_PUSHED, -1, "reckon/promote/1");
    open_cluster();
    restart();
    sync_recover(w.sync, APP);
    assert_int_equal(recovered(ID_1)->state, SYNC_SUCCEEDED);
    assert_part(recovered(ID_1)->message, "when it is merged");
    assert_false(told("work at"));
    assert_null(w.ready);
}

/* A revert that waited for the remote says so after a restart, too. */
static void test_pinned_is_remembered(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("revert", "true", TASK("0", "/ConfigMap/n/a")));
    note(ID_1, RECORD_NOTE, -1, "commit");
    note(ID_1, RECORD_COMMIT, -1, REV_2);
    note(ID_1, RECORD_NOTE, -1, "pinned");
    note(ID_1, RECORD_NOTE, -1, "ended Succeeded 1 task, pinned to a revert that waits for the "
                                "remote");
    note(ID_1, RECORD_CLOSED, -1, "Succeeded");
    restart();
    assert_true(recovered(ID_1)->pinned && !recovered(ID_1)->pushed);
    assert_part(recovered(ID_1)->message, "1 task, pinned to a revert");
    assert_int_equal(recovered(ID_1)->finished, 1790000000000);
}

/* A commit that was planned but not begun is not made by whoever comes after: it has no maker. */
static void test_a_commit_not_begun_is_reported(void **state)
{
    (void)state;
    note(ID_1, RECORD_OPENED, -1, OPENED("promote", "true", TASK("0", "/ConfigMap/n/a")));
    open_cluster();
    restart();
    w.fresh = work_of(CM("a", "0", "1"), NULL, REV_1);
    sync_recover(w.sync, APP);
    const struct sync_operation *op = recovered(ID_1);
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_part(op->message, "the engine was cut off before its commit was made");
    assert_false(told("PATCH"));
    assert_int_equal(w.alive, 1); /* not even rendered */
    w.fresh->free_fn(w.fresh);
    w.fresh = NULL;
}

/* ---- one commit for several: the second names the first ---- */
#define OTHER "cart-dev"
#define FOLLOWS                                                                                    \
    "{\"kind\":\"revert\",\"app\":\"" OTHER "\",\"environment\":\"dev\",\"actor\":\"operator\","   \
    "\"commits\":true,\"after\":\"" ID_1 "\",\"revision\":\"" REV_1 "\",\"fingerprint\":\"f2\","     \
    "\"started\":1780000000000,\"tasks\":[" TASK("0", "/ConfigMap/n/b") "]}"

static const struct sync_operation *follower_after(const char *const *first, size_t n)
{
    static const enum record_kind kinds[] = {RECORD_NOTE, RECORD_COMMIT, RECORD_PUSHED};
    note(ID_1, RECORD_OPENED, -1, OPENED("revert", "true", TASK("0", "/ConfigMap/n/a")));
    note(ID_2, RECORD_OPENED, -1, FOLLOWS);
    for (size_t i = 0; i < n; i++)
        note(ID_1, kinds[i], -1, first[i]);
    restart();
    assert_true(sync_unrecovered(w.sync, OTHER));
    assert_string_equal(recovered(ID_1)->followers[0], ID_2);
    return recovered(ID_2);
}

static void test_a_follower_goes_on_with_the_commit_of_the_first(void **state)
{
    (void)state;
    static const char *const first[] = {"commit", REV_2, "main"};
    open_cluster();
    const struct sync_operation *op = follower_after(first, 3);
    assert_string_equal(op->commit, REV_2);
    assert_true(op->pushed);
    w.fresh = work_of(CM("b", "0", "1"), NULL, REV_2);
    sync_recover(w.sync, OTHER);
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("work at 2222222\nstill\nPATCH b "));
    assert_true(sync_unrecovered(w.sync, APP)); /* the first goes on when its own is known */
}

static void test_a_follower_without_a_commit_is_reported(void **state)
{
    (void)state;
    static const char *const first[] = {"commit"};
    const struct sync_operation *op = follower_after(first, 1);
    sync_recover(w.sync, APP); /* the first ends; the second when its application is known */
    assert_true(sync_unrecovered(w.sync, OTHER));
    sync_recover(w.sync, OTHER);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_part(op->message, "the engine was cut off while its commit was made");
    assert_null(w.ready);
}

static void test_a_follower_ends_as_the_first_did(void **state)
{
    (void)state;
    static const char *const first[] = {"ended Failed commit: refused"};
    const struct sync_operation *op = follower_after(first, 1);
    sync_recover(w.sync, OTHER);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_string_equal(op->message, "commit: refused");
    assert_null(w.ready);
}

/* ---- what is damaged or strange ---- */
static void test_strange_entries(void **state)
{
    (void)state;
    note(ID_2, RECORD_TASK_DONE, 0, "");       /* of no operation that was opened */
    note(ID_2, RECORD_CLOSED, -1, "Succeeded");
    note(ID_1, RECORD_OPENED, -1, "{not JSON");
    note(ID_1, RECORD_CLOSED, -1, "Exploded"); /* a state that a newer engine may know */
    restart();
    const struct sync_operation *op = recovered(ID_1);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_string_equal(op->app, "");
    assert_string_equal(op->kind, "");
    assert_null(sync_find(w.sync, ID_2));
}

static void test_one_that_runs_holds_its_application(void **state)
{
    (void)state;
    struct rk_err err = {0};
    const struct sync_operation *op = NULL;
    note(ID_1, RECORD_OPENED, -1, OPENED("sync", "false", TASK("0", "/ConfigMap/n/a")));
    open_cluster();
    restart();
    struct sync_request r = request_of("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    assert_int_equal(sync_start(w.sync, &r, &op, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    r.supersede = true;
    r.kind = "revert";
    op = start_request(&r);
    assert_int_equal(recovered(ID_1)->state, SYNC_SUPERSEDED);
    assert_false(sync_unrecovered(w.sync, APP));
    WAIT(op->state == SYNC_SUCCEEDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_closed_ones_are_listed),
        TEST(test_goes_on_with_what_is_left),
        TEST(test_another_object_is_reported),
        TEST(test_another_prune_is_reported),
        TEST(test_a_create_that_was_an_apply_is_reported),
        TEST(test_a_planned_prune_goes_on),
        TEST(test_nothing_left),
        TEST(test_a_commit_that_was_begun_is_reported),
        TEST(test_a_commit_that_was_made_goes_on_with_it),
        TEST(test_a_branch_that_waits_to_be_merged_is_not_applied),
        TEST(test_a_commit_not_begun_is_reported),
        TEST(test_pinned_is_remembered),
        TEST(test_a_follower_goes_on_with_the_commit_of_the_first),
        TEST(test_a_follower_without_a_commit_is_reported),
        TEST(test_a_follower_ends_as_the_first_did),
        TEST(test_strange_entries),
        TEST(test_one_that_runs_holds_its_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
