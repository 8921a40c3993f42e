/* symbol.h: how mathematics is written: a student's names, numbers, and formulas of the op
 * table, as LaTeX and as plain text.
 *
 *     cmd_symbol_latex(&b, "w_L");          w^{L}
 *     cmd_symbol_latex(&b, "y_hat");        \hat{y}
 *     cmd_symbol_latex(&b, "a_Lm1");        a^{L-1}
 *     cmd_symbol_latex(&b, "delta1");       \delta_{1}
 *     cmd_latex_text(&b, "\\frac{1}{n}\\sum x^2");       1/n Σ x²
 *
 * Buffers mark themselves as failed when memory is short. */
#ifndef COMMAND_SYMBOL_H
#define COMMAND_SYMBOL_H

#include "base/buf.h"

#include <stdbool.h>

/* An identifier as a symbol: Greek letters by name; x_hat, x_bar, x_tilde wear it; an
 * upper index L, l, L1 or Lm1 (L-1), Lp1 (L+1); digits and single letters are lower
 * indices; any other longer word stands upright. */
void cmd_symbol_latex(struct buf *b, const char *name);

/* Four digits: 0.5, -0.08107, 1.2\times 10^{-5}. text: the same without LaTeX. */
void cmd_number_latex(struct buf *b, double v);
void cmd_number_text(struct buf *b, double v);

/* LaTeX of the kind that this project writes, as one line of Unicode text. */
void cmd_latex_text(struct buf *b, const char *latex);

/* What binds the parts of a formula: names and calls, powers, products, sums. */
enum cmd_binding { CMD_ATOM, CMD_POWER, CMD_PRODUCT, CMD_SUM };
enum cmd_binding cmd_latex_binding(const char *latex);

/* A formula of the op table (struct nn_op) with part[i] for @0 @1 @2, `result` for @y,
 * value and upper for @v and @u: parts get parentheses where the formula needs them. */
void cmd_formula_fill(struct buf *b, const char *formula, const char *const part[],
                      const char *result, double value, double upper);

#endif
