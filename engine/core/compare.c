/*
 * compare.c: `revisions.compare`: what two renders differ in: one application at two revisions, or two
 * applications (the same one in two environments). Both are rendered, then paired and compared in the
 * pool; each field says which line of git it comes from, on both sides. What lives is not looked at.
 */
#include "core/core_int.h"

/* ---- pairs ---- */
enum { HASH_LEN = 10 };

/* "web-env-7t2m5b9ck4" -> "web-env": what kustomize's generators add says the content, not the
 * name. */
static rk_str without_hash(const struct kube_key *k)
{
    rk_str name = k->name;
    bool generated = (rk_str_is(k->kind, "ConfigMap") || rk_str_is(k->kind, "Secret")) &&
                     name.n > HASH_LEN + 1 && name.p[name.n - HASH_LEN - 1] == '-';
    for (size_t i = name.n - HASH_LEN; generated && i < name.n; i++)
        generated = strchr("2456789bcdfghkmt", name.p[i]) != NULL;
    return generated ? (rk_str){name.p, name.n - HASH_LEN - 1} : name;
}

/* What an object is found by where its key is another: see core_compare. */
static const char *likeness(struct rk_arena *mem, const struct kube_key *k, bool apart)
{
    struct kube_key like = *k;
    like.name = without_hash(k);
    if (apart)
        like.namespace = RK_STR_NONE;
    return core_key_text(mem, &like);
}

struct pairing {
    const struct render_result *from, *to;
    const struct kube_object **mates;   /* of each of to; NULL: none */
    bool *taken;                        /* each of from */
};

/* Of what is not paired yet: by key, or by likeness. */
static void pair(struct pairing *p, bool like, bool apart, struct rk_arena *mem)
{
    struct rk_map *known = rk_map_new();
    for (size_t i = 0; i < p->from->n_objects; i++) {
        const struct kube_key *k = &p->from->objects[i].key;
        const char *text = like ? likeness(mem, k, apart) : core_key_text(mem, k);
        if (!p->taken[i] && !rk_map_get(known, text))
            rk_map_set(known, text, &p->taken[i]);
    }
    for (size_t i = 0; i < p->to->n_objects; i++) {
        const struct kube_key *k = &p->to->objects[i].key;
        bool *found = p->mates[i] ? NULL
                                  : rk_map_get(known, like ? likeness(mem, k, apart)
                                                           : core_key_text(mem, k));
        if (!found || *found)
            continue;
        *found = true;
        p->mates[i] = &p->from->objects[found - p->taken];
    }
    rk_map_free(known, NULL);
}

/* As a server would take the one over the other: no default, no order that means nothing. */
static int fields_of(struct core_compared *c, struct rk_arena *mem, struct rk_err *err)
{
    const struct drift_rules none = {.final = true};
    return drift_compare(mem, c->to, c->from, c->to, &none, &c->drift, err);
}

int core_compare(const struct render_result *from, const struct render_result *to, bool apart,
                 struct rk_arena *mem, struct core_compared **out, size_t *n, struct rk_err *err)
{
    struct pairing p = {from, to, rk_arena_array(mem, to->n_objects + 1, sizeof *p.mates),
                        rk_arena_array(mem, from->n_objects + 1, sizeof *p.taken)};
    *out = rk_arena_array(mem, from->n_objects + to->n_objects + 1, sizeof **out);
    *n = 0;
    pair(&p, false, apart, mem);
    pair(&p, true, apart, mem);
    for (size_t i = 0; i < to->n_objects; i++) {
        struct core_compared c = {.from = p.mates[i], .to = &to->objects[i]};
        if (c.from && fields_of(&c, mem, err))
            return rk_wrap(err, "%s", core_key_text(mem, &c.to->key));
        if (!c.from || c.drift.verdict != DRIFT_SAME)
            (*out)[(*n)++] = c;
    }
    for (size_t i = 0; i < from->n_objects; i++)
        if (!p.taken[i])
            (*out)[(*n)++] = (struct core_compared){.from = &from->objects[i]};
    return 0;
}

/* ---- the request ---- */
struct side {
    const char *app, *rev;              /* rev: as it was asked for; NULL: what git says now */
    char id[GIT_ID];
    struct core_desired *desired;       /* ref, from its render to the answer */
};
struct comparing {
    struct core_read base;              /* first */
    struct core_request *request;
    struct side from, to;
    struct wire_drift out;
};

static struct comparing *comparing_of(struct core_read *r)
{
    return (struct comparing *)(void *)r;
}

static void put_sources(struct comparing *c, const struct core_compared *p, struct wire_field *f,
                        size_t n)
{
    const struct doc_marks *marks = c->from.desired->render->marks;
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *was = p->drift.fields[i].live;
        const struct doc_mark *m = was && marks ? doc_marks_get(marks, was->mark) : NULL;
        if (!m)
            continue;
        f[i].from_file = rk_arena_strdup(c->base.mem, doc_marks_file(marks, m->file));
        f[i].from_line = m->line;
    }
}

/* A Secret's values are hashed with its name and namespace: told apart, never told the same. */
static const char *note_of(const struct core_compared *p)
{
    bool moved = p->from && p->to && !kube_key_eq(&p->from->key, &p->to->key);
    return moved && kube_is_secret(&p->to->key)
               ? "of another name or namespace: whether a value is the same cannot be told" : NULL;
}

static void put_object(struct comparing *c, const struct core_compared *p,
                       struct wire_drift_object *o)
{
    struct rk_arena *mem = c->base.mem;
    const struct kube_object *shown = p->to ? p->to : p->from;
    *o = (struct wire_drift_object){
        .object = core_key_text(mem, &shown->key), .note = note_of(p),
        .action = !p->from ? "create" : !p->to ? "prune" : "change"};
    if (p->from && p->to && !kube_key_eq(&p->from->key, &p->to->key))
        o->from = core_key_text(mem, &p->from->key);
    if (p->from && p->to) {
        o->more_fields = core_wire_fields(&p->drift, c->to.desired, mem, &o->fields,
                                          &o->n_fields);
        core_own_fields(mem, o->fields, o->n_fields);
        put_sources(c, p, o->fields, o->n_fields);
    }
}

static void blame(struct comparing *c, bool from)
{
    struct core_line all[CORE_BLAMED];
    size_t n = 0;
    for (size_t i = 0; i < c->out.n_objects; i++)
        for (size_t k = 0; k < c->out.objects[i].n_fields && n < CORE_BLAMED; k++) {
            struct wire_field *f = &c->out.objects[i].fields[k];
            struct core_line l = {f->file, f->line, &f->commit, &f->author};
            if (from)
                l = (struct core_line){f->from_file, f->from_line, &f->from_commit, &f->from_author};
            if (l.file)
                all[n++] = l;
        }
    core_blame(&c->base, from ? c->from.id : c->to.id, all, n);
}

static bool wanted(const struct core_compared *p, const char *object, struct rk_arena *mem)
{
    return !object || rk_streq(object, core_key_text(mem, p->to ? &p->to->key : &p->from->key));
}

static int read_compare(struct core_read *r)
{
    struct comparing *c = comparing_of(r);
    const struct wire_compare_params *q = c->request->params;
    struct core_compared *pairs;
    size_t n, seen = 0, limit = q->limit > 0 && q->limit < 100 ? (size_t)q->limit : 100;
    size_t offset = q->offset > 0 ? (size_t)q->offset : 0;
    if (core_compare(c->from.desired->render, c->to.desired->render,
                     !rk_streq(c->from.app, c->to.app), r->mem, &pairs, &n, &r->err))
        return -1;
    c->out = (struct wire_drift){.app = c->to.app, .revision = c->to.id, .from_app = c->from.app,
                                 .from = c->from.id, .offset = (int64_t)offset,
                                 .objects = rk_arena_array(r->mem, n + 1, sizeof *c->out.objects)};
    for (size_t i = 0; i < n; i++)
        if (wanted(&pairs[i], q->object, r->mem) && seen++ >= offset && c->out.n_objects < limit)
            put_object(c, &pairs[i], &c->out.objects[c->out.n_objects++]);
    c->out.total = (int64_t)seen;
    blame(c, true);
    blame(c, false);
    return 0;
}

static void let_go(struct core_read *r)
{
    struct comparing *c = comparing_of(r);
    core_desired_unref(c->from.desired);
    core_desired_unref(c->to.desired);
    c->from.desired = c->to.desired = NULL;
}

static void refuse(struct comparing *c, const struct rk_err *err)
{
    let_go(&c->base);
    core_refuse(c->request, err);
}

/* Says of which application and revision an error is. */
static int name_side(const struct side *s, struct rk_err *err)
{
    return rk_wrap(err, "%s at %s", s->app, s->rev ? s->rev : s->id);
}

static void rendered(struct core_app *app, struct core_desired *desired, const struct rk_err *why,
                     void *ctx);

/* The one side, then the other, then the comparison. */
static void go_on(struct comparing *c)
{
    struct rk_err err = {0};
    struct side *next = !c->from.desired ? &c->from : !c->to.desired ? &c->to : NULL;
    struct core_app *app = rk_map_get(c->request->engine->apps, next ? next->app : c->to.app);
    if (!app)
        (void)rk_fail(&err, RK_NOT_FOUND, "%s left git meanwhile", next ? next->app : c->to.app);
    else if (next)
        core_render(app, next->id, rendered, c);
    else if (core_read_start(&c->base, c->request, app->repo, &err) == 0)
        return;
    if (err.code)
        refuse(c, &err);
}

static void rendered(struct core_app *app, struct core_desired *desired, const struct rk_err *why,
                     void *ctx)
{
    struct comparing *c = ctx;
    struct side *s = !c->from.desired ? &c->from : &c->to;
    (void)app;
    if (why) {
        struct rk_err err = *why;
        (void)name_side(s, &err);
        refuse(c, &err);
        return;
    }
    s->desired = desired;
    go_on(c);
}

/* Which commit, and is the application in it? */
static int find_side(const struct core_app *app, const char *rev, struct side *out,
                     struct rk_arena *mem, struct rk_err *err)
{
    *out = (struct side){.app = rk_arena_strdup(mem, app->name), .rev = rev};
    if (!app->model)
        return rk_fail(err, RK_NOT_FOUND, "%s: its Application left git", app->name);
    struct git_view *v = core_repo_view(app->repo, err);
    if (!v)
        return -1;
    const char *path = app->model->path ? app->model->path : "";        /* "": of a chart */
    int rc = git_resolve(v, rev ? rev : app->target, out->id, err);
    if (!rc && path[0] && git_stat(v, out->id, path, NULL) == GIT_ABSENT)
        rc = rk_fail(err, RK_NOT_FOUND, "%s is not there: the application was not in git then",
                     path);
    core_repo_give_back(app->repo, v);
    return rc ? name_side(out, err) : 0;
}

int core_api_compare(struct core_request *r, struct rk_err *err)
{
    const struct wire_compare_params *p = r->params;
    struct core_app *to = engine_app_asked(r->engine, p->app, err);
    struct core_app *from = to && p->from_app ? engine_app_asked(r->engine, p->from_app, err) : to;
    if (!from)
        return -1;
    if (from->repo != to->repo)
        return rk_fail(err, RK_UNSUPPORTED, "%s and %s are of different repositories", from->name,
                       to->name);
    struct comparing *c = rk_arena_alloc(r->arena, sizeof *c);
    *c = (struct comparing){.request = r,
                            .base = {.read = read_compare, .end = let_go, .out = &c->out}};
    if (find_side(from, p->from, &c->from, r->arena, err) ||
        find_side(to, p->to, &c->to, r->arena, err))
        return -1;
    go_on(c);
    return 0;
}
