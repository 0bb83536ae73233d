/*
 * selector.c: the `target` of a patch. In: regular expressions for group, version, kind, name and
 * namespace, and label and annotation selectors. Out: does an object fit. Name and namespace are
 * compared with the first and with the current id, the namespace being the effective one.
 */
#include "render/render_int.h"

enum part { GROUP, VERSION, KIND, NAME, NAMESPACE, PART_MAX };

static const char *const part_keys[PART_MAX] = {
    [GROUP] = "group", [VERSION] = "version", [KIND] = "kind", [NAME] = "name",
    [NAMESPACE] = "namespace",
};

struct selector {
    struct pattern *part[PART_MAX]; /* NULL: anything */
    struct kube_selector *labels, *annotations;
    const char *text;
};

static int selector_parts(struct build *b, const struct doc_node *target, struct selector *s,
                          struct rk_err *err)
{
    struct rk_buf text = RK_BUF_INIT;

    for (size_t i = 0; i < PART_MAX; i++) {
        rk_str want = doc_get_text(target, part_keys[i]);

        if (!want.n)
            continue;
        rk_buf_f(&text, "%s%s %.*s", text.n ? ", " : "", part_keys[i], RK_ARG_STR(want));
        if (pattern_new(b->a, want, &s->part[i], err)) {
            rk_buf_release(&text);
            return rk_wrap(err, "%s", part_keys[i]);
        }
    }
    s->text = rk_arena_strdup(b->a, text.p);
    rk_buf_release(&text);
    return 0;
}

static int selector_grammar(struct build *b, const struct doc_node *target, const char *key,
                            struct kube_selector **out, struct rk_err *err)
{
    rk_str text = doc_get_text(target, key);

    if (!text.n)
        return 0;
    return kube_selector_parse(b->a, text, out, err) ? rk_wrap(err, "%s", key) : 0;
}

int selector_new(struct build *b, const struct kust *k, const struct doc_node *target,
                 struct selector **out, struct rk_err *err)
{
    struct selector *s = rk_arena_alloc(b->a, sizeof(*s));

    if (selector_parts(b, target, s, err) ||
        selector_grammar(b, target, "labelSelector", &s->labels, err) ||
        selector_grammar(b, target, "annotationSelector", &s->annotations, err)) {
        selector_free(&s);
        return rk_wrap(err, "%s:%u: target", mark_file(b, k, target->mark),
                       mark_line(b, target->mark));
    }
    *out = s;
    return 0;
}

void selector_free(struct selector **s)
{
    for (size_t i = 0; *s && i < PART_MAX; i++)
        pattern_free((*s)->part[i]);
    *s = NULL;
}

static bool fits(const struct pattern *p, rk_str text)
{
    return !p || pattern_match(p, text);
}

bool selector_match(const struct selector *s, const struct res *r)
{
    const struct doc_node *meta = doc_get(r->doc, "metadata");
    const struct res_id *org = r->n_prev ? &r->prev[0] : NULL;

    if (!fits(s->part[KIND], r->kind) || !fits(s->part[GROUP], r->group) ||
        !fits(s->part[VERSION], r->version))
        return false;
    if (!fits(s->part[NAME], r->name) && !(org && fits(s->part[NAME], org->name)))
        return false;
    if (!fits(s->part[NAMESPACE], ids_effective_ns(r)) &&
        !(org && fits(s->part[NAMESPACE], org->ns)))
        return false;
    if (s->labels && !kube_selector_match(s->labels, doc_get(meta, "labels")))
        return false;
    return !s->annotations || kube_selector_match(s->annotations, doc_get(meta, "annotations"));
}

const char *selector_text(const struct selector *s)
{
    return s->text[0] ? s->text : "anything";
}
