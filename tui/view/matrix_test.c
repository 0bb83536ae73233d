/*
 * matrix_test.c: the promotion matrix: cells, lag, the way to a promotion's preview, columns that
 * are not all seen, rows that are not all here.
 */
#include "view/scripted.h"

#include "view/pages.h"

#define CELL(env, version, health, behind) \
    "{\"environment\":\"" env "\",\"name\":\"x-" env "\",\"version\":\"" version \
    "\",\"revision\":\"aaaaaaabbbb\",\"verdict\":\"Synced\",\"health\":\"" health \
    "\",\"behind\":" #behind ",\"since\":1795176000000}"
#define ENVIRONMENTS "\"environments\":[\"dev\",\"staging\",\"production\"]"

static const char shop[] =
    "{\"total\":2," ENVIRONMENTS ",\"rows\":[{\"app\":\"api\",\"cells\":["
    CELL("dev", "1.9.0", "Healthy", -1) "," CELL("staging", "1.8.2", "Degraded", 14) ","
    CELL("production", "1.8.0", "Healthy", -1) "]},{\"app\":\"cron\",\"cells\":["
    CELL("dev", "0.7", "Healthy", -1) ",{\"environment\":\"staging\",\"behind\":-1},"
    CELL("production", "0.6", "Healthy", 2) "]}]}";

static void open_at(struct scripted *s, int cols, int rows)
{
    scripted_init(s, cols, rows);
    s->now = INT64_C(1795263000000);    /* the clock of the data here: 2026-11-21 12:10 UTC */
    scripted_open(s, &view_matrix, NULL);
    scripted_draw(s);
}

static void open_shop(struct scripted *s, int cols, int rows)
{
    open_at(s, cols, rows);
    assert_true(strstr(scripted_asked(s, "promotion.matrix"), "\"offset\":0,\"limit\":60"));
    scripted_answer(s, "promotion.matrix", shop);
    scripted_draw(s);
}

/* 1,000 rows; of them only app700 lags. */
static void answer_many(struct scripted *s)
{
    for (const char *asked; (asked = scripted_asked(s, "promotion.matrix"));) {
        struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
        struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct wire_apps_params p;
        struct rk_err err;
        assert_int_equal(wire_read(a, &wire_shape_apps_params, rk_str_c(asked), &p, &err), 0);
        rk_buf_f(&json, "{\"offset\":%lld,\"total\":1000," ENVIRONMENTS ",\"rows\":[",
                 (long long)p.offset);
        for (int64_t i = p.offset; i < p.offset + p.limit && i < 1000; i++)
            rk_buf_f(&json, "%s{\"app\":\"app%lld\",\"cells\":[%s,%s]}", i == p.offset ? "" : ",",
                     (long long)i, CELL("dev", "2", "Healthy", -1),
                     i == 700 ? CELL("staging", "1", "Healthy", 3)
                              : CELL("staging", "2", "Healthy", 0));
        rk_buf_c(&json, "]}");
        scripted_answer(s, "promotion.matrix", json.p);
    }
}

static void test_cells(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 120, 30);
    assert_true(scripted_sees(&s, "= 1.9.0"));
    assert_true(scripted_sees(&s, "x 1.8.2"));
    assert_true(scripted_sees(&s, "aaaaaaa  <14  24h"));
    assert_true(scripted_sees(&s, "aaaaaaa   <?  24h")); /* not of one line */
    assert_true(scripted_sees(&s, "- not here"));
    assert_true(scripted_sees(&s, "nothing comes before it"));
    scripted_act(&s, ACT_RIGHT);
    assert_true(scripted_sees(&s, "─ api in staging ─"));
    assert_true(scripted_sees(&s, "dev 1.9.0 -> staging 1.8.2"));
    assert_true(scripted_sees(&s, "< 14 commits of dev are not here"));
    assert_true(scripted_sees(&s, "x Degraded"));
    scripted_act(&s, ACT_RIGHT);
    assert_true(scripted_sees(&s, "╔═ api in production ═"));
    scripted_act(&s, ACT_DOWN); /* cron was never in staging: dev comes before production */
    assert_true(scripted_sees(&s, "dev 0.7 -> production 0.6"));
    scripted_end(&s);
}

static void test_lag(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 120, 30);
    scripted_act(&s, ACT_NEXT_PROBLEM);
    assert_true(scripted_sees(&s, "─ api in staging ─"));
    scripted_act(&s, ACT_NEXT_PROBLEM);
    assert_true(scripted_sees(&s, "═ cron in production ═"));
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_log_is(&s, "say nothing lags below\n");
    scripted_act(&s, ACT_PREV_PROBLEM);
    assert_true(scripted_sees(&s, "─ api in staging ─"));
    scripted_end(&s);
}

static void test_promotes(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 120, 30);
    scripted_act(&s, ACT_PROMOTE);
    scripted_log_is(&s, "say no environment comes before dev\n");
    scripted_act(&s, ACT_RIGHT);
    scripted_act(&s, ACT_PROMOTE);
    scripted_log_is(&s, "open plan app=x-staging {\"kind\":\"promote\",\"app\":\"x-staging\","
                        "\"to\":\"staging\",\"resources\":[],\"paths\":[],\"leave_out\":[],\"prune\":false,"
                        "\"force\":false,\"dry_run\":false}\n");
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_OPEN);
    scripted_log_is(&s, "say there is no cron in staging: its overlay comes first\n");
    scripted_act(&s, ACT_HISTORY);
    scripted_log_is(&s, "say there is no cron in staging\n");
    scripted_act(&s, ACT_LEFT);
    scripted_act(&s, ACT_HISTORY);
    scripted_act(&s, ACT_DIFF);
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "open history app=x-dev\nopen diff app=x-dev\nopen copy "
                        "s:aaaaaaabbbb v:0.7 n:x-dev\n");
    scripted_end(&s);
}

/* Where only two columns are wide enough the others come with the cursor. */
static void test_sideways(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 60, 13);
    assert_true(scripted_sees(&s, " dev "));
    assert_false(scripted_sees(&s, "production"));
    assert_true(scripted_sees(&s, ">│"));
    scripted_act(&s, ACT_RIGHT);
    scripted_act(&s, ACT_RIGHT);
    scripted_act(&s, ACT_RIGHT); /* there is no further one */
    assert_true(scripted_sees(&s, "< staging"));
    assert_true(scripted_sees(&s, "production"));
    assert_false(scripted_sees(&s, " dev "));
    scripted_act(&s, ACT_LEFT);
    scripted_act(&s, ACT_LEFT);
    assert_true(scripted_sees(&s, " dev "));
    scripted_end(&s);
}

static void test_many(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    answer_many(&s);
    assert_true(scripted_sees(&s, "1/1000"));
    scripted_act(&s, ACT_NEXT_PROBLEM); /* in a page that is not here */
    answer_many(&s);
    assert_true(scripted_sees(&s, "─ app700 in staging ─"));
    assert_true(((struct view_pages *)s.view)->n_have <= VIEW_PAGES);
    assert_true(s.view->class->find(s.view, RK_STR("app12"), -1));
    answer_many(&s);
    assert_true(scripted_sees(&s, "─ app129 in staging ─"));
    scripted_end(&s);
}

static void test_reads_again(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 80, 24);
    scripted_event(&s, "activity.watch", WIRE_RESET, "{}");
    scripted_act(&s, ACT_DOWN);
    run_loop_run(s.host.loop);
    assert_null(scripted_asked(&s, "promotion.matrix"));
    scripted_event(&s, "activity.watch", WIRE_PATCH, "{\"rows\":[{\"text\":\"sync Succeeded\"}]}");
    scripted_answer(&s, "promotion.matrix", "{\"total\":3," ENVIRONMENTS ",\"rows\":["
                    "{\"app\":\"a\"},{\"app\":\"api\"},{\"app\":\"cron\"}]}");
    assert_true(scripted_sees(&s, "─ cron in dev ─")); /* the cursor went with its row */
    run_loop_run(s.host.loop);
    scripted_act(&s, ACT_UP);
    scripted_event(&s, "activity.watch", WIRE_PATCH, "{\"rows\":[{\"text\":\"more\"}]}");
    scripted_answer(&s, "promotion.matrix", "{\"total\":4," ENVIRONMENTS ",\"rows\":["
                    "{\"app\":\"a\"},{\"app\":\"api\"},{\"app\":\"b\"},{\"app\":\"cron\"}]}");
    assert_true(scripted_sees(&s, "─ api in dev ─")); /* what came below it moved nothing */
    scripted_end(&s);
}

static void test_refused(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    scripted_refuse(&s, "promotion.matrix", RK_UNAVAILABLE, "no repository is read yet");
    assert_true(scripted_sees(&s, "no repository is read yet"));
    assert_true(scripted_act(&s, ACT_PROMOTE));
    assert_string_equal(s.log.p, "");
    scripted_end(&s);
}

static void test_foreign(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 160, 30);
    scripted_answer(&s, "promotion.matrix",
                    "{\"total\":1,\"environments\":[\"\\u001b[2J\",\"\\u202estaging\"],"
                    "\"rows\":[{\"app\":\"\\u009b1m\",\"cells\":[{\"environment\":\"\\u001b[2J\","
                    "\"name\":\"\\u0007\","
                    "\"version\":\"\\u001b]0;\",\"revision\":\"\\u001bc\",\"verdict\":\"\\b\"},"
                    "{\"environment\":\"s\",\"name\":\"n\",\"version\":\"\\u200b1\",\"verdict\":"
                    "\"Synced\",\"health\":\"\\u2066\",\"behind\":-1}]}]}");
    static const char *const texts[] = {"\\x1b[2J", "\\u202estaging", "\\x9b1m", "\\x07",
                                        "? \\x1b]0;", "\\x1bc", "? \\x08"};
    for (size_t i = 0; i < RK_LEN(texts); i++)
        assert_true(scripted_sees(&s, texts[i]));
    scripted_act(&s, ACT_RIGHT);
    assert_true(scripted_sees(&s, "\\u200b1"));
    assert_true(scripted_sees(&s, "? \\u2066"));
    scripted_end(&s);
}

static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 80, 24);
    for (int i = 0; i < 4; i++, scripted_act(&s, i == 3 ? ACT_NEXT_PANE : ACT_RIGHT))
        scripted_any_size(&s);
    scripted_end(&s);
}

/* Two cells of one application: the one further on is what the other is compared with. */
static void test_compares_two(void **state)
{
    struct scripted s;
    (void)state;
    open_shop(&s, 120, 30);
    scripted_act(&s, ACT_MARK);
    assert_true(scripted_sees(&s, "=*1.9.0"));
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "say mark another one to compare the two\n");
    scripted_act(&s, ACT_RIGHT);
    scripted_act(&s, ACT_MARK);
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "open diff app=x-dev rev=aaaaaaabbbb from=aaaaaaabbbb "
                        "from_app=x-staging\n");
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_RIGHT);
    scripted_act(&s, ACT_MARK); /* of another application: the two are forgotten */
    scripted_log_is(&s, "say cron is not compared with api: its mark is gone\n");
    scripted_act(&s, ACT_UNMARK);
    scripted_act(&s, ACT_DIFF); /* nothing is marked: what lives there */
    scripted_log_is(&s, "open diff app=x-production\n");
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compares_two),
        cmocka_unit_test(test_cells), cmocka_unit_test(test_lag), cmocka_unit_test(test_promotes),
        cmocka_unit_test(test_sideways), cmocka_unit_test(test_many),
        cmocka_unit_test(test_reads_again), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_foreign), cmocka_unit_test(test_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
