/*
 * refresh.c: what the remote has. In: a mirror. Out: origin's branches and tags as refs, the head
 * of the followed branch, the last tips seen of the audit's branches. One ls-remote; a fetch only
 * when a branch or tag differs from what the mirror holds.
 * An empty remote is an ordinary state. A branch that is gone is an error, and the last good
 * revision stays. Owns nothing: the state is the mirror's.
 */
#include "git/mirror_int.h"

#include <stdlib.h>

#define AUDIT "reckon/audit/"

static void finish(struct git_task *t, const struct rk_err *err)
{
    void (*done)(struct git_task *, const struct rk_err *) = t->m->refresh.done;
    free(t->m->refresh.names);
    t->m->refresh.names = NULL;
    done(t, err);
}

/* ---- what ls-remote said ---- */

static bool is_branch(const char *name)
{
    return strncmp(name, "refs/heads/", 11) == 0;
}

static bool same_here(git_repository *repo, const struct gitcmd_ref *r, const char *prefix,
                      size_t skip)
{
    char name[GIT_REF_NAME];
    git_oid here, there;
    return git_ref_join(name, prefix, r->name + skip) && git_ref_get(repo, name, &here) &&
           git_id_read(r->id, &there) && git_oid_equal(&here, &there);
}

static size_t count_refs(git_repository *repo, const char *glob)
{
    git_reference_iterator *it = NULL;
    const char *name;
    size_t n = 0;
    if (git_reference_iterator_glob_new(&it, repo, glob) < 0)
        return 0;
    while (git_reference_next_name(&name, it) == 0)
        n++;
    git_reference_iterator_free(it);
    return n;
}

static bool differs(git_repository *repo, const struct gitcmd_refs *refs)
{
    size_t heads = 0, tags = 0;
    for (size_t i = 0; i < refs->n; i++) {
        const struct gitcmd_ref *r = &refs->v[i];
        rk_str name = rk_str_c(r->name);
        bool tag = rk_str_starts(name, "refs/tags/") && !rk_str_ends(name, "^{}");
        heads += is_branch(r->name);
        tags += tag;
        if ((is_branch(r->name) && !same_here(repo, r, GIT_REMOTES, 11)) ||
            (tag && !same_here(repo, r, "refs/tags/", 10)))
            return true;
    }
    return heads != count_refs(repo, GIT_REMOTES "*") || tags != count_refs(repo, "refs/tags/*");
}

static void follow(struct git_mirror *m, const char *branch, bool sure)
{
    rk_auto(git_reference_freep) git_reference *ref = NULL;
    char name[GIT_REF_NAME], last[GIT_REF_NAME];
    if (!branch || !git_ref_join(name, GIT_REMOTES, branch) || rk_streq(branch, m->branch)) {
        m->branch_sure |= sure;
        return;
    }
    free(m->branch);
    m->branch = rk_strdup(branch);
    m->branch_sure = sure;
    m->head = (git_oid){{0}};
    if (git_ref_join(last, GIT_LAST_REFS, branch))
        git_ref_get(m->view->repo, last, &m->head);
    if (sure)
        git_reference_symbolic_create(&ref, m->view->repo, GIT_BRANCH_REF, name, 1, "reckon");
}

/*
 * No branch was named: the remote's HEAD, else its main or master, else its first. Of an empty
 * remote "main" until it knows better.
 */
static void choose_branch(struct git_mirror *m, const struct gitcmd_refs *refs)
{
    const char *first = NULL, *usual = NULL;
    if (m->branch_given)
        return;
    for (size_t i = 0; i < refs->n; i++) {
        if (!is_branch(refs->v[i].name))
            continue;
        const char *name = refs->v[i].name + 11;
        if (refs->head && strcmp(refs->v[i].name, refs->head) == 0) {
            follow(m, name, true);
            return;
        }
        if (strncmp(name, "reckon/", 7) != 0 && !first)
            first = name;
        if (strcmp(name, "main") == 0 || (strcmp(name, "master") == 0 && !usual))
            usual = name;
    }
    if (m->branch_sure)
        return; /* HEAD points nowhere just now: stay */
    if (usual || first)
        follow(m, usual ? usual : first, true);
    else
        follow(m, refs->head && is_branch(refs->head) ? refs->head + 11 : "main", false);
}

static void list_branches(struct git_refresh *r, const struct gitcmd_refs *refs)
{
    struct rk_buf names = RK_BUF_INIT;
    r->branches = 0;
    for (size_t i = 0; i < refs->n; i++)
        if (is_branch(refs->v[i].name) && r->branches++ < 8)
            rk_buf_f(&names, "%s%s", names.n ? ", " : "", refs->v[i].name + 11);
    free(r->names);
    r->names = rk_buf_take(&names);
}

/* ---- what the mirror has now ---- */

/* The newest tip of a log that was ever seen: moves forward only, so a rewritten log shows. */
static void note_seen(git_repository *repo, const char *remote_ref)
{
    char seen[GIT_REF_NAME];
    git_oid was, now;
    const char *branch = remote_ref + sizeof GIT_REMOTES - 1;
    if (!git_ref_join(seen, GIT_SEEN_REFS, branch) || !git_ref_get(repo, remote_ref, &now))
        return;
    bool have = git_ref_get(repo, seen, &was);
    if (have && (git_oid_equal(&was, &now) || !git_log_holds(repo, &was, &now)))
        return;
    if (git_ref_set(repo, seen, &now, have ? &was : NULL, NULL) < 0)
        return; /* another poll will */
}

static void note_logs(git_repository *repo)
{
    git_reference_iterator *it = NULL;
    const char *name;
    if (git_reference_iterator_glob_new(&it, repo, GIT_REMOTES AUDIT "*") < 0)
        return;
    while (git_reference_next_name(&name, it) == 0)
        note_seen(repo, name);
    git_reference_iterator_free(it);
}

static int settle(struct git_mirror *m, struct rk_err *err)
{
    git_oid tip = git_remote_tip(m, m->branch);
    note_logs(m->view->repo);
    if (!git_oid_is_zero(&tip)) {
        git_remote_moved(m, m->branch, &tip);
        return 0;
    }
    if (m->refresh.branches)
        return rk_fail(err, RK_NOT_FOUND, "the remote has no branch \"%s\"; it has %s", m->branch,
                       m->refresh.names);
    if (!git_oid_is_zero(&m->head))
        return rk_fail(err, RK_NOT_FOUND, "the remote has no branch any more; \"%s\" stays as it "
                                          "was last seen", m->branch);
    return 0;
}

static void settled(struct git_task *t)
{
    struct rk_err err = {0};
    int rc = settle(t->m, &err);
    finish(t, rc < 0 ? &err : NULL);
}

static void on_fetch(const struct rk_err *err, void *ctx)
{
    struct git_task *t = ctx;
    if (!git_step(t))
        return;
    if (err) {
        git_locks_of_git(t->m->dir, 0); /* killed at its limit, git leaves them */
        finish(t, err);
    } else {
        settled(t);
    }
}

static void fetch(struct git_task *t)
{
    struct git_mirror *m = t->m;
    m->cmd = gitcmd_fetch(m->loop, &m->remote, m->dir, git_refspecs, on_fetch, t);
}

static void on_refs(const struct gitcmd_refs *refs, const struct rk_err *err, void *ctx)
{
    struct git_task *t = ctx;
    if (!git_step(t))
        return;
    if (err) {
        finish(t, err);
        return;
    }
    choose_branch(t->m, refs);
    list_branches(&t->m->refresh, refs);
    if (differs(t->m->view->repo, refs))
        fetch(t);
    else
        settled(t);
}

void git_refresh(struct git_task *t, void (*done)(struct git_task *t, const struct rk_err *err))
{
    struct git_mirror *m = t->m;
    m->refresh.done = done;
    m->cmd = gitcmd_ls_remote(m->loop, &m->remote, on_refs, t);
}

void git_refetch(struct git_task *t, void (*done)(struct git_task *t, const struct rk_err *err))
{
    t->m->refresh.done = done;
    t->m->refresh.branches = 0;
    fetch(t);
}
