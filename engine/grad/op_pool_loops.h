/* op_pool_loops.h: pooling over whole images (see ops.h for REAL and FN): x (h w, c) of one
 * image after the other. */

/* saved: the pixel of each maximum, the first of equal ones; a NaN counts as largest. */
static void FN(max_images)(void *ctx, size_t first, size_t last) {
    const struct nn_call *c = ctx;
    size_t channels = c->in_shape[0][3], pixels = c->in_shape[0][1] * c->in_shape[0][2];
    for (size_t i = first; i < last; i++) {
        const REAL *x = (const REAL *)c->in[0]->data + i * pixels * channels;
        REAL *y = (REAL *)c->out->data + i * channels;
        uint32_t *where = (uint32_t *)c->saved + i * channels;
        memcpy(y, x, channels * sizeof *y);
        memset(where, 0, channels * sizeof *where);
        for (size_t p = 1; p < pixels; p++)
            for (size_t k = 0; k < channels; k++) {
                REAL value = x[p * channels + k];
                bool better = (value > y[k] || value != value) && y[k] == y[k];
                y[k] = better ? value : y[k];
                where[k] = better ? (uint32_t)p : where[k];
            }
    }
}

static void FN(max_images_back)(void *ctx, size_t first, size_t last) {
    const struct nn_call *c = ctx;
    size_t channels = c->in_shape[0][3], pixels = c->in_shape[0][1] * c->in_shape[0][2];
    for (size_t i = first; i < last; i++) {
        REAL *dx = (REAL *)c->d_in[0]->data + i * pixels * channels;
        const REAL *dy = (const REAL *)c->d_out->data + i * channels;
        const uint32_t *where = (const uint32_t *)c->saved + i * channels;
        if (!(c->add & 1))
            memset(dx, 0, pixels * channels * sizeof *dx);
        for (size_t k = 0; k < channels; k++)
            dx[where[k] * channels + k] += dy[k];
    }
}

static void FN(mean_images_back)(void *ctx, size_t first, size_t last) {
    const struct nn_call *c = ctx;
    size_t channels = c->in_shape[0][3], pixels = c->in_shape[0][1] * c->in_shape[0][2];
    REAL share = 1 / (REAL)pixels;
    bool add = c->add & 1;
    for (size_t i = first; i < last; i++) {
        REAL *dx = (REAL *)c->d_in[0]->data + i * pixels * channels;
        const REAL *dy = (const REAL *)c->d_out->data + i * channels;
        for (size_t p = 0; p < pixels; p++, dx += channels)
            for (size_t k = 0; k < channels; k++)
                dx[k] = (add ? dx[k] : 0) + dy[k] * share;
    }
}
