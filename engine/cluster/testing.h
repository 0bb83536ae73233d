/*
 * testing.h: what the tests of this room share: cmocka, a loop that runs until something holds, an
 * observer that writes down what it is told. Included by *_test.c only.
 */
#ifndef RK_CLUSTER_TESTING_H
#define RK_CLUSTER_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/cluster_int.h"
#include "reckon/time.h"

struct told { /* what the observer heard, a line each */
    struct rk_buf lines;
    unsigned changed, ready, states;
    struct rk_err why; /* the last error told */
    void (*hook)(struct told *t, struct cluster *c, struct cluster_object *o);
    void *hook_ctx;
};

static inline void told_key(struct told *t, char sign, const struct cluster_object *o)
{
    rk_assert(o != NULL);
    rk_buf_f(&t->lines, "%c%.*s %.*s/%.*s@%.*s\n", sign, RK_ARG_STR(o->object.key.kind),
             RK_ARG_STR(o->object.key.namespace), RK_ARG_STR(o->object.key.name),
             RK_ARG_STR(o->object.resource_version));
}

static inline void told_changed(struct cluster *c, struct cluster_object *old,
                                struct cluster_object *now, void *ctx)
{
    struct told *t = ctx;

    t->changed++;
    told_key(t, !old ? '+' : now ? '~' : '-', now ? now : old);
    if (t->hook)
        t->hook(t, c, now ? now : old);
}

static inline void told_ready(struct cluster *c, rk_str group, rk_str kind,
                              const struct rk_err *why, void *ctx)
{
    struct told *t = ctx;

    (void)c;
    (void)group;
    t->ready++;
    rk_buf_f(&t->lines, "%s %.*s\n", why ? rk_code_name(why->code) : "ready", RK_ARG_STR(kind));
    if (why)
        t->why = *why;
}

static inline void told_state(struct cluster *c, enum cluster_state s, const struct rk_err *why,
                              void *ctx)
{
    static const char *const names[] = {"connecting", "ok", "unreachable", "denied"};
    struct told *t = ctx;

    (void)c;
    t->states++;
    rk_buf_f(&t->lines, "state %s\n", names[s]);
    if (why)
        t->why = *why;
}

static inline void told_behind(struct cluster *c, rk_str group, rk_str kind, void *ctx)
{
    struct told *t = ctx;

    (void)c;
    (void)group;
    rk_buf_f(&t->lines, "behind %.*s\n", RK_ARG_STR(kind));
}

static const struct cluster_observer told_observer = {told_changed, told_ready, told_state,
                                                      told_behind};

static inline bool told_has(const struct told *t, const char *line)
{
    rk_auto(rk_free_str) char *whole = rk_asprintf("%s\n", line);
    const char *at = strstr(t->lines.p, whole);

    return at && (at == t->lines.p || at[-1] == '\n');
}

static inline unsigned told_count(const struct told *t, const char *line)
{
    rk_str rest = rk_buf_view(&t->lines);
    unsigned n = 0;

    while (rest.p && rest.n)
        n += rk_str_is(rk_str_cut(rest, '\n', &rest), line);
    return n;
}

static inline void stop_loop(void *loop)
{
    run_loop_stop(loop);
}

static inline void step(struct run_loop *loop)
{
    struct run_timer *t = run_timer_start(loop, 1, 0, stop_loop, loop);

    run_loop_run(loop);
    run_timer_stop(t);
}

/* Runs the loop until expr holds; fails after 10 s. */
#define WAIT(loop, expr)                                                                           \
    do {                                                                                           \
        uint64_t wait_end = rk_mono_ms() + 10000;                                                  \
        while (!(expr)) {                                                                          \
            if (rk_mono_ms() > wait_end)                                                           \
                fail_msg("%s did not come", #expr);                                                \
            step(loop);                                                                            \
        }                                                                                          \
    } while (0)

struct answered { /* a copy of the last answer */
    unsigned n;
    int status;
    bool created, failed;
    struct rk_err err;
    char reason[80], message[400], warning[200], conflicts[400];
    struct cluster_object *object;
};

static inline void on_answer(const struct cluster_answer *a, const struct rk_err *err, void *ctx)
{
    struct answered *out = ctx;
    size_t at = 0;

    cluster_unref(out->object);
    *out = (struct answered){.n = out->n + 1, .status = a->status, .created = a->created,
                             .failed = err != NULL};
    if (err)
        out->err = *err;
    snprintf(out->reason, sizeof(out->reason), "%s", a->reason ? a->reason : "");
    snprintf(out->message, sizeof(out->message), "%s", a->message ? a->message : "");
    snprintf(out->warning, sizeof(out->warning), "%s", a->warning ? a->warning : "");
    for (size_t i = 0; i < a->n_conflicts && at < sizeof(out->conflicts); i++)
        at += (size_t)snprintf(out->conflicts + at, sizeof(out->conflicts) - at, "%s %s;",
                               a->conflicts[i].manager, a->conflicts[i].field);
    if (a->object)
        out->object = cluster_ref(a->object);
}

static inline struct kube_key key_of(const char *group, const char *kind, const char *ns,
                                     const char *name)
{
    return (struct kube_key){rk_str_c(group), rk_str_c(kind), rk_str_c(ns), rk_str_c(name)};
}

/* An object from YAML, in an arena. */
static inline struct kube_object object_of(struct rk_arena *a, const char *yaml)
{
    const struct doc_read how = {.typing = DOC_RESOURCE};
    struct kube_object o = {0};
    struct doc_node *doc;
    struct rk_err err;

    if (doc_yaml_read_one(a, rk_str_c(yaml), &how, &doc, &err) < 0 ||
        kube_object_init(&o, doc, &err) < 0)
        fail_msg("%s", err.text);
    return o;
}

static inline void assert_ok(int rc, const struct rk_err *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

#endif
