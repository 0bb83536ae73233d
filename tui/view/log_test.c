/*
 * log_test.c: the log: lines as they come, how many are kept, what is shown of them, and what a
 * connection that was lost leaves.
 */
#include "view/scripted.h"

static const char three[] =
    "{\"rows\":[{\"time\":1795262400000,\"level\":\"info\",\"app\":\"shop\","
    "\"environment\":\"dev\",\"actor\":\"operator\",\"text\":\"sync Succeeded\"},"
    "{\"time\":1795262460000,\"level\":\"warn\",\"app\":\"shop\",\"environment\":\"production\","
    "\"actor\":\"reckon\",\"text\":\"held: frozen\"},"
    "{\"time\":1795262520000,\"level\":\"error\",\"actor\":\"reckon\",\"text\":\"disk full\"}]}";

static void open_at(struct scripted *s, int cols, int rows)
{
    setenv("TZ", "UTC0", 1);
    scripted_init(s, cols, rows);
    s->now = INT64_C(1795263000000);    /* the clock of the data here: 2026-11-21 12:10 UTC */
    scripted_open(s, &view_log, NULL);
    scripted_draw(s);
}

static void open_three(struct scripted *s, int cols, int rows)
{
    open_at(s, cols, rows);
    scripted_event(s, "activity.watch", WIRE_RESET, three);
    scripted_draw(s);
}

static void line(struct scripted *s, int64_t time, const char *level, const char *text)
{
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_f(&json, "{\"rows\":[{\"time\":%lld,\"level\":\"%s\",\"text\":\"%s\"}]}",
             (long long)time, level, text);
    scripted_event(s, "activity.watch", WIRE_PATCH, json.p);
}

static void test_lines(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 120, 12);
    assert_true(strstr(scripted_watched(&s, "activity.watch"), "\"limit\":200"));
    assert_true(scripted_sees(&s, "~ the engine is asked"));
    scripted_event(&s, "activity.watch", WIRE_RESET, three);
    assert_true(scripted_sees(&s, "12:00:00 . dev/shop"));
    assert_true(scripted_sees(&s, "12:01:00 ! production/shop"));
    assert_true(scripted_sees(&s, ">12:02:00 x engine")); /* the engine's own; the last one */
    line(&s, 1795262580000, "info", "once more");
    assert_true(scripted_sees(&s, ">12:03:00 . engine"));
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  4 lines ");
    scripted_end(&s);
}

/* A cursor that is not on the last line stays on its line, whatever comes and goes. */
static void test_bounded(void **state)
{
    struct scripted s;
    char text[40];
    (void)state;
    open_three(&s, 100, 12);
    for (int i = 0; i < 4997; i++) {
        snprintf(text, sizeof(text), "line %d", i);
        line(&s, 1795262600000 + i, "info", text);
    }
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  5000 lines ");
    scripted_act(&s, ACT_UP);
    scripted_act(&s, ACT_UP);
    scripted_draw(&s);
    assert_true(scripted_sees(&s, "4998/5000"));
    line(&s, 1795262700000, "info", "one too many");
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  5000 lines ");
    assert_true(scripted_sees(&s, "4997/5000"));
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "copy the line: info engine: line 4994\n");
    scripted_act(&s, ACT_FIRST);
    assert_true(scripted_sees(&s, "held: frozen")); /* the first one went */
    assert_false(scripted_sees(&s, "sync Succeeded"));
    scripted_end(&s);
}

static void test_levels(void **state)
{
    struct scripted s;
    (void)state;
    open_three(&s, 100, 12);
    scripted_act(&s, ACT_FIRST);
    scripted_act(&s, ACT_LESS);
    scripted_log_is(&s, "say warnings and errors are shown\n");
    assert_string_equal(scripted_headline(&s), "LOG  [! and x]|  2 of 3 lines ");
    assert_false(scripted_sees(&s, "sync Succeeded"));
    scripted_act(&s, ACT_LESS);
    scripted_act(&s, ACT_LESS);
    assert_string_equal(scripted_headline(&s), "LOG  [x]|  1 of 3 lines ");
    line(&s, 1795262600000, "warn", "not shown");
    assert_false(scripted_sees(&s, "not shown"));
    scripted_act(&s, ACT_MORE);
    assert_true(scripted_sees(&s, "not shown"));
    assert_true(scripted_act(&s, ACT_BACK)); /* first the filter ends */
    assert_true(scripted_sees(&s, "sync Succeeded"));
    assert_false(scripted_act(&s, ACT_BACK));
    scripted_end(&s);
}

static void (*answer)(const char *text, void *vctx);
static void *answer_ctx;

static void asked(const char *label, bool refuse_paste, void (*done)(const char *text, void *vctx),
                  void *vctx, void *ctx)
{
    (void)label;
    (void)refuse_paste;
    (void)ctx;
    answer = done;
    answer_ctx = vctx;
}

static void test_filter(void **state)
{
    struct scripted s;
    (void)state;
    open_three(&s, 100, 12);
    s.host.ask = asked;
    scripted_act(&s, ACT_FILTER);
    answer("shop WARN", answer_ctx); /* a capital: as it is */
    assert_true(scripted_sees(&s, "no line passes the filter"));
    answer("shop warn", answer_ctx);
    assert_true(scripted_sees(&s, "held: frozen"));
    assert_string_equal(scripted_headline(&s), "LOG  [all]  only \"shop warn\"|  1 of 3 lines ");
    answer(NULL, answer_ctx); /* given up: as it was */
    assert_false(scripted_sees(&s, "disk full"));
    line(&s, 1795262600000, "info", "of nothing");
    assert_false(scripted_sees(&s, "of nothing"));
    answer("", answer_ctx);
    assert_true(scripted_sees(&s, "of nothing"));
    scripted_end(&s);
}

static void test_find_and_problems(void **state)
{
    struct scripted s;
    (void)state;
    open_three(&s, 100, 12);
    assert_true(s.view->class->find(s.view, RK_STR("succeeded"), 0));
    assert_true(scripted_sees(&s, ">12:00:00"));
    scripted_act(&s, ACT_OPEN);
    scripted_act(&s, ACT_HISTORY);
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "open applications app=shop\nopen history app=shop\nopen diff app=shop\n");
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_act(&s, ACT_OPEN); /* the engine's own line */
    scripted_log_is(&s, "say no warning or error below\nsay the line is of no application\n");
    assert_false(s.view->class->find(s.view, RK_STR("nowhere"), 1));
    scripted_end(&s);
}

/* Another connection begins with lines that are here already: none is lost, none comes twice. */
static void test_comes_back(void **state)
{
    struct scripted s;
    (void)state;
    open_three(&s, 100, 12);
    scripted_event(&s, "activity.watch", WIRE_RESET, three);
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  3 lines ");
    scripted_event(&s, "activity.watch", WIRE_RESET,
                   "{\"rows\":[{\"time\":1795262520000,\"level\":\"error\",\"text\":\"disk full\"},"
                   "{\"time\":1795262520000,\"text\":\"of the same moment\"}]}");
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  4 lines ");
    scripted_event(&s, "activity.watch", WIRE_RESET, /* a new engine knows no old lines */
                   "{\"rows\":[{\"time\":1795262530000,\"text\":\"the engine began\"}]}");
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  5 lines ");
    scripted_event(&s, "activity.watch", WIRE_END, "");
    struct rk_buf status rk_auto(rk_buf_release) = RK_BUF_INIT;
    s.view->class->status(s.view, &status);
    assert_true(strstr(status.p, "no more lines come"));
    assert_string_equal(scripted_headline(&s), "LOG  [all]|  5 lines ");
    scripted_end(&s);
}

static void test_detail(void **state)
{
    struct scripted s;
    (void)state;
    open_three(&s, 60, 13);
    scripted_act(&s, ACT_NEXT_PANE);
    assert_true(scripted_sees(&s, "─ Line ─"));
    assert_true(scripted_sees(&s, "x error"));
    assert_true(scripted_act(&s, ACT_BACK));
    assert_true(scripted_sees(&s, "─ Activity ─"));
    scripted_end(&s);
}

static void test_foreign(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 160, 20);
    scripted_event(&s, "activity.watch", WIRE_RESET,
                   "{\"rows\":[{\"time\":1795262400000,\"level\":\"\\u001b[1m\","
                   "\"app\":\"\\u009b2J\",\"environment\":\"\\u202edev\",\"actor\":\"\\u0007me\","
                   "\"text\":\"\\u001b]0;x\\nline\"}]}");
    static const char *const texts[] = {"\\u202edev/\\x9b2J", "\\x07me", "\\x1b]0;x\\nline"};
    for (size_t i = 0; i < RK_LEN(texts); i++)
        assert_true(scripted_sees(&s, texts[i]));
    scripted_end(&s);
}

static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_three(&s, 80, 24);
    for (int i = 0; i < 2; i++, scripted_act(&s, ACT_NEXT_PANE))
        scripted_any_size(&s);
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_bounded), cmocka_unit_test(test_levels),
        cmocka_unit_test(test_filter), cmocka_unit_test(test_find_and_problems),
        cmocka_unit_test(test_comes_back), cmocka_unit_test(test_detail),
        cmocka_unit_test(test_foreign), cmocka_unit_test(test_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
