/*
 * diff_test.c: the drift diff view: what it asks for, what it shows at each size, where its keys
 * go.
 */
#include "view/scripted.h"

#include "view/diff_int.h"
#include "view/testing.h"

/* What the engine would send for one side of an object. */
static void answer_text(struct scripted *s)
{
    struct rk_buf json = RK_BUF_INIT;
    view_document(scripted_asked(s, "document.get"), &json);
    scripted_answer(s, "document.get", json.p);
    rk_buf_release(&json);
}

static void read_all(struct scripted *s)
{
    scripted_answer(s, "drift.get", VIEW_DRIFT);
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
    scripted_answer(&s, "drift.get", VIEW_DRIFT);
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
    assert_string_equal(right.p, "  change 2/3  unified"); /* the cursor stays on its field */
    rk_buf_release(&left);
    rk_buf_release(&right);
    scripted_event(&s, "application.watch", WIRE_RESET, synced); /* the same: nothing to read */
    assert_null(scripted_asked(&s, "drift.get"));
    scripted_end(&s);
}

/* Of two readings under way the older one's answer counts for nothing. */
static void test_reconnected(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    s.view->class->connected(s.view);
    scripted_answer(&s, "drift.get", "{\"verdict\":\"Synced\",\"revision\":\"0\",\"total\":0,"
                                     "\"objects\":[]}");
    assert_true(scripted_sees(&s, "reading what differs"));
    read_all(&s);
    assert_true(scripted_sees(&s, "replicas: 5"));
    scripted_end(&s);
}

static void test_nothing_differs(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 60, 16);
    scripted_answer(&s, "drift.get", "{\"verdict\":\"Synced\",\"revision\":"
                                     "\"4f2c1aa0\",\"total\":0,\"objects\":[]}");
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
    check_lines(&s,
"┌─ Deployment/mailer 2, Secret/mailer-keys 1 ──────────────────────────────────┐\n"
"│~ Deployment/mailer  change  2 fields  1 ignored by rule                      │\n"
"│    1   spec:                                                                 │\n"
"│    2     minReadySeconds: 5                                                  │\n"
"│    3     progressDeadlineSeconds: 600                                        │\n"
"│-   4     replicas: 5                          live kubectl-scale 9m          │\n"
"│+   4     replicas: 3                          git base/mailer/deploy.yaml:14 │\n"
"│    5     selector:                                                           │\n"
"│    6       matchLabels:                                                      │\n"
"│    7         app: mailer ...                  5 unchanged, z opens           │\n"
"│   12     template:                                                           │\n"
"│   13       spec:                                                             │\n"
"│   14         containers:                                                     │\n"
"│-  15         - image: reg/mailer:1.9.0-dbg    live kubectl-edit 10m          │\n"
"│+  15         - image: reg/mailer:1.9.0        git ..ging/kustomization.yaml:9│\n"
"│   16           name: mailer                                                  │\n"
"│                                                                              │\n"
"│~ Secret/mailer-keys  change  1 field  (compared without the server)          │\n"
"│    1   data:                                                                 │\n"
"└────────────────────────────────────────────────────────────────────── 5/20 ──┘\n");
    scripted_end(&s);
}

static void test_split_60(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 60, 13);
    read_all(&s);
    scripted_act(&s, ACT_SPLIT);
    scripted_act(&s, ACT_WHO);
    scripted_draw(&s);
    scripted_act(&s, ACT_NEXT_PROBLEM);
    check_lines(&s,
"┌─ LIVE ─────────────────────┐┌─ GIT 4f2c1aa ──────────────┐\n"
"│   14       containers:     ││   14       containers:     │\n"
"│-  15       - image: reg/mai││+  15       - image: reg/mai│\n"
"│   16         name: mailer  ││   16         name: mailer  │\n"
"│                            ││                            │\n"
"│~ Secret/mailer-keys  change││~ Secret/mailer-keys  change│\n"
"└────────────────────────────┘└─────────────────── 13/19 ──┘\n"
"┌─ Deployment/mailer  spec.template.spec.containers[0].i..─┐\n"
"│live  reg/mailer:1.9.0-dbg                                │\n"
"│      last written by kubectl-edit no later than 11:54    │\n"
"│git   reg/mailer:1.9.0  ..ays/staging/kustomization.yaml:9│\n"
"│      8c1d2aa  reviewer  (b tells more)                   │\n"
"└──────────────────────────────────────────────────────────┘\n");
    scripted_act(&s, ACT_RIGHT); /* long lines move to the left */
    assert_true(scripted_sees(&s, "│-  15 image: reg/mailer:1.9.││+  15 image: reg/mailer:"));
    scripted_end(&s);
}

/* A wide screen holds the objects and the current change beside the text. */
static void test_wide(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 200, 57);
    read_all(&s);
    assert_true(scripted_sees(&s, "┌─ Objects that differ  2 ─"));
    assert_true(scripted_sees(&s, "││~ Secret/mailer-keys "));
    assert_true(scripted_sees(&s, "┌─ Deployment/mailer  spec.replicas ─"));
    assert_true(scripted_sees(&s, "operation Update  subresource scale"));
    scripted_act(&s, ACT_SPLIT);
    assert_true(scripted_sees(&s, "┌─ GIT 4f2c1aa ─"));
    scripted_end(&s);
}

static void test_production_is_doubled(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 20);
    read_all(&s);
    scripted_event(&s, "application.watch", WIRE_RESET,
                   "{\"row\":{\"environment\":\"production\"}}");
    assert_true(scripted_sees(&s, "╔═ Deployment/mailer 2"));
    scripted_end(&s);
}

/* Every size a terminal may have: nothing is drawn beyond it (vt_same fails), nothing is lost. */
static void test_any_size(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    read_all(&s);
    for (int i = 0; i < 2; i++, scripted_act(&s, ACT_SPLIT), scripted_act(&s, ACT_WHO))
        for (int w = 1; w < 210; w += 13)
            for (int h = 1; h < 30; h += 4) {
                scripted_resize(&s, w, h);
                scripted_draw(&s);
            }
    scripted_end(&s);
}

/* ---- secrets and foreign text ---- */
static void test_secret(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 100, 30);
    read_all(&s);
    assert_true(scripted_sees(&s, "*   2     API_TOKEN: changed (3fa9..., 40 bytes) -> "
                                  "(91c0..., 40 bytes)"));
    assert_true(scripted_sees(&s, "DB_URL: (77d2..., 88 bytes)"));
    assert_false(scripted_sees(&s, "rk1:"));
    scripted_act(&s, ACT_NEXT_UNIT);
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "say secrets are not copied\n");
    scripted_end(&s);
}

static void test_foreign(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 100, 20);
    scripted_answer(&s, "drift.get",
                    "{\"revision\":\"1\",\"total\":1,\"objects\":[{\"object\":\"/X/n/\\u202ea\","
                    "\"action\":\"change\",\"note\":\"\\u001b[31m\",\"fields\":[{\"path\":\"/d\","
                    "\"live\":\"\\\"\\u009b2J\\\"\",\"manager\":\"\\u200bme\"}]}]}");
    assert_true(scripted_sees(&s, "X/\\u202ea"));
    assert_true(scripted_sees(&s, "\\x1b[31m"));
    assert_true(scripted_sees(&s, "\\x9b2J"));
    assert_true(scripted_sees(&s, "live \\u200bme"));
    scripted_answer(&s, "document.get", "{\"total\":1,\"lines\":[{\"text\":\"a: \\u202eb\"}]}");
    scripted_answer(&s, "document.get", "{\"total\":1,\"lines\":[{\"text\":\"a: \\u202eb\"}]}");
    assert_true(scripted_sees(&s, "a: \\u202eb"));
    scripted_end(&s);
}

/* ---- keys ---- */
static void test_previews(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    scripted_act(&s, ACT_SYNC); /* before anything came */
    scripted_log_is(&s, "open plan app=staging/mailer {\"kind\":\"sync\","
                        "\"app\":\"staging/mailer\",\"resources\":[],\"paths\":[],\"leave_out\":[],\"prune\":false,\"force\":false,"
                        "\"dry_run\":false}\n");
    read_all(&s);
    scripted_act(&s, ACT_IGNORE);
    scripted_log_is(&s, "open plan app=staging/mailer {\"kind\":\"ignore\","
                        "\"app\":\"staging/mailer\",\"resources\":[\"apps/Deployment/mail/mailer\"],"
                        "\"paths\":[\"/spec/replicas\"],\"leave_out\":[],\"prune\":false,\"force\":false,"
                        "\"dry_run\":false}\n");
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_act(&s, ACT_ADOPT);
    assert_true(strstr(s.log.p, "\"kind\":\"adopt\""));
    assert_true(strstr(s.log.p, "\"paths\":[\"/spec/template/spec/containers/0/image\"]"));
    rk_buf_clear(&s.log);
    scripted_act(&s, ACT_NEXT_UNIT);
    scripted_act(&s, ACT_OPEN);
    scripted_log_is(&s, "open resource app=staging/mailer object=/Secret/mail/mailer-keys\n");
    scripted_act(&s, ACT_PREV_PROBLEM);
    scripted_act(&s, ACT_COPY);
    scripted_log_is(&s, "open copy d:apps/Deployment/mail/mailer "
                        "spec.template.spec.containers[0].image\n"
                        "-       - image: reg/mailer:1.9.0-dbg\n"
                        "+       - image: reg/mailer:1.9.0\n n:apps/Deployment/mail/mailer "
                        "f:overlays/staging/kustomization.yaml:9 s:8c1d2aa9 "
                        "k:kubectl -n mail get Deployment.apps mailer -o yaml\n");
    scripted_end(&s);
}

static void test_blame(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 24);
    read_all(&s);
    scripted_act(&s, ACT_BLAME);
    assert_string_equal(scripted_asked(&s, "blame.get"),
                        "{\"app\":\"staging/mailer\",\"file\":\"base/mailer/deploy.yaml\",\"rev\":"
                        "\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"line\":14}");
    assert_true(scripted_sees(&s, "reading who wrote the line"));
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_act(&s, ACT_BLAME);
    scripted_answer(&s, "blame.get", "{\"commit\":\"1111111111\",\"subject\":\"of the other\"}");
    assert_false(scripted_sees(&s, "of the other")); /* another line is asked about by now */
    scripted_answer(&s, "blame.get", "{\"commit\":\"8c1d2aa9aa\",\"author\":\"reviewer\","
                                     "\"subject\":\"mailer: 1.9.0\",\"time\":1764000000000}");
    assert_true(scripted_sees(&s, "8c1d2aa  reviewer  24 Nov 16:00  \"mailer: 1.9.0\""));
    scripted_act(&s, ACT_NEXT_UNIT);
    scripted_act(&s, ACT_BLAME); /* the Secret's field has no file */
    assert_true(strstr(s.log.p, "say no line of git says so"));
    scripted_end(&s);
}

static void test_changes(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 12);
    read_all(&s);
    scripted_draw(&s);
    scripted_act(&s, ACT_NEXT_PROBLEM);
    assert_true(scripted_sees(&s, "+  15         - image")); /* both lines of it are seen */
    scripted_act(&s, ACT_NEXT_PROBLEM);
    assert_true(scripted_sees(&s, "*   2     API_TOKEN"));
    scripted_act(&s, ACT_NEXT_PROBLEM);
    scripted_log_is(&s, "say no change below\n");
    scripted_act(&s, ACT_PREV_UNIT);
    scripted_act(&s, ACT_PREV_UNIT);
    assert_true(scripted_sees(&s, "~ Deployment/mailer  change  2 fields"));
    scripted_act(&s, ACT_PREV_PROBLEM);
    scripted_log_is(&s, "say no change above\n");
    scripted_end(&s);
}

static void test_folds(void **state)
{
    struct scripted s;
    (void)state;
    open_at(&s, 80, 40);
    read_all(&s);
    for (int i = 0; i < 6; i++)
        scripted_act(&s, ACT_DOWN);
    assert_true(scripted_sees(&s, "4 unchanged, z opens"));
    scripted_act(&s, ACT_FOLD);
    assert_false(scripted_sees(&s, "unchanged"));
    assert_true(scripted_sees(&s, "   11         e: 4"));
    scripted_act(&s, ACT_FOLD); /* back */
    assert_true(scripted_sees(&s, "4 unchanged, z opens"));
    scripted_act(&s, ACT_MORE);
    scripted_act(&s, ACT_MORE);
    scripted_act(&s, ACT_MORE);
    assert_false(scripted_sees(&s, "unchanged"));
    scripted_log_is(&s, "say 4 lines of context\nsay 5 lines of context\nsay 6 lines of context\n");
    scripted_end(&s);
}

static void test_find(void **state)
{
    struct scripted s;
    struct rk_buf status = RK_BUF_INIT;
    (void)state;
    open_at(&s, 80, 20);
    read_all(&s);
    assert_false(s.view->class->find(s.view, RK_STR("MAILER"), 0)); /* a capital: as it is */
    assert_true(s.view->class->find(s.view, RK_STR("e: 4"), 0)); /* it is in a fold */
    assert_true(scripted_sees(&s, "   11         e: 4"));
    s.view->class->status(s.view, &status);
    assert_string_equal(status.p, "/e: 4  1 of 1 matches  ignored by rule: 1");
    assert_true(s.view->class->find(s.view, RK_STR("1.9.0"), 0));
    assert_true(s.view->class->find(s.view, RK_STR("1.9.0"), 1));
    rk_buf_clear(&status);
    s.view->class->status(s.view, &status);
    assert_true(strstr(status.p, "/1.9.0  2 of 2 matches"));
    assert_true(s.view->class->find(s.view, RK_STR("1.9.0"), 1)); /* round to the first */
    assert_true(s.view->class->find(s.view, RK_STR("1.9.0"), -1));
    rk_buf_clear(&status);
    s.view->class->status(s.view, &status);
    assert_true(strstr(status.p, "2 of 2"));
    rk_buf_release(&status);
    scripted_end(&s);
}

/* Two revisions: both texts are git's, at the commits that the engine found. */
static void test_compares_two(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 120, 40);
    scripted_open(&s, &view_diff, &(struct view_target){.app = "mailer-staging", .rev = "4f2c1aa",
                                                        .from = "77b01d3"});
    assert_null(scripted_asked(&s, "drift.get"));
    assert_true(strstr(scripted_asked(&s, "revisions.compare"),
                       "\"app\":\"mailer-staging\",\"from\":\"77b01d3\",\"to\":\"4f2c1aa\""));
    scripted_answer(&s, "revisions.compare", VIEW_COMPARED);
    while (scripted_asked(&s, "document.get")) {
        assert_true(strstr(scripted_asked(&s, "document.get"), "\"side\":\"desired\",\"rev\":\""));
        answer_text(&s);
    }
    assert_true(scripted_sees(&s, "git overlays/staging/kustomization.yaml:8 77b01d3"));
    assert_true(scripted_sees(&s, "git overlays/staging/kustomization.yaml:9 8c1d2aa"));
    assert_true(scripted_sees(&s, "Service/mailer-old  not at 4f2c1aa"));
    assert_true(scripted_sees(&s, "changed (3fa9..., 40 bytes) -> (91c0..., 40 bytes)") ||
                scripted_sees(&s, "(3fa9..., 40 bytes)"));
    assert_false(scripted_sees(&s, "live"));
    assert_string_equal(scripted_headline(&s),
                        "compare mailer-staging 77b01d3 -> 4f2c1aa|  change 1/4  unified");
    scripted_act(&s, ACT_SYNC); /* nothing of it lives */
    scripted_act(&s, ACT_ADOPT);
    assert_null(strstr(s.log.p, "open"));
    scripted_event(&s, "application.watch", WIRE_RESET, "{\"row\":{\"changed\":1}}");
    scripted_event(&s, "application.watch", WIRE_RESET, "{\"row\":{\"changed\":2}}");
    run_loop_run(s.host.loop);
    assert_null(scripted_asked(&s, "revisions.compare")); /* what is named does not change */
    scripted_end(&s);
}

/* Two environments: each text is asked of its own application, by the object's own name there. */
static void test_compares_environments(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 120, 40);
    scripted_open(&s, &view_diff, &(struct view_target){.app = "shop-dev", .rev = "b", .from = "a",
                                                        .from_app = "shop-prod"});
    scripted_answer(&s, "revisions.compare",
                    "{\"app\":\"shop-dev\",\"from_app\":\"shop-prod\",\"from\":\"aaaaaaaa\","
                    "\"revision\":\"bbbbbbbb\",\"total\":2,\"objects\":[{\"object\":"
                    "\"/ConfigMap/dev/env\",\"from\":\"/ConfigMap/prod/env\",\"action\":\"change\","
                    "\"fields\":[{\"path\":\"/data/A\",\"desired\":\"1\",\"live\":\"2\"}]},"
                    "{\"object\":\"batch/Job/dev/once\",\"action\":\"create\"}]}");
    assert_true(strstr(scripted_asked(&s, "document.get"), "\"app\":\"shop-prod\",\"object\":"
                       "\"/ConfigMap/prod/env\",\"side\":\"desired\",\"rev\":\"aaaaaaaa\""));
    scripted_answer(&s, "document.get", "{\"total\":1,\"lines\":[{\"text\":\"data: {}\"}]}");
    assert_true(strstr(scripted_asked(&s, "document.get"), "\"app\":\"shop-dev\",\"object\":"
                       "\"/ConfigMap/dev/env\",\"side\":\"desired\",\"rev\":\"bbbbbbbb\""));
    scripted_refuse(&s, "document.get", RK_NOT_FOUND, "gone");
    assert_true(scripted_sees(&s, "no later text: gone"));
    scripted_answer(&s, "document.get", "{\"total\":1,\"lines\":[{\"text\":\"kind: Job\"}]}");
    assert_true(scripted_sees(&s, "Job/once  not in shop-prod"));
    assert_string_equal(scripted_headline(&s),
                        "compare shop-prod aaaaaaa -> shop-dev bbbbbbb|  change 1/2  unified");
    scripted_end(&s);
}

static void test_compare_refused(void **state)
{
    struct scripted s;
    (void)state;
    scripted_init(&s, 120, 40);
    scripted_open(&s, &view_diff, &(struct view_target){.app = "shop", .rev = "b", .from = "a"});
    scripted_refuse(&s, "revisions.compare", RK_NOT_FOUND, "shop at a: it was not in git then");
    assert_true(scripted_sees(&s, "shop at a: it was not in git then"));
    scripted_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compares_two), cmocka_unit_test(test_compares_environments),
        cmocka_unit_test(test_compare_refused),
        cmocka_unit_test(test_asks), cmocka_unit_test(test_pages),
        cmocka_unit_test(test_reads_again), cmocka_unit_test(test_reconnected),
        cmocka_unit_test(test_nothing_differs),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_unified_80),
        cmocka_unit_test(test_split_60), cmocka_unit_test(test_wide),
        cmocka_unit_test(test_production_is_doubled), cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_secret), cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_previews), cmocka_unit_test(test_blame),
        cmocka_unit_test(test_changes), cmocka_unit_test(test_folds), cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
