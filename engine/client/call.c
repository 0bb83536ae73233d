/*
 * call.c: requests in, answers out, by id. A call waits in order until the line is ready and has
 * room; it is sent once: when the line breaks before its answer, it fails, since it may have been
 * done. Owns the calls until their done has been called. done is never called inside client_call.
 */
#include <stdlib.h>

#include "client/client_int.h"

static void call_free(struct client_call *call)
{
    free(call->method);
    free(call->params);
    free(call);
}

struct client_call *client_call_add(struct client *c, const char *method, rk_str params,
                                    client_done_fn done, void *ctx)
{
    struct client_call *call = rk_alloc(sizeof(*call));

    call->method = rk_strdup(method);
    call->params = rk_str_dup(params);
    call->done = done;
    call->ctx = ctx;
    *c->calls_end = call;
    c->calls_end = &call->next;
    return call;
}

static void refuse(struct client *c, struct client_call *call, size_t n)
{
    rk_fail(&call->refused, RK_LIMIT, "%s: the request has %zu bytes, a line holds %u",
            call->method, n, WIRE_LINE_MAX);
    client_kick(c);
}

bool client_call_send(struct client *c, struct client_call *call)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_request(&line, c->last_id + 1, call->method, rk_str_c(call->params));
    if (line.n > WIRE_LINE_MAX) {
        refuse(c, call, line.n);
        return true;
    }
    if (!run_line_send(c->line, rk_buf_view(&line), WIRE_QUEUE_MAX))
        return false;
    call->id = ++c->last_id;
    return true;
}

void client_calls_pump(struct client *c)
{
    for (struct client_call *call = c->calls; call; call = call->next)
        if (!call->id && !call->refused.code && !client_call_send(c, call))
            return;
}

void client_call(struct client *c, const char *method, rk_str params, client_done_fn done,
                 void *ctx)
{
    struct client_call *call;

    rk_assert(!c->closed);
    call = client_call_add(c, method, params, done, ctx);
    if (c->state == CLIENT_READY) {
        client_calls_pump(c);
    } else if (c->state == CLIENT_FAILED) {
        call->refused = c->why;
        client_kick(c);
    }
}

static void unlink_call(struct client *c, struct client_call **at)
{
    struct client_call *call = *at;

    *at = call->next;
    if (c->calls_end == &call->next)
        c->calls_end = at;
}

/* Takes the first call out that `wanted` picks; NULL when none is left. */
static struct client_call *take(struct client *c,
                                bool (*wanted)(const struct client_call *call, int64_t id),
                                int64_t id)
{
    for (struct client_call **at = &c->calls; *at; at = &(*at)->next) {
        struct client_call *call = *at;
        if (!wanted(call, id))
            continue;
        unlink_call(c, at);
        return call;
    }
    return NULL;
}

/* The client may be closed when this returns. */
static void tell(struct client_call *call, rk_str result, const struct rk_err *err)
{
    client_done_fn done = call->done;
    void *ctx = call->ctx;

    call_free(call);
    if (done)
        done(result, err, ctx);
}

static bool has_id(const struct client_call *call, int64_t id)
{
    return call->id == id;
}

void client_calls_answer(struct client *c, const struct wire_line *l)
{
    struct client_call *call = l->id > 0 ? take(c, has_id, l->id) : NULL;

    if (!call)
        return;
    if (l->what == WIRE_ERROR)
        tell(call, RK_STR_NONE, &l->error);
    else
        tell(call, l->body, NULL);
}

static bool was_sent(const struct client_call *call, int64_t up_to)
{
    return call->id > 0 && call->id <= up_to;
}

static bool is_internal(const struct client_call *call, int64_t unused)
{
    (void)unused;
    return call->internal;
}

void client_calls_forget(struct client *c)
{
    struct client_call *call;

    while ((call = take(c, is_internal, 0)))
        call_free(call);
}

void client_calls_broken(struct client *c, const struct rk_err *why)
{
    int64_t up_to = c->last_id;
    struct client_call *call;
    struct rk_err err;

    while (!c->closed && (call = take(c, was_sent, up_to))) {
        rk_fail(&err, RK_UNAVAILABLE, "%s: no answer, it may have been done or not: %s",
                call->method, why->text);
        tell(call, RK_STR_NONE, &err);
    }
}

static bool is_refused(const struct client_call *call, int64_t unused)
{
    (void)unused;
    return call->refused.code != RK_OK;
}

void client_calls_refused(struct client *c)
{
    struct client_call *call;

    while (!c->closed && (call = take(c, is_refused, 0))) {
        struct rk_err err = call->refused;
        tell(call, RK_STR_NONE, &err);
    }
}

/* Marks first: a call made inside a done comes with a later kick. */
void client_calls_fail(struct client *c)
{
    for (struct client_call *call = c->calls; call; call = call->next)
        if (!call->refused.code)
            call->refused = c->why;
    client_calls_refused(c);
}

void client_calls_free(struct client *c)
{
    while (c->calls) {
        struct client_call *call = c->calls;
        c->calls = call->next;
        call_free(call);
    }
    c->calls_end = &c->calls;
}
