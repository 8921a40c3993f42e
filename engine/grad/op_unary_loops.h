/* op_unary_loops.h: ops of one operand, element by element; included once per REAL.
 * x is the operand, y the result, v the attribute value; D is dy/dx in terms of them. */

#define ZERO ((REAL)0)
#define ONE  ((REAL)1)
/* y = f(x), for the functions that the vector kernels do not have */
#define VALUE(op, Y)                                                                     \
    static void FN(op##_run)(REAL * out, const REAL *in, REAL v, size_t n) {             \
        (void)v;                                                                         \
        for (size_t i = 0; i < n; i++) {                                                 \
            const REAL x = in[i];                                                        \
            out[i] = (Y);                                                                \
        }                                                                                \
    }

/* d = or += g dy/dx */
#define SLOPE(op, D)                                                                     \
    static void FN(op##_run_back)(REAL * d, const REAL *g, const REAL *in,               \
                                  const REAL *out, REAL v, bool add, size_t n) {         \
        (void)v;                                                                         \
        for (size_t i = 0; i < n; i++) {                                                 \
            const REAL x = in[i], y = out[i];                                            \
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

/* ln(1+e^x) the same way */
static inline REAL FN(softplus)(REAL x) {
    return (x > 0 ? x : ZERO) + log1p(exp(-fabs(x)));
}

VALUE(sin, sin(x))
VALUE(cos, cos(x))
VALUE(leaky_relu, x > 0 ? x : v * x)
VALUE(softplus, FN(softplus)(x))

SLOPE(neg, -ONE)
SLOPE(exp, y)
SLOPE(log, ONE / x)
SLOPE(sqrt, (REAL)0.5 / y)
SLOPE(abs, x > 0 ? ONE : x < 0 ? -ONE : ZERO)
SLOPE(square, 2 * x)
SLOPE(sin, cos(x))
SLOPE(cos, -sin(x))
SLOPE(relu, y > 0 ? ONE : ZERO)
SLOPE(leaky_relu, x > 0 ? ONE : v)
SLOPE(sigmoid, y *(ONE - y))
SLOPE(tanh, ONE - y * y)
SLOPE(softplus, FN(sigmoid)(x))
#undef VALUE
#undef SLOPE
#undef ZERO
#undef ONE
