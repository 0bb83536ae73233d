/*
 * changed.c: what differs between two values: tokens, and what is not in their longest common
 * subsequence. Beginning and end that are the same go first; over a bound of the rest all of it
 * counts as changed, so that the cost stays small for any text.
 */
#include "widget/widget_int.h"

enum { CELLS_MOST = 1 << 16 };

struct tokens { rk_str *v; size_t n; bool *kept; const char *base; };

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c & 0x80);
}

static struct tokens split(struct rk_arena *a, rk_str text)
{
    struct tokens t = {.base = text.p};
    t.v = rk_arena_array(a, text.n + 1, sizeof *t.v);
    t.kept = rk_arena_array(a, text.n + 1, sizeof *t.kept);
    for (size_t i = 0; i < text.n;) {
        size_t from = i++;
        while (in_word(text.p[from]) && i < text.n && in_word(text.p[i]))
            i++;
        t.v[t.n++] = (rk_str){text.p + from, i - from};
    }
    return t;
}

/* Lengths of the common subsequence of the ends b[i..] and c[j..], (n + 1) x (m + 1). */
static void mark_common(struct rk_arena *a, struct tokens *b, struct tokens *c, size_t from,
                        size_t nb, size_t nc)
{
    size_t wide = nc + 1;
    uint16_t *len = rk_arena_array(a, (nb + 1) * wide, sizeof *len);
    for (size_t i = nb; i-- > 0;)
        for (size_t j = nc; j-- > 0;) {
            uint16_t down = len[(i + 1) * wide + j], right = len[i * wide + j + 1];
            len[i * wide + j] = rk_str_eq(b->v[from + i], c->v[from + j])
                                    ? (uint16_t)(len[(i + 1) * wide + j + 1] + 1)
                                    : down > right ? down : right;
        }
    for (size_t i = 0, j = 0; i < nb && j < nc;) {
        if (rk_str_eq(b->v[from + i], c->v[from + j]))
            b->kept[from + i++] = c->kept[from + j++] = true;
        else if (len[(i + 1) * wide + j] >= len[i * wide + j + 1])
            i++;
        else
            j++;
    }
}

/* Neighbours become one span. */
static struct widget_span *spans_of(struct rk_arena *a, const struct tokens *t, size_t *n)
{
    struct widget_span *v = NULL;
    size_t cap = 0;
    *n = 0;
    for (size_t i = 0; i < t->n; i++) {
        size_t from = (size_t)(t->v[i].p - t->base), to = from + t->v[i].n;
        if (t->kept[i])
            continue;
        if (*n && v[*n - 1].to == from) {
            v[*n - 1].to = to;
            continue;
        }
        v = rk_arena_grow(a, v, *n, &cap, sizeof *v);
        v[(*n)++] = (struct widget_span){from, to};
    }
    return v;
}

void widget_changed(struct rk_arena *a, rk_str before, rk_str after, struct widget_span **b,
                    size_t *nb, struct widget_span **c, size_t *nc)
{
    struct tokens x = split(a, before), y = split(a, after);
    size_t front = 0, m = x.n, n = y.n;
    for (; front < m && front < n && rk_str_eq(x.v[front], y.v[front]); front++)
        x.kept[front] = y.kept[front] = true;
    for (; m > front && n > front && rk_str_eq(x.v[m - 1], y.v[n - 1]); m--, n--)
        x.kept[m - 1] = y.kept[n - 1] = true;
    if (m > front && n > front && m - front < CELLS_MOST / (n - front))
        mark_common(a, &x, &y, front, m - front, n - front);
    *b = spans_of(a, &x, nb);
    *c = spans_of(a, &y, nc);
}

void widget_put_spans(struct canvas c, int x, int y, enum term_role role, enum term_role emphasis,
                      rk_str text, const struct widget_span *v, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n && v[i].to <= text.n; i++) {
        x = widget_piece(c, x, y, role, (rk_str){text.p + at, v[i].from - at});
        x = widget_piece(c, x, y, emphasis, (rk_str){text.p + v[i].from, v[i].to - v[i].from});
        at = v[i].to;
    }
    canvas_put(c, x, y, role, (rk_str){text.p + at, text.n - at});
}
