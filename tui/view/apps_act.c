/*
 * apps_act.c: what the keys do with the row under the cursor: previews (a plan is asked for by the
 * plan view), looks (other views), and the confirmations of what changes something.
 */
#include "view/apps_int.h"

#include <stdio.h>

static void open_view(struct apps *a, const char *view, const struct view_target *t)
{
    a->v.host->open(view, t, a->v.host->ctx);
}

/* ---- previews ---- */
static bool preview_sync(struct apps *a, const struct apps_row *r)
{
    const char *only[] = {r->resource ? r->resource->object : NULL};
    struct wire_plan_params p = {.kind = "sync", .app = a->at.app, .resources = only,
                                 .n_resources = r->resource != NULL};

    open_view(a, "plan", &(struct view_target){.app = a->at.app, .plan = &p});
    return true;
}

/* The environment after this one in promotion order. */
static const char *next_environment(const struct apps *a, const char *from)
{
    const struct wire_environments *e = &a->environments;

    for (size_t i = 0; i + 1 < e->n_environments; i++)
        if (rk_streq(e->environments[i].name, from))
            return e->environments[i + 1].name;
    return NULL;
}

static bool preview_promote(struct apps *a)
{
    struct wire_plan_params p = {.kind = "promote", .app = a->at.app,
                                 .to = next_environment(a, a->at.environment)};

    if (p.to)
        open_view(a, "plan", &(struct view_target){.app = a->at.app, .plan = &p});
    else
        view_say(&a->v, TERM_STATUS, "no environment comes after %s", a->at.environment);
    return true;
}

/* To the revision that was good last; without one, history is where a revision is chosen. */
static bool preview_revert(struct apps *a)
{
    const struct wire_app_detail *d = a->detail.value;
    struct wire_plan_params p = {.kind = "revert", .app = a->at.app};

    if (d && rk_streq(d->row.name, a->at.app))
        p.to = d->last_good;
    if (p.to && p.to[0] && !rk_streq(p.to, d->row.target))
        open_view(a, "plan", &(struct view_target){.app = a->at.app, .plan = &p});
    else
        open_view(a, "history", &(struct view_target){.app = a->at.app});
    return true;
}

/* Of a whole environment: no row says which commit, so it is typed. */
static void revert_typed(const char *text, void *vctx)
{
    struct apps *a = vctx;
    bool to = text && strncmp(text, "to ", 3) == 0;
    struct wire_plan_params p = {.kind = "revert", .app = a->at.environment};

    if (!text || !text[0] || !a->at.environment || a->at.app)
        return;
    p.commit = to ? NULL : text;
    p.to = to ? text + 3 : NULL;
    open_view(a, "plan", &(struct view_target){.environment = p.app, .plan = &p});
}

static bool revert_environment(struct apps *a)
{
    char label[40];

    (void)snprintf(label, sizeof(label), "revert %.10s (C, A..B, to REV): ", a->at.environment);
    a->v.host->ask(label, false, revert_typed, a, a->v.host->ctx);
    return true;
}

static bool on_app(struct apps *a, enum view_action act, const struct apps_row *r)
{
    struct view_target t = {.app = a->at.app, .environment = a->at.environment,
                            .object = r->resource ? r->resource->object : NULL};

    switch ((int)act) {
    case ACT_SYNC:
        return preview_sync(a, r);
    case ACT_PROMOTE:
        return preview_promote(a);
    case ACT_REVERT:
        return preview_revert(a);
    case ACT_DIFF: case ACT_WHO: case ACT_BLAME: case ACT_ADOPT: case ACT_IGNORE:
        open_view(a, "diff", &t);       /* a field is chosen there */
        return true;
    case ACT_HISTORY:
        open_view(a, "history", &t);
        return true;
    case ACT_EVENTS: case ACT_LOGS:
        t.what = act == ACT_EVENTS ? "events" : "logs";
        open_view(a, "resource", &t);
        return true;
    default:
        return false;
    }
}

/* ---- what changes something: each is confirmed in a dialog of its own ---- */
static bool stop_operation(struct apps *a, const struct apps_row *r, const char *what)
{
    if (!r->app || !r->app->operation) {
        view_say(&a->v, TERM_STATUS, "no operation runs there");
        return true;
    }
    open_view(a, "confirm", &(struct view_target){.what = what, .app = a->at.app,
              .environment = a->at.environment, .operation = r->app->operation});
    return true;
}

static bool freeze(struct apps *a, const struct apps_row *r)
{
    const struct wire_environment *e = apps_environment(a, a->at.environment);
    bool frozen = r->app ? r->app->held && rk_str_starts(rk_str_c(r->app->held), "frozen")
                         : e && e->frozen;

    open_view(a, "confirm", &(struct view_target){.what = frozen ? "unfreeze" : "freeze",
              .app = a->at.app, .environment = a->at.environment});
    return true;
}

static bool unlock(struct apps *a)
{
    const struct wire_environment *e = apps_environment(a, a->at.environment);
    bool open = e && e->unlocked_until > a->v.host->now(a->v.host->ctx);

    if (!e || !e->locked) {
        view_say(&a->v, TERM_STATUS, "%s is not locked", a->at.environment);
        return true;
    }
    open_view(a, "confirm", &(struct view_target){.what = open ? "lock" : "unlock",
              .environment = a->at.environment});
    return true;
}

static bool on_row(struct apps *a, enum view_action act, const struct apps_row *r)
{
    switch ((int)act) {
    case ACT_STOP:
        return stop_operation(a, r, "stop");
    case ACT_ABORT:
        return stop_operation(a, r, "abort");
    case ACT_FREEZE:
        return freeze(a, r);
    case ACT_UNLOCK:
        return unlock(a);
    case ACT_RELEASE: case ACT_VALIDATE:
        if (a->at.app)
            open_view(a, "confirm", &(struct view_target){
                      .what = act == ACT_RELEASE ? "release" : "validate", .app = a->at.app,
                      .environment = a->at.environment});
        return a->at.app != NULL;
    default:
        return false;
    }
}

static bool copy(struct apps *a, const struct apps_row *r)
{
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    const char *object = a->at.object, *name = a->at.app ? a->at.app : a->at.environment;

    if (object)
        VIEW_COPY(&a->v, {'n', "name", object}, {'k', "kubectl", view_kubectl(mem, a->v.host, object)},
                  {'a', "application", a->at.app});
    else
        VIEW_COPY(&a->v, {'n', "name", name}, {'s', "revision", r->app ? r->app->revision : NULL},
                  {'t', "git's target", r->app ? r->app->target : NULL},
                  {'v', "version", r->app ? r->app->version : NULL});
    return true;
}

static bool needs_app(enum view_action act)
{
    return (act >= ACT_SYNC && act <= ACT_IGNORE) || act == ACT_DIFF || act == ACT_HISTORY ||
           act == ACT_EVENTS || act == ACT_LOGS || act == ACT_WHO || act == ACT_BLAME;
}

bool apps_do(struct apps *a, enum view_action act)
{
    struct apps_row r = apps_row_at(a, a->list.cursor);

    if (act == ACT_COPY)
        return copy(a, &r);
    if (act == ACT_REVERT && !a->at.app && a->at.environment)
        return revert_environment(a);
    if (needs_app(act) && !a->at.app) {
        view_say(&a->v, TERM_STATUS, "choose an application first");
        return true;
    }
    return needs_app(act) ? on_app(a, act, &r) : on_row(a, act, &r);
}
