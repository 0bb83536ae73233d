/*
 * find_image.c: the scalar that sets an image in an overlay, for promote. In: a tree, a folder, an
 * image name. Out: file and byte range of the newTag or digest of its images entry, else of the
 * image text in a patch or manifest below the folder. Files outside the folder (a shared base) are
 * never named: an edit there would change every environment.
 */
#include "render/render_int.h"

struct finding {
    struct build *b;
    rk_str name;
    const char *dir;            /* nothing outside is taken */
    struct render_image_place *out;
    size_t folders;
};

#define FOLDERS_MAX 1000

static bool take(struct finding *f, const struct doc_node *n, const char *field)
{
    const struct doc_mark *m = doc_marks_get(f->b->marks, n->mark);
    const char *file = m ? doc_marks_file(f->b->marks, m->file) : NULL;

    if (!m || !file || !load_below(file, f->dir))
        return false;
    *f->out = (struct render_image_place){
        .file = file, .mark = *m, .field = field,
        .value = rk_arena_dup(f->b->a, doc_text(n).p, doc_text(n).n)};
    return true;
}

/* An entry with both: a tag alone would leave the old image running. */
static void add_digest(struct finding *f, const struct doc_node *digest)
{
    const struct doc_mark *m = doc_marks_get(f->b->marks, digest->mark);

    f->out->digest_mark = m ? *m : (struct doc_mark){0};
    f->out->digest = rk_arena_dup(f->b->a, doc_text(digest).p, doc_text(digest).n);
}

static bool in_images(struct finding *f, const struct doc_node *images)
{
    for (size_t i = 0; i < doc_count(images); i++) {
        const struct doc_node *e = doc_at(images, i);

        if (!rk_str_eq(doc_get_text(e, "name"), f->name) &&
            !rk_str_eq(doc_get_text(e, "newName"), f->name))
            continue;
        if (doc_get_text(e, "newTag").n && take(f, doc_get(e, "newTag"), "newTag")) {
            if (doc_get_text(e, "digest").n)
                add_digest(f, doc_get(e, "digest"));
            return true;
        }
        if (doc_get_text(e, "digest").n && take(f, doc_get(e, "digest"), "digest"))
            return true;
    }
    return false;
}

/* Is the name part of an image text the one looked for? */
static bool names_image(const struct finding *f, rk_str image)
{
    rk_str tail;

    if (image.n < f->name.n || memcmp(image.p, f->name.p, f->name.n) != 0)
        return false;
    tail = (rk_str){image.p + f->name.n, image.n - f->name.n};
    return !tail.n || tail.p[0] == ':' || tail.p[0] == '@';
}

/* Depth is bounded by the reader (100). */
static bool in_doc(struct finding *f, const struct doc_node *n)
{
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        if (in_doc(f, doc_at(n, i)))
            return true;
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        const struct doc_pair *p = doc_pair_at(n, i);

        if (rk_str_is(p->key, "image") && doc_type(p->value) == DOC_STRING &&
            names_image(f, p->value->text) && take(f, p->value, "image"))
            return true;
        if (in_doc(f, p->value))
            return true;
    }
    return false;
}

static bool in_text(struct finding *f, rk_str text, const struct doc_read *how)
{
    struct doc_node **docs;
    size_t n;

    if (doc_yaml_read(f->b->a, text, how, &docs, &n, NULL))
        return false;
    for (size_t i = 0; i < n; i++)
        if (in_doc(f, docs[i]))
            return true;
    return false;
}

static bool in_file(struct finding *f, const struct kust *k, rk_str rel)
{
    const char *path, *real;
    enum load_what what;
    struct doc_read how = {.typing = DOC_RESOURCE, .marks = f->b->marks};
    rk_str text;

    if (load_look(f->b, k, rel, &path, &real, &what, NULL) || what != LOAD_FILE ||
        !load_below(real, f->dir) || load_read(f->b, real, &text, NULL))
        return false;
    how.file = real;
    return in_text(f, text, &how);
}

/* An inline patch; only where its marks fit the file (inline.c). */
static bool in_inline(struct finding *f, const struct kust *k, const struct doc_node *node)
{
    struct doc_read how = {.typing = DOC_RESOURCE};
    rk_str text = inline_text(f->b, k, node, &how);

    return how.byte_offset < k->text.n && in_text(f, text, &how);
}

static bool in_kust(struct finding *f, const char *dir, const struct kust *parent);

static bool in_list(struct finding *f, const struct kust *k, enum kust_field field)
{
    const struct doc_node *list = k->field[field];

    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *e = doc_at(list, i);
        rk_str rel = doc_type(e) == DOC_MAP ? doc_get_text(e, "path") : doc_text(e);
        const struct doc_node *patch = doc_type(e) == DOC_MAP ? doc_get(e, "patch") : NULL;
        const char *path, *real;
        enum load_what what;

        if (doc_text(patch).n && in_inline(f, k, patch))
            return true;
        if (!rel.n || load_look(f->b, k, rel, &path, &real, &what, NULL))
            continue;
        if (what == LOAD_DIR ? load_below(real, f->dir) && in_kust(f, real, k)
                             : in_file(f, k, rel))
            return true;
    }
    return false;
}

/* The later a step runs, the earlier it is asked: it wins in the build, too. */
static bool in_kust(struct finding *f, const char *dir, const struct kust *parent)
{
    static const enum kust_field order[] = {
        KUST_PATCHES_JSON6902, KUST_PATCHES, KUST_PATCHES_STRATEGIC_MERGE, KUST_COMPONENTS,
        KUST_RESOURCES, KUST_BASES,
    };
    struct kust *k;

    for (const struct kust *at = parent; at; at = at->parent)
        if (rk_streq(at->dir, dir))
            return false;
    if (++f->folders > FOLDERS_MAX || kust_load(f->b, dir, parent, &k, NULL) || !k)
        return false;
    if (in_images(f, k->field[KUST_IMAGES]) || in_images(f, k->field[KUST_IMAGE_TAGS]))
        return true;
    for (size_t i = 0; i < RK_LEN(order); i++)
        if (in_list(f, k, order[i]))
            return true;
    return false;
}

int render_find_image(const struct render_files *files, const char *path, const char *image_name,
                      struct rk_arena *a, struct render_image_place *out, struct rk_err *err)
{
    struct render_opts opts = {.path = path};
    struct build b = {.files = files, .opts = &opts, .a = a, .marks = doc_marks_new(a),
                      .deps = rk_map_new()};
    struct finding f = {.b = &b, .name = rk_str_c(image_name), .out = out};
    struct kust *root = NULL;
    int rc = 0;

    f.dir = load_join(&b, "", rk_str_c(path));
    if (kust_load(&b, f.dir, NULL, &root, err))
        rc = -1;
    else if (!root)
        rc = rk_fail(err, RK_NOT_FOUND, "%s has no kustomization.yaml", path);
    else if (!in_kust(&f, f.dir, NULL))
        rc = rk_fail(err, RK_NOT_FOUND,
                     "%s: nothing in this folder sets the image %s: add an images entry with "
                     "name: %s and a newTag", root->file, image_name, image_name);
    rk_map_free(b.deps, NULL);
    return rc;
}
