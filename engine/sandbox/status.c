/*
 * status.c: failures as the real server words them. In: what is wrong. Out: a Status document with
 * code, reason, message and details. Texts live in the request's arena; nothing is answered here.
 * Wordings: reference/kubernetes.md section 2.7, compared with a real v1.35.
 */
#include "sandbox/sandbox_int.h"

static int fail_v(struct sb_failure *f, int code, const char *reason, const char *fmt, va_list ap)
    RK_PRINTF(4, 0);
static int fail_v(struct sb_failure *f, int code, const char *reason, const char *fmt, va_list ap)
{
    f->code = code;
    f->reason = reason;
    f->message = rk_arena_vf(f->arena, fmt, ap);
    return -1;
}

int sb_fail(struct sb_failure *f, int code, const char *reason, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail_v(f, code, reason, fmt, ap);
    va_end(ap);
    return -1;
}

int sb_fail_bad(struct sb_failure *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail_v(f, 400, "BadRequest", fmt, ap);
    va_end(ap);
    return -1;
}

const char *sb_resource(struct rk_arena *a, const struct sb_type *t)
{
    return t->group[0] ? rk_arena_f(a, "%s.%s", t->plural, t->group) : t->plural;
}

const char *sb_qualified_kind(struct rk_arena *a, const struct sb_type *t)
{
    return t->group[0] ? rk_arena_f(a, "%s.%s", t->kind, t->group) : t->kind;
}

static void name_it(struct sb_failure *f, const struct sb_type *t, rk_str name, const char *kind)
{
    f->name = rk_arena_dup(f->arena, name.p ? name.p : "", name.n);
    f->group = t->group;
    f->kind = kind;
}

int sb_fail_not_found(struct sb_failure *f, const struct sb_type *t, rk_str name)
{
    name_it(f, t, name, t->plural);
    return sb_fail(f, 404, "NotFound", "%s \"%s\" not found", sb_resource(f->arena, t), f->name);
}

int sb_fail_exists(struct sb_failure *f, const struct sb_type *t, rk_str name)
{
    name_it(f, t, name, t->plural);
    return sb_fail(f, 409, "AlreadyExists", "%s \"%s\" already exists", sb_resource(f->arena, t),
                   f->name);
}

int sb_fail_modified(struct sb_failure *f, const struct sb_type *t, rk_str name)
{
    name_it(f, t, name, t->plural);
    return sb_fail(f, 409, "Conflict",
                   "Operation cannot be fulfilled on %s \"%s\": the object has been modified; "
                   "please apply your changes to the latest version and try again",
                   sb_resource(f->arena, t), f->name);
}

int sb_fail_forbidden(struct sb_failure *f, const struct sb_type *t, rk_str name, const char *fmt,
                      ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail_v(f, 403, "Forbidden", fmt, ap);
    va_end(ap);
    name_it(f, t, name, t->plural);
    return sb_fail(f, 403, "Forbidden", "%s \"%s\" is forbidden: %s", sb_resource(f->arena, t),
                   f->name, f->message);
}

/* ---- 422 ---- */

void sb_invalid_add(struct sb_invalid *v, const char *reason, const char *field, const char *fmt,
                    ...)
{
    struct rk_arena *a = v->failure->arena;
    struct doc_node *cause = doc_map(a);
    va_list ap;
    va_start(ap, fmt);
    const char *message = rk_arena_vf(a, fmt, ap);
    va_end(ap);
    if (!v->causes)
        v->causes = doc_list(a);
    doc_set_c(a, cause, "reason", doc_string_c(a, reason));
    doc_set_c(a, cause, "message", doc_string_c(a, message));
    doc_set_c(a, cause, "field", doc_string_c(a, field));
    doc_push(a, v->causes, cause);
}

int sb_invalid_end(struct sb_invalid *v, const struct sb_type *t, rk_str name)
{
    struct sb_failure *f = v->failure;
    const size_t n = doc_count(v->causes);
    if (n == 0)
        return 0;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *c = doc_at(v->causes, i);
        rk_buf_f(&text, "%s" RK_FMT_STR ": " RK_FMT_STR, i ? ", " : "",
                 RK_ARG_STR(doc_get_text(c, "field")), RK_ARG_STR(doc_get_text(c, "message")));
    }
    const char *kind = t->kind;
    name_it(f, t, name, kind);
    f->causes = v->causes;
    return sb_fail(f, 422, "Invalid", n > 1 ? "%s \"%s\" is invalid: [%s]" :
                   "%s \"%s\" is invalid: %s",
                   sb_qualified_kind(f->arena, t), f->name, text.p);
}

int sb_fail_option(struct sb_failure *f, const char *options, const char *reason, const char *field,
                   const char *fmt, ...)
{
    struct sb_invalid v = {.failure = f};
    va_list ap;
    va_start(ap, fmt);
    const char *message = rk_arena_vf(f->arena, fmt, ap);
    va_end(ap);
    sb_invalid_add(&v, reason, field, "%s", message);
    f->causes = v.causes;
    f->group = "meta.k8s.io";
    f->kind = options;
    return sb_fail(f, 422, "Invalid", "%s.meta.k8s.io \"\" is invalid: %s: %s", options, field,
                   message);
}

static void set_text(struct rk_arena *a, struct doc_node *map, const char *key, const char *value)
{
    if (value && value[0])
        doc_set_c(a, map, key, doc_string_c(a, value));
}

struct doc_node *sb_status_doc(struct rk_arena *a, const struct sb_failure *f)
{
    struct doc_node *s = doc_map(a), *details = doc_map(a);
    doc_set_c(a, s, "kind", doc_string_c(a, "Status"));
    doc_set_c(a, s, "apiVersion", doc_string_c(a, "v1"));
    doc_set_c(a, s, "metadata", doc_map(a));
    doc_set_c(a, s, "status", doc_string_c(a, "Failure"));
    set_text(a, s, "message", f->message);
    set_text(a, s, "reason", f->reason);
    set_text(a, details, "name", f->name);
    set_text(a, details, "group", f->group);
    set_text(a, details, "kind", f->kind);
    set_text(a, details, "uid", f->uid);
    if (f->causes)
        doc_set_c(a, details, "causes", doc_copy(a, f->causes));
    if (f->retry_after_s)
        doc_set_c(a, details, "retryAfterSeconds", doc_int(a, f->retry_after_s));
    if (doc_count(details))
        doc_set_c(a, s, "details", details);
    doc_set_c(a, s, "code", doc_int(a, f->code));
    return s;
}
