/*
 * tls.c: whom the client trusts, what it shows of itself, and what curl's errors mean.
 *
 * In: PEM texts in memory, curl's result. Out: options of one handle; an rk_err. Owns nothing.
 * A given CA is the only one: libcurl on Debian keeps its compiled-in CAPATH beside CAINFO and
 * would accept a server whose issuer lies there (measured), so CAPATH is taken away.
 */
#include "net_int.h"

#include "base/hash.h"
#include "reckon/text.h"

static struct curl_blob blob_of(const struct rk_buf *b)
{
    return (struct curl_blob){.data = b->p, .len = b->n, .flags = CURL_BLOB_NOCOPY};
}

static CURLcode set_trust(CURL *easy, const struct net_client *c)
{
    struct curl_blob ca = blob_of(&c->ca);
    if (c->insecure) {
        CURLcode rc = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        return rc != CURLE_OK ? rc : curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!ca.len)
        return CURLE_OK;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    return rc;
}

static CURLcode set_identity(CURL *easy, const struct net_client *c)
{
    struct curl_blob cert = blob_of(&c->cert), key = blob_of(c->key.n ? &c->key : &c->cert);
    if (!cert.len)
        return CURLE_OK;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &cert);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
    return rc;
}

int net_tls_set(CURL *easy, const struct net_client *c, struct rk_err *err)
{
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (rc == CURLE_OK)
        rc = set_trust(easy, c);
    if (rc == CURLE_OK)
        rc = set_identity(easy, c);
    if (rc != CURLE_OK)
        return rk_fail(err, RK_INTERNAL, "TLS settings: %s", curl_easy_strerror(rc));
    return 0;
}

static const struct {
    CURLcode curl;
    enum rk_code code;
    const char *says;   /* in front of curl's own words */
} meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, RK_TIMEOUT, NULL},
    {CURLE_URL_MALFORMAT, RK_INVALID, NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, RK_INVALID, NULL},
    {CURLE_SSL_CERTPROBLEM, RK_INVALID, "our certificate or key cannot be used"},
    {CURLE_SSL_CACERT_BADFILE, RK_INVALID, "the CA certificate cannot be read"},
    {CURLE_PEER_FAILED_VERIFICATION, RK_UNAVAILABLE, "the server's certificate is not trusted"},
};

void net_curl_error(const struct net_request *r, struct rk_err *err)
{
    enum rk_code code = RK_UNAVAILABLE;
    const char *says = NULL;
    for (size_t i = 0; i < RK_LEN(meanings); i++)
        if (meanings[i].curl == r->result) {
            code = meanings[i].code;
            says = meanings[i].says;
        }
    struct rk_buf safe = RK_BUF_INIT;
    rk_text_safe(&safe, rk_str_c(r->detail[0] ? r->detail : curl_easy_strerror(r->result)), 0);
    rk_fail(err, code, "%s: %s%s%s", r->label, says ? says : "", says ? ": " : "", safe.p);
    rk_buf_release(&safe);
}

void net_wipe(struct rk_buf *b)
{
    if (b->cap)
        rk_wipe(b->p, b->n);
    rk_buf_release(b);
}
