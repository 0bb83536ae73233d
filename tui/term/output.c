/*
 * output.c: ncurses on a file in memory. In: a grid. Out: the bytes that turn what the terminal
 * shows into it.
 *
 * The only file that includes curses.h. ncurses never sees the tty: it writes into a memfd, from
 * which a frame is read whole. It keeps one current screen a process, so every entry here selects
 * its own first (set_term), and it installs handlers for four signals, which are put back at once.
 * What it writes when it starts (alternate screen, palette) is dropped: the device does that.
 * Its list of windows is the process's, too: resize_term changes those of every screen, delscreen
 * deletes them (6.4). So another size is another SCREEN, and screens are deleted when none is left.
 */
#include "term_int.h"

#include <curses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct output {
    SCREEN *screen;
    FILE *file;
    int cols, rows;
    struct cell *sent;          /* rows of the last frame; NULL: all are to be carried over */
    cchar_t *row;
    int caret;                  /* what ncurses was told: 0 hidden, 1 shown, -1 nothing yet */
    char entry[64];
    bool alternate;
};

/* ---- ending ---- */

struct ended { SCREEN *screen; FILE *file; };
static struct ended *ended;
static size_t n_ended, ended_cap, living;

static void screen_end(struct output *o)
{
    ended = rk_grow(ended, n_ended, &ended_cap, sizeof(*ended));
    ended[n_ended++] = (struct ended){o->screen, o->file};
    if (--living > 0)
        return;
    for (size_t i = 0; i < n_ended; i++) {
        delscreen(ended[i].screen);
        fclose(ended[i].file);
    }
    free(ended);
    ended = NULL;
    n_ended = ended_cap = 0;
}

/* ---- starting ---- */

static const int caught[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};

static SCREEN *newterm_quiet(const char *entry, FILE *file)
{
    struct sigaction before[RK_LEN(caught)];
    SCREEN *s;

    for (size_t i = 0; i < RK_LEN(caught); i++)
        sigaction(caught[i], NULL, &before[i]);
    s = newterm(entry, file, file);
    for (size_t i = 0; i < RK_LEN(caught); i++)
        sigaction(caught[i], &before[i], NULL);
    return s;
}

/* $LINES or $COLUMNS; returns what it was, for the way back (NULL: it was not there). */
static char *swap_env(const char *name, char *value)
{
    const char *old = getenv(name);
    char *copy = old ? rk_strdup(old) : NULL;

    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
    free(value);
    return copy;
}

/* Without a tty the environment is the only place from which newterm takes a size. */
static SCREEN *newterm_sized(const struct output *o)
{
    char *lines = swap_env("LINES", rk_asprintf("%d", o->rows));
    char *columns = swap_env("COLUMNS", rk_asprintf("%d", o->cols));
    SCREEN *s = newterm_quiet(o->entry, o->file);

    free(swap_env("LINES", lines));
    free(swap_env("COLUMNS", columns));
    return s;
}

static bool has_string(const char *capability)
{
    const char *s = tigetstr(capability);

    return s && s != (const char *)-1;
}

/* The i-th entry to try for this TERM; false: there are no more. */
static bool candidate(const char *term, int i, char out[64])
{
    static const char *const others[] = {"xterm-256color", "xterm", "vt100"};
    const char *dash = strrchr(term, '-');
    size_t n = i == 1 && dash ? (size_t)(dash - term) : strlen(term);

    if (i >= 2) {
        snprintf(out, 64, "%s", i - 2 < (int)RK_LEN(others) ? others[i - 2] : "");
        return i - 2 < (int)RK_LEN(others);
    }
    snprintf(out, 64, "%.*s", n < 64 ? (int)n : 0, term);
    if (i == 1 && (!dash || rk_streq(out, "xterm")))
        out[0] = 0; /* xterm-256color, which comes next, says more than xterm */
    return true;
}

static int start(struct output *o, const char *term, struct rk_err *err)
{
    for (int i = 0; candidate(term, i, o->entry); i++) {
        o->screen = o->entry[0] ? newterm_sized(o) : NULL;
        if (!o->screen)
            continue;
        if (has_string("cup"))
            return 0;
        living++;
        screen_end(o);
        return rk_fail(err, RK_UNSUPPORTED, "a terminal of type %s cannot place the cursor: use "
                       "--plain, or set TERM to what it is", o->entry);
    }
    fclose(o->file);
    return rk_fail(err, RK_UNSUPPORTED, "terminfo knows neither TERM=%s nor xterm nor vt100: "
                   "install ncurses-base", term);
}

static void drop_written(struct output *o)
{
    int fd = fileno(o->file);

    fflush(o->file);
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        rk_fatal("a file in memory cannot be emptied");
}

static void set_up(struct output *o)
{
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    o->alternate = has_string("smcup");
    free(o->sent);
    o->sent = NULL;
    o->row = rk_realloc(o->row, (size_t)o->cols * sizeof(cchar_t));
    doupdate(); /* its buffer is emptied by this alone */
    drop_written(o);
    living++;
    output_forget(o);
}

static bool open_file(struct output *o)
{
    int fd = memfd_create("reckon-frame", MFD_CLOEXEC);

    o->file = fd >= 0 ? fdopen(fd, "r+") : NULL;
    return o->file != NULL;
}

int output_open(const char *term, int cols, int rows, struct output **out, struct rk_err *err)
{
    struct output *o = rk_alloc(sizeof(*o));
    const char *name = term ? term : getenv("TERM");

    o->cols = cols;
    o->rows = rows;
    if (!open_file(o)) {
        free(o);
        return rk_fail(err, RK_LIMIT, "no file in memory can be had for the screen");
    }
    if (start(o, name ? name : "", err) < 0) {
        free(o);
        return -1;
    }
    set_up(o);
    *out = o;
    return 0;
}

void output_close(struct output *o)
{
    screen_end(o);
    free(o->sent);
    free(o->row);
    free(o);
}

int output_colors(const struct output *o)
{
    set_term(o->screen);
    return has_colors() ? COLORS : 1;
}

const char *output_entry(const struct output *o)
{
    return o->entry;
}

bool output_has_alternate(const struct output *o)
{
    return o->alternate;
}

void output_resize(struct output *o, int cols, int rows)
{
    screen_end(o);
    o->cols = cols;
    o->rows = rows;
    o->screen = open_file(o) ? newterm_sized(o) : NULL;
    if (!o->screen)
        rk_fatal("terminal type %s cannot be had a second time", o->entry);
    set_up(o);
}

void output_forget(struct output *o)
{
    set_term(o->screen);
    clearok(curscr, TRUE);
    o->caret = -1;
}

/* ---- a frame ---- */

static attr_t attrs_of(unsigned attrs)
{
    return (attrs & TERM_BOLD ? A_BOLD : 0) | (attrs & TERM_FAINT ? A_DIM : 0) |
           (attrs & TERM_UNDERLINE ? A_UNDERLINE : 0) | (attrs & TERM_REVERSE ? A_REVERSE : 0);
}

static int pair_of(const struct cell *c)
{
    int pair = c->fg >= 0 || c->bg >= 0 ? alloc_pair(c->fg, c->bg) : 0;

    return pair > 0 ? pair : 0;
}

static void carry_row(struct output *o, const struct cell *cells, int cols, int y)
{
    const struct cell *before = NULL;
    int n = 0, pair = 0;

    for (int x = 0; x < cols; x++) {
        wchar_t text[CELL_CHARS + 1] = {0};
        const struct cell *c = &cells[x];

        if (c->cols == 0)
            continue;
        if (!before || before->fg != c->fg || before->bg != c->bg)
            pair = pair_of(c);
        before = c;
        wmemcpy(text, c->ch, CELL_CHARS);
        setcchar(&o->row[n++], text, attrs_of(c->attrs), 0, &pair);
    }
    mvadd_wchnstr(y, 0, o->row, n);
}

static void carry_rows(struct output *o, const struct grid *g)
{
    size_t row = (size_t)g->cols * sizeof(struct cell);

    for (int y = 0; y < g->rows; y++) {
        const struct cell *last = o->sent ? o->sent + (size_t)y * (size_t)g->cols : NULL;

        if (!last || memcmp(last, grid_row(g, y), row) != 0)
            carry_row(o, grid_row(g, y), g->cols, y);
    }
    if (!o->sent)
        o->sent = rk_alloc((size_t)g->rows * row);
    memcpy(o->sent, g->cells, (size_t)g->rows * row);
}

static void carry_caret(struct output *o, const struct grid *g)
{
    int caret = g->caret_y >= 0;

    if (caret)
        move(g->caret_y, g->caret_x);
    leaveok(stdscr, caret == 0);
    if (o->caret < 0)
        curs_set(!caret); /* else ncurses would say nothing when it believes it is so */
    if (caret != o->caret)
        curs_set(caret);
    o->caret = caret;
}

static void take_written(struct output *o, struct rk_buf *frame)
{
    int fd = fileno(o->file);
    off_t n, at = 0;

    fflush(o->file);
    n = lseek(fd, 0, SEEK_CUR);
    if (n <= 0)
        return;
    rk_buf_reserve(frame, (size_t)n);
    while (at < n) {
        ssize_t got = pread(fd, frame->p + frame->n, (size_t)(n - at), at);

        rk_assert(got > 0);
        frame->n += (size_t)got;
        at += got;
    }
    frame->p[frame->n] = 0;
    drop_written(o);
}

void output_frame(struct output *o, const struct grid *g, struct rk_buf *frame)
{
    set_term(o->screen);
    carry_rows(o, g);
    carry_caret(o, g);
    wnoutrefresh(stdscr);
    doupdate();
    take_written(o, frame);
}
