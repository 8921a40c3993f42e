/* op_unary_loops.h: ops of one operand, element by element; included once per REAL.
 * x is the operand, y the result, v the attributes; D is dy/dx in terms of them. */

#define ZERO ((REAL)0)
#define ONE  ((REAL)1)
/* y = f(x), for the functions that the vector kernels do not have */
#define VALUE(op, Y)                                                                     \
    static void FN(op##_run)(void *to, const void *from, const struct nn_attrs *v,       \
                             size_t n) {                                                 \
        REAL *out = to;                                                                  \
        (void)v;                                                                         \
        for (size_t i = 0; i < n; i++) {                                                 \
            const REAL x = ((const REAL *)from)[i];                                      \
            out[i] = (Y);                                                                \
        }                                                                                \
    }

/* d = or += g dy/dx */
#define SLOPE(op, D)                                                                     \
    static void FN(op##_run_back)(void *to, const void *grad, const void *in,            \
                                  const void *out, const struct nn_attrs *v, bool add,   \
                                  size_t n) {                                            \
        REAL *d = to;                                                                    \
        const REAL *g = grad;                                                            \
        (void)v;                                                                         \
        for (size_t i = 0; i < n; i++) {                                                 \
            const REAL x = ((const REAL *)in)[i], y = ((const REAL *)out)[i];            \
            (void)x, (void)y;                                                            \
            const REAL t = g[i] * (D);                                                   \
            d[i] = add ? d[i] + t : t;                                                   \
        }                                                                                \
    }

/* 1/(1+e^-x) without overflow: the exponent is never positive */
static inline REAL FN(sigmoid)(REAL x) {
    REAL t = exp(-fabs(x));
    return x >= 0 ? ONE / (ONE + t) : t / (ONE + t);
}

static inline REAL FN(silu_slope)(REAL x) {
    REAL s = FN(sigmoid)(x);
    return s * (ONE + x * (ONE - s));
}

/* P(X <= x) + x density(x) */
static inline REAL FN(gelu_slope)(REAL x) {
    return erfc(-x * (REAL)0.70710678118654752440) / 2 +
           x * exp(-x * x / 2) * (REAL)0.39894228040143267794;
}

/* Klambauer et al. 2017: what keeps mean 0 and variance 1 through the layers */
#define SELU_ALPHA ((REAL)1.6732632423543772848)
#define SELU_SCALE ((REAL)1.0507009873554804934)

VALUE(sin, sin(x))
VALUE(cos, cos(x))
VALUE(selu, SELU_SCALE *(x > 0 ? x : SELU_ALPHA * expm1(x)))
VALUE(softsign, x / (ONE + fabs(x)))
/* a NaN is neither below nor above, and stays */
VALUE(clip, x<(REAL)v->value ? (REAL)v->value : x>(REAL) v->upper ? (REAL)v->upper : x)

SLOPE(neg, -ONE)
SLOPE(exp, y)
SLOPE(log, ONE / x)
SLOPE(sqrt, (REAL)0.5 / y)
SLOPE(abs, x > 0 ? ONE : x < 0 ? -ONE : ZERO)
SLOPE(square, 2 * x)
SLOPE(sin, cos(x))
SLOPE(cos, -sin(x))
SLOPE(relu, y > 0 ? ONE : ZERO)
SLOPE(leaky_relu, x > 0 ? ONE : (REAL)v->value)
SLOPE(elu, x > 0 ? ONE : y + (REAL)v->value)
SLOPE(selu, x > 0 ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA)
SLOPE(sigmoid, y *(ONE - y))
SLOPE(tanh, ONE - y * y)
SLOPE(softplus, FN(sigmoid)(x))
SLOPE(gelu, FN(gelu_slope)(x))
SLOPE(silu, FN(silu_slope)(x))
SLOPE(softsign, (ONE - fabs(y)) * (ONE - fabs(y)))
SLOPE(clip, x >= (REAL)v->value && x <= (REAL)v->upper ? ONE : ZERO)
#undef VALUE
#undef SLOPE
#undef SELU_ALPHA
#undef SELU_SCALE
#undef ZERO
#undef ONE
