/*
 * columns_int.h: the tables of printer columns (columns.c, columns_workload.c) that kinds.c names.
 */
#ifndef RK_SANDBOX_COLUMNS_INT_H
#define RK_SANDBOX_COLUMNS_INT_H

#include "sandbox/sandbox_int.h"

#define SB_COLUMN_TABLES(X)                                                                       \
    X(namespace, 3) X(configmap, 3) X(secret, 4) X(service, 7) X(pod, 9) X(claim, 9)              \
    X(volume, 11) X(node, 10) X(event, 10) X(deployment, 8) X(replicaset, 8) X(statefulset, 5)    \
    X(daemonset, 11) X(job, 8) X(cronjob, 10) X(autoscaler, 7) X(budget, 5) X(ingress, 6)         \
    X(ingressclass, 4) X(netpol, 3) X(created, 2) X(binding, 6) X(storageclass, 6)                \
    X(priorityclass, 5) X(lease, 3) X(sealed, 4)

#define SB_DECLARE(name, count)                                                                   \
    extern const struct sb_column sb_columns_##name[count];                                       \
    enum { SB_N_##name = (count) };
SB_COLUMN_TABLES(SB_DECLARE)
#undef SB_DECLARE

/* Cells that several tables use. */
typedef void sb_cell(struct rk_buf *out, const struct doc_node *object, int64_t now_ms);
sb_cell sb_cell_age, sb_cell_selector, sb_cell_containers, sb_cell_images, sb_cell_access;

#define SB_NAME {"Name", "string", 0, ".metadata.name", NULL}
#define SB_AGE {"Age", "string", 0, NULL, sb_cell_age}
#define SB_TEXT(name, path) {name, "string", 0, path, NULL}
#define SB_WIDE(name, path) {name, "string", 1, path, NULL}
#define SB_INTEGER(name, path) {name, "integer", 0, path, NULL}
#define SB_CELL(name, fn) {name, "string", 0, NULL, fn}
#define SB_WIDE_CELL(name, fn) {name, "string", 1, NULL, fn}

#endif
