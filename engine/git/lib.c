/*
 * lib.c: libgit2 set up once for the process, its errors translated, its objects ended.
 * The user's and the machine's git configuration is kept out: what Reckon writes may not depend on
 * who runs it. Owner validation stays on; objects are checked when read. What must survive a power
 * cut is synced by sync.c.
 * Source: reference/kubernetes.md sections 5.2, 5.3. Owns the once flag and nothing else.
 */
#include "git/git_int.h"

#include <pthread.h>
#include <stdio.h>

#include "reckon/text.h"

static void begin(void)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                 GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
    rk_assert(git_libgit2_init() > 0);
    for (size_t i = 0; i < RK_LEN(levels); i++)
        rk_assert(git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "") == 0);
    rk_assert(git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1) == 0);
    rk_assert(git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) == 0);
    rk_assert(git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)16 << 20) == 0);
}

void git_lib_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
}

static enum rk_code code_of(int rc)
{
    switch (rc) {
    case GIT_ENOTFOUND:
        return RK_NOT_FOUND;
    case GIT_EAMBIGUOUS:
    case GIT_EINVALIDSPEC:
        return RK_INVALID;
    case GIT_EEXISTS:
    case GIT_EMODIFIED:
    case GIT_ELOCKED:
    case GIT_EMERGECONFLICT:
        return RK_CONFLICT;
    case GIT_EOWNER:
        return RK_DENIED;
    default:
        return RK_UNAVAILABLE; /* a disk that is full or a file that is damaged */
    }
}

int git_fail(struct rk_err *err, int rc, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    const git_error *e = git_error_last();
    rk_auto(rk_buf_release) struct rk_buf why = RK_BUF_INIT;
    rk_text_safe(&why, rk_str_c(e && e->message ? e->message : "unknown error"), 0);
    return rk_fail(err, code_of(rc), "%s: %s", what, why.p);
}

void git_id_text(const git_oid *id, char out[GIT_ID])
{
    if (git_oid_is_zero(id))
        out[0] = 0;
    else
        git_oid_tostr(out, GIT_ID, id);
}

bool git_id_read(const char *text, git_oid *out)
{
    return text && strlen(text) == GIT_ID - 1 && git_oid_fromstr(out, text) == 0;
}

bool git_ref_join(char out[GIT_REF_NAME], const char *prefix, const char *name)
{
    int valid = 0;
    int n = snprintf(out, GIT_REF_NAME, "%s%s", prefix, name);
    return n > 0 && n < GIT_REF_NAME && git_reference_name_is_valid(&valid, out) == 0 && valid;
}

void git_tree_freep(git_tree **p)
{
    git_tree_free(*p);
}

void git_lg_commit_freep(lg_commit **p)
{
    git_commit_free(*p);
}

void git_blob_freep(git_blob **p)
{
    git_blob_free(*p);
}

void git_index_freep(git_index **p)
{
    git_index_free(*p);
}

void git_reference_freep(git_reference **p)
{
    git_reference_free(*p);
}

void git_object_freep(git_object **p)
{
    git_object_free(*p);
}

void git_diff_freep(git_diff **p)
{
    git_diff_free(*p);
}

void git_revwalk_freep(git_revwalk **p)
{
    git_revwalk_free(*p);
}
