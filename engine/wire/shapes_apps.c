/*
 * The shapes of session, applications, resources, owners, events, logs and activity.
 * For each struct of wire.h one table with a row a member, in the struct's order. Nothing flows
 * through here: print.c and read.c walk these tables. The macros check each member's C type when
 * they are compiled, and wire_test.c that no member is left out. A new member is one line in wire.h
 * and one row here.
 */
#include "wire/wire_int.h"

static const struct wire_member ok_members[] = {
    M_BOOL(wire_ok, ok),
};
WIRE_SHAPE(ok);

static const struct wire_member sub_members[] = {
    M_INT(wire_sub, sub),
};
WIRE_SHAPE(sub);

static const struct wire_member hello_params_members[] = {
    M_INT(wire_hello_params, protocol),
    M_TEXT(wire_hello_params, client),
    M_BOOL(wire_hello_params, readonly),
};
WIRE_SHAPE(hello_params);

static const struct wire_member repository_members[] = {
    M_TEXT(wire_repository, name),
    M_TEXT(wire_repository, url),
    M_TEXT(wire_repository, branch),
    M_TEXT(wire_repository, revision),
    M_TEXT(wire_repository, subject),
    M_INT(wire_repository, checked),
    M_INT(wire_repository, changed),
    M_TEXT(wire_repository, state),
    M_TEXT(wire_repository, message),
    M_INT(wire_repository, pending),
};
WIRE_SHAPE(repository);

static const struct wire_member cluster_members[] = {
    M_TEXT(wire_cluster, name),
    M_TEXT(wire_cluster, server),
    M_TEXT(wire_cluster, context),
    M_TEXT(wire_cluster, version),
    M_TEXT(wire_cluster, uid),
    M_TEXT(wire_cluster, state),
    M_TEXT(wire_cluster, message),
    M_INT(wire_cluster, seen),
    M_INT(wire_cluster, latency_ms),
    M_BOOL(wire_cluster, sandbox),
};
WIRE_SHAPE(cluster);

static const struct wire_member hello_members[] = {
    M_INT(wire_hello, protocol),
    M_INT(wire_hello, epoch),
    M_INT(wire_hello, started),
    M_INT(wire_hello, pid),
    M_TEXT(wire_hello, version),
    M_TEXT(wire_hello, engine),
    M_TEXT(wire_hello, profile),
    M_TEXT(wire_hello, socket),
    M_TEXT(wire_hello, identity),
    M_TEXT(wire_hello, email),
    M_BOOL(wire_hello, can_write),
    M_TEXT(wire_hello, why_readonly),
    M_LIST(wire_hello, repositories, repository),
    M_LIST(wire_hello, clusters, cluster),
};
WIRE_SHAPE(hello);

static const struct wire_member status_members[] = {
    M_LIST(wire_status, repositories, repository),
    M_LIST(wire_status, clusters, cluster),
    M_INT(wire_status, applications),
    M_INT(wire_status, objects),
    M_INT(wire_status, operations),
    M_INT(wire_status, clients),
    M_INT(wire_status, lag_us),
    M_INT(wire_status, memory_kb),
    M_INT(wire_status, started),
    M_TEXT(wire_status, disk),
};
WIRE_SHAPE(status);

static const struct wire_member apps_params_members[] = {
    M_TEXT(wire_apps_params, environment),
    M_TEXT(wire_apps_params, filter),
    M_TEXT(wire_apps_params, sort),
    M_TEXTS(wire_apps_params, folded),
    M_INT(wire_apps_params, offset),
    M_INT(wire_apps_params, limit),
};
WIRE_SHAPE(apps_params);

static const struct wire_member counts_members[] = {
    M_INT(wire_counts, total),
    M_INT(wire_counts, synced),
    M_INT(wire_counts, out_of_sync),
    M_INT(wire_counts, unknown),
    M_INT(wire_counts, healthy),
    M_INT(wire_counts, progressing),
    M_INT(wire_counts, degraded),
    M_INT(wire_counts, missing),
    M_INT(wire_counts, suspended),
    M_INT(wire_counts, health_unknown),
    M_INT(wire_counts, operations),
    M_INT(wire_counts, held),
};
WIRE_SHAPE(counts);

static const struct wire_member app_members[] = {
    M_INT(wire_app, index),
    M_TEXT(wire_app, name),
    M_TEXT(wire_app, app),
    M_TEXT(wire_app, environment),
    M_TEXT(wire_app, project),
    M_TEXT(wire_app, cluster),
    M_TEXT(wire_app, namespace),
    M_TEXT(wire_app, verdict),
    M_TEXT(wire_app, health),
    M_TEXT(wire_app, message),
    M_TEXT(wire_app, version),
    M_TEXT(wire_app, revision),
    M_TEXT(wire_app, target),
    M_INT(wire_app, drifted),
    M_INT(wire_app, objects),
    M_INT(wire_app, changed),
    M_TEXT(wire_app, held),
    M_TEXT(wire_app, operation),
    M_BOOL(wire_app, locked),
    M_BOOL(wire_app, observe),
};
WIRE_SHAPE(app);

static const struct wire_member group_members[] = {
    M_TEXT(wire_group, environment),
    M_INT(wire_group, rows),
    M_STRUCT(wire_group, counts, counts),
};
WIRE_SHAPE(group);

static const struct wire_member app_page_members[] = {
    M_INT(wire_app_page, offset),
    M_INT(wire_app_page, total),
    M_STRUCT(wire_app_page, counts, counts),
    M_LIST(wire_app_page, apps, app), /* first: what a page is made of (cli_pages) */
    M_LIST(wire_app_page, groups, group),
};
WIRE_SHAPE(app_page);

static const struct wire_member app_ref_members[] = {
    M_TEXT(wire_app_ref, app),
};
WIRE_SHAPE(app_ref);

static const struct wire_member next_members[] = {
    M_TEXT(wire_next, action),
    M_TEXT(wire_next, reason),
    M_INT(wire_next, at),
    M_TEXT(wire_next, stop),
};
WIRE_SHAPE(next);

static const struct wire_member lint_members[] = {
    M_TEXT(wire_lint, text),
    M_TEXT(wire_lint, file),
    M_INT(wire_lint, line),
};
WIRE_SHAPE(lint);

static const struct wire_member source_members[] = {
    M_TEXT(wire_source, role),
    M_TEXT(wire_source, repository),
    M_TEXT(wire_source, ref),
    M_TEXT(wire_source, revision),
    M_INT(wire_source, checked),
    M_TEXT(wire_source, message),
};
WIRE_SHAPE(source);

static const struct wire_member cause_members[] = {
    M_TEXT(wire_cause, object),
    M_TEXT(wire_cause, status),
    M_TEXT(wire_cause, message),
};
WIRE_SHAPE(cause);

static const struct wire_member app_detail_members[] = {
    M_STRUCT(wire_app_detail, row, app),
    M_TEXT(wire_app_detail, repository),
    M_TEXT(wire_app_detail, path),
    M_TEXT(wire_app_detail, server),
    M_TEXT(wire_app_detail, file),
    M_INT(wire_app_detail, line),
    M_TEXT(wire_app_detail, policy),
    M_TEXT(wire_app_detail, error),
    M_LIST(wire_app_detail, lints, lint),
    M_LIST(wire_app_detail, sources, source),
    M_LIST(wire_app_detail, causes, cause),
    M_STRUCT(wire_app_detail, next, next),
    M_TEXT(wire_app_detail, last_operation),
    M_TEXT(wire_app_detail, last_result),
    M_TEXT(wire_app_detail, last_actor),
    M_INT(wire_app_detail, last_time),
    M_TEXT(wire_app_detail, commit_subject),
    M_TEXT(wire_app_detail, commit_author),
    M_INT(wire_app_detail, commit_time),
    M_TEXT(wire_app_detail, last_good),
    M_LIST(wire_app_detail, siblings, app),
};
WIRE_SHAPE(app_detail);

static const struct wire_member resources_params_members[] = {
    M_TEXT(wire_resources_params, app),
    M_INT(wire_resources_params, offset),
    M_INT(wire_resources_params, limit),
};
WIRE_SHAPE(resources_params);

static const struct wire_member resource_members[] = {
    M_TEXT(wire_resource, object),
    M_TEXT(wire_resource, version),
    M_TEXT(wire_resource, verdict),
    M_TEXT(wire_resource, health),
    M_TEXT(wire_resource, message),
    M_INT(wire_resource, wave),
    M_INT(wire_resource, drifted),
    M_INT(wire_resource, created),
    M_BOOL(wire_resource, prune),
    M_BOOL(wire_resource, hook),
    M_BOOL(wire_resource, foreign),
    M_TEXT(wire_resource, file),
    M_INT(wire_resource, line),
};
WIRE_SHAPE(resource);

static const struct wire_member resource_page_members[] = {
    M_INT(wire_resource_page, offset),
    M_INT(wire_resource_page, total),
    M_INT(wire_resource_page, more),
    M_LIST(wire_resource_page, resources, resource),
};
WIRE_SHAPE(resource_page);

static const struct wire_member object_ref_members[] = {
    M_TEXT(wire_object_ref, app),
    M_TEXT(wire_object_ref, object),
};
WIRE_SHAPE(object_ref);

static const struct wire_member owner_row_members[] = {
    M_INT(wire_owner_row, depth),
    M_TEXT(wire_owner_row, object),
    M_TEXT(wire_owner_row, health),
    M_TEXT(wire_owner_row, message),
    M_TEXT(wire_owner_row, ready),
    M_INT(wire_owner_row, created),
};
WIRE_SHAPE(owner_row);

static const struct wire_member owners_members[] = {
    M_LIST(wire_owners, rows, owner_row),
};
WIRE_SHAPE(owners);

static const struct wire_member event_row_members[] = {
    M_INT(wire_event_row, time),
    M_INT(wire_event_row, count),
    M_TEXT(wire_event_row, type),
    M_TEXT(wire_event_row, reason),
    M_TEXT(wire_event_row, object),
    M_TEXT(wire_event_row, message),
    M_TEXT(wire_event_row, source),
};
WIRE_SHAPE(event_row);

static const struct wire_member events_members[] = {
    M_LIST(wire_events, events, event_row),
};
WIRE_SHAPE(events);

static const struct wire_member logs_params_members[] = {
    M_TEXT(wire_logs_params, app),
    M_TEXT(wire_logs_params, object),
    M_TEXT(wire_logs_params, container),
    M_INT(wire_logs_params, tail),
    M_BOOL(wire_logs_params, follow),
    M_BOOL(wire_logs_params, previous),
};
WIRE_SHAPE(logs_params);

static const struct wire_member log_row_members[] = {
    M_TEXT(wire_log_row, pod),
    M_TEXT(wire_log_row, container),
    M_TEXT(wire_log_row, text),
};
WIRE_SHAPE(log_row);

static const struct wire_member logs_members[] = {
    M_LIST(wire_logs, lines, log_row),
};
WIRE_SHAPE(logs);

static const struct wire_member activity_row_members[] = {
    M_INT(wire_activity_row, time),
    M_TEXT(wire_activity_row, level),
    M_TEXT(wire_activity_row, app),
    M_TEXT(wire_activity_row, environment),
    M_TEXT(wire_activity_row, actor),
    M_TEXT(wire_activity_row, text),
};
WIRE_SHAPE(activity_row);

static const struct wire_member activity_members[] = {
    M_LIST(wire_activity, rows, activity_row),
};
WIRE_SHAPE(activity);

static const struct wire_member refresh_params_members[] = {
    M_TEXT(wire_refresh_params, app),
    M_BOOL(wire_refresh_params, all),
    M_BOOL(wire_refresh_params, hard),
};
WIRE_SHAPE(refresh_params);
