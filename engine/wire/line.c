/*
 * line.c: protocol lines (JSON-RPC 2.0) out and in. What goes out is appended to a buffer without
 * the newline and never holds one; what comes in is taken apart by spans, so a body crosses
 * untouched and is read once, by wire_read. An answer or event that would not fit in a line becomes
 * an error that says so. Owns nothing; does not know methods or shapes.
 */
#include <stdio.h>

#include "wire/wire_int.h"

/* ---- errors as JSON-RPC has them ---- */

struct wire_fault_data { const char *code, *file, *object; int64_t line, column; };
struct wire_fault { int64_t code; const char *message; struct wire_fault_data data; };

static const struct wire_member fault_data_members[] = {
    M_TEXT(wire_fault_data, code),
    M_TEXT(wire_fault_data, file),
    M_TEXT(wire_fault_data, object),
    M_INT(wire_fault_data, line),
    M_INT(wire_fault_data, column),
};
static WIRE_SHAPE(fault_data);

static const struct wire_member fault_members[] = {
    M_INT(wire_fault, code),
    M_TEXT(wire_fault, message),
    M_STRUCT(wire_fault, data, fault_data),
};
static WIRE_SHAPE(fault);

static const int fault_numbers[RK_CODE_MAX] = {
    [RK_INVALID] = -32602,     [RK_NOT_FOUND] = -32001,   [RK_CONFLICT] = -32002,
    [RK_DENIED] = -32003,      [RK_UNAVAILABLE] = -32004, [RK_TIMEOUT] = -32005,
    [RK_CANCELLED] = -32006,   [RK_LIMIT] = -32007,       [RK_UNSUPPORTED] = -32601,
    [RK_INTERNAL] = -32603,
};

void wire_error_body(struct rk_buf *out, const struct rk_err *error)
{
    enum rk_code code = error->code > RK_OK && error->code < RK_CODE_MAX ? error->code
                                                                         : RK_INTERNAL;
    struct wire_fault f = {
        .code = fault_numbers[code],
        .message = error->text,
        .data = {
            .code = rk_code_name(code),
            .file = error->where.file[0] ? error->where.file : NULL,
            .object = error->where.object[0] ? error->where.object : NULL,
            .line = error->where.line,
            .column = error->where.column,
        },
    };

    wire_print(out, &wire_shape_fault, &f);
}

static enum rk_code code_of(const struct wire_fault *f)
{
    if (f->data.code)
        return rk_code_from_name(f->data.code);
    if (f->code == -32700 || f->code == -32600)
        return RK_INVALID;
    for (int c = RK_OK + 1; c < RK_CODE_MAX; c++)
        if (fault_numbers[c] == f->code)
            return (enum rk_code)c;
    return RK_INTERNAL;
}

static void fill_error(const struct wire_fault *f, struct rk_err *out)
{
    enum rk_code code = code_of(f);

    rk_fail(out, code == RK_OK ? RK_INTERNAL : code, "%s",
            f->message && *f->message ? f->message : "an error without a text");
    if (f->data.object)
        rk_err_object(out, f->data.object);
    if (f->data.file)
        snprintf(out->where.file, sizeof(out->where.file), "%s", f->data.file);
    if (f->data.line > 0 && f->data.line <= UINT32_MAX)
        out->where.line = (uint32_t)f->data.line;
    if (f->data.column > 0 && f->data.column <= UINT32_MAX)
        out->where.column = (uint32_t)f->data.column;
}

/* ---- out ---- */

static void put_number(struct rk_buf *out, const char *before, int64_t v)
{
    rk_buf_c(out, before);
    wire_print_int(out, v);
}

/* In valid JSON a raw newline is only ever a blank; in a line it would be the end. */
static void put_body(struct rk_buf *out, rk_str body)
{
    size_t from = out->n;

    rk_buf_str(out, body);
    for (char *p = out->p + from, *end = out->p + out->n; p < end; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
}

static void put_head(struct rk_buf *out, int64_t id)
{
    rk_buf_c(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    if (id)
        wire_print_int(out, id);
    else
        rk_buf_c(out, "null");
}

static void drop(struct rk_buf *out, size_t from)
{
    out->n = from;
    if (out->cap)
        out->p[from] = 0;
}

void wire_request(struct rk_buf *out, int64_t id, const char *method, rk_str params)
{
    put_head(out, id);
    rk_buf_c(out, ",\"method\":");
    wire_print_text(out, method, strlen(method));
    if (params.n) {
        rk_buf_c(out, ",\"params\":");
        put_body(out, params);
    }
    rk_buf_ch(out, '}');
}

void wire_result(struct rk_buf *out, int64_t id, rk_str result)
{
    size_t from = out->n, n;
    struct rk_err err;

    put_head(out, id);
    rk_buf_c(out, ",\"result\":");
    put_body(out, result.n ? result : RK_STR("{}"));
    rk_buf_ch(out, '}');
    n = out->n - from;
    if (n <= WIRE_LINE_MAX)
        return;
    drop(out, from);
    rk_fail(&err, RK_LIMIT, "the answer has %zu bytes, a line holds %u; ask for fewer rows", n,
            WIRE_LINE_MAX);
    wire_error(out, id, &err);
}

void wire_error(struct rk_buf *out, int64_t id, const struct rk_err *error)
{
    put_head(out, id);
    rk_buf_c(out, ",\"error\":");
    wire_error_body(out, error);
    rk_buf_ch(out, '}');
}

static const char *const event_names[] = {
    [WIRE_RESET] = "reset", [WIRE_PATCH] = "patch", [WIRE_END] = "end",
};

static void put_event(struct rk_buf *out, const struct wire_line *e)
{
    put_number(out, "{\"sub\":", e->sub);
    put_number(out, ",\"epoch\":", e->epoch);
    put_number(out, ",\"seq\":", e->seq);
    rk_buf_c(out, ",\"kind\":\"");
    rk_buf_c(out, event_names[e->event]);
    rk_buf_c(out, "\"");
    if (e->body.n) {
        rk_buf_c(out, ",\"data\":");
        put_body(out, e->body);
    }
    rk_buf_ch(out, '}');
}

void wire_event_line(struct rk_buf *out, int64_t sub, int64_t epoch, int64_t seq,
                     enum wire_event kind, rk_str data)
{
    struct wire_line e = {.what = WIRE_EVENT, .sub = sub, .epoch = epoch, .seq = seq,
                          .event = kind, .body = data};
    struct rk_buf why rk_auto(rk_buf_release) = RK_BUF_INIT;
    size_t from = out->n, n;
    struct rk_err err;

    put_event(out, &e);
    n = out->n - from;
    if (n <= WIRE_LINE_MAX)
        return;
    drop(out, from);
    rk_fail(&err, RK_LIMIT, "an event has %zu bytes, a line holds %u; watch fewer rows", n,
            WIRE_LINE_MAX);
    wire_error_body(&why, &err);
    e.event = WIRE_END;
    e.body = rk_buf_view(&why);
    put_event(out, &e);
}

/* ---- in ---- */

enum part { P_JSONRPC, P_ID, P_METHOD, P_PARAMS, P_RESULT, P_ERROR, P_SUB, P_EPOCH, P_SEQ, P_KIND,
            P_DATA, P_MAX };
static const char *const part_names[P_MAX] = {
    [P_JSONRPC] = "jsonrpc", [P_ID] = "id", [P_METHOD] = "method", [P_PARAMS] = "params",
    [P_RESULT] = "result", [P_ERROR] = "error", [P_SUB] = "sub", [P_EPOCH] = "epoch",
    [P_SEQ] = "seq", [P_KIND] = "kind", [P_DATA] = "data",
};

static int take_part(struct rk_arena *a, rk_str key, rk_str value, rk_str parts[P_MAX],
                     struct rk_err *err)
{
    rk_str name = {key.p + 1, key.n - 2};

    if (memchr(name.p, '\\', name.n))
        name = rk_str_c(wire_unquote(a, key));
    for (size_t i = 0; i < P_MAX; i++) {
        if (!rk_str_is(name, part_names[i]))
            continue;
        if (parts[i].p)
            return rk_fail(err, RK_INVALID, "%s: stands there twice", part_names[i]);
        parts[i] = value;
    }
    return 0;
}

static int take_apart(struct rk_arena *a, rk_str line, rk_str parts[P_MAX], struct rk_err *err)
{
    rk_str key, value;
    size_t at = 0;

    if (wire_scan(line, err) < 0)
        return -1;
    if (line.p[0] != '{')
        return rk_fail(err, RK_INVALID, "a JSON object is needed (no batches)");
    while (wire_next_member(line, &at, &key, &value))
        if (take_part(a, key, value, parts, err) < 0)
            return -1;
    return 0;
}

/* Absent and null are 0. */
static int part_int(const rk_str parts[P_MAX], enum part k, int64_t *out, struct rk_err *err)
{
    *out = 0;
    if (!parts[k].p || rk_str_is(parts[k], "null") || rk_str_int(parts[k], out))
        return 0;
    return rk_fail(err, RK_INVALID, "%s: a whole number is needed", part_names[k]);
}

static int part_text(struct rk_arena *a, const rk_str parts[P_MAX], enum part k, const char **out,
                     struct rk_err *err)
{
    if (!parts[k].p || parts[k].p[0] != '"')
        return rk_fail(err, RK_INVALID, "%s: a text is needed", part_names[k]);
    *out = wire_unquote(a, parts[k]);
    return 0;
}

static int parse_error(struct rk_arena *a, rk_str json, struct rk_err *out, struct rk_err *err)
{
    struct wire_fault f;

    if (wire_read(a, &wire_shape_fault, json, &f, err) < 0)
        return -1;
    fill_error(&f, out);
    return 0;
}

static int parse_event(struct rk_arena *a, const rk_str parts[P_MAX], struct wire_line *out,
                       struct rk_err *err)
{
    const char *kind = "";
    size_t k = 0;

    out->what = WIRE_EVENT;
    if (part_int(parts, P_SUB, &out->sub, err) < 0 ||
        part_int(parts, P_EPOCH, &out->epoch, err) < 0 ||
        part_int(parts, P_SEQ, &out->seq, err) < 0 ||
        part_text(a, parts, P_KIND, &kind, err) < 0)
        return -1;
    while (k < RK_LEN(event_names) && strcmp(event_names[k], kind) != 0)
        k++;
    if (k == RK_LEN(event_names))
        return rk_fail(err, RK_INVALID, "kind: reset, patch or end is needed");
    out->event = (enum wire_event)k;
    out->body = rk_arena_str(a, parts[P_DATA]);
    if (out->event == WIRE_END && out->body.n && !rk_str_is(out->body, "null") &&
        !rk_str_is(out->body, "{}"))
        return parse_error(a, out->body, &out->error, err);
    return 0;
}

/* REQUEST, RESULT or ERROR: by the one of method, result and error that is there. */
static int parse_rpc(struct rk_arena *a, const rk_str parts[P_MAX], struct wire_line *out,
                     struct rk_err *err)
{
    int n = (parts[P_METHOD].p ? 1 : 0) + (parts[P_RESULT].p ? 1 : 0) + (parts[P_ERROR].p ? 1 : 0);

    if (n != 1)
        return rk_fail(err, RK_INVALID, "one of method, result and error is needed");
    if (!rk_str_is(parts[P_JSONRPC], "\"2.0\""))
        return rk_fail(err, RK_INVALID, "jsonrpc: \"2.0\" is needed");
    if (part_int(parts, P_ID, &out->id, err) < 0)
        return -1;
    if (parts[P_ERROR].p) {
        out->what = WIRE_ERROR;
        return parse_error(a, parts[P_ERROR], &out->error, err);
    }
    if (parts[P_RESULT].p) {
        out->what = WIRE_RESULT;
        out->body = rk_arena_str(a, parts[P_RESULT]);
        return 0;
    }
    out->what = WIRE_REQUEST;
    out->body = rk_arena_str(a, parts[P_PARAMS]);
    return part_text(a, parts, P_METHOD, &out->method, err);
}

int wire_parse(struct rk_arena *a, rk_str line, struct wire_line *out, struct rk_err *err)
{
    rk_str parts[P_MAX] = {RK_STR_NONE};
    struct wire_line l = {.what = WIRE_REQUEST};

    if (take_apart(a, rk_str_trim(line), parts, err) < 0)
        return rk_wrap(err, "protocol line");
    if ((parts[P_SUB].p ? parse_event : parse_rpc)(a, parts, &l, err) < 0)
        return rk_wrap(err, "protocol line");
    *out = l;
    return 0;
}
