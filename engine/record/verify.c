/*
 * verify.c: is the audit log what was written? In: any repository that holds audit branches. Out: a
 * row an environment: sound, or the first thing that is not.
 *
 * Each branch is walked from its tip to its root: one parent, Seq down to 1 without a gap, Prev the
 * parent's id, message as entry.json gives it. The newest tip that the remote was seen to have must
 * still be in what it has: that shows a log that was rewritten whole, or withheld. Signatures are
 * not looked at. Writes nothing.
 */
#include "reckon/text.h"
#include "record/record_int.h"

enum { PIECE = 256 };

struct walk {
    struct git_view *view;
    struct rk_arena *mem;               /* of a piece */
    const char *environment;
    int64_t entries, seq;               /* seq: of the entry before in the walk; 0 = none yet */
    char *problem;                      /* the first; free() */
};

static void walk_end(struct walk *w)
{
    rk_arena_free(w->mem);
    rk_free_str(&w->problem);
}

static void RK_PRINTF(3, 4) problem(struct walk *w, const char *commit, const char *fmt, ...)
{
    struct rk_buf text = RK_BUF_INIT;
    va_list ap;
    if (w->problem)
        return;
    rk_buf_f(&text, "%.12s: ", commit);
    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    w->problem = rk_buf_take(&text);
}

static void check_order(struct walk *w, const struct git_commit *c, const struct record_audit *e)
{
    long long seq = (long long)e->seq;
    if (w->seq && e->seq != w->seq - 1)
        problem(w, c->id, "entry %lld comes before entry %lld: entries were dropped or changed",
                seq, (long long)w->seq);
    if (!c->parents && e->seq != 1)
        problem(w, c->id, "the log begins with entry %lld: what came before it is missing", seq);
    if (!rk_streq(e->prev ? e->prev : "", c->parent))
        problem(w, c->id, "Prev of entry %lld is %.12s, the entry before it is %.12s", seq,
                e->prev ? e->prev : "empty", c->parents ? c->parent : "none");
}

static void check_entry(struct walk *w, const struct git_commit *c)
{
    struct record_audit e;
    struct rk_err err = {0};
    w->entries++;
    if (c->parents > 1)
        problem(w, c->id, "has %zu parents: the log is not linear", c->parents);
    if (record_audit_load(w->view, w->mem, c->id, &e, &err) < 0) {
        problem(w, c->id, "no entry: %s", err.text);
        return;
    }
    check_order(w, c, &e);
    w->seq = e.seq;
    if (!rk_streq(e.environment, w->environment))
        problem(w, c->id, "entry %lld belongs to environment \"%s\"", (long long)e.seq,
                e.environment ? e.environment : "");
    const char *differs = record_audit_differs(w->mem, &e, c);
    if (differs)
        problem(w, c->id, "entry %lld: %s", (long long)e.seq, differs);
}

/* Along the first parent; ends at the first problem, what is behind it proves nothing. */
static void walk_branch(struct walk *w, const char *tip)
{
    char at[GIT_ID];
    memcpy(at, tip, GIT_ID);
    while (at[0] && !w->problem) {
        struct git_commit *v;
        size_t n;
        struct rk_err err = {0};
        rk_arena_free(w->mem);
        w->mem = rk_arena_new();
        if (git_log(w->view, w->mem, at, NULL, 0, 0, PIECE, &v, &n, &err) < 0 || n == 0) {
            problem(w, at, "cannot be read: %s", err.text);
            return;
        }
        for (size_t i = 0; i < n && !w->problem; i++) {
            if (i && strcmp(v[i].id, v[i - 1].parent) != 0)
                problem(w, v[i - 1].id, "the entry before it, %.12s, is missing", v[i - 1].parent);
            else
                check_entry(w, &v[i]);
        }
        memcpy(at, v[n - 1].parent, GIT_ID);
    }
}

/* ---- one environment ---- */

struct check {
    struct git_view *view;
    struct rk_arena *a;
    const struct record_ref *refs;
    size_t n_refs;
    const struct record_seen *seen;
    size_t n_seen;
    bool with_seen;
};

static bool of(const struct record_ref *r, const char *environment, enum record_ref_kind kind)
{
    return r->kind == kind && strcmp(r->environment, environment) == 0;
}

/* Is this tip, or the same, part of another ref's history that is walked anyway? */
static bool covered(const struct check *c, size_t i)
{
    const struct record_ref *r = &c->refs[i];
    for (size_t k = 0; k < c->n_refs; k++) {
        const struct record_ref *o = &c->refs[k];
        if (k == i || o->kind == RECORD_REF_SEEN || strcmp(o->environment, r->environment) != 0)
            continue;
        if (strcmp(o->id, r->id) == 0 ? k < i : git_is_ancestor(c->view, r->id, o->id))
            return true;
    }
    return false;
}

/* What stands for the remote: its tracking refs, else the heads of what may be the remote itself. */
static enum record_ref_kind remote_kind(const struct check *c, const char *environment)
{
    for (size_t i = 0; i < c->n_refs; i++)
        if (of(&c->refs[i], environment, RECORD_REF_REMOTE))
            return RECORD_REF_REMOTE;
    return RECORD_REF_HEAD;
}

static const char *lacks(const struct check *c, const char *environment, const char *seen)
{
    enum record_ref_kind kind = remote_kind(c, environment);
    size_t n = 0;
    for (size_t i = 0; i < c->n_refs; i++) {
        if (!of(&c->refs[i], environment, kind))
            continue;
        n++;
        if (!git_is_ancestor(c->view, seen, c->refs[i].id))
            return rk_arena_f(c->a, "%.12s, seen on the remote before, is not in %s (%.12s): the "
                              "log was rewritten, or this copy is older", seen, c->refs[i].name,
                              c->refs[i].id);
    }
    return n ? NULL : rk_arena_f(c->a, "%.12s, seen on the remote before, is there no more: the "
                                 "branch is gone", seen);
}

static const char *check_seen(const struct check *c, const char *environment)
{
    const char *why = NULL;
    bool found = false;
    for (size_t i = 0; c->with_seen && i < c->n_refs && !why; i++)
        if (of(&c->refs[i], environment, RECORD_REF_SEEN))
            why = lacks(c, environment, c->refs[i].id);
    /* tips of several repositories: one of them is this one */
    const char *last = NULL;
    for (size_t i = 0; i < c->n_seen && !why; i++) {
        if (strcmp(c->seen[i].environment, environment) != 0)
            continue;
        const char *missing = lacks(c, environment, c->seen[i].tip);
        found = found || !missing;
        last = missing ? missing : last;
    }
    return why ? why : found ? NULL : last;
}

static void check_environment(const struct check *c, const char *environment,
                              struct record_verify *out)
{
    *out = (struct record_verify){.environment = environment, .ok = true, .message = ""};
    const char *why = check_seen(c, environment);
    bool any = false;
    for (size_t i = 0; i < c->n_refs; i++) {
        const struct record_ref *r = &c->refs[i];
        if (r->kind == RECORD_REF_SEEN || strcmp(r->environment, environment) != 0 ||
            covered(c, i))
            continue;
        any = true;
        rk_auto(walk_end) struct walk w = {.view = c->view, .environment = environment};
        walk_branch(&w, r->id);
        if (!out->tip || w.problem || w.entries > out->entries) {
            out->tip = r->id;
            out->entries = w.entries;
        }
        if (!why && w.problem)
            why = rk_arena_strdup(c->a, w.problem);
    }
    if (!why && !any)
        why = "no audit branch of this environment here";
    if (!why)
        return;
    rk_auto(rk_buf_release) struct rk_buf safe = RK_BUF_INIT;
    rk_text_safe(&safe, rk_str_c(why), 0);
    out->ok = false;
    out->message = rk_arena_strdup(c->a, safe.p);
}

static int read_seen(struct check *c, const char *git_dir, const char *state_dir,
                     struct rk_err *err)
{
    struct record_seen *seen = NULL;
    if (!state_dir)
        return 0;
    c->with_seen = true;
    if (record_seen_read(state_dir, git_dir, c->a, &seen, &c->n_seen, err) < 0)
        return -1;
    c->seen = seen;
    return 0;
}

int record_verify(const char *git_dir, const char *state_dir, const char *environment,
                  struct rk_arena *a, struct record_verify **rows, size_t *n, struct rk_err *err)
{
    struct check c = {.a = a};
    struct record_ref *refs = NULL;
    struct record_names names = {0};
    if (record_refs(git_dir, a, &refs, &c.n_refs, err) < 0 ||
        read_seen(&c, git_dir, state_dir, err) < 0 || git_view_open(git_dir, &c.view, err) < 0)
        return -1;
    c.refs = refs;
    if (environment)
        record_names_add(a, &names, environment);
    for (size_t i = 0; !environment && i < c.n_refs; i++)
        record_names_add(a, &names, c.refs[i].environment);
    for (size_t i = 0; !environment && i < c.n_seen; i++)
        if (c.seen[i].sure)
            record_names_add(a, &names, c.seen[i].environment);
    struct record_verify *out = rk_arena_array(a, names.n + 1, sizeof *out);
    for (size_t i = 0; i < names.n; i++)
        check_environment(&c, names.v[i], &out[i]);
    git_view_free(c.view);
    *rows = out;
    *n = names.n;
    return 0;
}
