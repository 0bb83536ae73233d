/*
 * keep.c: small state that survives a restart, written off the loop: an fsync of a file and its folder
 * takes milliseconds, and a hundred applications have two such files each. What is to be written
 * is copied; the writes of one engine happen in order, on a thread of their own.
 */
#include "core/core_int.h"

struct keep {
    struct engine *engine;
    struct rk_arena *arena;
    const char *name;           /* state document, or application of an inventory */
    struct doc_node *value;     /* NULL: the inventory */
    struct record_inventory inventory;
    struct rk_err err;
    int rc;
};

static void write_it(void *ctx)
{
    struct keep *k = ctx;
    const char *dir = k->engine->state_dir;
    k->rc = k->value ? record_state_write(dir, k->name, k->value, &k->err)
                     : record_inventory_write(dir, k->name, &k->inventory, &k->err);
}

static void written(void *ctx)
{
    struct keep *k = ctx;
    if (k->rc)
        engine_activity(k->engine, NULL, RK_LOG_ERROR, "reckon", "%s is not kept: %s", k->name,
                        k->err.text);
    record_inventory_release(&k->inventory);
    rk_arena_free(k->arena);
}

static struct keep *keep_new(struct engine *e, const char *name)
{
    struct rk_arena *a = rk_arena_new();
    struct keep *k = rk_arena_alloc(a, sizeof *k);
    *k = (struct keep){.engine = e, .arena = a, .name = rk_arena_strdup(a, name)};
    return k;
}

void core_keep(struct engine *e, const char *name, const struct doc_node *value)
{
    struct keep *k = keep_new(e, name);
    k->value = doc_copy(k->arena, value);
    run_worker_do(e->keeper, write_it, written, k);
}

void core_keep_inventory(struct engine *e, const char *app, const struct record_inventory *i)
{
    struct keep *k = keep_new(e, app);
    for (size_t n = 0; n < i->n; n++)
        record_inventory_put(&k->inventory, &i->v[n].key, i->v[n].uid);
    run_worker_do(e->keeper, write_it, written, k);
}
