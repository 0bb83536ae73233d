/*
 * tour_ask.c: what the tour's steps ask: the API, the bare repository, and `reckon` as a command.
 */
#include "demo/tour_int.h"

/* ---- the API ---- */
rk_str tour_image_tag(struct demo *d, const char *environment)
{
    const struct doc_node *deployment = demo_deployment(d, environment);
    const struct doc_node *container =
        doc_at(doc_walk(deployment, "spec.template.spec.containers"), 0);
    rk_str tag, image = doc_get_text(container, "image");
    (void)rk_str_cut(image, ':', &tag);
    return tag;
}

int64_t tour_replicas(struct demo *d, const char *environment)
{
    return doc_get_int(doc_get(demo_deployment(d, environment), "spec"), "replicas", -1);
}

bool tour_rolled_out(struct demo *d, const void *arg)
{
    const struct tour_rollout *want = arg;
    const struct doc_node *deployment = demo_deployment(d, want->environment);
    const struct doc_node *status = doc_get(deployment, "status");
    if (!deployment || !rk_str_is(tour_image_tag(d, want->environment), want->tag))
        return false;
    return doc_get_int(status, "observedGeneration", 0) >=
               doc_get_int(doc_get(deployment, "metadata"), "generation", 1) &&
           doc_get_int(status, "updatedReplicas", 0) == want->replicas &&
           doc_get_int(status, "availableReplicas", 0) == want->replicas &&
           doc_get_int(status, "replicas", 0) == want->replicas;
}

bool tour_scale(struct demo *d, const char *environment, int replicas)
{
    const char *path = rk_arena_f(
        d->arena, "/apis/apps/v1/namespaces/%s/deployments/" DEMO_APP "/scale?fieldManager=kubectl",
        demo_namespace(d, environment));
    const char *body = rk_arena_f(d->arena, "{\"spec\":{\"replicas\":%d}}", replicas);
    return demo_api(d, "PATCH", path, "application/merge-patch+json", rk_str_c(body), NULL) == 200;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *tour_objects(struct demo *d, const char *environment)
{
    static const struct { const char *base, *plural; } kinds[] = {
        {"/api/v1", "configmaps"}, {"/api/v1", "services"}, {"/api/v1", "persistentvolumeclaims"},
        {"/api/v1", "secrets"}, {"/apis/apps/v1", "deployments"},
        {"/apis/networking.k8s.io/v1", "ingresses"}, {"/apis/bitnami.com/v1alpha1", "sealedsecrets"},
        {"/apis/rbac.authorization.k8s.io/v1", "roles"},
    };
    const char *names[64];
    size_t n = 0;
    for (size_t k = 0; k < RK_LEN(kinds); k++) {
        const struct doc_node *list = demo_object(
            d, rk_arena_f(d->arena, "%s/namespaces/%s/%s", kinds[k].base,
                          demo_namespace(d, environment), kinds[k].plural));
        const struct doc_node *items = doc_get(list, "items");
        for (size_t i = 0; i < doc_count(items) && n < RK_LEN(names); i++)
            names[n++] = rk_arena_f(
                d->arena, "%s/" RK_FMT_STR, kinds[k].plural,
                RK_ARG_STR(doc_get_text(doc_get(doc_at(items, i), "metadata"), "name")));
    }
    qsort(names, n, sizeof *names, by_text);
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < n; i++)
        rk_buf_f(&text, "%s%s", i ? " " : "", names[i]);
    return rk_arena_dup(d->arena, text.p, text.n);
}

/* ---- reckon ---- */
const struct doc_node *tour_app(struct demo *d, const char *app)
{
    const char *const args[] = {"get", "apps", NULL};
    const struct doc_node *apps = doc_get(demo_reckon_json(d, args), "apps");
    for (size_t i = 0; i < doc_count(apps); i++)
        if (rk_str_is(doc_get_text(doc_at(apps, i), "name"), app))
            return doc_at(apps, i);
    return NULL;
}

bool tour_state_is(struct demo *d, const void *arg)
{
    const struct tour_state *want = arg;
    const struct doc_node *row = tour_app(d, want->app);
    return row && (!want->verdict || rk_str_is(doc_get_text(row, "verdict"), want->verdict)) &&
           (!want->health || rk_str_is(doc_get_text(row, "health"), want->health));
}

/* ---- git, in the bare repository itself ---- */
static const char *bare(struct demo *d, const char *const *args)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    if (gitcmd_run(d->bare, args, &out, &none))
        return "";
    return rk_arena_dup(d->arena, out.p, out.n);
}

const char *tour_head(struct demo *d, const char *rev)
{
    const char *const args[] = {"rev-parse", rev, NULL};
    const char *text = bare(d, args);
    return rk_arena_dup(d->arena, text, strcspn(text, "\n"));
}

const char *tour_changes(struct demo *d, const char *rev)
{
    const char *const args[] = {"show", "--unified=0", "--format=", rev, NULL};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str rest = rk_str_c(bare(d, args)), line;
    while (rest.n) {
        line = rk_str_cut(rest, '\n', &rest);
        bool mark = line.n > 1 && (line.p[0] == '+' || line.p[0] == '-') && line.p[1] != line.p[0];
        if (mark)
            rk_buf_f(&out, RK_FMT_STR "\n", RK_ARG_STR(line));
    }
    return rk_arena_dup(d->arena, out.p, out.n);
}

const char *tour_line(struct demo *d, const char *text, const char *with)
{
    rk_str rest = rk_str_c(text), line;
    while (rest.n) {
        line = rk_str_cut(rest, '\n', &rest);
        const char *one = rk_arena_dup(d->arena, line.p, line.n);
        if (strstr(one, with))
            return one;
    }
    return "";
}

const char *tour_log(struct demo *d, const char *ref, const char *format)
{
    const char *pretty = rk_arena_f(d->arena, "--format=%s", format);
    const char *const args[] = {"log", pretty, ref, NULL};
    return bare(d, args);
}

bool tour_audited(struct demo *d, const void *arg)
{
    const struct tour_audit_entry *want = arg;
    const char *ref = rk_arena_f(d->arena, "reckon/audit/%s", want->environment);
    rk_str rest = rk_str_c(tour_log(d, ref, "%H"));
    while (rest.n) {
        rk_str id = rk_str_cut(rest, '\n', &rest);
        const char *spec = rk_arena_f(d->arena, RK_FMT_STR ":entry.json", RK_ARG_STR(id));
        const char *const args[] = {"show", spec, NULL};
        const char *entry = bare(d, args);
        struct doc_node *doc = NULL;
        struct rk_err none;
        if (doc_json_read(d->arena, rk_str_c(entry), NULL, &doc, &none) == 0 &&
            rk_str_is(doc_get_text(doc, "kind"), want->kind) && strstr(entry, want->with))
            return true;
    }
    return false;
}
