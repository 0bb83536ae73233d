/*
 * origin.c: the `buildMetadata` field: the annotations that say where an object comes from and what
 * changed it, and the label that says who made it. In: what the build notes on the way, when the
 * root asks for it. Out: texts on the objects, written at the end. Paths are as kustomizations
 * write them, from the root's folder.
 */
#include "render/render_int.h"

#define MANAGED_BY "app.kubernetes.io/managed-by"
#define VERSION "kustomize-v5.7.1"

bool origin_wanted(const struct build *b)
{
    return b->metadata != NULL;
}

static void put(struct rk_buf *out, const char *indent, const char *key, rk_str text)
{
    struct doc_node n = {.type = DOC_STRING, .text = text};

    if (!text.n)
        return;
    rk_buf_f(out, "%s%s: ", indent, key);
    if (doc_yaml_write(out, &n, NULL)) /* a name that cannot be written: a file has no such */
        rk_buf_c(out, "\n");
}

static void put_repo(struct rk_buf *out, const char *repo, const char *ref)
{
    put(out, "", "repo", rk_str_c(repo ? repo : ""));
    put(out, "", "ref", rk_str_c(ref ? ref : ""));
}

static const char *kept(struct build *b, struct rk_buf *out)
{
    const char *text = rk_arena_dup(b->a, out->p ? out->p : "", out->n);

    rk_buf_release(out);
    return text;
}

const char *origin_of_file(struct build *b, const struct kust *k, rk_str rel)
{
    struct rk_buf out = RK_BUF_INIT;

    put(&out, "", "path", rk_str_c(load_join(b, k->shown, rel)));
    put_repo(&out, k->repo, k->ref);
    return kept(b, &out);
}

const char *origin_of_builtin(struct build *b, const struct kust *k, const char *kind)
{
    const char *slash = strrchr(k->file, '/');
    struct rk_buf out = RK_BUF_INIT;

    put_repo(&out, k->repo, k->ref);
    put(&out, "", "configuredIn",
        rk_str_c(load_join(b, k->shown, rk_str_c(slash ? slash + 1 : k->file))));
    rk_buf_f(&out, "configuredBy:\n  apiVersion: builtin\n  kind: %s\n", kind);
    return kept(b, &out);
}

const char *origin_of_plugin(struct build *b, const struct kust *k, const struct res *config)
{
    struct rk_buf out = RK_BUF_INIT;

    put_repo(&out, k->repo, k->ref);
    put(&out, "", "configuredIn", rk_str_c(config->shown ? config->shown : ""));
    rk_buf_c(&out, "configuredBy:\n");
    put(&out, "  ", "apiVersion", doc_get_text(config->doc, "apiVersion"));
    put(&out, "  ", "kind", config->kind);
    put(&out, "  ", "name", config->name);
    put(&out, "  ", "namespace", config->ns);
    return kept(b, &out);
}

/* What has no origin was made by the step. */
void origin_note_step(struct build *b, struct acc *acc, const char *step)
{
    for (size_t i = 0; i < acc->n; i++) {
        struct res *r = acc->items[i];
        struct doc_node *notes = doc_walk(r->doc, "metadata.annotations");

        if (doc_type(notes) == DOC_MAP) /* the real tool notes the step among them */
            res_make_texts(b, notes);
        if (!r->origin) {
            r->origin = step;
            continue;
        }
        r->steps = rk_arena_grow(b->a, r->steps, r->n_steps, &r->cap_steps, sizeof(char *));
        r->steps[r->n_steps++] = step;
    }
}

/* ---- at the end ---- */

static bool asked_for(const struct build *b, const char *option)
{
    for (size_t i = 0; i < doc_count(b->metadata); i++)
        if (rk_str_is(doc_text(doc_at(b->metadata, i)), option))
            return true;
    return false;
}

static void set_entry(struct build *b, struct res *r, const char *map, const char *key,
                      rk_str text)
{
    struct doc_node *meta = doc_make(b->a, r->doc, "metadata");
    struct doc_node *value = doc_string(b->a, text);

    value->mark = doc_marks_chain(b->marks, b->metadata->mark, DOC_BY_ANNOTATION, 0);
    if (doc_type(doc_get(meta, map)) != DOC_MAP)
        doc_set_c(b->a, meta, map, doc_map(b->a));
    doc_set_c(b->a, doc_get(meta, map), key, value);
}

/* A list of the steps: each text indented, with a dash in front. */
static rk_str steps_text(struct build *b, const struct res *r)
{
    struct rk_buf out = RK_BUF_INIT;

    for (size_t i = 0; i < r->n_steps; i++) {
        rk_str rest = rk_str_c(r->steps[i]);

        for (bool first = true; rest.n; first = false) {
            rk_str line = rk_str_cut(rest, '\n', &rest);

            rk_buf_f(&out, "%s%.*s\n", first ? "- " : "  ", RK_ARG_STR(line));
        }
    }
    return rk_str_c(kept(b, &out));
}

void origin_write(struct build *b, struct acc *acc)
{
    bool origin = asked_for(b, "originAnnotations"), steps = asked_for(b, "transformerAnnotations");
    bool label = asked_for(b, "managedByLabel");

    for (size_t i = 0; i < acc->n; i++) {
        struct res *r = acc->items[i];

        if (origin && r->origin)
            set_entry(b, r, "annotations", "config.kubernetes.io/origin", rk_str_c(r->origin));
        if (steps && r->n_steps)
            set_entry(b, r, "annotations", "alpha.config.kubernetes.io/transformations",
                      steps_text(b, r));
        if (label)
            set_entry(b, r, "labels", MANAGED_BY, RK_STR(VERSION));
    }
}
