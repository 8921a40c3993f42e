/* mimejson.h: outputs as JSON (messaging, "Display data"). */
#ifndef JUP_MIMEJSON_H
#define JUP_MIMEJSON_H

#include "base/mime.h"
#include "log.h"

#include <jansson.h>

/* The data object: text cleaned (clean.h), JSON types as objects, pictures as base64.
 * What the front end could not read (a type that is not type/subtype, JSON that is not
 * JSON, such as NaN) is left out and logged. need_text: add an empty text/plain when there
 * is none. NULL when memory is short. */
json_t *jup_mime_data(const struct mime_bundle *b, bool need_text,
                      const struct jup_log *log);

/* The metadata object; {} when there is none or when it is not an object. */
json_t *jup_mime_metadata(const struct mime_bundle *b, const struct jup_log *log);

#endif
