/* bench_viz.c: what a figure costs in processor time: one live frame (the training thread
 * pays it), the final bundle, and their bytes as sent. */
#include "viz/chart.h"
#include "viz/confusion.h"

#include "base/util.h"

#include <math.h>
#include <stdio.h>

enum { EPOCHS = 50, FRAMES = 40 };

static double train[2][EPOCHS], val[2][EPOCHS];
static struct viz_series series[2][2];
static struct viz_panel panels[2];

static struct viz_chart curves(size_t n) {
    for (int p = 0; p < 2; p++) {
        for (int i = 0; i < EPOCHS; i++) {
            double f = exp(-i / 9.0);
            train[p][i] = p ? 0.98 - 0.3 * f : 0.1 + 0.9 * f;
            val[p][i] = (p ? 0.95 - 0.3 * f : 0.15 + 0.9 * f) + 0.004 * sin(2.0 * i);
        }
        series[p][0] =
            (struct viz_series){.name = "entrenamiento", .y = train[p], .n = n};
        series[p][1] = (struct viz_series){.name = "validación",
                                           .y = val[p],
                                           .n = n,
                                           .color = VIZ_VERMILLION,
                                           .dashed = true};
        panels[p] = (struct viz_panel){
            .title = p ? "Exactitud" : "Pérdida",
            .x = {.label = "Época",
                  .integer = true,
                  .fixed = true,
                  .min = 1,
                  .max = EPOCHS},
            .y = {.label = p ? "fracción de aciertos" : "entropía cruzada"},
            .series = series[p],
            .n_series = 2};
    }
    return (struct viz_chart){.panels = panels, .n_panels = 2};
}

/* Seconds of this thread's processor time: others on the machine do not count. */
static double cpu_seconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Bytes of a message: base64 for what is not text. */
static size_t sent(const struct mime_bundle *b) {
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        bool binary = strcmp(b->item[i].type, "image/png") == 0 ||
                      strcmp(b->item[i].type, "application/pdf") == 0;
        n += binary ? b->item[i].len * 4 / 3 : b->item[i].len;
    }
    return n;
}

static int chart(const char *name, enum viz_stage stage, size_t n) {
    struct viz_chart c = curves(n);
    struct mime_bundle b = {0};
    struct err e = {0};
    double best = INFINITY, sum = 0;
    size_t bytes = 0;
    for (int i = 0; i <= FRAMES; i++) {
        double t = cpu_seconds();
        if (viz_chart_bundle(&b, &c, stage, &e)) {
            (void)fprintf(stderr, "%s\n", e.msg);
            return 1;
        }
        t = cpu_seconds() - t;
        bytes = sent(&b);
        mime_release(&b);
        if (i == 0) {
            printf("%-14s first %6.2f ms", name, t * 1e3);
            continue;
        }
        best = fmin(best, t);
        sum += t;
    }
    printf("   mean %5.2f ms   best %5.2f ms   %4zu kB sent\n", sum / FRAMES * 1e3,
           best * 1e3, bytes / 1000);
    return 0;
}

static int confusion(void) {
    int64_t counts[100];
    struct mime_bundle b = {0};
    struct err e = {0};
    for (int i = 0; i < 100; i++)
        counts[i] = i / 10 == i % 10 ? 950 : i % 7;
    double t = cpu_seconds();
    if (viz_confusion_bundle(&b, &(struct viz_confusion){.counts = counts, .n = 10},
                             &e)) {
        (void)fprintf(stderr, "%s\n", e.msg);
        return 1;
    }
    printf("%-14s       %6.2f ms   %4zu kB sent\n", "confusion 10",
           (cpu_seconds() - t) * 1e3, sent(&b) / 1000);
    mime_release(&b);
    return 0;
}

int main(void) {
    return chart("live frame", VIZ_LIVE, EPOCHS / 2) | chart("final", VIZ_FINAL, EPOCHS) |
           confusion();
}
