/* op_binary_loops.h: backward over one run of elements, for each op of two operands;
 * included once per REAL.
 * x and y are the operands' elements, step 0 repeats one element along the run. It
 * adds g * dz/dx into da; a repeated operand sums in double. */

#define BINARY(op, DX, DY)                                                               \
    static void FN(op##_run_back)(REAL * da, REAL * db, const REAL *g, const REAL *a,    \
                                  size_t sa, const REAL *b, size_t sb, size_t n) {       \
        double suma = 0, sumb = 0;                                                       \
        for (size_t i = 0; i < n; i++) {                                                 \
            const REAL x = a[i * sa], y = b[i * sb];                                     \
            (void)x, (void)y;                                                            \
            if (da && sa)                                                                \
                da[i] += g[i] * (DX);                                                    \
            else if (da)                                                                 \
                suma += (double)(g[i] * (DX));                                           \
            if (db && sb)                                                                \
                db[i] += g[i] * (DY);                                                    \
            else if (db)                                                                 \
                sumb += (double)(g[i] * (DY));                                           \
        }                                                                                \
        if (da && !sa)                                                                   \
            da[0] += (REAL)suma;                                                         \
        if (db && !sb)                                                                   \
            db[0] += (REAL)sumb;                                                         \
    }

#define ONE ((REAL)1)
BINARY(sub, ONE, -ONE)
BINARY(mul, y, x)
BINARY(div, ONE / y, -x / (y * y))
/* 0^0 = 1 with derivative 0; the derivative in the exponent exists for x > 0 alone */
BINARY(pow, y == 0 ? (REAL)0 : y * pow(x, y - ONE), x > 0 ? pow(x, y) * log(x) : (REAL)0)
BINARY(maximum, x >= y ? ONE : (REAL)0, x >= y ? (REAL)0 : ONE)
BINARY(minimum, x <= y ? ONE : (REAL)0, x <= y ? (REAL)0 : ONE)
#undef ONE
#undef BINARY
