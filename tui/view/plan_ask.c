/*
 * plan_ask.c: which plan is asked for: what the view was opened with, and what Space made of it. A
 * sync's prune is an option; a revert's files and objects, and of an environment its applications,
 * carry marks, and leaving some out asks for mode partial. Every change makes a new plan: the one
 * that is shown never changes its meaning.
 */
#include <stdlib.h>

#include "view/plan_int.h"

/* ---- questions ---- */
static void came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                 void *ctx)
{
    struct plan_view *p = (struct plan_view *)v;

    if ((size_t)(uintptr_t)ctx != p->asked) {
        rk_arena_free(a);
        return;
    }
    p->asking = false;
    if (!err) {
        plan_take(p, value, a, false);
        return;
    }
    p->err = *err;
    rk_arena_free(a);
    plan_drop(p);
}

static void came_again(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                       void *ctx)
{
    struct plan_view *p = (struct plan_view *)v;

    if (!err && (size_t)(uintptr_t)ctx == p->asked) {
        plan_take(p, value, a, true);
        return;
    }
    rk_arena_free(a);
    if ((size_t)(uintptr_t)ctx == p->asked && err->code == RK_NOT_FOUND)
        plan_set_stale(p, err->text);
}

/* A plan of thousands of tasks does not fit into one line of the protocol. */
static const void *rest_of(const void *whole, struct rk_arena *a)
{
    const struct wire_plan *plan = whole;
    struct wire_plan_ref *ref = rk_arena_alloc(a, sizeof(*ref));

    *ref = (struct wire_plan_ref){.fingerprint = plan->fingerprint,
                                  .offset = (int64_t)plan->n_tasks};
    return plan->fingerprint && ref->offset < plan->total ? ref : NULL;
}

const struct view_rest plan_rest = {"plan.get", rest_of};

void plan_ask_again(struct plan_view *p)
{
    struct wire_plan_ref ref = {.fingerprint = p->plan ? p->plan->fingerprint : p->fingerprint};

    view_call_whole(&p->v, "plan.get", &ref, &plan_rest, came_again,
                    (void *)(uintptr_t)p->asked);
}

/* Names of one sort that are marked, or are not. */
static size_t names_of(const struct plan_view *p, enum plan_sort sort, bool marked,
                       struct rk_arena *a, const char ***out)
{
    size_t n = 0;

    *out = rk_arena_array(a, p->n_items + 1, sizeof(**out));
    for (size_t i = 0; i < p->n_items; i++)
        if (p->items[i].sort == sort && p->items[i].marked == marked)
            (*out)[n++] = p->items[i].name;
    return n;
}

/* The marked ones, when not all of that sort are. */
static bool chosen(const struct plan_view *p, enum plan_sort sort, struct rk_arena *a,
                   const char ***v, size_t *n)
{
    const char **out;

    if (!names_of(p, sort, false, a, &out))
        return false;
    *n = names_of(p, sort, true, a, v);
    return true;
}

void plan_ask(struct plan_view *p)
{
    void *ctx = (void *)(uintptr_t)++p->asked;

    p->asking = true;
    rk_err_clear(&p->err);
    (void)plan_countdown_stop(p);
    if (!p->params) {
        struct wire_plan_ref ref = {.fingerprint = p->fingerprint};
        view_call_whole(&p->v, "plan.get", &ref, &plan_rest, came, ctx);
        return;
    }
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_plan_params ask = *p->params;
    bool files = chosen(p, PLAN_PATHS, a, &ask.paths, &ask.n_paths);
    bool objects = chosen(p, PLAN_OBJECTS, a, &ask.resources, &ask.n_resources);
    if (plan_app_left_out(p))
        ask.n_leave_out = names_of(p, PLAN_APPS, false, a, &ask.leave_out);
    if (files || objects || ask.n_leave_out)
        ask.mode = "partial";
    view_call_whole(&p->v, "plan.create", &ask, &plan_rest, came, ctx);
}

/* ---- marks ---- */
struct plan_item *plan_item_of(const struct plan_view *p, enum plan_sort sort, const char *name)
{
    for (size_t i = 0; i < p->n_items; i++)
        if (p->items[i].sort == sort && rk_streq(p->items[i].name, name))
            return &p->items[i];
    return NULL;
}

static void add_item(struct plan_view *p, enum plan_sort sort, const char *name)
{
    if (!name || plan_item_of(p, sort, name))
        return;
    p->items = rk_arena_grow(p->items_arena, p->items, p->n_items, &p->cap_items,
                             sizeof(*p->items));
    p->items[p->n_items++] = (struct plan_item){sort, rk_arena_strdup(p->items_arena, name), true};
}

static void commit_came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                        void *ctx)
{
    struct plan_view *p = (struct plan_view *)v;
    const struct wire_commit *c = value;

    (void)ctx;
    for (size_t i = 0; !err && i < c->n_files; i++)
        add_item(p, PLAN_PATHS, c->files[i].file);
    plan_rows_make(p, p->rows_w);
    rk_arena_free(a);
}

static void ask_files(struct plan_view *p)
{
    struct wire_commit_params ask = {p->params->commit, p->params->app};

    if (p->plan->n_conflicts && ask.rev && !strstr(ask.rev, ".."))
        view_call(&p->v, "commit.get", &ask, commit_came, NULL);
}

void plan_items_collect(struct plan_view *p)
{
    const struct wire_plan *plan = p->plan;

    if (!plan_is(p, "revert") || !p->params || p->items_arena)
        return;
    p->items_arena = rk_arena_new();
    for (size_t i = 0; i < plan->n_edits; i++)
        add_item(p, PLAN_PATHS, plan->edits[i].file);
    for (size_t i = 0; i < plan->n_conflicts; i++)
        add_item(p, PLAN_PATHS, plan->conflicts[i].file);
    for (size_t i = 0; i < plan->n_tasks; i++)
        if (!plan_task_same(&plan->tasks[i]))
            add_item(p, PLAN_OBJECTS, plan_object(p->items_arena, &plan->tasks[i]));
    for (size_t i = 0; i < plan->n_tasks; i++) /* of an environment: each says whose it is */
        add_item(p, PLAN_APPS, plan->tasks[i].app);
    ask_files(p);
}

size_t plan_unmarked(const struct plan_view *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_items; i++)
        n += !p->items[i].marked;
    return n;
}

bool plan_marks_nothing(const struct plan_view *p)
{
    size_t of[PLAN_SORTS] = {0}, marked[PLAN_SORTS] = {0};
    bool nothing = false;

    for (size_t i = 0; i < p->n_items; i++) {
        of[p->items[i].sort]++;
        marked[p->items[i].sort] += p->items[i].marked;
    }
    for (size_t i = 0; i < PLAN_SORTS; i++)
        nothing = nothing || (of[i] && !marked[i]);
    return nothing;
}

bool plan_app_left_out(const struct plan_view *p)
{
    for (size_t i = 0; i < p->n_items; i++)
        if (p->items[i].sort == PLAN_APPS && !p->items[i].marked)
            return true;
    return false;
}

static void ask_for_marks(struct plan_view *p)
{
    if (!plan_marks_nothing(p)) {
        plan_ask(p);
        return;
    }
    p->asked++;
    p->asking = false;
    (void)plan_countdown_stop(p);
    view_say(&p->v, TERM_ERROR, "nothing of it is left: mark at least one of each sort");
}

static bool toggle_mark(struct plan_view *p)
{
    struct plan_row *r = p->list.cursor < p->n_rows ? &p->rows[p->list.cursor] : NULL;

    if (!r || !r->item) {
        view_say(&p->v, TERM_STATUS, "Space marks an application, a file or an object of the revert");
        return true;
    }
    r->item->marked = !r->item->marked;
    ask_for_marks(p);
    return true;
}

bool plan_mark_all(struct plan_view *p, bool marked)
{
    if (!p->n_items)
        return false;
    for (size_t i = 0; i < p->n_items; i++)
        p->items[i].marked = marked;
    ask_for_marks(p);
    return true;
}

bool plan_toggle(struct plan_view *p)
{
    if (p->n_items)
        return toggle_mark(p);
    if (!p->params || !rk_streq(p->params->kind, "sync"))
        return false;
    p->params->prune = !p->params->prune;
    plan_ask(p);
    return true;
}

/* ---- life ---- */
void plan_ask_open(struct plan_view *p, const struct view_target *t)
{
    p->params_arena = rk_arena_new();
    if (t->plan)
        p->params = view_copy(p->params_arena, &wire_shape_plan_params, t->plan);
    p->fingerprint = t->fingerprint ? rk_strdup(t->fingerprint) : NULL;
    p->environment = t->environment ? rk_strdup(t->environment) : NULL;
}

void plan_ask_close(struct plan_view *p)
{
    free(p->fingerprint);
    free(p->environment);
    rk_arena_free(p->params_arena);
    rk_arena_free(p->items_arena);
}
