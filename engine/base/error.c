/*
 * error.c: fills struct rk_err. In: a code, a printf text, maybe a position or an errno. Out: -1,
 * and a text that is safe (text.h), has no trailing newline and fits.
 *
 * Owns nothing and never allocates, so it works when memory is short. Texts are built in a local
 * array first: an argument may be the text of the same rk_err.
 */
#include "reckon/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base_int.h"
#include "reckon/text.h"

#define LINE_MAX_BYTES 2048

static const char *const code_names[] = {
    [RK_OK] = "OK",
    [RK_INVALID] = "INVALID",
    [RK_NOT_FOUND] = "NOT_FOUND",
    [RK_CONFLICT] = "CONFLICT",
    [RK_DENIED] = "DENIED",
    [RK_UNAVAILABLE] = "UNAVAILABLE",
    [RK_TIMEOUT] = "TIMEOUT",
    [RK_CANCELLED] = "CANCELLED",
    [RK_LIMIT] = "LIMIT",
    [RK_UNSUPPORTED] = "UNSUPPORTED",
    [RK_INTERNAL] = "INTERNAL",
};
_Static_assert(RK_LEN(code_names) == RK_CODE_MAX, "every code has a name");

static const struct {
    int errnum;
    enum rk_code code;
} errno_codes[] = {
    {ENOENT, RK_NOT_FOUND}, {ENOTDIR, RK_NOT_FOUND}, {EACCES, RK_DENIED}, {EPERM, RK_DENIED},
    {EROFS, RK_DENIED},     {ENOSPC, RK_LIMIT},      {EDQUOT, RK_LIMIT},  {EMFILE, RK_LIMIT},
    {ENFILE, RK_LIMIT},     {ENOMEM, RK_LIMIT},      {ETIMEDOUT, RK_TIMEOUT},
};

const char *rk_code_name(enum rk_code code)
{
    return (unsigned)code < RK_CODE_MAX ? code_names[code] : code_names[RK_INTERNAL];
}

enum rk_code rk_code_from_name(const char *name)
{
    for (size_t i = 0; i < RK_LEN(code_names); i++)
        if (rk_streq(name, code_names[i]))
            return (enum rk_code)i;
    return RK_INTERNAL;
}

/* Appends to line[LINE_MAX_BYTES], *n = its length; what does not fit is cut. */
RK_PRINTF(3, 0) static void line_vadd(char *line, size_t *n, const char *fmt, va_list ap)
{
    int len = vsnprintf(line + *n, LINE_MAX_BYTES - *n, fmt, ap);

    if (len > 0)
        *n += (size_t)len;
    if (*n >= LINE_MAX_BYTES)
        *n = LINE_MAX_BYTES - 1;
}

RK_PRINTF(3, 4) static void line_add(char *line, size_t *n, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    line_vadd(line, n, fmt, ap);
    va_end(ap);
}

static void text_put(struct rk_err *err, const char *line, size_t n)
{
    while (n && (line[n - 1] == '\n' || line[n - 1] == '\r' || line[n - 1] == ' '))
        n--;
    base_text_safe_fixed(err->text, sizeof(err->text), (rk_str){line, n}, RK_TEXT_LINES);
}

static int fail_line(struct rk_err *err, enum rk_code code, const char *line, size_t n)
{
    rk_err_clear(err);
    err->code = code;
    text_put(err, line, n);
    return -1;
}

int rk_fail(struct rk_err *err, enum rk_code code, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES] = "";
    size_t n = 0;
    va_list ap;

    if (!err)
        return -1;
    va_start(ap, fmt);
    line_vadd(line, &n, fmt, ap);
    va_end(ap);
    return fail_line(err, code, line, n);
}

int rk_fail_at(struct rk_err *err, enum rk_code code, const char *file, uint32_t line,
               uint32_t column, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES] = "";
    char where[sizeof(err->where.file)] = "";
    size_t n = 0;
    va_list ap;

    if (!err)
        return -1;
    if (file) /* copied first: it may be err's own */
        base_text_safe_fixed(where, sizeof(where), rk_str_c(file), 0);
    if (where[0])
        line_add(text, &n, "%s:", where);
    if (line)
        line_add(text, &n, "%s%u:", n ? "" : "line ", line);
    if (line && column)
        line_add(text, &n, "%u:", column);
    if (n)
        line_add(text, &n, " ");
    va_start(ap, fmt);
    line_vadd(text, &n, fmt, ap);
    va_end(ap);
    fail_line(err, code, text, n);
    memcpy(err->where.file, where, sizeof(where));
    err->where.line = line;
    err->where.column = column;
    return -1;
}

static enum rk_code errno_code(int errnum)
{
    for (size_t i = 0; i < RK_LEN(errno_codes); i++)
        if (errno_codes[i].errnum == errnum)
            return errno_codes[i].code;
    return RK_UNAVAILABLE;
}

int rk_fail_errno(struct rk_err *err, int errnum, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES] = "", reason[128];
    size_t n = 0;
    va_list ap;

    if (!err)
        return -1;
    va_start(ap, fmt);
    line_vadd(line, &n, fmt, ap);
    va_end(ap);
    line_add(line, &n, "%s%s", n ? ": " : "", strerror_r(errnum, reason, sizeof(reason)));
    return fail_line(err, errno_code(errnum), line, n);
}

int rk_wrap(struct rk_err *err, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES] = "";
    size_t n = 0;
    va_list ap;

    if (!err)
        return -1;
    va_start(ap, fmt);
    line_vadd(line, &n, fmt, ap);
    va_end(ap);
    line_add(line, &n, ": %s", err->text);
    text_put(err, line, n);
    return -1;
}

int rk_err_object(struct rk_err *err, const char *object)
{
    char copy[sizeof(err->where.object)] = "";

    if (!err)
        return -1;
    if (object)
        base_text_safe_fixed(copy, sizeof(copy), rk_str_c(object), 0);
    memcpy(err->where.object, copy, sizeof(copy));
    return -1;
}

void rk_err_clear(struct rk_err *err)
{
    if (err)
        *err = (struct rk_err){.code = RK_OK};
}
