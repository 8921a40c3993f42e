/* folder.h: a folder of pictures: one sub-folder for each class, PNG files inside.
 *
 *     struct nn_dataset *d;
 *     struct nn_folder_opts o = {.height = 32, .width = 32, .test = 0.2, .seed = 1};
 *     if (nn_folder_load(&d, "flores", &o, e) < 0) return e->code;    flores/rosa/1.png
 *
 * Classes are the sub-folders in ascending order (numbers by value), 0 the first; their
 * pictures in the order of their names. Where the sub-folders are named train and test,
 * each holds the classes, the same ones, and they become the two parts. Files and folders
 * that begin with a point are skipped; files that are no .png too, and notes say how many.
 * Shapes: x u8 (n, h, w, c); c is 1 when all pictures are grey or gray is asked for, else
 * 3. Sizes: without height and width all pictures must be of the first one's size.
 * Limits: NN_FOLDER_MAX_FILES pictures, NN_FOLDER_MAX_BYTES of pixels. Failures: ERR_IO,
 * ERR_NOTFOUND (no classes, no pictures), those of png.h with the file's name, ERR_SHAPE
 * (a size that differs, with both), ERR_RANGE, ERR_NOMEM. Threads: the pictures are
 * decoded on the pool. */
#ifndef NN_FOLDER_H
#define NN_FOLDER_H

#include "nn/dataset.h"

#define NN_FOLDER_MAX_FILES 500000
#define NN_FOLDER_MAX_BYTES ((size_t)2 << 30)

struct nn_folder_opts {
    size_t height, width; /* every picture is brought to this size; 0: none is */
    bool gray;            /* colours become grey */
    double test; /* share that becomes the test part, 0 <= test < 1; not beside a folder
                    test */
    uint64_t seed;
};

/* opts may be NULL. */
int nn_folder_load(struct nn_dataset **out, const char *path,
                   const struct nn_folder_opts *opts, struct err *e);

#endif
