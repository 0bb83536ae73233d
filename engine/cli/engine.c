/*
 * engine.c: blocking requests to the engine for verbs that have nothing else to do. In: a method
 * and its parameters as structs; the shapes stand in wire's method table. Out: the result in the
 * call's arena. One loop and one client a process, made at the first use; closed by
 * cli_disconnect. Starts a session engine when none answers.
 */
#include <signal.h>
#include <stdlib.h>

#include "cli/cli_int.h"
#include "reckon/client.h"
#include "reckon/time.h"

enum { FRESH_MS = 20000, YOUNG_MS = 15000, PAGE = 100, ATTEMPTS = 4, PAUSE_MS = 150 };

struct cli_engine {
    struct run_loop *loop;
    struct client *client;
    struct rk_arena *arena;     /* the call's */
    bool ready, failed;
    struct rk_err why;
    int64_t started;
    char *socket;
    bool interrupted;
    unsigned flags;             /* of cli_connect */
};

/* One wait for an answer or for a subscription's events. */
struct waiting {
    struct cli_engine *e;
    const struct wire_method *method;
    bool done, timed_out;
    int rc;
    struct rk_err *err;
    void *result;               /* a call's, or the first event's; NULL: not wanted */
    cli_event_fn fn;            /* follow */
    void *ctx;
};

static void wake(struct waiting *w, int rc, const struct rk_err *err)
{
    if (w->done)
        return;
    w->done = true;
    w->rc = rc;
    if (err && w->err)
        *w->err = *err;
    run_loop_stop(w->e->loop);
}

/* ---- connecting ---- */
static void on_state(enum client_state s, const struct wire_hello *hello, const struct rk_err *why,
                     void *ctx)
{
    struct cli_engine *e = ctx;

    if (s == CLIENT_READY) {
        e->ready = true;
        e->started = hello->started;
        free(e->socket);
        e->socket = hello->socket ? rk_strdup(hello->socket) : NULL;
    } else if (s == CLIENT_FAILED) {
        e->failed = true;
        e->why = *why;
    }
    run_loop_stop(e->loop);
}

/* A young engine may not have looked at git and clusters yet: wait until it has, with a limit. */
static void wait_fresh(struct cli *c)
{
    struct wire_refresh_params p = {.all = true};
    struct rk_err ignored = {0};

    if (!c->engine->started || c->now - c->engine->started > YOUNG_MS)
        return;
    if (cli_call_within(c, "refresh", &p, NULL, FRESH_MS, &ignored))
        cli_say(c, "the engine just started and has not seen everything yet: %s", ignored.text);
}

static struct cli_engine *open_once(struct cli *c)
{
    static const struct client_events events = {on_state};
    const struct client_opts opts = {
        .socket = c->globals.socket, .profile = c->globals.profile, .host = c->globals.host,
        .repo = c->globals.repo, .start = true, .readonly = c->globals.readonly,
    };
    struct cli_engine *e = rk_alloc(sizeof(*e));

    e->arena = c->arena;
    e->loop = run_loop_new();
    e->client = client_open(e->loop, &opts, &events, e);
    while (!e->ready && !e->failed)
        run_loop_run(e->loop);
    return e;
}

static void pause_a_moment(struct cli_engine *e)
{
    struct run_timer *t = run_timer_start(e->loop, PAUSE_MS, 0, (run_fn)run_loop_stop, e->loop);

    run_loop_run(e->loop);
    run_timer_stop(t);
}

/*
 * A session engine ends with its last client: the verb before may have been that, and its engine
 * may be closing its door just now. Nothing was asked yet, so asking again is safe.
 */
static bool may_pass(const struct cli *c, const struct rk_err *why)
{
    bool named = c->globals.socket || c->globals.host || getenv("RECKON_SOCKET");

    return !named && (why->code == RK_UNAVAILABLE || why->code == RK_TIMEOUT ||
                      why->code == RK_CONFLICT || why->code == RK_CANCELLED);
}

int cli_connect(struct cli *c, unsigned flags, struct rk_err *err)
{
    uint64_t before = rk_mono_ms();

    if (c->globals.profile && !client_profile_valid(c->globals.profile))
        return rk_fail(err, RK_INVALID, "--profile %s: letters, digits and . _ - only",
                       c->globals.profile);
    for (int i = 1;; i++) {
        c->engine = open_once(c);
        if (c->engine->ready)
            break;
        *err = c->engine->why;
        if (i == ATTEMPTS || !may_pass(c, err) || rk_mono_ms() - before > FRESH_MS / 2 + 2000)
            return -1;
        pause_a_moment(c->engine);
        cli_disconnect(c);
    }
    c->engine->flags = flags;
    if (flags & CLI_FRESH)
        wait_fresh(c);
    return 0;
}

/* The engine closed its door after the handshake: what only reads is asked again, once. */
static bool again(struct cli *c, const struct wire_method *m, const struct rk_err *why)
{
    unsigned flags = c->engine->flags;
    struct rk_err err = {0};

    if (m->writes || !c->engine->failed || c->asked_again || !may_pass(c, why))
        return false;
    c->asked_again = true;
    pause_a_moment(c->engine);
    cli_disconnect(c);
    return cli_connect(c, flags, &err) == 0;
}

void cli_disconnect(struct cli *c)
{
    struct cli_engine *e = c->engine;

    if (!e)
        return;
    client_close(e->client);
    run_loop_free(e->loop);
    free(e->socket);
    free(e);
    c->engine = NULL;
}

const char *cli_engine_socket(const struct cli *c)
{
    return c->engine->socket;
}

/* ---- waiting ---- */
static void on_time(void *ctx)
{
    struct waiting *w = ctx;

    w->timed_out = true;
    wake(w, -1, NULL);
}

static void on_interrupt(int signum, void *ctx)
{
    struct waiting *w = ctx;

    (void)signum;
    w->e->interrupted = true;
    wake(w, -1, NULL);
}

static int run_until(struct waiting *w, uint64_t limit_ms)
{
    struct run_timer *t = limit_ms ? run_timer_start(w->e->loop, limit_ms, 0, on_time, w) : NULL;

    while (!w->done)
        run_loop_run(w->e->loop);
    run_timer_stop(t);
    if (w->timed_out)
        return rk_fail(w->err, RK_TIMEOUT, "%s: no answer in %llu s", w->method->name,
                       (unsigned long long)(limit_ms / 1000));
    return w->rc;
}

static void print_params(struct rk_buf *out, const struct wire_method *m, const void *params)
{
    if (m->params && params)
        wire_print(out, m->params, params);
}

static void on_result(rk_str result, const struct rk_err *err, void *ctx)
{
    struct waiting *w = ctx;
    struct rk_err bad = {0};

    if (w->done)
        return; /* too late: the result's place may be gone */
    if (!err && w->result &&
        wire_read(w->e->arena, w->method->result, result, w->result, &bad)) {
        (void)rk_wrap(&bad, "the engine's answer to %s", w->method->name);
        err = &bad;
    }
    wake(w, err ? -1 : 0, err);
}

static void start_wait(struct cli *c, const char *method, struct waiting *w, struct rk_err *err)
{
    *w = (struct waiting){.e = c->engine, .method = wire_method_find(method), .err = err};
    rk_assert(w->method);
}

int cli_call_within(struct cli *c, const char *method, const void *params, void *result,
                    uint64_t limit_ms, struct rk_err *err)
{
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct waiting *w = rk_arena_alloc(c->arena, sizeof(*w)); /* outlives a late answer */

    start_wait(c, method, w, err);
    w->result = result;
    print_params(&json, w->method, params);
    client_call(c->engine->client, method, rk_buf_view(&json), on_result, w);
    return run_until(w, limit_ms);
}

int cli_call(struct cli *c, const char *method, const void *params, void *result,
             struct rk_err *err)
{
    int rc = cli_call_within(c, method, params, result, 0, err);

    if (rc && again(c, wire_method_find(method), err))
        rc = cli_call_within(c, method, params, result, 0, err);
    return rc;
}

/* ---- subscriptions ---- */
static bool hand_event(struct waiting *w, enum wire_event kind, rk_str data, struct rk_err *bad)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    void *value = rk_arena_alloc(a, w->method->result->size);

    if (wire_read(a, w->method->result, data, value, bad)) {
        (void)rk_wrap(bad, "the engine's event of %s", w->method->name);
        wake(w, -1, bad);
        return false;
    }
    return w->fn(kind, value, w->ctx);
}

static void on_event(enum wire_event kind, rk_str data, const struct rk_err *err, void *ctx)
{
    struct waiting *w = ctx;
    struct rk_err bad = {0};

    if (w->done)
        return;
    if (kind == WIRE_END)
        wake(w, err ? -1 : 0, err);
    else if (w->fn && hand_event(w, kind, data, &bad))
        wake(w, 0, NULL);
    else if (!w->fn)
        on_result(data, NULL, w);
}

static int subscribe(struct cli *c, struct waiting *w, const void *params, uint64_t limit_ms)
{
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct client_sub *sub;
    int rc;

    print_params(&json, w->method, params);
    sub = client_subscribe(c->engine->client, w->method->name, rk_buf_view(&json), on_event, w);
    rc = run_until(w, limit_ms);
    client_unsubscribe(sub);
    return rc;
}

int cli_first(struct cli *c, const char *method, const void *params, void *result,
              struct rk_err *err)
{
    struct waiting w;
    int rc;

    start_wait(c, method, &w, err);
    w.result = result;
    rc = subscribe(c, &w, params, 0);
    if (rc && again(c, w.method, err)) {
        start_wait(c, method, &w, err);
        w.result = result;
        rc = subscribe(c, &w, params, 0);
    }
    return rc;
}

int cli_follow(struct cli *c, const char *method, const void *params, cli_event_fn fn, void *ctx,
               uint64_t limit_ms, struct rk_err *err)
{
    struct waiting w;
    struct run_signal *interrupt;
    int rc;

    start_wait(c, method, &w, err);
    w.fn = fn;
    w.ctx = ctx;
    interrupt = run_signal_start(c->engine->loop, SIGINT, on_interrupt, &w);
    rc = subscribe(c, &w, params, limit_ms);
    run_signal_stop(interrupt);
    if (c->engine->interrupted)
        return rk_fail(err, RK_CANCELLED, "interrupted");
    return rc;
}

/* ---- pages ---- */
static int64_t *number(void *value, const struct wire_shape *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->members[i].type == WIRE_INT && strcmp(s->members[i].name, name) == 0)
            return (int64_t *)(void *)((char *)value + s->members[i].offset);
    rk_fatal("%s has no %s: it is not paged", s->name, name);
}

/* Asks page by page; result gets every row, at most `most` (0: all). */
int cli_pages(struct cli *c, const char *method, void *params, void *result, int64_t most,
              struct rk_err *err)
{
    const struct wire_method *m = wire_method_find(method);
    rk_assert(m);
    int64_t *offset = number(params, m->params, "offset");
    int64_t *limit = number(params, m->params, "limit");
    int64_t n = 0, before;
    void *page = rk_arena_alloc(c->arena, m->result->size);

    memset(result, 0, m->result->size);
    do {
        before = *offset = n;
        *limit = most && most - n < PAGE ? most - n : PAGE;
        if (m->watch ? cli_first(c, method, params, page, err)
                     : cli_call(c, method, params, page, err))
            return -1;
        *number(page, m->result, "offset") = n;
        wire_merge(c->arena, m->result, result, page);
        n = (int64_t)wire_rows(m->result, result);
    } while (n > before && n < *number(result, m->result, "total") && (!most || n < most));
    return 0;
}

int cli_refused(const struct cli *c, const struct rk_err *err)
{
    (void)cli_fail(c, err);
    return err->code == RK_DENIED ? CLI_NO : CLI_ERROR;
}
