/* mime.h: one output in several representations, as the front end wants it: the student's
 * picture as SVG, PNG, PDF and text. Pictures and tables fill it (viz), values fill it
 * (cell), the kernel sends it. It knows bytes and MIME types alone, so that no layer
 * needs another's.
 *
 *     struct mime_bundle b = {0};
 *     mime_add(&b, "text/plain", "42", 2);
 *     mime_set_metadata(&b, "{\"caption\": \"...\"}");
 *     ...
 *     mime_release(&b);
 *
 * Data: text types hold UTF-8; types that end in "+json" or are "application/json" hold
 * JSON text, which the kernel sends as an object; images other than SVG and
 * application/pdf hold raw bytes, which the kernel sends as base64. Ownership: the bundle
 * owns copies. Threads: one at a time. */
#ifndef BASE_MIME_H
#define BASE_MIME_H

#include "base/util.h"

#define MIME_MAX 8 /* representations of one output */

struct mime_item {
    char *type;
    char *data; /* NUL-terminated for convenience; len does not count the NUL */
    size_t len;
};

struct mime_bundle {
    struct mime_item item[MIME_MAX];
    size_t n;
    char *metadata; /* a JSON object as text, or NULL for {} */
};

/* Adds or replaces one representation. false when memory is short or MIME_MAX is reached.
 */
static inline bool mime_add(struct mime_bundle *b, const char *type, const void *data,
                            size_t len) {
    char *copy = copy_bytes(data, len);
    if (!copy)
        return false;
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->item[i].type, type) == 0) {
            free(b->item[i].data);
            b->item[i].data = copy;
            b->item[i].len = len;
            return true;
        }
    }
    char *name = b->n < MIME_MAX ? copy_text(type) : NULL;
    if (!name) {
        free(copy);
        return false;
    }
    b->item[b->n++] = (struct mime_item){.type = name, .data = copy, .len = len};
    return true;
}

static inline bool mime_add_text(struct mime_bundle *b, const char *type,
                                 const char *text) {
    return mime_add(b, type, text, strlen(text));
}

static inline const struct mime_item *mime_get(const struct mime_bundle *b,
                                               const char *type) {
    for (size_t i = 0; i < b->n; i++)
        if (strcmp(b->item[i].type, type) == 0)
            return &b->item[i];
    return NULL;
}

/* json: the text of one JSON object, copied. */
static inline bool mime_set_metadata(struct mime_bundle *b, const char *json) {
    char *copy = copy_text(json);
    if (!copy)
        return false;
    free(b->metadata);
    b->metadata = copy;
    return true;
}

static inline void mime_release(struct mime_bundle *b) {
    for (size_t i = 0; i < b->n; i++) {
        free(b->item[i].type);
        free(b->item[i].data);
    }
    free(b->metadata);
    *b = (struct mime_bundle){0};
}

#endif
