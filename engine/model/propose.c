/*
 * propose.c: a reckon.yaml for what was found (`reckon init`). In: a model, usually without
 * configuration. Out: text to look at and commit: the environments that paths and namespaces show,
 * in promotion order. Nothing is proposed to sync by itself that does not so already under Argo
 * CD, and nothing that is called like production: that is manual and locked.
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

/* As a double-quoted YAML scalar; control bytes do not occur in names that work. */
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

/* What tells an application's environment: its namespace, or its path where that is shared. */
struct place {
    const char *environment, *namespace, *path; /* one of the latter two is "" */
};

static bool shares_namespace(const struct model *m, const struct model_app *app)
{
    for (size_t i = 0; i < m->n_apps; i++)
        if (!m->apps[i].error && rk_streq(m->apps[i].namespace, app->namespace) &&
            !rk_streq(m->apps[i].derived_environment, app->derived_environment))
            return true;
    return false;
}

static struct place *places_of(const struct model *m)
{
    struct place *places = rk_calloc(m->n_apps + 1, sizeof(*places));

    for (size_t i = 0; i < m->n_apps; i++) {
        const struct model_app *app = &m->apps[i];
        bool own = !app->error && *app->namespace && !shares_namespace(m, app);

        places[i] = (struct place){
            .environment = app->error ? NULL : app->derived_environment,
            .namespace = own ? app->namespace : "",
            .path = own ? "" : app->path,
        };
    }
    return places;
}

static const char *place_value(const struct place *p, bool by_namespace)
{
    return by_namespace ? p->namespace : p->path;
}

static bool is_listed(const struct place *places, size_t i, bool by_namespace)
{
    for (size_t k = 0; k < i; k++)
        if (rk_streq(places[k].environment, places[i].environment) &&
            rk_streq(place_value(&places[k], by_namespace), place_value(&places[i], by_namespace)))
            return true;
    return false;
}

/* One match entry: namespaces or paths. Special bytes of globs do not occur in namespaces. */
static void put_match(struct rk_buf *out, const struct place *places, size_t n,
                      const char *environment, bool by_namespace)
{
    bool first = out->p[out->n - 1] == '[', any = false;

    for (size_t i = 0; i < n; i++) {
        const char *value = place_value(&places[i], by_namespace);

        if (!*value || !rk_streq(places[i].environment, environment) ||
            is_listed(places, i, by_namespace))
            continue;
        if (any)
            rk_buf_c(out, ", ");
        else
            rk_buf_f(out, "%s{%s: [", first ? "" : ", ", by_namespace ? "namespaces" : "paths");
        put_quoted(out, value);
        any = true;
    }
    if (any)
        rk_buf_c(out, "]}");
}

static void put_environment(struct rk_buf *out, const struct place *places, size_t n,
                            const struct proposal *p)
{
    bool production = name_is_production(p->name);
    bool automatic = !production && p->automated == p->apps;

    rk_buf_c(out, "- name: ");
    put_name(out, p->name);
    rk_buf_c(out, "\n  match: [");
    put_match(out, places, n, p->name, true);
    put_match(out, places, n, p->name, false);
    rk_buf_f(out, "]\n  sync: %s", automatic ? "auto" : "manual");
    if (p->automated && !automatic)
        rk_buf_f(out, "   # %zu of %zu applications are automated: not any more by this",
                 p->automated, p->apps);
    rk_buf_c(out, "\n");
    if (production)
        rk_buf_c(out, "  locked: true\n  pruneBudget: 5\n");
}

void model_propose(const struct model *m, struct rk_buf *out)
{
    size_t n;
    struct proposal *list = collect(m, &n);
    struct place *places = places_of(m);

    rk_buf_c(out, "# Proposed by `reckon init`: look at each line, then commit it as reckon.yaml.\n"
                  "# sync: observe (look only) | manual (an operator syncs) | auto (the\n"
                  "# Application's own automated decides). Environments stand in promotion order.\n"
                  "apiVersion: reckon.dev/v1\n");
    rk_buf_c(out, n ? "environments:\n" : "environments: []   # no Application was found\n");
    for (size_t i = 0; i < n; i++)
        put_environment(out, places, m->n_apps, &list[i]);
    free(places);
    free(list);
}
