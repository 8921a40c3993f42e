/* fuzz_connection.c: the text of a connection file. */
#include "../../kernel/jupyter/connection.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct jup_connection c;
    struct err e = {0};
    char *text = malloc(size ? size : 1); /* no NUL after it */
    if (!text)
        return 0;
    memcpy(text, data, size);
    if (jup_connection_parse(&c, text, size, &e)) {
        if (e.msg[0] == '\0' || c.fields)
            abort();
    } else {
        struct buf url;
        buf_init(&url, 1 << 20);
        for (int i = 0; i < JUP_SOCKETS; i++)
            jup_connection_url(&c, c.port[i], &url);
        if (!c.transport || !c.ip || !c.key || !c.scheme || url.len == 0)
            abort();
        buf_release(&url);
    }
    jup_connection_release(&c);
    free(text);
    return 0;
}
