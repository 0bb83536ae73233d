/*
 * record_int.h: what the files of room record share and no other room sees.
 */
#ifndef RK_RECORD_INT_H
#define RK_RECORD_INT_H

#include "record/record.h"

/* ---- names.c: file names and documents below the state folder ---- */
/* dir/name + suffix; every byte of name that is not a plain letter, digit or one of "._-/" becomes
 * %XX, and so does a dot that begins a part: no name leads out of dir. */
char *record_path(const char *dir, const char *name, const char *suffix) RK_MUST_CHECK;
/* One part of such a name: '/' too is written %2F. free() it. */
char *record_part(const char *text) RK_MUST_CHECK;
/* The text that record_part was given; NULL when it is no such part. */
char *record_unpart(rk_str part) RK_MUST_CHECK;

/* ---- lock.c ---- */
/* Locks dir/lock and writes pid and socket into it. *fd is held until it is closed. */
int record_lock(const char *dir, const char *socket, int *fd, struct rk_err *err) RK_MUST_CHECK;

/* ---- frames.c: records in the journal's file ---- */
#define RECORD_HEADER "reckon journal 1\n"
#define RECORD_OPERATION_MAX 64
enum { RECORD_FRAME_MAX = 16 << 20 };   /* bytes of one entry */

/* One record: "<length> <checksum> <kind> <operation> <task> <time>\n<data>\n". */
int record_frame(struct rk_buf *out, const struct record_entry *e, struct rk_err *err)
    RK_MUST_CHECK;
struct record_extent {
    size_t end;         /* behind the last good record */
    size_t damaged;     /* bytes before it that are no record */
};
typedef void (*record_entry_fn)(const struct record_entry *e, rk_str frame, void *ctx);
/* Walks a journal's bytes from after the header; fn may be NULL. */
struct record_extent record_scan(rk_str bytes, record_entry_fn fn, void *ctx);

/* ---- compact.c ---- */
enum { RECORD_KEPT = 1000 };            /* closed operations */
/* The records to keep, oldest first, header included, are added to out; false: nothing to drop. */
bool record_compact(rk_str bytes, struct rk_buf *out);

/* ---- inventory.c ---- */
struct doc_node *record_items_doc(struct rk_arena *a, const struct record_item *v, size_t n);
size_t record_items_read(struct rk_arena *a, const struct doc_node *list,
                         struct record_item **out);

/* ---- entry.c: an audit entry as entry.json and commit message ---- */
#define RECORD_BRANCH "reckon/audit/"
#define RECORD_ENTRY_FILE "entry.json"
enum { RECORD_SCHEMA = 1, RECORD_ENTRY_MAX = 16 << 20 };

/* A copy that may be written: texts safe and cut to their limits, NULL where empty. */
int record_audit_clean(struct rk_arena *a, const struct record_audit *e, struct record_audit *out,
                       struct rk_err *err) RK_MUST_CHECK;
/* Of a clean entry. lines: a field a line, for people; else one line. */
void record_audit_json(struct rk_arena *a, const struct record_audit *e, bool lines,
                       struct rk_buf *out);
void record_audit_subject(const struct record_audit *e, struct rk_buf *out);
void record_audit_trailers(const struct record_audit *e, struct rk_buf *out);
void record_audit_message(const struct record_audit *e, struct rk_buf *out);
/* The first trailer of a commit that is not what the entry says; NULL: all are. In a. */
const char *record_audit_differs(struct rk_arena *a, const struct record_audit *e,
                                 const struct git_commit *c);
int record_audit_read(struct rk_arena *a, rk_str json, struct record_audit *out,
                      struct rk_err *err) RK_MUST_CHECK;
/* The entry that a commit holds. */
int record_audit_load(struct git_view *v, struct rk_arena *a, const char *commit,
                      struct record_audit *out, struct rk_err *err) RK_MUST_CHECK;

/* ---- chain.c: entries put on a branch ---- */
/* Where the next entry of a branch goes: the local tip, or the remote's when that holds all of it.
 * false: the branch has no entry. */
bool record_tip(struct git_view *v, const char *branch, char out[GIT_ID]);
/* What is remembered of a branch's end between two entries. Begins as zeros. */
struct record_place {
    struct git_log_tip tip;
    char at[GIT_ID];            /* the entry whose Seq this is */
    int64_t seq;
};
/* Gives a clean entry its Seq and Prev and appends it; numbers again when the log moved between. */
int record_append(struct git_view *v, struct rk_arena *a, struct record_audit *e,
                  struct record_place *place, struct rk_err *err) RK_MUST_CHECK;
/* The commits that `from` has and `base` has not, along first parents, oldest first. */
int record_beyond(struct git_view *v, struct rk_arena *a, const char *from, const char *base,
                  struct git_commit **out, size_t *n, struct rk_err *err) RK_MUST_CHECK;

/* ---- local.c: entries of environments that are only observed ---- */
#define RECORD_LOCAL "audit-local"
int record_local_add(const char *dir, struct rk_arena *a, struct record_audit *e,
                     struct rk_err *err) RK_MUST_CHECK;
/* Oldest first; none when there is no file. */
int record_local_read(const char *dir, const char *environment, struct rk_arena *a,
                      struct record_audit **out, size_t *n, struct rk_err *err) RK_MUST_CHECK;

/* ---- seen.c: what is known between runs, in the state folder ---- */
struct record_names { const char **v; size_t n, cap; };
void record_names_add(struct rk_arena *a, struct record_names *names, const char *name);
/* Environments that have audit entries, as far as this state folder knows. */
int record_environments(const char *dir, struct rk_arena *a, struct record_names *out,
                        struct rk_err *err) RK_MUST_CHECK;
int record_environments_note(const char *dir, const struct record_names *names,
                             struct rk_err *err) RK_MUST_CHECK;
/* The newest tip of an environment that the remote of this repository was seen to have. Waits for
 * the disk; one call at a time. */
int record_seen_note(const char *dir, const char *git_dir, const char *environment,
                     const char *tip, struct rk_err *err) RK_MUST_CHECK;
struct record_seen { const char *environment, *tip; bool sure; };
/* sure: noted for this very repository, else for some repository of this state folder. */
int record_seen_read(const char *dir, const char *git_dir, struct rk_arena *a,
                     struct record_seen **out, size_t *n, struct rk_err *err) RK_MUST_CHECK;

/* ---- refs.c ---- */
enum record_ref_kind { RECORD_REF_LOG, RECORD_REF_REMOTE, RECORD_REF_HEAD, RECORD_REF_SEEN };
struct record_ref {
    enum record_ref_kind kind;
    const char *name, *environment;
    char id[GIT_ID];
};
/* Every ref of an audit branch in a repository, by environment. */
int record_refs(const char *git_dir, struct rk_arena *a, struct record_ref **out, size_t *n,
                struct rk_err *err) RK_MUST_CHECK;

#endif
