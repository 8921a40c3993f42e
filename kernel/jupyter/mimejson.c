/* mimejson.c: a MIME bundle as the protocol's data and metadata. */
#define ERR_STATE OPENSSL_ERR_STATE /* OpenSSL has a type with our error code's name */
#include <openssl/evp.h>
#undef ERR_STATE

#include "mimejson.h"

#include "message.h"

/* EVP_EncodeBlock counts in int; 4 characters for every 3 bytes. */
enum { RAW_MAX = 512 * 1024 * 1024 };

/* [A-Za-z0-9_.+-]+/[A-Za-z0-9_.+-]+, as jupyter_kernel_test asks. */
static bool good_type(const char *type) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_.+-";
    size_t n = strspn(type, allowed);
    if (n == 0 || type[n] != '/')
        return false;
    size_t m = strspn(type + n + 1, allowed);
    return m > 0 && type[n + 1 + m] == '\0';
}

static bool is_json(const char *type) {
    size_t n = strlen(type);
    return strcmp(type, "application/json") == 0 ||
           (n > 5 && strcmp(type + n - 5, "+json") == 0);
}

static bool is_binary(const char *type) {
    if (strcmp(type, "image/svg+xml") == 0)
        return false;
    return strncmp(type, "image/", 6) == 0 || strncmp(type, "audio/", 6) == 0 ||
           strncmp(type, "video/", 6) == 0 || strcmp(type, "application/pdf") == 0;
}

static json_t *base64(const char *data, size_t len) {
    if (len > RAW_MAX)
        return NULL;
    unsigned char *out = malloc(len / 3 * 4 + 5);
    if (!out)
        return NULL;
    int n = EVP_EncodeBlock(out, (const unsigned char *)data, (int)len);
    json_t *s = json_stringn_nocheck((const char *)out, (size_t)n);
    free(out);
    return s;
}

static json_t *value_of(const struct mime_item *item) {
    if (is_json(item->type))
        return json_loadb(item->data, item->len, JSON_DECODE_ANY, NULL);
    if (is_binary(item->type))
        return base64(item->data, item->len);
    return jup_text(item->data, item->len);
}

json_t *jup_mime_data(const struct mime_bundle *b, bool need_text,
                      const struct jup_log *log) {
    json_t *data = json_object();
    if (!data)
        return NULL;
    for (size_t i = 0; i < b->n; i++) {
        const struct mime_item *item = &b->item[i];
        json_t *value = good_type(item->type) ? value_of(item) : NULL;
        if (json_object_set_new(data, item->type, value))
            jup_log(log, JUP_LOG_WARN, "display: %.80s left out: %zu bytes", item->type,
                    item->len);
    }
    if (need_text && !json_object_get(data, "text/plain") &&
        json_object_set_new(data, "text/plain", json_string(""))) {
        json_decref(data);
        return NULL;
    }
    return data;
}

json_t *jup_mime_metadata(const struct mime_bundle *b, const struct jup_log *log) {
    json_t *metadata = b->metadata ? json_loads(b->metadata, 0, NULL) : NULL;
    if (json_is_object(metadata))
        return metadata;
    if (b->metadata)
        jup_log(log, JUP_LOG_WARN, "display: metadata is not a JSON object");
    json_decref(metadata);
    return json_object();
}
