/*
 * lsremote.c: what a remote has, without fetching.
 *
 * In: a remote. Out: its refs with ids, in its order (peeled tags as "name^{}"), and what HEAD
 * points to. The list lives during done only. Reads git's lines strictly: anything else is an
 * error.
 */
#include "gitcmd_int.h"

#include <stdlib.h>

static void release(struct gitcmd_refs *refs)
{
    for (size_t i = 0; i < refs->n; i++)
        free(refs->v[i].name);
    free(refs->v);
    free(refs->head);
}

static bool is_id(rk_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789abcdef", s.p[i]) || !s.p[i])
            return false;
    return s.n == 40;
}

static int take_line(struct gitcmd_refs *refs, size_t *cap, rk_str line, struct rk_err *err)
{
    rk_str name, first = rk_str_cut(line, '\t', &name);
    if (rk_str_starts(first, "ref: ")) {
        if (rk_str_is(name, "HEAD") && !refs->head)
            refs->head = rk_str_dup((rk_str){first.p + 5, first.n - 5});
        return 0;
    }
    if (first.n == 64)
        return rk_fail(err, RK_UNSUPPORTED, "the repository uses SHA-256 ids");
    if (!is_id(first) || !name.n)
        return rk_fail(err, RK_INVALID, "unexpected line from git ls-remote");
    refs->v = rk_grow(refs->v, refs->n, cap, sizeof(*refs->v));
    struct gitcmd_ref *ref = &refs->v[refs->n++];
    memcpy(ref->id, first.p, 40);
    ref->id[40] = 0;
    ref->name = rk_str_dup(name);
    return 0;
}

static int take_all(struct gitcmd_refs *refs, rk_str out, struct rk_err *err)
{
    size_t cap = 0;
    while (out.n) {
        rk_str line = rk_str_cut(out, '\n', &out);
        if (line.n && take_line(refs, &cap, line, err) != 0)
            return -1;
    }
    return 0;
}

static void step(struct gitcmd *g, const struct run_child_result *r)
{
    struct rk_err err = {0};
    struct gitcmd_refs refs = {0};
    int rc = gc_check(g, r, &err);
    if (rc == 0 && take_all(&refs, r->out, &err) != 0)
        rc = rk_wrap(&err, "%s", g->what);
    g->done.refs(rc == 0 ? &refs : NULL, rc == 0 ? NULL : &err, g->ctx);
    release(&refs);
    gc_free(g);
}

struct gitcmd *gitcmd_ls_remote(struct run_loop *loop, const struct gitcmd_remote *r,
                                gitcmd_refs_fn done, void *ctx)
{
    struct gitcmd *g = gc_new(loop, r, "git ls-remote");
    g->step = step;
    g->done.refs = done;
    g->ctx = ctx;
    gc_git(&g->argv, r);
    gc_add(&g->argv, "ls-remote");
    gc_add(&g->argv, "--symref");
    gc_add(&g->argv, "--");
    gc_add(&g->argv, "%s", g->url);
    gc_start(g, RK_STR_NONE);
    return g;
}
