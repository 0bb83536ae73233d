/*
 * applications_test.c: the applications view on the whole console: what is drawn, what is asked
 * for, and where the cursor stays.
 */
#include "console/shop.h"

static struct stage s;

static void open_shop(int cols, int rows, const char *mode)
{
    shop_init(&s, cols, rows, mode);
    stage_open(&s);
    stage_wait(&s, "mailer");
}

static int close_shop(void **state)
{
    (void)state;
    stage_release(&s);
    return 0;
}

/* ---- pictures ---- */
static void is_drawn(void **state)
{
    (void)state;
    static const struct { int cols, rows; } sizes[] = {{80, 24}, {120, 40}, {60, 16}, {200, 60}};
    static const char *const modes[] = {"mono", "ascii"};
    for (size_t i = 0; i < RK_LEN(sizes); i++)
        for (size_t m = 0; m < RK_LEN(modes); m++) {
            open_shop(sizes[i].cols, sizes[i].rows, modes[m]);
            stage_keys(&s, "]");
            stage_keys(&s, "l");
            stage_settle(&s);
            stage_wait(&s, "w1");
            stage_golden(&s, "applications");
            stage_release(&s);
        }
    open_shop(80, 24, "mono"); /* for the teardown */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(is_drawn, close_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
