/*
 * model_test.h: what the tests of this room share: cmocka, a model from texts, lints found by
 * words.
 */
#ifndef RK_MODEL_TEST_H
#define RK_MODEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/model_int.h"

#define APP(name, path, ns, policy)                                                                \
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " name "}\nspec:\n"     \
    "  project: default\n"                                                                         \
    "  source: {repoURL: https://git.example.org/gitops.git, path: " path "}\n"                    \
    "  destination: {server: https://kubernetes.default.svc, namespace: " ns "}\n"                 \
    "  syncPolicy: " policy "\n"
#define AUTO "{automated: {prune: true, selfHeal: true}}"

static inline struct model *read_model(const char *apps, const char *config,
                                       const struct model_floor *floors, size_t n_floors)
{
    struct model_file file = {"apps.yaml", rk_str_c(apps)};
    struct model_file conf = {"reckon.yaml", rk_str_c(config)};
    struct model_input in = {
        .files = &file, .n_files = 1, .config = config ? &conf : NULL,
        .floors = floors, .n_floors = n_floors,
    };
    struct model *m = NULL;
    struct rk_err err = {0};

    if (model_read(&in, &m, &err) < 0)
        fail_msg("model_read: %s", err.text);
    return m;
}

/* The text of the lint that holds these words, and its line; NULL. */
static inline const struct model_lint *lint_with(const struct model_lints *l, const char *words)
{
    for (size_t i = 0; i < l->n; i++)
        if (strstr(l->v[i].text, words))
            return &l->v[i];
    return NULL;
}

static inline void assert_lint(const struct model_lints *l, const char *words, uint32_t line)
{
    const struct model_lint *found = lint_with(l, words);

    if (!found) {
        for (size_t i = 0; i < l->n; i++)
            print_message("  lint: %s\n", l->v[i].text);
        fail_msg("no lint says '%s'", words);
    }
    assert_int_equal(found ? found->line : UINT32_MAX, line);
}

static inline const struct model_app *app_named(const struct model *m, const char *name)
{
    const struct model_app *app = model_find(m, name);

    if (!app)
        fail_msg("no application %s", name);
    return app;
}

#endif
