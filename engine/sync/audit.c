/*
 * audit.c: an operation -> entries of the audit log, and the values that it overwrites.
 *
 * Numbers, booleans and image references stand in clear; everything else as a keyed hash; the values of
 * Secrets and of fields named like secrets not at all (design.md section 11).
 */
#include "sync/sync_int.h"

static bool is_image(const char *path)
{
    size_t n = strlen(path);
    return n >= 6 && strcmp(path + n - 6, "/image") == 0;
}

static const char *shown(struct sync_op *op, const struct drift_field *f,
                         const struct doc_node *value, bool *clear)
{
    if (!value)
        return NULL;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    enum doc_type type = doc_type(value);
    *clear = type == DOC_NUMBER || type == DOC_BOOL || (type == DOC_STRING && is_image(f->path));
    doc_json_write(&text, value);
    if (*clear)
        return rk_arena_dup(op->arena, text.p, text.n);
    uint8_t sum[RK_SHA256_LEN];
    char hex[2 * RK_SHA256_LEN + 1];
    struct rk_hmac h;
    rk_hmac_init(&h, op->sync->host.key);
    rk_hmac_field(&h, rk_buf_view(&text));
    rk_hmac_end(&h, sum);
    rk_hex(sum, sizeof sum, hex);
    return rk_arena_f(op->arena, "keyed:%.16s", hex);
}

static bool named_like_secret(const char *path)
{
    const char *last = strrchr(path, '/');
    return rk_text_names_secret(rk_str_c(last ? last + 1 : path));
}

void sync_trace_values(struct sync_op *op, size_t task)
{
    const struct plan_task *t = &op->work->plan.tasks[task];
    const struct drift_object *d = t->object < op->work->n_objects
                                       ? op->work->objects[t->object].drift : NULL;
    if (!d || d->verdict != DRIFT_CHANGED)
        return;
    struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
    kube_key_text(&key, &t->key);
    const char *object = rk_arena_dup(op->arena, key.p, key.n);
    for (size_t i = 0; i < d->n_fields && op->n_values < 1000; i++) {
        const struct drift_field *f = &d->fields[i];
        bool before_clear = false, after_clear = false;
        if (f->secret || f->ignored || named_like_secret(f->path))
            continue;
        struct record_value v = {
            .object = object, .path = rk_arena_strdup(op->arena, f->path),
            .before = shown(op, f, f->live, &before_clear),
            .after = shown(op, f, f->desired, &after_clear),
        };
        v.clear = before_clear || after_clear;
        if (f->have_owner) {
            v.manager = rk_arena_dup(op->arena, f->owner.manager.p, f->owner.manager.n);
            (void)rk_time_parse(f->owner.time, &v.written);
        }
        op->values = rk_grow(op->values, op->n_values, &op->cap_values, sizeof *op->values);
        op->values[op->n_values++] = v;
    }
}

int sync_audit(struct sync_op *op, const char *stage, struct rk_err *err)
{
    struct sync *s = op->sync;
    const struct sync_operation *p = &op->pub;
    struct record_log *log = s->host.log(p->app, s->ctx);
    struct cluster *c = s->host.cluster(p->app, s->ctx);
    const struct record_inventory *inventory = s->host.inventory(p->app, s->ctx);
    bool outcome = rk_streq(stage, "outcome");
    struct record_audit e = {
        .id = p->id, .kind = p->kind, .app = p->app, .environment = p->environment,
        .cluster_uid = c ? cluster_uid(c) : NULL, .stage = stage, .from = p->from,
        .to = p->revision, .sources = p->work ? p->work->sources : NULL, .plan = p->fingerprint,
        .actor = p->actor, .actor_email = p->email,
        .reason = p->reason, .result = outcome ? sync_state_name[p->state] : NULL,
        .message = p->message, .time = rk_wall_ms(), .started = p->started,
        .finished = p->finished, .break_glass = op->break_glass || p->pinned,
        .values = op->values, .n_values = outcome ? op->n_values : 0,
    };
    if (outcome && inventory) {
        e.inventory = inventory->v;
        e.n_inventory = inventory->n;
    }
    return log ? record_log_add(log, &e, false, err)
               : rk_fail(err, RK_UNAVAILABLE, "no audit log");
}
