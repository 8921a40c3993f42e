/* sqlite_lazy.h: SQLite is loaded with the first entry of the history. */
#ifndef JUP_SQLITE_LAZY_H
#define JUP_SQLITE_LAZY_H

#include "base/err.h"

/* Call it before the first SQLite function. ERR_NOTFOUND: it is not installed. */
int jup_sqlite_load(struct err *e);

#endif
