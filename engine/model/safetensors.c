/* safetensors.c: the container: 8 bytes of length (little endian), a JSON header, the
 * tensors one after the other. Source: huggingface/safetensors, README "Format": offsets
 * count from the end of the header, cover the rest of the file without holes or overlaps,
 * and names are unique. */
#include "files.h"
#include "stores.h"

#include "nn/store.h"

void nn_container_release(struct nn_container *c) {
    free(c->item);
    json_decref(c->metadata);
    *c = (struct nn_container){0};
}

const struct nn_named *nn_container_find(const struct nn_container *c, const char *name) {
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->item[i].name, name) == 0)
            return &c->item[i];
    return NULL;
}

/* ---- writing */

static int no_memory(const char *path, struct err *e) {
    return err_set(e, ERR_NOMEM, _("no hay memoria para guardar «%s»"), path);
}

static const char *dtype_text(enum nn_dtype d) {
    return d == NN_F64 ? "F64" : "F32";
}

static json_t *header_of(const struct nn_container *c) {
    json_t *root = json_object();
    size_t at = 0;
    bool ok = root && json_object_set(root, "__metadata__", c->metadata) == 0;
    for (size_t i = 0; ok && i < c->n; i++) {
        const struct nn_tensor *t = c->item[i].tensor;
        size_t bytes = t->n * nn_dtype_size(t->dtype);
        json_t *shape = json_array();
        for (int k = 0; k < t->ndim; k++)
            ok = ok &&
                 json_array_append_new(shape, json_integer((json_int_t)t->shape[k])) == 0;
        json_int_t begin = (json_int_t)at, end = begin + (json_int_t)bytes;
        json_t *row = json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_text(t->dtype),
                                "shape", shape, "data_offsets", begin, end);
        ok = ok && row && json_object_set_new(root, c->item[i].name, row) == 0;
        at += bytes;
    }
    if (ok)
        return root;
    json_decref(root);
    return NULL;
}

/* The numbers have to start at a multiple of 8: spaces fill the header up. */
static int write_pieces(const struct nn_container *c, const char *path,
                        const char *header, struct err *e) {
    size_t len = strlen(header), padded = (len + 7) / 8 * 8;
    unsigned char size[8];
    struct nn_piece *piece = calloc(c->n + 3, sizeof *piece);
    if (!piece)
        return no_memory(path, e);
    for (int i = 0; i < 8; i++)
        size[i] = (unsigned char)((uint64_t)padded >> (8 * i));
    piece[0] = (struct nn_piece){size, 8};
    piece[1] = (struct nn_piece){header, len};
    piece[2] = (struct nn_piece){"       ", padded - len};
    for (size_t i = 0; i < c->n; i++) {
        const struct nn_tensor *t = c->item[i].tensor;
        piece[3 + i] = (struct nn_piece){t->data, t->n * nn_dtype_size(t->dtype)};
    }
    int rc = nn_file_replace(path, piece, c->n + 3, e);
    free(piece);
    return rc;
}

int nn_container_write(const struct nn_container *c, const char *path, struct err *e) {
    json_t *root = header_of(c);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    int rc = text ? write_pieces(c, path, text, e) : no_memory(path, e);
    free(text);
    json_decref(root);
    return rc;
}

/* ---- reading, from bytes that may be anything */

/* A parsed value takes forty times the bytes of its text: what no model needs is refused
 * before it is parsed. */
enum { DEPTH_MAX = 64, LISTS_MAX = 1 << 18, COMMAS_MAX = 1 << 21 };

static bool modest(const char *text, size_t n) {
    size_t depth = 0, lists = 0, commas = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '{' || c == '[')
            depth++, lists++;
        else if (c == '}' || c == ']')
            depth -= depth > 0;
        else
            commas += c == ',';
        if (depth > DEPTH_MAX || lists > LISTS_MAX || commas > COMMAS_MAX)
            return false;
    }
    return true;
}

json_t *nn_json_read(const char *text, size_t n, const char **why) {
    json_error_t error;
    *why = NULL;
    if (!modest(text, n)) {
        *why = _("la cabecera tiene demasiados datos o demasiados niveles");
        return NULL;
    }
    json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!j && json_error_code(&error) == json_error_duplicate_key)
        *why = _("la cabecera repite un nombre");
    else if (!j && json_error_code(&error) != json_error_out_of_memory)
        *why = _("la cabecera no es JSON");
    return j;
}

static int no_memory_to_read(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no hay memoria para leer el modelo"));
}

static int bad(struct err *e, const char *why) {
    return err_set(e, ERR_FORMAT, _("no es un modelo safetensors válido: %s"), why);
}

static int bad_tensor(struct err *e, const char *name, const char *why) {
    return err_set(e, ERR_FORMAT, _("safetensors: el tensor «%.60s» %s"), name, why);
}

/* Names and bytes of the format's number types. What Nabla reads as weights has a kind; the
 * rest may lie in a file that others wrote. */
static const struct nn_number_type types[] = {
    {"F32", 4, NN_NUMBER_F32},   {"F64", 8, NN_NUMBER_F64},   {"F16", 2, NN_NUMBER_F16},
    {"BF16", 2, NN_NUMBER_BF16}, {"I64", 8, NN_NUMBER_OTHER}, {"I32", 4, NN_NUMBER_OTHER},
    {"I16", 2, NN_NUMBER_OTHER}, {"I8", 1, NN_NUMBER_OTHER},  {"U64", 8, NN_NUMBER_OTHER},
    {"U32", 4, NN_NUMBER_OTHER}, {"U16", 2, NN_NUMBER_OTHER}, {"U8", 1, NN_NUMBER_OTHER},
    {"BOOL", 1, NN_NUMBER_OTHER}};

static const struct nn_number_type *type_of(const char *name) {
    for (size_t i = 0; name && i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

static bool as_size(const json_t *j, size_t *out) {
    if (!json_is_integer(j) || json_integer_value(j) < 0)
        return false;
    *out = (size_t)json_integer_value(j);
    return true;
}

static int parse_shape(struct nn_named *t, const json_t *shape, size_t *bytes,
                       struct err *e) {
    if (!json_is_array(shape) || json_array_size(shape) > NN_MAX_DIMS)
        return bad_tensor(e, t->name, _("no tiene una forma válida"));
    t->ndim = (int)json_array_size(shape);
    *bytes = t->type->size;
    for (int k = 0; k < t->ndim; k++)
        if (!as_size(json_array_get(shape, (size_t)k), &t->shape[k]) ||
            !mul_size(bytes, *bytes, t->shape[k]))
            return bad_tensor(e, t->name, _("no tiene una forma válida"));
    return 0;
}

static int parse_tensor(struct nn_named *t, const char *name, const json_t *row,
                        size_t size, struct err *e) {
    const json_t *offsets = json_object_get(row, "data_offsets");
    size_t bytes = 0;
    if (strlen(name) >= sizeof t->name)
        return bad_tensor(e, name, _("tiene un nombre demasiado largo"));
    snprintf(t->name, sizeof t->name, "%s", name);
    t->type = type_of(json_string_value(json_object_get(row, "dtype")));
    if (!t->type)
        return bad_tensor(e, name, _("tiene un tipo de número desconocido"));
    int rc = parse_shape(t, json_object_get(row, "shape"), &bytes, e);
    if (rc < 0)
        return rc;
    if (json_array_size(offsets) != 2 ||
        !as_size(json_array_get(offsets, 0), &t->begin) ||
        !as_size(json_array_get(offsets, 1), &t->end) || t->begin > t->end ||
        t->end > size)
        return bad_tensor(e, name, _("apunta fuera del archivo"));
    if (t->end - t->begin != bytes)
        return bad_tensor(e, name, _("no mide lo que dice su forma"));
    return 0;
}

static int by_begin(const void *a, const void *b) {
    const struct nn_named *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int check_cover(struct nn_container *c, struct err *e) {
    size_t at = 0;
    qsort(c->item, c->n, sizeof *c->item, by_begin);
    for (size_t i = 0; i < c->n; i++) {
        if (c->item[i].begin < at)
            return bad_tensor(e, c->item[i].name, _("se superpone con otro"));
        if (c->item[i].begin > at)
            return bad_tensor(e, c->item[i].name, _("deja un hueco antes de él"));
        at = c->item[i].end;
    }
    return at == c->size ? 0 : bad(e, _("sobran bytes al final"));
}

static int parse_header(struct nn_container *c, json_t *root, struct err *e) {
    const char *name;
    json_t *row;
    if (!json_is_object(root))
        return bad(e, _("la cabecera no es un objeto JSON"));
    c->item = calloc(json_object_size(root) + 1, sizeof *c->item);
    if (!c->item)
        return no_memory_to_read(e);
    json_object_foreach(root, name, row) {
        if (strcmp(name, "__metadata__") == 0) {
            c->metadata = json_incref(row);
            continue;
        }
        int rc = parse_tensor(&c->item[c->n], name, row, c->size, e);
        if (rc < 0)
            return rc;
        c->n++;
    }
    return check_cover(c, e);
}

int nn_container_parse(struct nn_container *c, const void *bytes, size_t n,
                       struct err *e) {
    const unsigned char *b = bytes;
    uint64_t len = 0;
    *c = (struct nn_container){0};
    if (n < 8)
        return bad(e, _("el archivo está cortado"));
    for (int i = 0; i < 8; i++)
        len |= (uint64_t)b[i] << (8 * i);
    if (len > NN_STORE_HEADER_MAX)
        return bad(e, _("la cabecera dice ser demasiado larga"));
    if (len > n - 8)
        return bad(e, _("el archivo está cortado"));
    const char *why = NULL;
    json_t *root = nn_json_read((const char *)b + 8, (size_t)len, &why);
    if (!root)
        return why ? bad(e, why) : no_memory_to_read(e);
    c->data = b + 8 + len;
    c->size = n - 8 - (size_t)len;
    int rc = parse_header(c, root, e);
    json_decref(root);
    if (rc < 0)
        nn_container_release(c);
    return rc;
}
