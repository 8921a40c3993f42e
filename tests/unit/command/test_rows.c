/* test_rows.c: the row table is the single source: every row resolves to something that
 * can be called or read, every command has a row, every example runs, every default can
 * be read. */
#include "session.h"

#include "cell/help.h"
#include "nn/model.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <unistd.h>

/* The modules and classes of this part; the others belong to the cell. */
static const char *const owned[] = {
    "tensor", "data",    "nn",    "optim", "metrics", "plot",      "lab",
    "Tensor", "Dataset", "Model", "Layer", "History", "Optimizer", "Figure"};

static bool is_owned(const char *name) {
    size_t n = strcspn(name, ".:");
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        if (strlen(owned[i]) == n && strncmp(owned[i], name, n) == 0)
            return true;
    return false;
}

/* A published data set's example runs where its files lie: nothing is downloaded here. A
 * report is made of the notebook around it: test_report.c and tests/report run it. */
static bool wants_files(const char *name) {
    static const char *const sets[] = {"data.mnist", "data.fashion_mnist",
                                       "data.cifar10"};
    if (strcmp(name, "lab.report") == 0)
        return true;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(sets[i], name) == 0)
            return !getenv("NABLA_DATA");
    return false;
}

static void save_notebook(const char *name) {
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_true(fputs("{\"cells\": [], \"metadata\": {}, \"nbformat\": 4}", f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* A folder with what examples name: foto.png, tarea.ipynb and the classes in imagenes. */
static void enter_folder(char *folder, char *home, size_t size) {
    char target[2 * 1024], link_name[1024];
    assert_non_null(getcwd(home, size));
    assert_non_null(mkdtemp(folder));
    (void)snprintf(target, sizeof target, "%s/tests/lua/folder", home);
    (void)snprintf(link_name, sizeof link_name, "%s/imagenes", folder);
    assert_int_equal(symlink(target, link_name), 0);
    (void)snprintf(target, sizeof target, "%s/tests/lua/folder/raya/1.png", home);
    (void)snprintf(link_name, sizeof link_name, "%s/foto.png", folder);
    assert_int_equal(symlink(target, link_name), 0);
    assert_int_equal(chdir(folder), 0);
    save_notebook("tarea.ipynb");
}

static void every_example_runs(void **state) {
    struct session *s = *state;
    static const char *const answers[] = {"7", NULL};
    char folder[] = "/tmp/nabla-examples-XXXXXX", home[1024];
    size_t n, examples = 0;
    const struct cell_help_row *const *rows = cell_help_all(cell_lua(s->cell), &n);
    enter_folder(folder, home, sizeof home);
    for (size_t i = 0; i < n; i++) {
        if (!rows[i]->example || wants_files(rows[i]->name))
            continue;
        recorder_reset(&s->r);
        s->r.answers = answers;
        session_do(s, rows[i]->example);
        examples++;
    }
    assert_true(examples > 250);
    (void)unlink("imagenes");
    (void)unlink("foto.png");
    (void)unlink("tarea.ipynb");
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(folder), 0); /* an example leaves no file behind */
}

static void every_command_has_an_example(void **state) {
    struct session *s = *state;
    size_t n;
    const struct cell_help_row *const *rows = cell_help_all(cell_lua(s->cell), &n);
    for (size_t i = 0; i < n; i++)
        if ((rows[i]->kind == CELL_FUNCTION || rows[i]->kind == CELL_METHOD) &&
            !rows[i]->example)
            fail_msg("%s: sin ejemplo", rows[i]->name);
}

/* Pushes what the row names: a global, a field of a module, a method of a class. */
static bool push_named(lua_State *L, const char *name) {
    const char *colon = strchr(name, ':'), *dot = strchr(name, '.');
    lua_pushglobaltable(L);
    if (!colon && !dot) {
        lua_pushstring(L, name);
        return lua_rawget(L, -2) != LUA_TNIL;
    }
    lua_pushlstring(L, name, strcspn(name, ".:"));
    if (colon) {
        luaL_getmetatable(L, lua_tostring(L, -1));
        lua_getfield(L, -1, "__index");
        lua_getupvalue(L, -1, strncmp(name, "Tensor", 6) == 0 ? 2 : 1);
    } else {
        lua_rawget(L, -2);
    }
    if (!lua_istable(L, -1))
        return false;
    lua_pushstring(L, (colon ? colon : dot) + 1);
    return lua_rawget(L, -2) == LUA_TFUNCTION;
}

static void every_row_resolves(void **state) {
    struct session *s = *state;
    lua_State *L = cell_lua(s->cell);
    size_t n, seen = 0;
    const struct cell_help_row *const *rows = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++) {
        const struct cell_help_row *r = rows[i];
        if (!is_owned(r->name) || r->kind == CELL_CLASS || r->kind == CELL_FIELD)
            continue;
        int top = lua_gettop(L);
        if (!push_named(L, r->name))
            fail_msg("%s no existe", r->name);
        lua_settop(L, top);
        seen++;
    }
    assert_true(seen > 60);
}

/* Every usual value of an option of compile is one that the engine has, and its first name
 * of each optimizer and loss is among them. */
static void usual_values_exist(void **state) {
    struct session *s = *state;
    const char *name = "Model:compile";
    const struct cell_help_row *r = cell_help_find(cell_lua(s->cell), name, strlen(name));
    const struct cell_help_param *optimizer = cell_help_param_find(r, "optimizer", 9);
    const struct cell_help_param *loss = cell_help_param_find(r, "loss", 4);
    const struct cell_help_param *metrics = cell_help_param_find(r, "metrics", 7);
    int n = 0;
    for (const char *const *c = optimizer->choices; *c; c++, n++)
        assert_non_null(nn_optim_type_find(*c));
    assert_non_null(nn_optim_type_row(n - 1));
    assert_null(nn_optim_type_row(n));
    for (const char *const *c = loss->choices; *c; c++)
        assert_non_null(nn_loss_find(*c));
    for (n = 0; nn_loss_row(n); n++) {
        bool there = false;
        for (const char *const *c = loss->choices; *c; c++)
            there = there || strcmp(*c, nn_loss_row(n)->name) == 0;
        assert_true(there);
    }
    for (const char *const *c = metrics->choices; *c; c++) {
        char code[200];
        (void)snprintf(code, sizeof code,
                       "nn.Sequential{nn.Dense(1)}:compile{loss = \"mse\", metrics = "
                       "{\"%s\"}}",
                       *c);
        session_do(s, code);
    }
}

static void check_function(lua_State *L, const char *name) {
    if (!cell_help_find(L, name, strlen(name)))
        fail_msg("%s no tiene fila de ayuda", name);
}

/* The other direction: no function without a row. */
static void every_function_has_a_row(void **state) {
    struct session *s = *state;
    lua_State *L = cell_lua(s->cell);
    char name[128];
    size_t seen = 0;
    static const char *const modules[] = {"tensor",  "data", "nn", "optim",
                                          "metrics", "plot", "lab"};
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        lua_pushglobaltable(L);
        lua_pushstring(L, modules[i]);
        lua_rawget(L, -2);
        assert_true(lua_istable(L, -1));
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (lua_isfunction(L, -1)) {
                (void)snprintf(name, sizeof name, "%s.%s", modules[i],
                               lua_tostring(L, -2));
                check_function(L, name);
                seen++;
            }
            lua_pop(L, 1);
        }
        lua_pop(L, 2);
    }
    assert_true(seen > 30);
}

/* A default that is Lua text must be of a type that the row allows. */
static void every_default_is_readable(void **state) {
    struct session *s = *state;
    lua_State *L = cell_lua(s->cell);
    size_t n;
    const struct cell_help_row *const *rows = cell_help_all(L, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < rows[i]->n_params; k++) {
            const struct cell_help_param *p = &rows[i]->params[k];
            char code[128];
            assert_non_null(p->doc);
            if (!p->fallback || !is_owned(rows[i]->name))
                continue;
            (void)snprintf(code, sizeof code, "return %s", p->fallback);
            assert_int_equal(luaL_dostring(L, code), LUA_OK);
            if (!lua_isnil(L, -1) && !(cell_type_of(L, -1) & p->types))
                fail_msg("%s: %s = %s no es de su tipo", rows[i]->name, p->name,
                         p->fallback);
            lua_settop(L, 0);
        }
}

static void every_row_is_complete(void **state) {
    struct session *s = *state;
    size_t n;
    const struct cell_help_row *const *rows = cell_help_all(cell_lua(s->cell), &n);
    for (size_t i = 0; i < n; i++) {
        struct mime_bundle b = {0};
        if (!is_owned(rows[i]->name))
            continue;
        assert_non_null(rows[i]->doc);
        assert_true(cell_help_bundle(rows[i], &b));
        mime_release(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_example_runs, session_open, session_close),
        cmocka_unit_test_setup_teardown(every_command_has_an_example, session_open,
                                        session_close),
        cmocka_unit_test_setup_teardown(every_row_resolves, session_open, session_close),
        cmocka_unit_test_setup_teardown(every_function_has_a_row, session_open,
                                        session_close),
        cmocka_unit_test_setup_teardown(every_default_is_readable, session_open,
                                        session_close),
        cmocka_unit_test_setup_teardown(usual_values_exist, session_open, session_close),
        cmocka_unit_test_setup_teardown(every_row_is_complete, session_open,
                                        session_close)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
