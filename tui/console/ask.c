/*
 * ask.c: one line typed by a person under a label, in place of the status line.
 */
#include <stdio.h>

#include "console/console_int.h"

/* Ends the question first: the answer may ask the next one. */
static void finish(struct console *c, const char *text)
{
    void (*done)(const char *, void *) = c->ask.done;

    c->ask.on = false;
    c->ask.done = NULL;
    c->ask.asker = NULL;
    if (done)
        done(text, c->ask.vctx);
}

void console_ask(const char *label, bool refuse_paste, void (*done)(const char *text, void *vctx),
                 void *vctx, void *ctx)
{
    struct console *c = ctx;

    if (c->ask.on)
        finish(c, NULL);
    c->ask.on = true;
    c->ask.done = done;
    c->ask.vctx = vctx;
    c->ask.asker = console_top(c);
    c->ask.edit.refuse_paste = refuse_paste;
    widget_edit_set(&c->ask.edit, "");
    (void)snprintf(c->ask.label, sizeof(c->ask.label), "%s", label);
    console_wake(c);
}

void console_ask_drop(struct console *c, const struct view *asker)
{
    if (!c->ask.on || (asker && asker != c->ask.asker))
        return;
    c->ask.done = NULL;
    finish(c, NULL);
}

static void answer(struct console *c)
{
    char *text = rk_strdup(c->ask.edit.text.p);

    finish(c, text);
    rk_free_str(&text);
}

void console_ask_key(struct console *c, const struct term_key *k)
{
    bool cancel = k->code == TERM_KEY_ESC ||
                  (k->code == TERM_KEY_CHAR && k->mods == TERM_CTRL && k->ch == 'c');

    if (cancel)
        finish(c, NULL);
    else if (k->code == TERM_KEY_ENTER)
        answer(c);
    else if (widget_edit_key(&c->ask.edit, k) == WIDGET_REFUSED)
        console_say(TERM_ERROR, "a paste is refused here: type it", c);
}
