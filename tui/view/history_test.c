/*
 * history_test.c: the history of an application: pages around the cursor, what is looked for in
 * pages that are not here, rows that come meanwhile, and where its keys lead.
 */
#include "view/scripted.h"

#include "view/pages.h"

/* ---- an engine with n rows, the newest first: row i is "entry i", each third one a commit ---- */
static void put_row(struct rk_buf *out, int i, int newest)
{
    bool commit = i % 3 == 2;

    rk_buf_f(out, "%s{\"time\":%lld,\"kind\":\"%s\",\"actor\":\"operator\",\"from\":\"%040d\","
                  "\"to\":\"%040d\",\"result\":\"%s\",\"subject\":\"entry %d\",\"id\":\"id%d\","
                  "\"source\":\"%s\",\"duration_ms\":62000}",
             out->p[out->n - 1] == '[' ? "" : ",",
             (long long)1795262400000 - (newest - i) * 3600000LL, commit ? "commit" : "sync", i - 1,
             i, commit ? "" : i == newest - 501 ? "Failed" : "Succeeded", i, i,
             commit ? "commit" : "audit");
}

static void answer_rows(struct scripted *s, int total, int newest)
{
    const char *asked = scripted_asked(s, "history.list");
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_history_params p;
    struct rk_err err;

    assert_int_equal(wire_read(a, &wire_shape_history_params, rk_str_c(asked), &p, &err), 0);
    rk_buf_f(&json, "{\"offset\":%lld,\"total\":%d,\"rows\":[", (long long)p.offset, total);
    for (int i = (int)p.offset; i < total && i < p.offset + p.limit; i++)
        put_row(&json, newest - i, newest);
    rk_buf_c(&json, "]}");
    scripted_answer(s, "history.list", json.p);
}

/* Answers all; returns how many questions there were. */
static int answer_all(struct scripted *s, int total, int newest)
{
    int n = 0;

    for (; scripted_asked(s, "history.list"); n++)
        answer_rows(s, total, newest);
    return n;
}

static void open_at(struct scripted *s, int cols, int rows)
{
    scripted_init(s, cols, rows);
    s->now = INT64_C(1795263000000);    /* the clock of the data here: 2026-11-21 12:10 UTC */
    scripted_open(s, &view_history, &(struct view_target){.app = "shop-dev"});
    scripted_draw(s);
}

static struct view_pages *pages_of(struct scripted *s)
{
    return (struct view_pages *)s->view;
}

static void app_is(struct scripted *s, const char *target)
{
    char json[160];

    snprintf(json, sizeof(json), "{\"row\":{\"environment\":\"dev\",\"target\":\"%s\"}}", target);
    scripted_event(s, "application.watch", WIRE_RESET, json);
}

/* ---- reading ---- */
static void test_asks(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 20);
    assert_string_equal(scripted_watched(&s, "application.watch"), "{\"app\":\"shop-dev\"}");
    assert_string_equal(scripted_asked(&s, "history.list"),
                        "{\"app\":\"shop-dev\",\"offset\":0,\"limit\":100}");
    assert_true(scripted_sees(&s, "~ the engine is asked"));
    assert_null(scripted_asked(&s, "audit.verify")); /* its environment is not known yet */
    answer_all(&s, 3, 3);
    assert_true(scripted_sees(&s, "= Succeeded"));
    assert_true(scripted_sees(&s, "1m02"));
    app_is(&s, "a");
    assert_non_null(scripted_asked(&s, "audit.verify"));
    assert_string_equal(scripted_headline(&s), "HISTORY shop-dev [all]|  audit ~ being verified ");
    scripted_answer(&s, "audit.verify", "{\"ok\":false,\"rows\":[{\"environment\":\"dev\","
                    "\"message\":\"entry 7: Seq is 9\"}]}");
    assert_string_equal(scripted_headline(&s),
                        "HISTORY shop-dev [all]|  audit x broken: entry 7: Seq is 9 ");
    s.view->class->connected(s.view);
    scripted_answer(&s, "audit.verify", "{\"ok\":true,\"rows\":[{\"environment\":\"staging\","
                    "\"ok\":true,\"entries\":3}]}"); /* of this environment there is no log yet */
    assert_string_equal(scripted_headline(&s), "HISTORY shop-dev [all]|  audit . no entry yet ");
    scripted_end(&s);
}

static void test_refused(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 20);
    scripted_refuse(&s, "history.list", RK_NOT_FOUND, "no application shop-dev");
    assert_true(scripted_sees(&s, "no application shop-dev"));
    scripted_act(&s, ACT_REFRESH);
    answer_all(&s, 0, 0);
    assert_true(scripted_sees(&s, "nothing is recorded of it yet"));
    scripted_act(&s, ACT_REVERT); /* there is no row */
    scripted_act(&s, ACT_DIFF);
    assert_false(strstr(s.log.p, "open"));
    scripted_end(&s);
}

/* Ten thousand rows: a window of them is here, each page is asked for once. */
static void test_pages(void **state)
{
    struct scripted s;
    int asked;
    (void)state;
    open_at(&s, 80, 40);
    asked = answer_all(&s, 10000, 10000);
    assert_int_equal(asked, 1);
    scripted_act(&s, ACT_LAST);
    assert_true(scripted_sees(&s, "..."));
    assert_true(strstr(scripted_asked(&s, "history.list"), "\"offset\":9900"));
    asked = answer_all(&s, 10000, 10000);
    assert_true(asked <= 2);
    assert_true(scripted_sees(&s, "entry 1 "));
    scripted_act(&s, ACT_FIRST); /* the first page is still here */
    asked = answer_all(&s, 10000, 10000);
    assert_int_equal(asked, 0);
    assert_true(scripted_sees(&s, "entry 10000 "));
    for (asked = 0; pages_of(&s)->list.cursor + 1 < 10000;) {
        scripted_act(&s, ACT_PAGE_DOWN);
        asked += answer_all(&s, 10000, 10000);
        scripted_draw(&s);
        assert_true(pages_of(&s)->n_have <= VIEW_PAGES);
    }
    assert_true(asked <= 100);
    assert_true(scripted_sees(&s, "10000/10000"));
    scripted_end(&s);
}

static void test_find(void **state)
{
    struct scripted s;
    int asked = 0;
    (void)state;
    open_at(&s, 80, 40);
    answer_all(&s, 10000, 10000);
    assert_true(s.view->class->find(s.view, RK_STR("entry 9001"), 0)); /* ten pages below */
    assert_true(strstr(s.log.p, "say looking further ..."));
    asked = answer_all(&s, 10000, 10000);
    assert_true(asked >= 9 && asked <= 12);
    assert_true(scripted_sees(&s, ">"));
    assert_int_equal(pages_of(&s)->list.cursor, 999);
    assert_true(s.view->class->find(s.view, RK_STR("entry 9999"), -1)); /* back: pages went */
    answer_all(&s, 10000, 10000);
    assert_int_equal(pages_of(&s)->list.cursor, 1);
    rk_buf_clear(&s.log);
    assert_true(s.view->class->find(s.view, RK_STR("no such thing"), 1));
    answer_all(&s, 10000, 10000);
    assert_true(strstr(s.log.p, "say it is not found below"));
    assert_int_equal(pages_of(&s)->list.cursor, 1);
    answer_all(&s, 10000, 10000);
    assert_true(scripted_sees(&s, "entry 9999")); /* what is seen came back */
    scripted_end(&s);
}

static void test_a_move_ends_the_search(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 40);
    answer_all(&s, 1000, 1000);
    (void)s.view->class->find(s.view, RK_STR("entry 5 "), 0);
    scripted_act(&s, ACT_DOWN);
    answer_all(&s, 1000, 1000);
    assert_int_equal(pages_of(&s)->list.cursor, 1);
    scripted_end(&s);
}

static void test_problems_and_days(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 40);
    answer_all(&s, 1000, 1000);
    scripted_act(&s, ACT_NEXT_PROBLEM); /* five pages below */
    answer_all(&s, 1000, 1000);
    assert_int_equal(pages_of(&s)->list.cursor, 501);
    assert_true(scripted_sees(&s, "x Failed"));
    scripted_act(&s, ACT_NEXT_PROBLEM);
    answer_all(&s, 1000, 1000);
    assert_true(strstr(s.log.p, "no entry that ended badly below"));
    scripted_act(&s, ACT_NEXT_UNIT);
    answer_all(&s, 1000, 1000);
    assert_true(pages_of(&s)->list.cursor > 501 && pages_of(&s)->list.cursor <= 525);
    scripted_end(&s);
}

/* Rows come while a person reads: the cursor stays with its row, so that a key acts on it. */
static void test_reads_again(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 40);
    answer_all(&s, 250, 250);
    app_is(&s, "a");
    for (int i = 0; i < 5; i++)
        scripted_act(&s, ACT_DOWN);
    assert_null(scripted_asked(&s, "history.list"));
    app_is(&s, "b");
    run_loop_run(s.host.loop); /* until its rest ended */
    assert_true(scripted_sees(&s, "entry 245 ")); /* what was here stays meanwhile */
    answer_all(&s, 253, 253);
    assert_int_equal(pages_of(&s)->list.cursor, 8);
    scripted_act(&s, ACT_REVERT);
    assert_true(strstr(s.log.p, "\"id245\""));
    run_loop_run(s.host.loop);
    app_is(&s, "b"); /* the same: nothing to read */
    assert_null(scripted_asked(&s, "history.list"));
    app_is(&s, "c"); /* more than a page of them: the row is in another page now */
    answer_all(&s, 400, 400);
    assert_int_equal(pages_of(&s)->list.cursor, 155);
    assert_true(scripted_sees(&s, "entry 245 "));
    scripted_end(&s);
}

/* An answer to an earlier question says nothing any more. */
static void test_filter(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 40);
    scripted_act(&s, ACT_FILTER); /* before the first answer came */
    answer_rows(&s, 30, 30);
    assert_true(scripted_sees(&s, "~ the engine is asked"));
    assert_string_equal(scripted_asked(&s, "history.list"),
                        "{\"app\":\"shop-dev\",\"source\":\"audit\",\"offset\":0,\"limit\":100}");
    answer_all(&s, 20, 20);
    assert_true(scripted_sees(&s, "─ Operations ─"));
    scripted_act(&s, ACT_FILTER);
    assert_true(strstr(scripted_asked(&s, "history.list"), "\"source\":\"commit\""));
    assert_true(strstr(scripted_headline(&s), "[git]"));
    answer_all(&s, 10, 10);
    scripted_act(&s, ACT_FILTER);
    assert_false(strstr(scripted_asked(&s, "history.list"), "source"));
    scripted_end(&s);
}

/* ---- keys ---- */
static void test_keys(void **state)
{
    struct scripted s;
    char want[400];
    (void)state;
    open_at(&s, 80, 24);
    answer_all(&s, 3, 3); /* entries 3 (audit), 2 (commit), 1 (audit) */
    scripted_act(&s, ACT_OPEN);
    snprintf(want, sizeof(want), "open commit app=shop-dev commit=%040d\n", 3);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_REVERT);
    snprintf(want, sizeof(want), "open plan app=shop-dev {\"kind\":\"revert\",\"app\":\"shop-dev\","
             "\"to\":\"%040d\",\"resources\":[],\"paths\":[],\"leave_out\":[],\"prune\":false,\"force\":false,"
             "\"dry_run\":false}\n", 3);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_DIFF);
    snprintf(want, sizeof(want), "open diff app=shop-dev rev=%040d\n", 3);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_COPY);
    snprintf(want, sizeof(want), "open copy s:%040d f:%040d i:id3 w:entry 3\n", 3, 2);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_REVERT); /* a commit is undone */
    assert_true(strstr(s.log.p, "\"kind\":\"revert\",\"app\":\"shop-dev\",\"commit\":\"id2\""));
    assert_false(strstr(s.log.p, "\"to\""));
    scripted_end(&s);
}

static void test_marks(void **state)
{
    struct scripted s;
    char want[200];
    (void)state;
    open_at(&s, 80, 24);
    answer_all(&s, 9, 9);
    scripted_act(&s, ACT_MARK);
    assert_true(scripted_sees(&s, ">*"));
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "say mark another one to compare the two\n");
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_MARK);
    scripted_act(&s, ACT_DIFF);
    snprintf(want, sizeof(want), "open diff app=shop-dev rev=%040d from=%040d\n", 9, 8);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_MARK); /* in the place of the first one */
    scripted_act(&s, ACT_DIFF);
    snprintf(want, sizeof(want), "open diff app=shop-dev rev=%040d from=%040d\n", 8, 7);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_UP);   /* whatever was marked first: the older one is compared with */
    scripted_act(&s, ACT_MARK);
    scripted_act(&s, ACT_MARK);
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, want);
    scripted_act(&s, ACT_MARK); /* off again */
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "say mark another one to compare the two\n");
    scripted_act(&s, ACT_UNMARK);
    scripted_act(&s, ACT_DIFF);
    assert_true(strstr(s.log.p, "open diff"));
    scripted_end(&s);
}

static void test_without_revision(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    scripted_answer(&s, "history.list", "{\"total\":1,\"rows\":[{\"time\":1795262400000,\"kind\":"
                    "\"freeze\",\"result\":\"event\",\"id\":\"x\",\"source\":\"audit\"}]}");
    assert_true(scripted_sees(&s, ". event"));
    scripted_act(&s, ACT_OPEN);
    scripted_act(&s, ACT_REVERT);
    scripted_act(&s, ACT_DIFF);
    scripted_act(&s, ACT_MARK);
    scripted_log_is(&s, "say it names no revision: there is no commit to open\n"
                        "say it names no revision: there is nothing in git to go back to\n"
                        "say it names no revision: there is nothing to compare\n"
                        "say it names no revision: there is nothing to compare\n");
    scripted_end(&s);
}

/* Where it is narrow and low the entry stands alone; the cursor of the list stays. */
static void test_detail(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 60, 13);
    answer_all(&s, 40, 40);
    assert_false(scripted_sees(&s, "─ Entry ─"));
    scripted_act(&s, ACT_NEXT_PANE);
    assert_true(scripted_sees(&s, "─ Entry ─"));
    assert_true(scripted_sees(&s, "entry 40"));
    scripted_act(&s, ACT_DOWN); /* within the entry */
    assert_int_equal(pages_of(&s)->list.cursor, 0);
    assert_true(scripted_act(&s, ACT_BACK));
    assert_true(scripted_sees(&s, "─ Operations and commits ─"));
    assert_false(scripted_act(&s, ACT_BACK)); /* the console's */
    scripted_end(&s);
}

static void test_foreign(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 160, 30);
    scripted_answer(&s, "history.list",
                    "{\"total\":1,\"rows\":[{\"time\":1,\"kind\":\"\\u001b[2J\",\"actor\":"
                    "\"\\u202ereviewer\",\"result\":\"\\u0007\",\"reason\":\"\\u001b]0;title\\u0007"
                    "\\nmore\",\"id\":\"x\",\"to\":\"\\u001bc\",\"source\":\"audit\"}]}");
    assert_true(scripted_sees(&s, "\\x1b[2J"));
    assert_true(scripted_sees(&s, "\\u202ereviewer"));
    assert_true(scripted_sees(&s, "\\x1b]0;title\\x07\\nmore")); /* the row is one line */
    assert_true(scripted_sees(&s, "? \\x07"));
    assert_true(scripted_sees(&s, "\\x1bc"));
    scripted_end(&s);
}

static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    answer_all(&s, 400, 400);
    for (int i = 0; i < 2; i++, scripted_act(&s, ACT_NEXT_PANE))
        scripted_any_size(&s);
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks), cmocka_unit_test(test_refused), cmocka_unit_test(test_pages),
        cmocka_unit_test(test_find), cmocka_unit_test(test_a_move_ends_the_search),
        cmocka_unit_test(test_problems_and_days), cmocka_unit_test(test_reads_again),
        cmocka_unit_test(test_filter), cmocka_unit_test(test_keys), cmocka_unit_test(test_marks),
        cmocka_unit_test(test_without_revision), cmocka_unit_test(test_detail),
        cmocka_unit_test(test_foreign), cmocka_unit_test(test_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
