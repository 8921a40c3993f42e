/* pubtext.c: from what a cell prints to what a stream message may hold. */
#include "pubtext.h"

#include "base/i18n.h"
#include "base/util.h"

/* Bytes of the clean byte as JSON. */
static size_t wire_size(char c) {
    if (c == '\n' || c == '\t' || c == '\r' || c == '"' || c == '\\')
        return 2;
    return c == 0x1B ? 6 : 1;
}

static void cut(struct jup_pub *p, struct jup_origin *origin, size_t at, size_t cap) {
    while (at > 0 && ((unsigned char)p->text.data[at] & 0xC0) == 0x80)
        at--; /* not inside a character */
    p->text.len = at;
    origin->capped = true;
    buf_printf(&p->text,
               _("\n[Salida recortada: la celda ya mostró %.1f MB de texto, que es el "
                 "límite; el resto no se muestra.]\n"),
               (double)cap / 1e6);
}

void jup_pubtext_add(struct jup_pub *p, struct jup_origin *origin, const char *text,
                     size_t n, bool finish, size_t cap) {
    struct jup_clean *clean = &origin->clean[p->stream];
    size_t at = p->text.len, wire = 0;
    if (finish)
        jup_clean_finish(clean, &p->text);
    else
        jup_clean_feed(clean, text, n, &p->text);
    p->text.failed = false; /* what did not fit in memory is lost, the rest is good */
    for (; at < p->text.len; at++) {
        size_t one = wire_size(p->text.data[at]);
        if (cap && origin->shown + wire + one > cap)
            break;
        wire += one;
    }
    origin->shown += wire;
    p->wire += wire;
    if (at < p->text.len)
        cut(p, origin, at, cap);
}
