/* vec_step.inc.h: optimizer steps and the transpose, after vec_sum.inc.h. */

/* A short last vector is computed on copies of a whole one. */
#define STEP_LOOP(body)                                                                  \
    size_t i = 0;                                                                        \
    for (; i + LANES <= n; i += LANES)                                                   \
        body(NAME(load), NAME(store), );                                                 \
    if (i < n)                                                                           \
        body(NAME(load_part), NAME(store_part), COMMA n - i);
#define COMMA ,

#define SGD_BODY(get, put, last)                                                         \
    do {                                                                                 \
        V wv = get(w + i last) * shrink, step = rate * get(g + i last);                  \
        if (v) {                                                                         \
            V speed = momentum * get(v + i last) - step;                                 \
            put(v + i, speed last);                                                      \
            wv += o->nesterov ? momentum * speed - step : speed;                         \
        } else {                                                                         \
            wv -= step;                                                                  \
        }                                                                                \
        put(w + i, wv last);                                                             \
    } while (0)

/* Without momentum and decay: the multiplication and the subtraction round as one, as they
 * do where a product steps in place. */
#define DESCENT_BODY(get, put, last)                                                     \
    do {                                                                                 \
        V wv = get(w + i last) - rate * get(g + i last);                                 \
        put(w + i, wv last);                                                             \
    } while (0)

static void NAME(descend)(T *w, const T *g, V rate, size_t n) {
    STEP_LOOP(DESCENT_BODY)
}

static void NAME(sgd)(void *weights, const void *gradient, void *velocity,
                      const struct nn_sgd *o, size_t n) {
    T *w = weights, *v = velocity;
    const T *g = gradient;
    V rate = NAME(spread)((T)o->learning_rate), momentum = NAME(spread)((T)o->momentum);
    V shrink = NAME(spread)((T)(1 - o->learning_rate * o->weight_decay));
    if (!v && o->weight_decay == 0) {
        NAME(descend)(w, g, rate, n);
        return;
    }
    STEP_LOOP(SGD_BODY)
}

#define ADAM_BODY(get, put, last)                                                        \
    do {                                                                                 \
        V wv = get(w + i last), gv = get(g + i last) + decay * wv;                       \
        V mv = beta1 * get(m + i last) + rest1 * gv;                                     \
        V vv = beta2 * get(v + i last) + rest2 * (gv * gv);                              \
        put(m + i, mv last);                                                             \
        put(v + i, vv last);                                                             \
        if (x) {                                                                         \
            V most = get(x + i last);                                                    \
            vv = NAME(select)(most > vv, most, vv);                                      \
            put(x + i, vv last);                                                         \
        }                                                                                \
        put(w + i, shrink * wv - step * mv / (NAME(sqrt)(vv) + epsilon) last);           \
    } while (0)

static void NAME(adam)(void *weights, const void *gradient, void *const state[3],
                       const struct nn_adam_scalars *o, size_t n) {
    T *w = weights, *m = state[0], *v = state[1], *x = state[2];
    const T *g = gradient;
    V beta1 = NAME(spread)((T)o->beta1), rest1 = NAME(spread)((T)(1 - o->beta1));
    V beta2 = NAME(spread)((T)o->beta2), rest2 = NAME(spread)((T)(1 - o->beta2));
    V decay = NAME(spread)((T)o->decay), shrink = NAME(spread)((T)o->shrink);
    V step = NAME(spread)((T)o->step), epsilon = NAME(spread)((T)o->epsilon);
    STEP_LOOP(ADAM_BODY)
}

#define RMSPROP_BODY(get, put, last)                                                     \
    do {                                                                                 \
        V gv = get(g + i last), vv = rho * get(v + i last) + rest * (gv * gv);           \
        put(v + i, vv last);                                                             \
        if (a) {                                                                         \
            V av = rho * get(a + i last) + rest * gv;                                    \
            put(a + i, av last);                                                         \
            vv = vv - av * av;                                                           \
            vv = NAME(select)(vv > zero, vv, zero);                                      \
        }                                                                                \
        V step = rate * gv / NAME(sqrt)(vv + epsilon);                                   \
        if (m) {                                                                         \
            step += momentum * get(m + i last);                                          \
            put(m + i, step last);                                                       \
        }                                                                                \
        put(w + i, shrink * get(w + i last) - step last);                                \
    } while (0)

static void NAME(rmsprop)(void *weights, const void *gradient, void *const state[3],
                          const struct nn_rmsprop *o, size_t n) {
    T *w = weights, *v = state[0], *m = state[1], *a = state[2];
    const T *g = gradient;
    V rho = NAME(spread)((T)o->rho), rest = NAME(spread)((T)(1 - o->rho)), zero = {0};
    V rate = NAME(spread)((T)o->learning_rate), momentum = NAME(spread)((T)o->momentum);
    V shrink = NAME(spread)((T)(1 - o->learning_rate * o->weight_decay));
    V epsilon = NAME(spread)((T)o->epsilon);
    STEP_LOOP(RMSPROP_BODY)
}

#define ADAGRAD_BODY(get, put, last)                                                     \
    do {                                                                                 \
        V gv = get(g + i last), sv = get(s + i last) + gv * gv;                          \
        put(s + i, sv last);                                                             \
        V step = rate * gv / NAME(sqrt)(sv + epsilon);                                   \
        put(w + i, shrink * get(w + i last) - step last);                                \
    } while (0)

static void NAME(adagrad)(void *weights, const void *gradient, void *squares,
                          const struct nn_adagrad *o, size_t n) {
    T *w = weights, *s = squares;
    const T *g = gradient;
    V rate = NAME(spread)((T)o->learning_rate), epsilon = NAME(spread)((T)o->epsilon);
    V shrink = NAME(spread)((T)(1 - o->learning_rate * o->weight_decay));
    STEP_LOOP(ADAGRAD_BODY)
}

#define LOAD_SQUARE(i)  r[i] = NAME(load)(x + i * ld_x);
#define STORE_SQUARE(i) NAME(store)(out + i * ld_out, r[i]);

static void NAME(transpose_all)(void *to, size_t ld_out, const void *from, size_t ld_x,
                                size_t rows, size_t cols) {
    for (size_t i = 0; i < rows; i += LANES) {
        for (size_t j = 0; j < cols; j += LANES) {
            const T *x = (const T *)from + i * ld_x + j;
            T *out = (T *)to + j * ld_out + i;
            if (rows - i >= LANES && cols - j >= LANES) {
                V r[LANES];
                EACH(LANES, LOAD_SQUARE)
                NAME(transpose)(r);
                EACH(LANES, STORE_SQUARE)
                continue;
            }
            for (size_t p = 0; p < MIN_OF(rows - i, (size_t)LANES); p++)
                for (size_t q = 0; q < MIN_OF(cols - j, (size_t)LANES); q++)
                    out[q * ld_out + p] = x[p * ld_x + q];
        }
    }
}

#define BINARY(suffix)                                                                   \
    {                                                                                    \
        [NN_ADD] = NAME(add##suffix), [NN_SUB] = NAME(sub##suffix),                      \
        [NN_MUL] = NAME(mul##suffix), [NN_DIV] = NAME(div##suffix),                      \
        [NN_MAX] = NAME(max_2##suffix), [NN_MIN] = NAME(min_2##suffix),                  \
        [NN_POW] = NAME(pow_2##suffix),                                                  \
        [NN_RELU_BACKWARD] = NAME(relu_backward##suffix),                                \
        [NN_SIGMOID_BACKWARD] = NAME(sigmoid_backward##suffix),                          \
        [NN_TANH_BACKWARD] = NAME(tanh_backward##suffix),                                \
        [NN_LEAKY_RELU] = NAME(leaky_relu##suffix), [NN_ELU] = NAME(elu##suffix),        \
        [NN_GELU_BACKWARD] = NAME(gelu_backward##suffix),                                \
        [NN_SILU_BACKWARD] = NAME(silu_backward##suffix),                                \
        [NN_SOFTPLUS_BACKWARD] = NAME(softplus_backward##suffix),                        \
    }
#define VEC_TABLE                                                                        \
    {                                                                                    \
        .unary = {[NN_COPY] = NAME(copy),     [NN_NEG] = NAME(neg),                      \
                  [NN_ABS] = NAME(abs_all),   [NN_SQUARE] = NAME(square),                \
                  [NN_SQRT] = NAME(sqrt_all), [NN_RECIPROCAL] = NAME(reciprocal),        \
                  [NN_EXP] = NAME(exp_all),   [NN_LOG] = NAME(log_all),                  \
                  [NN_RELU] = NAME(relu),     [NN_SIGMOID] = NAME(sigmoid_all),          \
                  [NN_TANH] = NAME(tanh_all), [NN_GELU] = NAME(gelu_all),                \
                  [NN_SILU] = NAME(silu_all), [NN_SOFTPLUS] = NAME(softplus_all)},       \
        .binary = BINARY(), .binary_as = BINARY(_as), .binary_sb = BINARY(_sb),          \
        .fill = NAME(fill), .axpy = NAME(axpy), .add_mul = NAME(add_mul),                \
        .mask = NAME(mask), .sum = NAME(sum), .dot = NAME(dot), .max = NAME(max),        \
        .min = NAME(min), .argmax = NAME(argmax), .all_finite = NAME(all_finite),        \
        .sum_rows = NAME(sum_rows), .softmax = NAME(softmax),                            \
        .log_softmax = NAME(log_softmax), .softmax_backward = NAME(softmax_backward),    \
        .xent = NAME(xent), .transpose = NAME(transpose_all), .sgd = NAME(sgd),          \
        .adam = NAME(adam), .rmsprop = NAME(rmsprop), .adagrad = NAME(adagrad),          \
        .bytes = NAME(bytes), .maxpool = NAME(maxpool),                                  \
        .maxpool_backward = NAME(maxpool_backward), .avgpool = NAME(avgpool),            \
        .avgpool_backward = NAME(avgpool_backward), .moments = NAME(moments),            \
        .normalise = NAME(normalise), .products = NAME(products),                        \
        .norm_back = NAME(norm_back), .depth_forward = NAME(depth_forward),              \
        .depth_data = NAME(depth_data), .depth_kernel = NAME(depth_kernel),              \
    }
