/*
 * source.c: an Application's own kustomize settings, as edits to the kustomization before the
 * build. In: spec.source.kustomize. Out: the fields of the root's kustomization: names, namespace
 * and each image or replica of the same name replaced; labels, annotations, patches and components
 * added.
 */
#include "render/render_int.h"

#define ORIGIN "spec.source.kustomize"

bool source_is_empty(const struct render_source *s)
{
    return !s || (!s->n_images && !s->name_prefix && !s->name_suffix && !s->namespace &&
                  !s->common_labels && !s->common_annotations && !s->replicas && !s->patches &&
                  !s->components);
}

static uint32_t origin(struct build *b)
{
    return doc_marks_add(b->marks, (struct doc_mark){
        .file = doc_marks_add_file(b->marks, ORIGIN), .by = DOC_BY_FILE});
}

static void set_text(struct build *b, struct kust *k, enum kust_field f, const char *text)
{
    if (!text || !text[0])
        return;
    k->field[f] = doc_string_c(b->a, text);
    k->field[f]->mark = origin(b);
}

static struct doc_node *list_of(struct build *b, struct kust *k, enum kust_field f)
{
    if (!k->field[f])
        k->field[f] = doc_list(b->a);
    return k->field[f];
}

/* Takes the place of the entry with the same name, else comes last. */
static void put_named(struct build *b, struct doc_node *list, struct doc_node *entry)
{
    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_eq(doc_get_text(doc_at(list, i), "name"), doc_get_text(entry, "name"))) {
            doc_remove(list, i);
            doc_insert(b->a, list, i, entry);
            return;
        }
    doc_push(b->a, list, entry);
}

static void image_field(struct build *b, struct doc_node *entry, const char *key, const char *text)
{
    struct doc_node *value;

    if (!text || !text[0])
        return;
    value = doc_string_c(b->a, text);
    value->mark = entry->mark;
    doc_set_c(b->a, entry, key, value);
}

static void add_images(struct build *b, struct kust *k, const struct render_source *s)
{
    for (size_t i = 0; i < s->n_images; i++) {
        const struct render_image *image = &s->images[i];
        struct doc_node *entry = doc_map(b->a);

        entry->mark = origin(b);
        image_field(b, entry, "name", image->name);
        image_field(b, entry, "newName", image->new_name);
        image_field(b, entry, "newTag", image->new_tag);
        image_field(b, entry, "digest", image->digest);
        image_field(b, entry, "tagSuffix", image->tag_suffix);
        put_named(b, list_of(b, k, KUST_IMAGES), entry);
    }
}

/* Marks of the Application's manifest belong to another table: the copy says where it is from. */
static struct doc_node *foreign_copy(struct build *b, const struct doc_node *n)
{
    struct doc_node *copy = doc_copy(b->a, n);

    copy->mark = origin(b);
    for (size_t i = 0; doc_type(copy) == DOC_LIST && i < doc_count(copy); i++) {
        struct doc_node *one = foreign_copy(b, doc_at(copy, i));

        doc_remove(copy, i);
        doc_insert(b->a, copy, i, one);
    }
    for (size_t i = 0; doc_type(copy) == DOC_MAP && i < doc_count(copy); i++) {
        struct doc_pair *p = doc_pair_at(copy, i);

        p->mark = copy->mark;
        p->value = foreign_copy(b, p->value);
    }
    return copy;
}

static void add_list(struct build *b, struct kust *k, enum kust_field f,
                     const struct doc_node *more, bool named)
{
    for (size_t i = 0; i < doc_count(more); i++) {
        struct doc_node *entry = foreign_copy(b, doc_at(more, i));

        if (named)
            put_named(b, list_of(b, k, f), entry);
        else
            doc_push(b->a, list_of(b, k, f), entry);
    }
}

static void add_map(struct build *b, struct kust *k, enum kust_field f,
                    const struct doc_node *more)
{
    if (doc_count(more) && !k->field[f])
        k->field[f] = doc_map(b->a);
    for (size_t i = 0; i < doc_count(more); i++) {
        const struct doc_pair *p = doc_pair_at(more, i);
        struct doc_node *text = doc_string(b->a, doc_source(p->value));

        text->mark = origin(b);
        doc_set(b->a, k->field[f], p->key, text);
    }
}

int source_apply(struct build *b, struct kust *k, const struct render_source *s,
                 struct rk_err *err)
{
    if (source_is_empty(s))
        return 0;
    set_text(b, k, KUST_NAME_PREFIX, s->name_prefix);
    set_text(b, k, KUST_NAME_SUFFIX, s->name_suffix);
    set_text(b, k, KUST_NAMESPACE, s->namespace);
    add_images(b, k, s);
    add_list(b, k, KUST_REPLICAS, s->replicas, true);
    add_map(b, k, KUST_COMMON_LABELS, s->common_labels);
    add_map(b, k, KUST_COMMON_ANNOTATIONS, s->common_annotations);
    add_list(b, k, KUST_PATCHES, s->patches, false);
    add_list(b, k, KUST_COMPONENTS, s->components, false);
    for (size_t i = 0; i < doc_count(s->components); i++)
        if (doc_type(doc_at(s->components, i)) != DOC_STRING)
            return rk_fail(err, RK_INVALID, ORIGIN ".components is a list of paths");
    return 0;
}
