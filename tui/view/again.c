/*
 * again.c: when a view reads once more. In: "something changed", "all of it came". Out: calls of
 * read, never two at a time and with a rest between them.
 */
#include "view/again.h"

#include <stdlib.h>

enum { REST_MS = 1000 };

void view_again_now(struct view_again *a)
{
    a->busy = true;
    a->wanted = false;
    a->read(a->view);
}

static void rested(void *ctx)
{
    struct view_again *a = ctx;
    run_timer_stop(a->rest);
    a->rest = NULL;
    if (a->wanted && !a->busy)
        view_again_now(a);
}

void view_again_ask(struct view_again *a)
{
    if (a->busy || a->rest)
        a->wanted = true;
    else
        view_again_now(a);
}

void view_again_seen(struct view_again *a, char *state)
{
    bool changed = a->seen && !rk_streq(a->seen, state);
    free(a->seen);
    a->seen = state;
    if (changed)
        view_again_ask(a);
}

void view_again_done(struct view_again *a)
{
    a->busy = false;
    if (!a->rest)
        a->rest = run_timer_start(a->view->host->loop, REST_MS, 0, rested, a);
}

void view_again_end(struct view_again *a)
{
    run_timer_stop(a->rest);
    free(a->seen);
}
