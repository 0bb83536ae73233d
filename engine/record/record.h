/*
 * record.h: what happened, so that it survives: the operation journal, the inventory, small state,
 * and the audit log in git. design.md section 11. No secret value is ever given to this room.
 */
#ifndef RK_RECORD_H
#define RK_RECORD_H

#include "git/git.h"
#include "kube/kube.h"

/* ================= journal: append-only, fsync before an effect ================= */
enum record_kind {
    RECORD_OPENED,      /* an operation: its whole description as JSON */
    RECORD_TASK_STARTED, RECORD_TASK_DONE,      /* task number in the plan, message */
    RECORD_COMMIT,      /* a commit id this operation made (before the push) */
    RECORD_PUSHED, RECORD_NOTE, RECORD_CLOSED,  /* result */
    RECORD_KIND_MAX
};
struct record_entry {
    enum record_kind kind;
    const char *operation;      /* id */
    int64_t task;               /* -1: none */
    rk_str data;                /* JSON or text */
    int64_t time;               /* wall ms */
};
struct record_journal;
/*
 * Opens dir/journal, cuts a torn tail, compacts what is closed (the last 1,000 operations stay).
 * Holds the folder's lock (file `lock` names pid and socket); CONFLICT with both when another
 * process has it.
 */
int record_journal_open(struct run_loop *loop, const char *dir, const char *socket,
                        struct record_journal **out, struct rk_err *err) RK_MUST_CHECK;
/* Writes what still waits (blocking), gives the lock back. Nobody is told any more. */
void record_journal_close(struct record_journal *j);
/* done comes when the entry is on disk; err: RK_LIMIT = disk full: nothing may be written then. */
typedef void (*record_done_fn)(const struct rk_err *err, void *ctx);
void record_journal_add(struct record_journal *j, const struct record_entry *e,
                        record_done_fn done, void *ctx);
/* Every entry kept, oldest first; entries are valid during fn. */
int record_journal_each(struct record_journal *j,
                        void (*fn)(const struct record_entry *e, void *ctx), void *ctx,
                        struct rk_err *err) RK_MUST_CHECK;
/* NULL: writes work; else why not ("disk full: ..."). Tried again by record_journal_probe. */
const char *record_journal_trouble(const struct record_journal *j);
void record_journal_probe(struct record_journal *j, record_done_fn done, void *ctx);

/* ================= state: one small JSON document a name, written atomically ================= */
/* inventory/<app>, held, frozen, acknowledged policy, cluster identity, last good revisions ... */
int record_state_read(const char *dir, const char *name, struct rk_arena *a,
                      struct doc_node **out, struct rk_err *err) RK_MUST_CHECK; /* absent: NULL */
int record_state_write(const char *dir, const char *name, const struct doc_node *value,
                       struct rk_err *err) RK_MUST_CHECK;
/* 32 random bytes made once, mode 0600. */
int record_key(const char *dir, uint8_t out[32], struct rk_err *err) RK_MUST_CHECK;

/* ---- inventory: what Reckon applied for an application ---- */
struct record_item { struct kube_key key; const char *uid; };
struct record_inventory { struct rk_arena *arena; struct record_item *v; size_t n; };
int record_inventory_read(const char *dir, const char *app, struct record_inventory *out,
                          struct rk_err *err) RK_MUST_CHECK;
/* Names of the applications that have one, sorted; given back with rk_names_free. */
int record_inventory_names(const char *dir, char ***names, size_t *n, struct rk_err *err)
    RK_MUST_CHECK;
void record_inventory_release(struct record_inventory *i);
void record_inventory_put(struct record_inventory *i, const struct kube_key *key, const char *uid);
void record_inventory_drop(struct record_inventory *i, const struct kube_key *key);
int record_inventory_write(const char *dir, const char *app, const struct record_inventory *i,
                           struct rk_err *err) RK_MUST_CHECK;

/* ================= audit: branch reckon/audit/<env>, one commit an entry ================= */
struct record_value {           /* a value that a heal or sync overwrote */
    const char *object, *path, *before, *after, *manager; int64_t written;
    bool clear;                 /* numbers, booleans, image references; else before/after are hashes */
};
struct record_audit {           /* the whole record; printed as entry.json */
    const char *id, *kind, *app, *environment, *cluster_uid;    /* kind: sync heal promote revert
                                                                   adopt freeze ... */
    const char *stage;          /* intent | outcome | event */
    const char *sources;        /* what `to` does not tell: "base URL at REF: COMMIT; ..."; NULL */
    const char *from, *to, *plan, *actor, *actor_email, *approver, *reason, *result, *message;
    int64_t time, started, finished;
    bool break_glass;           /* made while the remote was down */
    const struct record_value *values; size_t n_values;
    const struct record_item *inventory; size_t n_inventory;
    const char *applied_desired_hash;
    /* filled when read back */
    int64_t seq; const char *prev, *commit; bool pushed;
};
struct record_log;              /* the audit of one repository */
int record_log_open(struct git_mirror *m, const char *dir, struct record_log **out,
                    struct rk_err *err) RK_MUST_CHECK;
/* In the same turn of the loop as git_mirror_free, before it: nobody is told any more. */
void record_log_close(struct record_log *l);
/* Adds Seq, Prev, trailers; local at once, on the disk when record_log_sync or record_log_push says
 * so; costs the same however long the log is. environment under observe: local file only (on the
 * disk at once).
 * Prev is the commit id of the entry before (of a local file: the SHA-256 of its line). Texts are
 * made safe and cut; id NULL: a new one, time 0: now, stage NULL: "event". */
int record_log_add(struct record_log *l, const struct record_audit *e, bool local_only,
                   struct rk_err *err) RK_MUST_CHECK;
/* Is it among the newest 256 of its environment? For who may have been cut off after adding it. */
bool record_log_has(struct record_log *l, const char *environment, const char *id,
                    const char *stage);
/* done comes when every entry of the environment is on the disk (err: it may not be): before that a
 * power cut may lose it. Always comes, CANCELLED when the mirror ends first. */
void record_log_sync(struct record_log *l, const char *environment, record_done_fn done, void *ctx);
/* The same, and pushes, in no hurry: with what follows within a moment (see below). For outcomes. */
void record_log_settle(struct record_log *l, const char *environment, record_done_fn done,
                       void *ctx);
/* Pushes what is not pushed (environment NULL: of all), synced first; done once: pushed at once.
 * NULL: nobody waits, what follows within a moment goes along (50 ms after the last, 500 at most).
 * UNAVAILABLE keeps it for later (record_log_push again). */
void record_log_push(struct record_log *l, const char *environment, record_done_fn done, void *ctx);
/* Entries of one environment (NULL: all that the state folder knows), newest first. Of each
 * application only its newest entry on the page has its inventory. state_dir NULL: without the
 * local files. */
int record_log_list(struct git_view *v, const char *state_dir, const char *environment,
                    int64_t since, size_t skip, size_t limit, struct rk_arena *a,
                    struct record_audit **out, size_t *n, size_t *total, struct rk_err *err)
    RK_MUST_CHECK;

struct record_verify { const char *environment, *tip, *message; bool ok; int64_t entries; };
/*
 * Walks every audit branch in a repository (mirror or any clone, remote-tracking names too):
 * linear, Seq gap-free from 1, Prev equals the entry before, trailers equal entry.json, and the
 * last tip seen locally (state_dir; NULL: not checked) is an ancestor. Not ok is a row, not an error.
 */
int record_verify(const char *git_dir, const char *state_dir, const char *environment,
                  struct rk_arena *a, struct record_verify **rows, size_t *n, struct rk_err *err)
    RK_MUST_CHECK;

#endif
