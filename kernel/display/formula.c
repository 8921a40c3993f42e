/* formula.c: a formula as one output. */
#include "viz/formula.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "bundle.h"

enum { FORMULA_MAX = 64 << 10 };

int viz_formula_bundle(struct mime_bundle *out, const char *latex, const char *plain,
                       struct err *e) {
    *out = (struct mime_bundle){0};
    if (!latex || !*latex)
        return err_set(e, ERR_ARG, _("la fórmula está vacía"));
    if (strstr(latex, "$$"))
        return err_set(e, ERR_ARG, _("la fórmula se escribe sin $$: %.80s"), latex);
    struct buf b;
    buf_init(&b, FORMULA_MAX);
    buf_printf(&b, "$$%s$$", latex);
    int rc = 0;
    if (b.failed || !mime_add(out, "text/latex", b.data, b.len) ||
        !mime_add_text(out, "text/plain", plain ? plain : latex))
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para escribir la fórmula"));
    if (rc == 0)
        rc = viz_bundle_metadata(out, NULL, NULL, 0, 0, e);
    buf_release(&b);
    if (rc)
        mime_release(out);
    return rc;
}
