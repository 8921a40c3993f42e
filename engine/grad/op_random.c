/* op_random.c: dropout. attrs.value is the share of elements that become 0; the others
 * are divided by 1 - value, so that the mean stays. The mask is a function of seed, step
 * and position alone: the same on any number of threads. */
#include "ops.h"

#include "nn/rng.h"
#include "nn/vec.h"

static int dropout_shape(struct nn_call *c, struct err *e) {
    double rate = c->attrs->value;
    if (!(rate >= 0 && rate < 1))
        return err_set(e, ERR_RANGE,
                       _("dropout: la tasa es %g y debe estar en 0 <= tasa < 1"), rate);
    nn_call_same_shape(c, 0);
    c->saved_bytes = nn_shape_count(c->out_ndim, c->out_shape); /* one byte each */
    return 0;
}

/* 16 random bits decide one element: the share is exact to 1/65536. */
static void draw_mask(unsigned char *keep, size_t n, const struct nn_attrs *a) {
    struct nn_rng base, r;
    nn_rng_seed(&base, a->seed);
    r = nn_rng_split(&base, a->step ? *a->step : 0);
    uint64_t drop = (uint64_t)(a->value * 65536.0 + 0.5), bits = 0;
    for (size_t i = 0; i < n; i++, bits >>= 16) {
        if (i % 4 == 0)
            bits = nn_rng_next(&r);
        keep[i] = (bits & 0xffff) >= drop;
    }
}

static void dropout_forward(struct nn_call *c) {
    draw_mask(c->saved, c->out->n, c->attrs);
    nn_vec_mask(c->out_dtype, c->out->data, c->in[0]->data, c->saved,
                1 / (1 - c->attrs->value), c->out->n);
}

static void dropout_backward(struct nn_call *c) {
    double k = 1 / (1 - c->attrs->value);
    const unsigned char *keep = c->saved;
    struct nn_tensor *d = c->d_in[0];
    if (!d)
        return;
    if (!(c->add & 1)) {
        nn_vec_mask(c->out_dtype, d->data, c->d_out->data, keep, k, d->n);
        return;
    }
    for (size_t i = 0; i < d->n; i++)
        if (keep[i])
            nn_tensor_set(d, i, nn_tensor_get(d, i) + k * nn_tensor_get(c->d_out, i));
}

static const struct nn_op_sample samples[] = {{.n_in = 1,
                                               .ndim = {2},
                                               .shape = {{4, 5}},
                                               .lo = -1,
                                               .hi = 1,
                                               .attrs = {.value = 0.4, .seed = 7}},
                                              {0}};

const struct nn_op nn_ops_random[] = {{.name = "dropout",
                                       .min_in = 1,
                                       .max_in = 1,
                                       .flags = NN_OP_RANDOM,
                                       .shape = dropout_shape,
                                       .forward = dropout_forward,
                                       .backward = dropout_backward,
                                       .latex = "@0\\odot m/(1-@v)",
                                       .d_latex = {"m/(1-@v)", NULL},
                                       .sample = samples},
                                      {0}};
