/*
 * log.c: the audit log of one repository. In: entries. Out: each on its environment's branch at
 * once, and on the remote when it can be. Entries that lost a race for the remote are made anew on
 * its tip with a new Seq and Prev; what was pushed never changes.
 *
 * While entries are made anew the old tip stands in the state folder, so that a crash between loses
 * none: they are put back at the next open. Owns a view of the mirror and the pushes asked for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "record/record_int.h"

struct asked {                          /* one record_log_push */
    size_t left;                        /* branches that have not answered */
    struct rk_err err;                  /* the first */
    record_done_fn done;
    void *ctx;
};

struct branch {
    struct record_log *log;
    char *environment, *name;
    bool noted;                         /* in the state folder's list of environments */
    bool pushing;
    struct asked **v;                   /* who waits for the push that runs */
    size_t n, cap;
};

struct record_log {
    struct git_mirror *mirror;
    struct git_view *view;
    char *dir, *remaking;               /* the state folder; a document's name */
    struct branch **branches;
    size_t n, cap;
    size_t n_asked;
    struct asked **asked;
    size_t cap_asked;
    bool *gone;                         /* set when a done function closes the log */
};

/* ---- branches ---- */

static struct branch *branch_of(struct record_log *l, const char *environment)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->branches[i]->environment, environment) == 0)
            return l->branches[i];
    struct branch *b = rk_alloc(sizeof *b);
    *b = (struct branch){.log = l, .environment = rk_strdup(environment),
                         .name = rk_asprintf(RECORD_BRANCH "%s", environment)};
    l->branches = rk_grow(l->branches, l->n, &l->cap, sizeof *l->branches);
    l->branches[l->n++] = b;
    return b;
}

/* Branches that this repository has, of others too; remembered for lists. */
static int look_for_branches(struct record_log *l, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct record_ref *refs;
    struct record_names names = {0};
    size_t n;
    if (record_refs(git_mirror_dir(l->mirror), a, &refs, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        record_names_add(a, &names, refs[i].environment);
        if (refs[i].kind == RECORD_REF_LOG)
            branch_of(l, refs[i].environment)->noted = true;
    }
    return record_environments_note(l->dir, &names, err);
}

/* ---- entries made anew ---- */

static int remaking_note(struct record_log *l, const char *environment, const char *tip,
                         struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = NULL;
    if (record_state_read(l->dir, l->remaking, a, &doc, err) < 0)
        return -1;
    if (doc_type(doc) != DOC_MAP)
        doc = doc_map(a);
    if (tip)
        doc_set_c(a, doc, environment, doc_string_c(a, tip));
    else
        doc_del(doc, rk_str_c(environment));
    return record_state_write(l->dir, l->remaking, doc, err);
}

static bool is_there(const struct record_audit *e, const struct record_audit *have, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rk_streq(e->id, have[i].id) && rk_streq(e->stage, have[i].stage))
            return true;
    return false;
}

/* Appends what `from` has and `base` has not, except entries that are in `have`. */
static int append_again(struct git_view *v, const char *from, const char *base,
                        const struct record_audit *have, size_t n_have, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct git_commit *lost;
    size_t n;
    if (record_beyond(v, a, from, base, &lost, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct record_audit e;
        if (record_audit_load(v, a, lost[i].id, &e, err) < 0)
            return -1;
        if (!is_there(&e, have, n_have) && record_append(v, a, &e, err) < 0)
            return -1;
    }
    return 0;
}

static int remake(struct git_view *v, const char *branch, const char *remote_tip,
                  const char *local_tip, void *ctx, struct rk_err *err)
{
    struct branch *b = ctx;
    (void)branch;
    if (remaking_note(b->log, b->environment, local_tip, err) < 0 ||
        append_again(v, local_tip, remote_tip, NULL, 0, err) < 0)
        return rk_wrap(err, "audit of %s", b->environment);
    return remaking_note(b->log, b->environment, NULL, err);
}

/* The entries on `tip` that `old` has not: the remote's, and ours that were made anew already. */
static int entries_beyond(struct git_view *v, struct rk_arena *a, const char *tip, const char *old,
                          struct record_audit **out, size_t *n, struct rk_err *err)
{
    struct git_commit *commits;
    if (record_beyond(v, a, tip, old, &commits, n, err) < 0)
        return -1;
    *out = rk_arena_array(a, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        if (record_audit_load(v, a, commits[i].id, &(*out)[i], err) < 0)
            return -1;
    return 0;
}

/* A crash while entries were made anew: those that are missing are put back. */
static int put_back(struct record_log *l, const char *environment, const char *old,
                    struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    char tip[GIT_ID] = "", id[GIT_ID];
    struct record_audit *have = NULL;
    size_t n = 0;
    bool some = record_tip(l->view, branch_of(l, environment)->name, tip);
    bool lost = git_resolve(l->view, old, id, NULL) == 0 &&
                !(some && git_is_ancestor(l->view, old, tip));
    if (lost && (entries_beyond(l->view, a, tip, old, &have, &n, err) < 0 ||
                 append_again(l->view, old, tip, have, n, err) < 0))
        return rk_wrap(err, "audit of %s", environment);
    return remaking_note(l, environment, NULL, err);
}

static int recover(struct record_log *l, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = NULL;
    if (record_state_read(l->dir, l->remaking, a, &doc, err) < 0)
        return -1;
    for (size_t i = 0; doc_type(doc) == DOC_MAP && i < doc_count(doc); i++) {
        const struct doc_pair *p = doc_pair_at(doc, i);
        rk_str tip = doc_text(p->value);
        if (tip.n && put_back(l, rk_arena_dup(a, p->key.p, p->key.n),
                              rk_arena_dup(a, tip.p, tip.n), err) < 0)
            return -1;
    }
    return 0;
}

/* ---- open, add, close ---- */

int record_log_open(struct git_mirror *m, const char *dir, struct record_log **out,
                    struct rk_err *err)
{
    struct git_view *view;
    const char *git_dir = git_mirror_dir(m), *slash = strrchr(git_dir, '/');
    if (git_view_open(git_dir, &view, err) < 0)
        return -1;
    struct record_log *l = rk_alloc(sizeof *l);
    *l = (struct record_log){.mirror = m, .view = view, .dir = rk_strdup(dir),
                             .remaking = rk_asprintf("audit-remaking-%s",
                                                     slash ? slash + 1 : git_dir)};
    if (look_for_branches(l, err) < 0 || recover(l, err) < 0) {
        record_log_close(l);
        return -1;
    }
    *out = l;
    return 0;
}

void record_log_close(struct record_log *l)
{
    if (!l)
        return;
    if (l->gone)
        *l->gone = true;
    for (size_t i = 0; i < l->n; i++) {
        free(l->branches[i]->environment);
        free(l->branches[i]->name);
        free(l->branches[i]->v);
        free(l->branches[i]);
    }
    for (size_t i = 0; i < l->n_asked; i++)
        free(l->asked[i]);
    free(l->asked);
    free(l->branches);
    git_view_free(l->view);
    free(l->dir);
    free(l->remaking);
    free(l);
}

static int note_environment(struct record_log *l, const char *environment, struct rk_err *err)
{
    const char *one[] = {environment};
    struct record_names names = {.v = one, .n = 1};
    struct branch *b = branch_of(l, environment);
    if (!b->noted && record_environments_note(l->dir, &names, err) < 0)
        return -1;
    b->noted = true;
    return 0;
}

int record_log_add(struct record_log *l, const struct record_audit *e, bool local_only,
                   struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct record_audit made;
    if (record_audit_clean(a, e, &made, err) < 0)
        return -1;
    if (local_only)
        return record_local_add(l->dir, a, &made, err);
    if (note_environment(l, made.environment, err) < 0 ||
        record_append(l->view, a, &made, err) < 0)
        return rk_wrap(err, "audit of %s", made.environment);
    return 0;
}

bool record_log_has(struct record_log *l, const char *environment, const char *id,
                    const char *stage)
{
    enum { LOOK_BACK = 256 };
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct git_commit *v = NULL;
    struct record_audit e;
    char tip[GIT_ID];
    size_t n = 0;
    if (!record_tip(l->view, branch_of(l, environment)->name, tip) ||
        git_log(l->view, a, tip, NULL, 0, 0, LOOK_BACK, &v, &n, NULL) < 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (record_audit_load(l->view, a, v[i].id, &e, NULL) == 0 && rk_streq(e.id, id) &&
            rk_streq(e.stage, stage))
            return true;
    return false;
}

/* ---- push ---- */

static void forget(struct record_log *l, const struct asked *who)
{
    for (size_t i = 0; i < l->n_asked; i++)
        if (l->asked[i] == who) {
            l->asked[i] = l->asked[--l->n_asked];
            return;
        }
}

/* One branch has answered; the last one tells. false: the log is gone. */
static bool answer(struct record_log *l, struct asked *who, const struct rk_err *err)
{
    bool gone = false;
    if (err && !who->err.code)
        who->err = *err;
    if (--who->left > 0)
        return true;
    forget(l, who);
    l->gone = &gone;
    if (who->done)
        who->done(who->err.code ? &who->err : NULL, who->ctx);
    free(who);
    if (!gone)
        l->gone = NULL;
    return !gone;
}

static void note_pushed(const struct branch *b)
{
    char tip[GIT_ID];
    struct record_log *l = b->log;
    rk_auto(rk_free_str) char *seen = rk_asprintf("refs/reckon/seen/%s", b->name);
    if (git_resolve(l->view, seen, tip, NULL) == 0 &&
        record_seen_note(l->dir, git_mirror_dir(l->mirror), b->environment, tip, NULL) < 0)
        return; /* the mirror's own ref has it too; the next push notes it again */
}

static void on_pushed(const struct rk_err *err, void *ctx)
{
    struct branch *b = ctx;
    struct record_log *l = b->log;
    struct asked **waiting = b->v;
    size_t n = b->n;
    bool there = true;
    b->pushing = false;
    b->v = NULL;
    b->n = b->cap = 0;
    if (!err)
        note_pushed(b);
    for (size_t i = 0; i < n && there; i++)
        there = answer(l, waiting[i], err);
    free(waiting);
}

/* A push that runs takes along what was added meanwhile: it goes on until the remote has all. */
static void push(struct branch *b, struct asked *who)
{
    who->left++;
    b->v = rk_grow(b->v, b->n, &b->cap, sizeof *b->v);
    b->v[b->n++] = who;
    if (b->pushing)
        return;
    b->pushing = true;
    git_log_push(b->log->mirror, b->name, remake, on_pushed, b);
}

void record_log_push(struct record_log *l, const char *environment, record_done_fn done, void *ctx)
{
    struct asked *who = rk_alloc(sizeof *who);
    who->done = done;
    who->ctx = ctx;
    l->asked = rk_grow(l->asked, l->n_asked, &l->cap_asked, sizeof *l->asked);
    l->asked[l->n_asked++] = who;
    for (size_t i = 0; !environment && i < l->n; i++)
        push(l->branches[i], who);
    /* nothing to push anywhere: git answers so, on a later turn of the loop */
    if (who->left == 0)
        push(branch_of(l, environment ? environment : "-"), who);
}
