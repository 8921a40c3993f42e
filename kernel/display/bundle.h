/* bundle.h: metadata and JSON texts of every output of this layer. */
#ifndef VIZ_BUNDLE_H
#define VIZ_BUNDLE_H

#include "base/err.h"
#include "base/mime.h"

#include <jansson.h>

/* Sets {"caption", "label", "image/png": {width, height}}; NULL and width 0 leave theirs
 * out. */
int viz_bundle_metadata(struct mime_bundle *out, const char *caption, const char *label,
                        double width, double height, struct err *e);

/* A JSON string of any text, made valid UTF-8; NULL when memory is short. */
json_t *viz_json_text(const char *text);

#endif
