/* vec_sum.inc.h: sums, extremes and softmax of one run of elements, after
 * vec_map.inc.h. Four vectors are summed side by side and then folded, always in this
 * order. */

INLINE V NAME(load_or)(const T *x, size_t i, size_t n, V other) {
    V v = NAME(load_part)(x + i, n - i);
    T lane[LANES];
    for (int j = 0; j < LANES; j++)
        lane[j] = (T)j;
    return NAME(select)(NAME(load)(lane) < (T)(n - i), v, other);
}

INLINE double NAME(fold)(V v) {
    double sum = 0;
    for (int i = 0; i < LANES; i++)
        sum += (double)v[i];
    return sum;
}

/* Folds expr, of the vectors a at i, into four accumulators by `join`. */
#define FOLD(start, join, term, last_term)                                               \
    V s0 = start, s1 = start, s2 = start, s3 = start;                                    \
    size_t i = 0;                                                                        \
    for (; i + 4 * LANES <= n; i += 4 * LANES) {                                         \
        s0 = join(s0, term(i));                                                          \
        s1 = join(s1, term(i + LANES));                                                  \
        s2 = join(s2, term(i + 2 * LANES));                                              \
        s3 = join(s3, term(i + 3 * LANES));                                              \
    }                                                                                    \
    for (; i + LANES <= n; i += LANES)                                                   \
        s0 = join(s0, term(i));                                                          \
    if (i < n)                                                                           \
        s1 = join(s1, last_term(i));                                                     \
    s0 = join(join(s0, s1), join(s2, s3));

#define PLUS(a, b)   ((a) + (b))
#define AT(i)        NAME(load)(x + (i))
#define LAST(i)      NAME(load_part)(x + (i), n - (i))
#define DOT_AT(i)    (NAME(load)(x + (i)) * NAME(load)(y + (i)))
#define DOT_LAST(i)  (LAST(i) * NAME(load_part)(y + (i), n - (i)))
#define LAST_OR_X(i) NAME(load_or)(x, i, n, NAME(spread)(x[0]))

static double NAME(sum)(const void *from, size_t n) {
    const T *x = from;
    FOLD((V){0}, PLUS, AT, LAST)
    return NAME(fold)(s0);
}

static double NAME(dot)(const void *from_x, const void *from_y, size_t n) {
    const T *x = from_x, *y = from_y;
    FOLD((V){0}, PLUS, DOT_AT, DOT_LAST)
    return NAME(fold)(s0);
}

INLINE T NAME(max_of)(const T *x, size_t n) {
    FOLD(NAME(spread)(x[0]), NAME(larger), AT, LAST_OR_X)
    return NAME(largest)(s0)[0];
}

static double NAME(max)(const void *x, size_t n) {
    return (double)NAME(max_of)(x, n);
}

static double NAME(min)(const void *from, size_t n) {
    const T *x = from;
    FOLD(NAME(spread)(x[0]), NAME(smaller), AT, LAST_OR_X)
    T least = s0[0];
    for (int j = 1; j < LANES; j++)
        least = s0[j] < least || s0[j] != s0[j] ? s0[j] : least;
    return (double)least;
}

static size_t NAME(argmax)(const void *from, size_t n) {
    const T *x = from;
    size_t best = 0;
    for (size_t i = 1; i < n && x[best] == x[best]; i++)
        if (!(x[i] <= x[best]))
            best = i;
    return best;
}

/* x - x is 0 for every finite number and NaN otherwise. */
static bool NAME(all_finite)(const void *from, size_t n) {
    const T *x = from;
    IV bad = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        V v = AT(i);
        bad |= (v - v) != (T)0;
    }
    if (i < n) {
        V v = LAST(i);
        bad |= (v - v) != (T)0;
    }
    for (int j = 1; j < LANES; j++)
        bad[0] |= bad[j];
    return bad[0] == 0;
}

/* Rows one after the other into up to four vectors of columns at a time. */
static void NAME(sum_rows)(void *to, bool accumulate, const void *from, size_t rows,
                           size_t cols, size_t stride) {
    T *out = to;
    for (size_t j = 0; j < cols;) {
        const T *x = (const T *)from + j;
        size_t left = cols - j, n = MIN_OF(left, (size_t)LANES);
        V s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        if (left >= 4 * LANES) {
            for (size_t i = 0; i < rows; i++, x += stride) {
                s0 += AT(0);
                s1 += AT(LANES);
                s2 += AT(2 * LANES);
                s3 += AT(3 * LANES);
            }
            NAME(store)(out + j, accumulate ? NAME(load)(out + j) + s0 : s0);
            j += LANES;
            NAME(store)(out + j, accumulate ? NAME(load)(out + j) + s1 : s1);
            j += LANES;
            NAME(store)(out + j, accumulate ? NAME(load)(out + j) + s2 : s2);
            j += LANES;
            s0 = s3;
        } else if (left >= LANES) {
            for (size_t i = 0; i < rows; i++, x += stride)
                s0 += AT(0);
        } else {
            for (size_t i = 0; i < rows; i++, x += stride)
                s0 += NAME(load_part)(x, n);
        }
        if (n < LANES)
            NAME(store_part)
        (out + j, accumulate ? NAME(load_part)(out + j, n) + s0 : s0, n);
        else NAME(store)(out + j, accumulate ? NAME(load)(out + j) + s0 : s0);
        j += n;
    }
}

/* out = exp(x - most); returns the sum. */
INLINE T NAME(exp_from)(T *out, const T *x, T most, size_t n) {
    V sum = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        V p = NAME(exp)(AT(i) - most);
        sum += p;
        NAME(store)(out + i, p);
    }
    if (i < n) {
        V p = NAME(exp)(LAST(i) - most);
        NAME(store_part)(out + i, p, n - i);
        sum += NAME(load_or)(out, i, n, (V){0});
    }
    return NAME(total)(sum)[0];
}

static void NAME(softmax)(void *to, const void *x, size_t n) {
    T sum = NAME(exp_from)(to, x, NAME(max_of)(x, n), n);
    NAME(mul_as)(to, to, (double)((T)1 / sum), n);
}

INLINE T NAME(log_of)(T x) {
    return NAME(log)(NAME(spread)(x))[0];
}

static void NAME(log_softmax)(void *to, const void *from, size_t n) {
    const T *x = from;
    T most = NAME(max_of)(x, n);
    V sum = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        sum += NAME(exp)(AT(i) - most);
    if (i < n)
        sum +=
            NAME(exp)(NAME(load_or)(x, i, n, NAME(spread)(-(T)__builtin_inf())) - most);
    NAME(sub_as)(to, x, (double)most, n);
    NAME(sub_as)(to, to, (double)NAME(log_of)(NAME(total)(sum)[0]), n);
}

static void NAME(softmax_backward)(void *dx, const void *p, const void *dp, size_t n) {
    double mean = NAME(dot)(p, dp, n);
    T *out = dx;
    const T *x = p, *y = dp;
    V m = NAME(spread)((T)mean);
    MAP_2_LOOP(AT(i), NAME(load)(y + i), LAST(i), NAME(load_part)(y + i, n - i),
               a * (b - m))
}

static double NAME(xent)(void *probs, const void *from, size_t label, size_t n) {
    const T *x = from;
    T most = NAME(max_of)(x, n), at_label = x[label];
    T sum = NAME(exp_from)(probs, x, most, n);
    NAME(mul_as)(probs, probs, (double)((T)1 / sum), n);
    return (double)(NAME(log_of)(sum) - (at_label - most));
}
