/*
 * json6902.c: JSON 6902 patches and the deprecated `patchesJson6902`. In: a list of operations as
 * JSON or YAML (read with YAML 1.1 typing, as the real tool does). Out: the object after them.
 * Operations are applied one by one, so that a new value's mark can name the one it replaced.
 */
#include "render/render_int.h"

/* What starts with [ is read as JSON by the real tool; behind a blank or a comment it is YAML. */
static int check_json(struct build *b, rk_str text, const struct doc_read *how, struct rk_err *err)
{
    struct doc_node *unused;
    struct rk_err why;

    if (!rk_str_starts(text, "[") || doc_json_read(b->a, text, NULL, &unused, &why) == 0)
        return 0;
    return rk_fail_at(err, RK_INVALID, how->file, how->line_offset + 1, 0,
                      "a patch that starts with [ has to be JSON (%s): quote keys and texts, or "
                      "write the operations as YAML with dashes", why.text);
}

int json6902_read(struct build *b, rk_str text, const struct doc_read *how, struct doc_node **ops,
                  struct rk_err *err)
{
    struct doc_read config = *how;

    config.typing = DOC_CONFIG;
    if (check_json(b, text, how, err) ||
        doc_yaml_read_one(b->a, text, &config, ops, err))
        return -1;
    if (!doc_is_null(*ops) && doc_type(*ops) != DOC_LIST)
        return rk_fail_at(err, RK_INVALID, how->file, mark_line(b, (*ops)->mark), 0,
                          "a JSON 6902 patch is a list of operations");
    return build_count_nodes(b, *ops, how->file, err);
}

/* The operation with a value whose marks say what it replaces. */
static struct doc_node *with_source(struct build *b, const struct res *r,
                                    const struct doc_node *op)
{
    const struct doc_node *value = doc_get(op, "value");
    const struct doc_node *old = doc_pointer(r->doc, doc_get_text(op, "path"));
    struct doc_node *copy = doc_copy(b->a, op), *changed;

    if (!value && !rk_str_is(doc_get_text(op, "op"), "add") &&
        !rk_str_is(doc_get_text(op, "op"), "replace"))
        return copy;
    if (!value) { /* null is meant */
        value = op;
        doc_set_c(b->a, copy, "value", doc_null(b->a));
    }
    changed = doc_get(copy, "value");
    changed->mark = doc_marks_chain(b->marks, value->mark, DOC_BY_PATCH, old ? old->mark : 0);
    return copy;
}

int json6902_apply(struct build *b, struct acc *acc, struct res *r, const struct doc_node *ops,
                   struct asked by, struct rk_err *err)
{
    res_make_annotations(b, r);
    if (r->shares)
        r->doc = doc_copy(b->a, r->doc);
    r->shares = false;
    doc_refold(b->a, r->doc);
    for (size_t i = 0; i < doc_count(ops); i++) {
        struct doc_node *one = doc_list(b->a);
        struct rk_err why;

        doc_push(b->a, one, with_source(b, r, doc_at(ops, i)));
        if (doc_patch(b->a, &r->doc, one, &why))
            return rk_fail_at(err, why.code, by.file, mark_line(b, doc_at(ops, i)->mark), 0,
                              "%s: %s", ids_text(b, r), why.text);
    }
    if (doc_type(r->doc) != DOC_MAP || !doc_count(r->doc)) {
        r->gone = true;
        return 0;
    }
    doc_reread(b->a, r->doc);
    ids_refresh(b, acc, r);
    return 0;
}

static int json_entry(struct build *b, const struct kust *k, struct acc *acc,
                      const struct doc_node *entry, struct rk_err *err)
{
    const struct doc_node *target = doc_get(entry, "target");
    struct asked by = load_asked(b, k, entry, "patchesJson6902");
    struct doc_read how = {.typing = DOC_CONFIG};
    rk_auto(selector_free) struct selector *s = NULL;
    struct doc_node *ops;
    rk_str text;

    if (!doc_get_text(target, "name").n)
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          "patchesJson6902: an entry needs target.name");
    if (patch_text(b, k, doc_get(entry, "path"), doc_get(entry, "patch"), by, &text, &how,
                   err) ||
        json6902_read(b, text, &how, &ops, err) || selector_new(b, k, target, &s, err))
        return -1;
    by.file = how.file;
    if (!doc_count(ops))
        return rk_fail_at(err, RK_INVALID, how.file, how.line_offset + 1, 0,
                          "patchesJson6902: the patch has no operation");
    for (size_t i = 0; i < acc->n; i++)
        if (!acc->items[i]->gone && selector_match(s, acc->items[i]) &&
            json6902_apply(b, acc, acc->items[i], ops, by, err))
            return -1;
    return 0;
}

int json6902_all(struct build *b, const struct kust *k, struct acc *acc,
                 const struct doc_node *value, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++)
        if (json_entry(b, k, acc, doc_at(value, i), err))
            return -1;
    return 0;
}
