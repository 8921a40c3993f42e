/* tensor_methods.c: t:sum{axis = 1}, t:reshape(2, 3), t:matmul(u) and the others. */
#include "register.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

/* axis= (one or a list, from 1) and keepdims= to attrs. */
static void read_reduction(const struct cmd_args *a, int ndim, struct nn_attrs *at) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "axis");
    at->keepdims = cmd_boolean(a, "keepdims");
    if (lua_isnil(L, slot))
        return;
    if (!lua_istable(L, slot)) {
        at->axis[at->n_axes++] = cmd_to_axis(L, slot, ndim, a->row->name);
        return;
    }
    size_t n = lua_rawlen(L, slot);
    if (n > NN_MAX_DIMS)
        cmd_refuse(a, "axis", _("son %d ejes; el máximo es %d"), (int)n, NN_MAX_DIMS);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, slot, (lua_Integer)i + 1);
        at->axis[at->n_axes++] = cmd_to_axis(L, -1, ndim, a->row->name);
        lua_pop(L, 1);
    }
}

static int reduce(lua_State *L, const char *op) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    struct nn_attrs at = {0};
    cmd_args_read(&a, L, 2);
    read_reduction(&a, v->ndim, &at);
    cmd_apply(L, op, &at, 1, &v);
    return 1;
}

static int m_sum(lua_State *L) {
    return reduce(L, "sum");
}

static int m_mean(lua_State *L) {
    return reduce(L, "mean");
}

static int m_max(lua_State *L) {
    return reduce(L, "max");
}

static int m_min(lua_State *L) {
    return reduce(L, "min");
}

static int m_var(lua_State *L) {
    return reduce(L, "var");
}

static int m_norm(lua_State *L) {
    return reduce(L, "norm");
}

/* The standard deviation, of the population (divided by n), as NumPy. */
static int m_std(lua_State *L) {
    reduce(L, "var");
    struct nn_var *var = cmd_var_test(L, -1);
    cmd_apply(L, "sqrt", NULL, 1, &var);
    return 1;
}

/* Positions from 1 of the largest (sign 1) or smallest (-1) element along an axis. */
static void arg_along(struct nn_tensor *out, const struct nn_tensor *t, int axis,
                      double sign) {
    size_t inner = 1, n = t->shape[axis];
    for (int i = axis + 1; i < t->ndim; i++)
        inner *= t->shape[i];
    for (size_t k = 0; k < out->n; k++) {
        size_t base = k / inner * n * inner + k % inner, best = 0;
        double top = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            double x = sign * nn_tensor_get(t, base + i * inner);
            if (x > top) {
                top = x;
                best = i;
            }
        }
        nn_tensor_i32(out)[k] = (int32_t)best + 1;
    }
}

static int arg_reduce(lua_State *L, double sign) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct nn_tensor *t = v->value;
    if (t->n == 0)
        return cell_raisef(L, ERR_SHAPE, _("%s: el tensor está vacío"), a.row->name);
    struct err e = {0};
    struct nn_tensor **flat = cmd_hold(L);
    int axis = 0, slot = cmd_slot(&a, "axis");
    bool whole = lua_isnil(L, slot);
    if (whole && nn_tensor_reshape(flat, t, 1, &t->n, &e) < 0)
        cmd_raise(L, &e);
    if (whole)
        t = *flat;
    else
        axis = cmd_to_axis(L, slot, t->ndim, a.row->name);
    size_t shape[NN_MAX_DIMS];
    int ndim = 0;
    for (int i = 0; i < t->ndim; i++)
        if (i != axis)
            shape[ndim++] = t->shape[i];
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, NN_I32, ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    arg_along(*hold, t, axis, sign);
    struct nn_tensor *out = *hold;
    if (ndim == 0)
        cmd_push_element(L, out, 0);
    else
        cmd_hold_finish(L);
    return 1;
}

static int m_argmax(lua_State *L) {
    return arg_reduce(L, 1);
}

static int m_argmin(lua_State *L) {
    return arg_reduce(L, -1);
}

static int m_matmul(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct nn_var *other = cmd_tensor(&a, "other");
    cmd_apply(L, "matmul", NULL, 2, (struct nn_var *[]){v, other});
    return 1;
}

/* Applies reshape by view for any dtype, or through the op when there is history. */
static void push_reshaped(lua_State *L, struct nn_var *v, int ndim, const size_t *shape) {
    struct nn_attrs at = {.ndim = ndim};
    memcpy(at.shape, shape, (size_t)ndim * sizeof *shape);
    if (v->requires_grad) {
        cmd_apply(L, "reshape", &at, 1, &v);
        return;
    }
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_reshape(hold, v->value, ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
}

static int m_reshape(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    size_t shape[NN_MAX_DIMS], known = 1;
    int hole = -1, slot = cmd_slot(&a, "shape");
    int ndim =
        lua_isnil(L, slot) ? 0 : cmd_to_shape_hole(L, slot, shape, &hole, "reshape");
    for (int i = 0; i < ndim; i++)
        if (!mul_size(&known, known, shape[i]))
            return cmd_refuse(&a, "shape", "%s", _("la forma es demasiado grande"));
    if (hole >= 0 && known > 0)
        shape[hole] = v->value->n / known;
    push_reshaped(L, v, ndim, shape);
    return 1;
}

static int m_flatten(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    push_reshaped(L, v, 1, &v->value->n);
    return 1;
}

static int m_transpose(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    cmd_apply(L, "transpose", NULL, 1, &v);
    return 1;
}

/* The axes in another order: transpose(2, 1), all of them, from 1. */
static int m_permute(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    struct nn_attrs at = {0};
    cmd_args_read(&a, L, 2);
    int slot = cmd_slot(&a, "axes");
    size_t n = lua_istable(L, slot) ? lua_rawlen(L, slot) : 0;
    if (n > NN_MAX_DIMS)
        return cmd_refuse(&a, "axes", _("son %d ejes; el máximo es %d"), (int)n,
                          NN_MAX_DIMS);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, slot, (lua_Integer)i + 1);
        at.axis[at.n_axes++] = cmd_to_axis(L, -1, v->ndim, a.row->name);
        lua_pop(L, 1);
    }
    cmd_apply(L, "transpose", &at, 1, &v);
    return 1;
}

static int m_item(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    char shape[NN_SHAPE_TEXT];
    if (v->value->n != 1)
        return cell_raisef(L, ERR_SHAPE,
                           _("item: el tensor de forma %s tiene %d elementos; item() lee "
                             "el de uno solo"),
                           nn_shape_text(shape, v->ndim, v->shape), (int)v->value->n);
    cmd_push_element(L, v->value, 0);
    return 1;
}

static int m_clone(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_copy(hold, v->value, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    return 1;
}

static int m_to(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    enum nn_dtype d = cmd_to_dtype(L, cmd_text(&a, "dtype"));
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_cast(hold, v->value, d, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    return 1;
}

static int m_totable(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    cmd_push_list(L, v->value);
    return 1;
}

static int m_take(lua_State *L) {
    struct nn_var *v = cmd_self(L, CMD_TENSOR);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    return cmd_tensor_take(L, v, cmd_tensor(&a, "rows"));
}

#define AXIS                                                                             \
    {                                                                                    \
        .name = "axis", .types = CELL_INTEGER | CELL_LIST_NUMBER,                        \
        .doc =                                                                           \
            N_("eje o lista de ejes, desde 1 (negativo: desde el final); sin él, todos") \
    }
#define KEEPDIMS                                                                         \
    {                                                                                    \
        .name = "keepdims", .types = CELL_BOOLEAN, .fallback = "false",                  \
        .doc = N_("conserva los ejes reducidos con largo 1")                             \
    }

static const char *const dtypes[] = {"float32", "float64", "uint8", "int32", NULL};
static const struct cell_help_param p_reduce[] = {AXIS, KEEPDIMS};
static const struct cell_help_param p_arg[] = {
    {.name = "axis",
     .types = CELL_INTEGER,
     .doc = N_("eje, desde 1 (negativo: desde el final); sin él, todo el tensor")}};
static const struct cell_help_param p_matmul[] = {{.name = "other",
                                                   .types = CELL_TENSOR,
                                                   .flags = CELL_REQUIRED | CELL_AUTO,
                                                   .doc = N_("la matriz de la derecha")}};
static const struct cell_help_param p_reshape[] = {
    {.name = "shape",
     .types = CELL_INTEGER | CELL_LIST_NUMBER,
     .flags = CELL_REST,
     .doc = N_("largo de cada eje; uno puede ser -1 y se calcula")}};
static const struct cell_help_param p_axes[] = {
    {.name = "axes",
     .types = CELL_INTEGER | CELL_LIST_NUMBER,
     .flags = CELL_REST,
     .doc = N_("todos los ejes en su orden nuevo, desde 1")}};
static const struct cell_help_param p_to[] = {{.name = "dtype",
                                               .types = CELL_STRING,
                                               .flags = CELL_REQUIRED,
                                               .choices = dtypes,
                                               .doc = N_("tipo nuevo de los números")}};
static const struct cell_help_param p_take[] = {{.name = "rows",
                                                 .types = CELL_TENSOR,
                                                 .flags = CELL_REQUIRED | CELL_AUTO,
                                                 .doc = N_("números de fila, desde 1")}};

#define ROW(title, list, back, text, shape_text, ex)                                     \
    .name = title, .kind = CELL_METHOD, .params = list, .n_params = ARRAY_LEN(list),     \
    .returns = back, .doc = text, .shapes = shape_text, .example = ex
#define PLAIN(title, back, text, shape_text, ex)                                         \
    .name = title, .kind = CELL_METHOD, .returns = back, .doc = text,                    \
    .shapes = shape_text, .example = ex
#define FIELD(title, back, text, ex)                                                     \
    .name = title, .kind = CELL_FIELD, .returns = back, .doc = text, .example = ex

static const char tensor_word[] = N_("un tensor");

static const struct cmd_command commands[] = {
    {{.name = "Tensor",
      .kind = CELL_CLASS,
      .doc = N_("Un bloque de números con forma: escalar, vector, matriz o más ejes. "
                "Se suman, restan, multiplican y dividen elemento a elemento."),
      .example = "t = tensor{{1, 2}, {3, 4}}; t * 10 + 1",
      .see_also = "tensor var"},
     NULL},
    {{ROW("Tensor:sum", p_reduce, tensor_word, N_("Suma los elementos."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{{1, 2}, {3, 4}}:sum{axis = 1}")},
     m_sum},
    {{ROW("Tensor:mean", p_reduce, tensor_word, N_("Promedio de los elementos."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{{1, 2}, {3, 4}}:mean()")},
     m_mean},
    {{ROW("Tensor:max", p_reduce, tensor_word, N_("El mayor de los elementos."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{{1, 2}, {3, 4}}:max{axis = 2}")},
     m_max},
    {{ROW("Tensor:min", p_reduce, tensor_word, N_("El menor de los elementos."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{{1, 2}, {3, 4}}:min()")},
     m_min},
    {{ROW("Tensor:std", p_reduce, tensor_word,
          N_("Desviación estándar de los elementos (dividida por n)."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{1, 2, 3, 4}:std()")},
     m_std},
    {{ROW("Tensor:var", p_reduce, tensor_word,
          N_("Varianza de los elementos (dividida por n)."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{1, 2, 3, 4}:var()")},
     m_var},
    {{ROW("Tensor:norm", p_reduce, tensor_word,
          N_("Norma euclidiana: la raíz de la suma de los cuadrados."),
          N_("(n, m) → (m,) con axis = 1"), "tensor{3, 4}:norm()"),
      .formula = "\\sqrt{\\sum_i x_i^2}"},
     m_norm},
    {{ROW("Tensor:argmax", p_arg, N_("un índice, o un tensor de índices, desde 1"),
          N_("Posición del mayor elemento, desde 1."), N_("(n, m) → (n,) con axis = 2"),
          "tensor{{1, 5, 2}, {7, 0, 3}}:argmax{axis = 2}")},
     m_argmax},
    {{ROW("Tensor:argmin", p_arg, N_("un índice, o un tensor de índices, desde 1"),
          N_("Posición del menor elemento, desde 1."), N_("(n, m) → (n,) con axis = 2"),
          "tensor{4, 2, 8}:argmin()")},
     m_argmin},
    {{ROW("Tensor:matmul", p_matmul, tensor_word, N_("Producto de matrices."),
          "(n, k), (k, m) → (n, m)", "tensor{{1, 2}, {3, 4}}:matmul(tensor{{1}, {1}})"),
      .formula = "C_{ij} = \\sum_k A_{ik} B_{kj}"},
     m_matmul},
    {{ROW("Tensor:reshape", p_reshape, tensor_word,
          N_("Los mismos números con otra forma; comparte la memoria."), "(6,) → (2, 3)",
          "tensor.arange(6):reshape(2, -1)")},
     m_reshape},
    {{PLAIN("Tensor:flatten", tensor_word, N_("Todos los números en un solo eje."),
            "(n, m) → (n·m,)", "tensor.eye(2):flatten()")},
     m_flatten},
    {{PLAIN("Tensor:T", tensor_word, N_("La traspuesta: los ejes al revés."),
            "(n, m) → (m, n)", "tensor{{1, 2, 3}, {4, 5, 6}}:T()")},
     m_transpose},
    {{ROW("Tensor:transpose", p_axes, tensor_word,
          N_("Los ejes en otro orden; sin argumentos, al revés."),
          N_("(a, b, c) → (b, c, a) con 2, 3, 1"),
          "tensor.zeros(2, 3, 4):transpose(2, 3, 1).shape")},
     m_permute},
    {{PLAIN("Tensor:item", N_("un número"),
            N_("El número de un tensor de un solo elemento."), N_("() → número"),
            "tensor{1, 2, 3}:sum():item()")},
     m_item},
    {{PLAIN("Tensor:clone", tensor_word, N_("Una copia sin historia."), NULL,
            "a = tensor{1, 2}; b = a:clone(); b[1] = 9; a")},
     m_clone},
    {{ROW("Tensor:to", p_to, tensor_word, N_("Una copia con otro tipo de números."), NULL,
          "tensor{1, 2}:to{dtype = \"float32\"}")},
     m_to},
    {{PLAIN("Tensor:totable", N_("una tabla"), N_("Los números como tablas de Lua."),
            NULL, "tensor.eye(2):totable()")},
     m_totable},
    {{PLAIN("Tensor:tolist", N_("una tabla"), N_("Lo mismo que totable."), NULL,
            "tensor{1, 2}:tolist()")},
     m_totable},
    {{ROW("Tensor:take", p_take, tensor_word, N_("Las filas elegidas, en ese orden."),
          "(n, …), k → (k, …)", "tensor{10, 20, 30}:take{3, 1}")},
     m_take},
    {{FIELD("Tensor.shape", N_("una lista"), N_("La forma: el largo de cada eje."),
            "tensor.zeros(2, 3).shape")},
     NULL},
    {{FIELD("Tensor.dtype", N_("un texto"), N_("El tipo de los números."),
            "tensor{1, 2}.dtype")},
     NULL},
    {{FIELD("Tensor.ndim", N_("un entero"), N_("Cuántos ejes tiene."),
            "tensor.zeros(2, 3).ndim")},
     NULL},
    {{FIELD("Tensor.size", N_("un entero"), N_("Cuántos elementos tiene."),
            "tensor.zeros(2, 3).size")},
     NULL},
    {{FIELD("Tensor.grad", N_("un número, un tensor o nil"),
            N_("El gradiente que dejó el último backward()."),
            "w = var(3); y = w * w; y:backward(); w.grad")},
     NULL},
    {{FIELD("Tensor.value", N_("un número o un tensor"),
            N_("Los números sin su historia; a una variable se le asigna."),
            "w = var(3); w.value = 5; w.value")},
     NULL},
    {{FIELD("Tensor.data", N_("un número o un tensor"), N_("Lo mismo que value."),
            "var(3).data")},
     NULL},
    {{FIELD("Tensor.name", N_("un texto o nil"), N_("El nombre que le puso var."),
            "var{3, name = \"w\"}.name")},
     NULL},
    {{FIELD("Tensor.requires_grad", N_("un booleano"),
            N_("Si backward() le calcula un gradiente."), "var(3).requires_grad")},
     NULL},
};

void cmd_tensor_methods_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
