/*
 * walk.c: the names in a folder and below it, and the paths that fit a glob. In: a folder of the
 * tree. Out: one call a name, in the order of Go's filepath.Walk. Folders that are listed are
 * dependencies: a file that comes or goes changes what is found.
 */
#include "render/render_int.h"

#define LEVELS_MAX 32

struct level { const char *dir, **names; size_t n, at; };

static int level_open(struct build *b, const char *dir, struct level *l, struct rk_err *err)
{
    const char *inner;
    const struct render_files *files = remote_files(b, dir, &inner);

    *l = (struct level){.dir = dir};
    load_dep(b, dir);
    if (!files->list)
        return rk_fail(err, RK_UNSUPPORTED, "%s: folders cannot be listed here", dir);
    return files->list(b->a, inner, &l->names, &l->n, files->ctx, err);
}

static const char *below(struct build *b, const char *dir, const char *name)
{
    return dir[0] ? rk_arena_f(b->a, "%s/%s", dir, name) : rk_arena_strdup(b->a, name);
}

/* *down: the name is a folder to go into. */
static int visit(struct walk *w, const char *path, bool *down, struct rk_err *err)
{
    const char *real = path;
    enum render_kind kind;
    struct rk_err why;

    *down = false;
    rk_err_clear(&why);
    kind = load_stat(w->b, path, &real, &why);
    if (kind == RENDER_ABSENT && why.code != RK_DENIED)
        return 0; /* a link to nowhere */
    if (kind == RENDER_ABSENT) {
        if (err)
            *err = why;
        return w->found(w, path, kind, NULL, err);
    }
    *down = w->below && kind == RENDER_DIR && rk_streq(real, path); /* a link could be a cycle */
    return w->found(w, path, kind, real, err);
}

int walk_folder(struct walk *w, const char *dir, struct rk_err *err)
{
    struct level stack[LEVELS_MAX];
    size_t depth = 1;

    if (level_open(w->b, dir, &stack[0], err))
        return -1;
    while (depth) {
        struct level *l = &stack[depth - 1];
        const char *path;
        bool down;

        if (build_cancelled(w->b, err))
            return -1;
        if (l->at == l->n) {
            depth--;
            continue;
        }
        path = below(w->b, l->dir, l->names[l->at++]);
        if (visit(w, path, &down, err))
            return -1;
        if (down && depth == LEVELS_MAX)
            return rk_fail(err, RK_LIMIT, "%s: folders are more than %d deep (limit: folders)",
                           path, LEVELS_MAX);
        if (down && level_open(w->b, path, &stack[depth++], err))
            return -1;
    }
    return 0;
}

/* ---- globs ---- */

struct globbing {
    const char *pattern;        /* behind the mount's name, which may have any characters */
    size_t skip;
    enum render_kind kind;
    const char **v;
    size_t n, cap;
};

bool walk_is_glob(rk_str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (strchr("*?[{", path.p[i]))
            return true;
    return false;
}

static int glob_found(struct walk *w, const char *path, enum render_kind kind, const char *real,
                      struct rk_err *err)
{
    struct globbing *g = w->ctx;

    bool fits = rk_glob(g->pattern, path + g->skip, '/');

    if (kind == RENDER_ABSENT && fits)
        return -1;
    rk_err_clear(err);
    if (kind != g->kind || !real || !fits)
        return 0;
    g->v = rk_arena_grow(w->b->a, g->v, g->n, &g->cap, sizeof(*g->v));
    g->v[g->n++] = path;
    return 0;
}

/* `**` and a slash stand for no folder, too. */
static const char *with_none(struct build *b, const char *pattern)
{
    struct rk_buf out = RK_BUF_INIT;
    const char *text;

    for (const char *at = pattern; *at;) {
        bool deep = strncmp(at, "**/", 3) == 0 && (at == pattern || at[-1] == '/');

        rk_buf_add(&out, deep ? "{,**/}" : at, deep ? 6 : 1);
        at += deep ? 3 : 1;
    }
    text = rk_arena_strdup(b->a, out.n ? out.p : "");
    rk_buf_release(&out);
    return text;
}

int walk_glob(struct build *b, const char *pattern, enum render_kind kind, const char ***out,
              size_t *n, struct rk_err *err)
{
    const char *mount = remote_mount_of(b, pattern), *dir, *real;
    size_t skip = mount ? strlen(mount) + 1 : 0, fixed = skip + strcspn(pattern + skip, "*?[{");
    struct globbing g = {.pattern = with_none(b, pattern + skip), .skip = skip, .kind = kind};
    struct walk w = {.b = b, .found = glob_found, .ctx = &g,
                     .below = strchr(pattern + fixed, '/') != NULL || strstr(pattern, "**")};
    int rc = 0;

    dir = load_dir_of(b, rk_arena_dup(b->a, pattern, fixed));
    load_dep(b, dir);
    if (load_stat(b, dir, &real, NULL) == RENDER_DIR)
        rc = walk_folder(&w, dir, err);
    *out = g.v;
    *n = g.n;
    return rc;
}
