/*
 * promote.c: the images of one environment's desired -> edits of the next environment's overlay:
 * only the bytes of tags and digests change. Pure: reads one revision of git, gives files.
 */
#include "sync/sync_int.h"
#include "render/render.h"

struct image { rk_str name, tag, digest; };     /* "name[:tag][@digest]" */

static struct image split_image(rk_str text)
{
    struct image i = {.name = text};
    rk_str rest;
    i.name = rk_str_cut(text, '@', &rest);
    if (rest.p)
        i.digest = rest;
    for (size_t c = i.name.n; c > 0 && i.name.p[c - 1] != '/'; c--)
        if (i.name.p[c - 1] == ':') {
            i.tag = (rk_str){i.name.p + c, i.name.n - c};
            i.name.n = c - 1;
            break;
        }
    return i;
}

/* ---- the images of a set of objects: name -> the one version it has ---- */
struct images { struct image *v; size_t n, cap; struct rk_arena *a; };

static void add_images(struct images *all, const struct doc_node *containers)
{
    for (size_t i = 0; i < doc_count(containers); i++) {
        struct image one = split_image(doc_get_text(doc_at(containers, i), "image"));
        bool known = !one.name.n;
        for (size_t k = 0; k < all->n && !known; k++)
            known = rk_str_eq(all->v[k].name, one.name);
        if (known)
            continue;
        all->v = rk_arena_grow(all->a, all->v, all->n, &all->cap, sizeof *all->v);
        all->v[all->n++] = one;
    }
}

static struct images images_of(struct rk_arena *a, const struct kube_object *objects, size_t n)
{
    static const char *const paths[] = {
        "spec.template.spec.containers", "spec.template.spec.initContainers",
        "spec.jobTemplate.spec.template.spec.containers",
        "spec.jobTemplate.spec.template.spec.initContainers",
        "spec.containers", "spec.initContainers",
    };
    struct images all = {.a = a};
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < RK_LEN(paths); p++)
            add_images(&all, doc_walk(objects[i].doc, paths[p]));
    return all;
}

/* ---- reading the target's overlay at the tip ---- */
struct tip_files { struct git_view *v; const char *tip; };

static enum render_kind tip_stat(struct rk_arena *a, const char *path, const char **real, void *ctx,
                                 struct rk_err *err)
{
    struct tip_files *t = ctx;
    char id[GIT_ID];
    enum git_kind kind = git_stat(t->v, t->tip, path, id);
    (void)err;
    *real = rk_arena_strdup(a, path);
    return kind == GIT_FILE ? RENDER_FILE : kind == GIT_DIR ? RENDER_DIR : RENDER_ABSENT;
}

static int tip_read(struct rk_arena *a, const char *path, rk_str *out, void *ctx,
                    struct rk_err *err)
{
    struct tip_files *t = ctx;
    return git_read(t->v, a, t->tip, path, 16u << 20, out, err);
}

static int tip_list(struct rk_arena *a, const char *path, const char ***names, size_t *n, void *ctx,
                    struct rk_err *err)
{
    struct tip_files *t = ctx;
    return git_list(t->v, a, t->tip, path, names, n, err);
}

static int tip_id(const char *path, char out[65], void *ctx, struct rk_err *err)
{
    struct tip_files *t = ctx;
    char id[GIT_ID] = "";
    (void)err;
    (void)git_stat(t->v, t->tip, path, id);
    (void)snprintf(out, 65, "%s", id);
    return 0;
}

/* ---- one image's edit ---- */
struct editing {
    struct rk_arena *a;
    struct sync_edits *out;
    struct doc_edit *edits; const char **files; size_t n, cap, cap_files, cap_out;
};

static void add_edit(struct editing *e, const char *file, struct doc_edit edit, uint32_t line,
                     rk_str before, rk_str after)
{
    e->edits = rk_arena_grow(e->a, e->edits, e->n, &e->cap, sizeof *e->edits);
    e->files = rk_arena_grow(e->a, e->files, e->n, &e->cap_files, sizeof *e->files);
    e->out->edits = rk_arena_grow(e->a, e->out->edits, e->out->n, &e->cap_out,
                                  sizeof *e->out->edits);
    e->files[e->n] = file;
    e->edits[e->n++] = edit;
    e->out->edits[e->out->n++] = (struct sync_edit){
        file, line, rk_arena_dup(e->a, before.p, before.n), rk_arena_dup(e->a, after.p, after.n)};
}

static int edit_image(struct editing *e, struct tip_files *tip, const char *path,
                      const struct image *from, const struct image *to, struct rk_err *err)
{
    struct render_files files = {tip_stat, tip_read, tip_list, tip_id, tip};
    struct render_image_place place;
    struct doc_edit edit;
    rk_str source;
    char *name = rk_str_dup(to->name);
    int rc = render_find_image(&files, path, name, e->a, &place, err);
    free(name);
    if (rc || tip_read(e->a, place.file, &source, tip, err))
        return -1;
    rk_str value = rk_streq(place.field, "digest") ? from->digest : from->tag;
    if (rk_streq(place.field, "image")) {
        const char *text = rk_arena_f(e->a, RK_FMT_STR "%s" RK_FMT_STR "%s" RK_FMT_STR,
                                      RK_ARG_STR(to->name), from->tag.n ? ":" : "",
                                      RK_ARG_STR(from->tag), from->digest.n ? "@" : "",
                                      RK_ARG_STR(from->digest));
        value = rk_str_c(text);
    }
    if (!value.n)
        return rk_fail(err, RK_INVALID, "%s:%u sets %s of " RK_FMT_STR ", which the source "
                       "environment does not have", place.file, place.mark.line, place.field,
                       RK_ARG_STR(to->name));
    if (rk_str_is(value, place.value))
        return 0;
    if (doc_edit_scalar(e->a, source, &place.mark, DOC_STRING, value, &edit, err))
        return rk_wrap(err, "%s:%u", place.file, place.mark.line);
    add_edit(e, place.file, edit, place.mark.line, rk_str_c(place.value), value);
    return 0;
}

/* All edits of one file at once. */
static int apply_edits(struct editing *e, struct git_view *v, const char *tip, struct rk_err *err)
{
    e->out->files = rk_arena_array(e->a, e->n + 1, sizeof *e->out->files);
    for (size_t i = 0; i < e->n; i++) {
        bool done = false;
        for (size_t k = 0; k < i && !done; k++)
            done = rk_streq(e->files[k], e->files[i]);
        if (done)
            continue;
        struct doc_edit *mine = rk_arena_array(e->a, e->n, sizeof *mine);
        size_t n = 0;
        for (size_t k = i; k < e->n; k++)
            if (rk_streq(e->files[k], e->files[i]))
                mine[n++] = e->edits[k];
        struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
        rk_str source;
        if (git_read(v, e->a, tip, e->files[i], 16u << 20, &source, err) ||
            doc_edit_apply(source, mine, n, &text, err))
            return rk_wrap(err, "%s", e->files[i]);
        e->out->files[e->out->n_files++] = (struct git_file){
            .path = e->files[i], .bytes = {rk_arena_dup(e->a, text.p, text.n), text.n}};
    }
    return 0;
}

/* Another image tomorrow under the same name; no tag is `latest`. */
static bool moving(const struct image *i)
{
    return !i->digest.n && (!i->tag.n || rk_str_is(i->tag, "latest"));
}

static int refuse_moving(const struct image *i, struct rk_err *err)
{
    return rk_fail(err, RK_DENIED, RK_FMT_STR ":latest is a moving tag: promote a digest or a "
                   "fixed tag", RK_ARG_STR(i->name));
}

int sync_promote_edits(struct git_view *v, const char *tip, const char *target_path,
                       const struct kube_object *source, size_t n_source,
                       const struct kube_object *target, size_t n_target, struct rk_arena *a,
                       struct sync_edits *out, struct rk_err *err)
{
    struct images from = images_of(a, source, n_source), to = images_of(a, target, n_target);
    struct editing e = {.a = a, .out = out};
    struct tip_files files = {v, tip};
    const struct image *held = NULL;
    *out = (struct sync_edits){0};
    for (size_t i = 0; i < to.n; i++)
        for (size_t k = 0; k < from.n; k++) {
            const struct image *f = &from.v[k], *t = &to.v[i];
            if (!rk_str_eq(f->name, t->name))
                continue;
            bool same = rk_str_eq(f->tag, t->tag) && rk_str_eq(f->digest, t->digest);
            if (moving(f) && !same)
                return refuse_moving(f, err);
            if (moving(f))
                held = f;
            if (!same && edit_image(&e, &files, target_path, f, t, err))
                return -1;
        }
    if (held && !e.n) /* beside others it may stay as it is */
        return refuse_moving(held, err);
    return apply_edits(&e, v, tip, err);
}

/* ---- adopt ---- */
/* Do these bytes of the file still say what was rendered? Compared as values, not as texts. */
static bool still_says(struct rk_arena *a, rk_str source, const struct doc_mark *m,
                       const struct doc_node *rendered)
{
    const struct doc_read how = {.typing = DOC_RESOURCE};
    struct doc_node *now = NULL;
    if (m->end > source.n || m->start > m->end)
        return false;
    const char *text = rk_arena_f(a, "%.*s\n", (int)(m->end - m->start), source.p + m->start);
    if (doc_yaml_read_one(a, rk_str_c(text), &how, &now, NULL))
        return false;
    rk_str is = doc_text(now), was = doc_text(rendered);
    return is.p || was.p ? rk_str_eq(is, was) : doc_equal(now, rendered);
}

static int adopt_field(struct editing *e, struct git_view *v, const char *tip,
                       const struct drift_field *f, const struct doc_marks *marks,
                       struct rk_err *err)
{
    const struct doc_mark *m = doc_marks_get(marks, f->mark);
    const char *file = m ? doc_marks_file(marks, m->file) : NULL;
    enum doc_type type = doc_type(f->live);
    struct doc_edit edit;
    rk_str source;
    if (f->secret)
        return rk_fail(err, RK_DENIED, "%s is a Secret's value: never written into git", f->path);
    if (!f->live || !f->desired || type == DOC_MAP || type == DOC_LIST || type == DOC_NULL || !file)
        return rk_fail(err, RK_UNSUPPORTED, "%s: only single values that a file of this "
                       "repository sets can be adopted; edit git by hand", f->path);
    const char *text = type == DOC_BOOL ? (f->live->boolean ? "true" : "false") : NULL;
    rk_str value = text ? rk_str_c(text) : doc_text(f->live);
    struct rk_buf before rk_auto(rk_buf_release) = RK_BUF_INIT;
    doc_json_write(&before, f->desired);
    if (git_read(v, e->a, tip, file, 16u << 20, &source, err))
        return rk_wrap(err, "%s:%u", file, m->line);
    if (m->by == DOC_BY_IMAGE)
        return rk_fail(err, RK_UNSUPPORTED, "%s:%u makes %s from its parts: promote the image, or "
                       "edit git by hand", file, m->line, f->path);
    if (!still_says(e->a, source, m, f->desired))
        return rk_fail(err, RK_CONFLICT, "%s:%u changed since it was rendered: plan again", file,
                       m->line);
    if (doc_edit_scalar(e->a, source, m, type, value, &edit, err))
        return rk_wrap(err, "%s:%u", file, m->line);
    add_edit(e, file, edit, m->line, rk_buf_view(&before), value);
    return 0;
}

int sync_adopt_edits(struct git_view *v, const char *tip, const struct plan_object *objects,
                     size_t n, const struct doc_marks *marks, struct rk_arena *a,
                     struct sync_edits *out, struct rk_err *err)
{
    struct editing e = {.a = a, .out = out};
    *out = (struct sync_edits){0};
    for (size_t i = 0; i < n; i++) {
        const struct drift_object *d = objects[i].drift;
        for (size_t k = 0; d->verdict == DRIFT_CHANGED && k < d->n_fields; k++)
            if (!d->fields[k].ignored && adopt_field(&e, v, tip, &d->fields[k], marks, err))
                return -1;
    }
    return apply_edits(&e, v, tip, err);
}
