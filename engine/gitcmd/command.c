/*
 * command.c: one command in a child: how it is called, how its end is read.
 *
 * In: a remote, words. Out: a result or an error without credentials. Owns the struct gitcmd from
 * its start to the moment its caller has been told.
 * The user's own git does the work: its ssh configuration, agents, helpers and proxies hold. What
 * could ask, run a hook or write a trace is turned off. Credentials go by reference only: a token
 * stays in its file until the helper that git runs reads it, so no argument list shows it.
 */
#include "gitcmd_int.h"

#include <stdarg.h>
#include <stdlib.h>


/* ---- words ---- */

void gc_add(struct gc_words *w, const char *fmt, ...)
{
    struct rk_buf b = RK_BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    rk_buf_vf(&b, fmt, ap);
    va_end(ap);
    w->v = rk_grow(w->v, w->n + 1, &w->cap, sizeof(*w->v));
    w->v[w->n++] = rk_buf_take(&b);
    w->v[w->n] = NULL;
}

void gc_words_release(struct gc_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->v[i]);
    free(w->v);
    *w = (struct gc_words){0};
}

/* ---- how git is called ---- */

static const char *const settings[] = {
    "core.hooksPath=/dev/null",
    "protocol.ext.allow=never",
    "protocol.fd.allow=never",
    "advice.detachedHead=false",
    "core.fsmonitor=false",
};

static const char *const environment[] = {
    "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS_REQUIRE=never", "GCM_INTERACTIVE=never",
    "LC_ALL=C", "LANGUAGE=",
    /* another repository's, when this program was started from a hook */
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_QUARANTINE_PATH",
    /* traces would put headers and packets into stderr */
    "GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE", "GIT_TRACE_REDACT",
    "GIT_TRACE_SETUP", "GIT_TRACE_PERFORMANCE", "GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF",
};

/*
 * What git evaluates for ssh: the user's own command, from the environment or core.sshCommand, with
 * our options. The # hides the arguments that git appends: eval has placed them already.
 */
static void add_ssh(struct gc_words *env, const struct gitcmd_remote *r)
{
    struct rk_buf options = RK_BUF_INIT, inner = RK_BUF_INIT;
    const char *own = getenv("GIT_SSH_COMMAND");
    rk_buf_c(&options, " -o BatchMode=yes");
    if (r && r->ssh_key_file) {
        rk_buf_c(&options, " -o IdentitiesOnly=yes -i ");
        gc_quote(&inner, r->ssh_key_file);
        rk_buf_str(&options, rk_buf_view(&inner));
    }
    if (own && *own) {
        gc_add(env, "GIT_SSH_COMMAND=%s%s", own, options.p);
    } else {
        rk_buf_clear(&inner);
        rk_buf_c(&options, " \"$@\"");
        gc_quote(&inner, options.p);
        gc_add(env, "GIT_SSH_COMMAND=eval \"$(git config --get core.sshCommand || echo ssh)\"%s #",
               inner.p);
        if (!getenv("GIT_SSH_VARIANT"))
            gc_add(env, "GIT_SSH_VARIANT=ssh");
    }
    rk_buf_release(&options);
    rk_buf_release(&inner);
}

void gc_env(struct gc_words *env, const struct gitcmd_remote *r)
{
    for (size_t i = 0; i < RK_LEN(environment); i++)
        gc_add(env, "%s", environment[i]);
    add_ssh(env, r);
}

/* "https://host:port" of a URL, without user information; empty when it has none. */
static char *url_origin(const char *url)
{
    const char *mark = strstr(url, "://");
    if (!mark)
        return rk_strdup("");
    rk_str authority = {mark + 3, strcspn(mark + 3, "/?#")};
    const char *at = memrchr(authority.p, '@', authority.n);
    if (at) {
        authority.n -= (size_t)(at + 1 - authority.p);
        authority.p = at + 1;
    }
    return rk_asprintf("%.*s://" RK_FMT_STR, (int)(mark - url), url, RK_ARG_STR(authority));
}

/*
 * Helpers are bound to the remote's origin, so that a redirect cannot fetch the token elsewhere,
 * and the user's own are left out: they would be given the token to store.
 */
static void add_credentials(struct gc_words *argv, const struct gitcmd_remote *r)
{
    if (!r->helper && !r->token_file)
        return;
    rk_auto(rk_free_str) char *origin = url_origin(r->url);
    gc_add(argv, "-c");
    gc_add(argv, "credential.helper=");
    gc_add(argv, "-c");
    if (r->helper) {
        gc_add(argv, "credential.%s.helper=%s", origin, r->helper);
        return;
    }
    struct rk_buf file = RK_BUF_INIT;
    gc_quote(&file, r->token_file);
    gc_add(argv, "credential.%s.helper=!f() { test \"$1\" = get || exit 0; u=git p=; "
           "while read -r l && test -n \"$l\"; do case $l in username=*) u=${l#username=};; "
           "protocol=*) p=${l#protocol=};; esac; done; test \"$p\" = https || exit 0; "
           "printf 'username=%%s\\npassword=%%s\\n' \"$u\" \"$(cat %s)\"; }; f", origin, file.p);
    rk_buf_release(&file);
}

void gc_git(struct gc_words *argv, const struct gitcmd_remote *r)
{
    gc_add(argv, "git");
    for (size_t i = 0; i < RK_LEN(settings); i++) {
        gc_add(argv, "-c");
        gc_add(argv, "%s", settings[i]);
    }
    if (r)
        add_credentials(argv, r);
}

/* ---- one command ---- */

struct gitcmd *gc_new(struct run_loop *loop, const struct gitcmd_remote *r, const char *what)
{
    struct gitcmd *g = rk_alloc(sizeof(*g));
    g->loop = loop;
    g->time_limit_ms = r && r->time_limit_ms ? r->time_limit_ms : GITCMD_TIME_LIMIT_MS;
    g->url = rk_strdup(r && r->url ? r->url : "");
    rk_auto(rk_free_str) char *safe = gitcmd_safe_url(g->url);
    g->what = rk_asprintf("%s%s%s", what, *safe ? " " : "", safe);
    gc_env(&g->env, r);
    if (r && (!*g->url || *g->url == '-' || strpbrk(g->url, "\n\r")))
        rk_fail(&g->err, RK_INVALID, "%s: this is not the URL or path of a repository", g->what);
    return g;
}

void gc_free(struct gitcmd *g)
{
    gc_words_release(&g->argv);
    gc_words_release(&g->env);
    gc_words_release(&g->next);
    free(g->url);
    free(g->what);
    free(g);
}

static void child_done(const struct run_child_result *r, void *ctx)
{
    struct gitcmd *g = ctx;
    g->child = NULL;
    g->step(g, r);
}

static void not_started(void *ctx)
{
    struct gitcmd *g = ctx;
    g->step(g, NULL);
}

void gc_start(struct gitcmd *g, rk_str input)
{
    union {
        char **in;
        const char *const *out;
    } argv = {.in = g->argv.v}, env = {.in = g->env.v};
    struct run_child_opts o = {
        .argv = argv.out,
        .env = env.out,
        .input = input,
        .time_limit_ms = g->time_limit_ms,
    };
    if (g->cancelled || g->err.code != RK_OK ||
        run_child_start(g->loop, &o, child_done, g, &g->child, &g->err) != 0)
        run_soon(g->loop, not_started, g);
}

void gitcmd_cancel(struct gitcmd *g)
{
    if (!g)
        return;
    g->cancelled = true;
    if (g->child)
        run_child_kill(g->child);
}

/* ---- how its end is read ---- */

static const struct {
    const char *says;
    enum rk_code code;
} meanings[] = {
    {"Authentication failed", RK_DENIED},
    {"could not read Username", RK_DENIED},
    {"could not read Password", RK_DENIED},
    {"Permission denied", RK_DENIED},
    {"Host key verification failed", RK_DENIED},
    {"returned error: 401", RK_DENIED},
    {"returned error: 403", RK_DENIED},
    {"Access denied", RK_DENIED},
    {"access denied", RK_DENIED},
    {"dubious ownership", RK_DENIED},
    {"not allowed", RK_DENIED},
    {"No space left on device", RK_LIMIT},
};

static enum rk_code meaning_of(const char *text)
{
    for (size_t i = 0; i < RK_LEN(meanings); i++)
        if (strstr(text, meanings[i].says))
            return meanings[i].code;
    return RK_UNAVAILABLE;
}

int gc_check(const struct gitcmd *g, const struct run_child_result *r, struct rk_err *err)
{
    if (g->cancelled)
        return rk_fail(err, RK_CANCELLED, "%s: stopped", g->what);
    if (!r) {
        if (err)
            *err = g->err;
        return -1;
    }
    if (r->timed_out)
        return rk_fail(err, RK_TIMEOUT, "%s: no end within %llu s, so it was stopped", g->what,
                       (unsigned long long)((g->time_limit_ms + 999) / 1000));
    if (r->cut)
        return rk_fail(err, RK_LIMIT, "%s: over 16 MiB of output", g->what);
    if (r->exit_code == 0)
        return 0;
    struct rk_buf text = RK_BUF_INIT;
    gc_message(&text, r->err_text, g->url, NULL);
    if (!text.n && r->signal)
        rk_buf_f(&text, "ended by signal %d", r->signal);
    else if (!text.n)
        rk_buf_f(&text, "exit code %d", r->exit_code);
    rk_fail(err, meaning_of(text.p), "%s: %s", g->what, text.p);
    rk_buf_release(&text);
    return -1;
}
