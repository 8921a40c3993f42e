/* cairo_lazy.h: Cairo is loaded with the first figure. */
#ifndef VIZ_CAIRO_LAZY_H
#define VIZ_CAIRO_LAZY_H

#include "base/err.h"

/* Call it before the first Cairo function of a drawing. ERR_NOTFOUND: it is not installed. */
int viz_cairo_load(struct err *e);

#endif
