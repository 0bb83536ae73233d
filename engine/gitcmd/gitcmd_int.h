/*
 * gitcmd_int.h: one running command, and what the verbs of this room share.
 */
#ifndef RK_GITCMD_INT_H
#define RK_GITCMD_INT_H

#include "gitcmd/gitcmd.h"

struct gc_words {
    char **v;           /* NULL-terminated */
    size_t n, cap;
};
void gc_add(struct gc_words *w, const char *fmt, ...) RK_PRINTF(2, 3);
void gc_words_release(struct gc_words *w);

struct gitcmd {
    struct run_loop *loop;
    struct run_child *child;        /* NULL between steps */
    char *what;                     /* "git fetch URL", the URL masked: begins the error text */
    char *url;                      /* in clear: also to mask what it holds */
    uint64_t time_limit_ms;
    struct gc_words argv, env;
    struct rk_err err;              /* set when it could not even start */
    bool cancelled;
    /* One step has ended; r is NULL when it did not start. Tells the caller, then gc_free. */
    void (*step)(struct gitcmd *g, const struct run_child_result *r);
    union {
        gitcmd_refs_fn refs;
        gitcmd_fn plain;
        gitcmd_push_fn push;
        gitcmd_text_fn text;
    } done;
    void *ctx;
    struct gc_words next;           /* fetch: the command after `git init` */
};

struct gitcmd *gc_new(struct run_loop *loop, const struct gitcmd_remote *r, const char *what);
void gc_free(struct gitcmd *g);
/* "git", the settings of every command, and the remote's credentials by reference. */
void gc_git(struct gc_words *argv, const struct gitcmd_remote *r);
void gc_env(struct gc_words *env, const struct gitcmd_remote *r);
/* Starts what argv holds; step follows on a later turn, always. */
void gc_start(struct gitcmd *g, rk_str input);
/* 0 when the step succeeded; else fills err. */
int gc_check(const struct gitcmd *g, const struct run_child_result *r, struct rk_err *err)
    RK_MUST_CHECK;

/* stderr as one safe line: credentials masked, hints dropped, only lines with prefix if given. */
void gc_message(struct rk_buf *out, rk_str err_text, const char *url, const char *prefix);
/* 'text' for a shell. */
void gc_quote(struct rk_buf *out, const char *text);

#endif
