/*
 * patch.c: `patches` and `patchesStrategicMerge`. In: files or inline texts, each either strategic
 * merge documents or a JSON 6902 list. Out: the objects they find, changed: by id when there is no
 * target, by target otherwise. Kind, name and namespace of an object survive a merge unless the
 * options allow a change. The merge itself is kube_strategic_merge.
 */
#include "render/render_int.h"

struct patch {
    struct build *b;
    const struct kust *k;
    struct acc *acc;
    const char *file;           /* where the text is */
    struct asked by;
    bool allow_name, allow_kind;
    bool texts;                 /* labels and annotations of the patch were made texts */
};

int patch_text(struct build *b, const struct kust *k, const struct doc_node *path,
               const struct doc_node *inside, struct asked by, rk_str *text,
               struct doc_read *how, struct rk_err *err)
{
    bool here = rk_str_trim(doc_text(inside)).n > 0;
    rk_str rel = doc_text(path);
    const char *file;

    if (path)
        by = load_asked(b, k, path, by.field);
    if (here == (rel.n > 0))
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          here ? "%s: an entry has either patch or path, not both"
                                   : "%s: an entry needs patch or path", by.field);
    if (here) {
        *text = inline_text(b, k, inside, how);
        return 0;
    }
    if (load_named(b, k, rel, by, &file, text, err))
        return -1;
    how->file = file;
    how->marks = b->marks;
    return 0;
}

/* ---- strategic merge ---- */

/* The real tool reads a patch's labels and annotations as texts when it goes by target; with
 * options only its annotations. */
static void texts_of_metadata(struct build *b, struct doc_node *doc, bool labels)
{
    static const char *const keys[] = {"annotations", "labels"};
    struct doc_node *meta = doc_get(doc, "metadata");

    for (size_t i = 0; i < (labels ? RK_LEN(keys) : 1); i++) {
        struct doc_node *map = doc_get(meta, keys[i]);

        if (map && (doc_type(map) != DOC_MAP || !doc_count(map)))
            doc_del(meta, rk_str_c(keys[i]));
        for (size_t j = 0; doc_type(map) == DOC_MAP && j < doc_count(map); j++) {
            struct doc_pair *p = doc_pair_at(map, j);
            struct doc_node *text = doc_string(b->a, doc_source(p->value));

            doc_quote(text);
            text->mark = p->value->mark;
            p->value = text;
        }
    }
}

/* What a merge may not change, with its own source. */
struct identity {
    struct doc_node *kind, *name, *ns;
};

/* Copies: the merge edits in place. */
static struct identity identity_of(struct build *b, const struct doc_node *doc)
{
    const struct doc_node *meta = doc_get(doc, "metadata");
    const struct doc_node *kind = doc_get(doc, "kind"), *name = doc_get(meta, "name");
    const struct doc_node *ns = doc_get(meta, "namespace");

    return (struct identity){.kind = kind ? doc_copy(b->a, kind) : NULL,
                             .name = name ? doc_copy(b->a, name) : NULL,
                             .ns = ns ? doc_copy(b->a, ns) : NULL};
}

/* The real tool writes these without a type: a replacement may make them a number later. */
static void untype(struct doc_node *n)
{
    if (doc_type(n) == DOC_STRING && !(n->flags & DOC_QUOTED) &&
        doc_plain_is_text(n->text, DOC_RESOURCE))
        n->flags |= DOC_UNTYPED;
}

static void put_back(struct build *b, struct doc_node *map, const char *key, struct doc_node *old)
{
    untype(old);
    if (old)
        doc_set_c(b->a, map, key, old);
    else
        doc_del(map, rk_str_c(key));
}

static int identity_restore(struct patch *p, struct res *r, struct identity id,
                            struct rk_err *err)
{
    struct doc_node *meta = doc_make(p->b->a, r->doc, "metadata");

    if (!meta)
        return rk_fail(err, RK_INVALID, "%s: the patch makes metadata of %s no map", p->file,
                       ids_text(p->b, r));
    if (!p->allow_kind)
        put_back(p->b, r->doc, "kind", id.kind);
    if (!p->allow_name)
        put_back(p->b, meta, "name", id.name);
    put_back(p->b, meta, "namespace", id.ns);
    ids_refresh(p->b, p->acc, r);
    return 0;
}

static bool says(const struct doc_node *map, const char *directive)
{
    return rk_str_is(doc_get_text(map, "$patch"), directive);
}

/* The real tool keeps an object's history in its annotations: a patch that drops those drops it. */
static void forget_history(struct res *r, const struct doc_node *patch)
{
    const struct doc_node *meta = doc_get(patch, "metadata");
    const struct doc_node *notes = doc_get(meta, "annotations");

    if (!(notes && doc_is_null(notes)) && !says(notes, "replace") && !says(notes, "delete") &&
        !says(meta, "replace"))
        return;
    r->needs_hash = r->generated = false;
    r->n_prev = r->n_kinds = r->prefixes.n = r->suffixes.n = 0;
    r->origin = NULL;
    r->n_steps = 0;
}

/*
 * A merge writes every field anew that it walks over, and takes what was made without a type
 * (replacements with create) for a text. Depth is bounded by the reader and by paths (100 each).
 */
static void settle(struct build *b, struct doc_node *n, struct kube_schema s)
{
    if (n->flags & DOC_UNTYPED) {
        uint32_t mark = n->mark;

        *n = *doc_string(b->a, doc_source(n));
        n->mark = mark;
    }
    if (doc_type(n) == DOC_LIST && kube_schema_list(s) != KUBE_LIST_MAP)
        return;
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        settle(b, doc_at(n, i), kube_schema_item(s));
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        struct doc_pair *p = doc_pair_at(n, i);

        settle(b, p->value, kube_schema_field(s, p->key));
    }
}

/* Label keys that were made texts stand without quotes where they are new. */
static int check_new_labels(const struct patch *p, const struct res *r, const struct doc_node *doc,
                            struct rk_err *err)
{
    const struct doc_node *labels = doc_walk(doc, "metadata.labels");
    const struct doc_node *there = doc_walk(r->doc, "metadata.labels");

    for (size_t i = 0; p->texts && i < doc_count(labels); i++) {
        rk_str key = doc_pair_at(labels, i)->key;

        if (!doc_get_n(there, key) && res_check_key(key, err))
            return rk_wrap(err, "%s:%u: patch of %s: metadata.labels", p->file,
                           mark_line(p->b, labels->mark), ids_text(p->b, r));
    }
    return 0;
}

/* A key without quotes that is no text can only name one that is there. Depth is bounded by the
 * reader (100). */
static int check_odd_keys(const struct patch *p, const struct doc_node *there,
                          const struct doc_node *doc, struct rk_err *err)
{
    for (size_t i = 0; doc_type(doc) == DOC_LIST && i < doc_count(doc); i++)
        if (check_odd_keys(p, NULL, doc_at(doc, i), err))
            return -1;
    for (size_t i = 0; doc_type(doc) == DOC_MAP && i < doc_count(doc); i++) {
        const struct doc_pair *pair = doc_pair_at(doc, i);
        const struct doc_mark *m = doc_marks_get(p->b->marks, pair->mark);
        const struct doc_node *old = doc_type(there) == DOC_MAP ? doc_get_n(there, pair->key)
                                                                : NULL;

        if (m && m->odd_key && !old)
            return rk_fail_at(err, RK_INVALID, p->file, m->line, m->column,
                              "the key '%.*s' is not a string: put it in quotes",
                              RK_ARG_STR(pair->key));
        if (check_odd_keys(p, old, pair->value, err))
            return -1;
    }
    return 0;
}

static int merge_one(struct patch *p, struct res *r, const struct doc_node *doc,
                     struct rk_err *err)
{
    openapi_needed(p->b);
    struct identity id = identity_of(p->b, r->doc);
    struct kube_merge merge = {
        .arena = p->b->a, .marks = p->b->marks,
        .schema = p->b->schema
                      ? kube_own_schema_of(p->b->schema, r->group, r->version, r->kind)
                      : kube_schema_of(KUBE_KUSTOMIZE, r->group, r->version, r->kind)};

    if (p->allow_name || p->allow_kind)
        ids_store_previous(p->b, r);
    if (says(doc, "replace")) { /* the real tool loses the result */
        render_lint_add(p->b, RENDER_RISK, p->file, mark_line(p->b, doc->mark),
                 "$patch: replace for a whole object has no effect");
        return 0;
    }
    res_make_annotations(p->b, r);
    if (check_odd_keys(p, r->doc, doc, err) || check_new_labels(p, r, doc, err))
        return -1;
    settle(p->b, r->doc, merge.schema);
    if (kube_strategic_merge(&merge, &r->doc, doc, err))
        return rk_wrap(err, "%s:%u: patch of %s", p->file, mark_line(p->b, doc->mark),
                       ids_text(p->b, r));
    if (!r->doc || (doc_type(r->doc) == DOC_MAP && !doc_count(r->doc))) {
        r->gone = true;
        return 0;
    }
    forget_history(r, doc);
    return identity_restore(p, r, id, err);
}

/* What the patch may have meant: an object of that kind and name, or of that kind. */
static struct res *nearest(const struct patch *p, const struct res *want, bool *same_name)
{
    struct res *found = NULL;

    *same_name = false;
    for (size_t i = 0; i < p->acc->n; i++) {
        struct res *r = p->acc->items[i];

        if (r->gone || !rk_str_eq(r->kind, want->kind))
            continue;
        found = r;
        *same_name = rk_str_eq(r->name, want->name) ||
                     (r->n_prev && rk_str_eq(r->prev[0].name, want->name));
        if (*same_name)
            break;
    }
    return found;
}

static const char *near_miss(const struct patch *p, const struct res *want)
{
    struct rk_arena *a = p->b->a;
    bool same_name;
    const struct res *r = nearest(p, want, &same_name);

    if (!r)
        return rk_arena_f(a, "nothing of kind %.*s is in the build", RK_ARG_STR(want->kind));
    if (!same_name)
        return rk_arena_f(a, "of that kind there is %s", ids_text(p->b, r));
    if (!rk_str_eq(r->group, want->group) || !rk_str_eq(r->version, want->version))
        return rk_arena_f(a, "there is %s with apiVersion %.*s%s%.*s: write that in the patch",
                          ids_text(p->b, r), RK_ARG_STR(r->group), r->group.n ? "/" : "",
                          RK_ARG_STR(r->version));
    if (!r->ns.n)
        return rk_arena_f(a, "there is %s without a namespace: remove it from the patch",
                          ids_text(p->b, r));
    return rk_arena_f(a, "there is %s: write namespace: %.*s in the patch's metadata",
                      ids_text(p->b, r), RK_ARG_STR(r->ns));
}

static int find_target(struct patch *p, const struct res *id, struct res **out,
                       struct rk_err *err)
{
    size_t n = ids_find_any(p->acc, id, out);

    if (n == 1)
        return 0;
    return rk_fail_at(err, RK_INVALID, p->file, mark_line(p->b, id->doc->mark), 0,
                      n ? "the patch of %s fits several objects: add a target%s%s"
                        : "the patch is for %s, which is not there%s%s",
                      ids_text(p->b, id), n ? "" : "; ", n ? "" : near_miss(p, id));
}

static int merge_by_id(struct patch *p, const struct res_list *patches, struct rk_err *err)
{
    for (size_t i = 0; i < patches->n; i++) {
        struct res *r;

        if (p->texts) /* patchesStrategicMerge */
            untype(doc_get(patches->v[i]->doc, "apiVersion"));

        if (find_target(p, patches->v[i], &r, err))
            return -1;
        if (p->texts || p->allow_name || p->allow_kind)
            texts_of_metadata(p->b, patches->v[i]->doc, p->texts);
        if (merge_one(p, r, patches->v[i]->doc, err))
            return -1;
        lint_patch(p->b, patches->v[i]->doc, p->file);
    }
    return 0;
}

static int merge_by_target(struct patch *p, const struct selector *s,
                           const struct res_list *patches, struct rk_err *err)
{
    struct doc_node *doc = patches->v[0]->doc;
    size_t hits = 0;

    if (patches->n > 1)
        return rk_fail_at(err, RK_INVALID, p->by.file, p->by.line, 0,
                          "patches: with a target a patch is one document; %s has %zu", p->file,
                          patches->n);
    p->texts = true;
    texts_of_metadata(p->b, doc, true);
    lint_patch(p->b, doc, p->file);
    for (size_t i = 0; i < p->acc->n; i++) {
        struct res *r = p->acc->items[i];
        struct doc_node *av = doc_get(r->doc, "apiVersion");

        if (r->gone || !selector_match(s, r))
            continue;
        hits++;
        doc_set_c(p->b->a, doc, "apiVersion", av ? doc_copy(p->b->a, av)
                                                 : doc_string_c(p->b->a, ""));
        untype(doc_get(doc, "apiVersion"));
        if (!av)
            doc_get(doc, "apiVersion")->mark = doc->mark;
        if (merge_one(p, r, doc, err))
            return -1;
    }
    if ((p->allow_name || p->allow_kind) && ids_check_unique(p->b, p->acc, err))
        return rk_wrap(err, "%s:%u: patches", p->by.file, p->by.line);
    if (!hits)
        render_lint_add(p->b, RENDER_UNMATCHED, p->by.file, p->by.line,
                 "patches: the target fits nothing (%s)", selector_text(s));
    return 0;
}

/* ---- JSON 6902 ---- */

static int json_by_target(struct patch *p, const struct selector *s, const struct doc_node *ops,
                          struct rk_err *err)
{
    size_t hits = 0;

    for (size_t i = 0; i < p->acc->n; i++) {
        struct res *r = p->acc->items[i];

        if (r->gone || !selector_match(s, r))
            continue;
        hits++;
        ids_store_previous(p->b, r);
        if (json6902_apply(p->b, p->acc, r, ops, (struct asked){.file = p->file}, err))
            return -1;
    }
    if (!hits)
        render_lint_add(p->b, RENDER_UNMATCHED, p->by.file, p->by.line,
                 "patches: the target fits nothing (%s)", selector_text(s));
    return 0;
}

/* ---- one entry ---- */

/* A list is JSON 6902; everything else has to be manifests. */
static bool looks_json6902(rk_str text)
{
    while (text.n) {
        rk_str rest, line = rk_str_trim(rk_str_cut(text, '\n', &rest));

        if (line.n && line.p[0] != '#' && !rk_str_starts(line, "---"))
            return line.p[0] == '[' || rk_str_starts(line, "- ") || rk_str_is(line, "-");
        text = rest;
    }
    return true; /* nothing but comments: no operation */
}

static int apply_text(struct patch *p, rk_str text, const struct doc_read *how,
                      struct selector *s, struct rk_err *err)
{
    struct res_list patches = {0};
    struct doc_node *ops;

    if (looks_json6902(text)) {
        if (!s)
            return rk_fail_at(err, RK_INVALID, p->by.file, p->by.line, 0,
                              "patches: a JSON 6902 patch needs a target");
        return json6902_read(p->b, text, how, &ops, err) || json_by_target(p, s, ops, err) ? -1 : 0;
    }
    if (res_parse(p->b, text, how, &patches, err))
        return -1;
    if (!patches.n)
        return 0;
    return s ? merge_by_target(p, s, &patches, err) : merge_by_id(p, &patches, err);
}

/*
 * The real tool trims inline texts of `patches` (only of those). A text that stands in the file
 * with its indentation (inline.c) has nothing to trim in front.
 */
static rk_str trimmed(const struct kust *k, rk_str text, struct doc_read *how)
{
    rk_str out = rk_str_trim(text);

    if (how->byte_offset < k->text.n)
        return (rk_str){text.p, (size_t)(out.p + out.n - text.p)};
    for (const char *c = text.p; c < out.p; c++)
        how->line_offset += *c == '\n';
    return out;
}

static int patch_entry(struct patch *p, const struct doc_node *entry, struct rk_err *err)
{
    const struct doc_node *target = doc_get(entry, "target"), *options = doc_get(entry, "options");
    struct doc_read how = {.typing = DOC_RESOURCE, .odd_keys = true};
    rk_auto(selector_free) struct selector *s = NULL;
    rk_str text;

    p->by = load_asked(p->b, p->k, entry, "patches");
    p->allow_name = doc_get_bool(options, "allowNameChange", false);
    p->allow_kind = doc_get_bool(options, "allowKindChange", false);
    if (patch_text(p->b, p->k, doc_get(entry, "path"), doc_get(entry, "patch"), p->by, &text,
                   &how, err))
        return -1;
    if (!doc_is_null(target) && selector_new(p->b, p->k, target, &s, err))
        return -1;
    p->file = how.file;
    if (!doc_get_text(entry, "path").n)
        text = trimmed(p->k, text, &how);
    return apply_text(p, text, &how, s, err);
}

int patch_all(struct build *b, const struct kust *k, struct acc *acc, const struct doc_node *value,
              struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++) {
        struct patch p = {.b = b, .k = k, .acc = acc};

        if (patch_entry(&p, doc_at(value, i), err))
            return -1;
    }
    return 0;
}

/* An entry is the patch itself when it reads as one, else the path of a file. */
static int strategic_entry(struct patch *p, const struct doc_node *entry, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .odd_keys = true};
    bool inside = memchr(entry->text.p, '\n', entry->text.n) ||
                  memmem(entry->text.p, entry->text.n, ": ", 2);
    struct res_list patches = {0};
    rk_str text;

    p->by = load_asked(p->b, p->k, entry, "patchesStrategicMerge");
    if (patch_text(p->b, p->k, inside ? NULL : entry, inside ? entry : NULL,
                   p->by, &text, &how, err) ||
        res_parse(p->b, text, &how, &patches, err))
        return -1;
    p->file = how.file;
    p->texts = true;
    return merge_by_id(p, &patches, err);
}

int patch_strategic_merges(struct build *b, const struct kust *k, struct acc *acc,
                           const struct doc_node *value, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++) {
        struct patch p = {.b = b, .k = k, .acc = acc};

        if (strategic_entry(&p, doc_at(value, i), err))
            return -1;
    }
    return 0;
}
