/*
 * yaml_fuzz.c: libFuzzer's entry for YAML: any bytes in both typings, with marks that have to lie
 * in the text; what is written reads again and is written the same.
 */
#include <stdlib.h>

#include "doc/doc_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_marks(const struct doc_marks *m, const struct doc_node *doc, size_t n)
{
    const struct doc_mark *at = doc_marks_get(m, doc->mark);

    if (at && (at->start > at->end || at->end > n || at->line == 0))
        abort();
    for (size_t i = 0; doc_type(doc) == DOC_LIST && i < doc_count(doc); i++)
        check_marks(m, doc_at(doc, i), n);
    for (size_t i = 0; doc_type(doc) == DOC_MAP && i < doc_count(doc); i++)
        check_marks(m, doc_pair_at(doc, i)->value, n);
}

/* Texts that its reader takes apart, or that libyaml writes in another way (README.md). */
static bool is_special(rk_str s)
{
    static const char *const parts[] = {"<<", "\n---", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85",
                                        "\xef\xbb\xbf"};

    for (size_t i = 0; s.n && i < RK_LEN(parts); i++)
        if (memmem(s.p, s.n, parts[i], strlen(parts[i])))
            return true;
    return false;
}

static void write_again(struct rk_arena *a, const struct doc_node *doc)
{
    struct rk_buf one rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf two rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_read how = {.typing = DOC_RESOURCE};
    struct doc_node *again;

    if (doc_yaml_write(&one, doc, NULL) || is_special(rk_buf_view(&one)))
        return;
    if (doc_yaml_read_one(a, rk_buf_view(&one), &how, &again, NULL) ||
        doc_yaml_write(&two, again, NULL) || !rk_str_eq(rk_buf_view(&one), rk_buf_view(&two)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const enum doc_typing typings[] = {DOC_RESOURCE, DOC_CONFIG};
    rk_str text = {(const char *)bytes, n};

    for (size_t i = 0; n < 1 << 16 && i < RK_LEN(typings); i++) {
        struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
        struct doc_read how = {.typing = typings[i], .file = "f", .marks = doc_marks_new(a),
                               .limits = {.nodes = 20000, .aliases = 20000}};
        struct doc_node **docs;
        size_t count;

        if (doc_yaml_read(a, text, &how, &docs, &count, NULL))
            continue;
        for (size_t d = 0; d < count; d++) {
            check_marks(how.marks, docs[d], n);
            doc_refold(a, docs[d]);
            write_again(a, docs[d]);
            doc_reread(a, docs[d]);
            write_again(a, docs[d]);
        }
    }
    return 0;
}
