/* tensor.c: shapes, views and conversions of dense blocks of numbers. The memory behind
 * them is storage.c. */
#include "nn/tensor.h"

#include "base/i18n.h"
#include "storage.h"

#include <math.h>

static const struct {
    size_t size;
    const char *name;
} dtypes[] = {
    [NN_F32] = {4, "float32"},
    [NN_F64] = {8, "float64"},
    [NN_U8] = {1, "uint8"},
    [NN_I32] = {4, "int32"},
};

size_t nn_dtype_size(enum nn_dtype d) {
    return dtypes[d].size;
}

const char *nn_dtype_name(enum nn_dtype d) {
    return dtypes[d].name;
}

char *nn_shape_text(char text[NN_SHAPE_TEXT], int ndim, const size_t *shape) {
    size_t at = 0;
    text[at++] = '(';
    for (int i = 0; i < ndim && at < NN_SHAPE_TEXT - 4; i++) {
        int n =
            snprintf(text + at, NN_SHAPE_TEXT - 4 - at, i ? ", %zu" : "%zu", shape[i]);
        at = MIN_OF(at + (size_t)MAX_OF(n, 0), (size_t)NN_SHAPE_TEXT - 4);
    }
    if (ndim == 1)
        text[at++] = ',';
    text[at++] = ')';
    text[at] = '\0';
    return text;
}

/* *n = product of shape; *bytes = what it takes. */
static int measure(enum nn_dtype d, int ndim, const size_t *shape, size_t *n,
                   size_t *bytes, struct err *e) {
    if (ndim < 0 || ndim > NN_MAX_DIMS)
        return err_set(e, ERR_ARG, _("un tensor tiene de 0 a %d ejes, no %d"),
                       NN_MAX_DIMS, ndim);
    *n = 1;
    bool fits = true, empty = false;
    for (int i = 0; i < ndim; i++) {
        empty = empty || shape[i] == 0;
        fits = fits && mul_size(n, *n, shape[i]);
    }
    if (empty) {
        *n = 0;
        fits = true;
    }
    if (fits && mul_size(bytes, *n, nn_dtype_size(d)) && *bytes <= PTRDIFF_MAX)
        return 0;
    char text[NN_SHAPE_TEXT];
    return err_set(e, ERR_RANGE,
                   _("un tensor de forma %s tiene más elementos de los que se pueden "
                     "direccionar"),
                   nn_shape_text(text, ndim, shape));
}

/* A header over storage, whose reference it takes on success. */
static struct nn_tensor *wrap(struct nn_storage *s, void *data, enum nn_dtype d, int ndim,
                              const size_t *shape, size_t n) {
    struct nn_tensor *t = malloc(sizeof *t);
    if (!t)
        return NULL;
    *t = (struct nn_tensor){.dtype = d, .ndim = ndim, .n = n, .data = data, .storage = s};
    atomic_init(&t->refs, 1);
    for (int i = 0; i < ndim; i++)
        t->shape[i] = shape[i];
    return t;
}

static int no_header(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no hay memoria para la cabecera de un tensor"));
}

int nn_tensor_new(struct nn_tensor **out, enum nn_dtype d, int ndim, const size_t *shape,
                  struct err *e) {
    *out = NULL;
    size_t n, bytes;
    int rc = measure(d, ndim, shape, &n, &bytes, e);
    if (rc < 0)
        return rc;
    struct nn_storage *s;
    rc = nn_storage_new(&s, bytes);
    if (rc < 0) {
        char text[NN_SHAPE_TEXT];
        return err_set(e, rc,
                       _("no hay memoria para un tensor de forma %s: pide %zu bytes, hay "
                         "%zu en uso y el límite es %zu"),
                       nn_shape_text(text, ndim, shape), bytes, nn_memory_in_use(),
                       nn_memory_limit());
    }
    *out = wrap(s, nn_storage_data(s), d, ndim, shape, n);
    if (*out)
        return 0;
    nn_storage_release(s);
    return no_header(e);
}

int nn_tensor_like(struct nn_tensor **out, const struct nn_tensor *t, struct err *e) {
    return nn_tensor_new(out, t->dtype, t->ndim, t->shape, e);
}

int nn_tensor_scalar(struct nn_tensor **out, enum nn_dtype d, double v, struct err *e) {
    int rc = nn_tensor_new(out, d, 0, NULL, e);
    if (rc == 0)
        nn_tensor_set(*out, 0, v);
    return rc;
}

int nn_tensor_copy(struct nn_tensor **out, const struct nn_tensor *t, struct err *e) {
    int rc = nn_tensor_like(out, t, e);
    if (rc == 0 && t->n)
        memcpy((*out)->data, t->data, t->n * nn_dtype_size(t->dtype));
    return rc;
}

/* The values that a dtype can hold after truncation; NaN is outside. */
static bool in_range(enum nn_dtype d, double v) {
    switch (d) {
    case NN_U8:
        return v > -1.0 && v < 256.0;
    case NN_I32:
        return v > -2147483649.0 && v < 2147483648.0;
    default:
        return true;
    }
}

static int cast_values(struct nn_tensor *to, const struct nn_tensor *from,
                       struct err *e) {
    for (size_t i = 0; i < from->n; i++) {
        double v = nn_tensor_get(from, i);
        if (!in_range(to->dtype, v))
            return err_set(e, ERR_RANGE, _("el elemento %zu vale %g y no cabe en %s"),
                           i + 1, v, nn_dtype_name(to->dtype));
        nn_tensor_set(to, i, v);
    }
    return 0;
}

int nn_tensor_cast(struct nn_tensor **out, const struct nn_tensor *t, enum nn_dtype d,
                   struct err *e) {
    if (t->dtype == d)
        return nn_tensor_copy(out, t, e);
    struct nn_tensor *made;
    *out = NULL;
    int rc = nn_tensor_new(&made, d, t->ndim, t->shape, e);
    if (rc == 0)
        rc = cast_values(made, t, e);
    if (rc == 0)
        *out = made;
    else
        nn_tensor_release(made);
    return rc;
}

int nn_tensor_reshape(struct nn_tensor **out, struct nn_tensor *t, int ndim,
                      const size_t *shape, struct err *e) {
    *out = NULL;
    size_t n, bytes;
    int rc = measure(t->dtype, ndim, shape, &n, &bytes, e);
    if (rc < 0)
        return rc;
    if (n != t->n) {
        char from[NN_SHAPE_TEXT], to[NN_SHAPE_TEXT];
        return err_set(e, ERR_SHAPE,
                       _("reshape: la forma %s tiene %zu elementos y %s tiene %zu"),
                       nn_shape_text(from, t->ndim, t->shape), t->n,
                       nn_shape_text(to, ndim, shape), n);
    }
    *out = wrap(t->storage, t->data, t->dtype, ndim, shape, n);
    if (!*out)
        return no_header(e);
    nn_storage_retain(t->storage);
    return 0;
}

int nn_tensor_rows(struct nn_tensor **out, struct nn_tensor *t, size_t first,
                   size_t count, struct err *e) {
    *out = NULL;
    size_t rows = t->ndim ? t->shape[0] : 0;
    if (t->ndim == 0 || first > rows || count > rows - first)
        return err_set(e, ERR_RANGE,
                       _("se piden %zu filas desde la %zu y el tensor tiene %zu"), count,
                       first + 1, rows);
    size_t row = rows ? t->n / rows : 0;
    size_t shape[NN_MAX_DIMS];
    memcpy(shape, t->shape, sizeof shape);
    shape[0] = count;
    char *data = (char *)t->data + first * row * nn_dtype_size(t->dtype);
    *out = wrap(t->storage, data, t->dtype, t->ndim, shape, count * row);
    if (!*out)
        return no_header(e);
    nn_storage_retain(t->storage);
    return 0;
}

struct nn_tensor *nn_tensor_retain(struct nn_tensor *t) {
    if (t)
        atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void nn_tensor_release(struct nn_tensor *t) {
    if (!t || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1)
        return;
    nn_storage_release(t->storage);
    free(t);
}

double nn_tensor_get(const struct nn_tensor *t, size_t i) {
    switch (t->dtype) {
    case NN_F32:
        return (double)nn_tensor_f32(t)[i];
    case NN_F64:
        return nn_tensor_f64(t)[i];
    case NN_U8:
        return nn_tensor_u8(t)[i];
    case NN_I32:
        return nn_tensor_i32(t)[i];
    }
    return 0;
}

/* Outside the range of a whole-number dtype the nearest value is kept; NaN becomes 0. */
static double clamp(double v, double low, double high) {
    return isnan(v) ? 0 : fmin(fmax(v, low), high);
}

void nn_tensor_set(struct nn_tensor *t, size_t i, double v) {
    switch (t->dtype) {
    case NN_F32:
        nn_tensor_f32(t)[i] = (float)v;
        break;
    case NN_F64:
        nn_tensor_f64(t)[i] = v;
        break;
    case NN_U8:
        nn_tensor_u8(t)[i] = (unsigned char)clamp(v, 0, 255);
        break;
    case NN_I32:
        nn_tensor_i32(t)[i] = (int32_t)clamp(v, INT32_MIN, INT32_MAX);
        break;
    }
}

void nn_tensor_fill(struct nn_tensor *t, double v) {
    for (size_t i = 0; i < t->n; i++)
        nn_tensor_set(t, i, v);
}

bool nn_tensor_same_shape(const struct nn_tensor *a, const struct nn_tensor *b) {
    if (a->ndim != b->ndim)
        return false;
    for (int i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}
