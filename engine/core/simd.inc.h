/* simd.inc.h: the vector type of one instruction set and one element type. Included once
 * per element type, after
 *
 *     #define T        float or double
 *     #define I        int32_t or int64_t: whole numbers of the same size
 *     #define U        uint32_t or uint64_t
 *     #define BYTES    of a vector: 16, 32, 64
 *     #define LANES    elements of a vector
 *     #define NAME(x)  x with a suffix, so that float and double can share a file
 *
 * V is the vector of T, IV that of I (comparisons give it: all ones where true). GCC's and
 * clang's vector extensions do the arithmetic; only loads and stores of part of a vector
 * need intrinsics. */

typedef T NAME(V) __attribute__((vector_size(BYTES)));
typedef I NAME(IV) __attribute__((vector_size(BYTES)));
typedef U NAME(UV) __attribute__((vector_size(BYTES)));
#define V  NAME(V)
#define IV NAME(IV)
#define UV NAME(UV)

#ifndef INLINE
#define INLINE static inline __attribute__((always_inline))
#endif

INLINE V NAME(load)(const T *p) {
    V v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

INLINE void NAME(store)(T *p, V v) {
    __builtin_memcpy(p, &v, sizeof v);
}

INLINE V NAME(spread)(T x) {
    return x - (V){0};
}

/* a where m, b elsewhere. */
INLINE V NAME(select)(IV m, V a, V b) {
    return (V)((m & (IV)a) | (~m & (IV)b));
}

/* load_part, store_part: the first n < LANES elements; the others are neither read nor
 * written and load as 0. */
#if BYTES == 64
INLINE V NAME(load_part)(const T *p, size_t n) {
    if (sizeof(T) == 4)
        return (V)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
    return (V)_mm512_maskz_loadu_pd((__mmask8)((1u << n) - 1), p);
}

INLINE void NAME(store_part)(T *p, V v, size_t n) {
    if (sizeof(T) == 4)
        _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
    else
        _mm512_mask_storeu_pd(p, (__mmask8)((1u << n) - 1), (__m512d)v);
}
#elif BYTES == 32
INLINE __m256i NAME(first_lanes)(size_t n) {
    static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    const int32_t *from = ones + 8 - n * (sizeof(T) / 4);
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

INLINE V NAME(load_part)(const T *p, size_t n) {
    const void *q = p;
    if (sizeof(T) == 4)
        return (V)_mm256_maskload_ps(q, NAME(first_lanes)(n));
    return (V)_mm256_maskload_pd(q, NAME(first_lanes)(n));
}

INLINE void NAME(store_part)(T *p, V v, size_t n) {
    void *q = p;
    if (sizeof(T) == 4)
        _mm256_maskstore_ps(q, NAME(first_lanes)(n), (__m256)v);
    else
        _mm256_maskstore_pd(q, NAME(first_lanes)(n), (__m256d)v);
}
#else
INLINE V NAME(load_part)(const T *p, size_t n) {
    V v = {0};
    for (size_t i = 0; i < n; i++)
        v[i] = p[i];
    return v;
}

INLINE void NAME(store_part)(T *p, V v, size_t n) {
    for (size_t i = 0; i < n; i++)
        p[i] = v[i];
}
#endif
