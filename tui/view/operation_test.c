/*
 * operation_test.c: the views of one operation and of all of them against a scripted engine: what
 * they show of a run, what they ask for, where their keys go.
 */
#include "view/scripted.h"

#include "view/operation_int.h"

#define TASK(phase, wave, action, kind, name, state, message, more) "{\"phase\":\"" phase \
    "\",\"wave\":" wave ",\"action\":\"" action "\",\"group\":\"\",\"kind\":\"" kind \
    "\",\"namespace\":\"shop\",\"name\":\"" name "\",\"state\":\"" state \
    "\",\"message\":\"" message "\"" more "}"
#define DONE ",\"started\":1795262940000,\"finished\":1795262948000"
#define HEAD(state, more) "{\"id\":\"0193f00d-op\",\"kind\":\"sync\",\"app\":\"shop-production\"," \
    "\"environment\":\"production\",\"actor\":\"operator\",\"reason\":\"INC-2231\"," \
    "\"revision\":\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\"," \
    "\"from\":\"77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"started\":1795262940000," \
    "\"state\":\"" state "\"" more ",\"tasks\":["
#define FIRST TASK("PreSync", "0", "create", "Job", "migrate", "done", "Completed", DONE) "," \
    TASK("Sync", "0", "apply", "ConfigMap", "env", "done", "", DONE) ","
#define LAST "," TASK("Sync", "2", "prune", "Service", "old", "waiting", "", "") "]}"
#define RUNNING HEAD("running", "") FIRST \
    TASK("Sync", "1", "apply", "Deployment", "web", "running", "2 of 3 are ready", \
         ",\"started\":1795262949000") LAST
#define FAILED HEAD("Degraded", ",\"finished\":1795263000000,\"message\":\"/Deployment/shop/web: " \
    "CrashLoopBackOff\\u001b[2J\"") FIRST \
    TASK("Sync", "1", "apply", "Deployment", "web", "failed", "CrashLoopBackOff", \
         ",\"started\":1795262949000,\"finished\":1795263000000") LAST
#define EVENTS "{\"events\":[{\"time\":1795262960000,\"count\":1,\"type\":\"Normal\",\"reason\":" \
    "\"Scheduled\",\"object\":\"/Pod/shop/web-1\",\"message\":\"assigned\"}," \
    "{\"time\":1795262990000,\"count\":3,\"type\":\"Warning\",\"reason\":\"BackOff\"," \
    "\"object\":\"/Pod/shop/web-1\"," \
    "\"message\":\"back-off restarting failed container\"}]}"

static void open_op(struct scripted *s, int cols, int rows, const char *json)
{
    scripted_init(s, cols, rows);
    scripted_open(s, &view_operation, &(struct view_target){.operation = "0193f00d-op"});
    scripted_event(s, "operation.watch", WIRE_RESET, json);
}

static void check_headline(struct scripted *s, const char *want)
{
    struct rk_buf left = RK_BUF_INIT, right = RK_BUF_INIT;
    s->view->class->headline(s->view, &left, &right);
    assert_string_equal(left.p, want);
    rk_buf_release(&left);
    rk_buf_release(&right);
}

static void check_status(struct scripted *s, const char *want)
{
    struct rk_buf out = RK_BUF_INIT;
    s->view->class->status(s->view, &out);
    assert_string_equal(out.p, want);
    rk_buf_release(&out);
}

static void test_applied_is_not_done(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, HEAD("running", "") FIRST
            TASK("Sync", "1", "apply", "Deployment", "web", "applied", "", "") LAST);
    assert_true(scripted_sees(&s, "~ applied Deployment/web"));
    assert_true(scripted_sees(&s, "#+"));
    assert_true(scripted_sees(&s, "+-"));
    assert_true(scripted_sees(&s, "] 2 of 4, 1 applied"));
    scripted_end(&s);
}

/* A PATCH brings the tasks that changed; the others stay. */
static void test_is_patched(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, RUNNING);
    assert_true(scripted_sees(&s, "] 2 of 4"));
    scripted_event(&s, "operation.watch", WIRE_PATCH, HEAD("running", ",\"total\":4,\"offset\":2")
                   TASK("Sync", "1", "apply", "Deployment", "web", "done", "3 of 3 are ready", DONE)
                   "]}");
    assert_true(scripted_sees(&s, "] 3 of 4"));
    assert_true(scripted_sees(&s, "3 of 3 are ready"));
    assert_false(scripted_sees(&s, "2 of 3 are ready"));
    assert_true(scripted_sees(&s, "migrate"));
    assert_true(scripted_sees(&s, "PRUNE"));
    scripted_end(&s);
}

static void test_follows(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 80, 24);
    s.now = INT64_C(1795263001000);     /* a minute after it began */
    scripted_open(&s, &view_operation, &(struct view_target){.operation = "0193f00d-op"});
    assert_string_equal(scripted_watched(&s, "operation.watch"), "{\"id\":\"0193f00d-op\"}");
    assert_true(scripted_sees(&s, "the engine is asked"));
    scripted_event(&s, "operation.watch", WIRE_RESET, RUNNING);
    assert_true(scripted_sees(&s, "~ running 1m  77b01d3 -> 4f2c1aa  by operator: INC-2231"));
    assert_true(scripted_sees(&s, "wave 1  ~ running Deployment/web")
                || scripted_sees(&s, "~ running Deployment/web"));
    assert_true(scripted_sees(&s, "2 of 3 are ready"));
    assert_true(scripted_sees(&s, "] 2 of 4"));
    assert_true(scripted_sees(&s, "PRUNE"));
    check_headline(&s, "SYNC  production/shop-production");
    check_status(&s, "Closing this screen or losing the line does not stop it.");
    assert_true(s.view->production);
    assert_null(scripted_asked(&s, "events.list")); /* nothing failed */
    scripted_end(&s);
}

/* While it runs the times move; when it has ended nothing wakes the console any more. */
static void test_clock_ends(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, RUNNING);
    struct operation_view *o = (struct operation_view *)s.view;
    assert_non_null(o->clock);
    scripted_event(&s, "operation.watch", WIRE_RESET, FAILED);
    assert_null(o->clock);
    check_status(&s, "");
    scripted_end(&s);
}

static void test_failure_explains_itself(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, RUNNING);
    scripted_event(&s, "operation.watch", WIRE_RESET, FAILED);
    assert_string_equal(scripted_asked(&s, "events.list"),
                        "{\"app\":\"shop-production\",\"object\":\"/Deployment/shop/web\"}");
    scripted_event(&s, "operation.watch", WIRE_RESET, FAILED);
    scripted_answer(&s, "events.list", EVENTS);
    assert_null(scripted_asked(&s, "events.list")); /* once: nothing moved */
    assert_true(scripted_sees(&s, "x Degraded 1m"));
    assert_true(scripted_sees(&s, "/Deployment/shop/web: CrashLoopBackOff\\x1b[2J"));
    assert_true(scripted_sees(&s, "next: r prepares the revert to 77b01d3, e shows the events"));
    assert_true(scripted_sees(&s, "! BackOff  back-off restarting failed container (x3)"));
    assert_true(scripted_sees(&s, "Events of /Deployment/shop/web"));
    scripted_end(&s);
}

static void test_keys(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, FAILED);
    scripted_press(&s, "enter"); /* the cursor stands on what failed */
    scripted_press(&s, "l");
#define OPENED "open resource app=shop-production object=/Deployment/shop/web what=logs\n"
    scripted_log_is(&s, OPENED OPENED);
    scripted_press(&s, "r");
    assert_non_null(strstr(s.log.p, "open plan app=shop-production {\"kind\":\"revert\","
                                    "\"app\":\"shop-production\","
                                    "\"to\":\"77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\""));
    rk_buf_clear(&s.log);
    scripted_press(&s, "X");
    scripted_log_is(&s, "say it has ended already\n");
    scripted_press(&s, "y");
    scripted_log_is(&s, "open copy i:0193f00d-op s:4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6 "
                        "f:77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6 "
                        "m:/Deployment/shop/web: CrashLoopBackOff\\x1b[2J\n");
    assert_false(scripted_act(&s, ACT_BACK));
    scripted_end(&s);
}

static void test_stop_is_confirmed(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, RUNNING);
    scripted_press(&s, "X");
    scripted_press(&s, "K");
    scripted_log_is(&s, "open confirm app=shop-production operation=0193f00d-op what=stop\n"
                        "open confirm app=shop-production operation=0193f00d-op what=abort\n");
    assert_null(scripted_asked(&s, "operation.stop"));
    s.host.readonly = true;
    scripted_act(&s, ACT_STOP);
    scripted_act(&s, ACT_ABORT);
    scripted_log_is(&s, "");
    scripted_end(&s);
}

/* A commit of the engine is taken back as a commit; what moved nothing has no revert. */
static void test_revert_of(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, "{\"id\":\"1\",\"kind\":\"promote\",\"app\":\"a\",\"state\":\"Succeeded\","
                        "\"started\":1,\"finished\":2,\"commit\":\"abcdef0123\",\"pinned\":true,"
                        "\"tasks\":[]}");
    assert_true(scripted_sees(&s, "commit abcdef0, not pushed yet: pinned until the remote"));
    scripted_press(&s, "r");
    assert_non_null(strstr(s.log.p, "\"commit\":\"abcdef0123\""));
    assert_true(scripted_sees(&s, "r prepares the revert"));
    scripted_event(&s, "operation.watch", WIRE_RESET,
                   "{\"id\":\"1\",\"kind\":\"revert\",\"app\":\"a\",\"state\":\"Succeeded\","
                   "\"revision\":\"b\",\"from\":\"r\",\"started\":1,\"finished\":2,\"tasks\":[]}");
    assert_true(scripted_sees(&s, "= Succeeded"));
    assert_false(scripted_sees(&s, "prepares the revert")); /* that way lies what was bad */
    rk_buf_clear(&s.log);
    scripted_event(&s, "operation.watch", WIRE_RESET,
                   "{\"id\":\"1\",\"kind\":\"heal\",\"app\":\"a\",\"state\":\"Succeeded\","
                   "\"revision\":\"r\",\"from\":\"r\",\"started\":1,\"finished\":2,\"tasks\":[]}");
    scripted_press(&s, "r");
    scripted_log_is(&s, "say it moved no revision: there is nothing in git to take back\n");
    scripted_end(&s);
}

static void test_events_pane(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 60, 13, RUNNING);
    scripted_press(&s, "g");
    scripted_press(&s, "e");
    assert_true(strstr(scripted_asked(&s, "events.list"), "/Job/shop/migrate"));
    assert_true(scripted_sees(&s, "asked the cluster"));
    scripted_refuse(&s, "events.list", RK_NOT_FOUND, "/Job/shop/migrate does not live");
    assert_true(scripted_sees(&s, "/Job/shop/migrate does not live"));
    assert_true(scripted_act(&s, ACT_BACK)); /* to the waves first */
    assert_true(scripted_sees(&s, "Waves"));
    assert_false(scripted_act(&s, ACT_BACK));
    scripted_end(&s);
}

/* The cursor goes with the work until a person moves it. */
static void test_cursor(void **state)
{
    struct scripted s;
    (void)state;
    open_op(&s, 80, 24, RUNNING);
    struct operation_view *o = (struct operation_view *)s.view;
    assert_int_equal(o->list.cursor, 2);
    scripted_press(&s, "}");
    assert_int_equal(o->list.cursor, 3);
    scripted_press(&s, "g");
    scripted_press(&s, "]");
    assert_int_equal(o->list.cursor, 2); /* the first that is not finished */
    scripted_press(&s, "g");
    scripted_event(&s, "operation.watch", WIRE_RESET, FAILED);
    assert_int_equal(o->list.cursor, 0);
    assert_true(s.view->class->find(s.view, RK_STR("crashloop"), 1));
    assert_int_equal(o->list.cursor, 2);
    scripted_end(&s);
}

static void test_gone(void **state)
{
    struct scripted s;
    struct rk_err err = {0};
    (void)state;
    scripted_init(&s, 60, 16);
    assert_null(view_new(&view_operation, &s.host, &(struct view_target){0}, &err));
    assert_int_equal(err.code, RK_INVALID);
    scripted_end(&s);
}

/* ---- all of them ---- */
#define ROW(id, state, ended, message) "{\"id\":\"" id "\",\"kind\":\"sync\",\"app\":\"shop\"," \
    "\"environment\":\"staging\",\"actor\":\"operator\",\"state\":\"" state "\",\"started\":" \
    "1795262940000,\"finished\":" ended ",\"message\":\"" message "\"}"

static void open_list(struct scripted *s)
{
    scripted_init(s, 80, 24);
    scripted_open(s, &view_operations, &(struct view_target){0});
}

static void test_list(void **state)
{
    struct scripted s;
    (void)state;
    open_list(&s);
    assert_string_equal(scripted_asked(&s, "operation.list"),
                        "{\"running\":false,\"offset\":0,\"limit\":199}");
    scripted_answer(&s, "operation.list", "{\"total\":300,\"operations\":["
                    ROW("1", "Failed", "1795262950000", "no such field") ","
                    ROW("2", "running", "0", "") "]}");
    assert_true(scripted_sees(&s, "Operations: the latest 2 of 300"));
    assert_true(vt_find(&s.vt, "~ running") < vt_find(&s.vt, "x Failed")); /* running first */
    scripted_press(&s, "enter");
    scripted_log_is(&s, "open operation app=shop operation=2\n");
    scripted_press(&s, "X");
    scripted_log_is(&s, "open confirm app=shop operation=2 what=stop\n");
    assert_true(s.view->class->find(s.view, RK_STR("no such field"), 1));
    scripted_press(&s, "X");
    scripted_log_is(&s, "say it has ended already\n");
    scripted_end(&s);
}

/* It is asked for again when something happens; the cursor stays with its operation. */
static void test_list_moves(void **state)
{
    struct scripted s;
    (void)state;
    open_list(&s);
    scripted_answer(&s, "operation.list", "{\"total\":1,\"operations\":["
                    ROW("1", "Failed", "1795262950000", "") "]}");
    scripted_event(&s, "activity.watch", WIRE_RESET, "{\"rows\":[]}");
    scripted_event(&s, "activity.watch", WIRE_PATCH, "{\"rows\":[]}");
    assert_null(scripted_asked(&s, "operation.list")); /* soon, not with each event */
    run_loop_run(s.host.loop);
    scripted_answer(&s, "operation.list", "{\"total\":2,\"operations\":["
                    ROW("2", "running", "0", "") "," ROW("1", "Failed", "1795262950000", "") "]}");
    assert_null(scripted_asked(&s, "operation.list"));
    scripted_press(&s, "enter");
    scripted_log_is(&s, "open operation app=shop operation=1\n");
    scripted_press(&s, "R");
    scripted_refuse(&s, "operation.list", RK_UNAVAILABLE, "the line broke");
    assert_true(scripted_sees(&s, "~ running")); /* what was there stays */
    scripted_end(&s);
}

static void test_list_empty(void **state)
{
    struct scripted s;
    (void)state;
    open_list(&s);
    scripted_answer(&s, "operation.list", "{\"total\":0,\"operations\":[]}");
    assert_true(scripted_sees(&s, "no operation yet"));
    scripted_press(&s, "enter");
    scripted_press(&s, "r");
    scripted_log_is(&s, "");
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows), cmocka_unit_test(test_is_patched),
        cmocka_unit_test(test_applied_is_not_done), cmocka_unit_test(test_clock_ends),
        cmocka_unit_test(test_failure_explains_itself), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_stop_is_confirmed), cmocka_unit_test(test_revert_of),
        cmocka_unit_test(test_events_pane), cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_gone), cmocka_unit_test(test_list), cmocka_unit_test(test_list_moves),
        cmocka_unit_test(test_list_empty),
    };
    return cmocka_run_group_tests_name("operation views", tests, NULL, NULL);
}
