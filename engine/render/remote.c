/*
 * remote.c: trees of other repositories inside one build. In: an address, and the function that
 * fetches (it goes in with the files; without one, remote addresses are refused). Out: a folder
 * "@repository@ref" through which the tree's files are read like all others. What is below it can
 * name nothing outside of it. Each repository and ref is fetched once a build.
 */
#include "render/render_int.h"

#include "reckon/text.h"

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

const char *remote_shown(struct build *b, const char *address)
{
    struct rk_buf out = RK_BUF_INIT;
    const char *text;

    if (!strchr(address, '@'))
        return address; /* its query is a ref, and people want to read it */
    rk_text_urls(&out, rk_str_c(address), 0);
    text = rk_arena_strdup(b->a, out.p ? out.p : "");
    rk_buf_release(&out);
    return text;
}

/* A name that people know again, and that no other mount has. */
static const char *name_of(struct build *b, const char *repo, const char *ref)
{
    const char *shown = remote_shown(b, repo), *base = strstr(shown, "://");
    char *name = rk_arena_f(b->a, "@%s@%s", base ? base + 3 : shown, ref[0] ? ref : "HEAD");

    for (char *c = name + 1; *c; c++)
        if (*c == '/' || *c == ':' || (unsigned char)*c < ' ')
            *c = '_';
    for (const struct mount *m = b->mounts; m; m = m->next)
        if (rk_streq(m->at, name))
            return rk_arena_f(b->a, "%s-%zu", name, b->n_mounts);
    return name;
}

/* The mount of a key: *fresh when it is not filled yet. */
static int mount_of(struct build *b, const char *repo, const char *ref, struct asked by,
                    struct mount **out, bool *fresh, struct rk_err *err)
{
    struct mount *m = b->mounts;

    while (m && !(rk_streq(m->repo, repo) && rk_streq(m->ref, ref)))
        m = m->next;
    *fresh = !m;
    *out = m;
    if (m)
        return 0;
    if (b->n_mounts++ == MOUNTS_MAX)
        return rk_fail_at(err, RK_LIMIT, by.file, by.line, 0,
                          "%s: more than %d remote trees (limit: remotes)", by.field, MOUNTS_MAX);
    *out = rk_arena_alloc(b->a, sizeof(*m));
    **out = (struct mount){.at = name_of(b, repo, ref), .repo = repo, .ref = ref,
                           .next = b->mounts};
    return 0;
}

int remote_mount(struct build *b, const struct render_remote *r, struct asked by, const char **dir,
                 struct rk_err *err)
{
    struct mount *m;
    struct rk_err why;
    bool fresh;

    if (mount_of(b, r->repo, r->ref, by, &m, &fresh, err))
        return -1;
    if (fresh && b->files->remote(r, &m->files, b->files->remote_ctx, &why))
        return rk_fail_at(err, why.code, by.file, by.line, 0, "%s: %s", by.field, why.text);
    if (fresh)
        b->mounts = m;
    *dir = r->path[0] ? rk_arena_f(b->a, "%s/%s", m->at, r->path) : m->at;
    return 0;
}

int remote_mount_chart(struct build *b, const struct render_helm *h, struct asked by,
                       const char **dir, struct rk_err *err)
{
    struct mount *m;
    struct rk_err why;
    bool fresh;

    if (mount_of(b, rk_arena_f(b->a, "%s chart %s", h->repo, h->name), h->version, by, &m, &fresh,
                 err))
        return -1;
    if (fresh && b->files->chart(h, &m->files, b->files->remote_ctx, &why))
        return rk_fail_at(err, why.code, by.file, by.line, 0, "%s: %s", by.field, why.text);
    if (fresh)
        b->mounts = m;
    *dir = m->at;
    return 0;
}

int remote_mount_ref(struct build *b, const struct render_ref *r, struct asked by,
                     const char **dir, struct rk_err *err)
{
    struct mount *m;
    bool fresh;

    if (mount_of(b, rk_arena_f(b->a, "$%s", r->name), "", by, &m, &fresh, err))
        return -1;
    if (fresh) {
        m->files = r->files;
        b->mounts = m;
    }
    *dir = m->at;
    return 0;
}
