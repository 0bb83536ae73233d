/*
 * client.h: a client of the engine: finds or starts one, shakes hands, sends requests, keeps
 * subscriptions alive across reconnects. Used by the console and the CLI.
 */
#ifndef RECKON_CLIENT_H
#define RECKON_CLIENT_H

#include "reckon/run.h"
#include "reckon/wire.h"

struct client;
struct client_opts {
    const char *socket;         /* --socket; NULL: RECKON_SOCKET, else the usual places. With host:
                                 * a path over there */
    const char *profile;        /* NULL: "default" */
    const char *host;           /* --host user@host: through ssh and `reckon relay` */
    /* --repo PATH_OR_URL without configuration; NULL. An engine that runs and does not watch it is
     * refused: CONFLICT */
    const char *repo;
    bool start;                 /* start a session engine when none answers */
    bool reconnect;             /* keep trying when a line that was READY breaks (console); else
                                 * fail. Also: ssh asks nothing on the terminal */
    bool readonly;
    const char *engine_program; /* NULL: reckon-engine beside this program, else libexecdir */
};
/*
 * CONNECTING is where a client starts and is not told. FAILED is the end: every call and
 * subscription, also later ones, gets the reason. A line lost while the engine says that it was
 * stopped (an END of sub 0, code CANCELLED) is FAILED too: nobody starts it again.
 */
enum client_state { CLIENT_CONNECTING, CLIENT_READY, CLIENT_LOST, CLIENT_FAILED };
struct client_events {
    /* hello is set from READY on, valid until the next READY or client_close; why says what
     * happened in LOST (again when another reason comes up) and FAILED. May close the client. */
    void (*state)(enum client_state s, const struct wire_hello *hello, const struct rk_err *why,
                  void *ctx);
};
/* Never calls back inside. */
struct client *client_open(struct run_loop *loop, const struct client_opts *opts,
                           const struct client_events *ev, void *ctx) RK_MUST_CHECK;
void client_close(struct client *c);    /* also ends its calls and subscriptions; no callback */

/* The answer's JSON text of result, or err. Called once; not after client_close. */
typedef void (*client_done_fn)(rk_str result, const struct rk_err *err, void *ctx);
/*
 * params: a JSON object's text, "" for none. Waits for READY. Sent once: when the line breaks
 * before the answer, err is UNAVAILABLE and the engine may have done it or not. done may be NULL.
 */
void client_call(struct client *c, const char *method, rk_str params, client_done_fn done,
                 void *ctx);

struct client_sub;
/* kind RESET: data is the whole window; PATCH: what changed; END: no more, err says why or NULL.
 * The function may change or unsubscribe its subscription, also after END. */
typedef void (*client_event_fn)(enum wire_event kind, rk_str data, const struct rk_err *err,
                                void *ctx);
/* Subscribed again after every reconnect, with a RESET; stale epochs are dropped here. */
struct client_sub *client_subscribe(struct client *c, const char *method, rk_str params,
                                    client_event_fn fn, void *ctx) RK_MUST_CHECK;
/* Another window or filter, also after END. Events of the old window may come until the new one's
 * RESET; while the engine has not answered, only the latest of several changes is asked for. */
void client_sub_change(struct client_sub *s, rk_str params);
void client_unsubscribe(struct client_sub *s);  /* NULL is fine */

bool client_profile_valid(const char *profile); /* letters, digits and . _ -, at most 64 */
/* Where sockets and state live (design.md section 2, 15); malloc'd. An invalid profile or NULL:
 * "default". The session socket without XDG_RUNTIME_DIR is STATE/engine.sock. */
char *client_state_dir(const char *profile) RK_MUST_CHECK;
char *client_socket_path(const char *profile, bool system) RK_MUST_CHECK;
char *client_engine_program(void) RK_MUST_CHECK;

#endif
