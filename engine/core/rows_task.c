/*
 * rows_task.c: fields, tasks and operations as wire structs. In: what drift, plan and sync hold.
 * Out: rows in the caller's arena; foreign text made safe, Secrets as drift told them.
 */
#include "core/core_int.h"

/* One object has to fit into a line: its longest values are cut, the last fields only counted. */
enum { VALUE_MAX = 8 << 10, FIELDS_MAX = 96 << 10 };

static const char *value_text(const struct drift_field *f, const struct doc_node *value,
                              struct rk_arena *mem)
{
    if (!value)
        return NULL;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    drift_value(&text, f, value);
    rk_str head = rk_utf8_head(rk_buf_view(&text), VALUE_MAX);
    const char *safe = core_safe(mem, head);
    return head.n == text.n ? safe : rk_arena_f(mem, "%s... (%zu bytes)", safe, text.n);
}

int64_t core_wire_fields(const struct drift_object *d, const struct core_desired *from,
                         struct rk_arena *mem, struct wire_field **out, size_t *n)
{
    const struct doc_marks *marks = from ? from->render->marks : NULL;
    struct wire_field *v = rk_arena_array(mem, d->n_fields + 1, sizeof *v);
    size_t told = 0, bytes = 0;
    for (; told < d->n_fields && bytes < FIELDS_MAX; told++) {
        const struct drift_field *f = &d->fields[told];
        const struct doc_mark *m = marks ? doc_marks_get(marks, f->mark) : NULL;
        int64_t written = 0;
        if (f->have_owner)
            (void)rk_time_parse(f->owner.time, &written);
        v[told] = (struct wire_field){
            .path = f->path, .desired = value_text(f, f->desired, mem),
            .live = value_text(f, f->live, mem),
            .manager = f->have_owner ? core_safe(mem, f->owner.manager) : NULL,
            .operation = f->have_owner ? core_safe(mem, f->owner.operation) : NULL,
            .subresource = f->have_owner ? core_safe(mem, f->owner.subresource) : NULL,
            .written = written, .file = m ? doc_marks_file(marks, m->file) : NULL,
            .line = m ? m->line : 0, .secret = f->secret, .ignored = f->ignored,
        };
        bytes += strlen(f->path) + (v[told].desired ? strlen(v[told].desired) : 0) +
                 (v[told].live ? strlen(v[told].live) : 0) + 100;
    }
    *out = v;
    *n = told;
    return (int64_t)(d->n_fields - told);
}

static void task_risks(unsigned risks, struct rk_arena *mem, struct wire_task *out)
{
    out->risks = rk_arena_array(mem, 10, sizeof(char *));
    for (unsigned bit = 1; bit <= PLAN_RISK_FORCE; bit <<= 1)
        if (risks & bit)
            out->risks[out->n_risks++] = plan_risk_name((enum plan_risk)bit);
}

static const char *text_of(struct rk_arena *mem, rk_str s)
{
    return rk_arena_dup(mem, s.p ? s.p : "", s.n);
}

void core_wire_tasks(const struct sync_work *w, const struct sync_task *states,
                     struct rk_arena *mem, struct wire_task **out, size_t *n)
{
    *n = w ? w->plan.n_tasks : 0;
    *out = rk_arena_array(mem, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++) {
        const struct plan_task *t = &w->plan.tasks[i];
        struct wire_task *o = &(*out)[i];
        *o = (struct wire_task){
            .phase = plan_phase_name[t->phase + 1], .wave = t->wave,
            .action = plan_action_name[t->action], .group = text_of(mem, t->key.group),
            .kind = text_of(mem, t->key.kind), .namespace = text_of(mem, t->key.namespace),
            .name = text_of(mem, t->key.name), .message = t->note,
        };
        task_risks(t->risks, mem, o);
        if (states) {
            o->state = sync_task_state_name[states[i].state];
            o->message = states[i].message ? core_safe(mem, rk_str_c(states[i].message)) : t->note;
            o->started = states[i].started;
            o->finished = states[i].finished;
        } else if (t->object < w->n_objects) {
            o->more_fields = core_wire_fields(w->objects[t->object].drift,
                                              core_work_view(w)->desired, mem, &o->fields,
                                              &o->n_fields);
        }
    }
}

void core_wire_operation(const struct sync_operation *op, struct rk_arena *mem,
                         struct wire_operation *out)
{
    *out = (struct wire_operation){
        .id = op->id, .kind = op->kind, .app = op->app, .environment = op->environment,
        .actor = op->actor, .reason = op->reason, .fingerprint = op->fingerprint,
        .state = sync_state_name[op->state],
        .message = op->message ? core_safe(mem, rk_str_c(op->message)) : NULL,
        .revision = op->revision, .from = op->from, .commit = op->commit, .started = op->started,
        .finished = op->finished, .applied = op->applied, .pinned = op->pinned,
        .pushed = op->pushed, .after = op->after[0] ? op->after : NULL,
        .followers = op->followers, .n_followers = op->n_followers,
    };
    core_wire_tasks(op->work, op->tasks, mem, &out->tasks, &out->n_tasks);
    out->total = (int64_t)out->n_tasks;
}
