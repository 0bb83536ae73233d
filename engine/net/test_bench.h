/*
 * test_bench.h: one loop with a server and a client on it, for the tests of this room: certificates
 * made with openssl, a handler that behaves by path, callbacks that count.
 */
#ifndef RK_NET_TEST_BENCH_H
#define RK_NET_TEST_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "net/net_int.h"
#include "reckon/time.h"

/* Made once for all tests: two CAs, one server certificate. */
static struct pki {
    char dir[32];
    struct rk_buf ca, other_ca, cert, key;
} pki;

struct bench {
    struct run_loop *loop;
    struct run_timer *guard;
    struct net_server *server;
    struct net_client *client;
    struct net_request *req;
    struct net_exchange *held;
    /* seen by the server */
    int handled, gone;
    struct rk_buf seen;
    /* seen by the client */
    int told, opened, status;
    struct rk_err err;
    struct rk_buf body, type, warning;
    int64_t retry_after_ms;
    uint64_t elapsed_us;
    int give_up;        /* on_bytes: 1 = error, 2 = cancel itself, 3 = free the client */
    size_t bytes;
    /* many streams */
    struct net_exchange *streams[400];
    size_t n_streams;
};

/* ---- certificates ---- */

RK_UNUSED static void openssl(const char *const *args)
{
    const char *argv[40] = {"openssl"};
    for (size_t i = 0; args[i]; i++)
        argv[i + 1] = args[i];
    struct run_child_opts o = {.argv = argv, .cwd = pki.dir};
    struct run_child_result r;
    struct rk_err err;
    assert_int_equal(run_child_wait(&o, &r, &err), 0);
    if (r.exit_code != 0)
        fail_msg(RK_FMT_STR, RK_ARG_STR(r.err_text));
    run_child_result_release(&r);
}
#define OPENSSL(...) openssl((const char *const[]){__VA_ARGS__, NULL})

RK_UNUSED static void load(const char *name, struct rk_buf *out)
{
    struct rk_err err;
    char *path = rk_path_join(pki.dir, name);
    *out = RK_BUF_INIT;
    assert_int_equal(rk_file_read(path, 1 << 20, out, &err), 0);
    free(path);
}

RK_UNUSED static int make_pki(void **state)
{
    (void)state;
    struct rlimit fds = {4096, 4096};
    getrlimit(RLIMIT_NOFILE, &fds);
    fds.rlim_cur = fds.rlim_max < 4096 ? fds.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &fds);
    snprintf(pki.dir, sizeof(pki.dir), "/tmp/rk-net-XXXXXX");
    assert_non_null(mkdtemp(pki.dir));
    static const char *const cas[] = {"ca", "other"};
    for (size_t i = 0; i < 2; i++) {
        char key[16], crt[16], subject[32];
        snprintf(key, sizeof(key), "%s.key", cas[i]);
        snprintf(crt, sizeof(crt), "%s.crt", cas[i]);
        snprintf(subject, sizeof(subject), "/CN=%s", cas[i]);
        OPENSSL("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", crt, "-days", "2", "-subj", subject);
    }
    OPENSSL("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "s.key", "-out", "s.csr", "-subj", "/CN=server", "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:reckon.test");
    OPENSSL("x509", "-req", "-in", "s.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-copy_extensions", "copy", "-out", "s.crt");
    load("ca.crt", &pki.ca);
    load("other.crt", &pki.other_ca);
    load("s.crt", &pki.cert);
    load("s.key", &pki.key);
    return 0;
}

RK_UNUSED static int drop_pki(void **state)
{
    (void)state;
    struct rk_err err;
    rk_buf_release(&pki.ca);
    rk_buf_release(&pki.other_ca);
    rk_buf_release(&pki.cert);
    rk_buf_release(&pki.key);
    return rk_remove_tree(pki.dir, &err);
}

/* ---- bench ---- */

RK_UNUSED static void guard_cb(void *ctx)
{
    (void)ctx;
    fprintf(stderr, "the test hung\n");
    abort();        /* a jump out of the loop would leave it in pieces */
}

#define UNTIL(b, cond)                                                                            \
    while (!(cond))                                                                               \
    run_loop_run((b)->loop)

RK_UNUSED static void wake(struct bench *b)
{
    run_loop_stop(b->loop);
}

RK_UNUSED static void wake_cb(void *ctx)
{
    wake(ctx);
}

RK_UNUSED static void turn(struct bench *b, uint64_t ms)
{
    struct run_timer *t = run_timer_start(b->loop, ms, 0, wake_cb, b);
    run_loop_run(b->loop);
    run_timer_stop(t);
}

RK_UNUSED static void handler(struct net_exchange *x, void *ctx);
RK_UNUSED static void gone_cb(struct net_exchange *x, void *ctx);

RK_UNUSED static void serve(struct bench *b, bool tls)
{
    struct rk_err err = {0};
    struct net_server_opts o = {.address = "127.0.0.1", .handler = handler, .gone = gone_cb,
                                .ctx = b};
    if (tls) {
        o.cert = rk_buf_view(&pki.cert);
        o.key = rk_buf_view(&pki.key);
    }
    if (net_server_start(b->loop, &o, &b->server, &err) != 0)
        fail_msg("%s", err.text);
    assert_true(net_server_port(b->server) > 0);
}

RK_UNUSED static void dial(struct bench *b, const char *scheme, struct net_tls tls)
{
    struct rk_err err = {0};
    char *base = rk_asprintf("%s://127.0.0.1:%u/pre/", scheme, net_server_port(b->server));
    struct net_client_opts o = {.base = base, .tls = tls};
    if (net_client_new(b->loop, &o, &b->client, &err) != 0)
        fail_msg("%s", err.text);
    free(base);
}

RK_UNUSED static void both(struct bench *b)
{
    serve(b, true);
    dial(b, "https", (struct net_tls){.ca = rk_buf_view(&pki.ca)});
}

RK_UNUSED static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));
    b->loop = run_loop_new();
    b->guard = run_timer_start(b->loop, 20000, 0, guard_cb, b);
    b->seen = b->body = b->type = b->warning = RK_BUF_INIT;
    *state = b;
    return 0;
}

RK_UNUSED static int teardown(void **state)
{
    struct bench *b = *state;
    net_client_free(b->client);
    net_server_stop(b->server);
    run_timer_stop(b->guard);
    run_loop_free(b->loop);
    rk_buf_release(&b->seen);
    rk_buf_release(&b->body);
    rk_buf_release(&b->type);
    rk_buf_release(&b->warning);
    free(b);
    return 0;
}

/* ---- the server's behaviour, by path ---- */

RK_UNUSED static void echo(struct bench *b, struct net_exchange *x)
{
    rk_buf_f(&b->seen, "%s %s q=" RK_FMT_STR " flag=%d none=%d host=" RK_FMT_STR
             " auth=" RK_FMT_STR, x->method, x->path, RK_ARG_STR(net_query(x, "q")),
             net_has_query(x, "flag"), net_has_query(x, "none"), RK_ARG_STR(net_header(x, "Host")),
             RK_ARG_STR(net_header(x, "authorization")));
    static const char *const headers[] = {"Retry-After: 7", "Warning: 299 - \"one\"",
                                          "Warning: 299 - \"two\"", NULL};
    net_reply(x, 201, "text/x-echo", x->body, headers);
}

RK_UNUSED static void handler(struct net_exchange *x, void *ctx)
{
    struct bench *b = ctx;
    b->handled++;
    if (rk_str_ends(rk_str_c(x->path), "/echo")) {
        echo(b, x);
    } else if (rk_str_ends(rk_str_c(x->path), "/later")) {
        b->held = x;
        wake(b);
    } else if (rk_str_ends(rk_str_c(x->path), "/big")) {
        char *big = rk_alloc(5 << 20);
        memset(big, 'z', 5 << 20);
        net_reply(x, 200, NULL, (rk_str){big, 5 << 20}, NULL);
        free(big);
    } else if (rk_str_ends(rk_str_c(x->path), "/stream")) {
        net_stream_begin(x, 200, "application/json");
        b->held = x;
        assert_true(b->n_streams < RK_LEN(b->streams));
        b->streams[b->n_streams++] = x;
        wake(b);
    } else if (rk_str_ends(rk_str_c(x->path), "/stop")) {
        net_server_stop(b->server);
        b->server = NULL;
        net_reply(x, 200, NULL, RK_STR("into nothing"), NULL);
        wake(b);
    } else {
        net_reply(x, 404, "text/plain", RK_STR("nothing here"), NULL);
    }
}

RK_UNUSED static void gone_cb(struct net_exchange *x, void *ctx)
{
    struct bench *b = ctx;
    b->gone++;
    for (size_t i = 0; i < b->n_streams; i++)
        if (b->streams[i] == x)
            b->streams[i] = NULL;
    wake(b);
}

/* ---- the client's callbacks ---- */

RK_UNUSED static void done_cb(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct bench *b = ctx;
    b->told++;
    assert_true((r == NULL) == (err != NULL));
    b->err = err ? *err : (struct rk_err){0};
    if (r) {
        b->status = r->status;
        rk_buf_clear(&b->type);
        rk_buf_str(&b->type, r->content_type);
        rk_buf_str(&b->body, r->body);
        rk_buf_str(&b->warning, r->warning);
        b->retry_after_ms = r->retry_after_ms;
        b->elapsed_us = r->elapsed_us;
    }
    wake(b);
}

RK_UNUSED static void open_cb(const struct net_response *r, void *ctx)
{
    struct bench *b = ctx;
    b->opened++;
    b->status = r->status;
    wake(b);
}

RK_UNUSED static int bytes_cb(rk_str bytes, void *ctx, struct rk_err *err)
{
    struct bench *b = ctx;
    b->bytes += bytes.n;
    rk_buf_str(&b->body, bytes);
    wake(b);
    switch (b->give_up) {
    case 1:
        return rk_fail(err, RK_INVALID, "not what was expected");
    case 2:
        net_cancel(b->req);
        return 0;
    case 3:
        net_client_free(b->client);
        b->client = NULL;
        return 0;
    default:
        return 0;
    }
}

RK_UNUSED static void ask(struct bench *b, struct net_request_opts o)
{
    int before = b->told;
    b->req = net_request(b->client, &o, done_cb, b);
    assert_int_equal(b->told, before);
    UNTIL(b, b->told == before + 1);
}

RK_UNUSED static void open_stream(struct bench *b, uint64_t silence_ms)
{
    struct net_request_opts o = {.path = "/stream", .on_bytes = bytes_cb, .on_open = open_cb,
                                 .silence_ms = silence_ms};
    b->req = net_request(b->client, &o, done_cb, b);
    UNTIL(b, b->opened == 1);
    assert_int_equal(b->status, 200);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
