/*
 * apps_search.c: to the next problem, to the next row that holds a text. Rows that are here are
 * looked at at once; behind them pages are asked for, one after the other, until one matches, the
 * list ends, or the person moves on. What is folded counts by its heading.
 */
#include <stdlib.h>

#include "view/apps_int.h"

enum { PAGE = 200 };

static void ask(struct apps *a);

void apps_search_stop(struct apps *a)
{
    a->search.on = false;
    free(a->search.text);
    a->search.text = NULL;
}

static bool app_matches(const struct apps *a, const struct wire_app *app)
{
    rk_str text = rk_str_c(a->search.text);

    if (!a->search.text)
        return apps_problem(app);
    if (a->search.exact)
        return rk_streq(app->name, a->search.text);
    return widget_found(rk_str_c(app->name), text) || widget_found(rk_str_c(app->app), text) ||
           (app->version && widget_found(rk_str_c(app->version), text));
}

static bool heading_matches(const struct apps *a, const struct apps_row *r)
{
    const struct wire_counts *n = &r->group->counts;
    const char *name = apps_environment_of(r);

    if (a->search.text)
        return !a->search.exact && widget_found(rk_str_c(name), rk_str_c(a->search.text));
    return apps_is_folded(a, name) && n->out_of_sync + n->unknown + n->degraded + n->missing > 0;
}

/* Of what is unfolded each object is looked at, not the application alone. */
static bool resource_problem(const struct wire_resource *r)
{
    return !rk_streq(r->verdict, "Synced") || rk_streq(r->health, "Degraded") ||
           rk_streq(r->health, "Missing");
}

static bool row_matches(const struct apps *a, const struct apps_row *r)
{
    if (r->kind == APPS_ENVIRONMENT)
        return heading_matches(a, r);
    if (r->kind == APPS_APP)
        return r->app && app_matches(a, r->app);
    if (!r->resource || !a->search.text)
        return r->resource && resource_problem(r->resource);
    return !a->search.exact &&
           widget_found(rk_str_c(r->resource->object), rk_str_c(a->search.text));
}

static void nothing(struct apps *a)
{
    if (a->search.text)
        view_say(&a->v, TERM_STATUS, "\"%s\" is not found %s", a->search.text,
                 a->search.direction < 0 ? "above" : "below");
    else
        view_say(&a->v, TERM_STATUS, "no problem %s", a->search.direction < 0 ? "above" : "below");
    apps_search_stop(a);
}

static void arrive(struct apps *a, size_t row)
{
    apps_search_stop(a);
    apps_jump(a, row);
}

/* ---- pages that are not here ---- */
static const struct wire_app *match_in(const struct apps *a, const struct wire_app_page *p)
{
    size_t n = p->n_apps;

    for (size_t i = 0; i < n; i++) {
        const struct wire_app *app = &p->apps[a->search.direction < 0 ? n - 1 - i : i];
        bool ahead = a->search.direction < 0 ? app->index <= a->search.next
                                             : app->index >= a->search.next;
        if (ahead && app_matches(a, app))
            return app;
    }
    return NULL;
}

static void take_page(struct view *v, void *value, struct rk_arena *mem, const struct rk_err *err,
                      void *ctx)
{
    struct apps *a = (struct apps *)v;
    const struct wire_app_page *p = value;
    const struct wire_app *hit;

    (void)ctx;
    if (err)
        view_say(v, TERM_ERROR, "%s", err->text);
    if (err || !a->search.on) {
        apps_search_stop(a);
    } else if ((hit = match_in(a, p))) {
        arrive(a, apps_row_of(a, hit->index));
    } else {
        a->search.next = a->search.direction < 0 ? p->offset - 1
                                                 : p->offset + (int64_t)p->n_apps;
        if (a->search.next < 0 || a->search.next >= p->total || !p->n_apps)
            nothing(a);
        else
            ask(a);
    }
    rk_arena_free(mem);
}

/* The same list as the window's: filter, order and what is folded are those of its parameters. */
static void ask(struct apps *a)
{
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_apps_params p = {0};
    struct rk_err err;
    int64_t from = a->search.next;

    if (wire_read(mem, a->page.method->params, rk_str_c(a->page.params), &p, &err)) {
        view_say(&a->v, TERM_ERROR, "%s", err.text);
        return;
    }
    if (a->search.direction < 0)
        from = from >= PAGE ? from - PAGE + 1 : 0;
    p.offset = from;
    p.limit = PAGE;
    view_call(&a->v, "applications.list", &p, take_page, NULL);
}

/* ---- rows that are here ---- */
/* The first match from `row` on; *missing: an application that is not here stands before it. */
static bool look_here(const struct apps *a, size_t row, size_t *hit, int64_t *missing)
{
    size_t n = apps_rows(a);

    *missing = -1;
    for (; row < n; row += a->search.direction < 0 ? (size_t)-1 : 1) {
        struct apps_row r = apps_row_at(a, row);
        if (r.kind == APPS_APP && !r.app) {
            *missing = r.index;
            return false;
        }
        *hit = row;
        if (row_matches(a, &r))
            return true;
    }
    return false;
}

static void search(struct apps *a, const char *text, bool exact, int direction, size_t row)
{
    char *copy = text ? rk_strdup(text) : NULL;
    int64_t missing;
    size_t hit = 0;

    apps_search_stop(a);
    a->search = (struct apps_search){.on = true, .direction = direction, .text = copy,
                                     .exact = exact};
    if (look_here(a, row, &hit, &missing)) {
        arrive(a, hit);
    } else if (missing >= 0) {
        a->search.next = missing;
        view_say(&a->v, TERM_STATUS, "looking further ...");
        ask(a);
    } else {
        nothing(a);
    }
}

void apps_search(struct apps *a, const char *text, int direction)
{
    size_t step = direction < 0 ? (size_t)-1 : direction > 0 ? 1 : 0;

    search(a, text, false, direction, a->list.cursor + step);
}

void apps_search_name(struct apps *a, const char *name)
{
    search(a, name, true, 0, 0);
}
