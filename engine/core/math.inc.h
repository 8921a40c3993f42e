/* math.inc.h: exp, log, tanh and their kin on vectors, after simd.inc.h. Written for one
 * precision or the other by constants that depend on sizeof(T); all errors were measured
 * by tests/unit/nn/test_vec.c. */

#ifndef PICK
#define PICK(f, d) (sizeof(T) == 4 ? (T)(f) : (T)(d)) /* a constant for this precision */
#define BITS       ((I)(sizeof(T) == 4 ? 23 : 52))    /* of the fraction */
/* Adding it rounds to a whole number, which then stands in the lowest bits. */
#define ROUNDER PICK(0x1.8p23, 0x1.8p52)
/* log 2 in two parts: n LN2_HIGH is exact for every exponent n. */
#define LN2_HIGH PICK(0x1.62e4p-1, 0x1.62e42feep-1)
#define LN2_LOW  PICK(0x1.7f7d1cp-20, 0x1.a39ef35793c76p-33)
#endif

/* x = n log 2 + r, |r| <= log(2)/2; returns e^r - 1 by its Taylor series, whose first term
 * left out is below half a unit in the last place; *whole = n in its lowest bits. */
INLINE V NAME(reduced_expm1)(V x, UV *whole) {
    V n = x * PICK(0x1.715476p0, 0x1.71547652b82fep0) + ROUNDER;
    *whole = (UV)n;
    n -= ROUNDER;
    V r = x - n * LN2_HIGH - n * LN2_LOW, p;
    if (sizeof(T) == 4) {
        p = r * (T)(1.0 / 5040) + (T)(1.0 / 720);
    } else {
        p = r * (T)(1.0 / 6227020800) + (T)(1.0 / 479001600);
        p = p * r + (T)(1.0 / 39916800);
        p = p * r + (T)(1.0 / 3628800);
        p = p * r + (T)(1.0 / 362880);
        p = p * r + (T)(1.0 / 40320);
        p = p * r + (T)(1.0 / 5040);
        p = p * r + (T)(1.0 / 720);
    }
    p = p * r + (T)(1.0 / 120);
    p = p * r + (T)(1.0 / 24);
    p = p * r + (T)(1.0 / 6);
    p = p * r + (T)0.5;
    return p * r * r + r;
}

/* Below the smallest normal number the result is 0, above the largest infinity. */
INLINE V NAME(exp)(V x) {
    UV n;
    V p = NAME(reduced_expm1)(x, &n) + (T)1;
    p = (V)((UV)p + (n << BITS)); /* 2^n p: n is added to the exponent */
    p = NAME(select)(x > PICK(0x1.62e42ep6, 0x1.62e42fefa39efp9),
                     NAME(spread)((T)__builtin_inf()), p);
    p = NAME(select)(x < PICK(-0x1.5d589ep6, -0x1.6232bdd7abcd2p9), (V){0}, p);
    return NAME(select)(x != x, x, p);
}

INLINE V NAME(sigmoid)(V x) {
    return (T)1 / ((T)1 + NAME(exp)(-x));
}

INLINE V NAME(abs)(V x) {
    return (V)((UV)x & ~(UV)NAME(spread)(-(T)0));
}

/* tanh |x| = e / (e + 2) with e = exp(2|x|) - 1 = 2^n (p + 1) - 1; from 20 on it is 1. */
INLINE V NAME(tanh)(V x) {
    V a = NAME(abs)(x);
    a = NAME(select)(a > (T)20, NAME(spread)((T)20), a);
    UV n;
    V p = NAME(reduced_expm1)(a + a, &n);
    V power = (V)((UV)NAME(spread)((T)1) + (n << BITS));
    V e = power * p + (power - (T)1);
    V sign = (V)((UV)x & (UV)NAME(spread)(-(T)0));
    return (V)((UV)(e / (e + (T)2)) | (UV)sign);
}

/* x = 2^k m, m in [sqrt(1/2), sqrt(2)); with f = m - 1, s = f / (2 + f): log m = f - f^2/2
 * + s (f^2/2 + R), R = 2/3 s^2 + 2/5 s^4 + ... (the scheme of Tang, as in fdlibm). */
INLINE V NAME(log_normal)(V x) {
    UV low = (UV)NAME(spread)(PICK(0x1.6a09e6p-1, 0x1.6a09e667f3bcdp-1));
    IV k = (IV)((UV)x - low) >> BITS;
    V f = (V)((UV)x - ((UV)k << BITS)) - (T)1;
    V n = (V)((UV)NAME(spread)(ROUNDER) + (UV)k) - ROUNDER;
    V s = f / (f + (T)2), z = s * s, r;
    if (sizeof(T) == 4) {
        r = z * (T)(2.0 / 9) + (T)(2.0 / 7);
    } else {
        r = z * (T)(2.0 / 21) + (T)(2.0 / 19);
        r = r * z + (T)(2.0 / 17);
        r = r * z + (T)(2.0 / 15);
        r = r * z + (T)(2.0 / 13);
        r = r * z + (T)(2.0 / 11);
        r = r * z + (T)(2.0 / 9);
        r = r * z + (T)(2.0 / 7);
    }
    r = r * z + (T)(2.0 / 5);
    r = r * z + (T)(2.0 / 3);
    V half = f * f * (T)0.5;
    return (s * (half + r * z) + n * LN2_LOW - half) + f + n * LN2_HIGH;
}

INLINE V NAME(log)(V x) {
    V y = NAME(log_normal)(x);
    V infinite = NAME(spread)((T)__builtin_inf());
    y = NAME(select)(x == infinite, infinite, y);
    y = NAME(select)(x == (T)0, -infinite, y);
    y = NAME(select)(x < (T)0, NAME(spread)((T)__builtin_nan("")), y);
    return NAME(select)(x != x, x, y);
}

INLINE V NAME(sqrt)(V x) {
#if BYTES == 64
    return sizeof(T) == 4 ? (V)_mm512_sqrt_ps((__m512)x) : (V)_mm512_sqrt_pd((__m512d)x);
#elif BYTES == 32
    return sizeof(T) == 4 ? (V)_mm256_sqrt_ps((__m256)x) : (V)_mm256_sqrt_pd((__m256d)x);
#else
    for (int i = 0; i < LANES; i++)
        x[i] = sizeof(T) == 4 ? (T)__builtin_sqrtf((float)x[i])
                              : (T)__builtin_sqrt((double)x[i]);
    return x;
#endif
}

/* A NaN on either side is the result. */
INLINE V NAME(larger)(V a, V b) {
    return NAME(select)((a > b) | (a != a), a, b);
}

INLINE V NAME(smaller)(V a, V b) {
    return NAME(select)((a < b) | (a != a), a, b);
}

/* The largest lane, in every lane. */
INLINE V NAME(largest)(V v) {
    v = NAME(larger)(v, EXCHANGED(v, 1));
#if LANES > 2
    v = NAME(larger)(v, EXCHANGED(v, 2));
#endif
#if LANES > 4
    v = NAME(larger)(v, EXCHANGED(v, 4));
#endif
#if LANES > 8
    v = NAME(larger)(v, EXCHANGED(v, 8));
#endif
    return v;
}
