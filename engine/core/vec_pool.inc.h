/* vec_pool.inc.h: one output row of max pooling, after vec_step.inc.h: channels side by side
 * in a vector, the places of the window one after the other. */

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

/* The largest of the window at x, and its place; n < LANES: only so many channels. */
INLINE V NAME(window_max)(const T *x, const struct nn_window *w, size_t n, IV *place) {
    V best = {0};
    IV at = {0};
    I number = 0;
    for (size_t u = 0; u < w->kh; u++) {
        for (size_t v = 0; v < w->kw; v++, number++) {
            const T *p = x + u * w->row + v * w->c;
            V value = n < LANES ? NAME(load_part)(p, n) : NAME(load)(p);
            IV better = ((value > best) | (value != value)) & (best == best);
            if (number == 0)
                better = ~(IV){0};
            best = NAME(select)(better, value, best);
            at = (better & (number - (IV){0})) | (~better & at);
        }
    }
    *place = at;
    return best;
}

static void NAME(maxpool)(void *to, unsigned char *where, const void *from,
                          const struct nn_window *w) {
    T *y = to;
    for (size_t j = 0; j < w->ow; j++, y += w->c, where += w->c) {
        const T *x = (const T *)from + j * w->stride * w->c;
        IV place;
        size_t k = 0;
        for (; k + LANES <= w->c; k += LANES) {
            NAME(store)(y + k, NAME(window_max)(x + k, w, LANES, &place));
            NAME(store_bytes)(where + k, place, LANES);
        }
        if (k < w->c) {
            NAME(store_part)
            (y + k, NAME(window_max)(x + k, w, w->c - k, &place), w->c - k);
            NAME(store_bytes)(where + k, place, w->c - k);
        }
    }
}

/* dx of the window at x gets dy where the largest value was. */
INLINE void NAME(window_spread)(T *x, const struct nn_window *w, size_t n, V dy,
                                IV place) {
    I number = 0;
    for (size_t u = 0; u < w->kh; u++) {
        for (size_t v = 0; v < w->kw; v++, number++) {
            T *p = x + u * w->row + v * w->c;
            V part = NAME(select)(place == number, dy, (V){0});
            if (n < LANES)
                NAME(store_part)(p, NAME(load_part)(p, n) + part, n);
            else
                NAME(store)(p, NAME(load)(p) + part);
        }
    }
}

static void NAME(maxpool_backward)(void *to, const void *from, const unsigned char *where,
                                   const struct nn_window *w) {
    const T *dy = from;
    for (size_t j = 0; j < w->ow; j++, dy += w->c, where += w->c) {
        T *x = (T *)to + j * w->stride * w->c;
        size_t k = 0;
        for (; k + LANES <= w->c; k += LANES)
            NAME(window_spread)
        (x + k, w, LANES, NAME(load)(dy + k), NAME(load_bytes)(where + k, LANES));
        if (k < w->c)
            NAME(window_spread)
        (x + k, w, w->c - k, NAME(load_part)(dy + k, w->c - k),
         NAME(load_bytes)(where + k, w->c - k));
    }
}
