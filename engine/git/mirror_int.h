/*
 * mirror_int.h: the mirror on the loop: what mirror.c, refresh.c, pending.c, push.c, logpush.c
 * and disk.c share.
 *
 * A mirror does one task at a time, first come first served: two fetches would fight for git's ref
 * locks, two writes for the same tip. A task that runs has either a child (m->cmd), a pool job, or
 * a timer; each step's callback begins with git_step, which says whether the mirror still lives.
 */
#ifndef RK_GIT_MIRROR_INT_H
#define RK_GIT_MIRROR_INT_H

#include "git/git_int.h"

#define GIT_TRIES 5

struct git_task {
    struct git_task *next;
    void (*start)(struct git_task *t);
    void (*drop)(struct git_task *t);   /* frees it; its caller is not told */
    struct git_mirror *m;
};

struct git_waiting {                    /* one pending commit */
    git_oid id;
    char *name;
};

struct git_refresh {                    /* ls-remote, fetch when needed, settle */
    void (*done)(struct git_task *t, const struct rk_err *err);
    char *names;                        /* some branches, for the message that ours is missing */
    size_t branches;
};

struct git_signing {
    void (*done)(struct git_task *t, const git_oid *id, const struct rk_err *err);
    char *bytes;
};

struct git_flush {
    void (*done)(struct git_task *t, const struct rk_err *err);
    git_oid *made;                      /* what each pending commit became on the new tip */
    size_t i, n;
    git_oid now;
    unsigned tries;
};

struct git_mirror {
    struct run_loop *loop;
    char *dir, *branch;                 /* branch NULL: not known yet */
    bool branch_given, branch_sure;     /* sure: the remote named it */
    struct gitcmd_remote remote;
    char *committer_name, *committer_email, *signing_key;
    struct git_view *view;              /* of the loop's thread */
    git_oid head;                       /* the branch on the remote, last seen; zero: no commit */
    struct git_waiting *pending;        /* oldest first */
    size_t n_pending;

    struct git_task *active, *first, **last;
    struct git_task *poll;              /* a poll that waits or runs: others join it */
    struct gitcmd *cmd;
    struct run_job *job;
    struct run_timer *timer;
    bool soon, dead;
    bool syncing;                       /* the active task waits for git_log_sync */
    struct git_disk *disk;              /* NULL until it is needed */

    struct git_refresh refresh;
    struct git_signing signing;
    struct git_flush flush;

    void (*on_pushed)(const char *name, const char *old_id, const char *new_id, void *ctx);
    void *on_pushed_ctx;
};

/* ---- locks.c: what a killed process left ---- */
void git_locks_of_reckon(const char *dir);      /* while nothing of ours is being written */
/* Older than that (0: all): while no git child of ours runs. */
void git_locks_of_git(const char *dir, uint64_t older_ms);

/* ---- mirror.c ---- */
void git_task_add(struct git_mirror *m, struct git_task *t);
/* The active task is over: takes it off. Its caller is told after this; the mirror's memory stays
 * until the loop's next turn, whatever the caller does. */
void git_task_end(struct git_task *t);
/* Begins each callback of a child, job or timer: false = the mirror is gone, and t with it. */
bool git_step(struct git_task *t);
/* The same after a function of the caller's was called in the middle of a task. */
bool git_alive(struct git_task *t);
/* The mirror's memory stays until the loop's next turn. */
void git_mirror_stay(struct git_mirror *m);
/* refs/remotes/origin/<branch> or zero. */
git_oid git_remote_tip(struct git_mirror *m, const char *branch);
/* The remote took id as its branch's tip. */
void git_remote_moved(struct git_mirror *m, const char *branch, const git_oid *id);
extern const char *const git_refspecs[];

/* ---- refresh.c ---- */
void git_refresh(struct git_task *t, void (*done)(struct git_task *t, const struct rk_err *err));
/* Only the fetch and what follows it. */
void git_refetch(struct git_task *t, void (*done)(struct git_task *t, const struct rk_err *err));

/* ---- pending.c ---- */
void git_pending_load(struct git_mirror *m);
void git_pending_release(struct git_mirror *m);
int git_pending_add(struct git_mirror *m, const char *name, const git_oid *id, struct rk_err *err)
    RK_MUST_CHECK;
git_oid git_pending_tip(const struct git_mirror *m);    /* m->head when nothing is pending */
/* Puts the pending commits on the tip as last seen and pushes them. */
void git_flush(struct git_task *t, void (*done)(struct git_task *t, const struct rk_err *err));
void git_flush_release(struct git_mirror *m);

/* ---- push.c ---- */
/* The draft as a commit, signed when the mirror has a key. */
void git_make(struct git_task *t, rk_str bytes,
              void (*done)(struct git_task *t, const git_oid *id, const struct rk_err *err));
void git_backoff(struct git_task *t, unsigned tries, void (*fn)(void *ctx));

/* ---- disk.c ---- */
/* What of a log was on the disk last; zero: nothing. */
git_oid git_disk_kept(struct git_mirror *m, const char *branch);
/* After a power cut: logs that cannot be read back to what was kept. */
int git_disk_mend(struct git_mirror *m, struct rk_err *err) RK_MUST_CHECK;
/* git_log_sync for a task of the mirror: not told when the mirror ends. */
void git_disk_sync(struct git_mirror *m, const char *branch, gitcmd_fn done, void *ctx);
void git_disk_stop(struct git_mirror *m);       /* m->dead: who waits is told CANCELLED */
void git_disk_free(struct git_mirror *m);

#endif
