/*
 * job.c: pure work in uv's thread pool.
 *
 * In: a function and a context that is the job's alone until done. Out: done on the loop, exactly
 * once, also for a job that was cancelled before it began (work is not called then).
 * The job is freed after done: its maker forgets the pointer there.
 */
#include "run_int.h"

#include <stdlib.h>

struct run_job {
    uv_work_t uv;
    atomic_bool cancelled;
    void (*work)(void *ctx, const atomic_bool *cancelled);
    void (*done)(void *ctx, bool cancelled);
    void *ctx;
};

static void job_work(uv_work_t *w)
{
    struct run_job *job = w->data;
    if (!atomic_load(&job->cancelled))
        job->work(job->ctx, &job->cancelled);
}

static void job_done(uv_work_t *w, int status)
{
    struct run_job *job = w->data;
    bool cancelled = status == UV_ECANCELED || atomic_load(&job->cancelled);
    if (job->done)
        job->done(job->ctx, cancelled);
    free(job);
}

struct run_job *run_job_start(struct run_loop *loop,
                              void (*work)(void *ctx, const atomic_bool *cancelled),
                              void (*done)(void *ctx, bool cancelled), void *ctx)
{
    struct run_job *job = rk_alloc(sizeof(*job));
    job->work = work;
    job->done = done;
    job->ctx = ctx;
    job->uv.data = job;
    rk_assert(uv_queue_work(&loop->uv, &job->uv, job_work, job_done) == 0);
    return job;
}

void run_job_cancel(struct run_job *job)
{
    if (!job)
        return;
    atomic_store(&job->cancelled, true);
    uv_cancel((uv_req_t *)&job->uv);    /* fails once it runs: then `cancelled` is its sign */
}
