/*
 * revert.c: the files that undo commits on top of a tip. In: tip, "C" or "A..B", paths to limit it.
 * Out: files for git_write.make, or the conflicts with their three versions. Nothing is written
 * but unreferenced trees.
 *
 * Each commit is undone by a three-way merge of trees (base: the commit, theirs: its first parent),
 * as git_revert_commit does it, newest first, each on the result of the one before. A range goes
 * along first parents and undoes a merge as one (mainline 1), so it takes back all that reached
 * the branch. Limited to paths, "theirs" is the commit with only those paths taken back: other
 * paths neither change nor conflict.
 */
#include "git/git_int.h"

#include <stdlib.h>

enum { COMMITS_MAX = 1000, VERSION_MAX = 256 << 10 };

struct revert {
    struct git_view *v;
    const char *const *paths;
    size_t n_paths;
    git_tree *now;              /* the result so far */
    lg_commit *c;               /* the commit that is being undone */
    struct git_conflict *conflicts;
    size_t n_conflicts;
};

/* ---- which commits ---- */

static int add_commit(git_repository *repo, const git_oid *id, lg_commit ***list, size_t *n,
                      size_t *cap, struct rk_err *err)
{
    if (*n >= COMMITS_MAX)
        return rk_fail(err, RK_LIMIT, "a revert of more than %d commits: restore a revision "
                                      "instead (--to)", COMMITS_MAX);
    *list = rk_grow(*list, *n, cap, sizeof **list);
    int rc = git_commit_lookup(&(*list)[*n], repo, id);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", git_oid_tostr_s(id));
    (*n)++;
    return 0;
}

static int first_parents(struct git_view *v, const char *range, const char *dots,
                         lg_commit ***list, size_t *n, size_t *cap, struct rk_err *err)
{
    rk_auto(rk_free_str) char *from = rk_strndup(range, (size_t)(dots - range));
    char a_text[GIT_ID], b_text[GIT_ID];
    git_oid a, id;
    if (git_resolve(v, from, a_text, err) < 0 || git_resolve(v, dots + 2, b_text, err) < 0)
        return -1;
    git_oid_fromstr(&a, a_text);
    git_oid_fromstr(&id, b_text);
    if (!git_id_is_ancestor(v->repo, &a, &id))
        return rk_fail(err, RK_INVALID, "%.12s is no ancestor of %.12s", a_text, b_text);
    while (!git_id_is_ancestor(v->repo, &id, &a)) {
        if (add_commit(v->repo, &id, list, n, cap, err) < 0)
            return -1;
        lg_commit *c = (*list)[*n - 1];
        if (git_commit_parentcount(c) == 0)
            break;
        id = *git_commit_parent_id(c, 0);
    }
    if (!git_oid_equal(&id, &a))
        return rk_fail(err, RK_INVALID, "%.12s came in by a merge: name a commit on the branch's "
                                        "own line", a_text);
    return 0;
}

static int commits_of(struct git_view *v, const char *text, lg_commit ***list, size_t *n,
                      struct rk_err *err)
{
    size_t cap = 0;
    const char *dots = strstr(text, "..");
    if (dots)
        return first_parents(v, text, dots, list, n, &cap, err);
    char id_text[GIT_ID];
    git_oid id;
    if (git_resolve(v, text, id_text, err) < 0)
        return -1;
    git_oid_fromstr(&id, id_text);
    return add_commit(v->repo, &id, list, n, &cap, err);
}

/* ---- one commit ---- */

static int parent_tree(lg_commit *c, git_tree **out)
{
    rk_auto(git_lg_commit_freep) lg_commit *p = NULL;
    if (git_commit_parentcount(c) == 0)
        return 0; /* before the first commit there was nothing */
    int rc = git_commit_parent(&p, c, 0);
    return rc < 0 ? rc : git_commit_tree(out, p);
}

/* to's entries at the paths, put into base. */
static int take_paths(const struct revert *r, const git_tree *base, const git_tree *from,
                      git_tree **out, struct rk_err *err)
{
    struct git_edit *edits = rk_calloc(r->n_paths + 1, sizeof *edits);
    for (size_t i = 0; i < r->n_paths; i++) {
        git_tree_entry *e = NULL;
        edits[i].path = r->paths[i];
        if (from && git_tree_entry_bypath(&e, from, r->paths[i]) == 0) {
            edits[i].id = *git_tree_entry_id(e);
            edits[i].mode = git_tree_entry_filemode(e);
        }
        git_tree_entry_free(e);
    }
    git_oid id;
    int rc = git_tree_edit(r->v->repo, base, edits, r->n_paths, &id, err);
    free(edits);
    if (rc < 0)
        return -1;
    rc = git_tree_lookup(out, r->v->repo, &id);
    return rc < 0 ? git_fail(err, rc, "tree") : 0;
}

static int empty_tree(git_repository *repo, git_tree **out, struct rk_err *err)
{
    git_oid id;
    if (git_tree_edit(repo, NULL, NULL, 0, &id, err) < 0)
        return -1;
    int rc = git_tree_lookup(out, repo, &id);
    return rc < 0 ? git_fail(err, rc, "tree") : 0;
}

static const char *version_of(struct revert *r, struct rk_arena *a, const git_index_entry *e)
{
    rk_auto(git_blob_freep) git_blob *b = NULL;
    if (!e)
        return NULL;
    if (git_blob_lookup(&b, r->v->repo, &e->id) < 0)
        return rk_arena_strdup(a, "(cannot be read)");
    if (git_blob_is_binary(b))
        return rk_arena_strdup(a, "(binary)");
    size_t n = (size_t)git_blob_rawsize(b);
    if (n > VERSION_MAX)
        return rk_arena_strdup(a, "(not shown: over 256 KiB)");
    return rk_arena_dup(a, git_blob_rawcontent(b), n);
}

static int list_conflicts(struct revert *r, git_index *index, struct rk_arena *a,
                          struct rk_err *err)
{
    git_index_conflict_iterator *it = NULL;
    const git_index_entry *base, *ours, *theirs;
    size_t cap = 0;
    int rc = git_index_conflict_iterator_new(&it, index);
    if (rc < 0)
        return git_fail(err, rc, "conflicts");
    while (git_index_conflict_next(&base, &ours, &theirs, it) == 0) {
        const git_index_entry *any = ours ? ours : theirs ? theirs : base;
        r->conflicts = rk_arena_grow(a, r->conflicts, r->n_conflicts, &cap, sizeof *r->conflicts);
        r->conflicts[r->n_conflicts++] = (struct git_conflict){
            .path = rk_arena_strdup(a, any->path), .ancestor = version_of(r, a, base),
            .ours = version_of(r, a, ours), .theirs = version_of(r, a, theirs)};
    }
    git_index_conflict_iterator_free(it);
    const git_oid *id = git_commit_id(r->c);
    return rk_fail(err, RK_CONFLICT,
                   "commit %.12s cannot be taken back: %s%s changed since; restore a revision "
                   "instead (--to), or edit by hand", git_oid_tostr_s(id),
                   r->n_conflicts ? r->conflicts[0].path : "a file",
                   r->n_conflicts > 1 ? " and others" : "");
}

static int undo(struct revert *r, struct rk_arena *a, struct rk_err *err)
{
    rk_auto(git_tree_freep) git_tree *base = NULL;
    rk_auto(git_tree_freep) git_tree *parent = NULL;
    rk_auto(git_tree_freep) git_tree *limited = NULL;
    rk_auto(git_index_freep) git_index *index = NULL;
    git_merge_options o;
    git_oid id;
    git_merge_options_init(&o, GIT_MERGE_OPTIONS_VERSION);
    int rc = git_commit_tree(&base, r->c);
    if (rc == 0)
        rc = parent_tree(r->c, &parent);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", git_oid_tostr_s(git_commit_id(r->c)));
    if (!parent && empty_tree(r->v->repo, &parent, err) < 0)
        return -1;
    if (r->n_paths) {
        o.flags &= ~(uint32_t)GIT_MERGE_FIND_RENAMES; /* a rename would leave the paths */
        if (take_paths(r, base, parent, &limited, err) < 0)
            return -1;
    }
    rc = git_merge_trees(&index, r->v->repo, base, r->now, limited ? limited : parent, &o);
    if (rc < 0)
        return git_fail(err, rc, "merge");
    if (git_index_has_conflicts(index))
        return list_conflicts(r, index, a, err);
    git_tree_free(r->now);
    r->now = NULL;
    rc = git_index_write_tree_to(&id, index, r->v->repo);
    if (rc == 0)
        rc = git_tree_lookup(&r->now, r->v->repo, &id);
    return rc < 0 ? git_fail(err, rc, "merge") : 0;
}

/* ---- the door's functions ---- */

static int tip_tree(struct git_view *v, const char *tip, git_tree **out, struct rk_err *err)
{
    if (git_view_tree(v, tip, out, err) < 0)
        return -1;
    return *out ? 0 : empty_tree(v->repo, out, err);
}

int git_revert_files(struct git_view *v, const char *tip, const char *commits,
                     const char *const *paths, size_t n_paths, struct rk_arena *a,
                     struct git_file **files, size_t *n, struct git_conflict **conflicts,
                     size_t *n_conflicts, struct rk_err *err)
{
    struct revert r = {.v = v, .paths = paths, .n_paths = n_paths};
    rk_auto(git_tree_freep) git_tree *begin = NULL;
    lg_commit **list = NULL;
    size_t count = 0;
    int rc = commits_of(v, commits, &list, &count, err);
    if (rc == 0)
        rc = tip_tree(v, tip, &begin, err);
    if (rc == 0)
        rc = tip_tree(v, tip, &r.now, err);
    for (size_t i = 0; i < count && rc == 0; i++) {
        r.c = list[i];
        rc = undo(&r, a, err);
    }
    if (rc == 0)
        rc = git_files_between(v->repo, begin, r.now, a, files, n, err);
    if (conflicts) {
        *conflicts = r.conflicts;
        *n_conflicts = r.n_conflicts;
    }
    for (size_t i = 0; i < count; i++)
        git_commit_free(list[i]);
    free(list);
    git_tree_free(r.now);
    return rc;
}

int git_restore_files(struct git_view *v, const char *tip, const char *to,
                      const char *const *paths, size_t n_paths, struct rk_arena *a,
                      struct git_file **files, size_t *n, struct rk_err *err)
{
    struct revert r = {.v = v, .paths = paths, .n_paths = n_paths};
    rk_auto(git_tree_freep) git_tree *now = NULL;
    rk_auto(git_tree_freep) git_tree *then = NULL;
    rk_auto(git_tree_freep) git_tree *mixed = NULL;
    if (tip_tree(v, tip, &now, err) < 0 || tip_tree(v, to, &then, err) < 0)
        return -1;
    for (size_t i = 0; i < n_paths; i++) {
        if (git_stat(v, to, paths[i], NULL) == GIT_ABSENT &&
            git_stat(v, tip, paths[i], NULL) == GIT_ABSENT)
            return rk_fail(err, RK_NOT_FOUND, "%s: neither at the tip nor at %.12s", paths[i], to);
    }
    if (n_paths && take_paths(&r, now, then, &mixed, err) < 0)
        return -1;
    return git_files_between(v->repo, now, mixed ? mixed : then, a, files, n, err);
}
