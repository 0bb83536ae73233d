/*
 * generator.c: configMapGenerator and secretGenerator. In: entries and generatorOptions. Out: new
 * objects, or existing ones replaced or merged (behavior), each flagged for the hash of its
 * content. The data comes from keyvalue.c.
 */
#include "base/hash.h"
#include "render/generator_int.h"
#include "reckon/text.h"

#define LINE_LEN 70

/* Base64 as kyaml writes it: longer than 70 characters is cut into lines. */
static rk_str base64_lines(struct rk_arena *a, rk_str bytes)
{
    struct rk_buf flat = RK_BUF_INIT, lines = RK_BUF_INIT;
    rk_str out;

    rk_base64(&flat, bytes.p, bytes.n);
    for (size_t i = 0; i < flat.n; i += LINE_LEN) {
        size_t n = flat.n - i < LINE_LEN ? flat.n - i : LINE_LEN;

        rk_buf_add(&lines, flat.p + i, n);
        if (flat.n / LINE_LEN + 1 > 1)
            rk_buf_ch(&lines, '\n');
    }
    out = rk_arena_str(a, rk_buf_view(&lines));
    rk_buf_release(&flat);
    rk_buf_release(&lines);
    return out;
}

static int put_value(struct generating *g, struct doc_node *doc, const struct pair *p,
                     struct rk_err *err)
{
    bool text = !g->secret && rk_utf8_valid(p->value);
    struct doc_node *map = doc_make(g->b->a, doc, g->secret || text ? "data" : "binaryData");
    struct doc_node *value =
        doc_string(g->b->a, text ? p->value : base64_lines(g->b->a, p->value));

    doc_quote(value);
    value->mark = p->mark;
    doc_set(g->b->a, map, p->key, value);
    return res_check_key(p->key, err);
}

/* Local entries win over those of generatorOptions. */
static int put_metadata(struct generating *g, struct doc_node *meta, const char *key,
                        struct rk_err *err)
{
    const struct doc_node *from[] = {doc_get(g->global, key), doc_get(g->local, key)};

    for (size_t i = 0; i < RK_LEN(from); i++)
        for (size_t j = 0; j < doc_count(from[i]); j++) {
            const struct doc_pair *p = doc_pair_at(from[i], j);
            struct doc_node *map = doc_make(g->b->a, meta, key);
            struct doc_node *value = doc_string(g->b->a, doc_text(p->value));

            value->flags |= DOC_QUOTED; /* the real tool always makes these so */
            value->mark = doc_marks_chain(g->b->marks, p->value->mark, DOC_BY_GENERATOR, 0);
            doc_set(g->b->a, map, p->key, value);
            if (res_check_key(p->key, err))
                return -1;
        }
    return 0;
}

static bool option(const struct generating *g, const char *key)
{
    return doc_get_bool(g->local, key, false) || doc_get_bool(g->global, key, false);
}

static void put_text(struct generating *g, struct doc_node *map, const char *key, rk_str text)
{
    struct doc_node *n = doc_string(g->b->a, text);
    const struct doc_node *at = doc_get(g->entry, key);

    n->mark = doc_marks_chain(g->b->marks, at ? at->mark : g->entry->mark, DOC_BY_GENERATOR, 0);
    doc_set_c(g->b->a, map, key, n);
}

static int make_doc(struct generating *g, struct doc_node **out, struct rk_err *err)
{
    struct rk_arena *a = g->b->a;
    struct doc_node *doc = doc_map(a), *meta, *yes;
    rk_str type = doc_get_text(g->entry, "type"), ns = doc_get_text(g->entry, "namespace");

    doc->mark = doc_marks_chain(g->b->marks, g->entry->mark, DOC_BY_GENERATOR, 0);
    put_text(g, doc, "apiVersion", RK_STR("v1"));
    put_text(g, doc, "kind", g->secret ? RK_STR("Secret") : RK_STR("ConfigMap"));
    meta = doc_make(a, doc, "metadata");
    put_text(g, meta, "name", doc_get_text(g->entry, "name"));
    if (ns.n)
        put_text(g, meta, "namespace", ns);
    if (put_metadata(g, meta, "labels", err) || put_metadata(g, meta, "annotations", err))
        return -1;
    if (g->secret) {
        put_text(g, doc, "type", type.n ? type : RK_STR("Opaque"));
        doc_make(a, doc, "data")->mark = doc->mark;
    }
    for (size_t i = 0; i < g->pairs.n; i++)
        if (put_value(g, doc, &g->pairs.v[i], err))
            return -1;
    if (option(g, "immutable")) {
        yes = doc_bool(a, true);
        yes->mark = doc->mark;
        doc_set_c(a, doc, "immutable", yes);
    }
    *out = doc;
    return 0;
}

/* ---- behavior ---- */

/* to = from + to; texts, and no empty map stays. A null is "" in data and binaryData only. */
static int merge_texts(struct build *b, struct doc_node *to, const struct doc_node *from,
                       const char *key, struct rk_err *err)
{
    const struct doc_node *maps[] = {doc_get(from, key), doc_get(to, key)};
    struct doc_node *merged = doc_map(b->a);

    for (size_t i = 0; i < RK_LEN(maps); i++)
        for (size_t j = 0; doc_type(maps[i]) == DOC_MAP && j < doc_count(maps[i]); j++) {
            const struct doc_pair *p = doc_pair_at(maps[i], j);
            const struct doc_node *old = doc_get_n(merged, p->key);
            bool none = doc_is_null(p->value) && rk_str_ends(rk_str_c(key), "ata");
            struct doc_node *value = doc_string(b->a, none ? RK_STR("") : doc_source(p->value));

            doc_quote(value);
            value->mark = old ? doc_marks_chain(b->marks, p->value->mark, DOC_BY_GENERATOR,
                                                old->mark)
                              : p->value->mark;
            doc_set(b->a, merged, p->key, value);
            if (res_check_key(p->key, err))
                return -1;
        }
    doc_del(to, rk_str_c(key));
    if (doc_count(merged))
        doc_set_c(b->a, to, key, merged);
    return 0;
}

static void keep_or_drop(struct build *b, struct doc_node *to, const struct doc_node *from,
                         const char *key)
{
    struct doc_node *old = doc_get(from, key);

    if (doc_is_null(old))
        doc_del(to, rk_str_c(key));
    else
        doc_set_c(b->a, to, key, old);
}

/* The new object takes the place, name and history of the old one. */
static int replace_in(struct generating *g, struct acc *acc, struct res *old, struct res *made,
                      bool merge, struct rk_err *err)
{
    struct build *b = g->b;
    struct doc_node *meta = doc_get(made->doc, "metadata");
    const struct doc_node *old_meta = doc_get(old->doc, "metadata");

    if (merge_texts(b, meta, old_meta, "labels", err) ||
        merge_texts(b, meta, old_meta, "annotations", err))
        return -1;
    keep_or_drop(b, meta, old_meta, "name");
    keep_or_drop(b, meta, old_meta, "namespace");
    if (!merge)
        old->origin = made->origin;
    if (merge && (merge_texts(b, made->doc, old->doc, "data", err) ||
                  merge_texts(b, made->doc, old->doc, "binaryData", err)))
        return -1;
    old->doc = made->doc;
    old->needs_hash = old->needs_hash && made->needs_hash;
    ids_refresh(b, acc, old);
    return 0;
}

static int add(struct generating *g, struct acc *acc, struct res *made, struct rk_err *err)
{
    rk_str behavior = doc_get_text(g->entry, "behavior");
    bool merge = rk_str_is(behavior, "merge"), replace = rk_str_is(behavior, "replace");
    uint32_t line = mark_line(g->b, g->entry->mark);
    struct res *old = NULL;
    size_t n = ids_find_any(acc, made, &old);

    if (n == 0 && (merge || replace))
        return rk_fail_at(err, RK_INVALID, g->k->file, line, 0,
                          "%s: behavior: %.*s needs a %s that is there already: list its base "
                          "under resources, or use create", g->field, RK_ARG_STR(behavior),
                          ids_text(g->b, made));
    if (n == 0)
        return acc_append(g->b, acc, made, err);
    if (n > 1)
        return rk_fail_at(err, RK_INVALID, g->k->file, line, 0, "%s: %s fits several objects",
                          g->field, ids_text(g->b, made));
    if (!merge && !replace)
        return rk_fail_at(err, RK_INVALID, g->k->file, line, 0,
                          "%s: %s is there already: set behavior: merge or replace", g->field,
                          ids_text(g->b, made));
    return replace_in(g, acc, old, made, merge, err)
               ? rk_wrap(err, "%s:%u: %s", g->k->file, line, g->field) : 0;
}

static int generate(struct generating *g, struct acc *acc, struct rk_err *err)
{
    struct doc_node *doc;
    struct res *made;

    if (!doc_get_text(g->entry, "name").n)
        return rk_fail_at(err, RK_INVALID, g->k->file, mark_line(g->b, g->entry->mark), 0,
                          "%s: an entry needs a name", g->field);
    if (keyvalue_read(g, err))
        return -1;
    if (make_doc(g, &doc, err))
        return rk_wrap(err, "%s:%u: %s", g->k->file, mark_line(g->b, g->entry->mark), g->field);
    made = res_new(g->b, doc);
    made->generated = true;
    made->needs_hash = !option(g, "disableNameSuffixHash");
    if (!made->needs_hash)
        render_lint_add(g->b, RENDER_RISK, g->k->file, mark_line(g->b, g->entry->mark),
                        "%s: %s has no hash in its name: pods that read it once do not notice a "
                        "change", g->field, ids_text(g->b, made));
    if (origin_wanted(g->b))
        made->origin = g->k->maker ? g->k->maker
                       : origin_of_builtin(g->b, g->k, g->secret ? "SecretGenerator"
                                                                 : "ConfigMapGenerator");
    return add(g, acc, made, err);
}

static int generate_all(struct build *b, const struct kust *k, struct acc *acc,
                        const struct doc_node *value, bool secret, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++) {
        const struct doc_node *entry = doc_at(value, i);
        struct generating g = {
            .b = b, .k = k, .entry = entry, .secret = secret,
            .local = doc_get(entry, "options"), .global = k->field[KUST_GENERATOR_OPTIONS],
            .field = fields_name(secret ? KUST_SECRET_GENERATOR : KUST_CONFIG_MAP_GENERATOR)};

        if (generate(&g, acc, err))
            return -1;
    }
    return 0;
}

int generator_config_maps(struct build *b, const struct kust *k, struct acc *acc,
                          const struct doc_node *value, struct rk_err *err)
{
    return generate_all(b, k, acc, value, false, err);
}

int generator_secrets(struct build *b, const struct kust *k, struct acc *acc,
                      const struct doc_node *value, struct rk_err *err)
{
    return generate_all(b, k, acc, value, true, err);
}
