/*
 * diff_draw.c: the diff view's picture: rows of one column or two, the gutter that says who wrote a
 * live value and which line of git wants the other one. Draws from the state alone.
 */
#include "view/diff_int.h"

#include <stdio.h>

struct at { const struct diff_view *v; struct canvas c; int text, gutter; };

static int64_t now_of(const struct diff_view *v)
{
    return v->view.host->now(v->view.host->ctx);
}

/* ---- one line ---- */
static void put_number(const struct at *a, int y, const char *sign, enum term_role role,
                       const struct diff_line *l)
{
    canvas_put(a->c, 0, y, role, rk_str_c(sign));
    if (l && l->number)
        canvas_putf(a->c, 1, y, TERM_LINE, "%4zu", l->number);
}

static void put_text(const struct at *a, int y, int w, enum term_role role, enum term_role strong,
                     const struct diff_line *l)
{
    struct canvas c = canvas_cut(a->c, a->text, y, w - a->text, 1);
    rk_str text = rk_str_c(l->text), find = rk_str_c(a->v->find);
    if (find.n && widget_found(text, find))
        widget_put_found(c, -a->v->shift, 0, role, text, find);
    else
        widget_put_spans(c, -a->v->shift, 0, role, strong, text, l->spans, l->n_spans);
}

static void put_live_gutter(const struct at *a, int y, const struct diff_line *l,
                            const struct diff_change *c)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    int w = a->gutter, x = a->c.w - w;
    char age[16] = "";
    if (c && c->field && c->field->written)
        widget_age(now_of(a->v), c->field->written, age);
    int tail = age[0] ? (int)strlen(age) + 1 : 0;
    rk_buf_f(&line, "live %s", l->manager && l->manager[0] ? l->manager : "nobody (default)");
    int wide = term_width(rk_buf_view(&line)), room = w - tail;
    canvas_cell(a->c, x, y, wide < room ? wide : room, TERM_WHO, rk_buf_view(&line));
    canvas_put(a->c, x + (wide < room ? wide : room) + 1, y, TERM_WHO, rk_str_c(age));
}

/* "git base/mailer/deploy.yaml:14 8c1d2aa": the commit where there is room for all of the place. */
static void put_source(const struct at *a, int y, const struct diff_line *l, const char *commit)
{
    enum { WORD = 4, COMMIT = 8 };
    int x = a->c.w - a->gutter, w = a->gutter - WORD;
    if (!l->file)
        return;
    struct rk_buf place rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_f(&place, "%s:%lld", l->file, (long long)l->line);
    int wide = term_width(rk_buf_view(&place));
    canvas_put(a->c, x, y, TERM_LINE, RK_STR("git "));
    canvas_cell_end(a->c, x + WORD, y, w, TERM_LINE, rk_buf_view(&place));
    if (commit && wide + COMMIT <= w)
        canvas_putf(a->c, x + WORD + wide + 1, y, TERM_LINE, "%.7s", commit);
}

/* The commit is that of the change's own line: its first one. */
static const char *commit_of(const struct diff_change *c, const struct diff_line *l)
{
    if (!c || !c->field)
        return NULL;
    return l == c->git ? c->field->commit : l == c->live ? c->field->from_commit : NULL;
}

/* ---- rows ---- */
static const struct diff_change *change_of(const struct diff_view *v, const struct diff_row *r)
{
    return r->change == DIFF_NONE ? NULL : &v->data->objects[r->object].changes[r->change];
}

static void put_object(const struct at *a, int y, const struct diff_row *r)
{
    const struct diff_object *o = &a->v->data->objects[r->object];
    struct widget_sign s = widget_action(o->wire->action);
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    bool alone = o->not_before && !rk_streq(o->wire->action, "change");
    rk_buf_f(&line, "%s  %s", o->name, alone ? o->changes->label : s.word);
    if (o->wire->n_fields)
        rk_buf_f(&line, "  %zu field%s", o->n_changes, o->n_changes == 1 ? "" : "s");
    if (o->ignored)
        rk_buf_f(&line, "  %zu ignored by rule", o->ignored);
    if (rk_streq(o->wire->method, "local"))
        rk_buf_c(&line, "  (compared without the server)");
    canvas_put(a->c, 0, y, s.role, rk_str_c(s.sign));
    canvas_put(a->c, 2, y, TERM_TITLE, rk_buf_view(&line));
}

static void put_fold(const struct at *a, int y, const struct diff_row *r)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct diff_line first = *r->git;
    rk_buf_f(&text, "%s ...", r->git->text);
    first.text = text.p;
    put_number(a, y, " ", TERM_FOLD, r->git);
    put_text(a, y, a->c.w - a->gutter - 1, TERM_FOLD, TERM_FOLD, &first);
    canvas_putf(a->c, a->c.w - a->gutter, y, TERM_FOLD, "%zu unchanged, z opens", r->hidden);
}

/* "API_TOKEN: changed (3fa9..., 40 bytes) -> (91c0..., 40 bytes)" */
static void put_secret(const struct at *a, int y, const struct diff_row *r)
{
    const char *git = r->git ? r->git->text : "absent", *colon = r->live ? strstr(git, ": ") : NULL;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    git = colon ? colon + 2 : git;
    if (colon && strncmp(git, "changed ", 8) == 0)
        git += 8;
    rk_buf_f(&text, "%s -> %s", r->live ? r->live->text : "absent", git);
    struct diff_line line = {.text = text.p};
    put_number(a, y, "*", TERM_SECRET, r->git ? r->git : r->live);
    put_text(a, y, a->c.w - 7, TERM_SECRET, TERM_SECRET, &line);
    canvas_right(a->c, y, TERM_SECRET, RK_STR("masked"));
}

static void put_changed(const struct at *a, int y, const struct diff_row *r)
{
    const struct diff_change *c = change_of(a->v, r);
    int w = a->c.w - a->gutter - 1;
    if (c && c->secret) {
        put_secret(a, y, r);
        return;
    }
    enum term_role role = r->live ? TERM_DEL : TERM_ADD;
    put_number(a, y, r->live ? "-" : "+", role, r->live ? r->live : r->git);
    canvas_tint(canvas_cut(a->c, 0, y, w, 1), 0, role);
    if (r->live) {
        put_text(a, y, w, TERM_DEL, TERM_DEL_EMPH, r->live);
        if (a->v->revisions)
            put_source(a, y, r->live, commit_of(c, r->live));
        else
            put_live_gutter(a, y, r->live, c);
    } else {
        put_text(a, y, w, TERM_ADD, TERM_ADD_EMPH, r->git);
        put_source(a, y, r->git, commit_of(c, r->git));
    }
}

static void put_note(const struct at *a, int y, const struct diff_row *r)
{
    canvas_put(a->c, 2, y, TERM_DIM, rk_str_c(r->text));
}

static void put_row(const struct at *a, int y, const struct diff_row *r)
{
    switch (r->kind) {
    case DIFF_OBJECT: put_object(a, y, r); break;
    case DIFF_NOTE: put_note(a, y, r); break;
    case DIFF_FOLD: put_fold(a, y, r); break;
    case DIFF_CHANGED: put_changed(a, y, r); break;
    case DIFF_BLANK: break;
    case DIFF_SAME:
        put_number(a, y, " ", TERM_BASE, r->git);
        put_text(a, y, a->c.w, TERM_BASE, TERM_BASE, r->git);
        break;
    }
}

/* ---- side by side ---- */
static void put_half(const struct at *a, int y, const struct diff_row *r, bool live)
{
    const struct diff_change *c = change_of(a->v, r);
    const struct diff_line *l = live ? r->live : r->git;
    enum term_role role = live ? TERM_DEL : TERM_ADD, strong = live ? TERM_DEL_EMPH : TERM_ADD_EMPH;
    const char *sign = live ? "-" : "+";
    if (r->kind == DIFF_OBJECT) {
        put_object(a, y, r);
    } else if (r->kind == DIFF_NOTE) {
        put_note(a, y, r);
    } else if (r->kind == DIFF_FOLD) {
        put_number(a, y, " ", TERM_FOLD, live ? NULL : r->git);
        canvas_putf(a->c, a->text, y, TERM_FOLD, "... %zu unchanged, z opens", r->hidden);
    } else if (l && r->kind == DIFF_SAME) {
        put_number(a, y, " ", TERM_BASE, l);
        put_text(a, y, a->c.w, TERM_BASE, TERM_BASE, l);
    } else if (l) {
        role = c && c->secret ? TERM_SECRET : role;
        put_number(a, y, c && c->secret ? "*" : sign, role, l);
        canvas_tint(a->c, y, role);
        put_text(a, y, a->c.w, role, c && c->secret ? TERM_SECRET : strong, l);
    }
}

/* ---- panes ---- */
static void summary(const struct diff_view *v, struct rk_buf *out)
{
    for (size_t i = 0; i < v->data->n && out->n < 200; i++) {
        const struct diff_object *o = &v->data->objects[i];
        rk_buf_f(out, "%s%s %zu", i ? ", " : "", o->name, o->n_changes);
    }
}

static struct at place_of(const struct diff_view *v, struct canvas inside)
{
    int w = inside.w;
    return (struct at){v, inside, w >= 70 ? 8 : 6, w >= 110 ? 50 : w >= 70 ? w * 2 / 5 : w / 3};
}

static void draw_rows(struct diff_view *v, struct canvas c)
{
    struct rk_buf title rk_auto(rk_buf_release) = RK_BUF_INIT;
    unsigned flags = WIDGET_FOCUS | (v->view.production ? WIDGET_DOUBLE : 0u);
    char foot[32];
    summary(v, &title);
    widget_list_show(&v->list, c.h - 2);
    widget_list_foot(&v->list, foot);
    struct at a = place_of(v, widget_box(c, title.p, foot, flags));
    widget_list_place(&v->list, a.c);
    for (int y = 0; y < a.c.h && v->list.top + (size_t)y < v->rows.n; y++) {
        size_t row = v->list.top + (size_t)y;
        put_row(&a, y, &v->rows.v[row]);
        if (row == v->list.cursor)
            canvas_tint(a.c, y, TERM_CURSOR);
    }
}

static void draw_half(struct diff_view *v, struct canvas c, bool live)
{
    char foot[32], title[96];
    const struct diff_data *d = v->data;
    unsigned flags = WIDGET_FOCUS | (v->view.production ? WIDGET_DOUBLE : 0u);
    widget_list_foot(&v->list, foot);
    if (v->revisions)
        (void)snprintf(title, sizeof title, "GIT %.7s  %.60s", live ? d->from : d->revision,
                       live ? d->from_app : d->app);
    else
        (void)snprintf(title, sizeof title, live ? "LIVE" : "GIT %.7s", d->revision);
    struct at a = place_of(v, widget_box(c, title, live ? NULL : foot, flags));
    for (int y = 0; y < a.c.h && v->list.top + (size_t)y < v->rows.n; y++) {
        size_t row = v->list.top + (size_t)y;
        put_half(&a, y, &v->rows.v[row], live);
        if (row == v->list.cursor)
            canvas_tint(a.c, y, TERM_CURSOR);
    }
}

static void draw_main(struct diff_view *v, struct canvas c)
{
    if (!v->look.split) {
        draw_rows(v, c);
        return;
    }
    widget_list_show(&v->list, c.h - 2);
    widget_list_place(&v->list, canvas_cut(c, 0, 1, c.w, c.h - 2)); /* over both halves */
    draw_half(v, canvas_cut(c, 0, 0, c.w / 2, c.h), true);
    draw_half(v, canvas_cut(c, c.w / 2, 0, c.w - c.w / 2, c.h), false);
}

static void draw_empty(struct diff_view *v, struct canvas c)
{
    struct canvas in = widget_box(c, v->app, NULL, WIDGET_FOCUS);
    if (v->err.code)
        canvas_putf(in, 1, 0, TERM_ERROR, "%s", v->err.text);
    else if (v->data && v->revisions)
        canvas_putf(in, 1, 0, TERM_OK, "= nothing differs: %s at %.7s renders what %s does at %.7s",
                    v->data->app, v->data->revision, v->data->from_app, v->data->from);
    else if (!v->data)
        canvas_putf(in, 1, 0, TERM_DIM, "reading what differs in %s ...", v->app);
    else
        canvas_putf(in, 1, 0, TERM_OK, "= nothing differs: %s is %s at %.7s", v->app,
                    v->data->verdict, v->data->revision);
}

enum { WIDE = 160, SIDE = 64, WHO_ROWS = 7, WHO_LEAST = 6, HIGH = 18 };

void diff_draw(struct view *view, struct canvas c)
{
    struct diff_view *v = (struct diff_view *)view;
    if (!v->data || !v->data->n) {
        draw_empty(v, c);
        return;
    }
    if (c.w >= WIDE) { /* all three beside one another */
        draw_main(v, canvas_cut(c, 0, 0, c.w - SIDE, c.h));
        diff_draw_objects(v, canvas_cut(c, c.w - SIDE, 0, SIDE, c.h - WHO_ROWS));
        diff_draw_who(v, canvas_cut(c, c.w - SIDE, c.h - WHO_ROWS, SIDE, WHO_ROWS));
        return;
    }
    int who = !v->who ? 0 : c.h >= HIGH ? WHO_ROWS : c.h >= WHO_LEAST + 5 ? WHO_LEAST : 0;
    draw_main(v, canvas_cut(c, 0, 0, c.w, c.h - who));
    if (who)
        diff_draw_who(v, canvas_cut(c, 0, c.h - who, c.w, who));
}
