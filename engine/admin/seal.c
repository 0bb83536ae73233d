/*
 * seal.c: `reckon seal`, as kubeseal: Secrets in (stdin or a file), SealedSecrets out; one raw value;
 * items merged into a SealedSecret file that is there. The certificate comes from a file or from
 * the cluster's controller. Differences from kubeseal, each so that the result can be opened: an
 * explicit scope wins over annotations; --merge-into keeps the file's scope and format.
 */
#include "admin/admin_int.h"
#include "reckon/time.h"
#include "seal/seal.h"

#define CLUSTER_WIDE "sealedsecrets.bitnami.com/cluster-wide"
#define NAMESPACE_WIDE "sealedsecrets.bitnami.com/namespace-wide"

struct sealing {
    rk_str cert;
    bool have_scope;
    enum seal_scope scope;
    const char *ns, *name;      /* given; NULL */
    const char *format;
};

static int read_scope(struct admin *c, struct sealing *s, struct rk_err *err)
{
    const char *text = admin_value(c, "scope");

    s->have_scope = text != NULL;
    if (text && !seal_scope_parse(text, &s->scope))
        return rk_fail(err, RK_INVALID,
                       "--scope %.40s: known are strict, namespace-wide, cluster-wide", text);
    return 0;
}

static int read_cert(struct admin *c, struct sealing *s, struct rk_err *err)
{
    const char *path = admin_value(c, "cert");
    struct rk_buf pem rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (path && strstr(path, "://"))
        return rk_fail(err, RK_UNSUPPORTED, "--cert %s: must be a file; fetch it first", path);
    if (path)
        return admin_read(c, path, &s->cert, err);
    if (admin_fetch_cert(c, &pem, err) < 0)
        return -1;
    s->cert = rk_arena_str(c->arena, rk_buf_view(&pem));
    return 0;
}

/* The namespace of a Secret that names none: --namespace, else the kubeconfig's, else none. */
static const char *usual_namespace(struct admin *c, const struct sealing *s)
{
    struct cluster_config *config = NULL;

    if (s->ns)
        return s->ns;
    if (cluster_config_load(admin_value(c, "kubeconfig"), admin_value(c, "context"), &config,
                            NULL) < 0)
        return NULL;
    const char *ns = rk_arena_strdup(c->arena, config->namespace);

    cluster_config_free(config);
    return ns && *ns ? ns : "default";
}

static enum seal_scope noted_scope(const struct doc_node *metadata)
{
    const struct doc_node *notes = doc_get(metadata, "annotations");

    if (rk_str_is(doc_get_text(notes, CLUSTER_WIDE), "true"))
        return SEAL_CLUSTER_WIDE;
    return rk_str_is(doc_get_text(notes, NAMESPACE_WIDE), "true") ? SEAL_NAMESPACE_WIDE
                                                                  : SEAL_STRICT;
}

/* ---- whole Secrets ---- */
static int check_namespace(const struct sealing *s, const struct doc_node *secret,
                           struct rk_err *err)
{
    const struct doc_node *meta = doc_get(secret, "metadata");
    enum seal_scope scope = s->have_scope ? s->scope : noted_scope(meta);
    rk_str own = doc_get_text(meta, "namespace");

    if (scope != SEAL_CLUSTER_WIDE && s->ns && own.n && !rk_str_is(own, s->ns))
        return rk_fail(err, RK_INVALID,
                       "the Secret is in namespace " RK_FMT_STR ", --namespace says %s",
                       RK_ARG_STR(own), s->ns);
    return 0;
}

static bool has_items(const struct doc_node *secret)
{
    return doc_count(doc_get(secret, "data")) + doc_count(doc_get(secret, "stringData")) > 0;
}

static int seal_one(struct admin *c, const struct sealing *s, struct doc_node *secret,
                    struct doc_node **out, struct rk_err *err)
{
    bool empty = !has_items(secret);

    if (s->name) {
        struct doc_node *meta = doc_make(c->arena, secret, "metadata");
        if (meta)
            doc_set_c(c->arena, meta, "name", doc_string_c(c->arena, s->name));
    }
    if (check_namespace(s, secret, err) < 0)
        return -1;
    if (empty && !admin_given(c, "allow-empty-data"))
        return rk_fail(err, RK_INVALID, "the Secret has neither data nor stringData; "
                                        "--allow-empty-data takes it so");
    if (empty) { /* the room refuses none: one that is taken out again */
        struct doc_node *data = doc_map(c->arena);
        doc_set_c(c->arena, data, "none", doc_string_c(c->arena, ""));
        doc_set_c(c->arena, secret, "stringData", data);
    }
    if (seal_secret(c->arena, s->cert, s->have_scope, s->scope, usual_namespace(c, s), secret, out,
                    err) < 0)
        return -1;
    if (empty)
        doc_del(doc_walk(*out, "spec.encryptedData"), RK_STR("none"));
    return 0;
}

static int seal_all(struct admin *c, const struct sealing *s, struct rk_buf *out,
                    struct rk_err *err)
{
    struct doc_node **docs, *sealed;
    size_t n;

    if (admin_documents(c, admin_value(c, "secret-file"), &docs, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (seal_one(c, s, docs[i], &sealed, err) < 0)
            return n > 1 ? rk_wrap(err, "document %zu", i + 1) : -1;
        if (admin_put(out, s->format, sealed, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- --raw ---- */
static int seal_raw(struct admin *c, struct sealing *s, struct rk_err *err)
{
    const char *file = admin_value(c, "from-file"), *equals = file ? strchr(file, '=') : NULL;
    rk_str clear;

    if (s->scope != SEAL_CLUSTER_WIDE) {
        s->ns = usual_namespace(c, s);
        if (!s->ns)
            return rk_fail(err, RK_INVALID, "--raw: which namespace will it live in? "
                                            "give --namespace NS, or --scope cluster-wide");
    }
    if (s->scope == SEAL_STRICT && !s->name)
        return rk_fail(err, RK_INVALID, "--raw: what will the Secret be called? give --name NAME, "
                                        "or --scope namespace-wide");
    if (admin_read(c, equals ? equals + 1 : file, &clear, err) < 0)
        return -1;
    return seal_value(s->cert, s->scope, s->ns ? s->ns : "", s->name ? s->name : "", clear,
                      &c->out, err);
}

/* ---- --merge-into ---- */
static void merge_map(struct rk_arena *a, struct doc_node *into, const struct doc_node *from,
                      const char *path)
{
    const struct doc_node *source = doc_walk(from, path);

    if (doc_type(source) != DOC_MAP || doc_count(source) == 0)
        return;
    struct doc_node *target = doc_make(a, into, path);
    for (size_t i = 0; target && i < doc_count(source); i++)
        doc_set(a, target, doc_pair_at(source, i)->key, doc_pair_at(source, i)->value);
}

static int merge_scope(struct sealing *s, const struct doc_node *old, struct rk_err *err)
{
    enum seal_scope scope = noted_scope(doc_get(old, "metadata"));

    if (s->have_scope && s->scope != scope)
        return rk_fail(err, RK_INVALID, "--scope differs from that of the file; its other items "
                                        "could not be opened: leave --scope out");
    s->have_scope = true;
    s->scope = scope;
    return 0;
}

static int read_sealed(struct admin *c, const char *path, struct doc_node **old,
                       const char **format, struct rk_err *err)
{
    struct doc_node **docs;
    size_t n;
    rk_str text;

    if (admin_documents(c, path, &docs, &n, err) < 0 || admin_read(c, path, &text, err) < 0)
        return -1;
    if (n != 1 || !rk_str_is(doc_get_text(docs[0], "kind"), "SealedSecret"))
        return rk_fail(err, RK_INVALID, "%s: --merge-into needs a file with one SealedSecret",
                       path);
    if (!*format)
        *format = rk_str_starts(rk_str_trim(text), "{") ? "json" : "yaml";
    *old = docs[0];
    return 0;
}

static int merge_into(struct admin *c, struct sealing *s, const char *path, struct rk_err *err)
{
    static const char *const maps[] = {"spec.encryptedData", "spec.template.metadata.annotations",
                                       "spec.template.metadata.labels", "spec.template.data"};
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *old = NULL, *sealed, **docs;
    size_t n;

    if (read_sealed(c, path, &old, &s->format, err) < 0 || merge_scope(s, old, err) < 0 ||
        admin_documents(c, admin_value(c, "secret-file"), &docs, &n, err) < 0)
        return -1;
    const struct doc_node *meta = doc_get(old, "metadata");
    rk_str ns = doc_get_text(meta, "namespace");

    s->name = rk_arena_dup(c->arena, doc_get_text(meta, "name").p, doc_get_text(meta, "name").n);
    for (size_t i = 0; i < n; i++) {
        struct doc_node *into = doc_make(c->arena, docs[i], "metadata");

        if (into && ns.n)
            doc_set_c(c->arena, into, "namespace", doc_string(c->arena, ns));
        if (seal_one(c, s, docs[i], &sealed, err) < 0)
            return -1;
        for (size_t k = 0; k < RK_LEN(maps); k++)
            merge_map(c->arena, old, sealed, maps[k]);
    }
    if (admin_put(&text, s->format, old, err) < 0)
        return -1;
    return rk_file_write(path, rk_buf_view(&text), 0644, err);
}

/* ---- the verb ---- */
static int write_out(struct admin *c, struct sealing *s, const char *path, struct rk_err *err)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str name = rk_str_c(path);

    if (path && (rk_str_ends(name, ".yaml") || rk_str_ends(name, ".yml")))
        s->format = "yaml";
    if (!s->format)
        s->format = "json";
    if (!path)
        return seal_all(c, s, &c->out, err);
    if (seal_all(c, s, &text, err) < 0)
        return -1;
    return rk_file_write(path, rk_buf_view(&text), 0644, err);
}

static int run(struct admin *c, struct rk_err *err)
{
    struct sealing s = {.ns = admin_value(c, "namespace"), .name = admin_value(c, "name")};
    const char *into = admin_value(c, "merge-into");

    if (c->n_operands && !rk_streq(c->operands[0], "fetch-cert"))
        return rk_fail(err, RK_INVALID, "'%.40s': the Secret comes from stdin or -f FILE",
                       c->operands[0]);
    if (c->n_operands || admin_given(c, "fetch-cert"))
        return admin_fetch_cert_verb.run(c, err);
    if (admin_given(c, "recovery-unseal"))
        return admin_unseal_verb.run(c, err);
    if (admin_given(c, "from-file") && !admin_given(c, "raw"))
        return rk_fail(err, RK_INVALID, "--from-file goes with --raw");
    if (admin_format(c, "json|yaml", NULL, &s.format, err) < 0 || read_scope(c, &s, err) < 0 ||
        read_cert(c, &s, err) < 0)
        return -1;
    int rc = admin_given(c, "raw") ? seal_raw(c, &s, err)
             : into                ? merge_into(c, &s, into, err)
                                   : write_out(c, &s, admin_value(c, "sealed-secret-file"), err);
    return rc < 0 ? -1 : ADMIN_DONE;
}

static const struct admin_option options[] = {
    {"cert", 0, "FILE", "certificate to seal with (else the cluster's controller is asked)"},
    {"secret-file", 'f', "FILE", "the Secrets (else stdin)"},
    {"sealed-secret-file", 'w', "FILE", "write there; .yaml: as YAML"},
    {"format", 'o', "json|yaml", "how to print (json)"},
    {"output", 0, "json|yaml", NULL},
    {"scope", 0, "SCOPE", "strict (default), namespace-wide, cluster-wide"},
    {"namespace", 'n', "NS", "namespace of Secrets that name none"},
    {"name", 0, "NAME", "name of the Secret"},
    {"raw", 0, NULL, "seal one value: stdin or --from-file; prints base64 only"},
    {"from-file", 0, "[KEY=]FILE", "with --raw: the value"},
    {"merge-into", 0, "FILE", "put the items into this SealedSecret file"},
    {"allow-empty-data", 0, NULL, "take a Secret without items"},
    {"fetch-cert", 0, NULL, "print the controller's certificate"},
    {"recovery-unseal", 0, NULL, "as `reckon unseal`"},
    {"recovery-private-key", 0, "FILE", "with --recovery-unseal: a key; also a,b and repeated"},
    ADMIN_CLUSTER_OPTIONS, ADMIN_CONTROLLER_OPTIONS,
};
const struct admin_verb admin_seal_verb = {
    .name = "seal", .operands = "[fetch-cert]", .run = run, .most = 1,
    .help = "make SealedSecrets of Secrets, as kubeseal does",
    .options = options, .n_options = RK_LEN(options),
};
