/*
 * console_test.c: the console around the views: keys, messages, questions, help, palette, what is
 * confirmed and how, an engine that goes and comes back, settings.
 */
#include "console/plans.h"
#include "console/shop.h"

static struct stage s;

static void open_shop(int cols, int rows, const char *mode)
{
    shop_init(&s, cols, rows, mode);
    stage_open(&s);
    stage_wait(&s, "mailer");
}

static int setup(void **state)
{
    (void)state;
    open_shop(100, 30, "mono");
    return 0;
}

static int setup_readonly(void **state)
{
    (void)state;
    shop_init(&s, 100, 30, "mono");
    s.readonly = true;
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

/* ---- the frame ---- */
static const char *last_line(void)
{
    return vt_row(&s.vt, s.vt.rows - 1);
}

static void it_says_where_it_is(void **state)
{
    (void)state;
    assert_string_equal(vt_row(&s.vt, 0),
        " reckon engine: session acme-gitops main@4f2c1aa 12:03"
        "                    api ok 38ms  operator  RW");
    assert_string_equal(s.title, "reckon: acme-gitops");
}

static void hints_come_from_the_key_table(void **state)
{
    (void)state;
    stage_keys(&s, "j");
    assert_non_null(strstr(last_line(), "s sync"));
    assert_non_null(strstr(last_line(), "Q quit"));
    stage_keys(&s, "k");        /* on a heading there is nothing to sync */
    assert_null(strstr(last_line(), "s sync"));
    assert_non_null(strstr(last_line(), "F freeze"));
}

static void an_idle_screen_sends_nothing(void **state)
{
    (void)state;
    stage_settle(&s);
    size_t before = s.bytes;
    s.dirty = true;             /* even when it is drawn again */
    stage_turn(&s);
    assert_int_equal(s.bytes, before);
    stage_event(&s, "applications.watch", WIRE_RESET, "{\"total\":0}");
    stage_wait(&s, "No Applications");
    assert_true(s.bytes > before);
}

static void keys_that_are_there_are_drawn_once(void **state)
{
    (void)state;
    struct term_key j = {.code = TERM_KEY_CHAR, .ch = 'j'};
    size_t before = s.frames;
    for (int i = 0; i < 8; i++)
        stage_key(&s, &j);
    stage_turn(&s);
    assert_int_equal(s.frames, before + 1);
}

static void a_small_screen_says_so_and_lets_go(void **state)
{
    (void)state;
    stage_resize(&s, 59, 15);
    stage_wait(&s, "reckon needs 60x16");
    stage_keys(&s, "j enter s U H");    /* no preview, no write but what stops something */
    assert_true(vt_has(&s.vt, "this is 59x15"));
    assert_true(vt_has(&s.vt, "Q leave; the engine works on"));
    assert_int_equal(s.core->depth, 1);
    stage_keys(&s, "q");
    assert_int_equal(s.quit, 0);
    stage_resize(&s, 100, 30);
    stage_wait(&s, "mailer");
}

/* The next automatic action, and an operation, are stopped there, too: with all guards. */
static void a_small_screen_stops_what_runs(void **state)
{
    (void)state;
    stage_answer(&s, "operation.list", NULL, OPERATIONS);
    stage_answer(&s, "operation.stop", NULL, "{\"ok\":true}");
    stage_answer(&s, "freeze.set", NULL, "{\"ok\":true}");
    stage_keys(&s, "j");
    stage_wait(&s, "dev/api");
    stage_resize(&s, 40, 8);
    stage_wait(&s, "F freeze automation");
    assert_false(vt_has(&s.vt, "X stop"));      /* nothing runs there */
    stage_keys(&s, "F");
    stage_wait(&s, "Freeze api-dev?");
    stage_wait(&s, "type the reason");
    stage_type(&s, "fair");
    stage_keys(&s, "enter A");  /* too early */
    stage_wait(&s, "A freeze it");
    assert_null(stage_asked(&s, "freeze.set", NULL));
    stage_keys(&s, "A");
    STAGE_WAIT(&s, stage_asked(&s, "freeze.set", "\"reason\":\"fair\""));
    stage_wait(&s, "reckon needs 60x16");
    stage_resize(&s, 80, 24);
    stage_keys(&s, "4");
    stage_wait(&s, "running");
    stage_resize(&s, 40, 8);
    stage_wait(&s, "X stop the operation after its wave");
    stage_keys(&s, "X q");      /* q gives it up, and stays */
    stage_wait(&s, "K stop the operation now");
    assert_int_equal(s.quit, -1);
    stage_keys(&s, "X");
    stage_wait(&s, "Stop shop-production?");
    assert_true(vt_has(&s.vt, "PRODUCTION"));
    stage_keys(&s, "A enter");  /* too early, and never */
    stage_wait(&s, "A stop it");
    assert_null(stage_asked(&s, "operation.stop", NULL));
    stage_keys(&s, "A");
    STAGE_WAIT(&s, stage_asked(&s, "operation.stop", "\"how\":\"wave\""));
}

static void a_small_screen_offers_nothing_to_who_only_reads(void **state)
{
    (void)state;
    s.core->host.readonly = true;
    stage_keys(&s, "j");
    stage_resize(&s, 40, 8);
    stage_wait(&s, "Q leave");
    assert_false(vt_has(&s.vt, "F freeze"));
    stage_keys(&s, "F");
    assert_int_equal(s.core->depth, 1);
}

static void keys_without_a_meaning_say_so(void **state)
{
    (void)state;
    stage_keys(&s, "Z");
    stage_wait(&s, "Z does nothing here");
    stage_keys(&s, "j");
    stage_wait_gone(&s, "Z does nothing here");
    stage_keys(&s, "q");
    stage_wait(&s, "Q leaves the console");
    stage_paste(&s, "AAAQ");
    stage_wait(&s, "a paste is no command");
    assert_int_equal(s.quit, -1);
    stage_keys(&s, "Q");
    assert_int_equal(s.quit, 0);
}

static void names_are_copied(void **state)
{
    (void)state;
    stage_keys(&s, "y");        /* an environment has its name alone */
    stage_wait(&s, "sent to the terminal");
    assert_string_equal(s.copied, "dev");
    stage_keys(&s, "j y");
    stage_wait(&s, "> n name");
    stage_keys(&s, "v");
    stage_wait(&s, "sent to the terminal");
    assert_string_equal(s.copied, "1.10.0-rc1");
    stage_keys(&s, "y y");      /* the first of them */
    assert_string_equal(s.copied, "api-dev");
    stage_keys(&s, "y down enter");
    assert_string_equal(s.copied, "77b01d3aa");
    stage_keys(&s, "y Z");      /* no choice */
    stage_wait_gone(&s, "> n name");
    stage_keys(&s, "y esc");
    assert_string_equal(s.copied, "77b01d3aa");
    assert_int_equal(s.core->depth, 1);
}

/* ---- the mouse ---- */
static void mouse_at(enum term_key_code code, const char *text)
{
    struct term_key k = {.code = code};
    const char *row = NULL;

    for (int y = 0; y < s.vt.rows && !row; y++)
        if ((row = strstr(vt_row(&s.vt, y), text)))
            k.y = y;
    assert_non_null(row);
    k.x = 4;
    stage_key(&s, &k);
    stage_turn(&s);
}

static void a_click_chooses_and_folds(void **state)
{
    (void)state;
    mouse_at(TERM_KEY_CLICK, "drift 1");
    stage_wait(&s, "staging/mailer");
    mouse_at(TERM_KEY_CLICK, "v STAGING");
    stage_wait(&s, "env     staging");
    mouse_at(TERM_KEY_CLICK, "v STAGING");      /* it is there already */
    stage_wait(&s, "> STAGING");
    mouse_at(TERM_KEY_WHEEL_UP, "DEV");
    stage_wait(&s, "dev/");
    mouse_at(TERM_KEY_CLICK, "F freeze");       /* the hint line is no button */
    assert_int_equal(s.core->depth, 1);
}

/* Wherever it is clicked, however often: nothing is armed, nothing is asked for. */
static void a_click_never_applies(void **state)
{
    static const struct wire_plan_params ask = {.kind = "sync", .app = "shop-dev"};
    struct term_key k = {.code = TERM_KEY_CLICK};

    (void)state;
    stage_answer(&s, "plan.create", NULL, IN_DEV);
    console_open_named("plan", &(struct view_target){.app = ask.app, .plan = &ask}, s.core);
    stage_wait(&s, "plan 9e3f21aa");
    STAGE_WAIT(&s, run_loop_timers(s.loop) <= 1);       /* the dead time is over */
    for (int twice = 0; twice < 2; twice++)
        for (k.y = 0; k.y < s.vt.rows; k.y++)
            for (k.x = 0; k.x < s.vt.cols; k.x += 3)
                stage_key(&s, &k);
    stage_settle(&s);
    assert_null(stage_asked(&s, "operation.start", NULL));
    assert_null(stage_asked(&s, "plan.arm", NULL));
    stage_keys(&s, "q G F");
    stage_wait(&s, "type the reason");
    for (k.y = 0; k.y < s.vt.rows; k.y++)
        stage_key(&s, &k);
    stage_settle(&s);
    assert_true(vt_has(&s.vt, "type the reason"));
    assert_null(stage_asked(&s, "freeze.set", NULL));
}

static void the_mouse_is_a_setting(void **state)
{
    struct console_settings set;

    (void)state;
    console_settings_read(&set, RK_STR("theme: dark\n"), "console.yaml");
    assert_false(set.mouse);
    console_settings_release(&set);
    console_settings_read(&set, RK_STR("mouse: true\n"), "console.yaml");
    assert_true(set.mouse);
    assert_int_equal(set.troubles.n, 0);
    console_settings_release(&set);
}

/* ---- questions ---- */
static void a_question_can_be_given_up(void **state)
{
    (void)state;
    stage_keys(&s, "f");
    stage_type(&s, "jq?");      /* letters of keys are letters here */
    stage_wait(&s, "filter: jq?");
    stage_keys(&s, "esc");
    stage_wait_gone(&s, "filter:");
    assert_int_equal(s.core->depth, 1);
    assert_null(stage_asked(&s, "applications.watch", "jq?"));
    stage_keys(&s, "/");
    stage_type(&s, "x");
    stage_keys(&s, "ctrl-c");
    stage_wait_gone(&s, "find:");
}

static void the_terminal_can_be_had_while_something_is_typed(void **state)
{
    (void)state;
    stage_keys(&s, "f ctrl-z");         /* a question */
    assert_int_equal(s.suspended, 1);
    stage_wait(&s, "filter:");
    stage_keys(&s, "esc ? ctrl-z");     /* a view that takes every key */
    assert_int_equal(s.suspended, 2);
    size_t before = s.bytes;
    stage_keys(&s, "ctrl-l");
    assert_true(s.bytes > before + 1000);
    stage_wait(&s, "Keys of Applications");
}

/* ---- confirmations ---- */
static void open_freeze(void)
{
    stage_keys(&s, "j F");
    stage_wait(&s, "Freeze api-dev");
    stage_wait(&s, "type the reason, then Enter");
}

static void freezing_takes_a_reason_and_the_apply_key(void **state)
{
    (void)state;
    stage_answer(&s, "freeze.set", NULL, "{\"ok\":true}");
    open_freeze();
    stage_keys(&s, "enter");
    stage_wait(&s, "a reason is needed");
    stage_type(&s, "A look at it");
    stage_keys(&s, "enter");
    stage_wait(&s, "read it first");
    stage_keys(&s, "A enter");  /* typed before it could be read */
    stage_wait(&s, "A freeze it");
    stage_keys(&s, "enter");
    stage_settle(&s);
    assert_int_equal(stage_count(&s, "freeze.set"), 0);
    stage_keys(&s, "A");
    stage_wait(&s, "freeze of api-dev is done");
    assert_non_null(stage_asked(&s, "freeze.set", "\"target\":\"api-dev\",\"reason\":"
                                "\"A look at it\",\"frozen\":true"));
    stage_wait_gone(&s, "Freeze api-dev");
}

static void what_was_typed_ahead_is_dropped(void **state)
{
    (void)state;
    static const char ahead[] = "jFxxx";
    size_t flushed = s.flushed;
    for (const char *at = ahead; *at; at++)     /* one batch, as a read brings it */
        stage_key(&s, &(struct term_key){.code = TERM_KEY_CHAR, .ch = (unsigned char)*at});
    stage_wait(&s, "type the reason");
    assert_false(vt_has(&s.vt, "xxx"));
    assert_true(s.flushed > flushed);
}

static void a_refusal_stays_in_the_dialog(void **state)
{
    (void)state;
    stage_refuse(&s, "freeze.set", RK_DENIED, "only the engine's own user may write");
    open_freeze();
    stage_type(&s, "why");
    stage_keys(&s, "enter");
    stage_wait(&s, "A freeze it");
    stage_keys(&s, "A");
    stage_wait(&s, "only the engine's own user may write");
    stage_keys(&s, "q");
    stage_wait_gone(&s, "Freeze api-dev");
}

/* A call waits for the engine: what was confirmed without one must not be written later. */
static void without_an_engine_nothing_is_confirmed(void **state)
{
    (void)state;
    open_freeze();
    stage_type(&s, "why");
    stage_keys(&s, "enter");
    stage_wait(&s, "A freeze it");
    stage_cut(&s);
    stage_wait(&s, "ENGINE AWAY");
    stage_keys(&s, "A");
    stage_wait(&s, "the engine is away: nothing was asked for");
    stage_keys(&s, "q");
    stage_serve(&s);
    stage_wait_gone(&s, "ENGINE AWAY");
    stage_settle(&s);
    assert_int_equal(stage_count(&s, "freeze.set"), 0);
}

static void production_is_doubled(void **state)
{
    (void)state;
    stage_keys(&s, "G U");
    stage_wait(&s, "Unlock production");
    stage_wait(&s, "type the reason");
    assert_true(vt_has(&s.vt, "PRODUCTION"));
    stage_golden(&s, "confirm");
    stage_keys(&s, "esc");
    stage_wait_gone(&s, "Unlock production");
    stage_keys(&s, "g U");
    stage_wait(&s, "dev is not locked");
}

static void readonly_has_no_key_that_writes(void **state)
{
    (void)state;
    static const enum view_action writes[] = {ACT_APPLY, ACT_STOP, ACT_ABORT, ACT_FREEZE,
                                              ACT_UNLOCK, ACT_RELEASE, ACT_VALIDATE};
    char key[24];
    for (size_t i = 0; i < RK_LEN(writes); i++) {
        assert_true(view_actions[writes[i]].writes);
        assert_false(console_key_of(&s.settings, "applications", writes[i], true, key));
    }
    assert_true(vt_has(&s.vt, "operator  RO"));
    stage_keys(&s, "j F");
    stage_wait(&s, "F does nothing here (read-only)");
    assert_int_equal(s.core->depth, 1);
    stage_keys(&s, ":");
    stage_type(&s, "freeze");
    stage_wait(&s, ":freeze");
    assert_false(vt_has(&s.vt, "freeze automation"));
}

/* ---- help and palette ---- */
static void help_is_made_from_the_table(void **state)
{
    (void)state;
    stage_keys(&s, "?");
    stage_wait(&s, "Keys of Applications");
    stage_wait(&s, "next row");
    stage_golden(&s, "help");
    stage_type(&s, "selfheal");
    stage_wait(&s, "no key does that");
    stage_keys(&s, "ctrl-u");
    stage_type(&s, "turn");
    stage_keys(&s, "enter");
    stage_wait(&s, "the tree is by application");
}

static void the_palette_finds_applications(void **state)
{
    (void)state;
    stage_keys(&s, ":");
    stage_wait(&s, "Command");
    stage_type(&s, "freeze mailer prod");
    stage_wait(&s, "freeze production/mailer");
    stage_wait(&s, "asks first, PRODUCTION");
    stage_settle(&s);           /* the answer to the last letter is in */
    stage_golden(&s, "palette");
    stage_keys(&s, "enter");
    stage_wait(&s, "Freeze mailer-production");
    stage_keys(&s, "esc");
    stage_wait_gone(&s, "Freeze mailer-production");
    stage_keys(&s, ":");
    stage_type(&s, "web staging");
    stage_settle(&s);
    stage_wait(&s, "go to it");
    stage_keys(&s, "enter");
    stage_wait(&s, "staging/web");
}

static void the_palette_knows_what_people_call_it(void **state)
{
    (void)state;
    stage_keys(&s, ":");
    stage_type(&s, "audit");
    stage_wait(&s, ">view-history");
    stage_keys(&s, "enter");
    stage_wait(&s, "AUDIT");
    stage_keys(&s, "q :");
    stage_type(&s, "history");
    stage_wait(&s, ">history");
}

static void the_palette_completes(void **state)
{
    (void)state;
    stage_keys(&s, ":");
    stage_type(&s, "unl");
    stage_wait(&s, ":unl");
    stage_keys(&s, "tab");
    stage_wait(&s, "unlock production");
    stage_settle(&s);
    stage_keys(&s, "tab enter");
    stage_wait(&s, "Unlock production");
}

/* ---- nothing happens ---- */
/* Once what the start asked for is there, no timer stands: the loop sleeps until something comes. */
static void an_idle_console_sleeps(void **state)
{
    size_t bytes, asked;

    (void)state;
    STAGE_WAIT(&s, run_loop_timers(s.loop) == 0);
    stage_keys(&s, "j");        /* and after a key again */
    stage_settle(&s);
    STAGE_WAIT(&s, run_loop_timers(s.loop) == 0);
    bytes = s.bytes;
    asked = s.n_got;
    for (int i = 0; i < 20; i++)
        stage_turn(&s);
    assert_int_equal(s.bytes, bytes);
    assert_int_equal(s.n_got, asked);
}

/* ---- the header ---- */
/* A row that came with a new revision, and the header that names it, are one picture. */
static void the_header_comes_with_the_rows(void **state)
{
    static const char status[] =
        "{\"repositories\":[{\"name\":\"acme-gitops\",\"branch\":\"main\",\"revision\":"
        "\"beef001122\",\"state\":\"ok\",\"checked\":1764331439000}],\"clusters\":[]}";
    size_t frames;

    (void)state;
    STAGE_WAIT(&s, run_loop_timers(s.loop) == 0);
    stage_settle(&s);
    s.core->pace.wait_ms = 60000;
    s.core->status_at = 0;      /* long ago */
    stage_answer(&s, "status", NULL, status);
    frames = s.frames;
    stage_event(&s, "activity.watch", WIRE_RESET, "{\"rows\":[{\"time\":1,\"text\":\"it moved\"}]}");
    stage_wait(&s, "it moved");
    assert_true(vt_has(&s.vt, "main@beef001"));
    assert_int_equal(s.frames, frames + 1);
}

/* ---- the engine goes and comes back ---- */
static void data_stays_while_the_engine_is_away(void **state)
{
    (void)state;
    stage_cut(&s);
    stage_wait(&s, "ENGINE AWAY since 12:04:11");
    assert_true(vt_has(&s.vt, "mailer"));
    assert_true(vt_has(&s.vt, "what is shown is of then"));
    stage_golden(&s, "away");
    stage_keys(&s, "R");
    stage_wait(&s, "the engine is away");
    s.epoch++;
    stage_serve(&s);
    stage_wait_gone(&s, "ENGINE AWAY");
    stage_wait(&s, "acme-gitops main@4f2c1aa");
}

static void an_engine_that_ended_is_looked_for_on_request(void **state)
{
    (void)state;
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err why = {0};
    (void)rk_fail(&why, RK_CANCELLED, "the engine was stopped");
    wire_error_body(&body, &why);
    wire_event_line(&line, 0, s.epoch, 0, WIRE_END, rk_buf_view(&body));
    stage_send_(&s, &line);
    run_line_finish(s.line);
    stage_wait(&s, "ENGINE ENDED");
    stage_wait(&s, "the engine was stopped (R looks for one again)");
    assert_true(vt_has(&s.vt, "mailer"));
    stage_keys(&s, "R");
    stage_wait_gone(&s, "ENGINE ENDED");
    stage_keys(&s, "]");
    stage_wait(&s, "staging/mailer");
    assert_int_equal(s.quit, -1);
}

static void no_engine_ends_it_with_the_reason(void **state)
{
    (void)state;
    shop_init(&s, 80, 24, "mono");
    stage_start(&s);
    stage_wait(&s, "looking for the engine");
    STAGE_WAIT(&s, s.quit == 2);
    assert_non_null(strstr(s.why, "no engine answers"));
}

static void refresh_asks_git_and_clusters(void **state)
{
    (void)state;
    stage_answer(&s, "refresh", NULL, "{\"ok\":true}");
    stage_keys(&s, "R");
    stage_wait(&s, "git and clusters were asked");
    assert_non_null(stage_asked(&s, "refresh", "\"all\":true"));
}

/* ---- settings ---- */
static const char *troubles_of(const char *yaml)
{
    console_settings_release(&s.settings);
    console_settings_read(&s.settings, rk_str_c(yaml), "console.yaml");
    return s.settings.troubles.p;
}

static enum view_action action_of(const char *view, const char *key)
{
    struct term_key k;
    assert_true(term_key_parse(rk_str_c(key), &k));
    return console_action(&s.settings, view, &k, false);
}

static void settings_change_keys(void **state)
{
    (void)state;
    assert_string_equal(troubles_of(""), "");
    assert_int_equal(action_of("applications", "j"), ACT_DOWN);
    assert_string_equal(troubles_of("theme: light\nascii: true\nkeys:\n"
                                    "- {key: f5, action: refresh}\n"
                                    "- {view: applications, key: j, action: open}\n"
                                    "- {key: X, action: none}\n"), "");
    assert_string_equal(s.settings.theme, "light");
    assert_true(s.settings.ascii);
    assert_int_equal(action_of("confirm", "f5"), ACT_REFRESH);
    assert_int_equal(action_of("applications", "j"), ACT_OPEN);
    assert_int_equal(action_of("confirm", "j"), ACT_DOWN);
    assert_int_equal(action_of("applications", "X"), ACT_NONE);
}

static void what_cannot_be_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct { const char *yaml, *says; } rows[] = {
        {"keys:\n- {key: s, action: diff}\n- {key: s, action: sync}\n",
         "console.yaml:3: key s is diff since line 2"},
        {"keys:\n- {key: nokey, action: sync}\n", "console.yaml:2: no key \"nokey\""},
        {"keys:\n- {key: s, action: explode}\n", "console.yaml:2: no action \"explode\""},
        {"keys:\n- {view: moon, key: s, action: sync}\n", "console.yaml:2: no view \"moon\""},
        {"keys:\n- {key: ctrl-b, action: sync}\n",
         "console.yaml:2: key ctrl-b is taken by screen, tmux or flow control"},
        {"colour: red\n", "console.yaml:1: no setting \"colour\""},
        {"- a\n", "console.yaml:1: expected settings such as `theme: dark`"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(troubles_of(rows[i].yaml), rows[i].says);
    assert_non_null(strstr(troubles_of("keys: [\n"), "console.yaml:"));
    assert_int_equal(action_of("applications", "j"), ACT_DOWN); /* the defaults stand */
}

/* Each default key is one that the decoder can make, and none is given twice in a view. */
static void the_defaults_do_not_clash(void **state)
{
    (void)state;
    for (const struct view_key_row *a = view_keys; a->key; a++) {
        struct term_key k;
        assert_true(term_key_parse(rk_str_c(a->key), &k));
        for (const struct view_key_row *b = a + 1; b->key; b++)
            assert_false(rk_streq(a->key, b->key) && rk_streq(a->view, b->view));
    }
    for (int a = ACT_NONE + 1; a < ACT_MAX; a++) {
        assert_non_null(view_actions[a].name);
        assert_int_equal(view_action_named(rk_str_c(view_actions[a].name)), a);
    }
}

static void a_trouble_is_the_first_message(void **state)
{
    (void)state;
    shop_init(&s, 100, 30, "mono");
    s.yaml = "keys:\n- {key: s, action: explode}\n";
    s.note = "a note";
    stage_open(&s);
    assert_true(vt_has(&s.vt, "console.yaml:2: no action \"explode\""));
    stage_keys(&s, "j");
    stage_wait_gone(&s, "explode");
}

static void the_note_is_shown(void **state)
{
    (void)state;
    shop_init(&s, 100, 30, "mono");
    s.note = "the demo: try it";
    stage_open(&s);
    assert_true(vt_has(&s.vt, "the demo: try it"));
}

/* ---- themes ---- */
static void write_theme(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/reckon", s.dir);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/reckon/themes", s.dir);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/reckon/themes/%s", s.dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void themes_are_changed_while_it_runs(void **state)
{
    (void)state;
    open_shop(100, 30, "256");
    stage_keys(&s, "t");
    stage_wait(&s, "no themes are installed");
    write_theme("mine.theme", "title: 1 - bold\n");
    write_theme("readme", "no theme");
    stage_keys(&s, "t");
    stage_wait(&s, "theme mine");
    assert_int_equal(vt_look(&s.vt, 1, 0).fg, 1);       /* the program's name */
    write_theme("other.theme", "title: 2\n");
    stage_keys(&s, "t");
    stage_wait(&s, "theme other");
    assert_int_equal(vt_look(&s.vt, 1, 0).fg, 2);
    stage_keys(&s, "t");
    stage_wait(&s, "theme mine");
    write_theme("other.theme", "\ntitle: nocolour\n");
    stage_keys(&s, "t");
    stage_wait(&s, "other.theme:2");
    assert_int_equal(vt_look(&s.vt, 1, 0).fg, 1);
}

/* ---- pictures in every size and mode ---- */
static void overlays_are_drawn(void **state)
{
    (void)state;
    STAGE_EACH_LOOK(l) {
        open_shop(l->cols, l->rows, l->mode);
        stage_keys(&s, "?");
        stage_settle(&s);
        stage_golden(&s, "help");
        stage_keys(&s, "esc :");
        stage_type(&s, "sync ");
        stage_settle(&s);
        stage_golden(&s, "palette-sync");
        stage_keys(&s, "esc G y");
        stage_settle(&s);
        stage_golden(&s, "copy");
        stage_keys(&s, "esc U");
        stage_wait(&s, "type the reason");
        stage_golden(&s, "confirm");
        stage_keys(&s, "esc");
        stage_cut(&s);
        stage_wait(&s, "ENGINE AWAY");
        stage_golden(&s, "away");
        stage_resize(&s, 40, 8);
        stage_wait(&s, "reckon needs");
        stage_golden(&s, "small");
        stage_keys(&s, "F");
        stage_wait(&s, "type the reason");
        stage_golden(&s, "small-confirm");
        stage_release(&s);
    }
}

#define ON_SHOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SHOP(it_says_where_it_is),
        ON_SHOP(hints_come_from_the_key_table),
        ON_SHOP(an_idle_screen_sends_nothing),
        ON_SHOP(keys_that_are_there_are_drawn_once),
        ON_SHOP(a_small_screen_says_so_and_lets_go), ON_SHOP(a_small_screen_stops_what_runs),
        ON_SHOP(a_small_screen_offers_nothing_to_who_only_reads),
        ON_SHOP(keys_without_a_meaning_say_so),
        ON_SHOP(names_are_copied), ON_SHOP(a_click_chooses_and_folds),
        ON_SHOP(a_click_never_applies), cmocka_unit_test(the_mouse_is_a_setting),
        ON_SHOP(a_question_can_be_given_up),
        ON_SHOP(the_terminal_can_be_had_while_something_is_typed),
        ON_SHOP(freezing_takes_a_reason_and_the_apply_key),
        ON_SHOP(what_was_typed_ahead_is_dropped),
        ON_SHOP(a_refusal_stays_in_the_dialog),
        ON_SHOP(without_an_engine_nothing_is_confirmed),
        ON_SHOP(production_is_doubled),
        cmocka_unit_test_setup_teardown(readonly_has_no_key_that_writes, setup_readonly, teardown),
        ON_SHOP(help_is_made_from_the_table),
        ON_SHOP(the_palette_finds_applications),
        ON_SHOP(the_palette_knows_what_people_call_it), ON_SHOP(the_palette_completes),
        ON_SHOP(an_idle_console_sleeps), ON_SHOP(the_header_comes_with_the_rows),
        ON_SHOP(data_stays_while_the_engine_is_away),
        ON_SHOP(an_engine_that_ended_is_looked_for_on_request),
        cmocka_unit_test_teardown(no_engine_ends_it_with_the_reason, teardown),
        ON_SHOP(refresh_asks_git_and_clusters),
        ON_SHOP(settings_change_keys),
        ON_SHOP(what_cannot_be_is_told_with_its_line),
        ON_SHOP(the_defaults_do_not_clash),
        cmocka_unit_test_teardown(a_trouble_is_the_first_message, teardown),
        cmocka_unit_test_teardown(the_note_is_shown, teardown),
        cmocka_unit_test_teardown(themes_are_changed_while_it_runs, teardown),
        cmocka_unit_test(overlays_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
