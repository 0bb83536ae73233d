/*
 * text.h: foreign text made harmless. Commit messages, labels, pod logs, plugin output and git's
 * stderr go through here before they reach a screen, a log or a commit.
 *
 * Control bytes, escapes, bidi overrides, zero-width characters and broken UTF-8 become visible
 * escapes (\x1b, \u202e). Tab becomes a space; newline is kept only with RK_TEXT_LINES, else it
 * becomes \n. Variation selectors (U+FE00 to FE0F) are dropped.
 */
#ifndef RECKON_TEXT_H
#define RECKON_TEXT_H

#include "reckon/str.h"

enum rk_text_flags {
    RK_TEXT_LINES = 1u << 0, /* keep \n (CR before it is dropped) */
    RK_TEXT_ONE_URL = 1u << 1, /* rk_text_urls: all of it is one URL, blanks and quotes included */
};

void rk_text_safe(struct rk_buf *out, rk_str foreign, unsigned flags);
/* Adds the text with "***" for what URLs in it hold in secret; control bytes stay as they are. */
void rk_text_urls(struct rk_buf *out, rk_str text, unsigned flags);
bool rk_text_is_safe(rk_str text, unsigned flags);
bool rk_utf8_valid(rk_str text);
/* Decodes one character at s (n > 0 bytes); returns its length, 0 when it is not valid UTF-8. */
size_t rk_utf8_next(const char *s, size_t n, uint32_t *code);
rk_str rk_utf8_head(rk_str text, size_t most); /* its first bytes, cut at a character's border */
void rk_utf8_put(struct rk_buf *out, uint32_t code);

/*
 * Does a field or key of this name usually hold a secret (password, token, apiKey, tls.key)?
 * A bare "key" is not (selectors, tolerations), nor is a pointer to one (secretName, tokenPath).
 */
bool rk_text_names_secret(rk_str name);

#endif
