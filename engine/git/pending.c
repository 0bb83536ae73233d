/*
 * pending.c: commits that wait for the remote. In: a commit made while the remote was away. Out:
 * the same change on the remote's branch once it is back, oldest first, with the new ids told.
 *
 * They stand under refs/reckon/pending/ and so survive a restart. They form a line: each was made
 * on the one before. While the remote's tip is the first one's parent they are pushed as they are;
 * when it moved, each is merged onto it (three-way, base: its own parent) with its author and
 * message; one that is already in the branch is only reported. A conflict leaves all of them
 * waiting and is the poll's error. Owns the list in the mirror.
 */
#include "git/mirror_int.h"

#include <stdlib.h>

#include "reckon/time.h"

/* ---- the list ---- */

void git_pending_release(struct git_mirror *m)
{
    for (size_t i = 0; i < m->n_pending; i++)
        free(m->pending[i].name);
    free(m->pending);
    m->pending = NULL;
    m->n_pending = 0;
}

static void sort_by_age(struct git_mirror *m)
{
    for (size_t i = 1; i < m->n_pending; i++) {
        struct git_waiting w = m->pending[i];
        size_t k = i;
        for (; k && git_id_is_ancestor(m->view->repo, &w.id, &m->pending[k - 1].id); k--)
            m->pending[k] = m->pending[k - 1];
        m->pending[k] = w;
    }
}

void git_pending_load(struct git_mirror *m)
{
    git_reference_iterator *it = NULL;
    const char *name;
    size_t cap = 0;
    git_pending_release(m);
    if (git_reference_iterator_glob_new(&it, m->view->repo, GIT_PENDING_REFS "*") < 0)
        return;
    while (git_reference_next_name(&name, it) == 0) {
        struct git_waiting w = {.name = rk_strdup(name + sizeof GIT_PENDING_REFS - 1)};
        if (!git_ref_get(m->view->repo, name, &w.id)) {
            free(w.name);
            continue;
        }
        m->pending = rk_grow(m->pending, m->n_pending, &cap, sizeof *m->pending);
        m->pending[m->n_pending++] = w;
    }
    git_reference_iterator_free(it);
    sort_by_age(m);
}

git_oid git_pending_tip(const struct git_mirror *m)
{
    return m->n_pending ? m->pending[m->n_pending - 1].id : m->head;
}

int git_pending_add(struct git_mirror *m, const char *name, const git_oid *id, struct rk_err *err)
{
    char ref[GIT_REF_NAME];
    git_oid none = {{0}};
    if (!git_ref_join(ref, GIT_PENDING_REFS, name))
        return rk_fail(err, RK_INVALID, "\"%s\" is no name for a pending commit", name);
    if (git_sync_commit(m->view->repo, id, err) < 0 ||
        git_ref_set(m->view->repo, ref, id, &none, err) < 0 ||
        git_sync_ref(m->view->repo, ref, err) < 0)
        return -1;
    git_pending_load(m);
    return 0;
}

size_t git_pending(const struct git_mirror *m, struct rk_arena *a, struct git_commit **out)
{
    struct git_commit *list = rk_arena_array(a, m->n_pending + 1, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < m->n_pending; i++) {
        lg_commit *c = NULL;
        if (git_commit_lookup(&c, m->view->repo, &m->pending[i].id) < 0)
            continue;
        git_commit_fill(a, c, &list[n++]);
        git_commit_free(c);
    }
    *out = list;
    return n;
}

bool git_is_pending(const struct git_mirror *m, const char *id)
{
    char one[GIT_ID];
    for (size_t i = 0; i < m->n_pending; i++) {
        git_id_text(&m->pending[i].id, one);
        if (strcmp(one, id) == 0)
            return true;
    }
    return false;
}

/* ---- putting them on the remote ---- */

void git_flush_release(struct git_mirror *m)
{
    free(m->flush.made);
    m->flush.made = NULL;
}

static void finish(struct git_task *t, const struct rk_err *err)
{
    git_flush_release(t->m);
    t->m->flush.done(t, err);
}

static void begin(struct git_task *t);
static void go_on(struct git_task *t);

/* All of them are in the branch: the refs go, then their makers are told. */
static void landed(struct git_task *t)
{
    struct git_mirror *m = t->m;
    struct git_waiting *list = m->pending;
    git_oid *made = m->flush.made;
    size_t n = m->n_pending;
    m->pending = NULL;
    m->n_pending = 0;
    m->flush.made = NULL;
    for (size_t i = 0; i < n; i++) {
        char ref[GIT_REF_NAME], old_id[GIT_ID], new_id[GIT_ID];
        if (git_ref_join(ref, GIT_PENDING_REFS, list[i].name))
            git_ref_drop(m->view->repo, ref);
        git_id_text(&list[i].id, old_id);
        git_id_text(&made[i], new_id);
        if (m->on_pushed && !m->dead)
            m->on_pushed(list[i].name, old_id, new_id, m->on_pushed_ctx);
        free(list[i].name);
    }
    free(list);
    free(made);
    if (git_alive(t))
        finish(t, NULL);
}

static void on_refetched(struct git_task *t, const struct rk_err *err)
{
    if (err)
        finish(t, err);
    else
        begin(t);
}

static void after_wait(void *ctx)
{
    if (git_step(ctx))
        git_refetch(ctx, on_refetched);
}

static void on_push(enum gitcmd_push verdict, const struct rk_err *err, void *ctx)
{
    struct git_task *t = ctx;
    if (!git_step(t))
        return;
    struct git_mirror *m = t->m;
    if (verdict == GITCMD_PUSHED) {
        git_oid tip = m->flush.now;
        git_remote_moved(m, m->branch, &tip);
        landed(t);
    } else if (verdict == GITCMD_LOST_RACE && ++m->flush.tries < GIT_TRIES) {
        git_backoff(t, m->flush.tries, after_wait);
    } else {
        finish(t, err);
    }
}

static void push(struct git_task *t)
{
    struct git_mirror *m = t->m;
    char local[GIT_ID], expect[GIT_ID];
    rk_auto(rk_free_str) char *remote = rk_asprintf("refs/heads/%s", m->branch);
    git_id_text(&m->flush.now, local);
    git_id_text(&m->head, expect);
    struct gitcmd_push_ref ref = {.local = local, .remote = remote, .expect = expect};
    m->cmd = gitcmd_push(m->loop, &m->remote, m->dir, &ref, 1, on_push, t);
}

/* ---- one commit onto the tip ---- */

static int tree_of(git_repository *repo, const git_oid *commit, git_tree **out)
{
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    git_oid empty;
    int rc;
    if (git_oid_is_zero(commit)) {
        if (git_tree_edit(repo, NULL, NULL, 0, &empty, NULL) < 0)
            return -1;
        return git_tree_lookup(out, repo, &empty);
    }
    rc = git_commit_lookup(&c, repo, commit);
    return rc < 0 ? rc : git_commit_tree(out, c);
}

/* The tree of commit p's change on top of m->flush.now. */
static int merged(struct git_mirror *m, lg_commit *p, git_oid *out, bool *same, struct rk_err *err)
{
    git_repository *repo = m->view->repo;
    rk_auto(git_tree_freep) git_tree *base = NULL;
    rk_auto(git_tree_freep) git_tree *ours = NULL;
    rk_auto(git_tree_freep) git_tree *theirs = NULL;
    rk_auto(git_index_freep) git_index *index = NULL;
    git_merge_options o;
    git_merge_options_init(&o, GIT_MERGE_OPTIONS_VERSION);
    git_oid parent = {{0}};
    if (git_commit_parentcount(p))
        parent = *git_commit_parent_id(p, 0);
    int rc = tree_of(repo, &parent, &base);
    if (rc == 0)
        rc = tree_of(repo, &m->flush.now, &ours);
    if (rc == 0)
        rc = git_commit_tree(&theirs, p);
    if (rc == 0)
        rc = git_merge_trees(&index, repo, base, ours, theirs, &o);
    if (rc == 0 && git_index_has_conflicts(index))
        return rk_fail(err, RK_CONFLICT,
                       "pending commit %.12s conflicts with %s, which reached the remote first; "
                       "take one of them back", git_oid_tostr_s(git_commit_id(p)), m->branch);
    if (rc == 0)
        rc = git_index_write_tree_to(out, index, repo);
    if (rc < 0)
        return git_fail(err, rc, "pending commit");
    *same = git_oid_equal(out, git_tree_id(ours));
    return 0;
}

static void on_made(struct git_task *t, const git_oid *id, const struct rk_err *err)
{
    struct git_flush *f = &t->m->flush;
    if (err) {
        finish(t, err);
        return;
    }
    f->now = f->made[f->i++] = *id;
    go_on(t);
}

static int rebase(struct git_task *t, lg_commit *p, struct rk_buf *bytes, bool *same,
                  struct rk_err *err)
{
    struct git_mirror *m = t->m;
    const git_signature *author = git_commit_author(p);
    struct git_draft d = {
        .parent = m->flush.now,
        .author = {author->name, author->email},
        .committer = {m->committer_name, m->committer_email},
        .author_ms = (int64_t)author->when.time * 1000, .time_ms = rk_wall_ms(),
        .message = git_commit_message_raw(p),
    };
    if (merged(m, p, &d.tree, same, err) < 0)
        return -1;
    return *same ? 0 : git_draft_bytes(m->view->repo, &d, bytes, err);
}

/* Already there, or still in line: nothing to make. */
static bool fits(struct git_mirror *m, lg_commit *p)
{
    const git_oid *id = git_commit_id(p);
    git_oid none = {{0}};
    if (!git_oid_is_zero(&m->head) && git_id_is_ancestor(m->view->repo, id, &m->head))
        return true;
    const git_oid *parent = git_commit_parentcount(p) ? git_commit_parent_id(p, 0) : &none;
    if (!git_oid_equal(parent, &m->flush.now))
        return false;
    m->flush.now = *id;
    return true;
}

static void go_on(struct git_task *t)
{
    struct git_mirror *m = t->m;
    struct git_flush *f = &m->flush;
    while (f->i < f->n) {
        rk_auto(git_lg_commit_freep) lg_commit *p = NULL;
        rk_auto(rk_buf_release) struct rk_buf bytes = RK_BUF_INIT;
        struct rk_err err = {0};
        bool same = false;
        const git_oid *id = &m->pending[f->i].id;
        int rc = git_commit_lookup(&p, m->view->repo, id);
        if (rc < 0)
            git_fail(&err, rc, "pending commit %.12s", git_oid_tostr_s(id));
        else if (fits(m, p))
            f->made[f->i++] = *id;
        else if ((rc = rebase(t, p, &bytes, &same, &err)) == 0 && same)
            f->made[f->i++] = f->now;
        else if (rc == 0) {
            git_make(t, rk_buf_view(&bytes), on_made);
            return;
        }
        if (rc < 0) {
            finish(t, &err);
            return;
        }
    }
    if (git_oid_equal(&f->now, &m->head))
        landed(t);
    else
        push(t);
}

static void begin(struct git_task *t)
{
    struct git_flush *f = &t->m->flush;
    free(f->made);
    f->n = t->m->n_pending;
    f->made = rk_calloc(f->n + 1, sizeof *f->made);
    f->i = 0;
    f->now = t->m->head;
    go_on(t);
}

void git_flush(struct git_task *t, void (*done)(struct git_task *t, const struct rk_err *err))
{
    t->m->flush.done = done;
    t->m->flush.tries = 0;
    begin(t);
}
