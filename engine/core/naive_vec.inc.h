/* naive_vec.inc.h: what the loops over arrays mean, in plain C for the element type T. Each
 * value is computed in double and rounded once, so that the error found by comparison is
 * the kernels' own. */

static double NAME(unary)(enum nn_unary op, double x) {
    switch (op) {
    case NN_NEG:
        return -x;
    case NN_ABS:
        return fabs(x);
    case NN_SQUARE:
        return x * x;
    case NN_SQRT:
        return sqrt(x);
    case NN_RECIPROCAL:
        return 1 / x;
    case NN_EXP:
        return exp(x);
    case NN_LOG:
        return log(x);
    case NN_RELU:
        return x < 0 ? 0 : x;
    case NN_SIGMOID:
        return 1 / (1 + exp(-x));
    case NN_TANH:
        return tanh(x);
    case NN_GELU:
        return x < -40 ? 0 : 0.5 * x * erfc(-x * M_SQRT1_2);
    case NN_SILU:
        return x / (1 + exp(-x));
    case NN_SOFTPLUS:
        return (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
    default:
        return x;
    }
}

static double NAME(gelu_slope)(double x) {
    return 0.5 * erfc(-x * M_SQRT1_2) + x * exp(-0.5 * x * x) / sqrt(2 * M_PI);
}

static double NAME(binary)(enum nn_binary op, double a, double b) {
    switch (op) {
    case NN_ADD:
        return a + b;
    case NN_SUB:
        return a - b;
    case NN_MUL:
        return a * b;
    case NN_DIV:
        return a / b;
    case NN_MAX:
        return a > b || isnan(a) ? a : b;
    case NN_MIN:
        return a < b || isnan(a) ? a : b;
    case NN_POW:
        return pow(a, b);
    case NN_RELU_BACKWARD:
        return a > 0 ? b : 0;
    case NN_SIGMOID_BACKWARD:
        return b * a * (1 - a);
    case NN_TANH_BACKWARD:
        return b * (1 - a * a);
    case NN_LEAKY_RELU:
        return a > 0 ? a : a * b;
    case NN_ELU:
        return a > 0 ? a : b * expm1(a);
    case NN_GELU_BACKWARD:
        return b * NAME(gelu_slope)(a);
    case NN_SILU_BACKWARD:
        return b * (1 + a * (1 - 1 / (1 + exp(-a)))) / (1 + exp(-a));
    case NN_SOFTPLUS_BACKWARD:
        return b / (1 + exp(-a));
    default:
        return 0;
    }
}

#define UNARY(op)                                                                        \
    static void NAME(u_##op)(void *to, const void *from, size_t n) {                     \
        T *out = to;                                                                     \
        const T *x = from;                                                               \
        for (size_t i = 0; i < n; i++)                                                   \
            out[i] = (T)NAME(unary)(op, (double)x[i]);                                   \
    }
#define BINARY_ALL(op)                                                                   \
    static void NAME(b_##op)(void *to, const void *from_a, const void *from_b,           \
                             size_t n) {                                                 \
        T *out = to;                                                                     \
        const T *a = from_a, *b = from_b;                                                \
        for (size_t i = 0; i < n; i++)                                                   \
            out[i] = (T)NAME(binary)(op, (double)a[i], (double)b[i]);                    \
    }                                                                                    \
    static void NAME(as_##op)(void *to, const void *from_a, double s, size_t n) {        \
        T *out = to;                                                                     \
        const T *a = from_a;                                                             \
        for (size_t i = 0; i < n; i++)                                                   \
            out[i] = (T)NAME(binary)(op, (double)a[i], (double)(T)s);                    \
    }                                                                                    \
    static void NAME(sb_##op)(void *to, double s, const void *from_b, size_t n) {        \
        T *out = to;                                                                     \
        const T *b = from_b;                                                             \
        for (size_t i = 0; i < n; i++)                                                   \
            out[i] = (T)NAME(binary)(op, (double)(T)s, (double)b[i]);                    \
    }
#define EACH_UNARY(f)                                                                    \
    f(NN_COPY) f(NN_NEG) f(NN_ABS) f(NN_SQUARE) f(NN_SQRT) f(NN_RECIPROCAL) f(NN_EXP)    \
        f(NN_LOG) f(NN_RELU) f(NN_SIGMOID) f(NN_TANH) f(NN_GELU) f(NN_SILU)              \
            f(NN_SOFTPLUS)
#define EACH_BINARY(f)                                                                   \
    f(NN_ADD) f(NN_SUB) f(NN_MUL) f(NN_DIV) f(NN_MAX) f(NN_MIN) f(NN_POW)                \
        f(NN_RELU_BACKWARD) f(NN_SIGMOID_BACKWARD) f(NN_TANH_BACKWARD) f(NN_LEAKY_RELU)  \
            f(NN_ELU) f(NN_GELU_BACKWARD) f(NN_SILU_BACKWARD) f(NN_SOFTPLUS_BACKWARD)

EACH_UNARY(UNARY)
EACH_BINARY(BINARY_ALL)

static void NAME(fill)(void *to, double v, size_t n) {
    for (size_t i = 0; i < n; i++)
        ((T *)to)[i] = (T)v;
}

static void NAME(axpy)(void *to, double k, const void *from, size_t n) {
    T *y = to;
    const T *x = from;
    for (size_t i = 0; i < n; i++)
        y[i] = (T)((double)y[i] + (double)(T)k * (double)x[i]);
}

static void NAME(add_mul)(void *to, const void *from_a, const void *from_b, size_t n) {
    T *y = to;
    const T *a = from_a, *b = from_b;
    for (size_t i = 0; i < n; i++)
        y[i] = (T)((double)y[i] + (double)a[i] * (double)b[i]);
}

static void NAME(mask)(void *to, const void *from, const unsigned char *keep, double k,
                       size_t n) {
    for (size_t i = 0; i < n; i++)
        ((T *)to)[i] = keep[i] ? ((const T *)from)[i] * (T)k : (T)0;
}

static double NAME(dot)(const void *from_x, const void *from_y, size_t n) {
    const T *x = from_x, *y = from_y;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)y[i];
    return sum;
}

static double NAME(sum)(const void *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)((const T *)x)[i];
    return sum;
}

static double NAME(fold)(enum nn_binary op, const void *x, size_t n) {
    double best = (double)((const T *)x)[0];
    for (size_t i = 1; i < n; i++)
        best = NAME(binary)(op, best, (double)((const T *)x)[i]);
    return best;
}

static double NAME(max)(const void *x, size_t n) {
    return NAME(fold)(NN_MAX, x, n);
}

static double NAME(min)(const void *x, size_t n) {
    return NAME(fold)(NN_MIN, x, n);
}

static size_t NAME(argmax)(const void *from, size_t n) {
    const T *x = from;
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best] || (isnan(x[i]) && !isnan(x[best])))
            best = i;
    return best;
}

static bool NAME(all_finite)(const void *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(((const T *)x)[i]))
            return false;
    return true;
}

static void NAME(sum_rows)(void *to, bool accumulate, const void *x, size_t rows,
                           size_t cols, size_t stride) {
    T *out = to;
    for (size_t j = 0; j < cols; j++) {
        double sum = accumulate ? (double)out[j] : 0;
        for (size_t i = 0; i < rows; i++)
            sum += (double)((const T *)x)[i * stride + j];
        out[j] = (T)sum;
    }
}

/* The logarithm of the sum of the exponentials. */
static double NAME(log_sum)(const T *x, size_t n) {
    double most = NAME(max)(x, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += exp((double)x[i] - most);
    return most + log(sum);
}

static void NAME(log_softmax)(void *to, const void *from, size_t n) {
    double all = NAME(log_sum)(from, n);
    for (size_t i = 0; i < n; i++)
        ((T *)to)[i] = (T)((double)((const T *)from)[i] - all);
}

static void NAME(softmax)(void *to, const void *from, size_t n) {
    double all = NAME(log_sum)(from, n);
    for (size_t i = 0; i < n; i++)
        ((T *)to)[i] = (T)exp((double)((const T *)from)[i] - all);
}

static void NAME(softmax_backward)(void *dx, const void *from_p, const void *from_dp,
                                   size_t n) {
    const T *p = from_p, *dp = from_dp;
    double mean = NAME(dot)(p, dp, n);
    for (size_t i = 0; i < n; i++)
        ((T *)dx)[i] = (T)((double)p[i] * ((double)dp[i] - mean));
}

static double NAME(xent)(void *probs, const void *x, size_t label, size_t n) {
    double loss = NAME(log_sum)(x, n) - (double)((const T *)x)[label];
    NAME(softmax)(probs, x, n);
    return loss;
}

static void NAME(transpose)(void *out, size_t ld_out, const void *x, size_t ld_x,
                            size_t rows, size_t cols) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            ((T *)out)[j * ld_out + i] = ((const T *)x)[i * ld_x + j];
}

static void NAME(sgd)(void *weights, const void *gradient, void *velocity,
                      const struct nn_sgd *o, size_t n) {
    T *w = weights, *v = velocity;
    const T *g = gradient;
    double shrink = 1 - o->learning_rate * o->weight_decay;
    for (size_t i = 0; i < n; i++) {
        double step = o->learning_rate * (double)g[i];
        double speed = v ? o->momentum * (double)v[i] - step : -step;
        if (v)
            v[i] = (T)speed;
        double move = v && o->nesterov ? o->momentum * speed - step : speed;
        w[i] = (T)(shrink * (double)w[i] + move);
    }
}

static void NAME(adam)(void *weights, const void *gradient, void *const state[3],
                       const struct nn_adam_scalars *o, size_t n) {
    T *w = weights, *m = state[0], *v = state[1], *most = state[2];
    for (size_t i = 0; i < n; i++) {
        double x = (double)w[i], g = (double)((const T *)gradient)[i] + o->decay * x;
        double mi = o->beta1 * (double)m[i] + (1 - o->beta1) * g;
        double vi = o->beta2 * (double)v[i] + (1 - o->beta2) * g * g;
        m[i] = (T)mi;
        v[i] = (T)vi;
        if (most) {
            vi = MAX_OF(vi, (double)most[i]);
            most[i] = (T)vi;
        }
        w[i] = (T)(o->shrink * x - o->step * mi / (sqrt(vi) + o->epsilon));
    }
}

static void NAME(rmsprop)(void *weights, const void *gradient, void *const state[3],
                          const struct nn_rmsprop *o, size_t n) {
    T *w = weights, *v = state[0], *m = state[1], *a = state[2];
    double shrink = 1 - o->learning_rate * o->weight_decay;
    for (size_t i = 0; i < n; i++) {
        double g = (double)((const T *)gradient)[i];
        double square = o->rho * (double)v[i] + (1 - o->rho) * g * g;
        v[i] = (T)square;
        if (a) {
            double mean = o->rho * (double)a[i] + (1 - o->rho) * g;
            a[i] = (T)mean;
            square = MAX_OF(square - mean * mean, 0.0);
        }
        double step = o->learning_rate * g / sqrt(square + o->epsilon);
        if (m) {
            step += o->momentum * (double)m[i];
            m[i] = (T)step;
        }
        w[i] = (T)(shrink * (double)w[i] - step);
    }
}

static void NAME(adagrad)(void *weights, const void *gradient, void *squares,
                          const struct nn_adagrad *o, size_t n) {
    T *w = weights, *s = squares;
    double shrink = 1 - o->learning_rate * o->weight_decay;
    for (size_t i = 0; i < n; i++) {
        double g = (double)((const T *)gradient)[i], sum = (double)s[i] + g * g;
        s[i] = (T)sum;
        w[i] = (T)(shrink * (double)w[i] - o->learning_rate * g / sqrt(sum + o->epsilon));
    }
}

static void NAME(bytes)(void *out, const unsigned char *in, size_t n, const double *mean,
                        const double *scale, size_t channels) {
    for (size_t i = 0; i < n; i++)
        ((T *)out)[i] = (T)((in[i] - mean[i % channels]) * scale[i % channels]);
}

/* The element of x under place t of output i's window; false: it lies outside. */
static bool NAME(place)(const struct nn_window *w, size_t i, size_t t, size_t *x) {
    size_t u = t / w->kw, v = t % w->kw, v0, v1, q;
    nn_window_columns(w, i / w->c, &v0, &v1, &q);
    if (u < w->top || u >= w->top + w->seen || v < v0 || v >= v1)
        return false;
    *x = ((u - w->top) * w->w + q + v - v0) * w->c + i % w->c;
    return true;
}

#define EACH_PLACE(w, i)                                                                 \
    for (size_t t = 0, x; t < (w)->kh * (w)->kw; t++)                                    \
        if (NAME(place)(w, i, t, &x))

static void NAME(maxpool)(void *y, unsigned char *where, const void *from,
                          const struct nn_window *w) {
    for (size_t i = 0; i < w->ow * w->c; i++) {
        T best = 0;
        bool first = true;
        EACH_PLACE(w, i) {
            T value = ((const T *)from)[x];
            if (first || (!isnan(best) && (value > best || isnan(value)))) {
                best = value;
                where[i] = (unsigned char)t;
            }
            first = false;
        }
        if (w->masked && best <= 0)
            where[i] = NN_MAXPOOL_NONE;
        ((T *)y)[i] = best;
    }
}

static void NAME(maxpool_backward)(void *to, const void *dy, const unsigned char *where,
                                   const struct nn_window *w) {
    for (size_t i = 0; i < w->ow * w->c; i++)
        EACH_PLACE(w, i) {
            T part = where[i] == t ? ((const T *)dy)[i] : 0;
            ((T *)to)[x] = w->whole ? part : ((T *)to)[x] + part;
        }
}

static void NAME(avgpool)(void *y, const void *from, const struct nn_window *w) {
    for (size_t i = 0; i < w->ow * w->c; i++) {
        double sum = 0, places = 0;
        EACH_PLACE(w, i) {
            sum += (double)((const T *)from)[x];
            places++;
        }
        ((T *)y)[i] = (T)(sum / places);
    }
}

static void NAME(avgpool_backward)(void *to, const void *dy, const struct nn_window *w) {
    for (size_t i = 0; i < w->ow * w->c; i++) {
        double places = 0;
        EACH_PLACE(w, i) {
            places++;
        }
        EACH_PLACE(w, i) {
            T part = (T)((double)((const T *)dy)[i] / places);
            ((T *)to)[x] = w->whole ? part : ((T *)to)[x] + part;
        }
    }
}
#undef EACH_PLACE

static void NAME(moments)(double *mean, double *square, const void *from, size_t rows,
                          size_t cols) {
    const T *x = from;
    for (size_t k = 0; k < cols; k++) {
        mean[k] = square[k] = 0;
        for (size_t r = 0; r < rows; r++)
            mean[k] += (double)x[r * cols + k] / (double)rows;
        for (size_t r = 0; r < rows; r++)
            square[k] += pow((double)x[r * cols + k] - mean[k], 2);
    }
}

static void NAME(normalise)(const struct nn_norm *o, void *y, const void *x) {
    const T *mean = o->mean, *scale = o->scale, *shift = o->shift;
    for (size_t i = 0; i < o->rows * o->cols; i++) {
        size_t k = i % o->cols;
        T v = (((const T *)x)[i] - mean[k]) * scale[k] + shift[k];
        ((T *)y)[i] = o->relu && v < 0 ? 0 : v;
    }
}

static T NAME(behind)(const struct nn_norm *o, T dy, T x, size_t k) {
    const T *mean = o->mean, *scale = o->scale, *shift = o->shift;
    return o->relu && !((x - mean[k]) * scale[k] + shift[k] > 0) ? 0 : dy;
}

static void NAME(products)(const struct nn_norm *o, double *sum, double *product,
                           const void *dy, const void *from) {
    const T *x = from;
    for (size_t k = 0; k < o->cols; k++) {
        sum[k] = product[k] = 0;
        for (size_t i = k; i < o->rows * o->cols; i += o->cols) {
            double g = (double)NAME(behind)(o, ((const T *)dy)[i], x[i], k);
            sum[k] += g;
            product[k] += g * (double)(x[i] - ((const T *)o->mean)[k]);
        }
    }
}

static void NAME(norm_back)(const struct nn_norm *o, const struct nn_norm_back *b) {
    const T *x = b->x, *mean = o->mean, *scale = o->scale;
    for (size_t i = 0; i < o->rows * o->cols; i++) {
        size_t k = i % o->cols;
        T d = NAME(behind)(o, ((const T *)b->dy)[i], x[i], k) * scale[k] +
              (x[i] - mean[k]) * ((const T *)b->slope)[k] + ((const T *)b->offset)[k];
        d = b->mask && x[i] <= 0 ? 0 : d;
        ((T *)b->dx)[i] = b->accumulate ? ((T *)b->dx)[i] + d : d;
    }
}

/* Calls for every tap of output element o: element x of the image, t of the kernel. */
#define EACH_DEPTH(r, o)                                                                 \
    for (size_t v0, v1, once = 1; once; once = 0)                                        \
        for (ptrdiff_t at = nn_depth_columns(r, (o) / (r)->c, &v0, &v1); once; once = 0) \
            for (size_t u = 0; u < (r)->rows; u++)                                       \
                for (size_t                                                              \
                         v = v0,                                                         \
                         x = (size_t)at + u * (r)->row + (o) % (r)->c +                  \
                             v0 * (r)->dilation * (r)->c,                                \
                         t = (((r)->first + u) * (r)->kw + v0) * (r)->c + (o) % (r)->c;  \
                     v < v1; v++, x += (r)->dilation * (r)->c, t += (r)->c)

static void NAME(depth_forward)(const struct nn_depth_row *r, void *y, const void *image,
                                const void *kernel, const void *bias, bool relu) {
    for (size_t o = 0; o < r->ow * r->c; o++) {
        double sum = bias ? (double)((const T *)bias)[o % r->c] : 0;
        EACH_DEPTH(r, o) {
            sum += (double)((const T *)image)[x] * (double)((const T *)kernel)[t];
        }
        ((T *)y)[o] = relu && sum < 0 ? 0 : (T)sum;
    }
}

static void NAME(depth_data)(const struct nn_depth_row *r, void *dx, const void *dy,
                             const void *kernel) {
    for (size_t o = 0; o < r->ow * r->c; o++)
        EACH_DEPTH(r, o) {
            ((T *)dx)[x] += ((const T *)dy)[o] * ((const T *)kernel)[t];
        }
}

static void NAME(depth_kernel)(const struct nn_depth_row *r, void *sum, const void *image,
                               const void *dy) {
    for (size_t o = 0; o < r->ow * r->c; o++)
        EACH_DEPTH(r, o) {
            ((T *)sum)[t] += ((const T *)image)[x] * ((const T *)dy)[o];
        }
}
#undef EACH_DEPTH

#define UNARY_ROW(op) [op] = NAME(u_##op),
#define B_ROW(op)     [op] = NAME(b_##op),
#define AS_ROW(op)    [op] = NAME(as_##op),
#define SB_ROW(op)    [op] = NAME(sb_##op),
#define NAIVE_TABLE                                                                      \
    {                                                                                    \
        .unary = {EACH_UNARY(UNARY_ROW)}, .binary = {EACH_BINARY(B_ROW)},                \
        .binary_as = {EACH_BINARY(AS_ROW)}, .binary_sb = {EACH_BINARY(SB_ROW)},          \
        .fill = NAME(fill), .axpy = NAME(axpy), .add_mul = NAME(add_mul),                \
        .mask = NAME(mask), .sum = NAME(sum), .dot = NAME(dot), .max = NAME(max),        \
        .min = NAME(min), .argmax = NAME(argmax), .all_finite = NAME(all_finite),        \
        .sum_rows = NAME(sum_rows), .softmax = NAME(softmax),                            \
        .log_softmax = NAME(log_softmax), .softmax_backward = NAME(softmax_backward),    \
        .xent = NAME(xent), .transpose = NAME(transpose), .sgd = NAME(sgd),              \
        .adam = NAME(adam), .rmsprop = NAME(rmsprop), .adagrad = NAME(adagrad),          \
        .bytes = NAME(bytes), .maxpool = NAME(maxpool),                                  \
        .maxpool_backward = NAME(maxpool_backward), .avgpool = NAME(avgpool),            \
        .avgpool_backward = NAME(avgpool_backward), .moments = NAME(moments),            \
        .normalise = NAME(normalise), .products = NAME(products),                        \
        .norm_back = NAME(norm_back), .depth_forward = NAME(depth_forward),              \
        .depth_data = NAME(depth_data), .depth_kernel = NAME(depth_kernel),              \
    }
