/* fault_text.c: what is wrong with a gradient, in a sentence that names the factor and
 * leaves the number to the student. */
#include "autograd.h"

#include "base/i18n.h"

#include <math.h>

const char *cmd_fault_name(enum nn_fault f) {
    static const char *const names[] = {[NN_FAULT_NONE] = "none",
                                        [NN_FAULT_SIGN] = "sign",
                                        [NN_FAULT_MEAN] = "mean",
                                        [NN_FAULT_MEAN_TWICE] = "mean_twice",
                                        [NN_FAULT_FACTOR] = "factor",
                                        [NN_FAULT_TRANSPOSED] = "transposed",
                                        [NN_FAULT_NOT_SUMMED] = "not_summed",
                                        [NN_FAULT_SLOPE] = "slope",
                                        [NN_FAULT_SLOPE_TWICE] = "slope_twice",
                                        [NN_FAULT_SLOPE_AT_Y] = "slope_at_output",
                                        [NN_FAULT_SLOPE_OF_X] = "slope_of_input",
                                        [NN_FAULT_INPUT] = "input",
                                        [NN_FAULT_WEIGHT] = "weight",
                                        [NN_FAULT_BEFORE] = "before_activation",
                                        [NN_FAULT_SHAPE] = "shape",
                                        [NN_FAULT_UNKNOWN] = "unknown"};
    return names[f];
}

static bool is_op(const struct nn_finding *d, const char *name) {
    return d->op && strcmp(d->op->name, name) == 0;
}

/* How a course writes the function: σ for the sigmoid, its name for the others. */
static const char *symbol(const struct nn_finding *d) {
    return is_op(d, "sigmoid") ? "σ" : d->op ? d->op->name : "f";
}

/* The derivative in terms of the result, for the two whose rule is often misread. */
static const char *rule(const struct nn_finding *d, bool of_input) {
    if (is_op(d, "tanh"))
        return of_input ? "1 − z²" : "1 − a²";
    return of_input ? "z(1 − z)" : "a(1 − a)";
}

static void slope_text(struct buf *b, const struct nn_finding *d) {
    const char *f = symbol(d);
    switch (d->fault) {
    case NN_FAULT_SLOPE:
        if (is_op(d, "square") || is_op(d, "pow"))
            buf_puts(b, _("Falta la derivada de la potencia: la de u² es 2u."));
        else
            buf_printf(b, _("Falta el factor %s'(z): la derivada de la activación %s."),
                       f, d->op->name);
        break;
    case NN_FAULT_SLOPE_TWICE:
        buf_printf(b, _("Sobra un factor %s'(z): está dos veces."), f);
        break;
    case NN_FAULT_SLOPE_AT_Y:
        buf_printf(b, _("%s' está evaluada en a y va en z: si a = %s(z), es %s."), f, f,
                   rule(d, false));
        break;
    default:
        buf_printf(b, _("Se usó %s: si a = %s(z), la derivada es %s."), rule(d, true), f,
                   rule(d, false));
    }
}

static void factor_text(struct buf *b, const struct nn_finding *d) {
    if (fabs(d->factor - 0.5) < 1e-3)
        buf_puts(b, _("Falta un factor 2: la derivada de un cuadrado lo trae."));
    else if (fabs(d->factor - 2) < 1e-3)
        buf_puts(b, _("Sobra un factor 2."));
    else
        buf_printf(b, _("Está multiplicado por %.4g, y no debería."), d->factor);
}

static void operand_text(struct buf *b, const struct nn_finding *d) {
    bool input = d->fault == NN_FAULT_INPUT;
    if (d->fault == NN_FAULT_BEFORE)
        buf_printf(b, _("Se usó z donde va la activación a = %s(z)."), symbol(d));
    else if (d->name[0] && input)
        buf_printf(b, _("Falta el factor «%s»: la entrada que multiplica al parámetro."),
                   d->name);
    else if (input)
        buf_puts(b, _("Falta el factor a: la entrada que multiplica al parámetro."));
    else if (d->name[0])
        buf_printf(b,
                   _("Falta el factor «%s»: el gradiente vuelve a la capa anterior "
                     "multiplicado por él."),
                   d->name);
    else
        buf_puts(b, _("Falta el factor w: el gradiente vuelve a la capa anterior "
                      "multiplicado por los pesos de la siguiente."));
}

static void shape_text(struct buf *b, const struct nn_tensor *given,
                       const struct nn_var *param) {
    char a[NN_SHAPE_TEXT], p[NN_SHAPE_TEXT];
    buf_printf(b, _("Su forma es %s y la del parámetro es %s."),
               nn_shape_text(a, given->ndim, given->shape),
               nn_shape_text(p, param->ndim, param->shape));
}

/* What else is wrong beside the fault. */
static void besides(struct buf *b, const struct nn_finding *d) {
    if (d->sign)
        buf_printf(b, " %s", _("Además, el signo está al revés."));
    if (d->fault == NN_FAULT_FACTOR || d->fault == NN_FAULT_MEAN ||
        d->fault == NN_FAULT_MEAN_TWICE || fabs(d->factor - 1) < 1e-3)
        return;
    buf_putc(b, ' ');
    if (d->factor > 1)
        buf_printf(b, _("Además, falta dividir por n = %.0f."), d->factor);
    else
        buf_printf(b, _("Además, sobra una división por n = %.0f."), 1 / d->factor);
}

void cmd_fault_text(struct buf *b, const struct nn_finding *d,
                    const struct nn_tensor *given, const struct nn_var *param) {
    switch (d->fault) {
    case NN_FAULT_NONE:
        return;
    case NN_FAULT_SIGN:
        buf_puts(b, _("El signo está al revés."));
        break;
    case NN_FAULT_MEAN:
        buf_printf(b, _("Falta dividir por n = %zu: la pérdida es un promedio."), d->n);
        break;
    case NN_FAULT_MEAN_TWICE:
        buf_printf(b, _("Sobra una división por n = %zu."), d->n);
        break;
    case NN_FAULT_FACTOR:
        factor_text(b, d);
        break;
    case NN_FAULT_TRANSPOSED:
        buf_puts(b, _("Está traspuesto: filas y columnas van cambiadas."));
        break;
    case NN_FAULT_NOT_SUMMED:
        buf_printf(b,
                   _("Falta sumar sobre el lote: hay %zu gradientes, uno por ejemplo, y "
                     "el parámetro es uno solo."),
                   d->n);
        break;
    case NN_FAULT_INPUT:
    case NN_FAULT_WEIGHT:
    case NN_FAULT_BEFORE:
        operand_text(b, d);
        break;
    case NN_FAULT_SHAPE:
        shape_text(b, given, param);
        break;
    case NN_FAULT_UNKNOWN:
        buf_puts(b, _("No coincide, y no es una falla conocida: revisa los factores uno "
                      "por uno."));
        break;
    default:
        slope_text(b, d);
    }
    besides(b, d);
}
