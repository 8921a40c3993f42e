/* summary.c: a model as a table of its layers, those within others indented. */
#include "objects.h"
#include "register.h"
#include "show.h"

#include "base/i18n.h"

static void shape_with_batch(char text[NN_SHAPE_TEXT], const struct nn_layer_info *l) {
    char inner[NN_SHAPE_TEXT];
    if (!l->built) {
        (void)snprintf(text, NN_SHAPE_TEXT, "?");
        return;
    }
    nn_shape_text(inner, l->out_ndim, l->out_shape);
    (void)snprintf(text, NN_SHAPE_TEXT, "(None%s%.*s)", l->out_ndim ? ", " : "",
                   (int)strcspn(inner + 1, ")") - (l->out_ndim == 1 ? 1 : 0), inner + 1);
}

static void total_row(lua_State *L, struct cmd_table *t, const char *name, size_t n) {
    cmd_table_cell(L, t, "%s", name);
    if (n * sizeof(float) < 1024)
        cmd_table_cell(L, t, "%zu B", n * sizeof(float));
    else if (n * sizeof(float) < 1024 * 1024)
        cmd_table_cell(L, t, "%.2f KB", (double)n * sizeof(float) / 1024);
    else
        cmd_table_cell(L, t, "%.2f MB", (double)n * sizeof(float) / (1024 * 1024));
    cmd_table_cell(L, t, "%zu", n);
}

/* Two no-break spaces a level, which HTML and LaTeX keep. */
static void layer_cell(lua_State *L, struct cmd_table *t, const struct nn_layer_info *l) {
    char indent[4 * NN_LAYER_MAX_DEPTH + 1] = "";
    for (int i = 0; i < l->depth && i < NN_LAYER_MAX_DEPTH; i++)
        memcpy(indent + (size_t)i * 4, "\u00a0\u00a0", 5);
    if (l->frozen && l->params > 0)
        cmd_table_cell(L, t, _("%s%s (%s, congelada)"), indent, l->name, l->type);
    else
        cmd_table_cell(L, t, "%s%s (%s)", indent, l->name, l->type);
}

static void totals(lua_State *L, struct cmd_table *t, const struct nn_model *m) {
    size_t all = nn_model_count_params(m, false), live = nn_model_count_params(m, true);
    total_row(L, t, _("Total de parámetros"), all);
    total_row(L, t, _("Entrenables"), live);
    total_row(L, t, _("No entrenables"), all - live);
    lua_pushinteger(L, (lua_Integer)all);
    lua_setfield(L, -2, "total");
    lua_pushinteger(L, (lua_Integer)live);
    lua_setfield(L, -2, "trainable");
}

static void push_summary(lua_State *L, const struct nn_model *m,
                         const struct cmd_args *a) {
    static const char *const headers[] = {N_("Capa (tipo)"), N_("Forma de salida"),
                                          N_("Parámetros")};
    struct cmd_table *t = cmd_table_push(L, 3, headers, "llr", "Summary");
    if (a)
        cmd_table_caption(L, t, a);
    struct nn_layer_info info;
    char shape[NN_SHAPE_TEXT];
    for (int i = 0; nn_model_layer_info(m, i, &info) == 0; i++) {
        shape_with_batch(shape, &info);
        layer_cell(L, t, &info);
        cmd_table_cell(L, t, "%s", shape);
        if (info.built)
            cmd_table_cell(L, t, "%zu", info.params);
        else
            cmd_table_cell(L, t, "?");
    }
    cmd_table_rule(t);
    if (m->built)
        totals(L, t, m);
    else
        cmd_table_note(L, t,
                       _("El modelo aún no conoce su entrada: se construye con los "
                         "primeros datos o con m:build{…}."));
}

static int m_summary(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    push_summary(L, m, &a);
    cmd_show_now(L);
    return 1;
}

/* A model as the value of a cell shows its summary. */
static int model_display(lua_State *L) {
    push_summary(L, cmd_self(L, CMD_MODEL), NULL);
    luaL_getmetafield(L, -1, "__display");
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    return 1;
}

static const struct cell_help_param p_summary[] = {CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "Model:summary",
      .kind = CELL_METHOD,
      .params = p_summary,
      .n_params = ARRAY_LEN(p_summary),
      .returns = N_("una tabla con total y trainable"),
      .doc = N_("Muestra capas, formas y parámetros."),
      .example = "m = nn.Sequential{nn.Dense(10)}; m:build(784); m:summary()"},
     m_summary}};

void cmd_summary_open(lua_State *L) {
    cmd_class_meta(L, CMD_MODEL, "__display", model_display);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
