/* vec_pool.inc.h: one output row of pooling, after vec_step.inc.h: channels side by side in
 * a vector, the places of the window one after the other. */

typedef unsigned char NAME(BV) __attribute__((vector_size(LANES)));

INLINE void NAME(store_bytes)(unsigned char *to, IV v, size_t n) {
    NAME(BV) b = __builtin_convertvector(v, NAME(BV));
    __builtin_memcpy(to, &b, n);
}

INLINE IV NAME(load_bytes)(const unsigned char *from, size_t n) {
    NAME(BV) b = {0};
    __builtin_memcpy(&b, from, n);
    return __builtin_convertvector(b, IV);
}

INLINE V NAME(load_n)(const T *p, size_t n) {
    return n < LANES ? NAME(load_part)(p, n) : NAME(load)(p);
}

INLINE void NAME(store_n)(T *p, V v, size_t n) {
    if (n < LANES)
        NAME(store_part)(p, v, n);
    else
        NAME(store)(p, v);
}

/* The part of a window that lies inside: rows x cols pixels of c channels, image rows
 * `row` elements apart. Places are numbered from first on, with skip between rows. */
struct NAME(view) {
    size_t rows, cols, row, c;
    I first, skip;
};

INLINE struct NAME(view) NAME(look)(const struct nn_window *w, size_t j, size_t *x) {
    size_t v0, v1;
    nn_window_columns(w, j, &v0, &v1, x);
    return (struct NAME(view)){.rows = w->seen,
                               .cols = v1 - v0,
                               .row = w->w * w->c,
                               .c = w->c,
                               .first = (I)(w->top * w->kw + v0),
                               .skip = (I)(w->kw - (v1 - v0))};
}

/* Half of all pooling is 2 x 2 and never leaves the image: a loop for it alone. */
INLINE bool NAME(two_by_two)(const struct nn_window *w) {
    return w->kh == 2 && w->kw == 2 && w->seen == 2 && w->pad == 0 &&
           (w->ow - 1) * w->stride + 2 <= w->w;
}

INLINE struct NAME(view) NAME(look_two)(const struct nn_window *w, size_t j, size_t *x) {
    *x = j * w->stride;
    return (struct NAME(view)){.rows = 2, .cols = 2, .row = w->w * w->c, .c = w->c};
}

/* ---- the maximum */

/* The largest under the view at x, and its place; n channels. */
INLINE V NAME(window_max)(const T *x, struct NAME(view) s, size_t n, IV *place) {
    V best = {0};
    IV at = {0};
    I number = s.first;
    for (size_t u = 0; u < s.rows; u++, number += s.skip) {
        for (size_t v = 0; v < s.cols; v++, number++) {
            V value = NAME(load_n)(x + u * s.row + v * s.c, n);
            IV better = ((value > best) | (value != value)) & (best == best);
            if (u == 0 && v == 0)
                better = ~(IV){0};
            best = NAME(select)(better, value, best);
            at = (better & (number - (IV){0})) | (~better & at);
        }
    }
    *place = at;
    return best;
}

/* Channels k..k+n of one window. */
INLINE void NAME(max_channels)(T *y, unsigned char *where, const T *x,
                               struct NAME(view) s, bool masked, size_t n) {
    IV place;
    V best = NAME(window_max)(x, s, n, &place);
    NAME(store_n)(y, best, n);
    if (masked)
        place |= (best <= 0) & (NN_MAXPOOL_NONE - (IV){0});
    NAME(store_bytes)(where, place, n);
}

INLINE void NAME(max_window)(T *y, unsigned char *where, const T *x, struct NAME(view) s,
                             bool masked) {
    size_t k = 0;
    for (; k + LANES <= s.c; k += LANES)
        NAME(max_channels)(y + k, where + k, x + k, s, masked, LANES);
    if (k < s.c)
        NAME(max_channels)(y + k, where + k, x + k, s, masked, s.c - k);
}

static void NAME(maxpool)(void *to, unsigned char *where, const void *from,
                          const struct nn_window *w) {
    T *y = to;
    const T *x = from;
    size_t at;
    bool two = NAME(two_by_two)(w);
    for (size_t j = 0; two && j < w->ow; j++, y += w->c, where += w->c) {
        struct NAME(view) s = NAME(look_two)(w, j, &at);
        s.skip = 0;
        NAME(max_window)(y, where, x + at * w->c, s, w->masked);
    }
    for (size_t j = 0; !two && j < w->ow; j++, y += w->c, where += w->c) {
        struct NAME(view) s = NAME(look)(w, j, &at);
        NAME(max_window)(y, where, x + at * w->c, s, w->masked);
    }
}

/* dx of the view at x gets dy where the largest value was. */
INLINE void NAME(spread_channels)(T *x, struct NAME(view) s, bool whole, V dy, IV place,
                                  size_t n) {
    I number = s.first;
    for (size_t u = 0; u < s.rows; u++, number += s.skip) {
        for (size_t v = 0; v < s.cols; v++, number++) {
            T *p = x + u * s.row + v * s.c;
            V part = NAME(select)(place == number, dy, (V){0});
            NAME(store_n)(p, whole ? part : NAME(load_n)(p, n) + part, n);
        }
    }
}

INLINE void NAME(spread_window)(T *x, const T *dy, const unsigned char *where,
                                struct NAME(view) s, bool whole) {
    size_t k = 0;
    for (; k + LANES <= s.c; k += LANES)
        NAME(spread_channels)
    (x + k, s, whole, NAME(load)(dy + k), NAME(load_bytes)(where + k, LANES), LANES);
    size_t n = s.c - k;
    if (n > 0)
        NAME(spread_channels)
    (x + k, s, whole, NAME(load_part)(dy + k, n), NAME(load_bytes)(where + k, n), n);
}

static void NAME(maxpool_backward)(void *to, const void *from, const unsigned char *where,
                                   const struct nn_window *w) {
    const T *dy = from;
    T *x = to;
    size_t at;
    bool two = w->whole && NAME(two_by_two)(w);
    for (size_t j = 0; two && j < w->ow; j++, dy += w->c, where += w->c) {
        struct NAME(view) s = NAME(look_two)(w, j, &at);
        NAME(spread_window)(x + at * w->c, dy, where, s, true);
    }
    for (size_t j = 0; !two && j < w->ow; j++, dy += w->c, where += w->c) {
        struct NAME(view) s = NAME(look)(w, j, &at);
        NAME(spread_window)(x + at * w->c, dy, where, s, w->whole);
    }
}

/* ---- the mean */

INLINE V NAME(window_sum)(const T *x, struct NAME(view) s, size_t n) {
    V sum = {0};
    for (size_t u = 0; u < s.rows; u++)
        for (size_t v = 0; v < s.cols; v++)
            sum += NAME(load_n)(x + u * s.row + v * s.c, n);
    return sum;
}

static void NAME(avgpool)(void *to, const void *from, const struct nn_window *w) {
    T *y = to;
    for (size_t j = 0; j < w->ow; j++, y += w->c) {
        size_t k = 0, at;
        struct NAME(view) s = NAME(look)(w, j, &at);
        const T *x = (const T *)from + at * w->c;
        T share = 1 / (T)(s.rows * s.cols);
        for (; k + LANES <= w->c; k += LANES)
            NAME(store)(y + k, NAME(window_sum)(x + k, s, LANES) * share);
        if (k < w->c)
            NAME(store_part)
        (y + k, NAME(window_sum)(x + k, s, w->c - k) * share, w->c - k);
    }
}

INLINE void NAME(share_channels)(T *x, struct NAME(view) s, bool whole, V part,
                                 size_t n) {
    for (size_t u = 0; u < s.rows; u++) {
        for (size_t v = 0; v < s.cols; v++) {
            T *p = x + u * s.row + v * s.c;
            NAME(store_n)(p, whole ? part : NAME(load_n)(p, n) + part, n);
        }
    }
}

static void NAME(avgpool_backward)(void *to, const void *from,
                                   const struct nn_window *w) {
    const T *dy = from;
    for (size_t j = 0; j < w->ow; j++, dy += w->c) {
        size_t k = 0, at;
        struct NAME(view) s = NAME(look)(w, j, &at);
        T *x = (T *)to + at * w->c, share = 1 / (T)(s.rows * s.cols);
        for (; k + LANES <= w->c; k += LANES)
            NAME(share_channels)
        (x + k, s, w->whole, NAME(load)(dy + k) * share, LANES);
        size_t n = w->c - k;
        if (n > 0)
            NAME(share_channels)
        (x + k, s, w->whole, NAME(load_part)(dy + k, n) * share, n);
    }
}
