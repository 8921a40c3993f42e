/* winograd.inc.h: the transforms of Winograd's convolution F(4 x 4, 3 x 3), vectorised over
 * channels; after simd.inc.h, float only. See winograd.h for the mathematics. Every
 * transform of a square is one of its columns, then one of its rows. */

#define P NN_WINOGRAD_P
#define Q NN_WINOGRAD_Q
#define A (P * P)
#define B (Q * Q)

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

/* ---- forward, and backward to the data */

#define LOAD_ROW(i)    d[i] = NAME(load_some)(s->row[i] + at, left, full);
#define STORE_ROW(i)   t[i][j] = r[i];
#define STORE_POINT(j) NAME(store)(v + j * step, r[j]);

/* Column j of the square of 6 x 6 inputs at the points, into column j of t. */
INLINE void NAME(input_column)(V t[6][6], const size_t j, const struct nn_square *s,
                               size_t ch, const size_t first, const size_t last,
                               const bool full) {
    size_t at = (j - first) * s->pixel + ch, left = s->channels - ch;
    V d[6], r[6] = {{0}};
    if (j >= first && j < last) {
        EACH(6, LOAD_ROW)
        NAME(to_points)(r, d);
    }
    EACH(6, STORE_ROW)
}

INLINE void NAME(input_points)(T *v, size_t step, const V t[6]) {
    V r[6];
    NAME(to_points)(r, t);
    EACH(6, STORE_POINT)
}

#define COLUMN(j) NAME(input_column)(t, j, s, ch, first, last, full);
#define ROW(i)    NAME(input_points)(v + i * 6 * step + ch, step, t[i]);

/* LANES channels of one square of 6 x 6 inputs. */
INLINE void NAME(input_vector)(T *v, size_t step, const struct nn_square *s, size_t ch,
                               const size_t first, const size_t last, const bool full) {
    V t[6][6];
    EACH(6, COLUMN)
    EACH(6, ROW)
}

static void NAME(input)(float *v, size_t step, const struct nn_square *s) {
    size_t whole = s->channels / LANES * LANES, ch = 0;
    if (s->first == 0 && s->last == 6)
        for (; ch < whole; ch += LANES)
            NAME(input_vector)(v, step, s, ch, 0, 6, true);
    for (; ch < whole; ch += LANES)
        NAME(input_vector)(v, step, s, ch, s->first, s->last, true);
    if (ch < s->channels)
        NAME(input_vector)(v, step, s, ch, s->first, s->last, false);
}
#undef LOAD_ROW
#undef STORE_ROW
#undef COLUMN
#undef STORE_POINT
#undef ROW

#define LOAD_POINT(i)   r[i] = NAME(load)(m + (i * 6 + j) * step);
#define STORE_OUTPUT(i) t[i][j] = y[i];

INLINE void NAME(output_column)(V t[4][6], const size_t j, const T *m, size_t step) {
    V r[6], y[4];
    EACH(6, LOAD_POINT)
    NAME(to_outputs)(y, r);
    EACH(4, STORE_OUTPUT)
}

#define COLUMN(j) NAME(output_column)(t, j, m + ch, step);

/* What becomes of one vector of outputs: bias, ReLU, mask, store. */
INLINE void NAME(put)(const struct nn_outputs *o, size_t at, V bias, V y, size_t left,
                      const bool full) {
    y += bias;
    if (o->relu)
        y = NAME(select)(y < 0, (V){0}, y);
    if (o->mask)
        y = NAME(select)(NAME(load_some)(o->mask + at, left, full) > 0, y, (V){0});
    if (full)
        NAME(store)(o->y + at, y);
    else
        NAME(store_part)(o->y + at, y, left);
}

#define PUT(j)                                                                           \
    if (j < o->columns)                                                                  \
        NAME(put)(o, i * o->row + j * o->pixel + ch, bias, y[j], left, full);

INLINE void NAME(output_vector)(const struct nn_outputs *o, const T *m, size_t step,
                                size_t ch, const bool full) {
    size_t left = o->channels - ch;
    V t[4][6], bias = {0};
    if (o->bias)
        bias = NAME(load_some)(o->bias + ch, left, full);
    EACH(6, COLUMN)
    for (size_t i = 0; i < o->rows; i++) {
        V y[4];
        NAME(to_outputs)(y, t[i]);
        EACH(4, PUT)
    }
}

static void NAME(output)(const struct nn_outputs *o, const float *m, size_t step) {
    size_t ch = 0;
    for (; ch + LANES <= o->channels; ch += LANES)
        NAME(output_vector)(o, m, step, ch, true);
    if (ch < o->channels)
        NAME(output_vector)(o, m, step, ch, false);
}
#undef LOAD_POINT
#undef STORE_OUTPUT
#undef COLUMN
#undef PUT

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
                NAME(store)(u + (i * 6 + j) * step + o, r[j]);
        }
    }
}

/* ---- gradient of the kernel: one row of points at a time */

/* Row i of the transform of a column, which is a sum of at most four of its inputs. */
static const unsigned char NAME(used)[6][4] = {{0, 2, 4, 4}, {1, 2, 3, 4}, {1, 2, 3, 4},
                                               {1, 2, 3, 4}, {1, 2, 3, 4}, {1, 3, 5, 5}};
static const T NAME(weights)[6][4] = {
    {(T)(A * B), (T) - (A + B), 1, 0}, {(T)(-P * B), (T)-B, (T)P, 1},
    {(T)(P * B), (T)-B, (T)-P, 1},     {(T)(-Q * A), (T)-A, (T)Q, 1},
    {(T)(Q * A), (T)-A, (T)-Q, 1},     {(T)(A * B), (T) - (A + B), 1, 0}};
static const T NAME(powers)[6][4] = {{1, 0, 0, 0},
                                     {1, (T)P, (T)A, (T)(A *P)},
                                     {1, (T)-P, (T)A, (T)(-A *P)},
                                     {1, (T)Q, (T)B, (T)(B *Q)},
                                     {1, (T)-Q, (T)B, (T)(-B *Q)},
                                     {0, 0, 0, 1}};

#define LOAD(k) NAME(load_some)(s->row[used[k]] + at, left, full)
#define COLUMN(j)                                                                        \
    d[j] = (V){0};                                                                       \
    if (j >= first && j < last) {                                                        \
        size_t at = (j - first) * s->pixel + ch;                                         \
        d[j] = w0 * LOAD(0) + w1 * LOAD(1) + (w2 * LOAD(2) + w3 * LOAD(3));              \
    }
#define STORE_POINT(j) NAME(store)(v + j * step + ch, r[j]);

INLINE void NAME(input_row_vector)(T *v, size_t step, const struct nn_square *s, size_t i,
                                   size_t ch, const size_t first, const size_t last,
                                   const bool full) {
    const unsigned char *used = NAME(used)[i];
    const T *w = NAME(weights)[i];
    V w0 = NAME(spread)(w[0]), w1 = NAME(spread)(w[1]), w2 = NAME(spread)(w[2]),
      w3 = NAME(spread)(w[3]);
    size_t left = s->channels - ch;
    V d[6], r[6];
    EACH(6, COLUMN)
    NAME(to_points)(r, d);
    EACH(6, STORE_POINT)
}

static void NAME(input_row)(float *v, size_t step, const struct nn_square *s, size_t i) {
    size_t whole = s->channels / LANES * LANES, ch = 0;
    if (s->first == 0 && s->last == 6)
        for (; ch < whole; ch += LANES)
            NAME(input_row_vector)(v, step, s, i, ch, 0, 6, true);
    for (; ch < whole; ch += LANES)
        NAME(input_row_vector)(v, step, s, i, ch, s->first, s->last, true);
    if (ch < s->channels)
        NAME(input_row_vector)(v, step, s, i, ch, s->first, s->last, false);
}
#undef LOAD
#undef COLUMN

#define LOAD(k) NAME(load_some)(s->row[k] + at, left, full)
#define COLUMN(j)                                                                        \
    y[j] = (V){0};                                                                       \
    if (j < last) {                                                                      \
        size_t at = j * s->pixel + ch;                                                   \
        V y0 = LOAD(0), y1 = LOAD(1), y2 = LOAD(2), y3 = LOAD(3);                        \
        y[j] = w0 * y0 + w1 * y1 + (w2 * y2 + w3 * y3);                                  \
        if (bias)                                                                        \
            total += y0 + y1 + (y2 + y3);                                                \
    }

/* With bias, the gradients are also added to bias[...]. */
INLINE void NAME(gradient_row_vector)(T *v, size_t step, const struct nn_square *s,
                                      size_t i, T *bias, size_t ch, const size_t last,
                                      const bool full) {
    const T *w = NAME(powers)[i];
    V w0 = NAME(spread)(w[0]), w1 = NAME(spread)(w[1]), w2 = NAME(spread)(w[2]),
      w3 = NAME(spread)(w[3]);
    size_t left = s->channels - ch;
    V y[4], r[6], total = {0};
    EACH(4, COLUMN)
    NAME(from_outputs)(r, y);
    EACH(6, STORE_POINT)
    if (bias)
        NAME(store)(bias + ch, NAME(load)(bias + ch) + total);
}

static void NAME(gradient_row)(float *v, size_t step, const struct nn_square *s, size_t i,
                               float *bias) {
    size_t whole = s->channels / LANES * LANES, ch = 0;
    if (s->last == 4 && !bias)
        for (; ch < whole; ch += LANES)
            NAME(gradient_row_vector)(v, step, s, i, NULL, ch, 4, true);
    for (; ch < whole; ch += LANES)
        NAME(gradient_row_vector)(v, step, s, i, bias, ch, s->last, true);
    if (ch < s->channels)
        NAME(gradient_row_vector)(v, step, s, i, bias, ch, s->last, false);
}
#undef LOAD
#undef COLUMN
#undef STORE_POINT

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
                r[i] = NAME(sum_groups)(m + (i * 6 + j) * step + o, group, groups);
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
        .input_row = NAME(input_row), .gradient_row = NAME(gradient_row),                \
        .tap_gradients = NAME(tap_gradients)                                             \
    }
