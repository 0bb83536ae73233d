/*
 * tour_everyday.c: steps a to e: creation, a commit, drift healed and drift shown, pruning.
 */
#include <signal.h>

#include "demo/tour_int.h"

/* ---- a ---- */
static int64_t created_at(struct demo *d, const char *path)
{
    int64_t at = 0;
    const struct doc_node *o = demo_object(d, path);
    (void)rk_time_parse(doc_get_text(doc_get(o, "metadata"), "creationTimestamp"), &at);
    return at;
}

static void check_order(struct demo *d, const char *env)
{
    const char *ns = demo_namespace(d, env);
    const int64_t times[] = {
        created_at(d, rk_arena_f(d->arena, "/api/v1/namespaces/%s", ns)),
        created_at(d, rk_arena_f(d->arena, "/apis/rbac.authorization.k8s.io/v1/namespaces/%s/roles/"
                                           DEMO_APP, ns)),
        created_at(d, rk_arena_f(d->arena, "/api/v1/namespaces/%s/configmaps/" DEMO_APP, ns)),
        created_at(d, rk_arena_f(d->arena, "/apis/apps/v1/namespaces/%s/deployments/" DEMO_APP, ns)),
        created_at(d, rk_arena_f(d->arena, "/apis/networking.k8s.io/v1/namespaces/%s/ingresses/"
                                           DEMO_APP, ns)),
    };
    bool ordered = times[0] > 0;
    for (size_t i = 1; i < RK_LEN(times); i++)
        ordered = ordered && times[i] >= times[i - 1] && times[i] > 0;
    demo_check(d, ordered, "%s: namespace, then RBAC, then the rest", env);
}

static void check_created(struct demo *d, const char *env, int64_t replicas)
{
    struct tour_rollout up = {env, "1.0.0", replicas};
    struct tour_state synced = {rk_arena_f(d->arena, DEMO_APP "-%s", env), "Synced", "Healthy"};
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &up),
               "%s: the API says %lld of 1.0.0 are available", env, (long long)replicas);
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_state_is, &synced), "%s is Synced and Healthy",
               synced.app);
    const struct doc_node *secret = demo_object(
        d, rk_arena_f(d->arena, "/api/v1/namespaces/%s/secrets/database", demo_namespace(d, env)));
    demo_check(d, doc_count(doc_get(secret, "data")) == 2,
               "%s: the cluster opened the sealed database secret", env);
    check_order(d, env);
}

void tour_create(struct demo *d)
{
    check_created(d, "dev", 1);
    check_created(d, "staging", 2);
    struct tour_state waits = {DEMO_APP "-production", "OutOfSync", "Missing"};
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_state_is, &waits),
               "%s is OutOfSync and Missing: manual, locked", waits.app);
    demo_check(d, !demo_deployment(d, "production"), "production: nothing was created there");
}

/* ---- b ---- */
void tour_commit(struct demo *d)
{
    uint64_t from = rk_mono_ms();
    struct tour_rollout up = {"dev", "1.1.0", 1};
    demo_check(d, demo_edit(d, TOUR_OVERLAY("dev"), "newTag: 1.0.0", "newTag: 1.1.0",
                            "simple-app 1.1.0 in dev") == 0, "a commit with newTag 1.1.0 is pushed");
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &up), "dev runs 1.1.0");
    demo_say(d, "commit to rolled out: %llu ms", (unsigned long long)(rk_mono_ms() - from));
}

/* ---- c ---- */
static const struct doc_node *drifted_field(struct demo *d, const char *app, const char *path)
{
    const char *const args[] = {"diff", app, NULL};
    const struct doc_node *objects = doc_get(demo_reckon_json(d, args), "objects");
    for (size_t i = 0; i < doc_count(objects); i++) {
        const struct doc_node *fields = doc_get(doc_at(objects, i), "fields");
        for (size_t k = 0; k < doc_count(fields); k++)
            if (rk_str_is(doc_get_text(doc_at(fields, k), "path"), path))
                return doc_at(fields, k);
    }
    return NULL;
}

static void check_field(struct demo *d, const struct doc_node *f, const char *git, const char *live)
{
    demo_check(d, f != NULL, "drift names /spec/replicas");
    demo_check(d, rk_str_is(doc_get_text(f, "desired"), git) &&
                      rk_str_is(doc_get_text(f, "live"), live),
               "with both values: git %s, live %s", git, live);
    demo_check(d, rk_str_is(doc_get_text(f, "manager"), "kubectl"), "the field manager: kubectl");
    rk_str file = doc_get_text(f, "file"), commit = doc_get_text(f, "commit");
    demo_check(d, file.n && doc_get_int(f, "line", 0) > 0 && commit.n == 40,
               "and the git line: " RK_FMT_STR ":%lld of %.7s", RK_ARG_STR(file),
               (long long)doc_get_int(f, "line", 0), commit.n ? commit.p : "");
}

struct replicas { const char *environment; int64_t n; };

static bool replicas_are(struct demo *d, const void *arg)
{
    const struct replicas *want = arg;
    return tour_replicas(d, want->environment) == want->n;
}

static bool shows_drift(struct demo *d, const void *app)
{
    return drifted_field(d, app, "/spec/replicas") != NULL;
}

void tour_heal(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *const freeze[] = {"freeze", DEMO_APP "-dev", "--reason", "to look at the drift", NULL};
    const char *const thaw[] = {"unfreeze", DEMO_APP "-dev", NULL};
    struct replicas one = {"dev", 1};
    demo_check(d, demo_reckon(d, &out, freeze) == 0, "dev is frozen, so that the drift stays to be "
                                                     "seen %s", out.p);
    demo_check(d, tour_scale(d, "dev", 5), "scaled to 5 through the API");
    demo_check(d, demo_until(d, TOUR_LIMIT, shows_drift, DEMO_APP "-dev"), "drift is shown");
    check_field(d, drifted_field(d, DEMO_APP "-dev", "/spec/replicas"), "1", "5");
    demo_check(d, demo_reckon(d, &out, thaw) == 0, "unfrozen");
    demo_check(d, demo_until(d, TOUR_LIMIT, replicas_are, &one), "healed: 1 replica again");
    struct tour_audit_entry heal = {"dev", "heal", "\"kubectl\""};
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_audited, &heal),
               "the audit log has the heal, what it overwrote and who had written it");
}

/* ---- d ---- */
void tour_drift(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *const refresh[] = {"refresh", DEMO_APP "-staging", NULL};
    const char *const sync[] = {"sync", DEMO_APP "-staging", "--reason", "back to git", NULL};
    struct tour_state drifted = {DEMO_APP "-staging", "OutOfSync", NULL};
    struct tour_state synced = {DEMO_APP "-staging", "Synced", "Healthy"};
    demo_check(d, tour_scale(d, "staging", 4), "staging is scaled to 4 through the API");
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_state_is, &drifted), "it is OutOfSync");
    check_field(d, drifted_field(d, DEMO_APP "-staging", "/spec/replicas"), "2", "4");
    (void)demo_reckon(d, &out, refresh);
    demo_check(d, tour_replicas(d, "staging") == 4, "and stays so: not touched");
    rk_buf_clear(&out);
    demo_check(d, demo_reckon(d, &out, sync) == 0, "an operator syncs it");
    demo_check(d, tour_replicas(d, "staging") == 2 &&
                      demo_until(d, TOUR_LIMIT, tour_state_is, &synced),
               "2 replicas again, Synced and Healthy");
}

/* ---- e ---- */
struct objects { const char *environment, *list; };

static bool objects_are(struct demo *d, const void *arg)
{
    const struct objects *want = arg;
    return strcmp(tour_objects(d, want->environment), want->list) == 0;
}

static const char *without(struct demo *d, const char *list, const char *one)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str rest = rk_str_c(list), word;
    while (rest.n) {
        word = rk_str_cut(rest, ' ', &rest);
        if (!rk_str_is(word, one))
            rk_buf_f(&out, "%s" RK_FMT_STR, out.n ? " " : "", RK_ARG_STR(word));
    }
    return rk_arena_dup(d->arena, out.p, out.n);
}

static bool remove_file(struct demo *d, const char *file)
{
    char *entry = rk_asprintf("- %s\n", file), *path = rk_asprintf("%s/k8s/apps/simple-app/overlays/"
                                                                   "dev/%s", d->work, file);
    char *message = rk_asprintf("dev: remove %s", file);
    bool ok = demo_pull(d) && remove(path) == 0 &&
              demo_replace(d, TOUR_OVERLAY("dev"), entry, "") && demo_commit(d, message) == 0;
    free(entry);
    free(path);
    free(message);
    return ok;
}

static bool held_empty(struct demo *d, const void *arg)
{
    (void)arg;
    rk_str held = doc_get_text(tour_app(d, DEMO_APP "-dev"), "held");
    return memmem(held.p ? held.p : "", held.n, "empty", 5) != NULL;
}

static void check_empty(struct demo *d)
{
    const char *const revert[] = {"revert", "--no-edit", "HEAD", NULL};
    const char *const push[] = {"push", "-q", "origin", "HEAD:main", NULL};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};
    struct objects same = {"dev", tour_objects(d, "dev")};
    struct tour_state synced = {DEMO_APP "-dev", "Synced", "Healthy"};
    char *path = rk_path_join(d->work, TOUR_OVERLAY("dev"));
    const char *text = rk_arena_f(d->arena, "namespace: %s\n", demo_namespace(d, "dev"));
    bool ok = demo_pull(d) && rk_file_write(path, rk_str_c(text), 0644, &err) == 0 &&
              demo_commit(d, "dev: empty by mistake") == 0;
    free(path);
    demo_check(d, ok, "a commit leaves dev's overlay empty");
    demo_check(d, demo_until(d, TOUR_LIMIT, held_empty, NULL), "dev is held: the render is empty");
    demo_check(d, objects_are(d, &same), "and nothing was pruned");
    demo_check(d, demo_git(d, &out, revert) == 0 && demo_git(d, &out, push) == 0 &&
                      demo_until(d, TOUR_LIMIT, tour_state_is, &synced),
               "reverted: dev is Synced again");
}

void tour_prune(struct demo *d)
{
    const char *before = tour_objects(d, "dev");
    struct objects first = {"dev", without(d, before, "configmaps/feature-flags")};
    struct objects second = {"dev", without(d, first.list, "configmaps/notes")};
    struct rk_err err = {0};
    demo_check(d, remove_file(d, "feature-flags.yaml"), "feature-flags.yaml leaves git");
    demo_check(d, demo_until(d, TOUR_LIMIT, objects_are, &first) && strcmp(before, first.list) != 0,
               "exactly that ConfigMap is gone");
    demo_engine_stop(d, SIGKILL);
    demo_check(d, remove_file(d, "notes.yaml"), "notes.yaml leaves git while the engine is killed");
    demo_check(d, demo_engine_start(d, &err) == 0, "the engine starts again %s", err.text);
    demo_check(d, demo_until(d, TOUR_LIMIT, objects_are, &second), "exactly that ConfigMap is gone");
    check_empty(d);
}
