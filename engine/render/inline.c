/*
 * inline.c: texts inside a kustomization (inline patches). In: the node that holds the text. Out:
 * the text, and how to read it so that lines, columns and byte ranges of its marks are those of the
 * kustomization file: edits of the user's file rely on them.
 *
 * A literal block is read from the file itself, with its indentation, when that is the same text.
 * Otherwise (quoted, folded, several documents) lines are kept and byte ranges are moved behind the
 * end of the file, so that an edit by them is refused. The same for texts of another file (patches of
 * an Application).
 */
#include "render/render_int.h"

/* The start of the n-th line, from 1. */
static size_t line_start(rk_str text, uint32_t line)
{
    size_t at = 0;

    for (uint32_t i = 1; i < line; i++) {
        const char *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;

        if (!end)
            return text.n;
        at = (size_t)(end - text.p) + 1;
    }
    return at;
}

static size_t blanks(rk_str s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] == ' ')
        n++;
    return n;
}

/*
 * How many bytes of raw are `text` with `indent` blanks in front of each line; 0: they are not.
 * A line shorter than the indentation is empty in both.
 */
static size_t same_indented(rk_str raw, rk_str text, size_t indent)
{
    size_t at = 0;

    while (text.n) {
        rk_str rest, line = rk_str_cut(text, '\n', &rest);
        bool broken = line.n < text.n;

        if (line.n) {
            if (raw.n - at < indent + line.n || blanks((rk_str){raw.p + at, indent}) != indent ||
                memcmp(raw.p + at + indent, line.p, line.n) != 0)
                return 0;
            at += indent + line.n;
        } else {
            at += blanks((rk_str){raw.p + at, raw.n - at});
        }
        if (broken && (at == raw.n || raw.p[at++] != '\n'))
            return 0;
        text = rest;
    }
    return at;
}

static bool has_documents(rk_str text)
{
    return rk_str_starts(text, "---") || (text.n && memmem(text.p, text.n, "\n---", 4));
}

/* The block as it stands in the file, or false. */
static bool as_written(const struct kust *k, const struct doc_mark *m, rk_str text, rk_str *out,
                       uint32_t *byte)
{
    size_t start = line_start(k->text, m->line + 1), n;
    rk_str raw = {k->text.p + start, k->text.n - start};

    if (has_documents(text) || !text.n || text.p[0] == '\n' || text.p[0] == ' ')
        return false;
    n = same_indented(raw, text, blanks(raw));
    *out = (rk_str){raw.p, n};
    *byte = (uint32_t)start;
    return n > 0;
}

/* Its bytes are not at hand: a text of several lines is taken for a block. */
static rk_str of_another_file(const struct doc_mark *m, rk_str text, struct doc_read *how)
{
    bool block = text.n && memchr(text.p, '\n', text.n);

    how->line_offset = block ? m->line : m->line - 1;
    how->byte_offset = INT32_MAX;
    return text;
}

rk_str inline_text(const struct build *b, const struct kust *k, const struct doc_node *node,
                   struct doc_read *how)
{
    const struct doc_mark *m = doc_marks_get(b->marks, node->mark);
    rk_str text = doc_text(node), raw;

    how->file = mark_file(b, k, node->mark);
    how->marks = b->marks;
    how->line_offset = how->byte_offset = 0;
    if (!m || !m->line)
        return text;
    if (!rk_streq(how->file, k->file))
        return of_another_file(m, text, how);
    if (m->start >= k->text.n || !strchr("|>", k->text.p[m->start])) {
        how->line_offset = m->line - 1;
    } else {
        how->line_offset = m->line;
        if (k->text.p[m->start] == '|' && as_written(k, m, text, &raw, &how->byte_offset))
            return raw;
    }
    how->byte_offset = (uint32_t)k->text.n;
    return text;
}
