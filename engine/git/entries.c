/*
 * entries.c: linear logs: one commit an entry, each with a tree of one file, entry.json. In: an
 * entry. Out: its commit, on the local tip of the branch (refs/reckon/log/<branch>), at once,
 * whether the remote is there or not; disk.c sees to the disk. The first local entry stands on the
 * remote's tip when there is one. Only ever appends: a tip that moved meanwhile is CONFLICT.
 *
 * An entry costs the same however long the log is: where it goes is remembered by the caller and
 * found again only when a ref moved, by walking back from both tips in turn until they meet.
 * Pushing is in logpush.c. Owns nothing.
 */
#include "git/git_int.h"

/* ---- how two tips stand to each other ---- */

bool git_log_back(git_repository *repo, git_oid *id)
{
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    if (git_commit_lookup(&c, repo, id) < 0 || git_commit_parentcount(c) == 0)
        return false;
    *id = *git_commit_parent_id(c, 0);
    return true;
}

static bool first_time(struct rk_map *seen, const git_oid *id)
{
    static char here;
    return !rk_map_set_n(seen, (rk_str){(const char *)id->id, GIT_OID_RAWSZ}, &here);
}

/* Each walk is a line, so what one finds taken the other was at: the first such is the newest. */
git_oid git_log_base(git_repository *repo, const git_oid *a, const git_oid *b)
{
    git_oid at[2] = {*a, *b}, none = {{0}};
    bool go[2] = {true, true};
    if (git_oid_is_zero(a) || git_oid_is_zero(b))
        return none;
    struct rk_map *seen = rk_map_new();
    bool met = !first_time(seen, a) || !first_time(seen, b);
    size_t i = 0;
    while (!met && (go[0] || go[1])) {
        i = !i;
        go[i] = go[i] && git_log_back(repo, &at[i]);
        met = go[i] && !first_time(seen, &at[i]);
    }
    rk_map_free(seen, NULL);
    return met ? at[i] : none;
}

bool git_log_holds(git_repository *repo, const git_oid *old, const git_oid *new_)
{
    git_oid base = git_log_base(repo, old, new_);
    return !git_oid_is_zero(old) && git_oid_equal(&base, old);
}

void git_log_common(struct git_view *v, const char *a, const char *b, char out[GIT_ID])
{
    git_oid x, y, base = {{0}};
    if (git_view_commit(v, a, &x) && git_view_commit(v, b, &y))
        base = git_log_base(v->repo, &x, &y);
    git_id_text(&base, out);
}

/* ---- where the next entry goes ---- */

static git_oid ref_of(struct git_view *v, const char *prefix, const char *branch)
{
    char name[GIT_REF_NAME];
    git_oid id = {{0}};
    if (!git_ref_join(name, prefix, branch) || !git_ref_get(v->repo, name, &id))
        return (git_oid){{0}};
    return id;
}

void git_log_find(struct git_view *v, const char *branch, struct git_log_tip *tip)
{
    git_oid local = ref_of(v, GIT_LOG_REFS, branch), remote = ref_of(v, GIT_REMOTES, branch);
    char local_text[GIT_ID], remote_text[GIT_ID];
    git_id_text(&local, local_text);
    git_id_text(&remote, remote_text);
    if (strcmp(local_text, tip->local) == 0 && strcmp(remote_text, tip->remote) == 0)
        return;
    bool theirs = git_oid_is_zero(&local) || git_log_holds(v->repo, &local, &remote);
    memcpy(tip->local, local_text, GIT_ID);
    memcpy(tip->remote, remote_text, GIT_ID);
    memcpy(tip->id, theirs ? remote_text : local_text, GIT_ID);
}

/* ---- append ---- */

static int check_tip(struct git_view *v, const char *branch, struct git_log_tip *now,
                     struct git_log_tip *given, struct rk_err *err)
{
    if (given)
        *now = *given;
    git_log_find(v, branch, now);
    if (!given || strcmp(given->id, now->id) == 0)
        return 0;
    *given = *now;
    return rk_fail(err, RK_CONFLICT, "the log moved while an entry was added");
}

int git_log_append(struct git_view *v, const char *branch, const struct git_entry *e,
                   char out[GIT_ID], struct rk_err *err)
{
    char local[GIT_REF_NAME];
    struct git_draft d = {.author = e->author, .committer = {"Reckon", "reckon@localhost"},
                          .author_ms = e->time, .time_ms = e->time, .message = e->message};
    const struct git_file file = {.path = "entry.json", .bytes = e->entry_json};
    struct git_log_tip now = {0};
    git_oid was = {{0}}, id;
    if (!git_ref_join(local, GIT_LOG_REFS, branch))
        return rk_fail(err, RK_INVALID, "\"%s\" is no branch name", branch);
    if (check_tip(v, branch, &now, e->tip, err) < 0)
        return rk_wrap(err, "%s", branch);
    if (!git_id_read(now.id, &d.parent))
        d.parent = (git_oid){{0}};
    git_id_read(now.local, &was);
    rk_auto(rk_buf_release) struct rk_buf bytes = RK_BUF_INIT;
    if (git_tree_files(v->repo, NULL, &file, 1, &d.tree, err) < 0 ||
        git_draft_bytes(v->repo, &d, &bytes, err) < 0 ||
        git_draft_store(v->repo, bytes.p, NULL, &id, err) < 0 ||
        git_ref_set(v->repo, local, &id, &was, err) < 0)
        return rk_wrap(err, "%s", branch);
    git_id_text(&id, out);
    memcpy(now.local, out, GIT_ID);
    memcpy(now.id, out, GIT_ID);
    if (e->tip)
        *e->tip = now;
    return 0;
}
