/* report_check.c: what a notebook lacks to be a report. */
#include "report_notebook.h"

#include "cover.h"
#include "test_use.h"

#include "base/i18n.h"
#include "base/util.h"

enum { NAMES_MAX = 160, LABELS_MAX = 256 };

/* Names found on the way, shown after the count: "celda 3 («plot.line…»), celda 7". */
struct list {
    size_t n;
    char names[NAMES_MAX];
};

struct check {
    struct list not_run, failed, stubs, figures, tables, unresolved, twice;
    size_t n_code, n_figures, n_tables, n_refs;
    int code;             /* number of the code cell, counted as in the report's annex */
    bool reported;        /* the cell that makes the report was passed */
    long long last_count; /* execution_count of the cell before */
    bool disorder;        /* the cells did not run from top to bottom */
    bool failed_memory;
    bool titled;                           /* a heading of the first level */
    char heading[96];                      /* the latest, whatever its level */
    int test_models;                       /* measured on the same test part */
    const json_t *cover;                   /* the latest cover's fields */
    struct buf source, text, labels, refs; /* labels and refs: each ended by NUL */
};

/* Empties a buffer for the next text; a failure is not forgotten. */
static void next_text(struct check *c, struct buf *b, const json_t *text) {
    c->failed_memory = c->failed_memory || b->failed;
    buf_clear(b);
    cmd_notebook_text(text, b);
}

/* Adds a name: its first line, cut between characters; the fourth becomes "…". */
static void note(struct list *l, int cell, const char *what) {
    size_t used = strlen(l->names), n = strcspn(what, "\n"), kept = MIN_OF(n, (size_t)28);
    while (kept > 0 && kept < n && ((unsigned char)what[kept] & 0xC0) == 0x80)
        kept--;
    char *to = l->names + used;
    size_t room = sizeof l->names - used;
    const char *comma = used ? ", " : "", *dots = kept < n ? "…" : "";
    l->n++;
    if (l->n == 4)
        (void)snprintf(to, room, ", …");
    else if (l->n < 4 && cell > 0)
        (void)snprintf(to, room, _("%scelda %d («%.*s%s»)"), comma, cell, (int)kept, what,
                       dots);
    else if (l->n < 4)
        (void)snprintf(to, room, "%s%.*s%s", comma, (int)kept, what, dots);
}

static const char *source_of(const struct check *c) {
    return c->source.data ? c->source.data : "";
}

static bool has_tag(const json_t *cell, const char *tag) {
    const json_t *tags = json_object_get(json_object_get(cell, "metadata"), "tags");
    size_t i;
    json_t *one;
    json_array_foreach(tags, i, one) {
        const char *s = json_string_value(one);
        if (s && strcmp(s, tag) == 0)
            return true;
    }
    return false;
}

/* ------------------------------------------------------------ labels, references */

static bool has_text(const struct buf *set, const char *s, size_t n) {
    for (size_t at = 0; at < set->len; at += strlen(set->data + at) + 1)
        if (strlen(set->data + at) == n && memcmp(set->data + at, s, n) == 0)
            return true;
    return false;
}

static void add_text(struct buf *set, const char *s, size_t n) {
    buf_add(set, s, n);
    buf_putc(set, '\0');
}

/* Collects what stands in \command{...}. */
static void collect(const char *text, const char *command, struct buf *set) {
    size_t n = strlen(command);
    for (const char *at = text; (at = strstr(at, command)) != NULL;) {
        at += n;
        size_t len = strcspn(at, "}\n");
        if (at[len] == '}' && len > 0 && !has_text(set, at, len))
            add_text(set, at, len);
    }
}

/* Markdown's `code` and fences cite nothing: spaces take their place. */
static void blank_code(char *s) {
    while (s && (s = strchr(s, '`')) != NULL) {
        size_t n = strspn(s, "`");
        char *end = s + n;
        while ((end = strchr(end, '`')) != NULL && strspn(end, "`") != n)
            end += strspn(end, "`");
        if (end)
            memset(s, ' ', (size_t)(end - s));
        s = end ? end + n : s + n;
    }
}

static void check_references(struct check *c) {
    /* other names may be those that pandoc gives to headings: TeX's log will tell */
    for (size_t at = 0; at < c->refs.len; at += strlen(c->refs.data + at) + 1) {
        const char *ref = c->refs.data + at;
        bool ours = strncmp(ref, "fig:", 4) == 0 || strncmp(ref, "tab:", 4) == 0 ||
                    strncmp(ref, "eq:", 3) == 0;
        c->n_refs++;
        if (ours && !has_text(&c->labels, ref, strlen(ref)))
            note(&c->unresolved, 0, ref);
    }
}

/* ------------------------------------------------------------------ outputs */

static void check_caption(struct check *c, const json_t *output, struct list *without) {
    const json_t *facts = json_object_get(output, "metadata");
    const char *label = json_string_value(json_object_get(facts, "label"));
    const char *caption = json_string_value(json_object_get(facts, "caption"));
    if (!caption || !*caption) {
        note(without, c->code, source_of(c));
        return;
    }
    if (!label || !*label)
        return;
    if (has_text(&c->labels, label, strlen(label)))
        note(&c->twice, 0, label);
    else
        add_text(&c->labels, label, strlen(label));
}

static void check_shown(struct check *c, const json_t *output) {
    const json_t *data = json_object_get(output, "data");
    const json_t *facts = json_object_get(output, "metadata");
    const json_t *cover = json_object_get(facts, "informe");
    if (json_is_object(cover))
        c->cover = cover;
    if (cover || json_object_get(facts, "sin_informe"))
        return;
    next_text(c, &c->text, json_object_get(data, "text/latex"));
    bool formula = c->text.len > 0, table = formula && strstr(c->text.data, "{tabular}");
    if (table) {
        c->n_tables++;
        check_caption(c, output, &c->tables);
    } else if (formula) {
        if (json_object_get(facts, "caption") || json_object_get(facts, "label"))
            check_caption(c, output, &c->figures);
    } else if (json_object_get(data, "application/pdf") ||
               json_object_get(data, "image/png") ||
               json_object_get(data, "image/jpeg")) {
        c->n_figures++;
        check_caption(c, output, &c->figures);
    }
}

static void check_output(struct check *c, const json_t *cell, const json_t *output) {
    const char *type = json_string_value(json_object_get(output, "output_type"));
    if (!type)
        return;
    if (strcmp(type, "error") == 0) {
        if (!has_tag(cell, "raises-exception"))
            note(&c->failed, c->code, source_of(c));
    } else if (strcmp(type, "stream") == 0) {
        next_text(c, &c->text, json_object_get(output, "text"));
        int told = c->text.data ? cmd_test_use_told(c->text.data) : 0;
        c->test_models = MAX_OF(c->test_models, told);
    } else {
        check_shown(c, output);
    }
}

/* -------------------------------------------------------------------- cells */

static bool is_blank(const char *s) {
    return s[strspn(s, " \t\r\n")] == '\0';
}

/* Keeps the last heading of a text: an answer that is missing is named after it. */
static void keep_heading(struct check *c) {
    for (const char *line = source_of(c); *line;) {
        size_t n = strcspn(line, "\n"), marks = strspn(line, "#");
        if (marks > 0 && line[marks] == ' ')
            (void)snprintf(c->heading, sizeof c->heading, "%.*s", (int)(n - marks - 1),
                           line + marks + 1);
        line += n + (line[n] == '\n');
    }
}

static void check_stub(struct check *c, int number) {
    static const char *const stubs[] = {"ESCRIBE TU RESPUESTA AQUÍ",
                                        "ESCRIBE TU CÓDIGO AQUÍ", "Falta la respuesta"};
    for (size_t i = 0; i < ARRAY_LEN(stubs); i++) {
        if (strstr(source_of(c), stubs[i])) {
            bool named = number == 0 && c->heading[0];
            note(&c->stubs, number, named ? c->heading : source_of(c));
            return;
        }
    }
}

static void check_code(struct check *c, const json_t *cell) {
    size_t i;
    json_t *output;
    const json_t *count = json_object_get(cell, "execution_count");
    const json_t *outputs = json_object_get(cell, "outputs");
    if (is_blank(source_of(c)))
        return;
    c->code++;
    check_stub(c, c->code);
    if (json_is_integer(count)) {
        c->disorder =
            c->disorder || (!c->reported && json_integer_value(count) <= c->last_count);
        c->last_count = json_integer_value(count);
    } else if (json_array_size(outputs) == 0 && !c->reported) {
        note(&c->not_run, c->code, source_of(c));
    }
    json_array_foreach(outputs, i, output) {
        check_output(c, cell, output);
    }
}

static void check_cell(struct check *c, const json_t *cell) {
    const char *type = json_string_value(json_object_get(cell, "cell_type"));
    next_text(c, &c->source, json_object_get(cell, "source"));
    /* the cell that makes the report and what comes after it need not have run */
    if (type && strcmp(type, "code") == 0 && strstr(source_of(c), "lab.report"))
        c->reported = true;
    if (!type || has_tag(cell, "sin-informe") || has_tag(cell, "remove-cell"))
        return;
    if (strcmp(type, "code") == 0) {
        check_code(c, cell);
    } else if (strcmp(type, "markdown") == 0) {
        c->titled = c->titled || strncmp(source_of(c), "# ", 2) == 0;
        blank_code(c->source.data);
        keep_heading(c);
        check_stub(c, 0);
        collect(source_of(c), "\\label{", &c->labels);
        collect(source_of(c), "\\ref{", &c->refs);
    }
}

/* ----------------------------------------------------------------- findings */

static bool is_given(const json_t *fields, const char *key) {
    const json_t *v = json_object_get(fields, key);
    return json_is_array(v) ? json_array_size(v) > 0
                            : json_is_string(v) && *json_string_value(v);
}

/* Beside lab.cover, the notebook's own metadata may name title and authors, and its first
 * heading is a title. */
static void tell_cover(const struct check *c, const json_t *facts,
                       struct cmd_findings *f) {
    char missing[NAMES_MAX] = "";
    const char *name, *key;
    bool need;
    const json_t *own = json_object_get(facts, "informe");
    for (size_t i = 0; (key = cmd_cover_field(i, &name, &need)) != NULL; i++) {
        bool given =
            is_given(c->cover, key) || is_given(own, key) ||
            (strcmp(key, "titulo") == 0 && (c->titled || is_given(facts, "title"))) ||
            (strcmp(key, "integrantes") == 0 && is_given(facts, "authors"));
        size_t used = strlen(missing);
        if (need && !given)
            (void)snprintf(missing + used, sizeof missing - used, "%s%s",
                           used ? ", " : "", key);
    }
    if (missing[0])
        cmd_finding_add(f, CMD_MISSING, _("Portada: faltan campos en lab.cover: %s"),
                        missing);
    else
        cmd_finding_add(f, CMD_FINE, "%s", _("Portada y resúmenes completos"));
}

static void tell_cells(const struct check *c, struct cmd_findings *f) {
    if (c->not_run.n)
        cmd_finding_add(f, CMD_MISSING,
                        ngettext_("%zu celda sin ejecutar: %s",
                                  "%zu celdas sin ejecutar: %s", c->not_run.n),
                        c->not_run.n, c->not_run.names);
    if (c->failed.n)
        cmd_finding_add(
            f, CMD_MISSING,
            ngettext_("%zu celda con error: %s", "%zu celdas con error: %s", c->failed.n),
            c->failed.n, c->failed.names);
    if (!c->not_run.n && !c->failed.n)
        cmd_finding_add(f, CMD_FINE,
                        ngettext_("%d celda de código ejecutada, sin errores",
                                  "%d celdas de código ejecutadas, sin errores", c->code),
                        c->code);
    if (c->disorder)
        cmd_finding_add(
            f, CMD_ADVICE, "%s",
            _("Las celdas no se ejecutaron de arriba abajo: «Kernel → Restart "
              "and Run All» prueba que el resultado se repite"));
    if (c->stubs.n)
        cmd_finding_add(f, CMD_MISSING,
                        ngettext_("%zu respuesta sin escribir: %s",
                                  "%zu respuestas sin escribir: %s", c->stubs.n),
                        c->stubs.n, c->stubs.names);
    if (c->test_models > 1)
        cmd_finding_add(f, CMD_MISSING,
                        _("%d modelos medidos en la parte de prueba: se elige con la "
                          "validación y se mide en prueba una sola vez"),
                        c->test_models);
}

static void tell_captions(const struct check *c, struct cmd_findings *f) {
    if (c->figures.n)
        cmd_finding_add(f, CMD_MISSING,
                        ngettext_("%zu figura sin pie (caption = \"…\"): %s",
                                  "%zu figuras sin pie (caption = \"…\"): %s",
                                  c->figures.n),
                        c->figures.n, c->figures.names);
    else if (c->n_figures)
        cmd_finding_add(f, CMD_FINE,
                        ngettext_("%zu figura, con su pie",
                                  "%zu figuras, todas con su pie", c->n_figures),
                        c->n_figures);
    if (c->tables.n)
        cmd_finding_add(f, CMD_MISSING,
                        ngettext_("%zu tabla sin título (caption = \"…\"): %s",
                                  "%zu tablas sin título (caption = \"…\"): %s",
                                  c->tables.n),
                        c->tables.n, c->tables.names);
    else if (c->n_tables)
        cmd_finding_add(f, CMD_FINE,
                        ngettext_("%zu tabla, con su título",
                                  "%zu tablas, todas con su título", c->n_tables),
                        c->n_tables);
    if (c->twice.n)
        cmd_finding_add(f, CMD_MISSING, _("Etiquetas que se repiten: %s"),
                        c->twice.names);
    if (c->unresolved.n)
        cmd_finding_add(f, CMD_MISSING, _("Referencias \\ref{…} sin figura ni tabla: %s"),
                        c->unresolved.names);
    else if (c->n_refs)
        cmd_finding_add(f, CMD_FINE,
                        ngettext_("%zu referencia, resuelta",
                                  "%zu referencias, todas resueltas", c->n_refs),
                        c->n_refs);
}

int cmd_notebook_check(const struct cmd_notebook *nb, struct cmd_findings *f,
                       struct err *e) {
    struct check c = {0};
    size_t i;
    json_t *cell;
    buf_init(&c.source, (size_t)8 << 20);
    buf_init(&c.text, (size_t)64 << 20);
    buf_init(&c.labels, (size_t)1 << 20);
    buf_init(&c.refs, (size_t)1 << 20);
    json_array_foreach(nb->cells, i, cell) {
        check_cell(&c, cell);
    }
    check_references(&c);
    bool short_of_memory = c.failed_memory || c.source.failed || c.text.failed ||
                           c.labels.failed || c.refs.failed;
    if (!short_of_memory) {
        tell_cover(&c, json_object_get(nb->root, "metadata"), f);
        tell_cells(&c, f);
        tell_captions(&c, f);
    }
    buf_release(&c.source);
    buf_release(&c.text);
    buf_release(&c.labels);
    buf_release(&c.refs);
    return short_of_memory
               ? err_set(e, ERR_NOMEM, _("no hay memoria para revisar el cuaderno"))
               : ERR_OK;
}

int cmd_report_check(const char *notebook, struct cmd_findings *f, bool *never_ran,
                     struct err *e) {
    struct cmd_notebook nb;
    int rc = cmd_notebook_read(&nb, notebook, e);
    *never_ran = rc == ERR_OK && cmd_notebook_never_ran(&nb);
    if (rc == ERR_OK)
        rc = cmd_notebook_check(&nb, f, e);
    cmd_notebook_release(&nb);
    return rc;
}
