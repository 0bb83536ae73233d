/*
 * decode_fuzz.c: libFuzzer's entry for the room's two readers of foreign bytes: a terminal's input,
 * whole and byte by byte with the clock between (both must say the same as long as no ESC is alone),
 * and a theme file.
 */
#include <stdlib.h>

#include "term/term.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void note(const struct term_key *k, void *ctx)
{
    char name[24];

    term_key_name(k, name);
    rk_buf_f(ctx, "%s/%zu ", name, k->paste.n);
}

static void feed(rk_str text, size_t step, struct rk_buf *out)
{
    struct term_decoder *d = term_decoder_new();
    uint64_t now = 1;

    for (size_t at = 0; at < text.n; at += step) {
        size_t n = text.n - at < step ? text.n - at : step;

        term_decoder_feed(d, (rk_str){text.p + at, n}, now, note, out);
        term_decoder_tick(d, now += 24, note, out);
    }
    term_decoder_tick(d, now + 600, note, out);
    term_decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    rk_auto(rk_buf_release) struct rk_buf whole = RK_BUF_INIT, split = RK_BUF_INIT;
    rk_str text = {(const char *)bytes, n};
    struct term_theme theme;

    feed(text, n ? n : 1, &whole);
    feed(text, 1, &split);
    if (!rk_str_eq(rk_buf_view(&whole), rk_buf_view(&split)))
        abort();
    if (term_theme_read(text, "x.theme", &theme, NULL) == 0 && !theme.name[0])
        abort();
    return 0;
}
