/*
 * proxy.c: the service proxy, for the one service that answers: the sealed-secrets controller's
 * certificate at /api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:PORT/proxy/
 * v1/cert.pem (reference/kubernetes.md section 4.2). PORT is any port name.
 */
#include "sandbox/sandbox_int.h"

void sb_proxy(struct sb_request *r)
{
    rk_str name = r->name, rest;
    const rk_str first = rk_str_cut(name, ':', &rest);
    if (rk_str_is(first, "http") || rk_str_is(first, "https"))
        name = rk_str_cut(rest, ':', NULL);
    else
        name = first;
    const bool known = rk_str_is(name, "sealed-secrets-controller") &&
                       rk_str_is(r->ns, "kube-system") && rk_str_is(r->rest, "v1/cert.pem");
    if (known && r->sb->seal_cert.n) {
        sb_reply_text(r, 200, "application/x-pem-file", rk_buf_view(&r->sb->seal_cert));
        return;
    }
    if (known) {
        r->failure.retry_after_s = 1;
        sb_fail(&r->failure, 503, "ServiceUnavailable",
                "no endpoints available for service \"http:sealed-secrets-controller:http\"");
    } else {
        sb_fail_not_found(&r->failure, r->type, name);
    }
    sb_reply_failure(r);
}
