/* loop_test.c: timers, soon, polls, jobs, worker, signals and watches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "reckon/run.h"
#include "reckon/time.h"

struct bench {
    struct run_loop *loop;
    struct run_timer *t, *guard;
    struct run_poll *poll;
    struct run_worker *worker;
    struct run_signal *sig;
    struct run_watch *watch;
    struct run_job *job;
    int n, m;
    int fd[2];
    unsigned events;
    char trace[64];
};

static void guard_cb(void *ctx)
{
    (void)ctx;
    fprintf(stderr, "the test hung\n");
    abort();        /* a jump out of the loop would leave it in pieces */
}

static void stop_guard(struct bench *b)
{
    run_timer_stop(b->guard);
    b->guard = NULL;
}

static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));
    b->loop = run_loop_new();
    b->guard = run_timer_start(b->loop, 10000, 0, guard_cb, b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    stop_guard(b);
    run_loop_free(b->loop);
    free(b);
    return 0;
}

static void mark(struct bench *b, char c)
{
    size_t n = strlen(b->trace);
    if (n + 1 < sizeof(b->trace))
        b->trace[n] = c;
}

static void stop_cb(void *ctx)
{
    run_loop_stop(((struct bench *)ctx)->loop);
}

/* ---- timers ---- */

static void tick(void *ctx)
{
    struct bench *b = ctx;
    if (++b->n == 3) {
        run_timer_stop(b->t);       /* inside its own callback */
        stop_guard(b);
    }
}

static void timer_repeats_and_stops_itself(void **state)
{
    struct bench *b = *state;
    b->t = run_timer_start(b->loop, 1, 1, tick, b);
    run_loop_run(b->loop);          /* ends by itself: nothing is left */
    assert_int_equal(b->n, 3);
}

static void again(void *ctx)
{
    struct bench *b = ctx;
    b->n++;
    run_timer_again(b->t, 0);
}

static void zero_timer_does_not_starve(void **state)
{
    struct bench *b = *state;
    b->t = run_timer_start(b->loop, 0, 0, again, b);
    struct run_timer *end = run_timer_start(b->loop, 50, 0, stop_cb, b);
    run_loop_run(b->loop);
    assert_in_range(b->n, 5, 51);
    run_timer_stop(b->t);
    run_timer_stop(end);
}

static void timer_is_not_early_after_a_pause(void **state)
{
    struct bench *b = *state;
    uint64_t start = rk_mono_ms();
    while (rk_mono_ms() < start + 30)
        ;
    start = rk_mono_ms();
    struct run_timer *end = run_timer_start(b->loop, 20, 0, stop_cb, b);
    run_loop_run(b->loop);
    assert_true(rk_mono_ms() - start >= 19);
    run_timer_stop(end);
}

static void busy_once(void *ctx)
{
    struct bench *b = ctx;
    uint64_t start = rk_mono_us();
    while (b->n++ == 0 || rk_mono_us() < start + 20000)
        ;
}

static void lag_counts_work_not_waiting(void **state)
{
    struct bench *b = *state;
    struct run_timer *work = run_timer_start(b->loop, 30, 0, busy_once, b);
    struct run_timer *end = run_timer_start(b->loop, 120, 0, stop_cb, b);
    run_loop_run(b->loop);
    uint64_t lag = run_loop_lag(b->loop);
    assert_in_range(lag, 20000, 60000);     /* the 90 ms of waiting do not count */
    run_timer_stop(work);
    run_timer_stop(end);
}

/* ---- soon ---- */

static void soon_c(void *ctx) { mark(ctx, 'c'); stop_guard(ctx); }
static void soon_a(void *ctx)
{
    struct bench *b = ctx;
    run_soon(b->loop, soon_c, b);
    mark(b, 'a');
}
static void soon_b(void *ctx) { mark(ctx, 'b'); }

static void soon_keeps_order_and_never_runs_inside(void **state)
{
    struct bench *b = *state;
    run_soon(b->loop, soon_a, b);
    run_soon(b->loop, soon_b, b);
    assert_string_equal(b->trace, "");
    run_loop_run(b->loop);
    assert_string_equal(b->trace, "abc");
}

static void soon_is_dropped_with_the_loop(void **state)
{
    struct bench *b = *state;
    run_soon(b->loop, soon_b, b);
    stop_guard(b);
    run_loop_free(b->loop);
    assert_string_equal(b->trace, "");
    b->loop = run_loop_new();
}

/* ---- polls ---- */

static void poll_read(unsigned events, void *ctx)
{
    struct bench *b = ctx;
    b->events |= events;
    if (events & RUN_HANGUP) {
        run_poll_stop(b->poll);
        close(b->fd[0]);
        stop_guard(b);
        return;
    }
    char c;
    if (read(b->fd[0], &c, 1) == 1) {
        b->n++;
        run_poll_set(b->poll, RUN_HANGUP);
        close(b->fd[1]);
    }
}

static void poll_sees_bytes_then_hangup(void **state)
{
    struct bench *b = *state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, b->fd), 0);
    b->poll = run_poll_start(b->loop, b->fd[0], RUN_READ, poll_read, b);
    assert_non_null(b->poll);
    assert_null(run_poll_start(b->loop, b->fd[0], RUN_READ, poll_read, b));
    assert_int_equal(write(b->fd[1], "x", 1), 1);
    run_loop_run(b->loop);
    assert_int_equal(b->n, 1);
    assert_int_equal(b->events, RUN_READ | RUN_HANGUP);
}

static void poll_refuses_a_file(void **state)
{
    struct bench *b = *state;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_null(run_poll_start(b->loop, fd, RUN_READ, poll_read, b));
    close(fd);
}

/* ---- jobs and the worker ---- */

static void job_work(void *ctx, const atomic_bool *cancelled)
{
    struct bench *b = ctx;
    (void)cancelled;
    b->n = 42;
}

static void job_done(void *ctx, bool cancelled)
{
    struct bench *b = ctx;
    b->m += cancelled ? 100 : 1;
    stop_guard(b);
}

static void job_works_then_tells(void **state)
{
    struct bench *b = *state;
    assert_non_null(run_job_start(b->loop, job_work, job_done, b));
    run_loop_run(b->loop);
    assert_int_equal(b->n, 42);
    assert_int_equal(b->m, 1);
}

static void job_until_cancelled(void *ctx, const atomic_bool *cancelled)
{
    struct bench *b = ctx;
    while (!atomic_load(cancelled))
        usleep(200);
    b->n = 7;
}

static void cancel_cb(void *ctx)
{
    struct bench *b = ctx;
    run_job_cancel(b->job);
}

static void job_sees_its_cancel(void **state)
{
    struct bench *b = *state;
    b->job = run_job_start(b->loop, job_until_cancelled, job_done, b);
    struct run_timer *t = run_timer_start(b->loop, 20, 0, cancel_cb, b);
    run_loop_run(b->loop);
    run_timer_stop(t);
    assert_int_equal(b->n, 7);
    assert_int_equal(b->m, 100);
}

static void loop_free_waits_for_jobs(void **state)
{
    struct bench *b = *state;
    assert_non_null(run_job_start(b->loop, job_work, job_done, b));
    stop_guard(b);
    run_loop_free(b->loop);
    assert_int_equal(b->m, 1);
    b->loop = run_loop_new();
}

static void work_one(void *ctx) { ((struct bench *)ctx)->n++; }
static void done_one(void *ctx)
{
    struct bench *b = ctx;
    if (++b->m == 5) {
        run_worker_do(b->worker, work_one, done_one, b);
        run_worker_stop(b->worker);     /* inside a done: the sixth is told here */
        stop_guard(b);
    }
}

static void worker_keeps_order_and_finishes(void **state)
{
    struct bench *b = *state;
    b->worker = run_worker_start(b->loop);
    for (int i = 0; i < 5; i++)
        run_worker_do(b->worker, work_one, done_one, b);
    run_loop_run(b->loop);
    assert_int_equal(b->n, 6);
    assert_int_equal(b->m, 6);
}

/* ---- signals, watches ---- */

static void signal_cb(int signum, void *ctx)
{
    struct bench *b = ctx;
    b->n = signum;
    run_signal_stop(b->sig);
    stop_guard(b);
}

static void signal_comes_on_the_loop(void **state)
{
    struct bench *b = *state;
    b->sig = run_signal_start(b->loop, SIGUSR1, signal_cb, b);
    kill(getpid(), SIGUSR1);
    run_loop_run(b->loop);
    assert_int_equal(b->n, SIGUSR1);
}

static void watch_cb(void *ctx)
{
    struct bench *b = ctx;
    b->n++;
    run_watch_stop(b->watch);
    b->watch = NULL;
    stop_guard(b);
}

static void watch_of(struct bench *b, const char *watched, const char *noise, const char *touched)
{
    char dir[] = "/tmp/rk-watch-XXXXXX";
    struct rk_err err;
    assert_non_null(mkdtemp(dir));
    char *path = rk_path_join(dir, watched), *other = rk_path_join(dir, noise);
    char *change = rk_path_join(dir, touched);
    assert_int_equal(run_watch_start(b->loop, path, watch_cb, b, &b->watch, &err), 0);
    if (*noise) {
        assert_int_equal(rk_file_write(other, RK_STR("x"), 0600, &err), 0);
        struct run_timer *t = run_timer_start(b->loop, 150, 0, stop_cb, b);
        run_loop_run(b->loop);
        run_timer_stop(t);
        assert_int_equal(b->n, 0);      /* a neighbour's change is not ours */
    }
    assert_int_equal(rk_file_write(change, RK_STR("1"), 0600, &err), 0);
    assert_int_equal(rk_file_write(change, RK_STR("2"), 0600, &err), 0);
    run_loop_run(b->loop);
    assert_int_equal(b->n, 1);
    assert_int_equal(rk_remove_tree(dir, &err), 0);
    free(path);
    free(other);
    free(change);
}

static void watch_file_replaced_by_rename(void **state)
{
    watch_of(*state, "wanted", "neighbour", "wanted");
}

static void watch_folder(void **state)
{
    watch_of(*state, "", "", "any");
}

static void watch_needs_the_folder(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    struct run_watch *w = NULL;
    assert_int_equal(run_watch_start(b->loop, "/nowhere/at/all", watch_cb, b, &w, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_null(w);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(timer_repeats_and_stops_itself), T(zero_timer_does_not_starve),
        T(timer_is_not_early_after_a_pause), T(lag_counts_work_not_waiting),
        T(soon_keeps_order_and_never_runs_inside), T(soon_is_dropped_with_the_loop),
        T(poll_sees_bytes_then_hangup), T(poll_refuses_a_file), T(job_works_then_tells),
        T(job_sees_its_cancel), T(loop_free_waits_for_jobs), T(worker_keeps_order_and_finishes),
        T(signal_comes_on_the_loop), T(watch_file_replaced_by_rename), T(watch_folder),
        T(watch_needs_the_folder),
    };
    return cmocka_run_group_tests_name("run/loop", tests, NULL, NULL);
}
