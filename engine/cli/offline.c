/*
 * offline.c: files in, objects out, for the verbs that need no engine. Reads what it was named and
 * nothing else; every file has the document limits.
 */
#include "cli/offline.h"

#include "base/file.h"

#define FILE_LIMIT ((size_t)16 << 20)

static int read_text(struct cli *c, const char *path, rk_str *out, struct rk_err *err)
{
    struct rk_buf bytes rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (rk_file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, FILE_LIMIT, &bytes, err))
        return -1;
    *out = rk_arena_str(c->arena, rk_buf_view(&bytes));
    return 0;
}

int offline_docs(struct cli *c, const char *path, struct doc_node ***docs, size_t *n,
                 struct rk_err *err)
{
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = path};
    rk_str text = RK_STR_NONE, first;
    struct doc_node *one;

    if (read_text(c, path, &text, err))
        return -1;
    first = rk_str_trim(text);
    if (first.n && (first.p[0] == '{' || first.p[0] == '[') &&
        doc_json_read(c->arena, text, NULL, &one, NULL) == 0) {
        *docs = rk_arena_alloc(c->arena, sizeof(**docs));
        **docs = one;
        *n = 1;
        return 0;
    }
    return doc_yaml_read(c->arena, text, &how, docs, n, err); /* flow YAML begins so, too */
}

static bool is_list(const struct doc_node *doc)
{
    return rk_str_ends(doc_get_text(doc, "kind"), "List") &&
           doc_type(doc_get(doc, "items")) == DOC_LIST;
}

static int add_object(struct cli *c, const char *path, struct doc_node *doc,
                      struct offline_objects *out, struct rk_err *err)
{
    const struct doc_node *items = doc_type(doc) == DOC_LIST ? doc
                                   : is_list(doc)            ? doc_get(doc, "items") : NULL;
    struct kube_object o = {0};

    for (size_t i = 0; i < doc_count(items); i++)
        if (add_object(c, path, doc_at(items, i), out, err))
            return -1;
    if (items || doc_is_null(doc))
        return 0;
    if (kube_object_init(&o, doc, err))
        return rk_wrap(err, "%s", path);
    kube_object_cut_managed(c->arena, &o);
    out->v = rk_arena_grow(c->arena, out->v, out->n, &out->cap, sizeof(*out->v));
    out->v[out->n++] = o;
    return 0;
}

static int add_file(struct cli *c, const char *path, struct offline_objects *out,
                    struct rk_err *err)
{
    struct doc_node **docs = NULL;
    size_t n = 0;

    if (offline_docs(c, path, &docs, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (add_object(c, path, docs[i], out, err))
            return -1;
    return 0;
}

static bool is_manifest(const char *name)
{
    rk_str s = rk_str_c(name);

    return rk_str_ends(s, ".yaml") || rk_str_ends(s, ".yml") || rk_str_ends(s, ".json");
}

int offline_objects(struct cli *c, const char *path, struct offline_objects *out,
                    struct rk_err *err)
{
    char **names = NULL;
    size_t n = 0;
    int rc = 0;

    if (!rk_path_is_dir(path))
        return add_file(c, path, out, err);
    if (rk_dir_names(path, &names, &n, err))
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rk_auto(rk_free_str) char *file = rk_path_join(path, names[i]);

        if (is_manifest(names[i]) && !rk_path_is_dir(file))
            rc = add_file(c, file, out, err);
    }
    rk_names_free(names, n);
    return rc;
}

static bool is_namespaced(const struct kube_key *k)
{
    const struct kube_type *t = kube_type_find(k->group, k->kind);

    return !t || t->scope != KUBE_CLUSTER;
}

static int set_namespace(struct cli *c, struct kube_object *o, const char *namespace,
                         struct rk_err *err)
{
    struct doc_node *metadata = doc_get(o->doc, "metadata");
    rk_str managed = o->managed_fields;

    if (!namespace || o->key.namespace.n || !is_namespaced(&o->key))
        return 0;
    doc_set_c(c->arena, metadata, "namespace", doc_string_c(c->arena, namespace));
    if (kube_object_init(o, o->doc, err))
        return -1;
    o->managed_fields = managed;
    return 0;
}

int offline_prepare(struct cli *c, struct offline_objects *o, const char *namespace,
                    struct rk_err *err)
{
    static const uint8_t zeros[32];

    for (size_t i = 0; i < o->n; i++) {
        if (set_namespace(c, &o->v[i], namespace, err))
            return -1;
        if (kube_is_secret(&o->v[i].key))
            kube_mask_secret(c->arena, o->v[i].doc, zeros);
    }
    return 0;
}

struct kube_object *offline_find(const struct offline_objects *o, const struct kube_object *like)
{
    for (size_t i = 0; i < o->n; i++) {
        struct kube_key k = o->v[i].key;

        if (!k.namespace.n || !like->key.namespace.n)
            k.namespace = like->key.namespace;
        if (kube_key_eq(&k, &like->key))
            return &o->v[i];
    }
    return NULL;
}

bool offline_owned(const struct kube_object *o)
{
    return doc_count(doc_walk(o->doc, "metadata.ownerReferences")) > 0;
}

/* ---- an Application made of options ---- */
static int read_ignore(struct cli *c, const char *path, struct doc_node **out, struct rk_err *err)
{
    struct doc_node **docs = NULL, *found = NULL;
    size_t n = 0;

    *out = doc_list(c->arena);
    if (!path)
        return 0;
    if (offline_docs(c, path, &docs, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        found = doc_type(docs[i]) == DOC_LIST ? docs[i] : doc_get(docs[i], "ignoreDifferences");
        found = found ? found : doc_walk(docs[i], "spec.ignoreDifferences");
        for (size_t k = 0; k < doc_count(found); k++)
            doc_push(c->arena, *out, doc_at(found, k));
        if (!found && doc_get(docs[i], "kind") && !doc_get(docs[i], "spec"))
            doc_push(c->arena, *out, docs[i]);
    }
    return 0;
}

static struct doc_node *make_app(struct cli *c, struct doc_node *ignore, const char **options,
                                 size_t n_options, const char *namespace)
{
    struct rk_arena *a = c->arena;
    struct doc_node *app = doc_map(a), *list = doc_list(a);
    struct doc_node *to, *source;

    doc_set_c(a, app, "apiVersion", doc_string_c(a, "argoproj.io/v1alpha1"));
    doc_set_c(a, app, "kind", doc_string_c(a, "Application"));
    doc_set_c(a, doc_make(a, app, "metadata"), "name", doc_string_c(a, "offline"));
    source = doc_make(a, app, "spec.source");
    doc_set_c(a, source, "repoURL", doc_string_c(a, "."));
    doc_set_c(a, source, "path", doc_string_c(a, "offline"));
    to = doc_make(a, app, "spec.destination");
    doc_set_c(a, to, "server", doc_string_c(a, "https://kubernetes.default.svc"));
    doc_set_c(a, to, "namespace", doc_string_c(a, namespace ? namespace : "default"));
    doc_set_c(a, doc_get(app, "spec"), "project", doc_string_c(a, "default"));
    if (doc_count(ignore))
        doc_set_c(a, doc_get(app, "spec"), "ignoreDifferences", ignore);
    for (size_t i = 0; i < n_options; i++)
        doc_push(a, list, doc_string_c(a, options[i]));
    if (n_options)
        doc_set_c(a, doc_make(a, app, "spec.syncPolicy"), "syncOptions", list);
    return app;
}

static int check_app(const struct cli *c, const struct model *m, struct rk_err *err)
{
    if (m->n_apps != 1)
        return rk_fail(err, RK_INTERNAL, "the options make no application");
    for (size_t i = 0; i < m->apps[0].lints.n; i++)
        if (strstr(m->apps[0].lints.v[i].text, "ption") ||
            strstr(m->apps[0].lints.v[i].text, "ignoreDifferences"))
            cli_say(c, "warning: %s", m->apps[0].lints.v[i].text);
    return m->apps[0].error ? rk_fail(err, RK_INVALID, "%s", m->apps[0].error) : 0;
}

int offline_app(struct cli *c, const char *ignore_file, const char **options, size_t n_options,
                const char *namespace, struct model **m, struct rk_err *err)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *ignore = NULL;
    struct model *made = NULL;

    if (read_ignore(c, ignore_file, &ignore, err) ||
        doc_yaml_write(&text, make_app(c, ignore, options, n_options, namespace), err))
        return -1;
    const struct model_file file = {ignore_file ? ignore_file : "options", rk_buf_view(&text)};
    const struct model_input in = {.files = &file, .n_files = 1, .default_repo = "."};

    if (model_read(&in, &made, err))
        return -1;
    if (check_app(c, made, err)) {
        model_free(made);
        return -1;
    }
    *m = made;
    return 0;
}
