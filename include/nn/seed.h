/* seed.h: the session's seed, from which everything random takes its own.
 *
 *     nn_seed_set(42);                    lab.seed(42)
 *     uint64_t s = nn_seed_next();        for a new model, a tensor of random numbers
 *
 * After nn_seed_set the same calls in the same order give the same seeds; without it the
 * session starts as if seeded with NN_SEED_DEFAULT, so that a notebook run twice gives
 * the same numbers. Threads: safe from all. */
#ifndef NN_SEED_H
#define NN_SEED_H

#include <stdint.h>

#define NN_SEED_DEFAULT 1234u

void nn_seed_set(uint64_t seed);
uint64_t nn_seed_next(void);

#endif
