/*
 * replacement.c: the `replacements` field. In: a source (a field of one object, or a text) and
 * targets (fields of objects, with what to reject). Out: the value in the fields. Objects are
 * chosen by exact ids, current or former. Rules: reference/kustomize.md section 7.
 */
#include "render/replacement_int.h"

struct want want_of(const struct doc_node *n)
{
    return (struct want){
        .group = doc_get_text(n, "group"), .version = doc_get_text(n, "version"),
        .kind = doc_get_text(n, "kind"), .name = doc_get_text(n, "name"),
        .ns = doc_get_text(n, "namespace")};
}

static bool part_fits(rk_str want, rk_str have)
{
    return !want.n || rk_str_eq(want, have);
}

/* No namespace is "default" here, for types of the cluster as well. */
static bool ns_fits(rk_str want, rk_str have)
{
    return part_fits(want, have.n ? have : RK_STR("default"));
}

bool want_fits(const struct want *w, const struct res *r)
{
    if (!part_fits(w->group, r->group) || !part_fits(w->version, r->version))
        return false;
    if (part_fits(w->kind, r->kind) && part_fits(w->name, r->name) && ns_fits(w->ns, r->ns))
        return true;
    for (size_t i = 0; i < r->n_prev; i++)
        if (part_fits(w->kind, r->prev[i].kind) && part_fits(w->name, r->prev[i].name) &&
            ns_fits(w->ns, r->prev[i].ns))
            return true;
    return false;
}

const char *want_text(struct build *b, const struct want *w)
{
    return rk_arena_f(b->a, "%.*s%s%.*s%s%.*s", RK_ARG_STR(w->kind.n ? w->kind : RK_STR("any kind")),
                      w->name.n ? " " : "", RK_ARG_STR(w->name), w->ns.n ? " in " : "",
                      RK_ARG_STR(w->ns));
}

int replacing_fail(const struct replacing *x, struct rk_err *err, const char *what, const char *about)
{
    return rk_fail_at(err, RK_INVALID, x->by.file, x->by.line, 0, "replacements: %s%s", what, about);
}

/* ---- the source ---- */

static int find_source(const struct replacing *x, const struct want *w, struct res **out,
                       struct rk_err *err)
{
    *out = NULL;
    for (size_t i = 0; i < x->acc->n; i++) {
        struct res *r = x->acc->items[i];

        if (!want_fits(w, r))
            continue;
        if (*out)
            return replacing_fail(x, err, "the source fits several objects; say which: ",
                        want_text(x->b, w));
        *out = r;
    }
    return *out ? 0 : replacing_fail(x, err, "nothing is the source ", want_text(x->b, w));
}

/* The part of a text between delimiters. */
static int refine(const struct replacing *x, const struct doc_node *options, struct doc_node **n,
                  struct rk_err *err)
{
    rk_str delimiter = doc_get_text(options, "delimiter"), rest, part;
    int64_t wanted = doc_get_int(options, "index", 0);
    uint32_t mark = (*n)->mark;

    if (!delimiter.n)
        return 0;
    if (doc_type(*n) == DOC_MAP || doc_type(*n) == DOC_LIST)
        return replacing_fail(x, err, "options.delimiter is for texts, and the source is none", "");
    rest = doc_source(*n);
    for (int64_t i = 0;; i++) {
        const char *end = rest.n ? memmem(rest.p, rest.n, delimiter.p, delimiter.n) : NULL;

        part = end ? (rk_str){rest.p, (size_t)(end - rest.p)} : rest;
        if (i == wanted || !end) {
            if (i != wanted)
                return replacing_fail(x, err, "options.index of the source is out of its parts", "");
            break;
        }
        rest = (rk_str){end + delimiter.n, rest.n - part.n - delimiter.n};
    }
    *n = doc_copy(x->b->a, *n);
    if (!doc_retext(x->b->a, *n, part))
        *n = doc_plain(x->b->a, part);
    (*n)->mark = mark;
    return 0;
}

static int read_source(struct replacing *x, const struct doc_node *source, struct rk_err *err)
{
    struct want w = want_of(source);
    rk_str path = doc_get_text(source, "fieldPath");
    struct fieldpath where;
    struct doc_node *found;
    struct res *r;
    int rc;

    if (find_source(x, &w, &r, err))
        return -1;
    if (fieldpath_new(x->b, path.n ? path : RK_STR("metadata.name"), &where, err))
        return rk_wrap(err, "%s:%u: replacements", x->by.file, x->by.line);
    rc = fieldpath_find(&where, r->doc, &found, err);
    fieldpath_free(&where);
    if (rc)
        return rk_wrap(err, "%s:%u: replacements", x->by.file, x->by.line);
    if (doc_is_null(found) || (is_tree(found) && !doc_count(found)))
        return replacing_fail(x, err, "the source has no such field, or it is empty: ",
                    rk_arena_f(x->b->a, "%s %.*s", ids_text(x->b, r), RK_ARG_STR(where.text)));
    if (refine(x, doc_get(source, "options"), &found, err))
        return -1;
    x->value = found;
    return 0;
}

/* ---- one entry ---- */

static int replace(struct replacing *x, const struct doc_node *entry, struct rk_err *err)
{
    const struct doc_node *source = doc_get(entry, "source"), *text = doc_get(entry, "sourceValue");
    const struct doc_node *targets = doc_get(entry, "targets");

    x->by.line = mark_line(x->b, entry->mark);
    if ((doc_is_null(source) && doc_is_null(text)) || doc_is_null(targets))
        return replacing_fail(x, err, "an entry needs source (or sourceValue) and targets", "");
    if (!doc_is_null(source) && !doc_is_null(text))
        return replacing_fail(x, err, "an entry has source or sourceValue, not both", "");
    if (doc_is_null(source)) {
        struct doc_node *plain = doc_plain(x->b->a, doc_text(text));

        plain->mark = text->mark;
        x->value = plain;
    } else if (read_source(x, source, err)) {
        return -1;
    }
    if (x->inside && !doc_count(targets))
        return replacing_fail(x, err, "an entry needs targets, at least one", "");
    for (size_t i = 0; i < doc_count(targets); i++)
        if (replacing_target(x, doc_at(targets, i), err))
            return -1;
    return 0;
}

/* A file holds one replacement or a list of them; unknown fields are passed over there. */
static int replace_from_file(struct replacing *x, const struct kust *k,
                             const struct doc_node *path, struct rk_err *err)
{
    struct asked by = load_asked(x->b, k, path, "replacements");
    struct doc_node *doc, *list = doc_list(x->b->a);
    struct fields_where where = {.path = "replacements", .lenient = true};

    if (load_named(x->b, k, doc_text(path), by, &where.file, &where.text, err) ||
        kust_read_config(x->b, where.text, where.file, &doc, err))
        return -1;
    if (doc_type(doc) == DOC_MAP)
        doc_push(x->b->a, list, doc);
    else if (doc_type(doc) == DOC_LIST)
        list = doc;
    else
        return rk_fail_at(err, RK_INVALID, where.file, 1, 0,
                          "a file of replacements holds one or a list of them");
    x->by.file = where.file;
    for (size_t i = 0; i < doc_count(list); i++)
        if (fields_check_as(x->b, doc_at(list, i), FIELDS_REPLACEMENT, &where, err) ||
            replace(x, doc_at(list, i), err))
            return -1;
    return 0;
}

int replacements_run(struct build *b, const struct kust *k, struct acc *acc,
                     const struct doc_node *value, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++) {
        const struct doc_node *entry = doc_at(value, i), *path = doc_get(entry, "path");
        struct replacing x = {.b = b, .acc = acc, .by = load_asked(b, k, entry, "replacements")};
        bool inside = !doc_is_null(doc_get(entry, "source")) ||
                      doc_count(doc_get(entry, "targets"));

        if (doc_text(path).n && inside)
            return replacing_fail(&x, err, "an entry has path or source and targets, not both", "");
        x.inside = !doc_text(path).n;
        if (doc_text(path).n ? replace_from_file(&x, k, path, err) : replace(&x, entry, err))
            return -1;
    }
    return 0;
}
