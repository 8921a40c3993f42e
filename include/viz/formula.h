/* formula.h: a formula for MathJax and LaTeX: text/latex `$$...$$` and text/plain.
 *
 *     viz_formula_bundle(&b, "\\hat y = \\sigma(z)", "y_hat = sigma(z)", NULL, NULL, e);
 *
 * latex is mathematics without the dollars; plain NULL: the LaTeX itself;
 * caption and label, for the report, may be NULL. */
#ifndef VIZ_FORMULA_H
#define VIZ_FORMULA_H

#include "base/err.h"
#include "base/mime.h"

/* ERR_ARG for an empty formula or one with "$$" in it, ERR_NOMEM. */
int viz_formula_bundle(struct mime_bundle *out, const char *latex, const char *plain,
                       const char *caption, const char *label, struct err *e);

#endif
