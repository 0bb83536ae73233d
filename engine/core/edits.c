/*
 * edits.c: the commits that promote, revert and adopt make.
 *
 * A change knows how to make its files on any tip (git re-makes them after a lost race); made once
 * on the current head without a ref, it is what the plan renders its preview from. Pure reads of
 * the mirror; nothing is written here but that unreferenced preview commit.
 */
#include "core/core_int.h"

/* The desired objects of a view, flat. */
static const struct kube_object *desired_of(const struct core_view *v, size_t *n)
{
    *n = v && v->desired ? v->desired->render->n_objects : 0;
    return *n ? v->desired->render->objects : NULL;
}

static int make_promote(struct git_view *v, const char *tip, struct rk_arena *a,
                        struct core_change *c, struct sync_edits *out, struct rk_err *err)
{
    size_t n_source, n_target;
    const struct kube_object *source = desired_of(c->source_view, &n_source);
    const struct kube_object *target = desired_of(c->view, &n_target);
    return sync_promote_edits(v, tip, c->path, source, n_source, target, n_target,
                              n_target ? c->view->desired->render->marks : NULL, a, out, err);
}

static int make_revert(struct git_view *v, const char *tip, struct rk_arena *a,
                       struct core_change *c, struct sync_edits *out, struct rk_err *err)
{
    if (c->to)
        return git_restore_files(v, tip, c->to, c->paths, c->n_paths, a, &out->files,
                                 &out->n_files, err);
    return git_revert_files(v, tip, c->commits, c->paths, c->n_paths, a, &out->files,
                            &out->n_files, &c->conflicts, &c->n_conflicts, err);
}

static int make_adopt(struct git_view *v, const char *tip, struct rk_arena *a,
                      struct core_change *c, struct sync_edits *out, struct rk_err *err)
{
    const struct sync_adopting what = {
        .objects = c->view->objects, .n = c->view->n, .marks = c->view->desired->render->marks,
        .only = c->keys, .n_only = c->n_keys, .paths = c->paths, .n_paths = c->n_paths,
    };
    return sync_adopt_edits(v, tip, &what, a, out, err);
}

static int make_ignore(struct git_view *v, const char *tip, struct rk_arena *a,
                       struct core_change *c, struct sync_edits *out, struct rk_err *err)
{
    return core_ignore_edits(v, tip, c->file, c->app, c->keys, c->paths[0], a, out, err);
}

/* git_write.make: on a pool thread, so it reads the change alone, never the engine. */
static int make_files(struct git_view *v, const char *tip, struct rk_arena *a,
                      struct git_file **files, size_t *n, void *ctx, struct rk_err *err)
{
    static const struct {
        const char *kind;
        int (*make)(struct git_view *v, const char *tip, struct rk_arena *a, struct core_change *c,
                    struct sync_edits *out, struct rk_err *err);
    } rows[] = {{"promote", make_promote}, {"revert", make_revert}, {"adopt", make_adopt},
                {"ignore", make_ignore}};
    struct core_change *c = ctx;
    struct sync_edits edits = {0};
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        if (!rk_streq(rows[i].kind, c->kind))
            continue;
        if (rows[i].make(v, tip, a, c, &edits, err))
            return rk_wrap(err, "%s %s", c->kind, c->app);
    }
    *files = edits.files;
    *n = edits.n_files;
    if (a == c->arena) {
        c->edits = edits.edits;
        c->n_edits = edits.n;
    }
    return 0;
}

/* ---- the message ---- */
static const char *promote_subject(const struct core_change *c, const struct core_app *app,
                                   struct rk_arena *a)
{
    const char *what = c->n_edits ? c->edits[0].after : "";
    return rk_arena_f(a, "promote %s to %s: %s", app->model->app, app->policy.environment, what);
}

static const char *message_of(const struct core_change *c, const struct core_app *app,
                              const char *id)
{
    struct rk_arena *a = c->arena;
    const char *subject = NULL, *extra = "";
    if (rk_streq(c->kind, "promote")) {
        const struct core_app *source = rk_map_get(c->engine->apps, c->source);
        subject = promote_subject(c, app, a);
        extra = rk_arena_f(a, "Reckon-Source: %s\nReckon-Source-Revision: %s\n", c->source,
                           source ? source->target : "");
    } else if (rk_streq(c->kind, "adopt")) {
        subject = rk_arena_f(a, "adopt the live state of %s", c->app);
    } else if (rk_streq(c->kind, "ignore")) {
        subject = rk_arena_f(a, "ignore %s of " RK_FMT_STR "/" RK_FMT_STR " in %s", c->paths[0],
                             RK_ARG_STR(c->keys->kind), RK_ARG_STR(c->keys->name), c->app);
    } else if (c->to) {
        subject = rk_arena_f(a, "revert %s to %.7s", c->app, c->to);
        extra = rk_arena_f(a, "Reckon-Restored: %s\n", c->to);
    } else {
        subject = rk_arena_f(a, "revert %s: %s", c->app, c->commits);
        extra = rk_arena_f(a, "Reckon-Reverted: %s\n", c->commits);
    }
    const char *of = c->environment ? "" : rk_arena_f(a, "Reckon-App: %s\n", c->app);
    return rk_arena_f(a, "%s\n\nReckon-Kind: %s\n%sReckon-Env: %s\nReckon-Id: %s\n%s", subject,
                      c->kind, of, app->policy.environment, id, extra);
}

/* "Revert "subject"" with git's own sentence when it is one commit. */
static const char *revert_message(const struct core_change *c, struct git_view *v,
                                  const char *trailers)
{
    struct git_commit commit;
    struct rk_err none;
    if (!c->commits || strstr(c->commits, "..") ||
        git_commit_get(v, c->arena, c->commits, &commit, &none))
        return trailers;
    const char *rest = strstr(trailers, "\n\n");
    struct rk_buf subject rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_text_safe(&subject, rk_str_c(commit.subject), 0);
    return rk_arena_f(c->arena, "Revert \"%s\"\n\nThis reverts commit %s.%s", subject.p, commit.id,
                      rest ? rest : "");
}

/* ---- making one ---- */
static void copy_texts(struct core_change *c, const char *const *v, size_t n)
{
    c->paths = rk_arena_array(c->arena, n + 1, sizeof(char *));
    for (size_t i = 0; i < n; i++)
        c->paths[i] = rk_arena_strdup(c->arena, v[i]);
    c->n_paths = n;
}

/* The folders of the applications that are asked for; of several sources all that lies here. */
static void own_paths(struct core_change *c, const struct core_change_request *r)
{
    struct core_places own = {.arena = c->arena};
    for (size_t i = 0; i < r->n_apps; i++)
        core_app_places(r->apps[i], &own);
    copy_texts(c, own.v, own.n);
}

/* An image is looked for in the folder of the primary source. */
static int check_here(const struct core_change_request *r, struct rk_err *err)
{
    for (size_t i = 0; i < r->n_apps && rk_streq(r->params->kind, "promote"); i++) {
        const struct model_app *m = r->apps[i]->model;
        rk_auto(rk_free_str) char *url = gitcmd_safe_url(m->repo_url);
        if ((m->n_sources > 1 || m->own_repo) && !core_primary_here(r->apps[i]))
            return rk_fail(err, RK_UNSUPPORTED, "%s: none of its sources that make manifests lies on "
                           "the watched branch: promote it where they are (%s is %s at %s)",
                           r->apps[i]->name, m->source_field, url, m->target_revision);
    }
    return 0;
}

/* Objects and JSON pointers. ignore is of one field; adopt without any is of all that differ. */
static int choose_fields(struct core_change *c, const struct wire_plan_params *p,
                         struct rk_err *err)
{
    bool one = rk_streq(c->kind, "ignore"), good = !one || (p->n_resources == 1 && p->n_paths == 1);
    c->keys = rk_arena_array(c->arena, p->n_resources + 1, sizeof *c->keys);
    for (size_t i = 0; i < p->n_resources; i++) {
        struct kube_key key;
        if (!kube_key_parse(rk_str_c(p->resources[i]), &key))
            good = false;
        else
            c->keys[c->n_keys++] = kube_key_copy(c->arena, &key);
    }
    for (size_t i = 0; i < p->n_paths; i++)
        good &= p->paths[i][0] == '/';
    return good ? 0 : rk_fail(err, RK_INVALID, "%s needs %s GROUP/KIND/NAMESPACE/NAME and %s as JSON "
                              "pointers (/spec/replicas)", c->kind, one ? "one object" : "objects",
                              one ? "one field" : "fields");
}

/* A restore concerns the applications' own folders; a revert of commits all they touched, unless
 * limited by hand. */
static int choose_paths(struct core_change *c, const struct core_change_request *r,
                        struct rk_err *err)
{
    const struct wire_plan_params *p = r->params;
    if (p->mode && rk_streq(p->mode, "canary"))
        return rk_fail(err, RK_UNSUPPORTED, "revert --mode canary comes with version 0.4");
    if ((rk_streq(c->kind, "ignore") || rk_streq(c->kind, "adopt")) && choose_fields(c, p, err))
        return -1;
    if (p->n_paths) {
        copy_texts(c, p->paths, p->n_paths);
    } else if (c->to || rk_streq(p->mode, "partial") || p->n_leave_out) {
        own_paths(c, r);
    }
    return 0;
}

static int resolve(struct core_change *c, struct git_view *v, const struct wire_plan_params *p,
                   struct rk_err *err)
{
    char id[GIT_ID];
    if (!rk_streq(c->kind, "revert"))
        return 0;
    if (!p->to == !p->commit)
        return rk_fail(err, RK_INVALID, "revert needs either a commit (or A..B) or a revision to "
                                        "go back to");
    const char *given = p->to ? p->to : p->commit;
    if (p->commit && strstr(p->commit, "..")) {
        c->commits = rk_arena_strdup(c->arena, p->commit);
        return 0;
    }
    if (git_resolve(v, given, id, err))
        return -1;
    *(p->to ? &c->to : &c->commits) = rk_arena_strdup(c->arena, id);
    return 0;
}

static void fill_write(struct core_change *c, const struct core_change_request *r,
                       struct git_view *v)
{
    const struct core_app *app = r->apps[0];
    char id[37];
    rk_uuid7(id, rk_wall_ms());
    enum model_via via = rk_streq(c->kind, "revert") ? app->policy.revert_via
                                                     : app->policy.promote_via;
    const char *message = message_of(c, app, id);
    c->commit.write = (struct git_write){
        .author = {rk_arena_strdup(c->arena, r->actor), rk_arena_strdup(c->arena, r->email)},
        .message = rk_streq(c->kind, "revert") ? revert_message(c, v, message) : message,
        .make = make_files, .ctx = c,
        .via_branch = via == MODEL_VIA_BRANCH
                          ? rk_arena_f(c->arena, "reckon/%s/%.8s", c->kind, id) : NULL,
        .pending = rk_streq(c->kind, "revert") ? rk_arena_strdup(c->arena, id) : NULL,
    };
}

static int make_on_head(struct core_change *c, const struct core_change_request *r,
                        struct git_view *v, struct rk_err *err)
{
    char head[GIT_ID];
    struct git_file *files = NULL;
    size_t n = 0;
    git_mirror_head(r->apps[0]->repo->mirror, head);
    if (resolve(c, v, r->params, err) || choose_paths(c, r, err))
        return -1;
    if (make_files(v, head, c->arena, &files, &n, c, err)) {
        if (c->n_conflicts)
            return 0; /* shown in the plan with its three versions; it cannot be armed */
        return -1;
    }
    if (!n)
        return rk_fail(err, RK_NOT_FOUND, "%s %s: nothing would change", c->kind, c->app);
    fill_write(c, r, v);
    if (git_preview(v, head, files, n, c->preview, err))
        return -1;
    /* promote and adopt know what they wrote; a revert is told by what its commit changes */
    return rk_streq(c->kind, "revert")
               ? core_diff_edits(v, head, c->preview, c->arena, &c->edits, &c->n_edits, err) : 0;
}

int core_change_make(struct engine *e, const struct core_change_request *r,
                     struct core_change **out, struct rk_err *err)
{
    struct core_app *app = r->apps[0], *source = r->source;
    struct git_view *v = check_here(r, err) ? NULL : core_repo_view(app->repo, err);
    if (!v)
        return -1;
    struct rk_arena *a = rk_arena_new();
    struct core_change *c = rk_arena_alloc(a, sizeof *c);
    *c = (struct core_change){
        .engine = e, .arena = a, .environment = rk_arena_strdup(a, r->environment),
        .app = rk_arena_strdup(a, r->environment ? r->environment : app->name),
        .kind = rk_arena_strdup(a, r->params->kind),
        .path = rk_arena_strdup(a, app->model->path),
        .file = rk_arena_strdup(a, app->model->file), .view = core_view_ref(app->view),
        .source = source ? rk_arena_strdup(a, source->name) : NULL,
        .source_view = source ? core_view_ref(source->view) : NULL,
    };
    int rc = make_on_head(c, r, v, err);
    core_repo_give_back(app->repo, v);
    if (rc)
        core_change_free(&c->commit);
    else
        *out = c;
    return rc;
}

bool core_change_stale(struct core_change *c, struct rk_err *why)
{
    struct core_app *source = c->source ? rk_map_get(c->engine->apps, c->source) : NULL;
    if (source && (!source->view || !source->view->desired ||
                   strcmp(c->source_view->desired->digest, source->view->desired->digest) != 0))
        return rk_fail(why, RK_CONFLICT, "the plan is stale: %s moved since it was made",
                       c->source) != 0;
    return false;
}

void core_change_free(const struct sync_commit *commit)
{
    if (!commit)
        return;
    struct core_change *c = (struct core_change *)(uintptr_t)commit;
    core_view_unref(c->view);
    core_view_unref(c->source_view);
    rk_arena_free(c->arena);
}
