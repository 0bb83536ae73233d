/*
 * holds_test.c: what holds automation and which of it is told, on an engine with a journal, without
 * operations, and a cluster that nobody serves.
 */
#include "core/engine_test.h"

static struct core_cluster cluster, second;
static struct core_desired desired;
static struct render_result render;
static struct cluster_config *config;

/* ---- an engine that can decide ---- */
static void state_told(struct cluster *c, enum cluster_state s, const struct rk_err *why, void *ctx)
{
    (void)c, (void)s, (void)why, (void)ctx;
}

static void kind_told(struct cluster *c, rk_str group, rk_str kind, const struct rk_err *why,
                      void *ctx)
{
    (void)c, (void)group, (void)kind, (void)why, (void)ctx;
}

static void object_told(struct cluster *c, struct cluster_object *old, struct cluster_object *now,
                        void *ctx)
{
    (void)c, (void)old, (void)now, (void)ctx;
}

static void open_cluster(struct core_cluster *c)
{
    static const uint8_t key[32] = {7};
    static const struct core_cluster_settings settings = {.name = "main"};
    static const struct cluster_observer observer = {object_told, kind_told, state_told, NULL};
    const struct cluster_opts opts = {.name = "main", .config = config, .mask_key = key};
    struct rk_err err = {0};
    *c = (struct core_cluster){.engine = &e, .settings = &settings};
    if (cluster_open(e.loop, &opts, &observer, NULL, &c->cluster, &err))
        fail_msg("%s", err.text);
}

static int open_deciding(void **state)
{
    struct sync_host host;
    struct rk_err err = {0};
    open_engine(state);
    e.loop = run_loop_new();
    if (record_journal_open(e.loop, test_dir, "none.sock", &e.journal, &err))
        fail_msg("%s", err.text);
    core_sync_host(&e, &host);
    e.sync = sync_new(e.loop, &host, &e);
    struct rk_arena *a = rk_arena_new();
    config = rk_arena_alloc(a, sizeof *config);
    config->arena = a;
    config->context = config->cluster_name = config->user_name = "test";
    config->server = "http://127.0.0.1:1";
    open_cluster(&cluster);
    open_cluster(&second);
    render = (struct render_result){0};
    desired = (struct core_desired){.refs = 1, .render = &render, .digest = "d1"};
    return 0;
}

static int close_deciding(void **state)
{
    sync_free(e.sync);
    cluster_close(cluster.cluster);
    cluster_close(second.cluster);
    cluster_config_free(config);
    record_journal_close(e.journal);
    run_loop_run(e.loop);
    run_loop_free(e.loop);
    return close_engine(state);
}

/* An application that has been compared, in an environment that an operator syncs. */
static struct core_app *add_compared(const char *name)
{
    struct core_app *a = add_app(name, "dev", MODEL_SYNCED, MODEL_HEALTHY);
    a->cluster = &cluster;
    a->desired = a->view->desired = &desired;
    a->policy.sync = MODEL_MANUAL;
    ((struct model_app *)(uintptr_t)a->model)->create_namespace = true;
    return a;
}

static struct model_app *model_of(struct core_app *a)
{
    return (struct model_app *)(uintptr_t)a->model;
}

/* ---- which one is told ---- */
static void test_the_gravest_is_told(void **state)
{
    (void)state;
    struct core_app *a = add_app("shop-dev", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    core_hold(a, CORE_HELD_FAILED, "the last attempt failed: %s", "x");
    assert_string_equal(a->held_text, "the last attempt failed: x");
    core_hold(a, CORE_HELD_FROZEN, "frozen by operator: y");
    assert_string_equal(a->held_text, "frozen by operator: y");
    core_hold(a, CORE_HELD_NAMESPACE, "waits for namespace n"); /* holds, but is not the news */
    assert_string_equal(a->held_text, "frozen by operator: y");
    assert_int_equal(a->held, CORE_HELD_FAILED | CORE_HELD_FROZEN | CORE_HELD_NAMESPACE);
    core_release(a, CORE_HELD_FAILED);
    assert_string_equal(a->held_text, "frozen by operator: y");
    core_release(a, CORE_HELD_FROZEN);
    assert_string_equal(a->held_text, "namespace"); /* its name, till it is looked at anew */
    core_hold(a, CORE_HELD_NAMESPACE, "waits for namespace n");
    assert_string_equal(a->held_text, "waits for namespace n");
    core_release(a, CORE_HELD_NAMESPACE);
    assert_int_equal(a->held, 0);
    assert_string_equal(a->held_text, "");
}

static void test_each_is_news_once(void **state)
{
    (void)state;
    struct core_app *a = add_app("shop-dev", "dev", MODEL_SYNCED, MODEL_HEALTHY);
    core_hold(a, CORE_HELD_FROZEN, "frozen by operator: y");
    uint64_t lines = e.n_activity, seq = e.seq;
    assert_int_equal(lines, 1);
    assert_part(e.activity[0].text, "held (frozen): frozen by operator: y");
    core_hold(a, CORE_HELD_FROZEN, "frozen by operator: y");
    assert_int_equal(e.n_activity, lines);
    assert_int_equal(e.seq, seq);
    core_hold(a, CORE_HELD_FROZEN, "frozen by another: z"); /* another reason is news */
    assert_int_equal(e.n_activity, lines + 1);
    core_hold(a, CORE_HELD_FAILED, "one");
    core_hold(a, CORE_HELD_FAILED, "two"); /* behind a graver one its text does not count */
    assert_int_equal(e.n_activity, lines + 2);
    core_release(a, CORE_HELD_DISK); /* was not held by it */
    assert_string_equal(a->held_text, "frozen by another: z");
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(core_held_name(CORE_HELD_FORCED), "force-push");
    assert_string_equal(core_held_name(CORE_HELD_DISK), "disk");
    for (unsigned bit = 1; bit <= CORE_HELD_RESTART; bit <<= 1)
        assert_string_not_equal(core_held_name((enum core_held)bit), "held"); /* each has one */
    assert_int_equal(core_held_by_name(NULL), CORE_HELD_FAILED | CORE_HELD_REJECTED |
                                                  CORE_HELD_FORCED | CORE_HELD_RESTART);
    assert_int_equal(core_held_by_name("rejected"), CORE_HELD_REJECTED);
    assert_int_equal(core_held_by_name("frozen"), 0); /* ends when it is not true any more */
    assert_int_equal(core_held_by_name("none"), 0);
}

/* ---- why nothing happens by itself ---- */
static void expect_next(struct core_app *a, const char *reason)
{
    automation_decide(a);
    assert_string_equal(a->next_action, "none");
    assert_string_equal(a->next_reason, reason);
    assert_int_equal(a->next_at, 0);
    assert_null(a->timer);
}

static void test_reasons(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    struct core_view *view = a->view;
    expect_next(a, "manual: an operator syncs it");
    a->policy.sync = MODEL_OBSERVE;
    expect_next(a, "observed only: no environment of reckon.yaml manages it");
    a->policy.sync = MODEL_AUTO;
    expect_next(a, "not automated");
    a->view = NULL;
    expect_next(a, "not compared yet");
    a->view = view;
    struct core_desired newer = desired;
    a->desired = &newer; /* the view is of what git said before */
    expect_next(a, "not compared yet");
    a->desired = &desired;
    a->has_error = true;
    expect_next(a, "its desired state is not known");
    a->model = NULL;
    expect_next(a, "its Application left git");
    uint64_t seq = e.seq;
    automation_decide(a); /* the same again is no news */
    assert_int_equal(e.seq, seq);
}

static void test_a_hold_stops_an_automatic_one(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    a->policy.sync = MODEL_AUTO;
    model_of(a)->automated = true;
    a->view->verdict = MODEL_OUT_OF_SYNC;
    a->view->missing = 1;
    core_hold(a, CORE_HELD_RESTART, "an operation was cut");
    expect_next(a, "an operation was cut");
    assert_null(sync_running(e.sync, a->name));
}

/* Before a heal at once the server need not be asked; before everything else it is. */
static void test_heals_at_once(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    model_of(a)->automated = model_of(a)->self_heal = true;
    a->policy.self_heal = a->attempt_ok = true;
    render.n_objects = 1;
    memcpy(a->attempted, "d1", 3); /* what git says was synced */
    assert_false(automation_heals(a)); /* an operator syncs it */
    a->policy.sync = MODEL_AUTO;
    assert_true(automation_heals(a));
    a->heal_attempts = 1; /* the next one waits */
    a->finished_ms = (int64_t)rk_mono_ms();
    assert_false(automation_heals(a));
    a->heal_attempts = 0;
    a->policy.self_heal = false;
    assert_false(automation_heals(a));
    a->policy.self_heal = true;
    core_hold(a, CORE_HELD_FROZEN, "frozen by operator: y");
    assert_false(automation_heals(a));
    core_release(a, CORE_HELD_FROZEN);
    memcpy(a->attempted, "d0", 3); /* a new desired is no heal */
    assert_false(automation_heals(a));
}

/* ---- holds that are true by the state of things ---- */
static void test_rejected(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    memcpy(a->rejected, "d1", 3);
    automation_decide(a);
    assert_int_equal(a->held, CORE_HELD_REJECTED);
    assert_string_equal(a->held_text, "git says a revision that was reverted");
    memcpy(a->rejected, "d0", 3); /* git says something else by now */
    automation_decide(a);
    assert_int_equal(a->held, 0);
}

static void test_forced(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    memcpy(a->forced, "1234567890", 11);
    memcpy(a->synced, "1234567890", 11);
    automation_decide(a);
    assert_int_equal(a->held, CORE_HELD_FORCED);
    assert_string_equal(a->held_text, "a force push dropped 1234567, which runs here: look, then "
                                      "`reckon release shop-dev`");
    memcpy(a->synced, "abcdefabcd", 11); /* it runs something else */
    automation_decide(a);
    assert_int_equal(a->held, 0);
}

static void test_foreign(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    a->view->foreign = 1;
    automation_decide(a);
    assert_int_equal(a->held, CORE_HELD_FOREIGN);
    cluster.foreign = true; /* and the cluster is another: that is graver */
    memcpy(cluster.message, "another cluster", 16);
    automation_decide(a);
    assert_int_equal(a->held, CORE_HELD_FOREIGN | CORE_HELD_CLUSTER);
    assert_string_equal(a->held_text, "another cluster");
    cluster.foreign = false;
    a->view->foreign = 0;
    automation_decide(a);
    assert_int_equal(a->held, 0);
}

static void test_frozen(void **state)
{
    (void)state;
    static const char *const targets[] = {"dev", "shop-dev", "shop"};
    struct core_app *a = add_compared("shop-dev");
    for (size_t i = 0; i < RK_LEN(targets); i++) {
        struct doc_node *entry = doc_map(arena);
        e.frozen = doc_map(arena);
        doc_set_c(arena, entry, "by", doc_string_c(arena, "operator"));
        doc_set_c(arena, entry, "reason", doc_string_c(arena, "a sale"));
        doc_set_c(arena, e.frozen, targets[i], entry);
        automation_decide(a);
        assert_int_equal(a->held, CORE_HELD_FROZEN);
        assert_string_equal(a->held_text, "frozen by operator: a sale");
        e.frozen = doc_map(arena);
        doc_set_c(arena, e.frozen, "production", entry);
        automation_decide(a);
        assert_int_equal(a->held, 0);
    }
}

/* ---- a namespace that another application makes ---- */
static struct core_app *add_maker(const char *name, const char *namespace, struct core_cluster *c)
{
    struct core_app *a = add_compared(name);
    struct render_result *r = rk_arena_alloc(arena, sizeof *r);
    struct core_desired *d = rk_arena_alloc(arena, sizeof *d);
    r->objects = rk_arena_array(arena, 1, sizeof *r->objects);
    r->n_objects = 1;
    r->objects[0].key = (struct kube_key){.kind = RK_STR("Namespace"), .name = rk_str_c(namespace)};
    *d = (struct core_desired){.refs = 1, .render = r};
    a->desired = d;
    a->cluster = c;
    return a;
}

static void test_namespace(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    model_of(a)->create_namespace = false;
    automation_decide(a); /* nobody makes it: no reason to wait */
    assert_int_equal(a->held, 0);
    struct core_app *maker = add_maker("namespaces", "ns-shop-dev", &cluster);
    automation_decide(a);
    assert_int_equal(a->held, CORE_HELD_NAMESPACE);
    assert_string_equal(a->held_text, "waits for namespace ns-shop-dev");
    model_of(a)->create_namespace = true; /* it makes it itself */
    automation_decide(a);
    assert_int_equal(a->held, 0);
    model_of(a)->create_namespace = false;
    maker->cluster = &second; /* a namespace of that name in another cluster is not this one */
    automation_decide(a);
    assert_int_equal(a->held, 0);
    maker->desired = NULL; /* not rendered yet, but elsewhere */
    automation_decide(a);
    assert_int_equal(a->held, 0);
    maker->cluster = &cluster;
    automation_decide(a); /* it may make it */
    assert_int_equal(a->held, CORE_HELD_NAMESPACE);
    maker->has_error = true;
    automation_decide(a);
    assert_int_equal(a->held, 0);
}

/* Whatever the order in which applications are looked at. */
static void test_namespace_in_two_clusters(void **state)
{
    (void)state;
    struct core_app *a = add_compared("shop-dev");
    model_of(a)->create_namespace = false;
    for (int i = 0; i < 20; i++)
        add_maker(rk_arena_f(arena, "elsewhere-%d", i), "ns-shop-dev", &second);
    add_maker("here", "ns-shop-dev", &cluster);
    automation_decide(a);
    assert_int_equal(a->held, CORE_HELD_NAMESPACE);
}

#define DECIDING(name) cmocka_unit_test_setup_teardown(name, open_deciding, close_deciding)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ENGINE(test_the_gravest_is_told),
        ON_ENGINE(test_each_is_news_once),
        ON_ENGINE(test_names),
        DECIDING(test_reasons),
        DECIDING(test_a_hold_stops_an_automatic_one),
        DECIDING(test_heals_at_once),
        DECIDING(test_rejected),
        DECIDING(test_forced),
        DECIDING(test_foreign),
        DECIDING(test_frozen),
        DECIDING(test_namespace),
        DECIDING(test_namespace_in_two_clusters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
