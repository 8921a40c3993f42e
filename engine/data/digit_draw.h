/* digit_draw.h: one handwritten-looking digit into 28 x 28 bytes. */
#ifndef NN_DATA_DIGIT_DRAW_H
#define NN_DATA_DIGIT_DRAW_H

#include "nn/rng.h"

/* digit 0..9; all chance comes from r. No allocation, no failure. Threads: any. */
void nn_digit_draw(unsigned char pixels[28 * 28], int digit, struct nn_rng *r);

#endif
