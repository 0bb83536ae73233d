/*
 * rows.c: the engine's state as wire structs: what clients see. Reads only; everything it gives
 * lives in the arena handed in, or in the engine until the next turn of the loop.
 */
#include "core/core_int.h"

const char *core_key_text(struct rk_arena *mem, const struct kube_key *k)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    kube_key_text(&text, k);
    return rk_arena_dup(mem, text.p, text.n);
}

const char *core_safe(struct rk_arena *mem, rk_str foreign)
{
    if (!foreign.n)
        return NULL;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_text_safe(&text, foreign, 0);
    return rk_arena_dup(mem, text.p, text.n);
}

/* ---- one application ---- */
static bool has_word(const struct rk_buf *words, rk_str word)
{
    rk_str rest = rk_buf_view(words);
    while (rest.n)
        if (rk_str_eq(rk_str_cut(rest, ' ', &rest), word))
            return true;
    return false;
}

static void add_tags(struct rk_buf *out, const struct doc_node *containers)
{
    for (size_t i = 0; i < doc_count(containers); i++) {
        rk_str image = doc_get_text(doc_at(containers, i), "image"), tag = image;
        for (size_t c = image.n; c > 0 && image.p[c - 1] != '/'; c--)
            if (image.p[c - 1] == ':' || image.p[c - 1] == '@') {
                tag = (rk_str){image.p + c, image.n - c};
                break;
            }
        if (tag.n > 20)
            tag.n = 20;
        if (!image.n || has_word(out, tag))
            continue;
        rk_buf_f(out, "%s" RK_FMT_STR, out->n ? " " : "", RK_ARG_STR(tag));
    }
}

static const char *version_of(const struct core_view *v, struct rk_arena *mem)
{
    struct rk_buf tags rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; v && i < v->n; i++) {
        const struct plan_object *o = &v->objects[i];
        const struct doc_node *doc = o->live ? o->live->doc : o->desired->doc;
        add_tags(&tags, doc_walk(doc, "spec.template.spec.containers"));
    }
    return tags.n ? rk_arena_dup(mem, tags.p, tags.n) : NULL;
}

/* The store's: "cluster main: unreachable, as of 2026-11-21T03:14:15Z: connection refused". */
static const char *explain_age(const struct core_app *a, int64_t since, struct rk_arena *mem)
{
    char at[32];
    bool ok = cluster_state(a->cluster->cluster) == CLUSTER_OK;
    const char *why = a->cluster->message;
    rk_time_format(since, at);
    return rk_arena_f(mem, "cluster %s: %s, as of %s%s%s", a->cluster->settings->name,
                      ok ? "being read again" : "unreachable", at, why[0] ? ": " : "",
                      why[0] ? core_safe(mem, rk_str_c(why)) : "");
}

enum model_verdict core_app_verdict(const struct core_app *a)
{
    return a->view && !a->has_error && !core_app_since(a) ? a->view->verdict : MODEL_UNKNOWN;
}

enum model_health core_app_health(const struct core_app *a)
{
    return a->view && !a->has_error && !core_app_since(a) ? a->view->health : MODEL_HEALTH_UNKNOWN;
}

static const char *explain(const struct core_app *a, struct rk_arena *mem)
{
    int64_t since = core_app_since(a);
    if (a->has_error)
        return core_safe(mem, rk_str_c(a->error.text));
    if (since)
        return explain_age(a, since, mem);
    if (a->cluster && a->cluster->message[0])
        return core_safe(mem, rk_str_c(a->cluster->message));
    if (a->view && a->view->message)
        return core_safe(mem, rk_str_c(a->view->message));
    const char *waits = core_render_waits(a, mem);
    if (waits)
        return core_safe(mem, rk_str_c(waits));
    if (!a->view)
        return a->model ? "not compared yet" : core_safe(mem, rk_str_c(a->held_text));
    const struct core_view *v = a->view;
    if (v->verdict != MODEL_OUT_OF_SYNC)
        return core_stale_text(a, mem);
    return rk_arena_f(mem, "%zu changed, %zu missing, %zu to prune", v->drifted, v->missing,
                      v->extras);
}

void core_wire_app(const struct core_app *a, struct rk_arena *mem, struct wire_app *out)
{
    const struct core_view *v = a->view;
    const struct sync_operation *op = sync_running(a->engine->sync, a->name);
    enum model_verdict verdict = core_app_verdict(a);
    *out = (struct wire_app){
        .name = a->name, .app = a->model ? a->model->app : a->name,
        .environment = a->policy.environment, .project = a->model ? a->model->project : NULL,
        .cluster = a->cluster ? a->cluster->settings->name : NULL,
        .namespace = a->model ? a->model->namespace : NULL,
        .verdict = model_verdict_name[verdict], .health = model_health_name[core_app_health(a)],
        .message = explain(a, mem), .version = version_of(v, mem),
        .revision = verdict == MODEL_SYNCED && a->synced[0] ? a->target : a->synced,
        .target = a->target,
        .drifted = v ? (int64_t)v->drifted : 0, .objects = (int64_t)(v ? v->n : a->model ? 0 : a->inventory.n),
        .changed = (int64_t)a->changed_seq, .held = a->held ? a->held_text : NULL,
        .operation = op ? op->id : NULL, .locked = a->policy.locked,
        .observe = a->policy.sync == MODEL_OBSERVE,
    };
}

/* ---- the list ---- */
static bool matches(const struct wire_app *row, const struct wire_apps_params *p)
{
    if (p->environment && !rk_streq(p->environment, row->environment))
        return false;
    const char *in[] = {row->name, row->app, row->namespace, row->verdict, row->health,
                        row->environment, row->held ? "held" : NULL, row->version};
    rk_str rest = rk_str_c(p->filter), word;
    while (rest.n) {
        word = rk_str_cut(rest, ' ', &rest);
        bool found = word.n == 0;
        for (size_t i = 0; i < RK_LEN(in) && !found; i++)
            found = in[i] && memmem(in[i], strlen(in[i]), word.p, word.n) != NULL;
        if (!found)
            return false;
    }
    return true;
}

static size_t environment_rank(const struct engine *e, const char *name)
{
    for (size_t i = 0; name && i < e->n_repos; i++)
        for (size_t k = 0; e->repos[i].model && k < e->repos[i].model->n_environments; k++)
            if (rk_streq(e->repos[i].model->environments[k].name, name))
                return k;
    return SIZE_MAX;
}

struct ranked {
    struct wire_app row;
    size_t environment;
    int problem;
    bool by_app, by_problem;
};

static int problem_of(const struct wire_app *r)
{
    if (rk_streq(r->health, "Degraded"))
        return 0;
    if (rk_streq(r->verdict, "Unknown"))
        return 1;
    if (r->held)
        return 2;
    return rk_streq(r->verdict, "OutOfSync") ? 3 : rk_streq(r->health, "Healthy") ? 5 : 4;
}

/* Of environments that nobody configured; of none at all comes last. */
static int order_of(const char *a, const char *b)
{
    return !a || !b ? (a == NULL) - (b == NULL) : strcmp(a, b);
}

static int rank_cmp(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    if (a->by_problem && a->problem != b->problem)
        return a->problem < b->problem ? -1 : 1;
    int by_app = strcmp(a->row.app, b->row.app);
    if (a->by_app && by_app)
        return by_app;
    if (a->environment != b->environment)
        return a->environment < b->environment ? -1 : 1;
    int by_name = order_of(a->row.environment, b->row.environment);
    if (by_name)
        return by_name;
    return strcmp(a->row.name, b->row.name);
}

static void count(struct wire_counts *c, const struct wire_app *r)
{
    const struct { const char *word; int64_t *at; } verdicts[] = {
        {"Synced", &c->synced}, {"OutOfSync", &c->out_of_sync}, {"Unknown", &c->unknown}};
    const struct { const char *word; int64_t *at; } healths[] = {
        {"Healthy", &c->healthy}, {"Progressing", &c->progressing}, {"Degraded", &c->degraded},
        {"Missing", &c->missing}, {"Suspended", &c->suspended}, {"Unknown", &c->health_unknown}};
    c->total++;
    c->held += r->held != NULL;
    c->operations += r->operation != NULL;
    for (size_t i = 0; i < RK_LEN(verdicts); i++)
        *verdicts[i].at += rk_streq(verdicts[i].word, r->verdict);
    for (size_t i = 0; i < RK_LEN(healths); i++)
        *healths[i].at += rk_streq(healths[i].word, r->health);
}

/* ---- the parts of the environments ---- */
struct groups {
    struct wire_group *v;
    size_t *rank;               /* where each stands in promotion order */
    size_t n, cap, cap_rank;
};

static struct wire_group *group_of(struct groups *g, const char *environment, size_t rank,
                                   struct rk_arena *mem)
{
    size_t i = g->n;
    for (size_t k = 0; k < g->n; k++)
        if (rk_streq(g->v[k].environment, environment))
            return &g->v[k];
    g->v = rk_arena_grow(mem, g->v, g->n, &g->cap, sizeof *g->v);
    g->rank = rk_arena_grow(mem, g->rank, g->n++, &g->cap_rank, sizeof *g->rank);
    for (; i > 0 && (g->rank[i - 1] > rank || (g->rank[i - 1] == rank && order_of(
                     g->v[i - 1].environment, environment) > 0)); i--) {
        g->v[i] = g->v[i - 1];
        g->rank[i] = g->rank[i - 1];
    }
    g->v[i] = (struct wire_group){.environment = environment};
    g->rank[i] = rank;
    return &g->v[i];
}

static bool folded(const struct wire_apps_params *p, const char *environment)
{
    for (size_t i = 0; i < p->n_folded; i++)
        if (rk_streq(p->folded[i], environment ? environment : ""))
            return true;
    return false;
}

void core_wire_page(const struct engine *e, const struct wire_apps_params *p, struct rk_arena *mem,
                    struct wire_app_page *out)
{
    struct groups groups = {0};
    size_t n = 0;
    struct ranked *rows = rk_arena_array(mem, rk_map_count(e->apps) + 1, sizeof *rows);
    const char *name;
    void *value;
    *out = (struct wire_app_page){.offset = p->offset > 0 ? p->offset : 0};
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);) {
        struct ranked *r = &rows[n];
        core_wire_app(value, mem, &r->row);
        count(&out->counts, &r->row);
        r->environment = environment_rank(e, r->row.environment);
        struct wire_group *g = group_of(&groups, r->row.environment, r->environment, mem);
        count(&g->counts, &r->row);
        if (!matches(&r->row, p) || folded(p, r->row.environment))
            continue;
        g->rows++;
        r->problem = problem_of(&r->row);
        r->by_app = rk_streq(p->sort, "application");
        r->by_problem = rk_streq(p->sort, "problems");
        n++;
    }
    out->groups = groups.v;
    out->n_groups = groups.n;
    qsort(rows, n, sizeof *rows, rank_cmp);
    size_t limit = p->limit > 0 && p->limit < 200 ? (size_t)p->limit : 200;
    size_t from = (size_t)out->offset < n ? (size_t)out->offset : n;
    out->total = (int64_t)n;
    out->n_apps = n - from < limit ? n - from : limit;
    out->apps = rk_arena_array(mem, out->n_apps + 1, sizeof *out->apps);
    for (size_t i = 0; i < out->n_apps; i++) {
        out->apps[i] = rows[from + i].row;
        out->apps[i].index = (int64_t)(from + i);
    }
}

/* ---- detail ---- */
const char *core_policy_line(const struct core_app *a, struct rk_arena *mem)
{
    static const char *const words[] = {"auto", "manual", "observe"};
    const struct model_policy *p = &a->policy;
    return rk_arena_f(mem, "%s%s, %s, %s%s", words[p->sync], p->locked ? ", locked" : "",
                      p->prune && a->model && a->model->prune ? "prune" : "no prune",
                      p->self_heal && a->model && a->model->self_heal ? "selfHeal" : "no selfHeal",
                      p->configured ? "" : " (no environment of reckon.yaml matches)");
}

static void add_causes(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    const struct core_view *v = a->view;
    out->causes = rk_arena_array(mem, (v ? v->n : 0) + 1, sizeof *out->causes);
    for (size_t i = 0; v && i < v->n; i++) {
        enum model_health h = v->healths[i].health;
        if (h == MODEL_HEALTHY || h == MODEL_NONE)
            continue;
        out->causes[out->n_causes++] = (struct wire_cause){
            core_key_text(mem, &v->pairs[i]->key), model_health_name[h],
            core_safe(mem, rk_str_c(v->healths[i].message))};
    }
}

static void add_lints(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    size_t n_model = a->model ? a->model->lints.n : 0;
    size_t n_render = a->desired ? a->desired->render->n_lints : 0;
    out->lints = rk_arena_array(mem, n_model + n_render + 1, sizeof *out->lints);
    for (size_t i = 0; i < n_model; i++) {
        const struct model_lint *l = &a->model->lints.v[i];
        out->lints[out->n_lints++] = (struct wire_lint){core_safe(mem, rk_str_c(l->text)), l->file,
                                                        l->line};
    }
    for (size_t i = 0; i < n_render; i++) {
        const struct render_lint *l = &a->desired->render->lints[i];
        out->lints[out->n_lints++] = (struct wire_lint){core_safe(mem, rk_str_c(l->text)), l->file,
                                                        l->line};
    }
}

static void add_siblings(const struct core_app *a, struct rk_arena *mem,
                         struct wire_app_detail *out)
{
    const struct rk_map *apps = a->engine->apps;
    const char *name;
    void *value;
    out->siblings = rk_arena_array(mem, rk_map_count(apps) + 1, sizeof *out->siblings);
    for (size_t it = 0; a->model && rk_map_next(apps, &it, &name, &value);) {
        const struct core_app *other = value;
        if (other != a && other->model && rk_streq(other->model->app, a->model->app))
            core_wire_app(other, mem, &out->siblings[out->n_siblings++]);
    }
}

static void add_last(const struct core_app *a, struct wire_app_detail *out)
{
    const struct sync_operation *op = NULL;
    size_t total;
    if (!sync_list(a->engine->sync, a->name, false, &op, 0, 1, &total))
        return;
    out->last_operation = op->kind;
    out->last_result = sync_state_name[op->state];
    out->last_actor = op->actor;
    out->last_time = op->finished ? op->finished : op->started;
}

static void add_commit(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    struct rk_err none;
    struct git_commit c;
    struct git_view *v = a->target[0] ? core_repo_view(a->repo, &none) : NULL;
    if (!v)
        return;
    if (git_commit_get(v, mem, a->target, &c, &none) == 0) {
        out->commit_subject = core_safe(mem, rk_str_c(c.subject));
        out->commit_author = core_safe(mem, rk_str_c(c.author));
        out->commit_time = c.time;
    }
    core_repo_give_back(a->repo, v);
}

void core_wire_detail(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    *out = (struct wire_app_detail){
        .repository = a->repo->settings->name,
        .path = !a->model ? NULL : a->model->chart[0] ? a->model->chart : a->model->path,
        .server = a->model ? a->model->server : NULL, .file = a->model ? a->model->file : NULL,
        .line = a->model ? a->model->line : 0, .policy = core_policy_line(a, mem),
        .error = a->has_error ? core_safe(mem, rk_str_c(a->error.text)) : NULL,
        .next = {a->next_action, a->next_reason, a->next_at,
                 rk_streq(a->next_action, "none") ? NULL : "freeze"},
        .last_good = a->good,
    };
    core_wire_app(a, mem, &out->row);
    core_wire_sources(a, mem, out);
    add_causes(a, mem, out);
    add_lints(a, mem, out);
    add_siblings(a, mem, out);
    add_last(a, out);
    add_commit(a, mem, out);
}

/* ---- resources ---- */
static const char *resource_verdict(const struct core_pair *p)
{
    switch (p->drift.verdict) {
    case DRIFT_SAME:
        return "Synced";
    case DRIFT_MISSING:
    case DRIFT_EXTRA:
    case DRIFT_CHANGED:
        return "OutOfSync";
    case DRIFT_NEEDS_SERVER:
        break;
    }
    return "Unknown";
}

static size_t counted_fields(const struct drift_object *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_fields; i++)
        n += !d->fields[i].ignored;
    return n;
}

void core_wire_resources(const struct core_app *a, const struct wire_resources_params *p,
                         struct rk_arena *mem, struct wire_resource_page *out)
{
    const struct core_view *v = a->view;
    size_t n = v ? v->n : 0, from = p->offset > 0 ? (size_t)p->offset : 0;
    size_t limit = p->limit > 0 ? (size_t)p->limit : n;
    from = from < n ? from : n;
    *out = (struct wire_resource_page){.offset = (int64_t)from, .total = (int64_t)n};
    out->resources = rk_arena_array(mem, n - from + 1, sizeof *out->resources);
    for (size_t i = from; v && i < n && out->n_resources < limit; i++) {
        const struct core_pair *pair = v->pairs[i];
        const struct kube_object *o = pair->desired ? pair->desired : &pair->live->object;
        const struct doc_marks *marks = v->desired ? v->desired->render->marks : NULL;
        const struct doc_mark *m = pair->desired && marks ? doc_marks_get(marks, o->doc->mark) : NULL;
        int64_t wave = 0, created = 0;
        (void)rk_str_int(kube_annotation(o, "argocd.argoproj.io/sync-wave"), &wave);
        if (pair->live)
            (void)rk_time_parse(doc_get_text(doc_get(pair->live->object.doc, "metadata"),
                                             "creationTimestamp"), &created);
        out->resources[out->n_resources++] = (struct wire_resource){
            .object = core_key_text(mem, &pair->key),
            .version = rk_arena_dup(mem, o->version.p ? o->version.p : "", o->version.n),
            .verdict = resource_verdict(pair), .health = model_health_name[v->healths[i].health],
            .message = core_safe(mem, rk_str_c(pair->error ? pair->error : v->healths[i].message)),
            .wave = wave, .drifted = (int64_t)counted_fields(&pair->drift), .created = created,
            .prune = pair->drift.verdict == DRIFT_EXTRA, .foreign = pair->foreign != NULL,
            .hook = kube_annotation(o, "argocd.argoproj.io/hook").n > 0,
            .file = m ? doc_marks_file(marks, m->file) : NULL, .line = m ? m->line : 0,
        };
    }
}
