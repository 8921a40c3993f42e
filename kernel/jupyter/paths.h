/* paths.h: where Jupyter and the desktop keep things. */
#ifndef JUP_PATHS_H
#define JUP_PATHS_H

#include "base/buf.h"
#include "base/err.h"

/* Jupyter's runtime folder: $JUPYTER_RUNTIME_DIR, or runtime/ in $JUPYTER_DATA_DIR, in
 * $XDG_DATA_HOME/jupyter or in ~/.local/share/jupyter. ERR_IO without a home. */
int jup_path_runtime(struct buf *out, struct err *e);

/* nabla/history.sqlite in $XDG_DATA_HOME or ~/.local/share. ERR_IO without a home. */
int jup_path_history(struct buf *out, struct err *e);

/* Makes the folders above the file, 0700 each; what exists stays as it is. ERR_IO. */
int jup_path_parents(const char *file, struct err *e);

#endif
