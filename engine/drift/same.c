/*
 * same.c: are two values the same to an API server (reference/kubernetes.md sections 3.2, 3.3)?
 * In: values and what the schema says of them. Out: yes or no. Quantities by number, numbers by
 * value, nothing across types ("80" is no 80). Where it is not sure it says no: then the server is
 * asked.
 */
#include "drift/drift_int.h"

#include "base/hash.h"

bool same_absent(const struct doc_node *n)
{
    return !n || n->type == DOC_NULL;
}

bool same_vacant(const struct doc_node *n)
{
    if (same_absent(n))
        return true;
    if (n->type != DOC_MAP && n->type != DOC_LIST)
        return false;
    for (size_t i = 0; i < n->n; i++)
        if (n->type == DOC_LIST || same_empty_counts(doc_pair_at(n, i)->key) ||
            !same_vacant(doc_pair_at(n, i)->value))
            return false;
    return true;
}

bool same_scalar(const struct doc_node *x, const struct doc_node *y, struct kube_schema s)
{
    const enum doc_type tx = doc_type(x), ty = doc_type(y);
    if (tx == ty && (tx == DOC_STRING || tx == DOC_NUMBER) && rk_str_eq(x->text, y->text))
        return true;
    if (kube_schema_quantity(s))
        return kube_quantity_equal(doc_text(x), doc_text(y));
    return tx == ty && tx != DOC_STRING && tx != DOC_MAP && tx != DOC_LIST && doc_equal(x, y);
}

/* Bytes that Go keeps as bytes: blanks and line ends in the base64 are nobody's. */
bool same_bytes(rk_str in, rk_str field, const struct doc_node *x, const struct doc_node *y)
{
    struct rk_buf a rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf b rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!rk_str_is(in, "binaryData") && !rk_str_is(field, "caBundle"))
        return false;
    return doc_type(x) == DOC_STRING && doc_type(y) == DOC_STRING && rk_unbase64(&a, x->text) &&
           rk_unbase64(&b, y->text) && rk_str_eq(rk_buf_view(&a), rk_buf_view(&b));
}

bool same_empty_counts(rk_str field)
{
    static const char *const fields[] = {
        "emptyDir", "podSelector", "namespaceSelector", "objectSelector", "securityContext",
    };
    for (size_t i = 0; i < RK_LEN(fields); i++)
        if (rk_str_is(field, fields[i]))
            return true;
    return false;
}

/* Fields without a pointer in Go's types (omitempty): false, 0 and "" are never stored. A pointer
 * field, say automountServiceAccountToken, is not here: there false is a value. */
static const struct { const char *in, *field; } zeroes[] = {
    {"env", "value"},
    {"spec", "hostNetwork"}, {"spec", "hostPID"}, {"spec", "hostIPC"}, {"spec", "nodeName"},
    {"spec", "hostname"}, {"spec", "subdomain"}, {"spec", "priorityClassName"},
    {"spec", "serviceAccountName"}, {"spec", "minReadySeconds"}, {"spec", "paused"},
    {"spec", "publishNotReadyAddresses"}, {"spec", "externalName"}, {"spec", "loadBalancerIP"},
    {"spec", "preserveUnknownFields"}, {"spec", "volumeName"}, {"spec", "unschedulable"},
    {"volumeMounts", "readOnly"}, {"volumeMounts", "subPath"}, {"volumeMounts", "subPathExpr"},
    {"containers", "stdin"}, {"containers", "stdinOnce"}, {"containers", "tty"},
    {"containers", "workingDir"}, {"initContainers", "stdin"}, {"initContainers", "stdinOnce"},
    {"initContainers", "tty"}, {"initContainers", "workingDir"},
    {"livenessProbe", "initialDelaySeconds"}, {"readinessProbe", "initialDelaySeconds"},
    {"startupProbe", "initialDelaySeconds"}, {"httpGet", "host"},
    {"ports", "hostPort"}, {"ports", "hostIP"}, {"ports", "name"}, {"ports", "nodePort"},
    {"subjects", "apiGroup"}, {"subjects", "namespace"},
    {"persistentVolumeClaim", "readOnly"}, {"nfs", "readOnly"}, {"emptyDir", "medium"},
    {"tolerations", "key"}, {"tolerations", "value"}, {"tolerations", "effect"},
    {"tolerations", "operator"}, {"clientConfig", "caBundle"},
};

static bool zero(const struct doc_node *v)
{
    switch (doc_type(v)) {
    case DOC_BOOL:
        return !v->boolean;
    case DOC_NUMBER:
        return rk_str_is(v->text, "0");
    case DOC_STRING:
        return v->text.n == 0;
    case DOC_NULL:
    case DOC_LIST:
    case DOC_MAP:
    case DOC_TYPE_MAX:
        break;
    }
    return false;
}

bool same_zero(rk_str in, rk_str field, const struct doc_node *value)
{
    if (!zero(value))
        return false;
    for (size_t i = 0; i < RK_LEN(zeroes); i++)
        if (rk_str_is(field, zeroes[i].field) && rk_str_is(in, zeroes[i].in))
            return true;
    return false;
}

/* What the server adds most often inside values that are replaced whole: known here, so that the
 * objects that have them need no copy with all defaults. */
static const struct { const char *in, *field, *value; } added[] = {
    {"fieldRef", "apiVersion", "v1"},
    {"subjects", "apiGroup", "rbac.authorization.k8s.io"},
    {"ports", "protocol", "TCP"},
    {"spec", "volumeMode", "Filesystem"},
};

bool same_added(rk_str in, rk_str field, const struct doc_node *live)
{
    for (size_t i = 0; i < RK_LEN(added); i++)
        if (rk_str_is(field, added[i].field) && rk_str_is(in, added[i].in))
            return doc_type(live) == DOC_STRING && rk_str_is(live->text, added[i].value);
    return false;
}

/* ---- items of lists ---- */
static bool same_key(const struct doc_node *x, const struct doc_node *y, const char *key,
                     struct kube_schema list)
{
    const struct doc_node *kx = doc_get(x, key), *ky = doc_get(y, key);
    if (kx && ky)
        return doc_type(kx) == DOC_STRING && doc_type(ky) == DOC_STRING
                   ? rk_str_eq(kx->text, ky->text)
                   : doc_equal(kx, ky);
    const char *preset = kube_schema_key_default(list, key);
    if (!kx && !ky)
        return preset != NULL;
    return preset && rk_str_is(doc_text(kx ? kx : ky), preset);
}

bool same_has_key(const struct doc_node *item, struct kube_schema list)
{
    const char *keys[4];
    const size_t n = kube_schema_keys(list, keys);
    if (doc_type(item) != DOC_MAP)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!doc_get(item, keys[i]) && !kube_schema_key_default(list, keys[i]))
            return false;
    return n > 0;
}

static bool same_place(const struct doc_node *x, const struct doc_node *y, struct kube_schema list)
{
    const char *keys[4];
    if (kube_schema_list(list) == KUBE_LIST_SET)
        return doc_equal(x, y);
    const size_t n = kube_schema_keys(list, keys);
    if (doc_type(x) != DOC_MAP || doc_type(y) != DOC_MAP)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!same_key(x, y, keys[i], list))
            return false;
    return n > 0;
}

size_t same_item(const struct doc_node *list, const struct doc_node *like, struct kube_schema s,
                 size_t hint)
{
    const size_t n = doc_type(list) == DOC_LIST ? list->n : 0;
    if (!like)
        return NOWHERE;
    for (size_t k = 0; k < n; k++) {
        const size_t i = (hint % n + k) % n;
        if (same_place(list->items[i], like, s))
            return i;
    }
    return NOWHERE;
}
