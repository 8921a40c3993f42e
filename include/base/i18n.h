/* i18n.h: messages in two languages. The source holds the Spanish sentence; po/en.po
 * holds the English one, which gettext chooses when the locale asks for it (main.c sets
 * LC_MESSAGES and never LC_NUMERIC, so that numbers keep their point).
 *
 *     err_set(e, ERR_SHAPE, _("matmul: %s no se puede multiplicar por %s"), a, b);
 *     static const char *const label = N_("exactitud");   ... _(label) where it is shown
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>

#define NABLA_TEXT_DOMAIN "nabla"

#define _(text)  dgettext(NABLA_TEXT_DOMAIN, text)
#define N_(text) text
#define ngettext_(one, many, n)                                                          \
    dngettext(NABLA_TEXT_DOMAIN, one, many, (unsigned long)(n))

#endif
