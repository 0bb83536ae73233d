/*
 * time.c: two clocks and RFC 3339. In: the kernel's clocks, texts. Out: milliseconds, texts.
 * Owns nothing; knows UTC only (no time zones, no locale). Records of years outside 0 to 9999
 * are shown as the nearest of these.
 */
#include "reckon/time.h"

#include <stdio.h>
#include <time.h>

#define DAY_S 86400
#define WALL_LEAST (-62167219200LL * 1000)       /* 0000-01-01T00:00:00Z */
#define WALL_MOST (253402300799LL * 1000 + 999)  /* 9999-12-31T23:59:59.999Z */

uint64_t rk_mono_us(void)
{
    struct timespec t;

    rk_assert(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t rk_mono_ms(void)
{
    return rk_mono_us() / 1000;
}

int64_t rk_wall_ms(void)
{
    struct timespec t;

    rk_assert(clock_gettime(CLOCK_REALTIME, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Writes value with exactly width digits and one byte behind; returns the place after it. */
static char *put(char *to, int64_t value, size_t width, char behind)
{
    for (size_t i = width; i > 0; i--) {
        to[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    to[width] = behind;
    return to + width + 1;
}

static void format(int64_t wall_ms, bool ms, char *out)
{
    struct tm tm;
    time_t seconds;
    int64_t part;

    wall_ms = wall_ms < WALL_LEAST ? WALL_LEAST : wall_ms > WALL_MOST ? WALL_MOST : wall_ms;
    part = (wall_ms % 1000 + 1000) % 1000;
    seconds = (time_t)((wall_ms - part) / 1000);
    rk_assert(gmtime_r(&seconds, &tm));
    out = put(out, tm.tm_year + 1900, 4, '-');
    out = put(out, tm.tm_mon + 1, 2, '-');
    out = put(out, tm.tm_mday, 2, 'T');
    out = put(out, tm.tm_hour, 2, ':');
    out = put(out, tm.tm_min, 2, ':');
    out = put(out, tm.tm_sec, 2, ms ? '.' : 'Z');
    if (ms)
        out = put(out, part, 3, 'Z');
    *out = 0;
}

void rk_time_format(int64_t wall_ms, char out[32])
{
    format(wall_ms, false, out);
}

void rk_time_format_ms(int64_t wall_ms, char out[32])
{
    format(wall_ms, true, out);
}

/* Takes n digits and, if behind is not 0, that byte off the front of *s. */
static bool digits(rk_str *s, size_t n, char behind, int *value)
{
    size_t all = n + (behind != 0);

    if (s->n < all || (behind && s->p[n] != behind))
        return false;
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        *value = *value * 10 + (s->p[i] - '0');
    }
    *s = (rk_str){s->p + all, s->n - all};
    return true;
}

static bool leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01; a count of leap days in the years before, year >= 0. */
static bool days_of(int year, int month, int day, int64_t *days)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int length;
    int64_t y = year - 1;

    if (month < 1 || month > 12 || day < 1)
        return false;
    length = before[month] - before[month - 1] + (month == 2 && leap_year(year));
    if (day > length)
        return false;
    *days = 365LL * year + (year ? y / 4 - y / 100 + y / 400 + 1 : 0); /* year 0 was a leap year */
    *days += before[month - 1] + (month > 2 && leap_year(year)) + day - 1 - 719528;
    return true;
}

/* ".123456": any number of digits, at least one; finer than a millisecond is cut off. */
static bool fraction(rk_str *s, int64_t *ms)
{
    int64_t scale = 100;
    size_t i = 1;

    *ms = 0;
    if (!s->n || s->p[0] != '.')
        return true;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++, scale /= 10)
        *ms += (s->p[i] - '0') * scale;
    *s = (rk_str){s->p + i, s->n - i};
    return i > 1;
}

/* "Z" or "+hh:mm", and nothing behind. */
static bool offset(rk_str s, int64_t *seconds)
{
    int hours, minutes;
    bool minus = s.n && s.p[0] == '-';

    *seconds = 0;
    if (rk_str_is(s, "Z") || rk_str_is(s, "z"))
        return true;
    if (s.n != 6 || (!minus && s.p[0] != '+'))
        return false;
    s = (rk_str){s.p + 1, s.n - 1};
    if (!digits(&s, 2, ':', &hours) || !digits(&s, 2, 0, &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 60 + minutes) * (minus ? -60 : 60);
    return true;
}

bool rk_time_parse(rk_str text, int64_t *wall_ms)
{
    int year, month, day, hour, minute, second;
    int64_t days, zone, ms, at;

    if (!digits(&text, 4, '-', &year) || !digits(&text, 2, '-', &month) ||
        !digits(&text, 2, 0, &day) || !days_of(year, month, day, &days))
        return false;
    if (!text.n || (text.p[0] != 'T' && text.p[0] != 't'))
        return false;
    text = (rk_str){text.p + 1, text.n - 1};
    if (!digits(&text, 2, ':', &hour) || !digits(&text, 2, ':', &minute) ||
        !digits(&text, 2, 0, &second) || !fraction(&text, &ms) || !offset(text, &zone))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    at = days * DAY_S + hour * 3600 + minute * 60 + second - zone;
    if (second == 60 && at % DAY_S != 0) /* a leap second ends a day in UTC */
        return false;
    *wall_ms = at * 1000 + ms;
    return true;
}

void rk_time_age(int64_t ms, char out[16])
{
    static const struct {
        int64_t ms;
        char unit;
    } units[] = {{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};
    size_t i = 0;

    if (ms < 0)
        ms = 0;
    if (ms > WALL_MOST) /* as old as a record can be; now it fits */
        ms = WALL_MOST;
    while (i + 1 < RK_LEN(units) && ms < units[i].ms)
        i++;
    /* At most 2932896 days; the cast tells the compiler that it fits. */
    snprintf(out, 16, "%u%c", (unsigned)(ms / units[i].ms), units[i].unit);
}
