/* figures.c: the figures of the golden tests. */
#include "figures.h"

#include "base/util.h"
#include "viz/bars.h"
#include "viz/chart.h"
#include "viz/confusion.h"
#include "viz/formula.h"
#include "viz/graph.h"
#include "viz/grid.h"
#include "viz/maps.h"
#include "viz/style.h"
#include "viz/table.h"

#include <math.h>
#include <stdio.h>

enum { EPOCHS = 30 };

static double loss[2][EPOCHS], accuracy[2][EPOCHS];
static struct viz_series loss_series[2], accuracy_series[2];
static struct viz_marker best[2];
static struct viz_panel panels[2];

static const char *const clothes[] = {"camiseta/top", "pantalón", "suéter", "vestido",
                                      "abrigo",       "sandalia", "camisa", "zapatilla",
                                      "bolso",        "botín"};

/* A smooth curve with a small ripple: no random numbers, the same everywhere. */
static void fill_curves(void) {
    for (int i = 0; i < EPOCHS; i++) {
        double f = exp(-i / 6.0), late = i > 12 ? (i - 12) * (i - 12) * 0.0004 : 0;
        loss[0][i] = 0.9 * f + 0.08;
        loss[1][i] = 0.9 * f + 0.14 + late;
        accuracy[0][i] = 0.98 - 0.28 * f;
        accuracy[1][i] = 0.95 - 0.28 * f + 0.003 * sin(i * 2.0);
    }
    loss[1][4] = (double)NAN; /* a gap */
}

static void two_series(struct viz_series out[2], double y[2][EPOCHS], size_t n) {
    out[0] = (struct viz_series){
        .name = "entrenamiento", .y = y[0], .n = n, .color = VIZ_BLUE};
    out[1] = (struct viz_series){
        .name = "validación", .y = y[1], .n = n, .color = VIZ_VERMILLION, .dashed = true};
}

static struct viz_chart learning_curves(size_t n, bool final) {
    fill_curves();
    two_series(loss_series, loss, n);
    two_series(accuracy_series, accuracy, n);
    best[0] = (struct viz_marker){.kind = VIZ_MARK_POINT,
                                  .x = 20,
                                  .y = loss[1][19],
                                  .label = "mejor época: 20",
                                  .color = VIZ_VERMILLION};
    best[1] = best[0];
    best[1].y = accuracy[1][19];
    best[1].label = "0.94";
    for (int i = 0; i < 2; i++) {
        panels[i] = (struct viz_panel){
            .title = i ? "Exactitud" : "Pérdida",
            .x = {.label = "Época",
                  .integer = true,
                  .fixed = true,
                  .min = 1,
                  .max = EPOCHS},
            .y = {.label = i ? "fracción de aciertos" : "entropía cruzada"},
            .series = i ? accuracy_series : loss_series,
            .n_series = 2,
            .markers = &best[i],
            .n_markers = final};
    }
    return (struct viz_chart){.panels = panels,
                              .n_panels = 2,
                              .caption = "Curvas de aprendizaje",
                              .label = "fig:curvas"};
}

static int curves_live(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = learning_curves(7, false);
    return viz_chart_bundle(out, &c, VIZ_LIVE, e);
}

static int curves_live_scene(struct viz_scene **out, struct err *e) {
    struct viz_chart c = learning_curves(7, false);
    return viz_chart_scene(out, &c, e);
}

static int curves(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = learning_curves(EPOCHS, true);
    return viz_chart_bundle(out, &c, VIZ_FINAL, e);
}

static int curves_scene(struct viz_scene **out, struct err *e) {
    struct viz_chart c = learning_curves(EPOCHS, true);
    return viz_chart_scene(out, &c, e);
}

/* Several runs over a logarithmic axis, beside dots and guides with a legend of its own.
 */
static struct viz_chart runs(void) {
    static double norm[4][EPOCHS];
    static struct viz_series run[4], dots[1];
    static const char *const names[] = {"η = 0.001", "η = 0.01", "η = 0.1",
                                        "η = 1 (diverge)"};
    static const double rate[] = {-0.05, -0.2, -0.45, 0.3};
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < EPOCHS; i++)
            norm[k][i] = exp(rate[k] * i);
        run[k] =
            (struct viz_series){.name = names[k], .y = norm[k], .n = EPOCHS, .color = k};
    }
    dots[0] = (struct viz_series){.name = "época a época",
                                  .x = accuracy[0],
                                  .y = accuracy[1],
                                  .n = EPOCHS,
                                  .color = VIZ_PURPLE,
                                  .no_line = true};
    static const struct viz_marker guides[] = {
        {VIZ_MARK_HLINE, 0, 0.9, "meta: 90 %", VIZ_BLACK},
        {VIZ_MARK_VLINE, 0.85, 0, "inicio", VIZ_BLACK}};
    fill_curves();
    panels[0] = (struct viz_panel){.title = "Norma del gradiente",
                                   .x = {.label = "Paso", .integer = true},
                                   .y = {.label = "‖∂L/∂W‖", .log = true},
                                   .series = run,
                                   .n_series = 4};
    panels[1] = (struct viz_panel){.title = "Validación y entrenamiento",
                                   .x = {.label = "entrenamiento"},
                                   .y = {.label = "validación"},
                                   .series = dots,
                                   .n_series = 1,
                                   .markers = guides,
                                   .n_markers = 2};
    return (struct viz_chart){
        .title = "Cuatro tasas de aprendizaje", .panels = panels, .n_panels = 2};
}

static int runs_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = runs();
    return viz_chart_bundle(out, &c, VIZ_FINAL, e);
}

static int runs_scene(struct viz_scene **out, struct err *e) {
    struct viz_chart c = runs();
    return viz_chart_scene(out, &c, e);
}

/* Right nine times in ten; the rest decays with the distance of the classes. */
static struct viz_confusion matrix(size_t n) {
    static int64_t counts[100 * 100];
    for (size_t t = 0; t < n; t++)
        for (size_t p = 0; p < n; p++) {
            size_t far = t > p ? t - p : p - t;
            counts[t * n + p] =
                far == 0 ? 900 + (int64_t)(t * 37 % 90)
                         : (int64_t)(t * 31 + p * 17) % 97 / (int64_t)(far * far);
        }
    return (struct viz_confusion){.title = "Matriz de confusión en el conjunto de prueba",
                                  .counts = counts,
                                  .n = n,
                                  .caption = "Matriz de confusión",
                                  .label = "fig:confusion"};
}

static struct viz_confusion named(size_t n) {
    static const char *const two[] = {"gato", "perro"};
    struct viz_confusion c = matrix(n);
    c.names = n == 2 ? two : n == 10 ? clothes : NULL;
    return c;
}

#define CONFUSION(n)                                                                     \
    static int confusion_##n(struct mime_bundle *out, struct err *e) {                   \
        struct viz_confusion c = named(n);                                               \
        return viz_confusion_bundle(out, &c, e);                                         \
    }                                                                                    \
    static int confusion_##n##_scene(struct viz_scene **out, struct err *e) {            \
        struct viz_confusion c = named(n);                                               \
        return viz_confusion_scene(out, &c, e);                                          \
    }
CONFUSION(2)
CONFUSION(10)
CONFUSION(30)
CONFUSION(100)

static struct viz_bars class_counts(void) {
    static const double values[] = {5923, 6742, 5958, 6131, 5842,
                                    5421, 5918, 6265, 5851, 0};
    return (struct viz_bars){.title = "Ejemplos por clase",
                             .names = clothes,
                             .values = values,
                             .n = 10,
                             .width = 300,
                             .xlabel = "ejemplos"};
}

static int bars(struct mime_bundle *out, struct err *e) {
    struct viz_bars b = class_counts();
    return viz_bars_bundle(out, &b, e);
}

static int bars_scene(struct viz_scene **out, struct err *e) {
    struct viz_bars b = class_counts();
    return viz_bars_scene(out, &b, e);
}

/* Blobs in grey (c = 1) or colour. */
static void fill_tiles(struct viz_tile *tiles, size_t n, size_t side, size_t c) {
    static uint8_t pixels[25][32 * 32 * 3];
    for (size_t i = 0; i < n; i++) {
        for (size_t y = 0; y < side; y++)
            for (size_t x = 0; x < side; x++)
                for (size_t k = 0; k < c; k++) {
                    double dx = (double)x - 8.0 - (double)(i % 5) * 3;
                    double dy = (double)y - 8.0 - (double)(i / 5) * 3 - (double)k * 4;
                    pixels[i][(y * side + x) * c + k] =
                        (uint8_t)lround(255 * exp(-(dx * dx + dy * dy) / 40));
                }
        tiles[i] = (struct viz_tile){.pixels = pixels[i], .h = side, .w = side, .c = c};
    }
}

static struct viz_grid examples(void) {
    static struct viz_tile tiles[20];
    static struct viz_bars counts;
    fill_tiles(tiles, 20, 28, 1);
    for (size_t i = 0; i < 20; i++)
        tiles[i].title = clothes[i % 10];
    counts = class_counts();
    return (struct viz_grid){
        .title = "Ejemplos", .tiles = tiles, .n = 20, .bars = &counts};
}

static int examples_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_grid g = examples();
    return viz_grid_bundle(out, &g, e);
}

static int examples_scene(struct viz_scene **out, struct err *e) {
    struct viz_grid g = examples();
    return viz_grid_scene(out, &g, e);
}

/* An image, three rows of maps, a strip. */
static struct viz_maps maps(void) {
    static struct viz_tile tiles[20], strip;
    static uint8_t units[24 * 3];
    static struct viz_map_row rows[4];
    fill_tiles(tiles, 20, 28, 1);
    for (int i = 0; i < 24; i++) {
        units[3 * i] = (uint8_t)(i * 10);
        units[3 * i + 1] = 120;
        units[3 * i + 2] = (uint8_t)(255 - i * 10);
    }
    strip = (struct viz_tile){.pixels = units, .h = 1, .w = 24, .c = 3};
    rows[0] = (struct viz_map_row){"entrada", tiles, 1};
    rows[1] = (struct viz_map_row){"conv2d (28, 28, 8) · mapas en cero: 1 de 8 (12 %)",
                                   tiles + 2, 8};
    rows[2] = (struct viz_map_row){NULL, tiles + 3, 16};
    rows[3] = (struct viz_map_row){"dense (24,)", &strip, 1};
    return (struct viz_maps){.title = "Activaciones",
                             .rows = rows,
                             .n_rows = 4,
                             .caption = "Las capas",
                             .label = "fig:capas"};
}

static int maps_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_maps m = maps();
    return viz_maps_bundle(out, &m, e);
}

static int maps_scene(struct viz_scene **out, struct err *e) {
    struct viz_maps m = maps();
    return viz_maps_scene(out, &m, e);
}

static struct viz_grid mistakes(void) {
    static struct viz_tile tiles[25];
    static char titles[25][64];
    fill_tiles(tiles, 25, 32, 3);
    for (size_t i = 0; i < 25; i++) {
        (void)snprintf(titles[i], sizeof titles[i], "%s → %s\n0.%02zu", clothes[i % 10],
                       clothes[(i + 4) % 10], 99 - i);
        tiles[i].title = titles[i];
        tiles[i].color = i % 4 ? VIZ_BAD : VIZ_GOOD;
    }
    return (struct viz_grid){.title = "Peores errores: verdadera → predicha",
                             .tiles = tiles,
                             .n = 25,
                             .caption = "Los peores errores",
                             .label = "fig:errores"};
}

static int mistakes_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_grid g = mistakes();
    return viz_grid_bundle(out, &g, e);
}

static int mistakes_scene(struct viz_scene **out, struct err *e) {
    struct viz_grid g = mistakes();
    return viz_grid_scene(out, &g, e);
}

static int report(struct mime_bundle *out, struct err *e) {
    static const struct viz_column columns[] = {{"Clase", VIZ_LEFT},
                                                {"Precisión", VIZ_RIGHT},
                                                {"Exhaustividad", VIZ_RIGHT},
                                                {"F1", VIZ_RIGHT},
                                                {"Soporte", VIZ_RIGHT}};
    static const char *const cells[] = {
        "camiseta & top_1", "0.84", "0.81", "0.82", "1000",
        "pantalón → 50 %",  "0.98", "0.97", "0.98", "1000",
        "suéter",           "0.79", "0.80", "0.79", "1000",
        "exactitud",        NULL,   NULL,   "0.86", "3000",
        "media macro",      "0.87", "0.86", "0.86", "3000"};
    static const bool rules[] = {false, false, true, false, false};
    static const bool bold[] = {false, true, false, false, false};
    return viz_table_bundle(out,
                            &(struct viz_table){.columns = columns,
                                                .n_columns = 5,
                                                .cells = cells,
                                                .n_rows = 5,
                                                .bold = bold,
                                                .rule_after = rules,
                                                .caption = "Informe por clase",
                                                .label = "tab:informe"},
                            e);
}

/* What gradcheck says of gradients written by hand. */
static int verdicts(struct mime_bundle *out, struct err *e) {
    static const struct viz_column columns[] = {{"variable", VIZ_LEFT},
                                                {"error relativo", VIZ_RIGHT},
                                                {"revisados", VIZ_RIGHT},
                                                {"veredicto", VIZ_LEFT},
                                                {"diagnóstico", VIZ_LEFT}};
    static const char *const cells[] = {
        "W₁", "3.1e-10", "6", "correcto",   "",
        "b₁", "2.4e-03", "3", "sospechoso", "",
        "W₂", "2.0e+00", "3", "incorrecto", "Falta el factor σ'(z): ∂ŷ/∂z = ŷ·(1 - ŷ)"};
    static const enum viz_tone tone[15] = {
        [3] = VIZ_TONE_GOOD, [8] = VIZ_TONE_DOUBT, [13] = VIZ_TONE_BAD};
    return viz_table_bundle(out,
                            &(struct viz_table){.columns = columns,
                                                .n_columns = 5,
                                                .cells = cells,
                                                .n_rows = 3,
                                                .tone = tone,
                                                .caption = "Verificación del gradiente",
                                                .label = "tab:gradcheck"},
                            e);
}

static int formula(struct mime_bundle *out, struct err *e) {
    return viz_formula_bundle(
        out,
        "\\frac{\\partial C}{\\partial w}=\\frac{\\partial C}{\\partial \\hat y}\\cdot"
        "\\frac{\\partial \\hat y}{\\partial w}",
        "dC/dw = dC/dŷ · dŷ/dw", NULL, NULL, e);
}

/* One neuron and its squared error, laid out by our own. */
static const struct viz_graph neuron = {
    .nodes =
        (const struct viz_graph_node[]){{"wᴸ", "0.8", "-0.08107", VIZ_NODE_PARAMETER},
                                        {"aᴸ⁻¹", "0.5", NULL, VIZ_NODE_CONSTANT},
                                        {"×", NULL, NULL, VIZ_NODE_OPERATION},
                                        {"wᴸ·aᴸ⁻¹", "0.4", "-0.1621", VIZ_NODE_VALUE},
                                        {"bᴸ", "0.2", "-0.1621", VIZ_NODE_PARAMETER},
                                        {"+", NULL, NULL, VIZ_NODE_OPERATION},
                                        {"zᴸ", "0.6", "-0.1621", VIZ_NODE_VALUE},
                                        {"σ", NULL, NULL, VIZ_NODE_OPERATION},
                                        {"ŷ", "0.6457", "-0.7087", VIZ_NODE_VALUE},
                                        {"y", "1", NULL, VIZ_NODE_CONSTANT},
                                        {"−", NULL, NULL, VIZ_NODE_OPERATION},
                                        {"ŷ - y", "-0.3543", "-0.7087", VIZ_NODE_VALUE},
                                        {"^2", NULL, NULL, VIZ_NODE_OPERATION},
                                        {"C", "0.1256", "1", VIZ_NODE_RESULT}},
    .n = 14,
    .edges = (const struct viz_graph_edge[]){{0, 2},
                                             {1, 2},
                                             {2, 3},
                                             {3, 5},
                                             {4, 5},
                                             {5, 6},
                                             {6, 7},
                                             {7, 8},
                                             {8, 10},
                                             {9, 10},
                                             {10, 11},
                                             {11, 12},
                                             {12, 13}},
    .n_edges = 13,
    .data_label = "dato",
    .gradient_label = "grad.",
    .title = "Una neurona",
    .plain = "wᴸ, aᴸ⁻¹, bᴸ, zᴸ, ŷ, y, C",
    .caption = "Grafo de una neurona",
    .label = "fig:neurona",
    .no_dot = true};

static int neuron_bundle(struct mime_bundle *out, struct err *e) {
    return viz_graph_bundle(out, &neuron, e);
}

static int neuron_scene(struct viz_scene **out, struct err *e) {
    return viz_graph_scene(out, &neuron, e);
}

/* Two layers of two units, and a value that is used far from where it is made. */
static struct viz_graph network(void) {
    static struct viz_graph_node node[26];
    static struct viz_graph_edge edge[40];
    struct viz_graph g = {.nodes = node, .edges = edge, .no_dot = true, .plain = "red"};
    g.data_label = "dato";
    g.gradient_label = "grad.";
    for (size_t i = 0; i < 4; i++)
        node[g.n++] = (struct viz_graph_node){"x", "0.5", NULL, VIZ_NODE_CONSTANT};
    for (size_t i = 0; i < 4; i++) {
        node[g.n++] = (struct viz_graph_node){"tanh", NULL, NULL, VIZ_NODE_OPERATION};
        node[g.n++] = (struct viz_graph_node){"u", "0.46", "0.02", VIZ_NODE_VALUE};
        for (size_t k = 0; k < 2; k++)
            edge[g.n_edges++] = (struct viz_graph_edge){(i + k) % 4, g.n - 2};
        edge[g.n_edges++] = (struct viz_graph_edge){g.n - 2, g.n - 1};
    }
    for (size_t i = 0; i < 3; i++) {
        node[g.n++] = (struct viz_graph_node){"+", NULL, NULL, VIZ_NODE_OPERATION};
        node[g.n++] = (struct viz_graph_node){"v", "1.2", "0.3", VIZ_NODE_VALUE};
        size_t in[] = {i ? g.n - 3 : 5, 7 + 2 * i, i == 2 ? 0 : 11};
        for (size_t k = 0; k < 3; k++)
            edge[g.n_edges++] = (struct viz_graph_edge){in[k], g.n - 2};
        edge[g.n_edges++] = (struct viz_graph_edge){g.n - 2, g.n - 1};
    }
    node[g.n - 1].role = VIZ_NODE_RESULT;
    return g;
}

static int network_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_graph g = network();
    return viz_graph_bundle(out, &g, e);
}

static int network_scene(struct viz_scene **out, struct err *e) {
    struct viz_graph g = network();
    return viz_graph_scene(out, &g, e);
}

const struct figure figures[] = {
    {"curves_live", curves_live, curves_live_scene},
    {"curves", curves, curves_scene},
    {"runs", runs_bundle, runs_scene},
    {"surface", surface_bundle, surface_scene},
    {"plane", plane_bundle, plane_scene},
    {"confusion_2", confusion_2, confusion_2_scene},
    {"confusion_10", confusion_10, confusion_10_scene},
    {"confusion_30", confusion_30, confusion_30_scene},
    {"confusion_100", confusion_100, confusion_100_scene},
    {"bars", bars, bars_scene},
    {"examples", examples_bundle, examples_scene},
    {"mistakes", mistakes_bundle, mistakes_scene},
    {"maps", maps_bundle, maps_scene},
    {"report", report, NULL},
    {"verdicts", verdicts, NULL},
    {"formula", formula, NULL},
    {"graph_neuron", neuron_bundle, neuron_scene},
    {"graph_network", network_bundle, network_scene},
};
const size_t figures_n = ARRAY_LEN(figures);
