/*
 * set.c: field sets, the trie behind FieldsV1, and their arithmetic (structured-merge-diff v6,
 * fieldpath/set.go). In: FieldsV1 documents or other sets. Out: new sets in the arena given; what
 * an input and a result have in common is shared. A path element's canonical text decides order
 * and equality, so {"port":80} and {"port": 80.0} are one key.
 */
#include "kube/kube_int.h"

int kube_pe_cmp(const struct kube_pe *a, const struct kube_pe *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return rk_str_cmp(a->text, b->text);
}

struct kube_pe kube_pe_field(rk_str name)
{
    return (struct kube_pe){.type = KUBE_PE_FIELD, .text = name};
}

struct kube_set *kube_set_new(struct rk_arena *a)
{
    struct kube_set *s = rk_arena_alloc(a, sizeof(*s));
    s->arena = a;
    return s;
}

/* The place of pe: where it is, or where it would be put. */
static size_t place(const struct kube_set *s, const struct kube_pe *pe, bool *found)
{
    size_t low = 0, high = s->n;
    *found = false;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int c = kube_pe_cmp(&s->items[mid].pe, pe);
        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct kube_set_item *kube_set_find(const struct kube_set *s, const struct kube_pe *pe)
{
    bool found;
    const size_t i = s ? place(s, pe, &found) : 0;
    return s && found ? &s->items[i] : NULL;
}

struct kube_set_item *kube_set_insert(struct kube_set *s, const struct kube_pe *pe, bool member)
{
    bool found;
    const size_t i = place(s, pe, &found);
    if (!found) {
        if (s->n == s->cap)
            s->items = rk_arena_grow(s->arena, s->items, s->n, &s->cap, sizeof(*s->items));
        memmove(&s->items[i + 1], &s->items[i], (s->n - i) * sizeof(*s->items));
        s->items[i] = (struct kube_set_item){.pe = *pe};
        s->n++;
    }
    s->items[i].member |= member;
    return &s->items[i];
}

struct kube_set *kube_set_child(struct kube_set *s, const struct kube_pe *pe)
{
    struct kube_set_item *item = kube_set_insert(s, pe, false);
    if (!item->child)
        item->child = kube_set_new(s->arena);
    return item->child;
}

bool kube_set_empty(const struct kube_set *s)
{
    for (size_t i = 0; s && i < s->n; i++) {
        if (s->items[i].member || !kube_set_empty(s->items[i].child))
            return false;
    }
    return true;
}

/* ---- FieldsV1 ---- */

/* false: an element type that this version does not know, which the format says to skip */
static int read_pe(struct rk_arena *a, rk_str key, struct kube_pe *pe, bool *known,
                   struct rk_err *err)
{
    *known = key.n >= 2 && key.p[1] == ':' &&
             (key.p[0] == 'f' || key.p[0] == 'k' || key.p[0] == 'v' || key.p[0] == 'i');
    if (!*known)
        return 0;
    const rk_str rest = {key.p + 2, key.n - 2};
    if (key.p[0] == 'f' || key.p[0] == 'i') {
        *pe = (struct kube_pe){key.p[0] == 'f' ? KUBE_PE_FIELD : KUBE_PE_INDEX, rest, NULL};
        return 0;
    }
    struct doc_node *value;
    if (doc_json_read(a, rest, NULL, &value, err) != 0)
        return rk_wrap(err, "fieldsV1");
    if ((key.p[0] == 'k') != (doc_type(value) == DOC_MAP))
        return rk_fail(err, RK_INVALID, "fieldsV1: \"k:\" needs a JSON object, \"v:\" a value");
    struct rk_buf text = RK_BUF_INIT;
    doc_json_canonical(&text, value);
    *pe = (struct kube_pe){key.p[0] == 'k' ? KUBE_PE_KEY : KUBE_PE_VALUE,
                           rk_arena_str(a, rk_buf_view(&text)), value};
    rk_buf_release(&text);
    return 0;
}

/* Depth is bounded by the JSON reader's limit. */
int kube_set_read(struct rk_arena *a, const struct doc_node *fields_v1, struct kube_set **out,
                  struct rk_err *err)
{
    if (doc_type(fields_v1) != DOC_MAP)
        return rk_fail(err, RK_INVALID, "fieldsV1 is no map");
    struct kube_set *s = kube_set_new(a);
    for (size_t i = 0; i < doc_count(fields_v1); i++) {
        const struct doc_pair *p = doc_pair_at(fields_v1, i);
        struct kube_pe pe;
        bool known;
        if (rk_str_is(p->key, "."))
            continue;
        if (read_pe(a, p->key, &pe, &known, err) != 0)
            return -1;
        if (!known)
            continue;
        if (doc_type(p->value) != DOC_MAP)
            return rk_fail(err, RK_INVALID, "fieldsV1: a value is no map");
        const bool leaf = doc_count(p->value) == 0;
        struct kube_set_item *item =
            kube_set_insert(s, &pe, leaf || doc_get(p->value, ".") != NULL);
        if (!leaf && kube_set_read(a, p->value, &item->child, err) != 0)
            return -1;
    }
    *out = s;
    return 0;
}

struct doc_node *kube_set_write(struct rk_arena *a, const struct kube_set *s)
{
    static const char *const prefix[] = {
        [KUBE_PE_FIELD] = "f:", [KUBE_PE_KEY] = "k:", [KUBE_PE_VALUE] = "v:",
        [KUBE_PE_INDEX] = "i:"};
    struct doc_node *map = doc_map(a);
    struct rk_buf key = RK_BUF_INIT;
    for (size_t i = 0; i < s->n; i++) {
        const struct kube_set_item *item = &s->items[i];
        const bool deep = !kube_set_empty(item->child);
        if (!item->member && !deep)
            continue;
        struct doc_node *value = deep ? kube_set_write(a, item->child) : doc_map(a);
        if (deep && item->member) {
            struct doc_node *with_self = doc_map(a);
            doc_set_c(a, with_self, ".", doc_map(a));
            for (size_t j = 0; j < doc_count(value); j++)
                doc_set(a, with_self, doc_pair_at(value, j)->key, doc_pair_at(value, j)->value);
            value = with_self;
        }
        rk_buf_clear(&key);
        rk_buf_c(&key, prefix[item->pe.type]);
        rk_buf_str(&key, item->pe.text);
        doc_set(a, map, rk_buf_view(&key), value);
    }
    rk_buf_release(&key);
    return map;
}

/* ---- arithmetic: one walk over two sorted lists ---- */
enum operation { UNION, INTERSECTION, DIFFERENCE };

static struct kube_set *combine(struct rk_arena *a, const struct kube_set *x,
                                const struct kube_set *y, enum operation op);

static bool member_of(enum operation op, bool in_x, bool in_y)
{
    switch (op) {
    case UNION:
        return in_x || in_y;
    case INTERSECTION:
        return in_x && in_y;
    case DIFFERENCE:
        return in_x && !in_y;
    }
    return false;
}

/* One side only: a whole branch is shared or left out. */
static bool keeps(enum operation op, bool is_x)
{
    return op == UNION || (op == DIFFERENCE && is_x);
}

static void put(struct kube_set *out, const struct kube_set_item *item)
{
    if (out->n == out->cap)
        out->items = rk_arena_grow(out->arena, out->items, out->n, &out->cap, sizeof(*out->items));
    out->items[out->n++] = *item;
}

static void put_both(struct kube_set *out, const struct kube_set_item *x,
                     const struct kube_set_item *y, enum operation op)
{
    struct kube_set_item item = {.pe = x->pe, .member = member_of(op, x->member, y->member)};
    if (x->child || y->child)
        item.child = combine(out->arena, x->child, y->child, op);
    if (kube_set_empty(item.child))
        item.child = NULL;
    if (item.member || item.child)
        put(out, &item);
}

static struct kube_set *combine(struct rk_arena *a, const struct kube_set *x,
                                const struct kube_set *y, enum operation op)
{
    struct kube_set *out = kube_set_new(a);
    size_t i = 0, j = 0;
    const size_t nx = x ? x->n : 0, ny = y ? y->n : 0;
    while (i < nx || j < ny) {
        int c = i == nx ? 1 : -1;
        if (i < nx && j < ny)
            c = kube_pe_cmp(&x->items[i].pe, &y->items[j].pe);
        if (c == 0) {
            put_both(out, &x->items[i++], &y->items[j++], op);
            continue;
        }
        const struct kube_set_item *one = c < 0 ? &x->items[i++] : &y->items[j++];
        if (keeps(op, c < 0))
            put(out, one);
    }
    return out;
}

struct kube_set *kube_set_union(struct rk_arena *a, const struct kube_set *x,
                                const struct kube_set *y)
{
    return combine(a, x, y, UNION);
}

struct kube_set *kube_set_intersection(struct rk_arena *a, const struct kube_set *x,
                                       const struct kube_set *y)
{
    return combine(a, x, y, INTERSECTION);
}

struct kube_set *kube_set_difference(struct rk_arena *a, const struct kube_set *x,
                                     const struct kube_set *y)
{
    return combine(a, x, y, DIFFERENCE);
}

/* Branches without members do not count: compared by walking the two differences' emptiness. */
bool kube_set_equal(const struct kube_set *x, const struct kube_set *y)
{
    size_t i = 0, j = 0;
    const size_t nx = x ? x->n : 0, ny = y ? y->n : 0;
    while (i < nx || j < ny) {
        int c = i == nx ? 1 : -1;
        if (i < nx && j < ny)
            c = kube_pe_cmp(&x->items[i].pe, &y->items[j].pe);
        if (c == 0) {
            if (x->items[i].member != y->items[j].member ||
                !kube_set_equal(x->items[i].child, y->items[j].child))
                return false;
            i++;
            j++;
            continue;
        }
        const struct kube_set_item *one = c < 0 ? &x->items[i++] : &y->items[j++];
        if (one->member || !kube_set_empty(one->child))
            return false;
    }
    return true;
}

/* ---- as text ---- */

/* Go's %q for the strings that occur: quote and backslash escaped. */
static void put_value(struct rk_buf *out, const struct doc_node *v)
{
    if (doc_type(v) != DOC_STRING) {
        rk_buf_str(out, kube_scalar_text(v));
        return;
    }
    rk_buf_ch(out, '"');
    for (size_t i = 0; i < v->text.n; i++) {
        if (v->text.p[i] == '"' || v->text.p[i] == '\\')
            rk_buf_ch(out, '\\');
        rk_buf_ch(out, v->text.p[i]);
    }
    rk_buf_ch(out, '"');
}

/* Key fields in byte order, as SMD sorts them. */
static void put_keys(struct rk_buf *out, const struct doc_node *map)
{
    const struct doc_pair *last = NULL;
    for (size_t k = 0; k < doc_count(map); k++) {
        const struct doc_pair *next = NULL;
        for (size_t i = 0; i < doc_count(map); i++) {
            const struct doc_pair *p = doc_pair_at(map, i);
            if ((!last || rk_str_cmp(p->key, last->key) > 0) &&
                (!next || rk_str_cmp(p->key, next->key) < 0))
                next = p;
        }
        if (!next)
            return;
        rk_buf_f(out, "%s%.*s=", last ? "," : "", RK_ARG_STR(next->key));
        put_value(out, next->value);
        last = next;
    }
}

void kube_pe_text(struct rk_buf *out, const struct kube_pe *pe)
{
    switch (pe->type) {
    case KUBE_PE_FIELD:
        rk_buf_ch(out, '.');
        rk_buf_str(out, pe->text);
        return;
    case KUBE_PE_KEY:
        rk_buf_ch(out, '[');
        put_keys(out, pe->value);
        break;
    case KUBE_PE_VALUE:
        rk_buf_c(out, "[=");
        put_value(out, pe->value);
        break;
    case KUBE_PE_INDEX:
        rk_buf_ch(out, '[');
        rk_buf_str(out, pe->text);
        break;
    }
    rk_buf_ch(out, ']');
}

struct each {
    struct rk_buf path;
    void (*fn)(rk_str smd_path, void *ctx);
    void *ctx;
};

static void each_below(struct each *e, const struct kube_set *s)
{
    const size_t base = e->path.n;
    for (size_t i = 0; s && i < s->n; i++) {
        kube_pe_text(&e->path, &s->items[i].pe);
        if (s->items[i].member)
            e->fn(rk_buf_view(&e->path), e->ctx);
        each_below(e, s->items[i].child);
        e->path.n = base;
        if (e->path.cap > 0)
            e->path.p[base] = 0;
    }
}

void kube_set_each(const struct kube_set *s, void (*fn)(rk_str smd_path, void *ctx), void *ctx)
{
    struct each e = {RK_BUF_INIT, fn, ctx};
    each_below(&e, s);
    rk_buf_release(&e.path);
}
