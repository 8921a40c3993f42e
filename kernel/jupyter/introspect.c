/* introspect.c: complete, inspect and is_complete. */
#include "mimejson.h"
#include "state.h"

#include "base/i18n.h"

/* The code of a request. false: it has none, and *bad is the answer. */
static bool code_of(const struct jup_message *m, const char **code, size_t *len,
                    json_t **bad) {
    const json_t *v = json_object_get(m->content, "code");
    *code = json_string_value(v);
    *len = json_string_length(v);
    if (!*code)
        *bad = jup_error_content("ProtocolError", _("la petición no trae «code»"));
    return *code != NULL;
}

static size_t code_points(const char *text, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* Where the cursor is, in code points; the end of the code when it is not said. */
static size_t cursor_of(const struct jup_message *m, const char *code, size_t len) {
    const json_t *v = json_object_get(m->content, "cursor_pos");
    size_t end = code_points(code, len);
    json_int_t pos = json_is_integer(v) ? json_integer_value(v) : (json_int_t)end;
    return pos < 0 ? 0 : MIN_OF((size_t)pos, end);
}

static json_t *text_or_empty(const char *s) {
    return jup_text(s ? s : "", s ? strlen(s) : 0);
}

/* One entry of _jupyter_types_experimental, index-aligned with matches. */
static json_t *type_of(const struct interp_match *x, const struct interp_completion *c) {
    return json_pack("{s:o, s:o, s:I, s:I, s:o}", "text", text_or_empty(x->text), "type",
                     text_or_empty(x->type), "start", (json_int_t)c->start, "end",
                     (json_int_t)c->end, "signature", text_or_empty(x->signature));
}

json_t *jup_answer_complete(struct jup_kernel *k, struct jup_message *m) {
    const char *code;
    size_t len;
    json_t *content = NULL;
    if (!code_of(m, &code, &len, &content))
        return content;
    size_t cursor = cursor_of(m, code, len);
    struct interp_completion c = {.start = cursor, .end = cursor};
    if (jup_interrupt_enter(&k->interrupt))
        k->interp->complete(k->interp->self, code, len, cursor, &c);
    json_t *matches = json_array(), *types = json_array();
    bool ok = true;
    for (size_t i = 0; i < c.n; i++)
        ok = ok && !json_array_append_new(matches, text_or_empty(c.match[i].text)) &&
             !json_array_append_new(types, type_of(&c.match[i], &c));
    content =
        json_pack("{s:s, s:o, s:I, s:I, s:{s:o}}", "status", "ok", "matches", matches,
                  "cursor_start", (json_int_t)c.start, "cursor_end", (json_int_t)c.end,
                  "metadata", "_jupyter_types_experimental", types);
    interp_completion_release(&c);
    if (ok)
        return content;
    json_decref(content);
    return NULL;
}

json_t *jup_answer_inspect(struct jup_kernel *k, struct jup_message *m) {
    const char *code;
    size_t len;
    json_t *content = NULL;
    if (!code_of(m, &code, &len, &content))
        return content;
    const json_t *detail = json_object_get(m->content, "detail_level");
    struct mime_bundle b = {0};
    if (jup_interrupt_enter(&k->interrupt))
        k->interp->inspect(k->interp->self, code, len, cursor_of(m, code, len),
                           json_integer_value(detail) != 0, &b);
    content = json_pack("{s:s, s:b, s:o, s:o}", "status", "ok", "found", b.n > 0, "data",
                        jup_mime_data(&b, b.n > 0, &k->log), "metadata",
                        jup_mime_metadata(&b, &k->log));
    mime_release(&b);
    return content;
}

json_t *jup_answer_is_complete(struct jup_kernel *k, struct jup_message *m) {
    static const char *const word[] = {"complete", "incomplete", "invalid", "unknown"};
    const char *code;
    size_t len;
    json_t *content = NULL;
    if (!code_of(m, &code, &len, &content))
        return content;
    char indent[64] = "";
    enum interp_completeness c = INTERP_UNKNOWN;
    if (jup_interrupt_enter(&k->interrupt))
        c = k->interp->is_complete(k->interp->self, code, len, indent, sizeof indent);
    if ((size_t)c >= ARRAY_LEN(word))
        c = INTERP_UNKNOWN;
    if (c != INTERP_INCOMPLETE)
        return json_pack("{s:s}", "status", word[c]);
    return json_pack("{s:s, s:o}", "status", word[c], "indent", text_or_empty(indent));
}
