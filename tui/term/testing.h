/*
 * testing.h: a terminal for the tests of the console's rooms: libvterm takes the bytes that would go
 * to the tty, and says what a person would see.
 *
 *     struct vt v; vt_init(&v, 80, 24);
 *     term_begin(s); ... draw ...
 *     vt_show(&v, s);                         the frame, fed; returns its bytes
 *     assert_string_equal(vt_row(&v, 0), "...");
 *     vt_same(&v, s);                         every cell as drawn, text and look; else fails
 *
 * Where it is included, the locale is C.UTF-8 and TERM is xterm-256color. Include it instead of
 * cmocka.h. FAINT is not compared: libvterm does not keep it. (Nor does it know REP, which
 * ncurses uses for xterm in a locale without UTF-8: test that with vt100.)
 */
#ifndef RK_TERM_TESTING_H
#define RK_TERM_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* after the ones above */
#include <cmocka.h>
#include <vterm.h>

#include "reckon/text.h"
#include "term/term.h"

struct vt {
    VTerm *vt;
    VTermScreen *screen;
    int cols, rows;
    int caret_x, caret_y;
    bool caret, alternate;
    int mouse;                  /* VTERM_PROP_MOUSE_...: what is reported */
    char title[200];
    struct rk_buf answers;      /* what the terminal says back: "\033[0n" to "\033[5n" */
    struct rk_buf text;         /* of the last vt_row, vt_text or vt_looks */
};

/* Before main, so that no test of a room depends on the shell it is started from. */
__attribute__((constructor)) static void vt_environment(void)
{
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("TERM", "xterm-256color", 1);
    unsetenv("COLORTERM");
    unsetenv("NO_COLOR");
}

/* ncurses (its new_prescr) leaks about a kilobyte now and then when a screen is opened. */
#ifdef __SANITIZE_ADDRESS__
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:new_prescr\n";
}
#endif

static void vt_output_(const char *s, size_t n, void *ctx)
{
    struct vt *v = ctx;

    rk_buf_add(&v->answers, s, n);
}

static int vt_cursor_(VTermPos pos, VTermPos old, int visible, void *ctx)
{
    struct vt *v = ctx;

    (void)old;
    v->caret_x = pos.col;
    v->caret_y = pos.row;
    v->caret = visible != 0;
    return 1;
}

static int vt_prop_(VTermProp prop, VTermValue *val, void *ctx)
{
    struct vt *v = ctx;

    if (prop == VTERM_PROP_CURSORVISIBLE)
        v->caret = val->boolean != 0;
    else if (prop == VTERM_PROP_ALTSCREEN)
        v->alternate = val->boolean != 0;
    else if (prop == VTERM_PROP_MOUSE)
        v->mouse = val->number;
    else if (prop == VTERM_PROP_TITLE)
        snprintf(v->title, sizeof(v->title), "%s", val->string);
    return 1;
}

RK_UNUSED static void vt_init(struct vt *v, int cols, int rows)
{
    static const VTermScreenCallbacks calls = {.movecursor = vt_cursor_, .settermprop = vt_prop_};

    *v = (struct vt){.cols = cols, .rows = rows, .answers = RK_BUF_INIT, .text = RK_BUF_INIT};
    v->vt = vterm_new(rows, cols);
    vterm_set_utf8(v->vt, 1);
    vterm_output_set_callback(v->vt, vt_output_, v);
    v->screen = vterm_obtain_screen(v->vt);
    vterm_screen_set_callbacks(v->screen, &calls, v);
    vterm_screen_enable_altscreen(v->screen, 1);
    vterm_screen_reset(v->screen, 1);
}

RK_UNUSED static void vt_release(struct vt *v)
{
    vterm_free(v->vt);
    rk_buf_release(&v->answers);
    rk_buf_release(&v->text);
}

RK_UNUSED static void vt_resize(struct vt *v, int cols, int rows)
{
    v->cols = cols;
    v->rows = rows;
    vterm_set_size(v->vt, rows, cols);
}

RK_UNUSED static void vt_feed(struct vt *v, rk_str bytes)
{
    vterm_input_write(v->vt, bytes.p, bytes.n);
    vterm_screen_flush_damage(v->screen);
}

/* One frame of the screen; returns its bytes. */
RK_UNUSED static size_t vt_show(struct vt *v, struct term_screen *s)
{
    rk_auto(rk_buf_release) struct rk_buf frame = RK_BUF_INIT;

    term_end(s, &frame);
    vt_feed(v, rk_buf_view(&frame));
    return frame.n;
}

/* ---- what is seen ---- */

static VTermScreenCell vt_at_(const struct vt *v, int x, int y)
{
    VTermScreenCell c;

    assert_true(vterm_screen_get_cell(v->screen, (VTermPos){.row = y, .col = x}, &c));
    if (x > 0 && c.chars[0] == (uint32_t)-1) { /* it keeps the look in the left half only */
        c = vt_at_(v, x - 1, y);
        c.chars[0] = (uint32_t)-1;
    }
    return c;
}

/* A cell's text as term_cell says it: empty for the right half of a wide character. */
static void vt_cell_text_(const VTermScreenCell *c, struct rk_buf *out)
{
    if (c->chars[0] == (uint32_t)-1)
        return;
    if (c->chars[0] == 0)
        rk_buf_ch(out, ' ');
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && c->chars[i]; i++)
        rk_utf8_put(out, c->chars[i]);
}

static int vt_colour_(VTermColor c, bool ground)
{
    if (ground ? VTERM_COLOR_IS_DEFAULT_BG(&c) : VTERM_COLOR_IS_DEFAULT_FG(&c))
        return -1;
    return VTERM_COLOR_IS_INDEXED(&c) ? c.indexed.idx : 1000; /* nothing here sends rgb */
}

static struct term_style vt_look_(const VTermScreenCell *c)
{
    return (struct term_style){
        .fg = vt_colour_(c->fg, false),
        .bg = vt_colour_(c->bg, true),
        .attrs = (c->attrs.bold ? TERM_BOLD : 0u) | (c->attrs.underline ? TERM_UNDERLINE : 0u) |
                 (c->attrs.reverse ? TERM_REVERSE : 0u),
    };
}

RK_UNUSED static struct term_style vt_look(const struct vt *v, int x, int y)
{
    VTermScreenCell c = vt_at_(v, x, y);

    return vt_look_(&c);
}

static void vt_add_row_(struct vt *v, int y)
{
    size_t from = v->text.n;

    for (int x = 0; x < v->cols; x++) {
        VTermScreenCell c = vt_at_(v, x, y);
        vt_cell_text_(&c, &v->text);
    }
    while (v->text.n > from && v->text.p[v->text.n - 1] == ' ')
        v->text.p[--v->text.n] = 0;
}

/* A row without the blanks at its end; valid until the next of these. */
RK_UNUSED static const char *vt_row(struct vt *v, int y)
{
    rk_buf_clear(&v->text);
    vt_add_row_(v, y);
    return v->text.p;
}

/* All rows, each with a newline. */
RK_UNUSED static const char *vt_text(struct vt *v)
{
    rk_buf_clear(&v->text);
    for (int y = 0; y < v->rows; y++) {
        vt_add_row_(v, y);
        rk_buf_ch(&v->text, '\n');
    }
    return v->text.p;
}

/* The row on which this text stands, -1: on none. */
RK_UNUSED static int vt_find(struct vt *v, const char *text)
{
    for (int y = 0; y < v->rows; y++)
        if (strstr(vt_row(v, y), text))
            return y;
    return -1;
}

RK_UNUSED static bool vt_has(struct vt *v, const char *text)
{
    return vt_find(v, text) >= 0;
}

static bool vt_same_look_(struct term_style a, struct term_style b)
{
    unsigned seen = TERM_BOLD | TERM_UNDERLINE | TERM_REVERSE;

    return a.fg == b.fg && a.bg == b.bg && (a.attrs & seen) == (b.attrs & seen);
}

static void vt_say_look_(struct rk_buf *out, struct term_style k)
{
    rk_buf_f(out, "%d on %d%s%s%s", k.fg, k.bg, k.attrs & TERM_BOLD ? " bold" : "",
             k.attrs & TERM_UNDERLINE ? " underline" : "", k.attrs & TERM_REVERSE ? " reverse" : "");
}

/*
 * The looks as a map: '.' is the terminal's own, a letter each other one in order of appearance;
 * below it what the letters mean. For golden files, beside vt_text.
 */
RK_UNUSED static const char *vt_looks(struct vt *v)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct term_style known[sizeof(letters) - 1];
    size_t n = 0, i;

    rk_buf_clear(&v->text);
    for (int y = 0; y < v->rows; y++) {
        for (int x = 0; x < v->cols; x++) {
            struct term_style k = vt_look(v, x, y);

            if (vt_same_look_(k, (struct term_style){-1, -1, 0})) {
                rk_buf_ch(&v->text, '.');
                continue;
            }
            for (i = 0; i < n && !vt_same_look_(k, known[i]); i++)
                ;
            assert_true(i < RK_LEN(known));
            if (i == n)
                known[n++] = k;
            rk_buf_ch(&v->text, letters[i]);
        }
        rk_buf_ch(&v->text, '\n');
    }
    for (i = 0; i < n; i++) {
        rk_buf_f(&v->text, "%c ", letters[i]);
        vt_say_look_(&v->text, known[i]);
        rk_buf_ch(&v->text, '\n');
    }
    return v->text.p;
}

/* Does the terminal show the picture, cell by cell? why (may be NULL): the first that differs. */
RK_UNUSED static bool vt_equals(const struct vt *v, const struct term_screen *s, struct rk_buf *why)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;

    assert_int_equal(v->cols, term_cols(s));
    assert_int_equal(v->rows, term_rows(s));
    for (int y = 0; y < v->rows; y++)
        for (int x = 0; x < v->cols; x++) {
            VTermScreenCell c = vt_at_(v, x, y);
            struct term_style look, seen = vt_look_(&c);
            char drawn[32];

            term_cell(s, x, y, drawn, &look);
            rk_buf_clear(&text);
            vt_cell_text_(&c, &text);
            if (rk_streq(text.p, drawn) && vt_same_look_(look, seen))
                continue;
            if (why) {
                rk_buf_f(why, "at %d,%d '%s' ", x, y, text.p);
                vt_say_look_(why, seen);
                rk_buf_f(why, " is seen, '%s' ", drawn);
                vt_say_look_(why, look);
                rk_buf_c(why, " was drawn");
            }
            return false;
        }
    return true;
}

/* As an assertion. */
RK_UNUSED static void vt_same(const struct vt *v, const struct term_screen *s)
{
    struct rk_buf why = RK_BUF_INIT;

    if (!vt_equals(v, s, &why))
        fail_msg("%s", why.p);
    rk_buf_release(&why);
}

#endif
