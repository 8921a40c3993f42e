/* lab_latex.c: lab.latex: the LaTeX of a table or formula, to paste into a document. */
#include "cover.h"

#include "register.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "cell/json.h"
#include "viz/escape.h"

#include <string.h>

/* Appends \command{text} of a field of the output's metadata (a table on top of the
 * stack). */
static void put_field(lua_State *L, struct buf *out, const char *key,
                      const char *command) {
    if (lua_getfield(L, -1, key) == LUA_TSTRING) {
        buf_printf(out, "\\%s{", command);
        if (strcmp(command, "label") == 0)
            buf_puts(out, lua_tostring(L, -1));
        else
            viz_escape_latex(out, lua_tostring(L, -1));
        buf_puts(out, "}");
    }
    lua_pop(L, 1);
}

/* A tabular with a caption becomes a table with its number. */
static void put_table(lua_State *L, struct buf *out, const char *tex,
                      const char *metadata) {
    struct err e = {0};
    int top = lua_gettop(L);
    bool facts = metadata && strstr(metadata, "\"caption\"") &&
                 cell_json_load(L, metadata, strlen(metadata), &e) == ERR_OK &&
                 lua_istable(L, -1);
    if (!facts || !strstr(tex, "\\begin{tabular}")) {
        buf_puts(out, tex);
    } else {
        buf_puts(out, "\\begin{table}[htbp]\n\\centering\n");
        put_field(L, out, "caption", "caption");
        put_field(L, out, "label", "label");
        buf_printf(out, "\n%s%s\\end{table}\n", tex,
                   tex[0] && tex[strlen(tex) - 1] == '\n' ? "" : "\n");
    }
    lua_settop(L, top);
}

static int lab_latex(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct mime_bundle *b = cmd_bundle(L);
    struct buf *out = cmd_buf(L);
    int slot = cmd_slot(&a, "x");
    const struct mime_item *tex = NULL;
    /* a table that this cell has shown already shows itself only when asked again */
    for (int i = 0; i < 2 && !tex; i++) {
        mime_release(b);
        cell_display_value(L, slot, b);
        tex = mime_get(b, "text/latex");
    }
    if (!tex)
        return cmd_refuse(&a, "x",
                          _("%s no se escribe en LaTeX: sirven tablas y fórmulas"),
                          cmd_value_text(L, slot));
    put_table(L, out, tex->data, b->metadata);
    if (out->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, out->data, out->len);
    return 1;
}

static const struct cell_help_param p_latex[] = {
    {.name = "x",
     .types = CELL_ANY,
     .flags = CELL_REQUIRED,
     .doc = N_("una tabla o una fórmula: lab.table, un informe por clase, chain")}};

static const struct cmd_command commands[] = {
    {{.name = "lab.latex",
      .kind = CELL_FUNCTION,
      .params = p_latex,
      .n_params = ARRAY_LEN(p_latex),
      .returns = N_("un texto"),
      .doc =
          N_("El LaTeX de una tabla o una fórmula, para pegarlo en otro documento: una "
             "tabla con pie lleva table, caption y label; el documento usa "
             "\\usepackage{booktabs,xcolor}."),
      .example = "print(lab.latex(lab.table{{\"SGD\", 0.91}, caption = \"Uno\"}))",
      .see_also = "lab.table lab.report"},
     lab_latex},
};

void cmd_latex_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
