/* op_softmax_loops.h: softmax along any axis and both backward passes, x seen as (outer,
 * axis, inner); included once per REAL. */

static void FN(softmax)(REAL *y, const REAL *x, struct lanes s, bool logarithm) {
    for (size_t o = 0; o < s.outer; o++)
        for (size_t j = 0; j < s.inner; j++) {
            const REAL *from = x + o * s.len * s.inner + j;
            REAL *to = y + o * s.len * s.inner + j;
            REAL top = from[0];
            double sum = 0;
            for (size_t i = 1; i < s.len; i++)
                top = from[i * s.inner] > top ? from[i * s.inner] : top;
            for (size_t i = 0; i < s.len; i++)
                sum += exp((double)(from[i * s.inner] - top));
            for (size_t i = 0; i < s.len; i++) {
                double z = (double)(from[i * s.inner] - top);
                to[i * s.inner] = (REAL)(logarithm ? z - log(sum) : exp(z) / sum);
            }
        }
}

/* softmax: dx = y (g - sum(g y));  log_softmax: dx = g - e^y sum(g) */
static void FN(softmax_back)(REAL *d, const REAL *y, const REAL *g, struct lanes s,
                             bool logarithm, bool add) {
    for (size_t o = 0; o < s.outer; o++)
        for (size_t j = 0; j < s.inner; j++) {
            size_t base = o * s.len * s.inner + j;
            double sum = 0;
            for (size_t i = 0; i < s.len; i++) {
                size_t at = base + i * s.inner;
                sum += (double)g[at] * (logarithm ? 1 : (double)y[at]);
            }
            for (size_t i = 0; i < s.len; i++) {
                size_t at = base + i * s.inner;
                double t = logarithm ? (double)g[at] - exp((double)y[at]) * sum
                                     : (double)y[at] * ((double)g[at] - sum);
                d[at] = add ? d[at] + (REAL)t : (REAL)t;
            }
        }
}
