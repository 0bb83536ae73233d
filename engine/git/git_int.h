/*
 * git_int.h: what the files of room git share and no other room sees.
 *
 * libgit2 has types named git_commit and git_blame, and so has the door. Inside this room libgit2's
 * are lg_commit and lg_blame, so that the two can never be taken for one another.
 */
#ifndef RK_GIT_INT_H
#define RK_GIT_INT_H

#define git_commit lg_commit
#define git_blame lg_blame
#include <git2.h>
#undef git_commit
#undef git_blame

#include "git/git.h"
#include "reckon/map.h"

#define GIT_REMOTES "refs/remotes/origin/"
#define GIT_PENDING_REFS "refs/reckon/pending/"
#define GIT_SEEN_REFS "refs/reckon/seen/"
#define GIT_LOG_REFS "refs/reckon/log/"     /* tips of linear logs, pushed or not */
#define GIT_LAST_REFS "refs/reckon/last/"   /* last good revision of a branch */
#define GIT_BRANCH_REF "refs/reckon/branch" /* symbolic: the branch that the mirror follows */
#define GIT_REF_NAME 512

/* ---- lib.c: one initialisation a process, errors, cleanups ---- */
void git_lib_begin(void);
/* libgit2's last error as safe text behind "fmt: ". A code it gave decides the code; returns -1. */
int git_fail(struct rk_err *err, int rc, const char *fmt, ...) RK_PRINTF(3, 4);
void git_id_text(const git_oid *id, char out[GIT_ID]);      /* "" for the zero id */
bool git_id_read(const char *text, git_oid *out);           /* 40 hex digits */
/* "refs/heads/" + name; false (LIMIT) when it does not fit or is no valid ref name. */
bool git_ref_join(char out[GIT_REF_NAME], const char *prefix, const char *name);

void git_tree_freep(git_tree **p);
void git_lg_commit_freep(lg_commit **p);
void git_blob_freep(git_blob **p);
void git_index_freep(git_index **p);
void git_reference_freep(git_reference **p);
void git_object_freep(git_object **p);
void git_diff_freep(git_diff **p);
void git_revwalk_freep(git_revwalk **p);

/* ---- view.c ---- */
struct git_view {
    git_repository *repo;
    struct rk_map *dirs;        /* "<commit id>/<folder>" -> git_tree *: one hash a file read */
};
bool git_view_commit(struct git_view *v, const char *rev, git_oid *out);
/* The root tree of a commit; the caller frees it. rev "" gives *out NULL: the empty tree. */
int git_view_tree(struct git_view *v, const char *rev, git_tree **out, struct rk_err *err)
    RK_MUST_CHECK;
/* The id a ref points to; false when it is not there. */
bool git_ref_get(git_repository *repo, const char *name, git_oid *out);
/* Moves a ref from old (NULL: whatever it is; zero id: must not exist). CONFLICT. */
int git_ref_set(git_repository *repo, const char *name, const git_oid *id, const git_oid *old,
                struct rk_err *err) RK_MUST_CHECK;
void git_ref_drop(git_repository *repo, const char *name);
/* As git names paths: no leading, doubled or trailing slash, no "." or ".."; "" is the root. */
bool git_path_clean(const char *path);
bool git_id_is_ancestor(git_repository *repo, const git_oid *old, const git_oid *new_);

/* ---- entries.c ---- */
/* The newest commit that both have along first parents; zero: none (or one of them is zero). */
git_oid git_log_base(git_repository *repo, const git_oid *a, const git_oid *b);
/* Does new_ hold old, along first parents? */
bool git_log_holds(git_repository *repo, const git_oid *old, const git_oid *new_);
/* One step back; false: no parent, or not readable. */
bool git_log_back(git_repository *repo, git_oid *id);

/* ---- edit.c: trees and commits made from parts ---- */
struct git_edit {
    const char *path;
    git_oid id;                 /* blob, or a whole tree */
    uint32_t mode;              /* 0: remove */
};
/* base NULL: the empty tree. Empty folders vanish; a file gives way to a folder and back. */
int git_tree_edit(git_repository *repo, const git_tree *base, const struct git_edit *edits,
                  size_t n, git_oid *out, struct rk_err *err) RK_MUST_CHECK;
int git_tree_files(git_repository *repo, const git_tree *base, const struct git_file *files,
                   size_t n, git_oid *out, struct rk_err *err) RK_MUST_CHECK;
/* What changed between two trees, as files (bytes in a). */
int git_files_between(git_repository *repo, git_tree *from, git_tree *to, struct rk_arena *a,
                      struct git_file **files, size_t *n, struct rk_err *err) RK_MUST_CHECK;

struct git_draft {              /* a commit before it has an id */
    git_oid tree, parent;       /* parent zero: none */
    struct git_identity author, committer;
    int64_t author_ms, time_ms;
    const char *message;
};
/* The commit's bytes: what is signed. */
int git_draft_bytes(git_repository *repo, const struct git_draft *d, struct rk_buf *out,
                    struct rk_err *err) RK_MUST_CHECK;
/* signature NULL: unsigned. */
int git_draft_store(git_repository *repo, const char *bytes, const char *signature, git_oid *out,
                    struct rk_err *err) RK_MUST_CHECK;

/* ---- sync.c: what must survive a power cut: the commit first, then the ref that holds it ---- */
int git_sync_commit(git_repository *repo, const git_oid *id, struct rk_err *err) RK_MUST_CHECK;
/* tip and what is before it, along first parents, as far as stop (zero: to the first). */
int git_sync_commits(git_repository *repo, const git_oid *tip, const git_oid *stop,
                     struct rk_err *err) RK_MUST_CHECK;
int git_sync_ref(git_repository *repo, const char *name, struct rk_err *err) RK_MUST_CHECK;

/* ---- commit.c ---- */
void git_commit_fill(struct rk_arena *a, lg_commit *from, struct git_commit *out);

#endif
