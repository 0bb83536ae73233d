/*
 * git.h: a bare mirror of one repository: read, log, blame, edit -> commit -> push, revert.
 * Network through gitcmd (asynchronous, on the loop); everything else by libgit2 on the object
 * database, synchronous and safe in the pool: each git_view has a repository handle of its own.
 * Facts: design.md section 7, reference/kubernetes.md section 5.
 *
 * Refs: origin's branches under refs/remotes/origin/ *, commits not pushed yet under
 * refs/reckon/pending/ *, local tips of logs under refs/reckon/log/ *, the newest tips seen of the
 * remote's reckon/audit/ * under refs/reckon/seen/ *. Folder reckon-kept: how far logs are synced.
 */
#ifndef RK_GIT_H
#define RK_GIT_H

#include "gitcmd/gitcmd.h"
#include "reckon/arena.h"

#define GIT_ID 41               /* 40 hex digits and the end */

struct git_mirror_opts {
    const char *dir;            /* the bare repository; made when missing */
    struct gitcmd_remote remote;
    const char *branch;         /* NULL: the remote's HEAD */
    const char *committer_name, *committer_email;   /* "Reckon" */
    const char *signing_key;    /* ssh key file; NULL: unsigned */
};
struct git_mirror;
int git_mirror_open(struct run_loop *loop, const struct git_mirror_opts *opts,
                    struct git_mirror **out, struct rk_err *err) RK_MUST_CHECK;
void git_mirror_free(struct git_mirror *m);
const char *git_mirror_dir(const struct git_mirror *m);
const char *git_mirror_branch(const struct git_mirror *m);  /* known after the first poll */
struct run_loop *git_mirror_loop(const struct git_mirror *m);
/* A thread for what waits for the disk. git_mirror_free waits for it and calls its done functions. */
struct run_worker *git_mirror_disk(struct git_mirror *m);

struct git_head {
    char id[GIT_ID];            /* revision of the branch; "" = none yet */
    char previous[GIT_ID];      /* before this poll */
    bool changed, forced;       /* forced: previous is no ancestor of id */
};
typedef void (*git_poll_fn)(const struct git_head *head, const struct rk_err *err, void *ctx);
/* ls-remote, and a fetch when a branch or tag moved; then pending commits go out. A second call
 * joins the first. head is always given: with err it is the last good one. err: UNAVAILABLE and
 * TIMEOUT (away), DENIED, NOT_FOUND (the branch is gone), CONFLICT (pending commits do not fit). */
void git_mirror_poll(struct git_mirror *m, git_poll_fn done, void *ctx);
/* The last good revision of the branch, pinned or pending commits included (see git_pending). */
void git_mirror_head(const struct git_mirror *m, char out[GIT_ID]);

/* A bare repository that git's children alone write, one at a time (gitcmd_fetch_one): removes the
 * lock files that killed ones left, if they are older than that. */
void git_cache_locks(const char *dir, uint64_t older_ms);

/* ---- reading: any thread, one view a thread at a time ---- */
struct git_view;
int git_view_open(const char *mirror_dir, struct git_view **out, struct rk_err *err) RK_MUST_CHECK;
void git_view_free(struct git_view *v);
/* Full id, full ref, log, branch, tag, abbreviated id (in this order), with ~N and ^N behind it ->
 * full id of the commit. NOT_FOUND. */
int git_resolve(struct git_view *v, const char *rev, char out[GIT_ID], struct rk_err *err)
    RK_MUST_CHECK;
enum git_kind { GIT_ABSENT, GIT_FILE, GIT_DIR, GIT_LINK, GIT_SUBMODULE };
/* Trees are cached in the view: 200 files by walking cost 3 ms. id: of the blob or tree. */
enum git_kind git_stat(struct git_view *v, const char *rev, const char *path, char id[GIT_ID]);
/* Links are not followed (INVALID says so). limit 0: none. Here and below path "" is the root, and
 * paths have no leading, doubled or trailing slash. */
int git_read(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
             size_t limit, rk_str *out, struct rk_err *err) RK_MUST_CHECK;
/* What a symbolic link says. */
int git_read_link(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                  rk_str *out, struct rk_err *err) RK_MUST_CHECK;
int git_list(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
             const char ***names, size_t *n, struct rk_err *err) RK_MUST_CHECK;
/* Every file below path whose name ends in one of the suffixes (NULL-terminated). */
int git_walk_files(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                   const char *const *suffixes, const char ***paths, size_t *n,
                   struct rk_err *err) RK_MUST_CHECK;

struct git_commit {
    char id[GIT_ID], parent[GIT_ID];
    const char *author, *email, *committer, *subject, *body; /* foreign text, as it is */
    int64_t time;               /* wall ms */
    size_t parents;
};
int git_commit_get(struct git_view *v, struct rk_arena *a, const char *rev, struct git_commit *out,
                   struct rk_err *err) RK_MUST_CHECK;
/* A trailer's value from the body, or NULL. */
const char *git_trailer(struct rk_arena *a, const struct git_commit *c, const char *name);
/* Commits from rev back that changed one of the paths (n_paths 0: all), newest first. */
int git_log(struct git_view *v, struct rk_arena *a, const char *rev, const char *const *paths,
            size_t n_paths, size_t skip, size_t limit, struct git_commit **out, size_t *n,
            struct rk_err *err) RK_MUST_CHECK;
/* How many commits in old..new changed the paths; -1 when old is no ancestor. */
int64_t git_count(struct git_view *v, const char *old, const char *new_, const char *const *paths,
                  size_t n_paths);
bool git_is_ancestor(struct git_view *v, const char *old, const char *new_);
struct git_blame { struct git_commit commit; uint32_t line; const char *file; };
int git_blame_line(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                   uint32_t line, struct git_blame *out, struct rk_err *err) RK_MUST_CHECK;
/* Many lines of one file cost little more than one; out[i].line is 0 where it has no such line. */
int git_blame_lines(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                    const uint32_t *lines, size_t n, struct git_blame *out, struct rk_err *err)
    RK_MUST_CHECK;
struct git_change { const char *path; char status; const char *diff; }; /* A M D; unified text */
int git_changes(struct git_view *v, struct rk_arena *a, const char *old, const char *new_,
                struct git_change **out, size_t *n, struct rk_err *err) RK_MUST_CHECK;

/* ---- writing ---- */
struct git_file {
    const char *path;
    rk_str bytes;
    bool remove;
    uint32_t mode;              /* 0: as it was, else a plain file; git's 0100755, 0120000 */
};
struct git_identity { const char *name, *email; };
struct git_conflict { const char *path, *ancestor, *ours, *theirs; };
/*
 * What a commit will be, made anew on whatever tip it lands on. make gets the tip ("": an empty
 * repository) and gives the files (in a); an error ends the attempt with it. It may run several
 * times, IN THE POOL: ctx is its alone until done. again runs on the loop, after make. The texts
 * are copied; ctx must live until done or git_mirror_free.
 */
struct git_write {
    struct git_identity author;
    const char *message;        /* with trailers */
    int (*make)(struct git_view *v, const char *tip, struct rk_arena *a, struct git_file **files,
                size_t *n, void *ctx, struct rk_err *err);
    /* After a lost race, on the new tip, before the push: the gate again. NULL: none. */
    int (*again)(const char *tip, void *ctx, struct rk_err *err);
    void *ctx;
    const char *branch;         /* NULL: the mirror's branch */
    const char *via_branch;     /* "reckon/promote/ID": also push there when the branch refuses */
    const char *pending;        /* name under refs/reckon/pending/ when the remote is away; NULL:
                                 * fail. Only for the mirror's own branch. */
};
enum git_landed { GIT_PUSHED, GIT_ON_BRANCH, GIT_PENDING, GIT_NOTHING };
typedef void (*git_write_fn)(enum git_landed how, const char *id, const char *branch,
                             const struct rk_err *err, void *ctx);
/*
 * Commit and push with the expected old tip; a lost race: fetch, make again, at most 5 times.
 * Errors: CONFLICT (still losing; names the competing commit), DENIED (refused by a rule; names
 * `via: branch`), UNAVAILABLE (remote away and pending NULL). NOTHING: make changed no byte.
 */
void git_commit_push(struct git_mirror *m, const struct git_write *w, git_write_fn done, void *ctx);
/* Commits waiting for the remote, oldest first; pushed by git_mirror_poll when it is back. */
size_t git_pending(const struct git_mirror *m, struct rk_arena *a, struct git_commit **out);
bool git_is_pending(const struct git_mirror *m, const char *id);
/* Called on each pending commit that reached the remote (rebased: new id differs). */
void git_on_pushed(struct git_mirror *m,
                   void (*fn)(const char *name, const char *old_id, const char *new_id, void *ctx),
                   void *ctx);

/*
 * The files a revert of `commits` ("C" or "A..B", newest first) gives on tip, for git_write.make.
 * paths limit it (n_paths 0: all). Conflicts: CONFLICT, and *conflicts lists the three versions.
 */
int git_revert_files(struct git_view *v, const char *tip, const char *commits,
                     const char *const *paths, size_t n_paths, struct rk_arena *a,
                     struct git_file **files, size_t *n, struct git_conflict **conflicts,
                     size_t *n_conflicts, struct rk_err *err) RK_MUST_CHECK;
/* The paths as they were at revision `to`. Never conflicts. */
int git_restore_files(struct git_view *v, const char *tip, const char *to,
                      const char *const *paths, size_t n_paths, struct rk_arena *a,
                      struct git_file **files, size_t *n, struct rk_err *err) RK_MUST_CHECK;
/* A commit object whose tree is base plus files, on no ref: to render and plan a preview from. */
int git_preview(struct git_view *v, const char *tip, const struct git_file *files, size_t n,
                char out[GIT_ID], struct rk_err *err) RK_MUST_CHECK;

/* ---- linear logs: the audit's branch ---- */
/* Where the next entry of a log goes. Begins as zeros. */
struct git_log_tip {
    char id[GIT_ID];            /* "": the log has no entry */
    char local[GIT_ID], remote[GIT_ID]; /* the refs it was found by; "": not there */
};
/* The local tip, or the remote's when that holds all of it. While neither ref moved, what was found
 * before stands and nothing is walked. */
void git_log_find(struct git_view *v, const char *branch, struct git_log_tip *tip);
/* The newest commit that both have along first parents; "": none. Costs their distance, not their
 * length. */
void git_log_common(struct git_view *v, const char *a, const char *b, char out[GIT_ID]);

struct git_entry {
    const char *message;
    rk_str entry_json;
    struct git_identity author;
    int64_t time;               /* wall ms */
    /* NULL: wherever it goes now. Else only there: CONFLICT when the log has another tip by now.
     * Brought up to date either way. */
    struct git_log_tip *tip;
};
/*
 * Appends entries to a branch that holds one file entry.json a commit, locally at once, on the disk
 * when git_log_sync says so, and pushed when possible. Only fast-forward; a lost race re-makes the
 * unpushed entries on the new tip through `remake` (new Seq and Prev): when it is called the local
 * tip is already remote_tip, and it appends again, with git_log_append, what local_tip has and
 * remote_tip has not. CONFLICT: the remote no longer holds what was seen there before
 * (refs/reckon/seen/<branch>). A push first syncs, and takes what the log held when it began.
 */
int git_log_append(struct git_view *v, const char *branch, const struct git_entry *e,
                   char out[GIT_ID], struct rk_err *err) RK_MUST_CHECK;
void git_log_push(struct git_mirror *m, const char *branch,
                  int (*remake)(struct git_view *v, const char *branch, const char *remote_tip,
                                const char *local_tip, void *ctx, struct rk_err *err),
                  gitcmd_fn done, void *ctx);
/*
 * done comes when all that the log holds now is on the disk (err: it may not be). Off the loop; does
 * not wait for what else the mirror does. Always comes: CANCELLED, inside git_mirror_free, when that
 * is first. After a power cut git_mirror_open puts a log that cannot be read back to what was
 * synced last.
 */
void git_log_sync(struct git_mirror *m, const char *branch, gitcmd_fn done, void *ctx);

#endif
