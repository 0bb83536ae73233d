/*
 * store.c: the live objects by key, by owner's uid and by the application that tracks them.
 *
 * In: objects from the streams. Out: look-ups. It owns the entries and one reference to each
 * object; keys and index texts are views into the objects. Objects of a kind hang in a list at
 * their watcher. It tells nobody: who changes it calls the observer.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

static uint32_t key_hash(const struct kube_key *k)
{
    uint64_t h = rk_hash(k->name.p ? k->name.p : "", k->name.n);

    h = h * 31 + rk_hash(k->namespace.p ? k->namespace.p : "", k->namespace.n);
    h = h * 31 + rk_hash(k->kind.p ? k->kind.p : "", k->kind.n);
    return (uint32_t)(h ^ h >> 32);
}

void store_init(struct store *s)
{
    s->n_slots = 256;
    s->slots = rk_calloc(s->n_slots, sizeof(struct entry *));
    for (size_t i = 0; i < STORE_INDEXES; i++) {
        s->links[i].n_slots = 256;
        s->links[i].slots = rk_calloc(s->links[i].n_slots, sizeof(struct link *));
    }
}

void store_release(struct store *s)
{
    for (size_t i = 0; i < s->n_slots; i++) {
        for (struct entry *e = s->slots[i], *next; e; e = next) {
            next = e->next;
            cluster_unref(e->o);
            free(e->links);
            free(e);
        }
    }
    free(s->slots);
    for (size_t i = 0; i < STORE_INDEXES; i++)
        free(s->links[i].slots);
    *s = (struct store){0};
}

struct entry *store_find(const struct store *s, const struct kube_key *key)
{
    uint32_t hash = key_hash(key);

    for (struct entry *e = s->slots[hash & (s->n_slots - 1)]; e; e = e->next)
        if (e->hash == hash && kube_key_eq(&e->o->object.key, key))
            return e;
    return NULL;
}

/* ---- indexes ---- */

static void link_put(struct links *l, struct link *k)
{
    struct link **slot = &l->slots[k->hash & (l->n_slots - 1)];

    k->prev = NULL;
    k->next = *slot;
    if (*slot)
        (*slot)->prev = k;
    *slot = k;
}

static void links_grow(struct links *l)
{
    struct link **old = l->slots;
    size_t n = l->n_slots;

    l->n_slots = n * 2;
    l->slots = rk_calloc(l->n_slots, sizeof(struct link *));
    for (size_t i = 0; i < n; i++) {
        for (struct link *k = old[i], *next; k; k = next) {
            next = k->next;
            link_put(l, k);
        }
    }
    free(old);
}

static void entry_unlink(struct store *s, struct entry *e)
{
    for (size_t i = 0; i < e->n_links; i++) {
        struct link *k = &e->links[i];
        struct links *l = &s->links[k->index];

        if (k->prev)
            k->prev->next = k->next;
        else
            l->slots[k->hash & (l->n_slots - 1)] = k->next;
        if (k->next)
            k->next->prev = k->prev;
        l->n--;
    }
    free(e->links);
    e->links = NULL;
    e->n_links = 0;
}

static void link_add(struct store *s, struct entry *e, enum store_index index, rk_str text)
{
    struct link *k = &e->links[e->n_links];
    uint64_t h = rk_hash(text.p, text.n);

    for (size_t i = 0; i < e->n_links; i++) /* an owner named twice is one owner */
        if (e->links[i].index == index && rk_str_eq(e->links[i].text, text))
            return;
    *k = (struct link){.entry = e, .text = text, .hash = (uint32_t)(h ^ h >> 32),
                       .index = (uint8_t)index};
    e->n_links++;
    link_put(&s->links[index], k);
    if (++s->links[index].n > s->links[index].n_slots)
        links_grow(&s->links[index]);
}

static void entry_link(struct store *s, struct entry *e)
{
    const struct doc_node *owners = doc_walk(e->o->object.doc, "metadata.ownerReferences");
    size_t n = doc_type(owners) == DOC_LIST ? doc_count(owners) : 0;
    rk_str application;
    bool tracked = kube_tracked_by(&e->o->object, &application);

    if (n + tracked == 0)
        return;
    e->links = rk_calloc(n + tracked, sizeof(struct link)); /* stays where it is: others point in */
    for (size_t i = 0; i < n; i++) {
        rk_str uid = doc_get_text(doc_at(owners, i), "uid");

        if (uid.n > 0)
            link_add(s, e, STORE_OWNER, uid);
    }
    if (tracked)
        link_add(s, e, STORE_APPLICATION, application);
}

/* ---- entries ---- */

static void store_grow(struct store *s)
{
    struct entry **old = s->slots;
    size_t n = s->n_slots;

    s->n_slots = n * 2;
    s->slots = rk_calloc(s->n_slots, sizeof(struct entry *));
    for (size_t i = 0; i < n; i++) {
        for (struct entry *e = old[i], *next; e; e = next) {
            struct entry **slot = &s->slots[e->hash & (s->n_slots - 1)];

            next = e->next;
            e->next = *slot;
            *slot = e;
        }
    }
    free(old);
}

struct entry *store_add(struct store *s, struct watcher *w, struct cluster_object *o)
{
    struct entry *e = rk_alloc(sizeof(*e));

    if (s->n >= s->n_slots)
        store_grow(s);
    e->o = o;
    e->w = w;
    e->hash = key_hash(&o->object.key);
    struct entry **slot = &s->slots[e->hash & (s->n_slots - 1)];
    e->next = *slot;
    *slot = e;
    e->after = w->first;
    if (w->first)
        w->first->before = e;
    w->first = e;
    s->n++;
    entry_link(s, e);
    return e;
}

struct cluster_object *store_replace(struct store *s, struct entry *e, struct cluster_object *o)
{
    struct cluster_object *old = e->o;

    entry_unlink(s, e);
    e->o = o;
    entry_link(s, e);
    return old;
}

struct cluster_object *store_remove(struct store *s, struct entry *e)
{
    struct cluster_object *old = e->o;
    struct entry **at = &s->slots[e->hash & (s->n_slots - 1)];

    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    if (e->before)
        e->before->after = e->after;
    else
        e->w->first = e->after;
    if (e->after)
        e->after->before = e->before;
    entry_unlink(s, e);
    s->n--;
    free(e);
    return old;
}

/* ---- the door's readers ---- */

struct cluster_object *cluster_find(struct cluster *c, const struct kube_key *key)
{
    struct entry *e = store_find(&c->store, key);

    return e ? e->o : NULL;
}

static void each_link(struct cluster *c, enum store_index index, rk_str text,
                      void (*fn)(struct cluster_object *o, void *ctx), void *ctx)
{
    struct links *l = &c->store.links[index];
    uint64_t h = text.n ? rk_hash(text.p, text.n) : 0;
    uint32_t hash = (uint32_t)(h ^ h >> 32);

    for (struct link *k = l->slots[hash & (l->n_slots - 1)], *next; k; k = next) {
        next = k->next;
        if (k->hash == hash && rk_str_eq(k->text, text))
            fn(k->entry->o, ctx);
    }
}

void cluster_each_tracked(struct cluster *c, rk_str application,
                          void (*fn)(struct cluster_object *o, void *ctx), void *ctx)
{
    each_link(c, STORE_APPLICATION, application, fn, ctx);
}

void cluster_each_owned(struct cluster *c, rk_str uid,
                        void (*fn)(struct cluster_object *o, void *ctx), void *ctx)
{
    each_link(c, STORE_OWNER, uid, fn, ctx);
}

size_t cluster_objects(const struct cluster *c)
{
    return c->store.n;
}
