/*
 * ignore.c: ignoreDifferences rules -> the nodes of a document that they take out of the compare.
 * In: rules, an object's key, a document. Out: a set of nodes; whatever lies in one of them is
 * ignored. A pointer or path that leads nowhere is skipped, as Argo CD does.
 */
#include "drift/drift_int.h"

#include <stdlib.h>

void nodes_add(struct rk_arena *a, struct nodes *s, const struct doc_node *n)
{
    if (!n)
        return;
    s->v = rk_arena_grow(a, s->v, s->n, &s->cap, sizeof *s->v);
    s->v[s->n++] = n;
    s->sorted = false;
}

static int by_address(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t) * (const struct doc_node *const *)a;
    const uintptr_t y = (uintptr_t) * (const struct doc_node *const *)b;
    return (x > y) - (x < y);
}

bool nodes_have(struct nodes *s, const struct doc_node *n)
{
    if (s->n == 0 || !n)
        return false;
    if (!s->sorted)
        qsort(s->v, s->n, sizeof *s->v, by_address);
    s->sorted = true;
    return bsearch(&n, s->v, s->n, sizeof *s->v, by_address) != NULL;
}

static bool glob_is(const char *pattern, rk_str text)
{
    char *copy rk_auto(rk_free_str) = rk_str_dup(text);
    return rk_glob(pattern ? pattern : "", copy, 0);
}

static bool exactly(const char *want, rk_str have)
{
    return !want || !*want || rk_str_is(have, want);
}

bool ignore_matches(const struct model_ignore *rule, const struct kube_key *key)
{
    return exactly(rule->name, key->name) && exactly(rule->namespace, key->namespace) &&
           glob_is(rule->kind, key->kind) && glob_is(rule->group, key->group);
}

int ignore_check(const struct drift_rules *rules, struct rk_err *err)
{
    for (size_t i = 0; i < rules->n_ignore; i++) {
        if (!rules->ignore[i].n_jq)
            continue;
        struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
        for (size_t k = 0; k < rules->ignore[i].n_jq; k++) {
            struct jq *q;
            if (jq_parse(a, rules->ignore[i].jq[k], &q, err))
                return rk_wrap(err, "ignoreDifferences of %s", rules->ignore[i].kind);
        }
    }
    return 0;
}

/* Rules of a role that the server fills from other roles. */
static void aggregated(struct rk_arena *a, const struct kube_key *key, const struct doc_node *doc,
                       struct nodes *out)
{
    if (rk_str_is(key->group, "rbac.authorization.k8s.io") && rk_str_is(key->kind, "ClusterRole") &&
        !same_absent(doc_get(doc, "aggregationRule")))
        nodes_add(a, out, doc_get(doc, "rules"));
}

void ignore_nodes(struct rk_arena *a, const struct drift_rules *rules, const struct kube_key *key,
                  const struct doc_node *doc, struct nodes *out)
{
    if (rules->aggregate_roles)
        aggregated(a, key, doc, out);
    for (size_t i = 0; i < rules->n_ignore; i++) {
        const struct model_ignore *rule = &rules->ignore[i];
        if (!ignore_matches(rule, key))
            continue;
        for (size_t k = 0; k < rule->n_pointers; k++)
            nodes_add(a, out, doc_pointer(doc, rk_str_c(rule->pointers[k])));
        for (size_t k = 0; k < rule->n_jq; k++) {
            struct jq *q;
            if (jq_parse(a, rule->jq[k], &q, NULL) == 0)
                jq_select(q, a, doc, out);
        }
    }
}
