/*
 * seal_int.h: what the files of room seal share and no other room sees.
 */
#ifndef RK_SEAL_INT_H
#define RK_SEAL_INT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "seal/seal.h"

#define SEAL_CLUSTER_WIDE_KEY "sealedsecrets.bitnami.com/cluster-wide"
#define SEAL_NAMESPACE_WIDE_KEY "sealedsecrets.bitnami.com/namespace-wide"
#define SEAL_SKIP_OWNER_KEY "sealedsecrets.bitnami.com/skip-set-owner-references"
#define SEAL_API_VERSION "bitnami.com/v1alpha1"
#define SEAL_KIND "SealedSecret"

/* Cleanups for rk_auto. */
void seal_pkey_freep(EVP_PKEY **k);
void seal_x509_freep(X509 **x);
void seal_wipe_buf(struct rk_buf *b);   /* overwrites the memory, then releases it */

/* OpenSSL's error queue is emptied: its texts may name what must not be told. */
int seal_fail_ssl(struct rk_err *err, const char *what);

/* Private keys of several PEM texts, at most SEAL_KEYS. */
#define SEAL_KEYS 64
struct seal_keys {
    EVP_PKEY *v[SEAL_KEYS];
    size_t n;
};
int seal_keys_read(const rk_str *pem, size_t n, struct seal_keys *out, struct rk_err *err)
    RK_MUST_CHECK;
void seal_keys_release(struct seal_keys *k);

/* The RSA key of the first certificate, refused when it is expired now. */
int seal_public_key(rk_str cert, EVP_PKEY **out, struct rk_err *err) RK_MUST_CHECK;

/* Makes room for n more bytes without leaving a copy of what the buffer holds behind. */
void seal_reserve(struct rk_buf *b, size_t n);
/* The label that binds a value to its place. */
void seal_label(enum seal_scope scope, rk_str ns, rk_str name, struct rk_buf *out);
/* base64 text is appended to out. */
int seal_encrypt(EVP_PKEY *key, rk_str label, rk_str clear, struct rk_buf *out, struct rk_err *err)
    RK_MUST_CHECK;
int seal_decrypt(const struct seal_keys *keys, rk_str label, rk_str sealed, struct rk_buf *clear,
                 struct rk_err *err) RK_MUST_CHECK;

enum seal_scope seal_scope_of(const struct doc_node *metadata);

#endif
