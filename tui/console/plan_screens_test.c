/*
 * plan_screens_test.c: the plan, the operation and the list of operations in the whole console:
 * pictures at every size, and the way from a preview to the operation with the real client.
 */
#include "console/plans.h"
#include "console/testing.h"

static const struct wire_plan_params sync_of = {.kind = "sync", .app = "shop-production"};
static const struct wire_plan_params revert_of = {
    .kind = "revert", .app = "shop-staging", .commit = "4f2c1aa"};

static void open_plan(struct stage *s, const struct wire_plan_params *ask, const char *json)
{
    stage_answer(s, "plan.create", NULL, json);
    stage_open(s);
    console_open_named("plan", &(struct view_target){.app = ask->app, .plan = ask}, s->core);
    stage_wait(s, "plan 9e3f21aa");
}

static void locked(struct stage *s)
{
    open_plan(s, &sync_of, LOCKED);
    stage_keys(s, "G g tab");      /* from the rows to what is missing */
}

static void conflicts(struct stage *s)
{
    open_plan(s, &revert_of, REVERT);
    stage_keys(s, "g >");
}

/* One of its applications was left out by mark, and is there to be marked again. */
static void environment(struct stage *s)
{
    static const struct wire_plan_params ask = {
        .kind = "revert", .app = "production", .commit = "4f2c1aa"};
    open_plan(s, &ask, ALL_PLAN(ALL_OF("cart") "," ALL_OF("shop")));
    stage_keys(s, "g");
    stage_answer(s, "plan.create", "\"leave_out\":[\"cart-production\"]", ALL_PLAN(ALL_OF("shop")));
    STAGE_WAIT(s, (stage_keys(s, "space"), stage_count(s, "plan.create") > 1)); /* dead time ends */
    stage_wait(s, "[ ] cart-production");
    stage_settle(s);
    stage_keys(s, "g");
}

static void operation(struct stage *s, const char *json)
{
    stage_answer(s, "operation.watch", NULL, json);
    stage_answer(s, "events.list", NULL, EVENTS);
    stage_open(s);
    console_open_named("operation", &(struct view_target){.operation = "0193f00d-op"}, s->core);
    stage_wait(s, "Waves");
    stage_settle(s);
}

static void running(struct stage *s)
{
    operation(s, RUNNING);
}

static void failed(struct stage *s)
{
    operation(s, FAILED);
}

static void list(struct stage *s)
{
    stage_answer(s, "operation.list", NULL, OPERATIONS);
    stage_open(s);
    stage_keys(s, "4");
    stage_wait(s, "~ running");
}

static void are_drawn(void **state)
{
    static const struct { const char *name; void (*scene)(struct stage *s); } scenes[] = {
        {"plan-locked", locked}, {"plan-conflicts", conflicts},
        {"plan-environment", environment}, {"operation-running", running},
        {"operation-failed", failed}, {"operations", list},
    };
    (void)state;
    for (size_t k = 0; k < RK_LEN(scenes); k++)
        STAGE_EACH_LOOK(l) {
            struct stage s;
            stage_init(&s, l->cols, l->rows, l->mode);
            scenes[k].scene(&s);
            stage_golden(&s, scenes[k].name);
            stage_release(&s);
        }
}

/* From the preview to the operation; what is typed before anybody could read it does nothing. */
static void starts_in_dev(void **state)
{
    struct stage s;
    const struct wire_plan_params ask = {.kind = "sync", .app = "shop-dev"};
    (void)state;
    stage_init(&s, 80, 24, "mono");
    stage_answer(&s, "operation.start", NULL, RUNNING);
    stage_answer(&s, "operation.watch", NULL, RUNNING);
    open_plan(&s, &ask, IN_DEV);
    assert_true(s.flushed > 0);
    stage_keys(&s, "A enter");
    assert_int_equal(stage_count(&s, "operation.start"), 0);
    STAGE_WAIT(&s, (stage_keys(&s, "A"), stage_count(&s, "operation.start") > 0));
    stage_wait(&s, "Waves");
    assert_non_null(stage_asked(&s, "operation.watch", "0193f00d-op"));
    assert_int_equal(stage_count(&s, "operation.start"), 1);
    stage_keys(&s, "q"); /* the used plan is not below it */
    stage_wait_gone(&s, "Waves");
    assert_false(vt_has(&s.vt, "plan 9e3f21aa"));
    stage_release(&s);
}

/* The whole way in production: no write before each field is typed, none when a key stops it. */
static void production_takes_every_field(void **state)
{
    struct stage s;
    (void)state;
    stage_init(&s, 80, 24, "mono");
    stage_answer(&s, "plan.arm", NULL, ARMED);
    open_plan(&s, &sync_of, LOCKED);
    stage_wait(&s, " PRODUCTION ");
    stage_wait(&s, "Tab goes to what is missing");
    stage_keys(&s, "tab");
    STAGE_WAIT(&s, (stage_type(&s, "x"), vt_has(&s.vt, "reason   x"))); /* the dead time ends */
    stage_keys(&s, "ctrl-u");
    stage_type(&s, "INC-2231");
    stage_keys(&s, "tab");
    stage_wait(&s, "Space unlocks it for this plan");
    stage_keys(&s, "space tab");
    stage_paste(&s, "production/shop");
    stage_wait(&s, "paste is refused here");
    assert_null(stage_asked(&s, "plan.arm", NULL));
    stage_type(&s, "production/shop");
    stage_wait(&s, "ARMED: A applies it");
    assert_non_null(stage_asked(&s, "plan.arm", "\"reason\":\"INC-2231\",\"unlock\":true"));
    stage_keys(&s, "A");
    stage_wait(&s, "starts in 5 s: ANY KEY STOPS IT");
    stage_keys(&s, "ctrl-c");
    stage_wait(&s, "stopped: nothing was started");
    stage_keys(&s, "A");
    stage_wait(&s, "starts in 5 s");
    stage_keys(&s, "esc");
    stage_wait(&s, "stopped: nothing was started");
    assert_int_equal(stage_count(&s, "operation.start"), 0);
    stage_release(&s);
}

/* Keys that lead elsewhere, pressed by who thinks to type: one Esc comes back, nothing is lost. */
static void what_was_typed_is_come_back_to(void **state)
{
    static const char *const keys[] = {"1", "2", "3", "4", "5", "d", "?", ":", "f", "/"};
    struct stage s;
    (void)state;
    stage_init(&s, 80, 24, "mono");
    open_plan(&s, &sync_of, LOCKED);
    stage_keys(&s, "tab");
    STAGE_WAIT(&s, (stage_type(&s, "x"), vt_has(&s.vt, "reason   x"))); /* the dead time ends */
    stage_keys(&s, "ctrl-u");
    stage_type(&s, "INC-2231");
    for (size_t i = 0; i < RK_LEN(keys); i++) {
        size_t depth = s.core->depth;
        stage_keys(&s, "esc");          /* out of the field */
        stage_keys(&s, keys[i]);
        if (s.core->depth > depth || s.core->ask.on)
            stage_keys(&s, "esc");
        assert_int_equal(s.core->depth, depth);
        stage_wait(&s, "reason   INC-2231");
        stage_keys(&s, "tab shift-tab");
    }
    stage_release(&s);
}

static void readonly_has_no_fields(void **state)
{
    struct stage s;
    (void)state;
    stage_init(&s, 80, 24, "mono");
    s.readonly = true;
    open_plan(&s, &sync_of, LOCKED);
    stage_wait(&s, "read-only: nothing can be started here");
    assert_false(vt_has(&s.vt, "THIS CHANGES PRODUCTION"));
    for (int i = 0; i < 600; i++) /* longer than the dead time */
        stage_keys(&s, "A");
    assert_null(stage_asked(&s, "operation.start", NULL));
    assert_null(stage_asked(&s, "plan.arm", NULL));
    stage_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_drawn), cmocka_unit_test(starts_in_dev),
        cmocka_unit_test(production_takes_every_field),
        cmocka_unit_test(what_was_typed_is_come_back_to), cmocka_unit_test(readonly_has_no_fields),
    };
    return cmocka_run_group_tests_name("plan and operation screens", tests, NULL, NULL);
}
