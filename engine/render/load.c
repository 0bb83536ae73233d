/*
 * load.c: paths and files of the tree. In: paths as a kustomization writes them. Out: clean paths,
 * bytes, the record of everything that was read or looked for, and messages for what is missing:
 * who asked for it, and the path that would work when there is one.
 *
 * Owns nothing; all access goes through the functions of render_files.
 */
#include <stdlib.h>

#include "base/file.h"
#include "render/render_int.h"

#define LEVELS_MAX 8

int build_cancelled(const struct build *b, struct rk_err *err)
{
    if (b->opts->cancelled && atomic_load(b->opts->cancelled))
        return rk_fail(err, RK_CANCELLED, "the render was cancelled");
    return 0;
}

const char *load_join(struct build *b, const char *dir, rk_str rel)
{
    rk_auto(rk_free_str) char *text = rk_str_dup(rel);
    rk_auto(rk_free_str) char *path = rk_path_join(dir, text);

    return rk_streq(path, ".") ? "" : rk_arena_strdup(b->a, path);
}

const char *load_dir_of(struct build *b, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? rk_arena_dup(b->a, path, (size_t)(slash - path)) : "";
}

bool load_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    return n == 0 || (strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == 0));
}

void load_dep(struct build *b, const char *path)
{
    if (!remote_mount_of(b, path))
        rk_map_set(b->deps, path, b);
}

static bool leaves_tree(const char *path)
{
    return strncmp(path, "..", 2) == 0 && (path[2] == '/' || path[2] == 0);
}

enum render_kind load_stat(struct build *b, const char *path, const char **real,
                           struct rk_err *err)
{
    const char *inner, *mount = remote_mount_of(b, path);
    const struct render_files *files = remote_files(b, path, &inner);
    enum render_kind kind;

    *real = inner;
    kind = files->stat(b->a, inner, real, files->ctx, err);
    if (!*real || rk_streq(*real, inner))
        *real = path;
    else if (mount)
        *real = *real[0] ? rk_arena_f(b->a, "%s/%s", mount, *real) : mount;
    return kind;
}

/* From a remote tree nothing outside of it can be named. */
static bool leaves_mount(const struct build *b, const struct kust *k, const char *path)
{
    const char *mount = remote_mount_of(b, k->dir);

    return mount ? !load_below(path, mount) : path[0] == '@' && remote_mount_of(b, path);
}

int load_look(struct build *b, const struct kust *k, rk_str rel, const char **path,
              const char **real, enum load_what *what, struct rk_err *err)
{
    enum render_kind kind;

    if (build_cancelled(b, err))
        return -1;
    *path = rel.n && rel.p[0] == '/' ? load_join(b, "", (rk_str){rel.p + 1, rel.n - 1})
                                     : load_join(b, k->dir, rel);
    *real = *path;
    *what = LOAD_ABSENT;
    if (leaves_tree(*path) || leaves_mount(b, k, *path))
        return 0;
    load_dep(b, *path);
    rk_err_clear(err);
    kind = load_stat(b, *path, real, err);
    if (kind == RENDER_ABSENT)
        return err && err->code == RK_DENIED ? -1 : 0;
    if (!rk_streq(*real, *path))
        load_dep(b, *real);
    *what = kind == RENDER_FILE ? LOAD_FILE : LOAD_DIR;
    return 0;
}

int load_read(struct build *b, const char *path, rk_str *out, struct rk_err *err)
{
    size_t max = b->opts->max_files ? b->opts->max_files : 10000;
    const struct render_files *files;
    const char *inner;

    if (build_cancelled(b, err))
        return -1;
    if (++b->n_files > max)
        return rk_fail(err, RK_LIMIT, "%s: more than %zu files in one render (limit: files)", path,
                       max);
    load_dep(b, path);
    files = remote_files(b, path, &inner);
    return files->read(b->a, inner, out, files->ctx, err);
}

struct asked load_asked(const struct build *b, const struct kust *k, const struct doc_node *node,
                        const char *field)
{
    return (struct asked){.file = node ? mark_file(b, k, node->mark) : k->file,
                          .line = node ? mark_line(b, node->mark) : 0, .field = field};
}

/* ---- what is missing, and what would work ---- */

static bool is_there(struct build *b, const struct kust *k, const char *rel)
{
    const char *path, *real;
    enum load_what what;

    return load_look(b, k, rk_str_c(rel), &path, &real, &what, NULL) == 0 && what != LOAD_ABSENT;
}

/* The same end of the path with fewer or more "../" in front: nearest first. */
static const char *other_level(struct build *b, const struct kust *k, rk_str rel)
{
    rk_str tail = rel;
    int level = 0;

    while (rk_str_starts(tail, "../") || rk_str_starts(tail, "./")) {
        level += tail.p[1] == '.';
        tail = (rk_str){tail.p + (tail.p[1] == '.' ? 3 : 2), tail.n - (tail.p[1] == '.' ? 3 : 2)};
    }
    if (rk_str_is(tail, ".") || rk_str_is(tail, ".."))
        return NULL;
    for (int away = 1; tail.n && away <= LEVELS_MAX; away++)
        for (int sign = -1; sign <= 1; sign += 2) {
            int wanted = level + sign * away;
            struct rk_buf path = RK_BUF_INIT;
            const char *found;

            if (wanted < 0)
                continue;
            for (int i = 0; i < wanted; i++)
                rk_buf_c(&path, "../");
            rk_buf_str(&path, tail);
            found = is_there(b, k, path.p) ? rk_arena_strdup(b->a, path.p) : NULL;
            rk_buf_release(&path);
            if (found)
                return found;
        }
    return NULL;
}

static const char *name_at(size_t i, const void *ctx)
{
    return ((const char *const *)ctx)[i];
}

/* A name in the same folder that looks like the one asked for. */
static const char *other_name(struct build *b, const struct kust *k, rk_str rel)
{
    const char *path = load_join(b, k->dir, rel), *slash = strrchr(path, '/'), *near;
    const char *dir = load_dir_of(b, path), **names = NULL;
    const char *last = slash ? slash + 1 : path, *inner;
    const struct render_files *files;
    size_t n = 0;
    rk_str head = rel;

    files = remote_files(b, dir, &inner);
    if (!files->list || leaves_tree(path) ||
        files->list(b->a, inner, &names, &n, files->ctx, NULL))
        return NULL;
    near = text_nearest(rk_str_c(last), name_at, n, names);
    if (!near)
        return NULL;
    while (head.n && head.p[head.n - 1] != '/')
        head.n--;
    return rk_arena_f(b->a, "%.*s%s", RK_ARG_STR(head), near);
}

int load_missing(struct build *b, const struct kust *k, rk_str rel, struct asked by,
                 struct rk_err *err)
{
    struct render_remote remote;
    const char *better;

    if (remote_read(b, rel, &remote))
        return rk_fail_at(err, RK_UNSUPPORTED, by.file, by.line, 0,
                          "%s: %s is a remote address, and nothing is fetched here: copy it into the "
                          "repository and name the folder", by.field,
                          remote_shown(b, rk_arena_dup(b->a, rel.p, rel.n)));
    if (leaves_mount(b, k, load_join(b, k->dir, rel)))
        return rk_fail_at(err, RK_DENIED, by.file, by.line, 0,
                          "%s: %.*s leads out of the remote repository", by.field,
                          RK_ARG_STR(rel));
    better = other_level(b, k, rel);
    if (!better)
        better = other_name(b, k, rel);
    if (better && rk_str_is(rel, better))
        return rk_fail_at(err, RK_NOT_FOUND, by.file, by.line, 0,
                          "%s: %.*s is a link that leads nowhere", by.field, RK_ARG_STR(rel));
    if (better)
        return rk_fail_at(err, RK_NOT_FOUND, by.file, by.line, 0, "%s: %.*s is not there; %s is",
                          by.field, RK_ARG_STR(rel), better);
    return rk_fail_at(err, RK_NOT_FOUND, by.file, by.line, 0,
                      "%s: %.*s is not there (looked for %s)", by.field, RK_ARG_STR(rel),
                      load_join(b, k->dir, rel));
}

int load_allowed(struct build *b, const struct kust *k, rk_str rel, const char *real,
                 struct asked by, struct rk_err *err)
{
    if (b->opts->load_restrictions_none || load_below(real, k->dir))
        return 0;
    return rk_fail_at(err, RK_DENIED, by.file, by.line, 0,
                      "%s: %.*s is not in or below %s: move the file there, make its folder a base, "
                      "or use --load-restrictor LoadRestrictionsNone", by.field, RK_ARG_STR(rel),
                      k->dir[0] ? k->dir : ".");
}

int load_named(struct build *b, const struct kust *k, rk_str rel, struct asked by,
               const char **path, rk_str *out, struct rk_err *err)
{
    const char *real;
    enum load_what what;

    if (load_look(b, k, rel, path, &real, &what, err))
        return -1;
    if (what == LOAD_ABSENT)
        return load_missing(b, k, rel, by, err);
    if (what == LOAD_DIR)
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          "%s: %.*s is a folder, a file is needed", by.field, RK_ARG_STR(rel));
    if (load_allowed(b, k, rel, real, by, err))
        return -1;
    if (load_read(b, real, out, err)) {
        rk_wrap(err, "%s:%u: %s", by.file, by.line, by.field);
        return -1;
    }
    *path = real;
    return 0;
}

/* ---- the record ---- */

static int by_path(const void *x, const void *y)
{
    const struct render_dep *a = x, *b = y;

    return strcmp(a->path, b->path);
}

int load_deps_finish(struct build *b, struct render_result *r, struct rk_err *err)
{
    const char *path;
    void *unused;

    r->deps = rk_arena_array(b->a, rk_map_count(b->deps) + 1, sizeof(*r->deps));
    for (size_t it = 0; rk_map_next(b->deps, &it, &path, &unused);) {
        struct render_dep *d = &r->deps[r->n_deps++];

        d->path = rk_arena_strdup(b->a, path);
        if (b->files->id && b->files->id(path, d->id, b->files->ctx, err))
            return -1;
    }
    qsort(r->deps, r->n_deps, sizeof(*r->deps), by_path);
    return 0;
}
