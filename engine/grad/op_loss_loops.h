/* op_loss_loops.h: the loops of the losses; included once per REAL. Sums run in double;
 * v is the attribute value, k is dL/dloss divided by what the mean divides by. */

static double FN(mse)(const REAL *p, const REAL *t, double v, size_t n) {
    (void)v;
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += (double)(p[i] - t[i]) * (double)(p[i] - t[i]);
    return s / (double)n;
}

static void FN(mse_back)(REAL *d, const REAL *p, const REAL *t, double v, double k,
                         bool add, size_t n) {
    (void)v;
    const REAL f = (REAL)(2 * k);
    for (size_t i = 0; i < n; i++)
        d[i] = (add ? d[i] : (REAL)0) + f * (p[i] - t[i]);
}

static double FN(mae)(const REAL *p, const REAL *t, double v, size_t n) {
    (void)v;
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += fabs((double)(p[i] - t[i]));
    return s / (double)n;
}

static void FN(mae_back)(REAL *d, const REAL *p, const REAL *t, double v, double k,
                         bool add, size_t n) {
    (void)v;
    const REAL f = (REAL)k;
    for (size_t i = 0; i < n; i++) {
        REAL g = p[i] > t[i] ? f : p[i] < t[i] ? -f : (REAL)0;
        d[i] = (add ? d[i] : (REAL)0) + g;
    }
}

/* e^2/2 up to |e| = v, beyond it a straight line that goes on without a corner */
static double FN(huber)(const REAL *p, const REAL *t, double v, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double x = fabs((double)(p[i] - t[i]));
        s += x <= v ? x * x / 2 : v * (x - v / 2);
    }
    return s / (double)n;
}

static void FN(huber_back)(REAL *d, const REAL *p, const REAL *t, double v, double k,
                           bool add, size_t n) {
    const REAL f = (REAL)k, edge = (REAL)v;
    for (size_t i = 0; i < n; i++) {
        REAL x = p[i] - t[i], g = x > edge ? edge : x < -edge ? -edge : x;
        d[i] = (add ? d[i] : (REAL)0) + f * g;
    }
}

/* Targets that are all 0 or 1 stand for -1 and 1. */
static bool FN(zero_one)(const REAL *t, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (t[i] != 0 && t[i] != 1)
            return false;
    return true;
}

/* max(0, 1 - t p) */
static double FN(hinge)(const REAL *p, const REAL *t, double v, size_t n) {
    bool bits = FN(zero_one)(t, n);
    double s = 0;
    (void)v;
    for (size_t i = 0; i < n; i++) {
        double x = 1 - (double)(bits ? 2 * t[i] - 1 : t[i]) * (double)p[i];
        s += x <= 0 ? 0 : x;
    }
    return s / (double)n;
}

static void FN(hinge_back)(REAL *d, const REAL *p, const REAL *t, double v, double k,
                           bool add, size_t n) {
    bool bits = FN(zero_one)(t, n);
    (void)v;
    for (size_t i = 0; i < n; i++) {
        REAL y = bits ? 2 * t[i] - 1 : t[i];
        REAL g = y * p[i] < 1 ? (REAL)-k * y : (REAL)0;
        d[i] = (add ? d[i] : (REAL)0) + g;
    }
}

/* Label smoothing: the target moves the share v towards one half. */
static inline double FN(smooth)(REAL t, double v) {
    return (double)t * (1 - v) + v / 2;
}

/* -(t ln p + (1-t) ln(1-p)), p kept BCE_EDGE away from 0 and 1 */
static double FN(bce)(const REAL *p, const REAL *t, double v, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double q = (double)p[i];
        if (q == q) /* a NaN stays one */
            q = fmin(fmax(q, BCE_EDGE), 1 - BCE_EDGE);
        double y = FN(smooth)(t[i], v);
        s -= y * log(q) + (1 - y) * log1p(-q);
    }
    return s / (double)n;
}

static void FN(bce_back)(REAL *d, const REAL *p, const REAL *t, double v, double k,
                         bool add, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double q = (double)p[i];
        bool flat = q < BCE_EDGE || q > 1 - BCE_EDGE;
        double g = flat ? 0 : k * (q - FN(smooth)(t[i], v)) / (q * (1 - q));
        d[i] = (add ? d[i] : (REAL)0) + (REAL)g;
    }
}

/* From the logit z: ln(1+e^z) - t z, which is the above with p = sigmoid(z) */
static double FN(logit_bce)(const REAL *z, const REAL *t, double v, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)z[i];
        s += (x > 0 ? x : 0) + log1p(exp(-fabs(x))) - FN(smooth)(t[i], v) * x;
    }
    return s / (double)n;
}

static void FN(logit_bce_back)(REAL *d, const REAL *z, const REAL *t, double v, double k,
                               bool add, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double g = k * (1 / (1 + exp(-(double)z[i])) - FN(smooth)(t[i], v));
        d[i] = (add ? d[i] : (REAL)0) + (REAL)g;
    }
}
