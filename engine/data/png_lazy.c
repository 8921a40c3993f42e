/* png_lazy.c: libpng, loaded with the first picture (base/lazy.h) */
#include "lazy_libraries.h"

#include "base/lazy.h"

#include <png.h>

static struct lazy_library library = {.name = "libpng16.so.16"};

int nn_png_load(struct err *e) {
    return lazy_load(&library, e);
}

LAZY(library, int, png_image_begin_read_from_memory,
     (png_imagep p0, png_const_voidp p1, size_t p2), (p0, p1, p2))
LAZY(library, int, png_image_finish_read,
     (png_imagep p0, png_const_colorp p1, void *p2, png_int_32 p3, void *p4),
     (p0, p1, p2, p3, p4))
LAZY_VOID(library, png_image_free, (png_imagep p0), (p0))
