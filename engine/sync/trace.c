/*
 * trace.c: the journal's side of an operation: what is written before each effect, and what is
 * made of it after a restart.
 *
 * An open operation found in the journal waits until its application is known again. Then it goes
 * on with what is left, if that is part of what was planned; where a commit was begun and its end
 * is not known, it is reported instead, so that nothing is done twice.
 */
#include "sync/sync_int.h"

void sync_trace(struct sync_op *op, enum record_kind kind, int64_t task, rk_str data,
                record_done_fn done, void *ctx)
{
    struct record_entry e = {.kind = kind, .operation = op->pub.id, .task = task, .data = data,
                             .time = rk_wall_ms()};
    record_journal_add(op->sync->host.journal, &e, done, ctx);
}

void sync_trace_ended(struct sync_op *op)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_f(&text, SYNC_NOTE_ENDED "%s %s", sync_state_name[op->pub.state], op->pub.message);
    sync_trace(op, RECORD_NOTE, -1, rk_buf_view(&text), NULL, NULL);
}

void sync_trace_closed(struct sync *s, const char *id, enum sync_state state)
{
    struct record_entry e = {.kind = RECORD_CLOSED, .operation = id, .task = -1,
                             .data = rk_str_c(sync_state_name[state]), .time = rk_wall_ms()};
    record_journal_add(s->host.journal, &e, NULL, NULL);
}

/* ---- the description ---- */
static const struct { const char *name; size_t offset; } text_rows[] = {
#define ROW(member) {#member, offsetof(struct sync_operation, member)}
    ROW(kind), ROW(app), ROW(environment), ROW(actor), ROW(email), ROW(reason),
#undef ROW
};

static struct doc_node *describe_tasks(struct rk_arena *a, const struct sync_work *w)
{
    struct doc_node *list = doc_list(a);
    for (size_t i = 0; w && i < w->plan.n_tasks; i++) {
        const struct plan_task *t = &w->plan.tasks[i];
        struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct doc_node *row = doc_map(a);
        kube_key_text(&key, &t->key);
        doc_set_c(a, row, "action", doc_int(a, t->action));
        doc_set_c(a, row, "phase", doc_int(a, t->phase));
        doc_set_c(a, row, "wave", doc_int(a, t->wave));
        doc_set_c(a, row, "key", doc_string(a, rk_buf_view(&key)));
        doc_push(a, list, row);
    }
    return list;
}

void sync_trace_open(struct sync_op *op, record_done_fn done, void *ctx)
{
    const struct sync_operation *p = &op->pub;
    struct rk_arena *a = rk_arena_new();
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *doc = doc_map(a);
    for (size_t i = 0; i < RK_LEN(text_rows); i++) {
        const char *v = *(const char *const *)(const void *)((const char *)p + text_rows[i].offset);
        if (v)
            doc_set_c(a, doc, text_rows[i].name, doc_string_c(a, v));
    }
    doc_set_c(a, doc, "automatic", doc_bool(a, p->automatic));
    doc_set_c(a, doc, "prune", doc_bool(a, p->prune));
    doc_set_c(a, doc, "commits", doc_bool(a, op->commit || p->after[0]));
    doc_set_c(a, doc, "after", doc_string_c(a, p->after));
    doc_set_c(a, doc, "revision", doc_string_c(a, p->revision));
    doc_set_c(a, doc, "from", doc_string_c(a, p->from));
    doc_set_c(a, doc, "fingerprint", doc_string_c(a, p->fingerprint));
    doc_set_c(a, doc, "started", doc_int(a, p->started));
    doc_set_c(a, doc, "tasks", describe_tasks(a, op->work));
    doc_json_write(&text, doc);
    sync_trace(op, RECORD_OPENED, -1, rk_buf_view(&text), done, ctx);
    rk_arena_free(a);
}

/* ---- reading back ---- */
static void read_tasks(struct sync_op *op, const struct doc_node *list)
{
    size_t n = doc_count(list);
    op->planned = rk_arena_array(op->arena, n + 1, sizeof *op->planned);
    for (size_t i = 0; i < n; i++) {
        struct kube_key key;
        const struct doc_node *row = doc_at(list, i);
        if (!kube_key_parse(doc_get_text(row, "key"), &key))
            continue;
        op->planned[op->n_planned++] = (struct sync_planned){
            .key = kube_key_copy(op->arena, &key),
            .action = (enum plan_action)doc_get_int(row, "action", PLAN_KEEP),
            .phase = (enum plan_phase)doc_get_int(row, "phase", PLAN_SYNC),
            .wave = doc_get_int(row, "wave", 0),
        };
    }
}

static void read_opened(struct sync *s, const struct record_entry *e)
{
    struct sync_op *op = sync_op_new(s);
    struct sync_operation *p = &op->pub;
    struct doc_node *doc = NULL;
    struct rk_err none;
    (void)snprintf(p->id, sizeof p->id, "%s", e->operation);
    if (doc_json_read(op->arena, rk_arena_str(op->arena, e->data), NULL, &doc, &none))
        doc = doc_map(op->arena);
    for (size_t i = 0; i < RK_LEN(text_rows); i++) {
        rk_str v = doc_get_text(doc, text_rows[i].name);
        *(const char **)(void *)((char *)p + text_rows[i].offset) =
            v.p ? rk_arena_dup(op->arena, v.p, v.n) : i < 3 ? "" : NULL;
    }
    p->automatic = doc_get_bool(doc, "automatic", false);
    p->prune = doc_get_bool(doc, "prune", false);
    op->commits = doc_get_bool(doc, "commits", false);
    p->started = doc_get_int(doc, "started", e->time);
    p->state = SYNC_RUNNING;
    op->recovered = true;
    const struct { const char *name; char *to; size_t size; } ids[] = {
        {"revision", p->revision, sizeof p->revision}, {"from", p->from, sizeof p->from},
        {"fingerprint", p->fingerprint, sizeof p->fingerprint},
    };
    for (size_t i = 0; i < RK_LEN(ids); i++)
        (void)snprintf(ids[i].to, ids[i].size, RK_FMT_STR,
                       RK_ARG_STR(doc_get_text(doc, ids[i].name)));
    rk_str after = doc_get_text(doc, "after");
    if (after.n)
        sync_op_follows(op, rk_arena_dup(op->arena, after.p, after.n));
    read_tasks(op, doc_get(doc, "tasks"));
}

static enum sync_state state_of(rk_str name)
{
    for (int i = SYNC_SUCCEEDED; i < SYNC_STATE_MAX; i++)
        if (rk_str_is(name, sync_state_name[i]))
            return (enum sync_state)i;
    return SYNC_FAILED;
}

static void read_note(struct sync_op *op, const struct record_entry *e)
{
    rk_str rest = e->data;
    const size_t skip = sizeof SYNC_NOTE_ENDED - 1;
    op->commit_begun |= rk_str_is(e->data, SYNC_NOTE_COMMIT);
    op->pub.pinned |= rk_str_is(e->data, SYNC_NOTE_PINNED);
    if (!rk_str_starts(e->data, SYNC_NOTE_ENDED))
        return;
    rest = (rk_str){rest.p + skip, rest.n - skip};
    op->pub.state = state_of(rk_str_cut(rest, ' ', &rest));
    op->concluded = rk_arena_dup(op->arena, rest.p, rest.n);
    op->concluded_at = e->time;
}

static void read_entry(const struct record_entry *e, void *ctx)
{
    struct sync *s = ctx;
    struct sync_op *op = sync_op_find(s, e->operation);
    if (e->kind == RECORD_OPENED && !op)
        read_opened(s, e);
    if (!op)
        return;
    switch (e->kind) {
    case RECORD_NOTE:
        read_note(op, e);
        break;
    case RECORD_COMMIT:
        (void)snprintf(op->pub.commit, sizeof op->pub.commit, RK_FMT_STR, RK_ARG_STR(e->data));
        memcpy(op->pub.revision, op->pub.commit, sizeof op->pub.revision);
        break;
    case RECORD_PUSHED:
        op->pub.pushed = true;
        op->proposed = rk_str_starts(e->data, "reckon/");
        break;
    case RECORD_TASK_DONE:
        op->pub.applied = e->time;
        break;
    case RECORD_CLOSED:
        op->ended = true;
        op->pub.state = state_of(e->data);
        op->pub.message = op->concluded;
        op->pub.finished = op->concluded ? op->concluded_at : e->time;
        break;
    case RECORD_OPENED:
    case RECORD_TASK_STARTED:
    case RECORD_KIND_MAX:
        break;
    }
}

/* Cut off between the entry of the commit and its own: what the first says holds for it, too. */
static void take_from(struct sync_op *op, const struct sync_op *first)
{
    if (!first) { /* not kept any more: nobody knows */
        op->commit_begun = true;
        return;
    }
    memcpy(op->pub.commit, first->pub.commit, sizeof op->pub.commit);
    if (op->pub.commit[0])
        memcpy(op->pub.revision, op->pub.commit, sizeof op->pub.revision);
    op->pub.pushed = first->pub.pushed;
    op->pub.pinned = first->pub.pinned;
    op->proposed = first->proposed;
    op->commit_begun = first->commit_begun;
    if (op->pub.commit[0] || !first->concluded || op->concluded)
        return;
    op->pub.state = first->pub.state;
    op->concluded = rk_arena_strdup(op->arena, first->concluded);
}

void sync_recover_read(struct sync *s)
{
    struct rk_err none;
    if (record_journal_each(s->host.journal, read_entry, s, &none))
        return; /* the journal says so itself when it is opened */
    for (struct sync_op *op = s->ops; op; op = op->next)
        if (op->pub.after[0] && !op->ended && !op->pub.commit[0])
            take_from(op, sync_op_find(s, op->pub.after));
}

static struct sync_op *unrecovered(const struct sync *s, const char *app)
{
    for (struct sync_op *op = s ? s->ops : NULL; op; op = op->next)
        if (!op->ended && op->recovered && !op->pub.resumed && rk_streq(op->pub.app, app))
            return op;
    return NULL;
}

bool sync_unrecovered(const struct sync *s, const char *app)
{
    return unrecovered(s, app) != NULL;
}

static void time_is_up(void *ctx)
{
    sync_op_end(ctx, SYNC_FAILED, "time limit after a restart of the engine");
}

void sync_recover(struct sync *s, const char *app)
{
    struct sync_op *op;
    while ((op = unrecovered(s, app))) {
        op->pub.resumed = true;
        if (op->concluded) {
            sync_op_end(op, op->pub.state, "%s", op->concluded);
            continue;
        }
        if (op->commits && !op->pub.commit[0]) { /* never what was not committed */
            sync_op_end(op, SYNC_FAILED, op->commit_begun
                        ? "the engine was cut off while its commit was made: see whether git log "
                          "has it, and plan again"
                        : "the engine was cut off before its commit was made: nothing was "
                          "changed; plan again");
            continue;
        }
        if (op->proposed) { /* a branch that waits to be merged is not applied */
            sync_op_end(op, SYNC_SUCCEEDED, "pushed as a branch before the engine was cut off; the "
                                            "sync follows when it is merged");
            continue;
        }
        op->limit = run_timer_start(s->loop, s->host.operation_ms, 0, time_is_up, op);
        op->step = STEP_INTENT; /* it may not have come so far; its commit is made or none */
        sync_op_changed(op);
        sync_step_enter(op);
    }
}
