/*
 * helm_words.c: how the helm program is called, for whoever runs it. In: a chart as a render asks
 * for it, and where its files lie on the disk. Out: the words, in an arena; nothing is run.
 */
#include <ctype.h>

#include "render/render_int.h"

struct line { struct rk_arena *a; const char **v; size_t n, cap; };

/* An empty value takes its flag with it. */
static void add(struct line *l, const char *flag, const char *value)
{
    const char *both[] = {flag, value};

    for (size_t i = 0; i < RK_LEN(both) && both[i] && !(value && !value[0]); i++) {
        l->v = rk_arena_grow(l->a, l->v, l->n, &l->cap, sizeof(*l->v));
        l->v[l->n++] = both[i];
    }
}

static const char *const *ended(struct line *l)
{
    l->v = rk_arena_grow(l->a, l->v, l->n, &l->cap, sizeof(*l->v));
    l->v[l->n] = NULL;
    return l->v;
}

const char *const render_helm_version[] = {"helm", "version", "-c", "--short", NULL};

/* "v3.14.0+g..." */
int render_helm_check(rk_str said, struct rk_err *err)
{
    while (said.n && !isdigit((unsigned char)said.p[0]))
        said = (rk_str){said.p + 1, said.n - 1};
    if (rk_str_starts(said, "3."))
        return 0;
    return rk_fail(err, RK_UNSUPPORTED, "helm 3 is needed, not '%.*s'",
                   (int)(said.n < 40 ? said.n : 40), said.n ? said.p : "");
}

const char *const *render_helm_pull(const struct render_helm *h, const char *to, struct rk_arena *a)
{
    struct line l = {.a = a};
    bool oci = rk_str_starts(rk_str_c(h->repo), "oci://");
    const char *slash = rk_str_ends(rk_str_c(h->repo), "/") ? "" : "/";

    add(&l, "helm", "pull");
    add(&l, "--untar", NULL);
    add(&l, "--untardir", to);
    if (!oci)
        add(&l, "--repo", h->repo);
    add(&l, "--version", h->version);
    if (h->devel)
        add(&l, "--devel", NULL);
    add(&l, "--", oci ? rk_arena_f(a, "%s%s%s", h->repo, slash, h->name) : h->name);
    return ended(&l);
}

const char *const *render_helm_template(const struct render_helm *h,
                                        const struct render_helm_files *at, struct rk_arena *a)
{
    struct line l = {.a = a};

    add(&l, "helm", "template");
    add(&l, h->release[0] ? h->release : "--generate-name", NULL);
    add(&l, at->chart, NULL);
    add(&l, "--namespace", h->namespace);
    add(&l, "--name-template", h->name_template);
    add(&l, "-f", at->values);
    for (size_t i = 0; i < h->n_values_files; i++)
        add(&l, "-f", at->values_files[i]);
    for (size_t i = 0; i < h->n_over; i++)
        add(&l, "-f", at->over[i]);
    for (size_t i = 0; i < h->n_set_files; i++)
        add(&l, "--set-file", rk_arena_f(a, "%s=%s", h->set_files[i].name, at->set_files[i]));
    for (size_t i = 0; i < h->n_words; i++)
        add(&l, h->words[i], NULL);
    return ended(&l);
}
