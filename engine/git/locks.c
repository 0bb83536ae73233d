/*
 * locks.c: lock files that a killed process left beside the mirror's references. git and libgit2
 * make NAME.lock while they write NAME and fail for ever where one stands that nobody removes.
 * In: the mirror's folder. Out: it is rid of those whose owner is certainly gone.
 *
 * refs/reckon is written by the one engine that holds the state folder; the rest by its git
 * children, one at a time, none longer than the time limit. Owns nothing.
 */
#include "git/mirror_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define DEPTH 64 /* parts of a reference's name */

static void clear_one(const char *path, uint64_t older_ms)
{
    struct stat st;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    if (older_ms && time(NULL) - st.st_mtim.tv_sec <= (time_t)(older_ms / 1000))
        return;
    (void)unlink(path); /* still there: the next write says so */
}

/* What stands directly in `dir`, and below it when depth allows; `but` is left alone. */
static void clear(const char *dir, const char *but, uint64_t older_ms, unsigned depth)
{
    char **names = NULL;
    size_t n = 0;
    if (rk_dir_names(dir, &names, &n, NULL) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        rk_auto(rk_free_str) char *path = rk_path_join(dir, names[i]);
        if (rk_str_ends(rk_str_c(names[i]), ".lock"))
            clear_one(path, older_ms);
        else if (depth && !rk_streq(path, but) && rk_path_is_dir(path))
            clear(path, but, older_ms, depth - 1);
    }
    rk_names_free(names, n);
}

void git_locks_of_reckon(const char *dir)
{
    rk_auto(rk_free_str) char *refs = rk_path_join(dir, "refs/reckon");
    clear(refs, NULL, 0, DEPTH);
}

void git_locks_of_git(const char *dir, uint64_t older_ms)
{
    rk_auto(rk_free_str) char *refs = rk_path_join(dir, "refs");
    rk_auto(rk_free_str) char *ours = rk_path_join(dir, "refs/reckon");
    clear(dir, NULL, older_ms, 0); /* HEAD.lock, packed-refs.lock, config.lock */
    clear(refs, ours, older_ms, DEPTH);
}

void git_cache_locks(const char *dir, uint64_t older_ms)
{
    rk_auto(rk_free_str) char *refs = rk_path_join(dir, "refs");
    clear(dir, NULL, older_ms, 0); /* HEAD.lock, shallow.lock, config.lock */
    clear(refs, NULL, older_ms, DEPTH);
}
