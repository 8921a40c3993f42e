/* kernels.h: the tables of compute kernels, one per instruction set, and what they agree
 * on. gemm.c and vec.c cut the work into chunks and call the table that nn_kernels_get()
 * returns; a kernel works on one chunk, on one thread, and knows nothing of the pool.
 *
 * The kernels are written once, in *.inc.h over the macros of simd.inc.h, and are compiled
 * for each instruction set in gemm_<isa>.c and vec_<isa>.c, for float and double. naive.c
 * holds their twin in plain loops. */
#ifndef NN_KERNELS_H
#define NN_KERNELS_H

#include "nn/cpu.h"
#include "nn/gemm.h"
#include "nn/norm.h"
#include "nn/pooling.h"
#include "nn/vec.h"

/* ---- matrix products */

#define NN_TILE_ROWS 14 /* the most rows of a tile of C, over all instruction sets */
#define NN_TILE_VECS 2  /* the most vectors across */
#define NN_KC        NN_GEMM_RUN

/* One tile of C: rows (the kernel's) by cols. Strides in elements. */
struct nn_tile {
    const void *a;
    ptrdiff_t a_group;      /* from three rows to the next three; 0: 3 a_row */
    ptrdiff_t a_row, a_col; /* from one row of op(A) to the next; along k */
    const void *b;          /* k rows, each readable over the full width of the tile */
    ptrdiff_t b_row;
    void *keep; /* NULL, or where tiles of two vectors put the k rows of op(B) packed */
    size_t k, runs; /* runs times k products; between two runs a and b skip on */
    ptrdiff_t a_skip, b_skip;
    void *c;
    size_t ldc;
    size_t cols;      /* columns to store, at most the width */
    bool add;         /* add to what C holds */
    double rate;      /* 0, or: C -= rate times the sum, and no epilogue */
    bool relu;        /* the rest of the epilogue: only with the last run of k */
    const void *bias; /* cols values or NULL */
    const void *mask; /* or NULL */
    size_t ldmask;
};

typedef void nn_tile_fn(const struct nn_tile *t);

struct nn_gemm_kernels {
    size_t lanes; /* elements of a vector */
    size_t rows;  /* the most rows of a tile, 0: no tiles (naive) */
    nn_tile_fn *tile[NN_TILE_VECS][NN_TILE_ROWS]; /* [vectors - 1][rows - 1] */
    /* (k, width) of op(B) to rows of width elements; width is 1 or 2 vectors, columns from
     * cols on become 0. */
    void (*pack)(void *to, size_t width, const void *b, size_t ldb, size_t cols,
                 size_t k);
    void (*pack_trans)(void *to, size_t width, const void *b, size_t ldb, size_t cols,
                       size_t k);
};

/* [0] float, [1] double. */
extern const struct nn_gemm_kernels *const nn_gemm_vec[2], *const nn_gemm_avx2[2],
                                                               *const nn_gemm_avx512[2];

void nn_gemm_naive(const struct nn_gemm *g); /* the whole product */

/* ---- loops over arrays */

/* The scalars of an optimizer step as the kernels want them. */
struct nn_adam_scalars {
    double beta1, beta2, epsilon;
    double step;          /* lr sqrt(1 - beta2^t) / (1 - beta1^t) */
    double decay, shrink; /* weight decay into g; factor on w (AdamW) */
};

/* One row of pooling windows: kh x kw, stride pixels apart, over image rows of w pixels of
 * c channels. Of each, `seen` rows from row `top` on lie inside the image, and the pad
 * places before column 0 do not. */
struct nn_window {
    size_t kh, kw, stride, pad, w, ow, c;
    size_t top, seen;
    bool masked; /* see nn/pooling.h */
    bool whole;  /* backward: windows do not overlap and write all of dx */
};

/* One row of depthwise convolution: kernel rows first.. (rows of them) see image rows `row`
 * elements apart; kw columns see pixels `dilation` apart. */
struct nn_depth_row {
    size_t first, rows, row;
    size_t kw, dilation, stride, pad, w, ow, c;
};

typedef void nn_unary_fn(void *out, const void *x, size_t n);
typedef void nn_binary_fn(void *out, const void *a, const void *b, size_t n);

/* All for one element type and one chunk; see nn/vec.h for what they compute. */
struct nn_vec_kernels {
    nn_unary_fn *unary[NN_UNARY_COUNT];
    nn_binary_fn *binary[NN_BINARY_COUNT];
    void (*binary_as[NN_BINARY_COUNT])(void *out, const void *a, double s, size_t n);
    void (*binary_sb[NN_BINARY_COUNT])(void *out, double s, const void *b, size_t n);
    void (*fill)(void *out, double v, size_t n);
    void (*axpy)(void *y, double k, const void *x, size_t n);
    void (*add_mul)(void *out, const void *a, const void *b, size_t n);
    void (*mask)(void *out, const void *x, const unsigned char *keep, double k, size_t n);
    double (*sum)(const void *x, size_t n);
    double (*dot)(const void *x, const void *y, size_t n);
    double (*max)(const void *x, size_t n); /* n >= 1 */
    double (*min)(const void *x, size_t n);
    size_t (*argmax)(const void *x, size_t n);
    bool (*all_finite)(const void *x, size_t n);
    /* out = or += the sum of rows of cols elements, stride apart. */
    void (*sum_rows)(void *out, bool accumulate, const void *x, size_t rows, size_t cols,
                     size_t stride);
    void (*softmax)(void *out, const void *x, size_t n);
    void (*log_softmax)(void *out, const void *x, size_t n);
    void (*softmax_backward)(void *dx, const void *p, const void *dp, size_t n);
    /* Returns -log p[label]. */
    double (*xent)(void *probs, const void *x, size_t label, size_t n);
    /* out (cols, rows) with rows ld_out apart = x' for x (rows, cols), ld_x apart. */
    void (*transpose)(void *out, size_t ld_out, const void *x, size_t ld_x, size_t rows,
                      size_t cols);
    void (*sgd)(void *w, const void *g, void *v, const struct nn_sgd *o, size_t n);
    /* state: as in nn/vec.h, NULL where the variant has none. */
    void (*adam)(void *w, const void *g, void *const state[3],
                 const struct nn_adam_scalars *o, size_t n);
    void (*rmsprop)(void *w, const void *g, void *const state[3],
                    const struct nn_rmsprop *o, size_t n);
    void (*adagrad)(void *w, const void *g, void *s, const struct nn_adagrad *o,
                    size_t n);
    /* mean, scale: channels values. */
    void (*bytes)(void *out, const unsigned char *in, size_t n, const double *mean,
                  const double *scale, size_t channels);
    /* x, dx: the first row that the windows see, from column 0 on. */
    void (*maxpool)(void *y, unsigned char *where, const void *x,
                    const struct nn_window *w);
    void (*avgpool)(void *y, const void *x, const struct nn_window *w);
    /* Add to dx, or write it (whole). */
    void (*maxpool_backward)(void *dx, const void *dy, const unsigned char *where,
                             const struct nn_window *w);
    void (*avgpool_backward)(void *dx, const void *dy, const struct nn_window *w);
    /* nn/norm.h, for the rows of one piece: mean and sum of squares around it; (x - mean)
     * scale + shift; sums; the backward pass. */
    void (*moments)(double *mean, double *square, const void *x, size_t rows,
                    size_t cols);
    void (*normalise)(const struct nn_norm *o, void *y, const void *x);
    void (*products)(const struct nn_norm *o, double *sum, double *product,
                     const void *dy, const void *x);
    void (*norm_back)(const struct nn_norm *o, const struct nn_norm_back *b);
    /* x, dx: column 0 of the first image row that is seen. The last two add. */
    void (*depth_forward)(const struct nn_depth_row *r, void *y, const void *x,
                          const void *kernel, const void *bias, bool relu);
    void (*depth_data)(const struct nn_depth_row *r, void *dx, const void *dy,
                       const void *kernel);
    void (*depth_kernel)(const struct nn_depth_row *r, void *dkernel, const void *x,
                         const void *dy);
};

/* The columns v0..v1 of window number j that lie inside; the first is pixel x. */
static inline void nn_window_columns(const struct nn_window *w, size_t j, size_t *v0,
                                     size_t *v1, size_t *x) {
    size_t first = j * w->stride;
    *v0 = first < w->pad ? w->pad - first : 0;
    *v1 = MIN_OF(w->kw, w->w + w->pad - first);
    *x = first + *v0 - w->pad;
}

/* The kernel columns v0..v1 that output column j sees, and what to add to column 0 so that
 * column v is v dilation c elements further: it may lie before the image. */
static inline ptrdiff_t nn_depth_columns(const struct nn_depth_row *r, size_t j,
                                         size_t *v0, size_t *v1) {
    size_t start = j * r->stride, d = r->dilation;
    size_t left = start < r->pad ? r->pad - start : 0;
    *v0 = MIN_OF((left + d - 1) / d, r->kw);
    *v1 = r->w + r->pad > start ? (r->w + r->pad - start - 1) / d + 1 : 0;
    *v1 = MIN_OF(*v1, r->kw);
    return ((ptrdiff_t)start - (ptrdiff_t)r->pad) * (ptrdiff_t)r->c;
}

extern const struct nn_vec_kernels *const nn_vec_naive[2],
    *const nn_vec_vec[2], *const nn_vec_avx2[2], *const nn_vec_avx512[2];

/* ---- Winograd's convolution (winograd.h), float only */

#define NN_WINOGRAD_P  0.75 /* the points: 0, P, -P, Q, -Q, infinity */
#define NN_WINOGRAD_Q  1.5
#define NN_WINOGRAD_F0 (1 / (0.5625 * 2.25)) /* 1 / the differences to the others, at 0 */
#define NN_WINOGRAD_F1 (1 / (2 * 0.5625 * (0.5625 - 2.25))) /* at P and -P */
#define NN_WINOGRAD_F2 (1 / (2 * 2.25 * (2.25 - 0.5625)))   /* at Q and -Q */

/* A square of an image: up to 6 rows, each from column first on; the columns before it,
 * and from last on, are zeros. Rows outside of the image point to zeros. */
struct nn_square {
    const float *row[6];
    size_t pixel; /* elements from one column to the next */
    size_t channels;
    size_t first, last;
};

/* Up to 4 x 4 outputs and what happens on the way there. */
struct nn_outputs {
    float *y;
    const float *mask, *bias; /* mask laid out like y; both may be NULL */
    size_t row, pixel;        /* elements from one to the next */
    size_t rows, columns, channels;
    bool relu;
};

/* The 36 points of a square lie step elements apart, a row of six after the other; rows
 * in pairs (winograd.inc.h). Vectors are stored whole, up to the next multiple of lanes. */
struct nn_winograd_kernels {
    /* Pair 0..2 of rows, 12 points, of a square of inputs. */
    void (*input)(float *v, size_t step, const struct nn_square *s, int pair);
    void (*output)(const struct nn_outputs *o, const float *m, size_t step);
    /* One input channel's taps (tap elements apart) for outputs of a panel of width. */
    void (*taps)(float *u, size_t step, size_t width, const float *g, size_t tap,
                 size_t outputs);
    /* The same of a square of gradients; pair 1 adds their sum to bias, if not NULL. */
    void (*gradient)(float *v, size_t step, const struct nn_square *s, int pair,
                     float *bias);
    /* One input channel's gradients, = or +=, from sums in groups, group elements apart. */
    void (*tap_gradients)(float *dk, size_t tap, size_t outputs, bool accumulate,
                          const float *m, size_t step, size_t group, size_t groups);
};

extern const struct nn_winograd_kernels nn_winograd_vec, nn_winograd_avx2,
    nn_winograd_avx512;

/* ---- the whole table */

struct nn_kernels {
    enum nn_isa isa;
    const struct nn_gemm_kernels *const *gemm; /* by dtype; NULL: naive */
    const struct nn_winograd_kernels *winograd;
    const struct nn_vec_kernels *const *vec;
};

const struct nn_kernels *nn_kernels_get(void);

#endif
