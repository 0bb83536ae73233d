/*
 * admin_int.h: what the verbs of this room share: the run's options and buffers, documents in and
 * out, one request to a cluster.
 */
#ifndef RK_ADMIN_INT_H
#define RK_ADMIN_INT_H

#include <stdio.h>
#include <stdlib.h>

#include "admin/admin.h"
#include "base/file.h"
#include "base/hash.h"
#include "cluster/cluster.h"
#include "reckon/doc.h"

enum admin_exit { ADMIN_DONE = 0, ADMIN_NO = 1, ADMIN_ERROR = 2 };

struct admin_option {
    const char *name;
    char letter;                /* 0: none */
    const char *arg;            /* NULL: a switch */
    const char *help;           /* NULL: another name of an option, or cli's; not listed */
};

struct admin_given { const char *name, *value; };
struct admin;
struct admin_verb {
    const char *name, *operands, *help;
    const struct admin_option *options;
    size_t n_options, most;     /* operands taken at most */
    int (*run)(struct admin *c, struct rk_err *err);    /* exit status, or -1 */
};

struct admin {                  /* one run of one verb */
    const struct admin_verb *verb;
    struct rk_arena *arena;     /* wiping */
    struct admin_given *given;
    size_t n_given, given_cap;
    const char **operands;
    size_t n_operands;
    struct rk_buf out, notes;   /* stdout, wiped after it is written; stderr */
    int in;                     /* descriptor of stdin */
};

extern const struct admin_verb admin_init_verb, admin_seal_verb, admin_unseal_verb,
    admin_fetch_cert_verb, admin_audit_verb;

/* ---- admin.c ---- */
/* A whole run into buffers; admin_main writes them. Returns the exit status. */
int admin_run(int argc, char **argv, int in, struct rk_buf *out, struct rk_buf *notes);

/* ---- options.c ---- */
int admin_parse(struct admin *c, int argc, char **argv, struct rk_err *err) RK_MUST_CHECK;
bool admin_given(const struct admin *c, const char *name);
const char *admin_value(const struct admin *c, const char *name);   /* the last one; NULL */
void admin_help(const struct admin_verb *v, struct rk_buf *out);
/* Takes --output or --format; NULL is `otherwise`. "json" and "yaml" (as data); INVALID. */
int admin_format(const struct admin *c, const char *words, const char *otherwise,
                 const char **out, struct rk_err *err) RK_MUST_CHECK;

/* ---- io.c ---- */
void admin_wipe_buf(struct rk_buf *b);          /* for rk_auto: wipes, then releases */
/* path NULL: stdin. The text lives in the run's wiping arena. */
int admin_read(struct admin *c, const char *path, rk_str *out, struct rk_err *err) RK_MUST_CHECK;
/* All documents of a JSON or YAML file (members of a List by themselves); none is INVALID. */
int admin_documents(struct admin *c, const char *path, struct doc_node ***docs, size_t *n,
                    struct rk_err *err) RK_MUST_CHECK;
/* One document as kubeseal prints it: YAML after "---", or JSON with two blanks a level. */
int admin_put(struct rk_buf *out, const char *format, const struct doc_node *doc,
              struct rk_err *err) RK_MUST_CHECK;
void admin_json_pretty(struct rk_buf *out, rk_str compact);

/* ---- api.c: a cluster asked blockingly, as its kubeconfig says ---- */
struct admin_api;
/* kubeconfig, context: NULL = the usual ones. UNSUPPORTED for exec plugins. */
int admin_api_open(const char *kubeconfig, const char *context, struct admin_api **out,
                   struct rk_err *err) RK_MUST_CHECK;
void admin_api_free(struct admin_api *a);
void admin_api_freep(struct admin_api **a);
const struct cluster_config *admin_api_config(const struct admin_api *a);
/* GET; body is replaced. Returns the status, or -1 with err when no answer came. */
int admin_api_get(struct admin_api *a, const char *path, struct rk_buf *body,
                  struct rk_err *err) RK_MUST_CHECK;

/* ---- certificate.c ---- */
/* The newest certificate of the sealing controller, PEM: by its service, else from its key. */
int admin_fetch_cert(struct admin *c, struct rk_buf *pem, struct rk_err *err) RK_MUST_CHECK;

#define ADMIN_CLUSTER_OPTIONS                                                                      \
    {"kubeconfig", 0, "FILE", "kubeconfig (else KUBECONFIG, ~/.kube/config)"},                     \
    {"context", 0, "NAME", "its context (else the current one)"}
#define ADMIN_CONTROLLER_OPTIONS                                                                   \
    {"controller-namespace", 0, "NS", "namespace of the controller (kube-system)"},                \
    {"controller-name", 0, "NAME", "its Service (sealed-secrets-controller)"}

#endif
