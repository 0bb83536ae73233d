/*
 * names.c: names of documents and environments as file names. In: any text. Out: a path below the
 * state folder that the text can neither leave nor break. Owns nothing; touches no file.
 */
#include "record/record_int.h"

#include "base/hash.h"

static bool plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

static void put(struct rk_buf *out, const char *text, bool slash)
{
    bool first = true;
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if ((plain(c) && !(first && c == '.')) || (slash && c == '/'))
            rk_buf_ch(out, *p);
        else
            rk_buf_f(out, "%%%02X", c);
        first = c == '/';
    }
}

char *record_path(const char *dir, const char *name, const char *suffix)
{
    struct rk_buf out = RK_BUF_INIT;
    rk_buf_f(&out, "%s/", dir);
    put(&out, name, true);
    rk_buf_c(&out, suffix);
    return rk_buf_take(&out);
}

char *record_part(const char *text)
{
    struct rk_buf out = RK_BUF_INIT;
    put(&out, text, false);
    return rk_buf_take(&out);
}

char *record_unpart(rk_str part)
{
    rk_auto(rk_buf_release) struct rk_buf out = RK_BUF_INIT;
    for (size_t i = 0; i < part.n; i++) {
        uint8_t byte = (uint8_t)part.p[i];
        if (part.p[i] == '%') {
            if (part.n - i < 3 || !rk_unhex((rk_str){part.p + i + 1, 2}, &byte, 1) || byte == 0)
                return NULL;
            i += 2;
        }
        rk_buf_ch(&out, (char)byte);
    }
    return rk_buf_take(&out);
}
