/* client_test.c: short requests, limits, trust. */
#include "net/test_bench.h"

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

static void escaping(void **state)
{
    (void)state;
    struct rk_buf out = RK_BUF_INIT;
    net_escape(&out, (rk_str){"a/b c%?&=\xc3\xa4\0~-._", 16});
    assert_string_equal(out.p, "a%2Fb%20c%25%3F%26%3D%C3%A4%00~-._");
    rk_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(request_and_answer), T(a_status_is_no_error), T(methods_with_and_without_a_body),
        T(answered_later), T(request_body_limit), T(answer_body_limit),
        T(timeout_and_an_answer_nobody_waits_for), T(cancelled_is_not_told),
        T(many_short_requests), T(nobody_listens), T(bad_bases), T(wrong_ca_is_rejected),
        T(no_ca_means_the_systems), T(insecure_accepts_any), T(a_broken_ca_is_our_mistake),
        T(server_name_is_checked_and_host_is_real), T(given_ca_is_the_only_one),
        T(token_never_goes_over_plain_http), T(token_changes_and_ends), T(escaping),
    };
    return cmocka_run_group_tests_name("net/client", tests, make_pki, drop_pki);
}
