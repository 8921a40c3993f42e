/* gemm_pack.c: op(B) packed once for several products: panel after panel as gemm.c cuts
 * them, each with all of its k rows. */
#include "nn/gemm.h"

#include "kernels.h"
#include "nn/pool.h"

/* The naive product reads op(B) as (k, n). */
static size_t packed_columns(const struct nn_gemm_kernels *k, size_t n) {
    size_t lanes = k ? k->lanes : 1;
    return (n + lanes - 1) / lanes * lanes;
}

static const struct nn_gemm_kernels *kernels_of(enum nn_dtype d) {
    const struct nn_kernels *k = nn_kernels_get();
    return k->gemm ? k->gemm[d] : NULL;
}

size_t nn_gemm_packed_size(enum nn_dtype d, size_t n, size_t k) {
    size_t size;
    if (n > SIZE_MAX / 2 || !mul_size(&size, packed_columns(kernels_of(d), n), k) ||
        !mul_size(&size, size, nn_dtype_size(d)))
        return 0;
    return MAX_OF(size, (size_t)NN_ALIGN);
}

struct packing {
    const struct nn_gemm_kernels *kernels;
    char *to;
    const char *b;
    size_t size, n, k, ldb;
    bool trans;
};

static void pack_panels(void *ctx, size_t first, size_t last) {
    const struct packing *p = ctx;
    size_t lanes = p->kernels->lanes;
    for (size_t i = first; i < last; i++) {
        size_t column = i * NN_TILE_VECS * lanes, left = p->n - column;
        size_t width = left > lanes ? NN_TILE_VECS * lanes : lanes;
        char *to = p->to + column * p->k * p->size;
        if (p->trans)
            p->kernels->pack_trans(to, width, p->b + column * p->ldb * p->size, p->ldb,
                                   MIN_OF(left, width), p->k);
        else
            p->kernels->pack(to, width, p->b + column * p->size, p->ldb,
                             MIN_OF(left, width), p->k);
    }
}

static void pack_naive(const struct packing *p) {
    for (size_t i = 0; i < p->k; i++)
        for (size_t j = 0; j < p->n; j++)
            memcpy(p->to + (i * p->n + j) * p->size,
                   p->b + (p->trans ? j * p->ldb + i : i * p->ldb + j) * p->size,
                   p->size);
}

void nn_gemm_pack(void *packed, enum nn_dtype d, size_t n, size_t k, const void *b,
                  size_t ldb, bool trans_b) {
    struct packing p = {.kernels = kernels_of(d),
                        .to = packed,
                        .b = b,
                        .n = n,
                        .k = k,
                        .ldb = ldb,
                        .trans = trans_b,
                        .size = nn_dtype_size(d)};
    if (!p.kernels) {
        pack_naive(&p);
        return;
    }
    size_t width = NN_TILE_VECS * p.kernels->lanes;
    nn_pool_run(pack_panels, &p, (n + width - 1) / width, 4);
}
