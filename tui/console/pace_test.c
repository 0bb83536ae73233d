/*
 * pace_test.c: how many pictures a key and the engine's news make.
 */
#include "console/shop.h"

static struct stage s;

static int setup(void **state)
{
    (void)state;
    shop_init(&s, 80, 24, "256");
    stage_open(&s);
    stage_wait(&s, "mailer");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_release(&s);
    return 0;
}

static const struct term_key down = {.code = TERM_KEY_CHAR, .ch = 'j'};

/* The key, and a terminal that has room at once. */
static void press(const struct term_key *k)
{
    stage_key(&s, k);
    stage_draw_(&s);
}

static void a_move_and_what_the_engine_says_of_it_are_one_picture(void **state)
{
    size_t before = s.frames;

    (void)state;
    s.core->pace.wait_ms = 60000;
    press(&down);
    assert_int_equal(s.frames, before);
    stage_wait(&s, "dev/api");
    assert_int_equal(s.frames, before + 1);
    press(&down);
    stage_wait(&s, "dev/mailer");
    assert_int_equal(s.frames, before + 2);
    assert_in_range(s.last_bytes, 1, 700);
}

static void forget_answer(const char *method)
{
    for (size_t i = 0; i < s.n_rules; i++)
        if (rk_streq(s.rules[i].method, method))
            s.rules[i].method[0] = 0;
}

static void drift_belongs_to_that_picture(void **state)
{
    const struct stage_request *asked;
    size_t before;

    (void)state;
    stage_keys(&s, "j j j j j");
    stage_wait(&s, "staging/api");
    stage_settle(&s);
    before = s.frames;
    s.core->pace.wait_ms = 60000;
    forget_answer("drift.get");
    press(&down);
    STAGE_WAIT(&s, (asked = stage_asked(&s, "drift.get", "mailer-staging")) != NULL);
    stage_settle(&s);
    assert_int_equal(s.frames, before);
    if (asked)
        stage_reply(&s, asked, SHOP_DRIFT);
    stage_wait(&s, "live by kubectl-scale");
    assert_int_equal(s.frames, before + 1);
}

static bool says_nothing_of_one(struct stage *stage, const char *method, rk_str params,
                                struct rk_buf *out)
{
    return !rk_streq(method, "application.watch") && shop_handle(stage, method, params, out);
}

static void an_answer_that_does_not_come_is_not_waited_for(void **state)
{
    (void)state;
    s.handle = says_nothing_of_one;
    s.core->pace.wait_ms = 20;
    stage_keys(&s, "j");
    stage_wait(&s, "reading ...");
}

static void news_is_gathered_but_a_key_is_not(void **state)
{
    size_t before;

    (void)state;
    stage_keys(&s, "j");
    stage_wait(&s, "dev/api");
    stage_settle(&s);
    before = s.frames;
    s.core->pace.news_ms = 60000;
    s.core->pace.key = 0;       /* long ago */
    stage_event(&s, "activity.watch", WIRE_RESET, "{\"rows\":[]}");
    stage_event(&s, "activity.watch", WIRE_RESET, "{\"rows\":[{\"time\":1,\"text\":\"it fell\"}]}");
    stage_settle(&s);
    assert_int_equal(s.frames, before);
    stage_keys(&s, "j");
    stage_wait(&s, "dev/mailer");
    assert_true(vt_has(&s.vt, "it fell"));
}

static void held_news_is_drawn_when_its_time_comes(void **state)
{
    (void)state;
    stage_settle(&s);
    s.core->pace.news_ms = 50;
    s.core->pace.key = 0;
    stage_event(&s, "activity.watch", WIRE_RESET, "{\"rows\":[{\"time\":1,\"text\":\"it fell\"}]}");
    stage_wait(&s, "it fell");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(a_move_and_what_the_engine_says_of_it_are_one_picture),
        T(drift_belongs_to_that_picture),
        T(an_answer_that_does_not_come_is_not_waited_for),
        T(news_is_gathered_but_a_key_is_not),
        T(held_news_is_drawn_when_its_time_comes),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
