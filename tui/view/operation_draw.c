/*
 * operation_draw.c: the operation's screen: how far it is and how it ended, tasks by wave, the
 * events of one object. Times move with what comes and every few seconds, never on a screen where
 * nothing runs.
 */
#include <stdio.h>

#include "view/operation_int.h"
#include "view/plan_int.h"

enum { WIDE = 110, EVENTS_FROM = 17, HEAD_MOST = 8 };

/* ---- head ---- */
struct head {
    struct rk_arena *a;
    struct { rk_str text; enum term_role role; } v[HEAD_MOST];
    int n;
};

static void add(struct head *h, enum term_role role, rk_str text)
{
    if (h->n < HEAD_MOST && text.n) {
        h->v[h->n].role = role;
        h->v[h->n++].text = text;
    }
}

static void add_wrapped(struct head *h, enum term_role role, const char *text, int w, size_t most)
{
    size_t n = 0;
    rk_str *lines = widget_wrap(h->a, rk_str_c(widget_safe(h->a, text)), w, &n);

    for (size_t i = 0; i < n && i < most; i++)
        add(h, role, lines[i]);
}

static const char *span_text(const struct operation_view *o, int64_t from, int64_t to, char out[16])
{
    widget_age(to ? to : o->v.host->now(o->v.host->ctx), from, out);
    return out;
}

static rk_str state_line(const struct operation_view *o, struct rk_arena *a)
{
    const struct wire_operation *op = operation_of(o);
    struct widget_sign s = widget_result(op->state);
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    char age[16];

    rk_buf_f(&out, "%s %s %s  ", s.sign, widget_safe(a, s.word),
             span_text(o, op->started, op->finished, age));
    if (op->from && op->from[0] && op->revision && strcmp(op->from, op->revision) != 0)
        rk_buf_f(&out, "%.7s -> %.7s  ", op->from, op->revision);
    else if (op->revision && op->revision[0])
        rk_buf_f(&out, "%.7s  ", op->revision);
    rk_buf_f(&out, "by %s", op->actor && op->actor[0] ? widget_safe(a, op->actor) : "the engine");
    if (op->reason && op->reason[0])
        rk_buf_f(&out, ": %s", widget_safe(a, op->reason));
    return rk_arena_str(a, rk_buf_view(&out));
}

static rk_str commit_line(const struct wire_operation *op, struct rk_arena *a)
{
    if (!op->commit || !op->commit[0])
        return RK_STR("");
    return rk_str_c(rk_arena_f(a, "commit %.7s, %s", op->commit,
                               op->pushed ? "pushed"
                               : op->pinned ? "not pushed yet: pinned until the remote has it"
                                            : "not pushed"));
}

static rk_str others_line(const struct wire_operation *op, struct rk_arena *a)
{
    if (op->n_followers)
        return rk_str_c(rk_arena_f(a, "%zu more operations share its commit", op->n_followers));
    if (op->after && op->after[0] && !op->commit)
        return rk_str_c(rk_arena_f(a, "waits for the commit of %s", widget_safe(a, op->after)));
    return RK_STR("");
}

static const char *key_of(const struct operation_view *o, enum view_action act)
{
    const char *key = o->v.host->key(act, o->v.host->ctx);

    return key ? key : "-";
}

/* What can be done now; keys are asked for one by one, each answer lives until the next. */
static const char *next_line(const struct operation_view *o, struct rk_arena *a)
{
    const struct wire_operation *op = operation_of(o);
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_f(&out, "next: %s prepares the revert", key_of(o, ACT_REVERT));
    if (op->from && op->from[0] && !rk_streq(op->from, op->revision))
        rk_buf_f(&out, " to %.7s", op->from);
    if (operation_bad(op)) {
        rk_buf_f(&out, ", %s shows the events", key_of(o, ACT_EVENTS));
        rk_buf_f(&out, " and %s the logs of what failed", key_of(o, ACT_LOGS));
    }
    return rk_arena_dup(a, out.p, out.n);
}

static void make_head(const struct operation_view *o, struct head *h, struct canvas c)
{
    const struct wire_operation *op = operation_of(o);
    size_t most = c.h >= EVENTS_FROM ? 2 : 1;

    add(h, widget_result(op->state).role, state_line(o, h->a));
    if (op->message && op->message[0])
        add_wrapped(h, operation_bad(op) ? TERM_ERROR : TERM_BASE, op->message, c.w, most);
    add(h, op->pushed ? TERM_OK : TERM_DRIFT, commit_line(op, h->a));
    add(h, TERM_BASE, others_line(op, h->a));
    /* the way back from a revert that went well is the version that was bad */
    if (operation_done(op) && (operation_bad(op) || !rk_streq(op->kind, "revert")))
        add_wrapped(h, TERM_KEY, next_line(o, h->a), c.w, most);
}

struct reached { size_t ended, applied; };

static struct reached reached_by(const struct wire_operation *op)
{
    struct reached r = {0};

    for (size_t i = 0; i < op->n_tasks; i++) {
        const char *state = op->tasks[i].state;
        r.ended += rk_streq(state, "done") || rk_streq(state, "skipped") ||
                   rk_streq(state, "failed");
        r.applied += rk_streq(state, "applied");
    }
    return r;
}

/* What has ended, then what is applied and is waited for. */
static void draw_bar(const struct wire_operation *op, struct canvas c, int y)
{
    const int room = c.w - 30;  /* for the numbers behind it */
    const size_t width = room < 8 ? 0 : room < 60 ? (size_t)room : 60;
    const struct reached r = reached_by(op);

    if (!op->n_tasks || !width)
        return;
    size_t ended = width * r.ended / op->n_tasks;
    size_t applied = width * (r.ended + r.applied) / op->n_tasks;
    canvas_put(c, 0, y, TERM_BASE, RK_STR("["));
    for (size_t x = 0; x < width; x++)
        canvas_put(c, 1 + (int)x, y,
                   x < applied ? widget_result(op->state).role : TERM_DIM,
                   x < ended ? RK_STR("#") : x < applied ? RK_STR("+") : RK_STR("-"));
    int at = 1 + (int)width;
    at += canvas_putf(c, at, y, TERM_BASE, "] %zu of %zu", r.ended, op->n_tasks);
    if (r.applied)
        (void)canvas_putf(c, at, y, TERM_PROGRESS, ", %zu applied", r.applied);
}

/* ---- waves ---- */
static const char *note_of(struct rk_arena *a, const struct wire_task *t)
{
    if (t->message && t->message[0])
        return widget_safe(a, t->message);
    if (rk_streq(t->action, "prune"))
        return "PRUNE";
    return rk_streq(t->action, "apply") ? "" : widget_action(t->action).word;
}

/* What the longest name needs, at most a third of the row. */
static int name_width(const struct wire_operation *op, int width)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    int most = 8;

    for (size_t i = 0; i < op->n_tasks; i++) {
        int w = term_width(rk_str_c(plan_name(a, &op->tasks[i])));
        most = w > most ? w : most;
    }
    return most < width / 3 ? most : width / 3;
}

static void draw_task(const struct operation_view *o, size_t i, bool wave, int name,
                      struct canvas c, int y)
{
    const struct wire_task *t = &operation_of(o)->tasks[i];
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct widget_sign s = widget_task(t->state);
    const struct widget_column columns[] = {
        {"wave", 7, c.w >= WIDE ? 10 : 8, false}, {"state", 9, 9, false},
        {"object", name, name, false}, {"time", 4, 4, true},
        {"health", 8, 0, false},
    };
    int x[5], w[5];
    char age[16] = "";

    widget_columns(columns, RK_LEN(columns), c.w, x, w);
    if (t->started)
        (void)span_text(o, t->started, t->finished, age);
    if (wave)
        canvas_cell(c, x[0], y, w[0], TERM_DIM, rk_str_c(plan_wave(a, t)));
    canvas_cell(c, x[1], y, w[1], s.role, rk_str_c(rk_arena_f(a, "%s %s", s.sign, s.word)));
    canvas_cell(c, x[2], y, w[2], TERM_BASE, rk_str_c(plan_name(a, t)));
    canvas_cell(c, x[3], y, w[3], TERM_DIM, rk_str_c(rk_arena_f(a, "%4s", age)));
    canvas_cell(c, x[4], y, w[4], rk_streq(t->state, "failed") ? TERM_ERROR : TERM_BASE,
                rk_str_c(note_of(a, t)));
}

static bool wave_moves(const struct wire_operation *op, size_t i, size_t top)
{
    return i == top || op->tasks[i].wave != op->tasks[i - 1].wave ||
           !rk_streq(op->tasks[i].phase, op->tasks[i - 1].phase);
}

static void draw_waves(struct operation_view *o, struct canvas c)
{
    const struct wire_operation *op = operation_of(o);
    int name = name_width(op, c.w - 2);
    char foot[32];

    widget_list_show(&o->list, c.h - 2);
    widget_list_foot(&o->list, foot);
    struct canvas in = widget_box(c, "Waves", foot,
                                  (o->pane == OPERATION_WAVES ? WIDGET_FOCUS : 0) |
                                  (o->v.production ? WIDGET_DOUBLE : 0));
    widget_list_place(&o->list, in);
    if (!op->n_tasks)
        canvas_put(in, 0, 0, TERM_DIM,
                   operation_done(op) ? RK_STR("no task is known: it ended before the engine began")
                                      : RK_STR("~ the commit is made first"));
    for (int y = 0; y < in.h && o->list.top + (size_t)y < op->n_tasks; y++) {
        size_t i = o->list.top + (size_t)y;
        draw_task(o, i, wave_moves(op, i, o->list.top), name, in, y);
        if (i == o->list.cursor)
            canvas_tint(in, y, o->pane == OPERATION_WAVES ? TERM_CURSOR : TERM_CURSOR_INACTIVE);
    }
}

/* ---- events ---- */
static void draw_event(const struct wire_event_row *e, struct canvas c, int y)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    bool warning = rk_streq(e->type, "Warning");
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    char at[16];

    widget_clock(e->time, at);
    rk_buf_f(&line, "%s %s %s  ", at, warning ? "!" : " ", widget_safe(a, e->reason));
    if (c.w >= WIDE)
        rk_buf_f(&line, "%s  ", widget_safe(a, e->object));
    rk_buf_c(&line, widget_safe(a, e->message));
    if (e->count > 1)
        rk_buf_f(&line, " (x%lld)", (long long)e->count);
    canvas_cell(c, 0, y, c.w, warning ? TERM_DEGRADED : TERM_BASE, rk_buf_view(&line));
}

static void draw_no_events(const struct operation_view *o, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (o->events_err.code)
        canvas_cell(c, 0, 0, c.w, TERM_UNKNOWN, rk_str_c(widget_safe(a, o->events_err.text)));
    else if (o->events)
        canvas_put(c, 0, 0, TERM_DIM, RK_STR("the cluster tells no event of it"));
    else if (o->events_of)
        canvas_put(c, 0, 0, TERM_PROGRESS, RK_STR("~ asked the cluster"));
    else
        (void)canvas_putf(c, 0, 0, TERM_DIM, "%s asks for the events of the row above",
                          key_of(o, ACT_EVENTS));
}

static void draw_events(struct operation_view *o, struct canvas c)
{
    size_t n = o->events ? o->events->n_events : 0, end = n - (o->scroll < n ? o->scroll : n);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const char *title = o->events_of ? rk_arena_f(a, "Events of %s", widget_safe(a, o->events_of))
                                     : "Events";
    struct canvas in = widget_box(c, title, NULL,
                                  (o->pane == OPERATION_EVENTS ? WIDGET_FOCUS : 0) |
                                  (o->v.production ? WIDGET_DOUBLE : 0));
    size_t shown = in.h > 0 && end > (size_t)in.h ? (size_t)in.h : end;

    if (!n)
        draw_no_events(o, in);
    for (size_t i = 0; i < shown; i++)
        draw_event(&o->events->events[end - shown + i], in, (int)i);
}

/* ---- the screen ---- */
static void draw_body(struct operation_view *o, struct canvas c)
{
    int tasks = (int)(operation_of(o)->n_tasks < 1000 ? operation_of(o)->n_tasks : 1000);
    int least = c.h / 3 > 12 ? 12 : c.h / 3, spare = c.h - (tasks + 2);
    int events = spare > least ? spare : least; /* what the tasks leave */

    events = events > c.h - 5 ? c.h - 5 : events;
    if (c.h >= EVENTS_FROM - 4) {
        draw_waves(o, canvas_cut(c, 0, 0, c.w, c.h - events));
        draw_events(o, canvas_cut(c, 0, c.h - events, c.w, events));
    } else if (o->pane == OPERATION_EVENTS) {
        draw_events(o, c);
    } else {
        draw_waves(o, c);
    }
}

void operation_draw(struct view *v, struct canvas c)
{
    struct operation_view *o = (struct operation_view *)v;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct head h = {.a = a};

    if (!operation_of(o)) {
        bool failed = o->feed.err.code != RK_OK;
        canvas_cell(c, 1, 1, c.w - 2, failed ? TERM_ERROR : TERM_PROGRESS,
                    failed ? rk_str_c(widget_safe(a, o->feed.err.text))
                           : RK_STR("~ the engine is asked"));
        return;
    }
    make_head(o, &h, canvas_cut(c, 1, 0, c.w - 2, c.h));
    for (int i = 0; i < h.n; i++)
        canvas_cell(c, 1, i, c.w - 2, h.v[i].role, h.v[i].text);
    draw_bar(operation_of(o), canvas_cut(c, 1, h.n, c.w - 2, 1), 0);
    draw_body(o, canvas_cut(c, 0, h.n + 1, c.w, c.h - h.n - 1));
}
