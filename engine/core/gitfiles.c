/*
 * gitfiles.c: the tree of one revision as the functions that `render` reads files through.
 *
 * Links are followed inside the tree only: a link out of it is refused, as is a chain of more than
 * 16. Used on a pool thread with a git view of its own; owns nothing but the small state it gives.
 */
#include "core/core_int.h"

enum { LINKS_MAX = 16 };

struct git_files {
    struct git_view *view;
    char rev[GIT_ID];
    struct rk_arena *arena;
};

/* Replaces the first link on the path by its target; false when there is none. */
static int follow_one(struct git_files *g, char **path, bool *followed, struct rk_err *err)
{
    *followed = false;
    for (char *end = *path; *end; end++) {
        if (end[1] != '/' && end[1] != 0)
            continue;
        char *prefix = rk_arena_dup(g->arena, *path, (size_t)(end + 1 - *path));
        char id[GIT_ID];
        if (git_stat(g->view, g->rev, prefix, id) != GIT_LINK)
            continue;
        rk_str target;
        if (git_read_link(g->view, g->arena, g->rev, prefix, &target, err))
            return -1;
        if (target.n && target.p[0] == '/')
            return rk_fail(err, RK_DENIED, "%s is a link out of the repository", prefix);
        char *slash = strrchr(prefix, '/');
        const char *dir = slash ? rk_arena_dup(g->arena, prefix, (size_t)(slash - prefix)) : "";
        char *joined = rk_asprintf("%s/" RK_FMT_STR "%s", dir[0] ? dir : ".", RK_ARG_STR(target),
                                   end + 1);
        char *clean = rk_path_clean(joined);
        *path = rk_arena_strdup(g->arena, rk_streq(clean, ".") ? "" : clean);
        free(joined);
        free(clean);
        if (strncmp(*path, "../", 3) == 0 || rk_streq(*path, ".."))
            return rk_fail(err, RK_DENIED, "%s is a link out of the repository", prefix);
        *followed = true;
        return 0;
    }
    return 0;
}

static enum render_kind files_stat(struct rk_arena *a, const char *path, const char **real,
                                   void *ctx, struct rk_err *err)
{
    struct git_files *g = ctx;
    char *at = rk_arena_strdup(g->arena, path), id[GIT_ID];
    for (int links = 0; links < LINKS_MAX; links++) {
        enum git_kind kind = git_stat(g->view, g->rev, at, id);
        if (kind == GIT_FILE || kind == GIT_DIR) {
            *real = rk_arena_strdup(a, at);
            return kind == GIT_FILE ? RENDER_FILE : RENDER_DIR;
        }
        bool followed;
        if (follow_one(g, &at, &followed, err) || !followed)
            return RENDER_ABSENT;
    }
    (void)rk_fail(err, RK_LIMIT, "%s: more than %d links", path, LINKS_MAX);
    return RENDER_ABSENT;
}

static int files_read(struct rk_arena *a, const char *path, rk_str *out, void *ctx,
                      struct rk_err *err)
{
    struct git_files *g = ctx;
    const char *real = NULL;
    struct rk_err why = {0};
    if (files_stat(a, path, &real, ctx, &why) != RENDER_FILE)
        return why.code ? rk_fail(err, why.code, "%s", why.text)
                        : rk_fail(err, RK_NOT_FOUND, "%s is not a file in this revision", path);
    return git_read(g->view, a, g->rev, real, 16u << 20, out, err);
}

static int files_list(struct rk_arena *a, const char *path, const char ***names, size_t *n,
                      void *ctx, struct rk_err *err)
{
    struct git_files *g = ctx;
    return git_list(g->view, a, g->rev, path, names, n, err);
}

static int files_id(const char *path, char out[65], void *ctx, struct rk_err *err)
{
    struct git_files *g = ctx;
    char id[GIT_ID] = "";
    const char *real = NULL;
    (void)err;
    if (files_stat(g->arena, path, &real, ctx, err) != RENDER_ABSENT)
        (void)git_stat(g->view, g->rev, real, id);
    (void)snprintf(out, 65, "%s", id);
    return 0;
}

struct render_files core_git_files(struct git_view *v, const char *rev, void **state)
{
    struct git_files *g = rk_alloc(sizeof *g);
    g->view = v;
    g->arena = rk_arena_new();
    (void)snprintf(g->rev, sizeof g->rev, "%s", rev);
    *state = g;
    return (struct render_files){.stat = files_stat, .read = files_read, .list = files_list,
                                 .id = files_id, .ctx = g};
}

void core_git_files_end(void *state)
{
    struct git_files *g = state;
    rk_arena_free(g->arena);
    free(g);
}
