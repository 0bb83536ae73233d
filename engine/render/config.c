/*
 * config.c: fieldspecs from `configurations` files (and from `crds`, crds.c), merged into the
 * built-in ones and inherited by whoever includes this folder. In: YAML files with lists of fieldspecs. Out: one immutable
 * configuration; the built-in table itself where nothing was added.
 */
#include <stdlib.h>

#include "render/render_int.h"

#define SPECS_MAX 1000

const char *const config_list_names[CONFIG_LIST_MAX] = {
    [CONFIG_NAME_PREFIX] = "namePrefix",
    [CONFIG_NAME_SUFFIX] = "nameSuffix",
    [CONFIG_NAMESPACE] = "namespace",
    [CONFIG_COMMON_LABELS] = "commonLabels",
    [CONFIG_LABELS] = "labels",
    [CONFIG_TEMPLATE_LABELS] = "templateLabels",
    [CONFIG_COMMON_ANNOTATIONS] = "commonAnnotations",
    [CONFIG_VAR_REFERENCE] = "varReference",
    [CONFIG_IMAGES] = "images",
    [CONFIG_REPLICAS] = "replicas",
};

static const char *text_of(struct rk_arena *a, const struct doc_node *map, const char *key)
{
    rk_str s = doc_get_text(map, key);

    return s.n ? rk_arena_dup(a, s.p, s.n) : NULL;
}

/* Both NULL and "" mean any. */
static bool same(const char *x, const char *y)
{
    return strcmp(x ? x : "", y ? y : "") == 0;
}

static bool fits(const char *have, const char *want)
{
    return !want || !want[0] || same(have, want);
}

static bool covers(const struct spec *have, const struct spec *one)
{
    return same(have->path, one->path) && fits(have->group, one->group) &&
           fits(have->version, one->version) && fits(have->kind, one->kind);
}

static int specs_add(struct rk_arena *a, struct specs *to, struct spec one, struct rk_err *err)
{
    struct spec *v;

    if (to->n == SPECS_MAX)
        return rk_fail(err, RK_LIMIT, "more than %d fieldspecs in a list (limit: fieldspecs)",
                       SPECS_MAX);
    v = rk_arena_array(a, to->n + 1, sizeof(*v));
    if (to->n)
        memcpy(v, to->v, to->n * sizeof(*v));
    v[to->n] = one;
    to->v = v;
    to->n++;
    return 0;
}

static int disagree(const struct spec *x, const struct spec *y, struct rk_err *err)
{
    const struct spec *at = y->file ? y : x; /* the built-in one has no place */

    return rk_fail_at(err, RK_INVALID, at->file, at->line, 0,
                      "two fieldspecs for %s disagree about create: make them equal", x->path);
}

int specs_merge_one(struct rk_arena *a, struct specs *to, struct spec one, struct rk_err *err)
{
    for (size_t i = 0; i < to->n; i++)
        if (covers(&to->v[i], &one)) {
            if (to->v[i].create != one.create)
                return disagree(&to->v[i], &one, err);
            return 0;
        }
    return specs_add(a, to, one, err);
}

int specs_merge(struct rk_arena *a, struct specs *to, struct specs from, struct rk_err *err)
{
    if (to->v == from.v)
        return 0;
    for (size_t i = 0; i < from.n; i++)
        if (specs_merge_one(a, to, from.v[i], err))
            return -1;
    return 0;
}

/* As they stand: only lists that are joined leave out what is there already. */
int specs_read(struct build *b, const struct doc_node *list, struct specs *out, struct rk_err *err)
{
    *out = (struct specs){0};
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *row = doc_at(list, i);
        const struct doc_mark *m = doc_marks_get(b->marks, row->mark);
        struct spec one = {
            .file = m ? doc_marks_file(b->marks, m->file) : NULL, .line = m ? m->line : 0,
            .path = text_of(b->a, row, "path"), .group = text_of(b->a, row, "group"),
            .version = text_of(b->a, row, "version"), .kind = text_of(b->a, row, "kind"),
            .create = doc_get_bool(row, "create", false),
        };

        if (!one.path)
            return rk_fail(err, RK_INVALID, "a fieldspec needs a path");
        if (specs_add(b->a, out, one, err))
            return -1;
    }
    return 0;
}

/* ---- order: by kind rank, then by type, as the real tool sorts each list ---- */

struct sorted {
    struct spec spec;
    const char *gvk;
    int rank;
    size_t at;                  /* equal ones stay as they were */
};

static const char *gvk_text(struct build *b, const char *group, const char *version,
                            const char *kind)
{
    return order_gvk(b, rk_str_c(group), rk_str_c(version), rk_str_c(kind));
}

static int sorted_cmp(const void *x, const void *y)
{
    const struct sorted *a = x, *b = y;
    int cmp = a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : strcmp(a->gvk, b->gvk);

    return cmp ? cmp : a->at < b->at ? -1 : 1;
}

static void specs_sort(struct build *b, struct specs *list)
{
    struct sorted *rows = rk_arena_array(b->a, list->n + 1, sizeof(*rows));
    struct spec *v = rk_arena_array(b->a, list->n + 1, sizeof(*v));

    for (size_t i = 0; i < list->n; i++) {
        const struct spec *s = &list->v[i];

        rows[i] = (struct sorted){.spec = *s, .rank = order_rank(s->kind), .at = i,
                                  .gvk = gvk_text(b, s->group, s->version, s->kind)};
    }
    qsort(rows, list->n, sizeof(*rows), sorted_cmp);
    for (size_t i = 0; i < list->n; i++)
        v[i] = rows[i].spec;
    list->v = v;
}

/* ---- name references: one row a target type ---- */

static int rank_cmp(struct build *b, const struct backref *x, const struct backref *y)
{
    int rx = order_rank(x->kind), ry = order_rank(y->kind);

    if (rx != ry)
        return rx < ry ? -1 : 1;
    return strcmp(gvk_text(b, x->group, x->version, x->kind),
                  gvk_text(b, y->group, y->version, y->kind));
}

int refs_merge_one(struct build *b, struct config *to, const struct backref *one,
                   struct rk_err *err)
{
    struct backref *v = rk_arena_array(b->a, to->n_refs + 1, sizeof(*v));
    size_t at = 0;

    if (to->n_refs)
        memcpy(v, to->refs, to->n_refs * sizeof(*v));
    to->refs = v;
    for (size_t i = 0; i < to->n_refs; i++)
        if (same(v[i].group, one->group) && same(v[i].version, one->version) &&
            same(v[i].kind, one->kind))
            return specs_merge(b->a, &v[i].specs, one->specs, err);
    while (at < to->n_refs && rank_cmp(b, &v[at], one) <= 0)
        at++;
    memmove(&v[at + 1], &v[at], (to->n_refs - at) * sizeof(*v));
    v[at] = *one;
    to->n_refs++;
    return 0;
}

static int refs_read(struct build *b, const struct doc_node *list, struct config *to,
                     struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *row = doc_at(list, i);
        struct backref one = {.group = text_of(b->a, row, "group"),
                              .version = text_of(b->a, row, "version"),
                              .kind = text_of(b->a, row, "kind")};

        if (specs_read(b, doc_get(row, "fieldSpecs"), &one.specs, err) ||
            refs_merge_one(b, to, &one, err))
            return -1;
    }
    return 0;
}

/* ---- files ---- */

static int section_read(struct build *b, const struct doc_pair *p, struct config *to,
                        struct rk_err *err)
{
    if (rk_str_is(p->key, "nameReference"))
        return refs_read(b, p->value, to, err);
    for (size_t i = 0; i < CONFIG_LIST_MAX; i++)
        if (rk_str_is(p->key, config_list_names[i]))
            return specs_read(b, p->value, &to->list[i], err);
    return 0;
}

static int file_read(struct build *b, const struct kust *k, const struct doc_node *entry,
                     struct config *to, struct rk_err *err)
{
    struct asked by = load_asked(b, k, entry, "configurations");
    struct doc_node *doc;
    const char *path;
    rk_str text;

    if (load_named(b, k, doc_text(entry), by, &path, &text, err) ||
        kust_read_config(b, text, path, &doc, err) ||
        fields_check_as(b, doc, FIELDS_CONFIGURATION,
                     &(struct fields_where){.file = path, .text = text}, err))
        return -1;
    for (size_t i = 0; i < doc_count(doc); i++) {
        const struct doc_pair *p = doc_pair_at(doc, i);
        struct rk_err why;

        if (section_read(b, p, to, &why))
            return rk_fail_at(err, RK_INVALID, path, mark_line(b, p->mark), 0, "%s", why.text);
    }
    return 0;
}

/*
 * The real tool joins into an empty configuration first, and each list is sorted before that: a
 * fieldspec for any kind that comes behind one for a kind with the same path is taken as there
 * already. So the built-in namePrefix goes away when the first configuration names a kind there.
 */
int config_merge(struct build *b, const struct config *x, const struct config *y,
                 const struct config **out, struct rk_err *err)
{
    struct config *made;

    if (x == y || (!x && y == &config_default)) {
        *out = y;
        return 0;
    }
    made = rk_arena_alloc(b->a, sizeof(*made));
    *made = x ? *x : (struct config){0};
    for (size_t i = 0; i < CONFIG_LIST_MAX; i++) {
        if (specs_merge(b->a, &made->list[i], y->list[i], err))
            return -1;
        specs_sort(b, &made->list[i]);
    }
    for (size_t i = 0; i < y->n_refs; i++)
        if (refs_merge_one(b, made, &y->refs[i], err))
            return -1;
    *out = made;
    return 0;
}

int render_config_read(struct build *b, const struct kust *k, const struct config **out,
                       struct rk_err *err)
{
    const struct doc_node *files = k->field[KUST_CONFIGURATIONS];
    const struct config *all = NULL;

    *out = &config_default;
    for (size_t i = 0; i < doc_count(files); i++) {
        struct config *one = rk_arena_alloc(b->a, sizeof(*one));

        if (file_read(b, k, doc_at(files, i), one, err))
            return -1;
        for (size_t j = 0; j < CONFIG_LIST_MAX; j++)
            specs_sort(b, &one->list[j]);
        if (config_merge(b, all, one, &all, err))
            return -1;
    }
    return all ? config_merge(b, &config_default, all, out, err) : 0;
}
