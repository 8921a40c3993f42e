/* csv_table.h: the lines of a CSV file as numbers and label words, before anybody decides
 * what the labels mean. Threads: one at a time. */
#ifndef NN_DATA_CSV_TABLE_H
#define NN_DATA_CSV_TABLE_H

#include "nn/csv.h"

struct nn_csv_table {
    const char *name;    /* of the file, for messages; borrowed */
    size_t rows, n_cols; /* n_cols with the label column */
    size_t label;        /* which column it is, from 0 */
    char sep;
    float *x;       /* rows x (n_cols - 1) */
    char **word;    /* rows label fields, inside text */
    size_t *line;   /* rows line numbers from 1 */
    char **heading; /* n_cols of them inside text, or NULL */
    size_t cap;     /* rows that x, word and line have room for */
    char *text;     /* the file, cut into fields; owned */
};

/* t is to be released in any case. */
int nn_csv_table_read(struct nn_csv_table *t, const char *text, size_t n,
                      const char *name, const struct nn_csv_opts *o, struct err *e);
void nn_csv_table_release(struct nn_csv_table *t);

/* A finite number that fills the whole field; comma: whether 1,5 is one too. */
bool nn_csv_number(double *v, const char *field, bool comma);

/* The beginning of a field for a message, cut between characters. */
#define NN_CSV_SHOWN 44
const char *nn_csv_show(char text[NN_CSV_SHOWN], const char *field);

/* y_train, classes and their notes from the words. */
int nn_csv_labels(struct nn_dataset *d, const struct nn_csv_table *t, bool regression,
                  struct err *e);

#endif
