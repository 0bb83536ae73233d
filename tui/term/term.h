/*
 * term.h: the terminal. A picture of cells is drawn whole each time and sent as one frame, and only
 * when the terminal has shown the one before; keys are decoded from raw bytes; the tty is always
 * given back as it was. Rules and figures: reference/console.md section 5.
 *
 *     picture (screen.c) ── frame: bytes of ncurses, written into memory ──▶ device (term.c) ──▶ tty
 *     tty ──▶ device ── bytes ──▶ decoder (decode.c) ──▶ keys
 *
 * A picture and a decoder need no terminal: tests drive both with bytes alone.
 */
#ifndef RK_TERM_H
#define RK_TERM_H

#include "reckon/error.h"
#include "reckon/run.h"
#include "reckon/str.h"

/* ================= roles and themes (theme.c) ================= */

/* What a piece of the picture means. Colour only repeats what signs and words say. */
enum term_role {
    TERM_BASE, TERM_DIM, TERM_TITLE, TERM_BORDER, TERM_BORDER_FOCUS, TERM_CURSOR,
    TERM_CURSOR_INACTIVE, TERM_MARK, TERM_KEY, TERM_OK, TERM_DRIFT, TERM_PROGRESS, TERM_DEGRADED,
    TERM_UNKNOWN, TERM_MISSING, TERM_LOCKED, TERM_ENV_DEV, TERM_ENV_STAGING, TERM_ENV_PROD,
    TERM_ADD, TERM_DEL, TERM_ADD_EMPH, TERM_DEL_EMPH, TERM_FOLD, TERM_WHO, TERM_LINE, TERM_SECRET,
    TERM_MATCH, TERM_STATUS, TERM_ERROR, TERM_LINK, TERM_ROLE_MAX,
};
extern const char *const term_role_name[TERM_ROLE_MAX]; /* "border.focus", "env.prod", ... */

enum term_attr { TERM_BOLD = 1, TERM_FAINT = 2, TERM_UNDERLINE = 4, TERM_REVERSE = 8 };
struct term_style {
    int fg, bg;                 /* -1 the terminal's own; 0 to 255 of the xterm palette */
    unsigned attrs;
};
struct term_theme { char name[32]; struct term_style style[TERM_ROLE_MAX]; };
/*
 * A theme file: `role: FG [BG] [bold faint underline reverse]`, `#` comments; a colour is `-`, a
 * name of the 16, a number to 255 or #rrggbb (mapped to the palette). A role left out has base's.
 * INVALID with file:line. `file` is for messages only.
 */
int term_theme_read(rk_str text, const char *file, struct term_theme *out, struct rk_err *err)
    RK_MUST_CHECK;
/* Attributes only: built in, what NO_COLOR and a theme that cannot be read get. */
const struct term_theme *term_theme_mono(void);

/* ================= the picture (screen.c) ================= */

struct term_screen;
struct term_screen_opts {
    const char *term;           /* NULL: $TERM. Unknown to terminfo: the nearest that is known */
    int cols, rows;
    int colors;                 /* at most: 256, 16 or 1 (none); 0: what the terminal has */
    bool ascii;                 /* lines as + - |; also when the locale is not UTF-8 */
    const struct term_theme *theme;     /* copied */
};
/* UNSUPPORTED: no terminfo entry that could stand in. */
int term_screen_open(const struct term_screen_opts *o, struct term_screen **out, struct rk_err *err)
    RK_MUST_CHECK;
void term_screen_close(struct term_screen *s);  /* NULL is fine; no bytes are sent */
int term_cols(const struct term_screen *s);
int term_rows(const struct term_screen *s);
bool term_ascii(const struct term_screen *s);
int term_colors(const struct term_screen *s);   /* 1, 16 or 256 */
void term_screen_resize(struct term_screen *s, int cols, int rows);
void term_screen_theme(struct term_screen *s, const struct term_theme *theme);
void term_screen_forget(struct term_screen *s); /* the next frame repaints everything (^L) */
/* The terminfo entry in use; another than $TERM stands in for one that is not known: worth a word. */
const char *term_screen_entry(const struct term_screen *s);

/* Drawing. Everything is clipped to the screen; later drawing covers earlier. */
void term_begin(struct term_screen *s);         /* an empty picture */
/*
 * One line of text, cut at max columns; returns the columns used. A wide character is never
 * halved, a combining one stays with its base. Control characters are drawn as '?': foreign text
 * goes through reckon/text.h before it comes here.
 */
int term_put(struct term_screen *s, int x, int y, int max, enum term_role role, rk_str text);
int term_putf(struct term_screen *s, int x, int y, int max, enum term_role role, const char *fmt,
              ...) RK_PRINTF(6, 7);
void term_fill(struct term_screen *s, int x, int y, int w, int h, enum term_role role);
/*
 * Lays a role's background and attributes under what stands there (cursor row, diff lines). Text
 * without a colour of its own, or of the new background's, takes the role's.
 */
void term_tint(struct term_screen *s, int x, int y, int w, int h, enum term_role role);
/* A frame of lines, w and h including it; doubled: what concerns production. */
void term_box(struct term_screen *s, int x, int y, int w, int h, enum term_role role,
              bool doubled);
void term_hline(struct term_screen *s, int x, int y, int w, enum term_role role);
void term_caret(struct term_screen *s, int x, int y);   /* not called in a picture: hidden */
/* Appends what turns the terminal's content into the picture: nothing when it is the same. */
void term_end(struct term_screen *s, struct rk_buf *frame);

int term_width(rk_str text);                    /* columns */
/* Bytes of the longest beginning of at most max columns; *cols (may be NULL): its columns. */
size_t term_fit(rk_str text, int max, int *cols);
/* The picture's cell, for tests: its text (empty: right half of a wide one) and look. */
void term_cell(const struct term_screen *s, int x, int y, char text[32], struct term_style *look);

/* ================= keys (decode.c) ================= */

enum term_key_code {
    TERM_KEY_NONE, TERM_KEY_CHAR, TERM_KEY_ENTER, TERM_KEY_TAB, TERM_KEY_ESC, TERM_KEY_BACKSPACE,
    TERM_KEY_DELETE, TERM_KEY_INSERT, TERM_KEY_UP, TERM_KEY_DOWN, TERM_KEY_LEFT, TERM_KEY_RIGHT,
    TERM_KEY_HOME, TERM_KEY_END, TERM_KEY_PAGE_UP, TERM_KEY_PAGE_DOWN, TERM_KEY_F,
    TERM_KEY_PASTE,             /* a whole bracketed paste; never comes as keys */
    TERM_KEY_ANSWER,            /* the terminal's status report: it has shown the last frame */
    TERM_KEY_CLICK, TERM_KEY_WHEEL_UP, TERM_KEY_WHEEL_DOWN,     /* when the mouse is asked for */
    TERM_KEY_OTHER,             /* a sequence that is complete and means nothing here */
};
enum term_mod { TERM_SHIFT = 1, TERM_ALT = 2, TERM_CTRL = 4 };
struct term_key {
    enum term_key_code code;
    unsigned mods;              /* CHAR: no SHIFT; ctrl-u is CHAR 'u' with CTRL */
    uint32_t ch;                /* CHAR: the character; F: its number */
    int x, y;                   /* CLICK, WHEEL: the cell, from 0 */
    rk_str paste;               /* PASTE: at most 64 KiB, valid during the call */
    size_t paste_lost;          /* PASTE: bytes beyond that, thrown away */
};
typedef void (*term_key_fn)(const struct term_key *k, void *ctx);

struct term_decoder;
struct term_decoder *term_decoder_new(void) RK_MUST_CHECK;
void term_decoder_free(struct term_decoder *d);
/*
 * Bytes split anywhere give the same keys. After `ESC [` and `ESC O` there is no time-out (so alt-[
 * and alt-O are no keys); a lone ESC is a key after 25 ms, after 500 ms while an answer is awaited
 * or a paste is open, which it ends.
 */
void term_decoder_feed(struct term_decoder *d, rk_str bytes, uint64_t now_ms, term_key_fn fn,
                       void *ctx);
void term_decoder_tick(struct term_decoder *d, uint64_t now_ms, term_key_fn fn, void *ctx);
int term_decoder_wait(const struct term_decoder *d, uint64_t now_ms);   /* ms to a tick; -1: none */
void term_decoder_mouse(struct term_decoder *d, bool on);       /* off: its reports mean nothing */
void term_decoder_await(struct term_decoder *d, bool answer);   /* an answer is (not) awaited */

/* "j", "J", "ctrl-u", "pgdn", "space", "f5", "alt-x": as console.yaml and the hints spell it. */
bool term_key_parse(rk_str name, struct term_key *out);
void term_key_name(const struct term_key *k, char out[24]);
bool term_key_same(const struct term_key *a, const struct term_key *b);

/* ================= the device (term.c, clip.c, crash.c) ================= */

struct term;
struct term_opts {
    int colors; bool ascii;
    bool mouse;                 /* buttons and wheel are asked for (never what moves) */
    const struct term_theme *theme;
    const char *path;           /* NULL: /dev/tty, opened anew */
};
struct term_events {
    term_key_fn key;            /* answers are kept; pastes come whole */
    void (*resized)(void *ctx);         /* 60 ms after the last SIGWINCH; the screen has the size */
    void (*room)(void *ctx);            /* the last frame is shown: another may be sent */
    void (*resumed)(void *ctx);         /* after SIGCONT: everything is to be drawn */
    /* once; the terminal or the session is gone (SIGHUP, SIGTERM, EOF, EIO): leave at once */
    void (*gone)(const struct rk_err *why, void *ctx);
};
/*
 * Raw mode, alternate screen, bracketed paste; a crash, exit() and every signal restore the tty and
 * its file flags. UNAVAILABLE: no terminal. Keys that were typed before are dropped.
 */
int term_open(struct run_loop *loop, const struct term_opts *o, const struct term_events *ev,
              void *ctx, struct term **out, struct rk_err *err) RK_MUST_CHECK;
/* Restores; NULL is fine. A copy under way is not told; let the loop run out (its child ends). */
void term_close(struct term *t);
struct term_screen *term_screen_of(struct term *t);
bool term_idle(const struct term *t);           /* the last frame is shown: room to draw */
/*
 * term_end of the screen, sent in one write inside a synchronized update; false: nothing to send.
 * Also false, and the picture is not looked at, when the terminal is not idle: draw at `room`.
 */
bool term_present(struct term *t);
void term_flush_input(struct term *t);          /* drops what was typed ahead (dialogs open) */
void term_suspend(struct term *t);              /* ctrl-z: gives the terminal back and stops */
void term_window_title(struct term *t, rk_str text);    /* the old one comes back at the end */
/* What went to the tty since it was opened: for the bench and the budgets. */
struct term_counts { uint64_t frames, writes, bytes; };
struct term_counts term_counts(const struct term *t);

/* Where a copy went: `how` is for people, "sent to tmux's buffer and the terminal"; err: nowhere. */
typedef void (*term_copied_fn)(const char *how, const struct rk_err *err, void *ctx);
/* tmux, else OSC 52 (at most 74,994 base64 bytes), else a file (0600) that `how` names. */
void term_copy(struct term *t, rk_str text, term_copied_fn done, void *ctx);

#endif
