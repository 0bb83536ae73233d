/*
 * remotefiles.c: trees of other repositories as the functions that `render` reads them through. In:
 * the pins that were known when the render began. Out: the trees of the cache's commits; what is not
 * pinned is noted as a need, and the render ends there. Pool thread; asks no network. Owns the views
 * it opened, until core_trees_close.
 */
#include "core/remotes_int.h"

struct rk_arena *core_trees_arena(struct core_trees *t)
{
    if (!t->arena)
        t->arena = rk_arena_new();
    return t->arena;
}

static void note_use(struct core_trees *t, const struct core_pin *pin)
{
    if (!t->uses)
        t->uses = core_pins_new();
    if (!core_pin_find(t->uses, &pin->of))
        core_pins_add(t->uses, pin);
}

static int note_need(struct core_trees *t, const struct core_need *of, struct rk_err *err)
{
    struct rk_arena *a = core_trees_arena(t);
    t->needs = rk_arena_grow(a, t->needs, t->n_needs, &t->cap_needs, sizeof *t->needs);
    t->needs[t->n_needs++] = core_need_copy(a, of);
    return rk_fail(err, RK_UNAVAILABLE, "%s is not fetched yet", core_need_text(of, a));
}

const struct core_pin *core_trees_pin(struct core_trees *t, const struct core_need *of,
                                      struct rk_err *err)
{
    const struct core_pin *pin = core_pin_find(t->pins, of);
    if (!pin) {
        (void)note_need(t, of, err);
        return NULL;
    }
    note_use(t, pin);
    if (pin->id)
        return pin;
    (void)rk_fail(err, pin->code, "%s", pin->why);
    return NULL;
}

static int open_tree(struct core_trees *t, const struct core_pin *pin,
                     const struct render_files **out, struct rk_err *err)
{
    struct git_view *view = NULL;
    if (git_view_open(pin->dir, &view, err))
        return -1;
    struct tree *tree = rk_arena_alloc(core_trees_arena(t), sizeof *tree);
    *tree = (struct tree){.of = pin->of, .view = view, .next = t->open};
    tree->files = core_git_files(view, pin->id, &tree->state);
    t->open = tree;
    *out = &tree->files;
    return 0;
}

static int serve(const struct render_remote *r, const struct render_files **out, void *ctx,
                 struct rk_err *err)
{
    struct core_trees *t = ctx;
    const struct core_need of = {r->repo, r->ref, NULL, false};
    const struct core_pin *pin = core_trees_pin(t, &of, err);
    if (!pin)
        return -1;
    for (struct tree *tree = t->open; tree; tree = tree->next)
        if (core_need_same(&tree->of, &of)) {
            *out = &tree->files;
            return 0;
        }
    return open_tree(t, pin, out, err);
}

void core_trees_serve(struct core_trees *t, struct render_files *files)
{
    t->root = files;
    files->remote = serve;
    files->remote_ctx = t;
    core_trees_serve_charts(files);
}

void core_trees_close(struct core_trees *t)
{
    for (struct tree *tree = t->open; tree; tree = tree->next) {
        render_disk_free(tree->disk);
        if (!tree->view)
            continue;
        core_git_files_end(tree->state);
        git_view_free(tree->view);
    }
    t->open = NULL;
}

void core_trees_end(struct core_trees *t)
{
    core_trees_close(t);
    core_pins_unref(t->uses);
    if (t->arena)
        rk_arena_free(t->arena);
    *t = (struct core_trees){.pins = t->pins, .runs = t->runs, .cache = t->cache};
}
