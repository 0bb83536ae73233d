/*
 * source_env.c: Argo CD's build environment in the texts of an Application. In: a text with $NAME
 * or ${NAME}. Out: the text with the values, by the rules of Go's os.Expand, which Argo CD uses:
 * `$$` is a dollar, an unknown name is empty, `${` without its end is eaten.
 */
#include <ctype.h>

#include "render/render_int.h"

#define SHORT_LEN 7

static const char *spec_text(struct build *b, const char *key)
{
    return source_text(b, b->source, key);
}

/* The value of a name; NULL: there is none. */
static rk_str value_of(struct build *b, rk_str name)
{
    const struct render_source *s = b->opts->source;
    const struct { const char *name, *value; size_t cut; } rows[] = {
        {"ARGOCD_APP_NAME", s->app, 0},
        {"ARGOCD_APP_NAMESPACE", s->namespace, 0},
        {"ARGOCD_APP_PROJECT_NAME", s->project, 0},
        {"ARGOCD_APP_REVISION", s->revision, 0},
        {"ARGOCD_APP_REVISION_SHORT", s->revision, SHORT_LEN},
        {"ARGOCD_APP_REVISION_SHORT_8", s->revision, SHORT_LEN + 1},
        {"ARGOCD_APP_SOURCE_REPO_URL", spec_text(b, "repoURL"), 0},
        {"ARGOCD_APP_SOURCE_PATH", spec_text(b, "path"), 0},
        {"ARGOCD_APP_SOURCE_TARGET_REVISION", spec_text(b, "targetRevision"), 0},
    };

    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (rk_str_is(name, rows[i].name)) {
            rk_str v = rk_str_c(rows[i].value ? rows[i].value : "");

            b->by_revision |= rows[i].value && rows[i].value == s->revision;
            return rows[i].cut && v.n > rows[i].cut ? (rk_str){v.p, rows[i].cut} : v;
        }
    return RK_STR_NONE;
}

static bool is_special(char c)
{
    return c && (strchr("*#$@!?-", c) || isdigit((unsigned char)c));
}

/* The name behind a dollar; the bytes that it and its braces take. */
static rk_str name_of(rk_str s, size_t *width)
{
    size_t n = 0;

    *width = 1;
    if (s.p[0] == '{') {
        const char *end = memchr(s.p, '}', s.n);

        if (!end) /* the brace is eaten */
            return RK_STR_NONE;
        *width = (size_t)(end - s.p) + 1;
        return (rk_str){s.p + 1, *width - 2};
    }
    if (is_special(s.p[0]))
        return (rk_str){s.p, 1};
    while (n < s.n && (isalnum((unsigned char)s.p[n]) || s.p[n] == '_'))
        n++;
    *width = n;
    return (rk_str){s.p, n};
}

static void expand_one(struct build *b, const struct doc_node *at, rk_str name, struct rk_buf *out)
{
    const struct asked by = source_asked(b, at, "");
    rk_str value = rk_str_is(name, "$") ? name : value_of(b, name);

    if (!value.p)
        render_lint_add(b, RENDER_RISK, by.file, by.line,
                        "$%.*s is no name of the build environment: it becomes empty (write $$ for "
                        "a dollar)", RK_ARG_STR(name));
    rk_buf_str(out, value);
}

rk_str source_expand(struct build *b, const struct doc_node *text)
{
    struct rk_buf out = RK_BUF_INIT;
    rk_str s = doc_text(text), done;

    while (s.n) {
        const char *dollar = memchr(s.p, '$', s.n);
        size_t before = dollar ? (size_t)(dollar - s.p) : s.n, width;
        rk_str name, rest;

        rk_buf_add(&out, s.p, before);
        s = (rk_str){s.p + before, s.n - before};
        if (s.n < 2) {
            rk_buf_str(&out, s);
            break;
        }
        rest = (rk_str){s.p + 1, s.n - 1};
        name = name_of(rest, &width);
        if (name.n)
            expand_one(b, text, name, &out);
        else if (!width)
            rk_buf_ch(&out, '$');
        s = (rk_str){rest.p + width, rest.n - width};
    }
    done = rk_arena_str(b->a, rk_buf_view(&out));
    rk_buf_release(&out);
    return done;
}
