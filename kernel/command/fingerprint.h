/* fingerprint.h: a short key for what decides the result of an experiment.
 *
 * Tables by their sorted keys, numbers with all digits, functions by their code and the
 * plain values that they close over, data sets by their bytes, other objects by the text
 * that shows them. Not a defence against forgery: two 64-bit FNV-1a sums. */
#ifndef COMMAND_FINGERPRINT_H
#define COMMAND_FINGERPRINT_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

enum { CMD_KEY_LEN = 33 }; /* with the NUL */

struct cmd_fingerprint {
    uint64_t a, b;
};

void cmd_fingerprint_init(struct cmd_fingerprint *f);
void cmd_fingerprint_bytes(struct cmd_fingerprint *f, const void *bytes, size_t n);
/* The value at idx. May raise what a __tostring raises, or MemoryError. */
void cmd_fingerprint_value(lua_State *L, int idx, struct cmd_fingerprint *f);
void cmd_fingerprint_text(const struct cmd_fingerprint *f, char text[CMD_KEY_LEN]);

#endif
