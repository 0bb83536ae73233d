/*
 * copy.c: the copy key: where there is one thing to copy it is copied, where there are more a small
 * menu asks which: a letter each, or Enter (or the copy key once more) for the row of the cursor.
 */
#include <stdlib.h>

#include "reckon/text.h"
#include "view/view_int.h"

enum { MOST = 8, WIDE = 70 };

struct copy_view {
    struct view v;
    struct rk_arena *mem;
    struct view_copy items[MOST];
    size_t n;
    struct widget_list list;
};

static struct copy_view *of(struct view *v)
{
    return (struct copy_view *)v;
}

/* What is copied is pasted into a shell one day: foreign control bytes do not come along. */
static const char *safe_lines(struct rk_arena *a, const char *text)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_text_safe(&out, rk_str_c(text), RK_TEXT_LINES);
    return rk_arena_dup(a, out.p, out.n);
}

void view_copy_menu(struct view *v, const struct view_copy *items, size_t n)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct view_copy some[MOST];
    struct view_target t = {.copies = some};

    for (size_t i = 0; i < n && t.n_copies < MOST; i++)
        if (items[i].text && items[i].text[0])
            some[t.n_copies++] = (struct view_copy){items[i].key, items[i].what,
                                                    safe_lines(a, items[i].text)};
    if (!t.n_copies)
        view_say(v, TERM_STATUS, "there is nothing to copy here");
    else if (t.n_copies == 1)
        v->host->copy(rk_str_c(some[0].text), some[0].what, v->host->ctx);
    else
        v->host->open("copy", &t, v->host->ctx);
}

const char *view_kubectl(struct rk_arena *a, const struct view_host *host, const char *object)
{
    struct view_object o = view_object_of(object);
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const struct wire_hello *h = host->hello;

    if (!o.kind.n || !o.name.n)
        return NULL;
    rk_buf_c(&out, "kubectl ");
    if (h && h->n_clusters == 1 && h->clusters[0].context && h->clusters[0].context[0])
        rk_buf_f(&out, "--context %s ", h->clusters[0].context);
    if (o.namespace.n)
        rk_buf_f(&out, "-n " RK_FMT_STR " ", RK_ARG_STR(o.namespace));
    rk_buf_f(&out, "get " RK_FMT_STR "%s" RK_FMT_STR " " RK_FMT_STR " -o yaml", RK_ARG_STR(o.kind),
             o.group.n ? "." : "", RK_ARG_STR(o.group), RK_ARG_STR(o.name));
    return widget_safe(a, rk_arena_dup(a, out.p, out.n));
}

/* ---- the menu ---- */
/* It closes first: what is said of the copy is said on the view below. */
static bool take(struct copy_view *k, size_t i)
{
    struct view_host *host = k->v.host;

    host->back(host->ctx);
    if (i < k->n)
        host->copy(rk_str_c(k->items[i].text), k->items[i].what, host->ctx);
    return true;
}

static bool copy_key(struct view *v, const struct term_key *k)
{
    struct copy_view *c = of(v);

    if (k->code == TERM_KEY_ENTER)
        return take(c, c->list.cursor);
    if (k->code == TERM_KEY_DOWN || k->code == TERM_KEY_UP)
        return widget_list_move(&c->list, k->code == TERM_KEY_DOWN ? WIDGET_DOWN : WIDGET_UP);
    for (size_t i = 0; k->code == TERM_KEY_CHAR && !k->mods && i < c->n; i++)
        if ((uint32_t)(unsigned char)c->items[i].key == k->ch)
            return take(c, i);
    if (k->code == TERM_KEY_CHAR && k->ch == 'y')
        return take(c, c->list.cursor);
    return take(c, SIZE_MAX);   /* any other key is no choice */
}

static bool copy_act(struct view *v, enum view_action act)
{
    if (act == ACT_BACK || act == ACT_CANCEL)
        v->host->back(v->host->ctx);
    return true;
}

static void copy_draw(struct view *v, struct canvas c)
{
    struct copy_view *k = of(v);
    struct canvas in = widget_dialog(c, WIDE, (int)k->n + 2, "Copy", WIDGET_FOCUS);

    widget_list_show(&k->list, in.h);
    for (int y = 0; y < in.h && k->list.top + (size_t)y < k->n; y++) {
        size_t i = k->list.top + (size_t)y;
        canvas_put(in, 0, y, TERM_KEY, i == k->list.cursor ? RK_STR(">") : RK_STR(" "));
        canvas_putf(in, 2, y, TERM_KEY, "%c", k->items[i].key);
        canvas_cell(in, 4, y, 13, TERM_BASE, rk_str_c(k->items[i].what));
        canvas_cell(in, 18, y, in.w - 18, TERM_DIM,
                    rk_str_c(widget_safe(k->mem, k->items[i].text)));
    }
}

/* ---- life ---- */
static int copy_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct copy_view *k = of(v);

    if (!t->n_copies)
        return rk_fail(err, RK_INVALID, "there is nothing to copy");
    k->mem = rk_arena_new();
    for (; k->n < t->n_copies && k->n < MOST; k->n++)
        k->items[k->n] = (struct view_copy){t->copies[k->n].key,
                                            rk_arena_strdup(k->mem, t->copies[k->n].what),
                                            rk_arena_strdup(k->mem, t->copies[k->n].text)};
    widget_list_set(&k->list, k->n, 0);
    v->modal = v->typing = true;
    return 0;
}

static void copy_close(struct view *v)
{
    rk_arena_free(of(v)->mem);
}

const struct view_class view_copies = {
    .name = "copy", .title = "Copy", .size = sizeof(struct copy_view), .open = copy_open,
    .close = copy_close, .draw = copy_draw, .act = copy_act, .key = copy_key,
};
