/*
 * health_test.c: the health table, one case a rule; deletion; pods' trouble; severity.
 */
#include "model/model_test.h"

struct health_case { const char *object; enum model_health health; const char *message; };

static struct kube_object object_of(struct rk_arena *a, const char *text)
{
    struct doc_read how = {.typing = DOC_RESOURCE};
    struct kube_object o = {0};
    struct doc_node *doc = NULL;
    struct rk_err err = {0};

    if (doc_yaml_read_one(a, rk_str_c(text), &how, &doc, &err) < 0 ||
        kube_object_init(&o, doc, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return o;
}

static void run(const struct health_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct rk_arena *a = rk_arena_new();
        struct kube_object o = object_of(a, cases[i].object);
        struct model_health_of got = model_health(a, &o);

        if (got.health != cases[i].health)
            fail_msg("case %zu: %s: got %s (%s)", i, cases[i].object,
                     model_health_name[got.health], got.message);
        assert_string_equal(got.message, cases[i].message);
        rk_arena_free(a);
    }
}

#define OBJ(api, kind, rest)                                                                       \
    "{apiVersion: " api ", kind: " kind ", metadata: {name: x, generation: 2}, " rest "}"
#define DEPLOY(rest) OBJ("apps/v1", "Deployment", rest)

static void test_deployment(void **state)
{
    static const struct health_case cases[] = {
        {DEPLOY("spec: {paused: true}, status: {}"), MODEL_SUSPENDED, "Deployment is paused"},
        {DEPLOY("spec: {}, status: {observedGeneration: 1}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: observed deployment generation less than desired "
         "generation"},
        {DEPLOY("spec: {replicas: 2}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: observed deployment generation less than desired "
         "generation"},
        {DEPLOY("spec: {replicas: 2}, status: {observedGeneration: 2, conditions: [{type: "
                "Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}"),
         MODEL_DEGRADED, "Deployment \"x\" exceeded its progress deadline"},
        {DEPLOY("spec: {replicas: 2}, status: {observedGeneration: 2, updatedReplicas: 1, "
                "conditions: [{type: Progressing, reason: ReplicaSetUpdated}]}"),
         MODEL_PROGRESSING,
         "Waiting for rollout to finish: 1 out of 2 new replicas have been updated..."},
        {DEPLOY("spec: {replicas: 2}, status: {observedGeneration: 2, updatedReplicas: 2, "
                "replicas: 3}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: 1 old replicas are pending termination..."},
        {DEPLOY("spec: {replicas: 2}, status: {observedGeneration: 2, updatedReplicas: 2, "
                "replicas: 2, availableReplicas: 1}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: 1 of 2 updated replicas are available..."},
        {DEPLOY("spec: {replicas: 2}, status: {observedGeneration: 2, updatedReplicas: 2, "
                "replicas: 2, availableReplicas: 2}"), MODEL_HEALTHY, ""},
        {DEPLOY("spec: {replicas: 0}, status: {observedGeneration: 3}"), MODEL_HEALTHY, ""},
        {DEPLOY("spec: {}, status: {observedGeneration: 2}"), MODEL_HEALTHY, ""},
        {OBJ("apps/v1beta1", "Deployment", "spec: {}"), MODEL_HEALTH_UNKNOWN,
         "unsupported Deployment version: apps/v1beta1"},
        {OBJ("other/v1", "Deployment", "spec: {}"), MODEL_NONE, ""},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

#define STS(rest) OBJ("apps/v1", "StatefulSet", rest)
#define DS(rest) OBJ("apps/v1", "DaemonSet", rest)
#define RS(rest) OBJ("apps/v1", "ReplicaSet", rest)

static void test_sets(void **state)
{
    static const struct health_case cases[] = {
        {"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: x}, status: {}}",
         MODEL_PROGRESSING, "Waiting for statefulset spec update to be observed..."},
        {STS("status: {observedGeneration: 1}"), MODEL_PROGRESSING,
         "Waiting for statefulset spec update to be observed..."},
        {STS("spec: {replicas: 3}, status: {observedGeneration: 2, readyReplicas: 1}"),
         MODEL_PROGRESSING, "Waiting for 2 pods to be ready..."},
        {STS("spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: "
             "1}}}, status: {observedGeneration: 2, readyReplicas: 3, updatedReplicas: 1}"),
         MODEL_PROGRESSING,
         "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated..."},
        {STS("spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: "
             "0}}}, status: {observedGeneration: 2, readyReplicas: 3, updatedReplicas: 3, "
             "updateRevision: b, currentRevision: a}"),
         MODEL_HEALTHY, "partitioned roll out complete: 3 new pods have been updated..."},
        {STS("spec: {replicas: 1, updateStrategy: {type: OnDelete}}, status: {observedGeneration: "
             "2, readyReplicas: 1, updateRevision: b, currentRevision: a}"), MODEL_HEALTHY,
         "statefulset has 1 ready pods"},
        {STS("spec: {replicas: 1, updateStrategy: {type: RollingUpdate}}, status: "
             "{observedGeneration: 2, readyReplicas: 1, updateRevision: b, currentRevision: a}"),
         MODEL_PROGRESSING,
         "waiting for statefulset rolling update to complete 0 pods at revision b..."},
        {STS("spec: {replicas: 1}, status: {observedGeneration: 2, readyReplicas: 1, "
             "currentReplicas: 1, updateRevision: a, currentRevision: a}"), MODEL_HEALTHY,
         "statefulset rolling update complete 1 pods at revision a..."},
        {DS("status: {observedGeneration: 1}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: observed daemon set generation less than desired "
         "generation"},
        {DS("spec: {updateStrategy: {type: OnDelete}}, status: {observedGeneration: 2, "
            "desiredNumberScheduled: 2, updatedNumberScheduled: 1}"), MODEL_HEALTHY,
         "daemon set 1 out of 2 new pods have been updated"},
        {DS("status: {observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: "
            "1}"), MODEL_PROGRESSING,
         "Waiting for daemon set \"x\" rollout to finish: 1 out of 2 new pods have been "
         "updated..."},
        {DS("status: {observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, "
            "numberAvailable: 1}"), MODEL_PROGRESSING,
         "Waiting for daemon set \"x\" rollout to finish: 1 of 2 updated pods are available..."},
        {DS("status: {observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, "
            "numberAvailable: 2}"), MODEL_HEALTHY, ""},
        {RS("status: {observedGeneration: 1}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: observed replica set generation less than desired "
         "generation"},
        {RS("spec: {replicas: 1}, status: {observedGeneration: 2, conditions: [{type: "
            "ReplicaFailure, status: 'True', message: quota}]}"), MODEL_DEGRADED, "quota"},
        {RS("spec: {replicas: 1}, status: {observedGeneration: 2, conditions: [{type: "
            "ReplicaFailure, status: 'False'}]}"), MODEL_PROGRESSING,
         "Waiting for rollout to finish: 0 out of 1 new replicas are available..."},
        {RS("spec: {replicas: 1}, status: {observedGeneration: 2, availableReplicas: 1}"),
         MODEL_HEALTHY, ""},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

#define POD(spec, status) OBJ("v1", "Pod", "spec: {restartPolicy: " spec "}, status: {" status "}")
#define WAITING(reason, message)                                                                   \
    "containerStatuses: [{name: c, state: {waiting: {reason: " reason ", message: " message "}}}]"

static void test_pod(void **state)
{
    static const struct health_case cases[] = {
        {POD("Always", "phase: Pending, " WAITING("ImagePullBackOff", "no image")), MODEL_DEGRADED,
         "no image"},
        {POD("Always", "phase: Pending, " WAITING("ErrImagePull", "no image")), MODEL_DEGRADED,
         "no image"},
        {POD("Always", "phase: Pending, " WAITING("CreateContainerConfigError", "no secret")),
         MODEL_DEGRADED, "no secret"},
        {POD("Always", "phase: Pending, containerStatuses: [{state: {waiting: {reason: ErrA, "
             "message: a}}}, {state: {waiting: {reason: ErrB, message: b}}}]"), MODEL_DEGRADED,
         "a, b"},
        {POD("Always", "phase: Pending, " WAITING("ContainerCreating", "''")), MODEL_PROGRESSING,
         ""},
        /* a finite pod may be a hook: not judged by that */
        {POD("Never", "phase: Pending, " WAITING("ImagePullBackOff", "no image")),
         MODEL_PROGRESSING, ""},
        {"{apiVersion: v1, kind: Pod, metadata: {name: x, annotations: {"
         "argocd.argoproj.io/ignore-restart-policy: 'true'}}, spec: {restartPolicy: Never}, "
         "status: {phase: Pending, " WAITING("ImagePullBackOff", "no image") "}}",
         MODEL_DEGRADED, "no image"},
        {"{apiVersion: v1, kind: Pod, metadata: {name: x, annotations: {"
         "argocd.argoproj.io/ignore-restart-policy: 'true', argocd.argoproj.io/hook: PreSync}}, "
         "spec: {restartPolicy: Never}, status: {phase: Pending, "
         WAITING("ImagePullBackOff", "no image") "}}", MODEL_PROGRESSING, ""},
        {POD("Never", "phase: Succeeded, message: done"), MODEL_HEALTHY, "done"},
        {POD("Never", "phase: Failed, message: evicted"), MODEL_DEGRADED, "evicted"},
        {POD("Never", "phase: Failed, initContainerStatuses: [{name: i, state: {terminated: "
             "{exitCode: 0}}}], containerStatuses: [{name: c, state: {terminated: {exitCode: "
             "3}}}]"),
         MODEL_DEGRADED, "container \"c\" failed with exit code 3"},
        {POD("Never", "phase: Failed, containerStatuses: [{name: c, state: {terminated: {exitCode: "
             "137, reason: OOMKilled}}}]"), MODEL_DEGRADED, "OOMKilled"},
        {POD("Never", "phase: Failed, containerStatuses: [{name: c, state: {terminated: {exitCode: "
             "1, message: said}}}]"), MODEL_DEGRADED, "said"},
        {POD("Never", "phase: Failed"), MODEL_DEGRADED, ""},
        {POD("Always", "phase: Running, conditions: [{type: Ready, status: 'True'}]"),
         MODEL_HEALTHY, ""},
        {POD("Always", "phase: Running, containerStatuses: [{lastState: {terminated: {exitCode: "
             "1}}}]"), MODEL_DEGRADED, ""},
        {POD("Always", "phase: Running, conditions: [{type: Ready, status: 'False'}]"),
         MODEL_PROGRESSING, ""},
        {POD("OnFailure", "phase: Running, conditions: [{type: Ready, status: 'True'}]"),
         MODEL_PROGRESSING, ""},
        {POD("Always", "phase: Odd, message: m"), MODEL_HEALTH_UNKNOWN, "m"},
        {POD("Always", ""), MODEL_HEALTH_UNKNOWN, ""},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

#define JOB(conditions) OBJ("batch/v1", "Job", "status: {conditions: [" conditions "]}")
#define CRON(rest) OBJ("batch/v1", "CronJob", rest)
#define FLOW(phase)                                                                                \
    OBJ("argoproj.io/v1alpha1", "Workflow", "status: {phase: " phase ", message: m}")

static void test_batch(void **state)
{
    static const struct health_case cases[] = {
        {JOB(""), MODEL_PROGRESSING, ""},
        {JOB("{type: Failed, status: 'False', message: bad}"), MODEL_DEGRADED, "bad"},
        {JOB("{type: Complete, status: 'True', message: ok}"), MODEL_HEALTHY, "ok"},
        {JOB("{type: Suspended, status: 'True', message: held}"), MODEL_SUSPENDED, "held"},
        {JOB("{type: Suspended, status: 'False', message: on}"), MODEL_HEALTHY, "on"},
        {JOB("{type: Complete, status: 'True'}, {type: Failed, message: bad}"), MODEL_DEGRADED,
         "bad"},
        {CRON("spec: {suspend: true}"), MODEL_HEALTHY, "CronJob is Suspended"},
        {CRON("spec: {}"), MODEL_PROGRESSING, "Waiting for CronJob"},
        {CRON("spec: {}, status: {}"), MODEL_HEALTHY, "CronJob has not been scheduled yet"},
        {CRON("spec: {}, status: {lastScheduleTime: '2026-01-02T00:00:00Z'}"), MODEL_HEALTHY,
         "The CronJob has never completed successfully; it may not be healthy"},
        {CRON("spec: {}, status: {lastScheduleTime: '2026-01-02T00:00:00Z', lastSuccessfulTime: "
              "'2026-01-01T00:00:09Z', active: [{name: j}]}"), MODEL_HEALTHY,
         "The job is running. Its last execution may not have been successful"},
        {CRON("spec: {}, status: {lastScheduleTime: '2026-01-02T00:00:00Z', lastSuccessfulTime: "
              "'2026-01-01T00:00:09Z'}"), MODEL_DEGRADED,
         "CronJob has not completed its last execution successfully"},
        {CRON("spec: {}, status: {lastScheduleTime: '2026-01-02T00:00:00Z', lastSuccessfulTime: "
              "'2026-01-02T00:00:09Z'}"), MODEL_HEALTHY,
         "CronJob has completed its last execution successfully"},
        {OBJ("argoproj.io/v1alpha1", "Workflow", "spec: {}"), MODEL_PROGRESSING, ""},
        {FLOW("Running"), MODEL_PROGRESSING, "m"},
        {FLOW("Succeeded"), MODEL_HEALTHY, "m"},
        {FLOW("Error"), MODEL_DEGRADED, "m"},
        {FLOW("Odd"), MODEL_HEALTH_UNKNOWN, "m"},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

#define API(status)                                                                                \
    OBJ("apiregistration.k8s.io/v1", "APIService", "status: {conditions: [" status "]}")
#define PVC(phase) OBJ("v1", "PersistentVolumeClaim", "status: {phase: " phase "}")

static void test_network(void **state)
{
    static const struct health_case cases[] = {
        {OBJ("v1", "Service", "spec: {type: ClusterIP}"), MODEL_HEALTHY, ""},
        {OBJ("v1", "Service", "spec: {type: LoadBalancer}, status: {loadBalancer: {}}"),
         MODEL_PROGRESSING, ""},
        {OBJ("v1", "Service", "spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{ip: "
             "127.0.0.1}]}}"), MODEL_HEALTHY, ""},
        {OBJ("networking.k8s.io/v1", "Ingress", "status: {loadBalancer: {ingress: []}}"),
         MODEL_PROGRESSING, ""},
        {OBJ("extensions/v1beta1", "Ingress", "status: {loadBalancer: {ingress: [{ip: a}]}}"),
         MODEL_HEALTHY, ""},
        {PVC("Lost"), MODEL_DEGRADED, ""},
        {PVC("Pending"), MODEL_PROGRESSING, ""},
        {PVC("Bound"), MODEL_HEALTHY, ""},
        {PVC("Odd"), MODEL_HEALTH_UNKNOWN, ""},
        {API(""), MODEL_PROGRESSING, "Waiting to be processed"},
        {API("{type: Available, status: 'True', reason: Passed, message: all}"), MODEL_HEALTHY,
         "Passed: all"},
        {API("{type: Available, status: 'False', reason: R, message: m}"), MODEL_PROGRESSING,
         "R: m"},
        {OBJ("v1", "ConfigMap", "data: {}"), MODEL_NONE, ""},
        {OBJ("argoproj.io/v1alpha1", "Application", "spec: {}"), MODEL_NONE, ""},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

#define HPA(conditions)                                                                            \
    OBJ("autoscaling/v2", "HorizontalPodAutoscaler", "status: {conditions: [" conditions "]}")
#define HPA1(text)                                                                                 \
    "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: x, "             \
    "annotations: {autoscaling.alpha.kubernetes.io/conditions: '" text "'}}}"
#define PDB(conditions)                                                                            \
    OBJ("policy/v1", "PodDisruptionBudget", "status: {conditions: [" conditions "]}")
#define SEALED(conditions)                                                                         \
    OBJ("bitnami.com/v1alpha1", "SealedSecret", "status: {conditions: [" conditions "]}")
#define APPSET(conditions)                                                                         \
    OBJ("argoproj.io/v1alpha1", "ApplicationSet", "status: {conditions: [" conditions "]}")

static void test_conditions(void **state)
{
    static const struct health_case cases[] = {
        {HPA(""), MODEL_PROGRESSING, "Waiting to Autoscale"},
        {HPA("{type: AbleToScale, reason: FailedGetScale, message: m}"), MODEL_DEGRADED, "m"},
        {HPA("{type: ScalingActive, reason: InvalidSelector, message: m}"), MODEL_DEGRADED, "m"},
        {HPA("{type: AbleToScale, status: 'True', message: ok}, {type: ScalingActive, reason: "
             "FailedGetResourceMetric, message: m}"), MODEL_HEALTHY, "ok"},
        {HPA("{type: ScalingActive, status: 'True'}, {type: ScalingLimited, status: 'True', "
             "message: lim}"), MODEL_HEALTHY, "lim"},
        {HPA1(""), MODEL_PROGRESSING, "Waiting to Autoscale"},
        {HPA1("[]"), MODEL_PROGRESSING, "Waiting to Autoscale"},
        {HPA1("[{\"type\":\"AbleToScale\",\"status\":\"True\",\"message\":\"ok\"}]"), MODEL_HEALTHY,
         "ok"},
        {OBJ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "spec: {}"), MODEL_HEALTH_UNKNOWN,
         "unsupported HorizontalPodAutoscaler version: autoscaling/v2beta2"},
        {PDB(""), MODEL_PROGRESSING, "Waiting for status"},
        {PDB("{status: 'False', reason: SyncFailed}"), MODEL_DEGRADED,
         "PodDisruptionBudget has SyncFailed"},
        {PDB("{status: 'False', reason: InsufficientPods}"), MODEL_HEALTHY,
         "PodDisruptionBudget has InsufficientPods"},
        {PDB("{status: 'True', reason: SufficientPods}"), MODEL_HEALTHY,
         "PodDisruptionBudget has SufficientPods"},
        {SEALED(""), MODEL_PROGRESSING, "Waiting for Sealed Secret to be decrypted"},
        {SEALED("{type: Synced, status: 'False', message: no key could decrypt secret}"),
         MODEL_DEGRADED, "no key could decrypt secret"},
        {SEALED("{type: Synced, status: 'True'}"), MODEL_HEALTHY, ""},
        {APPSET(""), MODEL_PROGRESSING, "Waiting for the status to be reported"},
        {APPSET("{type: ResourcesUpToDate, status: 'True'}, {type: ErrorOccurred, status: 'True', "
                "message: e}"), MODEL_DEGRADED, "e"},
        {APPSET("{type: ResourcesUpToDate, status: 'False', message: r}"), MODEL_DEGRADED, "r"},
        {APPSET("{type: ResourcesUpToDate, status: 'True'}, {type: RolloutProgressing, status: "
                "'True', message: p}"), MODEL_PROGRESSING, "p"},
        {APPSET("{type: ErrorOccurred, status: 'False'}, {type: ResourcesUpToDate, status: 'True', "
                "message: ok}"), MODEL_HEALTHY, "ok"},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

static void test_broken_annotation(void **state)
{
    struct rk_arena *a = rk_arena_new();
    struct kube_object o = object_of(a, HPA1("{"));

    (void)state;
    assert_int_equal(model_health(a, &o).health, MODEL_HEALTH_UNKNOWN);
    rk_arena_free(a);
}

/* Fields of a wrong type must not break anything. */
static void test_odd_types(void **state)
{
    static const char *const kinds[] = {
        "apps/v1, kind: Deployment", "apps/v1, kind: StatefulSet", "apps/v1, kind: DaemonSet",
        "apps/v1, kind: ReplicaSet", "v1, kind: Pod", "v1, kind: Service", "batch/v1, kind: Job",
        "v1, kind: PersistentVolumeClaim", "batch/v1, kind: CronJob",
        "networking.k8s.io/v1, kind: Ingress", "autoscaling/v2, kind: HorizontalPodAutoscaler",
        "policy/v1, kind: PodDisruptionBudget", "bitnami.com/v1alpha1, kind: SealedSecret",
        "argoproj.io/v1alpha1, kind: ApplicationSet", "argoproj.io/v1alpha1, kind: Workflow",
        "apiregistration.k8s.io/v1, kind: APIService",
    };
    static const char *const rests[] = {
        "spec: 1, status: x", "spec: [], status: []", "spec: null, status: null",
        "spec: {replicas: many, updateStrategy: 3}, status: {conditions: {a: b}, phase: 1, "
        "containerStatuses: [1, x, {state: 2}], loadBalancer: {ingress: x}, observedGeneration: 5, "
        "active: 3}",
        "status: {conditions: [1, null, x], containerStatuses: x, phase: Failed}",
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(kinds); i++)
        for (size_t k = 0; k < RK_LEN(rests); k++) {
            char *text = rk_asprintf("{apiVersion: %s, metadata: {name: x, finalizers: y}, %s}",
                                     kinds[i], rests[k]);
            struct rk_arena *a = rk_arena_new();
            struct kube_object o = object_of(a, text);
            struct model_health_of got = model_health(a, &o);

            assert_in_range(got.health, MODEL_HEALTHY, MODEL_HEALTH_UNKNOWN);
            assert_non_null(got.message);
            (void)model_pod_trouble(a, &o);
            rk_arena_free(a);
            free(text);
        }
}

static void test_deletion(void **state)
{
    static const struct health_case cases[] = {
        {"{apiVersion: v1, kind: ConfigMap, metadata: {name: x, deletionTimestamp: "
         "'2026-01-01T00:00:00Z'}}", MODEL_PROGRESSING, "Pending deletion"},
        {"{apiVersion: batch/v1, kind: Job, metadata: {name: x, deletionTimestamp: "
         "'2026-01-01T00:00:00Z', finalizers: [argocd.argoproj.io/hook-finalizer]}, "
         "status: {conditions: [{type: Complete, message: ok}]}}", MODEL_HEALTHY, "ok"},
    };

    (void)state;
    run(cases, RK_LEN(cases));
}

static void test_trouble(void **state)
{
    static const struct { const char *object, *trouble; } cases[] = {
        {POD("Always", "phase: Pending, " WAITING("ImagePullBackOff", "no image")),
         "ImagePullBackOff: no image"},
        {POD("Always", "phase: Pending, " WAITING("InvalidImageName", "''")), "InvalidImageName"},
        {POD("Always", "phase: Pending, " WAITING("ContainerCreating", "''")), NULL},
        {POD("Always", "phase: Pending, initContainerStatuses: [{name: i, state: {waiting: "
             "{reason: CrashLoopBackOff, message: back-off 10s}}, lastState: {terminated: "
             "{exitCode: 2}}}], " WAITING("PodInitializing", "''")),
         "CrashLoopBackOff: container \"i\" failed with exit code 2"},
        {POD("Always", "phase: Running, containerStatuses: [{name: c, state: {terminated: "
             "{exitCode: 137, reason: OOMKilled}}}]"), "OOMKilled"},
        {POD("Always", "phase: Running, containerStatuses: [{name: c, state: {terminated: "
             "{exitCode: 1, reason: Error}}}]"),
         "Error: container \"c\" failed with exit code 1"},
        {POD("Always", "phase: Running, containerStatuses: [{name: c, state: {running: {}}}]"),
         NULL},
        {POD("Always", "phase: Failed, reason: Evicted, message: no memory"),
         "Evicted: no memory"},
        {POD("Always", "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: "
             "Unschedulable, message: 0/3 nodes}]"), "Unschedulable: 0/3 nodes"},
        {POD("Never", "phase: Succeeded, containerStatuses: [{name: c, state: {terminated: "
             "{exitCode: 0, reason: Completed}}}]"), NULL},
        {DEPLOY("status: {phase: Failed, reason: x}"), NULL},
        {"{apiVersion: v1, kind: Pod, metadata: {name: x, deletionTimestamp: "
         "'2026-01-01T00:00:00Z'}, status: {" WAITING("ErrImagePull", "m") "}}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        struct rk_arena *a = rk_arena_new();
        struct kube_object o = object_of(a, cases[i].object);
        const char *got = model_pod_trouble(a, &o);

        if (!rk_streq(got, cases[i].trouble))
            fail_msg("case %zu: got %s", i, got ? got : "(none)");
        rk_arena_free(a);
    }
}

static void test_severity(void **state)
{
    static const char *const order[] = {
        "None", "Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown",
    };

    (void)state;
    assert_int_equal(RK_LEN(order), MODEL_HEALTH_MAX);
    for (size_t i = 0; i < RK_LEN(order); i++)
        assert_string_equal(model_health_name[i], order[i]);
    assert_int_equal(model_worst(MODEL_DEGRADED, MODEL_MISSING), MODEL_DEGRADED);
    assert_int_equal(model_worst(MODEL_NONE, MODEL_HEALTHY), MODEL_HEALTHY);
    assert_string_equal(model_verdict_name[MODEL_OUT_OF_SYNC], "OutOfSync");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deployment), cmocka_unit_test(test_sets), cmocka_unit_test(test_pod),
        cmocka_unit_test(test_batch), cmocka_unit_test(test_network),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_broken_annotation),
        cmocka_unit_test(test_odd_types), cmocka_unit_test(test_deletion),
        cmocka_unit_test(test_trouble), cmocka_unit_test(test_severity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
