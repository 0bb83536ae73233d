/*
 * init.c: `reckon init`: looks at a repository and at the cluster of the kubeconfig, says on stderr
 * what is found and what is missing, and prints a proposed reckon.yaml on stdout; --write puts it
 * into the work tree when none is there. Writes nothing else, commits nothing.
 */
#include <stdarg.h>

#include "admin/init_int.h"
#include "gitcmd/gitcmd.h"

#define LISTED ((size_t)20)

static void put(struct admin *c, const char *word, const char *fmt, va_list ap)
{
    rk_buf_f(&c->notes, "  %-8s ", word);
    rk_buf_vf(&c->notes, fmt, ap);
    rk_buf_ch(&c->notes, '\n');
}

void init_found(struct admin *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(c, "found", fmt, ap);
    va_end(ap);
}

void init_missing(struct admin *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(c, "missing", fmt, ap);
    va_end(ap);
}

/* ---- what is found ---- */
static void say_repo(struct admin *c, const struct init_repo *r)
{
    char *given rk_auto(rk_free_str) = gitcmd_safe_url(r->root ? r->root : r->given);
    char *origin rk_auto(rk_free_str) = gitcmd_safe_url(r->origin);

    rk_buf_c(&c->notes, "Repository\n");
    init_found(c, "%s%s%s, %zu YAML files", given, *r->branch ? ", branch " : "", r->branch,
               r->n_files);
    if (!*r->head)
        init_missing(c, "a commit: the engine reads commits, not files");
    if (r->root && *origin)
        init_found(c, "origin %s", origin);
    else if (r->root)
        init_missing(c, "a remote called origin: promote, revert and the audit log push to one");
    if (r->config.path)
        init_found(c, "reckon.yaml");
    else
        init_missing(c, "reckon.yaml: without it everything is observed, nothing written");
}

static void say_app(struct admin *c, const struct model *m, const struct model_app *app)
{
    struct model_policy p;

    if (app->error) {
        init_missing(c, "a readable Application %s: %s", app->name, app->error);
        return;
    }
    model_policy_of(m, app, NULL, &p);
    init_found(c, "%s: %s/%s, path %s -> namespace %s%s%s", app->name, app->derived_environment,
               app->app, *app->path ? app->path : ".", *app->namespace ? app->namespace : "-",
               m->has_config ? ", policy " : "",
               !m->has_config ? "" : p.configured ? p.environment : "none: observed");
}

static void say_lints(struct admin *c, const char *whose, const struct model_lints *l)
{
    for (size_t i = 0; i < l->n; i++)
        rk_buf_f(&c->notes, "  note     %s%s%s%s%s\n", whose, *whose ? ": " : "",
                 l->v[i].file && !*whose ? l->v[i].file : "",
                 l->v[i].file && !*whose ? ": " : "", l->v[i].text);
}

void init_report(struct admin *c, const struct init_repo *r, const struct model *m)
{
    rk_buf_c(&c->notes, "Applications\n");
    if (m->n_apps == 0)
        init_missing(c, "an Application (argoproj.io/v1alpha1) in any of %zu YAML files",
                     r->n_files);
    for (size_t i = 0; i < m->n_apps && i < LISTED; i++)
        say_app(c, m, &m->apps[i]);
    if (m->n_apps > LISTED)
        init_found(c, "%zu more", m->n_apps - LISTED);
    for (size_t i = 0; i < m->n_projects; i++)
        init_found(c, "project %s", model_project_name(m->projects[i]));
    say_lints(c, "", &m->lints);
    for (size_t i = 0; i < m->n_apps && i < LISTED; i++)
        say_lints(c, m->apps[i].name, &m->apps[i].lints);
}

/* ---- what is proposed ---- */
static struct model_input input_of(const struct init_repo *r, const struct model_file *config)
{
    return (struct model_input){
        .files = r->files, .n_files = r->n_files, .config = config,
        .default_repo = *r->origin ? r->origin : r->given,
    };
}

/* The proposal is read back: a line that does not hold is an error of ours, never the user's. */
static int propose(struct admin *c, const struct init_repo *r, struct rk_err *err)
{
    struct model_input in = input_of(r, NULL);
    struct model *found, *back;

    if (model_read(&in, &found, err) < 0)
        return -1;
    model_propose(found, &c->out);
    model_free(found);
    struct model_file config = {"reckon.yaml", rk_buf_view(&c->out)};

    in.config = &config;
    if (model_read(&in, &back, err) < 0)
        return rk_wrap(err, "the proposal does not hold");
    model_free(back);
    return 0;
}

static int write_config(struct admin *c, const struct init_repo *r, struct rk_err *err)
{
    if (!r->root)
        return rk_fail(err, RK_INVALID, "--write needs a work tree; %s has none: save what is "
                                        "printed without it", r->given);
    char *path rk_auto(rk_free_str) = rk_path_join(r->root, "reckon.yaml");

    if (rk_path_exists(path))
        return rk_fail(err, RK_CONFLICT, "%s is there already: compare it with what `reckon init` "
                                         "prints", path);
    if (rk_file_write(path, rk_buf_view(&c->out), 0644, err) < 0)
        return -1;
    rk_buf_clear(&c->out);
    rk_buf_f(&c->notes, "Written: %s. Look at it, then commit and push it.\n", path);
    return 0;
}

static int look(struct admin *c, const struct init_repo *r, size_t *apps, struct rk_err *err)
{
    struct model_input in = input_of(r, r->config.path ? &r->config : NULL);
    struct model *m;

    if (model_read(&in, &m, err) < 0)
        return -1;
    init_report(c, r, m);
    *apps = m->n_apps;
    model_free(m);
    return 0;
}

static int run(struct admin *c, struct rk_err *err)
{
    const char *repo = admin_value(c, "repo");
    struct init_repo r;
    size_t apps = 0;

    repo = c->n_operands ? c->operands[0] : repo ? repo : ".";
    if (init_repo_read(c, repo, &r, err) < 0)
        return -1;
    say_repo(c, &r);
    if (look(c, &r, &apps, err) < 0 || propose(c, &r, err) < 0)
        return -1;
    init_cluster(c);
    if (admin_given(c, "write") && write_config(c, &r, err) < 0)
        return -1;
    return apps ? ADMIN_DONE : ADMIN_NO;
}

static const struct admin_option options[] = {
    {"repo", 0, "PATH|URL", "the repository, as the operand (else the current folder)"},
    {"write", 0, NULL, "write reckon.yaml into the work tree, when none is there"},
    ADMIN_CLUSTER_OPTIONS,
};
const struct admin_verb admin_init_verb = {
    .name = "init", .operands = "[PATH|URL]", .run = run, .most = 1,
    .help = "look at a repository and a cluster, say what is missing, propose reckon.yaml",
    .options = options, .n_options = RK_LEN(options),
};
