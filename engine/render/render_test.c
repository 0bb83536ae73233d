/*
 * render_test.c: renders trees held in memory: messages for bad input, sources of fields, an
 * Application's settings, plain folders, images for promote, masks, limits, dependencies.
 */
#include "render/test_int.h"

/* A kustomization in the folder k with a Deployment beside it. */
#define DEPLOYMENT \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n" \
    "    spec:\n      containers:\n      - name: web\n        image: nginx:1.0\n"

static void refuses(const char *kustomization, enum rk_code code, const char *text)
{
    const struct row rows[] = {
        {"k/kustomization.yaml", kustomization, NULL},
        {"k/dep.yaml", DEPLOYMENT, NULL},
        {"base/kustomization.yaml", "resources: []\nnamespace: x\n", NULL},
        {"comp/kustomization.yaml", "kind: Component\nnamePrefix: a-\n", NULL},
        {"in/kustomization.yaml", "kind: Component\nnamespace: in\n", NULL},
        {"outside.yaml", DEPLOYMENT, NULL},
        {NULL, NULL, NULL},
    };

    refused(rows, "k", code, text);
}

/* ---- bad input ---- */

static void says_which_path_would_work(void **state)
{
    (void)state;
    refuses("bases:\n- ../../../base\n", RK_NOT_FOUND,
            "k/kustomization.yaml:2: bases: ../../../base is not there; ../base is");
    refuses("resources:\n- dep.yaml\n- ../bsae\n", RK_NOT_FOUND,
            "k/kustomization.yaml:3: resources: ../bsae is not there; ../base is");
    refuses("resources: [deo.yaml]\n", RK_NOT_FOUND,
            "k/kustomization.yaml:1: resources: deo.yaml is not there; dep.yaml is");
    refuses("resources: [nothing-like-it.yaml]\n", RK_NOT_FOUND,
            "k/kustomization.yaml:1: resources: nothing-like-it.yaml is not there "
            "(looked for k/nothing-like-it.yaml)");
    refuses("resources: [dep.yaml]\npatches:\n- path: patch.yaml\n", RK_NOT_FOUND,
            "k/kustomization.yaml:3: patches: patch.yaml is not there (looked for k/patch.yaml)");
    refuses("configMapGenerator:\n- name: a\n  files: [a=x.ini]\n", RK_NOT_FOUND,
            "k/kustomization.yaml:3: configMapGenerator: x.ini is not there (looked for k/x.ini)");
}

static void says_what_to_write(void **state)
{
    (void)state;
    refuses("resources: [dep.yaml]\ncommonLabels:\n  owner: team: shop\n", RK_INVALID,
            "k/kustomization.yaml:3: a value with a colon needs quotes: write owner: \"team: shop\"");
    refuses("commonLabels:\n  version: 1.10\n", RK_INVALID,
            "k/kustomization.yaml:2: commonLabels.version: a text is needed, and 1.10 without "
            "quotes is a number: write \"1.10\"");
    refuses("images:\n- name: x\n  newTag: 1.20\n", RK_INVALID,
            "k/kustomization.yaml:3: images[0].newTag: a text is needed, and 1.20 without quotes "
            "is a number: write \"1.20\"");
    refuses("namespace: no\n", RK_INVALID,
            "k/kustomization.yaml:1: namespace: a text is needed, and no without quotes is a yes "
            "or no: write \"no\"");
    refuses("resorces: [dep.yaml]\n", RK_INVALID,
            "k/kustomization.yaml:1: no such field 'resorces'; did you mean 'resources'?");
    refuses("resources: [dep.yaml]\nimages:\n- {name: a, newtags: b}\n", RK_INVALID,
            "k/kustomization.yaml:3: images[0]: no such field 'newtags'; did you mean 'newTag'?");
    refuses("resources: dep.yaml\n", RK_INVALID,
            "k/kustomization.yaml:1: resources: a list of texts is needed, not a text");
    refuses("resources:\n- dep.yaml\n-\n", RK_INVALID,
            "k/kustomization.yaml:3: resources[1] is empty: write a value after the dash or remove "
            "the line");
    refuses("", RK_INVALID,
            "k/kustomization.yaml: the kustomization is empty: add resources, or another field");
    refuses("- a\n", RK_INVALID,
            "k/kustomization.yaml:1: a kustomization is a map of fields, not a list");
    refuses("kind: Deployment\nresources: [dep.yaml]\n", RK_INVALID,
            "k/kustomization.yaml:1: kind: Deployment; it has to be Kustomization or Component");
    refuses("apiVersion: v1\nresources: [dep.yaml]\n", RK_INVALID,
            "k/kustomization.yaml:1: apiVersion: v1; for a Kustomization it has to be "
            "kustomize.config.k8s.io/v1beta1");
    refuses("sortOptions: {order: alphabet}\nresources: [dep.yaml]\n", RK_INVALID,
            "k/kustomization.yaml:1: sortOptions.order: 'alphabet' has to be legacy or fifo");
}

static void names_what_is_not_built(void **state)
{
    (void)state;
    refuses("resources: [dep.yaml]\nhelmCharts:\n- name: x\n", RK_UNSUPPORTED,
            "k/kustomization.yaml:3: helmCharts: charts are rendered with --enable-helm only; "
            "the engine, with enableHelm: true in its settings");
    refuses("resources:\n- https://example.org/o/x?ref=v1\n", RK_UNSUPPORTED,
            "k/kustomization.yaml:2: resources: https://example.org/o/x?ref=v1 is a remote address, "
            "and nothing is fetched here: copy it into the repository and name the folder");
}

static void keeps_the_rules_of_places(void **state)
{
    (void)state;
    refuses("resources: [../outside.yaml]\n", RK_DENIED,
            "k/kustomization.yaml:1: resources: ../outside.yaml is not in or below k: move the "
            "file there, make its folder a base, or use --load-restrictor LoadRestrictionsNone");
    refuses("resources: [dep.yaml, .]\n", RK_INVALID,
            "k/kustomization.yaml:1: resources: a cycle: k is, or contains, k, which is being "
            "built");
    refuses("resources: [dep.yaml, ../..]\n", RK_NOT_FOUND,
            "k/kustomization.yaml:1: resources: ../.. is not there (looked for ..)");
    refuses("resources: [dep.yaml, ../comp]\n", RK_INVALID,
            "k/kustomization.yaml:1: resources: comp/kustomization.yaml is a Component: list it "
            "under components");
    refuses("components: [../base]\n", RK_INVALID,
            "k/kustomization.yaml:1: components: base/kustomization.yaml is not a Component: list "
            "it under resources");
    refuses("resources: [dep.yaml, dep.yaml]\n", RK_INVALID,
            "k/kustomization.yaml:1: resources: k/dep.yaml: apps/Deployment web is in the build "
            "twice; list it once, or give one of them another name");
}

static void names_the_object_a_patch_meant(void **state)
{
    (void)state;
    refuses("resources: [dep.yaml]\npatches:\n- patch: |\n    apiVersion: apps/v1beta1\n"
            "    kind: Deployment\n    metadata: {name: web}\n", RK_INVALID,
            "k/kustomization.yaml:4: the patch is for apps/Deployment web, which is not there; "
            "there is apps/Deployment web with apiVersion apps/v1: write that in the patch");
    refuses("resources: [dep.yaml]\nnamespace: shop\npatches:\n- patch: |\n    apiVersion: apps/v1\n"
            "    kind: Deployment\n    metadata: {name: web, namespace: shop}\n", RK_INVALID,
            "k/kustomization.yaml:5: the patch is for apps/Deployment shop/web, which is not there; "
            "there is apps/Deployment web without a namespace: remove it from the patch");
    refuses("components: [../in]\nresources: [dep.yaml]\npatches:\n- patch: |\n    apiVersion: "
            "apps/v1\n    kind: Deployment\n    metadata: {name: wbe}\n", RK_INVALID,
            "k/kustomization.yaml:5: the patch is for apps/Deployment wbe, which is not there; of "
            "that kind there is apps/Deployment in/web");
    refuses("resources: [dep.yaml]\npatches:\n- patch: |\n    apiVersion: v1\n"
            "    kind: Service\n    metadata: {name: web}\n", RK_INVALID,
            "k/kustomization.yaml:4: the patch is for Service web, which is not there; nothing of "
            "kind Service is in the build");
    refuses("resources: [dep.yaml]\npatches:\n- path: dep.yaml\n  patch: x\n", RK_INVALID,
            "k/kustomization.yaml:3: patches: an entry has either patch or path, not both");
    refuses("resources: [dep.yaml]\npatches:\n- patch: |\n    - op: remove\n      path: /a\n",
            RK_INVALID, "k/kustomization.yaml:3: patches: a JSON 6902 patch needs a target");
    refuses("resources: [dep.yaml]\npatches:\n- target: {kind: D.*}\n  patch: '[{op: x}]'\n",
            RK_INVALID,
            "k/kustomization.yaml:4: a patch that starts with [ has to be JSON (JSON: a key in "
            "quotes is missing at byte 2): quote keys and texts, or write the operations as YAML with dashes");
    refuses("resources: [dep.yaml]\nreplicas: [{name: wbe, count: 2}]\n", RK_INVALID,
            "k/kustomization.yaml:2: replicas: no Deployment, StatefulSet, ReplicaSet or "
            "ReplicationController is named 'wbe'");
}

static void json_patch_names_its_line(void **state)
{
    const struct row rows[] = {
        {"kustomization.yaml", "resources: [dep.yaml]\npatches:\n- target: {kind: Deployment}\n"
         "  patch: |-\n    - op: add\n      path: /metadata/labels\n      value: {}\n"
         "    - op: remove\n      path: /spec/none\n", NULL},
        {"dep.yaml", DEPLOYMENT, NULL},
        {NULL, NULL, NULL},
    };
    struct render_files files = tree(rows);
    struct render_opts opts = {.path = ""};
    struct render_result *r = NULL;
    struct rk_err err = {0};

    (void)state;
    assert_int_equal(render_build(&files, &opts, &r, &err), -1);
    assert_string_equal(err.where.file, "kustomization.yaml");
    assert_int_equal(err.where.line, 8);
    assert_non_null(strstr(err.text, "apps/Deployment web"));
}

static void generator_mistakes(void **state)
{
    (void)state;
    refuses("configMapGenerator:\n- name: a\n  literals: [novalue]\n", RK_INVALID,
            "k/kustomization.yaml:3: configMapGenerator: a literal is written key=value");
    refuses("secretGenerator:\n- name: a\n  literals: [k=secret, k=other]\n", RK_INVALID,
            "k/kustomization.yaml:3: secretGenerator: the key 'k' is there twice");
    refuses("configMapGenerator:\n- name: a\n  behavior: merge\n", RK_INVALID,
            "k/kustomization.yaml:2: configMapGenerator: behavior: merge needs a ConfigMap a that "
            "is there already: list its base under resources, or use create");
    refuses("configMapGenerator:\n- name: a\n- name: a\n", RK_INVALID,
            "k/kustomization.yaml:3: configMapGenerator: ConfigMap a is there already: set "
            "behavior: merge or replace");
    refuses("secretGenerator:\n- name: a\n  literals:\n  - 4711\n", RK_INVALID,
            "k/kustomization.yaml:4: secretGenerator[0].literals[0]: a text is needed, not a "
            "number: put quotes around it");
    refuses("secretGenerator:\n- name: a\n  literals:\n  - p=x: y\n    q: z\n", RK_INVALID,
            "k/kustomization.yaml:4: secretGenerator[0].literals[0]: a text is needed, not a map");
    refuses("secretGenerator:\n- name: a\n  password: x: y\n", RK_INVALID,
            "k/kustomization.yaml:3: a value with a colon needs quotes: write the value in quotes");
    refuses("configMapGenerator:\n- literals: [a=b]\n", RK_INVALID,
            "k/kustomization.yaml:2: configMapGenerator: an entry needs a name");
}

static void links_and_folders(void **state)
{
    const struct row rows[] = {
        {"a/kustomization.yaml", "resources: [x.yaml]\n", NULL},
        {"a/x.yaml", "", "OUT"},
        {"b/kustomization.yaml", "resources: [x.yaml]\n", NULL},
        {"b/x.yaml", "", "a/y.yaml"},
        {"c/kustomization.yaml", "resources: [d]\n", NULL},
        {"c/d/x.yaml", DEPLOYMENT, NULL},
        {"e/kustomization.yaml", "resources: [x]\n", NULL},
        {"e/kustomization.yml", "resources: [x]\n", NULL},
        {NULL, NULL, NULL},
    };

    (void)state;
    refused(rows, "a", RK_DENIED, "a/kustomization.yaml:1: resources: a/x.yaml leads out");
    refused(rows, "b", RK_DENIED,
            "b/kustomization.yaml:1: resources: x.yaml is not in or below b: move the file there, "
            "make its folder a base, or use --load-restrictor LoadRestrictionsNone");
    refused(rows, "c", RK_NOT_FOUND,
            "c/kustomization.yaml:1: resources: c/d has no kustomization.yaml");
    refused(rows, "e", RK_INVALID, "e/kustomization.yml: the folder has another kustomization "
                                   "file, e/kustomization.yaml: keep one");
    refused(rows, "nowhere", RK_NOT_FOUND, "nowhere: there is no such folder");
    refused(rows, "a/kustomization.yaml", RK_INVALID,
            "a/kustomization.yaml is a file: name the folder that holds it");
    refused(rows, "c/d", RK_NOT_FOUND,
            "c/d has no kustomization.yaml (nor kustomization.yml, nor Kustomization)");
}

static void limits_and_cancel(void **state)
{
    const struct row rows[] = {
        {"kustomization.yaml", "resources: [dep.yaml]\n", NULL},
        {"dep.yaml", DEPLOYMENT, NULL},
        {NULL, NULL, NULL},
    };
    atomic_bool cancelled = true;
    struct render_opts few_files = {.path = "", .max_files = 1};
    struct render_opts few_nodes = {.path = "", .max_nodes = 5};
    struct render_opts stopped = {.path = "", .cancelled = &cancelled};

    (void)state;
    refused_with(rows, &few_files, RK_LIMIT,
                 "dep.yaml: more than 1 files in one render (limit: files)");
    refused_with(rows, &few_nodes, RK_LIMIT,
                 "dep.yaml: more than 5 nodes in one render (limit: nodes)");
    refused_with(rows, &stopped, RK_CANCELLED, "the render was cancelled");
}

static void configuration_mistakes(void **state)
{
    const struct row rows[] = {
        {"a/kustomization.yaml", "resources: []\nconfigurations: [c.yaml]\n", NULL},
        {"a/c.yaml", "nameReference:\n- kind: Service\n  fieldSpec: []\n", NULL},
        {"b/kustomization.yaml", "resources: []\nconfigurations: [c.yaml]\n", NULL},
        {"b/c.yaml", "commonLabel:\n- path: x\n", NULL},
        {"c/kustomization.yaml", "resources: []\nconfigurations: [c.yaml]\n", NULL},
        {"c/c.yaml", "commonLabels:\n- path: metadata/labels\n  create: false\n", NULL},
        {NULL, NULL, NULL},
    };

    (void)state;
    refused(rows, "a", RK_INVALID,
            "a/c.yaml:3: nameReference[0]: no such field 'fieldSpec'; did you mean 'fieldSpecs'?");
    refused(rows, "b", RK_INVALID,
            "b/c.yaml:1: no such field 'commonLabel'; did you mean 'commonLabels'?");
    refused(rows, "c", RK_INVALID,
            "c/c.yaml:2: two fieldspecs for metadata/labels disagree about create: make them equal");
}

/* ---- sources of fields ---- */

static const struct row overlay[] = {
    {"base/cm.env", "# c\nLEVEL=info\n", NULL},
    {"base/dep.yaml", DEPLOYMENT, NULL},
    {"base/kustomization.yaml",
     "resources: [dep.yaml]\nconfigMapGenerator:\n- name: cfg\n  envs: [cm.env]\n  literals:\n"
     "  - A=1\n", NULL},
    {"prod/kustomization.yaml",
     "resources: [../base]\nnamespace: shop\nreplicas:\n- name: web\n  count: 3\nimages:\n"
     "- name: nginx\n  newTag: \"1.2\"\npatches:\n- path: p.yaml\n- target: {kind: Deployment}\n"
     "  patch: |-\n    - op: replace\n      path: /spec/paused\n      value: false\n", NULL},
    {"prod/p.yaml",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  paused: true\n", NULL},
    {NULL, NULL, NULL},
};

static void every_field_has_a_source(void **state)
{
    struct render_opts opts = {.path = "prod"};
    struct render_result *r = built(overlay, &opts);

    (void)state;
    check_source(r, "Deployment", "/spec/template/spec/containers/0/image",
                 "prod/kustomization.yaml:8 image < base/dep.yaml:10 file");
    check_source(r, "Deployment", "/spec/replicas", "prod/kustomization.yaml:5 replicas");
    check_source(r, "Deployment", "/metadata/name", "base/dep.yaml:4 file");
    check_source(r, "Deployment", "/metadata/namespace", "prod/kustomization.yaml:2 namespace");
    check_source(r, "Deployment", "/spec/paused",
                 "prod/kustomization.yaml:15 patch < prod/p.yaml:6 patch");
    check_source(r, "ConfigMap", "/data/A", "base/kustomization.yaml:6 generator");
    check_source(r, "ConfigMap", "/data/LEVEL", "base/cm.env:2 generator");
    render_free(r);
}

static void provenance_is_json(void **state)
{
    struct render_opts opts = {.path = "prod"};
    struct render_result *r = built(overlay, &opts);
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct rk_buf out = RK_BUF_INIT;
    struct doc_node *json = NULL;
    struct rk_err err = {0};
    const struct doc_node *chain;

    (void)state;
    render_provenance(r, &out);
    if (doc_json_read(a, rk_buf_view(&out), NULL, &json, &err))
        fail_msg("%s", err.text);
    chain = doc_get(doc_get(json, "apps/Deployment/shop/web"),
                    "/spec/template/spec/containers/0/image");
    assert_int_equal(doc_count(chain), 2);
    assert_true(rk_str_is(doc_get_text(doc_at(chain, 0), "by"), "image"));
    assert_int_equal(doc_get_int(doc_at(chain, 0), "line", 0), 8);
    assert_true(rk_str_is(doc_get_text(doc_at(chain, 1), "file"), "base/dep.yaml"));
    rk_buf_release(&out);
    render_free(r);
}

static void dependencies_are_recorded(void **state)
{
    static const struct { const char *path, *id; } want[] = {
        {"base", "id-of-base"},
        {"base/Kustomization", ""},
        {"base/cm.env", "id-of-base/cm.env"},
        {"base/dep.yaml", "id-of-base/dep.yaml"},
        {"base/kustomization.yaml", "id-of-base/kustomization.yaml"},
        {"base/kustomization.yml", ""},
        {"prod", "id-of-prod"},
        {"prod/Kustomization", ""},
        {"prod/kustomization.yaml", "id-of-prod/kustomization.yaml"},
        {"prod/kustomization.yml", ""},
        {"prod/p.yaml", "id-of-prod/p.yaml"},
    };
    struct render_opts opts = {.path = "prod"};
    struct render_result *r = built(overlay, &opts);

    (void)state;
    assert_int_equal(r->n_deps, RK_LEN(want));
    for (size_t i = 0; i < RK_LEN(want); i++) {
        assert_string_equal(r->deps[i].path, want[i].path);
        assert_string_equal(r->deps[i].id, want[i].id);
    }
    render_free(r);
}

static void lints(void **state)
{
    const struct row rows[] = {
        {"kustomization.yaml",
         "bases: []\nresources: [dep.yaml]\ncommonLabels: {a: b}\nimages:\n"
         "- name: nobody\n  newTag: x\npatches:\n- target: {kind: None}\n  patch: '[]'\n"
         "- path: p.yaml\n", NULL},
        {"dep.yaml", DEPLOYMENT, NULL},
        {"p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
         "  strategy: {type: Recreate}\n  template:\n    spec:\n      $retainKeys: [a]\n", NULL},
        {NULL, NULL, NULL},
    };
    static const struct { enum render_lint_kind kind; uint32_t line; const char *part; } want[] = {
        {RENDER_DEPRECATED, 3, "'commonLabels' is deprecated. Please use 'labels' instead."},
        {RENDER_UNMATCHED, 8, "patches: the target fits nothing (kind None)"},
        {RENDER_RISK, 8, "$retainKeys is not a directive here"},
        {RENDER_RISK, 5, "strategy.type: Recreate leaves a rollingUpdate"},
        {RENDER_UNMATCHED, 5, "images: no container uses the image 'nobody'"},
    };
    struct render_opts opts = {.path = ""};
    struct render_result *r = built(rows, &opts);

    (void)state;
    assert_int_equal(r->n_lints, RK_LEN(want));
    for (size_t i = 0; i < RK_LEN(want); i++) {
        assert_int_equal(r->lints[i].kind, want[i].kind);
        assert_int_equal(r->lints[i].line, want[i].line);
        assert_non_null(strstr(r->lints[i].text, want[i].part));
    }
    render_free(r);
}

static void check_printed(struct render_result *r, const char *expected)
{
    struct rk_buf out = RK_BUF_INIT;
    struct rk_err err = {0};

    if (render_print(r, &out, &err))
        fail_msg("%s", err.text);
    assert_string_equal(out.p, expected);
    rk_buf_release(&out);
    render_free(r);
}

/* ---- images for promote ---- */

static void find(const struct row *rows, const char *path, const char *image, const char *expected)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct render_files files = tree(rows);
    struct render_image_place place = {0};
    struct rk_buf text = RK_BUF_INIT;
    struct rk_err err = {0};

    if (render_find_image(&files, path, image, a, &place, &err))
        rk_buf_f(&text, "%s", err.text);
    else
        rk_buf_f(&text, "%s:%u %s=%s%s%s", place.file, place.mark.line, place.field, place.value,
                 place.digest ? " digest=" : "", place.digest ? place.digest : "");
    assert_string_equal(text.p, expected);
    rk_buf_release(&text);
}

static void finds_the_scalar_of_an_image(void **state)
{
    const struct row rows[] = {
        {"base/dep.yaml", DEPLOYMENT, NULL},
        {"base/kustomization.yaml", "resources: [dep.yaml]\n", NULL},
        {"dev/kustomization.yaml", "resources: [../base]\nimages:\n- name: nginx\n"
         "  newName: r.example.org/web\n  newTag: v1\n- name: side\n  digest: sha256:1\n"
         "- name: both\n  digest: sha256:2\n  newTag: v2\n", NULL},
        {"prod/kustomization.yaml", "resources: [../base]\npatches: [{path: p.yaml}]\n", NULL},
        {"prod/p.yaml", DEPLOYMENT, NULL},
        {"test/kustomization.yaml", "resources: [../base]\n", NULL},
        {NULL, NULL, NULL},
    };

    (void)state;
    find(rows, "dev", "nginx", "dev/kustomization.yaml:5 newTag=v1");
    find(rows, "dev", "r.example.org/web", "dev/kustomization.yaml:5 newTag=v1");
    find(rows, "dev", "side", "dev/kustomization.yaml:7 digest=sha256:1");
    find(rows, "dev", "both", "dev/kustomization.yaml:10 newTag=v2 digest=sha256:2");
    find(rows, "prod", "nginx", "prod/p.yaml:10 image=nginx:1.0");
    find(rows, "base", "nginx", "base/dep.yaml:10 image=nginx:1.0");
    find(rows, "test", "nginx",
         "test/kustomization.yaml: nothing in this folder sets the image nginx: add an images "
         "entry with name: nginx and a newTag");
}

/* Byte ranges of an inline patch are those of the file, or lie behind its end. */
static void ranges_of_inline_patches(void **state)
{
    static const char text[] =
        "resources: [dep.yaml]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n\n"
        "    kind: Deployment\n    metadata: {name: web}\n    spec:\n      template:\n"
        "        spec:\n          containers:\n          - name: web\n"
        "            image: \"nginx:9\"\n- patch: \"{apiVersion: apps/v1, kind: Deployment, "
        "metadata: {name: web}, spec: {paused: true}}\"\n";
    const struct row rows[] = {
        {"k/kustomization.yaml", text, NULL}, {"k/dep.yaml", DEPLOYMENT, NULL}, {NULL, NULL, NULL}};
    struct render_opts opts = {.path = "k"};
    struct render_result *r = built(rows, &opts);
    const struct doc_node *d = r->objects[0].doc;
    const struct doc_mark *image, *paused;

    (void)state;
    image = doc_marks_get(r->marks, doc_pointer(d, RK_STR("/spec/template/spec/containers/0/image"))
                                        ->mark);
    paused = doc_marks_get(r->marks, doc_pointer(d, RK_STR("/spec/paused"))->mark);
    assert_int_equal(image->line, 13);
    assert_int_equal(image->column, 20);
    assert_int_equal(image->end - image->start, 9);
    assert_memory_equal(text + image->start, "\"nginx:9\"", 9);
    assert_int_equal(paused->line, 14);
    assert_true(paused->start >= sizeof(text) - 1);
    render_free(r);
    find(rows, "k", "nginx", "k/kustomization.yaml:13 image=nginx:9");
}

/* ---- secrets ---- */

static void masks_secrets_and_keeps_the_clear_ones(void **state)
{
    const struct row rows[] = {
        {"kustomization.yaml", "secretGenerator:\n- name: s\n  literals: [p=hunter]\n"
         "  options: {disableNameSuffixHash: true}\n", NULL},
        {NULL, NULL, NULL},
    };
    static const uint8_t key[32] = {1};
    struct render_opts opts = {.path = ""};
    struct render_result *r = built(rows, &opts);
    const struct kube_object *o = object(r, "Secret");

    (void)state;
    render_mask(r, key);
    assert_true(rk_str_starts(doc_get_text(doc_get(o->doc, "data"), "p"), "rk1:"));
    assert_non_null(o->clear);
    assert_true(rk_str_is(doc_get_text(doc_get(o->clear, "data"), "p"), "aHVudGVy"));
    render_free(r);
}

static void an_object_without_api_version_is_printed(void **state)
{
    const struct row rows[] = {
        {"kustomization.yaml", "resources: [x.yaml]\n", NULL},
        {"x.yaml", "kind: Thing\nmetadata: {name: x}\n", NULL},
        {NULL, NULL, NULL},
    };
    struct render_opts opts = {.path = ""};
    struct render_result *r = built(rows, &opts);

    (void)state;
    assert_int_equal(r->n_lints, 1);
    check_printed(r, "kind: Thing\nmetadata:\n  name: x\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_which_path_would_work),
        cmocka_unit_test(says_what_to_write),
        cmocka_unit_test(names_what_is_not_built),
        cmocka_unit_test(keeps_the_rules_of_places),
        cmocka_unit_test(names_the_object_a_patch_meant),
        cmocka_unit_test(json_patch_names_its_line),
        cmocka_unit_test(generator_mistakes),
        cmocka_unit_test(configuration_mistakes),
        cmocka_unit_test(links_and_folders),
        cmocka_unit_test(limits_and_cancel),
        cmocka_unit_test(every_field_has_a_source),
        cmocka_unit_test(provenance_is_json),
        cmocka_unit_test(dependencies_are_recorded),
        cmocka_unit_test(lints),
        cmocka_unit_test(finds_the_scalar_of_an_image),
        cmocka_unit_test(ranges_of_inline_patches),
        cmocka_unit_test(masks_secrets_and_keeps_the_clear_ones),
        cmocka_unit_test(an_object_without_api_version_is_printed),
    };

    return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
