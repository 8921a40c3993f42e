/* data_augment.h: d:augment{...}. */
#ifndef COMMAND_DATA_AUGMENT_H
#define COMMAND_DATA_AUGMENT_H

#include "args.h"

#include "base/buf.h"
#include "nn/dataset.h"

/* Registers the method; after the class Dataset. */
void cmd_data_augment_open(lua_State *L);
/* Appends what happens to the examples: "; aumento: flip, shift 4"; nothing for none. */
void cmd_augment_text(struct buf *b, const struct nn_dataset *d);

#endif
