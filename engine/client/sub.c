/*
 * sub.c: subscriptions: events in, the owner's function out. A subscription outlives the line: it
 * is asked for again after every hello. A change of its window asks for the new one before the old
 * one is given up, one request at a time, so that a held key on a slow link still shows rows and
 * never queues up. Events of a number that is no longer ours, of an older epoch, or with a sequence
 * number that came already are dropped. Owns the subscriptions until client_unsubscribe.
 */
#include <stdlib.h>

#include "client/client_int.h"

static void answered(rk_str result, const struct rk_err *err, void *ctx);

static void sub_free(struct client_sub *s)
{
    free(s->method);
    free(s->params);
    free(s);
}

static void unlink_and_free(struct client_sub *s)
{
    for (struct client_sub **at = &s->c->subs; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    sub_free(s);
}

static void ask(struct client_sub *s)
{
    struct client *c = s->c;
    struct client_call *call = client_call_add(c, s->method, rk_str_c(s->params), answered, s);

    call->internal = true;
    s->asked = true;
    s->changed = false;
    client_calls_pump(c);
}

static void give_up(struct client *c, int64_t number)
{
    struct rk_buf params rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_sub p = {number};

    wire_print(&params, &wire_shape_sub, &p);
    client_call_add(c, "unsubscribe", rk_buf_view(&params), NULL, NULL)->internal = true;
    client_calls_pump(c);
}

/* The owner may unsubscribe or close the client inside: nothing is touched afterwards. */
static void tell_end(struct client_sub *s, const struct rk_err *err)
{
    s->ended = true;
    s->sub = 0;
    s->fn(WIRE_END, RK_STR_NONE, err && err->code ? err : NULL, s->ctx);
}

static int64_t number_of(rk_str result)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_sub r;

    return wire_read(a, &wire_shape_sub, result, &r, NULL) < 0 ? 0 : r.sub;
}

static void answered(rk_str result, const struct rk_err *err, void *ctx)
{
    struct client_sub *s = ctx;
    struct client *c = s->c;
    int64_t number = err ? 0 : number_of(result);
    struct rk_err bad;

    s->asked = false;
    if (s->sub && (number || s->dead || !s->changed))
        give_up(c, s->sub);
    if (s->dead) {
        if (number)
            give_up(c, number);
        unlink_and_free(s);
        return;
    }
    if (!number && s->changed) {        /* refused, but nobody wants that window any more */
        ask(s);
        return;
    }
    if (!number) {
        rk_fail(&bad, RK_INTERNAL, "%s: the engine's answer names no subscription", s->method);
        tell_end(s, err ? err : &bad);
        return;
    }
    s->sub = number;
    s->epoch = -1;
    if (s->changed)
        ask(s);
}

void client_subs_ask(struct client *c)
{
    for (struct client_sub *s = c->subs; s; s = s->next)
        if (!s->ended && !s->asked)
            ask(s);
}

/* Only dead ones are freed here: their answer will not come. */
void client_subs_broken(struct client *c)
{
    struct client_sub **at = &c->subs;

    while (*at) {
        struct client_sub *s = *at;
        s->sub = 0;
        s->asked = s->changed = false;
        if (s->dead) {
            *at = s->next;
            sub_free(s);
        } else {
            at = &s->next;
        }
    }
}

static bool is_stale(struct client_sub *s, const struct wire_line *l)
{
    if (s->epoch < 0 || l->epoch > s->epoch)
        return false;
    if (l->epoch < s->epoch)
        return true;
    return l->event != WIRE_RESET && l->seq <= s->seq;
}

void client_subs_event(struct client *c, const struct wire_line *l)
{
    struct client_sub *s = c->subs;

    while (s && (s->dead || s->sub != l->sub))
        s = s->next;
    if (!s || !l->sub || is_stale(s, l))
        return;
    s->epoch = l->epoch;
    s->seq = l->seq;
    if (l->event == WIRE_END) {
        if (s->asked)           /* its successor is on the way */
            s->sub = 0;
        else
            tell_end(s, &l->error);
        return;
    }
    s->fn(l->event, l->body, NULL, s->ctx);
}

void client_subs_fail(struct client *c)
{
    struct rk_err why = c->why;
    struct client_sub *s = c->subs;

    while (s) {
        if (s->ended || s->dead) {
            s = s->next;
            continue;
        }
        tell_end(s, &why);
        if (c->closed)
            return;
        s = c->subs;            /* the list may have changed under us */
    }
}

void client_subs_free(struct client *c)
{
    while (c->subs) {
        struct client_sub *s = c->subs;
        c->subs = s->next;
        sub_free(s);
    }
}

struct client_sub *client_subscribe(struct client *c, const char *method, rk_str params,
                                    client_event_fn fn, void *ctx)
{
    struct client_sub *s = rk_alloc(sizeof(*s));

    rk_assert(!c->closed);
    s->c = c;
    s->method = rk_strdup(method);
    s->params = rk_str_dup(params);
    s->fn = fn;
    s->ctx = ctx;
    s->epoch = -1;
    s->next = c->subs;
    c->subs = s;
    if (c->state == CLIENT_READY)
        ask(s);
    else if (c->state == CLIENT_FAILED)
        client_kick(c);
    return s;
}

void client_sub_change(struct client_sub *s, rk_str params)
{
    free(s->params);
    s->params = rk_str_dup(params);
    s->ended = false;
    if (s->asked)
        s->changed = true;
    else if (s->c->state == CLIENT_READY)
        ask(s);
    else if (s->c->state == CLIENT_FAILED)
        client_kick(s->c);
}

void client_unsubscribe(struct client_sub *s)
{
    if (!s)
        return;
    if (s->asked) {
        s->dead = true;
        return;
    }
    if (s->sub)
        give_up(s->c, s->sub);
    unlink_and_free(s);
}
