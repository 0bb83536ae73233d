/*
 * call.c: requests of a view. In: a method and its params. Out: the answer as a struct of wire.h in
 * an arena that becomes the caller's; of one that comes in parts, the whole. A view that is gone
 * leaves its calls to the host: their answers are dropped.
 */
#include <stdlib.h>

#include "view/view_int.h"

struct view_call {
    struct view_call *next;
    struct view_host *host;
    struct view *view;          /* NULL: it is gone, the call is an orphan of the host's */
    const struct wire_method *method;
    view_answer_fn done;
    void *ctx;
    const struct view_rest *rest;       /* NULL: one answer is all */
    void *whole;                /* of the answers so far, in mem */
    struct rk_arena *mem;
};

static void unlink_call(struct view_call *c)
{
    struct view_call **at = c->view ? &c->view->calls : &c->host->orphans;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

static void call_free(struct view_call *c)
{
    unlink_call(c);
    rk_arena_free(c->mem);
    free(c);
}

static void *read_answer(const struct view_call *c, struct rk_arena *a, rk_str result,
                         struct rk_err *err)
{
    void *value = rk_arena_alloc(a, c->method->result->size);

    if (wire_read(a, c->method->result, result, value, err) == 0)
        return value;
    (void)rk_wrap(err, "%s", c->method->name);
    return NULL;
}

static void call_done(rk_str result, const struct rk_err *err, void *ctx);

static void take_in(struct view_call *c, const void *value)
{
    if (!c->whole) {
        c->mem = rk_arena_new();
        c->whole = rk_arena_alloc(c->mem, c->method->result->size);
    }
    wire_merge(c->mem, c->method->result, c->whole, value);
}

/* Is there more of it? Then it is asked for. */
static bool go_on(struct view_call *c, const void *value)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (c->whole)
        take_in(c, value);
    const void *params = wire_rows(c->method->result, value)
                             ? c->rest->params(c->whole ? c->whole : value, a) : NULL;
    if (!params)
        return false;
    if (!c->whole)
        take_in(c, value);
    c->method = wire_method_find(c->rest->method);
    char *text = view_params(c->method, params);
    client_call(c->host->client, c->rest->method, rk_str_c(text), call_done, c);
    free(text);
    return true;
}

static void call_done(rk_str result, const struct rk_err *err, void *ctx)
{
    struct view_call *call = ctx, c;
    struct rk_arena *a;
    struct rk_err bad = {0};
    void *value = NULL;

    if (!call->view) {
        call_free(call);
        return;
    }
    a = rk_arena_new();
    if (err)
        bad = *err;
    else
        value = read_answer(call, a, result, &bad);
    if (value && call->rest && go_on(call, value)) {
        rk_arena_free(a);
        return;
    }
    c = *call;
    call->mem = NULL;
    call_free(call);
    c.host->changed(c.host->ctx);
    if (value && c.whole) {
        rk_arena_free(a);
        c.done(c.view, c.whole, c.mem, NULL, c.ctx);
        return;
    }
    rk_arena_free(c.mem);
    c.done(c.view, value, a, value ? NULL : &bad, c.ctx);
}

void view_call_whole(struct view *v, const char *method, const void *params,
                     const struct view_rest *rest, view_answer_fn done, void *ctx)
{
    struct view_call *c = rk_alloc(sizeof(*c));
    const struct wire_method *m = wire_method_find(method);

    rk_assert(m && !m->watch);
    *c = (struct view_call){.next = v->calls, .host = v->host, .view = v, .method = m, .done = done,
                            .ctx = ctx, .rest = rest};
    v->calls = c;
    char *text = view_params(m, params);
    client_call(v->host->client, method, rk_str_c(text), call_done, c);
    free(text);
}

void view_call(struct view *v, const char *method, const void *params, view_answer_fn done,
               void *ctx)
{
    view_call_whole(v, method, params, NULL, done, ctx);
}

void view_calls_leave(struct view *v)
{
    while (v->calls) {
        struct view_call *c = v->calls;
        v->calls = c->next;
        c->view = NULL;
        c->next = v->host->orphans;
        v->host->orphans = c;
    }
}

void view_host_release(struct view_host *h)
{
    while (h->orphans)
        call_free(h->orphans);
}
