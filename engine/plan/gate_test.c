/*
 * gate_test.c: every check alone, all at once, and what a dry run is spared.
 */
#include "plan/plan_test.h"

static const struct model_policy open_policy = {
    .environment = "dev", .sync = MODEL_MANUAL, .prune_budget = -1, .configured = true,
};
static const struct model_policy locked_policy = {
    .environment = "production", .sync = MODEL_MANUAL, .prune_budget = 5, .configured = true,
    .locked = true, .approvals = 2, .validate = true,
};
static const struct model_policy observed = {.environment = "dev", .sync = MODEL_OBSERVE};

static struct plan_gate_input open_input(void)
{
    return (struct plan_gate_input){
        .policy = &open_policy, .kind = "sync", .app = "shop", .environment = "dev",
        .can_write = true,
    };
}

/* Every requirement of the locked environment met. */
static struct plan_gate_input armed(void)
{
    return (struct plan_gate_input){
        .policy = &locked_policy, .kind = "sync", .app = "shop", .environment = "production",
        .can_write = true, .unlocked = true, .confirm = "production/shop", .reason = "incident",
        .approvals = 2, .prunes = 5,
    };
}

static void assert_one(const struct plan_gate_input *in, const char *words)
{
    struct rk_arena *a = rk_arena_new();
    struct plan_missing out;

    assert_false(plan_gate(a, in, &out));
    if (out.n != 1 || !strstr(out.v[0], words))
        fail_msg("%zu sentences, the first: %s; wanted: %s", out.n, out.v[0], words);
    rk_arena_free(a);
}

static void assert_open(const struct plan_gate_input *in)
{
    struct rk_arena *a = rk_arena_new();
    struct plan_missing out;

    if (!plan_gate(a, in, &out))
        fail_msg("%s", out.v[0]);
    assert_int_equal(out.n, 0);
    rk_arena_free(a);
}

#define ONE(base, change, words) do { \
        struct plan_gate_input in = base(); \
        change; \
        assert_one(&in, words); \
    } while (0)

static void test_each(void **state)
{
    struct plan_gate_input o = open_input(), a = armed();

    (void)state;
    assert_open(&o);
    assert_open(&a);
    ONE(open_input, in.can_write = false, "you may only read here");
    ONE(open_input, (in.can_write = false, in.why_readonly = "started with --readonly"),
        "started with --readonly");
    ONE(open_input, in.policy = &observed, "`reckon init` proposes one");
    ONE(open_input, in.automatic = true, "start it with `reckon sync`");
    ONE(open_input, (in.policy_pending = true, in.policy_change = "production: locked true -> "
    "false"),
        "a commit loosens the policy (production: locked true -> false)");
    ONE(open_input, in.foreign_cluster = true, "check the kubeconfig context");
    ONE(open_input, (in.project_denied = true, in.project_message = "project p denies Secret"),
        "project p denies Secret");
    ONE(open_input, (in.frozen = true, in.frozen_by = "op", in.frozen_reason = "holiday"),
        "dev is frozen by op (holiday): `reckon unfreeze dev` ends it");
    ONE(open_input, (in.stale = true, in.stale_why = "git says something else"),
        "the plan is stale: git says something else");
    ONE(open_input, (in.stale = true, in.stale_why = "the plan is stale: x changed; plan again"),
        "the plan is stale: x changed; plan again");
    ONE(open_input, in.stale = true, "stale");
    ONE(open_input, in.expired = true, "expired: plan again");
    ONE(armed, in.unlocked = false, "production is locked: unlock it for this plan (--confirm "
        "production/shop with --reason TEXT)");
    ONE(armed, in.confirm = NULL, "type production/shop");
    ONE(armed, in.confirm = "shop", "type production/shop");
    ONE(armed, in.reason = " ", "say why (--reason TEXT)");
    ONE(armed, in.approvals = 1, "needs 2 approvals, this plan has 1");
    ONE(armed, in.prunes = 6, "6 objects would be pruned, the budget of production is 5");
    ONE(open_input, (in.disk_full = true, in.disk_message = "no space left"), "no space left");
    ONE(open_input, in.running = "op-7", "operation op-7 runs for dev/shop: wait for it, or stop");
    ONE(open_input, in.kind = "promote", "nothing to promote from");
}

static struct plan_gate_input promotion(void)
{
    struct plan_gate_input in = armed();

    in.kind = "promote";
    in.source_environment = "staging";
    in.source_verdict = MODEL_SYNCED;
    in.source_health = MODEL_HEALTHY;
    in.source_validated = true;
    return in;
}

static void test_promote(void **state)
{
    struct plan_gate_input ok = promotion();

    (void)state;
    assert_open(&ok);
    ONE(promotion, in.source_verdict = MODEL_OUT_OF_SYNC,
        "staging is OutOfSync and Healthy: promote when it is Synced and Healthy");
    ONE(promotion, in.source_health = MODEL_PROGRESSING, "staging is Synced and Progressing");
    ONE(promotion, in.source_validated = false, "`reckon validate staging/shop` says");
    ok.policy = &open_policy; /* validation is not asked for there */
    ok.source_validated = false;
    assert_open(&ok);
}

static void test_all_at_once(void **state)
{
    struct rk_arena *a = rk_arena_new();
    struct plan_missing out;
    struct plan_gate_input in = {
        .policy = &locked_policy, .kind = "promote", .app = "shop", .environment = "production",
        .policy_pending = true, .frozen = true, .foreign_cluster = true, .project_denied = true,
        .prunes = 9, .stale = true, .expired = true, .disk_full = true, .running = "op-1",
        .source_environment = "staging",
    };

    (void)state;
    assert_false(plan_gate(a, &in, &out));
    assert_int_equal(out.n, 16);
    for (size_t i = 0; i < out.n; i++) /* each says what to do, none is empty */
        assert_true(strlen(out.v[i]) > 20);
    in.dry_run = true;
    assert_false(plan_gate(a, &in, &out));
    assert_int_equal(out.n, 4);
    in.dry_run = false;
    in.superseding = true;
    assert_false(plan_gate(a, &in, &out));
    assert_int_equal(out.n, 15);
    rk_arena_free(a);
}

/* Automation has nothing to type; a locked environment simply stays closed to it. */
static void test_automatic_in_locked(void **state)
{
    struct plan_gate_input in = armed();
    struct model_policy policy = locked_policy;

    (void)state;
    policy.sync = MODEL_AUTO;
    in.policy = &policy;
    in.automatic = true;
    in.unlocked = false;
    in.confirm = in.reason = NULL;
    assert_one(&in, "production is locked: nothing runs there by itself");
}

static void test_confirm_text(void **state)
{
    struct rk_arena *a = rk_arena_new();
    const struct model_app app = {.name = "shop-production", .app = "shop"};

    (void)state;
    assert_string_equal(plan_confirm_text(a, &locked_policy, &app), "production/shop");
    assert_null(plan_confirm_text(a, &open_policy, &app));
    assert_string_equal(plan_confirm_text(a, &locked_policy, NULL), "production");
    rk_arena_free(a);
}

/* The target of a whole environment is its name; that of one application in it is not enough. */
static void test_confirm_of_an_environment(void **state)
{
    struct plan_gate_input in = armed();

    (void)state;
    in.app = NULL;
    in.confirm = "production/shop";
    assert_one(&in, "type production (--confirm production)");
    in.confirm = "production";
    assert_open(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each), cmocka_unit_test(test_promote),
        cmocka_unit_test(test_all_at_once), cmocka_unit_test(test_automatic_in_locked),
        cmocka_unit_test(test_confirm_text),
        cmocka_unit_test(test_confirm_of_an_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
