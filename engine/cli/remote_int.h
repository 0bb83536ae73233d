/* remote_int.h: what remote.c and helm.c share: the trees and programs of one call. */
#ifndef RK_CLI_REMOTE_INT_H
#define RK_CLI_REMOTE_INT_H

#include "cli/cli_int.h"

struct cli_tree;
struct cli_remotes {
    const struct cli *c;
    const char *root;           /* of the tree that is built */
    struct cli_tree *trees;
    char *helm_dir;             /* helm.c: a folder of this call's own; removed at the end */
    bool helm_checked;
    size_t n_charts;
};
/* A folder on disk as a tree that lives as long as the call. */
const struct render_files *cli_remotes_keep(struct cli_remotes *all, const char *dir);

#endif
