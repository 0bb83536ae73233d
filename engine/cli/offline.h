/*
 * offline.h: objects from the user's own files, for the verbs that need no engine: diff, plan and
 * health of files. Everything lies in the call's arena.
 */
#ifndef RK_CLI_OFFLINE_H
#define RK_CLI_OFFLINE_H

#include "cli/cli_int.h"
#include "kube/kube.h"
#include "model/model.h"

struct offline_objects {
    struct kube_object *v;
    size_t n, cap;
};
/* All documents of a YAML or JSON file ("-": standard input), at most 16 MiB. */
int offline_docs(struct cli *c, const char *path, struct doc_node ***docs, size_t *n,
                 struct rk_err *err) RK_MUST_CHECK;
/* The objects of a file, Lists taken apart, managedFields cut; or of every YAML and JSON file of a
 * folder. Adds to out. */
int offline_objects(struct cli *c, const char *path, struct offline_objects *out,
                    struct rk_err *err) RK_MUST_CHECK;
/* Gives namespaced objects that name none this one (NULL: leaves them), then masks Secrets with a
 * key of zeros: equal values stay equal. */
int offline_prepare(struct cli *c, struct offline_objects *o, const char *namespace,
                    struct rk_err *err) RK_MUST_CHECK;
/* The object of the same key; a side that names no namespace fits any. */
struct kube_object *offline_find(const struct offline_objects *o, const struct kube_object *like);
/* Is it in the file only because something else owns it (a Pod of a ReplicaSet)? */
bool offline_owned(const struct kube_object *o);

/*
 * An Application made of what the options say: ignoreDifferences from a file (a list of rules, one
 * rule, or an Application; NULL: none) and syncOptions (NAME=VALUE). *m is to be freed by the
 * caller.
 */
int offline_app(struct cli *c, const char *ignore_file, const char **options, size_t n_options,
                const char *namespace, struct model **m, struct rk_err *err) RK_MUST_CHECK;

#endif
