/*
 * pins.c: what stands behind the repositories and charts that renders take from elsewhere, as an
 * immutable value: made on the loop, read in the pool. Texts about them are without secrets.
 */
#include "core/remotes_int.h"

struct core_pins *core_pins_new(void)
{
    struct core_pins *p = rk_alloc(sizeof *p);
    *p = (struct core_pins){.refs = 1, .arena = rk_arena_new()};
    return p;
}

struct core_need core_need_copy(struct rk_arena *a, const struct core_need *of)
{
    return (struct core_need){rk_arena_strdup(a, of->repo), rk_arena_strdup(a, of->ref),
                              rk_arena_strdup(a, of->chart), of->devel};
}

bool core_need_same(const struct core_need *a, const struct core_need *b)
{
    return rk_streq(a->repo, b->repo) && rk_streq(a->ref, b->ref) && rk_streq(a->chart, b->chart) &&
           a->devel == b->devel;
}

void core_pins_add(struct core_pins *p, const struct core_pin *pin)
{
    struct rk_arena *a = p->arena;
    p->v = rk_arena_grow(a, p->v, p->n, &p->cap, sizeof *p->v);
    p->v[p->n++] = (struct core_pin){
        .of = core_need_copy(a, &pin->of),
        .dir = rk_arena_strdup(a, pin->dir), .id = rk_arena_strdup(a, pin->id),
        .why = rk_arena_strdup(a, pin->why), .code = pin->code, .checked = pin->checked,
    };
}

struct core_pins *core_pins_ref(struct core_pins *p)
{
    if (p)
        p->refs++;
    return p;
}

void core_pins_unref(struct core_pins *p)
{
    if (!p || --p->refs)
        return;
    rk_arena_free(p->arena);
    free(p);
}

const struct core_pin *core_pin_find(const struct core_pins *p, const struct core_need *of)
{
    for (size_t i = 0; p && i < p->n; i++)
        if (core_need_same(&p->v[i].of, of))
            return &p->v[i];
    return NULL;
}

bool core_pins_same(const struct core_pins *uses, const struct core_pins *now)
{
    for (size_t i = 0; uses && i < uses->n; i++) {
        const struct core_pin *pin = core_pin_find(now, &uses->v[i].of);
        if (!pin || !rk_streq(pin->id, uses->v[i].id))
            return false;
    }
    return true;
}

const char *core_need_text(const struct core_need *of, struct rk_arena *mem)
{
    rk_auto(rk_free_str) char *url = gitcmd_safe_url(of->repo);
    if (of->chart)
        return rk_arena_f(mem, "chart %s of %s at %s", of->chart, url,
                          of->ref[0] ? of->ref : "its newest version");
    return rk_arena_f(mem, "base %s at %s", url, of->ref[0] ? of->ref : "its HEAD");
}

const char *core_pin_stale(const struct core_pin *pin, struct rk_arena *mem)
{
    char at[32];
    if (!pin || !pin->why || !pin->id)
        return NULL;
    rk_time_format(pin->checked, at);
    return rk_arena_f(mem, "%s: %s; %s %.*s, as of %s, is used", core_need_text(&pin->of, mem),
                      pin->why, pin->of.chart ? "version" : "commit", pin->of.chart ? 64 : 7,
                      pin->id, at);
}
