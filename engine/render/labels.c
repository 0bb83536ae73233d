/*
 * labels.c: labels, commonLabels and commonAnnotations. In: pairs and the fieldspecs they go to.
 * Out: the pairs in all objects: metadata only, with templates, or with selectors too.
 *
 * All places where a pair is new to an object hold one node, as in the real tool: a label that is
 * set later, or patched, in one of them changes in all, until a JSON 6902 patch takes them apart.
 */
#include "render/render_int.h"

struct placing {
    const struct doc_pair *pair;
    struct doc_node *shared;    /* of the object at hand; NULL before the first new place */
};

static int set_pair(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    struct placing *to = (struct placing *)(uintptr_t)c->ctx;
    rk_str key = to->pair->key, text = doc_text(to->pair->value);

    if (doc_type(n) == DOC_NULL)
        return 0;
    if (doc_type(n) != DOC_MAP)
        return rk_fail(err, RK_INVALID, "%s: the place for %.*s is no map",
                       ids_text(c->b, c->res), RK_ARG_STR(key));
    if (doc_get_n(n, key)) {
        edit_entry(c, n, key, text);
    } else if (to->shared) {
        doc_set(c->b->a, n, key, to->shared);
        c->res->shares = true;
    } else {
        if (res_check_key(key, err))
            return rk_wrap(err, "%s", ids_text(c->b, c->res));
        to->shared = edit_entry(c, n, key, text);
    }
    return 0;
}

static int set_pairs(struct build *b, const struct kust *k, struct acc *acc,
                     const struct doc_node *pairs, struct specs specs, enum doc_by by,
                     struct rk_err *err)
{
    struct spec_call c = {.b = b, .make = SPEC_MAKE_MAP, .set = set_pair, .by = by};

    for (size_t i = 0; i < acc->n; i++)
        for (size_t j = 0; j < doc_count(pairs); j++) {
            const struct doc_pair *p = doc_pair_at(pairs, j);
            struct placing to = {.pair = p};

            c.res = acc->items[i];
            c.ctx = &to;
            c.at = p->value->mark;
            if (spec_apply_all(&c, specs, err))
                return rk_wrap(err, "%s:%u", mark_file(b, k, p->mark), mark_line(b, p->mark));
        }
    return 0;
}

/* The fieldspecs of one `labels` entry. */
static int specs_of(struct build *b, const struct config *config, const struct doc_node *entry,
                    struct specs *out, struct rk_err *err)
{
    static const struct spec metadata = {.path = "metadata/labels", .create = true};

    if (specs_read(b, doc_get(entry, "fields"), out, err) ||
        specs_merge(b->a, out, config->list[CONFIG_LABELS], err))
        return -1;
    if (doc_get_bool(entry, "includeSelectors", false))
        return specs_merge(b->a, out, config->list[CONFIG_COMMON_LABELS], err);
    if (doc_get_bool(entry, "includeTemplates", false) &&
        specs_merge(b->a, out, config->list[CONFIG_TEMPLATE_LABELS], err))
        return -1;
    return specs_merge_one(b->a, out, metadata, err);
}

int labels_add(struct build *b, const struct kust *k, struct acc *acc,
               const struct doc_node *value, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++) {
        const struct doc_node *entry = doc_at(value, i);
        struct specs specs;

        if (specs_of(b, acc->config, entry, &specs, err))
            return rk_wrap(err, "%s:%u: labels", mark_file(b, k, entry->mark),
                           mark_line(b, entry->mark));
        if (set_pairs(b, k, acc, doc_get(entry, "pairs"), specs, DOC_BY_LABEL, err))
            return -1;
    }
    return 0;
}

int labels_common(struct build *b, const struct kust *k, struct acc *acc,
                  const struct doc_node *value, struct rk_err *err)
{
    return set_pairs(b, k, acc, value, acc->config->list[CONFIG_COMMON_LABELS], DOC_BY_LABEL, err);
}

int annotations_common(struct build *b, const struct kust *k, struct acc *acc,
                       const struct doc_node *value, struct rk_err *err)
{
    return set_pairs(b, k, acc, value, acc->config->list[CONFIG_COMMON_ANNOTATIONS],
                     DOC_BY_ANNOTATION, err);
}
