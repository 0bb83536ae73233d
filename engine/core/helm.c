/*
 * helm.c: the helm program (version 3, as kustomize v5.7.1 wants it), on the loop. In: words. Out:
 * what it printed, or its own words as an error.
 *
 * Templates run two at a time: each takes the memory and the processor of a large program. Pulls ask
 * a network, so they wait for nobody and nobody waits for them. The version is asked before the
 * first run, and again as long as the answer is not right. helm's configuration is its own, in the
 * state folder: no plugin, no setting of a user changes what a chart renders to.
 */
#include "core/remotes_int.h"

enum { AT_ONCE = 2, TEMPLATE_MS = 60000, SAID_MAX = 400 };

struct task {
    struct engine *engine;
    struct rk_arena *arena;
    const char *const *argv;
    bool network, asks_version;
    core_helm_fn done;          /* NULL: forgotten */
    void *ctx;
    struct run_child *child;    /* NULL: waits */
    struct task *next;
};
struct core_helm {
    struct task *first;         /* running and waiting ones, in order */
    size_t running;             /* templates */
    bool known, asking;         /* known: it is helm 3 */
};

static struct core_helm *helm_of(struct engine *e)
{
    if (!e->helm)
        e->helm = rk_alloc(sizeof *e->helm);
    return e->helm;
}

const char *const *core_words_copy(struct rk_arena *a, const char *const *words)
{
    size_t n = 0;
    while (words[n])
        n++;
    const char **copy = rk_arena_array(a, n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = rk_arena_strdup(a, words[i]);
    return copy;
}

static struct task *add(struct engine *e, const char *const *argv)
{
    struct task *t = rk_alloc(sizeof *t), **at = &helm_of(e)->first;
    *t = (struct task){.engine = e, .arena = rk_arena_new()};
    t->argv = core_words_copy(t->arena, argv);
    while (*at)
        at = &(*at)->next;
    *at = t;
    e->jobs++;
    return t;
}

static void end(struct task *t, rk_str out, const struct rk_err *err)
{
    struct engine *e = t->engine;
    struct task **at = &e->helm->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (t->done)
        t->done(out, err, t->ctx);
    rk_arena_free(t->arena);
    free(t);
    engine_job_done(e);
}

/* ---- how it ended ---- */
static int check(const struct task *t, const struct run_child_result *r, struct rk_err *err)
{
    rk_str said = rk_str_trim(r->err_text);
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (r->timed_out)
        return rk_fail(err, RK_TIMEOUT, "helm %s: no end within %llu s, so it was stopped",
                       t->argv[1], (unsigned long long)(t->network ? t->engine->settings.git_ms
                                                                   : TEMPLATE_MS) / 1000);
    if (r->cut)
        return rk_fail(err, RK_LIMIT, "helm %s: over 16 MiB of output", t->argv[1]);
    if (r->exit_code == 0)
        return 0;
    if (said.n > SAID_MAX)
        said.n = SAID_MAX;
    rk_text_urls(&safe, said, 0);
    return rk_fail(err, t->network ? RK_UNAVAILABLE : RK_INVALID, "helm %s: %s", t->argv[1],
                   safe.n ? safe.p : "it ended without a word");
}

static void go_on(struct engine *e);

static void versioned(struct engine *e, rk_str out, struct rk_err *err)
{
    struct core_helm *h = e->helm;
    h->asking = false;
    h->known = !err->code && render_helm_check(out, err) == 0;
    if (h->known)
        return;
    for (struct task *t = h->first, *next; t; t = next) {
        next = t->next;
        if (!t->child)
            end(t, RK_STR_NONE, err);
    }
}

static void ended(const struct run_child_result *r, void *ctx)
{
    struct task *t = ctx;
    struct engine *e = t->engine;
    struct rk_err err = {0};
    int rc = check(t, r, &err);
    e->helm->running -= !t->network;
    if (t->asks_version)
        versioned(e, r->out, &err);
    end(t, rc ? RK_STR_NONE : r->out, rc ? &err : NULL);
    go_on(e);
}

/* ---- starting ---- */
static int start(struct task *t, struct rk_err *err)
{
    const char *dir = rk_arena_f(t->arena, "%s/cache/helm", t->engine->state_dir);
    const char *const env[] = {
        rk_arena_f(t->arena, "HELM_CONFIG_HOME=%s/config", dir),
        rk_arena_f(t->arena, "HELM_CACHE_HOME=%s/cache", dir),
        rk_arena_f(t->arena, "HELM_DATA_HOME=%s/data", dir),
        "HELM_NAMESPACE", "HELM_PLUGINS", "HELM_DEBUG", "HELM_REPOSITORY_CONFIG",
        "HELM_REPOSITORY_CACHE", "HELM_REGISTRY_CONFIG", NULL,
    };
    struct run_child_opts o = {
        .argv = t->argv, .env = env,
        .time_limit_ms = t->network ? t->engine->settings.git_ms : TEMPLATE_MS,
    };
    if (t->engine->stopping)
        return rk_fail(err, RK_CANCELLED, "stopped");
    if (run_child_start(t->engine->loop, &o, ended, t, &t->child, err))
        return rk_wrap(err, "helm (is it installed?)");
    t->engine->helm->running += !t->network;
    return 0;
}

static struct task *next_one(const struct core_helm *h)
{
    for (struct task *t = h->first; t; t = t->next)
        if (!t->child && (h->known ? t->network || h->running < AT_ONCE : t->asks_version))
            return t;
    return NULL;
}

static void go_on(struct engine *e)
{
    struct core_helm *h = e->helm;
    struct task *t;
    if (!h->known && !h->asking && h->first) {
        h->asking = true;
        add(e, render_helm_version)->asks_version = true;
    }
    while ((t = next_one(h))) {
        struct rk_err err = {0};
        if (start(t, &err) == 0)
            continue;
        if (t->asks_version)
            versioned(e, RK_STR_NONE, &err); /* ends it, too */
        else
            end(t, RK_STR_NONE, &err);
    }
}

static void go_on_soon(void *ctx)
{
    go_on(ctx);
}

void core_helm_run(struct engine *e, const char *const *argv, bool network, core_helm_fn done,
                   void *ctx)
{
    struct task *t = add(e, argv);
    t->network = network;
    t->done = done;
    t->ctx = ctx;
    run_soon(e->loop, go_on_soon, e);
}

void core_helm_forget(struct engine *e, const void *ctx)
{
    for (struct task *t = e->helm ? e->helm->first : NULL; t; t = t->next)
        if (t->ctx == ctx)
            t->done = NULL;
}

void core_helm_stop(struct engine *e)
{
    for (struct task *t = e->helm ? e->helm->first : NULL; t; t = t->next)
        if (t->child)
            run_child_kill(t->child);
    if (e->helm && e->helm->first)
        run_soon(e->loop, go_on_soon, e); /* ends what waits */
}

void core_helm_free(struct engine *e)
{
    free(e->helm);
    e->helm = NULL;
}
