/*
 * promote.c: the images of one environment's desired -> edits of the next environment's overlay:
 * only the bytes of tags and digests change. Pure: reads one revision of git, gives files.
 */
#include "sync/sync_int.h"
#include "render/render.h"

struct image { rk_str name, tag, digest; uint32_t mark; };      /* "name[:tag][@digest]" */

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
        const struct doc_node *image = doc_get(doc_at(containers, i), "image");
        struct image one = split_image(doc_text(image));
        bool known = !one.name.n;
        for (size_t k = 0; k < all->n && !known; k++)
            known = rk_str_eq(all->v[k].name, one.name);
        if (known)
            continue;
        all->v = rk_arena_grow(all->a, all->v, all->n, &all->cap, sizeof *all->v);
        one.mark = image->mark;
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
/* Where a key begins that stands before its value on the same line; false: it does not. */
static bool find_key(rk_str source, const struct doc_mark *m, const char *key, size_t *at)
{
    size_t i = m->start, n = strlen(key);
    while (i > 0 && source.p[i - 1] == ' ')
        i--;
    if (i <= n || source.p[i - 1] != ':' || memcmp(source.p + i - 1 - n, key, n) != 0)
        return false;
    *at = i - 1 - n;
    return *at == 0 || strchr(" {,\n", source.p[*at - 1]) != NULL;
}

/* Is the key the first of its line but for blanks and the dash of its entry? Else it is in a flow
 * mapping. */
static bool first_of_line(rk_str source, size_t at, size_t *column)
{
    size_t start = at;
    while (start > 0 && source.p[start - 1] != '\n')
        start--;
    *column = at - start;
    for (size_t i = start; i < at; i++)
        if (source.p[i] != ' ' && source.p[i] != '-')
            return false;
    return true;
}

static bool is_digest(rk_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:+._-",
                    text.p[i]) || !text.p[i])
            return false;
    return text.n > 0;
}

/* The digest that belongs to a tag, into an entry that has a newTag alone: a line after it, or
 * before it in a flow mapping. */
static int insert_digest(struct sync_editing *e, const struct render_image_place *place,
                         rk_str source, rk_str digest, struct rk_err *err)
{
    size_t key, column, end = place->mark.end;
    const char *text;
    if (!is_digest(digest) || !find_key(source, &place->mark, place->field, &key) ||
        memchr(source.p + key, '\n', end - key))
        return rk_fail(err, RK_UNSUPPORTED, "%s:%u sets newTag alone, and the source runs the "
                       "digest " RK_FMT_STR ": add it to this entry by hand", place->file,
                       place->mark.line, RK_ARG_STR(digest));
    bool block = first_of_line(source, key, &column);
    while (block && end < source.n && source.p[end] != '\n')
        end++;
    if (!block) {
        end = key;
        text = rk_arena_f(e->a, "digest: " RK_FMT_STR ", ", RK_ARG_STR(digest));
    } else if (end < source.n) {
        const char *eol = source.p[end - 1] == '\r' ? "\r\n" : "\n";
        end++;
        text = rk_arena_f(e->a, "%*sdigest: " RK_FMT_STR "%s", (int)column, "", RK_ARG_STR(digest),
                          eol);
    } else {
        text = rk_arena_f(e->a, "\n%*sdigest: " RK_FMT_STR, (int)column, "", RK_ARG_STR(digest));
    }
    const struct doc_edit edit = {(uint32_t)end, (uint32_t)end, rk_str_c(text)};
    sync_edit_add(e, place->file, edit, place->mark.line + block, RK_STR(""), digest);
    return 0;
}

static int set_value(struct sync_editing *e, const char *file, const struct doc_mark *mark,
                     rk_str source, const char *before, rk_str value, struct rk_err *err)
{
    struct doc_edit edit;
    if (rk_str_is(value, before))
        return 0;
    if (doc_edit_scalar(e->a, source, mark, DOC_STRING, value, &edit, err))
        return rk_wrap(err, "%s:%u", file, mark->line);
    sync_edit_add(e, file, edit, mark->line, rk_str_c(before), value);
    return 0;
}

/* What stands beside a newTag: with a digest it says which image runs, so it goes along. */
static int edit_digest(struct sync_editing *e, const struct render_image_place *place,
                       rk_str source, rk_str digest, struct rk_err *err)
{
    if (!place->digest)
        return digest.n ? insert_digest(e, place, source, digest, err) : 0;
    if (!digest.n)
        return rk_fail(err, RK_INVALID, "%s:%u sets digest beside newTag, which the source "
                       "environment does not have: the old image would go on running",
                       place->file, place->digest_mark.line);
    return set_value(e, place->file, &place->digest_mark, source, place->digest, digest, err);
}

static int edit_image(struct sync_editing *e, struct tip_files *tip, const char *path,
                      const struct image *from, const struct image *to, struct rk_err *err)
{
    struct render_files files = {.stat = tip_stat, .read = tip_read, .list = tip_list,
                                 .id = tip_id, .ctx = tip};
    struct render_image_place place = {0};
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
    if (set_value(e, place.file, &place.mark, source, place.value, value, err))
        return -1;
    return rk_streq(place.field, "newTag") ? edit_digest(e, &place, source, from->digest, err) : 0;
}

/* Its overlay may say another one: an edit there would change nothing. */
static int refuse_set_elsewhere(const struct doc_marks *marks, const struct image *i,
                                struct rk_err *err)
{
    const struct doc_mark *m = doc_marks_get(marks, i->mark);
    if (!m || m->start != UINT32_MAX) /* doc_copy_marked */
        return 0;
    return rk_fail(err, RK_UNSUPPORTED, "%s:%u: the Application sets the image " RK_FMT_STR
                   ": promote edits overlays; edit it there", doc_marks_file(marks, m->file),
                   m->line, RK_ARG_STR(i->name));
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
                       const struct kube_object *target, size_t n_target,
                       const struct doc_marks *marks, struct rk_arena *a,
                       struct sync_edits *out, struct rk_err *err)
{
    struct images from = images_of(a, source, n_source), to = images_of(a, target, n_target);
    struct sync_editing e = {.a = a, .out = out};
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
            if (!same && (refuse_set_elsewhere(marks, t, err) ||
                          edit_image(&e, &files, target_path, f, t, err)))
                return -1;
        }
    if (held && !e.n) /* beside others it may stay as it is */
        return refuse_moving(held, err);
    return sync_edits_apply(&e, v, tip, err);
}
