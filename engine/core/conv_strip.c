/* conv_strip.c: the geometry of a convolution and the filling of a strip. */
#include "conv_strip.h"

static size_t at_least_1(size_t n) {
    return n ? n : 1;
}

/* One axis of nn_conv_fit. */
static bool fit(size_t in, size_t kernel, size_t stride, size_t dilation, bool same,
                size_t *pad, size_t *out) {
    size_t reach = (kernel - 1) * dilation + 1;
    *pad = 0;
    if (!same) {
        *out = in >= reach ? (in - reach) / stride + 1 : 0;
        return in >= reach;
    }
    *out = (in + stride - 1) / stride;
    size_t needed = (*out - 1) * stride + reach;
    if (needed > in)
        *pad = (needed - in) / 2;
    return true;
}

bool nn_conv_fit(struct nn_conv *v, bool same) {
    v->stride_h = at_least_1(v->stride_h);
    v->stride_w = at_least_1(v->stride_w);
    v->dilation_h = at_least_1(v->dilation_h);
    v->dilation_w = at_least_1(v->dilation_w);
    bool rows = fit(v->h, v->kh, v->stride_h, v->dilation_h, same, &v->pad_top, &v->oh);
    bool columns =
        fit(v->w, v->kw, v->stride_w, v->dilation_w, same, &v->pad_left, &v->ow);
    return rows && columns;
}

struct nn_conv_walk nn_conv_walk_of(const struct nn_conv *v,
                                    const struct nn_gemm_kernels *k) {
    return (struct nn_conv_walk){.k = k,
                                 .size = nn_dtype_size(v->dtype),
                                 .n = v->n,
                                 .h = v->h,
                                 .w = v->w,
                                 .c = v->c,
                                 .expand_h = 1,
                                 .expand_w = 1,
                                 .kh = v->kh,
                                 .kw = v->kw,
                                 .stride_h = at_least_1(v->stride_h),
                                 .stride_w = at_least_1(v->stride_w),
                                 .dilation_h = at_least_1(v->dilation_h),
                                 .dilation_w = at_least_1(v->dilation_w),
                                 .pad_top = (ptrdiff_t)v->pad_top,
                                 .pad_left = (ptrdiff_t)v->pad_left,
                                 .oh = v->oh,
                                 .ow = v->ow,
                                 .oc = v->oc};
}

/* Input rows or columns that n outputs see. */
static size_t reach(size_t n, size_t stride, size_t kernel, size_t dilation) {
    return (n - 1) * stride + (kernel - 1) * dilation + 1;
}

bool nn_conv_walk_plan(struct nn_conv_walk *s) {
    size_t room = NN_STRIP * sizeof(float) / s->size;
    size_t width = reach(s->ow, s->stride_w, s->kw, s->dilation_w);
    size_t height = reach(1, s->stride_h, s->kh, s->dilation_h);
    if (width > room / height)
        return false;
    s->rows = 1;
    s->channels = MIN_OF(s->c, MAX_OF(room / (width * height), (size_t)1));
    s->pitch = width * s->channels;
    while (s->rows < s->oh && s->pitch * (height + s->rows * s->stride_h) <= room)
        s->rows++;
    return true;
}

/* Where row or column i of the spread-out, bordered source comes from, or SIZE_MAX: a
 * zero. */
static size_t origin(ptrdiff_t i, size_t expand, size_t n) {
    if (i < 0 || (size_t)i % expand != 0 || (size_t)i / expand >= n)
        return SIZE_MAX;
    return (size_t)i / expand;
}

/* count pixels of one source row, from column first on, to `to`. */
static void copy_pixels(const struct nn_conv_walk *s, char *to, const char *row,
                        ptrdiff_t first, size_t count, size_t step, size_t channel,
                        size_t channels) {
    size_t bytes = channels * s->size;
    if (!row) {
        memset(to, 0, count * bytes);
        return;
    }
    for (size_t j = 0; j < count; j++, to += bytes) {
        size_t from = origin(first + (ptrdiff_t)(j * step), s->expand_w, s->w);
        if (from == SIZE_MAX)
            memset(to, 0, bytes);
        else
            memcpy(to, row + (from * s->c + channel) * s->size, bytes);
    }
}

/* The same where source pixels lie side by side: border, one copy, border. */
static void copy_row(const struct nn_conv_walk *s, char *to, const char *row,
                     size_t width) {
    size_t pixel = s->c * s->size;
    size_t left = MIN_OF((size_t)MAX_OF(s->pad_left, 0), width);
    size_t skip = (size_t)MAX_OF(-s->pad_left, 0);
    size_t have = s->w > skip ? MIN_OF(s->w - skip, width - left) : 0;
    memset(to, 0, left * pixel);
    memcpy(to + left * pixel, row + skip * pixel, have * pixel);
    memset(to + (left + have) * pixel, 0, (width - left - have) * pixel);
}

static const char *source_row(const struct nn_conv_walk *s, const void *x, size_t image,
                              ptrdiff_t i) {
    size_t row = origin(i, s->expand_h, s->h);
    if (row == SIZE_MAX)
        return NULL;
    return nn_conv_at(x, (image * s->h + row) * s->w * s->c, s->size);
}

void nn_conv_strip_fill(const struct nn_conv_walk *s, void *room, const void *x,
                        size_t image, size_t first, size_t rows, size_t channel,
                        size_t channels) {
    size_t height = reach(rows, s->stride_h, s->kh, s->dilation_h);
    size_t width = reach(s->ow, s->stride_w, s->kw, s->dilation_w);
    for (size_t i = 0; i < height; i++) {
        ptrdiff_t at = (ptrdiff_t)(first * s->stride_h + i) - s->pad_top;
        const char *row = source_row(s, x, image, at);
        char *to = (char *)room + i * width * channels * s->size;
        if (row && s->expand_w == 1 && channels == s->c)
            copy_row(s, to, row, width);
        else
            copy_pixels(s, to, row, -s->pad_left, width, 1, channel, channels);
    }
}
