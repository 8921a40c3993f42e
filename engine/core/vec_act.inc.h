/* vec_act.inc.h: activations beyond relu, sigmoid and tanh, with their backward passes;
 * after vec_map.inc.h, whose loops they fill. */

/* The normal distribution's mass beyond a >= 0, erfc(a / sqrt 2) / 2, and its density at a.
 * erfc z = e^(-z^2) q(u) / (1 + 2z) with u = (z-3)/(z+3); q is the Chebyshev fit of
 * e^(z^2) erfc(z) (1 + 2z) for z up to 10.5 (float, to 4e-9) or 27.5 (double, to 3e-17),
 * beyond which nothing is left. */
INLINE V NAME(normal_tail)(V a, V *density) {
    static const double f[] = {-2.735959993e-04, -7.881207530e-04, 2.001771226e-03,
                               2.576856517e-03,  -2.379466453e-02, 6.829302906e-02,
                               -1.192719193e-01, 1.296467149e-01,  -4.756231817e-02,
                               -1.356211491e-01, 1.253008058e+00},
                        d[] = {-0x1.1f6cc50dc04d6p-28, -0x1.21ca435b586fdp-27,
                               0x1.1a5b64b1d2498p-25,  0x1.89a409e93f8aap-24,
                               -0x1.199b4042fed5bp-23, -0x1.44a7cf3df3f7cp-21,
                               0x1.76d4c329e288ep-22,  0x1.d0e69222b6a4ap-19,
                               -0x1.86acc5ddd7581p-21, -0x1.5129f05ca0941p-16,
                               0x1.4c1175f4982d2p-18,  0x1.06598b00a3871p-13,
                               -0x1.b912293670461p-14, -0x1.98db489bf9f0ep-11,
                               0x1.ef1bdc8ad5663p-10,  0x1.4b884e037c908p-9,
                               -0x1.8574c40ab19dap-6,  0x1.17ca2878131b0p-4,
                               -0x1.e88b803a4cbcep-4,  0x1.098366a5b3e84p-3,
                               -0x1.85a15c58aa38ep-5,  -0x1.15c084bb9e8e0p-3,
                               0x1.40c522d7e4987p+0};
    V e = NAME(exp)(a * a * (T)-0.5), z = a * PICK(0x1.6a09e6p-1, 0x1.6a09e667f3bcdp-1);
    V u = (z - (T)3) / (z + (T)3), q = NAME(spread)(PICK(f[0], d[0]));
    if (sizeof(T) == 4)
        for (size_t i = 1; i < ARRAY_LEN(f); i++)
            q = q * u + (T)f[i];
    else
        for (size_t i = 1; i < ARRAY_LEN(d); i++)
            q = q * u + (T)d[i];
    *density = e * PICK(0x1.988454p-2, 0x1.9884533d43651p-2); /* 1 / sqrt(2 pi) */
    return e * q / (z * (T)4 + (T)2);
}

/* |x|, not beyond where the tail is 0: infinity times 0 would be no number. */
INLINE V NAME(within_tail)(V x) {
    V a = NAME(abs)(x), most = NAME(spread)(PICK(14.5, 38.5));
    return NAME(select)(a > most, most, a);
}

/* x P(X <= x) for X normal: x minus the tail's part, or the tail's part alone. */
INLINE V NAME(gelu)(V x) {
    V a = NAME(within_tail)(x), density, part = a * NAME(normal_tail)(a, &density);
    return NAME(select)(x > (T)0, x, (V){0}) - part;
}

/* P(X <= x) + x density(x) */
INLINE V NAME(gelu_slope)(V x) {
    V a = NAME(within_tail)(x), density, tail = NAME(normal_tail)(a, &density);
    return NAME(select)(x > (T)0, (T)1 - tail + a * density, tail - a * density);
}

/* e^x - 1 for x <= 0, without cancellation; from -40 on it is -1. */
INLINE V NAME(expm1_below)(V x) {
    UV n;
    x = NAME(select)(x > (T)0, (V){0}, x);
    x = NAME(select)(x < (T)-40, NAME(spread)((T)-40), x);
    V p = NAME(reduced_expm1)(x, &n);
    V power = (V)((UV)NAME(spread)((T)1) + (n << BITS));
    return power * p + (power - (T)1);
}

/* log(1 + t) for t in [0, 1]: what 1 + t has lost of t is put back by the quotient. */
INLINE V NAME(log1p_unit)(V t) {
    V u = t + (T)1, lost = u - (T)1;
    return NAME(select)(lost == (T)0, t, NAME(log_normal)(u) * t / lost);
}

INLINE V NAME(softplus)(V x) {
    return NAME(select)(x < (T)0, (V){0}, x) + NAME(log1p_unit)(NAME(exp)(-NAME(abs)(x)));
}

INLINE V NAME(silu_slope)(V x) {
    V s = NAME(sigmoid)(x);
    return s * ((T)1 + x * ((T)1 - s));
}

MAP_1(gelu_all, NAME(gelu)(a))
MAP_1(silu_all, a *NAME(sigmoid)(a))
MAP_1(softplus_all, NAME(softplus)(a))
MAP_2(leaky_relu, NAME(select)(a > (T)0, a, a *b))
MAP_2(elu, NAME(select)(a > (T)0, a, b *NAME(expm1_below)(a)))
MAP_2(gelu_backward, b *NAME(gelu_slope)(a))
MAP_2(silu_backward, b *NAME(silu_slope)(a))
MAP_2(softplus_backward, b *NAME(sigmoid)(a))
