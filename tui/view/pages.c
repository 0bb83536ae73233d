/*
 * pages.c: a list of which a window is here. In: answers of one method, page by page. Out: rows by
 * number, and questions for the pages that the cursor, or what is looked for, comes to.
 */
#include "view/pages.h"

#include <stdlib.h>

static struct view_pages *of(struct view *v)
{
    return (struct view_pages *)v;
}

/* ---- pages ---- */
static size_t slot_of(const struct view_pages *p, size_t number)
{
    size_t i = 0;

    while (i < p->n_have && p->have[i].number != number)
        i++;
    return i;
}

static void drop(struct view_pages *p, size_t slot)
{
    rk_arena_free(p->have[slot].mem);
    p->have[slot] = p->have[--p->n_have];
}

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

static struct view_page *page_new(struct view_pages *p, size_t number)
{
    size_t far = 0;

    for (size_t i = 1; i < p->n_have; i++)
        if (distance(p->have[i].number, number) > distance(p->have[far].number, number))
            far = i;
    if (p->n_have == VIEW_PAGES)
        drop(p, far);
    p->have[p->n_have] = (struct view_page){.number = number};
    return &p->have[p->n_have++];
}

const void *view_pages_at(const struct view_pages *p, size_t row)
{
    size_t slot = slot_of(p, row / p->class->rows), at = row % p->class->rows;

    if (row >= p->list.n || slot == p->n_have || !p->have[slot].mem || at >= p->have[slot].w.n)
        return NULL;
    return (const char *)p->have[slot].w.rows + at * p->have[slot].w.size;
}

const void *view_pages_here(const struct view_pages *p)
{
    return view_pages_at(p, p->list.cursor);
}

/* ---- questions ---- */
static void came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                 void *ctx);

static void ask(struct view_pages *p, size_t number)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    size_t slot = slot_of(p, number);
    struct view_page *page = slot < p->n_have ? &p->have[slot] : page_new(p, number);
    int64_t rows = (int64_t)p->class->rows;
    uintptr_t ticket = number << 8 | (p->round & 0xff);

    if (page->asked == p->round)
        return;
    page->asked = p->round;
    p->waits++;
    view_call(&p->v, p->class->method,
              p->class->params(&p->v, (int64_t)number * rows, rows, a), came, (void *)ticket);
}

/* The page that is looked through; else a screen before and after the cursor. */
static void fetch(struct view_pages *p)
{
    size_t rows = p->class->rows, most = 3 * rows, at = p->list.cursor;
    size_t around = p->list.page > 0 ? (size_t)p->list.page : 1;

    if (p->looking.match && p->looking.next < p->list.n) {
        ask(p, p->looking.next / rows);
        return;
    }
    around = around < most ? around : most;
    size_t from = at > around ? at - around : 0, to = at + around;
    to = to < p->list.n ? to : p->list.n ? p->list.n - 1 : 0;
    ask(p, at / rows);
    for (size_t number = from / rows; number <= to / rows; number++)
        ask(p, number);
}

/* ---- looking for something ---- */
static void look_end(struct view_pages *p)
{
    free(p->looking.text);
    p->looking = (struct view_looking){0};
}

static void look_nothing(struct view_pages *p)
{
    view_say(&p->v, TERM_STATUS, "%s %s", p->looking.nothing,
             p->looking.direction < 0 ? "above" : "below");
    look_end(p);
    fetch(p);
}

static void look_found(struct view_pages *p)
{
    view_found_fn found = p->looking.found;
    int direction = p->looking.direction;

    p->list.cursor = p->looking.next;
    look_end(p);
    if (found)
        found(&p->v, direction);
    fetch(p);
}

/* Rows that are here at once; the page of the first one that is not is asked for. */
static void look_on(struct view_pages *p)
{
    struct view_looking *l = &p->looking;

    for (; l->match && l->next < p->list.n; l->next += l->direction < 0 ? SIZE_MAX : 1) {
        const void *row = view_pages_at(p, l->next);
        if (!row) {
            fetch(p);
            return;
        }
        if (l->match(&p->v, row, l->text)) {
            look_found(p);
            return;
        }
    }
    if (l->match)
        look_nothing(p);
}

void view_pages_look(struct view_pages *p, const struct view_looking *l, const char *text)
{
    char *copy = text ? rk_strdup(text) : NULL;

    look_end(p);
    p->looking = *l;
    p->looking.text = copy;
    p->looking.next = p->list.cursor + (l->direction < 0 ? SIZE_MAX : (size_t)l->direction);
    look_on(p);
    if (p->looking.match)
        view_say(&p->v, TERM_STATUS, "looking further ...");
}

void view_pages_find(struct view_pages *p, view_row_fn match, rk_str text, int direction)
{
    char *copy = rk_str_dup(text);

    view_pages_look(p, &(struct view_looking){.match = match, .direction = direction,
                    .nothing = "it is not found"}, copy);
    free(copy);
}

bool view_pages_move(struct view_pages *p, enum view_action act)
{
    enum widget_move m;

    if (!view_moves(act, &m))
        return false;
    look_end(p);
    (void)widget_list_move(&p->list, m);
    fetch(p);
    return true;
}

/* ---- answers ---- */
/* Other rows than before: what was read before is at another place now. New ones come first, so all
 * that is shown moves by as many. */
static void resize(struct view_pages *p, size_t total)
{
    size_t more = p->here && total > p->list.n ? total - p->list.n : 0;

    for (size_t i = p->n_have; i-- > 0;) {
        struct view_page *page = &p->have[i];
        if (page->round == p->round)
            continue;
        rk_arena_free(page->mem);
        page->mem = NULL;
        if (page->asked != p->round)
            drop(p, i);
    }
    p->list.top += more;
    widget_list_set(&p->list, total, p->list.cursor + more);
    p->known = true;
}

/* The cursor goes with its row. */
static void put_back(struct view_pages *p, const struct view_page *page)
{
    for (size_t i = 0; p->here && i < page->w.n; i++) {
        size_t row = page->number * p->class->rows + i;
        if (!rk_streq(p->class->name((const char *)page->w.rows + i * page->w.size), p->here))
            continue;
        size_t above = p->list.cursor - p->list.top;
        p->list.top = row > above ? row - above : 0;
        p->list.cursor = row;
        free(p->here);
        p->here = NULL;
    }
}

static void take(struct view_pages *p, size_t number, const void *answer, struct rk_arena *a)
{
    struct view_window w = p->class->window(answer);
    size_t total = w.total > 0 ? (size_t)w.total : 0;

    if (!p->known || total != p->list.n)
        resize(p, total);
    struct view_page *page = &p->have[slot_of(p, number)];
    rk_arena_free(page->mem);
    page->mem = a;
    page->answer = answer;
    page->w = w;
    page->round = p->round;
    put_back(p, page);
}

static void came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                 void *ctx)
{
    struct view_pages *p = of(v);
    size_t number = (uintptr_t)ctx >> 8;
    bool current = ((uintptr_t)ctx & 0xff) == (p->round & 0xff);

    if (current)
        p->waits--;
    if (!current || err || slot_of(p, number) == p->n_have) {
        rk_arena_free(a);
    } else {
        take(p, number, value, a);
        fetch(p);
    }
    if (!current)
        return;
    rk_err_clear(&p->err);
    if (err)
        p->err = *err;
    if (err)
        look_end(p);
    look_on(p);
    if (p->class->came)
        p->class->came(v);
    if (p->waits)
        return;
    free(p->here);
    p->here = NULL;
    view_again_done(&p->again);
}

/* ---- reading ---- */
static void read_all(struct view *v)
{
    struct view_pages *p = of(v);
    const void *row = view_pages_here(p);
    const char *name = row ? p->class->name(row) : NULL;

    free(p->here);
    p->here = name ? rk_strdup(name) : NULL;
    p->round++;
    p->waits = 0;
    fetch(p);
}

void view_pages_open(struct view_pages *p, const struct view_pages_class *c)
{
    p->class = c;
    p->again = (struct view_again){.view = &p->v, .read = read_all};
    view_again_now(&p->again);
}

static void forget(struct view_pages *p)
{
    look_end(p);
    while (p->n_have)
        drop(p, p->n_have - 1);
    free(p->here);
    p->here = NULL;
}

void view_pages_reset(struct view_pages *p)
{
    forget(p);
    p->known = false;
    p->list.top = 0;
    widget_list_set(&p->list, 0, 0);
    view_again_now(&p->again);
}

void view_pages_close(struct view_pages *p)
{
    view_again_end(&p->again);
    forget(p);
}

/* ---- drawing ---- */
struct canvas view_pages_box(struct view_pages *p, struct canvas c, const char *title, bool focus,
                             int above)
{
    char foot[32];

    widget_list_show(&p->list, c.h - 2 - above);
    widget_list_foot(&p->list, foot);
    return widget_box(c, title, foot, (focus ? WIDGET_FOCUS : 0u) |
                                          (p->v.production ? WIDGET_DOUBLE : 0u));
}

static void draw_none(const struct view_pages *p, struct canvas c, const char *empty)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const char *text = p->err.code ? widget_safe(a, p->err.text)
                                   : p->known ? empty : "~ the engine is asked";
    enum term_role role = p->err.code ? TERM_ERROR : p->known ? TERM_DIM : TERM_PROGRESS;
    size_t n = 0;
    rk_str *lines = widget_wrap(a, rk_str_c(text), c.w - 2, &n);

    for (size_t i = 0; i < n && (int)i < c.h; i++)
        canvas_put(c, 1, (int)i, role, lines[i]);
}

void view_pages_draw(struct view_pages *p, struct canvas c, bool focus, const char *empty,
                     view_row_draw_fn row, const void *ctx)
{
    struct canvas in = canvas_cut(c, 1, 0, c.w - 1, c.h);

    widget_list_place(&p->list, c);
    for (int y = 0; y < c.h && p->list.top + (size_t)y < p->list.n; y++) {
        size_t i = p->list.top + (size_t)y;
        const void *data = view_pages_at(p, i);
        if (data)
            row(p, in, y, data, ctx);
        else
            canvas_put(in, 1, y, TERM_DIM, RK_STR("..."));
        if (i != p->list.cursor)
            continue;
        canvas_put(c, 0, y, TERM_CURSOR, RK_STR(">"));
        canvas_tint(c, y, focus ? TERM_CURSOR : TERM_CURSOR_INACTIVE);
    }
    if (!p->list.n)
        draw_none(p, c, empty);
}
