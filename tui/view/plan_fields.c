/*
 * plan_fields.c: reason, unlock and target: which of them a plan has, where the focus is, and the
 * keys that are typed into them. The focus begins on Cancel, and one Tab leads to what is missing:
 * who types after it types into a field. Enter never leads back to Cancel.
 */
#include "view/plan_int.h"
bool plan_field_shown(const struct plan_view *p, enum plan_focus f)
{
    bool fields = p->plan && !plan_readonly(p) && !p->stale[0];

    switch (f) {
    case PLAN_ROWS: case PLAN_CANCEL: return true;
    case PLAN_REASON: return fields && p->asks_reason;
    case PLAN_UNLOCK: return fields && p->asks_unlock;
    case PLAN_TARGET: return fields && p->wanted[0];
    case PLAN_FOCI: break;
    }
    return false;
}

void plan_focus_set(struct plan_view *p, enum plan_focus f)
{
    p->focus = plan_field_shown(p, f) ? f : PLAN_CANCEL;
    p->v.typing = p->focus == PLAN_REASON || p->focus == PLAN_TARGET;
    plan_arm_complete(p);
}

void plan_focus_move(struct plan_view *p, int by)
{
    int f = (int)p->focus;
    enum plan_focus missing = plan_missing_field(p);

    if (by > 0 && plan_field_shown(p, missing) &&
        (p->focus == PLAN_CANCEL || p->focus == PLAN_ROWS)) {
        plan_focus_set(p, missing);
        return;
    }
    do
        f = (f + by + PLAN_FOCI) % PLAN_FOCI;
    while (!plan_field_shown(p, (enum plan_focus)f));
    plan_focus_set(p, (enum plan_focus)f);
}

void plan_toggle_unlock(struct plan_view *p)
{
    p->unlock = !p->unlock;
    plan_arm_complete(p);
}

static void edit(struct plan_view *p, const struct term_key *k)
{
    struct widget_edit *e = p->focus == PLAN_TARGET ? &p->target : &p->reason;

    switch (widget_edit_key(e, k)) {
    case WIDGET_REFUSED:
        view_say(&p->v, TERM_ERROR, "paste is refused here: type %s", p->wanted);
        break;
    case WIDGET_TOO_LONG:
        view_say(&p->v, TERM_ERROR, "that is too long");
        break;
    case WIDGET_CHANGED:
        plan_arm_complete(p);
        break;
    case WIDGET_IGNORED:
        break;
    }
}

static bool is_apply(const struct plan_view *p, const struct term_key *k)
{
    return k->code == TERM_KEY_CHAR && k->ch == 'A' && !k->mods && p->focus == PLAN_TARGET &&
           plan_target_typed(p);
}

bool plan_key(struct view *v, const struct term_key *k)
{
    struct plan_view *p = (struct plan_view *)v;

    if (plan_countdown_stop(p) || !p->awake)
        return true;
    switch ((int)k->code) {
    case TERM_KEY_TAB:
        plan_focus_move(p, k->mods & TERM_SHIFT ? -1 : 1);
        break;
    case TERM_KEY_ENTER: /* to the next field, from the last one to the rows: never to Cancel */
        plan_focus_move(p, 1);
        break;
    case TERM_KEY_DOWN: (void)widget_list_move(&p->list, WIDGET_DOWN); break;
    case TERM_KEY_UP: (void)widget_list_move(&p->list, WIDGET_UP); break;
    case TERM_KEY_PAGE_DOWN: (void)widget_list_move(&p->list, WIDGET_PAGE_DOWN); break;
    case TERM_KEY_PAGE_UP: (void)widget_list_move(&p->list, WIDGET_PAGE_UP); break;
    default:
        if (is_apply(p, k))
            plan_apply(p);
        else
            edit(p, k);
    }
    v->host->changed(v->host->ctx);
    return true;
}
