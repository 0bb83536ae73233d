/*
 * plan_draw.c: the plan's screen, from its state alone: what the plan is, its rows, and the fields
 * and the button that start it. Production has a doubled frame and its word.
 */
#include <stdio.h>

#include "view/plan_int.h"

enum { BROAD = 76, WIDE = 110, TALL = 20, LABEL = 9 };

/* ---- what the plan is ---- */
static void put_revisions(const struct wire_plan *plan, struct rk_buf *out)
{
    const char *from = view_text(plan->from), *to = view_text(plan->revision);

    if (to[0] && from[0] && strcmp(from, to) != 0)
        rk_buf_f(out, "git %.7s -> %.7s", from, to);
    else if (to[0])
        rk_buf_f(out, "git %.7s", to);
}

static void minutes(const struct plan_view *p, struct rk_buf *out)
{
    int64_t now = p->v.host->now(p->v.host->ctx), left = p->plan->expires - now;
    int64_t old = (now - p->plan->created) / 60000;

    if (old < 1)
        rk_buf_c(out, "made just now");
    else
        rk_buf_f(out, "made %lldm ago", (long long)old);
    if (plan_expired(p))
        rk_buf_c(out, ", expired");
    else if (p->plan->expires)
        rk_buf_f(out, ", good for %lldm", (long long)(left / 60000 + 1));
}

static void draw_facts(const struct plan_view *p, struct canvas c, struct rk_arena *a)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    const struct wire_plan *plan = p->plan;

    rk_buf_f(&line, "plan %.8s  ", plan->fingerprint ? plan->fingerprint : "-");
    minutes(p, &line);
    rk_buf_c(&line, "  ");
    put_revisions(plan, &line);
    if (plan->subject && plan->subject[0])
        rk_buf_f(&line, "  %s", widget_safe(a, plan->subject));
    canvas_cell(c, 0, 0, c.w, TERM_DIM, rk_buf_view(&line));
}

static void draw_options(const struct plan_view *p, struct canvas c)
{
    const struct wire_plan_params *o = p->params;
    size_t left_out = plan_unmarked(p);

    if (!o)
        return;
    if (plan_is(p, "sync"))
        (void)canvas_putf(c, 0, 0, TERM_BASE, "[%c] prune%s%s%s", o->prune ? 'x' : ' ',
                          o->force ? "  [x] force" : "", o->rev ? "  at " : "",
                          o->rev ? o->rev : "");
    else if (plan_is(p, "revert"))
        (void)canvas_putf(c, 0, 0, TERM_BASE, "(%c) full  (%c) partial  %zu of %zu marked",
                          left_out ? ' ' : 'o', left_out ? 'o' : ' ', p->n_items - left_out,
                          p->n_items);
    else if (o->to)
        (void)canvas_putf(c, 0, 0, TERM_BASE, "to %s", o->to);
}

static void draw_state(const struct plan_view *p, struct canvas c, struct rk_arena *a)
{
    if (p->asking)
        canvas_put(c, 0, 0, TERM_PROGRESS, RK_STR("~ a new plan is being made"));
    else if (p->stale[0])
        canvas_cell(c, 0, 0, c.w, TERM_ERROR,
                    rk_str_c(rk_arena_f(a, "STALE: R makes a new one: %s",
                                        widget_safe(a, p->stale))));
    else if (plan_expired(p))
        canvas_put(c, 0, 0, TERM_ERROR, RK_STR("EXPIRED: R makes a new one"));
    else
        draw_options(p, c);
}

/* ---- rows ---- */
static void put_mark(const struct plan_row *r, struct canvas c, int y)
{
    if (r->item)
        canvas_put(c, 0, y, TERM_MARK, r->item->marked ? RK_STR("[x]") : RK_STR("[ ]"));
}

static int mark_width(const struct plan_view *p)
{
    return p->n_items ? 4 : 0;
}

static bool new_wave(const struct plan_view *p, size_t row)
{
    const struct wire_task *t = &p->plan->tasks[p->rows[row].i], *above;

    for (size_t i = row; i-- > p->list.top;)
        if (p->rows[i].kind == PLAN_TASK) {
            above = &p->plan->tasks[p->rows[i].i];
            return above->wave != t->wave || !rk_streq(above->phase, t->phase);
        }
    return true;
}

static int at_most(int n, int most)
{
    return n < most ? n : most;
}

static void draw_task(const struct plan_view *p, size_t row, struct canvas c, int y)
{
    const struct wire_task *t = &p->plan->tasks[p->rows[row].i];
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct widget_sign s = widget_action(t->action);
    bool wide = c.w >= WIDE;
    int left = mark_width(p), x[5], w[5], object = at_most(p->object_w, c.w / 3);
    int risk = p->risk_w ? at_most(p->risk_w, c.w / 5) : 1;
    const struct widget_column columns[] = {
        {"wave", 7, 10, false}, {"", wide ? 9 : 1, wide ? 9 : 1, false},
        {"object", object, object, false}, {"risk", risk, risk, false}, {"what", 10, 0, false},
    };

    put_mark(&p->rows[row], c, y);
    widget_columns(columns, RK_LEN(columns), c.w - left, x, w);
    if (new_wave(p, row))
        canvas_cell(c, left + x[0], y, w[0], TERM_DIM, rk_str_c(plan_wave(a, t)));
    canvas_cell(c, left + x[1], y, w[1], s.role,
                rk_str_c(wide ? rk_arena_f(a, "%s %s", s.sign, s.word) : s.sign));
    canvas_cell(c, left + x[2], y, w[2], TERM_BASE, rk_str_c(plan_row_name(p, a, t)));
    canvas_cell(c, left + x[3], y, w[3], plan_task_risky(p->plan, t) ? TERM_ERROR : TERM_DRIFT,
                rk_str_c(plan_risks(a, t)));
    canvas_cell(c, left + x[4], y, w[4], TERM_BASE, rk_str_c(plan_what(a, t)));
}

static void draw_side(const struct plan_row *r, struct canvas c, int y)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    bool before = r->kind == PLAN_BEFORE;
    struct widget_span *mine = NULL, *other = NULL;
    size_t n = 0, n_other = 0;

    if (r->other)
        widget_changed(a, rk_str_c(r->text), rk_str_c(r->other), &mine, &n, &other, &n_other);
    canvas_put(c, 4, y, r->role, before ? RK_STR("- ") : RK_STR("+ "));
    widget_put_spans(canvas_cut(c, 6, y, c.w - 6, 1), 0, 0, r->role,
                     before ? TERM_DEL_EMPH : TERM_ADD_EMPH, rk_str_c(r->text), mine, n);
}

static void draw_row(const struct plan_view *p, size_t row, struct canvas c, int y)
{
    const struct plan_row *r = &p->rows[row];
    int left = mark_width(p);

    switch (r->kind) {
    case PLAN_TASK:
        draw_task(p, row, c, y);
        break;
    case PLAN_BEFORE: case PLAN_AFTER:
        draw_side(r, c, y);
        break;
    case PLAN_EDIT: case PLAN_ITEM: case PLAN_CONFLICT:
        put_mark(r, c, y);
        canvas_cell_end(c, left, y, c.w - left, r->role, rk_str_c(r->text));
        break;
    case PLAN_FIELD: case PLAN_OWNER:
        canvas_cell(c, left + 2, y, c.w - left - 2, r->role, rk_str_c(r->text));
        break;
    case PLAN_HEAD: case PLAN_SAME: case PLAN_TEXT:
        canvas_cell(c, 0, y, c.w, r->role, rk_str_c(r->text));
        break;
    }
}

static void draw_rows(struct plan_view *p, struct canvas c)
{
    widget_list_show(&p->list, c.h);
    widget_list_place(&p->list, c);
    for (int y = 0; y < c.h && p->list.top + (size_t)y < p->n_rows; y++) {
        size_t row = p->list.top + (size_t)y;
        draw_row(p, row, c, y);
        if (row == p->list.cursor)
            canvas_tint(c, y, p->focus == PLAN_ROWS ? TERM_CURSOR : TERM_CURSOR_INACTIVE);
    }
}

/* ---- fields ---- */
static void put_label(const struct plan_view *p, struct canvas c, int y, enum plan_focus f,
                      const char *label)
{
    canvas_put(c, 0, y, p->focus == f ? TERM_KEY : TERM_DIM, rk_str_c(label));
}

static void draw_reason(const struct plan_view *p, struct canvas c, int y)
{
    put_label(p, c, y, PLAN_REASON, "reason");
    widget_edit_draw(c, LABEL, y, c.w - LABEL, &p->reason, p->focus == PLAN_REASON);
}

static void draw_unlock(const struct plan_view *p, struct canvas c, int y)
{
    put_label(p, c, y, PLAN_UNLOCK, "unlock");
    (void)canvas_putf(c, LABEL, y, TERM_LOCKED, "[%c] %s is locked: unlock it for this plan",
                      p->unlock ? 'x' : ' ',
                      p->plan->environment ? p->plan->environment : "it");
    if (p->focus == PLAN_UNLOCK)
        term_caret(c.s, c.x + LABEL + 1, c.y + y);
}

static void draw_target(const struct plan_view *p, struct canvas c, int y)
{
    bool production = plan_production(p);
    int x = 0;

    put_label(p, c, y, PLAN_TARGET, "target");
    x = LABEL;
    if (production && c.w >= BROAD)
        x += canvas_put(c, x, y, TERM_ENV_PROD, RK_STR("THIS CHANGES PRODUCTION.")) + 1;
    if (p->plan->confirm)
        x += canvas_putf(c, x, y, TERM_BASE, "type %s:", p->wanted) + 1;
    else
        x += canvas_putf(c, x, y, TERM_ERROR, "type the number of risky objects, %s:",
                         p->wanted) + 1;
    widget_edit_draw(c, x, y, c.w - x, &p->target, p->focus == PLAN_TARGET);
}

static void draw_button(const struct plan_view *p, struct canvas c, int y)
{
    struct rk_buf why rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const char *key = p->v.host->key(ACT_APPLY, p->v.host->ctx);
    struct canvas rest = canvas_cut(c, 12, y, c.w - 12, 1);

    plan_why_not(p, &why);
    canvas_put(c, 0, y, p->focus == PLAN_CANCEL ? TERM_CURSOR : TERM_BASE, RK_STR("[ Cancel ]"));
    if (p->step == PLAN_COUNTING)
        (void)canvas_putf(rest, 0, 0, TERM_ERROR, "starts in %d s: ANY KEY STOPS IT", p->left);
    else if (p->step == PLAN_STARTING)
        canvas_put(rest, 0, 0, TERM_PROGRESS, RK_STR("~ the engine is asked to start it"));
    else if (plan_readonly(p))
        canvas_put(rest, 0, 0, TERM_LOCKED, RK_STR("read-only: nothing can be started here"));
    else if (why.n)
        canvas_cell(rest, 0, 0, rest.w, TERM_DIM,
                    rk_str_c(rk_arena_f(a, "( Apply is not armed: %s )", why.p)));
    else
        (void)canvas_putf(rest, 0, 0, TERM_KEY, "ARMED: %s applies it%s", key ? key : "-",
                          plan_production(p) ? ", after 5 s that any key stops" : "");
}

static int fields_height(const struct plan_view *p)
{
    return 1 + plan_field_shown(p, PLAN_REASON) + plan_field_shown(p, PLAN_UNLOCK) +
           plan_field_shown(p, PLAN_TARGET);
}

static void draw_fields(const struct plan_view *p, struct canvas c)
{
    static const struct {
        enum plan_focus field;
        void (*draw)(const struct plan_view *p, struct canvas c, int y);
    } rows[] = {{PLAN_REASON, draw_reason}, {PLAN_UNLOCK, draw_unlock}, {PLAN_TARGET, draw_target}};
    int y = 0;

    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (plan_field_shown(p, rows[i].field))
            rows[i].draw(p, c, y++);
    draw_button(p, c, y);
}

/* ---- the screen ---- */
static void count(const struct plan_view *p, struct rk_buf *out)
{
    size_t change = 0, create = 0, prune = 0, replace = 0, same = 0, keep = 0;

    for (size_t i = 0; i < p->plan->n_tasks; i++) {
        const struct wire_task *t = &p->plan->tasks[i];
        same += plan_task_same(t);
        change += rk_streq(t->action, "apply") && !plan_task_same(t);
        create += rk_streq(t->action, "create");
        prune += rk_streq(t->action, "prune");
        replace += rk_streq(t->action, "replace");
        keep += rk_streq(t->action, "keep");
    }
    const struct { size_t n; const char *word; } parts[] = {
        {change, "change"}, {create, "create"}, {replace, "REPLACE"}, {prune, "PRUNE"},
        {keep, "keep"}, {same, "same"}};
    for (size_t i = 0; i < RK_LEN(parts); i++)
        if (parts[i].n)
            rk_buf_f(out, "%s%zu %s", out->n ? "  " : "", parts[i].n, parts[i].word);
    if (p->plan->n_edits)
        rk_buf_f(out, "%s%zu edit%s", out->n ? "  " : "", p->plan->n_edits,
                 p->plan->n_edits == 1 ? "" : "s");
    if (p->plan->n_conflicts)
        rk_buf_f(out, "  %zu CONFLICT%s", p->plan->n_conflicts,
                 p->plan->n_conflicts == 1 ? "" : "S");
}

static void draw_nothing(const struct plan_view *p, struct canvas in, struct rk_arena *a)
{
    size_t n = 0;
    const char *text = p->asking ? "~ the plan is being made" : p->err.text;
    rk_str *lines = widget_wrap(a, rk_str_c(widget_safe(a, text)), in.w - 2, &n);

    for (size_t i = 0; i < n && (int)i < in.h - 2; i++)
        canvas_put(in, 1, (int)i, p->asking ? TERM_PROGRESS : TERM_ERROR, lines[i]);
    if (!p->asking)
        canvas_put(in, 1, (int)n + 1, TERM_DIM, RK_STR("R tries again, q goes back"));
}

void plan_draw(struct view *v, struct canvas c)
{
    struct plan_view *p = (struct plan_view *)v;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf title rk_auto(rk_buf_release) = RK_BUF_INIT;
    char foot[32];

    if (p->plan)
        count(p, &title);
    if (p->rows_w != c.w - 2)
        plan_rows_make(p, c.w - 2);
    int line = c.h >= TALL, fields = fields_height(p), room = c.h - 2 - 2 - line - fields;
    plan_rows_fit(p, room);
    widget_list_show(&p->list, room);
    widget_list_foot(&p->list, foot);
    struct canvas in = widget_box(c, p->plan ? title.p : "Plan", foot,
                                  WIDGET_FOCUS | (v->production ? WIDGET_DOUBLE : 0));
    if (!p->plan) {
        draw_nothing(p, in, a);
        return;
    }
    draw_facts(p, canvas_cut(in, 0, 0, in.w, 1), a);
    draw_state(p, canvas_cut(in, 0, 1, in.w, 1), a);
    draw_rows(p, canvas_cut(in, 0, 2, in.w, room));
    if (line)
        term_hline(in.s, in.x, in.y + 2 + room, in.w, TERM_BORDER);
    draw_fields(p, canvas_cut(in, 0, in.h - fields, in.w, fields));
}
