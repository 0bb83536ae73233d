/*
 * wire.h: value structs <-> protocol lines (JSON-RPC 2.0, one object a line; design.md 12.1).
 *
 * Every message is a plain struct described by a const shape: one table row a member, used both
 * to print and to read it. Strings are terminated UTF-8; NULL = absent. Times are wall-clock ms
 * since 1970, 0 = never. Lists are `T *v; size_t n_v` beside each other. An unknown member in a
 * line is skipped (a newer peer), a missing one keeps zero; a member of the wrong type is INVALID.
 * cJSON is seen by this room only. No secret value is ever in one of these structs.
 */
#ifndef RECKON_WIRE_H
#define RECKON_WIRE_H

#include "reckon/arena.h"
#include "reckon/error.h"

#define WIRE_PROTOCOL 1         /* hello refuses a client whose number is higher than the engine's */
#define WIRE_LINE_MAX (256u * 1024u)
#define WIRE_QUEUE_MAX (1024u * 1024u)

/* ---- shapes ---- */
enum wire_type { WIRE_TEXT, WIRE_INT, WIRE_BOOL, WIRE_STRUCT, WIRE_LIST, WIRE_TEXTS, WIRE_JSON };
struct wire_shape;
struct wire_member {
    const char *name;
    enum wire_type type;        /* TEXT const char*, INT int64_t, JSON rk_str of raw JSON text,
                                 * STRUCT inline, LIST T* + size_t, TEXTS const char** + size_t */
    size_t offset, count_offset;
    const struct wire_shape *shape;
};
struct wire_shape {
    const char *name;
    size_t size;
    const struct wire_member *members;
    size_t n;
};
/* NULL texts are left out, all else is written. Bytes that are not UTF-8 become U+FFFD. */
void wire_print(struct rk_buf *out, const struct wire_shape *shape, const void *value);
/*
 * An empty text and `null` read as an object without members. Everything is copied into the arena.
 * INVALID: no strict JSON, a wrong type, a member twice, a number beyond 2^53 - 1. LIMIT: over
 * WIRE_LINE_MAX, or nested too deep. *value is untouched then.
 */
int wire_read(struct rk_arena *a, const struct wire_shape *shape, rk_str json, void *value,
              struct rk_err *err) RK_MUST_CHECK;
/* A deep copy of *from into *to, all of it in the arena. */
void wire_copy(struct rk_arena *a, const struct wire_shape *shape, const void *from, void *to);
/*
 * A shape with the members offset and total is paged: its first list holds the rows
 * [offset, offset + n) of total; what asks for pages goes on behind the rows that it got.
 */
struct wire_paging {
    size_t offset, total, more; /* of these members; more 0: the shape has none */
    const struct wire_member *rows;
};
bool wire_paging(const struct wire_shape *shape, struct wire_paging *out);  /* false: it is not */
size_t wire_rows(const struct wire_shape *shape, const void *value);    /* 0: it is not paged */
/* Prints into out (emptied first), a paged value with as many of its rows as fit into `most` bytes,
 * at least one; the number of rows. */
size_t wire_print_page(struct rk_buf *out, const struct wire_shape *shape, const void *value,
                       size_t most);
#define WIRE_BODY_MAX (WIRE_LINE_MAX - 4096u)   /* what fits into a line with its envelope */
/* The rows of a page take their places in *whole, everything else becomes the page's; copied into
 * a, which is the whole's own arena. *whole may be zeros. */
void wire_merge(struct rk_arena *a, const struct wire_shape *shape, void *whole, const void *page);
/* `-o json` for people: two blanks of indent, no newline at the end; numbers stay as written. */
void wire_pretty(struct rk_buf *out, rk_str json);

/* ---- lines ---- */
enum wire_event { WIRE_RESET, WIRE_PATCH, WIRE_END };
struct wire_line {
    enum { WIRE_REQUEST, WIRE_RESULT, WIRE_ERROR, WIRE_EVENT } what;
    int64_t id;                 /* REQUEST, RESULT, ERROR; 0: no id, or null */
    const char *method;         /* REQUEST */
    rk_str body;                /* params, result or data as JSON text; may be empty */
    struct rk_err error;        /* ERROR; EVENT of kind END: code RK_OK when it just ended */
    int64_t sub, epoch, seq;    /* EVENT */
    enum wire_event event;
};
/*
 * Events of sub 0 concern the whole connection: an END says that the engine ends, CANCELLED because
 * it was stopped (clients leave), UNAVAILABLE because it starts anew (clients come back).
 * epoch: the engine's of hello, or any number that only grows; seq grows within a subscription.
 *
 * Lines without their newline. An answer over WIRE_LINE_MAX becomes a LIMIT error, an event an END
 * with one: whoever sends pages keeps them smaller.
 */
void wire_request(struct rk_buf *out, int64_t id, const char *method, rk_str params);
void wire_result(struct rk_buf *out, int64_t id, rk_str result);
void wire_error(struct rk_buf *out, int64_t id, const struct rk_err *error);
void wire_event_line(struct rk_buf *out, int64_t sub, int64_t epoch, int64_t seq,
                     enum wire_event kind, rk_str data);
/* The data of an END that has a reason: {"code","message","data"} as in an error answer. */
void wire_error_body(struct rk_buf *out, const struct rk_err *error);
int wire_parse(struct rk_arena *a, rk_str line, struct wire_line *out, struct rk_err *err)
    RK_MUST_CHECK;

/* ---- the method table: one row a method; `reckon-engine` and the docs read it ---- */
struct wire_method {
    const char *name;
    const struct wire_shape *params, *result;   /* result of a .watch: its events' data */
    bool writes;                /* refused for peers of another uid and for readonly clients */
    bool watch;                 /* opens a subscription; the result is {"sub":n} */
};
const struct wire_method *wire_method_find(const char *name);
const struct wire_method *wire_methods(size_t *n);

/* ================= messages ================= */
struct wire_ok { bool ok; };
struct wire_sub { int64_t sub; };

/* -- session -- */
struct wire_hello_params { int64_t protocol; const char *client; bool readonly; };
struct wire_repository {
    const char *name, *url, *branch, *revision, *subject; /* url without credentials */
    int64_t checked, changed;   /* when the remote last answered; when the revision last moved */
    const char *state;          /* ok | stale | unreachable | gone | held */
    const char *message;
    int64_t pending;            /* commits not pushed yet */
};
struct wire_cluster {
    const char *name, *server, *context, *version, *uid;
    const char *state;          /* ok | connecting | unreachable | foreign | denied */
    const char *message;
    int64_t seen, latency_ms;
    bool sandbox;
};
struct wire_hello {
    int64_t protocol, epoch, started, pid;
    const char *version, *engine /* system | session */, *profile, *socket;
    const char *identity, *email; /* of this peer */
    bool can_write;
    const char *why_readonly;
    struct wire_repository *repositories; size_t n_repositories;
    struct wire_cluster *clusters; size_t n_clusters;
};
struct wire_status {
    struct wire_repository *repositories; size_t n_repositories;
    struct wire_cluster *clusters; size_t n_clusters;
    int64_t applications, objects, operations, clients, lag_us, memory_kb, started;
    const char *disk;           /* empty = fine, else why writes are stopped */
};

/* -- applications -- */
struct wire_apps_params {
    const char *environment, *filter; /* filter: words in name, app, namespace, verdict, health */
    const char *sort;           /* environment (default) | application | problems */
    /* environments whose rows are left out, as a tree that is closed there; still in the groups */
    const char **folded; size_t n_folded;
    int64_t offset, limit;      /* limit 0: 200 */
};
struct wire_counts {
    int64_t total, synced, out_of_sync, unknown;
    int64_t healthy, progressing, degraded, missing, suspended, health_unknown, operations, held;
};
struct wire_app {               /* a row */
    int64_t index;              /* in the window's order */
    const char *name, *app, *environment, *project, *cluster, *namespace;
    const char *verdict, *health;       /* design.md's words */
    const char *message;        /* the one line that explains a verdict or health that is not fine */
    const char *version;        /* image tags, short */
    const char *revision;       /* that runs: last synced */
    const char *target;         /* that git says */
    int64_t drifted, objects, changed;
    const char *held;           /* reason, or NULL */
    const char *operation;      /* id of the running one, or NULL */
    bool locked, observe;
};
struct wire_group {             /* the part of one environment; NULL: of none */
    const char *environment;
    int64_t rows;               /* in the window's order: what filter and folded leave */
    struct wire_counts counts;  /* of all its applications */
};
struct wire_app_page {
    int64_t offset, total;
    struct wire_counts counts;
    struct wire_app *apps; size_t n_apps; /* PATCH: only rows that changed */
    struct wire_group *groups; size_t n_groups; /* all, in promotion order; PATCH: all, too */
};
struct wire_app_ref { const char *app; };       /* name or ENV/APP */
struct wire_next {              /* the next automatic action */
    const char *action;         /* sync | heal | retry | none */
    const char *reason;
    int64_t at;                 /* 0 = now or never */
    const char *stop;           /* the key or verb that stops it */
};
struct wire_lint { const char *text, *file; int64_t line; };
struct wire_source {            /* what the render was made from, beside a lone spec.source */
    const char *role;           /* source, values: of spec.sources; base, chart: named by one */
    const char *repository, *ref, *revision; /* revision: commit, version; "" while there is none */
    int64_t checked;            /* when its remote last answered; 0: never */
    const char *message;        /* why the last look failed, or NULL */
};
struct wire_cause { const char *object, *status, *message; };
struct wire_app_detail {
    struct wire_app row;
    const char *repository, *path, *server, *file; int64_t line;
    const char *policy;         /* one line: "manual, locked, prune, no selfHeal" */
    const char *error;          /* render or compare error with file:line */
    struct wire_lint *lints; size_t n_lints;
    struct wire_source *sources; size_t n_sources;
    struct wire_cause *causes; size_t n_causes;   /* every cause of the health */
    struct wire_next next;
    const char *last_operation, *last_result, *last_actor; int64_t last_time;
    const char *commit_subject, *commit_author; int64_t commit_time;
    const char *last_good;      /* revision */
    struct wire_app *siblings; size_t n_siblings; /* same APP in other environments */
};
struct wire_resources_params { const char *app; int64_t offset, limit; };  /* limit 0: all */
struct wire_resource {
    const char *object;         /* group/kind/namespace/name */
    const char *version, *verdict, *health, *message;
    int64_t wave, drifted, created;
    bool prune, hook, foreign;  /* prune: lives, is ours, and git no longer has it */
    const char *file; int64_t line;
};
struct wire_resource_page {
    int64_t offset, total, more;        /* as of an operation: a PATCH brings the rows that changed */
    struct wire_resource *resources; size_t n_resources;
};
struct wire_object_ref { const char *app, *object; };
struct wire_owner_row {
    int64_t depth; const char *object, *health, *message, *ready; int64_t created;
};
struct wire_owners { struct wire_owner_row *rows; size_t n_rows; };
struct wire_event_row {
    int64_t time, count; const char *type, *reason, *object, *message, *source;
};
struct wire_events { struct wire_event_row *events; size_t n_events; };
struct wire_logs_params {
    const char *app, *object, *container; int64_t tail; bool follow, previous;
};
struct wire_log_row { const char *pod, *container, *text; };
struct wire_logs { struct wire_log_row *lines; size_t n_lines; };
struct wire_activity_row {
    int64_t time; const char *level, *app, *environment, *actor, *text;
};
struct wire_activity { struct wire_activity_row *rows; size_t n_rows; };
struct wire_refresh_params { const char *app; bool all, hard; };

/* -- drift -- */
struct wire_drift_params { const char *app, *rev, *object; int64_t offset, limit; };
struct wire_field {
    const char *path;           /* JSON pointer */
    const char *desired, *live; /* JSON text; NULL = absent; Secrets: "changed"/"same" hash forms */
    const char *manager, *operation, *subresource; int64_t written; /* owner of the live value */
    const char *file; int64_t line; const char *commit, *author; /* source of the git value */
    /* revisions.compare: `live` is what `from` says, and this its source */
    const char *from_file; int64_t from_line; const char *from_commit, *from_author;
    bool secret, ignored;
};
struct wire_drift_object {
    const char *object, *action; /* create | change | prune */
    const char *method;         /* local | server: who said so; NULL: no live one was compared */
    const char *from;           /* revisions.compare: the object there, when its key is another */
    const char *note;
    struct wire_field *fields; size_t n_fields;
    int64_t more_fields;        /* that are not told, being too many */
};
struct wire_drift {
    const char *app, *verdict, *revision;
    const char *from_app, *from;        /* revisions.compare: the application and revision there */
    int64_t offset, total;
    struct wire_drift_object *objects; size_t n_objects;
};
/* What `app` says at `to` against what `from_app` (NULL: the same) said at `from`; a revision that
 * is not given: what git says now. No cluster is looked at. create: only at `to`; prune: only at
 * `from`. */
struct wire_compare_params {
    const char *app, *from_app, *from, *to, *object; int64_t offset, limit;
};
struct wire_document_params { const char *app, *object, *side, *rev; int64_t offset, limit; };
struct wire_document_line { const char *text, *file; int64_t line; const char *manager; };
struct wire_document {
    int64_t offset, total;
    struct wire_document_line *lines; size_t n_lines;
};
struct wire_blame_params { const char *app, *file, *rev; int64_t line; };
struct wire_blame {
    const char *commit, *author, *email, *subject, *file; int64_t line, time;
};

/* -- plans -- */
struct wire_plan_params {
    const char *kind;           /* sync | promote | revert | adopt | ignore */
    const char *app;            /* application, or an environment for a revert of it whole */
    const char *to;             /* promote: environment; revert: revision to restore */
    const char *rev, *commit;   /* sync of a revision; revert: commit or A..B */
    const char *mode;           /* revert: full | partial; canary is UNSUPPORTED */
    const char **resources; size_t n_resources; /* sync, adopt: only these objects; ignore: one */
    const char **paths; size_t n_paths;         /* revert partial: files and folders; adopt, ignore:
                                                 * fields of those objects, as JSON pointers */
    const char **leave_out; size_t n_leave_out; /* revert of an environment: not these applications */
    bool prune, force, dry_run;
};
struct wire_task {
    const char *app;            /* plan of an environment: whose it is; else NULL */
    const char *phase; int64_t wave;
    const char *action;         /* create | apply | replace | prune | keep */
    const char *group, *kind, *namespace, *name;
    const char **risks; size_t n_risks;
    struct wire_field *fields; size_t n_fields; int64_t more_fields;
    const char *state, *message; /* of the operation: waiting | running | done | failed | skipped */
    int64_t started, finished;
};
struct wire_edit { /* bytes that a commit changes */
    const char *file; int64_t line; const char *before, *after;
};
struct wire_conflict { const char *file, *ancestor, *ours, *theirs; };
struct wire_plan {
    const char *fingerprint, *kind;
    const char *app;            /* NULL: of the whole environment (revert), each task says whose */
    const char *environment, *revision, *from, *subject;
    int64_t created, expires;
    bool armed, stale;
    int64_t offset, total;      /* of the tasks */
    struct wire_task *tasks; size_t n_tasks;
    struct wire_edit *edits; size_t n_edits;    /* promote, revert, adopt, ignore */
    int64_t more_edits;         /* that are not told, being too many */
    const char *commit_message;
    struct wire_conflict *conflicts; size_t n_conflicts;
    const char **missing; size_t n_missing;     /* everything the gate still wants, a sentence each */
    const char *confirm;        /* the text that arms: "production/shop", of the whole environment
                                 * "production"; NULL = none asked */
    bool needs_unlock, needs_reason;
    const char *policy;
};
struct wire_plan_ref { const char *fingerprint; int64_t offset, limit; };  /* limit 0: what fits */
struct wire_arm_params { const char *fingerprint, *confirm, *reason; bool unlock; };
struct wire_plan_list { struct wire_plan *plans; size_t n_plans; };

/* -- operations -- */
struct wire_operation {
    const char *id, *kind, *app, *environment, *actor, *reason, *fingerprint;
    const char *state;          /* waiting | running | Succeeded | Failed | Degraded | Stopped | Superseded */
    const char *message, *revision, *from, *commit;
    int64_t started, finished, applied; /* applied: when the last apply was acknowledged */
    bool pinned, pushed;        /* revert without a remote */
    const char *after;          /* the operation that makes its commit; NULL: it makes its own */
    const char **followers; size_t n_followers; /* those that go on with the commit of this one */
    int64_t offset, total;      /* of the tasks; a PATCH brings those that changed */
    int64_t more;               /* tasks that changed and come with the events that follow at once */
    struct wire_task *tasks; size_t n_tasks;
};
struct wire_operation_ref { const char *id; };
struct wire_stop_params { const char *id, *how; /* wave | now */ };
struct wire_operations_params { const char *app; bool running; int64_t offset, limit; };
struct wire_operation_page {
    int64_t offset, total;
    struct wire_operation *operations; size_t n_operations;
};

/* -- records -- */
struct wire_history_params {
    const char *app, *source;   /* source: audit | commit; NULL: both */
    int64_t offset, limit;
};
struct wire_history_row {
    int64_t time; const char *kind, *actor, *from, *to, *result, *reason, *subject, *id, *source;
    int64_t duration_ms;        /* source: audit | commit | journal */
    const char *app, *environment;
};
struct wire_history { int64_t offset, total; struct wire_history_row *rows; size_t n_rows; };
struct wire_audit_params { const char *environment; int64_t since, offset, limit; };
struct wire_audit_row {
    int64_t seq, time;
    const char *id, *kind, *app, *environment, *from, *to, *actor, *approver, *reason, *result;
    const char *prev, *commit, *plan; bool pushed, flagged;
};
struct wire_audit { int64_t offset, total; struct wire_audit_row *rows; size_t n_rows; };
struct wire_verify_row { const char *environment, *tip, *message; bool ok; int64_t entries; };
struct wire_verify { bool ok; struct wire_verify_row *rows; size_t n_rows; };
struct wire_commit_params { const char *rev, *app; };
struct wire_commit_file { const char *file, *status, *diff; };
struct wire_commit {
    const char *id, *author, *email, *subject, *body; int64_t time;
    struct wire_commit_file *files; size_t n_files;
};
struct wire_cell {
    const char *environment, *name, *version, *revision, *verdict, *health;
    int64_t behind;             /* commits behind the environment before it; -1 unknown */
    int64_t since;              /* when this version was synced */
};
struct wire_matrix_row { const char *app; struct wire_cell *cells; size_t n_cells; };
struct wire_matrix {            /* params: offset, limit 0: 200; applications across environments */
    int64_t offset, total;
    const char **environments; size_t n_environments;
    struct wire_matrix_row *rows; size_t n_rows;
};

/* -- policy -- */
struct wire_environment {
    const char *name, *sync;
    bool prune, self_heal, locked, validate, frozen;
    int64_t approvals, prune_budget, applications;
    const char *frozen_by, *frozen_reason, *promote_via, *revert_via;
    const char *pending;        /* a loosening that waits for acknowledgement: what and commit */
    int64_t unlocked_until;
};
struct wire_environments { struct wire_environment *environments; size_t n_environments; };
struct wire_freeze_params { const char *target, *reason; bool frozen; };
struct wire_lock_params { const char *environment, *reason; bool unlock; };
struct wire_release_params { const char *app, *hold, *reason; }; /* app or environment */
struct wire_validate_params { const char *app, *reason; };

#define WIRE_SHAPES(X) \
    X(ok) X(sub) X(hello_params) X(repository) X(cluster) X(hello) X(status) X(apps_params) \
    X(counts) X(app) X(group) X(app_page) X(app_ref) X(next) X(lint) X(source) X(cause) X(app_detail) \
    X(resources_params) X(resource) X(resource_page) X(object_ref) X(owner_row) X(owners) \
    X(event_row) X(events) X(logs_params) X(log_row) X(logs) X(activity_row) X(activity) \
    X(refresh_params) X(drift_params) X(compare_params) X(field) X(drift_object) X(drift) X(document_params) \
    X(document_line) X(document) X(blame_params) X(blame) X(plan_params) X(task) X(edit) \
    X(conflict) X(plan) X(plan_ref) X(arm_params) X(plan_list) X(operation) X(operation_ref) \
    X(stop_params) X(operations_params) X(operation_page) X(history_params) X(history_row) \
    X(history) X(audit_params) X(audit_row) X(audit) X(verify_row) X(verify) X(commit_params) \
    X(commit_file) X(commit) X(cell) X(matrix_row) X(matrix) X(environment) X(environments) \
    X(freeze_params) X(lock_params) X(release_params) X(validate_params)
#define WIRE_DECLARE(name) extern const struct wire_shape wire_shape_##name;
WIRE_SHAPES(WIRE_DECLARE)
#undef WIRE_DECLARE

#endif
