/*
 * sandbox.h: an embedded Kubernetes API server with its controllers, over HTTPS on 127.0.0.1.
 *
 * It serves what real kubectl v1.35 and the engine need (reference/kubernetes.md section 2): one
 * imaginary node, pods that run nothing. It calls itself a sandbox everywhere. State in memory, and
 * in a folder when one is named. Everything runs on the loop's thread but the making of an RSA key.
 */
#ifndef RK_SANDBOX_H
#define RK_SANDBOX_H

#include "reckon/run.h"

#define SANDBOX_VERSION "v1.35.0-sandbox"
#define SANDBOX_CONTEXT "reckon-sandbox"
/* Annotations on a pod (template) that make it misbehave, besides an image tag with "broken". */
#define SANDBOX_CRASH_LOOP "sandbox.reckon.dev/crash-loop"  /* "true": CrashLoopBackOff */
#define SANDBOX_SLOW_START "sandbox.reckon.dev/slow-start"  /* "3s": ready that much later */
#define SANDBOX_FAIL "sandbox.reckon.dev/fail"              /* "true": the container exits with 1 */

struct sandbox;

struct sandbox_faults {             /* all zero: none */
    unsigned too_many;              /* the next n requests to resources are answered 429 */
    unsigned errors;                /* the next n writes are answered 500 */
    bool drop_watches;              /* each watch is cut after its first event */
    uint64_t latency_ms;            /* before every answer */
};

struct sandbox_opts {               /* zero fields take the defaults */
    const char *address;            /* "127.0.0.1" */
    uint16_t port;                  /* 0: any free one */
    const char *kubeconfig_out;     /* written 0600 when not NULL */
    const char *state_dir;          /* NULL: memory only. Holds objects, token and keys, 0700 */
    struct sandbox_faults faults;
    uint64_t pod_delay_ms;          /* from bound to ready; 0: 50 */
    unsigned rsa_bits;              /* of the sealing key; 0: 2048 (a cluster's has 4096) */
    size_t history;                 /* events kept for watches that resume; 0: 4096 */
};

/* Listens before it returns. The sealing key follows from the pool, 0.1 to 1 s later. */
int sandbox_start(struct run_loop *loop, const struct sandbox_opts *opts, struct sandbox **out,
                  struct rk_err *err) RK_MUST_CHECK;
/* Ends open watches, writes the state folder. NULL is fine. */
void sandbox_stop(struct sandbox *sb);
const char *sandbox_url(const struct sandbox *sb);      /* "https://127.0.0.1:PORT" */
const char *sandbox_token(const struct sandbox *sb);    /* of the one user, an administrator */
rk_str sandbox_ca(const struct sandbox *sb);            /* PEM */
/* The kubeconfig's text; holds the token. */
void sandbox_kubeconfig(const struct sandbox *sb, struct rk_buf *out);
/* The public certificate to seal with; empty until the key is made. */
rk_str sandbox_sealing_cert(const struct sandbox *sb);
/* From now on; takes the place of what was given at the start. */
void sandbox_set_faults(struct sandbox *sb, const struct sandbox_faults *faults);

/* reckon-engine sandbox [--listen A] [--kubeconfig OUT] [--state DIR] [--faults FILE]: prints the
 * kubeconfig's path and serves until SIGTERM or SIGINT. Returns the exit code. */
int sandbox_main(int argc, char **argv);

#endif
