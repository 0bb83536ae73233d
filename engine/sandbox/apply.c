/*
 * apply.c: server-side apply. In: the live object (or none) and an applied configuration. Out: the
 * merged document with its managedFields in c->doc; or a conflict that names each field and its
 * owner. The arithmetic is structured-merge-diff's Apply (reference/kubernetes.md sections 2.7 and
 * 2.8); sets and merge come from kube.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

struct conflict {
    const struct sb_manager *owner;
    const char *who;                /* as the server prints an owner */
    rk_str path;
};

struct applying {
    struct sb_change *c;
    struct sb_failure *f;
    struct sb_managers managers;
    const struct sb_manager *mine;  /* its entry before this apply; NULL none */
    const struct kube_set *set;     /* what the configuration sets */
    struct conflict *conflicts;
    size_t n, cap;
    const struct sb_manager *at;
    const char *who;
};

/* ---- conflicts ---- */

static const char *owner_text(struct rk_arena *a, const struct sb_manager *m)
{
    const char *text = rk_arena_f(a, "\"" RK_FMT_STR "\"", RK_ARG_STR(m->manager));
    if (m->sub.n)
        text = rk_arena_f(a, "%s with subresource \"" RK_FMT_STR "\"", text, RK_ARG_STR(m->sub));
    if (rk_str_is(m->operation, "Update"))
        text = rk_arena_f(a, "%s using " RK_FMT_STR, text, RK_ARG_STR(m->api_version));
    return text;
}

static void add_conflict(rk_str path, void *ctx)
{
    struct applying *p = ctx;
    struct rk_arena *a = p->c->arena;
    p->conflicts = rk_arena_grow(a, p->conflicts, p->n, &p->cap, sizeof(*p->conflicts));
    p->conflicts[p->n++] = (struct conflict){p->at, p->who, rk_arena_str(a, path)};
}

static int by_owner(const void *x, const void *y)
{
    const struct conflict *a = x, *b = y;
    const int c = rk_str_cmp(a->owner->manager, b->owner->manager);
    return c ? c : rk_str_cmp(rk_str_c(a->who), rk_str_c(b->who));
}

static const char *conflict_text(const struct applying *p)
{
    struct rk_arena *a = p->c->arena;
    if (p->n == 1)
        return rk_arena_f(a, "Apply failed with 1 conflict: conflict with %s: " RK_FMT_STR,
                          p->conflicts[0].who, RK_ARG_STR(p->conflicts[0].path));
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    rk_buf_f(&text, "Apply failed with %zu conflicts: ", p->n);
    for (size_t i = 0; i < p->n; i++) {
        if (i == 0 || p->conflicts[i].owner != p->conflicts[i - 1].owner)
            rk_buf_f(&text, "%sconflicts with %s:", i ? "\n" : "", p->conflicts[i].who);
        rk_buf_f(&text, "\n- " RK_FMT_STR, RK_ARG_STR(p->conflicts[i].path));
    }
    return rk_arena_dup(a, text.p, text.n);
}

static int fail_conflicts(struct applying *p)
{
    struct rk_arena *a = p->f->arena;
    struct doc_node *causes = doc_list(a);
    /* stable: the members of one owner are already in order and adjacent */
    for (size_t i = 1; i < p->n; i++) {
        const struct conflict one = p->conflicts[i];
        size_t j = i;
        for (; j > 0 && by_owner(&p->conflicts[j - 1], &one) > 0; j--)
            p->conflicts[j] = p->conflicts[j - 1];
        p->conflicts[j] = one;
    }
    for (size_t i = 0; i < p->n; i++) {
        struct doc_node *cause = doc_map(a);
        sb_set_str(a, cause, "reason", "FieldManagerConflict");
        doc_set_c(a, cause, "message", doc_string_f(a, "conflict with %s", p->conflicts[i].who));
        doc_set_c(a, cause, "field", doc_string(a, p->conflicts[i].path));
        doc_push(a, causes, cause);
    }
    p->f->causes = causes;
    return sb_fail(p->f, 409, "Conflict", "%s", conflict_text(p));
}

static void find_conflicts(struct applying *p, const struct kube_set *changed)
{
    struct rk_arena *a = p->c->arena;
    for (size_t i = 0; i < p->managers.n; i++) {
        p->at = &p->managers.rows[i];
        if (p->at == p->mine)
            continue;
        p->who = owner_text(a, p->at);
        kube_set_each(kube_set_intersection(a, p->at->set, changed), add_conflict, p);
    }
}

/* ---- merge ---- */

/* What of the configuration counts: status belongs to /status only, and there nothing else does. */
static void reset_fields(struct sb_change *c, struct doc_node *config)
{
    if (rk_streq(c->sub, "status"))
        doc_del(config, RK_STR("spec"));
    else if (c->type->flags & SB_STATUS)
        doc_del(config, RK_STR("status"));
    struct doc_node *meta = doc_get(config, "metadata");
    doc_del(meta, RK_STR("managedFields"));
    doc_del(meta, RK_STR("resourceVersion"));
    doc_del(meta, RK_STR("uid"));
    doc_del(meta, RK_STR("creationTimestamp"));
    doc_del(meta, RK_STR("generation"));
}

/* Fields that this manager applied before, does not now, and nobody else owns. */
static void prune(struct applying *p, struct doc_node *merged)
{
    struct rk_arena *a = p->c->arena;
    if (!p->mine)
        return;
    const struct kube_set *keep = p->set;
    for (size_t i = 0; i < p->managers.n; i++)
        if (&p->managers.rows[i] != p->mine)
            keep = kube_set_union(a, keep, p->managers.rows[i].set);
    kube_set_remove(merged, kube_set_difference(a, p->mine->set, p->set), keep,
                    p->c->type->schema);
}

static const struct sb_manager *find_mine(const struct sb_managers *m, const struct sb_change *c)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct sb_manager *e = &m->rows[i];
        if (rk_str_eq(e->manager, c->manager) && rk_str_is(e->operation, "Apply") &&
            rk_str_is(e->sub, c->sub))
            return e;
    }
    return NULL;
}

static bool same_but_managed(struct rk_arena *a, const struct doc_node *x, const struct doc_node *y)
{
    struct doc_node *p = doc_copy(a, x), *q = doc_copy(a, y);
    doc_del(doc_get(p, "metadata"), RK_STR("managedFields"));
    doc_del(doc_get(q, "metadata"), RK_STR("managedFields"));
    return doc_equal(p, q);
}

static void settle(struct applying *p, const struct kube_change *change,
                   const struct kube_set *gone,
                   const struct doc_node *live, struct doc_node *merged)
{
    struct rk_arena *a = p->c->arena;
    const rk_str now = rk_str_c(sb_time(a, p->c->now_ms));
    const rk_str version = sb_type_api_version(a, p->c->type);
    const size_t at = p->mine ? (size_t)(p->mine - p->managers.rows) : p->managers.n;
    for (size_t i = 0; i < p->managers.n; i++) {
        struct sb_manager *e = &p->managers.rows[i];
        if (i == at)
            continue;
        e->set = kube_set_difference(a, e->set, gone);
        e->set = kube_set_difference(a, e->set, change->removed);
    }
    if (at == p->managers.n)
        sb_managers_add(a, &p->managers);
    struct sb_manager *mine = &p->managers.rows[at];
    const rk_str since = mine->time;
    *mine = (struct sb_manager){p->c->manager, RK_STR("Apply"), rk_str_c(p->c->sub), version, now,
                                kube_set_union(a, p->set, kube_set_new(a))};
    if (p->c->old && same_but_managed(a, live, merged))
        mine->time = since;
    sb_managers_drop_empty(&p->managers);
    sb_managers_write(a, &p->managers, merged);
}

/* "spec: containers: text here" -> ".spec.containers: text here", as the server names a place. */
static const char *dotted(struct rk_arena *a, const char *text)
{
    rk_auto(rk_buf_release) struct rk_buf out = RK_BUF_INIT;
    const char *colon;
    while ((colon = strstr(text, ": ")) && !memchr(text, ' ', (size_t)(colon - text))) {
        rk_buf_f(&out, ".%.*s", (int)(colon - text), text);
        text = colon + 2;
    }
    rk_buf_f(&out, "%s%s", out.n ? ": " : "", text);
    return rk_arena_dup(a, out.p, out.n);
}

int sb_apply(struct sb_change *c, struct doc_node *config, bool force, struct sb_failure *f)
{
    struct applying p = {.c = c, .f = f};
    struct rk_err err;
    struct doc_node *merged;
    const struct doc_node *live = c->old ? c->old->doc : c->doc;
    if (sb_managers_read(c->arena, live, &p.managers, f) < 0)
        return -1;
    reset_fields(c, config);
    p.mine = find_mine(&p.managers, c);
    p.set = kube_set_of(c->arena, config, c->type->schema);
    if (kube_apply_merge(c->arena, live, config, c->type->schema, &merged, &err) < 0)
        return sb_fail(f, 500, "",
                       "failed to create typed patch object (" RK_FMT_STR "/" RK_FMT_STR "; "
                       RK_FMT_STR ", Kind=%s): %s",
                       RK_ARG_STR(sb_str(config, "metadata.namespace")),
                       RK_ARG_STR(sb_str(config, "metadata.name")),
                       RK_ARG_STR(sb_type_api_version(c->arena, c->type)), c->type->kind,
                       dotted(c->arena, err.text));
    prune(&p, merged);
    const struct kube_change change = kube_set_compare(c->arena, live, merged, c->type->schema);
    const struct kube_set *changed = kube_set_union(c->arena, change.added, change.modified);
    find_conflicts(&p, changed);
    if (p.n && !force)
        return fail_conflicts(&p);
    settle(&p, &change, changed, live, merged);
    c->doc = merged;
    c->applied = true;
    return 0;
}
