/*
 * schemas_test.c: what `openapi` and `crds` refuse, and their limits. What they build is compared
 * with the real tool's bytes by golden_test.c.
 */
#include "render/test_int.h"

static void refuses(const char *kustomization, const char *file, enum rk_code code,
                    const char *text)
{
    const struct row rows[] = {{"k/f.json", file, NULL},
                               {"k/kustomization.yaml", kustomization, NULL}, {NULL, NULL, NULL}};

    refused(rows, "k", code, text);
}

#define HEAD "namespace: x\n"

static void schemas(void **state)
{
    (void)state;
    refuses(HEAD "openapi:\n  version: v1.20.0\n", "", RK_INVALID,
            "k/kustomization.yaml:3: openapi: version v1.20.0 is not built in; v1.21.2 is");
    refuses(HEAD "openapi:\n  version: v1.21.2\n  path: f.json\n", "{}", RK_INVALID,
            "k/kustomization.yaml:4: openapi: either path or version, not both");
    refuses(HEAD "openapi:\n  path: no.json\n", "{}", RK_NOT_FOUND,
            "k/kustomization.yaml:3: openapi: no.json is not there; f.json is");
    refuses(HEAD "openapi:\n  path: f.json\n", "[]", RK_INVALID,
            "k/f.json: a schema is an OpenAPI v2 document with definitions");
    refuses(HEAD "openapi:\n  path: f.json\n", "{\"definitions\": 3}", RK_INVALID,
            "k/f.json: a schema is an OpenAPI v2 document with definitions");
}

#define TYPE "kind: {}, apiVersion: {}, metadata: {}"

static void types(void **state)
{
    (void)state;
    refuses(HEAD "crds: [f.json]\n", "[]", RK_INVALID,
            "k/f.json:1: crds: a file describes types by their names");
    refuses(HEAD "crds: [f.json]\n", "a.B: {Schema: {properties: {" TYPE ", x: {$ref: a.B}}}}",
            RK_LIMIT, "k/f.json: types refer to each other more than 20 deep (limit: crds)");
    refuses(HEAD "crds: [f.json]\n",
            "a.B: {Schema: {properties: {" TYPE ", x: {$ref: c}, y: {$ref: c}, z: {$ref: c}}}}\n"
            "c: {Schema: {properties: {a: {$ref: d}, b: {$ref: d}, c: {$ref: d}, d: {$ref: d}}}}\n"
            "d: {Schema: {properties: {a: {$ref: e}, b: {$ref: e}, c: {$ref: e}, d: {$ref: e}}}}\n"
            "e: {Schema: {properties: {a: {$ref: f}, b: {$ref: f}, c: {$ref: f}, d: {$ref: f}}}}\n"
            "f: {Schema: {properties: {a: {$ref: g}, b: {$ref: g}, c: {$ref: g}, d: {$ref: g}}}}\n"
            "g: {Schema: {properties: {a: {$ref: h}, b: {$ref: h}, c: {$ref: h}, d: {$ref: h}}}}\n"
            "h: {Schema: {properties: {a: {$ref: i}, b: {$ref: i}, c: {$ref: i}, d: {$ref: i}}}}\n"
            "i: {Schema: {properties: {a: {$ref: j}, b: {$ref: j}, c: {$ref: j}, d: {$ref: j}}}}\n"
            "j: {Schema: {properties: {a: {}}}}\n",
            RK_LIMIT, "k/f.json: more than 20000 fields (limit: crds)");
}

/* A reference in a circle ends; what it would describe is not known. */
static void circles_end(void **state)
{
    const struct row rows[] = {
        {"k/f.json", "definitions: {a: {$ref: '#/definitions/a', x-kubernetes-group-version-kind: "
                     "[{group: x.io, version: v1, kind: Foo}], properties: {spec: {$ref: "
                     "'#/definitions/a'}}}}", NULL},
        {"k/kustomization.yaml", "resources: [r.yaml]\nopenapi: {path: f.json}\npatches:\n- patch: "
                                 "'{apiVersion: x.io/v1, kind: Foo, metadata: {name: f}, spec: "
                                 "{l: [b]}}'\n", NULL},
        {"k/r.yaml", "apiVersion: x.io/v1\nkind: Foo\nmetadata: {name: f}\nspec: {l: [a]}\n", NULL},
        {NULL, NULL, NULL}};
    struct render_opts opts = {.path = "k"};
    struct render_result *r = built(rows, &opts);

    (void)state;
    assert_string_equal(doc_text(doc_pointer(object(r, "Foo")->doc, RK_STR("/spec/l/0"))).p, "b");
    render_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas),
        cmocka_unit_test(types),
        cmocka_unit_test(circles_end),
    };

    return cmocka_run_group_tests_name("schemas", tests, NULL, NULL);
}
