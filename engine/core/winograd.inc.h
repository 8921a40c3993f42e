/* winograd.inc.h: the transforms of Winograd's convolution F(4 x 4, 3 x 3), vectorised over
 * channels; after simd.inc.h, float only. See winograd.h for the mathematics. Every
 * transform of a square is one of its columns, then one of its rows. */

#define P NN_WINOGRAD_P
#define Q NN_WINOGRAD_Q
#define A (P * P)
#define B (Q * Q)

#define NOINLINE __attribute__((noinline))

/* r = B' d: six inputs to their values at the six points. */
INLINE void NAME(to_points)(V r[6], const V d[6]) {
    V even = d[4] - (T)B * d[2], odd = d[3] - (T)B * d[1];
    r[1] = even + (T)P * odd;
    r[2] = even - (T)P * odd;
    even = d[4] - (T)A * d[2];
    odd = d[3] - (T)A * d[1];
    r[3] = even + (T)Q * odd;
    r[4] = even - (T)Q * odd;
    r[0] = d[4] - (T)(A + B) * d[2] + (T)(A * B) * d[0];
    r[5] = d[5] - (T)(A + B) * d[3] + (T)(A * B) * d[1];
}

/* y = A' m: products at the six points to four outputs. */
INLINE void NAME(to_outputs)(V y[4], const V m[6]) {
    V s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
    y[0] = m[0] + s1 + s2;
    y[1] = (T)P * d1 + (T)Q * d2;
    y[2] = (T)A * s1 + (T)B * s2;
    y[3] = m[5] + (T)(A * P) * d1 + (T)(B * Q) * d2;
}

/* r = A y: four gradients of outputs to the six points. */
INLINE void NAME(from_outputs)(V r[6], const V y[4]) {
    V even = y[0] + (T)A * y[2], odd = y[1] + (T)A * y[3];
    r[1] = even + (T)P * odd;
    r[2] = even - (T)P * odd;
    even = y[0] + (T)B * y[2];
    odd = y[1] + (T)B * y[3];
    r[3] = even + (T)Q * odd;
    r[4] = even - (T)Q * odd;
    r[0] = y[0];
    r[5] = y[3];
}

/* r = G g: three taps to the six points. */
INLINE void NAME(from_taps)(V r[6], const V g[3]) {
    V even = (g[0] + (T)A * g[2]) * (T)NN_WINOGRAD_F1,
      odd = (T)(P * NN_WINOGRAD_F1) * g[1];
    r[1] = even + odd;
    r[2] = even - odd;
    even = (g[0] + (T)B * g[2]) * (T)NN_WINOGRAD_F2;
    odd = (T)(Q * NN_WINOGRAD_F2) * g[1];
    r[3] = even + odd;
    r[4] = even - odd;
    r[0] = g[0] * (T)NN_WINOGRAD_F0;
    r[5] = g[2];
}

/* w = G' m: sums at the six points to the gradients of three taps. */
INLINE void NAME(to_taps)(V w[3], const V m[6]) {
    V s1 = (m[1] + m[2]) * (T)NN_WINOGRAD_F1, d1 = (m[1] - m[2]) * (T)NN_WINOGRAD_F1;
    V s2 = (m[3] + m[4]) * (T)NN_WINOGRAD_F2, d2 = (m[3] - m[4]) * (T)NN_WINOGRAD_F2;
    w[0] = (T)NN_WINOGRAD_F0 * m[0] + s1 + s2;
    w[1] = (T)P * d1 + (T)Q * d2;
    w[2] = m[5] + (T)A * s1 + (T)B * s2;
}

/* The first left elements of a vector; all of them when full. */
INLINE V NAME(load_some)(const T *p, size_t left, const bool full) {
    return full ? NAME(load)(p) : NAME(load_part)(p, left);
}

/* ---- inputs
 *
 * A pair of rows of points comes from a pass over the six columns: what the two have in
 * common is computed once, and all stays in registers, which a whole square would not. */

#define LOAD(i) NAME(load_some)(s->row[i] + at, left, full)

/* One column of inputs at the two points of a pair. */
INLINE void NAME(input_column)(V *a, V *b, const struct nn_square *s, size_t at,
                               size_t left, const bool full, const int pair) {
    const T near = (T)(pair == 1 ? B : A), point = (T)(pair == 1 ? P : Q);
    if (pair == 0) {
        *a = LOAD(4) - (T)(A + B) * LOAD(2) + (T)(A * B) * LOAD(0);
        *b = LOAD(5) - (T)(A + B) * LOAD(3) + (T)(A * B) * LOAD(1);
    } else {
        V even = LOAD(4) - near * LOAD(2), odd = LOAD(3) - near * LOAD(1);
        *a = even + point * odd;
        *b = even - point * odd;
    }
}

#define COLUMN(j)                                                                        \
    a[j] = b[j] = (V){0};                                                                \
    if (whole || (j >= first && j < last))                                               \
        NAME(input_column)                                                               \
    (&a[j], &b[j], s, ch + (j - first) * s->pixel, left, whole || left >= LANES, pair);
#define STORE_POINT(j) NAME(store)(v + j * step, r[j]);

INLINE void NAME(store_points)(T *v, size_t step, const V r[6]){EACH(6, STORE_POINT)}

/* LANES channels; whole: all of them, and no border. */
INLINE void NAME(input_vector)(T *v, size_t step, const struct nn_square *s, size_t ch,
                               const int pair, const bool whole) {
    size_t first = whole ? 0 : s->first, last = s->last;
    size_t left = whole ? LANES : s->channels - ch;
    V a[6], b[6], r[6];
    EACH(6, COLUMN)
    NAME(to_points)(r, a);
    NAME(store_points)(v, step, r);
    NAME(to_points)(r, b);
    NAME(store_points)(v + 6 * step, step, r);
}
#undef LOAD
#undef COLUMN

/* Functions of their own: in a loop the compiler would keep all addresses at hand, which
 * are more than it has registers for. */
#define INPUT(pair, whole)                                                               \
    NOINLINE static void NAME(input_##pair##_##whole)(                                   \
        T * v, size_t step, const struct nn_square *s, size_t ch) {                      \
        NAME(input_vector)(v, step, s, ch, pair, whole);                                 \
    }
INPUT(0, 0)
INPUT(0, 1)
INPUT(1, 0)
INPUT(1, 1)
INPUT(2, 0)
INPUT(2, 1)
#undef INPUT

static void NAME(input)(float *v, size_t step, const struct nn_square *s, int pair) {
    static void (*const vector[3][2])(T *, size_t, const struct nn_square *,
                                      size_t) = {{NAME(input_0_0), NAME(input_0_1)},
                                                 {NAME(input_1_0), NAME(input_1_1)},
                                                 {NAME(input_2_0), NAME(input_2_1)}};
    bool inside = s->first == 0 && s->last == 6;
    for (size_t ch = 0; ch < s->channels; ch += LANES)
        vector[pair][inside && ch + LANES <= s->channels](v + ch, step, s, ch);
}

/* ---- outputs */

#define LOAD_POINT(j) r[j] = NAME(load)(m + j * step);

/* One row of points to the four columns of outputs. */
INLINE void NAME(output_row)(V z[4], const T *m, size_t step) {
    V r[6];
    EACH(6, LOAD_POINT)
    NAME(to_outputs)(z, r);
}

#define FIRST_PAIR(j) y[0][j] = z[j], y[3][j] = w[j];
#define SECOND_PAIR(j)                                                                   \
    {                                                                                    \
        V sum = z[j] + w[j], difference = z[j] - w[j];                                   \
        y[0][j] += sum;                                                                  \
        y[1][j] = (T)P * difference;                                                     \
        y[2][j] = (T)A * sum;                                                            \
        y[3][j] += (T)(A * P) * difference;                                              \
    }
#define THIRD_PAIR(j)                                                                    \
    {                                                                                    \
        V sum = z[j] + w[j], difference = z[j] - w[j];                                   \
        y[0][j] += sum;                                                                  \
        y[1][j] += (T)Q * difference;                                                    \
        y[2][j] += (T)B * sum;                                                           \
        y[3][j] += (T)(B * Q) * difference;                                              \
    }

INLINE void NAME(output_square)(V y[4][4], const T *m, size_t step) {
    V z[4], w[4];
    NAME(output_row)(z, m, step);
    NAME(output_row)(w, m + 6 * step, step);
    EACH(4, FIRST_PAIR)
    NAME(output_row)(z, m + 12 * step, step);
    NAME(output_row)(w, m + 18 * step, step);
    EACH(4, SECOND_PAIR)
    NAME(output_row)(z, m + 24 * step, step);
    NAME(output_row)(w, m + 30 * step, step);
    EACH(4, THIRD_PAIR)
}
#undef LOAD_POINT
#undef FIRST_PAIR
#undef SECOND_PAIR
#undef THIRD_PAIR

/* What becomes of one vector of outputs: bias, ReLU, mask, store. */
INLINE void NAME(put)(T *to, const T *mask, V y, const bool relu, size_t left) {
    bool full = left >= LANES;
    if (relu)
        y = NAME(select)(y < 0, (V){0}, y);
    if (mask)
        y = NAME(select)(NAME(load_some)(mask, left, full) > 0, y, (V){0});
    if (full)
        NAME(store)(to, y);
    else
        NAME(store_part)(to, y, left);
}

#define PUT(j)                                                                           \
    if (j < columns)                                                                     \
        NAME(put)                                                                        \
    (to + j * o->pixel, mask ? mask + j * o->pixel : NULL, y[j] + bias, relu, left);

INLINE void NAME(put_row)(const struct nn_outputs *o, size_t at, const V y[4], V bias,
                          size_t left) {
    size_t columns = o->columns;
    bool relu = o->relu;
    T *to = o->y + at;
    const T *mask = o->mask ? o->mask + at : NULL;
    EACH(4, PUT)
}
#undef PUT

#define PUT_ROW(i)                                                                       \
    if (i < o->rows)                                                                     \
        NAME(put_row)(o, i * o->row + ch, y[i], bias, left);

NOINLINE static void NAME(output_vector)(const struct nn_outputs *o, const T *m,
                                         size_t step, size_t ch) {
    size_t left = o->channels - ch;
    V y[4][4], bias = {0};
    if (o->bias)
        bias = NAME(load_some)(o->bias + ch, left, left >= LANES);
    NAME(output_square)(y, m + ch, step);
    EACH(4, PUT_ROW)
}
#undef PUT_ROW

static void NAME(output)(const struct nn_outputs *o, const float *m, size_t step) {
    for (size_t ch = 0; ch < o->channels; ch += LANES)
        NAME(output_vector)(o, m, step, ch);
}

/* ---- the kernel */

/* The place of row i of the points: pairs lie together. */
static const unsigned char NAME(slot)[6] = {0, 2, 3, 4, 5, 1};

/* One input channel's taps for up to width outputs; taps and points lie tap and step
 * elements apart. */
static void NAME(taps)(float *u, size_t step, size_t width, const float *g, size_t tap,
                       size_t outputs) {
    for (size_t o = 0; o < width; o += LANES) {
        size_t left = outputs > o ? MIN_OF(outputs - o, (size_t)LANES) : 0;
        V t[6][3];
        for (size_t j = 0; j < 3; j++) {
            V d[3], r[6];
            for (size_t i = 0; i < 3; i++)
                d[i] = NAME(load_some)(g + (i * 3 + j) * tap + o, left, left == LANES);
            NAME(from_taps)(r, d);
            for (size_t i = 0; i < 6; i++)
                t[i][j] = r[i];
        }
        for (size_t i = 0; i < 6; i++) {
            V r[6];
            NAME(from_taps)(r, t[i]);
            for (size_t j = 0; j < 6; j++)
                NAME(store)(u + (NAME(slot)[i] * 6u + j) * step + o, r[j]);
        }
    }
}

/* ---- gradient of the kernel */

#define LOAD(i) NAME(load_some)(s->row[i] + at, left, full)

/* One column of gradients at the two points of a pair; total += their sum (pair 1). */
INLINE void NAME(gradient_column)(V *a, V *b, V *total, const struct nn_square *s,
                                  size_t at, size_t left, const bool full,
                                  const int pair) {
    const T square = (T)(pair == 1 ? A : B), point = (T)(pair == 1 ? P : Q);
    if (pair == 0) {
        *a = LOAD(0);
        *b = LOAD(3);
    } else {
        V y0 = LOAD(0), y1 = LOAD(1), y2 = LOAD(2), y3 = LOAD(3);
        V even = y0 + square * y2, odd = y1 + square * y3;
        *a = even + point * odd;
        *b = even - point * odd;
        if (pair == 1)
            *total += y0 + y1 + (y2 + y3);
    }
}

#define COLUMN(j)                                                                        \
    a[j] = b[j] = (V){0};                                                                \
    if (whole || j < last)                                                               \
        NAME(gradient_column)                                                            \
    (&a[j], &b[j], &total, s, ch + j * s->pixel, left, whole || left >= LANES, pair);

INLINE void NAME(gradient_vector)(T *v, size_t step, const struct nn_square *s, T *bias,
                                  size_t ch, const int pair, const bool whole) {
    size_t last = s->last, left = whole ? LANES : s->channels - ch;
    V a[4], b[4], r[6], total = {0};
    EACH(4, COLUMN)
    NAME(from_outputs)(r, a);
    NAME(store_points)(v, step, r);
    NAME(from_outputs)(r, b);
    NAME(store_points)(v + 6 * step, step, r);
    if (pair == 1 && bias)
        NAME(store)(bias, NAME(load)(bias) + total);
}
#undef LOAD
#undef COLUMN

#define GRADIENT(pair, whole)                                                            \
    NOINLINE static void NAME(gradient_##pair##_##whole)(                                \
        T * v, size_t step, const struct nn_square *s, T *bias, size_t ch) {             \
        NAME(gradient_vector)(v, step, s, bias, ch, pair, whole);                        \
    }
GRADIENT(0, 0)
GRADIENT(0, 1)
GRADIENT(1, 0)
GRADIENT(1, 1)
GRADIENT(2, 0)
GRADIENT(2, 1)
#undef GRADIENT

static void NAME(gradient)(float *v, size_t step, const struct nn_square *s, int pair,
                           float *bias) {
    static void (*const vector[3][2])(T *, size_t, const struct nn_square *, T *,
                                      size_t) = {
        {NAME(gradient_0_0), NAME(gradient_0_1)},
        {NAME(gradient_1_0), NAME(gradient_1_1)},
        {NAME(gradient_2_0), NAME(gradient_2_1)}};
    for (size_t ch = 0; ch < s->channels; ch += LANES)
        vector[pair][s->last == 4 && ch + LANES <= s->channels](
            v + ch, step, s, bias ? bias + ch : NULL, ch);
}

/* The sum over groups of point xi, for outputs o...: groups lie group elements apart. */
INLINE V NAME(sum_groups)(const T *m, size_t group, size_t groups) {
    V sum = NAME(load)(m);
    for (size_t g = 1; g < groups; g++)
        sum += NAME(load)(m + g * group);
    return sum;
}

/* One input channel's gradients of its taps, = or +=, from the sums of the groups. */
static void NAME(tap_gradients)(float *dk, size_t tap, size_t outputs, bool accumulate,
                                const float *m, size_t step, size_t group,
                                size_t groups) {
    for (size_t o = 0; o < outputs; o += LANES) {
        size_t left = MIN_OF(outputs - o, (size_t)LANES);
        V t[3][6];
        for (size_t j = 0; j < 6; j++) {
            V r[6], w[3];
            for (size_t i = 0; i < 6; i++)
                r[i] = NAME(sum_groups)(m + (NAME(slot)[i] * 6u + j) * step + o, group,
                                        groups);
            NAME(to_taps)(w, r);
            for (size_t i = 0; i < 3; i++)
                t[i][j] = w[i];
        }
        for (size_t i = 0; i < 3; i++) {
            V w[3];
            NAME(to_taps)(w, t[i]);
            for (size_t j = 0; j < 3; j++) {
                T *to = dk + (i * 3 + j) * tap + o;
                if (accumulate)
                    w[j] += NAME(load_some)(to, left, left == LANES);
                if (left == LANES)
                    NAME(store)(to, w[j]);
                else
                    NAME(store_part)(to, w[j], left);
            }
        }
    }
}

#define WINOGRAD_TABLE                                                                   \
    {                                                                                    \
        .input = NAME(input), .output = NAME(output), .taps = NAME(taps),                \
        .gradient = NAME(gradient), .tap_gradients = NAME(tap_gradients)                 \
    }
