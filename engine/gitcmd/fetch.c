/*
 * fetch.c: the mirror follows its remote, a cache gets one revision of another.
 *
 * In: a remote, a bare repository's folder, refspecs. Out: the refs they name, updated and, for a
 * mirror, pruned; no others are touched. Makes the repository first when it is missing (or was half
 * made). git's own `gc --auto` may follow in the background as after any fetch.
 */
#include "gitcmd_int.h"

#include <stdlib.h>

#include "base/file.h"

static void fetched(struct gitcmd *g, const struct run_child_result *r)
{
    struct rk_err err = {0};
    int rc = gc_check(g, r, &err);
    g->done.plain(rc == 0 ? NULL : &err, g->ctx);
    gc_free(g);
}

static void made(struct gitcmd *g, const struct run_child_result *r)
{
    struct rk_err err = {0};
    if (gc_check(g, r, &err) != 0) {
        g->done.plain(&err, g->ctx);
        gc_free(g);
        return;
    }
    gc_words_release(&g->argv);
    g->argv = g->next;
    g->next = (struct gc_words){0};
    g->step = fetched;
    gc_start(g, RK_STR_NONE);
}

static void init_words(struct gc_words *w, const char *git_dir)
{
    const char *const words[] = {"-c", "init.defaultBranch=main", "init", "--bare", "--quiet",
                                 "--template=", "--"};
    gc_git(w, NULL);
    for (size_t i = 0; i < RK_LEN(words); i++)
        gc_add(w, "%s", words[i]);
    gc_add(w, "%s", git_dir);
}

static void fetch_words(struct gc_words *w, const struct gitcmd_remote *r, const char *git_dir,
                        const char *how, const char *const *refspecs)
{
    const char *const words[] = {"fetch", "--quiet", how, "--no-tags",
                                 "--no-recurse-submodules", "--no-write-fetch-head", "--"};
    gc_git(w, r);
    gc_add(w, "--git-dir=%s", git_dir);
    for (size_t i = 0; i < RK_LEN(words); i++)
        gc_add(w, "%s", words[i]);
    gc_add(w, "%s", r->url ? r->url : "");
    for (; *refspecs; refspecs++)
        gc_add(w, "%s", *refspecs);
}

static struct gitcmd *start(struct run_loop *loop, const struct gitcmd_remote *r,
                            const char *git_dir, const char *how, const char *const *refspecs,
                            gitcmd_fn done, void *ctx)
{
    struct gitcmd *g = gc_new(loop, r, "git fetch");
    rk_auto(rk_free_str) char *head = rk_path_join(git_dir, "HEAD");
    bool there = rk_path_exists(head);
    g->done.plain = done;
    g->ctx = ctx;
    g->step = there ? fetched : made;
    if (!there)
        init_words(&g->argv, git_dir);
    fetch_words(there ? &g->argv : &g->next, r, git_dir, how, refspecs);
    gc_start(g, RK_STR_NONE);
    return g;
}

struct gitcmd *gitcmd_fetch(struct run_loop *loop, const struct gitcmd_remote *r,
                            const char *git_dir, const char *const *refspecs, gitcmd_fn done,
                            void *ctx)
{
    return start(loop, r, git_dir, "--prune", refspecs, done, ctx);
}

struct gitcmd *gitcmd_fetch_one(struct run_loop *loop, const struct gitcmd_remote *r,
                                const char *git_dir, const char *what, const char *as,
                                gitcmd_fn done, void *ctx)
{
    rk_auto(rk_free_str) char *refspec = rk_asprintf("+%s:%s", what, as);
    const char *const refspecs[] = {refspec, NULL};
    return start(loop, r, git_dir, "--depth=1", refspecs, done, ctx);
}
