/*
 * plain_test.c: scalars that a text types, and scalars that get another text: what kustomize v5.7.1
 * printed for these replacements (tests/golden/render/replacements-types holds the rest).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reckon/doc.h"

static void texts_have_types(void **state)
{
    static const struct { const char *text; enum doc_type type; const char *printed; } rows[] = {
        {"abc", DOC_STRING, "abc\n"}, {"8080", DOC_NUMBER, "8080\n"}, {"", DOC_NULL, "null\n"},
        {"True", DOC_BOOL, "true\n"}, {"yes", DOC_STRING, "\"yes\"\n"},
        {"2020-01-02", DOC_STRING, "\"2020-01-02T00:00:00Z\"\n"}, {"0x1F", DOC_NUMBER, "31\n"},
    };
    struct rk_arena *a = rk_arena_new();

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct doc_node *n = doc_plain(a, rk_str_c(rows[i].text));
        struct rk_buf out = RK_BUF_INIT;

        assert_int_equal(n->type, rows[i].type);
        assert_int_equal(doc_yaml_write(&out, n, NULL), 0);
        assert_string_equal(out.p, rows[i].printed);
        assert_true(rk_str_is(doc_source(n), rows[i].text));
        rk_buf_release(&out);
    }
    rk_arena_free(a);
}

/* old: as a resource has it; "-": the new text is refused. */
static void types_stay(void **state)
{
    static const struct { const char *old, *text, *printed; } rows[] = {
        {"str", "8080", "\"8080\"\n"}, {"'q'", "", "\"\"\n"}, {"3", "7", "7\n"}, {"3", "1.5", "-"},
        {"3", "abc", "-"}, {"1.5", "7", "7\n"}, {"true", "False", "false\n"}, {"true", "1", "-"},
        {"null", "x", "-"}, {"null", "~", "null\n"}, {"2020-05-05", "x", "-"},
        {"2020-05-05", "2021-01-01", "\"2021-01-01T00:00:00Z\"\n"},
    };
    struct doc_read how = {.typing = DOC_RESOURCE};
    struct rk_arena *a = rk_arena_new();

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct rk_buf out = RK_BUF_INIT;
        struct doc_node *n, *map;
        rk_str text = rk_str_c(rk_arena_f(a, "k: %s\n", rows[i].old));

        assert_int_equal(doc_yaml_read_one(a, text, &how, &map, NULL), 0);
        n = doc_get(map, "k");
        if (!doc_retext(a, n, rk_str_c(rows[i].text)))
            rk_buf_c(&out, "-");
        else
            assert_int_equal(doc_yaml_write(&out, n, NULL), 0);
        assert_string_equal(out.p, rows[i].printed);
        rk_buf_release(&out);
    }
    rk_arena_free(a);
}

/* What was made without a type takes the type of its next text. */
static void untyped_follows_its_text(void **state)
{
    struct rk_arena *a = rk_arena_new();
    struct doc_node *n = doc_plain(a, RK_STR(""));

    (void)state;
    assert_true(doc_retext(a, n, RK_STR("7")));
    assert_int_equal(n->type, DOC_NUMBER);
    assert_true(doc_retext(a, n, RK_STR("abc")));
    assert_int_equal(n->type, DOC_STRING);
    rk_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_have_types),
        cmocka_unit_test(types_stay),
        cmocka_unit_test(untyped_follows_its_text),
    };

    return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
