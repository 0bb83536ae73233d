/*
 * lint.c: what a build notices and does not fail on: deprecated fields, settings without effect,
 * matches of nothing, and patches that do less than they seem to. In: places and texts. Out: rows
 * of the result. The wording of deprecations is the real tool's.
 */
#include <stdarg.h>

#include "render/render_int.h"

void render_lint_add(struct build *b, enum render_lint_kind kind, const char *file, uint32_t line,
              const char *fmt, ...)
{
    va_list ap;

    b->lints = rk_arena_grow(b->a, b->lints, b->n_lints, &b->cap_lints, sizeof(*b->lints));
    va_start(ap, fmt);
    b->lints[b->n_lints++] = (struct render_lint){
        .kind = kind, .file = file, .line = line, .text = rk_arena_vf(b->a, fmt, ap)};
    va_end(ap);
}

static const struct {
    enum kust_field field;
    const char *instead;
} deprecated[] = {
    {KUST_BASES, "resources"},
    {KUST_COMMON_LABELS, "labels"},
    {KUST_IMAGE_TAGS, "images"},
    {KUST_PATCHES_JSON6902, "patches"},
    {KUST_PATCHES_STRATEGIC_MERGE, "patches"},
    {KUST_VARS, "replacements"},
};

void lint_deprecated(struct build *b, const struct kust *k)
{
    for (size_t i = 0; i < RK_LEN(deprecated); i++) {
        const struct doc_node *n = k->field[deprecated[i].field];

        if (n)
            render_lint_add(b, RENDER_DEPRECATED, k->file, mark_line(b, n->mark),
                     "'%s' is deprecated. Please use '%s' instead.",
                     fields_name(deprecated[i].field), deprecated[i].instead);
    }
}

static bool is_leaking(rk_str key)
{
    return rk_str_is(key, "$retainKeys") || rk_str_starts(key, "$setElementOrder/") ||
           rk_str_starts(key, "$deleteFromPrimitiveList/");
}

/* Depth is bounded by the reader (100). */
static void lint_walk(struct build *b, const struct doc_node *n, const char *file)
{
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        lint_walk(b, doc_at(n, i), file);
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        const struct doc_pair *p = doc_pair_at(n, i);

        if (is_leaking(p->key))
            render_lint_add(b, RENDER_RISK, file, mark_line(b, p->mark),
                     "%.*s is not a directive here: it ends up in the object as a field",
                     RK_ARG_STR(p->key));
        lint_walk(b, p->value, file);
    }
}

void lint_patch(struct build *b, const struct doc_node *patch, const char *file)
{
    const struct doc_node *strategy = doc_walk(patch, "spec.strategy");

    lint_walk(b, patch, file);
    if (rk_str_is(doc_get_text(strategy, "type"), "Recreate") &&
        !doc_get(strategy, "rollingUpdate"))
        render_lint_add(b, RENDER_RISK, file, mark_line(b, strategy->mark),
                 "strategy.type: Recreate leaves a rollingUpdate of the base in place, which the "
                 "API server refuses: add rollingUpdate: null");
}
