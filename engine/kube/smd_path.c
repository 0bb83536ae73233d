/*
 * smd_path.c: the path that a conflict (409) names, as a JSON pointer into a document. A field's
 * name may hold dots and brackets (".metadata.annotations.reckon.dev/x"), so the path is read
 * against the document: the longest key that fits is tried first. The number of tries is bounded.
 */
#include "kube/kube_int.h"

enum { MAX_TRIES = 4096 };

struct finder {
    struct rk_buf *pointer;
    int tries;
};

static bool follow(struct finder *f, const struct doc_node *node, rk_str path);

static rk_str skip(rk_str s, size_t n)
{
    return (rk_str){s.p + n, s.n - n};
}

static bool follow_field(struct finder *f, const struct doc_node *map, rk_str path)
{
    const size_t base = f->pointer->n;
    size_t longest = path.n + 1;
    for (;;) { /* keys that fit, longest first */
        const struct doc_pair *best = NULL;
        for (size_t i = 0; i < doc_count(map); i++) {
            const struct doc_pair *p = doc_pair_at(map, i);
            const size_t n = p->key.n;
            if (n >= longest || n > path.n || memcmp(p->key.p, path.p, n) != 0 ||
                (n < path.n && path.p[n] != '.' && path.p[n] != '['))
                continue;
            if (!best || n > best->key.n)
                best = p;
        }
        if (!best || f->tries++ > MAX_TRIES)
            return false;
        doc_pointer_add(f->pointer, best->key);
        if (follow(f, best->value, skip(path, best->key.n)))
            return true;
        f->pointer->n = base;
        if (f->pointer->cap > 0)
            f->pointer->p[base] = 0;
        longest = best->key.n;
    }
}

/* A value as %q or plain text; *used is how much of s it took; the text goes to out. */
static bool read_value(rk_str s, struct rk_buf *out, size_t *used)
{
    rk_buf_clear(out);
    size_t i = 0;
    if (s.n > 0 && s.p[0] == '"') {
        for (i = 1; i < s.n && s.p[i] != '"'; i++) {
            if (s.p[i] == '\\' && i + 1 < s.n)
                i++;
            rk_buf_ch(out, s.p[i]);
        }
        *used = i + 1;
        return i < s.n;
    }
    for (; i < s.n && s.p[i] != ']' && s.p[i] != ','; i++)
        rk_buf_ch(out, s.p[i]);
    *used = i;
    return true;
}

struct wanted { /* one bracket: an index, a set value, or up to four keys */
    bool is_index, is_value;
    int64_t index;
    size_t n;
    rk_str key[4];
    struct rk_buf value[4];
};

static void wanted_release(struct wanted *w)
{
    for (size_t i = 0; i < RK_LEN(w->value); i++)
        rk_buf_release(&w->value[i]);
}

/* path begins after '['. *used ends after ']'. */
static bool read_bracket(rk_str path, struct wanted *w, size_t *used)
{
    size_t i = 0;
    size_t took;
    if (path.n > 0 && path.p[0] >= '0' && path.p[0] <= '9') {
        while (i < path.n && path.p[i] != ']')
            i++;
        w->is_index = true;
        *used = i + 1;
        return i < path.n && rk_str_int((rk_str){path.p, i}, &w->index);
    }
    while (w->n < RK_LEN(w->key)) {
        const size_t start = i;
        while (i < path.n && path.p[i] != '=')
            i++;
        if (i == path.n)
            return false;
        w->key[w->n] = (rk_str){path.p + start, i - start};
        i++;
        if (!read_value(skip(path, i), &w->value[w->n++], &took))
            return false;
        i += took;
        if (i < path.n && path.p[i] == ',') {
            i++;
            continue;
        }
        w->is_value = w->n == 1 && w->key[0].n == 0;
        *used = i + 1;
        return i < path.n && path.p[i] == ']';
    }
    return false;
}

static bool fits(const struct wanted *w, const struct doc_node *item)
{
    if (w->is_value)
        return rk_str_eq(kube_scalar_text(item), rk_buf_view(&w->value[0]));
    for (size_t i = 0; i < w->n; i++) {
        const struct doc_node *have = doc_get_n(item, w->key[i]);
        const bool preset = !have && rk_str_is(w->key[i], "protocol") &&
                            rk_str_is(rk_buf_view(&w->value[i]), "TCP");
        if (!preset && (!have || !rk_str_eq(kube_scalar_text(have), rk_buf_view(&w->value[i]))))
            return false;
    }
    return w->n > 0;
}

static bool follow_item(struct finder *f, const struct doc_node *list, rk_str path)
{
    struct wanted w = {.n = 0};
    for (size_t i = 0; i < RK_LEN(w.value); i++)
        w.value[i] = RK_BUF_INIT;
    size_t used = 0;
    size_t at = SIZE_MAX;
    if (read_bracket(path, &w, &used)) {
        if (w.is_index && w.index >= 0 && (size_t)w.index < doc_count(list))
            at = (size_t)w.index;
        for (size_t i = 0; !w.is_index && at == SIZE_MAX && i < doc_count(list); i++) {
            if (fits(&w, doc_at(list, i)))
                at = i;
        }
    }
    wanted_release(&w);
    if (at == SIZE_MAX)
        return false;
    rk_buf_f(f->pointer, "/%zu", at);
    return follow(f, doc_at(list, at), skip(path, used));
}

static bool follow(struct finder *f, const struct doc_node *node, rk_str path)
{
    if (path.n == 0)
        return true;
    if (path.p[0] == '.' && doc_type(node) == DOC_MAP)
        return follow_field(f, node, skip(path, 1));
    if (path.p[0] == '[' && doc_type(node) == DOC_LIST)
        return follow_item(f, node, skip(path, 1));
    return false;
}

bool kube_fields_pointer(const struct doc_node *doc, rk_str smd_path, struct rk_buf *pointer)
{
    struct finder f = {pointer, 0};
    const size_t base = pointer->n;
    if (smd_path.n > 0 && follow(&f, doc, smd_path))
        return true;
    pointer->n = base;
    if (pointer->cap > 0)
        pointer->p[base] = 0;
    return false;
}
