/*
 * diff_rows_test.c: lines of YAML -> fields, fields and documents -> changes, changes -> rows; as
 * text, without a screen.
 */
#include "term/testing.h"

#include "view/diff_int.h"

/* ---- documents ---- */
static struct diff_doc doc_of(struct rk_arena *a, const char *text)
{
    struct diff_doc d = {0};
    rk_str rest = rk_str_c(text);
    d.lines = rk_arena_array(a, rest.n + 1, sizeof *d.lines);
    while (rest.n) {
        rk_str line = rk_str_cut(rest, '\n', &rest);
        d.lines[d.n] = (struct diff_line){.text = rk_arena_dup(a, line.p, line.n),
                                          .number = d.n + 1, .node = DIFF_NONE};
        d.n++;
    }
    diff_doc_index(a, &d);
    return d;
}

static void print_nodes(struct rk_buf *out, const struct diff_doc *d)
{
    for (size_t i = 0; i < d->n_nodes; i++)
        rk_buf_f(out, "%s %s %zu-%zu " RK_FMT_STR "\n", d->nodes[i].pointer,
                 rk_streq(d->nodes[i].place, d->nodes[i].pointer) ? "=" : d->nodes[i].place,
                 d->nodes[i].line + 1, d->nodes[i].end, RK_ARG_STR(d->nodes[i].value));
}

static void check_nodes(const char *text, const char *want)
{
    struct rk_arena *a = rk_arena_new();
    struct diff_doc d = doc_of(a, text);
    struct rk_buf got = RK_BUF_INIT;
    print_nodes(&got, &d);
    assert_string_equal(got.p, want);
    rk_buf_release(&got);
    diff_doc_release(&d);
    rk_arena_free(a);
}

static void test_maps_and_lists(void **state)
{
    (void)state;
    check_nodes("kind: Deployment\n"
                "metadata:\n"
                "  labels:\n"
                "    app.kubernetes.io/name: 'x: y'\n"
                "    \"a ~b\": \"1\"\n"
                "spec:\n"
                "  args:\n"
                "  - one\n"
                "  - --two=3\n"
                "  containers:\n"
                "  - image: reg/mailer:1.9.0\n"
                "    name: mailer\n"
                "    ports:\n"
                "    - containerPort: 80\n"
                "  - name: sidecar\n"
                "  replicas: 3\n",
                "/kind = 1-1 Deployment\n"
                "/metadata = 2-5 \n"
                "/metadata/labels = 3-5 \n"
                "/metadata/labels/app.kubernetes.io~1name = 4-4 x: y\n"
                "/metadata/labels/a ~0b = 5-5 1\n"
                "/spec = 6-16 \n"
                "/spec/args = 7-9 \n"
                "/spec/args/0 = 8-8 one\n"
                "/spec/args/1 = 9-9 --two=3\n"
                "/spec/containers = 10-15 \n"
                "/spec/containers/0 /spec/containers/[mailer] 11-14 \n"
                "/spec/containers/0/image /spec/containers/[mailer]/image 11-11 reg/mailer:1.9.0\n"
                "/spec/containers/0/name /spec/containers/[mailer]/name 12-12 mailer\n"
                "/spec/containers/0/ports /spec/containers/[mailer]/ports 13-14 \n"
                "/spec/containers/0/ports/0 /spec/containers/[mailer]/ports/[80] 14-14 \n"
                "/spec/containers/0/ports/0/containerPort "
                "/spec/containers/[mailer]/ports/[80]/containerPort 14-14 80\n"
                "/spec/containers/1 /spec/containers/[sidecar] 15-15 \n"
                "/spec/containers/1/name /spec/containers/[sidecar]/name 15-15 sidecar\n"
                "/spec/replicas = 16-16 3\n");
}

/* What a block of text holds is no field, whatever it looks like. */
static void test_blocks(void **state)
{
    (void)state;
    check_nodes("data:\n"
                "  conf: |\n"
                "    key: value\n"
                "\n"
                "    - dash\n"
                "  list:\n"
                "  - |-\n"
                "    a: b\n"
                "  - - x\n"
                "    - y\n"
                "  z: 1\n",
                "/data = 1-11 \n"
                "/data/conf = 2-5 |\n"
                "/data/list = 6-10 \n"
                "/data/list/0 = 7-8 |-\n"
                "/data/list/1 = 9-10 \n"
                "/data/list/1/0 = 9-9 x\n"
                "/data/list/1/1 = 10-10 y\n"
                "/data/z = 11-11 1\n");
}

/* Two items of one name: the second keeps its index. */
static void test_same_names(void **state)
{
    (void)state;
    check_nodes("env:\n- name: A\n- name: A\n",
                "/env = 1-3 \n"
                "/env/0 /env/[A] 2-2 \n"
                "/env/0/name /env/[A]/name 2-2 A\n"
                "/env/1 = 3-3 \n"
                "/env/1/name = 3-3 A\n");
    check_nodes("", "");
    check_nodes("just text\n", "");
}

/* ---- changes and rows ---- */
static const char git_text[] =
    "kind: Deployment\n"
    "metadata:\n"
    "  name: mailer\n"
    "spec:\n"
    "  minReadySeconds: 5\n"
    "  replicas: 3\n"
    "  revisionHistoryLimit: 2\n"
    "  selector:\n"
    "    matchLabels:\n"
    "      app: mailer\n"
    "      tier: back\n"
    "  template:\n"
    "    spec:\n"
    "      containers:\n"
    "      - env:\n"
    "        - name: A\n"
    "          value: a\n"
    "        image: reg/mailer:1.9.0\n"
    "        name: mailer\n";
static const char live_text[] =
    "kind: Deployment\n"
    "metadata:\n"
    "  name: mailer\n"
    "  uid: 1-2-3\n"
    "spec:\n"
    "  minReadySeconds: 5\n"
    "  replicas: 5\n"
    "  revisionHistoryLimit: 2\n"
    "  template:\n"
    "    spec:\n"
    "      containers:\n"
    "      - image: reg/proxy:2\n"
    "        name: proxy\n"
    "      - env:\n"
    "        - name: A\n"
    "          value: a\n"
    "        - name: DEBUG\n"
    "          value: \"1\"\n"
    "        image: reg/mailer:1.9.0-dbg\n"
    "        name: mailer\n";

static struct wire_field fields[] = {
    {.path = "/spec/template/spec/containers/0/image", .desired = "\"reg/mailer:1.9.0\"",
     .live = "\"reg/mailer:1.9.0-dbg\"", .manager = "kubectl-edit"},
    {.path = "/spec/replicas", .desired = "3", .live = "5", .manager = "kubectl-scale",
     .file = "base/deploy.yaml", .line = 14},
    {.path = "/status", .desired = "1", .live = "2", .ignored = true},
};

static void put_line(struct rk_buf *out, const char *sign, const struct diff_line *l)
{
    if (l)
        rk_buf_f(out, "%s%zu %s", sign, l->number, l->text);
}

static void print_row(struct rk_buf *out, const struct diff_row *r)
{
    switch (r->kind) {
    case DIFF_OBJECT: rk_buf_f(out, "object %zu", r->object); break;
    case DIFF_NOTE: rk_buf_f(out, "note %s", r->text); break;
    case DIFF_BLANK: break;
    case DIFF_FOLD: rk_buf_f(out, "fold %zu from %s", r->hidden, r->git->text); break;
    case DIFF_SAME: put_line(out, " ", r->git); break;
    case DIFF_CHANGED:
        put_line(out, "-", r->live);
        put_line(out, r->live && r->git ? " | +" : "+", r->git);
        break;
    }
    rk_buf_ch(out, '\n');
}

static void check_rows(const struct wire_drift_object *w, const char *git, const char *live,
                       const struct diff_look *look, const char *want)
{
    struct rk_arena *a = rk_arena_new();
    struct diff_object o = {.wire = w, .name = "x", .note = "", .live.state = DIFF_READ,
                            .git.state = DIFF_READ};
    struct diff_data d = {.mem = a, .objects = &o, .n = 1};
    struct diff_rows rows = {0};
    struct rk_buf got = RK_BUF_INIT;
    o.git.doc = doc_of(a, git);
    o.live.doc = doc_of(a, live);
    diff_changes(a, &o);
    diff_rows_make(&rows, &d, look);
    for (size_t i = 0; i < rows.n; i++)
        print_row(&got, &rows.v[i]);
    assert_string_equal(got.p, want);
    rk_buf_release(&got);
    rk_arena_free(rows.mem);
    diff_doc_release(&o.git.doc);
    diff_doc_release(&o.live.doc);
    rk_arena_free(a);
}

static const struct wire_drift_object changed = {
    .object = "apps/Deployment/n/mailer", .action = "change", .fields = fields, .n_fields = 3};

/* The live container stands at another index; paths that lead to a change stay. */
static void test_unified(void **state)
{
    (void)state;
    check_rows(&changed, git_text, live_text, &(struct diff_look){.context = 1},
               "object 0\n"
               "fold 3 from kind: Deployment\n"
               " 4 spec:\n"
               " 5   minReadySeconds: 5\n"
               "-7   replicas: 5\n"
               "+6   replicas: 3\n"
               " 7   revisionHistoryLimit: 2\n"
               "fold 4 from   selector:\n"
               " 12   template:\n"
               " 13     spec:\n"
               " 14       containers:\n"
               " 15       - env:\n"
               " 16         - name: A\n" /* a fold of one line would hide nothing */
               " 17           value: a\n"
               "-19         image: reg/mailer:1.9.0-dbg\n"
               "+18         image: reg/mailer:1.9.0\n"
               " 19         name: mailer\n");
}

static void test_split(void **state)
{
    (void)state;
    check_rows(&changed, git_text, live_text, &(struct diff_look){.context = 0, .split = true},
               "object 0\n"
               "fold 3 from kind: Deployment\n"
               " 4 spec:\n"
               " 5   minReadySeconds: 5\n"
               "-7   replicas: 5 | +6   replicas: 3\n"
               "fold 5 from   revisionHistoryLimit: 2\n"
               " 12   template:\n"
               " 13     spec:\n"
               " 14       containers:\n"
               " 15       - env:\n"
               "fold 2 from         - name: A\n"
               "-19         image: reg/mailer:1.9.0-dbg | +18         image: reg/mailer:1.9.0\n"
               " 19         name: mailer\n");
}

/* What only lives stands in git's document where it would be. */
static void test_only_live(void **state)
{
    static struct wire_field extra[] = {
        {.path = "/spec/template/spec/containers/1/env/1",
         .live = "{\"name\":\"DEBUG\",\"value\":\"1\"}", .manager = "kubectl-edit"}};
    static const struct wire_drift_object w = {.action = "change", .fields = extra, .n_fields = 1};
    (void)state;
    check_rows(&w, git_text, live_text, &(struct diff_look){.context = 1},
               "object 0\n"
               "fold 3 from kind: Deployment\n"
               " 4 spec:\n"
               "fold 7 from   minReadySeconds: 5\n"
               " 12   template:\n"
               " 13     spec:\n"
               " 14       containers:\n"
               " 15       - env:\n"
               " 16         - name: A\n"
               " 17           value: a\n"
               "-17         - name: DEBUG\n"
               "-18           value: \"1\"\n"
               " 18         image: reg/mailer:1.9.0\n"
               " 19         name: mailer\n");
}

/* Of a text of several lines, and of a list that is replaced whole, only what differs. */
static void test_several_lines(void **state)
{
    static struct wire_field two[] = {
        {.path = "/data/conf", .desired = "\"a = 1\\nb = 2\\n\\nc = 3\\n\"",
         .live = "\"a = 1\\nb = 9\\nbb = 9\\n\\nc = 3\\n\"", .manager = "kubectl-edit"},
        {.path = "/list", .desired = "[1,2]", .live = "[1,2,3]"}};
    static const struct wire_drift_object w = {.action = "change", .fields = two, .n_fields = 2};
    (void)state;
    check_rows(&w, "data:\n  'it''s: x': y\n  conf: |\n    a = 1\n    b = 2\n\n    c = 3\n"
                   "list:\n- 1\n- 2\n",
               "data:\n  conf: |\n    a = 1\n    b = 9\n    bb = 9\n\n    c = 3\n"
               "  'it''s: x': y\nlist:\n- 1\n- 2\n- 3\n",
               &(struct diff_look){.context = 9},
               "object 0\n 1 data:\n 2   'it''s: x': y\n 3   conf: |\n 4     a = 1\n"
               "-4     b = 9\n-5     bb = 9\n+5     b = 2\n"
               " 6 \n 7     c = 3\n 8 list:\n 9 - 1\n 10 - 2\n-12 - 3\n");
}

/* A document that is older than the fields, or none at all: the fields are right. */
static void test_made_from_fields(void **state)
{
    static struct wire_field two[] = {
        {.path = "/spec/replicas", .desired = "4", .live = "6"},
        {.path = "/metadata/annotations/a.b~1c", .live = "\"true\""}};
    static const struct wire_drift_object w = {.action = "change", .fields = two, .n_fields = 2};
    (void)state;
    check_rows(&w, "spec:\n  replicas: 3\n", "spec:\n  replicas: 5\n",
               &(struct diff_look){.context = 1},
               "object 0\n 1 spec:\n-2   replicas: 6\n+2   replicas: 4\n"
               "-0 metadata.annotations.a.b/c: \"true\"\n");
    check_rows(&w, "", "", &(struct diff_look){.context = 1},
               "object 0\n-0 metadata.annotations.a.b/c: \"true\"\n"
               "-0 spec.replicas: 6\n+0 spec.replicas: 4\n");
}

static void test_whole_objects(void **state)
{
    static const struct wire_drift_object create = {.action = "create"};
    static const struct wire_drift_object prune = {.action = "prune"};
    const struct diff_look look = {.context = 1};
    (void)state;
    check_rows(&create, "a: 1\nb: 2\n", "", &look, "object 0\n+1 a: 1\n+2 b: 2\n");
    check_rows(&prune, "", "a: 1\n", &look, "object 0\n-1 a: 1\n");
}

static void test_secret(void **state)
{
    static struct wire_field f[] = {
        {.path = "/data/API_TOKEN", .desired = "\"changed (91c0..., 40 bytes)\"",
         .live = "\"changed (3fa9..., 40 bytes)\"", .secret = true}};
    static const struct wire_drift_object w = {.action = "change", .fields = f, .n_fields = 1};
    (void)state;
    check_rows(&w, "data:\n  API_TOKEN: (91c0..., 40 bytes)\n  DB: (77d2..., 8 bytes)\n",
               "data:\n  API_TOKEN: (3fa9..., 40 bytes)\n", &(struct diff_look){.context = 9},
               "object 0\n 1 data:\n"
               "-2   API_TOKEN: changed (3fa9..., 40 bytes)"
               " | +2   API_TOKEN: changed (91c0..., 40 bytes)\n"
               " 3   DB: (77d2..., 8 bytes)\n");
}

static void test_all_ignored(void **state)
{
    static const struct wire_drift_object w = {.action = "change", .fields = fields + 2,
                                               .n_fields = 1};
    (void)state;
    check_rows(&w, "", "", &(struct diff_look){.context = 1},
               "object 0\nnote all its differences are ignored by rule\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps_and_lists), cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_same_names), cmocka_unit_test(test_unified),
        cmocka_unit_test(test_split), cmocka_unit_test(test_only_live),
        cmocka_unit_test(test_several_lines),
        cmocka_unit_test(test_made_from_fields), cmocka_unit_test(test_whole_objects),
        cmocka_unit_test(test_secret), cmocka_unit_test(test_all_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
