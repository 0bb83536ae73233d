/*
 * audit.c: the audit log, of one environment or of all, and the verdict on its chain. Each entry is
 * told whole in its pane. It is read again when the engine reports activity; the chain is walked
 * when the view opens and when it is asked for (R).
 */
#include "view/marks.h"
#include "view/records_int.h"

#include <stdlib.h>

enum { PAGE = 100 };

struct audit_view {
    struct view_pages p;
    char *environment;          /* NULL: of all */
    struct view_side side;
    struct view_feed activity;
    struct record_chain chain;
    struct view_marks marks;
    struct rk_arena *mem;       /* of environments */
    const struct wire_environments *environments;       /* NULL: not here */
};

static struct audit_view *of(struct view *v)
{
    return (struct audit_view *)v;
}

static const struct wire_audit_row *here(const struct audit_view *u)
{
    return view_pages_here(&u->p);
}

/* ---- rows ---- */
static const void *params(struct view *v, int64_t offset, int64_t limit, struct rk_arena *a)
{
    struct wire_audit_params *p = rk_arena_alloc(a, sizeof(*p));

    *p = (struct wire_audit_params){.environment = of(v)->environment, .offset = offset,
                                    .limit = limit};
    return p;
}

static struct view_window window(const void *answer)
{
    const struct wire_audit *w = answer;

    return (struct view_window){w->offset, w->total, w->rows, w->n_rows, sizeof(w->rows[0])};
}

/* An operation has two entries of one id: the commit is an entry's own. */
static const char *name(const void *row)
{
    const struct wire_audit_row *r = row;

    return r->commit && r->commit[0] ? r->commit : view_text(r->id);
}

static const struct view_pages_class pages = {
    .method = "audit.list", .rows = PAGE, .params = params, .window = window, .name = name,
};

/* What was reported before it was opened is read already. */
static void active(struct view_feed *f, void *patch)
{
    (void)patch;
    view_again_ask(&of(f->view)->p.again);
}

static void environments_came(struct view *v, void *value, struct rk_arena *a,
                              const struct rk_err *err, void *ctx)
{
    struct audit_view *u = of(v);

    (void)ctx;
    if (err) { /* asked for again when the filter is used */
        rk_arena_free(a);
        return;
    }
    rk_arena_free(u->mem);
    u->mem = a;
    u->environments = value;
}

static void ask_around(struct audit_view *u)
{
    view_call(&u->p.v, "environment.list", NULL, environments_came, NULL);
    record_verify(&u->p.v, &u->chain);
}

static void audit_connected(struct view *v)
{
    view_again_now(&of(v)->p.again);
    of(v)->chain.asked = false;
    ask_around(of(v));
}

/* ---- drawing ---- */
enum { COL_SEQ, COL_FLAG, COL_WHEN, COL_APP, COL_KIND, COL_RESULT, COL_WHAT, COL_WHO, COL_REV,
       COL_APPROVER, COLS };
struct columns { int x[COLS], w[COLS]; };

static int64_t time_of(const void *row)
{
    return ((const struct wire_audit_row *)row)->time;
}

static struct columns columns_of(const struct audit_view *u, int width)
{
    bool wide = width >= 110;
    int when = record_when_width(&u->p, time_of), app = wide ? 28 : 16;
    const struct widget_column c[COLS] = {
        {"SEQ", 4, 6, true}, {"", 1, 1, false}, {"WHEN", when, when, false},
        {"APPLICATION", app, app, false}, {"KIND", 7, 9, false}, {"RESULT", 11, 12, false},
        {"REASON", wide ? 24 : 10, 0, false}, {"ACTOR", wide ? 11 : 8, 14, false}, {"REV", 7, 7, false},
        {"APPROVER", 8, 14, false}};
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

static void draw_row(struct view_pages *p, struct canvas c, int y, const void *row, const void *ctx)
{
    const struct wire_audit_row *r = row;
    const struct columns *k = ctx;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct widget_sign s = record_result(r->result);
    char when[24], rev[16];

    widget_when(p->v.host->now(p->v.host->ctx), r->time, when);
    if (view_marked(&((const struct audit_view *)p)->marks, name(r)))
        canvas_put(c, 0, y, TERM_MARK, RK_STR("*"));
    put(c, y, k, COL_SEQ, TERM_DIM, rk_arena_f(a, "%*lld", k->w[COL_SEQ], (long long)r->seq));
    put(c, y, k, COL_FLAG, r->flagged ? TERM_ERROR : TERM_DRIFT, r->flagged ? "!" :
        r->pushed ? " " : "^");
    put(c, y, k, COL_WHEN, TERM_DIM, when);
    put(c, y, k, COL_APP, widget_environment(r->environment, false),
        record_target(a, r->environment, r->app));
    put(c, y, k, COL_KIND, TERM_BASE, r->kind);
    put(c, y, k, COL_RESULT, s.role, rk_arena_f(a, "%s %s", s.sign, s.word));
    put(c, y, k, COL_WHAT, TERM_BASE, r->reason);
    put(c, y, k, COL_WHO, TERM_WHO, r->actor);
    put(c, y, k, COL_REV, TERM_LINE, record_rev(r->to, rev));
    put(c, y, k, COL_APPROVER, TERM_WHO, r->approver);
}

/* "dev = 12   staging x broken": a verdict an environment, in one line. */
static void draw_chains(const struct audit_view *u, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const struct wire_verify *w = u->chain.v;
    int x = 1;

    for (size_t i = 0; w && i < w->n_rows; i++) {
        const struct wire_verify_row *r = &w->rows[i];
        x += canvas_putf(c, x, 0, r->ok ? TERM_OK : TERM_DEGRADED, "%s %s",
                         widget_safe(a, r->environment), r->ok ? "= " : "x broken");
        if (r->ok)
            x += canvas_putf(c, x, 0, TERM_BASE, "%lld", (long long)r->entries);
        x += 3;
    }
    if (!w || !w->n_rows) {
        struct rk_buf words rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct widget_sign s = record_chain_sign(&u->chain, NULL, &words);
        canvas_putf(c, 1, 0, s.role, "%s chain: %s", s.sign, words.p);
    }
}

static void draw_list(struct audit_view *u, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const char *title = u->environment ? rk_arena_f(a, "Audit of %s", u->environment) : "Audit";
    struct canvas in = view_pages_box(&u->p, c, title, !u->side.focus, 1);
    struct columns k = columns_of(u, in.w - 2);

    draw_chains(u, canvas_cut(in, 0, 0, in.w, 1));
    view_pages_draw(&u->p, canvas_cut(in, 0, 1, in.w, in.h - 1), !u->side.focus,
                    "nothing is recorded yet: the first sync begins it", draw_row, &k);
}

static void facts_of(const struct audit_view *u, const struct wire_audit_row *r,
                     struct view_facts *f)
{
    struct rk_buf words rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct widget_sign chain = record_chain_sign(&u->chain, r->environment, &words);
    struct widget_sign s = record_result(r->result);

    view_fact_f(f, "entry", s.role, "%lld  %s  %s %s", (long long)r->seq, view_text(r->kind),
                s.sign, s.word);
    view_fact_time(f, "time", u->p.v.host->now(u->p.v.host->ctx), r->time);
    view_fact(f, "of", widget_environment(r->environment, false),
              record_target(f->mem, r->environment, r->app));
    view_fact(f, "actor", TERM_WHO, r->actor);
    view_fact(f, "approver", TERM_WHO, r->approver);
    view_fact(f, "reason", TERM_BASE, r->reason);
    view_fact_rev(f, r->from, r->to);
    view_fact(f, "plan", TERM_LINE, r->plan);
    view_fact(f, "pushed", r->pushed ? TERM_OK : TERM_DRIFT,
              r->pushed ? "= yes" : "^ not yet: it is here alone");
    if (r->flagged)
        view_fact(f, "flagged", TERM_ERROR, "! made while the remote was down or refused");
    view_fact_f(f, "chain", chain.role, "%s %s", chain.sign, words.p);
    view_fact(f, "id", TERM_DIM, r->id);
    view_fact(f, "commit", TERM_DIM, r->commit);
    view_fact(f, "previous", TERM_DIM, r->prev);
}

static void draw_detail(struct audit_view *u, struct canvas c)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct view_facts f = {.mem = a, .w = c.w - 3};

    if (here(u))
        facts_of(u, here(u), &f);
    view_facts_draw(&f, c, "Entry", u->p.v.production, &u->side);
}

static void audit_draw(struct view *v, struct canvas c)
{
    struct audit_view *u = of(v);
    struct view_panes p = view_panes_of(c, u->side.focus);

    if (p.list.h)
        draw_list(u, p.list);
    if (p.detail.h)
        draw_detail(u, p.detail);
}

/* ---- filter ---- */
static void show_environment(struct audit_view *u, const char *environment)
{
    char *copy = environment ? rk_strdup(environment) : NULL;

    free(u->environment);
    u->environment = copy;
    u->side.scroll = 0;
    u->p.v.production = copy && widget_is_production(copy, false);
    view_pages_reset(&u->p);
}

/* All, then each environment in promotion order. */
static bool filter(struct audit_view *u)
{
    const struct wire_environments *e = u->environments;
    size_t next = 0;

    if (!e || !e->n_environments) {
        view_say(&u->p.v, TERM_STATUS, "which environments there are is being asked");
        view_call(&u->p.v, "environment.list", NULL, environments_came, NULL);
        return true;
    }
    for (size_t i = 0; u->environment && i < e->n_environments; i++)
        if (rk_streq(e->environments[i].name, u->environment))
            next = i + 1;
    show_environment(u, next < e->n_environments && (next || !u->environment)
                            ? e->environments[next].name : NULL);
    return true;
}

/* ---- keys ---- */
static bool verify_again(struct audit_view *u)
{
    view_again_now(&u->p.again);
    record_verify(&u->p.v, &u->chain);
    view_say(&u->p.v, TERM_STATUS, "the chain is verified again ...");
    return true;
}

static bool open_history(struct audit_view *u, const struct wire_audit_row *r)
{
    struct view_target t = {.app = r->app, .environment = r->environment};

    if (r->app && r->app[0])
        u->p.v.host->open("history", &t, u->p.v.host->ctx);
    else
        view_say(&u->p.v, TERM_STATUS, "it is of no application");
    return true;
}

/* Two entries of one application with each other, else what lives with the entry's revision. */
static bool mark_or_compare(struct audit_view *u, const struct wire_audit_row *r, bool marks)
{
    struct view *v = &u->p.v;
    struct view_target t = {.app = r->app, .environment = r->environment, .rev = r->to};

    if (!marks && view_marks_compare(v, &u->marks))
        return true;
    if (!r->app || !r->app[0] || !r->to || !r->to[0])
        view_say(v, TERM_STATUS, "it names no revision of an application: nothing to compare");
    else if (marks)
        view_mark(v, &u->marks, &(struct view_mark){.id = name(r), .group = r->app, .app = r->app,
                  .rev = r->to, .order = r->seq});
    else
        v->host->open("diff", &t, v->host->ctx);
    return true;
}

static bool has_text(struct view *v, const void *row, const char *text)
{
    const struct wire_audit_row *r = row;
    const char *const in[] = {r->kind, r->result, r->app, r->environment, r->actor, r->approver,
                              r->reason, r->from, r->to, r->plan, r->id, r->commit};

    (void)v;
    return record_has(in, RK_LEN(in), text);
}

static bool is_problem(struct view *v, const void *row, const char *text)
{
    const struct wire_audit_row *r = row;

    (void)v;
    (void)text;
    return r->flagged || record_bad(r->result);
}

static bool audit_find(struct view *v, rk_str text, int direction)
{
    view_pages_find(&of(v)->p, has_text, text, direction);
    return true;
}

static bool go_problem(struct audit_view *u, int direction)
{
    view_pages_look(&u->p, &(struct view_looking){.match = is_problem, .direction = direction,
                    .nothing = "no entry that is flagged or ended badly"}, NULL);
    return true;
}

static bool act_row(struct audit_view *u, const struct wire_audit_row *r, enum view_action act)
{
    struct view *v = &u->p.v;

    switch ((int)act) {
    case ACT_OPEN:
        record_open(v, r->app, r->environment, r->to);
        return true;
    case ACT_REVERT:
        record_revert(v, r->app, r->environment, NULL, r->to);
        return true;
    case ACT_HISTORY:
        return open_history(u, r);
    case ACT_MARK: case ACT_DIFF:
        return mark_or_compare(u, r, act == ACT_MARK);
    case ACT_UNMARK:
        view_unmark(&u->marks);
        return true;
    case ACT_COPY:
        VIEW_COPY(v, {'i', "entry's id", r->id}, {'s', "revision", r->to}, {'p', "plan", r->plan},
                  {'c', "commit", r->commit}, {'w', "what", r->reason});
        return true;
    default:
        return false;
    }
}

static bool audit_act(struct view *v, enum view_action act)
{
    struct audit_view *u = of(v);

    if (view_side_act(&u->side, act) || view_pages_move(&u->p, act))
        return true;
    switch ((int)act) {
    case ACT_FILTER: return filter(u);
    case ACT_REFRESH: return verify_again(u);
    case ACT_NEXT_PROBLEM: return go_problem(u, 1);
    case ACT_PREV_PROBLEM: return go_problem(u, -1);
    default: return here(u) && act_row(u, here(u), act);
    }
}

static const enum view_action *audit_hints(struct view *v)
{
    static const enum view_action hints[] = {ACT_OPEN, ACT_FILTER, ACT_HISTORY, ACT_REVERT,
                                             ACT_MARK, ACT_DIFF, ACT_NEXT_PANE,
                                             ACT_NEXT_PROBLEM, ACT_COPY,
                                             ACT_REFRESH, ACT_NONE};

    (void)v;
    return hints;
}

/* ---- what stands around it ---- */
static void audit_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    struct audit_view *u = of(v);
    struct rk_buf chain rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct widget_sign s = record_chain_sign(&u->chain, u->environment, &chain);

    rk_buf_f(left, "AUDIT  [%s]", u->environment ? u->environment : "all environments");
    rk_buf_f(right, "  chain %s %s ", s.sign, chain.p);
}

static void audit_status(struct view *v, struct rk_buf *out)
{
    struct audit_view *u = of(v);

    if (u->p.err.code && u->p.list.n)
        rk_buf_c(out, u->p.err.text);
    else if (u->marks.n)
        rk_buf_f(out, "%zu marked", u->marks.n);
    else
        rk_buf_c(out, "! flagged   ^ not pushed yet");
}

/* ---- life ---- */
static int audit_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct audit_view *u = of(v);

    (void)err;
    u->environment = t->environment ? rk_strdup(t->environment) : NULL;
    v->production = t->environment && widget_is_production(t->environment, false);
    u->activity.patch = active;
    view_feed_open(v, &u->activity, "activity.watch", &(struct wire_apps_params){.limit = 1});
    view_pages_open(&u->p, &pages);
    ask_around(u);
    return 0;
}

static void audit_close(struct view *v)
{
    struct audit_view *u = of(v);

    view_pages_close(&u->p);
    record_chain_release(&u->chain);
    view_unmark(&u->marks);
    rk_arena_free(u->mem);
    free(u->environment);
}

static bool audit_retarget(struct view *v, const struct view_target *t)
{
    if (!rk_streq(of(v)->environment, t->environment))
        show_environment(of(v), t->environment);
    return true;
}

static struct widget_list *audit_list(struct view *v)
{
    return &of(v)->p.list;
}

const struct view_class view_audit = {
    .name = "audit", .title = "Audit", .size = sizeof(struct audit_view),
    .open = audit_open, .close = audit_close, .draw = audit_draw, .act = audit_act,
    .list = audit_list,
    .headline = audit_headline, .hints = audit_hints, .status = audit_status,
    .find = audit_find, .connected = audit_connected, .retarget = audit_retarget,
};
