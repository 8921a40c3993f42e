/* fuzz_cell.c: the parts of the language that look at arbitrary text without running it:
 * tokens, statements, completion, inspection, is_complete, help queries. The first byte
 * chooses the cursor. */
#include "../unit/cell/recorder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cell *interpreter(void) {
    static struct recorder rec;
    static struct cell *c;
    if (!c) {
        recorder_init(&rec);
        struct cell_config cfg = {.host = &rec.host, .memory_max = (size_t)256 << 20};
        struct err e = {0};
        if (cell_new(&c, &cfg, &e) < 0)
            abort();
        struct interp_result out =
            recorder_run(c, "datos = {lista = {1, 2}, texto = 'x'} datos.yo = datos "
                            "function f(a, b) end h = display{1, display_id = 'q'}");
        interp_result_release(&out);
    }
    return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    const struct interp *in = cell_interp(interpreter());
    /* An exact copy, so that a byte read past the end is seen. */
    size_t len = size - 1;
    char *code = malloc(len ? len : 1);
    if (!code)
        return 0;
    memcpy(code, data + 1, len);
    size_t cursor = data[0] == 255 ? len : (size_t)data[0] % (len + 2);
    char indent[16];
    in->is_complete(in->self, code, len, indent, sizeof indent);
    if (strlen(indent) >= sizeof indent)
        abort();
    struct interp_completion m;
    in->complete(in->self, code, len, cursor, &m);
    if (m.start > m.end || m.end > len)
        abort();
    interp_completion_release(&m);
    struct mime_bundle b = {0};
    in->inspect(in->self, code, len, cursor, data[0] & 1, &b);
    mime_release(&b);
    free(code);
    return 0;
}
