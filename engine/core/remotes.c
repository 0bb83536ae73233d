/*
 * remotes.c: the table of other repositories that renders take bases from. In: needs. Out: pins, as
 * an immutable snapshot that renders work on, and applications that are told when one has moved.
 *
 * A repository is looked at while an application uses a branch or tag of it, as often as watched
 * ones are; a full commit id is fetched once. All that was fetched lies in the state folder below
 * cache/remotes and is used while its remote is away. Owns the remotes and what waits for them.
 */
#include "core/remotes_int.h"

struct waiter {
    struct core_need *needs; size_t n;
    struct rk_arena *arena;
    run_fn fn;
    void *ctx;
    struct waiter *next;
};
struct core_remotes {
    struct engine *engine;
    struct remote *first;
    struct core_pins *pins;
    struct waiter *waiters;
    bool settling;
};

/* ---- who uses what ---- */
static bool uses(const struct core_app *app, const struct core_need *of)
{
    return core_pin_find(app->uses, of) ||
           (app->desired && core_pin_find(app->desired->uses, of));
}

static bool waited_for(const struct core_remotes *all, const struct core_need *of)
{
    for (const struct waiter *w = all->waiters; w; w = w->next)
        for (size_t i = 0; i < w->n; i++)
            if (core_need_same(&w->needs[i], of))
                return true;
    return false;
}

static bool used(const struct core_remotes *all, const struct core_need *of)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(all->engine->apps, &it, &name, &value);)
        if (uses(value, of))
            return true;
    return waited_for(all, of);
}

static struct core_need need_of(const struct remote *r, const struct remote_ref *ref)
{
    struct core_need of = r->of;
    of.ref = ref->name;
    return of;
}

/* What no application uses any more is not asked for again; what was fetched stays on the disk. */
static void drop_unused(struct remote *r)
{
    for (struct remote_ref **at = &r->refs; *at;) {
        const struct core_need of = need_of(r, *at);
        if (used(r->all, &of))
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
}

/* ---- the snapshot ---- */
/* A chart lies below its version. */
static const char *dir_of(struct rk_arena *a, const struct remote *r, const struct remote_ref *ref)
{
    return r->of.chart ? rk_arena_f(a, "%s/%s", r->dir, ref->id) : r->dir;
}

static void add_pins(struct core_pins *p, const struct remote *r)
{
    for (const struct remote_ref *ref = r->refs; ref; ref = ref->next) {
        if (!ref->id[0] && !ref->failed)
            continue; /* nothing is known yet */
        core_pins_add(p, &(struct core_pin){
            .of = need_of(r, ref), .dir = dir_of(p->arena, r, ref), .id = ref->id[0] ? ref->id : NULL,
            .why = ref->failed ? ref->err.text : NULL, .code = ref->err.code,
            .checked = r->checked});
    }
}

static void snapshot(struct core_remotes *all)
{
    core_pins_unref(all->pins);
    all->pins = NULL;
    if (!all->first)
        return;
    all->pins = core_pins_new();
    for (const struct remote *r = all->first; r; r = r->next)
        add_pins(all->pins, r);
}

struct core_pins *core_remotes_pins(const struct core_remotes *r)
{
    return r->pins;
}

/* ---- who waits ---- */
static bool settled(const struct core_remotes *all, const struct waiter *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (!core_pin_find(all->pins, &w->needs[i]))
            return false;
    return true;
}

static void end_waiter(struct waiter *w)
{
    rk_arena_free(w->arena);
    free(w);
}

static void settle(void *ctx)
{
    struct core_remotes *all = ctx;
    all->settling = false;
    for (struct waiter **at = &all->waiters, *w; (w = *at);) {
        if (!all->engine->stopping && !settled(all, w)) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        run_fn fn = w->fn;
        void *whose = w->ctx;
        end_waiter(w);
        fn(whose);
        at = &all->waiters; /* fn may have changed the list */
    }
}

static void settle_soon(struct core_remotes *all)
{
    if (all->settling || !all->waiters)
        return;
    all->settling = true;
    run_soon(all->engine->loop, settle, all);
}

static bool holds(const struct remote *r, const struct core_need *of)
{
    struct core_need own = r->of;
    own.ref = of->ref;
    return core_need_same(&own, of);
}

static struct remote *remote_of(struct core_remotes *all, const struct core_need *of)
{
    struct remote *r = all->first;
    while (r && !holds(r, of))
        r = r->next;
    if (r)
        return r;
    r = remote_new(all, all->engine, of);
    r->next = all->first;
    all->first = r;
    return r;
}

void core_remotes_want(struct core_remotes *all, const struct core_need *needs, size_t n, run_fn fn,
                       void *ctx)
{
    struct waiter *w = rk_alloc(sizeof *w);
    *w = (struct waiter){.arena = rk_arena_new(), .n = n, .fn = fn, .ctx = ctx,
                         .next = all->waiters};
    w->needs = rk_arena_array(w->arena, n + 1, sizeof *w->needs);
    all->waiters = w;
    for (size_t i = 0; i < n; i++) {
        w->needs[i] = core_need_copy(w->arena, &needs[i]);
        struct remote *r = remote_of(all, &needs[i]);
        struct remote_ref *ref = remote_ref_of(r, needs[i].ref);
        if (ref->moving || !ref->id[0])
            remote_look(r); /* what is in the cache is used meanwhile */
    }
    snapshot(all);
    settle_soon(all);
}

void core_remotes_unwant(struct core_remotes *all, const void *ctx)
{
    for (struct waiter **at = &all->waiters, *w; (w = *at);)
        if (w->ctx == ctx) {
            *at = w->next;
            end_waiter(w);
        } else {
            at = &w->next;
        }
}

/* ---- a look has ended ---- */
static void tell(struct core_app *app, const struct core_need *of, const struct remote_ref *ref)
{
    const struct core_pin *had = core_pin_find(app->uses, of);
    const char *id = ref->id[0] ? ref->id : NULL;
    if (!had)
        return;
    if (rk_streq(had->id, id)) {
        core_publish_app(app);
        return;
    }
    app->remote_moved = true;
    if (!app->error_of_app)
        reconcile_revision(app);
}

static void tell_all(struct core_remotes *all, struct remote *r, const struct remote_ref *ref)
{
    const struct core_need of = need_of(r, ref);
    int shown = r->of.chart ? REMOTE_ID : 7;
    const char *name;
    void *value;
    struct rk_arena *mem = rk_arena_new();
    if (ref->failed)
        engine_activity(all->engine, NULL, RK_LOG_WARN, "reckon", "%s: %s%s%.*s%s",
                        core_need_text(&of, mem), ref->err.text, ref->id[0] ? "; " : "", shown,
                        ref->id, ref->id[0] ? " is used" : "");
    else
        engine_activity(all->engine, NULL, RK_LOG_INFO, "reckon", "%s is %.*s",
                        core_need_text(&of, mem), shown, ref->id);
    rk_arena_free(mem);
    for (size_t it = 0; rk_map_next(all->engine->apps, &it, &name, &value);)
        tell(value, &of, ref);
}

void remotes_looked(struct remote *r)
{
    struct core_remotes *all = r->all;
    if (all->engine->stopping)
        return;
    drop_unused(r);
    snapshot(all);
    for (struct remote_ref *ref = r->refs; ref; ref = ref->next)
        if (ref->news) {
            ref->news = false;
            tell_all(all, r, ref);
        }
    settle_soon(all);
    engine_told(all->engine);
}

/* ---- asked from outside ---- */
static bool concerns(const struct remote *r, const struct core_app *app)
{
    for (const struct remote_ref *ref = r->refs; ref; ref = ref->next) {
        const struct core_need of = need_of(r, ref);
        if (!app || uses(app, &of))
            return true;
    }
    return false;
}

void core_remotes_look(struct core_remotes *all, const struct core_app *app)
{
    for (struct remote *r = all->first; r; r = r->next)
        if (concerns(r, app))
            remote_look(r);
}

bool core_remotes_busy(const struct core_remotes *all, const struct core_app *app)
{
    for (const struct remote *r = all->first; r; r = r->next)
        if (r->looking && !r->slow && concerns(r, app))
            return true;
    return false;
}

bool core_remotes_slow(const struct core_remotes *all, const struct core_need *needs, size_t n)
{
    for (const struct remote *r = all->first; r; r = r->next)
        for (size_t i = 0; r->slow && i < n; i++)
            if (holds(r, &needs[i]))
                return true;
    return false;
}

/* ---- life ---- */
struct core_remotes *core_remotes_new(struct engine *e)
{
    struct core_remotes *all = rk_alloc(sizeof *all);
    *all = (struct core_remotes){.engine = e};
    return all;
}

void core_remotes_stop(struct core_remotes *all)
{
    for (struct remote *r = all ? all->first : NULL; r; r = r->next)
        gitcmd_cancel(r->cmd);
    if (all)
        settle_soon(all);
}

void core_remotes_free(struct core_remotes *all)
{
    if (!all)
        return;
    run_soon_forget(all->engine->loop, all);
    for (struct remote *r = all->first, *next; r; r = next) {
        next = r->next;
        remote_free(r);
    }
    core_pins_unref(all->pins);
    free(all);
}
