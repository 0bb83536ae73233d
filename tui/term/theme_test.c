/*
 * theme_test.c: theme files: what is read, what is refused and where; and the files that are shipped:
 * all of them read, can be read by eyes (contrast), and keep what must be told apart apart, for the
 * eyes they are made for.
 */
#include "term/testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "term/term_int.h"

static struct term_theme read_ok(const char *text)
{
    struct term_theme t;
    struct rk_err err;

    if (term_theme_read(rk_str_c(text), "themes/some.theme", &t, &err) < 0)
        fail_msg("%s", err.text);
    return t;
}

static void assert_style(struct term_style s, int fg, int bg, unsigned attrs)
{
    assert_int_equal(s.fg, fg);
    assert_int_equal(s.bg, bg);
    assert_int_equal(s.attrs, attrs);
}

static void a_file_is_read(void **state)
{
    struct term_theme t = read_ok("# a comment: with a colon\n"
                                  "base: 250 235\n"
                                  "  ok :  green   - bold  # and why\r\n"
                                  "\n"
                                  "drift: bright-yellow\n"
                                  "error: #ff0000 #000000 bold reverse # red\n"
                                  "link: - - underline\n"
                                  "dim: 0 255 faint");

    (void)state;
    assert_string_equal(t.name, "some");
    assert_style(t.style[TERM_BASE], 250, 235, 0);
    assert_style(t.style[TERM_OK], 2, -1, TERM_BOLD);
    assert_style(t.style[TERM_DRIFT], 11, -1, 0);
    assert_style(t.style[TERM_ERROR], 196, 16, TERM_BOLD | TERM_REVERSE);
    assert_style(t.style[TERM_LINK], -1, -1, TERM_UNDERLINE);
    assert_style(t.style[TERM_DIM], 0, 255, TERM_FAINT);
    assert_style(t.style[TERM_TITLE], 250, 235, 0); /* left out: as base */
    t = read_ok("");
    assert_style(t.style[TERM_ERROR], -1, -1, 0);
}

static void colours_are_mapped_to_the_palette(void **state)
{
    static const struct { const char *hex; int colour; } cases[] = {
        {"#000000", 16}, {"#FFFFFF", 231}, {"#5fafff", 75}, {"#60b0fe", 75}, {"#808080", 244},
        {"#010101", 16}, {"#afaf00", 142}, {"#0000D7", 20}, {"#080808", 232}, {"#eeeeee", 255},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char text[40];
        snprintf(text, sizeof(text), "ok: %s", cases[i].hex);
        struct term_theme t = read_ok(text);
        assert_int_equal(t.style[TERM_OK].fg, cases[i].colour);
    }
}

static void a_bad_line_is_named(void **state)
{
    static const struct { const char *text, *says; } cases[] = {
        {"ok green", "t/x.theme:1: 'role: FG ...' is expected"},
        {"base: -\n\n# c\nokay: green", "t/x.theme:4: no such role 'okay'"},
        {"ok: green\nok: red", "t/x.theme:2: role 'ok' stands here a second time"},
        {"ok:", "t/x.theme:1: the colour is missing; - is the terminal's own"},
        {"ok: # green", "t/x.theme:1: the colour is missing; - is the terminal's own"},
        {"ok: bold", "t/x.theme:1: the colour is missing; - is the terminal's own"},
        {"ok: bold 12", "t/x.theme:1: '12' is no colour or attribute here: "},
        {"ok: 256", "t/x.theme:1: '256' is no colour or attribute here: "},
        {"ok: -1", "t/x.theme:1: '-1' is no colour or attribute here: "},
        {"ok: 1 2 3", "t/x.theme:1: '3' is no colour or attribute here: "},
        {"ok: Green", "t/x.theme:1: 'Green' is no colour or attribute here: "},
        {"ok: green blink", "t/x.theme:1: 'blink' is no colour or attribute here: "},
        {"ok: 1\033[2J", "t/x.theme:1: '1\\x1b[2J' is no colour or attribute here: "},
        {": green", "t/x.theme:1: no such role ''"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        struct term_theme t = {.name = "untouched"};
        struct rk_err err;

        assert_int_equal(term_theme_read(rk_str_c(cases[i].text), "t/x.theme", &t, &err), -1);
        assert_int_equal(err.code, RK_INVALID);
        if (!rk_str_starts(rk_str_c(err.text), cases[i].says))
            fail_msg("'%s' is expected, '%s' came", cases[i].says, err.text);
        assert_string_equal(t.name, "untouched");
        assert_string_equal(err.where.file, "t/x.theme");
    }
}

static void every_role_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < TERM_ROLE_MAX; i++) {
        char text[60];
        assert_non_null(term_role_name[i]);
        snprintf(text, sizeof(text), "%s: 77", term_role_name[i]);
        assert_int_equal(read_ok(text).style[i].fg, 77);
    }
}

static void fewer_colours_keep_the_meaning(void **state)
{
    struct term_style s;

    (void)state;
    s = theme_limit((struct term_style){114, 22, TERM_BOLD}, 256, true);
    assert_style(s, 114, 22, TERM_BOLD);
    s = theme_limit((struct term_style){114, -1, 0}, 16, true); /* pale green stays green */
    assert_style(s, 10, -1, 0);
    s = theme_limit((struct term_style){28, -1, 0}, 16, true);
    assert_style(s, 2, -1, 0);
    s = theme_limit((struct term_style){210, -1, TERM_BOLD}, 16, true);
    assert_style(s, 9, -1, TERM_BOLD);
    s = theme_limit((struct term_style){245, -1, 0}, 16, true);
    assert_style(s, 8, -1, 0);
    s = theme_limit((struct term_style){255, 237, 0}, 16, true); /* a grey ground is turned round */
    assert_style(s, 15, -1, TERM_REVERSE);
    s = theme_limit((struct term_style){194, 22, 0}, 16, true);
    assert_int_equal(s.bg, 2);
    assert_true(s.fg != 2);
    s = theme_limit((struct term_style){28, 22, 0}, 16, true); /* never the same on the same */
    assert_style(s, -1, 2, 0);
    s = theme_limit((struct term_style){114, -1, 0}, 16, false); /* 8 colours: bold for bright */
    assert_style(s, 2, -1, TERM_BOLD);
    s = theme_limit((struct term_style){245, -1, 0}, 16, false);
    assert_style(s, -1, -1, TERM_FAINT);
    s = theme_limit((struct term_style){114, 22, TERM_UNDERLINE}, 1, false);
    assert_style(s, -1, -1, TERM_UNDERLINE);
}

/* ---- what is shipped ---- */

enum { FILES = 6 };
static const char *const shipped[FILES] = {"dark", "deuteranopia", "high-contrast", "light", "mono",
                                           "tritanopia"};

/* Tests run in the project's folder. */
static struct term_theme load(const char *name)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    char path[80], bytes[4096];
    struct term_theme t;
    struct rk_err err;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "themes/%s.theme", name);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        fail_msg("%s is not there", path);
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        rk_buf_add(&text, bytes, (size_t)n);
    close(fd);
    if (term_theme_read(rk_buf_view(&text), path, &t, &err) < 0)
        fail_msg("%s", err.text);
    for (int i = 0; i < TERM_ROLE_MAX; i++) { /* nothing is left to base by oversight */
        char line[40];
        snprintf(line, sizeof(line), "\n%s: ", term_role_name[i]);
        if (!strstr(text.p, line))
            fail_msg("%s does not say %s", path, term_role_name[i]);
    }
    return t;
}

static void all_files_are_read(void **state)
{
    DIR *dir = opendir("themes");
    size_t n = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        n += rk_str_ends(rk_str_c(e->d_name), ".theme");
    closedir(dir);
    assert_int_equal(n, FILES);
    for (size_t i = 0; i < FILES; i++)
        assert_string_equal(load(shipped[i]).name, shipped[i]);
}

static void the_mono_file_is_the_one_built_in(void **state)
{
    struct term_theme t = load("mono");

    (void)state;
    assert_string_equal(term_theme_mono()->name, t.name);
    for (int i = 0; i < TERM_ROLE_MAX; i++) {
        struct term_style s = term_theme_mono()->style[i];
        assert_style(t.style[i], s.fg, s.bg, s.attrs);
    }
}

/* Light of a colour, red green blue, linear. */
struct light { double v[3]; };

static double linear(int c)
{
    double x = c / 255.0;

    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

static struct light light_of(int n)
{
    static const int level[] = {0, 95, 135, 175, 215, 255};
    int i = n - 16, grey = 8 + 10 * (n - 232);

    assert_true(n >= 16); /* what the 16 look like is the user's choice: files name none */
    if (n >= 232)
        return (struct light){{linear(grey), linear(grey), linear(grey)}};
    return (struct light){{linear(level[i / 36]), linear(level[i / 6 % 6]), linear(level[i % 6])}};
}

static double luminance(struct light c)
{
    return 0.2126 * c.v[0] + 0.7152 * c.v[1] + 0.0722 * c.v[2];
}

/* WCAG 2.1's contrast ratio. */
static double contrast(int a, int b)
{
    double x = luminance(light_of(a)) + 0.05, y = luminance(light_of(b)) + 0.05;

    return x > y ? x / y : y / x;
}

static bool is_state(int role)
{
    return role >= TERM_OK && role <= TERM_MISSING;
}

static void check_contrast(const struct term_theme *t, double least, double least_line)
{
    bool light = strcmp(t->name, "light") == 0;
    int ground = t->style[TERM_BASE].bg >= 0 ? t->style[TERM_BASE].bg : light ? 231 : 16;
    int ink = light ? 16 : 252;

    for (int i = 0; i < TERM_ROLE_MAX; i++) {
        struct term_style s = t->style[i];
        int fg = s.fg >= 0 ? s.fg : ink, bg = s.bg >= 0 ? s.bg : ground;
        double c = contrast(fg, bg);

        if (c < (i == TERM_BORDER ? 3.0 : least))
            fail_msg("%s: %s has a contrast of %.1f", t->name, term_role_name[i], c);
        c = contrast(fg, t->style[TERM_CURSOR].bg);
        if (is_state(i) && c < least_line)
            fail_msg("%s: %s under the cursor has a contrast of %.1f", t->name,
                     term_role_name[i], c);
    }
}

static void everything_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        struct term_theme t = load(shipped[i]);

        if (strcmp(t.name, "high-contrast") == 0)
            check_contrast(&t, 7.0, 7.0);
        else if (strcmp(t.name, "mono") != 0)
            check_contrast(&t, 4.5, 3.0);
    }
}

/* How far apart two colours are for an eye (CIE 1976), seen through a matrix (NULL: as they are). */
static void lab_of(struct light c, double out[3])
{
    double x[3] = {(0.4124 * c.v[0] + 0.3576 * c.v[1] + 0.1805 * c.v[2]) / 0.95047, luminance(c),
                   (0.0193 * c.v[0] + 0.1192 * c.v[1] + 0.9505 * c.v[2]) / 1.08883};

    for (int i = 0; i < 3; i++)
        x[i] = x[i] > 0.008856 ? cbrt(x[i]) : 7.787 * x[i] + 16.0 / 116.0;
    out[0] = 116 * x[1] - 16;
    out[1] = 500 * (x[0] - x[1]);
    out[2] = 200 * (x[1] - x[2]);
}

static struct light seen(int colour, const double m[3][3])
{
    struct light c = light_of(colour), out = c;

    for (int i = 0; m && i < 3; i++) {
        double v = m[i][0] * c.v[0] + m[i][1] * c.v[1] + m[i][2] * c.v[2];
        out.v[i] = v < 0 ? 0 : v > 1 ? 1 : v;
    }
    return out;
}

static double far_apart(int a, int b, const double m[3][3])
{
    double x[3], y[3];

    lab_of(seen(a, m), x);
    lab_of(seen(b, m), y);
    return sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                (x[2] - y[2]) * (x[2] - y[2]));
}

/* Machado, Oliveira, Fernandes 2009, full severity. */
static const double deuteranope[3][3] = {{0.367322, 0.860646, -0.227968},
                                         {0.280085, 0.672501, 0.047413},
                                         {-0.011820, 0.042940, 0.968881}};
static const double protanope[3][3] = {{0.152286, 1.052583, -0.204868},
                                       {0.114503, 0.786281, 0.099216},
                                       {-0.003882, -0.048116, 1.051998}};
static const double tritanope[3][3] = {{1.255528, -0.076749, -0.178779},
                                       {-0.078411, 0.930809, 0.147602},
                                       {0.004733, 0.691367, 0.303900}};

static void check_apart(const char *name, const double m[3][3])
{
    static const enum term_role states[] = {TERM_OK, TERM_DRIFT, TERM_DEGRADED, TERM_UNKNOWN};
    struct term_theme t = load(name);

    for (size_t i = 0; i < RK_LEN(states); i++)
        for (size_t j = i + 1; j < RK_LEN(states); j++) {
            double d = far_apart(t.style[states[i]].fg, t.style[states[j]].fg, m);
            if (d < 25)
                fail_msg("%s: %s and %s are only %.0f apart", name, term_role_name[states[i]],
                         term_role_name[states[j]], d);
        }
    assert_true(far_apart(t.style[TERM_ADD].bg, t.style[TERM_DEL].bg, m) > 25);
    assert_true(far_apart(t.style[TERM_ADD_EMPH].bg, t.style[TERM_DEL_EMPH].bg, m) > 25);
}

static void states_are_told_apart_by_those_a_theme_is_for(void **state)
{
    (void)state;
    check_apart("dark", NULL);
    check_apart("light", NULL);
    check_apart("high-contrast", NULL);
    check_apart("deuteranopia", deuteranope);
    check_apart("deuteranopia", protanope);
    check_apart("tritanopia", tritanope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(colours_are_mapped_to_the_palette),
        cmocka_unit_test(a_bad_line_is_named),
        cmocka_unit_test(every_role_has_a_name),
        cmocka_unit_test(fewer_colours_keep_the_meaning),
        cmocka_unit_test(all_files_are_read),
        cmocka_unit_test(the_mono_file_is_the_one_built_in),
        cmocka_unit_test(everything_can_be_read),
        cmocka_unit_test(states_are_told_apart_by_those_a_theme_is_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
