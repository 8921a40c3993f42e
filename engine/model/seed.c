/* seed.c: one counter behind all seeds of a session. */
#include "nn/seed.h"

#include "nn/rng.h"

#include <stdatomic.h>

static atomic_uint_fast64_t seed = NN_SEED_DEFAULT;
static atomic_uint_fast64_t taken;

void nn_seed_set(uint64_t s) {
    atomic_store(&seed, s);
    atomic_store(&taken, 0);
}

uint64_t nn_seed_next(void) {
    struct nn_rng base, own;
    nn_rng_seed(&base, atomic_load(&seed));
    own = nn_rng_split(&base, atomic_fetch_add(&taken, 1));
    return nn_rng_next(&own);
}
