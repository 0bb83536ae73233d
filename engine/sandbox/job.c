/*
 * job.c: runs Jobs to completion. In: the Job and its pods. Out: pods up to parallelism until
 * enough have succeeded or more than backoffLimit have failed; status with the conditions
 * SuccessCriteriaMet and Complete, or FailureTarget and Failed.
 */
#include "sandbox/sandbox_int.h"

struct tally {
    int64_t active, ready, succeeded, failed;
};

static struct tally tally(struct sandbox *sb, struct rk_arena *a, const struct sb_object *job)
{
    struct tally t = {0};
    size_t n;
    struct sb_object **pods = sb_owned(a, job, sb_type_of(sb, "", "Pod"), &n);
    for (size_t i = 0; i < n; i++) {
        const rk_str phase = sb_str(pods[i]->doc, "status.phase");
        if (rk_str_is(phase, "Succeeded"))
            t.succeeded++;
        else if (rk_str_is(phase, "Failed"))
            t.failed++;
        else if (!sb_ending(pods[i]))
            t.active++;
        t.ready += sb_pod_ready(pods[i]);
    }
    return t;
}

static bool ended(const struct sb_object *job)
{
    static const char *const types[] = {"Complete", "Failed"};
    for (size_t i = 0; i < RK_LEN(types); i++) {
        const struct doc_node *c = sb_condition(doc_get(job->doc, "status"), types[i]);
        if (rk_str_is(doc_get_text(c, "status"), "True"))
            return true;
    }
    return false;
}

static void end_conditions(struct rk_arena *a, struct doc_node *status, bool ok, int64_t now)
{
    const char *reason = ok ? "CompletionsReached" : "BackoffLimitExceeded";
    const char *message = ok ? "Reached expected number of succeeded pods"
                             : "Job has reached the specified backoff limit";
    const struct sb_condition rows[] = {
        {.type = ok ? "SuccessCriteriaMet" : "FailureTarget", .status = "True", .reason = reason,
         .message = message},
        {.type = ok ? "Complete" : "Failed", .status = "True", .reason = reason,
         .message = message}};
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        sb_condition_set(a, status, &rows[i], now);
        sb_set_str(a, sb_condition(status, rows[i].type), "lastProbeTime", sb_time(a, now));
    }
    if (ok)
        sb_set_str(a, status, "completionTime", sb_time(a, now));
}

static void write_status(struct sandbox *sb, const struct sb_object *job, const struct tally *t,
                         bool complete, bool failed)
{
    struct sb_edit e = sb_edit_begin(sb, job, SB_CONTROLLER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status");
    const struct {
        const char *key;
        int64_t value;
    } rows[] = {{"active", t->active}, {"succeeded", t->succeeded}, {"failed", t->failed}};
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        if (rows[i].value)
            sb_set_int(a, status, rows[i].key, rows[i].value);
        else
            doc_del(status, rk_str_c(rows[i].key));
    }
    sb_set_int(a, status, "ready", t->ready);
    sb_set_int(a, status, "terminating", 0);
    doc_make(a, status, "uncountedTerminatedPods");
    if (!doc_get(status, "startTime"))
        sb_set_str(a, status, "startTime", sb_time(a, e.change.now_ms));
    if (complete || failed)
        end_conditions(a, status, complete, e.change.now_ms);
    const struct sb_object *now = sb_edit_end(&e);
    if (now && complete)
        sb_event(sb, now, "job-controller", "Normal", "Completed", "Job completed");
    else if (now && failed)
        sb_event(sb, now, "job-controller", "Warning", "BackoffLimitExceeded",
                 "Job has reached the specified backoff limit");
}

static void expire(struct sandbox *sb, const struct sb_object *job)
{
    sb_remove(sb, job, SB_BACKGROUND, -1);
}

void sb_control_job(struct sandbox *sb, const struct sb_object *job)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const struct doc_node *spec = doc_get(job->doc, "spec");
    const int64_t want = doc_get_int(spec, "completions", 1);
    const int64_t wide = doc_get_int(spec, "parallelism", 1);
    const int64_t ttl = doc_get_int(spec, "ttlSecondsAfterFinished", -1);
    if (sb_ending(job) || doc_get_bool(spec, "suspend", false))
        return;
    if (ended(job)) {
        if (ttl >= 0)
            sb_later(sb, job, (uint64_t)ttl * 1000 + 1, expire);
        return;
    }
    struct tally t = tally(sb, a, job);
    const bool complete = t.succeeded >= want;
    const bool failed = !complete && t.failed > doc_get_int(spec, "backoffLimit", 6);
    while (!complete && !failed && t.active < wide && t.active + t.succeeded < want) {
        struct sb_edit e = sb_pod_from(sb, job, doc_get(spec, "template"), SB_CONTROLLER, NULL);
        const struct sb_object *pod = sb_edit_end(&e);
        if (!pod)
            break;
        sb_event(sb, job, "job-controller", "Normal", "SuccessfulCreate",
                 "Created pod: " RK_FMT_STR, RK_ARG_STR(pod->name));
        t.active++;
    }
    write_status(sb, job, &t, complete, failed);
}
