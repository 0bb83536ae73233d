/*
 * edit.c: a line that a person types: keys -> text and caret, both in the widget_edit; drawn with
 * the caret in sight. A paste comes whole or not at all.
 */
#include "widget/widget_int.h"

#include "reckon/text.h"

enum { EDIT_MOST = 512 };

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* One character back or on; what combines with it goes along. */
static size_t before(const struct widget_edit *e, size_t at)
{
    size_t from = at;
    do {
        if (from)
            from--;
        while (from && continues(e->text.p[from]))
            from--;
    } while (from && term_width((rk_str){e->text.p + from, at - from}) == 0);
    return from;
}

static size_t code_end(const struct widget_edit *e, size_t at)
{
    at += at < e->text.n;
    while (at < e->text.n && continues(e->text.p[at]))
        at++;
    return at;
}

static size_t after(const struct widget_edit *e, size_t at)
{
    size_t end = code_end(e, at), next;
    while ((next = code_end(e, end)) > end &&
           term_width((rk_str){e->text.p + end, next - end}) == 0)
        end = next;
    return end;
}

static void cut(struct widget_edit *e, size_t from, size_t to)
{
    struct rk_buf *t = &e->text;
    if (from == to)
        return;
    memmove(t->p + from, t->p + to, t->n - to + 1);
    t->n -= to - from;
    e->at = from;
}

static enum widget_edited insert(struct widget_edit *e, rk_str text)
{
    struct rk_buf *t = &e->text;
    if (t->n + text.n > EDIT_MOST)
        return WIDGET_TOO_LONG;
    rk_buf_reserve(t, text.n);
    memmove(t->p + e->at + text.n, t->p + e->at, t->n - e->at + 1);
    memcpy(t->p + e->at, text.p, text.n);
    t->n += text.n;
    e->at += text.n;
    return WIDGET_CHANGED;
}

/* One line of what was pasted, with everything hidden in it made visible. */
static enum widget_edited paste(struct widget_edit *e, rk_str text)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (e->refuse_paste)
        return WIDGET_REFUSED;
    rk_buf_str(&line, rk_str_trim(text));
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] == '\n' || line.p[i] == '\r' || line.p[i] == '\t')
            line.p[i] = ' ';
    rk_text_safe(&safe, rk_buf_view(&line), 0);
    return safe.n ? insert(e, rk_buf_view(&safe)) : WIDGET_CHANGED;
}

static enum widget_edited type(struct widget_edit *e, uint32_t ch)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_utf8_put(&text, ch);
    if (!rk_text_is_safe(rk_buf_view(&text), 0))
        return WIDGET_IGNORED;
    return insert(e, rk_buf_view(&text));
}

static enum widget_edited control(struct widget_edit *e, uint32_t ch)
{
    size_t from = e->at;
    if (ch == 'u') {
        cut(e, 0, e->at);
        return WIDGET_CHANGED;
    }
    if (ch != 'w')
        return WIDGET_IGNORED;
    while (from && e->text.p[from - 1] == ' ')
        from--;
    while (from && e->text.p[from - 1] != ' ')
        from--;
    cut(e, from, e->at);
    return WIDGET_CHANGED;
}

static enum widget_edited character(struct widget_edit *e, const struct term_key *k)
{
    if (k->mods & TERM_ALT)
        return WIDGET_IGNORED;
    return k->mods & TERM_CTRL ? control(e, k->ch) : type(e, k->ch);
}

enum widget_edited widget_edit_key(struct widget_edit *e, const struct term_key *k)
{
    if (!e->text.p)
        e->text = RK_BUF_INIT; /* zeroed: an empty line */
    switch ((int)k->code) {
    case TERM_KEY_CHAR: return character(e, k);
    case TERM_KEY_PASTE: return paste(e, k->paste);
    case TERM_KEY_LEFT: e->at = before(e, e->at); break;
    case TERM_KEY_RIGHT: e->at = after(e, e->at); break;
    case TERM_KEY_HOME: e->at = 0; break;
    case TERM_KEY_END: e->at = e->text.n; break;
    case TERM_KEY_BACKSPACE: cut(e, before(e, e->at), e->at); break;
    case TERM_KEY_DELETE: cut(e, e->at, after(e, e->at)); break;
    default: return WIDGET_IGNORED;
    }
    return WIDGET_CHANGED;
}

void widget_edit_set(struct widget_edit *e, const char *text)
{
    rk_str t = rk_str_c(text);
    widget_edit_release(e);
    if (t.n > EDIT_MOST)
        for (t.n = EDIT_MOST; t.n && continues(t.p[t.n]);)
            t.n--;
    rk_buf_str(&e->text, t);
    e->at = e->text.n;
}

void widget_edit_release(struct widget_edit *e)
{
    if (e->text.p)
        rk_buf_release(&e->text);
    e->text = RK_BUF_INIT;
    e->at = 0;
}

void widget_edit_draw(struct canvas c, int x, int y, int w, const struct widget_edit *e,
                      bool caret)
{
    struct canvas field = canvas_cut(c, x, y, w, 1);
    rk_str text = e->text.p ? rk_buf_view(&e->text) : RK_STR("");
    int ahead = term_width((rk_str){text.p, e->at}), skip = ahead - field.w + 1;
    if (field.w <= 0 || field.h <= 0)
        return;
    for (int i = 0; i < field.w; i++)
        canvas_put(field, i, 0, TERM_DIM, RK_STR("_"));
    if (skip > 0) {
        text = widget_skip(text, skip, &skip);
        ahead -= skip;
    }
    canvas_put(field, 0, 0, TERM_BASE, text);
    if (caret)
        term_caret(field.s, field.x + ahead, field.y);
}
