/*
 * schema.c: walks the graph of schema_table.c. In: a type or a position. Out: the next position
 * and what is special there. A position is a node number, its high bit says which view; 0 stays 0
 * however one steps, so that custom resources need no care by the caller.
 */
#include "kube/kube_int.h"

#define VIEW_KUSTOMIZE 0x8000u

static const struct kube_schema_node *node_of(struct kube_schema s)
{
    return &kube_schema_nodes[s.node & ~VIEW_KUSTOMIZE];
}

static struct kube_schema at(struct kube_schema from, unsigned node)
{
    struct kube_schema s = {.node = (uint16_t)(node | (from.node & VIEW_KUSTOMIZE)),
                            .own = from.own};

    for (size_t i = 0; s.own && i < kube_schema_names_n; i++)
        if (kube_schema_names[i].node == node)
            return kube_own_instead(s, rk_str_c(kube_schema_names[i].name));
    return s;
}

static bool sees(struct kube_schema s, uint8_t view)
{
    return view == KUBE_V_BOTH ||
           (view == KUBE_V_KUSTOMIZE) == ((s.node & VIEW_KUSTOMIZE) != 0);
}

static bool has_version(const char *versions, rk_str version)
{
    rk_str rest = rk_str_c(versions);
    while (rest.n > 0) {
        if (rk_str_eq(rk_str_cut(rest, ' ', &rest), version))
            return true;
    }
    return false;
}

struct kube_schema kube_schema_of(enum kube_schema_use use, rk_str group, rk_str version,
                                  rk_str kind)
{
    const struct kube_schema probe = {.node = use == KUBE_KUSTOMIZE ? VIEW_KUSTOMIZE : 0};
    for (size_t i = 0; i < kube_schema_roots_n; i++) {
        const struct kube_schema_root *r = &kube_schema_roots[i];
        if (sees(probe, r->view) && rk_str_is(kind, r->kind) && rk_str_is(group, r->group) &&
            has_version(r->versions, version))
            return at(probe, r->node);
    }
    return (struct kube_schema){.node = KUBE_NODE_UNKNOWN};
}

/* "io.k8s.api.GROUP.VERSION.KIND" of a type; its GROUP is the first label of the real one. */
static struct kube_schema type_named(rk_str name)
{
    static const char head[] = "io.k8s.api.";
    rk_str rest = name, group, version;

    if (!rk_str_starts(name, head))
        return (struct kube_schema){.node = KUBE_NODE_UNKNOWN};
    rest = (rk_str){name.p + sizeof(head) - 1, name.n - sizeof(head) + 1};
    group = rk_str_cut(rest, '.', &rest);
    version = rk_str_cut(rest, '.', &rest);
    for (size_t i = 0; i < kube_schema_roots_n; i++) {
        rk_str full = rk_str_c(kube_schema_roots[i].group), after;
        rk_str label = full.n ? rk_str_cut(full, '.', &after) : RK_STR("core");

        if (rk_str_eq(label, group)) {
            struct kube_schema s = kube_schema_of(KUBE_KUSTOMIZE, full, version, rest);
            if (kube_schema_known(s))
                return s;
        }
    }
    return (struct kube_schema){.node = KUBE_NODE_UNKNOWN};
}

struct kube_schema kube_schema_named(rk_str name)
{
    for (size_t i = 0; i < kube_schema_names_n; i++)
        if (rk_str_is(name, kube_schema_names[i].name))
            return (struct kube_schema){
                .node = (uint16_t)(kube_schema_names[i].node | VIEW_KUSTOMIZE)};
    return type_named(name);
}

struct kube_schema kube_schema_field(struct kube_schema s, rk_str field)
{
    if (!kube_schema_known(s))
        return s;
    if (s.place)
        return kube_own_field(s, field);
    const struct kube_schema_node *n = node_of(s);
    if (n->kind == KUBE_N_MAP)
        return at(s, n->item);
    for (size_t i = 0; i < n->n_fields; i++) {
        if (rk_str_is(field, n->fields[i].name) && sees(s, n->fields[i].view))
            return at(s, n->fields[i].node);
    }
    return at(s, KUBE_NODE_PLAIN);
}

struct kube_schema kube_schema_item(struct kube_schema s)
{
    if (!kube_schema_known(s))
        return s;
    if (s.place)
        return kube_own_item(s);
    const struct kube_schema_node *n = node_of(s);
    const bool has = n->kind == KUBE_N_LIST || n->kind == KUBE_N_MAP;
    return at(s, has ? n->item : KUBE_NODE_PLAIN);
}

enum kube_list kube_schema_list(struct kube_schema s)
{
    if (s.place)
        return kube_own_list(s);
    const struct kube_schema_node *n = node_of(s);
    return n->kind == KUBE_N_LIST ? (enum kube_list)n->list : KUBE_LIST_ATOMIC;
}

size_t kube_schema_keys(struct kube_schema s, const char *keys[4])
{
    if (s.place)
        return kube_own_keys(s, keys);
    const struct kube_schema_node *n = node_of(s);
    for (size_t i = 0; i < n->n_keys; i++)
        keys[i] = n->keys[i];
    return n->n_keys;
}

const char *kube_schema_key_default(struct kube_schema s, const char *key)
{
    const struct kube_schema_node *n = node_of(s);
    for (size_t i = 0; i < n->n_keys; i++) {
        if (rk_streq(n->keys[i], key))
            return n->key_default[i];
    }
    return NULL;
}

bool kube_schema_atomic_map(struct kube_schema s)
{
    return !s.place && (s.node & VIEW_KUSTOMIZE) == 0 && node_of(s)->atomic;
}

bool kube_schema_quantity(struct kube_schema s)
{
    return node_of(s)->kind == KUBE_N_QUANTITY;
}

bool kube_schema_known(struct kube_schema s)
{
    if (s.place)
        return true;
    return (s.node & ~VIEW_KUSTOMIZE) != KUBE_NODE_UNKNOWN;
}
