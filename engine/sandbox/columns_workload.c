/*
 * columns_workload.c: printer columns of pods and of what makes pods. In: an object's document and
 * the time. Out: a cell's text. Names, order and priorities: a real v1.35. Pure.
 */
#include "sandbox/columns_int.h"

/* ---- pods ---- */

static void pod_ready(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *list = doc_walk(o, "status.containerStatuses");
    size_t ready = 0;
    for (size_t i = 0; i < doc_count(list); i++)
        ready += doc_get_bool(doc_at(list, i), "ready", false);
    rk_buf_f(out, "%zu/%zu", ready, doc_count(doc_walk(o, "spec.containers")));
}

static rk_str container_reason(const struct doc_node *o)
{
    const struct doc_node *list = doc_walk(o, "status.containerStatuses");
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *state = doc_get(doc_at(list, i), "state");
        const rk_str waiting = sb_str(state, "waiting.reason");
        const rk_str ended = sb_str(state, "terminated.reason");
        if (waiting.n || ended.n)
            return waiting.n ? waiting : ended;
    }
    return RK_STR_NONE;
}

static void pod_status(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const rk_str reason = container_reason(o);
    if (sb_str(o, "metadata.deletionTimestamp").n)
        rk_buf_c(out, "Terminating");
    else if (reason.n)
        rk_buf_str(out, reason);
    else
        rk_buf_str(out, sb_str(o, "status.phase"));
}

static void pod_restarts(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *list = doc_walk(o, "status.containerStatuses");
    int64_t n = 0;
    for (size_t i = 0; i < doc_count(list); i++)
        n += doc_get_int(doc_at(list, i), "restartCount", 0);
    rk_buf_f(out, "%lld", (long long)n);
}

static void text_or_none(struct rk_buf *out, rk_str text)
{
    if (text.n)
        rk_buf_str(out, text);
    else
        rk_buf_c(out, "<none>");
}

static void pod_ip(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    text_or_none(out, sb_str(o, "status.podIP"));
}

static void pod_node(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    text_or_none(out, sb_str(o, "spec.nodeName"));
}

static void none(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)o;
    (void)now;
    rk_buf_c(out, "<none>");
}

const struct sb_column sb_columns_pod[] = {
    SB_NAME, SB_CELL("Ready", pod_ready), SB_CELL("Status", pod_status),
    SB_CELL("Restarts", pod_restarts), SB_AGE, SB_WIDE_CELL("IP", pod_ip),
    SB_WIDE_CELL("Node", pod_node), SB_WIDE_CELL("Nominated Node", none),
    SB_WIDE_CELL("Readiness Gates", none)};

/* ---- controllers of pods ---- */

static void ready_of(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, "%lld/%lld", (long long)sb_int(o, "status.readyReplicas", 0),
             (long long)sb_int(o, "spec.replicas", 0));
}

#define NUMBER(fn, path)                                                                          \
    static void fn(struct rk_buf *out, const struct doc_node *o, int64_t now)                     \
    {                                                                                             \
        (void)now;                                                                                \
        rk_buf_f(out, "%lld", (long long)sb_int(o, path, 0));                                     \
    }
NUMBER(updated, "status.updatedReplicas")
NUMBER(available, "status.availableReplicas")
NUMBER(wanted, "spec.replicas")
NUMBER(current, "status.replicas")
NUMBER(ready, "status.readyReplicas")
NUMBER(ds_wanted, "status.desiredNumberScheduled")
NUMBER(ds_current, "status.currentNumberScheduled")
NUMBER(ds_ready, "status.numberReady")
NUMBER(ds_updated, "status.updatedNumberScheduled")
NUMBER(ds_available, "status.numberAvailable")
NUMBER(disruptions, "status.disruptionsAllowed")

#define INTEGER(name, fn) {name, "integer", 0, NULL, fn}
#define WIDE_POD SB_WIDE_CELL("Containers", sb_cell_containers),                                  \
                 SB_WIDE_CELL("Images", sb_cell_images)

const struct sb_column sb_columns_deployment[] = {
    SB_NAME, SB_CELL("Ready", ready_of), SB_CELL("Up-to-date", updated),
    SB_CELL("Available", available), SB_AGE, WIDE_POD,
    SB_WIDE_CELL("Selector", sb_cell_selector)};
const struct sb_column sb_columns_replicaset[] = {
    SB_NAME, INTEGER("Desired", wanted), INTEGER("Current", current), INTEGER("Ready", ready),
    SB_AGE, WIDE_POD,
    SB_WIDE_CELL("Selector", sb_cell_selector)};
const struct sb_column sb_columns_statefulset[] = {SB_NAME, SB_CELL("Ready", ready_of), SB_AGE,
                                                   WIDE_POD};

static void node_selector(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *map = doc_walk(o, "spec.template.spec.nodeSelector");
    for (size_t i = 0; i < doc_count(map); i++)
        rk_buf_f(out, "%s" RK_FMT_STR "=" RK_FMT_STR, i ? "," : "",
                 RK_ARG_STR(doc_pair_at(map, i)->key),
                 RK_ARG_STR(doc_text(doc_pair_at(map, i)->value)));
    if (!doc_count(map))
        rk_buf_c(out, "<none>");
}

const struct sb_column sb_columns_daemonset[] = {
    SB_NAME, INTEGER("Desired", ds_wanted), INTEGER("Current", ds_current),
    INTEGER("Ready", ds_ready), INTEGER("Up-to-date", ds_updated),
    INTEGER("Available", ds_available), SB_CELL("Node Selector", node_selector), SB_AGE, WIDE_POD,
    
    SB_WIDE_CELL("Selector", sb_cell_selector)};

/* ---- jobs ---- */

static bool is_true(const struct doc_node *o, const char *type)
{
    const struct doc_node *c = sb_condition(doc_get(o, "status"), type);
    return rk_str_is(doc_get_text(c, "status"), "True");
}

static void job_status(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_c(out, is_true(o, "Complete") ? "Complete" : is_true(o, "Failed") ? "Failed"
                  : is_true(o, "Suspended") ? "Suspended"
                  : sb_str(o, "metadata.deletionTimestamp").n ? "Terminating" : "Running");
}

static void job_completions(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, "%lld/%lld", (long long)sb_int(o, "status.succeeded", 0),
             (long long)sb_int(o, "spec.completions", 1));
}

static void job_duration(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    const rk_str start = sb_str(o, "status.startTime"), end = sb_str(o, "status.completionTime");
    int64_t until = now;
    if (!start.n)
        return;
    if (end.n && !rk_time_parse(end, &until))
        return;
    sb_age(out, start, until);
}

const struct sb_column sb_columns_job[] = {
    SB_NAME, SB_CELL("Status", job_status), SB_CELL("Completions", job_completions),
    SB_CELL("Duration", job_duration), SB_AGE, WIDE_POD,
    SB_WIDE_CELL("Selector", sb_cell_selector)};

static void timezone_of(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    text_or_none(out, sb_str(o, "spec.timeZone"));
}

static void cron_active(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, "%zu", doc_count(doc_walk(o, "status.active")));
}

static void cron_last(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    const rk_str last = sb_str(o, "status.lastScheduleTime");
    if (last.n)
        sb_age(out, last, now);
    else
        rk_buf_c(out, "<none>");
}

const struct sb_column sb_columns_cronjob[] = {
    SB_NAME, SB_TEXT("Schedule", ".spec.schedule"), SB_CELL("Timezone", timezone_of),
    {"Suspend", "boolean", 0, ".spec.suspend", NULL}, INTEGER("Active", cron_active),
    SB_CELL("Last Schedule", cron_last), SB_AGE, WIDE_POD,
    
    SB_WIDE_CELL("Selector", sb_cell_selector)};

/* ---- scaling ---- */

static void scale_target(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(sb_str(o, "spec.scaleTargetRef.kind")),
             RK_ARG_STR(sb_str(o, "spec.scaleTargetRef.name")));
}

static void scale_metrics(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *list = doc_walk(o, "spec.metrics");
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *r = doc_get(doc_at(list, i), "resource");
        rk_buf_f(out, "%s" RK_FMT_STR ": <unknown>/" RK_FMT_STR "%%", i ? ", " : "",
                 RK_ARG_STR(doc_get_text(r, "name")),
                 RK_ARG_STR(sb_str(r, "target.averageUtilization")));
    }
    if (!doc_count(list))
        rk_buf_c(out, "<none>");
}

static void min_pods(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, "%lld", (long long)sb_int(o, "spec.minReplicas", 1));
}

NUMBER(hpa_current, "status.currentReplicas")

const struct sb_column sb_columns_autoscaler[] = {
    SB_NAME, SB_CELL("Reference", scale_target), SB_CELL("Targets", scale_metrics),
    SB_CELL("MinPods", min_pods), SB_TEXT("MaxPods", ".spec.maxReplicas"),
    SB_CELL("Replicas", hpa_current), SB_AGE};

static void min_available(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const rk_str v = sb_str(o, "spec.minAvailable");
    rk_buf_str(out, v.n ? v : RK_STR("N/A"));
}

static void max_unavailable(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const rk_str v = sb_str(o, "spec.maxUnavailable");
    rk_buf_str(out, v.n ? v : RK_STR("N/A"));
}

const struct sb_column sb_columns_budget[] = {
    SB_NAME, SB_CELL("Min Available", min_available), SB_CELL("Max Unavailable", max_unavailable),
    INTEGER("Allowed Disruptions", disruptions), SB_AGE};
