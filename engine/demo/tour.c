/*
 * tour.c: the tour's steps in order: one row a step. A step that fails does not end the tour unless
 * what follows stands on it; the exit status says whether every check held.
 */
#include "demo/tour_int.h"

static const struct {
    const char *letter, *title;
    void (*run)(struct demo *d);
} steps[] = {
    {"a", "dev and staging come up by themselves; production waits for an operator", tour_create},
    {"b", "a commit changes dev's image tag", tour_commit},
    {"c", "somebody scales dev by hand: seen, named, healed", tour_heal},
    {"d", "the same in staging, which does not heal itself: shown, then synced by an operator",
     tour_drift},
    {"e", "files leave git: exactly those objects are pruned, and an empty render prunes nothing",
     tour_prune},
    {"f", "promotion from dev to staging to production", tour_promote},
    {"g", "a broken image reaches production, and a revert takes it back", tour_revert},
    {"h", "the same with the git remote gone, while the bad rollout still runs", tour_offline},
    {"i", "history, git log and the audit log tell the same story", tour_audit},
};

int demo_tour(struct demo *d)
{
    d->started = rk_mono_ms();
    for (size_t i = 0; i < RK_LEN(steps) && !*d->interrupted; i++) {
        demo_step(d, steps[i].letter, "%s", steps[i].title);
        steps[i].run(d);
    }
    (void)printf("\n%zu checks, %zu failed, %.1f s\n", d->checks, d->failed,
                 (double)(rk_mono_ms() - d->started) / 1000);
    return d->failed || *d->interrupted ? 1 : 0;
}
