/*
 * help.c: the keys of the view below, made from the key table: typing searches, Enter does what the
 * entry says. What writes and is not allowed here is said so.
 */
#include <stdio.h>

#include "console/console_int.h"

struct entry { enum view_action action; char keys[48]; };
struct help {
    struct view v;
    struct console *console;
    const char *view;           /* whose keys */
    const char *title;
    struct entry entries[ACT_MAX];
    size_t n, shown[ACT_MAX], n_shown;
    struct widget_edit find;
    struct widget_list list;
};

static struct help *help_of(struct view *v)
{
    return (struct help *)v;
}

/* ---- entries ---- */
static void add_keys(const struct help *h, enum view_action a, char out[48])
{
    const struct console_settings *s = h->console->settings;
    size_t n = 0;
    char name[24];

    out[0] = 0;
    for (size_t i = 0; i < s->n_keys; i++) {
        const struct console_key *k = &s->keys[i];
        bool here = rk_streq(k->view, "*") || rk_streq(k->view, h->view);
        if (!here || k->action != a || console_action(s, h->view, &k->key, false) != a)
            continue;
        term_key_name(&k->key, name);
        int w = snprintf(out + n, 48 - n, "%s%s", n ? " " : "", name);
        n += w > 0 && (size_t)w < 48 - n ? (size_t)w : 0;
    }
}

static void fill(struct help *h)
{
    for (int g = 0; g < VIEW_GROUP_MAX; g++)
        for (int a = ACT_NONE + 1; a < ACT_MAX; a++) {
            struct entry *e = &h->entries[h->n];
            if (view_actions[a].group != (enum view_group)g)
                continue;
            e->action = (enum view_action)a;
            add_keys(h, e->action, e->keys);
            h->n += e->keys[0] != 0;
        }
}

static void search(struct help *h)
{
    rk_str text = rk_buf_view(&h->find.text);

    h->n_shown = 0;
    for (size_t i = 0; i < h->n; i++) {
        const struct view_action_row *r = &view_actions[h->entries[i].action];
        if (!text.n || widget_found(rk_str_c(r->name), text) ||
            widget_found(rk_str_c(r->help), text) ||
            rk_str_eq(text, rk_str_c(h->entries[i].keys)))
            h->shown[h->n_shown++] = i;
    }
    widget_list_set(&h->list, h->n_shown, 0);
}

/* ---- keys ---- */
static void run_entry(struct help *h)
{
    struct console *c = h->console;
    enum view_action a;

    if (!h->n_shown)
        return;
    a = h->entries[h->shown[h->list.cursor]].action;
    if (view_actions[a].writes && c->host.readonly) {
        view_say(&h->v, TERM_ERROR, "%s changes something: not in read-only", view_actions[a].name);
        return;
    }
    console_back(c);
    console_do(c, a);
}

static bool help_act(struct view *v, enum view_action a)
{
    (void)v;
    return a != ACT_BACK && a != ACT_CANCEL;    /* all but leaving is typed */
}

static bool help_key(struct view *v, const struct term_key *k)
{
    struct help *h = help_of(v);
    bool empty = h->find.text.n == 0;

    if (k->code == TERM_KEY_ENTER)
        run_entry(h);
    else if (k->code == TERM_KEY_DOWN)
        widget_list_move(&h->list, WIDGET_DOWN);
    else if (k->code == TERM_KEY_UP)
        widget_list_move(&h->list, WIDGET_UP);
    else if (k->code == TERM_KEY_PAGE_DOWN)
        widget_list_move(&h->list, WIDGET_PAGE_DOWN);
    else if (k->code == TERM_KEY_PAGE_UP)
        widget_list_move(&h->list, WIDGET_PAGE_UP);
    else if (empty && k->code == TERM_KEY_CHAR && !k->mods && (k->ch == 'q' || k->ch == '?'))
        console_back(h->console);
    else if (widget_edit_key(&h->find, k) == WIDGET_CHANGED)
        search(h);
    return true;
}

/* ---- drawing ---- */
static const char *const group_names[VIEW_GROUP_MAX] = {
    "MOVE", "ACT (previews first)", "LOOK", "FIND, MARK, COPY", "CONSOLE"};

static void draw_entry(const struct help *h, struct canvas c, int y, size_t at)
{
    const struct entry *e = &h->entries[h->shown[at]];
    const struct view_action_row *r = &view_actions[e->action];
    bool denied = r->writes && h->console->host.readonly;
    bool first = at == 0 || view_actions[h->entries[h->shown[at - 1]].action].group != r->group;
    int keys = c.w >= 90 ? 16 : 12, group = c.w >= 76 ? 22 : 0;

    if (first && group)
        canvas_cell(c, 1, y, group - 1, TERM_TITLE, rk_str_c(group_names[r->group]));
    canvas_cell(c, 1 + group, y, keys, denied ? TERM_DIM : TERM_KEY, rk_str_c(e->keys));
    canvas_cell(c, 2 + group + keys, y, 18, denied ? TERM_DIM : TERM_BASE, rk_str_c(r->name));
    canvas_putf(c, 21 + group + keys, y, denied || !r->writes ? TERM_DIM : TERM_DRIFT, "%s%s",
                r->help, denied ? "  (not in read-only)" : "");
    if (at == h->list.cursor) {
        canvas_put(c, 0, y, TERM_CURSOR, RK_STR(">"));
        canvas_tint(c, y, TERM_CURSOR);
    }
}

static void draw_signs(struct canvas c)
{
    static const char *const lines[] = {
        "= synced, healthy   ! drift   ~ in progress   x degraded   . waiting   ? unknown",
        "< behind   > ahead   + create   ~ change   - PRUNE, missing   * secret (masked)",
        "never used, because terminals take them: ctrl-a ctrl-b ctrl-s ctrl-q",
    };
    struct canvas in = widget_box(c, "Signs", NULL, 0);

    for (int i = 0; i < (int)RK_LEN(lines) && i < in.h; i++)
        canvas_put(in, 1, i, TERM_BASE, rk_str_c(lines[i]));
}

static void help_draw(struct view *v, struct canvas c)
{
    struct help *h = help_of(v);
    int signs = c.h >= 20 ? 5 : 0;
    char foot[32], head[64];

    term_fill(c.s, c.x, c.y, c.w, c.h, TERM_BASE);
    widget_list_show(&h->list, c.h - signs - 4);
    widget_list_foot(&h->list, foot);
    (void)snprintf(head, sizeof(head), "Keys of %s", h->title);
    struct canvas in = widget_box(canvas_cut(c, 0, 0, c.w, c.h - signs), head, foot, WIDGET_FOCUS);
    canvas_put(in, 1, 0, TERM_DIM, RK_STR("search:"));
    widget_edit_draw(in, 9, 0, in.w - 10, &h->find, true);
    struct canvas rows = canvas_cut(in, 0, 2, in.w, in.h - 2);
    for (int y = 0; y < rows.h && h->list.top + (size_t)y < h->n_shown; y++)
        draw_entry(h, rows, y, h->list.top + (size_t)y);
    if (!h->n_shown)
        canvas_put(rows, 1, 0, TERM_DIM, RK_STR("no key does that"));
    if (signs)
        draw_signs(canvas_cut(c, 0, c.h - signs, c.w, signs));
}

static void help_status(struct view *v, struct rk_buf *out)
{
    const struct console_settings *s = help_of(v)->console->settings;

    if (s->troubles.n)
        rk_buf_f(out, RK_FMT_STR, RK_ARG_STR(rk_str_cut(rk_buf_view(&s->troubles), '\n', NULL)));
    else
        rk_buf_c(out, "type to search, Enter does it, q closes; keys are set in console.yaml");
}

static int help_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct help *h = help_of(v);
    const struct view *below;

    (void)t;
    (void)err;
    h->console = v->host->ctx;
    below = console_top(h->console);
    h->view = below->class->name;
    h->title = below->class->title;
    h->find.text = RK_BUF_INIT;
    v->typing = v->modal = true;
    fill(h);
    search(h);
    return 0;
}

static void help_close(struct view *v)
{
    widget_edit_release(&help_of(v)->find);
}

const struct view_class console_help = {
    .name = "help", .title = "Help", .size = sizeof(struct help), .open = help_open,
    .close = help_close, .draw = help_draw, .act = help_act, .key = help_key,
    .status = help_status,
};
