/*
 * yaml_scalar.c: what a plain YAML scalar is.
 *
 * In: its text and the typing. Out: null, bool, number, date or string, as Go's yaml.v3 takes it
 * for resources and yaml.v2 for kustomization files (reference/kustomize.md section 14). The words
 * are one table; a node keeps its row, so that doc_source can give back how it was written.
 */
#include "doc/doc_int.h"

#include <stdio.h>

#include "reckon/text.h"

static const struct word {
    const char *text;
    uint8_t type;
    bool boolean, old; /* old: a bool in YAML 1.1 only */
} words[] = {
    {"", DOC_NULL, false, false}, /* row 0 is "not spelled"; row 1 below is the empty text */
    {"", DOC_NULL, false, false},
    {"~", DOC_NULL, false, false},
    {"null", DOC_NULL, false, false},
    {"Null", DOC_NULL, false, false},
    {"NULL", DOC_NULL, false, false},
    {"true", DOC_BOOL, true, false},
    {"True", DOC_BOOL, true, false},
    {"TRUE", DOC_BOOL, true, false},
    {"false", DOC_BOOL, false, false},
    {"False", DOC_BOOL, false, false},
    {"FALSE", DOC_BOOL, false, false},
    {"y", DOC_BOOL, true, true},
    {"Y", DOC_BOOL, true, true},
    {"yes", DOC_BOOL, true, true},
    {"Yes", DOC_BOOL, true, true},
    {"YES", DOC_BOOL, true, true},
    {"on", DOC_BOOL, true, true},
    {"On", DOC_BOOL, true, true},
    {"ON", DOC_BOOL, true, true},
    {"n", DOC_BOOL, false, true},
    {"N", DOC_BOOL, false, true},
    {"no", DOC_BOOL, false, true},
    {"No", DOC_BOOL, false, true},
    {"NO", DOC_BOOL, false, true},
    {"off", DOC_BOOL, false, true},
    {"Off", DOC_BOOL, false, true},
    {"OFF", DOC_BOOL, false, true},
    {".nan", DOC_NUMBER, false, false},
    {".NaN", DOC_NUMBER, false, false},
    {".NAN", DOC_NUMBER, false, false},
    {".inf", DOC_NUMBER, false, false},
    {".Inf", DOC_NUMBER, false, false},
    {".INF", DOC_NUMBER, false, false},
    {"+.inf", DOC_NUMBER, false, false},
    {"+.Inf", DOC_NUMBER, false, false},
    {"+.INF", DOC_NUMBER, false, false},
    {"-.inf", DOC_NUMBER, false, false},
    {"-.Inf", DOC_NUMBER, false, false},
    {"-.INF", DOC_NUMBER, false, false},
};

rk_str doc_scalar_word(uint32_t spelled)
{
    return spelled < RK_LEN(words) ? rk_str_c(words[spelled].text) : RK_STR_NONE;
}

static uint32_t word_find(rk_str text)
{
    for (uint32_t i = 1; text.n <= 5 && i < RK_LEN(words); i++)
        if ((text.n == 0 || words[i].text[0] == text.p[0]) && rk_str_is(text, words[i].text))
            return i;
    return 0;
}

void doc_scalar_resolve(rk_str text, enum doc_typing typing, struct doc_scalar *out)
{
    *out = (struct doc_scalar){.type = DOC_STRING};
    if (text.n > 0 && !strchr("yYnNtTfFoO~.+-0123456789", text.p[0]))
        return;
    uint32_t at = word_find(text);
    if (at && (typing == DOC_CONFIG || !words[at].old)) {
        out->type = (enum doc_type)words[at].type;
        out->boolean = words[at].boolean;
        out->spelled = at;
        return;
    }
    if (text.n == 0 || text.p[0] > '9')
        return;
    if (doc_timestamp_is(text))
        out->timestamp = true;
    else if (doc_number_kind(text) != DOC_NUMBER_NONE)
        out->type = DOC_NUMBER;
}

bool doc_plain_is_text(rk_str text, enum doc_typing typing)
{
    struct doc_scalar s;
    doc_scalar_resolve(text, typing, &s);
    return s.type == DOC_STRING && (!s.timestamp || typing == DOC_CONFIG);
}

void doc_utf8_replace(struct rk_buf *out, rk_str bytes)
{
    for (size_t i = 0; i < bytes.n;) {
        uint32_t code;
        size_t n = rk_utf8_next(bytes.p + i, bytes.n - i, &code);
        if (n == 0)
            rk_utf8_put(out, 0xfffd);
        else
            rk_buf_add(out, bytes.p + i, n);
        i += n ? n : 1;
    }
}

/* ---- dates: Go's time.Parse with the four layouts of go-yaml ---- */
struct date {
    int year, month, day, hour, minute, second, offset; /* offset: minutes east */
    char fraction[10];
};

static bool take_digits(rk_str *s, size_t least, size_t most, int *out)
{
    size_t n = 0;
    int v = 0;
    while (n < most && n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    *out = v;
    s->p += n;
    s->n -= n;
    return n >= least;
}

static bool take_char(rk_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool take_fraction(rk_str *s, char out[10])
{
    if (s->n < 2 || (s->p[0] != '.' && s->p[0] != ',') || s->p[1] < '0' || s->p[1] > '9')
        return true;
    size_t i = 1, n = 0;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++)
        if (n < 9)
            out[n++] = s->p[i];
    while (n > 0 && out[n - 1] == '0')
        n--;
    out[n] = '\0';
    s->p += i;
    s->n -= i;
    return true;
}

static bool take_zone(rk_str *s, int *offset)
{
    if (take_char(s, 'Z'))
        return true;
    int sign = take_char(s, '+') ? 1 : take_char(s, '-') ? -1 : 0, hour, minute;
    if (sign == 0 || !take_digits(s, 2, 2, &hour) || !take_char(s, ':') ||
        !take_digits(s, 2, 2, &minute) || hour > 23 || minute > 60)
        return false;
    *offset = sign * (hour * 60 + minute);
    return true;
}

static bool is_day(const struct date *d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (d->month < 1 || d->month > 12 || d->day < 1)
        return false;
    bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
    return d->day <= days[d->month - 1] + (leap && d->month == 2);
}

static bool date_parse(rk_str s, struct date *d)
{
    *d = (struct date){0};
    if (!take_digits(&s, 4, 4, &d->year) || !take_char(&s, '-') ||
        !take_digits(&s, 1, 2, &d->month) || !take_char(&s, '-') ||
        !take_digits(&s, 1, 2, &d->day) || !is_day(d))
        return false;
    if (s.n == 0)
        return true;
    bool zone = s.p[0] == 'T' || s.p[0] == 't';
    if (!zone && s.p[0] != ' ')
        return false;
    do {
        s.p++;
        s.n--;
    } while (!zone && s.n > 0 && s.p[0] == ' ');
    if (!take_digits(&s, 1, 2, &d->hour) || !take_char(&s, ':') ||
        !take_digits(&s, 1, 2, &d->minute) || !take_char(&s, ':') ||
        !take_digits(&s, 1, 2, &d->second) || d->hour > 23 || d->minute > 59 || d->second > 59)
        return false;
    return take_fraction(&s, d->fraction) && (!zone || take_zone(&s, &d->offset)) && s.n == 0;
}

bool doc_timestamp_is(rk_str text)
{
    struct date d;
    return text.n >= 8 && text.p[4] == '-' && date_parse(text, &d);
}

bool doc_timestamp_rewrite(rk_str text, char out[64])
{
    struct date d;
    char zone[16] = "Z";
    if (!date_parse(text, &d))
        return false;
    int off = d.offset < 0 ? -d.offset : d.offset;
    if (off)
        snprintf(zone, sizeof(zone), "%c%02d:%02d", d.offset < 0 ? '-' : '+', off / 60 % 100,
                 off % 60);
    snprintf(out, 64, "%04d-%02d-%02dT%02d:%02d:%02d%s%s%s", d.year, d.month, d.day, d.hour,
             d.minute, d.second, d.fraction[0] ? "." : "", d.fraction, zone);
    return true;
}
