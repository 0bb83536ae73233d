/*
 * client_int.h: what the files of room client share. link.c owns the connection and its states,
 * call.c the requests, sub.c the subscriptions, ssh.c the child of --host, find.c names and paths.
 */
#ifndef RK_CLIENT_INT_H
#define RK_CLIENT_INT_H

#include "reckon/client.h"

enum client_step { STEP_IDLE, STEP_CONNECT, STEP_HELLO, STEP_AGAIN };

struct client_call {
    struct client_call *next;
    int64_t id;                 /* 0: not sent yet */
    char *method, *params;
    bool internal;              /* of this room: dropped with the line, not kept for the next */
    struct rk_err refused;      /* never sent: why; told by the kick timer */
    client_done_fn done;        /* NULL: the answer is of no interest */
    void *ctx;
};

struct client_sub {
    struct client_sub *next;
    struct client *c;
    char *method, *params;
    client_event_fn fn;
    void *ctx;
    int64_t sub;                /* the engine's number; 0: none */
    int64_t epoch, seq;         /* of the last event; epoch -1: none yet */
    bool asked;                 /* a request for a subscription is on its way */
    bool changed;               /* params moved on meanwhile: ask again after the answer */
    bool ended;                 /* END was told */
    bool dead;                  /* unsubscribed while asked: freed with the answer */
};

struct client_attempt { struct client *c; };    /* what run_connect holds: c NULL when closed */

struct client {
    struct run_loop *loop;
    struct client_events ev;
    void *ctx;
    /* options, copied */
    char *socket, *profile, *host, *repo, *engine_program;
    bool start, reconnect, readonly;

    enum client_state state;
    enum client_step step;
    struct run_timer *timer;    /* what it means depends on step; NULL: not armed */
    struct run_timer *kick;     /* tells what may not be told inside a call */
    struct client_attempt *attempt;
    char *paths[2];
    size_t n_paths, at, used;   /* used: the path of the last READY; it is kept to */
    struct rk_err why;          /* the last failure of this attempt, or of the line */
    struct rk_err denied;       /* a socket that is there and not for us */
    struct rk_err farewell;     /* the engine said that it ends */
    bool started;               /* an engine, in this attempt */
    bool was_ready;
    uint64_t deadline, ready_at, wait_ms;

    struct run_line *line;
    struct client_ssh *ssh;
    struct rk_arena *hello_arena;
    struct wire_hello hello;

    int64_t last_id;
    struct client_call *calls, **calls_end;
    struct client_sub *subs;
    int depth;                  /* callbacks of this room's that are running */
    bool closed;
};

/* A callback that may run user functions stands between these; leave frees a closed client. */
void client_enter(struct client *c);
void client_leave(struct client *c);
void client_kick(struct client *c);             /* client_tell_late on a later turn */

/* ---- call.c ---- */
struct client_call *client_call_add(struct client *c, const char *method, rk_str params,
                                    client_done_fn done, void *ctx);
/* Sends one call now; false when the queue is full. */
bool client_call_send(struct client *c, struct client_call *call);
void client_calls_pump(struct client *c);       /* READY: sends what waits */
void client_calls_answer(struct client *c, const struct wire_line *l);
void client_calls_forget(struct client *c);     /* the internal ones: their line is gone */
/* The line broke: calls that were sent get why, the others wait for the next one. */
void client_calls_broken(struct client *c, const struct rk_err *why);
void client_calls_fail(struct client *c);       /* FAILED: all get c->why */
void client_calls_refused(struct client *c);    /* those with `refused` set */
void client_calls_free(struct client *c);

/* ---- sub.c ---- */
void client_subs_ask(struct client *c);         /* after hello */
void client_subs_broken(struct client *c);
void client_subs_event(struct client *c, const struct wire_line *l);
void client_subs_fail(struct client *c);        /* FAILED: END for each that lives */
void client_subs_free(struct client *c);

/* ---- ssh.c ---- */
struct client_ssh;
int client_ssh_start(const struct client *c, struct client_ssh **out, struct run_line **line,
                     struct rk_err *err) RK_MUST_CHECK;
/* Ends and reaps the child. why, if given: becomes what ssh or the far side said, if anything. */
void client_ssh_end(struct client_ssh *s, struct rk_err *why);

/* ---- find.c ---- */
int client_find(struct client *c, struct rk_err *err) RK_MUST_CHECK; /* checks options; paths */
int client_start_engine(struct client *c, struct rk_err *err) RK_MUST_CHECK;
/* The last line that the engine left when it started, for the error that it did not answer. */
void client_engine_words(struct client *c, struct rk_buf *out);

#endif
