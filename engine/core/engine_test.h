/*
 * engine_test.h: for the tests of this room: an engine of one repository with three environments
 * and applications made by hand; no loop, no cluster, its log in the temporary folder.
 */
#ifndef RK_CORE_ENGINE_TEST_H
#define RK_CORE_ENGINE_TEST_H

#include "core/core_test.h"

static struct engine e;
static struct core_repo repo;
static struct model model;

static inline int open_engine(void **state)
{
    static struct model_environment environments[3];
    static const char *const names[] = {"dev", "staging", "production"};
    begin(state);
    assert_int_equal(rk_log_open(test_path("log"), RK_LOG_DEBUG, false, NULL), 0);
    memset(environments, 0, sizeof environments);
    for (size_t i = 0; i < 3; i++)
        environments[i].name = names[i];
    model = (struct model){.environments = environments, .n_environments = 3};
    repo = (struct core_repo){.engine = &e, .model = &model};
    e = (struct engine){.apps = rk_map_new(), .repos = &repo, .n_repos = 1};
    return 0;
}

static inline int close_engine(void **state)
{
    rk_map_free(e.apps, NULL);
    for (size_t i = 0; i < RK_LEN(e.activity); i++) {
        const char *const texts[] = {e.activity[i].app, e.activity[i].environment,
                                     e.activity[i].actor, e.activity[i].text};
        for (size_t k = 0; k < RK_LEN(texts); k++)
            free((void *)(uintptr_t)texts[k]);
    }
    rk_log_close();
    return end(state);
}

/* "shop-dev": application shop in environment dev. */
static inline struct core_app *add_app(const char *name, const char *environment,
                                       enum model_verdict v, enum model_health h)
{
    struct core_app *a = rk_arena_alloc(arena, sizeof *a);
    struct model_app *m = rk_arena_alloc(arena, sizeof *m);
    struct core_view *view = rk_arena_alloc(arena, sizeof *view);
    const char *cut = strrchr(name, '-');
    m->name = name;
    m->app = rk_arena_dup(arena, name, cut ? (size_t)(cut - name) : strlen(name));
    m->namespace = rk_arena_f(arena, "ns-%s", name);
    view->verdict = v;
    view->health = h;
    a->engine = &e;
    a->repo = &repo;
    a->name = rk_arena_strdup(arena, name);
    a->model = m;
    a->policy.environment = environment;
    a->view = view;
    rk_map_set(e.apps, name, a);
    return a;
}

#define ON_ENGINE(name) cmocka_unit_test_setup_teardown(name, open_engine, close_engine)

#endif
