/*
 * blame.c: who wrote this line. In: revision, path, line. Out: the commit that brought the line in
 * and the number it had there. The line is carried back from commit to parent through the hunks of
 * one blob against the other; a parent with the same blob costs one comparison of ids. At a merge
 * the first parent that has the line unchanged is followed. Renames are not followed: a file begins
 * with the commit that added its path. Owns nothing.
 */
#include "git/git_int.h"

struct hunks {
    uint32_t line;      /* in the newer blob */
    int64_t shift;      /* lines that hunks above it added */
    bool inside;        /* the line is part of a hunk: it is new */
};

static int see_hunk(const git_diff_delta *d, const git_diff_hunk *h, void *payload)
{
    struct hunks *s = payload;
    (void)d;
    int64_t start = h->new_start, count = h->new_lines, line = s->line;
    if (count > 0 && line >= start && line < start + count)
        s->inside = true;
    /* a hunk that only removes names the line before it */
    if (count > 0 ? line >= start + count : line > start)
        s->shift += count - h->old_lines;
    return 0;
}

static bool blob_at(git_repository *repo, lg_commit *c, const char *path, git_oid *out)
{
    rk_auto(git_tree_freep) git_tree *t = NULL;
    git_tree_entry *e = NULL;
    if (git_commit_tree(&t, c) < 0 || git_tree_entry_bypath(&e, t, path) < 0)
        return false;
    bool blob = git_tree_entry_type(e) == GIT_OBJECT_BLOB;
    *out = *git_tree_entry_id(e);
    git_tree_entry_free(e);
    (void)repo;
    return blob;
}

/* The line's number in the older blob; 0 when it is not there. */
static uint32_t carry(git_repository *repo, const git_oid *old, const git_oid *new_, uint32_t line)
{
    if (git_oid_equal(old, new_))
        return line;
    rk_auto(git_blob_freep) git_blob *a = NULL;
    rk_auto(git_blob_freep) git_blob *b = NULL;
    git_diff_options o;
    git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION);
    o.context_lines = 0;
    o.flags = GIT_DIFF_FORCE_TEXT;
    struct hunks s = {.line = line};
    if (git_blob_lookup(&a, repo, old) < 0 || git_blob_lookup(&b, repo, new_) < 0 ||
        git_diff_blobs(a, NULL, b, NULL, &o, NULL, NULL, see_hunk, NULL, &s) < 0 || s.inside)
        return 0;
    return (uint32_t)((int64_t)line - s.shift);
}

/* Steps to a parent that has the line; false: this commit wrote it. */
static bool step(git_repository *repo, lg_commit **c, const char *path, git_oid *blob,
                 uint32_t *line)
{
    unsigned n = git_commit_parentcount(*c);
    for (unsigned i = 0; i < n; i++) {
        lg_commit *p = NULL;
        git_oid there;
        uint32_t at = 0;
        if (git_commit_parent(&p, *c, i) == 0 && blob_at(repo, p, path, &there))
            at = carry(repo, &there, blob, *line);
        if (at) {
            git_commit_free(*c);
            *c = p;
            *blob = there;
            *line = at;
            return true;
        }
        git_commit_free(p);
    }
    return false;
}

static bool has_line(git_repository *repo, const git_oid *id, uint32_t line)
{
    rk_auto(git_blob_freep) git_blob *b = NULL;
    if (line == 0 || git_blob_lookup(&b, repo, id) < 0)
        return false;
    const char *p = git_blob_rawcontent(b);
    size_t n = (size_t)git_blob_rawsize(b);
    uint32_t lines = n && p[n - 1] != '\n' ? 1 : 0;
    for (size_t i = 0; i < n && lines < line; i++)
        lines += p[i] == '\n';
    return lines >= line;
}

int git_blame_line(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                   uint32_t line, struct git_blame *out, struct rk_err *err)
{
    char id[GIT_ID];
    git_oid oid, blob;
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    if (git_resolve(v, rev, id, err) < 0)
        return -1;
    git_oid_fromstr(&oid, id);
    int rc = git_commit_lookup(&c, v->repo, &oid);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", id);
    if (!blob_at(v->repo, c, path, &blob))
        return rk_fail(err, RK_NOT_FOUND, "%s: no file at revision %.12s", path, id);
    if (!has_line(v->repo, &blob, line))
        return rk_fail(err, RK_NOT_FOUND, "%s: no line %u at revision %.12s", path, line, id);
    while (step(v->repo, &c, path, &blob, &line))
        ;
    git_commit_fill(a, c, &out->commit);
    out->line = line;
    out->file = rk_arena_strdup(a, path);
    return 0;
}
