/*
 * plan_environment_test.c: the preview of the revert of a whole environment: whose each task is, and
 * what leaving an application out asks for.
 */
#include "view/scripted.h"

static void open_params(struct scripted *s, const struct wire_plan_params *p)
{
    scripted_open(s, &view_plan, &(struct view_target){.plan = p});
}

static void skip_dead_time(struct scripted *s)
{
    run_loop_run(s->host.loop); /* until its timers ended */
    scripted_draw(s);
}

#define EDIT "{\"file\":\"overlays/production/cart.yaml\",\"line\":9,\"before\":\"a\",\"after\":\"b\"}"
#define OF(app, name) "{\"app\":\"" app "\",\"phase\":\"Sync\",\"action\":\"apply\"," \
    "\"kind\":\"ConfigMap\",\"namespace\":\"n\",\"name\":\"" name "\",\"fields\":[{\"path\":" \
    "\"/data/A\",\"desired\":\"1\",\"live\":\"2\"}]}"
#define OF_ENVIRONMENT(tasks, edits) "{\"fingerprint\":\"f00d\",\"kind\":\"revert\"," \
    "\"environment\":\"production\",\"confirm\":\"production\",\"tasks\":[" tasks "],\"edits\":[" edits "]}"

/* Of an environment whole applications carry marks, too; what is a left out one's own goes with it. */
static void test_revert_of_an_environment(void **state)
{
    static const struct wire_plan_params all = {.kind = "revert", .app = "production",
                                                .commit = "4f2c1aa"};
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    open_params(&s, &all);
    scripted_answer(&s, "plan.create", OF_ENVIRONMENT(OF("cart-production", "cart") ","
                    OF("shop-production", "shop"), EDIT));
    skip_dead_time(&s);
    assert_true(scripted_sees(&s, "5 of 5 marked"));
    assert_true(scripted_sees(&s, "[x] cart-production"));
    assert_true(s.view->class->find(s.view, RK_STR("cart-production"), 0));
    scripted_press(&s, "space");
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"mode\":\"partial\",\"resources\":[],"
                       "\"paths\":[],\"leave_out\":[\"cart-production\"]"));
    scripted_answer(&s, "plan.create", OF_ENVIRONMENT(OF("shop-production", "shop"), ""));
    assert_true(scripted_sees(&s, "LEFT OUT"));
    assert_true(scripted_sees(&s, "[ ] cart-production"));
    assert_false(scripted_sees(&s, "[x] /ConfigMap/n/cart"));
    skip_dead_time(&s);
    scripted_press(&s, "space"); /* the cursor stayed with it: back again */
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"leave_out\":[]"));
    scripted_answer(&s, "plan.create", OF_ENVIRONMENT(OF("cart-production", "cart") ","
                    OF("shop-production", "shop"), EDIT));
    skip_dead_time(&s);
    scripted_press(&s, "u");     /* nothing is left */
    assert_null(scripted_asked(&s, "plan.create"));
    assert_true(scripted_sees(&s, "Apply is not armed: nothing is marked"));
    scripted_end(&s);
}

static void test_environment(void **state)
{
    static const struct wire_plan_params ask = {
        .kind = "revert", .app = "staging", .to = "77b01d3"};
    struct rk_buf left = RK_BUF_INIT, right = RK_BUF_INIT;
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    open_params(&s, &ask);
    scripted_answer(&s, "plan.create",
                    "{\"fingerprint\":\"f00d\",\"kind\":\"revert\","
                    "\"environment\":\"staging\",\"armed\":true,\"tasks\":["
                    "{\"app\":\"shop-staging\",\"action\":\"create\",\"kind\":\"Job\",\"name\":\"a\"}]}");
    skip_dead_time(&s);
    s.view->class->headline(s.view, &left, &right);
    assert_string_equal(left.p, "REVERT PREVIEW  staging, all of it");
    assert_true(scripted_sees(&s, "[x] shop-staging"));
    scripted_press(&s, "G");
    scripted_press(&s, "d");
    scripted_log_is(&s, "say of which application? choose a row of it\n");
    scripted_press(&s, "g");
    scripted_press(&s, "d"); /* the application's row */
    scripted_log_is(&s, "open diff app=shop-staging\n");
    scripted_press(&s, "j");
    scripted_press(&s, "d");
    scripted_log_is(&s, "open diff app=shop-staging object=/Job//a\n");
    rk_buf_release(&left);
    rk_buf_release(&right);
    scripted_end(&s);
}

/* What the gate wants is told for who sits here: with keys, not with options of the command line. */
static void test_gate_names_keys(void **state)
{
    static const struct wire_plan_params ask = {.kind = "sync", .app = "shop"};
    struct scripted s;
    (void)state;
    scripted_init(&s, 120, 30);
    open_params(&s, &ask);
    scripted_answer(&s, "plan.create",
                    "{\"fingerprint\":\"f00d\",\"kind\":\"sync\",\"app\":\"shop\",\"missing\":["
                    "\"production is locked: unlock it for this plan (--confirm production/shop with "
                    "--reason TEXT)\",\"a reason is missing: say why (--reason TEXT); it goes on\","
                    "\"production is frozen by a (b): `reckon unfreeze production` ends it\","
                    "\"ask (x) --y `reckon approve`\"]}");
    assert_true(scripted_sees(&s, "production is locked: unlock it for this plan"));
    assert_false(scripted_sees(&s, "--confirm"));
    assert_true(scripted_sees(&s, "a reason is missing: say why; it goes on"));
    assert_true(scripted_sees(&s, "frozen by a (b): F on its row ends it"));
    assert_true(scripted_sees(&s, "ask (x) --y `reckon approve`"));
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revert_of_an_environment), cmocka_unit_test(test_environment),
        cmocka_unit_test(test_gate_names_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
