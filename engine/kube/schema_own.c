/*
 * schema_own.c: a schema of the user's (kustomization field `openapi`). In: an OpenAPI v2 document
 * as JSON or YAML: definitions that carry x-kubernetes-group-version-kind and x-kubernetes-patch-*.
 * Out: the same positions as schema.c gives, over the document itself. What is known of the
 * built-in types beside it is kube_own_schema_beside's. References are followed a bounded number
 * of times.
 */
#include "kube/kube_int.h"

#define REFS_MAX 100
#define GVK "x-kubernetes-group-version-kind"
#define REF "#/definitions/"

struct kube_own_schema {
    const struct doc_node *definitions;
    struct doc_node *by_type;   /* "group version kind" -> definition */
    struct doc_node *cluster;   /* "group version kind" -> is it of the cluster */
    enum kube_beside beside;
};

static rk_str type_key(struct rk_buf *out, rk_str group, rk_str version, rk_str kind)
{
    rk_buf_clear(out);
    rk_buf_f(out, RK_FMT_STR " " RK_FMT_STR " " RK_FMT_STR, RK_ARG_STR(group), RK_ARG_STR(version),
             RK_ARG_STR(kind));
    return rk_buf_view(out);
}

static rk_str key_of(struct rk_buf *out, const struct doc_node *gvk)
{
    return type_key(out, doc_get_text(gvk, "group"), doc_get_text(gvk, "version"),
                    doc_get_text(gvk, "kind"));
}

static void read_definitions(struct rk_arena *a, struct kube_own_schema *own)
{
    struct rk_buf key = RK_BUF_INIT;

    for (size_t i = 0; i < doc_count(own->definitions); i++) {
        struct doc_node *one = doc_pair_at(own->definitions, i)->value;
        const struct doc_node *types = doc_get(one, GVK);

        for (size_t j = 0; doc_type(types) == DOC_LIST && j < doc_count(types); j++)
            doc_set(a, own->by_type, key_of(&key, doc_at(types, j)), one);
    }
    rk_buf_release(&key);
}

/* A type with any path below a namespace is of namespaces. */
static void read_paths(struct rk_arena *a, struct kube_own_schema *own,
                       const struct doc_node *paths)
{
    static const char below[] = "namespaces/{namespace}";
    struct rk_buf key = RK_BUF_INIT;

    for (size_t i = 0; doc_type(paths) == DOC_MAP && i < doc_count(paths); i++) {
        const struct doc_pair *p = doc_pair_at(paths, i);
        const struct doc_node *gvk = doc_get(doc_get(p->value, "get"), GVK);
        bool inside = p->key.n && memmem(p->key.p, p->key.n, below, sizeof(below) - 1);

        if (doc_type(gvk) != DOC_MAP)
            continue;
        if (inside || !doc_get_n(own->cluster, key_of(&key, gvk)))
            doc_set(a, own->cluster, key_of(&key, gvk), doc_bool(a, !inside));
    }
    rk_buf_release(&key);
}

int kube_own_schema_new(struct rk_arena *a, const struct doc_node *document,
                        struct kube_own_schema **out, struct rk_err *err)
{
    struct kube_own_schema *own = rk_arena_alloc(a, sizeof(*own));
    const struct doc_node *definitions = doc_get(document, "definitions");

    if (doc_type(document) != DOC_MAP ||
        (!doc_is_null(definitions) && doc_type(definitions) != DOC_MAP))
        return rk_fail(err, RK_INVALID, "a schema is an OpenAPI v2 document with definitions");
    own->definitions = definitions;
    own->by_type = doc_map(a);
    own->cluster = doc_map(a);
    own->beside = KUBE_ALONE;
    read_definitions(a, own);
    read_paths(a, own, doc_get(document, "paths"));
    *out = own;
    return 0;
}

void kube_own_schema_beside(struct kube_own_schema *own, enum kube_beside beside)
{
    own->beside = beside;
}

/* The one that counts of a definition or type of the user's and the built-in one. */
static struct kube_schema choose(const struct kube_own_schema *own, const struct doc_node *mine,
                                 struct kube_schema built_in)
{
    bool theirs = own->beside == KUBE_UNDER_BUILT_IN ? kube_schema_known(built_in)
                                                     : own->beside != KUBE_ALONE && !mine;

    if (theirs)
        return (struct kube_schema){.own = own, .node = built_in.node};
    return (struct kube_schema){.own = own, .place = mine};
}

static struct kube_schema at(const struct kube_own_schema *own, const struct doc_node *node)
{
    struct kube_schema s = {.own = own, .place = node};

    for (int i = 0; i < REFS_MAX; i++) {
        rk_str ref = doc_get_text(s.place, "$ref");

        if (!ref.n)
            return s;
        if (!rk_str_starts(ref, REF))
            break;
        ref = (rk_str){ref.p + sizeof(REF) - 1, ref.n - sizeof(REF) + 1};
        s = choose(own, doc_get_n(own->definitions, ref), kube_schema_named(ref));
        if (!s.place)
            return s;
    }
    return (struct kube_schema){.own = own};
}

struct kube_schema kube_own_schema_of(const struct kube_own_schema *own, rk_str group,
                                      rk_str version, rk_str kind)
{
    struct rk_buf key = RK_BUF_INIT;
    const struct doc_node *found = doc_get_n(own->by_type, type_key(&key, group, version, kind));

    rk_buf_release(&key);
    return choose(own, found, kube_schema_of(KUBE_KUSTOMIZE, group, version, kind));
}

bool kube_own_cluster_scoped(const struct kube_own_schema *own, rk_str group, rk_str version,
                             rk_str kind)
{
    struct rk_buf key = RK_BUF_INIT;
    const struct doc_node *found = doc_get_n(own->cluster, type_key(&key, group, version, kind));

    rk_buf_release(&key);
    return found && found->boolean;
}

struct kube_schema kube_own_instead(struct kube_schema s, rk_str name)
{
    const struct doc_node *mine = doc_get_n(s.own->definitions, name);

    return s.own->beside == KUBE_OVER_BUILT_IN && mine ? at(s.own, mine) : s;
}

struct kube_schema kube_own_field(struct kube_schema s, rk_str field)
{
    const struct doc_node *more = doc_get(s.place, "additionalProperties");
    const struct doc_node *found = doc_get_n(doc_get(s.place, "properties"), field);

    if (!found && doc_type(more) == DOC_MAP)
        found = more;
    return found ? at(s.own, found) : (struct kube_schema){.own = s.own};
}

struct kube_schema kube_own_item(struct kube_schema s)
{
    const struct doc_node *type = doc_get(s.place, "type"), *items = doc_get(s.place, "items");

    if (doc_type(type) == DOC_LIST && doc_count(type) == 1)
        type = doc_at(type, 0);
    if (!rk_str_is(doc_text(type), "array") || doc_type(items) != DOC_MAP)
        return (struct kube_schema){.own = s.own};
    return at(s.own, items);
}

size_t kube_own_keys(struct kube_schema s, const char *keys[4])
{
    const struct doc_node *list = doc_get(s.place, "x-kubernetes-list-map-keys");
    const struct doc_node *one = doc_get(s.place, "x-kubernetes-patch-merge-key");
    size_t n = 0;

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list) && n < 4; i++)
        if (doc_type(doc_at(list, i)) == DOC_STRING)
            keys[n++] = doc_at(list, i)->text.p;
    if (!list && doc_type(one) == DOC_STRING)
        keys[n++] = one->text.p;
    return n;
}

enum kube_list kube_own_list(struct kube_schema s)
{
    rk_str rest = doc_get_text(s.place, "x-kubernetes-patch-strategy");
    const char *unused[4];
    bool merges = false;

    while (rest.n && !merges)
        merges = rk_str_is(rk_str_cut(rest, ',', &rest), "merge");
    return !merges ? KUBE_LIST_ATOMIC : kube_own_keys(s, unused) ? KUBE_LIST_MAP : KUBE_LIST_SET;
}
