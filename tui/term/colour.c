/*
 * colour.c: colours of the xterm palette. In: a word of a theme file; a style and how many colours a
 * terminal has. Out: a number of the palette; the style that comes nearest with those colours.
 */
#include "term_int.h"

static const char *const colour_names[] = {
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
    "bright-magenta", "bright-cyan", "bright-white",
};
static const int cube_level[] = {0, 95, 135, 175, 215, 255};

struct rgb { int r, g, b; };

/* A colour of the fixed part of the xterm palette: the cube 16 to 231, the greys from 232 on. */
static struct rgb rgb_of(int n)
{
    int i = n - 16, grey = 8 + 10 * (n - 232);

    if (n >= 232)
        return (struct rgb){grey, grey, grey};
    return (struct rgb){cube_level[i / 36], cube_level[i / 6 % 6], cube_level[i % 6]};
}

static int colour_nearest(struct rgb c)
{
    int best = 16, least = INT32_MAX;

    for (int n = 16; n < 256; n++) {
        struct rgb p = rgb_of(n);
        int far = (p.r - c.r) * (p.r - c.r) + (p.g - c.g) * (p.g - c.g) +
                  (p.b - c.b) * (p.b - c.b);

        if (far < least) {
            least = far;
            best = n;
        }
    }
    return best;
}

static bool hex_colour(rk_str word, int *out)
{
    unsigned value = 0;

    if (word.n != 7 || word.p[0] != '#')
        return false;
    for (size_t i = 1; i < 7; i++) {
        static const char digits[] = "0123456789abcdef";
        char c = word.p[i] >= 'A' && word.p[i] <= 'F' ? (char)(word.p[i] + 32) : word.p[i];
        const char *at = c ? strchr(digits, c) : NULL;

        if (!at)
            return false;
        value = value << 4 | (unsigned)(at - digits);
    }
    *out = colour_nearest((struct rgb){(int)(value >> 16), value >> 8 & 255, value & 255});
    return true;
}

bool colour_read(rk_str word, int *out)
{
    int64_t n;

    if (rk_str_is(word, "-")) {
        *out = -1;
        return true;
    }
    if (rk_str_int(word, &n) && n >= 0 && n <= 255) {
        *out = (int)n;
        return true;
    }
    for (size_t i = 0; i < RK_LEN(colour_names); i++)
        if (rk_str_is(word, colour_names[i])) {
            *out = (int)i;
            return true;
        }
    return hex_colour(word, out);
}

static int max3(struct rgb c)
{
    int m = c.r > c.g ? c.r : c.g;

    return m > c.b ? m : c.b;
}

static int min3(struct rgb c)
{
    int m = c.r < c.g ? c.r : c.g;

    return m < c.b ? m : c.b;
}

static bool is_grey(struct rgb c)
{
    return (max3(c) - min3(c)) * 5 < max3(c);
}

/* The one of 16 with the same hue: distance alone would turn every soft colour into grey. */
static int hue_of(struct rgb c)
{
    int mid = (max3(c) + min3(c)) / 2;

    return (c.r > mid) | (c.g > mid) << 1 | (c.b > mid) << 2;
}

static int colour_of_16(int n)
{
    struct rgb c = rgb_of(n);

    if (is_grey(c))
        return max3(c) < 60 ? 0 : max3(c) < 160 ? 8 : max3(c) < 230 ? 7 : 15;
    return hue_of(c) + (max3(c) >= 215 ? 8 : 0);
}

/* A tone of grey behind text is not among 16 colours; turned round, the text still stands out. */
static void limit_ground(struct term_style *s)
{
    if (s->bg >= 16 && is_grey(rgb_of(s->bg))) {
        s->bg = -1;
        s->attrs |= TERM_REVERSE;
    } else if (s->bg >= 16) {
        s->bg = hue_of(rgb_of(s->bg));
    }
    if (s->bg >= 0 && s->fg == s->bg)
        s->fg = -1;
}

/* Eight colours: bold is the usual stand-in for the bright ones. */
static void limit_bright(struct term_style *s)
{
    if (s->fg == 8) {
        s->fg = -1;
        s->attrs |= TERM_FAINT;
    } else if (s->fg > 8) {
        s->fg -= 8;
        s->attrs |= TERM_BOLD;
    }
    if (s->bg == 8) {
        s->bg = -1;
        s->attrs |= TERM_REVERSE;
    } else if (s->bg > 8) {
        s->bg -= 8;
    }
    if (s->bg >= 0 && s->fg == s->bg)
        s->fg = -1;
}

struct term_style theme_limit(struct term_style s, int colors, bool bright)
{
    if (colors >= 256)
        return s;
    if (colors < 8)
        return (struct term_style){-1, -1, s.attrs};
    if (s.fg >= 16)
        s.fg = colour_of_16(s.fg);
    limit_ground(&s);
    if (!bright)
        limit_bright(&s);
    return s;
}
