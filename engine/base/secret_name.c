/*
 * secret_name.c: does a field's name say that its value is a secret? In: DB_PASSWORD, apiKey,
 * tls.key ... Out: yes or no, by the words of the name. A guess for fields that are not Secrets
 * (those are hidden whatever their names): it prefers to hide, but a name that only points at a
 * secret (secretName, tokenPath, secretKeyRef) holds none.
 */
#include <ctype.h>

#include "reckon/text.h"

#define WORDS_MAX 16
#define WORD_BYTES 24

struct words {
    size_t n;
    char word[WORDS_MAX][WORD_BYTES]; /* small letters; a longer word keeps its end */
};

/* A word that ends like this, with or without an s, holds a secret. */
static const char *const stems[] = {
    "password", "passwd", "passphrase", "secret", "token", "credential",
    "apikey", "privatekey", "accesskey", "secretkey",
};
static const char *const whole[] = {
    "pwd", "pass", "authorization", "bearer", "cookie", "jwt", "psk",
};
/* "key" counts after one of these words only: so many keys are names. */
static const char *const before_key[] = {
    "api", "access", "private", "signing", "sign", "encryption", "master", "ssh", "tls", "ssl",
    "auth", "account", "license", "shared", "hmac", "aes", "rsa", "session", "crypt", "app",
    "storage", "client", "server", "host", "id", "deploy", "webhook", "service",
};
/* The last word says that the value is about a secret. */
static const char *const about[] = {
    "name", "names", "namespace", "ref", "refs", "path", "paths", "file", "files", "dir", "type",
    "url", "uri", "seconds", "ttl", "expiry", "expiration", "enabled", "length", "policy", "count",
    "algorithm", "provider", "store", "class", "version", "selector", "mount", "audience",
};

static bool among(const char *const *list, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (rk_streq(list[i], word))
            return true;
    return false;
}

static bool ends_like_secret(const char *word)
{
    rk_str s = rk_str_c(word);

    for (size_t i = 0; i < RK_LEN(stems); i++)
        if (rk_str_ends(s, stems[i]))
            return true;
    if (s.n < 2 || s.p[s.n - 1] != 's' || rk_str_is(s, "secrets"))
        return false; /* imagePullSecrets and the like list names */
    s.n--;
    for (size_t i = 0; i < RK_LEN(stems); i++)
        if (rk_str_ends(s, stems[i]))
            return true;
    return false;
}

static void word_add(struct words *w, rk_str part)
{
    char *to;

    if (!part.n)
        return;
    if (w->n == WORDS_MAX) /* the last words say most */
        memmove(w->word[0], w->word[1], sizeof(w->word[0]) * --w->n);
    if (part.n >= WORD_BYTES)
        part = (rk_str){part.p + (part.n - WORD_BYTES + 1), WORD_BYTES - 1};
    to = w->word[w->n++];
    for (size_t i = 0; i < part.n; i++)
        to[i] = (char)tolower((unsigned char)part.p[i]);
    to[part.n] = 0;
}

/* Does a word start at i > 0: aB, or the b in ABc? */
static bool starts_word(rk_str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i], before = (unsigned char)s.p[i - 1];

    return isupper(c) && (!isupper(before) || (i + 1 < s.n && islower((unsigned char)s.p[i + 1])));
}

static void split(rk_str name, struct words *w)
{
    size_t start = 0;

    w->n = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (!isalnum((unsigned char)name.p[i])) {
            word_add(w, (rk_str){name.p + start, i - start});
            start = i + 1;
        } else if (i > start && starts_word(name, i)) {
            word_add(w, (rk_str){name.p + start, i - start});
            start = i;
        }
    }
    if (start < name.n)
        word_add(w, (rk_str){name.p + start, name.n - start});
}

bool rk_text_names_secret(rk_str name)
{
    struct words w;
    const char *last;

    split(name, &w);
    if (!w.n)
        return false;
    last = w.word[w.n - 1];
    if (among(about, RK_LEN(about), last) || rk_streq(w.word[0], "automount"))
        return false;
    if (w.n > 1 && rk_streq(last, "key") &&
        among(before_key, RK_LEN(before_key), w.word[w.n - 2]))
        return true;
    for (size_t i = 0; i < w.n; i++)
        if (ends_like_secret(w.word[i]))
            return true;
    return among(whole, RK_LEN(whole), last);
}
