/* dataset.h: examples with their labels, ready for training: what data.mnist() returns.
 *
 *     struct nn_dataset *d;
 *     if (nn_digits_new(&d, NULL, e) < 0) return e->code;      also mnist.h, cifar.h,
 * csv.h ... struct nn_dataset *s; if (nn_dataset_split(&s, d, 0.1, 1, e) < 0) ... s has
 * x_valid, y_valid nn_dataset_release(d); nn_dataset_release(s);
 *
 * Shapes: images are u8 (n, h, w, c); toys and CSV are f32 (n, features). Labels are i32
 * (n), 0-based as in the data files; targets of a regression (n_classes 0) are f32 (n).
 * Units: a network sees x normalised by input (normalise.h): images start with 1/255, f32
 * with 1; feed.h assembles batches so. Ownership: reference-counted, as are its tensors; a
 * data set is not changed once it is shared, split and subset make new ones. Threads: the
 * counter is atomic; reading is safe from any thread. */
#ifndef NN_DATASET_H
#define NN_DATASET_H

#include "nn/augment.h"
#include "nn/normalise.h"

#define NN_MAX_CLASSES 10000

struct nn_dataset {
    atomic_int refs;
    char *name;                          /* "mnist", "digits", "spiral", a file's name */
    struct nn_tensor *x_train, *y_train; /* always there once built */
    struct nn_tensor *x_valid, *y_valid; /* NULL before nn_dataset_split */
    struct nn_tensor *x_test, *y_test;   /* NULL when the source has no test part */
    size_t n_classes;                    /* 0: a regression */
    char **classes;                      /* n_classes display names in Spanish */
    char **classes_en;                   /* the same in English */
    char **features;   /* names of the columns, n_features of them; NULL for images */
    size_t n_features; /* 0 when features is NULL */
    struct nn_normalise input; /* how a network sees x */
    struct nn_augment augment; /* of training examples; nn_augment_any: is there one */
    char *notes; /* remarks for the user, one sentence a line; NULL when there are none */
};

/* Empty, normalised as usual, for the code that builds one. ERR_NOMEM. */
int nn_dataset_new(struct nn_dataset **out, const char *name, struct err *e);
/* Copies n names; en NULL repeats es. ERR_NOMEM, ERR_RANGE above NN_MAX_CLASSES. */
int nn_dataset_set_classes(struct nn_dataset *d, size_t n, const char *const *es,
                           const char *const *en, struct err *e);
/* Copies the names of the n columns of x. ERR_NOMEM. */
int nn_dataset_set_features(struct nn_dataset *d, size_t n, const char *const *names,
                            struct err *e);
/* Appends one sentence to notes. ERR_NOMEM. */
int nn_dataset_note(struct nn_dataset *d, const char *sentence, struct err *e);
/* Proves that parts fit each other: as many labels as examples, equal example shapes,
 * labels within 0..n_classes-1. ERR_SHAPE, ERR_DTYPE, ERR_RANGE; the sentence names part,
 * position and value. */
int nn_dataset_check(const struct nn_dataset *d, struct err *e);

struct nn_dataset *
nn_dataset_retain(struct nn_dataset *d);       /* returns d; NULL is allowed */
void nn_dataset_release(struct nn_dataset *d); /* NULL is allowed */

/* A copy whose training part is divided: fraction of it (0 < fraction < 1) becomes
 * validation, each class in proportion (a regression: at random), the same rows for the
 * same seed. Test part and names are shared. An earlier validation part is replaced.
 * ERR_RANGE (fraction, or a part that would be empty), ERR_NOMEM. */
int nn_dataset_split(struct nn_dataset **out, const struct nn_dataset *d, double fraction,
                     uint64_t seed, struct err *e);
/* The same, with the second part as test part instead of validation: for sources that come
 * in one piece. An earlier test part is replaced. */
int nn_dataset_cut_test(struct nn_dataset **out, const struct nn_dataset *d,
                        double fraction, uint64_t seed, struct err *e);
/* A copy with n_train training and n_test test examples, each class in proportion, in
 * their original order; 0 keeps that part whole. ERR_RANGE when more are asked than there
 * are, ERR_NOMEM. */
int nn_dataset_subset(struct nn_dataset **out, const struct nn_dataset *d, size_t n_train,
                      size_t n_test, uint64_t seed, struct err *e);

/* A copy, of the same tensors, whose training examples are changed as a says; a of zeros
 * takes a change back. normalise: mean 0 and deviation 1 by the numbers of the training
 * part, one pair per channel of images of bytes (d->input); other data is changed itself,
 * column by column, in all parts. Failures of nn_augment_prepare; ERR_NOMEM. */
int nn_dataset_augment(struct nn_dataset **out, const struct nn_dataset *d,
                       const struct nn_augment *a, bool normalise, struct err *e);

/* Divides row numbers 0..y->n-1 without copying data: rows (y->n of them) receives first
 * the *n_first rows of the first part, then the rest, both ascending. share is the second
 * part's. y: i32 labels, divided class by class; any other dtype at random. */
int nn_dataset_split_rows(size_t *rows, size_t *n_first, const struct nn_tensor *y,
                          double share, uint64_t seed, struct err *e);
/* counts[n_classes] of the labels y (i32). ERR_RANGE with the position of a label
 * outside.
 */
int nn_dataset_class_counts(size_t *counts, size_t n_classes, const struct nn_tensor *y,
                            struct err *e);
/* Mean and standard deviation of all values of x after x * scale + offset. */
void nn_dataset_mean_std(double *mean, double *std, const struct nn_tensor *x,
                         float scale, float offset);

#endif
