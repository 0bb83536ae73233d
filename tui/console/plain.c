/*
 * plain.c: `reckon --plain`: lines instead of a screen, for screen readers, logs and pipes: what
 * there is, then each change and each line of activity as it comes. It ends with who reads them.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/console_int.h"
#include "reckon/map.h"
#include "reckon/text.h"
#include "reckon/time.h"

enum { WATCHED = 200, LINES_FIRST = 20 };

struct plain {
    struct run_loop *loop;
    struct client *client;
    struct rk_map *seen;        /* application -> the line that was said of it */
    struct client_sub *apps, *activity;
    bool ready, listed;
    int code;
    int out;                    /* the pipe of stdout, opened anew */
    struct run_poll *reader;
};

static void nobody_reads(struct plain *p)
{
    p->code = 1;
    run_loop_stop(p->loop);
}

static void say(struct plain *p, const char *fmt, ...) RK_PRINTF(2, 3);
static void say(struct plain *p, const char *fmt, ...)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    rk_text_safe(&safe, rk_buf_view(&text), 0);
    (void)fprintf(stdout, "%s\n", safe.p);
    if (fflush(stdout))
        nobody_reads(p);
}

/* ---- applications ---- */
static char *line_of(const struct wire_app *a)
{
    struct rk_buf out = RK_BUF_INIT;
    bool production = widget_is_production(a->environment, a->locked);

    rk_buf_f(&out, "%s%s/%s: %s, %s", production ? "PRODUCTION " : "",
             a->environment ? a->environment : "-", a->app, a->verdict, a->health);
    if (a->drifted)
        rk_buf_f(&out, ", %lld drifted", (long long)a->drifted);
    if (a->version)
        rk_buf_f(&out, ", version %s", a->version);
    if (a->operation)
        rk_buf_c(&out, ", an operation runs");
    if (a->held)
        rk_buf_f(&out, ", held: %s", a->held);
    return rk_buf_take(&out);
}

static void say_app(struct plain *p, const struct wire_app *a)
{
    char *line = line_of(a), *before = rk_map_get(p->seen, a->name);

    if (before && rk_streq(before, line)) {
        free(line);
        return;
    }
    say(p, "%s%s", p->listed ? "now: " : "", line);
    free(rk_map_set(p->seen, a->name, line));
}

static void apps_came(enum wire_event kind, rk_str data, const struct rk_err *err, void *ctx)
{
    struct plain *p = ctx;
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_app_page page;
    struct rk_err bad;

    if (kind == WIRE_END) {
        if (err)
            say(p, "applications are not told any more: %s", err->text);
        return;
    }
    if (wire_read(mem, &wire_shape_app_page, data, &page, &bad)) {
        say(p, "applications: %s", bad.text);
        return;
    }
    if (!p->listed && page.total > WATCHED)
        say(p, "%lld applications; the %d with most trouble are told", (long long)page.total, WATCHED);
    for (size_t i = 0; i < page.n_apps; i++)
        say_app(p, &page.apps[i]);
    if (!p->listed)
        say(p, "%lld applications, %lld out of sync, %lld degraded; changes follow",
            (long long)page.counts.total, (long long)page.counts.out_of_sync,
            (long long)page.counts.degraded);
    p->listed = true;
}

/* ---- activity ---- */
static void activity_came(enum wire_event kind, rk_str data, const struct rk_err *err, void *ctx)
{
    struct plain *p = ctx;
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_activity list;
    struct rk_err bad;
    char clock[16];

    (void)err;
    if (kind == WIRE_END || wire_read(mem, &wire_shape_activity, data, &list, &bad))
        return;
    for (size_t i = 0; i < list.n_rows; i++) {
        const struct wire_activity_row *r = &list.rows[i];
        widget_clock(r->time, clock);
        say(p, "%s %s %s by %s: %s", clock, r->level, r->app ? r->app : "-",
            r->actor ? r->actor : "-", r->text ? r->text : "");
    }
}

/* ---- the engine ---- */
static void begin(struct plain *p, const struct wire_hello *h)
{
    char params[80];

    say(p, "reckon, engine: %s, %s, %s", h->engine, h->identity ? h->identity : "-",
        h->can_write ? "may write" : "read-only");
    for (size_t i = 0; i < h->n_repositories; i++)
        say(p, "repository %s: %s at %.7s, %s", h->repositories[i].name,
            h->repositories[i].branch ? h->repositories[i].branch : "-",
            h->repositories[i].revision ? h->repositories[i].revision : "-",
            h->repositories[i].state ? h->repositories[i].state : "-");
    for (size_t i = 0; i < h->n_clusters; i++)
        say(p, "cluster %s: %s", h->clusters[i].name, h->clusters[i].state);
    (void)snprintf(params, sizeof(params), "{\"sort\":\"problems\",\"limit\":%d}", WATCHED);
    p->apps = client_subscribe(p->client, "applications.watch", rk_str_c(params), apps_came, p);
    (void)snprintf(params, sizeof(params), "{\"limit\":%d}", LINES_FIRST);
    p->activity = client_subscribe(p->client, "activity.watch", rk_str_c(params), activity_came,
                                   p);
}

static void state_changed(enum client_state s, const struct wire_hello *hello,
                          const struct rk_err *why, void *ctx)
{
    struct plain *p = ctx;

    if (s == CLIENT_READY && p->ready)
        say(p, "the engine is back");
    else if (s == CLIENT_READY)
        begin(p, hello);
    else if (s == CLIENT_LOST)
        say(p, "the engine is away: %s", why->text);
    p->ready = p->ready || s == CLIENT_READY;
    if (s != CLIENT_FAILED)
        return;
    (void)fprintf(stderr, "reckon: %s\n", why->text);
    p->code = 2;
    run_loop_stop(p->loop);
}

static void on_signal(int signum, void *ctx)
{
    (void)signum;
    run_loop_stop(((struct plain *)ctx)->loop);
}

/* ---- who reads ---- */
static void reader_left(unsigned events, void *ctx)
{
    (void)events;
    nobody_reads(ctx);
}

/* When nothing changes nothing is written: only the pipe tells that its reader left. Waiting makes
 * a descriptor non-blocking, and that of stdout is others' as well. */
static void watch_reader(struct plain *p)
{
    struct stat st;

    if (fstat(STDOUT_FILENO, &st) || !S_ISFIFO(st.st_mode))
        return;
    p->out = open("/proc/self/fd/1", O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (p->out >= 0)
        p->reader = run_poll_start(p->loop, p->out, RUN_HANGUP, reader_left, p);
}

int console_plain(const struct console_opts *o)
{
    static const struct client_events events = {.state = state_changed};
    static const int signums[] = {SIGINT, SIGTERM, SIGHUP};
    struct run_signal *signals[RK_LEN(signums)];
    struct plain p = {.loop = run_loop_new(), .seen = rk_map_new(), .out = -1};
    struct client_opts client = o->client;

    client.reconnect = true;
    client.readonly = true;     /* nothing is changed from here */
    if (o->note)
        say(&p, "%s", o->note);
    for (size_t i = 0; i < RK_LEN(signums); i++)
        signals[i] = run_signal_start(p.loop, signums[i], on_signal, &p);
    watch_reader(&p);
    p.client = client_open(p.loop, &client, &events, &p);
    run_loop_run(p.loop);
    client_close(p.client);
    run_poll_stop(p.reader);
    rk_close_fd(&p.out);
    for (size_t i = 0; i < RK_LEN(signums); i++)
        run_signal_stop(signals[i]);
    run_loop_free(p.loop);
    rk_map_free(p.seen, free);
    return p.code;
}
