/*
 * source_named.c: images and replicas of spec.source.kustomize. In: the entries, the kustomization.
 * Out: its lists, each entry in the place of those of the same name, as `kustomize edit set` leaves
 * them.
 */
#include <stdlib.h>

#include "render/source_int.h"

/* ---- lists with names: the new entries take the place of those of the same name ---- */

static int by_name(const void *x, const void *y)
{
    return rk_str_cmp(doc_get_text(*(struct doc_node *const *)x, "name"),
                      doc_get_text(*(struct doc_node *const *)y, "name"));
}

static struct doc_node *named(const struct doc_node *list, rk_str name)
{
    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_eq(doc_get_text(doc_at(list, i), "name"), name))
            return doc_at(list, i);
    return NULL;
}

/* The last of two of a name counts. */
static void put_named(const struct editing *e, struct doc_node *list, struct doc_node *entry)
{
    const struct doc_node *old = named(list, doc_get_text(entry, "name"));

    for (size_t i = 0; old && i < doc_count(list); i++)
        if (doc_at(list, i) == old)
            doc_remove(list, i);
    doc_push(e->b->a, list, entry);
}

/* Those of the kustomization that are not replaced (the first of a name), all sorted by name, as
 * the real tool writes them. */
static void set_list(const struct editing *e, enum kust_field f, struct doc_node *fresh)
{
    struct doc_node *kept = doc_list(e->b->a);

    for (size_t i = 0; i < doc_count(e->k->field[f]); i++) {
        struct doc_node *entry = doc_at(e->k->field[f], i);

        if (!named(fresh, doc_get_text(entry, "name")) && !named(kept, doc_get_text(entry, "name")))
            doc_push(e->b->a, kept, entry);
    }
    for (size_t i = 0; i < doc_count(fresh); i++)
        doc_push(e->b->a, kept, doc_at(fresh, i));
    qsort(kept->items, doc_count(kept), sizeof(struct doc_node *), by_name);
    e->k->field[f] = kept;
}

/* ---- images: NAME=NEW:TAG@DIGEST, NAME:TAG@DIGEST; `*` keeps what the kustomization says ---- */

static void image_field(const struct editing *e, struct doc_node *entry, const char *key,
                        rk_str text)
{
    const struct doc_node *old =
        doc_get(named(e->k->field[KUST_IMAGES], doc_get_text(entry, "name")), key);

    if (rk_str_is(text, "*"))
        text = doc_text(old);
    if (text.n)
        doc_set_c(e->b->a, entry, key, editing_text(e, text, entry->mark));
}

static int add_image(const struct editing *e, struct doc_node *list, const struct doc_node *node,
                     size_t i)
{
    rk_str text = source_expand(e->b, node), value, name = rk_str_cut(text, '=', &value);
    struct image_parts p = image_split(value.p ? value : text);
    struct doc_node *entry = doc_map(e->b->a);

    if ((!value.p && p.name.n == text.n) || !text.n || (value.p && !name.n && !p.name.n))
        return source_fail(e->b, node, RK_INVALID, e->err, KUSTOMIZE "images[%zu]: '%.*s' says "
                           "nothing: write name:tag, name@digest or name=newname:tag@digest", i,
                           RK_ARG_STR(text));
    entry->mark = node->mark;
    if (!value.p || !name.n)
        name = p.name;
    doc_set_c(e->b->a, entry, "name", editing_text(e, name, node->mark));
    if (value.p && name.p != p.name.p)
        image_field(e, entry, "newName", p.name);
    image_field(e, entry, "newTag", p.tag);
    image_field(e, entry, "digest", p.digest);
    put_named(e, list, entry);
    return 0;
}

int editing_images(const struct editing *e)
{
    const struct doc_node *images = doc_get(e->settings, "images");
    struct doc_node *fresh = doc_list(e->b->a);

    for (size_t i = 0; i < doc_count(images); i++)
        if (add_image(e, fresh, doc_at(images, i), i))
            return -1;
    if (doc_count(fresh))
        set_list(e, KUST_IMAGES, fresh);
    return 0;
}

/* ---- replicas: the count is a number or a text of one ---- */

int editing_replicas(const struct editing *e)
{
    const struct doc_node *replicas = doc_get(e->settings, "replicas");
    struct doc_node *fresh = doc_list(e->b->a);

    for (size_t i = 0; i < doc_count(replicas); i++) {
        const struct doc_node *one = doc_at(replicas, i), *count = doc_get(one, "count");
        struct doc_node *entry = doc_map(e->b->a), *number;
        int64_t n;

        if (!doc_get_text(one, "name").n)
            return source_fail(e->b, one, RK_INVALID, e->err, KUSTOMIZE "replicas[%zu] needs a "
                               "name: that of a workload", i);
        if (!rk_str_int(doc_text(count), &n))
            return source_fail(e->b, count ? count : one, RK_INVALID, e->err,
                               KUSTOMIZE "replicas[%zu].count has to be a whole number", i);
        entry->mark = one->mark;
        number = doc_int(e->b->a, n);
        number->mark = count->mark;
        doc_set_c(e->b->a, entry, "name",
                  editing_text(e, doc_get_text(one, "name"), doc_get(one, "name")->mark));
        doc_set_c(e->b->a, entry, "count", number);
        put_named(e, fresh, entry);
    }
    if (doc_count(fresh))
        set_list(e, KUST_REPLICAS, fresh);
    return 0;
}
