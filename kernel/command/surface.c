/* surface.c: a student's function of one or two numbers: values, gradient, grid. */
#include "surface.h"

#include "tensor.h"

#include "base/i18n.h"
#include "base/util.h"
#include "cell/error.h"

#include <math.h>

void cmd_surface_init(struct cmd_surface *s, const struct cmd_args *a, const char *param,
                      int dims) {
    *s = (struct cmd_surface){
        .a = a, .param = param, .slot = cmd_slot(a, param), .dims = dims};
    luaL_checkstack(a->L, 30, NULL);
}

/* The single number of the value on top. */
static double read_result(const struct cmd_surface *s) {
    lua_State *L = s->a->L;
    const struct nn_var *v = cmd_var_test(L, -1);
    if (v && v->value && v->value->n == 1)
        return nn_tensor_get(v->value, 0);
    if (lua_type(L, -1) != LUA_TNUMBER)
        cmd_refuse(s->a, s->param, _("debe devolver un número y devolvió %s"),
                   cmd_value_text(L, -1));
    return lua_tonumber(L, -1);
}

double cmd_surface_value(struct cmd_surface *s, const double *at) {
    lua_State *L = s->a->L;
    int top = lua_gettop(L);
    lua_pushvalue(L, s->slot);
    for (int i = 0; i < s->dims; i++)
        lua_pushnumber(L, at[i]);
    lua_call(L, s->dims, 1);
    double z = read_result(s);
    lua_settop(L, top);
    return z;
}

static void push_leaf(lua_State *L, double value) {
    struct err e = {0};
    struct nn_var **slot = cmd_var_push(L);
    if (nn_var_scalar(slot, value, &e) < 0 ||
        nn_var_set_requires_grad(*slot, true, &e) < 0)
        cmd_raise(L, &e);
}

/* false: the function does not take vars, or its result does not depend on them. */
static bool by_autograd(struct cmd_surface *s, const double *at, double *g) {
    lua_State *L = s->a->L;
    struct err e = {0};
    int first = lua_gettop(L) + 1;
    for (int i = 0; i < s->dims; i++)
        push_leaf(L, at[i]);
    lua_pushvalue(L, s->slot);
    for (int i = 0; i < s->dims; i++)
        lua_pushvalue(L, first + i);
    int rc = cell_pcall(L, s->dims, 1, &e);
    if (rc != LUA_OK && (e.code == ERR_INTERRUPT || e.code == ERR_NOMEM))
        cmd_raise(L, &e);
    struct nn_var *y = rc == LUA_OK ? cmd_var_test(L, -1) : NULL;
    if (!y || !y->requires_grad || !y->value || y->value->n != 1)
        return false;
    if (nn_var_backward(y, NULL, false, &e) < 0)
        cmd_raise(L, &e);
    for (int i = 0; i < s->dims; i++) {
        const struct nn_var *x = cmd_var_test(L, first + i);
        g[i] = x->grad ? nn_tensor_get(x->grad, 0) : 0;
    }
    return true;
}

void cmd_surface_gradient(struct cmd_surface *s, const double *at, double *g) {
    int top = lua_gettop(s->a->L);
    if (!s->numeric)
        s->numeric = !by_autograd(s, at, g);
    lua_settop(s->a->L, top);
    for (int i = 0; s->numeric && i < s->dims; i++) {
        double near[2] = {at[0], s->dims > 1 ? at[1] : 0};
        double h = 1e-5 * fmax(1, fabs(at[i]));
        near[i] = at[i] + h;
        double above = cmd_surface_value(s, near);
        near[i] = at[i] - h;
        g[i] = (above - cmd_surface_value(s, near)) / (2 * h);
    }
}

void cmd_surface_grid(struct cmd_surface *s, struct viz_field *f, const double x[2],
                      const double y[2], size_t n) {
    double *z = cmd_scratch(s->a->L, n * n, sizeof *z), step = (double)(n - 1);
    *f = (struct viz_field){.rows = n, .cols = n, .z = z};
    f->x0 = x[0];
    f->x1 = x[1];
    f->y0 = y[0];
    f->y1 = y[1];
    for (size_t r = 0; r < n; r++)
        for (size_t c = 0; c < n; c++) {
            double at[2] = {x[0] + (x[1] - x[0]) * (double)c / step,
                            y[0] + (y[1] - y[0]) * (double)r / step};
            z[r * n + c] = cmd_surface_value(s, at);
        }
}

void cmd_surface_levels(lua_State *L, struct viz_field *f, size_t n) {
    double *level = cmd_scratch(L, n, sizeof *level);
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < f->rows * f->cols; i++) {
        if (!isfinite(f->z[i]))
            continue;
        lo = fmin(lo, f->z[i]);
        hi = fmax(hi, f->z[i]);
    }
    f->levels = level;
    f->n_levels = 0;
    for (size_t k = 0; k < n && lo < hi; k++) {
        double t = ((double)k + 0.5) / (double)n;
        level[f->n_levels++] = lo + (hi - lo) * t * t;
    }
}

bool cmd_surface_lowest(const struct viz_field *f, double at[2], double *z) {
    *z = INFINITY;
    for (size_t r = 0; r < f->rows; r++)
        for (size_t c = 0; c < f->cols; c++) {
            double v = f->z[r * f->cols + c];
            if (!(v < *z) || !isfinite(v))
                continue;
            *z = v;
            at[0] = f->x0 + (f->x1 - f->x0) * (double)c / (double)(f->cols - 1);
            at[1] = f->y0 + (f->y1 - f->y0) * (double)r / (double)(f->rows - 1);
        }
    return isfinite(*z);
}

/* One of the eight neighbours at that distance is lower: goes there. */
static bool settle_step(struct cmd_surface *s, const struct viz_field *f,
                        const double step[2], double at[2], double *z) {
    for (int k = 0; k < 9; k++) {
        int across = k % 3 - 1, up = k / 3 - 1;
        double to[2] = {at[0] + across * step[0], at[1] + up * step[1]};
        if (k == 4 || to[0] < f->x0 || to[0] > f->x1 || to[1] < f->y0 || to[1] > f->y1)
            continue;
        double value = cmd_surface_value(s, to);
        if (!(value < *z))
            continue;
        at[0] = to[0];
        at[1] = to[1];
        *z = value;
        return true;
    }
    return false;
}

void cmd_surface_settle(struct cmd_surface *s, const struct viz_field *f, double at[2],
                        double *z) {
    double step[2] = {(f->x1 - f->x0) / (double)(f->cols - 1),
                      (f->y1 - f->y0) / (double)(f->rows - 1)};
    for (int halvings = 0, calls = 0; halvings < 20 && calls < 400; calls++)
        if (!settle_step(s, f, step, at, z)) {
            step[0] /= 2;
            step[1] /= 2;
            halvings++;
        }
}

bool cmd_read_range(const struct cmd_args *a, const char *name, double out[2]) {
    if (lua_isnil(a->L, cmd_slot(a, name)))
        return false;
    size_t n = cmd_read_numbers(a, name, out, 2);
    if (n != 2 || !(out[0] < out[1]))
        cmd_refuse(a, name, "%s", _("se esperaba un rango {a, b} con a < b"));
    return true;
}

size_t cmd_read_numbers(const struct cmd_args *a, const char *name, double *out,
                        size_t max) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, name);
    bool list = lua_istable(L, slot);
    size_t n = list ? lua_rawlen(L, slot) : 1;
    if (n < 1 || n > max)
        cmd_refuse(a, name, _("van de 1 a %d números y llegaron %d"), (int)max, (int)n);
    for (size_t i = 0; i < n; i++) {
        if (list)
            lua_rawgeti(L, slot, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, slot);
        int is_number;
        out[i] = lua_tonumberx(L, -1, &is_number);
        if (!is_number || !isfinite(out[i]))
            cmd_refuse(a, name, _("se esperaba un número y llegó %s"),
                       cmd_value_text(L, -1));
        lua_pop(L, 1);
    }
    return n;
}
