/*
 * commit_test.c: a commit: its lines, where the keys go, and foreign text.
 */
#include "view/scripted.h"

static const char raise[] =
    "{\"id\":\"aaaaaaa1111\",\"author\":\"reviewer\",\"email\":\"r@example.org\",\"subject\":"
    "\"mailer: 2Gi\",\"body\":\"why\\n\\nRefs: 7\\n\",\"time\":1795176000000,\"files\":["
    "{\"file\":\"base/deploy.yaml\",\"status\":\"M\",\"diff\":\"diff --git a/x b/x\\nindex 1..2\\n"
    "--- a/base/deploy.yaml\\n+++ b/base/deploy.yaml\\n@@ -1,3 +1,3 @@\\n limits:\\n"
    "-  memory: 1Gi\\n+  memory: 2Gi\\n--- no header\\n\"},"
    "{\"file\":\"old.yaml\",\"status\":\"D\",\"diff\":\"@@ -1 +0,0 @@\\n-kind: X\\n\"}]}";

static void open_at(struct scripted *s, int cols, int rows, const struct view_target *t)
{
    scripted_init(s, cols, rows);
    s->now = INT64_C(1795263000000);    /* the clock of the data here: 2026-11-21 12:10 UTC */
    scripted_open(s, &view_commit, t);
    scripted_draw(s);
}

static void open_raise(struct scripted *s, int cols, int rows)
{
    open_at(s, cols, rows, &(struct view_target){.app = "shop", .commit = "aaaaaaa"});
    scripted_answer(s, "commit.get", raise);
    scripted_draw(s);
}

static void test_lines(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 60, 22, &(struct view_target){.app = "shop", .commit = "aaaaaaa"});
    assert_string_equal(scripted_asked(&s, "commit.get"), "{\"rev\":\"aaaaaaa\",\"app\":\"shop\"}");
    assert_true(scripted_sees(&s, "aaaaaaa: the engine is asked"));
    scripted_answer(&s, "commit.get", raise);
    scripted_draw(&s);
    assert_string_equal(vt_text(&s.vt),
"┌─ Commit  2 files ────────────────────────────────────────┐\n"
"│commit aaaaaaa1111                                        │\n"
"│author reviewer <r@example.org>                           │\n"
"│date   2026-11-20T12:00:00Z  24h ago                      │\n"
"│                                                          │\n"
"│mailer: 2Gi                                               │\n"
"│why                                                       │\n"
"│                                                          │\n"
"│Refs: 7                                                   │\n"
"│                                                          │\n"
"│~ base/deploy.yaml                                        │\n"
"│@@ -1,3 +1,3 @@                                           │\n"
"│ limits:                                                  │\n"
"│-  memory: 1Gi                                            │\n"
"│+  memory: 2Gi                                            │\n"
"│--- no header                                             │\n"
"│                                                          │\n"
"│- old.yaml                                                │\n"
"│@@ -1 +0,0 @@                                             │\n"
"│-kind: X                                                  │\n"
"│                                                          │\n"
"└──────────────────────────────────────────────────────────┘\n");
    scripted_end(&s);
}

static void test_moves(void **state)
{
    struct scripted s;
    (void)state;
    open_raise(&s, 40, 10);
    assert_string_equal(scripted_headline(&s), "COMMIT aaaaaaa  shop|  file 0/2 ");
    scripted_act(&s, ACT_NEXT_UNIT);
    scripted_act(&s, ACT_NEXT_UNIT);
    assert_string_equal(scripted_headline(&s), "COMMIT aaaaaaa  shop|  file 2/2 ");
    scripted_act(&s, ACT_NEXT_UNIT);
    scripted_act(&s, ACT_PREV_PROBLEM);
    scripted_act(&s, ACT_PREV_PROBLEM);
    scripted_log_is(&s, "say no file below\nsay no change above\n");
    assert_true(scripted_sees(&s, "@@ -1,3"));
    scripted_act(&s, ACT_RIGHT);
    assert_true(scripted_sees(&s, "│y: 2Gi")); /* long lines move to the left */
    scripted_act(&s, ACT_LEFT);
    scripted_act(&s, ACT_LEFT);
    assert_true(scripted_sees(&s, "│+  memory: 2Gi"));
    scripted_end(&s);
}

static void test_find(void **state)
{
    struct scripted s;
    struct rk_buf status rk_auto(rk_buf_release) = RK_BUF_INIT;
    (void)state;
    open_raise(&s, 40, 10);
    assert_false(s.view->class->find(s.view, RK_STR("nowhere"), 0));
    assert_true(s.view->class->find(s.view, RK_STR("memory"), 0));
    assert_true(s.view->class->find(s.view, RK_STR("memory"), 1));
    s.view->class->status(s.view, &status);
    assert_string_equal(status.p, "/memory  2 of 2 lines");
    assert_true(s.view->class->find(s.view, RK_STR("memory"), -1));
    rk_buf_clear(&status);
    s.view->class->status(s.view, &status);
    assert_string_equal(status.p, "/memory  1 of 2 lines");
    scripted_end(&s);
}

static void test_keys(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, &(struct view_target){.app = "shop", .commit = "aaaaaaa",
                                              .environment = "production"});
    assert_true(s.view->production);
    scripted_act(&s, ACT_REVERT); /* it is not here yet */
    assert_string_equal(s.log.p, "");
    scripted_answer(&s, "commit.get", raise);
    assert_true(scripted_sees(&s, "╔═ Commit  2 files ═"));
    scripted_act(&s, ACT_REVERT);
    scripted_log_is(&s, "open plan app=shop {\"kind\":\"revert\",\"app\":\"shop\",\"commit\":"
                        "\"aaaaaaa1111\",\"resources\":[],\"paths\":[],\"leave_out\":[],\"prune\":false,"
                        "\"force\":false,\"dry_run\":false}\n");
    scripted_act(&s, ACT_DIFF);
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "open diff app=shop rev=aaaaaaa1111\ncopy the commit's id: aaaaaaa1111\n");
    scripted_end(&s);
}

static void test_without_application(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24, &(struct view_target){.commit = "aaaaaaa"});
    scripted_answer(&s, "commit.get", raise);
    scripted_act(&s, ACT_REVERT);
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "say it is of no application: there is nothing to revert\n"
                        "say it was opened without an application\n");
    scripted_end(&s);
}

/* What is here does not change: only what is not is asked for again. */
static void test_asked_again(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 50, &(struct view_target){.app = "shop", .commit = "bbbbbbb"});
    assert_true(scripted_sees(&s, "bbbbbbb: the engine is asked"));
    scripted_refuse(&s, "commit.get", RK_NOT_FOUND, "no such commit \x1b[2J");
    assert_true(scripted_sees(&s, "bbbbbbb: no such commit \\x1b[2J"));
    scripted_act(&s, ACT_REVERT);
    assert_null(strstr(s.log.p ? s.log.p : "", "plan"));
    s.view->class->connected(s.view);
    scripted_answer(&s, "commit.get", "{\"id\":\"bbbbbbb2222\",\"subject\":\"other\",\"time\":1}");
    s.view->class->connected(s.view);
    assert_null(scripted_asked(&s, "commit.get"));
    assert_true(scripted_sees(&s, "it changes no file"));
    scripted_act(&s, ACT_REVERT);
    assert_true(strstr(s.log.p, "\"commit\":\"bbbbbbb2222\""));
    scripted_end(&s);
}

static void test_foreign(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 120, 30, &(struct view_target){.app = "shop", .commit = "\x1b[c"});
    assert_true(strstr(scripted_headline(&s), "\\x1b[c"));
    scripted_answer(&s, "commit.get", "{\"id\":\"\\u001bc\",\"author\":\"\\u202ereviewer\","
                    "\"email\":\"\\u0007\",\"subject\":\"\\u001b[31mred\\nnot a line\",\"body\":"
                    "\"a\\r\\n\\u009b2J\\u200b\",\"time\":1,\"files\":[{\"file\":"
                    "\"a\\u001b]0;x\\u0007\",\"status\":\"A\","
                    "\"diff\":\"@@\\n+\\u001b[?25l\\r\\n-\\t\\u2066x\\n\"}]}");
    static const char *const texts[] = {"commit \\x1bc", "\\u202ereviewer <\\x07>",
        "\\x1b[31mred\\nnot a line", "│a ", "\\x9b2J\\u200b", "+ a\\x1b]0;x\\x07", "+\\x1b[?25l ",
        "\\u2066x"};
    for (size_t i = 0; i < RK_LEN(texts); i++)
        assert_true(scripted_sees(&s, texts[i]));
    scripted_end(&s);
}

static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_raise(&s, 80, 24);
    scripted_any_size(&s);
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_moves), cmocka_unit_test(test_find),
        cmocka_unit_test(test_keys), cmocka_unit_test(test_without_application),
        cmocka_unit_test(test_asked_again), cmocka_unit_test(test_foreign), cmocka_unit_test(test_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
