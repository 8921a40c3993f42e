/* escape.c: UTF-8, and text made safe for each output. */
#include "viz/escape.h"

#include <stddef.h>

enum { REPLACEMENT = 0xFFFD };

/* How many bytes the sequence that starts with lead has; 0 for an invalid lead. */
static int sequence_length(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

uint32_t viz_utf8_next(const char **s) {
    const unsigned char *p = (const unsigned char *)*s;
    if (!*p)
        return 0;
    int n = sequence_length(*p);
    uint32_t c = n == 1 ? *p : n ? *p & (0x7FU >> n) : REPLACEMENT;
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            n = 0;
            break;
        }
        c = c << 6 | (p[i] & 0x3FU);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (n == 0 || c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        *s += 1;
        return REPLACEMENT;
    }
    *s += n;
    return c;
}

void viz_utf8_put(struct buf *out, uint32_t c) {
    if (c < 0x80) {
        buf_putc(out, (char)c);
    } else if (c < 0x800) {
        buf_putc(out, (char)(0xC0 | c >> 6));
        buf_putc(out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buf_putc(out, (char)(0xE0 | c >> 12));
        buf_putc(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_putc(out, (char)(0x80 | (c & 0x3F)));
    } else {
        buf_putc(out, (char)(0xF0 | c >> 18));
        buf_putc(out, (char)(0x80 | (c >> 12 & 0x3F)));
        buf_putc(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_putc(out, (char)(0x80 | (c & 0x3F)));
    }
}

static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* Combining marks, zero-width characters, variation selectors. */
static bool is_zero_width(uint32_t c) {
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
           (c >= 0x20D0 && c <= 0x20FF) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) || c == 0xFEFF;
}

/* East Asian Wide and Fullwidth blocks of UAX #11, and the emoji that terminals draw
 * wide. */
static bool is_wide(uint32_t c) {
    static const uint32_t range[][2] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF},
        {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
        {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
        {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    for (size_t i = 0; i < sizeof range / sizeof range[0]; i++)
        if (c >= range[i][0] && c <= range[i][1])
            return true;
    return false;
}

size_t viz_text_columns(const char *s) {
    size_t n = 0;
    for (uint32_t c; (c = viz_utf8_next(&s)) != 0;)
        n += is_zero_width(c) ? 0 : is_wide(c) ? 2 : 1;
    return n;
}

void viz_escape_text_n(struct buf *out, const char *s, size_t n) {
    for (const char *end = s + n; s < end && *s;) {
        uint32_t c = viz_utf8_next(&s);
        viz_utf8_put(out, is_control(c) ? ' ' : c);
    }
}

void viz_escape_text(struct buf *out, const char *s) {
    for (uint32_t c; (c = viz_utf8_next(&s)) != 0;)
        viz_utf8_put(out, is_control(c) ? ' ' : c);
}

void viz_escape_html(struct buf *out, const char *s) {
    for (uint32_t c; (c = viz_utf8_next(&s)) != 0;) {
        switch (c) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        case '\'':
            buf_puts(out, "&#39;");
            break;
        case '$': /* JupyterLab typesets $...$ inside HTML output */
            buf_puts(out, "<span>$</span>");
            break;
        default:
            viz_utf8_put(out, is_control(c) ? ' ' : c);
        }
    }
}
