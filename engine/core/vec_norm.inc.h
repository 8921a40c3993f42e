/* vec_norm.inc.h: the columns of a matrix, channels side by side in a vector, after
 * vec_pool.inc.h. Four rows are summed side by side. */

/* Calls block(k, n) for the vectors of a row, n of its elements in the last one. */
#define EACH_BLOCK(cols, block)                                                          \
    do {                                                                                 \
        size_t k = 0;                                                                    \
        for (; k + LANES <= (cols); k += LANES)                                          \
            block(k, LANES);                                                             \
        if (k < (cols))                                                                  \
            block(k, (cols)-k);                                                          \
    } while (0)

/* Calls term(s, row) for all rows, s the accumulator that it adds to. */
#define EACH_ROW(rows, term)                                                             \
    do {                                                                                 \
        size_t r = 0;                                                                    \
        for (; r + 4 <= (rows); r += 4) {                                                \
            term(0, r);                                                                  \
            term(1, r + 1);                                                              \
            term(2, r + 2);                                                              \
            term(3, r + 3);                                                              \
        }                                                                                \
        for (; r < (rows); r++)                                                          \
            term(0, r);                                                                  \
    } while (0)

INLINE void NAME(store_doubles)(double *to, V v, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] = (double)v[i];
}

INLINE void NAME(moments_block)(double *mean, double *square, const T *x, size_t rows,
                                size_t cols, size_t n) {
    V s[4] = {{0}, {0}, {0}, {0}}, q[4] = {{0}, {0}, {0}, {0}};
#define ADD_ROW(i, row) s[i] += NAME(load_n)(x + (row)*cols, n)
    EACH_ROW(rows, ADD_ROW);
#undef ADD_ROW
    V middle = ((s[0] + s[1]) + (s[2] + s[3])) / (T)rows;
#define ADD_SQUARE(i, row)                                                               \
    do {                                                                                 \
        V off = NAME(load_n)(x + (row)*cols, n) - middle;                                \
        q[i] += off * off;                                                               \
    } while (0)
    EACH_ROW(rows, ADD_SQUARE);
#undef ADD_SQUARE
    NAME(store_doubles)(mean, middle, n);
    NAME(store_doubles)(square, (q[0] + q[1]) + (q[2] + q[3]), n);
}

static void NAME(moments)(double *mean, double *square, const void *from, size_t rows,
                          size_t cols) {
    const T *x = from;
#define BLOCK(k, n) NAME(moments_block)(mean + (k), square + (k), x + (k), rows, cols, n)
    EACH_BLOCK(cols, BLOCK);
#undef BLOCK
}

/* Channels k..k+n of what every row is treated with. */
struct NAME(channel) {
    V mean, scale, shift;
};

INLINE struct NAME(channel)
    NAME(channel_of)(const struct nn_norm *o, size_t k, size_t n) {
    return (struct NAME(channel)){NAME(load_n)((const T *)o->mean + k, n),
                                  NAME(load_n)((const T *)o->scale + k, n),
                                  NAME(load_n)((const T *)o->shift + k, n)};
}

INLINE V NAME(normal)(struct NAME(channel) c, V x) {
    return (x - c.mean) * c.scale + c.shift;
}

INLINE void NAME(normalise_block)(const struct nn_norm *o, T *y, const T *x, size_t k,
                                  size_t n) {
    struct NAME(channel) c = NAME(channel_of)(o, k, n);
    for (size_t r = 0; r < o->rows; r++) {
        V v = NAME(normal)(c, NAME(load_n)(x + r * o->cols + k, n));
        if (o->relu) /* a NaN is handed on */
            v = NAME(select)(v < 0, (V){0}, v);
        NAME(store_n)(y + r * o->cols + k, v, n);
    }
}

static void NAME(normalise)(const struct nn_norm *o, void *y, const void *x) {
#define BLOCK(k, n) NAME(normalise_block)(o, y, x, k, n)
    EACH_BLOCK(o->cols, BLOCK);
#undef BLOCK
}

/* dy behind the ReLU. */
INLINE V NAME(behind)(const struct nn_norm *o, struct NAME(channel) c, V x, V dy) {
    return o->relu ? NAME(select)(NAME(normal)(c, x) > 0, dy, (V){0}) : dy;
}

INLINE void NAME(products_block)(const struct nn_norm *o, double *sum, double *product,
                                 const T *dy, const T *x, size_t k, size_t n) {
    struct NAME(channel) c = NAME(channel_of)(o, k, n);
    V s[4] = {{0}, {0}, {0}, {0}}, q[4] = {{0}, {0}, {0}, {0}};
#define ADD_PRODUCT(i, row)                                                              \
    do {                                                                                 \
        V v = NAME(load_n)(x + (row)*o->cols + k, n);                                    \
        V g = NAME(load_n)(dy + (row)*o->cols + k, n);                                   \
        g = NAME(behind)(o, c, v, g);                                                    \
        s[i] += g;                                                                       \
        q[i] += g * (v - c.mean);                                                        \
    } while (0)
    EACH_ROW(o->rows, ADD_PRODUCT);
#undef ADD_PRODUCT
    NAME(store_doubles)(sum + k, (s[0] + s[1]) + (s[2] + s[3]), n);
    NAME(store_doubles)(product + k, (q[0] + q[1]) + (q[2] + q[3]), n);
}

static void NAME(products)(const struct nn_norm *o, double *sum, double *product,
                           const void *dy, const void *x) {
#define BLOCK(k, n) NAME(products_block)(o, sum, product, dy, x, k, n)
    EACH_BLOCK(o->cols, BLOCK);
#undef BLOCK
}

INLINE void NAME(norm_back_block)(const struct nn_norm *o, const struct nn_norm_back *b,
                                  size_t k, size_t n) {
    struct NAME(channel) c = NAME(channel_of)(o, k, n);
    V slope = NAME(load_n)((const T *)b->slope + k, n);
    V offset = NAME(load_n)((const T *)b->offset + k, n);
    for (size_t r = 0, at = k; r < o->rows; r++, at += o->cols) {
        V x = NAME(load_n)((const T *)b->x + at, n);
        V g = NAME(behind)(o, c, x, NAME(load_n)((const T *)b->dy + at, n));
        V d = g * c.scale + (x - c.mean) * slope + offset;
        T *dx = (T *)b->dx + at;
        if (b->mask)
            d = NAME(select)(x > 0, d, (V){0});
        NAME(store_n)(dx, b->accumulate ? NAME(load_n)(dx, n) + d : d, n);
    }
}

static void NAME(norm_back)(const struct nn_norm *o, const struct nn_norm_back *b) {
#define BLOCK(k, n) NAME(norm_back_block)(o, b, k, n)
    EACH_BLOCK(o->cols, BLOCK);
#undef BLOCK
}
