/*
 * list.c: entries of the audit, newest first. In: a view of the mirror, the state folder. Out: a
 * page over one environment or all, from their branches and from the local files of observed ones.
 *
 * A cursor a source, the newest taken in turn; commits are read in pieces and only a page's entries
 * are parsed. Inventories are long and only the newest of an application is of use: of each
 * application on a page only its newest has one. Owns its cursors while it works.
 */
#include <stdlib.h>

#include "record/record_int.h"

enum { PIECE = 256 };

struct cursor {
    char next[GIT_ID];                  /* where the next piece begins; "": no more */
    char remote[GIT_ID];                /* the remote's tip: from there on entries are pushed */
    bool pushed;
    struct rk_arena *mem;               /* of the piece */
    struct git_commit *v;
    size_t n, i;
    struct record_audit *local;         /* oldest first; left: how many are still to come */
    size_t left;
};

struct list {
    struct git_view *view;
    int64_t since;
    struct cursor *c;
    size_t n, cap;
};

static void list_end(struct list *l)
{
    for (size_t i = 0; i < l->n; i++)
        rk_arena_free(l->c[i].mem);
    free(l->c);
}

/* Commits know whole seconds only. */
static int64_t seconds(int64_t ms)
{
    return ms / 1000;
}

static int more(const struct list *l, struct cursor *c, struct rk_err *err)
{
    if (c->i < c->n || !c->next[0])
        return 0;
    rk_arena_free(c->mem);
    c->mem = rk_arena_new();
    c->n = c->i = 0;
    if (git_log(l->view, c->mem, c->next, NULL, 0, 0, PIECE, &c->v, &c->n, err) < 0)
        return -1;
    c->next[0] = 0;
    if (c->n)
        memcpy(c->next, c->v[c->n - 1].parent, GIT_ID);
    for (size_t i = 0; i < c->n; i++)
        if (seconds(c->v[i].time) < seconds(l->since)) {
            c->n = i;
            c->next[0] = 0;
        }
    return 0;
}

/* ---- sources ---- */

static struct cursor *add_cursor(struct list *l)
{
    l->c = rk_grow(l->c, l->n, &l->cap, sizeof *l->c);
    l->c[l->n] = (struct cursor){0};
    return &l->c[l->n++];
}

static void add_branch(struct list *l, const char *environment)
{
    char tip[GIT_ID];
    rk_auto(rk_free_str) char *branch = rk_asprintf(RECORD_BRANCH "%s", environment);
    rk_auto(rk_free_str) char *origin = rk_asprintf("refs/remotes/origin/%s", branch);
    if (!record_tip(l->view, branch, tip))
        return;
    struct cursor *c = add_cursor(l);
    memcpy(c->next, tip, GIT_ID);
    if (git_resolve(l->view, origin, c->remote, NULL) < 0)
        c->remote[0] = 0;
}

static int add_local(struct list *l, const char *dir, const char *environment, struct rk_arena *a,
                     struct rk_err *err)
{
    struct record_audit *v;
    size_t n, old = 0;
    if (record_local_read(dir, environment, a, &v, &n, err) < 0)
        return -1;
    while (old < n && seconds(v[old].time) < seconds(l->since))
        old++;
    if (n > old) {
        struct cursor *c = add_cursor(l);
        c->local = v + old;
        c->left = n - old;
    }
    return 0;
}

static int add_sources(struct list *l, const char *dir, const char *environment,
                       struct rk_arena *a, struct rk_err *err)
{
    struct record_names names = {0};
    if (environment)
        record_names_add(a, &names, environment);
    else if (dir && record_environments(dir, a, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.n; i++) {
        add_branch(l, names.v[i]);
        if (dir && add_local(l, dir, names.v[i], a, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- how many ---- */

/* Seq has no gaps: without a limit in time the newest one's is the count. */
static int count_branch(const struct list *l, const struct cursor *c, size_t *total,
                        struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct record_audit e;
    struct cursor walk = {0};
    int rc = 0;
    if (!l->since && record_audit_load(l->view, a, c->next, &e, NULL) == 0) {
        *total += (size_t)e.seq;
        return 0;
    }
    memcpy(walk.next, c->next, GIT_ID);
    do {
        walk.i = walk.n;
        rc = more(l, &walk, err);
        *total += walk.n - walk.i;
    } while (rc == 0 && walk.next[0]);
    rk_arena_free(walk.mem);
    return rc;
}

static int count(const struct list *l, size_t *total, struct rk_err *err)
{
    *total = 0;
    for (size_t i = 0; i < l->n; i++) {
        *total += l->c[i].left;
        if (l->c[i].next[0] && count_branch(l, &l->c[i], total, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- taking the newest ---- */

static bool head_time(const struct cursor *c, int64_t *time)
{
    if (c->left)
        *time = seconds(c->local[c->left - 1].time);
    else if (c->i < c->n)
        *time = seconds(c->v[c->i].time);
    else
        return false;
    return true;
}

static int newest(struct list *l, struct cursor **out, struct rk_err *err)
{
    int64_t best = 0, time;
    *out = NULL;
    for (size_t i = 0; i < l->n; i++) {
        if (more(l, &l->c[i], err) < 0)
            return -1;
        if (head_time(&l->c[i], &time) && (!*out || time > best)) {
            *out = &l->c[i];
            best = time;
        }
    }
    return 0;
}

/* What is no entry is shown as such: one bad commit must not hide the others. */
static void load(struct git_view *v, struct rk_arena *a, const struct git_commit *c,
                 struct record_audit *out)
{
    struct rk_err why = {0};
    if (record_audit_load(v, a, c->id, out, &why) == 0)
        return;
    *out = (struct record_audit){.kind = "unreadable", .time = c->time,
                                 .commit = rk_arena_strdup(a, c->id),
                                 .message = rk_arena_strdup(a, why.text)};
}

/* Steps over the newest; out NULL: unread. */
static void take(const struct list *l, struct cursor *c, struct rk_arena *a,
                 struct record_audit *out)
{
    if (c->left) {
        c->left--;
        if (out)
            *out = c->local[c->left];
        return;
    }
    const struct git_commit *commit = &c->v[c->i++];
    c->pushed = c->pushed || strcmp(commit->id, c->remote) == 0;
    if (!out)
        return;
    load(l->view, a, commit, out);
    out->pushed = c->pushed;
}

static void keep_inventory(struct record_names *apps, struct rk_arena *a, struct record_audit *e)
{
    size_t before = apps->n;
    if (!e->n_inventory)
        return;
    record_names_add(a, apps, e->app ? e->app : "");
    if (apps->n != before)
        return;
    e->inventory = NULL;
    e->n_inventory = 0;
}

int record_log_list(struct git_view *v, const char *state_dir, const char *environment,
                    int64_t since, size_t skip, size_t limit, struct rk_arena *a,
                    struct record_audit **out, size_t *n, size_t *total, struct rk_err *err)
{
    rk_auto(list_end) struct list l = {.view = v, .since = since};
    struct record_names apps = {0};
    struct record_audit *rows = NULL;
    size_t got = 0, cap = 0, all;
    if (add_sources(&l, state_dir, environment, a, err) < 0 || count(&l, &all, err) < 0)
        return -1;
    while (got < limit) {
        struct cursor *c;
        if (newest(&l, &c, err) < 0)
            return -1;
        if (!c)
            break;
        if (skip == 0)
            rows = rk_arena_grow(a, rows, got, &cap, sizeof *rows);
        take(&l, c, a, skip ? NULL : &rows[got]);
        if (skip)
            skip--;
        else
            keep_inventory(&apps, a, &rows[got++]);
    }
    *out = rows;
    *n = got;
    *total = all;
    return 0;
}
