/*
 * parts.c: an Application of several sources. In: the parts, each a source and a folder in this tree
 * or in that of another repository (mounted as a base of elsewhere is). Out: the objects of all, in
 * the order of the sources; of two equal ones the later counts, with Argo CD's warning. A part that
 * makes no manifests holds value files for the charts of the others.
 */
#include "render/render_int.h"

static struct asked asked_of(const struct build *b, const struct render_part *p)
{
    const struct doc_node *spec = p->source.spec;
    const struct doc_mark *m = doc_marks_get(p->source.marks, spec ? spec->mark : 0);

    return (struct asked){.file = m && m->file ? doc_marks_file(p->source.marks, m->file) : NULL,
                          .line = m ? m->line : 0,
                          .field = rk_arena_f(b->a, "%s.repoURL", p->source.field)};
}

/* Before the first is built: its charts may name value files of the last. */
static int mount_all(struct build *b, struct rk_err *err)
{
    const struct render_opts *all = b->opts;

    b->part_roots = rk_arena_array(b->a, all->n_parts, sizeof(*b->part_roots));
    for (size_t i = 0; i < all->n_parts; i++) {
        const struct render_part *p = &all->parts[i];
        struct asked by = asked_of(b, p);

        b->part_roots[i] = "";
        if (!p->remote)
            continue;
        if (!b->files->remote)
            return rk_fail_at(err, RK_UNSUPPORTED, by.file, by.line, 0,
                              "%s: other repositories are not fetched here", by.field);
        if (remote_mount(b, p->remote, by, &b->part_roots[i], err))
            return -1;
    }
    return 0;
}

static int take(struct build *b, const struct render_part *p, const struct acc *own,
                struct acc *acc, struct rk_err *err)
{
    for (size_t i = 0; i < own->n; i++) {
        struct res *r = own->items[i], *old = NULL;
        const struct doc_mark *m = doc_marks_get(b->marks, r->doc->mark);

        if (ids_find_any(acc, r, &old)) {
            render_lint_add(b, RENDER_RISK, m && m->file ? doc_marks_file(b->marks, m->file) : NULL,
                            m ? m->line : 0, "RepeatedResourceWarning: %s is in more than one "
                            "source; that of %s counts", ids_text(b, r), p->source.field);
            old->gone = true;
        }
        if (acc_append(b, acc, r, err))
            return -1;
    }
    acc_drop_gone(acc);
    return 0;
}

/* What `$NAME/...` of the charts means: the tree of each part that has a name. */
static const struct render_ref *refs_of(struct build *b, const struct render_opts *all, size_t *n)
{
    struct render_ref *v = rk_arena_array(b->a, all->n_parts, sizeof(*v));

    *n = 0;
    for (size_t i = 0; i < all->n_parts; i++) {
        const char *root = b->part_roots[i], *inner;

        if (all->parts[i].ref[0])
            v[(*n)++] = (struct render_ref){
                .name = all->parts[i].ref,
                .files = root[0] ? remote_files(b, root, &inner) : NULL};
    }
    return v;
}

static int build_one(struct build *b, const struct render_opts *all, size_t i, struct acc *acc,
                     struct rk_err *err)
{
    const struct render_part *p = &all->parts[i];
    struct render_opts *one = rk_arena_alloc(b->a, sizeof(*one));
    struct render_source *source = rk_arena_alloc(b->a, sizeof(*source));
    struct acc own = {.config = &config_default};

    *one = *all;
    *source = p->source;
    source->refs = refs_of(b, all, &source->n_refs);
    one->source = source;
    one->path = load_join(b, b->part_roots[i], rk_str_c(p->path));
    b->opts = one;
    b->schema = NULL; /* each part is a build of its own */
    b->schema_set = false;
    b->metadata = NULL;
    return source_build(b, &own, err) || take(b, p, &own, acc, err) ? -1 : 0;
}

int parts_build(struct build *b, struct acc *acc, struct rk_err *err)
{
    const struct render_opts *all = b->opts;

    if (mount_all(b, err))
        return -1;
    for (size_t i = 0; i < all->n_parts; i++)
        if (all->parts[i].makes && build_one(b, all, i, acc, err))
            return -1;
    return 0;
}
