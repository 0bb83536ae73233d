/*
 * replacement_target.c: one target of a replacement. In: what to select and to reject, paths, and
 * the value. Out: the value in every field that the paths lead to: as a part of a text between
 * delimiters, as the text of a scalar, whose type stays, or in place of a list or a map.
 */
#include "render/replacement_int.h"

struct picked {                 /* a select or a reject */
    struct want id;
    struct kube_selector *labels, *annotations;
};

static bool is_empty(const struct want *w)
{
    return !w->group.n && !w->version.n && !w->kind.n && !w->name.n && !w->ns.n;
}

/* The text of a target with the value as one of its parts. */
static rk_str spliced(struct build *b, const struct doc_node *options, rk_str old, rk_str value)
{
    rk_str delimiter = doc_get_text(options, "delimiter"), out;
    int64_t wanted = doc_get_int(options, "index", 0), at = 0;
    struct rk_buf text = RK_BUF_INIT;
    bool more = true;

    if (wanted < 0)
        rk_buf_f(&text, "%.*s%.*s", RK_ARG_STR(value), RK_ARG_STR(delimiter));
    for (; more; at++) {
        const char *end = old.n ? memmem(old.p, old.n, delimiter.p, delimiter.n) : NULL;
        rk_str part = end ? (rk_str){old.p, (size_t)(end - old.p)} : old;

        if (at)
            rk_buf_str(&text, delimiter);
        rk_buf_str(&text, at == wanted ? value : part);
        more = end != NULL;
        if (more)
            old = (rk_str){end + delimiter.n, old.n - part.n - delimiter.n};
    }
    if (wanted >= at)
        rk_buf_f(&text, "%.*s%.*s", RK_ARG_STR(delimiter), RK_ARG_STR(value));
    out = rk_arena_str(b->a, rk_buf_view(&text));
    rk_buf_release(&text);
    return out;
}

static void mark_all(struct build *b, struct doc_node *n, uint32_t prev)
{
    n->mark = doc_marks_chain(b->marks, n->mark, DOC_BY_REPLACEMENT, prev);
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        mark_all(b, doc_at(n, i), 0);
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++)
        mark_all(b, doc_pair_at(n, i)->value, 0);
}

static const char *type_words(const struct doc_node *n)
{
    if (doc_type(n) == DOC_STRING)
        return n->flags & DOC_TIMESTAMP ? "a date" : "a text";
    return doc_type(n) == DOC_BOOL ? "true or false" : doc_type(n) == DOC_NULL ? "null"
                                                                               : "a number";
}

/* where: the target, for messages. */
static int set_value(const struct replacing *x, const struct doc_node *options,
                     struct doc_node *target, const char *where, struct rk_err *err)
{
    struct rk_arena *a = x->b->a;
    bool scalar = !is_tree(target), split = doc_get_text(options, "delimiter").n > 0;
    struct doc_node *value;
    uint32_t old = target->mark;
    rk_str text;

    if (build_count_nodes(x->b, x->value, x->by.file, err))
        return -1;
    value = doc_copy(a, x->value);
    text = doc_source(value);

    if (split && !scalar)
        return replacing_fail(x, err, "options.delimiter is for texts, which this is none of: ",
                              where);
    if (split)
        text = spliced(x->b, options, doc_source(target),
                       doc_is_null(value) ? RK_STR("") : text);
    if (scalar && build_count_made(x->b, text.n, err))
        return rk_wrap(err, "%s:%u", x->by.file, x->by.line);
    if (!scalar) {
        mark_all(x->b, value, old);
        *target = *value;
        return 0;
    }
    if (!doc_retext(a, target, text))
        return replacing_fail(x, err, where,
                              rk_arena_f(a, " is %s, and the value is not: write the field as a "
                                         "text, or remove it and use options.create",
                                         type_words(target)));
    target->mark = doc_marks_chain(x->b->marks, value->mark, DOC_BY_REPLACEMENT, old);
    return 0;
}

/* Annotations are written as texts in the end, so a number there may become any text. */
static void loosen(const struct res *r, struct doc_node *target)
{
    const struct doc_node *notes = doc_walk(r->doc, "metadata.annotations");
    bool text = doc_type(target) == DOC_STRING && !(target->flags & DOC_TIMESTAMP);

    for (size_t i = 0; !text && doc_type(notes) == DOC_MAP && i < doc_count(notes); i++)
        if (doc_pair_at(notes, i)->value == target && !is_tree(target))
            target->flags |= DOC_UNTYPED;
}

static int fill_path(const struct replacing *x, const struct doc_node *options, struct res *r,
                     const struct fieldpath *path, struct rk_err *err)
{
    const char *where = rk_arena_f(x->b->a, "%s %.*s", ids_text(x->b, r), RK_ARG_STR(path->text));
    struct fieldpath_hits h = {.b = x->b, .make = doc_get_bool(options, "create", false),
                               .leaf = doc_type(x->value),
                               .at = doc_marks_chain(x->b->marks, x->value->mark,
                                                     DOC_BY_REPLACEMENT, 0)};

    if (fieldpath_match(path, r->doc, &h, err))
        return rk_wrap(err, "%s:%u: replacements: %s", x->by.file, x->by.line,
                       ids_text(x->b, r));
    if (!h.n)
        return replacing_fail(x, err, "there is no such field (options.create makes one): ",
                              where);
    for (size_t i = 0; i < h.n; i++) {
        loosen(r, h.v[i]);
        if (h.v[i]->mark == h.at) /* made just now: it replaces nothing */
            h.v[i]->mark = 0;
        if (set_value(x, options, h.v[i], where, err))
            return -1;
    }
    return 0;
}

static int fill_object(const struct replacing *x, const struct doc_node *options, struct res *r,
                       const struct fieldpath *paths, size_t n, struct rk_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (fill_path(x, options, r, &paths[i], err))
            return -1;
    ids_refresh(x->b, x->acc, r);
    if (!r->name.n || !r->kind.n)
        return replacing_fail(x, err, "it takes kind or metadata.name away from ", ids_text(x->b, r));
    return 0;
}

/* ---- which objects ---- */

static int read_picked(const struct replacing *x, const struct doc_node *n, struct picked *p,
                       struct rk_err *err)
{
    rk_str labels = doc_get_text(n, "labelSelector");
    rk_str annotations = doc_get_text(n, "annotationSelector");

    *p = (struct picked){.id = want_of(n)};
    if ((labels.n && kube_selector_parse(x->b->a, labels, &p->labels, err)) ||
        (annotations.n && kube_selector_parse(x->b->a, annotations, &p->annotations, err)))
        return rk_wrap(err, "%s:%u: replacements", x->by.file, x->by.line);
    return 0;
}

static bool grammar_fits(const struct picked *p, const struct res *r)
{
    const struct doc_node *meta = doc_get(r->doc, "metadata");

    return (!p->labels || kube_selector_match(p->labels, doc_get(meta, "labels"))) &&
           (!p->annotations || kube_selector_match(p->annotations, doc_get(meta, "annotations")));
}

/* Of a reject, the id and the selectors each reject by themselves. */
static bool is_target(const struct picked *select, const struct picked *reject, size_t n,
                      const struct res *r)
{
    if (!grammar_fits(select, r) || !want_fits(&select->id, r))
        return false;
    for (size_t i = 0; i < n; i++)
        if (((reject[i].labels || reject[i].annotations) && grammar_fits(&reject[i], r)) ||
            (!is_empty(&reject[i].id) && want_fits(&reject[i].id, r)))
            return false;
    return true;
}

static int fill_all(const struct replacing *x, const struct doc_node *target,
                    const struct fieldpath *paths, size_t n, struct rk_err *err)
{
    const struct doc_node *select = doc_get(target, "select"), *rejects = doc_get(target, "reject");
    struct picked *reject = rk_arena_array(x->b->a, doc_count(rejects) + 1, sizeof(*reject)), yes;
    size_t hits = 0;

    if (doc_is_null(select))
        return replacing_fail(x, err, "a target needs select", "");
    if (read_picked(x, select, &yes, err))
        return -1;
    for (size_t i = 0; i < doc_count(rejects); i++)
        if (read_picked(x, doc_at(rejects, i), &reject[i], err))
            return -1;
    for (size_t i = 0; i < x->acc->n; i++) {
        struct res *r = x->acc->items[i];

        if (!is_target(&yes, reject, doc_count(rejects), r))
            continue;
        hits++;
        if (fill_object(x, doc_get(target, "options"), r, paths, n, err))
            return -1;
    }
    if (!hits)
        render_lint_add(x->b, RENDER_UNMATCHED, x->by.file, x->by.line,
                        "replacements: a target selects nothing (%s)", want_text(x->b, &yes.id));
    return 0;
}

int replacing_target(const struct replacing *x, const struct doc_node *target,
                       struct rk_err *err)
{
    const struct doc_node *texts = doc_get(target, "fieldPaths");
    size_t n = doc_count(texts) ? doc_count(texts) : 1, read = 0;
    struct fieldpath *paths = rk_arena_array(x->b->a, n, sizeof(*paths));
    int rc = 0;

    while (rc == 0 && read < n) {
        rk_str text = doc_count(texts) ? doc_text(doc_at(texts, read)) : RK_STR("metadata.name");

        rc = fieldpath_new(x->b, text, &paths[read++], err);
    }
    rc = rc ? rk_wrap(err, "%s:%u: replacements", x->by.file, x->by.line)
            : fill_all(x, target, paths, n, err);
    while (read)
        fieldpath_free(&paths[--read]);
    return rc;
}
