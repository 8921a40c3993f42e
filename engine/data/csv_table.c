/* csv_table.c: cuts CSV text into fields and reads the numbers. */
#include "csv_table.h"

#include "base/i18n.h"

#include <ctype.h>
#include <math.h>

void nn_csv_table_release(struct nn_csv_table *t) {
    free(t->x);
    free(t->word);
    free(t->line);
    free(t->heading);
    free(t->text);
    *t = (struct nn_csv_table){0};
}

static int no_memory(const struct nn_csv_table *t, struct err *e) {
    return err_set(e, ERR_NOMEM, _("%s: falta memoria para la tabla"), t->name);
}

const char *nn_csv_show(char text[NN_CSV_SHOWN], const char *field) {
    size_t n = strlen(field);
    bool cut = n > NN_CSV_SHOWN - 4; /* room for the three bytes of the ellipsis */
    if (cut)
        for (n = NN_CSV_SHOWN - 4; n && (field[n] & 0xC0) == 0x80;)
            n--;
    memcpy(text, field, n);
    strcpy(text + n, cut ? "…" : "");
    return text;
}

bool nn_csv_number(double *v, const char *field, bool comma) {
    char copy[64];
    size_t n = strlen(field);
    if (n == 0 || n >= sizeof copy || strpbrk(field, "xXpP"))
        return false;
    memcpy(copy, field, n + 1);
    char *mark = comma ? strchr(copy, ',') : NULL;
    if (mark)
        *mark = '.';
    char *end;
    *v = strtod(copy, &end);
    return *end == '\0' && isfinite(*v);
}

/* Ends the line at p with NUL and returns the start of the next one. */
static char *cut_line(char *p) {
    char *end = strchr(p, '\n');
    char *next = end ? end + 1 : p + strlen(p);
    if (end) {
        *end = '\0';
        if (end > p && end[-1] == '\r')
            end[-1] = '\0';
    }
    return next;
}

static bool is_blank(const char *p) {
    p += strspn(p, " \t\r");
    return *p == '\0' || *p == '#';
}

/* The one of tab, semicolon and comma that occurs outside quotes, in this order. */
static char find_separator(const char *line) {
    bool seen[3] = {false}, quoted = false;
    static const char seps[3] = {'\t', ';', ','};
    for (; *line; line++) {
        quoted ^= *line == '"';
        for (int k = 0; k < 3; k++)
            seen[k] |= !quoted && *line == seps[k];
    }
    return seen[0] ? '\t' : seen[1] ? ';' : ',';
}

static char *trim(char *p) {
    p += strspn(p, " ");
    size_t n = strlen(p);
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\r'))
        p[--n] = '\0';
    return p;
}

/* Removes the quotes around the field at p and halves doubled ones; *end: behind it. */
static char *unquote(char *p, char **end) {
    char *from = p + 1, *to = p;
    for (; *from && (from[0] != '"' || from[1] == '"'); from++) {
        from += from[0] == '"';
        *to++ = *from;
    }
    *end = *from ? from + 1 : NULL;
    *to = '\0';
    return p;
}

/* Cuts line into at most max fields; returns how many there are, 0 for an open quote. */
static size_t cut_fields(char *line, char sep, char **field, size_t max) {
    size_t n = 0;
    for (char *p = line;;) {
        char *start = p + strspn(p, " "), *end = p, *f;
        if (*start == '"') {
            f = unquote(start, &end);
            if (!end)
                return 0;
            p = end + strcspn(end, (char[]){sep, '\0'});
        } else {
            p += strcspn(p, (char[]){sep, '\0'});
            f = NULL;
        }
        bool last = *p == '\0';
        *p = '\0';
        if (n < max)
            field[n] = f ? f : trim(start);
        n++;
        if (last)
            return n;
        p++;
    }
}

static bool comma_decimals(const struct nn_csv_table *t) {
    return t->sep != ',';
}

/* A first line is the header when a field outside the label column is no number. */
static bool is_heading(const struct nn_csv_table *t, char **field,
                       const struct nn_csv_opts *o) {
    const char *label = o->label;
    double v;
    if (o->header != NN_CSV_HEADER_FOUND_OUT)
        return o->header == NN_CSV_HEADER_YES;
    for (size_t i = 0; i < t->n_cols; i++) {
        if (label && !nn_csv_number(&v, label, false) && strcmp(field[i], label) == 0)
            return true;
        if (i != t->label && !nn_csv_number(&v, field[i], comma_decimals(t)))
            return true;
    }
    return false;
}

/* Sets t->label from a column number, before the header is known. */
static int label_by_number(struct nn_csv_table *t, const char *label, struct err *e) {
    double v;
    t->label = t->n_cols - 1;
    if (!label || !nn_csv_number(&v, label, false))
        return 0;
    if (!(v >= 1 && v <= (double)t->n_cols) || v != floor(v))
        return err_set(e, ERR_NOTFOUND,
                       _("%s: no hay columna %s; las columnas van de 1 a %zu"), t->name,
                       label, t->n_cols);
    t->label = (size_t)v - 1;
    return 0;
}

static int label_by_name(struct nn_csv_table *t, const char *label, struct err *e) {
    double v;
    if (!label || nn_csv_number(&v, label, false))
        return 0;
    for (size_t i = 0; t->heading && i < t->n_cols; i++)
        if (strcmp(t->heading[i], label) == 0) {
            t->label = i;
            return 0;
        }
    return err_set(e, ERR_NOTFOUND,
                   t->heading ? _("%s: ninguna columna se llama «%s»")
                              : _("%s: no tiene encabezado, y ninguna columna se llama "
                                  "«%s»"),
                   t->name, label);
}

static bool grow(struct nn_csv_table *t) {
    if (t->rows < t->cap)
        return true;
    size_t cap = t->cap ? t->cap * 2 : 256, cells, bytes;
    if (!mul_size(&cells, cap, t->n_cols) || !mul_size(&bytes, cells, sizeof *t->x))
        return false;
    float *x = realloc(t->x, bytes);
    t->x = x ? x : t->x;
    char **word = realloc(t->word, cap * sizeof *word);
    t->word = word ? word : t->word;
    size_t *line = realloc(t->line, cap * sizeof *line);
    t->line = line ? line : t->line;
    if (!x || !word || !line)
        return false;
    t->cap = cap;
    return true;
}

static int add_row(struct nn_csv_table *t, char **field, size_t line, struct err *e) {
    if (!grow(t))
        return no_memory(t, e);
    float *x = t->x + t->rows * (t->n_cols - 1);
    for (size_t i = 0; i < t->n_cols; i++) {
        double v;
        char shown[NN_CSV_SHOWN];
        if (i == t->label)
            continue;
        if (!nn_csv_number(&v, field[i], comma_decimals(t)) || fabs(v) > 3.4e38)
            return err_set(e, ERR_FORMAT,
                           _("%s, línea %zu, columna %zu: «%s» no es un número"), t->name,
                           line, i + 1, nn_csv_show(shown, field[i]));
        *x++ = (float)v;
    }
    t->word[t->rows] = field[t->label];
    t->line[t->rows++] = line;
    return 0;
}

static int check_fields(const struct nn_csv_table *t, size_t n, size_t line,
                        struct err *e) {
    if (n == 0)
        return err_set(e, ERR_FORMAT, _("%s, línea %zu: unas comillas no se cierran"),
                       t->name, line);
    if (n != t->n_cols)
        return err_set(e, ERR_FORMAT,
                       _("%s, línea %zu: tiene %zu campos y se esperaban %zu"), t->name,
                       line, n, t->n_cols);
    return 0;
}

/* The first line that counts: separator, number of columns, header. */
static int first_line(struct nn_csv_table *t, char *line, size_t number,
                      const struct nn_csv_opts *o, char **field, struct err *e) {
    t->sep = find_separator(line);
    t->n_cols = cut_fields(line, t->sep, field, NN_CSV_MAX_COLUMNS);
    if (t->n_cols == 0)
        return check_fields(t, 0, number, e);
    if (t->n_cols < 2 || t->n_cols > NN_CSV_MAX_COLUMNS)
        return err_set(e, ERR_FORMAT,
                       _("%s, línea %zu: tiene %zu columnas; se admiten de 2 a %d "
                         "separadas por coma, punto y coma o tabulador"),
                       t->name, number, t->n_cols, NN_CSV_MAX_COLUMNS);
    int rc = label_by_number(t, o->label, e);
    if (rc < 0)
        return rc;
    if (is_heading(t, field, o)) {
        t->heading = malloc(t->n_cols * sizeof *t->heading);
        if (!t->heading)
            return no_memory(t, e);
        memcpy(t->heading, field, t->n_cols * sizeof *t->heading);
    }
    rc = label_by_name(t, o->label, e);
    return rc == 0 && !t->heading ? add_row(t, field, number, e) : rc;
}

static int read_lines(struct nn_csv_table *t, const struct nn_csv_opts *o, char **field,
                      struct err *e) {
    char *p = t->text;
    int rc = 0;
    for (size_t number = 1; rc == 0 && *p; number++) {
        char *line = p;
        p = cut_line(p);
        if (is_blank(line))
            continue;
        if (t->n_cols == 0) {
            rc = first_line(t, line, number, o, field, e);
            continue;
        }
        rc = check_fields(t, cut_fields(line, t->sep, field, t->n_cols), number, e);
        if (rc == 0)
            rc = add_row(t, field, number, e);
    }
    if (rc == 0 && t->rows == 0)
        rc = err_set(e, ERR_FORMAT, _("%s: no contiene ninguna línea de datos"), t->name);
    return rc;
}

/* Bytes of the UTF-8 character at p (n bytes left), 0 when it is none. */
static size_t utf8_length(const unsigned char *p, size_t n) {
    size_t len = p[0] < 0x80   ? 1
                 : p[0] < 0xC2 ? 0
                 : p[0] < 0xE0 ? 2
                 : p[0] < 0xF0 ? 3
                               : 4;
    if (len == 0 || p[0] > 0xF4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0; /* overlong, surrogate, beyond U+10FFFF */
    return len;
}

static int check_text(const char *text, size_t n, const char *name, struct err *e) {
    const unsigned char *p = (const unsigned char *)text;
    size_t line = 1;
    for (size_t i = 0; i < n;) {
        size_t len = p[i] ? utf8_length(p + i, n - i) : 0;
        if (len == 0)
            return err_set(e, ERR_FORMAT,
                           _("%s, línea %zu: el byte 0x%02x no es texto UTF-8; guarda el "
                             "archivo como «CSV UTF-8»"),
                           name, line, p[i]);
        line += p[i] == '\n';
        i += len;
    }
    return 0;
}

int nn_csv_table_read(struct nn_csv_table *t, const char *text, size_t n,
                      const char *name, const struct nn_csv_opts *o, struct err *e) {
    *t = (struct nn_csv_table){.name = name};
    if (n > NN_CSV_MAX_BYTES)
        return err_set(e, ERR_RANGE, _("%s: %zu bytes superan el límite de %zu"), name, n,
                       NN_CSV_MAX_BYTES);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    int rc = check_text(text, n, name, e);
    if (rc < 0)
        return rc;
    t->text = copy_bytes(text, n);
    char **field = malloc(NN_CSV_MAX_COLUMNS * sizeof *field);
    rc = t->text && field ? read_lines(t, o, field, e) : no_memory(t, e);
    free(field);
    return rc;
}
