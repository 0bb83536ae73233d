/*
 * settled.c: a look that a plan or an operation is made of. Until every application of the
 * repository is rendered at its head, an object that git no longer has here may have moved to
 * another one, and a look tells no extra; such a look is made again when they are.
 */
#include <stdlib.h>

#include "core/core_int.h"

struct core_settling {
    struct engine *engine;
    char *app;
    struct core_desired *desired;       /* ref */
    core_look_fn done;
    void *ctx;
    struct core_settling *next;         /* in the engine's list of those that wait */
};

static void drop(struct core_settling *s)
{
    core_desired_unref(s->desired);
    free(s->app);
    free(s);
}

static void end(struct core_settling *s, struct core_view *v)
{
    s->done(v, s->ctx);
    drop(s);
}

static void looked(struct core_view *v, void *ctx);

/* Now, or when the last application is rendered. */
static void look_or_wait(struct core_settling *s)
{
    struct core_app *app = rk_map_get(s->engine->apps, s->app);
    if (!app || !app->model) {
        end(s, NULL);
    } else if (core_apps_settled(app->repo)) {
        (void)core_look_start(app, s->desired, app->view, looked, s);
    } else {
        s->next = s->engine->settling;
        s->engine->settling = s;
    }
}

static void looked(struct core_view *v, void *ctx)
{
    struct core_settling *s = ctx;
    if (!v->unsettled || s->engine->stopping) {
        end(s, v);
        return;
    }
    core_view_unref(v);
    look_or_wait(s);
}

void core_look_settled(struct core_app *app, struct core_desired *desired, core_look_fn done,
                       void *ctx)
{
    struct core_settling *s = rk_alloc(sizeof *s);
    *s = (struct core_settling){.engine = app->engine, .app = rk_strdup(app->name), .done = done,
                                .ctx = ctx, .desired = core_desired_ref(desired)};
    (void)core_look_start(app, desired, app->view, looked, s);
}

void core_settled(struct engine *e)
{
    struct core_settling *list = e->settling;
    e->settling = NULL;
    while (list) {
        struct core_settling *s = list;
        list = s->next;
        look_or_wait(s);
    }
}

void core_settled_stop(struct engine *e)
{
    while (e->settling) {
        struct core_settling *s = e->settling;
        e->settling = s->next;
        drop(s);
    }
}
