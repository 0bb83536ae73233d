/*
 * model.h: documents -> applications, projects, environments and their policy, health, decisions.
 * Pure: the time is an argument. Meaning of Argo CD's fields: reference/argocd.md; of reckon.yaml:
 * design.md sections 6 and 15.
 */
#ifndef RK_MODEL_H
#define RK_MODEL_H

#include "kube/kube.h"

/* ---- words ---- */
enum model_verdict { MODEL_UNKNOWN, MODEL_SYNCED, MODEL_OUT_OF_SYNC, MODEL_VERDICT_MAX };
enum model_health { /* severity order for aggregation, worst last */
    MODEL_NONE, MODEL_HEALTHY, MODEL_SUSPENDED, MODEL_PROGRESSING, MODEL_MISSING, MODEL_DEGRADED,
    MODEL_HEALTH_UNKNOWN, MODEL_HEALTH_MAX
};
extern const char *const model_verdict_name[MODEL_VERDICT_MAX];
extern const char *const model_health_name[MODEL_HEALTH_MAX];    /* "None", "Healthy", ... */

struct model_lint { const char *text, *file; uint32_t line; };
struct model_lints { struct model_lint *v; size_t n; };

/* ---- applications ---- */
struct model_retry { int64_t limit; uint64_t duration_ms, max_ms; int64_t factor; bool refresh; };
struct model_ignore {           /* spec.ignoreDifferences[] */
    const char *group, *kind, *name, *namespace;
    const char **pointers; size_t n_pointers;
    const char **jq; size_t n_jq;
    const char **managers; size_t n_managers;
};
struct model_source {           /* spec.source, or one of spec.sources */
    const char *repo_url, *target_revision, *path, *chart;      /* as in model_app */
    const char *ref;            /* how value files name it ("$ref/..."); "" = they cannot */
    bool makes;                 /* manifests; false: it only holds value files */
    bool own_repo;              /* it lies in model_input.default_repo */
    const char *field;          /* how messages call it: "spec.source", "spec.sources[0]" */
    const struct doc_node *node; uint32_t line;
};
/*
 * All in the model's arena. Texts are never NULL ("" = not set; project "default", target_revision
 * "HEAD", path "" = the root) except server and cluster_name (exactly one is set),
 * claimed_environment and error. With error set only name, file, line and what could be read are
 * meaningful (server and cluster_name may both be NULL): it is Unknown and never written.
 */
struct model_app {
    const char *name, *app, *project;   /* app: the name across environments */
    const char *file; uint32_t line;
    struct model_source *sources; size_t n_sources;     /* one or more; spec.sources wins */
    /* The primary source: the first in this repository, else the first that makes manifests. */
    const char *repo_url, *target_revision, *path;  /* repo_url as written */
    bool own_repo;                      /* it means model_input.default_repo, however spelt */
    const char *chart;                  /* of a chart repository (repo_url); then path is "" */
    const struct doc_node *source;      /* spec.source as written */
    const char *source_field;           /* how messages call it: "spec.source", "spec.sources[0]" */
    const char *server, *cluster_name, *namespace;
    bool automated, prune, self_heal, allow_empty;
    bool create_namespace, prune_last, apply_out_of_sync_only, server_side, replace, force;
    bool no_prune, respect_ignore, fail_on_shared;
    bool prune_confirm, skip_missing_dry_run;
    const char *propagation;            /* foreground (default), background, orphan */
    const char **sync_options; size_t n_sync_options;
    bool has_retry; struct model_retry retry;
    struct model_ignore *ignore; size_t n_ignore;
    const char *claimed_environment;    /* annotation reckon.dev/environment */
    const char *derived_environment;    /* folder after overlays/, environments/; else namespace */
    bool finalizer;                     /* resources-finalizer.argocd.argoproj.io */
    struct model_lints lints;           /* fields not implemented, contradictions with the policy */
    const char *error;                  /* a bad Application: "file:line: cause"; else NULL */
    const struct doc_node *doc;
    const struct doc_marks *marks;      /* of doc and source: model.marks */
};

/* ---- projects ---- */
/* NULL when there is none of that name, except "default": without a manifest it allows all. */
struct model_project;
const struct model_project *model_project_find(const struct model_project *const *p, size_t n,
                                               const char *name);
const char *model_project_name(const struct model_project *p);
/*
 * 0 or DENIED naming the rule: destination, source repository, kind. NOT_FOUND for p NULL, INVALID
 * when the project's own manifest is bad. A namespaced object passes when both model_project_kind
 * and model_project_namespace (the namespace it will live in) do.
 */
int model_project_app(const struct model_project *p, const struct model_app *app,
                      struct rk_err *err) RK_MUST_CHECK;
int model_project_kind(const struct model_project *p, const struct kube_key *key, bool namespaced,
                       struct rk_err *err) RK_MUST_CHECK;
int model_project_namespace(const struct model_project *p, const struct model_app *app,
                            const char *namespace, struct rk_err *err) RK_MUST_CHECK;

/* ---- environments ---- */
enum model_sync { MODEL_AUTO, MODEL_MANUAL, MODEL_OBSERVE, MODEL_SYNC_MAX }; /* strictness order */
extern const char *const model_sync_name[MODEL_SYNC_MAX];       /* "auto", "manual", "observe" */
enum model_via { MODEL_VIA_PUSH, MODEL_VIA_BRANCH };
struct model_match { const char **namespaces, **clusters, **paths, **projects; }; /* NULL ends */
struct model_environment {
    const char *name;
    struct model_match *match; size_t n_match;
    enum model_sync sync;
    bool prune, self_heal, locked, validate, auto_rollback;
    int64_t approvals, prune_budget;    /* -1: no budget */
    const char **approvers; size_t n_approvers;
    const struct doc_node *windows;
    enum model_via promote_via, revert_via;
    uint32_t line;
};
struct model_floor { const char *environment; bool has_locked, locked; int64_t approvals; };
/*
 * What governs one application: the strictest of its environments, each field the strictest of all
 * that hold it. sync, prune and self_heal say what automation may do: they are already narrowed by
 * the Application's own automated (MODEL_AUTO only when both say so).
 */
struct model_policy {
    const char *environment;
    enum model_sync sync;
    bool prune, self_heal, locked, validate, auto_rollback;
    int64_t approvals, prune_budget;
    const char **approvers; size_t n_approvers;
    enum model_via promote_via, revert_via;
    bool configured;            /* false: no reckon.yaml, or no environment matches: observe */
};

/* ---- a repository's whole model ---- */
struct model_file { const char *path; rk_str bytes; };
struct model_input {
    const struct model_file *files; size_t n_files;     /* YAML files that may hold applications */
    const struct model_file *config;                    /* reckon.yaml; NULL: none */
    const struct model_floor *floors; size_t n_floors;
    const char *default_repo;   /* for `Application`s whose repoURL means this repository */
};
struct model {
    struct rk_arena *arena;
    const struct doc_marks *marks;
    struct model_app *apps; size_t n_apps;              /* sorted by name; duplicates carry error */
    const struct model_project **projects; size_t n_projects;
    /* Promotion order. Without reckon.yaml: the derived ones, observe, without match. */
    struct model_environment *environments; size_t n_environments;
    bool has_config;
    const char **app_folders; size_t n_app_folders;
    struct model_lints lints;   /* of reckon.yaml and of files that could not be read */
    char config_hash[65];
};
/* A bad file marks what it belongs to and is a lint; only a broken reckon.yaml fails (the caller
 * keeps the last good one). */
int model_read(const struct model_input *in, struct model **out, struct rk_err *err) RK_MUST_CHECK;
void model_free(struct model *m);
/* Where applications are looked for: the folders reckon.yaml names; n 0 = everywhere. */
int model_config_folders(struct rk_arena *a, rk_str reckon_yaml, const char ***folders, size_t *n,
                         struct rk_err *err) RK_MUST_CHECK;
/* cluster: the engine's name of the destination's cluster; NULL when it is not known. */
void model_policy_of(const struct model *m, const struct model_app *app, const char *cluster,
                     struct model_policy *out);
/* Does this configured environment hold the application (for its windows)? cluster may be NULL. */
bool model_environment_holds(const struct model_environment *e, const struct model_app *app,
                             const char *cluster);
/* Is `next` looser than `now` anywhere? what: "production: locked true -> false". */
/* Also when an application that was observed becomes managed, so that no detour through a deleted
 * reckon.yaml loosens unseen. */
bool model_loosens(struct rk_arena *a, const struct model *now, const struct model *next,
                   const char **what);
/* The environment before and after this one among those that hold APP; NULL at the ends. */
const struct model_environment *model_next_environment(const struct model *m, const char *app,
                                                       const char *environment, int step);
const struct model_app *model_app_in(const struct model *m, const char *app,
                                     const char *environment);
/* Name, or ENV/APP. */
const struct model_app *model_find(const struct model *m, const char *name);
bool model_repo_same(const char *a, const char *b);     /* URL forms of one repository */
/* `reckon init`: a reckon.yaml proposed for what was found. */
void model_propose(const struct model *m, struct rk_buf *out);

/* ---- health: reference/argocd.md section 1.9 ---- */
struct model_health_of { enum model_health health; const char *message; };
/* message in a or static, never NULL, foreign text; MODEL_NONE when the kind has no rule. */
struct model_health_of model_health(struct rk_arena *a, const struct kube_object *live);
/* A failing pod's reason while its owner still is Progressing ("ErrImagePull: ..."), or NULL. */
const char *model_pod_trouble(struct rk_arena *a, const struct kube_object *pod);
enum model_health model_worst(enum model_health a, enum model_health b);

/* ---- automatic sync: section 1.4, and our own back-off ---- */
/*
 * same_revision: same revision and source spec as the last attempt. only_prune: every object out of
 * sync only needs pruning; all_prune: every object of the application does; no_objects: there is
 * none. last_finished_ms 0: the last operation has no end yet, the whole delay applies.
 */
struct model_auto_input {
    bool window_closed, automated, operation_running, deleting;
    enum model_verdict verdict;
    bool only_prune, all_prune, no_objects; /* what is out of sync */
    bool prune, self_heal, allow_empty;
    bool same_revision, last_attempted, last_succeeded;
    int64_t heal_attempts, now_ms, last_finished_ms;
};
struct model_auto { bool sync, selective; uint64_t wait_ms; const char *reason; };
struct model_auto model_auto_decide(const struct model_auto_input *in);
uint64_t model_heal_delay(int64_t attempts);            /* 0, 2, 6, 18, 54, 162, 300 s ... */
/* retries already made: 0 -> duration, then times factor, at most max_ms (0 = no cap). */
uint64_t model_retry_delay(const struct model_retry *r, int64_t attempt);

#endif
