/*
 * secret.c: values of Kubernetes Secrets leave a document before anyone can see them. In: a
 * Secret's document and the key of this state folder. Out: the same document where each value of
 * data is a keyed hash with a length; stringData folded in as the API server would; the
 * last-applied annotation hashed whole, because it repeats the values.
 */
#include "base/hash.h"
#include "kube/kube_int.h"

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

struct mask {
    struct rk_arena *arena;
    const uint8_t *key;
    rk_str namespace, name;
};

bool kube_is_secret(const struct kube_key *k)
{
    return k->group.n == 0 && rk_str_is(k->kind, "Secret");
}

/* ':' is no base64, so a value of data can never look like this by itself. */
static bool masked(rk_str s)
{
    if (!rk_str_starts(s, "rk1:") || s.n < 22 || s.p[20] != ':')
        return false;
    for (size_t i = 4; i < s.n; i++) {
        const bool digit = s.p[i] >= '0' && s.p[i] <= '9';
        const bool hex = digit || (s.p[i] >= 'a' && s.p[i] <= 'f');
        if (i != 20 && !(i < 20 ? hex : digit))
            return false;
    }
    return true;
}

static rk_str mask_text(const struct mask *m, rk_str item, rk_str value)
{
    struct rk_hmac h;
    uint8_t sum[RK_SHA256_LEN];
    char hex[17];
    rk_hmac_init(&h, m->key);
    rk_hmac_field(&h, m->namespace);
    rk_hmac_field(&h, m->name);
    rk_hmac_field(&h, item);
    rk_hmac_field(&h, value);
    rk_hmac_end(&h, sum);
    rk_hex(sum, 8, hex);
    return rk_str_c(rk_arena_f(m->arena, "rk1:%s:%zu", hex, value.n));
}

/* In place: the node keeps its mark, so provenance survives the masking. */
static void set_string(struct doc_node *n, rk_str text)
{
    n->type = DOC_STRING;
    n->n = n->cap = 0;
    n->text = text;
}

/* What is hashed for a value that is no text: its JSON, so that a broken Secret leaks nothing. */
static void mask_clear(const struct mask *m, rk_str item, struct doc_node *n)
{
    struct rk_buf json = RK_BUF_INIT;
    rk_str value = doc_text(n);
    if (doc_type(n) != DOC_STRING && doc_type(n) != DOC_NUMBER && !doc_is_null(n)) {
        doc_json_canonical(&json, n);
        value = rk_buf_view(&json);
    }
    set_string(n, mask_text(m, item, value));
    rk_wipe(json.p, json.n);
    rk_buf_release(&json);
}

static void mask_data(const struct mask *m, struct doc_node *data)
{
    for (size_t i = 0; i < doc_count(data) && doc_type(data) == DOC_MAP; i++) {
        const struct doc_pair *p = doc_pair_at(data, i);
        if (doc_type(p->value) == DOC_STRING && masked(p->value->text))
            continue;
        struct rk_buf plain = RK_BUF_INIT;
        if (doc_type(p->value) == DOC_STRING && rk_unbase64(&plain, p->value->text))
            set_string(p->value, mask_text(m, p->key, rk_buf_view(&plain)));
        else
            mask_clear(m, p->key, p->value);
        rk_wipe(plain.p, plain.n);
        rk_buf_release(&plain);
    }
}

void kube_mask_secret(struct rk_arena *a, struct doc_node *doc, const uint8_t key[32])
{
    if (doc_type(doc) != DOC_MAP)
        return;
    const struct doc_node *meta = doc_get(doc, "metadata");
    const struct mask m = {a, key, doc_get_text(meta, "namespace"), doc_get_text(meta, "name")};

    struct doc_node *data = doc_get(doc, "data");
    if (data && doc_type(data) != DOC_MAP)
        mask_clear(&m, RK_STR("data"), data);
    mask_data(&m, data);

    struct doc_node *clear = doc_get(doc, "stringData");
    if (doc_type(clear) == DOC_MAP && doc_count(clear) > 0) {
        if (doc_type(data) != DOC_MAP) {
            data = doc_map(a);
            doc_set_c(a, doc, "data", data);
        }
        for (size_t i = 0; i < doc_count(clear); i++) {
            const struct doc_pair *p = doc_pair_at(clear, i);
            mask_clear(&m, p->key, p->value);
            doc_set(a, data, p->key, p->value);
        }
    }
    if (clear)
        doc_del(doc, RK_STR("stringData"));

    struct doc_node *last = doc_get(doc_get(meta, "annotations"), LAST_APPLIED);
    if (last && !(doc_type(last) == DOC_STRING && masked(last->text)))
        mask_clear(&m, RK_STR("last-applied"), last);
}

void kube_fold_string_data(struct rk_arena *a, struct doc_node *doc)
{
    struct doc_node *clear = doc_get(doc, "stringData");
    if (doc_type(clear) != DOC_MAP)
        return;
    struct doc_node *data = doc_make(a, doc, "data");
    for (size_t i = doc_count(clear); data && i > 0; i--) {
        const struct doc_pair *p = doc_pair_at(clear, i - 1);
        if (doc_type(p->value) != DOC_STRING)
            continue;
        struct rk_buf text = RK_BUF_INIT;
        rk_base64(&text, p->value->text.p, p->value->text.n);
        doc_set(a, data, p->key, doc_string(a, rk_buf_view(&text)));
        rk_wipe(text.p, text.n);
        rk_buf_release(&text);
        doc_del(clear, p->key);
    }
    if (!doc_count(clear))
        doc_del(doc, RK_STR("stringData"));
}
