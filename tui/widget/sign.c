/*
 * sign.c: the sign, the word and the role of every state: tables. A word that a newer engine sends
 * and no table knows is shown as it came, with "?".
 */
#include "widget/widget.h"

struct row { const char *name; struct widget_sign sign; };

static struct widget_sign look_up(const struct row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (rk_streq(rows[i].name, name))
            return rows[i].sign;
    return (struct widget_sign){"?", name && name[0] ? name : "Unknown", TERM_UNKNOWN};
}

struct widget_sign widget_verdict(const char *verdict)
{
    static const struct row rows[] = {
        {"Synced", {"=", "Synced", TERM_OK}},
        {"OutOfSync", {"!", "OutOfSync", TERM_DRIFT}},
        {"Unknown", {"?", "Unknown", TERM_UNKNOWN}},
    };
    return look_up(rows, RK_LEN(rows), verdict);
}

struct widget_sign widget_health(const char *health)
{
    static const struct row rows[] = {
        {"Healthy", {"=", "Healthy", TERM_OK}},
        {"Progressing", {"~", "Progressing", TERM_PROGRESS}},
        {"Suspended", {".", "Suspended", TERM_DIM}},
        {"Missing", {"-", "Missing", TERM_MISSING}},
        {"Degraded", {"x", "Degraded", TERM_DEGRADED}},
        {"Unknown", {"?", "Unknown", TERM_UNKNOWN}},
        {"None", {" ", "-", TERM_DIM}}, /* a kind without a rule */
    };
    return look_up(rows, RK_LEN(rows), health);
}

struct widget_sign widget_task(const char *state)
{
    static const struct row rows[] = {
        {"waiting", {".", "waiting", TERM_DIM}},
        {"running", {"~", "running", TERM_PROGRESS}},
        {"applied", {"~", "applied", TERM_PROGRESS}},
        {"done", {"=", "done", TERM_OK}},
        {"failed", {"x", "failed", TERM_DEGRADED}},
        {"skipped", {"-", "skipped", TERM_DIM}},
    };
    return look_up(rows, RK_LEN(rows), state);
}

struct widget_sign widget_result(const char *state)
{
    static const struct row rows[] = {
        {"waiting", {".", "waiting", TERM_DIM}},
        {"running", {"~", "running", TERM_PROGRESS}},
        {"Succeeded", {"=", "Succeeded", TERM_OK}},
        {"Failed", {"x", "Failed", TERM_DEGRADED}},
        {"Degraded", {"x", "Degraded", TERM_DEGRADED}},
        {"Stopped", {"!", "Stopped", TERM_DRIFT}},
        {"Superseded", {"<", "Superseded", TERM_DIM}},
    };
    return look_up(rows, RK_LEN(rows), state);
}

struct widget_sign widget_action(const char *action)
{
    static const struct row rows[] = {
        {"create", {"+", "create", TERM_ADD}},
        {"apply", {"~", "apply", TERM_DRIFT}},
        {"change", {"~", "change", TERM_DRIFT}},
        {"replace", {"*", "replace", TERM_DEGRADED}},
        {"prune", {"-", "prune", TERM_DEL}},
        {"keep", {"=", "keep", TERM_DIM}},
    };
    return look_up(rows, RK_LEN(rows), action);
}

/* ---- environments ---- */
static bool is_part(rk_str part, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rk_str_is(part, words[i]))
            return true;
    return false;
}

/* The next part of "eu-prod_1" at the separators; false: none left. */
static bool next_part(rk_str *rest, rk_str *part)
{
    size_t n = 0;
    while (rest->n && strchr("-_./ ", rest->p[0]))
        *rest = (rk_str){rest->p + 1, rest->n - 1};
    while (n < rest->n && !strchr("-_./ ", rest->p[n]))
        n++;
    *part = (rk_str){rest->p, n};
    *rest = (rk_str){rest->p + n, rest->n - n};
    return n > 0;
}

static bool has_part(const char *name, const char *const *words, size_t n)
{
    static const char *const denied[] = {"non", "not", "pre"};
    rk_str rest = rk_str_c(name), part, last = RK_STR("");
    for (; next_part(&rest, &part); last = part)
        if (is_part(part, words, n) && !is_part(last, denied, RK_LEN(denied)))
            return true;
    return false;
}

bool widget_is_production(const char *name, bool locked)
{
    static const char *const words[] = {"prod", "production", "prd"};
    return locked || has_part(name, words, RK_LEN(words));
}

enum term_role widget_environment(const char *name, bool locked)
{
    static const char *const staging[] = {"staging", "stage", "stg", "preprod", "pre",
                                          "uat", "qa", "test"};
    if (widget_is_production(name, locked))
        return TERM_ENV_PROD;
    return has_part(name, staging, RK_LEN(staging)) ? TERM_ENV_STAGING : TERM_ENV_DEV;
}
