/*
 * audit_test.c: the audit log: whose it shows, what it tells of an entry, the verdict on its chain.
 */
#include "view/scripted.h"

#include "view/pages.h"

static const char two[] =
    "{\"total\":2,\"rows\":[{\"seq\":8,\"time\":1795262400000,\"kind\":\"sync\",\"app\":\"shop\","
    "\"environment\":\"production\",\"from\":\"aaaaaaaaaaaaaaa\",\"to\":\"bbbbbbbbbbbbbbb\","
    "\"actor\":\"operator\",\"approver\":\"reviewer\",\"reason\":\"INC-2231\",\"result\":"
    "\"Succeeded\",\"id\":\"id8\",\"prev\":\"prev7\",\"commit\":\"commit8\",\"plan\":\"9e3f21\","
    "\"pushed\":true},{\"seq\":7,\"time\":1795176000000,\"kind\":\"revert\",\"app\":\"shop\","
    "\"environment\":\"production\",\"to\":\"ccccccccccccccc\",\"actor\":\"operator\","
    "\"reason\":\"down\",\"result\":\"Failed\",\"id\":\"id7\",\"commit\":\"commit7\","
    "\"flagged\":true}]}";
static const char environments[] =
    "{\"environments\":[{\"name\":\"dev\"},{\"name\":\"production\"}]}";

static void open_at(struct scripted *s, int cols, int rows, const char *environment)
{
    scripted_init(s, cols, rows);
    s->now = INT64_C(1795263000000);    /* the clock of the data here: 2026-11-21 12:10 UTC */
    scripted_open(s, &view_audit, &(struct view_target){.environment = environment});
    scripted_draw(s);
}

static void test_entries(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 120, 40, NULL);
    assert_string_equal(scripted_asked(&s, "audit.list"),
                        "{\"since\":0,\"offset\":0,\"limit\":100}");
    scripted_answer(&s, "audit.list", two);
    assert_true(scripted_sees(&s, "production/shop"));
    assert_true(scripted_sees(&s, "= Succeeded"));
    assert_true(scripted_sees(&s, "7 !")); /* flagged */
    scripted_act(&s, ACT_NEXT_PANE);
    static const char *const facts[] = {"8  sync  = Succeeded", "operator", "reviewer", "INC-2231",
        "aaaaaaaaaaaa -> bbbbbbbbbbbb", "9e3f21", "= yes"};
    for (size_t i = 0; i < RK_LEN(facts); i++)
        assert_true(scripted_sees(&s, facts[i]));
    scripted_act(&s, ACT_LAST); /* the rest of the entry */
    static const char *const more[] = {"id8", "commit8", "prev7"};
    for (size_t i = 0; i < RK_LEN(more); i++)
        assert_true(scripted_sees(&s, more[i]));
    scripted_act(&s, ACT_BACK);
    scripted_act(&s, ACT_NEXT_PROBLEM);
    assert_true(scripted_sees(&s, "^ not yet: it is here alone"));
    assert_true(scripted_sees(&s, "! made while the remote was down or refused"));
    scripted_end(&s);
}

static void test_filter(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, NULL);
    scripted_answer(&s, "audit.list", two);
    scripted_answer(&s, "environment.list", environments);
    scripted_act(&s, ACT_FILTER);
    assert_true(strstr(scripted_asked(&s, "audit.list"), "\"environment\":\"dev\""));
    scripted_answer(&s, "audit.list", "{\"total\":0}");
    assert_true(scripted_sees(&s, "nothing is recorded yet"));
    scripted_act(&s, ACT_FILTER);
    assert_true(strstr(scripted_asked(&s, "audit.list"), "\"environment\":\"production\""));
    assert_true(s.view->production);
    scripted_answer(&s, "audit.list", two);
    assert_true(scripted_sees(&s, "╔═ Audit of production ═"));
    scripted_act(&s, ACT_FILTER); /* all again */
    assert_false(strstr(scripted_asked(&s, "audit.list"), "environment"));
    assert_false(s.view->production);
    scripted_end(&s);
}

static void test_retarget(void **state)
{
    struct scripted s;
    const struct view_target production = {.environment = "production"};
    (void)state;
    open_at(&s, 80, 24, "dev");
    assert_true(strstr(scripted_asked(&s, "audit.list"), "\"environment\":\"dev\""));
    scripted_answer(&s, "audit.list", "{\"total\":0}");
    assert_true(s.view->class->retarget(s.view, &production));
    assert_true(strstr(scripted_asked(&s, "audit.list"), "\"environment\":\"production\""));
    scripted_end(&s);
}

static void test_chain(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, NULL);
    scripted_answer(&s, "audit.list", two);
    assert_true(scripted_sees(&s, "~ chain: being verified"));
    scripted_answer(&s, "audit.verify", "{\"ok\":true,\"rows\":[{\"environment\":\"dev\","
                    "\"ok\":true,\"entries\":3},{\"environment\":\"production\",\"ok\":true,"
                    "\"entries\":8}]}");
    assert_true(scripted_sees(&s, "dev = 3   production = 8"));
    assert_string_equal(scripted_headline(&s), "AUDIT  [all environments]|  chain = whole (11) ");
    assert_true(scripted_act(&s, ACT_REFRESH)); /* its own, not git's */
    scripted_answer(&s, "audit.verify", "{\"ok\":false,\"rows\":[{\"environment\":\"dev\","
                    "\"ok\":true,\"entries\":3},{\"environment\":\"production\","
                    "\"message\":\"entry 5: \\u001b[1m\"}]}");
    assert_true(scripted_sees(&s, "production x broken"));
    assert_string_equal(scripted_headline(&s),
                        "AUDIT  [all environments]|  chain x broken: production ");
    scripted_act(&s, ACT_NEXT_PANE);
    scripted_act(&s, ACT_LAST);
    assert_true(scripted_sees(&s, "x broken: entry 5: \\x1b[1m")); /* of the entry's environment */
    scripted_act(&s, ACT_REFRESH);
    scripted_refuse(&s, "audit.verify", RK_UNAVAILABLE, "no repository is configured");
    assert_string_equal(scripted_headline(&s), "AUDIT  [all environments]|  chain ? not verified: "
                                               "no repository is configured ");
    scripted_end(&s);
}

/* Something happened: it is read again, the chain is not walked again for it. */
static void test_reads_again(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, NULL);
    scripted_answer(&s, "audit.list", two);
    scripted_answer(&s, "audit.verify", "{\"ok\":true}");
    scripted_event(&s, "activity.watch", WIRE_RESET, "{\"rows\":[{\"text\":\"old\"}]}");
    run_loop_run(s.host.loop);
    assert_null(scripted_asked(&s, "audit.list")); /* that was read already */
    scripted_event(&s, "activity.watch", WIRE_PATCH, "{\"rows\":[{\"text\":\"new\"}]}");
    assert_non_null(scripted_asked(&s, "audit.list"));
    assert_null(scripted_asked(&s, "audit.verify"));
    scripted_answer(&s, "audit.list", two);
    run_loop_run(s.host.loop);
    s.view->class->connected(s.view); /* another engine, perhaps */
    assert_non_null(scripted_asked(&s, "audit.list"));
    assert_non_null(scripted_asked(&s, "audit.verify"));
    scripted_end(&s);
}

static void test_keys(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, NULL);
    assert_false(scripted_act(&s, ACT_OPEN)); /* no row yet */
    scripted_answer(&s, "audit.list", two);
    scripted_act(&s, ACT_OPEN);
    scripted_act(&s, ACT_HISTORY);
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "open commit app=shop commit=bbbbbbbbbbbbbbb\nopen history app=shop\n"
                        "open copy i:id8 s:bbbbbbbbbbbbbbb p:9e3f21 c:commit8 w:INC-2231\n");
    scripted_act(&s, ACT_REVERT);
    assert_true(strstr(s.log.p, "open plan app=shop {\"kind\":\"revert\",\"app\":\"shop\","
                                "\"to\":\"bbbbbbbbbbbbbbb\""));
    assert_true(s.view->class->find(s.view, RK_STR("id7"), 0));
    assert_int_equal(((struct view_pages *)s.view)->list.cursor, 1);
    scripted_end(&s);
}

static void test_of_no_application(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, NULL);
    scripted_answer(&s, "audit.list", "{\"total\":1,\"rows\":[{\"seq\":1,\"time\":1795262400000,"
                    "\"kind\":\"freeze\",\"environment\":\"dev\",\"result\":\"event\"}]}");
    scripted_act(&s, ACT_HISTORY);
    scripted_act(&s, ACT_REVERT);
    scripted_act(&s, ACT_OPEN);
    scripted_log_is(&s, "say it is of no application\n"
                        "say it is of no application: there is nothing to revert\n"
                        "say it names no revision: there is no commit to open\n");
    scripted_end(&s);
}

static void test_foreign(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 200, 40, NULL);
    scripted_answer(&s, "audit.list", "{\"total\":1,\"rows\":[{\"seq\":1,\"time\":1795262400000,"
                    "\"kind\":\"\\u001b[2J\",\"environment\":\"\\u200bdev\",\"app\":\"\\u009b1m\","
                    "\"actor\":\"\\u202eme\",\"reason\":\"a\\u001b]52;c;YQ==\\u0007\",\"plan\":"
                    "\"\\u001bP\",\"result\":\"\\b\",\"approver\":\"\\u2066you\"}]}");
    static const char *const texts[] = {"\\x1b[2J", "\\u200bdev/\\x9b1m", "\\u202eme",
        "a\\x1b]52;c;YQ==\\x07", "\\x1bP", "? \\x08", "\\u2066you"};
    for (size_t i = 0; i < RK_LEN(texts); i++)
        assert_true(scripted_sees(&s, texts[i]));
    scripted_end(&s);
}

static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, NULL);
    scripted_answer(&s, "audit.list", two);
    for (int i = 0; i < 2; i++, scripted_act(&s, ACT_NEXT_PANE))
        scripted_any_size(&s);
    scripted_end(&s);
}

/* Two entries of one application, the later one against the earlier one. */
static void test_compares_two(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 120, 30, NULL);
    scripted_answer(&s, "audit.list",
                    "{\"total\":3,\"rows\":["
                    "{\"seq\":9,\"kind\":\"sync\",\"app\":\"shop-dev\",\"to\":\"bbb\",\"commit\":\"c9\"},"
                    "{\"seq\":8,\"kind\":\"sync\",\"app\":\"shop-dev\",\"to\":\"aaa\",\"commit\":\"c8\"},"
                    "{\"seq\":7,\"kind\":\"freeze\",\"commit\":\"c7\"}]}");
    scripted_act(&s, ACT_MARK);
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_MARK);
    assert_true(scripted_sees(&s, ">*"));
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "open diff app=shop-dev rev=bbb from=aaa\n");
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_MARK);
    scripted_log_is(&s, "say it names no revision of an application: nothing to compare\n");
    scripted_act(&s, ACT_UNMARK);
    scripted_act(&s, ACT_UP);
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "open diff app=shop-dev rev=aaa\n");
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compares_two),
        cmocka_unit_test(test_entries), cmocka_unit_test(test_filter),
        cmocka_unit_test(test_retarget), cmocka_unit_test(test_chain),
        cmocka_unit_test(test_reads_again), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_of_no_application), cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
