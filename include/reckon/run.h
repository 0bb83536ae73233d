/*
 * run.h: one loop a thread: timers, descriptors, pool jobs, children, local sockets, signals.
 *
 * Everything is called on the loop's thread unless it says otherwise; callbacks run on it and may
 * start or end anything, themselves included. A handle is freed by its _stop/_free; no callback
 * comes after that. Nothing here blocks.
 */
#ifndef RECKON_RUN_H
#define RECKON_RUN_H

#include <stdatomic.h>
#include <sys/types.h>

#include "reckon/error.h"
#include "reckon/str.h"

struct run_loop;
struct run_loop *run_loop_new(void) RK_MUST_CHECK;
/* All handles must be gone (a bug aborts and names one). Waits for pool jobs; soon items are
 * dropped, keep_running children let go. */
void run_loop_free(struct run_loop *loop);
void run_loop_run(struct run_loop *loop);       /* until run_loop_stop or nothing is left */
void run_loop_stop(struct run_loop *loop);
uint64_t run_loop_now(const struct run_loop *loop);     /* monotonic ms of this iteration */
/* Timers that stand now: with none it sleeps until something comes. */
size_t run_loop_timers(struct run_loop *loop);
/* The longest time one iteration kept the loop busy since the last call, in µs. */
uint64_t run_loop_lag(struct run_loop *loop);

/* ---- timers ---- */
struct run_timer;
typedef void (*run_fn)(void *ctx);
/* One shot after ms (0 counts as 1); repeat > 0: then every repeat ms. */
struct run_timer *run_timer_start(struct run_loop *loop, uint64_t ms, uint64_t repeat, run_fn fn,
                                  void *ctx) RK_MUST_CHECK;
void run_timer_again(struct run_timer *t, uint64_t ms);         /* re-arms; also after it fired */
void run_timer_stop(struct run_timer *t);                       /* frees; NULL is fine */
/* fn soon, on a later turn of the loop (never inside this call). */
void run_soon(struct run_loop *loop, run_fn fn, void *ctx);
void run_soon_forget(struct run_loop *loop, const void *ctx);   /* what waits with this ctx */

/* ---- descriptors that a foreign library owns ---- */
struct run_poll;
enum { RUN_READ = 1, RUN_WRITE = 2, RUN_HANGUP = 4 };
/*
 * NULL when the descriptor cannot be polled or already is. An error on it comes as every event
 * asked for plus RUN_HANGUP, once. RUN_HANGUP of a closed peer repeats each turn until _stop.
 */
struct run_poll *run_poll_start(struct run_loop *loop, int fd, unsigned events,
                                void (*fn)(unsigned events, void *ctx), void *ctx) RK_MUST_CHECK;
void run_poll_set(struct run_poll *p, unsigned events);
void run_poll_stop(struct run_poll *p);                         /* does not close the descriptor */

/* ---- pure work in the pool ---- */
struct run_job;
/*
 * work runs on a pool thread with exclusive use of ctx; done follows on the loop, always exactly
 * once. After run_job_cancel `cancelled` is set for work to look at, and done is told.
 */
struct run_job *run_job_start(struct run_loop *loop,
                              void (*work)(void *ctx, const atomic_bool *cancelled),
                              void (*done)(void *ctx, bool cancelled), void *ctx) RK_MUST_CHECK;
void run_job_cancel(struct run_job *job);
/* A thread of its own for work that must not wait behind pool jobs (the journal's fsync). */
struct run_worker;
struct run_worker *run_worker_start(struct run_loop *loop) RK_MUST_CHECK;
void run_worker_do(struct run_worker *w, void (*work)(void *ctx), void (*done)(void *ctx),
                   void *ctx);                                  /* in order */
/* Waits until what was given is finished, calls the done functions still due, then ends. */
void run_worker_stop(struct run_worker *w);

/* ---- children ---- */
struct run_child_result {
    int exit_code;          /* -1 when killed by a signal or never started */
    int signal;
    bool timed_out, cut;    /* cut: output beyond the limit; the child was killed */
    rk_str out, err_text;   /* valid during done only */
};
struct run_child_opts {
    const char *const *argv;        /* argv[0] looked up in PATH unless it has a slash */
    /* NAME=VALUE added to (or replacing in) this process's; NAME alone takes it out */
    const char *const *env;
    const char *cwd;                /* NULL: this one's */
    rk_str input;                   /* copied; written to stdin, then closed */
    uint64_t time_limit_ms;         /* 0 = none; then SIGTERM, 2 s later SIGKILL, whole group */
    size_t output_limit;            /* a stream; 0 = 16 MiB */
    bool keep_running;              /* detached: own session, stdin/out/err /dev/null, no done */
    const char *log_file;           /* with keep_running: stdout and stderr go there */
    /* stdout as it comes instead of collected in out (then without limit); may be NULL */
    void (*on_out)(rk_str bytes, void *ctx);
};
struct run_child;
/* done is never called inside; *out is NULL for keep_running, and freed after done. */
int run_child_start(struct run_loop *loop, const struct run_child_opts *opts,
                    void (*done)(const struct run_child_result *r, void *ctx), void *ctx,
                    struct run_child **out, struct rk_err *err) RK_MUST_CHECK;
void run_child_kill(struct run_child *c);       /* done still comes */
pid_t run_child_pid(const struct run_child *c);
/* Blocking form for programs without a loop. Fills *r with malloc'd out and err_text. */
int run_child_wait(const struct run_child_opts *opts, struct run_child_result *r,
                   struct rk_err *err) RK_MUST_CHECK;
void run_child_result_release(struct run_child_result *r);

/* ---- local stream sockets that carry lines ---- */
struct run_line;            /* one connection, or a pair of descriptors */
struct run_line_events {
    void (*line)(struct run_line *l, rk_str line, void *ctx);   /* without the newline */
    /* the queue fell below half the limit after being over it or refusing; may be NULL */
    void (*room)(struct run_line *l, void *ctx);
    /* once, then _free it. why is never NULL: UNAVAILABLE = the other side closed, LIMIT = line too
     * long, RK_OK = run_line_finish is done */
    void (*closed)(struct run_line *l, const struct rk_err *why, void *ctx);
};
/* Nothing is read before this. A line over max_line bytes ends the connection with RK_LIMIT. */
void run_line_begin(struct run_line *l, const struct run_line_events *ev, size_t max_line,
                    void *ctx);
/* Queues bytes + '\n'; false (and nothing queued) when `limit` bytes would be exceeded. */
bool run_line_send(struct run_line *l, rk_str line, size_t limit);
size_t run_line_queued(const struct run_line *l);
void run_line_finish(struct run_line *l);       /* close once the queue is written */
void run_line_free(struct run_line *l);
/* SO_PEERCRED; uid -1 for a pair of pipes. */
uid_t run_line_peer(const struct run_line *l);

struct run_server;
/*
 * Binds under umask 077 and listens. RK_LIMIT for a path over 107 bytes, RK_CONFLICT when another
 * process answers there; a dead socket file is replaced. mode and gid (-1: leave) are set after.
 */
int run_server_start(struct run_loop *loop, const char *path, mode_t mode, gid_t gid,
                     void (*accepted)(struct run_line *l, void *ctx), void *ctx,
                     struct run_server **out, struct rk_err *err) RK_MUST_CHECK;
bool run_server_present(const struct run_server *s);    /* is the file still this socket */
void run_server_stop(struct run_server *s);             /* removes the file */
/* connected is called once, with a line or with NULL and why. */
void run_connect(struct run_loop *loop, const char *path,
                 void (*connected)(struct run_line *l, const struct rk_err *why, void *ctx),
                 void *ctx);
/* Any pair of descriptors (relay, a child's pipes); owned from here on. */
struct run_line *run_line_pair(struct run_loop *loop, int in_fd, int out_fd) RK_MUST_CHECK;

/* ---- the rest ---- */
struct run_signal;
struct run_signal *run_signal_start(struct run_loop *loop, int signum,
                                    void (*fn)(int signum, void *ctx), void *ctx) RK_MUST_CHECK;
void run_signal_stop(struct run_signal *s);
struct run_watch;
/*
 * fn at any change of a file or of a folder's entries, once a burst (50 ms). A file may be missing
 * yet, or be replaced by rename; its folder must be there.
 */
int run_watch_start(struct run_loop *loop, const char *path, run_fn fn, void *ctx,
                    struct run_watch **out, struct rk_err *err) RK_MUST_CHECK;
void run_watch_stop(struct run_watch *w);

#endif
