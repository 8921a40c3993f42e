/* watch.h: which op is running, and a look at what each one made, forward and backward.
 *
 *     static void look(void *ctx, const struct nn_call *c, bool backward) { ... }
 *     static const struct nn_watch watch = {look, ctx};
 *     nn_watch_set(&watch);     ... every op that ends calls look ...     nn_watch_set(NULL);
 *
 * One watch for the whole process, like the pool: whoever looks asks first whether the thread
 * is its own. A look may take as long as it likes and may run ops itself; it must not free
 * what the call reads. Without a watch an op costs three stores more.
 * Threads: set and the texts from any; look runs in the thread that ran the op. */
#ifndef NN_WATCH_H
#define NN_WATCH_H

#include "nn/op.h"

struct nn_watch {
    void (*look)(void *ctx, const struct nn_call *c, bool backward);
    void *ctx;
};

/* watch: borrowed until the next set; NULL for none. */
void nn_watch_set(const struct nn_watch *watch);

/* Runs the op of a call, one way or the other. */
void nn_call_forward(struct nn_call *c);
void nn_call_backward(struct nn_call *c);

/* "matmul: (64, 784) × (784, 10) → (64, 10)", "conv2d hacia atrás: …"; cut to size. */
void nn_call_text(const struct nn_call *c, bool backward, char *text, size_t size);

/* The op that some thread is inside of, as nn_call_text has it. false, "": none. For the
 * report of a crash, while the thread that crashed is held. */
bool nn_running_text(char *text, size_t size);

/* Is something that the op made (its result, or the gradients of its inputs) NaN or
 * infinite? Then says what in one sentence, with the op and its shapes; *first: what it read
 * was finite, so that it began here. */
bool nn_call_not_finite(const struct nn_call *c, bool backward, char *text, size_t size,
                        bool *first);

#endif
