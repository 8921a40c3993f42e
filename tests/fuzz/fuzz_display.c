/* fuzz_display.c: cells of any text that cannot call or loop: they are compiled, run and
 * what they give is shown, or they end in an error that is told. */
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
            recorder_run(c, "for k in pairs(_G) do if k ~= '_G' then rawset(_G, k, nil) "
                            "end end rawset(_G, '_G', nil)");
        interp_result_release(&out);
    }
    return c;
}

static bool may_run_long(const char *code, size_t len) {
    static const char *const words[] = {"while", "for",      "repeat",
                                        "goto",  "function", ":"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (memmem(code, len, words[i], strlen(words[i])))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct interp *in = cell_interp(interpreter());
    if (size > 4096 || may_run_long((const char *)data, size))
        return 0;
    char *code = malloc(size + 1); /* a cell is a text with its NUL */
    if (!code)
        return 0;
    memcpy(code, data, size);
    code[size] = '\0';
    struct interp_result out = {0};
    struct interp_request req = {.code = code, .len = size, .execution_count = 1};
    in->execute(in->self, &req, &out);
    if (!out.ok && (!out.error.ename || !out.error.evalue))
        abort();
    interp_result_release(&out);
    free(code);
    return 0;
}
