/*
 * push.c: the audit log to its remote. In: environments to push, and who waits. Out: pushes of the
 * mirror, few: entries that nobody waits for gather for a moment, those that somebody waits for go
 * at once and take the others along; what comes while a push runs goes with the next. Those that
 * nobody waits for are synced together, too: each sync holds up the journal's own.
 *
 * After a push the newest tip seen is written to the state folder, on the mirror's thread for the
 * disk. Owns who waits, the timers and those writes until they are answered.
 */
#include <stdlib.h>

#include "record/log_int.h"

enum { GATHER_MS = 50, GATHER_MOST_MS = 500 };

static void begin(struct record_branch *b);

/* ---- who waits ---- */

static void forget(struct record_log *l, const struct record_asked *who)
{
    for (size_t i = 0; i < l->n_asked; i++)
        if (l->asked[i] == who) {
            l->asked[i] = l->asked[--l->n_asked];
            return;
        }
}

/* One branch has answered; the last one tells. false: the log is gone. */
static bool answer(struct record_log *l, struct record_asked *who, const struct rk_err *err)
{
    bool gone = false;
    if (err && !who->err.code)
        who->err = *err;
    if (--who->left > 0)
        return true;
    forget(l, who);
    l->gone = &gone;
    who->done(who->err.code ? &who->err : NULL, who->ctx);
    free(who);
    if (!gone)
        l->gone = NULL;
    return !gone;
}

static bool answer_all(struct record_log *l, struct record_waiting *w, const struct rk_err *err)
{
    bool there = true;
    for (size_t i = 0; i < w->n && there; i++)
        there = answer(l, w->v[i], err);
    free(w->v);
    return there;
}

/* ---- the newest tip seen of the remote, to the state folder ---- */

struct record_note {
    struct record_branch *b;            /* NULL: the log is gone */
    char *dir, *git_dir, *environment;
    char tip[GIT_ID];
    bool after_push;                    /* which ends when this is written */
    int rc;
};

static void write_note(void *ctx)
{
    struct record_note *n = ctx;
    n->rc = record_seen_note(n->dir, n->git_dir, n->environment, n->tip, NULL);
}

static void finished(struct record_branch *b);

static void note_written(void *ctx)
{
    struct record_note *n = ctx;
    struct record_branch *b = n->b;
    const bool ends = b && n->after_push;
    if (b) {
        b->note = NULL;
        if (n->rc == 0) /* else the mirror's own ref has it too; the next push notes it again */
            memcpy(b->seen, n->tip, GIT_ID);
    }
    free(n->dir);
    free(n->git_dir);
    free(n->environment);
    free(n);
    if (ends)
        finished(b);
}

/* false: it is there already. Then note_written comes not. */
static bool note_seen(struct record_branch *b, bool after_push)
{
    char tip[GIT_ID];
    struct record_log *l = b->log;
    rk_auto(rk_free_str) char *ref = rk_asprintf("refs/reckon/seen/%s", b->name);
    if (b->note || git_resolve(l->view, ref, tip, NULL) < 0 || strcmp(tip, b->seen) == 0)
        return false;
    b->note = rk_alloc(sizeof *b->note);
    *b->note = (struct record_note){.b = b, .after_push = after_push,
                                    .dir = rk_strdup(l->dir),
                                    .git_dir = rk_strdup(git_mirror_dir(l->mirror)),
                                    .environment = rk_strdup(b->environment)};
    memcpy(b->note->tip, tip, GIT_ID);
    run_worker_do(git_mirror_disk(l->mirror), write_note, note_written, b->note);
    return true;
}

/* ---- one push of a branch ---- */

/* The next begins before anybody is told: what they do may close the log. */
static void ended(struct record_branch *b, const struct rk_err *err)
{
    struct record_log *l = b->log;
    struct record_waiting told = b->now, more = {0};
    b->now = (struct record_waiting){0};
    b->pushing = false;
    if (err) { /* the next would fail as this one did */
        more = b->later;
        b->later = (struct record_waiting){0};
        b->due = false;
    }
    if (b->due || b->later.n)
        begin(b);
    if (answer_all(l, &told, err))
        (void)answer_all(l, &more, err);
    else
        free(more.v);
}

static void finished(struct record_branch *b)
{
    ended(b, NULL);
}

static void on_pushed(const struct rk_err *err, void *ctx)
{
    struct record_branch *b = ctx;
    if (err || !note_seen(b, true))
        ended(b, err);
}

/* All of them in one round of the disk. */
static void settle(struct record_branch *b)
{
    for (size_t i = 0; i < b->n_settling; i++)
        git_log_sync(b->log->mirror, b->name, b->settling[i].done, b->settling[i].ctx);
    b->n_settling = 0;
}

static void begin(struct record_branch *b)
{
    settle(b);
    run_timer_stop(b->timer);
    b->timer = NULL;
    b->due = false;
    b->pushing = true;
    b->now = b->later;
    b->later = (struct record_waiting){0};
    git_log_push(b->log->mirror, b->name, record_remake, on_pushed, b);
}

static void push_now(struct record_branch *b, struct record_asked *who)
{
    who->left++;
    b->later.v = rk_grow(b->later.v, b->later.n, &b->later.cap, sizeof *b->later.v);
    b->later.v[b->later.n++] = who;
    if (!b->pushing)
        begin(b);
}

/* ---- entries that nobody waits for ---- */

static void gathered(void *ctx)
{
    struct record_branch *b = ctx;
    run_timer_stop(b->timer);
    b->timer = NULL;
    settle(b);
    if (b->pushing)
        b->due = true;
    else
        begin(b);
}

static void push_soon(struct record_branch *b)
{
    struct run_loop *loop = git_mirror_loop(b->log->mirror);
    const uint64_t now = run_loop_now(loop);
    git_log_find(b->log->view, b->name, &b->place.tip);
    if (strcmp(b->place.tip.local, b->place.tip.remote) == 0 || !b->place.tip.local[0]) {
        if (!b->pushing)
            (void)note_seen(b, false); /* nothing to push: asks nobody */
        return;
    }
    if (!b->timer) {
        b->since = now;
        b->timer = run_timer_start(loop, GATHER_MS, 0, gathered, b);
        return;
    }
    const uint64_t most = b->since + GATHER_MOST_MS;
    const uint64_t left = most > now ? most - now : 0;
    run_timer_again(b->timer, left < GATHER_MS ? left : GATHER_MS);
}

void record_log_settle(struct record_log *l, const char *environment, record_done_fn done,
                       void *ctx)
{
    struct record_branch *b = record_branch(l, environment);
    b->settling = rk_grow(b->settling, b->n_settling, &b->cap_settling, sizeof *b->settling);
    b->settling[b->n_settling++] = (struct record_settling){done, ctx};
    push_soon(b);
    if (!b->timer)
        settle(b); /* a push took it along already */
}

void record_push_end(struct record_branch *b)
{
    struct rk_err ended = {0};
    (void)rk_fail(&ended, RK_CANCELLED, "the audit log was closed");
    for (size_t i = 0; i < b->n_settling; i++)
        b->settling[i].done(&ended, b->settling[i].ctx);
    free(b->settling);
    run_timer_stop(b->timer);
    if (b->note)
        b->note->b = NULL;
    free(b->now.v);
    free(b->later.v);
}

void record_log_push(struct record_log *l, const char *environment, record_done_fn done, void *ctx)
{
    if (!done) {
        if (environment)
            push_soon(record_branch(l, environment));
        for (size_t i = 0; !environment && i < l->n; i++)
            push_soon(l->branches[i]);
        return;
    }
    struct record_asked *who = rk_alloc(sizeof *who);
    *who = (struct record_asked){.done = done, .ctx = ctx};
    l->asked = rk_grow(l->asked, l->n_asked, &l->cap_asked, sizeof *l->asked);
    l->asked[l->n_asked++] = who;
    for (size_t i = 0; !environment && i < l->n; i++)
        push_now(l->branches[i], who);
    /* nothing to push anywhere: git answers so, on a later turn of the loop */
    if (who->left == 0)
        push_now(record_branch(l, environment ? environment : "-"), who);
}
