/*
 * urls.c: text without the secrets that URLs in it hold. In: text. Out: the same, user information
 * and queries replaced by "***". Owns nothing.
 * Masks up to the last @ of a URL even beyond its first slash: a password with an unescaped slash
 * is still a password; a path with an @ in it loses a few harmless letters.
 */
#include <ctype.h>
#include <string.h>

#include "reckon/text.h"

static bool ends_url(char c)
{
    return isspace((unsigned char)c) || c == '\'' || c == '"' || c == '<' || c == '>' || c == 0;
}

static size_t url_length(const char *p, const char *end)
{
    const char *s = p;
    while (s < end && !ends_url(*s))
        s++;
    return (size_t)(s - p);
}

/* p begins right after "://": appends the rest of the URL, masked; returns its length. */
static size_t mask_rest(struct rk_buf *out, const char *p, size_t n)
{
    const char *at = memrchr(p, '@', n);
    const char *from = at ? at : p;
    size_t left = n - (size_t)(from - p);
    const char *query = memchr(from, '?', left);
    if (at)
        rk_buf_c(out, "***");
    rk_buf_add(out, from, query ? (size_t)(query - from) : left);
    if (query)
        rk_buf_c(out, "?***");
    return n;
}

void rk_text_urls(struct rk_buf *out, rk_str text, unsigned flags)
{
    bool whole = flags & RK_TEXT_ONE_URL;
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        const char *mark = memmem(p, (size_t)(end - p), "://", 3);
        if (!mark) {
            rk_buf_add(out, p, (size_t)(end - p));
            return;
        }
        mark += 3;
        rk_buf_add(out, p, (size_t)(mark - p));
        p = mark + mask_rest(out, mark, whole ? (size_t)(end - mark) : url_length(mark, end));
    }
}
