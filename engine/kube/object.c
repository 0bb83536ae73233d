/*
 * object.c: a document becomes an object: apiVersion, kind and metadata in, key and version out.
 * The object points into its document; nothing is copied except managedFields, which are cut out
 * as bytes because they are larger than the rest and read rarely.
 */
#include "kube/kube_int.h"

void kube_split_api_version(rk_str api_version, rk_str *group, rk_str *version)
{
    for (size_t i = 0; i < api_version.n; i++) {
        if (api_version.p[i] == '/') {
            *group = (rk_str){api_version.p, i};
            *version = (rk_str){api_version.p + i + 1, api_version.n - i - 1};
            return;
        }
    }
    *group = RK_STR_NONE;
    *version = api_version;
}

int kube_object_init(struct kube_object *o, struct doc_node *doc, struct rk_err *err)
{
    if (doc_type(doc) != DOC_MAP)
        return rk_fail(err, RK_INVALID, "not a Kubernetes object: the document is no map");
    const rk_str api_version = doc_get_text(doc, "apiVersion");
    const rk_str kind = doc_get_text(doc, "kind");
    const struct doc_node *meta = doc_get(doc, "metadata");
    if (api_version.n == 0)
        return rk_fail(err, RK_INVALID, "apiVersion is missing");
    if (kind.n == 0)
        return rk_fail(err, RK_INVALID, "kind is missing");
    if (doc_type(meta) != DOC_MAP)
        return rk_fail(err, RK_INVALID, "%.*s: metadata is missing", RK_ARG_STR(kind));

    struct kube_object made = {.doc = doc};
    kube_split_api_version(api_version, &made.key.group, &made.version);
    made.key.kind = kind;
    made.key.namespace = doc_get_text(meta, "namespace");
    made.key.name = doc_get_text(meta, "name");
    if (made.key.name.n == 0 && doc_get_text(meta, "generateName").n == 0)
        return rk_fail(err, RK_INVALID, "%.*s: metadata.name is missing", RK_ARG_STR(kind));
    made.uid = doc_get_text(meta, "uid");
    made.resource_version = doc_get_text(meta, "resourceVersion");
    *o = made;
    return 0;
}

void kube_object_cut_managed(struct rk_arena *a, struct kube_object *o)
{
    struct doc_node *meta = doc_get(o->doc, "metadata");
    const struct doc_node *managed = doc_get(meta, "managedFields");
    if (!managed)
        return;
    struct rk_buf out = RK_BUF_INIT;
    doc_json_write(&out, managed);
    o->managed_fields = rk_arena_str(a, rk_buf_view(&out));
    rk_buf_release(&out);
    doc_del(meta, RK_STR("managedFields"));
}

rk_str kube_annotation(const struct kube_object *o, const char *name)
{
    return doc_get_text(doc_walk(o->doc, "metadata.annotations"), name);
}

rk_str kube_label(const struct kube_object *o, const char *name)
{
    return doc_get_text(doc_walk(o->doc, "metadata.labels"), name);
}

rk_str kube_scalar_text(const struct doc_node *n)
{
    const enum doc_type t = doc_type(n);
    return n && t != DOC_LIST && t != DOC_MAP ? doc_source(n) : RK_STR_NONE;
}
