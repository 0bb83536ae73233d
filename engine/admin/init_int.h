/*
 * init_int.h: what `init` finds in a repository: its YAML files, and what git says of it.
 */
#ifndef RK_ADMIN_INIT_INT_H
#define RK_ADMIN_INIT_INT_H

#include "admin/admin_int.h"
#include "model/model.h"

struct init_repo {              /* in the run's arena */
    const char *given, *root;   /* root: top of the work tree; NULL: bare or fetched */
    const char *origin, *branch, *head; /* "" = none */
    struct model_file *files;   /* every YAML file but reckon.yaml */
    size_t n_files, cap;
    struct model_file config;   /* reckon.yaml; path NULL: none */
};

/* where: a path (work tree or bare) or a URL, which is cloned into a folder that goes again. */
int init_repo_read(struct admin *c, const char *where, struct init_repo *out,
                   struct rk_err *err) RK_MUST_CHECK;
/* Lines about the cluster of the kubeconfig, into the notes. */
void init_cluster(struct admin *c);
/* Lines about applications, projects and what is wrong with them. */
void init_report(struct admin *c, const struct init_repo *r, const struct model *m);

/* "  found    text" and "  missing  text" */
void init_found(struct admin *c, const char *fmt, ...) RK_PRINTF(2, 3);
void init_missing(struct admin *c, const char *fmt, ...) RK_PRINTF(2, 3);

#endif
