/*
 * poll.c: descriptors that a foreign library owns (libcurl's sockets, libmicrohttpd's epoll).
 *
 * In: a descriptor and the events of interest. Out: the events that came. Owns the watcher only;
 * run_poll_stop takes the descriptor out of epoll at once, so its owner may close it right after.
 * An error on the descriptor is told as every event asked for plus RUN_HANGUP, once: uv stops the
 * watcher by itself then, run_poll_set starts it again.
 */
#include "run_int.h"

#include <stdlib.h>

struct run_poll {
    uv_poll_t uv;
    unsigned events;
    void (*fn)(unsigned events, void *ctx);
    void *ctx;
};

static const struct {
    unsigned run;
    int uv;
} names[] = {
    {RUN_READ, UV_READABLE},
    {RUN_WRITE, UV_WRITABLE},
    {RUN_HANGUP, UV_DISCONNECT},
};

static void poll_cb(uv_poll_t *h, int status, int events)
{
    struct run_poll *p = h->data;
    unsigned got = status < 0 ? p->events | RUN_HANGUP : 0;
    for (size_t i = 0; i < RK_LEN(names); i++)
        if (events & names[i].uv)
            got |= names[i].run;
    p->fn(got, p->ctx);
}

void run_poll_set(struct run_poll *p, unsigned events)
{
    int uv = 0;
    for (size_t i = 0; i < RK_LEN(names); i++)
        if (events & names[i].run)
            uv |= names[i].uv;
    p->events = events;
    if (uv)
        uv_poll_start(&p->uv, uv, poll_cb);
    else
        uv_poll_stop(&p->uv);
}

struct run_poll *run_poll_start(struct run_loop *loop, int fd, unsigned events,
                                void (*fn)(unsigned events, void *ctx), void *ctx)
{
    struct run_poll *p = rk_alloc(sizeof(*p));
    if (uv_poll_init(&loop->uv, &p->uv, fd) != 0) {
        free(p);
        return NULL;
    }
    p->uv.data = p;
    p->fn = fn;
    p->ctx = ctx;
    run_poll_set(p, events);
    return p;
}

void run_poll_stop(struct run_poll *p)
{
    if (!p)
        return;
    uv_poll_stop(&p->uv);
    uv_close((uv_handle_t *)&p->uv, run_free_data);
}
