/*
 * set_walk.c: field sets beside documents: the set of a document, a set's members taken out of
 * one, what an update changed. Rules of structured-merge-diff v6 (typed/tofieldset.go, remove.go,
 * compare.go). Recursion is bounded by the depth limit of the readers.
 */
#include "kube/kube_int.h"

/* apimachinery managedfields/internal/stripmeta.go: paths that nobody ever owns */
static const char *const stripped_meta[] = {
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
    "managedFields", "resourceVersion"};

static bool stripped_root(rk_str field)
{
    return rk_str_is(field, "apiVersion") || rk_str_is(field, "kind");
}

static bool stripped_in_meta(rk_str field)
{
    for (size_t i = 0; i < RK_LEN(stripped_meta); i++) {
        if (rk_str_is(field, stripped_meta[i]))
            return true;
    }
    return false;
}

bool kube_owned_whole(struct kube_schema s, const struct doc_node *value)
{
    switch (doc_type(value)) {
    case DOC_LIST:
        return kube_schema_list(s) == KUBE_LIST_ATOMIC;
    case DOC_MAP:
        return kube_schema_atomic_map(s);
    case DOC_NULL:
    case DOC_BOOL:
    case DOC_NUMBER:
    case DOC_STRING:
    case DOC_TYPE_MAX:
        break;
    }
    return true;
}

static struct kube_pe pe_of_value(struct rk_arena *a, enum kube_pe_type type,
                                  const struct doc_node *value)
{
    struct rk_buf text = RK_BUF_INIT;
    doc_json_canonical(&text, value);
    const struct kube_pe pe = {type, rk_arena_str(a, rk_buf_view(&text)), value};
    rk_buf_release(&text);
    return pe;
}

bool kube_pe_item(struct rk_arena *a, struct kube_schema list, const struct doc_node *item,
                  struct kube_pe *out)
{
    if (kube_schema_list(list) == KUBE_LIST_SET) {
        if (doc_type(item) == DOC_MAP || doc_type(item) == DOC_LIST || doc_is_null(item))
            return false;
        *out = pe_of_value(a, KUBE_PE_VALUE, item);
        return true;
    }
    const char *keys[4];
    const size_t n = kube_schema_keys(list, keys);
    if (doc_type(item) != DOC_MAP)
        return false;
    struct doc_node *key = doc_map(a);
    for (size_t i = 0; i < n; i++) {
        struct doc_node *have = doc_get(item, keys[i]);
        const char *preset = kube_schema_key_default(list, keys[i]);
        if (have)
            doc_set_c(a, key, keys[i], have);
        else if (preset)
            doc_set_c(a, key, keys[i], doc_string_c(a, preset));
    }
    if (doc_count(key) == 0)
        return false;
    *out = pe_of_value(a, KUBE_PE_KEY, key);
    return true;
}

bool kube_pe_matches(const struct kube_pe *pe, const struct doc_node *item)
{
    if (pe->type == KUBE_PE_VALUE)
        return doc_equal(pe->value, item);
    if (pe->type != KUBE_PE_KEY || doc_type(item) != DOC_MAP)
        return false;
    for (size_t i = 0; i < doc_count(pe->value); i++) {
        const struct doc_pair *p = doc_pair_at(pe->value, i);
        const struct doc_node *have = doc_get_n(item, p->key);
        const bool preset = !have && rk_str_is(p->key, "protocol") &&
                            rk_str_is(doc_text(p->value), "TCP");
        if (!preset && (!have || !doc_equal(have, p->value)))
            return false;
    }
    return true;
}

/* ---- the set of a document ---- */
static void collect(struct kube_set *s, const struct doc_node *value, struct kube_schema schema);

static void collect_at(struct kube_set *s, const struct kube_pe *pe, const struct doc_node *value,
                       struct kube_schema schema)
{
    const bool leaf = kube_owned_whole(schema, value);
    const bool empty_map = doc_type(value) == DOC_MAP && doc_count(value) == 0;
    if (leaf || empty_map) {
        kube_set_insert(s, pe, true);
        return;
    }
    if (doc_count(value) > 0)
        collect(kube_set_child(s, pe), value, schema);
}

static void collect_list(struct kube_set *s, const struct doc_node *list,
                         struct kube_schema schema)
{
    const struct kube_schema item_schema = kube_schema_item(schema);
    for (size_t i = 0; i < doc_count(list); i++) {
        struct kube_pe pe;
        const struct doc_node *item = doc_at(list, i);
        if (!kube_pe_item(s->arena, schema, item, &pe))
            continue;
        kube_set_insert(s, &pe, true);
        if (doc_type(item) == DOC_MAP && !kube_schema_atomic_map(item_schema))
            collect(kube_set_child(s, &pe), item, item_schema);
    }
}

static void collect(struct kube_set *s, const struct doc_node *value, struct kube_schema schema)
{
    if (doc_type(value) == DOC_LIST) {
        collect_list(s, value, schema);
        return;
    }
    for (size_t i = 0; i < doc_count(value); i++) {
        const struct doc_pair *p = doc_pair_at(value, i);
        const struct kube_pe pe = kube_pe_field(p->key);
        collect_at(s, &pe, p->value, kube_schema_field(schema, p->key));
    }
}

/* A set without the never-tracked paths. Only the two upper levels are looked at. */
static struct kube_set *strip(struct kube_set *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct kube_set_item *item = &s->items[i];
        if (item->pe.type == KUBE_PE_FIELD && stripped_root(item->pe.text))
            continue;
        if (rk_str_is(item->pe.text, "metadata")) {
            item->member = false;
            size_t kept_meta = 0;
            for (size_t j = 0; item->child && j < item->child->n; j++) {
                if (!stripped_in_meta(item->child->items[j].pe.text))
                    item->child->items[kept_meta++] = item->child->items[j];
            }
            if (item->child)
                item->child->n = kept_meta;
        }
        s->items[kept++] = *item;
    }
    s->n = kept;
    return s;
}

struct kube_set *kube_set_of(struct rk_arena *a, const struct doc_node *doc,
                             struct kube_schema root)
{
    struct kube_set *s = kube_set_new(a);
    if (doc_type(doc) == DOC_MAP)
        collect(s, doc, root);
    return strip(s);
}

struct doc_node *kube_fields_of(struct rk_arena *a, const struct doc_node *doc,
                                struct kube_schema root)
{
    return kube_set_write(a, kube_set_of(a, doc, root));
}

/* ---- removal ---- */
static struct doc_node *child_at(const struct doc_node *doc, const struct kube_pe *pe, size_t *at)
{
    if (doc_type(doc) == DOC_MAP)
        return pe->type == KUBE_PE_FIELD ? doc_get_n(doc, pe->text) : NULL;
    for (size_t i = 0; doc_type(doc) == DOC_LIST && i < doc_count(doc); i++) {
        if (kube_pe_matches(pe, doc_at(doc, i))) {
            *at = i;
            return doc_at(doc, i);
        }
    }
    return NULL;
}

static void drop(struct doc_node *doc, const struct kube_pe *pe, size_t at)
{
    if (doc_type(doc) == DOC_MAP)
        doc_del(doc, pe->text);
    else
        doc_remove(doc, at);
}

void kube_set_remove(struct doc_node *doc, const struct kube_set *gone,
                     const struct kube_set *keep, struct kube_schema root)
{
    for (size_t i = 0; gone && i < gone->n; i++) {
        const struct kube_set_item *item = &gone->items[i];
        size_t at = 0;
        struct doc_node *value = child_at(doc, &item->pe, &at);
        if (!value)
            continue;
        const struct kube_set_item *kept = kube_set_find(keep, &item->pe);
        const bool wanted = kept && (kept->member || !kube_set_empty(kept->child));
        if (item->member && !wanted) {
            drop(doc, &item->pe, at);
            continue;
        }
        const size_t before = doc_count(value);
        const struct kube_schema schema = doc_type(doc) == DOC_MAP
                                              ? kube_schema_field(root, item->pe.text)
                                              : kube_schema_item(root);
        if (kube_owned_whole(schema, value))
            continue;
        kube_set_remove(value, item->child, kept ? kept->child : NULL, schema);
        if (before > 0 && doc_count(value) == 0 && !(kept && kept->member))
            drop(doc, &item->pe, at);
    }
}

/* ---- what changed ---- */

/* Structs that a Go object always has: creating them is nobody's doing, as real servers show. */
static bool always_there(const struct kube_pe *pe)
{
    static const char *const names[] = {"metadata", "spec", "status", "template", "strategy",
                                        "updateStrategy", "jobTemplate"};
    for (size_t i = 0; pe->type == KUBE_PE_FIELD && i < RK_LEN(names); i++) {
        if (rk_str_is(pe->text, names[i]))
            return true;
    }
    return false;
}

static void compare(struct kube_change c, const struct doc_node *l, const struct doc_node *r,
                    struct kube_schema schema);

static void compare_at(struct kube_change c, const struct kube_pe *pe, const struct doc_node *l,
                       const struct doc_node *r, struct kube_schema schema)
{
    const struct doc_node *some = l ? l : r;
    const bool leaf = (l && r && doc_type(l) != doc_type(r)) || kube_owned_whole(schema, some);
    if (leaf) {
        if (!l)
            kube_set_insert(c.added, pe, true);
        else if (!r)
            kube_set_insert(c.removed, pe, true);
        else if (!doc_equal(l, r))
            kube_set_insert(c.modified, pe, true);
        return;
    }
    const struct kube_change below = {
        kube_set_child(c.added, pe), kube_set_child(c.modified, pe), kube_set_child(c.removed, pe)};
    compare(below, l, r, schema);
    if (doc_type(some) == DOC_LIST || always_there(pe))
        return;
    if (!l)
        kube_set_insert(c.added, pe, true);
    else if (!r)
        kube_set_insert(c.removed, pe, true);
}

static const struct doc_node *same_item(const struct doc_node *list, struct kube_schema schema,
                                        const struct kube_pe *pe, struct rk_arena *a)
{
    struct kube_pe other;
    for (size_t i = 0; i < doc_count(list); i++) {
        if (kube_pe_item(a, schema, doc_at(list, i), &other) && kube_pe_cmp(&other, pe) == 0)
            return doc_at(list, i);
    }
    return NULL;
}

static void compare_lists(struct kube_change c, const struct doc_node *l, const struct doc_node *r,
                          struct kube_schema schema)
{
    struct rk_arena *a = c.added->arena;
    const struct kube_schema item = kube_schema_item(schema);
    struct kube_pe pe;
    for (size_t i = 0; i < doc_count(l); i++) {
        if (kube_pe_item(a, schema, doc_at(l, i), &pe))
            compare_at(c, &pe, doc_at(l, i), same_item(r, schema, &pe, a), item);
    }
    for (size_t i = 0; i < doc_count(r); i++) {
        if (kube_pe_item(a, schema, doc_at(r, i), &pe) && !same_item(l, schema, &pe, a))
            compare_at(c, &pe, NULL, doc_at(r, i), item);
    }
}

static void compare(struct kube_change c, const struct doc_node *l, const struct doc_node *r,
                    struct kube_schema schema)
{
    if (doc_type(l) == DOC_LIST || doc_type(r) == DOC_LIST) {
        compare_lists(c, l, r, schema);
        return;
    }
    for (size_t i = 0; i < doc_count(l); i++) {
        const struct doc_pair *p = doc_pair_at(l, i);
        const struct kube_pe pe = kube_pe_field(p->key);
        compare_at(c, &pe, p->value, doc_get_n(r, p->key), kube_schema_field(schema, p->key));
    }
    for (size_t i = 0; i < doc_count(r); i++) {
        const struct doc_pair *p = doc_pair_at(r, i);
        const struct kube_pe pe = kube_pe_field(p->key);
        if (!doc_get_n(l, p->key))
            compare_at(c, &pe, NULL, p->value, kube_schema_field(schema, p->key));
    }
}

struct kube_change kube_set_compare(struct rk_arena *a, const struct doc_node *before,
                                    const struct doc_node *after, struct kube_schema root)
{
    struct kube_change c = {kube_set_new(a), kube_set_new(a), kube_set_new(a)};
    compare(c, before, after, root);
    strip(c.added);
    strip(c.modified);
    strip(c.removed);
    return c;
}
