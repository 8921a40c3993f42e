/* shells.h: the parent shell and its subshells (JEP 91): who exists, who is being served.
 *
 * One thread serves all of them. Within a shell requests are answered one after the other;
 * a request of another shell is answered at the next safe point of the cell that runs, as a
 * visit (jupyter/interp.h). The stack of active shells says whose turn it cannot be.
 *
 * Threads: the owner of the table (router.h) guards it with its lock. */
#ifndef JUP_SHELLS_H
#define JUP_SHELLS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JUP_SHELLS_MAX = 64, /* subshells at a time */
    JUP_VISITS_MAX = 8,  /* requests inside of each other */
    JUP_SHELL_PARENT = 0,
    JUP_SHELL_UNKNOWN = -1,
    JUP_SHELL_DEBUG =
        -2 /* debug requests, one after the other, like a shell of their own */
};

struct jup_shell {
    int number;      /* 0: the parent; never used twice */
    char id[37];     /* "" for the parent */
    int count;       /* the last In [n] that was given; 0 before the first */
    int64_t session; /* of the history; 0 before the first cell */
};

struct jup_shells {
    struct jup_shell shell[JUP_SHELLS_MAX + 1]; /* [0] is the parent */
    int n, last;                                /* subshells; the last number given */
    int active[JUP_VISITS_MAX + 1], depth;
};

/* ERR_RANGE when there are JUP_SHELLS_MAX of them. id is the table's. */
int jup_shells_add(struct jup_shells *x, const char **id, struct err *e);
bool jup_shells_remove(struct jup_shells *x, const char *id);
/* The number of a header's subshell_id: NULL is the parent, JUP_SHELL_UNKNOWN nobody. */
int jup_shells_find(const struct jup_shells *x, const char *id);
/* NULL when it is gone. */
struct jup_shell *jup_shells_get(struct jup_shells *x, int number);

/* May a request of that shell begin now? */
bool jup_shells_free(const struct jup_shells *x, int number);
void jup_shells_begin(struct jup_shells *x, int number);
void jup_shells_end(struct jup_shells *x);

#endif
