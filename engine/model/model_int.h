/*
 * model_int.h: what the files of room model share and no other room sees.
 */
#ifndef RK_MODEL_INT_H
#define RK_MODEL_INT_H

#include "model/model.h"

/* ---- reading one file: fields.c ---- */
struct reader {
    struct rk_arena *arena;
    struct doc_marks *marks;
    const char *file;
};

enum field_type {
    FIELD_ANY, FIELD_TEXT, FIELD_BOOL, FIELD_INT, FIELD_TEXTS, FIELD_TEXT_MAP, FIELD_MAP,
    FIELD_LIST
};
/* One known field of a map; tables end with an empty row. */
struct field {
    const char *name;
    enum field_type type;
    const struct field *fields; /* of FIELD_MAP, and of each item of FIELD_LIST (NULL: any) */
    const char *not_done;       /* not implemented: what happens instead */
    bool refuse;                /* not implemented, and going on without it would be wrong */
};
enum finding_kind { FINDING_UNKNOWN, FINDING_TYPE, FINDING_NOT_DONE, FINDING_REFUSED };
struct finding { enum finding_kind kind; const char *text; uint32_t line; };
struct findings { struct finding *v; size_t n; };
void fields_check(const struct reader *r, const struct field *rows, const struct doc_node *map,
                  const char *path, struct findings *out);

uint32_t reader_line(const struct reader *r, const struct doc_node *node);  /* 0: unknown */
const char *reader_text(const struct reader *r, const struct doc_node *map, const char *key);
/* A list of texts, NULL-terminated; *n may be NULL. */
const char **reader_texts(const struct reader *r, const struct doc_node *list, size_t *n);
/* A repository path: no leading "./", no trailing "/", "." is "". NULL: absolute or has "..". */
const char *reader_path(const struct reader *r, const char *path);
void model_lint_add(struct rk_arena *a, struct model_lints *l, const char *file, uint32_t line,
              const char *fmt, ...) RK_PRINTF(5, 6);
/* The row that is meant by a misspelt name, or NULL. */
const char *name_nearest(const char *name, const char *(*at)(size_t i, const void *ctx), size_t n,
                         const void *ctx);
/* Doubles an array without a cap of its own: grows when n is 0 or a power of two. */
void *array_more(struct rk_arena *a, void *array, size_t n, size_t size) RK_MUST_CHECK;

/* ---- nouns ---- */
struct destination { const char *server, *name, *namespace; };
struct kind_rule { const char *group, *kind, *name; };
struct kind_rules { struct kind_rule *v; size_t n; bool present; };
struct model_project {
    const char *name, *file;
    uint32_t line;
    const char *error;
    const char **repos; size_t n_repos;
    struct destination *destinations; size_t n_destinations;
    struct kind_rules cluster_allow, cluster_deny, allow, deny;
};

extern const struct field application_fields[];     /* application_fields.c */
void application_read(const struct reader *r, const struct doc_node *doc, struct model_app *app);
/* The first error stands. line 0: the application's own. */
void application_fail(const struct reader *r, struct model_app *app, uint32_t line,
                      const char *fmt, ...) RK_PRINTF(4, 5);
void sources_read(const struct reader *r, const struct doc_node *spec, struct model_app *app);
/* Which sources lie in this repository, and which one is primary. own_repo may be NULL. */
void sources_choose(struct model_app *app, const char *own_repo);
void options_read(const struct reader *r, struct model_app *app); /* sync_options.c */
void annotations_read(const struct reader *r, struct model_app *app);
/* An application that could not be read: error says why. */
void application_bad(const struct reader *r, const char *name, uint32_t line, const char *error,
                     struct model_app *app);
const struct model_project *project_read(const struct reader *r, const struct doc_node *doc,
                                         struct model_lints *lints);
int model_config_read(const struct reader *r, rk_str text, struct model *m, struct rk_err *err)
    RK_MUST_CHECK;
void config_floors(struct model *m, const struct model_floor *floors, size_t n, const char *file);

/* ---- environments: match.c ---- */
bool name_is_production(const char *environment);
int environment_rank(const char *environment);  /* default promotion order */
const char *match_derived(struct rk_arena *a, const char *path, const char *namespace);
const char *match_app_name(struct rk_arena *a, const struct model_app *app,
                           const char *environment);
void match_derive_environments(struct model *m);
const struct model_environment *model_environment_find(const struct model *m, const char *name);

/* ---- policy.c ---- */
/* The environments' word alone, before the Application narrows it. */
void policy_join(const struct model *m, const struct model_app *app, const char *cluster,
                 struct model_policy *out);
void policy_from(const struct model_environment *e, struct model_policy *out);
/* What the Application says and its environment overrules, as lints. */
void policy_lints(struct model *m, struct model_app *app);

/* ---- repo_url.c ---- */
void repo_url_argo(struct rk_buf *out, const char *url); /* as Argo CD compares sourceRepos */

/* ---- health families: one row a kind in health.c ---- */
struct health_in {
    struct rk_arena *arena;
    const struct kube_object *object;
    const struct doc_node *metadata, *spec, *status;
};
struct model_health_of health_f(const struct health_in *in, enum model_health health,
                                const char *fmt, ...) RK_PRINTF(3, 4);
struct model_health_of health_text(const struct health_in *in, enum model_health health,
                                   rk_str message);
const struct doc_node *health_condition(const struct health_in *in, const char *type);
bool health_is_true(const struct doc_node *condition);
int64_t health_generation(const struct health_in *in);
typedef struct model_health_of (*health_fn)(const struct health_in *in);
struct model_health_of health_deployment(const struct health_in *in);
struct model_health_of health_stateful_set(const struct health_in *in);
struct model_health_of health_daemon_set(const struct health_in *in);
struct model_health_of health_replica_set(const struct health_in *in);
struct model_health_of health_pod(const struct health_in *in);
struct model_health_of health_job(const struct health_in *in);
struct model_health_of health_cron_job(const struct health_in *in);
struct model_health_of health_workflow(const struct health_in *in);
struct model_health_of health_service(const struct health_in *in);
struct model_health_of health_ingress(const struct health_in *in);
struct model_health_of health_api_service(const struct health_in *in);
struct model_health_of health_claim(const struct health_in *in);
struct model_health_of health_autoscaler(const struct health_in *in);
struct model_health_of health_budget(const struct health_in *in);
struct model_health_of health_sealed_secret(const struct health_in *in);
struct model_health_of health_application_set(const struct health_in *in);

#endif
