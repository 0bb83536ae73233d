/*
 * render.c: `reckon render PATH`: what `kustomize build PATH` prints, from files on this disk.
 * Secrets stay in clear: they are the user's own files. Messages name files as they lie in the
 * repository (the folder above PATH that holds .git), else below the working folder.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli_int.h"
#include "render/render.h"

/* The deepest folder at or above `path` that holds .git; else the working folder when path lies
 * below it; else the root. */
static char *tree_of(const char *path)
{
    rk_auto(rk_free_str) char *at = rk_strdup(path);
    char here[PATH_MAX];
    size_t n;

    while (at[0]) {
        rk_auto(rk_free_str) char *git = rk_path_join(at, ".git");

        if (rk_path_exists(git))
            return rk_strdup(at);
        *strrchr(at, '/') = 0;
    }
    if (!getcwd(here, sizeof(here)))
        return rk_strdup("/");
    n = strlen(here);
    return strncmp(path, here, n) == 0 && (path[n] == '/' || !path[n]) ? rk_strdup(here)
                                                                        : rk_strdup("/");
}

static const char *below(const char *root, const char *path)
{
    size_t n = strlen(root);

    if (n > 1)
        path += n;
    return path + strspn(path, "/");
}

/* Puts `to` for `from` wherever a path of a message begins with it. */
static void rename_paths(struct rk_err *err, const char *from, const char *to)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    size_t n = strlen(from);
    const char *at = err->text;

    while (*at) {
        bool begins = at == err->text || strchr(" :'\"`(", at[-1]);

        if (begins && n && strncmp(at, from, n) == 0) {
            rk_buf_c(&out, to);
            at += n;
        } else {
            rk_buf_ch(&out, *at++);
        }
    }
    (void)snprintf(err->text, sizeof(err->text), "%s", out.p);
}

/* Names in a message are as in the tree that was built: below root, or below / without it. */
static void name_paths(struct rk_err *err, const char *root, const char *real)
{
    rk_str first = rk_str_cut(rk_str_c(real + 1), '/', NULL);
    rk_auto(rk_free_str) char *tree = rk_asprintf("%s/", root + 1);
    rk_auto(rk_free_str) char *top = rk_asprintf(RK_FMT_STR "/", RK_ARG_STR(first));
    rk_auto(rk_free_str) char *full = rk_asprintf("/%s", top);

    if (root[1])
        rename_paths(err, tree, "");
    else
        rename_paths(err, top, full);
}

static int build_at(const struct cli *c, struct cli_remotes *remotes, const char *root,
                    const char *path, bool plain_ok, struct render_result **out,
                    struct rk_err *err)
{
    struct render_files *files = render_disk(root);
    const char *restrictor = cli_value(c, "load-restrictor");
    struct render_opts opts = {
        .path = below(root, path),
        .plain_ok = plain_ok,
        .enable_helm = cli_given(c, "enable-helm"),
        .load_restrictions_none = rk_streq(restrictor, "LoadRestrictionsNone"),
    };
    int rc;

    files->remote = cli_remote;
    files->chart = cli_chart;
    files->helm = cli_helm;
    cli_remotes_root(remotes, root);
    files->remote_ctx = remotes;
    rc = render_build(files, &opts, out, err);
    render_disk_free(files);
    return rc;
}

/*
 * A base may lie outside the repository, as the real tool allows: what fails in the tree is built
 * again from the root, whose word then counts.
 */
int cli_build(const struct cli *c, const char *path, bool plain_ok, struct render_result **out,
              struct rk_err *err)
{
    char real[PATH_MAX];
    rk_auto(rk_free_str) char *root = NULL;
    struct cli_remotes *remotes;
    int rc;

    if (!realpath(path, real))
        return rk_fail(err, RK_NOT_FOUND, "%s: no such folder; give the folder that holds a "
                       "kustomization.yaml", path);
    if (!rk_path_is_dir(real))
        return rk_fail(err, RK_INVALID, "%s is a file; give the folder that holds it", path);
    root = tree_of(real);
    remotes = cli_remotes_new(c);
    rc = build_at(c, remotes, root, real, plain_ok, out, err);
    if (rc && root[1] && err->code != RK_LIMIT) {
        rk_err_clear(err);
        rc = build_at(c, remotes, "/", real, plain_ok, out, err);
    }
    cli_remotes_free(remotes);
    if (rc)
        name_paths(err, root, real);
    return rc;
}

void cli_render_lints(const struct cli *c, const struct render_result *r)
{
    for (size_t i = 0; i < r->n_lints; i++) {
        const struct render_lint *l = &r->lints[i];

        if (l->line)
            cli_say(c, "warning: %s:%u: %s", l->file, l->line, l->text);
        else
            cli_say(c, "warning: %s%s%s", l->file ? l->file : "", l->file ? ": " : "", l->text);
    }
}

int cli_render(struct cli *c)
{
    struct render_result *r = NULL;
    struct rk_err err = {0};
    int rc = CLI_DONE;

    if (cli_build(c, c->operands[0], false, &r, &err)) {
        (void)cli_fail(c, &err);
        return CLI_NO; /* as the real tool */
    }
    cli_render_lints(c, r);
    if (cli_given(c, "provenance")) {
        struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;

        render_provenance(r, &json);
        cli_json_text(c, rk_buf_view(&json));
    } else if (render_print(r, &c->out, &err)) {
        (void)cli_fail(c, &err);
        rk_buf_clear(&c->out);
        rc = CLI_NO;
    }
    render_free(r);
    return rc;
}
