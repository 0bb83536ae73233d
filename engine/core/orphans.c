/*
 * orphans.c: applications that left git. What was applied for one stays and is nobody's to delete:
 * it is listed and held until its Application comes back or its objects are gone, after a restart
 * too: the inventory in the state folder names it, its small state says where it belonged.
 */
#include "core/core_int.h"

#define LEFT "its Application left git"

#define STAY ": its objects stay, nothing is deleted"

/* The model goes: what is shown of the policy becomes its own. */
void core_app_orphaned(struct core_app *app, const char *head)
{
    if (app->held & CORE_HELD_ORPHANED)
        return;
    free(app->environment);
    app->environment = app->policy.environment ? rk_strdup(app->policy.environment) : NULL;
    app->policy.environment = app->environment;
    app->policy.approvers = NULL;
    app->policy.n_approvers = 0;
    core_app_state_save(app);
    core_hold(app, CORE_HELD_ORPHANED, LEFT " at %.7s" STAY, head);
    core_publish_app(app);
}

/* ---- what is left of it ---- */
/* It lives, and no other application has taken it over. */
static bool is_left(const struct core_app *app, const struct record_item *item)
{
    struct cluster *c = app->cluster->cluster;
    const struct cluster_object *o = cluster_find(c, &item->key);
    rk_str name;
    if (!cluster_kind_ready(c, item->key.group, item->key.kind) ||
        cluster_since(c, item->key.group, item->key.kind))
        return true; /* not known */
    return o && rk_str_is(o->object.uid, item->uid) &&
           (!kube_tracked_by(&o->object, &name) || rk_str_is(name, app->name));
}

void core_orphan_look(struct core_app *app)
{
    struct record_inventory *inv = &app->inventory;
    size_t before = inv->n;
    if (!app->cluster || !app->cluster->cluster ||
        cluster_state(app->cluster->cluster) != CLUSTER_OK)
        return;
    for (size_t i = inv->n; i-- > 0;)
        if (!is_left(app, &inv->v[i]))
            record_inventory_drop(inv, &inv->v[i].key);
    if (inv->n == before)
        return;
    core_keep_inventory(app->engine, app->name, inv);
    if (!inv->n)
        core_hold(app, CORE_HELD_ORPHANED, LEFT ", and none of its objects is left");
}

/* ---- those of before a restart ---- */
static struct core_cluster *cluster_named(struct engine *e, const struct doc_node *state)
{
    for (size_t i = 0; i < e->n_clusters; i++)
        if (rk_str_is(doc_get_text(state, "cluster"), e->clusters[i].settings->name))
            return &e->clusters[i];
    return NULL;
}

static void find_one(struct core_repo *r, const char *name)
{
    struct engine *e = r->engine;
    struct rk_arena *a = rk_arena_new();
    struct doc_node *state = NULL;
    struct rk_err err = {0};
    if (core_app_state_read(e, name, a, &state, &err))
        engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "%s: %s", name, err.text);
    rk_str repo = doc_get_text(state, "repository"), environment = doc_get_text(state, "environment");
    /* written before it said whose it is: of the only repository there is */
    if (repo.n ? rk_str_is(repo, r->settings->name) : e->n_repos == 1) {
        struct core_app *app = core_app_new(r, name);
        app->inventory_known = true;
        app->environment = environment.n ? rk_str_dup(environment) : NULL;
        app->policy = (struct model_policy){.environment = app->environment,
                                            .sync = MODEL_OBSERVE, .prune_budget = -1};
        app->cluster = cluster_named(e, state);
        if (app->inventory.n) {
            core_hold(app, CORE_HELD_ORPHANED, LEFT STAY);
            core_apps_watch(app);
        } else { /* nothing of it is left */
            (void)!rk_map_del(e->apps, name);
            core_app_free(app);
        }
    }
    rk_arena_free(a);
}

void core_orphans_find(struct core_repo *r)
{
    struct engine *e = r->engine;
    char **names = NULL;
    size_t n = 0;
    struct rk_err err = {0};
    if (record_inventory_names(e->state_dir, &names, &n, &err))
        engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "inventories: %s", err.text);
    for (size_t i = 0; i < n; i++)
        if (!rk_map_get(e->apps, names[i]))
            find_one(r, names[i]);
    rk_names_free(names, n);
}
