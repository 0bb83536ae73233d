/*
 * pod.c: the kubelet that there is not: pods become Running and Ready after a short delay, or stay
 * Pending when their image's tag contains "broken"; a job's pods succeed; annotations make a pod
 * slow, failing or crash-looping. Owns only status of pods.
 */
#include "sandbox/sandbox_int.h"

#define KUBELET "kubelet"

static rk_str note(const struct sb_object *pod, const char *key)
{
    return doc_get_text(doc_walk(pod->doc, "metadata.annotations"), key);
}

static bool noted(const struct sb_object *pod, const char *key)
{
    return rk_str_is(note(pod, key), "true");
}

static bool broken_image(rk_str image)
{
    size_t base = 0;
    rk_str tag;
    for (size_t i = 0; i < image.n; i++)
        if (image.p[i] == '/')
            base = i + 1;
    rk_str_cut((rk_str){image.p + base, image.n - base}, ':', &tag);
    return sb_holds(tag, "broken");
}

static rk_str broken_in(const struct sb_object *pod)
{
    const struct doc_node *list = doc_walk(pod->doc, "spec.containers");
    for (size_t i = 0; i < doc_count(list); i++)
        if (broken_image(doc_get_text(doc_at(list, i), "image")))
            return doc_get_text(doc_at(list, i), "image");
    return RK_STR_NONE;
}

static bool of_job(const struct sb_object *pod)
{
    const struct doc_node *ref = doc_at(doc_walk(pod->doc, "metadata.ownerReferences"), 0);
    return rk_str_is(doc_get_text(ref, "kind"), "Job");
}

/* ---- statuses ---- */

enum life { CREATING, RUNNING, NOT_PULLED, CRASHING, SUCCEEDED, FAILED };

static struct doc_node *state_of(struct rk_arena *a, enum life life, rk_str image, const char *now)
{
    struct doc_node *state = doc_map(a), *in;
    const char *kind = life == RUNNING ? "running"
                       : life == SUCCEEDED || life == FAILED ? "terminated" : "waiting";
    in = doc_make(a, state, kind);
    if (life == RUNNING) {
        sb_set_str(a, in, "startedAt", now);
    } else if (life == CREATING) {
        sb_set_str(a, in, "reason", "ContainerCreating");
    } else if (life == NOT_PULLED) {
        const bool culprit = broken_image(image);
        sb_set_str(a, in, "reason", culprit ? "ImagePullBackOff" : "ContainerCreating");
        if (culprit)
            doc_set_c(a, in, "message", doc_string_f(a,
                "Back-off pulling image \"" RK_FMT_STR
                    "\": ErrImagePull: rpc error: code = NotFound "
                "desc = failed to pull and unpack image \"" RK_FMT_STR "\": not found",
                RK_ARG_STR(image), RK_ARG_STR(image)));
    } else if (life == CRASHING) {
        sb_set_str(a, in, "reason", "CrashLoopBackOff");
        sb_set_str(a, in, "message", "back-off 10s restarting failed container");
    } else {
        sb_set_int(a, in, "exitCode", life == FAILED);
        sb_set_str(a, in, "reason", life == FAILED ? "Error" : "Completed");
        sb_set_str(a, in, "startedAt", now);
        sb_set_str(a, in, "finishedAt", now);
    }
    return state;
}

static struct doc_node *container_statuses(struct rk_arena *a, const struct sb_object *pod,
                                           enum life life, const char *now)
{
    const struct doc_node *list = doc_walk(pod->doc, "spec.containers");
    struct doc_node *out = doc_list(a);
    for (size_t i = 0; i < doc_count(list); i++) {
        const rk_str image = doc_get_text(doc_at(list, i), "image");
        struct doc_node *s = doc_map(a);
        doc_set_c(a, s, "name", doc_string(a, doc_get_text(doc_at(list, i), "name")));
        doc_set_c(a, s, "state", state_of(a, life, image, now));
        doc_set_c(a, s, "lastState", doc_map(a));
        doc_set_c(a, s, "ready", doc_bool(a, life == RUNNING));
        sb_set_int(a, s, "restartCount", life == CRASHING ? 3 : 0);
        doc_set_c(a, s, "image", doc_string(a, image));
        sb_set_str(a, s, "imageID", "");
        doc_set_c(a, s, "started", doc_bool(a, life == RUNNING));
        doc_push(a, out, s);
    }
    return out;
}

static void conditions(struct rk_arena *a, struct doc_node *status, enum life life, int64_t now)
{
    const bool ready = life == RUNNING;
    const char *why = ready ? NULL : life == SUCCEEDED ? "PodCompleted" : "ContainersNotReady";
    const struct sb_condition rows[] = {
        {.type = "PodReadyToStartContainers", .status = life == CREATING ? "False" : "True"},
        {.type = "Initialized", .status = "True"},
        {.type = "Ready", .status = ready ? "True" : "False", .reason = why},
        {.type = "ContainersReady", .status = ready ? "True" : "False", .reason = why},
        {.type = "PodScheduled", .status = "True"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        sb_condition_set(a, status, &rows[i], now);
}

static void addresses(struct sandbox *sb, struct rk_arena *a, struct doc_node *status)
{
    if (doc_get(status, "podIP"))
        return;
    const uint32_t n = sb->next_pod_ip++;
    const char *ip = rk_arena_f(a, "10.244.%u.%u", n / 250 % 250, n % 250 + 1);
    struct doc_node *list = doc_list(a), *one = doc_map(a);
    sb_set_str(a, status, "podIP", ip);
    sb_set_str(a, one, "ip", ip);
    doc_push(a, list, one);
    doc_set_c(a, status, "podIPs", list);
}

static struct sb_object *set_life(struct sandbox *sb, const struct sb_object *pod, enum life life)
{
    static const char *const phases[] = {"Pending", "Running", "Pending",
                                         "Running", "Succeeded", "Failed"};
    struct sb_edit e = sb_edit_begin(sb, pod, KUBELET, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status");
    const char *now = sb_time(a, e.change.now_ms);
    sb_set_int(a, status, "observedGeneration", sb_int(pod->doc, "metadata.generation", 1));
    sb_set_str(a, status, "phase", phases[life]);
    conditions(a, status, life, e.change.now_ms);
    sb_set_str(a, status, "hostIP", "127.0.0.1");
    if (life != CREATING)
        addresses(sb, a, status);
    if (!doc_get(status, "startTime"))
        sb_set_str(a, status, "startTime", now);
    doc_set_c(a, status, "containerStatuses", container_statuses(a, pod, life, now));
    return sb_edit_end(&e);
}

/* ---- steps ---- */

static void finish(struct sandbox *sb, const struct sb_object *pod)
{
    if (rk_str_is(sb_str(pod->doc, "status.phase"), "Running") && !sb_ending(pod))
        set_life(sb, pod, noted(pod, SANDBOX_FAIL) ? FAILED : SUCCEEDED);
}

static void tell_started(struct sandbox *sb, const struct sb_object *pod)
{
    const struct doc_node *list = doc_walk(pod->doc, "spec.containers");
    for (size_t i = 0; i < doc_count(list); i++) {
        const rk_str name = doc_get_text(doc_at(list, i), "name");
        sb_event(sb, pod, KUBELET, "Normal", "Pulled", "Container image \"" RK_FMT_STR
                 "\" already present on machine", RK_ARG_STR(doc_get_text(doc_at(list, i),
                                                                          "image")));
        sb_event(sb, pod, KUBELET, "Normal", "Created", "Created container: " RK_FMT_STR,
                 RK_ARG_STR(name));
        sb_event(sb, pod, KUBELET, "Normal", "Started", "Started container " RK_FMT_STR,
                 RK_ARG_STR(name));
    }
}

static void tell_broken(struct sandbox *sb, const struct sb_object *pod, rk_str image)
{
    sb_event(sb, pod, KUBELET, "Normal", "Pulling", "Pulling image \"" RK_FMT_STR "\"",
             RK_ARG_STR(image));
    sb_event(sb, pod, KUBELET, "Warning", "Failed", "Failed to pull image \"" RK_FMT_STR
             "\": rpc error: code = NotFound desc = failed to pull and unpack image \"" RK_FMT_STR
             "\": not found", RK_ARG_STR(image), RK_ARG_STR(image));
    sb_event(sb, pod, KUBELET, "Warning", "Failed", "Error: ErrImagePull");
    sb_event(sb, pod, KUBELET, "Normal", "BackOff", "Back-off pulling image \"" RK_FMT_STR "\"",
             RK_ARG_STR(image));
    sb_event(sb, pod, KUBELET, "Warning", "Failed", "Error: ImagePullBackOff");
}

static void start(struct sandbox *sb, const struct sb_object *pod)
{
    const rk_str broken = broken_in(pod);
    const bool crashes = noted(pod, SANDBOX_CRASH_LOOP);
    if (!rk_str_is(sb_str(pod->doc, "status.phase"), "Pending") || sb_ending(pod))
        return;
    const struct sb_object *now = set_life(sb, pod, broken.n ? NOT_PULLED
                                                    : crashes ? CRASHING : RUNNING);
    if (!now)
        return;
    if (broken.n) {
        tell_broken(sb, now, broken);
        return;
    }
    tell_started(sb, now);
    if (crashes)
        sb_event(sb, now, KUBELET, "Warning", "BackOff",
                 "Back-off restarting failed container in pod " RK_FMT_STR, RK_ARG_STR(now->name));
    else if (of_job(now) || noted(now, SANDBOX_FAIL))
        sb_later(sb, now, sb->opts.pod_delay_ms, finish);
}

static void end(struct sandbox *sb, const struct sb_object *pod)
{
    if (doc_count(doc_walk(pod->doc, "metadata.finalizers")))
        return;
    sb_store_delete(sb, sb_find_uid(sb, pod->uid));
}

void sb_control_pod(struct sandbox *sb, const struct sb_object *pod)
{
    uint64_t slow = 0;
    if (sb_ending(pod)) {
        end(sb, pod);
        return;
    }
    const rk_str phase = sb_str(pod->doc, "status.phase");
    const bool restored = sb->restoring && rk_str_is(phase, "Pending") &&
                          doc_walk(pod->doc, "status.startTime");
    if (doc_walk(pod->doc, "status.startTime") && !restored)
        return;
    const struct sb_object *now = restored ? pod : set_life(sb, pod, CREATING);
    if (!now)
        return;
    if (!restored)
        sb_event(sb, now, "default-scheduler", "Normal", "Scheduled",
                 "Successfully assigned " RK_FMT_STR "/" RK_FMT_STR " to " SB_NODE,
                 RK_ARG_STR(now->ns), RK_ARG_STR(now->name));
    if (!rk_str_duration(note(now, SANDBOX_SLOW_START), &slow))
        slow = 0;
    sb_later(sb, now, sb->opts.pod_delay_ms + slow, start);
}
