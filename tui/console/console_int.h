/*
 * console_int.h: what the files of room console share.
 *
 * The core (core.c, input.c, frame.c, ask.c) is the console without a terminal: keys go in, a
 * picture comes out, and what needs the terminal is asked of a device. console.c gives it the real
 * one; tests give it a screen in memory.
 */
#ifndef RK_CONSOLE_INT_H
#define RK_CONSOLE_INT_H

#include "reckon/console.h"
#include "view/view.h"

enum { CONSOLE_COLS = 60, CONSOLE_ROWS = 16, CONSOLE_DEPTH = 12 };

/* ---- settings.c, themes.c ---- */
struct console_key { char view[24]; struct term_key key; enum view_action action; int line; };
struct console_settings {
    struct console_key *keys; size_t n_keys, cap_keys; /* console.yaml's first, then the defaults */
    char theme[32];             /* empty: not said */
    bool ascii, mouse;          /* mouse: off unless it is asked for */
    struct rk_buf troubles;     /* a line each: clashes, unknown names, with file:line */
};
void console_settings_default(struct console_settings *s);
/* file is for messages. A broken file leaves the defaults and one trouble. */
void console_settings_read(struct console_settings *s, rk_str text, const char *file);
void console_settings_load(struct console_settings *s);         /* console.yaml, if there is one */
void console_settings_release(struct console_settings *s);
/* The action of a key in a view; ACT_NONE: none, or it writes and must not. */
enum view_action console_action(const struct console_settings *s, const char *view,
                                const struct term_key *k, bool readonly);
bool console_key_of(const struct console_settings *s, const char *view, enum view_action a,
                    bool readonly, char out[24]);

int console_file_read(const char *path, size_t limit, struct rk_buf *out, struct rk_err *err)
    RK_MUST_CHECK;              /* a small file, whole */
/* Names of all themes there are, sorted; free each and the array. */
size_t console_themes(char ***names);
/* NOT_FOUND when no folder has it. */
int console_theme_load(const char *name, struct term_theme *out, struct rk_err *err) RK_MUST_CHECK;
char *console_config_dir(void) RK_MUST_CHECK;   /* $XDG_CONFIG_HOME/reckon */

/* ---- the core ---- */
struct console_device {
    struct term_screen *screen;
    void (*wake)(void *ctx);            /* something changed: draw when there is room */
    void (*copy)(rk_str text, term_copied_fn done, void *done_ctx, void *ctx);
    void (*flush)(void *ctx);           /* what was typed ahead is dropped */
    void (*suspend)(void *ctx);
    void (*title)(rk_str text, void *ctx);
    void (*quit)(int code, const char *why, void *ctx);         /* why: for stderr, or NULL */
    void *ctx;
};

struct console_ask {
    bool on;
    struct widget_edit edit;
    char label[40];
    const struct view *asker;   /* its end gives the question up without an answer */
    void (*done)(const char *text, void *vctx);
    void *vctx;
};

struct console_pace {
    bool dirty, armed;
    uint64_t since, drawn, key; /* monotonic: first change not drawn yet; last picture; last key */
    uint64_t wait_ms, news_ms;
    struct run_timer *timer;
};

struct console {
    struct run_loop *loop;
    struct console_device dev;
    struct console_settings *settings;
    struct client_opts client_opts;
    struct client *client;
    struct view_host host;
    bool opts_readonly, failed, was_ready;

    struct view *stack[CONSOLE_DEPTH];
    size_t depth;
    struct view *dying[CONSOLE_DEPTH];
    size_t n_dying;

    struct rk_arena *status_arena;
    struct wire_status status;  /* repositories and clusters as they were last */
    bool status_asked;
    struct run_timer *status_timer, *message_timer;
    bool status_due;
    uint64_t status_at;         /* monotonic: when it came */

    enum term_role message_role;
    char message[512];
    bool note;                  /* the message is what was to be said first: it stays */
    struct console_ask ask;
    char *find;
    char *theme;
    char key_name[24];
    bool dropping;
    struct console_pace pace;
};

struct console_core_opts {
    struct client_opts client;
    struct console_settings *settings;
    struct console_device device;
    int64_t (*now)(void *ctx);          /* wall ms */
    bool readonly;
    const char *note, *theme;
};
struct console *console_core_new(struct run_loop *loop, const struct console_core_opts *o)
    RK_MUST_CHECK;
void console_core_free(struct console *c);
void console_key(struct console *c, const struct term_key *k);
void console_draw(struct console *c);           /* the whole picture into the device's screen */

struct view *console_top(const struct console *c);
void console_open(struct console *c, const struct view_class *class, const struct view_target *t);
void console_open_named(const char *view, const struct view_target *t, void *ctx);
void console_back(void *ctx);
void console_say(enum term_role role, const char *text, void *ctx);
/* frame.c: the terminal is too small, but this can be done. */
bool console_small_allows(const struct console *c, enum view_action a);
void console_status_look(struct console *c);    /* core.c: the header's data anew, if it is old */
/* Asks the engine anew; after it ended: looks for one again. */
void console_refresh(struct console *c);
void console_do(struct console *c, enum view_action a);         /* input.c: as its key would */

void console_ask(const char *label, bool refuse_paste, void (*done)(const char *text, void *vctx),
                 void *vctx, void *ctx);
void console_ask_key(struct console *c, const struct term_key *k);
void console_ask_drop(struct console *c, const struct view *asker);     /* NULL: whoever asks */

extern const struct view_class console_palette, console_help;

/* ---- pace.c ---- */
void console_pace_open(struct console *c);
void console_pace_close(struct console *c);
void console_wake(struct console *c);           /* something changed */
void console_pace_key(struct console *c);
void console_pace_drawn(struct console *c);
bool console_due(struct console *c);            /* false: not yet; the device is woken when it is */

/* ---- plain.c ---- */
int console_plain(const struct console_opts *o);

#endif
