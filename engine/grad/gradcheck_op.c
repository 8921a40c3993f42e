/* gradcheck_op.c: the op table checks itself: every row brings samples of its domain. */
#include "ops.h"

#include "nn/gradcheck.h"
#include "nn/rng.h"

#include <math.h>

static const struct nn_op_sample *sample_of(const struct nn_op *op, int i) {
    const struct nn_op_sample *s = op->sample;
    while (s && s->n_in && i-- > 0)
        s++;
    return s && s->n_in ? s : NULL;
}

static bool near_another(const struct nn_tensor *t, size_t i, double x, double gap) {
    for (size_t j = 0; j < i; j++)
        if (fabs(nn_tensor_get(t, j) - x) < gap)
            return true;
    return false;
}

/* Away from the kink at 0, from ties within the tensor and with the other operand. */
static void draw(struct nn_tensor *t, const struct nn_op_sample *s,
                 struct nn_tensor *other, struct nn_rng *r) {
    for (size_t i = 0; i < t->n; i++) {
        double x;
        do {
            x = s->lo + (s->hi - s->lo) * nn_rng_uniform(r);
        } while (s->gap > 0 && (fabs(x) < s->gap || near_another(t, i, x, s->gap) ||
                                (other && near_another(other, other->n, x, s->gap))));
        nn_tensor_set(t, i, x);
    }
}

static void draw_bits(struct nn_tensor *t, struct nn_rng *r) {
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, (double)nn_rng_below(r, 2));
}

/* Labels: class numbers when there is one per row, weights in [0, 1) otherwise. */
static int draw_labels(struct nn_var **out, const struct nn_op_sample *s, enum nn_dtype d,
                       struct nn_rng *r, struct err *e) {
    struct nn_tensor *t;
    bool sparse = s->ndim[1] == s->ndim[0] - 1;
    size_t classes = s->shape[0][s->ndim[0] - 1];
    int rc = nn_tensor_new(&t, sparse ? NN_I32 : d, s->ndim[1], s->shape[1], e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i,
                      sparse ? (double)nn_rng_below(r, classes) : nn_rng_uniform(r));
    rc = nn_var_new(out, t, e);
    nn_tensor_release(t);
    return rc;
}

static int draw_input(struct nn_var **out, const struct nn_op_sample *s, int i,
                      enum nn_dtype d, struct nn_tensor *other, struct nn_rng *r,
                      struct err *e) {
    static const char *const names[] = {"x0", "x1", "x2", "x3"};
    struct nn_tensor *t;
    int rc = nn_tensor_new(&t, d, s->ndim[i], s->shape[i], e);
    if (rc < 0)
        return rc;
    bool bits = s->bits & (1u << i);
    if (bits)
        draw_bits(t, r);
    else
        draw(t, s, other, r);
    rc = nn_var_new(out, t, e);
    nn_tensor_release(t);
    if (rc == 0)
        rc = nn_var_set_requires_grad(*out, !bits, e);
    if (rc == 0 && i < 4)
        rc = nn_var_set_name(*out, names[i], e);
    return rc;
}

int nn_op_sample_inputs(struct nn_var *out[], int *n, const struct nn_op *op, int sample,
                        enum nn_dtype d, uint64_t seed, struct err *e) {
    const struct nn_op_sample *s = sample_of(op, sample);
    *n = 0;
    if (!s)
        return err_set(e, ERR_NOTFOUND, _("%s no tiene la muestra %d"), op->name, sample);
    return nn_op_draw_inputs(out, n, op, s, d, seed, e);
}

int nn_op_draw_inputs(struct nn_var *out[], int *n, const struct nn_op *op,
                      const struct nn_op_sample *s, enum nn_dtype d, uint64_t seed,
                      struct err *e) {
    struct nn_rng r;
    *n = 0;
    nn_rng_seed(&r, seed);
    int rc = 0;
    for (int i = 0; rc == 0 && i < s->n_in; i++) {
        out[i] = NULL;
        if (i == 1 && (op->flags & NN_OP_LABELS))
            rc = draw_labels(&out[i], s, d, &r, e);
        else
            rc = draw_input(&out[i], s, i, d, i ? out[0]->value : NULL, &r, e);
        if (out[i])
            (*n)++;
    }
    for (int i = 0; rc < 0 && i < *n; i++)
        nn_var_release(out[i]);
    return rc;
}

struct probe {
    const struct nn_op *op;
    const struct nn_attrs *attrs;
    int n;
    struct nn_var *in[NN_OP_MAX_IN];
    struct nn_var *weight; /* made at the first call, when the shape is known */
    uint64_t seed;
};

/* Without different weights a gradient in the wrong place would go unseen. */
static int make_weight(struct probe *p, const struct nn_var *y, struct err *e) {
    struct nn_tensor *t;
    struct nn_rng r;
    if (p->weight)
        return 0;
    int rc = nn_tensor_new(&t, y->dtype, y->ndim, y->shape, e);
    if (rc < 0)
        return rc;
    nn_rng_seed(&r, p->seed + 1);
    nn_rng_fill_uniform(&r, t, 0.5, 1.5);
    rc = nn_var_new(&p->weight, t, e);
    nn_tensor_release(t);
    return rc;
}

static int probe_loss(struct nn_var **out, void *ctx, struct err *e) {
    struct probe *p = ctx;
    struct nn_var *y = NULL, *weighted = NULL;
    *out = NULL;
    int rc = nn_var_apply(&y, p->op, p->attrs, p->n, p->in, e);
    if (rc == 0)
        rc = make_weight(p, y, e);
    if (rc == 0)
        rc = nn_apply(&weighted, "mul", NULL, y, p->weight, e);
    if (rc == 0)
        rc = nn_apply(out, "sum", NULL, weighted, NULL, e);
    nn_var_release(y);
    nn_var_release(weighted);
    return rc;
}

int nn_gradcheck_op(struct nn_gradcheck_row rows[], int *n, const struct nn_op *op,
                    int sample, uint64_t seed, struct err *e) {
    struct probe p = {.op = op, .seed = seed};
    struct nn_var *params[NN_OP_MAX_IN];
    *n = 0;
    int rc = nn_op_sample_inputs(p.in, &p.n, op, sample, NN_F64, seed, e);
    if (rc < 0)
        return rc;
    p.attrs = &sample_of(op, sample)->attrs;
    for (int i = 0; i < p.n; i++)
        if (p.in[i]->requires_grad)
            params[(*n)++] = p.in[i];
    rc = nn_gradcheck(rows, *n, params, probe_loss, &p, NULL, e);
    for (int i = 0; i < p.n; i++)
        nn_var_release(p.in[i]);
    nn_var_release(p.weight);
    return rc;
}
