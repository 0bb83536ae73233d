/*
 * resource.c: texts of manifests -> objects. In: a text or parsed documents. Out: objects with
 * their ids, in order; documents of a kind that ends in List are replaced by their items, which
 * come after the rest, as the real tool orders them. Refuses what has no kind or no name.
 */
#include "render/render_int.h"

struct res *res_new(struct build *b, struct doc_node *doc)
{
    struct res *r = rk_arena_alloc(b->a, sizeof(*r));
    r->doc = doc;
    ids_refresh(b, NULL, r);
    return r;
}

void res_list_add(struct rk_arena *a, struct res_list *l, struct res *r)
{
    l->v = rk_arena_grow(a, l->v, l->n, &l->cap, sizeof(struct res *));
    l->v[l->n++] = r;
}

/* Depth is bounded by the reader (100). */
static size_t count_nodes(const struct doc_node *n)
{
    size_t sum = 1;

    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        sum += count_nodes(doc_at(n, i));
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++)
        sum += count_nodes(doc_pair_at(n, i)->value);
    return sum;
}

int build_count_nodes(struct build *b, const struct doc_node *doc, const char *file,
                      struct rk_err *err)
{
    size_t max = b->opts->max_nodes ? b->opts->max_nodes : 1000000;

    b->n_nodes += count_nodes(doc);
    if (b->n_nodes > max)
        return rk_fail_at(err, RK_LIMIT, file, 0, 0,
                          "more than %zu nodes in one render (limit: nodes)", max);
    return 0;
}

int build_count_made(struct build *b, size_t bytes, struct rk_err *err)
{
    b->n_made += bytes;
    if (b->n_made > MADE_MAX)
        return rk_fail(err, RK_LIMIT, "replacements and vars make more than %zu MiB of text "
                       "(limit: made)", MADE_MAX >> 20);
    return 0;
}

static int check_object(const struct build *b, const struct doc_node *doc, const char *file,
                        struct rk_err *err)
{
    uint32_t line = mark_line(b, doc->mark);
    rk_str kind = ids_scalar(doc, "kind");
    const struct doc_node *meta = doc_get(doc, "metadata");

    if (doc_type(doc) != DOC_MAP)
        return rk_fail_at(err, RK_INVALID, file, line, 0, "a manifest is a map of fields");
    if (!kind.n)
        return rk_fail_at(err, RK_INVALID, file, line, 0, "the manifest has no kind");
    if (rk_str_ends(kind, "List") || ids_scalar(meta, "name").n)
        return 0;
    if (doc_get_text(meta, "generateName").n)
        return rk_fail_at(err, RK_INVALID, file, line, 0,
                          "%.*s: generateName has no place here: give it a metadata.name",
                          RK_ARG_STR(kind));
    return rk_fail_at(err, RK_INVALID, file, line, 0, "%.*s: metadata.name is missing",
                      RK_ARG_STR(kind));
}

static bool is_list(const struct doc_node *doc)
{
    return rk_str_ends(doc_get_text(doc, "kind"), "List") && doc_get(doc, "items");
}

/* A queue: items of a list go to its end, so nested lists come last. The real tool takes the items
 * of a List that is alone in its text as they are, all others by way of JSON. */
int res_from_docs(struct build *b, struct doc_node **docs, size_t n, const char *file,
                  struct res_list *out, struct rk_err *err)
{
    struct doc_node *queue = doc_list(b->a);

    for (size_t i = 0; i < n; i++)
        doc_push(b->a, queue, docs[i]);
    for (size_t i = 0; i < doc_count(queue); i++) {
        struct doc_node *doc = doc_at(queue, i), *items = doc_get(doc, "items");
        bool alone = n == 1 && i == 0 && rk_str_is(ids_scalar(doc, "kind"), "List");

        if (doc_is_null(doc) || (doc_type(doc) == DOC_MAP && !doc_count(doc)))
            continue;
        if (check_object(b, doc, file, err))
            return -1;
        if (!is_list(doc)) {
            res_list_add(b->a, out, res_new(b, doc));
            continue;
        }
        if (!doc_is_null(items) && doc_type(items) != DOC_LIST)
            return rk_fail_at(err, RK_INVALID, file, mark_line(b, items->mark), 0,
                              "items of a %.*s is a list", RK_ARG_STR(doc_get_text(doc, "kind")));
        for (size_t j = 0; j < doc_count(items); j++) {
            if (!alone)
                doc_reread_item(b->a, doc_at(items, j));
            doc_push(b->a, queue, doc_at(items, j));
        }
    }
    return 0;
}

int res_parse(struct build *b, rk_str text, const struct doc_read *how, struct res_list *out,
              struct rk_err *err)
{
    struct doc_node **docs;
    size_t n;

    if (doc_yaml_read(b->a, text, how, &docs, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (build_count_nodes(b, docs[i], how->file, err))
            return -1;
    return res_from_docs(b, docs, n, how->file, out, err);
}

int res_check_key(rk_str key, struct rk_err *err)
{
    if (doc_plain_is_text(key, DOC_RESOURCE))
        return 0;
    return rk_fail(err, RK_INVALID, "the key '%.*s' reads as a number, a date, true, false or null: "
                   "the real tool cannot build with it; take another name", RK_ARG_STR(key));
}

static int check_keys(const struct doc_node *map, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(map); i++)
        if (res_check_key(doc_pair_at(map, i)->key, err))
            return -1;
    return 0;
}

void res_make_texts(struct build *b, struct doc_node *map)
{
    for (size_t i = 0; i < doc_count(map); i++) {
        struct doc_pair *p = doc_pair_at(map, i);
        uint32_t mark = p->value->mark;

        p->value->flags &= (uint8_t)~DOC_FOLDED;
        if (doc_type(p->value) == DOC_STRING && !(p->value->flags & DOC_TIMESTAMP))
            continue;
        p->value = doc_string(b->a, doc_source(p->value));
        p->value->mark = mark;
    }
}

void res_make_annotations(struct build *b, struct res *r)
{
    struct doc_node *meta = doc_get(r->doc, "metadata");

    if ((r->n_prev || r->needs_hash || r->generated || r->origin || r->prefixes.n || r->suffixes.n) &&
        doc_type(meta) == DOC_MAP && doc_is_null(doc_get(meta, "annotations")))
        doc_set_c(b->a, meta, "annotations", doc_map(b->a));
}

/* The real tool's own notes; also where a file has them, as some tools leave them behind. */
static void drop_notes(struct doc_node *notes)
{
    static const char own[] = "internal.config.kubernetes.io/";
    static const char *const below[] = {
        "previousKinds", "previousNames", "previousNamespaces", "prefixes", "suffixes",
        "allowNameChange", "allowKindChange", "refBy", "generatorBehavior", "needsHashSuffix",
        "path", "index", "seqindent", "id", "annotations-migration-resource-id"};
    static const char *const others[] = {
        "config.kubernetes.io/path", "config.kubernetes.io/index", "config.k8s.io/id",
        "config.kubernetes.io/origin", "alpha.config.kubernetes.io/transformations"};

    for (size_t i = doc_count(notes); i-- > 0;) {
        rk_str key = doc_pair_at(notes, i)->key, rest = key;
        bool drop = false;

        if (rk_str_starts(key, own))
            rest = (rk_str){key.p + sizeof(own) - 1, key.n - sizeof(own) + 1};
        for (size_t j = 0; rest.n < key.n && !drop && j < RK_LEN(below); j++)
            drop = rk_str_is(rest, below[j]);
        for (size_t j = 0; !drop && j < RK_LEN(others); j++)
            drop = rk_str_is(key, others[j]);
        if (drop)
            doc_del(notes, key);
    }
}

/* Every build of the real tool rewrites metadata.annotations: texts only, never
 * empty, without its own notes, and metadata is made for it. */
int res_normalise_annotations(struct build *b, struct doc_node *doc, struct rk_err *err)
{
    struct doc_node *meta = doc_get(doc, "metadata"), *notes = doc_get(meta, "annotations");

    if (!meta) /* only a list without items can be without */
        doc_make(b->a, doc, "metadata")->mark = doc->mark;
    if (!notes)
        return 0;
    if (doc_type(notes) == DOC_MAP)
        drop_notes(notes);
    if (doc_type(notes) == DOC_MAP && doc_count(notes)) {
        res_make_texts(b, notes);
        return check_keys(notes, err);
    }
    doc_del(meta, RK_STR("annotations"));
    return 0;
}
