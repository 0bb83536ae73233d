/*
 * lint_test.c: what a build says of its finished objects: moving tags, Secrets in clear, generated
 * objects without a hash, replica entries that an autoscaler takes back. And what it does not say.
 */
#include "render/test_int.h"

static const struct row rows[] = {
    {"k/kustomization.yaml",
     "resources: [dep.yaml, hpa.yaml, secret.yaml, crd.yaml]\n"
     "namePrefix: p-\nreplicas:\n- {name: web, count: 3}\n- {name: alone, count: 2}\n"
     "configMapGenerator:\n- {name: plain, literals: [a=b], options: {disableNameSuffixHash: true}}\n"
     "- {name: hashed, literals: [a=b]}\n", NULL},
    {"k/dep.yaml",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
     "      initContainers:\n      - {name: i, image: 'reg:5000/tool'}\n      containers:\n"
     "      - {name: a, image: 'nginx:latest'}\n      - {name: b, image: 'nginx:1.2'}\n"
     "      - {name: c, image: 'nginx@sha256:0'}\n      - {name: d, image: 'reg:5000/x:1'}\n"
     "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: alone}\n", NULL},
    {"k/hpa.yaml",
     "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n"
     "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n", NULL},
    {"k/secret.yaml",
     "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: hunter2}\n---\n"
     "apiVersion: v1\nkind: Secret\nmetadata: {name: empty}\n", NULL},
    {"k/crd.yaml",
     "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"
     "spec: {containers: [{image: a}]}\n", NULL},
    {NULL, NULL, NULL}};

static void says_what_a_reviewer_wants_to_know(void **state)
{
    static const struct { const char *file; uint32_t line; const char *text; } want[] = {
        {"k/kustomization.yaml", 7, "configMapGenerator: ConfigMap plain has no hash in its name: "
                                    "pods that read it once do not notice a change"},
        {"k/secret.yaml", 4, "Secret p-s: its values stand in git for everybody to read: seal it "
                             "(reckon seal)"},
        {"k/dep.yaml", 8, "apps/Deployment p-web: the image reg:5000/tool has no tag: what runs may "
                          "change without a commit"},
        {"k/dep.yaml", 10, "apps/Deployment p-web: the image nginx:latest has the tag latest: what "
                           "runs may change without a commit"},
        {"k/kustomization.yaml", 4, "replicas: apps/Deployment p-web is scaled by a "
                                    "HorizontalPodAutoscaler: each sync takes its count back"},
    };
    struct render_opts opts = {.path = "k"};
    struct render_result *r = built(rows, &opts);

    (void)state;
    assert_int_equal(r->n_lints, RK_LEN(want));
    for (size_t i = 0; i < RK_LEN(want); i++) {
        bool found = false;

        for (size_t j = 0; j < r->n_lints; j++)
            found = found || (rk_streq(r->lints[j].text, want[i].text) &&
                              rk_streq(r->lints[j].file, want[i].file) &&
                              r->lints[j].line == want[i].line);
        if (!found)
            fail_msg("no lint at %s:%u: %s", want[i].file, want[i].line, want[i].text);
    }
    for (size_t j = 0; j < r->n_lints; j++)
        assert_null(strstr(r->lints[j].text, "hunter2"));
    render_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_a_reviewer_wants_to_know),
    };

    return cmocka_run_group_tests_name("lint", tests, NULL, NULL);
}
