/*
 * init_repo.c: a repository for `init`. In: a work tree (files as they lie there, tracked or not
 * ignored), a bare repository or a URL (its HEAD). Out: the YAML files and what git says of origin,
 * branch and revision. A URL is cloned, without history, into a folder that is removed again.
 */
#include <unistd.h>

#include "admin/init_int.h"
#include "git/git.h"

#define FILES_MAX ((size_t)10000)
#define FILE_MAX ((size_t)16 << 20)

/* One line of git's; "" when git refuses. */
static const char *git_line(struct admin *c, const char *dir, const char *const *args)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (gitcmd_run(dir, args, &out, NULL) < 0)
        return "";
    rk_str line = rk_str_trim(rk_str_cut(rk_buf_view(&out), '\n', NULL));
    return rk_arena_dup(c->arena, line.p ? line.p : "", line.n);
}

static bool is_yaml(rk_str path)
{
    return rk_str_ends(path, ".yaml") || rk_str_ends(path, ".yml");
}

static int add_file(struct admin *c, struct init_repo *r, const char *path, rk_str bytes,
                    struct rk_err *err)
{
    struct model_file file = {path, rk_arena_str(c->arena, bytes)};

    if (rk_streq(path, "reckon.yaml")) {
        r->config = file;
        return 0;
    }
    if (r->n_files == FILES_MAX)
        return rk_fail(err, RK_LIMIT, "%s: over 10000 YAML files; give a smaller folder",
                       r->given);
    r->files = rk_arena_grow(c->arena, r->files, r->n_files, &r->cap, sizeof(*r->files));
    r->files[r->n_files++] = file;
    return 0;
}

/* ---- a work tree ---- */
static int read_tree(struct admin *c, struct init_repo *r, struct rk_err *err)
{
    static const char *const args[] = {"ls-files", "-z", "--cached", "--others",
                                       "--exclude-standard", "--deduplicate", NULL};
    struct rk_buf list rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (gitcmd_run(r->root, args, &list, err) < 0)
        return -1;
    for (size_t at = 0; at < list.n; at += strlen(list.p + at) + 1) {
        const char *path = rk_arena_strdup(c->arena, list.p + at);
        char *full rk_auto(rk_free_str) = rk_path_join(r->root, path);

        if (!is_yaml(rk_str_c(path)) || !rk_path_exists(full))
            continue; /* deleted, not yet committed */
        if (rk_file_read(full, FILE_MAX, &text, err) < 0)
            return rk_wrap(err, "%s", path);
        if (add_file(c, r, path, rk_buf_view(&text), err) < 0)
            return -1;
    }
    return 0;
}

/* ---- a bare repository: HEAD ---- */
static int read_view(struct admin *c, struct init_repo *r, struct git_view *v, struct rk_err *err)
{
    static const char *const suffixes[] = {".yaml", ".yml", NULL};
    const char **paths;
    size_t n;

    if (git_walk_files(v, c->arena, "HEAD", "", suffixes, &paths, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        rk_str text;
        char id[GIT_ID];

        if (git_stat(v, "HEAD", paths[i], id) != GIT_FILE)
            continue;
        if (git_read(v, c->arena, "HEAD", paths[i], FILE_MAX, &text, err) < 0 ||
            add_file(c, r, paths[i], text, err) < 0)
            return -1;
    }
    return 0;
}

static int read_bare(struct admin *c, struct init_repo *r, const char *dir, struct rk_err *err)
{
    struct git_view *v;

    if (!*r->head)
        return 0; /* no commit yet */
    if (git_view_open(dir, &v, err) < 0)
        return -1;
    int rc = read_view(c, r, v, err);

    git_view_free(v);
    return rc;
}

static void ask_git(struct admin *c, struct init_repo *r, const char *dir)
{
    static const char *const origin[] = {"config", "--get", "remote.origin.url", NULL};
    static const char *const branch[] = {"symbolic-ref", "--short", "-q", "HEAD", NULL};
    static const char *const head[] = {"rev-parse", "-q", "--verify", "HEAD", NULL};

    r->origin = git_line(c, dir, origin);
    r->branch = git_line(c, dir, branch);
    r->head = git_line(c, dir, head);
}

/* ---- a URL ---- */
static int read_url(struct admin *c, struct init_repo *r, struct rk_err *err)
{
    const char *tmp = getenv("TMPDIR");
    char *dir rk_auto(rk_free_str) =
        rk_asprintf("%s/reckon-init-XXXXXX", tmp && *tmp ? tmp : "/tmp");

    if (!mkdtemp(dir))
        return rk_fail(err, RK_UNAVAILABLE, "no folder could be made: %s", dir);
    char *bare rk_auto(rk_free_str) = rk_path_join(dir, "bare");
    const char *const clone[] = {"clone", "-q", "--bare", "--depth=1", "--", r->given, bare, NULL};
    int rc = gitcmd_run(NULL, clone, NULL, err);

    if (rc == 0) {
        ask_git(c, r, bare);
        rc = read_bare(c, r, bare, err);
    }
    if (rk_remove_tree(dir, NULL) < 0)
        rk_buf_f(&c->notes, "reckon init: %s could not be removed\n", dir);
    return rc;
}

static bool is_url(const char *where)
{
    const char *colon = strchr(where, ':'), *slash = strchr(where, '/');

    return strstr(where, "://") || (colon && (!slash || colon < slash) && !rk_path_exists(where));
}

int init_repo_read(struct admin *c, const char *where, struct init_repo *out, struct rk_err *err)
{
    static const char *const bare[] = {"rev-parse", "--is-bare-repository", NULL};
    static const char *const top[] = {"rev-parse", "--show-toplevel", NULL};

    *out = (struct init_repo){.given = where, .origin = "", .branch = "", .head = ""};
    if (is_url(where))
        return read_url(c, out, err);
    if (!rk_path_is_dir(where))
        return rk_fail(err, RK_NOT_FOUND, "%s: no such folder; give a repository's path or URL",
                       where);
    const char *kind = git_line(c, where, bare);

    if (!*kind)
        return rk_fail(err, RK_INVALID, "%s: not a git repository; make it one with git init",
                       where);
    ask_git(c, out, where);
    if (rk_streq(kind, "true"))
        return read_bare(c, out, where, err);
    out->root = git_line(c, where, top);
    return read_tree(c, out, err);
}
