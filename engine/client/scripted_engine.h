/*
 * scripted_engine.h: the fixture of the client's tests: a run_server in the same process that notes
 * every request and answers what the test says. No sleeps: WAIT turns the loop until a state is
 * there, five seconds at most.
 */
#ifndef RK_CLIENT_SCRIPTED_ENGINE_H
#define RK_CLIENT_SCRIPTED_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* after the four above */
#include <cmocka.h>

#include "base/file.h"
#include "reckon/client.h"
#include "reckon/time.h"

struct request { int64_t id; char method[40]; char params[200]; };

struct world {
    struct run_loop *loop;
    char dir[64];
    char *path;
    struct run_server *server;
    struct run_line *line;              /* the engine's side of the last connection */
    size_t connections;
    struct request got[4096];           /* without hello */
    size_t n_got;
    char hello[300];                    /* params of the last one */
    const char *hello_answer;           /* NULL: the usual; "": none */
    bool echo;                          /* answers every request with {} at once */

    struct client *c;
    enum client_state state;
    size_t n_states, n_ready;
    struct rk_err why;
    bool close_on_state;
    char results[8][200];
    struct rk_err errors[8];
    size_t n_done;
    bool close_on_done;
    enum wire_event kinds[32];
    char data[32][100];
    struct rk_err end;
    size_t n_events;
    bool close_on_event, unsubscribe_on_event;
    struct client_sub *sub;
};

#define HELLO(protocol) "{\"protocol\":" protocol ",\"epoch\":7,\"engine\":\"session\"," \
                        "\"version\":\"9.9\"}"

static void turn(struct world *w)
{
    struct run_timer *t = run_timer_start(w->loop, 1, 0, (run_fn)run_loop_stop, w->loop);

    run_loop_run(w->loop);
    run_timer_stop(t);
}

#define WAIT(w, expr) do { \
    uint64_t limit_ = rk_mono_ms() + 5000; \
    while (!(expr)) { \
        if (rk_mono_ms() > limit_) \
            fail_msg("waited in vain for %s", #expr); \
        turn(w); \
    } \
} while (0)

/* Lets everything that is on its way arrive: one request more, and its answer. */
#define SETTLE(w) do { \
    size_t before_ = (w)->n_done; \
    client_call((w)->c, "settle", RK_STR_NONE, done, (w)); \
    WAIT(w, (w)->n_got && strcmp((w)->got[(w)->n_got - 1].method, "settle") == 0); \
    answer((w), (w)->n_got - 1, "{}"); \
    (w)->n_got--; \
    WAIT(w, (w)->n_done == before_ + 1); \
    (w)->n_done--; \
} while (0)

/* ---- the engine ---- */

static void engine_send(struct world *w, const struct rk_buf *line)
{
    assert_non_null(w->line);
    assert_true(run_line_send(w->line, rk_buf_view(line), 64u * 1024 * 1024));
}

RK_UNUSED static void engine_raw(struct world *w, const char *text)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_c(&out, text);
    engine_send(w, &out);
}

static void result(struct world *w, int64_t id, const char *json)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_result(&out, id, rk_str_c(json));
    engine_send(w, &out);
}

RK_UNUSED static void answer(struct world *w, size_t i, const char *json)
{
    result(w, w->got[i].id, json);
}

RK_UNUSED static void event(struct world *w, int64_t sub, int64_t epoch, int64_t seq,
                            enum wire_event kind, const char *json)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_event_line(&out, sub, epoch, seq, kind, rk_str_c(json));
    engine_send(w, &out);
}

static void answer_hello(struct world *w, const struct wire_line *l)
{
    snprintf(w->hello, sizeof(w->hello), RK_FMT_STR, RK_ARG_STR(l->body));
    if (!w->hello_answer)
        result(w, l->id, HELLO("1"));
    else if (strncmp(w->hello_answer, "refuse ", 7) == 0) {
        struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct rk_err err;
        rk_fail(&err, RK_UNSUPPORTED, "%s", w->hello_answer + 7);
        wire_error(&out, l->id, &err);
        engine_send(w, &out);
    } else if (*w->hello_answer) {
        result(w, l->id, w->hello_answer);
    }
}

static void engine_line(struct run_line *l, rk_str text, void *ctx)
{
    struct world *w = ctx;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_line req;
    struct rk_err err;

    if (l != w->line)
        return;
    if (wire_parse(a, text, &req, &err) < 0)
        fail_msg("the client sent: %s", err.text);
    if (strcmp(req.method, "hello") == 0) {
        answer_hello(w, &req);
        return;
    }
    if (w->echo) {
        w->n_got++;
        result(w, req.id, "{}");
        return;
    }
    assert_true(w->n_got < RK_LEN(w->got));
    struct request *r = &w->got[w->n_got++];
    r->id = req.id;
    snprintf(r->method, sizeof(r->method), "%s", req.method);
    snprintf(r->params, sizeof(r->params), RK_FMT_STR, RK_ARG_STR(req.body));
}

static void engine_closed(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct world *w = ctx;

    (void)why;
    run_line_free(l);
    if (w->line == l)
        w->line = NULL;
}

static void accepted(struct run_line *l, void *ctx)
{
    static const struct run_line_events events = {.line = engine_line, .closed = engine_closed};
    struct world *w = ctx;

    run_line_free(w->line);
    w->line = l;
    w->connections++;
    run_line_begin(l, &events, WIRE_LINE_MAX, w);
}

static void serve(struct world *w)
{
    struct rk_err err;

    if (run_server_start(w->loop, w->path, 0600, (gid_t)-1, accepted, w, &w->server, &err) < 0)
        fail_msg("%s", err.text);
}

RK_UNUSED static void cut(struct world *w)
{
    run_line_free(w->line);
    w->line = NULL;
}

RK_UNUSED static void stop_serving(struct world *w)
{
    run_server_stop(w->server);
    w->server = NULL;
}

/* ---- the user of the client ---- */

static void state_told(enum client_state s, const struct wire_hello *hello,
                       const struct rk_err *why, void *ctx)
{
    struct world *w = ctx;

    w->state = s;
    w->n_states++;
    w->n_ready += s == CLIENT_READY;
    assert_int_equal(why != NULL, s == CLIENT_LOST || s == CLIENT_FAILED);
    if (why)
        w->why = *why;
    if (s == CLIENT_READY)
        assert_string_equal(hello->engine, "session");
    if (w->close_on_state) {
        client_close(w->c);
        w->c = NULL;
    }
}

RK_UNUSED static void done(rk_str text, const struct rk_err *err, void *ctx)
{
    struct world *w = ctx;
    size_t i = w->n_done++ % RK_LEN(w->results);

    snprintf(w->results[i], sizeof(w->results[i]), RK_FMT_STR, RK_ARG_STR(text));
    if (err)
        w->errors[i] = *err;
    else
        rk_err_clear(&w->errors[i]);
    if (w->close_on_done) {
        client_close(w->c);
        w->c = NULL;
    }
}

RK_UNUSED static void event_told(enum wire_event kind, rk_str text, const struct rk_err *err,
                                 void *ctx)
{
    struct world *w = ctx;
    size_t i = w->n_events++ % RK_LEN(w->kinds);

    w->kinds[i] = kind;
    snprintf(w->data[i], sizeof(w->data[i]), RK_FMT_STR, RK_ARG_STR(text));
    rk_err_clear(&w->end);
    if (err)
        w->end = *err;
    if (w->close_on_event) {
        client_close(w->c);
        w->c = NULL;
    } else if (w->unsubscribe_on_event) {
        client_unsubscribe(w->sub);
        w->sub = NULL;
    }
}

static const struct client_events client_events = {.state = state_told};

static void open_with(struct world *w, struct client_opts opts)
{
    w->c = client_open(w->loop, &opts, &client_events, w);
}

RK_UNUSED static void open_ready(struct world *w, bool reconnect)
{
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path, .reconnect = reconnect});
    WAIT(w, w->state == CLIENT_READY);
}

/* Subscribed as number n, nothing else on the way. */
RK_UNUSED static void subscribe(struct world *w, int n)
{
    char json[40];

    w->sub = client_subscribe(w->c, "applications.watch", RK_STR("{\"offset\":0}"), event_told, w);
    w->n_got = 0;
    WAIT(w, w->n_got == 1);
    snprintf(json, sizeof(json), "{\"sub\":%d}", n);
    answer(w, 0, json);
}

static int setup(void **state)
{
    struct world *w = rk_alloc(sizeof(*w));

    snprintf(w->dir, sizeof(w->dir), "/tmp/reckon-client-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->path = rk_asprintf("%s/e.sock", w->dir);
    w->loop = run_loop_new();
    setenv("XDG_RUNTIME_DIR", w->dir, 1);
    setenv("XDG_STATE_HOME", w->dir, 1);
    unsetenv("RECKON_SOCKET");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    client_close(w->c);
    run_line_free(w->line);
    run_server_stop(w->server);
    turn(w);
    run_loop_free(w->loop);
    assert_int_equal(rk_remove_tree(w->dir, NULL), 0);
    free(w->path);
    free(w);
    return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
