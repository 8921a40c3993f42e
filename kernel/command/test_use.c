/* test_use.c: counts the models that saw a test part. */
#include "test_use.h"

#include "fingerprint.h"

#include "base/i18n.h"
#include "cell/cell.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char uses_key = 0; /* registry: key of the test part -> {key of weights} */

/* Labels and shape tell test parts apart well enough, also after a second reading. */
static void data_key(const struct nn_dataset *d, char key[CMD_KEY_LEN]) {
    struct cmd_fingerprint f;
    const struct nn_tensor *x = d->x_test, *y = d->y_test;
    cmd_fingerprint_init(&f);
    cmd_fingerprint_bytes(&f, x->shape, (size_t)x->ndim * sizeof *x->shape);
    if (y)
        cmd_fingerprint_bytes(&f, y->data, y->n * nn_dtype_size(y->dtype));
    cmd_fingerprint_text(&f, key);
}

static void model_key(const struct nn_model *m, char key[CMD_KEY_LEN]) {
    struct cmd_fingerprint f;
    bool trainable;
    const struct nn_var *v;
    cmd_fingerprint_init(&f);
    for (int i = 0; (v = nn_model_param(m, i, &trainable)); i++)
        cmd_fingerprint_bytes(&f, v->value->data,
                              v->value->n * nn_dtype_size(v->value->dtype));
    cmd_fingerprint_text(&f, key);
}

static const char sentence[] =
    N_("Con este van %d modelos medidos en la misma parte de prueba: si se elige entre "
       "ellos, su exactitud ya no es una estimación honesta. Para elegir está la "
       "validación.\n");

static void say(lua_State *L, int n) {
    const struct host *h = cell_host(L);
    char line[400];
    const char *fmt = _(sentence), *number = strstr(fmt, "%d");
    if (!number)
        return;
    (void)snprintf(line, sizeof line, "%.*s%d%s", (int)(number - fmt), fmt, n,
                   number + 2);
    h->stream(h->self, ORIGIN_CURRENT, HOST_STDOUT, line, strlen(line));
}

int cmd_test_use(lua_State *L, const struct nn_dataset *d, const struct nn_model *m) {
    char data[CMD_KEY_LEN], model[CMD_KEY_LEN];
    int top = lua_gettop(L);
    data_key(d, data);
    model_key(m, model);
    luaL_checkstack(L, 8, "evaluate");
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &uses_key) != LUA_TTABLE) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &uses_key);
    }
    (void)luaL_getsubtable(L, -1, data);
    int seen = lua_gettop(L);
    bool again = lua_getfield(L, seen, model) != LUA_TNIL;
    lua_getfield(L, seen, "n");
    int n = (int)lua_tointeger(L, -1) + !again;
    lua_pushinteger(L, n);
    lua_setfield(L, seen, "n");
    lua_pushboolean(L, true);
    lua_setfield(L, seen, model);
    lua_settop(L, top);
    if (!again && n > 1)
        say(L, n);
    return n;
}

/* The number in the place of %d, when the words before and after are the sentence's. */
static int told_in(const char *text, const char *fmt) {
    char before[64];
    const char *number = strstr(fmt, "%d");
    size_t n = number ? (size_t)(number - fmt) : sizeof before;
    if (n >= sizeof before)
        return 0;
    memcpy(before, fmt, n);
    before[n] = '\0';
    const char *at = strstr(text, before);
    if (!at)
        return 0;
    char *end;
    long told = strtol(at + n, &end, 10);
    bool same = strncmp(end, number + 2, 24) == 0;
    int rest = same ? told_in(end, fmt) : 0;
    return same && told > rest ? (int)told : rest;
}

int cmd_test_use_told(const char *text) {
    int here = told_in(text, _(sentence)), source = told_in(text, sentence);
    return here > source ? here : source;
}
