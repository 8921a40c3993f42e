/* joins.c: functions that lay tensors side by side: concat, stack, pad. */
#include "functions.h"

/* The tensors of the parameter of that name, left on the stack; returns how many. */
static int read_list(const struct cmd_args *a, const char *name,
                     struct nn_var *in[NN_OP_MAX_IN]) {
    lua_State *L = a->L;
    int list = cmd_slot(a, name);
    size_t n = lua_isnil(L, list) ? 0 : lua_rawlen(L, list);
    if (n < 1 || n > NN_OP_MAX_IN)
        return cmd_refuse(a, name, _("van de 1 a %d tensores y llegaron %d"),
                          NN_OP_MAX_IN, (int)n);
    luaL_checkstack(L, (int)n + 4, NULL);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        in[i] = cmd_to_var(L, -1, NN_F64, a->row->name);
    }
    return (int)n;
}

static int concat(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *in[NN_OP_MAX_IN];
    int n = read_list(&a, "tensors", in);
    struct nn_attrs at = {.n_axes = 1};
    at.axis[0] = cmd_to_axis(L, cmd_slot(&a, "axis"), MAX_OF(in[0]->ndim, 1), "concat");
    cmd_apply(L, "concat", &at, n, in);
    return 1;
}

static int stack(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *in[NN_OP_MAX_IN];
    int n = read_list(&a, "tensors", in);
    struct nn_attrs at = {.n_axes = 1};
    at.axis[0] = cmd_to_axis(L, cmd_slot(&a, "axis"), in[0]->ndim + 1, "stack");
    cmd_apply(L, "stack", &at, n, in);
    return 1;
}

/* The number at key of the table on top, which is not negative. */
static size_t border(const struct cmd_args *a, lua_Integer key) {
    lua_State *L = a->L;
    int whole;
    lua_rawgeti(L, -1, key);
    lua_Integer v = lua_tointegerx(L, -1, &whole);
    if (!whole || v < 0)
        cmd_refuse(a, "widths", _("se esperaba un entero desde 0 y llegó %s"),
                   cmd_value_text(L, -1));
    lua_pop(L, 1);
    return (size_t)v;
}

/* widths: one number for all sides, or {before, after} for each axis from the first. */
static int pad(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_var *x = cmd_tensor(&a, "x");
    struct nn_attrs at = {.value = cmd_number(&a, "value")};
    int slot = cmd_slot(&a, "widths");
    at.ndim = lua_istable(L, slot) ? (int)MIN_OF(lua_rawlen(L, slot), NN_MAX_DIMS + 1)
                                   : x->ndim;
    if (at.ndim > x->ndim)
        return cmd_refuse(&a, "widths", _("son %d ejes y el tensor tiene %d"), at.ndim,
                          x->ndim);
    for (int k = 0; k < at.ndim; k++) {
        at.start[k] = at.count[k] = (size_t)lua_tointeger(L, slot);
        if (!lua_istable(L, slot))
            continue;
        if (lua_rawgeti(L, slot, k + 1) != LUA_TTABLE)
            return cmd_refuse(&a, "widths", _("se esperaba {antes, después} y llegó %s"),
                              cmd_value_text(L, -1));
        at.start[k] = border(&a, 1);
        at.count[k] = border(&a, 2);
        lua_pop(L, 1);
    }
    cmd_apply(L, "pad", &at, 1, &x);
    return 1;
}

static const struct cell_help_param p_concat[] = {
    {.name = "tensors",
     .types = CELL_TENSOR,
     .flags = CELL_REST,
     .doc = N_("los tensores, en orden")},
    {.name = "axis",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED,
     .fallback = "-1",
     .doc = N_("eje por el que se unen, desde 1 (negativo: desde el final)")}};
static const struct cell_help_param p_stack[] = {
    {.name = "tensors",
     .types = CELL_TENSOR,
     .flags = CELL_REST,
     .doc = N_("los tensores, en orden")},
    {.name = "axis",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED,
     .fallback = "1",
     .doc = N_("lugar del eje nuevo, desde 1 (negativo: desde el final)")}};
static const struct cell_help_param p_pad[] = {
    {.name = "x", .types = CELL_TENSOR, .flags = CELL_REQUIRED, .doc = N_("un tensor")},
    {.name = "widths",
     .types = CELL_INTEGER | CELL_TABLE,
     .flags = CELL_REQUIRED | CELL_MIN,
     .min = 0,
     .doc = N_("ancho del borde, o {antes, después} por cada eje")},
    {.name = "value",
     .types = CELL_NUMBER,
     .fallback = "0",
     .doc = N_("con qué se rellena")}};

static const struct cmd_command commands[] = {
    {{CMD_FUNCTION("concat", p_concat, N_("Une tensores por un eje."), NULL,
                   "concat{tensor{{1}, {2}}, tensor{{3}, {4}}}")},
     concat},
    {{CMD_FUNCTION("stack", p_stack, N_("Apila tensores de igual forma en un eje nuevo."),
                   NULL, "stack{tensor{1, 2}, tensor{3, 4}}")},
     stack},
    {{CMD_FUNCTION("pad", p_pad, N_("Rodea un tensor con un borde."), NULL,
                   "pad(tensor{{1, 2}, {3, 4}}, {{1, 0}, {0, 2}})")},
     pad},
};

void cmd_joins_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
