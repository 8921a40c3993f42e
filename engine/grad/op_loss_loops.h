/* op_loss_loops.h: the loops of the losses; included once per REAL. Sums run in double;
 * k is dL/dloss divided by what the mean divides by. */

static double FN(mse)(const REAL *p, const REAL *t, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += (double)(p[i] - t[i]) * (double)(p[i] - t[i]);
    return s / (double)n;
}

static void FN(mse_back)(REAL *d, const REAL *p, const REAL *t, double k, bool add,
                         size_t n) {
    const REAL f = (REAL)(2 * k);
    for (size_t i = 0; i < n; i++)
        d[i] = (add ? d[i] : (REAL)0) + f * (p[i] - t[i]);
}

static double FN(mae)(const REAL *p, const REAL *t, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += fabs((double)(p[i] - t[i]));
    return s / (double)n;
}

static void FN(mae_back)(REAL *d, const REAL *p, const REAL *t, double k, bool add,
                         size_t n) {
    const REAL f = (REAL)k;
    for (size_t i = 0; i < n; i++) {
        REAL g = p[i] > t[i] ? f : p[i] < t[i] ? -f : (REAL)0;
        d[i] = (add ? d[i] : (REAL)0) + g;
    }
}

/* -(t ln p + (1-t) ln(1-p)), p kept BCE_EDGE away from 0 and 1 */
static double FN(bce)(const REAL *p, const REAL *t, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double q = (double)p[i];
        if (q == q) /* a NaN stays one */
            q = fmin(fmax(q, BCE_EDGE), 1 - BCE_EDGE);
        s -= (double)t[i] * log(q) + (1 - (double)t[i]) * log1p(-q);
    }
    return s / (double)n;
}

static void FN(bce_back)(REAL *d, const REAL *p, const REAL *t, double k, bool add,
                         size_t n) {
    for (size_t i = 0; i < n; i++) {
        double q = (double)p[i];
        bool flat = q < BCE_EDGE || q > 1 - BCE_EDGE;
        double g = flat ? 0 : k * (q - (double)t[i]) / (q * (1 - q));
        d[i] = (add ? d[i] : (REAL)0) + (REAL)g;
    }
}

/* From the logit z: ln(1+e^z) - t z, which is the above with p = sigmoid(z) */
static double FN(logit_bce)(const REAL *z, const REAL *t, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)z[i];
        s += (x > 0 ? x : 0) + log1p(exp(-fabs(x))) - (double)t[i] * x;
    }
    return s / (double)n;
}

static void FN(logit_bce_back)(REAL *d, const REAL *z, const REAL *t, double k, bool add,
                               size_t n) {
    for (size_t i = 0; i < n; i++) {
        double g = k * (1 / (1 + exp(-(double)z[i])) - (double)t[i]);
        d[i] = (add ? d[i] : (REAL)0) + (REAL)g;
    }
}

/* -sum(t ln p) per row over one-hot or any other weights t; p is the softmax. */
static double FN(xent_dense)(REAL *p, const REAL *x, const REAL *t, size_t rows,
                             size_t cols) {
    double total = 0;
    for (size_t r = 0; r < rows; r++, p += cols, x += cols, t += cols) {
        REAL top = x[0];
        double sum = 0;
        for (size_t j = 1; j < cols; j++)
            top = x[j] > top ? x[j] : top;
        for (size_t j = 0; j < cols; j++)
            sum += exp((double)(x[j] - top));
        double lse = log(sum);
        for (size_t j = 0; j < cols; j++) {
            double z = (double)(x[j] - top);
            p[j] = (REAL)(exp(z) / sum);
            if (t[j] != 0)
                total -= (double)t[j] * (z - lse);
        }
    }
    return total / (double)rows;
}

/* d = k (p sum(t) - t) */
static void FN(xent_dense_back)(REAL *d, const REAL *p, const REAL *t, double k, bool add,
                                size_t rows, size_t cols) {
    for (size_t r = 0; r < rows; r++, d += cols, p += cols, t += cols) {
        double weight = 0;
        for (size_t j = 0; j < cols; j++)
            weight += (double)t[j];
        for (size_t j = 0; j < cols; j++) {
            double g = k * ((double)p[j] * weight - (double)t[j]);
            d[j] = (add ? d[j] : (REAL)0) + (REAL)g;
        }
    }
}

/* The same for class numbers, when the gradient is added to what is there. */
static void FN(xent_sparse_back)(REAL *d, const REAL *p, const int32_t *label, double k,
                                 size_t rows, size_t cols) {
    for (size_t r = 0; r < rows; r++, d += cols, p += cols) {
        for (size_t j = 0; j < cols; j++)
            d[j] += (REAL)k * p[j];
        d[label[r]] -= (REAL)k;
    }
}
