/* tensor_index.c: t[i], t[{a, b}], t[{{a, b}, j}] and t[i] = v.
 *
 * Along axis 0 of data that asks for no gradient the result is a view: t[2][3] = 5
 * changes t. Other selections are copies; a tensor that remembers its history goes
 * through the ops slice and reshape, so that gradients flow. */
#include "tensor.h"

#include "args.h"
#include "base/i18n.h"
#include "cell/error.h"

/* What is taken of each axis; a selected axis disappears. */
struct selection {
    int ndim;
    size_t start[NN_MAX_DIMS], count[NN_MAX_DIMS];
    bool drop[NN_MAX_DIMS];
};

/* A position on an axis of n elements, 1..n or -1..-n, as an offset from 0. */
static size_t read_offset(lua_State *L, int idx, size_t n, int axis) {
    int ok;
    lua_Integer i = lua_tointegerx(L, idx, &ok);
    if (!ok)
        cell_raisef(L, ERR_ARG,
                    _("tensor: el índice del eje %d debe ser un entero o un rango "
                      "{desde, hasta} y llegó %s"),
                    axis + 1, cmd_value_text(L, idx));
    if (i == 0 || i > (lua_Integer)n || i < -(lua_Integer)n)
        cell_raisef(L, ERR_RANGE,
                    _("tensor: el índice %d está fuera del eje %d, que va de 1 a %d"),
                    (int)i, axis + 1, (int)n);
    return (size_t)(i > 0 ? i - 1 : i + (lua_Integer)n);
}

/* {a, b} at idx: elements a to b, both included; {} all. */
static void read_range(lua_State *L, int idx, size_t n, int axis, size_t *start,
                       size_t *count) {
    size_t len = lua_rawlen(L, idx);
    *start = 0;
    *count = n;
    if (len == 0)
        return;
    if (len != 2)
        cell_raisef(L, ERR_ARG,
                    _("tensor: un rango es {desde, hasta} y llegaron %d números; para "
                      "elegir filas sueltas usa t:take{...}"),
                    (int)len);
    lua_rawgeti(L, idx, 1);
    lua_rawgeti(L, idx, 2);
    *start = read_offset(L, -2, n, axis);
    size_t last = read_offset(L, -1, n, axis);
    if (last < *start)
        cell_raisef(L, ERR_RANGE, _("tensor: el rango {%d, %d} está al revés"),
                    (int)lua_tointeger(L, -2), (int)lua_tointeger(L, -1));
    *count = last - *start + 1;
    lua_pop(L, 2);
}

static void read_axis(lua_State *L, int idx, const struct nn_var *v, int axis,
                      struct selection *s) {
    if (lua_istable(L, idx)) {
        read_range(L, idx, v->shape[axis], axis, &s->start[axis], &s->count[axis]);
        return;
    }
    s->start[axis] = read_offset(L, idx, v->shape[axis], axis);
    s->count[axis] = 1;
    s->drop[axis] = true;
}

/* key at idx: an integer, {a, b}, or a list with one entry per axis that holds a table. */
static void read_selection(lua_State *L, int idx, const struct nn_var *v,
                           struct selection *s) {
    *s = (struct selection){.ndim = v->ndim};
    for (int i = 0; i < v->ndim; i++)
        s->count[i] = v->shape[i];
    if (v->ndim == 0)
        cell_raisef(L, ERR_SHAPE, "%s",
                    _("tensor: un escalar no tiene ejes que indexar; usa t:item()"));
    size_t n = lua_istable(L, idx) ? lua_rawlen(L, idx) : 0;
    bool per_axis = false;
    for (size_t i = 1; i <= n && !per_axis; i++) {
        per_axis = lua_rawgeti(L, idx, (lua_Integer)i) == LUA_TTABLE;
        lua_pop(L, 1);
    }
    if (!per_axis) {
        read_axis(L, idx, v, 0, s);
        return;
    }
    if (n > (size_t)v->ndim)
        cell_raisef(L, ERR_SHAPE, _("tensor: %d índices para un tensor de %d ejes"),
                    (int)n, v->ndim);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        read_axis(L, lua_gettop(L), v, (int)i, s);
        lua_pop(L, 1);
    }
}

/* Shape of the result; true when only axis 0 is cut, so that a view will do. */
static bool result_shape(const struct selection *s, const struct nn_var *v, int *ndim,
                         size_t shape[NN_MAX_DIMS]) {
    bool leading = true;
    *ndim = 0;
    for (int i = 0; i < s->ndim; i++) {
        leading = leading && (i == 0 || s->count[i] == v->shape[i]);
        if (!s->drop[i])
            shape[(*ndim)++] = s->count[i];
    }
    return leading;
}

/* Copies the box of s out of t, axis by axis; dst is where the next element goes. */
static void copy_box(const struct selection *s, const struct nn_tensor *t, int axis,
                     size_t offset, char **dst, bool write) {
    size_t size = nn_dtype_size(t->dtype), stride = size;
    for (int i = axis + 1; i < t->ndim; i++)
        stride *= t->shape[i];
    char *base = (char *)t->data + offset + s->start[axis] * stride;
    if (axis == t->ndim - 1) {
        size_t bytes = s->count[axis] * size;
        memcpy(write ? base : *dst, write ? *dst : base, bytes);
        *dst += bytes;
        return;
    }
    for (size_t i = 0; i < s->count[axis]; i++)
        copy_box(s, t, axis + 1, offset + (s->start[axis] + i) * stride, dst, write);
}

static void push_tracked(lua_State *L, struct nn_var *v, const struct selection *s,
                         int ndim, const size_t *shape) {
    struct nn_attrs cut = {.ndim = s->ndim}, form = {.ndim = ndim};
    memcpy(cut.start, s->start, sizeof s->start);
    memcpy(cut.count, s->count, sizeof s->count);
    memcpy(form.shape, shape, (size_t)ndim * sizeof *shape);
    struct nn_var *part = cmd_apply(L, "slice", &cut, 1, &v);
    if (ndim != v->ndim)
        cmd_apply(L, "reshape", &form, 1, &part);
}

static void push_view(lua_State *L, struct nn_tensor *t, const struct selection *s,
                      int ndim, const size_t *shape) {
    struct err e = {0};
    struct nn_tensor **rows = cmd_hold(L);
    if (nn_tensor_rows(rows, t, s->start[0], s->count[0], &e) < 0)
        cmd_raise(L, &e);
    struct nn_tensor **view = cmd_hold(L);
    if (nn_tensor_reshape(view, *rows, ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
}

static void push_copy(lua_State *L, struct nn_tensor *t, const struct selection *s,
                      int ndim, const size_t *shape) {
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, t->dtype, ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    char *dst = (*hold)->data;
    if ((*hold)->n)
        copy_box(s, t, 0, 0, &dst, false);
    cmd_hold_finish(L);
}

int cmd_tensor_select(lua_State *L, struct nn_var *v, int key) {
    struct selection s;
    int ndim;
    size_t shape[NN_MAX_DIMS] = {0};
    read_selection(L, key, v, &s);
    bool leading = result_shape(&s, v, &ndim, shape);
    if (v->requires_grad)
        push_tracked(L, v, &s, ndim, shape);
    else if (ndim == 0)
        push_copy(L, v->value, &s, ndim, shape);
    else if (leading)
        push_view(L, v->value, &s, ndim, shape);
    else
        push_copy(L, v->value, &s, ndim, shape);
    struct nn_var *r = cmd_var_test(L, -1);
    if (ndim == 0 && !r->requires_grad)
        cmd_push_element(L, r->value, 0);
    return 1;
}

static void refuse_result(lua_State *L, const struct nn_var *v) {
    if (v->n_in > 0)
        cell_raisef(L, ERR_STATE, "%s",
                    _("tensor: es el resultado de una operación y no se modifica; usa "
                      "t:detach():clone()"));
}

static void check_values(lua_State *L, const struct nn_tensor *to,
                         const struct nn_tensor *from) {
    if (to->dtype != NN_U8 && to->dtype != NN_I32)
        return;
    double low = to->dtype == NN_U8 ? 0 : INT32_MIN;
    double high = to->dtype == NN_U8 ? 255 : INT32_MAX;
    for (size_t i = 0; i < from->n; i++) {
        double x = nn_tensor_get(from, i);
        if (!(x >= low && x <= high))
            cell_raisef(L, ERR_RANGE, _("tensor: %.10g no cabe en %s"), x,
                        nn_dtype_name(to->dtype));
    }
}

/* Writes value (a var) into the box: one number everywhere, or the same shape. */
static void write_box(lua_State *L, struct nn_var *v, const struct selection *s,
                      const struct nn_var *value) {
    int ndim;
    size_t shape[NN_MAX_DIMS] = {0}, n = 1;
    (void)result_shape(s, v, &ndim, shape);
    for (int i = 0; i < ndim; i++)
        n *= shape[i];
    bool same = value->ndim == ndim;
    for (int i = 0; same && i < ndim; i++)
        same = value->shape[i] == shape[i];
    if (!same && value->value->n != 1) {
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        cell_raisef(L, ERR_SHAPE, _("tensor: un valor de forma %s no cabe en %s"),
                    nn_shape_text(a, value->ndim, value->shape),
                    nn_shape_text(b, ndim, shape));
    }
    check_values(L, v->value, value->value);
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, v->dtype, ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    for (size_t i = 0; i < n; i++)
        nn_tensor_set(*hold, i, nn_tensor_get(value->value, same ? i : 0));
    char *src = (*hold)->data;
    if (n)
        copy_box(s, v->value, 0, 0, &src, true);
}

int cmd_tensor_store(lua_State *L, struct nn_var *v, int key, int value) {
    struct selection s;
    refuse_result(L, v);
    read_selection(L, key, v, &s);
    struct nn_var *from = cmd_to_var(L, value, NN_F64, "tensor");
    write_box(L, v, &s, from);
    return 0;
}

/* Rows by number: t:take{3, 1, 1}. */
int cmd_tensor_take(lua_State *L, struct nn_var *v, struct nn_var *index) {
    struct nn_tensor *t = v->value;
    struct err e = {0};
    size_t shape[NN_MAX_DIMS], row = nn_dtype_size(t->dtype);
    if (v->ndim == 0 || index->ndim != 1)
        cell_raisef(L, ERR_SHAPE, "%s",
                    _("take: va un tensor con ejes y una lista de números de fila"));
    memcpy(shape, v->shape, sizeof shape);
    shape[0] = index->value->n;
    for (int i = 1; i < v->ndim; i++)
        row *= v->shape[i];
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, t->dtype, v->ndim, shape, &e) < 0)
        cmd_raise(L, &e);
    for (size_t i = 0; i < shape[0]; i++) {
        lua_pushnumber(L, nn_tensor_get(index->value, i));
        size_t from = read_offset(L, -1, v->shape[0], 0);
        lua_pop(L, 1);
        memcpy((char *)(*hold)->data + i * row, (char *)t->data + from * row, row);
    }
    cmd_hold_finish(L);
    return 1;
}
