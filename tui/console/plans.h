/*
 * plans.h: what the scripted engine of the tests tells of plans and operations: a locked plan of
 * production and what arms it, one in dev, a revert that conflicts, an operation that runs or failed.
 */
#ifndef RK_CONSOLE_PLANS_H
#define RK_CONSOLE_PLANS_H

#define DEPLOYMENT "{\"phase\":\"Sync\",\"wave\":1,\"action\":\"apply\",\"group\":\"apps\"," \
    "\"kind\":\"Deployment\",\"namespace\":\"shop\",\"name\":\"web\",\"fields\":[" \
    "{\"path\":\"/spec/template/spec/containers/0/image\"," \
    "\"desired\":\"\\\"reg.example/shop:1.9.0\\\"\",\"live\":\"\\\"reg.example/shop:1.8.2\\\"\"," \
    "\"manager\":\"kubectl-edit\",\"written\":1764331200000," \
    "\"file\":\"overlays/production/kustomization.yaml\",\"line\":9}," \
    "{\"path\":\"/spec/replicas\",\"desired\":\"3\",\"live\":\"5\"}]}"
#define TASKS "\"tasks\":[" \
    "{\"phase\":\"PreSync\",\"wave\":0,\"action\":\"create\",\"group\":\"batch\"," \
    "\"kind\":\"Job\",\"namespace\":\"shop\",\"name\":\"migrate\"}," \
    "{\"phase\":\"Sync\",\"wave\":0,\"action\":\"apply\",\"group\":\"\",\"kind\":\"Secret\"," \
    "\"namespace\":\"shop\",\"name\":\"keys\",\"fields\":[{\"path\":\"/data/API_TOKEN\"," \
    "\"secret\":true,\"desired\":\"\\\"rk1:91c0:40\\\"\",\"live\":\"\\\"rk1:3fa9:40\\\"\"}]}," \
    DEPLOYMENT ",{\"phase\":\"Sync\",\"wave\":1,\"action\":\"apply\",\"group\":\"\"," \
    "\"kind\":\"Service\",\"namespace\":\"shop\",\"name\":\"web\"}," \
    "{\"phase\":\"Sync\",\"wave\":2,\"action\":\"prune\",\"group\":\"\",\"kind\":\"Service\"," \
    "\"namespace\":\"shop\",\"name\":\"old\",\"risks\":[\"prune\"]}]"
#define PLAN(kind, env) "{\"fingerprint\":" \
    "\"9e3f21aa0000000000000000000000000000000000000000000000000000beef\",\"kind\":\"" kind \
    "\",\"app\":\"shop-" env "\",\"environment\":\"" env "\"," \
    "\"revision\":\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\"," \
    "\"from\":\"77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\"," \
    "\"created\":1764331271000,\"expires\":1764333071000,\"policy\":\"manual, prune\","
#define LOCKED PLAN("sync", "production") TASKS ",\"confirm\":\"production/shop\"," \
    "\"needs_unlock\":true,\"needs_reason\":true,\"missing\":[" \
    "\"production is locked: unlock it for this plan\"," \
    "\"the target is not confirmed: type production/shop\"," \
    "\"a reason is missing: say why; it goes into the audit record\"]}"
#define ARMED PLAN("sync", "production") TASKS ",\"confirm\":\"production/shop\",\"armed\":true}"
#define IN_DEV PLAN("sync", "dev") "\"tasks\":[" DEPLOYMENT "],\"armed\":true}"
#define REVERT PLAN("revert", "staging") "\"tasks\":[" DEPLOYMENT "],\"edits\":[" \
    "{\"file\":\"overlays/staging/kustomization.yaml\",\"line\":9,\"before\":\"newTag: 1.9.0\"," \
    "\"after\":\"newTag: 1.8.2\"}],\"commit_message\":\"Revert \\\"shop: 1.9.0\\\"\\n\\n" \
    "This reverts commit 4f2c1aa.\",\"conflicts\":[{\"file\":\"base/deploy.yaml\"," \
    "\"ancestor\":\"memory: 1Gi\\n\",\"ours\":\"memory: 4Gi\\n\",\"theirs\":\"memory: 2Gi\\n\"}]," \
    "\"missing\":[\"the revert conflicts with later commits: choose paths, or go back to a " \
    "revision instead\"]}"
/* The revert of an environment: a Deployment each. */
#define ALL_OF(app) "{\"app\":\"" app "-production\",\"phase\":\"Sync\",\"wave\":1," \
    "\"action\":\"apply\",\"group\":\"apps\",\"kind\":\"Deployment\",\"namespace\":\"prod\"," \
    "\"name\":\"" app "\",\"risks\":[\"rolls pods\"],\"fields\":[{\"path\":\"/spec/replicas\"," \
    "\"desired\":\"2\",\"live\":\"3\",\"file\":\"overlays/production/" app ".yaml\",\"line\":4}]}"
#define ALL_PLAN(tasks) "{\"fingerprint\":\"9e3f21aab0c1\",\"kind\":\"revert\"," \
    "\"environment\":\"production\",\"created\":1764331391000,\"expires\":1764333191000," \
    "\"confirm\":\"production\",\"needs_reason\":true,\"tasks\":[" tasks "],\"edits\":[{" \
    "\"file\":\"overlays/production/shop.yaml\",\"line\":4,\"before\":\"count: 3\"," \
    "\"after\":\"count: 2\"}],\"commit_message\":\"Revert \\\"three of all\\\"\"}"
#define DONE ",\"started\":1764331391000,\"finished\":1764331399000"
#define FIRST "{\"phase\":\"PreSync\",\"action\":\"create\",\"kind\":\"Job\"," \
    "\"namespace\":\"shop\",\"name\":\"migrate\",\"state\":\"done\"," \
    "\"message\":\"Completed\"" DONE "},{\"phase\":\"Sync\",\"action\":\"apply\"," \
    "\"kind\":\"ConfigMap\",\"namespace\":\"shop\",\"name\":\"env\"," \
    "\"state\":\"done\"" DONE "},{\"phase\":\"Sync\",\"wave\":1," \
    "\"action\":\"apply\",\"group\":\"apps\",\"kind\":\"Deployment\",\"namespace\":\"shop\"," \
    "\"name\":\"web\",\"started\":1764331400000,"
#define LAST "},{\"phase\":\"Sync\",\"wave\":2,\"action\":\"prune\",\"kind\":\"Service\"," \
    "\"namespace\":\"shop\",\"name\":\"old\",\"state\":\"waiting\"}]}"
#define OPERATION(state, more) "{\"id\":\"0193f00d-op\",\"kind\":\"sync\"," \
    "\"app\":\"shop-production\",\"environment\":\"production\",\"actor\":\"operator\"," \
    "\"reason\":\"INC-2231\",\"revision\":\"4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\"," \
    "\"from\":\"77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6\",\"started\":1764331391000," \
    "\"state\":\"" state "\"" more
#define RUNNING OPERATION("running", "") ",\"tasks\":[" FIRST \
    "\"state\":\"running\",\"message\":\"2 of 3 are ready\"" LAST
#define FAILED OPERATION("Degraded", ",\"finished\":1764331451000," \
    "\"message\":\"apps/Deployment/shop/web: CrashLoopBackOff\"") ",\"tasks\":[" FIRST \
    "\"state\":\"failed\",\"message\":\"CrashLoopBackOff\",\"finished\":1764331451000" LAST
#define OPERATIONS "{\"total\":2,\"operations\":[" \
    OPERATION("Degraded", ",\"finished\":1764331451000,\"message\":" \
              "\"apps/Deployment/shop/web: CrashLoopBackOff\"},") OPERATION("running", "}]}")
#define EVENTS "{\"events\":[{\"time\":1764331401000,\"count\":1,\"type\":\"Normal\"," \
    "\"reason\":\"Scheduled\",\"object\":\"/Pod/shop/web-1\",\"message\":\"assigned\"}," \
    "{\"time\":1764331441000,\"count\":3,\"type\":\"Warning\",\"reason\":\"BackOff\"," \
    "\"object\":\"/Pod/shop/web-1\",\"message\":\"back-off restarting failed container\"}]}"

#endif
