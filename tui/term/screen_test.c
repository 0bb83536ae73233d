/*
 * screen_test.c: what is drawn is what a terminal shows: pictures in four sizes and four looks
 * against libvterm, from first frames to changes, and what must cost nothing.
 */
#include "term/testing.h"

#include <locale.h>

#include "term/term_int.h"

struct look { int colors; bool ascii; };
static const struct look looks[] = {{256, false}, {16, false}, {1, false}, {256, true}};
static const struct { int cols, rows; } sizes[] = {{80, 24}, {120, 40}, {60, 16}, {200, 60}};

/* Every role looks different, so that a mistaken one is seen. */
static struct term_theme gaudy(void)
{
    struct term_theme t = {.name = "gaudy"};

    for (int i = 1; i < TERM_ROLE_MAX; i++)
        t.style[i] = (struct term_style){(i * 37 + 20) % 256, i % 3 ? -1 : (i * 11 + 17) % 256,
                                         (unsigned)i % 16 & ~(unsigned)TERM_FAINT};
    t.style[TERM_BASE] = (struct term_style){-1, -1, 0};
    return t;
}

static struct term_screen *open_as(const char *term, int cols, int rows, struct look k)
{
    struct term_theme theme = gaudy();
    struct term_screen_opts o = {.term = term, .cols = cols, .rows = rows, .colors = k.colors,
                                 .ascii = k.ascii, .theme = &theme};
    struct term_screen *s = NULL;
    struct rk_err err;

    if (term_screen_open(&o, &s, &err) < 0)
        fail_msg("%s", err.text);
    return s;
}

static struct term_screen *open_plain(int cols, int rows)
{
    return open_as("xterm-256color", cols, rows, looks[0]);
}

/* Something like a screen of the console; n moves what changes. */
static void scene(struct term_screen *s, int n)
{
    int w = term_cols(s), h = term_rows(s);

    term_begin(s);
    term_fill(s, 0, 0, w, 1, TERM_STATUS);
    term_putf(s, 1, 0, w - 2, TERM_TITLE, "reckon  main@%07x  %d applications", n * 7919, n);
    term_box(s, 0, 1, w / 2, h - 3, TERM_BORDER_FOCUS, n % 2);
    term_box(s, w / 2, 1, w - w / 2, h - 3, TERM_BORDER, false);
    for (int y = 2; y < h - 3; y++) {
        enum term_role role = (enum term_role)((y + n) % TERM_ROLE_MAX);
        int used = term_putf(s, 1, y, w / 2 - 2, role, "%s prod/mailer-%d 日本 e\u0301",
                             n % 3 ? "~" : "=", y * n);

        term_put(s, 1 + used, y, w / 2 - 2 - used, TERM_DIM, RK_STR(" Progressing"));
        term_putf(s, w / 2 + 2, y, w - w / 2 - 4, TERM_ADD, "+ replicas: %d", y);
    }
    term_tint(s, 1, 2 + n % (h - 5), w / 2 - 2, 1, TERM_CURSOR);
    term_tint(s, w / 2 + 1, 3, w - w / 2 - 2, 2, TERM_ADD_EMPH);
    term_hline(s, 0, h - 2, w, TERM_FOLD);
    term_put(s, 0, h - 1, w, TERM_KEY, RK_STR("s sync  d diff  ? help  q quit"));
    term_put(s, w - 1, h - 1, 1, TERM_ERROR, RK_STR("$")); /* the corner that scrolls */
    if (n % 2)
        term_caret(s, 5, h - 1);
}

static void what_is_drawn_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(sizes); i++)
        for (size_t k = 0; k < RK_LEN(looks); k++) {
            struct term_screen *s = open_as("xterm-256color", sizes[i].cols, sizes[i].rows,
                                            looks[k]);
            struct vt v;

            vt_init(&v, sizes[i].cols, sizes[i].rows);
            assert_int_equal(term_colors(s), looks[k].colors);
            for (int n = 0; n < 12; n++) {
                scene(s, n);
                assert_true(vt_show(&v, s) > 0);
                vt_same(&v, s);
                assert_int_equal(v.caret, n % 2);
                if (n % 2)
                    assert_true(v.caret_x == 5 && v.caret_y == sizes[i].rows - 1);
                scene(s, n);
                assert_int_equal(vt_show(&v, s), 0);
            }
            assert_int_equal(v.answers.n, 0);
            vt_release(&v);
            term_screen_close(s);
        }
}

static void any_terminal_shows_it(void **state)
{
    static const struct { const char *term; int colors; } terms[] = {
        {"xterm", 16}, {"linux", 16}, {"screen-256color", 256}, {"tmux-256color", 256},
        {"rxvt-unicode-256color", 256}, {"vt100", 1},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(terms); i++) {
        struct term_screen *s = open_as(terms[i].term, 80, 24, (struct look){0, false});
        struct vt v;

        vt_init(&v, 80, 24);
        assert_int_equal(term_colors(s), terms[i].colors);
        for (int n = 1; n < 6; n++) {
            scene(s, n);
            vt_show(&v, s);
            /* linux cannot underline in colour, and says so in terminfo */
            if (strcmp(terms[i].term, "linux") != 0)
                vt_same(&v, s);
            assert_true(vt_has(&v, "applications"));
        }
        vt_release(&v);
        term_screen_close(s);
    }
}

static void an_unknown_terminal_is_stood_in_for(void **state)
{
    static const struct { const char *term, *entry; } cases[] = {
        {"xterm-kitty", "xterm-256color"}, {"no-such-thing", "xterm-256color"},
        {"vt220-unheard", "vt220"}, {"screen-unheard", "screen"}, {"", "xterm-256color"},
        {"../../etc/passwd", "xterm-256color"}, {"linux", "linux"},
        {"a-very-long-name-that-no-terminfo-entry-has-and-that-does-not-fit-in-sixty-four-bytes",
         "xterm-256color"},
    };
    struct term_screen *s = NULL;
    struct term_screen_opts o = {.term = "dumb", .cols = 80, .rows = 24};
    struct rk_err err;

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        s = open_as(cases[i].term, 80, 24, looks[0]);
        assert_string_equal(term_screen_entry(s), cases[i].entry);
        term_screen_close(s);
    }
    s = open_as(NULL, 80, 24, looks[0]);
    assert_string_equal(term_screen_entry(s), "xterm-256color"); /* $TERM, see testing.h */
    term_screen_close(s);
    assert_int_equal(term_screen_open(&o, &s, &err), -1);
    assert_int_equal(err.code, RK_UNSUPPORTED);
    assert_string_equal(err.text, "a terminal of type dumb cannot place the cursor: use --plain, or "
                        "set TERM to what it is");
}

static void a_new_size_is_drawn_whole(void **state)
{
    struct term_screen *s = open_plain(80, 24);
    struct vt v;

    (void)state;
    vt_init(&v, 80, 24);
    scene(s, 1);
    vt_show(&v, s);
    for (size_t i = 0; i < RK_LEN(sizes); i++) {
        term_screen_resize(s, sizes[i].cols, sizes[i].rows);
        vt_resize(&v, sizes[i].cols, sizes[i].rows);
        assert_int_equal(term_cols(s), sizes[i].cols);
        assert_int_equal(term_rows(s), sizes[i].rows);
        scene(s, 3);
        vt_show(&v, s);
        vt_same(&v, s);
        scene(s, 3);
        assert_int_equal(vt_show(&v, s), 0);
    }
    term_screen_resize(s, 0, -5);
    assert_int_equal(term_cols(s), 1);
    assert_int_equal(term_rows(s), 1);
    vt_release(&v);
    term_screen_close(s);
}

static void what_is_forgotten_is_repainted(void **state)
{
    struct term_screen *s = open_plain(80, 24);
    struct vt v, other;

    (void)state;
    vt_init(&v, 80, 24);
    vt_init(&other, 80, 24);
    scene(s, 1);
    vt_show(&v, s);
    vt_feed(&other, RK_STR("\033[?25lgarbage of another program\r\nmore"));
    term_screen_forget(s);
    scene(s, 1);
    assert_true(vt_show(&other, s) > 1000);
    vt_same(&other, s);
    assert_true(other.caret);
    vt_release(&v);
    vt_release(&other);
    term_screen_close(s);
}

static void screens_do_not_disturb_each_other(void **state)
{
    struct term_screen *a = open_plain(80, 24), *b = open_as("vt100", 60, 16, looks[3]);
    struct vt va, vb;

    (void)state;
    vt_init(&va, 80, 24);
    vt_init(&vb, 60, 16);
    for (int n = 0; n < 6; n++) {
        scene(a, n);
        scene(b, n + 1);
        vt_show(&va, a);
        vt_show(&vb, b);
        vt_same(&va, a);
        vt_same(&vb, b);
    }
    term_screen_close(a);
    scene(b, 1);
    vt_show(&vb, b);
    vt_same(&vb, b);
    term_screen_close(b);
    term_screen_close(NULL);
    vt_release(&va);
    vt_release(&vb);
}

/* ---- characters ---- */

static void put_line(struct term_screen *s, struct vt *v, int x, int max, const char *text)
{
    term_begin(s);
    term_put(s, x, 0, max, TERM_BASE, rk_str_c(text));
    vt_show(v, s);
    vt_same(v, s);
}

static void wide_and_combining_characters(void **state)
{
    struct term_screen *s = open_plain(10, 3);
    struct term_style look;
    struct vt v;
    char cell[32];

    (void)state;
    vt_init(&v, 10, 3);
    put_line(s, &v, 0, 10, "日本語");
    assert_string_equal(vt_row(&v, 0), "日本語");
    term_cell(s, 0, 0, cell, &look);
    assert_string_equal(cell, "日");
    term_cell(s, 1, 0, cell, &look);
    assert_string_equal(cell, "");
    put_line(s, &v, 5, 100, "日本語"); /* the third does not fit, not even half */
    assert_string_equal(vt_row(&v, 0), "     日本");
    put_line(s, &v, -1, 100, "日本");
    assert_string_equal(vt_row(&v, 0), " 本");
    put_line(s, &v, 0, 3, "日本");
    assert_string_equal(vt_row(&v, 0), "日");
    put_line(s, &v, 0, 10, "e\u0301\u0302x");
    assert_string_equal(vt_row(&v, 0), "e\u0301\u0302x");
    put_line(s, &v, 0, 1, "e\u0301x"); /* combines with what fits */
    assert_string_equal(vt_row(&v, 0), "e\u0301");
    put_line(s, &v, 0, 10, "\u0301x"); /* nothing to combine with */
    assert_string_equal(vt_row(&v, 0), "x");
    put_line(s, &v, 9, 10, "e\u0301"); /* the last column holds the base alone */
    assert_string_equal(vt_row(&v, 0), "         e");
    put_line(s, &v, 0, 10, "日\u0301x");
    assert_string_equal(vt_row(&v, 0), "日\u0301x");
    put_line(s, &v, 0, 10, "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307!"); /* a cell has limits */
    assert_string_equal(vt_row(&v, 0), "a\u0301\u0302\u0303\u0304!");
    vt_release(&v);
    term_screen_close(s);
}

static void who_covers_half_of_a_wide_one_leaves_no_half(void **state)
{
    struct term_screen *s = open_plain(10, 3);
    struct vt v;

    (void)state;
    vt_init(&v, 10, 3);
    for (int x = 0; x < 8; x++) {
        term_begin(s);
        term_put(s, 0, 0, 10, TERM_BASE, RK_STR("日本語日本"));
        term_put(s, x, 0, 2, TERM_TITLE, RK_STR("語"));
        term_put(s, 0, 1, 10, TERM_BASE, RK_STR("日本語日本"));
        term_put(s, x, 1, 1, TERM_TITLE, RK_STR("x"));
        term_put(s, 0, 2, 10, TERM_BASE, RK_STR("日本語日本"));
        term_fill(s, x, 2, 1, 1, TERM_TITLE);
        term_tint(s, x, 0, 1, 1, TERM_CURSOR);
        vt_show(&v, s);
        vt_same(&v, s);
        if (x == 3) {
            assert_string_equal(vt_row(&v, 0), "日 語 日本");
            assert_string_equal(vt_row(&v, 1), "日 x語日本");
            assert_string_equal(vt_row(&v, 2), "日  語日本");
        }
    }
    vt_release(&v);
    term_screen_close(s);
}

static void no_control_reaches_the_terminal(void **state)
{
    struct term_screen *s = open_plain(40, 3);
    rk_auto(rk_buf_release) struct rk_buf all = RK_BUF_INIT;
    struct vt v;

    (void)state;
    vt_init(&v, 40, 3);
    put_line(s, &v, 0, 40, "a\033[2Jb\tc\nd\x7f\x80\xffz");
    assert_string_equal(vt_row(&v, 0), "a?[2Jb?c?d???z");
    put_line(s, &v, 0, 40, "\xc2\x9b" "2J|\u200d|"); /* C1 as UTF-8; a joiner combines */
    assert_string_equal(vt_row(&v, 0), "?2J|\u200d|");
    term_begin(s);
    for (char c = 1; c < 32; c++)
        rk_buf_ch(&all, c);
    rk_buf_ch(&all, 0);
    assert_int_equal(term_put(s, 0, 0, 40, TERM_BASE, rk_buf_view(&all)), 32);
    vt_show(&v, s);
    assert_string_equal(vt_row(&v, 0), "????????????????????????????????");
    assert_int_equal(v.answers.n, 0);
    vt_release(&v);
    term_screen_close(s);
}

static void columns_are_counted(void **state)
{
    int cols;

    (void)state;
    assert_int_equal(term_width(RK_STR("")), 0);
    assert_int_equal(term_width(RK_STR("abc")), 3);
    assert_int_equal(term_width(RK_STR("日本 e\u0301")), 6);
    assert_int_equal(term_width(RK_STR("\033\xff")), 2);
    assert_int_equal(term_fit(RK_STR("日本"), 3, &cols), 3);
    assert_int_equal(cols, 2);
    assert_int_equal(term_fit(RK_STR("ae\u0301b"), 2, &cols), 4);
    assert_int_equal(cols, 2);
    assert_int_equal(term_fit(RK_STR("abc"), 0, NULL), 0);
    assert_int_equal(term_fit(RK_STR("abc"), -1, &cols), 0);
    assert_int_equal(cols, 0);
    assert_int_equal(term_fit(RK_STR("abc"), 100, &cols), 3);
    assert_int_equal(cols, 3);
}

static void put_says_the_columns_used(void **state)
{
    struct term_screen *s = open_plain(10, 2);

    (void)state;
    term_begin(s);
    assert_int_equal(term_put(s, 0, 0, 4, TERM_BASE, RK_STR("abcdef")), 4);
    assert_int_equal(term_put(s, 0, 0, 3, TERM_BASE, RK_STR("日本")), 2);
    assert_int_equal(term_put(s, 8, 0, 6, TERM_BASE, RK_STR("abcdef")), 6); /* though clipped */
    assert_int_equal(term_put(s, 0, 7, 6, TERM_BASE, RK_STR("abc")), 3);
    assert_int_equal(term_put(s, 0, 0, 0, TERM_BASE, RK_STR("abc")), 0);
    assert_int_equal(term_put(s, 0, 0, -3, TERM_BASE, RK_STR("abc")), 0);
    assert_int_equal(term_put(s, 2, 0, 5, TERM_BASE, RK_STR_NONE), 0);
    assert_int_equal(term_putf(s, 0, 1, 5, TERM_BASE, "%d-%s", 12, "abcdef"), 5);
    term_screen_close(s);
}

/* ---- rectangles ---- */

static void everything_is_clipped(void **state)
{
    static const int far[] = {-1000000000, -20, -1, 0, 3, 9, 10, 1000000000};
    struct term_screen *s = open_plain(10, 5);
    struct vt v;

    (void)state;
    vt_init(&v, 10, 5);
    term_begin(s);
    for (size_t i = 0; i < RK_LEN(far); i++)
        for (size_t j = 0; j < RK_LEN(far); j++)
            for (size_t w = 0; w < RK_LEN(far); w++) {
                term_put(s, far[i], far[j], far[w], TERM_OK, RK_STR("日本 text"));
                term_fill(s, far[i], far[j], far[w], far[w], TERM_DRIFT);
                term_tint(s, far[i], far[j], far[w], far[w], TERM_CURSOR);
                term_box(s, far[i], far[j], far[w], far[w], TERM_BORDER, w % 2);
                term_hline(s, far[i], far[j], far[w], TERM_FOLD);
                term_caret(s, far[i], far[j]);
            }
    vt_show(&v, s);
    vt_same(&v, s);
    vt_release(&v);
    term_screen_close(s);
}

static void boxes(void **state)
{
    static const char *const drawn[] = {
        "┌────┐    \n│    │    \n└────┘    \n", "╔════╗    \n║    ║    \n╚════╝    \n",
        "+----+    \n|    |    \n+----+    \n", "#====#    \n#    #    \n#====#    \n",
    };

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct term_screen *s = open_as("xterm", 10, 3, (struct look){0, i >= 2});
        rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;

        assert_int_equal(term_ascii(s), i >= 2);
        term_begin(s);
        term_box(s, 0, 0, 6, 3, TERM_BORDER, i % 2);
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 10; x++) {
                struct term_style look;
                char cell[32];
                term_cell(s, x, y, cell, &look);
                rk_buf_c(&text, cell);
            }
            rk_buf_ch(&text, '\n');
        }
        assert_string_equal(text.p, drawn[i]);
        term_screen_close(s);
    }
}

static void a_box_beyond_the_edge_shows_its_part(void **state)
{
    struct term_screen *s = open_plain(6, 4);
    struct vt v;

    (void)state;
    vt_init(&v, 6, 4);
    term_begin(s);
    term_box(s, -2, -1, 6, 4, TERM_BASE, false);
    vt_show(&v, s);
    assert_string_equal(vt_text(&v), "   │\n   │\n───┘\n\n");
    term_begin(s);
    term_box(s, 3, 2, 9, 9, TERM_BASE, true);
    term_box(s, 0, 0, 1, 5, TERM_BASE, true); /* too small to be one */
    vt_show(&v, s);
    assert_string_equal(vt_text(&v), "\n\n   ╔══\n   ║\n");
    vt_release(&v);
    term_screen_close(s);
}

static struct term_style look_at(const struct term_screen *s, int x, int y)
{
    struct term_style look;
    char cell[32];

    term_cell(s, x, y, cell, &look);
    return look;
}

static void a_tint_lies_under_the_text(void **state)
{
    struct term_screen *s = open_plain(20, 2);
    struct term_theme t = gaudy();

    (void)state;
    t.style[TERM_CURSOR] = (struct term_style){231, 24, TERM_BOLD};
    t.style[TERM_OK] = (struct term_style){114, -1, 0};
    t.style[TERM_LINK] = (struct term_style){24, -1, TERM_UNDERLINE};
    term_screen_theme(s, &t);
    term_begin(s);
    term_put(s, 0, 0, 2, TERM_OK, RK_STR("ok"));
    term_put(s, 2, 0, 2, TERM_BASE, RK_STR("pl"));
    term_put(s, 4, 0, 2, TERM_LINK, RK_STR("ln"));
    term_tint(s, 0, 0, 20, 1, TERM_CURSOR);
    struct term_style ok = look_at(s, 0, 0), base = look_at(s, 2, 0), link = look_at(s, 4, 0);
    assert_true(ok.fg == 114 && ok.bg == 24 && ok.attrs == TERM_BOLD);
    assert_true(base.fg == 231 && base.bg == 24); /* without a colour of its own */
    assert_true(link.fg == 231 && link.bg == 24); /* would have vanished */
    assert_true(link.attrs == (TERM_BOLD | TERM_UNDERLINE));
    assert_true(look_at(s, 0, 1).bg == -1);
    term_screen_close(s);
}

static void faint_is_sent(void **state)
{
    struct term_theme t = *term_theme_mono();
    struct term_screen *s = open_as("xterm-256color", 20, 2, (struct look){1, false});
    rk_auto(rk_buf_release) struct rk_buf frame = RK_BUF_INIT;

    (void)state;
    term_screen_theme(s, &t);
    term_begin(s);
    term_put(s, 0, 0, 9, TERM_DIM, RK_STR("dimmed"));
    term_end(s, &frame);
    assert_non_null(strstr(frame.p, ";2mdimmed"));
    term_screen_close(s);
}

/* ---- limits of the terminal ---- */

static void without_colours_only_attributes(void **state)
{
    struct term_screen *s = open_as("xterm-256color", 80, 24, (struct look){1, false});
    rk_auto(rk_buf_release) struct rk_buf frame = RK_BUF_INIT;

    (void)state;
    scene(s, 1);
    term_end(s, &frame);
    for (const char *p = frame.p; (p = strstr(p, "\033[")) != NULL; p++) {
        size_t n = strspn(p + 2, "0123456789;");
        if (p[2 + n] == 'm')
            for (const char *q = p + 2; q < p + 2 + n; q++)
                assert_false((q[-1] == '[' || q[-1] == ';') && (*q == '3' || *q == '4') &&
                             q[1] >= '0' && q[1] <= '9'); /* no SGR 3x, 4x */
    }
    assert_true(look_at(s, 2, 3).fg == -1);
    term_screen_close(s);
}

static void a_locale_without_utf8_gets_ascii(void **state)
{
    struct term_screen *s;
    struct vt v;

    (void)state;
    assert_true(width_utf8()); /* asks the environment, once */
    assert_non_null(setlocale(LC_CTYPE, "C"));
    s = open_as("vt100", 20, 3, looks[0]); /* xterm's would get REP, which libvterm does not know */
    assert_true(term_ascii(s));
    vt_init(&v, 20, 3);
    term_begin(s);
    term_box(s, 0, 0, 20, 3, TERM_BASE, false);
    assert_int_equal(term_put(s, 1, 1, 18, TERM_BASE, RK_STR("é日 e\u0301x")), 6);
    assert_int_equal(term_width(RK_STR("é日 e\u0301x")), 6);
    vt_show(&v, s);
    assert_string_equal(vt_text(&v), "+------------------+\n|?? e?x            |\n"
                        "+------------------+\n");
    vt_release(&v);
    term_screen_close(s);
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void a_change_costs_little(void **state)
{
    struct term_screen *s = open_plain(80, 24);
    struct vt v;
    size_t first, second;

    (void)state;
    vt_init(&v, 80, 24);
    scene(s, 1);
    first = vt_show(&v, s);
    scene(s, 1);
    term_put(s, 70, 10, 3, TERM_OK, RK_STR("now"));
    second = vt_show(&v, s);
    vt_same(&v, s);
    assert_in_range(first, 1000, 8000);
    assert_in_range(second, 3, 80);
    vt_release(&v);
    term_screen_close(s);
}

/* ---- anything at all ---- */

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

static void random_drawing(struct term_screen *s, uint32_t *x)
{
    static const char *const texts[] = {"plain", "日本語", "e\u0301e\u0301", "", "\t\033[m", "│─┘",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "          ", "\u200bx"};
    int px = (int)(next_random(x) % 90) - 5, py = (int)(next_random(x) % 30) - 3;
    int w = (int)(next_random(x) % 60), h = (int)(next_random(x) % 9);
    enum term_role role = (enum term_role)(next_random(x) % TERM_ROLE_MAX);

    switch (next_random(x) % 5) {
    case 0: term_fill(s, px, py, w, h, role); break;
    case 1: term_tint(s, px, py, w, h, role); break;
    case 2: term_box(s, px, py, w, h, role, w % 2); break;
    case 3: term_caret(s, px, py); break;
    default: term_put(s, px, py, w, role, rk_str_c(texts[next_random(x) % RK_LEN(texts)]));
    }
}

static void any_drawing_is_seen(void **state)
{
    (void)state;
    for (size_t k = 0; k < RK_LEN(looks); k++) {
        struct term_screen *s = open_as("xterm-256color", 80, 24, looks[k]);
        uint32_t x = 4711 + (uint32_t)k;
        struct vt v;

        vt_init(&v, 80, 24);
        for (int frame = 0; frame < 300; frame++) {
            if (frame % 7 == 0)
                term_begin(s);
            for (int i = 0; i < 12; i++)
                random_drawing(s, &x);
            vt_show(&v, s);
            vt_same(&v, s);
        }
        vt_release(&v);
        term_screen_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_drawn_is_seen),
        cmocka_unit_test(any_terminal_shows_it),
        cmocka_unit_test(an_unknown_terminal_is_stood_in_for),
        cmocka_unit_test(a_new_size_is_drawn_whole),
        cmocka_unit_test(what_is_forgotten_is_repainted),
        cmocka_unit_test(screens_do_not_disturb_each_other),
        cmocka_unit_test(wide_and_combining_characters),
        cmocka_unit_test(who_covers_half_of_a_wide_one_leaves_no_half),
        cmocka_unit_test(no_control_reaches_the_terminal),
        cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(put_says_the_columns_used),
        cmocka_unit_test(everything_is_clipped),
        cmocka_unit_test(boxes),
        cmocka_unit_test(a_box_beyond_the_edge_shows_its_part),
        cmocka_unit_test(a_tint_lies_under_the_text),
        cmocka_unit_test(faint_is_sent),
        cmocka_unit_test(without_colours_only_attributes),
        cmocka_unit_test(a_locale_without_utf8_gets_ascii),
        cmocka_unit_test(a_change_costs_little),
        cmocka_unit_test(any_drawing_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
