/*
 * reconcile.c: the one file that knows the order.
 *
 *   git moved ──▶ render (unless nothing that it read moved) ──▶ desired ─┐
 *   live moved ───────────────────────────────────────────────────────────┴▶ look ──▶ view
 *   view is new ──▶ publish, then the next automatic action (automation.c)
 *
 * Each step is idempotent: it may be asked for at any time and at most one of its kind runs an
 * application; a request that comes meanwhile makes it run once more.
 */
#include "core/core_int.h"

/* ================= git -> desired ================= */
static void desired_ready(struct core_app *app, struct core_desired *d, const struct rk_err *err,
                          void *ctx)
{
    (void)ctx;
    char rev[GIT_ID];
    memcpy(rev, app->rendering, sizeof rev);
    app->rendering[0] = 0;
    if (err) {
        app->error = *err;
        if (!err->where.line && app->model) /* the folder itself: its manifest names it */
            (void)!rk_wrap(&app->error, "%s:%u", app->model->file, app->model->line);
        app->has_error = true;
        memcpy(app->target, rev, sizeof rev);
        core_apps_waiting(app->engine);
        reconcile_decide(app);
    } else {
        bool same = d == app->desired && !app->has_error;
        app->has_error = false;
        app->source_changed = false;
        memcpy(app->target, rev, sizeof rev);
        core_desired_unref(app->desired);
        app->desired = d;
        core_apps_watch(app);
        core_apps_waiting(app->engine);
        if (same && app->view)
            reconcile_decide(app);
        else
            reconcile_live(app);
    }
    if (app->render_again || app->remote_moved) {
        app->render_again = false;
        reconcile_revision(app);
    }
}

/* Is another render wanted than the one under way? */
static bool other_wanted(const struct core_app *app, const char *head)
{
    return strcmp(app->rendering, head) != 0 || app->source_changed || app->remote_moved;
}

void reconcile_revision(struct core_app *app)
{
    char head[GIT_ID];
    core_repo_head(app->repo, head);
    if (app->pinned[0] && !core_pending_landed(app))
        memcpy(head, app->pinned, sizeof head);
    if (!app->model || app->model->error || !head[0]) {
        reconcile_decide(app);
        return;
    }
    if (app->rendering[0] && !(other_wanted(app, head) && core_render_drop(app, desired_ready))) {
        app->render_again = other_wanted(app, head);
        return;
    }
    app->rendering[0] = 0; /* what waited for a remote is out of date */
    if (strcmp(app->target, head) == 0 && !app->source_changed && !app->remote_moved) {
        reconcile_decide(app); /* git says the same; the policy may be another */
        return;
    }
    app->remote_moved = false;
    memcpy(app->rendering, head, sizeof head);
    core_render(app, head, desired_ready, NULL);
}

/* ================= desired, live -> view ================= */
static void view_ready(struct core_view *v, void *ctx)
{
    struct core_app *app = ctx;
    app->look = NULL;
    core_view_unref(app->view);
    app->view = v;
    app->unsettled = v->unsettled;
    if (app->unsettled && core_apps_settled(app->repo)) /* they came while it asked the server */
        core_app_mark(app);
    if (app->looked++ == 0)
        core_inventory_again(app);
    if (app->look_again) {
        app->look_again = false;
        reconcile_live(app);
        return;
    }
    reconcile_decide(app);
}

static bool can_look(const struct core_app *app)
{
    return app->desired && app->cluster && app->cluster->cluster && core_apps_ready(app);
}

void reconcile_live(struct core_app *app)
{
    if (!app->model)
        core_orphan_look(app);
    if (app->look) {
        app->look_again = true;
        return;
    }
    if (!can_look(app)) {
        reconcile_decide(app);
        return;
    }
    struct core_view *previous = app->rules_changed ? NULL : app->view;
    app->rules_changed = false;
    struct core_look *l = core_look_start(app, app->desired, previous, view_ready, app);
    if (l)
        app->look = l;
}

/* ================= view -> screen, next action ================= */
void reconcile_decide(struct core_app *app)
{
    core_publish_app(app);
    sync_look(app->engine->sync, app->name);
    automation_decide(app);
    if (app->view && app->view->unasked && !automation_heals(app) && can_look(app))
        core_app_mark(app); /* no heal at once after all: it is asked now */
    engine_told(app->engine);
}
