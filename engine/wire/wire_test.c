/*
 * wire_test.c: every shape is filled by walking its table, printed, read, and printed again; then
 * texts that must be refused, and lines of every sort. Numbers, escapes and limits are compared
 * exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* after the four above */
#include <cmocka.h>

#include "wire/wire_int.h"

#define SHAPE_OF(name) &wire_shape_##name,
static const struct wire_shape *const shapes[] = {WIRE_SHAPES(SHAPE_OF)};

struct filler {
    struct rk_arena *a;
    int64_t n;                  /* counts the values made */
};

static void *slot(void *value, size_t offset)
{
    return (char *)value + offset;
}

static void fill(struct filler *f, const struct wire_shape *shape, void *value);

static void fill_list(struct filler *f, const struct wire_member *m, void *value)
{
    size_t n = 1 + (size_t)f->n % 3;
    char *v = rk_arena_array(f->a, n, m->shape->size);

    for (size_t i = 0; i < n; i++)
        fill(f, m->shape, v + i * m->shape->size);
    *(void **)slot(value, m->offset) = v;
    *(size_t *)slot(value, m->count_offset) = n;
}

static void fill_texts(struct filler *f, const struct wire_member *m, void *value)
{
    const char **v = rk_arena_array(f->a, 3, sizeof(*v));

    v[0] = rk_arena_f(f->a, "text %d", (int)f->n++);
    v[1] = "";
    v[2] = "\xc3\xa9";
    *(const char ***)slot(value, m->offset) = v;
    *(size_t *)slot(value, m->count_offset) = 3;
}

static void fill_member(struct filler *f, const struct wire_member *m, void *value)
{
    static const int64_t numbers[] = {0, -1, 1764000000123, WIRE_INT_MAX, -WIRE_INT_MAX, 7};
    void *p = slot(value, m->offset);

    f->n++;
    switch (m->type) {
    case WIRE_TEXT:
        if (f->n % 7)
            *(const char **)p = rk_arena_f(f->a, "%s \"%d\" \\ \n\t\x01 \xe2\x82\xac/", m->name,
                                           (int)f->n);
        break;
    case WIRE_INT:
        *(int64_t *)p = numbers[(size_t)f->n % RK_LEN(numbers)];
        break;
    case WIRE_BOOL:
        *(bool *)p = f->n % 2;
        break;
    case WIRE_STRUCT:
        fill(f, m->shape, p);
        break;
    case WIRE_LIST:
        fill_list(f, m, value);
        break;
    case WIRE_TEXTS:
        fill_texts(f, m, value);
        break;
    case WIRE_JSON:
        *(rk_str *)p = RK_STR("{\"n\":123456789012345678,\"a\":[1,2]}");
        break;
    }
}

static void fill(struct filler *f, const struct wire_shape *shape, void *value)
{
    for (size_t i = 0; i < shape->n; i++)
        fill_member(f, &shape->members[i], value);
}

static void check_round_trip(const struct wire_shape *shape, int64_t seed)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf one rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf two rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct filler f = {a, seed};
    void *value = rk_arena_alloc(a, shape->size), *again = rk_arena_alloc(a, shape->size);
    struct rk_err err;

    fill(&f, shape, value);
    wire_print(&one, shape, value);
    if (wire_read(a, shape, rk_buf_view(&one), again, &err) < 0)
        fail_msg("%s: %s in %s", shape->name, err.text, one.p);
    wire_print(&two, shape, again);
    assert_string_equal(one.p, two.p);
    assert_null(memchr(one.p, '\n', one.n));
}

static void every_shape_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(shapes); i++)
        for (int64_t seed = 0; seed < 42; seed++)
            check_round_trip(shapes[i], seed);
}

static void every_shape_empty_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(shapes); i++) {
        struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
        struct rk_buf one rk_auto(rk_buf_release) = RK_BUF_INIT;
        void *zero = rk_arena_alloc(a, shapes[i]->size);
        void *value = rk_arena_alloc(a, shapes[i]->size);

        memset(value, 0x5a, shapes[i]->size);
        wire_print(&one, shapes[i], zero);
        assert_int_equal(wire_read(a, shapes[i], rk_buf_view(&one), value, NULL), 0);
        assert_memory_equal(value, zero, shapes[i]->size);
        memset(value, 0x5a, shapes[i]->size);
        assert_int_equal(wire_read(a, shapes[i], RK_STR_NONE, value, NULL), 0);
        assert_memory_equal(value, zero, shapes[i]->size);
    }
}

static size_t member_size(const struct wire_member *m)
{
    switch (m->type) {
    case WIRE_BOOL:
        return sizeof(bool);
    case WIRE_STRUCT:
        return m->shape->size;
    case WIRE_JSON:
    case WIRE_LIST:
    case WIRE_TEXTS:
        return 2 * sizeof(size_t);
    case WIRE_TEXT:
    case WIRE_INT:
        return 8;
    }
    return 0;
}

/* A member without a row would be a hole as wide as a pointer, or make the struct longer. */
static void no_member_is_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(shapes); i++) {
        const struct wire_shape *s = shapes[i];
        size_t end = 0;

        assert_true(s->n > 0 && s->n <= WIRE_MEMBERS_MAX);
        for (size_t k = 0; k < s->n; k++) {
            const struct wire_member *m = &s->members[k];
            if (m->offset < end || m->offset - end >= 8)
                fail_msg("%s: a hole before %s", s->name, m->name);
            if ((m->type == WIRE_LIST || m->type == WIRE_TEXTS) &&
                m->count_offset != m->offset + sizeof(void *))
                fail_msg("%s: the count of %s is not beside it", s->name, m->name);
            end = m->offset + member_size(m);
        }
        if (s->size < end || s->size - end >= 8)
            fail_msg("%s: members are left out at the end", s->name);
    }
}

/* ---- texts ---- */

static void prints_exact_text(void **state)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *paths[] = {"/a", NULL};
    struct wire_plan_params p = {.kind = "sy\"nc\x7f\x1f", .app = "\xff\xc3\xa9", .paths = paths,
                                 .n_paths = 2, .prune = true};

    (void)state;
    wire_print(&out, &wire_shape_plan_params, &p);
    assert_string_equal(out.p,
                        "{\"kind\":\"sy\\\"nc\x7f\\u001f\",\"app\":\"\xef\xbf\xbd\xc3\xa9\","
                        "\"resources\":[],\"paths\":[\"/a\",null],\"leave_out\":[],\"prune\":true,\"force\":false,"
                        "\"dry_run\":false}");
}

static void prints_extreme_numbers(void **state)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_sub s = {INT64_MIN};

    (void)state;
    wire_print(&out, &wire_shape_sub, &s);
    assert_string_equal(out.p, "{\"sub\":-9223372036854775808}");
}

static void refused(const struct wire_shape *shape, const char *json, size_t n, enum rk_code code,
                    const char *text)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    void *value = rk_arena_alloc(a, shape->size), *zero = rk_arena_alloc(a, shape->size);
    struct rk_err err = {0};

    if (wire_read(a, shape, (rk_str){json, n}, value, &err) == 0)
        fail_msg("accepted: %.200s", json);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, text))
        fail_msg("'%s' does not say '%s'", err.text, text);
    assert_memory_equal(value, zero, shape->size);
}

static void refuses_bad_texts(void **state)
{
    static const struct { const char *json, *text; } rows[] = {
        {"{", "a string"}, {"{\"a\":1", "early"}, {"}", "a value"},
        {"[]", "an object"}, {"7", "an object"},
        {"\"x\"", "an object"}, {"{} {}", "follows"}, {"{}x", "follows"},
        {"{\"tail\":}", "a value"}, {"{\"tail\" 1}", "':'"}, {"{tail:1}", "a string"},
        {"{\"tail\":1,}", "a string"}, {"{\"tail\":01}", "','"}, {"{\"tail\":1.}", "digit"},
        {"{\"tail\":-}", "digit"}, {"{\"tail\":1e}", "digit"}, {"{\"tail\":+1}", "a value"},
        {"{\"tail\":NaN}", "a value"}, {"{\"tail\":tru}", "a value"},
        {"{\"app\":\"a\nb\"}", "control"}, {"{\"app\":\"\\u0000\"}", "\\u0000"},
        {"{\"app\":\"\\ud800\"}", "surrogate"}, {"{\"app\":\"\\udc00\"}", "surrogate"},
        {"{\"app\":\"\\ud800\\u0041\"}", "surrogate"}, {"{\"app\":\"\\u12g4\"}", "hexadecimal"},
        {"{\"app\":\"\\x41\"}", "escape"}, {"{\"app\":\"\xc3\x28\"}", "UTF-8"},
        {"{\"app\":\"\xed\xa0\x80\"}", "UTF-8"}, {"{\"app\":\"", "without an end"},
        {"{\"app\":\"\\", "without an end"}, {"\xef\xbb\xbf{}", "a value"},
        {"{\"tail\":1234567890123456789012345678901234567890123456789012345678901}", "60"},
        {"{\"app\":1}", "app: a text"}, {"{\"app\":{}}", "app: a text"},
        {"{\"tail\":\"1\"}", "tail: a whole"}, {"{\"tail\":1.5}", "tail: a whole"},
        {"{\"tail\":true}", "tail: a whole"}, {"{\"tail\":9007199254740992}", "beyond"},
        {"{\"tail\":-9007199254740993}", "beyond"}, {"{\"tail\":1e400}", "beyond"},
        {"{\"follow\":1}", "follow: true or false"}, {"{\"follow\":\"true\"}", "follow: true or"},
        {"{\"app\":\"a\",\"app\":\"a\"}", "app: stands there twice"},
        {"{\"tail\":1,\"follow\":true,\"t\\u0061il\":1}", "tail: stands there twice"},
        {"{\"tail\":null,\"tail\":1}", "twice"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        refused(&wire_shape_logs_params, rows[i].json, strlen(rows[i].json), RK_INVALID,
                rows[i].text);
    refused(&wire_shape_logs_params, "{\"app\":\"a\0b\"}", 13, RK_INVALID, "control");
    refused(&wire_shape_logs_params, "{}\0", 3, RK_INVALID, "follows");
}

static void names_the_place(void **state)
{
    static const char json[] =
        "{\"tasks\":[{},{\"fields\":[{\"path\":\"/a\"},{\"path\":7}]}]}";

    (void)state;
    refused(&wire_shape_plan, json, sizeof(json) - 1, RK_INVALID,
            "plan: tasks: 1: fields: 1: path: a text is needed");
    refused(&wire_shape_plan, "{\"tasks\":{}}", 12, RK_INVALID, "plan: tasks: a list is needed");
    refused(&wire_shape_plan, "{\"tasks\":[null]}", 16, RK_INVALID, "plan: tasks: 0: an object");
    refused(&wire_shape_plan, "{\"missing\":[\"a\",1]}", 19, RK_INVALID,
            "plan: missing: 1: a text is needed");
}

static void refuses_deep_and_long_texts(void **state)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    (void)state;
    rk_buf_c(&out, "{\"x\":");
    for (int i = 0; i < 100; i++)
        rk_buf_ch(&out, '[');
    refused(&wire_shape_sub, out.p, out.n, RK_LIMIT, "deeper than 100");
    rk_buf_clear(&out);
    rk_buf_c(&out, "{\"x\":\"");
    while (out.n < WIRE_LINE_MAX)
        rk_buf_c(&out, "aaaaaaaaaaaaaaaa");
    rk_buf_c(&out, "\"}");
    refused(&wire_shape_sub, out.p, out.n, RK_LIMIT, "262144");
}

static void accepts_depth_at_the_limit(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_sub s;

    (void)state;
    rk_buf_c(&out, "{\"x\":");
    for (int i = 0; i < 99; i++)
        rk_buf_ch(&out, '[');
    for (int i = 0; i < 99; i++)
        rk_buf_ch(&out, ']');
    rk_buf_c(&out, ",\"sub\":3}");
    assert_int_equal(wire_read(a, &wire_shape_sub, rk_buf_view(&out), &s, NULL), 0);
    assert_int_equal(s.sub, 3);
}

static void skips_unknown_members(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_logs_params p;
    rk_str json = RK_STR(" {\"new\":{\"app\":[1,\"}\"]},\"new\":1,\"App\":\"A\",\"tail\": 5.0 ,"
                         "\"app\":\"a\\u00e9\\ud83d\\ude00\\/\",\"object\":null} ");

    (void)state;
    assert_int_equal(wire_read(a, &wire_shape_logs_params, json, &p, NULL), 0);
    assert_string_equal(p.app, "a\xc3\xa9\xf0\x9f\x98\x80/");
    assert_int_equal(p.tail, 5);
    assert_null(p.object);
}

/* No message has raw JSON yet: a shape of our own, also inside a list. */
struct wire_raw { rk_str json; int64_t n; };
struct wire_raws { struct wire_raw *raws; size_t n_raws; struct wire_raw one; };
static const struct wire_member raw_members[] = {M_JSON(wire_raw, json), M_INT(wire_raw, n)};
static WIRE_SHAPE(raw);
static const struct wire_member raws_members[] = {
    M_LIST(wire_raws, raws, raw), M_STRUCT(wire_raws, one, raw),
};
static WIRE_SHAPE(raws);

static void keeps_raw_json_as_written(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_raws r;
    rk_str json = RK_STR("{\"one\" : {\"n\":1,\"json\": [ 12345678901234567890 , \"]\\\"\" ]},"
                         "\"raws\":[ {\"json\":1e400} , {\"x\":{}}, {\"json\":\"a\",\"n\":2}]}");

    (void)state;
    assert_int_equal(wire_read(a, &wire_shape_raws, json, &r, NULL), 0);
    wire_print(&out, &wire_shape_raws, &r);
    assert_string_equal(out.p, "{\"raws\":[{\"json\":1e400,\"n\":0},{\"n\":0},"
                               "{\"json\":\"a\",\"n\":2}],"
                               "\"one\":{\"json\":[ 12345678901234567890 , \"]\\\"\" ],\"n\":1}}");
}

static void pretty(const char *json, const char *want)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_pretty(&out, rk_str_c(json));
    assert_string_equal(out.p, want);
}

static void pretty_indents(void **state)
{
    (void)state;
    pretty("{}", "{}");
    pretty("", "");
    pretty("[ ]", "[]");
    pretty("{\"a\":[1,{\"b\":\"},\\\"\"}],\"c\":12345678901234567890,\"d\":{}}",
           "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"},\\\"\"\n    }\n  ],\n"
           "  \"c\": 12345678901234567890,\n  \"d\": {}\n}");
    pretty("]]}\"\\", "\n]\n]\n}\"\\");
}

/* ---- lines ---- */

static struct wire_line parse(struct rk_arena *a, const char *text)
{
    struct wire_line l = {0};
    struct rk_err err;

    if (wire_parse(a, rk_str_c(text), &l, &err) < 0)
        fail_msg("%s in %s", err.text, text);
    return l;
}

static void assert_body(rk_str body, const char *want)
{
    if (!rk_str_is(body, want))
        fail_msg("'" RK_FMT_STR "' is not '%s'", RK_ARG_STR(body), want);
}

static void lines_of_every_sort(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_line l;

    (void)state;
    wire_request(&out, INT64_MAX, "status", RK_STR("{\n\"a\":1\r\n}"));
    assert_string_equal(out.p, "{\"jsonrpc\":\"2.0\",\"id\":9223372036854775807,"
                               "\"method\":\"status\",\"params\":{ \"a\":1  }}");
    l = parse(a, out.p);
    assert_int_equal(l.what, WIRE_REQUEST);
    assert_true(l.id == INT64_MAX);
    assert_string_equal(l.method, "status");
    assert_body(l.body, "{ \"a\":1  }");

    rk_buf_clear(&out);
    wire_result(&out, 2, RK_STR_NONE);
    l = parse(a, out.p);
    assert_int_equal(l.what, WIRE_RESULT);
    assert_int_equal(l.id, 2);
    assert_body(l.body, "{}");

    rk_buf_clear(&out);
    wire_event_line(&out, 3, 1764000000123, 5, WIRE_PATCH, RK_STR("{\"x\":[1]}"));
    assert_string_equal(out.p, "{\"sub\":3,\"epoch\":1764000000123,\"seq\":5,\"kind\":\"patch\","
                               "\"data\":{\"x\":[1]}}");
    l = parse(a, out.p);
    assert_int_equal(l.what, WIRE_EVENT);
    assert_int_equal(l.event, WIRE_PATCH);
    assert_int_equal(l.sub, 3);
    assert_int_equal(l.epoch, 1764000000123);
    assert_int_equal(l.seq, 5);
    assert_body(l.body, "{\"x\":[1]}");
}

static void errors_cross_whole(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    (void)state;
    for (int c = RK_OK + 1; c < RK_CODE_MAX; c++) {
        struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct rk_err err;
        struct wire_line l;

        rk_fail_at(&err, (enum rk_code)c, "k8s/app.yaml", 14, 3, "no field \"%s\"", "foo");
        rk_err_object(&err, "apps/Deployment/shop/web");
        wire_error(&out, c, &err);
        l = parse(a, out.p);
        assert_int_equal(l.what, WIRE_ERROR);
        assert_int_equal(l.id, c);
        assert_int_equal(l.error.code, c);
        assert_string_equal(l.error.text, err.text);
        assert_string_equal(l.error.where.file, "k8s/app.yaml");
        assert_string_equal(l.error.where.object, "apps/Deployment/shop/web");
        assert_int_equal(l.error.where.line, 14);
        assert_int_equal(l.error.where.column, 3);

        rk_buf_clear(&out);
        wire_error_body(&out, &err);
        struct rk_buf end rk_auto(rk_buf_release) = RK_BUF_INIT;
        wire_event_line(&end, 1, 1, 1, WIRE_END, rk_buf_view(&out));
        l = parse(a, end.p);
        assert_int_equal(l.event, WIRE_END);
        assert_int_equal(l.error.code, c);
        assert_string_equal(l.error.text, err.text);
    }
}

static void foreign_errors(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_line l;

    (void)state;
    l = parse(a, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700}}");
    assert_int_equal(l.id, 0);
    assert_int_equal(l.error.code, RK_INVALID);
    assert_string_equal(l.error.text, "an error without a text");
    l = parse(a, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no\"}}");
    assert_int_equal(l.error.code, RK_UNSUPPORTED);
    l = parse(a, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":5,\"message\":\"no\"}}");
    assert_int_equal(l.error.code, RK_INTERNAL);
    l = parse(a, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"data\":{\"code\":\"NEW\"}}}");
    assert_int_equal(l.error.code, RK_INTERNAL);
    l = parse(a, "{\"sub\":1,\"epoch\":1,\"seq\":1,\"kind\":\"end\",\"data\":{}}");
    assert_int_equal(l.error.code, RK_OK);
}

static void refuses_bad_lines(void **state)
{
    static const char *const lines[] = {
        "", "   ", "garbage", "[]", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}]", "{}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}", "{\"id\":1,\"method\":\"a\"}",
        "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"a\"}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"method\":\"b\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"meth\\u006fd\":\"b\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"no\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":{\"x\":\"\\u0000\"}}",
        "{\"sub\":1,\"epoch\":1,\"seq\":1}", "{\"sub\":1,\"kind\":\"other\"}",
        "{\"sub\":\"1\",\"kind\":\"end\"}", "{\"sub\":1,\"kind\":\"end\",\"data\":[]}",
    };
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    (void)state;
    for (size_t i = 0; i < RK_LEN(lines); i++) {
        struct wire_line l = {.id = 77};
        struct rk_err err = {0};
        if (wire_parse(a, rk_str_c(lines[i]), &l, &err) == 0)
            fail_msg("accepted: %s", lines[i]);
        assert_int_equal(err.code, RK_INVALID);
        assert_int_equal(l.id, 77);
    }
}

static void too_long_becomes_an_error(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf big rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_line l;

    (void)state;
    rk_buf_ch(&big, '"');
    while (big.n < WIRE_LINE_MAX)
        rk_buf_ch(&big, 'x');
    rk_buf_ch(&big, '"');
    wire_result(&out, 4, rk_buf_view(&big));
    l = parse(a, out.p);
    assert_int_equal(l.what, WIRE_ERROR);
    assert_int_equal(l.id, 4);
    assert_int_equal(l.error.code, RK_LIMIT);
    rk_buf_clear(&out);
    wire_event_line(&out, 4, 1, 9, WIRE_RESET, rk_buf_view(&big));
    l = parse(a, out.p);
    assert_int_equal(l.event, WIRE_END);
    assert_int_equal(l.error.code, RK_LIMIT);
    rk_buf_clear(&out);
    wire_request(&out, 4, "x", rk_buf_view(&big));
    struct rk_err err;
    assert_int_equal(wire_parse(a, rk_buf_view(&out), &l, &err), -1);
    assert_int_equal(err.code, RK_LIMIT);
}

/* A good line cut at each byte is refused, never read past its end. */
static void refuses_cut_lines(void **state)
{
    static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":12,\"method\":\"a\\u00e9\","
                               "\"params\":{\"a\":[true,null,-1.5e3,\"\xe2\x82\xac\"]}}";
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_line l;

    (void)state;
    for (size_t n = 0; n < sizeof(line) - 1; n++) {
        char *cut = rk_strndup(line, n);
        assert_int_equal(wire_parse(a, (rk_str){cut, n}, &l, NULL), -1);
        free(cut);
    }
    assert_int_equal(wire_parse(a, (rk_str){line, sizeof(line) - 1}, &l, NULL), 0);
}

static void the_method_table(void **state)
{
    static const char *const writing[] = {
        "engine.detach", "engine.stop", "plan.arm", "plan.approve", "plan.reject",
        "operation.start", "operation.stop", "freeze.set", "lock.set", "validate", "hold.release",
    };
    size_t n, writes = 0;
    const struct wire_method *m = wire_methods(&n);

    (void)state;
    assert_int_equal(n, 38);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(wire_method_find(m[i].name), &m[i]);
        assert_non_null(m[i].result);
        assert_int_equal(m[i].watch, rk_str_ends(rk_str_c(m[i].name), ".watch"));
        writes += m[i].writes;
    }
    for (size_t i = 0; i < RK_LEN(writing); i++)
        assert_true(wire_method_find(writing[i])->writes);
    assert_int_equal(writes, RK_LEN(writing));
    assert_null(wire_method_find("nothing"));
    assert_null(wire_method_find(""));
}

/* ---- copies and pages ---- */
static void every_shape_is_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(shapes); i++) {
        struct rk_arena *a = rk_arena_new(), *b rk_auto(rk_arena_freep) = rk_arena_new();
        struct rk_buf one rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct rk_buf two rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct filler f = {a, (int64_t)i};
        void *value = rk_arena_alloc(a, shapes[i]->size), *copy = rk_arena_alloc(b, shapes[i]->size);

        fill(&f, shapes[i], value);
        wire_print(&one, shapes[i], value);
        wire_copy(b, shapes[i], value, copy);
        rk_arena_free(a);       /* nothing of it is left in the copy */
        wire_print(&two, shapes[i], copy);
        assert_string_equal(one.p, two.p);
    }
}

static struct wire_operation tasks_from(struct rk_arena *a, int64_t offset, size_t n, size_t size)
{
    struct wire_operation o = {.id = "op", .state = "running", .offset = offset, .total = 100};
    char *text = rk_arena_alloc(a, size + 1);

    memset(text, 'x', size);
    o.tasks = rk_arena_array(a, n, sizeof *o.tasks);
    for (o.n_tasks = 0; o.n_tasks < n; o.n_tasks++)
        o.tasks[o.n_tasks] = (struct wire_task){.wave = offset + (int64_t)o.n_tasks,
                                                .message = text};
    return o;
}

static void a_page_is_what_fits(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_operation o = tasks_from(a, 0, 100, 100), back;
    (void)state;
    assert_int_equal(wire_print_page(&out, &wire_shape_operation, &o, 1 << 20), 100);
    size_t n = wire_print_page(&out, &wire_shape_operation, &o, 10000);
    assert_in_range(n, 10, 99);
    assert_in_range(out.n, 1, 10000);
    assert_int_equal(o.n_tasks, 100);
    assert_int_equal(wire_read(a, &wire_shape_operation, rk_buf_view(&out), &back, NULL), 0);
    assert_int_equal(back.n_tasks, n);
    assert_int_equal(back.total, 100);
    assert_int_equal(wire_print_page(&out, &wire_shape_operation, &o, 10), 1); /* at least one */
    struct wire_ok ok = {true};
    assert_int_equal(wire_print_page(&out, &wire_shape_ok, &ok, 1), 0);
    assert_string_equal(out.p, "{\"ok\":true}");
}

static void pages_become_a_whole(void **state)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_operation whole = {0};
    (void)state;
    for (int64_t at = 0; at < 100; at += 40) {
        struct rk_arena *own = rk_arena_new();
        struct wire_operation page = tasks_from(own, at, at < 80 ? 40 : 20, 5);
        wire_merge(a, &wire_shape_operation, &whole, &page);
        rk_arena_free(own);
    }
    assert_int_equal(whole.n_tasks, 100);
    assert_int_equal(whole.offset, 0);
    struct wire_operation news = tasks_from(a, 41, 2, 5); /* two in the middle are others now */
    news.state = "Succeeded";
    news.tasks[1].wave = -7;
    wire_merge(a, &wire_shape_operation, &whole, &news);
    assert_int_equal(whole.n_tasks, 100);
    assert_string_equal(whole.state, "Succeeded");
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(whole.tasks[i].wave, i == 42 ? -7 : i);
    news = tasks_from(a, 0, 0, 5); /* no task moved */
    wire_merge(a, &wire_shape_operation, &whole, &news);
    assert_int_equal(whole.n_tasks, 100);
    assert_string_equal(whole.state, "running");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_round_trips),
        cmocka_unit_test(every_shape_empty_round_trips),
        cmocka_unit_test(no_member_is_left_out),
        cmocka_unit_test(prints_exact_text),
        cmocka_unit_test(prints_extreme_numbers),
        cmocka_unit_test(refuses_bad_texts),
        cmocka_unit_test(names_the_place),
        cmocka_unit_test(refuses_deep_and_long_texts),
        cmocka_unit_test(accepts_depth_at_the_limit),
        cmocka_unit_test(skips_unknown_members),
        cmocka_unit_test(keeps_raw_json_as_written),
        cmocka_unit_test(pretty_indents),
        cmocka_unit_test(lines_of_every_sort),
        cmocka_unit_test(errors_cross_whole),
        cmocka_unit_test(foreign_errors),
        cmocka_unit_test(refuses_bad_lines),
        cmocka_unit_test(too_long_becomes_an_error),
        cmocka_unit_test(refuses_cut_lines),
        cmocka_unit_test(the_method_table),
        cmocka_unit_test(every_shape_is_copied),
        cmocka_unit_test(a_page_is_what_fits),
        cmocka_unit_test(pages_become_a_whole),
    };

    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
