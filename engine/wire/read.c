/*
 * read.c: JSON text in, a struct and its texts in the caller's arena out. The text passes scan.c
 * first; then cJSON makes a tree, which lives only during the call, and the member table is walked
 * against it, by names that match exactly. Whole numbers beyond 2^53 - 1 are refused, since cJSON
 * holds doubles; raw JSON members are spans of the text itself, so their numbers stay as written.
 * Does not keep pointers into the text.
 */
#include <cjson/cJSON.h>

#include "wire/wire_int.h"

struct reader {
    struct rk_arena *a;
    bool raw;                   /* some member of the shape is WIRE_JSON: carry spans along */
};

static void tree_free(cJSON **tree)
{
    cJSON_Delete(*tree);
}

static void *place(void *value, size_t offset)
{
    return (char *)value + offset;
}

static bool wants_raw(const struct wire_shape *shape)
{
    for (size_t i = 0; i < shape->n; i++) {
        const struct wire_member *m = &shape->members[i];
        if (m->type == WIRE_JSON || (m->shape && wants_raw(m->shape)))
            return true;
    }
    return false;
}

static int read_object(const struct reader *r, const struct wire_shape *shape, const cJSON *node,
                       rk_str raw, void *value, struct rk_err *err) RK_MUST_CHECK;

static int read_int(const cJSON *node, int64_t *out, struct rk_err *err)
{
    double v = cJSON_IsNumber(node) ? node->valuedouble : 0.5;

    if (!(v >= -(double)WIRE_INT_MAX && v <= (double)WIRE_INT_MAX) && cJSON_IsNumber(node))
        return rk_fail(err, RK_INVALID, "a number beyond 9007199254740991");
    if (v > (double)(int64_t)v || v < (double)(int64_t)v)
        return rk_fail(err, RK_INVALID, "a whole number is needed");
    *out = (int64_t)v;
    return 0;
}

static int read_list(const struct reader *r, const struct wire_member *m, const cJSON *node,
                     rk_str raw, void *value, struct rk_err *err)
{
    size_t n = cJSON_IsArray(node) ? (size_t)cJSON_GetArraySize(node) : 0, i = 0, at = 0;
    char *v = n ? rk_arena_array(r->a, n, m->shape->size) : NULL;
    const cJSON *element;
    rk_str span = RK_STR_NONE;

    if (!cJSON_IsArray(node))
        return rk_fail(err, RK_INVALID, "a list is needed");
    cJSON_ArrayForEach(element, node) {
        if (raw.p)
            (void)wire_next_element(raw, &at, &span);
        if (read_object(r, m->shape, element, span, v + i * m->shape->size, err) < 0)
            return rk_wrap(err, "%zu", i);
        i++;
    }
    *(void **)place(value, m->offset) = v;
    *(size_t *)place(value, m->count_offset) = n;
    return 0;
}

static int read_texts(const struct reader *r, const struct wire_member *m, const cJSON *node,
                      void *value, struct rk_err *err)
{
    size_t n = cJSON_IsArray(node) ? (size_t)cJSON_GetArraySize(node) : 0, i = 0;
    const char **v = n ? rk_arena_array(r->a, n, sizeof(*v)) : NULL;
    const cJSON *element;

    if (!cJSON_IsArray(node))
        return rk_fail(err, RK_INVALID, "a list is needed");
    cJSON_ArrayForEach(element, node) {
        if (!cJSON_IsString(element) && !cJSON_IsNull(element))
            return rk_fail(err, RK_INVALID, "%zu: a text is needed", i);
        v[i++] = rk_arena_strdup(r->a, element->valuestring);
    }
    *(const char ***)place(value, m->offset) = v;
    *(size_t *)place(value, m->count_offset) = n;
    return 0;
}

static int read_member(const struct reader *r, const struct wire_member *m, const cJSON *node,
                       rk_str raw, void *value, struct rk_err *err)
{
    void *p = place(value, m->offset);

    switch (m->type) {
    case WIRE_TEXT:
        if (!cJSON_IsString(node))
            return rk_fail(err, RK_INVALID, "a text is needed");
        *(const char **)p = rk_arena_strdup(r->a, node->valuestring);
        return 0;
    case WIRE_INT:
        return read_int(node, p, err);
    case WIRE_BOOL:
        if (!cJSON_IsBool(node))
            return rk_fail(err, RK_INVALID, "true or false is needed");
        *(bool *)p = cJSON_IsTrue(node);
        return 0;
    case WIRE_STRUCT:
        return read_object(r, m->shape, node, raw, p, err);
    case WIRE_LIST:
        return read_list(r, m, node, raw, value, err);
    case WIRE_TEXTS:
        return read_texts(r, m, node, value, err);
    case WIRE_JSON:
        *(rk_str *)p = rk_arena_str(r->a, raw);
        return 0;
    }
    return 0;
}

/* Members come in the table's order from our own printer: *next is the first guess. */
static const struct wire_member *find_member(const struct wire_shape *shape, const char *name,
                                             size_t *next)
{
    for (size_t i = 0; i < shape->n; i++) {
        size_t k = (*next + i) % shape->n;
        if (strcmp(shape->members[k].name, name) == 0) {
            *next = k + 1;
            return &shape->members[k];
        }
    }
    return NULL;
}

static int read_object(const struct reader *r, const struct wire_shape *shape, const cJSON *node,
                       rk_str raw, void *value, struct rk_err *err)
{
    const cJSON *child;
    size_t next = 0, at = 0;
    uint64_t seen = 0;
    rk_str key, span = RK_STR_NONE;

    rk_assert(shape->n <= WIRE_MEMBERS_MAX);
    if (!cJSON_IsObject(node))
        return rk_fail(err, RK_INVALID, "an object is needed");
    cJSON_ArrayForEach(child, node) {
        const struct wire_member *m = find_member(shape, child->string, &next);
        uint64_t bit = m ? UINT64_C(1) << (m - shape->members) : 0;

        if (r->raw)
            (void)wire_next_member(raw, &at, &key, &span);
        if (!m)
            continue;
        if (seen & bit)
            return rk_fail(err, RK_INVALID, "%s: stands there twice", m->name);
        seen |= bit;
        if (!cJSON_IsNull(child) && read_member(r, m, child, span, value, err) < 0)
            return rk_wrap(err, "%s", m->name);
    }
    return 0;
}

int wire_read(struct rk_arena *a, const struct wire_shape *shape, rk_str json, void *value,
              struct rk_err *err)
{
    rk_str text = rk_str_trim(json);
    struct reader r = {a, wants_raw(shape)};
    void *fresh = rk_arena_alloc(a, shape->size);

    if (text.n && !rk_str_is(text, "null")) {
        if (wire_scan(text, err) < 0)
            return rk_wrap(err, "%s", shape->name);
        cJSON *tree rk_auto(tree_free) = cJSON_ParseWithLength(text.p, text.n);
        if (!tree)
            return rk_fail(err, RK_INVALID, "%s: no JSON", shape->name);
        if (read_object(&r, shape, tree, r.raw ? text : RK_STR_NONE, fresh, err) < 0)
            return rk_wrap(err, "%s", shape->name);
    }
    memcpy(value, fresh, shape->size);
    return 0;
}

const char *wire_unquote(struct rk_arena *a, rk_str quoted)
{
    if (!memchr(quoted.p, '\\', quoted.n))
        return rk_arena_dup(a, quoted.p + 1, quoted.n - 2);
    cJSON *tree rk_auto(tree_free) = cJSON_ParseWithLength(quoted.p, quoted.n);
    return rk_arena_strdup(a, cJSON_IsString(tree) ? tree->valuestring : "");
}
