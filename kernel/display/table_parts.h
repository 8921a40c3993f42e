/* table_parts.h: what the three backends of a table share. */
#ifndef VIZ_TABLE_PARTS_H
#define VIZ_TABLE_PARTS_H

#include "viz/table.h"

const char *viz_table_cell(const struct viz_table *t, size_t row, size_t column);
const char *viz_table_header(const struct viz_table *t, size_t column);
bool viz_table_has_header(const struct viz_table *t);
/* "cc4e00", readable on white and on dark paper; NULL: the page's own. */
const char *viz_table_color(const struct viz_table *t, size_t row, size_t column);
bool viz_table_is_bold(const struct viz_table *t, size_t row);
/* Never below the last row, where the table ends anyway. */
bool viz_table_rule_after(const struct viz_table *t, size_t row);

/* The cell's text takes more than one line. */
bool viz_table_wraps(const struct viz_table *t, size_t column, const char *text);

/* The limits of viz/table.h. */
int viz_table_check(const struct viz_table *t, struct err *e);

/* ERR_NOMEM when something did not fit into out. */
int viz_table_done(const struct buf *out, struct err *e);

#endif
