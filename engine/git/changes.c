/*
 * changes.c: what changed between two revisions, file by file, as unified text. In: two revisions;
 * an empty one is the empty tree. Out: paths, A, M or D, and the text, in the caller's arena.
 * Renames are shown as a removal and an addition, so that every path that changed is named.
 * The texts are the files' own: a Secret in git is in them, as in `git diff`.
 */
#include "git/git_int.h"

enum { FILES_MAX = 5000, TEXT_MAX = 4 << 20 };

static char status_of(git_delta_t s)
{
    return s == GIT_DELTA_ADDED ? 'A' : s == GIT_DELTA_DELETED ? 'D' : 'M';
}

static int change_of(struct rk_arena *a, git_diff *diff, size_t i, size_t *left,
                     struct git_change *out)
{
    git_patch *patch = NULL;
    git_buf text = {0};
    const git_diff_delta *d = git_diff_get_delta(diff, i);
    int rc = git_patch_from_diff(&patch, diff, i);
    if (rc == 0 && patch)
        rc = git_patch_to_buf(&text, patch);
    git_patch_free(patch);
    const char *path = d->status == GIT_DELTA_DELETED ? d->old_file.path : d->new_file.path;
    out->path = rk_arena_strdup(a, path);
    out->status = status_of(d->status);
    if (text.size > *left)
        out->diff = rk_arena_strdup(a, "(not shown: the whole diff is over the limit of 4 MiB)\n");
    else
        out->diff = rk_arena_dup(a, text.ptr ? text.ptr : "", text.size);
    *left -= text.size > *left ? 0 : text.size;
    git_buf_dispose(&text);
    return rc;
}

int git_changes(struct git_view *v, struct rk_arena *a, const char *old, const char *new_,
                struct git_change **out, size_t *n, struct rk_err *err)
{
    rk_auto(git_tree_freep) git_tree *from = NULL;
    rk_auto(git_tree_freep) git_tree *to = NULL;
    rk_auto(git_diff_freep) git_diff *diff = NULL;
    if (git_view_tree(v, old, &from, err) < 0 || git_view_tree(v, new_, &to, err) < 0)
        return -1;
    git_diff_options o;
    git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION);
    o.max_size = 1 << 20; /* larger files are shown as binary */
    int rc = git_diff_tree_to_tree(&diff, v->repo, from, to, &o);
    if (rc < 0)
        return git_fail(err, rc, "diff");
    size_t count = git_diff_num_deltas(diff), left = TEXT_MAX;
    if (count > FILES_MAX)
        return rk_fail(err, RK_LIMIT, "%zu files changed: over the limit of %d", count, FILES_MAX);
    struct git_change *list = rk_arena_array(a, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        if ((rc = change_of(a, diff, i, &left, &list[i])) < 0)
            return git_fail(err, rc, "%s", list[i].path);
    *out = list;
    *n = count;
    return 0;
}
