/*
 * environment.c: reckon.yaml -> environments in promotion order (design.md section 15). Strict: an
 * unknown field or a wrong type is an error with file:line and the nearest name, because a
 * misspelt "locked" must not leave production open. Defaults: sync manual, prune and selfHeal as
 * the Application says, unlocked, no approvals, no budget. Also the floors of the engine's
 * settings.
 */
#include "model/model_int.h"

static const struct field match_fields[] = {
    {"namespaces", FIELD_TEXTS, NULL, NULL, false},
    {"clusters", FIELD_TEXTS, NULL, NULL, false},
    {"paths", FIELD_TEXTS, NULL, NULL, false},
    {"projects", FIELD_TEXTS, NULL, NULL, false},
    {0},
};
static const struct field via_fields[] = {
    {"via", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field window_fields[] = {
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {"schedule", FIELD_TEXT, NULL, NULL, false},
    {"duration", FIELD_TEXT, NULL, NULL, false},
    {"timeZone", FIELD_TEXT, NULL, NULL, false},
    {"applications", FIELD_TEXTS, NULL, NULL, false},
    {"namespaces", FIELD_TEXTS, NULL, NULL, false},
    {"clusters", FIELD_TEXTS, NULL, NULL, false},
    {"andOperator", FIELD_BOOL, NULL, NULL, false},
    {"manualSync", FIELD_BOOL, NULL, NULL, false},
    {"syncOverrun", FIELD_BOOL, NULL, NULL, false},
    {"description", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field environment_fields[] = {
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"match", FIELD_LIST, match_fields, NULL, false},
    {"sync", FIELD_TEXT, NULL, NULL, false},
    {"prune", FIELD_BOOL, NULL, NULL, false},
    {"selfHeal", FIELD_BOOL, NULL, NULL, false},
    {"locked", FIELD_BOOL, NULL, NULL, false},
    {"approvals", FIELD_INT, NULL, NULL, false},
    {"approvers", FIELD_TEXTS, NULL, NULL, false},
    {"validate", FIELD_BOOL, NULL, NULL, false},
    {"windows", FIELD_LIST, window_fields, NULL, false},
    {"pruneBudget", FIELD_INT, NULL, NULL, false},
    {"autoRollback", FIELD_BOOL, NULL, NULL, false},
    {"promote", FIELD_MAP, via_fields, NULL, false},
    {"revert", FIELD_MAP, via_fields, NULL, false},
    {0},
};
static const struct field notification_fields[] = {
    {"on", FIELD_ANY, NULL, NULL, false}, /* their types are the notify room's */
    {"environments", FIELD_TEXTS, NULL, NULL, false},
    {"sink", FIELD_TEXT, NULL, NULL, false},
    {"url", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field config_fields[] = {
    {"apiVersion", FIELD_TEXT, NULL, NULL, false},
    {"applications", FIELD_TEXTS, NULL, NULL, false},
    {"environments", FIELD_LIST, environment_fields, NULL, false},
    {"notifications", FIELD_LIST, notification_fields, NULL, false},
    {0},
};

const char *const model_sync_name[MODEL_SYNC_MAX] = {
    [MODEL_AUTO] = "auto", [MODEL_MANUAL] = "manual", [MODEL_OBSERVE] = "observe",
};

/* ---- the document ---- */
static int config_doc(const struct reader *r, rk_str text, struct doc_node **out,
                      struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = r->file, .marks = r->marks};
    struct findings found = {0};
    struct doc_node *doc;
    rk_str version;

    if (doc_yaml_read_one(r->arena, text, &how, &doc, err) < 0)
        return -1;
    if (doc_type(doc) != DOC_MAP)
        return rk_fail_at(err, RK_INVALID, r->file, 1, 0,
                          "it is empty or no map; `reckon init` proposes one");
    fields_check(r, config_fields, doc, "", &found);
    if (found.n)
        return rk_fail_at(err, RK_INVALID, r->file, found.v[0].line, 0, "%s", found.v[0].text);
    version = doc_get_text(doc, "apiVersion");
    if (!rk_str_is(version, "reckon.dev/v1"))
        return rk_fail_at(err, RK_INVALID, r->file, reader_line(r, doc_get(doc, "apiVersion")), 0,
                          "apiVersion must be reckon.dev/v1");
    *out = doc;
    return 0;
}

static int read_folders(const struct reader *r, const struct doc_node *doc, const char ***folders,
                        size_t *n, struct rk_err *err)
{
    const struct doc_node *list = doc_get(doc, "applications");
    const char **texts = reader_texts(r, list, n);

    for (size_t i = 0; i < *n; i++) {
        const char *clean = reader_path(r, texts[i]);

        if (!clean)
            return rk_fail_at(err, RK_INVALID, r->file, reader_line(r, doc_at(list, i)), 0,
                              "applications: folder '%s' leaves the repository", texts[i]);
        texts[i] = clean;
        if (!*clean) { /* the root: everywhere */
            *n = 0;
            break;
        }
    }
    *folders = texts;
    return 0;
}

int model_config_folders(struct rk_arena *a, rk_str reckon_yaml, const char ***folders, size_t *n,
                         struct rk_err *err)
{
    struct reader r = {.arena = a, .marks = doc_marks_new(a), .file = "reckon.yaml"};
    struct doc_node *doc;

    if (config_doc(&r, reckon_yaml, &doc, err) < 0)
        return -1;
    return read_folders(&r, doc, folders, n, err);
}

/* ---- one environment ---- */
struct env_in {
    const struct reader *r;
    const struct doc_node *node;
    struct model_environment *env;
    struct model_lints *lints;
};

static int env_fail(const struct env_in *in, const char *key, struct rk_err *err, const char *text)
{
    const struct doc_node *at = doc_get(in->node, key);

    return rk_fail_at(err, RK_INVALID, in->r->file, reader_line(in->r, at ? at : in->node), 0,
                      "environment '%s': %s", in->env->name ? in->env->name : "", text);
}

static bool name_is_good(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && n <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == n &&
           name[0] != '-' && name[0] != '.' && !strstr(name, "..");
}

static const char **texts_or_null(const struct reader *r, const struct doc_node *map,
                                  const char *key)
{
    const struct doc_node *list = doc_get(map, key);

    return doc_is_null(list) ? NULL : reader_texts(r, list, NULL);
}

static int read_match(const struct env_in *in, struct rk_err *err)
{
    const struct doc_node *list = doc_get(in->node, "match");
    size_t n = doc_count(list);

    in->env->match = rk_arena_array(in->r->arena, n ? n : 1, sizeof(*in->env->match));
    in->env->n_match = n;
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *item = doc_at(list, i);
        struct model_match *m = &in->env->match[i];

        *m = (struct model_match){
            .namespaces = texts_or_null(in->r, item, "namespaces"),
            .clusters = texts_or_null(in->r, item, "clusters"),
            .paths = texts_or_null(in->r, item, "paths"),
            .projects = texts_or_null(in->r, item, "projects"),
        };
        if (!m->namespaces && !m->clusters && !m->paths && !m->projects)
            return env_fail(in, "match", err,
                            "an empty match entry would hold everything; write namespaces: [\"*\"] "
                            "if that is meant");
    }
    if (n == 0)
        model_lint_add(in->r->arena, in->lints, in->r->file, in->env->line,
                 "environment '%s' has no match: it holds only applications whose annotation "
                 "reckon.dev/environment names it", in->env->name);
    return 0;
}

static const char *sync_at(size_t i, const void *ctx)
{
    (void)ctx;
    return model_sync_name[i];
}

static int read_sync(const struct env_in *in, struct rk_err *err)
{
    const char *text = reader_text(in->r, in->node, "sync"), *near;

    in->env->sync = MODEL_MANUAL;
    if (doc_is_null(doc_get(in->node, "sync")))
        return 0;
    for (size_t i = 0; i < MODEL_SYNC_MAX; i++) {
        if (!rk_streq(model_sync_name[i], text))
            continue;
        in->env->sync = (enum model_sync)i;
        if (in->env->sync == MODEL_AUTO && name_is_production(in->env->name))
            model_lint_add(in->r->arena, in->lints, in->r->file,
                     reader_line(in->r, doc_get(in->node, "sync")),
                     "environment '%s' looks like production and is synced by itself (sync: auto)",
                     in->env->name);
        return 0;
    }
    near = name_nearest(text, sync_at, MODEL_SYNC_MAX, NULL);
    return env_fail(in, "sync", err,
                    rk_arena_f(in->r->arena, "sync must be observe, manual or auto, not '%s'%s%s%s",
                               text, near ? "; did you mean '" : "", near ? near : "",
                               near ? "'?" : ""));
}

static int read_via(const struct env_in *in, const char *key, enum model_via *out,
                    struct rk_err *err)
{
    const struct doc_node *via = doc_get(doc_get(in->node, key), "via");

    *out = MODEL_VIA_PUSH;
    if (doc_is_null(via) || rk_str_is(doc_text(via), "push"))
        return 0;
    *out = MODEL_VIA_BRANCH;
    if (rk_str_is(doc_text(via), "branch"))
        return 0;
    return env_fail(in, key, err,
                    rk_arena_f(in->r->arena, "%s.via must be push or branch", key));
}

static int read_numbers(const struct env_in *in, struct rk_err *err)
{
    in->env->approvals = doc_get_int(in->node, "approvals", 0);
    in->env->prune_budget = doc_get_int(in->node, "pruneBudget", -1);
    if (in->env->approvals < 0)
        return env_fail(in, "approvals", err, "approvals must be 0 or more");
    if (in->env->prune_budget < 0 && !doc_is_null(doc_get(in->node, "pruneBudget")))
        return env_fail(in, "pruneBudget", err,
                        "pruneBudget must be 0 or more; leave it out for no budget");
    return 0;
}

static int read_environment(const struct env_in *in, struct rk_err *err)
{
    struct model_environment *e = in->env;
    const char *name = reader_text(in->r, in->node, "name");

    e->line = reader_line(in->r, in->node);
    e->name = name;
    if (!*name)
        return env_fail(in, "name", err, "name is missing");
    if (!name_is_good(name))
        return env_fail(in, "name", err,
                        "a name has small letters, digits, '-', '_' and '.', 63 at most");
    e->prune = doc_get_bool(in->node, "prune", true);
    e->self_heal = doc_get_bool(in->node, "selfHeal", true);
    e->locked = doc_get_bool(in->node, "locked", false);
    e->validate = doc_get_bool(in->node, "validate", false);
    e->auto_rollback = doc_get_bool(in->node, "autoRollback", false);
    e->approvers = reader_texts(in->r, doc_get(in->node, "approvers"), &e->n_approvers);
    e->windows = doc_get(in->node, "windows");
    if (read_sync(in, err) < 0 || read_match(in, err) < 0 || read_numbers(in, err) < 0)
        return -1;
    if (read_via(in, "promote", &e->promote_via, err) < 0)
        return -1;
    return read_via(in, "revert", &e->revert_via, err);
}

int model_config_read(const struct reader *r, rk_str text, struct model *m, struct rk_err *err)
{
    const struct doc_node *list;
    struct doc_node *doc;

    if (config_doc(r, text, &doc, err) < 0 ||
        read_folders(r, doc, &m->app_folders, &m->n_app_folders, err) < 0)
        return -1;
    list = doc_get(doc, "environments");
    m->has_config = true;
    m->environments = rk_arena_array(r->arena, doc_count(list) + 1, sizeof(*m->environments));
    for (size_t i = 0; i < doc_count(list); i++) {
        struct env_in in = {r, doc_at(list, i), &m->environments[i], &m->lints};
        const struct model_environment *twin;

        if (read_environment(&in, err) < 0)
            return -1;
        twin = model_environment_find(m, in.env->name);
        if (twin)
            return env_fail(&in, "name", err,
                            rk_arena_f(r->arena, "there is one of that name at line %u already",
                                       twin->line));
        m->n_environments++;
    }
    return 0;
}

/* ---- floors: what no repository may undercut ---- */
static void raise_floor(struct model *m, struct model_environment *e, const struct model_floor *f,
                        const char *file)
{
    if (f->locked && !e->locked) {
        e->locked = true;
        model_lint_add(m->arena, &m->lints, file, e->line,
                 "environment '%s' is locked: the engine's floor for '%s' asks for it", e->name,
                 f->environment);
    }
    if (e->approvals < f->approvals) {
        model_lint_add(m->arena, &m->lints, file, e->line,
                 "environment '%s' needs %lld approvals, not %lld: the engine's floor for '%s'",
                 e->name, (long long)f->approvals, (long long)e->approvals, f->environment);
        e->approvals = f->approvals;
    }
}

void config_floors(struct model *m, const struct model_floor *floors, size_t n, const char *file)
{
    for (size_t i = 0; i < m->n_environments; i++)
        for (size_t k = 0; k < n; k++)
            if (rk_glob(floors[k].environment, m->environments[i].name, 0))
                raise_floor(m, &m->environments[i], &floors[k], file);
}
