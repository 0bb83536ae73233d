/*
 * push.c: refs to a remote, each with the id the remote must have before.
 *
 * In: a remote, a repository, refs. Out: a verdict: pushed; the race was lost (somebody else's
 * commit came first); refused by the server, with its words; failed for any other reason. Several
 * refs go together or not at all. After a failure by time or network the remote may or may not have
 * taken the push: the caller asks it. Reads git's porcelain lines, whose reasons stand in a table.
 */
#include "gitcmd_int.h"

#include <stdlib.h>

/* Reasons of a "!" line that mean: the remote was not as expected. Every other is a refusal. */
static const char *const race_reasons[] = {
    "fetch first", "non-fast-forward", "stale info", "reference already exists", "already exists",
    "cannot lock ref", "failed to lock", "failed to update ref", "incorrect old value",
    "needs force", "but expected",
};
/* Said of the refs that only share the fate of another. */
static const char *const fate_reasons[] = {"atomic push failed", "atomic push failure",
                                           "atomic transaction failed", "transaction failed"};

static bool has_any(rk_str text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memmem(text.p, text.n, list[i], strlen(list[i])))
            return true;
    return false;
}

/* The worst of all lines; FAILED when no line says why. */
static enum gitcmd_push read_lines(rk_str out, rk_str *reason)
{
    enum gitcmd_push verdict = GITCMD_FAILED;
    while (out.n) {
        rk_str line = rk_str_cut(out, '\n', &out), summary;
        if (line.n < 2 || line.p[0] != '!' || line.p[1] != '\t')
            continue;
        rk_str_cut((rk_str){line.p + 2, line.n - 2}, '\t', &summary);
        if (has_any(summary, race_reasons, RK_LEN(race_reasons))) {
            if (verdict == GITCMD_FAILED) {
                verdict = GITCMD_LOST_RACE;
                *reason = summary;
            }
        } else if (rk_str_starts(summary, "[remote rejected]") &&
                   !has_any(summary, fate_reasons, RK_LEN(fate_reasons))) {
            *reason = summary;
            return GITCMD_REFUSED;
        }
    }
    return verdict;
}

static void refused(const struct gitcmd *g, const struct run_child_result *r, rk_str reason,
                    struct rk_err *err)
{
    struct rk_buf words = RK_BUF_INIT, why = RK_BUF_INIT;
    gc_message(&words, r->err_text, g->url, "remote:");
    gc_message(&why, reason, g->url, NULL);
    rk_fail(err, RK_DENIED, "%s: refused by the server: %s%s%s", g->what, why.p,
            words.n ? ": " : "", words.p);
    rk_buf_release(&words);
    rk_buf_release(&why);
}

static enum gitcmd_push judge(const struct gitcmd *g, const struct run_child_result *r,
                              struct rk_err *err)
{
    rk_str reason = RK_STR_NONE;
    if (r && r->exit_code == 0)
        return GITCMD_PUSHED;           /* also when it was cancelled too late: it is the truth */
    if (gc_check(g, r, err) == 0 || g->cancelled || !r || r->timed_out || r->cut)
        return GITCMD_FAILED;
    enum gitcmd_push verdict = read_lines(r->out, &reason);
    if (verdict == GITCMD_REFUSED) {
        refused(g, r, reason, err);
    } else if (verdict == GITCMD_LOST_RACE) {
        struct rk_buf why = RK_BUF_INIT;
        gc_message(&why, reason, g->url, NULL);
        rk_fail(err, RK_CONFLICT, "%s: another commit came first: %s", g->what,
                why.p);
        rk_buf_release(&why);
    }
    return verdict;
}

static void step(struct gitcmd *g, const struct run_child_result *r)
{
    struct rk_err err = {0};
    enum gitcmd_push verdict = judge(g, r, &err);
    g->done.push(verdict, verdict == GITCMD_PUSHED ? NULL : &err, g->ctx);
    gc_free(g);
}

struct gitcmd *gitcmd_push(struct run_loop *loop, const struct gitcmd_remote *r,
                           const char *git_dir, const struct gitcmd_push_ref *refs, size_t n,
                           gitcmd_push_fn done, void *ctx)
{
    struct gitcmd *g = gc_new(loop, r, "git push");
    g->step = step;
    g->done.push = done;
    g->ctx = ctx;
    gc_git(&g->argv, r);
    gc_add(&g->argv, "--git-dir=%s", git_dir);
    gc_add(&g->argv, "push");
    gc_add(&g->argv, "--porcelain");
    gc_add(&g->argv, "--no-verify");
    gc_add(&g->argv, "--recurse-submodules=no");
    if (n > 1)
        gc_add(&g->argv, "--atomic");
    for (size_t i = 0; i < n; i++)
        if (refs[i].expect)
            gc_add(&g->argv, "--force-with-lease=%s:%s", refs[i].remote, refs[i].expect);
    gc_add(&g->argv, "--");
    gc_add(&g->argv, "%s", g->url);
    for (size_t i = 0; i < n; i++)
        gc_add(&g->argv, "%s:%s", refs[i].local, refs[i].remote);
    gc_start(g, RK_STR_NONE);
    return g;
}
