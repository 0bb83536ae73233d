/*
 * net.h: HTTP on the loop: a client (libcurl) and a server (libmicrohttpd).
 * Facts and traps: reference/kubernetes.md section 6 and 6.1.
 */
#ifndef RK_NET_H
#define RK_NET_H

#include "reckon/run.h"

/* ================= client ================= */
struct net_tls { /* PEM texts; empty = none. Copied and wiped when the client ends. */
    rk_str ca, cert, key;
    const char *server_name;    /* SNI and name check instead of the URL's host; NULL */
    bool insecure;
};
struct net_client_opts {
    const char *base;           /* "https://host:port/prefix"; a token never goes to http:// */
    struct net_tls tls;
    const char *proxy;          /* NULL: none */
    const char *user_agent;
    unsigned connect_timeout_ms; /* 0: 10 s */
};
struct net_client; /* two connection pools: short requests, and streams (watches, logs) */
int net_client_new(struct run_loop *loop, const struct net_client_opts *opts,
                   struct net_client **out, struct rk_err *err) RK_MUST_CHECK;
void net_client_free(struct net_client *c);     /* cancels what runs; its done is not called */
/* The Authorization header of requests from now on ("Bearer ..."); wiped at the end. "" = none.
 * Left out of requests to http://. */
void net_client_authorize(struct net_client *c, const char *value);

struct net_response {
    int status;
    rk_str body;                /* short requests: whole; streams: empty */
    rk_str content_type, warning;       /* Warning headers joined by newline */
    int64_t retry_after_ms;     /* -1: none */
    uint64_t elapsed_us;
};
struct net_request_opts {
    const char *method;         /* NULL: GET */
    const char *path;           /* after base, query included, already escaped */
    const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
    rk_str body;                /* copied */
    uint64_t timeout_ms;        /* 0: 60 s; streams: no limit */
    size_t body_limit;          /* 0: 64 MiB; more is RK_LIMIT */
    /* set: a stream. Bytes as they come, only of a 2xx answer; -1 with err ends the request. */
    int (*on_bytes)(rk_str bytes, void *ctx, struct rk_err *err);
    void (*on_open)(const struct net_response *r, void *ctx);   /* stream: the answer's head */
    uint64_t silence_ms;        /* stream: RK_TIMEOUT after so long without a byte; 0: never */
};
struct net_request;
/*
 * err NULL: an answer came, whatever its status (a stream: it ended in order; the body of a non-2xx
 * answer, at most 64 KiB, is in r). err: r is NULL. UNAVAILABLE (network, a certificate not
 * trusted, a stream cut off), TIMEOUT, LIMIT, INVALID (our own TLS material or URL). Called once,
 * never inside net_request; r's views and the request itself are gone after it.
 */
typedef void (*net_done_fn)(const struct net_response *r, const struct rk_err *err, void *ctx);
struct net_request *net_request(struct net_client *c, const struct net_request_opts *opts,
                                net_done_fn done, void *ctx) RK_MUST_CHECK;
void net_cancel(struct net_request *r);         /* done is not called */
/* Percent-encodes one path segment or query value. */
void net_escape(struct rk_buf *out, rk_str segment);

/* ================= server ================= */
struct net_exchange {           /* one request being answered */
    const char *method, *path;  /* path decoded, without the query */
    rk_str body;
    void *user;                 /* the handler's own */
};
/* Called when the whole request is there. The handler answers now or later, exactly once. */
typedef void (*net_handler_fn)(struct net_exchange *x, void *ctx);
struct net_server_opts {
    const char *address;        /* "127.0.0.1" */
    uint16_t port;              /* 0: any free one */
    rk_str cert, key;           /* PEM; empty = plain HTTP */
    size_t body_limit;          /* 0: 3 MiB; more answers 413 */
    net_handler_fn handler;
    /* the client of a stream (begun, not ended) went away or did not read 16 MiB, or the server was
     * stopped; the exchange is gone after this. Not called for streams ended by net_stream_end. */
    void (*gone)(struct net_exchange *x, void *ctx);
    void *ctx;
};
struct net_server;
int net_server_start(struct run_loop *loop, const struct net_server_opts *opts,
                     struct net_server **out, struct rk_err *err) RK_MUST_CHECK;
uint16_t net_server_port(const struct net_server *s);
/* Ends open streams (gone is called for each, inside). Exchanges a handler still holds stay valid
 * until it answers them, into nothing. */
void net_server_stop(struct net_server *s);

/* Of an exchange not yet answered. */
rk_str net_query(const struct net_exchange *x, const char *name);   /* decoded; none when absent */
bool net_has_query(const struct net_exchange *x, const char *name);
rk_str net_header(const struct net_exchange *x, const char *name);
/* headers: "Name: value" NULL-terminated or NULL. The body is copied. */
void net_reply(struct net_exchange *x, int status, const char *content_type, rk_str body,
               const char *const *headers);
/* A chunked answer: begin, then any number of writes, then end. false: the client has gone. */
void net_stream_begin(struct net_exchange *x, int status, const char *content_type);
bool net_stream_write(struct net_exchange *x, rk_str bytes);
void net_stream_end(struct net_exchange *x);

#endif
