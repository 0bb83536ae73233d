/* net_test.c: client and server against each other over TLS, and against bad peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

static void openssl(const char *const *args)
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

static void load(const char *name, struct rk_buf *out)
{
    struct rk_err err;
    char *path = rk_path_join(pki.dir, name);
    *out = RK_BUF_INIT;
    assert_int_equal(rk_file_read(path, 1 << 20, out, &err), 0);
    free(path);
}

static int make_pki(void **state)
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

static int drop_pki(void **state)
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

static void guard_cb(void *ctx)
{
    (void)ctx;
    fprintf(stderr, "the test hung\n");
    abort();        /* a jump out of the loop would leave it in pieces */
}

#define UNTIL(b, cond)                                                                            \
    while (!(cond))                                                                               \
    run_loop_run((b)->loop)

static void wake(struct bench *b)
{
    run_loop_stop(b->loop);
}

static void wake_cb(void *ctx)
{
    wake(ctx);
}

static void turn(struct bench *b, uint64_t ms)
{
    struct run_timer *t = run_timer_start(b->loop, ms, 0, wake_cb, b);
    run_loop_run(b->loop);
    run_timer_stop(t);
}

static void handler(struct net_exchange *x, void *ctx);
static void gone_cb(struct net_exchange *x, void *ctx);

static void serve(struct bench *b, bool tls)
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

static void dial(struct bench *b, const char *scheme, struct net_tls tls)
{
    struct rk_err err = {0};
    char *base = rk_asprintf("%s://127.0.0.1:%u/pre/", scheme, net_server_port(b->server));
    struct net_client_opts o = {.base = base, .tls = tls};
    if (net_client_new(b->loop, &o, &b->client, &err) != 0)
        fail_msg("%s", err.text);
    free(base);
}

static void both(struct bench *b)
{
    serve(b, true);
    dial(b, "https", (struct net_tls){.ca = rk_buf_view(&pki.ca)});
}

static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));
    b->loop = run_loop_new();
    b->guard = run_timer_start(b->loop, 20000, 0, guard_cb, b);
    b->seen = b->body = b->type = b->warning = RK_BUF_INIT;
    *state = b;
    return 0;
}

static int teardown(void **state)
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

static void echo(struct bench *b, struct net_exchange *x)
{
    rk_buf_f(&b->seen, "%s %s q=" RK_FMT_STR " flag=%d none=%d host=" RK_FMT_STR
             " auth=" RK_FMT_STR, x->method, x->path, RK_ARG_STR(net_query(x, "q")),
             net_has_query(x, "flag"), net_has_query(x, "none"), RK_ARG_STR(net_header(x, "Host")),
             RK_ARG_STR(net_header(x, "authorization")));
    static const char *const headers[] = {"Retry-After: 7", "Warning: 299 - \"one\"",
                                          "Warning: 299 - \"two\"", NULL};
    net_reply(x, 201, "text/x-echo", x->body, headers);
}

static void handler(struct net_exchange *x, void *ctx)
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

static void gone_cb(struct net_exchange *x, void *ctx)
{
    struct bench *b = ctx;
    b->gone++;
    for (size_t i = 0; i < b->n_streams; i++)
        if (b->streams[i] == x)
            b->streams[i] = NULL;
    wake(b);
}

/* ---- the client's callbacks ---- */

static void done_cb(const struct net_response *r, const struct rk_err *err, void *ctx)
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

static void open_cb(const struct net_response *r, void *ctx)
{
    struct bench *b = ctx;
    b->opened++;
    b->status = r->status;
    wake(b);
}

static int bytes_cb(rk_str bytes, void *ctx, struct rk_err *err)
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

static void ask(struct bench *b, struct net_request_opts o)
{
    int before = b->told;
    b->req = net_request(b->client, &o, done_cb, b);
    assert_int_equal(b->told, before);
    UNTIL(b, b->told == before + 1);
}

static void open_stream(struct bench *b, uint64_t silence_ms)
{
    struct net_request_opts o = {.path = "/stream", .on_bytes = bytes_cb, .on_open = open_cb,
                                 .silence_ms = silence_ms};
    b->req = net_request(b->client, &o, done_cb, b);
    UNTIL(b, b->opened == 1);
    assert_int_equal(b->status, 200);
}

/* ---- short requests ---- */

static void request_and_answer(void **state)
{
    struct bench *b = *state;
    both(b);
    net_client_authorize(b->client, "Bearer tok-1");
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    ask(b, (struct net_request_opts){.method = "PUT", .path = "/a%20b/echo?q=x%26y%2F&flag",
                                     .headers = headers, .body = RK_STR("{\"a\":1}")});
    assert_int_equal(b->err.code, RK_OK);
    char *want = rk_asprintf("PUT /pre/a b/echo q=x&y/ flag=1 none=0 host=127.0.0.1:%u "
                             "auth=Bearer tok-1", net_server_port(b->server));
    assert_string_equal(b->seen.p, want);
    free(want);
    assert_int_equal(b->status, 201);
    assert_string_equal(b->body.p, "{\"a\":1}");
    assert_string_equal(b->type.p, "text/x-echo");
    assert_string_equal(b->warning.p, "299 - \"one\"\n299 - \"two\"");
    assert_int_equal(b->retry_after_ms, 7000);
    assert_in_range(b->elapsed_us, 1, 20000000);
}

static void a_status_is_no_error(void **state)
{
    struct bench *b = *state;
    both(b);
    ask(b, (struct net_request_opts){.path = "/x"});
    assert_int_equal(b->status, 404);
    assert_string_equal(b->body.p, "nothing here");
    ask(b, (struct net_request_opts){.method = "HEAD", .path = "/x"});
    assert_int_equal(b->status, 404);
    assert_string_equal(b->body.p, "nothing here");     /* nothing was added */
    assert_int_equal(b->retry_after_ms, -1);
}

static void methods_with_and_without_a_body(void **state)
{
    struct bench *b = *state;
    static const char *const methods[] = {"POST", "PATCH", "DELETE", "GET"};
    both(b);
    for (size_t i = 0; i < RK_LEN(methods); i++) {
        rk_buf_clear(&b->seen);
        rk_buf_clear(&b->body);
        ask(b, (struct net_request_opts){.method = methods[i], .path = "echo"});
        assert_true(rk_str_starts(rk_buf_view(&b->seen), methods[i]));
        assert_string_equal(b->body.p, "");
    }
    ask(b, (struct net_request_opts){.method = "DELETE", .path = "/echo", .body = RK_STR("x")});
    assert_string_equal(b->body.p, "x");
}

static void answered_later(void **state)
{
    struct bench *b = *state;
    both(b);
    struct net_request_opts o = {.path = "/later"};
    b->req = net_request(b->client, &o, done_cb, b);
    UNTIL(b, b->held);
    turn(b, 30);
    assert_int_equal(b->told, 0);
    net_reply(b->held, 200, NULL, RK_STR("late"), NULL);
    UNTIL(b, b->told);
    assert_string_equal(b->body.p, "late");
}

static void request_body_limit(void **state)
{
    struct bench *b = *state;
    size_t n = (3u << 20) + 1;
    char *big = rk_alloc(n);
    memset(big, 'b', n);
    both(b);
    ask(b, (struct net_request_opts){.method = "POST", .path = "/echo", .body = {big, n - 1}});
    assert_int_equal(b->status, 201);
    assert_int_equal(b->body.n, n - 1);
    ask(b, (struct net_request_opts){.method = "POST", .path = "/echo", .body = {big, n}});
    free(big);
    assert_int_equal(b->handled, 1);
    assert_true(b->err.code == RK_UNAVAILABLE || b->status == 413);
}

static void answer_body_limit(void **state)
{
    struct bench *b = *state;
    both(b);
    ask(b, (struct net_request_opts){.path = "/big", .body_limit = 5 << 20});
    assert_int_equal(b->body.n, 5 << 20);
    ask(b, (struct net_request_opts){.path = "/big", .body_limit = (5 << 20) - 1});
    assert_int_equal(b->err.code, RK_LIMIT);
    assert_non_null(strstr(b->err.text, "5242879"));
}

static void timeout_and_an_answer_nobody_waits_for(void **state)
{
    struct bench *b = *state;
    both(b);
    ask(b, (struct net_request_opts){.path = "/later?token=geheim", .timeout_ms = 150});
    assert_int_equal(b->err.code, RK_TIMEOUT);
    assert_non_null(strstr(b->err.text, "GET https://127.0.0.1:"));
    assert_null(strstr(b->err.text, "geheim"));
    net_reply(b->held, 200, NULL, RK_STR("late"), NULL);
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->status, 201);
}

static void cancelled_is_not_told(void **state)
{
    struct bench *b = *state;
    both(b);
    struct net_request_opts o = {.path = "/later"};
    b->req = net_request(b->client, &o, done_cb, b);
    net_cancel(b->req);
    b->req = net_request(b->client, &o, done_cb, b);
    UNTIL(b, b->held);
    net_cancel(b->req);
    net_reply(b->held, 200, NULL, RK_STR("late"), NULL);
    turn(b, 20);
    assert_int_equal(b->told, 0);
}

static void many_short_requests(void **state)
{
    struct bench *b = *state;
    both(b);
    struct net_request_opts o = {.path = "/echo"};
    for (int i = 0; i < 500; i++)
        assert_non_null(net_request(b->client, &o, done_cb, b));
    UNTIL(b, b->told == 500);
    assert_int_equal(b->handled, 500);
    assert_int_equal(b->err.code, RK_OK);
}

static void nobody_listens(void **state)
{
    struct bench *b = *state;
    both(b);
    net_server_stop(b->server);
    b->server = NULL;
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    struct net_request_opts o = {.path = "/stream", .on_bytes = bytes_cb};
    for (int i = 0; i < 20; i++)        /* the first goes alone; its failure ends all */
        assert_non_null(net_request(b->client, &o, done_cb, b));
    UNTIL(b, b->told == 21);
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
}

static void bad_bases(void **state)
{
    struct bench *b = *state;
    static const char *const bad[] = {"", "ftp://h/", "127.0.0.1:1", "https://", "https://u:p@h/",
                                      "https://h?x=1", "file:///etc/passwd"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct rk_err err = {0};
        struct net_client_opts o = {.base = bad[i]};
        assert_int_equal(net_client_new(b->loop, &o, &b->client, &err), -1);
        assert_int_equal(err.code, RK_INVALID);
        assert_null(strstr(err.text, "u:p"));
    }
}

/* ---- trust ---- */

static void wrong_ca_is_rejected(void **state)
{
    struct bench *b = *state;
    serve(b, true);
    dial(b, "https", (struct net_tls){.ca = rk_buf_view(&pki.other_ca)});
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    assert_non_null(strstr(b->err.text, "certificate is not trusted"));
    assert_int_equal(b->handled, 0);
}

static void no_ca_means_the_systems(void **state)
{
    struct bench *b = *state;
    serve(b, true);
    dial(b, "https", (struct net_tls){.insecure = false});
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    assert_int_equal(b->handled, 0);
}

static void insecure_accepts_any(void **state)
{
    struct bench *b = *state;
    serve(b, true);
    dial(b, "https", (struct net_tls){.insecure = true});
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->status, 201);
}

static void a_broken_ca_is_our_mistake(void **state)
{
    struct bench *b = *state;
    serve(b, true);
    dial(b, "https", (struct net_tls){.ca = RK_STR("no certificate")});
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->err.code, RK_INVALID);
}

static void server_name_is_checked_and_host_is_real(void **state)
{
    struct bench *b = *state;
    serve(b, true);
    dial(b, "https", (struct net_tls){.ca = rk_buf_view(&pki.ca), .server_name = "reckon.test"});
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->status, 201);
    char *host = rk_asprintf("host=127.0.0.1:%u ", net_server_port(b->server));
    assert_non_null(strstr(b->seen.p, host));
    free(host);
    net_client_free(b->client);
    dial(b, "https", (struct net_tls){.ca = rk_buf_view(&pki.ca), .server_name = "other.test"});
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
}

struct pinned {
    struct bench *b;
    struct net_client client;
    char *url, *capath;
    bool with_ours;
    CURLcode rc;
};

static size_t sink(char *p, size_t size, size_t n, void *ctx)
{
    (void)p;
    (void)ctx;
    return size * n;
}

/* Blocks, so it runs in the pool while the loop serves. */
static void perform(void *ctx, const atomic_bool *cancelled)
{
    struct pinned *p = ctx;
    struct rk_err err;
    CURL *e = curl_easy_init();
    struct curl_blob ca = {p->client.ca.p, p->client.ca.n, CURL_BLOB_COPY};
    (void)cancelled;
    curl_easy_setopt(e, CURLOPT_URL, p->url);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, sink);
    curl_easy_setopt(e, CURLOPT_CAPATH, p->capath);     /* in place of the compiled-in folder */
    curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &ca);
    if (p->with_ours && net_tls_set(e, &p->client, &err) != 0)
        p->rc = CURLE_FAILED_INIT;
    else
        p->rc = curl_easy_perform(e);
    curl_easy_cleanup(e);
}

static void performed(void *ctx, bool cancelled)
{
    struct pinned *p = ctx;
    (void)cancelled;
    p->b->told++;
    wake(p->b);
}

/* The trap: a CA in the system's folder is accepted beside the one that was given. */
static void given_ca_is_the_only_one(void **state)
{
    struct bench *b = *state;
    serve(b, true);
    const char *const argv[] = {"openssl", "x509", "-hash", "-noout", "-in", "ca.crt", NULL};
    struct run_child_opts o = {.argv = argv, .cwd = pki.dir};
    struct run_child_result r;
    struct rk_err err;
    assert_int_equal(run_child_wait(&o, &r, &err), 0);
    char *dir = rk_path_join(pki.dir, "capath");
    char *name = rk_asprintf("%s/%.8s.0", dir, r.out.p);
    run_child_result_release(&r);
    assert_int_equal(rk_mkdirs(dir, 0700, &err), 0);
    assert_int_equal(rk_file_write(name, rk_buf_view(&pki.ca), 0600, &err), 0);
    struct pinned p = {.b = b, .capath = dir, .client = {.ca = pki.other_ca}};
    p.url = rk_asprintf("https://127.0.0.1:%u/echo", net_server_port(b->server));
    assert_non_null(run_job_start(b->loop, perform, performed, &p));
    UNTIL(b, b->told == 1);
    assert_int_equal(p.rc, CURLE_OK);           /* without CAPATH = NULL */
    p.with_ours = true;
    assert_non_null(run_job_start(b->loop, perform, performed, &p));
    UNTIL(b, b->told == 2);
    assert_int_equal(p.rc, CURLE_PEER_FAILED_VERIFICATION);
    free(p.url);
    free(name);
    free(dir);
}

static void token_never_goes_over_plain_http(void **state)
{
    struct bench *b = *state;
    serve(b, false);
    dial(b, "http", (struct net_tls){.insecure = false});
    net_client_authorize(b->client, "Bearer tok-1");
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->status, 201);
    assert_true(rk_str_ends(rk_buf_view(&b->seen), "auth="));
}

static void token_changes_and_ends(void **state)
{
    struct bench *b = *state;
    both(b);
    static const char *const tokens[] = {"Bearer a", "Bearer b", ""};
    for (size_t i = 0; i < RK_LEN(tokens); i++) {
        net_client_authorize(b->client, tokens[i]);
        rk_buf_clear(&b->seen);
        ask(b, (struct net_request_opts){.path = "/echo"});
        char *end = rk_asprintf("auth=%s", tokens[i]);
        assert_true(rk_str_ends(rk_buf_view(&b->seen), end));
        free(end);
    }
}

/* ---- streams ---- */

static void stream_writes_pauses_and_ends(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 0);
    assert_int_equal(b->told, 0);
    assert_true(net_stream_write(b->held, RK_STR("one\n")));
    UNTIL(b, b->bytes == 4);
    turn(b, 60);                        /* suspended meanwhile */
    uint64_t start = rk_mono_us();
    assert_true(net_stream_write(b->held, RK_STR("two\n")));
    assert_true(net_stream_write(b->held, RK_STR("three\n")));
    UNTIL(b, b->bytes == 14);
    assert_true(rk_mono_us() - start < 100000);
    net_stream_end(b->held);
    UNTIL(b, b->told);
    assert_int_equal(b->err.code, RK_OK);
    assert_string_equal(b->body.p, "one\ntwo\nthree\n");
    assert_string_equal(b->type.p, "application/json");
    assert_int_equal(b->gone, 0);
}

static void large_stream(void **state)
{
    struct bench *b = *state;
    char *big = rk_alloc(10 << 20);
    memset(big, 's', 10 << 20);
    both(b);
    open_stream(b, 0);
    assert_true(net_stream_write(b->held, (rk_str){big, 10 << 20}));
    net_stream_end(b->held);
    UNTIL(b, b->told);
    assert_int_equal(b->bytes, 10 << 20);
    assert_int_equal(b->body.n, 10 << 20);
    assert_memory_equal(b->body.p, big, 10 << 20);
    free(big);
}

static void a_client_that_leaves_a_quiet_stream_is_noticed(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 0);
    assert_true(net_stream_write(b->held, RK_STR("x")));
    UNTIL(b, b->bytes == 1);
    turn(b, 30);
    net_cancel(b->req);
    UNTIL(b, b->gone == 1);
    assert_int_equal(b->told, 0);
    ask(b, (struct net_request_opts){.path = "/echo"});
    assert_int_equal(b->status, 201);
}

static void server_gone_mid_stream(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 0);
    assert_true(net_stream_write(b->held, RK_STR("x")));
    UNTIL(b, b->bytes == 1);
    net_server_stop(b->server);
    b->server = NULL;
    assert_int_equal(b->gone, 1);       /* told inside net_server_stop */
    UNTIL(b, b->told);
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
}

static void reader_gives_up(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 0);
    b->give_up = 1;
    assert_true(net_stream_write(b->held, RK_STR("junk")));
    UNTIL(b, b->told && b->gone);
    assert_int_equal(b->err.code, RK_INVALID);
    assert_string_equal(b->err.text, "not what was expected");
}

static void reader_cancels_inside_its_callback(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 0);
    b->give_up = 2;
    assert_true(net_stream_write(b->held, RK_STR("junk")));
    UNTIL(b, b->gone);
    assert_int_equal(b->told, 0);
}

static void client_freed_inside_a_callback(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 0);
    b->give_up = 3;
    assert_true(net_stream_write(b->held, RK_STR("junk")));
    UNTIL(b, b->gone);
    assert_null(b->client);
    assert_int_equal(b->told, 0);
}

static void a_refused_stream_brings_its_body(void **state)
{
    struct bench *b = *state;
    both(b);
    ask(b, (struct net_request_opts){.path = "/none", .on_bytes = bytes_cb, .on_open = open_cb});
    assert_int_equal(b->opened, 1);
    assert_int_equal(b->bytes, 0);
    assert_int_equal(b->status, 404);
    assert_string_equal(b->body.p, "nothing here");
}

static void silence_is_a_timeout(void **state)
{
    struct bench *b = *state;
    both(b);
    open_stream(b, 200);
    uint64_t start = rk_mono_ms();
    for (int i = 0; i < 6; i++) {       /* bytes keep it alive beyond its limit */
        turn(b, 50);
        assert_int_equal(b->told, 0);
        assert_true(net_stream_write(b->held, RK_STR("x")));
        UNTIL(b, b->bytes == (size_t)i + 1);
    }
    UNTIL(b, b->told);
    assert_int_equal(b->err.code, RK_TIMEOUT);
    assert_in_range(rk_mono_ms() - start, 490, 2000);
    UNTIL(b, b->gone);
}

static void three_hundred_streams(void **state)
{
    struct bench *b = *state;
    enum { N = 300 };
    static struct net_request *reqs[N];
    both(b);
    struct net_request_opts o = {.path = "/stream", .on_bytes = bytes_cb, .on_open = open_cb};
    for (int i = 0; i < N; i++)
        reqs[i] = net_request(b->client, &o, done_cb, b);
    UNTIL(b, b->opened == N);
    assert_int_equal(b->n_streams, N);
    for (int i = 0; i < N; i++)
        assert_true(net_stream_write(b->streams[i], RK_STR("event\n")));
    UNTIL(b, b->bytes == N * 6);
    ask(b, (struct net_request_opts){.path = "/echo"});     /* not behind the streams */
    assert_int_equal(b->status, 201);
    for (int i = 0; i < N; i += 2)
        net_cancel(reqs[i]);
    UNTIL(b, b->gone == N / 2);
    for (int i = 0; i < N; i++)
        if (b->streams[i])
            net_stream_end(b->streams[i]);
    UNTIL(b, b->told == N / 2 + 1);
    assert_int_equal(b->err.code, RK_OK);
    assert_int_equal(b->gone, N / 2);
}

/* ---- bad peers, bad moments ---- */

static int raw(struct bench *b, const char *text)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(net_server_port(b->server))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

static void garbage_harms_nobody(void **state)
{
    struct bench *b = *state;
    static const char *const bad[] = {"\x16\x03\x01garbage", "GET\r\n\r\n", "\r\n\r\n\r\n",
                                      "GET /echo HTTP/9.9\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: h"
                                      "\r\nContent-Length: -5\r\n\r\n", "POST /echo HTTP/1.1\r\n"
                                      "Host: h\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"};
    int fds[2][RK_LEN(bad)];
    for (int tls = 0; tls < 2; tls++) {
        serve(b, tls);
        for (size_t i = 0; i < RK_LEN(bad); i++)
            fds[tls][i] = raw(b, bad[i]);
        turn(b, 30);
        assert_int_equal(b->handled, 0);
        dial(b, tls ? "https" : "http", (struct net_tls){.ca = rk_buf_view(&pki.ca)});
        ask(b, (struct net_request_opts){.path = "/echo"});
        assert_int_equal(b->status, 201);
        b->handled = b->status = 0;
        net_client_free(b->client);
        b->client = NULL;
        net_server_stop(b->server);     /* with half-open connections */
        b->server = NULL;
        for (size_t i = 0; i < RK_LEN(bad); i++)
            close(fds[tls][i]);
    }
}

static void a_stalled_handshake_does_not_burn_the_loop(void **state)
{
    struct bench *b = *state;
    both(b);
    int fd = raw(b, "\x16\x03\x01\x02");    /* the start of a ClientHello */
    struct rusage before, after;
    turn(b, 20);
    getrusage(RUSAGE_SELF, &before);
    turn(b, 500);
    getrusage(RUSAGE_SELF, &after);
    long us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000L +
              after.ru_utime.tv_usec - before.ru_utime.tv_usec +
              (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000L +
              after.ru_stime.tv_usec - before.ru_stime.tv_usec;
    assert_in_range(us, 0, 200000);
    close(fd);
}

static void a_client_that_does_not_read_is_let_go(void **state)
{
    struct bench *b = *state;
    char *chunk = rk_alloc(1 << 20);
    serve(b, false);
    int fd = raw(b, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    UNTIL(b, b->held);
    int sent = 0;
    while (sent < 64 && net_stream_write(b->held, (rk_str){chunk, 1 << 20})) {
        sent++;
        turn(b, 2);
    }
    assert_in_range(sent, 16, 24);
    UNTIL(b, b->gone == 1);
    close(fd);
    free(chunk);
}

static void half_close_counts_as_leaving(void **state)
{
    struct bench *b = *state;
    serve(b, false);
    int fd = raw(b, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    UNTIL(b, b->held);
    turn(b, 10);
    close(fd);
    UNTIL(b, b->gone == 1);
}

static void server_stopped_inside_its_handler(void **state)
{
    struct bench *b = *state;
    both(b);
    ask(b, (struct net_request_opts){.path = "/stop"});
    assert_null(b->server);
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
}

static void answers_after_the_stop_fall_into_nothing(void **state)
{
    struct bench *b = *state;
    both(b);
    struct net_request_opts o = {.path = "/later"};
    b->req = net_request(b->client, &o, done_cb, b);
    UNTIL(b, b->held);
    struct net_exchange *first = b->held;
    b->held = NULL;
    assert_non_null(net_request(b->client, &o, done_cb, b));
    UNTIL(b, b->held);
    net_server_stop(b->server);
    b->server = NULL;
    net_reply(first, 200, NULL, RK_STR("late"), NULL);
    net_stream_begin(b->held, 200, NULL);
    assert_false(net_stream_write(b->held, RK_STR("late")));
    net_stream_end(b->held);
    UNTIL(b, b->told == 2);
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
}

static void server_that_cannot_start(void **state)
{
    struct bench *b = *state;
    struct rk_err err = {0};
    struct net_server *s = NULL;
    serve(b, true);
    struct net_server_opts o = {.address = "127.0.0.1", .port = net_server_port(b->server),
                                .handler = handler, .ctx = b};
    assert_int_equal(net_server_start(b->loop, &o, &s, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    o.port = 0;
    o.address = "localhost.invalid";
    assert_int_equal(net_server_start(b->loop, &o, &s, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    o.address = "127.0.0.1";
    o.cert = o.key = RK_STR("no certificate");
    assert_int_equal(net_server_start(b->loop, &o, &s, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_null(s);
}

static void escaping(void **state)
{
    (void)state;
    struct rk_buf out = RK_BUF_INIT;
    net_escape(&out, (rk_str){"a/b c%?&=\xc3\xa4\0~-._", 16});
    assert_string_equal(out.p, "a%2Fb%20c%25%3F%26%3D%C3%A4%00~-._");
    rk_buf_release(&out);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(request_and_answer), T(a_status_is_no_error), T(methods_with_and_without_a_body),
        T(answered_later), T(request_body_limit), T(answer_body_limit),
        T(timeout_and_an_answer_nobody_waits_for), T(cancelled_is_not_told),
        T(many_short_requests), T(nobody_listens), T(bad_bases), T(wrong_ca_is_rejected),
        T(no_ca_means_the_systems), T(insecure_accepts_any), T(a_broken_ca_is_our_mistake),
        T(server_name_is_checked_and_host_is_real), T(given_ca_is_the_only_one),
        T(token_never_goes_over_plain_http), T(token_changes_and_ends),
        T(stream_writes_pauses_and_ends), T(large_stream),
        T(a_client_that_leaves_a_quiet_stream_is_noticed), T(server_gone_mid_stream),
        T(reader_gives_up), T(reader_cancels_inside_its_callback),
        T(client_freed_inside_a_callback), T(a_refused_stream_brings_its_body),
        T(silence_is_a_timeout), T(three_hundred_streams), T(garbage_harms_nobody),
        T(a_stalled_handshake_does_not_burn_the_loop), T(a_client_that_does_not_read_is_let_go),
        T(half_close_counts_as_leaving), T(server_stopped_inside_its_handler),
        T(answers_after_the_stop_fall_into_nothing), T(server_that_cannot_start), T(escaping),
    };
    return cmocka_run_group_tests_name("net", tests, make_pki, drop_pki);
}
