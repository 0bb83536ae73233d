/*
 * secret.c: a Secret document in, a SealedSecret document out, as kubeseal makes it: each item
 * sealed by itself, metadata copied to spec.template.metadata without what a server writes and
 * without the annotations that hold the clear values, the scope annotation on both.
 * The clear values stay in the caller's document; copies made here are wiped.
 * Source: reference/kubernetes.md section 4.1. Writes no output and reads no file.
 */
#include "seal/seal_int.h"

#include <stdlib.h>

#include "base/hash.h"

static const char *const scope_names[] = {
    [SEAL_STRICT] = "strict",
    [SEAL_NAMESPACE_WIDE] = "namespace-wide",
    [SEAL_CLUSTER_WIDE] = "cluster-wide",
};

/* What of a Secret's metadata a server made, or a tool left with the clear values inside. */
static const char *const stripped_fields[] = {
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "selfLink", "ownerReferences",
};
static const char *const stripped_annotations[] = {
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubecfg.ksonnet.io/last-applied-configuration",
};

bool seal_scope_parse(const char *text, enum seal_scope *out)
{
    for (size_t i = 0; i < RK_LEN(scope_names); i++)
        if (rk_streq(text, scope_names[i])) {
            *out = (enum seal_scope)i;
            return true;
        }
    return false;
}

enum seal_scope seal_scope_of(const struct doc_node *metadata)
{
    const struct doc_node *notes = doc_get(metadata, "annotations");
    if (rk_str_is(doc_get_text(notes, SEAL_CLUSTER_WIDE_KEY), "true"))
        return SEAL_CLUSTER_WIDE;
    if (rk_str_is(doc_get_text(notes, SEAL_NAMESPACE_WIDE_KEY), "true"))
        return SEAL_NAMESPACE_WIDE;
    return SEAL_STRICT;
}

static void note_scope(struct rk_arena *a, struct doc_node *metadata, enum seal_scope scope)
{
    struct doc_node *notes = doc_get(metadata, "annotations");
    if (doc_type(notes) == DOC_MAP) {
        doc_del(notes, RK_STR(SEAL_CLUSTER_WIDE_KEY));
        doc_del(notes, RK_STR(SEAL_NAMESPACE_WIDE_KEY));
    }
    if (scope == SEAL_STRICT)
        return;
    const char *key = scope == SEAL_CLUSTER_WIDE ? SEAL_CLUSTER_WIDE_KEY : SEAL_NAMESPACE_WIDE_KEY;
    if (doc_type(notes) != DOC_MAP) {
        notes = doc_map(a);
        doc_set_c(a, metadata, "annotations", notes);
    }
    doc_set_c(a, notes, key, doc_string_c(a, "true"));
}

static void strip(struct doc_node *metadata)
{
    for (size_t i = 0; i < RK_LEN(stripped_fields); i++)
        doc_del(metadata, rk_str_c(stripped_fields[i]));
    struct doc_node *notes = doc_get(metadata, "annotations");
    for (size_t i = 0; notes && i < RK_LEN(stripped_annotations); i++)
        doc_del(notes, rk_str_c(stripped_annotations[i]));
    if (notes && doc_count(notes) == 0)
        doc_del(metadata, RK_STR("annotations"));
}

/* ---- items ---- */

struct item {
    rk_str key;
    const struct doc_node *value;
    bool base64;
};

static int by_key(const void *x, const void *y)
{
    return rk_str_cmp(((const struct item *)x)->key, ((const struct item *)y)->key);
}

/* data, then stringData over it: what the API server would store; sorted as Go prints a map. */
static struct item *gather(struct rk_arena *a, const struct doc_node *secret, size_t *n)
{
    const struct doc_node *data = doc_get(secret, "data"), *text = doc_get(secret, "stringData");
    size_t n_data = doc_type(data) == DOC_MAP ? doc_count(data) : 0;
    size_t n_text = doc_type(text) == DOC_MAP ? doc_count(text) : 0;
    struct item *items = rk_arena_array(a, n_data + n_text + 1, sizeof *items);
    *n = 0;
    for (size_t i = 0; i < n_data; i++) {
        const struct doc_pair *p = doc_pair_at(data, i);
        if (!n_text || !doc_get_n(text, p->key))
            items[(*n)++] = (struct item){p->key, p->value, true};
    }
    for (size_t i = 0; i < n_text; i++) {
        const struct doc_pair *p = doc_pair_at(text, i);
        items[(*n)++] = (struct item){p->key, p->value, false};
    }
    qsort(items, *n, sizeof *items, by_key);
    return items;
}

static int seal_item(EVP_PKEY *key, rk_str label, const struct item *it, struct rk_buf *out,
                     struct rk_err *err)
{
    bool none = doc_is_null(it->value);
    if (!none && doc_type(it->value) != DOC_STRING)
        return rk_fail(err, RK_INVALID, "item \"" RK_FMT_STR "\": must be text; put it in quotes",
                       RK_ARG_STR(it->key));
    rk_str text = none ? RK_STR("") : doc_text(it->value);
    if (!it->base64)
        return seal_encrypt(key, label, text, out, err);
    rk_auto(seal_wipe_buf) struct rk_buf clear = RK_BUF_INIT;
    rk_buf_reserve(&clear, text.n + 4); /* never grows while it holds clear bytes */
    if (!rk_unbase64(&clear, text))
        return rk_fail(err, RK_INVALID,
                       "item \"" RK_FMT_STR "\": not base64; use stringData for plain text",
                       RK_ARG_STR(it->key));
    return seal_encrypt(key, label, rk_buf_view(&clear), out, err);
}

static int seal_items(struct rk_arena *a, EVP_PKEY *key, rk_str label,
                      const struct doc_node *secret, struct doc_node *into, struct rk_err *err)
{
    size_t n;
    const struct item *items = gather(a, secret, &n);
    if (n == 0)
        return rk_fail(err, RK_INVALID, "the Secret has neither data nor stringData");
    for (size_t i = 0; i < n; i++) {
        rk_auto(rk_buf_release) struct rk_buf sealed = RK_BUF_INIT;
        if (seal_item(key, label, &items[i], &sealed, err) < 0)
            return -1;
        doc_set(a, into, rk_arena_str(a, items[i].key), doc_string(a, rk_buf_view(&sealed)));
    }
    return 0;
}

/* ---- the document ---- */

static int check_secret(const struct doc_node *secret, struct rk_err *err)
{
    if (!rk_str_is(doc_get_text(secret, "kind"), "Secret") ||
        !rk_str_is(doc_get_text(secret, "apiVersion"), "v1"))
        return rk_fail(err, RK_INVALID, "sealing needs a Secret of apiVersion v1");
    if (doc_get_text(doc_get(secret, "metadata"), "name").n == 0)
        return rk_fail(err, RK_INVALID, "the Secret has no metadata.name");
    return 0;
}

static struct doc_node *sealed_document(struct rk_arena *a, const struct doc_node *secret,
                                        struct doc_node *template_meta, enum seal_scope scope,
                                        struct doc_node *items)
{
    struct doc_node *out = doc_map(a), *meta = doc_map(a), *spec = doc_map(a), *tmpl = doc_map(a);
    doc_set_c(a, out, "apiVersion", doc_string_c(a, SEAL_API_VERSION));
    doc_set_c(a, out, "kind", doc_string_c(a, SEAL_KIND));
    doc_set_c(a, out, "metadata", meta);
    doc_set_c(a, meta, "name", doc_string(a, doc_get_text(template_meta, "name")));
    rk_str ns = doc_get_text(template_meta, "namespace");
    if (ns.n)
        doc_set_c(a, meta, "namespace", doc_string(a, ns));
    note_scope(a, meta, scope);
    doc_set_c(a, out, "spec", spec);
    doc_set_c(a, spec, "encryptedData", items);
    doc_set_c(a, spec, "template", tmpl);
    doc_set_c(a, tmpl, "metadata", template_meta);
    rk_str type = doc_get_text(secret, "type");
    if (type.n)
        doc_set_c(a, tmpl, "type", doc_string(a, type));
    if (!doc_is_null(doc_get(secret, "immutable")))
        doc_set_c(a, tmpl, "immutable", doc_copy(a, doc_get(secret, "immutable")));
    return out;
}

int seal_secret(struct rk_arena *a, rk_str cert, bool have_scope, enum seal_scope scope,
                const char *default_ns, const struct doc_node *secret, struct doc_node **out,
                struct rk_err *err)
{
    rk_auto(seal_pkey_freep) EVP_PKEY *key = NULL;
    if (check_secret(secret, err) < 0 || seal_public_key(cert, &key, err) < 0)
        return -1;
    struct doc_node *meta = doc_copy(a, doc_get(secret, "metadata"));
    if (have_scope)
        note_scope(a, meta, scope);
    else
        scope = seal_scope_of(meta);
    strip(meta);
    if (scope != SEAL_CLUSTER_WIDE && doc_get_text(meta, "namespace").n == 0) {
        if (!default_ns || !*default_ns)
            return rk_fail(err, RK_INVALID, "the Secret has no metadata.namespace; name one, or "
                                            "seal with the scope cluster-wide");
        doc_set_c(a, meta, "namespace", doc_string_c(a, default_ns));
    }
    rk_auto(rk_buf_release) struct rk_buf label = RK_BUF_INIT;
    seal_label(scope, doc_get_text(meta, "namespace"), doc_get_text(meta, "name"), &label);
    struct doc_node *items = doc_map(a);
    if (seal_items(a, key, rk_buf_view(&label), secret, items, err) < 0)
        return -1;
    *out = sealed_document(a, secret, meta, scope, items);
    return 0;
}
