/* check_text.c: what is wrong with an answer, in words that do not give it away: the
 * factor is named, the distance is told in steps, the expected value never. */
#include "check.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

void cmd_check_say(struct cmd_check *c, const char *fmt, ...) {
    if (c->wrong)
        return;
    c->wrong = true;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(c->text, fmt, ap);
    va_end(ap);
}

void cmd_check_say_error(struct cmd_check *c, const struct err *e) {
    if (e->code == ERR_INTERRUPT || e->code == ERR_NOMEM)
        cmd_raise(c->L, e);
    c->untouched = !c->wrong && strstr(e->msg, "Falta la respuesta") != NULL;
    if (c->untouched)
        cmd_check_say(c, "%s",
                      _("Falta la respuesta: borra la línea del error y escribe tu "
                        "código."));
    else if (c->where)
        cmd_check_say(c, _("Tu función se detiene con un error en %s: %s"), c->where,
                      e->msg);
    else
        cmd_check_say(c, _("Tu función se detiene con un error: %s"), e->msg);
}

static bool is_number_of_samples(const char *name) {
    return strcmp(name, "n") == 0 || strcmp(name, "N") == 0 || strcmp(name, "m") == 0;
}

static void factor_text(struct buf *b, const char *name, bool missing) {
    if (is_number_of_samples(name))
        buf_printf(b,
                   missing ? _("Sobra una división por %s.") : _("Falta dividir por %s."),
                   name);
    else
        buf_printf(b,
                   missing ? _("Falta el factor «%s».")
                           : _("Sobra un factor «%s»: está dos veces."),
                   name);
}

static void constant_text(struct buf *b, double k) {
    if (k == 2)
        buf_puts(b, _("Es el doble de lo que corresponde: sobra un factor 2."));
    else if (k == 0.5)
        buf_puts(b, _("Es la mitad de lo que corresponde: falta un factor 2."));
    else
        buf_printf(b, _("Está multiplicado por %.4g, y no debería."), k);
}

static void guess_text(struct buf *b, const struct cmd_check *c,
                       const struct cmd_guess *g) {
    if (g->turned)
        buf_puts(b, _("Está traspuesto: filas y columnas van cambiadas."));
    if (g->a >= 0 && g->b >= 0)
        buf_printf(b, _("Faltan los factores «%s» y «%s»."), c->factor_name[g->a],
                   c->factor_name[g->b]);
    else if (g->a >= 0)
        factor_text(b, c->factor_name[g->a], g->power < 0);
    if (g->n > 0)
        buf_puts(b, _("Falta dividir por n, el número de ejemplos."));
    else if (g->n < 0)
        buf_puts(b, _("Sobra una división por n, el número de ejemplos."));
    if (g->k != 1) {
        if (b->len)
            buf_putc(b, ' ');
        constant_text(b, g->k);
    }
    if (g->sign && b->len)
        buf_printf(b, " %s", _("Además, el signo está al revés."));
    else if (g->sign)
        buf_puts(b, _("El signo está al revés."));
}

void cmd_check_say_guess(struct cmd_check *c, const struct cmd_guess *g) {
    struct buf *b = cmd_buf(c->L);
    guess_text(b, c, g);
    if (b->failed)
        cmd_raise_nomem(c->L);
    cmd_check_say(c, "%s", b->data ? b->data : "");
    lua_pop(c->L, 1);
}

void cmd_check_say_shape(struct cmd_check *c, const struct cmd_pair *p, bool turned) {
    char got[NN_SHAPE_TEXT], want[NN_SHAPE_TEXT];
    nn_shape_text(got, p->got->ndim, p->got->shape);
    nn_shape_text(want, p->want->ndim, p->want->shape);
    if (turned)
        cmd_check_say(c, _("Está traspuesto: su forma es %s y se espera %s."), got, want);
    else if (p->got->ndim == 0)
        cmd_check_say(c, _("Es un solo número y se espera la forma %s."), want);
    else if (p->want->ndim == 0)
        cmd_check_say(c, _("Su forma es %s y se espera un solo número."), got);
    else
        cmd_check_say(c, _("Su forma es %s y se espera %s."), got, want);
}

void cmd_check_say_nan(struct cmd_check *c, const struct cmd_pair *p) {
    const char *what = p->got->n == 1 ? _("No es un número finito (nan o inf)")
                                      : _("Hay números que no son finitos (nan o inf)");
    const char *why =
        _("¿una división por cero, o el logaritmo de algo que no es positivo?");
    if (c->cases > 1 && p->where)
        cmd_check_say(c, _("%s en %s: %s"), what, p->where, why);
    else
        cmd_check_say(c, "%s: %s", what, why);
}

static const char *distance(double error) {
    if (error < 1e-3)
        return _("Está muy cerca, pero no es igual: ¿redondeaste?");
    if (error < 0.01)
        return _("Se aleja menos de un 1 %.");
    if (error < 0.1)
        return _("Se aleja entre un 1 % y un 10 %.");
    if (error < 1)
        return _("Se aleja más de un 10 %.");
    return _("Está lejos: la diferencia es tan grande como lo que se espera, o más.");
}

void cmd_check_say_off(struct cmd_check *c, const struct cmd_pair *p, size_t failed,
                       double error, bool opposite) {
    struct buf *b = cmd_buf(c->L);
    if (failed < c->n_pairs || (c->cases > 1 && p->where))
        buf_printf(b, _("Falla en %zu de %zu; primero, en %s. "), failed, c->n_pairs,
                   p->where ? p->where : "?");
    buf_printf(b, "%s", distance(error));
    if (opposite)
        buf_printf(b, " %s", _("El signo tampoco es el que se espera."));
    if (b->failed)
        cmd_raise_nomem(c->L);
    cmd_check_say(c, "%s", b->data);
    lua_pop(c->L, 1);
}
