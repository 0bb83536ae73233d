/*
 * nameref.c: fields that name another object follow it when it was renamed or moved. In: all
 * objects after the hashes, and the table of who names whom. Out: the fields with current names.
 * Runs once, at the root. The rules of choice are reference/kustomize.md section 10.
 *
 * Only objects with a history can be followed, so an index of their former names (by name and
 * namespace, and by name alone for those that any namespace may name) keeps the cost linear.
 */
#include "render/render_int.h"

struct referral {               /* one field of one object that may name one type */
    struct build *b;
    const struct index *by_name;
    struct res *referrer;
    const struct backref *target;
    const struct spec *field;
    const struct doc_node *subjects_of; /* a RoleBinding's subjects as they were */
};
struct found {
    struct res **v;
    size_t n, cap;
};

static uint64_t name_hash(rk_str name)
{
    return ids_hash(RK_STR_NONE, RK_STR_NONE, name);
}

static uint64_t name_ns_hash(rk_str name, rk_str ns)
{
    return ids_hash(RK_STR("in"), ns, name);
}

static uint64_t name_first_hash(rk_str name, rk_str ns)
{
    return ids_hash(RK_STR("was in"), ns, name);
}

static uint64_t first_ns_hash(rk_str ns)
{
    return ids_hash(RK_STR("first"), ns, RK_STR_NONE);
}

static bool was_named(const struct res *r, rk_str name)
{
    for (size_t i = 0; i < r->n_prev; i++)
        if (rk_str_eq(r->prev[i].name, name))
            return true;
    return false;
}

static bool was_type(const struct res *r, const char *group, const char *version, const char *kind)
{
    struct spec s = {.group = group, .version = version, .kind = kind};

    for (size_t i = 0; i < r->n_prev; i++)
        if (gvk_selected(&s, r->group, r->version, r->prev[i].kind))
            return true;
    return false;
}

/* ---- which objects a referrer may name at all ---- */

static bool is_account(const struct res *r)
{
    return rk_str_is(r->kind, "ServiceAccount");
}

static bool subjects_name_ns(const struct doc_node *subjects, rk_str ns)
{
    for (size_t i = 0; i < doc_count(subjects); i++) {
        const struct doc_node *s = doc_at(subjects, i);

        if (rk_str_is(doc_get_text(s, "kind"), "ServiceAccount") && doc_get(s, "namespace") &&
            rk_str_eq(doc_get_text(s, "namespace"), ns))
            return true;
    }
    return false;
}

/* The subset of objects that the real tool searches for a referrer. */
static bool in_subset(const struct referral *f, const struct res *r)
{
    if (f->referrer->cluster || r->cluster)
        return true;
    if (rk_str_eq(ids_effective_ns(f->referrer), ids_effective_ns(r)))
        return true;
    return f->subjects_of && subjects_name_ns(f->subjects_of, r->ns);
}

/* In another namespace only accounts can be named. */
static bool may_name(const struct referral *f, const struct res *r)
{
    return in_subset(f, r) &&
           (f->referrer->cluster || r->cluster || is_account(r) ||
            rk_str_eq(ids_effective_ns(f->referrer), ids_effective_ns(r)));
}

static bool same_ending(const struct res_texts *x, const struct res_texts *y)
{
    const struct res_texts *s = x->n <= y->n ? x : y, *l = x->n <= y->n ? y : x;
    size_t diff = l->n - s->n;

    if (s->n == 0)
        return diff == 0;
    for (size_t i = 0; i < s->n; i++)
        if (!rk_str_eq(l->v[i + diff], s->v[i]))
            return false;
    return true;
}

static bool same_affixes(const struct res *x, const struct res *y, bool allow_empty)
{
    bool p = same_ending(&x->prefixes, &y->prefixes) ||
             (allow_empty && (!x->prefixes.n || !y->prefixes.n));
    bool s = same_ending(&x->suffixes, &y->suffixes) ||
             (allow_empty && (!x->suffixes.n || !y->suffixes.n));

    return p && s;
}

static void keep_affixes(const struct referral *f, struct found *c, bool allow_empty)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        if (same_affixes(c->v[i], f->referrer, allow_empty))
            c->v[n++] = c->v[i];
    c->n = n;
}

/* ---- candidates ---- */

static bool role_fits(const struct referral *f, const struct res *r)
{
    const struct doc_node *ref = doc_get(f->referrer->doc, "roleRef");
    const struct doc_node *group = doc_get(ref, "apiGroup"), *kind = doc_get(ref, "kind");
    rk_str path = rk_str_c(f->field->path);

    if (!rk_str_ends(path, "roleRef/name") || !group || !kind)
        return true;
    return was_type(r, rk_arena_dup(f->b->a, doc_text(group).p, doc_text(group).n), NULL,
                    rk_arena_dup(f->b->a, doc_text(kind).p, doc_text(kind).n));
}

static bool first_ns_is(const struct res *r, rk_str ns)
{
    rk_str first = r->n_prev ? r->prev[0].ns : ids_effective_ns(r);

    return rk_str_eq(first, ns) && !rk_str_is(first, NO_NAMESPACE);
}

static bool current_ns_is(const struct res *r, rk_str ns)
{
    return !r->cluster && rk_str_eq(ids_effective_ns(r), ns);
}

enum where { ANYWHERE, FIRST_NS, CURRENT_NS };

static void take(const struct referral *f, struct found *out, struct res *r, rk_str name,
                 enum where where, rk_str ns)
{
    if (r->gone || !was_named(r, name) || !may_name(f, r))
        return;
    if ((where == FIRST_NS && !first_ns_is(r, ns)) || (where == CURRENT_NS && !current_ns_is(r, ns)))
        return;
    if (!was_type(r, f->target->group, f->target->version, f->target->kind) || !role_fits(f, r))
        return;
    for (size_t i = 0; i < out->n; i++)
        if (out->v[i] == r)
            return;
    out->v = rk_arena_grow(f->b->a, out->v, out->n, &out->cap, sizeof(struct res *));
    out->v[out->n++] = r;
}

static void take_all(const struct referral *f, struct found *out, uint64_t hash, rk_str name,
                     enum where where, rk_str ns)
{
    for (const struct index_entry *e = index_find(f->by_name, hash); e; e = e->next)
        take(f, out, e->res, name, where, ns);
}

/* Each list holds little more than what take() takes, so that the cost stays linear. */
static struct found candidates(const struct referral *f, rk_str name, enum where where, rk_str ns)
{
    struct found out = {0};

    if (where == FIRST_NS) {
        take_all(f, &out, name_first_hash(name, ns), name, where, ns);
    } else if (where == CURRENT_NS) {
        take_all(f, &out, name_ns_hash(name, ns), name, where, ns);
    } else if (f->referrer->cluster) {
        take_all(f, &out, name_hash(name), name, where, ns);
    } else {
        take_all(f, &out, name_ns_hash(name, ids_effective_ns(f->referrer)), name, where, ns);
        take_all(f, &out, name_ns_hash(name, RK_STR(NO_NAMESPACE)), name, where, ns);
        for (size_t i = 0; i < doc_count(f->subjects_of); i++)
            take_all(f, &out, name_ns_hash(name, doc_get_text(doc_at(f->subjects_of, i),
                                                              "namespace")), name, where, ns);
    }
    return out;
}

static bool all_alike(const struct found *c, bool with_ns)
{
    for (size_t i = 1; i < c->n; i++)
        if (!rk_str_eq(c->v[i]->name, c->v[0]->name) ||
            (with_ns && !rk_str_eq(c->v[i]->ns, c->v[0]->ns)))
            return false;
    return true;
}

static int choose(const struct referral *f, rk_str name, struct found *c, bool with_ns,
                  struct res **out, struct rk_err *err)
{
    *out = NULL;
    if (c->n > 1) {
        keep_affixes(f, c, true);
        if (c->n > 1)
            keep_affixes(f, c, false);
    }
    if (c->n == 0)
        return 0;
    if (c->n > 1 && !all_alike(c, with_ns))
        return rk_fail(err, RK_INVALID,
                       "%s: %s '%.*s' could be %s or %s: give them different names",
                       ids_text(f->b, f->referrer), f->field->path, RK_ARG_STR(name),
                       ids_text(f->b, c->v[0]), ids_text(f->b, c->v[1]));
    *out = c->v[0];
    return 0;
}

/* ---- writing the new name ---- */

static void write_name(struct spec_call *c, struct doc_node *node, const struct res *to)
{
    const struct doc_node *name = doc_walk(to->doc, "metadata.name");

    c->at = name ? name->mark : 0;
    edit_plain(c, node, to->name);
}

static int set_scalar(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    const struct referral *f = c->ctx;
    rk_str name = doc_text(n);
    struct found found = candidates(f, name, ANYWHERE, RK_STR_NONE);
    struct res *to;

    if (choose(f, name, &found, false, &to, err))
        return -1;
    if (to && !rk_str_eq(to->name, name))
        write_name(c, n, to);
    return 0;
}

/* Is there any object of the subset in that first namespace? Then the current one is not asked. */
static bool any_first_ns(const struct referral *f, rk_str ns)
{
    const struct index_entry *e = index_find(f->by_name, first_ns_hash(ns));

    while (e && !(first_ns_is(e->res, ns) && in_subset(f, e->res)))
        e = e->next;
    return e != NULL;
}

static int set_map(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    const struct referral *f = c->ctx;
    const struct doc_node *ns_node = doc_get(n, "namespace");
    struct doc_node *name_node = doc_get(n, "name");
    rk_str name = doc_text(name_node), ns = doc_text(ns_node);
    struct found found;
    struct res *to;

    if (!name_node)
        return rk_fail(err, RK_INVALID, "%s: %s has no name", ids_text(f->b, f->referrer),
                       f->field->path);
    found = candidates(f, name, ns_node ? FIRST_NS : ANYWHERE, ns);
    if (ns_node && !found.n && !any_first_ns(f, ns))
        found = candidates(f, name, CURRENT_NS, ns);
    if (choose(f, name, &found, true, &to, err))
        return -1;
    if (!to || (rk_str_eq(to->name, name) && !to->ns.n))
        return 0;
    if (!rk_str_eq(to->name, name))
        write_name(c, name_node, to);
    if (to->ns.n && !rk_str_eq(to->ns, ns)) {
        const struct doc_node *from = doc_walk(to->doc, "metadata.namespace");

        c->at = from ? from->mark : 0;
        edit_entry(c, n, RK_STR("namespace"), to->ns);
    }
    return 0;
}

static int set_any(struct spec_call *c, struct doc_node *n, struct rk_err *err)
{
    switch (doc_type(n)) {
    case DOC_NULL:
    case DOC_TYPE_MAX:
        return 0;
    case DOC_BOOL:
    case DOC_NUMBER:
    case DOC_STRING:
        return set_scalar(c, n, err);
    case DOC_MAP:
        return set_map(c, n, err);
    case DOC_LIST:
        break;
    }
    for (size_t i = 0; i < doc_count(n); i++) {
        struct doc_node *item = doc_at(n, i);

        if (doc_type(item) == DOC_LIST)
            return rk_fail(err, RK_INVALID, "%s: a list in a list cannot name objects",
                           ids_text(c->b, c->res));
        if (set_any(c, item, err))
            return -1;
    }
    return 0;
}

/* ---- driving it ---- */

struct reference {
    const struct backref *target;
    const struct spec *field;
    struct reference *next;     /* same kind, later in the table */
};
struct references {             /* by the kind of the object that holds the field */
    struct reference *first, *last;
};

static void reference_add(struct build *b, struct rk_map *by_kind, const struct backref *target,
                          const struct spec *field)
{
    const char *kind = field->kind ? field->kind : "";
    struct references *all = rk_map_get(by_kind, kind);
    struct reference *one = rk_arena_alloc(b->a, sizeof(*one));

    if (!all) {
        all = rk_arena_alloc(b->a, sizeof(*all));
        rk_map_set(by_kind, kind, all);
    }
    *one = (struct reference){.target = target, .field = field};
    if (all->last)
        all->last->next = one;
    else
        all->first = one;
    all->last = one;
}

static struct index former_names(struct build *b, const struct acc *acc)
{
    struct index x = {0};

    for (size_t i = 0; i < acc->n; i++) {
        struct res *r = acc->items[i];
        rk_str first = r->n_prev ? r->prev[0].ns : ids_effective_ns(r);

        index_push(b->a, &x, first_ns_hash(first), r);
        for (size_t j = 0; j < r->n_prev; j++) {
            index_push(b->a, &x, name_hash(r->prev[j].name), r);
            index_push(b->a, &x, name_first_hash(r->prev[j].name, first), r);
            index_push(b->a, &x, name_ns_hash(r->prev[j].name, ids_effective_ns(r)), r);
        }
    }
    return x;
}

static int fix_field(struct referral *f, const struct reference *ref, struct rk_err *err)
{
    struct res *r = f->referrer;
    struct spec_call c = {.b = f->b, .res = r, .set = set_any, .ctx = f, .by = DOC_BY_REFERENCE};

    if (!gvk_selected(ref->field, r->group, r->version, r->n_prev ? r->prev[0].kind : r->kind))
        return 0;
    f->target = ref->target;
    f->field = ref->field;
    return spec_walk(&c, ref->field, err);
}

/* A subject that is no map, or an account in no namespace by name, ends the real tool, too. */
static int check_subject(const struct referral *f, const struct doc_node *subject, size_t i,
                         struct rk_err *err)
{
    const struct doc_node *kind = doc_get(subject, "kind"), *ns = doc_get(subject, "namespace");
    const char *wrong = NULL;

    if (doc_type(subject) != DOC_MAP)
        wrong = " has to be a map of kind and name";
    else if (ns && kind && doc_type(kind) != DOC_STRING)
        wrong = ".kind has to be a text";
    else if (ns && doc_type(ns) != DOC_STRING && rk_str_is(doc_text(kind), "ServiceAccount"))
        wrong = ".namespace has to be a text, or absent";
    if (!wrong)
        return 0;
    return rk_fail(err, RK_INVALID, "%s: subjects[%zu]%s", ids_text(f->b, f->referrer), i, wrong);
}

static int note_subjects(struct referral *f, struct rk_err *err)
{
    const struct doc_node *subjects = doc_get(f->referrer->doc, "subjects");

    f->subjects_of = NULL;
    if (!rk_str_is(f->referrer->kind, "RoleBinding") || doc_type(subjects) != DOC_LIST)
        return 0;
    for (size_t i = 0; i < doc_count(subjects); i++)
        if (check_subject(f, doc_at(subjects, i), i, err))
            return -1;
    f->subjects_of = doc_copy(f->b->a, subjects);
    return 0;
}

/* A field without a kind stands in the list of "": both lists in the table's order. */
static int fix_one(struct referral *f, struct rk_map *by_kind, struct rk_err *err)
{
    struct res *r = f->referrer;
    struct references *own = rk_map_get_n(by_kind, r->n_prev ? r->prev[0].kind : r->kind);
    struct references *any = rk_map_get(by_kind, "");
    const struct reference *x = own ? own->first : NULL, *y = any ? any->first : NULL;

    if (note_subjects(f, err))
        return -1;
    while (x || y) {
        bool own_next = x && (!y || x->target <= y->target);

        if (fix_field(f, own_next ? x : y, err))
            return -1;
        if (own_next)
            x = x->next;
        else
            y = y->next;
    }
    return 0;
}

int nameref_fix(struct build *b, struct acc *acc, struct rk_err *err)
{
    struct rk_map *by_kind = rk_map_new();
    struct index by_name = former_names(b, acc);
    struct referral f = {.b = b, .by_name = &by_name};
    int rc = 0;

    for (size_t i = 0; i < acc->config->n_refs; i++)
        for (size_t j = 0; j < acc->config->refs[i].specs.n; j++)
            reference_add(b, by_kind, &acc->config->refs[i], &acc->config->refs[i].specs.v[j]);
    for (size_t i = 0; rc == 0 && i < acc->n; i++) {
        f.referrer = acc->items[i];
        rc = build_cancelled(b, err) || fix_one(&f, by_kind, err) ? -1 : 0;
    }
    rk_map_free(by_kind, NULL);
    return rc;
}
