/*
 * keyvalue.c: the data of a generator. In: literals ("key=value"), files ("[key=]path") and envs
 * (files of lines "KEY=value"). Out: pairs, each with the mark of its literal, file or line.
 * Values never appear in messages: they may be secret.
 */
#include <ctype.h>

#include "render/generator_int.h"
#include "reckon/text.h"

static int fail(const struct generating *g, const struct doc_node *at, struct rk_err *err,
                const char *what)
{
    return rk_fail_at(err, RK_INVALID, g->k->file, mark_line(g->b, at->mark), 0, "%s: %s",
                      g->field, what);
}

static int put(struct generating *g, const struct doc_node *at, struct pair p, struct rk_err *err)
{
    for (size_t i = 0; i < g->pairs.n; i++)
        if (rk_str_eq(g->pairs.v[i].key, p.key))
            return rk_fail_at(err, RK_INVALID, g->k->file, mark_line(g->b, at->mark), 0,
                              "%s: the key '%.*s' is there twice", g->field, RK_ARG_STR(p.key));
    g->pairs.v = rk_arena_grow(g->b->a, g->pairs.v, g->pairs.n, &g->pairs.cap, sizeof(p));
    g->pairs.v[g->pairs.n++] = p;
    return 0;
}

/* One pair of equal quotes around the whole value goes away. */
static rk_str unquoted(rk_str s)
{
    if (s.n >= 2 && s.p[0] == s.p[s.n - 1] && (s.p[0] == '"' || s.p[0] == '\''))
        return (rk_str){s.p + 1, s.n - 2};
    return s;
}

static int literal(struct generating *g, const struct doc_node *entry, struct rk_err *err)
{
    rk_str text = doc_text(entry), value, key;
    const char *equals = text.n ? memchr(text.p, '=', text.n) : NULL;

    if (!equals || equals == text.p)
        return fail(g, entry, err, "a literal is written key=value");
    key = rk_str_cut(text, '=', &value);
    return put(g, entry, (struct pair){
        .key = key, .value = unquoted(value),
        .mark = doc_marks_chain(g->b->marks, entry->mark, DOC_BY_GENERATOR, 0)}, err);
}

static uint32_t mark_in(struct generating *g, const char *file, uint32_t line, size_t start,
                        size_t end)
{
    return doc_marks_add(g->b->marks, (struct doc_mark){
        .file = doc_marks_add_file(g->b->marks, file), .line = line, .column = 1,
        .start = (uint32_t)start, .end = (uint32_t)end, .by = DOC_BY_GENERATOR});
}

static int file(struct generating *g, const struct doc_node *entry, struct rk_err *err)
{
    rk_str text = doc_text(entry), path = text, key = text, bytes;
    const char *equals = text.n ? memchr(text.p, '=', text.n) : NULL, *real;
    struct asked by = load_asked(g->b, g->k, entry, g->field);

    if (equals) {
        key = rk_str_cut(text, '=', &path);
        if (!key.n || !path.n || memchr(path.p, '=', path.n))
            return fail(g, entry, err, "a file is written path or key=path, with one =");
    } else {
        const char *slash = text.n ? memrchr(text.p, '/', text.n) : NULL;

        if (slash)
            key = (rk_str){slash + 1, (size_t)(text.p + text.n - slash - 1)};
    }
    if (load_named(g->b, g->k, path, by, &real, &bytes, err))
        return -1;
    return put(g, entry, (struct pair){.key = key, .value = bytes,
                                       .mark = mark_in(g, real, 1, 0, bytes.n)}, err);
}

/* Go's unicode.IsSpace for ASCII, and U+0085, U+00A0. */
static rk_str trim_left(rk_str s)
{
    for (;;) {
        if (s.n && (isspace((unsigned char)s.p[0])))
            s = (rk_str){s.p + 1, s.n - 1};
        else if (rk_str_starts(s, "\xc2\x85") || rk_str_starts(s, "\xc2\xa0"))
            s = (rk_str){s.p + 2, s.n - 2};
        else
            return s;
    }
}

static int env_line(struct generating *g, const struct doc_node *entry, rk_str line, uint32_t mark,
                    struct rk_err *err)
{
    rk_str value = RK_STR_NONE, key;

    line = trim_left(line);
    if (!line.n || line.p[0] == '#')
        return 0;
    key = rk_str_cut(line, '=', &value);
    if (!key.n)
        return 0;
    return put(g, entry, (struct pair){.key = key, .value = value, .mark = mark}, err);
}

static int env_file(struct generating *g, const struct doc_node *entry, struct rk_err *err)
{
    struct asked by = load_asked(g->b, g->k, entry, g->field);
    const char *real, *start;
    rk_str bytes, rest;

    if (load_named(g->b, g->k, doc_text(entry), by, &real, &bytes, err))
        return -1;
    start = bytes.p;
    rest = bytes;
    for (uint32_t line = 1; rest.n; line++) {
        rk_str one = rk_str_cut(rest, '\n', &rest);
        size_t at = (size_t)(one.p - start), end = at + one.n;

        if (one.n && one.p[one.n - 1] == '\r')
            one.n--;
        if (!rk_utf8_valid(one))
            return rk_fail_at(err, RK_INVALID, real, line, 0, "%s: the line is not UTF-8",
                              g->field);
        if (line == 1 && rk_str_starts(one, "\xef\xbb\xbf"))
            one = (rk_str){one.p + 3, one.n - 3};
        if (env_line(g, entry, one, mark_in(g, real, line, at, end), err))
            return -1;
    }
    return 0;
}

static int each(struct generating *g, const char *key,
                int (*fn)(struct generating *g, const struct doc_node *entry, struct rk_err *err),
                struct rk_err *err)
{
    const struct doc_node *list = doc_get(g->entry, key);

    for (size_t i = 0; i < doc_count(list); i++)
        if (fn(g, doc_at(list, i), err))
            return -1;
    return 0;
}

int keyvalue_read(struct generating *g, struct rk_err *err)
{
    const struct doc_node *env = doc_get(g->entry, "env");

    if (each(g, "envs", env_file, err))
        return -1;
    if (doc_text(env).n && env_file(g, env, err))
        return -1;
    return each(g, "literals", literal, err) || each(g, "files", file, err) ? -1 : 0;
}
