/*
 * source_fuzz.c: libFuzzer's entry for an Application's source: any bytes as spec.source, over a
 * folder with a kustomization, a chart and manifests. Helm is a function that prints what it is
 * asked, so that every text that reaches it is looked at.
 */
#include "render/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int fuzz_list(struct rk_arena *a, const char *path, const char ***names, size_t *n,
                     void *ctx, struct rk_err *err)
{
    const struct fuzz_tree *t = ctx;
    size_t len = strlen(path);

    (void)err;
    *n = 0;
    *names = rk_arena_array(a, t->n, sizeof(**names));
    for (size_t i = 0; i < t->n; i++) {
        const char *rest = t->files[i].path + (len ? len + 1 : 0), *name;

        if (len && (strncmp(t->files[i].path, path, len) != 0 || t->files[i].path[len] != '/'))
            continue;
        name = rk_arena_dup(a, rest, strcspn(rest, "/"));
        if (!*n || !rk_streq((*names)[*n - 1], name))
            (*names)[(*n)++] = name;
    }
    return 0;
}

static int fuzz_helm(const struct render_helm *h, struct rk_arena *a, rk_str *out, void *ctx,
                     struct rk_err *err)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;

    (void)ctx;
    (void)err;
    rk_buf_f(&text, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  n: \"%zu\"\n",
             strlen(h->release) + strlen(h->namespace) + h->n_words);
    for (size_t i = 0; i < h->n_words; i++)
        if (strlen(h->words[i]) > 1 << 20)
            abort();
    *out = rk_arena_str(a, rk_buf_view(&text));
    return 0;
}

static int fuzz_chart(const struct render_helm *h, const struct render_files **out, void *ctx,
                      struct rk_err *err)
{
    (void)h, (void)out, (void)ctx;
    return rk_fail(err, RK_UNAVAILABLE, "nothing is fetched");
}

static void build(struct fuzz_tree *t, const struct render_source *source)
{
    struct render_files files = {.stat = fuzz_stat, .read = fuzz_read, .list = fuzz_list,
                                 .id = fuzz_id, .ctx = t, .helm = fuzz_helm, .chart = fuzz_chart};
    struct render_opts opts = {.path = "k", .max_nodes = 20000, .source = source};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct render_result *r = NULL;
    struct rk_err err = {0};

    if (render_build(&files, &opts, &r, &err) || render_print(r, &out, &err)) {
        if (!err.text[0])
            abort(); /* every failure says why */
    }
    render_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rk_arena *a = rk_arena_new();
    struct doc_marks *marks = doc_marks_new(a);
    struct doc_read how = {.typing = DOC_RESOURCE, .file = "app.yaml", .marks = marks};
    struct render_source source = {.marks = marks, .field = "spec.source", .app = "app",
                                   .project = "p", .namespace = "ns", .revision = "0123456789"};
    struct fuzz_tree t = {.n = 6, .files = {
        {"comp/x/kustomization.yaml",
         RK_STR("kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnameSuffix: -c\n")},
        {"k/Chart.yaml", RK_STR("name: c\nversion: 1.0.0\n")},
        {"k/r.yaml", RK_STR(FUZZ_OBJECTS)},
        {"k/sub/b.json", RK_STR("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":"
                                "{\"name\":\"b\"}}")},
        {"k/values.yaml", RK_STR("a: 1\n")},
        {"k/kustomization.yaml", RK_STR("resources: [r.yaml]\nimages: [{name: web, newTag: '2'}]\n"
                                        "labels: [{pairs: {a: b}}]\ncommonLabels: {c: d}\n")},
    }};
    struct doc_node *doc = NULL;

    if (n < 1 << 16 &&
        doc_yaml_read_one(a, (rk_str){(const char *)bytes, n}, &how, &doc, NULL) == 0) {
        source.spec = doc;
        build(&t, &source);
        t.n = 5; /* without the kustomization a chart */
        build(&t, &source);
    }
    rk_arena_free(a);
    return 0;
}
