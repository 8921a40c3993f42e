/* op_reduce_loops.h: the loops of the reductions; included once per REAL. */

static void FN(sum)(struct nn_call *c, bool mean) {
    const REAL *x = c->in[0]->data;
    REAL *out = c->out->data;
    double *total = c->saved;
    struct reduction r;
    reduction_init(&r, c);
    struct run run = run_of(c, &r);
    for (size_t o = 0; o < c->out->n; o++)
        total[o] = 0;
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        double *t = total + target(c, &r, i);
        for (size_t j = 0; j < run.len; j++)
            t[j * run.step] += (double)x[i + j];
    }
    double n = mean ? (double)r.count : 1;
    for (size_t o = 0; o < c->out->n; o++)
        out[o] = (REAL)(total[o] / n);
}

static void FN(sum_back)(struct nn_call *c, bool mean) {
    const REAL *g = c->d_out->data;
    REAL *d = c->d_in[0]->data;
    bool add = c->add & 1;
    struct reduction r;
    reduction_init(&r, c);
    struct run run = run_of(c, &r);
    const REAL n = mean ? (REAL)r.count : (REAL)1;
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        const REAL *from = g + target(c, &r, i);
        for (size_t j = 0; j < run.len; j++) {
            REAL t = from[j * run.step] / n;
            d[i + j] = add ? d[i + j] + t : t;
        }
    }
}

/* The first of equal extremes wins, and takes the whole gradient; a NaN beats them all. */
static void FN(extreme)(struct nn_call *c, bool least) {
    const REAL *x = c->in[0]->data;
    REAL *out = c->out->data;
    uint64_t *where = c->saved;
    struct reduction r;
    reduction_init(&r, c);
    for (size_t o = 0; o < c->out->n; o++)
        where[o] = UINT64_MAX;
    for (size_t i = 0; i < c->in[0]->n; i++) {
        size_t o = target(c, &r, i);
        bool first = where[o] == UINT64_MAX;
        REAL best = first ? x[i] : x[where[o]];
        if (first || (least ? x[i] < best : x[i] > best) || x[i] != x[i])
            where[o] = i;
    }
    for (size_t o = 0; o < c->out->n; o++)
        out[o] = x[where[o]];
}

static void FN(extreme_back)(struct nn_call *c) {
    const REAL *g = c->d_out->data;
    REAL *d = c->d_in[0]->data;
    const uint64_t *where = c->saved;
    if (!(c->add & 1))
        memset(d, 0, c->in[0]->n * sizeof *d);
    for (size_t o = 0; o < c->out->n; o++)
        d[where[o]] += g[o];
}

/* The mean of the squared distances from the mean, in two passes; saved: the means, then
 * the sums. */
static void FN(var)(struct nn_call *c) {
    const REAL *x = c->in[0]->data;
    REAL *out = c->out->data;
    double *mean = c->saved, *total = mean + c->out->n;
    struct reduction r;
    reduction_init(&r, c);
    struct run run = run_of(c, &r);
    memset(mean, 0, 2 * c->out->n * sizeof *mean);
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        double *m = mean + target(c, &r, i);
        for (size_t j = 0; j < run.len; j++)
            m[j * run.step] += (double)x[i + j];
    }
    for (size_t o = 0; o < c->out->n; o++)
        mean[o] /= (double)r.count;
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        size_t o = target(c, &r, i);
        for (size_t j = 0; j < run.len; j++) {
            double off = (double)x[i + j] - mean[o + j * run.step];
            total[o + j * run.step] += off * off;
        }
    }
    for (size_t o = 0; o < c->out->n; o++)
        out[o] = (REAL)(total[o] / (double)r.count);
}

/* 2/n (x - mean): how the mean moves with x cancels out */
static void FN(var_back)(struct nn_call *c) {
    const REAL *g = c->d_out->data, *x = c->in[0]->data;
    const double *mean = c->saved;
    REAL *d = c->d_in[0]->data;
    struct reduction r;
    reduction_init(&r, c);
    struct run run = run_of(c, &r);
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        size_t o = target(c, &r, i);
        for (size_t j = 0; j < run.len; j++) {
            size_t at = o + j * run.step;
            double t =
                (double)g[at] * 2 * ((double)x[i + j] - mean[at]) / (double)r.count;
            d[i + j] = c->add & 1 ? d[i + j] + (REAL)t : (REAL)t;
        }
    }
}

/* The Euclidean norm. */
static void FN(norm)(struct nn_call *c) {
    const REAL *x = c->in[0]->data;
    REAL *out = c->out->data;
    double *total = c->saved;
    struct reduction r;
    reduction_init(&r, c);
    struct run run = run_of(c, &r);
    memset(total, 0, c->out->n * sizeof *total);
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        double *t = total + target(c, &r, i);
        for (size_t j = 0; j < run.len; j++)
            t[j * run.step] += (double)x[i + j] * (double)x[i + j];
    }
    for (size_t o = 0; o < c->out->n; o++)
        out[o] = (REAL)sqrt(total[o]);
}

/* x / |x|; at the origin, where there is no derivative, 0 */
static void FN(norm_back)(struct nn_call *c) {
    const REAL *g = c->d_out->data, *x = c->in[0]->data, *y = c->out->data;
    REAL *d = c->d_in[0]->data;
    struct reduction r;
    reduction_init(&r, c);
    struct run run = run_of(c, &r);
    for (size_t i = 0; i < c->in[0]->n; i += run.len) {
        size_t o = target(c, &r, i);
        for (size_t j = 0; j < run.len; j++) {
            size_t at = o + j * run.step;
            REAL t = y[at] > 0 ? g[at] * (x[i + j] / y[at]) : (REAL)0;
            d[i + j] = c->add & 1 ? d[i + j] + t : t;
        }
    }
}
