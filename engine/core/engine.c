/*
 * engine.c: the engine's life: settings, state folder and its lock, journal, repositories,
 * clusters, the socket; then the loop until somebody ends it.
 *
 * Owns struct engine. The order of the start is the order of what needs what; the end is the
 * reverse, and waits for nothing but what is being written.
 */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/remotes_int.h"

enum { TICK_MS = 5000 }; /* a vanished socket or a full disk is over within it */

struct core_app *engine_app(const struct engine *e, const char *name)
{
    struct core_app *app = name ? rk_map_get(e->apps, name) : NULL;
    for (size_t i = 0; !app && name && i < e->n_repos; i++) {
        const struct model_app *m = e->repos[i].model ? model_find(e->repos[i].model, name) : NULL;
        if (m)
            app = rk_map_get(e->apps, m->name);
    }
    return app;
}

struct core_app *engine_app_asked(const struct engine *e, const char *name, struct rk_err *err)
{
    struct core_app *app = engine_app(e, name);
    if (app)
        return app;
    if (!name || !name[0]) {
        (void)rk_fail(err, RK_INVALID, "the request names no application");
        return NULL;
    }
    for (size_t i = 0; i < e->n_repos; i++)
        if (!e->repos[i].model) {
            const struct core_repo *r = &e->repos[i];
            (void)rk_fail(err, RK_UNAVAILABLE, "no application %s yet: repository %s is not read%s%s",
                          name, r->settings->name, r->message[0] ? ": " : "", r->message);
            return NULL;
        }
    (void)rk_fail(err, RK_NOT_FOUND, "no application %s", name);
    return NULL;
}

/* Identities of the settings, else the passwd name at this host; a uid never says who it is. Looked
 * up once a user: requests come by the thousand. */
const char *engine_identity(struct engine *e, uid_t uid, const char **email)
{
    for (size_t i = 0; i < e->n_known; i++)
        if (e->known[i].uid == uid) {
            *email = e->known[i].email;
            return e->known[i].name;
        }
    struct core_identity who = {.uid = uid};
    for (size_t i = 0; i < e->settings.n_identities && !who.name; i++)
        if (e->settings.identities[i].uid == uid)
            who = e->settings.identities[i];
    char host[64] = "localhost";
    (void)gethostname(host, sizeof host - 1);
    const struct passwd *pw = getpwuid(uid);
    struct rk_arena *a = e->settings.arena;
    if (!who.name)
        who.name = rk_arena_strdup(a, pw ? pw->pw_name : "unknown");
    if (!who.email)
        who.email = rk_arena_f(a, "%s@%s", who.name, host);
    e->known = rk_grow(e->known, e->n_known, &e->cap_known, sizeof *e->known);
    e->known[e->n_known++] = who;
    *email = who.email;
    return who.name;
}

void engine_activity(struct engine *e, const struct core_app *app, enum rk_log_level level,
                     const char *actor, const char *fmt, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    rk_text_safe(&safe, rk_buf_view(&text), 0);
    rk_buf_c(&line, "msg=");
    rk_log_quote(&line, rk_buf_view(&safe));
    if (app)
        rk_buf_f(&line, " app=%s env=%s", app->name,
                 app->policy.environment ? app->policy.environment : "-");
    rk_buf_c(&line, " actor=");
    rk_log_quote(&line, rk_str_c(actor));
    rk_log(level, "%s", line.p);
    struct wire_activity_row row = {
        .time = rk_wall_ms(), .level = names[level], .app = app ? app->name : NULL,
        .environment = app ? app->policy.environment : NULL, .actor = actor, .text = safe.p,
    };
    core_publish_activity(e, &row);
}

/* ---- freezes: kept, as {"ENV or APP": {by, reason, at}} ---- */
static void frozen_load(struct engine *e)
{
    struct rk_err err = {0};
    e->frozen_arena = rk_arena_new();
    if (record_state_read(e->state_dir, "frozen", e->frozen_arena, &e->frozen, &err) || !e->frozen)
        e->frozen = doc_map(e->frozen_arena);
}

int engine_freeze(struct engine *e, const char *target, bool frozen, const char *by,
                  const char *reason, struct rk_err *err)
{
    struct rk_arena *a = e->frozen_arena;
    if (frozen) {
        struct doc_node *entry = doc_map(a);
        doc_set_c(a, entry, "by", doc_string_c(a, by));
        doc_set_c(a, entry, "reason", doc_string_c(a, reason ? reason : ""));
        doc_set_c(a, entry, "at", doc_int(a, rk_wall_ms()));
        doc_set(a, e->frozen, rk_str_c(rk_arena_strdup(a, target)), entry);
    } else if (!doc_del(e->frozen, rk_str_c(target))) {
        return rk_fail(err, RK_NOT_FOUND, "%s is not frozen", target);
    }
    return record_state_write(e->state_dir, "frozen", e->frozen, err);
}

const struct core_unlock *engine_unlocked(const struct engine *e, const char *environment,
                                          uid_t uid)
{
    const struct core_unlock *u = environment ? rk_map_get(e->unlocks, environment) : NULL;
    return u && u->uid == uid && u->until > rk_wall_ms() ? u : NULL;
}

bool engine_frozen(const struct engine *e, const struct core_app *app, const char **by,
                   const char **reason)
{
    const char *names[] = {app->policy.environment, app->name, app->model ? app->model->app : NULL};
    for (size_t i = 0; i < RK_LEN(names); i++) {
        const struct doc_node *entry = names[i] ? doc_get(e->frozen, names[i]) : NULL;
        if (!entry)
            continue;
        *by = doc_get_text(entry, "by").p;
        *reason = doc_get_text(entry, "reason").p;
        return true;
    }
    return false;
}

/* ---- starting ---- */
static char *find_config(const struct core_opts *o)
{
    if (o->config)
        return rk_strdup(o->config);
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *name = !o->profile || rk_streq(o->profile, "default")
                     ? rk_strdup("engine.yaml") : rk_asprintf("engine.%s.yaml", o->profile);
    char *path = o->system       ? rk_asprintf("/etc/reckon/%s", name)
                 : base && *base ? rk_asprintf("%s/reckon/%s", base, name)
                                 : rk_asprintf("%s/.config/reckon/%s", home ? home : "/", name);
    free(name);
    if (rk_path_exists(path))
        return path;
    free(path);
    return NULL;
}

/* --repo without configuration: that repository, the current context, observed only. */
static void settings_of_repo(struct engine *e)
{
    struct core_settings *s = &e->settings;
    if (e->opts->repo) {
        s->repos = rk_arena_alloc(s->arena, sizeof *s->repos);
        s->repos[0] = (struct core_repo_settings){.name = "main", .url = e->opts->repo,
                                                  .poll_ms = 15000};
        s->n_repos = 1;
        e->observe_only = true;
    }
    if (!s->n_clusters) {
        s->clusters = rk_arena_alloc(s->arena, sizeof *s->clusters);
        s->clusters[0] = (struct core_cluster_settings){
            .name = "main", .server = "https://kubernetes.default.svc",
            .kubeconfig = e->opts->kubeconfig};
        s->n_clusters = 1;
    }
}

static char *state_dir_of(const struct engine *e)
{
    if (e->opts->state_dir)
        return rk_strdup(e->opts->state_dir);
    if (e->settings.state && e->settings.state[0])
        return rk_strdup(e->settings.state);
    return e->opts->system ? rk_asprintf("/var/lib/reckon/%s", e->profile)
                           : client_state_dir(e->profile);
}

static int open_state(struct engine *e, struct rk_err *err)
{
    char *log = NULL;
    e->state_dir = state_dir_of(e);
    e->socket = e->opts->socket ? rk_strdup(e->opts->socket)
                                : client_socket_path(e->profile, e->opts->system);
    if (rk_mkdirs(e->state_dir, 0700, err))
        return rk_wrap(err, "state folder");
    log = rk_path_join(e->state_dir, "log");
    int rc = rk_log_open(log, RK_LOG_INFO, e->opts->foreground, err);
    free(log);
    if (rc || record_journal_open(e->loop, e->state_dir, e->socket, &e->journal, err) ||
        record_key(e->state_dir, e->key, err))
        return -1;
    char *runs = rk_path_join(e->state_dir, "cache/runs"); /* of helm, when it was cut off */
    rc = rk_remove_tree(runs, err);
    free(runs);
    if (rc)
        return -1;
    frozen_load(e);
    e->keeper = run_worker_start(e->loop);
    return 0;
}

static void open_rest(struct engine *e)
{
    struct sync_host host;
    core_sync_host(e, &host);
    e->sync = sync_new(e->loop, &host, e);
    e->n_clusters = e->settings.n_clusters;
    e->clusters = rk_calloc(e->n_clusters + 1, sizeof *e->clusters);
    for (size_t i = 0; i < e->n_clusters; i++)
        core_cluster_open(e, &e->clusters[i], &e->settings.clusters[i]);
    e->remotes = core_remotes_new(e);
    e->repos = rk_calloc(e->settings.n_repos + 1, sizeof *e->repos);
    for (size_t i = 0; i < e->settings.n_repos; i++) {
        struct core_repo *r = &e->repos[e->n_repos++];
        struct rk_err err = {0};
        if (core_repo_open(e, r, &e->settings.repos[i], &err) == 0)
            continue;
        (void)snprintf(r->message, sizeof r->message, "%s", err.text);
        r->state = "gone";
        engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "%s", err.text);
    }
}

static void on_signal(int signum, void *ctx)
{
    struct engine *e = ctx;
    engine_activity(e, NULL, RK_LOG_INFO, "reckon", "ends by signal %d", signum);
    engine_stop(e);
}

/* There is room again: what was held for want of it goes on. */
static void probed(const struct rk_err *err, void *ctx)
{
    struct engine *e = ctx;
    const char *name;
    void *value;
    if (err || e->stopping)
        return;
    engine_activity(e, NULL, RK_LOG_INFO, "reckon", "the journal can be written again");
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);)
        core_app_mark(value);
    for (size_t i = 0; i < e->n_repos; i++)
        core_repo_poll(&e->repos[i]);
}

static void on_tick(void *ctx)
{
    struct engine *e = ctx;
    core_plans_expire(e);
    if (record_journal_trouble(e->journal))
        record_journal_probe(e->journal, probed, e);
    core_api_check_socket(e);
}

void engine_stop(struct engine *e)
{
    e->stopping = true;
    run_loop_stop(e->loop);
}

void engine_job_done(struct engine *e)
{
    if (--e->jobs == 0 && e->stopping)
        run_loop_stop(e->loop);
}

/* No other process of this user may read its memory, nor a core file hold it. */
static void protect(void)
{
    struct rlimit none = {0, 0};
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGPIPE, SIG_IGN);
}

static int engine_open(struct engine *e, struct rk_err *err)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    char *config = find_config(e->opts);
    int rc = core_settings_read(config, &e->settings, err);
    free(config);
    if (rc)
        return -1;
    settings_of_repo(e);
    if (open_state(e, err) || core_api_start(e, err))
        return -1;
    for (size_t i = 0; i < RK_LEN(signals); i++)
        e->signals[i] = run_signal_start(e->loop, signals[i], on_signal, e);
    e->tick = run_timer_start(e->loop, TICK_MS, TICK_MS, on_tick, e);
    if (e->settings.later)
        engine_activity(e, NULL, RK_LOG_WARN, "reckon", "settings of a later version, not used: %s",
                        e->settings.later);
    if (e->settings.audit_remote && e->settings.audit_remote[0])
        engine_activity(e, NULL, RK_LOG_WARN, "reckon",
                        "audit.remote comes with a later version: the audit log goes to the watched "
                        "repository");
    open_rest(e);
    if (e->opts->ready_fd >= 0 && write(e->opts->ready_fd, "1", 1) != 1)
        return rk_fail_errno(err, errno, "ready descriptor");
    return 0;
}

static void free_app(void *app)
{
    core_app_free(app);
}

static void free_plan(void *plan)
{
    core_plan_free(plan);
}

static void engine_close(struct engine *e)
{
    e->stopping = true;
    core_api_stop(e);
    for (size_t i = 0; i < RK_LEN(e->signals); i++)
        run_signal_stop(e->signals[i]);
    run_timer_stop(e->linger);
    run_timer_stop(e->tick);
    e->tick = NULL;
    rk_map_free(e->plans, free_plan);
    sync_free(e->sync);
    e->sync = NULL;
    if (e->keeper)
        run_worker_stop(e->keeper); /* finishes what it was given */
    core_settled_stop(e);
    rk_map_free(e->apps, free_app);
    core_remotes_stop(e->remotes);
    core_helm_stop(e);
    if (e->jobs) /* they hand back the views they were lent */
        run_loop_run(e->loop);
    core_helm_free(e);
    core_remotes_free(e->remotes);
    rk_map_free(e->owners, NULL);
    rk_map_free(e->unlocks, free);
    for (size_t i = 0; i < e->n_repos; i++)
        core_repo_close(&e->repos[i]);
    for (size_t i = 0; i < e->n_clusters; i++)
        core_cluster_close(&e->clusters[i]);
    record_journal_close(e->journal);
    core_api_drain(e);
    run_loop_free(e->loop);
    free(e->known);
    free(e->repos);
    free(e->clusters);
    rk_arena_free(e->frozen_arena);
    core_settings_release(&e->settings);
    free(e->profile);
    free(e->state_dir);
    free(e->socket);
    rk_wipe(e->key, sizeof e->key);
    rk_log_close();
}

int core_run(const struct core_opts *opts, struct rk_err *err)
{
    protect();
    struct engine e = {
        .opts = opts, .loop = run_loop_new(), .apps = rk_map_new(), .owners = rk_map_new(),
        .plans = rk_map_new(), .unlocks = rk_map_new(), .epoch = rk_wall_ms(), .started = rk_wall_ms(),
        .profile = rk_strdup(opts->profile ? opts->profile : "default"),
    };
    int rc = engine_open(&e, err);
    if (rc == 0)
        run_loop_run(e.loop);
    engine_close(&e);
    return rc;
}
