/* report.c: lab.report: what the notebook lacks, then its PDF and the archive for handing
 * in. */
#include "report_build.h"

#include "register.h"
#include "report_notebook.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"
#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/stop.h"
#include "nn/zip.h"
#include "viz/escape.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define REPORT "nabla.report"

/* --------------------------------------------------------- which notebook */

static bool is_notebook(const char *name) {
    size_t n = strlen(name);
    return n > 6 && strcmp(name + n - 6, ".ipynb") == 0 && name[0] != '.';
}

/* The notebooks of this folder: their number, and the names with commas. */
static int list_notebooks(char *names, size_t size) {
    DIR *d = opendir(".");
    int n = 0;
    names[0] = '\0';
    for (struct dirent *x; d && (x = readdir(d)) != NULL;) {
        size_t used = strlen(names);
        if (is_notebook(x->d_name) && n++ < 4)
            (void)snprintf(names + used, size - used, "%s%s", used ? ", " : "",
                           x->d_name);
    }
    if (d)
        (void)closedir(d);
    return n;
}

/* The server says which notebook a kernel was started for; it may have another name now. */
static bool of_the_session(char path[PATH_MAX]) {
    const char *name = getenv("JPY_SESSION_NAME");
    if (!name || !is_notebook(name))
        return false;
    /* a kernel runs in its notebook's folder: the short name makes links that work */
    const char *slash = strrchr(name, '/');
    (void)snprintf(path, PATH_MAX, "%s", slash ? slash + 1 : name);
    if (access(path, R_OK) == 0)
        return true;
    (void)snprintf(path, PATH_MAX, "%s", name);
    return access(path, R_OK) == 0;
}

static void find_notebook(const struct cmd_args *a, char path[PATH_MAX]) {
    char names[512];
    if (cmd_given(a, "notebook")) {
        (void)snprintf(path, PATH_MAX, "%s", cmd_text(a, "notebook"));
        if (access(path, R_OK) == 0)
            return;
        int reason = errno;
        (void)list_notebooks(names, sizeof names);
        cmd_refuse(a, "notebook", _("%s: %s. En esta carpeta: %s"), path,
                   os_reason(reason), names[0] ? names : "–");
    }
    if (of_the_session(path))
        return;
    int n = list_notebooks(names, sizeof names);
    if (n != 1)
        cmd_refuse(
            a, "notebook",
            _("no sé cuál es este cuaderno: dilo, lab.report{notebook = \"…\"}. En "
              "esta carpeta: %s"),
            names[0] ? names : "–");
    (void)snprintf(path, PATH_MAX, "%s", names);
}

/* informe.pdf beside 07_encargo.ipynb: 07_encargo.pdf */
static void default_pdf(const char *notebook, char path[PATH_MAX]) {
    size_t n = strlen(notebook);
    (void)snprintf(path, PATH_MAX, "%.*s.pdf", (int)(is_notebook(notebook) ? n - 6 : n),
                   notebook);
}

/* ------------------------------------------------------------------- showing */

static void put_link(struct buf *html, const char *file) {
    buf_puts(html, "<a href=\"");
    viz_escape_html(html, file);
    buf_puts(html, "\" target=\"_blank\">");
    viz_escape_html(html, file);
    buf_puts(html, "</a>");
}

static void show(lua_State *L, const struct cmd_findings *f, const char *pdf,
                 const char *last, const char *id, bool update) {
    static const char *const mark[] = {"✓", "✗", "·"};
    struct buf *html = cmd_buf(L), *plain = cmd_buf(L);
    struct mime_bundle *b = cmd_bundle(L);
    buf_printf(html, "<p><b>%s</b></p><ul style=\"list-style:none;padding-left:1em\">",
               _("Informe"));
    for (size_t i = 0; i < f->n; i++) {
        const struct cmd_finding *x = &f->item[i];
        buf_printf(plain, "%s %s\n", mark[x->state], x->text);
        buf_printf(html, "<li>%s ", mark[x->state]);
        viz_escape_html(html, x->text);
        buf_puts(html, "</li>");
    }
    buf_puts(html, "</ul>");
    if (pdf) {
        buf_printf(html, "<p>%s ", _("Abre el PDF:"));
        put_link(html, pdf);
        buf_puts(html, "</p>");
    }
    if (last) {
        buf_printf(plain, "%s\n", last);
        buf_puts(html, "<p>");
        viz_escape_html(html, last);
        buf_puts(html, "</p>");
    }
    if (html->failed || plain->failed ||
        !mime_set_metadata(b, "{\"sin_informe\": true}") ||
        !mime_add(b, "text/html", html->data, html->len) ||
        !mime_add(b, "text/plain", plain->data ? plain->data : "", plain->len))
        cmd_raise_nomem(L);
    const struct host *h = cell_host(L);
    h->display(h->self, ORIGIN_CURRENT, b, id, update);
}

/* -------------------------------------------------------------------- steps */

static bool stopped(void *arg) {
    lua_State *L = arg;
    cell_stop_visit(L);
    return cell_stop_poll(cell_stop_of(L)) == CELL_UNWIND;
}

/* Whether the notebook is the one that this cell belongs to. */
static bool is_own(lua_State *L, const struct cmd_args *a, const struct cmd_notebook *nb,
                   const char *path) {
    time_t began;
    char session[PATH_MAX];
    const char *code = cell_ran(L, cell_count(L), &began);
    if (!cmd_given(a, "notebook") || (code && cmd_notebook_has(nb, code)))
        return true;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return of_the_session(session) &&
           strcmp(strrchr(session, '/') ? strrchr(session, '/') + 1 : session, name) == 0;
}

/* The file is old when it does not have the run of the latest cell (but for those that
 * make reports: what they show stays out). */
static bool is_old(lua_State *L, const struct cmd_notebook *nb) {
    time_t began;
    int k = cell_count(L) - 1;
    const char *ran = NULL;
    while (k > 0 && (ran = cell_ran(L, k, &began)) && strstr(ran, "lab.report"))
        k--;
    return k > 0 && ran && cmd_notebook_is_old(nb, ran, k, began);
}

static void check(const struct cmd_args *a, const char *path, struct cmd_findings *f,
                  bool *old) {
    lua_State *L = a->L;
    struct cmd_notebook nb;
    struct err e = {0};
    int rc = cmd_notebook_read(&nb, path, &e);
    if (rc == ERR_OK) {
        *old = is_own(L, a, &nb, path) && is_old(L, &nb);
        rc = cmd_notebook_check(&nb, f, &e);
    }
    cmd_notebook_release(&nb);
    if (rc < 0)
        cmd_raise(L, &e);
    if (*old)
        cmd_finding_add(
            f, CMD_MISSING,
            _("%s se guardó antes de la última ejecución: guárdalo (Ctrl+S) y "
              "ejecuta esta celda otra vez"),
            path);
}

/* The archive's files: notebook, PDF and those asked for; missing ones become lines. */
static bool pack(const struct cmd_args *a, const char *notebook, const char *pdf,
                 bool old, struct cmd_findings *f) {
    lua_State *L = a->L;
    const char *zip = cmd_text(a, "zip"), *files[NN_ZIP_FILES_MAX];
    size_t n = 0, missing = 0;
    struct err e = {0};
    files[n++] = notebook;
    files[n++] = pdf;
    int list = cmd_slot(a, "files"), top = lua_gettop(L);
    lua_Integer more = lua_istable(L, list) ? (lua_Integer)lua_rawlen(L, list) : 0;
    luaL_checkstack(L, (int)MIN_OF(more, NN_ZIP_FILES_MAX), "report");
    for (lua_Integer i = 1; i <= more && n < NN_ZIP_FILES_MAX; i++) {
        lua_rawgeti(L, list, i);
        files[n++] = lua_tostring(L, -1);
    }
    for (size_t i = 0; i < n; i++) {
        if (access(files[i], R_OK) != 0) {
            cmd_finding_add(f, CMD_MISSING, _("Falta en la entrega: %s"), files[i]);
            missing++;
        }
    }
    bool ok = missing == 0 && !old && nn_zip_write(zip, files, n, &e) == ERR_OK;
    if (ok)
        cmd_finding_add(f, CMD_FINE, _("%s: %zu archivos para entregar"), zip, n);
    else if (missing || old)
        cmd_finding_add(f, CMD_ADVICE,
                        missing ? _("%s no se hizo: faltan archivos")
                                : _("%s no se hizo: falta guardar"),
                        zip);
    else
        cmd_finding_add(f, CMD_MISSING, "%s", e.msg);
    lua_settop(L, top);
    return ok;
}

/* Pushes what the command returns: shows nothing, has fields. */
static void push_result(lua_State *L, const struct cmd_findings *f, const char *pdf,
                        const char *zip) {
    lua_createtable(L, 0, 4);
    lua_newtable(L);
    lua_Integer n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (f->item[i].state != CMD_MISSING)
            continue;
        lua_pushstring(L, f->item[i].text);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "missing");
    lua_pushboolean(L, n == 0);
    lua_setfield(L, -2, "complete");
    if (pdf)
        lua_pushstring(L, pdf);
    else
        lua_pushboolean(L, false);
    lua_setfield(L, -2, "pdf");
    if (zip)
        lua_pushstring(L, zip);
    else
        lua_pushboolean(L, false);
    lua_setfield(L, -2, "zip");
    luaL_setmetatable(L, REPORT);
}

static int shows_nothing(lua_State *L) {
    (void)L;
    return 0;
}

static int lab_report(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    char notebook[PATH_MAX], pdf[PATH_MAX], id[33];
    struct cmd_findings *f = cmd_scratch(L, 1, sizeof *f);
    struct err e = {0};
    bool old = false, packed = false;
    find_notebook(&a, notebook);
    default_pdf(notebook, pdf);
    if (cmd_given(&a, "pdf"))
        (void)snprintf(pdf, sizeof pdf, "%s", cmd_text(&a, "pdf"));
    cell_display_id(id);
    check(&a, notebook, f, &old);
    bool build = cmd_boolean(&a, "build") && !old;
    show(L, f, NULL, build ? _("Haciendo el PDF…") : NULL, id, false);
    struct cmd_build b = {.notebook = notebook,
                          .pdf = pdf,
                          .tex = cmd_text(&a, "tex"),
                          .stop = stopped,
                          .arg = L};
    int rc = build ? cmd_build_report(&b, f, &e) : ERR_OK;
    if (rc == ERR_INTERRUPT)
        return cell_raise_interrupt(L);
    if (rc < 0)
        cmd_finding_add(f, CMD_MISSING, "%s", e.msg);
    bool built = build && rc == ERR_OK;
    if (cmd_given(&a, "zip"))
        packed = pack(&a, notebook, pdf, old, f);
    show(L, f, built ? pdf : NULL, NULL, id, true);
    push_result(L, f, built ? pdf : NULL, packed ? cmd_text(&a, "zip") : NULL);
    return 1;
}

static const struct cell_help_param p_report[] = {
    {.name = "notebook",
     .types = CELL_STRING,
     .doc =
         N_("el cuaderno guardado; sin él, el de esta sesión o el único de la carpeta")},
    {.name = "pdf",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombre del PDF; sin él, el del cuaderno")},
    {.name = "tex",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("carpeta en la que quedan informe.tex y sus figuras")},
    {.name = "zip",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("archivo de entrega con el cuaderno, el PDF y lo que diga files")},
    {.name = "files",
     .types = CELL_LIST_STRING,
     .flags = CELL_NAMED,
     .doc = N_("otros archivos que la entrega exige")},
    {.name = "build",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("false: solo revisa, no hace el PDF")},
};

static const struct cmd_command commands[] = {
    {{.name = "lab.report",
      .kind = CELL_FUNCTION,
      .params = p_report,
      .n_params = ARRAY_LEN(p_report),
      .returns = N_("{pdf = …, zip = …, missing = {…}, complete = …}"),
      .doc = N_("Revisa el cuaderno guardado (portada, celdas sin ejecutar, errores, "
                "respuestas, pies de figura, referencias, uso de la parte de prueba) y "
                "hace su PDF con la plantilla «informe». Una celda con la etiqueta "
                "sin-informe queda fuera; con show-input muestra su código en el texto."),
      .example =
          "lab.report{\"tarea.ipynb\", build = false}   -- sin build: también hace "
          "tarea.pdf",
      .see_also = "lab.cover"},
     lab_report},
};

void cmd_report_open(lua_State *L) {
    luaL_newmetatable(L, REPORT);
    lua_pushcfunction(L, shows_nothing);
    lua_setfield(L, -2, "__display");
    lua_pop(L, 1);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
