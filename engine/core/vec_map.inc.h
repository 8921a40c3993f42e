/* vec_map.inc.h: loops that treat every element alike, after math.inc.h. The last, shorter
 * vector goes through the same arithmetic as the others, so that a result does not depend
 * on where a chunk ends. */

#define MAP_1(name, expr)                                                                \
    static void NAME(name)(void *to, const void *from, size_t n) {                       \
        T *out = to;                                                                     \
        const T *x = from;                                                               \
        size_t i = 0;                                                                    \
        for (; i + LANES <= n; i += LANES) {                                             \
            V a = NAME(load)(x + i);                                                     \
            NAME(store)(out + i, expr);                                                  \
        }                                                                                \
        if (i < n) {                                                                     \
            V a = NAME(load_part)(x + i, n - i);                                         \
            NAME(store_part)(out + i, expr, n - i);                                      \
        }                                                                                \
    }

MAP_1(copy, a)
MAP_1(neg, -a)
MAP_1(abs_all, NAME(abs)(a))
MAP_1(square, a *a)
MAP_1(sqrt_all, NAME(sqrt)(a))
MAP_1(reciprocal, (T)1 / a)
MAP_1(exp_all, NAME(exp)(a))
MAP_1(log_all, NAME(log)(a))
MAP_1(relu, NAME(select)(a < (T)0, (V){0}, a))
MAP_1(sigmoid_all, NAME(sigmoid)(a))
MAP_1(tanh_all, NAME(tanh)(a))

/* Three loops for a op b: two arrays, array and scalar, scalar and array. */
#define MAP_2_LOOP(load_a, load_b, load_last_a, load_last_b, expr)                       \
    size_t i = 0;                                                                        \
    for (; i + LANES <= n; i += LANES) {                                                 \
        V a = load_a, b = load_b;                                                        \
        NAME(store)(out + i, expr);                                                      \
    }                                                                                    \
    if (i < n) {                                                                         \
        V a = load_last_a, b = load_last_b;                                              \
        NAME(store_part)(out + i, expr, n - i);                                          \
    }

#define MAP_2(name, expr)                                                                \
    static void NAME(name)(void *to, const void *from_a, const void *from_b, size_t n) { \
        T *out = to;                                                                     \
        const T *x = from_a, *y = from_b;                                                \
        MAP_2_LOOP(NAME(load)(x + i), NAME(load)(y + i), NAME(load_part)(x + i, n - i),  \
                   NAME(load_part)(y + i, n - i), expr)                                  \
    }                                                                                    \
    static void NAME(name##_as)(void *to, const void *from, double scalar, size_t n) {   \
        T *out = to;                                                                     \
        const T *x = from;                                                               \
        V s = NAME(spread)((T)scalar);                                                   \
        MAP_2_LOOP(NAME(load)(x + i), s, NAME(load_part)(x + i, n - i), s, expr)         \
    }                                                                                    \
    static void NAME(name##_sb)(void *to, double scalar, const void *from, size_t n) {   \
        T *out = to;                                                                     \
        const T *x = from;                                                               \
        V s = NAME(spread)((T)scalar);                                                   \
        MAP_2_LOOP(s, NAME(load)(x + i), s, NAME(load_part)(x + i, n - i), expr)         \
    }

/* Lane by lane, through libm. */
static V NAME(power)(V a, V b) {
    for (int i = 0; i < LANES; i++)
        a[i] = sizeof(T) == 4 ? (T)powf((float)a[i], (float)b[i])
                              : (T)pow((double)a[i], (double)b[i]);
    return a;
}

MAP_2(add, a + b)
MAP_2(sub, a - b)
MAP_2(mul, a *b)
MAP_2(div, a / b)
MAP_2(max_2, NAME(larger)(a, b))
MAP_2(min_2, NAME(smaller)(a, b))
MAP_2(pow_2, NAME(power)(a, b))
MAP_2(relu_backward, NAME(select)(a > (T)0, b, (V){0}))
MAP_2(sigmoid_backward, b *a *((T)1 - a))
MAP_2(tanh_backward, b *((T)1 - a * a))

static void NAME(fill)(void *to, double v, size_t n) {
    T *out = to;
    for (size_t i = 0; i < n; i++)
        out[i] = (T)v;
}

static void NAME(axpy)(void *to, double scalar, const void *from, size_t n) {
    T *out = to;
    const T *x = from;
    V k = NAME(spread)((T)scalar);
    MAP_2_LOOP(NAME(load)(out + i), NAME(load)(x + i), NAME(load_part)(out + i, n - i),
               NAME(load_part)(x + i, n - i), a + k * b)
}

static void NAME(add_mul)(void *to, const void *from_a, const void *from_b, size_t n) {
    T *out = to;
    const T *x = from_a, *y = from_b;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        NAME(store)(out + i, NAME(load)(out + i) + NAME(load)(x + i) * NAME(load)(y + i));
    if (i < n)
        NAME(store_part)
    (out + i,
     NAME(load_part)(out + i, n - i) +
         NAME(load_part)(x + i, n - i) * NAME(load_part)(y + i, n - i),
     n - i);
}

static void NAME(mask)(void *to, const void *from, const unsigned char *keep, double k,
                       size_t n) {
    T *out = to, factor = (T)k;
    const T *x = from;
    for (size_t i = 0; i < n; i++)
        out[i] = keep[i] ? x[i] * factor : (T)0;
}

/* (byte - mean) scale; the constants repeat every `channels` elements. */
#define MOST_CHANNELS 16

INLINE V NAME(from_bytes)(const unsigned char *p) {
    V v;
#if BYTES == 64
    if (sizeof(T) == 4)
        return (V)_mm512_cvtepi32_ps(
            _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
#elif BYTES == 32
    if (sizeof(T) == 4)
        return (V)_mm256_cvtepi32_ps(
            _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
#endif
    for (int i = 0; i < LANES; i++)
        v[i] = (T)p[i];
    return v;
}

static void NAME(bytes)(void *to, const unsigned char *in, size_t n, const double *mean,
                        const double *scale, size_t channels) {
    T *out = to, m[MOST_CHANNELS + LANES], s[MOST_CHANNELS + LANES];
    size_t i = 0, channel = 0, step = LANES % channels;
    if (channels <= MOST_CHANNELS) {
        for (size_t j = 0; j < channels + LANES; j++) {
            m[j] = (T)mean[j % channels];
            s[j] = (T)scale[j % channels];
        }
        V mean0 = NAME(load)(m), scale0 = NAME(load)(s);
        for (; step == 0 && i + LANES <= n; i += LANES) /* grey: the same ones again */
            NAME(store)(out + i, (NAME(from_bytes)(in + i) - mean0) * scale0);
        for (; i + LANES <= n; i += LANES) {
            V x = NAME(from_bytes)(in + i) - NAME(load)(m + channel);
            NAME(store)(out + i, x * NAME(load)(s + channel));
            channel += step;
            channel -= channel >= channels ? channels : 0;
        }
    }
    for (; i < n; i++)
        out[i] = ((T)in[i] - (T)mean[i % channels]) * (T)scale[i % channels];
}
