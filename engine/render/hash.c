/*
 * hash.c: the content hash in the names of generated objects. In: a ConfigMap or Secret after all
 * changes. Out: ten characters (reference/kustomize.md section 8; the name is hashed as "", which
 * is the real tool's slip). Runs once, at the root.
 */
#include "base/hash.h"
#include "render/render_int.h"

#define HASH_LEN 10

/* "" for what is missing, the value of a map, the text of a scalar. */
static struct doc_node *hashed_value(struct build *b, const struct doc_node *doc, const char *key)
{
    struct doc_node *value = doc_get(doc, key);

    if (!value)
        return doc_string_c(b->a, "");
    if (doc_type(value) == DOC_MAP || doc_type(value) == DOC_LIST)
        return value;
    return doc_string(b->a, doc_source(value));
}

static void put_if_map(struct build *b, struct doc_node *to, const struct doc_node *doc,
                       const char *key)
{
    struct doc_node *value = doc_get(doc, key);

    if (doc_type(value) == DOC_MAP)
        doc_set_c(b->a, to, key, value);
}

static char encoded(char c)
{
    static const char from[] = "013ae", to[] = "ghkmt";
    const char *at = strchr(from, c);

    return at && c ? to[at - from] : c;
}

int hash_suffix(struct build *b, const struct doc_node *doc, char out[11], struct rk_err *err)
{
    rk_str kind = doc_get_text(doc, "kind");
    bool secret = rk_str_is(kind, "Secret");
    struct doc_node *m = doc_map(b->a);
    struct rk_buf json = RK_BUF_INIT;
    char hex[65];

    if (!secret && !rk_str_is(kind, "ConfigMap"))
        return rk_fail(err, RK_UNSUPPORTED, "a %.*s cannot have a hash in its name",
                       RK_ARG_STR(kind));
    doc_set_c(b->a, m, "kind", doc_string(b->a, kind));
    doc_set_c(b->a, m, "name", doc_string_c(b->a, ""));
    doc_set_c(b->a, m, "data", hashed_value(b, doc, "data"));
    if (secret)
        doc_set_c(b->a, m, "type", hashed_value(b, doc, "type"));
    put_if_map(b, m, doc, secret ? "stringData" : "binaryData");
    doc_json_go(&json, m);
    rk_sha256_hex(rk_buf_view(&json), hex);
    rk_wipe(json.p, json.n);
    rk_buf_release(&json);
    for (size_t i = 0; i < HASH_LEN; i++)
        out[i] = encoded(hex[i]);
    out[HASH_LEN] = 0;
    return 0;
}

int hash_add_all(struct build *b, struct acc *acc, struct rk_err *err)
{
    for (size_t i = 0; i < acc->n; i++) {
        struct res *r = acc->items[i];
        struct spec_call c = {.b = b, .res = r, .by = DOC_BY_HASH};
        struct doc_node *name = doc_walk(r->doc, "metadata.name");
        char hash[11];

        if (!r->needs_hash || !name)
            continue;
        doc_refold(b->a, r->doc);
        if (hash_suffix(b, r->doc, hash, err))
            return -1;
        ids_store_previous(b, r);
        c.at = name->mark;
        edit_plain(&c, name, rk_str_c(rk_arena_f(b->a, "%.*s-%s", RK_ARG_STR(r->name), hash)));
        ids_refresh(b, acc, r);
    }
    return 0;
}
