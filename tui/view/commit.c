/*
 * commit.c: a commit: who, when, why, and what it changed as the engine gives it.
 */
#include "view/records_int.h"

#include <stdlib.h>

#include "reckon/time.h"

enum { SHIFT = 8 };
enum line_kind { LINE_NOTE, LINE_COMMIT, LINE_FACT, LINE_WHO, LINE_SUBJECT, LINE_BODY, LINE_FILE,
                 LINE_HUNK, LINE_ADD, LINE_DEL, LINE_SAME };
struct commit_line { enum line_kind kind; const char *text; };

struct commit_view {
    struct view v;
    char *app, *environment;
    char *rev;                  /* as it was asked for */
    struct rk_arena *answer;    /* of commit */
    const struct wire_commit *commit;   /* NULL: not here */
    struct rk_err err;
    uintptr_t round;            /* answers of earlier ones are dropped */
    struct rk_arena *mem;       /* of lines */
    struct commit_line *lines; size_t n_lines, cap;
    size_t files;
    struct widget_list list;
    int shift;                  /* columns to the left of the text */
    char *find;
};

static struct commit_view *of(struct view *v)
{
    return (struct commit_view *)v;
}

/* ---- lines ---- */
static void add(struct commit_view *k, enum line_kind kind, const char *text)
{
    k->lines = rk_arena_grow(k->mem, k->lines, k->n_lines, &k->cap, sizeof(*k->lines));
    k->lines[k->n_lines++] = (struct commit_line){kind, text};
}

static void add_f(struct commit_view *k, enum line_kind kind, const char *fmt, ...)
    RK_PRINTF(3, 4);
static void add_f(struct commit_view *k, enum line_kind kind, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    add(k, kind, widget_safe(k->mem, rk_arena_vf(k->mem, fmt, ap)));
    va_end(ap);
}

/* Everything in it that could do something to a screen is made visible, line by line. */
static const char *line_of(struct commit_view *k, rk_str *rest)
{
    rk_str line = rk_str_cut(*rest, '\n', rest);

    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return widget_safe(k->mem, rk_arena_dup(k->mem, line.p, line.n));
}

static enum line_kind kind_of(const char *line)
{
    return line[0] == '+' ? LINE_ADD : line[0] == '-' ? LINE_DEL
           : line[0] == '@' ? LINE_HUNK : LINE_SAME;
}

/* What stands above the first hunk names the file once more. */
static bool is_header(const char *line)
{
    static const char *const begins[] = {"diff --git ", "index ", "--- ", "+++ "};

    for (size_t i = 0; i < RK_LEN(begins); i++)
        if (rk_str_starts(rk_str_c(line), begins[i]))
            return true;
    return false;
}

static void add_diff(struct commit_view *k, const char *diff)
{
    bool hunks = false;

    for (rk_str rest = rk_str_c(diff); rest.p && rest.n;) {
        const char *line = line_of(k, &rest);
        hunks = hunks || line[0] == '@';
        if (hunks || !is_header(line))
            add(k, hunks ? kind_of(line) : LINE_SAME, line);
    }
}

static const char *sign_of(const char *status)
{
    return rk_streq(status, "A") ? "+" : rk_streq(status, "D") ? "-" : "~";
}

static void add_files(struct commit_view *k, const struct wire_commit *c)
{
    for (size_t i = 0; i < c->n_files; i++) {
        add(k, LINE_BODY, "");
        add_f(k, LINE_FILE, "%s %s", sign_of(c->files[i].status),
              view_text(c->files[i].file));
        add_diff(k, view_text(c->files[i].diff));
    }
    k->files += c->n_files;
    if (!c->n_files) {
        add(k, LINE_BODY, "");
        add(k, LINE_NOTE, "it changes no file");
    }
}

static void add_commit(struct commit_view *k, const struct wire_commit *c)
{
    char when[32], age[16];

    rk_time_format(c->time, when);
    widget_age(k->v.host->now(k->v.host->ctx), c->time, age);
    add_f(k, LINE_COMMIT, "commit %s", view_text(c->id));
    add_f(k, LINE_WHO, "author %s <%s>", view_text(c->author), view_text(c->email));
    add_f(k, LINE_FACT, "date   %s  %s ago", when, age);
    add(k, LINE_BODY, "");
    add_f(k, LINE_SUBJECT, "%s", view_text(c->subject));
    for (rk_str rest = rk_str_c(c->body); rest.p && rest.n;)
        add(k, LINE_BODY, line_of(k, &rest));
    add_files(k, c);
}

static void build(struct commit_view *k)
{
    rk_arena_free(k->mem);
    k->mem = rk_arena_new();
    k->lines = NULL;
    k->n_lines = k->cap = k->files = 0;
    if (k->commit)
        add_commit(k, k->commit);
    else if (k->err.code)
        add_f(k, LINE_NOTE, "%s: %s", k->rev, k->err.text);
    else
        add_f(k, LINE_NOTE, "%s: the engine is asked", k->rev);
    widget_list_set(&k->list, k->n_lines, k->list.cursor);
}

/* ---- asking ---- */
static void came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                 void *ctx)
{
    struct commit_view *k = of(v);

    if ((uintptr_t)ctx != k->round) {
        rk_arena_free(a);
        return;
    }
    rk_err_clear(&k->err);
    if (err) {
        k->err = *err;
        rk_arena_free(a);
    } else {
        rk_arena_free(k->answer);
        k->answer = a;
        k->commit = value;
    }
    build(k);
}

/* A commit does not change: what is here is not asked for again. */
static void ask(struct view *v)
{
    struct commit_view *k = of(v);
    struct wire_commit_params p = {.rev = k->rev, .app = k->app};

    k->round++;
    if (!k->commit)
        view_call(v, "commit.get", &p, came, (void *)k->round);
}

/* ---- drawing ---- */
static enum term_role role_of(enum line_kind kind)
{
    static const enum term_role roles[] = {
        [LINE_NOTE] = TERM_DIM, [LINE_COMMIT] = TERM_LINE, [LINE_FACT] = TERM_BASE,
        [LINE_WHO] = TERM_WHO, [LINE_SUBJECT] = TERM_TITLE, [LINE_BODY] = TERM_BASE,
        [LINE_FILE] = TERM_TITLE, [LINE_HUNK] = TERM_FOLD, [LINE_ADD] = TERM_ADD,
        [LINE_DEL] = TERM_DEL, [LINE_SAME] = TERM_BASE};

    return roles[kind];
}

static void draw_line(const struct commit_view *k, struct canvas in, int y,
                      const struct commit_line *l)
{
    if (l->kind == LINE_ADD || l->kind == LINE_DEL)
        canvas_tint(in, y, role_of(l->kind));
    widget_put_found(in, -k->shift, y, role_of(l->kind), rk_str_c(l->text), rk_str_c(k->find));
}

static void commit_draw(struct view *v, struct canvas c)
{
    struct commit_view *k = of(v);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    char foot[32];

    widget_list_show(&k->list, c.h - 2);
    widget_list_foot(&k->list, foot);
    const char *title = rk_arena_f(a, "Commit  %zu file%s", k->files, k->files == 1 ? "" : "s");
    struct canvas in = widget_box(c, title, foot, WIDGET_FOCUS |
                                                      (v->production ? WIDGET_DOUBLE : 0u));
    widget_list_place(&k->list, in);
    for (int y = 0; y < in.h && k->list.top + (size_t)y < k->n_lines; y++) {
        size_t i = k->list.top + (size_t)y;
        draw_line(k, in, y, &k->lines[i]);
        if (i == k->list.cursor)
            canvas_tint(in, y, TERM_CURSOR);
    }
}

/* ---- moves ---- */
/* What follows is seen, too: a file from its head on, a change in the upper part. */
static void show(struct commit_view *k, size_t line)
{
    size_t third = k->list.page > 0 ? (size_t)k->list.page / 3 : 0;

    k->list.cursor = line;
    if (k->lines[line].kind == LINE_FILE)
        k->list.top = line;
    else if (line >= k->list.top + 2 * third)
        k->list.top = line > third ? line - third : 0;
}

static bool go(struct commit_view *k, enum line_kind kind, int step, const char *what)
{
    for (size_t i = k->list.cursor + (size_t)step; i < k->n_lines; i += (size_t)step)
        if (k->lines[i].kind == kind) {
            show(k, i);
            return true;
        }
    view_say(&k->v, TERM_STATUS, "no %s %s", what, step > 0 ? "below" : "above");
    return true;
}

static bool shift(struct commit_view *k, int by)
{
    k->shift = k->shift + by > 0 ? k->shift + by : 0;
    return true;
}

static bool line_has(struct view *v, size_t row, rk_str text)
{
    return widget_found(rk_str_c(of(v)->lines[row].text), text);
}

static bool commit_find(struct view *v, rk_str text, int direction)
{
    struct commit_view *k = of(v);
    char *find = text.n ? rk_str_dup(text) : NULL;

    free(k->find);
    k->find = find;
    return view_find_row(v, &k->list, rk_str_c(find), direction, line_has);
}

/* ---- keys ---- */
static bool act_commit(struct commit_view *k, const struct wire_commit *c, enum view_action act)
{
    struct view_host *host = k->v.host;
    struct view_target t = {.app = k->app, .environment = k->environment, .rev = c->id};

    if (act == ACT_COPY)
        host->copy(rk_str_c(view_text(c->id)), "the commit's id", host->ctx);
    else if (act == ACT_REVERT)
        record_revert(&k->v, k->app, k->environment, c->id, NULL);
    else if (!k->app)
        view_say(&k->v, TERM_STATUS, "it was opened without an application");
    else
        host->open(act == ACT_DIFF ? "diff" : "history", &t, host->ctx);
    return true;
}

static bool commit_act(struct view *v, enum view_action act)
{
    struct commit_view *k = of(v);
    enum widget_move m;

    if (view_moves(act, &m)) {
        (void)widget_list_move(&k->list, m);
        return true;
    }
    switch ((int)act) {
    case ACT_LEFT: return shift(k, -SHIFT);
    case ACT_RIGHT: return shift(k, SHIFT);
    case ACT_NEXT_PROBLEM: return go(k, LINE_HUNK, 1, "change");
    case ACT_PREV_PROBLEM: return go(k, LINE_HUNK, -1, "change");
    case ACT_NEXT_UNIT: return go(k, LINE_FILE, 1, "file");
    case ACT_PREV_UNIT: return go(k, LINE_FILE, -1, "file");
    case ACT_REVERT: case ACT_COPY: case ACT_DIFF: case ACT_HISTORY:
        return !k->commit || act_commit(k, k->commit, act);
    case ACT_REFRESH: ask(v); return false;
    default: return false;
    }
}

static const enum view_action *commit_hints(struct view *v)
{
    static const enum view_action hints[] = {ACT_NEXT_PROBLEM, ACT_NEXT_UNIT, ACT_REVERT, ACT_DIFF,
                                             ACT_HISTORY, ACT_COPY, ACT_NONE};

    (void)v;
    return hints;
}

/* ---- what stands around it ---- */
static void commit_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    struct commit_view *k = of(v);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    char rev[16];
    size_t at = 0;

    rk_buf_f(left, "COMMIT %s", record_rev(k->rev, rev));
    if (k->app)
        rk_buf_f(left, "  %s", widget_safe(a, k->app));
    for (size_t i = 0; i < k->n_lines && i <= k->list.cursor; i++)
        at += k->lines[i].kind == LINE_FILE;
    if (k->files)
        rk_buf_f(right, "  file %zu/%zu ", at, k->files);
}

static void commit_status(struct view *v, struct rk_buf *out)
{
    struct commit_view *k = of(v);
    size_t at = 0, n = 0;

    for (size_t i = 0; k->find && i < k->n_lines; i++)
        if (line_has(v, i, rk_str_c(k->find))) {
            n++;
            at += i <= k->list.cursor;
        }
    if (k->find)
        rk_buf_f(out, "/%s  %zu of %zu lines", k->find, at, n);
}

/* ---- life ---- */
static int commit_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct commit_view *k = of(v);
    const char *rev = t->commit ? t->commit : t->rev;

    if (!rev)
        return rk_fail(err, RK_INVALID, "commit: which one?");
    k->rev = rk_strdup(rev);
    k->app = t->app && t->app[0] ? rk_strdup(t->app) : NULL;
    k->environment = t->environment ? rk_strdup(t->environment) : NULL;
    v->production = t->environment && widget_is_production(t->environment, false);
    build(k);
    ask(v);
    return 0;
}

static void commit_close(struct view *v)
{
    struct commit_view *k = of(v);

    rk_arena_free(k->answer);
    free(k->rev);
    rk_arena_free(k->mem);
    free(k->app);
    free(k->environment);
    free(k->find);
}

static struct widget_list *commit_list(struct view *v)
{
    return &of(v)->list;
}

const struct view_class view_commit = {
    .name = "commit", .title = "Commit", .size = sizeof(struct commit_view),
    .open = commit_open, .close = commit_close, .draw = commit_draw, .act = commit_act,
    .list = commit_list,
    .headline = commit_headline, .hints = commit_hints, .status = commit_status,
    .find = commit_find, .connected = ask,
};
