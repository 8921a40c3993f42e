/* golden.c: every figure and table against the files in tests/golden/expected.
 *
 *     golden [--update] EXPECTED_DIR OUT_DIR
 *
 * Writes each representation to OUT_DIR and compares: tables, texts, Vega-Lite and the
 * display list byte by byte; PNG pixel by pixel with a tolerance, since font rasterisers
 * differ (a difference picture is left in OUT_DIR). SVG and PDF are Cairo's own text and
 * differ between its versions: the display list stands for them. --update writes
 * EXPECTED_DIR. */
#include "base/buf.h"
#include "base/util.h"
#include "figures.h"

#include <cairo.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MAX = 16 << 20,
    CHANNEL_TOLERANCE = 64, /* of 255: edges of letters move by fractions of a pixel */
    PIXELS_PER_MILLE = 15   /* that may differ by more */
};

struct run {
    const char *expected, *out;
    bool update;
    int compared, failed;
};

static void fail(struct run *r, const char *name, const char *why) {
    r->failed++;
    (void)fprintf(stderr, "golden: %s: %s\n", name, why);
}

static bool write_file(const char *dir, const char *name, const void *data, size_t n) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(data, 1, n, f) == n;
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        (void)fprintf(stderr, "golden: %s: %s\n", path, strerror(errno));
    return ok;
}

static bool read_file(const char *dir, const char *name, struct buf *b) {
    char path[512], part[4096];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    buf_init(b, FILE_MAX);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(b, part, n);
    (void)fclose(f);
    return !b->failed;
}

static void compare_bytes(struct run *r, const char *name, const char *data, size_t n) {
    struct buf want;
    if (!read_file(r->expected, name, &want)) {
        fail(r, name, "expected file is missing (make golden-update)");
        return;
    }
    if (want.len != n || memcmp(want.data, data, n) != 0) {
        size_t at = 0, line = 1;
        for (; at < n && at < want.len && data[at] == want.data[at]; at++)
            line += data[at] == '\n';
        char why[80];
        (void)snprintf(why, sizeof why, "differs from line %zu on", line);
        fail(r, name, why);
    }
    buf_release(&want);
}

static cairo_surface_t *open_png(const char *dir, const char *name) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    cairo_surface_t *read = cairo_image_surface_create_from_png(path);
    int w = cairo_image_surface_get_width(read), h = cairo_image_surface_get_height(read);
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    cairo_t *cr = cairo_create(s);
    cairo_set_source_surface(cr, read, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_destroy(read);
    cairo_surface_flush(s);
    return s;
}

static int worst_channel(const unsigned char *a, const unsigned char *b) {
    int worst = 0;
    for (int k = 0; k < 3; k++)
        worst = MAX_OF(worst, abs((int)a[k] - (int)b[k]));
    return worst;
}

/* Red where a and b differ, faded where they agree; written over a. The count. */
static long mark_differences(cairo_surface_t *a, cairo_surface_t *b) {
    long different = 0;
    int w = cairo_image_surface_get_width(a), h = cairo_image_surface_get_height(a);
    int stride = cairo_image_surface_get_stride(a);
    unsigned char *p = cairo_image_surface_get_data(a);
    const unsigned char *q = cairo_image_surface_get_data(b);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            unsigned char *px = p + y * stride + 4 * x;
            bool far = worst_channel(px, q + y * stride + 4 * x) > CHANNEL_TOLERANCE;
            different += far;
            for (int k = 0; k < 3; k++)
                px[k] = far ? (k == 2 ? 255 : 0) : (unsigned char)(192 + px[k] / 4);
        }
    }
    cairo_surface_mark_dirty(a);
    return different;
}

static void compare_png(struct run *r, const char *name) {
    cairo_surface_t *a = open_png(r->expected, name), *b = open_png(r->out, name);
    int w = cairo_image_surface_get_width(a), h = cairo_image_surface_get_height(a);
    if (w == 0 || w != cairo_image_surface_get_width(b) ||
        h != cairo_image_surface_get_height(b)) {
        fail(r, name, "is missing or has another size");
    } else {
        long different = mark_differences(a, b);
        if (different * 1000 > (long)w * h * PIXELS_PER_MILLE) {
            char path[512], why[600];
            (void)snprintf(path, sizeof path, "%s/%.*s.diff.png", r->out,
                           (int)strlen(name) - 4, name);
            (void)cairo_surface_write_to_png(a, path);
            (void)snprintf(why, sizeof why, "%ld of %ld pixels differ, see %s", different,
                           (long)w * h, path);
            fail(r, name, why);
        }
    }
    cairo_surface_destroy(a);
    cairo_surface_destroy(b);
}

static const char *extension(const char *type) {
    static const char *const table[][2] = {
        {"image/svg+xml", "svg"},
        {"image/png", "png"},
        {"application/pdf", "pdf"},
        {"text/plain", "txt"},
        {"text/html", "html"},
        {"text/latex", "tex"},
        {"application/vnd.vegalite.v5+json", "vl.json"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(type, table[i][0]) == 0)
            return table[i][1];
    return "bin";
}

static void check_file(struct run *r, const char *figure, const char *ext,
                       const char *data, size_t n) {
    char name[128];
    (void)snprintf(name, sizeof name, "%s.%s", figure, ext);
    if (!write_file(r->out, name, data, n)) {
        r->failed++;
        return;
    }
    if (strcmp(ext, "svg") == 0 || strcmp(ext, "pdf") == 0)
        return;
    r->compared++;
    if (r->update)
        r->failed += !write_file(r->expected, name, data, n);
    else if (strcmp(ext, "png") == 0)
        compare_png(r, name);
    else
        compare_bytes(r, name, data, n);
}

static void check_scene(struct run *r, const struct figure *f) {
    struct viz_scene *s = NULL;
    struct err e = {0};
    struct buf b;
    buf_init(&b, FILE_MAX);
    if (f->scene(&s, &e) || viz_scene_dump(s, &b, &e))
        fail(r, f->name, e.msg);
    else
        check_file(r, f->name, "scene", b.data, b.len);
    viz_scene_free(s);
    buf_release(&b);
}

static void check_figure(struct run *r, const struct figure *f) {
    struct mime_bundle b;
    struct err e = {0};
    if (f->bundle(&b, &e)) {
        fail(r, f->name, e.msg);
        return;
    }
    for (size_t i = 0; i < b.n; i++)
        check_file(r, f->name, extension(b.item[i].type), b.item[i].data, b.item[i].len);
    check_file(r, f->name, "meta.json", b.metadata, strlen(b.metadata));
    mime_release(&b);
    if (f->scene)
        check_scene(r, f);
}

int main(int argc, char **argv) {
    struct run r = {0};
    int at = 1;
    if (argc > 1 && strcmp(argv[1], "--update") == 0) {
        r.update = true;
        at++;
    }
    if (argc - at != 2) {
        (void)fprintf(stderr, "usage: golden [--update] EXPECTED_DIR OUT_DIR\n");
        return 2;
    }
    r.expected = argv[at];
    r.out = argv[at + 1];
    for (size_t i = 0; i < figures_n; i++)
        check_figure(&r, &figures[i]);
    printf("golden: %d files of %zu figures and tables %s, %d failed\n", r.compared,
           figures_n, r.update ? "written" : "compared", r.failed);
    return r.failed ? 1 : 0;
}
