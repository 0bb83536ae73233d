/*
 * unseal.c: `reckon unseal`, kubeseal's --recovery-unseal: SealedSecrets and private keys in (PEM
 * files, key Secrets or Lists of them), Secrets with clear values out on stdout. Offline.
 */
#include "admin/admin_int.h"
#include "seal/seal.h"

struct keys {
    rk_str *v;
    size_t n, cap;
};

static void add_key(struct admin *c, struct keys *k, rk_str pem)
{
    k->v = rk_arena_grow(c->arena, k->v, k->n, &k->cap, sizeof(*k->v));
    k->v[k->n++] = rk_arena_str(c->arena, pem);
}

static int add_secrets(struct admin *c, struct keys *k, const char *path, struct rk_err *err)
{
    struct doc_node **docs;
    size_t n;

    if (admin_documents(c, path, &docs, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct rk_buf pem rk_auto(admin_wipe_buf) = RK_BUF_INIT;
        rk_str text = doc_get_text(doc_get(docs[i], "data"), "tls.key");

        rk_buf_reserve(&pem, text.n + 4);
        if (!text.n || !rk_unbase64(&pem, text))
            return rk_fail(err, RK_INVALID,
                           "%s: neither a PEM key nor a Secret with data \"tls.key\"", path);
        add_key(c, k, rk_buf_view(&pem));
    }
    return 0;
}

static int add_file(struct admin *c, struct keys *k, const char *path, struct rk_err *err)
{
    rk_str text;

    if (admin_read(c, path, &text, err) < 0)
        return -1;
    if (!memmem(text.p, text.n, "PRIVATE KEY-----", 16) ||
        !rk_str_starts(rk_str_trim(text), "-----BEGIN"))
        return add_secrets(c, k, path, err);
    add_key(c, k, text);
    return 0;
}

/* --recovery-private-key A,B --recovery-private-key C */
static int read_keys(struct admin *c, struct keys *k, struct rk_err *err)
{
    for (size_t i = 0; i < c->n_given; i++) {
        rk_str rest = rk_str_c(c->given[i].value);

        while (rk_streq(c->given[i].name, "recovery-private-key") && rest.p) {
            rk_str path = rk_str_cut(rest, ',', &rest);

            if (path.n && add_file(c, k, rk_arena_dup(c->arena, path.p, path.n), err) < 0)
                return -1;
        }
    }
    if (k->n == 0)
        return rk_fail(err, RK_INVALID, "which key? give --recovery-private-key FILE");
    return 0;
}

static int run(struct admin *c, struct rk_err *err)
{
    const char *format;
    struct keys keys = {0};
    struct doc_node **docs, *secret;
    size_t n;

    if (admin_format(c, "json|yaml", "json", &format, err) < 0 || read_keys(c, &keys, err) < 0 ||
        admin_documents(c, admin_value(c, "secret-file"), &docs, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (seal_unseal(c->arena, keys.v, keys.n, docs[i], &secret, err) < 0)
            return n > 1 ? rk_wrap(err, "document %zu", i + 1) : -1;
        if (admin_put(&c->out, format, secret, err) < 0)
            return -1;
    }
    return ADMIN_DONE;
}

static const struct admin_option options[] = {
    {"recovery-private-key", 0, "FILE", "a PEM key, a key Secret or a List; also a,b and repeated"},
    {"secret-file", 'f', "FILE", "the SealedSecrets (else stdin)"},
    {"format", 'o', "json|yaml", "how to print (json)"},
    {"output", 0, "json|yaml", NULL},
    {"recovery-unseal", 0, NULL, NULL},
};
const struct admin_verb admin_unseal_verb = {
    .name = "unseal", .operands = "", .run = run,
    .help = "open SealedSecrets with private keys; prints the values in clear",
    .options = options, .n_options = RK_LEN(options),
};
