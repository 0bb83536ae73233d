/*
 * look.c: desired and live of one application -> a view: every pair compared, the server asked
 * (one dry-run apply) where the local compare differs or cannot tell, except accepted.c; verdict
 * and health of all.
 *
 * A look is asynchronous because of the questions; it ends exactly once with a view, or is
 * cancelled. Pairs of the view before are used again when neither side changed, so a look after
 * one event costs one comparison. Owns the pairs until they are in a view; the view owns them then.
 */
#include "core/remotes_int.h"

struct core_look {
    struct core_app *app;
    bool heals;                 /* what differs is healed at once: accepted.c */
    struct core_view *view;     /* being made */
    size_t open;                /* questions that are out, plus one while starting */
    struct question *questions;
    core_look_fn done;
    void *ctx;
};

struct question {
    struct core_look *look;
    size_t pair;
    struct cluster_call *call;
    struct question *next;
};

/* ---- lifetimes ---- */
struct core_desired *core_desired_ref(struct core_desired *d)
{
    if (d)
        d->refs++;
    return d;
}

void core_desired_unref(struct core_desired *d)
{
    if (!d || --d->refs)
        return;
    core_pins_unref(d->uses);
    render_free(d->render);
    free(d);
}

static void pair_unref(struct core_pair *p)
{
    if (!p || --p->refs)
        return;
    core_desired_unref(p->from);
    cluster_unref(p->live);
    cluster_unref(p->predicted);
    rk_arena_free(p->arena);
}

struct core_view *core_view_ref(struct core_view *v)
{
    if (v)
        v->refs++;
    return v;
}

void core_view_unref(struct core_view *v)
{
    if (!v || --v->refs)
        return;
    for (size_t i = 0; i < v->n; i++)
        pair_unref(v->pairs[i]);
    core_desired_unref(v->desired);
    rk_arena_free(v->arena);
}

/* ---- comparing one pair ---- */
static struct drift_rules rules_of(const struct core_app *app, bool final)
{
    const struct model_app *m = app->model;
    return (struct drift_rules){
        .ignore = m ? m->ignore : NULL, .n_ignore = m ? m->n_ignore : 0,
        .manager = KUBE_MANAGER, .aggregate_roles = true, .final = final,
    };
}

static void compare(const struct core_app *app, struct core_pair *p, bool final)
{
    struct rk_err err = {0};
    struct drift_rules rules = rules_of(app, final);
    if (drift_compare(p->arena, p->desired, p->live ? &p->live->object : NULL,
                      p->predicted ? &p->predicted->object : NULL, &rules, &p->drift, &err)) {
        p->error = rk_arena_strdup(p->arena, err.text);
        p->drift = (struct drift_object){.key = &p->key, .verdict = DRIFT_CHANGED};
    }
    p->drift.key = &p->key;
    p->done = p->error || p->drift.verdict != DRIFT_NEEDS_SERVER;
}

static const char *foreign_of(struct core_pair *p)
{
    if (!p->live)
        return NULL;
    rk_str name = kube_foreign_live(&p->live->object);
    return name.n ? rk_arena_dup(p->arena, name.p, name.n) : NULL;
}

/* Of a kind that may not be listed nobody knows whether the object lives: it is not "missing". */
static const char *unreadable(const struct core_app *app, struct core_pair *p)
{
    const struct cluster *c = app->cluster ? app->cluster->cluster : NULL;
    if (p->live || !c || cluster_kind_ready(c, p->key.group, p->key.kind))
        return NULL;
    const struct rk_err *why = cluster_kind_error(c, p->key.group, p->key.kind);
    return why && why->code == RK_DENIED ? rk_arena_strdup(p->arena, why->text) : NULL;
}

static struct core_pair *pair_new(const struct core_app *app, struct core_desired *from,
                                  const struct kube_object *desired, struct cluster_object *live)
{
    struct rk_arena *arena = rk_arena_new();
    struct core_pair *p = rk_arena_alloc(arena, sizeof *p);
    *p = (struct core_pair){.refs = 1, .arena = arena, .desired = desired};
    p->from = core_desired_ref(from);
    p->live = live ? cluster_ref(live) : NULL;
    p->key = kube_key_copy(arena, desired ? &desired->key : &live->object.key);
    p->foreign = foreign_of(p);
    compare(app, p, false);
    const char *error = unreadable(app, p);
    if (error) {
        p->error = error;
        p->done = true;
    }
    return p;
}

static struct core_pair *pair_again(const struct core_look *l, const struct core_view *before,
                                    const struct kube_object *desired,
                                    const struct cluster_object *live)
{
    for (size_t k = 0; before && k < before->n; k++) {
        struct core_pair *p = before->pairs[(l->view->n + k) % before->n];
        if (p->desired == desired && p->live == live && p->done && !(p->error && !live) &&
            (l->heals || !p->unasked)) {
            p->refs++;
            return p;
        }
    }
    return NULL;
}

/* ---- which pairs there are ---- */
struct gather {
    struct core_look *look;
    struct core_view *before;
    struct rk_map *known;   /* key text -> (void *)1 */
    size_t cap;
};

static void add_pair(struct gather *g, struct core_desired *from, const struct kube_object *desired,
                     struct cluster_object *live)
{
    struct core_view *v = g->look->view;
    struct core_pair *p = pair_again(g->look, g->before, desired, live);
    if (!p) {
        p = pair_new(g->look->app, from, desired, live);
        core_pair_accepted(p, g->before);
        if (g->look->heals && core_pair_certain(p)) {
            compare(g->look->app, p, true);
            p->unasked = true;
        }
    }
    v->pairs = rk_arena_grow(v->arena, v->pairs, v->n, &g->cap, sizeof(struct core_pair *));
    v->pairs[v->n++] = p;
}

static bool known(struct gather *g, const struct kube_key *key)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    kube_key_text(&text, key);
    return rk_map_set_n(g->known, rk_buf_view(&text), g) != NULL;
}

/* Does the application render into that namespace? */
static bool renders_into(const struct gather *g, rk_str ns)
{
    const struct core_app *app = g->look->app;
    const struct core_desired *d = g->look->view->desired;
    bool own = ns.n && app->model && rk_str_is(ns, app->model->namespace);
    for (size_t i = 0; !own && ns.n && d && i < d->render->n_objects; i++)
        own = rk_str_eq(d->render->objects[i].key.namespace, ns);
    return own;
}

/* Has git really no place for it? What moved to another application is that one's. */
static bool nowhere(struct gather *g, const struct kube_key *key)
{
    struct core_app *app = g->look->app;
    if (!core_apps_settled(app->repo)) {
        g->look->view->unsettled = true;
        return false;
    }
    return !core_apps_rendering(app, key);
}

/*
 * Lives, is tracked as ours, git no longer has it. What a controller made from an object of ours
 * carries a copied tracking id at most, which kube_tracked_by refuses, or an owner. A mark alone
 * counts only where the application works: elsewhere, and for cluster-wide objects, it may be
 * another installation's, and the inventory decides.
 */
static void add_extra(struct cluster_object *o, void *ctx)
{
    struct gather *g = ctx;
    rk_str application;
    if (!kube_tracked_by(&o->object, &application))
        return;
    if (!doc_is_null(doc_walk(o->object.doc, "metadata.ownerReferences")))
        return;
    if (renders_into(g, o->object.key.namespace) && !known(g, &o->object.key) &&
        nowhere(g, &o->object.key))
        add_pair(g, NULL, NULL, o);
}

static void gather_pairs(struct core_look *l, struct core_view *before)
{
    struct core_app *app = l->app;
    struct cluster *c = app->cluster ? app->cluster->cluster : NULL;
    struct gather g = {.look = l, .before = before, .known = rk_map_new()};
    struct core_desired *d = l->view->desired;
    for (size_t i = 0; d && i < d->render->n_objects; i++) {
        const struct kube_object *o = &d->render->objects[i];
        known(&g, &o->key);
        add_pair(&g, d, o, c ? cluster_find(c, &o->key) : NULL);
    }
    if (c)
        cluster_each_tracked(c, rk_str_c(app->name), add_extra, &g);
    for (size_t i = 0; c && i < app->inventory.n; i++) {
        struct cluster_object *o = cluster_find(c, &app->inventory.v[i].key);
        if (o && rk_str_is(o->object.uid, app->inventory.v[i].uid) &&
            !known(&g, &app->inventory.v[i].key) && nowhere(&g, &o->object.key))
            add_pair(&g, NULL, NULL, o);
    }
    rk_map_free(g.known, NULL);
}

/* ---- the end: verdict and health of the whole ---- */
struct pods {
    struct rk_arena *arena;
    struct cluster *cluster;
    const char *trouble;
    int depth;
};

static void look_at_owned(struct cluster_object *o, void *ctx)
{
    struct pods *p = ctx;
    if (rk_str_is(o->object.key.kind, "Pod")) {
        const char *trouble = p->trouble ? NULL : model_pod_trouble(p->arena, &o->object);
        if (trouble)
            p->trouble = rk_arena_f(p->arena, "pod " RK_FMT_STR ": %s",
                                    RK_ARG_STR(o->object.key.name), trouble);
        return;
    }
    if (p->depth < 3) {
        p->depth++;
        cluster_each_owned(p->cluster, o->object.uid, look_at_owned, p);
        p->depth--;
    }
}

struct model_health_of core_health(const struct core_app *app, struct rk_arena *a,
                                   const struct cluster_object *live)
{
    if (!live)
        return (struct model_health_of){MODEL_MISSING, NULL};
    struct model_health_of h = model_health(a, &live->object);
    if (h.health != MODEL_PROGRESSING && h.health != MODEL_DEGRADED)
        return h;
    struct pods pods = {a, app->cluster->cluster, NULL, 0};
    cluster_each_owned(pods.cluster, live->object.uid, look_at_owned, &pods);
    if (pods.trouble)
        h.message = pods.trouble;
    return h;
}

static bool counts(const struct core_pair *p)
{
    const struct kube_object *o = p->desired ? p->desired : &p->live->object;
    return !kube_annotation(o, "argocd.argoproj.io/hook").n;
}

static void sum_verdict(struct core_view *v, const struct core_pair *p)
{
    if (!counts(p))
        return;
    switch (p->drift.verdict) {
    case DRIFT_SAME:
        return;
    case DRIFT_MISSING:
        v->missing++;
        break;
    case DRIFT_EXTRA:
        v->extras++;
        break;
    case DRIFT_CHANGED:
    case DRIFT_NEEDS_SERVER:
        v->drifted++;
        break;
    }
    v->verdict = MODEL_OUT_OF_SYNC;
}

static void finish_view(struct core_look *l)
{
    struct core_view *v = l->view;
    size_t live = 0;
    v->objects = rk_arena_array(v->arena, v->n + 1, sizeof *v->objects);
    v->healths = rk_arena_array(v->arena, v->n + 1, sizeof *v->healths);
    v->verdict = MODEL_SYNCED;
    v->health = MODEL_HEALTHY;
    const char *error = NULL;
    for (size_t i = 0; i < v->n; i++) {
        struct core_pair *p = v->pairs[i];
        v->objects[i] = (struct plan_object){
            .desired = p->desired, .live = p->live ? &p->live->object : NULL,
            .drift = &p->drift, .foreign = p->foreign,
        };
        sum_verdict(v, p);
        v->healths[i] = core_health(l->app, v->arena, p->live);
        v->foreign += p->foreign != NULL;
        v->unasked += p->unasked;
        if (p->error)
            error = p->error;
        if (!p->live)
            continue;
        live++;
        const struct model_health_of *h = &v->healths[i];
        enum model_health worst = model_worst(v->health, h->health);
        if ((worst != v->health || !v->message) && h->health == worst && worst != MODEL_HEALTHY &&
            h->message && h->message[0])
            v->message = rk_arena_f(v->arena, RK_FMT_STR "/" RK_FMT_STR ": %s",
                                    RK_ARG_STR(p->key.kind), RK_ARG_STR(p->key.name), h->message);
        v->health = worst;
    }
    if (v->n && !live)
        v->health = MODEL_MISSING;
    if (error) {
        v->verdict = MODEL_UNKNOWN;
        v->message = rk_arena_strdup(v->arena, error);
    }
}

static void look_end(struct core_look *l)
{
    core_look_fn done = l->done;
    void *ctx = l->ctx;
    struct core_view *v = l->view;
    finish_view(l);
    rk_assert(!l->questions);
    free(l);
    done(v, ctx);
}

/* ---- asking the server ---- */
static void drop_question(struct question *q)
{
    struct question **at = &q->look->questions;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
    free(q);
}

static void settle(struct core_look *l)
{
    if (--l->open == 0)
        look_end(l);
}

static void answered(const struct cluster_answer *answer, const struct rk_err *err, void *ctx)
{
    struct question *q = ctx;
    struct core_look *l = q->look;
    struct core_pair *p = l->view->pairs[q->pair];
    drop_question(q);
    if (!err && answer->object) {
        p->predicted = cluster_ref(answer->object);
        compare(l->app, p, false);
    }
    if (!p->done) {
        compare(l->app, p, true);
        if (err)
            p->drift.note = rk_arena_f(p->arena, "local compare: the server would not say (%s)",
                                       err->text);
        p->done = true;
    }
    settle(l);
}

static void ask(struct core_look *l, size_t i)
{
    struct core_pair *p = l->view->pairs[i];
    struct core_app *app = l->app;
    struct question *q = rk_alloc(sizeof *q);
    *q = (struct question){.look = l, .pair = i, .next = l->questions};
    l->questions = q;
    l->open++;
    struct cluster_apply what = {
        .object = p->desired, .dry_run = true, .force = true, .tracking_application = app->name,
        .argo_tracking = rk_streq(app->engine->settings.tracking, "argocd"),
    };
    struct rk_err err = {0};
    if (cluster_apply(app->cluster->cluster, &what, answered, q, &q->call, &err))
        answered(NULL, &err, q);
}

struct core_look *core_look_start(struct core_app *app, struct core_desired *desired,
                                  struct core_view *previous, core_look_fn done, void *ctx)
{
    struct core_look *l = rk_alloc(sizeof *l);
    struct rk_arena *arena = rk_arena_new();
    *l = (struct core_look){.app = app, .done = done, .ctx = ctx, .open = 1,
                            .heals = automation_heals(app)};
    l->view = rk_arena_alloc(arena, sizeof *l->view);
    l->view->refs = 1;
    l->view->arena = arena;
    l->view->desired = core_desired_ref(desired);
    gather_pairs(l, previous);
    for (size_t i = 0; i < l->view->n; i++)
        if (!l->view->pairs[i]->done)
            ask(l, i);
    bool waits = l->open > 1;
    settle(l);
    return waits ? l : NULL;
}

void core_look_cancel(struct core_look *l)
{
    if (!l)
        return;
    while (l->questions) {
        struct question *q = l->questions;
        if (q->call)
            cluster_cancel(q->call);
        drop_question(q);
    }
    core_view_unref(l->view);
    free(l);
}
