/* fake_interp.h: a language of a few words, to test the protocol without Lua. */
#ifndef TESTS_FAKE_INTERP_H
#define TESTS_FAKE_INTERP_H

#include "jupyter/host.h"
#include "jupyter/interp.h"

#include <stdatomic.h>

struct fake {
    struct interp interp;
    const struct host *host;
    int wake_fd; /* eventfd that interrupt() writes to */
    atomic_bool interrupted, attend;
    uint64_t kept; /* origin of the cell "keep" */
    int executed;
    const char *rescue; /* what the crash is to save */
};

int fake_init(struct fake *f);
void fake_release(struct fake *f);

#endif
