/*
 * out.c: what the verbs say. In: values and errors. Out: aligned tables, signs and words, ages,
 * JSON on stdout; one-line messages on stderr. Rows are collected in c->out and written whole.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli_int.h"
#include "gitcmd/gitcmd.h"
#include "reckon/text.h"
#include "reckon/time.h"

static void say_line(const struct cli *c, rk_str text)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_c(&line, "reckon");
    if (c->verb)
        rk_buf_f(&line, " %s", c->verb->name);
    rk_buf_c(&line, ": ");
    for (rk_str rest = text; rest.p;) {
        rk_str one = rk_str_trim(rk_str_cut(rest, '\n', &rest));

        rk_text_safe(&line, one, 0);
        if (rest.p && rest.n)
            rk_buf_c(&line, one.n && one.p[one.n - 1] == ':' ? " " : "; ");
    }
    rk_buf_ch(&line, '\n');
    (void)fwrite(line.p, 1, line.n, stderr);
}

int cli_fail(const struct cli *c, const struct rk_err *err)
{
    say_line(c, rk_str_c(err->text));
    return CLI_ERROR;
}

int cli_usage(const struct cli *c, const char *fmt, ...)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    say_line(c, rk_buf_view(&text));
    return CLI_ERROR;
}

void cli_say(const struct cli *c, const char *fmt, ...)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    say_line(c, rk_buf_view(&text));
}

int cli_flush(struct cli *c, struct rk_err *err)
{
    size_t at = 0;

    while (at < c->out.n) {
        ssize_t n = write(STDOUT_FILENO, c->out.p + at, c->out.n - at);

        if (n < 0 && errno != EINTR)
            return rk_fail_errno(err, errno, "standard output");
        at += n > 0 ? (size_t)n : 0;
    }
    rk_buf_clear(&c->out);
    return 0;
}

void cli_json_text(struct cli *c, rk_str json)
{
    wire_pretty(&c->out, json);
    rk_buf_ch(&c->out, '\n');
}

void cli_json(struct cli *c, const struct wire_shape *shape, const void *value)
{
    struct rk_buf json rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_print(&json, shape, value);
    cli_json_text(c, rk_buf_view(&json));
}

const char *cli_safe(struct cli *c, rk_str text)
{
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_text_safe(&safe, text, 0);
    return rk_arena_dup(c->arena, safe.p, safe.n);
}

const char *cli_dash(const char *text)
{
    return text && text[0] ? text : "-";
}

const char *cli_age(struct cli *c, int64_t wall_ms)
{
    char age[16];

    if (!wall_ms)
        return "-";
    rk_time_age(c->now > wall_ms ? c->now - wall_ms : 0, age);
    return rk_arena_strdup(c->arena, age);
}

const char *cli_time(struct cli *c, int64_t wall_ms)
{
    char text[32];

    if (!wall_ms)
        return "-";
    rk_time_format(wall_ms, text);
    return rk_arena_strdup(c->arena, text);
}

const char *cli_short(struct cli *c, const char *revision)
{
    if (!revision || !gitcmd_is_commit(revision))
        return cli_dash(revision);
    return rk_arena_dup(c->arena, revision, 7);
}

/* One sign a state, in ASCII: a line reads the same over any link and in any log. */
static const struct { const char *word; char sign; } signs[] = {
    {"Synced", '='},    {"OutOfSync", '!'},   {"Unknown", '?'},
    {"Healthy", '='},   {"Progressing", '~'}, {"Suspended", '.'},
    {"Missing", '-'},   {"Degraded", 'x'},
    {"waiting", '.'},   {"running", '~'},     {"Succeeded", '='},
    {"Failed", 'x'},    {"Stopped", 'x'},     {"Superseded", '-'},
    {"applied", '~'},   {"done", '='},      {"failed", 'x'},
    {"skipped", '-'},
    {"create", '+'},    {"apply", '*'},       {"replace", '!'},
    {"prune", '-'},     {"keep", '='},        {"change", '*'},
    {"None", ' '},
};

const char *cli_state(struct cli *c, const char *word)
{
    if (!word || !word[0])
        return "-";
    for (size_t i = 0; i < RK_LEN(signs); i++)
        if (strcmp(signs[i].word, word) == 0)
            return rk_arena_f(c->arena, "%c %s", signs[i].sign, word);
    return word;
}

/* ---- tables ---- */
void cli_row(struct cli *c, struct cli_table *t, const char *const *cells)
{
    t->cells = rk_arena_grow(c->arena, t->cells, t->n * t->columns + t->columns, &t->cap,
                             sizeof(*t->cells));
    for (size_t i = 0; i < t->columns; i++)
        t->cells[t->n * t->columns + i] = cli_dash(cells[i]);
    t->n++;
}

/* Cells of a terminal, taking each character as one. */
static size_t width_of(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static void print_cells(struct rk_buf *out, const struct cli_table *t, const char *const *cells,
                        const size_t *width)
{
    for (size_t i = 0; i < t->columns; i++) {
        rk_buf_c(out, cells[i]);
        if (i + 1 < t->columns)
            rk_buf_f(out, "%*s", (int)(width[i] - width_of(cells[i]) + 2), "");
    }
    rk_buf_ch(out, '\n');
}

void cli_table_print(struct cli *c, const struct cli_table *t)
{
    size_t *width = rk_arena_array(c->arena, t->columns, sizeof(*width));

    if (!t->n)
        return;
    for (size_t i = 0; i < t->columns; i++) {
        width[i] = width_of(t->heads[i]);
        for (size_t r = 0; r < t->n; r++) {
            size_t w = width_of(t->cells[r * t->columns + i]);

            width[i] = w > width[i] ? w : width[i];
        }
    }
    print_cells(&c->out, t, t->heads, width);
    for (size_t r = 0; r < t->n; r++)
        print_cells(&c->out, t, t->cells + r * t->columns, width);
}
