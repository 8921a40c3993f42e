/* rows_show.c: the help rows of the display commands. */
#include "state.h"

#define CAPTION                                                                          \
    {                                                                                    \
        .name = "caption", .types = CELL_STRING, .flags = CELL_NAMED,                    \
        .doc = N_("pie de la figura o tabla en el informe")                              \
    }
#define LABEL                                                                            \
    {                                                                                    \
        .name = "label", .types = CELL_STRING, .flags = CELL_NAMED,                      \
        .doc = N_("etiqueta para citarla en el informe")                                 \
    }
#define ID                                                                               \
    {                                                                                    \
        .name = "display_id", .types = CELL_STRING | CELL_BOOLEAN, .flags = CELL_NAMED,  \
        .doc = N_("nombre con el que update la cambia; true elige uno")                  \
    }

static const struct cell_help_param display_params[] = {
    {.name = "x",
     .types = CELL_ANY | CELL_NIL,
     .flags = CELL_REQUIRED | CELL_REST,
     .doc = N_("lo que se muestra")},
    ID,
    CAPTION,
    LABEL,
    {.name = "raw",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("la tabla son sus representaciones MIME")},
};

#define TEXT_PARAMS(array, what)                                                         \
    static const struct cell_help_param array[] = {                                      \
        {.name = "text", .types = CELL_STRING, .flags = CELL_REQUIRED, .doc = what},     \
        CAPTION,                                                                         \
        LABEL,                                                                           \
        ID,                                                                              \
    }

TEXT_PARAMS(html_params, N_("código HTML"));
TEXT_PARAMS(latex_params, N_("código LaTeX, con sus $"));
TEXT_PARAMS(markdown_params, N_("texto Markdown"));
TEXT_PARAMS(svg_params, N_("código SVG, o la ruta de un archivo"));
TEXT_PARAMS(png_params, N_("bytes PNG, o la ruta de un archivo"));

static const struct cell_help_param vegalite_params[] = {
    {.name = "spec",
     .types = CELL_TABLE | CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("gráfico Vega-Lite, como tabla o como texto JSON")},
};
static const struct cell_help_param mime_params[] = {
    {.name = "data",
     .types = CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("tabla de tipos MIME y sus datos")},
};
static const struct cell_help_param update_params[] = {
    {.name = "handle",
     .types = CELL_TABLE | CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("lo que devolvió display{..., display_id = true}")},
    {.name = "x",
     .types = CELL_ANY | CELL_NIL,
     .flags = CELL_REQUIRED,
     .doc = N_("lo que se muestra en su lugar")},
};
static const struct cell_help_param clear_params[] = {
    {.name = "wait",
     .types = CELL_BOOLEAN,
     .fallback = "false",
     .doc = N_("espera a la salida siguiente para borrar")},
};
static const struct cell_help_param input_params[] = {
    {.name = "prompt",
     .types = CELL_STRING,
     .fallback = "\"\"",
     .doc = N_("la pregunta")},
    {.name = "password",
     .types = CELL_BOOLEAN,
     .fallback = "false",
     .doc = N_("no enseña lo que se escribe")},
};
static const struct cell_help_param help_params[] = {
    {.name = "x",
     .types = CELL_ANY | CELL_NIL,
     .doc = N_("un nombre entre comillas, o un valor")},
};

#define ROW(title, list, text, more)                                                     \
    {                                                                                    \
        .name = title, .kind = CELL_FUNCTION, .params = list,                            \
        .n_params = ARRAY_LEN(list), .doc = text, .example = more                        \
    }

const struct cell_help_row cell_rows_show[] = {
    ROW("display", display_params,
        N_("Muestra valores en la salida de la celda. Con display_id devuelve un objeto "
           "cuyo método update los cambia."),
        "local h = display{\"0 %\", display_id = true}\nh:update(\"50 %\")"),
    ROW("html", html_params, N_("Muestra código HTML."), "html(\"<b>negrita</b>\")"),
    ROW("latex", latex_params, N_("Muestra una fórmula o código LaTeX."),
        "latex(\"$\\\\sigma(z) = \\\\frac{1}{1 + e^{-z}}$\")"),
    ROW("markdown", markdown_params, N_("Muestra texto Markdown."),
        "markdown(\"**listo**\")"),
    ROW("svg", svg_params, N_("Muestra un dibujo SVG."),
        "svg(\"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'>\"\n"
        "  .. \"<circle cx='20' cy='20' r='15'/></svg>\")"),
    ROW("png", png_params, N_("Muestra una imagen PNG."), "png(\"foto.png\")"),
    ROW("vegalite", vegalite_params, N_("Muestra un gráfico Vega-Lite."),
        "vegalite{mark = \"bar\", data = {values = {{x = \"a\", y = 3}, {x = \"b\", y = "
        "5}}},\n"
        "  encoding = {x = {field = \"x\", type = \"nominal\"},\n"
        "    y = {field = \"y\", type = \"quantitative\"}}}"),
    ROW("mime", mime_params,
        N_("Un valor que se muestra con las representaciones MIME dadas."),
        "mime{[\"text/html\"] = \"<i>x</i>\", [\"text/plain\"] = \"x\"}"),
    ROW("update", update_params, N_("Cambia lo que mostró display con display_id."),
        "h = display{\"0 %\", display_id = true}; update(h, \"100 %\")"),
    ROW("clear_output", clear_params, N_("Borra la salida de la celda."),
        "clear_output{wait = true}"),
    ROW("input", input_params,
        N_("Pide una línea al usuario y la devuelve; nil si no hay más entrada."),
        "local nombre = input(\"¿Cómo te llamas? \")"),
    ROW("help", help_params,
        N_("Explica un nombre o un valor; sin argumentos muestra la guía."),
        "help \"string.format\""),
    {.name = "DisplayHandle",
     .kind = CELL_CLASS,
     .doc = N_("Una salida que se puede cambiar: la devuelve display con display_id.")},
    {.name = "DisplayHandle:update",
     .kind = CELL_METHOD,
     .signature = "h:update(x)",
     .doc = N_("Cambia lo que se muestra."),
     .example = "h = display{\"0 %\", display_id = true}; h:update(\"100 %\")"},
    {.name = "DisplayHandle:display",
     .kind = CELL_METHOD,
     .signature = "h:display(x)",
     .doc = N_("Muestra otra salida con el mismo nombre."),
     .example = "h = display{\"0 %\", display_id = true}; h:display(\"0 %, otra vez\")"},
};
const size_t cell_rows_show_n = ARRAY_LEN(cell_rows_show);
