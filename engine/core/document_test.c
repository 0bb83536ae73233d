/*
 * document_test.c: documents as lines for people: the text that doc_yaml_write gives, where each
 * line comes from, pages, and foreign bytes made safe.
 */
#include "core/core_test.h"

static struct kube_object object_of(const char *yaml, struct doc_marks *marks)
{
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = "k8s/a.yaml", .marks = marks};
    struct kube_object o = {0};
    struct doc_node *doc = NULL;
    struct rk_err err = {0};
    if (doc_yaml_read_one(arena, rk_str_c(yaml), &how, &doc, &err) ||
        kube_object_init(&o, doc, &err))
        fail_msg("%s\n%s", err.text, yaml);
    kube_object_cut_managed(arena, &o);
    return o;
}

static struct wire_document whole(const struct kube_object *o, const struct doc_marks *marks)
{
    const struct wire_document_params all = {0};
    struct wire_document d;
    core_wire_document(o, marks, &all, arena, &d);
    return d;
}

static const char *joined(const struct wire_document *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < d->n_lines; i++)
        rk_buf_f(&out, "%s\n", d->lines[i].text);
    return rk_arena_dup(arena, out.p ? out.p : "", out.n);
}

static const char *written(const struct kube_object *o)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    assert_int_equal(doc_yaml_write(&out, o->doc, NULL), 0);
    return rk_arena_dup(arena, out.p, out.n);
}

#define HEAD "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"

/* The line of this text; the test fails when it is not there. */
static const struct wire_document_line *line_of(const struct wire_document *d, const char *text)
{
    for (size_t i = 0; i < d->n_lines; i++)
        if (rk_streq(d->lines[i].text, text))
            return &d->lines[i];
    fail_msg("no line \"%s\" in\n%s", text, joined(d));
    return NULL;
}

static void test_equal_to_the_writer(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "kind: Deployment\napiVersion: apps/v1\n"
        "metadata: {namespace: n, name: a, labels: {b: '1'}}\n"
        "spec:\n  replicas: 3\n  paused: false\n  selector: {}\n  template:\n    spec:\n"
        "      containers:\n      - name: app\n        image: shop:1.0\n        args: []\n"
        "        ports: [{containerPort: 80}, {containerPort: 81, name: x}]\n"
        "        command: [sh, -c, 'sleep 1']\n      volumes: [{name: v, emptyDir: {}}]\n",
        HEAD "data:\n  z: last\n  a10: ten\n  a9: nine\n  number: '5'\n  yes: 'true'\n"
             "  empty: ''\n  nothing: null\n  quote: \"it's\"\n  colon: 'a: b'\n",
        HEAD "data:\n  two: |\n    one\n    two\n  cut: |-\n    one\n    two\n  kept: |+\n"
             "    one\n\n\n  hole: |\n    one\n\n    three\n  after: x\n",
        HEAD "data: {abcdef: false1, 'null': 'null', '1e3000': '1e3000', a.b-c/d_e: Infinity, "
             "e12345: '0x1234567', '~': '~', abcdef.: abcdef-, '=': '=', abcde1: '2020-01-01'}\n",
        HEAD "lists: [[1, 2], [[3], {a: b}], [], {}]\n",
        HEAD "maps: {a: {b: {c: {d: [e]}}}}\n",
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct kube_object o = object_of(rows[i], NULL);
        struct wire_document d = whole(&o, NULL);
        assert_string_equal(joined(&d), written(&o));
        assert_int_equal(d.total, d.n_lines);
    }
}

static void test_order_is_natural(void **state)
{
    (void)state;
    struct kube_object o = object_of("metadata: {name: a}\nkind: ConfigMap\ndata: {b10: x, b9: y}\n"
                                     "apiVersion: v1\n", NULL);
    struct wire_document d = whole(&o, NULL);
    assert_string_equal(joined(&d), "apiVersion: v1\ndata:\n  b9: \"y\"\n  b10: x\n"
                                    "kind: ConfigMap\nmetadata:\n  name: a\n");
}

static void test_marks(void **state)
{
    (void)state;
    struct doc_marks *marks = doc_marks_new(arena);
    struct kube_object o = object_of("# a comment\n" HEAD "data:\n  x: one\n  t: |\n    two\n"
                                     "    three\nlist:\n- a\n- b: c\n", marks);
    struct wire_document d = whole(&o, marks);
    static const struct { const char *text; int64_t line; } rows[] = {
        {"apiVersion: v1", 2}, {"  name: a", 5}, {"  x: one", 7}, {"  t: |", 8}, {"    two", 8},
        {"    three", 8}, {"- a", 12}, {"- b: c", 13},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        const struct wire_document_line *line = line_of(&d, rows[i].text);
        assert_string_equal(line->file, "k8s/a.yaml");
        assert_int_equal(line->line, rows[i].line);
        assert_null(line->manager);
    }
}

static void test_managers(void **state)
{
    (void)state;
    struct kube_object o = object_of(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  managedFields:\n"
        "  - manager: reckon\n    operation: Apply\n    apiVersion: v1\n    fieldsType: FieldsV1\n"
        "    fieldsV1: {'f:data': {'f:x': {}}}\n"
        "  - manager: kubectl-edit\n    operation: Update\n    apiVersion: v1\n"
        "    fieldsType: FieldsV1\n    fieldsV1: {'f:data': {'f:t': {}}}\n"
        "data:\n  x: one\n  t: |\n    two\n  z: three\n", NULL);
    struct wire_document d = whole(&o, NULL);
    assert_string_equal(line_of(&d, "  x: one")->manager, "reckon");
    assert_string_equal(line_of(&d, "  t: |")->manager, "kubectl-edit");
    assert_null(line_of(&d, "    two")->manager); /* told once */
    assert_null(line_of(&d, "  z: three")->manager);
    assert_null(line_of(&d, "data:")->manager);
    assert_null(line_of(&d, "  x: one")->file);
    /* managedFields that cannot be read: the lines, without managers */
    o.managed_fields = RK_STR("[{\"manager\":");
    d = whole(&o, NULL);
    assert_null(line_of(&d, "  x: one")->manager);
}

static void test_pages(void **state)
{
    (void)state;
    struct rk_buf yaml rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct wire_document_params q = {.offset = 3, .limit = 2};
    struct wire_document d;
    rk_buf_c(&yaml, HEAD "data:\n");
    for (int i = 0; i < 600; i++)
        rk_buf_f(&yaml, "  k%d: v\n", i);
    struct kube_object o = object_of(yaml.p, NULL);
    core_wire_document(&o, NULL, &q, arena, &d);
    assert_int_equal(d.total, 605);
    assert_int_equal(d.offset, 3);
    assert_int_equal(d.n_lines, 2);
    assert_string_equal(joined(&d), "  k1: v\n  k2: v\n");
    q = (struct wire_document_params){.limit = 10000};
    core_wire_document(&o, NULL, &q, arena, &d);
    assert_int_equal(d.n_lines, 500); /* the most of one page */
    q = (struct wire_document_params){.offset = 604, .limit = 10};
    core_wire_document(&o, NULL, &q, arena, &d);
    assert_int_equal(d.n_lines, 1);
    q = (struct wire_document_params){.offset = 9999, .limit = 10};
    core_wire_document(&o, NULL, &q, arena, &d);
    assert_int_equal(d.n_lines, 0);
    assert_int_equal(d.total, 605);
    q = (struct wire_document_params){.offset = -5, .limit = -5};
    core_wire_document(&o, NULL, &q, arena, &d);
    assert_int_equal(d.offset, 0);
    assert_int_equal(d.n_lines, 500);
}

static void test_foreign_bytes_are_safe(void **state)
{
    (void)state;
    struct kube_object o = object_of(HEAD "data:\n  \"k\\e[2J\": \"a\\e[31mred\"\n"
                                     "  b: \"one\\n\\e]0;title\\a\\n\"\n", NULL);
    struct wire_document d = whole(&o, NULL);
    for (size_t i = 0; i < d.n_lines; i++)
        for (const char *c = d.lines[i].text; *c; c++)
            assert_true((unsigned char)*c >= 0x20 && (unsigned char)*c != 0x7f);
    assert_part(joined(&d), "red");
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    char *text = rk_arena_alloc(arena, 20001);
    memset(text, 'a', 20000);
    const char *yaml = rk_arena_f(arena, HEAD "data:\n  x: %s\n  y: |\n    %s\n    b\n",
                                  text, text);
    struct kube_object o = object_of(yaml, NULL);
    struct wire_document d = whole(&o, NULL);
    for (size_t i = 0; i < d.n_lines; i++)
        assert_true(strlen(d.lines[i].text) <= 2010);
    assert_string_equal(d.lines[4].text, rk_arena_f(arena, "    %.2000s", text));
    line_of(&d, "    b");
    /* words that the writer folds are one line here */
    memset(text + 1, ' ', 1);
    for (int i = 0; i < 300; i++)
        text[i * 5] = ' ', text[i * 5 + 1] = 'w';
    text[0] = 'w';
    text[1500] = 0;
    o = object_of(rk_arena_f(arena, HEAD "data:\n  x: %s\n", text), NULL);
    d = whole(&o, NULL);
    assert_int_equal(d.n_lines, 6);
    assert_string_equal(d.lines[1].text, "data:");
    assert_string_equal(d.lines[2].text, rk_arena_f(arena, "  x: %s", text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_equal_to_the_writer),
        TEST(test_order_is_natural),
        TEST(test_marks),
        TEST(test_managers),
        TEST(test_pages),
        TEST(test_foreign_bytes_are_safe),
        TEST(test_long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
