/*
 * testing.h: what the unit tests of this room share: an arena a test, documents from text.
 */
#ifndef RK_KUBE_TESTING_H
#define RK_KUBE_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/kube.h"

static struct rk_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = rk_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    rk_arena_free(arena);
    return 0;
}

static inline struct doc_node *yaml_marked(const char *text, struct doc_marks *marks,
                                           const char *file)
{
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = file, .marks = marks};
    if (doc_yaml_read_one(arena, rk_str_c(text), &how, &out, &err) != 0)
        fail_msg("%s", err.text);
    return out;
}

static inline struct doc_node *yaml(const char *text)
{
    return yaml_marked(text, NULL, "test.yaml");
}

static inline const char *canonical(const struct doc_node *n)
{
    struct rk_buf b = RK_BUF_INIT;
    doc_json_canonical(&b, n);
    const char *text = rk_arena_dup(arena, b.p, b.n);
    rk_buf_release(&b);
    return text;
}

/* Equal as documents; prints both when not. */
static inline void same(const struct doc_node *have, const char *want)
{
    assert_string_equal(canonical(have), canonical(yaml(want)));
}

static inline struct kube_schema schema_of(enum kube_schema_use use, const struct doc_node *doc)
{
    rk_str group, version;
    kube_split_api_version(doc_get_text(doc, "apiVersion"), &group, &version);
    return kube_schema_of(use, group, version, doc_get_text(doc, "kind"));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

#endif
