/*
 * base.c: the end of the process. In: a broken invariant or memory that is gone. Out: the fatal
 * hook (restore the terminal, sync the journal), one line on stderr, abort.
 *
 * Owns the hook, which runs at most once a process even when it fails itself or two threads fail
 * together. Does not handle wrong input: that is an rk_err.
 */
#include "reckon/base.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void (*_Atomic fatal_hook)(void);

void rk_fatal_hook(void (*hook)(void))
{
    atomic_store(&fatal_hook, hook);
}

void rk_fatal(const char *fmt, ...)
{
    char line[512];
    va_list ap;
    void (*hook)(void) = atomic_exchange(&fatal_hook, NULL);

    if (hook)
        hook();
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    dprintf(STDERR_FILENO, "reckon: fatal: %s\n", line);
    abort();
}

void rk_assert_failed(const char *cond, const char *file, int line)
{
    rk_fatal("%s:%d: this must hold and does not: %s (a bug: please report it)", file, line, cond);
}

void rk_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
