/*
 * drift.c: the room's order of work. In: desired, live, rules, the server's prediction. Out: the
 * verdict and the fields. First the quick walk: most objects at most events are clean, and it uses
 * no memory. Only what is not clean is completed with defaults, ruled, and told field by field;
 * all of that in an arena of its own, from which only the fields move to the caller's.
 */
#include "drift/drift_int.h"

struct compare {
    struct rk_arena *a;         /* the caller's */
    const struct kube_object *desired, *live, *predicted;
    struct drift_rules rules;
    struct kube_schema root;
    bool beyond;                /* there may be fields that git no longer sets */
    struct walk w;
    struct kube_fields *fields, *fields_predicted;  /* NULL: none, or not readable */
    const struct kube_set *ours_live, *ours_predicted;
};

/* ---- who owns what ---- */
static struct kube_fields *parse(struct rk_arena *a, rk_str managed)
{
    struct kube_fields *f = NULL;
    if (managed.n == 0 || kube_fields_parse(a, managed, &f, NULL) != 0)
        return NULL;
    return f;
}

static const struct kube_set *applied_by(const struct kube_fields *f, const char *manager)
{
    for (size_t i = 0; f && i < kube_fields_entries(f); i++) {
        const struct kube_owner e = kube_fields_entry(f, i);
        if (rk_str_is(e.manager, manager) && rk_str_is(e.operation, "Apply") &&
            e.subresource.n == 0)
            return kube_fields_set(f, i);
    }
    return NULL;
}

static bool has(const struct kube_set *s, const struct doc_node *doc, const char *at,
                const char *whole, struct kube_schema root)
{
    return (at && kube_set_has(s, doc, rk_str_c(at), root)) ||
           (whole && kube_set_has(s, doc, rk_str_c(whole), root));
}

/* Would our apply make this difference? What a webhook adds to every write is not ours; what we
 * owned in live and give up is, also when a default takes its place. */
static bool is_ours(const struct walk *w, const struct found *f)
{
    const struct compare *c = w->ours_ctx;
    if (c->ours_live && has(c->ours_live, c->live->doc, f->live, f->live_whole, c->root))
        return true;
    if (!f->full)
        return !c->ours_live && !c->ours_predicted;
    if (c->ours_predicted)
        return has(c->ours_predicted, c->predicted->doc, f->full, f->full_whole, c->root);
    const char *named = f->full_whole ? f->full_whole : f->field.path;
    return !same_absent(doc_pointer(c->desired->doc, rk_str_c(named)));
}

/* Rules that name managers: what they wrote is theirs. */
static bool trusted(const struct compare *c, const struct model_ignore *rule, const struct found *f)
{
    for (size_t i = 0; c->fields && i < kube_fields_entries(c->fields); i++) {
        const struct kube_owner e = kube_fields_entry(c->fields, i);
        for (size_t k = 0; k < rule->n_managers; k++)
            if (rk_str_is(e.manager, rule->managers[k]) &&
                has(kube_fields_set(c->fields, i), c->live->doc, f->live, f->live_whole, c->root))
                return true;
    }
    return false;
}

static void trust_managers(struct compare *c)
{
    for (size_t r = 0; r < c->rules.n_ignore; r++) {
        const struct model_ignore *rule = &c->rules.ignore[r];
        if (!rule->n_managers || !ignore_matches(rule, c->w.key))
            continue;
        for (size_t i = 0; i < c->w.n; i++)
            if (!c->w.found[i].field.ignored && trusted(c, rule, &c->w.found[i]))
                c->w.found[i].field.ignored = true;
    }
}

/* ---- the result ---- */
static struct kube_owner keep_owner(struct rk_arena *a, struct kube_owner o)
{
    return (struct kube_owner){
        .manager = rk_arena_str(a, o.manager), .operation = rk_arena_str(a, o.operation),
        .subresource = rk_arena_str(a, o.subresource), .time = rk_arena_str(a, o.time),
        .api_version = rk_arena_str(a, o.api_version),
    };
}

static bool under(const char *path, const char *above)
{
    const size_t n = strlen(above);
    return strncmp(path, above, n) == 0 && (path[n] == 0 || path[n] == '/');
}

static struct drift_field keep_field(const struct compare *c, const struct found *f)
{
    struct drift_field out = f->field;
    struct kube_owner owner;
    out.path = rk_arena_strdup(c->a, out.path);
    if (f->made)
        out.desired = doc_copy(c->a, out.desired);
    if (f->live && c->fields &&
        kube_fields_owner(c->fields, c->live->doc, rk_str_c(f->live), c->root, &owner)) {
        out.have_owner = true;
        out.owner = keep_owner(c->a, owner);
    }
    out.secret = kube_is_secret(c->w.key) && (under(out.path, "/data") ||
                                              under(out.path, "/stringData"));
    return out;
}

/* Shown, a difference must be visible. */
static bool invisible(const struct drift_field *f)
{
    return !f->desired && !f->live;
}

static const char *local_note(const struct compare *c)
{
    if (kube_schema_known(c->root))
        return "local compare: the server was not asked";
    return "local compare: the schema of this kind is not known here";
}

static int finish(struct compare *c, struct drift_object *out, struct rk_err *err)
{
    size_t counted = 0;
    out->fields = rk_arena_array(c->a, c->w.n + 1, sizeof *out->fields);
    for (size_t i = 0; i < c->w.n; i++) {
        const struct drift_field f = keep_field(c, &c->w.found[i]);
        if (!f.ignored && invisible(&f))
            return rk_fail(err, RK_INTERNAL, "drift: %s differs but shows no difference", f.path);
        counted += !f.ignored;
        out->fields[out->n_fields++] = f;
    }
    out->by_server = c->predicted != NULL;
    out->verdict = counted == 0                      ? DRIFT_SAME
                   : c->predicted || c->rules.final ? DRIFT_CHANGED
                                                    : DRIFT_NEEDS_SERVER;
    if (out->verdict == DRIFT_CHANGED && !c->predicted)
        out->note = local_note(c);
    if (out->verdict != DRIFT_SAME && c->w.common)
        out->note = "git and live are of different API versions: compared where both have a field";
    return 0;
}

/* ---- the two ways to compare ---- */
static bool quick_same(struct compare *c)
{
    struct walk w = {.quick = true, .key = c->w.key, .rules = &c->rules};
    const struct doc_node *d = c->desired->doc;
    walk_object(&w, (struct triple){d, d, c->live->doc}, c->root);
    c->beyond = removed_has_last_applied(c->live) ||
                owned_beyond(c->live->managed_fields, c->rules.manager, d, c->live->doc, c->root);
    return !w.dirty && !c->beyond;
}

static void local(struct compare *c)
{
    struct doc_node *full = doc_copy(c->w.a, c->desired->doc);
    kube_defaults(c->w.a, full);
    ignore_nodes(c->w.a, &c->rules, c->w.key, full, &c->w.ignored);
    walk_object(&c->w, (struct triple){c->desired->doc, full, c->live->doc}, c->root);
    if (!c->w.n && !c->beyond)
        return; /* only defaults were in the way */
    c->fields = parse(c->w.a, c->live->managed_fields);
    if (c->beyond)
        removed_find(&c->w, c->desired, full, c->live, c->fields);
}

static bool wants_webhooks(const struct kube_object *o)
{
    rk_str rest = kube_annotation(o, "argocd.argoproj.io/compare-options");
    while (rest.n)
        if (rk_str_is(rk_str_trim(rk_str_cut(rest, ',', &rest)), "IncludeMutationWebhook=true"))
            return true;
    return false;
}

static void exact(struct compare *c)
{
    c->fields = parse(c->w.a, c->live->managed_fields);
    c->fields_predicted = parse(c->w.a, c->predicted->managed_fields);
    c->ours_live = applied_by(c->fields, c->rules.manager);
    c->ours_predicted = applied_by(c->fields_predicted, c->rules.manager);
    c->w.both = true;
    c->w.common = !rk_str_eq(c->predicted->version, c->live->version);
    c->w.ours = wants_webhooks(c->desired) ? NULL : is_ours;
    c->w.ours_ctx = c;
    ignore_nodes(c->w.a, &c->rules, c->w.key, c->predicted->doc, &c->w.ignored);
    walk_object(&c->w,
                (struct triple){c->desired->doc, c->predicted->doc, c->live->doc}, c->root);
}

static int look_closely(struct compare *c, struct drift_object *out, struct rk_err *err)
{
    struct rk_arena *scratch rk_auto(rk_arena_freep) = rk_arena_new();
    c->w.a = scratch;
    c->w.rules = &c->rules;
    ignore_nodes(scratch, &c->rules, c->w.key, c->live->doc, &c->w.ignored);
    if (c->predicted)
        exact(c);
    else
        local(c);
    trust_managers(c);
    return finish(c, out, err);
}

int drift_compare(struct rk_arena *a, const struct kube_object *desired,
                  const struct kube_object *live, const struct kube_object *predicted,
                  const struct drift_rules *rules, struct drift_object *out, struct rk_err *err)
{
    if (!desired && !live)
        return rk_fail(err, RK_INTERNAL, "drift: neither desired nor live");
    if (ignore_check(rules, err))
        return -1;
    struct drift_object made = {.key = desired ? &desired->key : &live->key};
    if (!desired || !live) {
        made.verdict = desired ? DRIFT_MISSING : DRIFT_EXTRA;
        *out = made;
        return 0;
    }
    struct kube_object rooms[3];
    const rk_str ns = desired->key.namespace.n ? desired->key.namespace : live->key.namespace;
    struct compare c = {
        .a = a, .rules = *rules, .root = walk_schema(desired),
        .desired = prepare_object(a, desired, ns, &rooms[0]),
        .live = prepare_object(a, live, ns, &rooms[1]),
        .predicted = predicted ? prepare_object(a, predicted, ns, &rooms[2]) : NULL,
        .w = {.key = made.key},
    };
    if (!c.rules.manager)
        c.rules.manager = KUBE_MANAGER;
    if (!predicted && quick_same(&c))
        made.verdict = DRIFT_SAME;
    else if (look_closely(&c, &made, err))
        return -1;
    *out = made;
    return 0;
}
