/*
 * modelling.c: a revision -> applications, projects and the policy that governs them.
 *
 * The files are read in the pool. A reckon.yaml that loosens the policy, or that cannot be read,
 * does not govern: the applications of the new revision are taken with the policy acknowledged
 * last, whose text is kept in the state folder so that a restart changes nothing.
 */
#include "core/core_int.h"

struct read_job {
    struct core_repo *repo;
    struct git_view *view;
    char rev[GIT_ID];
    char *policy_text;          /* acknowledged reckon.yaml; NULL: none seen yet */
    const struct model_floor *floors;
    size_t n_floors;
    const char *url;
    struct rk_arena *arena;
    /* out */
    struct model *model;
    const char *new_text;       /* reckon.yaml of the revision; NULL: none */
    const char *loosens;        /* what it would loosen; NULL */
    struct rk_err policy_err;   /* it could not be read */
    struct rk_err err;
    const char *subject;
};

static const char *const yaml_suffixes[] = {".yaml", ".yml", NULL};

static bool may_hold_application(rk_str bytes)
{
    return memmem(bytes.p, bytes.n, "argoproj.io/", 12) != NULL;
}

static int read_files(struct read_job *j, const char *const *folders, size_t n_folders,
                      struct model_file **out, size_t *n)
{
    struct model_file *files = NULL;
    size_t cap = 0, count = 0;
    for (size_t f = 0; f < n_folders; f++) {
        const char **paths = NULL;
        size_t n_paths = 0;
        if (git_walk_files(j->view, j->arena, j->rev, folders[f], yaml_suffixes, &paths, &n_paths,
                           &j->err)) {
            if (j->err.code == RK_NOT_FOUND)
                continue; /* a folder that reckon.yaml names and that is not there: no application */
            return -1;
        }
        for (size_t i = 0; i < n_paths; i++) {
            rk_str bytes;
            if (git_read(j->view, j->arena, j->rev, paths[i], 16u << 20, &bytes, &j->err))
                return -1;
            if (!may_hold_application(bytes))
                continue;
            files = rk_arena_grow(j->arena, files, count, &cap, sizeof *files);
            files[count++] = (struct model_file){paths[i], bytes};
        }
    }
    *out = files;
    *n = count;
    return 0;
}

static int read_model(struct read_job *j, const char *config_text, struct model **out,
                      struct rk_err *err)
{
    static const char *const everywhere[] = {""};
    const char **folders = NULL;
    size_t n_folders = 0;
    struct model_file config = {"reckon.yaml", rk_str_c(config_text)};
    if (config_text &&
        model_config_folders(j->arena, config.bytes, &folders, &n_folders, err))
        return -1;
    struct model_input in = {
        .config = config_text ? &config : NULL, .floors = j->floors, .n_floors = j->n_floors,
        .default_repo = j->url,
    };
    struct model_file *files = NULL;
    if (read_files(j, n_folders ? folders : (const char **)(uintptr_t)everywhere,
                   n_folders ? n_folders : 1, &files, &in.n_files))
        return rk_fail(err, j->err.code, "%s", j->err.text);
    in.files = files;
    return model_read(&in, out, err);
}

/* Pool thread. */
static void read_work(void *ctx, const atomic_bool *cancelled)
{
    struct read_job *j = ctx;
    struct git_commit commit;
    struct rk_err none;
    rk_str bytes;
    (void)cancelled;
    if (git_commit_get(j->view, j->arena, j->rev, &commit, &none) == 0)
        j->subject = commit.subject;
    if (git_read(j->view, j->arena, j->rev, "reckon.yaml", 1u << 20, &bytes, &none) == 0)
        j->new_text = rk_arena_dup(j->arena, bytes.p, bytes.n);
    struct model *fresh = NULL;
    if (read_model(j, j->new_text, &fresh, &j->policy_err) == 0 &&
        (!j->policy_text || !j->new_text)) {
        j->model = fresh; /* nothing to hold it against, or observed only: stricter than all */
        return;
    }
    if (!fresh && !j->policy_text) {
        j->err = j->policy_err;
        return;
    }
    struct model *known = NULL;
    if (read_model(j, j->policy_text, &known, &j->err)) {
        model_free(fresh);
        return;
    }
    if (fresh && !model_loosens(j->arena, known, fresh, &j->loosens)) {
        j->model = fresh;
        model_free(known);
    } else {
        j->model = known;
        model_free(fresh);
    }
}

static void save_policy(struct core_repo *r)
{
    struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = doc_map(a);
    if (r->policy_text)
        doc_set_c(a, doc, "text", doc_string_c(a, r->policy_text));
    char *name = rk_asprintf("policy-%s", r->settings->name);
    struct rk_err err = {0};
    if (record_state_write(r->engine->state_dir, name, doc, &err))
        engine_activity(r->engine, NULL, RK_LOG_ERROR, "reckon", "policy not kept: %s", err.text);
    free(name);
    rk_arena_free(a);
}

void core_policy_load(struct core_repo *r)
{
    struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = NULL;
    struct rk_err err;
    char *name = rk_asprintf("policy-%s", r->settings->name);
    if (record_state_read(r->engine->state_dir, name, a, &doc, &err) == 0 && doc) {
        rk_str text = doc_get_text(doc, "text");
        r->policy_text = text.p ? rk_str_dup(text) : NULL;
    }
    free(name);
    rk_arena_free(a);
}

static void replace(char **at, const char *text)
{
    char *copy = text ? rk_strdup(text) : NULL;
    free(*at);
    *at = copy;
}

/* Decides what governs from now on, and says so when it is not what git says. */
static void take_policy(struct core_repo *r, const struct read_job *j)
{
    bool waits = j->loosens || j->policy_err.code;
    replace(&r->next_text, j->loosens ? j->new_text : NULL);
    if (j->loosens && !rk_streq(r->next_what, j->loosens))
        engine_activity(r->engine, NULL, RK_LOG_WARN, "reckon",
                        "policy of %.7s is looser and waits for acknowledgement: %s", j->rev,
                        j->loosens);
    replace(&r->next_what, j->loosens);
    r->policy_trouble[0] = 0;
    if (j->policy_err.code) {
        (void)snprintf(r->policy_trouble, sizeof r->policy_trouble,
                       "%s; the policy acknowledged last stays in force", j->policy_err.text);
        engine_activity(r->engine, NULL, RK_LOG_ERROR, "reckon", "%s", r->policy_trouble);
    }
    /* Without a reckon.yaml nothing is written; the last one stays what a new one is held
     * against, so that removing it and adding a looser one is a loosening all the same. */
    if (!waits && j->new_text && !rk_streq(r->policy_text, j->new_text)) {
        replace(&r->policy_text, j->new_text);
        save_policy(r);
    }
}

static void read_done(void *ctx, bool cancelled)
{
    struct read_job *j = ctx;
    struct core_repo *r = j->repo;
    core_repo_give_back(r, j->view);
    r->reading[0] = 0;
    if (j->model && !cancelled && !r->engine->stopping) {
        struct model *old = r->model;
        r->model = j->model;
        j->model = NULL;
        memcpy(r->head, j->rev, sizeof r->head);
        (void)snprintf(r->subject, sizeof r->subject, "%s", j->subject ? j->subject : "");
        take_policy(r, j);
        core_apps_update(r);
        model_free(old);
    } else if (j->err.code) {
        r->state = "stale";
        (void)snprintf(r->message, sizeof r->message, "%.7s: %s", j->rev, j->err.text);
        engine_activity(r->engine, NULL, RK_LOG_ERROR, "reckon", "%s", r->message);
    }
    model_free(j->model);
    free(j->policy_text);
    rk_arena_free(j->arena);
    free(j);
    engine_job_done(r->engine);
    if (r->engine->stopping)
        return;
    if (r->read_again) {
        r->read_again = false;
        core_repo_moved(r);
    }
    engine_told(r->engine);
}

void core_repo_moved(struct core_repo *r)
{
    char head[GIT_ID];
    git_mirror_head(r->mirror, head);
    if (!head[0] || (strcmp(head, r->head) == 0 && !r->policy_again))
        return;
    if (r->reading[0]) {
        r->read_again = true;
        return;
    }
    struct rk_err err = {0};
    struct git_view *v = core_repo_view(r, &err);
    if (!v)
        return;
    struct read_job *j = rk_alloc(sizeof *j);
    *j = (struct read_job){
        .repo = r, .view = v, .arena = rk_arena_new(), .url = r->settings->url,
        .floors = r->engine->settings.floors, .n_floors = r->engine->settings.n_floors,
        .policy_text = r->policy_text ? rk_strdup(r->policy_text) : NULL,
    };
    memcpy(j->rev, head, sizeof j->rev);
    memcpy(r->reading, head, sizeof r->reading);
    r->policy_again = false;
    r->engine->jobs++;
    r->job = run_job_start(r->engine->loop, read_work, read_done, j);
}

/* An operator took note of the loosening: it governs from now on. */
int core_repo_acknowledge(struct core_repo *r, struct rk_err *err)
{
    if (!r->next_text)
        return rk_fail(err, RK_NOT_FOUND, "no policy change waits for acknowledgement");
    replace(&r->policy_text, r->next_text);
    save_policy(r);
    replace(&r->next_text, NULL);
    replace(&r->next_what, NULL);
    r->policy_again = true;
    core_repo_moved(r);
    return 0;
}
