/*
 * sync.c: what must survive a power cut is on the disk before it is relied on. In: a commit, a ref.
 * Out: the loose files of the commit and of all it brought in, the ref's file, and their folders,
 * synced. Only for commits that wait and entries of logs: what the remote has needs no such care,
 * and a preview may vanish (with libgit2's own option every object cost 4 ms, previews too).
 * What is packed already was synced by git. Owns nothing.
 */
#include "git/git_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_path(const char *path, struct rk_err *err)
{
    rk_auto(rk_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0; /* packed */
    if (fd < 0 || fsync(fd) < 0)
        return rk_fail_errno(err, errno, "%s", path);
    return 0;
}

/* ---- the loose files of commits, each once, then their folders, each once ---- */

struct loose {
    git_repository *repo;
    git_oid *v;
    size_t n, cap;
};

static void loose_end(struct loose *l)
{
    free(l->v);
}

static void loose_add(struct loose *l, const git_oid *id)
{
    l->v = rk_grow(l->v, l->n, &l->cap, sizeof *l->v);
    l->v[l->n++] = *id;
}

/* tree and what it has that old (NULL: nothing) has not; as deep as edit.c makes trees. */
static int add_tree(struct loose *l, const git_oid *id, const git_tree *old, struct rk_err *err)
{
    rk_auto(git_tree_freep) git_tree *tree = NULL;
    int rc = git_tree_lookup(&tree, l->repo, id);
    if (rc < 0)
        return git_fail(err, rc, "tree");
    for (size_t i = 0; i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *e = git_tree_entry_byindex(tree, i), *was = NULL;
        rk_auto(git_tree_freep) git_tree *below = NULL;
        if (old)
            was = git_tree_entry_byname(old, git_tree_entry_name(e));
        if ((was && git_oid_equal(git_tree_entry_id(was), git_tree_entry_id(e))) ||
            git_tree_entry_type(e) == GIT_OBJECT_COMMIT)
            continue;
        if (was && git_tree_entry_type(was) == GIT_OBJECT_TREE)
            git_tree_lookup(&below, l->repo, git_tree_entry_id(was));
        if (git_tree_entry_type(e) != GIT_OBJECT_TREE)
            loose_add(l, git_tree_entry_id(e));
        else if (add_tree(l, git_tree_entry_id(e), below, err) < 0)
            return -1;
    }
    loose_add(l, id);
    return 0;
}

static int add_commit(struct loose *l, const git_oid *id, struct rk_err *err)
{
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    rk_auto(git_lg_commit_freep) lg_commit *parent = NULL;
    rk_auto(git_tree_freep) git_tree *old = NULL;
    int rc = git_commit_lookup(&c, l->repo, id);
    if (rc == 0 && git_commit_parentcount(c) && (rc = git_commit_parent(&parent, c, 0)) == 0)
        rc = git_commit_tree(&old, parent);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", git_oid_tostr_s(id));
    if (add_tree(l, git_commit_tree_id(c), old, err) < 0)
        return -1;
    loose_add(l, id);
    return 0;
}

static int sync_files(struct loose *l, struct rk_err *err)
{
    bool folders[256] = {false};
    const char *repo = git_repository_path(l->repo);
    for (size_t i = 0; i < l->n; i++) {
        const char *hex = git_oid_tostr_s(&l->v[i]);
        rk_auto(rk_free_str) char *path = rk_asprintf("%sobjects/%.2s/%s", repo, hex, hex + 2);
        folders[l->v[i].id[0]] = true;
        if (sync_path(path, err) < 0)
            return -1;
    }
    for (unsigned i = 0; i < RK_LEN(folders); i++) {
        rk_auto(rk_free_str) char *path = rk_asprintf("%sobjects/%02x", repo, i);
        if (folders[i] && sync_path(path, err) < 0)
            return -1;
    }
    rk_auto(rk_free_str) char *objects = rk_asprintf("%sobjects", repo);
    return sync_path(objects, err);
}

int git_sync_commit(git_repository *repo, const git_oid *id, struct rk_err *err)
{
    rk_auto(loose_end) struct loose l = {.repo = repo};
    return add_commit(&l, id, err) < 0 ? -1 : sync_files(&l, err);
}

int git_sync_commits(git_repository *repo, const git_oid *tip, const git_oid *stop,
                     struct rk_err *err)
{
    rk_auto(loose_end) struct loose l = {.repo = repo};
    git_oid at = *tip;
    bool more = true;
    while (more && !git_oid_equal(&at, stop)) {
        if (add_commit(&l, &at, err) < 0)
            return -1;
        more = git_log_back(repo, &at);
    }
    return sync_files(&l, err);
}

int git_sync_ref(git_repository *repo, const char *name, struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = rk_asprintf("%s%s", git_repository_path(repo), name);
    rk_auto(rk_free_str) char *folder = rk_strndup(path, (size_t)(strrchr(path, '/') - path));
    return sync_path(path, err) < 0 ? -1 : sync_path(folder, err);
}
