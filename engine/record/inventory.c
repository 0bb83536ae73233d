/*
 * inventory.c: what Reckon applied for an application. In: keys and uids as applies are
 * acknowledged and deletes confirmed. Out: the list, kept as inventory/<application>.json, sorted,
 * so that what left git is still pruned after a restart. The list's owner owns its arena.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "record/record_int.h"

static size_t room_for(size_t n)
{
    size_t cap = 16;
    while (cap < n)
        cap *= 2;
    return cap;
}

static struct record_item item_of(struct rk_arena *a, const struct kube_key *key, const char *uid)
{
    return (struct record_item){kube_key_copy(a, key), rk_arena_strdup(a, uid ? uid : "")};
}

struct doc_node *record_items_doc(struct rk_arena *a, const struct record_item *v, size_t n)
{
    struct doc_node *list = doc_list(a);
    for (size_t i = 0; i < n; i++) {
        struct doc_node *m = doc_map(a);
        const struct { const char *name; rk_str text; } rows[] = {
            {"group", v[i].key.group}, {"kind", v[i].key.kind},
            {"namespace", v[i].key.namespace}, {"name", v[i].key.name},
            {"uid", rk_str_c(v[i].uid)},
        };
        for (size_t k = 0; k < RK_LEN(rows); k++)
            if (rows[k].text.n)
                doc_set_c(a, m, rows[k].name, doc_string(a, rows[k].text));
        doc_push(a, list, m);
    }
    return list;
}

/* The array has room up to room_for(n). */
size_t record_items_read(struct rk_arena *a, const struct doc_node *list,
                         struct record_item **out)
{
    size_t count = doc_count(list), n = 0;
    struct record_item *v = rk_arena_array(a, room_for(count), sizeof *v);
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *m = doc_at(list, i);
        struct kube_key key = {doc_get_text(m, "group"), doc_get_text(m, "kind"),
                               doc_get_text(m, "namespace"), doc_get_text(m, "name")};
        rk_str uid = doc_get_text(m, "uid");
        if (key.kind.n && key.name.n)
            v[n++] = (struct record_item){kube_key_copy(a, &key), rk_arena_dup(a, uid.p, uid.n)};
    }
    *out = v;
    return n;
}

static char *file_of(const char *app)
{
    rk_auto(rk_free_str) char *part = record_part(app);
    return rk_asprintf("inventory/%s", app[strcspn(app, "/")] ? part : app);
}

int record_inventory_read(const char *dir, const char *app, struct record_inventory *out,
                          struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *scratch = rk_arena_new();
    rk_auto(rk_free_str) char *name = file_of(app);
    struct doc_node *doc = NULL;
    if (record_state_read(dir, name, scratch, &doc, err) < 0)
        return -1;
    *out = (struct record_inventory){.arena = rk_arena_new()};
    out->n = record_items_read(out->arena, doc_get(doc, "items"), &out->v);
    return 0;
}

int record_inventory_names(const char *dir, char ***names, size_t *n, struct rk_err *err)
{
    rk_auto(rk_free_str) char *folder = rk_asprintf("%s/inventory", dir);
    size_t kept = 0;
    *n = 0;
    if (!rk_path_is_dir(folder))
        return 0; /* nothing was ever applied */
    if (rk_dir_names(folder, names, n, err) < 0)
        return -1;
    for (size_t i = 0; i < *n; i++) {
        char *dot = strrchr((*names)[i], '.');
        bool one = dot && rk_streq(dot, ".json") && !strchr((*names)[i], '%');
        if (one) {
            *dot = 0;
            (*names)[kept++] = (*names)[i];
        } else {
            free((*names)[i]);
        }
    }
    *n = kept;
    return 0;
}

void record_inventory_release(struct record_inventory *i)
{
    rk_arena_free(i->arena);
    *i = (struct record_inventory){0};
}

static struct record_item *find(struct record_inventory *i, const struct kube_key *key)
{
    for (size_t k = 0; k < i->n; k++)
        if (kube_key_eq(&i->v[k].key, key))
            return &i->v[k];
    return NULL;
}

void record_inventory_put(struct record_inventory *i, const struct kube_key *key, const char *uid)
{
    struct record_item *at = find(i, key);
    if (!i->arena)
        i->arena = rk_arena_new();
    if (at) {
        if (!rk_streq(at->uid, uid ? uid : ""))
            at->uid = rk_arena_strdup(i->arena, uid ? uid : "");
        return;
    }
    if (i->n == 0 || i->n == room_for(i->n)) {
        struct record_item *v = rk_arena_array(i->arena, room_for(i->n + 1), sizeof *v);
        if (i->n)
            memcpy(v, i->v, i->n * sizeof *v);
        i->v = v;
    }
    i->v[i->n++] = item_of(i->arena, key, uid);
}

void record_inventory_drop(struct record_inventory *i, const struct kube_key *key)
{
    struct record_item *at = find(i, key);
    if (!at)
        return;
    i->n--;
    memmove(at, at + 1, (size_t)(i->v + i->n - at) * sizeof *at);
}

static int by_key(const void *x, const void *y)
{
    const struct record_item *a = x, *b = y;
    return kube_key_cmp(&a->key, &b->key);
}

int record_inventory_write(const char *dir, const char *app, const struct record_inventory *i,
                           struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    rk_auto(rk_free_str) char *name = file_of(app);
    struct record_item *sorted = rk_arena_array(a, i->n + 1, sizeof *sorted);
    struct doc_node *doc = doc_map(a);
    if (i->n) {
        memcpy(sorted, i->v, i->n * sizeof *sorted);
        qsort(sorted, i->n, sizeof *sorted, by_key);
    }
    doc_set_c(a, doc, "items", record_items_doc(a, sorted, i->n));
    return record_state_write(dir, name, doc, err);
}
