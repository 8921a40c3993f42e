/* split.c: where Lua's statements begin and end (reference manual, 9), without recursion: what
 * stands in brackets or in a function body is skipped by counting. */
#include "split.h"

#include "base/util.h"

struct walk {
    const struct lex_list *list;
    size_t i;
};

static bool is(const struct walk *w, const char *text) {
    return cell_lex_is(w->list, w->i, text);
}

static bool accept(struct walk *w, const char *text) {
    if (!is(w, text))
        return false;
    w->i++;
    return true;
}

static bool any_of(const struct walk *w, const char *const *words, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (is(w, words[k]))
            return true;
    return false;
}

static enum lex_kind kind(const struct walk *w) {
    return w->i < w->list->n ? w->list->tok[w->i].kind : LEX_EOF;
}

/* From an opening bracket to behind its partner. */
static bool skip_brackets(struct walk *w) {
    size_t depth = 0;
    for (; w->i < w->list->n; w->i++) {
        if (is(w, "(") || is(w, "[") || is(w, "{"))
            depth++;
        else if (is(w, ")") || is(w, "]") || is(w, "}"))
            depth--;
        if (depth == 0) {
            w->i++;
            return true;
        }
    }
    return false;
}

static bool opens_block(const struct walk *w) {
    return is(w, "function") || is(w, "do") || is(w, "if") || is(w, "repeat");
}

/* From function, do, if or repeat to behind its end or until. */
static bool skip_block(struct walk *w) {
    size_t depth = 0;
    for (; w->i < w->list->n; w->i++) {
        if (opens_block(w))
            depth++;
        else if (is(w, "end") || is(w, "until"))
            depth--;
        if (depth == 0) {
            w->i++;
            return true;
        }
    }
    return false;
}

/* A name or a parenthesis with what is hung on it: .x [i] :m() () "" {}. */
static bool skip_suffixed(struct walk *w, bool *call) {
    *call = false;
    if (is(w, "(")) {
        if (!skip_brackets(w))
            return false;
    } else if (kind(w) == LEX_NAME) {
        w->i++;
    } else {
        return false;
    }
    for (;;) {
        if (is(w, ".") || is(w, ":")) {
            w->i++;
            if (kind(w) != LEX_NAME)
                return false;
            w->i++;
            *call = false;
        } else if (is(w, "(") || is(w, "{") || is(w, "[")) {
            *call = !is(w, "[");
            if (!skip_brackets(w))
                return false;
        } else if (kind(w) == LEX_STRING) {
            *call = true;
            w->i++;
        } else {
            return true;
        }
    }
}

/* One operand with its prefix operators. */
static bool skip_operand(struct walk *w, bool *call) {
    *call = false;
    bool prefixed = false;
    while (is(w, "-") || is(w, "not") || is(w, "#") || is(w, "~")) {
        w->i++;
        prefixed = true;
    }
    if (is(w, "function"))
        return skip_block(w);
    if (is(w, "{"))
        return skip_brackets(w);
    static const char *const plain[] = {"nil", "true", "false", "..."};
    if (kind(w) == LEX_NUMBER || kind(w) == LEX_STRING ||
        any_of(w, plain, ARRAY_LEN(plain))) {
        w->i++;
        return true;
    }
    bool ok = skip_suffixed(w, call);
    *call = *call && !prefixed;
    return ok;
}

static bool is_binary(const struct walk *w) {
    static const char *const ops[] = {
        "+",  "-", "*",  "/",   "//", "%", "^", "..", "==", "~=", "<",
        "<=", ">", ">=", "and", "or", "&", "|", "~",  "<<", ">>"};
    return any_of(w, ops, ARRAY_LEN(ops));
}

static bool skip_expression(struct walk *w, bool *call) {
    if (!skip_operand(w, call))
        return false;
    while (is_binary(w)) {
        w->i++;
        bool ignored;
        if (!skip_operand(w, &ignored))
            return false;
        *call = false;
    }
    return true;
}

static bool skip_list(struct walk *w, bool *call) {
    do {
        if (!skip_expression(w, call))
            return false;
    } while (accept(w, ","));
    return true;
}

typedef void name_fn(void *arg, const char *s, size_t n);

static void tell(const struct walk *w, name_fn *name, void *arg) {
    const struct lex_token *t = &w->list->tok[w->i];
    if (name && t->kind == LEX_NAME)
        name(arg, w->list->src + t->start, t->end - t->start);
}

static bool skip_local(struct walk *w, name_fn *name, void *arg) {
    bool call;
    if (accept(w, "function")) {
        tell(w, name, arg);
        w->i--;
        return skip_block(w);
    }
    do {
        tell(w, name, arg);
        if (kind(w) != LEX_NAME)
            return false;
        w->i++;
        if (accept(w, "<"))
            w->i += 2; /* the attribute and > */
    } while (accept(w, ","));
    return accept(w, "=") ? skip_list(w, &call) : true;
}

static bool skip_for(struct walk *w) {
    bool call;
    w->i++;
    while (kind(w) == LEX_NAME || is(w, ","))
        w->i++;
    if (!accept(w, "=") && !accept(w, "in"))
        return false;
    return skip_list(w, &call) && is(w, "do") && skip_block(w);
}

/* A statement that begins with a keyword or a label. *known: it was one. */
static bool skip_keyword(struct walk *w, bool *known, name_fn *name, void *arg) {
    bool call;
    *known = true;
    if (accept(w, "local"))
        return skip_local(w, name, arg);
    bool named = is(w, "function") && !cell_lex_is(w->list, w->i + 1, "(");
    if (named || is(w, "if") || is(w, "do"))
        return skip_block(w);
    if (is(w, "for"))
        return skip_for(w);
    if (accept(w, "while"))
        return skip_expression(w, &call) && is(w, "do") && skip_block(w);
    if (is(w, "repeat"))
        return skip_block(w) && skip_expression(w, &call);
    if (accept(w, "goto"))
        return w->i++ < w->list->n;
    if (accept(w, "::"))
        return w->i++ < w->list->n && accept(w, "::");
    if (accept(w, "break"))
        return true;
    *known = false;
    return true;
}

static bool is_bare_assert(const struct walk *w, size_t first) {
    struct walk at = {w->list, first};
    return accept(&at, "assert") && is(&at, "(") && skip_brackets(&at) && at.i == w->i;
}

void cell_split(const struct lex_list *list, struct cell_split *out, name_fn *name,
                void *arg) {
    struct walk w = {list, 0};
    *out = (struct cell_split){0};
    while (w.i < list->n) {
        bool known, call = false;
        if (accept(&w, ";")) {
            out->hushed = out->tail;
            continue;
        }
        *out = (struct cell_split){0};
        size_t first = w.i;
        if (!skip_keyword(&w, &known, name, arg))
            return;
        if (known)
            continue;
        if (!skip_list(&w, &call))
            return;
        if (accept(&w, "=")) {
            if (!skip_list(&w, &call))
                return;
            continue;
        }
        out->tail = true;
        out->start = list->tok[first].start;
        out->call = call;
        out->is_assert = call && is_bare_assert(&w, first);
    }
}

size_t cell_split_depth(const struct lex_list *list) {
    size_t depth = 0;
    for (struct walk w = {list, 0}; w.i < list->n; w.i++) {
        bool opens = opens_block(&w) || is(&w, "(") || is(&w, "[") || is(&w, "{");
        bool closes =
            is(&w, "end") || is(&w, "until") || is(&w, ")") || is(&w, "]") || is(&w, "}");
        if (opens)
            depth++;
        else if (closes && depth)
            depth--;
    }
    return depth;
}
