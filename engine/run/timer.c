/*
 * timer.c: timers, one shot and repeating.
 *
 * In: milliseconds and a function. Out: its calls. Owns each timer from start to stop; the memory
 * lives on until uv has closed the handle, so a timer may stop itself.
 * A time of 0 becomes 1 ms: a 0 ms timer re-armed in its own callback starves the loop (measured).
 */
#include "run_int.h"

struct run_timer {
    uv_timer_t uv;
    struct run_loop *loop;
    uint64_t repeat;
    run_fn fn;
    void *ctx;
};

static void timer_cb(uv_timer_t *h)
{
    struct run_timer *t = h->data;
    t->fn(t->ctx);
}

struct run_timer *run_timer_start(struct run_loop *loop, uint64_t ms, uint64_t repeat, run_fn fn,
                                  void *ctx)
{
    struct run_timer *t = rk_alloc(sizeof(*t));
    uv_timer_init(&loop->uv, &t->uv);
    t->uv.data = t;
    t->loop = loop;
    t->repeat = repeat;
    t->fn = fn;
    t->ctx = ctx;
    run_timer_again(t, ms);
    return t;
}

void run_timer_again(struct run_timer *t, uint64_t ms)
{
    run_loop_touch(t->loop);
    uv_timer_start(&t->uv, timer_cb, ms ? ms : 1, t->repeat);
}

void run_timer_stop(struct run_timer *t)
{
    if (t)
        uv_close((uv_handle_t *)&t->uv, run_free_data);
}
