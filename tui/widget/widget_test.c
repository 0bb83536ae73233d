/*
 * widget_test.c: drawn pieces as a terminal shows them: text of the screen, every cell as drawn.
 */
#include "term/testing.h"

#include "widget/widget.h"

struct fixture { struct term_screen *s; struct vt vt; struct canvas c; };

static void begin(struct fixture *f, int cols, int rows)
{
    const struct term_screen_opts o = {.cols = cols, .rows = rows, .theme = term_theme_mono()};
    struct rk_err err = {0};
    if (term_screen_open(&o, &f->s, &err))
        fail_msg("%s", err.text);
    vt_init(&f->vt, cols, rows);
    term_begin(f->s);
    f->c = canvas_all(f->s);
}

static void check(struct fixture *f, const char *want)
{
    vt_show(&f->vt, f->s);
    vt_same(&f->vt, f->s);
    assert_string_equal(vt_text(&f->vt), want);
}

static void end(struct fixture *f)
{
    term_screen_close(f->s);
    vt_release(&f->vt);
}

/* The look that a role has in the theme of these tests. */
static bool looks(struct fixture *f, int x, int y, enum term_role role)
{
    struct term_style seen = vt_look(&f->vt, x, y), want = term_theme_mono()->style[role];
    unsigned kept = TERM_BOLD | TERM_UNDERLINE | TERM_REVERSE;
    return (seen.attrs & kept) == (want.attrs & kept);
}

static void test_clipping(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 12, 4);
    struct canvas in = canvas_cut(f.c, 2, 1, 6, 2);
    assert_int_equal(canvas_put(in, 0, 0, TERM_BASE, RK_STR("abcdefgh")), 6);
    assert_int_equal(canvas_put(in, -2, 1, TERM_BASE, RK_STR("abcdefghijk")), 6);
    assert_int_equal(canvas_put(in, 0, 2, TERM_BASE, RK_STR("below")), 0);
    assert_int_equal(canvas_put(in, 0, -1, TERM_BASE, RK_STR("above")), 0);
    assert_int_equal(canvas_put(in, 6, 0, TERM_BASE, RK_STR("right")), 0);
    assert_int_equal(canvas_right(canvas_cut(f.c, 0, 3, 12, 9), 0, TERM_BASE, RK_STR("end")), 9);
    check(&f, "\n  abcdef\n  cdefgh\n         end\n");
    end(&f);
}

static void test_cut_of_cut(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 10, 5);
    struct canvas a = canvas_cut(f.c, -2, -1, 6, 3), b = canvas_cut(a, 1, 1, 99, 99);
    assert_int_equal(a.w, 4);
    assert_int_equal(a.h, 2);
    assert_int_equal(b.x, 1);
    assert_int_equal(b.y, 1);
    assert_int_equal(b.w, 3);
    assert_int_equal(b.h, 1);
    b = canvas_cut(a, 9, 9, 4, 4); /* outside: empty, and drawing there does nothing */
    assert_int_equal(b.w, 0);
    assert_int_equal(b.h, 0);
    canvas_put(b, 0, 0, TERM_BASE, RK_STR("x"));
    canvas_cell(b, 0, 0, 3, TERM_BASE, RK_STR("x"));
    canvas_tint(b, 0, TERM_CURSOR);
    check(&f, "\n\n\n\n\n");
    end(&f);
}

static void test_cells(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 12, 5);
    canvas_put(f.c, 0, 0, TERM_BASE, RK_STR("............"));
    canvas_cell(f.c, 1, 0, 6, TERM_BASE, RK_STR("ab"));
    canvas_cell(f.c, 1, 1, 6, TERM_BASE, RK_STR("abcdefgh"));
    canvas_cell_end(f.c, 1, 2, 8, TERM_BASE, RK_STR("base/deploy.yaml"));
    canvas_cell_end(f.c, 1, 3, 6, TERM_BASE,
                    RK_STR("\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"));
    canvas_cell(f.c, 0, 4, 1, TERM_BASE, RK_STR("abc")); /* no room for its dots */
    check(&f, ".ab    .....\n abcd..\n ..y.yaml\n ..\xe6\x97\xa5\xe6\x9c\xac\n.\n");
    end(&f);
}

/* Half of a wide character at the left edge is not drawn; what follows stays where it belongs. */
static void test_wide_at_the_edge(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 10, 1);
    canvas_put(f.c, -1, 0, TERM_BASE, RK_STR("\xe6\x97\xa5xy"));
    check(&f, " xy\n");
    end(&f);
}

static void test_boxes(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 24, 6);
    struct canvas in = widget_box(canvas_cut(f.c, 0, 0, 24, 3), "Apps 17", "7/24", WIDGET_FOCUS);
    assert_int_equal(in.w, 22);
    assert_int_equal(in.h, 1);
    canvas_put(in, 0, 0, TERM_BASE, RK_STR("inside"));
    widget_box(canvas_cut(f.c, 0, 3, 12, 3), "a long title", NULL, WIDGET_DOUBLE);
    widget_box(canvas_cut(f.c, 12, 3, 6, 3), "none", "x", 0); /* no room for a title */
    in = widget_box(canvas_cut(f.c, 18, 3, 1, 3), "x", NULL, 0);
    assert_int_equal(in.w, 0);
    check(&f, "┌─ Apps 17 ────────────┐\n"
              "│inside                │\n"
              "└────────────── 7/24 ──┘\n"
              "╔═ a lon..═╗┌────┐\n"
              "║          ║│    │\n"
              "╚══════════╝└────┘\n");
    assert_true(looks(&f, 3, 0, TERM_TITLE));
    end(&f);
}

static void test_dialog(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 16, 5);
    for (int y = 0; y < 5; y++)
        canvas_put(f.c, 0, y, TERM_BASE, RK_STR("................"));
    struct canvas in = widget_dialog(f.c, 11, 3, "Sure?", 0);
    assert_int_equal(in.w, 9);
    check(&f, "................\n"
              "..┌─ Sure? ─┐...\n"
              "..│         │...\n"
              "..└─────────┘...\n"
              "................\n");
    in = widget_dialog(f.c, 99, 99, NULL, 0); /* larger than the screen: as large as it */
    assert_int_equal(in.w, 14);
    assert_int_equal(in.h, 3);
    end(&f);
}

static void test_edit_draws(void **state)
{
    struct fixture f;
    struct widget_edit e = {0};
    (void)state;
    begin(&f, 12, 3);
    widget_edit_draw(f.c, 1, 0, 8, &e, false);
    widget_edit_set(&e, "prod");
    widget_edit_draw(f.c, 1, 1, 8, &e, false);
    widget_edit_set(&e, "production/\xe6\x97\xa5op");
    widget_edit_draw(f.c, 1, 2, 8, &e, true);
    check(&f, " ________\n prod____\n on/\xe6\x97\xa5op_\n");
    assert_true(f.vt.caret);
    assert_int_equal(f.vt.caret_x, 8);
    assert_int_equal(f.vt.caret_y, 2);
    widget_edit_release(&e);
    end(&f);
}

static void test_found_and_changed(void **state)
{
    struct fixture f;
    const struct widget_span spans[] = {{10, 11}};
    (void)state;
    begin(&f, 20, 3);
    assert_int_equal(widget_put_found(f.c, 1, 0, TERM_BASE, RK_STR("a Match match"),
                                      RK_STR("match")), 13);
    widget_put_spans(f.c, 0, 1, TERM_DEL, TERM_DEL_EMPH, RK_STR("replicas: 5"), spans, 1);
    widget_put_spans(f.c, -8, 2, TERM_DEL, TERM_DEL_EMPH, RK_STR("replicas: 5"), spans, 1);
    check(&f, " a Match match\nreplicas: 5\n: 5\n");
    assert_true(looks(&f, 1, 0, TERM_BASE));
    assert_true(looks(&f, 3, 0, TERM_MATCH));
    assert_true(looks(&f, 9, 0, TERM_MATCH));
    assert_true(looks(&f, 0, 1, TERM_DEL));
    assert_true(looks(&f, 10, 1, TERM_DEL_EMPH));
    assert_true(looks(&f, 2, 2, TERM_DEL_EMPH));
    end(&f);
}

static void test_tint(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 8, 2);
    canvas_put(f.c, 0, 0, TERM_BASE, RK_STR("row"));
    canvas_tint(canvas_cut(f.c, 2, 0, 4, 2), 0, TERM_CURSOR);
    canvas_tint(f.c, 5, TERM_CURSOR); /* outside */
    check(&f, "row\n\n");
    assert_true(looks(&f, 0, 0, TERM_BASE));
    assert_true(looks(&f, 2, 0, TERM_CURSOR));
    assert_true(looks(&f, 5, 0, TERM_CURSOR));
    assert_true(looks(&f, 6, 0, TERM_BASE));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clipping), cmocka_unit_test(test_cut_of_cut),
        cmocka_unit_test(test_cells), cmocka_unit_test(test_wide_at_the_edge),
        cmocka_unit_test(test_boxes), cmocka_unit_test(test_dialog),
        cmocka_unit_test(test_edit_draws), cmocka_unit_test(test_found_and_changed),
        cmocka_unit_test(test_tint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
