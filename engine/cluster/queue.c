/*
 * queue.c: short requests: a bounded number at once, in order, each retried by the table of
 * retry.c, a 401 answered once by a fresh credential. In: calls. Out: finish, exactly once, never
 * inside call_submit; none after cluster_close or cluster_cancel. It owns the calls; bodies are
 * wiped, for they may hold a Secret. Log streams pass through here too but do not count.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

#include "base/hash.h"
#include "reckon/time.h"

struct cluster_call *call_new(struct cluster *c, const char *method, call_finish_fn finish,
                              void *ctx)
{
    struct cluster_call *k = rk_alloc(sizeof(*k));

    k->c = c;
    k->method = method;
    k->path = RK_BUF_INIT;
    k->body = RK_BUF_INIT;
    k->accept = "Accept: application/json";
    k->finish = finish;
    k->ctx = ctx;
    k->timeout_ms = c->request_ms;
    k->next = c->queue.all;
    if (k->next)
        k->next->prev = k;
    c->queue.all = k;
    return k;
}

static void unlink_call(struct cluster_call *k)
{
    if (k->prev)
        k->prev->next = k->next;
    else
        k->c->queue.all = k->next;
    if (k->next)
        k->next->prev = k->prev;
}

static void unqueue(struct cluster_call *k)
{
    struct queue *q = &k->c->queue;
    struct cluster_call **at = &q->first, *before = NULL;

    if (!k->waiting)
        return;
    while (*at != k) {
        before = *at;
        at = &before->later;
    }
    *at = k->later;
    if (q->last == k)
        q->last = before;
    k->later = NULL;
    k->waiting = false;
}

static void enqueue(struct cluster_call *k, bool front)
{
    struct queue *q = &k->c->queue;

    k->waiting = true;
    k->later = front ? q->first : NULL;
    if (front || !q->first)
        q->first = k;
    else
        q->last->later = k;
    if (!k->later)
        q->last = k;
}

static void end_request(struct cluster_call *k)
{
    k->request = NULL;
    if (k->counted)
        k->c->queue.running--;
    k->counted = false;
}

static void call_free(struct cluster_call *k)
{
    unqueue(k);
    if (k->request) {
        net_cancel(k->request);
        end_request(k);
    }
    run_timer_stop(k->timer);
    rk_wipe(k->body.p, k->body.n);
    rk_buf_release(&k->body);
    rk_buf_release(&k->path);
    free(k->what);
    free(k->object);
    free(k->failed);
    free(k);
}

/* The call leaves the list first: what finish calls may close the cluster. */
static void finish_call(struct cluster_call *k, struct call_result *r, struct rk_err *err)
{
    if (r->err) {
        if (k->object)
            rk_err_object(err, k->object);
        if (k->what)
            rk_wrap(err, "%s", k->what);
    }
    unlink_call(k);
    k->finish(k, r);
    call_free(k);
}

static void fail_now(void *ctx)
{
    struct cluster_call *k = ctx;
    struct cluster *c = k->c;
    struct call_result r = {.err = k->failed, .arena = rk_arena_new()};

    cluster_enter(c);
    finish_call(k, &r, k->failed);
    rk_arena_free(r.arena);
    cluster_leave(c);
}

static void fail_soon(struct cluster_call *k, const struct rk_err *err)
{
    k->failed = rk_alloc(sizeof(*k->failed));
    *k->failed = *err;
    run_timer_stop(k->timer);
    k->timer = run_timer_start(k->c->loop, 1, 0, fail_now, k);
}

/* ---- the answer ---- */

static void try_again(void *ctx)
{
    struct cluster_call *k = ctx;
    struct cluster *c = k->c;

    cluster_enter(c);
    run_timer_stop(k->timer);
    k->timer = NULL;
    enqueue(k, true);
    queue_pump(c);
    cluster_leave(c);
}

static bool retries(struct cluster_call *k, const struct call_result *r, const struct rk_err *err,
                    int64_t header_ms)
{
    const struct retry_case rc = {.status = r->status, .transport = err, .header_ms = header_ms,
                                  .tries = k->tries};
    int64_t ms;

    if (k->once || k->opened)
        return false;
    if (r->status && r->status->code == 401 && !k->reauthed &&
        auth_refresh(k->c, k->begun_ms)) {
        k->reauthed = true;
        enqueue(k, true);
        return true;
    }
    ms = retry_after(&rc, &k->c->random);
    if (ms < 0)
        return false;
    k->timer = run_timer_start(k->c->loop, (uint64_t)ms, 0, try_again, k);
    return true;
}

static void judge(struct cluster_call *k, const struct net_response *r, const struct rk_err *err,
                  struct rk_arena *a)
{
    struct cluster *c = k->c;
    struct call_result res = {.arena = a};
    struct status status;
    struct rk_err why;

    if (err) {
        why = *err;
        res.err = &why;
        cluster_trouble(c, err);
    } else {
        res.response = r;
        cluster_heard(c, r->status, k->stream ? 0 : r->elapsed_us);
        if (r->status < 200 || r->status > 299) {
            status_read(a, r->status, r->content_type, r->body, &status);
            status_fail(&why, &status, k->secret);
            res.status = &status;
            res.err = &why;
        }
    }
    if (res.err && retries(k, &res, &why, r ? r->retry_after_ms : -1))
        return;
    if (res.status && res.status->code == 401)
        cluster_denied(c, &why);
    finish_call(k, &res, &why);
}

static void answered(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct cluster_call *k = ctx;
    struct cluster *c = k->c;
    struct rk_arena *a = rk_arena_new();

    cluster_enter(c);
    end_request(k);
    judge(k, err ? NULL : r, err, a);
    rk_arena_free(a);
    if (!c->dead)
        queue_pump(c);
    cluster_leave(c);
}

static int stream_bytes(rk_str bytes, void *ctx, struct rk_err *err)
{
    struct cluster_call *k = ctx;
    struct cluster *c = k->c;

    cluster_enter(c);
    k->opened = true;
    k->bytes(bytes, k->ctx); /* may cancel k */
    return cluster_leave(c) ? 0 : rk_fail(err, RK_CANCELLED, "the cluster was closed");
}

static void begin(struct cluster_call *k)
{
    struct cluster *c = k->c;
    const char *headers[80];
    struct net_request_opts opts = {
        .method = k->method,
        .path = k->path.p,
        .headers = headers,
        .body = rk_buf_view(&k->body),
        .timeout_ms = k->stream ? 0 : k->timeout_ms,
        .on_bytes = k->stream ? stream_bytes : NULL,
    };

    cluster_headers(c, k->accept, k->content_type, headers, RK_LEN(headers));
    k->tries++;
    k->begun_ms = rk_mono_ms();
    if (!k->begun_us)
        k->begun_us = rk_mono_us();
    k->counted = !k->stream;
    if (k->counted)
        c->queue.running++;
    k->request = net_request(c->net, &opts, answered, k);
}

/* ---- for the rest of the room ---- */

void queue_pump(struct cluster *c)
{
    struct queue *q = &c->queue;

    while (q->first && q->running < q->parallel && !c->dead) {
        struct rk_err err;
        int go = auth_ready(c, &err);
        struct cluster_call *k = q->first;

        if (go == 0 || !k)
            return;
        unqueue(k);
        if (go < 0)
            fail_soon(k, &err);
        else
            begin(k);
    }
}

void call_submit(struct cluster_call *k)
{
    enqueue(k, false);
    queue_pump(k->c);
}

void queue_release(struct cluster *c)
{
    while (c->queue.all) {
        struct cluster_call *k = c->queue.all;

        unlink_call(k);
        call_free(k);
    }
}

void queue_suspend(struct cluster *c)
{
    for (struct cluster_call *k = c->queue.all; k; k = k->next) {
        struct rk_err err;

        if (!k->request)
            continue;
        net_cancel(k->request);
        end_request(k);
        if (!k->opened) {
            enqueue(k, true);
            continue;
        }
        rk_fail(&err, RK_UNAVAILABLE, "the connection's certificate was replaced");
        fail_soon(k, &err);
    }
}

void cluster_cancel(struct cluster_call *k)
{
    struct cluster *c = k->c;

    unlink_call(k);
    call_free(k);
    queue_pump(c);
}
