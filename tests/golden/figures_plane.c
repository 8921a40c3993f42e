/* figures_plane.c: surfaces and planes of colour for the golden tests. */
#include "figures.h"

#include "base/util.h"
#include "viz/chart.h"

#include <math.h>

enum { GRID = 41, STEPS = 12, DOTS = 24 };

/* A narrow valley with a saddle and a hole, a way down and the lowest point. */
static struct viz_chart surface(void) {
    static double z[GRID * GRID], x[STEPS], y[STEPS];
    static const double levels[] = {-0.5, 0, 0.5, 1, 2, 4, 8};
    static struct viz_field field;
    static struct viz_series way[2];
    static const struct viz_marker lowest = {VIZ_MARK_POINT, 1, 0, "mínimo: −1 en (1, 0)",
                                             VIZ_BLACK};
    static struct viz_panel panel;
    for (int r = 0; r < GRID; r++)
        for (int c = 0; c < GRID; c++) {
            double u = -2 + c * 0.1, v = -1.5 + r * 0.075;
            z[r * GRID + c] = u * u * u * u - 2 * u * u + 3 * v * v;
        }
    for (int i = 0; i < 4; i++)
        z[(GRID - 1 - i / 2) * GRID + i % 2] = (double)NAN;
    for (int i = 0; i < STEPS; i++) {
        x[i] = 1 - 0.9 * pow(0.7, i);
        y[i] = 1.2 * pow(-0.75, i);
    }
    field = (struct viz_field){.rows = GRID,
                               .cols = GRID,
                               .x0 = -2,
                               .x1 = 2,
                               .y0 = -1.5,
                               .y1 = 1.5,
                               .z = z,
                               .levels = levels,
                               .n_levels = ARRAY_LEN(levels)};
    way[0] = (struct viz_series){.name = "camino",
                                 .x = x,
                                 .y = y,
                                 .n = STEPS,
                                 .color = VIZ_VERMILLION,
                                 .points = true};
    way[1] = (struct viz_series){.name = "inicio",
                                 .x = x,
                                 .y = y,
                                 .n = 1,
                                 .color = VIZ_BLACK,
                                 .no_line = true,
                                 .hollow = true};
    panel = (struct viz_panel){.field = &field,
                               .series = way,
                               .n_series = 2,
                               .markers = &lowest,
                               .n_markers = 1,
                               .x = {.label = "w"},
                               .y = {.label = "b"}};
    return (struct viz_chart){.title = "La pérdida desde arriba",
                              .panels = &panel,
                              .n_panels = 1,
                              .height = 360,
                              .caption = "Curvas de nivel",
                              .label = "fig:niveles"};
}

/* Two classes with a round border; full dots and rings. */
static struct viz_chart plane(void) {
    static uint8_t rgb[GRID * GRID * 3];
    static double x[4][DOTS], y[4][DOTS];
    static struct viz_field field;
    static struct viz_series dots[4];
    static const char *const names[] = {"clase 0", "clase 0 (prueba)", "clase 1",
                                        "clase 1 (prueba)"};
    static struct viz_panel panel;
    for (int i = 0; i < GRID * GRID; i++) {
        double u = i % GRID - 20.0, v = i / GRID - 20.0, t = (u * u + v * v) / 400;
        bool inside = t < 0.5;
        double shade = fmin(fabs(t - 0.5) * 2, 1);
        rgb[3 * i] = (uint8_t)lround(255 - shade * (inside ? 150 : 30));
        rgb[3 * i + 1] = (uint8_t)lround(255 - shade * 80);
        rgb[3 * i + 2] = (uint8_t)lround(255 - shade * (inside ? 30 : 150));
    }
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < DOTS; i++) {
            double radius = (k < 2 ? 1.5 : 4.2) + 0.8 * sin(i * 5.0 + k);
            x[k][i] = radius * cos(i * 0.2618 + k);
            y[k][i] = radius * sin(i * 0.2618 + k);
        }
        dots[k] = (struct viz_series){.name = names[k],
                                      .x = x[k],
                                      .y = y[k],
                                      .n = DOTS,
                                      .color = k < 2 ? VIZ_BLUE : VIZ_VERMILLION,
                                      .no_line = true,
                                      .hollow = k % 2 == 1};
    }
    field = (struct viz_field){
        .rows = GRID, .cols = GRID, .x0 = -6, .x1 = 6, .y0 = -6, .y1 = 6, .rgb = rgb};
    panel = (struct viz_panel){.field = &field,
                               .series = dots,
                               .n_series = 4,
                               .x = {.label = "x₁"},
                               .y = {.label = "x₂"}};
    return (struct viz_chart){.panels = &panel,
                              .n_panels = 1,
                              .height = 400,
                              .caption = "Frontera",
                              .label = "fig:frontera"};
}

int surface_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = surface();
    return viz_chart_bundle(out, &c, VIZ_FINAL, e);
}

int surface_scene(struct viz_scene **out, struct err *e) {
    struct viz_chart c = surface();
    return viz_chart_scene(out, &c, e);
}

int plane_bundle(struct mime_bundle *out, struct err *e) {
    struct viz_chart c = plane();
    return viz_chart_bundle(out, &c, VIZ_FINAL, e);
}

int plane_scene(struct viz_scene **out, struct err *e) {
    struct viz_chart c = plane();
    return viz_chart_scene(out, &c, e);
}
