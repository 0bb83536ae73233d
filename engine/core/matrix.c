/*
 * matrix.c: the promotion matrix: what version of each application is where. The window's rows only:
 * how far a cell is behind is counted in git.
 */
#include "core/core_int.h"

enum { MATRIX_ROWS = 200 };

static const struct core_app *app_in(const struct engine *e, const char *app, const char *env)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);) {
        const struct core_app *a = value;
        if (a->model && rk_streq(a->model->app, app) && rk_streq(a->policy.environment, env))
            return a;
    }
    return NULL;
}

static int64_t behind(const struct core_app *app, const struct core_app *before)
{
    struct rk_err none;
    struct git_view *v = before && app->synced[0] && before->synced[0]
                             ? core_repo_view(app->repo, &none) : NULL;
    if (!v)
        return -1;
    const char *paths[] = {core_app_place(before)};
    int64_t n = git_count(v, app->synced, before->synced, paths, 1);
    core_repo_give_back(app->repo, v);
    return n;
}

static void fill_row(const struct engine *e, const struct model *m, const char *app,
                     struct rk_arena *mem, struct wire_matrix_row *row)
{
    const struct core_app *before = NULL;
    row->app = app;
    row->cells = rk_arena_array(mem, m->n_environments + 1, sizeof *row->cells);
    for (size_t i = 0; i < m->n_environments; i++) {
        const struct core_app *a = app_in(e, app, m->environments[i].name);
        struct wire_cell *cell = &row->cells[row->n_cells++];
        *cell = (struct wire_cell){.environment = m->environments[i].name, .behind = -1};
        if (!a)
            continue;
        struct wire_app w;
        core_wire_app(a, mem, &w);
        cell->name = w.name;
        cell->version = w.version;
        cell->revision = w.revision;
        cell->verdict = w.verdict;
        cell->health = w.health;
        cell->behind = behind(a, before);
        cell->since = a->synced_at;
        before = a;
    }
}

int core_wire_matrix(const struct engine *e, const struct wire_apps_params *p, struct rk_arena *mem,
                     struct wire_matrix *out, struct rk_err *err)
{
    const struct model *m = e->n_repos ? e->repos[0].model : NULL;
    size_t most = p->limit > 0 && p->limit < MATRIX_ROWS ? (size_t)p->limit : MATRIX_ROWS;
    *out = (struct wire_matrix){.offset = p->offset > 0 ? p->offset : 0};
    if (!m)
        return rk_fail(err, RK_UNAVAILABLE, "no repository is read yet");
    out->environments = rk_arena_array(mem, m->n_environments + 1, sizeof(char *));
    for (size_t i = 0; i < m->n_environments; i++)
        out->environments[out->n_environments++] = m->environments[i].name;
    out->rows = rk_arena_array(mem, most, sizeof *out->rows);
    struct rk_map *seen = rk_map_new();
    for (size_t i = 0; i < m->n_apps; i++) {
        const char *app = m->apps[i].app;
        if (!app || rk_map_set(seen, app, seen))
            continue;
        if (out->total++ >= out->offset && out->n_rows < most)
            fill_row(e, m, app, mem, &out->rows[out->n_rows++]);
    }
    rk_map_free(seen, NULL);
    return 0;
}
