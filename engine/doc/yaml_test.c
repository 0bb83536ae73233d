/*
 * yaml_test.c: YAML read and written. Expected texts were printed by kustomize v5.7.1.
 */
#include "doc/test_int.h"

static struct doc_node *read_as(struct rk_arena *a, const char *text, enum doc_typing typing)
{
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    struct doc_read how = {.typing = typing, .file = "f.yaml"};
    if (doc_yaml_read_one(a, rk_str_c(text), &how, &out, &err))
        fail_msg("%s", err.text);
    return out;
}

static void check_written(const char *text, const char *expected)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct rk_buf b = RK_BUF_INIT;
    struct rk_err err = {0};
    struct doc_node *doc = read_as(a, text, DOC_RESOURCE);
    doc_refold(a, doc);
    if (doc_yaml_write(&b, doc, &err))
        fail_msg("%s", err.text);
    assert_string_equal(b.p, expected);
    rk_buf_release(&b);
}

/* Reading fails with the code and a text that holds `part`. */
static void check_refused(const char *text, size_t n, enum doc_typing typing, enum rk_code code,
                          const char *part)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    struct doc_read how = {.typing = typing, .file = "f.yaml"};
    assert_int_equal(doc_yaml_read_one(a, (rk_str){text, n}, &how, &out, &err), -1);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, part))
        fail_msg("'%s' lacks '%s'", err.text, part);
}

static void written(void **state)
{
    static const struct { const char *in, *out; } rows[] = {
        {"{b: 1, a: yes, c: True, d: ~}", "a: \"yes\"\nb: 1\nc: true\nd: null\n"},
        {"a: [0x1F, 0o14, 012, 1_000, 08, 0b101, -0x1F]",
         "a:\n- 31\n- 12\n- 10\n- 1000\n- 8\n- 5\n- -31\n"},
        {"a: [1.0, 3.0e2, -0.0, 1234567.5, 0.00001, 1e21, 18446744073709551616, 5e-324]",
         "a:\n- 1\n- 300\n- 0\n- 1.2345675e+06\n- 1e-05\n- 1e+21\n- 1.8446744073709552e+19\n"
         "- 5e-324\n"},
        {"a: [2020-01-01, 2020-02-30]\nb: 2001-12-14t21:59:43.10-05:00",
         "a:\n- \"2020-01-01T00:00:00Z\"\n- 2020-02-30\nb: \"2001-12-14T21:59:43.1-05:00\"\n"},
        {"a: [2020-01-01T00:00:00Z, {b: , c: ~}]", /* flow: quoted by its first encoder */
         "a:\n- \"2020-01-01T00:00:00Z\"\n- b: \"\"\n  c: null\n"},
        {"a: ['1:1', '12e03', 'y', '<<', '=', 'a: b', ' a', '', '0888', '1e400', '2001-1-1']",
         "a:\n- \"1:1\"\n- \"12e03\"\n- \"y\"\n- <<\n- =\n- 'a: b'\n- ' a'\n- \"\"\n- \"0888\"\n"
         "- 1e400\n- \"2001-1-1\"\n"},
        {"a: [\"a\\nb\", \"a\\nb\\n\", \"\\n\", \" a\\nb\", \"a\\tb\\n\", \"a \\nb\", \"\\U0001F600\"]",
         "a:\n- |-\n  a\n  b\n- |\n  a\n  b\n- |2+\n\n- |2-\n   a\n  b\n- \"a\\tb\\n\"\n- \"a \\nb\"\n"
         "- \"\\U0001F600\"\n"},
        {"a: \"x\\n\\n\"", "a: |+\n  x\n\n"}, /* no "..." behind it */
        {"a: >\n  x\n   more\n  y\n\n\n  z\n", "a: |\n  x\n\n   more\n  y\n\n  z\n"},
        {"{k10: 1, k9: 2, k: 3, _k: 4, B: 5, a: 6, k01: 7, k1: 8, \"10\": 9, \"2\": 10}",
         "_k: 4\n\"2\": 10\n\"10\": 9\nB: 5\na: 6\nk: 3\nk1: 8\nk01: 7\nk9: 2\nk10: 1\n"},
        {"[[], {}, [[a], b]]", "- []\n- {}\n- - - a\n  - b\n"},
        {"{a: !!str 1, b: !!int '2', c: !x 3, d: !!binary aGVsbG8=, e: ! 4}",
         "a: \"1\"\nb: 2\nc: \"3\"\nd: hello\ne: 4\n"},
        {"{\"a\\nb\": 1}", "? |-\n  a\n  b\n: 1\n"},
        {"a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\ne: {<<: [*x, {b: 9, f: 4}]}\ng: *x",
         "a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  c: 3\ne:\n  b: 1\n  c: 2\n  f: 4\ng:\n  b: 1\n  c: 2\n"},
        {"a: aaaaaaaaaa bbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccc dddddddddddddddddddddd eeeeeeeee f",
         "a: aaaaaaaaaa bbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccc dddddddddddddddddddddd "
         "eeeeeeeee\n  f\n"},
        {"\xef\xbb\xbf" "a: |\r\n  x\r\n  y\r\n", "a: |\n  x\n  y\n"},
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        check_written(rows[i].in, rows[i].out);
}

static void write_refused(void **state)
{
    static const char *const rows[] = {"a: .inf", "a: .nan", "a: \"x\\x7f\"", "a: \"\\x9f\"",
                                       "a: \"\\uFFFE\"", "\"a\\u0085b\": 1"};
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
        struct rk_buf b = RK_BUF_INIT;
        struct rk_err err = {0};
        rk_buf_c(&b, "kept");
        assert_int_equal(doc_yaml_write(&b, read_as(a, rows[i], DOC_RESOURCE), &err), -1);
        assert_int_equal(err.code, RK_INVALID);
        assert_string_equal(b.p, "kept");
        rk_buf_release(&b);
    }
}

static void config_typing(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const struct doc_node *d = read_as(
        a, "a: yes\na: off\nd: 2020-01-01\nm: &m {x: 1, z: 2}\no: {x: 0, <<: *m, z: 3}\n1: k\ny: t\n",
        DOC_CONFIG);
    (void)state;
    assert_int_equal(doc_count(d), 6);
    assert_int_equal(doc_type(doc_get(d, "a")), DOC_BOOL);
    assert_false(doc_get_bool(d, "a", true));
    assert_str(doc_source(doc_get(d, "a")), "off");
    assert_str(doc_get_text(d, "d"), "2020-01-01");
    assert_int_equal(doc_get_int(doc_get(d, "o"), "x", -1), 1);
    assert_int_equal(doc_get_int(doc_get(d, "o"), "z", -1), 3);
    assert_str(doc_get_text(d, "1"), "k");
    assert_str(doc_get_text(d, "true"), "t");
}

static void sources(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const struct doc_node *d = read_as(a, "a: True\nb: ~\nc: 0x1F\nd: 2020-1-1\ne:\n", DOC_RESOURCE);
    const struct doc_node *copy = doc_copy(a, d);
    (void)state;
    assert_str(doc_source(doc_get(copy, "a")), "True");
    assert_str(doc_source(doc_get(copy, "b")), "~");
    assert_str(doc_source(doc_get(copy, "c")), "0x1F");
    assert_str(doc_source(doc_get(copy, "d")), "2020-1-1");
    assert_str(doc_source(doc_get(copy, "e")), "");
    assert_str(doc_get_text(copy, "d"), "2020-01-01T00:00:00Z");
    assert_int_equal(doc_get(copy, "d")->flags, DOC_TIMESTAMP);
    assert_int_equal(doc_get_int(copy, "c", 0), 31);
}

static void refused(void **state)
{
    static const struct { const char *in, *part; } rows[] = {
        {"a: 1\nb: 2\na: 3", "f.yaml:3:1: the key 'a' is there twice"},
        {"a:\n  1: x", "f.yaml:2:3: the key '1' is not a string"},
        {"~: x", "is not a string"},
        {"[a]: b", "cannot be a key"},
        {"a: *x", "unknown anchor 'x'"},
        {"a: &x [*x]", "contains itself"},
        {"{<<: 1}", "merge key"},
        {"a: &x {b: 1}\nc: {<<: *x, <<: *x}", "merge key"},
        {"a: \"x\\0y\"", "may not hold"},
        {"a: !!int x", "no int"},
        {"a: [1, 2", "f.yaml:2:1: did not find expected"},
        {"a: 1\n--- b\nc: 1", "f.yaml:2:4"},
        {"a: 1\n---\nb: 1", "2 documents"},
        {"a: \xff", "f.yaml:1:4"},
        {"a: !!binary '!'", "base64"},
        {"a: \x01", "control"},
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        check_refused(rows[i].in, strlen(rows[i].in), DOC_RESOURCE, RK_INVALID, rows[i].part);
    check_refused("~: x", 4, DOC_CONFIG, RK_INVALID, "is not a string");
}

static void bombs(void **state)
{
    struct rk_buf b = RK_BUF_INIT;
    (void)state;
    rk_buf_c(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        rk_buf_f(&b, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            rk_buf_f(&b, "%s*a%d", j ? ", " : "", i - 1);
        rk_buf_c(&b, "]\n");
    }
    check_refused(b.p, b.n, DOC_RESOURCE, RK_LIMIT, "nodes made by aliases");
    rk_buf_clear(&b);
    rk_buf_c(&b, "a0: &a0 [x]\n"); /* depth by aliases */
    for (int i = 1; i < 200; i++)
        rk_buf_f(&b, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    check_refused(b.p, b.n, DOC_RESOURCE, RK_LIMIT, "levels of depth");
    rk_buf_clear(&b);
    for (int i = 0; i < 101; i++)
        rk_buf_c(&b, "[");
    check_refused(b.p, b.n, DOC_RESOURCE, RK_LIMIT, "levels of depth");
    b.n = 0;
    for (int i = 0; i < 20001; i++)
        rk_buf_c(&b, "---\na\n");
    check_refused(b.p, b.n, DOC_RESOURCE, RK_LIMIT, "limit of 20000 documents");
    rk_buf_clear(&b);
    for (int i = 0; i < 100001; i++)
        rk_buf_c(&b, "- a\n");
    check_refused(b.p, b.n, DOC_RESOURCE, RK_LIMIT, "nodes");
    rk_buf_clear(&b);
    for (int i = 0; i < 1025; i++)
        rk_buf_c(&b, "k");
    rk_buf_c(&b, ": 1");
    check_refused(b.p, b.n, DOC_RESOURCE, RK_INVALID, ""); /* libyaml's own limit comes first */
    rk_buf_release(&b);
}

static void documents(void **state)
{
    static const char text[] = "# only\n---\na: 1\n---\n---\n# c\n--- # d\nb: |+\n  x\n\n---\n~\n---\nc: 1\n...\nd: [";
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node **docs;
    size_t n;
    struct rk_err err = {0};
    struct doc_read how = {.typing = DOC_RESOURCE};
    (void)state;
    if (doc_yaml_read(a, rk_str_c(text), &how, &docs, &n, &err))
        fail_msg("%s", err.text);
    assert_int_equal(n, 3);
    assert_non_null(doc_get(docs[0], "a"));
    assert_str(doc_get_text(docs[1], "b"), "x\n\n");
    assert_non_null(doc_get(docs[2], "c"));
}

/* The mark's bytes in the file are `expected`, its position is line:column. */
static void check_mark(const struct doc_marks *m, uint32_t mark, const char *text,
                       const char *expected, uint32_t line, uint32_t column)
{
    const struct doc_mark *k = doc_marks_get(m, mark);
    assert_non_null(k);
    assert_str(((rk_str){text + k->start, k->end - k->start}), expected);
    assert_int_equal(k->line, line);
    assert_int_equal(k->column, column);
    assert_string_equal(doc_marks_file(m, k->file), "é.yaml");
}

static void marks(void **state)
{
    static const char text[] = "\xef\xbb\xbf" "# ünï\r\na: 'é x'\r\n---\r\nb: &x \"q\"\r\nc: *x\r\n"
                               "d: |\r\n  l1\r\n  é\r\n\r\nm:\r\n  - k: 1\r\n    z: {y: [1, 2]} # c\r\n"
                               "e:\r\nn: &n\r\n  o: p\r\nq: plain\r\n  more\r\n";
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_marks *m = doc_marks_new(a);
    struct doc_node **docs;
    size_t n;
    struct rk_err err = {0};
    struct doc_read how = {.typing = DOC_RESOURCE, .marks = m, .file = "é.yaml"};
    (void)state;
    if (doc_yaml_read(a, rk_str_c(text), &how, &docs, &n, &err))
        fail_msg("%s", err.text);
    const struct doc_node *d = docs[1];
    assert_int_equal(n, 2);
    check_mark(m, doc_get(docs[0], "a")->mark, text, "'é x'", 2, 4);
    check_mark(m, doc_pair_at(docs[0], 0)->mark, text, "a", 2, 1);
    check_mark(m, doc_get(d, "b")->mark, text, "\"q\"", 4, 7);
    check_mark(m, doc_get(d, "c")->mark, text, "*x", 5, 4);
    check_mark(m, doc_get(d, "d")->mark, text, "|\r\n  l1\r\n  é", 6, 4);
    check_mark(m, doc_get(d, "m")->mark, text, "- k: 1\r\n    z: {y: [1, 2]}", 11, 3);
    check_mark(m, doc_at(doc_get(d, "m"), 0)->mark, text, "k: 1\r\n    z: {y: [1, 2]}", 11, 5);
    check_mark(m, doc_pointer(d, RK_STR("/m/0/z/y"))->mark, text, "[1, 2]", 12, 12);
    check_mark(m, doc_get(d, "e")->mark, text, "", 13, 3);
    check_mark(m, doc_get(d, "n")->mark, text, "o: p", 15, 3);
    check_mark(m, doc_get(d, "q")->mark, text, "plain\r\n  more", 16, 4);
    uint32_t chained = doc_marks_chain(m, doc_get(d, "b")->mark, DOC_BY_IMAGE, 7);
    check_mark(m, chained, text, "\"q\"", 4, 7);
    assert_int_equal(doc_marks_get(m, chained)->by, DOC_BY_IMAGE);
    assert_int_equal(doc_marks_get(m, chained)->prev, 7);
    assert_int_equal(doc_marks_chain(NULL, 1, DOC_BY_IMAGE, 0), 0);
    assert_null(doc_marks_get(m, 0));
    assert_int_equal(doc_marks_add_file(m, "é.yaml"), 1);
    assert_int_equal(doc_marks_add_file(m, "b"), 2);
}

/* In another table: the same places, and no range that an edit could use. */
static void marks_in_another_table(void **state)
{
    static const char text[] = "a:\n  b: [1, two]\nc: {}\n";
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_marks *from = doc_marks_new(a), *to = doc_marks_new(a);
    struct doc_read how = {.typing = DOC_RESOURCE, .marks = from, .file = "f", .line_offset = 4};
    struct doc_node *d = NULL, *copy, *two;
    struct doc_edit edit;
    struct rk_err err = {0};
    (void)state;
    if (doc_yaml_read_one(a, rk_str_c(text), &how, &d, &err))
        fail_msg("%s", err.text);
    assert_int_equal(doc_marks_add_file(to, "other"), 1);
    copy = doc_copy_marked(a, d, from, to);
    assert_true(doc_equal(copy, d));
    two = doc_pointer(copy, RK_STR("/a/b/1"));
    const struct doc_mark *m = doc_marks_get(to, two->mark);
    assert_string_equal(doc_marks_file(to, m->file), "f");
    assert_int_equal(m->line, 6);
    assert_int_equal(m->column, 10);
    assert_int_equal(doc_marks_get(to, doc_pair_at(copy, 1)->mark)->line, 7);
    assert_int_equal(doc_edit_scalar(a, rk_str_c(text), m, DOC_STRING, RK_STR("x"), &edit, &err), -1);
    assert_int_equal(doc_copy_marked(a, d, NULL, to)->mark, 0);
    assert_null(doc_copy_marked(a, NULL, from, to));
}

/* Broken texts of every length must end, in a tree or an error. */
static void cut_anywhere(void **state)
{
    static const char text[] =
        "a: &x {b: [1, 'two', \"th\\u0072ee\"], <<: {c: d}}\n? e\n: - *x\n  - |+\n    t\n\n"
        "  - >-\n    f\n---\n!!str g: !!binary aGk=\n";
    (void)state;
    for (size_t n = 0; n < sizeof(text); n++)
        for (int flip = 0; flip < 3; flip++) {
            rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
            struct doc_marks *m = doc_marks_new(a);
            struct doc_read how = {.typing = flip == 1 ? DOC_CONFIG : DOC_RESOURCE, .marks = m,
                                   .file = "f"};
            struct doc_node **docs = NULL;
            size_t count = 0;
            struct rk_err err = {0};
            char *copy = rk_strndup(text, n);
            if (flip == 2 && n > 0)
                copy[n / 2] = (char)(copy[n / 2] ^ 0x11);
            if (doc_yaml_read(a, (rk_str){copy, n}, &how, &docs, &count, &err))
                assert_true(err.text[0] != '\0');
            for (size_t i = 0; i < count; i++) {
                struct rk_buf b = RK_BUF_INIT;
                (void)!doc_yaml_write(&b, docs[i], &err);
                rk_buf_release(&b);
            }
            free(copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written),   cmocka_unit_test(write_refused),
        cmocka_unit_test(config_typing), cmocka_unit_test(sources),
        cmocka_unit_test(refused),   cmocka_unit_test(bombs),
        cmocka_unit_test(documents), cmocka_unit_test(marks), cmocka_unit_test(marks_in_another_table),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
