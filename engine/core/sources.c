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

/* What one of the sources stands for. */
static const struct model_source *source_of(const struct core_app *a, const struct core_pin *pin)
{
    for (size_t i = 0; a->model && i < a->model->n_sources; i++) {
        const struct model_source *s = &a->model->sources[i];
        const struct core_need of = core_source_need(s);
        if (!s->chart[0] && !core_source_here(a, s) && core_need_same(&of, &pin->of))
            return s;
    }
    return NULL;
}

static const char *role_of(const struct core_app *a, const struct core_pin *pin)
{
    const struct model_source *s = source_of(a, pin);
    return s ? s->makes ? "source" : "values" : pin->of.chart ? "chart" : "base";
}

const char *core_sources_text(const struct core_app *a, const struct core_desired *d,
                              struct rk_arena *mem)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; d->uses && i < d->uses->n; i++) {
        const struct core_pin *pin = &d->uses->v[i];
        rk_auto(rk_free_str) char *url = gitcmd_safe_url(pin->of.repo);
        rk_buf_f(&out, "%s%s %s at %s: %s", out.n ? "; " : "", role_of(a, pin), url,
                 ref_of(pin, mem), pin->id ? pin->id : "");
    }
    return out.n ? rk_arena_dup(mem, out.p, out.n) : NULL;
}

/* Those of several sources that lie in the watched repository. */
static void add_own(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    for (size_t i = 0; a->model && a->model->n_sources > 1 && i < a->model->n_sources; i++) {
        const struct model_source *s = &a->model->sources[i];
        if (s->chart[0] || !core_source_here(a, s))
            continue;
        rk_auto(rk_free_str) char *url = gitcmd_safe_url(s->repo_url);
        out->sources[out->n_sources++] = (struct wire_source){
            .role = s->makes ? "source" : "values", .repository = core_safe(mem, rk_str_c(url)),
            .ref = core_safe(mem, rk_str_c(s->target_revision)), .revision = a->target,
            .checked = a->repo->checked,
        };
    }
}

void core_wire_sources(const struct core_app *a, struct rk_arena *mem, struct wire_app_detail *out)
{
    size_t n = a->uses ? a->uses->n : 0;
    out->sources = rk_arena_array(mem, n + (a->model ? a->model->n_sources : 0) + 1,
                                  sizeof *out->sources);
    add_own(a, mem, out);
    for (size_t i = 0; i < n; i++) {
        const struct core_pin *pin = pin_now(a, i);
        rk_auto(rk_free_str) char *url = gitcmd_safe_url(pin->of.repo);
        out->sources[out->n_sources++] = (struct wire_source){
            .role = role_of(a, pin), .repository = core_safe(mem, rk_str_c(url)),
            .ref = ref_of(pin, mem),
            .revision = pin->id ? rk_arena_strdup(mem, pin->id) : "", .checked = pin->checked,
            .message = pin->why ? core_safe(mem, rk_str_c(pin->why)) : NULL,
        };
    }
}
