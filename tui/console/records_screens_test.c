/*
 * records_screens_test.c: history, audit, commit, matrix and log in the whole console: pictures at
 * every size and in every mode, and the ways between them with the real client.
 */
#include "console/records.h"
#include "console/shop.h"

/* ---- scenes ---- */
static void history(struct stage *s)
{
    stage_answer(s, "history.list", NULL, HISTORY);
    stage_answer(s, "audit.verify", NULL, VERIFY);
    stage_open(s);
    stage_wait(s, "mailer");
    console_open_named("history", &(struct view_target){.app = "mailer-production"}, s->core);
    stage_wait(s, "audit = whole (214)");
    stage_wait(s, "Superseded");
    stage_keys(s, "space j j j space G");
    stage_settle(s);
}

static void audit(struct stage *s)
{
    stage_answer(s, "audit.list", NULL, AUDIT);
    stage_answer(s, "audit.verify", NULL, VERIFY);
    stage_open(s);
    stage_keys(s, "3");
    stage_wait(s, "staging x broken");
    stage_wait(s, "freeze");
    stage_settle(s);
}

static void commit(struct stage *s)
{
    stage_answer(s, "commit.get", NULL, COMMIT);
    stage_open(s);
    console_open_named("commit", &(struct view_target){.app = "mailer-production", .commit = A40,
                                                       .environment = "production"}, s->core);
    stage_wait(s, "raise memory");
    stage_keys(s, "]");
    stage_settle(s);
}

static void matrix(struct stage *s)
{
    stage_answer(s, "promotion.matrix", NULL, MATRIX);
    stage_open(s);
    stage_keys(s, "2");
    stage_wait(s, "cron");
    stage_keys(s, "] ]");
    stage_settle(s);
}

static void activity(struct stage *s)
{
    stage_open(s);
    stage_keys(s, "5");
    stage_wait(s, "web-dev");
    stage_event(s, "activity.watch", WIRE_PATCH, "{\"rows\":[{\"time\":1764331450000,"
                "\"level\":\"error\",\"actor\":\"reckon\",\"text\":\"journal: no space left\"}]}");
    stage_wait(s, "no space left");
    stage_settle(s);
}

static void are_drawn(void **state)
{
    static const struct { const char *name; void (*scene)(struct stage *s); } scenes[] = {
        {"history", history}, {"audit", audit}, {"commit", commit}, {"matrix", matrix},
        {"log", activity},
    };
    (void)state;
    for (size_t k = 0; k < RK_LEN(scenes); k++)
        STAGE_EACH_LOOK(l) {
            struct stage s;
            shop_init(&s, l->cols, l->rows, l->mode);
            scenes[k].scene(&s);
            stage_golden(&s, scenes[k].name);
            stage_release(&s);
        }
}

/* ---- the ways between them ---- */
#define PLAN(kind, more) "{\"fingerprint\":" \
    "\"9e3f21aa0000000000000000000000000000000000000000000000000000beef\",\"kind\":\"" kind "\"," \
    "\"app\":\"x-production\",\"environment\":\"production\",\"revision\":\"" A40 "\"," \
    "\"created\":1764331271000,\"expires\":1764333071000,\"tasks\":[],\"edits\":[{\"file\":" \
    "\"overlays/production/kustomization.yaml\",\"line\":9," more "}],\"confirm\":" \
    "\"production/x\",\"missing\":[\"the target is not confirmed: type production/x\"]}"

/* From a row of the applications to its history, from there to a commit, to two, to a revert. */
static void history_leads_on(void **state)
{
    struct stage s;
    (void)state;
    shop_init(&s, 100, 30, "mono");
    stage_answer(&s, "history.list", NULL, HISTORY);
    stage_answer(&s, "audit.verify", NULL, VERIFY);
    stage_answer(&s, "commit.get", NULL, COMMIT);
    stage_answer(&s, "revisions.compare", NULL, "{\"app\":\"mailer-staging\",\"from\":\"" B40
                 "\",\"revision\":\"" A40 "\",\"total\":0}");
    stage_answer(&s, "plan.create", NULL,
                 PLAN("revert", "\"before\":\"newTag: 1.9.0\",\"after\":\"newTag: 1.8.2\""));
    stage_open(&s);
    stage_wait(&s, "mailer");
    stage_keys(&s, "] L"); /* the drifted one */
    stage_wait(&s, "HISTORY mailer-staging [all]");
    stage_wait(&s, "audit x broken: entry 17");
    stage_keys(&s, "enter");
    stage_wait(&s, "raise memory to 2Gi");
    assert_non_null(stage_asked(&s, "commit.get", "\"rev\":\"" A40 "\",\"app\":\"mailer-staging\""));
    stage_keys(&s, "q space j j j space d");
    stage_wait(&s, "compare mailer-staging 77b01d3 -> 4f2c1aa");
    assert_non_null(stage_asked(&s, "revisions.compare", "\"from\":\"" B40 "\",\"to\":\"" A40));
    stage_keys(&s, "q r");
    stage_wait(&s, "newTag: 1.8.2");
    assert_non_null(stage_asked(&s, "plan.create", "\"kind\":\"revert\",\"app\":\"mailer-staging\","
                                                   "\"to\":\"" B40 "\""));
    assert_null(stage_asked(&s, "operation.start", NULL));
    stage_release(&s);
}

/* A promotion shows the bytes that it changes; nothing is started by looking at it. */
static void the_matrix_previews(void **state)
{
    struct stage s;
    (void)state;
    shop_init(&s, 100, 30, "mono");
    s.readonly = true;
    stage_answer(&s, "promotion.matrix", NULL, MATRIX);
    stage_answer(&s, "plan.create", NULL,
                 PLAN("promote", "\"before\":\"newTag: 1.8.2\",\"after\":\"newTag: 1.9.0\""));
    stage_open(&s);
    stage_keys(&s, "2");
    stage_wait(&s, "cron");
    stage_keys(&s, "] ]");
    stage_wait(&s, "api in production");
    stage_wait(&s, " PRODUCTION ");
    stage_keys(&s, "p");
    stage_wait(&s, "newTag: 1.9.0");
    assert_true(vt_has(&s.vt, "newTag: 1.8.2"));
    assert_non_null(stage_asked(&s, "plan.create", "\"kind\":\"promote\",\"app\":\"x-production\","
                                                   "\"to\":\"production\""));
    stage_keys(&s, "q");
    stage_wait(&s, "api in production");
    stage_release(&s);
}

static void the_audit_is_of_everything(void **state)
{
    struct stage s;
    (void)state;
    shop_init(&s, 100, 30, "mono");
    stage_answer(&s, "audit.list", NULL, AUDIT);
    stage_answer(&s, "audit.verify", NULL, VERIFY);
    stage_answer(&s, "history.list", NULL, HISTORY);
    stage_open(&s);
    stage_keys(&s, "3");
    stage_wait(&s, "staging x broken");
    stage_keys(&s, "f f");
    stage_wait(&s, "AUDIT  [staging]");
    stage_wait(&s, "chain x broken: entry 17");
    STAGE_WAIT(&s, stage_asked(&s, "audit.list", "\"environment\":\"staging\""));
    stage_keys(&s, "f f");
    stage_wait(&s, "[all environments]");
    stage_wait(&s, "production/mailer");
    stage_keys(&s, "R");
    STAGE_WAIT(&s, stage_count(&s, "audit.verify") == 2);
    assert_int_equal(stage_count(&s, "refresh"), 0);
    stage_keys(&s, "L");
    stage_wait(&s, "HISTORY mailer");
    stage_release(&s);
}

static void the_log_is_filtered(void **state)
{
    struct stage s;
    (void)state;
    shop_init(&s, 100, 30, "mono");
    stage_open(&s);
    stage_keys(&s, "5");
    stage_wait(&s, "web-dev");
    stage_keys(&s, "f");
    stage_wait(&s, "only lines with:");
    stage_type(&s, "mailer 1/3");
    stage_keys(&s, "enter");
    stage_wait_gone(&s, "web-dev");
    stage_wait(&s, "1 of 3 lines");
    stage_keys(&s, "q"); /* ends the filter, not the view */
    stage_wait(&s, "web-dev");
    stage_keys(&s, "/");
    stage_type(&s, "replicas");
    stage_keys(&s, "enter");
    stage_wait(&s, ">12:04:00");
    stage_keys(&s, "q");
    stage_wait(&s, "1 Apps");
    stage_release(&s);
}

/* What was read stays while the engine is away; it is read again when it is back. */
static void the_engine_comes_back(void **state)
{
    struct stage s;
    (void)state;
    shop_init(&s, 100, 30, "mono");
    history(&s);
    stage_cut(&s);
    stage_wait(&s, "ENGINE AWAY");
    assert_true(vt_has(&s.vt, "Superseded"));
    size_t asked = stage_count(&s, "history.list");
    stage_serve(&s);
    stage_wait_gone(&s, "ENGINE AWAY");
    STAGE_WAIT(&s, stage_count(&s, "history.list") > asked);
    stage_wait(&s, "2 marked");
    stage_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_drawn), cmocka_unit_test(history_leads_on),
        cmocka_unit_test(the_matrix_previews), cmocka_unit_test(the_audit_is_of_everything),
        cmocka_unit_test(the_log_is_filtered), cmocka_unit_test(the_engine_comes_back),
    };
    return cmocka_run_group_tests_name("record screens", tests, NULL, NULL);
}
