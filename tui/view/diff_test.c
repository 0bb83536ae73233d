/*
 * diff_test.c: the drift diff view: what it asks for, what it shows at each size, where its keys go.
 */
#include "view/scripted.h"

#include "view/diff_int.h"

static const char drift[] =
    "{\"app\":\"staging/mailer\",\"verdict\":\"OutOfSync\",\"revision\":"
    "\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"offset\":0,\"total\":2,\"objects\":["
    "{\"object\":\"apps/Deployment/mail/mailer\",\"action\":\"change\",\"method\":\"server\","
    "\"fields\":["
    "{\"path\":\"/spec/template/spec/containers/0/image\",\"desired\":\"\\\"reg/mailer:1.9.0\\\"\","
    "\"live\":\"\\\"reg/mailer:1.9.0-dbg\\\"\",\"manager\":\"kubectl-edit\",\"operation\":\"Update\","
    "\"written\":1795262400000,\"file\":\"overlays/staging/kustomization.yaml\",\"line\":9,"
    "\"commit\":\"8c1d2aa9\",\"author\":\"reviewer\"},"
    "{\"path\":\"/spec/replicas\",\"desired\":\"3\",\"live\":\"5\",\"manager\":\"kubectl-scale\","
    "\"operation\":\"Update\",\"subresource\":\"scale\",\"written\":1795262460000,"
    "\"file\":\"base/mailer/deploy.yaml\",\"line\":14},"
    "{\"path\":\"/spec/paused\",\"live\":\"true\",\"ignored\":true}]},"
    "{\"object\":\"/Secret/mail/mailer-keys\",\"action\":\"change\",\"method\":\"local\","
    "\"fields\":[{\"path\":\"/data/API_TOKEN\",\"desired\":\"\\\"changed (91c0..., 40 bytes)\\\"\","
    "\"live\":\"\\\"changed (3fa9..., 40 bytes)\\\"\",\"secret\":true}]}]}";

#define LINE(text) "{\"text\":\"" text "\"},"
#define BODY \
    LINE("spec:") LINE("  minReadySeconds: 5") LINE("  progressDeadlineSeconds: 600") \
    LINE("  replicas: %d") LINE("  selector:") LINE("    matchLabels:") LINE("      app: mailer") \
    LINE("      b: 1") LINE("      c: 2") LINE("      d: 3") LINE("      e: 4") \
    LINE("  template:") LINE("    spec:") LINE("      containers:") \
    LINE("      - image: reg/mailer:1.9.0%s") "{\"text\":\"        name: mailer\"}"

/* What the engine would send for one side of an object. */
static void answer_text(struct scripted *s)
{
    const char *asked = scripted_asked(s, "document.get");
    bool live = strstr(asked, "\"side\":\"live\""), secret = strstr(asked, "Secret");
    struct rk_buf json = RK_BUF_INIT;
    if (secret)
        rk_buf_f(&json, "{\"total\":3,\"lines\":[" LINE("data:")
                        LINE("  API_TOKEN: rk1:%s:40") "{\"text\":\"  DB_URL: "
                        "rk1:77d2000000000000:88\"}]}",
                 live ? "3fa9000000000000" : "91c0000000000000");
    else
        rk_buf_f(&json, "{\"total\":16,\"lines\":[" BODY "]}", live ? 5 : 3, live ? "-dbg" : "");
    scripted_answer(s, "document.get", json.p);
    rk_buf_release(&json);
}

static void read_all(struct scripted *s)
{
    scripted_answer(s, "drift.get", drift);
    while (scripted_asked(s, "document.get"))
        answer_text(s);
}

static void open_at(struct scripted *s, int cols, int rows)
{
    scripted_init(s, cols, rows);
    scripted_open(s, &view_diff, &(struct view_target){.app = "staging/mailer"});
}

static void check_lines(struct scripted *s, const char *want)
{
    scripted_draw(s);
    assert_string_equal(vt_text(&s->vt), want);
}

/* ---- reading ---- */
static void test_asks(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    assert_string_equal(scripted_watched(&s, "application.watch"), "{\"app\":\"staging/mailer\"}");
    assert_true(scripted_sees(&s, "reading what differs in staging/mailer"));
    assert_true(strstr(scripted_asked(&s, "drift.get"), "\"app\":\"staging/mailer\""));
    scripted_answer(&s, "drift.get", drift);
    assert_true(scripted_sees(&s, "its text is being read"));
    assert_true(scripted_sees(&s, "spec.replicas: 5")); /* the fields are there already */
    assert_true(strstr(scripted_asked(&s, "document.get"), "apps/Deployment/mail/mailer"));
    while (scripted_asked(&s, "document.get"))
        answer_text(&s);
    assert_false(scripted_sees(&s, "its text is being read"));
    assert_true(scripted_sees(&s, "    replicas: 5"));
    scripted_end(&s);
}

static void test_pages(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    scripted_answer(&s, "drift.get",
                    "{\"revision\":\"1\",\"total\":2,\"objects\":[{\"object\":\"/ConfigMap/n/a\","
                    "\"action\":\"create\",\"fields\":[]}]}");
    assert_true(strstr(scripted_asked(&s, "drift.get"), "\"offset\":1"));
    scripted_answer(&s, "drift.get",
                    "{\"revision\":\"1\",\"total\":2,\"offset\":1,\"objects\":[{\"object\":"
                    "\"/ConfigMap/n/b\",\"action\":\"prune\",\"fields\":[]}]}");
    assert_true(strstr(scripted_asked(&s, "document.get"), "\"side\":\"desired\""));
    scripted_answer(&s, "document.get", "{\"total\":2,\"lines\":[{\"text\":\"kind: ConfigMap\"}]}");
    assert_true(strstr(scripted_asked(&s, "document.get"), "\"offset\":1"));
    scripted_refuse(&s, "document.get", RK_LIMIT, "the answer is too long");
    assert_true(strstr(scripted_asked(&s, "document.get"), "\"limit\":100")); /* fewer at once */
    scripted_answer(&s, "document.get", "{\"total\":2,\"lines\":[{\"text\":\"data: {}\"}]}");
    assert_true(strstr(scripted_asked(&s, "document.get"), "\"side\":\"live\""));
    scripted_refuse(&s, "document.get", RK_NOT_FOUND, "no such object \x1b[2J");
    assert_true(scripted_sees(&s, "+   1  kind: ConfigMap") || scripted_sees(&s, "+   1   kind"));
    assert_true(scripted_sees(&s, "ConfigMap/b  prune"));
    assert_true(scripted_sees(&s, "no live text: no such object \\x1b[2J"));
    scripted_end(&s);
}

/* It reads again when the application changed; what was shown stays until all of it is there. */
static void test_reads_again(void **state)
{
    static const char synced[] = "{\"row\":{\"verdict\":\"Synced\",\"changed\":2}}";
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    scripted_event(&s, "application.watch", WIRE_RESET,
                   "{\"row\":{\"verdict\":\"OutOfSync\",\"changed\":1}}");
    read_all(&s);
    scripted_act(&s, ACT_NEXT_PROBLEM); /* replicas -> image */
    assert_null(scripted_asked(&s, "drift.get"));
    scripted_event(&s, "application.watch", WIRE_RESET, synced);
    assert_null(scripted_asked(&s, "drift.get")); /* it was read a moment ago */
    run_loop_run(s.host.loop);                    /* until its timer ended */
    read_all(&s);
    run_loop_run(s.host.loop);
    struct rk_buf right = RK_BUF_INIT, left = RK_BUF_INIT;
    s.view->class->headline(s.view, &left, &right);
    assert_string_equal(left.p, "diff staging/mailer  live -> git 4f2c1aa");
    assert_string_equal(right.p, "change 2/3  unified"); /* the cursor stays on its field */
    rk_buf_release(&left);
    rk_buf_release(&right);
    scripted_event(&s, "application.watch", WIRE_RESET, synced); /* the same: nothing to read */
    assert_null(scripted_asked(&s, "drift.get"));
    scripted_end(&s);
}

static void test_nothing_differs(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 60, 16);
    scripted_answer(&s, "drift.get", "{\"verdict\":\"Synced\",\"revision\":\"4f2c1aa0\",\"total\":0,"
                                     "\"objects\":[]}");
    assert_true(scripted_sees(&s, "= nothing differs: staging/mailer is Synced at 4f2c1aa"));
    assert_false(scripted_act(&s, ACT_DOWN));
    scripted_end(&s);
}

static void test_refused(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 60, 16);
    scripted_refuse(&s, "drift.get", RK_UNAVAILABLE, "staging/mailer is not compared yet");
    assert_true(scripted_sees(&s, "staging/mailer is not compared yet"));
    scripted_end(&s);
}

/* ---- pictures ---- */
static void test_unified_80(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 20);
    read_all(&s);
    scripted_act(&s, ACT_LESS);
    scripted_act(&s, ACT_LESS);
    check_lines(&s, "");
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks), cmocka_unit_test(test_pages),
        cmocka_unit_test(test_reads_again), cmocka_unit_test(test_nothing_differs),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_unified_80),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
