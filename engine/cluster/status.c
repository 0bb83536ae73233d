/*
 * status.c: what an API server says when it refuses: a Status body in, reason, message, conflict
 * owners and an error of ours out. Judged by the reason first, by the HTTP code only for unknown
 * reasons (reference/kubernetes.md section 2.7). Bodies of proxies are no Status: the code speaks.
 */
#include "cluster/cluster_int.h"

#include "reckon/text.h"

static const struct {
    int http;
    const char *reason;
    enum rk_code code;
} reasons[] = {
    /* the first row of an HTTP code is its usual reason */
    {400, "BadRequest", RK_INVALID},
    {401, "Unauthorized", RK_DENIED},
    {403, "Forbidden", RK_DENIED},
    {404, "NotFound", RK_NOT_FOUND},
    {405, "MethodNotAllowed", RK_UNSUPPORTED},
    {406, "NotAcceptable", RK_UNSUPPORTED},
    {409, "Conflict", RK_CONFLICT},
    {409, "AlreadyExists", RK_CONFLICT},
    {410, "Expired", RK_CONFLICT},
    {410, "Gone", RK_CONFLICT},
    {413, "RequestEntityTooLarge", RK_LIMIT},
    {415, "UnsupportedMediaType", RK_UNSUPPORTED},
    {422, "Invalid", RK_INVALID},
    {429, "TooManyRequests", RK_UNAVAILABLE},
    {500, "InternalError", RK_UNAVAILABLE},
    {500, "ServerTimeout", RK_TIMEOUT},
    {502, "BadGateway", RK_UNAVAILABLE},
    {503, "ServiceUnavailable", RK_UNAVAILABLE},
    {504, "Timeout", RK_TIMEOUT},
};

static const char *usual_reason(int http)
{
    for (size_t i = 0; i < RK_LEN(reasons); i++)
        if (reasons[i].http == http)
            return reasons[i].reason;
    return "";
}

enum rk_code status_code(const struct status *s)
{
    if (s->malformed)
        return RK_INVALID;
    for (size_t i = 0; i < RK_LEN(reasons); i++)
        if (rk_str_is(s->reason, reasons[i].reason))
            return reasons[i].code;
    for (size_t i = 0; i < RK_LEN(reasons); i++)
        if (s->code == reasons[i].http)
            return reasons[i].code;
    return s->code >= 400 && s->code < 500 ? RK_INVALID : RK_UNAVAILABLE;
}

/* How v1.35 answers an apply of a field that the schema does not know: with 500. */
static const char untyped[] = "failed to create typed patch object";

/* conflict with "argocd-controller" using apps/v1 -> argocd-controller */
static const char *manager_of(struct rk_arena *a, rk_str message)
{
    const char *open = message.n ? memchr(message.p, '"', message.n) : NULL;
    if (!open)
        return rk_arena_dup(a, message.p, message.n);
    char *out = rk_arena_dup(a, open + 1, (size_t)(message.p + message.n - open) - 1);
    char *to = out;
    for (const char *p = out; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return out;
}

static void read_causes(struct rk_arena *a, const struct doc_node *causes, struct status *s)
{
    size_t n = doc_type(causes) == DOC_LIST ? doc_count(causes) : 0;

    n = n < STATUS_CONFLICTS_MAX ? n : STATUS_CONFLICTS_MAX;
    s->conflicts = n ? rk_arena_array(a, n, sizeof(*s->conflicts)) : NULL;
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *cause = doc_at(causes, i);
        rk_str reason = doc_get_text(cause, "reason");
        rk_str field = doc_get_text(cause, "field");

        if (rk_str_is(reason, "ResourceVersionTooLarge"))
            s->too_large_version = true;
        if (!rk_str_is(reason, "FieldManagerConflict"))
            continue;
        s->conflicts[s->n_conflicts++] = (struct cluster_field_conflict){
            .manager = manager_of(a, doc_get_text(cause, "message")),
            .field = rk_arena_dup(a, field.p ? field.p : "", field.n),
        };
    }
}

static bool read_doc(struct rk_arena *a, rk_str body, struct status *s)
{
    struct doc_node *doc = NULL;
    int64_t seconds;

    if (body.n == 0 || doc_json_read(a, body, NULL, &doc, NULL) < 0)
        return false;
    if (!rk_str_is(doc_get_text(doc, "kind"), "Status"))
        return false;
    s->doc = doc;
    s->reason = doc_get_text(doc, "reason");
    s->message = doc_get_text(doc, "message");
    s->code = (int)doc_get_int(doc, "code", s->code);
    const struct doc_node *details = doc_get(doc, "details");
    seconds = doc_get_int(details, "retryAfterSeconds", 0);
    if (seconds > 0 && seconds < 100000)
        s->retry_after_ms = seconds * 1000;
    read_causes(a, doc_get(details, "causes"), s);
    return true;
}

void status_read(struct rk_arena *a, int code, rk_str content_type, rk_str body,
                 struct status *out)
{
    *out = (struct status){.code = code, .retry_after_ms = -1};
    out->is_status = read_doc(a, body, out);
    out->malformed = out->code == 500 && out->message.p &&
                     memmem(out->message.p, out->message.n, untyped, sizeof(untyped) - 1);
    if (out->reason.n == 0)
        out->reason = rk_str_c(usual_reason(out->code));
    if (out->is_status)
        return;
    /* some servers refuse with a line of plain text; a page of HTML tells nobody anything */
    rk_str first = rk_str_cut(rk_str_trim(body), '\n', NULL);
    if (rk_str_starts(content_type, "text/plain") && first.n > 0)
        out->message = (rk_str){first.p, first.n < 200 ? first.n : 200};
}

/* Validation messages quote the value they do not like: not of a Secret. */
static void add_hidden(struct rk_buf *out, rk_str message)
{
    static const char mark[] = "nvalid value: ";
    const char *at = message.p ? memmem(message.p, message.n, mark, sizeof(mark) - 1) : NULL;
    const char *quote = message.p ? memchr(message.p, '"', message.n) : NULL;

    if (!at && !quote) {
        rk_buf_str(out, message);
        return;
    }
    if (!at || (quote && quote < at))
        at = quote;
    else
        at += sizeof(mark) - 1;
    rk_buf_add(out, message.p, (size_t)(at - message.p));
    rk_buf_c(out, "(hidden)");
}

int status_fail(struct rk_err *err, const struct status *s, bool secret)
{
    struct rk_buf text = RK_BUF_INIT;

    rk_buf_f(&text, "the API server answered %d", s->code);
    if (s->reason.n)
        rk_buf_f(&text, " %.*s", RK_ARG_STR(s->reason));
    if (s->message.n) {
        rk_buf_c(&text, ": ");
        if (secret && status_code(s) != RK_CONFLICT && status_code(s) != RK_DENIED)
            add_hidden(&text, s->message);
        else
            rk_buf_str(&text, s->message);
    }
    rk_fail(err, status_code(s), "%s", text.p);
    rk_buf_release(&text);
    return -1;
}

/* 299 - "text" -> text; a header that looks otherwise is kept whole. */
static void add_warning(struct rk_buf *out, rk_str header)
{
    const char *open = header.n ? memchr(header.p, '"', header.n) : NULL;
    const char *end = header.p + header.n;

    if (!open) {
        rk_text_safe(out, rk_str_trim(header), 0);
        return;
    }
    struct rk_buf plain = RK_BUF_INIT;
    for (const char *p = open + 1; p < end && *p != '"'; p++) {
        if (*p == '\\' && p + 1 < end)
            p++;
        rk_buf_ch(&plain, *p);
    }
    rk_text_safe(out, rk_buf_view(&plain), 0);
    rk_buf_release(&plain);
}

const char *status_warning(struct rk_arena *a, rk_str headers)
{
    struct rk_buf out = RK_BUF_INIT;
    const char *text = NULL;
    rk_str rest = headers;

    while (rest.p && rest.n > 0) {
        rk_str line = rk_str_trim(rk_str_cut(rest, '\n', &rest));

        if (line.n == 0)
            continue;
        if (out.n)
            rk_buf_ch(&out, '\n');
        add_warning(&out, line);
    }
    if (out.n)
        text = rk_arena_dup(a, out.p, out.n);
    rk_buf_release(&out);
    return text;
}
