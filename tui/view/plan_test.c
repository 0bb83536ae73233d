/*
 * plan_test.c: the plan view against a scripted engine: what it asks for, what it shows, and above
 * all what has to be so before a request that writes leaves it.
 */
#include "view/scripted.h"

#include "view/plan_int.h"

#define WEB "{\"phase\":\"Sync\",\"wave\":1,\"action\":\"apply\",\"group\":\"apps\",\"kind\":" \
    "\"Deployment\",\"namespace\":\"shop\",\"name\":\"web\",\"fields\":[" \
    "{\"path\":\"/spec/template/spec/containers/0/image\"," \
    "\"desired\":\"\\\"reg.example/shop:1.9.0\\\"\",\"live\":\"\\\"reg.example/shop:1.8.2\\\"\"," \
    "\"manager\":\"kubectl-edit\",\"written\":1795262400000," \
    "\"file\":\"overlays/production/kustomization.yaml\",\"line\":9}," \
    "{\"path\":\"/spec/replicas\",\"desired\":\"3\",\"live\":\"5\"}," \
    "{\"path\":\"/spec/paused\",\"live\":\"true\",\"ignored\":true}]}"
#define TASKS "\"tasks\":[" \
    "{\"phase\":\"PreSync\",\"wave\":0,\"action\":\"create\",\"group\":\"batch\"," \
    "\"kind\":\"Job\",\"namespace\":\"shop\",\"name\":\"migrate\"}," \
    "{\"phase\":\"Sync\",\"wave\":0,\"action\":\"apply\",\"group\":\"\",\"kind\":\"Secret\"," \
    "\"namespace\":\"shop\",\"name\":\"keys\",\"fields\":[" \
    "{\"path\":\"/data/API_TOKEN\",\"secret\":true," \
    "\"desired\":\"\\\"rk1:91c0:40\\\"\",\"live\":\"\\\"rk1:3fa9:40\\\"\"}]}," WEB "," \
    "{\"phase\":\"Sync\",\"wave\":1,\"action\":\"apply\",\"group\":\"\",\"kind\":\"Service\"," \
    "\"namespace\":\"shop\",\"name\":\"web\"}," \
    "{\"phase\":\"Sync\",\"wave\":2,\"action\":\"prune\",\"group\":\"\",\"kind\":\"Service\"," \
    "\"namespace\":\"shop\",\"name\":\"old\\u001b[2J\",\"risks\":[\"prune\"]}]"
#define PRINT "9e3f21aa0000000000000000000000000000000000000000000000000000beef"
#define HEAD(kind, env) "\"fingerprint\":\"" PRINT "\",\"kind\":\"" kind \
    "\",\"app\":\"shop-" env "\",\"environment\":\"" env "\"," \
    "\"revision\":\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\"," \
    "\"from\":\"77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\"," \
    "\"created\":1795262820000,\"expires\":1795264620000,\"policy\":\"manual, prune\""
#define PRODUCTION HEAD("sync", "production") "," TASKS ",\"confirm\":\"production/shop\""
#define LOCKED "{" PRODUCTION ",\"needs_unlock\":true,\"needs_reason\":true,\"missing\":[" \
    "\"production is locked: unlock it for this plan\"," \
    "\"the target is not confirmed: type production/shop\",\"a reason is missing: say why\"]}"
#define ARMED "{" PRODUCTION ",\"armed\":true}"
#define DEV(tasks) "{" HEAD("sync", "dev") ",\"tasks\":[" tasks "],\"armed\":true}"
#define STARTED "{\"id\":\"0193-op\",\"kind\":\"sync\",\"app\":\"shop-dev\"," \
    "\"environment\":\"dev\",\"state\":\"running\"}"

static const struct wire_plan_params sync_of = {.kind = "sync", .app = "shop"};

static struct plan_view *of(struct scripted *s)
{
    return (struct plan_view *)s->view;
}

/* A state of the view that its timers bring; five seconds and a half at most. */
static void wait_until(struct scripted *s, bool (*is)(const struct plan_view *p))
{
    struct run_loop *loop = s->host.loop;
    struct run_timer *t = run_timer_start(loop, 10, 10, (run_fn)run_loop_stop, loop);
    for (int i = 0; i < 800 && !is(of(s)); i++)
        run_loop_run(loop);
    run_timer_stop(t);
    assert_true(is(of(s)));
}

static bool is_awake(const struct plan_view *p)
{
    return p->awake;
}

static bool is_starting(const struct plan_view *p)
{
    return p->step == PLAN_STARTING;
}

static void open_params(struct scripted *s, const struct wire_plan_params *ask)
{
    scripted_open(s, &view_plan, &(struct view_target){.app = ask->app, .plan = ask});
}

/* Without waiting for the end of the dead time; the tests of it wait. */
static void skip_dead_time(struct scripted *s)
{
    assert_false(of(s)->awake);
    of(s)->awake = true;
}

static void open_plan(struct scripted *s, const char *json)
{
    scripted_init(s, 80, 24);
    open_params(s, &sync_of);
    scripted_answer(s, "plan.create", json);
    skip_dead_time(s);
}

static bool wrote(const struct scripted *s)
{
    for (const struct scripted_call *c = s->client.calls; c; c = c->next)
        if (wire_method_find(c->method)->writes)
            return true;
    return false;
}

/* reason, unlock and target of a locked plan, as a person types them; then plan.arm has left. */
static void fill_fields(struct scripted *s)
{
    scripted_press(s, "tab"); /* from Cancel to the reason */
    scripted_type(s, "fix OOM INC-2231");
    scripted_press(s, "tab");
    scripted_press(s, "space");
    scripted_press(s, "tab");
    scripted_type(s, "production/shop");
}

static void open_armed(struct scripted *s)
{
    open_plan(s, LOCKED);
    fill_fields(s);
    scripted_answer(s, "plan.arm", ARMED);
    rk_buf_clear(&s->log);
}

/* ---- what it shows ---- */
static void test_shows(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 120, 40);
    s.now = INT64_C(1795263000000);     /* the clock of the plans here */
    open_params(&s, &sync_of);
    assert_string_equal(scripted_asked(&s, "plan.create"),
                        "{\"kind\":\"sync\",\"app\":\"shop\",\"resources\":[],\"paths\":[],"
                        "\"leave_out\":[],\"prune\":false,\"force\":false,\"dry_run\":false}");
    assert_true(s.dropped);
    assert_true(scripted_sees(&s, "the plan is being made"));
    scripted_answer(&s, "plan.create", LOCKED);
    assert_true(scripted_sees(&s, "2 change  1 create  1 PRUNE  1 same"));
    assert_true(scripted_sees(&s, "plan 9e3f21aa  made 3m ago, good for 28m  git 77b01d3 -> 4f"));
    assert_true(scripted_sees(&s, "image 1.8.2 -> 1.9.0, replicas 5 -> 3"));
    assert_true(scripted_sees(&s, "API_TOKEN changed (masked)"));
    assert_true(scripted_sees(&s, "- prune"));
    assert_true(scripted_sees(&s, "Service/old\\x1b[2J"));
    assert_true(scripted_sees(&s, "= 1 unchanged"));
    assert_true(scripted_sees(&s, "THE GATE STILL WANTS"));
    assert_true(scripted_sees(&s, "THIS CHANGES PRODUCTION. type production/shop:"));
    assert_true(scripted_sees(&s, "( Apply is not armed: unlock, reason, target )"));
    assert_true(s.view->production);
    assert_true(scripted_sees(&s, "/spec/replicas  5 -> 3")); /* there is room: it is unfolded */
    scripted_end(&s);
}

static void test_refused(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 60, 16);
    open_params(&s, &sync_of);
    scripted_refuse(&s, "plan.create", RK_UNAVAILABLE, "shop: not compared yet (starting)");
    assert_true(scripted_sees(&s, "shop: not compared yet (starting)"));
    skip_dead_time(&s);
    scripted_press(&s, "A");
    scripted_press(&s, "j");
    scripted_press(&s, "d");
    assert_false(wrote(&s));
    scripted_press(&s, "R");
    scripted_answer(&s, "plan.create", DEV(WEB));
    assert_true(scripted_sees(&s, "image 1.8.2 -> 1.9.0"));
    scripted_end(&s);
}

static void test_unfolds(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 11); /* no room for all of it at once */
    open_params(&s, &sync_of);
    scripted_answer(&s, "plan.create", DEV(WEB));
    skip_dead_time(&s);
    assert_false(scripted_sees(&s, "/spec/replicas  5 -> 3"));
    scripted_press(&s, "g");
    scripted_press(&s, "enter");
    assert_true(scripted_sees(&s, "/spec/replicas  5 -> 3"));
    assert_true(scripted_sees(&s, "last written by kubectl-edit no later than"));
    assert_true(scripted_sees(&s, "overlays/production/kustomization.yaml:9"));
    assert_true(scripted_sees(&s, "/spec/paused  true -> (none)  (ignored)"));
    scripted_press(&s, "d");
    scripted_log_is(&s, "open diff app=shop-dev object=apps/Deployment/shop/web\n");
    scripted_press(&s, "enter");
    assert_false(scripted_sees(&s, "/spec/replicas  5 -> 3"));
    assert_true(s.view->class->find(s.view, RK_STR("gate"), 0));
    assert_true(scripted_sees(&s, "GATE open"));
    assert_false(s.view->class->find(s.view, RK_STR("no such text"), 1));
    scripted_end(&s);
}

/* ---- nothing is written by accident ---- */
static void test_dead_time(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    open_params(&s, &sync_of);
    scripted_press(&s, "A");
    scripted_answer(&s, "plan.create", DEV(WEB));
    scripted_press(&s, "A"); /* typed before it could be read */
    scripted_press(&s, "enter");
    assert_false(wrote(&s));
    assert_false(s.backed);
    wait_until(&s, is_awake);
    scripted_press(&s, "A");
    assert_non_null(scripted_asked(&s, "operation.start"));
    scripted_end(&s);
}

/* A plan that comes later begins the dead time anew; so does one that replaces another. */
static void test_dead_time_again(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    scripted_press(&s, "space");
    scripted_answer(&s, "plan.create", DEV(WEB));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    scripted_end(&s);
}

static void test_dead_time_of_fields(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    open_params(&s, &sync_of);
    scripted_answer(&s, "plan.create", LOCKED);
    fill_fields(&s); /* all of it too early */
    assert_int_equal(of(&s)->reason.text.n, 0);
    assert_int_equal(of(&s)->target.text.n, 0);
    assert_false(of(&s)->unlock);
    assert_false(wrote(&s));
    scripted_end(&s);
}

static void test_enter_never_writes(void **state)
{
    struct scripted s;
    (void)state;
    open_armed(&s);
    for (int i = 0; i < 12; i++) {
        scripted_press(&s, "enter");
        scripted_press(&s, "tab");
    }
    assert_false(wrote(&s));
    scripted_end(&s);
    open_plan(&s, DEV(WEB));
    scripted_press(&s, "enter"); /* the focus is on Cancel */
    assert_true(s.backed);
    assert_false(wrote(&s));
    scripted_end(&s);
}

/* Who opens it and types after one Tab types into a field, wherever the rows were scrolled to. */
static void test_tab_leads_to_what_is_missing(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, LOCKED);
    scripted_press(&s, "tab");
    assert_int_equal(of(&s)->focus, PLAN_REASON);
    scripted_press(&s, "esc");          /* to the rows: keys are keys again */
    scripted_press(&s, "j");
    assert_int_equal(of(&s)->focus, PLAN_ROWS);
    scripted_press(&s, "tab");
    assert_int_equal(of(&s)->focus, PLAN_REASON);
    scripted_type(&s, "drift");
    scripted_press(&s, "esc");
    scripted_press(&s, "tab");          /* the reason is there */
    assert_int_equal(of(&s)->focus, PLAN_UNLOCK);
    scripted_press(&s, "space");
    scripted_press(&s, "enter");
    assert_int_equal(of(&s)->focus, PLAN_TARGET);
    scripted_press(&s, "enter");
    assert_int_equal(of(&s)->focus, PLAN_ROWS);
    scripted_press(&s, "shift-tab");
    assert_int_equal(of(&s)->focus, PLAN_TARGET);
    scripted_type(&s, "production/shop");
    scripted_press(&s, "tab");
    scripted_press(&s, "tab");          /* nothing is missing: round to Cancel */
    assert_int_equal(of(&s)->focus, PLAN_CANCEL);
    scripted_end(&s);
}

static void test_arms(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, LOCKED);
    scripted_press(&s, "A");
    scripted_log_is(&s, "say error not armed: unlock, reason, target\n");
    fill_fields(&s);
    assert_true(strstr(scripted_asked(&s, "plan.arm"), "\"confirm\":\"production/shop\","
                       "\"reason\":\"fix OOM INC-2231\",\"unlock\":true}"));
    scripted_type(&s, "A"); /* not armed yet: the engine has not answered */
    assert_null(scripted_asked(&s, "operation.start"));
    scripted_answer(&s, "plan.arm", ARMED);
    assert_true(scripted_sees(&s, "ARMED: A applies it, after 5 s that any key stops"));
    assert_null(scripted_asked(&s, "operation.start"));
    scripted_end(&s);
}

static void test_wrong_target(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, LOCKED);
    fill_fields(&s);
    scripted_answer(&s, "plan.arm", ARMED);
    scripted_type(&s, "x");
    scripted_type(&s, "A"); /* goes into the field */
    assert_true(scripted_sees(&s, "production/shopxA"));
    scripted_press(&s, "esc");
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    assert_true(scripted_sees(&s, "not armed: target"));
    scripted_end(&s);
}

static void test_paste_is_refused(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, LOCKED);
    of(&s)->unlock = true;
    plan_focus_set(of(&s), PLAN_REASON);
    scripted_paste(&s, "INC-2231\nA");
    assert_string_equal(of(&s)->reason.text.p, "INC-2231 A"); /* text, and nothing else */
    plan_focus_set(of(&s), PLAN_TARGET);
    scripted_paste(&s, "production/shop");
    scripted_log_is(&s, "say error paste is refused here: type production/shop\n");
    assert_int_equal(of(&s)->target.text.n, 0);
    assert_false(wrote(&s));
    scripted_end(&s);
}

/* A reason that changes after it was armed is brought to the engine before anything starts. */
static void test_reason_changes(void **state)
{
    struct scripted s;
    (void)state;
    open_armed(&s);
    plan_focus_set(of(&s), PLAN_REASON);
    scripted_type(&s, " more");
    scripted_press(&s, "esc");
    scripted_press(&s, "A");
    assert_null(scripted_asked(&s, "operation.start"));
    assert_true(strstr(scripted_asked(&s, "plan.arm"), "fix OOM INC-2231 more"));
    scripted_answer(&s, "plan.arm", ARMED);
    scripted_press(&s, "A");
    assert_int_equal(of(&s)->step, PLAN_COUNTING);
    scripted_end(&s);
}

static void test_gate_says_no(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, LOCKED);
    fill_fields(&s);
    scripted_answer(&s, "plan.arm", "{" PRODUCTION ",\"missing\":[\"production is frozen by "
                                    "operator (release)\"]}");
    scripted_type(&s, "A");
    assert_null(scripted_asked(&s, "operation.start"));
    assert_true(scripted_sees(&s, "Apply is not armed: production is frozen"));
    scripted_end(&s);
}

/* Guard L2: what is pruned is counted by a person. */
static void test_number_of_objects(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, "{" HEAD("sync", "dev") "," TASKS ",\"armed\":true}");
    assert_true(scripted_sees(&s, "type the number of risky objects, 1:"));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    plan_focus_set(of(&s), PLAN_TARGET);
    scripted_type(&s, "1A");
    assert_non_null(scripted_asked(&s, "operation.start"));
    assert_null(scripted_asked(&s, "plan.arm"));
    scripted_end(&s);
}

/* A base that others share counts where the commit writes into it. */
static void test_shared_base(void **state)
{
#define SHARED(file) "{" HEAD("revert", "staging") ",\"armed\":true,\"tasks\":[{\"action\":\"apply\"," \
    "\"kind\":\"Deployment\",\"name\":\"web\",\"risks\":[\"shared base\"],\"fields\":[" \
    "{\"path\":\"/spec/replicas\",\"file\":\"base/deploy.yaml\",\"line\":4}]}],\"edits\":[" \
    "{\"file\":\"" file "\",\"line\":4,\"before\":\"a\",\"after\":\"b\"}]}"
    struct scripted s;
    (void)state;
    open_plan(&s, SHARED("overlays/staging/kustomization.yaml"));
    assert_true(scripted_sees(&s, "SHARED BASE"));
    assert_false(scripted_sees(&s, "type the number of risky objects"));
    scripted_end(&s);
    open_plan(&s, SHARED("base/deploy.yaml"));
    assert_true(scripted_sees(&s, "type the number of risky objects, 1:"));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    scripted_end(&s);
}

/* ---- starting ---- */
static void test_countdown_stops(void **state)
{
    static const char *const keys[] = {"j", "esc", "A", "enter", "q", "Q", "tab"};
    struct scripted s;
    (void)state;
    open_armed(&s);
    for (size_t i = 0; i < RK_LEN(keys); i++) {
        scripted_press(&s, "esc");
        scripted_press(&s, "A");
        assert_int_equal(of(&s)->step, PLAN_COUNTING);
        assert_true(scripted_sees(&s, "starts in 5 s: ANY KEY STOPS IT"));
        rk_buf_clear(&s.log);
        scripted_press(&s, keys[i]);
        scripted_log_is(&s, "say stopped: nothing was started\n");
        assert_int_equal(of(&s)->step, PLAN_REVIEW);
        assert_null(of(&s)->count);
    }
    assert_false(wrote(&s));
    assert_false(s.backed);
    scripted_end(&s);
}

static void test_countdown_runs(void **state)
{
    struct scripted s;
    (void)state;
    open_armed(&s);
    scripted_type(&s, "A"); /* in the target, which is complete */
    assert_int_equal(of(&s)->step, PLAN_COUNTING);
    assert_null(scripted_asked(&s, "operation.start"));
    wait_until(&s, is_starting);
    assert_true(strstr(scripted_asked(&s, "operation.start"), "9e3f21aa"));
    scripted_press(&s, "d"); /* nothing opens over it now */
    scripted_answer(&s, "operation.start", STARTED);
    assert_true(s.backed);
    scripted_log_is(&s, "open operation app=shop-dev operation=0193-op\n");
    scripted_end(&s);
}

/* The line breaks while it counts: it does not start. */
static void test_countdown_lost(void **state)
{
    struct scripted s;
    (void)state;
    open_armed(&s);
    scripted_press(&s, "esc");
    scripted_press(&s, "A");
    s.host.connected = false;
    of(&s)->left = 1;
    struct run_timer *t = run_timer_start(s.host.loop, 1500, 0, (run_fn)run_loop_stop, s.host.loop);
    run_loop_run(s.host.loop);
    run_timer_stop(t);
    assert_int_equal(of(&s)->step, PLAN_REVIEW);
    assert_false(wrote(&s));
    scripted_end(&s);
}

static void test_starts_at_once_elsewhere(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    scripted_press(&s, "A");
    scripted_press(&s, "A");
    scripted_answer(&s, "operation.start", STARTED);
    assert_false(wrote(&s)); /* one start, not two */
    scripted_end(&s);
}

static void test_stale(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    scripted_press(&s, "A");
    scripted_refuse(&s, "operation.start", RK_CONFLICT, "the plan is stale: git says else");
    assert_true(scripted_sees(&s, "STALE: R makes a new one: the plan is stale: git says"));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    scripted_press(&s, "R");
    scripted_answer(&s, "plan.create", DEV(WEB));
    assert_false(scripted_sees(&s, "STALE"));
    skip_dead_time(&s);
    scripted_press(&s, "A");
    assert_non_null(scripted_asked(&s, "operation.start"));
    scripted_end(&s);
}

static void test_stale_when_armed(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, LOCKED);
    fill_fields(&s);
    scripted_refuse(&s, "plan.arm", RK_NOT_FOUND, "no plan 9e3f21aa: it expired");
    assert_true(scripted_sees(&s, "STALE: R makes a new one: no plan 9e3f21aa"));
    assert_false(scripted_sees(&s, "THIS CHANGES PRODUCTION"));
    assert_false(s.view->typing);
    scripted_end(&s);
}

/* Nobody knows whether it began: it is not started a second time from here. */
static void test_line_breaks_at_start(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    scripted_press(&s, "A");
    scripted_refuse(&s, "operation.start", RK_UNAVAILABLE, "the line broke");
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    assert_true(scripted_sees(&s, "the operations tell whether it runs") ||
                scripted_sees(&s, "the line broke"));
    scripted_end(&s);
}

static void test_expires(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    s.now = 1795264620001;
    assert_true(scripted_sees(&s, "EXPIRED: R makes a new one"));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    scripted_end(&s);
}

static void test_readonly(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    s.host.readonly = true;
    open_params(&s, &sync_of);
    scripted_answer(&s, "plan.create", LOCKED);
    skip_dead_time(&s);
    assert_true(scripted_sees(&s, "read-only: nothing can be started here"));
    assert_false(scripted_sees(&s, "THIS CHANGES PRODUCTION"));
    assert_false(scripted_sees(&s, "reason   ___"));
    for (int i = 0; i < 5; i++) {
        scripted_press(&s, "tab");
        assert_false(s.view->typing);
    }
    assert_true(scripted_act(&s, ACT_APPLY)); /* even when a key led here */
    assert_false(wrote(&s));
    scripted_end(&s);
}

static void test_nothing_to_do(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV("{\"action\":\"keep\",\"kind\":\"Service\",\"name\":\"web\","
                      "\"message\":\"prune is off\"}"));
    scripted_press(&s, "A");
    scripted_log_is(&s, "say error not armed: nothing to do: it is as git says\n");
    assert_false(wrote(&s));
    scripted_end(&s);
}

/* ---- options ---- */
static void test_prune(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    assert_true(scripted_sees(&s, "[ ] prune"));
    scripted_press(&s, "space");
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"prune\":true"));
    scripted_press(&s, "A"); /* what is shown is not what would come */
    assert_false(wrote(&s));
    scripted_press(&s, "space");
    scripted_answer(&s, "plan.create", "{" HEAD("sync", "dev") "," TASKS "}"); /* of the first */
    assert_true(scripted_sees(&s, "a new plan is being made"));
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"prune\":false"));
    scripted_answer(&s, "plan.create", DEV(WEB));
    assert_true(scripted_sees(&s, "[ ] prune"));
    scripted_end(&s);
}

#define EDIT(file, line, before, after) "{\"file\":\"" file "\",\"line\":" line ",\"before\":\"" \
    before "\",\"after\":\"" after "\"}"
#define REVERT(edits, more) "{" HEAD("revert", "staging") ",\"tasks\":[" WEB "],\"edits\":[" edits \
    "],\"commit_message\":\"Revert \\\"shop: 1.9.0\\\"\\n\\nThis reverts commit 4f2c1aa.\"" more "}"
#define EDIT_A EDIT("overlays/staging/kustomization.yaml", "9", "newTag: 1.9.0", "newTag: 1.8.2")
#define EDIT_B EDIT("base/deploy.yaml", "14", "memory: 2Gi\\ncpu: 1", "memory: 1Gi\\ncpu: 2")

static const struct wire_plan_params revert_of = {
    .kind = "revert", .app = "shop-staging", .commit = "4f2c1aa"};

static void open_revert(struct scripted *s, const char *json)
{
    scripted_init(s, 80, 24);
    open_params(s, &revert_of);
    scripted_answer(s, "plan.create", json);
    skip_dead_time(s);
}

static void test_revert_partial(void **state)
{
    struct scripted s;
    (void)state;
    open_revert(&s, REVERT(EDIT_A "," EDIT_B, ",\"armed\":true"));
    assert_true(scripted_sees(&s, "(o) full  ( ) partial  3 of 3 marked"));
    assert_true(scripted_sees(&s, "- newTag: 1.9.0"));
    assert_true(scripted_sees(&s, "+ cpu: 2"));
    assert_true(s.view->class->find(s.view, RK_STR("base/deploy"), 0));
    scripted_press(&s, "space");
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"mode\":\"partial\",\"resources\":[],"
                       "\"paths\":[\"overlays/staging/kustomization.yaml\"]"));
    scripted_answer(&s, "plan.create", REVERT(EDIT_A, ",\"armed\":true"));
    assert_true(scripted_sees(&s, "( ) full  (o) partial  2 of 3 marked"));
    assert_true(scripted_sees(&s, "[ ] base/deploy.yaml"));
    skip_dead_time(&s);
    scripted_press(&s, "space"); /* the cursor stayed with its file */
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"paths\":[]"));
    scripted_end(&s);
}

static void test_revert_of_nothing(void **state)
{
    struct scripted s;
    (void)state;
    open_revert(&s, REVERT(EDIT_A, ",\"armed\":true"));
    scripted_press(&s, "u");
    assert_null(scripted_asked(&s, "plan.create"));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    assert_true(scripted_sees(&s, "Apply is not armed: nothing is marked"));
    scripted_press(&s, "*");
    assert_non_null(scripted_asked(&s, "plan.create"));
    scripted_end(&s);
}

#define CONFLICTS ",\"conflicts\":[{\"file\":\"base/deploy.yaml\"," \
    "\"ancestor\":\"memory: 1Gi\\n\",\"ours\":\"memory: 4Gi\\n\"," \
    "\"theirs\":\"memory: 2Gi\\n\"}],\"missing\":[\"the revert conflicts with later " \
    "commits: choose paths, or go back to a revision instead\"]"

static void test_conflicts(void **state)
{
    struct scripted s;
    (void)state;
    open_revert(&s, REVERT("", CONFLICTS));
    assert_true(scripted_sees(&s, "x base/deploy.yaml"));
    assert_true(scripted_sees(&s, "1 CONFLICT"));
    scripted_press(&s, "g");
    scripted_press(&s, "]");
    scripted_press(&s, "[");
    scripted_press(&s, "enter");
    assert_true(scripted_sees(&s, "ours: what is there now"));
    assert_true(scripted_sees(&s, "memory: 4Gi"));
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    scripted_press(&s, "space"); /* no other file is known yet */
    assert_null(scripted_asked(&s, "plan.create"));
    scripted_press(&s, "space");
    scripted_answer(&s, "plan.create", REVERT("", CONFLICTS));
    assert_string_equal(scripted_asked(&s, "commit.get"),
                        "{\"rev\":\"4f2c1aa\",\"app\":\"shop-staging\"}");
    scripted_answer(&s, "commit.get", "{\"id\":\"4f2c1aa\",\"files\":[{\"file\":\"a.yaml\"},"
                                      "{\"file\":\"base/deploy.yaml\"}]}");
    skip_dead_time(&s);
    scripted_press(&s, "space"); /* without that file it may merge */
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"paths\":[\"a.yaml\"]"));
    scripted_end(&s);
}

/* What was typed was typed for what was asked for then. */
static void test_another_target_is_typed_anew(void **state)
{
    struct scripted s;
    (void)state;
    open_plan(&s, DEV(WEB));
    s.view->class->connected(s.view);   /* production was locked meanwhile */
    scripted_answer(&s, "plan.get", LOCKED);
    skip_dead_time(&s);
    assert_true(scripted_sees(&s, "type production/shop:"));
    assert_int_equal(of(&s)->focus, PLAN_CANCEL);
    scripted_press(&s, "A");
    assert_false(wrote(&s));
    fill_fields(&s);
    assert_true(strstr(scripted_asked(&s, "plan.arm"), "\"confirm\":\"production/shop\""));
    scripted_end(&s);
}

/* ---- made elsewhere ---- */
static void test_by_fingerprint(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    scripted_open(&s, &view_plan, &(struct view_target){.fingerprint = "9e3f21aa"});
    assert_string_equal(scripted_asked(&s, "plan.get"), 
                        "{\"fingerprint\":\"9e3f21aa\",\"offset\":0,\"limit\":0}");
    scripted_answer(&s, "plan.get", DEV(WEB));
    s.view->class->connected(s.view); /* the engine is back: is it still the same? */
    scripted_answer(&s, "plan.get", "{\"kind\":\"sync\",\"app\":\"shop-dev\"}");
    assert_true(scripted_sees(&s, "STALE: R makes a new one: it was started already"));
    scripted_press(&s, "R");
    assert_true(strstr(scripted_asked(&s, "plan.create"), "\"app\":\"shop-dev\""));
    scripted_end(&s);
}

/* ---- more tasks than a line of the protocol holds ---- */
#define ONE(name) "{\"phase\":\"Sync\",\"wave\":0,\"action\":\"create\",\"group\":\"\"," \
    "\"kind\":\"ConfigMap\",\"namespace\":\"shop\",\"name\":\"" name "\"}"
#define PART(offset, tasks) "{" HEAD("sync", "dev") ",\"armed\":true,\"total\":3,\"offset\":" \
    offset ",\"tasks\":[" tasks "]}"

static void test_comes_in_parts(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    open_params(&s, &sync_of);
    scripted_answer(&s, "plan.create", PART("0", ONE("first")));
    assert_true(scripted_sees(&s, "the plan is being made")); /* not a part of it */
    assert_true(strstr(scripted_asked(&s, "plan.get"), "\"offset\":1,"));
    scripted_answer(&s, "plan.get", PART("1", ONE("second")));
    assert_true(strstr(scripted_asked(&s, "plan.get"), "\"offset\":2,"));
    scripted_answer(&s, "plan.get", PART("2", ONE("third")));
    assert_true(scripted_sees(&s, "first"));
    assert_true(scripted_sees(&s, "second"));
    assert_true(scripted_sees(&s, "third"));
    assert_int_equal(of(&s)->plan->n_tasks, 3);
    scripted_press(&s, "R");
    scripted_answer(&s, "plan.create", PART("0", ONE("first")));
    scripted_refuse(&s, "plan.get", RK_NOT_FOUND, "no plan: it expired");
    assert_true(scripted_sees(&s, "no plan: it expired"));
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shows), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_comes_in_parts),
        cmocka_unit_test(test_unfolds),
        cmocka_unit_test(test_dead_time), cmocka_unit_test(test_dead_time_again),
        cmocka_unit_test(test_dead_time_of_fields), cmocka_unit_test(test_enter_never_writes),
        cmocka_unit_test(test_tab_leads_to_what_is_missing),
        cmocka_unit_test(test_arms), cmocka_unit_test(test_wrong_target),
        cmocka_unit_test(test_paste_is_refused), cmocka_unit_test(test_reason_changes),
        cmocka_unit_test(test_gate_says_no), cmocka_unit_test(test_number_of_objects),
        cmocka_unit_test(test_shared_base),
        cmocka_unit_test(test_countdown_stops), cmocka_unit_test(test_countdown_runs),
        cmocka_unit_test(test_countdown_lost), cmocka_unit_test(test_starts_at_once_elsewhere),
        cmocka_unit_test(test_stale), cmocka_unit_test(test_stale_when_armed),
        cmocka_unit_test(test_line_breaks_at_start), cmocka_unit_test(test_expires),
        cmocka_unit_test(test_readonly), cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_prune), cmocka_unit_test(test_revert_partial),
        cmocka_unit_test(test_revert_of_nothing), cmocka_unit_test(test_conflicts),
        
        cmocka_unit_test(test_another_target_is_typed_anew), cmocka_unit_test(test_by_fingerprint),
    };
    return cmocka_run_group_tests_name("plan view", tests, NULL, NULL);
}
