/*
 * remote.c: trees of other repositories inside one build. In: an address, and the function that
 * fetches (it goes in with the files; without one, remote addresses are refused). Out: a folder
 * "@repository@ref" through which the tree's files are read like all others. What is below it can
 * name nothing outside of it. Each repository and ref is fetched once a build.
 */
#include "render/render_int.h"

#define MOUNTS_MAX 100

struct mount {
    const char *at;             /* its folder */
    const char *repo, *ref;
    const struct render_files *files;
    struct mount *next;
};

const struct render_files *remote_files(const struct build *b, const char *path,
                                        const char **inner)
{
    *inner = path;
    if (path[0] != '@')
        return b->files;
    for (const struct mount *m = b->mounts; m; m = m->next)
        if (load_below(path, m->at)) {
            *inner = path + strlen(m->at);
            *inner += (*inner)[0] == '/';
            return m->files;
        }
    return b->files;
}

const char *remote_mount_of(const struct build *b, const char *path)
{
    for (const struct mount *m = path[0] == '@' ? b->mounts : NULL; m; m = m->next)
        if (load_below(path, m->at))
            return m->at;
    return NULL;
}

/* A name that people know again, and that no other mount has. */
static const char *name_of(struct build *b, const struct render_remote *r)
{
    const char *base = strstr(r->repo, "://");
    char *name = rk_arena_f(b->a, "@%s@%s", base ? base + 3 : r->repo, r->ref[0] ? r->ref : "HEAD");

    for (char *c = name + 1; *c; c++)
        if (*c == '/' || *c == ':' || (unsigned char)*c < ' ')
            *c = '_';
    for (const struct mount *m = b->mounts; m; m = m->next)
        if (rk_streq(m->at, name))
            return rk_arena_f(b->a, "%s-%zu", name, b->n_mounts);
    return name;
}

int remote_mount(struct build *b, const struct render_remote *r, struct asked by, const char **dir,
                 struct rk_err *err)
{
    struct mount *m = b->mounts;
    struct rk_err why;

    while (m && !(rk_streq(m->repo, r->repo) && rk_streq(m->ref, r->ref)))
        m = m->next;
    if (!m) {
        if (b->n_mounts++ == MOUNTS_MAX)
            return rk_fail_at(err, RK_LIMIT, by.file, by.line, 0,
                              "%s: more than %d remote repositories (limit: remotes)", by.field,
                              MOUNTS_MAX);
        m = rk_arena_alloc(b->a, sizeof(*m));
        *m = (struct mount){.at = name_of(b, r), .repo = r->repo, .ref = r->ref,
                            .next = b->mounts};
        if (b->files->remote(r, &m->files, b->files->remote_ctx, &why))
            return rk_fail_at(err, why.code, by.file, by.line, 0, "%s: %s", by.field, why.text);
        b->mounts = m;
    }
    *dir = r->path[0] ? rk_arena_f(b->a, "%s/%s", m->at, r->path) : m->at;
    return 0;
}
