/*
 * str_test.c: views, numbers, durations, the text builder, base's allocation.
 */
#include "base/test_int.h"

static void views(void **state)
{
    rk_str rest;

    (void)state;
    assert_true(rk_str_cmp(RK_STR("a"), RK_STR("b")) < 0);
    assert_true(rk_str_cmp(RK_STR("ab"), RK_STR("a")) > 0);
    assert_true(rk_str_cmp(RK_STR("\xff"), RK_STR("a")) > 0);
    assert_int_equal(rk_str_cmp(RK_STR_NONE, RK_STR("")), 0);
    assert_true(rk_str_starts(RK_STR("kustomization"), "kust"));
    assert_false(rk_str_starts(RK_STR("ku"), "kust"));
    assert_true(rk_str_starts(RK_STR_NONE, ""));
    assert_true(rk_str_ends(RK_STR("a.yaml"), ".yaml"));
    assert_false(rk_str_ends(RK_STR("yaml"), ".yaml"));
    assert_view(rk_str_trim(RK_STR(" \t a b\r\n")), "a b");
    assert_view(rk_str_trim(RK_STR(" \n")), "");
    assert_view(rk_str_trim(RK_STR_NONE), "");
    assert_view(rk_str_cut(RK_STR("a=b=c"), '=', &rest), "a");
    assert_view(rest, "b=c");
    assert_view(rk_str_cut(RK_STR("a="), '=', &rest), "a");
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
    assert_view(rk_str_cut(RK_STR("abc"), '=', &rest), "abc");
    assert_null(rest.p);
    assert_int_equal(rk_str_cut(RK_STR_NONE, '=', NULL).n, 0);
}

static void integers(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } rows[] = {
        {"0", true, 0},          {"-0", true, 0},
        {"007", true, 7},        {"-12", true, -12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},          {"-", false, 0},
        {"+1", false, 0},        {" 1", false, 0},
        {"1 ", false, 0},        {"1.0", false, 0},
        {"0x10", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        int64_t value = 42;

        assert_int_equal(rk_str_int(rk_str_c(rows[i].text), &value), rows[i].good);
        assert_int_equal(value, rows[i].good ? rows[i].value : 42);
    }
    assert_false(rk_str_int(RK_STR_NONE, &(int64_t){0}));
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t ms;
    } rows[] = {
        {"15s", true, 15000},      {"2m", true, 120000},      {"8h", true, 28800000},
        {"1h30m", true, 5400000},  {"300ms", true, 300},      {"0", true, 0},
        {"+5s", true, 5000},       {"1.5s", true, 1500},      {".5s", true, 500},
        {"1.s", true, 1000},       {"0.1s", true, 100},       {"1.001s", true, 1001},
        {"4.35s", true, 4350},     {"999us", true, 0},        {"1500us", true, 1},
        {"1000\xc2\xb5s", true, 1},{"1000\xce\xbcs", true, 1},{"2000000ns", true, 2},
        {"0.999999999999999999h", true, 3599999},             {"2562047h", true, 9223369200000},
        {"2562048h", false, 0},    {"99999999999999999999s", false, 0},
        {"", false, 0},            {"+", false, 0},           {"5", false, 0},
        {"-5s", false, 0},         {"s", false, 0},           {".s", false, 0},
        {"1d", false, 0},          {"1s ", false, 0},         {"1h 2m", false, 0},
        {"1.2.3s", false, 0},      {"1H", false, 0},          {"00", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        uint64_t ms = 42;

        if (rk_str_duration(rk_str_c(rows[i].text), &ms) != rows[i].good ||
            ms != (rows[i].good ? rows[i].ms : 42))
            fail_msg("%s gives %ju", rows[i].text, (uintmax_t)ms);
    }
}

static void buffers(void **state)
{
    struct rk_buf b = RK_BUF_INIT;
    char *text;

    (void)state;
    assert_string_equal(b.p, "");
    rk_buf_clear(&b);
    rk_buf_cut_front(&b, 0);
    rk_buf_add(&b, NULL, 0);
    rk_buf_c(&b, "ab");
    rk_buf_ch(&b, 'c');
    rk_buf_str(&b, RK_STR("d\0e"));
    assert_int_equal(b.n, 6);
    assert_memory_equal(b.p, "abcd\0e", 7);
    rk_buf_cut_front(&b, 5);
    assert_string_equal(b.p, "e");
    rk_buf_clear(&b);
    rk_buf_f(&b, "%0500d|%s", 7, "x"); /* longer than the first block */
    assert_int_equal(b.n, 502);
    assert_string_equal(b.p + 499, "7|x");
    text = rk_buf_take(&b);
    assert_int_equal(strlen(text), 502);
    free(text);
    assert_int_equal(b.n, 0);
    text = rk_buf_take(&b);
    assert_string_equal(text, "");
    free(text);
    for (int i = 0; i < 100000; i++)
        rk_buf_ch(&b, 'x');
    assert_int_equal(b.n, 100000);
    assert_int_equal(b.p[b.n], 0);
    rk_buf_release(&b);
    rk_buf_release(&b);
    assert_string_equal(b.p, "");
    assert_int_equal(rk_buf_empty[0], 0);
}

static void allocation(void **state)
{
    size_t cap = 0;
    int *list = NULL;
    char *p = rk_alloc(0), *name = rk_strndup("abc", 2), *more = rk_asprintf("%s-%d", "x", 3);

    (void)state;
    assert_int_equal(p[0], 0);
    assert_string_equal(name, "ab");
    assert_string_equal(more, "x-3");
    free(p);
    rk_free_str(&name);
    rk_free_str(&more);
    assert_null(name);
    for (size_t i = 0; i < 1000; i++) {
        list = rk_grow(list, i, &cap, sizeof(*list));
        assert_true(cap > i);
        list[i] = (int)i;
    }
    assert_int_equal(list[999], 999);
    assert_int_equal(list[0], 0);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views),   cmocka_unit_test(integers),   cmocka_unit_test(durations),
        cmocka_unit_test(buffers), cmocka_unit_test(allocation),
    };

    return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
