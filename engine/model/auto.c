/*
 * auto.c: does automation sync now? In: values and a clock. Out: yes or no, why, how long to wait.
 * The rows stand in the order that Argo CD asks them (reference/argocd.md section 1.4): the first
 * one that applies decides. Also the waits of self-heal and of retries. Pure.
 */
#include "model/model_int.h"

uint64_t model_heal_delay(int64_t attempts)
{
    uint64_t ms = 2000;

    if (attempts <= 0)
        return 0;
    for (int64_t i = 1; i < attempts && ms < 300000; i++)
        ms *= 3;
    return ms < 300000 ? ms : 300000;
}

uint64_t model_retry_delay(const struct model_retry *r, int64_t attempt)
{
    uint64_t ms = r->duration_ms, factor = r->factor > 1 ? (uint64_t)r->factor : 1;

    for (int64_t i = 0; i < attempt && factor > 1; i++) {
        if (r->max_ms && ms >= r->max_ms)
            break;
        if (__builtin_mul_overflow(ms, factor, &ms)) {
            ms = UINT64_MAX;
            break;
        }
    }
    return r->max_ms && ms > r->max_ms ? r->max_ms : ms;
}

/* What is left of the wait for the next heal. */
static uint64_t heal_wait(const struct model_auto_input *in)
{
    uint64_t delay = model_heal_delay(in->heal_attempts);
    int64_t since = in->now_ms - in->last_finished_ms;

    if (in->last_finished_ms == 0 || since < 0)
        return delay;
    return (uint64_t)since >= delay ? 0 : delay - (uint64_t)since;
}

static bool is_again(const struct model_auto_input *in)
{
    return in->last_attempted && in->same_revision;
}

/* ---- the rows ---- */
static bool row_window(const struct model_auto_input *in) { return in->window_closed; }
static bool row_manual(const struct model_auto_input *in) { return !in->automated; }
static bool row_running(const struct model_auto_input *in) { return in->operation_running; }
static bool row_deleting(const struct model_auto_input *in) { return in->deleting; }
static bool row_synced(const struct model_auto_input *in) { return in->verdict == MODEL_SYNCED; }
static bool row_unknown(const struct model_auto_input *in)
{
    return in->verdict != MODEL_OUT_OF_SYNC;
}
static bool row_only_prune(const struct model_auto_input *in)
{
    return !in->prune && (in->only_prune || in->no_objects);
}
static bool row_failed(const struct model_auto_input *in)
{
    return is_again(in) && !in->last_succeeded;
}
static bool row_no_heal(const struct model_auto_input *in)
{
    return is_again(in) && !in->self_heal;
}
static bool row_wait(const struct model_auto_input *in)
{
    return is_again(in) && heal_wait(in) > 0;
}
static bool row_wipe(const struct model_auto_input *in)
{
    return in->prune && !in->allow_empty && (in->all_prune || in->no_objects);
}

static const struct {
    bool (*applies)(const struct model_auto_input *in);
    const char *reason;
} rows[] = {
    {row_window, "a sync window forbids automatic syncs"},
    {row_manual, "automated sync is off"},
    {row_running, "an operation is running"},
    {row_deleting, "the application is being deleted"},
    {row_synced, "nothing is out of sync"},
    {row_unknown, "the verdict is Unknown"},
    {row_only_prune, "only pruning is left, and prune is off"},
    {row_failed, "the last attempt at this revision failed; a new commit or a manual sync goes on"},
    {row_no_heal, "this revision is synced already, and selfHeal is off"},
    {row_wait, "self-heal waits before its next attempt"},
    {row_wipe, "every object would be pruned, and allowEmpty is off"},
};

struct model_auto model_auto_decide(const struct model_auto_input *in)
{
    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (rows[i].applies(in))
            return (struct model_auto){
                .reason = rows[i].reason,
                .wait_ms = rows[i].applies == row_wait ? heal_wait(in) : 0,
            };
    return (struct model_auto){
        .sync = true,
        .selective = is_again(in),
        .reason = is_again(in) ? "self-heal: live objects differ" : "a new revision is out of sync",
    };
}
