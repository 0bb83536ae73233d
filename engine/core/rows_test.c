/*
 * rows_test.c: the list of applications as clients ask for it: filter, order, window, counts, the
 * versions of what lives; and the ring of activity lines.
 */
#include "core/engine_test.h"

/* Names of a page in order, and how many there are beyond its window. */
static const char *names_of(struct wire_apps_params p, struct wire_app_page *page)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    core_wire_page(&e, &p, arena, page);
    for (size_t i = 0; i < page->n_apps; i++) {
        rk_buf_f(&out, "%s%s", i ? " " : "", page->apps[i].name);
        assert_int_equal(page->apps[i].index, page->offset + (int64_t)i);
    }
    return rk_arena_dup(arena, out.p ? out.p : "", out.n);
}

static void add_shop(void)
{
    add_app("shop-production", "production", MODEL_SYNCED, MODEL_HEALTHY);
    add_app("shop-staging", "staging", MODEL_OUT_OF_SYNC, MODEL_PROGRESSING);
    add_app("shop-dev", "dev", MODEL_SYNCED, MODEL_DEGRADED);
    add_app("cart-dev", "dev", MODEL_OUT_OF_SYNC, MODEL_HEALTHY);
    add_app("cart-production", "production", MODEL_UNKNOWN, MODEL_HEALTH_UNKNOWN);
    add_app("blog", "elsewhere", MODEL_SYNCED, MODEL_SUSPENDED);
}

static void test_orders(void **state)
{
    (void)state;
    struct wire_app_page page;
    add_shop();
    core_hold(rk_map_get(e.apps, "shop-staging"), CORE_HELD_FROZEN, "frozen by operator: x");
    /* promotion order, then applications; environments that nobody configured last */
    assert_string_equal(names_of((struct wire_apps_params){0}, &page),
        "cart-dev shop-dev shop-staging cart-production shop-production blog");
    assert_string_equal(names_of((struct wire_apps_params){.sort = "environment"}, &page),
        "cart-dev shop-dev shop-staging cart-production shop-production blog");
    assert_string_equal(names_of((struct wire_apps_params){.sort = "application"}, &page),
        "blog cart-dev cart-production shop-dev shop-staging shop-production");
    /* degraded, unknown, held, drifted, what is not healthy, fine */
    assert_string_equal(names_of((struct wire_apps_params){.sort = "problems"}, &page),
        "shop-dev cart-production shop-staging cart-dev blog shop-production");
}

static void test_filters(void **state)
{
    (void)state;
    struct wire_app_page page;
    add_shop();
    core_hold(rk_map_get(e.apps, "shop-dev"), CORE_HELD_FAILED, "the last attempt failed");
    static const struct { const char *filter, *want; } rows[] = {
        {"shop", "shop-dev shop-staging shop-production"},
        {"  shop   dev ", "shop-dev"},
        {"OutOfSync", "cart-dev shop-staging"},
        {"OutOfSync Progressing", "shop-staging"},
        {"held", "shop-dev"},
        {"ns-blog", "blog"},
        {"elsewhere", "blog"},
        {"nothing", ""},
        {"shop nothing", ""},
        {"", "cart-dev shop-dev shop-staging cart-production shop-production blog"},
        {"   ", "cart-dev shop-dev shop-staging cart-production shop-production blog"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(names_of((struct wire_apps_params){.filter = rows[i].filter}, &page),
                            rows[i].want);
    assert_string_equal(names_of((struct wire_apps_params){.environment = "dev"}, &page),
                        "cart-dev shop-dev");
    assert_string_equal(names_of((struct wire_apps_params){.environment = "dev", .filter = "cart"},
                                 &page), "cart-dev");
    assert_string_equal(names_of((struct wire_apps_params){.environment = "de"}, &page), "");
}

static void test_counts_are_of_all(void **state)
{
    (void)state;
    struct wire_app_page page;
    add_shop();
    core_hold(rk_map_get(e.apps, "blog"), CORE_HELD_FOREIGN, "not ours");
    assert_string_equal(names_of((struct wire_apps_params){.filter = "cart", .limit = 1}, &page),
                        "cart-dev");
    assert_int_equal(page.total, 2);
    const struct wire_counts *c = &page.counts;
    assert_int_equal(c->total, 6);
    assert_int_equal(c->synced, 3);
    assert_int_equal(c->out_of_sync, 2);
    assert_int_equal(c->unknown, 1);
    assert_int_equal(c->healthy, 2);
    assert_int_equal(c->progressing, 1);
    assert_int_equal(c->degraded, 1);
    assert_int_equal(c->suspended, 1);
    assert_int_equal(c->health_unknown, 1);
    assert_int_equal(c->missing, 0);
    assert_int_equal(c->held, 1);
    assert_int_equal(c->operations, 0);
}

static const char *groups_of(const struct wire_app_page *page)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < page->n_groups; i++) {
        const struct wire_group *g = &page->groups[i];
        rk_buf_f(&out, "%s%s %lld/%lld", i ? ", " : "", g->environment, (long long)g->rows,
                 (long long)g->counts.total);
    }
    return rk_arena_dup(arena, out.p, out.n);
}

static void test_groups(void **state)
{
    (void)state;
    struct wire_app_page page;
    const char *closed[] = {"dev", "elsewhere"};
    add_shop();
    names_of((struct wire_apps_params){0}, &page);
    assert_string_equal(groups_of(&page), "dev 2/2, staging 1/1, production 2/2, elsewhere 1/1");
    assert_int_equal(page.groups[0].counts.degraded, 1);
    assert_int_equal(page.groups[0].counts.out_of_sync, 1);
    assert_int_equal(page.groups[2].counts.unknown, 1);
    /* what is closed has no row, and is counted */
    assert_string_equal(names_of((struct wire_apps_params){.folded = closed, .n_folded = 2}, &page),
                        "shop-staging cart-production shop-production");
    assert_string_equal(groups_of(&page), "dev 0/2, staging 1/1, production 2/2, elsewhere 0/1");
    assert_int_equal(page.total, 3);
    assert_int_equal(page.counts.total, 6);
    names_of((struct wire_apps_params){.filter = "cart"}, &page);
    assert_string_equal(groups_of(&page), "dev 1/2, staging 0/1, production 1/2, elsewhere 0/1");
    /* those that nobody configured stay together, too */
    add_app("aaa", "there", MODEL_SYNCED, MODEL_HEALTHY);
    add_app("zzz", "elsewhere", MODEL_SYNCED, MODEL_HEALTHY);
    assert_string_equal(names_of((struct wire_apps_params){.offset = 5}, &page), "blog zzz aaa");
    assert_string_equal(groups_of(&page),
                        "dev 2/2, staging 1/1, production 2/2, elsewhere 2/2, there 1/1");
}

static void test_window(void **state)
{
    (void)state;
    struct wire_app_page page;
    for (int i = 0; i < 300; i++)
        add_app(rk_arena_f(arena, "app%03d", i), "dev", MODEL_SYNCED, MODEL_HEALTHY);
    assert_string_equal(names_of((struct wire_apps_params){.offset = 2, .limit = 3}, &page),
                        "app002 app003 app004");
    assert_int_equal(page.offset, 2);
    assert_int_equal(page.total, 300);
    names_of((struct wire_apps_params){0}, &page);
    assert_int_equal(page.n_apps, 200);
    names_of((struct wire_apps_params){.limit = 5000}, &page);
    assert_int_equal(page.n_apps, 200);
    assert_string_equal(names_of((struct wire_apps_params){.offset = 299, .limit = 3}, &page),
                        "app299");
    assert_string_equal(names_of((struct wire_apps_params){.offset = 300}, &page), "");
    names_of((struct wire_apps_params){.offset = -4, .limit = -1}, &page);
    assert_int_equal(page.offset, 0);
    assert_int_equal(page.n_apps, 200);
}

static void test_row(void **state)
{
    (void)state;
    struct wire_app row;
    struct core_app *a = add_app("shop-dev", "dev", MODEL_OUT_OF_SYNC, MODEL_HEALTHY);
    memcpy(a->synced, "1111111", 8);
    memcpy(a->target, "2222222", 8);
    a->view->drifted = 1;
    a->view->missing = 2;
    a->view->extras = 3;
    a->policy.locked = true;
    a->policy.sync = MODEL_OBSERVE;
    core_wire_app(a, arena, &row);
    assert_string_equal(row.app, "shop");
    assert_string_equal(row.verdict, "OutOfSync");
    assert_string_equal(row.health, "Healthy");
    assert_string_equal(row.message, "1 changed, 2 missing, 3 to prune");
    assert_string_equal(row.revision, "1111111");
    assert_string_equal(row.target, "2222222");
    assert_null(row.held);
    assert_null(row.operation);
    assert_null(row.cluster);
    assert_true(row.locked && row.observe);
    a->view->verdict = MODEL_SYNCED; /* what git says now is what runs */
    core_wire_app(a, arena, &row);
    assert_string_equal(row.revision, "2222222");
    assert_null(row.message);
    a->has_error = true; /* nothing is claimed any more */
    (void)rk_fail(&a->error, RK_INVALID, "k8s/kustomization.yaml:3: no such field \x1b[2J");
    core_wire_app(a, arena, &row);
    assert_string_equal(row.verdict, "Unknown");
    assert_string_equal(row.health, "Unknown");
    assert_part(row.message, "k8s/kustomization.yaml:3: no such field");
    assert_null(strchr(row.message, 0x1b));
    a->has_error = false;
    a->view = NULL;
    core_wire_app(a, arena, &row);
    assert_string_equal(row.verdict, "Unknown");
    assert_string_equal(row.message, "not compared yet");
    a->model = NULL; /* it left git */
    core_wire_app(a, arena, &row);
    assert_string_equal(row.app, "shop-dev");
    assert_null(row.namespace);
}

/* The tags of what lives, or would; each once, cut, a digest without its algorithm. */
static void test_version(void **state)
{
    (void)state;
    static const char *const images[] = {
        "reg.example.org:5000/shop:1.2.3", "other:1.2", "third:1.2.3",
        "pinned@sha256:0123456789abcdef0123456789abcdef",
    };
    struct core_app *a = add_app("shop-dev", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    struct plan_object *objects = rk_arena_array(arena, RK_LEN(images), sizeof *objects);
    struct wire_app row;
    for (size_t i = 0; i < RK_LEN(images); i++) {
        const struct doc_read how = {.typing = DOC_RESOURCE};
        struct kube_object *o = rk_arena_alloc(arena, sizeof *o);
        struct doc_node *doc = NULL;
        const char *yaml = rk_arena_f(arena,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
            "spec: {template: {spec: {containers: [{image: '%s'}]}}}\n", images[i]);
        assert_int_equal(doc_yaml_read_one(arena, rk_str_c(yaml), &how, &doc, NULL), 0);
        assert_int_equal(kube_object_init(o, doc, NULL), 0);
        objects[i].desired = o;
    }
    a->view->objects = objects;
    a->view->n = RK_LEN(images);
    core_wire_app(a, arena, &row);
    assert_string_equal(row.version, "1.2.3 1.2 0123456789abcdef0123");
    a->view->n = 0;
    core_wire_app(a, arena, &row);
    assert_null(row.version);
}

static void test_policy_line(void **state)
{
    (void)state;
    struct core_app *a = add_app("shop-dev", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    struct model_app *m = (struct model_app *)(uintptr_t)a->model;
    a->policy = (struct model_policy){.sync = MODEL_AUTO, .prune = true, .self_heal = true,
                                      .configured = true};
    m->prune = true;
    assert_string_equal(core_policy_line(a, arena), "auto, prune, no selfHeal");
    a->policy.locked = true;
    a->policy.sync = MODEL_MANUAL;
    m->self_heal = true;
    assert_string_equal(core_policy_line(a, arena), "manual, locked, prune, selfHeal");
    a->policy = (struct model_policy){.sync = MODEL_OBSERVE};
    assert_string_equal(core_policy_line(a, arena), "observe, no prune, no selfHeal (no "
                                                    "environment of reckon.yaml matches)");
}

static void test_activity_is_a_ring(void **state)
{
    (void)state;
    struct core_app *a = add_app("shop-dev", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    for (int i = 0; i < 300; i++)
        engine_activity(&e, i % 2 ? a : NULL, RK_LOG_INFO, "operator", "line %d \x1b[2J", i);
    assert_int_equal(e.n_activity, 300);
    const struct wire_activity_row *row = &e.activity[299 % RK_LEN(e.activity)];
    assert_part(row->text, "line 299");
    assert_null(strchr(row->text, 0x1b));
    assert_string_equal(row->app, "shop-dev");
    assert_string_equal(row->environment, "dev");
    assert_string_equal(row->actor, "operator");
    assert_string_equal(row->level, "info");
    row = &e.activity[300 % RK_LEN(e.activity)]; /* the oldest that is left */
    assert_part(row->text, "line 44");
    assert_null(row->app);
}

static void test_sequence(void **state)
{
    (void)state;
    struct core_app *a = add_app("a", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    struct core_app *b = add_app("b", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    core_publish_app(a);
    core_publish_app(b);
    core_publish_app(a);
    assert_int_equal(e.seq, 3);
    assert_int_equal(a->changed_seq, 3);
    assert_int_equal(b->changed_seq, 2);
    core_publish_list(&e);
    assert_int_equal(e.seq, 4);
    assert_false(e.publishing); /* nobody listens: nothing is scheduled */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ENGINE(test_orders),
        ON_ENGINE(test_filters),
        ON_ENGINE(test_counts_are_of_all),
        ON_ENGINE(test_groups),
        ON_ENGINE(test_window),
        ON_ENGINE(test_row),
        ON_ENGINE(test_version),
        ON_ENGINE(test_policy_line),
        ON_ENGINE(test_activity_is_a_ring),
        ON_ENGINE(test_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
