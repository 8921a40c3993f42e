/* report_tex.c: TeX's first complaint, said so that a student can find it. */
#include "report_build.h"

#include "base/i18n.h"
#include "base/util.h"
#include "viz/escape.h"

/* The usual ones; the rest is quoted as TeX says it. */
static const struct {
    const char *tex, *words;
} known[] = {
    {"Undefined control sequence", N_("una orden de LaTeX que no existe")},
    {"Missing $ inserted",
     N_("un símbolo de matemáticas fuera de $…$ (¿un _ o un ^ en el texto?)")},
    {"Misplaced alignment tab", N_("un & fuera de una tabla: se escribe \\&")},
    {"Extra }, or forgotten $", N_("una llave } de más o un $ de menos")},
    {"Missing } inserted", N_("falta una llave }")},
    {"Missing { inserted", N_("falta una llave {")},
    {"Runaway argument", N_("una llave { que no se cierra")},
    {"Paragraph ended before", N_("una llave { que no se cierra")},
    {"Double superscript", N_("dos exponentes seguidos: pon llaves, {a^b}^c")},
    {"Double subscript", N_("dos subíndices seguidos: pon llaves, {a_b}_c")},
    {"Environment", N_("un \\begin{…} de un entorno que no existe")},
    {"\\begin{", N_("un \\begin{…} que no cierra con su \\end{…}")},
    {"Unable to load picture", N_("una imagen que no se puede leer")},
    {"not found", N_("un archivo que no está")},
};

/* The line's text begins at the complaint: "./informe.tex:12: Missing $ inserted." or "!
 * Missing $ inserted.". *number: 0 when the line has none. */
static const char *complaint(const char *line, long *number) {
    *number = 0;
    if (line[0] == '!' && line[1] == ' ')
        return line + 2;
    const char *colon = strstr(line, ".tex:");
    const char *end = strchr(line, '\n');
    if (!colon || (end && colon > end) || colon - line > 200)
        return NULL;
    char *after;
    *number = strtol(colon + 5, &after, 10);
    return *number > 0 && after[0] == ':' && after[1] == ' ' ? after + 2 : NULL;
}

/* The cell whose part of the file holds that line, 0 when none does: the template writes
 * "%% nabla: celda 4" before each. */
static long cell_of_line(const char *tex, long line) {
    static const char mark[] = "%% nabla: celda ";
    long cell = 0;
    for (long i = 1; i <= line && *tex; i++) {
        tex += strspn(tex, " ");
        if (strncmp(tex, mark, sizeof mark - 1) == 0)
            cell = strtol(tex + sizeof mark - 1, NULL, 10);
        const char *next = strchr(tex, '\n');
        if (!next)
            break;
        tex = next + 1;
    }
    return cell;
}

static void put_line(struct buf *out, const char *s) {
    size_t n = MIN_OF(strcspn(s, "\r\n"), (size_t)160);
    while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80)
        n--;
    viz_escape_text_n(out, s, n);
}

void cmd_tex_explain(const char *output, const char *tex, struct buf *sentence) {
    const char *said = NULL;
    long line = 0;
    const char *at = output;
    while (*at && !(said = complaint(at, &line))) {
        at = strchr(at, '\n');
        if (!at)
            break;
        at++;
    }
    if (!said) {
        buf_puts(sentence, _("TeX no terminó y no dijo por qué"));
        return;
    }
    long cell = cell_of_line(tex, line);
    if (cell > 0)
        buf_printf(
            sentence,
            _("LaTeX se detuvo en la celda %ld del cuaderno (contando las de texto): "),
            cell);
    else
        buf_puts(sentence, _("LaTeX se detuvo: "));
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const char *found = strstr(said, known[i].tex);
        if (found && found - said < 120) {
            buf_printf(sentence, "%s. ", _(known[i].words));
            break;
        }
    }
    buf_puts(sentence, "«");
    put_line(sentence, said);
    const char *where = strstr(said, "\nl.");
    if (where) {
        buf_puts(sentence, " — ");
        put_line(sentence, where + 1);
    }
    buf_puts(sentence, "»");
}
