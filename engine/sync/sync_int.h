/*
 * sync_int.h: one operation, as the files of this room share it.
 */
#ifndef RK_SYNC_INT_H
#define RK_SYNC_INT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "reckon/map.h"
#include "reckon/text.h"
#include "reckon/time.h"
#include "sync/sync.h"

/* The steps of an operation, in order; each row of the table in steps.c enters one. */
enum sync_step {
    STEP_OPEN,      /* its description is on disk */
    STEP_INTENT,    /* locked environments: the intent is in the audit log */
    STEP_COMMIT,    /* promote, revert, adopt: the commit is pushed (or pinned) */
    STEP_WORK,      /* fresh work at that commit; it is what was reviewed */
    STEP_CHECK,     /* nothing that was reviewed moved */
    STEP_TASKS,     /* applied and pruned, wave by wave, each wave healthy */
    STEP_CLOSE,
    STEP_MAX
};

struct sync_call {              /* one request in flight, or one journal entry before it */
    struct sync_op *op;
    size_t task;
    struct cluster_call *call;  /* NULL while its journal entry is being written */
    int tries;
    char version[24];           /* forced over this version; "": not forced */
    struct cluster_field_conflict *refused;     /* what the server named last */
    size_t n_refused;
    struct cluster_field_conflict obstacle;     /* why it must not be forced */
    struct sync_call *next;
};

struct sync_planned {           /* a task, as the journal tells it after a restart */
    struct kube_key key;
    enum plan_action action;
    enum plan_phase phase;
    int64_t wave;
};

struct sync_op {
    struct sync_operation pub;  /* first: what others see */
    struct sync *sync;
    struct rk_arena *arena;
    enum sync_step step;
    bool busy;                  /* a step's answer is on its way */
    bool stop_wave, ended, break_glass;
    const struct sync_commit *commit;
    void (*commit_free)(const struct sync_commit *c);
    struct sync_work *work;     /* owned */
    size_t first, end;          /* tasks of the group in work: [first, end) */
    char (*versions)[24];       /* resourceVersion that each task's apply was answered with */
    char (*uids)[40];
    struct sync_call *calls;
    struct run_timer *limit, *wave_timer;
    struct record_value *values; size_t n_values, cap_values;   /* overwritten: for the audit */
    /* after a restart: what the journal says was planned */
    struct sync_planned *planned; size_t n_planned;
    bool recovered, commits, commit_begun, proposed;
    const char *concluded;      /* its message when it ended, as pub.state says; maybe not closed */
    int64_t concluded_at;
    struct sync_op *next;       /* newest first */
};

struct sync {
    struct run_loop *loop;
    struct sync_host host;
    void *ctx;
    struct sync_op *ops;
    size_t n_ops;
    struct sync_ticket *tickets;        /* answers that are on their way (steps.c) */
    bool closing;
};

/* steps.c */
void sync_step_enter(struct sync_op *op);       /* runs the step it is in */
void sync_step_next(struct sync_op *op);
void sync_op_end(struct sync_op *op, enum sync_state state, const char *fmt, ...) RK_PRINTF(3, 4);
void sync_op_changed(struct sync_op *op);
void sync_op_follows(struct sync_op *op, const char *id);       /* its commit is that one's */
void sync_tickets_forget(struct sync *s);       /* answers that still come find nothing */
/* tasks.c */
void sync_tasks_begin(struct sync_op *op);
void sync_tasks_look(struct sync_op *op);       /* something it may wait for changed */
void sync_tasks_cancel(struct sync_op *op);
void sync_op_take_work(struct sync_op *op, struct sync_work *w);
/* notes of the journal that mean something to who reads it */
#define SYNC_NOTE_COMMIT "commit"       /* its commit is begun */
#define SYNC_NOTE_PINNED "pinned"       /* it is made and waits for the remote */
#define SYNC_NOTE_ENDED "ended "        /* "ended Succeeded 3 tasks": how, and its message */
/* force.c: what the server names is noted; may the call's apply be forced over what lives? */
enum sync_force {
    SYNC_FORCE_NO,      /* nothing conflicts as far as it is known */
    SYNC_FORCE_YES,     /* all that conflicts was reviewed: with the version of `live` */
    SYNC_FORCE_NEVER,   /* k->obstacle was not */
};
void sync_force_note(struct sync_call *k, const struct cluster_answer *answer);
enum sync_force sync_force_may(struct sync_call *k, struct cluster *c,
                               const struct cluster_apply *what, const struct cluster_object *live);
/* trace.c: what goes to the journal, and what is read back from it; audit.c: the audit log */
void sync_trace(struct sync_op *op, enum record_kind kind, int64_t task, rk_str data,
                record_done_fn done, void *ctx);
void sync_trace_open(struct sync_op *op, record_done_fn done, void *ctx);
void sync_trace_ended(struct sync_op *op);      /* how; its outcome is not kept yet */
void sync_trace_closed(struct sync *s, const char *id, enum sync_state state);
void sync_trace_values(struct sync_op *op, size_t task);        /* before it is overwritten */
int sync_audit(struct sync_op *op, const char *stage, struct rk_err *err) RK_MUST_CHECK;
void sync_recover_read(struct sync *s);
struct sync_op *sync_op_new(struct sync *s);
struct sync_op *sync_op_find(const struct sync *s, const char *id);     /* NULL: none */

/* edits.c: for promote.c and adopt.c */
struct sync_editing {
    struct rk_arena *a;
    struct sync_edits *out;
    struct doc_edit *edits; const char **files; size_t n, cap, cap_files, cap_out;
};
void sync_edit_add(struct sync_editing *e, const char *file, struct doc_edit edit, uint32_t line,
                   rk_str before, rk_str after);
/* All edits of one file at once. */
int sync_edits_apply(struct sync_editing *e, struct git_view *v, const char *tip,
                     struct rk_err *err) RK_MUST_CHECK;

#endif
