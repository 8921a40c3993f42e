/* prepare.c: data as it comes from a notebook, turned into what network and loss take,
 * with a sentence for what does not fit. */
#include "models.h"

#include <math.h>

int nn_prepare_x(struct nn_tensor **out, const struct nn_model *m, struct nn_tensor *x,
                 struct err *e) {
    char text[NN_SHAPE_TEXT];
    *out = NULL;
    if (x->ndim < 2)
        return err_set(
            e, ERR_SHAPE,
            _("x debe tener los ejemplos en el primer eje y al menos otro eje; "
              "su forma es %s"),
            nn_shape_text(text, x->ndim, x->shape));
    if (x->shape[0] == 0)
        return err_set(e, ERR_SHAPE, _("x no tiene ejemplos: su forma es %s"),
                       nn_shape_text(text, x->ndim, x->shape));
    if (m->built &&
        (x->ndim != m->in_ndim + 1 ||
         memcmp(x->shape + 1, m->in_shape, (size_t)m->in_ndim * sizeof(size_t)) != 0)) {
        char want[NN_SHAPE_TEXT];
        return err_set(e, ERR_SHAPE,
                       _("el modelo espera ejemplos de forma %s y recibió %s"),
                       nn_shape_text(want, m->in_ndim, m->in_shape),
                       nn_shape_text(text, x->ndim - 1, x->shape + 1));
    }
    if (x->dtype == NN_F32 || x->dtype == NN_U8) {
        *out = nn_tensor_retain(x);
        return 0;
    }
    return nn_tensor_cast(out, x, NN_F32, e);
}

/* One class number per row: (n,) or (n, 1). */
static bool one_per_row(const struct nn_tensor *y) {
    return y->ndim == 1 || (y->ndim == 2 && y->shape[1] == 1);
}

/* Numbers that are not whole cannot be classes; the cast would cut them. */
static int whole_numbers(const struct nn_tensor *y, struct err *e) {
    if (y->dtype == NN_I32 || y->dtype == NN_U8)
        return 0;
    for (size_t i = 0; i < y->n; i++) {
        double v = nn_tensor_get(y, i);
        if (v != floor(v))
            return err_set(e, ERR_RANGE,
                           _("la etiqueta de la fila %zu es %g y debe ser un número de "
                             "clase: 0, 1, 2..."),
                           i + 1, v);
    }
    return 0;
}

int nn_prepare_y(struct nn_tensor **out, const struct nn_model *m, struct nn_tensor *y,
                 struct err *e) {
    bool classes = m->loss->fuses && strcmp(m->loss->fuses, "softmax") == 0;
    *out = NULL;
    if (y->ndim < 1)
        return err_set(e, ERR_SHAPE, _("y debe tener un valor por ejemplo"));
    if (!classes || !one_per_row(y)) {
        if (y->dtype != NN_F32)
            return nn_tensor_cast(out, y, NN_F32, e);
        *out = nn_tensor_retain(y);
        return 0;
    }
    struct nn_tensor *labels = NULL;
    int rc = whole_numbers(y, e);
    if (rc < 0)
        return rc;
    if (y->dtype == NN_I32)
        labels = nn_tensor_retain(y);
    else
        rc = nn_tensor_cast(&labels, y, NN_I32, e);
    if (rc == 0)
        rc = nn_tensor_reshape(out, labels, 1, y->shape, e);
    nn_tensor_release(labels);
    return rc;
}

/* y's element that is no probability, for a loss that takes them; y->n when all are. */
static size_t bad_target(const struct nn_tensor *y) {
    size_t i = 0;
    while (i < y->n && nn_tensor_f32(y)[i] >= 0 && nn_tensor_f32(y)[i] <= 1)
        i++;
    return i;
}

static int check_labels(const struct nn_model *m, const struct nn_tensor *y,
                        const char *what, struct err *e) {
    const struct nn_layer *last = m->layer[m->n_layers - 1];
    size_t classes = last->out_ndim ? last->out_shape[last->out_ndim - 1] : 1;
    const int32_t *label = nn_tensor_i32(y);
    for (size_t i = 0; i < y->n; i++)
        if (label[i] < 0 || (size_t)label[i] >= classes)
            return err_set(
                e, ERR_RANGE,
                _("%s: la etiqueta de la fila %zu es %d y debe estar en 0..%zu, "
                  "porque la última capa tiene %zu salidas"),
                what, i + 1, (int)label[i], classes - 1, classes);
    return 0;
}

int nn_check_targets(const struct nn_model *m, const struct nn_tensor *x,
                     const struct nn_tensor *y, const char *what, struct err *e) {
    if (x->shape[0] != y->shape[0]) {
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        return err_set(
            e, ERR_SHAPE,
            _("%s: x tiene forma %s e y tiene forma %s: hay %zu ejemplos y %zu "
              "etiquetas"),
            what, nn_shape_text(a, x->ndim, x->shape),
            nn_shape_text(b, y->ndim, y->shape), x->shape[0], y->shape[0]);
    }
    if (y->dtype == NN_I32)
        return check_labels(m, y, what, e);
    if (!m->loss->classes)
        return 0;
    size_t bad = bad_target(y);
    if (bad < y->n)
        return err_set(e, ERR_RANGE,
                       _("%s: el objetivo de la fila %zu es %g y %s espera valores entre "
                         "0 y 1"),
                       what, bad / (y->n / y->shape[0]) + 1,
                       (double)nn_tensor_f32(y)[bad], m->loss->name);
    return 0;
}
