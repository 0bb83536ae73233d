/*
 * applications_test.c: the applications view on the whole console: what is drawn, what is asked
 * for, and where the cursor stays.
 */
#include "console/shop.h"

static struct stage s;

/* As the engine's patches have them, of the shop. */
#define GROUPS "\"groups\":[" \
    "{\"environment\":\"dev\",\"rows\":3,\"counts\":{\"total\":3,\"out_of_sync\":1}}," \
    "{\"environment\":\"staging\",\"rows\":3,\"counts\":{\"total\":3}}," \
    "{\"environment\":\"production\",\"rows\":3,\"counts\":{\"total\":3}}]"

static void open_shop(int cols, int rows, const char *mode)
{
    shop_init(&s, cols, rows, mode);
    stage_open(&s);
    stage_wait(&s, "mailer");
}

static int setup(void **state)
{
    (void)state;
    open_shop(100, 30, "mono");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_release(&s);
    return 0;
}

/* The row of the cursor, from its sign on. */
static const char *cursor_row(void)
{
    for (int y = 0; y < s.vt.rows; y++) {
        const char *row = vt_row(&s.vt, y), *bar = strstr(row, "\u2502>");
        if (bar)
            return bar + strlen("\u2502");
    }
    return "(no cursor)";
}

static void cursor_is(const char *text)
{
    uint64_t limit = rk_mono_ms() + 5000;

    while (!strstr(cursor_row(), text)) {
        if (rk_mono_ms() > limit)
            fail_msg("the cursor is on \"%s\", not on \"%s\"\n%s", cursor_row(), text,
                     vt_text(&s.vt));
        stage_turn(&s);
    }
}

/* ---- pictures ---- */
static void is_drawn(void **state)
{
    (void)state;
    STAGE_EACH_LOOK(l) {
        open_shop(l->cols, l->rows, l->mode);
        stage_keys(&s, "] l");
        stage_wait(&s, "w1");
        stage_settle(&s);
        stage_golden(&s, "applications");
        stage_release(&s);
    }
}

static void the_detail_stands_alone_where_it_is_narrow(void **state)
{
    (void)state;
    open_shop(60, 16, "mono");
    stage_keys(&s, "]");
    assert_false(vt_has(&s.vt, "DRIFT"));
    stage_keys(&s, "enter");
    stage_wait(&s, "DRIFT");
    assert_false(vt_has(&s.vt, "1 Apps"));
    stage_golden(&s, "applications-detail");
    stage_keys(&s, "q");
    stage_wait(&s, "1 Apps");
    stage_release(&s);
}

static void the_tree_turns(void **state)
{
    (void)state;
    stage_keys(&s, "T");
    stage_settle(&s);
    assert_non_null(stage_asked(&s, "applications.watch", "\"sort\":\"application\""));
    stage_wait(&s, "by application");
    assert_false(vt_has(&s.vt, "3 apps"));
    stage_keys(&s, "T");
    stage_wait(&s, "3 apps");
}

/* ---- the cursor ---- */
static void the_cursor_stays_with_its_row(void **state)
{
    (void)state;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_apps_params p = {0};
    struct shop_row more[RK_LEN(shop_rows) + 1] = {{"aaa", "dev", "Synced", "Healthy", "1", 0}};
    struct wire_app_page page;

    stage_keys(&s, "j j");
    cursor_is("mailer");
    memcpy(more + 1, shop_rows, sizeof(shop_rows));
    shop_page(more, RK_LEN(more), &p, a, &page);
    wire_print(&json, &wire_shape_app_page, &page);
    stage_event(&s, "applications.watch", WIRE_RESET, json.p);
    stage_wait(&s, "aaa");
    cursor_is("mailer");
    stage_keys(&s, "k k");
    cursor_is("aaa");
}

static void a_patch_changes_its_rows(void **state)
{
    (void)state;
    stage_event(&s, "applications.watch", WIRE_PATCH,
                "{\"total\":9,\"counts\":{\"total\":9,\"out_of_sync\":2}," GROUPS ","
                "\"apps\":[{\"index\":1,\"name\":\"mailer-dev\",\"app\":\"mailer\","
                "\"environment\":\"dev\",\"verdict\":\"OutOfSync\",\"health\":\"Healthy\","
                "\"version\":\"9.9.9\",\"drifted\":2}]}");
    stage_wait(&s, "9.9.9");
    stage_wait(&s, "2 drift");
    assert_true(vt_has(&s.vt, "! drift 2"));
}

static void patches_do_not_pile_up(void **state)
{
    (void)state;
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct view_feed *f = s.core->stack[0]->feeds;
    char big[3000];

    while (f && strcmp(f->method->name, "applications.watch") != 0)
        f = f->next;
    assert_non_null(f);
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = 0;
    for (int i = 0; i < 400; i++) {
        rk_buf_clear(&json);
        rk_buf_f(&json, "{\"total\":9," GROUPS ",\"apps\":[{\"index\":0,\"name\":\"api-dev\",\"app\":\"api\","
                 "\"environment\":\"dev\",\"verdict\":\"Synced\",\"health\":\"Healthy\","
                 "\"version\":\"%d\",\"message\":\"%s\"}]}", i, big);
        stage_event(&s, "applications.watch", WIRE_PATCH, json.p);
        stage_settle(&s);
    }
    const struct wire_app_page *page = f->value;
    assert_string_equal(page->apps[0].version, "399");
    assert_true(rk_arena_bytes(f->arena) < 1000000); /* 400 patches are 1.2 MB */
}

/* ---- jumps ---- */
static void problems_are_jumped_to(void **state)
{
    (void)state;
    stage_keys(&s, "]");
    cursor_is("mailer");
    stage_wait(&s, "staging/mailer");
    stage_keys(&s, "]");
    cursor_is("x Degraded");
    stage_keys(&s, "]");
    cursor_is("? Unknown");
    stage_keys(&s, "]");
    stage_wait(&s, "no problem below");
    cursor_is("? Unknown");
    stage_keys(&s, "[ [");
    cursor_is("drift 1");
}

/* In what is unfolded the objects count, too. */
static void problems_inside_an_application_are_jumped_to(void **state)
{
    (void)state;
    stage_answer(&s, "resources.watch", NULL, "{\"total\":3,\"resources\":["
                 "{\"object\":\"/ConfigMap/n/a\",\"verdict\":\"Synced\",\"health\":\"None\"},"
                 "{\"object\":\"apps/Deployment/n/a\",\"verdict\":\"OutOfSync\"},"
                 "{\"object\":\"networking.k8s.io/Ingress/n/a\",\"verdict\":\"Synced\","
                 "\"health\":\"Degraded\"}]}");
    stage_keys(&s, "] l");
    stage_wait(&s, "Ingress");
    stage_keys(&s, "]");
    cursor_is("Deployment");    /* it differs */
    stage_keys(&s, "]");
    cursor_is("Ingress");       /* it is Degraded, and as git says */
    stage_keys(&s, "]");
    cursor_is("x Degraded");
}

static void a_closed_environment_counts_by_its_heading(void **state)
{
    (void)state;
    stage_keys(&s, "} z");
    STAGE_WAIT(&s, stage_asked(&s, "applications.watch", "\"folded\":[\"staging\"]"));
    stage_settle(&s);
    assert_true(vt_has(&s.vt, "> STAGING"));
    stage_keys(&s, "g ]");
    cursor_is("STAGING");
    stage_keys(&s, "]");
    cursor_is("x Degraded");
    stage_keys(&s, "[ l");
    stage_settle(&s);
    cursor_is("v STAGING");
    stage_keys(&s, "j j");
    cursor_is("drift 1");
}

/* No row says which commit of an environment is undone: it is typed, and only looked at. */
static void an_environment_is_reverted_whole(void **state)
{
    (void)state;
    stage_keys(&s, "G [ g");
    stage_wait(&s, "env     dev");
    stage_keys(&s, "r");
    stage_wait(&s, "revert dev (C, A..B, to REV):");
    stage_type(&s, "abc..def");
    stage_keys(&s, "enter");
    STAGE_WAIT(&s, stage_asked(&s, "plan.create", "\"kind\":\"revert\",\"app\":\"dev\","
                                                  "\"commit\":\"abc..def\""));
    stage_keys(&s, "q r");
    stage_type(&s, "to v1");
    stage_keys(&s, "enter");
    STAGE_WAIT(&s, stage_asked(&s, "plan.create", "\"app\":\"dev\",\"to\":\"v1\""));
}

static void text_is_found(void **state)
{
    (void)state;
    stage_keys(&s, "/");
    stage_wait(&s, "find:");
    stage_type(&s, "web");
    stage_keys(&s, "enter");
    cursor_is("web");
    stage_keys(&s, "n");
    stage_wait(&s, "staging/web");
    stage_keys(&s, "N");
    stage_wait(&s, "dev/web");
    stage_keys(&s, "N");
    stage_wait(&s, "\"web\" is not found above");
}

static void rows_are_filtered(void **state)
{
    (void)state;
    stage_keys(&s, "f");
    stage_type(&s, "web");
    stage_keys(&s, "enter");
    stage_wait(&s, "3 of 9  with \"web\"");
    assert_false(vt_has(&s.vt, "> api "));
    stage_keys(&s, "esc");
    stage_wait(&s, "mailer");
    stage_keys(&s, "f");
    stage_type(&s, "nothing");
    stage_keys(&s, "enter");
    stage_wait(&s, "1 Apps 0 of 9");
}

/* Drift that was closed is not shown any more, and read anew when there is some again. */
static void drift_goes_when_it_is_closed(void **state)
{
    (void)state;
    static const char detail[] = "{\"row\":{\"name\":\"mailer-staging\",\"app\":\"mailer\","
        "\"environment\":\"staging\",\"verdict\":\"%s\",\"health\":\"Healthy\","
        "\"changed\":%d}}";
    char json[300];
    stage_keys(&s, "]");
    stage_wait(&s, "kubectl-scale");
    snprintf(json, sizeof(json), detail, "Synced", 2);
    stage_event(&s, "application.watch", WIRE_RESET, json);
    stage_wait_gone(&s, "kubectl-scale");
    assert_int_equal(stage_count(&s, "drift.get"), 1);
    snprintf(json, sizeof(json), detail, "OutOfSync", 3);
    stage_event(&s, "application.watch", WIRE_RESET, json);
    stage_wait(&s, "kubectl-scale");
    assert_int_equal(stage_count(&s, "drift.get"), 2);
}

/* ---- unfolding ---- */
static void resources_are_watched_while_they_are_shown(void **state)
{
    (void)state;
    stage_keys(&s, "j");
    assert_int_equal(stage_count(&s, "resources.watch"), 0);
    stage_keys(&s, "l");
    stage_wait(&s, "Deployment");
    assert_non_null(stage_asked(&s, "resources.watch", "\"app\":\"api-dev\""));
    stage_keys(&s, "j j");
    cursor_is("Deployment");
    stage_wait(&s, "base/mailer/deploy.yaml:1");
    stage_keys(&s, "h h");
    stage_settle(&s);
    cursor_is("api");
    assert_false(vt_has(&s.vt, "Ingress"));
    assert_non_null(stage_asked(&s, "unsubscribe", NULL));
}

/* ---- ten thousand ---- */
enum { MANY = 10000 };
static struct shop_row many_rows[MANY];
static char many_names[MANY][16];

static bool many_handle(struct stage *st, const char *method, rk_str params, struct rk_buf *out)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_apps_params p;
    struct wire_app_page page;
    struct rk_err err;

    if (!rk_streq(method, "applications.watch") && !rk_streq(method, "applications.list"))
        return shop_handle(st, method, params, out);
    assert_int_equal(wire_read(a, &wire_shape_apps_params, params, &p, &err), 0);
    assert_true(p.limit > 0 && p.limit <= 200);
    shop_page(many_rows, MANY, &p, a, &page);
    wire_print(out, &wire_shape_app_page, &page);
    return true;
}

static void fill_many(void)
{
    for (int i = 0; i < MANY; i++) {
        snprintf(many_names[i], sizeof(many_names[i]), "app%05d", i);
        many_rows[i] = (struct shop_row){many_names[i], i < 7000 ? "dev" : "production", "Synced",
                                         "Healthy", "1.0", 0};
    }
    many_rows[6500].verdict = "OutOfSync";
}

static int setup_many(void **state)
{
    (void)state;
    fill_many();
    shop_init(&s, 100, 30, "mono");
    s.handle = many_handle;
    stage_open(&s);
    stage_wait(&s, "app00001");
    return 0;
}

static void only_shown_rows_are_asked_for(void **state)
{
    (void)state;
    size_t before = stage_count(&s, "applications.watch");
    assert_int_equal(before, 1);
    for (int i = 0; i < 20; i++)
        stage_keys(&s, "j");
    assert_int_equal(stage_count(&s, "applications.watch"), before);
    stage_keys(&s, "G");
    stage_wait(&s, "app09999");
    cursor_is("app09999");
    assert_non_null(stage_asked(&s, "applications.watch", "\"offset\":99")); /* around the end */
    stage_keys(&s, "g");
    stage_wait(&s, "app00000");
    stage_keys(&s, "}");
    cursor_is("PRODUCTION");
    stage_wait(&s, "app07000");
}

/* Of a far page there is no row here: pages are asked for until one has it. */
static void a_far_problem_is_found(void **state)
{
    (void)state;
    stage_keys(&s, "]");
    cursor_is("app06500");
    stage_wait(&s, "dev/app06500");
    stage_keys(&s, "G");
    stage_wait(&s, "app09999");
    stage_keys(&s, "[");
    cursor_is("app06500");
    stage_keys(&s, "/");
    stage_type(&s, "app09001");
    stage_keys(&s, "enter");
    cursor_is("app09001");
}

static void moving_stays_fast(void **state)
{
    (void)state;
    struct term_key down = {.code = TERM_KEY_DOWN};
    uint64_t from = rk_mono_us(), each;
    for (int i = 0; i < 2000; i++) {
        stage_key(&s, &down);
        console_draw(s.core);
        (void)vt_show(&s.vt, s.screen);
    }
    each = (rk_mono_us() - from) / 2000;
    assert_true(each < 10000); /* reference/console.md: key to last byte within 10 ms */
    stage_settle(&s);
    cursor_is("app01999");
}

/* reference/console.md section 6: bytes of the first frame, of a move with a new detail, a page. */
static void frames_are_small(void **state)
{
    (void)state;
    static const struct { int cols, rows; size_t first, move, page; } rows[] = {
        {80, 24, 6000, 700, 3000}, {120, 40, 12000, 1200, 6000}};
    fill_many();
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        shop_init(&s, rows[i].cols, rows[i].rows, "mono");
        s.handle = many_handle;
        stage_open(&s);
        stage_wait(&s, "app00001");
        term_screen_forget(s.screen);
        s.dirty = true;
        stage_draw_(&s);
        assert_in_range(s.last_bytes, 100, rows[i].first);
        stage_keys(&s, "j j j");
        stage_settle(&s);
        size_t before = s.bytes;
        stage_keys(&s, "j");
        stage_settle(&s);
        assert_in_range(s.bytes - before, 1, rows[i].move);
        before = s.bytes;
        stage_keys(&s, "pgdn");
        stage_settle(&s);
        assert_in_range(s.bytes - before, 100, rows[i].page);
        stage_release(&s);
    }
}

/* ---- troubles ---- */
static void an_error_is_shown_where_the_rows_would_be(void **state)
{
    (void)state;
    stage_init(&s, 100, 30, "mono");
    stage_refuse(&s, "applications.watch", RK_LIMIT, "too many rows");
    stage_open(&s);
    stage_wait(&s, "? too many rows");
}

static void nothing_says_what_is_expected(void **state)
{
    (void)state;
    stage_init(&s, 100, 30, "mono");
    stage_answer(&s, "applications.watch", NULL, "{\"total\":0}");
    stage_answer(&s, "environment.list", NULL, "{}");
    stage_open(&s);
    stage_wait(&s, "No Applications in main at 4f2c1aa.");
    stage_wait(&s, "= repository acme-gitops  ok");
    stage_wait(&s, "= cluster sandbox  ok");
}

/* The first-start check as a person sees it. */
static void what_is_missing_is_drawn(void **state)
{
    (void)state;
    STAGE_EACH_LOOK(l) {
        stage_init(&s, l->cols, l->rows, l->mode);
        stage_answer(&s, "applications.watch", NULL, "{\"total\":0}");
        stage_answer(&s, "environment.list", NULL, "{}");
        stage_open(&s);
        stage_wait(&s, "No Applications");
        stage_golden(&s, "nothing");
        stage_release(&s);
    }
}

/* While git is read for the first time nothing is said of what there is in it. */
static void the_first_reading_is_no_empty_repository(void **state)
{
    (void)state;
    stage_init(&s, 100, 30, "mono");
    s.hello = "{\"protocol\":1,\"epoch\":7,\"engine\":\"session\",\"version\":\"9.9\","
              "\"repositories\":[{\"name\":\"acme-gitops\",\"branch\":\"main\","
              "\"revision\":\"\",\"state\":\"stale\"}]}";
    stage_answer(&s, "applications.watch", NULL, "{\"total\":0}");
    stage_answer(&s, "environment.list", NULL, "{}");
    stage_open(&s);
    stage_wait(&s, "reading main for the first time");
    stage_wait(&s, "? repository acme-gitops  stale");
    assert_false(vt_has(&s.vt, "No Applications"));
}

static void foreign_names_do_not_disturb(void **state)
{
    (void)state;
    stage_event(&s, "applications.watch", WIRE_PATCH,
                "{\"total\":9," GROUPS ",\"apps\":[{\"index\":0,\"name\":\"api-dev\",\"app\":\"a\\u001b[2Jb\","
                "\"environment\":\"dev\",\"verdict\":\"Synced\",\"health\":\"Healthy\"}]}");
    stage_wait(&s, "a?[2Jb");
    vt_same(&s.vt, s.screen);
}

#define ON_SHOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define ON_MANY(f) cmocka_unit_test_setup_teardown(f, setup_many, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_drawn),
        cmocka_unit_test(the_detail_stands_alone_where_it_is_narrow),
        ON_SHOP(the_tree_turns),
        ON_SHOP(the_cursor_stays_with_its_row),
        ON_SHOP(a_patch_changes_its_rows),
        ON_SHOP(patches_do_not_pile_up),
        ON_SHOP(problems_are_jumped_to),
        ON_SHOP(problems_inside_an_application_are_jumped_to),
        ON_SHOP(a_closed_environment_counts_by_its_heading),
        ON_SHOP(an_environment_is_reverted_whole),
        ON_SHOP(text_is_found),
        ON_SHOP(rows_are_filtered),
        ON_SHOP(drift_goes_when_it_is_closed),
        ON_SHOP(resources_are_watched_while_they_are_shown),
        ON_MANY(only_shown_rows_are_asked_for),
        ON_MANY(a_far_problem_is_found),
        ON_MANY(moving_stays_fast),
        cmocka_unit_test(frames_are_small),
        cmocka_unit_test_teardown(an_error_is_shown_where_the_rows_would_be, teardown),
        cmocka_unit_test_teardown(nothing_says_what_is_expected, teardown),
        cmocka_unit_test(what_is_missing_is_drawn),
        cmocka_unit_test_teardown(the_first_reading_is_no_empty_repository, teardown),
        ON_SHOP(foreign_names_do_not_disturb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
