/* op_xent_loops.h: the loops of softmax_cross_entropy; included once per REAL. v is the
 * label smoothing: the target t of each of C classes becomes (1-v) t + v sum(t)/C. */

/* One row of logits: the largest into top; returns ln sum e^(x - top). */
static double FN(log_sum)(const REAL *x, size_t cols, REAL *top) {
    double sum = 0;
    *top = x[0];
    for (size_t j = 1; j < cols; j++)
        *top = x[j] > *top ? x[j] : *top;
    for (size_t j = 0; j < cols; j++)
        sum += exp((double)(x[j] - *top));
    return log(sum);
}

/* -sum(t ln p) per row over one-hot or any other weights t; p is the softmax. */
static double FN(xent_dense)(REAL *p, const REAL *x, const REAL *t, double v, size_t rows,
                             size_t cols) {
    double total = 0;
    for (size_t r = 0; r < rows; r++, p += cols, x += cols, t += cols) {
        REAL top;
        double lse = FN(log_sum)(x, cols, &top), weight = 0, all = 0;
        for (size_t j = 0; j < cols; j++) {
            double z = (double)(x[j] - top) - lse;
            p[j] = (REAL)exp(z);
            if (t[j] != 0)
                total -= (1 - v) * (double)t[j] * z;
            weight += (double)t[j];
            all += z;
        }
        if (v > 0)
            total -= v * weight / (double)cols * all;
    }
    return total / (double)rows;
}

/* d = k (p sum(t) - t), t smoothed */
static void FN(xent_dense_back)(REAL *d, const REAL *p, const REAL *t, double v, double k,
                                bool add, size_t rows, size_t cols) {
    for (size_t r = 0; r < rows; r++, d += cols, p += cols, t += cols) {
        double weight = 0;
        for (size_t j = 0; j < cols; j++)
            weight += (double)t[j];
        double even = v * weight / (double)cols;
        for (size_t j = 0; j < cols; j++) {
            double g = k * ((double)p[j] * weight - (1 - v) * (double)t[j] - even);
            d[j] = (add ? d[j] : (REAL)0) + (REAL)g;
        }
    }
}

/* What smoothing takes from ln p[label] and gives to all classes, summed over the rows. */
static double FN(xent_spread)(const REAL *x, const int32_t *label, double v, size_t rows,
                              size_t cols) {
    double total = 0;
    for (size_t r = 0; r < rows; r++, x += cols) {
        REAL top;
        double lse = FN(log_sum)(x, cols, &top), all = 0;
        for (size_t j = 0; j < cols; j++)
            all += (double)(x[j] - top) - lse;
        total += v * ((double)(x[label[r]] - top) - lse) - v / (double)cols * all;
    }
    return total;
}

/* The gradient for class numbers where it is smoothed or added to what is there. */
static void FN(xent_sparse_back)(REAL *d, const REAL *p, const int32_t *label, double v,
                                 double k, bool add, size_t rows, size_t cols) {
    const double even = v / (double)cols;
    for (size_t r = 0; r < rows; r++, d += cols, p += cols) {
        for (size_t j = 0; j < cols; j++)
            d[j] = (add ? d[j] : (REAL)0) + (REAL)(k * ((double)p[j] - even));
        d[label[r]] -= (REAL)(k * (1 - v));
    }
}
