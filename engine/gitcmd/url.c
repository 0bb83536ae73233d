/*
 * url.c: URLs and git's messages without what they may hold in secret.
 *
 * In: a URL, or text in which URLs stand. Out: the same, masked by rk_text_urls, and without any
 * other copy of the URL's own password. Owns nothing.
 */
#include "gitcmd_int.h"

#include <ctype.h>
#include <stdlib.h>

#include "reckon/text.h"

char *gitcmd_safe_url(const char *url)
{
    struct rk_buf masked = RK_BUF_INIT, safe = RK_BUF_INIT;
    rk_text_urls(&masked, rk_str_c(url), RK_TEXT_ONE_URL);
    rk_text_safe(&safe, rk_buf_view(&masked), 0);
    rk_buf_release(&masked);
    return rk_buf_take(&safe);
}

static void replace_all(struct rk_buf *text, rk_str secret)
{
    struct rk_buf out = RK_BUF_INIT;
    const char *p = text->p, *end = text->p + text->n, *hit;
    while ((hit = memmem(p, (size_t)(end - p), secret.p, secret.n))) {
        rk_buf_add(&out, p, (size_t)(hit - p));
        rk_buf_c(&out, "***");
        p = hit + secret.n;
    }
    rk_buf_add(&out, p, (size_t)(end - p));
    rk_buf_release(text);
    *text = out;
}

static int hex_digit(char c)
{
    const char digits[] = "0123456789abcdef", *at;
    at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

static void unescape(struct rk_buf *out, rk_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        int hi = i + 2 < s.n && s.p[i] == '%' ? hex_digit(s.p[i + 1]) : -1;
        int lo = hi >= 0 ? hex_digit(s.p[i + 2]) : -1;
        if (lo >= 0) {
            rk_buf_ch(out, (char)(hi * 16 + lo));
            i += 2;
        } else {
            rk_buf_ch(out, s.p[i]);
        }
    }
}

/* The password, or a user name alone that is long enough to be a token. */
static rk_str secret_of(const char *url)
{
    const char *mark = url ? strstr(url, "://") : NULL;
    const char *at = mark ? strrchr(mark, '@') : NULL;
    if (!at)
        return RK_STR_NONE;
    rk_str user = {mark + 3, (size_t)(at - mark - 3)}, password;
    bool has_password = memchr(user.p, ':', user.n) != NULL;
    user = rk_str_cut(user, ':', &password);
    if (has_password)
        return password.n >= 4 ? password : RK_STR_NONE;
    return user.n >= 16 ? user : RK_STR_NONE;
}

static void mask_copies(struct rk_buf *text, const char *url)
{
    rk_str secret = secret_of(url);
    if (!secret.n)
        return;
    struct rk_buf plain = RK_BUF_INIT;
    unescape(&plain, secret);
    replace_all(text, secret);
    replace_all(text, rk_buf_view(&plain));
    rk_buf_release(&plain);
}

static bool says_something(rk_str line)
{
    return line.n && !rk_str_starts(line, "hint:") && !rk_str_starts(line, "To ") &&
           !rk_str_is(line, "remote:");
}

void gc_message(struct rk_buf *out, rk_str err_text, const char *url, const char *prefix)
{
    struct rk_buf masked = RK_BUF_INIT, joined = RK_BUF_INIT;
    rk_text_urls(&masked, err_text, 0);
    mask_copies(&masked, url);
    rk_str rest = rk_buf_view(&masked);
    while (rest.n) {
        rk_str line = rk_str_trim(rk_str_cut(rest, '\n', &rest));
        if (!says_something(line) || (prefix && !rk_str_starts(line, prefix)))
            continue;
        if (prefix)
            line = rk_str_trim((rk_str){line.p + strlen(prefix), line.n - strlen(prefix)});
        if (joined.n)
            rk_buf_c(&joined, "; ");
        rk_buf_str(&joined, line);
    }
    rk_text_safe(out, rk_buf_view(&joined), 0);
    rk_buf_release(&joined);
    rk_buf_release(&masked);
}

void gc_quote(struct rk_buf *out, const char *text)
{
    rk_buf_ch(out, '\'');
    for (; *text; text++)
        if (*text == '\'')
            rk_buf_c(out, "'\\''");
        else
            rk_buf_ch(out, *text);
    rk_buf_ch(out, '\'');
}

bool gitcmd_is_commit(const char *ref)
{
    return strlen(ref) == 40 && strspn(ref, "0123456789abcdef") == 40;
}
