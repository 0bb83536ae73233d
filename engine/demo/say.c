/*
 * say.c: the tour's lines: a step's title, then one line a check, ok or FAILED.
 */
#include "demo/demo_int.h"

static void print(const char *before, const char *fmt, va_list ap)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_vf(&text, fmt, ap);
    (void)printf("%s%s\n", before, text.p);
    (void)fflush(stdout);
}

void demo_step(struct demo *d, const char *letter, const char *fmt, ...)
{
    va_list ap;
    char *before = rk_asprintf("\n%5.1fs  %s. ", (double)(rk_mono_ms() - d->started) / 1000,
                               letter);
    va_start(ap, fmt);
    print(before, fmt, ap);
    va_end(ap);
    free(before);
}

bool demo_check(struct demo *d, bool ok, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    print(ok ? "           ok      " : "           FAILED  ", fmt, ap);
    va_end(ap);
    d->checks++;
    d->failed += !ok;
    return ok;
}

void demo_say(struct demo *d, const char *fmt, ...)
{
    va_list ap;
    (void)d;
    va_start(ap, fmt);
    print("                   ", fmt, ap);
    va_end(ap);
}
