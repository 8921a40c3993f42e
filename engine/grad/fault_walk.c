/* fault_walk.c: backpropagation over a graph, with one rule replaced by a mistake. */
#include "faults.h"

#include "nn/vec.h"

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, _("gradcheck: no hay memoria"));
}

int nn_study_init(struct nn_study *s, struct nn_var *y, struct err *e) {
    *s = (struct nn_study){0};
    int rc = nn_var_order(&s->order, &s->n, y, e);
    if (rc < 0)
        return rc;
    s->grad = calloc(s->n, sizeof(struct nn_tensor *));
    s->written = calloc(s->n, sizeof *s->written);
    if (!s->grad || !s->written)
        rc = no_memory(e);
    if (rc == 0)
        rc = nn_work_new(&s->work, s->n, s->order, e);
    for (size_t i = 0; rc == 0 && i < s->n; i++) {
        struct nn_var *v = s->order[i];
        v->slot = i;
        if (v->requires_grad)
            rc = nn_tensor_like(&s->grad[i], v->value, e);
    }
    if (rc < 0)
        nn_study_release(s);
    return rc;
}

void nn_study_release(struct nn_study *s) {
    for (size_t i = 0; s->grad && i < s->n; i++)
        nn_tensor_release(s->grad[i]);
    free(s->grad);
    free(s->written);
    free(s->work);
    free(s->order);
    *s = (struct nn_study){0};
}

/* The gradient goes on as it is: the op's own derivative was forgotten. */
static void pass_on(const struct nn_call *c) {
    const struct nn_tensor *d = c->d_in[0];
    if (d && (c->add & 1))
        nn_vec_axpy(d->dtype, d->data, 1, c->d_out->data, d->n);
    else if (d)
        nn_vec_unary(NN_COPY, d->dtype, d->data, c->d_out->data, d->n);
}

/* Once into t, and from there once more. */
static void twice(struct nn_call *c, struct nn_tensor *t) {
    struct nn_call first = *c;
    first.d_in[0] = t;
    first.add = 0;
    c->op->backward(&first);
    c->d_out = t;
    c->op->backward(c);
}

/* The derivative at the result instead of at the input. */
static void at_result(struct nn_call *c, struct nn_tensor *t) {
    struct nn_call again = *c;
    again.in[0] = c->out;
    again.out = t;
    c->op->forward(&again);
    c->in[0] = c->out;
    c->out = t;
    c->op->backward(c);
}

static int go_wrong(struct nn_call *c, const struct nn_var *v, const struct nn_variant *h,
                    struct err *e) {
    struct nn_tensor *t = NULL;
    int rc = 0;
    if (h->fault == NN_FAULT_SLOPE) {
        pass_on(c);
        return 0;
    }
    if (h->fault == NN_FAULT_INPUT || h->fault == NN_FAULT_WEIGHT) {
        rc = nn_tensor_like(&t, c->in[h->operand], e);
        if (rc == 0)
            nn_tensor_fill(t, 1);
        c->in[h->operand] = t;
    } else if (h->fault == NN_FAULT_BEFORE) {
        c->in[h->operand] = v->in[h->operand]->in[0]->value;
    } else if (h->fault == NN_FAULT_SLOPE_OF_X) {
        c->out = c->in[0];
    } else {
        rc = nn_tensor_like(&t, c->out, e);
    }
    if (rc == 0 && h->fault == NN_FAULT_SLOPE_TWICE)
        twice(c, t);
    else if (rc == 0 && h->fault == NN_FAULT_SLOPE_AT_Y)
        at_result(c, t);
    else if (rc == 0)
        c->op->backward(c);
    nn_tensor_release(t);
    return rc;
}

static int step(struct nn_study *s, size_t i, const struct nn_variant *h, struct err *e) {
    const struct nn_var *v = s->order[i];
    struct nn_call c;
    nn_var_call(&c, v);
    c.d_out = s->grad[i];
    c.work = s->work;
    for (int k = 0; k < v->n_in; k++) {
        size_t at = v->in[k]->slot;
        if (!nn_var_wants(v, k))
            continue;
        c.d_in[k] = s->grad[at];
        if (s->written[at])
            c.add |= 1u << k;
        s->written[at] = true;
    }
    if (h->fault != NN_FAULT_NONE && h->node == i)
        return go_wrong(&c, v, h, e);
    v->op->backward(&c);
    return 0;
}

int nn_study_walk(struct nn_study *s, const struct nn_variant *h, struct err *e) {
    memset(s->written, 0, s->n * sizeof *s->written);
    nn_tensor_fill(s->grad[s->n - 1], 1);
    s->written[s->n - 1] = true;
    int rc = 0;
    for (size_t i = s->n; rc == 0 && i-- > 0;)
        if (s->order[i]->op && s->grad[i] && s->written[i])
            rc = step(s, i, h, e);
    for (size_t i = 0; i < s->n; i++)
        if (s->grad[i] && !s->written[i])
            nn_tensor_fill(s->grad[i], 0);
    return rc;
}

/* ---- which mistakes a node allows */

static bool is_op(const struct nn_var *v, const char *name) {
    return v->op && strcmp(v->op->name, name) == 0;
}

bool nn_is_product(const struct nn_var *v) {
    return is_op(v, "mul") || is_op(v, "matmul");
}

/* A function of each element, whose derivative is a factor of its own. */
static bool has_slope(const struct nn_var *v) {
    static const char *const others[] = {
        "neg", "reshape", "transpose", "slice", "sum",  "concat", "stack",
        "pad", "mean",    "max",       "min",   "norm", "var",    "dropout"};
    if (!v->op || v->ndim != v->in[0]->ndim ||
        memcmp(v->shape, v->in[0]->shape, (size_t)v->ndim * sizeof(size_t)) != 0)
        return false;
    if (v->n_in == 2)
        return is_op(v, "pow") && !v->in[1]->requires_grad;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (is_op(v, others[i]))
            return false;
    return v->n_in == 1;
}

static bool is_parameter(const struct nn_var *v, int n, struct nn_var *const params[]) {
    for (int i = 0; i < n; i++)
        if (params[i] == v)
            return true;
    return false;
}

/* A bare number in the student's formula is no factor that has a name. */
static bool is_constant(const struct nn_var *v) {
    return v->ndim == 0 && !v->op && !v->requires_grad && !v->name;
}

static int product_variants(const struct nn_var *v, size_t i, int n,
                            struct nn_var *const params[], struct nn_variant h[8]) {
    int count = 0;
    for (int j = 0; j < 2; j++) {
        const struct nn_var *x = v->in[j], *w = v->in[1 - j];
        if (!w->requires_grad || x == w || is_constant(x))
            continue;
        bool input = is_parameter(w, n, params);
        h[count++] = (struct nn_variant){input ? NN_FAULT_INPUT : NN_FAULT_WEIGHT, i, j};
        if (has_slope(x))
            h[count++] = (struct nn_variant){NN_FAULT_BEFORE, i, j};
    }
    return count;
}

int nn_study_variants(const struct nn_study *s, size_t i, int n,
                      struct nn_var *const params[], struct nn_variant h[8]) {
    const struct nn_var *v = s->order[i];
    int count = 0;
    if (!v->op || !v->requires_grad)
        return 0;
    if (nn_is_product(v))
        return product_variants(v, i, n, params, h);
    if (!has_slope(v) || !v->in[0]->requires_grad)
        return 0;
    h[count++] = (struct nn_variant){NN_FAULT_SLOPE, i, 0};
    h[count++] = (struct nn_variant){NN_FAULT_SLOPE_TWICE, i, 0};
    if (is_op(v, "sigmoid") || is_op(v, "tanh")) {
        h[count++] = (struct nn_variant){NN_FAULT_SLOPE_AT_Y, i, 0};
        h[count++] = (struct nn_variant){NN_FAULT_SLOPE_OF_X, i, 0};
    }
    return count;
}
