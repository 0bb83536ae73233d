/*
 * plugins.c: `generators`, `transformers` and `validators`. In: configurations, inline or in files
 * and folders. Out: what the built-in plugins (plugin_table.c) make of the objects. Plugins that are
 * programs or containers are refused by name.
 */
#include "render/render_int.h"

#define VALIDATED_BY "validated-by"

/* ---- running them ---- */

static int find(const struct plugging *p, const struct res *r, const char *field,
                const struct plugin **out, struct rk_err *err)
{
    bool generates = rk_streq(field, "generators");
    uint32_t line = mark_line(p->b, r->doc->mark);

    *out = plugin_named(r->kind);
    if (r->group.n || !rk_str_is(r->version, "builtin"))
        return rk_fail_at(err, RK_UNSUPPORTED, p->k->file, line, 0,
                          "%s: %.*s (apiVersion %.*s%s%.*s) is a plugin outside of Kustomize, and "
                          "those are not run: commit what it makes, or use a built-in field%s",
                          field, RK_ARG_STR(r->kind), RK_ARG_STR(r->group), r->group.n ? "/" : "",
                          RK_ARG_STR(r->version),
                          *out ? " (the built-in one has apiVersion: builtin)" : "");
    if (!*out)
        return rk_fail_at(err, RK_UNSUPPORTED, p->k->file, line, 0,
                          "%s: there is no built-in plugin %.*s", field, RK_ARG_STR(r->kind));
    if ((*out)->generates != generates)
        return rk_fail_at(err, RK_INVALID, p->k->file, line, 0, "%s: %s is a %s: list it there",
                          field, (*out)->kind, generates ? "transformer" : "generator");
    return 0;
}

/* A kustomization that only says where the configuration stands; patches and files are looked for
 * from the folder that lists it. */
static int place_of(struct build *b, const struct kust *k, const struct res *r, struct kust *out,
                    struct rk_err *err)
{
    const struct doc_mark *m = doc_marks_get(b->marks, r->doc->mark);

    *out = (struct kust){.dir = k->dir, .file = k->file, .parent = k->parent, .text = k->text,
                         .shown = k->shown, .repo = k->repo, .ref = k->ref};
    if (!m || rk_streq(doc_marks_file(b->marks, m->file), k->file))
        return 0;
    out->file = doc_marks_file(b->marks, m->file);
    return load_read(b, out->file, &out->text, err);
}

static int run_one(struct build *b, const struct kust *k, struct acc *acc, const struct res *r,
                   const char *field, struct rk_err *err)
{
    struct kust *place = rk_arena_alloc(b->a, sizeof(*place));
    struct plugging p = {.b = b, .k = place, .acc = acc, .doc = doc_copy(b->a, r->doc)};
    struct fields_where where = {.path = field, .lenient = true};
    const struct plugin *plugin;

    if (place_of(b, k, r, place, err) || find(&p, r, field, &plugin, err))
        return -1;
    where.file = place->file;
    where.text = place->text;
    if (fields_check_as(b, p.doc, plugin->fields, &where, err))
        return -1;
    if (plugin->generates && doc_get(p.doc, "metadata") &&
        fields_check_as(b, doc_get(p.doc, "metadata"), FIELDS_METADATA, &where, err))
        return -1;
    if (origin_wanted(b))
        place->maker = origin_of_plugin(b, k, r);
    if (plugin->run(&p, err))
        return -1;
    acc_drop_gone(acc);
    if (origin_wanted(b) && rk_streq(field, "transformers"))
        origin_note_step(b, acc, place->maker);
    return build_cancelled(b, err);
}

/* An entry is a configuration when it reads as one, else a path. Those come first. */
static bool add_inline(struct build *b, const struct kust *k, const struct doc_node *entry,
                       struct res_list *out)
{
    struct doc_read how = {.typing = DOC_RESOURCE};
    rk_str text = inline_text(b, k, entry, &how);

    return res_parse(b, text, &how, out, NULL) == 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int load_all(struct build *b, const struct kust *k, struct acc *acc,
                    const struct doc_node *value, enum kust_field field, struct rk_err *err)
{
    struct doc_node *paths = doc_list(b->a);

    for (size_t i = 0; i < doc_count(value); i++) {
        struct res_list list = {0};

        if (!add_inline(b, k, doc_at(value, i), &list)) {
            doc_push(b->a, paths, doc_at(value, i));
            continue;
        }
        for (size_t j = 0; j < list.n; j++) {
            list.v[j]->shown = load_join(b, k->shown, rk_str_c(base_name(k->file)));
            if (acc_append(b, acc, list.v[j], err))
                return rk_wrap(err, "%s: %s", k->file, fields_name(field));
        }
    }
    for (size_t i = 0; i < doc_count(paths); i++)
        if (acc_add_path(b, k, acc, doc_at(paths, i), field, err))
            return -1;
    return 0;
}

static int run_all(struct build *b, const struct kust *k, struct acc *acc,
                   const struct doc_node *value, enum kust_field field, struct rk_err *err)
{
    struct acc found = {0};

    if (load_all(b, k, &found, value, field, err))
        return -1;
    for (size_t i = 0; i < found.n; i++)
        if (run_one(b, k, acc, found.items[i], fields_name(field), err))
            return -1;
    return 0;
}

int plugins_generate(struct build *b, const struct kust *k, struct acc *acc,
                     const struct doc_node *value, struct rk_err *err)
{
    return run_all(b, k, acc, value, KUST_GENERATORS, err);
}

int plugins_transform(struct build *b, const struct kust *k, struct acc *acc,
                      const struct doc_node *value, struct rk_err *err)
{
    return run_all(b, k, acc, value, KUST_TRANSFORMERS, err);
}

/* ---- validators ---- */

static bool made_here(const struct build *b, uint32_t mark)
{
    const struct doc_mark *m = doc_marks_get(b->marks, mark);

    return !m || m->by == DOC_BY_LABEL;
}

/* The real tool writes the other labels anew, and compares lines and quotes too: none
 * may be of a file or a generator. */
static bool all_made_here(const struct build *b, const struct doc_node *labels)
{
    bool all = made_here(b, labels->mark);

    for (size_t i = 0; all && i < doc_count(labels); i++)
        all = !doc_pair_at(labels, i)->mark && made_here(b, doc_pair_at(labels, i)->value->mark);
    return all;
}

static bool is_same(struct build *b, const struct doc_node *before, const struct doc_node *after)
{
    struct doc_node *copy = doc_copy(b->a, after), *meta = doc_get(copy, "metadata");
    struct doc_node *map = doc_get(meta, "labels");

    if (doc_type(map) == DOC_MAP && doc_del(map, RK_STR(VALIDATED_BY))) {
        if (doc_count(map) && !all_made_here(b, map))
            return false;
        if (!doc_count(map))
            doc_del(meta, RK_STR("labels"));
    }
    return doc_equal(before, copy);
}

/* A validator may only add the label that names it. */
int plugins_validate(struct build *b, const struct kust *k, struct acc *acc,
                     const struct doc_node *value, struct rk_err *err)
{
    struct doc_node *before = doc_list(b->a);
    bool same;

    for (size_t i = 0; i < acc->n; i++)
        doc_push(b->a, before, doc_copy(b->a, acc->items[i]->doc));
    if (run_all(b, k, acc, value, KUST_VALIDATORS, err))
        return -1;
    same = doc_count(before) == acc->n;
    for (size_t i = 0; same && i < acc->n; i++)
        same = is_same(b, doc_at(before, i), acc->items[i]->doc);
    return same ? 0 : rk_fail_at(err, RK_INVALID, k->file, mark_line(b, value->mark), 0,
                                 "validators: a validator changes the objects: list it under "
                                 "transformers");
}
