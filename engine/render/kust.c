/*
 * kust.c: a folder's kustomization file. In: a folder. Out: its fields, or NULL when no file is
 * there. Checks kind, apiVersion and emptiness as the real tool does, and turns the YAML mistakes
 * that people make in these files into a line and the text to write.
 */
#include "reckon/text.h"
#include "render/render_int.h"

static const char *const file_names[] = {"kustomization.yaml", "kustomization.yml",
                                         "Kustomization"};

/* The n-th line of a text, from 1. */
static rk_str line_of(rk_str text, uint32_t line)
{
    rk_str rest = text, one = RK_STR_NONE;

    for (uint32_t i = 0; i < line && rest.n; i++)
        one = rk_str_cut(rest, '\n', &rest);
    return one;
}

/* `key: some: thing`: YAML wants quotes there; libyaml's own message does not say so. */
static bool colon_hint(struct build *b, rk_str text, uint32_t line, const char **hint)
{
    rk_str one = rk_str_trim(line_of(text, line)), rest, key;
    const char *dash = "";

    if (rk_str_starts(one, "- ")) {
        dash = "- ";
        one = rk_str_trim((rk_str){one.p + 2, one.n - 2});
    }
    if (!one.n || !memmem(one.p, one.n, ": ", 2))
        return false;
    key = rk_str_cut(one, ':', &rest);
    rest = rk_str_trim(rest);
    if (!rest.n || memchr("\"'{[|>&*#", rest.p[0], 10) ||
        (!memmem(rest.p, rest.n, ": ", 2) && rest.p[rest.n - 1] != ':'))
        return false;
    /* key=value is a generator's literal: its text may be secret */
    if (memchr(one.p, '=', one.n) || rk_text_names_secret(key))
        *hint = "the value in quotes";
    else
        *hint = rk_arena_f(b->a, "%s%.*s: \"%.*s\"", dash, RK_ARG_STR(key), RK_ARG_STR(rest));
    return true;
}

int kust_read_config(struct build *b, rk_str text, const char *file, struct doc_node **out,
                     struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_CONFIG, .file = file, .marks = b->marks};
    struct rk_err why;
    const char *hint;

    if (doc_yaml_read_one(b->a, text, &how, out, &why) == 0)
        return 0;
    for (uint32_t back = 0; why.code == RK_INVALID && back < 2 && why.where.line > back; back++)
        if (colon_hint(b, text, why.where.line - back, &hint))
            return rk_fail_at(err, RK_INVALID, file, why.where.line - back, 0,
                              "a value with a colon needs quotes: write %s", hint);
    if (err)
        *err = why;
    return -1;
}

static bool field_is(const struct kust *k, enum kust_field f, const char *text)
{
    return k->field[f] && rk_str_is(doc_text(k->field[f]), text);
}

static int check_type(struct build *b, struct kust *k, struct rk_err *err)
{
    const struct doc_node *kind = k->field[KUST_KIND], *version = k->field[KUST_API_VERSION];
    const char *wanted;

    k->component = field_is(k, KUST_KIND, "Component");
    if (kind && !k->component && !field_is(k, KUST_KIND, "Kustomization"))
        return rk_fail_at(err, RK_INVALID, k->file, mark_line(b, kind->mark), 0,
                          "kind: %.*s; it has to be Kustomization or Component",
                          RK_ARG_STR(doc_text(kind)));
    wanted = k->component ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
    if (version && !field_is(k, KUST_API_VERSION, wanted))
        return rk_fail_at(err, RK_INVALID, k->file, mark_line(b, version->mark), 0,
                          "apiVersion: %.*s; for a %s it has to be %s",
                          RK_ARG_STR(doc_text(version)),
                          k->component ? "Component" : "Kustomization", wanted);
    return 0;
}

static int check_empty(const struct doc_node *doc, const struct kust *k, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(doc); i++) {
        const struct doc_pair *p = doc_pair_at(doc, i);

        if (!rk_str_is(p->key, "kind") && !rk_str_is(p->key, "apiVersion") &&
            !doc_is_null(p->value) && !(doc_type(p->value) == DOC_STRING && !p->value->text.n))
            return 0;
    }
    return rk_fail_at(err, RK_INVALID, k->file, 0, 0,
                      "the kustomization is empty: add resources, or another field");
}

static int find_file(struct build *b, struct kust *k, struct rk_err *err)
{
    const char *path, *real;
    enum load_what what;

    for (size_t i = 0; i < RK_LEN(file_names); i++) {
        if (load_look(b, k, rk_str_c(file_names[i]), &path, &real, &what, err))
            return -1;
        if (what != LOAD_FILE)
            continue;
        if (k->file)
            return rk_fail_at(err, RK_INVALID, path, 0, 0,
                              "the folder has another kustomization file, %s: keep one", k->file);
        k->file = real;
    }
    return 0;
}

int kust_load(struct build *b, const char *dir, const struct kust *parent, struct kust **out,
              struct rk_err *err)
{
    struct kust *k = rk_arena_alloc(b->a, sizeof(*k));
    struct doc_node *doc;

    k->dir = dir;
    k->shown = "";
    k->parent = parent;
    *out = NULL;
    if (find_file(b, k, err))
        return -1;
    if (!k->file)
        return 0;
    if (load_read(b, k->file, &k->text, err) ||
        kust_read_config(b, k->text, k->file, &doc, err))
        return -1;
    if (doc_is_null(doc))
        return check_empty(NULL, k, err);
    if (fields_bind(b, doc, k, err) || check_type(b, k, err) || check_empty(doc, k, err))
        return -1;
    lint_deprecated(b, k);
    *out = k;
    return 0;
}
