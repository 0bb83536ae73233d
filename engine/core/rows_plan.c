/*
 * rows_plan.c: a plan as a wire struct: its tasks, the bytes and the message of its commit,
 * conflicts with their three versions, and what its gate still wants.
 */
#include "core/core_int.h"

/* A plan's head and at least one task have to fit into a line: long texts are cut, the last edits
 * only counted. */
enum { EDIT_MAX = 8 << 10, EDITS_MAX = 48 << 10, CONFLICTS_MAX = 96 << 10 };

static const char *cut(struct rk_arena *a, const char *text, size_t most)
{
    rk_str whole = rk_str_c(text), head = rk_utf8_head(whole, most);
    return head.n == whole.n ? text
                             : rk_arena_f(a, RK_FMT_STR "\n... (%zu bytes more)", RK_ARG_STR(head),
                                          whole.n - head.n);
}

static const char *lines(struct rk_arena *a, const char *text)
{
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_text_safe(&safe, rk_str_c(text), RK_TEXT_LINES);
    return cut(a, rk_arena_dup(a, safe.p, safe.n), EDIT_MAX);
}

static void wire_edits(const struct core_change *c, struct rk_arena *a, struct wire_plan *out)
{
    size_t bytes = 0;
    out->edits = rk_arena_array(a, c->n_edits + 1, sizeof *out->edits);
    for (size_t i = 0; i < c->n_edits && bytes < EDITS_MAX; i++) {
        struct wire_edit *e = &out->edits[out->n_edits++];
        *e = (struct wire_edit){c->edits[i].file, c->edits[i].line, lines(a, c->edits[i].before),
                                lines(a, c->edits[i].after)};
        bytes += strlen(e->file) + strlen(e->before) + strlen(e->after) + 50;
    }
    out->more_edits = (int64_t)(c->n_edits - out->n_edits);
}

static void wire_conflicts(const struct core_change *c, struct rk_arena *a, struct wire_plan *out)
{
    size_t most = CONFLICTS_MAX / (3 * c->n_conflicts + 1);
    out->conflicts = rk_arena_array(a, c->n_conflicts + 1, sizeof *out->conflicts);
    for (size_t i = 0; i < c->n_conflicts; i++) {
        const char *const v[] = {c->conflicts[i].ancestor, c->conflicts[i].ours,
                                 c->conflicts[i].theirs};
        const char *told[RK_LEN(v)] = {0};
        bool secret = false;
        for (size_t k = 0; k < RK_LEN(v); k++)
            secret |= core_file_secret(rk_str_c(v[k]));
        for (size_t k = 0; k < RK_LEN(v); k++)
            told[k] = cut(a, core_file_text(a, rk_str_c(v[k]), secret), most);
        out->conflicts[out->n_conflicts++] = (struct wire_conflict){
            c->conflicts[i].path, told[0], told[1], told[2]};
    }
}

static void wire_tasks(struct core_plan *p, struct rk_arena *a, struct wire_plan *out)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_parts; i++)
        n += p->parts[i].work ? p->parts[i].work->plan.n_tasks : 0;
    out->tasks = rk_arena_array(a, n + 1, sizeof *out->tasks);
    for (size_t i = 0; i < p->n_parts; i++) {
        struct wire_task *own;
        core_wire_tasks(p->parts[i].work, NULL, a, &own, &n);
        for (size_t k = 0; k < n; k++) {
            own[k].app = p->environment ? p->parts[i].app : NULL;
            out->tasks[out->n_tasks++] = own[k];
        }
    }
}

void core_plan_wire(struct core_plan *p, struct rk_arena *a, struct wire_plan *out)
{
    struct core_app *app = core_part_app(p, &p->parts[0]);
    const char *environment = app->policy.environment;
    struct plan_missing missing = {0};
    struct rk_err why = {0};
    bool open = !p->started && core_plan_gate(p, a, &missing);
    *out = (struct wire_plan){
        .fingerprint = p->started ? NULL : p->fingerprint, .kind = p->kind,
        .app = p->environment ? NULL : p->parts[0].app, .environment = environment,
        .revision = p->revision, .from = p->environment ? NULL : app->synced,
        .created = p->created, .expires = p->expires, .armed = open,
        .stale = core_plan_stale(p, &why), .missing = missing.v, .n_missing = missing.n,
        .confirm = core_plan_confirm(p, a),
        .needs_unlock = app->policy.locked && !p->unlocked &&
                        !engine_unlocked(p->engine, environment, p->uid),
        .needs_reason = app->policy.locked && !p->reason,
        .policy = core_policy_line(app, a),
    };
    wire_tasks(p, a, out);
    if (!p->change)
        return;
    out->commit_message = p->change->commit.write.message;
    wire_edits(p->change, a, out);
    wire_conflicts(p->change, a, out);
}
