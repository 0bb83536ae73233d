/*
 * health.c: `reckon health FILE`: the health of each object of a file, as JSON rows.
 */
#include "cli/offline.h"

static void add_row(struct cli *c, struct doc_node *rows, const struct kube_object *o,
                    struct model_health_of h)
{
    struct rk_arena *a = c->arena;
    struct doc_node *row = doc_map(a);

    doc_set_c(a, row, "kind", doc_string_ref(a, o->key.kind));
    doc_set_c(a, row, "namespace", doc_string_ref(a, o->key.namespace));
    doc_set_c(a, row, "name", doc_string_ref(a, o->key.name));
    doc_set_c(a, row, "status", doc_string_c(a, model_health_name[h.health]));
    doc_set_c(a, row, "message", doc_string_c(a, h.message));
    doc_push(a, rows, row);
}

int cli_health(struct cli *c)
{
    static const char *const heads[] = {"KIND", "NAMESPACE", "NAME", "STATUS", "MESSAGE"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct offline_objects o = {0};
    struct doc_node *rows = doc_list(c->arena);
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};
    bool healthy = true;

    if (offline_objects(c, c->operands[0], &o, &err))
        return cli_fail(c, &err);
    for (size_t i = 0; i < o.n; i++) {
        struct model_health_of h = model_health(c->arena, &o.v[i]);
        const char *const cells[] = {
            cli_safe(c, o.v[i].key.kind), cli_safe(c, o.v[i].key.namespace),
            cli_safe(c, o.v[i].key.name), cli_state(c, model_health_name[h.health]),
            cli_safe(c, rk_str_c(h.message)),
        };

        healthy &= h.health == MODEL_HEALTHY || h.health == MODEL_NONE;
        add_row(c, rows, &o.v[i], h);
        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_JSON) == CLI_TEXT) {
        cli_table_print(c, &t);
    } else {
        doc_json_write(&json, rows);
        cli_json_text(c, rk_buf_view(&json));
    }
    return o.n && healthy ? CLI_DONE : CLI_NO;
}
