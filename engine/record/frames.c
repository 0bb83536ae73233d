/*
 * frames.c: records of the journal. In: entries. Out: bytes; and back. A record is a line of length,
 * checksum, kind, operation, task and time, then the data as it is, then a newline: exact for
 * programs, readable for people. The checksum (the first 8 bytes of SHA-256) covers the length too.
 *
 * A record that does not check ends the walk when none follows (a torn tail), else it is stepped
 * over: damage in the middle costs that record, not those after it. Pure; owns nothing.
 */
#include <stdio.h>

#include "base/hash.h"
#include "record/record_int.h"

enum { HEAD = 26 };             /* "<8 hex> <16 hex> " */

static const char *const kind_name[RECORD_KIND_MAX] = {
    [RECORD_OPENED] = "opened", [RECORD_TASK_STARTED] = "task-started",
    [RECORD_TASK_DONE] = "task-done", [RECORD_COMMIT] = "commit", [RECORD_PUSHED] = "pushed",
    [RECORD_NOTE] = "note", [RECORD_CLOSED] = "closed",
};

static void checksum(const char length[8], rk_str payload, char out[17])
{
    struct rk_sha256 h;
    uint8_t sum[RK_SHA256_LEN];
    rk_sha256_init(&h);
    rk_sha256_add(&h, length, 8);
    rk_sha256_add(&h, payload.p, payload.n);
    rk_sha256_end(&h, sum);
    rk_hex(sum, 8, out);
}

static bool good_operation(rk_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return false;
    return id.n > 0 && id.n <= RECORD_OPERATION_MAX;
}

int record_frame(struct rk_buf *out, const struct record_entry *e, struct rk_err *err)
{
    char length[9], sum[17];
    rk_str id = rk_str_c(e->operation ? e->operation : "-");
    rk_auto(rk_buf_release) struct rk_buf payload = RK_BUF_INIT;
    if ((unsigned)e->kind >= RECORD_KIND_MAX || !good_operation(id))
        return rk_fail(err, RK_INVALID, "a journal entry needs a kind and an operation's id");
    if (e->data.n > RECORD_FRAME_MAX - 256)
        return rk_fail(err, RK_LIMIT, "a journal entry of %zu bytes is over the limit of %d",
                       e->data.n, RECORD_FRAME_MAX - 256);
    rk_buf_f(&payload, "%s %s %lld %lld\n", kind_name[e->kind], id.p, (long long)e->task,
             (long long)e->time);
    rk_buf_str(&payload, e->data);
    (void)snprintf(length, sizeof length, "%08zx", payload.n);
    checksum(length, rk_buf_view(&payload), sum);
    rk_buf_f(out, "%s %s ", length, sum);
    rk_buf_str(out, rk_buf_view(&payload));
    rk_buf_ch(out, '\n');
    return 0;
}

/* ---- reading ---- */

static bool hex_length(const char *p, size_t *out)
{
    uint8_t b[4];
    if (!rk_unhex((rk_str){p, 8}, b, 4))
        return false;
    *out = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
    return *out <= RECORD_FRAME_MAX;
}

static bool parse_payload(rk_str payload, char id[RECORD_OPERATION_MAX + 1],
                          struct record_entry *out)
{
    rk_str data, rest, head = rk_str_cut(payload, '\n', &data);
    rk_str kind = rk_str_cut(head, ' ', &rest), op = rk_str_cut(rest, ' ', &rest);
    rk_str task = rk_str_cut(rest, ' ', &rest);
    size_t k = 0;
    while (k < RECORD_KIND_MAX && !rk_str_is(kind, kind_name[k]))
        k++;
    if (k == RECORD_KIND_MAX || !good_operation(op) || !rk_str_int(task, &out->task) ||
        !rk_str_int(rest, &out->time))
        return false;
    memcpy(id, op.p, op.n);
    id[op.n] = 0;
    out->kind = (enum record_kind)k;
    out->operation = id;
    out->data = data;
    return true;
}

/* The record that bytes begin with: its length, 0 when there is none. */
static size_t parse(rk_str bytes, char id[RECORD_OPERATION_MAX + 1], struct record_entry *out)
{
    size_t n;
    char sum[17];
    if (bytes.n < HEAD + 1 || bytes.p[8] != ' ' || bytes.p[25] != ' ' ||
        !hex_length(bytes.p, &n) || n > bytes.n - HEAD - 1 || bytes.p[HEAD + n] != '\n')
        return 0;
    rk_str payload = {bytes.p + HEAD, n};
    checksum(bytes.p, payload, sum);
    if (memcmp(sum, bytes.p + 9, 16) != 0 || !parse_payload(payload, id, out))
        return 0;
    return HEAD + n + 1;
}

/* Where the next record begins that checks; bytes.n when there is none. Tries every byte: the newline
 * before it may be what is damaged. */
static size_t resync(rk_str bytes, size_t from)
{
    char id[RECORD_OPERATION_MAX + 1];
    struct record_entry e;
    for (size_t at = from + 1; at < bytes.n; at++)
        if (parse((rk_str){bytes.p + at, bytes.n - at}, id, &e))
            return at;
    return bytes.n;
}

struct record_extent record_scan(rk_str bytes, record_entry_fn fn, void *ctx)
{
    char id[RECORD_OPERATION_MAX + 1];
    struct record_entry e;
    size_t at = sizeof RECORD_HEADER - 1;
    struct record_extent x = {.end = at < bytes.n ? at : bytes.n};
    while (at < bytes.n) {
        size_t n = parse((rk_str){bytes.p + at, bytes.n - at}, id, &e);
        if (n == 0) {
            at = resync(bytes, at);
            continue;
        }
        x.damaged += at - x.end;
        if (fn)
            fn(&e, (rk_str){bytes.p + at, n}, ctx);
        at += n;
        x.end = at;
    }
    return x;
}
