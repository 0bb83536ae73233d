/*
 * api_apps.c: session and applications: hello, status, lists, subscriptions, refresh.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "core/remotes_int.h"

/* ---- session ---- */
static const char *const cluster_words[] = {
    [CLUSTER_CONNECTING] = "connecting", [CLUSTER_OK] = "ok",
    [CLUSTER_UNREACHABLE] = "unreachable", [CLUSTER_DENIED] = "denied",
};

static void wire_repositories(const struct engine *e, struct rk_arena *a,
                              struct wire_repository **out, size_t *n)
{
    struct wire_repository *v = rk_arena_array(a, e->n_repos + 1, sizeof *v);
    for (size_t i = 0; i < e->n_repos; i++) {
        const struct core_repo *r = &e->repos[i];
        struct git_commit *pending = NULL;
        char *url = gitcmd_safe_url(r->settings->url);
        v[i] = (struct wire_repository){
            .name = r->settings->name, .url = rk_arena_strdup(a, url),
            .branch = r->mirror ? git_mirror_branch(r->mirror) : NULL, .revision = r->head,
            .subject = core_safe(a, rk_str_c(r->subject)), .checked = r->checked,
            .changed = r->changed, .state = r->state,
            .message = core_safe(a, rk_str_c(r->message[0] ? r->message : r->policy_trouble)),
            .pending = r->mirror ? (int64_t)git_pending(r->mirror, a, &pending) : 0,
        };
        free(url);
    }
    *out = v;
    *n = e->n_repos;
}

static void wire_clusters(const struct engine *e, struct rk_arena *a, struct wire_cluster **out,
                          size_t *n)
{
    struct wire_cluster *v = rk_arena_array(a, e->n_clusters + 1, sizeof *v);
    for (size_t i = 0; i < e->n_clusters; i++) {
        const struct core_cluster *c = &e->clusters[i];
        const char *state = !c->cluster ? "unreachable" : cluster_words[cluster_state(c->cluster)];
        const char *version = c->cluster ? cluster_version(c->cluster) : NULL;
        v[i] = (struct wire_cluster){
            .name = c->settings->name, .server = c->config ? c->config->server : NULL,
            .context = c->config ? c->config->context : NULL, .version = version,
            .uid = c->cluster ? cluster_uid(c->cluster) : NULL,
            .state = c->foreign ? "foreign" : state,
            .message = core_safe(a, rk_str_c(c->message)),
            .seen = c->cluster ? cluster_seen_ms(c->cluster) : 0,
            .latency_ms = c->cluster ? cluster_latency_ms(c->cluster) : 0,
            .sandbox = version && strstr(version, "sandbox") != NULL,
        };
    }
    *out = v;
    *n = e->n_clusters;
}

static int api_hello(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    const struct wire_hello_params *p = r->params;
    if (p->protocol > WIRE_PROTOCOL)
        return rk_fail(err, RK_UNSUPPORTED,
                       "client speaks protocol %lld, engine %s speaks %d: restart the engine with "
                       "the newer reckon-engine", (long long)p->protocol, RK_VERSION,
                       WIRE_PROTOCOL);
    r->peer->greeted = true;
    r->peer->readonly = p->readonly;
    struct core_who who = core_request_who(r);
    struct wire_hello h = {
        .protocol = WIRE_PROTOCOL, .epoch = e->epoch, .started = e->started, .pid = getpid(),
        .version = RK_VERSION, .engine = e->opts->system ? "system" : "session",
        .profile = e->profile, .socket = e->socket, .identity = who.name, .email = who.email,
        .can_write = who.can_write, .why_readonly = who.why_readonly,
    };
    wire_repositories(e, r->arena, &h.repositories, &h.n_repositories);
    wire_clusters(e, r->arena, &h.clusters, &h.n_clusters);
    core_answer(r, &h);
    return 0;
}

static int64_t resident_kb(void)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    int64_t pages = 0;
    rk_str rest;
    if (rk_file_read("/proc/self/statm", 4096, &text, &none) == 0) {
        (void)rk_str_cut(rk_buf_view(&text), ' ', &rest);
        (void)rk_str_int(rk_str_cut(rest, ' ', &rest), &pages);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int api_status(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    struct wire_status s = {
        .applications = (int64_t)rk_map_count(e->apps),
        .operations = (int64_t)sync_running_count(e->sync), .lag_us = (int64_t)run_loop_lag(e->loop),
        .memory_kb = resident_kb(), .started = e->started,
        .disk = record_journal_trouble(e->journal) ? record_journal_trouble(e->journal) : "",
    };
    (void)err;
    for (const struct core_peer *p = e->peers; p; p = p->next)
        s.clients++;
    for (size_t i = 0; i < e->n_clusters; i++)
        s.objects += e->clusters[i].cluster ? (int64_t)cluster_objects(e->clusters[i].cluster) : 0;
    wire_repositories(e, r->arena, &s.repositories, &s.n_repositories);
    wire_clusters(e, r->arena, &s.clusters, &s.n_clusters);
    core_answer(r, &s);
    return 0;
}

static int api_unsubscribe(struct core_request *r, struct rk_err *err)
{
    const struct wire_sub *p = r->params;
    struct wire_ok ok = {true};
    for (struct core_sub *s = r->peer->subs; s; s = s->next)
        if (s->id == p->sub) {
            core_sub_free(s);
            core_answer(r, &ok);
            return 0;
        }
    return rk_fail(err, RK_NOT_FOUND, "no subscription %lld", (long long)p->sub);
}

static int api_detach(struct core_request *r, struct rk_err *err)
{
    struct wire_ok ok = {true};
    (void)err;
    r->engine->detached = true;
    core_answer(r, &ok);
    return 0;
}

static int api_stop(struct core_request *r, struct rk_err *err)
{
    struct wire_ok ok = {true};
    struct engine *e = r->engine;
    (void)err;
    engine_activity(e, NULL, RK_LOG_INFO, core_request_who(r).name, "engine.stop");
    core_answer(r, &ok);
    engine_stop(e);
    return 0;
}

/* ---- applications ---- */
static int api_list(struct core_request *r, struct rk_err *err)
{
    struct wire_app_page page;
    (void)err;
    core_wire_page(r->engine, r->params, r->arena, &page);
    core_answer(r, &page);
    return 0;
}

static int api_watch(struct core_request *r, struct rk_err *err)
{
    (void)err;
    (void)core_sub_new(r);
    return 0;
}

static int api_watch_app(struct core_request *r, struct rk_err *err)
{
    const struct wire_app_ref *p = r->params; /* the first member of each is `app` */
    if (!engine_app_asked(r->engine, p->app, err))
        return -1;
    (void)core_sub_new(r);
    return 0;
}

/* ---- refresh: answers when git was asked and what follows from it is compared ---- */
struct refresh {
    struct core_request *request;
    struct core_app *app;       /* NULL: all */
    uint64_t *polls;            /* a repository's count when it was asked */
    struct refresh *next;
};

static bool repo_settled(const struct core_repo *r, uint64_t before)
{
    return !r->mirror || (r->polls > before && !r->polling && !r->reading[0] && !r->read_again);
}

static bool app_settled(const struct core_app *a)
{
    if (!a->model || a->has_error || !a->cluster || !a->cluster->cluster)
        return true;
    if (core_render_stuck(a))
        return true; /* its row says what it waits for */
    return !a->rendering[0] && !a->look && !a->marked && (a->view || cluster_state(
           a->cluster->cluster) != CLUSTER_OK) && (a->view == NULL || a->desired == a->view->desired);
}

static bool settled(const struct engine *e, const struct refresh *f)
{
    for (size_t i = 0; i < e->n_repos; i++)
        if ((!f->app || f->app->repo == &e->repos[i]) && !repo_settled(&e->repos[i], f->polls[i]))
            return false;
    if (core_remotes_busy(e->remotes, f->app))
        return false;
    if (f->app)
        return app_settled(f->app);
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);)
        if (!app_settled(value))
            return false;
    return true;
}

static void check_refreshes(void *ctx)
{
    struct engine *e = ctx;
    e->telling = false;
    for (struct refresh **at = &e->refreshes, *f; (f = *at);) {
        if (!settled(e, f)) {
            at = &f->next;
            continue;
        }
        struct wire_ok ok = {true};
        *at = f->next;
        core_answer(f->request, &ok);
        free(f->polls);
        free(f);
    }
}

void engine_told(struct engine *e)
{
    if (!e->refreshes || e->telling || e->stopping)
        return;
    e->telling = true;
    run_soon(e->loop, check_refreshes, e);
}

static int api_refresh(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    const struct wire_refresh_params *p = r->params;
    struct core_app *app = p->app ? engine_app(e, p->app) : NULL;
    if (!app && !p->all && p->app) {
        if (!e->n_repos || rk_map_count(e->apps))
            return rk_fail(err, RK_NOT_FOUND, "no application %s", p->app);
    }
    struct refresh *f = rk_alloc(sizeof *f);
    *f = (struct refresh){.request = r, .app = app, .next = e->refreshes};
    f->polls = rk_calloc(e->n_repos + 1, sizeof *f->polls);
    e->refreshes = f;
    for (size_t i = 0; i < e->n_repos; i++) {
        f->polls[i] = e->repos[i].polls;
        if (!app || app->repo == &e->repos[i])
            core_repo_poll(&e->repos[i]);
    }
    core_remotes_look(e->remotes, app);
    if (app && p->hard) {
        app->source_changed = true;
        reconcile_revision(app);
    }
    engine_told(e);
    return 0;
}

const struct core_route core_routes_apps[] = {
    {"hello", api_hello},
    {"status", api_status},
    {"unsubscribe", api_unsubscribe},
    {"engine.detach", api_detach},
    {"engine.stop", api_stop},
    {"applications.list", api_list},
    {"applications.watch", api_watch},
    {"application.watch", api_watch_app},
    {"resources.watch", api_watch_app},
    {"activity.watch", api_watch},
    {"refresh", api_refresh},
    {NULL, NULL},
};
