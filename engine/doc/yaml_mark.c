/*
 * yaml_mark.c: libyaml's positions -> byte ranges of the original text.
 *
 * In: a document's bytes as they lie in the file (CRLF and all) and libyaml's character indices.
 * Out: byte offsets. ASCII texts need no table; others get one entry for 256 characters. Ranges are
 * narrowed to the value itself: without anchor and tag, without the blank lines after a block.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

#define SPAN_STEP 256u

static bool is_start(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

void doc_spans_init(struct doc_spans *s, rk_str text)
{
    bool high = false;
    *s = (struct doc_spans){.text = text};
    for (size_t i = 0; i < text.n; i++)
        high |= (unsigned char)text.p[i] >= 0x80;
    if (!high)
        return;
    s->bytes = rk_calloc(text.n / SPAN_STEP + 2, sizeof(*s->bytes));
    size_t characters = 0;
    for (size_t i = 0; i < text.n; i++)
        if (is_start(text.p[i]) && characters++ % SPAN_STEP == 0)
            s->bytes[s->n++] = (uint32_t)i;
}

void doc_spans_release(struct doc_spans *s)
{
    free(s->bytes);
    s->bytes = NULL;
}

uint32_t doc_spans_byte(const struct doc_spans *s, size_t character)
{
    if (!s->bytes)
        return (uint32_t)(character < s->text.n ? character : s->text.n);
    size_t step = character / SPAN_STEP, left = character % SPAN_STEP;
    if (step >= s->n)
        return (uint32_t)s->text.n;
    size_t at = s->bytes[step];
    for (; left > 0 && at < s->text.n; left--)
        for (at++; at < s->text.n && !is_start(s->text.p[at]);)
            at++;
    return (uint32_t)at;
}

static uint32_t skip_blank(rk_str t, uint32_t at, uint32_t end)
{
    while (at < end && strchr(" \t\r\n#", t.p[at])) {
        if (t.p[at] != '#')
            at++;
        else
            while (at < end && t.p[at] != '\n')
                at++;
    }
    return at;
}

void doc_span_skip_properties(const struct doc_spans *s, struct doc_span *span)
{
    rk_str t = s->text;
    uint32_t at = span->start;
    while (at < span->end && (t.p[at] == '&' || t.p[at] == '!')) {
        bool verbatim = t.p[at] == '!' && at + 1 < span->end && t.p[at + 1] == '<';
        while (at < span->end && !strchr(verbatim ? ">" : " \t\r\n", t.p[at]))
            at++;
        at = skip_blank(t, at + (verbatim && at < span->end), span->end);
    }
    uint32_t line = 0, from = at;
    for (uint32_t i = span->start; i < at; i++)
        line += t.p[i] == '\n';
    while (from > 0 && t.p[from - 1] != '\n')
        from--;
    span->line += line;
    span->column = 1;
    for (uint32_t i = from; i < at; i++)
        span->column += is_start(t.p[i]);
    span->start = at;
}

void doc_span_trim(const struct doc_spans *s, struct doc_span *span)
{
    while (span->end > span->start + 1 && strchr(" \t\r\n", s->text.p[span->end - 1]))
        span->end--;
}
