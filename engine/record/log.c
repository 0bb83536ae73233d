/*
 * log.c: the audit log of one repository. In: entries. Out: each on its environment's branch at
 * once, and on the remote when it can be. Entries that lost a race for the remote are made anew on
 * its tip with a new Seq and Prev; what was pushed never changes.
 *
 * While entries are made anew the old tip stands in the state folder, so that a crash between loses
 * none: they are put back at the next open. Where each branch ends is remembered: an entry reads
 * nothing of those before it. Owns a view of the mirror and the branches; push.c pushes them.
 */
#include <stdlib.h>

#include "record/log_int.h"

/* ---- branches ---- */

struct record_branch *record_branch(struct record_log *l, const char *environment)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->branches[i]->environment, environment) == 0)
            return l->branches[i];
    struct record_branch *b = rk_alloc(sizeof *b);
    *b = (struct record_branch){.log = l, .environment = rk_strdup(environment),
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
            record_branch(l, refs[i].environment)->noted = true;
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
static int append_again(struct record_branch *b, struct git_view *v, const char *from,
                        const char *base, const struct record_audit *have, size_t n_have,
                        struct rk_err *err)
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
        if (!is_there(&e, have, n_have) && record_append(v, a, &e, &b->place, err) < 0)
            return -1;
    }
    return 0;
}

int record_remake(struct git_view *v, const char *branch, const char *remote_tip,
                  const char *local_tip, void *ctx, struct rk_err *err)
{
    struct record_branch *b = ctx;
    (void)branch;
    if (remaking_note(b->log, b->environment, local_tip, err) < 0 ||
        append_again(b, v, local_tip, remote_tip, NULL, 0, err) < 0)
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
    char tip[GIT_ID] = "", id[GIT_ID], common[GIT_ID] = "";
    struct record_audit *have = NULL;
    struct record_branch *b = record_branch(l, environment);
    size_t n = 0;
    if (record_tip(l->view, b->name, tip))
        git_log_common(l->view, old, tip, common);
    bool lost = git_resolve(l->view, old, id, NULL) == 0 && strcmp(common, id) != 0;
    if (lost && (entries_beyond(l->view, a, tip, old, &have, &n, err) < 0 ||
                 append_again(b, l->view, old, tip, have, n, err) < 0))
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

static void branch_free(struct record_branch *b)
{
    record_push_end(b);
    free(b->recent);
    free(b->environment);
    free(b->name);
    free(b);
}

void record_log_close(struct record_log *l)
{
    if (!l)
        return;
    if (l->gone)
        *l->gone = true;
    for (size_t i = 0; i < l->n; i++)
        branch_free(l->branches[i]);
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
    struct record_branch *b = record_branch(l, environment);
    if (!b->noted && record_environments_note(l->dir, &names, err) < 0)
        return -1;
    b->noted = true;
    return 0;
}

/* ---- what is there: ids of the newest entries, kept while somebody asks for them ---- */

enum { LOOK_BACK = 256, RECENT_MAX = 4096 };

static void recent_add(struct record_branch *b, const char *id, const char *commit)
{
    struct record_recent *r;
    b->recent = rk_grow(b->recent, b->n_recent, &b->cap_recent, sizeof *b->recent);
    r = &b->recent[b->n_recent++];
    *r = (struct record_recent){{0}, {0}};
    memcpy(r->id, id, strnlen(id, sizeof r->id - 1));
    memcpy(r->commit, commit, GIT_ID);
}

static void recent_read(struct record_branch *b, const char *tip)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct git_view *v = b->log->view;
    struct git_commit *c = NULL;
    size_t n = 0;
    b->n_recent = 0;
    if (git_log(v, a, tip, NULL, 0, 0, LOOK_BACK, &c, &n, NULL) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        const char *id = git_trailer(a, &c[i], "Reckon-Id");
        recent_add(b, id ? id : "", c[i].id);
    }
    memcpy(b->recent_tip, tip, GIT_ID);
}

/* What was looked at goes on with the log, so that after a restart each entry is not a new look. */
static void recent_follow(struct record_branch *b, const struct record_audit *e)
{
    if (!e->prev || strcmp(b->recent_tip, e->prev) != 0)
        return;
    if (b->n_recent >= RECENT_MAX) {
        b->recent_tip[0] = 0;
        return;
    }
    recent_add(b, e->id, e->commit);
    memcpy(b->recent_tip, e->commit, GIT_ID);
}

bool record_log_has(struct record_log *l, const char *environment, const char *id,
                    const char *stage)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct record_branch *b = record_branch(l, environment);
    struct record_audit e;
    git_log_find(l->view, b->name, &b->place.tip);
    if (!b->place.tip.id[0])
        return false;
    if (strcmp(b->recent_tip, b->place.tip.id) != 0)
        recent_read(b, b->place.tip.id);
    for (size_t i = 0; i < b->n_recent; i++)
        if (strcmp(b->recent[i].id, id) == 0 &&
            record_audit_load(l->view, a, b->recent[i].commit, &e, NULL) == 0 &&
            rk_streq(e.id, id) && rk_streq(e.stage, stage))
            return true;
    return false;
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
    struct record_branch *b = record_branch(l, made.environment);
    if (note_environment(l, made.environment, err) < 0 ||
        record_append(l->view, a, &made, &b->place, err) < 0)
        return rk_wrap(err, "audit of %s", made.environment);
    recent_follow(b, &made);
    return 0;
}

void record_log_sync(struct record_log *l, const char *environment, record_done_fn done, void *ctx)
{
    git_log_sync(l->mirror, record_branch(l, environment)->name, done, ctx);
}
