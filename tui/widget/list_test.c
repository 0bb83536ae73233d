/*
 * list_test.c: the cursor and its window, and widths of columns: positions only.
 */
#include "widget/testing.h"

static void check(const struct widget_list *l, size_t cursor, size_t top)
{
    assert_int_equal(l->cursor, cursor);
    assert_int_equal(l->top, top);
}

static void test_moves(void **state)
{
    struct widget_list l = {0};
    (void)state;
    widget_list_set(&l, 24, 6);
    widget_list_show(&l, 10);
    check(&l, 6, 0);
    assert_true(widget_list_move(&l, WIDGET_PAGE_DOWN));
    widget_list_show(&l, 10);
    check(&l, 16, 10); /* the window turned with the cursor */
    assert_true(widget_list_move(&l, WIDGET_HALF_UP));
    widget_list_show(&l, 10);
    check(&l, 11, 5);
    assert_true(widget_list_move(&l, WIDGET_LAST));
    assert_false(widget_list_move(&l, WIDGET_DOWN)); /* nothing below */
    widget_list_show(&l, 10);
    check(&l, 23, 14);
    assert_true(widget_list_move(&l, WIDGET_FIRST));
    assert_false(widget_list_move(&l, WIDGET_PAGE_UP));
    widget_list_show(&l, 10);
    check(&l, 0, 0);
}

static void test_rows_go(void **state)
{
    struct widget_list l = {0};
    (void)state;
    widget_list_set(&l, 100, 90);
    widget_list_show(&l, 10);
    check(&l, 90, 81);
    widget_list_set(&l, 20, l.cursor);
    widget_list_show(&l, 10);
    check(&l, 19, 10);
    widget_list_show(&l, 30); /* a larger window shows all, without empty rows above */
    check(&l, 19, 0);
    widget_list_set(&l, 0, 5);
    assert_false(widget_list_move(&l, WIDGET_LAST));
    widget_list_show(&l, 0);
    check(&l, 0, 0);
}

static void test_foot(void **state)
{
    struct widget_list l = {0};
    char foot[32];
    (void)state;
    widget_list_set(&l, 24, 6);
    widget_list_show(&l, 10);
    widget_list_foot(&l, foot);
    assert_string_equal(foot, "7/24");
    widget_list_show(&l, 24);
    widget_list_foot(&l, foot);
    assert_string_equal(foot, "");
}

static void test_columns(void **state)
{
    static const struct widget_column c[] = {
        {"NAME", 6, 0, false}, {"VERSION", 4, 8, true}, {"WHAT", 10, 20, false}};
    static const struct { int width, x[3], w[3]; } rows[] = {
        {60, {0, 31, 40}, {30, 8, 20}},         /* all they want, the rest to the first */
        {40, {0, 11, 20}, {10, 8, 20}},
        {25, {0, 7, 15}, {6, 7, 10}},           /* earlier ones grow first */
        {22, {0, 7, 12}, {6, 4, 10}},
        {21, {0, 13, 22}, {12, 8, 0}},          /* the last one goes */
        {8, {0, 9, 9}, {8, 0, 0}},
        {3, {0, 4, 4}, {3, 0, 0}},              /* narrower than the first: it is cut */
    };
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        int x[3], w[3];
        widget_columns(c, 3, rows[i].width, x, w);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(w[k], rows[i].w[k]);
            if (w[k])
                assert_int_equal(x[k], rows[i].x[k]);
        }
    }
}

static void test_hit(void **state)
{
    struct widget_list l = {0};
    size_t row = 0;
    (void)state;
    widget_list_set(&l, 20, 12);
    widget_list_show(&l, 5);    /* rows 8 to 12 */
    assert_false(widget_list_hit(&l, 0, 0, &row)); /* it was not drawn yet */
    widget_list_place(&l, (struct canvas){NULL, 10, 3, 30, 5});
    assert_true(widget_list_hit(&l, 10, 3, &row));
    assert_int_equal(row, 8);
    assert_true(widget_list_hit(&l, 39, 7, &row));
    assert_int_equal(row, 12);
    assert_false(widget_list_hit(&l, 9, 3, &row));
    assert_false(widget_list_hit(&l, 40, 3, &row));
    assert_false(widget_list_hit(&l, 10, 2, &row));
    assert_false(widget_list_hit(&l, 10, 8, &row));
    widget_list_set(&l, 2, 0);
    widget_list_show(&l, 5);
    assert_false(widget_list_hit(&l, 10, 6, &row)); /* below the last row */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hit),
        cmocka_unit_test(test_moves), cmocka_unit_test(test_rows_go),
        cmocka_unit_test(test_foot), cmocka_unit_test(test_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
