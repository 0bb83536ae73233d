/*
 * task.c: objects -> tasks, not yet in order. In: desired, live, drift and options. Out: a draft
 * for each thing that would be done, and one that is kept for each thing that would be done were
 * it allowed, with the reason. Hooks give a task for each phase they name.
 */
#include "plan/plan_int.h"

struct draft *draft_add(struct rk_arena *a, struct drafts *d)
{
    d->v = rk_arena_grow(a, d->v, d->n, &d->cap, sizeof *d->v);
    return &d->v[d->n++];
}

bool task_selected(const struct plan_options *o, const struct kube_key *key)
{
    for (size_t i = 0; i < o->n_only; i++) {
        struct kube_key want = o->only[i];
        if (!want.namespace.n || !key->namespace.n)
            want.namespace = key->namespace;
        if (kube_key_eq(&want, key))
            return true;
    }
    return o->n_only == 0;
}

/* ---- identity: namespaces that nobody filled in ---- */
static bool defines(const struct kube_object *o, const struct kube_key *key)
{
    return o && rk_str_is(o->key.kind, "CustomResourceDefinition") &&
           rk_str_eq(doc_get_text(doc_get(o->doc, "spec"), "group"), key->group) &&
           rk_str_eq(doc_get_text(doc_walk(o->doc, "spec.names"), "kind"), key->kind);
}

static bool is_namespaced(const struct plan_input *in, const struct kube_key *key)
{
    const struct kube_type *t = kube_type_find(key->group, key->kind);
    if (t && t->scope != KUBE_SCOPE_UNKNOWN)
        return t->scope == KUBE_NAMESPACED;
    for (size_t i = 0; i < in->n_objects; i++)
        if (defines(in->objects[i].desired, key))
            return rk_str_is(doc_get_text(doc_get(in->objects[i].desired->doc, "spec"), "scope"),
                             "Namespaced");
    return false; /* the engine, which asked the cluster, has filled it in where it belongs */
}

static struct kube_key key_of(struct rk_arena *a, const struct plan_input *in,
                              const struct plan_object *o)
{
    const struct kube_object *from = o->desired ? o->desired : o->live;
    struct kube_key key = kube_key_copy(a, &from->key);
    if (!key.namespace.n && in->namespace && in->namespace[0] && is_namespaced(in, &key))
        key.namespace = rk_arena_str(a, rk_str_c(in->namespace));
    if (!key.name.n) /* a hook without a name: the executor completes it */
        key.name = rk_arena_str(a, doc_get_text(doc_get(from->doc, "metadata"), "generateName"));
    return key;
}

/* ---- what is done ---- */
static bool wants(const struct plan_object *o, const char *option, bool application)
{
    return application || rk_str_is(annotation_option(o->desired, option), "true") ||
           rk_str_is(annotation_option(o->live, option), "true");
}

static void foreign(struct rk_arena *a, const struct plan_object *o, struct plan_task *t)
{
    if (!o->foreign)
        return;
    t->action = PLAN_KEEP;
    t->note = rk_arena_f(a, "foreign: %s", o->foreign);
    t->risks |= PLAN_RISK_FOREIGN;
}

static enum plan_action action_of(const struct plan_input *in, const struct plan_object *o)
{
    if (!o->live)
        return PLAN_CREATE;
    return wants(o, "Replace", in->options.replace) ? PLAN_REPLACE : PLAN_APPLY;
}

static struct plan_task task_of(struct rk_arena *a, const struct plan_input *in, size_t object)
{
    const struct plan_object *o = &in->objects[object];
    struct plan_task t = {.key = key_of(a, in, o), .object = object};
    if (o->live)
        t.uid = rk_arena_dup(a, o->live->uid.p ? o->live->uid.p : "", o->live->uid.n);
    return t;
}

static void add_phase(struct rk_arena *a, const struct plan_input *in, struct drafts *out,
                      struct plan_task t, bool hook)
{
    const struct plan_object *o = &in->objects[t.object];
    struct draft *d = draft_add(a, out);
    t.action = action_of(in, o);
    t.wave = annotation_wave(o->desired);
    if (wants(o, "Force", in->options.force))
        t.risks |= PLAN_RISK_FORCE;
    foreign(a, o, &t);
    *d = (struct draft){
        .task = t, .target = o->desired, .hook = hook,
        .same = o->live && o->drift && o->drift->verdict == DRIFT_SAME,
    };
}

static void add_desired(struct rk_arena *a, const struct plan_input *in, struct drafts *out,
                        size_t object)
{
    unsigned phases;
    const enum annotated how = annotation_hook(in->objects[object].desired, &phases);
    const struct plan_task t = task_of(a, in, object);
    if (!task_selected(&in->options, &t.key))
        return;
    if (how == ANNOTATED_NOTHING) {
        add_phase(a, in, out, t, false);
        return;
    }
    if (how == ANNOTATED_SKIP || in->options.n_only > 0)
        return; /* a selective sync runs no hooks */
    for (int phase = PLAN_PRE_SYNC; phase <= PLAN_SYNC_FAIL; phase++) {
        if (!(phases & 1u << (phase + 1)))
            continue;
        struct plan_task one = t;
        one.phase = (enum plan_phase)phase;
        add_phase(a, in, out, one, true);
    }
}

/* ---- prunes ---- */

/* Why an object that left git stays; NULL: it goes. Its own word beats the application's. */
static const char *why_kept(const struct plan_input *in, const struct kube_object *live)
{
    const rk_str own = annotation_option(live, "Prune");
    const bool confirm = rk_str_is(own, "confirm") || (!own.n && in->options.prune_confirm);
    if (!in->options.prune)
        return "prune is off";
    if (rk_str_is(own, "false") || (!own.n && in->options.no_prune))
        return "Prune=false";
    if (confirm && !in->options.confirmed)
        return "Prune=confirm: waits for a person's sync";
    return NULL;
}

static void add_extra(struct rk_arena *a, const struct plan_input *in, struct drafts *out,
                      size_t object)
{
    const struct plan_object *o = &in->objects[object];
    unsigned phases;
    if (annotation_hook(o->live, &phases) != ANNOTATED_NOTHING)
        return; /* a hook that ran */
    struct plan_task t = task_of(a, in, object);
    if (!task_selected(&in->options, &t.key))
        return;
    t.note = why_kept(in, o->live);
    t.action = t.note ? PLAN_KEEP : PLAN_PRUNE;
    t.wave = annotation_wave(o->live);
    foreign(a, o, &t);
    *draft_add(a, out) = (struct draft){
        .task = t, .prune = true,
        .prune_last = in->options.prune_last ||
                      rk_str_is(annotation_option(o->live, "PruneLast"), "true"),
    };
}

/* ---- the destination's namespace ---- */
static void add_namespace(struct rk_arena *a, const struct plan_input *in, struct drafts *out)
{
    if (!in->options.create_namespace || in->namespace_exists || !in->namespace ||
        !in->namespace[0])
        return;
    const struct kube_key key = {.kind = RK_STR("Namespace"), .name = rk_str_c(in->namespace)};
    for (size_t i = 0; i < out->n; i++)
        if (out->v[i].target && kube_key_eq(&out->v[i].task.key, &key))
            return;
    *draft_add(a, out) = (struct draft){
        .task = {.phase = PLAN_PRE_SYNC, .action = PLAN_CREATE, .key = kube_key_copy(a, &key),
                 .note = "CreateNamespace=true", .object = SIZE_MAX},
    };
}

void task_drafts(struct rk_arena *a, const struct plan_input *in, struct drafts *out)
{
    for (size_t i = 0; i < in->n_objects; i++) {
        if (in->objects[i].desired)
            add_desired(a, in, out, i);
        else if (in->objects[i].live)
            add_extra(a, in, out, i);
    }
    add_namespace(a, in, out);
    for (size_t i = 0; i < out->n; i++) {
        struct draft *d = &out->v[i];
        d->rank = kube_sync_rank(d->task.key.group, d->task.key.kind);
        d->task.risks |= task_risks(in, d);
    }
}
