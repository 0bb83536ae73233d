/*
 * filetext.c: the text of a file in git, made fit to be shown: control bytes are visible escapes,
 * and what may be a secret is not told. In: a file or a diff of it. Out: text in the arena. A file
 * that holds a Secret, a secretGenerator or a private key is told by name only; elsewhere the value
 * of a line whose key is named like a secret is left out (env files, stray passwords). A guess from
 * the text alone, which prefers to hide: the file itself is the user's to read.
 */
#include "core/core_int.h"

#define HIDDEN "(holds a Secret: its text is not shown here)"

/* "  - name: value" -> name and value without quotes; false when the line is no pair. */
static bool pair_of(rk_str line, rk_str *key, rk_str *value)
{
    size_t at = 0;
    line = rk_str_trim(line);
    while (line.n && (line.p[0] == '-' || line.p[0] == '{' || line.p[0] == ' '))
        line.p++, line.n--;
    while (at < line.n && line.p[at] != ':' && line.p[at] != '=')
        at++;
    if (at == line.n)
        return false;
    *key = rk_str_trim((rk_str){line.p, at});
    *value = rk_str_trim((rk_str){line.p + at + 1, line.n - at - 1});
    if (key->n > 1 && (key->p[0] == '"' || key->p[0] == '\''))
        *key = (rk_str){key->p + 1, key->n - 2};
    if (value->n > 1 && (value->p[0] == '"' || value->p[0] == '\''))
        *value = (rk_str){value->p + 1, value->n - 1};
    return true;
}

static bool says_secret(rk_str line)
{
    rk_str key, value;
    if (memmem(line.p, line.n, "PRIVATE KEY-----", 16) ||
        memmem(line.p, line.n, "kind: Secret,", 13) || memmem(line.p, line.n, "kind: Secret}", 13))
        return true;
    if (!pair_of(line, &key, &value))
        return false;
    if (rk_str_is(key, "secretGenerator"))
        return true;
    bool other = value.n > 6 && strchr("\"', #\r", value.p[6]) == NULL;
    return rk_str_is(key, "kind") && rk_str_starts(value, "Secret") && !other;
}

bool core_file_secret(rk_str text)
{
    while (text.n)
        if (says_secret(rk_str_cut(text, '\n', &text)))
            return true;
    return false;
}

static void add_line(struct rk_buf *out, rk_str line, bool last)
{
    rk_str key, value;
    rk_str body = line.n && (line.p[0] == '+' || line.p[0] == '-')
                      ? (rk_str){line.p + 1, line.n - 1} : line;
    if (pair_of(body, &key, &value) && value.n && rk_text_names_secret(key))
        line.n = (size_t)(value.p - line.p);
    else
        value = RK_STR_NONE;
    rk_text_safe(out, line, RK_TEXT_LINES);
    rk_buf_c(out, value.n ? "(not shown)" : "");
    if (!last)
        rk_buf_ch(out, '\n');
}

const char *core_file_text(struct rk_arena *a, rk_str text, bool secret)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (secret || core_file_secret(text))
        return HIDDEN;
    while (text.n) {
        bool ends = memchr(text.p, '\n', text.n) != NULL;
        rk_str line = rk_str_cut(text, '\n', &text);
        add_line(&out, line, !ends);
    }
    return rk_arena_dup(a, out.p, out.n);
}
