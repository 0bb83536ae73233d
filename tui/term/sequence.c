/*
 * sequence.c: what a whole sequence means. In: its numbers and its last byte. Out: a key; of code
 * TERM_KEY_OTHER when it means nothing here. Pure tables; the bytes are put together by decode.c.
 *
 * xterm's sequences (ctlseqs), the linux console's (console_codes(4)), rxvt's (its small letters and
 * the finals $ ^ @), and characters spelled out (modifyOtherKeys, the kitty protocol's CSI u).
 */
#include "term_int.h"

bool sequence_params(rk_str bytes, struct params *p)
{
    bool rest = false;

    *p = (struct params){.n = bytes.n ? 1 : 0};
    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];

        if (c == ';' || c == ':') {
            rest = c == ':';
            p->n += c == ';';
        } else if (c < '0' || c > '9') {
            return false;
        } else if (!rest && p->n <= RK_LEN(p->v)) {
            unsigned *v = &p->v[p->n - 1];
            *v = *v < 0x200000 ? *v * 10 + (unsigned)(c - '0') : *v;
        }
    }
    return true;
}

static struct term_key key_of(enum term_key_code code, unsigned mods)
{
    return (struct term_key){.code = code, .mods = code == TERM_KEY_OTHER ? 0 : mods};
}

static struct term_key key_char(uint32_t ch, unsigned mods)
{
    return (struct term_key){.code = TERM_KEY_CHAR, .mods = mods & ~(unsigned)TERM_SHIFT, .ch = ch};
}

static struct term_key key_f(uint32_t n, unsigned mods)
{
    return (struct term_key){.code = TERM_KEY_F, .mods = mods, .ch = n};
}

static unsigned mods_of(unsigned param)
{
    unsigned bits = param > 1 ? param - 1 : 0;

    return (bits & 1 ? TERM_SHIFT : 0) | (bits & (2 | 8) ? TERM_ALT : 0) |
           (bits & 4 ? TERM_CTRL : 0);
}

struct term_key sequence_control(unsigned c, unsigned mods)
{
    switch (c) {
    case '\r':
    case '\n':
        return key_of(TERM_KEY_ENTER, mods);
    case '\t':
        return key_of(TERM_KEY_TAB, mods);
    case '\b':
    case 0x7f:
        return key_of(TERM_KEY_BACKSPACE, mods & ~(unsigned)TERM_SHIFT);
    case 0x1b:
        return key_of(TERM_KEY_ESC, mods);
    case 0:
        return key_char(' ', mods | TERM_CTRL);
    default:
        return key_char(c + (c < 27 ? 0x60 : 0x40), mods | TERM_CTRL);
    }
}

/* rxvt writes arrows with shift (CSI) and with ctrl (SS3) as small letters. */
static struct term_key letter(char c, unsigned mods, unsigned small)
{
    static const struct { char final; enum term_key_code code; } letters[] = {
        {'A', TERM_KEY_UP}, {'B', TERM_KEY_DOWN}, {'C', TERM_KEY_RIGHT}, {'D', TERM_KEY_LEFT},
        {'H', TERM_KEY_HOME}, {'F', TERM_KEY_END}, {'Z', TERM_KEY_TAB}, {'M', TERM_KEY_ENTER},
    };

    if (c >= 'a' && c <= 'd') {
        c = (char)(c - 'a' + 'A');
        mods |= small;
    }
    if (c == 'Z')
        mods |= TERM_SHIFT;
    if (c >= 'P' && c <= 'S')
        return key_f((uint32_t)(c - 'P' + 1), mods);
    for (size_t i = 0; i < RK_LEN(letters); i++)
        if (c == letters[i].final)
            return key_of(letters[i].code, mods);
    return key_of(TERM_KEY_OTHER, 0);
}

/* `CSI 5 ~`; the numbers of the function keys have gaps where old keyboards had them. */
static struct term_key tilde(unsigned n, unsigned mods)
{
    static const enum term_key_code codes[] = {
        TERM_KEY_OTHER, TERM_KEY_HOME, TERM_KEY_INSERT, TERM_KEY_DELETE, TERM_KEY_END,
        TERM_KEY_PAGE_UP, TERM_KEY_PAGE_DOWN, TERM_KEY_HOME, TERM_KEY_END,
    };
    static const unsigned char f[] = {
        [11] = 1, [12] = 2, [13] = 3, [14] = 4, [15] = 5, [17] = 6, [18] = 7, [19] = 8, [20] = 9,
        [21] = 10, [23] = 11, [24] = 12, [25] = 13, [26] = 14, [28] = 15, [29] = 16, [31] = 17,
        [32] = 18, [33] = 19, [34] = 20,
    };

    if (n < RK_LEN(codes))
        return key_of(codes[n], mods);
    return n < RK_LEN(f) && f[n] ? key_f(f[n], mods) : key_of(TERM_KEY_OTHER, 0);
}

/* A character with its modifiers spelled out: `CSI 97 ; 5 u`, `CSI 27 ; 5 ; 97 ~`. */
static struct term_key spelled(unsigned ch, unsigned mods)
{
    bool upper = ch >= 'A' && ch <= 'Z', lower = ch >= 'a' && ch <= 'z';

    if (ch < 0x20 || ch == 0x7f)
        return sequence_control(ch, mods);
    if (ch > 0x10ffff || (ch >= 0x80 && ch < 0xa0) || (ch >= 0xd800 && ch < 0xf900))
        return key_of(TERM_KEY_OTHER, 0); /* no characters; U+E000 and on stand for keys */
    if (mods & TERM_CTRL && upper)
        ch += 0x20;
    else if (mods & TERM_SHIFT && lower && !(mods & TERM_CTRL))
        ch -= 0x20;
    return key_char(ch, mods);
}

struct term_key sequence_csi(const struct params *p, char final)
{
    unsigned mods = mods_of(p->n > 1 ? p->v[1] : 0);

    switch (final) {
    case '~':
        return p->n == 3 && p->v[0] == 27 ? spelled(p->v[2], mods) : tilde(p->v[0], mods);
    case '$': /* rxvt: shift, ctrl, both */
        return tilde(p->v[0], TERM_SHIFT);
    case '^':
        return tilde(p->v[0], TERM_CTRL);
    case '@':
        return tilde(p->v[0], TERM_SHIFT | TERM_CTRL);
    case 'u':
        return p->n ? spelled(p->v[0], mods) : key_of(TERM_KEY_OTHER, 0);
    case 'n':
        return key_of(p->n == 1 && (p->v[0] == 0 || p->v[0] == 3) ? TERM_KEY_ANSWER
                                                                  : TERM_KEY_OTHER, 0);
    case 'M': /* urxvt's mouse */
        return key_of(TERM_KEY_OTHER, 0);
    default: /* CSI 24 ; 80 R would be a position, not F3 */
        return p->v[0] <= 1 ? letter(final, mods, TERM_SHIFT) : key_of(TERM_KEY_OTHER, 0);
    }
}

struct term_key sequence_ss3(const struct params *p, char final)
{
    static const char keypad[] = "*+,-./0123456789"; /* from 'j' on, in ASCII's order */
    unsigned mods = p->n && p->n <= RK_LEN(p->v) ? mods_of(p->v[p->n - 1]) : 0;

    if (final >= 'j' && final <= 'y')
        return key_char((unsigned char)keypad[final - 'j'], mods);
    return letter(final, mods, TERM_CTRL);
}

/* The left button goes down, or the wheel turns: with shift, alt or ctrl it is the terminal's. */
struct term_key sequence_mouse(const struct params *p, bool press)
{
    static const struct { unsigned button; enum term_key_code code; } buttons[] = {
        {0, TERM_KEY_CLICK}, {64, TERM_KEY_WHEEL_UP}, {65, TERM_KEY_WHEEL_DOWN}};
    struct term_key k = {.code = TERM_KEY_OTHER};

    for (size_t i = 0; press && p->n == 3 && p->v[1] && p->v[2] && i < RK_LEN(buttons); i++)
        if (p->v[0] == buttons[i].button)
            k = (struct term_key){.code = buttons[i].code, .x = (int)p->v[1] - 1,
                                  .y = (int)p->v[2] - 1};
    return k;
}

struct term_key sequence_linux(char final)
{
    return final >= 'A' && final <= 'E' ? key_f((uint32_t)(final - 'A' + 1), 0)
                                        : key_of(TERM_KEY_OTHER, 0);
}
