/*
 * frame.c: the picture around the views: the first line says where am I, the last which keys work
 * now (made from the key table), the one above it the question, the message, or what the view says.
 */
#include <stdio.h>

#include "console/console_int.h"

/* ================= the first line ================= */

static const struct wire_repository *repository(const struct console *c, size_t *n)
{
    const struct wire_hello *h = c->host.hello;

    *n = c->host.status ? c->status.n_repositories : h ? h->n_repositories : 0;
    if (!*n)
        return NULL;
    return c->host.status ? c->status.repositories : h->repositories;
}

static const struct wire_cluster *clusters(const struct console *c, size_t *n)
{
    const struct wire_hello *h = c->host.hello;

    *n = c->host.status ? c->status.n_clusters : h ? h->n_clusters : 0;
    return c->host.status ? c->status.clusters : h ? h->clusters : NULL;
}

static int put_repository(const struct console *c, struct canvas line, int x)
{
    size_t n;
    const struct wire_repository *r = repository(c, &n);
    char when[24];

    if (!r)
        return x;
    x += canvas_putf(line, x, 0, TERM_BASE, "%s %s@%.7s ", r->name ? r->name : "git",
                     r->branch ? r->branch : "-", r->revision && r->revision[0] ? r->revision : "-");
    /* a time, not an age: what ages keeps an idle screen awake */
    widget_when(c->host.now(c->host.ctx), r->checked, when);
    if (r->state && !rk_streq(r->state, "ok"))
        x += canvas_putf(line, x, 0, TERM_ERROR, "%s since %s ", r->state, when);
    else if (x + (int)strlen(when) < line.w) /* whole, or not at all */
        x += canvas_putf(line, x, 0, TERM_DIM, "%s%s ", line.w >= 100 ? "checked " : "", when);
    if (r->pending)
        x += canvas_putf(line, x, 0, TERM_DRIFT, "%lld not pushed ", (long long)r->pending);
    if (n > 1)
        x += canvas_putf(line, x, 0, TERM_DIM, "+%zu ", n - 1);
    return x;
}

static void cluster_text(const struct wire_cluster *k, bool name, struct rk_buf *out)
{
    bool ok = rk_streq(k->state, "ok");

    if (name)
        rk_buf_f(out, "%s ", k->name);
    rk_buf_c(out, ok ? "ok" : k->state ? k->state : "?");
    if (ok && k->latency_ms)
        rk_buf_f(out, " %lldms", (long long)k->latency_ms);
}

/* All by name where there is room, else the worst one. */
static bool clusters_text(const struct console *c, bool wide, struct rk_buf *out)
{
    size_t n, worst = 0;
    const struct wire_cluster *v = clusters(c, &n);
    bool ok = true;

    for (size_t i = 0; i < n; i++) {
        bool bad = !rk_streq(v[i].state, "ok"), worse = !rk_streq(v[worst].state, "ok");
        ok = ok && !bad;
        if ((bad && !worse) || (bad == worse && v[i].latency_ms > v[worst].latency_ms))
            worst = i;
    }
    if (n)
        rk_buf_c(out, "api ");
    for (size_t i = 0; wide && i < n; i++) {
        rk_buf_c(out, i ? " | " : "");
        cluster_text(&v[i], n > 1, out);
    }
    if (!wide && n)
        cluster_text(&v[worst], !ok && n > 1, out);
    return ok;
}

/* Who, and whether they may write: never cut. Returns where it begins. */
static int put_who(const struct console *c, struct canvas line)
{
    struct rk_buf who rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *name = c->host.hello->identity;

    rk_buf_f(&who, "  %s  %s ", name ? name : "-", c->host.readonly ? "RO" : "RW");
    return canvas_right(line, 0, c->host.readonly ? TERM_LOCKED : TERM_BASE, rk_buf_view(&who));
}

static void put_api(const struct console *c, struct canvas line, int from, int to)
{
    struct rk_buf api rk_auto(rk_buf_release) = RK_BUF_INIT;
    bool ok = clusters_text(c, line.w >= 120, &api);
    int w = term_width(rk_buf_view(&api));

    if (to - w > from)
        canvas_put(line, to - w, 0, ok ? TERM_BASE : TERM_ERROR, rk_buf_view(&api));
}

static void draw_lost(const struct console *c, struct canvas line, int x)
{
    char clock[16];

    widget_clock(c->host.lost_at, clock);
    canvas_putf(line, x, 0, TERM_ERROR, "ENGINE %s since %s: what is shown is of then",
                c->failed ? "ENDED" : "AWAY", clock);
}

/* The right text stands over the left one's end, but not over what it begins with: whose it is. */
static void put_headline(struct canvas line, rk_str left, rk_str right)
{
    int w = term_width(left), most = line.w * 2 / 5, least = w < most ? w : most;

    canvas_put(line, 0, 0, TERM_BASE, left);
    if (term_width(right) <= line.w - least)
        canvas_right(line, 0, TERM_BASE, right);
    else
        canvas_cell(line, least, 0, line.w - least, TERM_BASE, right);
}

static void draw_head(struct console *c, struct canvas line)
{
    const struct wire_hello *h = c->host.hello;
    struct view *v = console_top(c);
    int x = 1;

    x += canvas_put(line, x, 0, TERM_TITLE, RK_STR("reckon")) + 1;
    if (v->production)
        x += canvas_put(line, x, 0, TERM_ENV_PROD, RK_STR(" PRODUCTION ")) + 1;
    if (!c->host.connected && c->was_ready) {
        draw_lost(c, line, x);
        return;
    }
    if (!h) {
        canvas_put(line, x, 0, TERM_DIM, RK_STR("looking for the engine ..."));
        return;
    }
    if (v->class->headline) {
        struct rk_buf left rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct rk_buf right rk_auto(rk_buf_release) = RK_BUF_INIT;
        v->class->headline(v, &left, &right);
        put_headline(canvas_cut(line, x, 0, line.w - x, 1), rk_buf_view(&left),
                     rk_buf_view(&right));
        return;
    }
    x += canvas_putf(line, x, 0, TERM_DIM, "%s%s ", line.w >= 100 ? "engine: " : "",
                     h->engine ? h->engine : "?");
    int right = put_who(c, line);
    put_api(c, line, put_repository(c, canvas_cut(line, 0, 0, right, 1), x), right);
}

/* ================= the line above the last ================= */

static void draw_ask(struct console *c, struct canvas line)
{
    int x = canvas_put(line, 1, 0, TERM_TITLE, rk_str_c(c->ask.label)) + 1;

    widget_edit_draw(line, x, 0, line.w - x - 1, &c->ask.edit, true);
}

static void draw_status(struct console *c, struct canvas line)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct view *v = console_top(c);

    if (c->ask.on) {
        draw_ask(c, line);
    } else if (c->message[0]) {
        canvas_put(line, 1, 0, c->message_role, rk_str_c(c->message));
    } else if (!c->host.connected && c->was_ready) {
        canvas_putf(line, 1, 0, TERM_ERROR, "%s%s", c->host.why_lost,
                    c->failed ? " (R looks for one again)" : " (it is looked for)");
    } else if (v->class->status) {
        v->class->status(v, &text);
        canvas_put(line, 1, 0, TERM_STATUS, rk_buf_view(&text));
    }
}

/* ================= the last line ================= */

static bool hint_text(const struct console *c, enum view_action a, char key[24], int *w)
{
    const struct view *v = console_top(c);

    if (!console_key_of(c->settings, v->class->name, a, c->host.readonly, key))
        return false;
    *w = (int)strlen(key) + 1 + (int)strlen(view_actions[a].hint) + 2;
    return true;
}

static int put_hint(const struct console *c, struct canvas line, int x, int end,
                    enum view_action a)
{
    char key[24];
    int w;

    if (!hint_text(c, a, key, &w) || x + w - 2 > end)
        return x;
    canvas_put(line, x, 0, TERM_KEY, rk_str_c(key));
    canvas_put(line, x + (int)strlen(key) + 1, 0, TERM_BASE, rk_str_c(view_actions[a].hint));
    return x + w;
}

static void draw_hints(struct console *c, struct canvas line)
{
    static const enum view_action tail[] = {ACT_FIND, ACT_PALETTE, ACT_HELP, ACT_BACK, ACT_QUIT};
    struct view *v = console_top(c);
    const enum view_action *own = v->class->hints ? v->class->hints(v) : NULL;
    int x = 1, w, tail_w = 0;
    char key[24];

    if (c->ask.on || v->typing) {
        canvas_put(line, 1, 0, TERM_KEY, RK_STR("Enter ok   Esc cancel   ctrl-u empty"));
        return;
    }
    for (size_t i = 0; i < RK_LEN(tail); i++)
        tail_w += (tail[i] != ACT_BACK || c->depth > 1) && hint_text(c, tail[i], key, &w) ? w : 0;
    for (; own && *own != ACT_NONE; own++)
        x = put_hint(c, line, x, line.w - tail_w, *own);
    for (size_t i = 0; i < RK_LEN(tail); i++)
        if (tail[i] != ACT_BACK || c->depth > 1)
            x = put_hint(c, line, x, line.w, tail[i]);
}

/* ================= the whole ================= */

static bool is_hinted(struct view *v, enum view_action a)
{
    const enum view_action *all = v->class->hints ? v->class->hints(v) : NULL;

    while (all && *all != ACT_NONE && *all != a)
        all++;
    return all && *all == a;
}

/* What stops something can be done whatever the terminal's size; each asks before it does it. */
bool console_small_allows(const struct console *c, enum view_action a)
{
    return (a == ACT_STOP || a == ACT_ABORT || a == ACT_FREEZE) && is_hinted(console_top(c), a);
}

static int put_small_key(const struct console *c, struct canvas all, int y, enum view_action a)
{
    char key[24];
    int w;

    if (y >= all.h || !hint_text(c, a, key, &w))
        return y;
    canvas_put(all, 0, y, TERM_KEY, rk_str_c(key));
    canvas_put(all, (int)strlen(key) + 1, y, TERM_BASE, rk_str_c(view_actions[a].help));
    return y + 1;
}

static void draw_small(struct console *c, struct canvas all)
{
    static const enum view_action keys[] = {ACT_STOP, ACT_ABORT, ACT_FREEZE, ACT_QUIT};
    struct view *v = console_top(c);
    struct rk_buf left rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf right rk_auto(rk_buf_release) = RK_BUF_INIT;
    int y = 1;

    if (v->class->small) {
        v->class->small(v, all);
        return;
    }
    canvas_putf(all, 0, 0, TERM_TITLE, "reckon needs %dx%d, this is %dx%d", CONSOLE_COLS,
                CONSOLE_ROWS, all.w, all.h);
    if (v->class->headline && c->host.hello) {
        v->class->headline(v, &left, &right);
        canvas_put(all, 0, y++, TERM_BASE, rk_buf_view(&left));
    }
    for (size_t i = 0; i < RK_LEN(keys); i++)
        if (keys[i] == ACT_QUIT || console_small_allows(c, keys[i]))
            y = put_small_key(c, all, y, keys[i]);
    if (c->message[0] && y < all.h)
        canvas_put(all, 0, y, c->message_role, rk_str_c(c->message));
}

void console_draw(struct console *c)
{
    struct term_screen *s = c->dev.screen;
    struct canvas all = canvas_all(s);
    size_t base = c->depth ? c->depth - 1 : 0;

    console_pace_drawn(c);
    term_begin(s);
    if (!c->depth)
        return;
    if (all.w < CONSOLE_COLS || all.h < CONSOLE_ROWS) {
        draw_small(c, all);
        return;
    }
    while (base > 0 && c->stack[base]->modal)
        base--;
    draw_head(c, canvas_cut(all, 0, 0, all.w, 1));
    for (size_t i = base; i < c->depth; i++)
        c->stack[i]->class->draw(c->stack[i], canvas_cut(all, 0, 1, all.w, all.h - 3));
    draw_status(c, canvas_cut(all, 0, all.h - 2, all.w, 1));
    draw_hints(c, canvas_cut(all, 0, all.h - 1, all.w, 1));
}
