/*
 * accepted_test.c: which differences need no question: the object lived with git's values, is the
 * same object, and differs in values that git has.
 */
#include "core/core_test.h"

static struct kube_object *object(const char *uid, const char *spec)
{
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = "a.yaml"};
    struct kube_object *o = rk_arena_alloc(arena, sizeof *o);
    struct doc_node *doc = NULL;
    struct rk_err err = {0};
    const char *text = rk_arena_f(arena, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, "
                                  "namespace: n, uid: %s}\nspec: {%s}\n", uid, spec);
    if (doc_yaml_read_one(arena, rk_str_c(text), &how, &doc, &err) ||
        kube_object_init(o, doc, &err))
        fail_msg("%s", err.text);
    return o;
}

/* As a look makes it, before anything is asked. */
static struct core_pair *pair(const struct kube_object *desired, const char *uid, const char *spec,
                              struct core_view *before)
{
    const struct drift_rules rules = {.manager = KUBE_MANAGER};
    struct core_pair *p = rk_arena_alloc(arena, sizeof *p);
    struct cluster_object *live = rk_arena_alloc(arena, sizeof *live);
    live->object = *object(uid, spec);
    *p = (struct core_pair){.arena = arena, .desired = desired, .live = live,
                            .key = live->object.key};
    assert_int_equal(drift_compare(arena, desired, &live->object, NULL, &rules, &p->drift, NULL),
                     0);
    p->done = p->drift.verdict != DRIFT_NEEDS_SERVER;
    core_pair_accepted(p, before);
    return p;
}

static struct core_view *view_of(struct core_pair *p)
{
    struct core_view *v = rk_arena_alloc(arena, sizeof *v);
    v->pairs = rk_arena_array(arena, 1, sizeof(struct core_pair *));
    v->pairs[0] = p;
    v->n = 1;
    return v;
}

static void test_it_lived_so(void **state)
{
    (void)state;
    const struct kube_object *git = object("''", "replicas: 2");
    struct core_pair *same = pair(git, "u1", "replicas: 2", NULL);
    assert_true(same->accepted);
    assert_false(core_pair_certain(same)); /* nothing differs */
    struct core_pair *scaled = pair(git, "u1", "replicas: 4", view_of(same));
    assert_true(core_pair_certain(scaled));
    /* and while it is healed its status moves */
    assert_true(core_pair_certain(pair(git, "u1", "replicas: 4", view_of(scaled))));
}

static void test_what_was_never_seen_so_is_asked(void **state)
{
    (void)state;
    const struct kube_object *git = object("''", "replicas: 2");
    assert_false(core_pair_certain(pair(git, "u1", "replicas: 4", NULL)));
    struct core_pair *other = pair(git, "u1", "replicas: 4", NULL);
    assert_false(core_pair_certain(pair(git, "u1", "replicas: 5", view_of(other))));
    struct core_pair *same = pair(git, "u1", "replicas: 2", NULL);
    struct core_view *before = view_of(same);
    assert_false(core_pair_certain(pair(git, "u2", "replicas: 4", before))); /* made anew */
    const struct kube_object *newer = object("''", "replicas: 3");
    assert_false(core_pair_certain(pair(newer, "u1", "replicas: 2", before)));
    same->error = "jq: no";
    same->accepted = false;
    assert_false(core_pair_certain(pair(git, "u1", "replicas: 4", before)));
}

/* The server said that it is the same: the local compare knows that it does not know enough. */
static void test_what_only_the_server_called_same_is_asked(void **state)
{
    (void)state;
    const struct kube_object *git = object("''", "replicas: 2");
    struct core_pair *p = pair(git, "u1", "replicas: 4", NULL);
    p->predicted = p->live;
    p->drift.verdict = DRIFT_SAME;
    p->done = true;
    core_pair_accepted(p, NULL);
    assert_false(p->accepted);
    assert_false(core_pair_certain(pair(git, "u1", "replicas: 5", view_of(p))));
}

static void test_what_git_does_not_say_is_asked(void **state)
{
    (void)state;
    const struct kube_object *git = object("''", "replicas: 2");
    struct core_view *before = view_of(pair(git, "u1", "replicas: 2", NULL));
    struct core_pair *p = pair(git, "u1", "replicas: 4", before);
    p->drift.fields[0].desired = NULL;
    assert_false(core_pair_certain(p));
    p->drift.fields[0].ignored = true; /* does not count */
    assert_true(core_pair_certain(p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_lived_so),
        TEST(test_what_was_never_seen_so_is_asked),
        TEST(test_what_only_the_server_called_same_is_asked),
        TEST(test_what_git_does_not_say_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
