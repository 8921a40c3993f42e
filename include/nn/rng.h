/* rng.h: random numbers that are the same for the same seed on every machine.
 *
 *     struct nn_rng r;
 *     nn_rng_seed(&r, 42);
 *     double u = nn_rng_uniform(&r);
 *     struct nn_rng child = nn_rng_split(&r, 7);       an independent stream
 *
 * xoshiro256++ (Blackman and Vigna 2021), seeded through splitmix64. Normal deviates by
 * Marsaglia's polar method with a logarithm of our own, so that no libm version changes a
 * curve. Threads: a struct nn_rng belongs to one thread; give each its own split.
 */
#ifndef NN_RNG_H
#define NN_RNG_H

#include "nn/tensor.h"

struct nn_rng {
    uint64_t s[4];
    double spare; /* the polar method makes two deviates at a time */
    bool has_spare;
};

void nn_rng_seed(struct nn_rng *r, uint64_t seed);
/* A stream that depends on r's present state and on id alone; r does not advance. */
struct nn_rng nn_rng_split(const struct nn_rng *r, uint64_t id);

uint64_t nn_rng_next(struct nn_rng *r);          /* 64 random bits */
double nn_rng_uniform(struct nn_rng *r);         /* [0, 1), 53 bits */
double nn_rng_normal(struct nn_rng *r);          /* mean 0, variance 1 */
size_t nn_rng_below(struct nn_rng *r, size_t n); /* 0..n-1, without bias; n >= 1 */

/* p becomes a permutation of 0..n-1 (Fisher and Yates); shuffle permutes what is there.
 */
void nn_rng_permutation(struct nn_rng *r, size_t *p, size_t n);
void nn_rng_shuffle(struct nn_rng *r, size_t *p, size_t n);

/* Fills t (float32 or float64): uniform in [low, high), or normal. float32 and float64
 * consume the stream alike. */
void nn_rng_fill_uniform(struct nn_rng *r, struct nn_tensor *t, double low, double high);
void nn_rng_fill_normal(struct nn_rng *r, struct nn_tensor *t, double mean, double sd);

#endif
