/*
 * reads.c: requests that read much of git, or walk its history, in the pool: on a view of their own and
 * inputs copied into the request's arena, which is the job's alone until it is done.
 */
#include "core/core_int.h"

static void read_work(void *ctx, const atomic_bool *cancelled)
{
    struct core_read *r = ctx;
    (void)cancelled;
    r->rc = r->read(r);
}

static void read_done(void *ctx, bool cancelled)
{
    struct core_read *r = ctx;
    struct engine *e = r->repo->engine;
    (void)cancelled;
    core_repo_give_back(r->repo, r->view);
    if (r->end)
        r->end(r);
    if (r->rc)
        core_refuse(r->request, &r->err);
    else
        core_answer(r->request, r->out);
    engine_job_done(e);
}

int core_read_start(struct core_read *r, struct core_request *request, struct core_repo *repo,
                    struct rk_err *err)
{
    r->request = request;
    r->repo = repo;
    r->mem = request->arena;
    r->view = core_repo_view(repo, err);
    if (!r->view) {
        if (r->end)
            r->end(r);
        return -1;
    }
    request->engine->jobs++;
    r->job = run_job_start(request->engine->loop, read_work, read_done, r);
    return 0;
}
