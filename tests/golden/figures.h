/* figures.h: one figure or table of every kind, with the contents a student would see. */
#ifndef TESTS_GOLDEN_FIGURES_H
#define TESTS_GOLDEN_FIGURES_H

#include "base/err.h"
#include "base/mime.h"
#include "viz/scene.h"

#include <stddef.h>

struct figure {
    const char *name;
    int (*bundle)(struct mime_bundle *out, struct err *e);
    int (*scene)(struct viz_scene **out, struct err *e); /* NULL for tables, formulas */
};

extern const struct figure figures[];
extern const size_t figures_n;

/* figures_plane.c */
int surface_bundle(struct mime_bundle *out, struct err *e);
int surface_scene(struct viz_scene **out, struct err *e);
int plane_bundle(struct mime_bundle *out, struct err *e);
int plane_scene(struct viz_scene **out, struct err *e);

#endif
