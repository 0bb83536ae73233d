/*
 * edit.c: trees and commits made from parts. In: a tree and the paths that change. Out: the id of
 * the tree that has them, written to the object database; a commit's bytes, and its id once stored.
 * Not git_tree_create_updated: that one leaves empty folders behind and cannot turn a file into a
 * folder, so its trees would differ from those that git makes of the same files.
 * Touches no ref. What was written and is never used is swept by git's own gc.
 */
#include "git/git_int.h"

#include <stdlib.h>

#include "reckon/time.h"

enum { DEPTH_MAX = 100 };

static void builder_freep(git_treebuilder **p)
{
    git_treebuilder_free(*p);
}

/* ---- trees ---- */

struct edits {
    const struct git_edit *v;
    size_t n, at;               /* at: where the name of this level begins in each path */
};

static int build(git_repository *repo, const git_tree *base, struct edits e, unsigned depth,
                 git_oid *out, bool *empty, struct rk_err *err);

static int leaf(git_treebuilder *tb, const struct git_edit *e, const char *name,
                struct rk_err *err)
{
    int rc = 0;
    if (e->mode)
        rc = git_treebuilder_insert(NULL, tb, name, &e->id, (git_filemode_t)e->mode);
    else if (git_treebuilder_get(tb, name))
        rc = git_treebuilder_remove(tb, name);
    return rc < 0 ? git_fail(err, rc, "%s", e->path) : 0;
}

static int branch(git_repository *repo, git_treebuilder *tb, const char *name, struct edits e,
                  unsigned depth, struct rk_err *err)
{
    rk_auto(git_tree_freep) git_tree *below = NULL;
    const git_tree_entry *was = git_treebuilder_get(tb, name);
    bool tree = was && git_tree_entry_type(was) == GIT_OBJECT_TREE, empty = false;
    git_oid id;
    int rc = tree ? git_tree_lookup(&below, repo, git_tree_entry_id(was)) : 0;
    if (rc < 0)
        return git_fail(err, rc, "%s", name);
    if (build(repo, below, e, depth + 1, &id, &empty, err) < 0)
        return -1;
    if (!empty)
        rc = git_treebuilder_insert(NULL, tb, name, &id, GIT_FILEMODE_TREE);
    else if (tree) /* a file of this name, just put there, stays */
        rc = git_treebuilder_remove(tb, name);
    return rc < 0 ? git_fail(err, rc, "%s", e.v[0].path) : 0;
}

static int build(git_repository *repo, const git_tree *base, struct edits e, unsigned depth,
                 git_oid *out, bool *empty, struct rk_err *err)
{
    rk_auto(builder_freep) git_treebuilder *tb = NULL;
    if (depth > DEPTH_MAX)
        return rk_fail(err, RK_LIMIT, "%s: over %d folders deep", e.v[0].path, DEPTH_MAX);
    int rc = git_treebuilder_new(&tb, repo, base);
    if (rc < 0)
        return git_fail(err, rc, "tree");
    for (size_t i = 0, k; i < e.n; i = k) {
        const char *name = e.v[i].path + e.at;
        size_t len = strcspn(name, "/");
        rk_auto(rk_free_str) char *part = rk_strndup(name, len);
        k = i + 1;
        if (!name[len]) {
            if (leaf(tb, &e.v[i], part, err) < 0)
                return -1;
            continue;
        }
        while (k < e.n && strncmp(e.v[k].path + e.at, name, len + 1) == 0)
            k++;
        struct edits group = {e.v + i, k - i, e.at + len + 1};
        if (branch(repo, tb, part, group, depth, err) < 0)
            return -1;
    }
    *empty = git_treebuilder_entrycount(tb) == 0;
    rc = git_treebuilder_write(out, tb);
    return rc < 0 ? git_fail(err, rc, "tree") : 0;
}

static int by_path(const void *x, const void *y)
{
    return strcmp(((const struct git_edit *)x)->path, ((const struct git_edit *)y)->path);
}

static int sorted_build(git_repository *repo, const git_tree *base, struct git_edit *edits,
                        size_t n, git_oid *out, struct rk_err *err)
{
    bool empty;
    if (n)
        qsort(edits, n, sizeof *edits, by_path);
    for (size_t i = 0; i < n; i++) {
        if (!*edits[i].path || !git_path_clean(edits[i].path))
            return rk_fail(err, RK_INVALID, "\"%s\" is no path inside a repository",
                           edits[i].path);
        if (i && strcmp(edits[i - 1].path, edits[i].path) == 0)
            return rk_fail(err, RK_INVALID, "%s: changed twice in one commit", edits[i].path);
    }
    return build(repo, base, (struct edits){edits, n, 0}, 0, out, &empty, err);
}

int git_tree_edit(git_repository *repo, const git_tree *base, const struct git_edit *edits,
                  size_t n, git_oid *out, struct rk_err *err)
{
    struct git_edit *copy = rk_calloc(n + 1, sizeof *copy);
    if (n)
        memcpy(copy, edits, n * sizeof *copy);
    int rc = sorted_build(repo, base, copy, n, out, err);
    free(copy);
    return rc;
}

static uint32_t mode_of(const git_tree *base, const struct git_file *f)
{
    git_tree_entry *e = NULL;
    uint32_t mode = GIT_FILEMODE_BLOB;
    if (f->mode)
        return f->mode;
    if (base && git_tree_entry_bypath(&e, base, f->path) == 0 &&
        git_tree_entry_filemode(e) == GIT_FILEMODE_BLOB_EXECUTABLE)
        mode = GIT_FILEMODE_BLOB_EXECUTABLE;
    git_tree_entry_free(e);
    return mode;
}

int git_tree_files(git_repository *repo, const git_tree *base, const struct git_file *files,
                   size_t n, git_oid *out, struct rk_err *err)
{
    struct git_edit *edits = rk_calloc(n + 1, sizeof *edits);
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const struct git_file *f = &files[i];
        edits[i].path = f->path;
        if (f->remove)
            continue;
        edits[i].mode = mode_of(base, f);
        rc = git_blob_create_from_buffer(&edits[i].id, repo, f->bytes.p ? f->bytes.p : "",
                                         f->bytes.n);
        if (rc < 0)
            git_fail(err, rc, "%s", f->path);
    }
    rc = rc < 0 ? -1 : sorted_build(repo, base, edits, n, out, err);
    free(edits);
    return rc;
}

static int file_of(git_repository *repo, struct rk_arena *a, const git_diff_delta *d,
                   struct git_file *out, struct rk_err *err)
{
    rk_auto(git_blob_freep) git_blob *blob = NULL;
    bool gone = d->status == GIT_DELTA_DELETED;
    const git_diff_file *side = gone ? &d->old_file : &d->new_file;
    *out = (struct git_file){.path = rk_arena_strdup(a, side->path), .remove = gone};
    if (gone)
        return 0;
    if (side->mode == GIT_FILEMODE_COMMIT)
        return rk_fail(err, RK_UNSUPPORTED, "%s: is a submodule; change it with git", side->path);
    int rc = git_blob_lookup(&blob, repo, &side->id);
    if (rc < 0)
        return git_fail(err, rc, "%s", side->path);
    size_t n = (size_t)git_blob_rawsize(blob);
    out->bytes = (rk_str){rk_arena_dup(a, git_blob_rawcontent(blob), n), n};
    out->mode = side->mode;
    return 0;
}

int git_files_between(git_repository *repo, git_tree *from, git_tree *to, struct rk_arena *a,
                      struct git_file **files, size_t *n, struct rk_err *err)
{
    rk_auto(git_diff_freep) git_diff *diff = NULL;
    git_diff_options o;
    git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION);
    o.flags = GIT_DIFF_INCLUDE_TYPECHANGE; /* else such a path comes twice */
    int rc = git_diff_tree_to_tree(&diff, repo, from, to, &o);
    if (rc < 0)
        return git_fail(err, rc, "diff");
    size_t count = git_diff_num_deltas(diff);
    struct git_file *list = rk_arena_array(a, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (file_of(repo, a, git_diff_get_delta(diff, i), &list[i], err) < 0)
            return -1;
    *files = list;
    *n = count;
    return 0;
}

/* ---- commits ---- */

static void signature_freep(git_signature **p)
{
    git_signature_free(*p);
}

/* Name and address as a commit can hold them: no brackets, no control bytes, never empty. */
static git_signature *signature(const struct git_identity *who, int64_t ms)
{
    rk_auto(rk_free_str) char *name = rk_strdup(who->name && *who->name ? who->name : "unknown");
    rk_auto(rk_free_str) char *email = rk_strdup(who->email && *who->email ? who->email
                                                                           : "unknown");
    for (char *p = name; *p; p++)
        if (*p == '<' || *p == '>' || (unsigned char)*p < ' ')
            *p = ' ';
    for (char *p = email; *p; p++)
        if (*p == '<' || *p == '>' || (unsigned char)*p <= ' ')
            *p = '-';
    git_signature *s = NULL;
    if (git_signature_new(&s, name, email, ms / 1000, 0) < 0 &&
        git_signature_new(&s, "unknown", email, ms / 1000, 0) < 0)
        return NULL;
    return s;
}

int git_draft_bytes(git_repository *repo, const struct git_draft *d, struct rk_buf *out,
                    struct rk_err *err)
{
    rk_auto(signature_freep) git_signature *author = signature(&d->author, d->author_ms);
    rk_auto(signature_freep) git_signature *committer = signature(&d->committer, d->time_ms);
    rk_auto(git_tree_freep) git_tree *tree = NULL;
    rk_auto(git_lg_commit_freep) lg_commit *parent = NULL;
    rk_auto(rk_buf_release) struct rk_buf message = RK_BUF_INIT;
    git_buf buf = {0};
    rk_buf_c(&message, d->message);
    if (message.n == 0 || message.p[message.n - 1] != '\n')
        rk_buf_ch(&message, '\n');
    int rc = author && committer ? git_tree_lookup(&tree, repo, &d->tree) : -1;
    bool root = git_oid_is_zero(&d->parent);
    if (rc == 0 && !root)
        rc = git_commit_lookup(&parent, repo, &d->parent);
    union { lg_commit *one; const lg_commit *fixed; } p = {parent};
    if (rc == 0)
        rc = git_commit_create_buffer(&buf, repo, author, committer, NULL, message.p, tree,
                                      root ? 0 : 1, &p.fixed);
    if (rc < 0)
        return git_fail(err, rc, "commit");
    rk_buf_add(out, buf.ptr, buf.size);
    git_buf_dispose(&buf);
    return 0;
}

int git_draft_store(git_repository *repo, const char *bytes, const char *signed_by, git_oid *out,
                    struct rk_err *err)
{
    git_odb *odb = NULL;
    int rc;
    if (signed_by) {
        rc = git_commit_create_with_signature(out, repo, bytes, signed_by, "gpgsig");
        return rc < 0 ? git_fail(err, rc, "signed commit") : 0;
    }
    rc = git_repository_odb(&odb, repo);
    if (rc == 0)
        rc = git_odb_write(out, odb, bytes, strlen(bytes), GIT_OBJECT_COMMIT);
    git_odb_free(odb);
    return rc < 0 ? git_fail(err, rc, "commit") : 0;
}

/* The time is the tip's, so that the same preview has the same id. */
int git_preview(struct git_view *v, const char *tip, const struct git_file *files, size_t n,
                char out[GIT_ID], struct rk_err *err)
{
    rk_auto(git_tree_freep) git_tree *base = NULL;
    struct git_draft d = {.author = {"Reckon", "reckon@localhost"}, .message = "preview"};
    git_oid id;
    if (git_view_tree(v, tip, &base, err) < 0 ||
        git_tree_files(v->repo, base, files, n, &d.tree, err) < 0)
        return -1;
    if (tip && *tip && git_view_commit(v, tip, &d.parent)) {
        rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
        if (git_commit_lookup(&c, v->repo, &d.parent) == 0)
            d.author_ms = d.time_ms = (int64_t)git_commit_time(c) * 1000;
    }
    d.committer = d.author;
    rk_auto(rk_buf_release) struct rk_buf bytes = RK_BUF_INIT;
    if (git_draft_bytes(v->repo, &d, &bytes, err) < 0 ||
        git_draft_store(v->repo, bytes.p, NULL, &id, err) < 0)
        return -1;
    git_id_text(&id, out);
    return 0;
}
