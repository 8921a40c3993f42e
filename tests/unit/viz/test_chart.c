/* test_chart.c: line charts: formats, gaps, limits, and boxes that stand still. */
#include "viz/chart.h"

#include <jansson.h>
#include <math.h>

#include "check.h"

static double loss[1000], val[1000];

static void fill(void) {
    for (int i = 0; i < 1000; i++) {
        loss[i] = 0.9 * exp(-i / 150.0) + 0.08;
        val[i] = 0.9 * exp(-i / 150.0) + 0.14 + 1e-4 * i;
    }
}

static struct viz_series series[2] = {
    {.name = "entrenamiento", .y = loss, .n = 9, .color = VIZ_BLUE},
    {.name = "validación", .y = val, .n = 9, .color = VIZ_VERMILLION, .dashed = true}};
static const struct viz_marker best = {.kind = VIZ_MARK_POINT,
                                       .x = 7,
                                       .y = 0.9,
                                       .label = "mejor época: 7",
                                       .color = VIZ_VERMILLION};
static struct viz_panel panels[2];

/* Two panels of the same two series, n values each, on a fixed axis of 30 epochs. */
static struct viz_chart curves(size_t n) {
    fill();
    series[0].n = series[1].n = n;
    for (int i = 0; i < 2; i++)
        panels[i] = (struct viz_panel){
            .title = i ? "Exactitud" : "Pérdida",
            .x = {.label = "Época", .integer = true, .fixed = true, .min = 1, .max = 30},
            .y = {.label = "valor"},
            .series = series,
            .n_series = 2,
            .markers = &best,
            .n_markers = 1};
    return (struct viz_chart){
        .panels = panels, .n_panels = 2, .caption = "Curvas", .label = "fig:curvas"};
}

static char *dump(const struct viz_chart *c) {
    struct viz_scene *s = NULL;
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1 << 22);
    assert_int_equal(viz_chart_scene(&s, c, &e), 0);
    assert_int_equal(viz_scene_dump(s, &b, &e), 0);
    viz_scene_free(s);
    return buf_take(&b, NULL);
}

static json_t *vega(const struct viz_chart *c) {
    struct buf b;
    buf_init(&b, 1 << 24);
    assert_int_equal(viz_chart_vega(&b, c, NULL), 0);
    json_t *j = json_loads(b.data, 0, NULL);
    assert_non_null(j);
    buf_release(&b);
    return j;
}

static void test_live_bundle(void **state) {
    (void)state;
    struct mime_bundle b;
    struct viz_chart c = curves(9);
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_LIVE, NULL), 0);
    assert_int_equal(b.n, 3);
    assert_non_null(mime_get(&b, "image/svg+xml"));
    /* one pixel of the PNG is one of the page: 720 x 280 */
    assert_memory_equal(mime_get(&b, "image/png")->data + 16, "\0\0\x02\xD0\0\0\x01\x18",
                        8);
    assert_has(b.metadata, "\"width\":720,\"height\":280");
    mime_release(&b);
}

static void test_final_bundle(void **state) {
    (void)state;
    static const char *const types[] = {"application/vnd.vegalite.v5+json",
                                        "image/svg+xml", "image/png", "application/pdf",
                                        "text/plain"};
    struct mime_bundle b;
    struct viz_chart c = curves(1000);
    size_t bytes = 0;
    panels[0].x.max = panels[1].x.max = 1000;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, NULL), 0);
    assert_int_equal(b.n, ARRAY_LEN(types));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        assert_string_equal(b.item[i].type, types[i]);
    for (size_t i = 0; i < b.n; i++)
        bytes += i == 2 || i == 3 ? b.item[i].len * 4 / 3 : b.item[i].len;
    assert_true(bytes < 300000); /* as sent, with base64 */
    assert_has(b.metadata, "\"caption\":\"Curvas\",\"label\":\"fig:curvas\"");
    mime_release(&b);
}

/* Everything but the curves, grid and tick labels of the y axes stays where it was. */
static void test_frames_do_not_jump(void **state) {
    (void)state;
    struct viz_chart c = curves(3);
    panels[0].n_markers = panels[1].n_markers = 0;
    char *a = dump(&c);
    series[0].n = series[1].n = 29;
    loss[20] = 12345;
    val[3] = NAN;
    char *b = dump(&c);
    static const char *const still[] = {"group", "\"Época\"", "\"validación\"", "\"30\"",
                                        "\"valor\""};
    for (size_t i = 0; i < ARRAY_LEN(still); i++) {
        const char *p = strstr(a, still[i]), *q = strstr(b, still[i]);
        assert_non_null(p);
        assert_non_null(q);
        while (p > a && p[-1] != '\n')
            p--;
        while (q > b && q[-1] != '\n')
            q--;
        size_t n = strcspn(p, "\n");
        assert_int_equal(n, strcspn(q, "\n"));
        assert_memory_equal(p, q, n);
    }
    free(a);
    free(b);
}

static void test_no_and_one_value(void **state) {
    (void)state;
    struct viz_chart c = curves(0);
    char *text = dump(&c);
    assert_lacks(text, "nan");
    free(text);
    c = curves(1);
    text = dump(&c);
    assert_int_equal(occurrences(text, "r=2.40"), 4); /* a dot for each lone value */
    free(text);
    struct buf b;
    buf_init(&b, 10000);
    c = curves(0);
    assert_int_equal(viz_chart_text(&b, &c, NULL), 0);
    assert_int_equal(occurrences(b.data, "sin datos"), 4);
    buf_release(&b);
    c.panels = &(struct viz_panel){0}; /* no series, no texts */
    c.n_panels = 1;
    free(dump(&c));
    json_decref(vega(&c));
}

static void test_gaps(void **state) {
    (void)state;
    static const double y[] = {1, 2, NAN, 3, INFINITY, -INFINITY, 4, 5};
    const struct viz_series s = {.name = "a", .y = y, .n = 8};
    const struct viz_panel p = {.series = &s, .n_series = 1};
    const struct viz_chart c = {.panels = &p, .n_panels = 1};
    char *text = dump(&c);
    assert_int_equal(occurrences(text, " gap"), 3);
    assert_int_equal(occurrences(text, "r=2.40"), 1); /* the 3 stands alone */
    free(text);
    json_t *j = vega(&c);
    char *flat = json_dumps(j, JSON_COMPACT);
    assert_int_equal(occurrences(flat, "\"y\":null"), 3);
    free(flat);
    json_decref(j);
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_chart_text(&b, &c, NULL), 0);
    assert_string_equal(b.data, "  a  ▁▃ ▅  ▆█  1 → 5 (mín. 1 en 1, máx. 5 en 8)\n");
    buf_release(&b);
}

static void test_huge_and_tiny(void **state) {
    (void)state;
    static const double row[][3] = {
        {1e308, -1e308, 1e300},     {1e-320, 2e-320, 0}, {5, 5, 5},       {0, 0, 0},
        {1e15, 1e15 + 1, 1e15 + 2}, {1, 1 + 1e-15, 1},   {-1e-9, 1e-9, 0}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        for (int log = 0; log < 2; log++) {
            const struct viz_series s = {.name = "a", .y = row[i], .n = 3};
            const struct viz_panel p = {.y.log = log,
                                        .series = &s,
                                        .n_series = 1,
                                        .markers = &best,
                                        .n_markers = 1};
            const struct viz_chart c = {.panels = &p, .n_panels = 1};
            struct mime_bundle b;
            assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, NULL), 0);
            assert_lacks(mime_get(&b, "image/svg+xml")->data, "nan");
            assert_lacks(mime_get(&b, "application/vnd.vegalite.v5+json")->data, "inf");
            mime_release(&b);
        }
    }
}

static void test_long_series_is_reduced(void **state) {
    (void)state;
    static double y[100000];
    for (int i = 0; i < 100000; i++)
        y[i] = sin(i * 0.001);
    y[77777] = 9; /* one spike stays */
    y[5] = NAN;
    const struct viz_series s = {.name = "a", .y = y, .n = 100000};
    const struct viz_panel p = {.series = &s, .n_series = 1};
    const struct viz_chart c = {.panels = &p, .n_panels = 1};
    struct mime_bundle b;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, NULL), 0);
    const struct mime_item *v = mime_get(&b, "application/vnd.vegalite.v5+json");
    assert_has(v->data, "{\"x\":77778,\"y\":9,");
    assert_has(v->data, "\"y\":null");
    assert_true(v->len < 60000);
    assert_true(mime_get(&b, "image/svg+xml")->len < 60000);
    mime_release(&b);
}

/* The parts that a Vega-Lite viewer needs. */
static void test_vega_structure(void **state) {
    (void)state;
    struct viz_chart c = curves(9);
    json_t *j = vega(&c);
    assert_string_equal(json_string_value(json_object_get(j, "$schema")),
                        "https://vega.github.io/schema/vega-lite/v5.json");
    json_t *h = json_object_get(j, "hconcat");
    assert_int_equal(json_array_size(h), 2);
    json_t *layer = json_object_get(json_array_get(h, 0), "layer");
    assert_int_equal(json_array_size(layer), 2); /* curves, best epoch */
    json_t *curve = json_array_get(layer, 0);
    json_t *values = json_object_get(json_object_get(curve, "data"), "values");
    assert_int_equal(json_array_size(values), 18);
    json_t *x = json_object_get(json_object_get(curve, "encoding"), "x");
    assert_string_equal(json_string_value(json_object_get(x, "title")), "Época");
    char *flat = json_dumps(j, JSON_COMPACT);
    assert_has(flat, "\"domain\":[1,30]");
    assert_has(flat, "\"tooltip\":[");
    assert_has(flat, "hover_0");
    assert_has(flat, "hover_1");
    assert_has(flat, "mejor época: 7");
    free(flat);
    json_decref(j);
}

static void test_hostile_texts(void **state) {
    (void)state;
    struct viz_chart c = curves(5);
    char longer[3000];
    memset(longer, 'M', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    panels[0].title = longer;
    panels[0].x.label = "\xff\xfe</svg>";
    series[0].name = "\"},{\x01";
    struct mime_bundle b;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, NULL), 0);
    json_t *j =
        json_loads(mime_get(&b, "application/vnd.vegalite.v5+json")->data, 0, NULL);
    assert_non_null(j);
    json_decref(j);
    assert_int_equal(occurrences(mime_get(&b, "image/svg+xml")->data, "</svg>"), 1);
    mime_release(&b);
    series[0].name = "entrenamiento";
}

static void test_markers_outside(void **state) {
    (void)state;
    struct viz_chart c = curves(9);
    const struct viz_marker m[] = {{VIZ_MARK_POINT, NAN, 1, "p", 0},
                                   {VIZ_MARK_POINT, 400, 0.9, "lejos", 0},
                                   {VIZ_MARK_VLINE, -5, 0, "fuera", 0},
                                   {VIZ_MARK_VLINE, 15, 0, "vertical", 0},
                                   {VIZ_MARK_HLINE, 0, 0.9, "horizontal", 0}};
    panels[0].markers = m;
    panels[0].n_markers = ARRAY_LEN(m);
    char *text = dump(&c);
    assert_lacks(text, "\"p\"");
    assert_lacks(text, "lejos");
    assert_lacks(text, "fuera");
    assert_has(text, "\"vertical\"");
    assert_has(text, "\"horizontal\"");
    free(text);
    json_decref(vega(&c));
}

static void test_limits(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    struct viz_chart c = curves(1);
    c.n_panels = 0;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_FINAL, &e), ERR_ARG);
    assert_has(e.msg, "1 a 6 paneles, no 0");
    c.n_panels = VIZ_PANELS_MAX + 1;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_LIVE, &e), ERR_ARG);
    c = curves(1);
    panels[0].n_series = VIZ_SERIES_MAX + 1;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_LIVE, &e), ERR_ARG);
    c = curves(VIZ_POINTS_MAX + 1);
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_LIVE, &e), ERR_ARG);
    c = curves(1);
    c.width = 1e6;
    assert_int_equal(viz_chart_bundle(&b, &c, VIZ_LIVE, &e), ERR_RANGE);
    assert_int_equal(b.n, 0);
}

static void test_sparkline(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    viz_sparkline(&b, (double[]){0, 1, 2, 3, 4, 5, 6, 7}, 8, 20);
    assert_string_equal(b.data, "▁▂▃▄▅▆▇█");
    buf_clear(&b);
    viz_sparkline(&b, (double[]){0, 0, 7, 7}, 4, 2);
    assert_string_equal(b.data, "▁█");
    buf_clear(&b);
    viz_sparkline(&b, (double[]){3, 3}, 2, 9);
    assert_string_equal(b.data, "▁▁");
    buf_release(&b);
    viz_sparkline(&b, NULL, 0, 9);
    assert_int_equal(b.len, 0);
}

static int make(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = curves(3);
    c.title = "Título";
    return viz_chart_bundle(out, &c, VIZ_FINAL, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

/* A histogram of three bins: up from the axis, along the tops, down; a fill below. */
static void test_stairs(void **state) {
    (void)state;
    static const double edge[] = {0, 1, 2, 3}, count[] = {2, 0, 4, 4};
    const struct viz_series s = {
        .name = "a", .x = edge, .y = count, .n = 4, .stairs = true};
    const struct viz_panel p = {
        .y = {.fixed = true, .min = 0, .max = 4}, .series = &s, .n_series = 1};
    struct viz_chart c = {.panels = &p, .n_panels = 1};
    char *text = dump(&c);
    assert_int_equal(occurrences(text, "polygon"), 1);
    /* the outline follows the fill: "line x,y x,y ..." with eight corners */
    const char *at = strstr(strstr(text, "polygon"), "\n");
    while (at && strncmp(at, "\nline", 5) != 0 && strncmp(at, "\n  line", 7) != 0)
        at = strstr(at + 1, "\n");
    assert_non_null(at);
    double xy[16];
    at = strchr(strstr(at, "line="), ' '); /* behind the paint */
    for (int n = 0; n < 16; n++) {
        char *end;
        at += strcspn(at, "0123456789");
        xy[n] = strtod(at, &end);
        at = end;
    }
    double base = xy[1], unit = (base - xy[11]) / 4;
    assert_true(unit > 20);
    const double heights[] = {0, 2, 2, 0, 0, 4, 4, 0};
    for (int i = 0; i < 8; i++)
        assert_true(fabs(xy[2 * i + 1] - (base - heights[i] * unit)) < 0.02);
    assert_true(xy[0] == xy[2] && xy[4] == xy[6] && xy[8] == xy[10] && xy[12] == xy[14]);
    free(text);
    json_t *j = vega(&c);
    json_t *layers =
        json_object_get(json_array_get(json_object_get(j, "hconcat"), 0), "layer");
    json_t *first = json_array_get(layers, 0);
    json_t *mark =
        json_object_get(json_array_get(json_object_get(first, "layer"), 0), "mark");
    assert_string_equal(json_string_value(json_object_get(mark, "type")), "area");
    json_t *y = json_object_get(json_object_get(first, "encoding"), "y");
    assert_true(json_is_null(json_object_get(y, "stack")));
    json_decref(j);
}

/* Layer i of the panel's curves. */
static const json_t *curve_layer(const json_t *chart, size_t i) {
    const json_t *panel = json_array_get(json_object_get(chart, "hconcat"), 0);
    const json_t *first = json_array_get(json_object_get(panel, "layer"), 0);
    return json_array_get(json_object_get(first, "layer"), i);
}

/* The series whose rows a layer keeps, as text; "" for all of them. */
static void kept_series(char out[64], const json_t *layer) {
    const json_t *step = json_array_get(json_object_get(layer, "transform"), 0);
    const json_t *filter = json_object_get(step, "filter");
    char *text = json_dumps(json_object_get(filter, "oneOf"), JSON_COMPACT);
    snprintf(out, 64, "%s", text ? text : "");
    free(text);
}

static const char *mark_of(const json_t *layer) {
    return json_string_value(json_object_get(json_object_get(layer, "mark"), "type"));
}

/* Data as dots beside a curve: the dots have no line, the curve no dots. */
static void test_dots_beside_a_curve(void **state) {
    (void)state;
    char kept[64];
    struct viz_series two[] = {panels[0].series[0], panels[0].series[1]};
    struct viz_panel p = panels[0];
    struct viz_chart c = {.panels = &p, .n_panels = 1};
    p.series = two;
    p.n_series = 2;
    two[0].name = "curva";
    two[1].name = "datos";
    two[0].points = two[1].points = false;
    json_t *j = vega(&c);
    kept_series(kept, curve_layer(j, 0));
    assert_string_equal(kept, "");
    assert_null(curve_layer(j, 2)); /* the line and what appears near the pointer */
    json_decref(j);
    two[1].no_line = true;
    j = vega(&c);
    kept_series(kept, curve_layer(j, 0));
    assert_string_equal(kept, "[\"curva\"]");
    assert_string_equal(mark_of(curve_layer(j, 1)), "point");
    kept_series(kept, curve_layer(j, 1));
    assert_string_equal(kept, "[\"datos\"]");
    json_decref(j);
}

/* A way over a curve keeps its order; what has no name is not in the legend. */
static void test_way_over_a_curve(void **state) {
    (void)state;
    char kept[64];
    static const double there[] = {0, 6, 1, 5}, up[] = {9, 9, 4, 4};
    struct viz_series two[] = {
        {.name = "L", .y = up, .n = 4, .color = VIZ_BLUE},
        {.x = there, .y = up, .n = 4, .color = VIZ_VERMILLION, .points = true}};
    struct viz_panel p = {.series = two, .n_series = 2};
    struct viz_chart c = {.panels = &p, .n_panels = 1};
    json_t *j = vega(&c);
    const json_t *line = json_object_get(curve_layer(j, 0), "encoding");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(line, "order"), "field")), "i");
    const json_t *legend = json_object_get(json_object_get(line, "strokeDash"), "legend");
    char *values = json_dumps(json_object_get(legend, "values"), JSON_COMPACT);
    assert_string_equal(values, "[\"L\"]");
    free(values);
    kept_series(kept, curve_layer(j, 1));
    assert_string_equal(kept, "[\"2\"]");
    json_decref(j);
    two[1].x = NULL; /* from left to right: no order is needed */
    j = vega(&c);
    line = json_object_get(curve_layer(j, 0), "encoding");
    assert_null(json_object_get(line, "order"));
    json_decref(j);
}

/* Four panels in two rows: the second row lies below the first and they are as high. */
static void test_rows(void **state) {
    (void)state;
    struct viz_panel four[4];
    struct viz_chart c = curves(30);
    for (int i = 0; i < 4; i++)
        four[i] = panels[i % 2];
    c.panels = four;
    c.n_panels = 4;
    c.per_row = 2;
    struct viz_scene *s = NULL;
    assert_int_equal(viz_chart_scene(&s, &c, NULL), 0);
    assert_true(viz_scene_height(s) == 560 && viz_scene_width(s) == VIZ_WIDTH);
    viz_scene_free(s);
    json_t *j = vega(&c);
    assert_int_equal(json_integer_value(json_object_get(j, "columns")), 2);
    assert_int_equal(json_array_size(json_object_get(j, "concat")), 4);
    json_decref(j);
    four[2].no_legend = four[3].no_legend = true;
    char *text = dump(&c);
    assert_int_equal(occurrences(text, "\"entrenamiento\""), 2);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_bundle),
        cmocka_unit_test(test_final_bundle),
        cmocka_unit_test(test_frames_do_not_jump),
        cmocka_unit_test(test_no_and_one_value),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_huge_and_tiny),
        cmocka_unit_test(test_long_series_is_reduced),
        cmocka_unit_test(test_vega_structure),
        cmocka_unit_test(test_dots_beside_a_curve),
        cmocka_unit_test(test_way_over_a_curve),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_markers_outside),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_stairs),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_sparkline),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
