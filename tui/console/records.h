/*
 * records.h: what the scripted engine of the tests tells of history, audit, a commit and the matrix.
 */
#ifndef RK_CONSOLE_RECORDS_H
#define RK_CONSOLE_RECORDS_H

#define A40 "4f2c1aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6"
#define B40 "77b01d30b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6"
#define C40 "5a5a5a50b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6"
#define ENV "\"app\":\"mailer-production\",\"environment\":\"production\""

#define HISTORY "{\"total\":6,\"rows\":[" \
    "{\"time\":1764331391000,\"kind\":\"sync\",\"actor\":\"operator\",\"from\":\"" B40 "\"," \
    "\"to\":\"" A40 "\",\"result\":\"Succeeded\",\"reason\":\"INC-2231\"," \
    "\"subject\":\"3 objects applied\",\"id\":\"0193f00d-212\",\"source\":\"audit\"," \
    "\"duration_ms\":62000," ENV "}," \
    "{\"time\":1764330000000,\"kind\":\"commit\",\"actor\":\"reviewer\",\"from\":\"" B40 "\"," \
    "\"to\":\"" A40 "\",\"id\":\"" A40 "\",\"subject\":\"mailer: raise memory to 2Gi\"," \
    "\"source\":\"commit\"," ENV "}," \
    "{\"time\":1764315000000,\"kind\":\"heal\",\"actor\":\"reckon\",\"from\":\"" B40 "\"," \
    "\"to\":\"" B40 "\",\"result\":\"Superseded\",\"reason\":\"the live state differs\"," \
    "\"id\":\"0193f00d-211\",\"source\":\"audit\",\"duration_ms\":4000," ENV "}," \
    "{\"time\":1764150000000,\"kind\":\"promote\",\"actor\":\"operator\",\"from\":\"" C40 "\"," \
    "\"to\":\"" B40 "\",\"result\":\"Succeeded\",\"reason\":\"from staging\"," \
    "\"id\":\"0193f00d-200\",\"source\":\"audit\",\"duration_ms\":58000," ENV "}," \
    "{\"time\":1763900000000,\"kind\":\"freeze\",\"actor\":\"operator\",\"result\":\"event\"," \
    "\"reason\":\"the fair\",\"id\":\"0193f00d-199\",\"source\":\"audit\"," ENV "}," \
    "{\"time\":1735300000000,\"kind\":\"sync\",\"actor\":\"operator\",\"from\":\"" B40 "\"," \
    "\"to\":\"" C40 "\",\"result\":\"Failed\",\"reason\":\"the release of the year\"," \
    "\"subject\":\"wave 1: Deployment mailer is not ready after 10 minutes\"," \
    "\"id\":\"0193f00d-198\",\"source\":\"audit\",\"duration_ms\":600000," ENV "}]}"

#define VERIFY "{\"ok\":false,\"rows\":[" \
    "{\"environment\":\"dev\",\"tip\":\"" A40 "\",\"ok\":true,\"entries\":2140}," \
    "{\"environment\":\"staging\",\"tip\":\"" B40 "\",\"ok\":false,\"entries\":41," \
    "\"message\":\"entry 17: Prev is not the entry before it\"}," \
    "{\"environment\":\"production\",\"tip\":\"" C40 "\",\"ok\":true,\"entries\":214}]}"

#define AUDIT_ROW(seq, time, kind, env, app, more) \
    "{\"seq\":" #seq ",\"time\":" #time ",\"kind\":\"" kind "\",\"environment\":\"" env "\"," \
    "\"app\":\"" app "\",\"id\":\"0193f00d-" #seq "\",\"commit\":\"" #seq "aaaaaaaaaaaaaaaaa\"," \
    "\"actor\":\"operator\"," more "}"
#define AUDIT "{\"total\":4,\"rows\":[" \
    AUDIT_ROW(214, 1764331391000, "sync", "production", "mailer", \
              "\"from\":\"" B40 "\",\"to\":\"" A40 "\",\"approver\":\"reviewer\"," \
              "\"reason\":\"INC-2231\",\"result\":\"Succeeded\",\"pushed\":true," \
              "\"plan\":\"9e3f21aa00000000000000000000000000000000000000000000000000beef00\"," \
              "\"prev\":\"" C40 "\"") "," \
    AUDIT_ROW(41, 1764331200000, "sync", "staging", "api", \
              "\"to\":\"" A40 "\",\"result\":\"intent\"") "," \
    AUDIT_ROW(213, 1764240000000, "freeze", "production", "", \
              "\"reason\":\"the fair\",\"result\":\"event\",\"pushed\":true") "," \
    AUDIT_ROW(212, 1764150000000, "revert", "production", "api", \
              "\"from\":\"" A40 "\",\"to\":\"" B40 "\",\"reason\":\"the remote is down and " \
              "customers cannot log in\",\"result\":\"Failed\",\"flagged\":true") "]}"

#define COMMIT "{\"id\":\"" A40 "\",\"author\":\"reviewer\",\"email\":\"reviewer@example.org\"," \
    "\"subject\":\"mailer: raise memory to 2Gi\",\"time\":1764330000000," \
    "\"body\":\"The queue of the evening does not fit.\\n\\nRefs: INC-2231\\n\",\"files\":[" \
    "{\"file\":\"base/mailer/deploy.yaml\",\"status\":\"M\",\"diff\":\"diff --git a/x b/x\\n" \
    "index 1..2 100644\\n--- a/base/mailer/deploy.yaml\\n+++ b/base/mailer/deploy.yaml\\n" \
    "@@ -20,4 +20,4 @@ spec:\\n           limits:\\n-            memory: 1Gi\\n" \
    "+            memory: 2Gi\\n             cpu: 500m\\n\"}," \
    "{\"file\":\"overlays/production/mailer/pdb.yaml\",\"status\":\"A\"," \
    "\"diff\":\"@@ -0,0 +1,3 @@\\n+kind: PodDisruptionBudget\\n+spec:\\n" \
    "+  minAvailable: 2\\n\"}]}"

#define CELL(env, version, rev, verdict, health, behind, since) \
    "{\"environment\":\"" env "\",\"name\":\"x-" env "\",\"version\":\"" version \
    "\",\"revision\":\"" rev "\",\"verdict\":\"" verdict "\",\"health\":\"" health \
    "\",\"behind\":" #behind ",\"since\":" #since "}"
#define NO_CELL(env) "{\"environment\":\"" env "\",\"behind\":-1}"
#define MATRIX "{\"total\":4,\"environments\":[\"dev\",\"staging\",\"production\"],\"rows\":[" \
    "{\"app\":\"api\",\"cells\":[" \
    CELL("dev", "1.10.0-rc1", A40, "Synced", "Healthy", -1, 1764320000000) "," \
    CELL("staging", "1.9.0", B40, "Synced", "Healthy", 14, 1764236000000) "," \
    CELL("production", "1.8.2", C40, "Synced", "Healthy", 3, 1763800000000) "]}," \
    "{\"app\":\"cron\",\"cells\":[" \
    CELL("dev", "0.7.0", A40, "Synced", "Healthy", -1, 1763500000000) "," \
    CELL("staging", "0.7.0", A40, "Synced", "Healthy", 0, 1763500000000) "," \
    NO_CELL("production") "]}," \
    "{\"app\":\"mailer\",\"cells\":[" \
    CELL("dev", "1.10.0-rc1", A40, "Synced", "Progressing", -1, 1764331000000) "," \
    CELL("staging", "1.9.0", B40, "OutOfSync", "Healthy", 1204, 1764236000000) "," \
    CELL("production", "1.8.2", C40, "Synced", "Degraded", -1, 1763800000000) "]}," \
    "{\"app\":\"redis\",\"cells\":[" \
    CELL("dev", "7.2.4", A40, "Synced", "Healthy", -1, 1761600000000) "," \
    CELL("staging", "7.2.4", A40, "Synced", "Healthy", 0, 1761600000000) "," \
    CELL("production", "7.2.4", A40, "Unknown", "Unknown", 0, 1761600000000) "]}]}"

#endif
