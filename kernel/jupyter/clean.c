/* clean.c: a byte machine over UTF-8 and terminal escape sequences (ECMA-48, 5.4). */
#include "clean.h"

#include <stdint.h>

enum state {
    GROUND,
    UTF8,      /* inside a multi-byte character */
    ESCAPE,    /* after ESC */
    ESCAPE_IN, /* after ESC and an intermediate byte */
    CSI,       /* after ESC [ */
    CSI_LONG,  /* a CSI too long to be a colour */
    STRING     /* after ESC ] and its like, until BEL, ESC or a newline */
};

enum { STRING_MAX = 4096 }; /* an unfinished string sequence ends here */

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

static void hold(struct jup_clean *c, unsigned char b) {
    c->held[c->n++] = (char)b;
}

static void start_utf8(struct jup_clean *c, unsigned char b, struct buf *out) {
    c->lo = 0x80;
    c->hi = 0xBF;
    if (b >= 0xC2 && b <= 0xDF) {
        c->left = 1;
    } else if (b >= 0xE0 && b <= 0xEF) {
        c->left = 2;
        c->lo = b == 0xE0 ? 0xA0 : 0x80;
        c->hi = b == 0xED ? 0x9F : 0xBF;
    } else if (b >= 0xF0 && b <= 0xF4) {
        c->left = 3;
        c->lo = b == 0xF0 ? 0x90 : 0x80;
        c->hi = b == 0xF4 ? 0x8F : 0xBF;
    } else {
        buf_puts(out, REPLACEMENT);
        return;
    }
    c->state = UTF8;
    hold(c, b);
}

/* false: the byte does not belong to the character and is looked at again. */
static bool continue_utf8(struct jup_clean *c, unsigned char b, struct buf *out) {
    if (b < c->lo || b > c->hi) {
        buf_puts(out, REPLACEMENT);
        c->state = GROUND;
        c->n = 0;
        return false;
    }
    hold(c, b);
    c->lo = 0x80;
    c->hi = 0xBF;
    if (--c->left == 0) {
        bool c1 = c->n == 2 && (unsigned char)c->held[0] == 0xC2 && b < 0xA0;
        if (!c1)
            buf_add(out, c->held, c->n);
        c->state = GROUND;
        c->n = 0;
    }
    return true;
}

static void in_ground(struct jup_clean *c, unsigned char b, struct buf *out) {
    if (b >= 0x80)
        start_utf8(c, b, out);
    else if (b == 0x1B)
        c->state = ESCAPE;
    else if (b == '\n' || b == '\t' || b == '\r' || (b >= 0x20 && b != 0x7F))
        buf_putc(out, (char)b);
}

static bool in_escape(struct jup_clean *c, unsigned char b) {
    c->n = 0;
    if (c->state == ESCAPE && b == '[') {
        c->state = CSI;
        return true;
    }
    if (c->state == ESCAPE && b != 0 && strchr("]PX^_", b)) {
        c->state = STRING;
        c->skipped = 0;
        return true;
    }
    if (b >= 0x20 && b <= 0x2F) {
        c->state = ESCAPE_IN;
        return true;
    }
    c->state = GROUND;
    return b >= 0x30 && b <= 0x7E;
}

static bool in_csi(struct jup_clean *c, unsigned char b, struct buf *out) {
    if (b >= 0x20 && b <= 0x3F) {
        bool colour = (b >= '0' && b <= '9') || b == ';' || b == ':';
        if (!colour || c->n == JUP_CLEAN_HELD)
            c->state = CSI_LONG;
        else if (c->state == CSI)
            hold(c, b);
        return true;
    }
    if (c->state == CSI && b == 'm') {
        buf_puts(out, "\x1B[");
        buf_add(out, c->held, c->n);
        buf_putc(out, 'm');
    }
    c->state = GROUND;
    c->n = 0;
    return b >= 0x40 && b <= 0x7E;
}

static bool in_string(struct jup_clean *c, unsigned char b) {
    if (b == 0x1B) {
        c->state = ESCAPE;
        return true;
    }
    if (b == '\n' || c->skipped++ >= STRING_MAX) {
        c->state = GROUND;
        return false;
    }
    if (b == 0x07)
        c->state = GROUND;
    return true;
}

/* false: state changed and the byte has to be looked at again. */
static bool step(struct jup_clean *c, unsigned char b, struct buf *out) {
    switch ((enum state)c->state) {
    case UTF8:
        return continue_utf8(c, b, out);
    case ESCAPE:
    case ESCAPE_IN:
        return in_escape(c, b);
    case CSI:
    case CSI_LONG:
        return in_csi(c, b, out);
    case STRING:
        return in_string(c, b);
    case GROUND:
        break;
    }
    in_ground(c, b, out);
    return true;
}

static bool plain(unsigned char b) {
    return (b >= 0x20 && b < 0x7F) || b == '\n';
}

void jup_clean_feed(struct jup_clean *c, const char *text, size_t n, struct buf *out) {
    const unsigned char *p = (const unsigned char *)text, *end = p + n;
    while (p < end) {
        const unsigned char *run = p;
        while (c->state == GROUND && p < end && plain(*p))
            p++;
        if (p > run)
            buf_add(out, run, (size_t)(p - run));
        else if (step(c, *p, out))
            p++;
    }
}

void jup_clean_finish(struct jup_clean *c, struct buf *out) {
    if (c->state == UTF8)
        buf_puts(out, REPLACEMENT);
    *c = (struct jup_clean){0};
}

void jup_clean_text(const char *text, size_t n, struct buf *out) {
    struct jup_clean c = {0};
    jup_clean_feed(&c, text, n, out);
    jup_clean_finish(&c, out);
}
