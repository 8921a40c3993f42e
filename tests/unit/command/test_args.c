/* test_args.c: the one argument reader over a row that uses every kind of rule. */
#include "session.h"

#include "../../../kernel/command/args.h"
#include "../../../kernel/command/register.h"

/* Shows what the reader made of the call: each slot as text. */
static int probe(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct buf *b = cmd_buf(L);
    for (size_t i = 0; i < a.row->n_params; i++) {
        int slot = cmd_slot(&a, a.row->params[i].name);
        bool given = cmd_given(&a, a.row->params[i].name);
        buf_printf(b, "%s%s=%s%s", i ? " " : "", a.row->params[i].name,
                   cmd_value_text(L, slot), given ? "!" : "");
    }
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

static const char *const modes[] = {"fast", "slow", NULL};
static const struct cell_help_param p_full[] = {
    {.name = "units",
     .types = CELL_INTEGER,
     .flags = CELL_REQUIRED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = 9,
     .doc = "n"},
    {.name = "rate",
     .types = CELL_NUMBER,
     .flags = CELL_MIN_OPEN | CELL_MAX_OPEN,
     .min = 0,
     .max = 1,
     .fallback = "0.5",
     .doc = "n"},
    {.name = "mode",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .choices = modes,
     .fallback = "\"fast\"",
     .doc = "n"},
    {.name = "flag",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = "n"}};
static const struct cell_help_param p_rest[] = {
    {.name = "first", .types = CELL_INTEGER, .doc = "n"},
    {.name = "others", .types = CELL_INTEGER, .flags = CELL_REST, .doc = "n"}};
static const struct cell_help_param p_tensor[] = {
    {.name = "x",
     .types = CELL_TENSOR | CELL_NUMBER,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = "n"},
    {.name = "axis", .types = CELL_INTEGER, .doc = "n"}};
static const struct cell_help_param p_list[] = {{.name = "shape",
                                                 .types = CELL_LIST_NUMBER | CELL_INTEGER,
                                                 .flags = CELL_REQUIRED | CELL_MIN,
                                                 .min = 1,
                                                 .doc = "n"}};

static const struct cmd_command commands[] = {
    {{.name = "full", .params = p_full, .n_params = ARRAY_LEN(p_full), .doc = "d"},
     probe},
    {{.name = "rest", .params = p_rest, .n_params = ARRAY_LEN(p_rest), .doc = "d"},
     probe},
    {{.name = "tens", .params = p_tensor, .n_params = ARRAY_LEN(p_tensor), .doc = "d"},
     probe},
    {{.name = "list", .params = p_list, .n_params = ARRAY_LEN(p_list), .doc = "d"},
     probe},
    {{.name = "none", .doc = "d"}, probe}};

static int open_probes(void **state) {
    int rc = session_open(state);
    struct session *s = *state;
    if (rc == 0)
        cmd_register(cell_lua(s->cell), commands, ARRAY_LEN(commands));
    return rc;
}

static void positions_and_names_fill_the_same_slots(void **state) {
    struct session *s = *state;
    static const char *const all[] = {"full(3, 0.25, {mode = \"slow\"})",
                                      "full{3, 0.25, mode = \"slow\"}",
                                      "full{units = 3, rate = 0.25, mode = \"slow\"}",
                                      "full{3, rate = 0.25, mode = \"slow\"}",
                                      "full(3, {rate = 0.25, mode = \"slow\"})"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        session_shows(s, all[i], "units=3! rate=0.25! mode=\"slow\"! flag=true");
}

static void defaults_come_from_the_row(void **state) {
    struct session *s = *state;
    session_shows(s, "full(3)", "units=3! rate=0.5 mode=\"fast\" flag=true");
    session_shows(s, "full{3, flag = false}",
                  "units=3! rate=0.5 mode=\"fast\" flag=false!");
    session_shows(s, "full(3, nil, {})", "units=3! rate=0.5 mode=\"fast\" flag=true");
    session_shows(s, "rest()", "first=nil others=nil");
}

static void what_the_row_forbids_is_refused(void **state) {
    struct session *s = *state;
    session_fails(s, "full()", "ValueError", "full: falta «units»");
    session_fails(s, "full{}", "ValueError", "full: falta «units»");
    session_fails(s, "full(3, 0.5, \"slow\")", "ValueError",
                  "a lo más 2 argumentos por posición y llegaron 3");
    session_fails(s, "full{3, unit = 4}", "ValueError",
                  "no existe la opción «unit». ¿Querías decir «units»? Opciones: units, "
                  "rate, mode, flag");
    session_fails(s, "full{3, xyz = 4}", "ValueError", "«xyz». Opciones: units");
    session_fails(s, "full{3, units = 4}", "ValueError", "units: llegó dos veces");
    session_fails(s, "full{3, [7] = 1}", "ValueError", "la clave 7");
    session_fails(s, "full(\"a\")", "ValueError",
                  "full: units: se esperaba entero y llegó texto (\"a\")");
    session_fails(s, "full(2.5)", "ValueError", "units: se esperaba entero");
    session_fails(s, "full(0)", "ValueError", "al menos 1 y a lo más 9, y llegó 0");
    session_fails(s, "full(10)", "ValueError", "y llegó 10");
    session_fails(s, "full(3, 0)", "ValueError", "mayor que 0 y menor que 1");
    session_fails(s, "full(3, 0/0)", "ValueError", "rate: debe ser");
    session_fails(s, "full{3, mode = \"slov\"}", "ValueError",
                  "¿Querías decir \"slow\"? Valores: \"fast\", \"slow\"");
    session_fails(s, "full{3, flag = 1}", "ValueError", "flag: se esperaba");
    session_fails(s, "none(1)", "ValueError", "none: recibe a lo más 0");
    session_fails(s, "none{a = 1}", "ValueError", "no tiene opciones con nombre");
}

static void rest_takes_what_follows(void **state) {
    struct session *s = *state;
    session_shows(s, "rest(1, 2, 3)", "first=1! others={2, 3}!");
    session_shows(s, "rest{1, 2, 3}", "first=1! others={2, 3}!");
    session_shows(s, "rest{1}", "first=1! others=nil");
}

static void lists_stand_for_tensors(void **state) {
    struct session *s = *state;
    session_shows(s, "tens(3)", "x=3! axis=nil");
    session_shows(s, "tens{3}", "x=3! axis=nil");
    session_shows(s, "tens{1, 2, 3}", "x={1, 2, 3}! axis=nil");
    session_shows(s, "tens{{1, 2}, {3, 4}}", "x={{1, 2}, {3, 4}}! axis=nil");
    session_shows(s, "tens{{1, 2}, axis = 1}", "x={1, 2}! axis=1!");
    session_shows(s, "tens({1, 2}, 1)", "x={1, 2}! axis=1!");
    session_shows(s, "list{28, 28, 1}", "shape={28, 28, 1}!");
    session_shows(s, "list(784)", "shape=784!");
    session_shows(s, "list{shape = {3, 4}}", "shape={3, 4}!");
    session_fails(s, "list{28, 0}", "ValueError", "shape: debe ser al menos 1 y llegó 0");
    session_fails(s, "tens(\"a\")", "ValueError", "x: se esperaba");
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_probes, session_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(positions_and_names_fill_the_same_slots), T(defaults_come_from_the_row),
        T(what_the_row_forbids_is_refused), T(rest_takes_what_follows),
        T(lists_stand_for_tensors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
