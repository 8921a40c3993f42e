/* cover.c: lab.cover: what the report's first page says.
 *
 * The data travel in the notebook itself: the output of the cell shows the cover and
 * carries its fields in the metadata "informe", where the template `informe` and
 * lab.report find them after the notebook was saved. */
#include "cover.h"

#include "register.h"
#include "session.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/json.h"
#include "nn/cpu.h"
#include "nn/pool.h"
#include "viz/escape.h"

#include <stdio.h>
#include <string.h>

/* The fields in the order of the page; those with need are missed when they are empty. */
static const struct field {
    const char *key, *name;
    bool need;
} fields[] = {
    {"institucion", N_("Institución"), true},
    {"carrera", N_("Carrera"), false},
    {"titulo", N_("Título"), true},
    {"subtitulo", N_("Subtítulo"), false},
    {"caso", N_("Caso"), false},
    {"curso", N_("Curso"), true},
    {"seccion", N_("Sección"), false},
    {"integrantes", N_("Integrantes"), true},
    {"profesor", N_("Docente"), true},
    {"fecha", N_("Fecha"), false},
    {"resumen", N_("Resumen"), true},
    {"abstract", N_("Resumen en inglés (abstract)"), true},
    {"palabras_clave", N_("Palabras clave"), false},
};

const char *cmd_cover_field(size_t i, const char **name, bool *need) {
    if (i >= ARRAY_LEN(fields))
        return NULL;
    *name = _(fields[i].name);
    *need = fields[i].need;
    return fields[i].key;
}

/* ------------------------------------------------------------- where it runs */

static void put_pair(lua_State *L, const char *name, const char *value) {
    lua_createtable(L, 2, 0);
    lua_pushstring(L, name);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, value);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void processor_name(char name[96]) {
    char line[256];
    (void)snprintf(name, 96, "%s", "?");
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "model name : %95[^\n]", name) == 1)
            break;
    if (f)
        (void)fclose(f);
}

/* Pushes the annex's list of {name, value}. */
static void push_environment(lua_State *L) {
    char name[96], text[64];
    lua_newtable(L);
    put_pair(L, _("Núcleo"), "Nabla " NABLA_VERSION);
    put_pair(L, _("Lenguaje"), LUA_RELEASE);
    processor_name(name);
    put_pair(L, _("Procesador"), name);
    (void)snprintf(text, sizeof text, _("%s, %d hilos"), nn_cpu_name(),
                   nn_pool_threads());
    put_pair(L, _("Instrucciones"), text);
}

/* ------------------------------------------------------------------- showing */

/* The text of the field at the top of the stack: a list's items with commas. */
static void field_text(lua_State *L, struct buf *out) {
    if (!lua_istable(L, -1)) {
        buf_puts(out, luaL_tolstring(L, -1, NULL));
        lua_pop(L, 1);
        return;
    }
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
        buf_puts(out, i > 1 ? ", " : "");
        buf_puts(out, luaL_tolstring(L, -1, NULL));
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

static void show_field(lua_State *L, const struct field *f, struct buf *html,
                       struct buf *plain) {
    struct buf *text = cmd_buf(L);
    lua_pushvalue(L, -2);
    field_text(L, text);
    lua_pop(L, 2);
    const char *s = text->data ? text->data : "";
    buf_printf(plain, "%s: ", _(f->name));
    viz_escape_text(plain, s);
    buf_putc(plain, '\n');
    buf_printf(html,
               "<tr><td style=\"text-align:right;opacity:.7;vertical-align:top\">%s</td>"
               "<td style=\"text-align:left\">",
               _(f->name));
    viz_escape_html(html, s);
    buf_puts(html, "</td></tr>");
}

/* The fields that the page has, then the names of those that it misses. facts: the index
 * of their table. */
static void show_fields(lua_State *L, int facts, struct buf *html, struct buf *plain) {
    struct buf *missing = cmd_buf(L);
    buf_puts(html, "<table>");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (lua_getfield(L, facts, fields[i].key) != LUA_TNIL)
            show_field(L, &fields[i], html, plain);
        else if (fields[i].need)
            buf_printf(missing, "%s%s", missing->len ? ", " : "", fields[i].key);
        lua_pop(L, 1);
    }
    buf_puts(html, "</table>");
    if (missing->len) {
        buf_printf(plain, _("Falta: %s\n"), missing->data);
        buf_puts(html, "<p>⚠ ");
        buf_printf(html, _("Falta: %s\n"), missing->data);
        buf_puts(html, "</p>");
    }
}

static void show_cover(lua_State *L, int facts) {
    struct buf *html = cmd_buf(L), *plain = cmd_buf(L);
    struct mime_bundle *b = cmd_bundle(L);
    struct err e = {0};
    char *json = NULL;
    buf_printf(html, "<p><b>%s</b></p>", _("Portada del informe"));
    buf_printf(plain, "%s\n", _("Portada del informe"));
    show_fields(L, facts, html, plain);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, facts);
    lua_setfield(L, -2, "informe");
    if (cell_json_dump(L, -1, &json, NULL, &e) < 0)
        cmd_raise(L, &e);
    bool ok = mime_set_metadata(b, json);
    free(json);
    if (!ok || html->failed || plain->failed ||
        !mime_add(b, "text/html", html->data, html->len) ||
        !mime_add(b, "text/plain", plain->data, plain->len))
        cmd_raise_nomem(L);
    const struct host *h = cell_host(L);
    h->display(h->self, ORIGIN_CURRENT, b, NULL, false);
}

static int lab_cover(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    lua_newtable(L);
    int facts = lua_gettop(L);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (!cmd_given(&a, fields[i].key))
            continue;
        lua_pushvalue(L, cmd_slot(&a, fields[i].key));
        if (lua_rawlen(L, -1) > 0) /* neither "" nor {} */
            lua_setfield(L, facts, fields[i].key);
    }
    lua_pushinteger(L, cmd_given(&a, "semilla") ? cmd_integer(&a, "semilla")
                                                : (lua_Integer)cmd_session_seed(L));
    lua_setfield(L, facts, "semilla");
    lua_pushstring(L, "Nabla " NABLA_VERSION);
    lua_setfield(L, facts, "version");
    push_environment(L);
    lua_setfield(L, facts, "entorno");
    show_cover(L, facts);
    return 0;
}

#define TEXT(key, words)                                                                 \
    { .name = (key), .types = CELL_STRING, .flags = CELL_NAMED, .doc = (words) }

static const struct cell_help_param p_cover[] = {
    TEXT("titulo", N_("título del informe")),
    TEXT("subtitulo", N_("una línea debajo del título")),
    TEXT("institucion", N_("institución")),
    TEXT("carrera", N_("carrera o escuela")),
    TEXT("curso", N_("nombre del curso")),
    TEXT("seccion", N_("sección")),
    TEXT("caso", N_("caso del encargo: \"B · MNIST\"")),
    {.name = "integrantes",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("nombres de quienes lo hicieron")},
    TEXT("profesor", N_("docente")),
    TEXT("fecha", N_("fecha; sin ella, la del día en que se hace el PDF")),
    TEXT("resumen", N_("resumen en español")),
    TEXT("abstract", N_("el mismo resumen en inglés")),
    {.name = "palabras_clave",
     .types = CELL_LIST_STRING | CELL_STRING,
     .flags = CELL_NAMED,
     .doc = N_("palabras clave")},
    {.name = "semilla",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED,
     .doc = N_("semilla que se imprime; sin ella, la de lab.seed")},
};

static const struct cmd_command commands[] = {
    {{.name = "lab.cover",
      .kind = CELL_FUNCTION,
      .params = p_cover,
      .n_params = ARRAY_LEN(p_cover),
      .doc =
          N_("Llena la portada del informe: muestra sus campos y los deja en la salida "
             "de la celda, de donde los toman lab.report y la plantilla «informe»."),
      .example = "lab.cover{titulo = \"Dígitos\", curso = \"Fundamentos de la IA\", "
                 "integrantes = {\"Ana\", \"Benito\"}}",
      .see_also = "lab.report"},
     lab_cover},
};

void cmd_cover_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
