/*
 * tasks_test.c: groups, waves and health, prune, stops, against a scripted API server. The
 * words in brackets are the journal as it stood on disk when the request came.
 */
#include "sync/sync_test.h"

static void test_order(void **state)
{
    (void)state;
    open_cluster();
    const struct sync_operation *op =
        start("sync", work_of(CM("b", "1", "2") "---\n" CM("a", "0", "1"), NULL, REV_1));
    assert_ptr_equal(sync_running(w.sync, APP), op);
    assert_int_equal(sync_running_count(w.sync), 1);
    assert_int_equal(op->state, SYNC_RUNNING);
    WAIT(!sync_running(w.sync, APP));
    assert_string_equal(w.told.p, "still\n"
                                  "PATCH a [opened started:0]\n"
                                  "applied a u-a\n"
                                  "PATCH b [opened started:0 done:0 started:1]\n"
                                  "applied b u-b\n"
                                  "closed sync Succeeded: 2 tasks\n");
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_int_equal(op->tasks[0].state, SYNC_TASK_DONE);
    assert_true(op->applied >= op->started && op->finished >= op->applied);
    assert_string_equal(op->revision, REV_1);
    assert_string_equal(op->from, REV_2);
    WAIT(strstr(journal_words(), "done:1 note closed"));
}

static void test_waves_wait_for_health(void **state)
{
    (void)state;
    open_cluster();
    w.healthy = "";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "1") "---\n" CM("b", "1", "2"), NULL, REV_1));
    WAIT(rk_streq(op->tasks[0].message, "1 of 3 are ready"));
    assert_int_equal(op->tasks[0].state, SYNC_TASK_APPLIED);
    assert_int_equal(op->tasks[1].state, SYNC_TASK_WAITING);
    assert_false(told("PATCH b"));
    w.healthy = "a ";
    sync_look(w.sync, APP);
    WAIT(told("applied b"));
    assert_int_equal(op->state, SYNC_RUNNING); /* the last wave's health, too */
    w.healthy = NULL;
    sync_look(w.sync, APP);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
}

static void test_one_group_goes_together(void **state)
{
    (void)state;
    open_cluster();
    w.hold = true;
    start("sync", work_of(CM("a", "0", "1") "---\n" CM("b", "0", "2"), NULL, REV_1));
    WAIT(w.n_held == 2); /* b is sent before a is answered */
    release_held();
    WAIT(!sync_running(w.sync, APP));
    assert_true(told("closed sync Succeeded: 2 tasks"));
}

static void test_heal_ends_at_apply(void **state)
{
    (void)state;
    open_cluster();
    w.healthy = "";
    const struct sync_operation *op =
        start("heal", work_of(CM("a", "0", "1"), LIVE("a", "7"), REV_1));
    WAIT(op->state == SYNC_SUCCEEDED);
    assert_int_equal(op->tasks[0].state, SYNC_TASK_APPLIED);
}

static void test_degraded(void **state)
{
    (void)state;
    open_cluster();
    w.healthy = "";
    w.health = MODEL_DEGRADED;
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "1") "---\n" CM("b", "1", "2"), NULL, REV_1));
    WAIT(op->state == SYNC_DEGRADED);
    assert_string_equal(op->message, "/ConfigMap/n/a: 1 of 3 are ready");
    assert_int_equal(op->tasks[0].state, SYNC_TASK_FAILED);
    assert_int_equal(op->tasks[1].state, SYNC_TASK_SKIPPED);
    assert_false(told("PATCH b"));
}

static void test_a_refusal_stops_the_rest(void **state)
{
    (void)state;
    open_cluster();
    w.refuse = "a";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "1") "---\n" CM("b", "1", "2"), NULL, REV_1));
    WAIT(op->state == SYNC_FAILED);
    assert_part(op->message, "/ConfigMap/n/a: apply ConfigMap n/a: ");
    assert_int_equal(op->tasks[1].state, SYNC_TASK_SKIPPED);
    assert_false(told("PATCH b"));
}

static void test_no_cluster(void **state)
{
    (void)state;
    w.no_cluster = true;
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    WAIT(op->state == SYNC_FAILED);
    assert_string_equal(op->message,
                        "/ConfigMap/n/a: the cluster is not configured any more");
}

/* ---- prune ---- */
static void test_prune_waits_until_it_is_gone(void **state)
{
    (void)state;
    w.stored = event("ADDED", stored_json("x", 5, "1"));
    open_cluster();
    const struct sync_operation *op = start("sync", work_of(NULL, LIVE("x", "1"), REV_1));
    WAIT(told("pruned x"));
    WAIT(op->tasks[0].state == SYNC_TASK_APPLIED);
    assert_true(told("DELETE x [opened started:0]"));
    assert_int_equal(op->state, SYNC_RUNNING);
    net_stream_write(w.stream, rk_str_c(event("DELETED", stored_json("x", 6, "1"))));
    WAIT(op->state == SYNC_SUCCEEDED);
    assert_int_equal(op->tasks[0].state, SYNC_TASK_DONE);
    assert_true(op->prune);
}

/* ---- stops ---- */
static void test_stop_after_the_wave(void **state)
{
    (void)state;
    struct rk_err err = {0};
    open_cluster();
    w.healthy = "";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "-1", "1") "---\n" CM("b", "1", "2"), NULL, REV_1));
    WAIT(op->tasks[0].state == SYNC_TASK_APPLIED);
    assert_int_equal(sync_stop(w.sync, op->id, false, &err), 0);
    assert_int_equal(op->state, SYNC_RUNNING); /* the wave is finished first */
    w.healthy = NULL;
    sync_look(w.sync, APP);
    assert_int_equal(op->state, SYNC_STOPPED);
    assert_string_equal(op->message, "stopped after wave -1");
    assert_int_equal(op->tasks[0].state, SYNC_TASK_DONE);
    assert_int_equal(op->tasks[1].state, SYNC_TASK_SKIPPED);
    assert_int_equal(sync_stop(w.sync, op->id, false, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_part(err.text, "has ended: Stopped");
    assert_int_equal(sync_stop(w.sync, "none", true, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
}

static void test_stop_before_the_first_wave(void **state)
{
    (void)state;
    struct rk_err err = {0};
    open_cluster();
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    assert_int_equal(sync_stop(w.sync, op->id, false, &err), 0); /* still being opened */
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_STOPPED);
    assert_string_equal(op->message, "stopped before anything was applied");
    assert_false(told("PATCH"));
}

static void test_an_answer_after_the_end_does_nothing(void **state)
{
    (void)state;
    struct rk_err err = {0};
    open_cluster();
    w.hold = true;
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "1") "---\n" CM("b", "1", "2"), NULL, REV_1));
    WAIT(w.n_held == 1);
    assert_int_equal(sync_stop(w.sync, op->id, true, &err), 0);
    assert_int_equal(op->state, SYNC_STOPPED);
    assert_string_equal(op->message, "stopped at once; what was applied stays");
    release_held();
    sync_look(w.sync, APP);
    /* another operation's whole life: the late answer would have come before its end */
    start("sync", work_of(CM("c", "0", "1"), NULL, REV_1));
    WAIT(!sync_running(w.sync, APP));
    assert_false(told("applied a"));
    assert_false(told("PATCH b"));
    assert_true(told("applied c"));
    assert_int_equal(op->state, SYNC_STOPPED);
}

static void test_time_limit(void **state)
{
    (void)state;
    w.healthy = "";
    sync_free(w.sync);
    w.host.operation_ms = 1000;
    open_sync();
    open_cluster();
    const struct sync_operation *op = start("sync", work_of(CM("a", "0", "1"), NULL, REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_string_equal(op->message, "time limit of 1 s");
    assert_int_equal(sync_running_count(w.sync), 0);
}

static void test_wave_delay(void **state)
{
    (void)state;
    sync_free(w.sync);
    w.host.wave_delay_ms = 30;
    open_sync();
    open_cluster();
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "1") "---\n" CM("b", "1", "2"), NULL, REV_1));
    WAIT(op->state == SYNC_SUCCEEDED);
    assert_true(op->tasks[1].started - op->tasks[0].finished >= 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),
        TEST(test_waves_wait_for_health),
        TEST(test_one_group_goes_together),
        TEST(test_heal_ends_at_apply),
        TEST(test_degraded),
        TEST(test_a_refusal_stops_the_rest),
        TEST(test_no_cluster),
        TEST(test_prune_waits_until_it_is_gone),
        TEST(test_stop_after_the_wave),
        TEST(test_stop_before_the_first_wave),
        TEST(test_an_answer_after_the_end_does_nothing),
        TEST(test_time_limit),
        TEST(test_wave_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
