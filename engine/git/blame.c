/*
 * blame.c: who wrote these lines. In: revision, path, lines. Out: for each the commit that brought
 * it in and the number it had there. Lines are carried back together from commit to parent through
 * the hunks of one blob against the other; a parent with the same blob costs one comparison of ids.
 * At a merge a line goes to the first parent that has it unchanged. Renames are not followed: a
 * file begins with the commit that added its path. Owns nothing.
 */
#include "git/git_int.h"

struct wanted {
    size_t at;          /* in the caller's list */
    uint32_t line;      /* in the newer blob */
    int64_t shift;      /* lines that hunks above it added */
    bool inside;        /* the line is part of a hunk: it is new */
};
struct group {          /* lines that a commit has */
    struct group *next;
    lg_commit *c;
    git_oid blob;
    struct wanted *v;
    size_t n;
};

static int see_hunk(const git_diff_delta *d, const git_diff_hunk *h, void *payload)
{
    struct group *g = payload;
    (void)d;
    int64_t start = h->new_start, count = h->new_lines;
    for (size_t i = 0; i < g->n; i++) {
        int64_t line = g->v[i].line;
        if (count > 0 && line >= start && line < start + count)
            g->v[i].inside = true;
        /* a hunk that only removes names the line before it */
        if (count > 0 ? line >= start + count : line > start)
            g->v[i].shift += count - h->old_lines;
    }
    return 0;
}

static bool blob_at(lg_commit *c, const char *path, git_oid *out)
{
    rk_auto(git_tree_freep) git_tree *t = NULL;
    git_tree_entry *e = NULL;
    if (git_commit_tree(&t, c) < 0 || git_tree_entry_bypath(&e, t, path) < 0)
        return false;
    bool blob = git_tree_entry_type(e) == GIT_OBJECT_BLOB;
    *out = *git_tree_entry_id(e);
    git_tree_entry_free(e);
    return blob;
}

/* Finds for each line of the group its shift against the older blob, or that it is new. */
static void compare(git_repository *repo, const git_oid *old, struct group *g)
{
    rk_auto(git_blob_freep) git_blob *a = NULL;
    rk_auto(git_blob_freep) git_blob *b = NULL;
    git_diff_options o;
    git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION);
    o.context_lines = 0;
    o.flags = GIT_DIFF_FORCE_TEXT;
    for (size_t i = 0; i < g->n; i++)
        g->v[i].shift = 0, g->v[i].inside = false;
    if (git_oid_equal(old, &g->blob))
        return;
    bool failed = git_blob_lookup(&a, repo, old) < 0 || git_blob_lookup(&b, repo, &g->blob) < 0 ||
                  git_diff_blobs(a, NULL, b, NULL, &o, NULL, NULL, see_hunk, NULL, g) < 0;
    for (size_t i = 0; failed && i < g->n; i++)
        g->v[i].inside = true;
}

/* The lines that this parent has leave the group; NULL: it has none. Takes p over. */
static struct group *split(struct rk_arena *a, struct group *g, lg_commit *p, const git_oid *blob)
{
    struct group *theirs = rk_arena_alloc(a, sizeof *theirs);
    *theirs = (struct group){.c = p, .blob = *blob, .v = rk_arena_array(a, g->n, sizeof *g->v)};
    size_t left = 0;
    for (size_t i = 0; i < g->n; i++) {
        struct wanted w = g->v[i];
        if (w.inside) {
            g->v[left++] = w;
            continue;
        }
        w.line = (uint32_t)((int64_t)w.line - w.shift);
        theirs->v[theirs->n++] = w;
    }
    g->n = left;
    if (theirs->n)
        return theirs;
    git_commit_free(p);
    return NULL;
}

/* Hands lines on to the parents that have them; those that are left were written by this commit. */
static void step(git_repository *repo, struct rk_arena *a, struct group *g, const char *path,
                 struct group **todo)
{
    unsigned parents = git_commit_parentcount(g->c);
    for (unsigned i = 0; i < parents && g->n; i++) {
        lg_commit *p = NULL;
        git_oid there;
        if (git_commit_parent(&p, g->c, i) < 0)
            continue;
        if (!blob_at(p, path, &there)) {
            git_commit_free(p);
            continue;
        }
        compare(repo, &there, g);
        struct group *theirs = split(a, g, p, &there);
        if (theirs) {
            theirs->next = *todo;
            *todo = theirs;
        }
    }
}

static size_t lines_in(git_repository *repo, const git_oid *id)
{
    rk_auto(git_blob_freep) git_blob *b = NULL;
    if (git_blob_lookup(&b, repo, id) < 0)
        return 0;
    const char *p = git_blob_rawcontent(b);
    size_t n = (size_t)git_blob_rawsize(b), lines = n && p[n - 1] != '\n' ? 1 : 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

static struct group *first_group(struct git_view *v, struct rk_arena *a, lg_commit *c,
                                 const git_oid *blob, const uint32_t *lines, size_t n)
{
    size_t there = lines_in(v->repo, blob);
    struct group *g = rk_arena_alloc(a, sizeof *g);
    *g = (struct group){.c = c, .blob = *blob, .v = rk_arena_array(a, n + 1, sizeof *g->v)};
    for (size_t i = 0; i < n; i++)
        if (lines[i] && lines[i] <= there)
            g->v[g->n++] = (struct wanted){.at = i, .line = lines[i]};
    return g;
}

int git_blame_lines(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                    const uint32_t *lines, size_t n, struct git_blame *out, struct rk_err *err)
{
    char id[GIT_ID];
    git_oid oid, blob;
    lg_commit *c = NULL;
    if (git_resolve(v, rev, id, err) < 0)
        return -1;
    git_oid_fromstr(&oid, id);
    int rc = git_commit_lookup(&c, v->repo, &oid);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", id);
    if (!blob_at(c, path, &blob)) {
        git_commit_free(c);
        return rk_fail(err, RK_NOT_FOUND, "%s: no file at revision %.12s", path, id);
    }
    memset(out, 0, n * sizeof *out);
    for (struct group *g, *todo = first_group(v, a, c, &blob, lines, n); (g = todo);) {
        todo = g->next;
        step(v->repo, a, g, path, &todo);
        for (size_t i = 0; i < g->n; i++) {
            struct git_blame *b = &out[g->v[i].at];
            git_commit_fill(a, g->c, &b->commit);
            b->line = g->v[i].line;
            b->file = rk_arena_strdup(a, path);
        }
        git_commit_free(g->c);
    }
    return 0;
}

int git_blame_line(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                   uint32_t line, struct git_blame *out, struct rk_err *err)
{
    if (git_blame_lines(v, a, rev, path, &line, 1, out, err) < 0)
        return -1;
    return out->line ? 0 : rk_fail(err, RK_NOT_FOUND, "%s: no line %u at revision %s", path, line,
                                   rev);
}
