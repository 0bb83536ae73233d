/*
 * width.c: how many columns text takes. In: UTF-8. Out: characters, columns, where to cut.
 *
 * The C library's wcwidth decides: ncurses asks the same one, so both agree on where a character
 * stands. A locale that is not UTF-8 has ASCII only; anything else is one '?' there.
 */
#include "term_int.h"

#include <langinfo.h>
#include <locale.h>

#include "reckon/text.h"

bool width_utf8(void)
{
    static bool asked;
    const char *now = asked ? NULL : setlocale(LC_CTYPE, NULL);

    if (now && rk_streq(now, "C"))
        setlocale(LC_CTYPE, "");
    asked = true;
    return rk_streq(nl_langinfo(CODESET), "UTF-8");
}

size_t width_next(rk_str text, wchar_t *c, int *cols)
{
    uint32_t code = 0;
    size_t n = rk_utf8_next(text.p, text.n, &code);
    int w = n && (code < 0x80 || width_utf8()) ? wcwidth((wchar_t)code) : -1;

    if (code == 0 || w < 0 || w > 2) {
        *c = L'?';
        *cols = 1;
    } else {
        *c = (wchar_t)code;
        *cols = w;
    }
    return n ? n : 1;
}

size_t term_fit(rk_str text, int max, int *cols)
{
    size_t at = 0;
    int used = 0, w;
    wchar_t c;

    while (at < text.n) {
        size_t n = width_next((rk_str){text.p + at, text.n - at}, &c, &w);

        if (used + w > max)
            break;
        used += w;
        at += n;
    }
    if (cols)
        *cols = used;
    return at;
}

int term_width(rk_str text)
{
    int cols;

    term_fit(text, INT32_MAX, &cols);
    return cols;
}
