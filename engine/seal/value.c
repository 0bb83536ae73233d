/*
 * value.c: one value in, one sealed value out, and back. The bytes are those of kubeseal:
 *
 *     base64( length of the RSA part, 2 bytes big-endian | RSA-OAEP(SHA-256, label, session key)
 *             | AES-256-GCM(session key, zero nonce, value) | 16 bytes tag )
 *
 * The zero nonce is safe because every value gets a session key of its own. The label binds a value
 * to namespace and name (by scope); nothing else is authenticated. Every failure to open looks
 * alike: a difference would tell an attacker which part of a forged value was right.
 * Source: reference/kubernetes.md section 4.1. Owns nothing between calls.
 */
#include "seal/seal_int.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "base/hash.h"

enum { SESSION = 32, NONCE = 12, TAG = 16, HEAD = 2 };
#define VALUE_MAX ((size_t)16 << 20)

static void ctx_freep(EVP_PKEY_CTX **c)
{
    EVP_PKEY_CTX_free(*c);
}

static void cipher_freep(EVP_CIPHER_CTX **c)
{
    EVP_CIPHER_CTX_free(*c);
}

int seal_fail_ssl(struct rk_err *err, const char *what)
{
    ERR_clear_error();
    return rk_fail(err, RK_INTERNAL, "OpenSSL: %s failed", what);
}

void seal_wipe_buf(struct rk_buf *b)
{
    if (b->cap)
        rk_wipe(b->p, b->cap);
    rk_buf_release(b);
}

void seal_reserve(struct rk_buf *b, size_t n)
{
    if (b->cap > b->n + n)
        return;
    struct rk_buf larger = RK_BUF_INIT;
    rk_buf_reserve(&larger, b->n + n + 1);
    rk_buf_add(&larger, b->p, b->n);
    seal_wipe_buf(b);
    *b = larger;
}

void seal_label(enum seal_scope scope, rk_str ns, rk_str name, struct rk_buf *out)
{
    switch (scope) {
    case SEAL_CLUSTER_WIDE:
        return;
    case SEAL_NAMESPACE_WIDE:
        rk_buf_str(out, ns);
        return;
    case SEAL_STRICT:
        break;
    }
    rk_buf_str(out, ns);
    rk_buf_ch(out, '/');
    rk_buf_str(out, name);
}

/* ---- the session key under RSA ---- */

static int set_label(EVP_PKEY_CTX *ctx, rk_str label)
{
    if (label.n == 0)
        return 1;
    void *copy = OPENSSL_memdup(label.p, label.n);
    if (!copy)
        return 0;
    int ok = EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)label.n); /* takes the copy */
    if (ok <= 0)
        OPENSSL_free(copy);
    return ok;
}

static EVP_PKEY_CTX *oaep_new(EVP_PKEY *key, rk_str label, int (*init)(EVP_PKEY_CTX *))
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (ctx && init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
        EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
        EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0 && set_label(ctx, label) > 0)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

static bool session_wrap(EVP_PKEY *key, rk_str label, const uint8_t session[SESSION], uint8_t *out,
                         size_t *n)
{
    rk_auto(ctx_freep) EVP_PKEY_CTX *ctx = oaep_new(key, label, EVP_PKEY_encrypt_init);
    return ctx && EVP_PKEY_encrypt(ctx, out, n, session, SESSION) > 0;
}

static bool session_unwrap(EVP_PKEY *key, rk_str label, const uint8_t *in, size_t n,
                           uint8_t session[SESSION])
{
    rk_auto(ctx_freep) EVP_PKEY_CTX *ctx = oaep_new(key, label, EVP_PKEY_decrypt_init);
    size_t size = (size_t)EVP_PKEY_get_size(key);
    if (!ctx || n != size)
        return false;
    uint8_t *plain = rk_alloc(size);
    size_t got = size;
    bool ok = EVP_PKEY_decrypt(ctx, plain, &got, in, n) > 0 && got == SESSION;
    if (ok)
        memcpy(session, plain, SESSION);
    rk_wipe(plain, size);
    free(plain);
    return ok;
}

/* ---- the value under the session key ---- */

static const uint8_t zero_nonce[NONCE];

/* out holds clear.n + TAG bytes. */
static bool gcm_seal(const uint8_t session[SESSION], rk_str clear, uint8_t *out)
{
    rk_auto(cipher_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, last = 0;
    if (!ctx || EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), session, zero_nonce, NULL) <= 0)
        return false;
    if (clear.n &&
        EVP_EncryptUpdate(ctx, out, &n, (const uint8_t *)clear.p, (int)clear.n) <= 0)
        return false;
    return EVP_EncryptFinal_ex(ctx, out + n, &last) > 0 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, out + clear.n) > 0;
}

/* in: n bytes and the tag behind them; out holds n bytes, wiped when the tag is wrong. */
static bool gcm_open(const uint8_t session[SESSION], uint8_t *in, size_t n, uint8_t *out)
{
    rk_auto(cipher_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done = 0, last = 0;
    bool ok = ctx && EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), session, zero_nonce, NULL) > 0 &&
              (n == 0 || EVP_DecryptUpdate(ctx, out, &done, in, (int)n) > 0) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, in + n) > 0 &&
              EVP_DecryptFinal_ex(ctx, out + done, &last) > 0;
    if (!ok && n)
        rk_wipe(out, n);
    return ok;
}

/* ---- both ---- */

int seal_encrypt(EVP_PKEY *key, rk_str label, rk_str clear, struct rk_buf *out, struct rk_err *err)
{
    if (clear.n > VALUE_MAX)
        return rk_fail(err, RK_LIMIT, "a value of %zu bytes is over the limit of 16 MiB", clear.n);
    uint8_t session[SESSION];
    size_t rsa = (size_t)EVP_PKEY_get_size(key);
    if (RAND_bytes(session, SESSION) <= 0)
        return seal_fail_ssl(err, "random bytes");
    size_t size = HEAD + rsa + clear.n + TAG;
    uint8_t *bytes = rk_alloc(size);
    bytes[0] = (uint8_t)(rsa >> 8);
    bytes[1] = (uint8_t)rsa;
    bool ok = session_wrap(key, label, session, bytes + HEAD, &rsa) &&
              gcm_seal(session, clear, bytes + HEAD + rsa);
    rk_wipe(session, SESSION);
    if (ok)
        rk_base64(out, bytes, size);
    free(bytes);
    return ok ? 0 : seal_fail_ssl(err, "encryption");
}

/* Tries every key; the session key of the first that fits must also open the value. */
static bool open_bytes(const struct seal_keys *keys, rk_str label, struct rk_buf *in,
                       struct rk_buf *clear)
{
    uint8_t *p = (uint8_t *)in->p;
    if (in->n < HEAD)
        return false;
    size_t rsa = (size_t)p[0] << 8 | p[1];
    if (in->n < HEAD + rsa + TAG || in->n > VALUE_MAX)
        return false;
    size_t n = in->n - HEAD - rsa - TAG;
    seal_reserve(clear, n);
    uint8_t session[SESSION];
    bool ok = false;
    for (size_t i = 0; i < keys->n && !ok; i++)
        ok = session_unwrap(keys->v[i], label, p + HEAD, rsa, session) &&
             gcm_open(session, p + HEAD + rsa, n, (uint8_t *)clear->p + clear->n);
    rk_wipe(session, SESSION);
    if (!ok)
        return false;
    clear->n += n;
    clear->p[clear->n] = 0;
    return true;
}

int seal_decrypt(const struct seal_keys *keys, rk_str label, rk_str sealed, struct rk_buf *clear,
                 struct rk_err *err)
{
    struct rk_buf bytes = RK_BUF_INIT;
    bool ok = sealed.n < 2 * VALUE_MAX && rk_unbase64(&bytes, sealed) &&
              open_bytes(keys, label, &bytes, clear);
    rk_buf_release(&bytes);
    ERR_clear_error();
    if (ok)
        return 0;
    return rk_fail(err, RK_INVALID,
                   "the sealed value does not open: it is damaged, or was sealed for another "
                   "cluster, scope, namespace or name; seal it anew");
}

static int check_place(enum seal_scope scope, const char *ns, const char *name, struct rk_err *err)
{
    if (scope != SEAL_CLUSTER_WIDE && (!ns || !*ns))
        return rk_fail(err, RK_INVALID, "a namespace is needed unless the scope is cluster-wide");
    if (scope == SEAL_STRICT && (!name || !*name))
        return rk_fail(err, RK_INVALID, "a name is needed for the scope strict");
    return 0;
}

int seal_value(rk_str cert, enum seal_scope scope, const char *ns, const char *name, rk_str clear,
               struct rk_buf *out, struct rk_err *err)
{
    rk_auto(seal_pkey_freep) EVP_PKEY *key = NULL;
    if (check_place(scope, ns, name, err) < 0 || seal_public_key(cert, &key, err) < 0)
        return -1;
    rk_auto(rk_buf_release) struct rk_buf label = RK_BUF_INIT;
    seal_label(scope, rk_str_c(ns), rk_str_c(name), &label);
    return seal_encrypt(key, rk_buf_view(&label), clear, out, err);
}

int seal_open_value(const rk_str *keys, size_t n, enum seal_scope scope, const char *ns,
                    const char *name, rk_str sealed, struct rk_buf *clear, struct rk_err *err)
{
    rk_auto(seal_keys_release) struct seal_keys opened = {0};
    if (check_place(scope, ns, name, err) < 0 || seal_keys_read(keys, n, &opened, err) < 0)
        return -1;
    rk_auto(rk_buf_release) struct rk_buf label = RK_BUF_INIT;
    seal_label(scope, rk_str_c(ns), rk_str_c(name), &label);
    return seal_decrypt(&opened, rk_buf_view(&label), sealed, clear, err);
}
