/* op_shape_loops.h: the walk over a box of the input, a row of the result at a time;
 * included once per REAL. */

static void FN(walk_copy)(struct nn_call *c, const struct walk *w) {
    size_t n = walk_length(c), step = c->out_ndim ? w->stride[c->out_ndim - 1] : 0;
    REAL *out = c->out->data;
    for (size_t r = 0, i = 0; i < c->out->n; r++, i += n) {
        const REAL *x = (const REAL *)c->in[0]->data + walk_row(c, w, r);
        for (size_t j = 0; j < n; j++)
            out[i + j] = x[j * step];
    }
}

static void FN(walk_add)(struct nn_call *c, const struct walk *w) {
    size_t n = walk_length(c), step = c->out_ndim ? w->stride[c->out_ndim - 1] : 0;
    const REAL *g = c->d_out->data;
    for (size_t r = 0, i = 0; i < c->out->n; r++, i += n) {
        REAL *d = (REAL *)c->d_in[0]->data + walk_row(c, w, r);
        for (size_t j = 0; j < n; j++)
            d[j * step] += g[i + j];
    }
}
