/*
 * certificate.c: the sealing controller's certificate (`reckon seal fetch-cert`), as kubeseal finds
 * it: GET /v1/cert.pem of its Service through the API server's proxy; where that does not answer,
 * tls.crt of the newest active key (reference/kubernetes.md section 4.2). Out: PEM.
 */
#include "admin/admin_int.h"
#include "net/net.h"
#include "reckon/time.h"
#include "seal/seal.h"

#define ACTIVE_KEYS "labelSelector=sealedsecrets.bitnami.com%2Fsealed-secrets-key%3Dactive"

struct place { const char *ns, *service; };

static void put_path(struct rk_buf *out, const struct place *p)
{
    rk_buf_c(out, "/api/v1/namespaces/");
    net_escape(out, rk_str_c(p->ns));
}

static struct doc_node *parsed(struct admin *c, const struct rk_buf *body)
{
    struct doc_node *doc = NULL;
    rk_str kept = rk_arena_str(c->arena, rk_buf_view(body));

    return doc_json_read(c->arena, kept, NULL, &doc, NULL) == 0 ? doc : NULL;
}

static bool holds_certificate(const struct rk_buf *pem)
{
    return memmem(pem->p, pem->n, "BEGIN CERTIFICATE", 17) != NULL;
}

/* 0, or -1 with why: then the key may still say it. */
static int by_service(struct admin *c, struct admin_api *api, const struct place *p,
                      struct rk_buf *pem, struct rk_err *err)
{
    struct rk_buf path rk_auto(rk_buf_release) = RK_BUF_INIT;

    put_path(&path, p);
    rk_buf_c(&path, "/services/");
    net_escape(&path, rk_str_c(p->service));
    int status = admin_api_get(api, path.p, pem, err);

    if (status < 0)
        return -1;
    if (status != 200)
        return rk_fail(err, status == 404 ? RK_NOT_FOUND : RK_DENIED,
                       "service %s/%s: status %d", p->ns, p->service, status);
    rk_str port = doc_get_text(
        doc_at(doc_get(doc_get(parsed(c, pem), "spec"), "ports"), 0), "name");

    rk_buf_clear(&path);
    put_path(&path, p);
    rk_buf_c(&path, "/services/http:");
    net_escape(&path, rk_str_c(p->service));
    rk_buf_f(&path, ":" RK_FMT_STR "/proxy/v1/cert.pem", RK_ARG_STR(port));
    status = admin_api_get(api, path.p, pem, err);
    if (status < 0)
        return -1;
    if (status != 200 || !holds_certificate(pem))
        return rk_fail(err, RK_UNAVAILABLE, "service %s/%s: status %d, no certificate", p->ns,
                       p->service, status);
    return 0;
}

static int by_key(struct admin *c, struct admin_api *api, const struct place *p,
                  struct rk_buf *pem, struct rk_err *err)
{
    struct rk_buf path rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf body rk_auto(admin_wipe_buf) = RK_BUF_INIT;

    put_path(&path, p);
    rk_buf_c(&path, "/secrets?" ACTIVE_KEYS);
    int status = admin_api_get(api, path.p, &body, err);

    if (status < 0)
        return -1;
    if (status != 200)
        return rk_fail(err, RK_DENIED, "its keys cannot be read either (status %d)", status);
    const struct doc_node *items = doc_get(parsed(c, &body), "items"), *newest = NULL;

    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc_node *it = doc_at(items, i);

        if (!newest || rk_str_cmp(doc_get_text(doc_get(it, "metadata"), "creationTimestamp"),
                                  doc_get_text(doc_get(newest, "metadata"),
                                               "creationTimestamp")) > 0)
            newest = it;
    }
    rk_buf_clear(pem);
    if (!newest || !rk_unbase64(pem, doc_get_text(doc_get(newest, "data"), "tls.crt")) ||
        !holds_certificate(pem))
        return rk_fail(err, RK_NOT_FOUND, "no active sealing key in namespace %s", p->ns);
    return 0;
}

int admin_fetch_cert(struct admin *c, struct rk_buf *pem, struct rk_err *err)
{
    const char *ns = admin_value(c, "controller-namespace");
    const char *service = admin_value(c, "controller-name");
    struct place p = {ns ? ns : "kube-system", service ? service : "sealed-secrets-controller"};
    struct admin_api *api rk_auto(admin_api_freep) = NULL;
    struct rk_err first = {0}, second = {0};

    if (admin_api_open(admin_value(c, "kubeconfig"), admin_value(c, "context"), &api, err) < 0)
        return rk_wrap(err, "no certificate: give --cert FILE, or a cluster");
    if (by_service(c, api, &p, pem, &first) == 0)
        return 0;
    if (first.code == RK_TIMEOUT || by_key(c, api, &p, pem, &second) < 0)
        return rk_fail(err, first.code,
                       "%s; %s; name the controller by --controller-namespace and "
                       "--controller-name, or give --cert FILE", first.text,
                       first.code == RK_TIMEOUT ? "its keys were not asked" : second.text);
    return 0;
}

static int run(struct admin *c, struct rk_err *err)
{
    if (admin_fetch_cert(c, &c->out, err) < 0)
        return -1;
    return seal_cert_check(rk_buf_view(&c->out), rk_wall_ms(), NULL, err) < 0 ? -1 : ADMIN_DONE;
}

static const struct admin_option options[] = {ADMIN_CLUSTER_OPTIONS, ADMIN_CONTROLLER_OPTIONS};
const struct admin_verb admin_fetch_cert_verb = {
    .name = "fetch-cert", .operands = "", .run = run,
    .help = "print the sealing controller's certificate (PEM)",
    .options = options, .n_options = RK_LEN(options),
};
