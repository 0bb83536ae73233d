/*
 * init_cluster.c: what `init` says of the cluster: the context, whether it answers and as what, and
 * which other automation its API names. Reads only /version and two lists of kinds.
 */
#include "admin/init_int.h"

static struct doc_node *get(struct admin *c, struct admin_api *api, const char *path, int *status,
                            struct rk_err *err)
{
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *doc = NULL;

    *status = admin_api_get(api, path, &body, err);
    rk_str kept = rk_arena_str(c->arena, rk_buf_view(&body));

    if (*status != 200 || doc_json_read(c->arena, kept, NULL, &doc, NULL) < 0)
        return NULL;
    return doc;
}

static void say_automation(struct admin *c, struct admin_api *api)
{
    static const struct { const char *path, *name; } known[] = {
        {"/apis/argoproj.io", "Argo CD"},
        {"/apis/kustomize.toolkit.fluxcd.io", "Flux"},
    };

    for (size_t i = 0; i < RK_LEN(known); i++) {
        int status;
        struct rk_err err = {0};

        if (get(c, api, known[i].path, &status, &err))
            init_found(c, "%s's kinds are served: objects that it manages stay foreign (shown, "
                          "not written) until they are taken over", known[i].name);
    }
}

static void say_answer(struct admin *c, struct admin_api *api)
{
    const struct cluster_config *cfg = admin_api_config(api);
    struct rk_err err = {0};
    int status = 0;
    const struct doc_node *version = get(c, api, "/version", &status, &err);

    if (status < 0) {
        init_missing(c, "an answer of the cluster: %s", err.text);
    } else if (!version) {
        init_missing(c, "rights: %s answers /version with status %d", cfg->server, status);
    } else {
        init_found(c, "it answers: " RK_FMT_STR,
                   RK_ARG_STR(doc_get_text(version, "gitVersion")));
        say_automation(c, api);
    }
}

void init_cluster(struct admin *c)
{
    struct admin_api *api rk_auto(admin_api_freep) = NULL;
    struct rk_err err = {0};

    rk_buf_c(&c->notes, "Cluster\n");
    if (admin_api_open(admin_value(c, "kubeconfig"), admin_value(c, "context"), &api, &err) < 0) {
        init_missing(c, "a cluster: %s", err.text);
        return;
    }
    const struct cluster_config *cfg = admin_api_config(api);

    init_found(c, "context %s, %s", cfg->context ? cfg->context : "(in-cluster)", cfg->server);
    say_answer(c, api);
}
