/* stream_test.c: streams, bad peers, bad moments. */
#include "net/test_bench.h"

#include <arpa/inet.h>
#include <sys/socket.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(stream_writes_pauses_and_ends), T(large_stream),
        T(a_client_that_leaves_a_quiet_stream_is_noticed), T(server_gone_mid_stream),
        T(reader_gives_up), T(reader_cancels_inside_its_callback),
        T(client_freed_inside_a_callback), T(a_refused_stream_brings_its_body),
        T(silence_is_a_timeout), T(three_hundred_streams), T(garbage_harms_nobody),
        T(a_stalled_handshake_does_not_burn_the_loop), T(a_client_that_does_not_read_is_let_go),
        T(half_close_counts_as_leaving), T(server_stopped_inside_its_handler),
        T(answers_after_the_stop_fall_into_nothing), T(server_that_cannot_start),
    };
    return cmocka_run_group_tests_name("net/stream", tests, make_pki, drop_pki);
}
