/*
 * core_int.h: what the files of core share: the engine's state. Everything here is owned and
 * touched by the loop thread only; what a pool job uses is immutable and reference-counted.
 *
 *     engine ── repo ── model (applications, environments)       one a repository
 *        │        └──── mirror, audit log
 *        ├── core_cluster ── cluster (live store)                one a cluster
 *        └── app ── desired (render) ─┐
 *                   live (borrowed)   ├─ look ─▶ view (pairs, verdict, health) ─▶ plan, automation
 */
#ifndef RK_CORE_INT_H
#define RK_CORE_INT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "cluster/cluster.h"
#include "core/core.h"
#include "drift/drift.h"
#include "git/git.h"
#include "model/model.h"
#include "plan/plan.h"
#include "reckon/client.h"
#include "reckon/map.h"
#include "reckon/run.h"
#include "reckon/text.h"
#include "reckon/time.h"
#include "reckon/wire.h"
#include "record/record.h"
#include "render/render.h"
#include "sync/sync.h"

/* ---- settings.c: engine.yaml ---- */
struct core_repo_settings {
    const char *name, *url, *branch, *ssh_key_file, *token_file, *helper;
    uint64_t poll_ms;
};
struct core_cluster_settings { const char *name, *server, *kubeconfig, *context; };
struct core_identity { uid_t uid; const char *name, *email, *signing_key; };
struct core_settings {
    struct rk_arena *arena;
    struct core_repo_settings *repos; size_t n_repos;
    struct core_cluster_settings *clusters; size_t n_clusters;
    struct core_identity *identities; size_t n_identities;
    struct model_floor *floors; size_t n_floors;
    const char *later;          /* settings that a later version reads, with file:line; NULL */
    const char *socket_group, *state, *audit_remote, *tracking; /* tracking: reckon | argocd */
    bool enable_helm;           /* helmCharts of kustomizations are rendered, as --enable-helm */
    uint64_t approval_ttl_ms, wave_delay_ms, git_ms, api_ms, operation_ms;
};
/* path NULL: an empty setting. INVALID with file:line for what is wrong. */
int core_settings_read(const char *path, struct core_settings *out, struct rk_err *err)
    RK_MUST_CHECK;
void core_settings_release(struct core_settings *s);

/* ---- desired: one render, immutable ---- */
struct core_desired {
    unsigned refs;
    struct render_result *render;
    char revision[GIT_ID];              /* where it was rendered */
    char digest[65];                    /* of all it says: equal content, equal digest */
    struct core_pins *uses;             /* ref: what it took from elsewhere; NULL: nothing */
};
struct core_desired *core_desired_ref(struct core_desired *d);
void core_desired_unref(struct core_desired *d);        /* NULL is fine */

/* ---- a pair: one object's desired and live and what they differ in; immutable when `done` ---- */
struct core_pair {
    unsigned refs;
    struct rk_arena *arena;
    struct core_desired *from;          /* holds `desired` */
    const struct kube_object *desired;  /* NULL: extra */
    struct cluster_object *live;        /* ref; NULL: missing */
    struct cluster_object *predicted;   /* ref; NULL: local */
    struct kube_key key;                /* of whichever there is; in arena */
    struct drift_object drift;
    const char *foreign;                /* another automation, or NULL */
    bool done;
    bool accepted;                      /* this live object once had all values of this desired */
    bool unasked;                       /* differs, and the server was not asked: accepted.c */
    const char *error;                  /* the compare failed; NULL: it did not */
};

/* ---- a view: all pairs of one application at one moment ---- */
struct core_view {
    unsigned refs;
    struct rk_arena *arena;
    struct core_desired *desired;       /* ref */
    struct core_pair **pairs; size_t n; /* desired order, then extras */
    struct plan_object *objects;        /* the same, as plan takes them */
    struct model_health_of *healths;    /* the same; with the trouble of the pods each owns */
    enum model_verdict verdict;
    enum model_health health;
    size_t drifted, extras, missing, foreign, unasked;
    const char *message;                /* the one line that explains it; NULL: nothing to explain */
    bool unsettled;                     /* extras are left out: not every application is rendered */
};
struct core_view *core_view_ref(struct core_view *v);
void core_view_unref(struct core_view *v);
/* accepted.c: sets p->accepted; may a difference found locally be healed without a question? */
void core_pair_accepted(struct core_pair *p, const struct core_view *before);
bool core_pair_certain(const struct core_pair *p);

struct engine;
struct core_app;
struct core_look;
/* look.c: compares desired with live, asking the server where it has to. previous: pairs reused
 * whose desired and live did not change; may be NULL. done is called once, maybe at once. */
typedef void (*core_look_fn)(struct core_view *v, void *ctx);   /* v is given (one ref) */
struct core_look *core_look_start(struct core_app *app, struct core_desired *desired,
                                  struct core_view *previous, core_look_fn done, void *ctx);
void core_look_cancel(struct core_look *l);
/* settled.c: what a plan is made of: a look whose extras are told, after a wait if need be. v is
 * given, NULL when the application is gone. core_settled: another application has been rendered. */
void core_look_settled(struct core_app *app, struct core_desired *desired, core_look_fn done,
                       void *ctx);
void core_settled(struct engine *e);
void core_settled_stop(struct engine *e);       /* the engine ends: nobody is told any more */
/* Health of one live object; a failing pod's reason comes as its message. */
struct model_health_of core_health(const struct core_app *app, struct rk_arena *a,
                                   const struct cluster_object *live);

/* ---- applications ---- */
enum core_held {        /* bits; each has a text and is released by hold.release NAME or by itself */
    CORE_HELD_FAILED = 1,       /* the last attempt at this revision failed */
    CORE_HELD_REJECTED = 2,     /* git says a revision that was reverted */
    CORE_HELD_FORCED = 4,       /* a force push dropped the revision that runs */
    CORE_HELD_FROZEN = 8,
    CORE_HELD_NAMESPACE = 16,   /* waits for a namespace that another application makes */
    CORE_HELD_POLICY = 32,      /* a loosening waits for acknowledgement */
    CORE_HELD_FOREIGN = 64,     /* an object belongs to another automation */
    CORE_HELD_EMPTY = 128,      /* everything would be pruned */
    CORE_HELD_PROJECT = 256,
    CORE_HELD_CLUSTER = 512,    /* another cluster under this profile's name */
    CORE_HELD_ORPHANED = 1024,  /* the Application left git */
    CORE_HELD_DISK = 2048,
    CORE_HELD_RESTART = 4096,   /* an operation was cut by a restart: look before going on */
};
struct engine;
struct core_repo;
struct core_cluster;
struct core_app {
    struct engine *engine;
    struct core_repo *repo;
    struct core_cluster *cluster;       /* NULL: the destination is not configured */
    char *name;
    const struct model_app *model;      /* in repo->model; NULL: orphaned */
    struct model_policy policy;
    char *environment;                  /* of an orphan: policy.environment, which is the model's
                                         * else */
    struct core_desired *desired;
    char target[GIT_ID];                /* revision that `desired` is right for */
    char rendering[GIT_ID];             /* revision being rendered; "" none */
    bool render_again, source_changed;  /* source_changed: the Application itself did */
    bool remote_moved;                  /* something that the render takes from elsewhere did */
    struct core_pins *uses;             /* ref: what the last own render asked for from elsewhere */
    struct render_job *jobs;            /* renders in the pool, or that wait for a remote */
    struct rk_err error; bool has_error;        /* of render, project or destination */
    bool error_of_app;                  /* it is the Application's own, not the render's */
    struct core_desired *owned;         /* the one whose keys stand in engine->owners */
    bool marked;                        /* live changed: looked at on the next turn */
    int64_t synced_at;                  /* wall */
    struct core_view *view;
    struct core_look *look; bool look_again;
    bool rules_changed;                 /* what is ignored: no pair is used again */
    struct record_inventory inventory;
    bool inventory_known;               /* also looked for in the audit log */
    char synced[GIT_ID], good[GIT_ID];  /* last synced; last that was Healthy */
    char attempted[65]; bool attempt_ok;        /* digest of the last attempt's desired */
    char rejected[65];                  /* digest that was reverted: no automation returns to it */
    char validated[65];                 /* digest that a person validated */
    char pinned[GIT_ID];                /* revert made while the remote is away */
    char forced[GIT_ID];                /* ran here when a force push dropped it */
    int64_t heal_attempts, retries, finished_ms; /* monotonic */
    unsigned held;
    char held_text[320];
    bool contested;                     /* another application renders an object of it, too */
    bool unsettled;                     /* extras wait until every application is rendered */
    struct run_timer *timer;            /* next automatic action */
    int64_t next_at; const char *next_action, *next_reason;
    rk_str *kinds; size_t n_kinds;      /* "group/kind" held at the cluster */
    uint64_t changed_seq;               /* engine->seq when a client-visible thing changed */
    bool publish;                       /* in the list of rows to send */
    bool verdict_wanted; uint64_t looked; /* refresh waits: views finished since start */
};

struct core_repo {
    struct engine *engine;
    const struct core_repo_settings *settings;
    struct git_mirror *mirror;
    struct record_log *log;
    struct model *model;                /* governs; kept while app->model points into it */
    bool orphans_found;                 /* those of before a restart are in engine->apps */
    char *policy_text;                  /* reckon.yaml acknowledged last; NULL: none seen */
    char *next_text, *next_what;        /* a loosening that waits for acknowledgement */
    char policy_trouble[544];           /* why reckon.yaml of the head does not govern; "" */
    bool policy_again;                  /* read once more, though the revision is the same */
    struct run_job *job;
    char head[GIT_ID], reading[GIT_ID];
    bool read_again, polling;
    uint64_t polls;                     /* finished ones */
    struct run_timer *poll;
    struct run_watch *watch;
    const char *state; char message[512];
    int64_t checked, changed;           /* wall */
    struct git_view **idle; size_t n_idle, cap_idle;    /* for pool jobs */
    char subject[160];
};
struct core_cluster {
    struct engine *engine;
    const struct core_cluster_settings *settings;
    struct cluster_config *config;
    struct cluster *cluster;            /* NULL: configuration is bad, see message */
    bool identified, foreign;           /* foreign: its identity is not the profile's */
    char message[512];
};

struct core_peer;

struct core_unlock { uid_t uid; int64_t until; char reason[160]; };  /* lock.set; wall ms */

struct engine {
    struct run_loop *loop;
    const struct core_opts *opts;
    struct core_settings settings;
    char *profile, *state_dir, *socket;
    uint8_t key[RK_KEY_LEN];
    struct core_repo *repos; size_t n_repos;
    struct core_remotes *remotes;       /* repositories that renders take bases from */
    struct core_helm *helm;             /* helm.c; NULL: never run */
    struct core_cluster *clusters; size_t n_clusters;
    struct rk_map *apps;                /* name -> core_app */
    struct rk_map *owners;              /* "cluster|group/kind/ns/name" -> core_app */
    struct record_journal *journal;
    struct sync *sync;
    struct doc_node *frozen; struct rk_arena *frozen_arena;  /* target -> {by, reason, at} */
    struct rk_map *unlocks;             /* environment -> struct core_unlock */
    struct rk_map *plans;               /* fingerprint -> core_plan */
    struct core_identity *known; size_t n_known, cap_known; /* users that asked */
    struct core_peer *peers;
    int64_t subs;                       /* numbers given to subscriptions */
    struct wire_activity_row activity[256]; uint64_t n_activity;    /* ring; texts are owned */
    bool publishing;
    struct refresh *refreshes;          /* wait for new verdicts (api_apps.c) */
    struct core_settling *settling;     /* looks that wait (settled.c) */
    bool telling;
    struct run_server *server;
    int64_t epoch, started;             /* epoch: differs at every start */
    uint64_t seq;
    bool dirty;                         /* a flush is scheduled */
    size_t jobs;                        /* in the pool: the end waits for them */
    bool observe_only;                  /* --repo without settings: nothing is ever written */
    bool stopping, detached, had_peer;
    struct run_signal *signals[3];
    struct run_timer *tick, *linger;
    struct run_worker *keeper;          /* keep.c */
};

/* ---- engine.c ---- */
struct core_app *engine_app(const struct engine *e, const char *name);  /* name or ENV/APP */
/* The same for a request; NULL and err: NOT_FOUND, or UNAVAILABLE while a repository that may hold
 * it has not been read since the start. name may be NULL: it is said to be missing. */
struct core_app *engine_app_asked(const struct engine *e, const char *name, struct rk_err *err);
const char *engine_identity(struct engine *e, uid_t uid, const char **email);
/* The open unlock of an environment by that user, or NULL. */
const struct core_unlock *engine_unlocked(const struct engine *e, const char *environment,
                                          uid_t uid);
bool engine_frozen(const struct engine *e, const struct core_app *app, const char **by,
                   const char **reason);
int engine_freeze(struct engine *e, const char *target, bool frozen, const char *by,
                  const char *reason, struct rk_err *err) RK_MUST_CHECK;
void engine_stop(struct engine *e);
void engine_job_done(struct engine *e); /* each pool job's done; e->jobs counts them */
/* Something that `refresh` may wait for has happened. */
void engine_told(struct engine *e);
/* An activity line: log, and every activity.watch. */
void engine_activity(struct engine *e, const struct core_app *app, enum rk_log_level level,
                     const char *actor, const char *fmt, ...) RK_PRINTF(5, 6);

/* ---- keep.c: written soon, in order, off the loop; a failure is an activity line ---- */
void core_keep(struct engine *e, const char *name, const struct doc_node *value);
void core_keep_inventory(struct engine *e, const char *app, const struct record_inventory *i);

/* ---- repo.c ---- */
int core_repo_open(struct engine *e, struct core_repo *r, const struct core_repo_settings *s,
                   struct rk_err *err) RK_MUST_CHECK;
void core_repo_close(struct core_repo *r);
void core_repo_poll(struct core_repo *r);       /* looks at the remote now */
/* Holds an application that ran what the head does not come from (a force push while away). */
void core_app_forced(struct core_app *app, const char *head);
/* modelling.c */
void core_repo_moved(struct core_repo *r);      /* reads the model when the head is another */
int core_repo_acknowledge(struct core_repo *r, struct rk_err *err) RK_MUST_CHECK;
void core_policy_load(struct core_repo *r);
struct git_view *core_repo_view(struct core_repo *r, struct rk_err *err) RK_MUST_CHECK;
void core_repo_give_back(struct core_repo *r, struct git_view *v);
/* When the remote of a bare repository last answered (wall); 0: never. */
void core_checked_keep(const char *git_dir);
int64_t core_checked_load(const char *git_dir);
/* What git says now for planning: a pinned or pending commit counts. */
void core_repo_head(const struct core_repo *r, char out[GIT_ID]);
/* pending.c: for git_on_pushed; after each answer of the remote; has what app is pinned to landed? */
void core_pending_pushed(const char *name, const char *old_id, const char *new_id, void *ctx);
void core_pending_look(struct core_repo *r);
bool core_pending_landed(struct core_app *app);

/* ---- clusters.c ---- */
void core_cluster_open(struct engine *e, struct core_cluster *c,
                       const struct core_cluster_settings *s);
void core_cluster_close(struct core_cluster *c);
/* Until when what is known of the application's live objects was right (wall); 0: it is. */
int64_t core_app_since(const struct core_app *a);
struct core_cluster *core_cluster_for(struct engine *e, const char *server, const char *name);

/* ---- apps.c ---- */
void core_app_mark(struct core_app *a);         /* clusters.c: look at it on the next turn */
void core_apps_waiting(struct engine *e);
/* Another application of the same cluster that renders the object; NULL: none. */
struct core_app *core_apps_rendering(const struct core_app *a, const struct kube_key *key);
/* Every application of the repository is rendered at its revision (or cannot be). */
bool core_apps_settled(const struct core_repo *r);
/* Renders an object that is another application's: text says which. The one that lives object is
 * tracked by goes on, else the first by name. */
bool core_app_contested(struct core_app *a, char *text, size_t n);
void core_apps_namespace(struct core_cluster *c, rk_str name);  /* a namespace came */
void core_apps_update(struct core_repo *r);     /* after a new model: made, changed, orphaned */
struct core_app *core_app_new(struct core_repo *r, const char *name);   /* with its kept state */
/* What git says that it runs: its folder; of a chart that lies elsewhere, its manifest. */
const char *core_app_place(const struct core_app *app);
void core_app_free(struct core_app *a);
void core_apps_watch(struct core_app *a);       /* holds the kinds that desired and inventory need */
bool core_apps_ready(const struct core_app *a); /* all of them are known (or known not to be) */
void core_app_state_save(struct core_app *a);   /* synced, good, rejected ... survive a restart */
int core_app_state_read(struct engine *e, const char *app, struct rk_arena *a,
                        struct doc_node **out, struct rk_err *err) RK_MUST_CHECK;   /* NULL: none */

/* ---- orphans.c: applications that left git ---- */
void core_app_orphaned(struct core_app *a, const char *head);   /* its model goes */
void core_orphan_look(struct core_app *a);      /* what is gone is no longer in its inventory */
void core_orphans_find(struct core_repo *r);    /* of before a restart, once the model is read */

/* files of a revision for render: struct render_files over a git view. */
struct render_files core_git_files(struct git_view *v, const char *rev, void **state);
void core_git_files_end(void *state);

/* ---- reconcile.c: the order; reads like the picture in design.md section 2 ---- */
void reconcile_revision(struct core_app *a);    /* git moved: render unless nothing it read did */
void reconcile_live(struct core_app *a);        /* live or rules changed: look again */
void reconcile_decide(struct core_app *a);      /* the view is new: publish, next automatic action */
/* ---- appsource.c ---- */
/* One source of a's Application at rev, for render: spec.source or an entry of spec.sources. */
void core_source_read(struct rk_arena *mem, const struct core_app *a, const struct doc_node *spec,
                      const char *field, const char *rev, struct render_source *out);
/* Each of several sources of a; 0: it has one. */
size_t core_parts_read(struct rk_arena *mem, const struct core_app *a, const char *rev,
                       struct render_part **out);
/* Is it read from the revision that is watched? Else from where its repository is fetched to. */
bool core_source_here(const struct core_app *a, const struct model_source *s);
bool core_primary_here(const struct core_app *a);
/* Files and folders of the watched repository that an application is made of. */
struct core_places { struct rk_arena *arena; const char **v; size_t n, cap; };
void core_app_places(const struct core_app *a, struct core_places *out);
/* Its part that the destination's cluster decides; c NULL: nothing is known. */
void core_source_cluster(struct rk_arena *mem, const struct cluster *c, struct render_source *out);
/* ---- desired.c ---- */
/* Renders a at rev in the pool; done gets one reference or an error. */
typedef void (*core_render_fn)(struct core_app *a, struct core_desired *d,
                               const struct rk_err *err, void *ctx);
void core_render(struct core_app *a, const char *rev, core_render_fn done, void *ctx);
void core_render_forget(struct core_app *a);    /* the application goes: no done any more */
/* A render with that done that waits for a remote is given up, without its done; true: there was. */
bool core_render_drop(struct core_app *a, core_render_fn done);
/* What a render of it waits for, for people ("fetching URL at REF"), in mem; NULL: nothing. */
const char *core_render_waits(const struct core_app *a, struct rk_arena *mem);
/* It waits for one that takes so long that nobody should wait for the render. */
bool core_render_stuck(const struct core_app *a);

/* ---- work.c: what operations are made from ---- */
struct core_work;
/* From a view: plan, references. kind "sync", "heal", ...; options decide. */
int core_work_make(struct core_app *a, struct core_view *v, const char *kind,
                   const struct plan_options *options, const char *commits,
                   struct sync_work **out, struct rk_err *err) RK_MUST_CHECK;
struct sync_work *core_work_ref(const struct sync_work *w);     /* ended by its free_fn */
struct core_view *core_work_view(const struct sync_work *w);    /* borrowed */
/* The same kind of work, with the same options, from another view. */
int core_work_again(struct core_app *a, struct core_view *v, const struct sync_work *w,
                    struct sync_work **out, struct rk_err *err) RK_MUST_CHECK;
/* CONFLICT naming what moved, when the plan made from v now would not be w's. */
int core_work_same(struct core_app *a, const struct sync_work *w, struct core_view *v,
                   struct rk_err *err) RK_MUST_CHECK;
/* Does the project refuse the object, an object of the work? DENIED says why. */
bool core_key_denied(const struct core_app *a, const struct kube_key *key, struct rk_err *why);
bool core_work_denied(const struct core_app *a, const struct sync_work *w, struct rk_err *why);
void core_work_options(const struct core_app *a, struct plan_options *out);
void core_sync_host(struct engine *e, struct sync_host *host);  /* host.c */
/* After a restart: what lives and bears our mark is in the inventory, what is gone is not. */
void core_inventory_again(struct core_app *app);

/* ---- automation.c ---- */
void automation_decide(struct core_app *a);
bool automation_heals(struct core_app *a);      /* drift of now at once; or a heal is under way */
void automation_closed(struct core_app *a, const struct sync_operation *op);
void core_hold(struct core_app *a, enum core_held why, const char *fmt, ...) RK_PRINTF(3, 4);
void core_release(struct core_app *a, enum core_held why);
const char *core_held_name(enum core_held why);
unsigned core_held_by_name(const char *name);   /* those a person releases; NULL: all of them */

/* ---- edits.c: the commits that promote, revert and adopt make ---- */
struct core_change {                    /* one commit to be made, and made again on a new tip */
    struct sync_commit commit;          /* first: the executor sees this */
    struct engine *engine;
    struct rk_arena *arena;
    const char *app;                    /* whose overlay changes; revert of all: the environment */
    const char *environment;            /* revert of it whole; NULL: of one application */
    const char *path;                   /* that overlay */
    const char *file;                   /* the Application's manifest */
    struct kube_key *keys; size_t n_keys;       /* adopt, ignore: of these objects; none: of all */
    const char *kind, *to, *commits;    /* revert: restore revision, or the commits reverted */
    char *source;                       /* promote: the application it comes from */
    const char **paths; size_t n_paths; /* revert: limited to these; adopt, ignore: pointers */
    struct core_view *view, *source_view;       /* refs or NULL: what the edits are made from */
    struct sync_edit *edits; size_t n_edits;    /* of the last make: for people */
    struct git_conflict *conflicts; size_t n_conflicts;
    char preview[GIT_ID];               /* a commit object on no ref, to render from */
};
/* ignore.c: the entry of spec.ignoreDifferences in an Application's manifest. */
int core_ignore_edits(struct git_view *v, const char *tip, const char *file, const char *name,
                      const struct kube_key *key, const char *pointer, struct rk_arena *a,
                      struct sync_edits *out, struct rk_err *err) RK_MUST_CHECK;
struct core_change_request {
    const char *environment;            /* revert of it whole; NULL: of one application */
    struct core_app *const *apps; size_t n_apps;        /* whose overlays change */
    struct core_app *source;            /* promote */
    const struct wire_plan_params *params;
    const char *actor, *email;
};
/* Makes the change on the current head: edits, conflicts and preview are filled. */
int core_change_make(struct engine *e, const struct core_change_request *r,
                     struct core_change **out, struct rk_err *err) RK_MUST_CHECK;
void core_change_free(const struct sync_commit *c);
/* What differs from one revision to another, as edits for people; no secret is told. */
int core_diff_edits(struct git_view *v, const char *from, const char *to, struct rk_arena *a,
                    struct sync_edit **out, size_t *n, struct rk_err *err) RK_MUST_CHECK;
/* Would the change be another on what the source environment says now? Why. */
bool core_change_stale(struct core_change *c, struct rk_err *why);

/* ---- planning.c makes plans, plans.c keeps them until they are armed and started ---- */
enum { CORE_PLAN_TTL_MS = 30 * 60 * 1000 };
struct core_part {                      /* what a plan does to one application */
    const char *app;
    char was[65];                       /* digest of what git said for it when the plan was made */
    struct sync_work *work;             /* what would be done; NULL: nothing, or it is started */
};
struct core_plan {
    struct engine *engine;
    struct rk_arena *arena;
    const char *kind, *actor, *email, *revision;
    const char *environment;            /* revert of it whole; NULL: of one application */
    struct core_part *parts; size_t n_parts;    /* by name; one, or all of the environment */
    char fingerprint[65];               /* over those of all parts */
    const char *source;                 /* promote: the application it comes from */
    struct core_change *change;         /* NULL: no commit, or it is started */
    bool started;
    int64_t created, expires;           /* wall */
    bool unlocked, can_write; const char *why_readonly;
    uid_t uid;                          /* who made it */
    const char *confirm, *reason;
    bool dry_run, at_revision;          /* at_revision: asked for by --rev, not what git says */
};
struct core_plan_request {
    const struct wire_plan_params *params;
    const char *actor, *email;
    bool can_write; const char *why_readonly;
    uid_t uid;
};
typedef void (*core_plan_fn)(struct core_plan *p, const struct rk_err *err, void *ctx);
/* The applications that git puts into an environment, by name. */
size_t core_apps_of(const struct engine *e, const char *environment, struct rk_arena *a,
                    struct core_app ***out);
void core_plan_create(struct engine *e, const struct core_plan_request *r, core_plan_fn done,
                      void *ctx);
const struct core_part *core_plan_first(const struct core_plan *p);     /* that has work; NULL */
struct core_plan *core_plan_find(struct engine *e, const char *fingerprint);
int core_plan_arm(struct core_plan *p, const struct wire_arm_params *arm, struct rk_err *err)
    RK_MUST_CHECK;
int core_plan_start(struct core_plan *p, const char *actor, const char *email, bool can_write,
                    const struct sync_operation **out, struct rk_err *err) RK_MUST_CHECK;
/* Everything the gate still wants; true: nothing. */
bool core_plan_gate(struct core_plan *p, struct rk_arena *a, struct plan_missing *out);
struct core_app *core_part_app(const struct core_plan *p, const struct core_part *part);
/* Is what was reviewed no longer what would be planned now? why names it. */
bool core_plan_stale(struct core_plan *p, struct rk_err *why);
/* What has to be typed: the environment for all of it, else ENV/APP; NULL: nothing. */
const char *core_plan_confirm(const struct core_plan *p, struct rk_arena *a);
void core_plan_wire(struct core_plan *p, struct rk_arena *a, struct wire_plan *out);
void core_plans_expire(struct engine *e);
void core_plan_free(struct core_plan *p);

/* ---- api.c: connections and requests ---- */
struct core_request {                   /* one request; lives until it is answered or its peer goes */
    struct engine *engine;
    struct core_peer *peer;             /* NULL: gone; the answer is thrown away */
    int64_t id;
    const struct wire_method *method;
    struct rk_arena *arena;
    void *params;                       /* of method->params' shape, zeroed when none were given */
    struct core_request *next;
};
/* A handler answers now or later, exactly once; -1 with err is an answer too. */
typedef int (*core_handler)(struct core_request *r, struct rk_err *err);
struct core_route { const char *method; core_handler handle; };
extern const struct core_route core_routes_apps[], core_routes_drift[], core_routes_plans[],
    core_routes_records[], core_routes_policy[], core_routes_live[];    /* end: method NULL */
void core_answer(struct core_request *r, const void *value);    /* of method->result's shape */
void core_refuse(struct core_request *r, const struct rk_err *err);
struct core_who { const char *name, *email, *why_readonly; bool can_write; uid_t uid; };
struct core_who core_request_who(const struct core_request *r);

/* ---- reads.c: what takes long is read in the pool; `read` touches nothing of the engine ---- */
struct core_read {
    struct core_request *request;
    struct core_repo *repo;
    struct git_view *view;              /* lent for the job */
    struct rk_arena *mem;               /* the request's */
    int (*read)(struct core_read *r);   /* fills *out, or err and -1 */
    void (*end)(struct core_read *r);   /* gives back what was held, before the answer; or NULL */
    void *out;                          /* of the method's result shape */
    struct run_job *job;
    int rc;
    struct rk_err err;
};
/* r lives in the request's arena; it answers the request. */
int core_read_start(struct core_read *r, struct core_request *request, struct core_repo *repo,
                    struct rk_err *err) RK_MUST_CHECK;
/* In the pool: who wrote each line; NULL stays where it is not known. */
enum { CORE_BLAMED = 50 };              /* of one answer: the others name file and line only */
struct core_line { const char *file; int64_t line; const char **commit, **author; };
void core_blame(struct core_read *r, const char *revision, struct core_line *lines, size_t n);
/* Paths and files into mem: the documents they are of may go. */
void core_own_fields(struct rk_arena *mem, struct wire_field *v, size_t n);

/* ---- compare.c: what two renders differ in ---- */
int core_api_compare(struct core_request *r, struct rk_err *err) RK_MUST_CHECK;
/* The pairs that differ, in the order of to, then what from alone has: NULL on the other side. Names
 * that differ in a content hash alone are one object; namespaces count unless they are `apart`. */
struct core_compared {
    const struct kube_object *from, *to;
    struct drift_object drift;          /* of two: their fields; live is what from says */
};
int core_compare(const struct render_result *from, const struct render_result *to, bool apart,
                 struct rk_arena *mem, struct core_compared **out, size_t *n, struct rk_err *err)
    RK_MUST_CHECK;

struct core_peer {
    struct engine *engine;
    struct run_line *line;
    uid_t uid;
    bool greeted, readonly;
    struct core_request *requests;
    struct core_sub *subs;
    struct core_peer *next;
};
int core_api_start(struct engine *e, struct rk_err *err) RK_MUST_CHECK;
void core_api_stop(struct engine *e);                   /* says so to all; closes the socket */
void core_api_drain(struct engine *e);  /* the last lines go out, then nothing is left */
void core_api_check_socket(struct engine *e);           /* made again when the file vanished */
void core_api_idle(struct engine *e);   /* an operation ended: a session engine may end */

/* ---- publish.c: subscriptions ---- */
struct core_sub {
    struct core_peer *peer;
    int64_t id, seq;
    const struct wire_method *method;
    struct rk_arena *arena;
    const void *params;
    bool dirty, started;
    bool more;                          /* rows that did not fit into the last event */
    uint64_t sent;                      /* engine->seq that the client has seen */
    uint64_t shape;                     /* hash of the window's rows: another = RESET */
    uint64_t *rows; size_t n_rows;      /* a hash of each row as the client knows it */
    struct cluster_call *call;          /* logs */
    struct core_sub *next;
};
struct core_sub *core_sub_new(struct core_request *r);  /* answers with its number */
void core_sub_free(struct core_sub *s);
void core_sub_send(struct core_sub *s, enum wire_event kind, rk_str data);
void core_sub_end(struct core_sub *s, const struct rk_err *why);        /* sends END, frees */
void core_publish_room(struct core_peer *p);            /* its queue has room again */
void core_publish_app(struct core_app *a);              /* a row changed: sent, coalesced, soon */
void core_publish_list(struct engine *e);               /* rows came or went */
void core_publish_operation(struct engine *e, const struct sync_operation *op);
void core_publish_activity(struct engine *e, const struct wire_activity_row *row);

/* ---- rows.c: the engine's state as wire structs ---- */
/* Unknown while the desired state or what lives is not known. */
enum model_verdict core_app_verdict(const struct core_app *a);
enum model_health core_app_health(const struct core_app *a);
void core_wire_app(const struct core_app *a, struct rk_arena *mem, struct wire_app *out);
void core_wire_page(const struct engine *e, const struct wire_apps_params *p, struct rk_arena *mem,
                    struct wire_app_page *out);
/* matrix.c; UNAVAILABLE: no repository is read yet. */
int core_wire_matrix(const struct engine *e, const struct wire_apps_params *p, struct rk_arena *mem,
                     struct wire_matrix *out, struct rk_err *err) RK_MUST_CHECK;
void core_wire_detail(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out);
void core_wire_resources(const struct core_app *a, const struct wire_resources_params *p,
                         struct rk_arena *mem, struct wire_resource_page *out);
void core_wire_operation(const struct sync_operation *op, struct rk_arena *mem,
                         struct wire_operation *out);
/* Returns how many fields are not told: one object has to fit into a line. */
int64_t core_wire_fields(const struct drift_object *d, const struct core_desired *from,
                         struct rk_arena *mem, struct wire_field **out, size_t *n);
void core_wire_tasks(const struct sync_work *w, const struct sync_task *states,
                     struct rk_arena *mem, struct wire_task **out, size_t *n);
/* document.c: marks: git's side; NULL: the live side, with field managers. */
void core_wire_document(const struct kube_object *o, const struct doc_marks *marks,
                        const struct wire_document_params *q, struct rk_arena *mem,
                        struct wire_document *out);
/* sources.c: what an application's render took from other repositories. */
void core_wire_sources(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out);
/* "ROLE URL at REF: REVISION; ..." of what a render took from elsewhere; NULL: nothing. */
const char *core_sources_text(const struct core_app *a, const struct core_desired *d,
                              struct rk_arena *mem);
const char *core_stale_text(const struct core_app *a, struct rk_arena *mem);    /* NULL: nothing is */
const char *core_key_text(struct rk_arena *mem, const struct kube_key *k);
const char *core_policy_line(const struct core_app *a, struct rk_arena *mem);
const char *core_safe(struct rk_arena *mem, rk_str foreign);    /* NULL for an empty text */
/* ---- filetext.c ---- */
bool core_file_secret(rk_str text);     /* holds a Secret, a secretGenerator, a private key? */
/* A file's text or diff for people; secret: it is known to hold one. Never tells a secret. */
const char *core_file_text(struct rk_arena *a, rk_str text, bool secret);

#endif
