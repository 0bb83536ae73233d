/*
 * matrix_test.c: the promotion matrix as clients ask for it: which cells there are, and the window.
 */
#include "core/engine_test.h"

static struct model_app in_model[4];

/* shop in dev and staging, cart in dev and production. */
static void add_shop(void)
{
    static const char *const names[] = {"shop-dev", "shop-staging", "cart-dev", "cart-production"};
    static const char *const environments[] = {"dev", "staging", "dev", "production"};
    for (size_t i = 0; i < RK_LEN(names); i++) {
        struct core_app *a = add_app(names[i], environments[i], MODEL_SYNCED, MODEL_HEALTHY);
        a->synced_at = 1000 * (int64_t)i;
        in_model[i] = *a->model;
    }
    model.apps = in_model;
    model.n_apps = RK_LEN(in_model);
}

static void check_row(const struct wire_matrix_row *r, const char *app, const char *dev,
                      const char *staging, const char *production)
{
    const char *const want[] = {dev, staging, production};
    static const char *const environments[] = {"dev", "staging", "production"};
    assert_string_equal(r->app, app);
    assert_int_equal(r->n_cells, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(r->cells[i].environment, environments[i]);
        assert_true(rk_streq(r->cells[i].name, want[i]));
        assert_int_equal(r->cells[i].behind, -1); /* nothing was synced yet */
    }
}

static void test_cells(void **state)
{
    (void)state;
    struct wire_matrix m;
    struct rk_err err;
    add_shop();
    assert_int_equal(core_wire_matrix(&e, &(struct wire_apps_params){0}, arena, &m, &err), 0);
    assert_int_equal(m.n_environments, 3);
    assert_int_equal(m.total, 2);
    assert_int_equal(m.n_rows, 2);
    check_row(&m.rows[0], "shop", "shop-dev", "shop-staging", NULL);
    check_row(&m.rows[1], "cart", "cart-dev", NULL, "cart-production");
    assert_string_equal(m.rows[1].cells[2].verdict, "Synced");
    assert_int_equal(m.rows[1].cells[2].since, 3000);
}

static void test_window(void **state)
{
    (void)state;
    struct wire_matrix m;
    struct rk_err err;
    add_shop();
    assert_int_equal(core_wire_matrix(&e, &(struct wire_apps_params){.limit = 1}, arena, &m, &err),
                     0);
    assert_int_equal(m.n_rows, 1);
    assert_string_equal(m.rows[0].app, "shop");
    assert_int_equal(m.total, 2);
    assert_int_equal(core_wire_matrix(&e, &(struct wire_apps_params){.offset = 1}, arena, &m, &err),
                     0);
    assert_int_equal(m.offset, 1);
    assert_int_equal(m.n_rows, 1);
    assert_string_equal(m.rows[0].app, "cart");
    assert_int_equal(core_wire_matrix(&e, &(struct wire_apps_params){.offset = 9}, arena, &m, &err),
                     0);
    assert_int_equal(m.n_rows, 0);
    assert_int_equal(m.total, 2);
}

static void test_no_repository(void **state)
{
    (void)state;
    struct wire_matrix m;
    struct rk_err err = {0};
    repo.model = NULL;
    assert_int_equal(core_wire_matrix(&e, &(struct wire_apps_params){0}, arena, &m, &err), -1);
    assert_int_equal(err.code, RK_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ENGINE(test_cells), ON_ENGINE(test_window), ON_ENGINE(test_no_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
