/* transpose.inc.h: what moves elements from lane to lane, after simd.inc.h: a square of
 * LANES vectors turned in registers, and the folding of one vector. In step s (1, 2, 4, ...) the blocks of s x s off the diagonal of each block of 2s x 2s
 * change places: rows i and i + s exchange their elements p + s and p, for each p without
 * the bit s. */
#ifndef LOW_LANE
#define LOW_LANE(p, s)   ((p) & (s) ? LANES + (p) - (s) : (p))
#define HIGH_LANE(p, s)  ((p) & (s) ? LANES + (p) : (p) + (s))
#define OTHER_LANE(p, s) ((p) ^ (s))
#define LANES_2(f, s)    f(0, s), f(1, s)
#define LANES_4(f, s)    LANES_2(f, s), f(2, s), f(3, s)
#define LANES_8(f, s)    LANES_4(f, s), f(4, s), f(5, s), f(6, s), f(7, s)
#define LANES_16(f, s)                                                                   \
    LANES_8(f, s), f(8, s), f(9, s), f(10, s), f(11, s), f(12, s), f(13, s), f(14, s),   \
        f(15, s)
#define LANES_ALL_(n, f, s) LANES_##n(f, s)
#define LANES_ALL(n, f, s)  LANES_ALL_(n, f, s)
#define SWAP(i, s)                                                                       \
    if (((i) & (s)) == 0) {                                                              \
        V a = r[i], b = r[(i) | (s)];                                                    \
        r[i] = __builtin_shufflevector(a, b, LANES_ALL(LANES, LOW_LANE, s));             \
        r[(i) | (s)] = __builtin_shufflevector(a, b, LANES_ALL(LANES, HIGH_LANE, s));    \
    }
#define SWAP_1(i) SWAP(i, 1)
#define SWAP_2(i) SWAP(i, 2)
#define SWAP_4(i) SWAP(i, 4)
#define SWAP_8(i) SWAP(i, 8)
#endif

INLINE void NAME(transpose)(V r[LANES]) {
    EACH(LANES, SWAP_1)
#if LANES > 2
    EACH(LANES, SWAP_2)
#endif
#if LANES > 4
    EACH(LANES, SWAP_4)
#endif
#if LANES > 8
    EACH(LANES, SWAP_8)
#endif
}

/* v with each lane exchanged with the one s away. */
#define EXCHANGED(v, s) __builtin_shufflevector(v, v, LANES_ALL(LANES, OTHER_LANE, s))

/* The sum of all lanes, in every lane: neighbours first, then pairs, ... */
INLINE V NAME(total)(V v) {
    v += EXCHANGED(v, 1);
#if LANES > 2
    v += EXCHANGED(v, 2);
#endif
#if LANES > 4
    v += EXCHANGED(v, 4);
#endif
#if LANES > 8
    v += EXCHANGED(v, 8);
#endif
    return v;
}
