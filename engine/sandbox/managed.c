/*
 * managed.c: who owns which field: reads and writes metadata.managedFields and keeps the books of a
 * plain write (create, PUT, patch, a controller's). In: the object before and after. Out: the
 * entries: what the writer changed moves to it, everybody else loses it. Rules: reference/
 * kubernetes.md section 2.8 (structured-merge-diff's Update).
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

enum { MOST_UPDATES = 10 };

struct sb_manager *sb_managers_add(struct rk_arena *a, struct sb_managers *m)
{
    m->rows = rk_arena_grow(a, m->rows, m->n, &m->cap, sizeof(*m->rows));
    m->rows[m->n] = (struct sb_manager){.set = kube_set_new(a)};
    return &m->rows[m->n++];
}

int sb_managers_read(struct rk_arena *a, const struct doc_node *doc, struct sb_managers *out,
                     struct sb_failure *f)
{
    const struct doc_node *list = doc_walk(doc, "metadata.managedFields");
    struct rk_err err;
    *out = (struct sb_managers){0};
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *e = doc_at(list, i);
        if (!doc_count(e))
            continue;                       /* [{}] wipes */
        struct sb_manager *m = sb_managers_add(a, out);
        m->manager = doc_get_text(e, "manager");
        m->operation = doc_get_text(e, "operation");
        m->sub = doc_get_text(e, "subresource");
        m->api_version = doc_get_text(e, "apiVersion");
        m->time = doc_get_text(e, "time");
        if (doc_get(e, "fieldsV1") && kube_set_read(a, doc_get(e, "fieldsV1"), &m->set, &err) < 0)
            return sb_fail_bad(f, "metadata.managedFields: %s", err.text);
    }
    return 0;
}

void sb_managers_drop_empty(struct sb_managers *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->n; i++)
        if (!kube_set_empty(m->rows[i].set))
            m->rows[kept++] = m->rows[i];
    m->n = kept;
}

/* Apply before Update, then by time, manager, subresource. */
static int by_age(const void *x, const void *y)
{
    const struct sb_manager *a = x, *b = y;
    int c = rk_str_cmp(a->operation, b->operation);
    c = c ? c : rk_str_cmp(a->time, b->time);
    c = c ? c : rk_str_cmp(a->manager, b->manager);
    return c ? c : rk_str_cmp(a->sub, b->sub);
}

/* The oldest plain writers of one version are one entry, so that the list stays short. */
static void cap_updates(struct rk_arena *a, struct sb_managers *m)
{
    size_t updates = 0;
    struct sb_manager *old = NULL;
    for (size_t i = 0; i < m->n; i++) {
        updates += rk_str_is(m->rows[i].operation, "Update");
        if (rk_str_is(m->rows[i].manager, "ancient-changes"))
            old = &m->rows[i];
    }
    for (size_t i = 0; i < m->n && updates > MOST_UPDATES; i++) {
        struct sb_manager *e = &m->rows[i];
        if (!rk_str_is(e->operation, "Update") || e == old)
            continue;
        if (!old) {
            old = e;
            old->manager = RK_STR("ancient-changes");
            old->sub = RK_STR_NONE;
            continue;
        }
        old->set = kube_set_union(a, old->set, e->set);
        old->time = e->time;
        e->set = kube_set_new(a);
        updates--;
    }
    sb_managers_drop_empty(m);
}

static void put(struct rk_arena *a, struct doc_node *map, const char *key, rk_str value)
{
    if (value.n)
        doc_set_c(a, map, key, doc_string(a, value));
}

void sb_managers_write(struct rk_arena *a, const struct sb_managers *m, struct doc_node *doc)
{
    struct sb_managers sorted = *m;
    struct doc_node *list = doc_list(a), *meta = doc_make(a, doc, "metadata");
    if (m->n) {
        qsort(sorted.rows, sorted.n, sizeof(*sorted.rows), by_age);
        cap_updates(a, &sorted);
    }
    for (size_t i = 0; i < sorted.n; i++) {
        const struct sb_manager *e = &sorted.rows[i];
        struct doc_node *d = doc_map(a);
        put(a, d, "manager", e->manager);
        put(a, d, "operation", e->operation);
        put(a, d, "apiVersion", e->api_version);
        put(a, d, "time", e->time);
        put(a, d, "fieldsType", RK_STR("FieldsV1"));
        doc_set_c(a, d, "fieldsV1", kube_set_write(a, e->set));
        put(a, d, "subresource", e->sub);
        doc_push(a, list, d);
    }
    if (sorted.n)
        doc_set_c(a, meta, "managedFields", list);
    else
        doc_del(meta, RK_STR("managedFields"));
}

static bool is_writer(const struct sb_change *c, const struct sb_manager *e, rk_str version)
{
    return rk_str_eq(e->manager, c->manager) && rk_str_is(e->operation, "Update") &&
           rk_str_is(e->sub, c->sub) && rk_str_eq(e->api_version, version);
}

int sb_managed_update(struct sb_change *c, struct sb_failure *f)
{
    struct rk_arena *a = c->arena;
    struct sb_managers m;
    const bool given = doc_walk(c->doc, "metadata.managedFields") != NULL;
    const struct doc_node *before = c->old ? c->old->doc : doc_map(a);
    const rk_str version = sb_type_api_version(a, c->type);
    if (sb_managers_read(a, given ? c->doc : before, &m, f) < 0)
        return -1;
    const struct kube_change change = kube_set_compare(a, before, c->doc, c->type->schema);
    const struct kube_set *taken = kube_set_union(a, change.added, change.modified);
    const struct kube_set *lost = kube_set_union(a, taken, change.removed);
    struct sb_manager *mine = NULL;
    for (size_t i = 0; i < m.n; i++) {
        if (is_writer(c, &m.rows[i], version))
            mine = &m.rows[i];
        m.rows[i].set = kube_set_difference(a, m.rows[i].set, lost);
    }
    if (!kube_set_empty(taken)) {
        if (!mine)
            mine = sb_managers_add(a, &m);
        mine->manager = c->manager;
        mine->operation = RK_STR("Update");
        mine->sub = rk_str_c(c->sub);
        mine->api_version = version;
        mine->time = rk_str_c(sb_time(a, c->now_ms));
        mine->set = kube_set_union(a, mine->set, taken);
    }
    sb_managers_drop_empty(&m);
    sb_managers_write(a, &m, c->doc);
    return 0;
}
