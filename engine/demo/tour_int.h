/*
 * tour_int.h: the steps of the tour, and what several of them ask.
 */
#ifndef RK_DEMO_TOUR_INT_H
#define RK_DEMO_TOUR_INT_H

#include <string.h>

#include "demo/demo_int.h"

void tour_create(struct demo *d);
void tour_commit(struct demo *d);
void tour_heal(struct demo *d);
void tour_drift(struct demo *d);
void tour_prune(struct demo *d);
void tour_promote(struct demo *d);
void tour_revert(struct demo *d);
void tour_offline(struct demo *d);
void tour_audit(struct demo *d);

#define TOUR_OVERLAY(env) "k8s/apps/simple-app/overlays/" env "/kustomization.yaml"
#define TOUR_LIMIT 30000

/* ---- tour_ask.c: questions to the API and to `reckon` ---- */
rk_str tour_image_tag(struct demo *d, const char *environment);        /* of the live Deployment */
int64_t tour_replicas(struct demo *d, const char *environment);
/* Every replica of that tag is available, says the API. */
struct tour_rollout { const char *environment, *tag; int64_t replicas; };
bool tour_rolled_out(struct demo *d, const void *rollout);
/* The row of `reckon get apps -o json`. */
const struct doc_node *tour_app(struct demo *d, const char *app);
struct tour_state { const char *app, *verdict, *health; };              /* NULL: any */
bool tour_state_is(struct demo *d, const void *state);
/* Scales through the API as kubectl scale does. */
bool tour_scale(struct demo *d, const char *environment, int replicas);
/* Names of all ConfigMaps, Services, ... of a namespace, sorted: "kind/name kind/name". */
const char *tour_objects(struct demo *d, const char *environment);
const char *tour_head(struct demo *d, const char *rev);                 /* id in the bare repository */
/* Lines that a commit changed, as `git show --unified=0` prints them (- and + lines). */
const char *tour_changes(struct demo *d, const char *rev);
const char *tour_line(struct demo *d, const char *text, const char *with);   /* the line that has it */
/* `git log` of a ref in the bare repository with a format, as text. */
const char *tour_log(struct demo *d, const char *ref, const char *format);
struct tour_audit_entry { const char *environment, *kind, *with; };
/* An entry.json on the audit branch of that kind that holds the text. */
bool tour_audited(struct demo *d, const void *entry);

#endif
