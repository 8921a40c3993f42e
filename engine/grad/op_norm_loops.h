/* op_norm_loops.h: layer_norm row by row (see ops.h for REAL and FN). */

static void FN(layer_rows)(void *ctx, size_t first, size_t last) {
    const struct nn_call *c = ctx;
    size_t cols = cols_of(c);
    int gamma = gamma_of(c, 1), beta = beta_of(c, 1);
    const REAL *scale = gamma < 0 ? NULL : c->in[gamma]->data;
    const REAL *shift = beta < 0 ? NULL : c->in[beta]->data;
    for (size_t r = first; r < last; r++) {
        const REAL *x = (const REAL *)c->in[0]->data + r * cols;
        REAL *y = (REAL *)c->out->data + r * cols;
        double sum = 0, square = 0, *saved = (double *)c->saved + 2 * r;
        for (size_t k = 0; k < cols; k++)
            sum += (double)x[k];
        saved[0] = sum / (double)cols;
        for (size_t k = 0; k < cols; k++)
            square += ((double)x[k] - saved[0]) * ((double)x[k] - saved[0]);
        saved[1] = 1 / sqrt(square / (double)cols + c->attrs->epsilon);
        for (size_t k = 0; k < cols; k++)
            y[k] = (REAL)(((double)x[k] - saved[0]) * saved[1]) * (scale ? scale[k] : 1) +
                   (shift ? shift[k] : 0);
    }
}

/* h = g gamma:  dx = s (h - mean(h) - xn mean(h xn)); work gets g xn. */
static void FN(layer_rows_back)(void *ctx, size_t first, size_t last) {
    const struct nn_call *c = ctx;
    size_t cols = cols_of(c);
    int gamma = gamma_of(c, 1);
    const REAL *scale = gamma < 0 ? NULL : c->in[gamma]->data;
    bool wants_gamma = gamma > 0 && c->d_in[gamma], add = c->add & 1;
    for (size_t r = first; r < last; r++) {
        const REAL *x = (const REAL *)c->in[0]->data + r * cols;
        const REAL *g = (const REAL *)c->d_out->data + r * cols;
        const double *saved = (const double *)c->saved + 2 * r;
        REAL *product = wants_gamma ? (REAL *)c->work + r * cols : NULL;
        REAL *dx = c->d_in[0] ? (REAL *)c->d_in[0]->data + r * cols : NULL;
        double sum = 0, dot = 0;
        for (size_t k = 0; k < cols; k++) {
            double xn = ((double)x[k] - saved[0]) * saved[1];
            double h = (double)g[k] * (scale ? (double)scale[k] : 1);
            sum += h / (double)cols;
            dot += h * xn / (double)cols;
            if (product)
                product[k] = (REAL)((double)g[k] * xn);
        }
        for (size_t k = 0; dx && k < cols; k++) {
            double xn = ((double)x[k] - saved[0]) * saved[1];
            double h = (double)g[k] * (scale ? (double)scale[k] : 1);
            REAL d = (REAL)(saved[1] * (h - sum - xn * dot));
            dx[k] = add ? dx[k] + d : d;
        }
    }
}
