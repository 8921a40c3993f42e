/* tensor_ops.c: operators, fields and the metatable of tensors.
 *
 * Operators take tensors and numbers in any mix and run through the op table, so that
 * what asks for a gradient remembers how it was made. */
#include "register.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/suggest.h"
#include "viz/grid.h"

/* Sides in pixels of what is shown as a picture, and how large it is drawn. */
enum { PICTURE_MIN = 8, PICTURE_MAX = 512, PICTURE_SIDE = 140 };

static bool is_integer(enum nn_dtype d) {
    return d == NN_U8 || d == NN_I32;
}

/* The dtype that operands meet in: that of the tracked one; else float64 when any has
 * it, so that nothing is lost. Numbers (float64 scalars) do not widen float32. */
static enum nn_dtype common_dtype(int n, struct nn_var *const in[]) {
    bool f32 = false, f64 = false, i32 = false;
    for (int i = 0; i < n; i++) {
        if (in[i]->requires_grad && !(in[i]->ndim == 0 && in[i]->n_in == 0))
            return in[i]->dtype;
        bool scalar = in[i]->ndim == 0;
        f32 = f32 || in[i]->dtype == NN_F32 || in[i]->dtype == NN_U8;
        f64 = f64 || (in[i]->dtype == NN_F64 && !scalar);
        i32 = i32 || in[i]->dtype == NN_I32;
    }
    return f64 || !f32 ? NN_F64 : i32 && !f32 ? NN_F64 : NN_F32;
}

/* Pushes a leaf that holds v's numbers as d. */
static struct nn_var *push_cast(lua_State *L, const struct nn_var *v, enum nn_dtype d) {
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_cast(hold, v->value, d, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    return cmd_var_test(L, -1);
}

struct nn_var *cmd_apply(lua_State *L, const char *op, const struct nn_attrs *attrs,
                         int n, struct nn_var *const in[]) {
    const struct nn_op *row = nn_op_find(op);
    struct nn_var *use[NN_OP_MAX_IN];
    if (!row || n > NN_OP_MAX_IN)
        cell_raisef(L, ERR_NOTFOUND, _("la operación «%s» no existe"), op);
    int top = lua_gettop(L);
    luaL_checkstack(L, n + 8, op);
    enum nn_dtype d = common_dtype(n, in);
    for (int i = 0; i < n; i++) {
        use[i] = in[i];
        bool labels = i == 1 && (row->flags & NN_OP_LABELS);
        bool meets = in[i]->dtype == d || (labels && in[i]->dtype == NN_I32) ||
                     (in[i]->ndim == 0 && in[i]->n_in == 0 && !is_integer(in[i]->dtype));
        if (!meets && (!in[i]->requires_grad || is_integer(in[i]->dtype)))
            use[i] = push_cast(L, in[i], d);
    }
    struct err e = {0};
    struct nn_var **slot = cmd_var_push(L);
    int rc = nn_var_apply(slot, row, attrs, n, use, &e);
    if (rc == ERR_NOMEM) { /* the collector may hold what is missing */
        cmd_collect(L);
        err_clear(&e);
        rc = nn_var_apply(slot, row, attrs, n, use, &e);
    }
    if (rc < 0)
        cmd_raise(L, &e);
    if (lua_gettop(L) > top + 1)
        lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    return *slot;
}

struct nn_var *cmd_apply_values(lua_State *L, const char *op,
                                const struct nn_attrs *attrs, int a, int b) {
    struct nn_var *in[2] = {cmd_to_var(L, a, NN_F64, op), NULL};
    if (b)
        in[1] = cmd_to_var(L, b, NN_F64, op);
    return cmd_apply(L, op, attrs, b ? 2 : 1, in);
}

void cmd_push_value(lua_State *L, struct nn_tensor *t) {
    if (t->ndim == 0)
        cmd_push_element(L, t, 0);
    else
        cmd_tensor_push(L, nn_tensor_retain(t));
}

static int binary(lua_State *L, const char *op) {
    lua_settop(L, 2);
    for (int i = 1; i <= 2; i++)
        if (!cmd_is_tensorlike(L, i))
            return cell_raisef(L, ERR_ARG, _("%s: un tensor no se combina con %s (%s)"),
                               op, cell_type_name(L, i), cmd_value_text(L, i));
    cmd_apply_values(L, op, NULL, 1, 2);
    return 1;
}

static int t_add(lua_State *L) {
    return binary(L, "add");
}

static int t_sub(lua_State *L) {
    return binary(L, "sub");
}

static int t_mul(lua_State *L) {
    return binary(L, "mul");
}

static int t_div(lua_State *L) {
    return binary(L, "div");
}

static int t_pow(lua_State *L) {
    return binary(L, "pow");
}

static int t_unm(lua_State *L) {
    lua_settop(L, 1);
    cmd_apply_values(L, "neg", NULL, 1, 0);
    return 1;
}

/* Equal shape and equal numbers; Lua calls it for two tensors only. */
static int t_eq(lua_State *L) {
    const struct nn_var *a = cmd_var_test(L, 1), *b = cmd_var_test(L, 2);
    bool same = a && b && nn_tensor_same_shape(a->value, b->value);
    for (size_t i = 0; same && i < a->value->n; i++)
        same = nn_tensor_get(a->value, i) == nn_tensor_get(b->value, i);
    lua_pushboolean(L, same);
    return 1;
}

static double one_number(lua_State *L, int idx) {
    struct nn_var *v = cmd_to_var(L, idx, NN_F64, "<");
    char shape[NN_SHAPE_TEXT];
    if (v->value->n != 1)
        cell_raisef(L, ERR_SHAPE,
                    _("< compara números sueltos y llegó un tensor de forma "
                      "%s"),
                    nn_shape_text(shape, v->ndim, v->shape));
    return nn_tensor_get(v->value, 0);
}

static int t_lt(lua_State *L) {
    lua_pushboolean(L, one_number(L, 1) < one_number(L, 2));
    return 1;
}

static int t_le(lua_State *L) {
    lua_pushboolean(L, one_number(L, 1) <= one_number(L, 2));
    return 1;
}

static int t_len(lua_State *L) {
    const struct nn_var *v = cmd_self(L, CMD_TENSOR);
    if (v->ndim == 0)
        return cell_raisef(L, ERR_SHAPE, "%s", _("tensor: un escalar no tiene largo"));
    lua_pushinteger(L, (lua_Integer)v->shape[0]);
    return 1;
}

static int push_text(lua_State *L, bool header) {
    const struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct buf *b = cmd_buf(L);
    cmd_tensor_text(b, v, header);
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

static int t_tostring(lua_State *L) {
    return push_text(L, false);
}

/* Bytes of shape (h, w, 1 or 3) are a picture. */
static bool is_picture(const struct nn_var *v) {
    return v->dtype == NN_U8 && v->ndim == 3 && (v->shape[2] == 1 || v->shape[2] == 3) &&
           MIN_OF(v->shape[0], v->shape[1]) >= PICTURE_MIN &&
           MAX_OF(v->shape[0], v->shape[1]) <= PICTURE_MAX;
}

static int show_picture(lua_State *L, const struct nn_var *v) {
    struct mime_bundle *bundle = cell_bundle_push(L);
    struct buf *b = cmd_buf(L);
    cmd_tensor_head(b, v);
    if (b->failed)
        cmd_raise_nomem(L);
    const struct viz_tile tile = {.pixels = nn_tensor_u8(v->value),
                                  .h = v->shape[0],
                                  .w = v->shape[1],
                                  .c = v->shape[2]};
    const struct viz_grid grid = {
        .tiles = &tile, .n = 1, .tile = PICTURE_SIDE, .plain = b->data};
    struct err e = {0};
    if (viz_grid_bundle(bundle, &grid, &e) < 0)
        cmd_raise(L, &e);
    lua_pop(L, 1);
    return 1;
}

static int t_display(lua_State *L) {
    const struct nn_var *v = cmd_self(L, CMD_TENSOR);
    return is_picture(v) ? show_picture(L, v) : push_text(L, true);
}

static int t_concat(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

/* Fields: what a tensor knows of itself. false: no such field. */
static bool push_field(lua_State *L, struct nn_var *v, const char *key) {
    if (strcmp(key, "shape") == 0)
        cmd_push_shape(L, v->ndim, v->shape);
    else if (strcmp(key, "dtype") == 0)
        lua_pushstring(L, nn_dtype_name(v->dtype));
    else if (strcmp(key, "ndim") == 0)
        lua_pushinteger(L, v->ndim);
    else if (strcmp(key, "size") == 0)
        lua_pushinteger(L, (lua_Integer)v->value->n);
    else if (strcmp(key, "name") == 0)
        lua_pushstring(L, v->name);
    else if (strcmp(key, "requires_grad") == 0)
        lua_pushboolean(L, v->requires_grad);
    else if (strcmp(key, "value") == 0 || strcmp(key, "data") == 0)
        cmd_push_value(L, v->value);
    else if (strcmp(key, "grad") == 0 && v->grad)
        cmd_push_value(L, v->grad);
    else if (strcmp(key, "grad") == 0)
        lua_pushnil(L);
    else
        return false;
    return true;
}

static int t_index(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    if (lua_type(L, 2) != LUA_TSTRING)
        return cmd_tensor_select(L, v, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL)
        return 1;
    if (push_field(L, v, lua_tostring(L, 2)))
        return 1;
    return cell_raise_no_member(L, CMD_TENSOR, 2, lua_upvalueindex(2));
}

/* w.value = x puts new numbers of the same shape into a leaf. */
static int set_value(lua_State *L, struct nn_var *v) {
    if (v->n_in > 0)
        return cell_raisef(L, ERR_STATE, "%s",
                           _("value: solo se asigna a una variable, no a un resultado"));
    struct nn_var *from = cmd_to_var(L, 3, v->dtype, "value");
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    if (!nn_tensor_same_shape(v->value, from->value))
        return cell_raisef(L, ERR_SHAPE,
                           _("value: la variable tiene forma %s y llegó %s"),
                           nn_shape_text(a, v->ndim, v->shape),
                           nn_shape_text(b, from->ndim, from->shape));
    for (size_t i = 0; i < v->value->n; i++)
        nn_tensor_set(v->value, i, nn_tensor_get(from->value, i));
    return 0;
}

/* w.grad = g puts a gradient of another origin where an optimizer looks; nil drops it. */
static int set_grad(lua_State *L, struct nn_var *v) {
    struct err e = {0};
    if (lua_isnil(L, 3)) {
        nn_var_zero_grad(v);
        return 0;
    }
    if (v->n_in > 0 || !v->requires_grad)
        return cell_raisef(L, ERR_STATE, "%s",
                           _("grad: solo se asigna a una variable (var)"));
    struct nn_var *from = cmd_to_var(L, 3, v->dtype, "grad");
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    if (!nn_tensor_same_shape(v->value, from->value))
        return cell_raisef(L, ERR_SHAPE, _("grad: la variable tiene forma %s y llegó %s"),
                           nn_shape_text(a, v->ndim, v->shape),
                           nn_shape_text(b, from->ndim, from->shape));
    struct nn_tensor *own;
    if (nn_tensor_cast(&own, from->value, v->dtype, &e) < 0)
        cmd_raise(L, &e);
    nn_var_zero_grad(v);
    v->grad = own;
    return 0;
}

static int t_newindex(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    if (lua_type(L, 2) != LUA_TSTRING)
        return cmd_tensor_store(L, v, 2, 3);
    const char *key = lua_tostring(L, 2);
    struct err e = {0};
    if (strcmp(key, "value") == 0 || strcmp(key, "data") == 0)
        return set_value(L, v);
    if (strcmp(key, "grad") == 0)
        return set_grad(L, v);
    if (strcmp(key, "name") == 0 && lua_type(L, 3) == LUA_TSTRING) {
        if (nn_var_set_name(v, lua_tostring(L, 3), &e) < 0)
            cmd_raise(L, &e);
        return 0;
    }
    return cell_raisef(
        L, ERR_ARG, _("tensor: «%s» no se asigna; se puede con value, grad y name"), key);
}

void cmd_tensor_open(lua_State *L) {
    static const luaL_Reg meta[] = {{"__add", t_add},
                                    {"__sub", t_sub},
                                    {"__mul", t_mul},
                                    {"__div", t_div},
                                    {"__pow", t_pow},
                                    {"__unm", t_unm},
                                    {"__eq", t_eq},
                                    {"__lt", t_lt},
                                    {"__le", t_le},
                                    {"__len", t_len},
                                    {"__tostring", t_tostring},
                                    {"__display", t_display},
                                    {"__concat", t_concat},
                                    {"__newindex", t_newindex},
                                    {NULL, NULL}};
    cmd_class(L, CMD_TENSOR, NULL, NULL);
    luaL_getmetatable(L, CMD_TENSOR);
    lua_pushnil(L); /* no row: cmd_self names the class */
    luaL_setfuncs(L, meta, 1);
    lua_pushnil(L);
    cmd_push_methods(L, CMD_TENSOR);
    lua_pushcclosure(L, t_index, 2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    cmd_tensor_new_open(L);
    cmd_tensor_methods_open(L);
}
