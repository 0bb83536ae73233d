/*
 * remote_url.c: addresses of remote repositories in `resources` and `components`. In: a text. Out:
 * repository, folder in it, ref, submodules; or that it is no such address. The forms and their
 * order are kustomize's (api/internal/git/repospec.go); `timeout` is passed over, who fetches has a
 * limit.
 */
#include <ctype.h>
#include <strings.h>

#include "render/render_int.h"

static bool cut_scheme(rk_str *s, const char *scheme)
{
    size_t n = strlen(scheme);

    if (s->n < n || strncasecmp(s->p, scheme, n) != 0)
        return false;
    *s = (rk_str){s->p + n, s->n - n};
    return true;
}

/* [a-zA-Z][a-zA-Z0-9-]*@ */
static rk_str cut_user(rk_str *s)
{
    size_t n = 0;

    while (n < s->n && (isalnum((unsigned char)s->p[n]) || (n && s->p[n] == '-')))
        n++;
    if (!n || n == s->n || s->p[n] != '@' || isdigit((unsigned char)s->p[0]))
        return RK_STR("");
    *s = (rk_str){s->p + n + 1, s->n - n - 1};
    return (rk_str){s->p - n - 1, n + 1};
}

/* ---- host ---- */

static bool is_github(rk_str s)
{
    return s.n > 10 && strncasecmp(s.p, "github.com", 10) == 0 && strchr("/:", s.p[10]);
}

/* Where the host ends: behind the first slash, or colon of `git@host:path`. 0: nowhere. */
static size_t host_end(rk_str s, bool scp)
{
    const char *slash = memchr(s.p, '/', s.n), *colon = memchr(s.p, ':', s.n);

    if (scp && colon && (!slash || (colon > s.p && colon < slash)))
        return (size_t)(colon - s.p) + 1;
    return slash ? (size_t)(slash - s.p) + 1 : 0;
}

/* The host with scheme and user; *s is left with the rest. NULL: no remote address. */
static const char *cut_host(struct build *b, rk_str *s)
{
    static const char *const schemes[] = {"ssh://", "https://", "http://", "file://"};
    const char *scheme = "";
    rk_str user, host;
    bool github, scp;
    size_t end;

    (void)cut_scheme(s, "git::");
    for (size_t i = 0; i < RK_LEN(schemes) && !scheme[0]; i++)
        if (cut_scheme(s, schemes[i]))
            scheme = schemes[i];
    if (rk_streq(scheme, "file://"))
        return scheme;
    user = cut_user(s);
    github = is_github(*s);
    scp = !scheme[0] && (user.n || github);
    if (!s->n || (!scheme[0] && !scp))
        return NULL;
    end = host_end(*s, scp);
    host = end ? (rk_str){s->p, end} : *s;
    *s = (rk_str){s->p + host.n, s->n - host.n};
    if (github && (rk_streq(scheme, "ssh://") || user.n))
        return rk_arena_f(b->a, "%.*sgithub.com:", RK_ARG_STR(user));
    if (github)
        return "https://github.com/";
    return rk_arena_f(b->a, "%s%.*s%.*s", scheme, RK_ARG_STR(user), RK_ARG_STR(host));
}

/* ---- repository and folder ---- */

static const char *find(rk_str s, const char *what)
{
    return s.n ? memmem(s.p, s.n, what, strlen(what)) : NULL;
}

/* Two parts of the path are the repository; all of it for file://. */
static size_t usual_end(rk_str s, bool all)
{
    const char *slash = all ? NULL : memchr(s.p, '/', s.n);

    if (all)
        return s.n;
    if (!slash)
        return 0;
    slash = memchr(slash + 1, '/', (size_t)(s.p + s.n - slash - 1));
    return slash ? (size_t)(slash - s.p) : s.n;
}

static bool cut_repo(rk_str s, bool all, rk_str *repo, rk_str *folder)
{
    const char *azure = find(s, "_git/"), *twice = find(s, "//"), *git = find(s, ".git");
    size_t end;

    if (!s.n)
        return false;
    if (azure) {
        const char *start = azure + 5, *slash = memchr(start, '/', (size_t)(s.p + s.n - start));

        end = slash ? (size_t)(slash - s.p) : s.n;
    } else {
        end = twice ? (size_t)(twice - s.p) : git ? (size_t)(git - s.p) + 4 : usual_end(s, all);
    }
    *repo = (rk_str){s.p, end};
    *folder = (rk_str){s.p + end, s.n - end};
    while (folder->n && folder->p[0] == '/')
        *folder = (rk_str){folder->p + 1, folder->n - 1};
    return repo->n > 0;
}

/* ---- the query ---- */

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

    return at ? (int)(at - digits) : -1;
}

static const char *decoded(struct build *b, rk_str s)
{
    struct rk_buf out = RK_BUF_INIT;
    const char *text;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
            rk_buf_ch(&out, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
            i += 2;
        } else {
            rk_buf_ch(&out, s.p[i] == '+' ? ' ' : s.p[i]);
        }
    text = rk_arena_dup(b->a, out.p ? out.p : "", out.n);
    rk_buf_release(&out);
    return text;
}

static void read_query(struct build *b, rk_str query, struct render_remote *r)
{
    const char *version = "";

    while (query.n) {
        rk_str value = RK_STR("");
        rk_str one = rk_str_cut(query, '&', &query), key = rk_str_cut(one, '=', &value);
        const char *text = decoded(b, value);

        if (rk_str_is(key, "ref") && !r->ref[0])
            r->ref = text;
        else if (rk_str_is(key, "version") && !version[0])
            version = text;
        else if (rk_str_is(key, "submodules"))
            r->submodules = !(rk_streq(text, "false") || rk_streq(text, "0") ||
                              rk_streq(text, "f") || rk_streq(text, "F") ||
                              rk_streq(text, "FALSE") || rk_streq(text, "False"));
    }
    if (!r->ref[0])
        r->ref = version;
}

bool remote_read(struct build *b, rk_str text, struct render_remote *out)
{
    rk_str query = RK_STR(""), rest, repo, folder;
    const char *host;

    if (!text.n || text.p[0] == '/')
        return false;
    rest = rk_str_cut(text, '?', &query);
    *out = (struct render_remote){.ref = "", .submodules = true};
    read_query(b, query, out);
    host = cut_host(b, &rest);
    if (!host || !cut_repo(rest, rk_streq(host, "file://"), &repo, &folder))
        return false;
    out->repo = rk_arena_f(b->a, "%s%.*s", host, RK_ARG_STR(repo));
    out->path = load_join(b, "", folder);
    return strncmp(out->path, "..", 2) != 0 || (out->path[2] != '/' && out->path[2]);
}
