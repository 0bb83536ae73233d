/*
 * crd.c: custom resources: a CustomResourceDefinition becomes served types, and they go with it.
 * In: the definition. Out: types in the sandbox's table, status conditions. Schemas are not
 * enforced: objects are stored as they are; all versions are served from their own storage.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

static const char *text_of(struct rk_arena *a, const struct doc_node *map, const char *key)
{
    const rk_str t = doc_get_text(map, key);
    return rk_arena_dup(a, t.p ? t.p : "", t.n);
}

static const char *joined(struct rk_arena *a, const struct doc_node *list)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    for (size_t i = 0; i < doc_count(list); i++)
        rk_buf_f(&text, "%s" RK_FMT_STR, i ? " " : "", RK_ARG_STR(doc_text(doc_at(list, i))));
    return text.n ? rk_arena_dup(a, text.p, text.n) : NULL;
}

static void columns(struct sb_type *t, const struct doc_node *version)
{
    const struct doc_node *list = doc_get(version, "additionalPrinterColumns");
    const size_t n = doc_count(list);
    struct sb_column *rows = rk_arena_array(t->arena, n + 2, sizeof(*rows));
    rows[0] = sb_columns_plain.rows[0];
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *c = doc_at(list, i);
        rows[i + 1] = (struct sb_column){
            .name = text_of(t->arena, c, "name"), .type = text_of(t->arena, c, "type"),
            .priority = (int)doc_get_int(c, "priority", 0),
            .path = text_of(t->arena, c, "jsonPath")};
    }
    if (!n)
        rows[1] = sb_columns_plain.rows[1];
    t->columns = (struct sb_columns){rows, n ? n + 1 : 2};
}

static void serve(struct sandbox *sb, const struct sb_object *crd, const struct doc_node *version)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const struct doc_node *spec = doc_get(crd->doc, "spec"), *names = doc_get(spec, "names");
    const char *group = text_of(a, spec, "group"), *plural = text_of(a, names, "plural");
    const rk_str name = doc_get_text(version, "name");
    struct sb_type *t = sb_type_of_plural(sb, rk_str_c(group), name, rk_str_c(plural));
    if (!doc_get_bool(version, "served", false) || (t && t->row))
        return;
    if (!t) {
        t = sb_type_new(group, text_of(a, version, "name"), text_of(a, names, "kind"), plural);
        sb->types = rk_grow(sb->types, sb->n_types, &sb->cap_types, sizeof(*sb->types));
        sb->types[sb->n_types++] = t;
        t->custom = true;
    }
    t->namespaced = rk_str_is(doc_get_text(spec, "scope"), "Namespaced");
    t->short_names = joined(t->arena, doc_get(names, "shortNames"));
    t->categories = joined(t->arena, doc_get(names, "categories"));
    if (doc_get_text(names, "singular").n)
        t->singular = text_of(t->arena, names, "singular");
    if (doc_get_text(names, "listKind").n)
        t->list_kind = text_of(t->arena, names, "listKind");
    t->flags = SB_GENERATION;
    if (doc_walk(version, "subresources.status"))
        t->flags |= SB_STATUS;
    if (doc_walk(version, "subresources.scale"))
        t->flags |= SB_SCALE;
    columns(t, version);
}

void sb_control_crd(struct sandbox *sb, const struct sb_object *crd)
{
    const struct doc_node *versions = doc_walk(crd->doc, "spec.versions");
    if (sb_ending(crd))
        return;
    for (size_t i = 0; i < doc_count(versions); i++)
        serve(sb, crd, doc_at(versions, i));
    struct sb_edit e = sb_edit_begin(sb, crd, "kube-apiserver", "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status"), *stored = doc_list(a);
    const struct sb_condition rows[] = {
        {.type = "NamesAccepted", .status = "True", .reason = "NoConflicts",
         .message = "no conflicts found"},
        {.type = "Established", .status = "True", .reason = "InitialNamesAccepted",
         .message = "the initial names have been accepted"}};
    for (size_t i = 0; i < RK_LEN(rows); i++)
        sb_condition_set(a, status, &rows[i], e.change.now_ms);
    doc_set_c(a, status, "acceptedNames", doc_copy(a, doc_walk(crd->doc, "spec.names")));
    for (size_t i = 0; i < doc_count(versions); i++)
        if (doc_get_bool(doc_at(versions, i), "storage", false))
            doc_push(a, stored, doc_string(a, doc_get_text(doc_at(versions, i), "name")));
    doc_set_c(a, status, "storedVersions", stored);
    sb_edit_end(&e);
}

static void forget_type(struct sandbox *sb, size_t at)
{
    struct sb_type *t = sb->types[at];
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    size_t n;
    struct sb_object **list = sb_list(a, t, RK_STR_NONE, &n);
    for (size_t i = 0; i < n; i++)
        sb_store_delete(sb, list[i]);
    sb_watch_end_all(t);
    /* events in the ring still point to the type: it is kept aside until the end */
    sb->types[at] = sb->types[--sb->n_types];
    sb->retired = rk_grow(sb->retired, sb->n_retired, &sb->cap_retired, sizeof(*sb->retired));
    sb->retired[sb->n_retired++] = t;
}

void sb_crd_gone(struct sandbox *sb, const struct sb_object *crd)
{
    const struct doc_node *spec = doc_get(crd->doc, "spec");
    const rk_str group = doc_get_text(spec, "group");
    const rk_str plural = doc_get_text(doc_get(spec, "names"), "plural");
    for (size_t i = 0; i < sb->n_types;) {
        const struct sb_type *t = sb->types[i];
        if (t->custom && !t->row && rk_str_is(group, t->group) && rk_str_is(plural, t->plural))
            forget_type(sb, i);
        else
            i++;
    }
}

int sb_admit_crd(struct sb_change *c, struct sb_failure *f)
{
    struct sb_invalid v = {.failure = f};
    const struct doc_node *spec = doc_get(c->doc, "spec"), *names = doc_get(spec, "names");
    const rk_str name = sb_str(c->doc, "metadata.name");
    const char *want = rk_arena_f(f->arena, RK_FMT_STR "." RK_FMT_STR,
                                  RK_ARG_STR(doc_get_text(names, "plural")),
                                  RK_ARG_STR(doc_get_text(spec, "group")));
    if (!rk_str_is(name, want))
        sb_invalid_add(&v, "FieldValueInvalid", "metadata.name",
                       "Invalid value: \"" RK_FMT_STR
                           "\": must be spec.names.plural+\".\"+spec.group",
                       RK_ARG_STR(name));
    if (!doc_get_text(names, "kind").n)
        sb_invalid_add(&v, "FieldValueRequired", "spec.names.kind", "Required value");
    return sb_invalid_end(&v, c->type, name);
}
