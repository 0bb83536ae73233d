/*
 * loop.c: the loop itself and work for a later turn of it.
 *
 * In: functions to call soon. Out: their calls, the loop's time, and how long its busiest iteration
 * took. Owns the uv loop, one shared read buffer and the queue of soon items.
 * Does not own handles: each file of this room opens and closes its own.
 */
#include "run_int.h"

#include <signal.h>
#include <stdlib.h>

struct run_soon_item {
    struct run_soon_item *next;
    run_fn fn, drop;
    void *ctx;
};

/*
 * Busy time from one prepare to the next is the wall time less what epoll waited: callbacks run
 * inside the poll phase, so a prepare/check pair alone would not see them.
 */
static void turn_cb(uv_prepare_t *h)
{
    struct run_loop *loop = h->data;
    uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(&loop->uv);
    if (loop->busy_mark) {
        uint64_t wall = now - loop->busy_mark, waited = idle - loop->idle_mark;
        uint64_t busy = wall > waited ? (wall - waited) / 1000 : 0;
        if (busy > loop->lag_us)
            loop->lag_us = busy;
    }
    loop->busy_mark = now;
    loop->idle_mark = idle;
}

static struct run_soon_item *soon_pop(struct run_soon_item **first)
{
    struct run_soon_item *item = *first;
    *first = item->next;
    return item;
}

/* Items added by the functions called here wait for the next turn: I/O is never starved. */
static void soon_cb(uv_idle_t *h)
{
    struct run_loop *loop = h->data;
    struct run_soon_item **end = loop->soon_end;
    while (loop->soon_first) {
        struct run_soon_item *item = soon_pop(&loop->soon_first);
        bool last = end == &item->next;
        if (!loop->soon_first)
            loop->soon_end = &loop->soon_first;
        run_fn fn = item->fn;
        void *ctx = item->ctx;
        free(item);
        if (fn)
            fn(ctx);
        if (last)
            break;
    }
    if (!loop->soon_first)
        uv_idle_stop(h);
}

void run_soon_or(struct run_loop *loop, run_fn fn, run_fn drop, void *ctx)
{
    struct run_soon_item *item = rk_alloc(sizeof(*item));
    item->fn = fn;
    item->drop = drop;
    item->ctx = ctx;
    *loop->soon_end = item;
    loop->soon_end = &item->next;
    uv_idle_start(&loop->idle, soon_cb);
}

void run_soon(struct run_loop *loop, run_fn fn, void *ctx)
{
    run_soon_or(loop, fn, NULL, ctx);
}

/* The item stays queued without its function: soon_cb may be walking the queue. */
void run_soon_forget(struct run_loop *loop, const void *ctx)
{
    for (struct run_soon_item *item = loop->soon_first; item; item = item->next)
        if (item->ctx == ctx)
            item->fn = item->drop = NULL;
}

struct run_loop *run_loop_new(void)
{
    struct run_loop *loop = rk_alloc(sizeof(*loop));
    rk_assert(uv_loop_init(&loop->uv) == 0);
    uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME);
    loop->uv.data = loop;
    loop->soon_end = &loop->soon_first;
    loop->scratch = rk_alloc(RUN_SCRATCH);
    uv_prepare_init(&loop->uv, &loop->turn);
    uv_idle_init(&loop->uv, &loop->idle);
    loop->turn.data = loop->idle.data = loop;
    uv_prepare_start(&loop->turn, turn_cb);
    uv_unref((uv_handle_t *)&loop->turn);
    /* A peer that closes must be an error of one write, not the end of the process. */
    struct sigaction sa;
    if (sigaction(SIGPIPE, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    return loop;
}

static void check_left(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h) && !run_child_let_go(h))
        rk_fatal("run_loop_free: a %s handle is still open", uv_handle_type_name(h->type));
}

void run_loop_free(struct run_loop *loop)
{
    if (!loop)
        return;
    uv_close((uv_handle_t *)&loop->turn, NULL);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    while (loop->soon_first) {
        struct run_soon_item *item = soon_pop(&loop->soon_first);
        if (item->drop)
            item->drop(item->ctx);
        free(item);
    }
    loop->soon_end = &loop->soon_first;
    uv_walk(&loop->uv, check_left, NULL);
    /* Closing handles need turns to finish; pool jobs still end with their done. */
    while (uv_loop_close(&loop->uv) == UV_EBUSY)
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    free(loop->scratch);
    free(loop);
}

void run_loop_run(struct run_loop *loop)
{
    loop->running = true;
    loop->busy_mark = 0;
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    loop->running = false;
}

void run_loop_stop(struct run_loop *loop)
{
    uv_stop(&loop->uv);
}

void run_loop_touch(struct run_loop *loop)
{
    if (!loop->running)
        uv_update_time(&loop->uv);
}

uint64_t run_loop_now(const struct run_loop *loop)
{
    return uv_now(&loop->uv);
}

static void count_timer(uv_handle_t *h, void *n)
{
    *(size_t *)n += h->type == UV_TIMER && uv_is_active(h);
}

size_t run_loop_timers(struct run_loop *loop)
{
    size_t n = 0;
    uv_walk(&loop->uv, count_timer, &n);
    return n;
}

uint64_t run_loop_lag(struct run_loop *loop)
{
    uint64_t lag = loop->lag_us;
    loop->lag_us = 0;
    return lag;
}

void run_scratch_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct run_loop *loop = h->loop->data;
    *buf = uv_buf_init(loop->scratch, RUN_SCRATCH);
}

void run_free_data(uv_handle_t *h)
{
    free(h->data);
}
