/*
 * run_int.h: what the files of this room share: the loop's inside, and small helpers over uv.h.
 */
#ifndef RK_RUN_INT_H
#define RK_RUN_INT_H

#include <uv.h>

#include "reckon/run.h"

enum { RUN_SCRATCH = 64 * 1024 };

struct run_soon_item;

struct run_loop {
    uv_loop_t uv;
    uv_prepare_t turn;          /* once an iteration: measures how long the last one was busy */
    uv_idle_t idle;             /* active while run_soon items wait */
    struct run_soon_item *soon_first, **soon_end;
    uint64_t busy_mark, idle_mark;  /* ns; 0: no iteration seen yet */
    uint64_t lag_us;
    bool running;
    char *scratch;              /* read buffer for all streams: used between alloc and read only */
};

/* Brings the loop's clock up to date when nothing runs: a timer started then must not be early. */
void run_loop_touch(struct run_loop *loop);
/* As run_soon; drop is called instead of fn when the loop is freed first. */
void run_soon_or(struct run_loop *loop, run_fn fn, run_fn drop, void *ctx);

/* uv_alloc_cb over the loop's scratch buffer; the handle's loop->data is the run_loop. */
void run_scratch_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf);
/* Close callback: free(h->data). */
void run_free_data(uv_handle_t *h);

/* A left-over keep_running child is let go; false for any other handle. */
bool run_child_let_go(uv_handle_t *h);

/* A connected socket as a line, from here on owned by it; the peer is read from it. */
struct run_line *run_line_from_fd(struct run_loop *loop, int fd);
/* The next connection of a listener; NULL when it has gone already. */
struct run_line *run_line_accept(struct run_loop *loop, uv_stream_t *listener);
/* Checks the length and fills the address; RK_LIMIT over 107 bytes. */
struct sockaddr_un;
int run_unix_address(const char *path, struct sockaddr_un *sa, struct rk_err *err) RK_MUST_CHECK;

#endif
