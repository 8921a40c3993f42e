/* vec_step.c: optimizer steps, cut into chunks for the pool. */
#include "kernels.h"
#include "nn/pool.h"
#include "nn/vec.h"

#include <math.h>

#define CHUNK 8192 /* elements, each of up to five arrays */

struct step {
    const struct nn_vec_kernels *k;
    size_t size;
    char *w, *state[3];
    const char *g;
    const void *how;
};

/* The arrays from element `first` on. */
static struct step at(const struct step *s, size_t first) {
    struct step t = *s;
    size_t skip = first * s->size;
    t.w += skip;
    t.g += skip;
    for (int i = 0; i < 3; i++)
        t.state[i] = s->state[i] ? s->state[i] + skip : NULL;
    return t;
}

static struct step new_step(enum nn_dtype d, void *w, const void *g, void *s0, void *s1,
                            void *s2, const void *how) {
    return (struct step){.k = nn_kernels_get()->vec[d],
                         .size = nn_dtype_size(d),
                         .w = w,
                         .state = {s0, s1, s2},
                         .g = g,
                         .how = how};
}

static void run_sgd(void *ctx, size_t first, size_t last) {
    struct step s = at(ctx, first);
    s.k->sgd(s.w, s.g, s.state[0], s.how, last - first);
}

void nn_vec_sgd(enum nn_dtype d, void *w, const void *g, void *v, const struct nn_sgd *o,
                size_t n) {
    struct step s = new_step(d, w, g, v, NULL, NULL, o);
    nn_pool_run(run_sgd, &s, n, CHUNK);
}

static void run_adam(void *ctx, size_t first, size_t last) {
    struct step s = at(ctx, first);
    void *state[3] = {s.state[0], s.state[1], s.state[2]};
    s.k->adam(s.w, s.g, state, s.how, last - first);
}

/* x^n by squaring: libm's pow need not round alike everywhere, products do. */
static double power(double x, uint64_t n) {
    double y = 1;
    for (; n > 0; n /= 2) {
        if (n % 2)
            y *= x;
        x *= x;
    }
    return y;
}

void nn_vec_adam(enum nn_dtype d, void *w, const void *g, void *m, void *v, void *most,
                 const struct nn_adam *o, size_t n) {
    struct nn_adam_scalars a = {
        .beta1 = o->beta1,
        .beta2 = o->beta2,
        .epsilon = o->epsilon,
        .step = o->learning_rate * sqrt(1 - power(o->beta2, o->step)) /
                (1 - power(o->beta1, o->step)),
        .decay = o->decoupled ? 0 : o->weight_decay,
        .shrink = o->decoupled ? 1 - o->learning_rate * o->weight_decay : 1,
    };
    struct step s = new_step(d, w, g, m, v, most, &a);
    nn_pool_run(run_adam, &s, n, CHUNK);
}

static void run_rmsprop(void *ctx, size_t first, size_t last) {
    struct step s = at(ctx, first);
    void *state[3] = {s.state[0], s.state[1], s.state[2]};
    s.k->rmsprop(s.w, s.g, state, s.how, last - first);
}

void nn_vec_rmsprop(enum nn_dtype d, void *w, const void *g, void *v, void *m, void *mean,
                    const struct nn_rmsprop *o, size_t n) {
    struct step s = new_step(d, w, g, v, m, mean, o);
    nn_pool_run(run_rmsprop, &s, n, CHUNK);
}

static void run_adagrad(void *ctx, size_t first, size_t last) {
    struct step s = at(ctx, first);
    s.k->adagrad(s.w, s.g, s.state[0], s.how, last - first);
}

void nn_vec_adagrad(enum nn_dtype d, void *w, const void *g, void *sum,
                    const struct nn_adagrad *o, size_t n) {
    struct step s = new_step(d, w, g, sum, NULL, NULL, o);
    nn_pool_run(run_adagrad, &s, n, CHUNK);
}
