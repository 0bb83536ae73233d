/*
 * glob.c: does a text match a glob? In: a pattern and a text. Out: yes or no.
 *
 * Patterns come from repositories, so the cost must be bounded: the pattern is run as a set of
 * positions that are all tried together (pattern length x text length steps, no backtracking).
 * Each position is a byte offset in the pattern. A bracket or brace without its partner stands for
 * itself. Does not read folders.
 */
#include <stdlib.h>

#include "reckon/str.h"
#include "reckon/text.h"

#define PATTERN_MAX 1024 /* a longer one matches nothing */

struct glob {
    const char *p;
    size_t n;
    uint32_t sep;            /* 0 = none */
    size_t *close;           /* of { , } in a whole group: offset of its }; 0 = not one of these */
    size_t *stack;           /* positions still to be followed */
    unsigned char *now, *next;
};

static size_t decode(const char *s, size_t n, uint32_t *code)
{
    size_t len = rk_utf8_next(s, n, code);

    if (len)
        return len;
    *code = 0x110000u + (unsigned char)s[0]; /* a broken byte equals only itself */
    return 1;
}

/* One character of a pattern, a backslash in front taken off. */
static size_t literal(const struct glob *g, size_t at, uint32_t *code)
{
    size_t skip = g->p[at] == '\\' && at + 1 < g->n;

    return skip + decode(g->p + at + skip, g->n - at - skip, code);
}

/* The offset behind the class that opens at `at`, 0 when it never closes. *hit: code is in it. */
static size_t class_end(const struct glob *g, size_t at, uint32_t code, bool *hit)
{
    size_t i = at + 1;
    bool not = i < g->n && (g->p[i] == '!' || g->p[i] == '^'), in = false;
    size_t first = i += not;

    while (i < g->n && (g->p[i] != ']' || i == first)) {
        uint32_t low, high;

        i += literal(g, i, &low);
        high = low;
        if (i + 1 < g->n && g->p[i] == '-' && g->p[i + 1] != ']') {
            i++;
            i += literal(g, i, &high);
        }
        in = in || (code >= low && code <= high);
    }
    if (i >= g->n)
        return 0;
    *hit = in != not;
    return i + 1;
}

/* The offset of the element after the one at i, for the search of braces. */
static size_t element_end(const struct glob *g, size_t i)
{
    size_t end = 0;
    uint32_t code;
    bool hit;

    if (g->p[i] == '[')
        end = class_end(g, i, 0, &hit);
    return end ? end : i + literal(g, i, &code);
}

/* Pairs braces: close[] of {, of the commas of its own level and of }. The stack: open ones. */
static void pair_braces(struct glob *g)
{
    size_t depth = 0;

    for (size_t i = 0; i < g->n; i = element_end(g, i)) {
        if (g->p[i] == '{') {
            g->stack[depth++] = i;
        } else if (g->p[i] == '}' && depth) {
            size_t open = g->stack[--depth], level = 0;

            for (size_t k = open; k <= i; k = element_end(g, k)) {
                bool inner = k != open && k != i && g->close[k];

                if (inner && g->p[k] == '{')
                    level++;
                else if (inner && g->p[k] == '}')
                    level--;
                else if (k == open || k == i || (!level && g->p[k] == ','))
                    g->close[k] = i;
            }
        }
    }
}

static size_t star_end(const struct glob *g, size_t i)
{
    while (i < g->n && g->p[i] == '*')
        i++;
    return i;
}

static void push(struct glob *g, unsigned char *set, size_t *depth, size_t i)
{
    if (set[i])
        return;
    set[i] = 1;
    g->stack[(*depth)++] = i;
}

/* Adds position i and all that it reaches without reading a character. */
static void reach(struct glob *g, unsigned char *set, size_t start)
{
    size_t depth = 0;

    push(g, set, &depth, start);
    while (depth) {
        size_t i = g->stack[--depth], end = g->close[i];

        if (i < g->n && g->p[i] == '*')
            push(g, set, &depth, star_end(g, i));
        if (!end)
            continue;
        if (g->p[i] != '{') { /* an alternative is through */
            push(g, set, &depth, end + 1);
            continue;
        }
        push(g, set, &depth, i + 1);
        for (size_t k = i + 1; k < end; k++)
            if (g->close[k] == end && g->p[k] == ',')
                push(g, set, &depth, k + 1);
    }
}

/* Where position i goes when it reads code; n + 1 = nowhere. */
static size_t step(const struct glob *g, size_t i, uint32_t code)
{
    size_t end, nowhere = g->n + 1;
    bool crosses = g->sep && code == g->sep, hit = false;
    uint32_t own;

    if (i == g->n || g->close[i])
        return nowhere;
    if (g->p[i] == '*')
        return crosses && star_end(g, i) - i < 2 ? nowhere : i;
    if (g->p[i] == '?')
        return crosses ? nowhere : i + 1;
    end = g->p[i] == '[' ? class_end(g, i, code, &hit) : 0;
    if (end)
        return hit && !crosses ? end : nowhere;
    end = i + literal(g, i, &own);
    return own == code ? end : nowhere;
}

static bool glob_run(struct glob *g, const char *text)
{
    size_t left = strlen(text);

    reach(g, g->now, 0);
    while (left) {
        unsigned char *swap = g->now;
        uint32_t code;
        size_t len = decode(text, left, &code);
        bool any = false;

        memset(g->next, 0, g->n + 1);
        for (size_t i = 0; i <= g->n; i++) {
            size_t to = g->now[i] ? step(g, i, code) : g->n + 1;

            if (to > g->n)
                continue;
            any = true;
            reach(g, g->next, to);
        }
        if (!any)
            return false;
        g->now = g->next;
        g->next = swap;
        text += len;
        left -= len;
    }
    return g->now[g->n];
}

bool rk_glob(const char *pattern, const char *text, char sep)
{
    struct glob g = {.p = pattern, .n = strlen(pattern), .sep = (unsigned char)sep};
    unsigned char *sets;
    bool match;

    if (!strpbrk(pattern, "*?[{\\"))
        return strcmp(pattern, text) == 0;
    if (strcmp(pattern, "*") == 0 && !sep)
        return true;
    if (g.n > PATTERN_MAX)
        return false;
    g.close = rk_calloc(2 * (g.n + 1), sizeof(size_t));
    g.stack = g.close + g.n + 1;
    sets = rk_calloc(2, g.n + 1);
    g.now = sets;
    g.next = sets + g.n + 1;
    pair_braces(&g);
    match = glob_run(&g, text);
    free(g.close);
    free(sets);
    return match;
}
