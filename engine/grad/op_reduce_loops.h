/* op_reduce_loops.h: the loops of sum, mean and max; included once per REAL. */

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

/* The first of equal maxima wins, and takes the whole gradient. */
static void FN(max)(struct nn_call *c) {
    const REAL *x = c->in[0]->data;
    REAL *out = c->out->data;
    uint64_t *where = c->saved;
    struct reduction r;
    reduction_init(&r, c);
    for (size_t o = 0; o < c->out->n; o++)
        where[o] = UINT64_MAX;
    for (size_t i = 0; i < c->in[0]->n; i++) {
        size_t o = target(c, &r, i);
        if (where[o] == UINT64_MAX || x[i] > x[where[o]] || x[i] != x[i])
            where[o] = i;
    }
    for (size_t o = 0; o < c->out->n; o++)
        out[o] = x[where[o]];
}

static void FN(max_back)(struct nn_call *c) {
    const REAL *g = c->d_out->data;
    REAL *d = c->d_in[0]->data;
    const uint64_t *where = c->saved;
    if (!(c->add & 1))
        memset(d, 0, c->in[0]->n * sizeof *d);
    for (size_t o = 0; o < c->out->n; o++)
        d[where[o]] += g[o];
}
