/*
 * time_test.c: RFC 3339 both ways, ages, the clocks.
 */
#include "base/test_int.h"

#include "reckon/time.h"

static const struct {
    const char *text;
    int64_t ms; /* INT64_MIN = it is not one */
} rows[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:00.001Z", 1},
    {"1969-12-31T23:59:59.999Z", -1},
    {"2026-11-21T03:14:15Z", 1795230855000},
    {"2026-11-21t03:14:15z", 1795230855000},
    {"2026-11-21T03:14:15.123456789Z", 1795230855123},
    {"2026-11-21T03:14:15.1Z", 1795230855100},
    {"2026-11-21T04:14:15+01:00", 1795230855000},
    {"2026-11-20T21:44:15-05:30", 1795230855000},
    {"2026-11-21T03:14:15-00:00", 1795230855000},
    {"2024-02-29T00:00:00Z", 1709164800000},
    {"2000-02-29T00:00:00Z", 951782400000},
    {"0000-01-01T00:00:00Z", -62167219200000},
    {"0000-03-01T00:00:00Z", -62162035200000},
    {"0001-01-01T00:00:00Z", -62135596800000},
    {"9999-12-31T23:59:59Z", 253402300799000},
    {"2016-12-31T23:59:60Z", 1483228800000},
    {"2017-01-01T00:59:60+01:00", 1483228800000},
    {"2016-12-31T22:59:60Z", INT64_MIN},
    {"2023-02-29T00:00:00Z", INT64_MIN},
    {"1900-02-29T00:00:00Z", INT64_MIN},
    {"2026-13-01T00:00:00Z", INT64_MIN},
    {"2026-00-01T00:00:00Z", INT64_MIN},
    {"2026-04-31T00:00:00Z", INT64_MIN},
    {"2026-04-00T00:00:00Z", INT64_MIN},
    {"2026-11-21T24:00:00Z", INT64_MIN},
    {"2026-11-21T03:60:00Z", INT64_MIN},
    {"2026-11-21T03:14:61Z", INT64_MIN},
    {"2026-11-21T03:14:15", INT64_MIN},
    {"2026-11-21 03:14:15Z", INT64_MIN},
    {"2026-11-21T03:14:15.Z", INT64_MIN},
    {"2026-11-21T03:14:15,5Z", INT64_MIN},
    {"2026-11-21T03:14:15+0100", INT64_MIN},
    {"2026-11-21T03:14:15+24:00", INT64_MIN},
    {"2026-11-21T03:14:15+01:60", INT64_MIN},
    {"2026-11-21T03:14:15+01", INT64_MIN},
    {"2026-11-21T03:14:15Z ", INT64_MIN},
    {" 2026-11-21T03:14:15Z", INT64_MIN},
    {"2026-11-21T03:14Z", INT64_MIN},
    {"2026-11-21", INT64_MIN},
    {"26-11-21T03:14:15Z", INT64_MIN},
    {"+026-11-21T03:14:15Z", INT64_MIN},
    {"2026-1-21T03:14:15Z", INT64_MIN},
    {"", INT64_MIN},
};

static void parse(void **state)
{
    int64_t all;

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        int64_t ms = INT64_MIN;

        if (rk_time_parse(rk_str_c(rows[i].text), &ms) != (rows[i].ms != INT64_MIN) ||
            ms != rows[i].ms)
            fail_msg("%s gives %jd", rows[i].text, (intmax_t)ms);
    }
    for (size_t n = 0; n < 24; n++) /* no part of one is one */
        assert_false(rk_time_parse((rk_str){"2026-11-21T03:14:15.123Z", n}, &all));
    assert_false(rk_time_parse(RK_STR_NONE, &all));
}

static void format_and_back(void **state)
{
    char text[32];

    (void)state;
    for (int64_t ms = -62167219200000; ms < 253402300799999; ms += 86400000LL * 13 + 12345678) {
        int64_t got = 0;

        rk_time_format_ms(ms, text);
        assert_int_equal(strlen(text), 24);
        assert_true(rk_time_parse(rk_str_c(text), &got));
        assert_int_equal(got, ms);
    }
    rk_time_format(1795230855999, text);
    assert_string_equal(text, "2026-11-21T03:14:15Z");
    rk_time_format_ms(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    rk_time_format(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    rk_time_format_ms(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void ages(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } ages[] = {
        {0, "0s"},         {999, "0s"},        {45000, "45s"},     {59999, "59s"},
        {60000, "1m"},     {3599999, "59m"},   {7200000, "2h"},    {86399999, "23h"},
        {86400000, "1d"},  {432000000, "5d"},  {-5, "0s"},         {INT64_MAX, "2932896d"},
    };
    char text[16];

    (void)state;
    for (size_t i = 0; i < RK_LEN(ages); i++) {
        rk_time_age(ages[i].ms, text);
        assert_string_equal(text, ages[i].text);
    }
}

static void clocks(void **state)
{
    uint64_t a = rk_mono_us(), b = rk_mono_us();

    (void)state;
    assert_true(b >= a);
    assert_true(rk_mono_ms() >= a / 1000);
    assert_true(rk_wall_ms() > 1700000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse),
        cmocka_unit_test(format_and_back),
        cmocka_unit_test(ages),
        cmocka_unit_test(clocks),
    };

    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
