/* curves.c: learning curves as a chart. */
#include "curves.h"

#include "base/i18n.h"
#include "base/util.h"

#include <math.h>

int cmd_curves_best(const double *v, int n) {
    int best = -1;
    for (int i = 0; v && i < n; i++)
        if (isfinite(v[i]) && (best < 0 || v[i] < v[best]))
            best = i;
    return best;
}

static bool any(const double *v, int n) {
    for (int i = 0; v && i < n; i++)
        if (isfinite(v[i]))
            return true;
    return false;
}

/* One panel's parts live as long as the chart is drawn. */
struct panel_parts {
    struct viz_series series[3];
    struct viz_marker marker;
    char text[64];
};

static struct viz_panel make_panel(const struct cmd_curves *c, struct panel_parts *p,
                                   const double *train, const double *valid,
                                   const double *batch, int best) {
    size_t k = 0, n = (size_t)c->n;
    if (batch && c->n_batch)
        p->series[k++] = (struct viz_series){.name = _("por lotes"),
                                             .x = c->batch_x,
                                             .y = batch,
                                             .n = c->n_batch,
                                             .color = VIZ_SKY};
    p->series[k++] = (struct viz_series){.name = _("entrenamiento"),
                                         .x = c->x,
                                         .y = train,
                                         .n = train ? n : 0,
                                         .color = VIZ_BLUE,
                                         .points = n <= 60};
    if (any(valid, c->n))
        p->series[k++] = (struct viz_series){.name = _("validación"),
                                             .x = c->x,
                                             .y = valid,
                                             .n = n,
                                             .dashed = true,
                                             .color = VIZ_VERMILLION,
                                             .points = n <= 60};
    struct viz_panel panel = {.series = p->series,
                              .n_series = k,
                              .x = {.label = _("época"),
                                    .integer = true,
                                    .fixed = true,
                                    .min = 0,
                                    .max = MAX_OF(c->epochs, 1)}};
    if (best < 0 || !valid || !isfinite(valid[best]))
        return panel;
    (void)snprintf(p->text, sizeof p->text, _("mejor época: %.0f"), c->x[best]);
    p->marker = (struct viz_marker){.kind = VIZ_MARK_POINT,
                                    .x = c->x[best],
                                    .y = valid[best],
                                    .label = p->text,
                                    .color = VIZ_VERMILLION};
    panel.markers = &p->marker;
    panel.n_markers = 1;
    return panel;
}

int cmd_curves_bundle(struct mime_bundle *out, const struct cmd_curves *c,
                      enum viz_stage stage, struct err *e) {
    struct panel_parts parts[2];
    struct viz_panel panel[2];
    size_t n = 0;
    int best = c->n > 1 ? cmd_curves_best(c->val_loss, c->n) : -1;
    if (c->plane)
        panel[n++] = *c->plane;
    panel[n] = make_panel(c, &parts[0], c->loss, c->val_loss, c->batch_loss, best);
    panel[n].title = _("Pérdida");
    panel[n].y = (struct viz_axis){.label = _("pérdida"), .log = c->log};
    n++;
    if (c->accuracy && !c->plane) {
        panel[n] = make_panel(c, &parts[1], c->accuracy, c->val_accuracy,
                              c->batch_accuracy, best);
        panel[n].title = _("Exactitud");
        panel[n].y.label = _("exactitud");
        n++;
    }
    const struct viz_chart chart = {.title = c->title,
                                    .panels = panel,
                                    .n_panels = n,
                                    .height = c->plane ? 330 : 0,
                                    .caption = c->caption,
                                    .label = c->label};
    return viz_chart_bundle(out, &chart, stage, e);
}
