/* helptext.c: a row as text and as Markdown: what help(), ?name and Shift-Tab show. */
#include "chain.h"

void cell_help_signature(const struct cell_help_row *row, struct buf *out) {
    if (row->signature) {
        buf_puts(out, _(row->signature));
        return;
    }
    buf_puts(out, row->name);
    if (row->kind == CELL_MODULE || row->kind == CELL_CLASS || row->kind == CELL_FIELD ||
        row->kind == CELL_KEYWORD)
        return;
    bool braces = false; /* options by name are written with braces */
    for (size_t i = 0; i < row->n_params; i++)
        braces = braces || row->params[i].fallback || (row->params[i].flags & CELL_NAMED);
    buf_putc(out, braces ? '{' : '(');
    const char *sep = "";
    for (size_t i = 0; i < row->n_params; i++) {
        const struct cell_help_param *p = &row->params[i];
        if (p->flags & CELL_HIDDEN)
            continue;
        buf_printf(out, "%s%s", sep, p->name);
        if (p->fallback)
            buf_printf(out, " = %s", p->fallback);
        else if (p->flags & CELL_REST)
            buf_puts(out, ", …");
        else if (p->flags & CELL_NAMED)
            buf_puts(out, " =");
        sep = ", ";
    }
    buf_putc(out, braces ? '}' : ')');
}

static void put_limits(const struct cell_help_param *p, struct buf *out) {
    bool low = p->flags & (CELL_MIN | CELL_MIN_OPEN);
    bool high = p->flags & (CELL_MAX | CELL_MAX_OPEN);
    const char *above = p->flags & CELL_MIN_OPEN ? ">" : "≥";
    const char *below = p->flags & CELL_MAX_OPEN ? "<" : "≤";
    if (low)
        buf_printf(out, ", %s %.6g", above, p->min);
    if (high)
        buf_printf(out, ", %s %.6g", below, p->max);
}

static void put_type(const struct cell_help_param *p, struct buf *out) {
    if (p->choices) {
        const char *sep = "";
        for (const char *const *c = p->choices; *c; c++) {
            buf_printf(out, "%s\"%s\"", sep, *c);
            sep = ", ";
        }
        if (p->types & ~(unsigned)CELL_STRING) {
            buf_puts(out, _(" o "));
            cell_type_words(p->types & ~(unsigned)CELL_STRING, out);
        }
    } else if (p->type_text) {
        buf_puts(out, _(p->type_text));
    } else {
        cell_type_words(p->types, out);
    }
    put_limits(p, out);
}

void cell_help_param_line(const struct cell_help_param *p, struct buf *out) {
    buf_printf(out, "%s (", p->name);
    put_type(p, out);
    if (p->fallback)
        buf_printf(out, _("; por defecto %s"), p->fallback);
    else if (p->flags & CELL_REQUIRED)
        buf_puts(out, _("; obligatorio"));
    buf_puts(out, ")");
    if (p->doc)
        buf_printf(out, ": %s", _(p->doc));
}

static void put_param(const struct cell_help_param *p, struct buf *out, bool markdown) {
    if (p->flags & CELL_HIDDEN)
        return;
    buf_puts(out, markdown ? "- " : "  ");
    cell_help_param_line(p, out);
    buf_putc(out, '\n');
}

static void put_block(const char *title, const char *text, struct buf *out, bool markdown,
                      const char *fence) {
    if (!text)
        return;
    if (markdown)
        buf_printf(out, "\n**%s**", title);
    else
        buf_printf(out, "\n%s: ", title);
    if (!markdown) {
        for (const char *p = text; *p; p++) {
            buf_putc(out, *p);
            if (*p == '\n')
                buf_puts(out, "  ");
        }
        buf_putc(out, '\n');
    } else if (strcmp(fence, "$$") == 0) {
        buf_printf(out, "\n\n$$%s$$\n", text);
    } else if (*fence) {
        buf_printf(out, "\n\n```%s\n%s\n```\n", fence, text);
    } else {
        buf_printf(out, " %s\n", text);
    }
}

static void put_row(const struct cell_help_row *row, struct buf *out, bool markdown) {
    if (markdown)
        buf_puts(out, "```lua\n");
    cell_help_signature(row, out);
    buf_puts(out, markdown ? "\n```\n\n" : "\n\n");
    if (row->doc)
        buf_printf(out, "%s\n", _(row->doc));
    if (row->n_params) {
        buf_puts(out, markdown ? "\n**" : "\n");
        buf_puts(out, _("Parámetros"));
        buf_puts(out, markdown ? "**\n\n" : ":\n");
    }
    for (size_t i = 0; i < row->n_params; i++)
        put_param(&row->params[i], out, markdown);
    put_block(_("Devuelve"), row->returns ? _(row->returns) : NULL, out, markdown, "");
    put_block(_("Formas"), row->shapes ? _(row->shapes) : NULL, out, markdown, "");
    put_block(_("Fórmula"), row->formula, out, markdown, "$$");
    put_block(_("Ejemplo"), row->example, out, markdown, "lua");
    put_block(_("Véase también"), row->see_also, out, markdown, "");
}

bool cell_help_plain(const struct cell_help_row *row, struct buf *out) {
    put_row(row, out, false);
    return !out->failed;
}

bool cell_help_markdown(const struct cell_help_row *row, struct buf *out) {
    put_row(row, out, true);
    return !out->failed;
}

bool cell_help_bundle(const struct cell_help_row *row, struct mime_bundle *out) {
    struct buf text, md;
    buf_init(&text, CELL_TEXT_MAX);
    buf_init(&md, CELL_TEXT_MAX);
    bool ok = cell_help_plain(row, &text) && cell_help_markdown(row, &md) &&
              mime_add(out, "text/plain", text.data, text.len) &&
              mime_add(out, "text/markdown", md.data, md.len);
    buf_release(&text);
    buf_release(&md);
    return ok;
}
