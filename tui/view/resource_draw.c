/*
 * resource_draw.c: the resource view's picture: the tree of owners with the causes of its health,
 * its events, its log. Beside one another on a wide screen, below one another on a high one, else
 * the pane that has the focus alone.
 */
#include "view/resource_int.h"

#include <stdio.h>

static int64_t now_of(const struct resource_view *v)
{
    return v->view.host->now(v->view.host->ctx);
}

static void put_text(const struct resource_view *v, struct canvas c, int x, int y,
                     enum term_role role, const char *text)
{
    struct canvas in = canvas_cut(c, x, y, c.w - x, 1);
    widget_put_found(in, -v->shift, 0, role, rk_str_c(text), rk_str_c(v->find));
}

static void put_error(struct canvas c, const struct rk_err *err, const char *empty)
{
    struct rk_arena *a = rk_arena_new();
    size_t n = 0;
    const char *text = err->code ? widget_safe(a, err->text) : empty;
    rk_str *lines = widget_wrap(a, rk_str_c(text), c.w - 2, &n);
    for (size_t i = 0; i < n && (int)i < c.h; i++)
        canvas_put(c, 1, (int)i, err->code ? TERM_ERROR : TERM_DIM, lines[i]);
    rk_arena_free(a);
}

/* The pane's frame; `above` rows of the inside are not the list's. */
static struct canvas pane_box(struct resource_view *v, struct canvas c, enum resource_pane pane,
                              const char *title, int above)
{
    struct widget_list *l = &v->list[pane];
    unsigned flags = (v->pane == pane ? WIDGET_FOCUS : 0u) |
                     (v->view.production ? WIDGET_DOUBLE : 0u);
    char foot[32];
    widget_list_show(l, c.h - 2 - above);
    widget_list_foot(l, foot);
    struct canvas in = widget_box(c, title, foot, flags);
    widget_list_place(l, canvas_cut(in, 0, above, in.w, in.h - above));
    return in;
}

static void put_cursor(const struct resource_view *v, struct canvas c, enum resource_pane pane)
{
    const struct widget_list *l = &v->list[pane];
    if (l->n && l->cursor >= l->top)
        canvas_tint(c, (int)(l->cursor - l->top), v->pane == pane ? TERM_CURSOR
                                                                  : TERM_CURSOR_INACTIVE);
}

/* ---- tree ---- */
enum { CAUSES_MOST = 8 };
enum { COL_OBJECT, COL_HEALTH, COL_READY, COL_AGE, COL_WHY, COLS };

static void put_owner(const struct resource_view *v, struct canvas c, int y,
                      const struct wire_owner_row *o, const int *x, const int *w,
                      struct rk_arena *a)
{
    struct widget_sign s = widget_health(o->health);
    struct view_object k = view_object_of(o->object);
    char age[16];
    rk_str name = rk_str_c(widget_safe(a, rk_arena_f(a, "%*s" RK_FMT_STR "/" RK_FMT_STR,
                                                     (int)o->depth * 2, "", RK_ARG_STR(k.kind),
                                                     RK_ARG_STR(k.name))));
    widget_age(now_of(v), o->created, age);
    if (widget_found(name, rk_str_c(v->find)))
        put_text(v, canvas_cut(c, 0, y, w[COL_OBJECT], 1), 0, 0, TERM_BASE, name.p);
    else
        canvas_cell(c, x[COL_OBJECT], y, w[COL_OBJECT], TERM_BASE, name);
    canvas_cell(c, x[COL_HEALTH], y, w[COL_HEALTH], s.role,
                rk_str_c(rk_arena_f(a, "%s %s", s.sign, widget_safe(a, s.word))));
    canvas_cell(c, x[COL_READY], y, w[COL_READY], TERM_BASE, rk_str_c(widget_safe(a, o->ready)));
    canvas_cell(c, x[COL_AGE], y, w[COL_AGE], TERM_DIM, rk_str_c(age));
    if (w[COL_WHY])
        put_text(v, canvas_cut(c, x[COL_WHY], y, w[COL_WHY], 1), 0, 0, s.role,
                 widget_safe(a, o->message));
}

static bool concerns(const struct resource_view *v, const struct wire_cause *cause)
{
    const struct wire_owners *t = resource_owners(v);
    for (size_t i = 0; t && i < t->n_rows; i++)
        if (rk_streq(t->rows[i].object, cause->object))
            return true;
    return !v->object || rk_streq(v->object, cause->object);
}

/* As wide as the widest text of the column, so that what explains a state has the rest. */
static void tree_columns(const struct wire_owners *t, int width, int *x, int *w)
{
    int name = 16, ready = 5;
    for (size_t i = 0; t && i < t->n_rows; i++) {
        struct view_object k = view_object_of(t->rows[i].object);
        int wide = (int)t->rows[i].depth * 2 + term_width(k.kind) + 1 + term_width(k.name);
        int text = t->rows[i].ready ? term_width(rk_str_c(t->rows[i].ready)) : 0;
        name = wide > name ? wide : name;
        ready = text > ready ? text : ready;
    }
    const struct widget_column cols[COLS] = {
        {"OBJECT", 16, name < 60 ? name : 60, false}, {"HEALTH", 10, 13, false},
        {"READY", ready < 7 ? ready : 7, ready < 12 ? ready : 12, false}, {"AGE", 3, 4, false},
        {"WHY", 8, 0, false}};
    widget_columns(cols, COLS, width, x, w);
}

/* Why the health is not fine: at most a third of the pane, above the tree. */
static int causes_of(const struct resource_view *v, int most, const struct wire_cause **out)
{
    const struct wire_app_detail *d = v->watch.value;
    int n = 0;
    for (size_t i = 0; d && i < d->n_causes && n < most && n < CAUSES_MOST; i++)
        if (concerns(v, &d->causes[i]))
            out[n++] = &d->causes[i];
    return n;
}

static void put_cause(struct canvas c, int y, const struct wire_cause *cause, struct rk_arena *a)
{
    struct widget_sign s = widget_health(cause->status);
    struct view_object k = view_object_of(cause->object);
    const char *text = rk_arena_f(a, "%s %s  " RK_FMT_STR "/" RK_FMT_STR "  %s", s.sign, s.word,
                                  RK_ARG_STR(k.kind), RK_ARG_STR(k.name),
                                  cause->message ? cause->message : "");
    canvas_put(c, 0, y, s.role, rk_str_c(widget_safe(a, text)));
}

static void draw_tree(struct resource_view *v, struct canvas c)
{
    const struct wire_cause *causes[CAUSES_MOST];
    const struct wire_owners *t = resource_owners(v);
    const struct widget_list *l = &v->list[RES_TREE];
    struct rk_arena *a = rk_arena_new();
    int x[COLS], w[COLS], above = causes_of(v, (c.h - 2) / 3, causes);
    struct canvas in = pane_box(v, c, RES_TREE, "Owners", above);
    for (int i = 0; i < above; i++)
        put_cause(in, i, causes[i], a);
    in = canvas_cut(in, 0, above, in.w, in.h - above);
    tree_columns(t, in.w, x, w);
    for (int y = 0; t && y < in.h && l->top + (size_t)y < t->n_rows; y++)
        put_owner(v, in, y, &t->rows[l->top + (size_t)y], x, w, a);
    if (!t || !t->n_rows)
        put_error(in, &v->owners.err, !t ? "reading ..."
                                         : "it does not live: nothing in the cluster");
    else
        put_cursor(v, in, RES_TREE);
    rk_arena_free(a);
}

/* ---- events ---- */
static void put_event(const struct resource_view *v, struct canvas c, int y,
                      const struct wire_event_row *e, int clock, struct rk_arena *a)
{
    bool warning = rk_streq(e->type, "Warning");
    enum term_role role = warning ? TERM_DRIFT : TERM_BASE;
    int x = clock + 1, object = c.w >= 90 ? 26 : 0;
    char when[24];
    widget_when(now_of(v), e->time, when);
    canvas_cell(c, 0, y, clock, TERM_DIM, rk_str_c(when));
    canvas_put(c, x, y, role, warning ? RK_STR("!") : RK_STR(" "));
    canvas_cell(c, x + 2, y, 18, role, rk_str_c(widget_safe(a, e->reason)));
    x += 21;
    if (object)
        canvas_cell(c, x, y, object - 1, TERM_BASE, rk_str_c(widget_safe(a, e->object)));
    x += object;
    const char *text = widget_safe(a, e->message);
    if (e->count > 1)
        text = rk_arena_f(a, "(x%lld) %s", (long long)e->count, text);
    put_text(v, c, x, y, TERM_BASE, text);
}

/* Columns of the times: of today they are short. */
static int clock_width(const struct resource_view *v, const struct wire_events *e)
{
    int w = 5;
    for (size_t i = 0; e && i < e->n_events; i++) {
        char when[24];
        widget_when(now_of(v), e->events[i].time, when);
        w = (int)strlen(when) > w ? (int)strlen(when) : w;
    }
    return w;
}

static void draw_events(struct resource_view *v, struct canvas c)
{
    const struct wire_events *e = resource_events(v);
    const struct widget_list *l = &v->list[RES_EVENTS];
    struct rk_arena *a = rk_arena_new();
    struct canvas in = pane_box(v, c, RES_EVENTS, "Events", 0);
    int clock = clock_width(v, e);
    for (int y = 0; e && y < in.h && l->top + (size_t)y < e->n_events; y++)
        put_event(v, in, y, &e->events[l->top + (size_t)y], clock, a);
    if (!e || !e->n_events)
        put_error(in, &v->events.err, !e ? "reading ..." : "the cluster tells of none");
    else
        put_cursor(v, in, RES_EVENTS);
    rk_arena_free(a);
}

/* ---- log ---- */
static void draw_log(struct resource_view *v, struct canvas c)
{
    const struct widget_list *l = &v->list[RES_LOGS];
    struct rk_buf title rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *a = rk_arena_new();
    rk_buf_f(&title, "Log %s%s", widget_safe(a, v->log.title),
             v->follow.ended ? "  ended" : v->follow.value ? "  (live)" : "");
    struct canvas in = pane_box(v, c, RES_LOGS, title.p, 0);
    for (int y = 0; y < in.h && l->top + (size_t)y < v->log.n; y++)
        put_text(v, in, 0, y, TERM_BASE, resource_log_at(&v->log, l->top + (size_t)y));
    if (!v->log.n)
        put_error(in, &v->follow.err, v->follow.ended ? "the log ended" : "no line yet");
    else
        put_cursor(v, in, RES_LOGS);
    rk_arena_free(a);
}

/* ---- layout ---- */
enum { WIDE = 120, HIGH = 20, LEAST = 5 };

static void draw_pane(struct resource_view *v, struct canvas c, enum resource_pane pane)
{
    static void (*const draw[RES_PANES])(struct resource_view *, struct canvas) = {
        draw_tree, draw_events, draw_log};
    draw[pane](v, c);
}

static void draw_stacked(struct resource_view *v, struct canvas c)
{
    int panes = v->logs ? RES_PANES : RES_LOGS, y = 0;
    int least = c.h / (panes + 1) > LEAST ? c.h / (panes + 1) : LEAST;
    for (int p = 0; p < panes; p++) {
        int h = (int)v->pane == p ? c.h - least * (panes - 1) : least;
        draw_pane(v, canvas_cut(c, 0, y, c.w, h), (enum resource_pane)p);
        y += h;
    }
}

void resource_draw(struct view *view, struct canvas c)
{
    struct resource_view *v = (struct resource_view *)view;
    if (c.w >= WIDE && c.h >= 2 * LEAST) {
        int left = c.w / 2, top = v->logs ? c.h / 2 : c.h;
        draw_pane(v, canvas_cut(c, 0, 0, left, c.h), RES_TREE);
        draw_pane(v, canvas_cut(c, left, 0, c.w - left, top), RES_EVENTS);
        if (v->logs)
            draw_pane(v, canvas_cut(c, left, top, c.w - left, c.h - top), RES_LOGS);
    } else if (c.h >= HIGH) {
        draw_stacked(v, c);
    } else {
        draw_pane(v, c, v->pane);
    }
}
