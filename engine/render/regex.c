/*
 * regex.c: the regular expressions of targets and image names, for whole texts, and of list items
 * in replacements, anywhere in a text. In: Go's syntax. Out: a match or not. Almost all of these patterns are plain names, where only "." is special;
 * those are compared without a machine. Others are rewritten to POSIX: (?:x) and (?P<n>x) become
 * (x), \d becomes [0-9], lazy repeats become greedy (the same for whole texts), a leading (?i)
 * ignores case. What POSIX cannot say is refused.
 */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>

#include "render/render_int.h"

#define PATTERN_MAX 512
#define REPEATS_MAX 1000

struct pattern {
    rk_str plain;   /* used when !compiled */
    bool compiled, anywhere;
    regex_t machine;
};

static bool is_plain(rk_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && !strchr("-_./:@", s.p[i]))
            return false;
    return true;
}

static int refuse(rk_str text, const char *why, struct rk_err *err)
{
    return rk_fail(err, RK_UNSUPPORTED, "the regular expression '%.*s': %s", RK_ARG_STR(text), why);
}

/* One escape, text.p[*i] being the character after the backslash. */
static int rewrite_escape(rk_str text, size_t i, bool in_set, struct rk_buf *out,
                          struct rk_err *err)
{
    char c = text.p[i];

    if (c == 'd')
        rk_buf_c(out, in_set ? "0-9" : "[0-9]");
    else if (c == 'D' && !in_set)
        rk_buf_c(out, "[^0-9]");
    else if (isalnum((unsigned char)c) && (in_set || !strchr("wWsSbB", c)))
        return refuse(text, "this escape is not supported", err);
    else if (in_set)
        rk_buf_ch(out, c);
    else
        rk_buf_f(out, "\\%c", c);
    return 0;
}

/* "(?:" and "(?P<name>" become "("; *i is left on the last byte read. */
static int rewrite_group(rk_str text, size_t *i, struct rk_buf *out, struct rk_err *err)
{
    if (text.p[*i + 2] != ':' && text.p[*i + 2] != 'P')
        return refuse(text, "this group is not supported", err);
    rk_buf_ch(out, '(');
    while (text.p[*i] != ':' && text.p[*i] != '>' && *i + 1 < text.n)
        (*i)++;
    return 0;
}

/* A ? behind a repeat makes it lazy. */
static bool is_lazy(rk_str text, size_t i)
{
    return text.p[i] == '?' && i && strchr("*+?}", text.p[i - 1]) &&
           (i < 2 || text.p[i - 2] != '\\');
}

/* Go refuses counts over REPEATS_MAX, nested ones multiplied; POSIX would unfold them all. */
static int check_repeats(rk_str text, struct rk_err *err)
{
    size_t all = 1;

    for (size_t i = 0; i < text.n; i++) {
        size_t most = 0;

        if (text.p[i] != '{' || (i && text.p[i - 1] == '\\'))
            continue;
        for (size_t n = 0; ++i < text.n && (isdigit((unsigned char)text.p[i]) ||
                                            text.p[i] == ',');) {
            n = text.p[i] == ',' ? 0 : n * 10 + (size_t)(text.p[i] - '0');
            most = n > most ? n : most;
            if (most > REPEATS_MAX)
                break;
        }
        all *= most > 1 ? most : 1;
        if (all > REPEATS_MAX)
            return refuse(text, "it repeats more than 1000 times", err);
    }
    return 0;
}

static int rewrite(rk_str text, struct rk_buf *out, struct rk_err *err)
{
    bool in_set = false;

    if (check_repeats(text, err))
        return -1;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '\\') {
            if (++i == text.n)
                return refuse(text, "it ends in a backslash", err);
            if (rewrite_escape(text, i, in_set, out, err))
                return -1;
        } else if (!in_set && c == '(' && i + 2 < text.n && text.p[i + 1] == '?') {
            if (rewrite_group(text, &i, out, err))
                return -1;
        } else if (in_set || !is_lazy(text, i)) {
            in_set = in_set ? c != ']' : c == '[';
            rk_buf_ch(out, c);
        }
    }
    return 0;
}

static int compile(struct pattern *p, rk_str text, struct rk_err *err)
{
    struct rk_buf out = RK_BUF_INIT;
    int flags = REG_EXTENDED | REG_NOSUB, rc = 0;
    rk_str body = text;

    if (rk_str_starts(body, "(?i)")) {
        body = (rk_str){body.p + 4, body.n - 4};
        flags |= REG_ICASE;
    }
    rk_buf_c(&out, p->anywhere ? "" : "^(");
    rc = rewrite(body, &out, err);
    rk_buf_c(&out, p->anywhere ? "" : ")$");
    if (rc == 0) {
        rc = regcomp(&p->machine, out.p, flags) ? -1 : 0;
        if (rc)
            rk_fail(err, RK_INVALID, "'%.*s' is not a regular expression", RK_ARG_STR(text));
    }
    rk_buf_release(&out);
    p->compiled = rc == 0;
    return rc;
}

static int make(struct rk_arena *a, rk_str text, bool anywhere, struct pattern **out,
                struct rk_err *err)
{
    struct pattern *p = rk_arena_alloc(a, sizeof(*p));

    p->anywhere = anywhere;
    if (text.n > PATTERN_MAX)
        return rk_fail(err, RK_LIMIT, "a regular expression of more than %d bytes (limit: pattern)",
                       PATTERN_MAX);
    p->plain = text;
    if (!is_plain(text) && compile(p, text, err))
        return -1;
    *out = p;
    return 0;
}

int pattern_new(struct rk_arena *a, rk_str text, struct pattern **out, struct rk_err *err)
{
    return make(a, text, false, out, err);
}

int pattern_new_anywhere(struct rk_arena *a, rk_str text, struct pattern **out,
                         struct rk_err *err)
{
    return make(a, text, true, out, err);
}

void pattern_free(struct pattern *p)
{
    if (p && p->compiled)
        regfree(&p->machine);
}

static bool plain_at(rk_str plain, const char *at)
{
    for (size_t i = 0; i < plain.n; i++)
        if (plain.p[i] != at[i] && plain.p[i] != '.')
            return false;
    return true;
}

static bool plain_match(const struct pattern *p, rk_str s)
{
    if (!p->anywhere)
        return s.n == p->plain.n && plain_at(p->plain, s.p);
    for (size_t i = 0; i + p->plain.n <= s.n; i++)
        if (plain_at(p->plain, s.p + i))
            return true;
    return false;
}

bool pattern_match(const struct pattern *p, rk_str s)
{
    char *text;
    bool yes;

    if (!p->compiled)
        return plain_match(p, s);
    text = rk_str_dup(s);
    yes = regexec(&p->machine, text, 0, NULL, 0) == 0;
    free(text);
    return yes;
}
