/*
 * control.c: what the controllers share: edits that go through sb_commit, ownership, conditions,
 * events, generated names, pods from templates. In: objects. Out: writes under a controller's name.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "sandbox/sandbox_int.h"

/* ---- reading and setting ---- */

bool sb_holds(rk_str text, const char *part)
{
    const size_t n = strlen(part);
    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, part, n) == 0)
            return true;
    return false;
}

int64_t sb_int(const struct doc_node *doc, const char *dotted, int64_t otherwise)
{
    int64_t v;
    return doc_as_int(doc_walk(doc, dotted), &v) ? v : otherwise;
}

rk_str sb_str(const struct doc_node *doc, const char *dotted)
{
    return doc_text(doc_walk(doc, dotted));
}

void sb_set_int(struct rk_arena *a, struct doc_node *map, const char *key, int64_t v)
{
    doc_set_c(a, map, key, doc_int(a, v));
}

void sb_set_str(struct rk_arena *a, struct doc_node *map, const char *key, const char *v)
{
    doc_set_c(a, map, key, doc_string_c(a, v));
}

bool sb_ending(const struct sb_object *o)
{
    return sb_str(o->doc, "metadata.deletionTimestamp").n > 0;
}

/* ---- edits ---- */

struct sb_edit sb_edit_begin(struct sandbox *sb, const struct sb_object *o, const char *manager,
                             const char *sub)
{
    struct sb_edit e = {.change = {.sb = sb, .arena = rk_arena_new_wiping(), .type = o->type,
                                   .old = o, .manager = rk_str_c(manager), .sub = sub,
                                   .now_ms = rk_wall_ms()}};
    e.doc = e.change.doc = doc_copy(e.change.arena, o->doc);
    return e;
}

struct sb_edit sb_edit_new(struct sandbox *sb, struct sb_type *t, rk_str ns, const char *manager)
{
    struct sb_edit e = {.change = {.sb = sb, .arena = rk_arena_new_wiping(), .type = t,
                                   .manager = rk_str_c(manager), .sub = "",
                                   .now_ms = rk_wall_ms()}};
    struct rk_arena *a = e.change.arena;
    e.doc = e.change.doc = doc_map(a);
    doc_set_c(a, e.doc, "apiVersion", doc_string(a, sb_type_api_version(a, t)));
    sb_set_str(a, e.doc, "kind", t->kind);
    struct doc_node *meta = doc_make(a, e.doc, "metadata");
    if (ns.n)
        doc_set_c(a, meta, "namespace", doc_string(a, ns));
    return e;
}

void sb_edit_drop(struct sb_edit *e)
{
    rk_arena_free(e->change.arena);
    e->change.arena = NULL;
}

struct sb_object *sb_edit_end(struct sb_edit *e)
{
    struct sb_failure f = {.arena = e->change.arena};
    struct sb_object *out = NULL;
    struct sb_change *c = &e->change;
    const rk_str name = sb_str(c->doc, "metadata.name");
    const rk_str ns = sb_str(c->doc, "metadata.namespace");
    const bool stale = c->old ? sb_find_uid(c->sb, c->old->uid) != c->old
                              : name.n && sb_find(c->type, ns, name);
    if (stale || sb_commit(c, &f, &out) < 0)
        out = NULL;
    sb_edit_drop(e);
    return out;
}

/* ---- ownership ---- */

void sb_own(struct rk_arena *a, struct doc_node *doc, const struct sb_object *owner)
{
    struct doc_node *list = doc_list(a), *ref = doc_map(a);
    doc_set_c(a, ref, "apiVersion", doc_string(a, sb_type_api_version(a, owner->type)));
    sb_set_str(a, ref, "kind", owner->type->kind);
    doc_set_c(a, ref, "name", doc_string(a, owner->name));
    doc_set_c(a, ref, "uid", doc_string(a, owner->uid));
    doc_set_c(a, ref, "controller", doc_bool(a, true));
    doc_set_c(a, ref, "blockOwnerDeletion", doc_bool(a, true));
    doc_push(a, list, ref);
    doc_set_c(a, doc_make(a, doc, "metadata"), "ownerReferences", list);
}

bool sb_owned_by(const struct sb_object *o, const struct sb_object *owner)
{
    const struct doc_node *refs = doc_walk(o->doc, "metadata.ownerReferences");
    for (size_t i = 0; i < doc_count(refs); i++) {
        const struct doc_node *ref = doc_at(refs, i);
        if (doc_get_bool(ref, "controller", false) &&
            rk_str_eq(doc_get_text(ref, "uid"), owner->uid))
            return true;
    }
    return false;
}

struct sb_object **sb_owned(struct rk_arena *a, const struct sb_object *owner, struct sb_type *t,
                            size_t *n)
{
    size_t all, kept = 0;
    struct sb_object **list = sb_list(a, t, owner->ns, &all);
    for (size_t i = 0; i < all; i++)
        if (sb_owned_by(list[i], owner))
            list[kept++] = list[i];
    *n = kept;
    return list;
}

/* ---- conditions ---- */

struct doc_node *sb_condition(const struct doc_node *status, const char *type)
{
    const struct doc_node *list = doc_get(status, "conditions");
    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_is(doc_get_text(doc_at(list, i), "type"), type))
            return doc_at(list, i);
    return NULL;
}

bool sb_condition_set(struct rk_arena *a, struct doc_node *status, const struct sb_condition *c,
                      int64_t now_ms)
{
    const char *now = sb_time(a, now_ms);
    struct doc_node *old = sb_condition(status, c->type);
    const bool same = old && rk_str_is(doc_get_text(old, "status"), c->status);
    if (same && !c->renew && rk_str_is(doc_get_text(old, "reason"), c->reason ? c->reason : ""))
        return false;
    if (!old) {
        old = doc_map(a);
        if (!doc_get(status, "conditions"))
            doc_set_c(a, status, "conditions", doc_list(a));
        doc_push(a, doc_get(status, "conditions"), old);
    }
    sb_set_str(a, old, "type", c->type);
    sb_set_str(a, old, "status", c->status);
    if (c->updates)
        sb_set_str(a, old, "lastUpdateTime", now);
    if (!same)
        sb_set_str(a, old, "lastTransitionTime", now);
    if (c->reason)
        sb_set_str(a, old, "reason", c->reason);
    else
        doc_del(old, RK_STR("reason"));
    if (c->message)
        sb_set_str(a, old, "message", c->message);
    else
        doc_del(old, RK_STR("message"));
    return true;
}

/* ---- names ---- */

static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";    /* as apimachinery's rand */

void sb_suffix(char out[6])
{
    uint8_t b[5];
    struct rk_err err;
    if (rk_random(b, sizeof(b), &err) < 0)
        rk_fatal("no random bytes");
    for (size_t i = 0; i < sizeof(b); i++)
        out[i] = letters[b[i] % (sizeof(letters) - 1)];
    out[5] = 0;
}

void sb_hash_name(const struct doc_node *doc, char out[11])
{
    uint8_t hash[32];
    doc_hash(doc, hash);
    for (size_t i = 0; i < 10; i++)
        out[i] = letters[hash[i] % (sizeof(letters) - 1)];
    out[10] = 0;
}

/* ---- pods ---- */

bool sb_pod_ready(const struct sb_object *pod)
{
    const struct doc_node *c = sb_condition(doc_get(pod->doc, "status"), "Ready");
    return rk_str_is(doc_get_text(c, "status"), "True");
}

bool sb_pod_available(struct sandbox *sb, const struct sb_object *pod, int64_t min_ready_s,
                      const struct sb_object *owner)
{
    const struct doc_node *c = sb_condition(doc_get(pod->doc, "status"), "Ready");
    int64_t since = 0;
    if (!rk_str_is(doc_get_text(c, "status"), "True"))
        return false;
    if (min_ready_s <= 0 || !rk_time_parse(doc_get_text(c, "lastTransitionTime"), &since))
        return true;
    const int64_t left = since + min_ready_s * 1000 - rk_wall_ms();
    if (left > 0)
        sb_later(sb, owner, (uint64_t)left + 5, NULL);
    return left <= 0;
}

struct sb_edit sb_pod_from(struct sandbox *sb, const struct sb_object *owner,
                           const struct doc_node *template, const char *manager, const char *name)
{
    struct sb_edit e = sb_edit_new(sb, sb_type_of(sb, "", "Pod"), owner->ns, manager);
    struct rk_arena *a = e.change.arena;
    static const char *const kept[] = {"labels", "annotations", "finalizers"};
    struct doc_node *meta = doc_get(e.doc, "metadata");
    char suffix[6];
    for (size_t i = 0; i < RK_LEN(kept); i++) {
        const struct doc_node *v = doc_get(doc_get(template, "metadata"), kept[i]);
        if (v)
            doc_set_c(a, meta, kept[i], doc_copy(a, v));
    }
    sb_suffix(suffix);
    if (name)
        sb_set_str(a, meta, "name", name);
    else {
        doc_set_c(a, meta, "generateName",
                  doc_string_f(a, RK_FMT_STR "-", RK_ARG_STR(owner->name)));
        doc_set_c(a, meta, "name",
                  doc_string_f(a, RK_FMT_STR "-%s", RK_ARG_STR(owner->name), suffix));
    }
    doc_set_c(a, e.doc, "spec", doc_copy(a, doc_get(template, "spec")));
    sb_own(a, e.doc, owner);
    return e;
}

/* ---- events ---- */

static struct sb_object *same_event(struct sandbox *sb, struct rk_arena *a,
                                    const struct sb_object *about, const char *reason, rk_str text)
{
    size_t n;
    const rk_str ns = about->ns.n ? about->ns : RK_STR("default");
    struct sb_object **list = sb_list(a, sb_type_of(sb, "", "Event"), ns, &n);
    for (size_t i = 0; i < n; i++)
        if (rk_str_eq(sb_str(list[i]->doc, "involvedObject.uid"), about->uid) &&
            rk_str_is(doc_get_text(list[i]->doc, "reason"), reason) &&
            rk_str_eq(doc_get_text(list[i]->doc, "message"), text))
            return list[i];
    return NULL;
}

static void repeat_event(struct sandbox *sb, const struct sb_object *old, const char *component)
{
    struct sb_edit e = sb_edit_begin(sb, old, component, "");
    sb_set_int(e.change.arena, e.doc, "count", doc_get_int(e.doc, "count", 1) + 1);
    sb_set_str(e.change.arena, e.doc, "lastTimestamp", sb_time(e.change.arena, e.change.now_ms));
    sb_edit_end(&e);
}

static void fill_event(struct sb_edit *e, const struct sb_object *about, const char *component)
{
    struct rk_arena *a = e->change.arena;
    struct doc_node *doc = e->doc, *ref = doc_make(a, doc, "involvedObject");
    const char *now = sb_time(a, e->change.now_ms);
    doc_set_c(a, doc_get(doc, "metadata"), "name",
              doc_string_f(a, RK_FMT_STR ".%016llx", RK_ARG_STR(about->name),
                           (unsigned long long)(e->change.sb->store.rv + 1)));
    sb_set_str(a, ref, "kind", about->type->kind);
    doc_set_c(a, ref, "apiVersion", doc_string(a, sb_type_api_version(a, about->type)));
    if (about->ns.n)
        doc_set_c(a, ref, "namespace", doc_string(a, about->ns));
    doc_set_c(a, ref, "name", doc_string(a, about->name));
    doc_set_c(a, ref, "uid", doc_string(a, about->uid));
    doc_set_c(a, ref, "resourceVersion",
              doc_string(a, sb_str(about->doc, "metadata.resourceVersion")));
    sb_set_str(a, doc, "firstTimestamp", now);
    sb_set_str(a, doc, "lastTimestamp", now);
    sb_set_int(a, doc, "count", 1);
    sb_set_str(a, doc_make(a, doc, "source"), "component", component);
    sb_set_str(a, doc, "reportingComponent", component);
    sb_set_str(a, doc, "reportingInstance", "");
}

void sb_event(struct sandbox *sb, const struct sb_object *about, const char *component,
              const char *type, const char *reason, const char *fmt, ...)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    va_list ap;
    va_start(ap, fmt);
    const rk_str text = rk_str_c(rk_arena_vf(a, fmt, ap));
    va_end(ap);
    const struct sb_object *old = same_event(sb, a, about, reason, text);
    if (old) {
        repeat_event(sb, old, component);
        return;
    }
    struct sb_edit e = sb_edit_new(sb, sb_type_of(sb, "", "Event"),
                                   about->ns.n ? about->ns : RK_STR("default"), component);
    fill_event(&e, about, component);
    sb_set_str(e.change.arena, e.doc, "type", type);
    sb_set_str(e.change.arena, e.doc, "reason", reason);
    doc_set_c(e.change.arena, e.doc, "message", doc_string(e.change.arena, text));
    sb_edit_end(&e);
}

void sb_events_forget(struct sandbox *sb)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const int64_t oldest = rk_wall_ms() - (int64_t)3600 * 1000;
    size_t n;
    struct sb_object **list = sb_list(a, sb_type_of(sb, "", "Event"), RK_STR_NONE, &n);
    for (size_t i = 0; i < n; i++) {
        int64_t last;
        if (rk_time_parse(doc_get_text(list[i]->doc, "lastTimestamp"), &last) && last < oldest)
            sb_store_delete(sb, list[i]);
    }
}
