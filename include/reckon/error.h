/*
 * error.h: errors are values.
 *
 * A fallible function returns 0 or -1 and fills *err on -1; out parameters are untouched then.
 * rk_fail returns -1 so that `return rk_fail(err, RK_INVALID, "...")` is one line. rk_wrap puts
 * the outer context in front, so that a reader goes from outside in:
 *     "sync shop-production: render: k8s/apps/shop/kustomization.yaml:14: no such field 'foo'".
 * The struct holds its text inline: it crosses threads and survives low memory.
 * err may be NULL when the caller only wants to know whether.
 */
#ifndef RECKON_ERROR_H
#define RECKON_ERROR_H

#include <stdarg.h>

#include "reckon/base.h"

enum rk_code {
    RK_OK = 0,
    RK_INVALID,     /* the input is wrong: a file, a field, an argument */
    RK_NOT_FOUND,   /* it is not there */
    RK_CONFLICT,    /* somebody else changed or owns it */
    RK_DENIED,      /* not allowed: policy, project, RBAC, a forge's rule */
    RK_UNAVAILABLE, /* the other side does not answer; may pass */
    RK_TIMEOUT,
    RK_CANCELLED,
    RK_LIMIT,       /* a limit of design.md section 14; the text names it */
    RK_UNSUPPORTED, /* known, and not done here; the text says what instead */
    RK_INTERNAL,    /* a bug */
    RK_CODE_MAX
};

/* Where in the user's input; any part may be empty. Lines and columns count from 1; 0 = none. */
struct rk_where {
    char file[160];   /* path relative to the repository or folder given */
    uint32_t line, column;
    char object[160]; /* group/kind/namespace/name */
};

struct rk_err {
    enum rk_code code;
    char text[480];   /* safe (text.h; inner newlines stay), never a secret */
    struct rk_where where;
};

const char *rk_code_name(enum rk_code code);            /* "INVALID"; stable: protocol */
enum rk_code rk_code_from_name(const char *name);       /* RK_INTERNAL when unknown */

int rk_fail(struct rk_err *err, enum rk_code code, const char *fmt, ...) RK_PRINTF(3, 4);
/* As rk_fail with a position: the text is prefixed "file:line: " (column 0 and line 0 left out). */
int rk_fail_at(struct rk_err *err, enum rk_code code, const char *file, uint32_t line,
               uint32_t column, const char *fmt, ...) RK_PRINTF(6, 7);
/*
 * errno translated: ENOENT ENOTDIR -> NOT_FOUND; EACCES EPERM EROFS -> DENIED; ENOSPC EDQUOT EMFILE
 * ENFILE ENOMEM -> LIMIT; ETIMEDOUT -> TIMEOUT; else UNAVAILABLE. The reason ends the text.
 */
int rk_fail_errno(struct rk_err *err, int errnum, const char *fmt, ...) RK_PRINTF(3, 4);
/* Puts "<context>: " in front of the text; keeps code and where. Returns -1. */
int rk_wrap(struct rk_err *err, const char *fmt, ...) RK_PRINTF(2, 3);
/* Notes the object; does not change the text. Returns -1. */
int rk_err_object(struct rk_err *err, const char *object);
void rk_err_clear(struct rk_err *err);

#endif
