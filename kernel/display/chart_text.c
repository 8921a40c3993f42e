/* chart_text.c: a chart in words: a sparkline, first and last value, and the best. */
#include "chart_plan.h"

#include "base/i18n.h"
#include "viz/escape.h"

#include <math.h>

enum { SPARK_WIDTH = 32, NAME_WIDTH_MAX = 24 };

/* The mean of the finite values of one stretch, or NaN. */
static double stretch_mean(const double *y, size_t from, size_t to) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        if (isfinite(y[i])) {
            n++;
            sum +=
                (y[i] - sum) / (double)n; /* running mean: huge values do not overflow */
        }
    }
    return n ? sum : (double)NAN;
}

void viz_sparkline(struct buf *out, const double *y, size_t n, size_t width) {
    double lo = INFINITY, hi = -INFINITY;
    size_t w = n < width ? n : width;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < w; k++) {
            size_t from = (size_t)((double)n * (double)k / (double)w);
            size_t to = (size_t)((double)n * (double)(k + 1) / (double)w);
            double v = stretch_mean(y, from, to > from ? to : from + 1);
            if (pass == 0 && isfinite(v)) {
                lo = fmin(lo, v);
                hi = fmax(hi, v);
            } else if (pass == 1) {
                double f = hi > lo ? (v / 2 - lo / 2) / (hi / 2 - lo / 2) : 0;
                /* U+2581 (one eighth) .. U+2588 (full block) */
                viz_utf8_put(out, isfinite(v) ? 0x2581 + (uint32_t)lround(f * 7) : ' ');
            }
        }
    }
}

struct summary {
    size_t first, last, low, high; /* indices; meaningful when any */
    bool any;
};

static struct summary summarize(const struct viz_series *s) {
    struct summary m = {0};
    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->y[i]))
            continue;
        if (!m.any)
            m = (struct summary){i, i, i, i, true};
        m.last = i;
        m.low = s->y[i] < s->y[m.low] ? i : m.low;
        m.high = s->y[i] > s->y[m.high] ? i : m.high;
    }
    return m;
}

static double x_of(const struct viz_series *s, size_t i) {
    return s->x ? s->x[i] : (double)i + 1;
}

/* On a plane: "(0, 1) → (3, 2), 20 puntos". */
static void put_points(struct buf *out, const struct viz_series *s) {
    buf_puts(out, "  ");
    if (s->n == 0) {
        buf_puts(out, _("sin datos"));
    } else if (s->n > 1) {
        if (!s->no_line)
            buf_printf(out, "(%.4g, %.4g) → (%.4g, %.4g), ", x_of(s, 0), s->y[0],
                       x_of(s, s->n - 1), s->y[s->n - 1]);
        buf_printf(out, ngettext_("%zu punto", "%zu puntos", s->n), s->n);
    } else {
        buf_printf(out, "(%.4g, %.4g)", x_of(s, 0), s->y[0]);
    }
    buf_putc(out, '\n');
}

/* "  entrenamiento  █▅▃▂▁  0.812 → 0.213 (mín. 0.2 en 9, máx. 0.812 en 1)" */
static void put_series(struct buf *out, const struct viz_series *s, size_t name_width,
                       bool plane) {
    const char *name = s->name ? s->name : "";
    size_t w = viz_text_columns(name);
    buf_puts(out, "  ");
    viz_escape_text(out, name);
    for (; w < name_width; w++)
        buf_putc(out, ' ');
    if (plane) {
        put_points(out, s);
        return;
    }
    struct summary m = summarize(s);
    if (!m.any) {
        buf_printf(out, "  %s\n", _("sin datos"));
        return;
    }
    buf_puts(out, name_width ? "  " : "");
    if (s->stairs) {
        viz_sparkline(out, s->y, s->n - 1, SPARK_WIDTH);
        buf_printf(out, _("  de %.4g a %.4g (máx. %.4g en %.4g)"), x_of(s, 0),
                   x_of(s, s->n - 1), s->y[m.high], x_of(s, m.high));
        buf_putc(out, '\n');
        return;
    }
    viz_sparkline(out, s->y, s->n, SPARK_WIDTH);
    buf_printf(out, "  %.4g → %.4g", s->y[m.first], s->y[m.last]);
    buf_printf(out, _(" (mín. %.4g en %.6g, máx. %.4g en %.6g)"), s->y[m.low],
               x_of(s, m.low), s->y[m.high], x_of(s, m.high));
    buf_putc(out, '\n');
}

/* "  niveles: 0.1, 0.4, 0.9 (de 0.02 a 8)" */
static void put_field(struct buf *out, const struct viz_field *f) {
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; f->z && !f->rgb && i < f->rows * f->cols; i++) {
        if (!isfinite(f->z[i]))
            continue;
        lo = fmin(lo, f->z[i]);
        hi = fmax(hi, f->z[i]);
    }
    if (lo > hi)
        return;
    buf_printf(out, _("  superficie de %.4g a %.4g"), lo, hi);
    for (size_t i = 0; i < f->n_levels; i++)
        buf_printf(out, i ? ", %.4g" : _("; niveles: %.4g"), f->levels[i]);
    buf_putc(out, '\n');
}

static void put_panel(struct buf *out, const struct viz_panel *p) {
    size_t name_width = 0;
    const char *title = p->title ? p->title : p->field ? NULL : p->y.label;
    if (title && *title) {
        viz_escape_text(out, title);
        buf_putc(out, '\n');
    }
    if (p->field)
        put_field(out, p->field);
    for (size_t i = 0; i < p->n_series; i++) {
        size_t w = p->series[i].name ? viz_text_columns(p->series[i].name) : 0;
        name_width = MAX_OF(name_width, MIN_OF(w, (size_t)NAME_WIDTH_MAX));
    }
    for (size_t i = 0; i < p->n_series; i++)
        put_series(out, &p->series[i], name_width, p->field != NULL);
    for (size_t i = 0; i < p->n_markers; i++) {
        if (p->markers[i].label && *p->markers[i].label) {
            buf_puts(out, "  * ");
            viz_escape_text(out, p->markers[i].label);
            buf_putc(out, '\n');
        }
    }
}

int viz_chart_text(struct buf *out, const struct viz_chart *c, struct err *e) {
    int rc = viz_chart_check(c, e);
    if (rc)
        return rc;
    if (c->title && *c->title) {
        viz_escape_text(out, c->title);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < c->n_panels; i++)
        put_panel(out, &c->panels[i]);
    buf_puts(out, "");
    return out->failed ? err_set(e, ERR_NOMEM, _("no queda memoria para la figura")) : 0;
}
