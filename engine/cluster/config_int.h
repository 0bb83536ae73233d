/*
 * config_int.h: what config.c and config_env.c share.
 */
#ifndef RK_CLUSTER_CONFIG_INT_H
#define RK_CLUSTER_CONFIG_INT_H

#include "cluster/cluster_int.h"

/* The server's URL as it is used: scheme, no query; the proxy of the environment. */
int config_server(struct cluster_config *c, struct rk_err *err) RK_MUST_CHECK;
/* act-as and its companions -> headers. */
int config_impersonate(struct cluster_config *c, const struct doc_node *user, const char *file,
                       struct rk_err *err) RK_MUST_CHECK;
bool config_in_cluster(const struct cluster_config *c); /* do we run in a cluster? */
int config_in_cluster_read(struct cluster_config *c, struct rk_err *err) RK_MUST_CHECK;

#endif
