/*
 * owned.c: do we own a field in live that desired no longer has? In: the bytes of managedFields
 * and both documents. Out: "surely not", or "look closely" (removed.c). It is asked at every event
 * of every object, so it reads the bytes where they lie: building the trie costs ten times as much.
 * Anything unusual in the bytes means "look closely".
 */
#include "drift/drift_int.h"

struct scan {
    const char *p, *end;
    bool odd;               /* not what a server writes */
};

/* Where the walk is, because Reckon's own marks are never in desired. */
enum level { LEVEL_ROOT, LEVEL_METADATA, LEVEL_MARKS, LEVEL_OTHER };

struct beside {
    const struct doc_node *d, *l;
    struct kube_schema s;
    enum level level;
};

static void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    blanks(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* The text between quotes as it stands, escapes and all. */
static rk_str quoted(struct scan *s)
{
    if (!take(s, '"')) {
        s->odd = true;
        return RK_STR_NONE;
    }
    const char *from = s->p, *at = from;
    while ((at = memchr(at, '"', (size_t)(s->end - at))) != NULL) {
        size_t escapes = 0;
        while (at - escapes > from && at[-1 - (ptrdiff_t)escapes] == '\\')
            escapes++;
        s->p = ++at;
        if (escapes % 2 == 0)
            return (rk_str){from, (size_t)(at - 1 - from)};
    }
    s->p = s->end;
    s->odd = true;
    return RK_STR_NONE;
}

static void skip_value(struct scan *s)
{
    size_t depth = 0;
    blanks(s);
    do {
        if (s->p == s->end) {
            s->odd = true;
            return;
        }
        switch (*s->p) {
        case '"':
            quoted(s);
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (depth-- == 1) {
                s->p++;
                return;
            }
            if (depth == SIZE_MAX) /* the end of what this value is in */
                return;
            break;
        case ',':
            if (depth == 0)
                return;
            break;
        default:
            break;
        }
        s->p++;
    } while (!s->odd && (depth > 0 || (s->p < s->end && *s->p != ',' && *s->p != '}' &&
                                       *s->p != ']')));
}

/* ---- the entry ---- */
struct entry { rk_str manager, operation, subresource; const char *set; };

static struct entry read_entry(struct scan *s)
{
    struct entry e = {0};
    if (!take(s, '{')) {
        s->odd = true;
        return e;
    }
    while (!s->odd && !take(s, '}')) {
        const rk_str key = quoted(s);
        s->odd |= !take(s, ':');
        blanks(s);
        const char *from = s->p;
        const bool text = s->p < s->end && *s->p == '"';
        const rk_str value = text ? quoted(s) : RK_STR_NONE;
        if (!text)
            skip_value(s);
        if (rk_str_is(key, "fieldsV1"))
            e.set = from;
        else if (rk_str_is(key, "manager"))
            e.manager = value;
        else if (rk_str_is(key, "operation"))
            e.operation = value;
        else if (rk_str_is(key, "subresource"))
            e.subresource = value;
        take(s, ',');
    }
    return e;
}

/* ---- items by their keys ---- */

/* Takes the escapes of one JSON string out: only those of the keys' own quotes occur. */
static bool plain(rk_str raw, char *out, size_t size, rk_str *text)
{
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\' && (++i == raw.n || (raw.p[i] != '"' && raw.p[i] != '\\')))
            return false;
        if (n == size)
            return false;
        out[n++] = raw.p[i];
    }
    *text = (rk_str){out, n};
    return true;
}

struct want { rk_str name, value; bool text; };

static bool read_scalar(struct scan *s, struct want *w)
{
    blanks(s);
    w->text = s->p < s->end && *s->p == '"';
    if (w->text) {
        w->value = quoted(s);
        return !s->odd && !memchr(w->value.p, '\\', w->value.n);
    }
    const char *from = s->p;
    while (s->p < s->end && *s->p != ',' && *s->p != '}' && *s->p != ' ')
        s->p++;
    w->value = (rk_str){from, (size_t)(s->p - from)};
    return w->value.n > 0;
}

static bool read_wants(rk_str json, struct want *w, size_t *n)
{
    struct scan s = {json.p, json.p + json.n, false};
    *n = 0;
    if (!take(&s, '{'))
        return false;
    do {
        if (*n == 4)
            return false;
        w[*n].name = quoted(&s);
        if (!take(&s, ':') || !read_scalar(&s, &w[*n]))
            return false;
        ++*n;
    } while (take(&s, ','));
    return take(&s, '}') && !s.odd;
}

static bool scalar_is(const struct doc_node *n, const struct want *w)
{
    if (doc_type(n) == DOC_BOOL)
        return !w->text && rk_str_is(w->value, n->boolean ? "true" : "false");
    return doc_type(n) == (w->text ? DOC_STRING : DOC_NUMBER) && rk_str_eq(n->text, w->value);
}

static bool item_is(const struct doc_node *item, const struct want *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *have = doc_get_n(item, w[i].name);
        const bool preset = !have && rk_str_is(w[i].name, "protocol") &&
                            rk_str_is(w[i].value, "TCP");
        if (!preset && !scalar_is(have, &w[i]))
            return false;
    }
    return true;
}

static const struct doc_node *find_item(const struct doc_node *list, const struct want *w,
                                        size_t n, bool by_key)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < list->n; i++)
        if (by_key ? item_is(list->items[i], w, n) : scalar_is(list->items[i], w))
            return list->items[i];
    return NULL;
}

/* ---- the trie beside the documents ---- */
static enum level level_of(enum level up, rk_str name)
{
    if (up == LEVEL_ROOT)
        return rk_str_is(name, "metadata") ? LEVEL_METADATA : LEVEL_OTHER;
    if (up == LEVEL_METADATA && (rk_str_is(name, "annotations") || rk_str_is(name, "labels")))
        return LEVEL_MARKS;
    return LEVEL_OTHER;
}

static bool own_mark(rk_str name)
{
    return rk_str_is(name, KUBE_TRACKING_ID) || rk_str_is(name, KUBE_APPLICATION_LABEL) ||
           rk_str_is(name, KUBE_ARGO_TRACKING_ID);
}

/* The place that a trie's key names in both documents. false: cannot tell. */
static bool step(struct beside at, rk_str key, struct beside *next)
{
    char text[256];
    const rk_str rest = {key.p + 2, key.n - 2};
    struct want w[4];
    size_t n = 1;
    *next = (struct beside){.s = at.s, .level = LEVEL_OTHER};
    switch (key.p[0]) {
    case 'f':
        if (memchr(rest.p, '\\', rest.n))
            return false;
        next->d = doc_get_n(at.d, rest);
        next->l = doc_get_n(at.l, rest);
        next->level = level_of(at.level, rest);
        if (at.level == LEVEL_MARKS && own_mark(rest))
            next->l = NULL; /* as if it were not there: nothing to say about it */
        return true;
    case 'k':
    case 'v': {
        rk_str json;
        if (!plain(rest, text, sizeof text, &json))
            return false;
        struct scan s = {json.p, json.p + json.n, false};
        if (key.p[0] == 'k' ? !read_wants(json, w, &n) : !read_scalar(&s, w))
            return false;
        next->d = find_item(at.d, w, n, key.p[0] == 'k');
        next->l = find_item(at.l, w, n, key.p[0] == 'k');
        return true;
    }
    default:
        return false;
    }
}

/* true: something that we own and live has is not in desired, or it cannot be told. */
static bool beyond(struct scan *s, struct beside at)
{
    if (!take(s, '{'))
        return true;
    while (!take(s, '}')) {
        const rk_str key = quoted(s);
        struct beside next;
        if (s->odd || !take(s, ':'))
            return true;
        blanks(s);
        if (rk_str_is(key, ".")) {
            skip_value(s);
            take(s, ',');
            continue;
        }
        if (key.n < 2 || key.p[1] != ':' || !step(at, key, &next))
            return true;
        if (same_absent(next.l)) {
            skip_value(s);
        } else {
            const bool leaf = s->end - s->p >= 2 && s->p[1] == '}';
            if (leaf && same_absent(next.d))
                return true;
            if (beyond(s, next))
                return true;
        }
        take(s, ',');
    }
    return s->odd;
}

bool owned_beyond(rk_str managed_fields, const char *manager, const struct doc_node *desired,
                  const struct doc_node *live, struct kube_schema root)
{
    struct scan s = {managed_fields.p, managed_fields.p + managed_fields.n, false};
    if (managed_fields.n == 0)
        return false;
    if (!take(&s, '['))
        return true;
    while (!take(&s, ']')) {
        const struct entry e = read_entry(&s);
        if (s.odd)
            return true;
        take(&s, ',');
        if (!e.set || e.subresource.n || !rk_str_is(e.manager, manager) ||
            !rk_str_is(e.operation, "Apply"))
            continue;
        struct scan set = {e.set, s.end, false};
        if (beyond(&set, (struct beside){desired, live, root, LEVEL_ROOT}))
            return true;
    }
    return false;
}
