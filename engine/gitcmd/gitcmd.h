/*
 * gitcmd.h: the `git` program in a child that can be killed: everything that touches a network.
 * The user's own git is used (ssh configuration, agents, credential helpers, proxies, TLS), with
 * GIT_TERMINAL_PROMPT=0, ssh in batch mode, hooks off, protocol.ext.allow=never, its own process
 * group and a time limit. git's stderr comes back as safe text in the error, without credentials
 * that a URL may hold. Source: reference/kubernetes.md section 5, design.md section 7.
 */
#ifndef RK_GITCMD_H
#define RK_GITCMD_H

#include "reckon/run.h"

#define GITCMD_TIME_LIMIT_MS 120000u

struct gitcmd_remote {
    const char *url;                    /* URL or path */
    const char *ssh_key_file, *token_file, *helper; /* credentials by reference; NULL: user's git */
    uint64_t time_limit_ms;             /* 0: GITCMD_TIME_LIMIT_MS */
};

struct gitcmd_ref {
    char id[41];
    char *name;                         /* "refs/heads/main"; "HEAD" */
};
struct gitcmd_refs {
    struct gitcmd_ref *v;
    size_t n;
    char *head;                         /* what HEAD points to, "refs/heads/main", or NULL */
};

struct gitcmd;                          /* one running command */
void gitcmd_cancel(struct gitcmd *g);   /* done follows with RK_CANCELLED */

/*
 * done comes exactly once, never inside the call; the struct is gone after it, and what done is
 * given lives during done only. Errors of all: INVALID (no URL), CANCELLED, UNAVAILABLE (network,
 * no such repository), DENIED (authentication), TIMEOUT.
 */
typedef void (*gitcmd_refs_fn)(const struct gitcmd_refs *refs, const struct rk_err *err, void *ctx);
struct gitcmd *gitcmd_ls_remote(struct run_loop *loop, const struct gitcmd_remote *r,
                                gitcmd_refs_fn done, void *ctx);

typedef void (*gitcmd_fn)(const struct rk_err *err, void *ctx); /* err NULL: done */
/* `git init --bare` when git_dir is missing, then a fetch with the given refspecs, pruning. */
struct gitcmd *gitcmd_fetch(struct run_loop *loop, const struct gitcmd_remote *r,
                            const char *git_dir, const char *const *refspecs, gitcmd_fn done,
                            void *ctx);
/* One ref or full commit id of the remote, without its history, becomes the ref `as`; the repository
 * is made when it is missing, and nothing else in it is touched. */
struct gitcmd *gitcmd_fetch_one(struct run_loop *loop, const struct gitcmd_remote *r,
                                const char *git_dir, const char *what, const char *as,
                                gitcmd_fn done, void *ctx);

enum gitcmd_push { GITCMD_PUSHED, GITCMD_LOST_RACE, GITCMD_REFUSED, GITCMD_FAILED };
struct gitcmd_push_ref {
    const char *local;                  /* id or ref in git_dir */
    const char *remote;                 /* "refs/heads/main" */
    const char *expect;                 /* old id the remote must have; "" = must not exist; NULL */
};
/*
 * REFUSED: a hook or a protection rule; err (DENIED) holds the server's words. LOST_RACE: CONFLICT.
 * FAILED by TIMEOUT, CANCELLED or UNAVAILABLE: the remote may have taken it, ask it. Several refs
 * go together or not at all. err is NULL for PUSHED.
 */
typedef void (*gitcmd_push_fn)(enum gitcmd_push verdict, const struct rk_err *err, void *ctx);
struct gitcmd *gitcmd_push(struct run_loop *loop, const struct gitcmd_remote *r,
                           const char *git_dir, const struct gitcmd_push_ref *refs, size_t n,
                           gitcmd_push_fn done, void *ctx);

/* Blocking, for programs without a loop (demo, admin): git ARGS in dir; stdout is added to out. */
int gitcmd_run(const char *dir, const char *const *args, struct rk_buf *out, struct rk_err *err)
    RK_MUST_CHECK;

/* `ssh-keygen -Y sign -n git -f key`: the armoured signature. */
typedef void (*gitcmd_text_fn)(rk_str text, const struct rk_err *err, void *ctx);
struct gitcmd *gitcmd_sign(struct run_loop *loop, const char *key_file, rk_str payload,
                           gitcmd_text_fn done, void *ctx);
/* Replaces the user information of a URL by "***": for messages. */
char *gitcmd_safe_url(const char *url) RK_MUST_CHECK;
bool gitcmd_is_commit(const char *ref);     /* a full commit id: it never moves */

#endif
