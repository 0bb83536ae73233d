/*
 * accepted.c: differences that need no question. In: a pair, the view before. Out: did the live
 * object once say all that git says, and does it differ now in values only?
 *
 * The question (a dry-run apply) tells what the server would make of git's values: defaults,
 * webhooks, other spellings. Where this object already lived with these very values, it would tell
 * nothing new. It is spared only where the answer is only waited for: before a heal at once.
 */
#include "core/core_int.h"

static const struct core_pair *before_of(const struct core_pair *p, const struct core_view *before)
{
    for (size_t i = 0; before && i < before->n; i++)
        if (before->pairs[i]->desired == p->desired)
            return before->pairs[i];
    return NULL;
}

static bool same_object(const struct core_pair *a, const struct core_pair *b)
{
    return a->live && b->live && rk_str_eq(a->live->object.uid, b->live->object.uid);
}

/* Same by the local compare: every field that git names lived with git's value. */
static bool lived_so(const struct core_pair *p)
{
    return p->done && !p->error && !p->predicted && p->drift.verdict == DRIFT_SAME;
}

void core_pair_accepted(struct core_pair *p, const struct core_view *before)
{
    const struct core_pair *b = p->desired ? before_of(p, before) : NULL;
    p->accepted = lived_so(p) || (b && b->accepted && same_object(p, b));
}

bool core_pair_certain(const struct core_pair *p)
{
    if (!p->accepted || p->error || p->drift.verdict != DRIFT_NEEDS_SERVER)
        return false;
    for (size_t i = 0; i < p->drift.n_fields; i++)
        if (!p->drift.fields[i].ignored && !p->drift.fields[i].desired)
            return false; /* what git no longer sets may belong to others by now */
    return true;
}
