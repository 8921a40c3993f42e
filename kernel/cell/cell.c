/* cell.c: makes the interpreter: the state with its ceiling, the library, the commands, and
 * the table of functions that the kernel calls. */
#include "state.h"

static const struct interp_info info = {
    .implementation = "nabla",
    .implementation_version = NABLA_VERSION,
    .name = "lua",
    .version = LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE,
    .mimetype = "text/x-lua",
    .file_extension = ".lua",
    .pygments_lexer = "lua",
    .codemirror_mode = "lua",
    .help_text = "Lua 5.4",
    .help_url = "https://www.lua.org/manual/5.4/",
};

struct cell *cell_of(lua_State *L) {
    struct cell *c;
    memcpy(&c, lua_getextraspace(L), sizeof c);
    return c;
}

const struct host *cell_host(lua_State *L) {
    return cell_of(L)->cfg.host;
}

const struct interp *cell_interp(struct cell *c) {
    return &c->interp;
}

lua_State *cell_lua(struct cell *c) {
    return c->L;
}

static void cell_interrupt(void *self) {
    cell_stop_request(&((struct cell *)self)->stop);
}

static int open_all(lua_State *L) {
    struct cell *c = cell_of(L);
    luaL_openlibs(L);
    cell_raise_open(L);
    cell_protect_open(L);
    cell_io_open(L);
    cell_shell_open(L);
    cell_show_open(L);
    cell_comm_lib_open(L);
    cell_string_open(L);
    cell_help_open(L);
    cell_help_register(L, cell_rows_lua, cell_rows_lua_n);
    cell_help_register(L, cell_rows_lib, cell_rows_lib_n);
    cell_help_register(L, cell_rows_show, cell_rows_show_n);
    lua_settop(L, 0);
    if (c->cfg.open) {
        lua_pushcfunction(L, c->cfg.open);
        lua_call(L, 0, 0);
    }
    cell_strict_open(L);
    return 0;
}

int cell_new(struct cell **out, const struct cell_config *cfg, struct err *e) {
    *out = NULL;
    struct cell *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(e, ERR_NOMEM, "%s", _("no hay memoria para el intérprete"));
    int rc = 0;
    c->cfg = *cfg;
    c->true_host = cfg->host;
    sem_init(&c->stop.wake, 0, 0);
    c->mem.max = cfg->memory_max ? cfg->memory_max : cell_memory_default();
    c->mem.collect_at = (size_t)64 << 20;
    buf_init(&c->input, (size_t)64 << 20);
    c->L = lua_newstate(cell_memory_alloc, c);
    if (!c->L) {
        rc = err_set(e, ERR_NOMEM, "%s", _("no hay memoria para el intérprete"));
        goto done;
    }
    c->running = c->L;
    memcpy(lua_getextraspace(c->L), &c, sizeof c);
    lua_pushcfunction(c->L, open_all);
    int status = lua_pcall(c->L, 0, 0, 0);
    if (status == LUA_ERRMEM) {
        rc = err_set(e, ERR_NOMEM, "%s", _("no hay memoria para el intérprete"));
        goto done;
    }
    if (status != LUA_OK) {
        const char *msg = lua_tostring(c->L, -1);
        rc = err_set(e, ERR_STATE, _("no se pudo preparar el lenguaje: %s"),
                     msg ? msg : "?");
        goto done;
    }
    c->info = info;
    (void)snprintf(c->banner, sizeof c->banner, "Nabla %s · %s\n%s", NABLA_VERSION,
                   LUA_RELEASE, _("help() es la guía; ?nombre explica un nombre."));
    c->info.banner = c->banner;
    c->interp = (struct interp){.self = c,
                                .info = &c->info,
                                .execute = cell_execute,
                                .evaluate = cell_evaluate,
                                .complete = cell_complete,
                                .inspect = cell_inspect,
                                .is_complete = cell_is_complete,
                                .comm = cell_comm,
                                .debug = cell_debug,
                                .interrupt = cell_interrupt,
                                .position = cell_crash_position,
                                .rescue = cell_crash_rescue,
                                .attend = cell_attend,
                                .begin_visit = cell_visit_begin,
                                .end_visit = cell_visit_end};
    *out = c;
    c = NULL;
done:
    cell_free(c);
    return rc;
}

void cell_free(struct cell *c) {
    if (!c)
        return;
    c->closing = true;
    if (c->L)
        lua_close(c->L);
    cell_debug_free(c);
    cell_rows_release(&c->rows);
    cell_source_release(c);
    cell_fault_clear(&c->fault);
    buf_release(&c->input);
    sem_destroy(&c->stop.wake);
    free(c);
}
