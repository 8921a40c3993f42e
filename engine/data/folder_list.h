/* folder_list.h: which pictures lie in the sub-folders of a folder, in order.
 * Ceilings: NN_MAX_CLASSES folders, NN_FOLDER_MAX_FILES files. Threads: one at a time. */
#ifndef NN_DATA_FOLDER_LIST_H
#define NN_DATA_FOLDER_LIST_H

#include "base/err.h"
#include "base/util.h"

/* Names in ascending order; owned. */
struct nn_names {
    char **name;
    size_t n, cap;
};

struct nn_folder_file {
    char *path;
    int32_t label;
};

struct nn_folder_list {
    struct nn_names classes;
    struct nn_folder_file *file;
    size_t n, cap;
    size_t skipped; /* files that are no .png */
};

/* The sub-folders of path (folders) or its files, without those that begin with a point.
 * Whole numbers in order of value, then words by their bytes. ERR_IO, ERR_RANGE,
 * ERR_FORMAT (control characters in a name), ERR_NOMEM. names: empty; release it in any
 * case. */
int nn_names_read(struct nn_names *names, const char *path, bool folders, struct err *e);
void nn_names_release(struct nn_names *names);
bool nn_names_have(const struct nn_names *names, const char *name);

/* All pictures below path/CLASS. Besides: ERR_NOTFOUND (no sub-folder; a class without a
 * picture). l: empty; release it in any case. */
int nn_folder_list_read(struct nn_folder_list *l, const char *path, struct err *e);
void nn_folder_list_release(struct nn_folder_list *l);

#endif
