/* line_test.c: local sockets that carry lines: good peers, bad peers, bad paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "reckon/run.h"

struct bench {
    struct run_loop *loop;
    struct run_timer *guard;
    struct run_server *server;
    struct run_line *peer, *mine;       /* server's side, connecting side */
    char dir[32], path[80];
    struct rk_buf got, echoed;          /* lines joined by '|' */
    int closed, mine_closed, rooms;
    struct rk_err why, mine_why, connect_why;
    bool refused;
    bool free_in_line;
    int raw;
};

static void guard_cb(void *ctx)
{
    (void)ctx;
    fprintf(stderr, "the test hung\n");
    abort();        /* a jump out of the loop would leave it in pieces */
}

static void stop_cb(void *ctx)
{
    run_loop_stop(((struct bench *)ctx)->loop);
}

static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));
    b->loop = run_loop_new();
    b->guard = run_timer_start(b->loop, 10000, 0, guard_cb, b);
    b->got = b->echoed = RK_BUF_INIT;
    b->raw = -1;
    snprintf(b->dir, sizeof(b->dir), "/tmp/rk-line-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    snprintf(b->path, sizeof(b->path), "%s/s", b->dir);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    run_timer_stop(b->guard);
    run_server_stop(b->server);
    run_line_free(b->peer);
    run_line_free(b->mine);
    if (b->raw >= 0)
        close(b->raw);
    run_loop_free(b->loop);
    rk_buf_release(&b->got);
    rk_buf_release(&b->echoed);
    struct rk_err err;
    assert_int_equal(rk_remove_tree(b->dir, &err), 0);
    free(b);
    return 0;
}

static void peer_line(struct run_line *l, rk_str line, void *ctx)
{
    struct bench *b = ctx;
    rk_buf_str(&b->got, line);
    rk_buf_ch(&b->got, '|');
    if (b->free_in_line) {
        run_line_free(l);
        b->peer = NULL;
        run_loop_stop(b->loop);
    } else if (rk_str_is(line, "stop")) {
        run_loop_stop(b->loop);
    } else if (rk_str_is(line, "echo")) {
        assert_true(run_line_send(l, line, 4096));
        run_line_finish(l);
    }
}

static void peer_closed(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct bench *b = ctx;
    assert_ptr_equal(l, b->peer);
    b->closed++;
    b->why = *why;
    run_line_free(l);
    b->peer = NULL;
    run_loop_stop(b->loop);
}

static void peer_room(struct run_line *l, void *ctx)
{
    struct bench *b = ctx;
    assert_true(run_line_queued(l) <= 500000);
    b->rooms++;
    run_loop_stop(b->loop);
}

static const struct run_line_events peer_events = {peer_line, peer_room, peer_closed};

static void accepted(struct run_line *l, void *ctx)
{
    struct bench *b = ctx;
    b->peer = l;
    run_line_begin(l, &peer_events, 1000, b);
    if (b->raw >= 0)
        run_loop_stop(b->loop);
}

static void serve(struct bench *b)
{
    struct rk_err err = {0};
    assert_int_equal(run_server_start(b->loop, b->path, 0600, (gid_t)-1, accepted, b, &b->server,
                                      &err), 0);
}

/* A plain blocking socket of the test's own. */
static void raw_connect(struct bench *b)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path, b->path, strlen(b->path) + 1);
    b->raw = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(b->raw, (struct sockaddr *)&sa, sizeof(sa)), 0);
    run_loop_run(b->loop);
    assert_non_null(b->peer);
}

static void raw_write(struct bench *b, const char *p, size_t n)
{
    assert_int_equal(write(b->raw, p, n), (ssize_t)n);
}

/* ---- both ends ours ---- */

static void mine_line(struct run_line *l, rk_str line, void *ctx)
{
    struct bench *b = ctx;
    (void)l;
    rk_buf_str(&b->echoed, line);
}

static void mine_closed(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct bench *b = ctx;
    b->mine_closed++;
    b->mine_why = *why;
    run_line_free(l);
    b->mine = NULL;
    run_loop_stop(b->loop);
}

static const struct run_line_events mine_events = {mine_line, NULL, mine_closed};

static void connected(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct bench *b = ctx;
    b->mine = l;
    if (!l) {
        b->connect_why = *why;
        run_loop_stop(b->loop);
        return;
    }
    assert_null(why);
    run_line_begin(l, &mine_events, 1000, b);
    assert_true(run_line_send(l, RK_STR("one"), 4096));
    assert_true(run_line_send(l, RK_STR(""), 4096));
    assert_true(run_line_send(l, RK_STR("echo"), 4096));
}

static void talk_and_finish(void **state)
{
    struct bench *b = *state;
    serve(b);
    run_connect(b->loop, b->path, connected, b);
    assert_null(b->mine);               /* never inside the call */
    while (!b->closed || !b->mine_closed)
        run_loop_run(b->loop);
    assert_string_equal(b->got.p, "one||echo|");
    assert_string_equal(b->echoed.p, "echo");
    assert_int_equal(b->why.code, RK_OK);
    assert_int_equal(b->mine_why.code, RK_UNAVAILABLE);
}

static void peer_is_known_by_the_kernel(void **state)
{
    struct bench *b = *state;
    serve(b);
    raw_connect(b);
    assert_int_equal(run_line_peer(b->peer), getuid());
}

static void lines_in_any_split(void **state)
{
    struct bench *b = *state;
    serve(b);
    raw_connect(b);
    const char text[] = "a\nbb\n\nccc\nstop\n";
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        raw_write(b, text + i, 1);
        struct run_timer *t = run_timer_start(b->loop, 1, 0, stop_cb, b);
        run_loop_run(b->loop);
        run_timer_stop(t);
    }
    for (int i = 0; i < 100 && !strstr(b->got.p, "stop"); i++)
        run_loop_run(b->loop);
    assert_string_equal(b->got.p, "a|bb||ccc|stop|");
}

static void garbage_passes_as_bytes(void **state)
{
    struct bench *b = *state;
    serve(b);
    raw_connect(b);
    raw_write(b, "\0\xff\x1b[2J\r\nstop\n", 13);
    run_loop_run(b->loop);
    assert_int_equal(b->got.n, 13);
    assert_memory_equal(b->got.p, "\0\xff\x1b[2J\r|stop|", 13);
}

static void longest_line_passes_one_more_does_not(void **state)
{
    struct bench *b = *state;
    char line[1002];
    memset(line, 'x', sizeof(line));
    serve(b);
    raw_connect(b);
    line[1000] = '\n';
    raw_write(b, line, 1001);
    raw_write(b, "stop\n", 5);
    run_loop_run(b->loop);
    assert_int_equal(b->got.n, 1001 + 5);
    line[1000] = 'x';
    raw_write(b, line, 1001);           /* no newline yet: ended all the same */
    run_loop_run(b->loop);
    assert_int_equal(b->closed, 1);
    assert_int_equal(b->why.code, RK_LIMIT);
    assert_non_null(strstr(b->why.text, "1000"));
    char c;
    assert_true(read(b->raw, &c, 1) <= 0);
}

static void half_a_line_at_the_end_is_dropped(void **state)
{
    struct bench *b = *state;
    serve(b);
    raw_connect(b);
    raw_write(b, "whole\nhalf", 10);
    close(b->raw);
    b->raw = -1;
    run_loop_run(b->loop);
    assert_string_equal(b->got.p, "whole|");
    assert_int_equal(b->closed, 1);
    assert_int_equal(b->why.code, RK_UNAVAILABLE);
}

static void free_inside_line(void **state)
{
    struct bench *b = *state;
    serve(b);
    raw_connect(b);
    b->free_in_line = true;
    raw_write(b, "1\n2\n3\n", 6);
    run_loop_run(b->loop);
    assert_string_equal(b->got.p, "1|");
    assert_int_equal(b->closed, 0);
}

static void queue_is_bounded_and_tells_room(void **state)
{
    struct bench *b = *state;
    enum { LIMIT = 1000000, LINE = 9999 };
    char *line = rk_alloc(LINE);
    memset(line, 'y', LINE);
    serve(b);
    raw_connect(b);
    size_t sent = 0;
    while (run_line_send(b->peer, (rk_str){line, LINE}, LIMIT))
        sent++;                         /* the peer does not read */
    assert_true(run_line_queued(b->peer) <= LIMIT);
    assert_in_range(sent, 100, 200);
    assert_false(run_line_send(b->peer, (rk_str){line, LINE}, LIMIT));
    size_t left = sent * (LINE + 1);
    char *sink = rk_alloc(1 << 16);
    fcntl(b->raw, F_SETFL, O_NONBLOCK);
    while (left) {
        ssize_t n = read(b->raw, sink, 1 << 16);
        if (n > 0) {
            for (ssize_t i = 0; i < n; i++)
                assert_true(sink[i] == 'y' || sink[i] == '\n');
            left -= (size_t)n;
        }
        struct run_timer *t = run_timer_start(b->loop, 1, 0, stop_cb, b);
        run_loop_run(b->loop);
        run_timer_stop(t);
    }
    assert_int_equal(b->rooms, 1);
    assert_int_equal(run_line_queued(b->peer), 0);
    assert_true(run_line_send(b->peer, RK_STR("again"), LIMIT));
    free(sink);
    free(line);
}

static void last_words_of_a_closed_peer_arrive(void **state)
{
    struct bench *b = *state;
    serve(b);
    raw_connect(b);
    raw_write(b, "bye\n", 4);
    close(b->raw);
    b->raw = -1;
    assert_true(run_line_send(b->peer, RK_STR("too late"), 4096));  /* EPIPE */
    run_loop_run(b->loop);
    assert_string_equal(b->got.p, "bye|");
    assert_int_equal(b->closed, 1);
}

static void freed_with_a_full_queue(void **state)
{
    struct bench *b = *state;
    char *line = rk_alloc(400000);
    serve(b);
    raw_connect(b);
    assert_true(run_line_send(b->peer, (rk_str){line, 400000}, 1000000));
    run_line_free(b->peer);
    b->peer = NULL;
    free(line);
}

/* ---- pairs ---- */

static void a_pair_of_pipes(void **state)
{
    struct bench *b = *state;
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    b->peer = run_line_pair(b->loop, in[0], out[1]);
    assert_int_equal(run_line_peer(b->peer), (uid_t)-1);
    run_line_begin(b->peer, &peer_events, 1000, b);
    assert_int_equal(write(in[1], "hello\necho\n", 11), 11);
    run_loop_run(b->loop);
    assert_string_equal(b->got.p, "hello|echo|");
    assert_int_equal(b->why.code, RK_OK);
    char got[16] = {0};
    assert_int_equal(read(out[0], got, sizeof(got)), 5);
    assert_string_equal(got, "echo\n");
    close(in[1]);
    close(out[0]);
}

static void a_pair_whose_reader_left(void **state)
{
    struct bench *b = *state;
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    close(out[0]);
    b->peer = run_line_pair(b->loop, in[0], out[1]);
    run_line_begin(b->peer, &peer_events, 1000, b);
    assert_true(run_line_send(b->peer, RK_STR("x"), 100));
    run_loop_run(b->loop);
    assert_int_equal(b->closed, 1);
    assert_int_equal(b->why.code, RK_UNAVAILABLE);
    close(in[1]);
}

static void a_pair_that_cannot_be_polled(void **state)
{
    struct bench *b = *state;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_WRONLY);
    b->peer = run_line_pair(b->loop, file, null);
    assert_false(run_line_send(b->peer, RK_STR("x"), 100));
    run_line_begin(b->peer, &peer_events, 1000, b);
    assert_int_equal(b->closed, 0);
    run_loop_run(b->loop);
    assert_int_equal(b->closed, 1);
    assert_int_equal(b->why.code, RK_UNSUPPORTED);
}

/* ---- paths ---- */

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void mode_is_what_was_asked(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    mode_t before = umask(0);
    assert_int_equal(run_server_start(b->loop, b->path, 0660, getgid(), accepted, b, &b->server,
                                      &err), 0);
    assert_int_equal(mode_of(b->path), 0660);
    assert_int_equal(umask(before), 0);     /* put back as it was */
}

static void path_of_107_bytes_passes_108_does_not(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    char path[120];
    memset(path, 'p', sizeof(path));
    memcpy(path, b->dir, strlen(b->dir));
    path[strlen(b->dir)] = '/';
    path[108] = 0;
    assert_int_equal(run_server_start(b->loop, path, 0600, (gid_t)-1, accepted, b, &b->server,
                                      &err), -1);
    assert_int_equal(err.code, RK_LIMIT);
    run_connect(b->loop, path, connected, b);
    run_loop_run(b->loop);
    assert_int_equal(b->connect_why.code, RK_LIMIT);
    path[107] = 0;
    assert_int_equal(run_server_start(b->loop, path, 0600, (gid_t)-1, accepted, b, &b->server,
                                      &err), 0);
    assert_true(run_server_present(b->server));
    assert_int_equal(access(path, F_OK), 0);
}

static void dead_file_is_replaced_live_one_refused(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path, b->path, strlen(b->path) + 1);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(dead, (struct sockaddr *)&sa, sizeof(sa)), 0);
    close(dead);
    serve(b);
    struct run_server *second = NULL;
    assert_int_equal(run_server_start(b->loop, b->path, 0600, (gid_t)-1, accepted, b, &second,
                                      &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_null(second);
    assert_true(run_server_present(b->server));
}

static void no_socket_is_never_removed(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    assert_int_equal(rk_file_write(b->path, RK_STR("precious"), 0600, &err), 0);
    assert_int_equal(run_server_start(b->loop, b->path, 0600, (gid_t)-1, accepted, b, &b->server,
                                      &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_int_equal(access(b->path, F_OK), 0);
}

static void a_vanished_file_is_seen_and_not_anothers_removed(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    serve(b);
    unlink(b->path);
    assert_false(run_server_present(b->server));
    struct run_server *second = NULL;
    assert_int_equal(run_server_start(b->loop, b->path, 0600, (gid_t)-1, accepted, b, &second,
                                      &err), 0);
    run_server_stop(b->server);
    b->server = second;
    assert_true(run_server_present(second));
    run_server_stop(second);
    b->server = NULL;
    assert_int_equal(access(b->path, F_OK), -1);
}

static void connect_to_nobody(void **state)
{
    struct bench *b = *state;
    run_connect(b->loop, b->path, connected, b);
    run_loop_run(b->loop);
    assert_null(b->mine);
    assert_int_equal(b->connect_why.code, RK_NOT_FOUND);
    run_connect(b->loop, b->path, connected, b);    /* dropped with the loop: no leak */
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(talk_and_finish), T(peer_is_known_by_the_kernel), T(lines_in_any_split),
        T(garbage_passes_as_bytes), T(longest_line_passes_one_more_does_not),
        T(half_a_line_at_the_end_is_dropped), T(free_inside_line),
        T(queue_is_bounded_and_tells_room), T(last_words_of_a_closed_peer_arrive),
        T(freed_with_a_full_queue), T(a_pair_of_pipes), T(a_pair_whose_reader_left),
        T(a_pair_that_cannot_be_polled), T(mode_is_what_was_asked),
        T(path_of_107_bytes_passes_108_does_not), T(dead_file_is_replaced_live_one_refused),
        T(no_socket_is_never_removed), T(a_vanished_file_is_seen_and_not_anothers_removed),
        T(connect_to_nobody),
    };
    return cmocka_run_group_tests_name("run/line", tests, NULL, NULL);
}
