/*
 * drift_test.h: what the tests of this room share: objects from YAML, a compare in one call, the
 * fields of an answer as text.
 */
#ifndef RK_DRIFT_TEST_H
#define RK_DRIFT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drift/drift_int.h"

#define HEAD(api, kind) "apiVersion: " api "\nkind: " kind "\nmetadata: {name: a, namespace: n}\n"
#define DEPLOYMENT HEAD("apps/v1", "Deployment")

static inline struct kube_object object_of(struct rk_arena *a, const char *yaml)
{
    struct rk_err err = {0};
    struct doc_marks *marks = doc_marks_new(a);
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = "a.yaml", .marks = marks};
    struct doc_node *doc = NULL;
    struct kube_object o;

    if (doc_yaml_read_one(a, rk_str_c(yaml), &how, &doc, &err) || kube_object_init(&o, doc, &err))
        fail_msg("%s\n%s", err.text, yaml);
    kube_object_cut_managed(a, &o);
    return o;
}

struct answer {
    struct rk_arena *a;
    struct drift_object d;
    int rc;
    struct rk_err err;
};

static inline struct answer ask(const char *desired, const char *live, const char *predicted,
                                const struct drift_rules *rules)
{
    static const struct drift_rules none = {.manager = "reckon", .final = true};
    struct answer out = {.a = rk_arena_new()};
    struct kube_object *o = rk_arena_array(out.a, 3, sizeof *o);

    if (desired)
        o[0] = object_of(out.a, desired);
    if (live)
        o[1] = object_of(out.a, live);
    if (predicted)
        o[2] = object_of(out.a, predicted);
    out.rc = drift_compare(out.a, desired ? &o[0] : NULL, live ? &o[1] : NULL,
                           predicted ? &o[2] : NULL, rules ? rules : &none, &out.d, &out.err);
    return out;
}

/* "/spec/replicas 3 5; /a null 1 removed" */
static inline const char *fields_text(struct answer *x)
{
    struct rk_buf out = RK_BUF_INIT;

    for (size_t i = 0; i < x->d.n_fields; i++) {
        const struct drift_field *f = &x->d.fields[i];
        rk_buf_f(&out, "%s%s ", i ? "; " : "", f->path);
        drift_value(&out, f, f->desired);
        rk_buf_ch(&out, ' ');
        drift_value(&out, f, f->live);
        rk_buf_c(&out, f->removed ? " removed" : "");
        rk_buf_c(&out, f->ignored ? " ignored" : "");
    }
    const char *text = rk_arena_dup(x->a, out.p, out.n);
    rk_buf_release(&out);
    return text;
}

#endif
