/*
 * fingerprint.c: one keyed hash of everything that a reviewer saw: desired bytes, live values of
 * the compared fields, uids, options, the policy that governs, the kind, what the commit changes,
 * and the tasks. Not in it: revision, status, resourceVersion, managedFields, other applications,
 * pointers, any order that comes from memory. So it is the same after a restart with the same key,
 * and another as soon as anything is that was reviewed.
 */
#include "plan/plan_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

static void put_c(struct rk_hmac *h, const char *s)
{
    rk_hmac_field(h, s ? rk_str_c(s) : RK_STR("\x01none"));
}

static void put_int(struct rk_hmac *h, int64_t v)
{
    char text[24];
    const int n = snprintf(text, sizeof text, "%lld", (long long)v);
    rk_hmac_field(h, (rk_str){text, (size_t)n});
}

static void put_texts(struct rk_hmac *h, const char *const *v, size_t n)
{
    put_int(h, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        put_c(h, v[i]);
}

static void put_key(struct rk_hmac *h, const struct kube_key *k)
{
    rk_hmac_field(h, k->group);
    rk_hmac_field(h, k->kind);
    rk_hmac_field(h, k->namespace);
    rk_hmac_field(h, k->name);
}

static void put_policy(struct rk_hmac *h, const struct model_policy *p)
{
    put_int(h, p != NULL);
    if (!p)
        return;
    const int64_t values[] = {
        p->sync, p->prune, p->self_heal, p->locked, p->validate, p->auto_rollback, p->approvals,
        p->prune_budget, p->promote_via, p->revert_via, p->configured,
    };
    put_c(h, p->environment);
    for (size_t i = 0; i < RK_LEN(values); i++)
        put_int(h, values[i]);
    put_texts(h, p->approvers, p->n_approvers);
}

static void put_ignore(struct rk_hmac *h, const struct model_ignore *r)
{
    put_c(h, r->group);
    put_c(h, r->kind);
    put_c(h, r->name);
    put_c(h, r->namespace);
    put_texts(h, r->pointers, r->n_pointers);
    put_texts(h, r->jq, r->n_jq);
    put_texts(h, r->managers, r->n_managers);
}

/* What of the Application decides how its objects are written, and where. */
static void put_app(struct rk_hmac *h, const struct model_app *m)
{
    put_int(h, m != NULL);
    if (!m)
        return;
    const int64_t values[] = {
        m->server_side, m->respect_ignore, m->fail_on_shared, m->skip_missing_dry_run,
    };
    put_c(h, m->name);
    put_c(h, m->project);
    put_c(h, m->server);
    put_c(h, m->cluster_name);
    put_c(h, m->namespace);
    put_c(h, m->propagation);
    for (size_t i = 0; i < RK_LEN(values); i++)
        put_int(h, values[i]);
    put_int(h, (int64_t)m->n_ignore);
    for (size_t i = 0; i < m->n_ignore; i++)
        put_ignore(h, &m->ignore[i]);
}

static int by_key(const void *a, const void *b)
{
    return kube_key_cmp(*(const struct kube_key *const *)a, *(const struct kube_key *const *)b);
}

static void put_options(struct rk_arena *a, struct rk_hmac *h, const struct plan_options *o)
{
    const int64_t values[] = {
        o->prune, o->force, o->dry_run, o->create_namespace, o->prune_last,
        o->apply_out_of_sync_only, o->replace, o->no_prune, o->prune_confirm, o->confirmed,
        (int64_t)o->n_only,
    };
    for (size_t i = 0; i < RK_LEN(values); i++)
        put_int(h, values[i]);
    const struct kube_key **only = rk_arena_array(a, o->n_only + 1, sizeof *only);
    for (size_t i = 0; i < o->n_only; i++)
        only[i] = &o->only[i];
    qsort(only, o->n_only, sizeof *only, by_key);
    for (size_t i = 0; i < o->n_only; i++)
        put_key(h, only[i]);
}

/* ---- objects ---- */
struct lines {
    struct rk_arena *a;
    rk_str *v;                  /* "path\0value": sorted, as the order of keys is nobody's review */
    size_t n, cap;
};

static void add_line(rk_str path, const struct doc_node *live, void *ctx)
{
    struct lines *l = ctx;
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_str(&line, path);
    rk_buf_ch(&line, 0);
    if (live)
        doc_json_canonical(&line, live);
    l->v = rk_arena_grow(l->a, l->v, l->n, &l->cap, sizeof *l->v);
    l->v[l->n++] = rk_arena_str(l->a, rk_buf_view(&line));
}

static int by_text(const void *a, const void *b)
{
    return rk_str_cmp(*(const rk_str *)a, *(const rk_str *)b);
}

static int put_live(struct rk_arena *a, struct rk_hmac *h, const struct plan_input *in,
                    const struct plan_object *o, struct rk_err *err)
{
    struct lines lines = {.a = a};
    const struct drift_rules rules = {
        .ignore = in->app ? in->app->ignore : NULL, .n_ignore = in->app ? in->app->n_ignore : 0,
        .manager = KUBE_MANAGER,
    };
    if (o->desired && drift_each_compared(o->desired, o->live, &rules, add_line, &lines, err))
        return -1;
    for (size_t i = 0; o->desired && o->drift && i < o->drift->n_fields; i++) {
        const struct drift_field *f = &o->drift->fields[i];
        if (f->removed && !f->ignored) /* what goes is reviewed though git does not name it */
            add_line(rk_str_c(f->path), f->live, &lines);
    }
    if (lines.n > 1)
        qsort(lines.v, lines.n, sizeof *lines.v, by_text);
    rk_hmac_field(h, o->live->uid);
    put_int(h, (int64_t)lines.n);
    for (size_t i = 0; i < lines.n; i++)
        rk_hmac_field(h, lines.v[i]);
    return 0;
}

static int put_object(struct rk_arena *a, struct rk_hmac *h, const struct plan_input *in,
                      const struct plan_object *o, struct rk_err *err)
{
    struct rk_buf bytes rk_auto(rk_buf_release) = RK_BUF_INIT;
    put_int(h, (o->desired != NULL) + 2 * (o->live != NULL));
    put_key(h, o->desired ? &o->desired->key : &o->live->key);
    if (o->desired) {
        doc_json_canonical(&bytes, o->desired->doc);
        rk_hmac_field(h, rk_buf_view(&bytes));
    }
    return o->live ? put_live(a, h, in, o, err) : 0;
}

static int by_object(const void *a, const void *b)
{
    const struct plan_object *x = *(const struct plan_object *const *)a;
    const struct plan_object *y = *(const struct plan_object *const *)b;
    return kube_key_cmp(x->desired ? &x->desired->key : &x->live->key,
                        y->desired ? &y->desired->key : &y->live->key);
}

static int put_objects(struct rk_arena *a, struct rk_hmac *h, const struct plan_input *in,
                       struct rk_err *err)
{
    const struct plan_object **v = rk_arena_array(a, in->n_objects + 1, sizeof *v);
    size_t n = 0;
    for (size_t i = 0; i < in->n_objects; i++) {
        const struct plan_object *o = &in->objects[i];
        if ((o->desired || o->live) &&
            task_selected(&in->options, o->desired ? &o->desired->key : &o->live->key))
            v[n++] = o;
    }
    if (n > 1)
        qsort(v, n, sizeof *v, by_object);
    put_int(h, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        if (put_object(a, h, in, v[i], err))
            return -1;
    return 0;
}

/* Risks are not in it: one of them tells of other applications' files. */
static void put_tasks(struct rk_hmac *h, const struct plan *p)
{
    put_int(h, (int64_t)p->n_tasks);
    for (size_t i = 0; i < p->n_tasks; i++) {
        const struct plan_task *t = &p->tasks[i];
        put_int(h, t->phase);
        put_int(h, t->wave);
        put_int(h, t->action);
        put_key(h, &t->key);
        put_c(h, t->note);
        put_c(h, t->uid);
    }
}

int fingerprint_make(const struct plan_input *in, struct plan *p, struct rk_err *err)
{
    struct rk_arena *scratch rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_hmac h;
    uint8_t sum[RK_SHA256_LEN];
    rk_hmac_init(&h, in->key);
    put_c(&h, "reckon plan 1");
    put_c(&h, in->kind);
    put_c(&h, in->commits);
    put_c(&h, in->namespace);
    put_policy(&h, in->policy);
    put_app(&h, in->app);
    put_options(scratch, &h, &in->options);
    if (put_objects(scratch, &h, in, err))
        return -1;
    put_tasks(&h, p);
    rk_hmac_end(&h, sum);
    rk_hex(sum, sizeof sum, p->fingerprint);
    return 0;
}
