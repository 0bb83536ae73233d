/*
 * plan_int.h: what the files of the plan view share.
 *
 * A plan that the engine made is shown as rows (plan_rows.c) between two fixed parts: what it is,
 * and what it takes to start it (plan_draw.c). plan_fields.c takes what is typed; plan_arm.c is the
 * one file of the view that asks for a write: plan.arm with what was typed, operation.start of a
 * plan that is armed. plan_ask.c knows how a plan is asked for, and what other one Space asks for.
 */
#ifndef RK_VIEW_PLAN_INT_H
#define RK_VIEW_PLAN_INT_H

#include "view/view_int.h"

enum { PLAN_COUNT_S = 5 };

/* In the order of Tab; from Cancel and from the rows it goes to the first field that is missing. */
enum plan_focus { PLAN_CANCEL, PLAN_REASON, PLAN_UNLOCK, PLAN_TARGET, PLAN_ROWS, PLAN_FOCI };
enum plan_step { PLAN_REVIEW, PLAN_COUNTING, PLAN_STARTING };

/* What a partial revert may leave out, by one of the three; kept from the last plan of everything. */
enum plan_sort { PLAN_PATHS, PLAN_OBJECTS, PLAN_APPS, PLAN_SORTS };
struct plan_item { enum plan_sort sort; const char *name; bool marked; };

enum plan_row_kind { PLAN_HEAD, PLAN_TASK, PLAN_FIELD, PLAN_OWNER, PLAN_SAME, PLAN_EDIT,
                     PLAN_BEFORE, PLAN_AFTER, PLAN_CONFLICT, PLAN_ITEM, PLAN_TEXT };
struct plan_row {
    enum plan_row_kind kind;
    size_t i, j;                /* task and field; edit; conflict */
    const char *text;           /* safe; what is searched, and for plain rows what is drawn */
    const char *other;          /* BEFORE, AFTER: the line to compare with; may be NULL */
    enum term_role role;
    struct plan_item *item;     /* what Space marks; NULL: nothing */
};

struct plan_view {
    struct view v;
    /* what is asked for */
    struct rk_arena *params_arena;
    struct wire_plan_params *params;            /* NULL: made elsewhere, known by fingerprint */
    char *fingerprint, *environment;            /* as opened; may be NULL */
    size_t asked;               /* answers to earlier questions are dropped */
    bool asking;
    /* what came */
    struct rk_arena *arena;
    const struct wire_plan *plan;
    struct rk_err err;          /* why there is none */
    char stale[480];            /* "": it is not */
    /* marks of a revert */
    struct rk_arena *items_arena;
    struct plan_item *items;
    size_t n_items, cap_items;
    /* arming */
    enum plan_step step;
    struct run_timer *dead, *count, *expiry;
    bool awake;                 /* the dead time is over */
    int left;                   /* seconds */
    enum plan_focus focus;
    struct widget_edit reason, target;
    bool unlock, asks_reason, asks_unlock;
    char wanted[256];           /* what is to be typed; "": nothing */
    bool arming;                /* plan.arm is on its way */
    char *sent_reason, *armed_reason;   /* on its way; as the engine has it. NULL: not yet */
    /* rows */
    struct rk_arena *rows_arena;
    struct plan_row *rows;
    size_t n_rows;
    int rows_w;                 /* the width that they are made for */
    int object_w, risk_w;       /* what these columns of tasks need */
    bool *open;                 /* of tasks, then conflicts; in arena */
    size_t n_open;
    bool same_open, fitted;     /* fitted: what there was room for is unfolded */
    struct widget_list list;
};

/* ---- plan.c ---- */
bool plan_production(const struct plan_view *p);
bool plan_readonly(const struct plan_view *p);
bool plan_is(const struct plan_view *p, const char *kind);
/* An answer becomes what is shown; same: the plan that is shown, further on. */
void plan_take(struct plan_view *p, const struct wire_plan *plan, struct rk_arena *a, bool same);
void plan_drop(struct plan_view *p);            /* there is none any more */

/* ---- plan_ask.c: which plan ---- */
void plan_ask_open(struct plan_view *p, const struct view_target *t);
extern const struct view_rest plan_rest;        /* the tasks that did not fit into the answer */
void plan_ask(struct plan_view *p);             /* makes a new one, or reads it by fingerprint */
void plan_ask_again(struct plan_view *p);       /* reads the one that is shown: is it still good? */
bool plan_toggle(struct plan_view *p);          /* Space: prune, or a mark */
bool plan_mark_all(struct plan_view *p, bool marked);
size_t plan_unmarked(const struct plan_view *p);
bool plan_marks_nothing(const struct plan_view *p);     /* of one sort none is left */
bool plan_app_left_out(const struct plan_view *p);      /* any: what is its own went with it */
/* After the first plan came. Of a revert that conflicts only its commit tells the other files. */
void plan_items_collect(struct plan_view *p);
struct plan_item *plan_item_of(const struct plan_view *p, enum plan_sort sort, const char *name);
void plan_ask_close(struct plan_view *p);

/* ---- plan_fields.c ---- */
bool plan_field_shown(const struct plan_view *p, enum plan_focus f);
void plan_focus_move(struct plan_view *p, int by);
void plan_focus_set(struct plan_view *p, enum plan_focus f);
void plan_toggle_unlock(struct plan_view *p);
bool plan_key(struct view *v, const struct term_key *k);

/* ---- plan_arm.c: arming, start ---- */
void plan_arm_reset(struct plan_view *p, bool keep_fields);     /* another plan is shown */
/* The first field that is not filled in; PLAN_FOCI: none. */
enum plan_focus plan_missing_field(const struct plan_view *p);
bool plan_target_typed(const struct plan_view *p);
void plan_arm_complete(struct plan_view *p);    /* asks for plan.arm once the fields are complete */
void plan_apply(struct plan_view *p);
bool plan_countdown_stop(struct plan_view *p);  /* false: none runs */
/* What is between the plan and its start; "": nothing, it is armed. */
void plan_why_not(const struct plan_view *p, struct rk_buf *out);
bool plan_expired(const struct plan_view *p);
void plan_set_stale(struct plan_view *p, const char *why);
void plan_arm_close(struct plan_view *p);

/* ---- plan_rows.c ---- */
void plan_rows_make(struct plan_view *p, int width);
void plan_rows_fit(struct plan_view *p, int room);      /* unfolds a new plan if all of it fits */
/* plan_name, without whose it is where a row above says so. */
const char *plan_row_name(const struct plan_view *p, struct rk_arena *a, const struct wire_task *t);
const struct wire_task *plan_task_at(const struct plan_view *p, size_t row);    /* NULL: none */

/* ---- plan_text.c ---- */
/* A task's changes in a line: "image 1.8.2 -> 1.9.0, +2". */
const char *plan_what(struct rk_arena *a, const struct wire_task *t);
const char *plan_risks(struct rk_arena *a, const struct wire_task *t);  /* "PRUNE DATA" */
const char *plan_wave(struct rk_arena *a, const struct wire_task *t);   /* "wave 1", "PreSync" */
/* "Deployment/web"; in a plan of an environment with whose it is before it. */
const char *plan_name(struct rk_arena *a, const struct wire_task *t);
/* GROUP/KIND/NAMESPACE/NAME, as it came: not for a screen. */
const char *plan_object(struct rk_arena *a, const struct wire_task *t);
/* What the gate wants, with keys in place of the command line's words. */
const char *plan_wants(const struct plan_view *p, struct rk_arena *a, const char *text);
bool plan_task_same(const struct wire_task *t);
/* Destroys something, or changes what others share: the number of such objects is asked for. */
bool plan_task_risky(const struct wire_plan *plan, const struct wire_task *t);
const char *plan_value(struct rk_arena *a, const char *json);   /* without quotes; "(none)" */

/* ---- plan_draw.c ---- */
void plan_draw(struct view *v, struct canvas c);

#endif
