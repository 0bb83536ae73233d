/*
 * walk_test.c: a walk without aim over the whole console: keys of the key table, text, sequences,
 * pastes, sizes, an engine that changes, refuses, keeps silent, goes and comes back. After each step
 * the terminal shows what was drawn (the stage looks at every frame), and nothing was asked to be
 * written that the screen had not offered; now and then a screen that is drawn anew is the same.
 *
 * RECKON_WALK_SEED (1: the same keys at every check; others are for looking), RECKON_WALK_STEPS; the
 * seed is printed. Timers and the socket are real: a seed does not always give the same walk.
 */
#include "console/plans.h"
#include "console/records.h"
#include "console/shop.h"
#include "view/testing.h"

enum { STEPS = 4000, SECONDS = 12, LOOK_EVERY = 40, ROWS = 30, EYES_MS = 420 };

/* What people and programs write into names, messages and versions. */
static const char *const foreign[] = {
    "", "1.9.0", "mailer", "a\033[2J\033[31mb", "\xe2\x80\xae" "abc", "\xe6\xbc\xa2\xe5\xad\x97",
    "e\xcc\x81\xcc\x82\xcc\x83", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7", "\xff\xfe", "\r\n\t",
    "x-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789",
};
static const char *const words[] = {"Synced", "OutOfSync", "Unknown", "Healthy", "Degraded",
                                    "Progressing", "Missing", "Suspended", "None", "Nonsense"};
static const char *const places[] = {"dev", "staging", "production", "\xe6\xbc\xa2", ""};

struct walk {
    struct stage s;
    uint64_t state;
    struct shop_row rows[ROWS];
    size_t n_rows;
    char first[64];             /* of a rule that keeps silent: the letter its method began with */
    struct term_decoder *decoder;
    size_t applies;             /* presses of the apply key in this step */
    bool offered;               /* the screen before this step offered to write */
    size_t writes, arms, looks, losses;
    char trail[4000];           /* the last steps, for the report */
};
static struct walk w;

/* ---- chance ---- */
static uint64_t next(void)
{
    w.state ^= w.state << 13;
    w.state ^= w.state >> 7;
    w.state ^= w.state << 17;
    return w.state;
}

static size_t below(size_t n)
{
    return (size_t)(next() % n);
}

#define ONE_OF(list) ((list)[below(RK_LEN(list))])

RK_PRINTF(1, 2) static void note(const char *fmt, ...)
{
    size_t n = strlen(w.trail);
    va_list ap;

    if (n > sizeof(w.trail) - 200) {
        memmove(w.trail, w.trail + n / 2, n - n / 2 + 1);
        n = strlen(w.trail);
    }
    va_start(ap, fmt);
    vsnprintf(w.trail + n, sizeof(w.trail) - n, fmt, ap);
    va_end(ap);
}

/* ---- the engine ---- */
static void shuffle_rows(void)
{
    size_t place = 0;

    w.n_rows = below(ROWS);
    for (size_t i = 0; i < w.n_rows; i++) {
        place += below(6) == 0 && place + 1 < RK_LEN(places);
        w.rows[i] = (struct shop_row){ONE_OF(foreign), places[place], ONE_OF(words),
                                      ONE_OF(words), ONE_OF(foreign), (int)below(3)};
    }
}

static void use_the_shop(void)
{
    w.n_rows = RK_LEN(shop_rows);
    memcpy(w.rows, shop_rows, sizeof(shop_rows));
}

static bool handle(struct stage *s, const char *method, rk_str params, struct rk_buf *out)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_apps_params p;
    struct wire_app_page page;
    struct rk_err err;

    if (rk_streq(method, "applications.watch") || rk_streq(method, "applications.list")) {
        assert_int_equal(wire_read(a, &wire_shape_apps_params, params, &p, &err), 0);
        shop_page(w.rows, w.n_rows, &p, a, &page);
        wire_print(out, &wire_shape_app_page, &page);
        return true;
    }
    if (rk_streq(method, "document.get")) {
        view_document(params.p, out);
        return true;
    }
    return shop_handle(s, method, params, out);
}

static void teach(struct stage *s)
{
    static const struct { const char *method, *part, *json; } rows[] = {
        {"drift.get", "mailer-dev", VIEW_DRIFT}, {"owners.get", NULL, VIEW_OWNERS},
        {"events.list", NULL, VIEW_EVENTS}, {"logs.watch", NULL, VIEW_LOG},
        {"plan.create", NULL, IN_DEV}, {"plan.create", "production", LOCKED},
        {"plan.create", "revert", REVERT}, {"plan.get", NULL, LOCKED}, {"plan.arm", NULL, ARMED},
        {"operation.start", NULL, RUNNING}, {"operation.watch", NULL, RUNNING},
        {"operation.list", NULL, OPERATIONS}, {"history.list", NULL, HISTORY},
        {"audit.list", NULL, AUDIT}, {"audit.verify", NULL, VERIFY}, {"commit.get", NULL, COMMIT},
        {"promotion.matrix", NULL, MATRIX}, {"freeze.set", NULL, "{\"ok\":true}"},
        {"lock.set", NULL, "{\"ok\":true}"}, {"refresh", NULL, "{\"ok\":true}"},
        {"operation.stop", NULL, "{\"ok\":true}"}, {"validate", NULL, "{\"ok\":true}"},
        {"hold.release", NULL, "{\"ok\":true}"},
    };

    s->handle = handle;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        stage_answer(s, rows[i].method, rows[i].part, rows[i].json);
}

static void answer_all_again(struct stage *s)
{
    for (size_t i = 0; i < s->n_rules; i++) {
        s->rules[i].refuse = rk_streq(s->rules[i].method, "status");
        if (w.first[i])
            s->rules[i].method[0] = w.first[i];
        w.first[i] = 0;
    }
}

/* A method is refused, or not answered at all; or all are answered again. */
static void change_a_rule(struct stage *s)
{
    size_t i = below(s->n_rules);
    struct stage_rule *r = &s->rules[i];

    if (below(2))
        answer_all_again(s);
    note(" rule:%s", r->method);
    if (below(2)) {
        r->refuse = true;
        r->code = (enum rk_code)(1 + below(RK_CODE_MAX - 1));
    } else if (!w.first[i]) {
        w.first[i] = r->method[0];
        r->method[0] = '~';
    }
}

/* What it watches, as it is now. */
static void tell(struct stage *s, struct stage_sub *sub)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const struct stage_rule *r = stage_rule_(s, sub->method, sub->params);
    bool made = handle(s, sub->method, rk_str_c(sub->params), &out);

    if (s->line && (made || r))
        stage_event_(s, sub, below(2) ? WIRE_RESET : WIRE_PATCH, made ? out.p : r->json);
    note(" tell:%s", sub->method);
}

static void tell_anything(struct stage *s)
{
    if (below(3))
        shuffle_rows();
    else
        use_the_shop();
    if (s->n_subs)
        tell(s, &s->subs[below(s->n_subs)]);
}

static void lose_or_find_the_engine(struct stage *s)
{
    if (s->server) {
        note(" cut");
        stage_cut(s);
        w.losses++;
    } else {
        note(" serve");
        s->epoch++;
        stage_serve(s);
    }
}

/* ---- a person's hands ---- */
static bool applies(const struct stage *s, const struct term_key *k)
{
    const struct view *v = console_top(s->core);

    return k->code == TERM_KEY_CHAR && k->ch == 'A' && !k->mods && v;
}

static void press(const struct term_key *k, void *ctx)
{
    struct stage *s = ctx;
    char name[24];

    term_key_name(k, name);
    note(" %s", name);
    w.applies += applies(s, k);
    console_key(s->core, k);
}

static void press_one(struct stage *s, rk_str name)
{
    struct term_key k;

    assert_true(term_key_parse(name, &k));
    press(&k, s);
}

static void press_named(struct stage *s, const char *names)
{
    rk_str rest = rk_str_c(names), name;

    while (rest.n) {
        name = rk_str_cut(rest, ' ', &rest);
        press_one(s, name);
    }
}

static void press_any(struct stage *s)
{
    size_t n = 0;

    while (view_keys[n].key)
        n++;
    press_named(s, view_keys[below(n)].key);
}

static void type_text(struct stage *s, const char *text)
{
    for (; *text; text++)
        press(&(struct term_key){.code = TERM_KEY_CHAR, .ch = (unsigned char)*text}, s);
}

static void type_any(struct stage *s)
{
    static const char *const texts[] = {"production/shop", "INC-2231", "1", "A", "AAAA", "sync ",
                                        "mailer", "quit", "freeze mailer prod", "production"};

    type_text(s, ONE_OF(texts));
}

/* As the tty brings them: whole, cut off, and nonsense. */
static void send_bytes(struct stage *s)
{
    static const char *const bytes[] = {
        "\033[A", "\033[1;5C", "\033[6~", "\033", "\033[", "\033OP", "\033]0;A\033\\", "\x80\xff",
        "\xe6\xbc", "\xa2", "\033[200~A\rA\033[201~", "\033[200~A", "\033[201~", "\033[<0;3;3M",
        "\033[0n", "\033[99999999999m", "A", "\r", "\t", "\x03", "\x7f", "\033A", "\xf0\x9f\x98\x80",
    };
    uint64_t now = rk_mono_ms();

    for (size_t n = 1 + below(3); n; n--)
        term_decoder_feed(w.decoder, rk_str_c(ONE_OF(bytes)), now, press, s);
    if (below(2))
        term_decoder_tick(w.decoder, now + 1000, press, s);
}

static void paste(struct stage *s)
{
    static const char *const texts[] = {"A", "production/shop", "a\nA\nQ", "\033[31m", ""};

    press(&(struct term_key){.code = TERM_KEY_PASTE, .paste = rk_str_c(ONE_OF(texts))}, s);
}

static void resize(struct stage *s)
{
    static const struct { int cols, rows; } sizes[] = {
        {80, 24}, {80, 24}, {120, 40}, {60, 16}, {59, 16}, {60, 15}, {1, 1}, {2, 1}, {1, 60},
        {300, 3}, {400, 120}, {200, 60}, {61, 17}, {97, 29}};
    size_t i = below(RK_LEN(sizes));

    note(" %dx%d", sizes[i].cols, sizes[i].rows);
    stage_resize(s, sizes[i].cols, sizes[i].rows);
}

static void turn_for(struct stage *s, uint64_t ms)
{
    for (uint64_t end = rk_mono_ms() + ms; rk_mono_ms() < end;)
        stage_turn(s);
}

/* What chance alone would hardly do: an answer that is read, a form that is filled in, a dialog. */
static void do_something_whole(struct stage *s)
{
    static const char *const ways[] = {"1 g j s", "1 G s", "1 G s", "1 G s", "1 G r", "4 g enter X",
                                       "2 ] p", "1 j F", "1 G U", "1 ] d", "1 ] l j enter"};
    bool plan, dialog;

    note(" (");
    if (below(4)) {
        answer_all_again(s);
        use_the_shop();
        stage_resize(s, 80, 24);
    }
    for (int i = 0; i < CONSOLE_DEPTH; i++)
        press_named(s, "esc");
    press_named(s, "1");
    for (size_t i = 0; i < s->n_subs; i++)
        tell(s, &s->subs[i]);
    turn_for(s, 10);
    for (rk_str rest = rk_str_c(ONE_OF(ways)), name; rest.n; turn_for(s, 3)) {
        name = rk_str_cut(rest, ' ', &rest);
        press_one(s, name);
    }
    turn_for(s, 10);
    plan = console_top(s->core)->class == view_class_named("plan");
    dialog = console_top(s->core)->class == view_class_named("confirm");
    if ((plan || dialog) && below(4)) {
        turn_for(s, EYES_MS);
        if (plan)
            press_named(s, "tab");
        type_text(s, "INC-2231");
        press_named(s, "enter");
        if (plan) {
            press_named(s, "space enter");
            type_text(s, "production/shop");
        }
        turn_for(s, dialog ? EYES_MS : 20);
    }
    note(" )");
}

/* ---- what must hold ---- */
static bool offers_to_write(struct stage *s)
{
    return vt_has(&s->vt, "ARMED: A applies it") || vt_has(&s->vt, " it     q cancel") ||
           vt_has(&s->vt, "ANY KEY STOPS IT");
}

/* Nothing is written that the screen before the key did not offer; a plan is armed by its target. */
static void check_requests(struct stage *s)
{
    for (size_t i = 0; i < s->n_got; i++) {
        const struct stage_request *r = &s->got[i];
        if (rk_streq(r->method, "plan.arm")) {
            w.arms++;
            if (!strstr(r->params, "\"confirm\":\"production/shop\"") ||
                strstr(r->params, "\"reason\":\"\""))
                fail_msg("armed by %s\n%s", r->params, vt_text(&s->vt));
        } else if (wire_method_find(r->method)->writes && !rk_streq(r->method, "engine.detach")) {
            w.writes++;
            if (!w.offered || !w.applies)
                fail_msg("%s left without being offered: %s\n%s", r->method, r->params,
                         vt_text(&s->vt));
        }
        free(r->params);
    }
    s->n_got = 0;
}

/* A terminal that knows nothing yet is shown the same picture, text and look. */
static void check_redrawn(struct stage *s)
{
    struct rk_buf before rk_auto(rk_buf_release) = RK_BUF_INIT;

    stage_resize(s, 80, 24);
    rk_buf_c(&before, vt_text(&s->vt));
    rk_buf_c(&before, vt_looks(&s->vt));
    vt_release(&s->vt);
    vt_init(&s->vt, 80, 24);
    term_screen_forget(s->screen);
    s->dirty = true;
    stage_draw_(s);
    struct rk_buf now rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_c(&now, vt_text(&s->vt));
    rk_buf_c(&now, vt_looks(&s->vt));
    assert_string_equal(now.p, before.p);
    w.looks++;
}

static void step(struct stage *s)
{
    static void (*const rare[])(struct stage *s) = {
        resize, resize, send_bytes, send_bytes, paste, type_any, type_any, tell_anything,
        tell_anything, change_a_rule, lose_or_find_the_engine, do_something_whole};

    w.offered = offers_to_write(s);
    w.applies = 0;
    if (!s->server && below(4) == 0)
        lose_or_find_the_engine(s);
    if (w.offered && below(3) == 0)
        press_named(s, "A");
    else if (below(3) == 0)
        ONE_OF(rare)(s);
    else
        for (size_t n = 1 + below(4); n; n--)
            press_any(s);
    stage_turn(s);
    if (w.applies && s->core->host.connected && s->line)
        stage_settle(s);
    check_requests(s);
    assert_in_range(s->core->depth, 1, CONSOLE_DEPTH);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && text[0] ? strtoull(text, NULL, 0) : otherwise;
}

static void walk_of(const char *mode, uint64_t seed, size_t steps, uint64_t ms)
{
    uint64_t end = rk_mono_ms() + ms;
    size_t i;

    print_message("%s: RECKON_WALK_SEED=%llu\n", mode, (unsigned long long)seed);
    w = (struct walk){.state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1, .decoder = term_decoder_new()};
    use_the_shop();
    shop_init(&w.s, 80, 24, mode);
    teach(&w.s);
    stage_open(&w.s);
    for (i = 0; i < steps && rk_mono_ms() < end; i++) {
        step(&w.s);
        if (i % LOOK_EVERY == 0)
            check_redrawn(&w.s);
    }
    check_redrawn(&w.s);
    print_message("%zu steps, %zu arms, %zu writes, %zu losses, %zu looks\n", i, w.arms, w.writes,
                  w.losses, w.looks);
    w.trail[0] = 0;
    stage_release(&w.s);
    term_decoder_free(w.decoder);
}

static void a_walk_without_aim(void **state)
{
    static const char *const modes[] = {"256", "16", "mono", "ascii"};
    uint64_t seed = number_of("RECKON_WALK_SEED", 1);
    size_t steps = number_of("RECKON_WALK_STEPS", 0);
    (void)state;

    for (size_t i = 0; i < RK_LEN(modes); i++)
        walk_of(modes[i], seed + i, steps ? steps : STEPS / RK_LEN(modes),
                steps ? UINT64_MAX / 2 : SECONDS * 1000 / RK_LEN(modes));
}

/* Of a walk that ended badly. */
static int tell_the_trail(void **state)
{
    (void)state;
    if (w.trail[0])
        fprintf(stderr, "the last steps:%s\n", w.trail);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_walk_without_aim, tell_the_trail)};

    return cmocka_run_group_tests_name("a walk without aim", tests, NULL, NULL);
}
