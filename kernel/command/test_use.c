/* test_use.c: counts the models that saw a test part. */
#include "test_use.h"

#include "fingerprint.h"

#include "base/i18n.h"
#include "cell/cell.h"

#include <lauxlib.h>
#include <stdio.h>
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

static void say(lua_State *L, int n) {
    const struct host *h = cell_host(L);
    char line[400];
    (void)snprintf(line, sizeof line,
                   _("Con este van %d modelos medidos en la misma parte de prueba: si se "
                     "elige entre ellos, su exactitud ya no es una estimación honesta. "
                     "Para elegir está la validación.\n"),
                   n);
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
