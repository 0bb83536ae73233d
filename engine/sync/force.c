/*
 * force.c: may an apply be forced over what lives? In: a call, what lives now, what the server
 * refused or managedFields foretell. Out: no need, yes, or the field that forbids it. A field is
 * overwritten only where the reviewed drift shows it and its value is still the reviewed one.
 */
#include "sync/sync_int.h"

/* Is one place the other, or above it? */
static bool covers(const char *path, const char *place)
{
    size_t n = strlen(path);
    return strncmp(place, path, n) == 0 && (place[n] == 0 || place[n] == '/');
}

static bool shown(const struct drift_object *d, const char *place, bool counted)
{
    for (size_t i = 0; i < d->n_fields; i++) {
        const struct drift_field *f = &d->fields[i];
        if (!(counted && f->ignored) && (covers(f->path, place) || covers(place, f->path)))
            return true;
    }
    return false;
}

/* A field's value in a live document, found by its list keys: items may have moved. */
static const struct doc_node *value_at(const struct kube_object *live, rk_str field)
{
    struct rk_buf pointer rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!kube_fields_pointer(live->doc, field, &pointer))
        return NULL;
    return doc_pointer(live->doc, rk_buf_view(&pointer));
}

/*
 * counted: only differences that count. Else, when the server has named the field, also what a rule
 * ignores, and equal values, which conflict when another manager applied them.
 */
static bool reviewed(const struct plan_object *o, const struct kube_object *live, rk_str field,
                     bool counted)
{
    struct rk_buf place rk_auto(rk_buf_release) = RK_BUF_INIT;
    const struct doc_node *was = o->live ? value_at(o->live, field) : NULL;
    const struct doc_node *now = was ? value_at(live, field) : NULL;
    if (!now || !doc_equal(was, now))
        return false;
    if (!kube_fields_pointer(o->desired->doc, field, &place) &&
        !kube_fields_pointer(o->live->doc, field, &place))
        return false;
    return shown(o->drift, place.p, counted) || (!counted && o->drift->verdict == DRIFT_SAME);
}

static const struct cluster_field_conflict *
unreviewed(const struct plan_object *o, const struct cluster_object *live,
           const struct cluster_field_conflict *v, size_t n, bool counted)
{
    for (size_t i = 0; i < n; i++)
        if (!o || !live || !reviewed(o, &live->object, rk_str_c(v[i].field), counted))
            return &v[i];
    return NULL;
}

static void keep(struct sync_call *k, const struct cluster_field_conflict *c)
{
    k->obstacle = (struct cluster_field_conflict){
        .manager = rk_arena_strdup(k->op->arena, c->manager),
        .field = rk_arena_strdup(k->op->arena, c->field),
    };
}

void sync_force_note(struct sync_call *k, const struct cluster_answer *answer)
{
    struct rk_arena *a = k->op->arena;
    size_t n = answer->n_conflicts;
    k->refused = rk_arena_array(a, n, sizeof *k->refused);
    k->n_refused = n;
    for (size_t i = 0; i < n; i++)
        k->refused[i] = (struct cluster_field_conflict){
            .manager = rk_arena_strdup(a, answer->conflicts[i].manager),
            .field = rk_arena_strdup(a, answer->conflicts[i].field),
        };
}

enum sync_force sync_force_may(struct sync_call *k, struct cluster *c,
                               const struct cluster_apply *what, const struct cluster_object *live)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const size_t at = k->op->work->plan.tasks[k->task].object;
    const struct plan_object *o = at < k->op->work->n_objects ? &k->op->work->objects[at] : NULL;
    const bool counted = k->n_refused == 0;
    struct cluster_field_conflict *v = NULL;
    struct rk_err ignored = {0};
    size_t n = 0;
    if (live && cluster_foresee(c, what, live, a, &v, &n, &ignored))
        n = 0;
    if (k->n_refused + n == 0)
        return SYNC_FORCE_NO;
    const struct cluster_field_conflict *bad =
        unreviewed(o, live, k->refused, k->n_refused, counted);
    if (!bad)
        bad = unreviewed(o, live, v, n, counted);
    if (counted) /* the server has not spoken: it does when there is any doubt */
        return bad || o->foreign || kube_foreign_live(&live->object).n ? SYNC_FORCE_NO
                                                                       : SYNC_FORCE_YES;
    if (!bad)
        return SYNC_FORCE_YES;
    keep(k, bad);
    return SYNC_FORCE_NEVER;
}
