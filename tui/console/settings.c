/*
 * settings.c: console.yaml, and the key table that it and the defaults make.
 *
 *     theme: dark
 *     ascii: false
 *     keys:
 *     - {key: f5, action: refresh}                    # everywhere
 *     - {view: diff, key: v, action: split}
 *
 * Nothing in it stops the console: what cannot be is left out and told with file:line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/console_int.h"
#include "reckon/doc.h"

enum { FILE_MAX = 256 * 1024 };

struct reading {
    struct console_settings *s;
    struct doc_marks *marks;
    const char *file;
};

static void trouble(struct reading *r, const struct doc_node *at, const char *fmt, ...)
    RK_PRINTF(3, 4);
static void trouble(struct reading *r, const struct doc_node *at, const char *fmt, ...)
{
    const struct doc_mark *m = at ? doc_marks_get(r->marks, at->mark) : NULL;
    struct rk_buf *out = &r->s->troubles;
    va_list ap;

    rk_buf_f(out, "%s%s:%u: ", out->n ? "\n" : "", r->file, m ? m->line : 1);
    va_start(ap, fmt);
    rk_buf_vf(out, fmt, ap);
    va_end(ap);
}

/* ---- keys ---- */
static void add_key(struct console_settings *s, const char *view, const struct term_key *k,
                    enum view_action a, int line)
{
    struct console_key *row;

    s->keys = rk_grow(s->keys, s->n_keys, &s->cap_keys, sizeof(*s->keys));
    row = &s->keys[s->n_keys++];
    *row = (struct console_key){.key = *k, .action = a, .line = line};
    (void)snprintf(row->view, sizeof(row->view), "%s", view);
}

/* Chords that screen, tmux, flow control and the like take before a program sees them. */
static bool is_taken(const struct term_key *k)
{
    return k->code == TERM_KEY_CHAR && k->mods == TERM_CTRL && k->ch < 128 &&
           strchr("absq", (int)k->ch);
}

static const struct console_key *row_of(const struct console_settings *s, const char *view,
                                        const struct term_key *k)
{
    for (size_t i = 0; i < s->n_keys; i++)
        if (rk_streq(s->keys[i].view, view) && term_key_same(&s->keys[i].key, k))
            return &s->keys[i];
    return NULL;
}

static bool known_view(const char *name)
{
    return rk_streq(name, "*") || rk_streq(name, "help") || rk_streq(name, "palette") ||
           view_class_named(name);
}

static void read_key(struct reading *r, const struct doc_node *row)
{
    rk_str name = doc_get_text(row, "key"), action = doc_get_text(row, "action");
    char *view = rk_str_dup(doc_get(row, "view") ? doc_get_text(row, "view") : RK_STR("*"));
    const struct doc_mark *m = doc_marks_get(r->marks, row->mark);
    enum view_action a = view_action_named(action);
    const struct console_key *before;
    struct term_key k;

    if (!known_view(view)) {
        trouble(r, row, "no view \"%s\"", view);
    } else if (!name.n || !term_key_parse(name, &k)) {
        trouble(r, row, "no key \"" RK_FMT_STR "\"", RK_ARG_STR(name));
    } else if (a == ACT_NONE && !rk_str_is(action, "none")) {
        trouble(r, row, "no action \"" RK_FMT_STR "\"", RK_ARG_STR(action));
    } else if ((before = row_of(r->s, view, &k))) {
        trouble(r, row, "key " RK_FMT_STR " is %s since line %d", RK_ARG_STR(name),
                view_actions[before->action].name, before->line);
    } else {
        if (is_taken(&k))
            trouble(r, row, "key " RK_FMT_STR " is taken by screen, tmux or flow control",
                    RK_ARG_STR(name));
        add_key(r->s, view, &k, a, m ? (int)m->line : 1);
    }
    free(view);
}

/* What a default says in one view would hide a key that the file sets everywhere. */
static void add_defaults(struct console_settings *s)
{
    struct term_key k;

    for (const struct view_key_row *row = view_keys; row->key; row++) {
        bool ok = term_key_parse(rk_str_c(row->key), &k);
        rk_assert(ok);
        if (!row_of(s, row->view, &k) && !row_of(s, "*", &k))
            add_key(s, row->view, &k, row->action, 0);
    }
}

void console_settings_default(struct console_settings *s)
{
    *s = (struct console_settings){.troubles = RK_BUF_INIT};
    add_defaults(s);
}

/* ---- the file ---- */
static void read_map(struct reading *r, const struct doc_node *map)
{
    for (size_t i = 0; i < doc_count(map); i++) {
        const struct doc_pair *p = doc_pair_at(map, i);
        if (rk_str_is(p->key, "theme"))
            (void)snprintf(r->s->theme, sizeof(r->s->theme), RK_FMT_STR,
                           RK_ARG_STR(doc_text(p->value)));
        else if (rk_str_is(p->key, "ascii"))
            r->s->ascii = doc_get_bool(map, "ascii", false);
        else if (rk_str_is(p->key, "mouse"))
            r->s->mouse = doc_get_bool(map, "mouse", false);
        else if (rk_str_is(p->key, "keys"))
            for (size_t k = 0; k < doc_count(p->value); k++)
                read_key(r, doc_at(p->value, k));
        else
            trouble(r, p->value, "no setting \"" RK_FMT_STR "\"", RK_ARG_STR(p->key));
    }
}

void console_settings_read(struct console_settings *s, rk_str text, const char *file)
{
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    struct reading r = {.s = s, .marks = doc_marks_new(mem), .file = file};
    struct doc_read how = {.typing = DOC_RESOURCE, .file = file, .marks = r.marks};
    struct doc_node *root = NULL;
    struct rk_err err;

    *s = (struct console_settings){.troubles = RK_BUF_INIT};
    if (doc_yaml_read_one(mem, text, &how, &root, &err))
        rk_buf_c(&s->troubles, err.text);
    else if (doc_type(root) == DOC_MAP)
        read_map(&r, root);
    else if (doc_type(root) != DOC_NULL)
        trouble(&r, root, "expected settings such as `theme: dark`");
    add_defaults(s);
}

char *console_config_dir(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config && config[0] == '/')
        return rk_asprintf("%s/reckon", config);
    return rk_asprintf("%s/.config/reckon", home ? home : "");
}

void console_settings_load(struct console_settings *s)
{
    char *dir = console_config_dir(), *path = rk_asprintf("%s/console.yaml", dir);
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};

    if (console_file_read(path, FILE_MAX, &text, &err) == 0) {
        console_settings_read(s, rk_buf_view(&text), path);
    } else {
        console_settings_default(s);
        if (err.code != RK_NOT_FOUND)
            rk_buf_c(&s->troubles, err.text);
    }
    free(path);
    free(dir);
}

void console_settings_release(struct console_settings *s)
{
    free(s->keys);
    rk_buf_release(&s->troubles);
    *s = (struct console_settings){.troubles = RK_BUF_INIT};
}

/* ---- looking up ---- */
enum view_action console_action(const struct console_settings *s, const char *view,
                                const struct term_key *k, bool readonly)
{
    const struct console_key *row = row_of(s, view, k);

    if (!row)
        row = row_of(s, "*", k);
    if (!row || (readonly && view_actions[row->action].writes))
        return ACT_NONE;
    return row->action;
}

bool console_key_of(const struct console_settings *s, const char *view, enum view_action a,
                    bool readonly, char out[24])
{
    for (int all = 0; all < 2; all++)
        for (size_t i = 0; i < s->n_keys; i++) {
            const struct console_key *row = &s->keys[i];
            if (row->action != a || !rk_streq(row->view, all ? "*" : view) ||
                console_action(s, view, &row->key, readonly) != a)
                continue;
            term_key_name(&row->key, out);
            return true;
        }
    return false;
}
