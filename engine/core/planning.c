/*
 * planning.c: a request -> a plan that people look at: which applications it is for, the commit it
 * makes, and what it does to each of them.
 *
 * sync plans what the current view (or a render at another revision) says; promote, revert and
 * adopt first make their commit without a ref and plan from its render. A revert of an environment
 * renders every application of it there; those that the commit changes nothing of are part of the
 * plan without work, so that it is stale when one of them moves.
 */
#include "core/core_int.h"

struct making {                         /* one application's part on its way */
    struct maker *maker;
    struct core_part *part;
    struct plan_options options;
    bool left_out;                      /* it is only seen to that nothing of it changes */
};
struct maker {
    struct engine *engine;
    struct core_plan *plan;
    struct making *parts;
    size_t left;                        /* parts on their way, and the loop that begins them */
    struct rk_err err;                  /* of the first that failed */
    core_plan_fn done;
    void *ctx;
};

static void refuse(struct maker *m)
{
    core_plan_free(m->plan);
    m->done(NULL, &m->err, m->ctx);
    free(m);
}

/* One fingerprint over those of all that change. */
static void sign(struct core_plan *p)
{
    struct rk_hmac h;
    uint8_t sum[RK_SHA256_LEN];
    rk_hmac_init(&h, p->engine->key);
    rk_hmac_field(&h, rk_str_c(p->environment));
    for (size_t i = 0; i < p->n_parts; i++) {
        rk_hmac_field(&h, rk_str_c(p->parts[i].app));
        rk_hmac_field(&h, rk_str_c(p->parts[i].work ? p->parts[i].work->plan.fingerprint : ""));
    }
    rk_hmac_end(&h, sum);
    rk_hex(sum, sizeof sum, p->fingerprint);
}

static void finish(struct maker *m)
{
    struct core_plan *p = m->plan;
    const struct core_part *first = core_plan_first(p);
    if (!m->err.code && !first)
        (void)rk_fail(&m->err, RK_NOT_FOUND, "%s %s: it changes nothing that an application of it "
                      "renders", p->kind, p->environment);
    if (m->err.code) {
        refuse(m);
        return;
    }
    p->revision = rk_arena_strdup(p->arena, first->work->revision);
    if (p->environment)
        sign(p);
    else
        memcpy(p->fingerprint, first->work->plan.fingerprint, sizeof p->fingerprint);
    core_plan_free(rk_map_set(m->engine->plans, p->fingerprint, p));
    m->done(p, NULL, m->ctx);
    free(m);
}

static void one_less(struct maker *m, const struct rk_err *err)
{
    if (err && !m->err.code)
        m->err = *err;
    if (--m->left == 0)
        finish(m);
}

static const char *commits_text(struct core_plan *p)
{
    if (!p->change)
        return NULL;
    /* the id of the commit moves with the tip: what counts is the bytes that change */
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < p->change->n_edits; i++)
        rk_buf_f(&text, "%s:%s->%s\n", p->change->edits[i].file, p->change->edits[i].before,
                 p->change->edits[i].after);
    return rk_arena_dup(p->arena, text.p, text.n);
}

static void plan_view(struct making *k, struct core_view *v)
{
    struct core_plan *p = k->maker->plan;
    struct core_app *app = rk_map_get(p->engine->apps, k->part->app);
    struct rk_err err = {0};
    int rc = !app || !app->model
                 ? rk_fail(&err, RK_NOT_FOUND, "application %s left git", k->part->app)
                 : core_work_make(app, v, p->kind, &k->options, commits_text(p), &k->part->work,
                                  &err);
    one_less(k->maker, rc ? &err : NULL);
}

static void looked(struct core_view *v, void *ctx)
{
    plan_view(ctx, v);
    core_view_unref(v);
}

static void rendered(struct core_app *app, struct core_desired *d, const struct rk_err *err,
                     void *ctx)
{
    struct making *k = ctx;
    if (err) {
        one_less(k->maker, err);
        return;
    }
    struct rk_err touched = {0};
    if (k->maker->plan->environment && strcmp(d->digest, k->part->was) == 0)
        one_less(k->maker, NULL); /* the commit changes nothing of it */
    else if (k->left_out && rk_fail(&touched, RK_CONFLICT, "%s is left out, but the commit would "
                                    "change it, too: leave out the files that it shares",
                                    k->part->app))
        one_less(k->maker, &touched);
    else
        core_look_settled(app, d, looked, k);
    core_desired_unref(d);
}

/* ---- which applications ---- */
static int find_promotion(struct engine *e, const struct wire_plan_params *p,
                          struct core_app **target, struct core_app **source, struct rk_err *err)
{
    if (!p->to)
        return rk_fail(err, RK_INVALID, "promote needs the environment to promote to");
    for (size_t i = 0; i < e->n_repos; i++) {
        const struct model *m = e->repos[i].model;
        const struct model_app *given = m ? model_find(m, p->app) : NULL;
        const char *app = given ? given->app : p->app;
        const struct model_app *to = m ? model_app_in(m, app, p->to) : NULL;
        if (!to)
            continue;
        const struct model_environment *from = model_next_environment(m, app, p->to, -1);
        const struct model_app *src = from ? model_app_in(m, app, from->name) : NULL;
        if (!from || !src)
            return rk_fail(err, RK_INVALID, "%s: no environment before %s holds it", app, p->to);
        if (given && given != src && given != to)
            return rk_fail(err, RK_DENIED, "%s: %s comes after %s; no environment is skipped", app,
                           p->to, from->name);
        *target = rk_map_get(e->apps, to->name);
        *source = rk_map_get(e->apps, src->name);
        return 0;
    }
    return rk_fail(err, RK_NOT_FOUND, "no application %s in environment %s", p->app, p->to);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct core_app *const *)a)->name, (*(struct core_app *const *)b)->name);
}

size_t core_apps_of(const struct engine *e, const char *environment, struct rk_arena *a,
                    struct core_app ***out)
{
    const char *name;
    void *value;
    size_t n = 0;
    *out = rk_arena_array(a, rk_map_count(e->apps) + 1, sizeof **out);
    for (size_t it = 0; environment && rk_map_next(e->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (app->model && rk_streq(app->policy.environment, environment))
            (*out)[n++] = app;
    }
    qsort(*out, n, sizeof **out, by_name);
    return n;
}

static bool is_left_out(const struct engine *e, const struct wire_plan_params *p,
                        const struct core_app *app)
{
    for (size_t i = 0; i < p->n_leave_out; i++)
        if (engine_app(e, p->leave_out[i]) == app)
            return true;
    return false;
}

/* Each that is left out is one of the environment. */
static int check_left_out(const struct engine *e, const struct wire_plan_params *p,
                          struct core_app *const *apps, size_t n, struct rk_err *err)
{
    for (size_t i = 0; i < p->n_leave_out; i++) {
        const struct core_app *out = engine_app(e, p->leave_out[i]);
        size_t k = 0;
        while (k < n && apps[k] != out)
            k++;
        if (k == n)
            return rk_fail(err, RK_INVALID, "%s is no application of %s: it cannot be left out",
                           p->leave_out[i], p->app);
    }
    return 0;
}

/* An application, or for a revert an environment: all of it. */
static int find_apps(struct maker *m, const struct wire_plan_params *p, struct core_app ***out,
                     size_t *n, struct rk_err *err)
{
    struct engine *e = m->engine;
    struct core_app *app = engine_app(e, p->app);
    *n = app ? 0 : core_apps_of(e, p->app, m->plan->arena, out);
    if (*n && rk_streq(p->kind, "revert")) {
        m->plan->environment = rk_arena_strdup(m->plan->arena, p->app);
        return check_left_out(e, p, *out, *n, err);
    }
    if (p->n_leave_out)
        return rk_fail(err, RK_INVALID, "applications are left out of the revert of an environment "
                       "only");
    if (*n > 1)
        return rk_fail(err, RK_INVALID, "environment %s holds %zu applications: name one", p->app,
                       *n);
    if (*n == 1)
        return 0;
    app = engine_app_asked(e, p->app, err);
    *out = rk_arena_array(m->plan->arena, 1, sizeof **out);
    (*out)[(*n)++] = app;
    return app ? 0 : -1;
}

static int check_ready(const struct core_app *app, struct rk_err *err)
{
    if (app->has_error)
        return rk_fail(err, app->error.code, "%s: %s", app->name, app->error.text);
    if (!app->model)
        return rk_fail(err, RK_NOT_FOUND, "%s: its Application left git", app->name);
    if (!app->cluster || !app->cluster->cluster)
        return rk_fail(err, RK_UNAVAILABLE, "%s: its cluster is not configured", app->name);
    if (!app->view || !app->view->desired)
        return rk_fail(err, RK_UNAVAILABLE, "%s: not compared yet (%s)", app->name,
                       app->cluster->message[0] ? app->cluster->message : "starting");
    return 0;
}

static int read_options(struct making *k, const struct core_app *app,
                        const struct wire_plan_params *p, struct rk_err *err)
{
    struct plan_options *o = &k->options;
    struct rk_arena *a = k->maker->plan->arena;
    core_work_options(app, o);
    o->prune |= p->prune;
    o->force |= p->force;
    o->dry_run = p->dry_run;
    o->confirmed = true; /* a person arms it */
    struct kube_key *only = rk_arena_array(a, p->n_resources + 1, sizeof *only);
    for (size_t i = 0; i < p->n_resources; i++) {
        struct kube_key key;
        if (!kube_key_parse(rk_str_c(p->resources[i]), &key))
            return rk_fail(err, RK_INVALID, "%s: wanted GROUP/KIND/NAMESPACE/NAME",
                           p->resources[i]);
        only[i] = kube_key_copy(a, &key);
    }
    o->only = only;
    o->n_only = p->n_resources;
    /* a commit alone, no object is of this key: what else differs is not what was asked about */
    if (rk_streq(p->kind, "ignore") ||
        (rk_streq(p->kind, "adopt") && p->n_resources + p->n_paths > 0)) {
        only[0] = (struct kube_key){0};
        o->n_only = 1;
    }
    return 0;
}

static int add_parts(struct maker *m, struct core_app *const *apps, size_t n,
                     const struct wire_plan_params *params, struct rk_err *err)
{
    struct core_plan *p = m->plan;
    p->parts = rk_arena_array(p->arena, n, sizeof *p->parts);
    m->parts = rk_arena_array(p->arena, n, sizeof *m->parts);
    for (size_t i = 0; i < n; i++) {
        if (apps[i]->repo != apps[0]->repo)
            return rk_fail(err, RK_INVALID, "environment %s lies in more than one repository (%s, "
                           "%s): name an application", p->environment,
                           apps[0]->repo->settings->name, apps[i]->repo->settings->name);
        if (check_ready(apps[i], err))
            return -1;
        p->parts[i].app = rk_arena_strdup(p->arena, apps[i]->name);
        memcpy(p->parts[i].was, apps[i]->view->desired->digest, sizeof p->parts[i].was);
        m->parts[i] = (struct making){.maker = m, .part = &p->parts[i],
                                      .left_out = is_left_out(m->engine, params, apps[i])};
        if (read_options(&m->parts[i], apps[i], params, err))
            return -1;
        p->n_parts++;
    }
    return 0;
}

/* ---- creating ---- */
/* The revision to render; "": the views as they are. */
static int choose_revision(struct core_plan *p, struct core_app *app, const char *asked,
                           char rev[GIT_ID], struct rk_err *err)
{
    rev[0] = 0;
    if (p->change) /* with conflicts there is none: the plan shows them and what runs now */
        memcpy(rev, p->change->preview, GIT_ID);
    if (p->change || !asked)
        return 0;
    struct git_view *v = core_repo_view(app->repo, err);
    p->at_revision = true;
    int rc = v ? git_resolve(v, asked, rev, err) : -1;
    if (v)
        core_repo_give_back(app->repo, v);
    return rc;
}

static int begin(struct maker *m, const struct core_plan_request *r, struct rk_err *err)
{
    const struct wire_plan_params *p = r->params;
    struct core_plan *plan = m->plan;
    struct core_app *target = NULL, *source = NULL, **apps = &target;
    size_t n = 1;
    char rev[GIT_ID];
    bool promote = rk_streq(p->kind, "promote"), sync = rk_streq(p->kind, "sync");
    if (!sync && !promote && !rk_streq(p->kind, "revert") && !rk_streq(p->kind, "adopt") &&
        !rk_streq(p->kind, "ignore"))
        return rk_fail(err, RK_INVALID, "no plan of kind %s", p->kind ? p->kind : "(none)");
    if (promote ? find_promotion(m->engine, p, &target, &source, err)
                : find_apps(m, p, &apps, &n, err))
        return -1;
    plan->source = source ? rk_arena_strdup(plan->arena, source->name) : NULL;
    if (add_parts(m, apps, n, p, err) || (source && check_ready(source, err)))
        return -1;
    struct core_app **kept = rk_arena_array(plan->arena, n + 1, sizeof *kept);
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!m->parts[i].left_out)
            kept[n_kept++] = apps[i];
    if (!n_kept)
        return rk_fail(err, RK_INVALID, "every application of %s is left out", plan->environment);
    const struct core_change_request change = {plan->environment, kept, n_kept, source, p, r->actor,
                                               r->email};
    if (!sync && core_change_make(m->engine, &change, &plan->change, err))
        return -1;
    if (choose_revision(plan, apps[0], sync ? p->rev : NULL, rev, err))
        return -1;
    m->left = n + 1; /* answers may come at once */
    for (size_t i = 0; i < n; i++)
        if (rev[0])
            core_render(apps[i], rev, rendered, &m->parts[i]);
        else if (m->parts[i].left_out)
            one_less(m, NULL);
        else
            plan_view(&m->parts[i], apps[i]->view);
    one_less(m, NULL);
    return 0;
}

void core_plan_create(struct engine *e, const struct core_plan_request *r, core_plan_fn done,
                      void *ctx)
{
    struct rk_arena *a = rk_arena_new();
    struct maker *m = rk_alloc(sizeof *m);
    *m = (struct maker){.engine = e, .done = done, .ctx = ctx};
    m->plan = rk_arena_alloc(a, sizeof *m->plan);
    *m->plan = (struct core_plan){
        .engine = e, .arena = a, .kind = rk_arena_strdup(a, r->params->kind),
        .actor = rk_arena_strdup(a, r->actor), .email = rk_arena_strdup(a, r->email),
        .created = rk_wall_ms(), .can_write = r->can_write,
        .why_readonly = rk_arena_strdup(a, r->why_readonly), .uid = r->uid,
        .dry_run = r->params->dry_run,
    };
    m->plan->expires = m->plan->created + CORE_PLAN_TTL_MS;
    struct rk_err err = {0}; /* of a change with conflicts it stays set: they are part of the plan */
    if (begin(m, r, &err)) {
        m->err = err;
        refuse(m);
    }
}
