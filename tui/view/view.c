/*
 * view.c: the table of views, and the life of one: made from its class, given to the host, ended
 * with its feeds and calls.
 */
#include <stdio.h>
#include <stdlib.h>

#include "view/view_int.h"

const struct view_class *const view_classes[] = {
    &view_applications,
    &view_confirm,
    &view_diff,
    &view_plan,
    &view_operation,
    &view_operations,
    &view_resource,
    &view_history,
    &view_audit,
    &view_commit,
    &view_matrix,
    &view_log,
    &view_copies,
    NULL,
};

const struct view_class *view_class_named(const char *name)
{
    for (const struct view_class *const *c = view_classes; *c; c++)
        if (rk_streq((*c)->name, name))
            return *c;
    return NULL;
}

struct view *view_new(const struct view_class *c, struct view_host *host,
                      const struct view_target *t, struct rk_err *err)
{
    static const struct view_target nothing;
    struct view *v = rk_alloc(c->size);

    v->class = c;
    v->host = host;
    if (c->open(v, t ? t : &nothing, err) == 0)
        return v;
    view_free(v);
    return NULL;
}

void view_free(struct view *v)
{
    if (!v)
        return;
    while (v->feeds)
        view_feed_close(v->feeds);
    view_calls_leave(v);
    if (v->class->close)
        v->class->close(v);
    free(v);
}

void view_say(struct view *v, enum term_role role, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    v->host->say(role, text, v->host->ctx);
}

struct view_object view_object_of(const char *object)
{
    struct view_object o = {0};
    rk_str *const part[] = {&o.group, &o.kind, &o.namespace, &o.name};
    rk_str rest = rk_str_c(object);

    for (size_t i = 0; i < RK_LEN(part); i++)
        *part[i] = i + 1 < RK_LEN(part) ? rk_str_cut(rest, '/', &rest) : rest;
    return o;
}
