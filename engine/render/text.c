/*
 * text.c: the nearest of some words to a misspelled one. In: a word and candidates. Out: the
 * candidate with the fewest edits, or NULL when none is near enough to be meant.
 */
#include <ctype.h>

#include "render/render_int.h"

#define WORD_MAX 64

/* Edits (insert, drop, replace) between two words, letter case ignored. */
static size_t edits(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[WORD_MAX + 1];

    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t best = diagonal + (same ? 0 : 1);

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[nb];
}

const char *text_nearest(rk_str word, const char *(*at)(size_t i, const void *ctx), size_t n,
                         const void *ctx)
{
    size_t best = word.n / 3 + 1;
    const char *found = NULL;

    if (!word.n || word.n > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *candidate = at(i, ctx);
        size_t len = strlen(candidate), distance;

        if (len > WORD_MAX)
            continue;
        distance = edits(word.p, word.n, candidate, len);
        if (distance < best || (distance == best && !found)) {
            best = distance;
            found = candidate;
        }
    }
    return found;
}
