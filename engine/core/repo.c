/*
 * repo.c: one watched repository: when to look at the remote, and its state for people.
 *
 * A poll that moved the branch leads to modelling.c (applications and policy of the new revision)
 * and from there to reconcile.c. What cannot be reached keeps its last good revision and shows
 * its age. Owns the mirror, the audit log, the views lent to pool jobs.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "core/core_int.h"

enum { AWAY_RETRY_MS = 2000 };

/* ---- views for pool jobs ---- */
struct git_view *core_repo_view(struct core_repo *r, struct rk_err *err)
{
    if (r->n_idle)
        return r->idle[--r->n_idle];
    struct git_view *v = NULL;
    if (!r->mirror)
        (void)rk_fail(err, RK_UNAVAILABLE, "repository %s: %s", r->settings->name, r->message);
    else if (git_view_open(git_mirror_dir(r->mirror), &v, err))
        return NULL;
    return v;
}

void core_repo_give_back(struct core_repo *r, struct git_view *v)
{
    r->idle = rk_grow(r->idle, r->n_idle, &r->cap_idle, sizeof(struct git_view *));
    r->idle[r->n_idle++] = v;
}

/* ---- what a poll tells ---- */
static void set_state(struct core_repo *r, const char *state, const char *message)
{
    bool changed = !rk_streq(r->state, state) || strcmp(r->message, message) != 0;
    bool again = (rk_streq(r->state, "unreachable") || rk_streq(r->state, "gone")) &&
                 rk_streq(state, "ok");
    r->state = state;
    (void)snprintf(r->message, sizeof r->message, "%s", message);
    if (changed && message[0])
        engine_activity(r->engine, NULL, RK_LOG_WARN, "reckon", "repository %s: %s",
                        r->settings->name, message);
    if (again)
        engine_activity(r->engine, NULL, RK_LOG_INFO, "reckon", "repository %s answers again",
                        r->settings->name);
}

/* When a remote last answered survives a restart as the time of its mirror's HEAD, which nothing
 * else writes: no write and no fsync at every poll. */
void core_checked_keep(const char *git_dir)
{
    char *path = rk_path_join(git_dir, "HEAD");
    (void)utimensat(AT_FDCWD, path, NULL, 0);
    free(path);
}

int64_t core_checked_load(const char *git_dir)
{
    char *path = rk_path_join(git_dir, "HEAD");
    struct stat st;
    int rc = stat(path, &st);
    free(path);
    return rc ? 0 : (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

static void load_checked(struct core_repo *r)
{
    char head[GIT_ID];
    git_mirror_head(r->mirror, head);
    if (head[0])
        r->checked = core_checked_load(git_mirror_dir(r->mirror));
}

/* A force push that drops what runs holds the applications that run it. */
static bool dropped(struct git_view *v, struct core_app *app, const char *head)
{
    if (!app->synced[0] || app->pinned[0] || git_is_ancestor(v, app->synced, head))
        return false;
    memcpy(app->forced, app->synced, sizeof app->forced);
    core_app_state_save(app); /* a restart does not let it go */
    return true;
}

static void hold_forced(struct core_repo *r, const char *head)
{
    struct rk_err err;
    struct git_view *v = core_repo_view(r, &err);
    const char *name;
    void *value;
    for (size_t it = 0; v && rk_map_next(r->engine->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (app->repo == r && dropped(v, app, head))
            automation_decide(app);
    }
    if (v)
        core_repo_give_back(r, v);
}

void core_app_forced(struct core_app *app, const char *head)
{
    struct rk_err err;
    struct git_view *v = app->synced[0] && strcmp(app->synced, head) != 0
                             ? core_repo_view(app->repo, &err) : NULL;
    if (!v)
        return;
    (void)dropped(v, app, head);
    core_repo_give_back(app->repo, v);
}

static void schedule(struct core_repo *r)
{
    struct rk_arena *a = rk_arena_new();
    struct git_commit *pending = NULL;
    bool hurry = git_pending(r->mirror, a, &pending) > 0;
    rk_arena_free(a);
    uint64_t wait = r->settings->poll_ms;
    run_timer_again(r->poll, hurry && wait > AWAY_RETRY_MS ? AWAY_RETRY_MS : wait);
}

static void polled(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    struct core_repo *r = ctx;
    r->polling = false;
    if (r->engine->stopping)
        return;
    if (err) {
        bool gone = err->code == RK_NOT_FOUND;
        set_state(r, gone ? "gone" : "unreachable", err->text);
    } else {
        r->checked = rk_wall_ms();
        core_checked_keep(git_mirror_dir(r->mirror));
        set_state(r, "ok", "");
        core_pending_look(r);
        if (r->log) /* what could not be pushed before; nothing to push asks nobody */
            record_log_push(r->log, NULL, NULL, NULL);
        if (head->changed)
            r->changed = r->checked;
        if (head->forced)
            hold_forced(r, head->id);
    }
    r->polls++;
    schedule(r);
    core_repo_moved(r);
    engine_told(r->engine);
}

void core_repo_poll(struct core_repo *r)
{
    if (!r->mirror || r->polling)
        return;
    r->polling = true;
    git_mirror_poll(r->mirror, polled, r);
}

static void poll_due(void *ctx)
{
    core_repo_poll(ctx);
}

void core_repo_head(const struct core_repo *r, char out[GIT_ID])
{
    memcpy(out, r->head, GIT_ID);
}

/* ---- opening ---- */
/* A local repository tells by file events; the poll stays as the backstop. */
static void watch_local(struct core_repo *r)
{
    static const char *const places[] = {"refs/heads", ".git/refs/heads"};
    const char *path = r->settings->url;
    if (strncmp(path, "file://", 7) == 0)
        path += 7;
    for (size_t i = 0; i < RK_LEN(places) && !r->watch; i++) {
        char *dir = rk_path_join(path, places[i]);
        struct rk_err ignored;
        if (rk_path_is_dir(dir) &&
            run_watch_start(r->engine->loop, dir, poll_due, r, &r->watch, &ignored))
            r->watch = NULL;
        free(dir);
    }
}

int core_repo_open(struct engine *e, struct core_repo *r, const struct core_repo_settings *s,
                   struct rk_err *err)
{
    r->engine = e;
    r->settings = s;
    r->state = "stale";
    (void)snprintf(r->message, sizeof r->message, "not looked at yet");
    char *name = rk_asprintf("mirrors/%s.git", s->name);
    for (char *c = name + 8; *c; c++)
        if (*c == '/' || *c == ':')
            *c = '_';
    char *dir = rk_path_join(e->state_dir, name);
    struct git_mirror_opts opts = {
        .dir = dir, .branch = s->branch, .committer_name = "Reckon",
        .committer_email = "reckon@localhost",
        .remote = {.url = s->url, .ssh_key_file = s->ssh_key_file, .token_file = s->token_file,
                   .helper = s->helper, .time_limit_ms = e->settings.git_ms},
    };
    int rc = git_mirror_open(e->loop, &opts, &r->mirror, err);
    free(name);
    free(dir);
    if (rc)
        return rk_wrap(err, "repository %s", s->name);
    git_on_pushed(r->mirror, core_pending_pushed, r);
    if (record_log_open(r->mirror, e->state_dir, &r->log, err))
        return rk_wrap(err, "repository %s: audit log", s->name);
    core_policy_load(r);
    load_checked(r);
    r->poll = run_timer_start(e->loop, 0, 0, poll_due, r);
    watch_local(r);
    return 0;
}

void core_repo_close(struct core_repo *r)
{
    run_timer_stop(r->poll);
    run_watch_stop(r->watch);
    record_log_close(r->log);
    git_mirror_free(r->mirror);
    for (size_t i = 0; i < r->n_idle; i++)
        git_view_free(r->idle[i]);
    free(r->idle);
    model_free(r->model);
    free(r->policy_text);
    free(r->next_text);
    free(r->next_what);
}
