/*
 * directory.c: a folder of plain manifests, as Argo CD reads one: every .yaml, .yml and .json file,
 * below too when recurse is set, by include and exclude globs. In: a folder and
 * spec.source.directory. Out: objects in the order of the files. A file that says nothing of
 * manifests is left out and noted; one that looks like a manifest and is none is an error.
 */
#include "render/render_int.h"

#define SKIP_WORD "+argocd:skip-file-rendering" /* anywhere in the file, as in Argo CD */
#define LEAVE_OUT "name the file in spec.source.directory.exclude, or write `# " SKIP_WORD "` in it"

struct reading {
    struct build *b;
    struct acc *acc;
    const char *include, *exclude;
    bool all;                   /* disableExtensionFilter */
    size_t cut;                 /* bytes of a path that globs do not see */
};

static bool is_manifest_name(const struct reading *d, const char *path)
{
    rk_str s = rk_str_c(path);

    return d->all || rk_str_ends(s, ".yaml") || rk_str_ends(s, ".yml") ||
           rk_str_ends(s, ".json") || rk_str_ends(s, ".jsonnet");
}

/* Globs of Argo CD: `*` crosses slashes. */
static bool is_wanted(const struct reading *d, const char *path)
{
    const char *rel = path + d->cut;

    if (!is_manifest_name(d, path) || (d->exclude[0] && rk_glob(d->exclude, rel, 0)))
        return false;
    return !d->include[0] || rk_glob(d->include, rel, 0);
}

static bool has(rk_str text, const char *word)
{
    return text.n && memmem(text.p, text.n, word, strlen(word)) != NULL;
}

/* Argo CD's test of a file that it cannot read. */
static bool looks_like_manifest(rk_str text)
{
    return has(text, "apiVersion:") && has(text, "kind:") && has(text, "metadata:");
}

static bool is_kustomization(const struct doc_node *doc)
{
    return rk_str_starts(doc_get_text(doc, "apiVersion"), "kustomize.config.k8s.io/");
}

static const char *lacks(const struct doc_node *doc)
{
    static const char *const keys[] = {"kind", "apiVersion"};

    for (size_t i = 0; i < RK_LEN(keys); i++)
        if (!doc_get_text(doc, keys[i]).n)
            return keys[i];
    return NULL;
}

/*
 * Drops what is no manifest. Argo CD stops at the first document without a kind: that is an error
 * where others came before it, in JSON, and where the file looks like manifests.
 */
static int only_manifests(struct build *b, struct doc_node **docs, size_t *n, const char *file,
                          bool must, struct rk_err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < *n; i++) {
        const char *missing = lacks(docs[i]);
        uint32_t line = mark_line(b, docs[i]->mark);

        if (doc_is_null(docs[i]) || (doc_type(docs[i]) == DOC_MAP && !doc_count(docs[i])))
            continue;
        if (missing && (must || kept))
            return rk_fail_at(err, RK_INVALID, file, line, 0, "the document has no %s, so it is no "
                              "Kubernetes manifest: " LEAVE_OUT, missing);
        if (missing || is_kustomization(docs[i]))
            render_lint_add(b, RENDER_IGNORED, file, line, "not a Kubernetes manifest: left out");
        else
            docs[kept++] = docs[i];
    }
    *n = kept;
    return 0;
}

int acc_put(struct build *b, struct acc *acc, struct res *r, const char *file, struct rk_err *err)
{
    struct res *old = NULL;

    if (ids_find_any(acc, r, &old)) {
        render_lint_add(b, RENDER_RISK, file, mark_line(b, r->doc->mark),
                 "%s is there twice; the last one counts", ids_text(b, r));
        old->gone = true;
    }
    return acc_append(b, acc, r, err);
}

static int add_docs(const struct reading *d, struct doc_node **docs, size_t n, const char *path,
                    struct rk_err *err)
{
    struct res_list list = {0};

    for (size_t i = 0; i < n; i++)
        if (build_count_nodes(d->b, docs[i], path, err))
            return -1;
    if (res_from_docs(d->b, docs, n, path, &list, err))
        return -1;
    for (size_t i = 0; i < list.n; i++)
        if (acc_put(d->b, d->acc, list.v[i], path, err))
            return -1;
    return 0;
}

static int add_file(const struct reading *d, const char *path, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = path, .marks = d->b->marks};
    bool json = rk_str_ends(rk_str_c(path), ".json"), must;
    struct doc_node **docs;
    rk_str text;
    size_t n;

    if (rk_str_ends(rk_str_c(path), ".jsonnet"))
        return rk_fail(err, RK_UNSUPPORTED, "%s: Jsonnet is not evaluated here: commit what it "
                       "gives, and name the file in spec.source.directory.exclude", path);
    if (load_read(d->b, path, &text, err))
        return -1;
    if (has(text, SKIP_WORD))
        return 0;
    must = json || looks_like_manifest(text);
    if (doc_yaml_read(d->b->a, text, &how, &docs, &n, err)) {
        if (must || err->code != RK_INVALID)
            return -1;
        render_lint_add(d->b, RENDER_IGNORED, path, err->where.line,
                        "not a Kubernetes manifest, and no YAML: left out");
        rk_err_clear(err);
        return 0;
    }
    if (json && n > 1)
        return rk_fail_at(err, RK_INVALID, path, 0, 0, "a JSON file holds one object: put each "
                          "into a file of its own, or into the items of a List");
    return only_manifests(d->b, docs, &n, path, must, err) || add_docs(d, docs, n, path, err)
               ? -1 : 0;
}

static int found(struct walk *w, const char *path, enum render_kind kind, const char *real,
                 struct rk_err *err)
{
    const struct reading *d = w->ctx;

    if (kind == RENDER_DIR)
        return 0;
    if (!is_wanted(d, path)) {
        rk_err_clear(err);
        return 0;
    }
    return real ? add_file(d, path, err) : rk_wrap(err, "%s", path);
}

int directory_build(struct build *b, const char *dir, const struct doc_node *how, struct acc *acc,
                    struct rk_err *err)
{
    struct reading d = {
        .b = b, .acc = acc, .cut = dir[0] ? strlen(dir) + 1 : 0,
        .include = source_text(b, how, "include"), .exclude = source_text(b, how, "exclude"),
        .all = doc_get_bool(how, "disableExtensionFilter", false),
    };
    struct walk w = {.b = b, .below = doc_get_bool(how, "recurse", false), .found = found,
                     .ctx = &d};
    struct rk_err why;

    if (doc_count(doc_get(how, "jsonnet")))
        return source_fail(b, doc_get(how, "jsonnet"), RK_UNSUPPORTED, err,
                           "directory.jsonnet: Jsonnet is not evaluated here: commit what it "
                           "gives");
    rk_err_clear(&why);
    if (walk_folder(&w, dir, &why)) {
        if (err)
            *err = why;
        return -1;
    }
    acc_drop_gone(acc);
    return 0;
}
