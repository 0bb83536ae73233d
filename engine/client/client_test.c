/*
 * client_test.c: hello, calls, broken lines, subscriptions, and closing from inside callbacks,
 * against the scripted engine.
 */
#include "client/scripted_engine.h"

/* ---- hello ---- */

static void shakes_hands(void **state)
{
    struct world *w = *state;

    serve(w);
    open_with(w, (struct client_opts){.socket = w->path, .readonly = true});
    assert_int_equal(w->n_states, 0);
    WAIT(w, w->state == CLIENT_READY);
    assert_string_equal(w->hello, "{\"protocol\":1,\"client\":\"reckon " RK_VERSION
                                  "\",\"readonly\":true}");
    assert_int_equal(w->n_states, 1);
}

static void engine_refuses_a_newer_client(void **state)
{
    struct world *w = *state;

    w->hello_answer = "refuse this engine speaks protocol 0";
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path, .reconnect = true});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_UNSUPPORTED);
    assert_string_equal(w->why.text, "this engine speaks protocol 0");
}

static void client_refuses_an_older_engine(void **state)
{
    struct world *w = *state;

    w->hello_answer = HELLO("0");
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path, .reconnect = true});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_UNSUPPORTED);
    assert_non_null(strstr(w->why.text, "the engine (9.9, protocol 0) is older"));
}

static void a_newer_engine_is_fine(void **state)
{
    struct world *w = *state;

    w->hello_answer = HELLO("2");
    open_ready(w, false);
}

static void a_broken_hello_fails(void **state)
{
    struct world *w = *state;

    w->hello_answer = "{\"protocol\":\"one\"}";
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_INVALID);
}

/* ---- calls ---- */

static void calls_are_answered_by_id(void **state)
{
    struct world *w = *state;
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err;

    serve(w);
    open_with(w, (struct client_opts){.socket = w->path});
    client_call(w->c, "status", RK_STR_NONE, done, w);
    client_call(w->c, "plan.get", RK_STR("{\"fingerprint\":\"f\"}"), done, w);
    client_call(w->c, "refresh", RK_STR("{}"), NULL, NULL);
    WAIT(w, w->n_got == 3);
    assert_string_equal(w->got[0].method, "status");
    assert_string_equal(w->got[0].params, "");
    assert_string_equal(w->got[1].params, "{\"fingerprint\":\"f\"}");
    rk_fail(&err, RK_CONFLICT, "the plan is stale");
    wire_error(&out, w->got[1].id, &err);
    engine_send(w, &out);
    answer(w, 0, "{\"n\":12345678901234567890}");
    answer(w, 0, "{\"again\":true}");
    result(w, 999, "{}");
    answer(w, 2, "{}");
    WAIT(w, w->n_done == 2);
    SETTLE(w);
    assert_int_equal(w->n_done, 2);
    assert_int_equal(w->errors[0].code, RK_CONFLICT);
    assert_string_equal(w->errors[0].text, "the plan is stale");
    assert_int_equal(w->errors[1].code, RK_OK);
    assert_string_equal(w->results[1], "{\"n\":12345678901234567890}");
}

static void a_call_after_failure_gets_the_reason(void **state)
{
    struct world *w = *state;

    open_with(w, (struct client_opts){.socket = w->path});
    client_call(w->c, "status", RK_STR_NONE, done, w);
    w->sub = client_subscribe(w->c, "applications.watch", RK_STR_NONE, event_told, w);
    WAIT(w, w->state == CLIENT_FAILED && w->n_done == 1 && w->n_events == 1);
    assert_int_equal(w->errors[0].code, RK_NOT_FOUND);
    assert_int_equal(w->kinds[0], WIRE_END);
    assert_int_equal(w->end.code, RK_NOT_FOUND);
    client_call(w->c, "status", RK_STR_NONE, done, w);
    w->sub = client_subscribe(w->c, "applications.watch", RK_STR_NONE, event_told, w);
    assert_int_equal(w->n_done, 1);
    assert_int_equal(w->n_events, 1);
    WAIT(w, w->n_done == 2 && w->n_events == 2);
    assert_int_equal(w->errors[1].code, RK_NOT_FOUND);
}

static void a_request_that_is_too_long_is_refused(void **state)
{
    struct world *w = *state;
    struct rk_buf big rk_auto(rk_buf_release) = RK_BUF_INIT;

    open_ready(w, false);
    rk_buf_c(&big, "{\"x\":\"");
    while (big.n < WIRE_LINE_MAX)
        rk_buf_ch(&big, 'x');
    rk_buf_c(&big, "\"}");
    client_call(w->c, "status", rk_buf_view(&big), done, w);
    assert_int_equal(w->n_done, 0);
    WAIT(w, w->n_done == 1);
    assert_int_equal(w->errors[0].code, RK_LIMIT);
    SETTLE(w);
}

static void more_than_the_queue_holds(void **state)
{
    struct world *w = *state;
    struct rk_buf big rk_auto(rk_buf_release) = RK_BUF_INIT;

    open_ready(w, false);
    w->echo = true;
    rk_buf_c(&big, "{\"x\":\"");
    while (big.n < 100000)
        rk_buf_ch(&big, 'x');
    rk_buf_c(&big, "\"}");
    for (int i = 0; i < 60; i++)
        client_call(w->c, "status", rk_buf_view(&big), done, w);
    WAIT(w, w->n_done == 60);
    assert_int_equal(w->n_got, 60);
    assert_int_equal(w->errors[0].code, RK_OK);
}

/* ---- the line breaks ---- */

static void without_reconnect_the_end_is_the_end(void **state)
{
    struct world *w = *state;

    open_ready(w, false);
    subscribe(w, 5);
    client_call(w->c, "status", RK_STR_NONE, done, w);
    WAIT(w, w->n_got == 2);
    cut(w);
    WAIT(w, w->state == CLIENT_FAILED && w->n_done == 1 && w->n_events == 1);
    assert_int_equal(w->why.code, RK_UNAVAILABLE);
    assert_int_equal(w->errors[0].code, RK_UNAVAILABLE);
    assert_int_equal(w->end.code, RK_UNAVAILABLE);
    assert_int_equal(w->connections, 1);
}

static void reconnects_and_subscribes_again(void **state)
{
    struct world *w = *state;

    open_ready(w, true);
    subscribe(w, 5);
    event(w, 5, 7, 9, WIRE_RESET, "{\"a\":1}");
    client_call(w->c, "operation.start", RK_STR_NONE, done, w);
    WAIT(w, w->n_got == 2 && w->n_events == 1);
    stop_serving(w);
    cut(w);
    WAIT(w, w->state == CLIENT_LOST && w->n_done == 1);
    assert_int_equal(w->errors[0].code, RK_UNAVAILABLE);
    assert_non_null(strstr(w->errors[0].text, "operation.start: no answer"));
    client_call(w->c, "status", RK_STR_NONE, done, w);
    w->n_got = 0;
    serve(w);                           /* the socket is there again */
    WAIT(w, w->n_ready == 2 && w->n_got == 2);
    assert_int_equal(w->connections, 2);
    size_t s = strcmp(w->got[0].method, "status") == 0 ? 1 : 0;
    assert_string_equal(w->got[s].method, "applications.watch");
    assert_string_equal(w->got[s].params, "{\"offset\":0}");
    assert_string_equal(w->got[1 - s].method, "status");
    answer(w, s, "{\"sub\":1}");
    event(w, 1, 3, 1, WIRE_RESET, "{\"a\":2}");  /* a new engine counts from the start */
    answer(w, 1 - s, "{\"ok\":true}");
    WAIT(w, w->n_done == 2);
    assert_string_equal(w->results[1], "{\"ok\":true}");
    assert_int_equal(w->n_events, 2);
    assert_string_equal(w->data[1], "{\"a\":2}");
}

static void garbage_breaks_the_line(void **state)
{
    struct world *w = *state;

    open_ready(w, true);
    engine_raw(w, "this is no JSON");
    WAIT(w, w->n_ready == 2);
    assert_int_equal(w->connections, 2);
    assert_non_null(strstr(w->why.text, "the engine sent what is no answer"));
}

static void an_endless_line_breaks_the_line(void **state)
{
    struct world *w = *state;
    struct rk_buf big rk_auto(rk_buf_release) = RK_BUF_INIT;

    open_ready(w, true);
    while (big.n <= WIRE_LINE_MAX)
        rk_buf_ch(&big, ' ');
    engine_send(w, &big);
    WAIT(w, w->n_ready == 2);
    assert_int_equal(w->why.code, RK_LIMIT);
}

static void a_stopped_engine_is_not_looked_for(void **state)
{
    struct world *w = *state;

    open_ready(w, true);
    event(w, 0, 7, 1, WIRE_END, "{\"message\":\"stopped by operator\",\"data\":"
                                "{\"code\":\"CANCELLED\"}}");
    run_line_finish(w->line);
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_CANCELLED);
    assert_string_equal(w->why.text, "stopped by operator");
    assert_int_equal(w->connections, 1);
}

static void an_engine_that_starts_anew_is(void **state)
{
    struct world *w = *state;

    open_ready(w, true);
    event(w, 0, 7, 1, WIRE_END, "{\"message\":\"a new version\",\"data\":"
                                "{\"code\":\"UNAVAILABLE\"}}");
    run_line_finish(w->line);
    WAIT(w, w->n_ready == 2);
    assert_string_equal(w->why.text, "a new version");
}

/* ---- subscriptions ---- */

static void events_in_order_and_only_ours(void **state)
{
    struct world *w = *state;

    open_ready(w, false);
    subscribe(w, 5);
    event(w, 6, 7, 1, WIRE_RESET, "{\"other\":1}");
    event(w, 5, 7, 1, WIRE_RESET, "{\"a\":1}");
    event(w, 5, 7, 2, WIRE_PATCH, "{\"a\":2}");
    event(w, 5, 7, 2, WIRE_PATCH, "{\"twice\":1}");
    event(w, 5, 6, 9, WIRE_PATCH, "{\"stale\":1}");
    event(w, 5, 6, 9, WIRE_RESET, "{\"stale\":2}");
    event(w, 5, 8, 1, WIRE_RESET, "{\"a\":3}");
    event(w, 5, 8, 2, WIRE_PATCH, "{\"a\":4}");
    SETTLE(w);
    assert_int_equal(w->n_events, 4);
    assert_int_equal(w->kinds[0], WIRE_RESET);
    assert_string_equal(w->data[0], "{\"a\":1}");
    assert_int_equal(w->kinds[1], WIRE_PATCH);
    assert_string_equal(w->data[1], "{\"a\":2}");
    assert_string_equal(w->data[2], "{\"a\":3}");
    assert_string_equal(w->data[3], "{\"a\":4}");
    event(w, 5, 8, 3, WIRE_END, "");
    event(w, 5, 8, 4, WIRE_PATCH, "{\"late\":1}");
    SETTLE(w);
    assert_int_equal(w->n_events, 5);
    assert_int_equal(w->kinds[4], WIRE_END);
    assert_int_equal(w->end.code, RK_OK);
}

static void a_refused_subscription_ends(void **state)
{
    struct world *w = *state;
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err;

    open_ready(w, false);
    w->sub = client_subscribe(w->c, "application.watch", RK_STR_NONE, event_told, w);
    WAIT(w, w->n_got == 1);
    rk_fail(&err, RK_NOT_FOUND, "no application 'x'");
    wire_error(&out, w->got[0].id, &err);
    engine_send(w, &out);
    WAIT(w, w->n_events == 1);
    assert_int_equal(w->kinds[0], WIRE_END);
    assert_string_equal(w->end.text, "no application 'x'");
    client_sub_change(w->sub, RK_STR("{\"app\":\"y\"}"));   /* back to life */
    WAIT(w, w->n_got == 2);
    answer(w, 1, "{}");
    WAIT(w, w->n_events == 2);
    assert_int_equal(w->end.code, RK_INTERNAL);
}

/* The old window is served until the new one's answer; of several changes the last is asked for. */
static void a_changed_window_follows(void **state)
{
    struct world *w = *state;

    open_ready(w, false);
    subscribe(w, 1);
    event(w, 1, 7, 1, WIRE_RESET, "{\"w\":0}");
    WAIT(w, w->n_events == 1);
    client_sub_change(w->sub, RK_STR("{\"offset\":10}"));
    client_sub_change(w->sub, RK_STR("{\"offset\":20}"));
    client_sub_change(w->sub, RK_STR("{\"offset\":30}"));
    WAIT(w, w->n_got == 2);
    assert_string_equal(w->got[1].params, "{\"offset\":10}");
    event(w, 1, 7, 2, WIRE_PATCH, "{\"w\":1}");
    answer(w, 1, "{\"sub\":2}");
    event(w, 1, 7, 3, WIRE_PATCH, "{\"old\":1}");
    event(w, 2, 7, 1, WIRE_RESET, "{\"w\":10}");
    WAIT(w, w->n_got == 4);
    assert_string_equal(w->got[2].method, "unsubscribe");
    assert_string_equal(w->got[2].params, "{\"sub\":1}");
    assert_string_equal(w->got[3].params, "{\"offset\":30}");
    answer(w, 2, "{\"ok\":true}");
    answer(w, 3, "{\"sub\":3}");
    event(w, 3, 7, 1, WIRE_RESET, "{\"w\":30}");
    WAIT(w, w->n_got == 5);
    assert_string_equal(w->got[4].params, "{\"sub\":2}");
    SETTLE(w);
    assert_int_equal(w->n_events, 4);
    assert_string_equal(w->data[1], "{\"w\":1}");
    assert_string_equal(w->data[2], "{\"w\":10}");
    assert_string_equal(w->data[3], "{\"w\":30}");
}

static void unsubscribes_now_and_while_asked(void **state)
{
    struct world *w = *state;

    open_ready(w, false);
    subscribe(w, 4);
    event(w, 4, 7, 1, WIRE_RESET, "{}");
    WAIT(w, w->n_events == 1);
    client_unsubscribe(w->sub);
    client_unsubscribe(NULL);
    WAIT(w, w->n_got == 2);
    assert_string_equal(w->got[1].params, "{\"sub\":4}");
    w->sub = client_subscribe(w->c, "activity.watch", RK_STR_NONE, event_told, w);
    client_unsubscribe(w->sub);
    WAIT(w, w->n_got == 3);
    answer(w, 2, "{\"sub\":5}");
    event(w, 5, 7, 1, WIRE_RESET, "{}");
    WAIT(w, w->n_got == 4);
    assert_string_equal(w->got[3].method, "unsubscribe");
    assert_string_equal(w->got[3].params, "{\"sub\":5}");
    SETTLE(w);
    assert_int_equal(w->n_events, 1);
}

static void unsubscribed_while_asked_and_the_line_breaks(void **state)
{
    struct world *w = *state;

    open_ready(w, true);
    w->sub = client_subscribe(w->c, "activity.watch", RK_STR_NONE, event_told, w);
    client_unsubscribe(w->sub);
    WAIT(w, w->n_got == 1);
    w->n_got = 0;
    cut(w);
    WAIT(w, w->n_ready == 2);
    SETTLE(w);
    assert_int_equal(w->n_got, 0);
    assert_int_equal(w->n_events, 0);
}

/* ---- closing from inside ---- */

static void close_inside_state(void **state)
{
    struct world *w = *state;

    w->close_on_state = true;
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path});
    client_call(w->c, "status", RK_STR_NONE, done, w);
    w->sub = client_subscribe(w->c, "activity.watch", RK_STR_NONE, event_told, w);
    WAIT(w, !w->c && !w->line);
    assert_int_equal(w->n_done, 0);
}

static void close_inside_failure(void **state)
{
    struct world *w = *state;

    w->close_on_done = true;
    open_with(w, (struct client_opts){.socket = w->path});
    client_call(w->c, "status", RK_STR_NONE, done, w);
    client_call(w->c, "status", RK_STR_NONE, done, w);
    w->sub = client_subscribe(w->c, "activity.watch", RK_STR_NONE, event_told, w);
    WAIT(w, !w->c);
    assert_int_equal(w->n_done, 1);
    assert_int_equal(w->n_events, 0);
}

static void close_inside_done_and_event(void **state)
{
    struct world *w = *state;

    open_ready(w, true);
    w->close_on_done = true;
    client_call(w->c, "status", RK_STR_NONE, done, w);
    WAIT(w, w->n_got == 1);
    answer(w, 0, "{}");
    answer(w, 0, "{}");
    WAIT(w, !w->c && !w->line);
    stop_serving(w);
    w->state = CLIENT_CONNECTING;
    open_ready(w, true);
    subscribe(w, 1);
    w->close_on_event = true;
    event(w, 1, 7, 1, WIRE_RESET, "{}");
    event(w, 1, 7, 2, WIRE_PATCH, "{}");
    WAIT(w, !w->c && !w->line);
    assert_int_equal(w->n_events, 1);
}

static void unsubscribe_inside_the_end(void **state)
{
    struct world *w = *state;

    open_ready(w, false);
    w->unsubscribe_on_event = true;
    subscribe(w, 1);
    cut(w);
    WAIT(w, w->state == CLIENT_FAILED && w->n_events == 1);
    assert_null(w->sub);
}

static void close_at_once(void **state)
{
    struct world *w = *state;

    serve(w);
    open_with(w, (struct client_opts){.socket = w->path});
    client_close(w->c);
    open_with(w, (struct client_opts){.socket = w->path});
    turn(w);                            /* the connection is on its way */
    client_close(w->c);
    w->c = NULL;
    turn(w);
    assert_int_equal(w->n_states, 0);
}

static void repo_of_another_engine(void **state)
{
    struct world *w = *state;

    w->hello_answer = "{\"protocol\":1,\"pid\":7,\"profile\":\"default\",\"repositories\":["
                      "{\"name\":\"main\",\"url\":\"https://git.example.org/a\"}]}";
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path, .repo = "https://me:token@git.example.org/b"});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_CONFLICT);
    assert_non_null(strstr(w->why.text, "process 7"));
    assert_non_null(strstr(w->why.text, "watches https://git.example.org/a, not"));
    assert_null(strstr(w->why.text, "token")); /* what was given may hold one */
}

static void repo_of_this_engine(void **state)
{
    struct world *w = *state;
    char *link rk_auto(rk_free_str) = rk_asprintf("%s/link", w->dir);
    char *hello rk_auto(rk_free_str) = rk_asprintf(
        "{\"protocol\":1,\"engine\":\"session\",\"repositories\":[{\"name\":\"main\",\"url\":\"%s\"}]}",
        w->dir);

    assert_int_equal(symlink(w->dir, link), 0); /* a folder is told by its whole path */
    w->hello_answer = hello;
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path, .repo = link});
    WAIT(w, w->state == CLIENT_READY);
}

static void repo_of_this_engine_with_a_user(void **state)
{
    struct world *w = *state;

    w->hello_answer = "{\"protocol\":1,\"engine\":\"session\",\"repositories\":["
                      "{\"name\":\"main\",\"url\":\"https://git.example.org/a\"}]}";
    serve(w);
    open_with(w, (struct client_opts){.socket = w->path,
                                      .repo = "https://me:token@git.example.org/a"});
    WAIT(w, w->state == CLIENT_READY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(repo_of_another_engine), T(repo_of_this_engine), T(repo_of_this_engine_with_a_user),
        T(shakes_hands),
        T(engine_refuses_a_newer_client),
        T(client_refuses_an_older_engine),
        T(a_newer_engine_is_fine),
        T(a_broken_hello_fails),
        T(calls_are_answered_by_id),
        T(a_call_after_failure_gets_the_reason),
        T(a_request_that_is_too_long_is_refused),
        T(more_than_the_queue_holds),
        T(without_reconnect_the_end_is_the_end),
        T(reconnects_and_subscribes_again),
        T(garbage_breaks_the_line),
        T(an_endless_line_breaks_the_line),
        T(a_stopped_engine_is_not_looked_for),
        T(an_engine_that_starts_anew_is),
        T(events_in_order_and_only_ours),
        T(a_refused_subscription_ends),
        T(a_changed_window_follows),
        T(unsubscribes_now_and_while_asked),
        T(unsubscribed_while_asked_and_the_line_breaks),
        T(close_inside_state),
        T(close_inside_failure),
        T(close_inside_done_and_event),
        T(unsubscribe_inside_the_end),
        T(close_at_once),
    };

    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
