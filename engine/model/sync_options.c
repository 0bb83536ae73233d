/*
 * sync_options.c: an Application's syncOptions and annotations. In: the application with its
 * texts. Out: its switches; a lint for each option or annotation that Reckon does not implement,
 * or that is misspelt (reference/argocd.md sections 1.1 and 1.2). Options of single objects are
 * the plan's.
 */
#include "model/model_int.h"

struct option {
    const char *text;               /* NAME=VALUE */
    void (*set)(struct model_app *app);
    const char *not_done;           /* NULL: implemented; "" : the default anyway */
};

static void set_no_prune(struct model_app *a) { a->no_prune = true; }
static void set_prune_confirm(struct model_app *a) { a->prune_confirm = true; }
static void set_create_namespace(struct model_app *a) { a->create_namespace = true; }
static void set_prune_last(struct model_app *a) { a->prune_last = true; }
static void set_out_of_sync_only(struct model_app *a) { a->apply_out_of_sync_only = true; }
static void set_server_side(struct model_app *a) { a->server_side = true; }
static void set_replace(struct model_app *a) { a->replace = true; }
static void set_force(struct model_app *a) { a->force = true; }
static void set_respect(struct model_app *a) { a->respect_ignore = true; }
static void set_shared(struct model_app *a) { a->fail_on_shared = true; }
static void set_skip_missing(struct model_app *a) { a->skip_missing_dry_run = true; }
static void set_foreground(struct model_app *a) { a->propagation = "foreground"; }
static void set_background(struct model_app *a) { a->propagation = "background"; }
static void set_orphan(struct model_app *a) { a->propagation = "orphan"; }
static void set_nothing(struct model_app *a) { (void)a; }

static const struct option options[] = {
    {"Prune=false", set_no_prune, NULL},
    {"Prune=confirm", set_prune_confirm, NULL},
    {"Prune=true", set_nothing, NULL},
    {"CreateNamespace=true", set_create_namespace, NULL},
    {"CreateNamespace=false", set_nothing, NULL},
    {"PruneLast=true", set_prune_last, NULL},
    {"PruneLast=false", set_nothing, NULL},
    {"ApplyOutOfSyncOnly=true", set_out_of_sync_only, NULL},
    {"ApplyOutOfSyncOnly=false", set_nothing, NULL},
    {"ServerSideApply=true", set_server_side, NULL},
    {"ServerSideApply=false", set_nothing, "Reckon always applies on the server's side"},
    {"ClientSideApplyMigration=true", set_nothing, "take the application over instead"},
    {"ClientSideApplyMigration=false", set_nothing, NULL},
    {"Replace=true", set_replace, NULL},
    {"Replace=false", set_nothing, NULL},
    {"Force=true", set_force, NULL},
    {"Force=false", set_nothing, NULL},
    {"RespectIgnoreDifferences=true", set_respect, NULL},
    {"RespectIgnoreDifferences=false", set_nothing, NULL},
    {"FailOnSharedResource=true", set_shared, NULL},
    {"FailOnSharedResource=false", set_nothing, NULL},
    {"SkipDryRunOnMissingResource=true", set_skip_missing, NULL},
    {"SkipDryRunOnMissingResource=false", set_nothing, NULL},
    {"PrunePropagationPolicy=foreground", set_foreground, NULL},
    {"PrunePropagationPolicy=background", set_background, NULL},
    {"PrunePropagationPolicy=orphan", set_orphan, NULL},
    {"Validate=true", set_nothing, NULL},
    {"Validate=false", set_nothing, "the API server always validates what Reckon applies"},
    {"Delete=true", set_nothing, NULL},
    {"Delete=false", set_nothing, "objects are deleted only when an operator confirms it"},
    {"Delete=confirm", set_nothing, "objects are deleted only when an operator confirms it"},
};

static const char *option_text(size_t i, const void *ctx)
{
    (void)ctx;
    return options[i].text;
}

static void option_read(const struct reader *r, struct model_app *app, const char *text,
                        uint32_t line)
{
    const char *near;

    for (size_t i = 0; i < RK_LEN(options); i++) {
        if (!rk_streq(options[i].text, text))
            continue;
        options[i].set(app);
        if (options[i].not_done)
            model_lint_add(r->arena, &app->lints, r->file, line,
                     "sync option %s is not implemented: %s", text, options[i].not_done);
        return;
    }
    near = name_nearest(text, option_text, RK_LEN(options), NULL);
    if (near)
        model_lint_add(r->arena, &app->lints, r->file, line,
                 "unknown sync option '%s' has no effect; did you mean '%s'?", text, near);
    else
        model_lint_add(r->arena, &app->lints, r->file, line, "unknown sync option '%s' has no effect",
                 text);
}

void options_read(const struct reader *r, struct model_app *app)
{
    const struct doc_node *list = doc_walk(app->doc, "spec.syncPolicy.syncOptions");

    for (size_t i = 0; i < app->n_sync_options; i++)
        option_read(r, app, app->sync_options[i], reader_line(r, doc_at(list, i)));
}

/* ---- annotations: the first row that fits ---- */
struct annotation {
    const char *name;               /* a trailing / takes all that begins so */
    const char *not_done;           /* NULL: implemented, or about the Application as an object */
};
static const struct annotation annotations[] = {
    {"reckon.dev/app", NULL},
    {"reckon.dev/environment", NULL},
    {"argocd.argoproj.io/tracking-id", NULL},
    {"argocd.argoproj.io/sync-wave", NULL},
    {"argocd.argoproj.io/sync-options", NULL},
    {"argocd.argoproj.io/hook", NULL},
    {"argocd.argoproj.io/hook-delete-policy", NULL},
    /* Renders are remembered by the files they read, so the hint is not needed. */
    {"argocd.argoproj.io/manifest-generate-paths", NULL},
    {"argocd.argoproj.io/skip-reconcile", NULL},
    {"argocd.argoproj.io/refresh", "ask for it: reckon refresh APP"},
    {"argocd.argoproj.io/compare-options",
     "Reckon compares locally and asks the server where that cannot tell"},
    {"argocd.argoproj.io/deletion-approved", "an operator confirms deletions in Reckon"},
    {"argocd.argoproj.io/client-side-apply-migration-manager",
     "take the application over instead"},
    {"link.argocd.argoproj.io/", "links are not shown"},
    {"notifications.argoproj.io/", "notifications are set in reckon.yaml"},
};

static bool annotation_fits(const char *row, rk_str key)
{
    size_t n = strlen(row);

    return row[n - 1] == '/' ? rk_str_starts(key, row) : rk_str_is(key, row);
}

static const char *annotation_name(size_t i, const void *ctx)
{
    (void)ctx;
    return annotations[i].name;
}

static void annotation_unknown(const struct reader *r, struct model_app *app, rk_str key,
                               uint32_t line)
{
    const char *name = rk_arena_dup(r->arena, key.p, key.n);
    const char *near = name_nearest(name, annotation_name, RK_LEN(annotations), NULL);

    if (!rk_str_starts(key, "reckon.dev/") && !rk_str_starts(key, "argocd.argoproj.io/"))
        return; /* somebody else's */
    if (near)
        model_lint_add(r->arena, &app->lints, r->file, line,
                 "unknown annotation '%s' has no effect; did you mean '%s'?", name, near);
    else
        model_lint_add(r->arena, &app->lints, r->file, line, "unknown annotation '%s' has no effect",
                 name);
}

static void annotation_read(const struct reader *r, struct model_app *app,
                            const struct doc_pair *pair)
{
    const struct doc_mark *mark = doc_marks_get(r->marks, pair->mark);
    uint32_t line = mark ? mark->line : app->line;

    for (size_t i = 0; i < RK_LEN(annotations); i++) {
        if (!annotation_fits(annotations[i].name, pair->key))
            continue;
        if (annotations[i].not_done)
            model_lint_add(r->arena, &app->lints, r->file, line,
                     "annotation " RK_FMT_STR " is not implemented: %s", RK_ARG_STR(pair->key),
                     annotations[i].not_done);
        return;
    }
    annotation_unknown(r, app, pair->key, line);
}

void annotations_read(const struct reader *r, struct model_app *app)
{
    const struct doc_node *map = doc_walk(app->doc, "metadata.annotations");
    const char *claimed = reader_text(r, map, "reckon.dev/environment");

    for (size_t i = 0; doc_type(map) == DOC_MAP && i < doc_count(map); i++)
        annotation_read(r, app, doc_pair_at(map, i));
    app->claimed_environment = *claimed ? claimed : NULL;
    if (app->automated &&
        rk_str_is(doc_get_text(map, "argocd.argoproj.io/skip-reconcile"), "true")) {
        app->automated = false;
        model_lint_add(r->arena, &app->lints, r->file, reader_line(r, map),
                 "annotation argocd.argoproj.io/skip-reconcile: automation is off for this "
                 "application; it is still compared");
    }
}
