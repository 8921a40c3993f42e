/* scene_svg.c: ids of an SVG document made unique.
 *
 * Cairo names its glyphs and clips glyph0-1, clip1, ... in every document. Two figures
 * inline in one page would share them, and the second would be written in the glyphs of
 * the first. Each id and each reference to one gets a prefix made from the content: the
 * same figure keeps the same bytes, different figures never meet. */
#include "scene_list.h"

/* FNV-1a, 32 bits. */
static uint32_t hash_bytes(const char *data, size_t n) {
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)data[i]) * 16777619U;
    return h;
}

static bool starts(const char *p, const char *end, const char *word) {
    size_t n = strlen(word);
    return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

/* The length of what stands before an id at p: ` id="`, `href="#` or `url(#`; else 0. */
static size_t id_opening(const char *p, const char *end) {
    static const char *const opening[] = {" id=\"", "href=\"#", "url(#"};
    for (size_t i = 0; i < sizeof opening / sizeof opening[0]; i++)
        if (starts(p, end, opening[i]))
            return strlen(opening[i]);
    return 0;
}

int viz_scene_svg_ids(struct buf *out, const char *svg, size_t len, struct err *e) {
    char prefix[16];
    (void)snprintf(prefix, sizeof prefix, "n%08x-", (unsigned)hash_bytes(svg, len));
    const char *end = svg + len, *from = svg;
    for (const char *p = svg; p < end;) {
        size_t n = *p == ' ' || *p == 'h' || *p == 'u' ? id_opening(p, end) : 0;
        if (n) {
            buf_add(out, from, (size_t)(p - from) + n);
            buf_puts(out, prefix);
            from = p + n;
        }
        p += n ? n : 1;
    }
    buf_add(out, from, (size_t)(end - from));
    return out->failed ? viz_no_memory(e) : 0;
}
