/* png.c: pictures through libpng's simplified interface, which brings every kind of PNG to
 * 8 bits of grey or colour. */
#include "nn/png.h"

#include "base/i18n.h"
#include "lazy_libraries.h"

#include <png.h>

static size_t big_endian(const unsigned char *p) {
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

int nn_png_header(struct nn_png_info *info, const void *bytes, size_t n, const char *name,
                  struct err *e) {
    static const unsigned char start[16] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                                            0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    const unsigned char *p = bytes;
    *info = (struct nn_png_info){0};
    if (n < NN_PNG_HEADER || memcmp(p, start, sizeof start) != 0)
        return err_set(e, ERR_FORMAT, _("%s: no es un archivo PNG"), name);
    *info = (struct nn_png_info){
        .w = big_endian(p + 16), .h = big_endian(p + 20), .color = p[25] & 2};
    if (info->w == 0 || info->h == 0 || info->w > NN_PNG_MAX_SIDE ||
        info->h > NN_PNG_MAX_SIDE)
        return err_set(e, ERR_RANGE,
                       _("%s: la imagen mide %zu×%zu píxeles; se admite de 1 a %d por "
                         "lado"),
                       name, info->h, info->w, NN_PNG_MAX_SIDE);
    return 0;
}

static int damaged(const png_image *image, const char *name, struct err *e) {
    if (strstr(image->message, "memory"))
        return err_set(e, ERR_NOMEM, _("%s: falta memoria para la imagen"), name);
    return err_set(e, ERR_FORMAT, _("%s: el PNG está dañado (%s)"), name, image->message);
}

/* Grey as television has weighed it since Rec. 601: what Pillow and OpenCV give. Fixed
 * point with 16 binary digits. */
static void to_gray(unsigned char *to, const unsigned char *rgb, size_t pixels) {
    for (size_t i = 0; i < pixels; i++, rgb += 3)
        to[i] = (unsigned char)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] +
                                 (1u << 15)) >>
                                16);
}

/* The pixels of the picture that was begun: grey, or RGB. */
static int unpack(struct nn_tensor **out, png_image *image, bool gray, const char *name,
                  struct err *e) {
    static const png_color white = {255, 255, 255};
    size_t shape[3] = {image->height, image->width, gray ? 1 : 3};
    image->format = gray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* 16 bits mean the same as 8 */
    int rc = nn_tensor_new(out, NN_U8, 3, shape, e);
    if (rc == 0 && !png_image_finish_read(image, &white, (*out)->data, 0, NULL))
        rc = damaged(image, name, e);
    return rc;
}

/* A picture of three channels in one. */
static int make_gray(struct nn_tensor **t, struct err *e) {
    struct nn_tensor *gray;
    const size_t *shape = (*t)->shape;
    int rc = nn_tensor_new(&gray, NN_U8, 3, (size_t[]){shape[0], shape[1], 1}, e);
    if (rc < 0)
        return rc;
    to_gray(nn_tensor_u8(gray), nn_tensor_u8(*t), gray->n);
    nn_tensor_release(*t);
    *t = gray;
    return 0;
}

int nn_png_decode(struct nn_tensor **out, const void *bytes, size_t n, bool gray,
                  const char *name, struct err *e) {
    struct nn_png_info info;
    png_image image = {.version = PNG_IMAGE_VERSION};
    struct nn_tensor *t = NULL;
    *out = NULL;
    if (n > NN_PNG_MAX_BYTES)
        return err_set(e, ERR_RANGE, _("%s: mide %zu bytes y el límite es %zu"), name, n,
                       NN_PNG_MAX_BYTES);
    int rc = nn_png_header(&info, bytes, n, name, e);
    if (rc == 0)
        rc = nn_png_load(e);
    if (rc < 0)
        return rc;
    /* the header that libpng reads is the one that was judged: it comes first */
    if (!png_image_begin_read_from_memory(&image, bytes, n))
        return damaged(&image, name, e);
    rc = unpack(&t, &image, gray && !info.color, name, e);
    png_image_free(&image);
    if (rc == 0 && gray && info.color)
        rc = make_gray(&t, e);
    if (rc < 0) {
        nn_tensor_release(t);
        return rc;
    }
    *out = t;
    return 0;
}
