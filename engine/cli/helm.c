/*
 * helm.c: charts for `reckon render --enable-helm`, by the helm program (version 3, as kustomize
 * v5.7.1 wants it). In: a chart in a tree on this disk. Out: what `helm template` prints. A chart
 * that is not there is pulled into a folder of this call's own, which goes when the call ends;
 * helm's configuration lies there, too. Nothing is written into the user's tree.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/cli_int.h"
#include "cli/remote_int.h"
#include "reckon/run.h"
#include "render/render.h"

#define TIME_LIMIT_MS 120000
#define SAID_MAX 400 /* of what helm says when it fails */

static int place(struct cli_remotes *all, struct rk_err *err)
{
    char name[] = "/tmp/reckon-helm-XXXXXX";

    if (all->helm_dir)
        return 0;
    if (!mkdtemp(name))
        return rk_fail(err, RK_UNAVAILABLE, "no folder for helm can be made in /tmp");
    all->helm_dir = rk_strdup(name);
    return 0;
}

static int run(struct cli_remotes *all, const char *const *argv, struct rk_buf *out,
               struct rk_err *err)
{
    rk_auto(rk_free_str) char *config = rk_asprintf("HELM_CONFIG_HOME=%s/helm", all->helm_dir);
    rk_auto(rk_free_str) char *cache = rk_asprintf("HELM_CACHE_HOME=%s/helm/.cache", all->helm_dir);
    rk_auto(rk_free_str) char *data = rk_asprintf("HELM_DATA_HOME=%s/helm/.data", all->helm_dir);
    const char *const env[] = {config, cache, data, NULL};
    struct run_child_opts o = {.argv = argv, .env = env, .time_limit_ms = TIME_LIMIT_MS};
    struct run_child_result r = {0};
    int rc;

    if (run_child_wait(&o, &r, err))
        return rk_wrap(err, "helm (is it installed?)");
    if (r.err_text.n > SAID_MAX)
        r.err_text.n = SAID_MAX;
    rc = r.exit_code == 0 ? 0 : rk_fail(err, RK_INVALID, "helm %s: " RK_FMT_STR, argv[1],
                                        RK_ARG_STR(r.err_text));
    if (rc == 0 && out)
        rk_buf_str(out, r.out);
    run_child_result_release(&r);
    return rc;
}

static int check_version(struct cli_remotes *all, struct rk_err *err)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (all->helm_checked)
        return 0;
    if (place(all, err) || run(all, render_helm_version, &out, err) ||
        render_helm_check(rk_buf_view(&out), err))
        return -1;
    all->helm_checked = true;
    return 0;
}

int cli_chart(const struct render_helm *h, const struct render_files **out, void *ctx,
              struct rk_err *err)
{
    struct cli_remotes *all = ctx;
    rk_auto(rk_free_str) char *dir = NULL;

    if (cli_given(all->c, "offline"))
        return rk_fail(err, RK_UNAVAILABLE, "--offline: chart %s is not in the tree", h->name);
    if (check_version(all, err))
        return -1;
    dir = rk_asprintf("%s/chart-%zu", all->helm_dir, all->n_charts++);
    if (run(all, render_helm_pull(h, dir, all->c->arena), NULL, err))
        return -1;
    *out = cli_remotes_keep(all, dir);
    return 0;
}

/* A text that helm reads as a file; its name lies in a. */
static int put_text(struct cli_remotes *all, rk_str text, const char **path, struct rk_arena *a,
                    struct rk_err *err)
{
    *path = rk_arena_f(a, "%s/values-%zu.yaml", all->helm_dir, all->n_charts++);
    return rk_file_write(*path, text, 0600, err);
}

static int put_texts(struct cli_remotes *all, const struct render_text *texts, size_t n,
                     const char *const **paths, struct rk_arena *a, struct rk_err *err)
{
    const char **v = rk_arena_array(a, n + 1, sizeof(*v));

    *paths = v;
    for (size_t i = 0; i < n; i++)
        if (put_text(all, texts[i].text, &v[i], a, err))
            return -1;
    return 0;
}

static int put_all(struct cli_remotes *all, const struct render_helm *h,
                   struct render_helm_files *at, struct rk_arena *a, struct rk_err *err)
{
    const char **files = rk_arena_array(a, h->n_values_files + 1, sizeof(*files));

    for (size_t i = 0; i < h->n_values_files; i++)
        files[i] = rk_arena_f(a, "%s/%s", all->root, h->values_files[i]);
    at->values_files = files;
    at->chart = rk_arena_f(a, "%s/%s/%s", render_disk_root(h->files), h->home, h->name);
    return put_text(all, h->values, &at->values, a, err) ||
           put_texts(all, h->over, h->n_over, &at->over, a, err) ||
           put_texts(all, h->set_files, h->n_set_files, &at->set_files, a, err) ? -1 : 0;
}

int cli_helm(const struct render_helm *h, struct rk_arena *a, rk_str *out, void *ctx,
             struct rk_err *err)
{
    struct cli_remotes *all = ctx;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct render_helm_files at = {0};

    if (h->release[0] == '-')
        return rk_fail(err, RK_INVALID, "releaseName cannot begin with a dash");
    if (check_version(all, err))
        return -1;
    if (put_all(all, h, &at, a, err) ||
        run(all, render_helm_template(h, &at, a), &text, err))
        return -1;
    *out = rk_arena_str(a, rk_buf_view(&text));
    return 0;
}
