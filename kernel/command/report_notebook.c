/* report_notebook.c: reads a notebook file (nbformat 4). */
#include "report_notebook.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"

#include <sys/stat.h>

int cmd_notebook_read(struct cmd_notebook *nb, const char *path, struct err *e) {
    struct stat st;
    json_error_t why;
    *nb = (struct cmd_notebook){0};
    if (stat(path, &st) != 0)
        return err_set(e, ERR_IO, _("%s: no se puede leer: %s"), path, os_reason(errno));
    nb->saved = st.st_mtime;
    nb->root = json_load_file(path, JSON_ALLOW_NUL, &why);
    if (!nb->root)
        return json_error_code(&why) == json_error_out_of_memory
                   ? err_set(e, ERR_NOMEM, _("no hay memoria para leer %s"), path)
                   : err_set(e, ERR_FORMAT, _("%s no es un cuaderno: %s (línea %d)"),
                             path, why.text, why.line);
    nb->cells = json_object_get(nb->root, "cells");
    if (json_is_array(nb->cells) &&
        json_integer_value(json_object_get(nb->root, "nbformat")) >= 4)
        return ERR_OK;
    cmd_notebook_release(nb);
    return err_set(e, ERR_FORMAT, _("%s no es un cuaderno del formato 4"), path);
}

void cmd_notebook_release(struct cmd_notebook *nb) {
    json_decref(nb->root);
    *nb = (struct cmd_notebook){0};
}

void cmd_notebook_text(const json_t *text, struct buf *out) {
    size_t i;
    json_t *line;
    if (json_is_string(text))
        buf_puts(out, json_string_value(text));
    json_array_foreach(text, i, line) {
        if (json_is_string(line))
            buf_puts(out, json_string_value(line));
    }
}

void cmd_finding_add(struct cmd_findings *f, enum cmd_state state, const char *fmt, ...) {
    if (f->n == CMD_FINDINGS_MAX)
        return;
    struct cmd_finding *x = &f->item[f->n++];
    x->state = state;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(x->text, sizeof x->text, fmt, ap);
    va_end(ap);
    /* a text that was cut ends with a whole character */
    if (n >= (int)sizeof x->text) {
        size_t at = sizeof x->text - 4;
        while (at > 0 && ((unsigned char)x->text[at] & 0xC0) == 0x80)
            at--;
        (void)snprintf(x->text + at, sizeof x->text - at, "…");
    }
}

size_t cmd_findings_missing(const struct cmd_findings *f) {
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->item[i].state == CMD_MISSING;
    return n;
}

static bool is_code(const json_t *cell) {
    const char *type = json_string_value(json_object_get(cell, "cell_type"));
    return type && strcmp(type, "code") == 0;
}

bool cmd_notebook_never_ran(const struct cmd_notebook *nb) {
    size_t i;
    json_t *cell;
    json_array_foreach(nb->cells, i, cell) {
        if (is_code(cell) && (json_is_integer(json_object_get(cell, "execution_count")) ||
                              json_array_size(json_object_get(cell, "outputs")) > 0))
            return false;
    }
    return true;
}

/* Looks at the code cells with that text: whether there is one, and whether one ran as
 * In[count]. */
static bool find_code(const struct cmd_notebook *nb, const char *code, int count,
                      bool *ran) {
    struct buf text;
    size_t i;
    json_t *cell;
    bool found = false;
    *ran = false;
    buf_init(&text, (size_t)8 << 20);
    json_array_foreach(nb->cells, i, cell) {
        buf_clear(&text);
        cmd_notebook_text(json_object_get(cell, "source"), &text);
        if (!is_code(cell) || strcmp(text.data ? text.data : "", code) != 0)
            continue;
        found = true;
        *ran =
            *ran || json_integer_value(json_object_get(cell, "execution_count")) == count;
    }
    buf_release(&text);
    return found;
}

bool cmd_notebook_has(const struct cmd_notebook *nb, const char *code) {
    bool ran;
    return find_code(nb, code, 0, &ran);
}

bool cmd_notebook_is_old(const struct cmd_notebook *nb, const char *ran, int count,
                         time_t at) {
    bool same_run;
    /* a cell that the file does not know was deleted, or never saved */
    return find_code(nb, ran, count, &same_run) ? !same_run : nb->saved < at;
}
