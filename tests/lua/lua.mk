# lua.mk: scripts of the cell language with their expected output beside the line (the format is
# in run_lua.c). tests/lua/cell/ needs the bare language; the others have all commands.

LUA_CELL_SCRIPTS := $(sort $(wildcard tests/lua/cell/*.lua))
LUA_SCRIPTS      := $(sort $(wildcard tests/lua/*.lua))
RUN_LUA          := $(BUILD)/tests/lua/run_lua
RUN_LUA_BARE     := $(BUILD)/tests/lua/run_lua_bare

$(BUILD)/tests/lua/run_lua_bare.o: CPPFLAGS += -DRUN_LUA_BARE
$(BUILD)/tests/lua/run_lua_bare.o: tests/lua/run_lua.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(RUN_LUA_BARE): $(BUILD)/tests/lua/run_lua_bare.o $(LIB_cell)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

$(RUN_LUA): $(BUILD)/tests/lua/run_lua.o $(LINK_command)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(LINK_command) $(PKG_LIBS) -lm

lua-cell: $(RUN_LUA_BARE) ## scripts of the bare cell language
	$(RUN_LUA_BARE) $(LUA_CELL_SCRIPTS)

lua: lua-cell $(RUN_LUA) ## scripts of the cell language and the commands
	$(RUN_LUA) $(LUA_CELL_SCRIPTS) $(LUA_SCRIPTS)

.PHONY: lua lua-cell
