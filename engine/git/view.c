/*
 * view.c: a repository's objects read by revision and path. In: a revision (id, branch, tag), a
 * path from the root. Out: kinds, ids, bytes and names, copied into the caller's arena.
 * Owns one libgit2 handle and a cache of the trees it walked through, so that reading the 200 files
 * of a render costs one hash each instead of a walk from the root. One thread at a time.
 * Follows no symbolic link and enters no submodule. Writes nothing but refs (for this room).
 */
#include "git/git_int.h"

#include <stdio.h>
#include <stdlib.h>

enum { DIRS_MAX = 4096, LIST_MAX = 200000 };

static void free_tree(void *t)
{
    git_tree_free(t);
}

int git_view_open(const char *mirror_dir, struct git_view **out, struct rk_err *err)
{
    git_lib_begin();
    git_repository *repo = NULL;
    int rc = git_repository_open_ext(&repo, mirror_dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    if (rc < 0)
        return git_fail(err, rc, "%s: not a git repository that can be read", mirror_dir);
    struct git_view *v = rk_alloc(sizeof *v);
    v->repo = repo;
    v->dirs = rk_map_new();
    *out = v;
    return 0;
}

void git_view_free(struct git_view *v)
{
    if (!v)
        return;
    rk_map_free(v->dirs, free_tree);
    git_repository_free(v->repo);
    free(v);
}

/* ---- refs ---- */

bool git_ref_get(git_repository *repo, const char *name, git_oid *out)
{
    return git_reference_name_to_id(out, repo, name) == 0;
}

int git_ref_set(git_repository *repo, const char *name, const git_oid *id, const git_oid *old,
                struct rk_err *err)
{
    rk_auto(git_reference_freep) git_reference *ref = NULL;
    int rc;
    if (!old)
        rc = git_reference_create(&ref, repo, name, id, 1, "reckon");
    else if (git_oid_is_zero(old))
        rc = git_reference_create(&ref, repo, name, id, 0, "reckon");
    else
        rc = git_reference_create_matching(&ref, repo, name, id, 1, old, "reckon");
    return rc < 0 ? git_fail(err, rc, "%s", name) : 0;
}

void git_ref_drop(git_repository *repo, const char *name)
{
    git_reference_remove(repo, name);
}

/* ---- revisions ---- */

static bool commit_of(git_repository *repo, const git_oid *id, git_oid *out)
{
    rk_auto(git_object_freep) git_object *any = NULL;
    rk_auto(git_object_freep) git_object *commit = NULL;
    if (git_object_lookup(&any, repo, id, GIT_OBJECT_ANY) < 0 ||
        git_object_peel(&commit, any, GIT_OBJECT_COMMIT) < 0)
        return false;
    *out = *git_object_id(commit);
    return true;
}

/* Logs first: their local tip holds entries that the remote has not seen. */
static bool ref_named(git_repository *repo, const char *name, git_oid *out)
{
    static const char *const prefixes[] = {"", GIT_LOG_REFS, GIT_REMOTES, "refs/heads/",
                                           "refs/tags/"};
    char full[GIT_REF_NAME];
    git_oid id;
    for (size_t i = 0; i < RK_LEN(prefixes); i++) {
        if (i == 0 && strncmp(name, "refs/", 5) != 0 && strcmp(name, "HEAD") != 0)
            continue;
        if (git_ref_join(full, prefixes[i], name) && git_ref_get(repo, full, &id))
            return commit_of(repo, &id, out);
    }
    return false;
}

static bool abbreviated(git_repository *repo, const char *hex, git_oid *out)
{
    size_t n = strlen(hex);
    git_oid id;
    rk_auto(git_object_freep) git_object *any = NULL;
    return n >= 4 && n < GIT_ID && strspn(hex, "0123456789abcdefABCDEF") == n &&
           git_oid_fromstrn(&id, hex, n) == 0 &&
           git_object_lookup_prefix(&any, repo, &id, n, GIT_OBJECT_ANY) == 0 &&
           commit_of(repo, git_object_id(any), out);
}

/* "main~2", "abc1234^": the base by our own order of names, the steps by libgit2. */
static bool with_steps(git_repository *repo, const char *rev, git_oid *out)
{
    size_t n = strcspn(rev, "~^");
    if (!rev[n] || n == 0 || rev[n + strspn(rev + n, "~^0123456789")])
        return false;
    rk_auto(rk_free_str) char *base = rk_strndup(rev, n);
    git_oid id;
    char spec[128];
    if (!ref_named(repo, base, &id) && !abbreviated(repo, base, &id))
        return false;
    rk_auto(git_object_freep) git_object *any = NULL;
    if ((size_t)snprintf(spec, sizeof spec, "%s%s", git_oid_tostr_s(&id), rev + n) >= sizeof spec)
        return false;
    return git_revparse_single(&any, repo, spec) == 0 && commit_of(repo, git_object_id(any), out);
}

bool git_view_commit(struct git_view *v, const char *rev, git_oid *out)
{
    git_oid id;
    if (!rev || !*rev)
        return false;
    if (git_id_read(rev, &id))
        return commit_of(v->repo, &id, out);
    return ref_named(v->repo, rev, out) || abbreviated(v->repo, rev, out) ||
           with_steps(v->repo, rev, out);
}

int git_resolve(struct git_view *v, const char *rev, char out[GIT_ID], struct rk_err *err)
{
    git_oid id;
    if (!git_view_commit(v, rev, &id))
        return rk_fail(err, RK_NOT_FOUND, "no branch, tag or commit \"%s\" in the repository",
                       rev ? rev : "");
    git_id_text(&id, out);
    return 0;
}

bool git_id_is_ancestor(git_repository *repo, const git_oid *old, const git_oid *new_)
{
    return git_oid_equal(old, new_) || git_graph_descendant_of(repo, new_, old) == 1;
}

bool git_is_ancestor(struct git_view *v, const char *old, const char *new_)
{
    git_oid a, b;
    return git_view_commit(v, old, &a) && git_view_commit(v, new_, &b) &&
           git_id_is_ancestor(v->repo, &a, &b);
}

/* ---- trees ---- */

int git_view_tree(struct git_view *v, const char *rev, git_tree **out, struct rk_err *err)
{
    char id[GIT_ID];
    git_oid oid;
    *out = NULL;
    if (!rev || !*rev)
        return 0;
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    if (git_resolve(v, rev, id, err) < 0)
        return -1;
    git_oid_fromstr(&oid, id);
    int rc = git_commit_lookup(&c, v->repo, &oid);
    if (rc == 0)
        rc = git_commit_tree(out, c);
    return rc < 0 ? git_fail(err, rc, "commit %.12s", id) : 0;
}

static git_tree *load_root(struct git_view *v, const git_oid *commit)
{
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    git_tree *t = NULL;
    if (git_commit_lookup(&c, v->repo, commit) < 0 || git_commit_tree(&t, c) < 0)
        return NULL;
    return t;
}

static git_tree *load_child(struct git_view *v, const git_tree *parent, const char *name)
{
    const git_tree_entry *e = git_tree_entry_byname(parent, name);
    git_tree *t = NULL;
    if (!e || git_tree_entry_type(e) != GIT_OBJECT_TREE ||
        git_tree_lookup(&t, v->repo, git_tree_entry_id(e)) < 0)
        return NULL;
    return t;
}

/*
 * The tree of a folder, cached. key is "<commit>/<folder>" cut at each slash in turn, from the root
 * down, so that a folder's parents are found or put there first.
 */
static git_tree *folder(struct git_view *v, const git_oid *commit, const char *dir)
{
    if (rk_map_count(v->dirs) > DIRS_MAX) {
        rk_map_free(v->dirs, free_tree);
        v->dirs = rk_map_new();
    }
    rk_auto(rk_buf_release) struct rk_buf key = RK_BUF_INIT;
    rk_buf_f(&key, "%s/%s", git_oid_tostr_s(commit), dir);
    git_tree *t = rk_map_get(v->dirs, key.p);
    if (t)
        return t;
    size_t slash = GIT_ID - 1;
    for (;;) {
        rk_str part = {key.p, slash == GIT_ID - 1 ? GIT_ID : slash};
        git_tree *next = rk_map_get_n(v->dirs, part);
        if (!next) {
            rk_auto(rk_free_str) char *whole = rk_str_dup(part);
            next = t ? load_child(v, t, strrchr(whole, '/') + 1) : load_root(v, commit);
            if (!next)
                return NULL;
            rk_map_set_n(v->dirs, part, next);
        }
        t = next;
        if (part.n >= key.n)
            return t;
        const char *end = strchr(key.p + slash + 1, '/');
        slash = end ? (size_t)(end - key.p) : key.n;
    }
}

/* A path as git has it: no leading, doubled or trailing slash, no "." and no "..". */
bool git_path_clean(const char *path)
{
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");
        if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
            return false;
        p += n;
        if (*p && !*++p)
            return false;
    }
    return true;
}

static enum git_kind kind_of(git_filemode_t mode)
{
    switch (mode) {
    case GIT_FILEMODE_TREE:
        return GIT_DIR;
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        return GIT_FILE;
    case GIT_FILEMODE_LINK:
        return GIT_LINK;
    case GIT_FILEMODE_COMMIT:
        return GIT_SUBMODULE;
    case GIT_FILEMODE_UNREADABLE:
        break;
    }
    return GIT_ABSENT;
}

static enum git_kind find(struct git_view *v, const char *rev, const char *path, git_oid *id)
{
    git_oid commit;
    if (!git_view_commit(v, rev, &commit) || !git_path_clean(path))
        return GIT_ABSENT;
    if (!*path) {
        git_tree *root = folder(v, &commit, "");
        if (root)
            *id = *git_tree_id(root);
        return root ? GIT_DIR : GIT_ABSENT;
    }
    const char *slash = strrchr(path, '/');
    rk_auto(rk_free_str) char *dir = rk_strndup(path, slash ? (size_t)(slash - path) : 0);
    git_tree *t = folder(v, &commit, dir);
    const git_tree_entry *e = t ? git_tree_entry_byname(t, slash ? slash + 1 : path) : NULL;
    if (!e)
        return GIT_ABSENT;
    *id = *git_tree_entry_id(e);
    return kind_of(git_tree_entry_filemode(e));
}

enum git_kind git_stat(struct git_view *v, const char *rev, const char *path, char id[GIT_ID])
{
    git_oid oid;
    enum git_kind k = find(v, rev, path, &oid);
    if (id) {
        id[0] = 0;
        if (k != GIT_ABSENT)
            git_id_text(&oid, id);
    }
    return k;
}

static int not_a(struct rk_err *err, enum git_kind k, const char *rev, const char *path,
                 const char *wanted)
{
    static const char *const names[] = {
        [GIT_FILE] = "a file", [GIT_DIR] = "a folder",
        [GIT_LINK] = "a symbolic link, which is not followed",
        [GIT_SUBMODULE] = "a submodule, which is not entered",
    };
    if (k == GIT_ABSENT)
        return rk_fail(err, RK_NOT_FOUND, "%s: not there at revision %.12s", path, rev ? rev : "");
    return rk_fail(err, RK_INVALID, "%s: %s was wanted, it is %s", path, wanted, names[k]);
}

static int read_blob(struct git_view *v, struct rk_arena *a, const git_oid *id, const char *path,
                     size_t limit, rk_str *out, struct rk_err *err)
{
    git_odb *odb = NULL;
    size_t size = 0;
    git_object_t type;
    int rc = git_repository_odb(&odb, v->repo);
    if (rc == 0)
        rc = git_odb_read_header(&size, &type, odb, id);
    git_odb_free(odb);
    if (rc == 0 && limit && size > limit)
        return rk_fail(err, RK_LIMIT, "%s: %zu bytes are over the limit of %zu", path, size, limit);
    rk_auto(git_blob_freep) git_blob *blob = NULL;
    if (rc == 0)
        rc = git_blob_lookup(&blob, v->repo, id);
    if (rc < 0)
        return git_fail(err, rc, "%s", path);
    size = (size_t)git_blob_rawsize(blob);
    *out = (rk_str){rk_arena_dup(a, git_blob_rawcontent(blob), size), size};
    return 0;
}

int git_read(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
             size_t limit, rk_str *out, struct rk_err *err)
{
    git_oid id;
    enum git_kind k = find(v, rev, path, &id);
    return k == GIT_FILE ? read_blob(v, a, &id, path, limit, out, err)
                         : not_a(err, k, rev, path, "a file");
}

int git_read_link(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                  rk_str *out, struct rk_err *err)
{
    git_oid id;
    enum git_kind k = find(v, rev, path, &id);
    return k == GIT_LINK ? read_blob(v, a, &id, path, 4096, out, err)
                         : not_a(err, k, rev, path, "a symbolic link");
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The tree of a folder by any revision; owned by the cache. */
static int open_folder(struct git_view *v, const char *rev, const char *path, git_tree **out,
                       struct rk_err *err)
{
    git_oid id, commit;
    enum git_kind k = find(v, rev, path, &id);
    if (k != GIT_DIR)
        return not_a(err, k, rev, path, "a folder");
    *out = git_view_commit(v, rev, &commit) ? folder(v, &commit, path) : NULL;
    return *out ? 0 : git_fail(err, GIT_ENOTFOUND, "%s", path);
}

int git_list(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
             const char ***names, size_t *n, struct rk_err *err)
{
    git_tree *t;
    if (open_folder(v, rev, path, &t, err) < 0)
        return -1;
    size_t count = git_tree_entrycount(t);
    const char **list = rk_arena_array(a, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = rk_arena_strdup(a, git_tree_entry_name(git_tree_entry_byindex(t, i)));
    qsort(list, count, sizeof *list, by_name); /* git sorts folders as if they ended in a slash */
    *names = list;
    *n = count;
    return 0;
}

struct walk {
    struct rk_arena *a;
    const char *path;
    const char *const *suffixes;
    const char **v;
    size_t n, cap;
};

static bool has_suffix(const char *name, const char *const *suffixes)
{
    if (!suffixes || !*suffixes)
        return true;
    for (; *suffixes; suffixes++)
        if (rk_str_ends(rk_str_c(name), *suffixes))
            return true;
    return false;
}

static int walk_entry(const char *root, const git_tree_entry *e, void *payload)
{
    struct walk *w = payload;
    const char *name = git_tree_entry_name(e);
    if (kind_of(git_tree_entry_filemode(e)) != GIT_FILE || !has_suffix(name, w->suffixes))
        return 0;
    if (w->n >= LIST_MAX)
        return GIT_EUSER;
    w->v = rk_arena_grow(w->a, w->v, w->n, &w->cap, sizeof *w->v);
    w->v[w->n++] = rk_arena_f(w->a, "%s%s%s%s", w->path, *w->path ? "/" : "", root, name);
    return 0;
}

int git_walk_files(struct git_view *v, struct rk_arena *a, const char *rev, const char *path,
                   const char *const *suffixes, const char ***paths, size_t *n,
                   struct rk_err *err)
{
    git_tree *t;
    if (open_folder(v, rev, path, &t, err) < 0)
        return -1;
    struct walk w = {.a = a, .path = path, .suffixes = suffixes};
    int rc = git_tree_walk(t, GIT_TREEWALK_PRE, walk_entry, &w);
    if (rc == GIT_EUSER)
        return rk_fail(err, RK_LIMIT, "%s: more than %d files", *path ? path : "/", LIST_MAX);
    if (rc < 0)
        return git_fail(err, rc, "%s", path);
    if (w.n)
        qsort(w.v, w.n, sizeof *w.v, by_name);
    *paths = w.v;
    *n = w.n;
    return 0;
}
