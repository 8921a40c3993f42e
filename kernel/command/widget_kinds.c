/* widget_kinds.c: the commands that make widgets: widget.slider, widget.button ... */
#include "register.h"
#include "widget.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

static const char makers_key = 0; /* registry: command -> function */

static const struct cmd_widget_kind
    int_slider = {"widget.slider", "IntSliderModel", "IntSliderView", "SliderStyleModel",
                  CMD_WIDGET_INTEGER},
    float_slider = {"widget.slider", "FloatSliderModel", "FloatSliderView",
                    "SliderStyleModel", CMD_WIDGET_NUMBER},
    log_slider = {"widget.slider", "FloatLogSliderModel", "FloatLogSliderView",
                  "SliderStyleModel", CMD_WIDGET_LOG},
    button = {"widget.button", "ButtonModel", "ButtonView", "ButtonStyleModel",
              CMD_WIDGET_NOTHING},
    progress = {"widget.progress", "FloatProgressModel", "ProgressView",
                "ProgressStyleModel", CMD_WIDGET_NUMBER},
    text = {"widget.text", "TextModel", "TextView", "TextStyleModel", CMD_WIDGET_TEXT},
    html = {"widget.html", "HTMLModel", "HTMLView", "HTMLStyleModel", CMD_WIDGET_TEXT},
    image = {"widget.image", "ImageModel", "ImageView", NULL, CMD_WIDGET_IMAGE},
    checkbox = {"widget.checkbox", "CheckboxModel", "CheckboxView", "CheckboxStyleModel",
                CMD_WIDGET_BOOLEAN},
    dropdown = {"widget.dropdown", "DropdownModel", "DropdownView",
                "DescriptionStyleModel", CMD_WIDGET_CHOICE},
    hbox = {"widget.hbox", "HBoxModel", "HBoxView", NULL, CMD_WIDGET_CHILDREN},
    vbox = {"widget.vbox", "VBoxModel", "VBoxView", NULL, CMD_WIDGET_CHILDREN};

/* Pushes a table of the arguments that are not nil: the fields. */
static int push_fields(struct cmd_args *a) {
    lua_State *L = a->L;
    lua_createtable(L, 0, (int)a->row->n_params);
    int fields = lua_gettop(L);
    for (size_t i = 0; i < a->row->n_params; i++) {
        const char *name = a->row->params[i].name;
        if (strcmp(name, "log") == 0 || strcmp(name, "on_click") == 0 ||
            lua_isnil(L, a->base + (int)i))
            continue;
        lua_pushvalue(L, a->base + (int)i);
        lua_setfield(L, fields, name);
    }
    return fields;
}

static void set_number(lua_State *L, int fields, const char *name, double v, bool whole) {
    if (whole)
        lua_pushinteger(L, (lua_Integer)v);
    else
        lua_pushnumber(L, v);
    lua_setfield(L, fields, name);
}

static void set_default(lua_State *L, int fields, const char *name, const char *value) {
    if (lua_getfield(L, fields, name) == LUA_TNIL) {
        lua_pushstring(L, value);
        lua_setfield(L, fields, name);
    }
    lua_pop(L, 1);
}

/* ---------------------------------------------------------------------------- sliders */

struct range {
    double min, max, step, value;
    bool whole, log;
};

static double given(const struct cmd_args *a, const char *name, double other) {
    return cmd_given(a, name) ? cmd_number(a, name) : other;
}

static void read_range(const struct cmd_args *a, struct range *r) {
    static const char *const names[] = {"value", "min", "max", "step"};
    r->log = cmd_boolean(a, "log");
    r->whole = !r->log;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (cmd_given(a, names[i]) && !lua_isinteger(a->L, cmd_slot(a, names[i])))
            r->whole = false;
    r->min = given(a, "min", r->log ? 1e-4 : 0);
    r->max = given(a, "max", r->log ? 1 : r->whole ? 100 : r->min + 1);
    if (!isfinite(r->min) || !isfinite(r->max) || r->min > r->max)
        cmd_refuse(a, "max", _("%.10g es menor que min = %.10g"), r->max, r->min);
    if (r->log && r->min <= 0)
        cmd_refuse(a, "min", _("con log = true debe ser mayor que 0 y llegó %.10g"),
                   r->min);
    double span = r->log ? log10(r->max) - log10(r->min) : r->max - r->min;
    r->step = given(a, "step", r->whole ? 1 : span > 0 ? span / 100 : 1);
    r->value = given(a, "value", r->min);
    if (r->value < r->min || r->value > r->max)
        cmd_refuse(a, "value", _("%.10g no está entre %.10g y %.10g"), r->value, r->min,
                   r->max);
}

static int l_slider(lua_State *L) {
    struct cmd_args a;
    struct range r;
    cmd_args_read(&a, L, 1);
    read_range(&a, &r);
    int fields = push_fields(&a);
    set_number(L, fields, "min", r.min, r.whole);
    set_number(L, fields, "max", r.max, r.whole);
    set_number(L, fields, "step", r.step, r.whole);
    set_number(L, fields, "value", r.value, r.whole);
    if (!r.whole)
        set_default(L, fields, "readout_format", ".3~g");
    cmd_widget_push(L, r.log ? &log_slider : r.whole ? &int_slider : &float_slider);
    return 1;
}

/* ------------------------------------------------------------------------- the others */

static int l_button(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    push_fields(&a);
    cmd_widget_push(L, &button);
    int slot = cmd_slot(&a, "on_click");
    if (!lua_isnil(L, slot)) {
        lua_pushvalue(L, slot);
        cmd_widget_listen(L, lua_gettop(L) - 1);
    }
    return 1;
}

static int make(lua_State *L, const struct cmd_widget_kind *kind) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    push_fields(&a);
    cmd_widget_push(L, kind);
    return 1;
}

static int l_progress(lua_State *L) {
    return make(L, &progress);
}

static int l_text(lua_State *L) {
    return make(L, &text);
}

static int l_html(lua_State *L) {
    return make(L, &html);
}

static int l_image(lua_State *L) {
    return make(L, &image);
}

static int l_checkbox(lua_State *L) {
    return make(L, &checkbox);
}

/* Without a value the first option is chosen. */
static int l_dropdown(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int fields = push_fields(&a), options = cmd_slot(&a, "options");
    if (lua_rawlen(L, options) == 0)
        cmd_refuse(&a, "options", "%s", _("la lista está vacía"));
    if (!cmd_given(&a, "value")) {
        lua_rawgeti(L, options, 1);
        lua_setfield(L, fields, "value");
    }
    cmd_widget_push(L, &dropdown);
    return 1;
}

static int box(lua_State *L, const struct cmd_widget_kind *kind) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int list = cmd_slot(&a, "children");
    lua_Integer n = lua_isnil(L, list) ? 0 : (lua_Integer)lua_rawlen(L, list);
    if (n == 0)
        cmd_refuse(&a, "children", "%s", _("faltan los controles que van dentro"));
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        if (!cmd_widget_test(L, -1))
            cmd_refuse(&a, "children", _("el número %d no es un control abierto: %s"),
                       (int)i, cmd_value_text(L, -1));
        lua_pop(L, 1);
    }
    push_fields(&a);
    cmd_widget_push(L, kind);
    return 1;
}

static int l_hbox(lua_State *L) {
    return box(L, &hbox);
}

static int l_vbox(lua_State *L) {
    return box(L, &vbox);
}

/* --------------------------------------------------------------------------- their rows */

#define NUMBER(field, words)                                                             \
    { .name = (field), .types = CELL_NUMBER, .flags = CELL_NAMED, .doc = (words) }
#define STRING(field, words)                                                             \
    { .name = (field), .types = CELL_STRING, .flags = CELL_NAMED, .doc = (words) }
#define DESCRIPTION STRING("description", N_("el texto que va delante"))
#define DISABLED                                                                         \
    {                                                                                    \
        .name = "disabled", .types = CELL_BOOLEAN, .flags = CELL_NAMED,                  \
        .fallback = "false", .doc = N_("true: se ve y no se puede mover")                \
    }

static const char *const styles[] = {"",        "primary", "success", "info",
                                     "warning", "danger",  NULL};

static const struct cell_help_param p_slider[] = {
    NUMBER("value", N_("el valor al comienzo")),
    NUMBER("min", N_("el menor")),
    NUMBER("max", N_("el mayor")),
    NUMBER("step", N_("el paso; con log = true, de exponentes de 10")),
    {.name = "log",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("escala logarítmica, para tasas de aprendizaje")},
    DESCRIPTION,
    STRING("readout_format", N_("cómo se escribe el valor: \".3~g\"")),
    DISABLED};
static const struct cell_help_param p_button[] = {
    {.name = "description",
     .types = CELL_STRING,
     .fallback = "\"\"",
     .doc = N_("el texto del botón")},
    {.name = "on_click",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_NAMED,
     .doc = N_("la función que se llama en cada clic; recibe el botón")},
    {.name = "button_style",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .choices = styles,
     .doc = N_("su color")},
    STRING("icon", N_("un símbolo de Font Awesome: \"stop\"")),
    STRING("tooltip", N_("lo que se lee al pasar por encima")),
    DISABLED};
static const struct cell_help_param p_progress[] = {
    {.name = "value", .types = CELL_NUMBER, .fallback = "0", .doc = N_("lo avanzado")},
    {.name = "min",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED,
     .fallback = "0",
     .doc = N_("el menor")},
    {.name = "max",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED,
     .fallback = "1",
     .doc = N_("el mayor")},
    {.name = "bar_style",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .choices = styles,
     .doc = N_("su color")},
    DESCRIPTION};
static const struct cell_help_param p_text[] = {
    {.name = "value",
     .types = CELL_STRING,
     .fallback = "\"\"",
     .doc = N_("el texto al comienzo")},
    DESCRIPTION,
    STRING("placeholder", N_("lo que se lee cuando está vacío")),
    DISABLED};
static const struct cell_help_param p_html[] = {
    {.name = "value", .types = CELL_STRING, .fallback = "\"\"", .doc = N_("el HTML")},
    DESCRIPTION};
static const struct cell_help_param p_image[] = {
    {.name = "value",
     .types = CELL_ANY,
     .flags = CELL_REQUIRED,
     .doc = N_("una figura, un tensor que se ve, o los bytes de un PNG")},
    STRING("width", N_("su ancho en píxeles, como texto")),
    STRING("height", N_("su alto en píxeles, como texto"))};
static const struct cell_help_param p_checkbox[] = {
    {.name = "value",
     .types = CELL_BOOLEAN,
     .fallback = "false",
     .doc = N_("si está marcada")},
    DESCRIPTION,
    {.name = "indent",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("deja el lugar de la descripción delante")},
    DISABLED};
static const struct cell_help_param p_dropdown[] = {
    {.name = "options",
     .types = CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("la lista de valores entre los que se elige")},
    {.name = "value",
     .types = CELL_ANY,
     .flags = CELL_NAMED,
     .doc = N_("el elegido; sin él, el primero")},
    DESCRIPTION,
    DISABLED};
static const struct cell_help_param p_box[] = {
    {.name = "children",
     .types = CELL_ANY,
     .flags = CELL_REST,
     .doc = N_("los controles que van dentro")}};

#define ROW(word, list, words, sample)                                                   \
    .name = "widget." word, .kind = CELL_FUNCTION, .params = (list),                     \
    .n_params = ARRAY_LEN(list), .returns = N_("un control"), .doc = (words),            \
    .example = (sample), .see_also = "widget Widget:observe interact"

static const struct cmd_command commands[] = {
    {{.name = "widget",
      .kind = CELL_MODULE,
      .doc = N_("Controles que se mueven en la página: deslizadores, botones, cajas. Se "
                "muestran como cualquier valor; donde no hay controles queda su texto."),
      .see_also = "widget.slider widget.button interact"},
     NULL},
    {{ROW("slider", p_slider,
          N_("Un deslizador. De enteros si todo lo que se le da es entero."),
          "widget.slider{value = 3, min = 1, max = 10, description = \"k\"}")},
     l_slider},
    {{ROW("button", p_button, N_("Un botón."),
          "widget.button{\"Otra vez\", on_click = function(b) print(\"clic\") end}")},
     l_button},
    {{ROW("progress", p_progress, N_("Una barra de avance."),
          "p = widget.progress{max = 10}; p.value = 4; p")},
     l_progress},
    {{ROW("text", p_text, N_("Una línea de texto que se puede escribir."),
          "widget.text{\"Ana\", description = \"nombre\"}")},
     l_text},
    {{ROW("html", p_html, N_("Un texto con formato."), "widget.html(\"<b>listo</b>\")")},
     l_html},
    {{ROW("image", p_image, N_("Una imagen que se puede cambiar después."),
          "widget.image(plot.line{{1, 2, 4}})")},
     l_image},
    {{ROW("checkbox", p_checkbox, N_("Una casilla que se marca."),
          "widget.checkbox{true, description = \"mezclar\"}")},
     l_checkbox},
    {{ROW("dropdown", p_dropdown, N_("Una lista de la que se elige uno."),
          "widget.dropdown{options = {\"relu\", \"tanh\"}}")},
     l_dropdown},
    {{ROW("hbox", p_box, N_("Pone controles uno al lado del otro."),
          "widget.hbox{widget.button(\"Sí\"), widget.button(\"No\")}")},
     l_hbox},
    {{ROW("vbox", p_box, N_("Pone controles uno debajo del otro."),
          "widget.vbox{widget.slider(), widget.checkbox()}")},
     l_vbox},
};

void cmd_widget_make(lua_State *L, const char *command) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &makers_key);
    lua_getfield(L, -1, command);
    lua_remove(L, -2);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
}

/* What cmd_widget_make calls: the module is the student's to change. */
static void keep_makers(lua_State *L) {
    lua_newtable(L);
    lua_getglobal(L, "widget");
    for (size_t i = 1; i < ARRAY_LEN(commands); i++) {
        const char *name = commands[i].row.name + strlen("widget.");
        lua_getfield(L, -1, name);
        lua_setfield(L, -3, name);
    }
    lua_pop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &makers_key);
}

void cmd_widget_kinds_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
    keep_makers(L);
}
