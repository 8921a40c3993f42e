/* mode.c: what a thread remembers between ops: whether results remember how they were
 * made, and how many passes were done. */
#include "graph.h"

static _Thread_local bool grad_off;
static _Thread_local struct nn_passes passes;

bool nn_grad_set_enabled(bool on) {
    bool was = !grad_off;
    grad_off = !on;
    return was;
}

bool nn_grad_enabled(void) {
    return !grad_off;
}

struct nn_passes nn_passes_get(void) {
    return passes;
}

void nn_passes_set(struct nn_passes p) {
    passes = p;
}

void nn_count_forward(void) {
    passes.forward++;
}

void nn_count_backward(void) {
    passes.backward++;
}
