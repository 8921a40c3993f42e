/* csv.h: a table of numbers in a text file, one example a line, one column the label.
 *
 *     struct nn_dataset *d;
 *     struct nn_csv_opts o = {.label = "especie", .test = 0.2, .seed = 1};
 *     if (nn_csv_load(&d, "iris.csv", &o, e) < 0) return e->code;      x_train f32 (n,
 * features)
 *
 * Form: UTF-8 (a byte-order mark is skipped), fields separated by comma, semicolon or tab
 * (found out from the first line), optionally in double quotes; empty lines and lines
 * that start with # are skipped; the point is the decimal sign, the comma too where the
 * separator is not a comma. A first line with a field that is no number, outside a label
 * column of words, is the header, unless header says otherwise.
 * Label: whole numbers that count from 0 without a gap stay as they are; other whole
 * numbers (up to 256 different ones) or words become classes 0.. in ascending order (notes
 * say so); real numbers, and whole numbers of more kinds, make a regression.
 * Limits: NN_CSV_MAX_COLUMNS, NN_CSV_MAX_BYTES. Failures: ERR_IO, ERR_FORMAT with the
 * line number (a field that is no number, a line with another number of fields),
 * ERR_NOTFOUND (no such label column), ERR_RANGE, ERR_NOMEM. Threads: any. */
#ifndef NN_CSV_H
#define NN_CSV_H

#include "nn/dataset.h"

#define NN_CSV_MAX_COLUMNS 16384
#define NN_CSV_MAX_BYTES   ((size_t)1 << 30)

enum nn_csv_header { NN_CSV_HEADER_FOUND_OUT, NN_CSV_HEADER_YES, NN_CSV_HEADER_NO };

struct nn_csv_opts {
    const char
        *label;  /* name of the label column, or its number from 1; NULL: the last */
    double test; /* share that becomes the test part, 0 <= test < 1 */
    uint64_t seed;
    enum nn_csv_header header; /* is the first line names? */
    bool regression;           /* keep whole-numbered labels as real targets */
};

/* opts may be NULL. */
int nn_csv_load(struct nn_dataset **out, const char *path, const struct nn_csv_opts *opts,
                struct err *e);
/* The same from memory; name stands in the messages. */
int nn_csv_parse(struct nn_dataset **out, const char *text, size_t n, const char *name,
                 const struct nn_csv_opts *opts, struct err *e);

#endif
