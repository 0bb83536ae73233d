/*
 * unseal.c: a SealedSecret document in, the Secret that the controller makes of it out. The scope
 * is that of the SealedSecret's own metadata: the template's may be forged. spec.template.data is
 * Go templates: entries without "{{" are taken as they are, null removes an item, anything else is
 * UNSUPPORTED. The deprecated whole-Secret blob (spec.data) is read. Clear values live only in the
 * caller's wiping arena. Source: reference/kubernetes.md section 4.1, sealed-secrets v0.40.
 */
#include "seal/seal_int.h"

#include "base/hash.h"

static int check_sealed(const struct doc_node *sealed, struct rk_err *err)
{
    rk_str version = doc_get_text(sealed, "apiVersion");
    if (!rk_str_is(doc_get_text(sealed, "kind"), SEAL_KIND) ||
        !rk_str_starts(version, "bitnami.com/"))
        return rk_fail(err, RK_INVALID, "unsealing needs a " SEAL_KIND " of " SEAL_API_VERSION);
    const struct doc_node *spec = doc_get(sealed, "spec");
    if (!doc_is_null(doc_get(spec, "data")) && doc_count(doc_get(spec, "encryptedData")))
        return rk_fail(err, RK_INVALID,
                       "spec.encryptedData and the deprecated spec.data exclude each other");
    return 0;
}

static void set_base64(struct rk_arena *a, struct doc_node *map, rk_str key, rk_str clear)
{
    rk_auto(seal_wipe_buf) struct rk_buf text = RK_BUF_INIT;
    rk_buf_reserve(&text, (clear.n + 2) / 3 * 4 + 1);
    rk_base64(&text, clear.p ? clear.p : "", clear.n);
    doc_set(a, map, key, doc_string(a, rk_buf_view(&text)));
}

static int open_items(struct rk_arena *a, const struct seal_keys *keys, rk_str label,
                      const struct doc_node *items, struct doc_node *data, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc_pair *p = doc_pair_at(items, i);
        rk_auto(seal_wipe_buf) struct rk_buf clear = RK_BUF_INIT;
        if (seal_decrypt(keys, label, doc_text(p->value), &clear, err) < 0)
            return rk_wrap(err, "item \"" RK_FMT_STR "\"", RK_ARG_STR(p->key));
        set_base64(a, data, rk_arena_str(a, p->key), rk_buf_view(&clear));
    }
    return 0;
}

static int apply_template(struct rk_arena *a, const struct doc_node *tmpl,
                          const struct doc_node *items, struct doc_node *data, struct rk_err *err)
{
    for (size_t i = 0; doc_type(tmpl) == DOC_MAP && i < doc_count(tmpl); i++) {
        const struct doc_pair *p = doc_pair_at(tmpl, i);
        rk_str text = doc_text(p->value);
        if (doc_is_null(p->value))
            doc_del(data, p->key);
        else if (doc_get_n(items, p->key))
            continue; /* a sealed item wins over a template of its name */
        else if (memmem(text.p ? text.p : "", text.n, "{{", 2))
            return rk_fail(err, RK_UNSUPPORTED,
                           "spec.template.data \"" RK_FMT_STR
                           "\" is a template: only the controller can render it",
                           RK_ARG_STR(p->key));
        else
            set_base64(a, data, rk_arena_str(a, p->key), text);
    }
    return 0;
}

static int open_current(struct rk_arena *a, const struct seal_keys *keys, rk_str label,
                        const struct doc_node *spec, struct doc_node **out, struct rk_err *err)
{
    const struct doc_node *tmpl = doc_get(spec, "template"), *meta = doc_get(tmpl, "metadata");
    const struct doc_node *items = doc_get(spec, "encryptedData");
    struct doc_node *secret = doc_map(a), *data = doc_map(a);
    if (!doc_is_null(items) && doc_type(items) != DOC_MAP)
        return rk_fail(err, RK_INVALID, "spec.encryptedData must be a map");
    if (open_items(a, keys, label, items, data, err) < 0 ||
        apply_template(a, doc_get(tmpl, "data"), items, data, err) < 0)
        return -1;
    doc_set_c(a, secret, "apiVersion", doc_string_c(a, "v1"));
    doc_set_c(a, secret, "kind", doc_string_c(a, "Secret"));
    doc_set_c(a, secret, "metadata", doc_type(meta) == DOC_MAP ? doc_copy(a, meta) : doc_map(a));
    if (doc_get_text(tmpl, "type").n)
        doc_set_c(a, secret, "type", doc_string(a, doc_get_text(tmpl, "type")));
    if (!doc_is_null(doc_get(tmpl, "immutable")))
        doc_set_c(a, secret, "immutable", doc_copy(a, doc_get(tmpl, "immutable")));
    doc_set_c(a, secret, "data", data);
    *out = secret;
    return 0;
}

static int open_blob(struct rk_arena *a, const struct seal_keys *keys, rk_str label, rk_str blob,
                     struct doc_node **out, struct rk_err *err)
{
    rk_auto(seal_wipe_buf) struct rk_buf clear = RK_BUF_INIT;
    if (seal_decrypt(keys, label, blob, &clear, err) < 0)
        return rk_wrap(err, "spec.data");
    struct doc_limits limits = {0};
    rk_str kept = rk_arena_str(a, rk_buf_view(&clear)); /* the tree may point into its text */
    if (doc_json_read(a, kept, &limits, out, NULL) < 0 || doc_type(*out) != DOC_MAP)
        return rk_fail(err, RK_INVALID, "spec.data: does not hold a Secret");
    if (doc_type(doc_get(*out, "metadata")) != DOC_MAP)
        doc_set_c(a, *out, "metadata", doc_map(a));
    return 0;
}

/* Deleting the SealedSecret deletes the Secret: by garbage collection, through this. */
static void set_owner(struct rk_arena *a, struct doc_node *meta, const struct doc_node *sealed)
{
    const struct doc_node *notes = doc_walk(sealed, "spec.template.metadata");
    notes = doc_get(notes, "annotations");
    if (rk_str_is(doc_get_text(notes, SEAL_SKIP_OWNER_KEY), "true"))
        return;
    const struct doc_node *from = doc_get(sealed, "metadata");
    struct doc_node *owners = doc_list(a), *owner = doc_map(a);
    doc_set_c(a, owner, "apiVersion", doc_string(a, doc_get_text(sealed, "apiVersion")));
    doc_set_c(a, owner, "kind", doc_string_c(a, SEAL_KIND));
    doc_set_c(a, owner, "name", doc_string(a, doc_get_text(from, "name")));
    doc_set_c(a, owner, "uid", doc_string(a, doc_get_text(from, "uid")));
    doc_set_c(a, owner, "controller", doc_bool(a, true));
    doc_push(a, owners, owner);
    doc_set_c(a, meta, "ownerReferences", owners);
}

static void set_or_drop(struct rk_arena *a, struct doc_node *meta, const char *key, rk_str value)
{
    if (value.n)
        doc_set_c(a, meta, key, doc_string(a, value));
    else
        doc_del(meta, rk_str_c(key));
}

int seal_unseal(struct rk_arena *a, const rk_str *keys, size_t n, const struct doc_node *sealed,
                struct doc_node **out, struct rk_err *err)
{
    rk_auto(seal_keys_release) struct seal_keys opened = {0};
    if (check_sealed(sealed, err) < 0 || seal_keys_read(keys, n, &opened, err) < 0)
        return -1;
    const struct doc_node *meta = doc_get(sealed, "metadata"), *spec = doc_get(sealed, "spec");
    rk_str ns = doc_get_text(meta, "namespace"), name = doc_get_text(meta, "name");
    rk_auto(rk_buf_release) struct rk_buf label = RK_BUF_INIT;
    seal_label(seal_scope_of(meta), ns, name, &label);
    struct doc_node *secret = NULL;
    int rc = doc_is_null(doc_get(spec, "data"))
                 ? open_current(a, &opened, rk_buf_view(&label), spec, &secret, err)
                 : open_blob(a, &opened, rk_buf_view(&label), doc_get_text(spec, "data"), &secret,
                             err);
    if (rc < 0)
        return -1;
    struct doc_node *into = doc_get(secret, "metadata");
    set_or_drop(a, into, "name", name);
    set_or_drop(a, into, "namespace", ns);
    set_owner(a, into, sealed);
    *out = secret;
    return 0;
}
