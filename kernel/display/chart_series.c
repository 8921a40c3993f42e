/* chart_series.c: a long series cut down to what a figure can show. */
#include "chart_plan.h"

#include "base/i18n.h"

#include <math.h>

static void keep_index(size_t *keep, size_t *n, size_t i) {
    if (*n == 0 || keep[*n - 1] < i)
        keep[(*n)++] = i;
}

/* First, least, greatest and last of one stretch, and its first gap, in order. */
static void keep_stretch(size_t *keep, size_t *n, const struct viz_series *s, size_t from,
                         size_t to) {
    size_t low = from, high = from, gap = to;
    for (size_t i = from; i < to; i++) {
        double v = s->y[i];
        if (!isfinite(v)) {
            gap = gap == to ? i : gap;
            continue;
        }
        if (!isfinite(s->y[low]) || v < s->y[low])
            low = i;
        if (!isfinite(s->y[high]) || v > s->y[high])
            high = i;
    }
    size_t pick[] = {from, low, high, gap, to - 1};
    for (size_t a = 1; a < ARRAY_LEN(pick); a++) {
        for (size_t b = a; b > 0 && pick[b] < pick[b - 1]; b--) {
            size_t swap = pick[b];
            pick[b] = pick[b - 1];
            pick[b - 1] = swap;
        }
    }
    for (size_t a = 0; a < ARRAY_LEN(pick); a++)
        if (pick[a] < to)
            keep_index(keep, n, pick[a]);
}

int viz_series_reduce(size_t **keep, size_t *n_keep, const struct viz_series *s,
                      size_t limit, struct err *e) {
    *keep = NULL;
    *n_keep = 0;
    if (s->n == 0)
        return 0;
    size_t bytes = 0, stretches = limit / 4;
    size_t room = s->n <= limit ? s->n : stretches * 5;
    if (mul_size(&bytes, room, sizeof **keep))
        *keep = malloc(bytes);
    if (!*keep)
        return err_set(e, ERR_NOMEM, _("no queda memoria para dibujar la figura"));
    if (s->n <= limit) {
        for (size_t i = 0; i < s->n; i++)
            (*keep)[(*n_keep)++] = i;
        return 0;
    }
    for (size_t k = 0; k < stretches; k++) {
        size_t from = (size_t)((double)s->n * (double)k / (double)stretches);
        size_t to = (size_t)((double)s->n * (double)(k + 1) / (double)stretches);
        if (to > from)
            keep_stretch(*keep, n_keep, s, from, MIN_OF(to, s->n));
    }
    return 0;
}
