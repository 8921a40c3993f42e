/* debug_rich.c: a bundle as the data of richInspectVariables: JSON types as objects, pictures
 * as base64, the rest as text. */
#include "debug.h"

static json_t *base64(const char *data, size_t len) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)data;
    struct buf b;
    buf_init(&b, (size_t)64 << 20);
    for (size_t i = 0; i < len && !b.failed; i += 3) {
        size_t n = MIN_OF(len - i, 3U);
        unsigned bits = (unsigned)p[i] << 16 | (n > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                        (n > 2 ? p[i + 2] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_putc(&b, k > n ? '=' : letters[bits >> (18 - 6 * k) & 63]);
    }
    json_t *j = b.failed ? NULL : json_stringn(b.data ? b.data : "", b.len);
    buf_release(&b);
    return j;
}

static json_t *encode(const struct mime_item *m) {
    size_t n = strlen(m->type);
    if (strcmp(m->type, "application/json") == 0 ||
        (n > 5 && strcmp(m->type + n - 5, "+json") == 0))
        return json_loadb(m->data, m->len, JSON_DECODE_ANY, NULL);
    if (strncmp(m->type, "text/", 5) == 0 ||
        (n > 4 && strcmp(m->type + n - 4, "+xml") == 0))
        return cell_debug_text_of(m->data, m->len);
    return base64(m->data, m->len);
}

/* What cannot be encoded is left out. */
json_t *cell_debug_data(const struct mime_bundle *b) {
    json_t *data = json_object();
    for (size_t i = 0; data && i < b->n; i++) {
        json_t *value = encode(&b->item[i]);
        if (value)
            json_object_set_new(data, b->item[i].type, value);
    }
    return data;
}
