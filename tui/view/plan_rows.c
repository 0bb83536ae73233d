/*
 * plan_rows.c: a plan -> rows: tasks by wave, fields of what is unfolded, edits byte by byte, the
 * commit's message, conflicts with their three versions, what the gate still wants. Foreign text is
 * made safe here, once; drawing takes it as it is.
 */
#include <stdio.h>

#include "reckon/text.h"
#include "view/plan_int.h"

/* ---- rows ---- */
struct making { struct plan_view *p; struct rk_arena *a; size_t cap; int width; };

static struct plan_row *add(struct making *m, enum plan_row_kind kind, enum term_role role,
                            const char *text)
{
    struct plan_view *p = m->p;

    p->rows = rk_arena_grow(m->a, p->rows, p->n_rows, &m->cap, sizeof(*p->rows));
    p->rows[p->n_rows] = (struct plan_row){.kind = kind, .role = role, .text = text};
    return &p->rows[p->n_rows++];
}

/* Several rows of one text; foreign newlines are its own. */
static void add_text(struct making *m, int indent, enum term_role role, const char *foreign)
{
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    size_t n = 0;

    rk_text_safe(&safe, rk_str_c(view_text(foreign)), RK_TEXT_LINES);
    while (safe.n && safe.p[safe.n - 1] == '\n')
        safe.n--;
    rk_str *lines = widget_wrap(m->a, rk_buf_view(&safe), m->width - indent, &n);
    for (size_t i = 0; i < n; i++)
        (void)add(m, PLAN_TEXT, role, rk_arena_f(m->a, "%*s" RK_FMT_STR, indent, "",
                                                 RK_ARG_STR(lines[i])));
}

static void add_owner(struct making *m, rk_str text)
{
    if (text.n)
        (void)add(m, PLAN_OWNER, TERM_WHO, rk_arena_f(m->a, "  " RK_FMT_STR, RK_ARG_STR(text)));
}

/* Who wrote the live value, and which line wants the other: in one row where they fit. */
static void add_origin(struct making *m, const struct wire_field *f)
{
    struct rk_buf by rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *line = "";
    char when[24];

    widget_when(m->p->v.host->now(m->p->v.host->ctx), f->written, when);
    if (f->manager)
        rk_buf_f(&by, "last written by %s%s%s", widget_safe(m->a, f->manager),
                 f->written ? " no later than " : "", f->written ? when : "");
    if (f->file)
        line = rk_arena_f(m->a, "%s:%lld", widget_safe(m->a, f->file), (long long)f->line);
    if (by.n && term_width(rk_buf_view(&by)) + term_width(rk_str_c(line)) + 11 <= m->width) {
        rk_buf_f(&by, "   %s", line);
        line = "";
    }
    add_owner(m, rk_buf_view(&by));
    add_owner(m, rk_str_c(line));
}

static void add_field(struct making *m, size_t i, size_t j)
{
    const struct wire_field *f = &m->p->plan->tasks[i].fields[j];
    struct plan_row *r = add(m, PLAN_FIELD, f->ignored ? TERM_DIM : TERM_BASE, NULL);

    r->i = i;
    r->j = j;
    r->text = rk_arena_f(m->a, "%s  %s -> %s%s", widget_safe(m->a, f->path),
                         plan_value(m->a, f->live), plan_value(m->a, f->desired),
                         f->ignored ? "  (ignored)" : "");
    add_origin(m, f);
}

static void widen(int *w, const char *text)
{
    int need = term_width(rk_str_c(text));

    *w = need > *w ? need : *w;
}

static void add_more(struct making *m, int64_t n, const char *what)
{
    if (n)
        (void)add(m, PLAN_TEXT, TERM_DIM, rk_arena_f(m->a, "... and %lld more %s", (long long)n, what));
}

const char *plan_row_name(const struct plan_view *p, struct rk_arena *a, const struct wire_task *t)
{
    struct wire_task below = *t;

    below.app = NULL;
    return plan_item_of(p, PLAN_APPS, t->app) ? plan_name(a, &below) : plan_name(a, t);
}

static void add_task(struct making *m, size_t i)
{
    struct plan_view *p = m->p;
    const struct wire_task *t = &p->plan->tasks[i];
    struct plan_row *r = add(m, PLAN_TASK, widget_action(t->action).role, NULL);

    r->i = i;
    r->text = rk_arena_f(m->a, "%s %s %s %s", widget_action(t->action).word, plan_name(m->a, t),
                         plan_what(m->a, t), plan_risks(m->a, t));
    r->item = plan_item_of(p, PLAN_OBJECTS, plan_object(m->a, t));
    widen(&p->object_w, plan_row_name(p, m->a, t));
    widen(&p->risk_w, plan_risks(m->a, t));
    if (!p->open[i])
        return;
    for (size_t j = 0; j < t->n_fields; j++)
        add_field(m, i, j);
    add_more(m, t->more_fields, "fields");
    if (!t->n_fields)
        (void)add(m, PLAN_OWNER, TERM_DIM,
                  rk_arena_f(m->a, "  %s", widget_safe(m->a, plan_object(m->a, t))));
}

/* Before the first task of each application of a revert of many. */
static void add_app(struct making *m, size_t i)
{
    const struct wire_task *t = &m->p->plan->tasks[i];
    struct plan_item *item = plan_item_of(m->p, PLAN_APPS, t->app);

    if (item && (!i || !rk_streq(t[-1].app, t->app)))
        add(m, PLAN_ITEM, TERM_TITLE, widget_safe(m->a, t->app))->item = item;
}

static void add_tasks(struct making *m)
{
    const struct wire_plan *plan = m->p->plan;
    size_t same = 0;

    for (size_t i = 0; i < plan->n_tasks; i++) {
        add_app(m, i);
        if (plan_task_same(&plan->tasks[i]) && !m->p->same_open)
            same++;
        else
            add_task(m, i);
    }
    if (same)
        (void)add(m, PLAN_SAME, TERM_DIM, rk_arena_f(m->a, "= %zu unchanged", same));
    if (!plan->n_tasks)
        (void)add(m, PLAN_TEXT, TERM_DIM, "no object is touched");
}

/* ---- edits ---- */
static bool one_line(const char *s)
{
    const char *nl = strchr(view_text(s), '\n');

    return !nl || !nl[1];
}

static void add_side(struct making *m, size_t i, bool before)
{
    const struct wire_edit *e = &m->p->plan->edits[i];
    const char *mine = before ? e->before : e->after, *other = before ? e->after : e->before;
    bool pair = mine && other && one_line(mine) && one_line(other);
    rk_str rest = rk_str_c(mine);

    while (rest.n) {
        rk_str line = rk_str_cut(rest, '\n', &rest);
        struct plan_row *r = add(m, before ? PLAN_BEFORE : PLAN_AFTER, before ? TERM_DEL : TERM_ADD,
                                 widget_safe(m->a, rk_arena_dup(m->a, line.p, line.n)));
        rk_str twin = rk_str_cut(rk_str_c(other), '\n', NULL);
        r->i = i;
        r->other = pair ? widget_safe(m->a, rk_arena_dup(m->a, twin.p, twin.n)) : NULL;
    }
}

static void add_edits(struct making *m)
{
    const struct wire_plan *plan = m->p->plan;

    if (plan->n_edits)
        (void)add(m, PLAN_HEAD, TERM_TITLE, "EDITS of one commit");
    for (size_t i = 0; i < plan->n_edits; i++) {
        const struct wire_edit *e = &plan->edits[i];
        struct plan_row *r = add(m, PLAN_EDIT, TERM_LINE, NULL);
        r->i = i;
        r->text = e->line ? rk_arena_f(m->a, "%s:%lld", widget_safe(m->a, e->file),
                                       (long long)e->line)
                          : widget_safe(m->a, e->file);
        r->item = plan_item_of(m->p, PLAN_PATHS, e->file);
        add_side(m, i, true);
        add_side(m, i, false);
    }
    add_more(m, plan->more_edits, "changes of files");
}

static void add_message(struct making *m)
{
    const char *message = m->p->plan->commit_message;

    if (!message || !message[0])
        return;
    (void)add(m, PLAN_HEAD, TERM_TITLE, "COMMIT MESSAGE");
    add_text(m, 2, TERM_BASE, message);
}

/* ---- conflicts ---- */
static void add_version(struct making *m, const char *name, const char *text)
{
    (void)add(m, PLAN_HEAD, TERM_FOLD, rk_arena_f(m->a, "  -- %s --", name));
    if (text && text[0])
        add_text(m, 4, TERM_BASE, text);
    else
        (void)add(m, PLAN_TEXT, TERM_DIM, "    (no such file)");
}

static void add_conflicts(struct making *m)
{
    const struct wire_plan *plan = m->p->plan;

    if (plan->n_conflicts)
        (void)add(m, PLAN_HEAD, TERM_ERROR, "CONFLICTS: later commits changed the same lines");
    for (size_t i = 0; i < plan->n_conflicts; i++) {
        const struct wire_conflict *k = &plan->conflicts[i];
        struct plan_row *r = add(m, PLAN_CONFLICT, TERM_ERROR, NULL);
        r->i = i;
        r->text = rk_arena_f(m->a, "x %s", widget_safe(m->a, k->file));
        r->item = plan_item_of(m->p, PLAN_PATHS, k->file);
        if (!m->p->open[plan->n_tasks + i])
            continue;
        add_version(m, "ancestor", k->ancestor);
        add_version(m, "ours: what is there now", k->ours);
        add_version(m, "theirs: what the revert wants", k->theirs);
    }
}

/* Files and objects that the plan leaves out, so that they can be marked again. */
static bool in_plan(const struct wire_plan *plan, const struct plan_item *item, struct rk_arena *a)
{
    bool found = false;

    for (size_t i = 0; item->sort == PLAN_PATHS && i < plan->n_edits; i++)
        found = found || rk_streq(plan->edits[i].file, item->name);
    for (size_t i = 0; item->sort == PLAN_PATHS && i < plan->n_conflicts; i++)
        found = found || rk_streq(plan->conflicts[i].file, item->name);
    for (size_t i = 0; item->sort != PLAN_PATHS && i < plan->n_tasks; i++)
        found = found || rk_streq(item->sort == PLAN_APPS ? plan->tasks[i].app
                                                          : plan_object(a, &plan->tasks[i]),
                                  item->name);
    return found;
}

static void add_left_out(struct making *m)
{
    struct plan_view *p = m->p;
    bool head = false;

    for (size_t i = 0; i < p->n_items; i++) {
        bool gone_along = p->items[i].marked && plan_app_left_out(p);
        if (gone_along || in_plan(p->plan, &p->items[i], m->a))
            continue;
        if (!head)
            (void)add(m, PLAN_HEAD, TERM_TITLE, "LEFT OUT");
        head = true;
        struct plan_row *r = add(m, PLAN_ITEM, TERM_DIM, widget_safe(m->a, p->items[i].name));
        r->item = &p->items[i];
    }
}

static void add_gate(struct making *m)
{
    const struct wire_plan *plan = m->p->plan;

    (void)add(m, PLAN_HEAD, TERM_TITLE, plan->n_missing ? "THE GATE STILL WANTS" : "GATE open");
    for (size_t i = 0; i < plan->n_missing; i++)
        add_text(m, 2, TERM_DRIFT, plan_wants(m->p, m->a, plan->missing[i]));
    if (plan->policy && plan->policy[0])
        add_text(m, 2, TERM_DIM, rk_arena_f(m->a, "policy: %s", plan->policy));
}

/* ---- the cursor stays with its row ---- */
static size_t same_row(const struct plan_view *p, const struct plan_row *old, size_t at)
{
    for (size_t i = 0; i < p->n_rows; i++)
        if (old->item ? p->rows[i].item == old->item
                      : p->rows[i].kind == old->kind && rk_streq(p->rows[i].text, old->text))
            return i;
    return at;
}

void plan_rows_make(struct plan_view *p, int width)
{
    struct rk_arena *old_arena = p->rows_arena;
    struct plan_row old = {0}, *had = p->list.cursor < p->n_rows ? &old : NULL;
    struct making m = {p, rk_arena_new(), 0, width > 8 ? width : 8};

    if (had)
        old = p->rows[p->list.cursor];
    p->rows_arena = m.a;
    p->rows = NULL;
    p->n_rows = 0;
    p->rows_w = width;
    p->object_w = p->risk_w = 0;
    if (p->plan) {
        if (p->plan->n_conflicts)
            add_conflicts(&m);
        add_tasks(&m);
        add_edits(&m);
        add_left_out(&m);
        add_message(&m);
        add_gate(&m);
    }
    widget_list_set(&p->list, p->n_rows,
                    had ? same_row(p, &old, p->list.cursor) : p->list.cursor);
    rk_arena_free(old_arena);
}

void plan_rows_fit(struct plan_view *p, int room)
{
    if (!p->plan || p->fitted)
        return;
    p->fitted = true;
    for (size_t i = 0; i < p->plan->n_tasks; i++)
        p->open[i] = p->plan->tasks[i].n_fields > 0;
    plan_rows_make(p, p->rows_w);
    if (p->n_rows <= (size_t)(room > 0 ? room : 0))
        return;
    memset(p->open, 0, p->n_open * sizeof(*p->open));
    plan_rows_make(p, p->rows_w);
}

const struct wire_task *plan_task_at(const struct plan_view *p, size_t row)
{
    const struct plan_row *r = p->plan && row < p->n_rows ? &p->rows[row] : NULL;

    return r && (r->kind == PLAN_TASK || r->kind == PLAN_FIELD) ? &p->plan->tasks[r->i] : NULL;
}
