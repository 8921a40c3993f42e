/* formula.c: a formula as one output. */
#include "viz/formula.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "bundle.h"
#include "viz/escape.h"

enum { FORMULA_MAX = 64 << 10 };

/* Valid UTF-8 without control bytes; line ends stay, since a comment ends there. */
static void put_latex(struct buf *out, const char *latex) {
    for (uint32_t c; (c = viz_utf8_next(&latex)) != 0;)
        viz_utf8_put(out, (c < 0x20 && c != '\n') || c == 0x7F ? ' ' : c);
}

int viz_formula_bundle(struct mime_bundle *out, const char *latex, const char *plain,
                       const char *caption, const char *label, struct err *e) {
    *out = (struct mime_bundle){0};
    if (!latex || !*latex)
        return err_set(e, ERR_ARG, _("la fórmula está vacía"));
    if (strstr(latex, "$$"))
        return err_set(e, ERR_ARG, _("la fórmula se escribe sin $$: %.80s"), latex);
    struct buf b;
    buf_init(&b, FORMULA_MAX);
    buf_puts(&b, "$$");
    put_latex(&b, latex);
    buf_puts(&b, "$$");
    int rc = 0;
    if (b.failed || !mime_add(out, "text/latex", b.data, b.len) ||
        !mime_add_text(out, "text/plain", plain ? plain : latex))
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para escribir la fórmula"));
    if (rc == 0)
        rc = viz_bundle_metadata(out, caption, label, 0, 0, e);
    buf_release(&b);
    if (rc)
        mime_release(out);
    return rc;
}
