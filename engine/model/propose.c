/*
 * propose.c: a reckon.yaml for what was found (`reckon init`). In: a model, usually without
 * configuration. Out: text to look at and commit: the environments that paths and namespaces show,
 * in promotion order. Nothing is proposed to sync by itself that does not so already under Argo CD,
 * and nothing that is called like production: that is manual and locked.
 */
#include <ctype.h>
#include <stdlib.h>

#include "model/model_int.h"

struct proposal {
    const char *name;
    size_t apps, automated;
};

static int by_rank(const void *pa, const void *pb)
{
    const struct proposal *a = pa, *b = pb;
    int d = environment_rank(a->name) - environment_rank(b->name);

    if (d == 0)
        d = name_is_production(a->name) - name_is_production(b->name);
    return d ? d : strcmp(a->name, b->name);
}

static struct proposal *collect(const struct model *m, size_t *n)
{
    struct proposal *list = rk_calloc(m->n_apps + 1, sizeof(*list));

    *n = 0;
    for (size_t i = 0; i < m->n_apps; i++) {
        const struct model_app *app = &m->apps[i];
        size_t k = 0;

        if (app->error)
            continue;
        while (k < *n && !rk_streq(list[k].name, app->derived_environment))
            k++;
        list[k].name = app->derived_environment;
        list[k].apps++;
        list[k].automated += app->automated;
        *n += k == *n;
    }
    qsort(list, *n, sizeof(*list), by_rank);
    return list;
}

/* The name as reckon.yaml takes it: small letters, digits, '-', '_', '.'. */
static void put_name(struct rk_buf *out, const char *name)
{
    bool word = !rk_streq(name, "true") && !rk_streq(name, "false") && !rk_streq(name, "null");
    bool plain = word && name[0] >= 'a' && name[0] <= 'z';

    rk_buf_c(out, plain ? "" : "\"");
    for (; *name; name++) {
        char c = (char)tolower((unsigned char)*name);

        rk_buf_ch(out, isalnum((unsigned char)c) || strchr("-_.", c) ? c : '-');
    }
    rk_buf_c(out, plain ? "" : "\"");
}

/* As a double-quoted YAML scalar; bytes below a blank and quotes do not occur in names that work. */
static void put_quoted(struct rk_buf *out, const char *text)
{
    rk_buf_ch(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            rk_buf_ch(out, '\\');
        if ((unsigned char)*text >= ' ')
            rk_buf_ch(out, *text);
    }
    rk_buf_ch(out, '"');
}

/* Do applications of other environments live in this one's namespace too? Then only paths tell. */
static bool shares_namespace(const struct model *m, const struct model_app *app)
{
    for (size_t i = 0; i < m->n_apps; i++)
        if (!m->apps[i].error && rk_streq(m->apps[i].namespace, app->namespace) &&
            !rk_streq(m->apps[i].derived_environment, app->derived_environment))
            return true;
    return false;
}

/* What tells this application's environment, when it is of the kind asked for; else "". */
static const char *app_value(const struct model *m, const struct model_app *app, bool by_namespace)
{
    bool own = *app->namespace && !shares_namespace(m, app);

    return own != by_namespace ? "" : own ? app->namespace : app->path;
}

/* One match entry: the namespaces of the environment's applications, or the paths of those without.
 * Globs' special bytes do not occur in namespaces. */
static void put_match(struct rk_buf *out, const struct model *m, const char *environment,
                      bool by_namespace, bool *first)
{
    size_t written = 0;

    for (size_t i = 0; i < m->n_apps; i++) {
        const struct model_app *app = &m->apps[i];
        const char *value = app_value(m, app, by_namespace);
        bool seen = app->error || !*value || !rk_streq(app->derived_environment, environment);

        for (size_t k = 0; !seen && k < i; k++)
            seen = !m->apps[k].error &&
                   rk_streq(m->apps[k].derived_environment, environment) &&
                   rk_streq(app_value(m, &m->apps[k], by_namespace), value);
        if (seen)
            continue;
        if (written++ == 0)
            rk_buf_f(out, "%s{%s: [", *first ? "" : ", ", by_namespace ? "namespaces" : "paths");
        else
            rk_buf_c(out, ", ");
        put_quoted(out, value);
    }
    if (written)
        rk_buf_c(out, "]}");
    *first = *first && !written;
}

static void put_environment(struct rk_buf *out, const struct model *m, const struct proposal *p)
{
    bool production = name_is_production(p->name), first = true;
    bool automatic = !production && p->automated == p->apps;

    rk_buf_c(out, "- name: ");
    put_name(out, p->name);
    rk_buf_c(out, "\n  match: [");
    put_match(out, m, p->name, true, &first);
    put_match(out, m, p->name, false, &first);
    rk_buf_f(out, "]\n  sync: %s", automatic ? "auto" : "manual");
    if (p->automated && !automatic)
        rk_buf_f(out, "   # %zu of %zu applications are automated: not any more by this", p->automated,
                 p->apps);
    rk_buf_c(out, "\n");
    if (production)
        rk_buf_c(out, "  locked: true\n  pruneBudget: 5\n");
}

void model_propose(const struct model *m, struct rk_buf *out)
{
    size_t n;
    struct proposal *list = collect(m, &n);

    rk_buf_c(out, "# Proposed by `reckon init`: look at each line, then commit it as reckon.yaml.\n"
                  "# sync: observe (look only) | manual (an operator syncs) | auto (the Application's\n"
                  "# own automated decides). Environments stand in promotion order.\n"
                  "apiVersion: reckon.dev/v1\n");
    rk_buf_c(out, n ? "environments:\n" : "environments: []   # no Application was found\n");
    for (size_t i = 0; i < n; i++)
        put_environment(out, m, &list[i]);
    free(list);
}
