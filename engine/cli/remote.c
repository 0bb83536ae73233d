/*
 * remote.c: remote bases for `reckon render` and its like, by the git program. In: a repository and
 * a ref. Out: a tree on this disk, below $XDG_CACHE_HOME/reckon/remote. What a full commit id names
 * is fetched once; a branch or tag each time, and the copy of last time is taken, with a warning,
 * when that fails. --offline takes copies only. Copies appear whole or not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "cli/remote_int.h"
#include "gitcmd/gitcmd.h"
#include "render/render.h"

struct cli_tree {
    char *dir;
    struct render_files *files;
    struct cli_tree *next;
};
struct cli_remotes *cli_remotes_new(const struct cli *c)
{
    struct cli_remotes *r = rk_alloc(sizeof(*r));

    r->c = c;
    return r;
}

void cli_remotes_root(struct cli_remotes *r, const char *root)
{
    r->root = rk_streq(root, "/") ? "" : root;
}

void cli_remotes_free(struct cli_remotes *r)
{
    for (struct cli_tree *t = r->trees, *next; t; t = next) {
        next = t->next;
        render_disk_free(t->files);
        free(t->dir);
        free(t);
    }
    if (r->helm_dir && rk_remove_tree(r->helm_dir, NULL))
        cli_say(r->c, "warning: %s is left over", r->helm_dir);
    free(r->helm_dir);
    free(r);
}

const struct render_files *cli_remotes_keep(struct cli_remotes *all, const char *dir)
{
    struct cli_tree *t = rk_alloc(sizeof(*t));

    *t = (struct cli_tree){.dir = rk_strdup(dir), .files = render_disk(dir), .next = all->trees};
    all->trees = t;
    return t->files;
}

static char *cache_of(const struct render_remote *r)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    rk_auto(rk_free_str) char *text = rk_asprintf("%s\n%s\n%d", r->repo, r->ref, r->submodules);
    char id[65];

    rk_sha256_hex(rk_str_c(text), id);
    if (xdg && xdg[0] == '/')
        return rk_asprintf("%s/reckon/remote/%.32s", xdg, id);
    return rk_asprintf("%s/.cache/reckon/remote/%.32s", home && home[0] ? home : "/tmp", id);
}

static int clone_into(const struct render_remote *r, const char *dir, struct rk_err *err)
{
    const char *ref = r->ref[0] ? r->ref : "HEAD";
    const char *const init[] = {"init", "--quiet", NULL};
    const char *const origin[] = {"remote", "add", "--", "origin", r->repo, NULL};
    const char *const fetch[] = {"fetch", "--quiet", "--depth=1", "--", r->repo, ref, NULL};
    const char *const checkout[] = {"checkout", "--quiet", "FETCH_HEAD", NULL};
    const char *const modules[] = {"submodule", "--quiet", "update", "--init", "--recursive", NULL};

    return rk_mkdirs(dir, 0700, err) || gitcmd_run(dir, init, NULL, err) ||
           gitcmd_run(dir, origin, NULL, err) || gitcmd_run(dir, fetch, NULL, err) ||
           gitcmd_run(dir, checkout, NULL, err) ||
           (r->submodules && gitcmd_run(dir, modules, NULL, err)) ? -1 : 0;
}

static int fetch(const struct cli_remotes *all, const struct render_remote *r, const char *dir,
                 struct rk_err *err)
{
    rk_auto(rk_free_str) char *new = rk_asprintf("%s.%ld", dir, (long)getpid());
    rk_auto(rk_free_str) char *url = gitcmd_safe_url(r->repo);

    if (clone_into(r, new, err)) {
        if (rk_remove_tree(new, NULL))
            cli_say(all->c, "warning: %s is left over", new);
        return rk_wrap(err, "%s at %s", url, r->ref[0] ? r->ref : "its HEAD");
    }
    if (rk_remove_tree(dir, err))
        return -1;
    return rename(new, dir) ? rk_fail_errno(err, errno, "%s", dir) : 0;
}

static int have_copy(struct cli_remotes *all, const struct render_remote *r, const char *dir,
                     struct rk_err *err)
{
    bool there = rk_path_is_dir(dir);

    if (there && (gitcmd_is_commit(r->ref) || cli_given(all->c, "offline")))
        return 0;
    if (cli_given(all->c, "offline")) {
        rk_auto(rk_free_str) char *url = gitcmd_safe_url(r->repo);

        return rk_fail(err, RK_UNAVAILABLE, "--offline: %s at %s was never fetched here", url,
                       r->ref[0] ? r->ref : "its HEAD");
    }
    if (fetch(all, r, dir, err) == 0)
        return 0;
    if (!there)
        return -1;
    cli_say(all->c, "warning: %s: the copy of last time is used", err ? err->text : "no answer");
    return 0;
}

int cli_remote(const struct render_remote *r, const struct render_files **out, void *ctx,
               struct rk_err *err)
{
    struct cli_remotes *all = ctx;
    rk_auto(rk_free_str) char *dir = cache_of(r);
    struct cli_tree *t = all->trees;

    while (t && !rk_streq(t->dir, dir))
        t = t->next;
    if (!t && have_copy(all, r, dir, err))
        return -1;
    *out = t ? t->files : cli_remotes_keep(all, dir);
    return 0;
}
