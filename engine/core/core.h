/*
 * core.h: the engine: reconcile order, each application's desired, live and plan, publishing,
 * the protocol's requests, engine settings. One loop thread owns everything in this room.
 */
#ifndef RK_CORE_H
#define RK_CORE_H

#include "reckon/error.h"

struct core_opts {
    const char *profile;        /* NULL: "default" */
    const char *config;         /* engine.yaml; NULL: the usual places */
    const char *socket;         /* NULL: the usual place */
    const char *state_dir;      /* NULL: settings', else the usual place */
    const char *repo;           /* --repo: observe this repository without configuration */
    const char *kubeconfig;     /* with repo: NULL = the current one */
    bool system;                /* /etc/reckon, /run/reckon, /var/lib/reckon */
    bool session;               /* ends with its last client when no operation runs */
    bool foreground;            /* log to stderr too */
    int ready_fd;               /* a byte is written when the socket listens; -1: none */
};
/*
 * Runs until SIGTERM, SIGINT, engine.stop or (session) the last client left. CONFLICT: another
 * engine holds the state folder (its pid and socket are named).
 */
int core_run(const struct core_opts *opts, struct rk_err *err) RK_MUST_CHECK;

#endif
