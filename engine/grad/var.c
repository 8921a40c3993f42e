/* var.c: vars: leaves, results of ops, and their release. */
#include "graph.h"

#include "nn/watch.h"

#include "base/i18n.h"

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no hay memoria para el grafo de cálculo"));
}

static struct nn_var *var_alloc(enum nn_dtype d, int ndim, const size_t *shape) {
    struct nn_var *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    atomic_init(&v->refs, 1);
    v->dtype = d;
    v->ndim = ndim;
    if (ndim > 0)
        memcpy(v->shape, shape, (size_t)ndim * sizeof *shape);
    return v;
}

int nn_var_new(struct nn_var **out, struct nn_tensor *t, struct err *e) {
    *out = var_alloc(t->dtype, t->ndim, t->shape);
    if (!*out)
        return no_memory(e);
    (*out)->value = nn_tensor_retain(t);
    return 0;
}

int nn_var_scalar(struct nn_var **out, double v, struct err *e) {
    struct nn_tensor *t;
    *out = NULL;
    int rc = nn_tensor_scalar(&t, NN_F64, v, e);
    if (rc < 0)
        return rc;
    rc = nn_var_new(out, t, e);
    nn_tensor_release(t);
    return rc;
}

int nn_var_deferred(struct nn_var **out, enum nn_dtype d, int ndim, const size_t *shape,
                    struct err *e) {
    *out = NULL;
    if (ndim < 0 || ndim > NN_MAX_DIMS)
        return err_set(e, ERR_ARG, _("%d ejes; el máximo es %d"), ndim, NN_MAX_DIMS);
    *out = var_alloc(d, ndim, shape);
    return *out ? 0 : no_memory(e);
}

struct nn_var *nn_var_retain(struct nn_var *v) {
    if (v)
        atomic_fetch_add_explicit(&v->refs, 1, memory_order_relaxed);
    return v;
}

static bool drop(struct nn_var *v) {
    return v && atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel) == 1;
}

/* Graphs may be as deep as a loop is long, so the dead wait in a list. */
void nn_var_release(struct nn_var *v) {
    struct nn_var *dead = NULL;
    if (drop(v)) {
        v->link = NULL;
        dead = v;
    }
    while (dead) {
        v = dead;
        dead = v->link;
        for (int i = 0; i < v->n_in; i++)
            if (drop(v->in[i])) {
                v->in[i]->link = dead;
                dead = v->in[i];
            }
        nn_tensor_release(v->value);
        nn_tensor_release(v->grad);
        free(v->saved);
        free(v->name);
        free(v);
    }
}

int nn_var_set_name(struct nn_var *v, const char *name, struct err *e) {
    char *copy = name ? copy_text(name) : NULL;
    if (name && !copy)
        return no_memory(e);
    free(v->name);
    v->name = copy;
    return 0;
}

int nn_var_set_requires_grad(struct nn_var *v, bool on, struct err *e) {
    if (v->op)
        return err_set(
            e, ERR_STATE,
            _("solo una hoja puede pedir gradiente; este valor es el resultado "
              "de %s"),
            v->op->name);
    if (on && v->dtype != NN_F32 && v->dtype != NN_F64)
        return err_set(e, ERR_DTYPE,
                       _("un tensor %s no puede tener gradiente; conviértelo a float32 o "
                         "float64"),
                       nn_dtype_name(v->dtype));
    v->requires_grad = on;
    return 0;
}

void nn_var_zero_grad(struct nn_var *v) {
    nn_tensor_release(v->grad);
    v->grad = NULL;
}

int nn_var_detach(struct nn_var **out, struct nn_var *v, struct err *e) {
    *out = NULL;
    if (!v->value)
        return err_set(e, ERR_STATE, _("este valor todavía no se ha calculado"));
    return nn_var_new(out, v->value, e);
}

int nn_saved_new(void **out, size_t bytes, struct err *e) {
    *out = NULL;
    if (bytes == 0)
        return 0;
    size_t padded;
    if (add_size(&padded, bytes, NN_ALIGN - 1))
        *out = aligned_alloc(NN_ALIGN, padded / NN_ALIGN * NN_ALIGN);
    return *out ? 0 : no_memory(e);
}

size_t nn_call_work(const struct nn_call *c) {
    return c->op->work ? c->op->work(c) : 0;
}

static void describe_input(struct nn_call *c, int i, const struct nn_var *v) {
    c->in_dtype[i] = v->dtype;
    c->in_ndim[i] = v->ndim;
    memcpy(c->in_shape[i], v->shape, sizeof v->shape);
    c->in[i] = v->value;
}

void nn_var_call(struct nn_call *c, const struct nn_var *v) {
    *c = (struct nn_call){.op = v->op, .attrs = &v->attrs, .n_in = v->n_in};
    for (int i = 0; i < v->n_in; i++)
        describe_input(c, i, v->in[i]);
    c->out_dtype = v->dtype;
    c->out_ndim = v->ndim;
    memcpy(c->out_shape, v->shape, sizeof v->shape);
    c->saved_bytes = v->saved_bytes;
    c->out = v->value;
    c->saved = v->saved;
}

static bool is_number(const struct nn_var *v) {
    return v->ndim == 0 && !v->op && !v->requires_grad && v->value;
}

/* A plain number beside a tensor of the other dtype: the dtype to turn it into, or -1. Of
 * two numbers the float64 one gives way, so that they do not trade places. */
static int number_dtype(int i, int n, struct nn_var *const in[]) {
    const struct nn_var *v = in[i];
    if (!is_number(v) || (v->dtype != NN_F32 && v->dtype != NN_F64))
        return -1;
    for (int j = 0; j < n; j++)
        if (j != i && in[j]->dtype != v->dtype &&
            (in[j]->dtype == NN_F32 || in[j]->dtype == NN_F64) &&
            (v->dtype == NN_F64 || !is_number(in[j])))
            return (int)in[j]->dtype;
    return -1;
}

/* Takes references to the inputs, numbers adapted to the dtype of their neighbours. */
static int take_inputs(struct nn_var *v, int n, struct nn_var *const in[],
                       struct err *e) {
    for (int i = 0; i < n; i++) {
        int d = number_dtype(i, n, in);
        if (d < 0) {
            v->in[v->n_in++] = nn_var_retain(in[i]);
            continue;
        }
        struct nn_tensor *t;
        int rc = nn_tensor_cast(&t, in[i]->value, (enum nn_dtype)d, e);
        if (rc < 0)
            return rc;
        rc = nn_var_new(&v->in[v->n_in], t, e);
        nn_tensor_release(t);
        if (rc < 0)
            return rc;
        v->n_in++;
    }
    return 0;
}

static int make_value(struct nn_var *v, struct err *e) {
    if (v->op->flags & NN_OP_VIEW)
        return nn_tensor_reshape(&v->value, v->in[0]->value, v->ndim, v->shape, e);
    return nn_tensor_new(&v->value, v->dtype, v->ndim, v->shape, e);
}

static int run_forward(struct nn_var *v, struct err *e) {
    struct nn_call c;
    int rc = make_value(v, e);
    if (rc == 0)
        rc = nn_saved_new(&v->saved, v->saved_bytes, e);
    if (rc < 0)
        return rc;
    nn_var_call(&c, v);
    if (v->op->check && (rc = v->op->check(&c, e)) < 0)
        return rc;
    if ((rc = nn_saved_new(&c.work, nn_call_work(&c), e)) < 0)
        return rc;
    nn_call_forward(&c);
    free(c.work);
    if (v->op->flags & NN_OP_LOSS)
        nn_count_forward();
    return 0;
}

/* A result that will never be walked keeps its value alone. */
static void forget_inputs(struct nn_var *v) {
    for (int i = 0; i < v->n_in; i++)
        nn_var_release(v->in[i]);
    v->n_in = 0;
    v->op = NULL;
    free(v->saved);
    v->saved = NULL;
    v->saved_bytes = 0;
}

static int infer(struct nn_var *v, struct err *e) {
    struct nn_call c;
    nn_var_call(&c, v);
    int rc = nn_op_infer(&c, e);
    if (rc < 0)
        return rc;
    v->dtype = c.out_dtype;
    v->ndim = c.out_ndim;
    memcpy(v->shape, c.out_shape, sizeof v->shape);
    v->saved_bytes = c.saved_bytes;
    return 0;
}

int nn_var_apply(struct nn_var **out, const struct nn_op *op,
                 const struct nn_attrs *attrs, int n_in, struct nn_var *const in[],
                 struct err *e) {
    *out = NULL;
    if (n_in < 1 || n_in > NN_OP_MAX_IN)
        return err_set(e, ERR_ARG, _("%s: recibió %d entradas; admite de %d a %d"),
                       op->name, n_in, op->min_in, op->max_in);
    struct nn_var *v = var_alloc(NN_F32, 0, NULL);
    if (!v)
        return no_memory(e);
    v->op = op;
    if (attrs)
        v->attrs = *attrs;
    bool deferred = false;
    int rc = take_inputs(v, n_in, in, e);
    if (rc == 0)
        rc = infer(v, e);
    for (int i = 0; rc == 0 && i < n_in; i++) {
        deferred |= !v->in[i]->value;
        v->requires_grad |= v->in[i]->requires_grad;
    }
    v->requires_grad &= !(op->flags & NN_OP_NO_GRAD);
    if (rc == 0 && !deferred)
        rc = run_forward(v, e);
    if (rc < 0) {
        nn_var_release(v);
        return rc;
    }
    if (!deferred && (!v->requires_grad || !nn_grad_enabled())) {
        forget_inputs(v);
        v->requires_grad = false;
    }
    *out = v;
    return 0;
}

int nn_apply(struct nn_var **out, const char *op, const struct nn_attrs *attrs,
             struct nn_var *a, struct nn_var *b, struct err *e) {
    const struct nn_op *row = nn_op_find(op);
    *out = NULL;
    if (!row)
        return err_set(e, ERR_NOTFOUND, _("no existe la operación «%s»"), op);
    struct nn_var *in[2] = {a, b};
    return nn_var_apply(out, row, attrs, b ? 2 : 1, in, e);
}
