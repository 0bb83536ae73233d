/*
 * make.c: key pairs and certificates made from nothing: the RSA pair of a sealing controller as
 * sealed-secrets makes it (self-signed, ten years, PKCS#1), and a small EC authority with one
 * server certificate for the sandbox. PEM goes into the caller's buffers, which the caller wipes;
 * the authority's own key is used once and forgotten. The time comes in as an argument.
 */
#include "seal/seal_int.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

enum { YEARS = 10, SKEW_S = 300, RSA_LEAST = 2048, RSA_MOST = 8192 };

struct cert_want {
    const char *name;               /* common name; NULL: empty subject, as the controller's */
    int64_t not_before, not_after;  /* seconds */
    const char *const (*extensions)[2];
    size_t n_extensions;
};

static void bn_freep(BIGNUM **b)
{
    BN_free(*b);
}

static bool set_serial(X509 *x)
{
    rk_auto(bn_freep) BIGNUM *serial = BN_new();
    return serial && BN_rand(serial, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) > 0 &&
           BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));
}

static bool set_times(X509 *x, const struct cert_want *w)
{
    return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)w->not_before) &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)w->not_after);
}

static bool set_subject(X509 *x, const struct cert_want *w, X509 *issuer)
{
    X509_NAME *name = X509_get_subject_name(x);
    if (w->name && !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                               (const unsigned char *)w->name, -1, -1, 0))
        return false;
    return X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1;
}

static bool add_extensions(X509 *x, const struct cert_want *w, X509 *issuer)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    for (size_t i = 0; i < w->n_extensions; i++) {
        X509_EXTENSION *e = X509V3_EXT_conf(NULL, &ctx, w->extensions[i][0], w->extensions[i][1]);
        bool ok = e && X509_add_ext(x, e, -1) == 1;
        X509_EXTENSION_free(e);
        if (!ok)
            return false;
    }
    return true;
}

/* issuer NULL: self-signed. The caller frees the certificate. */
static X509 *cert_make(const struct cert_want *w, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer)
{
    X509 *x = X509_new();
    if (x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && set_times(x, w) &&
        X509_set_pubkey(x, key) == 1 && set_subject(x, w, issuer ? issuer : x) &&
        add_extensions(x, w, issuer ? issuer : x) && X509_sign(x, signer, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

static bool put_bio(BIO *bio, bool written, struct rk_buf *out)
{
    char *p = NULL;
    long n = written ? BIO_get_mem_data(bio, &p) : 0;
    if (n > 0) {
        seal_reserve(out, (size_t)n);
        rk_buf_add(out, p, (size_t)n);
    }
    BIO_free(bio); /* a memory BIO clears its bytes */
    return n > 0;
}

static bool put_cert(X509 *x, struct rk_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    return bio && put_bio(bio, PEM_write_bio_X509(bio, x) == 1, out);
}

static bool put_key(EVP_PKEY *k, bool pkcs1, struct rk_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio)
        return false;
    int ok = pkcs1 ? PEM_write_bio_PrivateKey_traditional(bio, k, NULL, NULL, 0, NULL, NULL)
                   : PEM_write_bio_PKCS8PrivateKey(bio, k, NULL, NULL, 0, NULL, NULL);
    return put_bio(bio, ok == 1, out);
}

static struct cert_want valid(int64_t from_s)
{
    return (struct cert_want){.not_before = from_s,
                              .not_after = from_s + (int64_t)YEARS * 365 * 24 * 3600};
}

int seal_make_key(unsigned bits, int64_t now_ms, struct rk_buf *key, struct rk_buf *cert,
                  struct rk_err *err)
{
    static const char *const extensions[][2] = {
        {"keyUsage", "critical,encipherOnly"},
        {"basicConstraints", "critical,CA:TRUE"},
        {"subjectKeyIdentifier", "hash"},
    };
    if (bits < RSA_LEAST || bits > RSA_MOST || bits % 8)
        return rk_fail(err, RK_INVALID, "RSA keys of %u bits are not made: 2048 to 8192", bits);
    rk_auto(seal_pkey_freep) EVP_PKEY *pair = EVP_RSA_gen(bits);
    if (!pair)
        return seal_fail_ssl(err, "RSA key generation");
    struct cert_want want = valid(now_ms / 1000);
    want.extensions = extensions;
    want.n_extensions = RK_LEN(extensions);
    rk_auto(seal_x509_freep) X509 *x = cert_make(&want, pair, NULL, pair);
    if (!x || !put_cert(x, cert) || !put_key(pair, true, key))
        return seal_fail_ssl(err, "making the sealing certificate");
    return 0;
}

/* ---- the sandbox's server ---- */

/* The names become a line of OpenSSL's extension language: nothing that means something there. */
static int add_name(struct rk_buf *san, const char *name, struct rk_err *err)
{
    struct in6_addr any;
    bool ip = inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1;
    for (const char *c = name; *c && !ip; c++)
        if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-' && *c != '*')
            return rk_fail(err, RK_INVALID, "server certificate: a name holds the byte 0x%02x",
                           (unsigned char)*c);
    if (!*name)
        return rk_fail(err, RK_INVALID, "server certificate: an empty name");
    rk_buf_f(san, "%s%s:%s", san->n ? "," : "", ip ? "IP" : "DNS", name);
    return 0;
}

static X509 *make_authority(int64_t from_s, EVP_PKEY *pair)
{
    static const char *const extensions[][2] = {
        {"basicConstraints", "critical,CA:TRUE,pathlen:0"},
        {"keyUsage", "critical,keyCertSign,cRLSign"},
        {"subjectKeyIdentifier", "hash"},
    };
    struct cert_want want = valid(from_s);
    want.name = "reckon sandbox authority";
    want.extensions = extensions;
    want.n_extensions = RK_LEN(extensions);
    return cert_make(&want, pair, NULL, pair);
}

static X509 *make_leaf(int64_t from_s, EVP_PKEY *pair, const char *san, X509 *ca, EVP_PKEY *signer)
{
    const char *const extensions[][2] = {
        {"basicConstraints", "critical,CA:FALSE"},
        {"keyUsage", "critical,digitalSignature"},
        {"extendedKeyUsage", "serverAuth"},
        {"subjectKeyIdentifier", "hash"},
        {"authorityKeyIdentifier", "keyid"},
        {"subjectAltName", san},
    };
    struct cert_want want = valid(from_s);
    want.name = "reckon sandbox";
    want.extensions = extensions;
    want.n_extensions = RK_LEN(extensions);
    return cert_make(&want, pair, ca, signer);
}

int seal_make_server(const char *const *names, int64_t now_ms, struct rk_buf *ca,
                     struct rk_buf *cert, struct rk_buf *key, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf san = RK_BUF_INIT;
    for (size_t i = 0; names[i]; i++)
        if (add_name(&san, names[i], err) < 0)
            return -1;
    if (san.n == 0)
        return rk_fail(err, RK_INVALID, "server certificate: no name given");
    int64_t from = now_ms / 1000 - SKEW_S; /* a client's clock may be a little behind */
    rk_auto(seal_pkey_freep) EVP_PKEY *ca_pair = EVP_EC_gen("P-256");
    rk_auto(seal_pkey_freep) EVP_PKEY *pair = EVP_EC_gen("P-256");
    rk_auto(seal_x509_freep) X509 *root = ca_pair ? make_authority(from, ca_pair) : NULL;
    rk_auto(seal_x509_freep) X509 *leaf =
        root && pair ? make_leaf(from, pair, san.p, root, ca_pair) : NULL;
    if (!leaf || !put_cert(root, ca) || !put_cert(leaf, cert) || !put_key(pair, false, key))
        return seal_fail_ssl(err, "making the server certificate");
    return 0;
}
