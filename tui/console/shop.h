/*
 * shop.h: what the scripted engine of the tests tells: three environments, nine applications, one
 * of them drifted and one degraded.
 */
#ifndef RK_CONSOLE_SHOP_H
#define RK_CONSOLE_SHOP_H

#include "console/testing.h"

#define SHOP_ENVIRONMENTS "{\"environments\":[" \
    "{\"name\":\"dev\",\"sync\":\"auto\",\"prune\":true,\"self_heal\":true,\"applications\":3," \
    "\"promote_via\":\"push\",\"revert_via\":\"push\"}," \
    "{\"name\":\"staging\",\"sync\":\"auto\",\"prune\":true,\"applications\":3," \
    "\"promote_via\":\"push\",\"revert_via\":\"push\"}," \
    "{\"name\":\"production\",\"sync\":\"manual\",\"locked\":true,\"prune_budget\":5," \
    "\"applications\":3,\"promote_via\":\"push\",\"revert_via\":\"push\"}]}"

#define SHOP_DRIFT "{\"app\":\"mailer-staging\",\"verdict\":\"OutOfSync\",\"total\":1,\"objects\":[" \
    "{\"object\":\"apps/Deployment/core/mailer\",\"action\":\"change\",\"method\":\"local\"," \
    "\"fields\":[{\"path\":\"/spec/replicas\",\"desired\":\"3\",\"live\":\"5\"," \
    "\"manager\":\"kubectl-scale\",\"subresource\":\"scale\",\"written\":1764331000000," \
    "\"file\":\"base/mailer/deploy.yaml\",\"line\":14}]}]}"

#define SHOP_RESOURCES "{\"total\":3,\"resources\":[" \
    "{\"object\":\"/ConfigMap/core/mailer-env\",\"verdict\":\"Synced\",\"health\":\"None\"," \
    "\"created\":1764000000000,\"file\":\"base/mailer/env.yaml\",\"line\":1}," \
    "{\"object\":\"apps/Deployment/core/mailer\",\"verdict\":\"OutOfSync\",\"health\":\"Healthy\"," \
    "\"wave\":1,\"drifted\":1,\"created\":1764000000000,\"file\":\"base/mailer/deploy.yaml\"," \
    "\"line\":1}," \
    "{\"object\":\"networking.k8s.io/Ingress/core/mailer\",\"verdict\":\"Synced\"," \
    "\"health\":\"Progressing\",\"wave\":2,\"created\":1764000000000}]}"

#define SHOP_ACTIVITY "{\"rows\":[" \
    "{\"time\":1764329700000,\"level\":\"info\",\"app\":\"web-dev\",\"environment\":\"dev\"," \
    "\"actor\":\"reckon\",\"text\":\"sync Succeeded\"}," \
    "{\"time\":1764331300000,\"level\":\"warn\",\"app\":\"mailer-production\"," \
    "\"environment\":\"production\",\"actor\":\"reckon\"," \
    "\"text\":\"Deployment mailer 1/3 ready\"}," \
    "{\"time\":1764331440000,\"level\":\"warn\",\"app\":\"mailer-staging\"," \
    "\"environment\":\"staging\",\"actor\":\"reckon\",\"text\":\"replicas 3 -> 5\"}]}"

struct shop_row { const char *app, *environment, *verdict, *health, *version; int drifted; };
static const struct shop_row shop_rows[] = {
    {"api", "dev", "Synced", "Healthy", "1.10.0-rc1", 0},
    {"mailer", "dev", "Synced", "Healthy", "1.10.0-rc1", 0},
    {"web", "dev", "Synced", "Progressing", "3.4.0", 0},
    {"api", "staging", "Synced", "Healthy", "1.9.0", 0},
    {"mailer", "staging", "OutOfSync", "Healthy", "1.9.0", 1},
    {"web", "staging", "Synced", "Healthy", "3.4.0", 0},
    {"api", "production", "Synced", "Healthy", "1.8.2", 0},
    {"mailer", "production", "Synced", "Degraded", "1.8.2", 0},
    {"web", "production", "Unknown", "Unknown", "3.3.9", 0},
};

static struct wire_app shop_app(struct rk_arena *a, const struct shop_row *r)
{
    return (struct wire_app){
        .name = rk_arena_f(a, "%s-%s", r->app, r->environment), .app = r->app,
        .environment = r->environment, .project = "core", .cluster = "sandbox",
        .namespace = rk_arena_f(a, "core-%s", r->environment), .verdict = r->verdict,
        .health = r->health, .version = r->version, .revision = "77b01d3aa",
        .target = "4f2c1aa90b1c", .drifted = r->drifted, .objects = 3, .changed = 1,
        .locked = rk_streq(r->environment, "production"),
    };
}

static void shop_count(struct wire_counts *c, const struct wire_app *a)
{
    c->total++;
    c->synced += rk_streq(a->verdict, "Synced");
    c->out_of_sync += rk_streq(a->verdict, "OutOfSync");
    c->unknown += rk_streq(a->verdict, "Unknown");
    c->healthy += rk_streq(a->health, "Healthy");
    c->degraded += rk_streq(a->health, "Degraded");
}

static bool shop_listed(const struct wire_apps_params *p, const struct wire_app *a)
{
    rk_str rest = rk_str_c(p->filter);

    for (size_t i = 0; i < p->n_folded; i++)
        if (rk_streq(p->folded[i], a->environment))
            return false;
    while (rest.n) {
        rk_str word = rk_str_cut(rest, ' ', &rest);
        if (word.n && !memmem(a->name, strlen(a->name), word.p, word.n))
            return false;
    }
    return true;
}

/* As the engine makes it: order, groups, counts, window. */
static void shop_page(const struct shop_row *rows, size_t n, const struct wire_apps_params *p,
                      struct rk_arena *a, struct wire_app_page *out)
{
    int64_t limit = p->limit > 0 && p->limit < 200 ? p->limit : 200;

    *out = (struct wire_app_page){.offset = p->offset};
    out->groups = rk_arena_array(a, 8, sizeof(*out->groups));
    out->apps = rk_arena_array(a, (size_t)limit + 1, sizeof(*out->apps));
    for (size_t i = 0; i < n; i++) {
        struct wire_app app = shop_app(a, &rows[i]);
        struct wire_group *g = out->n_groups ? &out->groups[out->n_groups - 1] : NULL;
        if (!g || !rk_streq(g->environment, app.environment)) {
            g = &out->groups[out->n_groups++];
            g->environment = app.environment;
        }
        shop_count(&out->counts, &app);
        shop_count(&g->counts, &app);
        if (!shop_listed(p, &app))
            continue;
        g->rows++;
        app.index = out->total++;
        if (app.index >= p->offset && app.index < p->offset + limit)
            out->apps[out->n_apps++] = app;
    }
}

static void shop_next(const struct wire_app *app, struct wire_next *out)
{
    if (rk_streq(app->verdict, "OutOfSync"))
        *out = (struct wire_next){"heal", "the live state differs", STAGE_NOW + 41000, "freeze"};
    else
        *out = (struct wire_next){"none", "in sync", 0, NULL};
}

static bool shop_detail(const char *name, struct rk_arena *a, struct wire_app_detail *out)
{
    for (size_t i = 0; i < RK_LEN(shop_rows); i++) {
        struct wire_app app = shop_app(a, &shop_rows[i]);
        if (!rk_streq(app.name, name))
            continue;
        *out = (struct wire_app_detail){
            .row = app, .repository = "acme-gitops", .server = "https://127.0.0.1:6443",
            .path = rk_arena_f(a, "overlays/%s/%s", app.environment, app.app),
            .policy = app.locked ? "manual, locked, prune, no selfHeal" : "auto, prune, selfHeal",
            .last_operation = "sync", .last_result = "Succeeded", .last_actor = "operator",
            .last_time = STAGE_NOW - 1440000, .commit_subject = "mailer: more replicas",
            .commit_author = "reviewer"};
        shop_next(&app, &out->next);
        out->siblings = rk_arena_array(a, RK_LEN(shop_rows), sizeof(*out->siblings));
        for (size_t k = 0; k < RK_LEN(shop_rows); k++)
            if (k != i && rk_streq(shop_rows[k].app, app.app))
                out->siblings[out->n_siblings++] = shop_app(a, &shop_rows[k]);
        return true;
    }
    return false;
}

static bool shop_handle(struct stage *s, const char *method, rk_str params, struct rk_buf *out)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_apps_params p;
    struct wire_app_ref ref;
    struct wire_app_page page;
    struct wire_app_detail detail;
    struct rk_err err;

    (void)s;
    if (rk_streq(method, "applications.watch") || rk_streq(method, "applications.list")) {
        assert_int_equal(wire_read(a, &wire_shape_apps_params, params, &p, &err), 0);
        shop_page(shop_rows, RK_LEN(shop_rows), &p, a, &page);
        wire_print(out, &wire_shape_app_page, &page);
        return true;
    }
    if (rk_streq(method, "application.watch")) {
        assert_int_equal(wire_read(a, &wire_shape_app_ref, params, &ref, &err), 0);
        if (!shop_detail(ref.app, a, &detail))
            return false;
        wire_print(out, &wire_shape_app_detail, &detail);
        return true;
    }
    return false;
}

RK_UNUSED static void shop_init(struct stage *s, int cols, int rows, const char *mode)
{
    stage_init(s, cols, rows, mode);
    s->handle = shop_handle;
    stage_answer(s, "environment.list", NULL, SHOP_ENVIRONMENTS);
    stage_answer(s, "drift.get", NULL, SHOP_DRIFT);
    stage_answer(s, "resources.watch", NULL, SHOP_RESOURCES);
    stage_answer(s, "activity.watch", NULL, SHOP_ACTIVITY);
    stage_refuse(s, "status", RK_UNAVAILABLE, "not now"); /* the header shows hello's */
}

#endif
