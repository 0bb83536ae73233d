/*
 * pace.c: when a change is worth a picture. In: changes, keys, what the views wait for. Out: yes,
 * or the device is woken again in time.
 *
 * An engine on this machine answers a key's question within a millisecond or two. The picture waits
 * for that, WAIT_MS at most: one frame with the new row's detail instead of one that empties the
 * pane for "reading ..." and another that fills it (measured at 80x24: 1,320 bytes for a move).
 * News that nobody asked for comes in ten pictures a second, however many lines the engine sends.
 */
#include "console/console_int.h"

enum { WAIT_MS = 20, NEWS_MS = 100, ASKED_MS = 1000 };

static void try_again(void *ctx)
{
    struct console *c = ctx;

    c->pace.armed = false;
    c->dev.wake(c->dev.ctx);
}

void console_pace_open(struct console *c)
{
    c->pace.wait_ms = WAIT_MS;
    c->pace.news_ms = NEWS_MS;
    c->pace.key = run_loop_now(c->loop);        /* what comes first was asked for by the start */
}

void console_pace_close(struct console *c)
{
    run_timer_stop(c->pace.timer);
}

void console_wake(struct console *c)
{
    if (!c->pace.dirty)
        c->pace.since = run_loop_now(c->loop);
    c->pace.dirty = true;
    c->dev.wake(c->dev.ctx);
}

void console_pace_key(struct console *c)
{
    c->pace.key = run_loop_now(c->loop);
}

void console_pace_drawn(struct console *c)
{
    c->pace.dirty = false;
    c->pace.drawn = run_loop_now(c->loop);
}

/* Time until the picture is due; 0: now. */
static uint64_t rest(const struct console *c)
{
    const struct console_pace *p = &c->pace;
    const struct view *v = console_top(c);
    uint64_t now = run_loop_now(c->loop), due = 0;

    if ((v && view_waits(v)) || c->status_asked) /* the header's revision comes with the rows */
        due = p->since + p->wait_ms;
    if (p->drawn && now > p->key + ASKED_MS && p->drawn + p->news_ms > due)
        due = p->drawn + p->news_ms;
    return due > now ? due - now : 0;
}

bool console_due(struct console *c)
{
    uint64_t ms = c->pace.dirty ? rest(c) : 0;

    if (!ms || c->pace.armed)
        return !ms;
    c->pace.armed = true;
    if (c->pace.timer)
        run_timer_again(c->pace.timer, ms);
    else
        c->pace.timer = run_timer_start(c->loop, ms, 0, try_again, c);
    return false;
}
