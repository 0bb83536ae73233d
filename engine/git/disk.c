/*
 * disk.c: linear logs on the disk, off the loop. In: a branch whose entries entries.c appended. Out:
 * word that all of them are synced; a file in the mirror's folder reckon-kept says how far.
 *
 *     objects of the new commits -> the local ref -> reckon-kept, whole or not at all
 *
 * One round a branch at a time, many entries a round. What was appended in between may be lost by a
 * power cut, and may leave a local ref that leads nowhere: then the next open goes back to what was
 * kept. Owns the mirror's thread for the disk, its view of the repository, and who waits.
 */
#include "git/mirror_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

struct waiter {
    gitcmd_fn done;
    void *ctx;
    bool task;                  /* a task of the mirror: ends with it, and is not told */
};

struct waiters {
    struct waiter *v;
    size_t n, cap;
};

struct kept {                   /* one log */
    struct git_mirror *m;
    char *branch;
    git_oid id;                 /* on the disk; zero: not known */
    bool running;
    struct waiters now, later;  /* told by the round that runs; by the next */
    /* the round's, the thread's alone until done */
    git_oid tip, from;
    int rc;
    struct rk_err err;
};

struct git_disk {
    struct run_worker *worker;
    struct git_view *view;      /* of that thread */
    struct kept **v;
    size_t n, cap;
};

/* ---- the file: no ref, a temporary one beside it would be taken for another ---- */

#define FOLDER "reckon-kept"

/* No branch has a ':' in its name. */
static void swap(char *name, char from, char to)
{
    for (; *name; name++)
        if (*name == from)
            *name = to;
}

static char *kept_path(const char *dir, const char *branch)
{
    rk_auto(rk_free_str) char *name = rk_strdup(branch);
    swap(name, '/', ':');
    return rk_asprintf("%s/" FOLDER "/%s", dir, name);
}

static bool kept_read(const char *dir, const char *branch, git_oid *out)
{
    rk_auto(rk_free_str) char *path = kept_path(dir, branch);
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (rk_file_read(path, 64, &text, NULL) < 0 || text.n != GIT_ID)
        return false;
    text.p[GIT_ID - 1] = 0;
    return git_id_read(text.p, out);
}

static int kept_write(const char *dir, const char *branch, const git_oid *id, struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = kept_path(dir, branch);
    rk_auto(rk_free_str) char *folder = rk_asprintf("%s/" FOLDER, dir);
    rk_auto(rk_free_str) char *text = rk_asprintf("%s\n", git_oid_tostr_s(id));
    if (!rk_path_is_dir(folder) && rk_mkdirs(folder, 0700, err) < 0)
        return -1;
    return rk_file_write(path, rk_str_c(text), 0600, err);
}

/* ---- the thread's ---- */

static int keep(struct git_view *v, const char *branch, const git_oid *tip, const git_oid *from,
                struct rk_err *err)
{
    char ref[GIT_REF_NAME];
    git_oid stop = git_log_base(v->repo, tip, from);
    if (git_sync_commits(v->repo, tip, &stop, err) < 0)
        return -1;
    if (!git_ref_join(ref, GIT_LOG_REFS, branch) || git_sync_ref(v->repo, ref, err) < 0)
        return -1;
    return 0;
}

static void work(void *ctx)
{
    struct kept *k = ctx;
    struct git_disk *d = k->m->disk;
    k->rc = 0;
    if (git_oid_is_zero(&k->tip) || git_oid_equal(&k->tip, &k->id))
        return;
    if (!d->view)
        k->rc = git_view_open(k->m->dir, &d->view, &k->err);
    if (k->rc == 0)
        k->rc = keep(d->view, k->branch, &k->tip, &k->from, &k->err);
    if (k->rc == 0)
        k->rc = kept_write(k->m->dir, k->branch, &k->tip, &k->err);
}

/* ---- the loop's ---- */

static struct git_disk *disk_of(struct git_mirror *m)
{
    if (!m->disk) {
        m->disk = rk_calloc(1, sizeof *m->disk);
        m->disk->worker = run_worker_start(m->loop);
    }
    return m->disk;
}

static struct kept *kept_of(struct git_mirror *m, const char *branch)
{
    struct git_disk *d = disk_of(m);
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->v[i]->branch, branch) == 0)
            return d->v[i];
    struct kept *k = rk_calloc(1, sizeof *k);
    k->m = m;
    k->branch = rk_strdup(branch);
    if (!kept_read(m->dir, branch, &k->id))
        k->id = (git_oid){{0}};
    d->v = rk_grow(d->v, d->n, &d->cap, sizeof *d->v);
    return d->v[d->n++] = k;
}

git_oid git_disk_kept(struct git_mirror *m, const char *branch)
{
    return kept_of(m, branch)->id;
}

static void done(void *ctx);

/* Any of them may end the mirror: then the rest hears that. */
static void tell(const struct git_mirror *m, struct waiters *w, const struct rk_err *err)
{
    struct rk_err ended = {0};
    (void)rk_fail(&ended, RK_CANCELLED, "the repository was closed");
    for (size_t i = 0; i < w->n; i++)
        if (!m->dead)
            w->v[i].done(err, w->v[i].ctx);
        else if (!w->v[i].task)
            w->v[i].done(&ended, w->v[i].ctx);
    free(w->v);
    *w = (struct waiters){0};
}

static void begin(struct kept *k)
{
    char ref[GIT_REF_NAME];
    k->running = true;
    k->now = k->later;
    k->later = (struct waiters){0};
    k->tip = (git_oid){{0}};
    k->err = (struct rk_err){0};
    if (git_ref_join(ref, GIT_LOG_REFS, k->branch) &&
        !git_ref_get(k->m->view->repo, ref, &k->tip))
        k->tip = (git_oid){{0}};
    /* a log that was never kept begins on the remote's */
    k->from = git_oid_is_zero(&k->id) ? git_remote_tip(k->m, k->branch) : k->id;
    run_worker_do(k->m->disk->worker, work, done, k);
}

static void done(void *ctx)
{
    struct kept *k = ctx;
    struct git_mirror *m = k->m;
    struct waiters told = k->now;
    struct rk_err err = k->err;
    const int rc = k->rc;
    k->now = (struct waiters){0};
    k->running = false;
    if (rc == 0 && !git_oid_is_zero(&k->tip))
        k->id = k->tip;
    if (!m->dead) {
        git_mirror_stay(m);
        if (k->later.n)
            begin(k);
    }
    tell(m, &told, rc < 0 ? &err : NULL);
}

static void wait_for(struct git_mirror *m, const char *branch, struct waiter who)
{
    struct kept *k = kept_of(m, branch);
    struct waiters *w = &k->later;
    w->v = rk_grow(w->v, w->n, &w->cap, sizeof *w->v);
    w->v[w->n++] = who;
    if (!k->running)
        begin(k);
}

void git_log_sync(struct git_mirror *m, const char *branch, gitcmd_fn fn, void *ctx)
{
    wait_for(m, branch, (struct waiter){fn, ctx, false});
}

void git_disk_sync(struct git_mirror *m, const char *branch, gitcmd_fn fn, void *ctx)
{
    wait_for(m, branch, (struct waiter){fn, ctx, true});
}

struct run_worker *git_mirror_disk(struct git_mirror *m)
{
    return disk_of(m)->worker;
}

void git_disk_stop(struct git_mirror *m)
{
    if (!m->disk)
        return;
    run_worker_stop(m->disk->worker);
    for (size_t i = 0; i < m->disk->n; i++)
        tell(m, &m->disk->v[i]->later, NULL);
}

void git_disk_free(struct git_mirror *m)
{
    struct git_disk *d = m->disk;
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++) {
        free(d->v[i]->now.v);
        free(d->v[i]->later.v);
        free(d->v[i]->branch);
        free(d->v[i]);
    }
    free(d->v);
    git_view_free(d->view);
    free(d);
}

/* ---- after a power cut ---- */

static bool readable(git_odb *odb, const git_oid *id)
{
    git_odb_object *o = NULL;
    bool good = git_odb_read(&o, odb, id) == 0; /* its hash is checked */
    git_odb_object_free(o);
    return good;
}

/* The commit, its tree, its one file. */
static bool entry_readable(git_repository *repo, git_odb *odb, const git_oid *id)
{
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    rk_auto(git_tree_freep) git_tree *tree = NULL;
    if (!readable(odb, id) || git_commit_lookup(&c, repo, id) < 0 || git_commit_tree(&tree, c) < 0)
        return false;
    for (size_t i = 0; i < git_tree_entrycount(tree); i++)
        if (!readable(odb, git_tree_entry_id(git_tree_entry_byindex(tree, i))))
            return false;
    return true;
}

static bool all_readable(git_repository *repo, git_oid tip, const git_oid *stop)
{
    git_odb *odb = NULL;
    bool good = git_repository_odb(&odb, repo) == 0, more = true;
    while (good && more && !git_oid_equal(&tip, stop)) {
        good = entry_readable(repo, odb, &tip);
        more = good && git_log_back(repo, &tip);
    }
    git_odb_free(odb);
    return good;
}

static int mend(const struct git_mirror *m, const char *branch, struct rk_err *err)
{
    git_repository *repo = m->view->repo;
    char ref[GIT_REF_NAME];
    git_oid kept, tip;
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    if (!git_ref_join(ref, GIT_LOG_REFS, branch) || !kept_read(m->dir, branch, &kept) ||
        git_commit_lookup(&c, repo, &kept) < 0)
        return 0;
    rk_auto(rk_free_str) char *path = rk_asprintf("%s%s", git_repository_path(repo), ref);
    if (git_ref_get(repo, ref, &tip)) {
        if (git_oid_equal(&tip, &kept))
            return 0;
        git_oid base = git_log_base(repo, &tip, &kept);
        if (all_readable(repo, tip, &base))
            return 0;
    } else if (!rk_path_exists(path)) {
        return 0; /* taken out, by hand */
    } else {
        (void)remove(path); /* not a ref: git would not replace it */
    }
    if (git_ref_set(repo, ref, &kept, NULL, err) < 0)
        return rk_wrap(err, "%s cannot be read, nor put back to %.12s", ref,
                       git_oid_tostr_s(&kept));
    return 0;
}

int git_disk_mend(struct git_mirror *m, struct rk_err *err)
{
    rk_auto(rk_free_str) char *folder = rk_asprintf("%s/" FOLDER, m->dir);
    char **names;
    size_t n;
    int rc = 0;
    if (!rk_path_is_dir(folder))
        return 0;
    if (rk_dir_names(folder, &names, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        swap(names[i], ':', '/');
        rc = mend(m, names[i], err);
    }
    rk_names_free(names, n);
    return rc;
}
