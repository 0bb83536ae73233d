/*
 * yaml_merge.c: merge keys (`<<: *base`).
 *
 * In: the items of a map that is about to close, some of them `<<`. Out: the same items with the
 * brought pairs in place. Resources (yaml.v3): explicit keys win, of several sources the first.
 * Configuration (yaml.v2): sources act where they stand, what comes later wins. The source maps are
 * copies of their own already (an alias is copied when it is read), so values are moved, not copied.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

static void merge_map(struct doc_build *b, const struct doc_node *map, bool missing_only)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const struct doc_pair *p = &map->map->pairs[i];
        uint32_t id = doc_keys_intern(&b->keys, p->key);
        struct doc_key *key = &b->keys.all[id];
        if (missing_only && key->serial == b->keys.serial)
            continue;
        key->serial = b->keys.serial;
        doc_build_item(b, id, p->mark, p->value);
    }
}

static bool is_mergeable(const struct doc_node *v)
{
    if (v->type != DOC_LIST)
        return v->type == DOC_MAP;
    for (uint32_t i = 0; i < v->n; i++)
        if (v->items[i]->type != DOC_MAP)
            return false;
    return true;
}

/* Of a list's maps the first wins: for the config typing, where the last wins, from behind. */
static void merge_value(struct doc_build *b, const struct doc_node *v, bool missing_only)
{
    if (v->type == DOC_MAP)
        merge_map(b, v, missing_only);
    for (uint32_t i = 0; v->type == DOC_LIST && i < v->n; i++)
        merge_map(b, v->items[missing_only ? i : v->n - 1 - i], missing_only);
}

int doc_merge_keys(struct doc_build *b, enum doc_typing typing, struct doc_item *bad)
{
    struct doc_frame *f = &b->frames[b->depth - 1];
    size_t n = b->n - f->base;
    struct doc_item *old = rk_calloc(n, sizeof(*old));
    int rc = 0;
    bool resource = typing == DOC_RESOURCE;
    const struct doc_node *merge = NULL;
    memcpy(old, b->items + f->base, n * sizeof(*old));
    b->n = f->base;
    b->keys.serial++;
    for (size_t i = 0; i < n && rc == 0; i++) {
        bool is_merge = old[i].key == DOC_KEY_MERGE;
        if (is_merge && (!is_mergeable(old[i].value) || (resource && merge))) {
            *bad = old[i];
            rc = -1;
        } else if (!is_merge) {
            b->keys.all[old[i].key].serial = b->keys.serial;
            doc_build_item(b, old[i].key, old[i].mark, old[i].value);
        } else if (resource) {
            merge = old[i].value;
        } else {
            merge_value(b, old[i].value, false);
        }
    }
    if (rc == 0 && merge)
        merge_value(b, merge, true);
    free(old);
    return rc;
}
