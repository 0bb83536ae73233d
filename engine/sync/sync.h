/*
 * sync.h: operations: the executor (phases, waves, health), and the automation's decisions.
 * design.md section 10. The only room beside core that starts effects.
 *
 * An operation belongs to one application and is a table-driven state machine on the loop:
 *     opened -> (intent recorded) -> (commit made and pushed) -> applying -> waiting for health
 *     -> closed.
 * Before each effect its journal entry is on disk. core gives fresh renders and looks through the
 * functions in struct sync_host, and is told of every change.
 *
 * One commit for several applications (a revert of an environment) is one operation each: the first
 * makes the commit, the others name it in `after`, wait for that commit and go on with it as with
 * their own. Where none is made they end as the first does.
 */
#ifndef RK_SYNC_H
#define RK_SYNC_H

#include "cluster/cluster.h"
#include "git/git.h"
#include "plan/plan.h"
#include "record/record.h"

enum sync_state {
    SYNC_WAITING, SYNC_RUNNING,
    SYNC_SUCCEEDED, SYNC_FAILED, SYNC_DEGRADED, SYNC_STOPPED, SYNC_SUPERSEDED, SYNC_STATE_MAX
};
extern const char *const sync_state_name[SYNC_STATE_MAX];
enum sync_task_state { SYNC_TASK_WAITING, SYNC_TASK_RUNNING, SYNC_TASK_APPLIED, SYNC_TASK_DONE,
                       SYNC_TASK_FAILED, SYNC_TASK_SKIPPED, SYNC_TASK_STATE_MAX };
extern const char *const sync_task_state_name[SYNC_TASK_STATE_MAX];

/* What an operation works on: made by core from one application's desired and live. Immutable,
 * reference-counted by free_fn; everything in it lives until the operation has ended. */
struct sync_work {
    struct plan plan;
    const struct plan_object *objects; size_t n_objects;
    const char *revision;       /* of the desired */
    const char *sources;        /* record_audit.sources */
    void (*free_fn)(struct sync_work *w);
};

struct sync_task {
    enum sync_task_state state;
    const char *message;
    int64_t started, finished;  /* wall */
};
struct sync_operation {         /* read-only outside this room */
    char id[37];
    const char *kind, *app, *environment, *actor, *email, *reason;
    bool automatic;
    enum sync_state state;
    const char *message;
    char revision[41], from[41], commit[41], fingerprint[65];
    bool pinned, pushed;
    bool prune;                 /* its plan prunes: what a resumed one may do too */
    bool resumed;               /* continued after a restart of the engine */
    char after[37];             /* the operation whose commit it takes; "" */
    const char **followers; size_t n_followers; /* ids of those that take this one's */
    int64_t started, finished, applied;
    const struct sync_work *work;       /* NULL: of before a restart, or before its commit */
    struct sync_task *tasks;            /* as many as work->plan.n_tasks */
};

struct sync_host {              /* what core does for operations */
    struct cluster *(*cluster)(const char *app, void *ctx);
    struct git_mirror *(*mirror)(const char *app, void *ctx);
    struct record_journal *journal;
    struct record_log *(*log)(const char *app, void *ctx);
    const uint8_t *key;         /* 32 bytes: values in the audit log are hashed with it */
    bool argo_tracking;         /* tracking annotation of Argo CD instead of our own */
    /*
     * Fresh work at a revision, with the operation's options, after a commit moved it (render,
     * compare; asynchronous). ready is called once.
     */
    void (*work_at)(const struct sync_operation *op, const char *revision,
                    void (*ready)(struct sync_work *w, const struct rk_err *err, void *octx),
                    void *octx, void *ctx);
    /* Is what was reviewed still what would be applied? CONFLICT names what changed. */
    int (*still)(const struct sync_operation *op, void *ctx, struct rk_err *err);
    /* Health of one live object with the worst of what it owns; message in a. */
    struct model_health_of (*health)(const struct sync_operation *op, struct rk_arena *a,
                                     const struct kube_key *key, void *ctx);
    /* 0 = none: the environment's policy; e.g. audit intent first in a locked one. */
    bool (*intent_first)(const char *environment, void *ctx);
    void (*changed)(const struct sync_operation *op, void *ctx);        /* any state or task */
    /* its commit is made: pushed, or pinned until the remote is back */
    void (*committed)(const struct sync_operation *op, void *ctx);
    /* an apply was acknowledged; an object was deleted: core keeps the inventory */
    void (*applied)(const struct sync_operation *op, const struct kube_key *key, const char *uid,
                    void *ctx);
    void (*pruned)(const struct sync_operation *op, const struct kube_key *key, void *ctx);
    /* what goes into the audit outcome: the inventory as it is now, the cluster's uid */
    const struct record_inventory *(*inventory)(const char *app, void *ctx);
    void (*closed)(const struct sync_operation *op, void *ctx);
    uint64_t operation_ms;      /* time limit: 30 min */
    uint64_t wave_delay_ms;
};

/* What makes the commit of a promote, revert or adopt; its `make` is re-run on a new tip. */
struct sync_commit { struct git_write write; };

struct sync;
struct sync *sync_new(struct run_loop *loop, const struct sync_host *host, void *ctx) RK_MUST_CHECK;
void sync_free(struct sync *s);

struct sync_request {
    const char *kind, *app, *environment, *actor, *email, *reason, *confirm;
    bool automatic, supersede;  /* supersede: a revert ends what runs for its application */
    struct sync_work *work;     /* taken; for promote/revert of another overlay may be NULL until
                                 * the commit is made */
    const struct sync_commit *commit;   /* NULL: none; copied shallow, must outlive the operation */
    void (*commit_free)(const struct sync_commit *c);
    const char *after;          /* id of the operation whose commit it takes; NULL. Started in the
                                 * same turn of the loop: either both are in the journal, or no
                                 * commit was begun */
    const char *from;           /* revision that ran before */
    const char *reject;         /* revert: the revision recorded as rejected */
};
/* CONFLICT when one runs for the application (its id in the text); UNAVAILABLE on disk trouble. */
int sync_start(struct sync *s, const struct sync_request *r, const struct sync_operation **out,
               struct rk_err *err) RK_MUST_CHECK;
int sync_stop(struct sync *s, const char *id, bool now, struct rk_err *err) RK_MUST_CHECK;
const struct sync_operation *sync_running(const struct sync *s, const char *app);  /* or NULL */
const struct sync_operation *sync_find(const struct sync *s, const char *id);
/* Newest first; finished ones of before a restart come from the journal. app NULL: of all;
 * open_only: those that have not ended. skip, limit and total count what is asked for. */
size_t sync_list(const struct sync *s, const char *app, bool open_only,
                 const struct sync_operation **out, size_t skip, size_t limit, size_t *total);
size_t sync_running_count(const struct sync *s);
/* A watched object changed: operations that wait for it look again. Cheap. */
void sync_look(struct sync *s, const char *app);
/*
 * After a restart, once the application's state is known: resumes open operations that only have
 * applies left, reports the others as Failed ("engine restarted ..."). Nothing is done twice.
 */
void sync_recover(struct sync *s, const char *app);
bool sync_unrecovered(const struct sync *s, const char *app);

/* ---- edits for promote, adopt, ignore: byte ranges of the user's files; pure ---- */
struct sync_edit { const char *file; uint32_t line; const char *before, *after; };
struct sync_edits { struct git_file *files; size_t n_files; struct sync_edit *edits; size_t n; };
/* Image tags or digests of the source's desired into the target's overlay at tip. marks: of the
 * target's objects; an image that its Application sets is refused (UNSUPPORTED). */
int sync_promote_edits(struct git_view *v, const char *tip, const char *target_path,
                       const struct kube_object *source, size_t n_source,
                       const struct kube_object *target, size_t n_target,
                       const struct doc_marks *marks, struct rk_arena *a,
                       struct sync_edits *out, struct rk_err *err) RK_MUST_CHECK;
struct sync_adopting {
    const struct plan_object *objects; size_t n;
    const struct doc_marks *marks;
    const struct kube_key *only; size_t n_only;         /* of these objects; none: of all */
    const char *const *paths; size_t n_paths;           /* these fields (JSON pointers); none: all */
};
/* Live values of the drifted fields into the files their marks name. NOT_FOUND: a chosen field that
 * does not differ. */
int sync_adopt_edits(struct git_view *v, const char *tip, const struct sync_adopting *what,
                     struct rk_arena *a, struct sync_edits *out, struct rk_err *err) RK_MUST_CHECK;

#endif
