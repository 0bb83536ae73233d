/*
 * log.c: what happens, as it happens: activity of all applications and the engine's own lines, the
 * newest LINES_MOST of them. A cursor on the last line stays on the last line; another one stays on
 * its line. Level and words choose what is shown.
 */
#include "view/records_int.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINES_MOST = 5000, FIRST = 200 };
enum level { LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR, LEVEL_MAX };

struct log_line { int64_t time, number; enum level level; char *app, *environment, *actor, *text; };
struct log_view {
    struct view v;
    struct view_feed feed;      /* activity.watch */
    bool patched;
    struct log_line *ring; size_t start, n;
    int64_t number;             /* lines that came: a line's name */
    enum level least;
    char *filter, *find;        /* NULL: none */
    size_t *shown; size_t n_shown;      /* places in the ring */
    struct widget_list list;
    struct view_side side;
};

static struct log_view *of(struct view *v)
{
    return (struct log_view *)v;
}

static const struct log_line *line_at(const struct log_view *l, size_t i)
{
    return &l->ring[(l->start + i) % LINES_MOST];
}

static const struct log_line *here(const struct log_view *l)
{
    return l->list.cursor < l->n_shown ? line_at(l, l->shown[l->list.cursor]) : NULL;
}

/* ---- lines ---- */
static enum level level_of(const char *word)
{
    if (rk_streq(word, "error"))
        return LEVEL_ERROR;
    return rk_streq(word, "warn") || rk_streq(word, "warning") ? LEVEL_WARN : LEVEL_INFO;
}

static struct widget_sign sign_of(enum level level)
{
    static const struct widget_sign signs[LEVEL_MAX] = {
        {".", "info", TERM_BASE}, {"!", "warning", TERM_DRIFT}, {"x", "error", TERM_ERROR}};

    return signs[level];
}

static char *copy_safe(const char *foreign)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    return rk_strdup(widget_safe(a, foreign));
}

static void line_release(struct log_line *line)
{
    free(line->app);
    free(line->environment);
    free(line->actor);
    free(line->text);
}

static void add(struct log_view *l, const struct wire_activity_row *r)
{
    struct log_line *line;

    if (l->n == LINES_MOST) {
        line_release(&l->ring[l->start]);
        l->start = (l->start + 1) % LINES_MOST;
        l->n--;
    }
    line = &l->ring[(l->start + l->n++) % LINES_MOST];
    *line = (struct log_line){
        .time = r->time, .number = ++l->number, .level = level_of(r->level),
        .app = copy_safe(r->app), .environment = copy_safe(r->environment),
        .actor = copy_safe(r->actor), .text = copy_safe(r->text)};
}

/* ---- what is shown ---- */
static bool has(const struct log_line *line, rk_str word)
{
    return widget_found(rk_str_c(line->text), word) || widget_found(rk_str_c(line->app), word) ||
           widget_found(rk_str_c(line->environment), word) ||
           widget_found(rk_str_c(line->actor), word) ||
           widget_found(rk_str_c(sign_of(line->level).word), word);
}

static bool is_shown(const struct log_view *l, const struct log_line *line)
{
    rk_str rest = rk_str_c(l->filter);

    while (rest.n) {
        rk_str word = rk_str_cut(rest, ' ', &rest);
        if (word.n && !has(line, word))
            return false;
    }
    return line->level >= l->least;
}

/* The cursor stays on the last line, or on its line; when that is gone on the one after it. */
static void choose(struct log_view *l, bool last, int64_t number)
{
    size_t cursor = 0, old = l->list.cursor;

    l->n_shown = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (!is_shown(l, line_at(l, i)))
            continue;
        cursor += line_at(l, i)->number < number;
        l->shown[l->n_shown++] = i;
    }
    widget_list_set(&l->list, l->n_shown, last ? l->n_shown : cursor);
    if (!last && old >= l->list.cursor && l->list.top >= old - l->list.cursor)
        l->list.top -= old - l->list.cursor;
}

static void choose_again(struct log_view *l)
{
    const struct log_line *line = here(l);
    bool last = !line || l->list.cursor + 1 == l->n_shown;

    choose(l, last, line ? line->number : 0);
}

/* ---- what came ---- */
static bool same(const struct log_line *line, const struct wire_activity_row *r)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    return line->time == r->time && rk_streq(line->text, widget_safe(a, r->text)) &&
           rk_streq(line->app, widget_safe(a, r->app));
}

/* The first row that is not here yet: after a connection that was lost, or a new engine. */
static size_t first_new(const struct log_view *l, const struct wire_activity *w)
{
    const struct log_line *last = l->n ? line_at(l, l->n - 1) : NULL;
    size_t i = w->n_rows;

    while (last && i > 0 && !same(last, &w->rows[i - 1]))
        i--;
    if (i || !last)
        return i && last ? i : 0;
    while (i < w->n_rows && w->rows[i].time <= last->time)
        i++;
    return i;
}

static void rows_came(struct log_view *l, const struct wire_activity *w, size_t from)
{
    const struct log_line *line = here(l);
    bool last = !line || l->list.cursor + 1 == l->n_shown;
    int64_t number = line ? line->number : 0;

    for (size_t i = from; i < w->n_rows; i++)
        add(l, &w->rows[i]);
    choose(l, last, number);
}

static void patch_came(struct view_feed *f, void *patch)
{
    of(f->view)->patched = true;
    rows_came(of(f->view), patch, 0);
}

static void changed(struct view_feed *f)
{
    struct log_view *l = of(f->view);
    bool whole = f->value && !f->ended && !f->err.code && !l->patched;

    l->patched = false;
    if (whole)
        rows_came(l, f->value, first_new(l, f->value));
}

/* ---- drawing ---- */
enum { COL_WHEN, COL_LEVEL, COL_APP, COL_TEXT, COL_WHO, COLS };
struct columns { int x[COLS], w[COLS]; };

static const char *target_of(struct rk_arena *a, const struct log_line *line)
{
    const char *target = record_target(a, line->environment, line->app);

    return target[0] ? target : "engine";
}

static bool today(const struct log_view *l, int64_t time)
{
    char when[24];

    widget_when(l->v.host->now(l->v.host->ctx), time, when);
    return strlen(when) == 5;
}

static void draw_line(const struct log_view *l, const struct log_line *line,
                      const struct columns *k, struct canvas c, int y)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct widget_sign s = sign_of(line->level);
    char when[24];

    if (today(l, line->time))
        widget_clock(line->time, when);
    else
        widget_when(l->v.host->now(l->v.host->ctx), line->time, when);
    canvas_cell(c, k->x[COL_WHEN], y, k->w[COL_WHEN], TERM_DIM, rk_str_c(when));
    canvas_put(c, k->x[COL_LEVEL], y, s.role, rk_str_c(s.sign));
    canvas_cell(c, k->x[COL_APP], y, k->w[COL_APP], line->app[0] || line->environment[0]
                    ? widget_environment(line->environment, false) : TERM_TITLE,
                rk_str_c(target_of(a, line)));
    struct canvas text = canvas_cut(c, k->x[COL_TEXT], y, k->w[COL_TEXT], 1);
    if (widget_found(rk_str_c(line->text), rk_str_c(l->find)))
        widget_put_found(text, 0, 0, s.role, rk_str_c(line->text), rk_str_c(l->find));
    else
        canvas_cell(text, 0, 0, text.w, s.role, rk_str_c(line->text));
    canvas_cell(c, k->x[COL_WHO], y, k->w[COL_WHO], TERM_WHO, rk_str_c(line->actor));
}

static struct columns columns_of(const struct log_view *l, int width)
{
    int when = 8, app = width >= 110 ? 28 : 20;

    for (int i = 0; i < l->list.page && l->list.top + (size_t)i < l->n_shown; i++)
        if (!today(l, line_at(l, l->shown[l->list.top + (size_t)i])->time))
            when = 12;
    const struct widget_column c[COLS] = {
        {"WHEN", when, when, false}, {"", 1, 1, false}, {"APPLICATION", app, app, false},
        {"WHAT", 24, 0, false}, {"WHO", 8, 14, false}};
    struct columns out;

    widget_columns(c, COLS, width, out.x, out.w);
    return out;
}

static void draw_none(const struct log_view *l, struct canvas in)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (l->n)
        canvas_put(in, 1, 0, TERM_DIM, RK_STR("no line passes the filter"));
    else if (l->feed.err.code)
        canvas_cell(in, 1, 0, in.w - 1, TERM_ERROR, rk_str_c(widget_safe(a, l->feed.err.text)));
    else
        canvas_put(in, 1, 0, TERM_DIM, l->feed.value ? RK_STR("nothing happened yet")
                                                     : RK_STR("~ the engine is asked"));
}

static void draw_list(struct log_view *l, struct canvas c)
{
    char foot[32];

    widget_list_show(&l->list, c.h - 2);
    widget_list_foot(&l->list, foot);
    struct canvas in = widget_box(c, "Activity", foot, l->side.focus ? 0u : WIDGET_FOCUS);
    widget_list_place(&l->list, in);
    struct columns k = columns_of(l, in.w - 1);
    struct canvas rows = canvas_cut(in, 1, 0, in.w - 1, in.h);
    for (int y = 0; y < in.h && l->list.top + (size_t)y < l->n_shown; y++) {
        size_t i = l->list.top + (size_t)y;
        draw_line(l, line_at(l, l->shown[i]), &k, rows, y);
        if (i != l->list.cursor)
            continue;
        canvas_put(in, 0, y, TERM_CURSOR, RK_STR(">"));
        canvas_tint(in, y, l->side.focus ? TERM_CURSOR_INACTIVE : TERM_CURSOR);
    }
    if (!l->n_shown)
        draw_none(l, in);
}

static void draw_detail(struct log_view *l, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct view_facts f = {.mem = a, .w = c.w - 3};
    const struct log_line *line = here(l);

    if (line) {
        view_fact(&f, "what", sign_of(line->level).role, line->text);
        view_fact_sign(&f, "level", sign_of(line->level));
        view_fact_time(&f, "time", l->v.host->now(l->v.host->ctx), line->time);
        view_fact(&f, "who", TERM_WHO, line->actor);
        view_fact(&f, "environment", widget_environment(line->environment, false),
                  line->environment);
        view_fact(&f, "application", TERM_BASE, line->app);
    }
    view_facts_draw(&f, c, "Line", false, &l->side);
}

static void log_draw(struct view *v, struct canvas c)
{
    struct log_view *l = of(v);
    struct view_panes p = view_panes_of(c, l->side.focus);

    if (p.list.h)
        draw_list(l, p.list);
    if (p.detail.h)
        draw_detail(l, p.detail);
}

/* ---- keys ---- */
static void filter_typed(const char *text, void *ctx)
{
    struct log_view *l = ctx;

    if (!text)
        return;
    free(l->filter);
    l->filter = text[0] ? rk_strdup(text) : NULL;
    choose_again(l);
}

static bool filter(struct log_view *l)
{
    l->v.host->ask("only lines with: ", false, filter_typed, l, l->v.host->ctx);
    return true;
}

static bool level(struct log_view *l, int by)
{
    static const char *const words[LEVEL_MAX] = {"all lines", "warnings and errors", "errors"};

    if (by < 0 ? l->least > LEVEL_INFO : l->least < LEVEL_ERROR)
        l->least = (enum level)((int)l->least + by);
    choose_again(l);
    view_say(&l->v, TERM_STATUS, "%s are shown", words[l->least]);
    return true;
}

static bool back(struct log_view *l)
{
    if (!l->filter && l->least == LEVEL_INFO)
        return false;
    free(l->filter);
    l->filter = NULL;
    l->least = LEVEL_INFO;
    choose_again(l);
    return true;
}

static bool go_problem(struct log_view *l, int step)
{
    for (size_t i = l->list.cursor + (size_t)step; i < l->n_shown; i += (size_t)step)
        if (line_at(l, l->shown[i])->level > LEVEL_INFO) {
            l->list.cursor = i;
            return true;
        }
    view_say(&l->v, TERM_STATUS, "no warning or error %s", step > 0 ? "below" : "above");
    return true;
}

static bool open_view(struct log_view *l, const char *view)
{
    const struct log_line *line = here(l);
    struct view_target t = {0};

    if (line && line->app[0]) {
        t = (struct view_target){.app = line->app, .environment = line->environment};
        l->v.host->open(view, &t, l->v.host->ctx);
    } else {
        view_say(&l->v, TERM_STATUS, "the line is of no application");
    }
    return true;
}

static bool copy(struct log_view *l)
{
    const struct log_line *line = here(l);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (line)
        l->v.host->copy(rk_str_c(rk_arena_f(a, "%s %s: %s", sign_of(line->level).word,
                                            target_of(a, line), line->text)),
                        "the line", l->v.host->ctx);
    return true;
}

static bool log_act(struct view *v, enum view_action act)
{
    struct log_view *l = of(v);
    enum widget_move m;

    if (view_side_act(&l->side, act))
        return true;
    if (view_moves(act, &m)) {
        (void)widget_list_move(&l->list, m);
        return true;
    }
    switch ((int)act) {
    case ACT_OPEN: return open_view(l, "applications");
    case ACT_HISTORY: return open_view(l, "history");
    case ACT_DIFF: return open_view(l, "diff");
    case ACT_FILTER: return filter(l);
    case ACT_LESS: return level(l, 1);
    case ACT_MORE: return level(l, -1);
    case ACT_NEXT_PROBLEM: return go_problem(l, 1);
    case ACT_PREV_PROBLEM: return go_problem(l, -1);
    case ACT_COPY: return copy(l);
    case ACT_BACK: return back(l);
    default: return false;
    }
}

static bool row_has(struct view *v, size_t row, rk_str text)
{
    return has(line_at(of(v), of(v)->shown[row]), text);
}

static bool log_find(struct view *v, rk_str text, int direction)
{
    struct log_view *l = of(v);
    char *find = text.n ? rk_str_dup(text) : NULL;

    free(l->find);
    l->find = find;
    return view_find_row(v, &l->list, rk_str_c(find), direction, row_has);
}

static const enum view_action *log_hints(struct view *v)
{
    static const enum view_action hints[] = {ACT_OPEN, ACT_FILTER, ACT_LESS, ACT_MORE,
                                             ACT_NEXT_PROBLEM, ACT_HISTORY, ACT_NEXT_PANE,
                                             ACT_COPY, ACT_NONE};

    (void)v;
    return hints;
}

static void log_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    static const char *const words[LEVEL_MAX] = {"all", "! and x", "x"};
    struct log_view *l = of(v);

    rk_buf_f(left, "LOG  [%s]", words[l->least]);
    if (l->filter)
        rk_buf_f(left, "  only \"%s\"", l->filter);
    rk_buf_c(right, "  ");
    if (l->n_shown != l->n)
        rk_buf_f(right, "%zu of ", l->n_shown);
    rk_buf_f(right, "%zu line%s ", l->n, l->n == 1 ? "" : "s");
}

static void log_status(struct view *v, struct rk_buf *out)
{
    struct log_view *l = of(v);

    if (l->feed.ended)
        rk_buf_f(out, "no more lines come: %s", l->feed.err.code ? l->feed.err.text : "it ended");
    else if (l->list.cursor + 1 < l->n_shown)
        rk_buf_c(out, "newer lines are below; the last one follows them");
    else
        rk_buf_c(out, ". info   ! warning   x error");
}

/* ---- life ---- */
static int log_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct log_view *l = of(v);

    (void)t;
    (void)err;
    l->ring = rk_calloc(LINES_MOST, sizeof(*l->ring));
    l->shown = rk_calloc(LINES_MOST, sizeof(*l->shown));
    l->feed.patch = patch_came;
    l->feed.changed = changed;
    view_feed_open(v, &l->feed, "activity.watch", &(struct wire_apps_params){.limit = FIRST});
    return 0;
}

static void log_close(struct view *v)
{
    struct log_view *l = of(v);

    for (size_t i = 0; i < l->n; i++)
        line_release(&l->ring[(l->start + i) % LINES_MOST]);
    free(l->ring);
    free(l->shown);
    free(l->filter);
    free(l->find);
}

static bool log_retarget(struct view *v, const struct view_target *t)
{
    (void)v;
    (void)t;
    return true;
}

static struct widget_list *log_list(struct view *v)
{
    return &of(v)->list;
}

const struct view_class view_log = {
    .name = "log", .title = "Activity", .size = sizeof(struct log_view), .open = log_open,
    .close = log_close, .draw = log_draw, .list = log_list, .act = log_act,
    .headline = log_headline,
    .hints = log_hints, .status = log_status, .find = log_find, .retarget = log_retarget,
};
