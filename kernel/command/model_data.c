/* model_data.c: what students hand to a model, as the engine wants it: data sets or
 * tensors, floats or bytes, labels from 0. */
#include "objects.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

/* The tensor at slot as dtype d, in a box that replaces the value. */
static struct nn_tensor *convert(lua_State *L, int slot, enum nn_dtype d) {
    struct nn_var *v = cmd_var_test(L, slot);
    if (v->dtype == d)
        return v->value;
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_cast(hold, v->value, d, &e) < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    lua_replace(L, slot);
    return cmd_var_test(L, slot)->value;
}

struct nn_tensor *cmd_model_input(lua_State *L, int slot, const char *what) {
    struct nn_var *v = cmd_to_var(L, slot, NN_F32, what);
    return v->dtype == NN_U8 ? v->value : convert(L, slot, NN_F32);
}

static bool whole(const struct nn_tensor *t) {
    for (size_t i = 0; i < t->n; i++) {
        double v = nn_tensor_get(t, i);
        if (v != floor(v) || fabs(v) > INT32_MAX)
            return false;
    }
    return true;
}

struct nn_tensor *cmd_model_target(lua_State *L, int slot, const char *what) {
    struct nn_var *v = cmd_to_var(L, slot, NN_F64, what);
    bool labels = v->ndim == 1 && v->dtype != NN_F32 && whole(v->value);
    return convert(L, slot, labels ? NN_I32 : NN_F32);
}

struct nn_tensor *cmd_labels(lua_State *L, int slot, const char *what) {
    struct nn_var *v = cmd_to_var(L, slot, NN_F64, what);
    char shape[NN_SHAPE_TEXT];
    if (v->ndim != 1)
        cell_raisef(L, ERR_SHAPE,
                    _("%s: las etiquetas van en un solo eje (n,) y llegó "
                      "%s"),
                    what, nn_shape_text(shape, v->ndim, v->shape));
    for (size_t i = 0; v->dtype != NN_I32 && i < v->value->n; i++) {
        double x = nn_tensor_get(v->value, i);
        if (x != floor(x) || x < 0 || x > INT32_MAX)
            cell_raisef(L, ERR_RANGE,
                        _("%s: la etiqueta %d es %.10g; las clases son "
                          "enteros desde 0"),
                        what, (int)i + 1, x);
    }
    return convert(L, slot, NN_I32);
}

struct nn_normalise cmd_normalise(const struct nn_dataset *d) {
    struct nn_normalise n = d->input;
    /* bytes / 255 is what the engine does with bytes by itself; leaving it at that lets
     * x / 255 as float32 go through the same model unscaled */
    if (d->x_train->dtype == NN_U8 && fabsf(n.scale - 1 / 255.0f) < 1e-7f)
        n.scale = 0;
    return n;
}

static void read_dataset(const struct cmd_args *a, const char *y, bool prefer_test,
                         struct cmd_part *part) {
    const struct nn_dataset *d = part->data;
    if (cmd_given(a, y))
        cmd_refuse(a, y, "%s", _("con un conjunto de datos no van etiquetas aparte"));
    part->x = d->x_train;
    part->y = d->y_train;
    if (prefer_test && d->x_test) {
        part->x = d->x_test;
        part->y = d->y_test;
    } else if (prefer_test && d->x_valid) {
        part->x = d->x_valid;
        part->y = d->y_valid;
    }
}

void cmd_read_part(const struct cmd_args *a, const char *x, const char *y,
                   bool prefer_test, bool need_y, struct cmd_part *part) {
    lua_State *L = a->L;
    *part = (struct cmd_part){.data = cmd_box_test(L, cmd_slot(a, x), CMD_DATASET)};
    if (part->data) {
        read_dataset(a, y, prefer_test, part);
        return;
    }
    part->x = cmd_model_input(L, cmd_slot(a, x), x);
    bool given = !lua_isnil(L, cmd_slot(a, y));
    if (!given && need_y)
        cmd_refuse(a, y, "%s", _("faltan las etiquetas"));
    if (!given)
        return;
    part->y = cmd_model_target(L, cmd_slot(a, y), y);
    char sx[NN_SHAPE_TEXT], sy[NN_SHAPE_TEXT];
    if (part->x->ndim < 1 || part->y->ndim < 1 || part->x->shape[0] != part->y->shape[0])
        cell_raisef(L, ERR_SHAPE,
                    _("%s: x tiene forma %s e y %s: los ejemplos y las "
                      "etiquetas deben ser los mismos"),
                    a->row->name, nn_shape_text(sx, part->x->ndim, part->x->shape),
                    nn_shape_text(sy, part->y->ndim, part->y->shape));
}
