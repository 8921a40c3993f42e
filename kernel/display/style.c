/* style.c: the palette as functions. */
#include "viz/style.h"

#include <math.h>

#define BLACK ((viz_color)0xFF000000)

const double viz_dash[2] = {5, 3};

viz_color viz_style_series(int i) {
    static const viz_color colors[VIZ_COLORS] = {
        [VIZ_BLUE] = 0xFF0072B2,   [VIZ_VERMILLION] = 0xFFD55E00,
        [VIZ_GREEN] = 0xFF009E73,  [VIZ_PURPLE] = 0xFFB0588F, /* darker than CC79A7 */
        [VIZ_ORANGE] = 0xFFE69F00, [VIZ_SKY] = 0xFF56B4E9,
        [VIZ_BLACK] = 0xFF3A3F45,
    };
    return colors[(unsigned)i % VIZ_COLORS];
}

static unsigned mix(unsigned a, unsigned b, double t) {
    return (unsigned)lround((double)a + ((double)b - (double)a) * t);
}

viz_color viz_style_sequential(double t) {
    /* Lightness falls evenly, so that the map also reads in grey. */
    static const unsigned char stop[][3] = {
        {255, 255, 255}, {214, 230, 244}, {150, 196, 223}, {74, 142, 194}, {8, 69, 130}};
    const int last = (int)(sizeof stop / sizeof stop[0]) - 1;
    if (!(t > 0))
        t = 0;
    double at = fmin(t, 1) * last;
    int i = at >= last ? last - 1 : (int)at;
    double f = at - i;
    return 0xFF000000U | mix(stop[i][0], stop[i + 1][0], f) << 16 |
           mix(stop[i][1], stop[i + 1][1], f) << 8 | mix(stop[i][2], stop[i + 1][2], f);
}

/* Relative luminance, WCAG 2.1. */
static double luminance(viz_color c) {
    double part[3];
    for (int i = 0; i < 3; i++) {
        double v = (double)(c >> (16 - 8 * i) & 255) / 255;
        part[i] = v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
}

viz_color viz_style_text_on(viz_color background) {
    double l = luminance(background) + 0.05;
    double on_ink = l / (luminance(VIZ_INK) + 0.05), on_black = l / 0.05;
    if (1.05 / l > on_black)
        return VIZ_PAPER;
    return on_ink >= 4.5 ? VIZ_INK : BLACK;
}

void viz_style_hex(char out[8], viz_color c) {
    static const char digit[] = "0123456789abcdef";
    out[0] = '#';
    for (int i = 0; i < 6; i++)
        out[1 + i] = digit[c >> (20 - 4 * i) & 15];
    out[7] = '\0';
}
