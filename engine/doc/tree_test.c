/*
 * tree_test.c: trees made by hand, pointers, patches, edits of a file.
 */
#include "doc/test_int.h"

static struct doc_node *json(struct rk_arena *a, const char *text)
{
    struct doc_node *d = NULL;
    struct rk_err err = {0};
    if (doc_json_read(a, rk_str_c(text), NULL, &d, &err))
        fail_msg("%s: %s", text, err.text);
    return d;
}

static void check_json(const struct doc_node *d, const char *expected)
{
    struct rk_buf b = RK_BUF_INIT;
    doc_json_write(&b, d);
    assert_string_equal(b.p, expected);
    rk_buf_release(&b);
}

static void large_maps(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *m = doc_map(a);
    char key[16];
    (void)state;
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        doc_set_c(a, m, key, doc_int(a, i));
    }
    assert_non_null(m->map->index);
    for (int i = 0; i < 500; i += 3) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_true(doc_del(m, rk_str_c(key)));
        assert_false(doc_del(m, rk_str_c(key)));
    }
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_int_equal(doc_get_int(m, key, -1), i % 3 ? i : -1);
    }
    assert_string_equal(doc_pair_at(m, 0)->key.p, "k1");
    assert_true(doc_equal(m, doc_copy(a, m)));
    assert_null(doc_get(m, "none"));
}

static void by_hand(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *d = doc_map(a), *l = doc_list(a);
    (void)state;
    doc_set_c(a, doc_make(a, d, "spec.template"), "x", doc_string_f(a, "%d-%s", 1, "b"));
    assert_null(doc_make(a, d, "spec.template.x"));
    doc_push(a, l, doc_int(a, INT64_MIN));
    doc_insert(a, l, 0, doc_null(a));
    doc_insert(a, l, 1, doc_bool(a, true));
    doc_set_c(a, d, "l", l);
    check_json(d, "{\"spec\":{\"template\":{\"x\":\"1-b\"}},\"l\":[null,true,-9223372036854775808]}");
    doc_remove(l, 0);
    assert_true(doc_get_bool(d, "none", true));
    assert_str(doc_text(doc_walk(d, "spec.template.x")), "1-b");
    assert_null(doc_walk(d, "spec.none.x"));
    assert_null(doc_at(l, 2));
    assert_int_equal(doc_count(NULL), 0);
    assert_true(doc_is_null(NULL));
    int64_t v;
    assert_true(doc_as_int(json(a, "1e3"), &v) && v == 1000);
    assert_false(doc_as_int(json(a, "1.5"), &v));
    assert_false(doc_as_int(json(a, "\"1\""), &v));
}

static void equality(void **state)
{
    static const struct { const char *a, *b; bool same; } rows[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1.0,2e0],\"a\":1}", true},
        {"[1,2]", "[2,1]", false}, {"{\"a\":null}", "{}", false},
        {"{\"a\":1}", "{\"b\":1}", false}, {"1", "\"1\"", false}, {"true", "false", false},
    };
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        uint8_t x[32], y[32];
        const struct doc_node *p = json(a, rows[i].a), *q = json(a, rows[i].b);
        assert_int_equal(doc_equal(p, q), rows[i].same);
        doc_hash(p, x);
        doc_hash(q, y);
        assert_int_equal(memcmp(x, y, 32) == 0, rows[i].same);
    }
}

static void pointers(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const struct doc_node *d = json(a, "{\"a/b\":{\"~\":[10,{\"\":5}]}}");
    struct rk_buf b = RK_BUF_INIT;
    (void)state;
    assert_str(doc_text(doc_pointer(d, RK_STR("/a~1b/~0/0"))), "10");
    assert_str(doc_text(doc_pointer(d, RK_STR("/a~1b/~0/1/"))), "5");
    assert_ptr_equal(doc_pointer(d, RK_STR("")), d);
    static const char *const none[] = {"a", "/", "/a~1b/~0/00", "/a~1b/~0/2", "/a~1b/~0/-", "/a~1b/~0/0/x"};
    for (size_t i = 0; i < RK_LEN(none); i++)
        assert_null(doc_pointer(d, rk_str_c(none[i])));
    doc_pointer_add(&b, RK_STR("a/b~c"));
    assert_string_equal(b.p, "/a~1b~0c");
    rk_buf_release(&b);
}

static void patches(void **state)
{
    static const struct { const char *in, *ops, *out; } rows[] = { /* out: result, or !error part */
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b\",\"value\":{\"c\":[]}},"
                      "{\"op\":\"add\",\"path\":\"/b/c/-\",\"value\":2}]", "{\"a\":1,\"b\":{\"c\":[2]}}"},
        {"[1,2]", "[{\"op\":\"add\",\"path\":\"/1\",\"value\":9},{\"op\":\"remove\",\"path\":\"/0\"}]", "[9,2]"},
        {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/-1\",\"value\":9}]", "[1,9]"},
        {"{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/c\"}]", "{\"a\":{},\"c\":1}"},
        {"{\"a\":[1]}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"},"
                        "{\"op\":\"add\",\"path\":\"/b/0\",\"value\":0}]", "{\"a\":[1],\"b\":[0,1]}"},
        {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1.0},{\"op\":\"test\",\"path\":\"/z\"}]", "{\"a\":1}"},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":[]}]", "[]"},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":2},{\"op\":\"remove\",\"path\":\"/z\"}]", "!nonexistent key: z: missing value"},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/x/y\",\"value\":2}]", "!doc is missing path: \"/x/y\""},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/z\",\"value\":2}]", "{\"a\":1,\"z\":2}"}, /* measured */
        {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/z\",\"path\":\"/a\"}]", "{\"a\":null}"},
        {"[[1]]", "[{\"op\":\"replace\",\"path\":\"/-1/00\",\"value\":2}]", "[[2]]"},
        {"[1]", "[{\"op\":\"replace\",\"path\":\"/5\",\"value\":2}]", "!missing key: /5"},
        {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/q\",\"path\":\"/a\"}]", "!nonexistent key: q"},
        {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]", "!test failed"},
        {"[1]", "[{\"op\":\"add\",\"path\":\"/3\",\"value\":2}]", "!invalid index"},
        {"[1]", "[{\"op\":\"jump\",\"path\":\"/0\"}]", "!Unexpected kind: jump"},
        {"{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]", "!missing path"},
        {"[{\"a\":1},{}]", "[{\"op\":\"move\",\"from\":\"/0\",\"path\":\"/0/b\"}]", "[{\"b\":{\"a\":1}}]"},
        {"{}", "[{\"op\":\"add\"}]", "!failed to decode path"},
        {"{}", "{}", "!list of operations"},
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
        struct doc_node *d = json(a, rows[i].in);
        struct rk_err err = {0};
        int rc = doc_patch(a, &d, json(a, rows[i].ops), &err);
        if (rows[i].out[0] != '!') {
            if (rc)
                fail_msg("%s", err.text);
            check_json(d, rows[i].out);
            continue;
        }
        assert_int_equal(rc, -1);
        if (!strstr(err.text, rows[i].out + 1))
            fail_msg("'%s' lacks '%s'", err.text, rows[i].out + 1);
        check_json(d, rows[i].in);
    }
}

static void merge_patches(void **state)
{
    static const struct { const char *in, *patch, *out; } rows[] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\",\"b\":1}", "{\"a\":null}", "{\"b\":1}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":1}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[1]", "{\"a\":{\"b\":{\"c\":null}}}", "{\"a\":{\"b\":{}}}"},
        {"{\"a\":1}", "null", "null"}, {"{\"a\":\"x\"}", "{\"a\":{\"b\":null}}", "{\"a\":{}}"},
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
        struct doc_node *d = json(a, rows[i].in);
        doc_merge_patch(a, &d, json(a, rows[i].patch));
        check_json(d, rows[i].out);
    }
}

static void edit_scalars(void **state)
{
    static const char text[] = "# c\nimage: \"app:1\"  # tag\nn: 2\ns: 'it'\np: plain # x\nempty:\n"
                               "t: |\n  a\n  b\nz: end\n";
    static const struct { const char *key; enum doc_type type; const char *value, *line; } rows[] = {
        {"image", DOC_STRING, "app:2", "\nimage: \"app:2\"  # tag\n"},
        {"n", DOC_NUMBER, "3", "\nn: 3\n"},
        {"n", DOC_STRING, "3", "\nn: \"3\"\n"},
        {"s", DOC_STRING, "it's", "\ns: 'it''s'\n"},
        {"p", DOC_STRING, "other", "\np: other # x\n"},
        {"p", DOC_STRING, "a: b", "\np: \"a: b\" # x\n"},
        {"p", DOC_STRING, "yes", "\np: \"yes\" # x\n"},
        {"p", DOC_BOOL, "true", "\np: true # x\n"},
        {"empty", DOC_STRING, "v", "\nempty: v\n"},
        {"t", DOC_STRING, "c\n\nd\n", "\nt: |\n  c\n\n  d\nz: end\n"},
        {"t", DOC_STRING, "one", "\nt: one\nz: end\n"},
        {"s", DOC_STRING, "x\ny", "\ns: \"x\\ny\"\n"},
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
        struct doc_marks *m = doc_marks_new(a);
        struct doc_read how = {.typing = DOC_RESOURCE, .marks = m, .file = "f"};
        struct doc_node *d = NULL;
        struct rk_err err = {0};
        struct doc_edit e;
        struct rk_buf b = RK_BUF_INIT;
        assert_int_equal(doc_yaml_read_one(a, rk_str_c(text), &how, &d, &err), 0);
        const struct doc_mark *at = doc_marks_get(m, doc_get(d, rows[i].key)->mark);
        assert_int_equal(doc_edit_scalar(a, rk_str_c(text), at, rows[i].type,
                                         rk_str_c(rows[i].value), &e, &err), 0);
        assert_int_equal(doc_edit_apply(rk_str_c(text), &e, 1, &b, &err), 0);
        if (!strstr(b.p, rows[i].line))
            fail_msg("row %zu:\n%s", i, b.p);
        assert_int_equal(doc_yaml_read_one(a, rk_buf_view(&b), &how, &d, &err), 0);
        assert_str(doc_source(doc_get(d, rows[i].key)), rows[i].value);
        assert_str(doc_get_text(d, "z"), "end");
        rk_buf_release(&b);
    }
}

static void edit_ranges(void **state)
{
    struct rk_buf b = RK_BUF_INIT;
    struct rk_err err = {0};
    const struct doc_edit good[] = {{4, 5, RK_STR("E")}, {0, 0, RK_STR("<")}, {0, 2, RK_STR("AB")},
                                    {6, 6, RK_STR(">")}};
    const struct doc_edit overlap[] = {{0, 3, RK_STR("")}, {2, 4, RK_STR("")}};
    const struct doc_edit outside = {5, 7, RK_STR("")};
    (void)state;
    assert_int_equal(doc_edit_apply(RK_STR("abcdef"), good, 4, &b, &err), 0);
    assert_string_equal(b.p, "<ABcdEf>");
    assert_int_equal(doc_edit_apply(RK_STR("abcdef"), overlap, 2, &b, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_int_equal(doc_edit_apply(RK_STR("abcdef"), &outside, 1, &b, &err), -1);
    assert_string_equal(b.p, "<ABcdEf>");
    rk_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_maps), cmocka_unit_test(by_hand),       cmocka_unit_test(equality),
        cmocka_unit_test(pointers),   cmocka_unit_test(patches),       cmocka_unit_test(merge_patches),
        cmocka_unit_test(edit_scalars), cmocka_unit_test(edit_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
