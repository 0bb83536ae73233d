/*
 * mirror.c: the bare mirror's life: opened (made when missing), its tasks in a row, polls, its end.
 * In: options, polls. Out: heads. Owns the mirror, its view on the loop's thread, and the queue.
 *
 * The end may come at any moment, also from a callback: a child or job that runs is cancelled and
 * the memory stays until it has said so; nobody is told anything after git_mirror_free.
 * What a poll does is in refresh.c and pending.c.
 */
#include "git/mirror_int.h"

#include <stdlib.h>

#include "base/file.h"

const char *const git_refspecs[] = {"+refs/heads/*:" GIT_REMOTES "*", "+refs/tags/*:refs/tags/*",
                                    NULL};

static char *dup_or_null(const char *s)
{
    return s ? rk_strdup(s) : NULL;
}

static void free_const(const char *s)
{
    union { const char *from; char *to; } u = {s};
    free(u.to);
}

/* ---- open ---- */

static int make_bare(const char *dir, struct rk_err *err)
{
    git_repository *repo = NULL;
    git_repository_init_options o;
    git_repository_init_options_init(&o, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    o.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
    o.initial_head = "main";
    int rc = git_repository_init_ext(&repo, dir, &o);
    git_repository_free(repo);
    return rc < 0 ? git_fail(err, rc, "%s: cannot make the mirror", dir) : 0;
}

static int open_view(const char *dir, struct git_view **out, struct rk_err *err)
{
    git_lib_begin();
    rk_auto(rk_free_str) char *head = rk_asprintf("%s/HEAD", dir);
    if (!rk_path_exists(head) && make_bare(dir, err) < 0)
        return -1;
    if (git_view_open(dir, out, err) < 0)
        return -1;
    if (git_repository_is_bare((*out)->repo))
        return 0;
    git_view_free(*out);
    return rk_fail(err, RK_INVALID, "%s: has a work tree; the mirror needs a folder of its own",
                   dir);
}

/* The branch and its last good revision survive a restart while the remote is away. */
static void remember(struct git_mirror *m)
{
    rk_auto(git_reference_freep) git_reference *ref = NULL;
    char name[GIT_REF_NAME];
    if (!m->branch && git_reference_lookup(&ref, m->view->repo, GIT_BRANCH_REF) == 0 &&
        git_reference_type(ref) == GIT_REFERENCE_SYMBOLIC) {
        const char *to = git_reference_symbolic_target(ref);
        if (strncmp(to, GIT_REMOTES, sizeof GIT_REMOTES - 1) == 0)
            m->branch = rk_strdup(to + sizeof GIT_REMOTES - 1);
        m->branch_sure = m->branch != NULL;
    }
    if (m->branch && git_ref_join(name, GIT_LAST_REFS, m->branch))
        git_ref_get(m->view->repo, name, &m->head);
    git_pending_load(m);
}

int git_mirror_open(struct run_loop *loop, const struct git_mirror_opts *opts,
                    struct git_mirror **out, struct rk_err *err)
{
    struct git_view *view = NULL;
    char name[GIT_REF_NAME];
    if (opts->branch && !git_ref_join(name, GIT_REMOTES, opts->branch))
        return rk_fail(err, RK_INVALID, "\"%s\" is no branch name", opts->branch);
    if (open_view(opts->dir, &view, err) < 0)
        return -1;
    git_locks_of_reckon(opts->dir);
    git_locks_of_git(opts->dir, opts->remote.time_limit_ms ? opts->remote.time_limit_ms
                                                           : GITCMD_TIME_LIMIT_MS);
    struct git_mirror *m = rk_alloc(sizeof *m);
    *m = (struct git_mirror){
        .loop = loop, .view = view, .dir = rk_strdup(opts->dir),
        .branch = dup_or_null(opts->branch), .branch_given = opts->branch != NULL,
        .remote = {.url = dup_or_null(opts->remote.url),
                   .ssh_key_file = dup_or_null(opts->remote.ssh_key_file),
                   .token_file = dup_or_null(opts->remote.token_file),
                   .helper = dup_or_null(opts->remote.helper),
                   .time_limit_ms = opts->remote.time_limit_ms},
        .committer_name = rk_strdup(opts->committer_name ? opts->committer_name : "Reckon"),
        .committer_email = rk_strdup(opts->committer_email ? opts->committer_email
                                                           : "reckon@localhost"),
        .signing_key = dup_or_null(opts->signing_key && *opts->signing_key ? opts->signing_key
                                                                           : NULL),
    };
    m->branch_sure = m->branch_given;
    m->last = &m->first;
    remember(m);
    if (git_disk_mend(m, err) < 0) {
        git_mirror_free(m);
        return -1;
    }
    *out = m;
    return 0;
}

/* ---- the end ---- */

static void destroy(struct git_mirror *m)
{
    git_flush_release(m);
    git_pending_release(m);
    git_disk_free(m);
    git_view_free(m->view);
    free_const(m->remote.url);
    free_const(m->remote.ssh_key_file);
    free_const(m->remote.token_file);
    free_const(m->remote.helper);
    free(m->committer_name);
    free(m->committer_email);
    free(m->signing_key);
    free(m->refresh.names);
    free(m->signing.bytes);
    free(m->branch);
    free(m->dir);
    free(m);
}

static void drop_active(struct git_mirror *m)
{
    struct git_task *t = m->active;
    m->active = NULL;
    if (t)
        t->drop(t);
}

void git_mirror_free(struct git_mirror *m)
{
    if (!m || m->dead)
        return;
    m->dead = true;
    while (m->first) {
        struct git_task *t = m->first;
        m->first = t->next;
        t->drop(t);
    }
    git_disk_stop(m);
    if (m->timer) {
        run_timer_stop(m->timer);
        drop_active(m);
    } else if (m->syncing) {
        drop_active(m);
    } else if (m->cmd) {
        gitcmd_cancel(m->cmd);
    } else if (m->job) {
        run_job_cancel(m->job);
    }
    if (!m->active && !m->soon)
        destroy(m);
}

bool git_alive(struct git_task *t)
{
    struct git_mirror *m = t->m;
    if (!m->dead)
        return true;
    drop_active(m);
    if (!m->soon)
        destroy(m);
    return false;
}

bool git_step(struct git_task *t)
{
    struct git_mirror *m = t->m;
    m->cmd = NULL;
    m->job = NULL;
    if (m->timer) {
        run_timer_stop(m->timer);
        m->timer = NULL;
    }
    return git_alive(t);
}

/* ---- tasks ---- */

static void start_next(void *ctx)
{
    struct git_mirror *m = ctx;
    m->soon = false;
    if (m->dead) {
        if (!m->active)
            destroy(m);
        return;
    }
    if (m->active || !m->first)
        return;
    struct git_task *t = m->active = m->first;
    m->first = t->next;
    if (!m->first)
        m->last = &m->first;
    t->start(t);
}

/* Also keeps the mirror's memory until that turn of the loop. */
static void schedule(struct git_mirror *m)
{
    if (m->soon)
        return;
    m->soon = true;
    run_soon(m->loop, start_next, m);
}

void git_mirror_stay(struct git_mirror *m)
{
    schedule(m);
}

void git_task_add(struct git_mirror *m, struct git_task *t)
{
    t->m = m;
    t->next = NULL;
    *m->last = t;
    m->last = &t->next;
    schedule(m);
}

void git_task_end(struct git_task *t)
{
    struct git_mirror *m = t->m;
    rk_assert(m->active == t);
    m->active = NULL;
    if (m->poll == t)
        m->poll = NULL;
    schedule(m);
}

/* ---- what is known ---- */

const char *git_mirror_dir(const struct git_mirror *m)
{
    return m->dir;
}

const char *git_mirror_branch(const struct git_mirror *m)
{
    return m->branch;
}

struct run_loop *git_mirror_loop(const struct git_mirror *m)
{
    return m->loop;
}

void git_mirror_head(const struct git_mirror *m, char out[GIT_ID])
{
    git_oid tip = git_pending_tip(m);
    git_id_text(&tip, out);
}

void git_on_pushed(struct git_mirror *m,
                   void (*fn)(const char *name, const char *old_id, const char *new_id, void *ctx),
                   void *ctx)
{
    m->on_pushed = fn;
    m->on_pushed_ctx = ctx;
}

git_oid git_remote_tip(struct git_mirror *m, const char *branch)
{
    char name[GIT_REF_NAME];
    git_oid id = {{0}};
    if (branch && git_ref_join(name, GIT_REMOTES, branch))
        git_ref_get(m->view->repo, name, &id);
    return id;
}

/* Writes nothing when it is so already: most polls. What fails here the next poll sets right. */
static void note_tip(git_repository *repo, const char *prefix, const char *branch,
                     const git_oid *id)
{
    char name[GIT_REF_NAME];
    git_oid now;
    if (!git_ref_join(name, prefix, branch) ||
        (git_ref_get(repo, name, &now) && git_oid_equal(&now, id)))
        return;
    int rc = git_ref_set(repo, name, id, NULL, NULL);
    (void)rc;
}

void git_remote_moved(struct git_mirror *m, const char *branch, const git_oid *id)
{
    note_tip(m->view->repo, GIT_REMOTES, branch, id);
    if (!rk_streq(branch, m->branch))
        return;
    m->head = *id;
    note_tip(m->view->repo, GIT_LAST_REFS, branch, id);
}

/* ---- polls ---- */

struct waiter {
    git_poll_fn done;
    void *ctx;
};

struct poll {
    struct git_task task;
    struct waiter *waiters;
    size_t n, cap;
    struct git_head head;
    git_oid before;
    struct rk_err err;
};

static void poll_drop(struct git_task *t)
{
    struct poll *p = (struct poll *)t;
    free(p->waiters);
    free(p);
}

static void poll_end(struct git_task *t, const struct rk_err *err)
{
    struct poll *p = (struct poll *)t;
    struct git_mirror *m = t->m;
    struct rk_err copy = err ? *err : (struct rk_err){0};
    git_mirror_head(m, p->head.id);
    p->head.changed = strcmp(p->head.id, p->head.previous) != 0;
    p->head.forced = !git_oid_is_zero(&p->before) && !git_oid_is_zero(&m->head) &&
                     !git_id_is_ancestor(m->view->repo, &p->before, &m->head);
    git_task_end(t);
    /* a callback may end the mirror: then the rest is not told */
    for (size_t i = 0; i < p->n && !m->dead; i++)
        p->waiters[i].done(&p->head, err ? &copy : NULL, p->waiters[i].ctx);
    poll_drop(t);
}

static void poll_refreshed(struct git_task *t, const struct rk_err *err)
{
    if (err || t->m->n_pending == 0)
        poll_end(t, err);
    else
        git_flush(t, poll_end);
}

static void poll_start(struct git_task *t)
{
    struct poll *p = (struct poll *)t;
    git_mirror_head(t->m, p->head.previous);
    p->before = t->m->head;
    git_refresh(t, poll_refreshed);
}

void git_mirror_poll(struct git_mirror *m, git_poll_fn done, void *ctx)
{
    struct poll *p = (struct poll *)m->poll;
    if (!p) {
        p = rk_alloc(sizeof *p);
        p->task = (struct git_task){.start = poll_start, .drop = poll_drop};
        m->poll = &p->task;
        git_task_add(m, &p->task);
    }
    p->waiters = rk_grow(p->waiters, p->n, &p->cap, sizeof *p->waiters);
    p->waiters[p->n++] = (struct waiter){done, ctx};
}
