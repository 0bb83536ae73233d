/*
 * prepare.c: documents that cannot be compared as they stand. In: an object. Out: the object, or a
 * copy of it: a Secret that was given in clear (offline) is masked, so that clear values never
 * reach a result and base64 spelling and stringData do not matter; the parts of Endpoints are put
 * in one order. In the engine Secrets come masked and nothing is copied.
 */
#include "drift/drift_int.h"

#include <stdlib.h>

static const uint8_t no_key[32];

static bool is_masked(const struct doc_node *doc)
{
    const struct doc_node *data = doc_get(doc, "data");
    if (!same_absent(doc_get(doc, "stringData")) ||
        (!same_absent(data) && doc_type(data) != DOC_MAP))
        return false;
    for (size_t i = 0; i < doc_count(data); i++)
        if (!rk_str_starts(doc_text(doc_pair_at(data, i)->value), "rk1:"))
            return false;
    return true;
}

static void mask(struct rk_arena *a, struct kube_object *o, rk_str namespace)
{
    struct doc_node *metadata = doc_get(o->doc, "metadata");
    if (doc_type(metadata) == DOC_MAP && namespace.n && !doc_get(metadata, "namespace"))
        doc_set_c(a, metadata, "namespace", doc_string(a, namespace));
    kube_mask_secret(a, o->doc, no_key);
}

static int by_text(const void *x, const void *y)
{
    struct rk_buf a rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf b rk_auto(rk_buf_release) = RK_BUF_INIT;
    doc_json_canonical(&a, *(const struct doc_node *const *)x);
    doc_json_canonical(&b, *(const struct doc_node *const *)y);
    return rk_str_cmp(rk_buf_view(&a), rk_buf_view(&b));
}

static void put_in_order(struct doc_node *list)
{
    if (doc_type(list) == DOC_LIST && list->n > 1)
        qsort(list->items, list->n, sizeof *list->items, by_text);
}

static void sort_endpoints(struct rk_arena *a, const struct doc_node *doc)
{
    static const char *const lists[] = {"addresses", "notReadyAddresses", "ports"};
    struct doc_node *subsets = doc_get(doc, "subsets");
    for (size_t i = 0; i < doc_count(subsets); i++) {
        struct doc_node *ports = doc_get(doc_at(subsets, i), "ports");
        for (size_t k = 0; k < doc_count(ports); k++)
            if (doc_type(doc_at(ports, k)) == DOC_MAP && !doc_get(doc_at(ports, k), "protocol"))
                doc_set_c(a, doc_at(ports, k), "protocol", doc_string_c(a, "TCP"));
        for (size_t k = 0; k < RK_LEN(lists); k++)
            put_in_order(doc_get(doc_at(subsets, i), lists[k]));
    }
    put_in_order(subsets);
}

const struct kube_object *prepare_object(struct rk_arena *a, const struct kube_object *o,
                                         rk_str namespace, struct kube_object *room)
{
    const bool endpoints = o->key.group.n == 0 && rk_str_is(o->key.kind, "Endpoints");
    const bool clear = kube_is_secret(&o->key) && !is_masked(o->doc);
    if (!endpoints && !clear)
        return o;
    *room = *o;
    room->doc = doc_copy(a, o->doc);
    if (clear)
        mask(a, room, namespace);
    else
        sort_endpoints(a, room->doc);
    return room;
}
