/*
 * log_int.h: the audit log as log.c and push.c share it.
 */
#ifndef RK_RECORD_LOG_INT_H
#define RK_RECORD_LOG_INT_H

#include "record/record_int.h"

struct record_asked {                   /* one record_log_push that somebody waits for */
    size_t left;                        /* branches that have not answered */
    struct rk_err err;                  /* the first */
    record_done_fn done;
    void *ctx;
};

struct record_waiting {
    struct record_asked **v;
    size_t n, cap;
};

struct record_settling {                /* one record_log_settle that is not begun */
    record_done_fn done;
    void *ctx;
};

struct record_recent {
    char id[65], commit[GIT_ID];
};

struct record_branch {
    struct record_log *log;
    char *environment, *name;
    bool noted;                         /* in the state folder's list of environments */
    struct record_place place;
    struct record_recent *recent;       /* the newest entries up to recent_tip; "": not looked at */
    size_t n_recent, cap_recent;
    char recent_tip[GIT_ID];
    /* push.c */
    bool pushing, due;                  /* due: again when this push ends */
    struct record_waiting now, later;   /* told by the push that runs; by the next */
    struct run_timer *timer;            /* entries that nobody waits for gather */
    uint64_t since;                     /* the first of them */
    struct record_settling *settling;
    size_t n_settling, cap_settling;
    struct record_note *note;           /* the tip seen is being written */
    char seen[GIT_ID];                  /* as written last */
};

struct record_log {
    struct git_mirror *mirror;
    struct git_view *view;
    char *dir, *remaking;               /* the state folder; a document's name */
    struct record_branch **branches;
    size_t n, cap;
    struct record_asked **asked;
    size_t n_asked, cap_asked;
    bool *gone;                         /* set when a done function closes the log */
};

/* ---- log.c ---- */
struct record_branch *record_branch(struct record_log *l, const char *environment);
/* For git_log_push; ctx is the branch. */
int record_remake(struct git_view *v, const char *branch, const char *remote_tip,
                  const char *local_tip, void *ctx, struct rk_err *err) RK_MUST_CHECK;

/* ---- push.c ---- */
void record_push_end(struct record_branch *b);  /* nobody is told any more */

#endif
