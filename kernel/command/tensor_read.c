/* tensor_read.c: Lua numbers and nested lists to tensors and back; shapes, axes, dtypes. */
#include "tensor.h"

#include "args.h"
#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

struct reader {
    lua_State *L;
    const char *what;
    int ndim;
    size_t shape[NN_MAX_DIMS];
    struct nn_tensor *out;
    size_t next;
};

/* Descends along first elements: the shape that all others must have. */
static void read_shape(struct reader *r, int idx) {
    lua_State *L = r->L;
    lua_pushvalue(L, idx);
    r->ndim = 0;
    while (lua_type(L, -1) == LUA_TTABLE) {
        if (r->ndim == NN_MAX_DIMS)
            cell_raisef(L, ERR_ARG, _("%s: la lista tiene más de %d niveles"), r->what,
                        NN_MAX_DIMS);
        size_t n = lua_rawlen(L, -1);
        r->shape[r->ndim++] = n;
        if (n == 0)
            break;
        lua_rawgeti(L, -1, 1);
        lua_remove(L, -2);
    }
    lua_pop(L, 1);
}

static double read_number(struct reader *r, int idx) {
    lua_State *L = r->L;
    if (lua_type(L, idx) == LUA_TNUMBER)
        return lua_tonumber(L, idx);
    if (lua_isboolean(L, idx))
        return lua_toboolean(L, idx);
    struct nn_var *v = cmd_var_test(L, idx);
    if (v && v->n_in == 0 && !v->requires_grad && v->value->n == 1)
        return nn_tensor_get(v->value, 0);
    cell_raisef(L, ERR_ARG, _("%s: se esperaba un número y llegó %s"), r->what,
                cmd_value_text(L, idx));
    return NAN;
}

/* The list at idx is level `depth` of the nest. */
static void read_level(struct reader *r, int idx, int depth) {
    lua_State *L = r->L;
    luaL_checkstack(L, 4, r->what);
    if (depth == r->ndim) {
        nn_tensor_set(r->out, r->next++, read_number(r, idx));
        return;
    }
    if (lua_type(L, idx) != LUA_TTABLE)
        cell_raisef(L, ERR_ARG, _("%s: se esperaba una lista de %d elementos y llegó %s"),
                    r->what, (int)r->shape[depth], cmd_value_text(L, idx));
    size_t n = lua_rawlen(L, idx);
    if (n != r->shape[depth])
        cell_raisef(L, ERR_ARG,
                    _("%s: las filas tienen distinto largo: una tiene %d elementos y "
                      "otra %d; todas deben tener los mismos"),
                    r->what, (int)r->shape[depth], (int)n);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i);
        read_level(r, lua_gettop(L), depth + 1);
        lua_pop(L, 1);
    }
}

bool cmd_is_tensorlike(lua_State *L, int idx) {
    if (lua_type(L, idx) == LUA_TNUMBER || cmd_var_test(L, idx))
        return true;
    if (lua_type(L, idx) != LUA_TTABLE || lua_rawlen(L, idx) == 0)
        return false;
    lua_rawgeti(L, idx, 1);
    int t = lua_type(L, -1);
    bool ok = t == LUA_TNUMBER || t == LUA_TTABLE || t == LUA_TBOOLEAN ||
              cmd_var_test(L, -1) != NULL;
    lua_pop(L, 1);
    return ok;
}

struct nn_var *cmd_to_var(lua_State *L, int idx, enum nn_dtype d, const char *what) {
    idx = lua_absindex(L, idx);
    struct nn_var *v = cmd_var_test(L, idx);
    if (v)
        return v;
    struct reader r = {.L = L, .what = what};
    if (lua_type(L, idx) != LUA_TNUMBER && lua_type(L, idx) != LUA_TTABLE)
        cell_raisef(L, ERR_ARG,
                    _("%s: se esperaba un tensor, un número o una lista de números y "
                      "llegó %s"),
                    what, cmd_value_text(L, idx));
    read_shape(&r, idx);
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, d, r.ndim, r.shape, &e) < 0)
        cmd_raise(L, &e);
    r.out = *hold;
    if (r.out->n)
        read_level(&r, idx, 0);
    cmd_hold_finish(L);
    lua_replace(L, idx);
    return cmd_var_test(L, idx);
}

void cmd_push_element(lua_State *L, const struct nn_tensor *t, size_t i) {
    double v = nn_tensor_get(t, i);
    if (t->dtype == NN_U8 || t->dtype == NN_I32)
        lua_pushinteger(L, (lua_Integer)v);
    else
        lua_pushnumber(L, v);
}

static void push_level(lua_State *L, const struct nn_tensor *t, int depth, size_t *next) {
    if (depth == t->ndim) {
        cmd_push_element(L, t, (*next)++);
        return;
    }
    luaL_checkstack(L, 3, NULL);
    lua_createtable(L, (int)MIN_OF(t->shape[depth], (size_t)1 << 20), 0);
    for (size_t i = 0; i < t->shape[depth]; i++) {
        push_level(L, t, depth + 1, next);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

void cmd_push_list(lua_State *L, const struct nn_tensor *t) {
    size_t next = 0;
    push_level(L, t, 0, &next);
}

static size_t read_length(lua_State *L, int idx, const char *what, int *hole, int at) {
    int ok;
    lua_Integer n = lua_tointegerx(L, idx, &ok);
    if (ok && n == -1 && hole && *hole < 0) {
        *hole = at;
        return 1;
    }
    if (!ok || n < 0)
        cell_raisef(L, ERR_ARG,
                    _("%s: cada eje de la forma es un entero desde 0 y llegó %s"), what,
                    cmd_value_text(L, idx));
    return (size_t)n;
}

/* As cmd_to_shape; *hole receives the axis written as -1. */
int cmd_to_shape_hole(lua_State *L, int idx, size_t shape[NN_MAX_DIMS], int *hole,
                      const char *what) {
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TTABLE) {
        shape[0] = read_length(L, idx, what, hole, 0);
        return 1;
    }
    size_t n = lua_rawlen(L, idx);
    if (n == 1) { /* zeros{{2, 3}}: one list inside */
        lua_rawgeti(L, idx, 1);
        bool nested = lua_istable(L, -1);
        if (nested) {
            int ndim = cmd_to_shape_hole(L, -1, shape, hole, what);
            lua_pop(L, 1);
            return ndim;
        }
        lua_pop(L, 1);
    }
    if (n > NN_MAX_DIMS)
        cell_raisef(L, ERR_ARG, _("%s: la forma tiene %d ejes; el máximo es %d"), what,
                    (int)n, NN_MAX_DIMS);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        shape[i] = read_length(L, -1, what, hole, (int)i);
        lua_pop(L, 1);
    }
    return (int)n;
}

int cmd_to_shape(lua_State *L, int idx, size_t shape[NN_MAX_DIMS], const char *what) {
    return cmd_to_shape_hole(L, idx, shape, NULL, what);
}

int cmd_to_axis(lua_State *L, int idx, int ndim, const char *what) {
    int ok;
    lua_Integer a = lua_tointegerx(L, idx, &ok);
    if (!ok || a == 0 || a > ndim || a < -ndim)
        cell_raisef(L, ERR_ARG,
                    _("%s: axis debe ser un entero de 1 a %d (o de -1 a %d, desde el "
                      "final) y llegó %s"),
                    what, ndim, -ndim, cmd_value_text(L, idx));
    return (int)(a > 0 ? a - 1 : a + ndim);
}

/* shape[0] is a hand used to Python; other places outside are nil as in any list. */
static int shape_index(lua_State *L) {
    if (lua_isinteger(L, 2) && lua_tointeger(L, 2) == 0)
        cell_raisef(L, ERR_RANGE, "%s",
                    _("shape[0] no existe: los ejes se cuentan desde 1, y el primero es "
                      "shape[1]"));
    lua_pushnil(L);
    return 1;
}

void cmd_push_shape(lua_State *L, int ndim, const size_t *shape) {
    lua_createtable(L, ndim, 0);
    for (int i = 0; i < ndim; i++) {
        lua_pushinteger(L, (lua_Integer)shape[i]);
        lua_rawseti(L, -2, i + 1);
    }
    if (luaL_newmetatable(L, "nabla.shape")) {
        lua_pushcfunction(L, shape_index);
        lua_setfield(L, -2, "__index");
        lua_pushnil(L); /* a plain table to whoever asks for its type */
        lua_setfield(L, -2, "__name");
    }
    lua_setmetatable(L, -2);
}

enum nn_dtype cmd_to_dtype(lua_State *L, const char *name) {
    static const enum nn_dtype all[] = {NN_F32, NN_F64, NN_U8, NN_I32};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(name, nn_dtype_name(all[i])) == 0)
            return all[i];
    cell_raisef(L, ERR_ARG,
                _("dtype: «%s» no existe; usa float32, float64, uint8 o int32"), name);
    return NN_F64;
}
