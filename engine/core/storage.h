/* storage.h: the memory behind tensors: zeroed, aligned to NN_ALIGN, counted against
 * nn_memory_limit(). Reference-counted; the counter is atomic. */
#ifndef NN_STORAGE_H
#define NN_STORAGE_H

#include <stddef.h>

struct nn_storage;

/* 0 or ERR_NOMEM (the caller, who knows the shape, writes the sentence). */
int nn_storage_new(struct nn_storage **out, size_t bytes);
void *nn_storage_data(const struct nn_storage *s);
void nn_storage_retain(struct nn_storage *s);
void nn_storage_release(struct nn_storage *s);

#endif
