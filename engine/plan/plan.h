/*
 * plan.h: drift and policy -> ordered tasks with risks, fingerprint, gate. Pure.
 * Rules: design.md section 10, reference/argocd.md sections 1.2, 1.3 and 6.
 */
#ifndef RK_PLAN_H
#define RK_PLAN_H

#include "drift/drift.h"

enum plan_phase { PLAN_PRE_SYNC = -1, PLAN_SYNC = 0, PLAN_POST_SYNC = 1, PLAN_SYNC_FAIL = 2 };
enum plan_action { PLAN_CREATE, PLAN_APPLY, PLAN_REPLACE, PLAN_PRUNE, PLAN_KEEP, PLAN_ACTION_MAX };
enum plan_risk { /* bits */
    PLAN_RISK_PRUNE = 1, PLAN_RISK_REPLACE = 2, PLAN_RISK_IMMUTABLE = 4, PLAN_RISK_CLUSTER = 8,
    PLAN_RISK_SHARED_BASE = 16, PLAN_RISK_DATA = 32, /* PVC, PV, Namespace, CRD, StatefulSet */
    PLAN_RISK_FOREIGN = 64, PLAN_RISK_FORCE = 128,
};
extern const char *const plan_phase_name[4];    /* index phase + 1 */
extern const char *const plan_action_name[PLAN_ACTION_MAX];
const char *plan_risk_name(enum plan_risk one);

struct plan_object {            /* one object as core knows it, desired and live and their drift */
    const struct kube_object *desired, *live;   /* NULL: none */
    const struct drift_object *drift;
    const char *foreign;        /* another automation's name, or NULL */
    bool shared_base;           /* the change's source file serves other environments too */
};
struct plan_options {
    bool prune, force, dry_run;
    bool create_namespace, prune_last, apply_out_of_sync_only, replace, no_prune;
    bool prune_confirm;         /* the Application's Prune=confirm */
    bool confirmed;             /* a person arms this plan: Prune=confirm is pruned, not kept */
    const struct kube_key *only; size_t n_only; /* selective: these objects */
};
struct plan_input {
    const char *kind;           /* sync, promote, revert, adopt, heal */
    const struct model_app *app;
    const struct model_policy *policy;
    const char *revision, *namespace;
    bool namespace_exists;
    const struct plan_object *objects; size_t n_objects;
    struct plan_options options;
    const uint8_t *key;         /* 32 bytes; the offline verb gives zeros */
    const char *commits;        /* promote, revert: what the commit will change, as text; or NULL */
};
struct plan_task {
    enum plan_phase phase;
    int64_t wave;
    enum plan_action action;
    struct kube_key key;
    unsigned risks;
    const char *note;           /* why kept: "Prune=false", "foreign: argocd" */
    size_t object;              /* index in input.objects; SIZE_MAX: the namespace made here */
    const char *uid;            /* prune: the precondition */
};
struct plan {
    const char *kind;
    char fingerprint[65];
    struct plan_task *tasks; size_t n_tasks;    /* execution order */
    size_t creates, applies, prunes;
};
int plan_build(struct rk_arena *a, const struct plan_input *in, struct plan *out,
               struct rk_err *err) RK_MUST_CHECK;
/* Do two neighbours in order have to wait for each other (phase, wave or kind changed)? */
bool plan_barrier(const struct plan_task *before, const struct plan_task *after);
/* `reckon plan --desired`: {"fingerprint":...,"tasks":[...]}. */
void plan_print(const struct plan *p, struct rk_buf *out);

/* ---- the gate: everything that is missing, not the first thing ---- */
struct plan_gate_input {
    const struct model_policy *policy;
    const char *kind, *app, *environment;       /* app NULL: the environment as a whole */
    bool automatic;             /* started by policy, not by a person */
    bool dry_run;
    bool can_write; const char *why_readonly;
    bool frozen; const char *frozen_by, *frozen_reason;
    bool policy_pending; const char *policy_change;     /* a loosening waits for acknowledgement */
    bool foreign_cluster; const char *cluster_message;
    bool project_denied; const char *project_message;
    size_t prunes;
    bool stale; const char *stale_why;
    bool expired;
    /* promote */
    const char *source_environment; enum model_verdict source_verdict;
    enum model_health source_health; bool source_validated;
    /* armed with */
    bool unlocked;
    const char *confirm, *reason;       /* what was typed; NULL */
    size_t approvals;
    bool disk_full; const char *disk_message;
    bool superseding;           /* a revert: takes the place of what runs */
    const char *running;        /* id of the operation that holds the application, or NULL */
};
struct plan_missing { const char **v; size_t n; };      /* sentences: what, and what to do */
bool plan_gate(struct rk_arena *a, const struct plan_gate_input *in, struct plan_missing *out);
/* What has to be typed: "production/shop", app NULL: "production"; NULL: nothing. */
const char *plan_confirm_text(struct rk_arena *a, const struct model_policy *policy,
                              const struct model_app *app);

#endif
