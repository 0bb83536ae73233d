/*
 * theme.c: what each role looks like. In: a theme file's text. Out: a style for every role.
 *
 * Owns the built-in theme only. A file is read whole or refused: there is no half-read theme.
 */
#include "term_int.h"

#include <stdio.h>

const char *const term_role_name[TERM_ROLE_MAX] = {
    [TERM_BASE] = "base",
    [TERM_DIM] = "dim",
    [TERM_TITLE] = "title",
    [TERM_BORDER] = "border",
    [TERM_BORDER_FOCUS] = "border.focus",
    [TERM_CURSOR] = "cursor",
    [TERM_CURSOR_INACTIVE] = "cursor.inactive",
    [TERM_MARK] = "mark",
    [TERM_KEY] = "key",
    [TERM_OK] = "ok",
    [TERM_DRIFT] = "drift",
    [TERM_PROGRESS] = "progress",
    [TERM_DEGRADED] = "degraded",
    [TERM_UNKNOWN] = "unknown",
    [TERM_MISSING] = "missing",
    [TERM_LOCKED] = "locked",
    [TERM_ENV_DEV] = "env.dev",
    [TERM_ENV_STAGING] = "env.staging",
    [TERM_ENV_PROD] = "env.prod",
    [TERM_ADD] = "add",
    [TERM_DEL] = "del",
    [TERM_ADD_EMPH] = "add.emph",
    [TERM_DEL_EMPH] = "del.emph",
    [TERM_FOLD] = "fold",
    [TERM_WHO] = "who",
    [TERM_LINE] = "line",
    [TERM_SECRET] = "secret",
    [TERM_MATCH] = "match",
    [TERM_STATUS] = "status",
    [TERM_ERROR] = "error",
    [TERM_LINK] = "link",
};

#define PLAIN(a) {-1, -1, (a)}
static const struct term_theme mono = {
    .name = "mono",
    .style = {
        [TERM_BASE] = PLAIN(0),
        [TERM_DIM] = PLAIN(TERM_FAINT),
        [TERM_TITLE] = PLAIN(TERM_BOLD),
        [TERM_BORDER] = PLAIN(0),
        [TERM_BORDER_FOCUS] = PLAIN(TERM_BOLD),
        [TERM_CURSOR] = PLAIN(TERM_REVERSE),
        [TERM_CURSOR_INACTIVE] = PLAIN(TERM_UNDERLINE),
        [TERM_MARK] = PLAIN(TERM_BOLD),
        [TERM_KEY] = PLAIN(TERM_BOLD),
        [TERM_OK] = PLAIN(0),
        [TERM_DRIFT] = PLAIN(TERM_BOLD),
        [TERM_PROGRESS] = PLAIN(0),
        [TERM_DEGRADED] = PLAIN(TERM_BOLD | TERM_UNDERLINE),
        [TERM_UNKNOWN] = PLAIN(TERM_UNDERLINE),
        [TERM_MISSING] = PLAIN(TERM_BOLD),
        [TERM_LOCKED] = PLAIN(TERM_BOLD),
        [TERM_ENV_DEV] = PLAIN(0),
        [TERM_ENV_STAGING] = PLAIN(TERM_BOLD),
        [TERM_ENV_PROD] = PLAIN(TERM_BOLD | TERM_REVERSE),
        [TERM_ADD] = PLAIN(TERM_BOLD),
        [TERM_DEL] = PLAIN(0),
        [TERM_ADD_EMPH] = PLAIN(TERM_BOLD | TERM_REVERSE),
        [TERM_DEL_EMPH] = PLAIN(TERM_REVERSE),
        [TERM_FOLD] = PLAIN(TERM_FAINT),
        [TERM_WHO] = PLAIN(TERM_FAINT),
        [TERM_LINE] = PLAIN(TERM_FAINT),
        [TERM_SECRET] = PLAIN(TERM_FAINT),
        [TERM_MATCH] = PLAIN(TERM_REVERSE),
        [TERM_STATUS] = PLAIN(0),
        [TERM_ERROR] = PLAIN(TERM_BOLD | TERM_REVERSE),
        [TERM_LINK] = PLAIN(TERM_UNDERLINE),
    },
};

const struct term_theme *term_theme_mono(void)
{
    return &mono;
}

/* ---- files ---- */

static const struct {
    const char *word;
    unsigned attr;
} attr_words[] = {
    {"bold", TERM_BOLD},
    {"faint", TERM_FAINT},
    {"underline", TERM_UNDERLINE},
    {"reverse", TERM_REVERSE},
};

struct reading {
    const char *file;
    uint32_t line;
    struct rk_err *err;
    bool had[TERM_ROLE_MAX];
    struct term_theme *theme;
};

static unsigned attr_of(rk_str word)
{
    for (size_t i = 0; i < RK_LEN(attr_words); i++)
        if (rk_str_is(word, attr_words[i].word))
            return attr_words[i].attr;
    return 0;
}

/* The next word of *text; empty at the end or where a comment begins. */
static rk_str next_word(rk_str *text)
{
    int colour;
    size_t n = 0;

    *text = rk_str_trim(*text);
    while (n < text->n && text->p[n] != ' ' && text->p[n] != '\t')
        n++;
    rk_str word = {text->p, n};
    if (n && word.p[0] == '#' && !colour_read(word, &colour)) {
        *text = RK_STR_NONE;
        return RK_STR_NONE;
    }
    *text = (rk_str){text->p + n, text->n - n};
    return word;
}

static int read_style(struct reading *r, rk_str rest, struct term_style *out)
{
    int colours = 0;
    rk_str word;

    *out = (struct term_style){-1, -1, 0};
    while ((word = next_word(&rest)).n) {
        unsigned attr = attr_of(word);
        int colour;

        if (attr)
            out->attrs |= attr;
        else if (!out->attrs && colours < 2 && colour_read(word, &colour))
            *(colours++ ? &out->bg : &out->fg) = colour;
        else
            return rk_fail_at(r->err, RK_INVALID, r->file, r->line, 0,
                              "'" RK_FMT_STR "' is no colour or attribute here: FG [BG] "
                              "[bold faint underline reverse], a colour is -, a name of the 16, "
                              "0 to 255 or #rrggbb", RK_ARG_STR(word));
    }
    if (!colours)
        return rk_fail_at(r->err, RK_INVALID, r->file, r->line, 0,
                          "the colour is missing; - is the terminal's own");
    return 0;
}

static int role_of(rk_str name)
{
    for (int i = 0; i < TERM_ROLE_MAX; i++)
        if (rk_str_is(name, term_role_name[i]))
            return i;
    return -1;
}

static int read_line(struct reading *r, rk_str line)
{
    rk_str rest, name;
    struct term_style style;
    int role;

    line = rk_str_trim(line);
    if (!line.n || line.p[0] == '#')
        return 0;
    name = rk_str_trim(rk_str_cut(line, ':', &rest));
    if (!rest.p)
        return rk_fail_at(r->err, RK_INVALID, r->file, r->line, 0, "'role: FG ...' is expected");
    role = role_of(name);
    if (role < 0)
        return rk_fail_at(r->err, RK_INVALID, r->file, r->line, 0,
                          "no such role '" RK_FMT_STR "'", RK_ARG_STR(name));
    if (r->had[role])
        return rk_fail_at(r->err, RK_INVALID, r->file, r->line, 0,
                          "role '%s' stands here a second time", term_role_name[role]);
    if (read_style(r, rest, &style) < 0)
        return -1;
    r->had[role] = true;
    r->theme->style[role] = style;
    return 0;
}

/* "themes/dark.theme" is called "dark". */
static void name_of(const char *file, char out[32])
{
    const char *base = file ? strrchr(file, '/') : NULL;
    rk_str name = rk_str_c(base ? base + 1 : file);

    if (rk_str_ends(name, ".theme"))
        name.n -= strlen(".theme");
    snprintf(out, 32, RK_FMT_STR, RK_ARG_STR(name));
}

int term_theme_read(rk_str text, const char *file, struct term_theme *out, struct rk_err *err)
{
    struct term_theme theme = {.style[TERM_BASE] = PLAIN(0)};
    struct reading r = {.file = file, .err = err, .theme = &theme};

    name_of(file, theme.name);
    while (text.p) {
        rk_str line = rk_str_cut(text, '\n', &text);

        r.line++;
        if (read_line(&r, line) < 0)
            return -1;
    }
    for (int i = 0; i < TERM_ROLE_MAX; i++)
        if (!r.had[i])
            theme.style[i] = theme.style[TERM_BASE];
    *out = theme;
    return 0;
}
