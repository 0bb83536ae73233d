/*
 * application.c: an Argo CD Application manifest -> model_app. In: one document with its marks.
 * Out: every field that Reckon implements, with Argo CD's meaning (reference/argocd.md section
 * 1.1); a lint for each one that it does not; .error with file:line when the manifest is wrong or
 * asks for something without which its objects would come out wrong. Names across environments and
 * lints that need the policy are added by read.c. Owns nothing: all lies in the reader's arena.
 */
#include "model/model_int.h"

#define FINALIZER "resources-finalizer.argocd.argoproj.io"

/* ---- errors: the first one stands ---- */
void application_fail(const struct reader *r, struct model_app *app, uint32_t line,
                      const char *fmt, ...)
{
    const char *text;
    va_list ap;

    if (app->error)
        return;
    va_start(ap, fmt);
    text = rk_arena_vf(r->arena, fmt, ap);
    va_end(ap);
    app->error = rk_arena_f(r->arena, "%s:%u: %s", r->file, line ? line : app->line, text);
}

static void check_fields(const struct reader *r, const struct doc_node *doc, struct model_app *app)
{
    struct findings found = {0};

    fields_check(r, application_fields, doc, "", &found);
    for (size_t i = 0; i < found.n; i++) {
        const struct finding *f = &found.v[i];

        if (f->kind == FINDING_TYPE || f->kind == FINDING_REFUSED)
            application_fail(r, app, f->line, "%s", f->text);
        else
            model_lint_add(r->arena, &app->lints, r->file, f->line, "%s", f->text);
    }
}

/* ---- destination ---- */
static void read_destination(const struct reader *r, const struct doc_node *spec,
                             struct model_app *app)
{
    const struct doc_node *to = doc_get(spec, "destination");
    const char *server = reader_text(r, to, "server"), *name = reader_text(r, to, "name");

    app->server = *server ? server : NULL;
    app->cluster_name = *name ? name : NULL;
    app->namespace = reader_text(r, to, "namespace");
    if (*server && *name)
        application_fail(r, app, reader_line(r, to),
                 "spec.destination has both server and name; keep one of them");
    if (!*server && !*name)
        application_fail(r, app, reader_line(r, to), "spec.destination needs server or name");
}

/* ---- sync policy ---- */
static void read_automated(const struct doc_node *policy, struct model_app *app)
{
    const struct doc_node *automated = doc_get(policy, "automated");

    app->automated = doc_type(automated) == DOC_MAP && doc_get_bool(automated, "enabled", true);
    app->prune = doc_get_bool(automated, "prune", false);
    app->self_heal = doc_get_bool(automated, "selfHeal", false);
    app->allow_empty = doc_get_bool(automated, "allowEmpty", false);
}

/* A Go duration or, as Argo CD also takes it, a bare number of seconds. */
static void read_duration(const struct reader *r, const struct doc_node *map, const char *key,
                          uint64_t *ms, struct model_app *app)
{
    const struct doc_node *node = doc_get(map, key);
    rk_str text = doc_text(node);
    int64_t seconds;

    if (!text.n)
        return;
    if (rk_str_int(text, &seconds) && seconds >= 0 && seconds <= INT64_MAX / 1000)
        *ms = (uint64_t)seconds * 1000;
    else if (!rk_str_duration(text, ms))
        application_fail(r, app, reader_line(r, node),
                 "spec.syncPolicy.retry.backoff.%s '" RK_FMT_STR "' is no duration (write 5s, 3m)",
                 key, RK_ARG_STR(text));
}

static void read_retry(const struct reader *r, const struct doc_node *policy,
                       struct model_app *app)
{
    const struct doc_node *retry = doc_get(policy, "retry");
    const struct doc_node *backoff = doc_get(retry, "backoff");

    app->has_retry = doc_type(retry) == DOC_MAP;
    /* A retry block without a limit does not retry; without a block automation tries 5 times. */
    app->retry.limit = doc_get_int(retry, "limit", app->has_retry ? 0 : 5);
    app->retry.refresh = doc_get_bool(retry, "refresh", false);
    app->retry.duration_ms = 5000;
    app->retry.max_ms = 180000;
    app->retry.factor = doc_get_int(backoff, "factor", 2);
    read_duration(r, backoff, "duration", &app->retry.duration_ms, app);
    read_duration(r, backoff, "maxDuration", &app->retry.max_ms, app);
    if (app->retry.factor < 1)
        application_fail(r, app, reader_line(r, backoff),
                 "spec.syncPolicy.retry.backoff.factor must be 1 or more");
}

static void read_ignore(const struct reader *r, const struct doc_node *rule,
                        struct model_ignore *out)
{
    out->group = reader_text(r, rule, "group");
    out->kind = reader_text(r, rule, "kind");
    out->name = reader_text(r, rule, "name");
    out->namespace = reader_text(r, rule, "namespace");
    out->pointers = reader_texts(r, doc_get(rule, "jsonPointers"), &out->n_pointers);
    out->jq = reader_texts(r, doc_get(rule, "jqPathExpressions"), &out->n_jq);
    out->managers = reader_texts(r, doc_get(rule, "managedFieldsManagers"), &out->n_managers);
}

static void read_ignores(const struct reader *r, const struct doc_node *spec,
                         struct model_app *app)
{
    const struct doc_node *rules = doc_get(spec, "ignoreDifferences");
    size_t n = doc_type(rules) == DOC_LIST ? doc_count(rules) : 0;

    app->ignore = rk_arena_array(r->arena, n ? n : 1, sizeof(*app->ignore));
    app->n_ignore = n;
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *rule = doc_at(rules, i);

        read_ignore(r, rule, &app->ignore[i]);
        if (!*app->ignore[i].kind)
            application_fail(r, app, reader_line(r, rule),
                             "spec.ignoreDifferences[%zu] needs a kind", i);
        else if (app->ignore[i].n_pointers + app->ignore[i].n_jq + app->ignore[i].n_managers == 0)
            model_lint_add(r->arena, &app->lints, r->file, reader_line(r, rule),
                     "spec.ignoreDifferences[%zu] names no field and ignores nothing", i);
    }
}

/* ---- metadata ---- */
static void read_finalizers(const struct reader *r, const struct doc_node *metadata,
                            struct model_app *app)
{
    const struct doc_node *list = doc_get(metadata, "finalizers");

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        const struct doc_node *node = doc_at(list, i);
        rk_str f = doc_text(node);

        if (rk_str_is(f, FINALIZER) || rk_str_is(f, FINALIZER "/foreground")) {
            app->finalizer = true;
        } else if (rk_str_is(f, FINALIZER "/background")) {
            app->finalizer = true;
            model_lint_add(r->arena, &app->lints, r->file, reader_line(r, node),
                     "finalizer " FINALIZER "/background: objects are deleted in the foreground");
        } else {
            model_lint_add(r->arena, &app->lints, r->file, reader_line(r, node),
                     "finalizer '" RK_FMT_STR "' is not implemented: it has no effect",
                     RK_ARG_STR(f));
        }
    }
}

static void app_init(const struct reader *r, struct model_app *app)
{
    *app = (struct model_app){
        .name = "", .app = "", .project = "default", .file = r->file, .line = 1,
        .repo_url = "", .target_revision = "HEAD", .path = "", .namespace = "", .chart = "",
        .source_field = "spec.source", .marks = r->marks,
        .propagation = "foreground", .derived_environment = "",
        .retry = {.limit = 5, .duration_ms = 5000, .max_ms = 180000, .factor = 2},
    };
}

void application_bad(const struct reader *r, const char *name, uint32_t line, const char *error,
                     struct model_app *app)
{
    app_init(r, app);
    app->line = line ? line : 1;
    app->name = *name ? name : rk_arena_f(r->arena, "%s:%u", r->file, app->line);
    app->app = app->name;
    app->error = error;
}

void application_read(const struct reader *r, const struct doc_node *doc, struct model_app *app)
{
    const struct doc_node *metadata = doc_get(doc, "metadata"), *spec = doc_get(doc, "spec");
    const struct doc_node *policy = doc_get(spec, "syncPolicy");
    const char *project = reader_text(r, spec, "project");
    uint32_t line = reader_line(r, doc);

    app_init(r, app);
    app->doc = doc;
    app->line = line ? line : 1;
    app->name = reader_text(r, metadata, "name");
    if (*project)
        app->project = project;
    check_fields(r, doc, app);
    if (!*app->name) {
        app->name = rk_arena_f(r->arena, "%s:%u", r->file, app->line);
        application_fail(r, app, reader_line(r, metadata), "metadata.name is missing");
    }
    if (doc_type(spec) != DOC_MAP)
        application_fail(r, app, 0, "spec is missing");
    sources_read(r, spec, app);
    read_destination(r, spec, app);
    read_automated(policy, app);
    app->sync_options = reader_texts(r, doc_get(policy, "syncOptions"), &app->n_sync_options);
    options_read(r, app);
    read_retry(r, policy, app);
    read_ignores(r, spec, app);
    read_finalizers(r, metadata, app);
    annotations_read(r, app);
}
