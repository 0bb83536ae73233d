/*
 * server_int.h: what the files of the server's half share.
 */
#ifndef RK_NET_SERVER_INT_H
#define RK_NET_SERVER_INT_H

#include <microhttpd.h>

#include "net/net.h"

enum exchange_state {
    X_READING,      /* the request is coming in */
    X_ARRIVED,      /* whole; the handler is to be called */
    X_WAITING,      /* the handler has it */
    X_ANSWERED,     /* net_reply was called */
    X_STREAMING,    /* net_stream_begin was called */
    X_ENDED,        /* net_stream_end was called */
};

struct exchange {
    struct net_exchange pub;            /* first: the door's pointer is ours */
    struct exchange *prev, *next;       /* server->all */
    struct exchange *next_due;
    struct net_server *server;          /* NULL once the server has stopped */
    struct MHD_Connection *conn;        /* NULL once MHD is done with it */
    enum exchange_state state;
    char *method, *path;
    struct rk_buf body, out;            /* out: a stream's bytes not yet taken by MHD */
    size_t out_at;
    struct MHD_Response *response;
    int status;
    bool suspended, too_big, aborted, due, gone_told;
    struct run_poll *hangup;
    int hangup_fd;
};

struct net_server {
    struct run_loop *loop;
    struct MHD_Daemon *daemon;
    struct run_poll *poll;
    struct run_timer *timer;
    struct net_server_opts opts;
    uint16_t port;
    struct rk_buf cert, key;            /* wiped */
    struct exchange *all;
    struct exchange *due, **due_end;    /* something to tell: arrived, or gone */
    int depth;
    bool stopped, soon;                 /* soon: a turn is asked for */
};

/* Ends a stretch in which callers' code ran (depth was raised): finishes a stop asked for there. */
void net_server_leave(struct net_server *s);
void net_server_turn(struct net_server *s);     /* MHD runs on a later turn of the loop */
void net_exchange_due(struct exchange *x);
void net_exchange_resume(struct exchange *x);
void net_exchange_free(struct exchange *x);
void net_exchange_gone(struct exchange *x);     /* tells once, if it was a stream */
/* Starts and stops watching the socket of a stream for the client's end. */
void net_hangup_watch(struct exchange *x);
void net_hangup_stop(struct exchange *x);

#endif
