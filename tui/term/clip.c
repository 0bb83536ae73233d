/*
 * clip.c: copying. In: text. Out: where it went, said as far as it is known: a terminal does not
 * confirm OSC 52, so that is "sent", not "copied".
 *
 * The order is measured (reference/console.md 5.6): tmux drops OSC 52 with its default options and
 * takes load-buffer -w; GNU screen passes only what is wrapped, in pieces of at most 768 bytes.
 * What is too long for a terminal, or not for it, goes into a file that only its owner can read.
 * Owns each copy until its `done` is told; none is told after the terminal is closed.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BASE64_MAX = 74994, PIECE = 768, TMUX_MS = 3000 };

struct copy {
    struct term *t;             /* NULL: closed; only the child is waited for */
    struct copy *next;
    struct run_child *child;
    char *text;
    size_t n;
    char how[300];
    struct rk_err err;
    bool failed;
    term_copied_fn done;
    void *ctx;
};

static void copy_free(struct copy *c)
{
    free(c->text);
    free(c);
}

static void unlink_copy(struct copy *c)
{
    struct copy **at = &c->t->copies;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

static void tell_cb(void *ctx)
{
    struct copy *c = ctx;
    struct term *t = c->t;

    t->busy++;
    unlink_copy(c);
    if (c->done)
        c->done(c->failed ? NULL : c->how, c->failed ? &c->err : NULL, c->ctx);
    copy_free(c);
    device_leave_call(t);
}

static void tell_soon(struct copy *c)
{
    run_soon(c->t->loop, tell_cb, c);
}

/* ---- a file ---- */

static int write_file(struct copy *c, const char *path, int fd)
{
    size_t at = 0;

    while (at < c->n) {
        ssize_t n = write(fd, c->text + at, c->n - at);

        if (n < 0 && errno != EINTR)
            return rk_fail_errno(&c->err, errno, "the copy cannot be written to %s", path);
        at += n > 0 ? (size_t)n : 0;
    }
    snprintf(c->how, sizeof(c->how), "written to %s", path);
    return 0;
}

static void to_file(struct copy *c)
{
    const char *dir = getenv("XDG_RUNTIME_DIR");
    rk_auto(rk_free_str) char *path = NULL;
    rk_auto(rk_close_fd) int fd = -1;

    if (dir && *dir == '/') {
        path = rk_asprintf("%s/reckon-copy-XXXXXX", dir);
        fd = mkostemp(path, O_CLOEXEC); /* 0600 */
    }
    if (fd < 0) {
        free(path);
        path = rk_strdup("/tmp/reckon-copy-XXXXXX");
        fd = mkostemp(path, O_CLOEXEC);
    }
    if (fd < 0)
        rk_fail_errno(&c->err, errno, "the copy cannot be written to %s", path);
    c->failed = fd < 0 || write_file(c, path, fd) < 0;
    if (fd >= 0 && c->failed)
        unlink(path);
    tell_soon(c);
}

/* ---- the terminal ---- */

/* GNU screen hands on what stands between ESC P and ESC \; the text must not hold an ESC \. */
static void wrap_for_screen(rk_str osc, struct rk_buf *out)
{
    for (size_t at = 0; at < osc.n; at += PIECE) {
        rk_buf_c(out, "\033P");
        rk_buf_add(out, osc.p + at, osc.n - at < PIECE ? osc.n - at : PIECE);
        rk_buf_c(out, "\033\\");
    }
}

static bool to_terminal(struct copy *c)
{
    rk_auto(rk_buf_release) struct rk_buf osc = RK_BUF_INIT, wrapped = RK_BUF_INIT;
    const char *sty = getenv("STY");
    bool screen = sty && *sty;

    if ((c->n + 2) / 3 * 4 > BASE64_MAX || !device_known_codes(c->t) || !c->t->entered)
        return false;
    rk_buf_c(&osc, "\033]52;c;");
    rk_base64(&osc, c->text, c->n);
    rk_buf_c(&osc, screen ? "\a" : "\033\\");
    if (screen)
        wrap_for_screen(rk_buf_view(&osc), &wrapped);
    flow_write(c->t, rk_buf_view(screen ? &wrapped : &osc));
    snprintf(c->how, sizeof(c->how), "sent to the terminal");
    tell_soon(c);
    return true;
}

/* ---- tmux ---- */

static void tmux_done(const struct run_child_result *r, void *ctx)
{
    struct copy *c = ctx;

    c->child = NULL;
    if (!c->t) {
        copy_free(c);
    } else if (r->exit_code == 0) {
        snprintf(c->how, sizeof(c->how), "sent to tmux's buffer and the terminal");
        tell_cb(c);
    } else {
        to_file(c); /* it would drop OSC 52 without a word */
    }
}

static bool to_tmux(struct copy *c)
{
    static const char *const argv[] = {"tmux", "load-buffer", "-w", "-", NULL};
    const char *tmux = getenv("TMUX");
    struct run_child_opts o = {.argv = argv, .input = {c->text, c->n}, .time_limit_ms = TMUX_MS};

    if (!tmux || !*tmux)
        return false;
    if (run_child_start(c->t->loop, &o, tmux_done, c, &c->child, NULL) < 0)
        to_file(c);
    return true;
}

void term_copy(struct term *t, rk_str text, term_copied_fn done, void *ctx)
{
    struct copy *c = rk_alloc(sizeof(*c));

    c->t = t;
    c->text = rk_str_dup(text);
    c->n = text.n;
    c->done = done;
    c->ctx = ctx;
    c->next = t->copies;
    t->copies = c;
    if (!to_tmux(c) && !to_terminal(c))
        to_file(c);
}

void clip_close(struct term *t)
{
    struct copy *next;

    for (struct copy *c = t->copies; c; c = next) {
        next = c->next;
        run_soon_forget(t->loop, c);
        c->t = NULL;
        if (c->child)
            run_child_kill(c->child); /* tmux_done frees it */
        else
            copy_free(c);
    }
    t->copies = NULL;
}
