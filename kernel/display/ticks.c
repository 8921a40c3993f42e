/* ticks.c: nice numbers on an axis. */
#include "ticks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUS "\xE2\x88\x92" /* U+2212 */

/* The smallest of 1, 2, 5 times a power of ten that is at least rough. */
static double nice_step(double rough) {
    double power = pow(10, floor(log10(rough)));
    double part = rough / power;
    return power * (part <= 1.0000001   ? 1
                    : part <= 2.0000001 ? 2
                    : part <= 5.0000001 ? 5
                                        : 10);
}

/* Copies text with a typographic minus and without "e+0": 2.5e+06 is 2.5e6. */
static void tidy_number(char *out, size_t size, const char *text) {
    size_t n = 0;
    for (const char *p = text; *p && n + 4 < size; p++) {
        if (*p == '-') {
            memcpy(out + n, MINUS, 3);
            n += 3;
        } else {
            out[n++] = *p;
        }
        if (*p == 'e') {
            bool negative = p[1] == '-';
            if (negative && n + 3 < size) {
                memcpy(out + n, MINUS, 3);
                n += 3;
            }
            p += 1;
            while (p[1] == '0' && p[2])
                p++;
        }
    }
    out[n] = '\0';
}

void viz_tick_format(char *out, size_t size, double v, double step) {
    char text[64];
    if (fabs(v) < step * 1e-6)
        v = 0;
    double big = fmax(fabs(v), step);
    int digits = (int)ceil(-log10(step) - 1e-9);
    if (big >= 1e6 || step < 1e-5) {
        int significant =
            v == 0 ? 0 : (int)(floor(log10(fabs(v)) + 1e-9) - floor(log10(step) + 1e-9));
        significant = significant < 0 ? 0 : significant > 6 ? 6 : significant;
        if (v == 0)
            (void)snprintf(text, sizeof text, "0");
        else
            (void)snprintf(text, sizeof text, "%.*e", significant, v);
    } else {
        (void)snprintf(text, sizeof text, "%.*f", digits > 0 ? digits : 0, v);
    }
    tidy_number(out, size, text);
}

static void push(struct ticks *t, double v, double step) {
    if (t->n >= TICKS_MAX)
        return;
    t->at[t->n] = v;
    viz_tick_format(t->label[t->n], TICK_LABEL, v, step);
    t->n++;
}

void viz_ticks_linear(struct ticks *t, double lo, double hi, int target, bool integer,
                      bool widen) {
    *t = (struct ticks){.min = lo, .max = hi};
    if (!(hi > lo) || target < 1)
        return;
    double step = nice_step(hi / target - lo / target);
    if (integer && step < 1)
        step = 1;
    if (widen) {
        t->min = lo = floor(lo / step + 1e-9) * step;
        t->max = hi = ceil(hi / step - 1e-9) * step;
    }
    double first = ceil(lo / step - 1e-9);
    /* Epochs start at 1: that place is marked too when nothing stands near it. */
    if (integer && lo == 1 && first * step - 1 > 0.6 * step)
        push(t, 1, 1);
    for (int i = 0; i < TICKS_MAX; i++) {
        double v = (first + i) * step;
        if (v > hi + step * 1e-6)
            break;
        push(t, v, step);
    }
}

static void push_power(struct ticks *t, int part, int power) {
    double v = part * pow(10, power);
    if (v < t->min * 0.999999 || v > t->max * 1.000001)
        return;
    push(t, v, power >= -5 && power < 6 ? pow(10, power) : v);
}

/* 10 to the power as a word: "10⁻¹²", and 1 and 10 as they are. */
static void power_label(char out[TICK_LABEL], int power) {
    static const char *const digit[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char text[16];
    if (power == 0 || power == 1) {
        (void)snprintf(out, TICK_LABEL, "%d", power ? 10 : 1);
        return;
    }
    (void)snprintf(text, sizeof text, "%d", power);
    size_t n = (size_t)snprintf(out, TICK_LABEL, "10");
    for (const char *p = text; *p && n < TICK_LABEL; p++)
        n += (size_t)snprintf(out + n, TICK_LABEL - n, "%s",
                              *p == '-' ? "⁻" : digit[*p - '0']);
}

/* One way of writing for the whole axis: where a power is too long for plain digits, all are
 * written as powers of ten. */
static void same_style(struct ticks *t) {
    bool words = false;
    for (size_t i = 0; i < t->n; i++)
        words = words || strchr(t->label[i], 'e');
    for (size_t i = 0; words && i < t->n; i++)
        power_label(t->label[i], (int)lround(log10(t->at[i])));
}

void viz_ticks_log(struct ticks *t, double lo, double hi, int target, bool widen) {
    *t = (struct ticks){.min = lo, .max = hi};
    if (!(lo > 0 && hi > lo))
        return;
    double decades = log10(hi) - log10(lo);
    if (widen && decades >= 1) {
        t->min = pow(10, floor(log10(lo) + 1e-9));
        t->max = pow(10, ceil(log10(hi) - 1e-9));
    }
    int from = (int)floor(log10(t->min) + 1e-9), to = (int)ceil(log10(t->max) - 1e-9);
    int stride = (to - from) / (target > 0 ? target : 1) + 1;
    bool fine = to - from <= 2;
    if (decades < 0.5) { /* too narrow for powers of ten */
        viz_ticks_linear(t, lo, hi, target, false, false);
        return;
    }
    for (int power = from; power <= to; power++) {
        if ((power - from) % stride)
            continue;
        push_power(t, 1, power);
        if (fine) {
            push_power(t, 2, power);
            push_power(t, 5, power);
        }
    }
    if (!fine)
        same_style(t);
}
