/*
 * diff.c: `reckon diff APP`: what differs between git and the cluster, with who wrote the live
 * value and where the git value stands; between two revisions (--from, --to) or two applications
 * (--with), with where both values stand; and of files (--desired, --live), without an engine. Exit 1
 * when something differs.
 */
#include "cli/offline.h"
#include "drift/drift.h"

/* ---- by the engine ---- */
static void show_object(struct cli *c, const struct wire_drift_object *o)
{
    rk_buf_f(&c->out, "%s %s%s%s%s\n", cli_state(c, o->action), cli_dash(o->object),
             rk_streq(o->method, "local") ? "  (local compare)" : "", o->note ? "  " : "",
             o->note ? o->note : "");
    for (size_t i = 0; i < o->n_fields; i++)
        cli_show_field(c, &o->fields[i]);
    cli_show_more(c, o->more_fields, "fields");
}

static void show_compared(struct cli *c, const struct wire_drift_object *o)
{
    bool alone = !rk_streq(o->action, "change");

    rk_buf_f(&c->out, "%s %s", rk_streq(o->action, "create") ? "+" :
             rk_streq(o->action, "prune") ? "-" : "~", cli_dash(o->object));
    if (alone)
        rk_buf_f(&c->out, "  only %s", rk_streq(o->action, "create") ? "to" : "from");
    rk_buf_f(&c->out, "%s%s%s%s\n", o->from ? "  from " : "", o->from ? o->from : "",
             o->note ? "  " : "", o->note ? o->note : "");
    for (size_t i = 0; i < o->n_fields; i++)
        cli_show_compared(c, &o->fields[i]);
}

static bool differs(const struct wire_drift_object *o)
{
    if (!rk_streq(o->action, "change") || !o->n_fields)
        return true;
    for (size_t i = 0; i < o->n_fields; i++)
        if (!o->fields[i].ignored)
            return true;
    return false;
}

static int diff_engine(struct cli *c)
{
    struct wire_drift_params p = {.app = c->operands[0], .rev = cli_value(c, "rev"),
                                  .object = cli_value(c, "resource")};
    struct wire_drift d = {0};
    struct rk_err err = {0};
    bool changed = false;

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "drift.get", &p, &d, 0, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < d.n_objects; i++)
        changed |= differs(&d.objects[i]);
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_drift, &d);
    else
        for (size_t i = 0; i < d.n_objects; i++)
            show_object(c, &d.objects[i]);
    if (!changed && rk_streq(d.verdict, "Unknown") && !p.object)
        return cli_usage(c, "%s: the verdict is Unknown; `reckon get app %s` tells why", p.app,
                         p.app);
    return changed ? CLI_NO : CLI_DONE;
}

/* ---- two revisions ---- */
static int diff_revisions(struct cli *c)
{
    struct wire_compare_params p = {.app = c->operands[0], .from_app = cli_value(c, "with"),
                                    .from = cli_value(c, "from"), .to = cli_value(c, "to"),
                                    .object = cli_value(c, "resource")};
    struct wire_drift d = {0};
    struct rk_err err = {0};

    if (!p.from && !p.from_app)
        return cli_usage(c, "--to needs --from REV (or --with APP): what it is compared with");
    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "revisions.compare", &p, &d, 0, &err))
        return cli_refused(c, &err);
    if (cli_format(c, CLI_TEXT) == CLI_JSON) {
        cli_json(c, &wire_shape_drift, &d);
        return d.n_objects ? CLI_NO : CLI_DONE;
    }
    rk_buf_f(&c->out, "from  %s at %s\nto    %s at %s\n", cli_dash(d.from_app),
             cli_short(c, d.from), cli_dash(d.app), cli_short(c, d.revision));
    for (size_t i = 0; i < d.n_objects; i++)
        show_compared(c, &d.objects[i]);
    return d.n_objects ? CLI_NO : CLI_DONE;
}

int cli_diff(struct cli *c)
{
    bool revisions = cli_given(c, "from") || cli_given(c, "to") || cli_given(c, "with");
    bool files = cli_given(c, "desired") || cli_given(c, "live");

    if (files && c->n_operands)
        return cli_usage(c, "give an application, or --desired and --live, not both");
    if (files)
        return cli_diff_files(c);
    if (!c->n_operands || cli_given(c, "predicted") || cli_given(c, "ignore") ||
        cli_given(c, "aggregate-roles"))
        return cli_usage(c, "name an application, or give --desired FILE --live FILE (with "
                         "--predicted, --ignore, --aggregate-roles)");
    if (revisions && cli_given(c, "rev"))
        return cli_usage(c, "--rev compares with what lives; --from and --to compare revisions");
    return revisions ? diff_revisions(c) : diff_engine(c);
}

/* ---- of files ---- */
struct comparing {
    struct cli *c;
    struct offline_objects desired, live, predicted;
    struct drift_rules rules;
    struct doc_node *rows;      /* of the JSON form */
    bool changed;
};

static struct doc_node *value_node(struct comparing *k, const struct drift_field *f,
                                   const struct doc_node *value)
{
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *node = NULL;

    drift_value(&json, f, value);
    if (doc_json_read(k->c->arena, rk_arena_str(k->c->arena, rk_buf_view(&json)), NULL, &node,
                      NULL))
        node = doc_string(k->c->arena, rk_buf_view(&json));
    return node;
}

static void add_field(struct comparing *k, struct doc_node *fields, const struct drift_field *f)
{
    struct rk_buf owner rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *a = k->c->arena;
    struct doc_node *row = doc_map(a);

    doc_set_c(a, row, "path", doc_string_c(a, f->path));
    doc_set_c(a, row, "desired", value_node(k, f, f->desired));
    doc_set_c(a, row, "live", value_node(k, f, f->live));
    if (f->have_owner) {
        drift_owner_text(&owner, f);
        doc_set_c(a, row, "owner", doc_string(a, rk_buf_view(&owner)));
    }
    doc_push(a, fields, row);
}

/* An object of one side only differs as a whole: one field, its root. */
static void add_whole(struct comparing *k, struct doc_node *fields,
                      const struct kube_object *desired, const struct kube_object *live)
{
    const struct drift_field f = {.path = "", .desired = desired ? desired->doc : NULL,
                                  .live = live ? live->doc : NULL};

    add_field(k, fields, &f);
}

static const char *verdict_word(enum drift_verdict v)
{
    return v == DRIFT_MISSING ? "create" : v == DRIFT_EXTRA ? "prune" : "change";
}

static void add_object(struct comparing *k, const struct drift_object *d,
                       const struct kube_object *desired, const struct kube_object *live)
{
    struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *a = k->c->arena;
    struct doc_node *row = doc_map(a), *fields = doc_list(a);

    kube_key_text(&key, desired && desired->key.namespace.n ? &desired->key
                        : live                              ? &live->key : &desired->key);
    doc_set_c(a, row, "key", doc_string(a, rk_buf_view(&key)));
    doc_set_c(a, row, "action", doc_string_c(a, verdict_word(d->verdict)));
    if (!desired || !live)
        add_whole(k, fields, desired, live);
    for (size_t i = 0; i < d->n_fields; i++)
        if (!d->fields[i].ignored)
            add_field(k, fields, &d->fields[i]);
    doc_set_c(a, row, "fields", fields);
    doc_push(a, k->rows, row);
    k->changed = true;
}

static int compare(struct comparing *k, const struct kube_object *desired,
                   const struct kube_object *live, struct rk_err *err)
{
    const struct kube_object *like = desired ? desired : live;
    const struct kube_object *predicted = desired ? offline_find(&k->predicted, like) : NULL;
    struct drift_object d = {0};

    k->rules.final = true; /* no server to ask */
    if (drift_compare(k->c->arena, desired, live, predicted, &k->rules, &d, err))
        return -1;
    if (d.verdict != DRIFT_SAME)
        add_object(k, &d, desired, live);
    return 0;
}

static int compare_all(struct comparing *k, struct rk_err *err)
{
    for (size_t i = 0; i < k->desired.n; i++)
        if (compare(k, &k->desired.v[i], offline_find(&k->live, &k->desired.v[i]), err))
            return -1;
    for (size_t i = 0; i < k->live.n; i++)
        if (!offline_owned(&k->live.v[i]) && !offline_find(&k->desired, &k->live.v[i]) &&
            compare(k, NULL, &k->live.v[i], err))
            return -1;
    return 0;
}

static int read_side(struct cli *c, const char *option, struct offline_objects *out,
                     struct rk_err *err)
{
    const char *path = cli_value(c, option);

    if (path && (offline_objects(c, path, out, err) || offline_prepare(c, out, NULL, err)))
        return -1;
    return 0;
}

/* Lines for people; local files hold foreign text. */
static void print_text(struct comparing *k)
{
    for (size_t i = 0; i < doc_count(k->rows); i++) {
        const struct doc_node *row = doc_at(k->rows, i), *fields = doc_get(row, "fields");

        rk_buf_f(&k->c->out, "%s %s\n",
                 cli_state(k->c, cli_safe(k->c, doc_get_text(row, "action"))),
                 cli_safe(k->c, doc_get_text(row, "key")));
        for (size_t f = 0; f < doc_count(fields); f++) {
            const struct doc_node *at = doc_at(fields, f);
            struct rk_buf git rk_auto(rk_buf_release) = RK_BUF_INIT;
            struct rk_buf live rk_auto(rk_buf_release) = RK_BUF_INIT;

            doc_json_write(&git, doc_get(at, "desired"));
            doc_json_write(&live, doc_get(at, "live"));
            const struct wire_field field = {
                .path = cli_safe(k->c, doc_get_text(at, "path")),
                .desired = cli_safe(k->c, rk_buf_view(&git)),
                .live = cli_safe(k->c, rk_buf_view(&live)),
            };
            cli_show_field(k->c, &field);
        }
    }
}

static void print_json(struct comparing *k)
{
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *all = doc_map(k->c->arena);

    doc_set_c(k->c->arena, all, "changed", doc_bool(k->c->arena, k->changed));
    doc_set_c(k->c->arena, all, "objects", k->rows);
    doc_json_write(&json, all);
    cli_json_text(k->c, rk_buf_view(&json));
}

int cli_diff_files(struct cli *c)
{
    struct comparing k = {.c = c, .rows = doc_list(c->arena)};
    struct model *m = NULL;
    struct rk_err err = {0};
    int rc;

    if (!cli_given(c, "desired") || !cli_given(c, "live"))
        return cli_usage(c, "give both --desired FILE and --live FILE");
    if (cli_given(c, "rev") || cli_given(c, "resource") || cli_given(c, "from") ||
        cli_given(c, "to") || cli_given(c, "with"))
        return cli_usage(c, "--rev, --from, --to, --with and --resource go with an application, not "
                         "with files");
    if (read_side(c, "desired", &k.desired, &err) || read_side(c, "live", &k.live, &err) ||
        read_side(c, "predicted", &k.predicted, &err) ||
        offline_app(c, cli_value(c, "ignore"), NULL, 0, NULL, &m, &err))
        return cli_fail(c, &err);
    k.rules = (struct drift_rules){
        .ignore = m->apps[0].ignore, .n_ignore = m->apps[0].n_ignore, .manager = KUBE_MANAGER,
        .aggregate_roles = cli_given(c, "aggregate-roles"),
    };
    rc = compare_all(&k, &err);
    model_free(m);
    if (rc)
        return cli_fail(c, &err);
    if (cli_format(c, CLI_JSON) == CLI_TEXT)
        print_text(&k);
    else
        print_json(&k);
    return k.changed ? CLI_NO : CLI_DONE;
}
