/* weigh.c: weights of classes and examples in the loss, as Keras': the loss of an example
 * times its weight, summed, over the number of examples.
 *
 * The cross-entropy of several classes is linear in its target, so the target is
 * multiplied. For the others the targets carry the weights beside them, (n, 2 k): k
 * targets, k times the weight; the plan takes them apart and builds the weighted mean. */
#include "fits.h"

#include <math.h>

enum kind { OTHER, SOFTMAX, SIGMOID, SQUARED, ABSOLUTE };

static enum kind kind_of(const struct nn_loss_type *l) {
    static const char *const op[] = {NULL, "softmax_cross_entropy",
                                     "sigmoid_cross_entropy", "mse", "mae"};
    for (int i = 1; i < (int)ARRAY_LEN(op); i++)
        if (strcmp(l->op, op[i]) == 0)
            return (enum kind)i;
    return OTHER;
}

static double weight_of(const struct nn_fit_options *o, size_t row, int label) {
    double w = 1;
    if (o->class_weight && label < o->n_class_weight)
        w = o->class_weight[label];
    return o->sample_weight ? w * (double)nn_tensor_f32(o->sample_weight)[row] : w;
}

static int check_weights(const struct nn_run *r, size_t rows, size_t cols,
                         struct err *e) {
    const struct nn_fit_options *o = r->o;
    if (kind_of(r->m->loss) == OTHER)
        return err_set(
            e, ERR_ARG,
            _("class_weight y sample_weight van con las entropías cruzadas y "
              "con los errores cuadrático y absoluto medios; la pérdida es %s"),
            r->m->loss->name);
    if (o->class_weight && !r->m->loss->classes)
        return err_set(e, ERR_ARG,
                       _("class_weight es para clasificar y la pérdida es %s; para pesar "
                         "ejemplos da sample_weight"),
                       r->m->loss->name);
    if (r->m->loss_value != 0)
        return err_set(e, ERR_ARG, "%s",
                       _("class_weight y sample_weight no van con label_smoothing"));
    if (o->class_weight && (size_t)o->n_class_weight > MAX_OF(cols, (size_t)2))
        return err_set(
            e, ERR_RANGE,
            _("class_weight tiene un peso para la clase %d y las clases van de "
              "0 a %zu"),
            o->n_class_weight - 1, MAX_OF(cols, (size_t)2) - 1);
    for (int c = 0; c < o->n_class_weight; c++)
        if (!(o->class_weight[c] >= 0 && isfinite(o->class_weight[c])))
            return err_set(e, ERR_RANGE,
                           _("class_weight: el peso de la clase %d es %g y debe ser "
                             "finito y no negativo"),
                           c, o->class_weight[c]);
    const struct nn_tensor *w = o->sample_weight;
    if (w && (w->dtype != NN_F32 || w->n != rows))
        return err_set(e, ERR_SHAPE,
                       _("sample_weight tiene %zu números y hay %zu ejemplos"), w->n,
                       rows);
    for (size_t i = 0; w && i < w->n; i++)
        if (!(nn_tensor_f32(w)[i] >= 0 && isfinite(nn_tensor_f32(w)[i])))
            return err_set(e, ERR_RANGE,
                           _("sample_weight: el peso del ejemplo %zu es %g y debe ser "
                             "finito y no negativo"),
                           i + 1, (double)nn_tensor_f32(w)[i]);
    return 0;
}

static int class_of(const struct nn_tensor *y, size_t row, size_t cols) {
    int32_t label;
    if (y->dtype == NN_I32)
        return nn_tensor_i32(y)[row];
    struct nn_tensor one = {.dtype = NN_F32,
                            .ndim = 2,
                            .shape = {1, cols},
                            .n = cols,
                            .data = nn_tensor_f32(y) + row * cols};
    nn_output_classes(&label, &one, 1, 0.5);
    return label;
}

/* Row i of the new targets: w times the old ones. Weight 0 becomes a trace that leaves the
 * label readable for the metrics. */
static void multiply_row(float *to, const struct nn_tensor *y, size_t i, size_t cols,
                         int label, double w) {
    float weight = fmaxf((float)w, 1e-30f);
    for (size_t k = 0; k < cols; k++) {
        float hot = (size_t)label == k ? 1 : 0;
        to[k] = weight * (y->dtype == NN_I32 ? hot : nn_tensor_f32(y)[i * cols + k]);
    }
}

static void append_row(float *to, const struct nn_tensor *y, size_t i, size_t cols,
                       double w) {
    for (size_t k = 0; k < cols; k++) {
        to[k] = (float)nn_tensor_get(y, i * cols + k);
        to[cols + k] = (float)w;
    }
}

int nn_run_weigh(struct nn_run *r, size_t given, struct err *e) {
    const struct nn_layer *last = r->m->layer[r->m->n_layers - 1];
    struct nn_tensor *t = NULL;
    if (!r->o->class_weight && !r->o->sample_weight)
        return 0;
    if (last->out_ndim != 1)
        return err_set(e, ERR_SHAPE, "%s",
                       _("class_weight y sample_weight piden que la última capa dé una "
                         "fila de números por ejemplo"));
    size_t rows = r->y->shape[0], cols = last->out_shape[0];
    bool softmax = kind_of(r->m->loss) == SOFTMAX;
    if (r->y->n != rows * (softmax && r->y->dtype == NN_I32 ? 1 : cols))
        return 0; /* the loss will say what does not fit */
    int rc = check_weights(r, given, cols, e);
    if (rc == 0)
        rc = nn_tensor_new(&t, NN_F32, 2, (size_t[]){rows, softmax ? cols : 2 * cols}, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < rows; i++) {
        int label = r->o->class_weight || softmax ? class_of(r->y, i, cols) : 0;
        double w = weight_of(r->o, i, label);
        if (softmax)
            multiply_row(nn_tensor_f32(t) + i * cols, r->y, i, cols, label, w);
        else
            append_row(nn_tensor_f32(t) + i * 2 * cols, r->y, i, cols, w);
    }
    nn_tensor_release(r->y);
    r->y = t;
    r->m->weighted = !softmax;
    return 0;
}

/* ---- in the plan */

/* Columns from `first` on of the packed targets. */
static int columns(struct nn_var **out, struct nn_var *packed, size_t first,
                   struct err *e) {
    size_t cols = packed->shape[1] / 2;
    struct nn_attrs a = {
        .ndim = 2, .start = {0, first}, .count = {packed->shape[0], cols}};
    return nn_apply(out, "slice", &a, packed, NULL, e);
}

/* The loss of each number: softplus(z) - t z, (z - t)^2 or |z - t|. */
static int losses(struct nn_var **out, enum kind kind, struct nn_var *z, struct nn_var *t,
                  struct err *e) {
    struct nn_var *a = NULL, *b = NULL;
    *out = NULL;
    int rc = kind == SIGMOID ? nn_apply(&a, "softplus", NULL, z, NULL, e)
                             : nn_apply(&a, "sub", NULL, z, t, e);
    if (rc == 0 && kind == SIGMOID)
        rc = nn_apply(&b, "mul", NULL, t, z, e);
    if (rc == 0 && kind == SIGMOID)
        rc = nn_apply(out, "sub", NULL, a, b, e);
    else if (rc == 0)
        rc = nn_apply(out, kind == SQUARED ? "square" : "abs", NULL, a, NULL, e);
    nn_var_release(a);
    nn_var_release(b);
    return rc;
}

int nn_weighted_loss(struct nn_var **loss, struct nn_var **target,
                     const struct nn_model *m, struct nn_var *raw, struct nn_var *packed,
                     struct err *e) {
    struct nn_var *w = NULL, *each = NULL, *weighted = NULL;
    *loss = *target = NULL;
    int rc = columns(target, packed, 0, e);
    if (rc == 0)
        rc = columns(&w, packed, packed->shape[1] / 2, e);
    if (rc == 0)
        rc = losses(&each, kind_of(m->loss), raw, *target, e);
    if (rc == 0)
        rc = nn_apply(&weighted, "mul", NULL, w, each, e);
    if (rc == 0)
        rc = nn_apply(loss, "mean", NULL, weighted, NULL, e);
    nn_var_release(w);
    nn_var_release(each);
    nn_var_release(weighted);
    return rc;
}
