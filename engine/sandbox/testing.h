/*
 * testing.h: what the tests of this room share: a loop, a sandbox, an HTTP client that waits.
 */
#ifndef RK_SANDBOX_TESTING_H
#define RK_SANDBOX_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/net.h"
#include "reckon/doc.h"
#include "reckon/time.h"
#include "sandbox/sandbox.h"

#define JSON "application/json"
#define APPLY "application/apply-patch+yaml"
#define MERGE "application/merge-patch+json"
#define STRATEGIC "application/strategic-merge-patch+json"
#define JSONPATCH "application/json-patch+json"

enum { LIMIT_MS = 10000 };

struct bed {
    struct run_loop *loop;
    struct sandbox *sb;
    struct net_client *client;
    struct rk_arena *arena;     /* of the answers */
    int status;                 /* of the last answer */
    bool done;
    const char *accept;
    struct doc_node *answer;    /* NULL: no JSON */
    rk_str text;
    char warning[512];
};

static inline void bed_connect(struct bed *b)
{
    struct rk_err err;
    const struct net_client_opts opts = {.base = sandbox_url(b->sb),
                                         .tls = {.ca = sandbox_ca(b->sb)},
                                         .user_agent = "tester/1.0"};
    rk_auto(rk_free_str) char *bearer = rk_asprintf("Bearer %s", sandbox_token(b->sb));
    assert_int_equal(net_client_new(b->loop, &opts, &b->client, &err), 0);
    net_client_authorize(b->client, bearer);
}

static inline struct bed *bed_new(const struct sandbox_opts *opts)
{
    struct bed *b = rk_alloc(sizeof(*b));
    const struct sandbox_opts fast = {.pod_delay_ms = 5};
    struct rk_err err = {0};
    b->loop = run_loop_new();
    b->arena = rk_arena_new();
    if (sandbox_start(b->loop, opts ? opts : &fast, &b->sb, &err) < 0)
        fail_msg("%s", err.text);
    bed_connect(b);
    return b;
}

static inline void bed_free(struct bed *b)
{
    net_client_free(b->client);
    sandbox_stop(b->sb);
    rk_arena_free(b->arena);
    run_loop_free(b->loop);
    free(b);
}

static inline void bed_stop_loop(void *ctx)
{
    run_loop_stop(((struct bed *)ctx)->loop);
}

/* Lets the loop run for a moment, or until something stops it. */
static inline void bed_turn(struct bed *b, uint64_t ms)
{
    struct run_timer *t = run_timer_start(b->loop, ms, 0, bed_stop_loop, b);
    run_loop_run(b->loop);
    run_timer_stop(t);
}

static inline void bed_done(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct bed *b = ctx;
    b->done = true;
    b->status = r ? r->status : -1;
    b->text = r ? rk_arena_str(b->arena, r->body) : rk_str_c(rk_arena_strdup(b->arena, err->text));
    b->warning[0] = 0;
    if (r && r->warning.n)
        snprintf(b->warning, sizeof(b->warning), RK_FMT_STR, RK_ARG_STR(r->warning));
    b->answer = NULL;
    if (r && doc_json_read(b->arena, b->text, NULL, &b->answer, NULL) < 0)
        b->answer = NULL;
    run_loop_stop(b->loop);
}

/* One request; its status. body in JSON with ' for ". */
static inline int call(struct bed *b, const char *method, const char *path, const char *type,
                       const char *body)
{
    char content[96], accept[160];
    const char *headers[] = {content, accept, NULL};
    rk_auto(rk_free_str) char *text = rk_strdup(body ? body : "");
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    snprintf(content, sizeof(content), "Content-Type: %s", type ? type : JSON);
    snprintf(accept, sizeof(accept), "Accept: %s", b->accept ? b->accept : JSON);
    const struct net_request_opts opts = {.method = method, .path = path, .headers = headers,
                                          .body = rk_str_c(text)};
    b->done = false;
    assert_non_null(net_request(b->client, &opts, bed_done, b));
    const uint64_t until = rk_mono_ms() + LIMIT_MS;
    while (!b->done && rk_mono_ms() < until)
        bed_turn(b, 100);
    assert_true(b->done);
    return b->status;
}

static inline int get(struct bed *b, const char *path)
{
    return call(b, "GET", path, NULL, NULL);
}

/* A scalar of the last answer at a JSON pointer; "" when it is not there. */
static inline const char *at(struct bed *b, const char *pointer)
{
    const struct doc_node *n = doc_pointer(b->answer, rk_str_c(pointer));
    struct rk_buf text = RK_BUF_INIT;
    const char *out;
    if (doc_type(n) == DOC_STRING || doc_type(n) == DOC_NUMBER)
        return rk_arena_dup(b->arena, doc_text(n).p, doc_text(n).n);
    if (!n)
        return "";
    doc_json_write(&text, n);
    out = rk_arena_dup(b->arena, text.p, text.n);
    rk_buf_release(&text);
    return out;
}

#define assert_at(b, pointer, want) assert_string_equal(at(b, pointer), want)

/* Asks until the value at the pointer is the wanted one, with a limit. */
static inline void wait_at(struct bed *b, const char *path, const char *pointer, const char *want)
{
    const uint64_t until = rk_mono_ms() + LIMIT_MS;
    while (rk_mono_ms() < until) {
        get(b, path);
        if (rk_streq(at(b, pointer), want))
            return;
        bed_turn(b, 5);
    }
    fail_msg("%s%s is '%s', not '%s'", path, pointer, at(b, pointer), want);
}

static inline void wait_status(struct bed *b, const char *path, int status)
{
    const uint64_t until = rk_mono_ms() + LIMIT_MS;
    while (rk_mono_ms() < until) {
        if (get(b, path) == status)
            return;
        bed_turn(b, 5);
    }
    fail_msg("%s answers %d, not %d", path, b->status, status);
}

static inline void make_space(struct bed *b, const char *name)
{
    rk_auto(rk_free_str) char *body = rk_asprintf("{'metadata':{'name':'%s'}}", name);
    assert_int_equal(call(b, "POST", "/api/v1/namespaces", NULL, body), 201);
}

/* ---- streams ---- */

struct stream {
    struct bed *b;
    struct net_request *request;
    struct rk_buf text;
    bool ended;
};

static inline int stream_bytes(rk_str bytes, void *ctx, struct rk_err *err)
{
    struct stream *s = ctx;
    (void)err;
    rk_buf_str(&s->text, bytes);
    run_loop_stop(s->b->loop);
    return 0;
}

static inline void stream_done(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct stream *s = ctx;
    (void)r;
    (void)err;
    s->ended = true;
    s->request = NULL;
    run_loop_stop(s->b->loop);
}

static inline struct stream *stream_open(struct bed *b, const char *path)
{
    struct stream *s = rk_alloc(sizeof(*s));
    s->b = b;
    s->text = RK_BUF_INIT;
    const struct net_request_opts opts = {.path = path, .on_bytes = stream_bytes};
    s->request = net_request(b->client, &opts, stream_done, s);
    return s;
}

static inline void stream_free(struct stream *s)
{
    if (s->request)
        net_cancel(s->request);
    rk_buf_release(&s->text);
    free(s);
}

static inline void stream_wait(struct stream *s, const char *text)
{
    const uint64_t until = rk_mono_ms() + LIMIT_MS;
    while (!strstr(s->text.p, text) && rk_mono_ms() < until)
        bed_turn(s->b, 50);
    if (!strstr(s->text.p, text))
        fail_msg("the stream never said %s, but: %s", text, s->text.p);
}

static inline void stream_wait_end(struct stream *s)
{
    const uint64_t until = rk_mono_ms() + LIMIT_MS;
    while (!s->ended && rk_mono_ms() < until)
        bed_turn(s->b, 50);
    assert_true(s->ended);
}

#endif
