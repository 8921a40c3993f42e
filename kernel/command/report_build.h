/* report_build.h: the parts of the report that only this folder calls. */
#ifndef COMMAND_REPORT_BUILD_H
#define COMMAND_REPORT_BUILD_H

#include "base/buf.h"
#include "command/report.h"

#include <lua.h>

/* What TeX's output complains about first, in one sentence with the cell that it comes from
 * (tex: the file's text, its cells marked by the template). */
void cmd_tex_explain(const char *output, const char *tex, struct buf *sentence);

void cmd_report_open(lua_State *L); /* lab.report */

#endif
