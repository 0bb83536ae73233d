/*
 * matrix.c: the promotion matrix: applications by rows, environments by columns, in each cell what
 * runs there, how it is, and how far it lies behind. A promotion is only looked at: the view "plan"
 * asks for its preview.
 */
#include "view/marks.h"
#include "view/records_int.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 60, APP_LEAST = 10, APP_MOST = 24, CELL_LEAST = 18, CELL_MOST = 48, CELL_REV = 27,
       CELL_AGE = 32 };

struct matrix_view {
    struct view_pages p;
    struct view_feed activity;
    struct rk_arena *mem;       /* of environments */
    const char **environments; size_t n;        /* NULL: not here yet */
    size_t at, left;            /* columns: of the cursor, the first that is seen */
    struct view_side side;
    struct view_marks marks;
};

static struct matrix_view *of(struct view *v)
{
    return (struct matrix_view *)v;
}

/* ---- rows ---- */
static const void *params(struct view *v, int64_t offset, int64_t limit, struct rk_arena *a)
{
    struct wire_apps_params *p = rk_arena_alloc(a, sizeof(*p));

    (void)v;
    *p = (struct wire_apps_params){.offset = offset, .limit = limit};
    return p;
}

static struct view_window window(const void *answer)
{
    const struct wire_matrix *w = answer;

    return (struct view_window){w->offset, w->total, w->rows, w->n_rows, sizeof(w->rows[0])};
}

static const char *name(const void *row)
{
    const struct wire_matrix_row *r = row;

    return view_text(r->app);
}

/* The columns, of the newest answer that is here. */
static void came(struct view *v)
{
    struct matrix_view *m = of(v);
    const struct wire_matrix *newest = NULL;

    for (size_t i = 0; i < m->p.n_have; i++)
        if (m->p.have[i].mem && m->p.have[i].round == m->p.round)
            newest = m->p.have[i].answer;
    if (!newest)
        return;
    rk_arena_free(m->mem);
    m->mem = rk_arena_new();
    m->n = newest->n_environments;
    m->environments = rk_arena_array(m->mem, m->n + 1, sizeof(char *));
    for (size_t i = 0; i < m->n; i++)
        m->environments[i] = rk_arena_strdup(m->mem, widget_safe(m->mem, newest->environments[i]));
    m->at = m->at < m->n ? m->at : m->n ? m->n - 1 : 0;
}

static const struct view_pages_class pages = {
    .method = "promotion.matrix", .rows = PAGE, .params = params, .window = window, .name = name,
    .came = came,
};

static void active(struct view_feed *f, void *patch)
{
    (void)patch;
    view_again_ask(&of(f->view)->p.again);
}

/* ---- cells ---- */
/* NULL: the application is not in that environment. */
static const struct wire_cell *cell_at(const struct wire_matrix_row *r, size_t at)
{
    return r && at < r->n_cells && r->cells[at].name && r->cells[at].name[0] ? &r->cells[at] : NULL;
}

/* The cell that a promotion into this one comes from. */
static const struct wire_cell *before(const struct wire_matrix_row *r, size_t at)
{
    while (at-- > 0)
        if (cell_at(r, at))
            return cell_at(r, at);
    return NULL;
}

static const struct wire_matrix_row *row_here(const struct matrix_view *m)
{
    return view_pages_here(&m->p);
}

/* What asks for attention: the verdict, unless it is fine. */
static struct widget_sign sign_of(const struct wire_cell *c)
{
    return rk_streq(c->verdict, "Synced") ? widget_health(c->health) : widget_verdict(c->verdict);
}

static bool lags(const struct wire_cell *c)
{
    return c && c->behind > 0;
}

/* ---- drawing ---- */
struct grid { struct matrix_view *m; int app, cell; size_t seen; };

static int app_width(const struct matrix_view *m, int width)
{
    int most = APP_LEAST;

    for (int i = 0; i < m->p.list.page; i++) {
        const struct wire_matrix_row *r = view_pages_at(&m->p, m->p.list.top + (size_t)i);
        int w = r ? term_width(rk_str_c(r->app)) : 0;
        most = w > most ? w : most;
    }
    return most < width / 5 || most == APP_LEAST ? most : width / 5 > APP_MOST ? APP_MOST
                                                          : width / 5 > APP_LEAST ? width / 5
                                                                                  : APP_LEAST;
}

/* As many columns as are wide enough; the cursor's is among them. */
static struct grid grid_of(struct matrix_view *m, int width)
{
    struct grid g = {.m = m, .app = app_width(m, width)};
    int room = width - g.app - 1;
    size_t fit = room > CELL_LEAST ? (size_t)(room / (CELL_LEAST + 1)) : 1;

    g.seen = fit < m->n ? fit : m->n ? m->n : 1;
    g.cell = room / (int)g.seen - 1 < CELL_MOST ? room / (int)g.seen - 1 : CELL_MOST;
    if (m->left > m->at)
        m->left = m->at;
    if (m->at >= m->left + g.seen)
        m->left = m->at - g.seen + 1;
    if (m->left + g.seen > m->n)
        m->left = m->n > g.seen ? m->n - g.seen : 0;
    return g;
}

static int cell_x(const struct grid *g, size_t at)
{
    return g->app + 1 + (int)(at - g->m->left) * (g->cell + 1);
}

/* How far behind the environment before it, when there is one. */
static void draw_lag(struct canvas c, int x, int y, const struct wire_cell *cell, bool from)
{
    char text[16];

    if (cell->behind == 0 || !from)
        return;
    if (cell->behind < 0)
        (void)snprintf(text, sizeof(text), "<?");
    else if (cell->behind > 999)
        (void)snprintf(text, sizeof(text), "<1k+");
    else
        (void)snprintf(text, sizeof(text), "<%d", (int)cell->behind);
    canvas_putf(c, x, y, cell->behind < 0 ? TERM_UNKNOWN : TERM_DRIFT, "%4s", text);
}

/* "= 1.9.0   4f2c1aa  <14  26h" */
static void draw_cell(const struct grid *g, struct canvas c, int y, const struct wire_cell *cell,
                      bool from)
{
    struct widget_sign s = sign_of(cell);
    char age[16], rev[16];
    int end = c.w;

    if (c.w >= CELL_AGE) {
        widget_age(g->m->p.v.host->now(g->m->p.v.host->ctx), cell->since, age);
        end -= 4;
        canvas_putf(c, end, y, TERM_DIM, "%4s", age);
        end--;
    }
    end -= 4;
    draw_lag(c, end, y, cell, from);
    if (c.w >= CELL_REV) {
        end -= 8;
        canvas_put(c, end, y, TERM_LINE, rk_str_c(record_rev(cell->revision, rev)));
    }
    canvas_put(c, 0, y, s.role, rk_str_c(s.sign));
    if (view_marked(&g->m->marks, cell->name))
        canvas_put(c, 1, y, TERM_MARK, RK_STR("*"));
    record_cell(c, 2, y, end - 3, TERM_BASE,
                cell->version && cell->version[0] ? cell->version : "-");
}

static void draw_row(struct view_pages *p, struct canvas c, int y, const void *row, const void *ctx)
{
    const struct grid *g = ctx;
    const struct wire_matrix_row *r = row;

    record_cell(c, 0, y, g->app, TERM_BASE, r->app);
    for (size_t at = g->m->left; at < g->m->left + g->seen && at < g->m->n; at++) {
        struct canvas in = canvas_cut(c, cell_x(g, at), y, g->cell, 1);
        if (cell_at(r, at))
            draw_cell(g, in, 0, cell_at(r, at), before(r, at) != NULL);
        else
            canvas_put(in, 0, 0, TERM_DIM, RK_STR("- not here"));
    }
    (void)p;
}

/* The cell of the cursor: brackets where colour tells nothing. */
static void draw_cursor(const struct grid *g, struct canvas in)
{
    int y = (int)(g->m->p.list.cursor - g->m->p.list.top), x = cell_x(g, g->m->at);

    if (!g->m->p.list.n || !g->m->n || y >= in.h)
        return;
    canvas_put(in, x, y, TERM_KEY, RK_STR("["));
    canvas_put(in, x + g->cell + 1, y, TERM_KEY, RK_STR("]"));
}

static void draw_heads(const struct grid *g, struct canvas c)
{
    const struct matrix_view *m = g->m;

    canvas_put(c, 1, 0, TERM_DIM, RK_STR("APP"));
    for (size_t at = m->left; at < m->left + g->seen && at < m->n; at++) {
        struct canvas in = canvas_cut(c, 1 + cell_x(g, at), 0, g->cell, 1);
        canvas_put(in, 0, 0, widget_environment(m->environments[at], false),
                   rk_str_c(m->environments[at]));
        if (at == m->left && m->left)
            canvas_put(c, 1 + cell_x(g, at) - 2, 0, TERM_KEY, RK_STR("<"));
        if (at + 1 == m->left + g->seen && at + 1 < m->n)
            canvas_right(c, 0, TERM_KEY, RK_STR(">"));
    }
}

static void draw_list(struct matrix_view *m, struct canvas c)
{
    struct canvas in = view_pages_box(&m->p, c, "What version is where", !m->side.focus, 1);
    struct canvas rows = canvas_cut(in, 0, 1, in.w, in.h - 1);
    struct grid g = grid_of(m, in.w - 2);

    draw_heads(&g, canvas_cut(in, 0, 0, in.w, 1));
    view_pages_draw(&m->p, rows, !m->side.focus, "no application is in an environment", draw_row,
                    &g);
    draw_cursor(&g, rows);
}

static void facts_of(const struct matrix_view *m, const struct wire_cell *c, struct view_facts *f)
{
    int64_t now = m->p.v.host->now(m->p.v.host->ctx);

    view_fact(f, "version", TERM_BASE, c->version);
    view_fact(f, "revision", TERM_LINE, c->revision);
    view_fact_sign(f, "sync", widget_verdict(c->verdict));
    view_fact_sign(f, "health", widget_health(c->health));
    view_fact_time(f, "synced", now, c->since);
    view_fact(f, "application", TERM_BASE, c->name);
}

static void step_facts(const struct matrix_view *m, const struct wire_matrix_row *r,
                       struct view_facts *f)
{
    const struct wire_cell *cell = cell_at(r, m->at), *from = before(r, m->at);

    if (!from) {
        view_fact(f, "promotion", TERM_DIM, "nothing comes before it");
        return;
    }
    view_fact_f(f, "promotion", TERM_BASE, "%s %s -> %s %s", view_text(from->environment),
                view_text(from->version), m->environments[m->at],
                cell ? view_text(cell->version) : "(not there)");
    if (cell && cell->behind > 0)
        view_fact_f(f, "behind", TERM_DRIFT, "< %lld commit%s of %s are not here",
                    (long long)cell->behind, cell->behind == 1 ? "" : "s",
                    view_text(from->environment));
    else if (cell && cell->behind == 0)
        view_fact_f(f, "behind", TERM_OK, "= nothing of %s is missing",
                    view_text(from->environment));
    else if (cell)
        view_fact(f, "behind", TERM_UNKNOWN, "? not known: their revisions are not of one line");
}

static void draw_detail(struct matrix_view *m, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct view_facts f = {.mem = a, .w = c.w - 3};
    const struct wire_matrix_row *r = row_here(m);
    const char *title = r && m->n ? rk_arena_f(a, "%s in %s", widget_safe(a, r->app),
                                               m->environments[m->at]) : "Cell";

    if (r && m->n)
        step_facts(m, r, &f);
    if (r && cell_at(r, m->at))
        facts_of(m, cell_at(r, m->at), &f);
    else if (r && m->n)
        view_fact(&f, "application", TERM_DIM, "it is not in this environment");
    view_facts_draw(&f, c, title, m->p.v.production, &m->side);
}

static void matrix_draw(struct view *v, struct canvas c)
{
    struct matrix_view *m = of(v);
    struct view_panes p = view_panes_of(c, m->side.focus);

    if (p.list.h)
        draw_list(m, p.list);
    if (p.detail.h)
        draw_detail(m, p.detail);
}

/* ---- moves ---- */
static bool go_column(struct matrix_view *m, int by)
{
    if (by > 0 ? m->at + 1 < m->n : m->at > 0)
        m->at += (size_t)by;
    m->side.scroll = 0;
    return true;
}

/* The next lagging cell of the row beyond the column; false: none. */
static bool lag_in_row(struct matrix_view *m, size_t from, int step)
{
    const struct wire_matrix_row *r = row_here(m);

    for (size_t at = from; r && at < m->n; at += (size_t)step)
        if (lags(cell_at(r, at))) {
            m->at = at;
            return true;
        }
    return false;
}

static bool row_lags(struct view *v, const void *row, const char *text)
{
    const struct wire_matrix_row *r = row;

    (void)v;
    (void)text;
    for (size_t i = 0; i < r->n_cells; i++)
        if (lags(&r->cells[i]))
            return true;
    return false;
}

static void lag_found(struct view *v, int direction)
{
    struct matrix_view *m = of(v);

    (void)lag_in_row(m, direction > 0 || !m->n ? 0 : m->n - 1, direction);
}

static bool go_lag(struct matrix_view *m, int step)
{
    if (!lag_in_row(m, m->at + (size_t)step, step))
        view_pages_look(&m->p, &(struct view_looking){.match = row_lags, .found = lag_found,
                        .direction = step, .nothing = "nothing lags"}, NULL);
    return true;
}

static bool has_text(struct view *v, const void *row, const char *text)
{
    const struct wire_matrix_row *r = row;

    (void)v;
    for (size_t i = 0; i < r->n_cells; i++) {
        const char *const in[] = {r->app, r->cells[i].version, r->cells[i].revision};
        if (record_has(in, RK_LEN(in), text))
            return true;
    }
    return widget_found(rk_str_c(r->app), rk_str_c(text));
}

static bool matrix_find(struct view *v, rk_str text, int direction)
{
    view_pages_find(&of(v)->p, has_text, text, direction);
    return true;
}

/* ---- keys ---- */
static bool promote(struct matrix_view *m, const struct wire_matrix_row *r)
{
    const struct wire_cell *cell = cell_at(r, m->at);
    struct wire_plan_params p = {.kind = "promote", .app = cell ? cell->name : r->app,
                                 .to = m->environments[m->at]};
    struct view_target t = {.app = p.app, .environment = p.to, .plan = &p};

    if (!cell)
        view_say(&m->p.v, TERM_STATUS, "there is no %s in %s: its overlay comes first",
                 r->app, p.to);
    else if (!before(r, m->at))
        view_say(&m->p.v, TERM_STATUS, "no environment comes before %s", p.to);
    else
        m->p.v.host->open("plan", &t, m->p.v.host->ctx);
    return true;
}

static bool open_view(struct matrix_view *m, const struct wire_cell *cell, enum view_action act)
{
    struct view_target t = {.app = cell->name, .environment = cell->environment};

    m->p.v.host->open(act == ACT_DIFF ? "diff" : "history", &t, m->p.v.host->ctx);
    return true;
}

/* Further on is where it comes to: what a promotion would bring is added to it. */
static bool mark_cell(struct matrix_view *m, const struct wire_matrix_row *r,
                      const struct wire_cell *cell)
{
    if (!cell->revision || !cell->revision[0])
        view_say(&m->p.v, TERM_STATUS, "%s was never synced: there is nothing to compare",
                 cell->name);
    else
        view_mark(&m->p.v, &m->marks, &(struct view_mark){.id = cell->name, .group = r->app,
                  .app = cell->name, .rev = cell->revision, .order = -(int64_t)m->at});
    return true;
}

static bool act_cell(struct matrix_view *m, enum view_action act)
{
    const struct wire_matrix_row *r = row_here(m);
    const struct wire_cell *cell = cell_at(r, m->at);

    if (!r || !m->n)
        return true;
    if (act == ACT_PROMOTE || act == ACT_OPEN)
        return promote(m, r);
    if (act == ACT_DIFF && view_marks_compare(&m->p.v, &m->marks))
        return true;
    if (!cell)
        view_say(&m->p.v, TERM_STATUS, "there is no %s in %s", r->app, m->environments[m->at]);
    else if (act == ACT_COPY)
        VIEW_COPY(&m->p.v, {'s', "revision", cell->revision}, {'v', "version", cell->version},
                  {'n', "name", cell->name});
    else if (act == ACT_MARK)
        return mark_cell(m, r, cell);
    else
        return open_view(m, cell, act);
    return true;
}

static bool act_list(struct matrix_view *m, enum view_action act)
{
    switch ((int)act) {
    case ACT_LEFT: return go_column(m, -1);
    case ACT_RIGHT: return go_column(m, 1);
    case ACT_NEXT_PROBLEM: return go_lag(m, 1);
    case ACT_PREV_PROBLEM: return go_lag(m, -1);
    case ACT_OPEN: case ACT_PROMOTE: case ACT_DIFF: case ACT_HISTORY: case ACT_COPY:
    case ACT_MARK:
        return act_cell(m, act);
    case ACT_UNMARK:
        view_unmark(&m->marks);
        return true;
    case ACT_REFRESH:
        view_again_now(&m->p.again);
        return false;           /* the console asks git and the cluster, too */
    default:
        return false;
    }
}

static bool matrix_act(struct view *v, enum view_action act)
{
    struct matrix_view *m = of(v);
    bool done = view_side_act(&m->side, act) || view_pages_move(&m->p, act) || act_list(m, act);

    v->production = m->n && widget_is_production(m->environments[m->at], false);
    return done;
}

static const enum view_action *matrix_hints(struct view *v)
{
    static const enum view_action hints[] = {ACT_PROMOTE, ACT_NEXT_PROBLEM, ACT_MARK, ACT_DIFF,
                                             ACT_HISTORY, ACT_NEXT_PANE, ACT_COPY, ACT_REFRESH,
                                             ACT_NONE};

    (void)v;
    return hints;
}

/* ---- what stands around it ---- */
static void matrix_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    struct matrix_view *m = of(v);

    rk_buf_c(left, "PROMOTE ");
    for (size_t i = 0; i < m->n && left->n < 120; i++)
        rk_buf_f(left, "%s%s", i ? " > " : " ", m->environments[i]);
    if (m->p.known)
        rk_buf_f(right, "  %zu application%s ", m->p.list.n, m->p.list.n == 1 ? "" : "s");
}

static void matrix_status(struct view *v, struct rk_buf *out)
{
    struct matrix_view *m = of(v);

    if (m->p.err.code && m->p.list.n)
        rk_buf_c(out, m->p.err.text);
    else if (m->marks.n)
        rk_buf_f(out, "%zu marked", m->marks.n);
    else
        rk_buf_c(out, "<14: 14 commits of the one before are not here   <?: not known");
}

/* ---- life ---- */
static void matrix_connected(struct view *v)
{
    view_again_now(&of(v)->p.again);
}

static int matrix_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct matrix_view *m = of(v);

    (void)t;
    (void)err;
    m->activity.patch = active;
    view_feed_open(v, &m->activity, "activity.watch", &(struct wire_apps_params){.limit = 1});
    view_pages_open(&m->p, &pages);
    return 0;
}

static void matrix_close(struct view *v)
{
    view_pages_close(&of(v)->p);
    view_unmark(&of(v)->marks);
    rk_arena_free(of(v)->mem);
}

static bool matrix_retarget(struct view *v, const struct view_target *t)
{
    (void)v;
    (void)t;
    return true;
}

static struct widget_list *matrix_list(struct view *v)
{
    return &of(v)->p.list;
}

const struct view_class view_matrix = {
    .name = "matrix", .title = "Promotion matrix", .size = sizeof(struct matrix_view),
    .open = matrix_open, .close = matrix_close, .draw = matrix_draw, .act = matrix_act,
    .list = matrix_list,
    .headline = matrix_headline, .hints = matrix_hints, .status = matrix_status,
    .find = matrix_find, .connected = matrix_connected, .retarget = matrix_retarget,
};
