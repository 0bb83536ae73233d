/*
 * force_test.c: what may be forced, and over which version: against a scripted API server that
 * names conflicts, or whose managedFields foretell them, and whose object moves meanwhile.
 */
#include "sync/sync_test.h"

#define ENTRY(manager, operation, field)                                                           \
    "{\"manager\":\"" manager "\",\"operation\":\"" operation "\",\"apiVersion\":\"v1\","               \
    "\"fieldsV1\":" field "}"
#define DATA_X "{\"f:data\":{\"f:x\":{}}}"
#define NOTE(name) "{\"f:metadata\":{\"f:annotations\":{\"f:" name "\":{}}}}"
#define WAVE "argocd.argoproj.io/sync-wave"
#define OURS ENTRY("reckon", "Apply", DATA_X)
#define KUBECTL ENTRY("kubectl", "Update", DATA_X)

/* ---- the server names what conflicts ---- */
static void test_drift_that_was_reviewed_is_forced(void **state)
{
    (void)state;
    w.stored = event("ADDED", stored_json("a", 5, "7"));
    open_cluster();
    w.conflict = ".data.x";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "\"1\""), LIVE("a", "\"7\""), REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("PATCH a [opened started:0]\nPATCH a force over 5 [opened started:0]\n"
                     "applied a"));
}

static void test_another_value_than_reviewed_is_not_forced(void **state)
{
    (void)state;
    w.stored = event("ADDED", stored_json("a", 5, "8")); /* reviewed was 7 */
    open_cluster();
    w.conflict = ".data.x";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "\"1\""), LIVE("a", "\"7\""), REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_false(told("PATCH a force"));
    assert_part(op->message, "kubectl owns .data.x, which was not reviewed as drift");
}

static void test_another_field_is_not_forced(void **state)
{
    (void)state;
    w.stored = event("ADDED", stored_json("a", 5, "7"));
    open_cluster();
    w.conflict = ".metadata.labels";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "\"1\""), LIVE("a", "\"7\""), REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_false(told("PATCH a force"));
}

/* Git and live differ in xy only, and the server names x. */
static void test_a_name_that_begins_alike_is_not_forced(void **state)
{
    (void)state;
    w.stored = event("ADDED", stored_json("a", 5, "1"));
    open_cluster();
    w.conflict = ".data.x";
    const struct sync_operation *op =
        start("sync", work_of(CM("a", "0", "\"1\"\n  xy: \"2\""),
                              LIVE("a", "\"1\"\n  xy: \"3\""), REV_1));
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_false(told("PATCH a force"));
}

/* ---- managedFields foretell it ---- */
/* "a" lives with x: "7" and these annotations, and so it was reviewed; git says "1". */
static const struct sync_operation *heal(const char *managed, const char *notes)
{
    w.managed = managed;
    w.stored = event("ADDED", rk_arena_f(w.a,
        "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","
        "\"uid\":\"u-a\",\"resourceVersion\":\"5\",\"annotations\":{%s},\"managedFields\":%s},"
        "\"data\":{\"x\":\"7\"}}", notes, managed));
    open_cluster();
    return start("heal", work_of(CM("a", "0", "\"1\""), LIVE("a", "\"7\""), REV_1));
}

static void test_known_conflict_is_forced_at_once(void **state)
{
    (void)state;
    const struct sync_operation *op = heal("[" OURS "," KUBECTL "]", "");
    w.conflict = ".data.x"; /* without force the server would refuse it */
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("still\nPATCH a force over 5 [opened started:0]\napplied a"));
}

static void test_without_a_conflict_nothing_is_forced(void **state)
{
    (void)state;
    const struct sync_operation *op = heal("[" OURS "]", "");
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("still\nPATCH a [opened started:0]\napplied a"));
}

/* Known conflicts that were not reviewed, or are not ours to judge: the server is asked first. */
static void test_doubt_is_for_the_server(void **state)
{
    (void)state;
    const struct sync_operation *op =
        heal("[" OURS "," KUBECTL "," ENTRY("other", "Apply", NOTE("reckon.dev/tracking-id")) "]",
             "\"reckon.dev/tracking-id\":\"other:/ConfigMap:n/a\"");
    w.conflict = ".metadata.annotations.reckon.dev/tracking-id";
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_true(told("still\nPATCH a [opened started:0]\nclosed"));
    assert_part(op->message, "owns .metadata.annotations.reckon.dev/tracking-id, which was not");
}

static void test_another_automation_is_for_the_server(void **state)
{
    (void)state;
    const struct sync_operation *op =
        heal("[" OURS "," KUBECTL "]", "\"meta.helm.sh/release-name\":\"a\"");
    w.conflict = ".data.x";
    WAIT(op->state != SYNC_RUNNING);
    assert_true(told("still\nPATCH a [opened started:0]\nPATCH a force over 5"));
}

static void test_an_ignored_difference_is_for_the_server(void **state)
{
    (void)state;
    w.stored = event("ADDED", (w.managed = "[" OURS "," KUBECTL "]", stored_json("a", 5, "7")));
    open_cluster();
    struct sync_work *work = work_of(CM("a", "0", "\"1\""), LIVE("a", "\"7\""), REV_1);
    assert_int_equal(work->objects[0].drift->n_fields, 1);
    work->objects[0].drift->fields[0].ignored = true;
    const struct sync_operation *op = start("sync", work);
    w.conflict = ".data.x";
    WAIT(op->state != SYNC_RUNNING);
    assert_true(told("still\nPATCH a [opened started:0]\nPATCH a force over 5"));
}

/* ---- it moved meanwhile ---- */
/* The forced apply comes too late; the watch tells `now` before the refusal, when there is one. */
static const struct sync_operation *heal_too_late(const char *now)
{
    struct kube_key key = {.kind = RK_STR("ConfigMap"), .namespace = RK_STR("n"),
                           .name = RK_STR("a")};
    const struct sync_operation *op = heal("[" OURS "," KUBECTL "]", "");
    w.hold = true;
    w.moved = 1;
    WAIT(w.n_held == 1);
    assert_true(told("PATCH a force over 5"));
    if (now)
        net_stream_write(w.stream, rk_str_c(event("MODIFIED", now)));
    WAIT(!now || rk_str_is(cluster_find(w.cluster, &key)->object.resource_version, "6"));
    release_held();
    WAIT(op->state != SYNC_RUNNING);
    return op;
}

static void test_what_the_watch_brought_is_enough(void **state)
{
    (void)state;
    w.managed = "[" OURS "," KUBECTL "]";
    const struct sync_operation *op = heal_too_late(stored_json("a", 6, "7"));
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("over 5 [opened started:0]\nPATCH a force over 6 [opened started:0]\napplied"));
}

static void test_else_it_is_read(void **state)
{
    (void)state;
    w.managed = "[" OURS "," KUBECTL "]";
    w.read = stored_json("a", 10, "7");
    const struct sync_operation *op = heal_too_late(NULL);
    assert_int_equal(op->state, SYNC_SUCCEEDED);
    assert_true(told("over 5 [opened started:0]\nGET a\nPATCH a force over 10 [opened started:0]\n"));
}

static void test_another_value_meanwhile_stays(void **state)
{
    (void)state;
    w.managed = "[" OURS "," KUBECTL "]";
    w.conflict = ".data.x";
    const struct sync_operation *op = heal_too_late(stored_json("a", 6, "8"));
    assert_int_equal(op->state, SYNC_FAILED);
    assert_true(told("over 5 [opened started:0]\nPATCH a [opened started:0]\nclosed"));
    assert_part(op->message, "kubectl owns .data.x, which was not reviewed as drift");
}

/* The reviewed field is as it was, but somebody took another one that git names. */
static void test_another_field_meanwhile_stays(void **state)
{
    (void)state;
    w.conflict = ".metadata.annotations." WAVE;
    const struct sync_operation *op = heal_too_late(
        "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","
        "\"uid\":\"u-a\",\"resourceVersion\":\"6\",\"annotations\":{\"" WAVE "\":\"3\"},\"managedFields\":["
        OURS "," KUBECTL "," ENTRY("tool", "Update", NOTE(WAVE)) "]},\"data\":{\"x\":\"7\"}}");
    assert_int_equal(op->state, SYNC_FAILED);
    assert_true(told("over 5 [opened started:0]\nPATCH a [opened started:0]\nclosed"));
    assert_part(op->message, "owns .metadata.annotations." WAVE);
}

static void test_it_gives_up(void **state)
{
    (void)state;
    w.managed = "[" OURS "," KUBECTL "]";
    w.read = stored_json("a", 5, "7");
    const struct sync_operation *op = heal("[" OURS "," KUBECTL "]", "");
    w.moved = 99;
    WAIT(op->state != SYNC_RUNNING);
    assert_int_equal(op->state, SYNC_FAILED);
    assert_part(op->message, "it kept changing while it was applied: plan again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_drift_that_was_reviewed_is_forced),
        TEST(test_another_value_than_reviewed_is_not_forced),
        TEST(test_another_field_is_not_forced),
        TEST(test_a_name_that_begins_alike_is_not_forced),
        TEST(test_known_conflict_is_forced_at_once),
        TEST(test_without_a_conflict_nothing_is_forced),
        TEST(test_doubt_is_for_the_server),
        TEST(test_another_automation_is_for_the_server),
        TEST(test_an_ignored_difference_is_for_the_server),
        TEST(test_what_the_watch_brought_is_enough),
        TEST(test_else_it_is_read),
        TEST(test_another_value_meanwhile_stays),
        TEST(test_another_field_meanwhile_stays),
        TEST(test_it_gives_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
