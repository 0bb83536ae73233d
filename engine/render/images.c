/*
 * images.c: the `images` field. In: entries of name, newName, newTag, digest, tagSuffix. Out: the
 * image texts of all objects. As in the real tool each entry makes two passes: first over every
 * list called containers or initContainers, however deep, then over the fieldspecs; so a
 * tagSuffix is added twice to ordinary containers (reference/kustomize.md section 6).
 * CustomResourceDefinitions are left alone.
 */
#include "render/render_int.h"

struct image_edit {
    struct build *b;
    struct pattern *name;
    rk_str new_name, new_tag, digest, tag_suffix;
    bool found;
    struct spec_call call;
};

static rk_str skip_tag_text(rk_str s)
{
    while (s.n && (strchr("_.{}-", s.p[0]) || (s.p[0] >= '0' && s.p[0] <= '9') ||
                   ((s.p[0] | 32) >= 'a' && (s.p[0] | 32) <= 'z')) && s.p[0])
        s = (rk_str){s.p + 1, s.n - 1};
    return s;
}

static bool is_tail(rk_str s)
{
    if (rk_str_starts(s, ":"))
        s = skip_tag_text((rk_str){s.p + 1, s.n - 1});
    if (rk_str_starts(s, "@sha256:"))
        s = skip_tag_text((rk_str){s.p + 8, s.n - 8});
    return s.n == 0;
}

/* NAME(:tag)?(@sha256:hex)?: every place where the name may end is tried. */
static bool image_matches(const struct pattern *name, rk_str image)
{
    for (size_t i = 0; i <= image.n; i++) {
        rk_str tail = {image.p + i, image.n - i};

        if ((i == image.n || image.p[i] == ':' || image.p[i] == '@') && is_tail(tail) &&
            pattern_match(name, (rk_str){image.p, i}))
            return true;
    }
    return false;
}

struct image_parts image_split(rk_str image)
{
    struct image_parts p = {.name = image};
    const char *slash = image.n ? memchr(image.p, '/', image.n) : NULL;
    size_t from = slash && slash > image.p ? (size_t)(slash - image.p) : 0;
    const char *at = memchr(image.p + from, '@', image.n - from);
    const char *colon = memchr(image.p + from, ':', image.n - from);
    const char *end = image.p + image.n;

    if (at) {
        p.digest = (rk_str){at + 1, (size_t)(end - at - 1)};
        end = at;
    }
    if (colon && colon < end) {
        p.tag = (rk_str){colon + 1, (size_t)(end - colon - 1)};
        end = colon;
    }
    p.name.n = (size_t)(end - image.p);
    return p;
}

static rk_str image_join(struct rk_arena *a, struct image_parts p)
{
    return rk_str_c(rk_arena_f(a, "%.*s%s%.*s%s%.*s", RK_ARG_STR(p.name), p.tag.n ? ":" : "",
                               RK_ARG_STR(p.tag), p.digest.n ? "@" : "", RK_ARG_STR(p.digest)));
}

static rk_str image_edited(const struct image_edit *e, rk_str image)
{
    struct image_parts p = image_split(image);

    if (e->new_name.n)
        p.name = e->new_name;
    if (e->new_tag.n) {
        p.tag = e->new_tag;
        p.digest = e->digest;
    } else if (e->digest.n) {
        p.tag = RK_STR_NONE;
        p.digest = e->digest;
    } else if (e->tag_suffix.n) {
        p.tag = rk_str_c(rk_arena_f(e->b->a, "%.*s%.*s", RK_ARG_STR(p.tag),
                                    RK_ARG_STR(e->tag_suffix)));
        p.digest = RK_STR_NONE;
    }
    return image_join(e->b->a, p);
}

static int set_image(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    struct image_edit *e = (struct image_edit *)((char *)c - offsetof(struct image_edit, call));
    rk_str image = doc_text(n), next;

    if (doc_type(n) == DOC_NULL || (doc_type(n) == DOC_STRING && !n->text.n))
        return 0;
    if (doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST)
        return rk_fail(err, RK_INVALID, "%s: image is a text", ids_text(c->b, c->res));
    if (!image_matches(e->name, image))
        return 0;
    e->found = true;
    next = image_edited(e, image);
    if (!rk_str_eq(next, image))
        edit_plain(c, n, next);
    return 0;
}

static int set_in_containers(struct image_edit *e, const struct doc_node *list,
                             struct rk_err *err)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        struct doc_node *item = doc_at(list, i), *image = doc_get(item, "image");

        if (doc_type(item) != DOC_MAP && doc_type(item) != DOC_NULL)
            return rk_fail(err, RK_INVALID, "%s: a container is a map",
                           ids_text(e->b, e->call.res));
        if (image && set_image(&e->call, image, err))
            return -1;
    }
    return 0;
}

/* The legacy pass. Depth is bounded by the reader (100). */
static int walk_containers(struct image_edit *e, const struct doc_node *n, struct rk_err *err)
{
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        if (walk_containers(e, doc_at(n, i), err))
            return -1;
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        const struct doc_pair *p = doc_pair_at(n, i);

        if (doc_type(p->value) != DOC_MAP && doc_type(p->value) != DOC_LIST)
            continue;
        if (walk_containers(e, p->value, err))
            return -1;
        if ((rk_str_is(p->key, "containers") || rk_str_is(p->key, "initContainers")) &&
            set_in_containers(e, p->value, err))
            return -1;
    }
    return 0;
}

static int edit_all(struct image_edit *e, struct acc *acc, struct rk_err *err)
{
    struct specs specs = acc->config->list[CONFIG_IMAGES];

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < acc->n; i++) {
            e->call.res = acc->items[i];
            if (rk_str_is(e->call.res->kind, "CustomResourceDefinition"))
                continue;
            if (pass == 0 ? walk_containers(e, e->call.res->doc, err)
                          : spec_apply_all(&e->call, specs, err))
                return -1;
        }
    return 0;
}

/* The value that made the change: the tag, the digest, the suffix or the name. */
static uint32_t mark_of(const struct doc_node *entry)
{
    static const char *const keys[] = {"newTag", "digest", "tagSuffix", "newName"};

    for (size_t i = 0; i < RK_LEN(keys); i++)
        if (doc_get_text(entry, keys[i]).n)
            return doc_get(entry, keys[i])->mark;
    return entry->mark;
}

static int image_set(struct build *b, const struct kust *k, struct acc *acc,
                     const struct doc_node *entry, struct rk_err *err)
{
    struct image_edit e = {
        .b = b,
        .new_name = doc_get_text(entry, "newName"), .new_tag = doc_get_text(entry, "newTag"),
        .digest = doc_get_text(entry, "digest"), .tag_suffix = doc_get_text(entry, "tagSuffix"),
        .call = {.b = b, .make = SPEC_MAKE_NOTHING, .set = set_image, .at = mark_of(entry),
                 .by = DOC_BY_IMAGE},
    };
    rk_str name = doc_get_text(entry, "name");
    uint32_t line = mark_line(b, entry->mark);
    const char *file = mark_file(b, k, entry->mark);
    int rc;

    if (pattern_new(b->a, name, &e.name, err))
        return rk_wrap(err, "%s:%u: images", file, line);
    rc = edit_all(&e, acc, err);
    pattern_free(e.name);
    if (rc)
        return rk_wrap(err, "%s:%u: images", file, line);
    if (!e.found)
        render_lint_add(b, RENDER_UNMATCHED, file, line,
                 "images: no container uses the image '%.*s'", RK_ARG_STR(name));
    return 0;
}

int images_set(struct build *b, const struct kust *k, struct acc *acc,
               const struct doc_node *value, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(value); i++)
        if (image_set(b, k, acc, doc_at(value, i), err))
            return -1;
    return 0;
}
