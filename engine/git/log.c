/*
 * log.c: the history of paths. In: a revision and paths. Out: the commits that `git log -- paths`
 * shows, newest first.
 *
 * A commit is shown when it differs in one of the paths from every parent. When it is the same as a
 * parent the walk goes on along that parent alone, as git does it: what came to nothing on a side
 * branch is not history of the path. Only ids of tree entries are compared, nothing is diffed:
 * about as fast as git without Bloom filters. Owns its queue and set while it walks.
 */
#include "git/git_int.h"

#include <stdlib.h>

/* ---- a set of ids ---- */

struct ids {
    git_oid *v;
    size_t n, cap; /* cap: a power of two, at most 2/3 full; the zero id is a free place */
};

static size_t ids_place(const struct ids *s, const git_oid *id)
{
    size_t h;
    memcpy(&h, id->id, sizeof h); /* already a hash */
    for (h &= s->cap - 1; !git_oid_is_zero(&s->v[h]) && !git_oid_equal(&s->v[h], id);)
        h = (h + 1) & (s->cap - 1);
    return h;
}

static bool ids_has(const struct ids *s, const git_oid *id)
{
    return s->cap && !git_oid_is_zero(&s->v[ids_place(s, id)]);
}

/* false: it was there */
static bool ids_add(struct ids *s, const git_oid *id)
{
    if (s->n * 3 >= s->cap * 2) {
        struct ids larger = {.cap = s->cap ? s->cap * 2 : 256};
        larger.v = rk_calloc(larger.cap, sizeof *larger.v);
        for (size_t i = 0; i < s->cap; i++)
            if (!git_oid_is_zero(&s->v[i]))
                larger.v[ids_place(&larger, &s->v[i])] = s->v[i];
        larger.n = s->n;
        free(s->v);
        *s = larger;
    }
    size_t at = ids_place(s, id);
    if (!git_oid_is_zero(&s->v[at]))
        return false;
    s->v[at] = *id;
    s->n++;
    return true;
}

/* ---- a heap of commits, newest on top ---- */

struct item {
    lg_commit *commit;
    git_oid *entries;   /* the paths' ids; NULL until needed */
    uint64_t order;     /* of equal times the first in goes first out */
};

struct walker {
    git_repository *repo;
    git_odb *odb;
    const char *const *paths;
    size_t n_paths;
    struct item *heap;
    size_t n, cap;
    uint64_t order;
    struct ids seen;
    const struct ids *within;   /* NULL: the whole history */
};

static bool before(const struct item *x, const struct item *y)
{
    git_time_t a = git_commit_time(x->commit), b = git_commit_time(y->commit);
    return a != b ? a > b : x->order < y->order;
}

static void heap_push(struct walker *w, struct item it)
{
    w->heap = rk_grow(w->heap, w->n, &w->cap, sizeof *w->heap);
    size_t i = w->n++;
    for (; i > 0 && before(&it, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = it;
}

static struct item heap_pop(struct walker *w)
{
    struct item top = w->heap[0], last = w->heap[--w->n];
    size_t i = 0;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= w->n)
            break;
        if (c + 1 < w->n && before(&w->heap[c + 1], &w->heap[c]))
            c++;
        if (!before(&w->heap[c], &last))
            break;
        w->heap[i] = w->heap[c];
        i = c;
    }
    if (w->n)
        w->heap[i] = last;
    return top;
}

static void item_end(struct item *it)
{
    git_commit_free(it->commit);
    free(it->entries);
}

static void walker_end(struct walker *w)
{
    for (size_t i = 0; i < w->n; i++)
        item_end(&w->heap[i]);
    free(w->heap);
    free(w->seen.v);
    git_odb_free(w->odb);
}

/* ---- comparing ---- */

/*
 * The entry called name in a tree's own bytes ("mode name\\0" and 20 bytes of id, again and again):
 * half the time of a git_tree, which is built whole for the sake of one entry.
 */
static bool raw_entry(git_odb *odb, const git_oid *tree, rk_str name, git_oid *out)
{
    git_odb_object *object = NULL;
    bool found = false;
    if (git_odb_read(&object, odb, tree) < 0)
        return false;
    const char *p = git_odb_object_data(object), *end = p + git_odb_object_size(object);
    while (git_odb_object_type(object) == GIT_OBJECT_TREE && !found) {
        const char *space = memchr(p, ' ', (size_t)(end - p));
        const char *nul = space ? memchr(space, 0, (size_t)(end - space)) : NULL;
        if (!nul || end - nul <= GIT_OID_RAWSZ)
            break;
        rk_str here = {space + 1, (size_t)(nul - space - 1)};
        found = rk_str_eq(here, name);
        if (found)
            git_oid_fromraw(out, (const unsigned char *)nul + 1);
        p = nul + 1 + GIT_OID_RAWSZ;
    }
    git_odb_object_free(object);
    return found;
}

static git_oid entry_at(const struct walker *w, const git_oid *root, const char *path)
{
    git_oid id = *root;
    rk_str rest = rk_str_c(path);
    while (rest.n) {
        git_oid below;
        rk_str name = rk_str_cut(rest, '/', &rest);
        if (!raw_entry(w->odb, &id, name, &below))
            return (git_oid){{0}};
        id = below;
    }
    return id;
}

static git_oid *entries_of(const struct walker *w, lg_commit *c)
{
    git_oid *ids = rk_calloc(w->n_paths + 1, sizeof *ids);
    for (size_t i = 0; i < w->n_paths; i++)
        ids[i] = entry_at(w, git_commit_tree_id(c), w->paths[i]);
    return ids;
}

static bool same(const struct walker *w, struct item *x, struct item *y)
{
    if (git_oid_equal(git_commit_tree_id(x->commit), git_commit_tree_id(y->commit)))
        return true;
    if (!x->entries)
        x->entries = entries_of(w, x->commit);
    if (!y->entries)
        y->entries = entries_of(w, y->commit);
    return memcmp(x->entries, y->entries, w->n_paths * sizeof *x->entries) == 0;
}

static bool absent(const struct walker *w, struct item *x)
{
    if (!x->entries)
        x->entries = entries_of(w, x->commit);
    for (size_t i = 0; i < w->n_paths; i++)
        if (!git_oid_is_zero(&x->entries[i]))
            return false;
    return true;
}

static void enqueue(struct walker *w, struct item *it)
{
    const git_oid *id = git_commit_id(it->commit);
    if ((w->within && !ids_has(w->within, id)) || !ids_add(&w->seen, id)) {
        item_end(it);
        return;
    }
    it->order = w->order++;
    heap_push(w, *it);
}

/*
 * Puts the parents that the walk goes on with into the queue; true when the commit is to be shown.
 * A parent that cannot be read (a shallow border) counts as none.
 */
static bool follow(struct walker *w, struct item *it)
{
    unsigned n = git_commit_parentcount(it->commit);
    struct item *parents = rk_calloc(n + 1, sizeof *parents);
    size_t got = 0, only = SIZE_MAX;
    for (unsigned i = 0; i < n; i++) {
        struct item *p = &parents[got];
        if (git_commit_parent(&p->commit, it->commit, i) < 0)
            continue;
        if (w->n_paths && only == SIZE_MAX && same(w, it, p))
            only = got;
        got++;
    }
    bool show = only == SIZE_MAX && (got || w->n_paths == 0 || !absent(w, it));
    for (size_t i = 0; i < got; i++) {
        if (only != SIZE_MAX && i != only)
            item_end(&parents[i]);
        else
            enqueue(w, &parents[i]);
    }
    free(parents);
    return show;
}

/* The next commit to show; false at the end. The caller ends the item. */
static bool next(struct walker *w, struct item *out)
{
    while (w->n) {
        struct item it = heap_pop(w);
        if (follow(w, &it)) {
            *out = it;
            return true;
        }
        item_end(&it);
    }
    return false;
}

static int start(struct walker *w, const git_oid *from, struct rk_err *err)
{
    struct item first = {0};
    int rc = git_repository_odb(&w->odb, w->repo);
    if (rc == 0)
        rc = git_commit_lookup(&first.commit, w->repo, from);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", git_oid_tostr_s(from));
    enqueue(w, &first);
    return 0;
}

/* ---- the door's functions ---- */

int git_log(struct git_view *v, struct rk_arena *a, const char *rev, const char *const *paths,
            size_t n_paths, size_t skip, size_t limit, struct git_commit **out, size_t *n,
            struct rk_err *err)
{
    char id[GIT_ID];
    git_oid from;
    if (git_resolve(v, rev, id, err) < 0)
        return -1;
    git_oid_fromstr(&from, id);
    rk_auto(walker_end) struct walker w = {.repo = v->repo, .paths = paths, .n_paths = n_paths};
    if (start(&w, &from, err) < 0)
        return -1;
    struct git_commit *list = NULL;
    size_t count = 0, cap = 0;
    struct item it;
    for (size_t i = 0; count < limit && next(&w, &it); i++) {
        if (i >= skip) {
            list = rk_arena_grow(a, list, count, &cap, sizeof *list);
            git_commit_fill(a, it.commit, &list[count++]);
        }
        item_end(&it);
    }
    *out = list;
    *n = count;
    return 0;
}

/* Every commit of old..new. */
static bool range(git_repository *repo, const git_oid *old, const git_oid *new_, struct ids *out)
{
    rk_auto(git_revwalk_freep) git_revwalk *walk = NULL;
    git_oid id;
    if (git_revwalk_new(&walk, repo) < 0 || git_revwalk_push(walk, new_) < 0 ||
        git_revwalk_hide(walk, old) < 0)
        return false;
    while (git_revwalk_next(&id, walk) == 0)
        ids_add(out, &id);
    return true;
}

int64_t git_count(struct git_view *v, const char *old, const char *new_, const char *const *paths,
                  size_t n_paths)
{
    git_oid a, b;
    size_t ahead = 0, behind = 0;
    if (!git_view_commit(v, old, &a) || !git_view_commit(v, new_, &b) ||
        git_graph_ahead_behind(&ahead, &behind, v->repo, &b, &a) < 0 || behind)
        return -1;
    if (n_paths == 0)
        return (int64_t)ahead;
    struct ids within = {0};
    rk_auto(walker_end) struct walker w = {
        .repo = v->repo, .paths = paths, .n_paths = n_paths, .within = &within};
    bool walks = range(v->repo, &a, &b, &within) && within.n && start(&w, &b, NULL) == 0;
    int64_t count = walks ? 0 : -1;
    struct item it;
    while (count >= 0 && next(&w, &it)) {
        count++;
        item_end(&it);
    }
    free(within.v);
    return ahead ? count : 0;
}
