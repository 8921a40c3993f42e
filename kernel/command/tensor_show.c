/* tensor_show.c: a tensor as text: numbers aligned, long ones shortened in the middle. */
#include "tensor.h"

#include "base/i18n.h"

#include <math.h>

enum {
    EDGE = 3,      /* elements kept at each end of a shortened axis */
    WHOLE_MAX = 60 /* elements that are shown without shortening */
};

/* How the numbers of one tensor are written: all alike. */
struct style {
    bool integer, exponent;
    int decimals, width;
};

static void put_value(struct buf *b, const struct style *s, double v) {
    char text[64];
    if (isnan(v))
        (void)snprintf(text, sizeof text, "nan");
    else if (isinf(v))
        (void)snprintf(text, sizeof text, v > 0 ? "inf" : "-inf");
    else if (s->integer)
        (void)snprintf(text, sizeof text, "%.0f", v == 0 ? 0.0 : v);
    else if (s->exponent)
        (void)snprintf(text, sizeof text, "%.3e", v);
    else
        (void)snprintf(text, sizeof text, "%.*f", s->decimals, v);
    buf_printf(b, "%*s", s->width, text);
}

/* Calls back for every element that is shown. */
struct walk {
    const struct nn_tensor *t;
    struct buf *b;
    struct style *style;
    bool measure, shorten;
    double low, high, least; /* of finite values shown; least: smallest not zero */
};

static bool skipped(const struct walk *w, int axis, size_t i) {
    size_t n = w->t->shape[axis];
    return w->shorten && n > 2 * EDGE + 1 && i >= EDGE && i < n - EDGE;
}

static void measure(struct walk *w, double v) {
    if (!isfinite(v))
        return;
    double size = fabs(v);
    w->high = MAX_OF(w->high, size);
    if (size > 0)
        w->least = MIN_OF(w->least, size);
    if (v != floor(v))
        w->style->integer = false;
}

static void new_line(struct walk *w, int depth) {
    buf_puts(w->b, ",\n");
    for (int i = 0; i <= depth; i++)
        buf_putc(w->b, ' ');
}

static void walk_level(struct walk *w, int axis, size_t first) {
    const struct nn_tensor *t = w->t;
    size_t stride = 1;
    for (int i = axis + 1; i < t->ndim; i++)
        stride *= t->shape[i];
    if (!w->measure)
        buf_putc(w->b, '{');
    for (size_t i = 0; i < t->shape[axis]; i++) {
        bool skip = skipped(w, axis, i);
        if (i > 0 && !w->measure) {
            if (axis == t->ndim - 1)
                buf_puts(w->b, ", ");
            else
                new_line(w, axis);
        }
        if (skip) {
            if (!w->measure)
                buf_puts(w->b, "...");
            i = t->shape[axis] - EDGE - 1;
        } else if (axis < t->ndim - 1) {
            walk_level(w, axis + 1, first + i * stride);
        } else if (w->measure) {
            measure(w, nn_tensor_get(t, first + i));
        } else {
            put_value(w->b, w->style, nn_tensor_get(t, first + i));
        }
    }
    if (!w->measure)
        buf_putc(w->b, '}');
}

static void choose_width(struct walk *w) {
    struct style *s = w->style;
    char text[64];
    s->exponent =
        !s->integer && (w->high >= 1e6 || (w->high > 0 && w->high < 1e-3) ||
                        (w->least < w->high && w->least < 1e-4 && w->high > 1e4));
    s->decimals = 4;
    if (s->integer && w->high >= 1e15) {
        s->integer = false;
        s->exponent = true;
    }
    struct walk again = *w;
    size_t widest = 0;
    for (size_t i = 0; i < w->t->n && i < WHOLE_MAX; i++) {
        struct buf one;
        buf_init(&one, 128);
        s->width = 0;
        put_value(&one, s, nn_tensor_get(again.t, i));
        widest = MAX_OF(widest, one.len);
        buf_release(&one);
    }
    if (w->shorten) {
        int n = snprintf(text, sizeof text, s->integer ? "%.0f" : "%.4f", w->high);
        widest = MAX_OF(widest, s->exponent ? (size_t)10 : (size_t)n);
    }
    s->width = w->t->ndim > 1 ? (int)widest : 0;
}

static void scalar_text(struct buf *b, const struct nn_tensor *t, size_t i) {
    double v = nn_tensor_get(t, i);
    if (isnan(v))
        buf_puts(b, "nan");
    else
        buf_printf(b, t->dtype == NN_F64 ? "%.10g" : "%.7g", v);
}

static void put_values(struct buf *b, const struct nn_tensor *t) {
    struct style style = {.integer = true};
    struct walk w = {.t = t,
                     .b = b,
                     .style = &style,
                     .measure = true,
                     .shorten = t->n > WHOLE_MAX,
                     .least = INFINITY};
    walk_level(&w, 0, 0);
    choose_width(&w);
    w.measure = false;
    walk_level(&w, 0, 0);
}

/* "mín 0 · máx 255" of the finite values; nothing for empty tensors. */
static void put_range(struct buf *b, const struct nn_tensor *t) {
    double low = INFINITY, high = -INFINITY;
    size_t odd = 0;
    for (size_t i = 0; i < t->n; i++) {
        double v = nn_tensor_get(t, i);
        if (!isfinite(v)) {
            odd++;
            continue;
        }
        low = MIN_OF(low, v);
        high = MAX_OF(high, v);
    }
    if (low <= high)
        buf_printf(b, _(" · mín %.5g · máx %.5g"), low, high);
    if (odd)
        buf_printf(b,
                   ngettext_(" · %zu valor no finito", " · %zu valores no finitos", odd),
                   odd);
}

void cmd_tensor_head(struct buf *b, const struct nn_var *v) {
    char shape[NN_SHAPE_TEXT];
    buf_printf(b, "tensor %s %s", nn_shape_text(shape, v->ndim, v->shape),
               nn_dtype_name(v->dtype));
    if (v->name)
        buf_printf(b, _(" «%s»"), v->name);
}

void cmd_tensor_text(struct buf *b, const struct nn_var *v, bool header) {
    const struct nn_tensor *t = v->value;
    if (v->ndim == 0 && !header) {
        scalar_text(b, t, 0);
        return;
    }
    cmd_tensor_head(b, v);
    if (header && v->ndim > 0)
        put_range(b, t);
    if (v->requires_grad)
        buf_puts(b, v->n_in ? _(" · con historia") : _(" · pide gradiente"));
    if (t->n == 0 || (!header && t->n > WHOLE_MAX))
        return;
    buf_putc(b, v->ndim > 1 ? '\n' : ' ');
    if (v->ndim == 0)
        scalar_text(b, t, 0);
    else
        put_values(b, t);
}
