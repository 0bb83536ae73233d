/*
 * worker.c: one thread of its own, for work that must not wait behind pool jobs (an fsync behind
 * eight pool jobs was measured at 400 ms).
 *
 * In: pairs of functions. Out: work on the thread, done on the loop, both in the order given.
 * Owns the thread, the queue under a mutex, and the async handle that wakes the loop.
 * run_worker_stop waits for what was given and calls the last done functions itself.
 */
#include "run_int.h"

#include <pthread.h>
#include <stdlib.h>

struct task {
    struct task *next;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

struct tasks {
    struct task *first, **end;
};

struct run_worker {
    uv_async_t wake;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct tasks given, finished;       /* under lock */
    bool ending;                        /* under lock */
    bool stopped;                       /* loop's thread only */
};

static void push(struct tasks *q, struct task *t)
{
    t->next = NULL;
    *q->end = t;
    q->end = &t->next;
}

static struct task *pop(struct tasks *q)
{
    struct task *t = q->first;
    if (t) {
        q->first = t->next;
        if (!q->first)
            q->end = &q->first;
    }
    return t;
}

static void *worker_main(void *arg)
{
    struct run_worker *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct task *t = pop(&w->given);
        if (t) {
            pthread_mutex_unlock(&w->lock);
            t->work(t->ctx);
            pthread_mutex_lock(&w->lock);
            push(&w->finished, t);
            uv_async_send(&w->wake);
        } else if (w->ending) {
            break;
        } else {
            pthread_cond_wait(&w->more, &w->lock);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void tell_finished(struct run_worker *w)
{
    for (;;) {
        pthread_mutex_lock(&w->lock);
        struct task *t = pop(&w->finished);
        pthread_mutex_unlock(&w->lock);
        if (!t)
            return;
        if (t->done)
            t->done(t->ctx);
        free(t);
    }
}

static void wake_cb(uv_async_t *h)
{
    struct run_worker *w = h->data;
    if (!w->stopped)
        tell_finished(w);
}

struct run_worker *run_worker_start(struct run_loop *loop)
{
    struct run_worker *w = rk_alloc(sizeof(*w));
    rk_assert(uv_async_init(&loop->uv, &w->wake, wake_cb) == 0);
    w->wake.data = w;
    w->given.end = &w->given.first;
    w->finished.end = &w->finished.first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    rk_assert(pthread_create(&w->thread, NULL, worker_main, w) == 0);
    return w;
}

void run_worker_do(struct run_worker *w, void (*work)(void *ctx), void (*done)(void *ctx),
                   void *ctx)
{
    struct task *t = rk_alloc(sizeof(*t));
    t->work = work;
    t->done = done;
    t->ctx = ctx;
    pthread_mutex_lock(&w->lock);
    rk_assert(!w->ending);
    push(&w->given, t);
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
}

static void closed_cb(uv_handle_t *h)
{
    struct run_worker *w = h->data;
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void run_worker_stop(struct run_worker *w)
{
    if (!w || w->stopped)
        return;
    w->stopped = true;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    tell_finished(w);
    uv_close((uv_handle_t *)&w->wake, closed_cb);
}
