/*
 * diff_panes.c: what stands beside the diff: who wrote the current change's live value and which line
 * of git wants the other one; on a wide screen the objects that differ. Draws from the state alone.
 */
#include "view/diff_int.h"

#include "reckon/time.h"

static int64_t now_of(const struct diff_view *v)
{
    return v->view.host->now(v->view.host->ctx);
}

static const char *value_of(const struct diff_line *l, size_t n)
{
    const char *colon = n == 1 ? strstr(l->text, ": ") : NULL;
    return !n ? "absent" : n > 1 ? "several lines" : colon ? colon + 2 : l->text;
}

/* "live 5" and what follows it on the row, from its end when it is too long: a path, an age. */
static int put_side(struct canvas in, int y, const char *side, const struct diff_line *l, size_t n)
{
    int x = canvas_putf(in, 0, y, TERM_TITLE, "%s  ", side);
    struct canvas c = canvas_cut(in, x, y, in.w / 2 - x, 1);
    return x + canvas_put(c, 0, 0, TERM_BASE, rk_str_c(value_of(l, n))) + 2;
}

/* The owner of the live value in words; as much of them as w columns hold. */
static void owner_text(const struct diff_view *v, const struct wire_field *f, int w,
                       struct rk_arena *a, struct rk_buf *out)
{
    bool narrow = w < 84, least = w < 70;
    char age[16], when[32];
    widget_age(now_of(v), f->written, age);
    if (narrow)
        widget_when(now_of(v), f->written, when);
    else
        rk_time_format(f->written, when);
    if (!f->manager)
        rk_buf_c(out, "nobody wrote it: a default");
    else
        rk_buf_f(out, "last written by %s", widget_safe(a, f->manager));
    if (f->manager && f->written)
        rk_buf_f(out, " no later than %s", when);
    if (f->manager && f->written && !least)
        rk_buf_f(out, " (%s ago)", age);
}

static int put_who_live(struct canvas in, int y, const struct diff_view *v,
                        const struct diff_change *c, struct rk_arena *a)
{
    const struct wire_field *f = c->field;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    put_side(in, y++, "live", c->live, c->n_live);
    owner_text(v, f, in.w, a, &text);
    canvas_put(in, 6, y++, TERM_WHO, rk_buf_view(&text));
    if (f->manager && in.h > 4)
        canvas_putf(in, 6, y++, TERM_WHO, "operation %s  subresource %s",
                    f->operation ? widget_safe(a, f->operation) : "-",
                    f->subresource ? widget_safe(a, f->subresource) : "-");
    return y;
}

/* The value of git on one of two sides and its place; its commit below. */
static int put_said(struct canvas in, int y, const char *side, const struct diff_line *l, size_t n,
                    const char *file, int64_t line, const char *commit, const char *author,
                    struct rk_arena *a)
{
    int x = put_side(in, y, side, l, n);
    if (file) {
        rk_str place = rk_str_c(rk_arena_f(a, "%s:%lld", widget_safe(a, file), (long long)line));
        canvas_cell_end(in, x, y, in.w - x, TERM_LINE, place);
    }
    if (commit)
        canvas_putf(in, 6, y + 1, TERM_LINE, "%.7s  %s", widget_safe(a, commit),
                    widget_safe(a, author));
    return y + 2;
}

static void put_blame(struct canvas in, int y, const struct diff_view *v, struct rk_arena *a)
{
    const struct wire_blame *b = v->blame.v;
    char when[24];
    if (v->blame.why) {
        canvas_put(in, 6, y, TERM_ERROR, rk_str_c(v->blame.why));
    } else if (b) {
        widget_when(now_of(v), b->time, when);
        canvas_putf(in, 6, y, TERM_LINE, "%.7s  %s  %s  \"%s\"", widget_safe(a, b->commit),
                    widget_safe(a, b->author), when, widget_safe(a, b->subject));
    } else {
        canvas_put(in, 6, y, TERM_DIM, RK_STR("reading who wrote the line ..."));
    }
}

static void put_who_git(struct canvas in, int y, const struct diff_view *v,
                        const struct diff_change *c, bool blamed, struct rk_arena *a)
{
    const struct wire_field *f = c->field;
    const char *author = f->author ? rk_arena_f(a, "%s  (b tells more)", f->author) : NULL;
    put_said(in, y, v->revisions ? "to  " : "git ", c->git, c->n_git, f->file, f->line,
             blamed ? NULL : f->commit, author, a);
    if (blamed)
        put_blame(in, y + 1, v, a);
}

void diff_draw_who(struct diff_view *v, struct canvas c)
{
    size_t object, change;
    const struct diff_change *now = diff_current(v, &object, &change);
    struct rk_buf title rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (now)
        rk_buf_f(&title, "%s  %s", v->data->objects[object].name, now->label);
    struct canvas in = widget_box(c, now ? title.p : "no change", NULL, 0);
    if (!now)
        return;
    if (!now->field) {
        canvas_put(in, 0, 0, TERM_DIM, v->revisions ? RK_STR("one of the two has no such object")
                                                  : RK_STR("the whole object differs: a sync decides"));
        return;
    }
    bool blamed = v->blame.asked && v->blame.object == object && v->blame.change == change;
    struct rk_arena *a = rk_arena_new();
    const struct wire_field *f = now->field;
    int y = !v->revisions ? put_who_live(in, 0, v, now, a)
                          : put_said(in, 0, "from", now->live, now->n_live, f->from_file,
                                     f->from_line, f->from_commit, f->from_author, a);
    put_who_git(in, y, v, now, blamed, a);
    rk_arena_free(a);
}

void diff_draw_objects(struct diff_view *v, struct canvas c)
{
    struct rk_buf title rk_auto(rk_buf_release) = RK_BUF_INIT;
    size_t here = v->list.cursor < v->rows.n ? v->rows.v[v->list.cursor].object : 0;
    rk_buf_f(&title, "Objects that differ  %zu", v->data->n);
    struct canvas in = widget_box(c, title.p, NULL, 0);
    size_t top = in.h > 0 && here >= (size_t)in.h ? here - (size_t)in.h + 1 : 0;
    for (int y = 0; y < in.h && top + (size_t)y < v->data->n; y++) {
        const struct diff_object *o = &v->data->objects[top + (size_t)y];
        struct widget_sign s = widget_action(o->wire->action);
        canvas_putf(in, 0, y, s.role, "%s", s.sign);
        canvas_cell(in, 2, y, in.w - 8, TERM_BASE, rk_str_c(o->name));
        canvas_putf(in, in.w - 5, y, TERM_DIM, "%5zu", o->n_changes);
        if (top + (size_t)y == here)
            canvas_tint(in, y, TERM_CURSOR_INACTIVE);
    }
}
