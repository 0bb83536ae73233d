/*
 * history.c: the history of an application in one time line: entries of the audit and the commits
 * that touched what it reads. It is read again when the application's state says that something
 * happened. Reverts and comparisons are looked at in other views; nothing is written here.
 */
#include "view/marks.h"
#include "view/records_int.h"

#include <stdlib.h>

enum { PAGE = 100 };
enum shown { SHOWN_ALL, SHOWN_SYNC, SHOWN_GIT, SHOWN_MAX };

struct history_view {
    struct view_pages p;
    char *app;
    enum shown shown;
    struct view_side side;
    struct view_feed watch;     /* application.watch */
    char *seen;                 /* what of it the rows were read for */
    char *environment;          /* NULL: not known yet */
    struct record_chain chain;
    struct view_marks marks;
};

static struct history_view *of(struct view *v)
{
    return (struct history_view *)v;
}

static bool is_commit(const struct wire_history_row *r)
{
    return rk_streq(r->source, "commit");
}

static const struct wire_history_row *here(const struct history_view *h)
{
    return view_pages_here(&h->p);
}

/* ---- rows ---- */
static const void *params(struct view *v, int64_t offset, int64_t limit, struct rk_arena *a)
{
    static const char *const source[SHOWN_MAX] = {NULL, "audit", "commit"};
    struct wire_history_params *p = rk_arena_alloc(a, sizeof(*p));

    *p = (struct wire_history_params){.app = of(v)->app, .source = source[of(v)->shown],
                                      .offset = offset, .limit = limit};
    return p;
}

static struct view_window window(const void *answer)
{
    const struct wire_history *w = answer;

    return (struct view_window){w->offset, w->total, w->rows, w->n_rows, sizeof(w->rows[0])};
}

static const char *name(const void *row)
{
    const struct wire_history_row *r = row;

    return view_text(r->id);
}

static const struct view_pages_class pages = {
    .method = "history.list", .rows = PAGE, .params = params, .window = window, .name = name,
};

/* ---- what happens meanwhile ---- */
static void watched(struct view_feed *f)
{
    struct history_view *h = of(f->view);
    const struct wire_app_detail *d = f->value;

    if (!d)
        return;
    char *state = rk_asprintf("%s %s %s %lld", view_text(d->row.target),
                              view_text(d->row.operation), view_text(d->last_result),
                              (long long)d->last_time);
    bool changed = h->seen && !rk_streq(h->seen, state);
    free(h->seen);
    h->seen = state;
    h->p.v.production = widget_is_production(d->row.environment, d->row.locked);
    if (!rk_streq(h->environment, d->row.environment)) {
        free(h->environment);
        h->environment = d->row.environment ? rk_strdup(d->row.environment) : NULL;
        record_verify(&h->p.v, &h->chain);
    }
    if (changed)
        view_again_ask(&h->p.again);
}

static void history_connected(struct view *v)
{
    view_again_now(&of(v)->p.again);
    of(v)->chain.asked = false;
    record_verify(v, &of(v)->chain);
}

/* ---- drawing ---- */
enum { COL_WHEN, COL_REV, COL_KIND, COL_RESULT, COL_WHAT, COL_WHO, COL_TOOK, COLS };
struct columns { int x[COLS], w[COLS]; };

static int64_t time_of(const void *row)
{
    return ((const struct wire_history_row *)row)->time;
}

static struct columns columns_of(const struct history_view *h, int width)
{
    int when = record_when_width(&h->p, time_of), rev = width >= 96 ? 18 : 7;
    const struct widget_column c[COLS] = {
        {"WHEN", when, when, false}, {"REV", rev, rev, false}, {"KIND", 7, 9, false},
        {"RESULT", 11, 12, false}, {"WHAT", 12, 0, false}, {"WHO", 8, 14, false},
        {"TOOK", 5, 5, true}};
    struct columns out;

    widget_columns(c, COLS, width, out.x, out.w);
    for (int i = 0; i < COLS; i++)
        out.x[i] += 1; /* the first column is the mark's */
    return out;
}

static void put(struct canvas c, int y, const struct columns *k, int col, enum term_role role,
                const char *text)
{
    record_cell(c, k->x[col], y, k->w[col], role, text);
}

static void put_rev(struct canvas c, int y, const struct columns *k,
                    const struct wire_history_row *r)
{
    char from[16], to[16];

    record_rev(r->to, to);
    record_rev(r->from, from);
    if (k->w[COL_REV] < 18 || is_commit(r) || !r->from || !r->from[0])
        put(c, y, k, COL_REV, TERM_LINE, to);
    else
        canvas_putf(canvas_cut(c, k->x[COL_REV], y, k->w[COL_REV], 1), 0, 0, TERM_LINE,
                    "%s -> %s", from, to);
}

static void draw_row(struct view_pages *p, struct canvas c, int y, const void *row, const void *ctx)
{
    const struct history_view *h = (const struct history_view *)p;
    const struct wire_history_row *r = row;
    const struct columns *k = ctx;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct widget_sign s = record_result(r->result);
    char when[24], took[16];

    widget_when(p->v.host->now(p->v.host->ctx), r->time, when);
    record_took(r->duration_ms, took);
    if (view_marked(&h->marks, r->id))
        canvas_put(c, 0, y, TERM_MARK, RK_STR("*"));
    put(c, y, k, COL_WHEN, TERM_DIM, when);
    put_rev(c, y, k, r);
    put(c, y, k, COL_KIND, is_commit(r) ? TERM_DIM : TERM_BASE, r->kind);
    put(c, y, k, COL_RESULT, s.role, rk_arena_f(a, "%s %s", s.sign, s.word));
    put(c, y, k, COL_WHAT, TERM_BASE, r->reason && r->reason[0] ? r->reason : r->subject);
    put(c, y, k, COL_WHO, TERM_WHO, r->actor);
    put(c, y, k, COL_TOOK, TERM_DIM, rk_arena_f(a, "%5s", took));
}

static void draw_list(struct history_view *h, struct canvas c)
{
    static const char *const title[SHOWN_MAX] = {"Operations and commits", "Operations", "Commits"};
    struct canvas in = view_pages_box(&h->p, c, title[h->shown], !h->side.focus, 0);
    struct columns k = columns_of(h, in.w - 2);

    view_pages_draw(&h->p, in, !h->side.focus,
                    "nothing is recorded of it yet: the first sync begins it", draw_row, &k);
}

/* "sync  = Succeeded  10m00", then what is worth most where few lines are seen. */
static void facts_of(const struct history_view *h, const struct wire_history_row *r,
                     struct view_facts *f)
{
    struct widget_sign s = record_result(r->result);
    char took[16];

    record_took(r->duration_ms, took);
    view_fact_f(f, "entry", is_commit(r) ? TERM_BASE : s.role, "%s  %s %s  %s", view_text(r->kind),
                is_commit(r) ? "of git" : s.sign, s.word, took);
    view_fact_time(f, "time", h->p.v.host->now(h->p.v.host->ctx), r->time);
    view_fact(f, "who", TERM_WHO, r->actor);
    view_fact(f, "reason", TERM_BASE, r->reason);
    view_fact(f, is_commit(r) ? "subject" : "message", TERM_BASE, r->subject);
    view_fact_rev(f, is_commit(r) ? NULL : r->from, r->to);
    view_fact(f, "environment", widget_environment(r->environment, h->p.v.production),
              r->environment);
    view_fact(f, "application", TERM_BASE, r->app);
    view_fact(f, "id", TERM_DIM, is_commit(r) ? NULL : r->id);
}

static void draw_detail(struct history_view *h, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct view_facts f = {.mem = a, .w = c.w - 3};

    if (here(h))
        facts_of(h, here(h), &f);
    view_facts_draw(&f, c, "Entry", h->p.v.production, &h->side);
}

static void history_draw(struct view *v, struct canvas c)
{
    struct history_view *h = of(v);
    struct view_panes p = view_panes_of(c, h->side.focus);

    if (p.list.h)
        draw_list(h, p.list);
    if (p.detail.h)
        draw_detail(h, p.detail);
}

/* ---- marks ---- */
static bool nothing_to_compare(struct history_view *h)
{
    view_say(&h->p.v, TERM_STATUS, "it names no revision: there is nothing to compare");
    return true;
}

static bool mark(struct history_view *h)
{
    const struct wire_history_row *r = here(h);

    if (!r || !r->to || !r->to[0])
        return nothing_to_compare(h);
    view_mark(&h->p.v, &h->marks, &(struct view_mark){.id = view_text(r->id), .group = h->app,
              .app = h->app, .rev = r->to, .order = r->time});
    return true;
}

static bool unmark_all(struct history_view *h)
{
    view_unmark(&h->marks);
    return true;
}

/* Two marked ones with each other, else what lives with the row's revision. */
static bool compare(struct history_view *h)
{
    const struct wire_history_row *r = here(h);
    struct view_target t = {.app = h->app, .environment = h->environment};

    if (view_marks_compare(&h->p.v, &h->marks))
        return true;
    if (!r || !r->to || !r->to[0])
        return nothing_to_compare(h);
    t.rev = r->to;
    h->p.v.host->open("diff", &t, h->p.v.host->ctx);
    return true;
}

/* ---- keys ---- */
static bool revert(struct history_view *h)
{
    const struct wire_history_row *r = here(h);

    if (r)
        record_revert(&h->p.v, h->app, h->environment, is_commit(r) ? r->id : NULL,
                      is_commit(r) ? NULL : r->to);
    return true;
}

static bool filter(struct history_view *h)
{
    h->shown = (enum shown)((h->shown + 1) % SHOWN_MAX);
    h->side.scroll = 0;
    view_pages_reset(&h->p);
    return true;
}

static bool open_row(struct history_view *h)
{
    const struct wire_history_row *r = here(h);

    if (r)
        record_open(&h->p.v, h->app, h->environment, r->to);
    return true;
}

static bool copy(struct history_view *h)
{
    const struct wire_history_row *r = here(h);

    if (r)
        VIEW_COPY(&h->p.v, {'s', "revision", r->to}, {'f', "from", is_commit(r) ? NULL : r->from},
                  {'i', "entry's id", is_commit(r) ? NULL : r->id},
                  {'w', "what", r->reason && r->reason[0] ? r->reason : r->subject});
    return true;
}

static bool refresh(struct history_view *h)
{
    view_again_now(&h->p.again);
    record_verify(&h->p.v, &h->chain);
    return false;               /* the console asks git and the cluster, too */
}

/* ---- what is looked for ---- */
static bool is_bad(struct view *v, const void *row, const char *text)
{
    const struct wire_history_row *r = row;

    (void)v;
    (void)text;
    return record_bad(r->result);
}

static void day_of(const struct history_view *h, const struct wire_history_row *r, char out[24])
{
    widget_when(h->p.v.host->now(h->p.v.host->ctx), r->time, out);
    char *clock = strchr(out, ':');
    if (clock) /* "21 Nov 12:04": the day alone; today: nothing */
        clock[clock - out > 3 ? -3 : -2] = 0;
}

static bool other_day(struct view *v, const void *row, const char *text)
{
    char day[24];

    day_of(of(v), row, day);
    return !rk_streq(day, text);
}

static bool has_text(struct view *v, const void *row, const char *text)
{
    const struct wire_history_row *r = row;
    const char *const in[] = {r->kind, r->result, r->actor, r->reason, r->subject, r->from, r->to,
                              r->id};

    (void)v;
    return record_has(in, RK_LEN(in), text);
}

static bool go(struct history_view *h, view_row_fn match, const char *nothing, int direction)
{
    char day[24] = "";

    if (here(h))
        day_of(h, here(h), day);
    view_pages_look(&h->p, &(struct view_looking){.match = match, .nothing = nothing,
                    .direction = direction}, day);
    return true;
}

static bool history_find(struct view *v, rk_str text, int direction)
{
    view_pages_find(&of(v)->p, has_text, text, direction);
    return true;
}

static bool act_row(struct history_view *h, enum view_action act)
{
    switch ((int)act) {
    case ACT_OPEN: return open_row(h);
    case ACT_MARK: return mark(h);
    case ACT_UNMARK: return unmark_all(h);
    case ACT_DIFF: return compare(h);
    case ACT_REVERT: return revert(h);
    case ACT_FILTER: return filter(h);
    case ACT_COPY: return copy(h);
    case ACT_REFRESH: return refresh(h);
    case ACT_NEXT_PROBLEM: return go(h, is_bad, "no entry that ended badly", 1);
    case ACT_PREV_PROBLEM: return go(h, is_bad, "no entry that ended badly", -1);
    case ACT_NEXT_UNIT: return go(h, other_day, "no other day", 1);
    case ACT_PREV_UNIT: return go(h, other_day, "no other day", -1);
    default: return false;
    }
}

static bool history_act(struct view *v, enum view_action act)
{
    struct history_view *h = of(v);

    if (view_side_act(&h->side, act) || view_pages_move(&h->p, act))
        return true;
    return act_row(h, act);
}

static const enum view_action *history_hints(struct view *v)
{
    static const enum view_action hints[] = {ACT_OPEN, ACT_REVERT, ACT_FILTER, ACT_MARK, ACT_DIFF,
                                             ACT_NEXT_PANE, ACT_COPY, ACT_REFRESH, ACT_NONE};

    (void)v;
    return hints;
}

/* ---- what stands around it ---- */
static void history_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    static const char *const words[SHOWN_MAX] = {"all", "sync", "git"};
    struct history_view *h = of(v);
    struct rk_buf chain rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct widget_sign s = record_chain_sign(&h->chain, h->environment, &chain);

    rk_buf_f(left, "HISTORY %s [%s]", h->app, words[h->shown]);
    rk_buf_f(right, "  audit %s %s ", s.sign, chain.p);
}

static void history_status(struct view *v, struct rk_buf *out)
{
    struct history_view *h = of(v);
    const struct wire_app_detail *d = h->watch.value;
    const struct wire_history_row *r = here(h);
    char rev[16];

    if (h->p.err.code && h->p.list.n)
        rk_buf_f(out, "%s  ", h->p.err.text);
    if (d && d->row.revision && d->row.revision[0])
        rk_buf_f(out, "live %s  ", record_rev(d->row.revision, rev));
    if (h->marks.n)
        rk_buf_f(out, "%zu marked  ", h->marks.n);
    if (r && r->to && r->to[0])
        rk_buf_f(out, "revert: preview of %s %s", is_commit(r) ? "undoing" : "going back to",
                 record_rev(r->to, rev));
}

/* ---- life ---- */
static int history_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct history_view *h = of(v);

    if (!t->app)
        return rk_fail(err, RK_INVALID, "history: of which application?");
    h->app = rk_strdup(t->app);
    h->watch.changed = watched;
    view_feed_open(v, &h->watch, "application.watch", &(struct wire_app_ref){h->app});
    view_pages_open(&h->p, &pages);
    return 0;
}

static void history_close(struct view *v)
{
    struct history_view *h = of(v);

    view_pages_close(&h->p);
    record_chain_release(&h->chain);
    (void)unmark_all(h);
    free(h->app);
    free(h->environment);
    free(h->seen);
}

static bool history_retarget(struct view *v, const struct view_target *t)
{
    return rk_streq(of(v)->app, t->app);
}

static struct widget_list *history_list(struct view *v)
{
    return &of(v)->p.list;
}

const struct view_class view_history = {
    .name = "history", .title = "History", .size = sizeof(struct history_view),
    .open = history_open, .close = history_close, .draw = history_draw, .act = history_act,
    .list = history_list,
    .headline = history_headline, .hints = history_hints, .status = history_status,
    .find = history_find, .connected = history_connected, .retarget = history_retarget,
};
