/*
 * sources.c: what an application's render took from other repositories, for people: which commit
 * stands behind each ref, and whether its remote still answers.
 */
#include "core/remotes_int.h"

/* The pin as it is now; what the render used when nothing is known of it any more. */
static const struct core_pin *pin_now(const struct core_app *a, size_t i)
{
    const struct core_pin *use = &a->uses->v[i];
    const struct core_pin *now = core_pin_find(core_remotes_pins(a->engine->remotes), &use->of);
    return now ? now : use;
}

const char *core_stale_text(const struct core_app *a, struct rk_arena *mem)
{
    const char *text = NULL;
    for (size_t i = 0; a->uses && i < a->uses->n && !text; i++)
        text = core_pin_stale(pin_now(a, i), mem);
    return text ? core_safe(mem, rk_str_c(text)) : NULL;
}

static const char *ref_of(const struct core_pin *pin, struct rk_arena *mem)
{
    const char *ref = core_safe(mem, rk_str_c(pin->of.ref));
    if (!pin->of.chart)
        return ref ? ref : "HEAD";
    return rk_arena_f(mem, "%s %s", core_safe(mem, rk_str_c(pin->of.chart)), ref ? ref : "*");
}

void core_wire_sources(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    size_t n = a->uses ? a->uses->n : 0;
    out->sources = rk_arena_array(mem, n + 1, sizeof *out->sources);
    for (size_t i = 0; i < n; i++) {
        const struct core_pin *pin = pin_now(a, i);
        rk_auto(rk_free_str) char *url = gitcmd_safe_url(pin->of.repo);
        out->sources[out->n_sources++] = (struct wire_source){
            .role = pin->of.chart ? "chart" : "base", .repository = core_safe(mem, rk_str_c(url)),
            .ref = ref_of(pin, mem),
            .revision = pin->id ? rk_arena_strdup(mem, pin->id) : "", .checked = pin->checked,
            .message = pin->why ? core_safe(mem, rk_str_c(pin->why)) : NULL,
        };
    }
}
