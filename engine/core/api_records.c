/*
 * api_records.c: history, audit, commits: what git remembers; the route of the promotion matrix.
 */
#include "core/core_int.h"

static size_t limit_of(int64_t asked, size_t most)
{
    return asked > 0 && (size_t)asked < most ? (size_t)asked : most;
}

/* ---- what the reads of this file are given ---- */
struct record_read {
    struct core_read base;              /* first */
    const char *state_dir, *git_dir, *app, *environment, *target, *source;
    const char **paths; size_t n_paths;
    int64_t since;
    size_t offset, limit;
    union {
        struct wire_history history;
        struct wire_audit audit;
        struct wire_verify verify;
        struct wire_commit commit;
    } out;
};

static struct record_read *record_read_of(struct core_read *r)
{
    return (struct record_read *)(void *)r;
}

static int start(struct core_request *r, struct core_repo *repo, struct record_read *j,
                 struct rk_err *err)
{
    j->base.out = &j->out;
    j->state_dir = r->engine->state_dir;
    j->git_dir = repo->mirror ? git_mirror_dir(repo->mirror) : NULL;
    return core_read_start(&j->base, r, repo, err);
}

static struct core_repo *first_repo(struct engine *e, struct rk_err *err)
{
    for (size_t i = 0; i < e->n_repos; i++)
        if (e->repos[i].mirror)
            return &e->repos[i];
    (void)rk_fail(err, RK_UNAVAILABLE, "no repository is configured");
    return NULL;
}

/* ---- history of an application: audit entries and commits that touched what it reads ---- */
struct rows { struct wire_history_row *v; size_t n, cap; struct rk_arena *mem; };

static struct wire_history_row *add_row(struct rows *h)
{
    h->v = rk_arena_grow(h->mem, h->v, h->n, &h->cap, sizeof *h->v);
    return &h->v[h->n++];
}

static void add_audit(struct rows *h, const struct record_read *j)
{
    struct record_audit *e = NULL;
    size_t n = 0, total = 0;
    struct rk_err none;
    if (record_log_list(j->base.view, j->state_dir, j->environment, 0, 0, 500, h->mem, &e, &n, &total,
                        &none))
        return;
    for (size_t i = 0; i < n; i++) {
        if (!rk_streq(e[i].app, j->app) || rk_streq(e[i].stage, "intent"))
            continue;
        *add_row(h) = (struct wire_history_row){
            .time = e[i].time, .kind = e[i].kind, .actor = core_safe(h->mem, rk_str_c(e[i].actor)),
            .from = e[i].from, .to = e[i].to, .result = e[i].result,
            .reason = core_safe(h->mem, rk_str_c(e[i].reason)),
            .subject = core_safe(h->mem, rk_str_c(e[i].message)), .id = e[i].id, .source = "audit",
            .duration_ms = e[i].finished && e[i].started ? e[i].finished - e[i].started : 0,
            .app = j->app, .environment = j->environment,
        };
    }
}

static void add_commits(struct rows *h, const struct record_read *j)
{
    struct git_commit *c = NULL;
    size_t n = 0;
    struct rk_err none;
    if (!j->n_paths || git_log(j->base.view, h->mem, j->target, j->paths, j->n_paths, 0, 200, &c, &n,
                               &none))
        return;
    for (size_t i = 0; i < n; i++)
        *add_row(h) = (struct wire_history_row){
            .time = c[i].time, .kind = "commit", .actor = core_safe(h->mem, rk_str_c(c[i].author)),
            .from = c[i].parent, .to = c[i].id, .id = c[i].id, .source = "commit",
            .subject = core_safe(h->mem, rk_str_c(c[i].subject)), .app = j->app,
            .environment = j->environment,
        };
}

static int newest_first(const void *pa, const void *pb)
{
    const struct wire_history_row *a = pa, *b = pb;
    return a->time == b->time ? 0 : a->time < b->time ? 1 : -1;
}

static int read_history(struct core_read *r)
{
    struct record_read *j = record_read_of(r);
    struct rows h = {.mem = j->base.mem};
    if (!rk_streq(j->source, "commit"))
        add_audit(&h, j);
    if (!rk_streq(j->source, "audit"))
        add_commits(&h, j);
    if (h.n)
        qsort(h.v, h.n, sizeof *h.v, newest_first);
    size_t from = j->offset < h.n ? j->offset : h.n;
    j->out.history = (struct wire_history){.offset = (int64_t)from, .total = (int64_t)h.n,
                                           .rows = h.v + from};
    j->out.history.n_rows = h.n - from < j->limit ? h.n - from : j->limit;
    return 0;
}

static int api_history(struct core_request *r, struct rk_err *err)
{
    const struct wire_history_params *p = r->params;
    const struct core_app *app = engine_app_asked(r->engine, p->app, err);
    if (!app)
        return -1;
    if (p->source && !rk_streq(p->source, "audit") && !rk_streq(p->source, "commit"))
        return rk_fail(err, RK_INVALID, "no history of source %s: audit or commit", p->source);
    const struct render_result *render = app->desired ? app->desired->render : NULL;
    struct record_read *j = rk_arena_alloc(r->arena, sizeof *j);
    *j = (struct record_read){
        .base.read = read_history, .app = rk_arena_strdup(r->arena, app->name),
        .environment = rk_arena_strdup(r->arena, app->policy.environment),
        .target = rk_arena_strdup(r->arena, app->target), .source = p->source,
        .offset = p->offset > 0 ? (size_t)p->offset : 0, .limit = limit_of(p->limit, 200),
    };
    j->paths = rk_arena_array(r->arena, (render ? render->n_deps : 0) + 1, sizeof *j->paths);
    for (size_t i = 0; render && i < render->n_deps; i++)
        if (render->deps[i].id[0])
            j->paths[j->n_paths++] = rk_arena_strdup(r->arena, render->deps[i].path);
    return start(r, app->repo, j, err);
}

/* ---- audit ---- */
static int read_audit(struct core_read *r)
{
    struct record_read *j = record_read_of(r);
    struct record_audit *v = NULL;
    size_t n = 0, total = 0;
    int rc = record_log_list(j->base.view, j->state_dir, j->environment, j->since, j->offset, j->limit,
                            j->base.mem, &v, &n, &total, &r->err);
    struct wire_audit_row *rows = rk_arena_array(j->base.mem, n + 1, sizeof *rows);
    for (size_t k = 0; k < n; k++)
        rows[k] = (struct wire_audit_row){
            .seq = v[k].seq, .time = v[k].time, .id = v[k].id, .kind = v[k].kind, .app = v[k].app,
            .environment = v[k].environment, .from = v[k].from, .to = v[k].to,
            .actor = core_safe(j->base.mem, rk_str_c(v[k].actor)), .approver = v[k].approver,
            .reason = core_safe(j->base.mem, rk_str_c(v[k].reason)),
            .result = v[k].result ? v[k].result : v[k].stage, .prev = v[k].prev,
            .commit = v[k].commit, .plan = v[k].plan, .pushed = v[k].pushed,
            .flagged = v[k].break_glass,
        };
    j->out.audit = (struct wire_audit){.offset = (int64_t)j->offset, .total = (int64_t)total,
                                       .rows = rows, .n_rows = n};
    return rc;
}

static int read_verify(struct core_read *r)
{
    struct record_read *j = record_read_of(r);
    struct record_verify *v = NULL;
    size_t n = 0;
    int rc = record_verify(j->git_dir, j->state_dir, j->environment, j->base.mem, &v, &n, &r->err);
    struct wire_verify_row *rows = rk_arena_array(j->base.mem, n + 1, sizeof *rows);
    j->out.verify = (struct wire_verify){.ok = true, .rows = rows, .n_rows = n};
    for (size_t k = 0; k < n; k++) {
        rows[k] = (struct wire_verify_row){v[k].environment, v[k].tip, v[k].message, v[k].ok,
                                           v[k].entries};
        j->out.verify.ok = j->out.verify.ok && v[k].ok;
    }
    return rc;
}

static int start_audit(struct core_request *r, int (*read)(struct core_read *j),
                       struct rk_err *err)
{
    const struct wire_audit_params *p = r->params;
    struct core_repo *repo = first_repo(r->engine, err);
    struct record_read *j = rk_arena_alloc(r->arena, sizeof *j);
    *j = (struct record_read){
        .base.read = read, .environment = p->environment, .since = p->since,
        .offset = p->offset > 0 ? (size_t)p->offset : 0, .limit = limit_of(p->limit, 200)};
    return repo ? start(r, repo, j, err) : -1;
}

static int api_audit(struct core_request *r, struct rk_err *err)
{
    return start_audit(r, read_audit, err);
}

static int api_verify(struct core_request *r, struct rk_err *err)
{
    return start_audit(r, read_verify, err);
}

/* ---- one commit ---- */
/* A diff shows a few lines only: whether the file is a Secret is read from the whole. */
static bool was_secret(struct git_view *v, struct rk_arena *a, const char *rev, const char *path)
{
    struct rk_err none;
    rk_str text;
    return rev && rev[0] && git_read(v, a, rev, path, 1u << 20, &text, &none) == 0 &&
           core_file_secret(text);
}

static void wire_changes(struct git_view *v, struct rk_arena *a, const struct git_commit *c,
                         const struct git_change *changes, size_t n, struct wire_commit *out)
{
    size_t room = WIRE_LINE_MAX / 2;
    out->files = rk_arena_array(a, n + 1, sizeof *out->files);
    for (size_t i = 0; i < n && i < 200; i++) {
        const char *path = changes[i].path;
        bool secret = was_secret(v, a, c->id, path) || was_secret(v, a, c->parent, path);
        const char *diff = core_file_text(a, rk_str_c(changes[i].diff), secret);
        bool fits = strlen(diff) < room;
        room -= fits ? strlen(diff) : 0;
        out->files[out->n_files++] = (struct wire_commit_file){
            core_safe(a, rk_str_c(path)), rk_arena_f(a, "%c", changes[i].status),
            fits ? diff : "(too long to show)"};
    }
}

static int read_commit(struct core_read *r)
{
    struct record_read *j = record_read_of(r);
    struct git_commit c;
    struct git_change *changes = NULL;
    size_t n = 0;
    if (git_commit_get(r->view, r->mem, j->target, &c, &r->err) ||
        git_changes(r->view, r->mem, c.parent, c.id, &changes, &n, &r->err))
        return -1;
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_text_safe(&body, rk_str_c(c.body), RK_TEXT_LINES);
    j->out.commit = (struct wire_commit){
        .id = rk_arena_strdup(r->mem, c.id), .author = core_safe(r->mem, rk_str_c(c.author)),
        .email = core_safe(r->mem, rk_str_c(c.email)),
        .subject = core_safe(r->mem, rk_str_c(c.subject)), .time = c.time,
        .body = rk_arena_dup(r->mem, body.p, body.n),
    };
    wire_changes(r->view, r->mem, &c, changes, n, &j->out.commit);
    return 0;
}

static int api_commit(struct core_request *r, struct rk_err *err)
{
    const struct wire_commit_params *p = r->params;
    const struct core_app *app = p->app ? engine_app(r->engine, p->app) : NULL;
    struct core_repo *repo = app ? app->repo : first_repo(r->engine, err);
    if (!repo)
        return -1;
    if (!p->rev)
        return rk_fail(err, RK_INVALID, "commit.get needs a revision");
    struct record_read *j = rk_arena_alloc(r->arena, sizeof *j);
    *j = (struct record_read){.base.read = read_commit, .target = p->rev};
    return start(r, repo, j, err);
}

/* ---- promotion matrix (matrix.c) ---- */
static int api_matrix(struct core_request *r, struct rk_err *err)
{
    struct wire_matrix out;
    if (core_wire_matrix(r->engine, r->params, r->arena, &out, err))
        return -1;
    core_answer(r, &out);
    return 0;
}

const struct core_route core_routes_records[] = {
    {"history.list", api_history},
    {"audit.list", api_audit},
    {"audit.verify", api_verify},
    {"commit.get", api_commit},
    {"promotion.matrix", api_matrix},
    {NULL, NULL},
};
