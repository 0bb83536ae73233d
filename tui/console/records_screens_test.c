/*
 * records_screens_test.c: history, audit, commit, matrix and log in the whole console: pictures at
 * every size and in every mode, and the ways between them with the real client.
 */
#include "console/shop.h"

#define A40 "4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6"
#define B40 "77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6"
#define C40 "5a5a5a50b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6"
#define ENV "\"app\":\"mailer-production\",\"environment\":\"production\""

#define HISTORY "{\"total\":6,\"rows\":[" \
    "{\"time\":1764331391000,\"kind\":\"sync\",\"actor\":\"operator\",\"from\":\"" B40 "\"," \
    "\"to\":\"" A40 "\",\"result\":\"Succeeded\",\"reason\":\"INC-2231\"," \
    "\"subject\":\"3 objects applied\",\"id\":\"0193f00d-212\",\"source\":\"audit\"," \
    "\"duration_ms\":62000," ENV "}," \
    "{\"time\":1764330000000,\"kind\":\"commit\",\"actor\":\"reviewer\",\"from\":\"" B40 "\"," \
    "\"to\":\"" A40 "\",\"id\":\"" A40 "\",\"subject\":\"mailer: raise memory to 2Gi\"," \
    "\"source\":\"commit\"," ENV "}," \
    "{\"time\":1764315000000,\"kind\":\"heal\",\"actor\":\"reckon\",\"from\":\"" B40 "\"," \
    "\"to\":\"" B40 "\",\"result\":\"Superseded\",\"reason\":\"the live state differs\"," \
    "\"id\":\"0193f00d-211\",\"source\":\"audit\",\"duration_ms\":4000," ENV "}," \
    "{\"time\":1764150000000,\"kind\":\"promote\",\"actor\":\"operator\",\"from\":\"" C40 "\"," \
    "\"to\":\"" B40 "\",\"result\":\"Succeeded\",\"reason\":\"from staging\"," \
    "\"id\":\"0193f00d-200\",\"source\":\"audit\",\"duration_ms\":58000," ENV "}," \
    "{\"time\":1763900000000,\"kind\":\"freeze\",\"actor\":\"operator\",\"result\":\"event\"," \
    "\"reason\":\"the fair\",\"id\":\"0193f00d-199\",\"source\":\"audit\"," ENV "}," \
    "{\"time\":1735300000000,\"kind\":\"sync\",\"actor\":\"operator\",\"from\":\"" B40 "\"," \
    "\"to\":\"" C40 "\",\"result\":\"Failed\",\"reason\":\"the release of the year\"," \
    "\"subject\":\"wave 1: Deployment mailer is not ready after 10 minutes\"," \
    "\"id\":\"0193f00d-198\",\"source\":\"audit\",\"duration_ms\":600000," ENV "}]}"

#define VERIFY "{\"ok\":false,\"rows\":[" \
    "{\"environment\":\"dev\",\"tip\":\"" A40 "\",\"ok\":true,\"entries\":2140}," \
    "{\"environment\":\"staging\",\"tip\":\"" B40 "\",\"ok\":false,\"entries\":41," \
    "\"message\":\"entry 17: Prev is not the entry before it\"}," \
    "{\"environment\":\"production\",\"tip\":\"" C40 "\",\"ok\":true,\"entries\":214}]}"

#define AUDIT_ROW(seq, time, kind, env, app, more) \
    "{\"seq\":" #seq ",\"time\":" #time ",\"kind\":\"" kind "\",\"environment\":\"" env "\"," \
    "\"app\":\"" app "\",\"id\":\"0193f00d-" #seq "\",\"commit\":\"" #seq "aaaaaaaaaaaaaaaaa\"," \
    "\"actor\":\"operator\"," more "}"
#define AUDIT "{\"total\":4,\"rows\":[" \
    AUDIT_ROW(214, 1764331391000, "sync", "production", "mailer", \
              "\"from\":\"" B40 "\",\"to\":\"" A40 "\",\"approver\":\"reviewer\"," \
              "\"reason\":\"INC-2231\",\"result\":\"Succeeded\",\"pushed\":true," \
              "\"plan\":\"9e3f21aa00000000000000000000000000000000000000000000000000beef00\"," \
              "\"prev\":\"" C40 "\"") "," \
    AUDIT_ROW(41, 1764331200000, "sync", "staging", "api", \
              "\"to\":\"" A40 "\",\"result\":\"intent\"") "," \
    AUDIT_ROW(213, 1764240000000, "freeze", "production", "", \
              "\"reason\":\"the fair\",\"result\":\"event\",\"pushed\":true") "," \
    AUDIT_ROW(212, 1764150000000, "revert", "production", "api", \
              "\"from\":\"" A40 "\",\"to\":\"" B40 "\",\"reason\":\"the remote is down and " \
              "customers cannot log in\",\"result\":\"Failed\",\"flagged\":true") "]}"

#define COMMIT "{\"id\":\"" A40 "\",\"author\":\"reviewer\",\"email\":\"reviewer@example.org\"," \
    "\"subject\":\"mailer: raise memory to 2Gi\",\"time\":1764330000000," \
    "\"body\":\"The queue of the evening does not fit.\\n\\nRefs: INC-2231\\n\",\"files\":[" \
    "{\"file\":\"base/mailer/deploy.yaml\",\"status\":\"M\",\"diff\":\"diff --git a/x b/x\\n" \
    "index 1..2 100644\\n--- a/base/mailer/deploy.yaml\\n+++ b/base/mailer/deploy.yaml\\n" \
    "@@ -20,4 +20,4 @@ spec:\\n           limits:\\n-            memory: 1Gi\\n" \
    "+            memory: 2Gi\\n             cpu: 500m\\n\"}," \
    "{\"file\":\"overlays/production/mailer/pdb.yaml\",\"status\":\"A\"," \
    "\"diff\":\"@@ -0,0 +1,3 @@\\n+kind: PodDisruptionBudget\\n+spec:\\n" \
    "+  minAvailable: 2\\n\"}]}"

#define CELL(env, version, rev, verdict, health, behind, since) \
    "{\"environment\":\"" env "\",\"name\":\"x-" env "\",\"version\":\"" version \
    "\",\"revision\":\"" rev "\",\"verdict\":\"" verdict "\",\"health\":\"" health \
    "\",\"behind\":" #behind ",\"since\":" #since "}"
#define NO_CELL(env) "{\"environment\":\"" env "\",\"behind\":-1}"
#define MATRIX "{\"total\":4,\"environments\":[\"dev\",\"staging\",\"production\"],\"rows\":[" \
    "{\"app\":\"api\",\"cells\":[" \
    CELL("dev", "1.10.0-rc1", A40, "Synced", "Healthy", -1, 1764320000000) "," \
    CELL("staging", "1.9.0", B40, "Synced", "Healthy", 14, 1764236000000) "," \
    CELL("production", "1.8.2", C40, "Synced", "Healthy", 3, 1763800000000) "]}," \
    "{\"app\":\"cron\",\"cells\":[" \
    CELL("dev", "0.7.0", A40, "Synced", "Healthy", -1, 1763500000000) "," \
    CELL("staging", "0.7.0", A40, "Synced", "Healthy", 0, 1763500000000) "," \
    NO_CELL("production") "]}," \
    "{\"app\":\"mailer\",\"cells\":[" \
    CELL("dev", "1.10.0-rc1", A40, "Synced", "Progressing", -1, 1764331000000) "," \
    CELL("staging", "1.9.0", B40, "OutOfSync", "Healthy", 1204, 1764236000000) "," \
    CELL("production", "1.8.2", C40, "Synced", "Degraded", -1, 1763800000000) "]}," \
    "{\"app\":\"redis\",\"cells\":[" \
    CELL("dev", "7.2.4", A40, "Synced", "Healthy", -1, 1761600000000) "," \
    CELL("staging", "7.2.4", A40, "Synced", "Healthy", 0, 1761600000000) "," \
    CELL("production", "7.2.4", A40, "Unknown", "Unknown", 0, 1761600000000) "]}]}"

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
    static const struct { int cols, rows; } sizes[] = {{80, 24}, {120, 40}, {60, 16}, {200, 60}};
    static const char *const modes[] = {"256", "16", "mono", "ascii"};
    static const struct { const char *name; void (*scene)(struct stage *s); } scenes[] = {
        {"history", history}, {"audit", audit}, {"commit", commit}, {"matrix", matrix},
        {"log", activity},
    };
    (void)state;
    for (size_t k = 0; k < RK_LEN(scenes); k++)
        for (size_t i = 0; i < RK_LEN(sizes); i++)
            for (size_t m = 0; m < RK_LEN(modes); m++) {
                struct stage s;
                shop_init(&s, sizes[i].cols, sizes[i].rows, modes[m]);
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
    stage_wait(&s, "COMMIT 4f2c1aa and 77b01d3");
    stage_wait(&s, "two revisions are not compared with each other");
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
