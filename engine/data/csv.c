/* csv.c: a data set from a text file. */
#include "nn/csv.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "csv_table.h"
#include "stream.h"

enum { CHUNK = 1 << 16 };

/* Names of the feature columns: the header's, or x1, x2 ... */
static int name_features(struct nn_dataset *d, const struct nn_csv_table *t,
                         struct err *e) {
    size_t n = t->n_cols - 1, at = 0;
    const char **names = malloc(n * sizeof *names);
    char(*made)[24] = malloc(n * sizeof *made);
    int rc = 0;
    if (!names || !made)
        rc = err_set(e, ERR_NOMEM, _("%s: falta memoria para %zu columnas"), t->name, n);
    for (size_t i = 0; rc == 0 && i < t->n_cols; i++) {
        if (i == t->label)
            continue;
        (void)snprintf(made[at], sizeof made[at], "x%zu", at + 1);
        names[at] = t->heading ? t->heading[i] : made[at];
        at++;
    }
    if (rc == 0)
        rc = nn_dataset_set_features(d, n, names, e);
    free(names);
    free(made);
    return rc;
}

static int build(struct nn_dataset *d, const struct nn_csv_table *t, bool regression,
                 struct err *e) {
    int rc = nn_tensor_new(&d->x_train, NN_F32, 2, (size_t[]){t->rows, t->n_cols - 1}, e);
    if (rc == 0)
        rc = name_features(d, t, e);
    if (rc == 0)
        rc = nn_csv_labels(d, t, regression, e);
    if (rc == 0)
        memcpy(d->x_train->data, t->x, d->x_train->n * sizeof(float));
    return rc == 0 ? nn_dataset_check(d, e) : rc;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int nn_csv_parse(struct nn_dataset **out, const char *text, size_t n, const char *name,
                 const struct nn_csv_opts *opts, struct err *e) {
    *out = NULL;
    struct nn_csv_opts o = opts ? *opts : (struct nn_csv_opts){0};
    if (!(o.test >= 0 && o.test < 1))
        return err_set(e, ERR_RANGE,
                       _("%s: test = %g; debe ser al menos 0 y menor que 1"), name,
                       o.test);
    struct nn_csv_table t;
    struct nn_dataset *d = NULL;
    int rc = nn_csv_table_read(&t, text, n, name, &o, e);
    if (rc == 0)
        rc = nn_dataset_new(&d, base_name(name), e);
    if (rc == 0)
        rc = build(d, &t, o.regression, e);
    if (rc == 0 && o.test > 0)
        rc = nn_dataset_cut_test(out, d, o.test, o.seed, e);
    else if (rc == 0)
        *out = nn_dataset_retain(d);
    nn_dataset_release(d);
    nn_csv_table_release(&t);
    return rc;
}

static int read_text(struct buf *b, const char *path, struct err *e) {
    struct nn_stream *s = NULL;
    int rc = nn_stream_open(&s, path, false, e);
    for (size_t got = CHUNK; rc == 0 && got == CHUNK;) {
        if (!buf_reserve(b, CHUNK)) {
            rc = b->len + CHUNK > b->max
                     ? err_set(e, ERR_RANGE, _("%s: supera el límite de %zu bytes"), path,
                               NN_CSV_MAX_BYTES)
                     : err_set(e, ERR_NOMEM, _("%s: falta memoria para el texto"), path);
            break;
        }
        rc = nn_stream_read(s, b->data + b->len, CHUNK, &got, e);
        b->len += got;
    }
    nn_stream_free(s);
    return rc;
}

int nn_csv_load(struct nn_dataset **out, const char *path, const struct nn_csv_opts *opts,
                struct err *e) {
    *out = NULL;
    struct buf b;
    buf_init(&b, NN_CSV_MAX_BYTES + CHUNK);
    int rc = read_text(&b, path, e);
    if (rc == 0)
        rc = nn_csv_parse(out, b.data, b.len, path, opts, e);
    buf_release(&b);
    return rc;
}
