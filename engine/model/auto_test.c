/*
 * auto_test.c: the decision table in its order, the back-offs.
 */
#include "model/model_test.h"

static const struct model_auto_input fresh = {
    .automated = true, .verdict = MODEL_OUT_OF_SYNC, .prune = true, .self_heal = true,
    .now_ms = 1000000,
};

static struct model_auto_input again(void)
{
    struct model_auto_input in = fresh;

    in.same_revision = in.last_attempted = in.last_succeeded = true;
    in.last_finished_ms = 990000;
    return in;
}

static void test_rows_in_order(void **state)
{
    struct model_auto_input in = fresh;
    struct model_auto out = model_auto_decide(&in);

    (void)state;
    assert_true(out.sync);
    assert_false(out.selective);
    assert_string_equal(out.reason, "a new revision is out of sync");

    /* Each step adds a condition of an earlier row: that row's reason wins. */
    in = again();
    in.all_prune = true;
    assert_string_equal(model_auto_decide(&in).reason,
                        "every object would be pruned, and allowEmpty is off");
    in.heal_attempts = 6; /* 300 s, 10 of them over */
    out = model_auto_decide(&in);
    assert_false(out.sync);
    assert_int_equal(out.wait_ms, 290000);
    in.self_heal = false;
    assert_string_equal(model_auto_decide(&in).reason,
                        "this revision is synced already, and selfHeal is off");
    assert_int_equal(model_auto_decide(&in).wait_ms, 0);
    in.last_succeeded = false;
    assert_string_equal(model_auto_decide(&in).reason,
                        "the last attempt at this revision failed; a new commit or a manual sync "
                        "goes on");
    in.only_prune = true;
    in.prune = false;
    assert_string_equal(model_auto_decide(&in).reason,
                        "only pruning is left, and prune is off");
    in.verdict = MODEL_UNKNOWN;
    assert_string_equal(model_auto_decide(&in).reason, "the verdict is Unknown");
    in.verdict = MODEL_SYNCED;
    assert_string_equal(model_auto_decide(&in).reason, "nothing is out of sync");
    in.deleting = true;
    assert_string_equal(model_auto_decide(&in).reason, "the application is being deleted");
    in.operation_running = true;
    assert_string_equal(model_auto_decide(&in).reason, "an operation is running");
    in.automated = false;
    assert_string_equal(model_auto_decide(&in).reason, "automated sync is off");
    in.window_closed = true;
    assert_string_equal(model_auto_decide(&in).reason, "a sync window forbids automatic syncs");
}

static void test_heal(void **state)
{
    struct model_auto_input in = again();
    struct model_auto out = model_auto_decide(&in);

    (void)state;
    assert_true(out.sync);
    assert_true(out.selective);
    in.heal_attempts = 2;       /* 6 s, and 10 are over */
    assert_true(model_auto_decide(&in).sync);
    in.heal_attempts = 3;       /* 18 s */
    assert_false(model_auto_decide(&in).sync);
    assert_int_equal(model_auto_decide(&in).wait_ms, 8000);
    in.last_finished_ms = 0;    /* no end: the whole delay */
    assert_int_equal(model_auto_decide(&in).wait_ms, 18000);
    in.last_finished_ms = in.now_ms + 5000; /* a clock set back */
    assert_int_equal(model_auto_decide(&in).wait_ms, 18000);
    in.same_revision = false;   /* a new commit does not wait */
    assert_true(model_auto_decide(&in).sync);
    assert_false(model_auto_decide(&in).selective);
}

static void test_guards(void **state)
{
    struct model_auto_input in = fresh;

    (void)state;
    in.no_objects = true;
    assert_false(model_auto_decide(&in).sync);
    in.allow_empty = true;
    assert_true(model_auto_decide(&in).sync);
    in.prune = false;
    assert_false(model_auto_decide(&in).sync);
    in = fresh;
    in.all_prune = in.only_prune = true;
    assert_false(model_auto_decide(&in).sync);
    in.allow_empty = true;
    assert_true(model_auto_decide(&in).sync);
}

static void test_delays(void **state)
{
    static const uint64_t heal[] = {0, 2000, 6000, 18000, 54000, 162000, 300000, 300000};
    static const uint64_t retry[] = {5000, 10000, 20000, 40000, 80000, 160000, 180000, 180000};
    struct model_retry r = {.limit = 5, .duration_ms = 5000, .max_ms = 180000, .factor = 2};

    (void)state;
    for (size_t i = 0; i < RK_LEN(heal); i++)
        assert_int_equal(model_heal_delay((int64_t)i), heal[i]);
    for (size_t i = 0; i < RK_LEN(retry); i++)
        assert_int_equal(model_retry_delay(&r, (int64_t)i), retry[i]);
    assert_int_equal(model_heal_delay(-1), 0);
    assert_int_equal(model_heal_delay(INT64_MAX), 300000);
    assert_int_equal(model_retry_delay(&r, INT64_MAX), 180000);
    r.max_ms = 0;
    assert_true(model_retry_delay(&r, INT64_MAX) == UINT64_MAX);
    r.factor = 1;
    assert_int_equal(model_retry_delay(&r, INT64_MAX), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_in_order), cmocka_unit_test(test_heal),
        cmocka_unit_test(test_guards), cmocka_unit_test(test_delays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
