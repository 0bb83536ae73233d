/*
 * yaml_fold.c: what kustomize makes of a folded scalar (`>`).
 *
 * In: a folded scalar's value. Out: its value after go-yaml v3 has written it folded and read it
 * again, which kustomize does with every resource: its emitter looks at the start of the text where
 * it means the next line, so that a blank line too many comes before an indented line. Seen with
 * kustomize v5.7.1; arguments such as `>` + indented options are common, so it must be reproduced.
 */
#include "doc/doc_int.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Texts that its emitter does not fold but puts in double quotes, which keep them whole. */
static bool is_quoted(rk_str v)
{
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c >= 0xf0)
            return true;
        if (c == ' ' && (i + 1 == v.n || v.p[i + 1] == '\n'))
            return true;
    }
    return false;
}

static size_t skip_breaks(rk_str v, size_t i)
{
    while (i < v.n && v.p[i] == '\n')
        i++;
    return i;
}

static void put_breaks(struct rk_buf *out, size_t n)
{
    for (; n > 0; n--)
        rk_buf_ch(out, '\n');
}

void doc_fold_again(struct rk_buf *out, rk_str v)
{
    size_t i = skip_breaks(v, 0);
    if (i == v.n || is_quoted(v)) {
        rk_buf_str(out, v);
        return;
    }
    bool extra = !is_blank(v.p[i]);
    put_breaks(out, i);
    while (i < v.n) {
        size_t end = i;
        while (end < v.n && v.p[end] != '\n')
            end++;
        rk_buf_add(out, v.p + i, end - i);
        bool led = is_blank(v.p[i]);
        i = skip_breaks(v, end);
        size_t breaks = i - end, written = breaks + (extra && !led);
        if (breaks == 0)
            return;
        if (i == v.n)
            put_breaks(out, breaks == 1 ? 1 : written);
        else if (led || is_blank(v.p[i]))
            put_breaks(out, written);
        else if (written > 1)
            put_breaks(out, written - 1);
        else
            rk_buf_ch(out, ' ');
    }
}
