/*
 * keyname.c: keys as words. In: a key, or its name in console.yaml. Out: the other one. The first
 * name of a key is the one that is written; both are read.
 */
#include <stdio.h>

#include "reckon/text.h"
#include "term_int.h"

static const struct {
    enum term_key_code code;
    const char *name;
} names[] = {
    {TERM_KEY_ENTER, "enter"},
    {TERM_KEY_TAB, "tab"},
    {TERM_KEY_ESC, "esc"},
    {TERM_KEY_BACKSPACE, "backspace"},
    {TERM_KEY_DELETE, "delete"},
    {TERM_KEY_INSERT, "insert"},
    {TERM_KEY_UP, "up"},
    {TERM_KEY_DOWN, "down"},
    {TERM_KEY_LEFT, "left"},
    {TERM_KEY_RIGHT, "right"},
    {TERM_KEY_HOME, "home"},
    {TERM_KEY_END, "end"},
    {TERM_KEY_PAGE_UP, "pgup"},
    {TERM_KEY_PAGE_DOWN, "pgdn"},
    {TERM_KEY_ENTER, "return"},
    {TERM_KEY_ESC, "escape"},
    {TERM_KEY_DELETE, "del"},
    {TERM_KEY_INSERT, "ins"},
    {TERM_KEY_PAGE_UP, "pageup"},
    {TERM_KEY_PAGE_DOWN, "pagedown"},
};

static const struct {
    unsigned mod;
    const char *prefix;
} mods[] = {{TERM_CTRL, "ctrl-"}, {TERM_ALT, "alt-"}, {TERM_SHIFT, "shift-"}};

/* Takes one "ctrl-" away from the front; 0: there is none. */
static unsigned take_mod(rk_str *name)
{
    for (size_t i = 0; i < RK_LEN(mods); i++) {
        size_t n = strlen(mods[i].prefix);

        if (name->n > n && rk_str_starts(*name, mods[i].prefix)) {
            *name = (rk_str){name->p + n, name->n - n};
            return mods[i].mod;
        }
    }
    return 0;
}

static bool parse_char(rk_str name, struct term_key *k)
{
    uint32_t code;

    if (rk_str_is(name, "space"))
        name = RK_STR(" ");
    if (rk_utf8_next(name.p, name.n, &code) != name.n || code < 0x20 ||
        (code >= 0x7f && code < 0xa0) || k->mods & TERM_SHIFT)
        return false;
    k->code = TERM_KEY_CHAR;
    k->ch = k->mods & TERM_CTRL && code >= 'A' && code <= 'Z' ? code + 0x20 : code;
    return true;
}

static bool parse_f(rk_str name, struct term_key *k)
{
    int64_t n;

    if (name.n < 2 || name.p[0] != 'f' || name.p[1] == '0' ||
        !rk_str_int((rk_str){name.p + 1, name.n - 1}, &n) || n < 1 || n > 20)
        return false;
    k->code = TERM_KEY_F;
    k->ch = (uint32_t)n;
    return true;
}

bool term_key_parse(rk_str name, struct term_key *out)
{
    struct term_key k = {.code = TERM_KEY_NONE};
    unsigned mod;

    while ((mod = take_mod(&name)) != 0) {
        if (k.mods & mod)
            return false;
        k.mods |= mod;
    }
    for (size_t i = 0; i < RK_LEN(names) && k.code == TERM_KEY_NONE; i++)
        if (rk_str_is(name, names[i].name))
            k.code = names[i].code;
    if (k.code == TERM_KEY_NONE && (!name.n || (!parse_f(name, &k) && !parse_char(name, &k))))
        return false;
    *out = k;
    return true;
}

static void base_name(const struct term_key *k, struct rk_buf *out)
{
    if (k->code == TERM_KEY_CHAR && k->ch == ' ') {
        rk_buf_c(out, "space");
    } else if (k->code == TERM_KEY_CHAR) {
        rk_utf8_put(out, k->ch);
    } else if (k->code == TERM_KEY_F) {
        rk_buf_f(out, "f%u", k->ch);
    } else if (k->code == TERM_KEY_PASTE) {
        rk_buf_c(out, "a paste");
    } else {
        for (size_t i = 0; i < RK_LEN(names); i++)
            if (k->code == names[i].code) {
                rk_buf_c(out, names[i].name);
                return;
            }
        rk_buf_c(out, "another key");
    }
}

void term_key_name(const struct term_key *k, char out[24])
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;

    for (size_t i = 0; i < RK_LEN(mods); i++)
        if (k->mods & mods[i].mod)
            rk_buf_c(&text, mods[i].prefix);
    base_name(k, &text);
    snprintf(out, 24, "%s", text.p);
}

bool term_key_same(const struct term_key *a, const struct term_key *b)
{
    bool numbered = a->code == TERM_KEY_CHAR || a->code == TERM_KEY_F;

    return a->code == b->code && a->mods == b->mods && (!numbered || a->ch == b->ch);
}
