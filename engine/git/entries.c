/*
 * entries.c: linear logs: one commit an entry, each with a tree of one file, entry.json. In: an
 * entry. Out: its commit, on the local tip of the branch (refs/reckon/log/<branch>), at once and
 * synced to disk, whether the remote is there or not. The first local entry stands on the remote's
 * tip when there is one. Only ever appends: a tip that moved meanwhile is CONFLICT.
 * Pushing is in logpush.c.
 */
#include "git/git_int.h"

/* Where the next entry goes: the local tip, or the remote's when that holds all of it. */
static bool tip_of(struct git_view *v, const char *local, const char *remote, git_oid *was,
                   git_oid *out)
{
    git_oid theirs;
    bool have = git_ref_get(v->repo, local, out);
    *was = have ? *out : (git_oid){{0}};
    if (git_ref_get(v->repo, remote, &theirs) &&
        (!have || git_id_is_ancestor(v->repo, out, &theirs))) {
        *out = theirs;
        have = true;
    }
    return have;
}

int git_log_append(struct git_view *v, const char *branch, const struct git_entry *e,
                   char out[GIT_ID], struct rk_err *err)
{
    char local[GIT_REF_NAME], remote[GIT_REF_NAME];
    struct git_draft d = {.author = e->author, .committer = {"Reckon", "reckon@localhost"},
                          .author_ms = e->time, .time_ms = e->time, .message = e->message};
    const struct git_file file = {.path = "entry.json", .bytes = e->entry_json};
    git_oid was, id;
    if (!git_ref_join(local, GIT_LOG_REFS, branch) || !git_ref_join(remote, GIT_REMOTES, branch))
        return rk_fail(err, RK_INVALID, "\"%s\" is no branch name", branch);
    if (!tip_of(v, local, remote, &was, &d.parent))
        d.parent = (git_oid){{0}};
    rk_auto(rk_buf_release) struct rk_buf bytes = RK_BUF_INIT;
    if (git_tree_files(v->repo, NULL, &file, 1, &d.tree, err) < 0 ||
        git_draft_bytes(v->repo, &d, &bytes, err) < 0 ||
        git_draft_store(v->repo, bytes.p, NULL, &id, err) < 0 ||
        git_sync_commit(v->repo, &id, err) < 0 ||
        git_ref_set(v->repo, local, &id, &was, err) < 0 || git_sync_ref(v->repo, local, err) < 0)
        return rk_wrap(err, "%s", branch);
    git_id_text(&id, out);
    return 0;
}
