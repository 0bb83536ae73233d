/*
 * blocking.c: git for programs without a loop (demo, admin).
 *
 * In: a folder and arguments. Out: stdout, or an error with git's words. Same environment and
 * settings as the commands on a loop; 120 s.
 */
#include "gitcmd_int.h"

int gitcmd_run(const char *dir, const char *const *args, struct rk_buf *out, struct rk_err *err)
{
    struct gitcmd *g = gc_new(NULL, NULL, "git");
    gc_git(&g->argv, NULL);
    if (dir) {
        gc_add(&g->argv, "-C");
        gc_add(&g->argv, "%s", dir);
    }
    rk_str first = rk_str_c(args[0]);
    for (; *args; args++)
        gc_add(&g->argv, "%s", *args);
    union {
        char **in;
        const char *const *out;
    } argv = {.in = g->argv.v}, env = {.in = g->env.v};
    struct run_child_opts o = {
        .argv = argv.out, .env = env.out, .time_limit_ms = g->time_limit_ms};
    struct run_child_result r = {0};
    int rc = run_child_wait(&o, &r, err);
    if (rc == 0) {
        rc = gc_check(g, &r, err);
        if (rc != 0)
            rk_wrap(err, RK_FMT_STR " in %s", RK_ARG_STR(first), dir ? dir : ".");
        else if (out)
            rk_buf_str(out, r.out);
        run_child_result_release(&r);
    }
    gc_free(g);
    return rc;
}
