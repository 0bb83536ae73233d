/*
 * facts.c: lines of the pane that tells of one row: foreign texts in, lines of its width out.
 */
#include "view/facts.h"

#include <stdio.h>

#include "reckon/text.h"
#include "reckon/time.h"

enum { WIDE = 150, HIGH = 18, LOW = 8 };

static void add(struct view_facts *f, const char *label, enum term_role role, rk_str text)
{
    f->v = rk_arena_grow(f->mem, f->v, f->n, &f->cap, sizeof(*f->v));
    f->v[f->n++] = (struct view_fact){label, role, text};
}

void view_fact(struct view_facts *f, const char *label, enum term_role role, const char *text)
{
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    int w = f->w - VIEW_LABEL;
    size_t n = 0;

    if (!text || !text[0])
        return;
    rk_text_safe(&safe, rk_str_c(text), RK_TEXT_LINES);
    const char *copy = rk_arena_dup(f->mem, safe.p, safe.n);
    rk_str *lines = widget_wrap(f->mem, rk_str_c(copy), w > 8 ? w : 8, &n);
    for (size_t i = 0; i < n; i++)
        add(f, i ? "" : label, role, lines[i]);
}

void view_fact_f(struct view_facts *f, const char *label, enum term_role role, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const char *text = rk_arena_vf(f->mem, fmt, ap);
    va_end(ap);
    view_fact(f, label, role, text);
}

void view_fact_rev(struct view_facts *f, const char *from, const char *to)
{
    if (from && from[0] && to && to[0])
        view_fact_f(f, "from -> to", TERM_LINE, "%.12s -> %.12s", from, to);
    else if (to && to[0])
        view_fact_f(f, "revision", TERM_LINE, "%s", to);
}

void view_fact_sign(struct view_facts *f, const char *label, struct widget_sign s)
{
    if (s.word[0])
        view_fact_f(f, label, s.role, "%s %s", s.sign, s.word);
}

void view_fact_time(struct view_facts *f, const char *label, int64_t now, int64_t time)
{
    char exact[32], age[16];

    if (!time)
        return;
    rk_time_format(time, exact);
    widget_age(now, time, age);
    view_fact_f(f, label, TERM_BASE, "%s  %s ago", exact, age);
}

/* ---- where it stands ---- */
struct view_panes view_panes_of(struct canvas c, bool detail)
{
    const struct canvas none = {c.s, c.x, c.y, 0, 0};
    int side = c.w * 2 / 5, low = c.h / 3 > LOW ? c.h / 3 : LOW;

    if (c.w >= WIDE)
        return (struct view_panes){canvas_cut(c, 0, 0, c.w - side, c.h),
                                   canvas_cut(c, c.w - side, 0, side, c.h)};
    if (c.h >= HIGH)
        return (struct view_panes){canvas_cut(c, 0, 0, c.w, c.h - low),
                                   canvas_cut(c, 0, c.h - low, c.w, low)};
    return (struct view_panes){detail ? none : c, detail ? c : none};
}

static void scroll(size_t *line, enum widget_move m)
{
    static const int by[] = {[WIDGET_DOWN] = 1, [WIDGET_UP] = -1, [WIDGET_PAGE_DOWN] = 8,
                             [WIDGET_PAGE_UP] = -8, [WIDGET_HALF_DOWN] = 4, [WIDGET_HALF_UP] = -4};

    if (m == WIDGET_FIRST || m == WIDGET_LAST)
        *line = m == WIDGET_FIRST ? 0 : SIZE_MAX / 2;
    else if (by[m] < 0 && *line < (size_t)-by[m])
        *line = 0;
    else
        *line += (size_t)by[m];
}

bool view_side_act(struct view_side *s, enum view_action act)
{
    enum widget_move m;
    bool moves = view_moves(act, &m);

    if (act == ACT_NEXT_PANE || act == ACT_PREV_PANE || (s->focus && act == ACT_BACK)) {
        s->focus = !s->focus;
        return true;
    }
    if (s->focus && moves)
        scroll(&s->scroll, m);
    else if (moves)
        s->scroll = 0;          /* another row: from its first line */
    return s->focus && moves;
}

void view_facts_draw(const struct view_facts *f, struct canvas c, const char *title,
                     bool production, struct view_side *s)
{
    size_t seen = c.h > 2 ? (size_t)c.h - 2 : 0, most = f->n > seen ? f->n - seen : 0;
    char foot[48] = "";

    s->scroll = s->scroll < most ? s->scroll : most;
    if (most)
        (void)snprintf(foot, sizeof(foot), "%zu-%zu/%zu", s->scroll + 1, s->scroll + seen, f->n);
    struct canvas in = widget_box(c, title, foot, (s->focus ? WIDGET_FOCUS : 0u) |
                                                      (production ? WIDGET_DOUBLE : 0u));
    for (int y = 0; y < in.h && s->scroll + (size_t)y < f->n; y++) {
        const struct view_fact *line = &f->v[s->scroll + (size_t)y];
        canvas_put(in, 1, y, TERM_DIM, rk_str_c(line->label));
        canvas_put(in, VIEW_LABEL, y, line->role, line->text);
    }
}
