/*
 * console.c: console_main: the terminal and the loop around the core. Keys that are there are all
 * handled before one picture is drawn, and it is drawn only when something changed and the terminal
 * has shown the one before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/console_int.h"
#include "reckon/time.h"

struct screen {
    struct run_loop *loop;
    struct term *term;
    struct console *core;
    bool dirty, soon;
    int code;
    char why[512];
};

/* ================= stderr: a library's message must not be scribbled on the screen ============ */

static void make_folders(char *path)
{
    for (char *at = path + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            (void)mkdir(path, 0700);
            *at = '/';
        }
}

static int log_file(const char *profile)
{
    char *dir = client_state_dir(profile), *path = rk_asprintf("%s/console.log", dir);
    int fd;

    make_folders(path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    free(path);
    free(dir);
    return fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* Returns the person's stderr, for the last word. */
static int redirect_stderr(const char *profile)
{
    int fd = log_file(profile), old = fcntl(2, F_DUPFD_CLOEXEC, 3);

    if (fd >= 0) {
        (void)dup2(fd, 2);
        (void)close(fd);
    }
    return old;
}

static void restore_stderr(int old)
{
    if (old < 0)
        return;
    (void)fflush(stderr);
    (void)dup2(old, 2);
    (void)close(old);
}

/* ================= drawing ================= */

static void draw_if_room(struct screen *s)
{
    if (!s->dirty || !s->core || !term_idle(s->term) || !console_due(s->core))
        return;
    s->dirty = false;
    console_draw(s->core);
    (void)term_present(s->term);
}

static void draw_soon(void *ctx)
{
    struct screen *s = ctx;

    s->soon = false;
    draw_if_room(s);
}

static void wake(void *ctx)
{
    struct screen *s = ctx;

    s->dirty = true;
    if (s->soon)
        return;
    s->soon = true;
    run_soon(s->loop, draw_soon, s);
}

/* ================= the terminal's events ================= */

static void on_key(const struct term_key *k, void *ctx)
{
    struct screen *s = ctx;

    if (s->core)
        console_key(s->core, k);
}

static void on_gone(const struct rk_err *why, void *ctx)
{
    struct screen *s = ctx;

    (void)why;
    s->code = 1;
    run_loop_stop(s->loop);
}

static const struct term_events events = {
    .key = on_key, .resized = wake, .room = draw_soon, .resumed = wake, .gone = on_gone,
};

/* ================= what the core asks of it ================= */

static void device_copy(rk_str text, term_copied_fn done, void *done_ctx, void *ctx)
{
    term_copy(((struct screen *)ctx)->term, text, done, done_ctx);
}

static void device_flush(void *ctx)
{
    term_flush_input(((struct screen *)ctx)->term);
}

static void device_suspend(void *ctx)
{
    term_suspend(((struct screen *)ctx)->term);
}

static void device_title(rk_str text, void *ctx)
{
    term_window_title(((struct screen *)ctx)->term, text);
}

static void device_quit(int code, const char *why, void *ctx)
{
    struct screen *s = ctx;

    s->code = code;
    (void)snprintf(s->why, sizeof(s->why), "%s", why ? why : "");
    run_loop_stop(s->loop);
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return rk_wall_ms();
}

/* ================= start ================= */

/* NO_COLOR, the theme of console.yaml, `dark`, or attributes alone. */
static void choose_theme(const struct console_settings *s, struct term_theme *theme,
                         struct rk_buf *troubles)
{
    const char *no_color = getenv("NO_COLOR");
    struct rk_err err = {0};

    *theme = *term_theme_mono();
    if (no_color && no_color[0])
        return;
    if (s->theme[0] && console_theme_load(s->theme, theme, &err) == 0)
        return;
    if (s->theme[0])
        rk_buf_f(troubles, "%s%s", troubles->n ? "\n" : "", err.text);
    if (console_theme_load("dark", theme, &err))
        *theme = *term_theme_mono();
}

static int run(struct screen *s, const struct console_opts *o, struct console_settings *settings,
               struct rk_err *err)
{
    const char *no_color = getenv("NO_COLOR");
    struct term_theme theme;

    choose_theme(settings, &theme, &settings->troubles);
    struct term_opts term = {.colors = no_color && no_color[0] ? 1 : 0, .ascii = settings->ascii,
                             .mouse = settings->mouse,
                             .theme = &theme};
    if (term_open(s->loop, &term, &events, s, &s->term, err))
        return -1;
    struct console_core_opts core = {
        .client = o->client, .settings = settings, .now = wall, .readonly = o->readonly,
        .note = o->note, .theme = theme.name,
        .device = {.screen = term_screen_of(s->term), .wake = wake, .copy = device_copy,
                   .flush = device_flush, .suspend = device_suspend, .title = device_title,
                   .quit = device_quit, .ctx = s},
    };
    s->core = console_core_new(s->loop, &core);
    wake(s);
    run_loop_run(s->loop);
    console_core_free(s->core);
    s->core = NULL;
    term_close(s->term);
    run_soon_forget(s->loop, s);
    return 0;
}

int console_main(const struct console_opts *o)
{
    struct screen s = {0};
    struct console_settings settings;
    struct rk_err err = {0};
    int old;

    if (o->plain)
        return console_plain(o);
    old = redirect_stderr(o->client.profile);
    s.loop = run_loop_new();
    console_settings_load(&settings);
    if (run(&s, o, &settings, &err)) {
        s.code = 2;
        (void)snprintf(s.why, sizeof(s.why), "%s", err.text);
    }
    console_settings_release(&settings);
    run_loop_free(s.loop);
    restore_stderr(old);
    if (s.why[0])
        (void)fprintf(stderr, "reckon: %s\n", s.why);
    return s.code;
}
