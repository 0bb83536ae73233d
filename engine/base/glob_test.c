/*
 * glob_test.c: globs, good ones, broken ones and ones made to be slow.
 */
#include "base/test_int.h"
#include "reckon/time.h"

static const struct {
    const char *glob, *text;
    char sep;
    bool match;
} rows[] = {
    {"", "", 0, true},
    {"", "a", 0, false},
    {"abc", "abc", 0, true},
    {"abc", "abcd", 0, false},
    {"*", "", 0, true},
    {"*", "a/b", 0, true},
    {"*", "a/b", '/', false},
    {"**", "a/b", '/', true},
    {"*/b", "a/b", '/', true},
    {"a/**/d", "a/b/c/d", '/', true},
    {"a/*/d", "a/b/c/d", '/', false},
    {"***", "a/b", '/', true},
    {"*prod*", "eu-production-1", 0, true},
    {"*prod*", "staging", 0, false},
    {"a*b*c", "aXbYbZc", 0, true},
    {"a*b*c", "aXbYbZ", 0, false},
    {"?", "a", 0, true},
    {"?", "", 0, false},
    {"?", "ab", 0, false},
    {"?", "/", '/', false},
    {"?", "\xc3\xa9", 0, true},
    {"?", "\xff", 0, true},
    {"\xff", "\xff", 0, true},
    {"*\xff", "\xfe", 0, false},
    {"[a-c]x", "bx", 0, true},
    {"[a-c]x", "dx", 0, false},
    {"[!a-c]x", "dx", 0, true},
    {"[^a-c]x", "ax", 0, false},
    {"[]a]", "]", 0, true},
    {"[]a]", "a", 0, true},
    {"[a-]", "-", 0, true},
    {"[!a]", "/", '/', false},
    {"[\\]]", "]", 0, true},
    {"[a", "[a", 0, true},
    {"[a", "a", 0, false},
    {"[z-a]", "m", 0, false},
    {"{a,b}", "a", 0, true},
    {"{a,b}", "b", 0, true},
    {"{a,b}", "c", 0, false},
    {"{a,b}", "a,b", 0, false},
    {"x{,1,22}y", "xy", 0, true},
    {"x{,1,22}y", "x22y", 0, true},
    {"x{,1,22}y", "x2y", 0, false},
    {"{a{b,c},d*}e", "ace", 0, true},
    {"{a{b,c},d*}e", "dQQe", 0, true},
    {"{a{b,c},d*}e", "abce", 0, false},
    {"{a{b,c},d*}e", "ae", 0, false},
    {"*.{yaml,yml}", "a.b.yml", 0, true},
    {"{a,b", "{a,b", 0, true},
    {"{a,b", "a", 0, false},
    {"{x{a,b}", "{xb", 0, true},
    {"a}", "a}", 0, true},
    {"a,b*", "a,b", 0, true},
    {"{[,],x}", ",", 0, true},
    {"{}", "", 0, true},
    {"\\*", "*", 0, true},
    {"\\*", "a", 0, false},
    {"\\{a,b}", "{a,b}", 0, true},
    {"a\\", "a\\", 0, true},
    {"https://git.example/*", "https://git.example/shop", '/', true},
    {"https://git.example/*", "https://git.example/shop/x", '/', false},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (rk_glob(rows[i].glob, rows[i].text, rows[i].sep) != rows[i].match)
            fail_msg("glob %s on %s, row %zu", rows[i].glob, rows[i].text, i);
}

static void bounded(void **state)
{
    struct rk_buf glob = RK_BUF_INIT, text = RK_BUF_INIT;
    uint64_t start = rk_mono_ms();

    (void)state;
    for (int i = 0; i < 200; i++) {
        rk_buf_c(&glob, "*a{b,a}");
        rk_buf_c(&text, "aa");
    }
    glob.p[1000] = 0;
    rk_buf_c(&text, "b");
    assert_false(rk_glob(glob.p, text.p, 0));
    rk_buf_clear(&glob);
    for (int i = 0; i < 1000; i++)
        rk_buf_ch(&glob, i % 2 ? '[' : '{');
    assert_false(rk_glob(glob.p, text.p, 0));
    rk_buf_clear(&glob);
    for (int i = 0; i < 1025; i++)
        rk_buf_ch(&glob, '*');
    assert_false(rk_glob(glob.p, text.p, 0));
    assert_true(rk_mono_ms() - start < 5000); /* backtracking would take years */
    rk_buf_release(&glob);
    rk_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(bounded)};

    return cmocka_run_group_tests_name("base/glob", tests, NULL, NULL);
}
