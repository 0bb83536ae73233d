/*
 * build.c: one render from start to end. In: a tree of files, a folder, an Application's settings.
 * Out: an immutable result with objects in output order, marks, lints and the record of files. The
 * result owns its arena, which is wiped when freed because Secrets are in it.
 */
#include <stdlib.h>

#include "render/render_int.h"

static void build_init(struct build *b, struct rk_arena *a, const struct render_files *files,
                       const struct render_opts *opts)
{
    *b = (struct build){.files = files, .opts = opts, .a = a, .marks = doc_marks_new(a),
                        .deps = rk_map_new()};
}

static bool is_local(const struct res *r)
{
    const struct doc_node *notes = doc_walk(r->doc, "metadata.annotations");
    const struct doc_node *local = doc_get(notes, "config.kubernetes.io/local-config");

    return local && !rk_str_is(doc_text(local), "false") &&
           !(doc_type(local) == DOC_BOOL && !local->boolean);
}

/* As the real tool does where it drops local objects, at the end: patches may have emptied one. */
static int check_identity(struct build *b, const struct res *r, struct rk_err *err)
{
    const struct doc_mark *m = doc_marks_get(b->marks, r->doc->mark);
    const char *lost = !r->kind.n || ids_history_broken(r) ? "kind" : "metadata.name";

    if (!ids_history_broken(r) && r->kind.n && (r->name.n || rk_str_ends(r->kind, "List")))
        return 0;
    return rk_fail_at(err, RK_INVALID, m ? doc_marks_file(b->marks, m->file) : NULL,
                      m ? m->line : 0, 0, "%s: a patch has taken its %s away", ids_text(b, r),
                      lost);
}

static int drop_local(struct build *b, struct acc *acc, struct rk_err *err)
{
    for (size_t i = 0; i < acc->n; i++) {
        if (check_identity(b, acc->items[i], err))
            return -1;
        acc->items[i]->gone = is_local(acc->items[i]);
    }
    acc_drop_gone(acc);
    return 0;
}

/* How the real tool writes objects: annotations as texts, folded blocks folded again. */
static int spell(struct build *b, struct acc *acc, struct rk_err *err)
{
    for (size_t i = 0; i < acc->n; i++) {
        if (res_normalise_annotations(b, acc->items[i]->doc, err))
            return rk_wrap(err, "%s: metadata.annotations", ids_text(b, acc->items[i]));
        doc_refold(b->a, acc->items[i]->doc);
    }
    return 0;
}

int build_kustomization(struct build *b, struct kust *k, struct acc *acc, struct rk_err *err)
{
    if (k->component)
        render_lint_add(b, RENDER_RISK, k->file, 0, "a Component is meant to be listed under components");
    b->metadata = k->field[KUST_BUILD_METADATA];
    if (openapi_read(b, k, err) || accumulate(b, k, acc, err))
        return -1;
    if (hash_add_all(b, acc, err) || nameref_fix(b, acc, err) || vars_resolve(b, acc, err))
        return -1;
    if (drop_local(b, acc, err) || spell(b, acc, err) || order_sort(b, k, acc, err))
        return -1;
    if (origin_wanted(b))
        origin_write(b, acc);
    return 0;
}

/* The folder's real path; it has to be a folder. */
int build_root(struct build *b, const char **dir, struct rk_err *err)
{
    const char *path = load_join(b, "", rk_str_c(b->opts->path ? b->opts->path : ""));
    const char *real = path;
    enum render_kind kind;

    load_dep(b, path);
    rk_err_clear(err);
    kind = load_stat(b, path, &real, err);
    if (kind == RENDER_ABSENT)
        return err && err->code == RK_DENIED ? -1 :
               rk_fail(err, RK_NOT_FOUND, "%s: there is no such folder", path[0] ? path : ".");
    if (kind == RENDER_FILE)
        return rk_fail(err, RK_INVALID, "%s is a file: name the folder that holds it", path);
    *dir = real ? real : path;
    return 0;
}

/* Without an Application: the real tool's build of the folder, or its plain manifests. */
static int build_folder(struct build *b, struct acc *acc, struct rk_err *err)
{
    struct kust *k = NULL;
    const char *dir = "";

    if (build_root(b, &dir, err) || kust_load(b, dir, NULL, &k, err))
        return -1;
    if (k)
        return build_kustomization(b, k, acc, err);
    if (!b->opts->plain_ok)
        return rk_fail(err, RK_NOT_FOUND,
                       "%s has no kustomization.yaml (nor kustomization.yml, nor Kustomization)",
                       dir[0] ? dir : ".");
    return directory_build(b, dir, NULL, acc, err);
}

/* An object without apiVersion is printed as it is; nobody can apply it. */
static void object_fill(struct build *b, struct kube_object *o, struct res *r)
{
    const struct doc_mark *m = doc_marks_get(b->marks, r->doc->mark);

    if (kube_object_init(o, r->doc, NULL) == 0)
        return;
    *o = (struct kube_object){.doc = r->doc, .version = r->version,
                              .key = {.group = r->group, .kind = r->kind, .namespace = r->ns,
                                      .name = r->name}};
    render_lint_add(b, RENDER_RISK, m ? doc_marks_file(b->marks, m->file) : NULL, m ? m->line : 0,
             "%s cannot be applied: apiVersion, kind or name is missing", ids_text(b, r));
}

static int finish(struct build *b, struct acc *acc, struct render_result *r, struct rk_err *err)
{
    lint_objects(b, acc);
    r->objects = rk_arena_array(b->a, acc->n + 1, sizeof(*r->objects));
    for (size_t i = 0; i < acc->n; i++) {
        object_fill(b, &r->objects[r->n_objects++], acc->items[i]);
    }
    r->marks = b->marks;
    r->lints = b->lints;
    r->n_lints = b->n_lints;
    r->by_revision = b->by_revision;
    if (b->by_cluster)
        r->by_cluster = rk_arena_strdup(b->a, b->opts->source->cluster);
    return load_deps_finish(b, r, err);
}

int render_build(const struct render_files *files, const struct render_opts *opts,
                 struct render_result **out, struct rk_err *err)
{
    struct render_result *r = rk_alloc(sizeof(*r));
    struct acc acc = {0};
    struct build b;
    int rc;

    r->arena = rk_arena_new_wiping();
    r->secrets = rk_arena_new_wiping();
    build_init(&b, r->arena, files, opts);
    rc = opts->n_parts ? parts_build(&b, &acc, err)
         : opts->source ? source_build(&b, &acc, err) : build_folder(&b, &acc, err);
    rc = rc || finish(&b, &acc, r, err) ? -1 : 0;
    rk_map_free(b.deps, NULL);
    if (rc) {
        render_free(r);
        return -1;
    }
    *out = r;
    return 0;
}

void render_free(struct render_result *r)
{
    if (!r)
        return;
    rk_arena_free(r->secrets);
    rk_arena_free(r->arena);
    free(r);
}

void render_mask(struct render_result *r, const uint8_t key[32])
{
    for (size_t i = 0; i < r->n_objects; i++) {
        struct kube_object *o = &r->objects[i];

        if (!kube_is_secret(&o->key) || o->clear)
            continue;
        o->clear = doc_copy(r->secrets, o->doc);
        kube_fold_string_data(r->secrets, o->clear);
        kube_mask_secret(r->arena, o->doc, key);
    }
}
