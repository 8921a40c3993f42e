/* table_parts.h: what the three backends of a table share. */
#ifndef VIZ_TABLE_PARTS_H
#define VIZ_TABLE_PARTS_H

#include "viz/table.h"

const char *table_cell(const struct viz_table *t, size_t row, size_t column);
const char *table_header(const struct viz_table *t, size_t column);
bool table_has_header(const struct viz_table *t);
bool table_is_bold(const struct viz_table *t, size_t row);
/* Never below the last row, where the table ends anyway. */
bool table_rule_after(const struct viz_table *t, size_t row);

/* The limits of viz/table.h. */
int table_check(const struct viz_table *t, struct err *e);

/* ERR_NOMEM when something did not fit into out. */
int table_done(const struct buf *out, struct err *e);

#endif
