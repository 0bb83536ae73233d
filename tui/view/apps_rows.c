/*
 * apps_rows.c: rows of the screen <-> the engine's order. Pure: it reads the last page, what is
 * folded and what is unfolded.
 */
#include <stdlib.h>

#include "view/apps_int.h"

const struct wire_app_page *apps_page(const struct apps *a)
{
    return a->page.value;
}

const struct wire_app *apps_app_at(const struct apps *a, int64_t index)
{
    const struct wire_app_page *p = apps_page(a);

    if (!p || index < p->offset || index >= p->offset + (int64_t)p->n_apps)
        return NULL;
    return &p->apps[index - p->offset];
}

bool apps_is_folded(const struct apps *a, const char *environment)
{
    return !a->turned && rk_map_get(a->folded, environment ? environment : "") != NULL;
}

struct apps_open *apps_open_of(const struct apps *a, const char *app)
{
    for (struct apps_open *o = a->open; app && o; o = o->next)
        if (rk_streq(o->app, app))
            return o;
    return NULL;
}

size_t apps_open_rows(const struct apps_open *o)
{
    const struct wire_resource_page *p = o->feed.value;

    return p && p->n_resources ? p->n_resources : 1;
}

/* ---- parts: the groups, or the whole list when the tree is turned ---- */
struct part { const struct wire_group *group; int64_t first, n; size_t heading; };

static size_t n_parts(const struct apps *a)
{
    const struct wire_app_page *p = apps_page(a);

    return !p ? 0 : a->turned ? 1 : p->n_groups;
}

static struct part part_at(const struct apps *a, size_t i, int64_t first)
{
    const struct wire_app_page *p = apps_page(a);
    struct part out = {.first = first};

    if (a->turned) {
        out.n = p->total;
    } else {
        out.group = &p->groups[i];
        out.n = out.group->rows;
        out.heading = 1;
    }
    return out;
}

/* Rows of the unfolded applications with first <= index < end. */
static size_t extra(const struct apps *a, int64_t first, int64_t end)
{
    size_t n = 0;

    for (const struct apps_open *o = a->open; o; o = o->next)
        if (o->index >= first && o->index < end)
            n += apps_open_rows(o);
    return n;
}

static size_t part_rows(const struct apps *a, struct part p)
{
    return p.heading + (size_t)p.n + extra(a, p.first, p.first + p.n);
}

size_t apps_rows(const struct apps *a)
{
    size_t n = 0;
    int64_t first = 0;

    for (size_t i = 0; i < n_parts(a); i++) {
        struct part p = part_at(a, i, first);
        n += part_rows(a, p);
        first += p.n;
    }
    return n;
}

/* ---- from a row to what it shows ---- */
static struct apps_row app_row(const struct apps *a, struct part p, int64_t index)
{
    struct apps_row r = {.kind = APPS_APP, .group = p.group, .index = index,
                         .app = apps_app_at(a, index)};

    r.open = r.app ? apps_open_of(a, r.app->name) : NULL;
    return r;
}

static struct apps_row resource_row(const struct apps *a, struct part p,
                                    const struct apps_open *o, size_t i)
{
    const struct wire_resource_page *page = o->feed.value;

    return (struct apps_row){.kind = APPS_RESOURCE, .group = p.group, .index = o->index,
                             .app = apps_app_at(a, o->index), .open = o,
                             .resource = page && i < page->n_resources ? &page->resources[i]
                                                                       : NULL};
}

/* at: rows below the part's heading. */
static struct apps_row row_in(const struct apps *a, struct part p, size_t at)
{
    size_t before = 0;          /* rows of resources above */

    for (const struct apps_open *o = a->open; o; o = o->next) {
        if (o->index < p.first || o->index >= p.first + p.n)
            continue;
        size_t own = (size_t)(o->index - p.first) + before, n = apps_open_rows(o);
        if (at <= own)
            break;
        if (at <= own + n)
            return resource_row(a, p, o, at - own - 1);
        before += n;
    }
    return app_row(a, p, p.first + (int64_t)(at - before));
}

struct apps_row apps_row_at(const struct apps *a, size_t row)
{
    int64_t first = 0;

    for (size_t i = 0; i < n_parts(a); i++) {
        struct part p = part_at(a, i, first);
        size_t n = part_rows(a, p);
        if (row < n && p.heading && row == 0)
            return (struct apps_row){.kind = APPS_ENVIRONMENT, .group = p.group, .index = first};
        if (row < n)
            return row_in(a, p, row - p.heading);
        row -= n;
        first += p.n;
    }
    return (struct apps_row){.kind = APPS_NOTHING};
}

size_t apps_row_of(const struct apps *a, int64_t index)
{
    size_t rows = 0;
    int64_t first = 0;

    for (size_t i = 0; i < n_parts(a); i++) {
        struct part p = part_at(a, i, first);
        if (index < p.first + p.n)
            return rows + p.heading + (size_t)(index - p.first) + extra(a, p.first, index);
        rows += part_rows(a, p);
        first += p.n;
    }
    return rows ? rows - 1 : 0;
}

/* ---- identity ---- */
const char *apps_environment_of(const struct apps_row *r)
{
    const char *name = r->app ? r->app->environment : r->group ? r->group->environment : NULL;

    return name ? name : "";
}

void apps_at_clear(struct apps_at *at)
{
    free(at->environment);
    free(at->app);
    free(at->object);
    *at = (struct apps_at){0};
}

void apps_at_set(struct apps *a, const struct apps_row *r)
{
    struct apps_at at = {.kind = r->kind, .environment = rk_strdup(apps_environment_of(r))};

    if (r->app)
        at.app = rk_strdup(r->app->name);
    else if (r->open)
        at.app = rk_strdup(r->open->app);
    if (r->resource)
        at.object = rk_strdup(r->resource->object);
    apps_at_clear(&a->at);
    a->at = at;
}

static bool find_heading(const struct apps *a, size_t *row)
{
    int64_t first = 0;
    size_t rows = 0;

    for (size_t i = 0; i < n_parts(a); i++) {
        struct part p = part_at(a, i, first);
        const char *name = p.group && p.group->environment ? p.group->environment : "";
        *row = rows;
        if (p.group && rk_streq(name, a->at.environment))
            return true;
        rows += part_rows(a, p);
        first += p.n;
    }
    return false;
}

static size_t resource_of(const struct apps *a, const struct apps_open *o)
{
    const struct wire_resource_page *p = o->feed.value;

    if (!a->at.object)
        return 1;               /* they were being read */
    for (size_t i = 0; p && i < p->n_resources; i++)
        if (rk_streq(p->resources[i].object, a->at.object))
            return i + 1;
    return 0;                   /* the object is gone: its application */
}

bool apps_row_find(const struct apps *a, size_t *row)
{
    const struct wire_app_page *p = apps_page(a);

    if (a->at.kind == APPS_ENVIRONMENT)
        return find_heading(a, row);
    for (size_t i = 0; p && a->at.app && i < p->n_apps; i++) {
        if (!rk_streq(p->apps[i].name, a->at.app))
            continue;
        const struct apps_open *o = apps_open_of(a, a->at.app);
        *row = apps_row_of(a, p->offset + (int64_t)i);
        if (o && a->at.kind == APPS_RESOURCE)
            *row += resource_of(a, o);
        return true;
    }
    return false;
}

/* ---- unfolded applications ---- */
static void place(struct apps *a, struct apps_open *o)
{
    const struct wire_app_page *p = apps_page(a);

    if (apps_is_folded(a, o->environment) || (p && o->index >= p->total))
        o->index = -1;
    for (size_t i = 0; p && i < p->n_apps; i++)
        if (rk_streq(p->apps[i].name, o->app)) {
            o->index = p->offset + (int64_t)i;
            return;
        }
    /* the page shows another one where it was: nobody knows where it is now */
    if (apps_app_at(a, o->index))
        o->index = -1;
}

void apps_open_place(struct apps *a)
{
    struct apps_open *rest = a->open;

    a->open = NULL;
    while (rest) {
        struct apps_open *o = rest, **at = &a->open;
        rest = o->next;
        place(a, o);
        while (*at && (*at)->index <= o->index)
            at = &(*at)->next;
        o->next = *at;
        *at = o;
    }
}
