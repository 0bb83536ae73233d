/*
 * repo_url.c: do two URLs mean one repository? In: URLs as people write them (https, ssh, scp
 * form, git, file, a path; with or without user, default port, .git, a slash at the end). Out: a
 * common spelling to compare. Remote names are compared without case, as Argo CD does; local paths
 * with case. A user or password never gets into the spelling.
 */
#include <ctype.h>

#include "model/model_int.h"

struct scheme { const char *prefix, *port; };
static const struct scheme schemes[] = {
    {"https://", "443"}, {"http://", "80"},        {"ssh://", "22"},
    {"git://", "9418"},  {"git+ssh://", "22"},     {"ssh+git://", "22"},
};

static bool starts_nocase(rk_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.n >= n && strncasecmp(s.p, prefix, n) == 0;
}

static rk_str skip(rk_str s, size_t n)
{
    return (rk_str){s.p + n, s.n - n};
}

static rk_str strip_end(rk_str s)
{
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    if (s.n > 4 && strncasecmp(s.p + s.n - 4, ".git", 4) == 0)
        s.n -= 4;
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

static void add_lower(struct rk_buf *out, rk_str s)
{
    for (size_t i = 0; i < s.n; i++)
        rk_buf_ch(out, (char)tolower((unsigned char)s.p[i]));
}

/* user@host:port -> host[:port], the port only when it is not the scheme's own. */
static void add_host(struct rk_buf *out, rk_str authority, const char *port)
{
    const char *at = authority.n ? memrchr(authority.p, '@', authority.n) : NULL;
    rk_str own;

    if (at)
        authority = skip(authority, (size_t)(at - authority.p) + 1);
    own = RK_STR_NONE;
    if (authority.n && authority.p[0] != '[')
        authority = rk_str_cut(authority, ':', &own);
    add_lower(out, authority);
    if (own.n && !rk_str_is(own, port))
        rk_buf_f(out, ":" RK_FMT_STR, RK_ARG_STR(own));
}

static void add_remote(struct rk_buf *out, rk_str host, rk_str path, const char *port)
{
    while (path.n && path.p[0] == '/')
        path = skip(path, 1);
    add_host(out, host, port);
    rk_buf_ch(out, '/');
    add_lower(out, path);
}

/* host:path without a scheme: the colon stands before any slash. */
static bool is_scp(rk_str s)
{
    const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;

    return colon && colon != s.p && (!slash || colon < slash);
}

static void normal(struct rk_buf *out, const char *url)
{
    rk_str s = strip_end(rk_str_trim(rk_str_c(url))), host, rest;

    for (size_t i = 0; i < RK_LEN(schemes); i++) {
        if (!starts_nocase(s, schemes[i].prefix))
            continue;
        host = rk_str_cut(skip(s, strlen(schemes[i].prefix)), '/', &rest);
        add_remote(out, host, rest, schemes[i].port);
        return;
    }
    if (starts_nocase(s, "file://")) {
        rk_buf_str(out, skip(s, 7));
    } else if (is_scp(s)) {
        host = rk_str_cut(s, ':', &rest);
        add_remote(out, host, rest, "22");
    } else {
        rk_buf_str(out, s);
    }
}

static void end_buf(struct rk_buf *b) { rk_buf_release(b); }

bool model_repo_same(const char *a, const char *b)
{
    rk_auto(end_buf) struct rk_buf na = RK_BUF_INIT;
    rk_auto(end_buf) struct rk_buf nb = RK_BUF_INIT;

    if (!a || !b || !*a || !*b)
        return false;
    normal(&na, a);
    normal(&nb, b);
    return rk_str_eq(rk_buf_view(&na), rk_buf_view(&nb));
}

/*
 * Argo CD's own spelling, which patterns of sourceRepos are written against: lower case, no .git,
 * ssh:// left out, the colon of the scp form a slash; https and ssh stay apart.
 */
void repo_url_argo(struct rk_buf *out, const char *url)
{
    rk_str s = rk_str_trim(rk_str_c(url));
    bool has_scheme = s.n && memmem(s.p, s.n, "://", 3), scp = !has_scheme && is_scp(s);

    if (rk_str_ends(s, ".git") || rk_str_ends(s, ".GIT"))
        s.n -= 4;
    if (starts_nocase(s, "ssh://"))
        s = skip(s, 6);
    for (size_t i = 0; i < s.n; i++) {
        bool colon = scp && s.p[i] == ':';

        rk_buf_ch(out, colon ? '/' : (char)tolower((unsigned char)s.p[i]));
        scp = scp && !colon;
    }
}
