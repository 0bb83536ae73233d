/*
 * pem.c: PEM text in; public key, private keys, validity out. A certificate is the first of its
 * text, as kubeseal takes it; private keys are every key of every text, PKCS#1 or PKCS#8.
 * Owns what it hands out only until the caller's cleanup. Never asks for a passphrase on the
 * terminal, and never repeats what it read in an error.
 */
#include "seal/seal_int.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <time.h>

#include "reckon/time.h"

#define PEM_MAX ((size_t)1 << 20)

static void bio_freep(BIO **b)
{
    BIO_free(*b);
}

void seal_pkey_freep(EVP_PKEY **k)
{
    EVP_PKEY_free(*k);
}

void seal_x509_freep(X509 **x)
{
    X509_free(*x);
}

void seal_keys_release(struct seal_keys *k)
{
    for (size_t i = 0; i < k->n; i++)
        EVP_PKEY_free(k->v[i]);
    k->n = 0;
}

/* Without this OpenSSL would prompt on the terminal for a protected key. */
static int no_passphrase(char *buf, int size, int rwflag, void *u)
{
    (void)buf, (void)size, (void)rwflag, (void)u;
    return -1;
}

static int read_cert(rk_str pem, X509 **out, struct rk_err *err)
{
    if (pem.n > PEM_MAX)
        return rk_fail(err, RK_LIMIT, "certificate: over the limit of 1 MiB");
    rk_auto(bio_freep) BIO *bio = BIO_new_mem_buf(pem.p ? pem.p : "", (int)pem.n);
    *out = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
    ERR_clear_error();
    if (!*out)
        return rk_fail(err, RK_INVALID, "certificate: no PEM block CERTIFICATE that can be read");
    return 0;
}

static int64_t asn1_ms(const ASN1_TIME *t)
{
    struct tm tm = {0};
    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

static int check_time(const X509 *x, int64_t now_ms, int64_t *not_after, struct rk_err *err)
{
    int64_t end = asn1_ms(X509_get0_notAfter(x));
    if (now_ms > end) {
        char when[32];
        rk_time_format(end, when);
        return rk_fail(err, RK_INVALID, "certificate: expired at %s; fetch the newest", when);
    }
    if (not_after)
        *not_after = end;
    return 0;
}

int seal_cert_check(rk_str cert, int64_t now_ms, int64_t *not_after_ms, struct rk_err *err)
{
    rk_auto(seal_x509_freep) X509 *x = NULL;
    if (read_cert(cert, &x, err) < 0)
        return -1;
    return check_time(x, now_ms, not_after_ms, err);
}

int seal_public_key(rk_str cert, EVP_PKEY **out, struct rk_err *err)
{
    rk_auto(seal_x509_freep) X509 *x = NULL;
    if (read_cert(cert, &x, err) < 0 || check_time(x, rk_wall_ms(), NULL, err) < 0)
        return -1;
    EVP_PKEY *key = X509_get0_pubkey(x);
    if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        return rk_fail(err, RK_INVALID, "certificate: sealing needs an RSA key");
    EVP_PKEY_up_ref(key);
    *out = key;
    return 0;
}

int seal_keys_read(const rk_str *pem, size_t n, struct seal_keys *out, struct rk_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (pem[i].n > PEM_MAX) {
            seal_keys_release(out);
            return rk_fail(err, RK_LIMIT, "private key: over the limit of 1 MiB");
        }
        rk_auto(bio_freep) BIO *bio = BIO_new_mem_buf(pem[i].p ? pem[i].p : "", (int)pem[i].n);
        EVP_PKEY *key;
        while (bio && out->n < SEAL_KEYS &&
               (key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL))) {
            if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
                out->v[out->n++] = key;
            else
                EVP_PKEY_free(key);
        }
    }
    ERR_clear_error();
    if (out->n == 0)
        return rk_fail(err, RK_INVALID, "no RSA private key in PEM form was given");
    return 0;
}
