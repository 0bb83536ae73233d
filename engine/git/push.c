/*
 * push.c: an edit becomes a commit on the remote's branch. In: git_write: who, why, and a function
 * that makes the files on any tip. Out: the commit's id and where it landed.
 *
 *     tip -> make (pool) -> commit (signed when there is a key) -> push, expecting the tip
 *     lost race -> fetch -> make and gate again on the new tip -> push, at most 5 times
 *     refused   -> the same commit to via_branch, or DENIED
 *     away      -> a pending ref, or UNAVAILABLE
 *
 * Commits that wait go first: with them the edit is made on the last of them. Owns the operation
 * until its caller has been told, exactly once, or the mirror ends.
 */
#include "git/mirror_int.h"

#include <stdlib.h>

#include "base/hash.h"
#include "reckon/text.h"
#include "reckon/time.h"

struct op {
    struct git_task task;
    struct git_write w;         /* texts are copies */
    git_write_fn done;
    void *ctx;
    unsigned tries;
    bool away, main;            /* main: the branch that the mirror follows */
    git_oid tip, id;
    /* the pool job's */
    char tip_text[GIT_ID];
    char *dir;
    struct rk_buf bytes;
    struct git_identity committer;
    bool nothing;
    int rc;
    struct rk_err err;
};

/* ---- shared: a commit from its bytes, and the wait between two tries ---- */

static void store(struct git_task *t, const char *signature)
{
    struct git_mirror *m = t->m;
    struct rk_err err = {0};
    git_oid id;
    int rc = git_draft_store(m->view->repo, m->signing.bytes, signature, &id, &err);
    free(m->signing.bytes);
    m->signing.bytes = NULL;
    m->signing.done(t, rc < 0 ? NULL : &id, rc < 0 ? &err : NULL);
}

static void on_signature(rk_str text, const struct rk_err *err, void *ctx)
{
    struct git_task *t = ctx;
    if (!git_step(t))
        return;
    if (err) {
        free(t->m->signing.bytes);
        t->m->signing.bytes = NULL;
        t->m->signing.done(t, NULL, err);
        return;
    }
    rk_auto(rk_free_str) char *signature = rk_str_dup(rk_str_trim(text));
    store(t, signature);
}

void git_make(struct git_task *t, rk_str bytes,
              void (*done)(struct git_task *t, const git_oid *id, const struct rk_err *err))
{
    struct git_mirror *m = t->m;
    m->signing.done = done;
    free(m->signing.bytes);
    m->signing.bytes = rk_str_dup(bytes);
    if (m->signing_key)
        m->cmd = gitcmd_sign(m->loop, m->signing_key, bytes, on_signature, t);
    else
        store(t, NULL);
}

/* 100, 200, 400, 800 ms and up to half as much again, so that two losers do not meet again. */
void git_backoff(struct git_task *t, unsigned tries, void (*fn)(void *ctx))
{
    uint64_t ms = UINT64_C(50) << (tries < 6 ? tries : 6);
    uint16_t random = 0;
    if (rk_random(&random, sizeof random, NULL) == 0)
        ms += random % (ms / 2);
    t->m->timer = run_timer_start(t->m->loop, ms, 0, fn, t);
}

/* ---- the operation ---- */

static const char *target(const struct op *o)
{
    return o->w.branch ? o->w.branch : o->task.m->branch;
}

static void free_const(const char *s)
{
    union { const char *from; char *to; } u = {s};
    free(u.to);
}

static void drop(struct git_task *t)
{
    struct op *o = (struct op *)t;
    const char *const texts[] = {o->w.author.name, o->w.author.email, o->w.message, o->w.branch,
                                 o->w.via_branch, o->w.pending};
    for (size_t i = 0; i < RK_LEN(texts); i++)
        free_const(texts[i]);
    rk_buf_release(&o->bytes);
    free(o->dir);
    free(o);
}

static void finish(struct op *o, enum git_landed how, const git_oid *id, const char *branch,
                   const struct rk_err *err)
{
    char text[GIT_ID] = "";
    struct rk_err copy = err ? *err : (struct rk_err){0};
    rk_auto(rk_free_str) char *name = rk_strdup(branch ? branch : "");
    if (id)
        git_id_text(id, text);
    git_task_end(&o->task);
    o->done(how, text, name, err ? &copy : NULL, o->ctx);
    drop(&o->task);
}

static void fail(struct op *o, const struct rk_err *err)
{
    finish(o, GIT_NOTHING, NULL, target(o), err);
}

static bool is_away(const struct rk_err *err)
{
    return err->code == RK_UNAVAILABLE || err->code == RK_TIMEOUT;
}

static void keep(struct op *o, const git_oid *id)
{
    struct rk_err err = {0};
    if (git_pending_add(o->task.m, o->w.pending, id, &err) < 0)
        fail(o, &err);
    else
        finish(o, GIT_PENDING, id, target(o), NULL);
}

static void make(struct op *o);

/* ---- after a lost race ---- */

static void name_winner(struct op *o, struct rk_err *err)
{
    lg_commit *c = NULL;
    git_oid tip = git_remote_tip(o->task.m, target(o));
    if (git_commit_lookup(&c, o->task.m->view->repo, &tip) < 0) {
        rk_fail(err, RK_CONFLICT, "%s: somebody else's push came first, %d times; try again",
                target(o), GIT_TRIES);
        return;
    }
    rk_auto(rk_buf_release) struct rk_buf who = RK_BUF_INIT;
    rk_text_safe(&who, rk_str_c(git_commit_author(c)->name), 0);
    rk_buf_c(&who, ": ");
    rk_text_safe(&who, rk_str_c(git_commit_summary(c) ? git_commit_summary(c) : ""), 0);
    rk_fail(err, RK_CONFLICT, "%s: somebody else's push came first, %d times, the last was %.12s "
            "by %.200s; try again", target(o), GIT_TRIES, git_oid_tostr_s(&tip), who.p);
    git_commit_free(c);
}

static void on_refetched(struct git_task *t, const struct rk_err *err)
{
    struct op *o = (struct op *)t;
    struct rk_err lost = {0};
    if (err && o->w.pending && o->main && is_away(err)) {
        keep(o, &o->id);
    } else if (err) {
        fail(o, err);
    } else if (o->tries >= GIT_TRIES) {
        name_winner(o, &lost);
        fail(o, &lost);
    } else {
        o->tip = git_remote_tip(t->m, target(o));
        make(o);
    }
}

static void after_wait(void *ctx)
{
    if (git_step(ctx))
        git_refetch(ctx, on_refetched);
}

/* ---- push ---- */

static void on_via(enum gitcmd_push verdict, const struct rk_err *err, void *ctx)
{
    struct op *o = ctx;
    if (!git_step(&o->task))
        return;
    if (verdict == GITCMD_PUSHED) {
        git_remote_moved(o->task.m, o->w.via_branch, &o->id);
        finish(o, GIT_ON_BRANCH, &o->id, o->w.via_branch, NULL);
    } else {
        fail(o, err);
    }
}

static void push_to(struct op *o, const char *branch, const char *expect, gitcmd_push_fn then)
{
    struct git_mirror *m = o->task.m;
    char local[GIT_ID];
    rk_auto(rk_free_str) char *remote = rk_asprintf("refs/heads/%s", branch);
    git_id_text(&o->id, local);
    struct gitcmd_push_ref ref = {.local = local, .remote = remote, .expect = expect};
    m->cmd = gitcmd_push(m->loop, &m->remote, m->dir, &ref, 1, then, o);
}

static void refused(struct op *o, const struct rk_err *err)
{
    struct rk_err denied = *err;
    if (o->w.via_branch) {
        push_to(o, o->w.via_branch, NULL, on_via);
        return;
    }
    denied.code = RK_DENIED;
    rk_wrap(&denied, "%s takes no push; `via: branch` in reckon.yaml pushes a branch for a review "
            "instead", target(o));
    fail(o, &denied);
}

static void on_push(enum gitcmd_push verdict, const struct rk_err *err, void *ctx)
{
    struct op *o = ctx;
    if (!git_step(&o->task))
        return;
    switch (verdict) {
    case GITCMD_PUSHED: {
        git_oid id = o->id;
        git_remote_moved(o->task.m, target(o), &id);
        finish(o, GIT_PUSHED, &id, target(o), NULL);
        return;
    }
    case GITCMD_LOST_RACE:
        o->tries++;
        git_backoff(&o->task, o->tries, after_wait);
        return;
    case GITCMD_REFUSED:
        refused(o, err);
        return;
    case GITCMD_FAILED:
        break;
    }
    if (o->w.pending && o->main && is_away(err))
        keep(o, &o->id);
    else
        fail(o, err);
}

/* ---- commit ---- */

static void on_commit(struct git_task *t, const git_oid *id, const struct rk_err *err)
{
    struct op *o = (struct op *)t;
    char expect[GIT_ID];
    if (err) {
        fail(o, err);
        return;
    }
    o->id = *id;
    if (o->away) {
        keep(o, id);
        return;
    }
    git_id_text(&o->tip, expect);
    push_to(o, target(o), expect, on_push);
}

/* ---- make, in the pool ---- */

static int build(struct op *o, struct git_view *v, struct rk_arena *a, struct rk_err *err)
{
    rk_auto(git_tree_freep) git_tree *base = NULL;
    struct git_file *files = NULL;
    size_t n = 0;
    int64_t now = rk_wall_ms();
    struct git_draft d = {.parent = o->tip, .author = o->w.author, .committer = o->committer,
                          .author_ms = now, .time_ms = now, .message = o->w.message};
    if (o->w.make(v, o->tip_text, a, &files, &n, o->w.ctx, err) < 0 ||
        git_view_tree(v, o->tip_text, &base, err) < 0 ||
        git_tree_files(v->repo, base, files, n, &d.tree, err) < 0)
        return -1;
    o->nothing = n == 0 || (base && git_oid_equal(&d.tree, git_tree_id(base)));
    rk_buf_clear(&o->bytes);
    return o->nothing ? 0 : git_draft_bytes(v->repo, &d, &o->bytes, err);
}

static void work(void *ctx, const atomic_bool *cancelled)
{
    struct op *o = ctx;
    struct git_view *v = NULL;
    (void)cancelled;
    o->rc = git_view_open(o->dir, &v, &o->err);
    if (o->rc < 0)
        return;
    struct rk_arena *a = rk_arena_new();
    o->rc = build(o, v, a, &o->err);
    rk_arena_free(a);
    git_view_free(v);
}

static void worked(void *ctx, bool cancelled)
{
    struct op *o = ctx;
    if (!git_step(&o->task))
        return;
    if (cancelled)
        o->rc = rk_fail(&o->err, RK_CANCELLED, "the commit was stopped");
    if (o->rc < 0) {
        fail(o, &o->err);
        return;
    }
    if (o->nothing) {
        finish(o, GIT_NOTHING, &o->tip, target(o), NULL);
        return;
    }
    if (o->tries && o->w.again) {
        int rc = o->w.again(o->tip_text, o->w.ctx, &o->err);
        if (!git_alive(&o->task))
            return;
        if (rc < 0) {
            fail(o, &o->err);
            return;
        }
    }
    git_make(&o->task, rk_buf_view(&o->bytes), on_commit);
}

static void make(struct op *o)
{
    struct git_mirror *m = o->task.m;
    git_id_text(&o->tip, o->tip_text);
    m->job = run_job_start(m->loop, work, worked, o);
}

/* ---- begin ---- */

static void begin(struct op *o)
{
    struct git_mirror *m = o->task.m;
    o->main = rk_streq(target(o), m->branch);
    o->tip = o->main ? git_pending_tip(m) : git_remote_tip(m, target(o));
    make(o);
}

/* The remote could not be asked: go on alone, where that is allowed. */
static void unreached(struct op *o, const struct rk_err *err)
{
    struct git_mirror *m = o->task.m;
    if (!o->w.pending || !is_away(err) || !m->branch || !rk_streq(target(o), m->branch)) {
        fail(o, err);
        return;
    }
    o->away = true;
    begin(o);
}

static void on_flushed(struct git_task *t, const struct rk_err *err)
{
    if (err)
        unreached((struct op *)t, err);
    else
        begin((struct op *)t);
}

static void on_refreshed(struct git_task *t, const struct rk_err *err)
{
    if (err)
        unreached((struct op *)t, err);
    else if (t->m->n_pending)
        git_flush(t, on_flushed);
    else
        begin((struct op *)t);
}

/* A tip that is known and alone is taken as it is: if it is old the push says so. */
static void start(struct git_task *t)
{
    struct op *o = (struct op *)t;
    struct git_mirror *m = t->m;
    bool main = !o->w.branch || rk_streq(o->w.branch, m->branch);
    if (m->branch && main && !git_oid_is_zero(&m->head) && m->n_pending == 0)
        begin(o);
    else
        git_refresh(t, on_refreshed);
}

static const char *copy(const char *s)
{
    return s ? rk_strdup(s) : NULL;
}

void git_commit_push(struct git_mirror *m, const struct git_write *w, git_write_fn done, void *ctx)
{
    struct op *o = rk_alloc(sizeof *o);
    o->task = (struct git_task){.start = start, .drop = drop};
    o->w = *w;
    o->w.author.name = copy(w->author.name);
    o->w.author.email = copy(w->author.email);
    o->w.message = rk_strdup(w->message ? w->message : "");
    o->w.branch = copy(w->branch);
    o->w.via_branch = copy(w->via_branch);
    o->w.pending = copy(w->pending);
    o->done = done;
    o->ctx = ctx;
    o->dir = rk_strdup(m->dir);
    o->bytes = RK_BUF_INIT;
    o->committer = (struct git_identity){m->committer_name, m->committer_email};
    git_task_add(m, &o->task);
}
