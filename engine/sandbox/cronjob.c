/*
 * cronjob.c: makes Jobs at their minutes (UTC). In: the schedule's five fields and the wall clock.
 * Out: a Job at each due minute, status, and no more finished Jobs than the history limits say.
 * Names of months and days, time zones and startingDeadlineSeconds are not read.
 */
#include <stdlib.h>
#include <time.h>

#include "sandbox/sandbox_int.h"

/* One of "*", "5", "1-5", with "/2", in a comma list. */
static bool range_holds(rk_str one, int64_t value, int64_t low)
{
    int64_t from, to, step = 1;
    rk_str by, end;
    one = rk_str_cut(one, '/', &by);
    if (by.n && (!rk_str_int(by, &step) || step < 1))
        return false;
    if (rk_str_is(one, "*"))
        return (value - low) % step == 0;
    const rk_str start = rk_str_cut(one, '-', &end);
    if (!rk_str_int(start, &from))
        return false;
    to = by.n && !end.n ? 99 : from;
    if (end.n && !rk_str_int(end, &to))
        return false;
    return value >= from && value <= to && (value - from) % step == 0;
}

static bool field_holds(rk_str field, int64_t value, int64_t low)
{
    while (field.n)
        if (range_holds(rk_str_cut(field, ',', &field), value, low))
            return true;
    return false;
}

static rk_str plain_schedule(rk_str s)
{
    static const char *const words[][2] = {
        {"@hourly", "0 * * * *"}, {"@daily", "0 0 * * *"}, {"@midnight", "0 0 * * *"},
        {"@weekly", "0 0 * * 0"}, {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}};
    for (size_t i = 0; i < RK_LEN(words); i++)
        if (rk_str_is(s, words[i][0]))
            return rk_str_c(words[i][1]);
    return s;
}

static bool due(rk_str schedule, int64_t now_ms)
{
    const time_t t = (time_t)(now_ms / 1000);
    struct tm tm;
    gmtime_r(&t, &tm);
    const int values[] = {tm.tm_min, tm.tm_hour, tm.tm_mday, tm.tm_mon + 1, tm.tm_wday};
    const int low[] = {0, 0, 1, 1, 0};
    rk_str rest = plain_schedule(schedule);
    for (size_t i = 0; i < RK_LEN(values); i++) {
        rest = rk_str_trim(rest);
        if (!rest.n || !field_holds(rk_str_cut(rest, ' ', &rest), values[i], low[i]))
            return false;
    }
    return true;
}

static void make_job(struct sandbox *sb, const struct sb_object *cron, int64_t now)
{
    const struct doc_node *template = doc_walk(cron->doc, "spec.jobTemplate");
    struct sb_edit e = sb_edit_new(sb, sb_type_of(sb, "batch", "Job"), cron->ns, SB_CONTROLLER);
    struct rk_arena *a = e.change.arena;
    struct doc_node *meta = doc_get(e.doc, "metadata");
    static const char *const kept[] = {"labels", "annotations"};
    for (size_t i = 0; i < RK_LEN(kept); i++) {
        const struct doc_node *v = doc_get(doc_get(template, "metadata"), kept[i]);
        if (v)
            doc_set_c(a, meta, kept[i], doc_copy(a, v));
    }
    doc_set_c(a, meta, "name", doc_string_f(a, RK_FMT_STR "-%lld", RK_ARG_STR(cron->name),
                                            (long long)(now / 60000)));
    doc_set_c(a, e.doc, "spec", doc_copy(a, doc_get(template, "spec")));
    sb_own(a, e.doc, cron);
    const struct sb_object *job = sb_edit_end(&e);
    if (!job)
        return;
    sb_event(sb, cron, "cronjob-controller", "Normal", "SuccessfulCreate",
             "Created job " RK_FMT_STR, RK_ARG_STR(job->name));
    const struct sb_object *cur = sb_find_uid(sb, cron->uid);
    if (!cur)
        return;
    struct sb_edit s = sb_edit_begin(sb, cur, SB_CONTROLLER, "status");
    sb_set_str(s.change.arena, doc_make(s.change.arena, s.doc, "status"), "lastScheduleTime",
               sb_time(s.change.arena, now / 60000 * 60000));
    sb_edit_end(&s);
}

void sb_cron_tick(void *ctx)
{
    struct sandbox *sb = ctx;
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const int64_t now = rk_wall_ms();
    size_t n;
    struct sb_object **list = sb_list(a, sb_type_of(sb, "batch", "CronJob"), RK_STR_NONE, &n);
    for (size_t i = 0; i < n; i++)
        sb_ref(list[i]);
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *spec = doc_get(list[i]->doc, "spec");
        if (!sb_ending(list[i]) && !doc_get_bool(spec, "suspend", false) &&
            due(doc_get_text(spec, "schedule"), now))
            make_job(sb, list[i], now);
        sb_unref(list[i]);
    }
    run_timer_again(sb->cron_timer, (uint64_t)(60000 - rk_wall_ms() % 60000) + 5);
}

static bool has(const struct sb_object *job, const char *type)
{
    const struct doc_node *c = sb_condition(doc_get(job->doc, "status"), type);
    return rk_str_is(doc_get_text(c, "status"), "True");
}

static void keep_last(struct sandbox *sb, struct sb_object **jobs, size_t n, const char *type,
                      int64_t limit)
{
    int64_t seen = 0;
    for (size_t i = n; i-- > 0;) {          /* names end in the minute: the last is the newest */
        if (jobs[i] && has(jobs[i], type) && ++seen > limit) {
            struct sb_object *job = sb_ref(jobs[i]);
            jobs[i] = NULL;
            sb_remove(sb, job, SB_BACKGROUND, -1);
            sb_unref(job);
        }
    }
}

void sb_control_cronjob(struct sandbox *sb, const struct sb_object *cron)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const struct doc_node *spec = doc_get(cron->doc, "spec");
    struct sb_type *t = sb_type_of(sb, "batch", "Job");
    size_t n;
    if (sb_ending(cron))
        return;
    struct sb_object **jobs = sb_owned(a, cron, t, &n);
    keep_last(sb, jobs, n, "Complete", doc_get_int(spec, "successfulJobsHistoryLimit", 3));
    keep_last(sb, jobs, n, "Failed", doc_get_int(spec, "failedJobsHistoryLimit", 1));
    struct sb_edit e = sb_edit_begin(sb, cron, SB_CONTROLLER, "status");
    struct rk_arena *ea = e.change.arena;
    struct doc_node *status = doc_make(ea, e.doc, "status"), *active = doc_list(ea);
    for (size_t i = 0; i < n; i++) {
        if (!jobs[i])
            continue;
        if (has(jobs[i], "Complete")) {
            doc_set_c(ea, status, "lastSuccessfulTime",
                      doc_string(ea, sb_str(jobs[i]->doc, "status.completionTime")));
        } else if (!has(jobs[i], "Failed")) {
            struct doc_node *ref = doc_map(ea);
            sb_set_str(ea, ref, "apiVersion", "batch/v1");
            sb_set_str(ea, ref, "kind", "Job");
            doc_set_c(ea, ref, "namespace", doc_string(ea, jobs[i]->ns));
            doc_set_c(ea, ref, "name", doc_string(ea, jobs[i]->name));
            doc_set_c(ea, ref, "uid", doc_string(ea, jobs[i]->uid));
            doc_push(ea, active, ref);
        }
    }
    if (doc_count(active))
        doc_set_c(ea, status, "active", active);
    else
        doc_del(status, RK_STR("active"));
    sb_edit_end(&e);
}
