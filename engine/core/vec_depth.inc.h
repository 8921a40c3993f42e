/* vec_depth.inc.h: one output row of depthwise convolution, after vec_norm.inc.h: channels
 * side by side in a vector. */

INLINE V NAME(depth_sum)(const struct nn_depth_row *r, V sum, const T *x, const T *kernel,
                         size_t v0, size_t v1, size_t n) {
    for (size_t u = 0; u < r->rows; u++)
        for (size_t v = v0; v < v1; v++)
            sum += NAME(load_n)(x + u * r->row + v * r->dilation * r->c, n) *
                   NAME(load_n)(kernel + ((r->first + u) * r->kw + v) * r->c, n);
    return sum;
}

static void NAME(depth_forward)(const struct nn_depth_row *r, void *to, const void *from,
                                const void *kernel, const void *bias, bool relu) {
    for (size_t j = 0; j < r->ow; j++) {
        size_t v0, v1;
        T *y = (T *)to + j * r->c;
        const T *x = (const T *)from + nn_depth_columns(r, j, &v0, &v1);
#define BLOCK(k, n)                                                                      \
    do {                                                                                 \
        V sum = bias ? NAME(load_n)((const T *)bias + (k), n) : (V){0};                  \
        sum = NAME(depth_sum)(r, sum, x + (k), (const T *)kernel + (k), v0, v1, n);      \
        if (relu)                                                                        \
            sum = NAME(select)(sum < 0, (V){0}, sum);                                    \
        NAME(store_n)(y + (k), sum, n);                                                  \
    } while (0)
        EACH_BLOCK(r->c, BLOCK);
#undef BLOCK
    }
}

/* dx += dy times the kernel, under every tap. */
INLINE void NAME(depth_spread)(const struct nn_depth_row *r, T *x, V dy, const T *kernel,
                               size_t v0, size_t v1, size_t n) {
    for (size_t u = 0; u < r->rows; u++) {
        for (size_t v = v0; v < v1; v++) {
            T *p = x + u * r->row + v * r->dilation * r->c;
            V w = NAME(load_n)(kernel + ((r->first + u) * r->kw + v) * r->c, n);
            NAME(store_n)(p, NAME(load_n)(p, n) + dy * w, n);
        }
    }
}

static void NAME(depth_data)(const struct nn_depth_row *r, void *to, const void *dy,
                             const void *kernel) {
    for (size_t j = 0; j < r->ow; j++) {
        size_t v0, v1;
        const T *g = (const T *)dy + j * r->c;
        T *x = (T *)to + nn_depth_columns(r, j, &v0, &v1);
#define BLOCK(k, n)                                                                      \
    NAME(depth_spread)                                                                   \
    (r, x + (k), NAME(load_n)(g + (k), n), (const T *)kernel + (k), v0, v1, n)
        EACH_BLOCK(r->c, BLOCK);
#undef BLOCK
    }
}

/* sum += x dy over the row, for every tap. */
static void NAME(depth_kernel)(const struct nn_depth_row *r, void *sum, const void *from,
                               const void *dy) {
    for (size_t j = 0; j < r->ow; j++) {
        size_t v0, v1;
        const T *g = (const T *)dy + j * r->c;
        const T *x = (const T *)from + nn_depth_columns(r, j, &v0, &v1);
        for (size_t u = 0; u < r->rows; u++) {
            for (size_t v = v0; v < v1; v++) {
                T *s = (T *)sum + ((r->first + u) * r->kw + v) * r->c;
                const T *p = x + u * r->row + v * r->dilation * r->c;
#define BLOCK(k, n)                                                                      \
    NAME(store_n)                                                                        \
    (s + (k),                                                                            \
     NAME(load_n)(s + (k), n) + NAME(load_n)(p + (k), n) * NAME(load_n)(g + (k), n), n)
                EACH_BLOCK(r->c, BLOCK);
#undef BLOCK
            }
        }
    }
}
