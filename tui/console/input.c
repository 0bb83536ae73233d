/*
 * input.c: a key becomes an action: of the question that stands open, of the view on top, or of the
 * console itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/console_int.h"

/* ---- find ---- */
static void find_now(struct console *c, int direction)
{
    struct view *v = console_top(c);

    if (!v->class->find)
        console_say(TERM_STATUS, "there is nothing to find here", c);
    else if (!c->find)
        console_say(TERM_STATUS, "nothing was looked for yet", c);
    else if (!v->class->find(v, rk_str_c(c->find), direction))
        console_say(TERM_STATUS, "not found", c);
}

static void find_typed(const char *text, void *ctx)
{
    struct console *c = ctx;

    if (!text || !text[0])
        return;
    free(c->find);
    c->find = rk_strdup(text);
    find_now(c, 0);
}

/* ---- theme ---- */
static void next_theme(struct console *c)
{
    struct term_theme theme;
    struct rk_err err = {0};
    char **names, text[64];
    size_t n = console_themes(&names), at = 0;

    for (size_t i = 0; i < n; i++)
        if (rk_streq(names[i], c->theme))
            at = i + 1;
    at = at < n ? at : 0;
    if (!n) {
        console_say(TERM_STATUS, "no themes are installed", c);
    } else if (console_theme_load(names[at], &theme, &err)) {
        console_say(TERM_ERROR, err.text, c);
    } else {
        term_screen_theme(c->dev.screen, &theme);
        (void)snprintf(text, sizeof(text), "theme %s", names[at]);
        console_say(TERM_STATUS, text, c);
    }
    if (n) {
        free(c->theme);
        c->theme = rk_strdup(names[at]);
    }
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* ---- the console's own actions ---- */

/* These reach the console whatever is open. */
static bool always(struct console *c, enum view_action a)
{
    if (a == ACT_QUIT)
        c->dev.quit(0, NULL, c->dev.ctx);
    else if (a == ACT_REDRAW)
        term_screen_forget(c->dev.screen);
    else if (a == ACT_SUSPEND)
        c->dev.suspend(c->dev.ctx);
    else if (a == ACT_THEME)
        next_theme(c);
    else
        return false;
    return true;
}

static const char *view_of(enum view_action a)
{
    switch ((int)a) {
    case ACT_VIEW_APPLICATIONS: return "applications";
    case ACT_VIEW_MATRIX: return "matrix";
    case ACT_VIEW_HISTORY: return "audit";  /* of one application: L on its row */
    case ACT_VIEW_OPERATIONS: return "operations";
    case ACT_VIEW_LOG: return "log";
    default: return NULL;
    }
}

static void not_here(struct console *c, enum view_action a)
{
    const struct view_action_row *r = &view_actions[a];
    char text[96];

    (void)snprintf(text, sizeof(text), "%s: nothing to %s here", r->name, r->hint);
    console_say(TERM_STATUS, text, c);
}

static void own(struct console *c, enum view_action a)
{
    if (view_of(a))
        console_open_named(view_of(a), NULL, c);
    else if (a == ACT_HELP)
        console_open(c, &console_help, NULL);
    else if (a == ACT_PALETTE)
        console_open(c, &console_palette, NULL);
    else if (a == ACT_REFRESH)
        console_refresh(c);
    else if (a == ACT_FIND)
        console_ask("find: ", false, find_typed, c, c);
    else if (a == ACT_FIND_NEXT || a == ACT_FIND_PREV)
        find_now(c, a == ACT_FIND_NEXT ? 1 : -1);
    else if (a == ACT_BACK && c->depth > 1)
        console_back(c);
    else if (a == ACT_BACK)
        console_say(TERM_STATUS, "this is the first view; Q leaves the console", c);
    else if (a != ACT_CANCEL)
        not_here(c, a);
}

void console_do(struct console *c, enum view_action a)
{
    struct view *v = console_top(c);

    if (always(c, a) || (v && v->class->act(v, a)))
        return;
    own(c, a);
}

/* ---- keys ---- */
static bool is_ctrl_c(const struct term_key *k)
{
    return k->code == TERM_KEY_CHAR && k->mods == TERM_CTRL && k->ch == 'c';
}

/* Chords that reach the console while something is typed: no letter is meant by them. */
static bool while_typing(struct console *c, enum view_action a, const struct term_key *k)
{
    return k->mods & TERM_CTRL && (a == ACT_SUSPEND || a == ACT_REDRAW) && always(c, a);
}

static void unknown_key(struct console *c, const struct term_key *k)
{
    char name[24], text[96];

    if (k->code == TERM_KEY_PASTE) {
        console_say(TERM_STATUS, "a paste is no command: nothing was done", c);
        return;
    }
    if (k->code == TERM_KEY_OTHER)
        return;
    term_key_name(k, name);
    (void)snprintf(text, sizeof(text), "%s does nothing here%s; ? lists the keys", name,
                   c->host.readonly ? " (read-only)" : "");
    console_say(TERM_STATUS, text, c);
}

static bool too_small(const struct console *c)
{
    return term_cols(c->dev.screen) < CONSOLE_COLS || term_rows(c->dev.screen) < CONSOLE_ROWS;
}

/* Nobody confirms what cannot be seen: leaving and drawing work, and asking to stop something. */
static void key_too_small(struct console *c, enum view_action a)
{
    struct view *v = console_top(c);

    if (console_small_allows(c, a))
        (void)v->class->act(v, a);
    else
        (void)always(c, a == ACT_BACK || a == ACT_CANCEL ? ACT_QUIT : a);
}

/* ---- the mouse ---- */
static bool is_mouse(const struct term_key *k)
{
    return k->code == TERM_KEY_CLICK || k->code == TERM_KEY_WHEEL_UP ||
           k->code == TERM_KEY_WHEEL_DOWN;
}

/* A row is chosen; what the cursor is on already is folded. Never more: a click cannot arm, apply,
 * or open what asks for it. */
static void click(struct view *v, const struct term_key *k)
{
    struct widget_list *l = v->class->list ? v->class->list(v) : NULL;
    size_t row;

    if (!l || !widget_list_hit(l, k->x, k->y, &row))
        return;
    if (row == l->cursor)
        (void)v->class->act(v, ACT_FOLD);
    else if (v->class->chosen)
        v->class->chosen(v, row);
    else
        l->cursor = row;
}

static void mouse(struct console *c, const struct term_key *k)
{
    enum { STEP = 3 };
    struct view *v = console_top(c);

    if (c->ask.on || v->typing || too_small(c) ||
        v->class->act(v, ACT_NONE)) /* a countdown that any key stops, a dialog */
        return;
    for (int i = 0; k->code != TERM_KEY_CLICK && i < STEP; i++)
        (void)v->class->act(v, k->code == TERM_KEY_WHEEL_UP ? ACT_UP : ACT_DOWN);
    if (k->code == TERM_KEY_CLICK)
        click(v, k);
}

void console_key(struct console *c, const struct term_key *k)
{
    struct view *v = console_top(c);
    enum view_action a;

    if (c->dropping || k->code == TERM_KEY_NONE || k->code == TERM_KEY_ANSWER || !v)
        return;
    c->message[0] = 0;
    console_pace_key(c);
    console_status_look(c);
    console_wake(c);
    if (is_mouse(k)) {
        mouse(c, k);
        return;
    }
    a = console_action(c->settings, v->class->name, k, c->host.readonly);
    if (too_small(c) && !v->class->small) {
        key_too_small(c, a);
        return;
    }
    if (c->ask.on) {
        console_ask_key(c, k);
        (void)while_typing(c, a, k);
        return;
    }
    if (v->typing && v->class->key && k->code != TERM_KEY_ESC && !is_ctrl_c(k)) {
        (void)v->class->key(v, k);      /* first: any key stops a countdown */
        (void)while_typing(c, a, k);
        return;
    }
    if (is_ctrl_c(k) && v->typing)
        a = ACT_CANCEL;
    if (a == ACT_NONE)
        unknown_key(c, k);
    else
        console_do(c, a);
}
