/*
 * link.c: the connection: finds or starts an engine, shakes hands, notices the end, tries again.
 * In: options; out: states, and lines handed to call.c and sub.c. Everything happens on the loop;
 * user functions are called between client_enter and client_leave only, so that one of them may
 * close the client. Owns the line, the ssh child, two timers and the hello.
 *
 *   find -> connect each path -> (start an engine, connect until it answers) -> hello -> READY
 *   READY -> the line breaks -> LOST -> wait 100 ms .. 5 s -> connect ...    (reconnect)
 *                            -> FAILED                                       (else)
 * The first connection is tried once: what hinders it then will hinder it in a minute too.
 */
#include <limits.h>
#include <stdlib.h>

#include "client/client_int.h"

enum {
    HELLO_MS = 10000, HELLO_SSH_MS = 30000, /* ssh in batch mode: connecting and signing in */
    START_MS = 10000, POLL_MS = 5, POLL_LATER_MS = 50,
    WAIT_MS = 100, WAIT_MAX_MS = 5000,
    STEADY_MS = 5000,           /* a line that stood this long was good: start over with WAIT_MS */
};

static void try_path(struct client *c);
static void line_closed(struct run_line *l, const struct rk_err *why, void *ctx);

/* ---- life ---- */

static void client_free(struct client *c)
{
    for (size_t i = 0; i < c->n_paths; i++)
        free(c->paths[i]);
    rk_arena_free(c->hello_arena);
    free(c->socket);
    free(c->profile);
    free(c->host);
    free(c->repo);
    free(c->engine_program);
    free(c);
}

void client_enter(struct client *c)
{
    c->depth++;
}

void client_leave(struct client *c)
{
    if (--c->depth == 0 && c->closed)
        client_free(c);
}

static void drop_line(struct client *c, struct rk_err *why)
{
    run_line_free(c->line);
    c->line = NULL;
    client_ssh_end(c->ssh, why);
    c->ssh = NULL;
    client_calls_forget(c);
}

static void disarm(struct client *c)
{
    run_timer_stop(c->timer);
    c->timer = NULL;
    c->step = STEP_IDLE;
}

void client_close(struct client *c)
{
    if (!c || c->closed)
        return;
    c->closed = true;
    if (c->attempt)
        c->attempt->c = NULL;
    disarm(c);
    run_timer_stop(c->kick);
    drop_line(c, NULL);
    client_calls_free(c);
    client_subs_free(c);
    if (c->depth == 0)
        client_free(c);
}

static void kick_cb(void *ctx)
{
    struct client *c = ctx;

    client_enter(c);
    run_timer_stop(c->kick);
    c->kick = NULL;
    client_calls_refused(c);
    if (!c->closed && c->state == CLIENT_FAILED)
        client_subs_fail(c);
    client_leave(c);
}

void client_kick(struct client *c)
{
    if (!c->kick)
        c->kick = run_timer_start(c->loop, 0, 0, kick_cb, c);
}

/* ---- states ---- */

static void tell_state(struct client *c, enum client_state s)
{
    bool why = s == CLIENT_LOST || s == CLIENT_FAILED;

    c->state = s;
    c->ev.state(s, c->was_ready ? &c->hello : NULL, why ? &c->why : NULL, c->ctx);
}

static void fail_for_good(struct client *c, const struct rk_err *why)
{
    c->why = *why;
    disarm(c);
    drop_line(c, NULL);
    client_subs_broken(c);
    tell_state(c, CLIENT_FAILED);
    if (!c->closed)
        client_calls_fail(c);
    if (!c->closed)
        client_subs_fail(c);
}

static bool may_pass(enum rk_code code)
{
    return code == RK_UNAVAILABLE || code == RK_TIMEOUT || code == RK_NOT_FOUND ||
           code == RK_CANCELLED;
}

static void on_timer(void *ctx);

static void arm(struct client *c, enum client_step step, uint64_t ms)
{
    disarm(c);
    c->step = step;
    c->timer = run_timer_start(c->loop, ms, 0, on_timer, c);
}

static void try_later(struct client *c)
{
    arm(c, STEP_AGAIN, c->wait_ms);
    c->wait_ms = c->wait_ms * 2 < WAIT_MAX_MS ? c->wait_ms * 2 : WAIT_MAX_MS;
}

/* Neither path, start nor hello worked. */
static void attempt_failed(struct client *c, const struct rk_err *why)
{
    struct rk_err err = *why;
    bool news = strcmp(c->why.text, err.text) != 0;

    drop_line(c, c->ssh ? &err : NULL);
    if (!c->was_ready || !c->reconnect || !may_pass(err.code)) {
        fail_for_good(c, &err);
        return;
    }
    c->why = err;
    try_later(c);
    if (news)
        tell_state(c, CLIENT_LOST);
}

/* A line that was READY. */
static void line_broke(struct client *c, const struct rk_err *why)
{
    struct rk_err err = *why;

    drop_line(c, c->ssh ? &err : NULL);
    if (run_loop_now(c->loop) - c->ready_at >= STEADY_MS)
        c->wait_ms = WAIT_MS;
    if (c->farewell.code)
        err = c->farewell;
    if (!c->reconnect || c->farewell.code == RK_CANCELLED) {
        fail_for_good(c, &err);
        return;
    }
    c->why = err;
    client_subs_broken(c);
    try_later(c);
    tell_state(c, CLIENT_LOST);
    if (!c->closed)
        client_calls_broken(c, &err);
}

static void line_ended(struct client *c, const struct rk_err *why)
{
    if (c->state == CLIENT_READY)
        line_broke(c, why);
    else
        attempt_failed(c, why);
}

/* ---- hello ---- */

/* A folder by its whole path: what an engine is started with, and tells in its hello. */
static char *whole_path(const char *repo)
{
    char full[PATH_MAX];

    if (!repo)
        return NULL;
    return rk_strdup(realpath(repo, full) ? full : repo);
}

/* Behind "//", a URL without who asks: an engine does not tell that. */
static const char *without_user(const char *url)
{
    const char *at = strstr(url, "://"), *end;

    if (!at || strncmp(url, "http", 4) != 0)
        return url;
    end = strchr(at + 3, '@');
    return end && !memchr(at + 3, '/', (size_t)(end - at - 3)) ? end + 1 : at + 3;
}

/* --repo names what is to be seen: an engine that was started for another must not stand in. */
static int check_repo(const struct client *c, const struct wire_hello *h, struct rk_err *err)
{
    const char *first = h->n_repositories ? h->repositories[0].url : NULL;

    if (!c->repo || c->host)
        return 0;
    for (size_t i = 0; i < h->n_repositories; i++)
        if (h->repositories[i].url &&
            strcmp(without_user(h->repositories[i].url), without_user(c->repo)) == 0)
            return 0;
    return rk_fail(err, RK_CONFLICT, "the engine that runs (process %lld, profile %s) watches %s, "
                   "not the one that --repo names: stop it, or start another with --profile NAME",
                   (long long)h->pid, h->profile ? h->profile : c->profile,
                   first ? first : "no repository");
}

static int take_hello(struct client *c, rk_str result, struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new();
    struct wire_hello h;

    if (wire_read(a, &wire_shape_hello, result, &h, err) < 0) {
        rk_arena_free(a);
        return rk_wrap(err, "the engine's hello");
    }
    if (h.protocol < WIRE_PROTOCOL) {
        rk_fail(err, RK_UNSUPPORTED, "the engine (%s, protocol %d) is older than this program "
                "(%s, protocol %d): restart the engine, or use a program of its version",
                h.version ? h.version : "?", (int)h.protocol, RK_VERSION, WIRE_PROTOCOL);
        rk_arena_free(a);
        return -1;
    }
    if (check_repo(c, &h, err)) {
        rk_arena_free(a);
        return -1;
    }
    rk_arena_free(c->hello_arena);
    c->hello_arena = a;
    c->hello = h;
    return 0;
}

static void hello_answered(rk_str result, const struct rk_err *err, void *ctx)
{
    struct client *c = ctx;
    struct rk_err bad;

    if (err) {
        attempt_failed(c, err);
        return;
    }
    if (take_hello(c, result, &bad) < 0) {
        attempt_failed(c, &bad);
        return;
    }
    disarm(c);
    c->was_ready = true;
    c->used = c->at;
    c->ready_at = run_loop_now(c->loop);
    rk_err_clear(&c->why);
    rk_err_clear(&c->farewell);
    tell_state(c, CLIENT_READY);
    if (c->closed || c->state != CLIENT_READY)
        return;
    client_subs_ask(c);
    client_calls_pump(c);
}

static void shake_hands(struct client *c)
{
    struct rk_buf params rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_hello_params p = {WIRE_PROTOCOL, "reckon " RK_VERSION, c->readonly};
    struct client_call *call;

    wire_print(&params, &wire_shape_hello_params, &p);
    call = client_call_add(c, "hello", rk_buf_view(&params), hello_answered, c);
    call->internal = true;
    if (!client_call_send(c, call))
        return;                 /* a dead line: its end is told */
    if (c->host && !c->reconnect)
        disarm(c);              /* somebody may be typing a password */
    else
        arm(c, STEP_HELLO, c->host ? HELLO_SSH_MS : HELLO_MS);
}

/* ---- lines ---- */

static void take_event(struct client *c, const struct wire_line *l)
{
    if (l->sub == 0 && l->event == WIRE_END) {
        c->farewell = l->error;
        if (!c->farewell.code)
            rk_fail(&c->farewell, RK_CANCELLED, "the engine was stopped");
        return;
    }
    client_subs_event(c, l);
}

static void line_came(struct run_line *l, rk_str text, void *ctx)
{
    struct client *c = ctx;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_line parsed;
    struct rk_err err;

    (void)l;
    client_enter(c);
    if (wire_parse(a, text, &parsed, &err) < 0) {
        rk_wrap(&err, "the engine sent what is no answer");
        line_ended(c, &err);
    } else if (parsed.what == WIRE_EVENT) {
        take_event(c, &parsed);
    } else if (parsed.what != WIRE_REQUEST) {
        client_calls_answer(c, &parsed);
    }
    client_leave(c);
}

static void line_room(struct run_line *l, void *ctx)
{
    struct client *c = ctx;

    (void)l;
    if (c->state == CLIENT_READY)
        client_calls_pump(c);
}

static void line_closed(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct client *c = ctx;
    struct rk_err err = *why;

    (void)l;
    if (err.code == RK_UNAVAILABLE)
        rk_fail(&err, RK_UNAVAILABLE, "the engine closed the connection");
    client_enter(c);
    line_ended(c, &err);
    client_leave(c);
}

static void use_line(struct client *c, struct run_line *line)
{
    static const struct run_line_events events = {
        .line = line_came, .room = line_room, .closed = line_closed,
    };

    c->line = line;
    run_line_begin(line, &events, WIRE_LINE_MAX, c);
    shake_hands(c);
}

/* ---- finding one that answers ---- */

static void no_answer(struct client *c)
{
    struct rk_buf words rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err;

    if (!c->started) {
        rk_fail(&err, RK_NOT_FOUND, "no engine answers at %s%s%s: start one with `reckon engine`, "
                "or name its socket with --socket", c->paths[0], c->n_paths > 1 ? " or " : "",
                c->n_paths > 1 ? c->paths[1] : "");
        attempt_failed(c, &err);
        return;
    }
    client_engine_words(c, &words);
    rk_fail(&err, RK_TIMEOUT, "the engine that was started did not answer at %s within %d s: %s",
            c->paths[c->n_paths - 1], START_MS / 1000, words.n ? words.p : "it said nothing");
    attempt_failed(c, &err);
}

/* Never in the place of a system engine that went away: that one comes back. */
static bool may_start(const struct client *c)
{
    return c->start && !c->socket && (!c->was_ready || c->used == c->n_paths - 1);
}

static void none_answered(struct client *c)
{
    uint64_t now = run_loop_now(c->loop);
    struct rk_err err;

    if (c->denied.code) {
        err = c->denied;
        attempt_failed(c, &err);
        return;
    }
    if (may_start(c) && !c->started) {
        if (client_start_engine(c, &err) < 0) {
            attempt_failed(c, &err);
            return;
        }
        c->started = true;
        c->deadline = now + START_MS;
    }
    if (!c->started || now >= c->deadline) {
        no_answer(c);
        return;
    }
    c->at = c->n_paths - 1;
    arm(c, STEP_CONNECT, c->deadline - now > START_MS - 1000 ? POLL_MS : POLL_LATER_MS);
}

static void connected(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct client_attempt *attempt = ctx;
    struct client *c = attempt->c;

    free(attempt);
    if (!c) {
        run_line_free(l);
        return;
    }
    c->attempt = NULL;
    client_enter(c);
    if (l) {
        use_line(c, l);
    } else {
        /* There, but not for us: another engine is not started behind its back. */
        if (!may_pass(why->code) && !c->denied.code)
            c->denied = *why;
        c->at++;
        try_path(c);
    }
    client_leave(c);
}

static void try_path(struct client *c)
{
    if (c->at >= (c->was_ready ? c->used + 1 : c->n_paths)) {
        none_answered(c);
        return;
    }
    c->attempt = rk_alloc(sizeof(*c->attempt));
    c->attempt->c = c;
    run_connect(c->loop, c->paths[c->at], connected, c->attempt);
}

static void begin_attempt(struct client *c)
{
    struct run_line *line = NULL;
    struct rk_err err;

    c->at = c->used;            /* 0 before the first READY */
    c->started = false;
    rk_err_clear(&c->denied);
    if (!c->host) {
        try_path(c);
        return;
    }
    if (client_ssh_start(c, &c->ssh, &line, &err) < 0)
        attempt_failed(c, &err);
    else
        use_line(c, line);
}

static void on_timer(void *ctx)
{
    struct client *c = ctx;
    enum client_step step = c->step;
    struct rk_err err;

    client_enter(c);
    disarm(c);
    switch (step) {
    case STEP_CONNECT:
        try_path(c);
        break;
    case STEP_AGAIN:
        begin_attempt(c);
        break;
    case STEP_HELLO:
        rk_fail(&err, RK_TIMEOUT, "the engine did not answer hello within %d s",
                (c->host ? HELLO_SSH_MS : HELLO_MS) / 1000);
        attempt_failed(c, &err);
        break;
    case STEP_IDLE:
        break;
    }
    client_leave(c);
}

/* ---- open ---- */

static char *copy(const char *s)
{
    return s && *s ? rk_strdup(s) : NULL;
}

/* Options that cannot work are told as every failure is: later, by FAILED. */
static void first_turn(void *ctx)
{
    struct client *c = ctx;
    struct rk_err err;

    client_enter(c);
    disarm(c);
    if (client_find(c, &err) < 0)
        fail_for_good(c, &err);
    else
        begin_attempt(c);
    client_leave(c);
}

struct client *client_open(struct run_loop *loop, const struct client_opts *opts,
                           const struct client_events *ev, void *ctx)
{
    struct client *c = rk_alloc(sizeof(*c));

    c->loop = loop;
    c->ev = *ev;
    c->ctx = ctx;
    c->socket = copy(opts->socket);
    c->profile = rk_strdup(opts->profile ? opts->profile : "default");
    c->host = copy(opts->host);
    c->repo = whole_path(opts->repo);
    c->engine_program = copy(opts->engine_program);
    c->start = opts->start;
    c->reconnect = opts->reconnect;
    c->readonly = opts->readonly;
    c->wait_ms = WAIT_MS;
    c->calls_end = &c->calls;
    c->timer = run_timer_start(loop, 0, 0, first_turn, c);
    return c;
}
