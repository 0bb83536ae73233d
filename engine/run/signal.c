/*
 * signal.c: signals as events of the loop.
 *
 * In: a signal number. Out: a call on the loop's thread for each. Owns the handle until
 * run_signal_stop, which may be called from the function itself.
 */
#include "run_int.h"

#include <stdlib.h>

struct run_signal {
    uv_signal_t uv;
    void (*fn)(int signum, void *ctx);
    void *ctx;
};

static void signal_cb(uv_signal_t *h, int signum)
{
    struct run_signal *s = h->data;
    s->fn(signum, s->ctx);
}

struct run_signal *run_signal_start(struct run_loop *loop, int signum,
                                    void (*fn)(int signum, void *ctx), void *ctx)
{
    struct run_signal *s = rk_alloc(sizeof(*s));
    rk_assert(uv_signal_init(&loop->uv, &s->uv) == 0);
    s->uv.data = s;
    s->fn = fn;
    s->ctx = ctx;
    rk_assert(uv_signal_start(&s->uv, signal_cb, signum) == 0);
    return s;
}

void run_signal_stop(struct run_signal *s)
{
    if (s)
        uv_close((uv_handle_t *)&s->uv, run_free_data);
}
