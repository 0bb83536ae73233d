/*
 * resource_test.c: the resource view: tree, events and log of one object, with fixed data.
 */
#include "view/scripted.h"

#include "view/resource_int.h"
#include "view/testing.h"

static const char detail[] =
    "{\"row\":{\"environment\":\"staging\",\"changed\":%d},\"causes\":["
    "{\"object\":\"apps/Deployment/mail/mailer\",\"status\":\"Degraded\","
    "\"message\":\"1 of 3 ready\"},"
    "{\"object\":\"/Service/mail/other\",\"status\":\"Missing\",\"message\":\"not of this one\"}]}";

static void changed(struct scripted *s, int number)
{
    char *json = rk_asprintf(detail, number);
    scripted_event(s, "application.watch", WIRE_RESET, json);
    free(json);
}

static void open_at(struct scripted *s, int cols, int rows)
{
    scripted_init(s, cols, rows);
    scripted_open(s, &view_resource, &(struct view_target){
        .app = "staging/mailer", .object = "apps/Deployment/mail/mailer"});
}

static void read_all(struct scripted *s)
{
    changed(s, 1);
    scripted_answer(s, "owners.get", VIEW_OWNERS);
    scripted_answer(s, "events.list", VIEW_EVENTS);
    scripted_event(s, "logs.watch", WIRE_RESET, VIEW_LOG);
}

static void check_lines(struct scripted *s, const char *want)
{
    scripted_draw(s);
    assert_string_equal(vt_text(&s->vt), want);
}

/* ---- pictures ---- */
static void test_one_pane_60(void **state)
{
    struct scripted s;
    struct rk_buf left = RK_BUF_INIT, right = RK_BUF_INIT;
    (void)state;
    open_at(&s, 60, 8);
    read_all(&s);
    check_lines(&s,
"┌─ Owners ─────────────────────────────────────────────────┐\n"
"│x Degraded  Deployment/mailer  1 of 3 ready               │\n"
"│Deployment/mailer         x Degraded  1/3     3d  1 of 3 r│\n"
"│  ReplicaSet/mailer-7d9f  ~ Progres.. 1/3     9m          │\n"
"│    Pod/mailer-7d9f-abcde = Healthy   Running 9m          │\n"
"│    Pod/mailer-7d9f-fghij x Degraded  Running 9m  mailer: │\n"
"│                                                          │\n"
"└──────────────────────────────────────────────────────────┘\n");
    scripted_act(&s, ACT_NEXT_PANE);
    check_lines(&s,
"┌─ Events ─────────────────────────────────────────────────┐\n"
"│12:04 ! Unhealthy          (x3) Readiness probe failed: HT│\n"
"│11:55   ScalingReplicaSet  Scaled up mailer-7d9f to 3     │\n"
"│                                                          │\n"
"│                                                          │\n"
"│                                                          │\n"
"│                                                          │\n"
"└──────────────────────────────────────────────────────────┘\n");
    scripted_act(&s, ACT_NEXT_PANE);
    assert_true(scripted_sees(&s, "┌─ Log mailer-7d9f-fghij/mailer  (live) ─"));
    assert_true(scripted_sees(&s, "out of \\u202ememory"));
    s.view->class->headline(s.view, &left, &right);
    assert_string_equal(left.p, "Deployment/mailer  of staging/mailer");
    assert_string_equal(right.p, "owners events [log]");
    scripted_act(&s, ACT_NEXT_PANE);
    assert_true(scripted_sees(&s, "┌─ Owners"));
    rk_buf_release(&left);
    rk_buf_release(&right);
    scripted_end(&s);
}

/* Below one another from 20 rows on; the pane with the focus has most of them. */
static void test_stacked_80(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 21);
    read_all(&s);
    scripted_draw(&s);
    assert_int_equal(vt_find(&s.vt, "┌─ Owners"), 0);
    assert_int_equal(vt_find(&s.vt, "┌─ Events"), 11);
    assert_int_equal(vt_find(&s.vt, "┌─ Log"), 16);
    scripted_act(&s, ACT_PREV_PANE);
    scripted_draw(&s);
    assert_int_equal(vt_find(&s.vt, "┌─ Log"), 10);
    scripted_end(&s);
}

static void test_beside_120(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 120, 12);
    read_all(&s);
    scripted_draw(&s);
    assert_int_equal(vt_find(&s.vt, "Owners"), 0);
    assert_int_equal(vt_find(&s.vt, "┐┌─ Events"), 0);
    assert_int_equal(vt_find(&s.vt, "│┌─ Log"), 6);
    assert_true(scripted_sees(&s, "Running 9m  mailer:"));
    scripted_end(&s);
}

static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    read_all(&s);
    for (int w = 1; w < 210; w += 13)
        for (int h = 1; h < 60; h += 7) {
            scripted_resize(&s, w, h);
            scripted_draw(&s);
            scripted_act(&s, ACT_NEXT_PANE);
        }
    scripted_end(&s);
}

static void test_nothing_there(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 12);
    assert_true(scripted_sees(&s, "reading ..."));
    scripted_answer(&s, "owners.get", "{\"rows\":[]}");
    assert_true(scripted_sees(&s, "it does not live"));
    assert_null(scripted_watched(&s, "logs.watch")); /* there is no pod */
    scripted_refuse(&s, "events.list", RK_NOT_FOUND, "x does not live \x1b[m");
    scripted_act(&s, ACT_EVENTS);
    assert_true(scripted_sees(&s, "x does not live \\x1b[m"));
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_OPEN);
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "");
    scripted_end(&s);
}

/* ---- reading again ---- */
static void test_reads_again(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 12);
    read_all(&s);
    scripted_act(&s, ACT_NEXT_PROBLEM); /* ReplicaSet */
    scripted_act(&s, ACT_NEXT_PROBLEM); /* the second pod */
    changed(&s, 2);
    assert_null(scripted_asked(&s, "owners.get")); /* it was read a moment ago */
    run_loop_run(s.host.loop);
    scripted_answer(&s, "owners.get",
                    "{\"rows\":[{\"object\":\"apps/Deployment/mail/mailer\"},"
                    "{\"depth\":2,\"object\":\"/Pod/mail/mailer-7d9f-fghij\"}]}");
    scripted_refuse(&s, "events.list", RK_UNAVAILABLE, "no answer"); /* what was there stays */
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "open copy n:/Pod/mail/mailer-7d9f-fghij k:kubectl -n mail get Pod mailer-7d9f-fghij -o yaml\n"); /* the cursor stays on it */
    scripted_act(&s, ACT_EVENTS);
    assert_true(scripted_sees(&s, "Unhealthy"));
    scripted_end(&s);
}

/* ---- logs ---- */
static void add_line(struct scripted *s, enum wire_event kind, const char *text)
{
    char *json = rk_asprintf("{\"lines\":[{\"pod\":\"p\",\"container\":\"c\",\"text\":\"%s\"}]}",
                             text);
    scripted_event(s, "logs.watch", kind, json);
    free(json);
}

static void test_log_follows(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 6);
    read_all(&s);
    scripted_act(&s, ACT_PREV_PANE);
    for (int i = 0; i < 9; i++)
        add_line(&s, WIRE_PATCH, "more");
    add_line(&s, WIRE_PATCH, "the last one");
    assert_true(scripted_sees(&s, "the last one"));
    scripted_act(&s, ACT_FIRST);
    add_line(&s, WIRE_PATCH, "after it");
    assert_true(scripted_sees(&s, "starting")); /* who reads above is not pulled away */
    add_line(&s, WIRE_RESET, "anew"); /* after a reconnect: its tail */
    assert_false(scripted_sees(&s, "starting"));
    assert_true(scripted_sees(&s, "anew"));
    scripted_end(&s);
}

static void test_log_is_bounded(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 6);
    read_all(&s);
    scripted_act(&s, ACT_PREV_PANE);
    struct resource_view *v = (struct resource_view *)s.view;
    char *wide = rk_asprintf("%01000d", 1);
    for (int i = 0; i < 2500; i++)
        add_line(&s, WIRE_PATCH, wide);
    assert_true(v->log.bytes <= 1u << 20);
    for (int i = 0; i < 2500; i++)
        add_line(&s, WIRE_PATCH, "short");
    assert_int_equal(v->log.n, 2000);
    assert_int_equal(v->log.bytes, 2000 * 5);
    add_line(&s, WIRE_PATCH, "end");
    assert_string_equal(resource_log_at(&v->log, 1999), "end");
    scripted_act(&s, ACT_UP);
    size_t at = v->list[RES_LOGS].cursor;
    add_line(&s, WIRE_PATCH, "x"); /* a line above went: the cursor stays on its own */
    assert_int_equal(v->list[RES_LOGS].cursor, at - 1);
    free(wide);
    scripted_end(&s);
}

static void test_log_of_another(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 12);
    read_all(&s);
    assert_true(strstr(scripted_watched(&s, "logs.watch"), "apps/Deployment/mail/mailer"));
    scripted_act(&s, ACT_LAST);
    scripted_act(&s, ACT_LOGS);
    assert_true(strstr(scripted_watched(&s, "logs.watch"), "/Pod/mail/mailer-7d9f-fghij"));
    assert_true(scripted_sees(&s, "no line yet"));
    scripted_act(&s, ACT_LOGS); /* off again */
    assert_null(scripted_watched(&s, "logs.watch"));
    assert_true(scripted_sees(&s, "┌─ Owners"));
    changed(&s, 2);
    run_loop_run(s.host.loop);
    scripted_answer(&s, "owners.get", VIEW_OWNERS);
    assert_null(scripted_watched(&s, "logs.watch")); /* a person switched them off */
    scripted_end(&s);
}

/* ---- keys ---- */
static void test_keys(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 12);
    read_all(&s);
    scripted_act(&s, ACT_OPEN); /* the object itself: it is open */
    scripted_log_is(&s, "");
    scripted_act(&s, ACT_DOWN);
    scripted_act(&s, ACT_OPEN);
    scripted_log_is(&s, "open resource app=staging/mailer "
                        "object=apps/ReplicaSet/mail/mailer-7d9f\n");
    scripted_act(&s, ACT_DIFF);
    scripted_log_is(&s, "open diff app=staging/mailer object=apps/Deployment/mail/mailer\n");
    scripted_act(&s, ACT_SYNC);
    assert_true(strstr(s.log.p, "\"kind\":\"sync\""));
    assert_true(strstr(s.log.p, "\"resources\":[\"apps/Deployment/mail/mailer\"]"));
    rk_buf_clear(&s.log);
    scripted_act(&s, ACT_EVENTS);
    scripted_act(&s, ACT_OPEN); /* the whole text of it */
    scripted_log_is(&s, "say Warning Unhealthy Pod/mailer-7d9f-fghij "
                        "Readiness probe failed: HTTP 503\\x1b[2J\n");
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_log_is(&s, "say no problem below\n");
    assert_false(scripted_act(&s, ACT_APPLY));
    scripted_end(&s);
}

static void test_find(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 12);
    read_all(&s);
    assert_true(s.view->class->find(s.view, RK_STR("pod"), 0));
    scripted_act(&s, ACT_COPY);
    assert_true(s.view->class->find(s.view, RK_STR("pod"), 1));
    scripted_act(&s, ACT_COPY);
    assert_true(s.view->class->find(s.view, RK_STR("pod"), 1)); /* round */
    scripted_act(&s, ACT_COPY);
    assert_true(s.view->class->find(s.view, RK_STR("pod"), -1));
    scripted_act(&s, ACT_COPY);
    assert_false(s.view->class->find(s.view, RK_STR("nowhere"), 0));
    scripted_log_is(&s, "open copy n:/Pod/mail/mailer-7d9f-abcde k:kubectl -n mail get Pod mailer-7d9f-abcde -o yaml\n"
                        "open copy n:/Pod/mail/mailer-7d9f-fghij k:kubectl -n mail get Pod mailer-7d9f-fghij -o yaml\n"
                        "open copy n:/Pod/mail/mailer-7d9f-abcde k:kubectl -n mail get Pod mailer-7d9f-abcde -o yaml\n"
                        "open copy n:/Pod/mail/mailer-7d9f-fghij k:kubectl -n mail get Pod mailer-7d9f-fghij -o yaml\n");
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_pane_60), cmocka_unit_test(test_stacked_80),
        cmocka_unit_test(test_beside_120), cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_nothing_there), cmocka_unit_test(test_reads_again),
        cmocka_unit_test(test_log_follows), cmocka_unit_test(test_log_is_bounded),
        cmocka_unit_test(test_log_of_another), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
