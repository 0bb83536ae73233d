/*
 * plan.c: `reckon plan --desired PATH [--live PATH]`: the tasks of a sync in execution order, from
 * files alone. The fingerprint's key is all zeros: it names the plan and cannot be approved.
 */
#include "cli/offline.h"
#include "base/file.h"
#include "plan/plan.h"
#include "render/render.h"

struct planning {
    struct cli *c;
    const char *namespace;
    struct offline_objects desired, live;
    struct plan_object *pairs;
    size_t n_pairs;
    struct drift_rules rules;
};

static int read_desired(struct planning *k, struct render_result **r, struct rk_err *err)
{
    const char *path = cli_value(k->c, "desired");

    if (!rk_path_is_dir(path))
        return offline_objects(k->c, path, &k->desired, err);
    if (cli_build(k->c, path, true, r, err))
        return -1;
    cli_render_lints(k->c, *r);
    k->desired.v = (*r)->objects;
    k->desired.n = (*r)->n_objects;
    return 0;
}

static int add_pair(struct planning *k, const struct kube_object *desired,
                    const struct kube_object *live, struct rk_err *err)
{
    struct rk_arena *a = k->c->arena;
    struct drift_object *d = rk_arena_alloc(a, sizeof(*d));

    if (drift_compare(a, desired, live, NULL, &k->rules, d, err))
        return -1;
    k->pairs[k->n_pairs++] = (struct plan_object){.desired = desired, .live = live, .drift = d};
    return 0;
}

static int pair_all(struct planning *k, struct rk_err *err)
{
    k->pairs = rk_arena_array(k->c->arena, k->desired.n + k->live.n + 1, sizeof(*k->pairs));
    for (size_t i = 0; i < k->desired.n; i++)
        if (add_pair(k, &k->desired.v[i], offline_find(&k->live, &k->desired.v[i]), err))
            return -1;
    for (size_t i = 0; i < k->live.n; i++)
        if (!offline_owned(&k->live.v[i]) && !offline_find(&k->desired, &k->live.v[i]) &&
            add_pair(k, NULL, &k->live.v[i], err))
            return -1;
    return 0;
}

static bool lives(const struct planning *k, const char *namespace)
{
    for (size_t i = 0; i < k->live.n; i++)
        if (rk_str_is(k->live.v[i].key.kind, "Namespace") &&
            rk_str_is(k->live.v[i].key.name, namespace))
            return true;
    return false;
}

static void print_text(struct cli *c, const struct plan *p)
{
    static const char *const heads[] = {"PHASE", "WAVE", "ACTION", "OBJECT", "NOTE"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};

    for (size_t i = 0; i < p->n_tasks; i++) {
        const struct plan_task *task = &p->tasks[i];
        struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;

        kube_key_text(&key, &task->key);
        const char *const cells[] = {
            plan_phase_name[task->phase + 1], rk_arena_f(c->arena, "%lld", (long long)task->wave),
            cli_state(c, plan_action_name[task->action]), cli_safe(c, rk_buf_view(&key)),
            task->note ? cli_safe(c, rk_str_c(task->note)) : NULL,
        };
        cli_row(c, &t, cells);
    }
    rk_buf_f(&c->out, "plan %s\n", p->fingerprint);
    cli_table_print(c, &t);
}

static int build(struct planning *k, const struct model *m, struct rk_err *err)
{
    static const uint8_t zeros[32];
    const struct model_app *app = &m->apps[0];
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct model_policy policy = {0};
    struct plan p = {0};

    model_policy_of(m, app, NULL, &policy);
    k->rules = (struct drift_rules){.manager = KUBE_MANAGER, .final = true};
    if (pair_all(k, err))
        return -1;
    const struct plan_input in = {
        .kind = "sync", .app = app, .policy = &policy, .revision = "",
        .namespace = k->namespace ? k->namespace : "",
        .namespace_exists = !k->namespace || lives(k, k->namespace),
        .objects = k->pairs, .n_objects = k->n_pairs, .key = zeros,
        .options = {.prune = cli_given(k->c, "prune"), .create_namespace = app->create_namespace,
                    .prune_last = app->prune_last, .replace = app->replace, .force = app->force,
                    .no_prune = app->no_prune,
                    .apply_out_of_sync_only = app->apply_out_of_sync_only},
    };
    if (plan_build(k->c->arena, &in, &p, err))
        return -1;
    if (cli_format(k->c, CLI_JSON) == CLI_TEXT) {
        print_text(k->c, &p);
        return 0;
    }
    plan_print(&p, &json);
    cli_json_text(k->c, rk_buf_view(&json));
    return 0;
}

static int read_and_build(struct planning *k, struct model **m, struct render_result **r,
                          struct rk_err *err)
{
    const char *live = cli_value(k->c, "live"), **options;
    size_t n = cli_values(k->c, "option", &options);

    return offline_app(k->c, NULL, options, n, k->namespace, m, err) || read_desired(k, r, err) ||
                   offline_prepare(k->c, &k->desired, k->namespace, err) ||
                   (live && offline_objects(k->c, live, &k->live, err)) ||
                   offline_prepare(k->c, &k->live, NULL, err) || build(k, *m, err) ? -1 : 0;
}

int cli_plan_files(struct cli *c)
{
    struct planning k = {.c = c, .namespace = cli_value(c, "namespace")};
    struct render_result *r = NULL;
    struct model *m = NULL;
    struct rk_err err = {0};
    int rc;

    if (c->n_operands || cli_given(c, "rev"))
        return cli_usage(c, "give an application, or --desired PATH, not both");
    rc = read_and_build(&k, &m, &r, &err) ? cli_fail(c, &err) : CLI_DONE;
    model_free(m);
    render_free(r);
    return rc;
}
