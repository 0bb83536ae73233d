/*
 * net_int.h: the insides that the files of this room share. The client's half knows libcurl, the
 * server's half libmicrohttpd; they share nothing with each other.
 */
#ifndef RK_NET_INT_H
#define RK_NET_INT_H

#include <curl/curl.h>

#include "net/net.h"

/* ================= client ================= */

enum net_version { NET_UNKNOWN, NET_WARMING, NET_HTTP1, NET_HTTP2 };

struct net_pool {               /* one curl multi handle: its connections and their requests */
    struct net_client *client;
    CURLM *multi;
    struct run_timer *timer;
    bool soon;                  /* a turn is already asked for */
    struct net_request *ready, **ready_end;     /* have something to tell */
    unsigned failures;          /* in a row: then a fresh connection */
    /* the streams' pool only */
    enum net_version version;   /* while WARMING the streams after the first are held back */
    struct run_timer *warm;
    size_t streams;
};

struct net_client {
    struct run_loop *loop;
    char *base;                 /* URL in front of every path; server_name already in it */
    char *shown;                /* the same for people */
    struct curl_slist *connect_to;
    char *host_header;          /* "Host: ..." when server_name hides the real one */
    bool https, insecure;
    struct rk_buf ca, cert, key, authorization;     /* wiped */
    char *proxy, *user_agent;
    unsigned connect_timeout_ms;
    struct net_pool requests, streams;
    struct net_request *all;
    int depth;                  /* > 0: on the stack; then memory stays */
    bool dead;
};

struct net_request {
    struct net_request *prev, *next;            /* client->all */
    struct net_request *next_ready;
    struct net_pool *pool;
    CURL *easy;
    struct curl_slist *headers;
    char *label;                /* "GET https://host/path", for errors */
    struct rk_buf sent, got;    /* our body; what came and is not told yet */
    size_t body_limit;
    bool stream, added, held, ready, nudged, head_told, over, telling, cancelled;
    CURLcode result;
    struct rk_err err;          /* wins over result */
    char detail[CURL_ERROR_SIZE];
    /* the answer's head */
    int status;
    bool head_whole;
    struct rk_buf content_type, warning;
    int64_t retry_after_ms;
    /* streams */
    struct run_timer *watch;
    uint64_t began, last_byte, silence_ms;
    int (*on_bytes)(rk_str bytes, void *ctx, struct rk_err *err);
    void (*on_open)(const struct net_response *r, void *ctx);
    net_done_fn done;
    void *ctx;
};

/* client.c */
void net_pool_add(struct net_pool *p, struct net_request *r);   /* hands it to curl */
void net_pool_drop(struct net_request *r);                      /* takes it back */
void net_pool_ready(struct net_request *r);
void net_pool_turn(struct net_pool *p);         /* what is ready is told on a later turn */
void net_pool_tell(struct net_pool *p);         /* now; not inside curl */
/* streams.c */
void net_stream_admit(struct net_pool *p, struct net_request *r);
void net_stream_answered(struct net_pool *p, CURL *easy);
void net_stream_failed(struct net_pool *p);
void net_stream_watch(struct net_request *r);
/* request.c */
void net_request_tell(struct net_request *r);   /* calls back; frees it when it is over */
void net_request_free(struct net_request *r);
/* tls.c */
int net_tls_set(CURL *easy, const struct net_client *c, struct rk_err *err) RK_MUST_CHECK;
void net_curl_error(const struct net_request *r, struct rk_err *err);
void net_wipe(struct rk_buf *b);                /* wipes and releases */

#endif
