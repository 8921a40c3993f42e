/* scene_svg.c: Cairo's SVG made fit for a notebook page: unique ids, half the bytes.
 *
 * Cairo names its glyphs and clips glyph0-1, clip1, ... in every document. Two figures
 * inline in one page would share them, and the second would be written in the glyphs of
 * the first. Each id and each reference to one gets a prefix made from the content: the
 * same figure keeps the same bytes, different figures do not meet (31 bits).
 *
 * Colours in per cent become #rrggbb, coordinates keep two decimals (a matrix keeps all),
 * properties with their default value go, and images keep hard pixel edges. A drawing that
 * is wider than a notebook page has no size of its own, only its viewBox: the page then
 * shows it as wide as it can. The document holds no text of the user (letters are
 * outlines), so that a plain scan is safe. */
#include "scene_list.h"

enum { SERIALS_MAX = 128, WHOLE_DIGITS = 9 };

/* A word to look for, with its length: the scan asks at every space of the document. */
struct word {
    const char *text;
    size_t len;
};
#define WORD(text)                                                                       \
    { text, sizeof(text) - 1 }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct scan {
    struct buf *out;
    const char *p, *end, *from; /* from: start of what is copied unchanged */
    char prefix[8];
    unsigned long serial[SERIALS_MAX]; /* numbers of surfaces and images, as met */
    size_t n_serials;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* FNV-1a, 32 bits. Digits right after an 'e' do not count: surface12, image7. */
static uint32_t hash_bytes(const char *data, size_t n) {
    uint32_t h = 2166136261U;
    bool serial = false;
    for (size_t i = 0; i < n; i++) {
        serial = data[i] == 'e' || (serial && is_digit(data[i]));
        if (!serial || data[i] == 'e')
            h = (h ^ (unsigned char)data[i]) * 16777619U;
    }
    return h;
}

/* A letter and six characters of base 36. */
static void make_prefix(char prefix[8], uint32_t hash) {
    static const char digit[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    prefix[0] = 'n';
    for (int i = 1; i < 7; i++) {
        prefix[i] = digit[hash % 36];
        hash /= 36;
    }
    prefix[7] = '\0';
}

static bool starts_word(const struct scan *s, const struct word *w) {
    return (size_t)(s->end - s->p) >= w->len && s->p[1] == w->text[1] &&
           memcmp(s->p, w->text, w->len) == 0;
}

#define starts(s, text) starts_word(s, &(struct word)WORD(text))

/* Copies what was passed so far and continues n bytes later. */
static void flush(struct scan *s, size_t skip) {
    buf_add(s->out, s->from, (size_t)(s->p - s->from));
    s->p += skip;
    s->from = s->p;
}

/* Cairo numbers surfaces and images through the life of the process: they are counted
 * anew in each document. */
static void take_serial(struct scan *s) {
    size_t n = starts(s, "surface") ? 7 : starts(s, "image") ? 5 : 0;
    if (n == 0)
        return;
    unsigned long number = 0;
    s->p += n;
    buf_add(s->out, s->from, n);
    while (s->p < s->end && is_digit(*s->p))
        number = number * 10 + (unsigned long)(*s->p++ - '0');
    s->from = s->p;
    size_t i = 0;
    while (i < s->n_serials && s->serial[i] != number)
        i++;
    if (i == s->n_serials && i < SERIALS_MAX)
        s->serial[s->n_serials++] = number;
    buf_printf(s->out, "%zu", i < SERIALS_MAX ? i : (size_t)number);
}

/* ` id="`, `href="#` and `url(#` stand before an id. */
static bool take_id(struct scan *s) {
    static const struct word opening[] = {WORD(" id=\""), WORD("href=\"#"),
                                          WORD("url(#")};
    for (size_t i = 0; i < COUNT(opening); i++) {
        if (starts_word(s, &opening[i])) {
            s->p += opening[i].len;
            flush(s, 0);
            buf_add(s->out, s->prefix, sizeof s->prefix - 1);
            take_serial(s);
            return true;
        }
    }
    return false;
}

/* What is left out: defaults of SVG, as Cairo 1.16 (style) and 1.18 (attributes) write
 * them. */
static bool take_default(struct scan *s) {
    static const struct word word[] = {
        WORD(" style=\"stroke:none;\""), WORD("stroke:none;"),
        WORD("fill-opacity:1;"),         WORD("stroke-opacity:1;"),
        WORD("stroke-miterlimit:10;"),   WORD("stroke-linecap:butt;"),
        WORD("fill-rule:nonzero;"),      WORD(" fill-opacity=\"1\""),
        WORD(" stroke-opacity=\"1\""),   WORD(" stroke-miterlimit=\"10\""),
        WORD(" stroke=\"none\""),        WORD(" stroke-linecap=\"butt\""),
        WORD(" fill-rule=\"nonzero\"")};
    for (size_t i = 0; i < COUNT(word); i++) {
        if (starts_word(s, &word[i])) {
            flush(s, word[i].len);
            return true;
        }
    }
    return false;
}

/* The part of 255 that " 13.333333%" is; -1 when it reads otherwise. */
static int read_percent(const char **p, const char *end) {
    double value = 0, unit = 1;
    bool point = false;
    while (*p < end && **p == ' ')
        ++*p;
    for (; *p < end && (is_digit(**p) || (**p == '.' && !point)); ++*p) {
        if (**p == '.') {
            point = true;
            continue;
        }
        unit = point ? unit / 10 : unit;
        value = point ? value + unit * (**p - '0') : value * 10 + (**p - '0');
    }
    if (*p == end || **p != '%' || value > 100)
        return -1;
    ++*p;
    return (int)(value * 255 / 100 + 0.5);
}

/* rgb(13.3%,14.9%,16.8%) */
static bool take_color(struct scan *s) {
    static const char hex[] = "0123456789abcdef";
    char text[7] = "#";
    if (!starts(s, "rgb("))
        return false;
    const char *p = s->p + 4;
    for (int i = 0; i < 3; i++) {
        int part = read_percent(&p, s->end);
        if (part < 0 || p == s->end || *p++ != ",,)"[i])
            return false;
        text[1 + 2 * i] = hex[part >> 4];
        text[2 + 2 * i] = hex[part & 15];
    }
    flush(s, (size_t)(p - s->p));
    buf_add(s->out, text, sizeof text);
    return true;
}

/* The document's own width and height, when it is wide. */
static bool take_size(struct scan *s) {
    static const char width[] = " width=\"", height[] = " height=\"";
    char tag[256] = "";
    const char *stop = memchr(s->p, '>', (size_t)(s->end - s->p));
    if (!stop || (size_t)(stop - s->p) >= sizeof tag)
        return false;
    memcpy(tag, s->p, (size_t)(stop - s->p));
    const char *w = strstr(tag, width), *h = w ? strstr(w, height) : NULL;
    const char *end = h ? strchr(h + sizeof height - 1, '"') : NULL;
    if (!end || strtod(w + sizeof width - 1, NULL) <= VIZ_PAGE_WIDTH)
        return false;
    s->p += w - tag;
    flush(s, (size_t)(end + 1 - w));
    return true;
}

/* Data of an image, and matrices, are copied as they are. */
static bool take_verbatim(struct scan *s) {
    char close = starts(s, "href=\"data:") ? '"' : starts(s, "matrix(") ? ')' : '\0';
    if (!close)
        return false;
    const char *stop = memchr(s->p + 7, close, (size_t)(s->end - s->p) - 7);
    s->p = stop ? stop : s->end;
    return true;
}

static bool take_image(struct scan *s) {
    if (!starts(s, "<image "))
        return false;
    s->p += 6;
    flush(s, 0);
    buf_puts(s->out, " style=\"image-rendering:pixelated\"");
    return true;
}

/* A number with more than two decimals, rounded; its sign stands before it. */
static bool take_number(struct scan *s) {
    const char *dot = s->p;
    long whole = 0;
    for (; dot < s->end && is_digit(*dot); dot++)
        whole = dot - s->p < WHOLE_DIGITS ? whole * 10 + (*dot - '0') : 0;
    const char *stop = dot < s->end && *dot == '.' ? dot + 1 : dot;
    while (stop > dot && stop < s->end && is_digit(*stop))
        stop++;
    if (stop - dot <= 3 || dot - s->p > WHOLE_DIGITS) {
        s->p = stop > s->p ? stop : s->p + 1;
        return true;
    }
    long hundredths =
        whole * 100 + (dot[1] - '0') * 10 + (dot[2] - '0') + (dot[3] >= '5');
    char text[16]; /* written from its end */
    size_t at = sizeof text;
    int part = (int)(hundredths % 100);
    if (part % 10)
        text[--at] = (char)('0' + part % 10);
    if (part) {
        text[--at] = (char)('0' + part / 10);
        text[--at] = '.';
    }
    whole = hundredths / 100;
    do {
        text[--at] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    flush(s, (size_t)(stop - s->p));
    buf_add(s->out, text + at, sizeof text - at);
    return true;
}

/* A space stands before a number or a letter of a path far more often than before a
 * name. */
static bool take(struct scan *s) {
    if (is_digit(*s->p))
        return take_number(s);
    if (s->end - s->p < 2)
        return false;
    switch (*s->p) {
    case ' ':
        return s->p[1] >= 'a' && s->p[1] <= 'z' && (take_id(s) || take_default(s));
    case 'h':
        return take_id(s) || take_verbatim(s);
    case 'u':
        return take_id(s);
    case 's':
    case 'f':
        return take_default(s);
    case 'r':
        return take_color(s);
    case 'm':
        return take_verbatim(s);
    case '<':
        return starts(s, "<svg ") ? take_size(s) : take_image(s);
    default:
        return false;
    }
}

int viz_scene_svg_tidy(struct buf *out, const char *svg, size_t len, struct err *e) {
    struct scan s = {.out = out, .p = svg, .end = svg + len, .from = svg};
    make_prefix(s.prefix, hash_bytes(svg, len));
    while (s.p < s.end) {
        if (!take(&s))
            s.p++;
    }
    flush(&s, 0);
    return out->failed ? viz_no_memory(e) : 0;
}
