/*
 * seal.h: sealed secrets, byte-compatible with kubeseal (reference/kubernetes.md section 4), and
 * the certificates that the sandbox serves with. The only room that includes OpenSSL.
 * Clear values live in wiping arenas; every failure to open looks alike.
 */
#ifndef RK_SEAL_H
#define RK_SEAL_H

#include "kube/kube.h"

enum seal_scope { SEAL_STRICT, SEAL_NAMESPACE_WIDE, SEAL_CLUSTER_WIDE };
/* "strict", "namespace-wide", "cluster-wide" */
bool seal_scope_parse(const char *text, enum seal_scope *out);

/* One value. cert: PEM, first certificate used; expired = INVALID. out: base64 text. */
int seal_value(rk_str cert, enum seal_scope scope, const char *ns, const char *name, rk_str clear,
               struct rk_buf *out, struct rk_err *err) RK_MUST_CHECK;
/* keys: PEM private keys, tried in turn. clear is appended; wipe it. */
int seal_open_value(const rk_str *keys, size_t n, enum seal_scope scope, const char *ns,
                    const char *name, rk_str sealed, struct rk_buf *clear, struct rk_err *err)
    RK_MUST_CHECK;

/* A Secret document -> a SealedSecret document (in a), as kubeseal does it. scope from the
 * annotations when have_scope is false. */
int seal_secret(struct rk_arena *a, rk_str cert, bool have_scope, enum seal_scope scope,
                const char *default_ns, const struct doc_node *secret, struct doc_node **out,
                struct rk_err *err) RK_MUST_CHECK;
/* A SealedSecret document -> the Secret the controller would make (in a, a wiping arena). */
int seal_unseal(struct rk_arena *a, const rk_str *keys, size_t n, const struct doc_node *sealed,
                struct doc_node **out, struct rk_err *err) RK_MUST_CHECK;

/* ---- keys and certificates; PEM into buffers ---- */
/* RSA key pair and self-signed certificate of a sealing controller; 0.5-2.8 s: in the pool. */
int seal_make_key(unsigned bits, int64_t now_ms, struct rk_buf *key, struct rk_buf *cert,
                  struct rk_err *err) RK_MUST_CHECK;
/* EC certificate authority, and a server certificate for the names and addresses given. */
int seal_make_server(const char *const *names, int64_t now_ms, struct rk_buf *ca,
                     struct rk_buf *cert, struct rk_buf *key, struct rk_err *err) RK_MUST_CHECK;
int seal_cert_check(rk_str cert, int64_t now_ms, int64_t *not_after_ms, struct rk_err *err)
    RK_MUST_CHECK;

#endif
