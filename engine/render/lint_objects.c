/*
 * lint_objects.c: what a reviewer would want to know of the finished objects. In: all objects at the
 * end of a build. Out: lints: images whose tag moves, Secrets that stand in git in clear, replica
 * entries on what an autoscaler scales. One walk over the documents.
 */
#include "render/render_int.h"

static const char *file_of(const struct build *b, const struct doc_node *n)
{
    const struct doc_mark *m = doc_marks_get(b->marks, n ? n->mark : 0);

    return m ? doc_marks_file(b->marks, m->file) : NULL;
}

static void risk(struct build *b, const struct doc_node *at, const char *text)
{
    render_lint_add(b, RENDER_RISK, file_of(b, at), mark_line(b, at ? at->mark : 0), "%s", text);
}

/* ---- images ---- */

/* What stands behind the last colon that is no port; "" without one. */
static rk_str tag_of(rk_str image)
{
    const char *slash = memrchr(image.p, '/', image.n);
    const char *start = slash ? slash : image.p;
    const char *colon = memchr(start, ':', (size_t)(image.p + image.n - start));

    return colon ? (rk_str){colon + 1, (size_t)(image.p + image.n - colon - 1)} : RK_STR("");
}

static void lint_image(struct build *b, const struct res *r, const struct doc_node *image)
{
    rk_str text = doc_text(image), tag;

    if (!text.n || memchr(text.p, '@', text.n))
        return;
    tag = tag_of(text);
    if (tag.n && !rk_str_is(tag, "latest"))
        return;
    risk(b, image, rk_arena_f(b->a, "%s: the image %.*s %s: what runs may change without a commit",
                              ids_text(b, r), RK_ARG_STR(text),
                              tag.n ? "has the tag latest" : "has no tag"));
}

static bool is_containers(rk_str key)
{
    return rk_str_is(key, "containers") || rk_str_is(key, "initContainers");
}

/* Depth is bounded by the reader (100). */
static void walk(struct build *b, const struct res *r, const struct doc_node *n)
{
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        walk(b, r, doc_at(n, i));
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        const struct doc_pair *p = doc_pair_at(n, i);

        for (size_t j = 0; is_containers(p->key) && doc_type(p->value) == DOC_LIST &&
                           j < doc_count(p->value); j++)
            if (doc_type(doc_get(doc_at(p->value, j), "image")) == DOC_STRING)
                lint_image(b, r, doc_get(doc_at(p->value, j), "image"));
        if (is_tree(p->value))
            walk(b, r, p->value);
    }
}

/* ---- Secrets ---- */

static const struct doc_node *clear_value(const struct build *b, const struct doc_node *map)
{
    for (size_t i = 0; doc_type(map) == DOC_MAP && i < doc_count(map); i++) {
        const struct doc_node *value = doc_pair_at(map, i)->value;

        if (doc_text(value).n && file_of(b, value))
            return value;
    }
    return NULL;
}

static void lint_secret(struct build *b, const struct res *r)
{
    const struct doc_node *value = clear_value(b, doc_get(r->doc, "data"));

    if (!value)
        value = clear_value(b, doc_get(r->doc, "stringData"));
    if (value)
        risk(b, value, rk_arena_f(b->a, "%s: its values stand in git for everybody to read: seal "
                                  "it (reckon seal)", ids_text(b, r)));
}

/* ---- autoscalers ---- */

static const char *scaled_key(struct build *b, rk_str kind, rk_str ns, rk_str name)
{
    return rk_arena_f(b->a, "%.*s %.*s %.*s", RK_ARG_STR(kind), RK_ARG_STR(ns), RK_ARG_STR(name));
}

static void lint_scaled(struct build *b, const struct acc *acc)
{
    struct rk_map *scaled = rk_map_new();

    for (size_t i = 0; i < acc->n; i++) {
        const struct res *r = acc->items[i];
        const struct doc_node *to = doc_walk(r->doc, "spec.scaleTargetRef");

        if (rk_str_is(r->kind, "HorizontalPodAutoscaler"))
            rk_map_set(scaled, scaled_key(b, doc_get_text(to, "kind"), ids_effective_ns(r),
                                          doc_get_text(to, "name")), b);
    }
    for (size_t i = 0; i < acc->n; i++) {
        const struct res *r = acc->items[i];

        if (r->counted.file &&
            rk_map_get(scaled, scaled_key(b, r->kind, ids_effective_ns(r), r->name)))
            render_lint_add(b, RENDER_RISK, r->counted.file, r->counted.line,
                            "replicas: %s is scaled by a HorizontalPodAutoscaler: each sync takes "
                            "its count back", ids_text(b, r));
    }
    rk_map_free(scaled, NULL);
}

void lint_objects(struct build *b, const struct acc *acc)
{
    bool counted = false;

    for (size_t i = 0; i < acc->n; i++) {
        const struct res *r = acc->items[i];

        counted = counted || r->counted.file;
        if (rk_str_is(r->kind, "CustomResourceDefinition"))
            continue;
        if (rk_str_is(r->kind, "Secret") && !r->group.n)
            lint_secret(b, r);
        else
            walk(b, r, r->doc);
    }
    if (counted)
        lint_scaled(b, acc);
}
