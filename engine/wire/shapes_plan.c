/*
 * The shapes of drift, plans and operations.
 * For each struct of wire.h one table with a row a member, in the struct's order. Nothing flows
 * through here: print.c and read.c walk these tables. The macros check each member's C type when
 * they are compiled, and wire_test.c that no member is left out. A new member is one line in wire.h
 * and one row here.
 */
#include "wire/wire_int.h"

static const struct wire_member drift_params_members[] = {
    M_TEXT(wire_drift_params, app),
    M_TEXT(wire_drift_params, rev),
    M_TEXT(wire_drift_params, object),
    M_INT(wire_drift_params, offset),
    M_INT(wire_drift_params, limit),
};
WIRE_SHAPE(drift_params);

static const struct wire_member compare_params_members[] = {
    M_TEXT(wire_compare_params, app),
    M_TEXT(wire_compare_params, from_app),
    M_TEXT(wire_compare_params, from),
    M_TEXT(wire_compare_params, to),
    M_TEXT(wire_compare_params, object),
    M_INT(wire_compare_params, offset),
    M_INT(wire_compare_params, limit),
};
WIRE_SHAPE(compare_params);

static const struct wire_member field_members[] = {
    M_TEXT(wire_field, path),
    M_TEXT(wire_field, desired),
    M_TEXT(wire_field, live),
    M_TEXT(wire_field, manager),
    M_TEXT(wire_field, operation),
    M_TEXT(wire_field, subresource),
    M_INT(wire_field, written),
    M_TEXT(wire_field, file),
    M_INT(wire_field, line),
    M_TEXT(wire_field, commit),
    M_TEXT(wire_field, author),
    M_TEXT(wire_field, from_file),
    M_INT(wire_field, from_line),
    M_TEXT(wire_field, from_commit),
    M_TEXT(wire_field, from_author),
    M_BOOL(wire_field, secret),
    M_BOOL(wire_field, ignored),
};
WIRE_SHAPE(field);

static const struct wire_member drift_object_members[] = {
    M_TEXT(wire_drift_object, object),
    M_TEXT(wire_drift_object, action),
    M_TEXT(wire_drift_object, method),
    M_TEXT(wire_drift_object, from),
    M_TEXT(wire_drift_object, note),
    M_LIST(wire_drift_object, fields, field),
    M_INT(wire_drift_object, more_fields),
};
WIRE_SHAPE(drift_object);

static const struct wire_member drift_members[] = {
    M_TEXT(wire_drift, app),
    M_TEXT(wire_drift, verdict),
    M_TEXT(wire_drift, revision),
    M_TEXT(wire_drift, from_app),
    M_TEXT(wire_drift, from),
    M_INT(wire_drift, offset),
    M_INT(wire_drift, total),
    M_LIST(wire_drift, objects, drift_object),
};
WIRE_SHAPE(drift);

static const struct wire_member document_params_members[] = {
    M_TEXT(wire_document_params, app),
    M_TEXT(wire_document_params, object),
    M_TEXT(wire_document_params, side),
    M_TEXT(wire_document_params, rev),
    M_INT(wire_document_params, offset),
    M_INT(wire_document_params, limit),
};
WIRE_SHAPE(document_params);

static const struct wire_member document_line_members[] = {
    M_TEXT(wire_document_line, text),
    M_TEXT(wire_document_line, file),
    M_INT(wire_document_line, line),
    M_TEXT(wire_document_line, manager),
};
WIRE_SHAPE(document_line);

static const struct wire_member document_members[] = {
    M_INT(wire_document, offset),
    M_INT(wire_document, total),
    M_LIST(wire_document, lines, document_line),
};
WIRE_SHAPE(document);

static const struct wire_member blame_params_members[] = {
    M_TEXT(wire_blame_params, app),
    M_TEXT(wire_blame_params, file),
    M_TEXT(wire_blame_params, rev),
    M_INT(wire_blame_params, line),
};
WIRE_SHAPE(blame_params);

static const struct wire_member blame_members[] = {
    M_TEXT(wire_blame, commit),
    M_TEXT(wire_blame, author),
    M_TEXT(wire_blame, email),
    M_TEXT(wire_blame, subject),
    M_TEXT(wire_blame, file),
    M_INT(wire_blame, line),
    M_INT(wire_blame, time),
};
WIRE_SHAPE(blame);

static const struct wire_member plan_params_members[] = {
    M_TEXT(wire_plan_params, kind),
    M_TEXT(wire_plan_params, app),
    M_TEXT(wire_plan_params, to),
    M_TEXT(wire_plan_params, rev),
    M_TEXT(wire_plan_params, commit),
    M_TEXT(wire_plan_params, mode),
    M_TEXTS(wire_plan_params, resources),
    M_TEXTS(wire_plan_params, paths),
    M_TEXTS(wire_plan_params, leave_out),
    M_BOOL(wire_plan_params, prune),
    M_BOOL(wire_plan_params, force),
    M_BOOL(wire_plan_params, dry_run),
};
WIRE_SHAPE(plan_params);

static const struct wire_member task_members[] = {
    M_TEXT(wire_task, app),
    M_TEXT(wire_task, phase),
    M_INT(wire_task, wave),
    M_TEXT(wire_task, action),
    M_TEXT(wire_task, group),
    M_TEXT(wire_task, kind),
    M_TEXT(wire_task, namespace),
    M_TEXT(wire_task, name),
    M_TEXTS(wire_task, risks),
    M_LIST(wire_task, fields, field),
    M_INT(wire_task, more_fields),
    M_TEXT(wire_task, state),
    M_TEXT(wire_task, message),
    M_INT(wire_task, started),
    M_INT(wire_task, finished),
};
WIRE_SHAPE(task);

static const struct wire_member edit_members[] = {
    M_TEXT(wire_edit, file),
    M_INT(wire_edit, line),
    M_TEXT(wire_edit, before),
    M_TEXT(wire_edit, after),
};
WIRE_SHAPE(edit);

static const struct wire_member conflict_members[] = {
    M_TEXT(wire_conflict, file),
    M_TEXT(wire_conflict, ancestor),
    M_TEXT(wire_conflict, ours),
    M_TEXT(wire_conflict, theirs),
};
WIRE_SHAPE(conflict);

static const struct wire_member plan_members[] = {
    M_TEXT(wire_plan, fingerprint),
    M_TEXT(wire_plan, kind),
    M_TEXT(wire_plan, app),
    M_TEXT(wire_plan, environment),
    M_TEXT(wire_plan, revision),
    M_TEXT(wire_plan, from),
    M_TEXT(wire_plan, subject),
    M_INT(wire_plan, created),
    M_INT(wire_plan, expires),
    M_BOOL(wire_plan, armed),
    M_BOOL(wire_plan, stale),
    M_INT(wire_plan, offset),
    M_INT(wire_plan, total),
    M_LIST(wire_plan, tasks, task),
    M_LIST(wire_plan, edits, edit),
    M_INT(wire_plan, more_edits),
    M_TEXT(wire_plan, commit_message),
    M_LIST(wire_plan, conflicts, conflict),
    M_TEXTS(wire_plan, missing),
    M_TEXT(wire_plan, confirm),
    M_BOOL(wire_plan, needs_unlock),
    M_BOOL(wire_plan, needs_reason),
    M_TEXT(wire_plan, policy),
};
WIRE_SHAPE(plan);

static const struct wire_member plan_ref_members[] = {
    M_TEXT(wire_plan_ref, fingerprint),
    M_INT(wire_plan_ref, offset),
    M_INT(wire_plan_ref, limit),
};
WIRE_SHAPE(plan_ref);

static const struct wire_member arm_params_members[] = {
    M_TEXT(wire_arm_params, fingerprint),
    M_TEXT(wire_arm_params, confirm),
    M_TEXT(wire_arm_params, reason),
    M_BOOL(wire_arm_params, unlock),
};
WIRE_SHAPE(arm_params);

static const struct wire_member plan_list_members[] = {
    M_LIST(wire_plan_list, plans, plan),
};
WIRE_SHAPE(plan_list);

static const struct wire_member operation_members[] = {
    M_TEXT(wire_operation, id),
    M_TEXT(wire_operation, kind),
    M_TEXT(wire_operation, app),
    M_TEXT(wire_operation, environment),
    M_TEXT(wire_operation, actor),
    M_TEXT(wire_operation, reason),
    M_TEXT(wire_operation, fingerprint),
    M_TEXT(wire_operation, state),
    M_TEXT(wire_operation, message),
    M_TEXT(wire_operation, revision),
    M_TEXT(wire_operation, from),
    M_TEXT(wire_operation, commit),
    M_INT(wire_operation, started),
    M_INT(wire_operation, finished),
    M_INT(wire_operation, applied),
    M_BOOL(wire_operation, pinned),
    M_BOOL(wire_operation, pushed),
    M_TEXT(wire_operation, after),
    M_TEXTS(wire_operation, followers),
    M_INT(wire_operation, offset),
    M_INT(wire_operation, total),
    M_INT(wire_operation, more),
    M_LIST(wire_operation, tasks, task),
};
WIRE_SHAPE(operation);

static const struct wire_member operation_ref_members[] = {
    M_TEXT(wire_operation_ref, id),
};
WIRE_SHAPE(operation_ref);

static const struct wire_member stop_params_members[] = {
    M_TEXT(wire_stop_params, id),
    M_TEXT(wire_stop_params, how),
};
WIRE_SHAPE(stop_params);

static const struct wire_member operations_params_members[] = {
    M_TEXT(wire_operations_params, app),
    M_BOOL(wire_operations_params, running),
    M_INT(wire_operations_params, offset),
    M_INT(wire_operations_params, limit),
};
WIRE_SHAPE(operations_params);

static const struct wire_member operation_page_members[] = {
    M_INT(wire_operation_page, offset),
    M_INT(wire_operation_page, total),
    M_LIST(wire_operation_page, operations, operation),
};
WIRE_SHAPE(operation_page);
