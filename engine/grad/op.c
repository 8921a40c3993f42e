/* op.c: the table as a whole: find a row, check what goes in, write its formula. */
#include "ops.h"

static const struct nn_op *const families[] = {
    nn_ops_binary, nn_ops_unary, nn_ops_choose,  nn_ops_matmul,
    nn_ops_reduce, nn_ops_shape, nn_ops_join,    nn_ops_softmax,
    nn_ops_loss,   nn_ops_xent,  nn_ops_random,  nn_ops_conv,
    nn_ops_pool,   nn_ops_norm,  nn_ops_penalty, nn_ops_conv_pool};

/* Other names that students bring along. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    {"subtract", "sub"},
    {"multiply", "mul"},
    {"divide", "div"},
    {"power", "pow"},
    {"negative", "neg"},
    {"mean_squared_error", "mse"},
    {"mean_absolute_error", "mae"},
    {"cross_entropy", "softmax_cross_entropy"},
    {"binary_crossentropy", "binary_cross_entropy"},
    {"concatenate", "concat"},
    {"cat", "concat"},
    {"swish", "silu"},
    {"exponential", "exp"},
};

const struct nn_op *nn_op_row(int i) {
    for (size_t f = 0; f < ARRAY_LEN(families); f++)
        for (const struct nn_op *op = families[f]; op->name; op++)
            if (i-- == 0)
                return op;
    return NULL;
}

const struct nn_op *nn_op_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (strcmp(name, aliases[i].alias) == 0)
            name = aliases[i].name;
    const struct nn_op *op;
    for (int i = 0; (op = nn_op_row(i)); i++)
        if (strcmp(op->name, name) == 0)
            return op;
    return NULL;
}

static bool is_real(enum nn_dtype d) {
    return d == NN_F32 || d == NN_F64;
}

static int check_dtypes(const struct nn_call *c, struct err *e) {
    for (int i = 0; i < c->n_in; i++) {
        bool labels = i == 1 && (c->op->flags & NN_OP_LABELS);
        enum nn_dtype d = c->in_dtype[i];
        if (labels && d == NN_I32)
            continue;
        if (!is_real(d))
            return err_set(e, ERR_DTYPE,
                           _("%s: la entrada %d es %s; conviértela antes a float32 o "
                             "float64"),
                           c->op->name, i + 1, nn_dtype_name(d));
        if (d != c->in_dtype[0])
            return err_set(e, ERR_DTYPE,
                           _("%s: no se mezclan %s y %s; convierte una de las dos"),
                           c->op->name, nn_dtype_name(c->in_dtype[0]), nn_dtype_name(d));
    }
    return 0;
}

int nn_op_infer(struct nn_call *c, struct err *e) {
    if (c->n_in < c->op->min_in || c->n_in > c->op->max_in)
        return err_set(e, ERR_ARG, _("%s: recibió %d entradas y espera %d"), c->op->name,
                       c->n_in, c->n_in < c->op->min_in ? c->op->min_in : c->op->max_in);
    int rc = check_dtypes(c, e);
    if (rc < 0)
        return rc;
    c->out_dtype = c->in_dtype[0];
    c->saved_bytes = 0;
    return c->op->shape(c, e);
}

int nn_axes_mask(const struct nn_call *c, bool mask[NN_MAX_DIMS], struct err *e) {
    int ndim = c->in_ndim[0], n = c->attrs->n_axes;
    for (int k = 0; k < NN_MAX_DIMS; k++)
        mask[k] = n == 0;
    for (int i = 0; i < n; i++) {
        int axis = c->attrs->axis[i];
        int from = axis < 0 ? axis + ndim : axis;
        if (from < 0 || from >= ndim) {
            char text[NN_SHAPE_TEXT];
            return err_set(e, ERR_RANGE, _("%s: el eje %d no existe en la forma %s"),
                           c->op->name, axis < 0 ? axis : axis + 1,
                           nn_shape_text(text, ndim, c->in_shape[0]));
        }
        mask[from] = true;
    }
    return 0;
}

int nn_axis_one(const struct nn_call *c, int *axis, struct err *e) {
    int ndim = c->in_ndim[0];
    int asked = c->attrs->n_axes ? c->attrs->axis[0] : -1;
    *axis = asked < 0 ? asked + ndim : asked;
    if (*axis < 0 || *axis >= ndim) {
        char text[NN_SHAPE_TEXT];
        *axis = 0;
        return err_set(e, ERR_RANGE, _("%s: el eje %d no existe en la forma %s"),
                       c->op->name, asked < 0 ? asked : asked + 1,
                       nn_shape_text(text, ndim, c->in_shape[0]));
    }
    return 0;
}

/* What stands for the placeholder at p, or NULL when p does not start one. */
static const char *placeholder(const char *p, const char *const name[], const char *y,
                               const char *value, const char *upper) {
    if (p[0] != '@')
        return NULL;
    switch (p[1]) {
    case '0':
    case '1':
    case '2':
        return name[p[1] - '0'];
    case 'y':
        return y;
    case 'v':
        return value;
    case 'u':
        return upper;
    default:
        return NULL;
    }
}

bool nn_op_latex(struct buf *b, const struct nn_op *op, const struct nn_attrs *attrs,
                 int which, const char *const name[], const char *y) {
    const char *p = which < 0 ? op->latex : which < 2 ? op->d_latex[which] : NULL;
    char value[32], upper[32];
    if (!p)
        return false;
    snprintf(value, sizeof value, "%g", attrs ? attrs->value : 0.0);
    snprintf(upper, sizeof upper, "%g", attrs ? attrs->upper : 0.0);
    while (*p) {
        const char *fill = placeholder(p, name, y, value, upper);
        if (fill) {
            buf_puts(b, fill);
            p += 2;
        } else {
            buf_putc(b, *p++);
        }
    }
    return !b->failed;
}
