/*
 * diff.c: the diff view: what lives against what git says, with who wrote the one and which line wants
 * the other; or what git said at one revision against another one, with the lines of both.
 *
 * It reads again when the application's state says that something changed, and keeps the cursor on
 * the field it stood on.
 */
#include "view/diff_int.h"

#include <stdlib.h>

enum { CONTEXT = 3 };

static struct diff_view *of(struct view *v)
{
    return (struct diff_view *)v;
}

/* ---- the current change ---- */
const struct diff_change *diff_current(const struct diff_view *v, size_t *object, size_t *change)
{
    const struct diff_row *here = diff_row_at(v, v->list.cursor);
    if (!here || !v->data || !v->data->objects[here->object].n_changes)
        return NULL;
    *object = here->object;
    *change = 0;
    for (size_t i = v->list.cursor + 1; i-- > 0 && v->rows.v[i].object == here->object;)
        if (v->rows.v[i].change != DIFF_NONE) {
            *change = v->rows.v[i].change;
            break;
        }
    return &v->data->objects[*object].changes[*change];
}

/* ---- rows ---- */
struct mark { const char *object, *label; bool live, change; size_t number; };

/* What the row is about, in words that outlive the data's order. */
static struct mark mark_of(const struct diff_data *d, const struct diff_row *r)
{
    const struct diff_object *o = &d->objects[r->object];
    const struct diff_line *l = r->git ? r->git : r->live;
    bool change = r->change != DIFF_NONE;
    return (struct mark){o->wire->object, change ? o->changes[r->change].label : NULL, !r->git,
                         change, l ? l->number : 0};
}

/* 0: another object; higher: nearer to what it was. */
static int likeness(const struct mark *a, const struct mark *b)
{
    if (!rk_streq(a->object, b->object))
        return 0;
    if (a->change && b->change && rk_streq(a->label, b->label))
        return a->live == b->live ? 4 : 3;
    return !a->change && !b->change && a->number == b->number ? 2 : 1;
}

static size_t find_mark(const struct diff_view *v, const struct mark *m)
{
    size_t best = 0;
    int most = 0;
    for (size_t i = 0; i < v->rows.n; i++) {
        struct mark other = mark_of(v->data, &v->rows.v[i]);
        int like = likeness(m, &other);
        if (like > most) {
            most = like;
            best = i;
        }
    }
    return best;
}

static size_t first_change(const struct diff_view *v)
{
    for (size_t i = 0; i < v->rows.n; i++)
        if (v->rows.v[i].change != DIFF_NONE)
            return i;
    return 0;
}

void diff_forget_blame(struct diff_view *v)
{
    rk_arena_free(v->blame.mem);
    free(v->blame.why);
    memset(&v->blame, 0, sizeof v->blame);
}

void diff_refill(struct diff_view *v, const struct diff_data *old)
{
    const struct diff_row *here = old ? diff_row_at(v, v->list.cursor) : NULL;
    struct mark m = here ? mark_of(old, here) : (struct mark){0};
    struct rk_arena *before = v->rows.mem; /* the mark's row is still in it */
    v->rows.mem = NULL;
    diff_rows_make(&v->rows, v->data, &v->look);
    widget_list_set(&v->list, v->rows.n, here ? find_mark(v, &m) : first_change(v));
    rk_arena_free(before);
    if (old != v->data)
        diff_forget_blame(v);
    v->view.host->changed(v->view.host->ctx);
}

/* ---- data ---- */
static char *state_of(const struct wire_app_detail *d)
{
    const struct wire_app *r = &d->row;
    return rk_asprintf("%s %s %s %s %lld %lld %lld", r->verdict ? r->verdict : "",
                       r->target ? r->target : "", r->revision ? r->revision : "",
                       d->error ? d->error : "", (long long)r->drifted, (long long)r->changed,
                       (long long)d->last_time);
}

static void watched(struct view_feed *f)
{
    struct diff_view *v = of(f->view);
    const struct wire_app_detail *d = f->value;
    if (!d)
        return;
    v->view.production = widget_is_production(d->row.environment, d->row.locked);
    if (!v->revisions || !v->from || !v->rev) /* what is named does not change */
        view_again_seen(&v->again, state_of(d));
}

static int diff_open(struct view *view, const struct view_target *t, struct rk_err *err)
{
    struct diff_view *v = of(view);
    if (!t->app)
        return rk_fail(err, RK_INVALID, "diff: of which application?");
    v->app = rk_strdup(t->app);
    v->object = t->object ? rk_strdup(t->object) : NULL;
    v->rev = t->rev ? rk_strdup(t->rev) : NULL;
    v->revisions = t->from || t->from_app;
    v->from = t->from ? rk_strdup(t->from) : NULL;
    v->from_app = t->from_app ? rk_strdup(t->from_app) : NULL;
    v->look.context = CONTEXT;
    v->watch.changed = watched;
    struct wire_app_ref p = {v->app};
    view_feed_open(view, &v->watch, "application.watch", &p);
    v->again.view = view;
    v->again.read = diff_load;
    view_again_now(&v->again);
    return 0;
}

static void diff_close(struct view *view)
{
    struct diff_view *v = of(view);
    diff_unload(v);
    diff_forget_blame(v);
    rk_arena_free(v->rows.mem);
    free(v->app);
    free(v->object);
    free(v->rev);
    free(v->from);
    free(v->from_app);
    free(v->find);
}

static void diff_connected(struct view *view)
{
    view_again_now(&of(view)->again); /* answers of the old line do not come any more */
}

/* ---- lines around ---- */
static void diff_headline(struct view *view, struct rk_buf *left, struct rk_buf *right)
{
    struct diff_view *v = of(view);
    size_t object = 0, change = 0;
    const char *rev = v->data ? v->data->revision : view_text(v->rev);
    if (v->revisions)
        rk_buf_f(left, "compare %s %.7s -> %s%s%.7s", v->from_app ? v->from_app : v->app,
                 v->data ? v->data->from : view_text(v->from), v->from_app ? v->app : "",
                 v->from_app ? " " : "", rev);
    else
        rk_buf_f(left, "diff %s  live -> git %.7s", v->app, rev);
    if (diff_current(v, &object, &change))
        rk_buf_f(right, "  change %zu/%zu  ", v->data->objects[object].first_change + change + 1,
                 v->data->changes);
    rk_buf_f(right, "%s%s", right->n ? "" : "  ", v->look.split ? "split" : "unified");
}

static void diff_status(struct view *view, struct rk_buf *out)
{
    struct diff_view *v = of(view);
    size_t at = 0, n = 0;
    for (size_t i = 0; v->find && v->data && i < v->rows.n; i++)
        if (diff_row_has(v, &v->rows.v[i], rk_str_c(v->find))) {
            n++;
            at += i <= v->list.cursor;
        }
    if (v->err.code)
        rk_buf_f(out, "%s", v->err.text);
    else if (v->find)
        rk_buf_f(out, "/%s  %zu of %zu matches  ", v->find, at, n);
    if (v->data && v->data->ignored)
        rk_buf_f(out, "ignored by rule: %zu", v->data->ignored);
}

static const enum view_action *diff_hints(struct view *view)
{
    static const enum view_action all[] = {
        ACT_NEXT_PROBLEM, ACT_NEXT_UNIT, ACT_SYNC, ACT_ADOPT, ACT_IGNORE, ACT_SPLIT, ACT_FOLD,
        ACT_WHO, ACT_BLAME, ACT_COPY, ACT_NONE};
    static const enum view_action none[] = {ACT_SYNC, ACT_HISTORY, ACT_REFRESH, ACT_NONE};
    static const enum view_action two[] = {
        ACT_NEXT_PROBLEM, ACT_NEXT_UNIT, ACT_SPLIT, ACT_FOLD, ACT_WHO, ACT_BLAME, ACT_HISTORY,
        ACT_COPY, ACT_NONE};
    const struct diff_view *v = of(view);
    if (v->revisions)
        return v->data && v->data->n ? two : &two[6];
    return v->data && v->data->n ? all : none;
}

static struct widget_list *diff_list(struct view *v)
{
    return &of(v)->list;
}

const struct view_class view_diff = {
    .name = "diff", .title = "Drift diff", .size = sizeof(struct diff_view), .open = diff_open,
    .close = diff_close, .draw = diff_draw, .act = diff_act, .list = diff_list,
    .headline = diff_headline,
    .hints = diff_hints, .status = diff_status, .find = diff_find, .connected = diff_connected,
};
