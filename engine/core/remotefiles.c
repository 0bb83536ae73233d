/*
 * remotefiles.c: trees of other repositories as the functions that `render` reads them through. In:
 * the pins that were known when the render began. Out: the trees of the cache's commits; what is not
 * pinned is noted as a need, and the render ends there. Pool thread; asks no network. Owns the views
 * it opened, until core_trees_close.
 */
#include "core/remotes_int.h"

struct tree {
    struct core_need of;
    struct git_view *view;
    struct render_files files;
    void *state;
    struct tree *next;
};

static struct rk_arena *arena_of(struct core_trees *t)
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
    struct rk_arena *a = arena_of(t);
    t->needs = rk_arena_grow(a, t->needs, t->n_needs, &t->cap_needs, sizeof *t->needs);
    t->needs[t->n_needs++] = (struct core_need){rk_arena_strdup(a, of->repo),
                                                rk_arena_strdup(a, of->ref)};
    return rk_fail(err, RK_UNAVAILABLE, "%s is not fetched yet", core_need_text(of, a));
}

static int open_tree(struct core_trees *t, const struct core_pin *pin,
                     const struct render_files **out, struct rk_err *err)
{
    struct git_view *view = NULL;
    if (git_view_open(pin->dir, &view, err))
        return -1;
    struct tree *tree = rk_arena_alloc(arena_of(t), sizeof *tree);
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
    const struct core_need of = {r->repo, r->ref};
    const struct core_pin *pin = core_pin_find(t->pins, &of);
    if (!pin)
        return note_need(t, &of, err);
    note_use(t, pin);
    if (!pin->id)
        return rk_fail(err, pin->code, "%s", pin->why);
    for (struct tree *tree = t->open; tree; tree = tree->next)
        if (rk_streq(tree->of.repo, of.repo) && rk_streq(tree->of.ref, of.ref)) {
            *out = &tree->files;
            return 0;
        }
    return open_tree(t, pin, out, err);
}

void core_trees_serve(struct core_trees *t, struct render_files *files)
{
    files->remote = serve;
    files->remote_ctx = t;
}

void core_trees_close(struct core_trees *t)
{
    for (struct tree *tree = t->open; tree; tree = tree->next) {
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
    *t = (struct core_trees){.pins = t->pins};
}
