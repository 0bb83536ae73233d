/*
 * demo_int.h: the world that the demo makes, as its files share it. Everything is blocking: each
 * helper runs the loop until its own answer is there or its limit is over.
 */
#ifndef RK_DEMO_INT_H
#define RK_DEMO_INT_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "cluster/cluster.h"
#include "demo/demo.h"
#include "gitcmd/gitcmd.h"
#include "net/net.h"
#include "reckon/doc.h"
#include "reckon/run.h"
#include "reckon/time.h"
#include "seal/seal.h"

#define DEMO_APP "simple-app"

struct demo {
    struct rk_arena *arena;
    struct run_loop *loop;
    char *dir;                  /* everything is below it */
    bool keep, real;            /* keep: --dir was given; real: --kubeconfig */
    char suffix[12];            /* of the namespaces: "" or "-x7k2p" */
    char *bare, *work, *state, *kubeconfig, *socket, *settings;
    char *reckon, *engine_program;
    pid_t sandbox, engine;
    struct cluster_config *config;
    struct net_client *api;
    size_t checks, failed;
    uint64_t started;           /* monotonic ms */
    const volatile sig_atomic_t *interrupted;   /* by a signal: waits end, steps are left out */
};

/* ---- layout.c: the repository of design.md section 15 ---- */
/* Writes all files of the work clone; cert: the cluster's sealing certificate (PEM). */
int demo_layout(struct demo *d, rk_str cert, struct rk_err *err) RK_MUST_CHECK;
const char *demo_namespace(struct demo *d, const char *environment);    /* in the arena */

/* ---- world.c: programs started and stopped by process id ---- */
int demo_world_start(struct demo *d, struct rk_err *err) RK_MUST_CHECK;
int demo_engine_start(struct demo *d, struct rk_err *err) RK_MUST_CHECK;
void demo_engine_stop(struct demo *d, int signum);
void demo_world_stop(struct demo *d);

/* ---- place.c: the console on this world; the exit code of the demo ---- */
int demo_place(struct demo *d);

/* ---- outside.c: what git and the API say, and what a user does ---- */
/* One request; *doc (in arena) is the answer's JSON, NULL for none. status < 0: no answer. */
int demo_api(struct demo *d, const char *method, const char *path, const char *type, rk_str body,
             struct doc_node **doc);
/* The object at path, or NULL. */
const struct doc_node *demo_object(struct demo *d, const char *path);
const struct doc_node *demo_deployment(struct demo *d, const char *environment);
/* `reckon ARGS...` as a user runs it; out is its stdout. Returns the exit status. */
int demo_reckon(struct demo *d, struct rk_buf *out, const char *const *args);
/* Its `-o json` output parsed, whatever the exit status; NULL when it is not JSON. */
const struct doc_node *demo_reckon_json(struct demo *d, const char *const *args);
int demo_git(struct demo *d, struct rk_buf *out, const char *const *args);  /* in the work clone */
/* Replaces `from` by `to` in a file of the work clone. */
bool demo_replace(struct demo *d, const char *file, const char *from, const char *to);
/* The same on the newest revision; commits with the message and pushes. */
int demo_edit(struct demo *d, const char *file, const char *from, const char *to,
              const char *message);
int demo_commit(struct demo *d, const char *message);   /* what is changed in the clone; pushes */
bool demo_pull(struct demo *d);
/* Polls until fn says true; false after limit_ms. */
bool demo_until(struct demo *d, uint64_t limit_ms, bool (*fn)(struct demo *d, const void *arg),
                const void *arg);
void demo_pause(struct demo *d, uint64_t ms);           /* runs the loop meanwhile */

/* ---- say.c ---- */
void demo_step(struct demo *d, const char *letter, const char *fmt, ...) RK_PRINTF(3, 4);
/* Prints ok or FAILED with the text; counts. Returns ok. */
bool demo_check(struct demo *d, bool ok, const char *fmt, ...) RK_PRINTF(3, 4);
void demo_say(struct demo *d, const char *fmt, ...) RK_PRINTF(2, 3);

/* ---- tour.c ---- */
int demo_tour(struct demo *d);

#endif
