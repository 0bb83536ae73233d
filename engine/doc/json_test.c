/*
 * json_test.c: JSON read, written, hashed, split.
 */
#include "doc/test_int.h"

#include "base/hash.h"

static int read_json(struct rk_arena *a, const char *text, size_t n, struct doc_node **out,
                     struct rk_err *err)
{
    return doc_json_read(a, (rk_str){text, n}, NULL, out, err);
}

static void check(const char *in, void (*form)(struct rk_buf *, const struct doc_node *),
                  const char *expected)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *d = NULL;
    struct rk_err err = {0};
    struct rk_buf b = RK_BUF_INIT;
    if (read_json(a, in, strlen(in), &d, &err))
        fail_msg("%s", err.text);
    form(&b, d);
    assert_string_equal(b.p, expected);
    rk_buf_release(&b);
}

static void forms(void **state)
{
    static const char in[] =
        " {\"b\":[1.50,1e3,-0,12345678901234567890123,true,false,null,\"<&>\\u2028\\n\\b\\u0001\\/\"],"
        "\"a\":{},\"c\":[],\"\\ud83d\\ude00\":\"\\u00e9\"} ";
    (void)state;
    check(in, doc_json_write,
          "{\"b\":[1.50,1e3,-0,12345678901234567890123,true,false,null,\"<&>\xe2\x80\xa8\\n\\b\\u0001/\"],"
          "\"a\":{},\"c\":[],\"\xf0\x9f\x98\x80\":\"é\"}");
    check(in, doc_json_canonical,
          "{\"a\":{},\"b\":[1.5,1000,0,1.2345678901234568e+22,true,false,null,"
          "\"<&>\xe2\x80\xa8\\n\\b\\u0001/\"],\"c\":[],\"\xf0\x9f\x98\x80\":\"é\"}");
    check(in, doc_json_go,
          "{\"a\":{},\"b\":[1.5,1000,0,1.2345678901234568e+22,true,false,null,"
          "\"\\u003c\\u0026\\u003e\\u2028\\n\\b\\u0001/\"],\"c\":[],\"\xf0\x9f\x98\x80\":\"é\"}");
    check("[1e-7,0.000001,1e20,9007199254740993,-1.5e-10]", doc_json_go,
          "[1e-7,0.000001,100000000000000000000,9007199254740992,-1.5e-10]");
}

/* kustomize names the empty ConfigMap 6ct58987ht: its hash, letters moved. */
static void kustomize_hash(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *d = doc_map(a);
    struct rk_buf b = RK_BUF_INIT;
    char hex[65];
    (void)state;
    doc_set_c(a, d, "kind", doc_string_c(a, "ConfigMap"));
    doc_set_c(a, d, "name", doc_string_c(a, ""));
    doc_set_c(a, d, "data", doc_string_c(a, ""));
    doc_json_go(&b, d);
    rk_sha256_hex(rk_buf_view(&b), hex);
    for (int i = 0; i < 10; i++) {
        const char *at = strchr("013ae", hex[i]);
        hex[i] = at ? "ghkmt"[at - "013ae"] : hex[i];
    }
    hex[10] = '\0';
    assert_string_equal(hex, "6ct58987ht");
    rk_buf_release(&b);
}

static void refused(void **state)
{
    static const char *const rows[] = {
        "", " ", "{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "[1,]", "[1 2]", "{a:1}",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "01", "1.", ".5", "+1", "-", "1e", "1e+",
        "nul", "True", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\x\"",
        "\"a", "\"a\nb\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "1 2", "{} x", "]", "NaN",
        "\"\\u12g4\"", "[}", "{]", "{\"a\" 1}", "\"\\", "//", "'a'",
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
        struct doc_node *d = NULL;
        struct rk_err err = {0};
        char *exact = rk_strndup(rows[i], strlen(rows[i])); /* so that an overrun is seen */
        if (read_json(a, exact, strlen(rows[i]), &d, &err) == 0)
            fail_msg("taken: %s", rows[i]);
        assert_int_equal(err.code, RK_INVALID);
        assert_null(d);
        free(exact);
    }
}

static void limits(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *d = NULL;
    struct rk_err err = {0};
    (void)state;
    static const struct { const char *text, *name; struct doc_limits limits; } rows[] = {
        {"[[[1]]]", "depth", {.depth = 2}},
        {"[1,2,3]", "nodes", {.nodes = 3}},
        {"{\"abc\":1}", "bytes a key", {.key = 2}},
        {"[1,2,3]", "bytes", {.bytes = 6}},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        assert_int_equal(doc_json_read(a, rk_str_c(rows[i].text), &rows[i].limits, &d, &err), -1);
        assert_int_equal(err.code, RK_LIMIT);
        assert_non_null(strstr(err.text, rows[i].name));
    }
    assert_int_equal(doc_json_read(a, RK_STR("[[1]]"), &rows[0].limits, &d, &err), 0);
    struct rk_buf deep = RK_BUF_INIT; /* deep trees are copied, compared and written */
    for (int i = 0; i < 200000; i++)
        rk_buf_ch(&deep, '[');
    for (int i = 0; i < 200000; i++)
        rk_buf_ch(&deep, ']');
    struct doc_limits wide = {.depth = 1000000, .nodes = 1000000};
    assert_int_equal(doc_json_read(a, rk_buf_view(&deep), &wide, &d, &err), 0);
    struct rk_buf b = RK_BUF_INIT;
    struct doc_node *copy = doc_copy(a, d);
    assert_true(doc_equal(copy, d));
    doc_json_write(&b, copy);
    assert_true(rk_str_eq(rk_buf_view(&b), rk_buf_view(&deep)));
    rk_buf_release(&b);
    rk_buf_release(&deep);
}

static void cut_anywhere(void **state)
{
    static const char text[] = "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\",true,null,{\"b\":{}}],\"é\":\"ü\"}";
    (void)state;
    for (size_t n = 0; n + 1 < sizeof(text); n++) {
        rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
        struct doc_node *d = NULL;
        struct rk_err err = {0};
        char *exact = rk_strndup(text, n);
        assert_int_equal(read_json(a, exact, n, &d, &err), -1);
        free(exact);
    }
}

/* ---- split ---- */
#define TEN "0123456789012345678901234567890123456789012345678901234567890123456789"

static int collect(rk_str value, void *ctx, struct rk_err *err)
{
    (void)err;
    rk_buf_str(ctx, value);
    rk_buf_ch(ctx, '|');
    return 0;
}

static int split(bool list, rk_str text, size_t piece, struct rk_buf *out, struct rk_buf *head,
                 struct rk_err *err)
{
    struct doc_split *s = doc_split_new(list, 120);
    rk_str h = RK_STR_NONE;
    int rc = 0;
    rk_buf_clear(out);
    for (size_t i = 0; i < text.n && rc == 0; i += piece)
        rc = doc_split_feed(s, (rk_str){text.p + i, text.n - i < piece ? text.n - i : piece}, collect,
                            out, err);
    if (rc == 0)
        rc = doc_split_end(s, &h, err);
    rk_buf_clear(head);
    rk_buf_str(head, h);
    doc_split_free(s);
    return rc;
}

static void split_every_byte(void **state)
{
    const rk_str stream = RK_STR("{\"a\":\"}\\\"{\"}\n{\"b\":[{},\"]\"]} [1]\"s\\\\\" 12 true ");
    const rk_str list = RK_STR(
        "{ \"kind\":\"L\",\"x\":{\"items\":[1,{}]},\"items\" : [ {\"a\":\"]}\"} , 2,\"q\\\"\",[[]] ],"
        "\"metadata\":{\"continue\":\"items\",\"items\":[]} }");
    struct rk_buf out = RK_BUF_INIT, head = RK_BUF_INIT;
    struct rk_err err = {0};
    (void)state;
    for (size_t piece = 1; piece <= list.n; piece++) {
        if (split(false, stream, piece, &out, &head, &err))
            fail_msg("%zu: %s", piece, err.text);
        assert_string_equal(out.p,
                            "{\"a\":\"}\\\"{\"}|{\"b\":[{},\"]\"]}|[1]|\"s\\\\\"|12|true|");
        if (split(true, list, piece, &out, &head, &err))
            fail_msg("%zu: %s", piece, err.text);
        assert_string_equal(out.p, "{\"a\":\"]}\"}|2|\"q\\\"\"|[[]]|");
        assert_string_equal(head.p, "{\"kind\":\"L\",\"x\":{\"items\":[1,{}]},\"items\":[],"
                                    "\"metadata\":{\"continue\":\"items\",\"items\":[]}}");
    }
    rk_buf_release(&out);
    rk_buf_release(&head);
}

static void split_refused(void **state)
{
    static const struct { bool list; const char *text; enum rk_code code; } rows[] = {
        {false, "{\"a\":1", RK_INVALID},       {false, "}", RK_INVALID},
        {false, "1,2", RK_INVALID},            {true, "[1]", RK_INVALID},
        {true, "{\"items\":[1", RK_INVALID},   {true, "{\"items\":[1 2]}", RK_INVALID},
        {true, "{\"items\":[,1]}", RK_INVALID}, {true, "{\"items\":[1]}x", RK_INVALID},
        {true, "", RK_INVALID},
        {false, "[\"" TEN TEN "\"]",
         RK_LIMIT},
        {true, "{\"h\":\"" TEN TEN "\"}",
         RK_LIMIT},
    };
    struct rk_buf out = RK_BUF_INIT, head = RK_BUF_INIT;
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        for (size_t piece = 1; piece <= 80; piece += 79) {
            struct rk_err err = {0};
            if (split(rows[i].list, rk_str_c(rows[i].text), piece, &out, &head, &err) == 0)
                fail_msg("taken: %s", rows[i].text);
            assert_int_equal(err.code, rows[i].code);
        }
    struct rk_err err = {0};
    assert_int_equal(split(true, RK_STR("{\"items\":null}"), 1, &out, &head, &err), 0);
    assert_string_equal(out.p, "");
    rk_buf_release(&out);
    rk_buf_release(&head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),        cmocka_unit_test(kustomize_hash),
        cmocka_unit_test(refused),      cmocka_unit_test(limits),
        cmocka_unit_test(cut_anywhere), cmocka_unit_test(split_every_byte),
        cmocka_unit_test(split_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
