/*
 * wait.c: a child for a program without a loop of its own.
 *
 * In: what run_child_start takes. Out: the result, with texts that the caller releases. Blocks
 * until the child has ended, on a loop made for it.
 */
#include "run_int.h"

#include <stdlib.h>

static rk_str copy(rk_str s)
{
    char *p = rk_alloc(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (rk_str){p, s.n};
}

static void done_cb(const struct run_child_result *r, void *ctx)
{
    struct run_child_result *out = ctx;
    *out = *r;
    out->out = copy(r->out);
    out->err_text = copy(r->err_text);
}

int run_child_wait(const struct run_child_opts *opts, struct run_child_result *r,
                   struct rk_err *err)
{
    struct run_child_result got = {.exit_code = 0};
    struct run_loop *loop = run_loop_new();
    int rc = run_child_start(loop, opts, done_cb, &got, NULL, err);
    if (rc == 0)
        run_loop_run(loop);
    run_loop_free(loop);
    if (rc == 0)
        *r = got;
    return rc;
}

void run_child_result_release(struct run_child_result *r)
{
    /* Made by copy(): the views' memory is the result's own. */
    union {
        const char *in;
        char *out;
    } out = {.in = r->out.p}, err_text = {.in = r->err_text.p};
    free(out.out);
    free(err_text.out);
    r->out = r->err_text = RK_STR_NONE;
}
