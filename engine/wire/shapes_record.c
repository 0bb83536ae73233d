/*
 * The shapes of records (history, audit, commits, promotion) and policy.
 * For each struct of wire.h one table with a row a member, in the struct's order. Nothing flows
 * through here: print.c and read.c walk these tables. The macros check each member's C type when
 * they are compiled, and wire_test.c that no member is left out. A new member is one line in wire.h
 * and one row here.
 */
#include "wire/wire_int.h"

static const struct wire_member history_params_members[] = {
    M_TEXT(wire_history_params, app),
    M_TEXT(wire_history_params, source),
    M_INT(wire_history_params, offset),
    M_INT(wire_history_params, limit),
};
WIRE_SHAPE(history_params);

static const struct wire_member history_row_members[] = {
    M_INT(wire_history_row, time),
    M_TEXT(wire_history_row, kind),
    M_TEXT(wire_history_row, actor),
    M_TEXT(wire_history_row, from),
    M_TEXT(wire_history_row, to),
    M_TEXT(wire_history_row, result),
    M_TEXT(wire_history_row, reason),
    M_TEXT(wire_history_row, subject),
    M_TEXT(wire_history_row, id),
    M_TEXT(wire_history_row, source),
    M_INT(wire_history_row, duration_ms),
    M_TEXT(wire_history_row, app),
    M_TEXT(wire_history_row, environment),
};
WIRE_SHAPE(history_row);

static const struct wire_member history_members[] = {
    M_INT(wire_history, offset),
    M_INT(wire_history, total),
    M_LIST(wire_history, rows, history_row),
};
WIRE_SHAPE(history);

static const struct wire_member audit_params_members[] = {
    M_TEXT(wire_audit_params, environment),
    M_INT(wire_audit_params, since),
    M_INT(wire_audit_params, offset),
    M_INT(wire_audit_params, limit),
};
WIRE_SHAPE(audit_params);

static const struct wire_member audit_row_members[] = {
    M_INT(wire_audit_row, seq),
    M_INT(wire_audit_row, time),
    M_TEXT(wire_audit_row, id),
    M_TEXT(wire_audit_row, kind),
    M_TEXT(wire_audit_row, app),
    M_TEXT(wire_audit_row, environment),
    M_TEXT(wire_audit_row, from),
    M_TEXT(wire_audit_row, to),
    M_TEXT(wire_audit_row, actor),
    M_TEXT(wire_audit_row, approver),
    M_TEXT(wire_audit_row, reason),
    M_TEXT(wire_audit_row, result),
    M_TEXT(wire_audit_row, prev),
    M_TEXT(wire_audit_row, commit),
    M_TEXT(wire_audit_row, plan),
    M_BOOL(wire_audit_row, pushed),
    M_BOOL(wire_audit_row, flagged),
};
WIRE_SHAPE(audit_row);

static const struct wire_member audit_members[] = {
    M_INT(wire_audit, offset),
    M_INT(wire_audit, total),
    M_LIST(wire_audit, rows, audit_row),
};
WIRE_SHAPE(audit);

static const struct wire_member verify_row_members[] = {
    M_TEXT(wire_verify_row, environment),
    M_TEXT(wire_verify_row, tip),
    M_TEXT(wire_verify_row, message),
    M_BOOL(wire_verify_row, ok),
    M_INT(wire_verify_row, entries),
};
WIRE_SHAPE(verify_row);

static const struct wire_member verify_members[] = {
    M_BOOL(wire_verify, ok),
    M_LIST(wire_verify, rows, verify_row),
};
WIRE_SHAPE(verify);

static const struct wire_member commit_params_members[] = {
    M_TEXT(wire_commit_params, rev),
    M_TEXT(wire_commit_params, app),
};
WIRE_SHAPE(commit_params);

static const struct wire_member commit_file_members[] = {
    M_TEXT(wire_commit_file, file),
    M_TEXT(wire_commit_file, status),
    M_TEXT(wire_commit_file, diff),
};
WIRE_SHAPE(commit_file);

static const struct wire_member commit_members[] = {
    M_TEXT(wire_commit, id),
    M_TEXT(wire_commit, author),
    M_TEXT(wire_commit, email),
    M_TEXT(wire_commit, subject),
    M_TEXT(wire_commit, body),
    M_INT(wire_commit, time),
    M_LIST(wire_commit, files, commit_file),
};
WIRE_SHAPE(commit);

static const struct wire_member cell_members[] = {
    M_TEXT(wire_cell, environment),
    M_TEXT(wire_cell, name),
    M_TEXT(wire_cell, version),
    M_TEXT(wire_cell, revision),
    M_TEXT(wire_cell, verdict),
    M_TEXT(wire_cell, health),
    M_INT(wire_cell, behind),
    M_INT(wire_cell, since),
};
WIRE_SHAPE(cell);

static const struct wire_member matrix_row_members[] = {
    M_TEXT(wire_matrix_row, app),
    M_LIST(wire_matrix_row, cells, cell),
};
WIRE_SHAPE(matrix_row);

static const struct wire_member matrix_members[] = {
    M_INT(wire_matrix, offset),
    M_INT(wire_matrix, total),
    M_TEXTS(wire_matrix, environments),
    M_LIST(wire_matrix, rows, matrix_row),
};
WIRE_SHAPE(matrix);

static const struct wire_member environment_members[] = {
    M_TEXT(wire_environment, name),
    M_TEXT(wire_environment, sync),
    M_BOOL(wire_environment, prune),
    M_BOOL(wire_environment, self_heal),
    M_BOOL(wire_environment, locked),
    M_BOOL(wire_environment, validate),
    M_BOOL(wire_environment, frozen),
    M_INT(wire_environment, approvals),
    M_INT(wire_environment, prune_budget),
    M_INT(wire_environment, applications),
    M_TEXT(wire_environment, frozen_by),
    M_TEXT(wire_environment, frozen_reason),
    M_TEXT(wire_environment, promote_via),
    M_TEXT(wire_environment, revert_via),
    M_TEXT(wire_environment, pending),
    M_INT(wire_environment, unlocked_until),
};
WIRE_SHAPE(environment);

static const struct wire_member environments_members[] = {
    M_LIST(wire_environments, environments, environment),
};
WIRE_SHAPE(environments);

static const struct wire_member freeze_params_members[] = {
    M_TEXT(wire_freeze_params, target),
    M_TEXT(wire_freeze_params, reason),
    M_BOOL(wire_freeze_params, frozen),
};
WIRE_SHAPE(freeze_params);

static const struct wire_member lock_params_members[] = {
    M_TEXT(wire_lock_params, environment),
    M_TEXT(wire_lock_params, reason),
    M_BOOL(wire_lock_params, unlock),
};
WIRE_SHAPE(lock_params);

static const struct wire_member release_params_members[] = {
    M_TEXT(wire_release_params, app),
    M_TEXT(wire_release_params, hold),
    M_TEXT(wire_release_params, reason),
};
WIRE_SHAPE(release_params);

static const struct wire_member validate_params_members[] = {
    M_TEXT(wire_validate_params, app),
    M_TEXT(wire_validate_params, reason),
};
WIRE_SHAPE(validate_params);
