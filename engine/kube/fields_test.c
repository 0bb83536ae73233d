/*
 * fields_test.c: managedFields and field sets: who owns a field, leaves, the set of a document
 * (shapes as kube-apiserver v1.35.4 wrote them), arithmetic, removal, comparison, apply's merge,
 * the paths of conflicts.
 */
#include "kube/testing.h"

static const char live_text[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {a: b}}\n"
    "spec:\n  replicas: 3\n  selector: {matchLabels: {a: b}}\n"
    "  template:\n    spec:\n      containers:\n"
    "      - {name: side, image: s}\n"
    "      - name: app\n        image: i:2\n        args: [x, y]\n"
    "        ports: [{containerPort: 80, protocol: TCP, name: http}]\n";

static const char managed[] =
    "[{\"manager\":\"reckon\",\"operation\":\"Apply\",\"apiVersion\":\"apps/v1\","
    "\"time\":\"2026-01-01T00:00:00Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:spec\":{"
    "\"f:replicas\":{},\"f:selector\":{},\"f:template\":{\"f:spec\":{\"f:containers\":{"
    "\"k:{\\\"name\\\":\\\"app\\\"}\":{\".\":{},\"f:name\":{},\"f:image\":{},\"f:args\":{},"
    "\"f:ports\":{\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},"
    "\"f:name\":{}}}}}}}}}},"
    "{\"manager\":\"kubectl-edit\",\"operation\":\"Update\",\"time\":\"2026-01-03T00:00:00Z\","
    "\"fieldsV1\":{\"f:spec\":{\"f:template\":{\"f:spec\":{\"f:containers\":{"
    "\"k:{\\\"name\\\":\\\"app\\\"}\":{\"f:image\":{}}}}}}}},"
    "{\"manager\":\"hpa\",\"operation\":\"Update\",\"subresource\":\"scale\","
    "\"time\":\"2026-01-02T00:00:00Z\",\"fieldsV1\":{\"f:spec\":{\"f:replicas\":{}},"
    "\"x:unknown\":{}}},"
    "{\"manager\":\"old\",\"operation\":\"Update\",\"time\":\"2026-01-01T00:00:00Z\","
    "\"fieldsV1\":{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:a\":{}}}}},"
    "{\"manager\":\"new\",\"operation\":\"Update\",\"time\":\"2026-01-02T00:00:00Z\","
    "\"fieldsV1\":{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}}]";

static struct kube_fields *parse(const char *text)
{
    struct kube_fields *f = NULL;
    struct rk_err err = {0};
    if (kube_fields_parse(arena, rk_str_c(text), &f, &err) != 0)
        fail_msg("%s", err.text);
    return f;
}

static const char *owner(const struct kube_fields *f, const struct doc_node *doc,
                         const char *pointer)
{
    struct kube_owner o;
    if (!kube_fields_owner(f, doc, rk_str_c(pointer), schema_of(KUBE_SSA, doc), &o))
        return "";
    return rk_arena_dup(arena, o.manager.p, o.manager.n);
}

#define CONTAINER "/spec/template/spec/containers/1"

static void owners(void **state)
{
    (void)state;
    struct kube_fields *f = parse(managed);
    const struct doc_node *doc = yaml(live_text);
    assert_int_equal(kube_fields_entries(f), 5);
    assert_true(rk_str_is(kube_fields_entry(f, 2).subresource, "scale"));
    assert_int_equal(kube_fields_find(f, RK_STR("reckon"), RK_STR("Apply")), 0);
    assert_true(kube_fields_find(f, RK_STR("reckon"), RK_STR("Update")) == SIZE_MAX);
    assert_string_equal(owner(f, doc, "/spec/replicas"), "reckon"); /* Apply before Update */
    assert_string_equal(owner(f, doc, "/metadata/labels/a"), "new"); /* then the newest */
    assert_string_equal(owner(f, doc, CONTAINER "/image"), "reckon");
    assert_string_equal(owner(f, doc, CONTAINER "/args/1"), "reckon"); /* inside an atomic list */
    assert_string_equal(owner(f, doc, "/spec/selector/matchLabels/a"), "reckon");
    assert_string_equal(owner(f, doc, CONTAINER "/ports/0/name"), "reckon");
    assert_string_equal(owner(f, doc, CONTAINER), "reckon"); /* the item itself */
    assert_string_equal(owner(f, doc, CONTAINER "/ports/0/protocol"), "");
    assert_string_equal(owner(f, doc, CONTAINER "/imagePullPolicy"), ""); /* a default */
    assert_string_equal(owner(f, doc, "/spec/template/spec/containers/0/image"), "");
    assert_string_equal(owner(f, doc, "/spec/template/spec/containers/9/image"), "");
    assert_string_equal(owner(f, doc, "/metadata/name"), "");
    assert_string_equal(owner(f, doc, ""), "");
    /* a port in git without protocol is the tracked one with TCP */
    const struct doc_node *git = yaml("{apiVersion: apps/v1, kind: Deployment, spec: {template: "
        "{spec: {containers: [{name: app, ports: [{containerPort: 80, name: h}]}]}}}}");
    assert_string_equal(owner(f, git, "/spec/template/spec/containers/0/ports/0/name"), "reckon");
    /* custom resources: lists by the keys that the server used, lists and maps owned whole */
    struct kube_fields *cr = parse(
        "[{\"manager\":\"m\",\"operation\":\"Update\",\"fieldsV1\":{\"f:spec\":{\"f:l\":{"
        "\"k:{\\\"id\\\":2}\":{\".\":{},\"f:v\":{}}},\"f:atomic\":{},\"f:m\":{}}}}]");
    const struct doc_node *foo = yaml("{apiVersion: e.com/v1, kind: Foo, spec: {l: [{id: 1, v: a}, "
                                      "{id: 2, v: b}], atomic: [1, 2], m: {a: 1}}}");
    assert_string_equal(owner(cr, foo, "/spec/l/1/v"), "m");
    assert_string_equal(owner(cr, foo, "/spec/l/0/v"), "");
    assert_string_equal(owner(cr, foo, "/spec/atomic/1"), "m");
    assert_string_equal(owner(cr, foo, "/spec/m/a"), "m");
}

static void bad_input(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{", "{}", "[{\"fieldsV1\":[]}]", "[{\"fieldsV1\":{\"k:oops\":{}}}]",
        "[{\"fieldsV1\":{\"k:[1]\":{}}}]", "[{\"fieldsV1\":{\"f:a\":1}}]",
        "[{\"fieldsV1\":{\"v:{}\":{}}}]"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct kube_fields *f = NULL;
        struct rk_err err = {0};
        if (kube_fields_parse(arena, rk_str_c(bad[i]), &f, &err) == 0)
            fail_msg("%s was taken", bad[i]);
        assert_null(f);
    }
    assert_int_equal(kube_fields_entries(parse("")), 0);
    assert_int_equal(kube_fields_entries(parse("null")), 0);
    assert_int_equal(kube_fields_entries(parse("[{}]")), 1);
}

static void join(rk_str text, void *ctx)
{
    struct rk_buf *out = ctx;
    rk_buf_str(out, text);
    rk_buf_ch(out, ' ');
}

static void leaves(void **state)
{
    (void)state;
    struct kube_fields *f = parse(managed);
    struct rk_buf out = RK_BUF_INIT;
    kube_fields_each(f, 0, yaml(live_text), join, &out);
    assert_string_equal(out.p, "/spec/replicas /spec/selector " CONTAINER "/args " CONTAINER
                               "/image " CONTAINER "/name " CONTAINER "/ports/0/name ");
    rk_buf_clear(&out);
    kube_fields_each(f, 0, yaml("{spec: {replicas: 1, template: {}}}"), join, &out);
    assert_string_equal(out.p, "/spec/replicas ");
    rk_buf_release(&out);
}

static struct kube_set *set(const char *fields_v1)
{
    struct kube_set *s = NULL;
    struct rk_err err = {0};
    if (kube_set_read(arena, yaml(fields_v1), &s, &err) != 0)
        fail_msg("%s", err.text);
    return s;
}

static void set_of_document(void **state)
{
    (void)state;
    const struct doc_node *doc = yaml(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: x, namespace: n, "
        "finalizers: [f/g], labels: {a: b}}, spec: {selector: {matchLabels: {a: b}}, template: "
        "{spec: {containers: [{name: c, args: [a], ports: [{containerPort: 80}, {containerPort: "
        "53, protocol: UDP}], resources: {limits: {cpu: 1}}}], volumes: [{name: v, emptyDir: {}}], "
        "nodeSelector: {a: b}}}}}");
    same(kube_fields_of(arena, doc, schema_of(KUBE_SSA, doc)),
         "{'f:metadata': {'f:finalizers': {'v:\"f/g\"': {}}, 'f:labels': {'f:a': {}}}, 'f:spec': {"
         "'f:selector': {}, 'f:template': {'f:spec': {'f:nodeSelector': {}, 'f:containers': {"
         "'k:{\"name\":\"c\"}': {'.': {}, 'f:name': {}, 'f:args': {}, 'f:ports': {"
         "'k:{\"containerPort\":80,\"protocol\":\"TCP\"}': {'.': {}, 'f:containerPort': {}}, "
         "'k:{\"containerPort\":53,\"protocol\":\"UDP\"}': {'.': {}, 'f:containerPort': {}, "
         "'f:protocol': {}}}, 'f:resources': {'f:limits': {'f:cpu': {}}}}}, 'f:volumes': {"
         "'k:{\"name\":\"v\"}': {'.': {}, 'f:name': {}, 'f:emptyDir': {}}}}}}}");
    same(kube_fields_of(arena, yaml("{apiVersion: v1, kind: X, metadata: {name: x}}"),
                        (struct kube_schema){0}), "{}");
}

static void arithmetic(void **state)
{
    (void)state;
    const struct kube_set *x = set("{'f:a': {}, 'f:b': {'.': {}, 'f:c': {}, 'f:d': {}}}");
    const struct kube_set *y = set("{'f:b': {'f:c': {}, 'f:e': {}}, 'k:{\"p\":80,\"n\":1}': {}}");
    same(kube_set_write(arena, kube_set_union(arena, x, y)),
         "{'f:a': {}, 'f:b': {'.': {}, 'f:c': {}, 'f:d': {}, 'f:e': {}}, "
         "'k:{\"n\":1,\"p\":80}': {}}");
    same(kube_set_write(arena, kube_set_intersection(arena, x, y)), "{'f:b': {'f:c': {}}}");
    same(kube_set_write(arena, kube_set_difference(arena, x, y)),
         "{'f:a': {}, 'f:b': {'.': {}, 'f:d': {}}}");
    assert_true(kube_set_empty(kube_set_difference(arena, x, x)));
    assert_false(kube_set_empty(x));
    assert_true(kube_set_empty(kube_set_new(arena)));
    assert_true(kube_set_equal(set("{'k:{\"a\":80}': {}}"), set("{'k:{\"a\": 80.0}': {}}")));
    assert_false(kube_set_equal(x, y));
    struct rk_buf out = RK_BUF_INIT;
    kube_set_each(set("{'f:s': {'k:{\"p\":80,\"n\":\"a\\\"b\"}': {'.': {}, 'f:i': {}}, 'i:3': {}, "
                      "'v:\"x\"': {}}}"), join, &out);
    assert_string_equal(out.p, ".s[n=\"a\\\"b\",p=80] .s[n=\"a\\\"b\",p=80].i .s[=\"x\"] .s[3] ");
    rk_buf_release(&out);
    const struct doc_node *doc = yaml(live_text);
    const struct kube_schema s = schema_of(KUBE_SSA, doc);
    const struct kube_set *all = kube_set_of(arena, doc, s);
    assert_true(kube_set_has(all, doc, RK_STR(CONTAINER "/image"), s));
    assert_true(kube_set_has(all, doc, RK_STR("/spec/selector"), s));
    assert_false(kube_set_has(all, doc, RK_STR("/spec/selector/matchLabels"), s));
    assert_false(kube_set_has(all, doc, RK_STR("/metadata/name"), s));
}

#define POD(rest) "{apiVersion: v1, kind: Pod, spec: {" rest "}}"

static void removal(void **state)
{
    (void)state;
    struct doc_node *doc = yaml(POD("a: {x: 1, y: 2}, b: {z: 1}, containers: [{name: c, image: i}, "
                                    "{name: d, env: [{name: E, value: v}]}]"));
    const struct kube_schema s = schema_of(KUBE_SSA, doc);
    kube_set_remove(doc, set("{'f:spec': {'f:a': {'f:x': {}}, 'f:b': {'f:z': {}}, 'f:containers': {"
                             "'k:{\"name\":\"c\"}': {'.': {}, 'f:image': {}, 'f:name': {}}, "
                             "'k:{\"name\":\"d\"}': {'.': {}, 'f:env': {'k:{\"name\":\"E\"}': {"
                             "'.': {}, 'f:name': {}, 'f:value': {}}}}}}}"),
                    set("{'f:spec': {'f:containers': {'k:{\"name\":\"d\"}': {'f:name': {}}}}}"), s);
    same(doc, POD("a: {y: 2}, containers: [{name: d}]"));
}

static void changes(void **state)
{
    (void)state;
    const struct doc_node *before = yaml(POD("x: 1, y: {a: 1}, nodeSelector: {a: b}, containers: ["
                                             "{name: c, image: i}, {name: gone}]"));
    const struct doc_node *after = yaml(POD("x: 2, z: {n: 1}, nodeSelector: {a: c}, containers: ["
                                            "{name: new}, {name: c, image: i}]"));
    const struct kube_change c =
        kube_set_compare(arena, before, after, schema_of(KUBE_SSA, after));
    same(kube_set_write(arena, c.added), "{'f:spec': {'f:z': {'.': {}, 'f:n': {}}, 'f:containers': "
         "{'k:{\"name\":\"new\"}': {'.': {}, 'f:name': {}}}}}");
    same(kube_set_write(arena, c.modified), "{'f:spec': {'f:x': {}, 'f:nodeSelector': {}}}");
    same(kube_set_write(arena, c.removed), "{'f:spec': {'f:y': {'.': {}, 'f:a': {}}, "
         "'f:containers': {'k:{\"name\":\"gone\"}': {'.': {}, 'f:name': {}}}}}");
}

static void apply(void **state)
{
    (void)state;
    const struct doc_node *live = yaml(POD("r: Always, nodeSelector: {a: b}, containers: ["
        "{name: a}, {name: c, image: i, args: [x], ports: [{containerPort: 80, protocol: TCP}]}]"));
    const struct doc_node *config = yaml(POD("nodeSelector: {x: y}, containers: [{name: new}, "
        "{name: c, args: [y, z], ports: [{containerPort: 80, name: http}]}]"));
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    const struct kube_schema s = schema_of(KUBE_SSA, live);
    assert_int_equal(kube_apply_merge(arena, live, config, s, &out, &err), 0);
    same(out, POD("r: Always, nodeSelector: {x: y}, containers: [{name: a}, {name: new}, {name: c, "
                  "image: i, args: [y, z], ports: [{containerPort: 80, protocol: TCP, name: "
                  "http}]}]"));
    out = NULL;
    assert_int_equal(kube_apply_merge(arena, live, yaml(POD("containers: [{name: a}, {name: a}]")),
                                      s, &out, &err), -1);
    assert_non_null(strstr(err.text, "duplicate entries for key [name=\"a\"]"));
    assert_int_equal(kube_apply_merge(arena, live, yaml(POD("containers: [{image: a}]")), s, &out,
                                      &err), -1);
    assert_null(out);
}

static void conflict_paths(void **state)
{
    (void)state;
    const struct doc_node *doc = yaml("{metadata: {annotations: {a: 1, a.b/c: x, 'k[0]': y}, "
        "finalizers: [f, g]}, spec: {c: [{name: x, p: [{n: 80}, {n: 81, protocol: UDP}]}, {name: "
        "'a\"b'}], l: [1, 2]}}");
    static const struct {
        const char *path, *pointer;
    } rows[] = {
        {".metadata.annotations.a.b/c", "/metadata/annotations/a.b~1c"},
        {".metadata.annotations.a", "/metadata/annotations/a"},
        {".metadata.annotations.k[0]", "/metadata/annotations/k[0]"},
        {".metadata.finalizers[=\"g\"]", "/metadata/finalizers/1"},
        {".spec.c[name=\"x\"].p[n=80,protocol=\"TCP\"].n", "/spec/c/0/p/0/n"},
        {".spec.c[name=\"x\"].p[n=81,protocol=\"UDP\"]", "/spec/c/0/p/1"},
        {".spec.c[name=\"a\\\"b\"].name", "/spec/c/1/name"},
        {".spec.l[1]", "/spec/l/1"},
        {"", NULL}, {"spec", NULL}, {".none", NULL}, {".spec.c[name=\"z\"]", NULL},
        {".spec.l[9]", NULL}, {".spec.l[", NULL}, {".spec.c[name=\"x", NULL}, {".spec.l[1", NULL},
        {".spec.c[]", NULL}, {".spec.l[1]x", NULL},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct rk_buf out = RK_BUF_INIT;
        const bool found = kube_fields_pointer(doc, rk_str_c(rows[i].path), &out);
        if (found != (rows[i].pointer != NULL))
            fail_msg("%s", rows[i].path);
        assert_string_equal(out.p, found ? rows[i].pointer : "");
        rk_buf_release(&out);
    }
}

/* ---- what an apply would be refused for ---- */
#define ENTRY(manager, operation, more, fields)                                                    \
    "{\"manager\":\"" manager "\",\"operation\":\"" operation "\",\"apiVersion\":\"apps/v1\","          \
    "\"fieldsV1\":" fields more "}"
#define REPLICAS "{\"f:spec\":{\"f:replicas\":{}}}"
#define SCALE ",\"subresource\":\"scale\""
#define DEPLOYMENT(version, labels, spec)                                                          \
    "apiVersion: " version "\nkind: Deployment\nmetadata: {name: web, labels: {" labels "}}\n"     \
    "spec: {" spec "}\n"

static void add_line(rk_str manager, rk_str path, void *ctx)
{
    rk_buf_f(ctx, RK_FMT_STR " " RK_FMT_STR "\n", RK_ARG_STR(manager), RK_ARG_STR(path));
}

/* A line a conflict, or the error. */
static const char *conflicts(const char *live, const char *fields, const char *config)
{
    struct kube_object o;
    struct rk_err err = {0};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    assert_int_equal(kube_object_init(&o, yaml(live), &err), 0);
    o.managed_fields = rk_str_c(fields);
    rk_buf_c(&out, "");
    if (kube_apply_conflicts(arena, &o, yaml(config), RK_STR("reckon"), add_line, &out, &err)) {
        assert_int_equal(out.n, 0); /* half of them would be worse than none */
        rk_buf_c(&out, err.text);
    }
    return rk_arena_dup(arena, out.p, out.n);
}

static void foreseen_conflicts(void **state)
{
    (void)state;
    static const char live[] = DEPLOYMENT("apps/v1", "a: x", "replicas: 4, paused: true");
    static const char ours[] = ENTRY("reckon", "Apply", "", REPLICAS);
    static const char theirs[] = "[" ENTRY("reckon", "Apply", "", REPLICAS) ","
        ENTRY("kubectl", "Update", SCALE, REPLICAS) ","
        ENTRY("tool", "Apply", "", "{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}},"
                                   "\"f:spec\":{\"f:paused\":{}}}") "]";
    const char *one = rk_arena_f(arena, "[%s]", ours);
    const char *scaled = DEPLOYMENT("apps/v1", "a: x", "replicas: 2");
    assert_string_equal(conflicts(live, theirs, scaled), "kubectl .spec.replicas\n");
    assert_string_equal(conflicts(live, theirs, DEPLOYMENT("apps/v1", "a: y", "replicas: 4")),
                        "tool .metadata.labels.a\n"); /* equal values are no conflict */
    assert_string_equal(conflicts(live, one, scaled), ""); /* nobody else owns it */
    /* the same name is another manager when it wrote otherwise */
    assert_string_equal(conflicts(live, "[" ENTRY("reckon", "Update", "", REPLICAS) "]", scaled),
                        "reckon .spec.replicas\n");
    assert_string_equal(conflicts(live, "[" ENTRY("reckon", "Apply", SCALE, REPLICAS) "]", scaled),
                        "reckon .spec.replicas\n");
}

static void conflicts_that_cannot_be_foreseen(void **state)
{
    (void)state;
    static const char live[] = DEPLOYMENT("apps/v1", "", "replicas: 4");
    static const char scaled[] = DEPLOYMENT("apps/v1", "", "replicas: 2");
    const char *other = DEPLOYMENT("apps/v1beta1", "", "replicas: 2");
    const char *old = "[" ENTRY("kubectl", "Update", SCALE, REPLICAS)
        ",{\"manager\":\"old\",\"operation\":\"Update\",\"apiVersion\":\"apps/v1beta1\","
        "\"fieldsV1\":" REPLICAS "}]";
    assert_string_equal(conflicts(live, old, scaled), "old wrote it as apps/v1beta1");
    assert_non_null(strstr(conflicts(live, "", scaled), "nothing says who owns what"));
    assert_non_null(strstr(conflicts(live, "[]", other), "nothing says who owns what"));
    assert_non_null(strstr(conflicts("{apiVersion: x.io/v1, kind: X, metadata: {name: a}}", "[]",
                                     "{apiVersion: x.io/v1, kind: X, metadata: {name: a}}"),
                           "the schema of this kind is not known"));
    assert_string_not_equal(conflicts(live, "[{\"fieldsV1\":3}]", scaled), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(owners), TEST(bad_input), TEST(leaves), TEST(set_of_document), TEST(arithmetic),
        TEST(removal), TEST(changes), TEST(apply), TEST(conflict_paths),
        TEST(foreseen_conflicts), TEST(conflicts_that_cannot_be_foreseen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
