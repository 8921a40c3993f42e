/* chart_vega.c: a chart as a Vega-Lite v5 specification, with the values under the
 * pointer.
 *
 * It cannot shrink with its page as a picture does: panels side by side have no width
 * "container", and one panel that has it makes JupyterLab's renderer measure without end. So it is
 * made to fit where a window of 1100 px leaves it 660, beside the file browser, with the
 * 38 px of the menu that the renderer puts at its right.
 *
 * Each panel is a layer of: curves, invisible dots that appear near the pointer and carry
 * the tooltip, and the markers with data of their own. Ranges, colours and sizes are those
 * of the Cairo figure. Every JSON function below returns NULL when memory is short, and
 * json_pack with a NULL part is NULL again: one check at the end is enough. */
#include "chart_scene.h"

#include "base/i18n.h"
#include "bundle.h"
#include "scene_list.h"
#include "viz/style.h"

#include <jansson.h>
#include <math.h>

enum { LETTER_PX = 6, ENTRY_PX = 40 }; /* of a legend, about */
enum { VEGA_WIDTH = 640 };             /* px, see above */
enum { DIGITS = 7 };                   /* of a number in the JSON, also in tick_labels */

static bool is_whole(double v) {
    return v == floor(v) && fabs(v) < 1e15;
}

/* null for what JSON cannot hold; whole numbers without ".0". */
static json_t *number(double v) {
    if (!isfinite(v))
        return json_null();
    if (is_whole(v))
        return json_integer((json_int_t)v);
    return json_real(v);
}

static json_t *text_or_null(const char *text) {
    return text && *text ? viz_json_text(text) : json_null();
}

static json_t *color_text(viz_color c) {
    char hex[8];
    viz_style_hex(hex, c);
    return json_string(hex);
}

static json_t *series_color(int i) {
    return color_text(viz_style_series(i));
}

static json_t *series_name(const struct viz_panel *p, size_t i) {
    const char *name = p->series[i].name;
    if (name && *name)
        return viz_json_text(name);
    char text[32];
    (void)snprintf(text, sizeof text, "%zu", i + 1);
    return json_string(text);
}

/* Appends a value that may be NULL; false ends the building. */
static bool append(json_t *array, json_t *value) {
    return array && value && json_array_append_new(array, value) == 0;
}

/* Ways, which go back and forth: their values are joined in the order in which they came, not
 * from left to right. */
static bool is_way(const struct viz_panel *p) {
    for (size_t k = 0; k < p->n_series; k++)
        for (size_t i = 1; p->series[k].x && i < p->series[k].n; i++)
            if (p->series[k].x[i] < p->series[k].x[i - 1])
                return true;
    return false;
}

static bool add_rows(json_t *rows, const struct viz_panel *p, size_t k, bool way,
                     struct err *e) {
    const struct viz_series *s = &p->series[k];
    size_t *keep = NULL, n = 0;
    bool ok = viz_series_reduce(&keep, &n, s, SERIES_DRAWN, e) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        double x = viz_series_x(s, keep[i], p->x.log),
               y = viz_series_y(s, keep[i], p->y.log);
        json_t *row = json_pack("{s:o, s:o, s:o}", "x", number(x), "y", number(y), "s",
                                series_name(p, k));
        if (row && way && json_object_set_new(row, "i", json_integer((json_int_t)i))) {
            json_decref(row);
            row = NULL;
        }
        ok = append(rows, row);
    }
    free(keep);
    return ok;
}

static json_t *panel_values(const struct viz_panel *p, struct err *e) {
    json_t *rows = json_array();
    bool ok = rows != NULL, way = is_way(p);
    for (size_t k = 0; ok && k < p->n_series; k++)
        ok = add_rows(rows, p, k, way, e);
    if (ok)
        return rows;
    json_decref(rows);
    return NULL;
}

static json_t *scale(const struct ticks *t, bool log, int inset) {
    json_t *spec = json_pack("{s:s, s:[o, o], s:b}", "type", log ? "log" : "linear",
                             "domain", number(t->min), number(t->max), "nice", 0);
    bool ok = spec && (log || json_object_set_new(spec, "zero", json_false()) == 0) &&
              (!inset || json_object_set_new(spec, "padding", json_integer(inset)) == 0);
    if (ok)
        return spec;
    json_decref(spec);
    return NULL;
}

static json_t *tick_values(const struct ticks *t) {
    json_t *list = json_array();
    for (size_t i = 0; i < t->n; i++) {
        if (!append(list, number(t->at[i]))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* The labels of the Cairo figure, looked up by the value that the tick has in the JSON. */
static json_t *tick_labels(const struct ticks *t) {
    struct buf b;
    buf_init(&b, 4096);
    buf_puts(&b, "[");
    for (size_t i = 0; i < t->n; i++)
        buf_printf(&b, "%s'%s'", i ? "," : "", t->label[i]);
    buf_puts(&b, "][indexof([");
    for (size_t i = 0; i < t->n; i++)
        buf_printf(&b, is_whole(t->at[i]) ? "%s%.0f" : "%s%.7g", i ? "," : "", t->at[i]);
    buf_puts(&b, "],datum.value)]");
    json_t *text = b.failed ? NULL : json_stringn(b.data, b.len);
    buf_release(&b);
    return text;
}

static json_t *position(const char *field, const struct viz_axis *a,
                        const struct ticks *t, bool grid) {
    json_t *axis =
        json_pack("{s:b, s:o, s:i, s:o}", "grid", grid, "values", tick_values(t),
                  "tickCount", (int)t->n, "labelExpr", tick_labels(t));
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "field", field, "type", "quantitative",
                     "title", text_or_null(a->label), "scale",
                     scale(t, a->log, grid ? 0 : CHART_INSET), "axis", axis);
}

/* A list with one entry per series. */
static json_t *per_series(const struct viz_panel *p,
                          json_t *(*entry)(const struct viz_panel *, size_t)) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->n_series; i++) {
        if (!append(list, entry(p, i))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *color_entry(const struct viz_panel *p, size_t i) {
    return series_color(p->series[i].color);
}

static json_t *dash_entry(const struct viz_panel *p, size_t i) {
    if (p->series[i].dashed)
        return json_pack("[f, f]", viz_dash[0], viz_dash[1]);
    return json_pack("[i, i]", 1, 0);
}

static bool any_line(const struct viz_panel *p) {
    for (size_t i = 0; i < p->n_series; i++)
        if (!p->series[i].no_line)
            return true;
    return p->n_series == 0;
}

/* Which series a layer of the panel draws. */
typedef bool chooses_fn(const struct viz_series *);

static bool has_line(const struct viz_series *s) {
    return !s->no_line;
}

static bool has_dots(const struct viz_series *s) {
    return (s->points || s->no_line) && !s->hollow;
}

static bool has_rings(const struct viz_series *s) {
    return s->hollow;
}

static size_t count_series(const struct viz_panel *p, chooses_fn *chooses) {
    size_t n = 0;
    for (size_t i = 0; i < p->n_series; i++)
        n += chooses(&p->series[i]);
    return n;
}

/* Names of the series that are chosen. */
static json_t *chosen_names(const struct viz_panel *p, chooses_fn *chooses) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->n_series; i++) {
        if (chooses(&p->series[i]) && !append(list, series_name(p, i))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Leaves the layer the rows of the chosen series, when those are not all. */
static json_t *with_filter(json_t *layer, const struct viz_panel *p,
                           chooses_fn *chooses) {
    if (count_series(p, chooses) == p->n_series)
        return layer;
    json_t *filter = json_pack("[{s:{s:s, s:o}}]", "filter", "field", "s", "oneOf",
                               chosen_names(p, chooses));
    if (layer && filter && json_object_set_new(layer, "transform", filter) == 0)
        return layer;
    json_decref(filter);
    json_decref(layer);
    return NULL;
}

static bool is_named(const struct viz_series *s) {
    return s->name && *s->name;
}

/* As many columns as stand below the panel: a legend that is wider moves the next panel away. */
static int legend_columns(const struct panel_plan *plan) {
    size_t longest = 0, n = count_series(plan->panel, is_named);
    double all = 0;
    for (size_t i = 0; i < plan->panel->n_series; i++) {
        const char *name = plan->panel->series[i].name;
        size_t letters = 0;
        for (; name && *name; name++)
            letters += (*name & 0xC0) != 0x80;
        longest = MAX_OF(longest, letters);
        all += letters ? (double)letters * LETTER_PX + ENTRY_PX : 0;
    }
    if (all <= plan->plot.w + ENTRY_PX)
        return 0; /* one row */
    double fit = plan->plot.w / ((double)longest * LETTER_PX + ENTRY_PX);
    return (int)fmin(fmax(fit, 1), (double)n);
}

static json_t *legend(const struct panel_plan *plan) {
    const struct viz_panel *p = plan->panel;
    int columns = legend_columns(plan);
    if (p->no_legend || count_series(p, is_named) == 0)
        return json_null();
    return json_pack("{s:n, s:s, s:s, s:i, s:f, s:o*, s:o*}", "title", "orient", "bottom",
                     "symbolType", any_line(p) ? "stroke" : "circle", "symbolSize",
                     any_line(p) ? 300 : 60, "symbolStrokeWidth", 2.0, "values",
                     count_series(p, is_named) < p->n_series ? chosen_names(p, is_named)
                                                             : NULL,
                     "columns", columns ? json_integer(columns) : NULL);
}

static json_t *by_series(const struct panel_plan *plan, json_t *range) {
    const struct viz_panel *p = plan->panel;
    return json_pack("{s:s, s:s, s:{s:o, s:o}, s:o}", "field", "s", "type", "nominal",
                     "scale", "domain", per_series(p, series_name), "range", range,
                     "legend", legend(plan));
}

static json_t *tooltip(const struct viz_panel *p) {
    const char *x = p->x.label && *p->x.label ? p->x.label : "x";
    const char *y = p->y.label && *p->y.label ? p->y.label
                    : p->title && *p->title   ? p->title
                                              : "y";
    return json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:o}, {s:s, s:s, s:o, s:s}]", "field",
                     "s", "type", "nominal", "title", _("serie"), "field", "x", "type",
                     "quantitative", "title", viz_json_text(x), "field", "y", "type",
                     "quantitative", "title", viz_json_text(y), "format", ".4~g");
}

/* A scatter shows its dots always, a curve near the pointer. */
static json_t *dots_encoding(const struct viz_panel *p, const char *name) {
    return json_pack("{s:{s:{s:s, s:b, s:i}, s:f}, s:o}", "opacity", "condition", "param",
                     name, "empty", 0, "value", 1, "value", any_line(p) ? 0.0 : 1.0,
                     "tooltip", tooltip(p));
}

static json_t *dots_layer(const struct viz_panel *p, size_t index) {
    char name[32];
    (void)snprintf(name, sizeof name, "hover_%zu", index);
    return json_pack(
        "{s:{s:s, s:b, s:s, s:i, s:f, s:b}, s:[{s:s, s:{s:s, s:s, s:b, s:s}}],"
        " s:o}",
        "mark", "type", "point", "filled", 0, "fill", "#ffffff", "size", 40,
        "strokeWidth", 2.0, "clip", 1, "params", "name", name, "select", "type", "point",
        "on", "mouseover", "nearest", 1, "clear", "mouseout", "encoding",
        dots_encoding(p, name));
}

static bool is_stairs(const struct viz_panel *p) {
    return p->n_series > 0 && p->series[0].stairs;
}

/* A histogram: the area under the stairs with its outline. */
static json_t *area_layer(bool filled) {
    return json_pack("{s:{s:s, s:s, s:b, s:{s:f, s:s}, s:f}}", "mark", "type", "area",
                     "interpolate", "step-after", "clip", 1, "line", "strokeWidth",
                     VIZ_LINE, "interpolate", "step-after", "fillOpacity",
                     filled ? 0.19 : 0.0);
}

static json_t *line_layer(const struct panel_plan *plan) {
    const struct viz_panel *p = plan->panel;
    if (is_stairs(p))
        return area_layer(p->n_series <= STAIRS_FILLED);
    json_t *encoding =
        json_pack("{s:o}", "strokeDash", by_series(plan, per_series(p, dash_entry)));
    if (encoding && is_way(p) &&
        json_object_set_new(
            encoding, "order",
            json_pack("{s:s, s:s}", "field", "i", "type", "quantitative"))) {
        json_decref(encoding);
        encoding = NULL;
    }
    json_t *layer =
        json_pack("{s:{s:s, s:f, s:b, s:s, s:f}, s:o}", "mark", "type", "line",
                  "strokeWidth", any_line(p) ? VIZ_LINE + 0.25 : 0.0, "clip", 1,
                  "strokeJoin", "round", "opacity", 1.0, "encoding", encoding);
    return any_line(p) ? with_filter(layer, p, has_line) : layer;
}

/* Dots that stay, beside the lines of the panel or on them. */
static json_t *shown_layer(const struct viz_panel *p, bool rings) {
    json_t *layer = json_pack("{s:{s:s, s:b, s:i, s:f, s:f, s:b}}", "mark", "type",
                              "point", "filled", !rings, "size", rings ? 40 : 28,
                              "strokeWidth", 2.0, "opacity", 1.0, "clip", 1);
    json_t *mark = json_object_get(layer, "mark");
    if (rings && mark && json_object_set_new(mark, "fill", json_string("#ffffff"))) {
        json_decref(layer);
        return NULL;
    }
    return with_filter(layer, p, rings ? has_rings : has_dots);
}

static json_t *curve_layers(const struct panel_plan *plan, size_t index) {
    const struct viz_panel *p = plan->panel;
    json_t *list = json_array();
    bool ok = append(list, line_layer(plan));
    if (ok && any_line(p) && count_series(p, has_dots))
        ok = append(list, shown_layer(p, false));
    if (ok && any_line(p) && count_series(p, has_rings))
        ok = append(list, shown_layer(p, true));
    if (ok && append(list, dots_layer(p, index)))
        return list;
    json_decref(list);
    return NULL;
}

/* Areas would be put on top of each other. */
static json_t *unstacked(json_t *y, bool areas) {
    if (!areas || (y && json_object_set_new(y, "stack", json_null()) == 0))
        return y;
    json_decref(y);
    return NULL;
}

static json_t *curves(const struct panel_plan *plan, size_t index, struct err *e) {
    const struct viz_panel *p = plan->panel;
    return json_pack(
        "{s:{s:o}, s:{s:o, s:o, s:o}, s:o}", "data", "values", panel_values(p, e),
        "encoding", "x", position("x", &p->x, &plan->x, false), "y",
        unstacked(position("y", &p->y, &plan->y, true), is_stairs(p)), "color",
        by_series(plan, per_series(p, color_entry)), "layer", curve_layers(plan, index));
}

/* An encoding of a marker: the axis title again, so that layers do not add theirs. */
static json_t *place(const char *field, const struct viz_axis *a) {
    return json_pack("{s:s, s:s, s:o}", "field", field, "type", "quantitative", "title",
                     text_or_null(a->label));
}

static json_t *marker_text(const char *align, double dx, double dy) {
    return json_pack("{s:{s:s, s:s, s:s, s:f, s:f, s:o}, s:{s:{s:s, s:s}}}", "mark",
                     "type", "text", "align", align, "baseline", "middle", "dx", dx, "dy",
                     dy, "color", color_text(VIZ_INK), "encoding", "text", "field", "t",
                     "type", "nominal");
}

static json_t *marker_data(const struct viz_marker *m) {
    return json_pack("{s:[{s:o, s:o, s:o}]}", "values", "x", number(m->x), "y",
                     number(m->y), "t", viz_json_text(m->label ? m->label : ""));
}

/* A hollow dot; its label stands where the Cairo figure puts it. */
static json_t *point_layer(const struct panel_plan *plan, const struct viz_marker *m,
                           struct viz_scene *measure, struct err *e) {
    struct viz_rect box = {0};
    if (viz_chart_marker_place(&box, plan, m, measure, e))
        return NULL;
    const struct viz_panel *p = plan->panel;
    double dx = box.x + 2 - viz_chart_px_x(plan, m->x);
    double dy = box.y + box.h / 2 - viz_chart_px_y(plan, m->y);
    return json_pack(
        "{s:o, s:{s:o, s:o}, s:[{s:{s:s, s:b, s:s, s:i, s:f, s:f, s:o}}, o]}", "data",
        marker_data(m), "encoding", "x", place("x", &p->x), "y", place("y", &p->y),
        "layer", "mark", "type", "point", "filled", 0, "fill", "#ffffff", "size", 60,
        "strokeWidth", 2.0, "opacity", 1.0, "color", series_color(m->color),
        marker_text("left", dx, dy));
}

/* A line across the panel; the label at its upper end, or where Cairo has it. */
static json_t *guide_layer(const struct panel_plan *plan, const struct viz_marker *m,
                           struct viz_scene *measure, struct err *e) {
    const struct viz_panel *p = plan->panel;
    bool vertical = m->kind == VIZ_MARK_VLINE;
    struct viz_rect box = {0};
    if (!vertical && viz_chart_guide_place(&box, plan, m, measure, e))
        return NULL;
    double dy = box.y + box.h / 2 - viz_chart_px_y(plan, m->y);
    json_t *text = vertical ? marker_text("left", 4, 0) : marker_text("left", 0, dy);
    json_t *across = number(vertical ? 8 : round(box.x + 2 - plan->plot.x));
    json_t *rule = json_pack("{s:{s:s, s:[f, f], s:o}}", "mark", "type", "rule",
                             "strokeDash", 2.0, 2.5, "color", series_color(m->color));
    json_t *value = json_pack("{s:o}", "value", across);
    if (text && value)
        (void)json_object_set(json_object_get(text, "encoding"), vertical ? "y" : "x",
                              value);
    json_decref(value);
    return json_pack("{s:o, s:{s:o}, s:[o, o]}", "data", marker_data(m), "encoding",
                     vertical ? "x" : "y",
                     vertical ? place("x", &p->x) : place("y", &p->y), "layer", rule,
                     text);
}

static json_t *marker_layer(const struct panel_plan *plan, const struct viz_marker *m,
                            struct viz_scene *measure, struct err *e) {
    if (m->kind == VIZ_MARK_POINT)
        return point_layer(plan, m, measure, e);
    return guide_layer(plan, m, measure, e);
}

/* What the marker stands at has to be a number. */
static bool marker_is_set(const struct viz_marker *m) {
    return (m->kind == VIZ_MARK_HLINE || isfinite(m->x)) &&
           (m->kind == VIZ_MARK_VLINE || isfinite(m->y));
}

static json_t *panel_spec(const struct panel_plan *plan, size_t index,
                          struct viz_scene *measure, struct err *e) {
    const struct viz_panel *p = plan->panel;
    json_t *layers = json_array();
    bool ok = append(layers, curves(plan, index, e));
    for (size_t i = 0; ok && i < p->n_markers; i++)
        if (marker_is_set(&p->markers[i]))
            ok = append(layers, marker_layer(plan, &p->markers[i], measure, e));
    if (!ok) {
        json_decref(layers);
        return NULL;
    }
    json_t *spec = json_pack("{s:o, s:o, s:o}", "width", number(floor(plan->plot.w)),
                             "height", number(floor(plan->plot.h)), "layer", layers);
    if (spec && p->title && *p->title &&
        json_object_set_new(spec, "title", viz_json_text(p->title))) {
        json_decref(spec);
        return NULL;
    }
    return spec;
}

static json_t *config(void) {
    return json_pack(
        "{s:s, s:{s:i, s:i, s:s, s:o, s:o, s:o, s:o, s:o}, s:{s:i, s:i, s:o},"
        " s:{s:f, s:s, s:o}, s:{s:n}}",
        "font", "DejaVu Sans, Verdana, sans-serif", "axis", "labelFontSize", 10,
        "titleFontSize", 11, "titleFontWeight", "normal", "labelColor",
        color_text(VIZ_MUTED), "titleColor", color_text(VIZ_MUTED), "gridColor",
        color_text(VIZ_GRID), "domainColor", color_text(VIZ_FRAME), "tickColor",
        color_text(VIZ_FRAME), "legend", "labelFontSize", 10, "labelLimit", 320,
        "labelColor", color_text(VIZ_INK), "title", "fontSize", VIZ_SIZE_TITLE,
        "fontWeight", "bold", "color", color_text(VIZ_INK), "view", "stroke");
}

static json_t *chart_spec(const struct chart_plan *plan, struct viz_scene *measure,
                          struct err *e) {
    const struct viz_chart *c = plan->chart;
    json_t *panels = json_array();
    for (size_t i = 0; i < c->n_panels; i++) {
        if (!append(panels, panel_spec(&plan->panel[i], i, measure, e))) {
            json_decref(panels);
            return NULL;
        }
    }
    const char *how = plan->shared_legend ? "shared" : "independent";
    bool rows = plan->rows > 1;
    json_t *spec = json_pack("{s:s, s:s, s:i, s:o, s:{s:{s:s, s:s}}, s:o}", "$schema",
                             "https://vega.github.io/schema/vega-lite/v5.json",
                             "background", "#ffffff", "padding", 10,
                             rows ? "concat" : "hconcat", panels, "resolve", "scale",
                             "color", how, "strokeDash", how, "config", config());
    bool ok = spec != NULL;
    if (ok && rows)
        ok = json_object_set_new(spec, "columns",
                                 json_integer((json_int_t)plan->per_row)) == 0;
    if (ok && c->title && *c->title)
        ok = json_object_set_new(spec, "title",
                                 json_pack("{s:o, s:s}", "text", viz_json_text(c->title),
                                           "anchor", "middle")) == 0;
    if (ok && c->caption && *c->caption)
        ok = json_object_set_new(spec, "description", viz_json_text(c->caption)) == 0;
    if (ok)
        return spec;
    json_decref(spec);
    return NULL;
}

int viz_chart_vega(struct buf *out, const struct viz_chart *c, struct err *e) {
    struct viz_scene *measure = NULL;
    struct chart_plan plan;
    struct viz_chart narrow = *c;
    int rc = viz_chart_check(c, e);
    if (rc == 0)
        rc = viz_scene_new(&measure, 10, 10, e);
    if (rc)
        return rc;
    viz_chart_size(c, &narrow.width, &narrow.height);
    narrow.width = fmin(narrow.width, VEGA_WIDTH);
    viz_chart_plan_make(&plan, &narrow, measure);
    json_t *spec = chart_spec(&plan, measure, e);
    char *text =
        spec ? json_dumps(spec, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) : NULL;
    if (text)
        buf_puts(out, text);
    if (!text || out->failed || measure->failed)
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para la figura interactiva"));
    free(text);
    json_decref(spec);
    viz_scene_free(measure);
    return rc;
}
