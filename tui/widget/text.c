/*
 * text.c: foreign text made safe, lines of a width, matches of what is searched, and how well typed
 * letters fit a text. Case is that of ASCII: names in a cluster have no other.
 */
#include "widget/widget_int.h"

#include "reckon/text.h"

const char *widget_safe(struct rk_arena *a, const char *foreign)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str s = rk_str_c(foreign ? foreign : "");
    if (rk_text_is_safe(s, 0))
        return s.p;
    rk_text_safe(&text, s, 0);
    return rk_arena_dup(a, text.p, text.n);
}

/* ---- wrap ---- */
/* Bytes of the first line of a text without newlines; *next: where the following one begins. */
static size_t line_of(rk_str text, int w, size_t *next)
{
    size_t fits = term_fit(text, w, NULL), cut;
    if (fits == text.n) {
        *next = fits;
        return fits;
    }
    if (!fits) /* wider than the line: alone on it all the same */
        for (fits = 1; fits < text.n && ((unsigned char)text.p[fits] & 0xc0) == 0x80;)
            fits++;
    for (cut = fits; cut && text.p[cut] != ' ' && text.p[cut - 1] != ' ';)
        cut--;
    cut = cut ? cut : fits;
    for (*next = cut; *next < text.n && text.p[*next] == ' ';)
        ++*next;
    while (cut > 1 && text.p[cut - 1] == ' ')
        cut--;
    return cut;
}

rk_str *widget_wrap(struct rk_arena *a, rk_str text, int w, size_t *n)
{
    rk_str *lines = NULL;
    size_t cap = 0;
    *n = 0;
    for (rk_str rest = text; rest.p;) {
        rk_str paragraph = rk_str_cut(rest, '\n', &rest);
        do {
            size_t next = 0, used = line_of(paragraph, w > 1 ? w : 1, &next);
            lines = rk_arena_grow(a, lines, *n, &cap, sizeof *lines);
            lines[(*n)++] = (rk_str){paragraph.p, used};
            paragraph = (rk_str){paragraph.p + next, paragraph.n - next};
        } while (paragraph.n);
    }
    return lines;
}

/* ---- find ---- */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool has_capital(rk_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    return false;
}

static bool same_at(const char *p, rk_str find, bool exact)
{
    for (size_t i = 0; i < find.n; i++)
        if (exact ? p[i] != find.p[i] : lower(p[i]) != lower(find.p[i]))
            return false;
    return true;
}

/* Where `find` begins in text from `from` on; text.n: nowhere. */
static size_t match_at(rk_str text, rk_str find, size_t from)
{
    bool exact = has_capital(find);
    for (size_t i = from; find.n && i + find.n <= text.n; i++)
        if (same_at(text.p + i, find, exact))
            return i;
    return text.n;
}

bool widget_found(rk_str text, rk_str find)
{
    return match_at(text, find, 0) < text.n;
}

int widget_put_found(struct canvas c, int x, int y, enum term_role role, rk_str text, rk_str find)
{
    int start = x;
    for (size_t at = 0; at < text.n && x < c.w;) {
        size_t hit = match_at(text, find, at);
        x = widget_piece(c, x, y, role, (rk_str){text.p + at, hit - at});
        if (hit < text.n)
            x = widget_piece(c, x, y, TERM_MATCH, (rk_str){text.p + hit, find.n});
        at = hit < text.n ? hit + find.n : text.n;
    }
    return x - start;
}

/* ---- fuzzy ---- */
enum { FUZZY_TYPED = 64, FUZZY_TEXT = 256 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* What a letter found at text[i] is worth: more at the beginning of the text or of a word. */
static int worth(const char *text, size_t i)
{
    if (i == 0)
        return 12;
    return is_letter(lower(text[i])) && !is_letter(lower(text[i - 1])) ? 8 : 1;
}

/*
 * best[j]: the highest rank with the letters so far, the last of them at text[j]; 0: not possible.
 * A letter right behind the one before adds 10.
 */
static void one_letter(char letter, rk_str text, bool first, const int *best, int *next)
{
    int reach = first ? 1 : 0; /* the highest of best[0 .. j - 1] */
    for (size_t j = 0; j < text.n; j++) {
        int close = j && best[j - 1] ? best[j - 1] + 10 : 0;
        int from = first ? 1 : reach > close ? reach : close;
        next[j] = from && lower(text.p[j]) == letter ? from + worth(text.p, j) : 0;
        reach = best[j] > reach ? best[j] : reach;
    }
}

int widget_fuzzy(rk_str typed, rk_str text)
{
    int rows[2][FUZZY_TEXT] = {{0}}, rank = 0, now = 0;
    size_t letters = 0;
    text.n = text.n < FUZZY_TEXT ? text.n : FUZZY_TEXT;
    for (size_t i = 0; i < typed.n && letters < FUZZY_TYPED; i++) {
        if (typed.p[i] == ' ')
            continue;
        one_letter(lower(typed.p[i]), text, letters++ == 0, rows[now], rows[!now]);
        now = !now;
    }
    for (size_t j = 0; j < text.n; j++)
        rank = rows[now][j] > rank ? rows[now][j] : rank;
    if (!letters)
        return 1;
    return rank ? rank * FUZZY_TEXT + (int)(FUZZY_TEXT - text.n) : 0; /* equal: the shorter one */
}
