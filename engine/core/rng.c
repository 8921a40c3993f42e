/* rng.c: xoshiro256++ and what is drawn from it. Only +, -, *, /, sqrt and bit operations
 * on doubles take part, which IEEE 754 rounds alike everywhere. */
#include "nn/rng.h"

#include <math.h>

/* Steele, Lea and Flood 2014: turns any seed into well mixed bits. */
static uint64_t splitmix(uint64_t *s) {
    uint64_t z = (*s += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void nn_rng_seed(struct nn_rng *r, uint64_t seed) {
    *r = (struct nn_rng){0};
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

struct nn_rng nn_rng_split(const struct nn_rng *r, uint64_t id) {
    uint64_t seed = id;
    for (int i = 0; i < 4; i++) {
        seed ^= r->s[i];
        seed = splitmix(&seed);
    }
    struct nn_rng child;
    nn_rng_seed(&child, seed);
    return child;
}

static uint64_t rotate(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t nn_rng_next(struct nn_rng *r) {
    uint64_t *s = r->s;
    uint64_t out = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return out;
}

double nn_rng_uniform(struct nn_rng *r) {
    return (double)(nn_rng_next(r) >> 11) * 0x1p-53;
}

/* log x for x in (0, 1]: x = m 2^e with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh(t), t
 * = (m - 1) / (m + 1), |t| < 0.172: the term t^23/23 is below 2^-62. */
static double log_portable(double x) {
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752440) {
        m *= 2;
        e--;
    }
    double t = (m - 1) / (m + 1), t2 = t * t, sum = 0;
    for (int k = 21; k >= 1; k -= 2)
        sum = sum * t2 + 1.0 / k;
    return 2 * t * sum + e * 0.69314718055994530942;
}

double nn_rng_normal(struct nn_rng *r) {
    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    double u, v, s;
    do {
        u = 2 * nn_rng_uniform(r) - 1;
        v = 2 * nn_rng_uniform(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    double k = sqrt(-2 * log_portable(s) / s);
    r->spare = v * k;
    r->has_spare = true;
    return u * k;
}

size_t nn_rng_below(struct nn_rng *r, size_t n) {
    /* Draws above the largest multiple of n would favour small results: draw again. */
    uint64_t reject = (UINT64_MAX - n + 1) % n, x;
    do
        x = nn_rng_next(r);
    while (x < reject);
    return (size_t)(x % n);
}

void nn_rng_shuffle(struct nn_rng *r, size_t *p, size_t n) {
    for (size_t i = n; i > 1; i--) {
        size_t j = nn_rng_below(r, i), t = p[i - 1];
        p[i - 1] = p[j];
        p[j] = t;
    }
}

void nn_rng_permutation(struct nn_rng *r, size_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        p[i] = i;
    nn_rng_shuffle(r, p, n);
}

/* Rounding to float32 may reach the open end of [low, high): step back below it. */
static double below(double v, double low, double high, enum nn_dtype d) {
    double stored = d == NN_F32 ? (double)(float)v : v;
    if (stored < high || high <= low)
        return v;
    return d == NN_F32 ? (double)nextafterf((float)high, (float)low)
                       : nextafter(high, low);
}

void nn_rng_fill_uniform(struct nn_rng *r, struct nn_tensor *t, double low, double high) {
    for (size_t i = 0; i < t->n; i++) {
        double v = low + (high - low) * nn_rng_uniform(r);
        nn_tensor_set(t, i, below(v, low, high, t->dtype));
    }
}

void nn_rng_fill_normal(struct nn_rng *r, struct nn_tensor *t, double mean, double sd) {
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, mean + sd * nn_rng_normal(r));
}
