/* object_test.c: text of one object, refusals, retries, versions: the parts without a server. */
#include "cluster/testing.h"

static char *stripped(const char *json, const char *kind, rk_str *managed)
{
    struct rk_buf out = RK_BUF_INIT;

    *managed = RK_STR_NONE;
    if (strip_object(rk_str_c(json), kind, kind ? "v1" : NULL, &out, managed))
        return rk_buf_take(&out);
    rk_buf_release(&out);
    return NULL;
}

static void check_strip(const char *json, const char *kind, const char *want, const char *managed)
{
    rk_str m;
    rk_auto(rk_free_str) char *got = stripped(json, kind, &m);

    assert_string_equal(got ? got : "none", want);
    assert_true(rk_str_is(m, managed));
}

static void test_strip(void **state)
{
    (void)state;
    check_strip("{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"managedFields\""
                ": [{\"a\":\"]}\\\"\"}] ,\"selfLink\":\"x\"},\"spec\":{\"managedFields\":1}}", NULL,
                "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"},"
                "\"spec\":{\"managedFields\":1}}", "[{\"a\":\"]}\\\"\"}]");
    check_strip(" { \"metadata\" : { \"managedFields\":[] , \"name\" : \"a\" } } ", "Pod",
                "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}", "[]");
    check_strip("{\"metadata\":{},\"status\":{\"images\":[1],\"x\":2}}", "Node",
                "{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":{\"x\":2}}", "");
    check_strip("{\"metadata\":{},\"status\":{\"images\":[1]}}", "Pod",
                "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":{\"images\":[1]}}", "");
    check_strip("{}", "Pod", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}", "");
}

static void test_strip_survives_any_text(void **state)
{
    static const char text[] = "{\"kind\":\"A\",\"metadata\":{\"managedFields\":[{\"a\":\"b\\\\\"}]}}";
    rk_str m;

    (void)state;
    for (size_t n = 0; n < sizeof(text) - 1; n++) { /* cut anywhere: refused, nothing read behind */
        char *cut = rk_strndup(text, n);
        assert_null(stripped(cut, "A", &m));
        free(cut);
    }
    for (size_t i = 0; i < sizeof(text) - 1; i++) { /* any byte replaced: no crash */
        for (const char *b = "{}[]\",:\\x"; *b; b++) {
            char *bad = rk_strdup(text);
            bad[i] = *b;
            free(stripped(bad, "A", &m));
            free(bad);
        }
    }
}

static void check_pack(struct pool *pool, const char *json)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct rk_arena *own = rk_arena_new();
    struct rk_buf want = RK_BUF_INIT, got = RK_BUF_INIT;
    struct doc_node *doc;
    struct rk_err err;

    assert_ok(doc_json_read(a, rk_str_c(json), NULL, &doc, &err), &err);
    struct doc_node *packed = pack_copy(pool, own, doc);
    doc_json_write(&want, doc);
    doc_json_write(&got, packed);
    assert_string_equal(got.p, want.p);
    assert_true(doc_equal(doc, packed));
    rk_arena_free(own);
    rk_buf_release(&want);
    rk_buf_release(&got);
}

static void test_pack(void **state)
{
    struct pool *pool = pool_new();
    struct rk_buf large = RK_BUF_INIT;

    (void)state;
    for (int i = 0; i < 3; i++) {
        check_pack(pool, "{}");
        check_pack(pool, "[[],{},\"\",0,null,true,false,[1,\"1\"],{\"a\":\"a\"}]");
        check_pack(pool, "{\"a\":{\"a\":[{\"a\":1.50},{\"b\":9007199254740993}]},\"b\":\"a\"}");
    }
    for (int n = 10; n < 200; n += 37) { /* maps with an index too */
        rk_buf_clear(&large);
        for (int i = 0; i < n; i++)
            rk_buf_f(&large, "%c\"key%d\":{\"v\":[%d]}", i ? ',' : '{', i, i);
        rk_buf_ch(&large, '}');
        check_pack(pool, large.p);
    }
    rk_buf_clear(&large);
    rk_buf_ch(&large, '[');
    for (int i = 0; i < 9000; i++) /* more than the pool takes */
        rk_buf_f(&large, "\"s%d\",\"s%d\",", i, i);
    rk_buf_c(&large, "1]");
    check_pack(pool, large.p);
    check_pack(pool, large.p);
    rk_buf_release(&large);
    pool_unref(pool);
}

static void test_versions(void **state)
{
    static const struct { const char *a, *b; int order; bool known; } cases[] = {
        {"5", "5", 0, true}, {"9", "10", -1, true}, {"10", "9", 1, true}, {"12", "13", -1, true},
        {"x", "x", 0, true}, {"x", "5", 0, false}, {"05", "5", 0, false}, {"", "5", 0, false},
    };
    bool known;

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        int order = object_version_cmp(rk_str_c(cases[i].a), rk_str_c(cases[i].b), &known);
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_int_equal(known, cases[i].known);
    }
}

static enum rk_code code_of(int http, const char *body, int64_t *retry, unsigned tries)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct status s;
    struct rk_err err;
    uint64_t random = 1;

    status_read(a, http, RK_STR("application/json"), rk_str_c(body), &s);
    const struct retry_case k = {.status = &s, .header_ms = -1, .tries = tries};
    *retry = retry_after(&k, &random);
    assert_int_equal(status_fail(&err, &s, false), -1);
    return err.code;
}

#define STATUS(code, reason, more)                                                                 \
    "{\"kind\":\"Status\",\"code\":" #code ",\"reason\":\"" reason "\"" more "}"

static void test_refusals(void **state)
{
    static const struct { int http; const char *body; enum rk_code code; bool again; } cases[] = {
        {400, "", RK_INVALID, false},
        {401, "", RK_DENIED, false},
        {403, STATUS(403, "Forbidden", ""), RK_DENIED, false},
        {404, "<html>", RK_NOT_FOUND, false},
        {409, STATUS(409, "AlreadyExists", ""), RK_CONFLICT, false},
        {413, "", RK_LIMIT, false},
        {415, "", RK_UNSUPPORTED, false},
        {418, "", RK_INVALID, false},
        {422, STATUS(422, "Invalid", ""), RK_INVALID, false},
        {429, "", RK_UNAVAILABLE, true},
        {500, STATUS(500, "InternalError", ""), RK_UNAVAILABLE, true},
        {500, STATUS(500, "InternalError", ",\"message\":\"failed to create typed patch object: x\""),
         RK_INVALID, false},
        {500, STATUS(500, "ServerTimeout", ""), RK_TIMEOUT, true},
        {200, STATUS(404, "NotFound", ""), RK_NOT_FOUND, false}, /* the body knows better */
        {502, "bad gateway", RK_UNAVAILABLE, true},
        {503, "", RK_UNAVAILABLE, true},
        {504, "", RK_TIMEOUT, true},
        {599, "", RK_UNAVAILABLE, false},
    };
    int64_t retry;

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        enum rk_code code = code_of(cases[i].http, cases[i].body, &retry, 1);
        if (code != cases[i].code || (retry >= 0) != cases[i].again)
            fail_msg("case %zu: %s, retry %lld", i, rk_code_name(code), (long long)retry);
    }
    code_of(429, STATUS(429, "TooManyRequests", ",\"details\":{\"retryAfterSeconds\":3}"), &retry, 9);
    assert_int_equal(retry, 3000);
    code_of(429, STATUS(429, "TooManyRequests", ",\"details\":{\"retryAfterSeconds\":3}"), &retry, 10);
    assert_int_equal(retry, -1);
    code_of(500, "", &retry, 3);
    assert_int_equal(retry, -1);
}

static void test_transport_retries(void **state)
{
    struct rk_err away = {.code = RK_UNAVAILABLE}, slow = {.code = RK_TIMEOUT};
    struct retry_case k = {.transport = &away, .header_ms = -1, .tries = 1};
    uint64_t random = 1;

    (void)state;
    for (k.tries = 1; k.tries < 5; k.tries++) {
        int64_t ms = retry_after(&k, &random), base = 100 << (k.tries - 1);
        assert_true(ms >= base && ms < 2 * base);
    }
    assert_int_equal(retry_after(&k, &random), -1);
    k.transport = &slow;
    k.tries = 1;
    assert_int_equal(retry_after(&k, &random), -1);
}

static void test_warnings(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();

    (void)state;
    assert_null(status_warning(a, RK_STR_NONE));
    assert_string_equal(status_warning(a, RK_STR("299 - \"one \\\"x\\\"\"\n299 k \"tw\x1bo\" \"d\"\nodd")),
                        "one \"x\"\ntw\\x1bo\nodd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strip),
        cmocka_unit_test(test_strip_survives_any_text),
        cmocka_unit_test(test_pack),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_transport_retries),
        cmocka_unit_test(test_warnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
