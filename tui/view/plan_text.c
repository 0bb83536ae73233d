/*
 * plan_text.c: a task in words: its wave, its object, what changes, what can go wrong. Pure; texts
 * in the arena or as given, safe for a screen.
 */
#include "view/plan_int.h"
const char *plan_wave(struct rk_arena *a, const struct wire_task *t)
{
    bool sync = !t->phase || rk_streq(t->phase, "Sync");

    if (!sync && !t->wave)
        return widget_safe(a, t->phase);
    return rk_arena_f(a, "%s %lld", sync ? "wave" : widget_safe(a, t->phase), (long long)t->wave);
}

const char *plan_object(struct rk_arena *a, const struct wire_task *t)
{
    return rk_arena_f(a, "%s/%s/%s/%s", view_text(t->group), view_text(t->kind),
                      view_text(t->namespace), view_text(t->name));
}

const char *plan_name(struct rk_arena *a, const struct wire_task *t)
{
    return rk_arena_f(a, "%s%s%s/%s", widget_safe(a, t->app), t->app ? " " : "",
                      widget_safe(a, t->kind), widget_safe(a, t->name));
}

/* "`reckon unfreeze prod`" at s: the key that does it; how many bytes it stands for. */
static size_t key_of(const struct plan_view *p, const char *s, const char **key)
{
    static const struct { const char *begins; enum view_action act; } rows[] = {
        {"`reckon unfreeze ", ACT_FREEZE}, {"`reckon validate ", ACT_VALIDATE}};
    const char *end = s[0] == '`' ? strchr(s + 1, '`') : NULL;

    for (size_t i = 0; end && i < RK_LEN(rows); i++)
        if (strncmp(s, rows[i].begins, strlen(rows[i].begins)) == 0 &&
            (*key = p->v.host->key(rows[i].act, p->v.host->ctx)))
            return (size_t)(end + 1 - s);
    return 0;
}

const char *plan_wants(const struct plan_view *p, struct rk_arena *a, const char *text)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *key = NULL;

    for (const char *s = view_text(text); *s; s++) {
        size_t n = strncmp(s, " (--", 4) == 0 ? strcspn(s, ")") : 0, k = key_of(p, s, &key);
        if (n && s[n]) {
            s += n;
        } else if (k) {
            rk_buf_f(&out, "%s on its row", key);
            s += k - 1;
        } else {
            rk_buf_ch(&out, *s);
        }
    }
    return rk_arena_dup(a, out.p ? out.p : "", out.n);
}

bool plan_task_same(const struct wire_task *t)
{
    return rk_streq(t->action, "apply") && !t->n_fields &&
           (!t->phase || rk_streq(t->phase, "Sync"));
}

/* Nearly every object has its source in a base: that counts where the commit writes there. */
static bool edits_source(const struct wire_plan *plan, const struct wire_task *t)
{
    for (size_t i = 0; i < plan->n_edits; i++)
        for (size_t k = 0; k < t->n_fields; k++)
            if (t->fields[k].file && rk_streq(plan->edits[i].file, t->fields[k].file))
                return true;
    return false;
}

bool plan_task_risky(const struct wire_plan *plan, const struct wire_task *t)
{
    static const char *const risks[] = {"prune", "replace", "force", "data"};

    if (rk_streq(t->action, "keep"))
        return false;
    for (size_t i = 0; i < t->n_risks; i++) {
        for (size_t k = 0; k < RK_LEN(risks); k++)
            if (rk_streq(t->risks[i], risks[k]))
                return true;
        if (rk_streq(t->risks[i], "shared base") && edits_source(plan, t))
            return true;
    }
    return rk_streq(t->action, "prune") || rk_streq(t->action, "replace");
}

const char *plan_risks(struct rk_arena *a, const struct wire_task *t)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    for (size_t i = 0; i < t->n_risks; i++)
        rk_buf_f(&out, "%s%s", i ? ", " : "", widget_safe(a, t->risks[i]));
    for (size_t i = 0; i < out.n; i++)
        if (out.p[i] >= 'a' && out.p[i] <= 'z')
            out.p[i] = (char)(out.p[i] - 'a' + 'A');
    return rk_arena_dup(a, out.p, out.n);
}

/* JSON text without the quotes of a plain string. */
const char *plan_value(struct rk_arena *a, const char *json)
{
    rk_str s = rk_str_c(json);

    if (!json)
        return "(none)";
    if (s.n >= 2 && s.p[0] == '"' && !memchr(s.p, '\\', s.n))
        json = rk_arena_dup(a, s.p + 1, s.n - 2);
    return widget_safe(a, json);
}

/* "/spec/template/spec/containers/0/image" -> "image"; a list's element keeps the list's name. */
static const char *label_of(struct rk_arena *a, const char *pointer)
{
    const char *last = strrchr(view_text(pointer), '/'), *from = last;
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (!last)
        return widget_safe(a, pointer);
    if (last[1] >= '0' && last[1] <= '9')
        for (from--; from > pointer && *from != '/';)
            from--;
    from = from < pointer ? pointer : from;
    for (const char *p = from + (*from == '/'); *p; p++) {
        bool escape = p[0] == '~' && (p[1] == '0' || p[1] == '1');
        rk_buf_ch(&out, escape ? (p[1] == '1' ? '/' : '~') : *p);
        p += escape;
    }
    return widget_safe(a, rk_arena_dup(a, out.p, out.n));
}

/* Of two images of one repository only the tags or digests. */
static void shorten_images(const char **before, const char **after)
{
    const char *b = strrchr(*before, '/'), *c = strrchr(*after, '/');
    size_t nb, nc;

    b = b ? b : *before;
    c = c ? c : *after;
    nb = (size_t)(b - *before) + strcspn(b, ":@");
    nc = (size_t)(c - *after) + strcspn(c, ":@");
    if (nb != nc || !(*before)[nb] || !(*after)[nc] || strncmp(*before, *after, nb) != 0)
        return;
    *before += nb + 1;
    *after += nc + 1;
}

static const char *change_of(struct rk_arena *a, const struct wire_field *f)
{
    const char *label = label_of(a, f->path), *before = plan_value(a, f->live);
    const char *after = plan_value(a, f->desired);

    if (f->secret)
        return rk_arena_f(a, "%s changed (masked)", label);
    if (strcmp(label, "image") == 0)
        shorten_images(&before, &after);
    return rk_arena_f(a, "%s %s -> %s", label, before, after);
}

static const char *fields_text(struct rk_arena *a, const struct wire_task *t)
{
    enum { SHOWN = 3 };
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    size_t n = 0;

    for (size_t i = 0; i < t->n_fields; i++) {
        if (t->fields[i].ignored)
            continue;
        if (n++ < SHOWN)
            rk_buf_f(&out, "%s%s", out.n ? ", " : "", change_of(a, &t->fields[i]));
    }
    if (n > SHOWN)
        rk_buf_f(&out, ", +%zu", n - SHOWN);
    return rk_arena_dup(a, out.p, out.n);
}

const char *plan_what(struct rk_arena *a, const struct wire_task *t)
{
    if (t->message && t->message[0])
        return widget_safe(a, t->message);
    if (rk_streq(t->action, "create"))
        return "new";
    if (rk_streq(t->action, "prune"))
        return "not in git any more";
    return t->n_fields ? fields_text(a, t) : "as it is";
}
