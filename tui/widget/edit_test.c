/*
 * edit_test.c: the line editor by keys alone.
 */
#include "widget/testing.h"

static enum widget_edited code(struct widget_edit *e, enum term_key_code c)
{
    struct term_key k = {.code = c};
    return widget_edit_key(e, &k);
}

static enum widget_edited ch(struct widget_edit *e, uint32_t c, unsigned mods)
{
    struct term_key k = {.code = TERM_KEY_CHAR, .mods = mods, .ch = c};
    return widget_edit_key(e, &k);
}

static void type(struct widget_edit *e, const char *text)
{
    for (; *text; text++)
        assert_int_equal(ch(e, (unsigned char)*text, 0), WIDGET_CHANGED);
}

static enum widget_edited paste(struct widget_edit *e, const char *text)
{
    struct term_key k = {.code = TERM_KEY_PASTE, .paste = rk_str_c(text)};
    return widget_edit_key(e, &k);
}

static void check(const struct widget_edit *e, const char *text, size_t at)
{
    assert_string_equal(e->text.p, text);
    assert_int_equal(e->text.n, strlen(text));
    assert_int_equal(e->at, at);
}

static void test_typing(void **state)
{
    struct widget_edit e = {0};
    (void)state;
    type(&e, "prd");
    code(&e, TERM_KEY_LEFT);
    ch(&e, 'o', 0);
    check(&e, "prod", 3);
    code(&e, TERM_KEY_HOME);
    code(&e, TERM_KEY_DELETE);
    check(&e, "rod", 0);
    code(&e, TERM_KEY_BACKSPACE); /* nothing before it */
    check(&e, "rod", 0);
    code(&e, TERM_KEY_END);
    code(&e, TERM_KEY_RIGHT);
    code(&e, TERM_KEY_DELETE);
    check(&e, "rod", 3);
    code(&e, TERM_KEY_BACKSPACE);
    check(&e, "ro", 2);
    widget_edit_release(&e);
    check(&e, "", 0);
}

static void test_words(void **state)
{
    struct widget_edit e = {0};
    (void)state;
    widget_edit_set(&e, "fix the  OOM");
    ch(&e, 'w', TERM_CTRL);
    check(&e, "fix the  ", 9);
    ch(&e, 'w', TERM_CTRL);
    check(&e, "fix ", 4);
    type(&e, "it");
    code(&e, TERM_KEY_LEFT);
    ch(&e, 'u', TERM_CTRL);
    check(&e, "t", 0);
    widget_edit_release(&e);
}

/* A letter with what combines with it is one step; half a character never stays. */
static void test_combining(void **state)
{
    struct widget_edit e = {0};
    (void)state;
    ch(&e, 'a', 0);
    ch(&e, 'e', 0);
    ch(&e, 0x301, 0);
    ch(&e, 0x65e5, 0);
    check(&e, "ae\xcc\x81\xe6\x97\xa5", 7);
    code(&e, TERM_KEY_BACKSPACE);
    check(&e, "ae\xcc\x81", 4);
    code(&e, TERM_KEY_LEFT);
    assert_int_equal(e.at, 1);
    code(&e, TERM_KEY_RIGHT);
    assert_int_equal(e.at, 4);
    code(&e, TERM_KEY_BACKSPACE);
    check(&e, "a", 1);
    widget_edit_release(&e);
}

static void test_paste(void **state)
{
    struct widget_edit e = {0};
    (void)state;
    assert_int_equal(paste(&e, "two\nlines\t\x1b[31m\n"), WIDGET_CHANGED);
    check(&e, "two lines \\x1b[31m", 18);
    e.refuse_paste = true;
    assert_int_equal(paste(&e, "production/shop"), WIDGET_REFUSED);
    check(&e, "two lines \\x1b[31m", 18);
    widget_edit_release(&e);
}

static void test_bounds(void **state)
{
    struct widget_edit e = {0};
    char *long_text = rk_asprintf("%0512d", 7);
    (void)state;
    assert_int_equal(paste(&e, long_text), WIDGET_CHANGED);
    assert_int_equal(ch(&e, 'x', 0), WIDGET_TOO_LONG);
    check(&e, long_text, 512);
    widget_edit_set(&e, "");
    char *more = rk_asprintf("%s8", long_text);
    assert_int_equal(paste(&e, more), WIDGET_TOO_LONG); /* whole or not at all */
    check(&e, "", 0);
    free(more);
    free(long_text);
    widget_edit_release(&e);
}

static void test_not_its_keys(void **state)
{
    struct widget_edit e = {0};
    (void)state;
    assert_int_equal(code(&e, TERM_KEY_ENTER), WIDGET_IGNORED);
    assert_int_equal(code(&e, TERM_KEY_UP), WIDGET_IGNORED);
    assert_int_equal(ch(&e, 'x', TERM_ALT), WIDGET_IGNORED);
    assert_int_equal(ch(&e, 'c', TERM_CTRL), WIDGET_IGNORED);
    assert_int_equal(ch(&e, 0x202e, 0), WIDGET_IGNORED); /* turns the line around */
    check(&e, "", 0);
    widget_edit_release(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typing), cmocka_unit_test(test_words),
        cmocka_unit_test(test_combining), cmocka_unit_test(test_paste),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_not_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
