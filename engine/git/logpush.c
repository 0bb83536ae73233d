/*
 * logpush.c: a linear log to the remote. In: a branch whose entries entries.c appended. Out: the
 * remote's branch holds those that were there when the push began, by fast-forward only; or why not.
 * What is pushed is on the disk first: after a power cut nothing is made twice.
 *
 * When the remote went on without us the local ref is set to its tip and `remake` appends our own
 * unpushed entries again (new sequence, new predecessor); pushed entries never change. A remote
 * that no longer holds what was seen of it before is not built upon: CONFLICT.
 */
#include "git/mirror_int.h"

#include <stdlib.h>

struct logpush {
    struct git_task task;
    char *branch;
    char local[GIT_REF_NAME], seen[GIT_REF_NAME];
    int (*remake)(struct git_view *v, const char *branch, const char *remote_tip,
                  const char *local_tip, void *ctx, struct rk_err *err);
    gitcmd_fn done;
    void *ctx;
    unsigned tries, remade;
    git_oid pushing;
};

static void drop(struct git_task *t)
{
    struct logpush *p = (struct logpush *)t;
    free(p->branch);
    free(p);
}

static void finish(struct logpush *p, const struct rk_err *err)
{
    struct rk_err copy = err ? *err : (struct rk_err){0};
    git_task_end(&p->task);
    if (p->done)
        p->done(err ? &copy : NULL, p->ctx);
    drop(&p->task);
}

static void synced_then_next(struct logpush *p);

static void on_refetched(struct git_task *t, const struct rk_err *err)
{
    struct logpush *p = (struct logpush *)t;
    /* that the followed branch is missing does not matter to a log */
    if (err && err->code != RK_NOT_FOUND)
        finish(p, err);
    else
        synced_then_next(p);
}

static void after_wait(void *ctx)
{
    if (git_step(ctx))
        git_refetch(ctx, on_refetched);
}

static void on_push(enum gitcmd_push verdict, const struct rk_err *err, void *ctx)
{
    struct logpush *p = ctx;
    if (!git_step(&p->task))
        return;
    struct git_mirror *m = p->task.m;
    if (verdict == GITCMD_PUSHED) {
        git_remote_moved(m, p->branch, &p->pushing);
        int rc = git_ref_set(m->view->repo, p->seen, &p->pushing, NULL, NULL);
        (void)rc; /* the next poll notes it */
        finish(p, NULL);
    } else if (verdict == GITCMD_LOST_RACE && ++p->tries < GIT_TRIES) {
        git_backoff(&p->task, p->tries, after_wait);
    } else {
        finish(p, err);
    }
}

static void push(struct logpush *p, const git_oid *local, const git_oid *remote)
{
    struct git_mirror *m = p->task.m;
    char id[GIT_ID], expect[GIT_ID];
    rk_auto(rk_free_str) char *name = rk_asprintf("refs/heads/%s", p->branch);
    git_id_text(local, id);
    git_id_text(remote, expect);
    p->pushing = *local;
    struct gitcmd_push_ref ref = {.local = id, .remote = name, .expect = expect};
    m->cmd = gitcmd_push(m->loop, &m->remote, m->dir, &ref, 1, on_push, p);
}

static int check_seen(const struct logpush *p, const git_oid *remote, struct rk_err *err)
{
    git_repository *repo = p->task.m->view->repo;
    git_oid seen;
    char was[GIT_ID], now[GIT_ID];
    if (!git_ref_get(repo, p->seen, &seen) ||
        git_log_holds(repo, &seen, remote))
        return 0;
    git_id_text(&seen, was);
    git_id_text(remote, now);
    return rk_fail(err, RK_CONFLICT,
                   "%s was rewritten on the remote: %.12s, seen there before, is not in %.12s; "
                   "find out by whom, then push %s of the mirror back", p->branch, was,
                   *now ? now : "it any more", p->seen);
}

/* The remote's entries, then ours made anew; on failure the local ref is as before. */
static int again(struct logpush *p, const git_oid *local, const git_oid *remote,
                 struct rk_err *err)
{
    git_repository *repo = p->task.m->view->repo;
    char remote_text[GIT_ID], local_text[GIT_ID];
    git_id_text(remote, remote_text);
    git_id_text(local, local_text);
    if (!p->remake)
        return rk_fail(err, RK_CONFLICT, "%s: the remote has other entries", p->branch);
    if (git_ref_set(repo, p->local, remote, local, err) < 0)
        return -1;
    if (p->remake(p->task.m->view, p->branch, remote_text, local_text, p->ctx, err) == 0)
        return 0;
    if (git_ref_set(repo, p->local, local, NULL, NULL) < 0)
        return rk_wrap(err, "%s: the local tip %.12s could not be put back", p->branch, local_text);
    return -1;
}

static void diverged(struct logpush *p, const git_oid *local, const git_oid *remote)
{
    struct rk_err err = {0};
    int rc = again(p, local, remote, &err);
    if (!git_alive(&p->task))
        return;
    if (rc == 0 && ++p->remade > GIT_TRIES)
        rc = rk_fail(&err, RK_CONFLICT, "%s: entries that were made anew do not stand on the "
                     "remote's", p->branch);
    if (rc < 0)
        finish(p, &err);
    else
        synced_then_next(p);
}

/* Compares the two tips, and pushes what is on the disk; ends when the remote has it. */
static void next(struct logpush *p)
{
    git_repository *repo = p->task.m->view->repo;
    git_oid local, remote = git_remote_tip(p->task.m, p->branch);
    git_oid kept = git_disk_kept(p->task.m, p->branch);
    struct rk_err err = {0};
    if (!git_ref_get(repo, p->local, &local) || git_oid_equal(&local, &remote)) {
        finish(p, NULL);
        return;
    }
    if (check_seen(p, &remote, &err) < 0) {
        finish(p, &err);
        return;
    }
    git_oid base = git_log_base(repo, &local, &remote);
    if (git_oid_equal(&base, &local)) {
        int rc = git_ref_set(repo, p->local, &remote, &local, &err);
        finish(p, rc < 0 ? &err : NULL);
    } else if (!git_oid_equal(&base, &remote)) {
        diverged(p, &local, &remote);
    } else if (git_oid_is_zero(&kept) || git_log_holds(repo, &kept, &remote)) {
        finish(p, NULL); /* the rest came after this push began */
    } else {
        push(p, &kept, &remote);
    }
}

static void on_synced(const struct rk_err *err, void *ctx)
{
    struct logpush *p = ctx;
    p->task.m->syncing = false;
    if (err)
        finish(p, err);
    else
        next(p);
}

static void synced_then_next(struct logpush *p)
{
    p->task.m->syncing = true;
    git_disk_sync(p->task.m, p->branch, on_synced, p);
}

static void start(struct git_task *t)
{
    synced_then_next((struct logpush *)t);
}

void git_log_push(struct git_mirror *m, const char *branch,
                  int (*remake)(struct git_view *v, const char *branch, const char *remote_tip,
                                const char *local_tip, void *ctx, struct rk_err *err),
                  gitcmd_fn done, void *ctx)
{
    struct logpush *p = rk_alloc(sizeof *p);
    p->task = (struct git_task){.start = start, .drop = drop};
    p->branch = rk_strdup(branch);
    p->remake = remake;
    p->done = done;
    p->ctx = ctx;
    /* a name that is no ref's leads to no local log: nothing to push */
    if (!git_ref_join(p->local, GIT_LOG_REFS, branch) ||
        !git_ref_join(p->seen, GIT_SEEN_REFS, branch))
        p->local[0] = 0;
    git_task_add(m, &p->task);
}
