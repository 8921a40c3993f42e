/* manual.c: `nabla manual`: the reference of all commands as one Markdown page, made from
 * the help rows. notebooks/MANUAL.md is its Spanish output. */
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cell/cell.h"
#include "cell/help.h"
#include "command/command.h"
#include "script_host.h"

#include <ctype.h>

enum { MANUAL_MAX = 8 << 20, SLUG_MAX = 128, PREFIXES_MAX = 12, CHAPTERS = 12 };

/* A chapter: the names with these prefixes ("nn" takes nn, nn.Dense; "Model" takes
 * Model:fit), and these globals. */
struct chapter {
    const char *title;
    const char *prefix[PREFIXES_MAX];
    const char *global[PREFIXES_MAX];
    bool language; /* takes the other globals of the bare cell */
    bool commands; /* takes the other globals of the commands */
};

static const struct chapter chapters[CHAPTERS] = {
    {.title = N_("Tensores"), .prefix = {"tensor", "Tensor"}},
    {.title = N_("Funciones, derivadas y explicaciones"), .commands = true},
    {.title = N_("Datos"), .prefix = {"data", "Dataset"}},
    {.title = N_("Capas y modelos"),
     .prefix = {"nn", "Layer", "Model", "History", "losses", "Loss", "initializers",
                "regularizers"}},
    {.title = N_("Optimizadores y lo que actúa durante el entrenamiento"),
     .prefix = {"optim", "Optimizer", "Schedule", "callbacks", "Callback"}},
    {.title = N_("Medidas"), .prefix = {"metrics"}},
    {.title = N_("Figuras"), .prefix = {"plot", "Figure"}},
    {.title = N_("El laboratorio"), .prefix = {"lab", "Experiments"}},
    {.title = N_("Controles"),
     .prefix = {"widget", "Widget", "comm", "Comm"},
     .global = {"interact"}},
    {.title = N_("Mostrar y preguntar"),
     .prefix = {"DisplayHandle"},
     .global = {"display", "html", "latex", "markdown", "svg", "png", "vegalite", "mime",
                "update", "clear_output", "input", "help"}},
    {.title = N_("El lenguaje Lua"),
     .prefix = {"string", "table", "math", "utf8", "io", "os", "coroutine"},
     .language = true},
    {.title = N_("Lo demás")},
};

struct manual {
    const struct cell_help_row *const *row; /* all, in name order */
    size_t n;
    int *chapter; /* of each row */
    struct buf out;
};

static bool in_list(const char *const list[], const char *s, size_t n) {
    for (size_t i = 0; i < PREFIXES_MAX && list[i]; i++)
        if (strlen(list[i]) == n && strncmp(list[i], s, n) == 0)
            return true;
    return false;
}

/* The chapter of a row; bare: the cell without commands. */
static int chapter_of(const struct cell_help_row *row, lua_State *bare) {
    size_t n = strcspn(row->name, ".:");
    bool global = row->name[n] == '\0';
    for (int i = 0; i < CHAPTERS; i++)
        if (in_list(chapters[i].prefix, row->name, n) ||
            (global && in_list(chapters[i].global, row->name, n)))
            return i;
    bool language = cell_help_find(bare, row->name, n) != NULL;
    for (int i = 0; global && i < CHAPTERS; i++)
        if (language ? chapters[i].language : chapters[i].commands)
            return i;
    return CHAPTERS - 1;
}

/* --------------------------------------------------------------------------- the page */

/* A heading's anchor as code hosts make it: small letters, signs left out; a second one of
 * the same name gets -1. */
static void put_slug(struct manual *m, size_t at) {
    char slug[SLUG_MAX], other[SLUG_MAX];
    int before = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i <= (pass ? at : 0); i++) {
            const char *s = m->row[pass ? i : at]->name;
            char *to = pass ? other : slug, *end = to + SLUG_MAX - 1;
            for (; *s && to < end; s++)
                if (isalnum((unsigned char)*s) || *s == '_')
                    *to++ = (char)tolower((unsigned char)*s);
            *to = '\0';
            before += pass && i < at && strcmp(slug, other) == 0 &&
                      m->chapter[i] <= m->chapter[at];
        }
    }
    buf_printf(&m->out, before ? "%s-%d" : "%s", slug, before);
}

static void put_index(struct manual *m) {
    for (int c = 0; c < CHAPTERS; c++) {
        const char *sep = "";
        for (size_t i = 0; i < m->n; i++) {
            if (m->chapter[i] != c)
                continue;
            if (!*sep)
                buf_printf(&m->out, "**%s.** ", _(chapters[c].title));
            buf_printf(&m->out, "%s[%s](#", sep, m->row[i]->name);
            put_slug(m, i);
            buf_puts(&m->out, ")");
            sep = " · ";
        }
        buf_puts(&m->out, *sep ? "\n\n" : "");
    }
}

static void put_chapter(struct manual *m, int c) {
    bool first = true;
    for (size_t i = 0; i < m->n; i++) {
        struct mime_bundle b = {0};
        if (m->chapter[i] != c)
            continue;
        if (first)
            buf_printf(&m->out, "## %s\n\n", _(chapters[c].title));
        first = false;
        buf_printf(&m->out, "### %s\n\n", m->row[i]->name);
        const struct mime_item *text =
            cell_help_bundle(m->row[i], &b) ? mime_get(&b, "text/markdown") : NULL;
        if (text)
            buf_add(&m->out, text->data, text->len);
        else
            m->out.failed = true;
        buf_putc(&m->out, '\n');
        mime_release(&b);
    }
}

static void put_page(struct manual *m) {
    buf_printf(&m->out, "# %s\n\n", _("Manual de referencia de Nabla"));
    buf_puts(
        &m->out,
        _("Todas las órdenes, con sus parámetros, valores por defecto, formas, fórmula "
          "y un ejemplo que se puede ejecutar. En un cuaderno lo mismo se lee con "
          "`help \"nombre\"` o `?nombre`. Esta página se hace con `make manual` a "
          "partir de las filas de ayuda del programa: no se edita a mano.\n\n"));
    buf_puts(
        &m->out,
        _("Toda orden se llama por posición, `nn.Dense(128)`, o con llaves que mezclan "
          "posiciones y nombres, `nn.Dense{128, activation = \"relu\"}`.\n\n"));
    buf_printf(&m->out, "## %s\n\n", _("Índice"));
    put_index(m);
    for (int c = 0; c < CHAPTERS; c++)
        put_chapter(m, c);
    while (m->out.len > 1 && m->out.data[m->out.len - 2] == '\n')
        m->out.len--;
}

static int write_manual(lua_State *L, lua_State *bare, struct err *e) {
    struct manual m = {0};
    int rc = 0;
    m.row = cell_help_all(L, &m.n);
    buf_init(&m.out, MANUAL_MAX);
    m.chapter = calloc(m.n, sizeof *m.chapter);
    if (m.chapter) {
        for (size_t i = 0; i < m.n; i++)
            m.chapter[i] = chapter_of(m.row[i], bare);
        put_page(&m);
    }
    if (!m.chapter || m.out.failed)
        rc = err_set(e, ERR_NOMEM, "%s", _("no hay memoria para el manual"));
    else if (fwrite(m.out.data, 1, m.out.len, stdout) != m.out.len || fflush(stdout) != 0)
        rc = err_set(e, ERR_IO, "%s", _("no se puede escribir el manual"));
    buf_release(&m.out);
    free(m.chapter);
    return rc;
}

int app_manual(int argc, char **argv) {
    struct script_host *host = NULL;
    struct cell *all = NULL, *bare = NULL;
    struct err e = {0};
    if (argc > 0) {
        fprintf(stderr, _("nabla manual: no se entiende «%s»\n"), argv[0]);
        return 2;
    }
    int rc = script_host_new(&host, ".", &e);
    if (rc < 0)
        goto done;
    struct cell_config cfg = {.host = script_host_get(host), .script = true};
    rc = cell_new(&bare, &cfg, &e);
    cfg.open = cmd_open;
    if (rc == 0)
        rc = cell_new(&all, &cfg, &e);
    if (rc == 0)
        rc = write_manual(cell_lua(all), cell_lua(bare), &e);
done:
    if (rc < 0)
        fprintf(stderr, "nabla manual: %s\n", e.msg);
    cell_free(all);
    cell_free(bare);
    script_host_free(host);
    return rc < 0 ? 1 : 0;
}
