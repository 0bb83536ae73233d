/*
 * testing.h: what an engine tells of one drifted application: for the tests of views and of the
 * whole console. Times are before VIEW_NOW, 2025-11-28 12:04:11 UTC.
 */
#ifndef RK_VIEW_TESTING_H
#define RK_VIEW_TESTING_H

#include "reckon/str.h"

#define VIEW_NOW INT64_C(1764331451000)

/* drift.get: two fields of a Deployment and one that a rule ignores, one key of a Secret. */
#define VIEW_DRIFT \
    "{\"app\":\"staging/mailer\",\"verdict\":\"OutOfSync\",\"revision\":" \
    "\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"offset\":0,\"total\":2,\"objects\":[" \
    "{\"object\":\"apps/Deployment/mail/mailer\",\"action\":\"change\",\"method\":\"server\"," \
    "\"fields\":[" \
    "{\"path\":\"/spec/template/spec/containers/0/image\"," \
    "\"desired\":\"\\\"reg/mailer:1.9.0\\\"\",\"live\":\"\\\"reg/mailer:1.9.0-dbg\\\"\"," \
    "\"manager\":\"kubectl-edit\",\"operation\":\"Update\",\"written\":1764330840000," \
    "\"file\":\"overlays/staging/kustomization.yaml\",\"line\":9," \
    "\"commit\":\"8c1d2aa9\",\"author\":\"reviewer\"}," \
    "{\"path\":\"/spec/replicas\",\"desired\":\"3\",\"live\":\"5\",\"manager\":\"kubectl-scale\"," \
    "\"operation\":\"Update\",\"subresource\":\"scale\",\"written\":1764330900000," \
    "\"file\":\"base/mailer/deploy.yaml\",\"line\":14}," \
    "{\"path\":\"/spec/paused\",\"live\":\"true\",\"ignored\":true}]}," \
    "{\"object\":\"/Secret/mail/mailer-keys\",\"action\":\"change\",\"method\":\"local\"," \
    "\"fields\":[{\"path\":\"/data/API_TOKEN\"," \
    "\"desired\":\"\\\"changed (91c0..., 40 bytes)\\\"\"," \
    "\"live\":\"\\\"changed (3fa9..., 40 bytes)\\\"\",\"secret\":true}]}]}"

/* revisions.compare: the same fields, with the lines of git on both sides; a map of one side. */
#define VIEW_COMPARED \
    "{\"app\":\"mailer-staging\",\"from_app\":\"mailer-staging\",\"from\":" \
    "\"77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"revision\":" \
    "\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"offset\":0,\"total\":3,\"objects\":[" \
    "{\"object\":\"apps/Deployment/mail/mailer\",\"action\":\"change\",\"fields\":[" \
    "{\"path\":\"/spec/template/spec/containers/0/image\"," \
    "\"desired\":\"\\\"reg/mailer:1.9.0\\\"\",\"live\":\"\\\"reg/mailer:1.9.0-dbg\\\"\"," \
    "\"file\":\"overlays/staging/kustomization.yaml\",\"line\":9," \
    "\"commit\":\"8c1d2aa9\",\"author\":\"reviewer\"," \
    "\"from_file\":\"overlays/staging/kustomization.yaml\",\"from_line\":8," \
    "\"from_commit\":\"77b01d30\",\"from_author\":\"operator\"}," \
    "{\"path\":\"/spec/replicas\",\"desired\":\"3\",\"live\":\"5\"," \
    "\"file\":\"base/mailer/deploy.yaml\",\"line\":14," \
    "\"from_file\":\"base/mailer/deploy.yaml\",\"from_line\":12}]}," \
    "{\"object\":\"/Secret/mail/mailer-keys\",\"action\":\"change\",\"fields\":[{" \
    "\"path\":\"/data/API_TOKEN\",\"desired\":\"\\\"changed (91c0..., 40 bytes)\\\"\"," \
    "\"live\":\"\\\"changed (3fa9..., 40 bytes)\\\"\",\"secret\":true}]}," \
    "{\"object\":\"/Service/mail/mailer-old\",\"action\":\"prune\"}]}"

#define VIEW_LINE(text) "{\"text\":\"" text "\"},"
#define VIEW_BODY \
    VIEW_LINE("spec:") VIEW_LINE("  minReadySeconds: 5") \
    VIEW_LINE("  progressDeadlineSeconds: 600") VIEW_LINE("  replicas: %d") \
    VIEW_LINE("  selector:") VIEW_LINE("    matchLabels:") VIEW_LINE("      app: mailer") \
    VIEW_LINE("      b: 1") VIEW_LINE("      c: 2") VIEW_LINE("      d: 3") \
    VIEW_LINE("      e: 4") \
    VIEW_LINE("  template:") VIEW_LINE("    spec:") VIEW_LINE("      containers:") \
    VIEW_LINE("      - image: reg/mailer:1.9.0%s") "{\"text\":\"        name: mailer\"}"

/* document.get for its params: both sides of both objects. */
RK_UNUSED static void view_document(const char *asked, struct rk_buf *json)
{
    bool live = strstr(asked, "\"side\":\"live\"") || strstr(asked, "\"rev\":\"77b01d3");
    if (strstr(asked, "Service"))
        rk_buf_c(json, "{\"total\":2,\"lines\":[" VIEW_LINE("kind: Service")
                       "{\"text\":\"spec: {}\"}]}");
    else if (strstr(asked, "Secret"))
        rk_buf_f(json, "{\"total\":3,\"lines\":[" VIEW_LINE("data:")
                       VIEW_LINE("  API_TOKEN: rk1:%s:40") "{\"text\":\"  DB_URL: "
                       "rk1:77d2000000000000:88\"}]}",
                 live ? "3fa9000000000000" : "91c0000000000000");
    else
        rk_buf_f(json, "{\"total\":16,\"lines\":[" VIEW_BODY "]}", live ? 5 : 3,
                 live ? "-dbg" : "");
}

/* owners.get, events.list, logs.watch of that Deployment. */
#define VIEW_OWNERS \
    "{\"rows\":[" \
    "{\"depth\":0,\"object\":\"apps/Deployment/mail/mailer\",\"health\":\"Degraded\"," \
    "\"ready\":\"1/3\",\"message\":\"1 of 3 ready\",\"created\":1764072251000}," \
    "{\"depth\":1,\"object\":\"apps/ReplicaSet/mail/mailer-7d9f\",\"health\":\"Progressing\"," \
    "\"ready\":\"1/3\",\"created\":1764330900000}," \
    "{\"depth\":2,\"object\":\"/Pod/mail/mailer-7d9f-abcde\",\"health\":\"Healthy\"," \
    "\"ready\":\"Running\",\"created\":1764330900000}," \
    "{\"depth\":2,\"object\":\"/Pod/mail/mailer-7d9f-fghij\",\"health\":\"Degraded\"," \
    "\"ready\":\"Running\",\"message\":\"mailer: CrashLoopBackOff, exit 137\"," \
    "\"created\":1764330900000}]}"

#define VIEW_EVENTS \
    "{\"events\":[" \
    "{\"time\":1764330900000,\"count\":1,\"type\":\"Normal\",\"reason\":\"ScalingReplicaSet\"," \
    "\"object\":\"Deployment/mailer\",\"message\":\"Scaled up mailer-7d9f to 3\"}," \
    "{\"time\":1764331451000,\"count\":3,\"type\":\"Warning\",\"reason\":\"Unhealthy\"," \
    "\"object\":\"Pod/mailer-7d9f-fghij\"," \
    "\"message\":\"Readiness probe failed: HTTP 503\\u001b[2J\"}]}"

#define VIEW_LOG \
    "{\"lines\":[{\"pod\":\"mailer-7d9f-fghij\",\"container\":\"mailer\",\"text\":\"starting\"}," \
    "{\"pod\":\"mailer-7d9f-fghij\",\"container\":\"mailer\",\"text\":\"out of \\u202ememory\"}]}"

#endif
