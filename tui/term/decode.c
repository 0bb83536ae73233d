/*
 * decode.c: raw bytes of a terminal into keys. In: bytes, split anywhere, and the time. Out: keys,
 * pastes whole, status answers.
 *
 * ncurses is not asked: a sequence that arrives in two pieces was measured to come out of it as
 * single keys, a capital A among them. So here what looks like the beginning of a sequence is never
 * taken apart again: it ends as a key or as TERM_KEY_OTHER. Only a lone ESC waits for the clock.
 * Owns the unfinished sequence, character and paste.
 */
#include <stdlib.h>

#include "reckon/text.h"
#include "term_int.h"

enum {
    ESC = 0x1b,
    LONE_MS = 25, LONE_AWAITED_MS = 500,
    SEQ_MAX = 64,               /* longer ones are swallowed */
    PASTE_MAX = 64 * 1024,
};

enum state {
    GROUND,
    UTF8,           /* within a character */
    ESCAPED,        /* after ESC */
    CSI,            /* after ESC [ */
    SS3,            /* after ESC O */
    LINUX,          /* after ESC [ [ */
    MOUSE,          /* after ESC [ M: three bytes, of a mode that somebody left on */
    STRING,         /* after ESC ] P _: to BEL or ST */
    PASTE, PASTE_ESC,
};

struct term_decoder {
    enum state state;
    char seq[SEQ_MAX];
    size_t n;                   /* may pass SEQ_MAX: what is beyond is not kept */
    int escs;                   /* ESCAPED: how many, 1 or 2 */
    bool alt;                   /* what is being read had an ESC of its own in front */
    bool in_string;             /* ESCAPED: out of a string; a \ only ends that */
    bool awaited, mouse;
    uint64_t esc_ms;
    size_t need;                /* UTF8: bytes of the character */
    struct rk_buf paste;
    size_t paste_lost;
    term_key_fn fn;             /* during a feed */
    void *ctx;
};

struct term_decoder *term_decoder_new(void)
{
    struct term_decoder *d = rk_alloc(sizeof(*d));

    d->paste = RK_BUF_INIT;
    return d;
}

void term_decoder_free(struct term_decoder *d)
{
    if (d)
        rk_buf_release(&d->paste);
    free(d);
}

/* ---- keys out ---- */

/* In front of what the terminal itself sends, no key, an ESC is a key of its own: Esc was pressed
 * while the answer was on its way. */
static void tell_esc_alone(struct term_decoder *d)
{
    const struct term_key esc = {.code = TERM_KEY_ESC};

    if (d->alt)
        d->fn(&esc, d->ctx);
    d->alt = false;
}

static void tell(struct term_decoder *d, struct term_key k)
{
    if (k.code == TERM_KEY_ANSWER)
        tell_esc_alone(d);
    if (d->alt && k.code != TERM_KEY_OTHER)
        k.mods |= TERM_ALT;
    d->alt = false;
    d->fn(&k, d->ctx);
}

static void tell_code(struct term_decoder *d, enum term_key_code code)
{
    tell(d, (struct term_key){.code = code});
}

static void tell_char(struct term_decoder *d, uint32_t ch)
{
    tell(d, (struct term_key){.code = TERM_KEY_CHAR, .ch = ch});
}

static void end_sequence(struct term_decoder *d)
{
    d->state = GROUND;
    d->n = 0;
}

static void tell_other(struct term_decoder *d)
{
    end_sequence(d);
    tell_code(d, TERM_KEY_OTHER);
}

static void keep(struct term_decoder *d, char c)
{
    if (d->n < SEQ_MAX)
        d->seq[d->n] = c;
    d->n++;
}

static void begin_paste(struct term_decoder *d)
{
    tell_esc_alone(d);
    rk_buf_clear(&d->paste);
    d->paste_lost = 0;
    d->n = 0;
    d->state = PASTE;
}

/* false: no numbers, or more than is kept. */
static bool read_params(const struct term_decoder *d, struct params *p)
{
    return d->n <= SEQ_MAX && sequence_params((rk_str){d->seq, d->n}, p);
}

/* "<0;10;20": what a terminal that speaks SGR 1006 says of the mouse. */
static bool mouse_params(const struct term_decoder *d, struct params *p)
{
    return d->mouse && d->n > 1 && d->n <= SEQ_MAX && d->seq[0] == '<' &&
           sequence_params((rk_str){d->seq + 1, d->n - 1}, p);
}

static void csi_end(struct term_decoder *d, char final)
{
    struct params p;
    bool plain = read_params(d, &p);

    if (!plain && (final == 'M' || final == 'm') && mouse_params(d, &p)) {
        end_sequence(d);
        tell(d, sequence_mouse(&p, final == 'M'));
    } else if (final == 'M' && d->n == 0) {
        d->state = MOUSE;
    } else if (plain && final == '~' && p.n == 1 && p.v[0] == 200) {
        begin_paste(d);
    } else if (plain) {
        end_sequence(d);
        tell(d, sequence_csi(&p, final));
    } else {
        tell_other(d);
    }
}

/* rxvt's `CSI 3 $` is complete; a report such as `CSI ? 2026 ; 2 $ y` is not. */
static bool rxvt_dollar(const struct term_decoder *d)
{
    for (size_t i = 0; i < d->n && i < SEQ_MAX; i++)
        if (d->seq[i] < '0' || d->seq[i] > '9')
            return false;
    return d->n > 0 && d->n < 3;
}

static void ground(struct term_decoder *d, unsigned char c);

/* A byte that no sequence holds: the sequence is over, the byte counts. */
static void broken(struct term_decoder *d, unsigned char c)
{
    tell_other(d);
    ground(d, c);
}

static void csi(struct term_decoder *d, unsigned char c)
{
    if (c == '[' && d->n == 0)
        d->state = LINUX;
    else if (c == '$' && rxvt_dollar(d))
        csi_end(d, '$');
    else if (c >= 0x20 && c <= 0x3f)
        keep(d, (char)c);
    else if (c >= 0x40 && c <= 0x7e)
        csi_end(d, (char)c);
    else
        broken(d, c);
}

/* The linux console's F1 to F5. */
static void linux_key(struct term_decoder *d, unsigned char c)
{
    if (c < 0x20 || c > 0x7e) {
        broken(d, c);
        return;
    }
    end_sequence(d);
    tell(d, sequence_linux((char)c));
}

static void ss3(struct term_decoder *d, unsigned char c)
{
    struct params p;

    if (c < 0x20 || c > 0x7e) {
        broken(d, c);
    } else if ((c >= '0' && c <= '9') || c == ';') {
        keep(d, (char)c);
    } else if (read_params(d, &p)) {
        end_sequence(d);
        tell(d, sequence_ss3(&p, (char)c));
    } else {
        tell_other(d);
    }
}

static void mouse(struct term_decoder *d, unsigned char c)
{
    (void)c;
    if (++d->n == 3)
        tell_other(d);
}

/* Someone's answer to a question that was not ours. A control byte ends it, should ST be lost. */
static void string(struct term_decoder *d, unsigned char c)
{
    if (c == 7)
        tell_other(d);
    else if (c < 0x20)
        broken(d, c);
    d->in_string = c == ESC;
}

/* ---- after ESC ---- */

static void escaped(struct term_decoder *d, unsigned char c)
{
    int escs = d->escs;

    if (c == ESC) {
        if (escs == 2)
            tell_code(d, TERM_KEY_ESC);
        d->escs = 2;
        return;
    }
    d->n = 0;
    if (c == '\\' && d->in_string && escs == 1) {
        d->state = GROUND;
        return;
    }
    if (c == '[' || c == 'O') {
        d->state = c == '[' ? CSI : SS3;
        d->alt = escs == 2; /* rxvt's alt with an arrow */
        return;
    }
    d->state = GROUND;
    if (escs == 2)
        tell_code(d, TERM_KEY_ESC);
    if (c == ']' || c == 'P' || c == '_') {
        d->state = STRING;
        return;
    }
    d->alt = true;
    ground(d, c);
}

static void begin_escape(struct term_decoder *d)
{
    d->state = ESCAPED;
    d->escs = 1;
    d->alt = d->in_string = false;
}

/* ---- characters ---- */

static void utf8_more(struct term_decoder *d, unsigned char c)
{
    uint32_t code;

    if ((c & 0xc0) != 0x80) {
        end_sequence(d);
        d->alt = false;
        ground(d, c);
        return;
    }
    keep(d, (char)c);
    if (d->n < d->need)
        return;
    size_t n = rk_utf8_next(d->seq, d->n, &code);
    end_sequence(d);
    if (n && code >= 0xa0)
        tell_char(d, code);
    d->alt = false;
}

static void ground(struct term_decoder *d, unsigned char c)
{
    if (c == ESC) {
        begin_escape(d);
    } else if (c < 0x20 || c == 0x7f) {
        tell(d, sequence_control(c, 0));
    } else if (c < 0x80) {
        tell_char(d, c);
    } else if (c >= 0xc2 && c <= 0xf4) {
        d->need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
        d->state = UTF8;
        d->n = 0;
        keep(d, (char)c);
    } else {
        d->alt = false;
    }
}

/* ---- pastes ---- */

static void paste_add(struct term_decoder *d, const char *p, size_t n)
{
    size_t room = PASTE_MAX - d->paste.n, kept = n < room ? n : room;

    rk_buf_add(&d->paste, p, kept);
    d->paste_lost += n - kept;
}

/* A cut within a character leaves no half of it. */
static void paste_trim(struct term_decoder *d)
{
    uint32_t code;

    for (size_t back = 1; d->paste_lost && back <= 3 && back <= d->paste.n; back++) {
        size_t at = d->paste.n - back;

        if (((unsigned char)d->paste.p[at] & 0xc0) == 0x80)
            continue;
        if (rk_utf8_next(d->paste.p + at, back, &code) == 0) {
            d->paste_lost += back;
            d->paste.n = at;
            d->paste.p[at] = 0;
        }
        return;
    }
}

static void paste_end(struct term_decoder *d)
{
    end_sequence(d);
    paste_trim(d);
    tell(d, (struct term_key){.code = TERM_KEY_PASTE, .paste = rk_buf_view(&d->paste),
                              .paste_lost = d->paste_lost});
    rk_buf_release(&d->paste);
}

/*
 * Within a paste only its end and a status answer are looked for; the terminal may put that in the
 * middle of a long paste. Anything else that begins with ESC belongs to the text.
 */
static void paste_escape(struct term_decoder *d, unsigned char c)
{
    static const char end[] = "\033[201~", answer[] = "\033[0n";

    if (c == ESC) {
        paste_add(d, d->seq, d->n);
        d->n = 0;
    }
    keep(d, (char)c);
    if (d->n == sizeof(end) - 1 && memcmp(d->seq, end, d->n) == 0) {
        paste_end(d);
    } else if (d->n == sizeof(answer) - 1 && memcmp(d->seq, answer, d->n) == 0) {
        d->n = 0;
        d->state = PASTE;
        tell_code(d, TERM_KEY_ANSWER);
    } else if (memcmp(d->seq, end, d->n) != 0 &&
               (d->n >= sizeof(answer) || memcmp(d->seq, answer, d->n) != 0)) {
        paste_add(d, d->seq, d->n);
        d->n = 0;
        d->state = PASTE;
    }
}

static void paste(struct term_decoder *d, unsigned char c)
{
    if (c == ESC) {
        d->state = PASTE_ESC;
        d->n = 0;
        keep(d, (char)c);
    } else {
        paste_add(d, (const char *)&c, 1);
    }
}

/* ---- in ---- */

static void one_byte(struct term_decoder *d, unsigned char c)
{
    static void (*const by_state[])(struct term_decoder *, unsigned char) = {
        [GROUND] = ground, [UTF8] = utf8_more, [ESCAPED] = escaped, [CSI] = csi, [SS3] = ss3,
        [LINUX] = linux_key, [MOUSE] = mouse, [STRING] = string, [PASTE] = paste,
        [PASTE_ESC] = paste_escape,
    };

    by_state[d->state](d, c);
}

/* ESC and nothing behind it yet: the only state that the clock ends. */
static bool is_lone(const struct term_decoder *d)
{
    return d->state == ESCAPED || (d->state == PASTE_ESC && d->n == 1);
}

void term_decoder_feed(struct term_decoder *d, rk_str bytes, uint64_t now_ms, term_key_fn fn,
                       void *ctx)
{
    d->fn = fn;
    d->ctx = ctx;
    for (size_t i = 0; i < bytes.n; i++)
        one_byte(d, (unsigned char)bytes.p[i]);
    if (bytes.n && is_lone(d))
        d->esc_ms = now_ms;
}

int term_decoder_wait(const struct term_decoder *d, uint64_t now_ms)
{
    bool longer = d->awaited || d->state == PASTE_ESC;
    uint64_t due = d->esc_ms + (longer ? LONE_AWAITED_MS : LONE_MS);

    if (!is_lone(d))
        return -1;
    return due > now_ms ? (int)(due - now_ms) : 0;
}

void term_decoder_tick(struct term_decoder *d, uint64_t now_ms, term_key_fn fn, void *ctx)
{
    int escs = d->state == ESCAPED ? d->escs : 1;

    if (term_decoder_wait(d, now_ms) != 0)
        return;
    d->fn = fn;
    d->ctx = ctx;
    if (d->state == PASTE_ESC)
        paste_end(d);
    end_sequence(d);
    for (int i = 0; i < escs; i++)
        tell_code(d, TERM_KEY_ESC);
}

void term_decoder_mouse(struct term_decoder *d, bool on)
{
    d->mouse = on;
}

void term_decoder_await(struct term_decoder *d, bool answer)
{
    d->awaited = answer;
}
