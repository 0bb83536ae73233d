/*
 * edit.c: changes of the user's own file by byte range.
 *
 * In: the source text, and ranges with their new text, or a scalar's mark with its new value. Out:
 * the new text; every byte outside the ranges stays. A scalar keeps its way of quoting where the
 * new value allows it. The mark must belong to exactly this source.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

static int by_start(const void *a, const void *b)
{
    const struct doc_edit *x = *(const struct doc_edit *const *)a;
    const struct doc_edit *y = *(const struct doc_edit *const *)b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end) /* an insertion comes before a replacement at the same place */
        return x->end < y->end ? -1 : 1;
    return x < y ? -1 : x > y;
}

int doc_edit_apply(rk_str source, const struct doc_edit *edits, size_t n, struct rk_buf *out,
                   struct rk_err *err)
{
    const struct doc_edit **order = rk_calloc(n + 1, sizeof(*order));
    size_t at = 0;
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = &edits[i];
    qsort(order, n, sizeof(*order), by_start);
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (order[i]->end < order[i]->start || order[i]->end > source.n)
            rc = rk_fail(err, RK_INVALID, "an edit of bytes %u to %u lies outside the file",
                         order[i]->start, order[i]->end);
        else if (order[i]->start < at)
            rc = rk_fail(err, RK_INVALID, "two edits overlap at byte %u", order[i]->start);
        at = order[i]->end;
    }
    at = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rk_buf_add(out, source.p + at, order[i]->start - at);
        rk_buf_str(out, order[i]->text);
        at = order[i]->end;
    }
    if (rc == 0 && source.n > at)
        rk_buf_add(out, source.p + at, source.n - at);
    free(order);
    return rc;
}

/* ---- scalars ---- */
static void put_single(struct rk_buf *b, rk_str v)
{
    rk_buf_ch(b, '\'');
    for (size_t i = 0; i < v.n; i++) {
        rk_buf_ch(b, v.p[i]);
        if (v.p[i] == '\'')
            rk_buf_ch(b, '\'');
    }
    rk_buf_ch(b, '\'');
}

static bool is_one_line(rk_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if ((unsigned char)v.p[i] < 0x20 || (unsigned char)v.p[i] == 0x7f)
            return false;
    return true;
}

/* Can a literal block hold it? Not what starts with a blank, has control bytes or blank ends. */
static bool is_block(rk_str v)
{
    if (v.n == 0 || v.p[0] == ' ' || v.p[0] == '\n' || !memchr(v.p, '\n', v.n))
        return false;
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if ((c < 0x20 && c != '\n') || c == 0x7f)
            return false;
    }
    return v.n < 2 || v.p[v.n - 1] != '\n' || v.p[v.n - 2] != '\n';
}

/* A literal block at the indentation that the old block had. */
static void put_block(struct rk_buf *b, rk_str old, rk_str v)
{
    const char *line = memchr(old.p, '\n', old.n);
    size_t indent = 0, at = line ? (size_t)(line - old.p) + 1 : old.n;
    bool crlf = line && line > old.p && line[-1] == '\r';
    while (at < old.n && (old.p[at] == '\n' || old.p[at] == '\r'))
        at++;
    while (at + indent < old.n && old.p[at + indent] == ' ')
        indent++;
    bool newline = v.p[v.n - 1] == '\n';
    rk_buf_c(b, newline ? "|" : "|-");
    rk_str rest = {v.p, v.n - newline};
    do {
        rk_str text = rk_str_cut(rest, '\n', &rest);
        rk_buf_c(b, crlf ? "\r\n" : "\n");
        for (size_t i = 0; i < indent && text.n > 0; i++)
            rk_buf_ch(b, ' ');
        rk_buf_str(b, text);
    } while (rest.n > 0);
}

static void put_string(struct rk_buf *b, rk_str old, rk_str v)
{
    char quote = old.n ? old.p[0] : '\0';
    bool block = (quote == '|' || quote == '>') && memchr(old.p, '\n', old.n);
    if (quote == '\'' && is_one_line(v))
        put_single(b, v);
    else if (block && is_block(v))
        put_block(b, old, v);
    else if (quote != '"' && quote != '\'' && doc_style_plain_safe(v))
        rk_buf_str(b, v);
    else
        doc_json_string(b, v, false); /* JSON's strings are YAML's double-quoted ones */
}

int doc_edit_scalar(struct rk_arena *a, rk_str source, const struct doc_mark *at,
                    enum doc_type type, rk_str value, struct doc_edit *out, struct rk_err *err)
{
    if (!at || at->end < at->start || at->end > source.n)
        return rk_fail(err, RK_INVALID, "the position of the field does not lie in the file");
    rk_str old = {source.p + at->start, at->end - at->start};
    if (old.n > 0 && (old.p[0] == '{' || old.p[0] == '['))
        return rk_fail(err, RK_INVALID, "line %u: a map or a list cannot be edited as one value",
                       at->line);
    struct rk_buf b = RK_BUF_INIT;
    if (old.n == 0 && at->start > 0 && strchr(":-", source.p[at->start - 1]))
        rk_buf_ch(&b, ' '); /* "key:" without a value */
    if (type == DOC_STRING)
        put_string(&b, old, value);
    else if (type == DOC_NUMBER || type == DOC_BOOL || type == DOC_NULL)
        rk_buf_str(&b, value);
    else {
        rk_buf_release(&b);
        return rk_fail(err, RK_INVALID, "a scalar is wanted where a map or a list is given");
    }
    *out = (struct doc_edit){at->start, at->end, rk_arena_str(a, rk_buf_view(&b))};
    rk_buf_release(&b);
    return 0;
}
