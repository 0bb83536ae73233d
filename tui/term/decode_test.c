/*
 * decode_test.c: bytes to keys: every sequence in one piece, split at every byte with and without
 * time between, one after the other; what is broken, too long or not ours; pastes; names.
 */
#include "term/testing.h"

#include "term/term_int.h"

/* ---- what came ---- */

struct seen { struct rk_buf text; };

static void note(const struct term_key *k, void *ctx)
{
    struct seen *s = ctx;
    char name[24];

    if (s->text.n)
        rk_buf_ch(&s->text, ' ');
    if (k->code == TERM_KEY_PASTE) {
        rk_buf_f(&s->text, "paste(" RK_FMT_STR ")", RK_ARG_STR(k->paste));
        if (k->paste_lost)
            rk_buf_f(&s->text, "-%zu", k->paste_lost);
    } else if (k->code >= TERM_KEY_CLICK && k->code <= TERM_KEY_WHEEL_DOWN) {
        static const char *const what[] = {"click", "up", "down"};
        rk_buf_f(&s->text, "%s@%d,%d", what[k->code - TERM_KEY_CLICK], k->x, k->y);
    } else if (k->code == TERM_KEY_ANSWER || k->code == TERM_KEY_OTHER) {
        rk_buf_c(&s->text, k->code == TERM_KEY_ANSWER ? "answer" : "other");
    } else {
        term_key_name(k, name);
        rk_buf_c(&s->text, name);
    }
}

static void feed(struct term_decoder *d, struct seen *s, rk_str bytes, uint64_t now)
{
    term_decoder_feed(d, bytes, now, note, s);
}

struct bench { struct term_decoder *d; struct seen seen; uint64_t now; };

static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));

    b->d = term_decoder_new();
    b->seen.text = RK_BUF_INIT;
    b->now = 1000;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    term_decoder_free(b->d);
    rk_buf_release(&b->seen.text);
    free(b);
    return 0;
}

static void type(struct bench *b, const char *bytes)
{
    feed(b->d, &b->seen, rk_str_c(bytes), b->now);
}

static void pass(struct bench *b, uint64_t ms)
{
    b->now += ms;
    term_decoder_tick(b->d, b->now, note, &b->seen);
}

#define assert_seen(b, keys) do { \
    assert_string_equal((b)->seen.text.p, keys); \
    rk_buf_clear(&(b)->seen.text); \
} while (0)

/* ---- every sequence ---- */

#define S(bytes) {bytes, sizeof(bytes) - 1}
static const struct { rk_str bytes; const char *keys; } table[] = {
    {S("a"), "a"}, {S("A"), "A"}, {S(" "), "space"}, {S("~"), "~"}, {S("-"), "-"},
    {S("\r"), "enter"}, {S("\n"), "enter"}, {S("\t"), "tab"}, {S("\x7f"), "backspace"},
    {S("\b"), "backspace"}, {S("\x15"), "ctrl-u"}, {S("\x04"), "ctrl-d"}, {S("\x1a"), "ctrl-z"},
    {S("\x01"), "ctrl-a"}, {S("\x1c"), "ctrl-\\"}, {S("\x1f"), "ctrl-_"}, {S("\0"), "ctrl-space"},
    {S("é"), "é"}, {S("日"), "日"}, {S("\U0001f600"), "\U0001f600"}, {S("é日x"), "é 日 x"},
    /* cursor keys: normal, application, modified, the linux console's, rxvt's */
    {S("\033[A"), "up"}, {S("\033[B"), "down"}, {S("\033[C"), "right"}, {S("\033[D"), "left"},
    {S("\033[H"), "home"}, {S("\033[F"), "end"}, {S("\033OA"), "up"}, {S("\033OB"), "down"},
    {S("\033OC"), "right"}, {S("\033OD"), "left"}, {S("\033OH"), "home"}, {S("\033OF"), "end"},
    {S("\033[1;2A"), "shift-up"}, {S("\033[1;3B"), "alt-down"}, {S("\033[1;5C"), "ctrl-right"},
    {S("\033[1;6D"), "ctrl-shift-left"}, {S("\033[1;7H"), "ctrl-alt-home"},
    {S("\033[1;9A"), "alt-up"}, {S("\033[1;1A"), "up"}, {S("\033O5A"), "ctrl-up"},
    {S("\033O1;5D"), "ctrl-left"}, {S("\033[a"), "shift-up"}, {S("\033[d"), "shift-left"},
    {S("\033Oa"), "ctrl-up"}, {S("\033Od"), "ctrl-left"}, {S("\033\033[A"), "alt-up"},
    {S("\033\033OA"), "alt-up"}, {S("\033\033[5~"), "alt-pgup"},
    {S("\033[1~"), "home"}, {S("\033[2~"), "insert"}, {S("\033[3~"), "delete"},
    {S("\033[4~"), "end"}, {S("\033[5~"), "pgup"}, {S("\033[6~"), "pgdn"}, {S("\033[7~"), "home"},
    {S("\033[8~"), "end"}, {S("\033[3;5~"), "ctrl-delete"}, {S("\033[6;2~"), "shift-pgdn"},
    {S("\033[3$"), "shift-delete"}, {S("\033[3^"), "ctrl-delete"},
    {S("\033[5@"), "ctrl-shift-pgup"}, {S("\033[23$"), "shift-f11"}, {S("\033[Z"), "shift-tab"},
    /* function keys: SS3, CSI, the linux console's, modified */
    {S("\033OP"), "f1"}, {S("\033OS"), "f4"}, {S("\033[11~"), "f1"}, {S("\033[14~"), "f4"},
    {S("\033[15~"), "f5"}, {S("\033[17~"), "f6"}, {S("\033[21~"), "f10"}, {S("\033[24~"), "f12"},
    {S("\033[34~"), "f20"}, {S("\033[[A"), "f1"}, {S("\033[[E"), "f5"}, {S("\033[1;2P"), "shift-f1"},
    {S("\033[15;5~"), "ctrl-f5"}, {S("\033[P"), "f1"}, {S("\033O2Q"), "shift-f2"},
    /* the keypad */
    {S("\033OM"), "enter"}, {S("\033Oj"), "*"}, {S("\033Op"), "0"}, {S("\033Oy"), "9"},
    {S("\033On"), "."},
    /* alt by ESC in front */
    {S("\033x"), "alt-x"}, {S("\033X"), "alt-X"}, {S("\033é"), "alt-é"}, {S("\033\r"), "alt-enter"},
    {S("\033\x7f"), "alt-backspace"}, {S("\033\x15"), "ctrl-alt-u"}, {S("\033 "), "alt-space"},
    {S("\033\033x"), "esc alt-x"}, {S("\033\033\033[A"), "esc alt-up"},
    /* characters that are spelled out */
    {S("\033[97;5u"), "ctrl-a"}, {S("\033[97;2u"), "A"}, {S("\033[97u"), "a"},
    {S("\033[13;5u"), "ctrl-enter"}, {S("\033[9;2u"), "shift-tab"}, {S("\033[27u"), "esc"},
    {S("\033[127u"), "backspace"}, {S("\033[27;5;97~"), "ctrl-a"}, {S("\033[27;5;13~"), "ctrl-enter"},
    {S("\033[97:65;5u"), "ctrl-a"}, {S("\033[57358u"), "other"}, {S("\033[1114112u"), "other"},
    {S("\033[u"), "other"},
    /* answers */
    {S("\033[0n"), "answer"}, {S("\033[3n"), "answer"}, {S("\033\033[0n"), "esc answer"},
    {S("\033\033\033[0n"), "esc esc answer"}, {S("\033\033[200~A\033[201~"), "esc paste(A)"},
     {S("\033[0na"), "answer a"},
    {S("\033[?62;4c"), "other"}, {S("\033[24;80R"), "other"}, {S("\033[1;2R"), "shift-f3"}, {S("\033[?2026;2$y"), "other"},
    {S("\033[4;2$y"), "other"}, {S("\033[>0;276;0c"), "other"}, {S("\033[5n"), "other"},
    {S("\033]11;rgb:0000/0000/0000\007a"), "other a"},
    {S("\033]11;rgb:0000/0000/0000\033\\a"), "other a"},
    {S("\033P1+r544e=787465726d\033\\A"), "other A"}, {S("\033_Gi=1;OK\033\\"), "other"}, {S("\033]8;;\033x"), "other alt-x"},
    {S("\033]x\r"), "other enter"}, {S("\033\\"), "alt-\\"},
    /* mouse and focus that somebody left on */
    {S("\033[M !!a"), "other a"}, {S("\033[MAAAA"), "other A"}, {S("\033[<0;10;20Ma"), "other a"},
    {S("\033[<0;10;20ma"), "other a"}, {S("\033[32;10;20Ma"), "other a"}, {S("\033[Ia"), "other a"},
    {S("\033[Oa"), "other a"},
    /* not known, broken, too long */
    {S("\033[99~"), "other"}, {S("\033[X"), "other"}, {S("\033[~"), "other"}, {S("\033OX"), "other"},
    {S("\033[[Z"), "other"}, {S("\033[1;5\r"), "other enter"}, {S("\033[1;5\033[A"), "other up"},
    {S("\033O\r"), "other enter"}, {S("\033[[\033[A"), "other up"}, {S("\033[1é"), "other é"},
    {S("\033[0000000000000000000000000000000000000000000000000000000000000000000000000000005~A"),
     "other A"},
    {S("\033[4294967297~"), "other"}, {S("\033[1;2;3;4;5;6;7A"), "shift-up"},
    {S("\033[200~text\033[201~"), "paste(text)"}, {S("\033[200~\033[201~"), "paste()"},
    {S("\033[201~"), "other"}, {S("\033[200~A\033[201~A"), "paste(A) A"},
    {S("\033[200~a\033[0nb\033[201~"), "answer paste(ab)"},
    {S("\033[200~a\033[Ab\033\033[201~"), "paste(a\033[Ab\033)"},
    {S("\033[200~\033[200~x\033[201~"), "paste(\033[200~x)"},
    {S("\033[200~\r\033[201\033[201~"), "paste(\r\033[201)"},
    /* broken UTF-8 is dropped, what follows is not */
    {S("\xff" "a"), "a"}, {S("\x80" "a"), "a"}, {S("\xc3" "a"), "a"}, {S("\xe6\x97" "a"), "a"},
    {S("\xe6\xc3\xa9"), "é"}, {S("\xc0\xaf" "a"), "a"}, {S("\xed\xa0\x80" "a"), "a"},
    {S("\xf4\x90\x80\x80" "a"), "a"}, {S("\xc2\x9b" "A"), "A"}, {S("\xe6\033[A"), "up"},
    {S("\033\xff" "a"), "a"},
};

static void check(struct bench *b, size_t i, const char *how, size_t at)
{
    if (strcmp(b->seen.text.p, table[i].keys) != 0)
        fail_msg("sequence %zu, %s %zu: '%s' is expected, '%s' came", i, how, at, table[i].keys,
                 b->seen.text.p);
    rk_buf_clear(&b->seen.text);
    assert_int_equal(term_decoder_wait(b->d, b->now), -1); /* nothing is left open */
}

static void in_one_piece(void **state)
{
    struct bench *b = *state;

    for (size_t i = 0; i < RK_LEN(table); i++) {
        feed(b->d, &b->seen, table[i].bytes, b->now);
        check(b, i, "whole", 0);
    }
}

/* Right behind an ESC the clock decides; everywhere else it must not. */
static void split_at_every_byte(struct bench *b, uint64_t ms)
{
    for (size_t i = 0; i < RK_LEN(table); i++)
        for (size_t at = 1; at < table[i].bytes.n; at++) {
            rk_str all = table[i].bytes;
            bool lone = all.p[at - 1] == 033;

            feed(b->d, &b->seen, (rk_str){all.p, at}, b->now);
            pass(b, lone && ms > 400 ? 400 : ms);
            feed(b->d, &b->seen, (rk_str){all.p + at, all.n - at}, b->now);
            check(b, i, "split at", at);
        }
}

static void split_without_time(void **state)
{
    split_at_every_byte(*state, 0);
}

static void split_with_a_little_time(void **state)
{
    split_at_every_byte(*state, 24);
}

static void split_with_much_time_while_an_answer_is_awaited(void **state)
{
    struct bench *b = *state;

    term_decoder_await(b->d, true);
    split_at_every_byte(b, 3600000);
}

static void byte_by_byte(void **state)
{
    struct bench *b = *state;

    for (size_t i = 0; i < RK_LEN(table); i++) {
        for (size_t at = 0; at < table[i].bytes.n; at++) {
            feed(b->d, &b->seen, (rk_str){table[i].bytes.p + at, 1}, b->now);
            pass(b, 20);
        }
        check(b, i, "bytes", 0);
    }
}

/* Any two in a row are the keys of the one and of the other: nothing is carried over. */
static void one_after_the_other(void **state)
{
    struct bench *b = *state;

    for (size_t i = 0; i < RK_LEN(table); i++)
        for (size_t j = 0; j < RK_LEN(table); j++) {
            feed(b->d, &b->seen, table[i].bytes, b->now);
            rk_buf_clear(&b->seen.text);
            feed(b->d, &b->seen, table[j].bytes, b->now);
            check(b, j, "after", i);
        }
}

/* Split anywhere they are the same; of what is no left button and no wheel nothing is left. */
static void mouse_reports_when_asked_for(void **state)
{
    static const struct { const char *bytes, *seen; } rows[] = {
        {"\033[<0;10;20Ma", "click@9,19 a"}, {"\033[<0;10;20ma", "other a"},
        {"\033[<64;1;1M", "up@0,0"}, {"\033[<65;200;60M", "down@199,59"},
        {"\033[<2;3;4M", "other"}, {"\033[<35;3;4M", "other"}, {"\033[<4;3;4M", "other"},
        {"\033[<0;0;4M", "other"}, {"\033[<0;4M", "other"}, {"\033[<;;Mj", "other j"},
        {"\033[<0;1;1;1M", "other"}};
    struct bench *b = *state;

    term_decoder_mouse(b->d, true);
    for (size_t i = 0; i < RK_LEN(rows); i++)
        for (size_t cut = 0; cut <= strlen(rows[i].bytes); cut++) {
            feed(b->d, &b->seen, (rk_str){rows[i].bytes, cut}, b->now);
            pass(b, 1000);      /* no time-out takes it apart */
            if (cut == 1)       /* a lone ESC is one */
                rk_buf_clear(&b->seen.text);
            feed(b->d, &b->seen, rk_str_c(rows[i].bytes + cut), b->now);
            if (cut != 1)
                assert_string_equal(b->seen.text.p, rows[i].seen);
            rk_buf_clear(&b->seen.text);
            pass(b, 1000);
            rk_buf_clear(&b->seen.text);
        }
    term_decoder_mouse(b->d, false);
    type(b, rows[0].bytes);
    assert_seen(b, "other a");
}

/* ---- the clock ---- */

static void a_lone_escape_is_a_key_after_25_ms(void **state)
{
    struct bench *b = *state;

    assert_int_equal(term_decoder_wait(b->d, b->now), -1);
    type(b, "\033");
    assert_int_equal(term_decoder_wait(b->d, b->now), 25);
    pass(b, 24);
    assert_seen(b, "");
    assert_int_equal(term_decoder_wait(b->d, b->now), 1);
    pass(b, 1);
    assert_seen(b, "esc");
    assert_int_equal(term_decoder_wait(b->d, b->now), -1);
    pass(b, 1000);
    assert_seen(b, "");
    type(b, "\033");
    pass(b, 10);
    type(b, "\033");
    pass(b, 24); /* counts from the last byte */
    assert_seen(b, "");
    pass(b, 1);
    assert_seen(b, "esc esc");
    type(b, "\033\033\033\033");
    assert_seen(b, "esc esc");
    pass(b, 25);
    assert_seen(b, "esc esc");
}

static void it_waits_longer_while_an_answer_is_awaited(void **state)
{
    struct bench *b = *state;

    term_decoder_await(b->d, true);
    type(b, "\033");
    assert_int_equal(term_decoder_wait(b->d, b->now), 500);
    pass(b, 499);
    assert_seen(b, "");
    pass(b, 1);
    assert_seen(b, "esc");
    type(b, "\033");
    pass(b, 60);
    type(b, "[0n");
    assert_seen(b, "answer");
    type(b, "\033");
    pass(b, 60);
    term_decoder_await(b->d, false); /* answered meanwhile: due at once */
    assert_int_equal(term_decoder_wait(b->d, b->now), 0);
    pass(b, 0);
    assert_seen(b, "esc");
}

static void after_csi_there_is_no_time_out(void **state)
{
    struct bench *b = *state;

    type(b, "\033[");
    assert_int_equal(term_decoder_wait(b->d, b->now), -1);
    pass(b, 3600000);
    type(b, "20");
    pass(b, 3600000);
    assert_seen(b, "");
    type(b, "1~");
    assert_seen(b, "other");
    type(b, "\033O");
    pass(b, 3600000);
    type(b, "A"); /* not the key that applies a plan */
    assert_seen(b, "up");
}

/* ---- pastes ---- */

static void a_long_paste_is_cut_and_says_so(void **state)
{
    struct bench *b = *state;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    char tail[40];

    rk_buf_c(&text, "\033[200~");
    for (size_t i = 0; i < 70000; i++)
        rk_buf_ch(&text, (char)('a' + i % 26));
    rk_buf_c(&text, "\033[201~A");
    feed(b->d, &b->seen, rk_buf_view(&text), b->now);
    assert_int_equal(b->seen.text.n, strlen("paste()") + 65536 + strlen("-4464 A"));
    snprintf(tail, sizeof(tail), "%c)-4464 A", 'a' + 65535 % 26);
    assert_string_equal(b->seen.text.p + b->seen.text.n - strlen(tail), tail);
    rk_buf_clear(&b->seen.text);
    type(b, "\033[200~x\033[201~");
    assert_seen(b, "paste(x)");
}

static void a_cut_leaves_no_half_character(void **state)
{
    struct bench *b = *state;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;

    for (size_t shift = 0; shift < 3; shift++) {
        rk_buf_clear(&text);
        rk_buf_c(&text, "\033[200~");
        for (size_t i = 0; i < shift; i++)
            rk_buf_ch(&text, 'x');
        for (size_t i = 0; i < 22000; i++)
            rk_buf_c(&text, "日");
        rk_buf_c(&text, "\033[201~");
        feed(b->d, &b->seen, rk_buf_view(&text), b->now);
        assert_true(rk_utf8_valid(rk_buf_view(&b->seen.text)));
        assert_true(b->seen.text.n > 65530);
        rk_buf_clear(&b->seen.text);
    }
}

static void an_escape_ends_a_paste_that_has_no_end(void **state)
{
    struct bench *b = *state;

    type(b, "\033[200~lost");
    pass(b, 3600000);
    assert_seen(b, "");
    assert_int_equal(term_decoder_wait(b->d, b->now), -1);
    type(b, "\033");
    assert_int_equal(term_decoder_wait(b->d, b->now), 500);
    pass(b, 499);
    assert_seen(b, "");
    pass(b, 1);
    assert_seen(b, "paste(lost) esc");
    type(b, "x");
    assert_seen(b, "x");
}

/* ---- anything ---- */

static void count_all(const struct term_key *k, void *ctx)
{
    size_t *n = ctx;

    assert_true(k->code > TERM_KEY_NONE && k->code <= TERM_KEY_OTHER);
    if (k->code == TERM_KEY_CHAR) {
        assert_true(k->ch >= 0x20 && k->ch != 0x7f && (k->ch < 0x80 || k->ch >= 0xa0));
        assert_true((k->mods & TERM_SHIFT) == 0);
    }
    if (k->code == TERM_KEY_F)
        assert_in_range(k->ch, 1, 20);
    ++*n;
}

static void any_bytes_are_survived(void **state)
{
    static const char likely[] = "\033\033\033[[O;0123456789~$^@AMPZu\x80\xe6\x97\xa5 \r\0n<?]";
    struct bench *b = *state;
    uint32_t x = 42;
    size_t n = 0;

    for (int i = 0; i < 300000; i++) {
        char c;
        x = x * 1664525u + 1013904223u;
        c = x & 0x80000000u ? likely[(x >> 8) % (sizeof(likely) - 1)] : (char)(x >> 16);
        term_decoder_feed(b->d, (rk_str){&c, 1}, b->now, count_all, &n);
        if (x % 11 == 0) {
            b->now += 600;
            term_decoder_tick(b->d, b->now, count_all, &n);
        }
    }
    assert_true(n > 10000);
}

/* ---- names ---- */

static void names_are_read_and_written(void **state)
{
    static const char *const names[] = {
        "j", "J", "-", "ctrl--", "alt--", "é", "space", "ctrl-space", "ctrl-u", "alt-x", "alt-X",
        "ctrl-alt-x", "enter", "tab", "shift-tab", "esc", "backspace", "delete", "insert", "up",
        "down", "left", "right", "home", "end", "pgup", "pgdn", "f1", "f5", "f20", "shift-f12",
        "ctrl-shift-left", "ctrl-alt-shift-pgdn", "?", ":", "/", "[", "}", "ctrl-\\",
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(names); i++) {
        struct term_key k, again;
        char name[24];

        if (!term_key_parse(rk_str_c(names[i]), &k))
            fail_msg("%s is not read", names[i]);
        term_key_name(&k, name);
        assert_string_equal(name, names[i]);
        assert_true(term_key_parse(rk_str_c(name), &again));
        assert_true(term_key_same(&k, &again));
    }
}

static void other_spellings(void **state)
{
    static const char *const pairs[][2] = {
        {"ctrl-U", "ctrl-u"}, {"alt-ctrl-u", "ctrl-alt-u"}, {"escape", "esc"}, {"return", "enter"},
        {"pagedown", "pgdn"}, {"pageup", "pgup"}, {"del", "delete"}, {"ins", "insert"}, {" ", "space"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(pairs); i++) {
        struct term_key k;
        char name[24];

        assert_true(term_key_parse(rk_str_c(pairs[i][0]), &k));
        term_key_name(&k, name);
        assert_string_equal(name, pairs[i][1]);
    }
}

static void what_is_no_name(void **state)
{
    static const char *const names[] = {
        "", "ctrl-", "shift-j", "f0", "f21", "f01", "f", "foo", "jj", "ctrl-ctrl-u", "UP", "\x01",
        "\xff", "\x7f", "paste", "answer", "f5x", "-j",
    };
    struct term_key k = {.code = TERM_KEY_UP}, f = {.code = TERM_KEY_NONE};

    (void)state;
    for (size_t i = 0; i < RK_LEN(names); i++)
        if (strcmp(names[i], "f") == 0)
            assert_true(term_key_parse(rk_str_c(names[i]), &f)); /* a letter like any other */
        else if (term_key_parse(rk_str_c(names[i]), &k))
            fail_msg("'%s' is read", names[i]);
    assert_int_equal(k.code, TERM_KEY_UP); /* untouched */
    assert_int_equal(f.ch, 'f');
}

static void what_is_typed_is_what_is_named(void **state)
{
    struct bench *b = *state;
    struct term_key k;

    assert_true(term_key_parse(RK_STR("ctrl-u"), &k));
    assert_true(k.code == TERM_KEY_CHAR && k.mods == TERM_CTRL && k.ch == 'u');
    type(b, "\x15");
    assert_seen(b, "ctrl-u");
    struct term_key up = {.code = TERM_KEY_UP, .ch = 7}, up2 = {.code = TERM_KEY_UP};
    assert_true(term_key_same(&up, &up2));
    up2.mods = TERM_ALT;
    assert_false(term_key_same(&up, &up2));
    struct term_key f1 = {.code = TERM_KEY_F, .ch = 1}, f2 = {.code = TERM_KEY_F, .ch = 2};
    assert_false(term_key_same(&f1, &f2));
    term_decoder_free(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(in_one_piece),
        T(split_without_time),
        T(split_with_a_little_time),
        T(split_with_much_time_while_an_answer_is_awaited),
        T(byte_by_byte),
        T(one_after_the_other),
        T(mouse_reports_when_asked_for), T(a_lone_escape_is_a_key_after_25_ms),
        T(it_waits_longer_while_an_answer_is_awaited),
        T(after_csi_there_is_no_time_out),
        T(a_long_paste_is_cut_and_says_so),
        T(a_cut_leaves_no_half_character),
        T(an_escape_ends_a_paste_that_has_no_end),
        T(any_bytes_are_survived),
        cmocka_unit_test(names_are_read_and_written),
        cmocka_unit_test(other_spellings),
        cmocka_unit_test(what_is_no_name),
        T(what_is_typed_is_what_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
