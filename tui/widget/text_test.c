/*
 * text_test.c: lines of a width, matches, ranks, changed tokens, times, signs: no screen needed.
 */
#include "widget/testing.h"

/* ---- wrap ---- */
static void check_wrap(const char *text, int w, const char *want)
{
    struct rk_arena *a = rk_arena_new();
    struct rk_buf got = RK_BUF_INIT;
    size_t n = 0;
    rk_str *v = widget_wrap(a, rk_str_c(text), w, &n);
    for (size_t i = 0; i < n; i++)
        rk_buf_f(&got, "%s" RK_FMT_STR, i ? "|" : "", RK_ARG_STR(v[i]));
    assert_string_equal(got.p, want);
    rk_buf_release(&got);
    rk_arena_free(a);
}

static void test_wrap(void **state)
{
    (void)state;
    check_wrap("", 10, "");
    check_wrap("one two", 10, "one two");
    check_wrap("one two three", 8, "one two|three");
    check_wrap("one two three", 7, "one two|three");
    check_wrap("one   two", 4, "one|two");
    check_wrap("registry/mailer:1.9.0", 8, "registry|/mailer:|1.9.0");
    check_wrap("a\n\nb c", 3, "a||b c");
    check_wrap("\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5|\xe6\x9c\xac"); /* never half of one */
    check_wrap("\xe6\x97\xa5x", 1, "\xe6\x97\xa5|x");
    check_wrap("abc", 0, "a|b|c");
}

static void test_safe(void **state)
{
    struct rk_arena *a = rk_arena_new();
    const char *plain = "plain";
    (void)state;
    assert_ptr_equal(widget_safe(a, plain), plain);
    assert_string_equal(widget_safe(a, NULL), "");
    assert_string_equal(widget_safe(a, "a\x1b[2J\n"), "a\\x1b[2J\\n");
    rk_arena_free(a);
}

/* ---- find ---- */
static void test_found(void **state)
{
    (void)state;
    assert_true(widget_found(RK_STR("spec.Replicas"), RK_STR("replicas")));
    assert_false(widget_found(RK_STR("spec.replicas"), RK_STR("Replicas")));
    assert_true(widget_found(RK_STR("spec.Replicas"), RK_STR("Rep")));
    assert_false(widget_found(RK_STR("rep"), RK_STR("replicas")));
    assert_false(widget_found(RK_STR("rep"), RK_STR("")));
}

static int rank(const char *typed, const char *text)
{
    return widget_fuzzy(rk_str_c(typed), rk_str_c(text));
}

static void test_fuzzy(void **state)
{
    (void)state;
    assert_int_equal(rank("xyz", "staging/mailer"), 0);
    assert_int_equal(rank("rm", "mr"), 0); /* in order */
    assert_true(rank("sm", "staging/mailer") > rank("sm", "system"));
    assert_true(rank("mail", "mailer") > rank("mail", "staging/mailer"));
    assert_true(rank("mail", "prod/mailer") > rank("mail", "mx-a-il-l"));
    /* not the first s, but the word: the best place counts */
    assert_true(rank("op", "stop open") > rank("op", "stop pen"));
    assert_true(rank("sync pm", "sync prod/mailer") > 0);
    assert_true(rank("SHOP", "production/shop") > 0);
    assert_true(rank("", "anything") > 0);
}

/* ---- changed ---- */
static void put_marked(struct rk_buf *out, const char *text, const struct widget_span *v, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        rk_buf_add(out, text + at, v[i].from - at);
        rk_buf_f(out, "[%.*s]", (int)(v[i].to - v[i].from), text + v[i].from);
        at = v[i].to;
    }
    rk_buf_c(out, text + at);
}

static void check_changed(const char *before, const char *after, const char *b, const char *c)
{
    struct rk_arena *a = rk_arena_new();
    struct widget_span *x = NULL, *y = NULL;
    size_t nx = 0, ny = 0;
    struct rk_buf got = RK_BUF_INIT;
    widget_changed(a, rk_str_c(before), rk_str_c(after), &x, &nx, &y, &ny);
    put_marked(&got, before, x, nx);
    assert_string_equal(got.p, b);
    rk_buf_clear(&got);
    put_marked(&got, after, y, ny);
    assert_string_equal(got.p, c);
    rk_buf_release(&got);
    rk_arena_free(a);
}

static void test_changed(void **state)
{
    (void)state;
    check_changed("replicas: 5", "replicas: 3", "replicas: [5]", "replicas: [3]");
    check_changed("reg/mailer:1.9.0-dbg", "reg/mailer:1.9.0", "reg/mailer:1.9.0[-dbg]",
                  "reg/mailer:1.9.0");
    check_changed("a.b.c.d", "a.x.c.y", "a.[b].c.[d]", "a.[x].c.[y]");
    check_changed("one two three", "two three one", "[one ]two three", "two three[ one]");
    check_changed("same", "same", "same", "same");
    check_changed("", "new", "", "[new]");
    check_changed("caf\xc3\xa9 1", "cafe 1", "[caf\xc3\xa9] 1", "[cafe] 1");
}

/* Texts without anything in common, far over the bound: the middle is one change, at once. */
static void test_changed_bound(void **state)
{
    struct rk_buf x = RK_BUF_INIT, y = RK_BUF_INIT;
    struct rk_arena *a = rk_arena_new();
    struct widget_span *b = NULL, *c = NULL;
    size_t nb = 0, nc = 0;
    (void)state;
    rk_buf_c(&x, "head ");
    rk_buf_c(&y, "head ");
    for (int i = 0; i < 40000; i++) {
        rk_buf_f(&x, "%d,", i);
        rk_buf_f(&y, "%d;", i);
    }
    rk_buf_c(&x, " tail");
    rk_buf_c(&y, " tail");
    widget_changed(a, rk_buf_view(&x), rk_buf_view(&y), &b, &nb, &c, &nc);
    assert_int_equal(nb, 1);
    assert_int_equal(nc, 1);
    assert_int_equal(b[0].to, x.n - 5);
    assert_true(rk_arena_bytes(a) < 64u << 20);
    rk_arena_free(a);
    rk_buf_release(&x);
    rk_buf_release(&y);
}

/* ---- times and signs ---- */
static void check_age(int64_t ms, const char *want)
{
    char age[16];
    widget_age(1795000000000, 1795000000000 - ms, age);
    assert_string_equal(age, want);
}

static void test_times(void **state)
{
    char out[24];
    (void)state;
    check_age(12000, "12s");
    check_age(119000, "1m");
    check_age(26 * 3600000LL, "26h");
    check_age(6 * 86400000LL + 5, "6d");
    check_age(-5000, "0s"); /* clocks differ */
    widget_age(1795000000000, 0, out);
    assert_string_equal(out, "-");
    assert_int_equal(setenv("TZ", "UTC0", 1), 0);
    widget_clock(1795262651000, out);
    assert_string_equal(out, "12:04:11");
    widget_when(1795263000000, 1795262651000, out);
    assert_string_equal(out, "12:04");
    widget_when(1795263000000 + 86400000, 1795262651000, out);
    assert_string_equal(out, "21 Nov 12:04");
    widget_when(1795263000000 + 365LL * 86400000, 1795262651000, out);
    assert_string_equal(out, "21 Nov 2026");
    widget_when(1795263000000, 0, out);
    assert_string_equal(out, "-");
}

static void test_signs(void **state)
{
    (void)state;
    assert_string_equal(widget_verdict("OutOfSync").sign, "!");
    assert_string_equal(widget_verdict(NULL).word, "Unknown");
    assert_string_equal(widget_verdict("Fresh").word, "Fresh"); /* a newer engine's */
    assert_string_equal(widget_verdict("Fresh").sign, "?");
    assert_string_equal(widget_health("Degraded").sign, "x");
    assert_string_equal(widget_health("None").word, "-");
    assert_string_equal(widget_task("running").sign, "~");
    assert_string_equal(widget_result("Succeeded").sign, "=");
    assert_string_equal(widget_action("prune").sign, "-");
    assert_int_equal(widget_action("create").role, TERM_ADD);
}

static void test_environments(void **state)
{
    static const struct {
        const char *name;
        bool locked, production;
        enum term_role role;
    } rows[] = {
        {"production", false, true, TERM_ENV_PROD}, {"eu-prod_1", false, true, TERM_ENV_PROD},
        {"prod/eu", false, true, TERM_ENV_PROD},    {"dev", true, true, TERM_ENV_PROD},
        {"preprod", false, false, TERM_ENV_STAGING}, {"pre-prod", false, false, TERM_ENV_STAGING},
        {"non-production", false, false, TERM_ENV_DEV},
        {"staging", false, false, TERM_ENV_STAGING}, {"dev", false, false, TERM_ENV_DEV},
        {"products", false, false, TERM_ENV_DEV},   {NULL, false, false, TERM_ENV_DEV},
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        assert_int_equal(widget_is_production(rows[i].name, rows[i].locked), rows[i].production);
        assert_int_equal(widget_environment(rows[i].name, rows[i].locked), rows[i].role);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap), cmocka_unit_test(test_safe), cmocka_unit_test(test_found),
        cmocka_unit_test(test_fuzzy), cmocka_unit_test(test_changed),
        cmocka_unit_test(test_changed_bound),
        cmocka_unit_test(test_times), cmocka_unit_test(test_signs),
        cmocka_unit_test(test_environments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
