/*
 * fields.c: metadata.managedFields: who owns which field, since when. In: the bytes of
 * managedFields, a document, a place in it. Out: the owner by the rules of
 * reference/kubernetes.md section 2.8. Entries of another apiVersion than the document's are
 * used as they are: a wrong answer is possible only where a field moved between versions.
 */
#include "kube/kube_int.h"

struct entry {
    struct kube_owner owner;
    struct kube_set *set;
};

struct kube_fields {
    struct entry *entries;
    size_t n;
};

int kube_fields_parse(struct rk_arena *a, rk_str managed_fields, struct kube_fields **out,
                      struct rk_err *err)
{
    struct kube_fields *f = rk_arena_alloc(a, sizeof(*f));
    struct doc_node *list = NULL;
    if (managed_fields.n > 0 && doc_json_read(a, managed_fields, NULL, &list, err) != 0)
        return rk_wrap(err, "managedFields");
    if (!doc_is_null(list) && doc_type(list) != DOC_LIST)
        return rk_fail(err, RK_INVALID, "managedFields is no list");
    f->entries = rk_arena_array(a, doc_count(list) + 1, sizeof(*f->entries));
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *e = doc_at(list, i);
        const struct doc_node *set = doc_get(e, "fieldsV1");
        struct entry *made = &f->entries[f->n++];
        made->owner = (struct kube_owner){
            .manager = doc_get_text(e, "manager"),
            .operation = doc_get_text(e, "operation"),
            .subresource = doc_get_text(e, "subresource"),
            .time = doc_get_text(e, "time"),
            .api_version = doc_get_text(e, "apiVersion"),
        };
        made->set = kube_set_new(a);
        if (!doc_is_null(set) && kube_set_read(a, set, &made->set, err) != 0)
            return rk_wrap(err, "managedFields[%zu]", i);
    }
    *out = f;
    return 0;
}

size_t kube_fields_entries(const struct kube_fields *f)
{
    return f->n;
}

struct kube_owner kube_fields_entry(const struct kube_fields *f, size_t i)
{
    rk_assert(i < f->n);
    return f->entries[i].owner;
}

const struct kube_set *kube_fields_set(const struct kube_fields *f, size_t i)
{
    rk_assert(i < f->n);
    return f->entries[i].set;
}

size_t kube_fields_find(const struct kube_fields *f, rk_str manager, rk_str operation)
{
    for (size_t i = 0; i < f->n; i++) {
        if (rk_str_eq(f->entries[i].owner.manager, manager) &&
            rk_str_eq(f->entries[i].owner.operation, operation))
            return i;
    }
    return SIZE_MAX;
}

/* ---- a pointer's way down the trie ---- */
enum hold { HOLD_NONE, HOLD_GUESS, HOLD_WHOLE, HOLD_EXACT };

struct position {
    const struct doc_node *node;
    struct kube_schema schema;
    const struct kube_set *set;
    const struct kube_set_item *item;
};

/* The next token of a JSON pointer, unescaped into buf. */
static rk_str next_token(rk_str *pointer, struct rk_buf *buf)
{
    rk_buf_clear(buf);
    size_t i = 1;
    for (; i < pointer->n && pointer->p[i] != '/'; i++) {
        const bool escape = pointer->p[i] == '~' && i + 1 < pointer->n;
        if (escape && (pointer->p[i + 1] == '0' || pointer->p[i + 1] == '1'))
            rk_buf_ch(buf, pointer->p[++i] == '0' ? '~' : '/');
        else
            rk_buf_ch(buf, pointer->p[i]);
    }
    *pointer = (rk_str){pointer->p + i, pointer->n - i};
    return rk_buf_view(buf);
}

static bool step(struct position *at, rk_str token)
{
    if (doc_type(at->node) == DOC_LIST) {
        int64_t i;
        if (!rk_str_int(token, &i) || i < 0)
            return false;
        const struct doc_node *item = doc_at(at->node, (size_t)i);
        at->item = NULL;
        for (size_t k = 0; item && at->set && k < at->set->n && !at->item; k++) {
            const struct kube_set_item *have = &at->set->items[k];
            if (have->pe.type == KUBE_PE_INDEX ? rk_str_eq(have->pe.text, token)
                                               : kube_pe_matches(&have->pe, item))
                at->item = have;
        }
        at->node = item;
        at->schema = kube_schema_item(at->schema);
    } else {
        const struct kube_pe pe = kube_pe_field(token);
        at->item = kube_set_find(at->set, &pe);
        at->node = doc_get_n(at->node, token);
        at->schema = kube_schema_field(at->schema, token);
    }
    at->set = at->item ? at->item->child : NULL;
    return at->item != NULL;
}

/* Custom resources may have atomic maps that are not known here: a leaf that holds a map. */
static enum hold hold_of_leaf(const struct position *at)
{
    if (!at->item->member || !kube_set_empty(at->item->child))
        return HOLD_NONE;
    if (kube_owned_whole(at->schema, at->node))
        return HOLD_WHOLE;
    return kube_schema_known(at->schema) ? HOLD_NONE : HOLD_GUESS;
}

static enum hold hold(const struct kube_set *set, const struct doc_node *doc, rk_str pointer,
                      struct kube_schema root)
{
    struct position at = {.node = doc, .schema = root, .set = set};
    struct rk_buf token = RK_BUF_INIT;
    enum hold found = HOLD_NONE;
    while (pointer.n > 0) {
        if (!step(&at, next_token(&pointer, &token)))
            break;
        found = pointer.n == 0 ? (at.item->member ? HOLD_EXACT : HOLD_NONE) : hold_of_leaf(&at);
    }
    rk_buf_release(&token);
    return found;
}

bool kube_set_has(const struct kube_set *s, const struct doc_node *doc, rk_str pointer,
                  struct kube_schema root)
{
    return hold(s, doc, pointer, root) == HOLD_EXACT;
}

/* Apply before Update; newest first; RFC 3339 in UTC compares as text. */
static bool before(const struct kube_owner *a, const struct kube_owner *b)
{
    const bool apply_a = rk_str_is(a->operation, "Apply");
    const bool apply_b = rk_str_is(b->operation, "Apply");
    if (apply_a != apply_b)
        return apply_a;
    return rk_str_cmp(a->time, b->time) > 0;
}

bool kube_fields_owner(const struct kube_fields *f, const struct doc_node *doc, rk_str pointer,
                       struct kube_schema root, struct kube_owner *out)
{
    enum hold best = HOLD_NONE;
    const struct kube_owner *owner = NULL;
    for (size_t i = 0; i < f->n; i++) {
        const enum hold h = hold(f->entries[i].set, doc, pointer, root);
        if (h > best || (h == best && owner && before(&f->entries[i].owner, owner))) {
            best = h;
            owner = &f->entries[i].owner;
        }
    }
    if (!owner)
        return false;
    *out = *owner;
    return true;
}

/* ---- every leaf ---- */
struct leaves {
    struct rk_buf pointer;
    void (*fn)(rk_str pointer, void *ctx);
    void *ctx;
};

static const struct doc_node *child_of(const struct doc_node *doc, const struct kube_pe *pe,
                                       struct rk_buf *pointer)
{
    if (doc_type(doc) == DOC_MAP && pe->type == KUBE_PE_FIELD) {
        doc_pointer_add(pointer, pe->text);
        return doc_get_n(doc, pe->text);
    }
    for (size_t i = 0; doc_type(doc) == DOC_LIST && i < doc_count(doc); i++) {
        if (kube_pe_matches(pe, doc_at(doc, i))) {
            rk_buf_f(pointer, "/%zu", i);
            return doc_at(doc, i);
        }
    }
    return NULL;
}

static void each_leaf(struct leaves *l, const struct kube_set *s, const struct doc_node *doc)
{
    const size_t base = l->pointer.n;
    for (size_t i = 0; s && i < s->n; i++) {
        const struct doc_node *value = child_of(doc, &s->items[i].pe, &l->pointer);
        if (value && !kube_set_empty(s->items[i].child))
            each_leaf(l, s->items[i].child, value);
        else if (value && s->items[i].member)
            l->fn(rk_buf_view(&l->pointer), l->ctx);
        if (l->pointer.n > base) {
            l->pointer.n = base;
            l->pointer.p[base] = 0;
        }
    }
}

void kube_fields_each(const struct kube_fields *f, size_t i, const struct doc_node *doc,
                      void (*fn)(rk_str pointer, void *ctx), void *ctx)
{
    rk_assert(i < f->n);
    struct leaves l = {RK_BUF_INIT, fn, ctx};
    each_leaf(&l, f->entries[i].set, doc);
    rk_buf_release(&l.pointer);
}
