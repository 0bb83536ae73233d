/*
 * pending.c: applications that stay with a commit which waits for the remote (a revert made while it
 * was away). In: what the mirror tells of such commits. Out: the pin goes once its commit is on the
 * remote, also when the engine was cut off between the push and its note of it.
 */
#include "core/core_int.h"

/* new_id: the name it has on the branch; "" when nobody knows any more. */
static void unpin(struct core_app *app, const char *new_id)
{
    if (strcmp(app->synced, app->pinned) == 0)
        (void)snprintf(app->synced, sizeof app->synced, "%s", new_id);
    app->pinned[0] = 0;
    core_app_state_save(app);
}

void core_pending_pushed(const char *name, const char *old_id, const char *new_id, void *ctx)
{
    struct core_repo *r = ctx;
    const char *app_name;
    void *value;
    (void)name;
    for (size_t it = 0; rk_map_next(r->engine->apps, &it, &app_name, &value);) {
        struct core_app *app = value;
        if (app->repo != r || strcmp(app->pinned, old_id) != 0)
            continue;
        unpin(app, new_id);
        engine_activity(r->engine, app, RK_LOG_INFO, "reckon",
                        "the remote is back: %.7s was pushed as %.7s", old_id, new_id);
    }
    core_repo_poll(r);
}

/* Only what the remote itself said counts: the mirror of an engine that was cut off may be old. */
bool core_pending_landed(struct core_app *app)
{
    struct core_repo *r = app->repo;
    struct rk_err err;
    if (!app->pinned[0] || !rk_streq(r->state, "ok") || git_is_pending(r->mirror, app->pinned))
        return false;
    struct git_view *v = core_repo_view(r, &err);
    if (!v)
        return false;
    char head[GIT_ID], id[GIT_ID];
    git_mirror_head(r->mirror, head);
    memcpy(id, app->pinned, sizeof id);
    unpin(app, git_is_ancestor(v, id, head) ? id : "");
    core_repo_give_back(r, v);
    engine_activity(r->engine, app, RK_LOG_INFO, "reckon", "%.7s had been pushed", id);
    return true;
}

void core_pending_look(struct core_repo *r)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(r->engine->apps, &it, &name, &value);)
        if (((struct core_app *)value)->repo == r && core_pending_landed(value))
            reconcile_revision(value);
}
