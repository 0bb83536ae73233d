/*
 * directory.c: a folder of plain manifests, as Argo CD reads one: every .yaml, .yml and .json file,
 * below too when recurse is set, by include and exclude globs. In: a folder. Out: objects in the
 * order of the files. What is no Kubernetes manifest is left out and noted.
 */
#include "render/render_int.h"

static bool is_manifest_name(const char *name)
{
    rk_str s = rk_str_c(name);

    return rk_str_ends(s, ".yaml") || rk_str_ends(s, ".yml") || rk_str_ends(s, ".json");
}

static bool is_wanted(const struct render_source *s, const char *rel)
{
    if (s && s->exclude && s->exclude[0] && rk_glob(s->exclude, rel, 0))
        return false;
    return !s || !s->include || !s->include[0] || rk_glob(s->include, rel, 0);
}

static bool is_kustomization(const struct doc_node *doc)
{
    return rk_str_starts(doc_get_text(doc, "apiVersion"), "kustomize.config.k8s.io/");
}

/* Drops what is no manifest; returns how many stay. */
static size_t only_manifests(struct build *b, struct doc_node **docs, size_t n, const char *file)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (doc_is_null(docs[i]))
            continue;
        if (doc_get_text(docs[i], "kind").n && doc_get_text(docs[i], "apiVersion").n &&
            !is_kustomization(docs[i]))
            docs[kept++] = docs[i];
        else
            render_lint_add(b, RENDER_IGNORED, file, mark_line(b, docs[i]->mark),
                     "not a Kubernetes manifest: left out");
    }
    return kept;
}

/* The last of two equal objects stays, as in Argo CD. */
static int add_object(struct build *b, struct acc *acc, struct res *r, const char *file,
                      struct rk_err *err)
{
    struct res *old = NULL;

    if (ids_find_any(acc, r, &old)) {
        render_lint_add(b, RENDER_RISK, file, mark_line(b, r->doc->mark),
                 "%s is in the folder twice; the last one counts", ids_text(b, r));
        old->gone = true;
    }
    return acc_append(b, acc, r, err);
}

static int add_file(struct build *b, struct acc *acc, const char *path, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = path, .marks = b->marks};
    struct res_list list = {0};
    struct doc_node **docs;
    rk_str text;
    size_t n;

    if (load_read(b, path, &text, err) || doc_yaml_read(b->a, text, &how, &docs, &n, err))
        return -1;
    n = only_manifests(b, docs, n, path);
    for (size_t i = 0; i < n; i++)
        if (build_count_nodes(b, docs[i], path, err))
            return -1;
    if (res_from_docs(b, docs, n, path, &list, err))
        return -1;
    for (size_t i = 0; i < list.n; i++)
        if (add_object(b, acc, list.v[i], path, err))
            return -1;
    return 0;
}

struct level { const char *dir, **names; size_t n, at; };

static int level_open(struct build *b, const char *dir, struct level *l, struct rk_err *err)
{
    *l = (struct level){.dir = dir};
    load_dep(b, dir);
    if (!b->files->list)
        return rk_fail(err, RK_UNSUPPORTED, "%s: folders cannot be listed here", dir);
    return b->files->list(b->a, dir, &l->names, &l->n, b->files->ctx, err);
}

static const char *below(struct build *b, const char *dir, const char *name)
{
    return dir[0] ? rk_arena_f(b->a, "%s/%s", dir, name) : rk_arena_strdup(b->a, name);
}

#define LEVELS_MAX 32

struct walking {
    struct build *b;
    struct acc *acc;
    size_t cut;                 /* bytes of a path that globs do not see */
    struct level stack[LEVELS_MAX];
    size_t depth;
};

/* One name of the folder on top of the stack. */
static int visit(struct walking *w, const char *path, struct rk_err *err)
{
    const struct render_source *s = w->b->opts->source;
    const char *real = NULL;
    enum render_kind kind;

    rk_err_clear(err);
    kind = w->b->files->stat(w->b->a, path, &real, w->b->files->ctx, err);
    if (kind == RENDER_ABSENT)
        return 0; /* a link to nowhere or out of the tree */
    if (kind == RENDER_FILE)
        return is_manifest_name(path) && is_wanted(s, path + w->cut)
                   ? add_file(w->b, w->acc, path, err) : 0;
    if (!s || !s->recurse || (real && !rk_streq(real, path)))
        return 0; /* a link to a folder could be a cycle */
    if (w->depth == LEVELS_MAX)
        return rk_fail(err, RK_LIMIT, "%s: folders are more than %d deep (limit: folders)", path,
                       LEVELS_MAX);
    return level_open(w->b, path, &w->stack[w->depth++], err);
}

int directory_build(struct build *b, const char *dir, struct acc *acc, struct rk_err *err)
{
    struct walking w = {.b = b, .acc = acc, .cut = dir[0] ? strlen(dir) + 1 : 0, .depth = 1};

    if (level_open(b, dir, &w.stack[0], err))
        return -1;
    while (w.depth) {
        struct level *l = &w.stack[w.depth - 1];

        if (l->at == l->n)
            w.depth--;
        else if (visit(&w, below(b, l->dir, l->names[l->at++]), err))
            return -1;
    }
    acc_drop_gone(acc);
    return 0;
}
