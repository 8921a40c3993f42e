/* maxpool.c: pooling shared out by rows of the output forward, and by images backward,
 * where windows may overlap. */
#include "nn/maxpool.h"

#include "kernels.h"
#include "nn/pool.h"

#define WORK 16384 /* elements of x that a chunk should see */

struct job {
    const struct nn_maxpool *p;
    const struct nn_vec_kernels *k;
    struct nn_window window;
    size_t size;
    char *out;
    const char *in;
    unsigned char *where;
    const unsigned char *from;
};

/* One axis: whole windows only. */
static bool fit(size_t in, size_t k, size_t *stride, size_t *out) {
    if (k == 0 || k > in)
        return false;
    if (*stride == 0)
        *stride = k;
    *out = (in - k) / *stride + 1;
    return true;
}

bool nn_maxpool_fit(struct nn_maxpool *p) {
    return fit(p->h, p->kh, &p->stride_h, &p->oh) &&
           fit(p->w, p->kw, &p->stride_w, &p->ow) && p->kh <= 255 / p->kw;
}

static struct job new_job(const struct nn_maxpool *p) {
    return (struct job){.p = p,
                        .k = nn_kernels_get()->vec[p->dtype],
                        .size = nn_dtype_size(p->dtype),
                        .window = {p->kh, p->kw, p->stride_w, p->w * p->c, p->ow, p->c}};
}

/* The element of x where the windows of output row i (over all images) begin. */
static size_t row_start(const struct nn_maxpool *p, size_t i) {
    return (i / p->oh * p->h + i % p->oh * p->stride_h) * p->w * p->c;
}

static void forward_rows(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    size_t row = j->p->ow * j->p->c;
    for (size_t i = first; i < last; i++)
        j->k->maxpool(j->out + i * row * j->size, j->where + i * row,
                      j->in + row_start(j->p, i) * j->size, &j->window);
}

void nn_maxpool_forward(const struct nn_maxpool *p, void *y, unsigned char *where,
                        const void *x) {
    struct job j = new_job(p);
    j.out = y;
    j.where = where;
    j.in = x;
    size_t seen = p->stride_h * p->w * p->c;
    nn_pool_run(forward_rows, &j, p->n * p->oh,
                MAX_OF(WORK / MAX_OF(seen, (size_t)1), (size_t)1));
}

static void backward_images(void *ctx, size_t first, size_t last) {
    const struct job *j = ctx;
    const struct nn_maxpool *p = j->p;
    size_t image = p->h * p->w * p->c, row = p->ow * p->c;
    memset(j->out + first * image * j->size, 0, (last - first) * image * j->size);
    for (size_t i = first * p->oh; i < last * p->oh; i++)
        j->k->maxpool_backward(j->out + row_start(p, i) * j->size,
                               j->in + i * row * j->size, j->from + i * row, &j->window);
}

void nn_maxpool_backward(const struct nn_maxpool *p, void *dx, const void *dy,
                         const unsigned char *where) {
    struct job j = new_job(p);
    j.out = dx;
    j.in = dy;
    j.from = where;
    nn_pool_run(backward_images, &j, p->n, 1);
}
