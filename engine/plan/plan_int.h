/*
 * plan_int.h: what the files of this room share and no other room sees.
 */
#ifndef RK_PLAN_INT_H
#define RK_PLAN_INT_H

#include "plan/plan.h"

/* A task while it is put in order. */
struct draft {
    struct plan_task task;
    const struct kube_object *target;   /* applied; NULL: a prune, or the namespace made here */
    bool prune;                         /* live only: pruned or kept */
    bool hook, prune_last, same;        /* same: no drift */
    int rank;
};
struct drafts {
    struct draft *v;
    size_t n, cap;
};
struct draft *draft_add(struct rk_arena *a, struct drafts *d);

/* ---- annotations: annotation.c ---- */
enum annotated { ANNOTATED_NOTHING, ANNOTATED_HOOK, ANNOTATED_SKIP };
/* Phases as bits 1 << (phase + 1); a hook may have none. */
enum annotated annotation_hook(const struct kube_object *o, unsigned *phases);
int64_t annotation_wave(const struct kube_object *o);
/* "Prune" in "Prune=false,Replace=true" -> "false"; none. o may be NULL. */
rk_str annotation_option(const struct kube_object *o, const char *name);

/* ---- tasks: task.c ---- */
void task_drafts(struct rk_arena *a, const struct plan_input *in, struct drafts *out);
unsigned task_risks(const struct plan_input *in, const struct draft *d);    /* risk.c */
/* Waves of prunes mirrored, PruneLast, sorted, namespaces and definitions bubbled up: order.c */
void order_drafts(struct rk_arena *a, struct drafts *d);

/* ---- fingerprint.c ---- */
int fingerprint_make(const struct plan_input *in, struct plan *p, struct rk_err *err)
    RK_MUST_CHECK;
bool task_selected(const struct plan_options *o, const struct kube_key *key);

#endif
